package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestFlowSearch looks for words from the head of a page, takes one kind of what is found, and opens it.
func TestFlowSearch(t *testing.T) {
	s := open(t)
	s.visit(t, "/boards")
	s.do(t, chromedp.SendKeys(chromedp.CSS(`header input[name=q]`), "booking eng"))
	s.leads(t, strike(kb.Enter))
	s.sees(t, "Records", "Booking Engine")
	if n := eval[int](t, s, `document.querySelectorAll("mark").length`); n == 0 {
		t.Error("what was found is not marked")
	}
	s.follow(t, `nav[aria-label="Results by kind"]`, "Application")
	if kinds := eval[string](t, s, `[...new Set([...document.querySelectorAll(".results .badge")].map(e => e.innerText))].join()`); kinds != "Application" {
		t.Errorf("the results of one kind are of the kinds %s", kinds)
	}
	s.follow(t, ".results", "Booking Engine")
	s.sees(t, "What points here", "booking-engine")
	s.visit(t, "/search?q=zzzznothing")
	s.sees(t, "Nothing found")
	s.fine(t)
}

// TestFlowPalette goes to a record, a page and a question by a few letters.
func TestFlowPalette(t *testing.T) {
	s := open(t)
	s.visit(t, "/help")
	for _, to := range []struct{ letters, label, path string }{
		{"booking engine", "Booking Engine", "/records/Application/booking-engine"},
		{"scenarios", "Scenarios", "/scenarios"},
		{"single points", "", "/questions/architecture.spof"},
	} {
		s.key(t, "k", chromedp.ModifierCtrl)
		s.until(t, `document.querySelector("dialog.palette[open]") && document.activeElement.matches("dialog.palette input")`)
		s.do(t, strike(to.letters))
		s.until(t, fmt.Sprintf(`document.querySelector("dialog.palette [aria-selected=true]")?.innerText.includes(%s) && !document.querySelector("dialog.palette li:last-child").innerText.includes("“”") && document.querySelector("dialog.palette li:last-child").innerText.includes(%s)`, quoted(to.label), quoted(to.letters)))
		s.leads(t, strike(kb.Enter))
		if at := eval[string](t, s, `location.pathname`); at != to.path {
			t.Errorf("%q leads to %s and not to %s", to.letters, at, to.path)
		}
	}
	s.do(t, chromedp.Focus(chromedp.CSS(`header a.brand`)))
	s.key(t, "k", chromedp.ModifierCtrl)
	s.until(t, `document.querySelector("dialog.palette[open]")`)
	s.key(t, kb.Escape)
	s.until(t, `!document.querySelector("dialog.palette[open]") && document.activeElement.matches("a.brand")`)
	s.fine(t)
}

// TestFlowList narrows a list down by its forms, sorts it, chooses columns, and keeps it as a view.
func TestFlowList(t *testing.T) {
	s := open(t)
	s.visit(t, "/records/Vendor")
	before := eval[int](t, s, `document.querySelectorAll("table.data tbody tr").length`)
	s.follow(t, ".list-tools", "Filter")
	eval[bool](t, s, `document.documentElement.dataset.left = "yes", true`)
	s.choose(t, ".panel select[name=field]", "criticality")
	s.until(t, `document.readyState === "complete" && !document.documentElement.dataset.left && document.querySelector(".panel select[name=op]")`)
	s.choose(t, ".panel select[name=op]", ">=")
	s.choose(t, ".panel [name=value]", "high")
	s.follow(t, ".panel", "Add condition")
	rows := eval[int](t, s, `document.querySelectorAll("table.data tbody tr").length`)
	if rows == 0 || rows >= before {
		t.Fatalf("%d of %d vendors are left", rows, before)
	}
	if chips := eval[int](t, s, `document.querySelectorAll(".conditions .chip a[aria-label]").length`); chips != 1 {
		t.Errorf("there are %d conditions", chips)
	}
	column := `(name => { const i = [...document.querySelectorAll("table.data thead th")].findIndex(e => e.innerText.trim().startsWith(name)); return [...document.querySelectorAll("table.data tbody tr")].map(r => r.cells[i].innerText.trim()); })`
	for _, got := range eval[[]string](t, s, column+`("Criticality")`) {
		if got != "High" && got != "Critical" {
			t.Errorf("a vendor of the criticality %q is in the list", got)
		}
	}
	s.follow(t, "table.data thead", "Name")
	s.follow(t, "table.data thead", "Name")
	if sort := eval[string](t, s, `document.querySelector("th[aria-sort]").ariaSort + " " + document.querySelector("th[aria-sort]").innerText.trim()`); !strings.HasPrefix(sort, "descending Name") {
		t.Errorf("the list is sorted by %s", sort)
	}
	s.follow(t, ".list-tools", "Columns and groups")
	for _, name := range []string{"website", "tax_id"} {
		s.do(t, chromedp.Click(chromedp.CSS(`input[name=columns][value=`+name+`]`)))
	}
	s.choose(t, "select[name=group]", "criticality")
	s.follow(t, ".panel", "Show")
	heads := eval[string](t, s, `[...document.querySelectorAll(".table-wrap[role=region] thead th")].map(e => e.innerText.trim()).join()`)
	if strings.Contains(heads, "Website") || !strings.Contains(heads, "Tax ID") {
		t.Errorf("the columns are %s", heads)
	}
	s.sees(t, "By criticality")
	s.follow(t, ".list-tools", "Saved views")
	s.do(t, chromedp.SendKeys(chromedp.CSS(`.panel input[name=name]`), "Ones that matter"))
	s.follow(t, ".panel", "Save")
	s.sees(t, "Saved the view Ones that matter", "Undo")
	seen := eval[string](t, s, `document.querySelector(".table-wrap[role=region] tbody").innerText`)
	s.visit(t, "/records/Vendor")
	s.follow(t, ".views", "Ones that matter")
	if again := eval[string](t, s, `document.querySelector(".table-wrap[role=region] tbody").innerText`); again != seen {
		t.Errorf("the saved view shows something else:\n%s\n%s", again, seen)
	}
	s.do(t, chromedp.Evaluate[chromedp.Void](`history.back()`))
	s.until(t, `location.pathname + location.search === "/records/Vendor" && document.readyState === "complete"`)
	if rows := eval[int](t, s, `document.querySelectorAll("table.data tbody tr").length`); rows != before {
		t.Errorf("back shows %d rows and not %d", rows, before)
	}
	s.fine(t)
}

// TestFlowEdit edits a record through its form, which tells what is wrong, and takes the edit back from the toast.
func TestFlowEdit(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-edit", "Edited Ltd", "country", "NL")
	s.follow(t, ".record-head", "Edit")
	s.fill(t, `[name="f.country"]`, "Nowhere")
	s.fill(t, `[name="f.category"]`, "cloud")
	s.follow(t, "form.record-form", "Save")
	s.sees(t, "Nothing was saved yet")
	if got := eval[string](t, s, `document.querySelector('[name="f.category"]').value + " " + document.querySelector('[name="f.country"]').getAttribute("aria-invalid") + " " + document.activeElement.id`); got != "cloud true problems" {
		t.Errorf("the refused form has %s", got)
	}
	s.fill(t, `[name="f.country"]`, "BE")
	s.fill(t, `[name="why"]`, "They moved")
	s.follow(t, "form.record-form", "Save")
	s.sees(t, "Saved Edited Ltd")
	if got := s.value(t, "country") + " " + s.value(t, "category"); got != "BE cloud" {
		t.Errorf("the record says %s", got)
	}
	s.follow(t, ".toast", "Undo")
	s.sees(t, "was taken back")
	if got := s.value(t, "country") + s.value(t, "category"); got != "NL" {
		t.Errorf("after the undo the record says %s", got)
	}
	s.follow(t, "nav.tabs", "History")
	s.sees(t, "They moved", "Ada Day")
	s.fine(t)
}

// TestFlowInline edits one value in its place.
func TestFlowInline(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-inline", "Inline Ltd", "country", "NL", "category", "cloud")
	s.press(t, "#v-country", "Edit Country")
	s.until(t, `document.activeElement.name === "f.country"`)
	s.fill(t, `#v-country [name="f.country"]`, "Nowhere")
	s.press(t, "#v-country", "Save")
	s.until(t, `document.querySelector("#v-country .error")`)
	s.fill(t, `#v-country [name="f.country"]`, "DE")
	s.do(t, strike(kb.Enter))
	s.until(t, `document.querySelector(".toast")?.innerText.includes("Saved Inline Ltd")`)
	if got := s.value(t, "country") + " " + s.value(t, "category"); got != "DE cloud" {
		t.Errorf("the record says %s", got)
	}
	s.follow(t, ".toast", "Undo")
	if got := s.value(t, "country"); got != "NL" {
		t.Errorf("after the undo the record says %s", got)
	}
	s.press(t, ".toast", "Dismiss")
	s.press(t, "#v-category", "Edit Category")
	s.until(t, `document.querySelector("#v-category input")`)
	s.follow(t, "#v-category", "Cancel")
	if got := s.value(t, "category"); got != "cloud" {
		t.Errorf("after leaving it the record says %s", got)
	}
	s.fine(t)
}

// TestFlowConflict edits what somebody else edits at the same time, and chooses between the three sides.
func TestFlowConflict(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-conflict", "Conflict Ltd", "country", "NL", "category", "cloud", "number", "100")
	s.follow(t, ".record-head", "Edit")
	version := eval[string](t, s, `document.querySelector("form.record-form [name=version]").value`)
	if got := s.send(t, "/records/Vendor/flow-conflict/edit", "version", version, "has", "country", "f.country", "DE", "has", "category", "f.category", "hosting"); got != 303 {
		t.Fatalf("the other one's edit: %d", got)
	}
	s.fill(t, `[name="f.country"]`, "FR")
	s.fill(t, `[name="f.category"]`, "software")
	s.fill(t, `[name="f.number"]`, "200")
	s.follow(t, "form.record-form", "Save")
	s.sees(t, "Both of you changed Conflict Ltd", "As it was", "Theirs", "Yours", "Your other changes")
	for field, sides := range map[string]string{"country": "NL DE FR", "category": "cloud hosting software"} {
		if got := eval[string](t, s, fmt.Sprintf(`[...document.querySelectorAll('[name="pick.%s"]')].map(e => e.closest("label").querySelector(".side").innerText).join(" ")`, field)); got != sides {
			t.Errorf("the sides of %s are %s and not %s", field, got, sides)
		}
	}
	s.do(t, chromedp.Click(chromedp.CSS(`[name="pick.country"][value=theirs]`)), chromedp.Click(chromedp.CSS(`[name="pick.category"][value=yours]`)))
	s.follow(t, "main", "Save what you chose")
	if got := s.value(t, "country") + " " + s.value(t, "category") + " " + s.value(t, "number"); got != "DE software 200" {
		t.Errorf("the record says %s", got)
	}
	// The same with a value that is edited in its place.
	s.press(t, "#v-country", "Edit Country")
	s.until(t, `document.querySelector("#v-country [name=version]")`)
	if got := s.send(t, "/records/Vendor/flow-conflict/edit", "version", eval[string](t, s, `document.querySelector("#v-country [name=version]").value`), "has", "country", "f.country", "IT"); got != 303 {
		t.Fatalf("the other one's edit: %d", got)
	}
	s.fill(t, `#v-country [name="f.country"]`, "ES")
	s.press(t, "#v-country", "Save")
	s.until(t, `document.querySelector('[name="pick.country"]')`)
	s.do(t, chromedp.Click(chromedp.CSS(`[name="pick.country"][value=base]`)))
	s.follow(t, "main", "Save what you chose")
	if got := s.value(t, "country"); got != "DE" {
		t.Errorf("the record says %s and not what was there before", got)
	}
	s.fine(t)
}

// TestFlowBulk edits several records at once, looks at the result first, and takes it back.
func TestFlowBulk(t *testing.T) {
	s := open(t)
	for i := range 3 {
		s.vendor(t, fmt.Sprintf("flow-bulk-%d", i), fmt.Sprintf("Bulk %d", i), "number", fmt.Sprintf("bulk-%d", i))
	}
	list := "/records/Vendor?where=key~flow-bulk&columns=name,criticality,category&sort=name"
	s.visit(t, list)
	s.do(t, chromedp.Click(chromedp.CSS(`[data-select-all]`)), chromedp.Click(chromedp.CSS(`input[name=key][value=flow-bulk-1]`)))
	s.follow(t, "#select", "Edit…")
	s.sees(t, "2 ticked records are edited")
	s.choose(t, `[name="f.criticality"]`, "high")
	s.fill(t, `[name="f.category"]`, "telecom")
	s.follow(t, "main", "Look at the result")
	s.sees(t, "2 records change", "Bulk 0", "Bulk 2", "telecom")
	s.follow(t, "#preview", "Change 2 records")
	s.sees(t, "Changed 2 Vendors")
	s.visit(t, list)
	if got := eval[string](t, s, `document.querySelector("table.data tbody").innerText.replace(/\s+/g, " ").trim()`); got != "Bulk 0 High telecom Bulk 1 Bulk 2 High telecom" {
		t.Errorf("the list says %s", got)
	}
	s.visit(t, list)
	s.do(t, chromedp.Click(chromedp.CSS(`input[name=key][value=flow-bulk-1]`)))
	s.choose(t, "#select select[name=scope]", "all")
	s.follow(t, "#select", "Edit…")
	s.choose(t, `[name="how.category"]`, "clear")
	s.follow(t, "main", "Look at the result")
	s.sees(t, "2 records change", "1 has the values already")
	s.follow(t, "#preview", "Change 2 records")
	s.follow(t, ".toast", "Undo")
	s.visit(t, list)
	s.sees(t, "telecom")
	s.fine(t)
}

// TestFlowCreateDelete creates records with the picker, deletes one that another points to, and brings it back.
func TestFlowCreateDelete(t *testing.T) {
	s := open(t)
	s.visit(t, "/records/Vendor")
	s.follow(t, ".list-tools", "Add vendor")
	s.fill(t, `[name="f.name"]`, "Flow Parent Ltd")
	s.follow(t, "form.record-form", "Create")
	s.sees(t, "Created Vendor flow-parent-ltd")
	s.visit(t, "/records/Vendor/new")
	s.fill(t, `[name="f.name"]`, "Flow Child Ltd")
	s.do(t, chromedp.SendKeys(chromedp.CSS(`[name="f.parent"]`), "flow par"))
	s.until(t, `document.querySelector('[name="f.parent"]').getAttribute("aria-expanded") === "true" && document.querySelector(".picker [role=option]")`)
	s.do(t, strike(kb.Enter))
	s.until(t, `document.querySelector('[name="f.parent"]')?.value === "flow-parent-ltd" && document.querySelector('[name="f.parent"]').getAttribute("aria-expanded") === "false"`)
	s.follow(t, "form.record-form", "Create")
	if got := s.value(t, "parent"); got != "Flow Parent Ltd" {
		t.Errorf("the parent is %q", got)
	}
	s.follow(t, "#v-parent", "Flow Parent Ltd")
	s.sees(t, "Flow Child Ltd")
	s.follow(t, ".record-head", "Delete")
	s.sees(t, "What points to it", "Flow Child Ltd", "Parent")
	s.follow(t, "form.save", "Delete")
	s.sees(t, "Deleted Flow Parent Ltd")
	s.follow(t, ".toast", "Undo")
	s.visit(t, "/records/Vendor/flow-child-ltd")
	if got := s.value(t, "parent"); got != "Flow Parent Ltd" {
		t.Errorf("after the undo the parent is %q", got)
	}
	s.fine(t)
}

// TestFlowNotes talks about a record and puts a file to it.
func TestFlowNotes(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-notes", "Notes Ltd")
	s.fill(t, "#comment-text", "We **must** talk <script>alert(1)</script>")
	s.follow(t, "#comments", "Comment")
	if got := eval[string](t, s, `document.querySelector(".comment strong + *, .comment").innerText && document.querySelector(".comment .prose strong").innerText`); got != "must" {
		t.Errorf("the comment says %s", got)
	}
	name := filepath.Join(t.TempDir(), "terms.txt")
	if err := os.WriteFile(name, []byte("our terms\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.do(t, chromedp.SetUploadFiles(chromedp.CSS(`#files input[type=file]`), []string{name}))
	s.follow(t, "#files", "Attach")
	s.sees(t, "Attached terms.txt")
	if got := eval[string](t, s, `fetch(document.querySelector("#files a[download]").href).then(r => r.text().then(x => x + r.headers.get("Content-Disposition")))`); !strings.HasPrefix(got, "our terms\nattachment") {
		t.Errorf("the file is %q", got)
	}
	s.follow(t, "#comments", "Delete")
	s.follow(t, "#files", "Delete")
	s.sees(t, "Nobody has said anything yet", "There are no files yet")
	s.fine(t)
}

// TestTheWatchTells makes sure that the suite hears of what it looks for: a page that breaks the policy, or asks for something elsewhere.
func TestTheWatchTells(t *testing.T) {
	s := open(t)
	for what, script := range map[string]string{
		"an inline style":   `document.body.setAttribute("style", "color: red"), true`,
		"an inline script":  `(() => { try { document.body.setAttribute("onclick", "x()"); } catch { return true; } })()`,
		"another server":    `fetch("http://127.0.0.1:9/").catch(() => true)`,
		"an error":          `setTimeout(() => { throw new Error("x"); }), true`,
		"a word of trouble": `console.error("x"), true`,
	} {
		s.visit(t, "/help")
		s.fine(t)
		eval[bool](t, s, script)
		s.do(t, s.Settle())
		if len(s.Faults()) == 0 {
			t.Errorf("nothing is told about %s", what)
		}
	}
}

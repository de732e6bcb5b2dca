package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFlowImport imports a table with a bad row: the preview tells the line and
// the reason, the good rows are taken, the bad one can be had back, and all of it can be undone.
func TestFlowImport(t *testing.T) {
	s := open(t)
	name := filepath.Join(t.TempDir(), "vendors.csv")
	table := "key,name,country,criticality\nflow-import-a,Imported A,NL,high\nflow-import-b,Imported B,Nowhere,high\nflow-import-c,Imported C,DE,low\n"
	if err := os.WriteFile(name, []byte(table), 0o600); err != nil {
		t.Fatal(err)
	}
	s.visit(t, "/imports")
	s.do(t, chromedp.SetUploadFiles(chromedp.CSS(`form.dropzone input[type=file]`), []string{name}))
	s.until(t, `document.querySelector(".drop-list")?.innerText.includes("vendors.csv")`)
	s.follow(t, "form.dropzone", "Show what would change")
	s.until(t, `!document.querySelector("[data-poll]") && document.querySelector(".decide")`)
	s.sees(t, "Imported A", "Imported C")
	s.follow(t, "nav.tabs", "Refused")
	s.sees(t, "vendors.csv", "3", "country", "Nowhere")
	s.follow(t, ".decide", "Import")
	s.until(t, `!document.querySelector("[data-poll]") && document.querySelector(".entries")`)
	s.sees(t, "Taken", "Refused")
	bad := eval[string](t, s, `fetch(document.querySelector('a[href$="refused.csv"]').href).then(r => r.text())`)
	if !strings.Contains(bad, "flow-import-b") && !strings.Contains(bad, "Nowhere") || strings.Contains(bad, "flow-import-a") {
		t.Errorf("what was refused is\n%s", bad)
	}
	result := eval[string](t, s, `location.pathname`)
	s.visit(t, "/records/Vendor/flow-import-a")
	s.sees(t, "Imported A", "High")
	s.visit(t, "/records/Vendor/flow-import-b")
	s.sees(t, "Not found")
	s.visit(t, result)
	s.follow(t, ".entries", "Undo")
	s.sees(t, "was taken back")
	s.visit(t, "/records/Vendor/flow-import-a")
	s.sees(t, "Not found")
	s.fine(t)
}

// TestFlowBoard goes from a number on a board to its question, with the same parameters and the same number.
func TestFlowBoard(t *testing.T) {
	s := open(t)
	s.visit(t, "/boards")
	s.follow(t, "main", "CIO")
	link := `main .figure a[href^="/questions/lifecycle.exposure?kinds=Host"]`
	s.until(t, `document.querySelector('`+link+`')`)
	number := eval[string](t, s, `document.querySelector('`+link+`').closest(".figure").querySelector(".value").innerText`)
	s.leads(t, chromedp.Click(chromedp.CSS(link)))
	if got := eval[string](t, s, `document.querySelector(".question-form [name=kinds]").value`); got != "Host" {
		t.Errorf("the question is asked about %q", got)
	}
	if number == "" || !strings.Contains(s.content(t), number) {
		t.Errorf("the board says %q and the question something else", number)
	}
	// A number opens what it was computed from.
	from := eval[string](t, s, `document.querySelector('.figure a[href*="/from"], .figure .value a, .figure a')?.getAttribute("href") || ""`)
	if from == "" {
		t.Fatal("no number opens what it was computed from")
	}
	s.visit(t, from)
	if n := eval[int](t, s, `document.querySelectorAll("main tbody tr a[href^='/records/']").length`); n == 0 {
		t.Errorf("%s names no records", from)
	}
	s.fine(t)
}

// TestFlowPast looks at the estate as it was: another page, and nothing on it changes anything.
func TestFlowPast(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-past", "Past Ltd", "country", "NL")
	entry := eval[string](t, s, `document.body.dataset.entry`)
	s.follow(t, ".record-head", "Edit")
	s.fill(t, `[name="f.country"]`, "FR")
	s.follow(t, "form.record-form", "Save")
	if got := s.value(t, "country"); got != "FR" {
		t.Fatalf("the country is %s", got)
	}
	s.visit(t, "/history/"+entry)
	s.follow(t, ".toolbar", "The estate after this entry")
	s.sees(t, "Not now")
	s.do(t, chromedp.SendKeys(chromedp.CSS(`header input[name=q]`), "Past Ltd\n"))
	s.until(t, `location.pathname === "/search" && document.readyState === "complete"`)
	s.follow(t, ".results", "Past Ltd")
	if got := s.value(t, "country"); got != "NL" {
		t.Errorf("in the past the country is %s", got)
	}
	s.sees(t, "You look at the past")
	if n := eval[int](t, s, `document.querySelectorAll('main form[method=post], main a[href*="/edit"], main a[href*="/delete"]').length`); n != 0 {
		t.Errorf("the page of the past offers %d things that change it", n)
	}
	s.follow(t, ".moment-line", "Compare with now")
	s.sees(t, "NL", "FR")
	s.visit(t, "/records/Vendor/flow-past?as_of="+entry)
	s.follow(t, ".moment-line", "Back to now")
	if got := s.value(t, "country"); got != "FR" {
		t.Errorf("back in the present the country is %s", got)
	}
	// The bar itself: a day before anything was there.
	s.press(t, ".moment-line", "Now")
	s.choose(t, ".moment [name=as_of]", "2020-01-01")
	s.follow(t, ".moment", "Look")
	s.sees(t, "Not now")
	if strings.Contains(s.content(t), "FR\n") {
		t.Error("the record is there before it was made")
	}
	s.fine(t)
}

// TestFlowScenario tries something in a scenario, compares it with now, and merges it.
func TestFlowScenario(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-scenario", "Scenario Ltd", "country", "NL")
	s.visit(t, "/scenarios")
	s.fill(t, "main [name=name]", "Flow of a move")
	s.follow(t, "main", "Open the scenario")
	s.sees(t, "Flow of a move", "Nothing yet")
	s.follow(t, ".toolbar", "Look at the estate under it")
	s.sees(t, "under", "Flow of a move")
	s.do(t, chromedp.SendKeys(chromedp.CSS(`header input[name=q]`), "Scenario Ltd\n"))
	s.until(t, `location.pathname === "/search" && document.readyState === "complete"`)
	s.follow(t, ".results", "Scenario Ltd")
	s.follow(t, ".record-head", "Edit")
	s.fill(t, `[name="f.country"]`, "SE")
	s.follow(t, "form.record-form", "Save")
	if got := s.value(t, "country"); got != "SE" {
		t.Errorf("under the scenario the country is %s", got)
	}
	s.follow(t, ".moment-line", "Compare with now")
	s.sees(t, "NL", "SE")
	s.visit(t, "/records/Vendor/flow-scenario")
	if got := s.value(t, "country"); got != "NL" {
		t.Errorf("in the estate the country is %s", got)
	}
	s.visit(t, "/scenarios")
	s.follow(t, "main table", "Flow of a move")
	s.sees(t, "Scenario Ltd", "NL", "SE")
	s.fill(t, `form[action$="/merge"] [name=why]`, "Agreed")
	s.follow(t, `form[action$="/merge"]`, "Merge")
	s.sees(t, "The scenario is merged")
	s.visit(t, "/records/Vendor/flow-scenario")
	if got := s.value(t, "country"); got != "SE" {
		t.Errorf("after the merge the country is %s", got)
	}
	s.fine(t)
}

// TestFlowOwnBoard puts the answer of a question on a board of one's own, arranges it, and deletes the board.
func TestFlowOwnBoard(t *testing.T) {
	s := open(t)
	s.visit(t, "/questions/lifecycle.exposure?kinds=Host")
	s.choose(t, "[name=tile_part]", "hosts")
	s.fill(t, "[name=tile_new]", "My morning")
	s.fill(t, "[name=tile_title]", "Old hosts")
	s.follow(t, "main", "Put on the board")
	s.sees(t, "My morning", "Old hosts")
	if got := eval[string](t, s, `document.querySelector(".tile a[href^='/questions/lifecycle.exposure']")?.getAttribute("href") || ""`); !strings.Contains(got, "kinds=Host") {
		t.Errorf("the tile leads to %q", got)
	}
	s.follow(t, "main", "Arrange")
	s.fill(t, ".tiles-list [name=title]", "Hosts too old")
	s.follow(t, ".tiles-list", "Save")
	s.choose(t, "#add select[name=question]", "architecture.spof")
	s.follow(t, "#add", "Choose")
	s.follow(t, "#add", "Add the tile")
	s.follow(t, "main", "Back to the board")
	s.sees(t, "Hosts too old")
	if n := eval[int](t, s, `document.querySelectorAll(".tile").length`); n != 2 {
		t.Errorf("the board has %d tiles", n)
	}
	s.follow(t, "main", "Arrange")
	s.follow(t, "main", "Delete the board")
	s.sees(t, "is gone")
	s.fine(t)
}

// TestFlowKeyboard finds, edits, saves and takes back without a mouse, and always knows where the focus is.
func TestFlowKeyboard(t *testing.T) {
	s := open(t)
	s.vendor(t, "flow-keys", "Keyboard Ltd", "country", "NL")
	s.visit(t, "/")
	focus := func(what string) {
		t.Helper()
		if got := eval[bool](t, s, `document.activeElement !== null && document.activeElement.isConnected && document.activeElement.checkVisibility()`); !got {
			t.Errorf("%s: the focus is lost", what)
		}
	}
	// tab goes on until the focus stands on something, as a person would, and not for ever.
	tab := func(condition string) {
		t.Helper()
		for range 200 {
			s.key(t, "\t")
			if eval[bool](t, s, "!!("+condition+")") {
				if !eval[bool](t, s, `document.activeElement.matches(":focus-visible")`) {
					t.Errorf("the focus on %s does not show", condition)
				}
				return
			}
		}
		t.Fatalf("nothing is reached by Tab where %s, but %s", condition, eval[string](t, s, `document.activeElement.outerHTML.slice(0, 200)`))
	}
	s.key(t, "\t")
	if got := eval[string](t, s, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first thing is %q and not the way around the menu", got)
	}
	s.key(t, "k", chromedp.ModifierCtrl)
	s.until(t, `document.querySelector("dialog.palette[open]")`)
	s.do(t, strike("keyboard ltd"))
	s.until(t, `document.querySelector("dialog.palette [aria-selected=true]")?.innerText.includes("Keyboard Ltd")`)
	s.leads(t, strike("\r"))
	focus("the record")
	tab(`document.activeElement.innerText === "Edit" && document.activeElement.matches(".record-head a")`)
	s.leads(t, strike("\r"))
	focus("the form")
	tab(`document.activeElement.name === "f.country"`)
	s.key(t, "a", chromedp.ModifierCtrl)
	s.do(t, strike("PT"))
	s.leads(t, strike("\r"))
	s.sees(t, "Saved Keyboard Ltd")
	if got := s.value(t, "country"); got != "PT" {
		t.Errorf("the country is %s", got)
	}
	// A value in its place: the focus goes into the field.
	tab(`document.activeElement.ariaLabel === "Edit Country"`)
	s.do(t, strike("\r"))
	s.until(t, `document.activeElement.name === "f.country"`)
	eval[bool](t, s, `document.activeElement.select(), true`)
	s.leads(t, strike("IE"), strike("\r"))
	if got := s.value(t, "country"); got != "IE" {
		t.Errorf("the country is %s", got)
	}
	tab(`document.activeElement.closest(".toast") && document.activeElement.innerText === "Undo"`)
	s.leads(t, strike("\r"))
	if got := s.value(t, "country"); got != "PT" {
		t.Errorf("after the undo the country is %s", got)
	}
	// Lists: j and Enter, and a key that leads to a place.
	s.leads(t, strike("g"), strike("q"))
	if got := eval[string](t, s, `location.pathname`); got != "/questions" {
		t.Errorf("g q leads to %s", got)
	}
	s.visit(t, "/records/Vendor?where=key~flow-keys")
	s.do(t, strike("j"))
	focus("the row")
	s.leads(t, strike("\r"))
	s.sees(t, "Keyboard Ltd")
	s.do(t, strike("?"))
	s.until(t, `document.querySelector("dialog[open]")?.innerText.includes("Keyboard")`)
	s.key(t, "\u001b")
	s.until(t, `!document.querySelector("dialog[open]")`)
	s.fine(t)
}

// TestFlowTakeAlong copies the command line of a question and has its answer as a table.
func TestFlowTakeAlong(t *testing.T) {
	s := open(t)
	s.visit(t, "/questions/lifecycle.exposure?kinds=Host")
	eval[bool](t, s, `window.copied = [], Object.defineProperty(navigator, "clipboard", {value: {writeText: async x => { window.copied.push(x); }}}), true`)
	s.press(t, ".take-away", "Copy")
	s.until(t, `window.copied.length`)
	if got := eval[[]string](t, s, `window.copied`); len(got) != 1 || !strings.Contains(got[0], "lifecycle.exposure") {
		t.Errorf("copied was %q", got)
	}
	for _, format := range eval[[]string](t, s, `[...document.querySelectorAll(".take-away a[download]")].map(a => a.getAttribute("href"))`) {
		if got := eval[string](t, s, fmt.Sprintf(`fetch(%s).then(async r => r.status + " " + (await r.arrayBuffer()).byteLength)`, quoted(format))); !strings.HasPrefix(got, "200 ") || got == "200 0" {
			t.Errorf("%s answers %s", format, got)
		}
	}
	s.fine(t)
}

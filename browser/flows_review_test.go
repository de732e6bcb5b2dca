package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// books is a system with three accounts, one of them of whoever reviews, and a review that is planned.
const books = `kind: Person
key: flow-mia
name: Mia Flow
---
kind: Person
key: flow-noa
name: Noa Flow
---
kind: Application
key: flow-books
name: Books of the flow
---
kind: Entitlement
key: flow-pay
name: Pay invoices
system: Application/flow-books
privileged: true
---
kind: Entitlement
key: flow-read
name: Read the books
system: Application/flow-books
---
kind: UserAccount
key: flow-a
user_name: mflow
system: Application/flow-books
person: flow-mia
state: active
---
kind: UserAccount
key: flow-b
user_name: nflow
system: Application/flow-books
person: flow-noa
state: active
---
kind: UserAccount
key: flow-c
user_name: aday
system: Application/flow-books
person: ADA
state: active
---
kind: Grant
key: flow-g1
account: flow-a
entitlement: flow-pay
---
kind: Grant
key: flow-g2
account: flow-a
entitlement: flow-read
---
kind: Grant
key: flow-g3
account: flow-b
entitlement: flow-read
---
kind: Grant
key: flow-g4
account: flow-c
entitlement: flow-read
---
kind: AccessReview
key: flow-review
name: Review of the flow
owner: Person/ADA
state: planned
reviewed_by: named
reviewers: [ADA, flow-noa]
systems: [Application/flow-books]
`

// TestFlowAccessReview holds an access review from opening to closing, mostly with the keyboard: what is privileged needs a reason to stay, nobody
// decides about the own access, and what was to go is followed until it has gone.
func TestFlowAccessReview(t *testing.T) {
	s := open(t)
	s.visit(t, "/reviews")
	me := eval[string](t, s, `fetch("/pick?kinds=Person&q=Ada%20Day").then(r => r.json()).then(l => l.find(p => p.name === "Ada Day").key)`)
	s.imports(t, strings.ReplaceAll(books, "ADA", me))

	s.visit(t, "/reviews")
	s.follow(t, "main", "Open it: Review of the flow")
	s.sees(t, "Review of the flow", "3 decided by you", "4 decided by all", "Mia Flow", "Noa Flow", "Privileged", "Not opened", "is to be taken away")
	s.accessible(t, "light")

	// The first: it is privileged, so that it stays with a reason alone.
	s.leads(t, strike("n"))
	s.sees(t, "Pay invoices", "May Mia Flow keep it?", "1 of 3", "What is to become of it?")
	s.accessible(t, "light")
	s.fits(t)
	s.do(t, strike("1"))
	s.until(t, `document.activeElement.value === "keep" && document.activeElement.checked && document.querySelector("[name=reason]").required`)
	s.press(t, ".decide-form", "Decide and open the next")
	s.until(t, `document.activeElement.name === "reason"`)
	s.do(t, chromedp.Click(chromedp.CSS(`[name=decision][value=revoke]`)))
	s.fill(t, "[name=reason]", "Mia no longer pays invoices")
	s.follow(t, ".decide-form", "Decide and open the next")

	// The second and the third, by two keys each.
	s.sees(t, "Read the books", "1 of 3 decided by you", "Revoke: Pay invoices of mflow")
	for range 2 {
		s.do(t, strike("1"))
		s.until(t, `document.activeElement.value === "keep" && document.activeElement.checked`)
		if eval[bool](t, s, `document.querySelector("[name=reason]").required`) {
			s.fill(t, "[name=reason]", "The work needs it")
			s.follow(t, ".decide-form", "Decide and open the next")
		} else {
			s.leads(t, strike("\r"))
		}
	}
	s.sees(t, "You have decided about everything")

	// The own access is for somebody else to decide.
	s.follow(t, "main", "Of all reviewers")
	s.follow(t, "main .chips", "All")
	own := eval[string](t, s, `[...document.querySelectorAll(".item")].find(i => i.innerText.includes("aday")).querySelector("a").getAttribute("href")`)
	s.visit(t, own)
	s.sees(t, "It is about you. Somebody else decides.")
	if n := eval[int](t, s, `document.querySelectorAll(".decide-form, form[action$='/look']").length`); n != 0 {
		t.Errorf("the own access has %d forms to decide", n)
	}

	// Closing takes away what nobody decided about, and what has gone is written down.
	s.visit(t, "/reviews/flow-review")
	s.press(t, "main", "Close it early, although not everything is decided and there is time")
	s.follow(t, "main", "Close the review")
	s.sees(t, "Closed", "What is to go", "still there", "Mia no longer pays invoices", "Nobody decided about it in time")
	s.imports(t, "kind: Grant\nkey: flow-g1\nuntil: 2020-01-31\n")
	s.visit(t, "/reviews/flow-review")
	s.follow(t, "main", "Write down what has gone")
	s.sees(t, "1 item has gone", "written down")
	s.accessible(t, "light")
	s.fine(t)
}

// imports takes over a manifest by the page of imports.
func (s *suite) imports(t *testing.T, manifest string) {
	t.Helper()
	s.takes(t, "books.yaml", manifest)
}

// takes takes over a file by the page of imports.
func (s *suite) takes(t *testing.T, file, content string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), file)
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s.visit(t, "/imports")
	s.do(t, chromedp.SetUploadFiles(chromedp.CSS(`form.dropzone input[type=file]`), []string{name}))
	s.until(t, `document.querySelector(".drop-list")?.innerText.includes(`+quoted(file)+`)`)
	s.follow(t, "form.dropzone", "Show what would change")
	s.until(t, `!document.querySelector("[data-poll]") && document.querySelector(".decide")`)
	s.follow(t, ".decide", "Import")
	s.until(t, `!document.querySelector("[data-poll]") && document.querySelector(".entries")`)
}

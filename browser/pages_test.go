package browser

import (
	"slices"
	"strings"
	"testing"

	"binnacle/browser/drive"
)

// pages are one of each sort.
var pages = []string{
	"/", "/boards", "/boards/cio", "/boards/cto", "/boards/ceo", "/boards/cmo", "/questions", "/questions/lifecycle.exposure", "/questions/architecture.spof", "/questions/lifecycle.timeline",
	"/questions/architecture.landscape", "/offices", "/pictures", "/pictures/capabilities", "/pictures/roadmap", "/pictures/graph?focus=Application/booking-engine", "/scenarios", "/history", "/history/2",
	"/records", "/records?group=Applications", "/records/Application", "/records/Application?where=criticality%3Dcritical&sort=-name", "/records/Host", "/records/Application/booking-engine", "/records/Application/booking-engine/history",
	"/records/Application/booking-engine/edit", "/records/Contract/new", "/records/Application/booking-engine/delete", "/search?q=booking", "/imports", "/feeds", "/me", "/admin", "/help",
	"/compare?page=/questions/lifecycle.exposure&left=at%3D2026-11-22&right=at%3D2028-01-01", "/records/Application?as_of=3", "/nowhere",
	"/boards/both", "/offices/one-or-two", "/feeds/new", "/admin/roles", "/admin/roles/cio", "/admin/groups", "/admin/providers", "/admin/tokens", "/admin/events",
	"/records/Application/bulk?scope=all&where=criticality%3Dcritical", "/records/Application/duplicates", "/records/Application/booking-engine/merge?with=fare-engine", "/records/Application/booking-engine/graph",
	"/questions/lifecycle.exposure/from?part=applications", "/questions/architecture.assign_owner", "/pictures/graph", "/records/Application?where=name%3Dnothing-has-this-name", "/search?q=zzzz",
	"/compare?page=/boards/both", "/?at=2028-01-01",
	"/boards/money", "/questions/finance.trace", "/questions/finance.trace?from=goal%3Alower-run-cost", "/questions/finance.savings", "/questions/finance.spend", "/questions/finance.budget",
	"/questions/finance.anomalies", "/questions/suppliers.renewals", "/questions/assets.position", "/assets", "/assets/labels", "/assets/scan", "/records/Load",
	"/reviews", "/reviews/privileged-2026-11", "/reviews/erp-2026-05", "/reviews/privileged-2026-11/items/privileged-2026-11-00001", "/calibration", "/policies", "/policies/acceptable-use",
	"/audits", "/audits/customers-2026", "/audits/customers-2026/requests/r-2026-04",
	"/radar", "/radar/halyard", "/radar/halyard/blips/vector-search", "/decisions", "/decisions/adr-0002-keep-one-database-for-all-critical-systems", "/decisions/new", "/portal/crossings",
	"/roadmap", "/ideas", "/experiments", "/experiments/guest-answers", "/matrices/customs-supplier", "/boards/technology", "/boards/product", "/boards/delivery",
}

// TestEveryPage looks at every sort of page in light, dark and on a phone: axe
// finds nothing serious, the browser no fault, nothing leaves the server, nothing is wider than the screen, and own scripts are small.
func TestEveryPage(t *testing.T) {
	s := open(t)
	preview, err := s.Preview()
	if err != nil {
		t.Fatal(err)
	}
	board, err := s.NewBoard("My morning")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(preview, "/imports/") || !strings.HasPrefix(board, "/boards/") {
		t.Fatalf("the preview is at %q and the board at %q", preview, board)
	}
	for _, look := range drive.Looks {
		if err := s.Dress(look); err != nil {
			t.Fatal(err)
		}
		for _, path := range append(slices.Clone(pages), preview, board, board+"/arrange") {
			t.Run(look.Name+path, func(t *testing.T) {
				s.visit(t, path)
				s.accessible(t, look.Name)
				s.fits(t)
				if look.Name == drive.Looks[0].Name {
					s.small(t)
				}
				if n := eval[int](t, s, `document.querySelectorAll("h1").length`); n != 1 {
					t.Errorf("the page has %d main headings", n)
				}
				s.fine(t)
			})
		}
	}
	if err := s.Dress(drive.Looks[0]); err != nil {
		t.Fatal(err)
	}
}

// TestZoom looks at pages at 400 %, as WCAG 1.4.10 has it: 320 pixels wide, nothing to be scrolled in two directions.
func TestZoom(t *testing.T) {
	s := open(t)
	if err := s.Dress(drive.Look{Name: "zoom", Width: 320, Height: 256}); err != nil {
		t.Fatal(err)
	}
	defer s.Dress(drive.Looks[0])
	for _, path := range pages {
		s.visit(t, path)
		s.fits(t)
	}
}

// small holds a page to the budget of own JavaScript.
func (s *suite) small(t *testing.T) {
	t.Helper()
	for _, name := range strings.Fields(eval[string](t, s, `[...document.scripts].filter(x => x.src).map(x => new URL(x.src).pathname).join(" ")`)) {
		if strings.Contains(name, "echarts") && !strings.Contains(s.html(t), "chart") {
			t.Errorf("the page loads charts and has none")
		}
	}
	size := eval[int](t, s, `Promise.all([...document.scripts].filter(x => x.src && !/htmx|echarts|cytoscape|elk/.test(x.src)).map(x => fetch(x.src).then(r => r.text()).then(x => x.length))).then(l => l.reduce((a, b) => a + b, 0))`)
	if size > 100<<10 {
		t.Errorf("the page has %d bytes of own scripts, more than 100 KB", size)
	}
}

// fits fails where the page is wider than the screen, and names what sticks out.
func (s *suite) fits(t *testing.T) {
	t.Helper()
	wide := eval[int](t, s, `document.documentElement.scrollWidth - document.documentElement.clientWidth`)
	if wide <= 1 {
		return
	}
	out := eval[[]string](t, s, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".table-wrap, .picture-scroll")).slice(0, 5).map(e => e.outerHTML.slice(0, 120))`)
	t.Errorf("%s is %d pixels wider than the screen, because of %q", eval[string](t, s, `location.pathname`), wide, out)
}

func (s *suite) html(t *testing.T) string {
	t.Helper()
	return eval[string](t, s, `document.documentElement.outerHTML`)
}

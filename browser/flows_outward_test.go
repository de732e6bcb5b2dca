package browser

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"binnacle/browser/drive"
)

// outlook is a trend, a technology that lies far out on a radar, and a product.
const outlook = `kind: Trend
key: flow-meaning
name: Guests search by meaning
state: watched
horizon: h1
impact: high
signals:
  - {seen: 2026-03-02, text: Two others do it, says: for}
---
kind: Technology
key: flow-vectors
name: Vectors of the flow
---
kind: Radar
key: flow-radar
name: Radar of the flow
---
kind: Blip
key: flow-vectors
name: Vectors of the flow
radar: flow-radar
technology: flow-vectors
quadrant: Platforms
ring: Assess
state: shown
---
kind: Product
key: flow-shop
name: Shop of the flow
`

// TestFlowOutward follows a trend to what came of it: it becomes an experiment with a cap, a bill brings its spend, its exit
// criteria are met, the blip moves, a decision record and a roadmap item appear, and a year later predicted and actual are compared.
func TestFlowOutward(t *testing.T) {
	s := open(t)
	today := time.Now().UTC()
	s.imports(t, outlook)
	s.tries(t, today)
	s.spends(t, today)

	for criterion, value := range map[string]string{"Empty searches": "6.5", "Latency": "120"} {
		s.visit(t, "/questions/research.measure?experiment=Experiment/flow-search")
		s.choose(t, "[name=criterion]", criterion)
		s.fill(t, "[name=value]", value)
		s.follow(t, ".question-form", "Propose")
		s.sees(t, "which meets the target")
		s.follow(t, ".accept", "Make 1 change")
	}
	s.visit(t, "/questions/research.graduate?experiment=Experiment/flow-search")
	s.fill(t, "[name=ring]", "Trial")
	s.choose(t, "[name=product]", "Product/flow-shop")
	s.follow(t, ".question-form", "Propose")
	s.sees(t, "4 changes proposed", "Vectors of the flow moves from Assess to Trial", "It has cost 200.00 EUR")
	s.accessible(t, "light")
	s.follow(t, ".accept", "Make 4 changes")

	s.visit(t, "/radar/flow-radar/blips/flow-vectors")
	s.sees(t, "Trial", "Rests on the decision")
	s.accessible(t, "light")
	s.follow(t, "main", "Graduate Search of the flow")
	s.sees(t, "Accepted", "Predicted and actual", "Empty searches", "To be looked at by", "Shop of the flow")
	s.accessible(t, "light")
	decision := eval[string](t, s, `location.pathname`)
	s.visit(t, "/records/RoadmapItem/flow-search")
	s.sees(t, "Search of the flow", "Shop of the flow", "It follows from the experiment", "Latency")

	s.aYearLater(t, decision, today)
	s.fine(t)
}

// tries makes an experiment of the trend, by hand, and starts it.
func (s *suite) tries(t *testing.T, today time.Time) {
	t.Helper()
	s.visit(t, "/records/Trend/flow-meaning")
	s.follow(t, "main", "Review trend")
	s.choose(t, "[name=state]", "acted_on")
	s.fill(t, "[name=signal]", "A fifth of the searches in the shop find nothing")
	s.follow(t, ".question-form", "Propose")
	s.follow(t, ".accept", "Make 1 change")

	s.visit(t, "/records/Experiment/new?trends=Trend/flow-meaning&technologies=Technology/flow-vectors&sponsor=Person/fhalvorsen&state=hypothesis&cost_tags=experiment%3Dflow-search")
	s.fill(t, `[name="f.name"]`, "Search of the flow")
	s.fill(t, `[name="f.key"]`, "flow-search")
	s.fill(t, `[name="f.hypothesis"]`, "With vectors, searches that find nothing fall by a third")
	s.fill(t, `[name="f.cap.amount"]`, "500")
	s.fill(t, `[name="f.cap.currency"]`, "EUR")
	s.choose(t, `[name="f.until"]`, today.AddDate(0, 2, 0).Format(time.DateOnly))
	for i, c := range [][]string{{"Empty searches", "8", "%", "12"}, {"Latency", "150", "ms", "90"}} {
		for j, field := range []string{"name", "target", "unit", "before"} {
			s.fill(t, fmt.Sprintf(`[name="f.criteria[%d].%s"]`, i, field), c[j])
		}
		s.choose(t, fmt.Sprintf(`[name="f.criteria[%d].better"]`, i), "less")
		if i == 0 {
			s.press(t, "form.record-form", "Add a row")
			s.until(t, `document.querySelector('[name="f.criteria[1].name"]')`)
		}
	}
	s.follow(t, "form.record-form", "Create")
	s.sees(t, "Search of the flow", "Guests search by meaning", "500")
	s.accessible(t, "light")
	s.visit(t, "/questions/research.start?experiment=Experiment/flow-search")
	s.sees(t, "It may cost 500 EUR until")
	s.follow(t, ".accept", "Make 1 change")
	s.visit(t, "/records/Trend/flow-meaning")
	s.sees(t, "Acted on", "Search of the flow")
}

// spends uploads a bill of which two lines carry the tag of the experiment, and sees what it has cost.
func (s *suite) spends(t *testing.T, today time.Time) {
	t.Helper()
	month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	day, next := today.Truncate(24*time.Hour), today.Truncate(24*time.Hour).AddDate(0, 0, 1)
	stamp := func(at time.Time) string { return at.Format("2006-01-02T15:04:05Z") }
	bill := "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeDescription,ChargePeriodEnd,ChargePeriodStart,EffectiveCost,ListCost,ContractedCost,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,ServiceCategory,Tags\n"
	for _, line := range [][2]string{{"120.50", "flow-search"}, {"79.50", "flow-search"}, {"999.00", "another"}} {
		bill += fmt.Sprintf(`%[1]s,flow-9,EUR,%[2]s,%[3]s,Usage,Search,%[4]s,%[5]s,%[1]s,%[1]s,%[1]s,Cloud of the flow,Cloud of the flow,Cloud of the flow,Vectors,Databases,"{""experiment"":""%[6]s""}"`+"\n",
			line[0], stamp(month.AddDate(0, 1, 0)), stamp(month), stamp(next), stamp(day), line[1])
	}
	s.takes(t, "flow-bill.csv", bill)
	s.visit(t, "/questions/research.experiment?experiment=Experiment/flow-search")
	s.sees(t, "Running", "200.00 EUR", "40", "tag experiment=flow-search")
	s.accessible(t, "light")
	s.fits(t)
	s.visit(t, "/questions/research.experiment/from?experiment=Experiment/flow-search&part=spent")
	s.sees(t, "Search of the flow", "flow-9")
}

// aYearLater looks at the decision after its day of review, writes down what came of it, and compares that with what was predicted.
func (s *suite) aYearLater(t *testing.T, decision string, today time.Time) {
	t.Helper()
	later := today.AddDate(1, 1, 0).Format(time.DateOnly)
	s.visit(t, "/questions/standards.review_due?at="+later)
	s.sees(t, "Graduate Search of the flow was to be looked at by", "2 predicted effects have not been measured")
	s.visit(t, decision+"?at="+later)
	s.sees(t, "Review was due", "Not measured yet")
	s.accessible(t, "light")
	s.visit(t, "/questions/standards.record_outcome?decision="+strings.Replace(decision, "/decisions/", "DecisionRecord/", 1))
	s.fill(t, "[name=actuals]", "Empty searches=6,Latency=180")
	s.fill(t, "[name=learned]", "It finds more and takes longer")
	s.follow(t, ".question-form", "Propose")
	s.follow(t, ".accept", "Make 1 change")
	s.visit(t, decision+"?at="+later)
	s.sees(t, "It finds more and takes longer")
	effects := eval[[]string](t, s, `[...document.querySelectorAll("#effects .effects li")].map(e => e.innerText.replace(/\s+/g, " "))`)
	if got := strings.Join(effects, "\n"); len(effects) != 2 || !strings.Contains(got, "6.5 %") || !strings.Contains(got, "180 ms") {
		t.Errorf("predicted and actual are\n%s", got)
	}
	s.visit(t, "/questions/standards.outcomes?at="+later)
	rows := eval[[]string](t, s, `[...document.querySelectorAll("main tbody tr")].map(r => r.innerText.replace(/\s+/g, " ")).filter(r => r.includes("Graduate Search of the flow"))`)
	if got := strings.Join(rows, "\n"); !regexp.MustCompile(`(?i)empty searches.* met`).MatchString(got) || !regexp.MustCompile(`(?i)latency.* (missed|wrong)`).MatchString(got) {
		t.Errorf("the outcomes are\n%s", got)
	}
}

// laid is what is wrong with a radar as the browser has laid it out.
const laid = `(() => {
	const wrong = [], svg = document.querySelector("svg.drawing.radar"), box = e => e.getBoundingClientRect();
	const blips = [...svg.querySelectorAll("a")].filter(a => a.querySelector(".radar-blip")).map(a => {
		const marks = [...a.querySelectorAll("circle, path")].map(box), r = box(a.querySelector(".radar-blip"));
		const label = a.getAttribute("aria-label") || a.querySelector("title")?.textContent || "";
		return {name: label, number: box(a.querySelector("text")), x: r.x + r.width / 2, y: r.y + r.height / 2,
			r: Math.max(...marks.flatMap(m => [m.right - r.x - r.width / 2, m.bottom - r.y - r.height / 2, r.x + r.width / 2 - m.x, r.y + r.height / 2 - m.y])), ring: label.split(": ").pop().split(", ")[0], quadrant: label.split(": ").pop().split(", ").slice(1).join(", ")};
	});
	const rings = [...svg.querySelectorAll("circle.radar-ring")].map(c => c.getBoundingClientRect().width / 2).sort((a, b) => a - b);
	const middle = box(svg.querySelector("circle.radar-ring")), cx = middle.x + middle.width / 2, cy = middle.y + middle.height / 2;
	const names = [...svg.querySelectorAll(".radar-ring-name")].sort((a, b) => box(b).y - box(a).y).map(e => e.textContent), sides = [...svg.querySelectorAll(".radar-quadrant")].map(e => e.textContent);
	const slack = 0.75;
	for (const [i, a] of blips.entries()) {
		for (const b of blips.slice(i + 1)) if (Math.hypot(a.x - b.x, a.y - b.y) < a.r + b.r - slack) wrong.push(a.name + " lies on " + b.name);
		const far = Math.hypot(a.x - cx, a.y - cy), at = names.indexOf(a.ring), side = sides.findIndex(q => a.quadrant.startsWith(q));
		if (at < 0 || far + a.r > rings[at] + slack || far - a.r < (at ? rings[at - 1] : 0) - (at ? slack : a.r)) wrong.push(a.name + " lies outside of its ring");
		const angle = (Math.atan2(a.x - cx, cy - a.y) + 2 * Math.PI) % (2 * Math.PI);
		if (side < 0 || Math.floor(angle / (2 * Math.PI / sides.length)) !== side) wrong.push(a.name + " lies outside of its sector");
		if (a.number.width > 2 * a.r || a.number.height > 2.4 * a.r) wrong.push("the number of " + a.name + " is larger than the blip");
	}
	const labels = [...svg.querySelectorAll("text")].map(e => ({text: e.textContent, box: box(e), ring: e.classList.contains("radar-ring-name")})), over = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 0.5 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 0.5;
	for (const [i, a] of labels.entries()) {
		for (const b of labels.slice(i + 1)) if (over(a.box, b.box)) wrong.push("the label " + a.text + " lies on the label " + b.text);
		if (a.ring) for (const b of blips) {
			const x = Math.max(a.box.left, Math.min(b.x, a.box.right)), y = Math.max(a.box.top, Math.min(b.y, a.box.bottom));
			if (Math.hypot(b.x - x, b.y - y) < b.r - slack) wrong.push("the label " + a.text + " lies on " + b.name);
		}
	}
	const lines = [...document.querySelectorAll(".radar-legend li")].map(e => ({text: e.innerText, box: box(e)})), field = box(svg);
	for (const [i, a] of lines.entries()) {
		for (const b of lines.slice(i + 1)) if (over(a.box, b.box)) wrong.push("the line " + a.text + " lies on the line " + b.text);
		if (over(a.box, field)) wrong.push("the line " + a.text + " lies on the picture");
	}
	if (blips.length !== 120 || lines.length !== 120) wrong.push(blips.length + " blips and " + lines.length + " lines");
	return wrong.slice(0, 10);
})()`

// TestRadarOfMany looks at a radar of 120 blips in light, dark, on a phone and on paper: nothing lies on anything else, and each blip lies where it belongs.
func TestRadarOfMany(t *testing.T) {
	s := open(t)
	var table strings.Builder
	table.WriteString("name,ring,quadrant,isNew,description\n")
	for i := range 120 {
		// Rings and sectors are filled unevenly, as they are in life.
		ring := []string{"Adopt", "Trial", "Trial", "Assess", "Assess", "Hold", "Hold", "Hold"}[i*i%97%8]
		quadrant := []string{"Techniques", "Tools", "Platforms", "Platforms", "Languages & Frameworks"}[i*7%31%5]
		name := fmt.Sprintf("Thing %d%s", i+1, []string{"", " of the harbour", " for engineers who work at night"}[i%3])
		fmt.Fprintf(&table, "%s,%s,%s,%t,Why it lies there\n", name, ring, quadrant, i%9 == 0)
	}
	s.takes(t, "flow-many.csv", table.String())
	defer s.Dress(drive.Looks[0])
	for _, look := range drive.Looks {
		if err := s.Dress(look); err != nil {
			t.Fatal(err)
		}
		s.visit(t, "/radar/flow-many")
		for _, wrong := range eval[[]string](t, s, laid) {
			t.Errorf("%s: %s", look.Name, wrong)
		}
		s.accessible(t, look.Name)
		s.fits(t)
	}
	s.onPaper(t)
	if err := s.Dress(drive.Looks[0]); err != nil {
		t.Fatal(err)
	}
	// A blip is a link that leads to its page.
	s.visit(t, "/radar/flow-many")
	s.leads(t, chromedp.Click(chromedp.CSS(`svg.drawing.radar a[href*="/blips/"]`)))
	s.sees(t, "Why it lies there")
	s.fine(t)
}

// onPaper prints the radar that is open: the picture with its legend is the first page, and every page is A4, the broad side down.
func (s *suite) onPaper(t *testing.T) {
	t.Helper()
	// In pixels, without the margins of 8 mm.
	const wide, high = 1062, 733
	if err := s.Dress(drive.Look{Name: "paper", Width: wide, Height: high}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(s.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}); err != nil {
		t.Fatal(err)
	}
	defer chromedp.Call(s.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	s.visit(t, "/radar/flow-many")
	for _, wrong := range eval[[]string](t, s, laid) {
		t.Errorf("on paper: %s", wrong)
	}
	end := eval[float64](t, s, `Math.max(...[...document.querySelectorAll(".radar-sheet, .radar-sheet svg, .radar-sheet li")].map(e => e.getBoundingClientRect().bottom)) + scrollY`)
	if end > high {
		t.Errorf("the picture ends %.0f pixels below the top, and a page has %d", end, high)
	}
	yes := true
	printed, err := chromedp.Call(s.Ctx, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: &yes})
	if err != nil {
		t.Fatal(err)
	}
	boxes := regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`).FindAllSubmatch(printed.Data, -1)
	for _, b := range boxes {
		if !bytes.HasPrefix(b[1], []byte("841.")) || !bytes.HasPrefix(b[2], []byte("594.")) {
			t.Errorf("a page is %s by %s points", b[1], b[2])
		}
	}
	if len(boxes) < 2 {
		t.Errorf("it prints on %d pages", len(boxes))
	}
}

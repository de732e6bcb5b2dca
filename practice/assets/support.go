package assets

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// here are the states of assets that the company has, and counts in its books.
func here(s model.AssetState) bool {
	switch s {
	case "requested", "ordered", "disposed":
		return false
	}
	return true
}

// valueOf returns how the value of an asset falls. An asset without a useful life
// of its own has the one that is assumed, which may be nothing.
func valueOf(a *model.Asset, assumed int) practice.Depreciation {
	return practice.Depreciation{Cost: a.Price, Salvage: a.Salvage, Method: a.Depreciation, Months: cmp.Or(a.UsefulLife, assumed), From: firstUse(a)}
}

// firstUse is the day from which an asset counts: of its delivery, or of its purchase.
func firstUse(a *model.Asset) model.Date { return cmp.Or(a.Received, a.Purchased) }

// bookValue returns what an asset is worth in the books on a day, and unset money where that is not known or where it is gone.
func bookValue(a *model.Asset, assumed int, at model.Date) model.Money {
	if !here(a.State) || !a.Disposed.IsZero() && a.Disposed <= at {
		return model.Money{}
	}
	m, err := valueOf(a, assumed).BookValue(at)
	if err != nil {
		return model.Money{}
	}
	return m
}

// siteTest tells whether something is at a site or in a part of it.
type siteTest struct {
	view  estate.View
	ref   model.Ref
	known map[model.Ref]bool
}

func within(v estate.View, site model.Ref) *siteTest {
	return &siteTest{view: v, ref: site, known: map[model.Ref]bool{}}
}

// has reports whether a site is the one that is meant or a part of it. Without one that is meant, every site is.
func (s *siteTest) has(site model.Ref) bool {
	if s.ref.IsZero() || s.ref == site {
		return true
	}
	if in, ok := s.known[site]; ok {
		return in
	}
	s.known[site] = false
	if rec, ok := estate.Look[*model.Site](s.view, site); ok && !rec.Parent.IsZero() {
		s.known[site] = s.has(rec.Parent)
	}
	return s.known[site]
}

// link returns a link to the record that a ref points to, or an empty one.
func link(v estate.View, ref model.Ref) practice.Link {
	if ref.IsZero() {
		return practice.Link{}
	}
	return practice.To(v.Get(ref))
}

// holderLeft reports whether the person that an asset is with has left.
func holderLeft(v estate.View, ref model.Ref) bool { return practice.HasLeft(v.Get(ref), v.At()) }

// criticalityBehind returns how critical the most critical application or service is that some hosts or devices carry.
func criticalityBehind(v estate.View, refs ...model.Ref) model.Criticality {
	worst := model.Criticality("")
	if len(refs) == 0 {
		return worst
	}
	for _, s := range v.ReachAlong(estate.Down, carries, refs...).Steps {
		if c := practice.CriticalityOf(s.Record); s.Depth > 0 && model.Rank(c) > model.Rank(worst) {
			worst = c
		}
	}
	return worst
}

// carries reports whether a ref leads from what carries something to what runs on it, and not on to what calls that.
func carries(f *model.Field) bool {
	switch f.Kind.Name + "." + f.Path() {
	case "Application.runs_on", "Service.built_from", "Host.runs_on", "Host.network", "NetworkDevice.uplinks", "CloudResource.depends_on":
		return true
	}
	return false
}

// edit returns the change that makes one record of another, and adds it to a proposal where anything differs.
func edit(v estate.View, out *practice.Proposal, before, after model.Record) {
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
}

func title(rec model.Record) string { return rec.Base().Title() }

// sorted puts the worst findings first and keeps the order otherwise.
func sorted(findings []practice.Finding) []practice.Finding {
	slices.SortStableFunc(findings, func(a, b practice.Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
	return findings
}

// list writes refs as the parameter of an action.
func list(links []practice.Link) string {
	names := make([]string, len(links))
	for i, l := range links {
		names[i] = l.String()
	}
	return strings.Join(names, "; ")
}

// mend names an action that would mend a finding. Pairs are names and values of parameters.
func mend(action string, pairs ...string) *practice.Mend {
	m := &practice.Mend{Action: "assets." + action, Parameters: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Parameters[pairs[i]] = pairs[i+1]
	}
	return m
}

// monthsBetween returns how many whole months lie between two days.
func monthsBetween(from, until model.Date) int {
	a, b := from.Time(), until.Time()
	n := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	if from.AddMonths(n) > until {
		n--
	}
	return n
}

// times returns a price for a quantity of thousandths, exactly, with at least as many places as the price has.
func times(price model.Money, thousandths int64) model.Money {
	if price.IsZero() {
		return price
	}
	product := facts.Of(price).Mul(facts.NewDecimal(thousandths, 3)).String()
	_, want, _ := strings.Cut(price.Amount(), ".")
	whole, have, _ := strings.Cut(product, ".")
	if missing := len(want) - len(have); missing > 0 {
		product = whole + "." + have + strings.Repeat("0", missing)
	}
	m, err := model.NewMoney(product, price.Currency())
	if err != nil {
		return model.Money{}
	}
	return m
}

// plain writes a quantity of thousandths, such as 2.5.
func plain(thousandths int64) float64 { return float64(thousandths) / 1000 }

// quantityText writes a quantity of thousandths with the digits that it has.
func quantityText(thousandths int64) string {
	return strconv.FormatFloat(plain(thousandths), 'f', -1, 64)
}

// tally gathers amounts by a key and their currency, so that different currencies are never added.
type tally struct {
	rows  map[tallyKey]*tallied
	order []*tallied
}

type tallyKey struct{ name, currency string }

type tallied struct {
	tallyKey
	sums []model.Money
	from []practice.Link
}

func newTally() *tally { return &tally{rows: map[tallyKey]*tallied{}} }

// add adds amounts under a name. They all have one currency, or none.
func (t *tally) add(name string, from practice.Link, amounts ...model.Money) error {
	currency := ""
	for _, m := range amounts {
		currency = cmp.Or(currency, m.Currency())
	}
	key := tallyKey{name, currency}
	row := t.rows[key]
	if row == nil {
		row = &tallied{tallyKey: key, sums: make([]model.Money, len(amounts))}
		t.rows[key] = row
		t.order = append(t.order, row)
	}
	row.from = append(row.from, from)
	for i, m := range amounts {
		sum, err := row.sums[i].Add(m)
		if err != nil {
			return fmt.Errorf("%s: %w", from, err)
		}
		row.sums[i] = sum
	}
	return nil
}

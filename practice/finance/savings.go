package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// SavingsIn says what counts as a saving.
type SavingsIn struct {
	// Least is the least amount a year that is told. Unset tells all.
	Least model.Money
	// Months is how many of the last months are looked at. The default is 3.
	Months int `min:"1" max:"24"`
}

// SavingsOut is what could be saved.
type SavingsOut struct {
	// Possible is what could be saved in a year. Where several ways save the cost of the same record, the largest counts.
	Possible practice.Figure
	// Registered is the part that is in the register of savings already.
	Registered practice.Figure
	// Findings are the largest savings.
	Findings []practice.Finding
	// Table lists the savings, the largest first.
	Table practice.Table[Opportunity]
}

// Opportunity is one way to save money.
type Opportunity struct {
	// Type is the sort of saving.
	Type string
	// Name says what it is about.
	Name string
	// About are the records that it is about.
	About []practice.Link
	// Annual is what could be saved in a year, from the months looked at.
	Annual model.Money
	// Why says how it was found.
	Why string
	// Owner is who answers for it.
	Owner practice.Link
	// Register is the saving in the register, where there is one.
	Register practice.Link
	// State says how far that one is.
	State model.SavingState
	// From are the loads and records that it was computed from.
	From []practice.Link
}

// Savings looks for money that serves nothing: resources of the cloud that nobody
// owns or uses, commitments that are not drawn on, applications that do the same for one
// capability, licences that are bought and not used, and what still costs after its end of life. Each can be put into the register.
func Savings(v estate.View, in SavingsIn) (SavingsOut, error) {
	return remember(savingsIn)(v, in)
}

func savingsIn(v estate.View, in SavingsIn) (SavingsOut, error) {
	s := newSearch(v, cmp.Or(in.Months, 3))
	s.unowned()
	s.idle()
	s.unusedCommitments()
	s.duplicates()
	s.shelfware()
	s.retired()
	var out SavingsOut
	register := registered(v)
	counted := map[model.Ref]bool{}
	var all, known facts.Sum
	var from []practice.Link
	for _, o := range s.found {
		if o.Annual.Sign() <= 0 || !in.Least.IsZero() && o.Annual.Float() < in.Least.Float() {
			continue
		}
		saving := register[o.Type+"\x00"+o.Name]
		if saving == nil {
			saving = s.about(o)
		}
		if saving != nil {
			o.Register, o.State = practice.To(saving), cmp.Or(saving.State, "found")
		}
		from = append(from, o.About...)
		out.Table.Rows = append(out.Table.Rows, o)
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b Opportunity) int {
		return cmp.Or(cmp.Compare(b.Annual.Float(), a.Annual.Float()), strings.Compare(a.Name, b.Name))
	})
	for _, o := range out.Table.Rows {
		// The same money can be saved once, in whichever way.
		if again := countedBefore(counted, o); again {
			continue
		}
		all.Add(facts.Of(o.Annual))
		if !o.Register.IsZero() {
			known.Add(facts.Of(o.Annual))
		}
	}
	out.Possible = moneyFigure(s.book.Money(all), from, s.window())
	out.Possible.Better = practice.Lower
	out.Registered = moneyFigure(s.book.Money(known), nil, "")
	for i, o := range out.Table.Rows {
		if i == 10 {
			break
		}
		out.Findings = append(out.Findings, s.finding(o))
	}
	if len(s.lines) == 0 {
		out.Table.Note = s.book.None()
	}
	return out, nil
}

// countedBefore reports whether the money of a saving was counted with a larger one on the same record, and notes it.
func countedBefore(counted map[model.Ref]bool, o Opportunity) bool {
	switch o.Type {
	case "Idle", "Duplicate application", "After end of life":
	default:
		return false
	}
	ref := model.Ref(o.About[0].ID)
	again := counted[ref]
	counted[ref] = true
	return again
}

// search looks for savings in the last months.
type search struct {
	view   estate.View
	book   *costs.Book
	months int
	first  model.Date
	last   model.Date
	lines  []*costs.Line
	found  []Opportunity
}

func newSearch(v estate.View, months int) *search {
	s := &search{view: v, book: costs.Of(v), months: months}
	first, last, ok := s.book.Span()
	if !ok || first > v.At() {
		return s
	}
	// The running month is not whole yet: it counts only where there is no other.
	s.last = min(last, costs.FirstDay(v.At()))
	if costs.LastDay(s.last) >= v.At() && s.last > first {
		s.last = s.last.AddMonths(-1)
	}
	s.months = max(min(months, monthsBetween(first, s.last)), 1)
	s.first = s.last.AddMonths(1 - s.months)
	s.lines = s.book.Between(s.first, costs.LastDay(s.last))
	return s
}

func (s *search) window() string {
	if s.first.IsZero() {
		return ""
	}
	return fmt.Sprintf("From %s until %s, for a whole year.", s.first, costs.LastDay(s.last))
}

// annual makes the cost of a year of the cost of the months looked at.
func (s *search) annual(sum facts.Sum) model.Money {
	return roundMoney(s.book.Money(fraction(sum, integer(12), integer(s.months))))
}

// goesOn reports whether lines are still there in the last month: what is gone already saves nothing any more.
func (s *search) goesOn(lines []*costs.Line) bool {
	return slices.ContainsFunc(lines, func(l *costs.Line) bool { return l.Month == s.last && l.Amount(costs.Effective).Sign() > 0 })
}

func (s *search) add(o Opportunity) { s.found = append(s.found, o) }

// finding tells of a saving, with the action that registers it.
func (s *search) finding(o Opportunity) practice.Finding {
	f := practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s a year could be saved on %s: %s", o.Annual, o.Name, o.Why), Owner: o.Owner, From: o.From}
	if o.Annual.Float() >= 50000 {
		f.Severity = practice.High
	}
	if len(o.About) > 0 {
		f.About = o.About[0]
	}
	if !o.Register.IsZero() {
		f.Severity = practice.Info
		f.Text += fmt.Sprintf(" It is in the register: %s.", o.State)
		return f
	}
	f.Mend = &practice.Mend{Action: "finance.register_saving", Parameters: map[string]string{"name": o.Name, "type": o.Type}}
	return f
}

// registered returns the savings of the register by type and name, as the action wrote them.
func registered(v estate.View) map[string]*model.Saving {
	out := map[string]*model.Saving{}
	for saving := range estate.Each[*model.Saving](v) {
		if saving.Question == "finance.savings" {
			out[typeTag(saving)+"\x00"+saving.Name] = saving
		}
	}
	return out
}

func typeTag(s *model.Saving) string {
	if len(s.Tags) > 0 {
		return s.Tags[0]
	}
	return ""
}

// about returns a saving of the register about the first record of an opportunity that is not rejected, or nil.
func (s *search) about(o Opportunity) *model.Saving {
	if len(o.About) == 0 {
		return nil
	}
	for e := range s.view.In(model.Ref(o.About[0].ID)) {
		if saving, ok := e.Record.(*model.Saving); ok && e.Field.Name == "about" && saving.State != "rejected" {
			return saving
		}
	}
	return nil
}

// unowned finds resources of the cloud that belong to nobody.
func (s *search) unowned() {
	groups := map[string][]*costs.Line{}
	for _, l := range s.lines {
		if l.Unmapped() && l.Value("ResourceId") != "" && isUse(l) {
			groups[resourceGroup(l)] = append(groups[resourceGroup(l)], l)
		}
	}
	for _, name := range sortedKeys(groups) {
		resources := map[string]bool{}
		for _, l := range groups[name] {
			if l.Month == s.last {
				resources[l.Value("ResourceId")] = true
			}
		}
		lines := pick(groups[name], func(l *costs.Line) bool { return resources[l.Value("ResourceId")] })
		if !s.goesOn(lines) {
			continue
		}
		s.add(Opportunity{
			Type: "Unowned", Name: name, Annual: s.annual(costs.Sum(lines, costs.Effective)), From: loadsOf(lines), About: s.resources(resources),
			Why: practice.Count(len(resources), "resource has", "resources have") + " no owner: no tag, rule or application claims the cost. Ask the account's holder whether anybody needs them.",
		})
	}
}

// isUse reports whether a line is for using something, and not a purchase in advance, a tax, a credit, or a part of a commitment that nothing drew on.
func isUse(l *costs.Line) bool {
	category := l.Value("ChargeCategory")
	return (category == "" || category == "Usage") && !strings.EqualFold(l.Value("CommitmentDiscountStatus"), "Unused")
}

// resourceGroup names the group of resources that a line is in: the resource group of the provider, or the account.
func resourceGroup(l *costs.Line) string {
	account := cmp.Or(l.Value("SubAccountName"), l.Value("SubAccountId"), l.Value("ProviderName"))
	for _, column := range []string{"x_ResourceGroupName", "x_ResourceGroup", "ResourceGroup", "ResourceGroupName"} {
		if g := l.Value(column); g != "" {
			return account + " / " + g
		}
	}
	for name, value := range costs.ReadTags(l.Value("Tags")) {
		if n := strings.ToLower(name); n == "resource-group" || n == "resourcegroup" || n == "stack" {
			return account + " / " + value
		}
	}
	return account
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// resources returns the records of resources that the estate knows.
func (s *search) resources(ids map[string]bool) []practice.Link {
	var out []practice.Link
	for _, id := range sortedKeys(ids) {
		if rec := s.view.Identify("CloudResource", "cloud_resource", id); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// idle finds what is measured and not used at all, and costs nevertheless.
func (s *search) idle() {
	byRecord := s.byRecord()
	for _, ref := range s.refsOf(byRecord) {
		if n, measured := s.used(ref); measured > 0 && n == 0 && s.goesOn(byRecord[ref].lines) {
			rec := s.view.Get(ref)
			s.add(Opportunity{
				Type: "Idle", Name: rec.Base().Title(), About: []practice.Link{practice.To(rec)}, Annual: s.annual(byRecord[ref].sum), From: loadsOf(byRecord[ref].lines),
				Owner: practice.To(s.view.Get(rec.Base().Owner)), Why: fmt.Sprintf("its measured use has been 0 for %s.", practice.Count(measured, "month", "months")),
			})
		}
	}
}

// spent is what lines of one record add up to.
type spent struct {
	sum   facts.Sum
	lines []*costs.Line
}

// byRecord adds up the lines that belong to one record alone. What commitments cost that nothing draws on is told by itself.
func (s *search) byRecord() map[model.Ref]*spent {
	out := map[model.Ref]*spent{}
	for _, l := range s.lines {
		ref, ok := l.Owner()
		if !ok || strings.EqualFold(l.Value("CommitmentDiscountStatus"), "Unused") {
			continue
		}
		if out[ref] == nil {
			out[ref] = &spent{}
		}
		out[ref].sum.AddSum(l.Amount(costs.Effective))
		out[ref].lines = append(out[ref].lines, l)
	}
	return out
}

func (s *search) refsOf(m map[model.Ref]*spent) []model.Ref {
	var out []model.Ref
	for ref := range m {
		if s.view.Get(ref) != nil {
			out = append(out, ref)
		}
	}
	slices.SortFunc(out, func(a, b model.Ref) int { return slices.Compare(a[:], b[:]) })
	return out
}

// used returns how much of a record was used in the months, and in how many of them it was measured. Where it was not measured in the last one, that is none.
func (s *search) used(ref model.Ref) (float64, int) {
	n, months := 0.0, map[model.Date]bool{}
	for _, use := range costs.UsesOf(s.view).Of(ref) {
		if use.Month >= s.first && use.Month <= s.last {
			n += use.Quantity.Float()
			months[use.Month] = true
		}
	}
	if !months[s.last] {
		return n, 0
	}
	return n, len(months)
}

// unusedCommitments finds commitments that are paid and not drawn on.
func (s *search) unusedCommitments() {
	groups := map[string][]*costs.Line{}
	for _, l := range s.lines {
		if strings.EqualFold(l.Value("CommitmentDiscountStatus"), "Unused") {
			name := cmp.Or(l.Value("CommitmentDiscountName"), l.Value("CommitmentDiscountId"))
			groups[name] = append(groups[name], l)
		}
	}
	for _, name := range sortedKeys(groups) {
		lines := groups[name]
		if !s.goesOn(lines) {
			continue
		}
		s.add(Opportunity{
			Type: "Unused commitment", Name: name, Annual: s.annual(costs.Sum(lines, costs.Effective)), From: loadsOf(lines),
			Why: "this part of the commitment is paid for and nothing draws on it. Move use under it, sell it, or let it end.",
		})
	}
}

// duplicates finds applications that carry the same capability: the best of them stays, the others could go.
func (s *search) duplicates() {
	byRecord := s.byRecord()
	told := map[model.Ref]bool{}
	for capability := range estate.Each[*model.Capability](s.view) {
		var apps []*model.Application
		for e := range s.view.In(capability.Ref()) {
			app, ok := e.Record.(*model.Application)
			if ok && e.Field.Name == "capabilities" && app.PhaseAt(s.view.At()) != model.PhaseEndOfLife && byRecord[app.Ref()] != nil && s.goesOn(byRecord[app.Ref()].lines) && !slices.Contains(apps, app) {
				apps = append(apps, app)
			}
		}
		if len(apps) < 2 {
			continue
		}
		slices.SortStableFunc(apps, func(a, b *model.Application) int {
			return cmp.Or(cmp.Compare(worth(b), worth(a)), cmp.Compare(byRecord[a.Ref()].sum.Float(), byRecord[b.Ref()].sum.Float()), strings.Compare(a.Key, b.Key))
		})
		for _, app := range apps[1:] {
			if told[app.Ref()] || s.joined(app, apps[0]) {
				continue
			}
			told[app.Ref()] = true
			better := "serves it at least as well"
			if worth(app) == unrated {
				better = "costs no less; nobody has rated which of them serves better"
				if worth(apps[0]) != unrated {
					better = "is rated, which this one is not"
				}
			}
			s.add(Opportunity{
				Type: "Duplicate application", Name: app.Title(), About: []practice.Link{practice.To(app), practice.To(apps[0]), practice.To(capability)}, Annual: s.annual(byRecord[app.Ref()].sum),
				Owner: practice.To(s.view.Get(app.Owner)), From: loadsOf(byRecord[app.Ref()].lines),
				Why: fmt.Sprintf("%s carries %s too, and %s. Moving its users takes work: make a business case.", apps[0].Title(), capability.Title(), better),
			})
		}
	}
}

// joined reports whether one of two applications needs the other or data flows between them: then they share the work and do not do it twice.
func (s *search) joined(a, b *model.Application) bool {
	if slices.Contains(a.DependsOn, b.Ref()) || slices.Contains(b.DependsOn, a.Ref()) {
		return true
	}
	for e := range s.view.In(a.Ref()) {
		if i, ok := e.Record.(*model.Interface); ok && (i.From == b.Ref() || i.Into == b.Ref()) {
			return true
		}
	}
	return false
}

// worth ranks an application by how well it serves and how sound it is.
func worth(a *model.Application) int {
	rank := func(l model.Level) int {
		return slices.Index([]model.Level{"", model.LevelVeryLow, model.LevelLow, model.LevelMedium, model.LevelHigh, model.LevelVeryHigh}, l)
	}
	return 2*rank(a.BusinessValue) + rank(a.TechnicalFitness)
}

// unrated is the worth of an application that nobody has rated.
const unrated = 0

// shelfware finds licences of which more are bought than used. What was bought once and for all is not given back and saves nothing.
func (s *search) shelfware() {
	for licence := range estate.Each[*model.Licence](s.view) {
		if licence.Quantity <= 0 || licence.Perpetual || licence.Start > s.view.At() || !licence.End.IsZero() && licence.End < s.view.At() {
			continue
		}
		peak, measured := s.peak(licence)
		if !measured || peak >= licence.Quantity {
			continue
		}
		each := licence.UnitPrice
		if each.IsZero() {
			each = divide(licence.Cost, licence.Quantity)
		}
		price, ok := costs.NewRates(s.view, s.book.Currency).Convert(each, s.view.At())
		if !ok || price.IsZero() {
			continue
		}
		spare := int64(licence.Quantity - peak)
		s.add(Opportunity{
			Type: "Shelfware", Name: licence.Title(), About: []practice.Link{practice.To(licence)}, Owner: practice.To(s.view.Get(licence.Owner)),
			Annual: roundMoney(s.book.Money(sumOf(facts.Of(price).Mul(facts.NewDecimal(spare, 0))))),
			Why:    fmt.Sprintf("%g are bought and at most %g were used in a month.%s", licence.Quantity, peak, s.notice(licence)),
			From:   append([]practice.Link{practice.To(licence)}, s.usageLoads(licence.Ref())...),
		})
	}
}

// notice says until when a contract that a licence is part of can be ended.
func (s *search) notice(l *model.Licence) string {
	if c, ok := estate.Look[*model.Contract](s.view, l.Contract); ok && !c.End.IsZero() {
		return fmt.Sprintf(" The contract %s runs until %s.", c.Title(), c.End)
	}
	return ""
}

// peak returns the most of a licence that was used in one of the months: of itself, or of the only application that it is for.
func (s *search) peak(l *model.Licence) (float64, bool) {
	subjects := []model.Ref{l.Ref()}
	if len(l.Applications) == 1 {
		subjects = append(subjects, l.Applications[0])
	}
	first, last := s.usageMonths()
	for _, subject := range subjects {
		byMonth := map[model.Date]float64{}
		for _, use := range costs.UsesOf(s.view).Of(subject) {
			if use.Month >= first && use.Month <= last && slices.Contains(people, strings.ToLower(use.Metric)) {
				byMonth[use.Month] += use.Quantity.Float()
			}
		}
		most := 0.0
		for _, n := range byMonth {
			most = max(most, n)
		}
		if _, ok := byMonth[last]; ok {
			return most, true
		}
	}
	return 0, false
}

// usageMonths returns the months whose use counts: those looked at or, where there are no bills, as many before the day of the view.
func (s *search) usageMonths() (first, last model.Date) {
	if !s.last.IsZero() {
		return s.first, s.last
	}
	last = costs.FirstDay(s.view.At()).AddMonths(-1)
	return last.AddMonths(1 - s.months), last
}

// people are the metrics that count those who use something.
var people = []string{"users", "active users", "active_users", "licences", "licenses", "seats", "named users", "named_users", "people"}

func (s *search) usageLoads(ref model.Ref) []practice.Link {
	var out []practice.Link
	for _, use := range costs.UsesOf(s.view).Of(ref) {
		if link := practice.To(use.Load); use.Month >= s.first && !slices.Contains(out, link) {
			out = append(out, link)
		}
	}
	return out
}

// retired finds what costs although its life is over.
func (s *search) retired() {
	byRecord := s.byRecord()
	for _, ref := range s.refsOf(byRecord) {
		rec := s.view.Get(ref)
		life, ok := rec.(interface{ Phases() model.Lifecycle })
		if !ok || life.Phases().PhaseAt(s.first) != model.PhaseEndOfLife || !s.goesOn(byRecord[ref].lines) {
			continue
		}
		s.add(Opportunity{
			Type: "After end of life", Name: rec.Base().Title(), About: []practice.Link{practice.To(rec)}, Annual: s.annual(byRecord[ref].sum), From: loadsOf(byRecord[ref].lines),
			Owner: practice.To(s.view.Get(rec.Base().Owner)), Why: fmt.Sprintf("its life ended on %s and it is still paid for.", life.Phases().EndOfLife),
		})
	}
}

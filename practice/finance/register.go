package finance

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// SavingsRegisterIn says which savings are listed.
type SavingsRegisterIn struct {
	// State limits the list to savings that are so far.
	State model.SavingState
}

// SavingsRegisterOut is the register of savings.
type SavingsRegisterOut struct {
	// Banked is what the books show as saved in a year.
	Banked practice.Figure
	// UnderWay is what is agreed or being carried out, in a year.
	UnderWay practice.Figure
	// Found is what was found and not decided on, in a year.
	Found practice.Figure
	// Findings name savings that are late, that nobody owns and that the books do not show.
	Findings []practice.Finding
	// Table lists the savings, the largest first.
	Table practice.Table[SavingRow]
}

// SavingRow is one saving of the register.
type SavingRow struct {
	// Saving is the record.
	Saving practice.Link
	// State says how far it is.
	State model.SavingState
	// Owner is who answers for it.
	Owner practice.Link
	// Annual is what is to be saved in a year.
	Annual model.Money
	// OneOff is what it costs once.
	OneOff model.Money
	// Due is the day from which it is to count.
	Due model.Date
	// Banked is what was written down as saved in a year.
	Banked model.Money
	// InTheBooks is how much less the records cost in a year since then, by the lines of bills. Empty where that cannot be told.
	InTheBooks model.Money
	// About are the records that the money is saved on.
	About []practice.Link
}

// SavingsRegister follows savings from found to banked: what is decided, what is late,
// who answers for it, and whether the books show what was banked: the cost of the
// same records in the three months before and after.
func SavingsRegister(v estate.View, in SavingsRegisterIn) (SavingsRegisterOut, error) {
	var out SavingsRegisterOut
	book := costs.Of(v)
	rates := costs.NewRates(v, book.Currency)
	sums := map[model.SavingState]*facts.Sum{}
	links := map[model.SavingState][]practice.Link{}
	lost := map[model.SavingState]int{}
	for s := range estate.Each[*model.Saving](v) {
		state := cmp.Or(s.State, "found")
		if in.State != "" && state != in.State {
			continue
		}
		amount := s.Annual
		if state == "banked" && !s.Banked.IsZero() {
			amount = s.Banked
		}
		if converted, ok := rates.Convert(amount, v.At()); ok {
			if sums[state] == nil {
				sums[state] = &facts.Sum{}
			}
			sums[state].Add(facts.Of(converted))
		} else {
			lost[state]++
		}
		links[state] = append(links[state], practice.To(s))
		row := SavingRow{Saving: practice.To(s), State: state, Owner: practice.To(v.Get(s.Owner)), Annual: s.Annual, OneOff: s.OneOff, Due: s.Due, Banked: s.Banked, InTheBooks: inTheBooks(v, book, s)}
		for _, ref := range s.About {
			if rec := v.Get(ref); rec != nil {
				row.About = append(row.About, practice.To(rec))
			}
		}
		out.Table.Rows = append(out.Table.Rows, row)
		out.Findings = append(out.Findings, savingFindings(v, s, row)...)
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b SavingRow) int {
		return cmp.Or(cmp.Compare(b.Annual.Float(), a.Annual.Float()), strings.Compare(a.Saving.Key, b.Saving.Key))
	})
	figure := func(states ...model.SavingState) practice.Figure {
		var sum facts.Sum
		var from []practice.Link
		without := 0
		for _, state := range states {
			without += lost[state]
			if sums[state] != nil {
				sum.AddSum(*sums[state])
			}
			from = append(from, links[state]...)
		}
		f := moneyFigure(roundMoney(book.Money(sum)), from, "")
		f.Better = practice.Higher
		if without > 0 {
			f.Note = practice.Count(without, "saving is", "savings are") + " not in it, because there is no exchange rate."
		}
		return f
	}
	out.Banked, out.UnderWay, out.Found = figure("banked"), figure("agreed", "under_way"), figure("found")
	out.Found.Better = practice.Neither
	if len(out.Table.Rows) == 0 {
		out.Table.Note = "The register is empty: ask finance.savings and register what is worth it."
	}
	return out, nil
}

func savingFindings(v estate.View, s *model.Saving, row SavingRow) []practice.Finding {
	var out []practice.Finding
	tell := func(severity practice.Severity, format string, args ...any) {
		out = append(out, practice.Finding{Severity: severity, Text: fmt.Sprintf(format, args...), About: row.Saving, Owner: row.Owner})
	}
	open := row.State == "found" || row.State == "agreed" || row.State == "under_way"
	if open && row.Owner.IsZero() {
		tell(practice.Low, "%s has no owner: nobody carries it out.", s.Title())
	}
	if open && !s.Due.IsZero() && s.Due < v.At() {
		tell(practice.Medium, "%s was to count from %s and is %s.", s.Title(), s.Due, row.State)
	}
	if row.State == "banked" && !row.InTheBooks.IsZero() && row.InTheBooks.Float() < s.Banked.Float()/2 {
		tell(practice.High, "%s is banked as %s a year and the books show %s.", s.Title(), s.Banked, row.InTheBooks)
	}
	return out
}

// inTheBooks returns how much less the records of a saving cost in a year after it was banked than before.
func inTheBooks(v estate.View, book *costs.Book, s *model.Saving) model.Money {
	if s.State != "banked" || s.BankedOn.IsZero() || len(s.About) == 0 {
		return model.Money{}
	}
	// The month in which it was banked is half and half, unless it was on its first day.
	old := costs.FirstDay(s.BankedOn)
	month := old
	if s.BankedOn != old {
		month = old.AddMonths(1)
	}
	first, last, ok := book.Span()
	if !ok || month.AddMonths(3) > min(costs.LastDay(last).AddDays(1), v.At()) || old.AddMonths(-3) < first {
		return model.Money{}
	}
	resources := map[string]bool{}
	for _, ref := range s.About {
		if r, ok := estate.Look[*model.CloudResource](v, ref); ok && r.ResourceID != "" {
			resources[strings.ToLower(r.ResourceID)] = true
		}
	}
	cost := func(from model.Date) facts.Sum {
		return costs.Sum(pick(parted(book.Between(from, costs.LastDay(from.AddMonths(2)))), func(l *costs.Line) bool {
			return slices.ContainsFunc(s.About, func(ref model.Ref) bool { return belongs(l, ref) }) || len(resources) > 0 && resources[strings.ToLower(l.Value("ResourceId"))]
		}), costs.Effective)
	}
	before, after := cost(old.AddMonths(-3)), cost(month)
	if before.Sign() == 0 {
		return model.Money{}
	}
	before.Sub(after)
	return roundMoney(book.Money(sumOf(before.Decimal().Mul(facts.NewDecimal(4, 0)))))
}

// RegisterSavingIn says which saving goes into the register.
type RegisterSavingIn struct {
	// Name is the name of the saving, as finance.savings tells it.
	Name string `is:"required"`
	// Type is the sort of saving, as finance.savings tells it. Unset means any.
	Type string
	// Owner is who answers for it. Unset means who answers for what it is about.
	Owner model.Ref `to:"Person,Team"`
	// Due is the day from which it is to count.
	Due model.Date
}

// RegisterSaving puts a saving that finance.savings has found into the register.
func RegisterSaving(v estate.View, in RegisterSavingIn) (practice.Proposal, error) {
	found, err := Savings(v, SavingsIn{})
	if err != nil {
		return practice.Proposal{}, err
	}
	for _, o := range found.Table.Rows {
		if !strings.EqualFold(o.Name, in.Name) || in.Type != "" && !strings.EqualFold(o.Type, in.Type) {
			continue
		}
		if !o.Register.IsZero() {
			return practice.Proposal{}, model.Problem{Field: "name", Text: fmt.Sprintf("%s is in the register already: %s", o.Name, o.Register)}
		}
		s := &model.Saving{Annual: o.Annual, State: "found", Found: v.At(), Due: in.Due, Evidence: o.Why, Question: "finance.savings"}
		s.Key, s.Name, s.Tags = practice.FreeKey(v, "Saving", slug(o.Type+" "+o.Name)), o.Name, []string{o.Type}
		s.Owner = in.Owner
		if s.Owner.IsZero() && !o.Owner.IsZero() {
			s.Owner = model.Ref(o.Owner.ID)
		}
		for _, link := range o.About {
			s.About = append(s.About, model.Ref(link.ID))
		}
		return create(v, "Register the saving on "+o.Name, s), nil
	}
	return practice.Proposal{}, model.Problem{Field: "name", Text: fmt.Sprintf("finance.savings finds nothing that is called %q", in.Name)}
}

// create proposes a new record.
func create(v estate.View, why string, records ...model.Record) practice.Proposal {
	out := practice.Proposal{Why: why}
	for _, rec := range records {
		k := v.Schema().Of(rec)
		rec.Base().ID = practice.NewID(v, k.Name, rec.Base().Key)
		change, _ := model.Difference(k, nil, rec)
		out.Changes = append(out.Changes, change)
	}
	return out
}

var notKey = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes a key of a text.
func slug(text string) string {
	key := strings.Trim(notKey.ReplaceAllString(strings.ToLower(text), "-"), "-")
	return cmp.Or(strings.Trim(key[:min(len(key), 60)], "-"), "one")
}

// MapCostIn says which lines belong to what.
type MapCostIn struct {
	// For is the record that the lines belong to.
	For model.Ref `to:"Application,Service,Product,Team,BusinessUnit,CostCentre,Project,Capability,Initiative" is:"required"`
	// Service limits the rule to lines with this service.
	Service string
	// Account limits the rule to lines of this account, by its name or id.
	Account string
	// Column limits the rule to lines that have a value in this column. A tag is written tag:name.
	Column string
	// Value is that value.
	Value string
	// Purpose says what the money is spent for.
	Purpose model.Purpose
}

// MapCost writes a cost rule, so that lines which belonged to nobody belong to a record from now on, and for the past too.
func MapCost(v estate.View, in MapCostIn) (practice.Proposal, error) {
	r := &model.CostRule{Order: 1000, For: []model.CostShare{{To: in.For}}, Purpose: in.Purpose}
	equal := func(column, value string) {
		r.When = append(r.When, model.CostCondition{Column: column, Is: "equals", Value: value})
	}
	if in.Service != "" {
		equal("ServiceName", in.Service)
	}
	if in.Account != "" {
		equal(accountColumn(v, in.Account), in.Account)
	}
	if in.Column != "" {
		if strings.TrimSpace(in.Value) == "" {
			return practice.Proposal{}, model.Problem{Field: "value", Text: fmt.Sprintf("say which value of %s is meant", in.Column)}
		}
		equal(in.Column, in.Value)
	}
	if len(r.When) == 0 {
		return practice.Proposal{}, model.Problem{Field: "service", Text: "say which lines are meant: by service, by account, or by a column and its value"}
	}
	to := v.Get(in.For)
	if to == nil {
		return practice.Proposal{}, model.Problem{Field: "for", Text: "say whom the lines belong to"}
	}
	r.Key = practice.FreeKey(v, "CostRule", slug(strings.Join([]string{in.Service, in.Account, in.Value, to.Base().Key}, " ")))
	r.Name = strings.TrimSpace(strings.Join([]string{cmp.Or(in.Service, in.Value, "Lines"), in.Account}, " ")) + " for " + to.Base().Title()
	return create(v, "Map cost to "+to.Base().Title(), r), nil
}

// accountColumn says whether an account is named by its name or by its id.
func accountColumn(v estate.View, account string) string {
	for _, l := range costs.Of(v).Lines {
		if strings.EqualFold(l.Value("SubAccountId"), account) {
			return "SubAccountId"
		}
		if strings.EqualFold(l.Value("x_CostCentre"), account) {
			return "x_CostCentre"
		}
	}
	return "SubAccountName"
}

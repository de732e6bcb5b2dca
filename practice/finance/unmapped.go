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

// UnmappedIn says which lines are looked at.
type UnmappedIn struct {
	// From is the first day. Months count as a whole. Unset means the last twelve months that have lines.
	From model.Date
	// Until is the last day.
	Until model.Date
}

// UnmappedOut is the money of which nobody knows whom it serves.
type UnmappedOut struct {
	// Unmapped is the effective cost of lines that belong to nobody.
	Unmapped practice.Figure
	// Share is the part of all effective cost.
	Share practice.Figure
	// Findings say what to do first.
	Findings []practice.Finding
	// Sources are what the lines have in common, the dearest first.
	Sources practice.Table[UnmappedRow]
	// LostTags are values of tags that name no record, although a rule asks for them.
	LostTags practice.Table[LostRow]
	// LeftOut are lines that rules leave out, because other loads have them in more detail.
	LeftOut practice.Table[LeftOutRow]
}

// UnmappedRow is lines without an owner that have account and service in common.
type UnmappedRow struct {
	// Provider is the company that sent the lines.
	Provider string
	// Account is the account that the lines are in.
	Account string
	// Service is the service or, where the lines have none, what else says what they are about.
	Service string
	// Column is the column that this stands in, such as ServiceName or x_LedgerAccount.
	Column string
	// Effective is the cost.
	Effective model.Money
	// Share is the part of all effective cost.
	Share model.Percent `unit:"%"`
	// Tags are the names of the tags that the lines have.
	Tags []string
	// From are the loads that the lines are in.
	From []practice.Link
}

// LostRow is the value of a tag that names no record.
type LostRow struct {
	// Value is the value of the tag.
	Value string
	// Near is the record with the most similar key, where there is a similar one.
	Near practice.Link
	// Effective is the cost of the lines with this value.
	Effective model.Money
	// From are the loads that the lines are in.
	From []practice.Link
}

// LeftOutRow is money that a rule leaves out.
type LeftOutRow struct {
	// Rule is the cost rule.
	Rule practice.Link
	// Billed is what the lines add up to.
	Billed model.Money
	// Lines is how many lines there are.
	Lines int
}

// Unmapped lists the money of which nobody knows whom it serves: by account and
// service, with the tags that a rule could use, and the values of tags that name
// no record. No line is ever dropped: what no rule fits is here.
func Unmapped(v estate.View, in UnmappedIn) (UnmappedOut, error) {
	return remember(unmappedIn)(v, in)
}

func unmappedIn(v estate.View, in UnmappedIn) (UnmappedOut, error) {
	book := costs.Of(v)
	from, until := lastYear(v, book, in.From, in.Until)
	lines := book.Between(from, until)
	lost := pick(lines, func(l *costs.Line) bool { return l.Unmapped() })
	var out UnmappedOut
	part, whole := costs.Sum(lost, costs.Effective), costs.Sum(lines, costs.Effective)
	out.Unmapped = moneyFigure(book.Money(part), loadsOf(lost), window(from, until))
	out.Unmapped.Better = practice.Lower
	target := 5.0
	out.Share = practice.Figure{Value: float64(percent(part, whole)), Unit: "%", Better: practice.Lower, Target: &target, From: loadsOf(lost)}
	out.Sources = unmappedSources(book, lost, whole)
	out.LostTags = lostTags(v, book, lost)
	for _, row := range out.LostTags.Rows {
		f := practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("The tag value %q names no record: %s is lost to it.", row.Value, roundMoney(row.Effective)), From: row.From}
		if !row.Near.IsZero() {
			f.Text += fmt.Sprintf(" Perhaps %s is meant.", row.Near.Key)
			f.About = row.Near
		}
		out.Findings = append(out.Findings, f)
	}
	for i, row := range out.Sources.Rows {
		if i == 5 {
			break
		}
		if row.Effective.Sign() <= 0 {
			continue
		}
		out.Findings = append(out.Findings, practice.Finding{
			Severity: practice.Low, From: row.From, Text: fmt.Sprintf("%s of %s in %s belongs to nobody.", roundMoney(row.Effective), cmp.Or(row.Service, "lines without a service"), cmp.Or(row.Account, row.Provider, "bills without a provider")),
			Mend: &practice.Mend{Action: "finance.map_cost", Parameters: mapParameters(row)},
		})
	}
	out.LeftOut = leftOut(book, from, until)
	return out, nil
}

// mapParameters are what the action that maps a source is asked with.
func mapParameters(row UnmappedRow) map[string]string {
	out := map[string]string{}
	switch row.Column {
	case "":
	case "ServiceName":
		out["service"] = row.Service
	default:
		out["column"], out["value"] = row.Column, row.Service
	}
	if row.Account != "" {
		out["account"] = row.Account
	}
	return out
}

// lastYear returns the days asked for or, where none are, the last twelve months that have lines and have begun. It never
// returns more than the months that have lines.
func lastYear(v estate.View, book *costs.Book, from, until model.Date) (model.Date, model.Date) {
	first, last, ok := book.Span()
	if !ok {
		return 0, 0
	}
	if now := costs.FirstDay(v.At()); until.IsZero() && first <= now {
		last = min(last, now)
	}
	if end := costs.LastDay(last); until.IsZero() || until > end {
		until = end
	}
	if from.IsZero() {
		from = costs.FirstDay(until).AddMonths(-11)
	}
	return max(from, first), until
}

func window(from, until model.Date) string {
	if from.IsZero() || until.IsZero() {
		return ""
	}
	return fmt.Sprintf("From %s until %s.", from, until)
}

func unmappedSources(book *costs.Book, lines []*costs.Line, whole facts.Sum) practice.Table[UnmappedRow] {
	type key struct{ provider, account, service, column string }
	groups := map[key][]*costs.Line{}
	for _, l := range lines {
		k := key{provider: l.Value("ProviderName"), account: cmp.Or(l.Value("SubAccountName"), l.Value("SubAccountId"), l.Value("x_CostCentre"))}
		for _, column := range []string{"ServiceName", "x_LedgerAccount", "x_Text", "ChargeDescription"} {
			if value := l.Value(column); value != "" {
				k.service, k.column = value, column
				break
			}
		}
		groups[k] = append(groups[k], l)
	}
	var t practice.Table[UnmappedRow]
	for k, lines := range groups {
		sum := costs.Sum(lines, costs.Effective)
		t.Rows = append(t.Rows, UnmappedRow{k.provider, k.account, k.service, k.column, book.Money(sum), percent(sum, whole), tagNames(lines), loadsOf(lines)})
	}
	slices.SortFunc(t.Rows, func(a, b UnmappedRow) int {
		return cmp.Or(cmp.Compare(b.Effective.Float(), a.Effective.Float()), strings.Compare(a.Provider, b.Provider), strings.Compare(a.Account, b.Account), strings.Compare(a.Service, b.Service))
	})
	return t
}

// tagNames returns the names of the tags that lines have, in order.
func tagNames(lines []*costs.Line) []string {
	seen := map[string]bool{}
	done := map[string]bool{"": true}
	for _, l := range lines {
		text := l.Value("Tags")
		if done[text] {
			continue
		}
		done[text] = true
		for name := range costs.ReadTags(text) {
			seen[name] = true
		}
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func lostTags(v estate.View, book *costs.Book, lines []*costs.Line) practice.Table[LostRow] {
	groups := map[string][]*costs.Line{}
	for _, l := range lines {
		if l.Lost != "" {
			groups[l.Lost] = append(groups[l.Lost], l)
		}
	}
	var t practice.Table[LostRow]
	for value, lines := range groups {
		t.Rows = append(t.Rows, LostRow{value, nearest(v, value), book.Money(costs.Sum(lines, costs.Effective)), loadsOf(lines)})
	}
	slices.SortFunc(t.Rows, func(a, b LostRow) int {
		return cmp.Or(cmp.Compare(b.Effective.Float(), a.Effective.Float()), strings.Compare(a.Value, b.Value))
	})
	return t
}

// nearest returns the application, service, product or team whose key differs from a text in the fewest letters, where that is at most two.
func nearest(v estate.View, text string) practice.Link {
	text = strings.ToLower(text)
	best, most := model.Record(nil), 3
	for _, kind := range []string{"Application", "Service", "Product", "Team"} {
		for rec := range v.All(kind) {
			if d := distance(text, strings.ToLower(rec.Base().Key), most); d < most {
				best, most = rec, d
			}
		}
	}
	return practice.To(best)
}

// distance returns how many letters must be added, taken away or replaced to make one text of the other (Levenshtein), at most a limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}

// within reports whether the month of a line is in a time. Unset days do not limit.
func within(l *costs.Line, from, until model.Date) bool {
	return (from.IsZero() || l.Month >= costs.FirstDay(from)) && (until.IsZero() || l.Month <= until)
}

func leftOut(book *costs.Book, from, until model.Date) practice.Table[LeftOutRow] {
	groups := map[*model.CostRule][]*costs.Line{}
	for _, l := range book.LeftOut {
		if !within(l, from, until) {
			continue
		}
		for _, rule := range l.Rules {
			if rule.LeaveOut {
				groups[rule] = append(groups[rule], l)
				break
			}
		}
	}
	var t practice.Table[LeftOutRow]
	for rule, lines := range groups {
		row := LeftOutRow{Rule: practice.To(rule), Billed: book.Money(costs.Sum(lines, costs.Billed))}
		for _, l := range lines {
			row.Lines += int(l.Count)
		}
		t.Rows = append(t.Rows, row)
	}
	slices.SortFunc(t.Rows, func(a, b LeftOutRow) int { return strings.Compare(a.Rule.Key, b.Rule.Key) })
	return t
}

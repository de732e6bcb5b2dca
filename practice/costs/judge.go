package costs

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
)

// judge finds out whom lines belong to: by the cost rules first, and then by what the estate knows.
type judge struct {
	view  estate.View
	rules []rule
	// edges are the first days of the months with which some rule begins or has ceased to hold. Between two of them, the same rules hold.
	edges []model.Date
	tags  map[string]model.Ref
	names map[string]map[string]model.Ref
	pools []poolAccount
	read  map[string]map[string]string
}

type rule struct {
	*model.CostRule
	conditions []condition
}

type condition struct {
	column string
	tag    bool
	is     model.CostComparison
	values []string
}

type poolAccount struct {
	account string
	prefix  bool
	pool    model.Ref
}

func newJudge(v estate.View) *judge {
	j := &judge{view: v, tags: map[string]model.Ref{}, names: map[string]map[string]model.Ref{}, read: map[string]map[string]string{}}
	for r := range estate.Each[*model.CostRule](v) {
		compiled := rule{CostRule: r}
		for _, c := range r.When {
			compiled.conditions = append(compiled.conditions, newCondition(c))
		}
		j.rules = append(j.rules, compiled)
		if !r.From.IsZero() {
			j.edges = append(j.edges, FirstDay(r.From))
		}
		if !r.Until.IsZero() {
			j.edges = append(j.edges, FirstDay(r.Until).AddMonths(1))
		}
	}
	slices.SortStableFunc(j.rules, func(a, b rule) int { return cmp.Compare(a.Order, b.Order) })
	slices.Sort(j.edges)
	j.edges = slices.Compact(j.edges)
	for p := range estate.Each[*model.CostPool](v) {
		for _, a := range p.Accounts {
			account, prefix := strings.CutSuffix(strings.TrimSpace(a), "*")
			j.pools = append(j.pools, poolAccount{account, prefix, p.Ref()})
		}
	}
	// The longest number is the most exact one.
	slices.SortStableFunc(j.pools, func(a, b poolAccount) int { return len(b.account) - len(a.account) })
	return j
}

func newCondition(c model.CostCondition) condition {
	out := condition{column: strings.ToLower(strings.TrimSpace(c.Column)), is: c.Is}
	if tag, ok := strings.CutPrefix(out.column, "tag:"); ok {
		out.column, out.tag = strings.TrimSpace(tag), true
	}
	values := []string{c.Value}
	if c.Is == "one_of" {
		values = strings.Split(c.Value, ",")
	}
	for _, v := range values {
		out.values = append(out.values, strings.ToLower(strings.TrimSpace(v)))
	}
	return out
}

// holds reports whether the value of a column meets the condition.
func (c *condition) holds(value string) bool {
	value = strings.TrimSpace(value)
	switch c.is {
	case "not":
		return !strings.EqualFold(value, c.values[0])
	case "starts":
		return strings.HasPrefix(strings.ToLower(value), c.values[0])
	case "contains":
		return strings.Contains(strings.ToLower(value), c.values[0])
	case "set":
		return value != ""
	case "empty":
		return value == ""
	}
	return slices.ContainsFunc(c.values, func(one string) bool { return strings.EqualFold(one, value) })
}

// columns knows where the columns of a load are.
type columns struct {
	names []string
	exact map[string]int
	place map[string]int
	tags  int
	// read are the tags of texts that were read before, with their names in lower case.
	read map[string]map[string]string
}

func (j *judge) columns(r *facts.Rollup) *columns {
	c := &columns{names: r.Columns, exact: map[string]int{}, place: map[string]int{}, tags: r.Column("Tags"), read: j.read}
	for i, name := range r.Columns {
		c.exact[name] = i
		c.place[strings.ToLower(name)] = i
	}
	return c
}

// row is the values of one item, with its tags read where somebody asks for them.
type row struct {
	*columns
	values []string
	tagged map[string]string
}

// value returns the value of a column, whose name is in lower case.
func (r *row) value(column string) string {
	if i, ok := r.place[column]; ok {
		return r.values[i]
	}
	return ""
}

// mostRead is how many different texts of tags are remembered.
const mostRead = 100_000

// tag returns the value of a tag. Names of tags are compared without regard to case.
func (r *row) tag(name string) string {
	if r.tags < 0 {
		return ""
	}
	if r.tagged == nil {
		r.tagged = r.readTags(r.values[r.tags])
	}
	return r.tagged[strings.ToLower(name)]
}

func (c *columns) readTags(text string) map[string]string {
	tagged, ok := c.read[text]
	if ok {
		return tagged
	}
	raw := ReadTags(text)
	tagged = make(map[string]string, len(raw))
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		tagged[strings.ToLower(name)] = raw[name]
	}
	if len(c.read) < mostRead {
		c.read[text] = tagged
	}
	return tagged
}

// ReadTags reads tags as FOCUS writes them: one JSON object as text. What is not text is written as JSON.
func ReadTags(text string) map[string]string {
	if text == "" {
		return nil
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil
	}
	out := make(map[string]string, len(raw))
	for name, value := range raw {
		var s string
		if json.Unmarshal(value, &s) != nil {
			s = string(value)
		}
		out[name] = s
	}
	return out
}

// era numbers the times between which the same rules hold.
func (j *judge) era(day model.Date) int {
	i, found := slices.BinarySearch(j.edges, day)
	if found {
		i++
	}
	return i
}

// answer says what is known about an item in a month.
func (j *judge) answer(c *columns, values []string, month model.Date) Answer {
	r := &row{columns: c, values: values}
	var a Answer
	for i := range j.rules {
		rule := &j.rules[i]
		if !rule.From.IsZero() && month < FirstDay(rule.From) || !rule.Until.IsZero() && month > rule.Until || !rule.fits(r) {
			continue
		}
		if j.apply(rule.CostRule, r, &a) {
			a.Rules = append(a.Rules, rule.CostRule)
		}
	}
	j.know(r, &a)
	return a
}

func (r *rule) fits(row *row) bool {
	for i := range r.conditions {
		c := &r.conditions[i]
		value := ""
		if c.tag {
			value = row.tag(c.column)
		} else {
			value = row.value(c.column)
		}
		if !c.holds(value) {
			return false
		}
	}
	return true
}

// apply answers what is still open and what a rule answers. It reports whether it answered anything.
func (j *judge) apply(rule *model.CostRule, r *row, a *Answer) bool {
	answered := false
	if len(a.For) == 0 {
		if len(rule.For) > 0 {
			a.For, a.Lost, answered = j.sharesOf(rule.For), "", true
		} else if rule.ForTag != "" {
			if value := r.tag(rule.ForTag); value != "" {
				if ref := j.tagged(value); !ref.IsZero() {
					a.For, a.Lost, answered = []Share{{ref, 1}}, "", true
				} else {
					a.Lost = value
				}
			}
		}
	}
	for _, one := range []struct {
		of   *model.Ref
		says model.Ref
	}{{&a.Vendor, rule.Vendor}, {&a.Contract, rule.Contract}, {&a.CostCentre, rule.CostCentre}, {&a.Pool, rule.Pool}, {&a.Tower, rule.Tower}} {
		if one.of.IsZero() && !one.says.IsZero() && j.view.Get(one.says) != nil {
			*one.of, answered = one.says, true
		}
	}
	if a.Purpose == "" && rule.Purpose != "" {
		a.Purpose, answered = rule.Purpose, true
	}
	if a.Treatment == "" && rule.Treatment != "" {
		a.Treatment, answered = rule.Treatment, true
	}
	if rule.LeaveOut && !a.LeaveOut {
		a.LeaveOut, answered = true, true
	}
	return answered
}

// sharesOf returns the parts of a rule: those that were given, or equal ones. The part of a record that is gone or out of sight stays a part, without a record.
func (j *judge) sharesOf(list []model.CostShare) []Share {
	given := slices.ContainsFunc(list, func(s model.CostShare) bool { return s.Share > 0 })
	var out []Share
	for _, s := range list {
		one := Share{s.To, 1}
		if given {
			one.Weight = s.Share
		}
		if j.view.Get(s.To) == nil {
			one.To = model.Ref{}
		}
		if one.Weight > 0 {
			out = append(out, one)
		}
	}
	return out
}

// taggable are the kinds whose keys and names tags can have, the most exact first.
var taggable = []string{"Application", "Service", "Product", "Project", "Team", "BusinessUnit", "CostCentre"}

// tagged returns the record that the value of a tag names by key or name, or an unset ref.
func (j *judge) tagged(value string) model.Ref {
	ref, ok := j.tags[value]
	if !ok {
		for _, kind := range taggable {
			if ref = j.named(kind, value); !ref.IsZero() {
				break
			}
		}
		j.tags[value] = ref
	}
	return ref
}

// named returns the record of a kind that has a text as its key, its name or its number in the books, whatever the case.
func (j *judge) named(kind, text string) model.Ref {
	text = strings.ToLower(strings.TrimSpace(text))
	if text == "" {
		return model.Ref{}
	}
	index := j.names[kind]
	if index == nil {
		index = map[string]model.Ref{}
		for rec := range j.view.All(kind) {
			m := rec.Base()
			names := []string{m.Key, m.Name}
			switch rec := rec.(type) {
			case *model.CostCentre:
				names = append(names, rec.Number)
			case *model.Vendor:
				names = append(names, rec.Number)
			case *model.CloudAccount:
				names = []string{rec.AccountID}
			case *model.CloudResource:
				names = []string{rec.ResourceID}
			case *model.Contract:
				names = append(names, rec.Number)
			}
			for _, n := range names {
				if n = strings.ToLower(n); n != "" {
					if _, taken := index[n]; !taken {
						index[n] = m.Ref()
					}
				}
			}
		}
		j.names[kind] = index
	}
	return index[text]
}

// know answers from the estate what no rule has answered: the account and the resource of the line, the numbers of the ledger.
func (j *judge) know(r *row, a *Answer) {
	if len(a.For) == 0 {
		if res := j.named("CloudResource", r.value("resourceid")); !res.IsZero() {
			for e := range j.view.In(res) {
				switch e.Record.(type) {
				case *model.Application, *model.Service:
					one := Share{e.Record.Base().Ref(), 1}
					if (e.Field.Name == "runs_on" || e.Field.Name == "built_from") && !slices.Contains(a.For, one) {
						a.For = append(a.For, one)
					}
				}
			}
		}
	}
	account, _ := estate.Look[*model.CloudAccount](j.view, j.named("CloudAccount", cmp.Or(r.value("subaccountid"), r.value("billingaccountid"))))
	if a.CostCentre.IsZero() {
		a.CostCentre = j.named("CostCentre", r.value("x_costcentre"))
		if a.CostCentre.IsZero() && account != nil {
			a.CostCentre = account.CostCentre
		}
	}
	if a.Vendor.IsZero() {
		for _, column := range []string{"x_vendor", "invoiceissuername", "providername", "publishername"} {
			if a.Vendor = j.named("Vendor", r.value(column)); !a.Vendor.IsZero() {
				break
			}
		}
		if a.Vendor.IsZero() && account != nil {
			a.Vendor = account.Vendor
		}
	}
	if a.Pool.IsZero() {
		if number := strings.TrimSpace(r.value("x_ledgeraccount")); number != "" {
			for _, p := range j.pools {
				if number == p.account || p.prefix && strings.HasPrefix(number, p.account) {
					a.Pool = p.pool
					break
				}
			}
		}
	}
}

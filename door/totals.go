package door

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// MostTotalled is how many records totals and groups are made of at most, so that a list of any length stays quick.
const MostTotalled = 200_000

// Sum is the sum of one column: a number, or money of each currency.
type Sum struct {
	// Field is the column.
	Field *model.Field
	// Number is the sum of numbers.
	Number float64
	// Money are the sums of money, one for each currency, by currency.
	Money []model.Money
	// Duration is the sum of lengths of time.
	Duration model.Duration
	// Set is how many records have a value.
	Set int
}

// Totals are the sums of the columns of a listing over its records.
type Totals struct {
	// Count is how many records were added up.
	Count int
	// All is how many records there are.
	All int
	// Sums are in the order of the columns. Columns that cannot be added up have none.
	Sums []Sum
}

// Whole reports whether every record was added up.
func (t Totals) Whole() bool { return t.Count == t.All }

// GroupTotals are the totals of the records that share a value.
type GroupTotals struct {
	Totals
	// Value is the value as a person would type it, or empty where the records have none.
	Value string
	// Ref is the record that the value points to, where the field is a link.
	Ref model.Ref
}

// Sums reports whether values of a field can be added up.
func Sums(f *model.Field) bool {
	switch f.Type {
	case model.IntegerField, model.NumberField, model.MoneyField, model.DurationField:
		return !f.System && f.Name != "order"
	}
	return false
}

// newTotals returns totals of nothing.
func (l Listing) newTotals() Totals {
	var t Totals
	for _, f := range l.Columns {
		if Sums(f) {
			t.Sums = append(t.Sums, Sum{Field: f})
		}
	}
	return t
}

func (t *Totals) add(rec model.Record) {
	t.Count++
	for i := range t.Sums {
		t.Sums[i].add(rec)
	}
}

func (s *Sum) add(rec model.Record) {
	switch v := s.Field.Get(rec).(type) {
	case nil:
		return
	case int:
		s.Number += float64(v)
	case float64:
		s.Number += v
	case model.Duration:
		s.Duration += v
	case model.Money:
		i, found := slices.BinarySearchFunc(s.Money, v.Currency(), func(m model.Money, c string) int { return cmp.Compare(m.Currency(), c) })
		if !found {
			s.Money = slices.Insert(s.Money, i, v)
		} else if sum, err := s.Money[i].Add(v); err == nil {
			s.Money[i] = sum
		}
	}
	s.Set++
}

// Text writes the sum for people. Sums of money in several currencies stand behind each other.
func (s Sum) Text() string {
	switch {
	case s.Set == 0:
		return ""
	case s.Field.Type == model.MoneyField:
		var parts []string
		for _, m := range s.Money {
			parts = append(parts, m.String())
		}
		return strings.Join(parts, " + ")
	case s.Field.Type == model.DurationField:
		return s.Duration.String()
	}
	return model.Percent(s.Number).String()
}

// Total adds up the columns of a listing.
func (l Listing) Total(v estate.View) (Totals, error) {
	t := l.newTotals()
	page, err := v.List(l.limited())
	if err != nil {
		return t, err
	}
	for _, rec := range page.Records {
		t.add(rec)
	}
	t.All = page.Total
	return t, nil
}

func (l Listing) limited() estate.Query {
	q := l.Query()
	q.Sort, q.Limit = nil, MostTotalled
	return q
}

// Groups counts and adds up the records of a listing by the values of its group field, the largest group first. A record
// with several values is in several groups. All tells whether every record was looked at.
func (l Listing) Groups(v estate.View) (groups []GroupTotals, all bool, err error) {
	page, err := v.List(l.limited())
	if err != nil {
		return nil, false, err
	}
	at := map[string]int{}
	put := func(value string, ref model.Ref, rec model.Record) {
		i, ok := at[value]
		if !ok {
			i = len(groups)
			at[value] = i
			groups = append(groups, GroupTotals{Totals: l.newTotals(), Value: value, Ref: ref})
		}
		groups[i].add(rec)
	}
	for _, rec := range page.Records {
		l.eachValue(v, rec, put)
	}
	for i := range groups {
		groups[i].All = groups[i].Count
	}
	slices.SortStableFunc(groups, func(a, b GroupTotals) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return groups, len(page.Records) == page.Total, nil
}

func (l Listing) eachValue(v estate.View, rec model.Record, put func(string, model.Ref, model.Record)) {
	f, n := l.Group, 0
	switch {
	case f.IsRef():
		for _, r := range f.AppendRefs(nil, rec) {
			if kind, key, ok := v.NameOf(r); ok {
				put(kind+"/"+key, r, rec)
				n++
			}
		}
	case f.Type == model.TextsField:
		list, _ := f.Get(rec).([]string)
		for i, s := range list {
			if s != "" && !slices.Contains(list[:i], s) {
				put(s, model.Ref{}, rec)
				n++
			}
		}
	default:
		put(f.Text(rec, v), model.Ref{}, rec)
		return
	}
	if n == 0 {
		put("", model.Ref{}, rec)
	}
}

package records

import (
	"net/url"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
)

// totalsRow is the row of sums below a list.
type totalsRow struct {
	// Cells stand below the columns; those without a sum are empty.
	Cells []string
	// Note says where not every record was added up.
	Note string
	// Count is how many records were added up.
	Count int
}

// groupTable is the records counted by the values of a field.
type groupTable struct {
	Label   string
	Columns []string
	Rows    []groupRow
	Note    string
	Close   string
}

// groupRow is the records that share a value.
type groupRow struct {
	Label, Path string
	Count       int
	Sums        []string
}

// mostGroups is how many groups a page shows.
const mostGroups = 200

// fillSums adds totals and groups where they are asked for.
func (d *desk) fillSums(b *listPage, q url.Values) error {
	if b.Problem != "" {
		return nil
	}
	l := b.Listing
	if q.Get("totals") != "" {
		t, err := l.Total(d.view)
		if err != nil {
			return err
		}
		b.Totals = &totalsRow{Cells: make([]string, len(l.Columns)), Count: t.Count}
		next := 0
		for i, f := range l.Columns {
			if door.Sums(f) {
				b.Totals.Cells[i] = sumText(t.Sums[next])
				next++
			}
		}
		if len(t.Sums) == 0 {
			b.Totals.Note = "None of the columns can be added up: choose columns with numbers or money."
		}
		if !t.Whole() {
			b.Totals.Note = "Totals of the first " + practice.Count(t.Count, "record", "records") + ": filter the list to add up fewer."
		}
	}
	if l.Group == nil {
		return nil
	}
	groups, all, err := l.Groups(d.view)
	if err != nil {
		return err
	}
	ungrouped := l
	ungrouped.Group = nil
	b.Groups = &groupTable{Label: l.Group.Label, Close: d.address(ungrouped)}
	for _, f := range l.Columns {
		if door.Sums(f) {
			b.Groups.Columns = append(b.Groups.Columns, f.Label)
		}
	}
	for i, g := range groups {
		if i == mostGroups {
			b.Groups.Note = "The largest " + practice.Count(mostGroups, "group is", "groups are") + " shown. "
			break
		}
		b.Groups.Rows = append(b.Groups.Rows, d.groupRow(ungrouped, l.Group, g))
	}
	if !all {
		b.Groups.Note += "Only the first " + practice.Count(door.MostTotalled, "record", "records") + " were counted: filter the list to count fewer. "
	}
	if l.Group.Type == model.RefsField || l.Group.Type == model.TextsField {
		b.Groups.Note += "A record with several values is in several groups."
	}
	return nil
}

// groupRow makes the row of a group, which leads to its records.
func (d *desk) groupRow(l door.Listing, f *model.Field, g door.GroupTotals) groupRow {
	row := groupRow{Label: g.Value, Count: g.Count}
	condition := f.Name + "=" + g.Value
	switch {
	case g.Value == "":
		row.Label, condition = "None", f.Name+":empty"
	case f.IsRef():
		row.Label = title(d.view.Get(g.Ref))
	case f.Type == model.BoolField:
		row.Label = "Yes"
	}
	for _, o := range f.Options {
		if o.Value == g.Value {
			row.Label = o.Label
		}
	}
	l.Where = append(l.Where[:len(l.Where):len(l.Where)], condition)
	row.Path = d.address(l)
	for _, s := range g.Sums {
		row.Sums = append(row.Sums, sumText(s))
	}
	return row
}

// sumText writes a sum for people.
func sumText(s door.Sum) string {
	if s.Field.Type != model.MoneyField {
		return s.Text()
	}
	var parts []string
	for _, m := range s.Money {
		parts = append(parts, moneyText(m))
	}
	return strings.Join(parts, " + ")
}

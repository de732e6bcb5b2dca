package door

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// Listing is a list of records as somebody wants to see it: which ones, in which order, and which of their fields.
type Listing struct {
	// Kind is the kind that is listed.
	Kind *model.Kind
	// Where are the conditions in the form of text, as they stand in an address.
	Where []string
	// Conditions are the conditions that could be read.
	Conditions []estate.Condition
	// Sort is the order.
	Sort []estate.Sort
	// Columns are the fields to show.
	Columns []*model.Field
	// Chosen says that the columns were asked for by name.
	Chosen bool
	// Group is the field whose values the records are counted by, or nil.
	Group *model.Field
}

// ListingOf reads a listing from the parameters where (repeated), sort (names with commas between, a minus for the
// largest first), columns (names with commas between) and group of an address. The error is a [model.Problem] about
// the parameter that is wrong; the listing then has what could be read.
func ListingOf(k *model.Kind, q url.Values) (Listing, error) {
	l := Listing{Kind: k, Columns: DefaultColumns(k)}
	var wrong error
	note := func(parameter string, err error) {
		if wrong == nil && err != nil {
			wrong = model.Problem{Field: parameter, Text: err.Error()}
		}
	}
	for _, text := range q["where"] {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		c, err := estate.ParseCondition(text)
		note("where", err)
		l.Where = append(l.Where, text)
		if err == nil {
			l.Conditions = append(l.Conditions, c)
		}
	}
	for name := range strings.SplitSeq(q.Get("sort"), ",") {
		bare, down := strings.CutPrefix(strings.TrimSpace(name), "-")
		if bare == "" {
			continue
		}
		if k.Field(bare) == nil {
			note("sort", noField(k, bare))
			continue
		}
		l.Sort = append(l.Sort, estate.Sort{Field: bare, Down: down})
	}
	var columns []*model.Field
	for _, list := range q["columns"] {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			f := k.Field(name)
			if f == nil {
				note("columns", noField(k, name))
			} else if !slices.Contains(columns, f) {
				columns = append(columns, f)
			}
		}
	}
	if len(columns) > 0 {
		l.Columns, l.Chosen = columns, true
	}
	if name := strings.TrimSpace(q.Get("group")); name != "" {
		if l.Group = k.Field(name); l.Group == nil {
			note("group", noField(k, name))
		}
	}
	return l, wrong
}

func noField(k *model.Kind, name string) error {
	return fmt.Errorf("%s has no field %q", k.Label, name)
}

// Values returns the listing as parameters of an address.
func (l Listing) Values() url.Values {
	out := url.Values{}
	if len(l.Where) > 0 {
		out["where"] = slices.Clone(l.Where)
	}
	if s := SortText(l.Sort); s != "" {
		out.Set("sort", s)
	}
	if l.Chosen {
		var names []string
		for _, f := range l.Columns {
			names = append(names, f.Name)
		}
		out.Set("columns", strings.Join(names, ","))
	}
	if l.Group != nil {
		out.Set("group", l.Group.Name)
	}
	return out
}

// SortText writes an order as it stands in an address.
func SortText(sort []estate.Sort) string {
	var names []string
	for _, s := range sort {
		if s.Down {
			names = append(names, "-"+s.Field)
		} else {
			names = append(names, s.Field)
		}
	}
	return strings.Join(names, ",")
}

// Query returns what the estate is asked for the listing.
func (l Listing) Query() estate.Query {
	return estate.Query{Kind: l.Kind.Name, Where: l.Conditions, Sort: l.Sort}
}

// defaultColumns is how many columns a list has where nobody chose any.
const defaultColumns = 7

// DefaultColumns returns the fields of a kind that a list shows where nobody chose any: the name, what is required
// or a choice, then links, dates, money and numbers, and the owner.
func DefaultColumns(k *model.Kind) []*model.Field {
	out := []*model.Field{k.Field("name")}
	owner := k.Field("owner")
	rank := func(f *model.Field) int {
		switch {
		case f.System || f.Long || f.Type == model.TableField || f.Type == model.RefsField || f.Type == model.TextsField || isMeta(f.Name):
			return 0
		case f.Required:
			return 4
		case f.Name == "plan" || f.Name == "phase_in" || f.Name == "active" || f.Name == "phase_out":
			return 1
		case f.Type == model.EnumField:
			return 3
		case f.Type == model.RefField || f.Type == model.DateField || f.Type == model.MoneyField:
			return 2
		}
		return 1
	}
	for want := 4; want > 0; want-- {
		for _, f := range k.Fields {
			if rank(f) == want && len(out) < defaultColumns-1 {
				out = append(out, f)
			}
		}
	}
	slices.SortStableFunc(out[1:], func(a, b *model.Field) int { return slices.Index(k.Fields, a) - slices.Index(k.Fields, b) })
	return append(out, owner)
}

// isMeta reports whether every record has a field of this name.
func isMeta(name string) bool {
	switch name {
	case "key", "name", "description", "owner", "tags", "confidential", "origin", "origins", "sightings":
		return true
	}
	return false
}

package practice

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// KindsOf returns the exact names of kinds that a person wrote in any form, or the usual ones where none are given.
func KindsOf(v estate.View, written []string, usual ...string) ([]string, error) {
	if len(written) == 0 {
		return usual, nil
	}
	var out []string
	for _, w := range written {
		k := v.Schema().Kind(w)
		if k == nil {
			return nil, model.Problem{Field: "kinds", Text: fmt.Sprintf("there is no kind %q: write for example %s", w, strings.Join(usual, ", "))}
		}
		if !slices.Contains(out, k.Name) {
			out = append(out, k.Name)
		}
	}
	return out, nil
}

// OwnerOf returns a link to who answers for a record. It is empty where nobody does.
func OwnerOf(v estate.View, rec model.Record) Link { return To(v.Get(rec.Base().Owner)) }

// CriticalityOf returns how much the business depends on a record, and nothing
// where nobody said or where the kind has no such field.
func CriticalityOf(rec model.Record) model.Criticality {
	switch r := rec.(type) {
	case *model.Application:
		return r.Criticality
	case *model.Service:
		return r.Criticality
	case *model.Capability:
		return r.Criticality
	case *model.Process:
		return r.Criticality
	case *model.Product:
		return r.Criticality
	case *model.Vendor:
		return r.Criticality
	}
	return ""
}

// Gone reports whether a record is past the end of its life on a day. A record without a life cycle never is.
func Gone(rec model.Record, at model.Date) bool {
	l, ok := rec.(interface{ Phases() model.Lifecycle })
	return ok && l.Phases().PhaseAt(at) == model.PhaseEndOfLife
}

// HasLeft reports whether a person no longer works here on a day. The last working day still counts as work.
func HasLeft(rec model.Record, at model.Date) bool {
	p, ok := rec.(*model.Person)
	return ok && !p.Left.IsZero() && p.Left < at
}

// SeverityOf returns how much a problem matters with something of a criticality.
func SeverityOf(c model.Criticality) Severity {
	switch c {
	case model.CriticalityCritical:
		return Critical
	case model.CriticalityHigh:
		return High
	case model.CriticalityMedium:
		return Medium
	}
	return Low
}

// Less returns the severity one step below.
func (s Severity) Less() Severity {
	switch s {
	case Critical:
		return High
	case High:
		return Medium
	case Medium:
		return Low
	}
	return Info
}

// Served is what a record does for the business.
type Served struct {
	// Capabilities are the capabilities that it carries, the nearest first.
	Capabilities []model.Record
	// Processes are the processes that run on it.
	Processes []model.Record
	// Products are the products that need it.
	Products []model.Record
	// Goals are the goals that all of these serve.
	Goals []model.Record
}

// IsZero reports whether the record does nothing for the business.
func (s Served) IsZero() bool {
	return len(s.Capabilities)+len(s.Processes)+len(s.Products)+len(s.Goals) == 0
}

// ServedBy returns what some records do for the business: directly, through what
// runs on them or is made of them, but not through other applications or services
// that depend on these.
func ServedBy(v estate.View, refs ...model.Ref) Served {
	var out Served
	for _, s := range v.ReachAlong(estate.Down, towardsBusiness, refs...).Steps {
		if s.Depth > 0 {
			out.add(s.Record)
		}
	}
	return out
}

// ServedOf sorts out which of some records belong to the business.
func ServedOf(steps []estate.Step) Served {
	var out Served
	for _, s := range steps {
		if s.Depth > 0 {
			out.add(s.Record)
		}
	}
	return out
}

func (s *Served) add(rec model.Record) {
	switch rec.(type) {
	case *model.Capability:
		s.Capabilities = append(s.Capabilities, rec)
	case *model.Process:
		s.Processes = append(s.Processes, rec)
	case *model.Product:
		s.Products = append(s.Products, rec)
	case *model.Goal:
		s.Goals = append(s.Goals, rec)
	}
}

// towardsBusiness reports whether a ref leads from technology to what the business does with it.
func towardsBusiness(f *model.Field) bool {
	if f.Flow == model.NoFlow {
		return false
	}
	switch f.Kind.Name {
	case "Interface":
		return false
	case "Application", "Service":
		return f.Name != "depends_on"
	}
	return true
}

// SumOf adds amounts of money. Where they are in several currencies the figure is unknown and its note has each sum.
func SumOf(unit string, better Better, amounts []model.Money, from []Link) Figure {
	sums := map[string]model.Money{}
	var currencies []string
	for _, m := range amounts {
		if m.IsZero() {
			continue
		}
		if _, seen := sums[m.Currency()]; !seen {
			currencies = append(currencies, m.Currency())
		}
		sum, err := sums[m.Currency()].Add(m)
		if err != nil {
			return Figure{Unknown: true, Unit: unit, Note: err.Error()}
		}
		sums[m.Currency()] = sum
	}
	slices.Sort(currencies)
	f := Figure{Unit: unit, Better: better, From: from}
	switch len(currencies) {
	case 0:
		f.Unknown, f.Note = true, "no amount is known"
	case 1:
		f.Money = sums[currencies[0]]
		f.Value = f.Money.Float()
	default:
		f.Unknown = true
		for i, c := range currencies {
			if i > 0 {
				f.Note += ", "
			}
			f.Note += sums[c].String()
		}
		f.Note = "the amounts are in several currencies: " + f.Note
	}
	return f
}

// Some writes a few links and how many more there are, for a sentence.
func Some(links []Link) string { return SomeOf(links, len(links)) }

// SomeOf does the same where the links are only the first of all.
func SomeOf(links []Link, all int) string {
	const few = 3
	var names []string
	for _, l := range links[:min(few, len(links))] {
		names = append(names, l.Title())
	}
	out := strings.Join(names, ", ")
	if more := all - min(few, len(links)); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// Count writes a number with its noun: 1 host, 2 hosts.
func Count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// Share returns a part of a whole in percent, rounded to one place, or 0 where there is no whole.
func Share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64((part*2000+whole)/(2*whole)) / 10
}

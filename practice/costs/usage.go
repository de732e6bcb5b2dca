package costs

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// Use is how much of something somebody used in a month.
type Use struct {
	// Subject is what was used.
	Subject model.Ref
	// User is who used it. It is unset where nobody says so.
	User model.Ref
	// Metric is what was counted, such as requests or logins.
	Metric string
	// Unit is the unit of the quantity.
	Unit string
	// Month is the first day of the month.
	Month model.Date
	// Quantity is how much.
	Quantity facts.Sum
	// Count is how many lines it stands for.
	Count int64
	// Load is where it comes from.
	Load *model.Load
}

// Uses is all measured use, by subject and month.
type Uses struct {
	list  []Use
	start map[model.Ref][2]int
}

type usesKey struct{ reader any }

// UsesOf returns the measured use that a view sees. It is made once for each snapshot and sight.
func UsesOf(v estate.View) *Uses {
	return v.Memo(usesKey{practice.FactsOf(v)}, func() any { return newUses(v) }).(*Uses)
}

func newUses(v estate.View) *Uses {
	u := &Uses{start: map[model.Ref][2]int{}}
	refs := map[string]model.Ref{}
	resolve := func(text string) model.Ref {
		ref, ok := refs[text]
		if !ok {
			if kind, key, found := strings.Cut(text, "/"); found {
				if k := v.Schema().Kind(kind); k != nil {
					if rec := v.Find(k.Name, key); rec != nil {
						ref = rec.Base().Ref()
					}
				}
			}
			refs[text] = ref
		}
		return ref
	}
	for _, load := range practice.LoadsOf(v, facts.Usage) {
		r, err := practice.FactsOf(v).Rollup(load.ID)
		if err != nil {
			continue
		}
		for i := range r.Months {
			t := &r.Months[i]
			subject := resolve(r.Value(t.Of, "Subject"))
			if subject.IsZero() {
				continue
			}
			u.list = append(u.list, Use{subject, resolve(r.Value(t.Of, "User")), r.Value(t.Of, "Metric"), r.Value(t.Of, "Unit"), t.At, t.Sums[0], t.Lines, load})
		}
	}
	slices.SortStableFunc(u.list, func(a, b Use) int {
		return cmp.Or(slices.Compare(a.Subject[:], b.Subject[:]), cmp.Compare(a.Month, b.Month), strings.Compare(a.Metric, b.Metric), slices.Compare(a.User[:], b.User[:]))
	})
	for i := 0; i < len(u.list); {
		j := i
		for j < len(u.list) && u.list[j].Subject == u.list[i].Subject {
			j++
		}
		u.start[u.list[i].Subject] = [2]int{i, j}
		i = j
	}
	return u
}

// Of returns what was used of a subject, by month, metric and user. It must not be written to.
func (u *Uses) Of(subject model.Ref) []Use {
	at := u.start[subject]
	return u.list[at[0]:at[1]]
}

// In returns what was used of a subject in a month by a metric. An empty metric means any.
func (u *Uses) In(subject model.Ref, month model.Date, metric string) []Use {
	var out []Use
	for _, use := range u.Of(subject) {
		if use.Month == month && (metric == "" || strings.EqualFold(use.Metric, metric)) {
			out = append(out, use)
		}
	}
	return out
}

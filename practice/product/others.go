package product

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// surroundings is what other practices say of the things that products run on, where the view carries these practices.
type surroundings struct {
	// unsupported are the applications and services on technology out of support.
	unsupported map[model.ID]bool
	// urgent counts by thing what is to be mended now or at the next occasion.
	urgent map[model.ID]int
	// levels are the levels of the open risks that the register knows.
	levels map[model.ID]string
	// silent are the practices that did not answer.
	silent []string
}

// around asks the other practices once for a snapshot, a sight and a day.
func around(v estate.View) *surroundings {
	type key struct {
		name   string
		reader any
		at     model.Date
	}
	return v.Memo(key{"product.around", practice.FactsOf(v), v.At()}, func() any {
		s := &surroundings{unsupported: map[model.ID]bool{}, urgent: map[model.ID]int{}, levels: map[model.ID]string{}}
		s.read(v, "lifecycle.exposure", "record", map[string]any{"kinds": []string{"Application", "Service"}, "limit": "1000000"}, func(id model.ID, _ func(string) string) { s.unsupported[id] = true })
		s.read(v, "security.queue", "application", map[string]any{"decision": "out_of_cycle", "limit": "1000000"}, func(id model.ID, _ func(string) string) { s.urgent[id]++ })
		s.read(v, "risk.register", "risk", nil, func(id model.ID, cell func(string) string) { s.levels[id] = cmp.Or(cell("level"), "not judged") })
		return s
	}).(*surroundings)
}

// read asks a question of another practice by its name and hands out the records in one column of the first table that has it.
func (s *surroundings) read(v estate.View, name, column string, parameters map[string]any, each func(id model.ID, cell func(string) string)) {
	asked, err := practice.Find(practice.PracticesOf(v), name)
	if err != nil {
		s.silent = append(s.silent, name)
		return
	}
	answer, err := asked.Ask(v, parameters)
	if err != nil {
		s.silent = append(s.silent, name)
		return
	}
	for _, part := range asked.Parts(answer) {
		if part.Grid == nil {
			continue
		}
		place := func(name string) int {
			return slices.IndexFunc(part.Grid.Columns, func(c practice.Column) bool { return c.Name == name })
		}
		at := place(column)
		if at < 0 {
			continue
		}
		for _, row := range part.Grid.Rows {
			for _, l := range row[at].Links {
				each(l.ID, func(name string) string {
					if n := place(name); n >= 0 {
						return row[n].Text
					}
					return ""
				})
			}
		}
		return
	}
}

// footing is what a product runs on and how that stands.
type footing struct {
	// things are the applications and services that it runs on, also through others, the nearest first.
	things []practice.Link
	// unsupported are those of them on technology out of support.
	unsupported []practice.Link
	// urgent is how many vulnerabilities in what it runs on are to be mended now or at the next occasion.
	urgent int
	// risks are the open risks that act on what it runs on, the highest level first.
	risks []practice.Link
	// level is the highest level of them.
	level model.Level
	// ending are the things that are at the end of their life within a year.
	ending []practice.Link
	// paths lead from what is out of support to the product.
	paths []practice.Path
}

// footingOf looks at everything that a product runs on.
func footingOf(v estate.View, s *surroundings, product *model.Product) footing {
	var f footing
	closure := v.Reach(estate.Up, product.Ref())
	seen := map[model.ID]bool{}
	for n, step := range closure.Steps {
		rec := step.Record
		id := rec.Base().ID
		f.urgent += s.urgent[id]
		switch rec.(type) {
		case *model.Application, *model.Service:
			link := practice.To(rec)
			f.things = append(f.things, link)
			if s.unsupported[id] {
				f.unsupported = append(f.unsupported, link)
				f.paths = append(f.paths, practice.PathOf(closure.Path(n)))
			}
			if l, ok := rec.(interface{ Phases() model.Lifecycle }); ok {
				if end := l.Phases().EndOfLife; !end.IsZero() && end <= v.At().AddMonths(12) {
					f.ending = append(f.ending, link)
				}
			}
		}
		for _, r := range holders[*model.Risk](v, rec.Base().Ref(), "assets") {
			level, told := s.levels[r.ID]
			if !told || seen[r.ID] {
				continue
			}
			seen[r.ID] = true
			f.risks = append(f.risks, practice.To(r))
			if l := model.Level(level); model.Rank(l) > model.Rank(f.level) {
				f.level = l
			}
		}
	}
	slices.SortStableFunc(f.risks, func(a, b practice.Link) int {
		return cmp.Compare(model.Rank(model.Level(s.levels[b.ID])), model.Rank(model.Level(s.levels[a.ID])))
	})
	return f
}

package standards

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/estate/rule"
	"binnacle/model"
	"binnacle/practice"
)

// score is how the records of a scorecard stand on a day.
type score struct {
	card *model.Scorecard
	// levels are the levels of the scorecard, the lowest first.
	levels []model.ScorecardLevel
	// target is the place of the level that everything should reach, or -1 where none is named.
	target int
	// records are those that are scored, by key.
	records []scored
	// faults are what is wrong with the scorecard itself.
	faults []practice.Finding
	// broken says of each criterion whether it could not be evaluated at all.
	broken []bool
}

// scored is one record with how it stands.
type scored struct {
	rec model.Record
	// level is the place of the highest level that it has, or -1.
	level int
	// failed and exempted are the places of the criteria that it does not fulfil, and of those that it need not.
	failed, exempted []int
}

// programs returns the keeper of compiled rules, which lives on from snapshot to snapshot.
func programs(v estate.View) *rule.Programs {
	type key struct{ name string }
	return v.Snapshot().MemoOf(key{"standards.programs"}, nil, func() any { return rule.NewPrograms() }).(*rule.Programs)
}

// columns returns the columns of all records of a kind that the view sees.
func columns(v estate.View, k *model.Kind) *rule.Columns {
	type key struct{ name, kind string }
	return v.Memo(key{"standards.columns", k.Name}, func() any {
		records := slices.Collect(v.All(k.Name))
		slices.SortFunc(records, func(a, b model.Record) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
		return rule.NewColumns(k, records, v)
	}).(*rule.Columns)
}

// scoreOf returns how the records of a scorecard stand. It is made once for a snapshot, a sight and a day; with checks among the criteria, once for a moment.
func scoreOf(v estate.View, card *model.Scorecard) *score {
	type key struct {
		name string
		card model.Ref
		at   model.Date
		now  model.Time
		lore any
	}
	k := key{name: "standards.score", card: card.Ref(), at: v.At()}
	if slices.ContainsFunc(card.Criteria, func(c model.ScorecardCriterion) bool { return c.Check != "" }) {
		k.now, k.lore = practice.NowOf(v), practice.FactsOf(v)
	}
	return v.Memo(k, func() any { return newScore(v, card) }).(*score)
}

func newScore(v estate.View, card *model.Scorecard) *score {
	s := &score{card: card, levels: card.Levels, target: levelAt(card, card.Target), broken: make([]bool, len(card.Criteria))}
	k := v.Schema().Kind(card.Kind)
	if k == nil {
		s.fault(v, "%s scores the kind %q, and there is none: name a kind such as Application.", card.Title(), card.Kind)
		return s
	}
	if card.Target != "" && s.target < 0 {
		s.fault(v, "The target of %s is the level %q, and it has none of this name.", card.Title(), card.Target)
	}
	cols := columns(v, k)
	among, ok := s.filtered(v, cols)
	if !ok {
		return s
	}
	records := cols.Records()
	place := make(map[int]int, len(among))
	for _, i := range among {
		place[i] = len(s.records)
		s.records = append(s.records, scored{rec: records[i], level: -1})
	}
	for c, criterion := range card.Criteria {
		failed, err := s.failing(v, cols, among, criterion)
		if err != nil {
			s.broken[c] = true
			s.fault(v, "The criterion %q of %s cannot be evaluated, so nothing fulfils it: %v", criterion.Name, card.Title(), err)
			failed = among
		}
		if levelAt(card, criterion.Level) < 0 {
			s.fault(v, "The criterion %q of %s is for the level %q, and there is none of this name: it counts for the lowest.", criterion.Name, card.Title(), criterion.Level)
		}
		for _, i := range failed {
			r := &s.records[place[i]]
			r.failed = append(r.failed, c)
		}
	}
	s.exempt(v)
	for i := range s.records {
		s.records[i].level = s.levelOf(&s.records[i])
	}
	return s
}

func (s *score) fault(v estate.View, text string, args ...any) {
	link := practice.To(s.card)
	s.faults = append(s.faults, practice.Finding{Severity: practice.High, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, s.card)})
}

// levelAt returns the place of a level by its name, or -1.
func levelAt(card *model.Scorecard, name string) int {
	return slices.IndexFunc(card.Levels, func(l model.ScorecardLevel) bool { return strings.EqualFold(l.Name, strings.TrimSpace(name)) })
}

// filtered returns the places of the records that are scored.
func (s *score) filtered(v estate.View, cols *rule.Columns) ([]int, bool) {
	all := make([]int, len(cols.Records()))
	for i := range all {
		all[i] = i
	}
	if s.card.Filter == "" {
		return all, true
	}
	p, err := compile(v, cols.Kind(), s.card.Filter)
	if err != nil {
		s.fault(v, "The filter of %s cannot be read, so nothing is scored: %v", s.card.Title(), err)
		return nil, false
	}
	out := map[int]bool{}
	for _, b := range cols.Broken(p, nil) {
		out[b.Place] = true
	}
	return slices.DeleteFunc(all, func(i int) bool { return out[i] }), true
}

// compile returns the program of a rule over a kind.
func compile(v estate.View, k *model.Kind, text string) (*rule.Program, error) {
	p, err := programs(v).Compile(text)
	if err != nil {
		return nil, err
	}
	if names := p.Unknown(k); len(names) > 0 {
		return nil, fmt.Errorf("%s has no field %s", k.Name, strings.Join(names, ", "))
	}
	return p, nil
}

// failing returns the places of the records that do not fulfil a criterion, in order.
func (s *score) failing(v estate.View, cols *rule.Columns, among []int, c model.ScorecardCriterion) ([]int, error) {
	if c.Check != "" {
		return s.failingCheck(v, cols, among, c)
	}
	if c.Rule == "" {
		return nil, fmt.Errorf("it has neither a rule nor a check")
	}
	p, err := compile(v, cols.Kind(), c.Rule)
	if err != nil {
		return nil, err
	}
	var out []int
	for _, b := range cols.Broken(p, among) {
		out = append(out, b.Place)
	}
	slices.Sort(out)
	return out, nil
}

// failingCheck returns the places of the records that a finding of a check is about.
func (s *score) failingCheck(v estate.View, cols *rule.Columns, among []int, c model.ScorecardCriterion) ([]int, error) {
	asked, err := practice.Find(practice.PracticesOf(v), c.Check)
	if err != nil || asked.Question.Type != practice.Checking {
		return nil, fmt.Errorf("there is no check %q", c.Check)
	}
	if asked.Name() == "standards.target_reached" {
		return nil, fmt.Errorf("a scorecard cannot ask about scorecards: it would ask itself")
	}
	values, err := url.ParseQuery(c.Parameters)
	if err != nil {
		return nil, fmt.Errorf("the parameters %q are not name=value joined by &", c.Parameters)
	}
	parameters := map[string]any{}
	for name, list := range values {
		if parameters[name] = any(list[0]); len(list) > 1 {
			parameters[name] = list
		}
	}
	answer, err := asked.Ask(v, parameters)
	if err != nil {
		return nil, err
	}
	verdict, ok := answer.(practice.Verdict)
	if !ok || verdict.Unknown {
		return nil, fmt.Errorf("the check could not tell: %s", verdict.Text)
	}
	named := map[model.ID]bool{}
	for _, f := range verdict.Findings {
		named[f.About.ID] = true
		for _, l := range f.From {
			if f.About.Kind != cols.Kind().Name && l.Kind == cols.Kind().Name {
				named[l.ID] = true
			}
		}
	}
	var out []int
	for _, i := range among {
		if named[cols.Records()[i].Base().ID] {
			out = append(out, i)
		}
	}
	return out, nil
}

// exempt takes criteria off records that hold an exception from them today.
func (s *score) exempt(v estate.View) {
	var holding []*model.Exception
	for e := range estate.Each[*model.Exception](v) {
		if holds(e, v.At()) && slices.ContainsFunc(s.card.Criteria, func(c model.ScorecardCriterion) bool { return covers(e, s.card, c) }) {
			holding = append(holding, e)
		}
	}
	if len(holding) == 0 {
		return
	}
	everything := false
	bySubject := map[model.Ref][]*model.Exception{}
	for _, e := range holding {
		everything = everything || len(e.Subjects) == 0
		for _, ref := range e.Subjects {
			bySubject[ref] = append(bySubject[ref], e)
		}
	}
	for i := range s.records {
		r := &s.records[i]
		mine := bySubject[r.rec.Base().Ref()]
		if !everything && len(mine) == 0 {
			continue
		}
		if everything {
			mine = slices.Clone(mine)
			for _, e := range holding {
				if len(e.Subjects) == 0 {
					mine = append(mine, e)
				}
			}
		}
		var left []int
		for _, c := range r.failed {
			if slices.ContainsFunc(mine, func(e *model.Exception) bool { return covers(e, s.card, s.card.Criteria[c]) }) {
				r.exempted = append(r.exempted, c)
			} else {
				left = append(left, c)
			}
		}
		r.failed = left
	}
}

// holds reports whether an exception holds on a day.
func holds(e *model.Exception, at model.Date) bool {
	return e.State == model.ExceptionApproved && (e.Start.IsZero() || e.Start <= at) && (e.Expires.IsZero() || at <= e.Expires)
}

// covers reports whether an exception is from a criterion: by the scorecard, by the standard of the criterion, or by the only standard of the scorecard.
func covers(e *model.Exception, card *model.Scorecard, c model.ScorecardCriterion) bool {
	if len(e.Criteria) > 0 && !slices.ContainsFunc(e.Criteria, func(name string) bool { return strings.EqualFold(name, c.Name) }) {
		return false
	}
	standard := c.Standard
	if standard.IsZero() && len(card.Standards) == 1 {
		standard = card.Standards[0]
	}
	return slices.Contains(e.From, card.Ref()) || !standard.IsZero() && slices.Contains(e.From, standard)
}

// levelOf returns the highest level all of whose criteria, and all of those of the lower levels, a record fulfils, or -1.
func (s *score) levelOf(r *scored) int {
	level := len(s.levels) - 1
	for _, c := range r.failed {
		level = min(level, max(levelAt(s.card, s.card.Criteria[c].Level), 0)-1)
	}
	return level
}

// level returns the name of a level, or none.
func (s *score) level(at int) string {
	if at < 0 || at >= len(s.levels) {
		return "none"
	}
	return s.levels[at].Name
}

// next returns the criteria that a record still needs for the next level.
func (s *score) next(r *scored) []model.ScorecardCriterion {
	var out []model.ScorecardCriterion
	for _, c := range r.failed {
		if max(levelAt(s.card, s.card.Criteria[c].Level), 0) == r.level+1 {
			out = append(out, s.card.Criteria[c])
		}
	}
	return out
}

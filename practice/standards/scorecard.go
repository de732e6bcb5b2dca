package standards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ScorecardIn says which scorecard is shown.
type ScorecardIn struct {
	// Scorecard is the scorecard.
	Scorecard model.Ref `to:"Scorecard" is:"required"`
	// Owner shows what this team or person owns alone.
	Owner model.Ref `to:"Team,Person"`
	// Record shows this record alone.
	Record model.Ref `to:"any"`
}

// ScorecardOut is how records and teams stand against a scorecard.
type ScorecardOut struct {
	// Scored is how many records are scored.
	Scored practice.Figure
	// AtTarget is the share of them that has the level that everything should reach.
	AtTarget practice.Figure
	// Exempted is how many need not fulfil something today.
	Exempted practice.Figure
	// Levels counts the records on each level.
	Levels practice.Table[LevelRow]
	// Criteria are what is looked at, what most lack first.
	Criteria practice.Table[CriterionRow]
	// Teams are who answers for the records.
	Teams practice.Table[TeamRow]
	// Records are the records, the lowest level first.
	Records practice.Table[RecordRow]
	// Findings are what is wrong with the scorecard itself.
	Findings []practice.Finding
}

// LevelRow is how many records have a level.
type LevelRow struct {
	// Level is the level, or none.
	Level string
	// Records is how many have this level and no higher one.
	Records int
	// Share is which part of all that is.
	Share float64 `unit:"%"`
}

// CriterionRow is how a criterion is fulfilled.
type CriterionRow struct {
	// Criterion is what is wanted.
	Criterion string
	// Level is the level that needs it.
	Level string
	// Fulfilled is how many records fulfil it.
	Fulfilled int
	// Exempted is how many need not.
	Exempted int
	// Lacking is how many should and do not.
	Lacking int
	// Share is which part fulfils it or need not.
	Share float64 `unit:"%"`
	// Next says what to do.
	Next string
	// From are the first records that lack it.
	From []practice.Link
}

// TeamRow is how the records of a team stand.
type TeamRow struct {
	// Owner is the team or person, or nobody.
	Owner practice.Link
	// Records is how many are scored.
	Records int
	// AtTarget is how many have the level that everything should reach.
	AtTarget int
	// Share is which part of them that is.
	Share float64 `unit:"%"`
	// Lowest is the lowest level that one of them has.
	Lowest string
	// Next is the criterion that most of them lack.
	Next string
}

// RecordRow is how one record stands.
type RecordRow struct {
	// Record is the record.
	Record practice.Link
	// Owner is who answers for it.
	Owner practice.Link
	// Level is the highest level that it has.
	Level string
	// Next is the level to reach next.
	Next string
	// Missing are the criteria that it lacks for that.
	Missing string
	// Step says what to do first.
	Step string
	// Later is how many criteria of higher levels it lacks besides.
	Later int
	// Exempted are the criteria that it need not fulfil.
	Exempted string
}

// Scorecard shows for each record and team which level of a scorecard it has, what to do next, and what most records lack. A record has a level where it
// fulfils all criteria of it and of all lower levels. What it is exempted from counts as fulfilled and is shown as such.
func Scorecard(v estate.View, in ScorecardIn) (ScorecardOut, error) {
	var out ScorecardOut
	card, err := looked[*model.Scorecard](v, "scorecard", in.Scorecard)
	if err != nil {
		return out, err
	}
	s := scoreOf(v, card)
	var chosen []*scored
	for i := range s.records {
		r := &s.records[i]
		if (in.Owner.IsZero() || r.rec.Base().Owner == in.Owner) && (in.Record.IsZero() || r.rec.Base().Ref() == in.Record) {
			chosen = append(chosen, r)
		}
	}
	var exempted []practice.Link
	for _, r := range chosen {
		if len(r.exempted) > 0 {
			exempted = append(exempted, practice.To(r.rec))
		}
	}
	out.Scored = practice.Figure{Value: float64(len(chosen)), Unit: "records", From: []practice.Link{practice.To(card)}}
	out.AtTarget = s.atTarget(chosen)
	out.Exempted = practice.Counted("records", practice.Lower, exempted)
	out.Levels.Rows = s.levelRows(chosen)
	out.Criteria.Rows = s.criterionRows(chosen)
	out.Teams.Rows = s.teamRows(v, chosen)
	slices.SortStableFunc(chosen, func(a, b *scored) int {
		return cmp.Or(cmp.Compare(a.level, b.level), cmp.Compare(a.rec.Base().Key, b.rec.Base().Key))
	})
	for _, r := range chosen {
		out.Records.Rows = append(out.Records.Rows, s.recordRow(v, r))
	}
	out.Findings = s.faults
	return out, nil
}

// reached reports whether a record has the level that everything should reach: the target, or the highest level where none is named.
func (s *score) reached(r *scored) bool { return r.level >= s.goal() }

func (s *score) goal() int {
	if s.target >= 0 {
		return s.target
	}
	return len(s.levels) - 1
}

func (s *score) atTarget(list []*scored) practice.Figure {
	n := 0
	for _, r := range list {
		n += b2i(s.reached(r))
	}
	target := 100.0
	return practice.Figure{Value: practice.Share(n, len(list)), Unit: "%", Better: practice.Higher, Target: &target, Unknown: len(list) == 0, From: []practice.Link{practice.To(s.card)},
		Note: fmt.Sprintf("%d of %s have the level %s", n, practice.Count(len(list), "record", "records"), s.level(s.goal()))}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (s *score) levelRows(list []*scored) []LevelRow {
	counts := make([]int, len(s.levels)+1)
	for _, r := range list {
		counts[r.level+1]++
	}
	out := make([]LevelRow, len(counts))
	for i, n := range counts {
		out[i] = LevelRow{s.level(i - 1), n, practice.Share(n, len(list))}
	}
	return out
}

// shown is how many records a row names.
const shown = 20

func (s *score) criterionRows(list []*scored) []CriterionRow {
	out := make([]CriterionRow, len(s.card.Criteria))
	for i, c := range s.card.Criteria {
		out[i] = CriterionRow{Criterion: c.Name, Level: c.Level, Fulfilled: len(list), Next: c.Next}
	}
	for _, r := range list {
		for _, c := range r.exempted {
			out[c].Exempted++
			out[c].Fulfilled--
		}
		for _, c := range r.failed {
			out[c].Lacking++
			out[c].Fulfilled--
			if len(out[c].From) < shown {
				out[c].From = append(out[c].From, practice.To(r.rec))
			}
		}
	}
	for i := range out {
		out[i].Share = practice.Share(out[i].Fulfilled+out[i].Exempted, len(list))
	}
	slices.SortStableFunc(out, func(a, b CriterionRow) int { return cmp.Compare(b.Lacking, a.Lacking) })
	return out
}

func (s *score) teamRows(v estate.View, list []*scored) []TeamRow {
	byOwner := map[model.Ref][]*scored{}
	for _, r := range list {
		byOwner[r.rec.Base().Owner] = append(byOwner[r.rec.Base().Owner], r)
	}
	var out []TeamRow
	for owner, mine := range byOwner {
		row := TeamRow{Owner: practice.To(v.Get(owner)), Records: len(mine)}
		lowest, lacking := len(s.levels)-1, make([]int, len(s.card.Criteria))
		for _, r := range mine {
			row.AtTarget += b2i(s.reached(r))
			lowest = min(lowest, r.level)
			for _, c := range r.failed {
				lacking[c]++
			}
		}
		row.Share, row.Lowest = practice.Share(row.AtTarget, row.Records), s.level(lowest)
		if len(lacking) > 0 {
			if most := slices.Max(lacking); most > 0 {
				row.Next = s.card.Criteria[slices.Index(lacking, most)].Name
			}
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b TeamRow) int {
		return cmp.Or(cmp.Compare(a.Share, b.Share), cmp.Compare(b.Records, a.Records), strings.Compare(a.Owner.Key, b.Owner.Key))
	})
	return out
}

func (s *score) recordRow(v estate.View, r *scored) RecordRow {
	row := RecordRow{Record: practice.To(r.rec), Owner: practice.OwnerOf(v, r.rec), Level: s.level(r.level)}
	next := s.next(r)
	if r.level+1 < len(s.levels) {
		row.Next = s.level(r.level + 1)
	}
	var missing, exempted []string
	for _, c := range next {
		missing = append(missing, c.Name)
		row.Step = cmp.Or(row.Step, c.Next)
	}
	for _, c := range r.exempted {
		exempted = append(exempted, s.card.Criteria[c].Name)
	}
	row.Missing, row.Exempted, row.Later = strings.Join(missing, "; "), strings.Join(exempted, "; "), len(r.failed)-len(next)
	return row
}

// ScorecardsOut is all scorecards.
type ScorecardsOut struct {
	// Scorecards are the scorecards, by key.
	Scorecards practice.Table[CardRow]
	// Findings are what is wrong with them.
	Findings []practice.Finding
}

// CardRow is one scorecard.
type CardRow struct {
	// Scorecard is the scorecard.
	Scorecard practice.Link
	// Scores is the kind that it scores.
	Scores string
	// Records is how many are scored.
	Records int
	// Target is the level that everything should reach.
	Target string
	// AtTarget is how many have it.
	AtTarget int
	// Share is which part that is.
	Share float64 `unit:"%"`
	// Exempted is how many need not fulfil something.
	Exempted int
	// Most is the criterion that most records lack.
	Most string
	// Owner is who answers for the scorecard.
	Owner practice.Link
}

// Scorecards sums up every scorecard: how many records reach its target, and what most of them lack.
func Scorecards(v estate.View, _ struct{}) (ScorecardsOut, error) {
	var out ScorecardsOut
	for _, card := range cardsOf(v) {
		s := scoreOf(v, card)
		row := CardRow{Scorecard: practice.To(card), Scores: card.Kind, Records: len(s.records), Target: s.level(s.goal()), Owner: practice.OwnerOf(v, card)}
		lacking := make([]int, len(card.Criteria))
		for i := range s.records {
			r := &s.records[i]
			row.AtTarget += b2i(s.reached(r))
			row.Exempted += b2i(len(r.exempted) > 0)
			for _, c := range r.failed {
				lacking[c]++
			}
		}
		row.Share = practice.Share(row.AtTarget, row.Records)
		if len(lacking) > 0 {
			if most := slices.Max(lacking); most > 0 {
				row.Most = card.Criteria[slices.Index(lacking, most)].Name
			}
		}
		out.Scorecards.Rows = append(out.Scorecards.Rows, row)
		out.Findings = append(out.Findings, s.faults...)
	}
	return out, nil
}

// cardsOf returns the scorecards by key.
func cardsOf(v estate.View) []*model.Scorecard {
	out := slices.Collect(estate.Each[*model.Scorecard](v))
	slices.SortFunc(out, func(a, b *model.Scorecard) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

package people

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// LearningValueIn says which learning is looked at.
type LearningValueIn struct {
	// From is the first day. The default is two years ago.
	From model.Date
	// Type limits the answer to one sort of learning.
	Type model.LearningType
}

// LearningValueOut is what learning cost and brought.
type LearningValueOut struct {
	// Cost is what was spent on what was done.
	Cost practice.Figure
	// Hours is how many hours it took.
	Hours practice.Figure
	// Levels is how many levels people gained through it, as far as you may see their levels.
	Levels practice.Figure
	// PerLevel is what one level gained cost.
	PerLevel practice.Figure
	// Alone is how many levels people gained without anything that was noted.
	Alone practice.Figure
	// Effect is the share of what was done of which somebody said what was better afterwards, in percent.
	Effect practice.Figure
	// Rating is how useful it was found, from 1 to 5.
	Rating practice.Figure
	// Types are the sorts of learning, the cheapest level first.
	Types practice.Table[TypeValue]
	// Items are what was done, the newest first.
	Items practice.Table[ItemValue]
}

// TypeValue is what a sort of learning cost and brought.
type TypeValue struct {
	// Type is the sort of learning.
	Type model.LearningType
	// Done is how many things were done.
	Done int
	// Hours is how many hours they took.
	Hours float64
	// Cost is what they cost, in the currency of the books.
	Cost model.Money
	// Levels is how many levels people gained through them.
	Levels float64
	// PerLevel is what one level cost. It is unset where none was gained or nothing is known about the cost.
	PerLevel model.Money
	// Rating is how useful they were found in the mean, from 1 to 5.
	Rating string
}

// ItemValue is what one thing cost and brought.
type ItemValue struct {
	// Item is what it is.
	Item practice.Link
	// Type is the sort of learning.
	Type model.LearningType
	// Done is the day on which it was done.
	Done model.Date
	// People is how many persons did it.
	People int
	// Hours is how many hours it took them.
	Hours float64
	// Cost is what it cost, in the currency of the books.
	Cost model.Money
	// Levels is how many levels they gained through it.
	Levels float64
	// PerLevel is what one level cost.
	PerLevel model.Money
	// Rating is how useful it was found in the mean, from 1 to 5.
	Rating string
	// Effect says what was better afterwards.
	Effect string
	// From are the levels that were gained, as far as you may see them.
	From []practice.Link
}

// gains are the levels that people gained, by what they learned from.
type gains struct {
	by    map[model.Ref]float64
	from  map[model.Ref][]practice.Link
	alone []practice.Link
	free  float64
}

// gainsIn finds for each rise between two assessments of a skill what the person did in between that is about the skill. Where that are several
// things, each gets an equal part of the rise.
func gainsIn(v estate.View, from model.Date) *gains {
	out := &gains{by: map[model.Ref]float64{}, from: map[model.Ref][]practice.Link{}}
	about := map[model.Ref][]*model.LearningItem{}
	for l := range estate.Each[*model.SkillLevel](v) {
		skill, ok := estate.Look[*model.Skill](v, l.Skill)
		if !ok || len(l.Earlier) == 0 {
			continue
		}
		items, known := about[l.Skill]
		if !known {
			items = learningAbout(v, skill)
			about[l.Skill] = items
		}
		steps := append(slices.Clone(l.Earlier), model.EarlierLevel{Level: l.Level, Assessed: l.Assessed})
		slices.SortStableFunc(steps, func(a, b model.EarlierLevel) int { return cmp.Compare(a.Assessed, b.Assessed) })
		for i, after := range steps[1:] {
			rise := max(1, model.Rank(after.Level)) - max(1, model.Rank(steps[i].Level))
			if rise <= 0 || after.Assessed < from || after.Assessed > v.At() {
				continue
			}
			out.credit(l, rise, steps[i].Assessed, after.Assessed, items)
		}
	}
	return out
}

// credit shares a rise among what the person did after one day and up to another.
func (g *gains) credit(l *model.SkillLevel, rise int, after, until model.Date, items []*model.LearningItem) {
	var through []*model.LearningItem
	for _, i := range items {
		if on := hasFinished(i, l.Person); on > after && on <= until {
			through = append(through, i)
		}
	}
	if len(through) == 0 {
		g.free += float64(rise)
		g.alone = append(g.alone, practice.To(l))
	}
	for _, i := range through {
		g.by[i.Ref()] += float64(rise) / float64(len(through))
		g.from[i.Ref()] = append(g.from[i.Ref()], practice.To(l))
	}
}

// LearningValue tells what learning cost and what it brought: levels that people gained between two assessments, credited to what they did in
// between about the same skill, and what one level cost. It is a comparison and no proof: people also learn by working. Levels that you may not
// see are in no number.
func LearningValue(v estate.View, in LearningValueIn) (LearningValueOut, error) {
	var out LearningValueOut
	from := cmp.Or(in.From, v.At().AddMonths(-24))
	money, g := costs.NewConversion(v, firstCost(v)), gainsIn(v, from)
	var cost costs.Tally
	var ratings mean
	var done, told, gained []practice.Link
	hours, levels := 0.0, 0.0
	types := map[model.LearningType]*typeSum{}
	for i := range estate.Each[*model.LearningItem](v) {
		row, own, ok := itemValue(v, i, from, money, g)
		if !ok || in.Type != "" && i.Type != in.Type {
			continue
		}
		out.Items.Rows = append(out.Items.Rows, row)
		done = append(done, row.Item)
		if row.Effect != "" {
			told = append(told, row.Item)
		}
		cost.Join(own)
		ratings.ratingsOf(i)
		hours, levels = hours+row.Hours, levels+row.Levels
		gained = append(gained, row.From...)
		if types[i.Type] == nil {
			types[i.Type] = &typeSum{}
		}
		types[i.Type].add(i, row, own)
	}
	slices.SortStableFunc(out.Items.Rows, func(a, b ItemValue) int { return cmp.Compare(b.Done, a.Done) })
	out.Types.Rows = typeRows(types, money)
	out.Cost = cost.Figure(money, practice.Neither, "nothing that was done has a cost")
	out.Hours = practice.Figure{Value: hours, Unit: "h", From: done}
	out.Levels = practice.Figure{Value: one(levels), Unit: "levels", Better: practice.Higher, From: gained}
	out.Alone = practice.Figure{Value: one(g.free), Unit: "levels", From: g.alone}
	out.PerLevel = practice.Figure{Better: practice.Lower, Money: cost.Per(money, levels), From: gained, Note: cost.Missing(money)}
	if out.PerLevel.Value = out.PerLevel.Money.Float(); out.PerLevel.Money.IsZero() {
		out.PerLevel.Unknown, out.PerLevel.Note = true, "no level was gained through what was done, or you may see none"
	}
	out.Effect = practice.Figure{Value: practice.Share(len(told), len(done)), Unit: "%", Better: practice.Higher, From: done, Unknown: len(done) == 0}
	if len(done) == 0 {
		out.Effect.Note = "nothing was done"
	}
	out.Rating = ratings.figure()
	return out, nil
}

// itemValue tells what one thing cost and brought. It reports false for what was not done since a day.
func itemValue(v estate.View, i *model.LearningItem, from model.Date, money *costs.Conversion, g *gains) (ItemValue, *costs.Tally, bool) {
	last, people := model.Date(0), len(i.Finished)
	for _, f := range i.Finished {
		last = max(last, f.On)
	}
	if i.State == model.LearningDone {
		last, people = cmp.Or(i.Done, last, i.Until, i.Start), max(people, len(i.For))
	}
	if last.IsZero() || last < from || last > v.At() {
		return ItemValue{}, nil, false
	}
	var cost costs.Tally
	cost.Add(money, i.Cost, last, practice.To(i))
	var rated mean
	rated.ratingsOf(i)
	levels := g.by[i.Ref()]
	return ItemValue{Item: practice.To(i), Type: i.Type, Done: last, People: people, Hours: i.Hours * float64(people), Cost: cost.Money(money), Levels: one(levels), PerLevel: cost.Per(money, levels), Rating: rated.String(), Effect: effectOf(i), From: g.from[i.Ref()]}, &cost, true
}

// typeSum adds up what a sort of learning cost and brought.
type typeSum struct {
	row     TypeValue
	cost    costs.Tally
	ratings mean
}

func (t *typeSum) add(i *model.LearningItem, row ItemValue, cost *costs.Tally) {
	t.row.Type = i.Type
	t.row.Done++
	t.row.Hours += row.Hours
	t.row.Levels += row.Levels
	t.cost.Join(cost)
	t.ratings.ratingsOf(i)
}

func typeRows(types map[model.LearningType]*typeSum, money *costs.Conversion) []TypeValue {
	var out []TypeValue
	for _, o := range append(model.LearningType("").Options(), model.Option{}) {
		t := types[model.LearningType(o.Value)]
		if t == nil {
			continue
		}
		t.row.Cost, t.row.PerLevel, t.row.Rating = t.cost.Money(money), t.cost.Per(money, t.row.Levels), t.ratings.String()
		t.row.Levels = one(t.row.Levels)
		out = append(out, t.row)
	}
	slices.SortStableFunc(out, func(a, b TypeValue) int {
		return cmp.Or(cmp.Compare(toInt(a.PerLevel.IsZero()), toInt(b.PerLevel.IsZero())), cmp.Compare(a.PerLevel.Float(), b.PerLevel.Float()))
	})
	return out
}

// one rounds to one place.
func one(f float64) float64 { return float64(int(f*10+0.5)) / 10 }

package focus

import (
	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// mostCommitments is how many commitments are added up, and mostTold of how many something is told.
const (
	mostCommitments = 5000
	mostTold        = 20
)

// commitments adds up the lines of commitments over a content.
type commitments struct {
	by    map[string]*commitment
	order []*commitment
	over  bool
}

// commitment is what the lines of one commitment add up to.
type commitment struct {
	id string
	// bought is the billed cost of purchases. The others are the effective cost of usage: all of it, and by status.
	bought, usage, used, unused facts.Sum
	purchases, uses             int64
}

// add adds a line.
func (c *commitments) add(id, category, status []byte, line *facts.Line) {
	sum := c.by[string(id)]
	if sum == nil {
		if len(c.order) == mostCommitments || len(id) > 1024 {
			c.over = true
			return
		}
		if c.by == nil {
			c.by = map[string]*commitment{}
		}
		sum = &commitment{id: string(id)}
		c.by[sum.id] = sum
		c.order = append(c.order, sum)
	}
	switch string(category) {
	case "Purchase":
		sum.purchases++
		sum.bought.Add(line.Values[billedCost])
	case "Usage":
		sum.uses++
		sum.usage.Add(line.Values[effectiveCost])
		switch string(status) {
		case "Used":
			sum.used.Add(line.Values[effectiveCost])
		case "Unused":
			sum.unused.Add(line.Values[effectiveCost])
		}
	}
}

// report tells where what was used of a commitment is not what was paid for it.
func (c *commitments) report(sink feed.Sink) {
	told, more := 0, 0
	tell := func(format string, args ...any) {
		if told++; told > mostTold {
			more++
			return
		}
		sink.Note(format, args...)
	}
	for _, s := range c.order {
		id := kit.Short(kit.BillText([]byte(s.id)))
		byStatus := s.used
		byStatus.AddSum(s.unused)
		if s.uses > 0 && byStatus.Decimal().Cmp(s.usage.Decimal()) != 0 {
			tell("commitment %s: the usage has an EffectiveCost of %s, and used (%s) and unused (%s) add up to %s: some usage has no status",
				id, s.usage, s.used, s.unused, byStatus)
		}
		if s.uses > 0 && s.purchases > 0 && s.bought.Decimal().Cmp(s.usage.Decimal()) != 0 {
			tell("commitment %s: purchases are billed at %s and the usage has an EffectiveCost of %s; FOCUS demands that they are equal over the whole term of the commitment, of which this file may be a part",
				id, s.bought, s.usage)
		}
	}
	if more > 0 {
		sink.Note("the same is so of %d more commitments", more)
	}
	if c.over {
		sink.Note("there are more than %d commitments: the others were not added up", mostCommitments)
	}
}

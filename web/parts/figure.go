package parts

import (
	"math"
	"strings"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
)

// figureView is a figure as its template gets it.
type figureView struct {
	shown
	Value, Unit string
	// Target says in words what the number should be.
	Target string
	// State is good or bad where there is a target, and Verdict says so in words.
	State, Verdict string
	// Change compares with another answer.
	Change *changeView
	Note   string
	// Exact is the amount with all its digits.
	Exact string
	From  *source
}

// changeView is how a figure differs from another.
type changeView struct {
	// Sign is an arrow, and Text the difference in words.
	Sign, Text string
	// State is good, bad or neither.
	State string
}

func (r renderer) figure(s shown) figureView {
	f := s.Figure
	v := figureView{shown: s, Unit: f.Unit, Note: sayMoney(f.Note)}
	v.Value = Amount(*f)
	if !f.Money.IsZero() {
		v.Unit, v.Exact = f.Money.Currency(), f.Money.String()
		if r.opt.Compact && !f.Unknown {
			v.Value = tinyMoney(f.Money)
		}
	}
	if f.Unknown {
		v.Value, v.Unit = "unknown", ""
	}
	if f.Value == 1 && f.Money.IsZero() {
		v.Unit = single(v.Unit)
	}
	v.target(f)
	if r.opt.Before != nil && r.opt.Before.Figure != nil {
		v.Change = compare(*r.opt.Before.Figure, *f, r.opt.Than)
	}
	v.From = r.source(s.Name, f.From)
	return v
}

// single turns a unit that stands for several into that of one: goals into goal.
func single(unit string) string {
	one := map[string]string{"criteria": "criterion", "offices and persons": "office or person", "single points of failure": "single point of failure"}
	if word, ok := one[unit]; ok {
		return word
	}
	first, rest, _ := strings.Cut(unit, " a ")
	if rest != "" {
		rest = " a " + rest
	}
	switch {
	case strings.HasPrefix(unit, "%"), strings.HasSuffix(first, "us"):
	case strings.HasSuffix(first, "ies"):
		first = strings.TrimSuffix(first, "ies") + "y"
	case strings.HasSuffix(first, "sses"):
		first = strings.TrimSuffix(first, "es")
	case strings.HasSuffix(first, "s") && !strings.HasSuffix(first, "ss"):
		first = strings.TrimSuffix(first, "s")
	}
	return first + rest
}

// shortMoney writes an amount so that a card has room for it: from a hundred thousand on without cents, from ten million on in millions. The exact
// amount is in the title.
func shortMoney(m model.Money) string {
	switch size := math.Abs(m.Float()); {
	case size >= 1e7:
		return draw.Value(math.Round(m.Float()/1e4)/100) + "\u00a0M"
	case size >= 1e5:
		return draw.Value(math.Round(m.Float()))
	}
	return draw.Money(m.Short())
}

// tinyMoney writes an amount with the digits that a tile has room for: in thousands from a hundred thousand on, and in millions from one million on.
func tinyMoney(m model.Money) string {
	switch size := math.Abs(m.Float()); {
	case size >= 1e6:
		return draw.Value(math.Round(m.Float()/1e4)/100) + "\u00a0M"
	case size >= 1e5:
		return draw.Value(math.Round(m.Float()/1e3)) + "\u00a0k"
	case size >= 1e3:
		return draw.Value(math.Round(m.Float()))
	}
	return draw.Money(m.Short())
}

// Amount writes the number of a figure without its unit, as people read it.
func Amount(f practice.Figure) string {
	switch {
	case f.Unknown:
		return "unknown"
	case !f.Money.IsZero():
		return shortMoney(f.Money)
	}
	return draw.Value(f.Value)
}

func (v *figureView) target(f *practice.Figure) {
	if f.Target == nil {
		return
	}
	met := true
	v.Target = draw.Value(*f.Target)
	switch f.Better {
	case practice.Higher:
		v.Target, met = "at least "+v.Target, f.Value >= *f.Target
	case practice.Lower:
		v.Target, met = "at most "+v.Target, f.Value <= *f.Target
	default:
		return
	}
	switch {
	case f.Unknown:
	case met:
		v.State, v.Verdict = "good", "on target"
	default:
		v.State, v.Verdict = "bad", "off target"
	}
}

// compare tells how a figure differs from the same figure of another answer.
func compare(before, now practice.Figure, than string) *changeView {
	if before.Unknown || now.Unknown {
		return nil
	}
	out := &changeView{Sign: "→", Text: "unchanged"}
	diff := now.Value - before.Value
	text := draw.Value(diff)
	if !before.Money.IsZero() && !now.Money.IsZero() {
		sum, err := now.Money.Add(before.Money.Neg())
		if err != nil {
			return nil
		}
		text = draw.Money(sum.Amount()) + " " + sum.Currency()
		diff = float64(sum.Sign())
	}
	switch {
	case diff > 0:
		out.Sign, out.Text = "↑", "+"+text
	case diff < 0:
		out.Sign, out.Text = "↓", text
	}
	switch {
	case diff == 0 || now.Better == practice.Neither:
	case (diff > 0) == (now.Better == practice.Higher):
		out.State = "good"
		out.Text += ", better"
	default:
		out.State = "bad"
		out.Text += ", worse"
	}
	switch {
	case than == "":
	case diff == 0:
		out.Text = "the same as " + than
	case out.State == "":
		out.Text += " compared with " + than
	default:
		out.Text += " than " + than
	}
	return out
}

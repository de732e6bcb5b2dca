// Package fair counts risks in money, after the tree of Open FAIR: how often losses
// happen in a year and what one costs, both as calibrated ranges, make a distribution of what a year costs. It is pure
// arithmetic: the same seed gives the same bytes on every machine and on any number of cores.
package fair

import (
	"fmt"
	"strings"
)

// Method names the method and its version. Results of one method, seed and number of years are always the same.
const Method = "binnacle-fair/1 vose-pert lognormal-90 as241 splitmix64 gauss-copula-counts"

// Risk is what is estimated about one risk. What is not given is computed from what it is made of, where that is given. All ranges are without the
// protections; these then act on them.
type Risk struct {
	// Name names the stream of random numbers of the risk. Two risks of one portfolio have different names.
	Name uint64
	// Frequency is how many losses there are in a year.
	Frequency Estimate
	// Threat is how often the threat acts in a year.
	Threat Estimate
	// Contact is how often the threat meets the asset in a year.
	Contact Estimate
	// Action is the probability that it then acts.
	Action Estimate
	// Susceptibility is the probability that it then succeeds.
	Susceptibility Estimate
	// Capability is how strong the threat is, from 0 to 100.
	Capability Estimate
	// Resistance is up to which strength the asset holds by itself, from 0 to 100.
	Resistance Estimate
	// Strengths are up to which strength the protections hold that resist. The strongest of all counts.
	Strengths []Estimate
	// AtMostOnce says that a year brings one loss or none.
	AtMostOnce bool
	// Forms are what one event costs.
	Forms []Form
	// Reaction is the probability that others react to an event, so that its secondary losses come.
	Reaction Estimate
	// Cuts are what protections take away.
	Cuts Cuts
	// Causes are what makes it come together with other risks.
	Causes []Share
	// Rate is what one unit of its currency is worth in that of the result. 0 means 1.
	Rate float64
}

// Form is one form of what an event costs.
type Form struct {
	// Secondary says that it comes from the reaction of others.
	Secondary bool
	// Amount is what it costs for one event.
	Amount Estimate
}

// Cuts are the parts that protections take away from factors, from 0 for nothing to 1 for all.
type Cuts struct {
	// Contact is the part of the contacts.
	Contact float64
	// Action is the part of the actions.
	Action float64
	// Loss is the part of what an event costs.
	Loss float64
	// Reaction is the part of the reactions of others.
	Reaction float64
}

// And returns the cuts of two protections together: the second acts on what the first leaves.
func (c Cuts) And(d Cuts) Cuts {
	both := func(a, b float64) float64 { return 1 - float64((1-a)*(1-b)) }
	return Cuts{both(c.Contact, d.Contact), both(c.Action, d.Action), both(c.Loss, d.Loss), both(c.Reaction, d.Reaction)}
}

// Share says how closely a risk follows a common cause.
type Share struct {
	// Cause names the stream of random numbers of the cause.
	Cause uint64
	// Correlation is that of the risk's hidden normal value with that of the cause, from 0 to 1.
	Correlation float64
}

// limits of what can be counted.
const (
	mostOften  = 1e9
	mostAmount = 1e18
)

// Lacks says what is missing to count the risk in money, each in a few words. Nothing is missing where it is empty.
func (r *Risk) Lacks() []string {
	var out []string
	switch {
	case r.Frequency.Given():
	default:
		if !r.Threat.Given() && !(r.Contact.Given() && r.Action.Given()) {
			switch {
			case r.Contact.Given():
				out = append(out, "how probable it is that the threat acts when it meets the asset")
			case r.Action.Given():
				out = append(out, "how often the threat meets the asset")
			default:
				out = append(out, "how often it happens, or how often the threat acts")
			}
		}
		if !r.Susceptibility.Given() && !r.Capability.Given() && (r.Threat.Given() || r.Contact.Given() || r.Action.Given()) {
			out = append(out, "how probable it is that the threat succeeds, or how strong it is")
		}
	}
	amount, secondary := false, false
	for _, f := range r.Forms {
		amount = amount || f.Amount.Given()
		secondary = secondary || f.Secondary && f.Amount.Given()
	}
	if !amount {
		out = append(out, "what an event costs, in at least one form of loss")
	}
	if secondary && !r.Reaction.Given() {
		out = append(out, "how probable it is that others react")
	}
	return out
}

// Problem says which estimate cannot be used, and why.
type Problem struct {
	// Factor is the name of the estimate.
	Factor string
	// Text says what is wrong.
	Text string
}

// Error says which estimate cannot be used, and why.
func (p Problem) Error() string { return p.Factor + ": " + p.Text }

// Check says what is wrong with the estimates, or returns nil.
func (r *Risk) Check() error {
	if lacks := r.Lacks(); len(lacks) > 0 {
		return Problem{"estimates", "to count it in money it lacks " + strings.Join(lacks, " and ")}
	}
	for _, f := range r.Factors() {
		if err := f.estimate.check(f.most); err != nil {
			return Problem{f.Name, err.Error()}
		}
	}
	for _, part := range []float64{r.Cuts.Contact, r.Cuts.Action, r.Cuts.Loss, r.Cuts.Reaction} {
		if !(part >= 0 && part <= 1) {
			return Problem{"protections", fmt.Sprintf("a protection takes away %v: it must be between 0 and 1", part)}
		}
	}
	for _, s := range r.Causes {
		if !(s.Correlation >= 0 && s.Correlation <= 1) {
			return Problem{"causes", fmt.Sprintf("the correlation is %v: it must be between 0 and 1", s.Correlation)}
		}
	}
	if !(r.Rate >= 0 && r.Rate <= 1e12) {
		return Problem{"rate", fmt.Sprintf("%v is no exchange rate", r.Rate)}
	}
	return nil
}

// Factor is one estimate that bears on the result.
type Factor struct {
	// Name is what it is called: event_frequency, threat_frequency, contact_frequency, action_probability, susceptibility,
	// threat_capability, resistance_strength, secondary_frequency, protection 1, loss 1 and so on.
	Name string
	// Form is the place of the form of loss, or -1.
	Form int

	estimate Estimate
	most     float64
	put      func(*Risk, Estimate)
}

// Estimate returns the estimate.
func (f Factor) Estimate() Estimate { return f.estimate }

// Factors returns the estimates that bear on the result, from the top of the tree to its leaves. One that another takes the place of is not among them.
func (r *Risk) Factors() []Factor {
	var out []Factor
	add := func(name string, form int, e Estimate, most float64, put func(*Risk, Estimate)) {
		if e.Given() {
			out = append(out, Factor{name, form, e, most, put})
		}
	}
	if r.Frequency.Given() {
		add("event_frequency", -1, r.Frequency, mostOften, func(r *Risk, e Estimate) { r.Frequency = e })
	} else {
		if r.Threat.Given() {
			add("threat_frequency", -1, r.Threat, mostOften, func(r *Risk, e Estimate) { r.Threat = e })
		} else {
			add("contact_frequency", -1, r.Contact, mostOften, func(r *Risk, e Estimate) { r.Contact = e })
			add("action_probability", -1, r.Action, 1, func(r *Risk, e Estimate) { r.Action = e })
		}
		if r.Susceptibility.Given() {
			add("susceptibility", -1, r.Susceptibility, 1, func(r *Risk, e Estimate) { r.Susceptibility = e })
		} else {
			add("threat_capability", -1, r.Capability, 100, func(r *Risk, e Estimate) { r.Capability = e })
			add("resistance_strength", -1, r.Resistance, 100, func(r *Risk, e Estimate) { r.Resistance = e })
			for i, s := range r.Strengths {
				add(fmt.Sprintf("protection %d", i+1), -1, s, 100, func(r *Risk, e Estimate) { r.Strengths[i] = e })
			}
		}
	}
	secondary := false
	for i, f := range r.Forms {
		secondary = secondary || f.Secondary && f.Amount.Given()
		add(fmt.Sprintf("loss %d", i+1), i, f.Amount, mostAmount, func(r *Risk, e Estimate) { r.Forms[i].Amount = e })
	}
	if secondary {
		add("secondary_frequency", -1, r.Reaction, 1, func(r *Risk, e Estimate) { r.Reaction = e })
	}
	return out
}

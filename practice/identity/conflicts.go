package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// rules are the conflicts of duties that an estate knows, ready to be held against what people can do.
type rules struct {
	list []*rule
	// functions are all functions of the rules.
	functions []*model.DutyFunction
	// by has, for an entitlement by its place, the functions that it gives by itself.
	by map[int32][]int32
	// given has, for a granted entitlement by its place, the functions that it gives with all that it brings.
	given map[int32][]giving
	// exceptions are those that name a rule about duties, by the rule.
	exceptions map[model.Ref][]*model.Exception
}

// rule is a rule about duties with the places of its functions.
type rule struct {
	record    *model.DutyRule
	functions []int32
	// titles are what the functions are called.
	titles []string
	// silent says that it can never be broken, because it names fewer than two functions or one that nothing gives.
	silent string
}

// giving is a function that a granted entitlement gives, and the place of what gives it in what comes with the granted one.
type giving struct {
	function int32
	at       int
}

// rulesOf returns the rules about duties that a view sees. They are made once for each snapshot, sight and day.
func rulesOf(v estate.View, b *book) *rules {
	type key struct {
		name string
		day  model.Date
	}
	return v.Memo(key{"identity.rules", v.At()}, func() any { return newRules(v, b) }).(*rules)
}

func newRules(v estate.View, b *book) *rules {
	r := &rules{by: map[int32][]int32{}, given: map[int32][]giving{}, exceptions: map[model.Ref][]*model.Exception{}}
	place, gives := map[model.Ref]int32{}, map[int32]bool{}
	for f := range estate.Each[*model.DutyFunction](v) {
		n := int32(len(r.functions))
		place[f.Ref()] = n
		r.functions = append(r.functions, f)
		for _, ref := range f.Permissions {
			if at, ok := b.place[ref]; ok && !slices.Contains(r.by[at], n) {
				r.by[at] = append(r.by[at], n)
				gives[n] = true
			}
		}
	}
	for d := range estate.Each[*model.DutyRule](v) {
		one := &rule{record: d}
		for _, ref := range d.Functions {
			n, ok := place[ref]
			if !ok || slices.Contains(one.functions, n) {
				continue
			}
			one.functions, one.titles = append(one.functions, n), append(one.titles, r.functions[n].Title())
			if !gives[n] && one.silent == "" {
				one.silent = fmt.Sprintf("nothing gives the function %s", r.functions[n].Title())
			}
		}
		if len(one.functions) < 2 {
			one.silent = "it names fewer than two functions"
		}
		r.list = append(r.list, one)
	}
	for at, list := range b.under {
		for i, reached := range list {
			for _, n := range r.by[reached.entitlement] {
				if !slices.ContainsFunc(r.given[int32(at)], func(g giving) bool { return g.function == n }) {
					r.given[int32(at)] = append(r.given[int32(at)], giving{n, i})
				}
			}
		}
	}
	for e := range estate.Each[*model.Exception](v) {
		for _, ref := range e.From {
			r.exceptions[ref] = append(r.exceptions[ref], e)
		}
	}
	return r
}

// Actual says whether somebody really did what a rule about duties forbids.
type Actual string

// What is known about use.
const (
	// Did means that every function of the rule was used.
	Did Actual = "did"
	// DidNot means that one of the functions was never used, as its system says.
	DidNot Actual = "did_not"
	// NotKnown means that the systems do not tell.
	NotKnown Actual = "unknown"
)

// Options lists what can be known about use.
func (Actual) Options() []model.Option {
	return []model.Option{
		{Value: "did", Label: "Did", Help: "Every function was used."},
		{Value: "did_not", Label: "Did not", Help: "One of the functions was never used."},
		{Value: "unknown", Label: "Unknown", Help: "The systems do not tell what was used."},
	}
}

// violation is a rule that somebody can break.
type violation struct {
	rule    *rule
	subject *subject
	// ways has, for each function of the rule, one way in which the subject comes to it: one that was used where there is one.
	ways   []holds
	actual Actual
	// exception allows it for now, or is nil.
	exception *model.Exception
	// doubt says why an exception that names the rule and the subject does not count.
	doubt string
}

// violationsOf returns the rules that what a subject can do breaks, in the order of their keys: those of which it has every
// function. The order in which things were granted does not matter to which they are.
func (b *book) violationsOf(r *rules, s *subject) []*violation {
	ways := map[int32][]holds{}
	for _, h := range s.holdings {
		if !h.live {
			continue
		}
		for i, g := range h.grants {
			for _, gives := range r.given[h.at[i]] {
				at := b.under[h.at[i]][gives.at]
				ways[gives.function] = append(ways[gives.function], holds{h, g, b.entitlements[at.entitlement], gives.at, h.at[i]})
			}
		}
	}
	var out []*violation
	for _, one := range r.list {
		if one.silent != "" || slices.ContainsFunc(one.functions, func(n int32) bool { return len(ways[n]) == 0 }) {
			continue
		}
		x := &violation{rule: one, subject: s, actual: Did}
		for _, n := range one.functions {
			way, known := usedWay(ways[n])
			x.ways = append(x.ways, way)
			switch {
			case known == DidNot:
				x.actual = DidNot
			case known == NotKnown && x.actual == Did:
				x.actual = NotKnown
			}
		}
		x.excuse(r.exceptions[one.record.Ref()], b.day)
		out = append(out, x)
	}
	return out
}

// usedWay returns the way to a function that was used, else the first one, and what is known about its use.
func usedWay(ways []holds) (holds, Actual) {
	known := DidNot
	for _, h := range ways {
		switch {
		case h.grant.Used == "yes" || !h.grant.LastUsed.IsZero():
			return h, Did
		case h.grant.Used != "no":
			known = NotKnown
		}
	}
	return ways[0], known
}

// excuse looks for an exception that allows the violation. One that has no end, that nobody answers for, or that the person allowed to itself does not.
func (x *violation) excuse(exceptions []*model.Exception, day model.Date) {
	for _, e := range exceptions {
		if !e.Holds(day) || !x.names(e) {
			continue
		}
		switch {
		case e.Expires.IsZero():
			x.doubt = fmt.Sprintf("%s does not count, because it has no last day", e.Title())
		case e.Owner.IsZero() && e.ApprovedBy.IsZero():
			x.doubt = fmt.Sprintf("%s does not count, because nobody answers for it", e.Title())
		case x.subject.person != nil && e.ApprovedBy == x.subject.person.Ref():
			x.doubt = fmt.Sprintf("%s does not count, because %s approved it alone and it is about %s", e.Title(), x.subject.person.Title(), x.subject.person.Title())
		case x.exception == nil || e.Expires > x.exception.Expires:
			x.exception = e
		}
	}
}

// names reports whether an exception is about the subject: about all, about the person, or about an account through which it has one of the functions.
func (x *violation) names(e *model.Exception) bool {
	if len(e.Subjects) == 0 || x.subject.person != nil && slices.Contains(e.Subjects, x.subject.person.Ref()) {
		return true
	}
	return slices.ContainsFunc(x.ways, func(h holds) bool { return slices.Contains(e.Subjects, h.holding.account.Ref()) })
}

// finding says what is broken, by whom and through what.
func (x *violation) finding(v estate.View, b *book) practice.Finding {
	f := practice.Finding{Severity: severityOf(x.rule.record.Severity), About: practice.To(x.subject.record()), From: x.from(), Owner: practice.OwnerOf(v, x.rule.record)}
	did := map[Actual]string{Did: "and used all of it", DidNot: "and did not use all of it", NotKnown: "and nobody can tell whether all of it was used"}[x.actual]
	f.Text = fmt.Sprintf("%s can do what %s forbids, %s: %s.", x.subject.record().Base().Title(), x.rule.record.Title(), did, strings.Join(x.told(), ", "))
	switch {
	case x.exception != nil:
		f.Severity = practice.Info
		f.Text += fmt.Sprintf(" %s allows it until %s.", x.exception.Title(), x.exception.Expires)
	case x.doubt != "":
		f.Text += " " + x.doubt + "."
	case x.actual == DidNot:
		f.Severity = f.Severity.Less()
	}
	for _, h := range x.ways {
		f.Paths = append(f.Paths, b.chain(h))
	}
	return f
}

// told names the functions and what gives them.
func (x *violation) told() []string {
	out := make([]string, len(x.ways))
	for i, h := range x.ways {
		out[i] = fmt.Sprintf("%s by %s", x.rule.titles[i], h.entitlement.Title())
	}
	return out
}

// from returns the rule and the grants that the violation rests on.
func (x *violation) from() []practice.Link {
	out := []practice.Link{practice.To(x.rule.record)}
	for _, h := range x.ways {
		if l := practice.To(h.grant); !slices.Contains(out, l) {
			out = append(out, l)
		}
	}
	return out
}

// ConflictsIn limits the conflicts of duties that are listed.
type ConflictsIn struct {
	// Person limits the list to one person.
	Person model.Ref `to:"Person"`
	// Rule limits the list to one rule.
	Rule model.Ref `to:"DutyRule"`
	// Open leaves out what an exception allows.
	Open bool
	// Limit is how many rows and findings there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// ConflictsOut is who can do what nobody may do alone.
type ConflictsOut struct {
	// Violations are the conflicts that no exception allows.
	Violations practice.Figure
	// Done are those of them of which every function was used.
	Done practice.Figure
	// Mitigated are the conflicts that an exception with an end and somebody who answers for it allows.
	Mitigated practice.Figure
	// Findings say who can do what through which chains, the worst first, and which rules say nothing.
	Findings []practice.Finding
	// Table lists each conflict.
	Table practice.Table[Conflict]
}

// Conflict is a rule about duties that somebody can break.
type Conflict struct {
	// Subject is the person, or an account that belongs to nobody.
	Subject practice.Link
	// Rule is what is broken.
	Rule practice.Link
	// Severity says how bad it is.
	Severity model.Severity
	// Through are the entitlements that give the functions, in the order of the rule.
	Through []practice.Link
	// Systems are where these count.
	Systems []practice.Link
	// Actual says whether it was really done.
	Actual Actual
	// Exception is what allows it for now.
	Exception practice.Link
	// Expires is the last day on which that holds.
	Expires model.Date
	// Owner is who answers for the exception.
	Owner practice.Link
	// From are the rule and the grants.
	From []practice.Link
}

// Conflicts finds conflicts of duties: a rule names functions that nobody may hold together, a function is given by any of some
// entitlements, and somebody breaks the rule whose effective permissions, over all accounts in all systems, through groups, roles, loans and
// emergency grants, give every function of it. What somebody can do is told apart from what was done. An exception for the
// rule allows it until its last day, if somebody else than the person answers for it.
func Conflicts(v estate.View, in ConflictsIn) (ConflictsOut, error) {
	b := bookOf(v)
	r := rulesOf(v, b)
	all := slices.DeleteFunc(slices.Clone(violationsIn(v)), func(x *violation) bool {
		return !in.Rule.IsZero() && x.rule.record.Ref() != in.Rule || !in.Person.IsZero() && x.subject.record().Base().Ref() != in.Person || in.Open && x.exception != nil
	})
	var out ConflictsOut
	var open, done, mitigated []practice.Link
	for _, x := range all {
		who := practice.To(x.subject.record())
		if x.exception != nil {
			mitigated = append(mitigated, who)
		} else if open = append(open, who); x.actual == Did {
			done = append(done, who)
		}
		row := Conflict{Subject: who, Rule: practice.To(x.rule.record), Severity: x.rule.record.Severity, Actual: x.actual, From: x.from()}
		for _, h := range x.ways {
			row.Through = append(row.Through, practice.To(h.entitlement))
			if l := link(v, h.entitlement.System); !l.IsZero() && !slices.Contains(row.Systems, l) {
				row.Systems = append(row.Systems, l)
			}
		}
		if x.exception != nil {
			row.Exception, row.Expires, row.Owner = practice.To(x.exception), x.exception.Expires, link(v, cmp.Or(x.exception.Owner, x.exception.ApprovedBy))
		}
		out.Table.Rows = append(out.Table.Rows, row)
		if len(out.Findings) < cmp.Or(in.Limit, most) {
			out.Findings = append(out.Findings, x.finding(v, b))
		}
	}
	for _, one := range r.list {
		if one.silent != "" && (in.Rule.IsZero() || in.Rule == one.record.Ref()) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: practice.To(one.record), Text: fmt.Sprintf("%s can never be broken: %s.", one.record.Title(), one.silent)})
		}
	}
	practice.WorstFirst(out.Findings)
	cut(&out.Table, in.Limit)
	out.Violations = practice.Counted("conflicts", practice.Lower, open)
	out.Done = practice.Counted("conflicts", practice.Lower, done)
	out.Mitigated = practice.Counted("conflicts", practice.Neither, mitigated)
	return out, nil
}

// violationsIn returns the violations of everybody. They are found once for each snapshot, sight and day.
func violationsIn(v estate.View) []*violation {
	type key struct {
		name string
		day  model.Date
	}
	return v.Memo(key{"identity.violations", v.At()}, func() any {
		b := bookOf(v)
		r := rulesOf(v, b)
		var out []*violation
		for _, s := range b.subjects {
			out = append(out, b.violationsOf(r, s)...)
		}
		return out
	}).([]*violation)
}

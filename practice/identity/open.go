package identity

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// mostItems is how many items an access review may have.
const mostItems = 50_000

// OpenReviewIn says which access review is opened.
type OpenReviewIn struct {
	// Review is a review that is planned.
	Review model.Ref `to:"AccessReview" is:"required"`
	// Due is the last day to decide. Unset means the day of the review, else 30 days from today.
	Due model.Date
}

// OpenReview proposes to open an access review that is planned. Every grant in its scope, or in its sample, becomes an item that keeps account,
// entitlement, person, privilege, last use and conflicts of duties as they are now, and a reviewer who is never the person
// that it is about: where the rule would have it so, the manager above or the owner decides. Privileged grants and conflicts are always in the
// sample; the others are drawn by the seed, so that drawing again gives the same.
func OpenReview(v estate.View, in OpenReviewIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.AccessReview](v, in.Review)
	switch {
	case !ok:
		return practice.Proposal{}, problem("review", "there is no such access review")
	case before.State != "" && before.State != model.ReviewPlanned:
		return practice.Proposal{}, problem("review", "%s is %s: only a review that is planned can be opened", before.Title(), before.State)
	case before.ReviewedBy == model.ByNamed && len(before.Reviewers) == 0:
		return practice.Proposal{}, problem("review", "%s is decided by named people and names none: fill in the reviewers", before.Title())
	}
	due := cmp.Or(in.Due, before.Due, v.At().AddDays(30))
	if due < v.At() {
		return practice.Proposal{}, problem("due", "%s is over: give a day that is not", due)
	}
	b := bookOf(v)
	all := b.inScope(v, before)
	drawn := sample(all, float64(before.Sample), before.Seed)
	switch {
	case len(all) == 0:
		return practice.Proposal{}, problem("review", "no grant is in the scope of %s: import grants, or widen its scope", before.Title())
	case len(drawn) > mostItems:
		return practice.Proposal{}, problem("review", "%s would have %d items; the limit is %d: narrow its scope or draw a sample", before.Title(), len(drawn), mostItems)
	}
	after := model.Clone(before)
	after.State, after.Opened, after.Due, after.Closed = model.ReviewOpen, v.At(), due, 0
	after.Position, after.Population, after.Drawn = int(v.Stamp().Seq), len(all), len(drawn)
	out := practice.Proposal{Why: fmt.Sprintf("Open %s with %s", before.Title(), practice.Count(len(drawn), "item", "items"))}
	change(v, &out, before, after)
	choose := newChooser(v, after)
	nobody := 0
	for i, c := range drawn {
		d := c.item(v, after, i+1)
		if reviewer := choose.reviewer(c); reviewer != nil {
			d.Reviewer = reviewer.Ref()
		} else {
			nobody++
		}
		change(v, &out, nil, d)
	}
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(before), Text: fmt.Sprintf("%d of %d grants are reviewed until %s.", len(drawn), len(all), due)})
	if nobody > 0 {
		out.Findings = append(out.Findings, practice.Finding{
			Severity: practice.High, About: practice.To(before),
			Text: fmt.Sprintf("Of %s nobody is to decide: there is no manager and no owner who works here and is not the person itself. Give them to somebody.", practice.Count(nobody, "item", "items")),
		})
	}
	return out, nil
}

// candidate is a grant that may be reviewed.
type candidate struct {
	holding     *holding
	grant       *model.Grant
	entitlement *model.Entitlement
	privileged  bool
	dormant     bool
	conflicts   []model.Ref
}

// always reports whether the grant is in every sample.
func (c *candidate) always() bool { return c.privileged || len(c.conflicts) > 0 }

// inScope returns the grants that an access review is about, by account and entitlement.
func (b *book) inScope(v estate.View, r *model.AccessReview) []*candidate {
	rules := rulesOf(v, b)
	broken := map[*subject][]*violation{}
	for _, x := range violationsIn(v) {
		broken[x.subject] = append(broken[x.subject], x)
	}
	days := cmp.Or(r.Dormant, 90)
	var out []*candidate
	for _, s := range b.subjects {
		for _, h := range s.holdings {
			if h.gone {
				continue
			}
			for i, g := range h.grants {
				if !b.within(r, h, h.at[i]) {
					continue
				}
				c := &candidate{holding: h, grant: g, entitlement: b.entitlements[h.at[i]], privileged: h.account.Privileged || b.brings(h.at[i]), dormant: b.unused(h, g, days)}
				if h.live {
					c.conflicts = conflictsBy(broken[s], rules.given[h.at[i]])
				}
				out = append(out, c)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y *candidate) int {
		return cmp.Or(cmp.Compare(x.holding.account.Key, y.holding.account.Key), cmp.Compare(x.entitlement.Key, y.entitlement.Key), cmp.Compare(x.grant.Key, y.grant.Key))
	})
	return out
}

// within reports whether what an account was granted is in the scope of a review.
func (b *book) within(r *model.AccessReview, h *holding, at int32) bool {
	brings := func(wanted func(*model.Entitlement) bool) bool {
		return slices.ContainsFunc(b.under[at], func(n reached) bool { return wanted(b.entitlements[n.entitlement]) })
	}
	if len(r.Systems) > 0 && !slices.Contains(r.Systems, h.account.System) && !brings(func(e *model.Entitlement) bool { return slices.Contains(r.Systems, e.System) }) {
		return false
	}
	if len(r.Entitlements) > 0 && !brings(func(e *model.Entitlement) bool { return slices.Contains(r.Entitlements, e.Ref()) }) {
		return false
	}
	return !r.PrivilegedOnly || h.account.Privileged || b.brings(at)
}

// unused reports whether a grant was not used for some days, or never, as far as its system tells.
func (b *book) unused(h *holding, g *model.Grant, days int) bool {
	if n, used := idle(lastUsed(g, h.account), b.day); used {
		return n > days
	}
	if g.Used == "no" {
		return true
	}
	since := cmp.Or(g.Granted, h.account.Opened)
	return b.tells[h.account.System] && g.Used != "yes" && (since.IsZero() || int(b.day)-int(since) > days)
}

// conflictsBy returns the rules among some violations that something granted helps to break.
func conflictsBy(broken []*violation, gives []giving) []model.Ref {
	var out []model.Ref
	for _, x := range broken {
		if slices.ContainsFunc(gives, func(g giving) bool { return slices.Contains(x.rule.functions, g.function) }) {
			out = append(out, x.rule.record.Ref())
		}
	}
	return out
}

// sample draws a share of some grants, in percent, in their order. What is privileged or a conflict is always drawn. The others are ranked by a hash of the
// seed and of their id, and the first of them are drawn, rounded up: the same seed draws the same, whatever else there is in
// between. A share of 0 or of 100 draws all.
func sample(all []*candidate, percent float64, seed int) []*candidate {
	if percent <= 0 || percent >= 100 {
		return all
	}
	type ranked struct {
		hash [sha256.Size]byte
		at   int
	}
	var rest []ranked
	drawn := make([]bool, len(all))
	for i, c := range all {
		if c.always() {
			drawn[i] = true
			continue
		}
		rest = append(rest, ranked{sha256.Sum256(fmt.Appendf(nil, "%d\x00%s", seed, c.grant.ID)), i})
	}
	slices.SortFunc(rest, func(x, y ranked) int { return bytes.Compare(x.hash[:], y.hash[:]) })
	for _, r := range rest[:int(math.Ceil(float64(len(rest))*percent/100))] {
		drawn[r.at] = true
	}
	var out []*candidate
	for i, c := range all {
		if drawn[i] {
			out = append(out, c)
		}
	}
	return out
}

// item returns the item of a review that a grant becomes.
func (c *candidate) item(v estate.View, r *model.AccessReview, n int) *model.ReviewDecision {
	a, e := c.holding.account, c.entitlement
	d := &model.ReviewDecision{
		Review: r.Ref(), Grant: c.grant.Ref(), Account: a.Ref(), AccountName: cmp.Or(a.UserName, a.Title()), Entitlement: e.Ref(), EntitlementName: e.Title(), System: e.System,
		Privileged: c.privileged, Dormant: c.dormant, LastUsed: lastUsed(c.grant, a), Granted: c.grant.Granted, Conflicts: c.conflicts,
	}
	d.Key, d.Owner = fmt.Sprintf("%s-%05d", r.Key, n), r.Owner
	d.ID = practice.NewID(v, "ReviewDecision", d.Key)
	if c.holding.person != nil {
		d.Person = c.holding.person.Ref()
	}
	return d
}

// chooser finds out who decides about what.
type chooser struct {
	view   estate.View
	review *model.AccessReview
	// turn has, for each person whose access is reviewed, the place among named reviewers that begins.
	turn map[model.Ref]int
}

func newChooser(v estate.View, r *model.AccessReview) *chooser {
	return &chooser{v, r, map[model.Ref]int{}}
}

// reviewer returns who decides about a grant, or nil where there is nobody: the first by the rule of the review who works here and is not the person
// that it is about, else by the other rule, else who owns the review.
func (c *chooser) reviewer(x *candidate) *model.Person {
	var managers, owners, list []*model.Person
	if x.holding.person != nil {
		managers = managersOf(c.view, x.holding.person)
	}
	for _, ref := range []model.Ref{x.entitlement.Owner, systemOwner(c.view, x.entitlement.System), systemOwner(c.view, x.holding.account.System)} {
		owners = append(owners, personBehind(c.view, ref))
	}
	switch c.review.ReviewedBy {
	case model.ByNamed:
		list = append(list, c.named(x)...)
	case model.ByOwner:
		list = append(append(list, owners...), managers...)
	default:
		list = append(append(list, managers...), owners...)
	}
	list = append(list, personBehind(c.view, c.review.Owner))
	for _, p := range list {
		if works(p, c.view.At()) && (x.holding.person == nil || p.Ref() != x.holding.person.Ref()) {
			return p
		}
	}
	return nil
}

// named returns the named reviewers, beginning with the one whose turn it is. All access of one person comes to the same reviewer.
func (c *chooser) named(x *candidate) []*model.Person {
	about := x.holding.account.Ref()
	if x.holding.person != nil {
		about = x.holding.person.Ref()
	}
	first, known := c.turn[about]
	if !known {
		first = len(c.turn)
		c.turn[about] = first
	}
	var out []*model.Person
	for i := range c.review.Reviewers {
		if p := personBehind(c.view, c.review.Reviewers[(first+i)%len(c.review.Reviewers)]); p != nil {
			out = append(out, p)
		}
	}
	return out
}

// systemOwner returns a ref to who answers for a system.
func systemOwner(v estate.View, system model.Ref) model.Ref {
	if rec := v.Get(system); rec != nil {
		return rec.Base().Owner
	}
	return model.Ref{}
}

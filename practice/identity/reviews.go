package identity

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// undecided reports whether nobody has decided about an item for good.
func undecided(d *model.ReviewDecision) bool {
	return d.Decision == "" || d.Decision == model.VerdictUnsure
}

// takesAway reports whether a decision means that the grant must go.
func takesAway(d *model.ReviewDecision) bool {
	return d.Decision == model.VerdictRevoke || d.Decision == model.VerdictChange
}

// itemsOf returns the items of every access review, by key. They are gathered once for each snapshot and sight.
func itemsOf(v estate.View) map[model.Ref][]*model.ReviewDecision {
	return v.Memo("identity.items", func() any {
		out := map[model.Ref][]*model.ReviewDecision{}
		for d := range estate.Each[*model.ReviewDecision](v) {
			out[d.Review] = append(out[d.Review], d)
		}
		return out
	}).(map[model.Ref][]*model.ReviewDecision)
}

// ReviewsIn limits the access reviews that are listed.
type ReviewsIn struct {
	// All lists reviews too that are closed or were cancelled.
	All bool
}

// ReviewsOut is how access reviews stand.
type ReviewsOut struct {
	// Open are the reviews in which people decide.
	Open practice.Figure
	// Undecided are the items of them about which nobody has decided.
	Undecided practice.Figure
	// Overdue are the reviews of them whose last day is over.
	Overdue practice.Figure
	// Findings say what is late.
	Findings []practice.Finding
	// Table lists the reviews.
	Table practice.Table[ReviewRow]
	// Reviewers lists who has how much left to decide in the open ones.
	Reviewers practice.Table[ReviewerRow]
	// ToDecide tell reviewers how much is left for them.
	ToDecide []practice.Finding
}

// ReviewRow is an access review.
type ReviewRow struct {
	// Review is the review.
	Review practice.Link
	// State says where it stands.
	State model.ReviewState
	// Due is the last day to decide.
	Due model.Date
	// Population is how many grants were in scope.
	Population int
	// Items is how many of them are reviewed.
	Items int
	// Decided is how many of these somebody has decided about.
	Decided int
	// Progress is the share of them.
	Progress float64 `unit:"%"`
	// Keep is how many are to stay.
	Keep int
	// Revoke is how many are to go, or to become something else.
	Revoke int
	// StillThere is how many of those that are to go have not gone.
	StillThere int
}

// ReviewerRow is how much somebody has left to decide.
type ReviewerRow struct {
	// Reviewer is who.
	Reviewer practice.Link
	// Items is how many items the person was given.
	Items int
	// Undecided is how many are not decided.
	Undecided int
	// Overdue is how many of these belong to a review whose last day is over.
	Overdue int
}

// Reviews shows how access reviews stand: how much is decided, by whom it is not, and what is late.
func Reviews(v estate.View, in ReviewsIn) (ReviewsOut, error) {
	b := bookOf(v)
	var out ReviewsOut
	var open, late, left []practice.Link
	reviewers := map[model.Ref]*ReviewerRow{}
	for r := range estate.Each[*model.AccessReview](v) {
		running := r.State == model.ReviewOpen
		if !running && !in.All && r.State != model.ReviewPlanned && r.State != "" {
			continue
		}
		row := ReviewRow{Review: practice.To(r), State: r.State, Due: r.Due, Population: r.Population}
		overdue := running && !r.Due.IsZero() && r.Due < v.At()
		for _, d := range itemsOf(v)[r.Ref()] {
			b.countItem(v, &row, d)
			if running {
				countReviewer(v, reviewers, d, overdue)
				if undecided(d) {
					left = append(left, practice.To(d))
				}
			}
		}
		row.Progress = practice.Share(row.Decided, row.Items)
		out.Table.Rows = append(out.Table.Rows, row)
		if running {
			open = append(open, row.Review)
		}
		if overdue && row.Decided < row.Items {
			late = append(late, row.Review)
			out.Findings = append(out.Findings, practice.Finding{
				Severity: practice.High, About: row.Review, From: []practice.Link{row.Review}, Owner: practice.OwnerOf(v, r),
				Text: fmt.Sprintf("%s was due on %s, and %d of %d items are not decided.", r.Title(), r.Due, row.Items-row.Decided, row.Items),
				Mend: &practice.Mend{Action: "identity.close_review", Parameters: map[string]string{"review": r.Key}},
			})
		}
	}
	for _, row := range reviewers {
		out.Reviewers.Rows = append(out.Reviewers.Rows, *row)
	}
	slices.SortFunc(out.Reviewers.Rows, func(x, y ReviewerRow) int {
		return cmp.Or(cmp.Compare(y.Overdue, x.Overdue), cmp.Compare(y.Undecided, x.Undecided), cmp.Compare(x.Reviewer.Key, y.Reviewer.Key))
	})
	for _, row := range out.Reviewers.Rows {
		if row.Undecided > 0 && !row.Reviewer.IsZero() {
			out.ToDecide = append(out.ToDecide, toDecide(row))
		}
	}
	out.Open = practice.Counted("reviews", practice.Neither, open)
	out.Undecided = practice.Counted("items", practice.Lower, left)
	out.Overdue = practice.Counted("reviews", practice.Lower, late)
	return out, nil
}

// toDecide tells a reviewer how much there is to decide.
func toDecide(row ReviewerRow) practice.Finding {
	f := practice.Finding{Severity: practice.Medium, About: row.Reviewer, From: []practice.Link{row.Reviewer}, Owner: row.Reviewer,
		Text: fmt.Sprintf("%s has %s of access reviews to decide about.", row.Reviewer.Title(), practice.Count(row.Undecided, "item", "items"))}
	if row.Overdue > 0 {
		f.Severity = practice.High
		f.Text += fmt.Sprintf(" The time for %d of them is over.", row.Overdue)
	}
	return f
}

// countItem counts an item of a review.
func (b *book) countItem(v estate.View, row *ReviewRow, d *model.ReviewDecision) {
	row.Items++
	if undecided(d) {
		return
	}
	row.Decided++
	switch {
	case d.Decision == model.VerdictKeep:
		row.Keep++
	case takesAway(d):
		row.Revoke++
		if there, _, _ := stillThere(v, d); there {
			row.StillThere++
		}
	}
}

func countReviewer(v estate.View, reviewers map[model.Ref]*ReviewerRow, d *model.ReviewDecision, overdue bool) {
	row := reviewers[d.Reviewer]
	if row == nil {
		row = &ReviewerRow{Reviewer: link(v, d.Reviewer)}
		reviewers[d.Reviewer] = row
	}
	row.Items++
	if undecided(d) {
		row.Undecided++
		if overdue {
			row.Overdue++
		}
	}
}

// stillThere reports whether the grant of an item is there. Where it is not, it returns when that was seen and by what: the source that
// no longer has it, or the estate, where the record of it was removed. A grant whose account no source sees any more went with the account. A grant
// that came back after it was seen to be gone is there. Whoever asks need not see the grant, because nothing of it is told.
func stillThere(v estate.View, d *model.ReviewDecision) (there bool, gone model.Time, by string) {
	g, ok := v.Snapshot().Get(d.Grant).(*model.Grant)
	switch {
	case !ok:
		gone, by = practice.NowOf(v), "estate"
	case !g.Stale().IsZero():
		gone, by = g.Stale(), lastSource(g)
	case !g.Until.IsZero() && g.Until < v.At():
		gone, by = model.TimeOf((g.Until + 1).Time()), cmp.Or(g.OriginOf("until"), "estate")
	default:
		a, ok := v.Snapshot().Get(g.Account).(*model.UserAccount)
		if !ok || a.Stale().IsZero() {
			return true, 0, ""
		}
		gone, by = a.Stale(), lastSource(a)
	}
	if !d.Gone.IsZero() {
		gone, by = d.Gone, d.GoneBy
	}
	return false, gone, by
}

// lastSource returns the key of the source that lost a record last.
func lastSource(rec model.Record) string {
	m := rec.Base()
	for _, s := range m.Sightings {
		if s.Stale == m.Stale() {
			return s.Source
		}
	}
	return m.Origin
}

// ReviewIn says which access review is shown, and how much of it.
type ReviewIn struct {
	// Review is the review.
	Review model.Ref `to:"AccessReview" is:"required"`
	// Reviewer limits the items to those that somebody is to decide.
	Reviewer model.Ref `to:"Person"`
	// Undecided leaves out what is decided.
	Undecided bool
	// Limit is how many rows there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// ReviewOut is one access review.
type ReviewOut struct {
	// Items are what is reviewed.
	Items practice.Figure
	// Undecided are the items about which nobody has decided.
	Undecided practice.Figure
	// Due is the last day to decide.
	Due model.Date
	// State says where the review stands.
	State model.ReviewState
	// Frozen is the entry of the journal that the estate was frozen after.
	Frozen int
	// Findings are items that nobody is to decide about, or that the person itself would.
	Findings []practice.Finding
	// Table lists the items by person: for each person what matters most first.
	Table practice.Table[ReviewItem]
}

// ReviewItem is an item of an access review.
type ReviewItem struct {
	// Item is the item.
	Item practice.Link
	// Person is who has the entitlement.
	Person practice.Link
	// Account is the account, as it was called.
	Account string
	// System is where it counts.
	System practice.Link
	// Entitlement is the entitlement, as it was called.
	Entitlement string
	// Hints say what to think of: privileged, conflicts of duties, not used, and what the others of the team have.
	Hints []string
	// LastUsed is the day on which it was used last before the review.
	LastUsed model.Date
	// Reviewer is who is to decide.
	Reviewer practice.Link
	// Looked says whether the reviewer has looked at it.
	Looked bool
	// Decision is what was decided.
	Decision model.ReviewVerdict
	// Reason says why.
	Reason string
	// From are the item and the grant.
	From []practice.Link
}

// Review shows one access review, item by item, as it was frozen. The items are grouped by person; privileged ones, conflicts of duties and what was not used
// come first. A hint says how many others of the team have the same today.
func Review(v estate.View, in ReviewIn) (ReviewOut, error) {
	r, ok := estate.Look[*model.AccessReview](v, in.Review)
	if !ok {
		return ReviewOut{}, problem("review", "there is no such access review")
	}
	out := ReviewOut{Due: r.Due, State: r.State, Frozen: r.Position}
	var items []*model.ReviewDecision
	var all, left []practice.Link
	for _, d := range itemsOf(v)[r.Ref()] {
		if !in.Reviewer.IsZero() && d.Reviewer != in.Reviewer {
			continue
		}
		all = append(all, practice.To(d))
		if undecided(d) {
			left = append(left, practice.To(d))
		} else if in.Undecided {
			continue
		}
		if d.Reviewer.IsZero() && undecided(d) && r.State == model.ReviewOpen {
			out.Findings = append(out.Findings, nobodyDecides(d))
		}
		items = append(items, d)
	}
	out.Items = practice.Counted("items", practice.Neither, all)
	out.Undecided = practice.Counted("items", practice.Lower, left)
	out.Table.Rows = itemRows(v, items)
	cut(&out.Table, in.Limit)
	return out, nil
}

func nobodyDecides(d *model.ReviewDecision) practice.Finding {
	return practice.Finding{
		Severity: practice.High, About: practice.To(d), From: []practice.Link{practice.To(d)},
		Text: fmt.Sprintf("Nobody is to decide about %s of %s: give it to somebody.", d.EntitlementName, d.AccountName),
		Mend: &practice.Mend{Action: "identity.reassign", Parameters: map[string]string{"items": d.Key}},
	}
}

// itemRows returns rows about items, by person, for each person what matters most first.
func itemRows(v estate.View, items []*model.ReviewDecision) []ReviewItem {
	items = slices.Clone(items)
	person := func(d *model.ReviewDecision) string { return link(v, d.Person).Key }
	slices.SortStableFunc(items, func(x, y *model.ReviewDecision) int {
		return cmp.Or(cmp.Compare(person(x), person(y)), cmp.Compare(weight(y), weight(x)), cmp.Compare(x.Key, y.Key))
	})
	b := bookOf(v)
	peers := b.peers()
	out := make([]ReviewItem, len(items))
	for i, d := range items {
		out[i] = ReviewItem{
			Item: practice.To(d), Person: link(v, d.Person), Account: d.AccountName, System: link(v, d.System), Entitlement: d.EntitlementName, Hints: hints(v, b, peers, d),
			LastUsed: d.LastUsed.Date(), Reviewer: link(v, d.Reviewer), Looked: !d.Looked.IsZero(), Decision: d.Decision, Reason: d.Reason,
			From: []practice.Link{practice.To(d)},
		}
		if g := link(v, d.Grant); !g.IsZero() {
			out[i].From = append(out[i].From, g)
		}
	}
	return out
}

// weight says how much an item matters.
func weight(d *model.ReviewDecision) int {
	n := 0
	if len(d.Conflicts) > 0 {
		n += 4
	}
	if d.Privileged {
		n += 2
	}
	if d.Dormant {
		n++
	}
	return n
}

// peers is how many people of each team were granted what, and how many there are with accounts.
type peers struct {
	size   map[model.Ref]int
	having map[model.Ref]map[model.Ref]int
}

func (b *book) peers() peers {
	p := peers{map[model.Ref]int{}, map[model.Ref]map[model.Ref]int{}}
	for _, s := range b.subjects {
		if s.person == nil || s.person.Team.IsZero() || !s.isIn() || !works(s.person, b.day) {
			continue
		}
		team := s.person.Team
		p.size[team]++
		if p.having[team] == nil {
			p.having[team] = map[model.Ref]int{}
		}
		for _, at := range s.granted() {
			p.having[team][b.entitlements[at].Ref()]++
		}
	}
	return p
}

// hints say what to think of before deciding about an item.
func hints(v estate.View, b *book, p peers, d *model.ReviewDecision) []string {
	var out []string
	for _, ref := range d.Conflicts {
		out = append(out, "conflict: "+link(v, ref).Title())
	}
	if d.Privileged {
		out = append(out, "privileged")
	}
	if d.Dormant {
		out = append(out, "not used")
	}
	if person, ok := estate.Look[*model.Person](v, d.Person); ok {
		if !works(person, b.day) {
			out = append(out, "no longer works here")
		} else if others := p.size[person.Team] - 1; others > 0 {
			having := p.having[person.Team][d.Entitlement]
			if s := b.ofSubject[person.Ref()]; s != nil && slices.ContainsFunc(s.granted(), func(at int32) bool { return b.entitlements[at].Ref() == d.Entitlement }) {
				having--
			}
			out = append(out, fmt.Sprintf("%d of %d others in the team have it", having, others))
		}
	} else {
		out = append(out, "belongs to nobody")
	}
	if there, _, _ := stillThere(v, d); !there {
		out = append(out, "gone by now")
	}
	return out
}

// MyReviewsIn says whose items are asked for.
type MyReviewsIn struct {
	// Reviewer is who is to decide.
	Reviewer model.Ref `to:"Person" is:"asker"`
}

// MyReviewsOut is what somebody is to decide.
type MyReviewsOut struct {
	// Undecided are the items that the person has to decide.
	Undecided practice.Figure
	// Due is the first last day among their reviews.
	Due model.Date
	// Table lists the items.
	Table practice.Table[ReviewItem]
}

// MyReviews lists what somebody has left to decide in all open access reviews.
func MyReviews(v estate.View, in MyReviewsIn) (MyReviewsOut, error) {
	var out MyReviewsOut
	var items []*model.ReviewDecision
	for r := range estate.Each[*model.AccessReview](v) {
		if r.State != model.ReviewOpen {
			continue
		}
		for _, d := range itemsOf(v)[r.Ref()] {
			if d.Reviewer == in.Reviewer && undecided(d) {
				items = append(items, d)
				if !r.Due.IsZero() && (out.Due.IsZero() || r.Due < out.Due) {
					out.Due = r.Due
				}
			}
		}
	}
	out.Undecided = practice.Counted("items", practice.Lower, practice.ToAll(items))
	out.Table.Rows = itemRows(v, items)
	cut(&out.Table, 0)
	return out, nil
}

// RevocationsIn limits what was decided to go.
type RevocationsIn struct {
	// Review limits the list to one access review.
	Review model.Ref `to:"AccessReview"`
	// All lists too what has gone.
	All bool
	// Limit is how many rows there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// RevocationsOut is what was decided to go, and what became of it.
type RevocationsOut struct {
	// StillThere are the grants that were decided to go and have not gone.
	StillThere practice.Figure
	// Gone are those that have gone.
	Gone practice.Figure
	// Findings say what somebody has to take away, and where.
	Findings []practice.Finding
	// Table lists them, those that should have gone first.
	Table practice.Table[Revocation]
}

// Revocation is a grant that was decided to go.
type Revocation struct {
	// Item is the item of the access review.
	Item practice.Link
	// Review is the review.
	Review practice.Link
	// Person is who had it.
	Person practice.Link
	// Account is the account, as it was called.
	Account string
	// System is where it counts.
	System practice.Link
	// Entitlement is the entitlement, as it was called.
	Entitlement string
	// Decision is revoke or change.
	Decision model.ReviewVerdict
	// Reason says why.
	Reason string
	// Decided is the day on which it was decided.
	Decided model.Date
	// Days is for how many days it has been there since, or was until it was gone.
	Days int
	// Gone is the day on which it was seen to be gone.
	Gone model.Date
	// GoneBy is what showed that it is gone.
	GoneBy string
	// Verified is the day on which that was written down as evidence.
	Verified model.Date
	// Owner is who answers for the system, and is to take it away.
	Owner practice.Link
}

// Revocations lists what access reviews decided to take away: what is still there, since when, and who is to take it away in the system; and for what
// has gone the evidence. A grant has gone when the source that told of it no longer has it, when its last day is over, or when its record was removed.
func Revocations(v estate.View, in RevocationsIn) (RevocationsOut, error) {
	var out RevocationsOut
	var there, gone []practice.Link
	for r := range estate.Each[*model.AccessReview](v) {
		if !in.Review.IsZero() && r.Ref() != in.Review || r.State == model.ReviewCancelled {
			continue
		}
		for _, d := range itemsOf(v)[r.Ref()] {
			if !takesAway(d) {
				continue
			}
			row := revocationRow(v, r, d)
			if row.Gone.IsZero() {
				there = append(there, row.Item)
			} else if gone = append(gone, row.Item); !in.All {
				continue
			}
			out.Table.Rows = append(out.Table.Rows, row)
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(x, y Revocation) int {
		return cmp.Or(-compareBool(x.Gone.IsZero(), y.Gone.IsZero()), cmp.Compare(y.Days, x.Days))
	})
	cut(&out.Table, in.Limit)
	for _, row := range out.Table.Rows {
		if row.Gone.IsZero() {
			out.Findings = append(out.Findings, row.finding())
		}
	}
	out.StillThere = practice.Counted("grants", practice.Lower, there)
	out.Gone = practice.Counted("grants", practice.Neither, gone)
	return out, nil
}

func revocationRow(v estate.View, r *model.AccessReview, d *model.ReviewDecision) Revocation {
	row := Revocation{
		Item: practice.To(d), Review: practice.To(r), Person: link(v, d.Person), Account: d.AccountName, System: link(v, d.System), Entitlement: d.EntitlementName,
		Decision: d.Decision, Reason: d.Reason, Decided: d.Decided.Date(), Verified: d.Verified, Owner: ownerOfSystem(v, d.System),
	}
	end := v.At()
	if still, since, by := stillThere(v, d); !still {
		row.Gone, row.GoneBy = since.Date(), by
		end = row.Gone
	}
	row.Days = max(0, int(end)-int(row.Decided))
	return row
}

func (r *Revocation) finding() practice.Finding {
	f := practice.Finding{
		Severity: practice.High, About: r.Item, From: []practice.Link{r.Item}, Owner: r.Owner,
		Text: fmt.Sprintf("%s of %s was to go %s ago and is still there: take it away in %s.", r.Entitlement, r.Account, practice.Count(r.Days, "day", "days"), r.System.Title()),
	}
	if !r.Verified.IsZero() {
		f.Text = fmt.Sprintf("%s of %s was gone on %s and has come back: find out who gave it again in %s.", r.Entitlement, r.Account, r.Verified, r.System.Title())
	}
	return f
}

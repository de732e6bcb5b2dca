package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
	"binnacle/store"
)

// loadsOf yields every load of a snapshot.
func loadsOf(snap *estate.Snapshot) iter.Seq[*model.Load] {
	return estate.Each[*model.Load](snap.View(0))
}

// sees reports whether whoever imports may see a load.
func (im *importer) sees(load *model.Load) bool {
	if im.opt.Sight == nil {
		return true
	}
	return im.snap.View(im.store.Today()).Through(im.opt.Sight(im.snap)).Get(load.Ref()) != nil
}

// commitLoads makes the records of all loads of the import durable, as one entry. Their lines are durable already.
func (im *importer) commitLoads(ctx context.Context) error {
	if len(im.bulk.loads) == 0 {
		return nil
	}
	if !im.opt.DryRun {
		// Reading took its time: others may have gone on.
		im.snap = im.store.Snapshot()
	}
	im.leaveOut()
	for range maxAttempts {
		if len(im.bulk.loads) == 0 {
			return nil
		}
		plan := im.planLoads()
		if len(im.bulk.loads) == 0 {
			return nil
		}
		stamp, err := im.commitPlan(ctx, plan)
		var refused *store.Refused
		var conflict *estate.Conflict
		switch {
		case errors.As(err, &conflict), errors.As(err, &refused) && !im.opt.DryRun && im.store.Snapshot() != im.snap:
			im.snap = im.store.Snapshot()
			continue
		case errors.As(err, &refused):
			im.refuseLoads(slices.Clone(im.bulk.loads), err)
			return nil
		case err != nil:
			if !errors.Is(err, store.ErrUnknown) && ctx.Err() == nil {
				im.dropAll()
			}
			return err
		}
		for _, p := range im.bulk.loads {
			p.file.Entry = stamp.Seq
			p.file.Created++
			p.file.Kinds = map[string]feed.Counts{"Load": {Created: p.file.Created}}
		}
		for _, w := range im.store.Warnings(im.snap, plan.changes) {
			im.bulk.loads[0].file.Notes = append(im.bulk.loads[0].file.Notes, w.Error())
		}
		im.bulk.loads = nil
		return nil
	}
	im.dropAll()
	return errors.New("the loads kept changing while lines were imported: try again")
}

// loadPlan is the changes that let loads count.
type loadPlan struct {
	changes []model.Change
	sources []string
}

func (im *importer) commitPlan(ctx context.Context, plan loadPlan) (model.Stamp, error) {
	if im.opt.DryRun {
		next, err := im.store.Check(im.snap, plan.changes)
		if err == nil {
			im.snap = next
		}
		return model.Stamp{}, err
	}
	first := im.bulk.loads[0]
	why := im.opt.Why
	if why == "" {
		why = fmt.Sprintf("Import %s from %s", first.bulk.Label, first.file.File)
		if n := len(im.bulk.loads); n > 1 {
			why = fmt.Sprintf("%s: %d loads", why, n)
		}
	}
	stamp, err := im.store.Commit(ctx, store.Tx{Who: im.opt.Who, Why: why, Source: plan.sources[0], Changes: plan.changes})
	if err == nil {
		im.snap = im.store.Snapshot()
	}
	return stamp, err
}

// leaveOut drops lines that were replaced before by lines which came again too: a folder that holds both an old and a new bill
// of a month, and is imported again, stays as it was.
func (im *importer) leaveOut() {
	im.bulk.loads = slices.DeleteFunc(im.bulk.loads, func(p *pendingLoad) bool {
		for load := range loadsOf(im.snap) {
			if !im.bulk.confirmed[load.ID] {
				continue
			}
			for _, ref := range load.Replaces {
				old, _ := im.snap.Get(ref).(*model.Load)
				if old != nil && old.Digest == p.digest && scopeOf(old) == p.key() {
					p.file.Notes = append(p.file.Notes, fmt.Sprintf("the lines of %s were replaced by %s, which is in this import too: they were left as they are", old.Key, load.Key))
					p.report.Outcome, p.report.Key = feed.Unchanged, old.Key
					p.file.Unchanged++
					im.dropLines(p)
					return true
				}
			}
		}
		return false
	})
}

// loadScope is what loads replace each other by.
type loadScope struct {
	source, series string
	feed.Scope
}

func (p *pendingLoad) key() loadScope { return loadScope{p.source, p.bulk.Series.Name, p.scope} }

func scopeOf(l *model.Load) loadScope {
	return loadScope{l.SourceKey, l.Series, feed.Scope{Provider: l.Provider, Account: l.Subject, From: l.From, Until: l.Until}}
}

// planLoads makes the changes for all loads of the import, on the estate as it is by now. What whoever imports may not do is refused and dropped.
func (im *importer) planLoads() loadPlan {
	var plan loadPlan
	var order []loadScope
	news, olds := map[loadScope][]*pendingLoad{}, map[loadScope][]*model.Load{}
	for _, p := range im.bulk.loads {
		if news[p.key()] == nil {
			order = append(order, p.key())
		}
		news[p.key()] = append(news[p.key()], p)
	}
	for load := range loadsOf(im.snap) {
		if s := scopeOf(load); news[s] != nil && load.State == model.LoadCounts && !im.opt.Append && !im.bulk.confirmed[load.ID] {
			olds[s] = append(olds[s], load)
		}
	}
	im.bulk.keys = map[string]bool{}
	for _, s := range order {
		changes, err := im.planScope(news[s], olds[s])
		if err != nil {
			im.refuseLoads(news[s], err)
			continue
		}
		plan.changes = append(plan.changes, changes...)
		if !slices.Contains(plan.sources, s.source) {
			plan.sources = append(plan.sources, s.source)
		}
	}
	for _, source := range plan.sources {
		plan.changes = append(im.sourceChange(source), plan.changes...)
	}
	return plan
}

// planScope makes the changes for one scope, and writes into the reports what they are. The error says why they may not be made.
func (im *importer) planScope(news []*pendingLoad, olds []*model.Load) ([]model.Change, error) {
	var changes []model.Change
	kind := im.snap.Schema().Kind("Load")
	add := func(before, after model.Record) error {
		change, differs := model.Difference(kind, before, after)
		if !differs {
			return nil
		}
		changes = append(changes, change)
		if im.opt.Allow != nil {
			return im.opt.Allow(im.snap, &change)
		}
		return nil
	}
	var refs []model.Ref
	var keys []string
	for _, old := range olds {
		if !im.sees(old) {
			return nil, errors.New("there are lines of this account and period already, which you may not see or replace")
		}
		after := model.Clone(old)
		after.State = model.LoadReplaced
		if err := add(old, after); err != nil {
			return nil, err
		}
		refs, keys = append(refs, old.Ref()), append(keys, old.Key)
	}
	for i, p := range news {
		p.report.Key, p.report.Replaces, p.report.Difference = im.keyOf(p), keys, nil
		load := p.record(refs)
		if before := im.before(p); before != nil {
			load.Confidential, load.Owner = before.Confidential, before.Owner
		}
		if err := add(nil, load); err != nil {
			return nil, err
		}
		if i == 0 && len(olds) > 0 {
			p.report.Difference = difference(news, olds)
		}
	}
	return changes, nil
}

// before returns the load that says who sees the new lines and whom they belong to: the newest one about the same account, or nil where there is none.
// Who makes the bills of an account confidential once need not do so again each month, and nobody opens them by sending them again.
// Where lines of the same period were taken before, a confidential load among these comes first.
func (im *importer) before(p *pendingLoad) *model.Load {
	rank := func(l *model.Load) int {
		switch {
		case l.From != p.scope.From || l.Until != p.scope.Until:
			return 0
		case !l.Confidential:
			return 1
		}
		return 2
	}
	var found *model.Load
	for load := range loadsOf(im.snap) {
		s := scopeOf(load)
		s.From, s.Until = p.scope.From, p.scope.Until
		if s == p.key() && (found == nil || cmp.Or(cmp.Compare(rank(load), rank(found)), cmp.Compare(load.From, found.From)) >= 0) {
			found = load
		}
	}
	return found
}

// record returns the record that says that the lines count.
func (p *pendingLoad) record(replaces []model.Ref) *model.Load {
	r := p.report
	load := &model.Load{Series: r.Series, Subject: r.Account, Provider: r.Provider, SourceKey: p.source, File: p.file.File, Format: p.bulk.Name, Digest: p.digest,
		From: r.From, Until: r.Until, Lines: r.Lines, RefusedLines: r.Refused, Warnings: r.Warnings, Totals: p.totals, State: model.LoadCounts, Replaces: replaces}
	load.ID, load.Key, load.Origin = p.id, r.Key, p.source
	load.Name = strings.Join(strings.Fields(strings.Join([]string{cmp.Or(r.Provider, p.bulk.Label), r.Account, periodOf(r.From, r.Until)}, " ")), " ")
	return load
}

// periodOf names a period: a month, or the days between which it lies.
func periodOf(from, until model.Date) string {
	first := from.Time()
	if first.Day() == 1 && from.AddMonths(1).AddDays(-1) == until {
		return from.String()[:len("2027-01")]
	}
	return from.String() + " to " + until.String()
}

// mostSlug is how long the part of a key that a bill decides on may be.
const mostSlug = 80

// keyOf returns the key of a load: provider, account and period, made unique.
func (im *importer) keyOf(p *pendingLoad) string {
	slug := feed.SlugOf(strings.ReplaceAll(cmp.Or(p.scope.Provider, p.source)+" "+p.scope.Account, "/", " "))
	if len(slug) > mostSlug {
		slug = strings.Trim(strings.ToValidUTF8(slug[:mostSlug], ""), "-.")
	}
	base := strings.Trim(slug+"-"+feed.SlugOf(periodOf(p.scope.From, p.scope.Until)), "-")
	key := base
	for n := 2; im.bulk.keys[key] || im.snap.Find("Load", key) != nil; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	im.bulk.keys[key] = true
	return key
}

// difference returns what new loads add up to without what the old ones do.
func difference(news []*pendingLoad, olds []*model.Load) []LoadSum {
	type name struct{ measure, currency string }
	sums := map[name]*facts.Sum{}
	var order []name
	add := func(totals []model.LoadTotal, sign int) {
		for _, t := range totals {
			amount, err := facts.ParseDecimal(t.Amount)
			if err != nil {
				// What a person wrote into a record and is no number is nothing to compare with.
				continue
			}
			n := name{t.Measure, t.Currency}
			if sums[n] == nil {
				sums[n], order = &facts.Sum{}, append(order, n)
			}
			if sign < 0 {
				amount = amount.Neg()
			}
			sums[n].Add(amount)
		}
	}
	for _, p := range news {
		add(p.totals, 1)
	}
	for _, old := range olds {
		add(old.Totals, -1)
	}
	var out []LoadSum
	for _, n := range order {
		out = append(out, LoadSum{Measure: n.measure, Currency: n.currency, Amount: sums[n].String()})
	}
	return out
}

// sourceChange returns the change that notes when a source was seen, as other imports do.
func (im *importer) sourceChange(source string) []model.Change {
	i := slices.IndexFunc(im.bulk.loads, func(p *pendingLoad) bool { return p.source == source })
	p := im.bulk.loads[i]
	b := feed.NewBatch(im.snap.Schema(), p.file.File)
	b.Source.Key, b.Source.Name, b.Source.Format = source, p.bulk.Label, p.bulk.Name
	if source != p.bulk.Name {
		b.Source.Name = ""
	}
	return feed.Reconcile(im.snap.View(im.store.Today()), b, feed.Options{Now: im.store.Now(), NewID: im.store.NewID, Rank: bulkRank, Source: source}).Changes
}

// refuseLoads takes loads out of the import and says why.
func (im *importer) refuseLoads(loads []*pendingLoad, why error) {
	for _, p := range loads {
		p.report.Outcome = feed.Refused
		p.file.Counts.Refused++
		p.file.Refused = append(p.file.Refused, feed.Refusal{Where: feed.Where{File: p.file.File}, Record: "Load/" + p.report.Key, Reason: why.Error()})
		im.dropLines(p)
	}
	im.bulk.loads = slices.DeleteFunc(im.bulk.loads, func(p *pendingLoad) bool { return slices.Contains(loads, p) })
}

// dropAll drops the lines of all loads that no record knows.
func (im *importer) dropAll() {
	for _, p := range im.bulk.loads {
		im.dropLines(p)
	}
	im.bulk.loads = nil
}

// dropLines drops the lines of a load that no record knows. What cannot be dropped now is swept later.
func (im *importer) dropLines(p *pendingLoad) {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	im.bulk.store.Drop(ctx, p.id)
}

// unknownFor is how long lines may be there before a record knows them.
const unknownFor = 24 * time.Hour

// SweepFacts drops the lines of loads that are older than a day and that no record ever knew: what an import left behind that was stopped in the middle.
// Loads whose records were taken back stay, because the past shows them. It returns how many loads were dropped.
func SweepFacts(ctx context.Context, s *store.Store, lines facts.Store) (int, error) {
	var failed error
	known := func(id model.ID) bool {
		if s.Snapshot().Get(model.Ref(id)) != nil || failed != nil {
			return true
		}
		history, err := s.History(ctx, model.Ref(id))
		failed = err
		return err != nil || len(history) > 0
	}
	n, err := facts.Sweep(ctx, lines, known, s.Now().Time().Add(-unknownFor))
	return n, errors.Join(failed, err)
}

// LoadCheck says whether the lines of the loads are as their records say.
type LoadCheck struct {
	// Loads and Lines count what was looked at.
	Loads int
	Lines int64
	// Problems are the loads that are not as their records say.
	Problems []LoadProblem
}

// LoadProblem is a load whose lines are not as its record says.
type LoadProblem struct {
	// Load is the record.
	Load *model.Load
	// Text says what is wrong.
	Text string
}

// CheckLoads reads every line of every load that a snapshot knows, adds them up, and compares that with the record and with the sums that are kept.
func CheckLoads(ctx context.Context, snap *estate.Snapshot, lines facts.Store, progress func(done int)) (LoadCheck, error) {
	var out LoadCheck
	for load := range loadsOf(snap) {
		n, err := checkLoad(ctx, lines, load)
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		out.Loads, out.Lines = out.Loads+1, out.Lines+n
		if err != nil {
			out.Problems = append(out.Problems, LoadProblem{load, fmt.Sprintf("the lines of Load/%s: %v", load.Key, err)})
		}
		progress(out.Loads)
	}
	return out, nil
}

func checkLoad(ctx context.Context, lines facts.Store, load *model.Load) (int64, error) {
	r, err := lines.Rollup(ctx, load.ID)
	if err != nil {
		return 0, err
	}
	tally := facts.NewTally(r.Header)
	for i, row := range r.Items {
		tally.Item(uint32(i), row)
	}
	for line, err := range lines.Lines(ctx, load.ID, nil) {
		if err != nil {
			return tally.Lines(), err
		}
		tally.Add(&line)
	}
	totals, n := facts.TotalsOf(r)
	switch {
	case tally.Lines() != int64(load.Lines):
		return tally.Lines(), fmt.Errorf("there are %d, and the record says %d", tally.Lines(), load.Lines)
	case n != tally.Lines() || !slices.Equal(totals, tally.Totals()):
		return tally.Lines(), errors.New("they do not add up to the sums that are kept by month")
	case !slices.Equal(load.Totals, totals):
		return tally.Lines(), fmt.Errorf("they add up to %s, and the record says %s", told(totals), told(load.Totals))
	}
	return tally.Lines(), nil
}

func told(totals []model.LoadTotal) string {
	var out []string
	for _, t := range totals {
		out = append(out, strings.TrimSpace(t.Measure+" "+t.Amount+" "+t.Currency))
	}
	return strings.Join(out, ", ")
}

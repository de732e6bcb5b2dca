package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/facts/sqlite"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/delivery"
)

// The world of the step delivery: so many services, each with a repository, over two years of months.
const (
	deliveryServices = 500
	deliveryEvents   = 5_000_000
	deliveryMonths   = 24
)

// deliveryRun writes events of one month.
type deliveryRun struct {
	w     facts.Writer
	items map[[8]string]uint32
	n     int64
}

// delivered measures DORA for 500 services over two years, of 5,000,000 events in SQLite.
func delivered(r *run) error {
	store, err := sqlite.Open(r.ctx, filepath.Join(r.dir, "delivery-facts.db"))
	if err != nil {
		return err
	}
	defer store.Close()
	first := model.NewDate(2025, 1, 1)
	records := deliveryRecords(first)
	writing, total := time.Now(), int64(0)
	for m := range deliveryMonths {
		load := records[2*deliveryServices+m].(*model.Load)
		n, err := writeDelivery(r, store, load, m)
		if err != nil {
			return err
		}
		total += n
	}
	took := time.Since(writing)
	r.report("delivery events durable", "", "", "%.0f/s, %d events", float64(total)/took.Seconds(), total)
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		return err
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	reader := facts.NewReader(store, 64<<20)
	v := snap.View(first.AddMonths(deliveryMonths)).With(practice.Beside{Reader: reader, Practices: []*practice.Practice{&delivery.Practice}})
	window := model.Duration(730 * 24 * time.Hour)
	began := begin()
	cold, err := delivery.DORA(v, delivery.DORAIn{Window: window})
	if err != nil {
		return err
	}
	firstTook := began.lap()
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := len(cold.Rows.Rows); got != deliveryServices {
		return fmt.Errorf("delivery: %d services have a row, want %d", got, deliveryServices)
	}
	r.report("DORA for 500 services over two years, first", "", "<= 6 s", "%s, %.0f MB kept, %.0f deployments", firstTook, float64(after.HeapAlloc-before.HeapAlloc)/1e6, cold.Deployments.Value)
	began = begin()
	if _, err := delivery.DORA(v, delivery.DORAIn{Window: window}); err != nil {
		return err
	}
	r.report("the same again", "", "<= 1 s", "%s", began.lap())
	// One more load, as when a webhook told something: only its repositories are worked out again.
	load := &model.Load{Meta: model.Meta{ID: idOf(9_000_000), Key: "delivery-new", Version: 1, Created: model.Stamp{Seq: 2}}, Series: facts.Delivery.Name, State: model.LoadCounts, From: first.AddMonths(deliveryMonths), Until: first.AddMonths(deliveryMonths + 1)}
	if _, err := writeDelivery(r, store, load, -1); err != nil {
		return err
	}
	change, _ := model.Difference(snap.View(0).Schema().Of(load), nil, load)
	next, err := snap.Apply(model.Stamp{Seq: 2}, []model.Change{change})
	if err != nil {
		return err
	}
	v = next.View(v.At()).With(practice.Beside{Reader: reader})
	began = begin()
	if _, err := delivery.DORA(v, delivery.DORAIn{Window: window}); err != nil {
		return err
	}
	r.report("the same after one more load about one repository", "", "<= 1 s", "%s", began.lap())
	return nil
}

func idOf(n int) model.ID {
	return model.ID{0: 2, 6: 0x70, 8: 0x80, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

// deliveryRecords are the services, their repositories and the loads, in this order.
func deliveryRecords(first model.Date) []model.Record {
	var out []model.Record
	for i := range deliveryServices {
		out = append(out, &model.Application{Meta: model.Meta{ID: idOf(i), Key: fmt.Sprintf("service-%03d", i), Version: 1}})
	}
	for i := range deliveryServices {
		out = append(out, &model.Repository{Meta: model.Meta{ID: idOf(100_000 + i), Key: fmt.Sprintf("repository-%03d", i), Version: 1}, FullName: fmt.Sprintf("acme/service-%03d", i), Builds: []model.Ref{model.Ref(idOf(i))}})
	}
	for m := range deliveryMonths {
		out = append(out, &model.Load{Meta: model.Meta{ID: idOf(200_000 + m), Key: fmt.Sprintf("delivery-%02d", m), Version: 1, Created: model.Stamp{Seq: 1}}, Series: facts.Delivery.Name, State: model.LoadCounts, From: first.AddMonths(m), Until: first.AddMonths(m+1) - 1})
	}
	return out
}

// writeDelivery writes the events of a month in the order of time, or some of one repository where the month is below 0.
func writeDelivery(r *run, store facts.Store, load *model.Load, month int) (int64, error) {
	w, err := store.Write(r.ctx, facts.Header{Load: load.ID, Series: facts.Delivery.Name, Columns: []string{"Event", "Service", "Repository", "Branch", "Environment", "Result", "Cause"}})
	if err != nil {
		return 0, err
	}
	d := &deliveryRun{w: w, items: map[[8]string]uint32{}}
	random := rand.New(rand.NewPCG(uint64(month), 5))
	begin, repositories, each := load.From.Time().Unix(), deliveryServices, deliveryEvents/deliveryServices/deliveryMonths
	if month < 0 {
		repositories, each = 1, 100
	}
	// A request comes with about four commits, a review and a half, two builds, and nine of ten with a deployment: ten events.
	for n := range each / 10 {
		for i := range repositories {
			if err := d.request(random, fmt.Sprintf("acme/service-%03d", i), begin+int64(n)*30*86400*10/int64(each)+random.Int64N(7200), int64(month+2)*1_000_000+int64(i)*1000+int64(n)+1); err != nil {
				return 0, err
			}
		}
	}
	_, err = w.Commit(r.ctx)
	return d.n, err
}

// request tells what happens from the first commit to the deployment of one request.
func (d *deliveryRun) request(random *rand.Rand, repository string, at, id int64) error {
	digest := func(n int64) int64 { return int64(uint64(id*16+n)*0x9e3779b97f4a7c15>>4) | 1 }
	merge := digest(15)
	opened := at + 3600 + random.Int64N(86400)
	merged := opened + 1800 + random.Int64N(2*86400)
	deployed := merged + 600 + random.Int64N(6*3600)
	branch := fmt.Sprintf("work-%d", id%40)
	var err error
	tell := func(event, branch, environment, result, cause string, start, end, number, parent int64, values ...int64) {
		if err == nil {
			err = d.tell([8]string{event, "", repository, branch, environment, result, cause}, start, end, number, parent, values...)
		}
	}
	for n := range int64(3) {
		tell("commit", branch, "", "", "", at+n*600, at+n*600+60, digest(n), id, 40, 7)
	}
	tell("change", branch, "", "merged", "", opened, merged, id, merge, 120, 30)
	tell("review", "", "", "", "", opened+900, opened+900, digest(4), id)
	tell("build", branch, "ci", "success", "", opened+10, opened+400, digest(5), digest(2), 0, 0, 800, 0)
	tell("build", "main", "ci", []string{"success", "success", "success", "failure"}[random.IntN(4)], "", merged, merged+400, digest(6), merge, 0, 0, 800, 1)
	tell("commit", "main", "", "", "", merged, merged, merge, 0, 120, 30)
	cause := ""
	if random.IntN(20) == 0 {
		cause = "hotfix"
	}
	tell("deployment", "main", "production", "success", cause, deployed, deployed+300, digest(7), merge)
	if random.IntN(10) == 0 {
		tell("incident", "", "", "closed", "deployment", deployed+900, deployed+900+random.Int64N(6*3600)+60, id, digest(7))
	} else {
		tell("deployment", "main", "staging", "success", "", merged+60, merged+300, digest(8), merge)
	}
	return err
}

func (d *deliveryRun) tell(columns [8]string, start, end, id, parent int64, values ...int64) error {
	item, ok := d.items[columns]
	if !ok {
		var err error
		if item, err = d.w.Item(facts.HashOf(columns[:7]), func() []string { return slices.Clone(columns[:7]) }); err != nil {
			return err
		}
		d.items[columns] = item
	}
	d.n++
	line := facts.Line{Item: item, Start: start, End: end, Row: d.n}
	line.Values[facts.EventID], line.Values[facts.EventParent] = facts.NewDecimal(id, 0), facts.NewDecimal(parent, 0)
	for i, x := range values {
		if x != 0 {
			line.Values[facts.LinesAdded+i] = facts.NewDecimal(x, 0)
		}
	}
	return d.w.Add(&line)
}

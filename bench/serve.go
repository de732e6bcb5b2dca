package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// lists measures pages of 50 records with a filter and an order, as JSON, asked by 16 at a time.
func lists(r *run) error {
	queries := []estate.Query{
		{Kind: "Host", Where: []estate.Condition{{Field: "os_version", Op: estate.Is, Values: []string{"11.1"}}}, Sort: []estate.Sort{{Field: "memory", Down: true}}, Limit: 50},
		{Kind: "Application", Where: []estate.Condition{{Field: "criticality", Op: estate.AtLeast, Values: []string{"high"}}}, Sort: []estate.Sort{{Field: "users", Down: true}}, Limit: 50},
		{Kind: "Component", Where: []estate.Condition{{Field: "package_url", Op: estate.Contains, Values: []string{"package-77"}}}, Sort: []estate.Sort{{Field: "version"}}, Limit: 50},
	}
	began := time.Now()
	for _, q := range queries {
		if _, err := r.store.View().List(q); err != nil {
			return err
		}
	}
	first := time.Since(began) / time.Duration(len(queries))
	ask := func(i int) error {
		v := r.store.View()
		page, err := v.List(queries[i%len(queries)])
		if err != nil {
			return err
		}
		if len(pageJSON(v, page.Records)) < 100 {
			return fmt.Errorf("list: the page of %s is empty", queries[i%len(queries)].Kind)
		}
		return nil
	}
	rate, p99, err := hammer(16, 3*time.Second, ask)
	if err != nil {
		return err
	}
	r.report("list page (filter, order, 50 rows) as JSON", "PocketBase 681/s indexed, 35/s not", ">= 5,000/s, p99 <= 10 ms", "%.0f/s, p99 %s; first time %s", rate, p99.Round(time.Microsecond), first.Round(time.Millisecond))
	return nil
}

func pageJSON(v estate.View, records []model.Record) []byte {
	out := []byte{'['}
	for i, rec := range records {
		if i > 0 {
			out = append(out, ',')
		}
		out = v.Schema().Of(rec).AppendRecord(out, rec, v)
	}
	return append(out, ']')
}

// hammer calls something from so many goroutines for a while. It returns how often a second, and the time that 99 of 100 calls stay below.
func hammer(workers int, lasting time.Duration, call func(i int) error) (rate float64, p99 time.Duration, err error) {
	var mu sync.Mutex
	var all []time.Duration
	var wait sync.WaitGroup
	began := time.Now()
	for worker := range workers {
		wait.Go(func() {
			var own []time.Duration
			for i := worker; time.Since(began) < lasting; i++ {
				at := time.Now()
				if e := call(i); e != nil {
					mu.Lock()
					err = e
					mu.Unlock()
					return
				}
				own = append(own, time.Since(at))
				// A server waits for its network here and lets the others go on.
				runtime.Gosched()
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	wait.Wait()
	if err != nil || len(all) == 0 {
		return 0, 0, err
	}
	slices.Sort(all)
	return float64(len(all)) / time.Since(began).Seconds(), all[len(all)*99/100], nil
}

// records measures one record as JSON over HTTP, beside a handler that only writes bytes.
func records(r *run) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	hosts := r.store.View().Count("Host")
	mux := http.NewServeMux()
	mux.HandleFunc("/bare", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`) })
	mux.HandleFunc("/record/{key}", func(w http.ResponseWriter, q *http.Request) {
		v := r.store.View()
		if rec := v.Find("Host", q.PathValue("key")); rec != nil {
			w.Write(v.Schema().Of(rec).AppendRecord(nil, rec, v))
		}
	})
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
	get := func(path string) error {
		res, err := client.Get("http://" + listener.Addr().String() + path)
		if err != nil {
			return err
		}
		defer res.Body.Close()
		return json.NewDecoder(res.Body).Decode(new(any))
	}
	bare, _, err := hammer(16, 2*time.Second, func(int) error { return get("/bare") })
	if err != nil {
		return err
	}
	rate, p99, err := hammer(16, 2*time.Second, func(int) error { return get("/record/" + keyOf("Host", rand.IntN(hosts))) })
	if err != nil {
		return err
	}
	r.report("one record as JSON over HTTP", fmt.Sprintf("bare net/http %.0f/s", bare), ">= 0.5 of bare", "%.2f of bare; %.0f/s, p99 %s", rate/bare, rate, p99.Round(time.Microsecond))
	return nil
}

// edits measures single durable edits from 16 writers.
func edits(r *run) error {
	hosts := r.store.View().Count("Host")
	var mu sync.Mutex
	conflicts := 0
	rate, p99, err := hammer(16, 4*time.Second, func(i int) error {
		v := r.store.View()
		before := v.Find("Host", keyOf("Host", rand.IntN(hosts)))
		after := model.Clone(before.(*model.Host))
		after.Status = fmt.Sprintf("seen %d", i)
		change, differs := model.Difference(v.Schema().Of(before), before, after)
		if !differs {
			return nil
		}
		_, err := r.store.Commit(r.ctx, store.Tx{Who: "bench", Why: "Edit", Source: model.PersonSource, Changes: []model.Change{change}})
		if _, lost := err.(*estate.Conflict); lost {
			mu.Lock()
			conflicts++
			mu.Unlock()
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	r.report("single durable edits, 16 writers", "PocketBase 4,090/s not fully durable", ">= 5,000/s", "%.0f/s, p99 %s", rate, p99.Round(time.Microsecond))
	return nil
}

// past measures views of the end of the load, some thousand edits ago, and of its middle.
func past(r *run) error {
	for _, p := range []struct {
		what string
		seq  uint64
	}{{"as of the end of the load, before all edits", r.loaded}, {"as of the middle of the load", r.loaded / 2}} {
		began := time.Now()
		if _, err := r.store.AsOf(r.ctx, p.seq); err != nil {
			return err
		}
		first := time.Since(began)
		began = time.Now()
		if _, err := r.store.AsOf(r.ctx, p.seq); err != nil {
			return err
		}
		r.report(p.what, "", "<= 5 s, again 10 ms", "%.2f s, again %s", first.Seconds(), time.Since(began).Round(time.Microsecond))
	}
	return nil
}

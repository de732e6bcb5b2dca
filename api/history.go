package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// entryJSON is an entry of the journal.
type entryJSON struct {
	Entry  uint64     `json:"entry"`
	At     model.Time `json:"at"`
	Who    string     `json:"who"`
	Source string     `json:"source"`
	Why    string     `json:"why"`
	Undoes uint64     `json:"undoes,omitempty"`
	// Created, Edited and Deleted count the changes in sight.
	Created int `json:"created"`
	Edited  int `json:"edited"`
	Deleted int `json:"deleted"`
	// Changes are what happened, where that was asked for.
	Changes []door.ChangeReport `json:"changes,omitempty"`
}

func entryOf(e door.Entry) entryJSON {
	out := entryJSON{Entry: e.Seq, At: e.At, Who: e.Who, Source: e.Source, Why: e.Why, Undoes: e.Undoes}
	for i := range e.Changes {
		switch e.Changes[i].Op {
		case model.Create:
			out.Created++
		case model.Remove:
			out.Deleted++
		default:
			out.Edited++
		}
	}
	return out
}

// entryPage is a page of entries.
type entryPage struct {
	Entries []entryJSON `json:"entries"`
	// Next is what to give as before for the next page. 0 means that this is the last.
	Next uint64 `json:"next,omitempty"`
}

// startOfPage returns the number before which entries are wanted.
func (c *call) startOfPage(v estate.View) (before uint64, most int, err error) {
	if most, err = c.number("limit", usualPage, 1, largestPage); err != nil {
		return 0, 0, err
	}
	n, err := c.number("before", 0, 0, 1<<50)
	before = uint64(n)
	if past := v.Stamp().Seq + 1; c.moment.AsOf != "" && (before == 0 || before > past) {
		before = past
	}
	return before, most, err
}

// entries lists the newest entries.
func (c *call) entries() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	before, most, err := c.startOfPage(v)
	if err != nil {
		return err
	}
	list, err := c.house.Entries(c.r.Context(), c.who, before, most+1)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pageOf(list, most, func(e door.Entry) entryJSON { return entryOf(e) }))
}

func pageOf(list []door.Entry, most int, form func(door.Entry) entryJSON) entryPage {
	out := entryPage{Entries: []entryJSON{}}
	for i, e := range list {
		if i == most {
			out.Next = out.Entries[i-1].Entry
			break
		}
		out.Entries = append(out.Entries, form(e))
	}
	return out
}

// recordHistory lists the entries that touch a record, with what they did to it. It may be deleted.
func (c *call) recordHistory() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	if _, err := c.kind(v); err != nil {
		return err
	}
	ref, _, _, err := c.house.Trace(c.r.Context(), c.who, v, c.r.PathValue("kind"), c.r.PathValue("key"))
	if err != nil {
		return err
	}
	before, most, err := c.startOfPage(v)
	if err != nil {
		return err
	}
	list, err := c.house.History(c.r.Context(), c.who, ref, before, most+1)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pageOf(list, most, func(e door.Entry) entryJSON {
		out := entryOf(e)
		out.Changes = reports(v, e.Changes)
		return out
	}))
}

// reports tells what changes did, with the version that each record had afterwards.
func reports(v estate.View, changes []model.Change) []door.ChangeReport {
	out := door.Report(v, v, changes)
	for i := range changes {
		out[i].Version = changes[i].Version + 1
	}
	return out
}

// seq reads the number of an entry from the address.
func (c *call) seq() (uint64, error) {
	n, err := strconv.ParseUint(c.r.PathValue("seq"), 10, 64)
	if err != nil || n > c.house.Head().Seq {
		return 0, &door.NotFound{What: "entry " + strconv.Quote(c.r.PathValue("seq"))}
	}
	return n, nil
}

// entry shows one entry with its changes.
func (c *call) entry() error {
	seq, err := c.seq()
	if err != nil {
		return err
	}
	v, err := c.look()
	if err != nil {
		return err
	}
	most, err := c.number("limit", largestPage, 1, largestPage)
	if err != nil {
		return err
	}
	skip, err := c.number("skip", 0, 0, 1<<30)
	if err != nil {
		return err
	}
	e, err := c.house.Entry(c.r.Context(), c.who, seq)
	if err != nil {
		return err
	}
	out := entryOf(e)
	from := min(skip, len(e.Changes))
	out.Changes = reports(v, e.Changes[from:min(from+most, len(e.Changes))])
	return c.json(http.StatusOK, out)
}

// reason is the body of what only needs a reason.
type reason struct {
	// Why says what it is for.
	Why string `json:"why"`
	// DryRun only finds out what would happen.
	DryRun bool `json:"dry_run"`
}

// undo takes an entry back.
func (c *call) undo() error {
	seq, err := c.seq()
	if err != nil {
		return err
	}
	var in reason
	if err := c.into(&in, true); err != nil {
		return err
	}
	v, err := c.look()
	if err != nil {
		return err
	}
	e, err := c.house.Entry(c.r.Context(), c.who, seq)
	if err != nil {
		return err
	}
	for _, change := range e.Changes {
		if slices.ContainsFunc(change.Fields, func(f model.FieldChange) bool { return f.Erased }) {
			return &problem{Status: http.StatusUnprocessableEntity, Title: "The entry cannot be undone", Detail: "values of it have been erased for good"}
		}
	}
	r, err := c.house.Undo(c.r.Context(), c.who, seq, in.Why, in.DryRun)
	var denied *access.Denied
	switch {
	case errors.Is(err, door.ErrNothing):
		r = door.Receipt{}
	case errors.As(err, &denied) && denied.Need == "read":
		return &problem{Status: http.StatusForbidden, Title: "This is not allowed", Detail: "the entry changed records that you may not see"}
	case err != nil:
		return c.sided(v, inverses(e.Changes), err)
	}
	return c.told(v, r, in.DryRun)
}

// inverses returns what would take changes back, for the sides of a conflict.
func inverses(changes []model.Change) []model.Change {
	out := make([]model.Change, len(changes))
	for i := range changes {
		out[i] = changes[i].Inverse(changes[i].Version + 1)
	}
	return out
}

// told answers with what a write did.
func (c *call) told(v estate.View, r door.Receipt, dryRun bool) error {
	after, err := c.after(v, r, dryRun)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, receipt{WriteReport: r.Told(v, after, dryRun)})
}

// differences shows what makes one estate of another.
func (c *call) differences() error {
	q := c.query
	side := func(name, asOf, scenario string) (estate.View, error) {
		v, err := c.house.Look(c.r.Context(), c.who, door.Moment{AsOf: asOf, At: c.moment.At, Scenario: scenario})
		var bad *door.BadMoment
		if errors.As(err, &bad) && bad.Parameter == "as_of" {
			return v, badParameter(name, momentText(bad))
		}
		return v, err
	}
	from, err := side("from", q.Get("from"), "")
	if err != nil {
		return err
	}
	then := q.Get("to")
	if then == "" && q.Get("scenario") != "" {
		then = q.Get("from")
	}
	to, err := side("to", then, q.Get("scenario"))
	if err != nil {
		return err
	}
	changes := slices.DeleteFunc(door.Differences(from, to), func(ch model.Change) bool {
		return ch.Op == model.Edit && len(door.FieldReports(from, to, &ch)) == 0
	})
	return c.json(http.StatusOK, struct {
		Changes []door.ChangeReport `json:"changes"`
		From    uint64              `json:"from"`
		To      uint64              `json:"to"`
	}{door.Report(from, to, changes), from.Stamp().Seq, to.Stamp().Seq})
}

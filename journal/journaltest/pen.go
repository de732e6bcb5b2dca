package journaltest

import (
	"encoding/binary"
	"fmt"
	"testing"

	"binnacle/journal"
	"binnacle/model"
)

// Pen writes commits as the store does: it keeps every record as it is, and
// works out the changes and the rows. It is not for several goroutines.
type Pen struct {
	t       testing.TB
	schema  *model.Schema
	head    uint64
	at      model.Time
	made    uint64
	records map[model.ID]model.Record
	open    *journal.Commit
	touched []model.ID
	kinds   map[model.ID]string
	// Entries are all entries that have been written, the first at 0.
	Entries []journal.Entry
}

// NewPen returns a pen for an empty journal.
func NewPen(t testing.TB) *Pen {
	return &Pen{t: t, schema: model.Builtin(), at: 1800000000000, records: map[model.ID]model.Record{}}
}

// ID returns an id that has not been used, in an order that does not depend on chance.
func (p *Pen) ID() model.ID {
	p.made++
	var id model.ID
	id[0], id[6], id[8] = 1, 0x70, 0x80
	binary.BigEndian.PutUint32(id[1:], uint32(p.made))
	binary.BigEndian.PutUint32(id[12:], uint32(p.made*2654435761))
	return id
}

// Head is the number of the last entry that has been written.
func (p *Pen) Head() uint64 { return p.head }

// At sets the moment of the commits that follow.
func (p *Pen) At(moment model.Time) { p.at = moment }

// Record returns a record as it is.
func (p *Pen) Record(id model.ID) model.Record { return p.records[id] }

// Records returns how many records there are.
func (p *Pen) Records() int { return len(p.records) }

func (p *Pen) begin() *journal.Commit {
	if p.open == nil {
		p.open, p.kinds = &journal.Commit{}, map[model.ID]string{}
	}
	return p.open
}

func (p *Pen) change(id model.ID, after model.Record) {
	c := p.begin()
	before := p.records[id]
	rec := before
	if rec == nil {
		rec = after
	}
	change, differs := model.Difference(p.schema.Of(rec), before, after)
	if !differs {
		p.t.Fatalf("the record %s does not change", id)
	}
	if change.Op != model.Create {
		change.Prior, change.Born = before.Base().Changed, before.Base().Created
	}
	if p.kinds[id] == "" {
		p.touched = append(p.touched, id)
	}
	p.kinds[id] = change.Kind
	c.Entry.Changes = append(c.Entry.Changes, change)
	if after == nil {
		delete(p.records, id)
		return
	}
	m := after.Base()
	stamp := model.Stamp{Seq: p.head + 1, At: p.at}
	m.Version, m.Changed = 1, stamp
	if before == nil {
		m.Created = stamp
	} else {
		m.Version = before.Base().Version + 1
	}
	p.records[id] = after
}

// Create adds a record to the open commit and returns its id.
func (p *Pen) Create(rec model.Record) model.ID {
	if rec.Base().ID.IsZero() {
		rec.Base().ID = p.ID()
	}
	p.change(rec.Base().ID, rec)
	return rec.Base().ID
}

// Edit changes a record in the open commit.
func (p *Pen) Edit(id model.ID, edit func(model.Record)) {
	rec := model.Clone(p.records[id])
	edit(rec)
	p.change(id, rec)
}

// Remove takes a record out in the open commit.
func (p *Pen) Remove(id model.ID) { p.change(id, nil) }

// Erase erases fields of a record with the open commit.
func (p *Pen) Erase(id model.ID, fields ...string) {
	c := p.begin()
	c.Erase = append(c.Erase, journal.Erasure{ID: id, Fields: fields})
}

// Commit ends the open commit.
func (p *Pen) Commit(why string) journal.Commit {
	c := *p.begin()
	p.head++
	c.Entry.Seq, c.Entry.At, c.Entry.Who, c.Entry.Why, c.Entry.Source = p.head, p.at, "anna", why, model.PersonSource
	for _, id := range p.touched {
		rec := p.records[id]
		row := journal.Row{ID: id, Changed: model.Stamp{Seq: p.head, At: p.at}}
		if rec == nil {
			row.Kind = p.kinds[id]
		} else {
			row = p.row(rec)
		}
		c.Rows = append(c.Rows, row)
	}
	p.Entries = append(p.Entries, c.Entry)
	p.open, p.touched = nil, nil
	p.at += 1000
	return c
}

func (p *Pen) row(rec model.Record) journal.Row {
	k, m := p.schema.Of(rec), rec.Base()
	return journal.Row{Kind: k.Name, ID: m.ID, Key: m.Key, Version: m.Version, Created: m.Created, Changed: m.Changed, Body: k.Encode(rec)}
}

// Rows returns the rows that the journal should have, by id.
func (p *Pen) Rows() map[model.ID]journal.Row {
	out := map[model.ID]journal.Row{}
	for id, rec := range p.records {
		out[id] = p.row(rec)
	}
	return out
}

// Application returns an application with about a dozen fields.
func Application(key string, n int) *model.Application {
	a := &model.Application{}
	a.Key, a.Name = key, fmt.Sprintf("Application number %d", n)
	a.Description = "It takes orders from shops and passes them on to the warehouse, which answers with a date of delivery."
	a.Tags = []string{"order", "warehouse"}
	a.Criticality, a.Version, a.Hosting = "high", fmt.Sprintf("%d.%d", n%7, n%13), "saas"
	a.Users, a.Availability = n%5000+1, 99.5
	a.Repository, a.PersonalData = fmt.Sprintf("https://code.example.com/shop/%d", n), n%2 == 0
	a.Origin = "cmdb"
	a.Sightings = []model.Sighting{{Source: "cmdb", External: fmt.Sprintf("CI%07d", n)}}
	return a
}

// Person returns a person with personal fields.
func Person(key, fullName, email string) *model.Person {
	p := &model.Person{FullName: fullName, Email: email, Phone: "+49 30 5550100", Position: "Buyer"}
	p.Key = key
	return p
}

// Bulk returns a commit that creates so many applications.
func (p *Pen) Bulk(prefix string, n int) journal.Commit {
	for i := range n {
		p.Create(Application(fmt.Sprintf("%s-%07d", prefix, i), i))
	}
	return p.Commit("import " + prefix)
}

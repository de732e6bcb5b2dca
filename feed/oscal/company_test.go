package oscal

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// company is an estate that documents are imported into.
type company struct {
	t    testing.TB
	snap *estate.Snapshot
	ids  int
	now  model.Time
}

func newCompany(t testing.TB) *company {
	return &company{t: t, snap: estate.Empty(), now: model.Time(1_900_000_000_000)}
}

func (c *company) newID() model.ID {
	c.ids++
	return model.ID{0: 1, 6: 0x70, 13: byte(c.ids >> 16), 14: byte(c.ids >> 8), 15: byte(c.ids)}
}

func (c *company) view() estate.View { return c.snap.View(model.MustDate("2027-03-04")) }

// file is a content with its name.
type file struct{ name, text string }

// sample is a file that another program wrote.
func sample(t testing.TB, path string) file {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(feedtest.Samples(t), "01-oscal", path))
	if err != nil {
		t.Fatal(err)
	}
	return file{path, string(text)}
}

// take imports files as one whole.
func (c *company) take(files ...file) *feed.Plan {
	c.t.Helper()
	var all *feed.Batch
	for _, f := range files {
		b, err := feed.Read(context.Background(), Format, c.snap.Schema(), feed.Input{Name: f.name, Data: []byte(f.text)})
		if err != nil {
			c.t.Fatalf("%s: %v", f.name, err)
		}
		if all == nil {
			all = b
		} else {
			all.Join(b)
		}
	}
	c.now++
	plan := feed.Reconcile(c.view(), all, feed.Options{Now: c.now, NewID: c.newID, Rank: Format.Rank})
	next, err := c.snap.Apply(model.Stamp{Seq: c.snap.Stamp().Seq + 1, At: c.now}, plan.Changes)
	if err != nil {
		c.t.Fatal(err)
	}
	c.snap = next
	return plan
}

// unchanged makes sure that taking files again changes nothing.
func (c *company) unchanged(files ...file) {
	c.t.Helper()
	plan := c.take(files...)
	for _, change := range plan.Changes {
		if change.Kind != "Source" {
			var fields []string
			for _, f := range change.Fields {
				fields = append(fields, f.Name+": "+string(f.Before)+" → "+string(f.After))
			}
			c.t.Errorf("the second import changes %s/%s: %s", change.Kind, change.ID, strings.Join(fields, "; "))
		}
	}
}

// each returns the records of a kind.
func each[R model.Record](c *company) []R {
	var out []R
	for rec := range estate.Each[R](c.view()) {
		out = append(out, rec)
	}
	return out
}

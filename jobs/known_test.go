package jobs_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"binnacle/feed"
	"binnacle/jobs"
)

// A long content is hashed while it is read. When it comes again under another name its lines are dropped at the end, and what was
// refused in it is not told again.
func TestALongContentThatCameUnderAnotherNameIsKnown(t *testing.T) {
	till := newTill(t)
	text := strings.Repeat("42 2027-06 Ovens 0.10\n", 60_000) + "? torn\n"
	report := till.take(jobs.ImportOptions{}, slip("june.txt", text))
	if f := report.Files[0]; f.Counts.Refused != 1 || len(f.Loads) != 1 || f.Loads[0].Totals[0].Amount != "6000" {
		t.Fatalf("%+v", f)
	}
	for _, name := range []string{"june.txt", "june-again.txt"} {
		f := till.take(jobs.ImportOptions{}, slip(name, text)).Files[0]
		if f.Counts != (feed.Counts{Unchanged: 1}) || len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "was imported before") || len(f.Refused) != 0 {
			t.Errorf("%s: %+v", name, f)
		}
		till.want("6000", 1)
	}
	// One more byte is another content.
	if f := till.take(jobs.ImportOptions{}, slip("july.txt", text+"\n42 2027-06 Ovens 1\n"[1:])).Files[0]; f.Created != 1 || f.Loads[0].Replaces[0] == "" {
		t.Errorf("another content: %+v", f)
	}
	till.want("6001", 2)
	// Twice in one import counts once.
	report = till.take(jobs.ImportOptions{Source: "other"}, slip("a.txt", text), slip("b.txt", text))
	if f := report.Files[1]; len(f.Loads) != 0 || !strings.Contains(f.Notes[0], "the same content as a.txt") {
		t.Errorf("the second of two that are the same: %+v", f)
	}
}

// What cannot be read to its end leaves nothing behind.
func TestALongContentThatBreaksOffLeavesNothing(t *testing.T) {
	till := newTill(t)
	text := strings.Repeat("42 2027-06 Ovens 0.10\n", 60_000)
	broken := feed.Input{Name: "june.txt", Bulk: &slips, Open: func() (*feed.Stream, error) {
		return feed.NewStream(breaks{strings.NewReader(text), 22 * 20_000}, int64(len(text)), nil), nil
	}}
	if f := till.take(jobs.ImportOptions{}, broken).Files[0]; !strings.Contains(f.Error, iotest.ErrTimeout.Error()) {
		t.Errorf("%+v", f)
	}
	till.want("0", 0)
}

// breaks is a content that cannot be read from some byte on.
type breaks struct {
	io.ReaderAt
	from int64
}

func (b breaks) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > b.from {
		n, err := b.ReaderAt.ReadAt(p[:max(0, min(int64(len(p)), b.from-at))], at)
		return n, errors.Join(iotest.ErrTimeout, err)
	}
	return b.ReaderAt.ReadAt(p, at)
}

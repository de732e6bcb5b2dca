package jobs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"binnacle/feed"
)

// spoolHeld is how long a content may be that is held in memory.
const spoolHeld = 8 << 20

// Spool takes a content: into memory where it is short, and otherwise into a file of a folder, so that large bills are never held.
// The file goes when done is called. Spool reads all there is: who gives the reader bounds it.
func Spool(folder, name string, r io.Reader) (in feed.Input, done func(), err error) {
	held, err := io.ReadAll(io.LimitReader(r, spoolHeld+1))
	if err != nil || len(held) <= spoolHeld {
		return feed.Input{Name: name, Data: held}, func() {}, err
	}
	f, err := os.CreateTemp(folder, "upload-*")
	if err != nil {
		return feed.Input{}, nil, fmt.Errorf("keep the upload: %w", err)
	}
	done = func() { os.Remove(f.Name()) }
	_, err = io.Copy(f, io.MultiReader(bytes.NewReader(held), r))
	if err = errors.Join(err, f.Close()); err != nil {
		done()
		return feed.Input{}, nil, err
	}
	return feed.Input{Name: name, Open: func() (*feed.Stream, error) { return feed.OpenStream(f.Name()) }}, done, nil
}

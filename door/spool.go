package door

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"binnacle/feed"
	"binnacle/jobs"
)

// Spool takes an upload: into memory where it is short, and otherwise into a file beside the data, so that large bills are never held.
// The file goes when done is called. Spool reads all there is: who gives the reader bounds it.
func (h *House) Spool(name string, r io.Reader) (in feed.Input, done func(), err error) {
	return jobs.Spool(h.Temp, name, r)
}

// KeepUpload keeps an upload in a file beside the data until it is dropped, and returns the name of the file.
func (h *House) KeepUpload(r io.Reader) (file string, size int64, err error) {
	f, err := os.CreateTemp(h.Temp, uploadPattern)
	if err != nil {
		return "", 0, fmt.Errorf("keep the upload: %w", err)
	}
	size, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", 0, err
	}
	return filepath.Base(f.Name()), size, nil
}

// OpenUpload opens an upload that was kept. The error is a [*NotFound] where it is no longer there, or was kept by another node.
func (h *House) OpenUpload(file string) (*feed.Stream, error) {
	stream, err := feed.OpenStream(h.uploadPath(file))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &NotFound{"upload " + file}
	}
	return stream, err
}

// DropUpload removes an upload that was kept.
func (h *House) DropUpload(file string) error {
	if err := os.Remove(h.uploadPath(file)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// uploadPath returns the path of a file of an upload. Names of other files lead nowhere.
func (h *House) uploadPath(file string) string {
	if ok, err := filepath.Match(uploadPattern, file); !ok || err != nil {
		file = "none"
	}
	return filepath.Join(cmp.Or(h.Temp, os.TempDir()), file)
}

// uploadPattern is how files of uploads are called.
const uploadPattern = "upload-*"

const (
	// bulkSweep is how often what imports left behind is taken away.
	bulkSweep = 24 * time.Hour
	// uploadLife is how long a file of an upload is kept at most. No upload waits or is read for so long.
	uploadLife = 24 * time.Hour
)

// SweepBulk takes away what imports left behind that were stopped in the middle, at once and then once a day, until the context
// ends: bulk lines that no record knows, and files of uploads.
func (h *House) SweepBulk(ctx context.Context) {
	tick := time.NewTicker(bulkSweep)
	defer tick.Stop()
	for {
		h.sweepUploads()
		if n, err := jobs.SweepFacts(ctx, h.store, h.facts); err != nil && ctx.Err() == nil {
			h.Log.Error("bulk lines could not be swept", "error", err)
		} else if n > 0 {
			h.Log.Info("bulk lines that no record knows were dropped", "loads", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sweepUploads removes old files of the folder for uploads. The folder of the system is left to the system.
func (h *House) sweepUploads() {
	if h.Temp == "" {
		return
	}
	for _, pattern := range []string{uploadPattern, "unpacked-*"} {
		names, err := filepath.Glob(filepath.Join(h.Temp, pattern))
		if err != nil {
			h.Log.Error("old uploads could not be found", "error", err)
			return
		}
		for _, name := range names {
			if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > uploadLife {
				os.Remove(name)
			}
		}
	}
}

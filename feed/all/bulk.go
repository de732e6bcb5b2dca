package all

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"

	"binnacle/feed"
	"binnacle/feed/cloudbill"
	"binnacle/feed/delivery"
	"binnacle/feed/focus"
	"binnacle/feed/ledger"
	"binnacle/feed/usage"
)

// Bulks returns every format of bulk lines that Binnacle reads. Where two are equally likely, the first one is meant.
func Bulks() []feed.Bulk {
	return slices.Concat([]feed.Bulk{focus.Format}, cloudbill.Formats(), []feed.Bulk{ledger.Format, usage.Format, delivery.Messages, delivery.Table, delivery.DevLake})
}

// DetectBulk returns the format of bulk lines that a content most likely is of, and how likely that is: 0 for none, 100 for
// certainly. Head is the first bytes of the content, at most [feed.DetectBytes] of them.
func DetectBulk(head []byte) (feed.Bulk, int) {
	var best feed.Bulk
	most := 0
	for _, b := range Bulks() {
		if c := b.Detect(head); c > most {
			best, most = b, c
		}
	}
	return best, most
}

// wholeArchive returns the format of which files with these names are one content together, or nil.
func wholeArchive(names []string) *feed.Bulk {
	for _, b := range Bulks() {
		if b.Archive != nil && b.Archive(names) {
			return &b
		}
	}
	return nil
}

// mostFooter is how long the description at the end of a Parquet file may be for its columns to be looked at.
const mostFooter = 16 << 20

// Head returns what bulk formats need of a content to know it: its first bytes. The columns of a Parquet file stand at
// its end, so that of a long one the description there is put behind its mark, which is a file without rows.
func Head(content io.ReaderAt, size int64) ([]byte, error) {
	head := make([]byte, min(size, feed.DetectBytes))
	n, err := content.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	if size <= int64(len(head)) || !bytes.HasPrefix(head, parquetMark) {
		return head, nil
	}
	var end [8]byte
	if n, _ := content.ReadAt(end[:], size-int64(len(end))); n < len(end) || !bytes.Equal(end[4:], parquetMark) {
		return head, nil
	}
	length := int64(binary.LittleEndian.Uint32(end[:4])) + int64(len(end))
	if length > mostFooter || length > size {
		return head, nil
	}
	footer := make([]byte, length)
	if n, _ := content.ReadAt(footer, size-length); int64(n) < length {
		return head, nil
	}
	return append(bytes.Clone(parquetMark), footer...), nil
}

// HeadOf returns what bulk formats need of a content in memory, as [Head] does. Of a workbook that is all of it.
func HeadOf(data []byte) []byte {
	if isZip(data) {
		return data
	}
	head, err := Head(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return data[:min(len(data), feed.DetectBytes)]
	}
	return head
}

var parquetMark = []byte("PAR1")

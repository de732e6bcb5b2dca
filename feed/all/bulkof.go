package all

import (
	"fmt"
	"strings"

	"binnacle/feed"
)

// bulkSure is how sure a format of bulk lines must be to be meant where nobody said so.
const bulkSure = 50

// BulkOf returns the format of bulk lines that a content is of, by its first bytes, or nil where it more likely holds records.
func BulkOf(head []byte) *feed.Bulk {
	bulk, sure := DetectBulk(head)
	if sure < bulkSure {
		return nil
	}
	for _, f := range Formats() {
		if f.Detect(head) > sure {
			return nil
		}
	}
	return &bulk
}

// Bulk returns the format of bulk lines with a name, or nil.
func Bulk(name string) *feed.Bulk {
	for _, b := range Bulks() {
		if strings.EqualFold(b.Name, strings.TrimSpace(name)) {
			return &b
		}
	}
	return nil
}

// Named returns the format with a name: one of records, or one of bulk lines.
func Named(name string) (feed.Format, *feed.Bulk, error) {
	if bulk := Bulk(name); bulk != nil {
		return feed.Format{}, bulk, nil
	}
	format, err := Format(name)
	if err != nil {
		var names []string
		for _, b := range Bulks() {
			names = append(names, b.Name)
		}
		if len(names) > 0 {
			err = fmt.Errorf("%w, %s", err, strings.Join(names, ", "))
		}
	}
	return format, nil, err
}

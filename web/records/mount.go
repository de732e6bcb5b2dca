// Package records is the pages of records, of every kind, from the model alone.
package records

import (
	"binnacle/web/frame"
)

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
}

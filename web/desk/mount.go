// Package desk is the pages that everybody uses: search, the palette, history, scenarios and help.
package desk

import (
	"binnacle/web/frame"
)

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
}

// Package imports is the pages of imports and of what is imported on a schedule.
package imports

import (
	"binnacle/web/frame"
)

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
}

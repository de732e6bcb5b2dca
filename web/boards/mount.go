// Package boards is the boards, the comparison of two moments, and the pictures.
package boards

import (
	"binnacle/web/frame"
)

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
}

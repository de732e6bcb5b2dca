// Package questions is the pages of questions and the form of answers on them.
package questions

import (
	"binnacle/web/frame"
)

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
}

// Package all lists every practice. It is the only place that knows them all.
package all

import (
	"binnacle/practice"
	"binnacle/practice/architecture"
	"binnacle/practice/lifecycle"
	"binnacle/practice/offices"
)

// Practices returns every practice in the order of the menu.
func Practices() []*practice.Practice {
	return []*practice.Practice{
		&architecture.Practice,
		&lifecycle.Practice,
		&offices.Practice,
	}
}

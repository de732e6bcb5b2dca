// Package all lists every practice. It is the only place that knows them all.
package all

import (
	"binnacle/practice"
	"binnacle/practice/architecture"
	"binnacle/practice/assets"
	"binnacle/practice/compliance"
	"binnacle/practice/delivery"
	"binnacle/practice/finance"
	"binnacle/practice/identity"
	"binnacle/practice/lifecycle"
	"binnacle/practice/offices"
	"binnacle/practice/partners"
	"binnacle/practice/people"
	"binnacle/practice/privacy"
	"binnacle/practice/product"
	"binnacle/practice/radar"
	"binnacle/practice/research"
	"binnacle/practice/risk"
	"binnacle/practice/security"
	"binnacle/practice/standards"
	"binnacle/practice/suppliers"
)

// Practices returns every practice in the order of the menu.
func Practices() []*practice.Practice {
	return []*practice.Practice{
		&architecture.Practice,
		&lifecycle.Practice,
		&finance.Practice,
		&assets.Practice,
		&suppliers.Practice,
		&risk.Practice,
		&security.Practice,
		&compliance.Practice,
		&privacy.Practice,
		&identity.Practice,
		&radar.Practice,
		&research.Practice,
		&standards.Practice,
		&product.Practice,
		&delivery.Practice,
		&partners.Practice,
		&people.Practice,
		&offices.Practice,
	}
}

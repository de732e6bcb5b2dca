package letters

import (
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/model"
)

// Settle finds the customers of letters by the domains of their senders, and the products by the addresses.
func (r *reader) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	domains, products := map[string]model.Ref{}, map[string]model.Ref{}
	for c := range estate.Each[*model.Customer](v) {
		if d := strings.ToLower(strings.TrimPrefix(strings.TrimSpace(c.Domain), "@")); d != "" {
			if before, taken := domains[d]; !taken || c.Ref().String() < before.String() {
				domains[d] = c.Ref()
			}
		}
	}
	for p := range estate.Each[*model.Product](v) {
		products[strings.ToLower(p.Key)] = p.Ref()
	}
	for _, one := range all {
		other, ok := one.(*reader)
		if !ok {
			continue
		}
		for _, l := range other.letters {
			l.idea.Requests, l.idea.Product = nil, model.Ref{}
			if customer, known := owner(domains, l.domain); known {
				l.idea.Requests = []model.CustomerRequest{{Customer: customer, Asked: l.idea.Received}}
			}
			for _, p := range l.products {
				if ref, known := products[p]; known {
					l.idea.Product = ref
					break
				}
			}
			if l.idea.Product.IsZero() && len(l.products) > 0 {
				b.Note("%s was sent for %s, and there is no product with that key.", l.idea.Name, strings.Join(l.products, ", "))
			}
		}
	}
}

// owner returns the customer with a domain or with one that it is below, such as example.com for mail.example.com.
func owner(domains map[string]model.Ref, domain string) (model.Ref, bool) {
	for domain != "" {
		if ref, ok := domains[domain]; ok {
			return ref, true
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return model.Ref{}, false
}

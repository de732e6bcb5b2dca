package finance

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// group is what lines have in common: a text, and a record where there is one.
type group struct {
	name string
	ref  model.Ref
}

// grouper says to which group a line belongs.
type grouper struct {
	view    estate.View
	of      func(*costs.Line) group
	byMonth bool
	tag     string
	tagged  map[*costs.Item]string
}

// byService groups by service, and lines of ledgers, which have none, by their cost pool or account.
const byService = "service"

// byRecord groups by the record that lines belong to.
const byRecord = "for"

// nobody is the name of the group of lines without a value.
const nobody = "(none)"

// newGrouper returns what groups by a column, a tag or a word.
func newGrouper(v estate.View, by string) *grouper {
	g := &grouper{view: v, tagged: map[*costs.Item]string{}}
	ref := func(of func(*costs.Line) model.Ref) func(*costs.Line) group {
		return func(l *costs.Line) group { return g.named(of(l)) }
	}
	word := strings.ToLower(strings.TrimSpace(by))
	switch word {
	case byRecord:
		// The lines are parted before, so that each belongs to one record.
		g.of = func(l *costs.Line) group {
			ref, _ := l.Owner()
			return g.named(ref)
		}
	case "vendor":
		g.of = ref(func(l *costs.Line) model.Ref { return l.Vendor })
	case "contract":
		g.of = ref(func(l *costs.Line) model.Ref { return l.Contract })
	case "cost_centre":
		g.of = ref(func(l *costs.Line) model.Ref { return l.CostCentre })
	case "pool":
		g.of = ref(func(l *costs.Line) model.Ref { return l.Pool })
	case "tower":
		g.of = ref(func(l *costs.Line) model.Ref { return l.Tower })
	case "purpose":
		g.of = func(l *costs.Line) group { return text(string(l.Purpose)) }
	case "treatment":
		g.of = func(l *costs.Line) group { return text(string(l.Treatment)) }
	case byService:
		g.of = func(l *costs.Line) group {
			if name := l.Value("ServiceName"); name != "" {
				return group{name: name}
			}
			if pool := v.Get(l.Pool); pool != nil {
				return group{pool.Base().Title(), l.Pool}
			}
			return text(cmp.Or(l.Value("x_LedgerAccount"), l.Value("ProviderName")))
		}
	case "load":
		g.of = func(l *costs.Line) group { return group{l.Load.Title(), l.Load.Ref()} }
	case "month":
		g.byMonth = true
		g.of = func(l *costs.Line) group { return group{name: l.Month.String()[:7]} }
	default:
		if tag, ok := strings.CutPrefix(word, "tag:"); ok {
			g.tag = strings.TrimSpace(tag)
			g.of = func(l *costs.Line) group { return text(g.tagOf(l.Item)) }
			break
		}
		column := canonical(by)
		g.of = func(l *costs.Line) group { return text(l.Value(column)) }
	}
	return g
}

func text(s string) group {
	if s == "" {
		s = nobody
	}
	return group{name: s}
}

// canonical gives a column its own upper and lower case, where it is known.
func canonical(column string) string {
	for _, c := range columnNames {
		if strings.EqualFold(c, strings.TrimSpace(column)) {
			return c
		}
	}
	return strings.TrimSpace(column)
}

var columnNames = []string{
	"AvailabilityZone", "BillingAccountId", "BillingAccountName", "BillingCurrency", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
	"CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedUnit",
	"InvoiceId", "InvoiceIssuerName", "PricingCategory", "PricingUnit", "ProviderName", "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName",
	"ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName",
	"x_CostCentre", "x_LedgerAccount", "x_Vendor", "x_Text", "x_Project", "x_PurchaseOrder",
}

func (g *grouper) group(l *costs.Line) group { return g.of(l) }

// parted returns lines, where each that several records share is replaced by the part of each. The parts add up to the line to the last digit.
func parted(lines []*costs.Line) []*costs.Line {
	out := make([]*costs.Line, 0, len(lines))
	for _, l := range lines {
		if len(l.For) < 2 {
			out = append(out, l)
			continue
		}
		parts := make([]*costs.Line, len(l.For))
		for i, s := range l.For {
			item := *l.Item
			item.For = []costs.Share{s}
			parts[i] = &costs.Line{Month: l.Month, Count: l.Count, Original: make([]facts.Sum, len(l.Original)), Rate: l.Rate, Item: &item}
		}
		for m := range l.Original {
			for i, sum := range shareOut(l.Original[m], l.For) {
				parts[i].Original[m] = sum
			}
		}
		for m := range l.Amounts {
			for i, sum := range shareOut(l.Amounts[m], l.For) {
				parts[i].Amounts[m] = sum
			}
		}
		out = append(out, parts...)
	}
	return out
}

// belonging returns the lines that belong to a record or are booked on it. Of a line that several share, it is the part.
func belonging(lines []*costs.Line, to model.Ref) []*costs.Line {
	var out []*costs.Line
	for _, l := range lines {
		switch {
		case l.CostCentre == to && !to.IsZero():
			out = append(out, l)
		case slices.ContainsFunc(l.For, func(s costs.Share) bool { return s.To == to }):
			for _, part := range parted([]*costs.Line{l}) {
				if owner, ok := part.Owner(); ok && owner == to {
					out = append(out, part)
				}
			}
		}
	}
	return out
}

func (g *grouper) named(ref model.Ref) group {
	rec := g.view.Get(ref)
	if rec == nil {
		return group{name: nobody}
	}
	return group{rec.Base().Title(), ref}
}

func (g *grouper) link(key group) practice.Link {
	if key.ref.IsZero() {
		return practice.Link{}
	}
	return practice.To(g.view.Get(key.ref))
}

// tagOf returns the value of the tag that is grouped by.
func (g *grouper) tagOf(item *costs.Item) string {
	value, ok := g.tagged[item]
	if !ok {
		value = item.Tag(g.tag)
		g.tagged[item] = value
	}
	return value
}

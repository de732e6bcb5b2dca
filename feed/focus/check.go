package focus

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"math"

	"binnacle/facts"
	"binnacle/feed/internal/kit"
)

// The words that FOCUS allows.
var (
	categories  = list("Usage", "Purchase", "Tax", "Credit", "Adjustment")
	classes     = list("Correction")
	frequencies = list("Usage-Based", "Recurring", "One-Time")
	statuses    = list("Used", "Unused")
)

func list(words ...string) [][]byte {
	var out [][]byte
	for _, w := range words {
		out = append(out, []byte(w))
	}
	return out
}

// is reports whether a column is nothing else than a word.
func (r *reader) is(c int, word string) bool { return string(r.text[c]) == word }

// check looks for what breaks a rule of FOCUS about one line, or is unusual, and does not stop the line from being counted.
func (r *reader) check() {
	correction := len(r.text[class]) > 0
	if correction {
		if _, ok := pick(classes, r.text[class]); !ok {
			r.warn(class, fmt.Sprintf("%.40q is no class of charges: FOCUS has Correction or nothing", r.text[class]))
			correction = false
		}
	}
	if t := r.text[frequency]; len(t) > 0 {
		if _, ok := pick(frequencies, t); !ok {
			r.warn(frequency, fmt.Sprintf("%.40q is no frequency of charges: FOCUS has Usage-Based, Recurring and One-Time", t))
		}
	}
	if r.at[category] >= 0 {
		r.checkQuantities(correction)
		r.checkCommitment()
	}
	if !correction {
		r.checkPrice(listPrice, listCost)
		r.checkPrice(contractedPrice, contractedCost)
	}
	r.checkCosts(correction)
	if t := r.text[tags]; len(t) > 0 && !r.tags.valid(t) {
		r.warn(tags, "the tags are not a JSON object of keys and values: no rule can look into them")
	}
}

// checkQuantities checks where FOCUS demands quantities and where it forbids them.
func (r *reader) checkQuantities(correction bool) {
	if r.at[pricingQuantity] >= 0 {
		none := r.bill.Values[pricingQuantity].IsNull()
		switch {
		case r.is(category, "Tax") && !none:
			r.warn(pricingQuantity, "a tax has no PricingQuantity in FOCUS")
		case (r.is(category, "Usage") || r.is(category, "Purchase")) && none && !correction:
			r.warn(pricingQuantity, "FOCUS demands a PricingQuantity of usage and purchases that are no corrections")
		}
	}
	if r.at[consumedQuantity] >= 0 {
		none := r.bill.Values[consumedQuantity].IsNull()
		consumes := r.is(category, "Usage") && !r.is(commitmentStatus, "Unused")
		switch {
		case !consumes && !none:
			r.warn(consumedQuantity, "FOCUS knows a ConsumedQuantity only of usage that is no unused commitment")
		case consumes && none && !correction:
			r.warn(consumedQuantity, "FOCUS demands a ConsumedQuantity of usage that is no correction and no unused commitment")
		}
	}
}

// checkCommitment checks the lines of commitments and adds them up.
func (r *reader) checkCommitment() {
	id, status := r.text[commitmentID], r.text[commitmentStatus]
	if len(status) > 0 {
		if word, ok := pick(statuses, status); !ok {
			r.warn(commitmentStatus, fmt.Sprintf("%.40q is no status of a commitment: FOCUS has Used and Unused", status))
		} else {
			status = word
		}
	}
	usage := r.is(category, "Usage")
	switch {
	case len(id) == 0 && len(status) > 0:
		r.warn(commitmentStatus, "the line has a CommitmentDiscountStatus and no CommitmentDiscountId")
	case len(id) == 0:
		return
	case usage && len(status) == 0:
		r.warn(commitmentStatus, "FOCUS demands a CommitmentDiscountStatus of usage that has a CommitmentDiscountId")
	case !usage && len(status) > 0:
		r.warn(commitmentStatus, "FOCUS knows a CommitmentDiscountStatus only of usage")
	}
	if r.is(category, "Purchase") && r.bill.Values[effectiveCost].Sign() != 0 {
		r.warn(effectiveCost, "the purchase of a commitment covers other charges: FOCUS demands an EffectiveCost of 0, or it is counted twice")
	}
	if len(id) > 0 {
		r.commitments.add(id, r.text[category], status, &r.bill.Line)
	}
}

// exactPlaces is how many places after the point a unit price has at least if it
// was rounded: shorter ones are prices as they stand in price lists.
const exactPlaces = 4

// noise is what numbers may differ by, as a part of them, because programs wrote them as binary floating point.
const noise = 1e-9

// checkPrice compares a price times the quantity with the cost. A difference that is within the rounding of the digits
// given is none: half a unit of the last place of the cost that is not 0 (of the second place, where it has fewer), and half a unit of
// the last place of a long price or quantity times the other. It decides nothing about money, so binary floating point will do.
func (r *reader) checkPrice(price, cost int) {
	text, c, q := r.text[price], r.bill.Values[cost], r.bill.Values[pricingQuantity]
	if len(text) == 0 || c.IsNull() || q.IsNull() {
		return
	}
	p, err := kit.BillNumber(text)
	if err != nil {
		r.warn(price, err.Error())
		return
	}
	if p.IsNull() {
		return
	}
	want, is, quantity := p.Float()*q.Float(), c.Float(), math.Abs(q.Float())
	off := math.Abs(want - is)
	if off <= noise*math.Abs(is) {
		return
	}
	_, digits, small := c.Small()
	if c.Sign() == 0 || !small {
		digits = uint8(places(r.text[cost]))
	}
	rounding := 0.5 * math.Pow10(-max(2, int(digits)))
	if n := places(text); n >= exactPlaces {
		rounding += 0.5 * math.Pow10(-n) * quantity
	}
	if n := places(r.text[pricingQuantity]); n >= exactPlaces {
		rounding += 0.5 * math.Pow10(-n) * math.Abs(p.Float())
	}
	if off <= rounding*(1+noise) {
		return
	}
	r.warn(cost, fmt.Sprintf("%s × PricingQuantity is %s × %s = %s, and %s is %s: FOCUS demands that they are equal",
		usedNames[price], p, q, p.Mul(q), usedNames[cost], c))
}

// places is how many places after the point a number is written with.
func places(text []byte) int {
	mantissa, exponent, scientific := bytes.Cut(bytes.ToLower(text), []byte("e"))
	n := 0
	if point := bytes.IndexByte(mantissa, '.'); point >= 0 {
		n = len(mantissa) - point - 1
	}
	if scientific {
		power := 0
		if _, err := fmt.Sscan(string(exponent), &power); err == nil {
			n -= power
		}
	}
	return min(max(n, 0), 60)
}

// checkCosts compares the costs of a line with each other.
func (r *reader) checkCosts(correction bool) {
	v := &r.bill.Values
	if r.is(category, "Credit") {
		for c := effectiveCost; c <= contractedCost; c++ {
			if !v[c].IsNull() && !v[billedCost].IsNull() && !same(v[c], v[billedCost]) {
				r.warn(c, fmt.Sprintf("%s of a credit is %s and BilledCost is %s: FOCUS demands that they are equal, unless the credit depends on other charges", usedNames[c], v[c], v[billedCost]))
				break
			}
		}
		return
	}
	if correction || !r.is(category, "Usage") || r.is(commitmentStatus, "Unused") || v[listCost].Sign() < 0 {
		return
	}
	r.order(contractedCost, listCost)
	if v[contractedCost].IsNull() {
		r.order(effectiveCost, listCost)
	} else {
		r.order(effectiveCost, contractedCost)
	}
}

// order reports a cost that is above another one which is usually the higher one.
func (r *reader) order(low, high int) {
	l, h := r.bill.Values[low], r.bill.Values[high]
	if l.IsNull() || h.IsNull() || l == h {
		return
	}
	if a, b := l.Float(), h.Float(); a-b > noise*math.Abs(a) {
		r.warn(low, fmt.Sprintf("%s is %s, above %s, which is %s: that is allowed and unusual", usedNames[low], l, usedNames[high], h))
	}
}

// same reports whether two numbers are equal.
func same(a, b facts.Decimal) bool { return a == b || a.Cmp(b) == 0 }

// tagCheck says whether tags are a JSON object, and remembers what it said last.
type tagCheck struct {
	seed maphash.Seed
	seen [8192]struct {
		hash  uint64
		valid bool
	}
}

func (c *tagCheck) valid(text []byte) bool {
	if c.seed == (maphash.Seed{}) {
		c.seed = maphash.MakeSeed()
	}
	hash := maphash.Bytes(c.seed, text)
	slot := &c.seen[hash%uint64(len(c.seen))]
	if slot.hash != hash {
		trimmed := bytes.TrimSpace(text)
		slot.hash, slot.valid = hash, len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(trimmed)
	}
	return slot.valid
}

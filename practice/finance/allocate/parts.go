package allocate

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"binnacle/facts"
)

// Parts makes weights of shares, in the same relation to each other. Shares of up to 18 digits are exact; what has more digits
// is cut after the 18 that count in the largest share. Nothing counts as 0. It returns an error where a share is negative.
func Parts(shares []facts.Decimal) ([]int64, error) {
	scaled := make([]*big.Rat, len(shares))
	places := 0
	largest := new(big.Rat)
	for i, s := range shares {
		if s.Sign() < 0 {
			return nil, fmt.Errorf("the share %s is negative: shares must be 0 or more", s)
		}
		text := cmp.Or(s.String(), "0")
		scaled[i], _ = new(big.Rat).SetString(text)
		for at := range len(text) {
			if text[at] == '.' {
				places = max(places, len(text)-at-1)
			}
		}
		if scaled[i].Cmp(largest) > 0 {
			largest = scaled[i]
		}
	}
	ten := big.NewInt(10)
	factor := new(big.Rat).SetInt(new(big.Int).Exp(ten, big.NewInt(int64(places)), nil))
	limit := new(big.Rat).SetInt64(1e17)
	for new(big.Rat).Mul(largest, factor).Cmp(limit) > 0 {
		factor.Quo(factor, new(big.Rat).SetInt(ten))
	}
	out := make([]int64, len(shares))
	for i, s := range scaled {
		n := s.Mul(s, factor)
		out[i] = new(big.Int).Quo(n.Num(), n.Denom()).Int64()
	}
	return out, nil
}

// FloatParts makes weights of shares as people type them: 0.1 is exactly a tenth.
func FloatParts(shares []float64) ([]int64, error) {
	decimals := make([]facts.Decimal, len(shares))
	for i, s := range shares {
		d, err := facts.ParseDecimal(strconv.FormatFloat(s, 'g', -1, 64))
		if err != nil {
			return nil, fmt.Errorf("the share %v cannot be used: %w", s, err)
		}
		decimals[i] = d
	}
	return Parts(decimals)
}

// Minor makes whole minor units of sums, with the given places after the point of a currency. Their total is the total of the
// sums rounded half to even, and each is its sum rounded down or up, by largest remainder. It also returns what the
// rounding of the total left over.
func Minor(sums []facts.Sum, places int32) ([]int64, facts.Decimal, error) {
	var total facts.Sum
	for _, s := range sums {
		total.AddSum(s)
	}
	whole, left := total.Minor(places)
	type rest struct {
		at   int
		part facts.Decimal
	}
	out := make([]int64, len(sums))
	var rests []rest
	missing := new(big.Int).Set(whole)
	for i, s := range sums {
		n, part := s.Minor(places)
		if !n.IsInt64() {
			return nil, facts.Decimal{}, fmt.Errorf("%s is too much to be counted in minor units", s)
		}
		out[i] = n.Int64()
		missing.Sub(missing, n)
		if part.Sign() != 0 {
			rests = append(rests, rest{i, part})
		}
	}
	slices.SortStableFunc(rests, func(a, b rest) int { return b.part.Cmp(a.part) })
	one := int64(missing.Sign())
	if one < 0 {
		slices.Reverse(rests)
	}
	for _, r := range rests {
		if missing.Sign() == 0 {
			break
		}
		out[r.at] += one
		missing.Sub(missing, big.NewInt(one))
	}
	if missing.Sign() != 0 {
		return nil, facts.Decimal{}, fmt.Errorf("the sums are too large to be rounded to %d places", places)
	}
	return out, left, nil
}

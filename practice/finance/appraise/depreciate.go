package appraise

import (
	"fmt"
	"math"
	"math/big"
)

// Asset is something whose value falls. Its schedules follow the functions of spreadsheets (SLN, DDB, DB and VDB): whole periods of any length
// in units of money, as business cases need them. [binnacle/practice.Depreciation] is for the books of things that one owns: it counts calendar months from the first use, gives each
// month of a declining year the same part, and keeps amounts with the places that they came with. The rules differ, so both are kept.
type Asset struct {
	// Cost is what it cost, in minor units.
	Cost int64
	// Salvage is what it is worth at the end, in minor units.
	Salvage int64
	// Life is over how many periods its value falls: years, months or days.
	Life int
}

// Period is one period of a schedule, in minor units.
type Period struct {
	// Amount is what is written off in the period.
	Amount int64
	// Book is what the asset is worth in the books at the end of the period.
	Book int64
}

// Schedule says how the value of an asset falls. The amounts and what is left add up to the cost less the salvage, to the unit.
type Schedule struct {
	// Periods are the periods in order.
	Periods []Period
	// Left is what the method has not written off at the end of the life. Declining balances may leave something.
	Left int64
}

// MostPeriods is the longest life of an asset, in periods.
const MostPeriods = 40_000

func (a Asset) check() error {
	switch {
	case a.Life < 1 || a.Life > MostPeriods:
		return fmt.Errorf("the life is %d periods: it must be between 1 and %d", a.Life, MostPeriods)
	case a.Cost < 0 || a.Salvage < 0:
		return fmt.Errorf("the cost is %d and the salvage %d minor units: neither may be negative", a.Cost, a.Salvage)
	case a.Salvage > a.Cost:
		return fmt.Errorf("the salvage of %d minor units is more than the cost of %d", a.Salvage, a.Cost)
	}
	return nil
}

// StraightLine writes off the same amount in each period: (cost − salvage) / life. Amounts differ by one unit at most.
func StraightLine(a Asset) (Schedule, error) {
	if err := a.check(); err != nil {
		return Schedule{}, err
	}
	life := big.NewInt(int64(a.Life))
	return a.schedule(func(t int, _ int64) int64 {
		falls := a.Cost - a.Salvage
		return share(falls, big.NewInt(int64(t+1)), life) - share(falls, big.NewInt(int64(t)), life)
	}), nil
}

// DecliningBalance writes off the part factor / life of what is left, and never more than down to the salvage. A factor of 2 is the
// double declining balance.
func DecliningBalance(a Asset, factor float64) (Schedule, error) {
	num, den, err := a.part(factor)
	if err != nil {
		return Schedule{}, err
	}
	return a.schedule(func(_ int, book int64) int64 { return a.most(book, num, den) }), nil
}

// VariableDeclining is the declining balance that switches to equal parts as soon as these are more. It writes everything off.
func VariableDeclining(a Asset, factor float64) (Schedule, error) {
	num, den, err := a.part(factor)
	if err != nil {
		return Schedule{}, err
	}
	return a.schedule(func(t int, book int64) int64 {
		rest := new(big.Rat).SetFrac64(book-a.Salvage, int64(a.Life-t))
		falls := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(book), num), den)
		if rest.Cmp(falls) > 0 {
			return round(rest).Int64()
		}
		return a.most(book, num, den)
	}), nil
}

// FixedDeclining writes off a fixed rate of what is left, which is 1 − (salvage / cost)^(1 / life), rounded to three places. The life
// is in years. The first year has the given months, from 1 to 12; where it has fewer than 12, one more year takes the rest of the last.
func FixedDeclining(a Asset, firstMonths int) (Schedule, error) {
	if err := a.check(); err != nil {
		return Schedule{}, err
	}
	if firstMonths < 1 || firstMonths > 12 {
		return Schedule{}, fmt.Errorf("the first year has %d months: it must have 1 to 12", firstMonths)
	}
	if a.Cost == 0 {
		return a.schedule(func(int, int64) int64 { return 0 }), nil
	}
	rate := int64(math.Round(1000 * (1 - math.Pow(float64(a.Salvage)/float64(a.Cost), 1/float64(a.Life)))))
	full, den := big.NewInt(12*rate), big.NewInt(12_000)
	whole := a
	if firstMonths < 12 {
		whole.Life++
	}
	return whole.schedule(func(t int, book int64) int64 {
		switch {
		case t == 0:
			return whole.most(book, big.NewInt(int64(firstMonths)*rate), den)
		case t == a.Life:
			return whole.most(book, big.NewInt(int64(12-firstMonths)*rate), den)
		}
		return whole.most(book, full, den)
	}), nil
}

// part returns factor / life as a fraction.
func (a Asset) part(factor float64) (num, den *big.Int, err error) {
	if err := a.check(); err != nil {
		return nil, nil, err
	}
	f, err := rational(factor, "the factor")
	if err != nil {
		return nil, nil, err
	}
	if f.Sign() <= 0 {
		return nil, nil, fmt.Errorf("the factor is %v: it must be more than 0", factor)
	}
	f.Quo(f, new(big.Rat).SetInt64(int64(a.Life)))
	if f.Cmp(big.NewRat(1, 1)) > 0 {
		f.SetInt64(1)
	}
	return f.Num(), f.Denom(), nil
}

// most returns a part of the book value, and no more than down to the salvage.
func (a Asset) most(book int64, num, den *big.Int) int64 {
	return min(share(book, num, den), book-a.Salvage)
}

func (a Asset) schedule(amount func(period int, book int64) int64) Schedule {
	s := Schedule{Periods: make([]Period, a.Life)}
	book := a.Cost
	for t := range s.Periods {
		d := amount(t, book)
		book -= d
		s.Periods[t] = Period{d, book}
	}
	s.Left = book - a.Salvage
	return s
}

// WriteOff returns the schedule with what it has left in its last period, so that the book value ends at the salvage.
func (s Schedule) WriteOff() Schedule {
	out := Schedule{Periods: append([]Period(nil), s.Periods...)}
	if last := len(out.Periods) - 1; last >= 0 {
		out.Periods[last].Amount += s.Left
		out.Periods[last].Book -= s.Left
	}
	return out
}

// Between adds up what is written off from the end of one period to the end of another: Between(0, 12) are the first twelve.
func (s Schedule) Between(from, until int) int64 {
	var sum int64
	for t := max(from, 0); t < min(until, len(s.Periods)); t++ {
		sum += s.Periods[t].Amount
	}
	return sum
}

package allocate

import "math"

// double is a number of twice the digits of a float64, as the sum of two. It holds every int64 and its parts to
// far below a millionth of a unit (Dekker, "A floating-point technique for extending the available precision", 1971).
type double struct{ hi, lo float64 }

func doubleOf(n int64) double {
	hi := float64(n)
	if hi >= math.MaxInt64 {
		return double{hi, -float64(math.MaxInt64 - n + 1)}
	}
	return double{hi, float64(n - int64(hi))}
}

// quickSum adds numbers of which the first is the larger.
func quickSum(a, b float64) double {
	s := a + b
	return double{s, b - (s - a)}
}

func (a double) add(b double) double {
	s := a.hi + b.hi
	v := s - a.hi
	e := (a.hi - (s - v)) + (b.hi - v)
	return quickSum(s, e+a.lo+b.lo)
}

func (a double) neg() double { return double{-a.hi, -a.lo} }

func (a double) mul(b double) double {
	p := a.hi * b.hi
	e := math.FMA(a.hi, b.hi, -p)
	return quickSum(p, e+a.hi*b.lo+a.lo*b.hi)
}

func (a double) div(b double) double {
	q := a.hi / b.hi
	r := a.add(b.mul(double{q, 0}).neg())
	return quickSum(q, r.hi/b.hi)
}

// floor splits a number below 2^62 into a whole number and a part from 0 to below 1.
func (a double) floor() (int64, float64) {
	h := math.Floor(a.hi)
	if h != a.hi {
		part := (a.hi - h) + a.lo
		if part < 0 {
			return int64(h) - 1, part + 1
		}
		if part >= 1 {
			return int64(h) + 1, part - 1
		}
		return int64(h), part
	}
	l := math.Floor(a.lo)
	return int64(h) + int64(l), a.lo - l
}

package appraise

import "math/big"

// poly is a polynomial with whole coefficients, the constant one first and the last one not 0.
type poly []*big.Int

func (p poly) trim() poly {
	for len(p) > 0 && p[len(p)-1].Sign() == 0 {
		p = p[:len(p)-1]
	}
	return p
}

// turns counts how often the coefficients change their sign.
func (p poly) turns() int {
	n, last := 0, 0
	for _, c := range p {
		if s := c.Sign(); s != 0 {
			if last != 0 && s != last {
				n++
			}
			last = s
		}
	}
	return n
}

// sign returns the sign of the value at a fraction. It is exact, or of 1,000 binary digits where the polynomial is long.
func (p poly) sign(x *big.Rat) int {
	if len(p) > mostTurns {
		at := new(big.Float).SetPrec(1000).SetRat(x)
		value := new(big.Float).SetPrec(1000)
		for i := len(p) - 1; i >= 0; i-- {
			value.Mul(value, at)
			value.Add(value, new(big.Float).SetInt(p[i]))
		}
		return value.Sign()
	}
	value, power := new(big.Int), big.NewInt(1)
	for i := len(p) - 1; i >= 0; i-- {
		value.Mul(value, x.Num())
		value.Add(value, new(big.Int).Mul(p[i], power))
		power = new(big.Int).Mul(power, x.Denom())
	}
	return value.Sign()
}

func (p poly) derivative() poly {
	out := poly{}
	for i := 1; i < len(p); i++ {
		out = append(out, new(big.Int).Mul(p[i], big.NewInt(int64(i))))
	}
	return out
}

// primitive divides by what all coefficients have in common, and keeps the signs.
func (p poly) primitive() poly {
	common := new(big.Int)
	for _, c := range p {
		common.GCD(nil, nil, common, new(big.Int).Abs(c))
	}
	if common.Sign() == 0 {
		return p
	}
	out := make(poly, len(p))
	for i, c := range p {
		out[i] = new(big.Int).Quo(c, common)
	}
	return out
}

// divide returns quotient and remainder, both times a number above 0.
func (p poly) divide(q poly) (quotient, rest poly) {
	rest = append(poly(nil), p...)
	lead := q[len(q)-1]
	size, sign := new(big.Int).Abs(lead), big.NewInt(int64(lead.Sign()))
	if len(p) >= len(q) {
		quotient = make(poly, len(p)-len(q)+1)
		for i := range quotient {
			quotient[i] = new(big.Int)
		}
	}
	for len(rest) >= len(q) {
		at := len(rest) - len(q)
		top := new(big.Int).Mul(rest[len(rest)-1], sign)
		for i := range quotient {
			quotient[i] = new(big.Int).Mul(quotient[i], size)
		}
		quotient[at].Add(quotient[at], top)
		for i := range rest {
			rest[i] = new(big.Int).Mul(rest[i], size)
			if i >= at {
				rest[i].Sub(rest[i], new(big.Int).Mul(top, q[i-at]))
			}
		}
		rest = rest.trim()
	}
	return quotient, rest
}

// chain is a sequence of polynomials. The first has only single roots.
type chain []poly

// sturm returns the sequence of Sturm of the polynomial, made free of multiple roots.
func (p poly) sturm() chain {
	c := p.remainders()
	if common := c[len(c)-1]; len(common) > 1 {
		q, _ := p.divide(common)
		return q.primitive().remainders()
	}
	return c
}

func (p poly) remainders() chain {
	c := chain{p.primitive()}
	next := p.derivative().primitive()
	for len(next) > 0 {
		c = append(c, next)
		_, rest := c[len(c)-2].divide(next)
		next = rest.primitive()
		for _, n := range next {
			n.Neg(n)
		}
	}
	return c
}

// changes counts the changes of sign along the sequence at a fraction.
func (c chain) changes(x *big.Rat) int {
	n, last := 0, 0
	for _, p := range c {
		if s := p.sign(x); s != 0 {
			if last != 0 && s != last {
				n++
			}
			last = s
		}
	}
	return n
}

// roots finds all roots above low and up to high.
func (c chain) roots(low, high *big.Rat, found func(*big.Rat)) {
	c.between(low, high, c.changes(low), c.changes(high), found)
}

func (c chain) between(low, high *big.Rat, atLow, atHigh int, found func(*big.Rat)) {
	switch n := atLow - atHigh; {
	case n <= 0:
		return
	case n == 1:
		found(c[0].root(low, high))
		return
	}
	mid := half(low, high)
	at := c.changes(mid)
	c.between(low, mid, atLow, at, found)
	c.between(mid, high, at, atHigh, found)
}

func half(low, high *big.Rat) *big.Rat {
	mid := new(big.Rat).Add(low, high)
	return mid.Mul(mid, big.NewRat(1, 2))
}

// root finds the only root above low and up to high to 60 binary digits, by halving. It returns a new fraction.
func (p poly) root(low, high *big.Rat) *big.Rat {
	atHigh := p.sign(high)
	if atHigh == 0 {
		return new(big.Rat).Set(high)
	}
	fine := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 60))
	for {
		mid := half(low, high)
		width := new(big.Rat).Sub(high, low)
		if width.Cmp(new(big.Rat).Mul(mid, fine)) <= 0 {
			return mid
		}
		switch s := p.sign(mid); s {
		case 0:
			return mid
		case atHigh:
			high = mid
		default:
			low = mid
		}
	}
}

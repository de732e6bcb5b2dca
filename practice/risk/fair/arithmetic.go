package fair

import "math"

// The functions of this file are our own, and every product is rounded by itself before something is added to it. The
// standard library uses the instructions of the processor where it has some, and compilers may join
// a product and a sum into one step: both would give other last digits on other machines, and so other years of loss.

const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
	sqrt2Pi = 2.50662827463100050242
)

// taylor are the coefficients of the series of the exponential function, 1/n!.
var taylor = [15]float64{1, 1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800,
	1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200}

// exp returns e to the power of x: the series of Taylor after halving by powers of 2.
func exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 709:
		x = 709
	case x < -745:
		return 0
	}
	k := math.Floor(float64(x/math.Ln2) + 0.5)
	r := float64(x-float64(k*ln2High)) - float64(k*ln2Low)
	sum := taylor[14]
	for n := 13; n >= 0; n-- {
		sum = float64(sum*r) + taylor[n]
	}
	if k > -1000 && k < 1000 {
		return float64(sum * math.Float64frombits(uint64(int(k)+1023)<<52))
	}
	return math.Ldexp(sum, int(k))
}

// log returns the natural logarithm of a number above 0: the series of the inverse hyperbolic tangent.
func log(x float64) float64 {
	if x <= 0 {
		return math.Inf(-1)
	}
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, k = m*2, k-1
	}
	s := (m - 1) / (m + 1)
	square := float64(s * s)
	sum := 0.0
	for n := 25.0; n >= 1; n -= 2 {
		sum = float64(sum*square) + 1/n
	}
	e := float64(k)
	return float64(e*ln2High) + (float64(2*float64(s*sum)) + float64(e*ln2Low))
}

// below returns the probability that a standard normal value is below z: the series of
// Marsaglia ("Evaluating the normal distribution", 2004) near the middle and the continued fraction of Laplace in the tails.
func below(z float64) float64 {
	if z > 3 {
		return 1 - below(-z)
	}
	density := exp(float64(-0.5*z)*z) / sqrt2Pi
	if z < -3 {
		x, f := -z, -z
		for n := 60.0; n >= 1; n-- {
			f = x + n/f
		}
		return density / f
	}
	sum, term, square := z, z, float64(z*z)
	for n := 3.0; n < 200; n += 2 {
		term = float64(term*square) / n
		if sum+term == sum {
			break
		}
		sum += term
	}
	return 0.5 + float64(sum*density)
}

// horner returns the value of a polynomial whose coefficients are given from the constant upwards.
func horner(x float64, c *[8]float64) float64 {
	sum := c[7]
	for i := 6; i >= 0; i-- {
		sum = float64(sum*x) + c[i]
	}
	return sum
}

// The coefficients of algorithm AS 241, PPND16 (Wichura, "The percentage points of the normal distribution", 1988).
var (
	middleTop = [8]float64{3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
		4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3}
	middleBottom = [8]float64{1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
		2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3}
	sideTop = [8]float64{1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
		1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4}
	sideBottom = [8]float64{1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
		1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9}
	farTop = [8]float64{6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
		2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7}
	farBottom = [8]float64{1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
		7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15}
)

// normal returns the value that a standard normal one is below with a probability p between 0 and 1, by algorithm AS 241.
func normal(p float64) float64 {
	q := p - 0.5
	if q >= -0.425 && q <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q*horner(r, &middleTop)) / horner(r, &middleBottom)
	}
	tail := p
	if q > 0 {
		tail = 1 - p
	}
	z := farNormal(tail)
	if q < 0 {
		return -z
	}
	return z
}

// farNormal returns the value that a standard normal one is above with a small probability.
func farNormal(tail float64) float64 {
	r := math.Sqrt(-log(tail))
	if r <= 5 {
		r -= 1.6
		return horner(r, &sideTop) / horner(r, &sideBottom)
	}
	r -= 5
	return horner(r, &farTop) / horner(r, &farBottom)
}

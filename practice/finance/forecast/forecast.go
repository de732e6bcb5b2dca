// Package forecast looks ahead and back along spend: what the next months will cost and how sure that is, which days were not as usual, and
// what drove the difference between budget and actual.
//
// Forecasts are statistics and calculate with floats; variances are money and calculate with whole numbers and fractions.
package forecast

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Method says how a forecast was made.
type Method string

// The methods of forecasting.
const (
	// Drift goes on by the mean change, where the history is too short to tell more.
	Drift Method = "drift"
	// Level follows the level alone (simple exponential smoothing).
	Level Method = "level"
	// Trend follows level and trend, which fades (Holt, damped).
	Trend Method = "trend"
	// LevelSeason follows level and season.
	LevelSeason Method = "level_season"
	// TrendSeason follows level, a trend that fades, and season (Holt and Winters, additive and damped).
	TrendSeason Method = "trend_season"
)

// Point is the forecast of one period.
type Point struct {
	// Mean is what is expected.
	Mean float64
	// Low80 is the lower end of the range that holds the value in 80 of 100 cases.
	Low80 float64
	// High80 is its upper end.
	High80 float64
	// Low95 is the lower end of the range that holds the value in 95 of 100 cases.
	Low95 float64
	// High95 is its upper end.
	High95 float64
}

// Forecast is what is expected of the periods after a series.
type Forecast struct {
	// Method says how the forecast was made.
	Method Method
	// Why says in a sentence why this method was taken.
	Why string
	// Points are the periods, the first one after the series first.
	Points []Point
	// Sigma is the standard deviation of the errors of one step.
	Sigma float64
}

const (
	// leastHistory is how many values a forecast needs at least.
	leastHistory = 3
	// leastFitted is how many values smoothing needs at least.
	leastFitted = 6
	// MostHorizon is how many periods can be forecast.
	MostHorizon = 120
)

// TooLittle says that a series is too short for any forecast.
type TooLittle struct {
	// Values is how many values there are.
	Values int
}

// Error says how many values are needed.
func (e *TooLittle) Error() string {
	return fmt.Sprintf("too little history: %d values, and a forecast needs %d at least", e.Values, leastHistory)
}

// Ahead forecasts the periods after a series. The season is how many periods a cycle has: 12 for months of years, and 0 or 1 for none.
//
// From six values on, level, fading trend and season are smoothed exponentially (Holt and Winters), with the parameters that made the errors of one step
// smallest; which of them are followed is decided by Akaike's criterion, corrected for short series, and a season needs two
// whole cycles that resemble each other. Ranges come from the variance of these models in closed form (Hyndman and others, "Forecasting with
// Exponential Smoothing", 2008, chapter 6), widened for what a short history leaves unknown: Student's t for the variance, and the
// uncertainty of level, trend and season. From three to five values, the mean change goes on. With less, it returns [TooLittle].
func Ahead(series []float64, horizon, season int) (Forecast, error) {
	if horizon < 0 || horizon > MostHorizon {
		return Forecast{}, fmt.Errorf("a horizon of %d periods cannot be forecast: use 0 to %d", horizon, MostHorizon)
	}
	n := len(series)
	if n < leastHistory {
		return Forecast{}, &TooLittle{n}
	}
	for i, v := range series {
		if math.IsNaN(v) || math.IsInf(v, 0) || math.Abs(v) > 1e100 {
			return Forecast{}, fmt.Errorf("value %d of the series is %v, which is not a number to forecast from", i+1, v)
		}
	}
	if n < leastFitted {
		return drift(series, horizon), nil
	}
	best := choose(series, season)
	f := Forecast{Method: best.method(), Sigma: best.sigma(), Why: best.why(n, season)}
	means, variances := best.ahead(horizon)
	f.Points = points(series, means, variances, best.freedom())
	return f, nil
}

// drift goes on by the mean change. Its variance grows with the square of the distance, because the change itself is known badly.
func drift(series []float64, horizon int) Forecast {
	n := len(series)
	step := (series[n-1] - series[0]) / float64(n-1)
	sse := 0.0
	for i := 1; i < n; i++ {
		e := series[i] - series[i-1] - step
		sse += e * e
	}
	freedom := float64(n - 2)
	sigma := math.Sqrt(sse / freedom)
	means, variances := make([]float64, horizon), make([]float64, horizon)
	for i := range horizon {
		h := float64(i + 1)
		means[i] = series[n-1] + step*h
		variances[i] = sigma * sigma * h * (1 + h/float64(n-1))
	}
	return Forecast{
		Method: Drift, Sigma: sigma,
		Why:    fmt.Sprintf("There are only %d values: the mean change goes on, and the ranges are wide.", n),
		Points: points(series, means, variances, freedom),
	}
}

// points makes ranges of means and variances. Where the series was never below 0, the ranges are not either.
func points(series, means, variances []float64, freedom float64) []Point {
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: max(freedom, 1)}
	q80, q95 := t.Quantile(0.9), t.Quantile(0.975)
	least := 0.0
	for _, v := range series {
		if v < 0 {
			least = math.Inf(-1)
		}
	}
	out := make([]Point, len(means))
	for i, m := range means {
		s := math.Sqrt(variances[i])
		out[i] = Point{
			Mean: max(m, least), Low80: max(m-q80*s, least), High80: max(m+q80*s, least),
			Low95: max(m-q95*s, least), High95: max(m+q95*s, least),
		}
	}
	return out
}

// Accuracy is how well forecasts would have done in the past.
type Accuracy struct {
	// Tests is how many values were forecast from those before them.
	Tests int
	// Inside80 is how many of them were in the range of 80 of 100.
	Inside80 int
	// Inside95 is how many of them were in the range of 95 of 100.
	Inside95 int
	// Error is the mean of the absolute errors.
	Error float64
	// Bias is the mean of the errors. Above 0, forecasts were too low.
	Bias float64
}

// BackTest forecasts each of the last values from those before it, so many periods ahead, and compares. Values with too short a history are left out.
func BackTest(series []float64, ahead, season, last int) Accuracy {
	a := Accuracy{}
	for at := max(len(series)-last, 0); at < len(series); at++ {
		if at-ahead+1 < leastHistory || ahead < 1 {
			continue
		}
		f, err := Ahead(series[:at-ahead+1], ahead, season)
		if err != nil {
			continue
		}
		p, v := f.Points[ahead-1], series[at]
		a.Tests++
		if v >= p.Low80 && v <= p.High80 {
			a.Inside80++
		}
		if v >= p.Low95 && v <= p.High95 {
			a.Inside95++
		}
		a.Error += math.Abs(v - p.Mean)
		a.Bias += v - p.Mean
	}
	if a.Tests > 0 {
		a.Error /= float64(a.Tests)
		a.Bias /= float64(a.Tests)
	}
	return a
}

// Package cvss scores vectors of the Common Vulnerability Scoring System, versions 2.0, 3.0, 3.1 and 4.0.
package cvss

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	cvss20 "github.com/pandatix/go-cvss/20"
	cvss30 "github.com/pandatix/go-cvss/30"
	cvss31 "github.com/pandatix/go-cvss/31"
	cvss40 "github.com/pandatix/go-cvss/40"
)

// Score is what a CVSS vector comes to.
type Score struct {
	// Value is the score from 0 to 10, of the whole vector: with threat and environment where it has them.
	Value float64
	// Version is the version of CVSS: 4.0, 3.1, 3.0 or 2.0.
	Version string
	// Name says which metrics are in the score, such as CVSS-BT for version 4.0. For older versions it is CVSS with the version.
	Name string
	// Rating is the qualitative rating: none, low, medium, high or critical.
	Rating string
	// Vector is the vector.
	Vector string

	get func(metric string) string
}

// Metric returns the value of a metric of the vector, such as N for AV, or nothing where its version has no such metric.
func (s *Score) Metric(name string) string { return s.get(name) }

// Parse scores a CVSS vector of version 2.0, 3.0, 3.1 or 4.0. The error says why it is none.
func Parse(vector string) (s *Score, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, err = nil, fmt.Errorf("%q is not a CVSS vector that can be read", vector)
		}
	}()
	vector = strings.TrimSpace(vector)
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		v, err := cvss40.ParseVector(vector)
		if err != nil {
			return nil, notVector(vector, err)
		}
		return newScore(v.Score(), "4.0", v.Nomenclature(), vector, v.Get), nil
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		v, err := cvss31.ParseVector(vector)
		if err != nil {
			return nil, notVector(vector, err)
		}
		return newScore(v.EnvironmentalScore(), "3.1", "", vector, v.Get), nil
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		v, err := cvss30.ParseVector(vector)
		if err != nil {
			return nil, notVector(vector, err)
		}
		return newScore(v.EnvironmentalScore(), "3.0", "", vector, v.Get), nil
	}
	plain := strings.Trim(strings.TrimPrefix(vector, "CVSS:2.0/"), "()")
	v, err := cvss20.ParseVector(plain)
	if err != nil {
		return nil, notVector(vector, err)
	}
	return newScore(scoreOf2(v, plain), "2.0", "", vector, v.Get), nil
}

// scoreOf2 returns the score of the metrics that a vector of version 2.0 has.
func scoreOf2(v *cvss20.CVSS20, vector string) float64 {
	switch {
	case strings.Contains(vector, "/CDP:"):
		return v.EnvironmentalScore()
	case strings.Contains(vector, "/E:"):
		return v.TemporalScore()
	}
	return v.BaseScore()
}

func notVector(vector string, err error) error {
	return fmt.Errorf("%q is not a CVSS vector: %w", vector, err)
}

func newScore(value float64, version, name, vector string, get func(string) (string, error)) *Score {
	return &Score{
		Value: value, Version: version, Name: cmp.Or(name, "CVSS "+version), Rating: Rating(version, value), Vector: vector,
		get: func(metric string) string {
			got, err := get(metric)
			if err != nil {
				return ""
			}
			return got
		},
	}
}

// Rating returns the qualitative rating of a score: of 0 none, below 4 low, below 7 medium, below 9 high, else critical.
// Version 2.0 has no rating of its own; NVD rated it low, medium or high, and so does this.
func Rating(version string, score float64) string {
	switch {
	case version == "2.0" && score >= 7:
		return "high"
	case version == "2.0" && score < 4:
		return "low"
	case score == 0:
		return "none"
	case score < 4:
		return "low"
	case score < 7:
		return "medium"
	case score < 9:
		return "high"
	}
	return "critical"
}

// versions are the versions of CVSS, the one to be preferred first.
var versions = []string{"4.0", "3.1", "3.0", "2.0"}

// Better reports whether a score is to be preferred to another one, which may be nil: that of the newer version of CVSS, and of the same version the higher one.
func (s *Score) Better(than *Score) bool {
	if than == nil {
		return true
	}
	a, b := slices.Index(versions, s.Version), slices.Index(versions, than.Version)
	return a < b || a == b && s.Value > than.Value
}

// RatingOf returns the rating of the best of some vectors, or nothing where none can be read.
func RatingOf(vectors []string) string {
	var best *Score
	for _, v := range vectors {
		if s, err := Parse(v); err == nil && s.Better(best) {
			best = s
		}
	}
	if best == nil {
		return ""
	}
	return best.Rating
}

package model

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// ExploitScore is the probability that one vulnerability is used within 30 days (EPSS).
type ExploitScore struct {
	// Number is the number behind the year in the identifier: 44228 in CVE-2021-44228.
	Number uint64
	// Probability is the probability, from 0 to 1, in units of 0.000000001.
	Probability uint64
	// Percentile is the share of vulnerabilities whose probability is lower, from 0 to 1, in the same units.
	Percentile uint64
}

// ScoreUnit is how many units make a probability of 1.
const ScoreUnit = 1_000_000_000

// mostScores bounds how many scores one record may have. A text of that many is within the limit of a text.
const mostScores = 200_000

// coarse is how many units make the steps in which EPSS is published, which is with five digits. Finer ones are kept as they are.
const coarse = 10_000

// PackScores packs scores into a text. They are sorted by number; each number may be there once. The same scores always give the same text.
func PackScores(all []ExploitScore) (string, error) {
	if len(all) > mostScores {
		return "", fmt.Errorf("there are %d scores; the limit is %d", len(all), mostScores)
	}
	sorted := slices.Clone(all)
	slices.SortFunc(sorted, func(a, b ExploitScore) int {
		if a.Number < b.Number {
			return -1
		}
		return 1
	})
	step := uint64(coarse)
	for _, s := range sorted {
		if s.Probability%coarse != 0 || s.Percentile%coarse != 0 {
			step = 1
		}
	}
	raw := binary.AppendUvarint(nil, step)
	before := uint64(0)
	for i, s := range sorted {
		if i > 0 && s.Number == before {
			return "", fmt.Errorf("the number %d is there twice", s.Number)
		}
		raw = binary.AppendUvarint(raw, s.Number-before)
		raw = binary.AppendUvarint(raw, s.Probability/step)
		raw = binary.AppendUvarint(raw, s.Percentile/step)
		before = s.Number
	}
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := w.Write(raw); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(out.Bytes()), nil
}

// errPacked says that a text does not hold scores.
var errPacked = errors.New("the packed scores cannot be read: import them again")

// Scores unpacks the scores, sorted by number.
func (e *ExploitScores) Scores() ([]ExploitScore, error) {
	if e.Packed == "" {
		return nil, nil
	}
	packed, err := base64.StdEncoding.DecodeString(e.Packed)
	if err != nil {
		return nil, errPacked
	}
	const most = mostScores * 3 * binary.MaxVarintLen64
	raw, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), most))
	if err != nil {
		return nil, errPacked
	}
	step, n := binary.Uvarint(raw)
	if n <= 0 || step != 1 && step != coarse {
		return nil, errPacked
	}
	raw = raw[n:]
	var out []ExploitScore
	number := uint64(0)
	for len(raw) > 0 {
		var v [3]uint64
		for i := range v {
			if v[i], n = binary.Uvarint(raw); n <= 0 {
				return nil, errPacked
			}
			raw = raw[n:]
		}
		number += v[0]
		if v[1] > ScoreUnit/step || v[2] > ScoreUnit/step {
			return nil, errPacked
		}
		out = append(out, ExploitScore{number, v[1] * step, v[2] * step})
	}
	return out, nil
}

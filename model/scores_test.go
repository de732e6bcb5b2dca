package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
)

// TestScoresArePackedAndUnpacked is a law: what is unpacked is what was packed, sorted.
func TestScoresArePackedAndUnpacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.SampledFrom([]uint64{10_000, 1}).Draw(t, "step")
		var all []model.ExploitScore
		number := uint64(0)
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			number += rapid.Uint64Range(1, 5000).Draw(t, "gap")
			all = append(all, model.ExploitScore{Number: number, Probability: step * rapid.Uint64Range(0, model.ScoreUnit/step).Draw(t, "p"), Percentile: step * rapid.Uint64Range(0, model.ScoreUnit/step).Draw(t, "q")})
		}
		packed, err := model.PackScores(rapid.Permutation(all).Draw(t, "order"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := (&model.ExploitScores{Packed: packed}).Scores()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
	if _, err := model.PackScores([]model.ExploitScore{{Number: 3}, {Number: 3}}); err == nil {
		t.Error("one number was packed twice")
	}
}

func FuzzUnpackScores(f *testing.F) {
	f.Add("")
	f.Add("AAAA")
	f.Add("kscBAAAA//8=")
	f.Fuzz(func(t *testing.T, packed string) {
		scores, err := (&model.ExploitScores{Packed: packed}).Scores()
		for _, s := range scores {
			if err == nil && (s.Probability > model.ScoreUnit || s.Percentile > model.ScoreUnit) {
				t.Fatalf("%q has %+v", packed, s)
			}
		}
	})
}

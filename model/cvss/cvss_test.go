package cvss_test

import (
	"strings"
	"testing"

	"binnacle/model/cvss"
)

func TestScores(t *testing.T) {
	const base4 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/"
	tests := []struct {
		vector string
		want   float64
		name   string
		rating string
	}{
		{base4 + "VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10, "CVSS-B", "critical"},
		{base4 + "VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3, "CVSS-B", "critical"},
		{base4 + "VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 8.1, "CVSS-BT", "high"},
		{base4 + "VC:L/VI:H/VA:L/SC:N/SI:H/SA:L", 9.2, "CVSS-B", "critical"},
		// The macro vector 002101 scores 7.9; four of five steps down a difference of 1.0 over four sets take 0.2 off, three and two of five 0.15 and 0.1.
		{base4 + "VC:L/VI:L/VA:L/SC:H/SI:N/SA:N", 7.7, "CVSS-B", "high"},
		{base4 + "VC:L/VI:L/VA:L/SC:H/SI:N/SA:L", 7.8, "CVSS-B", "high"},
		{base4 + "VC:L/VI:L/VA:L/SC:H/SI:L/SA:N", 7.8, "CVSS-B", "high"},
		{base4 + "VC:L/VI:L/VA:L/SC:H/SI:L/SA:L", 7.8, "CVSS-B", "high"},
		{base4 + "VC:L/VI:L/VA:N/SC:N/SI:L/SA:N", 6.9, "CVSS-B", "medium"},
		{"CVSS:4.0/AV:L/AC:L/AT:P/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 2.1, "CVSS-B", "low"},
		{"CVSS:4.0/AV:L/AC:H/AT:N/PR:N/UI:A/VC:N/VI:N/VA:L/SC:H/SI:H/SA:H/E:U", 1.1, "CVSS-BT", "low"},
		{base4 + "VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, "CVSS-B", "none"},
		{base4 + "VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:A/CR:H", 9.3, "CVSS-BTE", "critical"},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 10, "CVSS 3.1", "critical"},
		{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8, "CVSS 3.1", "critical"},
		{"CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "CVSS 3.0", "medium"},
		{"AV:N/AC:L/Au:N/C:C/I:C/A:C", 10, "CVSS 2.0", "high"},
		{"(AV:L/AC:L/Au:N/C:P/I:P/A:P)", 4.6, "CVSS 2.0", "medium"},
	}
	for _, test := range tests {
		s, err := cvss.Parse(test.vector)
		if err != nil {
			t.Errorf("%s: %v", test.vector, err)
			continue
		}
		if s.Value != test.want || s.Name != test.name || s.Rating != test.rating {
			t.Errorf("%s is %v %s %s; want %v %s %s", test.vector, s.Value, s.Name, s.Rating, test.want, test.name, test.rating)
		}
	}
}

func TestWhatIsNoVector(t *testing.T) {
	for _, vector := range []string{"", "CVSS:4.0/", "CVSS:3.1/AV:N", "CVSS:5.0/AV:N", "high", "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"} {
		if s, err := cvss.Parse(vector); err == nil {
			t.Errorf("%q is %v", vector, s.Value)
		} else if !strings.Contains(err.Error(), "not a CVSS vector") {
			t.Errorf("%q: %v", vector, err)
		}
	}
}

func TestTheNewestVersionCounts(t *testing.T) {
	low4, high3 := "CVSS:4.0/AV:L/AC:L/AT:P/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	for _, vectors := range [][]string{{low4, high3}, {high3, low4}, {"nonsense", high3, low4}} {
		if got := cvss.RatingOf(vectors); got != "low" {
			t.Errorf("%v are rated %q; version 4.0 says low", vectors, got)
		}
	}
	if got := cvss.RatingOf([]string{"nonsense"}); got != "" {
		t.Errorf("no vector is rated %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H")
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	f.Add("AV:N/AC:L/Au:N/C:C/I:C/A:C/CDP:H")
	f.Fuzz(func(t *testing.T, vector string) {
		if s, err := cvss.Parse(vector); err == nil && !(s.Value >= 0 && s.Value <= 10) {
			t.Fatalf("%q is %v", vector, s.Value)
		}
	})
}

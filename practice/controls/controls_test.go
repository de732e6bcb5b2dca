package controls_test

import (
	"fmt"
	"testing"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
	"binnacle/practice/practicetest"
)

// TestHowATestStands looks at one control with one test at several moments: a result counts from when it was collected until it expires,
// a failure stays one, and what was collected later does not count yet.
func TestHowATestStands(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Control, key: k}
- {kind: Control, key: bare}
- {kind: ControlTest, key: t, controls: [k], ControlTest.kind: Host, rule: "true", every: 12h}
- {kind: Observation, key: o1, test: t, result: pass, collected: "2027-03-01T10:00:00Z", expires: "2027-03-02T10:00:00Z"}
- {kind: Observation, key: o2, test: t, result: fail, collected: "2027-03-04T10:00:00Z", expires: "2027-03-05T10:00:00Z"}
- {kind: Observation, key: o3, test: t, result: unknown, collected: "2027-03-08T10:00:00Z", expires: "2027-03-09T10:00:00Z"}
`)
	if err != nil {
		t.Fatal(err)
	}
	for now, want := range map[string]string{
		"2027-02-28T10:00:00Z": "untested 0 due 2027-02-28T10:00:00Z",
		"2027-03-01T10:00:00Z": "passed 1 due 2027-03-01T22:00:00Z",
		"2027-03-02T10:00:00Z": "passed 1 due 2027-03-01T22:00:00Z",
		"2027-03-02T10:00:01Z": "stale 1 due 2027-03-01T22:00:00Z",
		"2027-03-04T10:00:00Z": "failed 2 due 2027-03-04T22:00:00Z",
		"2027-03-07T10:00:00Z": "failed 2 due 2027-03-04T22:00:00Z",
		"2027-03-08T10:00:00Z": "unknown 3 due 2027-03-08T22:00:00Z",
	} {
		moment, err := model.ParseTime(now)
		if err != nil {
			t.Fatal(err)
		}
		v := snap.View(moment.Date()).With(practice.Beside{Now: moment})
		book := controls.In(v)
		state, tests := book.Of(v.Find("Control", "k").Base().Ref())
		if got := fmt.Sprintf("%s %d due %s", state, len(book.History(tests[0].Test)), tests[0].Due); got != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
		if state, _ := book.Of(v.Find("Control", "bare").Base().Ref()); state != controls.Untested {
			t.Errorf("a control without tests is %s", state)
		}
		if past, _ := book.At(0).Of(v.Find("Control", "k").Base().Ref()); past != controls.Untested {
			t.Errorf("before everything the control is %s", past)
		}
	}
}

package all_test

import (
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/all"
)

// What tells people about things without being asked must have an answer without parameters, also for somebody who is no person of the estate, and where
// there is nothing to tell.
func TestWhatNotifiesNeedsNothing(t *testing.T) {
	told := map[string]bool{}
	for _, a := range practice.List(all.Practices()) {
		if !a.Question.Notifies {
			continue
		}
		told[a.Practice.Name] = true
		v := estate.Empty().View(model.MustDate("2027-03-04")).With(practice.Beside{Practices: all.Practices()})
		answer, err := a.Ask(v, nil)
		if err != nil {
			t.Errorf("%s: %v", a.Name(), err)
			continue
		}
		for _, part := range a.Parts(answer) {
			if len(part.Findings) > 0 {
				t.Errorf("%s finds something in an empty estate: %v", a.Name(), part.Findings[0].Text)
			}
		}
	}
	for _, name := range []string{"risk", "security", "compliance", "privacy", "identity"} {
		if !told[name] {
			t.Errorf("nobody is told of what %s finds", name)
		}
	}
}

package practice

import "testing"

func TestNotifyMarksOneQuestion(t *testing.T) {
	q := Question{Name: "renewals"}
	if n := Notify(q); !n.Notifies || q.Notifies || n.Name != "renewals" {
		t.Errorf("Notify made %+v of %+v", n, q)
	}
}

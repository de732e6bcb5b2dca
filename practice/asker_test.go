package practice_test

import (
	"strings"
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
)

type SignIn struct {
	By model.Ref `to:"Person" is:"asker"`
}

type Signed struct{ By practice.Link }

func Sign(v estate.View, in SignIn) (Signed, error) { return Signed{practice.To(v.Get(in.By))}, nil }

// Whoever is known to ask acts in the own name: it is filled in where it is left out, and no other is taken. The owner of the estate, who works
// at its own machine, names anybody, and must name somebody.
func TestWhoActsIsWhoAsks(t *testing.T) {
	snap, err := practicetest.Estate("- {kind: Person, key: ann, full_name: Ann}\n- {kind: Person, key: bob, full_name: Bob}\n")
	if err != nil {
		t.Fatal(err)
	}
	ann := snap.Find("Person", "ann").Base().Ref()
	sign := practice.Ask("sign", Sign)
	asked := practice.Asked{Practice: &practice.Practice{Name: "log"}, Question: &sign}
	for _, test := range []struct {
		name   string
		beside any
		by     string
		want   string
	}{
		{"Ann leaves the name out", practice.Beside{Who: ann}, "", "ann"},
		{"Ann gives her own name", practice.Beside{Who: ann}, "ann", "ann"},
		{"Ann gives the name of Bob", practice.Beside{Who: ann}, "bob", "by: you can do this in your own name only"},
		{"an account without a person", practice.Beside{}, "", "by: this is done by persons, and your account belongs to none"},
		{"an account without a person gives a name", practice.Beside{}, "bob", "by: this is done by persons, and your account belongs to none"},
		{"the owner of the estate gives a name", practice.Beside{Anybody: true}, "bob", "bob"},
		{"the owner of the estate gives none", practice.Beside{Anybody: true}, "", "by: say in whose name this is done"},
		{"nobody knows who asks, and a name is given", nil, "bob", "bob"},
		{"nobody knows who asks, and no name is given", nil, "", "by: say in whose name this is done"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := snap.View(model.MustDate("2027-03-01"))
			if test.beside != nil {
				v = v.With(test.beside)
			}
			parameters := map[string]any{}
			if test.by != "" {
				parameters["by"] = test.by
			}
			got := ""
			if answer, err := asked.Ask(v, parameters); err != nil {
				got = err.Error()
			} else {
				got = answer.(Signed).By.Key
			}
			if !strings.HasPrefix(got, test.want) || test.want == "" {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

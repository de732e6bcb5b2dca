package radar

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/model"
)

// What is taken over from one snapshot to the next must be what would be found from the start.
func TestWhatChangedIsTakenIn(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	s, stamp := estate.Empty(), model.Stamp{}
	schema := s.Schema()
	apply := func(changes ...model.Change) {
		t.Helper()
		stamp.Seq++
		stamp.At = model.TimeOf(model.NewDate(2026, 1, 1).AddDays(int(stamp.Seq)).Time())
		next, err := s.Apply(stamp, changes)
		if err != nil {
			t.Fatal(err)
		}
		s = next
	}
	change := func(before, after model.Record) model.Change {
		kind := schema.Of(&model.Component{})
		if after != nil {
			kind = schema.Of(after)
		}
		c, _ := model.Difference(kind, before, after)
		return c
	}
	ids := 0
	id := func() model.ID { ids++; return model.ID{0: 1, 6: 0x70, 8: 0x80, 14: byte(ids >> 8), 15: byte(ids)} }
	var apps []model.Ref
	for i := range 5 {
		app := &model.Application{Meta: model.Meta{ID: id(), Key: fmt.Sprintf("app-%d", i)}}
		apps = append(apps, app.Ref())
		apply(change(nil, app))
	}
	make := func(key string) *model.Component {
		c := &model.Component{Meta: model.Meta{ID: id(), Key: key}, Application: apps[random.IntN(len(apps))]}
		if n := random.IntN(8); n > 0 {
			c.PackageURL = fmt.Sprintf("pkg:npm/part-%d@1.%d", n, random.IntN(3))
		} else {
			c.Scope = "excluded"
		}
		return c
	}
	for i := range 60 {
		apply(change(nil, make(fmt.Sprintf("c-%02d", i))))
	}
	taken := 0
	for range 200 {
		var changes []model.Change
		old := packagesIn(s.View(0))
		switch c := old.all[random.IntN(len(old.all))]; random.IntN(3) {
		case 0:
			changes = append(changes, change(nil, make(fmt.Sprintf("c-%02d-%d", random.IntN(60), ids))))
		case 1:
			changes = append(changes, change(c, nil))
		default:
			after := *c
			after.PackageURL, after.Application = fmt.Sprintf("pkg:npm/part-%d@2.0", random.IntN(12)), apps[random.IntN(len(apps))]
			changes = append(changes, change(c, &after))
		}
		apply(changes...)
		if old.next(s) != nil {
			taken++
		}
		if diff := cmp.Diff(inWords(newPackages(s)), inWords(packagesIn(s.View(0)))); diff != "" {
			t.Fatalf("what was taken over is not what is there (-there +taken over):\n%s", diff)
		}
	}
	if taken < 190 {
		t.Errorf("only %d of 200 changes were taken in one by one", taken)
	}
}

// inWords writes what packages say in texts.
func inWords(p *packages) map[string][]string {
	out := map[string][]string{}
	for _, c := range p.all {
		out["all"] = append(out["all"], c.Key)
	}
	for i, list := range p.uses {
		for _, c := range list {
			out[p.names[i]] = append(out[p.names[i]], c.Key+" "+c.PackageURL)
		}
	}
	for ref, list := range p.linked {
		for _, c := range list {
			out["technology "+ref.String()] = append(out["technology "+ref.String()], c.Key)
		}
	}
	for ref, day := range p.known {
		out["known "+ref.String()] = []string{day.String()}
	}
	return out
}

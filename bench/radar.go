package main

import (
	"fmt"

	"binnacle/model"
	"binnacle/practice"
	practices "binnacle/practice/all"
)

const (
	// radarComponents is how many uses of components the estate has that a radar is held against.
	radarComponents = 1_000_000
	// radarPackages is how many packages these are of, and radarBlips how many of them lie on the radar.
	radarPackages, radarBlips = 40_000, 120
)

// drifted holds a radar against a million uses of components: from cold, again, after one bill of materials changed, and after something
// else did. The users that the answer counts are counted again by plain numbers.
func drifted(r *run) error {
	w := &vulnerableWorld{components: radarComponents, packages: radarPackages}
	if err := w.make(); err != nil {
		return err
	}
	if err := w.addRadar(); err != nil {
		return err
	}
	list := practices.Practices()
	asked, err := practice.Find(list, "radar.drift")
	if err != nil {
		return err
	}
	ask := func(what, budget string) error {
		v := w.snap.View(model.MustDate("2027-06-01")).With(practice.Beside{Practices: list})
		began := begin()
		answer, err := asked.Ask(v, nil)
		if err != nil {
			return err
		}
		took := began.lap()
		users := 0
		for _, part := range asked.Parts(answer) {
			if part.Name != "blips" {
				continue
			}
			for _, row := range part.Grid.Rows {
				for i, column := range part.Grid.Columns {
					if n, ok := row[i].Value.(int); ok && column.Name == "users" {
						users += n
					}
				}
			}
		}
		if want := w.users(); users != want {
			return fmt.Errorf("the radar counts %d users, and plain numbers %d", users, want)
		}
		r.report(what, "counted again by plain numbers: the same", budget, "%s", took)
		return nil
	}
	if err := ask(fmt.Sprintf("drift of %d blips over %d component uses, from cold", radarBlips, radarComponents), "<= 1 s"); err != nil {
		return err
	}
	if err := ask("the same again", ""); err != nil {
		return err
	}
	if _, err := w.change(7); err != nil {
		return err
	}
	if err := ask("the same after one bill of materials changed", "<= 1 s"); err != nil {
		return err
	}
	changes := []model.Change{}
	team := &model.Team{Meta: model.Meta{Key: "crew", ID: w.newID()}}
	change, _ := model.Difference(w.snap.Schema().Of(team), nil, team)
	changes = append(changes, change)
	if err := w.apply(&changes); err != nil {
		return err
	}
	return ask("the same after something else changed", "<= 1 s")
}

// addRadar puts the first packages on a radar, in its four rings in turn.
func (w *vulnerableWorld) addRadar() error {
	var changes []model.Change
	add := func(rec model.Record) {
		rec.Base().ID = w.newID()
		change, _ := model.Difference(w.snap.Schema().Of(rec), nil, rec)
		changes = append(changes, change)
	}
	home := &model.Radar{Meta: model.Meta{Key: "fleet"}, Scope: "company"}
	add(home)
	rings := []string{"Adopt", "Trial", "Assess", "Hold"}
	for i := range radarBlips {
		add(&model.Blip{Meta: model.Meta{Key: fmt.Sprintf("blip-%d", i)}, Radar: home.Ref(), Quadrant: "Tools", Ring: rings[i%len(rings)], Packages: []string{purlOf(i)}})
	}
	return w.apply(&changes)
}

// users counts by plain numbers how many applications use each package on the radar, and adds these up.
func (w *vulnerableWorld) users() int {
	seen := map[[2]int]bool{}
	for c := range w.components {
		if pkg, _ := w.componentOf(c); pkg < radarBlips {
			seen[[2]int{pkg, c / perApplication}] = true
		}
	}
	return len(seen)
}

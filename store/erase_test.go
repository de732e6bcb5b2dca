package store_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// secret is what must be nowhere any more after an erasure.
const secret = "Mallory"

func person(key string) *model.Person {
	return &model.Person{
		Meta:  model.Meta{Key: strings.ToLower(key), Name: key, Description: key + " likes tea.", Sightings: []model.Sighting{{Source: "hr", External: key + "-17"}}},
		Email: strings.ToLower(key) + "@shop.example", FullName: key + " Doe", Phone: "0123 " + key, EmployeeNumber: key + "-17", Position: "Engineer",
	}
}

// holdsSecret fails where something still holds the secret.
func holdsSecret(t *testing.T, what string, text []byte) {
	t.Helper()
	if i := bytes.Index(bytes.ToLower(text), []byte(strings.ToLower(secret))); i >= 0 {
		t.Errorf("%s: there is still %q", what, text[max(0, i-40):min(len(text), i+40)])
	}
}

func holdsSecretIn(t *testing.T, what string, snap *estate.Snapshot) {
	t.Helper()
	for _, k := range snap.Schema().Kinds() {
		for rec := range snap.View(0).All(k.Name) {
			holdsSecret(t, what+" "+k.Name, k.Encode(rec))
		}
	}
	if hits := snap.View(0).Search(secret, 9); len(hits) > 0 {
		t.Errorf("%s: a search finds %d records", what, len(hits))
	}
}

func TestErasedIsErasedEverywhere(t *testing.T) {
	o := open(t)
	other := person("Trent")
	o.set(person(secret), other, &model.Team{Meta: model.Meta{Key: "ops"}})
	mallory := find[*model.Person](o, strings.ToLower(secret))
	team := find[*model.Team](o, "ops")
	team.Lead = mallory.Ref()
	o.set(team)
	mallory.Phone, mallory.Key = "0999 "+secret, "mallory2"
	edited := o.set(mallory)
	mallory = find[*model.Person](o, "mallory2")
	mallory.Position = "Head of engineering"
	o.set(mallory)
	planned := model.Clone(mallory)
	planned.Phone = "0777 " + secret
	lead := find[*model.Team](o, "ops")
	lead.Mission = "Sail"
	if _, err := o.Propose(o.ctx, "plan", store.Tx{Changes: []model.Change{change(o.Snapshot(), planned), change(o.Snapshot(), lead)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.AsOf(o.ctx, 2); err != nil {
		t.Fatal(err)
	}
	stamp, err := o.Erase(o.ctx, mallory.Ref(), "anna", "She asked for it")
	if err != nil {
		t.Fatal(err)
	}
	checkErased(t, o, mallory, edited.Seq, stamp.Seq)
	o.sound()
	again, err := o.Erase(o.ctx, mallory.Ref(), "anna", "")
	if err != nil {
		t.Fatalf("the second erasure: %v", err)
	}
	if _, err := o.Erase(o.ctx, other.Ref(), "anna", ""); err != nil {
		t.Fatalf("the erasure of another person: %v", err)
	}
	for seq := uint64(0); seq <= again.Seq+1; seq++ {
		if _, err := o.AsOf(o.ctx, seq); err != nil {
			t.Errorf("after two erasures: %v", err)
		}
	}
	o.sound()
}

func checkErased(t *testing.T, o *office, was *model.Person, edited, erased uint64) {
	t.Helper()
	got := o.Snapshot().Get(was.Ref()).(*model.Person)
	if got.Key != model.ErasedKey(was.ID) || got.Position != "Head of engineering" || got.Email != "" || got.Title() != got.Key {
		t.Errorf("what remains is %+v", got)
	}
	if find[*model.Team](o, "ops").Lead != was.Ref() {
		t.Error("the team lost its lead")
	}
	for seq := uint64(0); seq <= erased; seq++ {
		snap, err := o.AsOf(o.ctx, seq)
		if err != nil {
			t.Fatalf("after entry %d: %v", seq, err)
		}
		holdsSecretIn(t, "the past", snap)
		if seq > 0 && snap.Find("Person", "trent").(*model.Person).Email == "" {
			t.Errorf("after entry %d another person lost values", seq)
		}
	}
	for e, err := range o.Journal().Entries(o.ctx, 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal(e)
		holdsSecret(t, "an entry", text)
	}
	history, err := o.History(o.ctx, was.Ref())
	if err != nil || len(history) != 4 {
		t.Errorf("the history has %d entries (%v), want 4", len(history), err)
	}
	if _, err := o.Undo(o.ctx, edited, "anna", ""); err == nil || !strings.Contains(err.Error(), "erased") {
		t.Errorf("the undo of an entry with erased values: %v", err)
	}
	if _, err := o.Undo(o.ctx, erased, "anna", ""); err == nil || !strings.Contains(err.Error(), "erased") {
		t.Errorf("the undo of the erasure: %v", err)
	}
	under, conflicts, err := o.Under(o.Snapshot(), "plan")
	if err != nil || len(conflicts) > 0 || under.Find("Team", "ops").(*model.Team).Mission != "Sail" {
		t.Errorf("the scenario lost what is not about the person: %v %v", err, conflicts)
	} else {
		holdsSecretIn(t, "the scenario", under)
	}
	replayed, err := store.Replay(o.ctx, o.Journal())
	if err != nil {
		t.Fatal(err)
	}
	holdsSecretIn(t, "the replay", replayed)
}

func TestErasedIsNotInTheFile(t *testing.T) {
	o := open(t)
	o.set(person(secret))
	if _, err := o.Erase(o.ctx, o.Snapshot().Find("Person", strings.ToLower(secret)).Base().Ref(), "anna", ""); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		left := 0
		for _, name := range []string{o.path, o.path + "-wal"} {
			data, err := os.ReadFile(name)
			if err == nil {
				left += bytes.Count(bytes.ToLower(data), []byte(strings.ToLower(secret)))
			}
		}
		if left == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the file still holds the name %d times", left)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestWhatCannotBeErased(t *testing.T) {
	o := open(t)
	o.set(site("hq"))
	before := o.Snapshot()
	for what, ref := range map[string]model.Ref{"a site": find[*model.Site](o, "hq").Ref(), "nothing": model.Ref(store.NewID())} {
		if _, err := o.Erase(o.ctx, ref, "anna", ""); err == nil {
			t.Errorf("%s was erased", what)
		}
	}
	if o.Snapshot() != before {
		t.Error("the estate changed")
	}
}

func TestFieldsOfTheOrganisationAreErasedToo(t *testing.T) {
	o := open(t)
	o.set(&model.FieldDefinition{Meta: model.Meta{Key: "Site.guard"}, Kind: "Site", Field: "guard", Type: "text", Personal: true, Required: true})
	hq := site("hq")
	guard := o.Snapshot().Schema().Kind("Site").Field("guard")
	guard.Set(hq, secret)
	o.set(hq)
	if _, err := o.Erase(o.ctx, hq.Ref(), "anna", ""); err != nil {
		t.Fatal(err)
	}
	holdsSecretIn(t, "now", o.Snapshot())
	o.sound()
}

func TestAnotherNodeForgetsToo(t *testing.T) {
	a := open(t)
	a.set(person(secret))
	b := openAt(t, a.path)
	p := find[*model.Person](a, strings.ToLower(secret))
	p.Position = "Head"
	a.set(p)
	if err := b.Refresh(b.ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := b.AsOf(b.ctx, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Erase(a.ctx, p.Ref(), "anna", ""); err != nil {
		t.Fatal(err)
	}
	if err := b.Refresh(b.ctx); err != nil {
		t.Fatal(err)
	}
	for seq := range b.Snapshot().Stamp().Seq + 1 {
		snap, err := b.AsOf(b.ctx, seq)
		if err != nil {
			t.Fatal(err)
		}
		holdsSecretIn(t, "the other node", snap)
	}
	b.sound()
}

package door_test

import (
	"strings"
	"testing"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/feed"
	"binnacle/model"
)

func manifest(text string) []feed.Input {
	return []feed.Input{{Name: "all.yaml", Data: []byte(text)}}
}

// reasons writes what was refused, one line for each.
func reasons(r *door.ImportReport) string {
	var out []string
	for _, f := range r.Files {
		for _, one := range f.Refused {
			out = append(out, one.String())
		}
	}
	return strings.Join(out, "\n")
}

func TestAnImportWritesWhatThePersonMayWriteAndRefusesTheRest(t *testing.T) {
	w := doortest.Open(t)
	p := w.As("dana", "", "service-desk")
	r, err := w.Import(t.Context(), p, door.ImportRequest{Files: manifest("kind: Host\nkey: web-1\n---\nkind: Goal\nkey: grow\n---\nkind: Role\nkey: mine\nadministers: true\n")})
	if err != nil {
		t.Fatal(err)
	}
	if r.Total.Created != 1 || r.Total.Refused != 2 || w.Store.View().Find("Goal", "grow") != nil || w.Store.View().Find("Role", "mine") != nil {
		t.Errorf("%+v\n%s", r.Total, reasons(r))
	}
	if text := reasons(r); !strings.Contains(text, "do not allow you to write Goal/grow") || !strings.Contains(text, "gives rights is not imported") {
		t.Errorf("the reasons are\n%s", text)
	}
	if _, err := w.Import(t.Context(), w.As("emil", "", "employee"), door.ImportRequest{Files: manifest("kind: Host\nkey: web-2\n")}); err == nil {
		t.Error("somebody without the right has imported")
	}
}

func TestAnImportTellsNothingOfRecordsOutOfSight(t *testing.T) {
	w := doortest.Open(t)
	w.As("dana", "", "service-desk")
	w.Put(&model.Host{Meta: model.Meta{Key: "vault-9", Name: "Walrus", Confidential: true}, Serial: "S9", Rack: "R7"})
	p := w.Principal("dana")
	r, err := w.Import(t.Context(), p, door.ImportRequest{Overwrite: true, Files: manifest("kind: Host\nkey: mine\nserial: S9\nrack: R1\n---\nkind: Host\nkey: guest\nruns_on: vault-9\n---\nkind: Host\nkey: fine\n")})
	if err != nil {
		t.Fatal(err)
	}
	h := w.Store.View().Find("Host", "vault-9").(*model.Host)
	if r.Total.Created != 1 || r.Total.Refused != 2 || h.Rack != "R7" {
		t.Errorf("%+v, the rack is %s\n%s", r.Total, h.Rack, reasons(r))
	}
	for _, f := range r.Files {
		for _, text := range append([]string{reasons(r)}, f.Notes...) {
			if strings.Contains(text, "Walrus") || strings.Contains(text, "R7") {
				t.Errorf("it tells %q", text)
			}
		}
		for _, l := range f.Lines {
			if l.Key == "vault-9" {
				t.Errorf("a line names %s", l.Key)
			}
		}
		for _, k := range f.Kept {
			t.Errorf("it tells %s", k)
		}
	}
	if strings.Contains(strings.ReplaceAll(reasons(r), `"vault-9"`, ""), "vault-9") {
		t.Errorf("the key is told: %s", reasons(r))
	}
}

func TestWhatIsLeftOutIsNotTaken(t *testing.T) {
	w := doortest.Open(t)
	p := w.As("dana", "", "cio")
	files := manifest("kind: Host\nkey: a\n---\nkind: Host\nkey: b\n---\nkind: Site\nkey: here\n---\nkind: Host\nkey: c\nsite: here\n")
	r, err := w.Import(t.Context(), p, door.ImportRequest{Files: files, Leave: map[string]bool{"Host/b": true, "Site/": true}})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Store.View()
	if r.Total.Created != 1 || r.Total.Left != 2 || r.Total.Refused != 1 || v.Find("Host", "a") == nil || v.Find("Host", "b") != nil || v.Count("Site") != 0 {
		t.Errorf("%+v\n%s", r.Total, reasons(r))
	}
}

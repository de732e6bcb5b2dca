package records_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"binnacle/model"
	"binnacle/web/frame"
)

// TestFormsAreClosedToThoseWhoMayNotSendThem opens the forms of changes as somebody who only reads, also under a scenario.
func TestFormsAreClosedToThoseWhoMayNotSendThem(t *testing.T) {
	h := open(t)
	h.Put(application("web-shop", "Web shop"), application("other", "Other"))
	plan := &model.Scenario{State: "open"}
	plan.Key = "plan"
	h.Put(plan)
	h.be("audit", "", "auditor")
	h.be("cio", "", "cio")
	for _, path := range []string{"/new", "/web-shop/edit", "/web-shop/edit?field=name", "/web-shop/delete", "/web-shop/merge", "/web-shop/merge?with=other", "/bulk?key=web-shop", "/bulk?scope=all&do=delete"} {
		for _, moment := range []string{"", "scenario=plan"} {
			at := "/records/Application" + path
			if moment != "" && strings.Contains(path, "?") {
				at += "&" + moment
			} else if moment != "" {
				at += "?" + moment
			}
			if status, body := h.get("audit", at); status != 403 {
				t.Errorf("%s as an auditor: %d, want 403: %.200s", at, status, body)
			}
			if status, body := h.get("cio", at); status != 200 {
				t.Errorf("%s as the CIO: %d, want 200: %.200s", at, status, body)
			}
		}
	}
}

// TestKeysThatAreAlsoPages reaches records whose keys are the words for pages of their kind.
func TestKeysThatAreAlsoPages(t *testing.T) {
	h := open(t)
	h.be("cio", "", "cio")
	for _, key := range []string{"new", "bulk", "export", "duplicates"} {
		h.Put(application(key, "Called "+key))
		at := frame.RecordPath("Application", key)
		if _, list := h.get("cio", "/records/Application"); !strings.Contains(list, `href="`+at+`"`) {
			t.Errorf("the list does not lead to %s", at)
		}
		status, body := h.get("cio", at)
		if status != 200 || !strings.Contains(body, "Called "+key) || !strings.Contains(body, at+"edit") {
			t.Errorf("%s: %d", at, status)
		}
		for _, below := range []string{"/edit", "/history", "/graph", "/delete", "/merge"} {
			if status, body := h.get("cio", frame.RecordPath("Application", key, below)); status != 200 || !strings.Contains(body, "Called "+key) {
				t.Errorf("%s of %s: %d", below, key, status)
			}
		}
		status, to, _ := h.post("cio", frame.RecordPath("Application", key, "/edit"), "version", "1", "has", "name", "f.name", "Still "+key)
		if status != 303 || to != at {
			t.Errorf("saving %s: %d to %s", key, status, to)
		}
	}
}

// TestWhatIsOutOfSightHasNoID looks for the id of a confidential team wherever an open record links to it, and saves that
// record: the link stays.
func TestWhatIsOutOfSightHasNoID(t *testing.T) {
	h := open(t)
	team, host := &model.Team{}, &model.Host{}
	team.Key, team.Confidential, host.Key, host.Confidential = "night", true, "dark", true
	h.Put(team, host)
	seen := &model.Host{}
	seen.Key = "bright"
	h.Put(seen)
	a := application("web-shop", "Web shop")
	a.Owner, a.RunsOn = team.Ref(), []model.Ref{host.Ref(), seen.Ref()}
	h.Put(a)
	h.be("ea", "", "enterprise-architect")
	p := h.Principal("ea")
	if p.ReadsConfidential() || !p.MayWrite(a) {
		t.Fatal("the test needs somebody who writes all applications and reads nothing confidential")
	}
	for _, path := range []string{"", "/history", "/edit", "/graph"} {
		if status, body := h.get("ea", "/records/Application/web-shop"+path); status != 200 || strings.Contains(body, team.ID.String()) || strings.Contains(body, host.ID.String()) {
			t.Errorf("%q: %d, with an id of what is out of sight", path, status)
		}
	}
	for _, format := range []string{"csv", "json"} {
		at := "/records/Application/export?columns=name,owner,runs_on&format=" + format
		res := h.do("ea", httptest.NewRequest("GET", at, nil))
		if got := res.Header.Get("Content-Security-Policy"); got != frame.FilePolicy {
			t.Errorf("the policy of an export is %q", got)
		}
		_, body := h.get("ea", at)
		if strings.Contains(body, team.ID.String()) || strings.Contains(body, host.ID.String()) || !strings.Contains(body, model.Unseen) {
			t.Errorf("the export as %s is %s", format, body)
		}
	}
	status, _, body := h.post("ea", "/records/Application/web-shop/edit", "version", "1", "has", "name", "f.name", "Shop", "has", "owner", "f.owner", "", "has", "runs_on", "f.runs_on", "bright")
	if got := h.app("web-shop"); status != 303 || got.Name != "Shop" || got.Owner != team.Ref() || len(got.RunsOn) != 2 {
		t.Errorf("after saving: %d, %q, owner %v, on %v: %.300s", status, got.Name, got.Owner, got.RunsOn, body)
	}
}

// TestSavedViewsAndComments saves, changes, shares and deletes a view, and says something about a record.
func TestSavedViewsAndComments(t *testing.T) {
	h := open(t)
	person := &model.Person{FullName: "Eva"}
	person.Key = "eva"
	h.Put(person, application("web-shop", "Web shop"))
	h.be("eva", "eva", "engineer")
	h.be("max", "", "cio")
	if status, _, body := h.post("eva", "/records/Application/views", "name", "Critical ones", "query", "where=criticality%3Dcritical&sort=-name"); status != 303 {
		t.Fatalf("saving a view: %d %.300s", status, body)
	}
	view := func() *model.SavedView {
		for rec := range h.Store.Snapshot().View(0).All("SavedView") {
			return rec.(*model.SavedView)
		}
		return nil
	}
	key := view().Key
	if v := view(); v.Owner != person.Ref() || v.Shared || v.Query != "sort=-name&where=criticality%3Dcritical" {
		t.Errorf("the view is %+v", v)
	}
	if _, body := h.get("max", "/records/Application?panel=views"); strings.Contains(body, "Critical ones") {
		t.Error("a view that is not shared is shown to others")
	}
	for _, step := range []struct{ who, do, query string }{{"eva", "update", "where=criticality%3Dhigh"}, {"eva", "share", ""}} {
		if status, _, body := h.post(step.who, "/views/"+key, "do", step.do, "query", step.query); status != 303 {
			t.Errorf("%s: %d %.300s", step.do, status, body)
		}
	}
	if v := view(); !v.Shared || v.Query != "where=criticality%3Dhigh" {
		t.Errorf("the view is %+v", v)
	}
	if _, body := h.get("max", "/records/Application?panel=views"); !strings.Contains(body, "Critical ones") {
		t.Error("a shared view is not shown to others")
	}
	if status, _, _ := h.post("eva", "/views/"+key, "do", "delete"); status != 303 || view() != nil {
		t.Errorf("deleting the view: %d", status)
	}
	if status, to, body := h.post("eva", "/records/Application/web-shop/comments", "text", "It is **slow**."); status != 303 || !strings.HasSuffix(to, "#comments") {
		t.Fatalf("commenting: %d %.300s", status, body)
	}
	_, page := h.get("max", "/records/Application/web-shop")
	if !strings.Contains(page, "It is <strong>slow</strong>.") {
		t.Error("the comment is not on the page")
	}
	for rec := range h.Store.Snapshot().View(0).All("Comment") {
		if status, _, _ := h.post("eva", "/records/Application/web-shop/comments/"+rec.Base().Key+"/delete"); status != 303 {
			t.Errorf("deleting one's own comment: %d", status)
		}
	}
	if h.Store.Snapshot().View(0).Count("Comment") != 0 {
		t.Error("the comment is there still")
	}
}

// TestDeletingMany deletes what a list matches, and nothing where something else matches by then.
func TestDeletingMany(t *testing.T) {
	h := open(t)
	h.Put(application("a", "A"), application("b", "B"), application("c", "C"))
	h.be("cio", "", "cio")
	form := []string{"scope", "all", "where", "key!=c", "do", "delete", "why", "Tidy up"}
	if status, _, _ := h.post("cio", "/records/Application/bulk", append(form, "count", "3")...); status != 303 || h.Store.Snapshot().View(0).Count("Application") != 3 {
		t.Errorf("more were looked at than match: %d", status)
	}
	if status, _, body := h.post("cio", "/records/Application/bulk", append(form, "count", "2")...); status != 303 {
		t.Fatalf("deleting: %d %.300s", status, body)
	}
	if s := h.Store.Snapshot(); s.Find("Application", "a") != nil || s.Find("Application", "b") != nil || s.Find("Application", "c") == nil {
		t.Error("other records are gone than were to go")
	}
}

// TestOwnKindsAndFields defines a kind and a field on the pages, and works with records of both.
func TestOwnKindsAndFields(t *testing.T) {
	h := open(t)
	h.be("eve", "", "administrator", "cio")
	must := func(path string, pairs ...string) {
		t.Helper()
		if status, _, body := h.post("eve", path, pairs...); status != 303 {
			at := max(0, strings.Index(body, "<main"))
			t.Fatalf("%s: %d %.1500s", path, status, body[at:])
		}
	}
	must("/records/KindDefinition/new", "has", "key", "f.key", "Berth", "has", "label", "f.label", "Berth", "has", "plural", "f.plural", "Berths", "has", "group", "f.group", "Harbour")
	must("/records/FieldDefinition/new", "has", "key", "f.key", "Berth.depth", "has", "kind", "f.kind", "Berth", "has", "field", "f.field", "depth", "has", "type", "f.type", "number", "has", "unit", "f.unit", "m")
	must("/records/FieldDefinition/new", "has", "key", "f.key", "Application.berth", "has", "kind", "f.kind", "Application", "has", "field", "f.field", "berth", "has", "type", "f.type", "ref", "has", "to", "f.to", "Berth")
	must("/records/Berth/new", "has", "key", "f.key", "north", "has", "name", "f.name", "North quay", "has", "depth", "f.depth", "12.5")
	h.Put(application("gate", "Gate"))
	must("/records/Application/gate/edit", "version", "1", "has", "berth", "f.berth", "north")
	for path, says := range map[string]string{"/records": "Berths", "/records/Berth": "North quay", "/records/Berth/north": "12.5", "/records/Berth/north/edit": `name="f.depth"`, "/records/Berth/north/history": "Depth",
		"/records/Berth/north/graph": "Gate", "/records/Berth?where=depth%3E12&columns=name,depth": "North quay", "/records/Application/gate": "North quay", "/records/Application?columns=name,berth&where=berth.depth%3E12": "North quay",
		"/records/Berth/export?format=csv": "12.5", "/records/Berth/export?format=json": `"depth":12.5`, "/records/Berth?panel=filter&field=depth": "at least", "/records/Berth/bulk?key=north": "how.depth", "/records/Berth/duplicates": "Berths", "/records/Berth/north/delete": "Gate"} {
		if status, body := h.get("eve", path); status != 200 || !strings.Contains(body, says) {
			t.Errorf("%s: %d, and does not say %q", path, status, says)
		}
	}
	deeper := []string{"key", "north", "how.depth", "set", "f.depth", "13"}
	_, _, preview := h.post("eve", "/records/Berth/bulk", deeper...)
	looked := regexp.MustCompile(`name="previewed" value="([^"]+)"`).FindStringSubmatch(preview)
	if looked == nil {
		t.Fatal("an edit of many shows nothing to apply")
	}
	must("/records/Berth/bulk", append(deeper, "apply", "1", "previewed", looked[1])...)
	if _, body := h.get("eve", "/records/Berth/north"); !strings.Contains(body, "13") {
		t.Error("an edit of many did not reach the own field")
	}
	must("/records/Berth/north/delete")
}

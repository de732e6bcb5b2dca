package journaltest

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"binnacle/model"
)

// figure writes a value from a view in one form for all databases.
func figure(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case []byte:
		return strings.ReplaceAll(string(v), ", ", ",")
	case string:
		return strings.ReplaceAll(v, ", ", ",")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return fmt.Sprint(v)
}

func line(row []any) string {
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = figure(v)
	}
	return strings.Join(cells, " | ")
}

// look compares what a query answers with lines of a table.
func look(t *testing.T, place Place, query string, want ...string) {
	t.Helper()
	var got []string
	for _, row := range place.Query(t, query) {
		got = append(got, line(row))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\n got:\n%s\nwant:\n%s", query, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func testViews(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	j, p := open(t, place), NewPen(t)
	vendor := &model.Vendor{}
	vendor.Key = "nordwind"
	v := p.Create(vendor)
	shop := Application("web-shop", 1)
	shop.Vendor, shop.Users, shop.Version = model.Ref(v), 1200, "7.1"
	p.Create(shop)
	p.Create(Application("billing", 2))
	cost := &model.CostCentre{Number: "4711", Budget: model.MustMoney("1250000.50 EUR")}
	cost.Key = "it"
	p.Create(cost)
	person := Person("jd", "Johanna Dorn", "jd@example.com")
	person.Joined, person.Skills = model.MustDate("2021-03-15"), []string{"SQL", "Go, a language"}
	p.Create(person)
	add(t, j, p.Commit("figures"))
	if err := j.SyncViews(t.Context(), model.Builtin()); err != nil {
		t.Fatal(err)
	}
	look(t, place, "SELECT key, users, availability, personal_data, version, version_value, vendor_key FROM {view:application} ORDER BY key",
		"billing | 3 | 99.5 | 1 | 1 | 2.2 | -",
		"web-shop | 1200 | 99.5 | 0 | 1 | 7.1 | nordwind")
	look(t, place, "SELECT sum(users), count(vendor) FROM {view:application}", "1203 | 1")
	look(t, place, "SELECT a.key FROM {view:application} AS a JOIN {view:vendor} AS v ON a.vendor = v.id", "web-shop")
	look(t, place, "SELECT number, budget_amount * 2, budget_currency FROM {view:cost_centre}", "4711 | 2500001 | EUR")
	look(t, place, "SELECT full_name, joined < '2021-03-16', joined > '2021-03-14', skills, \"left\" FROM {view:person}", `Johanna Dorn | 1 | 1 | ["SQL","Go,a language"] | -`)
	look(t, place, "SELECT count(*) FROM {view:person} WHERE created_at > '2027-01-15' AND created_at < '2027-01-16'", "1")

	for range 2 {
		if err := j.SyncViews(t.Context(), model.Builtin()); err != nil {
			t.Fatal("again:", err)
		}
	}
	look(t, place, "SELECT count(*) FROM {view:application}", "2")
	proved(t, j)
}

// testOwnViews is about the kinds and fields of the organisation, whose names nobody has checked.
func testOwnViews(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	j, p := open(t, place), NewPen(t)
	kind := func(key string) *model.KindDefinition {
		k := &model.KindDefinition{}
		k.Key = key
		return k
	}
	field := func(kind, name string, typ model.DefinableType) *model.FieldDefinition {
		f := &model.FieldDefinition{Kind: kind, Field: name, Type: typ}
		f.Key = kind + "." + name
		if typ == "enum" {
			f.Options = []string{"a", "b"}
		}
		return f
	}
	schema, errs := model.Builtin().With(
		[]*model.KindDefinition{kind("Vessel"), kind("journal_entry"), kind(strings.Repeat("VeryLong", 20)), kind(strings.Repeat("VeryLong", 20) + "Two"), kind("Übergröße")},
		[]*model.FieldDefinition{field("Vessel", "draught", "number"), field("Vessel", "class", "enum"), field("Vessel", "id", "text"),
			field("Vessel", "built", "date"), field("Vessel", "seen", "time"), field("Vessel", "price", "money"), field("Vessel", "price_amount", "text"),
			field("Vessel", "crew", "range"), field("Vessel", "sailing", "bool"), field("Vessel", "select", "integer"), field("Vessel", "home", "ref")})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if err := j.SyncViews(t.Context(), schema); err != nil {
		t.Fatal(err)
	}
	p.schema = schema
	site := &model.Site{}
	site.Key = "kiel"
	home := p.Create(site)
	v := schema.Kind("Vessel").New()
	v.Base().Key = "gorch-fock"
	set := func(name string, value any) {
		f := schema.Kind("Vessel").Field(name)
		got, err := f.Read(value, nil)
		if err != nil {
			t.Fatal(name, err)
		}
		f.Set(v, got)
	}
	for name, value := range map[string]any{"draught": 5.25, "class": "a", "id": "own id", "built": "1958-08-23", "seen": "2027-01-02T03:04:05Z",
		"price": "8500000.10 EUR", "price_amount": "text", "crew": "60..69..221", "sailing": true, "select": 7} {
		set(name, value)
	}
	schema.Kind("Vessel").Field("home").Set(v, model.Ref(home))
	p.Create(v)
	add(t, j, p.Commit("a vessel"))
	look(t, place, `SELECT key, draught, class, id_value, built > '1958-08-22', price_amount, price_amount_value, crew_low, crew_likely, crew_high, sailing, "select", home_key FROM {view:vessel}`,
		"gorch-fock | 5.25 | a | own id | 1 | 8500000.1 | text | 60 | 69 | 221 | 1 | 7 | kiel")
	for _, view := range []string{"kind_journal_entry", "data_set", "übergröße"} {
		look(t, place, "SELECT count(*) FROM {view:"+view+"}", "0")
	}
	look(t, place, "SELECT count(*) FROM {journal_entry}", "1")

	if err := j.SyncViews(t.Context(), model.Builtin()); err != nil {
		t.Fatal(err)
	}
	look(t, place, "SELECT count(*) FROM {journal_view} WHERE name IN ('vessel', 'kind_journal_entry', 'application')", "1")
	look(t, place, "SELECT count(*) FROM {view:data_set}", "0")
	proved(t, j)
}

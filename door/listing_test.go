package door_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
)

// TestTotalsAreExactAndByCurrency adds up contracts in two currencies, to the cent.
func TestTotalsAreExactAndByCurrency(t *testing.T) {
	w := doortest.Open(t)
	k := w.Store.Snapshot().Schema().Kind("Contract")
	var money *model.Field
	for _, f := range k.Fields {
		if f.Type == model.MoneyField {
			money = f
			break
		}
	}
	if money == nil {
		t.Skip("contracts have no money")
	}
	var recs []model.Record
	for i, amount := range []string{"0.10 EUR", "0.20 EUR", "1000000000000.01 EUR", "5 USD", ""} {
		c := k.New()
		c.Base().Key = "c" + string(rune('a'+i))
		if amount != "" {
			money.Set(c, model.MustMoney(amount))
		}
		for _, f := range k.Fields {
			if f.Required && !f.Has(c) && f.IsRef() {
				v := &model.Vendor{}
				v.Key = "vendor-" + c.Base().Key
				w.Put(v)
				f.Set(c, v.Ref())
			}
		}
		recs = append(recs, c)
	}
	w.Put(recs...)
	v, err := w.Look(t.Context(), w.As("cio", "", "cio"), door.Moment{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := door.ListingOf(k, url.Values{"columns": {money.Name}, "group": {money.Name}})
	if err != nil {
		t.Fatal(err)
	}
	total, err := l.Total(v)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := total.Sums[0].Text(), "1000000000000.31 EUR + 5 USD"; got != want {
		t.Errorf("the total is %s, want %s", got, want)
	}
	groups, all, err := l.Groups(v)
	if err != nil || !all || len(groups) != 5 {
		t.Errorf("%d groups, all %v, %v", len(groups), all, err)
	}
	var out bytes.Buffer
	if err := l.Export(&out, v, door.Formats()[2]); err != nil || strings.Count(out.String(), `"kind":"Contract"`) != 5 {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestAListingSaysWhatIsWrong reads addresses that cannot be made into a list.
func TestAListingSaysWhatIsWrong(t *testing.T) {
	k := model.Builtin().Kind("Application")
	for _, c := range []struct{ query, field string }{
		{"where=nothing", "where"}, {"sort=-nothing", "sort"}, {"columns=name,nothing", "columns"}, {"group=nothing", "group"}, {"where=name~a&sort=-name,users&columns=name,users", ""},
	} {
		q, _ := url.ParseQuery(c.query)
		l, err := door.ListingOf(k, q)
		var p model.Problem
		if errors.As(err, &p); p.Field != c.field {
			t.Errorf("%s: the problem is about %q, want %q", c.query, p.Field, c.field)
		}
		if err == nil {
			if again, err := door.ListingOf(k, l.Values()); err != nil || again.Values().Encode() != l.Values().Encode() {
				t.Errorf("%s does not come back from its own address: %v", c.query, err)
			}
		}
	}
}

// TestFileNamesAreHarmless gives files names that lead elsewhere or say something to a header.
func TestFileNamesAreHarmless(t *testing.T) {
	for name, want := range map[string]string{"../../etc/passwd": "passwd", `C:\temp\a.txt`: "a.txt", "a\r\nSet-Cookie: x": "a__Set-Cookie_ x", "": "file", "..": "file", `a"b.txt`: "a_b.txt", "plan.pdf": "plan.pdf", "ma\u202etxt.exe": "ma_txt.exe"} {
		if got := door.SafeFileName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

// TestARefusalDoesNotNameWhatIsOutOfSight removes what a confidential record needs.
func TestARefusalDoesNotNameWhatIsOutOfSight(t *testing.T) {
	w := doortest.Open(t)
	base, secret := &model.Application{}, &model.Application{}
	base.Key, secret.Key = "base", "merger"
	w.Put(base)
	secret.Confidential, secret.DependsOn = true, []model.Ref{base.Ref()}
	w.Put(secret)
	p := w.As("arch", "", "enterprise-architect")
	v, err := w.Look(t.Context(), p, door.Moment{})
	if err != nil {
		t.Fatal(err)
	}
	parting, err := door.Part(v, []model.Record{v.Find("Application", "base")})
	if err != nil || parting.Hidden != 1 || len(parting.Dangling) != 0 {
		t.Errorf("%d hidden, %d in sight, %v", parting.Hidden, len(parting.Dangling), err)
	}
	for _, dry := range []bool{true, false} {
		_, err = w.Write(t.Context(), p, door.Moment{}, door.Tx{Changes: parting.Changes, DryRun: dry})
		if err == nil || strings.Contains(err.Error(), "merger") {
			t.Errorf("dry %v: %v", dry, err)
		}
	}
}

package api_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"binnacle/api"
	"binnacle/model"
)

// dates reads a calendar with another reader and returns the names of its events by title.
func dates(t *testing.T, raw []byte) map[string]*ics.VEvent {
	t.Helper()
	cal, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	out := map[string]*ics.VEvent{}
	for _, e := range cal.Events() {
		out[e.GetProperty(ics.ComponentPropertySummary).Value] = e
	}
	return out
}

// TestCalendar subscribes to the dates of contracts. The clock stands at 1 July 2027.
func TestCalendar(t *testing.T) {
	c := open(t, api.Options{})
	vendor := &model.Vendor{}
	vendor.Key, vendor.Name = "acme", "Acme; Söhne, Vertrieb"
	c.Put(vendor)
	contract := func(key, name string, owner model.Ref, confidential bool) *model.Contract {
		k := &model.Contract{Vendor: vendor.Ref(), Start: model.MustDate("2027-01-01"), End: model.MustDate("2027-12-31"), AutoRenew: 12, NoticeMonths: 3, State: "active"}
		k.Key, k.Name, k.Owner, k.Confidential = key, name, owner, confidential
		return k
	}
	max := c.Store.View().Find("Person", "max").Base().Ref()
	c.Put(contract("care", "Care of the machines in all the houses of the company and of the gardens around them", max, false), contract("nightfall", "Nightfall", model.Ref{}, true), contract("other", "Other", model.Ref{}, false))

	address := api.Prefix + "/calendar.ics?days=200&token="
	get := func(who, more string) (*http.Response, []byte) {
		r := c.send("", "GET", strings.TrimPrefix(address, api.Prefix)+c.tokens[who]+more, "")
		return r.Response, r.body
	}
	r, raw := get("reader", "")
	if r.StatusCode != 200 || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/calendar") {
		t.Fatalf("%d %s", r.StatusCode, raw)
	}
	found := dates(t, raw)
	title := "Last day of notice: Care of the machines in all the houses of the company and of the gardens around them (Acme; Söhne, Vertrieb)"
	e := found[title]
	if e == nil {
		t.Fatalf("there is no event %q: %s", title, raw)
	}
	if day := e.GetProperty(ics.ComponentPropertyDtStart).Value; day != "20270930" {
		t.Errorf("the last day of notice is %s, want 20270930", day)
	}
	var rings []string
	for _, a := range e.Alarms() {
		rings = append(rings, a.GetProperty(ics.ComponentPropertyTrigger).Value)
	}
	if !slices.Equal(rings, []string{"-P90D", "-P30D", "-P7D", "-P1D"}) {
		t.Errorf("it rings %v", rings)
	}
	if len(found) != 6 {
		t.Errorf("%d dates are shown, want 6: %s", len(found), raw)
	}
	c.tokens["viewer"] = c.token("viewer", "", "vendor-manager", "read", 24*time.Hour)
	if _, open := get("viewer", ""); len(dates(t, open)) != 4 || strings.Contains(string(open), "Nightfall") {
		t.Errorf("who may not see a confidential contract sees: %s", open)
	}
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 75 {
			t.Errorf("a line is longer than 75 bytes: %s", line)
		}
	}
	if _, again := get("reader", ""); !bytes.Equal(raw, again) {
		t.Error("asking again gives another calendar")
	}
	if r, _ := get("reader", "&type=notice"); r.StatusCode != 200 {
		t.Errorf("one type alone answers %d", r.StatusCode)
	}
	for more, status := range map[string]int{"&type=birthday": 400, "&own=true": 400, "&scenario=none": 400, "&colour=blue": 400} {
		if r, body := get("reader", more); r.StatusCode != status {
			t.Errorf("%s answers %d, want %d: %s", more, r.StatusCode, status, body)
		}
	}
	// What may do more than read has no place in an address; in a header it is welcome.
	for who, status := range map[string]int{"chief": 403, "scim": 403, "expired": 401, "revoked": 401, "": 401} {
		if r, body := get(who, ""); r.StatusCode != status {
			t.Errorf("the token of %q in the address answers %d, want %d: %s", who, r.StatusCode, status, body)
		}
	}
	mine := c.want(200, "chief", "GET", "/calendar.ics?own=true&days=200", "")
	if found := dates(t, mine.body); len(found) != 2 || found[title] == nil {
		t.Errorf("what is one's own is %d dates", len(found))
	}
	// No other route takes a token from an address.
	if r := c.send("", "GET", "/records?token="+c.tokens["reader"], ""); r.StatusCode != 401 {
		t.Errorf("another route takes a token from the address: %d", r.StatusCode)
	}
}

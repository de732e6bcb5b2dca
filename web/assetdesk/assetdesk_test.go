package assetdesk_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/assetdesk"
	"binnacle/web/frame"
)

// ask visits a page in the name of an account with some roles. A form makes it a POST.
func ask(t *testing.T, w *doortest.World, name string, roles []string, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	assetdesk.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As(name, "", roles...).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", path, nil)
	if form != nil {
		r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: secret})
	out := httptest.NewRecorder()
	s.ServeHTTP(out, r)
	return out
}

// has checks that a page says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	if page.Code != http.StatusOK {
		t.Fatalf("status %d: %s", page.Code, page.Body)
	}
	for _, w := range words {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page.Body.String(), bare) == not {
			t.Errorf("the page and %q: it should%s be there", bare, map[bool]string{true: " not"}[not])
		}
	}
}

var keeper, reader = []string{"cio"}, []string{"auditor"}

// office has three laptops at one site and one at another.
func office(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	hq, port := &model.Site{}, &model.Site{}
	hq.Key, hq.Name, port.Key = "hq", "Headquarters", "port"
	w.Put(hq, port)
	for i, site := range []model.Ref{hq.Ref(), hq.Ref(), hq.Ref(), port.Ref()} {
		a := &model.Asset{State: "in_use", Category: "laptop", Site: site, InventoryNumber: fmt.Sprintf("INV-%d", i+1), Serial: fmt.Sprintf("SN%d", i+1)}
		a.Key, a.Name = fmt.Sprintf("lap-%d", i+1), fmt.Sprintf("Laptop <%d>", i+1)
		w.Put(a)
	}
	return w
}

// TestLabels: a code for each asset that was chosen, empty places first, nothing inline that the policy forbids.
func TestLabels(t *testing.T) {
	w := office(t)
	has(t, ask(t, w, "it", keeper, "/assets/labels", nil), "Only these assets", "!label-sheet\"")
	page := ask(t, w, "it", keeper, "/assets/labels?paper=a4-70x37&site=hq&skip=5", nil)
	has(t, page, "3 labels.", "INV-1", "Laptop &lt;3&gt;", "SN2", "!INV-4", "!style=", "The codes lead to http://example.com")
	if n := strings.Count(page.Body.String(), `class="label-place"`); n != 8 {
		t.Errorf("there are %d places, and 5 empty ones with 3 labels are right", n)
	}
	if n := strings.Count(page.Body.String(), `<svg class="code"`); n != 3 {
		t.Errorf("there are %d codes", n)
	}
	page = ask(t, w, "it", keeper, "/assets/labels?paper=single&assets=lap-4%0Ainv-1%0Aghost", nil)
	has(t, page, "2 labels.", "No asset is called ghost", "INV-4", "INV-1", "label-sheets single")
	if n := strings.Count(page.Body.String(), `class="label-sheet"`); n != 2 {
		t.Errorf("there are %d single labels", n)
	}
	if r := ask(t, w, "it", keeper, "/assets/labels?site=nowhere", nil); r.Code != http.StatusBadRequest && r.Code != http.StatusNotFound {
		t.Errorf("labels of a site that is not there: %d", r.Code)
	}
}

// TestCount scans two of three labels and a stranger's, adds the third, and applies the count.
func TestCount(t *testing.T) {
	w := office(t)
	if r := ask(t, w, "reader", reader, "/assets/scan", url.Values{"labels": {"INV-1"}}); r.Code != http.StatusForbidden {
		t.Errorf("an auditor counts: %d", r.Code)
	}
	has(t, ask(t, w, "reader", reader, "/assets/scan", nil), "do not let you count")
	has(t, ask(t, w, "it", keeper, "/assets/scan", nil), "Scan into this field", "Headquarters")
	for name, bad := range map[string]url.Values{"nothing": {"labels": {" \r\n"}}, "too long": {"labels": {strings.Repeat("x", 400)}}, "no such site": {"labels": {"a"}, "site": {"nowhere"}}, "no such count": {"labels": {"a"}, "stocktake": {"none"}}} {
		if r := ask(t, w, "it", keeper, "/assets/scan", bad); r.Code < 400 || r.Code >= 500 {
			t.Errorf("%s: %d", name, r.Code)
		}
	}
	r := ask(t, w, "it", keeper, "/assets/scan", url.Values{"site": {"hq"}, "labels": {"INV-1\r\nhttp://example.com/records/Asset/lap-2\r\nINV-4\r\nghost\r\n"}})
	if r.Code != http.StatusSeeOther || r.Header().Get("Location") != "/assets/scan?stocktake=hq-2027-07-01" {
		t.Fatalf("%d %s %s", r.Code, r.Header(), r.Body)
	}
	has(t, ask(t, w, "it", keeper, "/assets/scan?stocktake=hq-2027-07-01", nil), "4 labels counted", "Expected and not scanned: 1 asset", "unknown label", "wrong place", "Apply and close")
	if r := ask(t, w, "it", keeper, "/assets/scan", url.Values{"stocktake": {"hq-2027-07-01"}, "labels": {"sn3"}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	has(t, ask(t, w, "it", keeper, "/assets/scan?stocktake=hq-2027-07-01", nil), "5 labels counted", "!Expected and not scanned")
	has(t, ask(t, w, "it", keeper, "/assets/scan", nil), "Counts that are not closed", "Headquarters, 2027-07-01")
	if r := ask(t, w, "it", keeper, "/assets/scan/apply", url.Values{"stocktake": {"hq-2027-07-01"}}); r.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	snap := w.Store.Snapshot()
	for i := range 4 {
		a := snap.Find("Asset", fmt.Sprintf("lap-%d", i+1)).(*model.Asset)
		if a.SeenOn != model.MustDate("2027-07-01") || a.State != "in_use" || a.Site != snap.Find("Site", "hq").Base().Ref() {
			t.Errorf("%s is %s at %s, seen %s", a.Key, a.State, a.Site, a.SeenOn)
		}
	}
	has(t, ask(t, w, "it", keeper, "/assets/scan?stocktake=hq-2027-07-01", nil), "closed", "!Apply and close")
	if r := ask(t, w, "it", keeper, "/assets/scan", url.Values{"stocktake": {"hq-2027-07-01"}, "labels": {"INV-1"}}); r.Code < 400 || r.Code >= 500 {
		t.Errorf("a closed count goes on: %d", r.Code)
	}
	if r := ask(t, w, "it", keeper, "/assets/scan/apply", url.Values{"stocktake": {"hq-2027-07-01"}}); r.Code != http.StatusBadRequest {
		t.Errorf("a closed count is applied again: %d", r.Code)
	}
}

// TestTheDemoHasAssets opens the first page over the demo company.
func TestTheDemoHasAssets(t *testing.T) {
	w := doortest.Demo(t)
	has(t, ask(t, w, "cio", keeper, "/assets", nil), "Hardware", "Too few licences", "assets.shelfware", "!class=\"problem\"", "!style=")
	has(t, ask(t, w, "desk", []string{"employee"}, "/assets", nil), "Hardware")
}

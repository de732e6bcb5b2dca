package api_test

import (
	"net/http"
	"strings"
	"testing"

	"binnacle/api"
	"binnacle/door"
	"binnacle/feed"
	"binnacle/model"
)

// uses is measured use of two subjects, of which one quantity has more digits than a float.
const uses = "subject,metric,unit,from,quantity\n" +
	"Application/mine,requests,1,2027-06-01,1\n" +
	"Application/other,requests,1,2027-06-02,2.000000000000000001\n" +
	"Application/mine,logins,1,2027-06-03,3\n"

// Lines are listed page by page, by value and by day, for who sees their load; parameters that are wrong are named.
func TestLinesOfALoad(t *testing.T) {
	c := open(t, api.Options{})
	report, err := c.Import(t.Context(), c.Access.Owner("test"), door.ImportRequest{Files: []feed.Input{{Name: "use.csv", Data: []byte(uses)}}})
	if err != nil || len(report.Files[0].Loads) != 1 {
		t.Fatalf("%+v, %v", report, err)
	}
	key := report.Files[0].Loads[0].Key
	path := "/loads/" + key + "/lines"
	page := c.want(http.StatusOK, "reader", http.MethodGet, path+"?limit=2", "")
	for field, want := range map[string]any{"load": key, "series": "usage", "columns.0": "Subject", "measures.0": "Quantity", "lines.0.row": 2.0, "lines.1.values.0": "Application/other",
		"lines.1.start": "2027-06-02T00:00:00Z", "lines.1.end": "2027-06-03T00:00:00Z", "next": "2", "before": 0.0} {
		if got := page.field(field); got != want {
			t.Errorf("%s is %v, want %v", field, got, want)
		}
	}
	if !strings.Contains(string(page.body), "2.000000000000000001") {
		t.Errorf("digits are lost: %s", page.body)
	}
	rest := c.want(http.StatusOK, "reader", http.MethodGet, path+"?limit=2&cursor=2", "")
	if rest.field("lines.0.values.2") != "logins" || rest.field("lines.1") != nil || rest.field("next") != nil || rest.field("before") != 2.0 {
		t.Errorf("the rest is %s", rest.body)
	}
	some := c.want(http.StatusOK, "reader", http.MethodGet, path+"?where=Subject=Application/mine&from=2027-06-02", "")
	if some.field("lines.0.row") != 4.0 || some.field("lines.1") != nil {
		t.Errorf("some lines: %s", some.body)
	}
	for query, parameter := range map[string]string{"where=Sails=3": "Sails", "where=Subject": "where", "from=soon": "from", "limit=0": "limit", "limit=1001": "limit", "cursor=x": "cursor"} {
		if got := c.want(http.StatusBadRequest, "reader", http.MethodGet, path+"?"+query, "").field("errors.0.parameter"); got != parameter {
			t.Errorf("%s blames %v", query, got)
		}
	}
	c.want(http.StatusNotFound, "reader", http.MethodGet, "/loads/none/lines", "")
	c.want(http.StatusUnauthorized, "", http.MethodGet, path, "")
	change, err := c.Build(t.Context(), c.Access.Owner("test"), c.Store.View(), door.Edit{Kind: "Load", Key: key, Set: map[string]any{"confidential": true}})
	if err == nil {
		_, err = c.Write(t.Context(), c.Access.Owner("test"), door.Moment{}, door.Tx{Why: "Hide", Changes: []model.Change{change}})
	}
	if err != nil {
		t.Fatal(err)
	}
	c.want(http.StatusNotFound, "eva", http.MethodGet, path, "")
}

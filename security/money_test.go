package security

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"binnacle/model"
	"binnacle/practice"
)

// linesOf are all ways to the lines of a load.
func linesOf(key string) []string {
	return []string{"/loads/" + key + "/lines", "/loads/" + key + "/lines.csv", "/loads/" + key + "/lines?where=ServiceName%3DOvens", "/api/v1/loads/" + key + "/lines"}
}

// TestV8_2_2_LinesByGuess asks for the lines of bills by their exact address, as every role and at other moments. Who does not see the
// record of the load is told the same as where there is none.
func TestV8_2_2_LinesByGuess(t *testing.T) {
	w := newWorld(t)
	readers := map[string]bool{}
	for _, role := range blind() {
		page, program := w.as(t, role), w.withToken(t, role, "approve")
		read, _, _ := w.account(t, role).Extents("Load")
		readers[role] = read == "all"
		for key, want := range map[string]bool{w.open: read == "all", w.dark: false} {
			for _, moment := range []string{"", "as_of=" + itoa(w.Head().Seq), "at=2030-01-01", "scenario=plan-in-the-dark"} {
				for _, path := range linesOf(key) {
					v, mark := page, "?"
					if strings.HasPrefix(path, "/api/") {
						v = program
					}
					if strings.Contains(path, "?") {
						mark = "&"
					}
					r := v.get(path + mark + moment)
					if r.status >= 500 || strings.Contains(strings.ToLower(r.body), secretWord) || strings.Contains(r.body, darkAmount) {
						t.Errorf("%s, %s at %q: %v", role, path, moment, r)
					}
					if moment == "" && (r.status == http.StatusOK) != want {
						t.Errorf("%s, %s: %d, and the lines of the role say %v", role, path, r.status, want)
					}
					if moment == "" && !want && !strings.Contains(path, "csv") && r.body != strings.ReplaceAll(v.get(strings.Replace(path, key, "there-is-none", 1)).body, "there-is-none", key) && strings.HasPrefix(path, "/api/") {
						t.Errorf("%s, %s: the answer is not the same as where there is no load: %v", role, path, r)
					}
				}
			}
		}
	}
	for role, want := range map[string]bool{"finance": true, "vendor-manager": true, "administrator": true, "engineer": false, "employee": false, "service-desk": false, "project-manager": false, "product-manager": false} {
		if readers[role] != want {
			t.Errorf("%s reads bills: %v, want %v", role, readers[role], want)
		}
	}
	for _, path := range linesOf(w.dark)[:2] {
		if r := w.as(t, "auditor").get(path); r.status != http.StatusOK || !strings.Contains(r.body, secretWord) || !strings.Contains(r.body, darkAmount) {
			t.Errorf("the auditor does not find the lines: %v", r)
		}
	}
	for _, path := range linesOf(w.open) {
		if r := w.stranger(t).get(path); r.status == http.StatusOK {
			t.Errorf("%s is open to strangers: %v", path, r)
		}
	}
}

// entries are the numbers of entries, and moments: they move when anything is written.
var entries = regexp.MustCompile(`"(as_of|entry|seq|stamp)":\s*("[^"]*"|\d+)`)

// money asks what money is told by, on every door.
func (w *world) money(t *testing.T, role string) map[string]string {
	t.Helper()
	page, program := w.as(t, role), w.withToken(t, role, "read")
	out := map[string]string{}
	note := func(path string, r reply) {
		if r.status >= 500 {
			t.Errorf("%s as %s: %v", path, role, r)
		}
		if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			r.body = fmt.Sprint(r.status)
		}
		out[path] = entries.ReplaceAllString(r.body, "")
	}
	for _, a := range practice.List(w.Practices) {
		if a.Practice.Name != "finance" && a.Practice.Name != "suppliers" && a.Practice.Name != "assets" {
			continue
		}
		query := ""
		for _, f := range a.Parameters() {
			if f.Name == "from" && f.IsRef() {
				query = "?from=Application/" + foreignKey
			}
		}
		path := "/api/v1/questions/" + a.Name() + query
		note(path, program.get(path))
	}
	for _, path := range []string{"/api/v1/records/Load?limit=1000", "/api/v1/export/Load.csv", "/api/v1/calendar.ics?days=3000", "/api/v1/loads/" + w.open + "/lines", "/api/v1/questions/finance.spend?by=ServiceName", "/api/v1/questions/finance.spend?by=tag:app&at=2028-01-01"} {
		note(path, program.get(path))
	}
	for _, path := range []string{"/questions/finance.spend?format=csv", "/loads/" + w.open + "/lines.csv"} {
		note(path, page.get(path))
	}
	for _, tool := range []string{"finance_spend", "finance_showback", "suppliers_vendors"} {
		body := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"` + tool + `","arguments":{}}}`
		note("MCP "+tool, program.send(http.MethodPost, "/mcp", body, "Accept", "application/json, text/event-stream"))
	}
	return out
}

// TestV8_2_2_ConfidentialBillIsInNoTotal asks everything that money is told by before and after a confidential bill comes: who does not see the bill
// gets the same answers to the last letter. Who sees it does not.
func TestV8_2_2_ConfidentialBillIsInNoTotal(t *testing.T) {
	w := newWorld(t)
	roles := []string{"finance", "vendor-manager", "engineer"}
	before := map[string]map[string]string{}
	for _, role := range append(roles, "auditor") {
		before[role] = w.money(t, role)
	}
	for path, want := range map[string]string{"MCP finance_spend": "billed", "/api/v1/questions/finance.spend": "billed", "/api/v1/loads/" + w.open + "/lines": openAmount} {
		if !strings.Contains(before["finance"][path], want) {
			t.Fatalf("%s does not answer: %.300s", path, before["finance"][path])
		}
	}
	key := w.load(t, "more.csv", bill("2027-06", charge{"Night Cloud", "night-7", secretWord, "Watching " + secretWord, `{"app":"` + foreignKey + `"}`, darkAmount}))
	if load := w.Store.Snapshot().Find("Load", key).(*model.Load); !load.Confidential {
		t.Fatal("the bill of the next month of a confidential account is open")
	}
	for _, role := range roles {
		for path, now := range w.money(t, role) {
			if was := before[role][path]; was != now {
				at := 0
				for at < min(len(was), len(now)) && was[at] == now[at] {
					at++
				}
				t.Errorf("%s as %s changed by a bill that is not seen: …%s… became …%s…", path, role, was[max(0, at-80):min(len(was), at+120)], now[max(0, at-80):min(len(now), at+120)])
			}
		}
	}
	changed := 0
	for path, now := range w.money(t, "auditor") {
		if before["auditor"][path] != now {
			changed++
		}
	}
	if changed < 5 {
		t.Errorf("only %d answers to the auditor changed: the test would not notice a leak", changed)
	}
}

// TestV8_2_2_RestatedBillStaysConfidential holds that sending the bill of an account again, or the next one, opens nothing.
func TestV8_2_2_RestatedBillStaysConfidential(t *testing.T) {
	w := newWorld(t)
	again := bill("2027-05", charge{"Night Cloud", "night-7", secretWord, "Corrected", "", "5.00"})
	send := func(role, why string) (reply, []string) {
		v := w.withToken(t, role, "write")
		before := w.loads()
		r := v.do(http.MethodPost, "/api/v1/imports?name=again.csv&why="+url.QueryEscape(why), strings.NewReader(string(again)), "Content-Type", "application/octet-stream")
		var news []string
		for key := range w.loads() {
			if _, old := before[key]; !old {
				news = append(news, key)
			}
		}
		return r, news
	}
	if r, news := send("finance", "Restate"); len(news) > 0 || strings.Contains(r.body, darkAmount) || strings.Contains(r.body, secretWord) {
		t.Errorf("who does not see the bill replaces it, or is told of it: %v, %v", news, r)
	}
	r, news := send("cio", "Restate")
	if len(news) != 1 {
		t.Fatalf("the bill was not restated: %v", r)
	}
	if l := w.loads(); !l[news[0]].Confidential || l[w.dark].State != model.LoadReplaced {
		t.Errorf("after restating: %s is confidential %v, and the old one is %s", news[0], l[news[0]].Confidential, l[w.dark].State)
	}
	for _, role := range []string{"engineer", "employee", "service-desk", "vendor-manager"} {
		if _, news := send(role, "Try"); len(news) > 0 {
			t.Errorf("%s brings bills: %v", role, news)
		}
	}
}

func (w *world) loads() map[string]*model.Load {
	out := map[string]*model.Load{}
	for rec := range w.Store.View().All("Load") {
		out[rec.Base().Key] = rec.(*model.Load)
	}
	return out
}

// TestV8_3_1_OnlyWhoMayWriteAllMovesTheMoneyOfAll holds that a right to one's own records gives nobody a rule, a rate or a calendar that
// changes the numbers of everybody.
func TestV8_3_1_OnlyWhoMayWriteAllMovesTheMoneyOfAll(t *testing.T) {
	w := newWorld(t)
	for role, want := range map[string]int{"finance": http.StatusCreated, "cio": http.StatusCreated, "engineer": 0, "project-manager": 0, "product-manager": 0, "vendor-manager": 0, "administrator": 0, "cto": 0, "enterprise-architect": 0, "security-officer": 0, "employee": 0, "auditor": 0, "ceo": 0} {
		v := w.withToken(t, role, "approve")
		for kind, body := range map[string]string{"CostRule": `"order":1`, "Allocation": `"of":"Application/` + ownKey + `"`, "ExchangeRate": `"currency":"CHF","costs":"0.01 EUR","on":"2027-01-01"`, "FiscalCalendar": `"currency":"CHF"`, "Load": `"series":"cost","state":"counts"`} {
			r := v.send(http.MethodPost, "/api/v1/records/"+kind+"?dry_run=true", `{"key":"of-mine-`+role+`","name":"Of mine","owner":"Person/rae",`+body+`}`)
			if want == 0 && r.status < 400 || want != 0 && r.status >= 300 || r.status >= 500 {
				t.Errorf("%s creates %s: %v", role, kind, r)
			}
		}
		if r := v.send(http.MethodPatch, "/api/v1/records/Load/"+w.open+"?dry_run=true", `{"state":"left_out"}`, "If-Match", "*"); (r.status == http.StatusOK) != (want != 0) {
			t.Errorf("%s leaves a bill out of every total: %v", role, r)
		}
	}
	// A budget of one's own is one's own.
	body := `{"key":"of-mine","name":"Of mine","owner":"Person/rae","fiscal_year":2028,"amount":"100.00 EUR"}`
	for role, want := range map[string]bool{"project-manager": true, "engineer": true, "employee": false, "auditor": false} {
		if r := w.withToken(t, role, "write").send(http.MethodPost, "/api/v1/records/Budget?dry_run=true", body); (r.status < 300) != want {
			t.Errorf("%s creates a budget of its own: %v", role, r)
		}
	}
}

// TestV8_2_2_EmployeesSeeTheirOwnAssets holds that somebody sees what was handed out to them or their team, and neither changes it nor sees the others, nor what anything costs.
func TestV8_2_2_EmployeesSeeTheirOwnAssets(t *testing.T) {
	w := newWorld(t)
	w.Put(named(&model.Asset{AssignedTo: w.person.Ref(), State: "in_use"}, "laptop-of-rae", ownWord), named(&model.Asset{AssignedTo: w.team.Ref(), State: "in_use"}, "screen-of-the-team", ownWord))
	v, program := w.as(t, "employee"), w.withToken(t, "employee", "approve")
	for _, key := range []string{"laptop-of-rae", "screen-of-the-team"} {
		if r := program.get("/api/v1/records/Asset/" + key); r.status != http.StatusOK {
			t.Errorf("one's own %s: %v", key, r)
		}
		if r := program.send(http.MethodPatch, "/api/v1/records/Asset/"+key+"?dry_run=true", `{"state":"lost"}`, "If-Match", "*"); r.status < 400 {
			t.Errorf("an employee writes %s: %v", key, r)
		}
	}
	if r := program.get("/api/v1/records/Asset/asset-of-all"); r.status != http.StatusNotFound {
		t.Errorf("an asset of others: %v", r)
	}
	for _, path := range []string{"/records/Contract", "/records/Invoice", "/records/Load", "/records/Budget", "/records/Licence", "/records/Vendor", "/questions/finance.spend?format=json", "/questions/suppliers.vendors?format=json", "/assets"} {
		r := v.get(path)
		if r.status >= 500 || strings.Contains(r.body, "F-1") || strings.Contains(r.body, openAmount) || strings.Contains(r.body, "The "+foreignWord) {
			t.Errorf("%s tells an employee of money: %v", path, r)
		}
	}
	if r := v.get("/questions/finance.spend"); !strings.Contains(r.body, "You may not see bills") {
		t.Errorf("the page does not say that bills may not be seen: %v", r)
	}
	if r := w.as(t, "finance").get("/questions/finance.spend"); strings.Contains(r.body, "may not see bills") {
		t.Error("the finance department is told that it may not see bills")
	}
	// Engineers with a right to their own write what they own, and not what they were handed.
	if r := w.withToken(t, "engineer", "approve").send(http.MethodPatch, "/api/v1/records/Asset/laptop-of-rae?dry_run=true", `{"state":"lost"}`, "If-Match", "*"); r.status < 400 {
		t.Errorf("an engineer writes what was handed out: %v", r)
	}
}

// TestV1_2_10_FormulaCellsOfLines holds that no cell of the lines of a bill is a formula for a spreadsheet, its heads included.
func TestV1_2_10_FormulaCellsOfLines(t *testing.T) {
	w := newWorld(t)
	var charges []charge
	for i, text := range []string{"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "=HYPERLINK(\"http://attacker.example\")", "@calc", "'=1"} {
		charges = append(charges, charge{"Day Cloud", "day-8", text, text, fmt.Sprintf(`{"n":"%d"}`, i), "-1.5"})
	}
	data := string(bill("2027-05", charges...))
	data = strings.Replace(data, ",SkuId\n", ",SkuId,=x_Head,@x_Other\n", 1)
	lines := strings.Split(strings.TrimSuffix(data, "\n"), "\n")
	for i := range lines[1:] {
		lines[i+1] += ",=1,+2"
	}
	key := w.load(t, "formulas.csv", []byte(strings.Join(lines, "\n")+"\n"))
	v := w.as(t, "finance")
	r := v.get("/loads/" + key + "/lines.csv")
	if !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") || !strings.Contains(r.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the export may be looked at in the browser: %v", r.header)
	}
	rows, err := csv.NewReader(strings.NewReader(r.body)).ReadAll()
	if err != nil || len(rows) != len(charges)+1 {
		t.Fatalf("%d rows, %v: %v", len(rows), err, r)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+@\t\r-") && !strings.HasPrefix(cell, "-1.5") {
				t.Errorf("the cell %q is a formula", cell)
			}
		}
	}
}

// TestB5_QuotesInColumnsOfLines holds that names and values of columns are only ever looked up.
func TestB5_QuotesInColumnsOfLines(t *testing.T) {
	w := newWorld(t)
	page, program := w.as(t, "finance"), w.withToken(t, "finance", "read")
	all := strings.Count(page.get("/loads/"+w.open+"/lines.csv").body, "\n")
	for _, noise := range []string{"'", `"`, "' OR 1=1 --", "';DROP TABLE lines;--", `") OR ("1"="1`, "%", "_", "*", "\x00", "$1", "{{.}}", "../../x", strings.Repeat("a", 5000), "\xff\xfe", "=", "ServiceName=\nOvens"} {
		q := url.QueryEscape(noise)
		for _, tail := range []string{"where=ServiceName%3D" + q, "where=" + q + "%3DOvens", "where=" + q, "from=" + q, "until=" + q, "cursor=" + q, "limit=" + q, "column=" + q + "&value=" + q, "column=ServiceName&value=" + q} {
			for _, end := range []string{"/lines?", "/lines.csv?"} {
				r := page.get("/loads/" + w.open + end + tail)
				if r.status >= 500 || end == "/lines.csv?" && r.status == http.StatusOK && strings.Count(r.body, "\n") > all {
					t.Errorf("%s: %v", tail, r)
				}
				if r.status == http.StatusOK && strings.HasPrefix(tail, "where=ServiceName") && strings.Contains(r.body, openAmount) {
					t.Errorf("%s finds lines of another service", tail)
				}
			}
			if r := program.get("/api/v1/loads/" + w.open + "/lines?" + tail); r.status >= 500 || strings.Contains(r.body, "SQL") {
				t.Errorf("%s: %v", tail, r)
			}
		}
		if r := program.get("/api/v1/loads/" + url.PathEscape(noise) + "/lines"); r.status >= 500 || r.status == http.StatusOK {
			t.Errorf("the load %q: %v", noise, r)
		}
	}
	if n := strings.Count(page.get("/loads/"+w.open+"/lines.csv").body, "\n"); n != all {
		t.Errorf("the bill has %d lines, before %d", n, all)
	}
}

// TestV3_5_1_CrossSiteOnEveryRoute sends a form of another site to every route that changes something.
func TestV3_5_1_CrossSiteOnEveryRoute(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "cio")
	head, tried := w.Head().Seq, 0
	for _, route := range routes(w) {
		method, path, _ := strings.Cut(route, " ")
		if method == http.MethodGet || method == http.MethodHead {
			continue
		}
		tried++
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://attacker.example"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "null"}} {
			r := v.do(method, fill(path), strings.NewReader("labels=INV-1&stocktake=x"), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
			if r.status != http.StatusForbidden && r.status != http.StatusUnauthorized && !strings.HasPrefix(path, "/csp") {
				t.Errorf("%s from another site: %d, want 403", route, r.status)
			}
		}
	}
	if w.Head().Seq != head {
		t.Errorf("something was changed: entry %d, before %d", w.Head().Seq, head)
	}
	for _, path := range []string{"/assets/scan?labels=INV-1", "/assets/scan/apply?stocktake=x", "/assessments/assessment-in-the-dark/answers"} {
		v.get(path)
	}
	if w.Head().Seq != head || tried < 40 {
		t.Errorf("looking changed something, or only %d routes were tried", tried)
	}
	if r := v.get("/me"); r.status != http.StatusOK {
		t.Errorf("somebody else signed the person out: %v", r)
	}
}

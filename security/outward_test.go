package security

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"binnacle/door"
	"binnacle/model"
)

// pushed is a message of GitHub about a repository.
func pushed(repository string) string {
	return `{"action":"created","deployment_status":{"state":"success","environment":"production","created_at":"2027-06-30T10:05:00Z"},
 "deployment":{"id":41,"sha":"0123456789abcdef0123456789abcdef01234567","ref":"main","environment":"production","created_at":"2027-06-30T10:00:00Z"},
 "repository":{"full_name":"` + repository + `","html_url":"https://github.com/` + repository + `","default_branch":"main","node_id":"R_1"},"sender":{"login":"kim","id":7}}`
}

// tell sends a message to a receiver, signed with a secret, and returns the answer.
func (v *visitor) tell(key, id, body, secret string, header ...string) reply {
	v.t.Helper()
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(body))
	return v.do(http.MethodPost, "/hooks/"+key, strings.NewReader(body), append([]string{"X-Hub-Signature-256", "sha256=" + hex.EncodeToString(sum.Sum(nil)), "X-GitHub-Event", "deployment_status", "X-GitHub-Delivery", id}, header...)...)
}

// TestB5_ForgedMessages holds that only who knows the secret of a receiver tells it anything, that nobody learns which receivers there are, and that
// neither large nor deep nor repeated messages do more than one message does.
func TestB5_ForgedMessages(t *testing.T) {
	w := newWorld(t)
	shop := named(&model.Repository{FullName: "acme/shop"}, "shop", foreignWord)
	w.Put(shop)
	all, one := named(&model.EventReceiver{Provider: "github"}, "pipeline", foreignWord), named(&model.EventReceiver{Provider: "github", Repositories: []model.Ref{shop.Ref()}}, "shop-only", foreignWord)
	w.Put(all, one)
	admin := *w.account(t, "administrator")
	admin.Proved, admin.Session = w.Now(), "test"
	secrets := map[string]string{}
	for _, r := range []*model.EventReceiver{all, one} {
		secret, err := w.NewReceiverSecret(t.Context(), &admin, r.Ref(), false)
		if err != nil {
			t.Fatal(err)
		}
		secrets[r.Key] = secret
	}
	v, body := w.stranger(t), pushed("acme/shop")
	unknown := v.tell("there-is-none", "a0", body, secrets["pipeline"])
	for name, r := range map[string]reply{
		"another secret":              v.tell("pipeline", "a1", body, "guessed"),
		"no secret":                   v.tell("pipeline", "a2", body, ""),
		"no signature":                v.do(http.MethodPost, "/hooks/pipeline", strings.NewReader(body), "X-GitHub-Event", "deployment_status"),
		"an empty signature":          v.tell("pipeline", "a3", body, "guessed", "X-Hub-Signature-256", "sha256="),
		"a signature of another sort": v.tell("pipeline", "a4", body, "guessed", "X-Hub-Signature-256", "sha1=0000"),
		"the secret itself":           v.tell("pipeline", "a5", body, "guessed", "Authorization", "Bearer "+secrets["pipeline"]),
		"the secret of another one":   v.tell("pipeline", "a6", body, secrets["shop-only"]),
		"a confidential receiver":     v.tell("receiver-in-the-dark", "a8", body, "guessed"),
		"a token of the house":        v.tell("pipeline", "a9", body, "guessed", "Authorization", "Bearer "+w.withToken(t, "cio", "approve").token),
	} {
		if r.status != http.StatusUnauthorized || r.body != unknown.body || r.status != unknown.status {
			t.Errorf("%s: %v, and a receiver that is not there answers %v", name, r, unknown)
		}
	}
	if r := v.tell("shop-only", "a7", pushed("acme/till"), secrets["shop-only"]); r.status == http.StatusAccepted {
		t.Errorf("a repository that the receiver is not for: %v", r)
	}
	changed := strings.Replace(body, "success", "failure", 1)
	sum := hmac.New(sha256.New, []byte(secrets["pipeline"]))
	sum.Write([]byte(body))
	if r := v.do(http.MethodPost, "/hooks/pipeline", strings.NewReader(changed), "X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)), "X-GitHub-Event", "deployment_status"); r.status != http.StatusUnauthorized {
		t.Errorf("a message that was changed on its way: %v", r)
	}
	if r := v.tell("pipeline", "b1", body, secrets["pipeline"]); r.status != http.StatusAccepted {
		t.Fatalf("a message that is signed: %v", r)
	}
	for _, id := range []string{"b1", "b2"} {
		if r := v.tell("pipeline", id, body, secrets["pipeline"]); r.status != http.StatusOK || !strings.Contains(r.body, "already") {
			t.Errorf("the same message again: %v", r)
		}
	}
	for name, bomb := range map[string]string{
		"deep":   `{"a":` + strings.Repeat(`{"a":`, 200000) + `1` + strings.Repeat(`}`, 200000) + `}`,
		"list":   `{"repository":{"full_name":"acme/shop"},"deployment":` + strings.Repeat("[", 200000) + strings.Repeat("]", 200000) + `}`,
		"cut":    body[:len(body)/2],
		"text":   strings.Repeat("A", 1<<20),
		"twice":  strings.Replace(body, `"full_name":`, `"full_name":"acme/till","full_name":`, 1),
		"moment": strings.ReplaceAll(body, "2027-06-30T", "99999-06-30T"),
		"null":   "null",
	} {
		start := time.Now()
		if r := v.tell("pipeline", "c-"+name, bomb, secrets["pipeline"]); r.status >= 500 || time.Since(start) > 20*time.Second {
			t.Errorf("%s: %v after %s", name, r, time.Since(start))
		}
	}
	if r := v.tell("pipeline", "d", strings.Repeat(" ", door.MostMessage+1), secrets["pipeline"]); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a message that is too large: %v", r)
	}
	if r := v.get("/hooks/pipeline"); r.status < 400 || r.status >= 500 {
		t.Errorf("looking at a receiver: %v", r)
	}
	if _, err := w.TakeEvents(t.Context(), w.account(t, "engineer")); err == nil {
		t.Error("an engineer takes events")
	}
	if r := w.as(t, "auditor").get("/records/EventReceiver/pipeline"); r.status != http.StatusOK || strings.Contains(r.body, secrets["pipeline"]) {
		t.Errorf("the record of a receiver: %v", r)
	}
}

// TestB5_PortalForStrangers holds that a page for strangers tells nothing but what is meant for them, and that a closed one, one that is confidential and one that is not there are alike.
func TestB5_PortalForStrangers(t *testing.T) {
	w := newWorld(t)
	product, other := named(&model.Product{}, "ferry", ownWord), named(&model.Product{}, "freight", foreignWord)
	w.Put(product, other)
	customer := named(&model.Customer{}, "customer-of-freight", foreignWord)
	w.Put(customer)
	public := named(&model.Idea{Product: product.Ref(), State: model.IdeaNew, Public: true, PublicText: payloads[0] + payloads[6] + payloads[8]}, "idea-for-all", "quiet")
	foreign := named(&model.Idea{Product: other.Ref(), State: model.IdeaNew, Public: true}, "idea-of-freight", foreignWord)
	inner := named(&model.Idea{Product: product.Ref(), State: model.IdeaNew}, "idea-inside", foreignWord)
	w.Put(public, foreign, inner, named(&model.RoadmapItem{Product: product.Ref(), Bucket: "now", State: model.RoadmapPlanned}, "item-inside", foreignWord),
		named(&model.Portal{Product: product.Ref(), Open: true, Audience: "everybody", ShowsRoadmap: true, ShowsReleases: true, TakesIdeas: true}, "ferry", "open"),
		named(&model.Portal{Product: product.Ref(), Audience: "everybody", TakesIdeas: true}, "closed", foreignWord),
		named(&model.Portal{Product: other.Ref(), Open: true, Audience: "customers", Customers: []model.Ref{customer.Ref()}, TakesIdeas: true}, "lanes-for-some", foreignWord))
	v := w.stranger(t)
	page := v.get("/portal/ferry")
	if page.status != http.StatusOK || strings.Contains(page.body, foreignWord) || strings.Contains(page.body, secretWord) || !strings.Contains(page.body, "quiet") {
		t.Errorf("the page for strangers: %v", page)
	}
	for _, fault := range alive(page.body) {
		t.Error(fault)
	}
	if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || page.header.Get("X-Robots-Tag") == "" && strings.Contains(page.body, "?link=") {
		t.Errorf("the policy of the page is %q", policy)
	}
	nowhere := v.get("/portal/there-is-none")
	for _, path := range []string{"/portal/closed", "/portal/portal-in-the-dark", "/portal/lanes-for-some", "/portal/lanes-for-some?link=" + strings.Repeat("0", 48), "/portal/lanes-for-some?link=", "/portal/FERRY", "/portal/ferry%00", "/portal/..%2fportals"} {
		if r := v.get(path); r.status == http.StatusSeeOther {
			// A link is kept and opens nothing.
			r = v.get(r.header.Get("Location"))
			if r.status != nowhere.status || r.body != nowhere.body {
				t.Errorf("%s: %v", path, r)
			}
		} else if r.status != nowhere.status || r.body != nowhere.body {
			t.Errorf("%s is not answered as a page that is not there: %v", path, r)
		}
	}
	if r := v.get("/portals"); r.status == http.StatusOK {
		t.Errorf("strangers manage portals: %v", r)
	}
	for _, idea := range []*model.Idea{foreign, inner} {
		if r := v.post("/portal/ferry/votes", "idea", idea.ID.String()); r.status != http.StatusNotFound {
			t.Errorf("a vote for %s: %v", idea.Key, r)
		}
	}
	for range 20 {
		w.stranger(t).post("/portal/ferry/votes", "idea", public.ID.String())
	}
	if n := w.Store.Snapshot().Get(public.Ref()).(*model.Idea).Votes; n != 1 {
		t.Errorf("%d votes of one address count", n)
	}
	w.sendIdeas(t, v)
}

// sendIdeas sends ideas through the open portal: text stays text, no header is made of it, no other site sends any, and a flood ends.
func (w *world) sendIdeas(t *testing.T, v *visitor) {
	t.Helper()
	count := func() int { return w.Store.View().Count("Idea") }
	before := count()
	form := url.Values{"title": {"From another site"}}.Encode()
	for _, site := range []string{"cross-site", "same-site"} {
		if r := v.do(http.MethodPost, "/portal/ferry/ideas", strings.NewReader(form), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", site); r.status != http.StatusForbidden || count() != before {
			t.Errorf("a form of another site is taken: %v", r)
		}
	}
	r := v.post("/portal/ferry/ideas", "title", payloads[0]+"\r\nSet-Cookie: stolen=1", "text", payloads[6]+payloads[8]+"\x00\u202e", "from", "Kim\r\nBcc: all@example.com", "votes", "999", "public", "true", "state", "planned", "product", "freight")
	if r.status != http.StatusSeeOther || count() != before+1 || strings.Contains(fmt.Sprint(r.header), "stolen") {
		t.Fatalf("an idea is not taken: %v", r)
	}
	for i := range w.Store.View().All("Idea") {
		idea := i.(*model.Idea)
		if idea.Channel != "portal" || idea.Origin != door.PortalSource {
			continue
		}
		if idea.Votes != 0 || idea.Public || idea.State != model.IdeaNew || strings.ContainsAny(idea.Name+idea.From, "\r\n\x00") || strings.ContainsAny(idea.Description, "\x00\u202e") {
			t.Errorf("kept %+v", idea)
		}
		for _, path := range []string{"/records/Idea/" + idea.Key, "/ideas/" + idea.Key, "/ideas", "/portals/ferry", "/records/Idea"} {
			page := w.as(t, "product-manager").get(path)
			for _, fault := range alive(page.body) {
				t.Errorf("%s: %s", path, fault)
			}
			if page.status >= 500 {
				t.Errorf("%s: %v", path, page)
			}
		}
	}
	for i := range 12 {
		v.post("/portal/ferry/ideas", "title", fmt.Sprintf("Idea number %d", i))
	}
	if n := count() - before; n > 6 {
		t.Errorf("%d ideas of one address are taken within a minute", n)
	}
	if r := v.post("/portal/ferry/ideas", "title", "x", "text", strings.Repeat("y", 1<<20)); r.status < 400 || r.status >= 500 {
		t.Errorf("an idea of a megabyte: %v", r)
	}
}

// TestV8_2_2_BlindScoresOnEveryDoor lets somebody score blindly, and looks for the scores on every door as those who read everything.
func TestV8_2_2_BlindScoresOnEveryDoor(t *testing.T) {
	w := newWorld(t)
	otto := w.Store.Snapshot().Find("Person", "otto").Base().Ref()
	m := named(&model.DecisionMatrix{State: model.MatrixOpen, Method: model.WeightedMatrix, Blind: true, Scorers: []model.Ref{otto, w.person.Ref()}, Options: []model.MatrixOption{{Name: "North"}, {Name: "South"}},
		Criteria: []model.MatrixCriterion{{Name: "Ease", Weight: 1}}}, "hosting", ownWord)
	w.Put(m)
	const mark, score = "heliotrope", "77123"
	s := named(&model.MatrixScoring{Matrix: m.Ref(), Scorer: otto, Submitted: w.Today(), Scores: []model.MatrixScore{{Option: "North", Criterion: "Ease", Score: 77123, Note: mark}}}, "scores-of-otto", mark)
	w.Put(s)
	entry := itoa(w.Head().Seq)
	note := named(&model.Comment{About: s.Ref(), Text: mark, Author: w.Store.Snapshot().Find("Account", "ada").Base().Ref()}, "note-on-scores", mark)
	w.Put(note)
	paths := []string{"/records/MatrixScoring", "/records/MatrixScoring/scores-of-otto", "/records/MatrixScoring/scores-of-otto/history", "/records/MatrixScoring/scores-of-otto/edit", "/records/MatrixScoring?group=scorer", "/records/MatrixScoring?where=scores.score%3E1",
		"/records/MatrixScoring/export?format=csv", "/records/MatrixScoring/export?format=json", "/search?q=" + mark[:6], "/pick?kinds=MatrixScoring&q=scores", "/palette?q=scores-of", "/history/" + entry, "/history", "/records/DecisionMatrix/hosting", "/records/Person/otto",
		"/matrices", "/matrices/hosting", "/questions/research.matrix?matrix=hosting", "/questions/research.matrix?matrix=hosting&format=csv", "/questions/research.matrix?matrix=hosting&format=json", "/questions/research.matrices", "/pictures/graph.json?focus=DecisionMatrix/hosting",
		"/compare?page=/matrices/hosting&right=as_of=" + entry, "/records/Comment", "/records/Comment/note-on-scores", "/records/MatrixScoring?as_of=" + entry, "/matrices/hosting?as_of=" + entry,
		"/api/v1/records/MatrixScoring", "/api/v1/records/MatrixScoring/scores-of-otto", "/api/v1/records/MatrixScoring/scores-of-otto/history", "/api/v1/records/DecisionMatrix/hosting/in", "/api/v1/records/Person/otto/in", "/api/v1/search?q=" + mark[:6],
		"/api/v1/export/MatrixScoring.csv", "/api/v1/export/MatrixScoring.json", "/api/v1/history?limit=50", "/api/v1/history/" + entry, "/api/v1/differences?from=1&to=" + itoa(w.Head().Seq), "/api/v1/questions/research.matrix?matrix=hosting", "/api/v1/records/MatrixScoring?as_of=" + entry}
	tools := []string{`{"name":"research_matrix","arguments":{"matrix":"hosting"}}`, `{"name":"search","arguments":{"query":"` + mark[:6] + `"}}`, `{"name":"search","arguments":{"text":"` + mark[:6] + `"}}`, `{"name":"list_records","arguments":{"kind":"MatrixScoring"}}`,
		`{"name":"get_record","arguments":{"kind":"MatrixScoring","key":"scores-of-otto"}}`}
	look := func(role string) (found []string) {
		page, program := w.as(t, role), w.withToken(t, role, "read")
		note := func(path string, r reply) {
			if strings.Contains(r.body, mark) || strings.Contains(r.body, score) {
				found = append(found, path)
			}
			if r.status >= 500 {
				t.Errorf("%s as %s: %v", path, role, r)
			}
		}
		for _, path := range paths {
			if strings.HasPrefix(path, "/api/") {
				note(path, program.get(path))
			} else {
				note(path, page.get(path))
			}
		}
		for _, tool := range tools {
			note("MCP "+tool, program.send(http.MethodPost, "/mcp", `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":`+tool+`}`, "Accept", "application/json, text/event-stream"))
		}
		return found
	}
	roles := []string{"cio", "cto", "auditor", "administrator", "security-officer"}
	if testing.Short() {
		roles = []string{"cto", "auditor"}
	}
	for _, role := range roles {
		if found := look(role); len(found) > 0 {
			t.Errorf("%s finds sealed scores at %s", role, strings.Join(found, ", "))
		}
	}
	cto := w.withToken(t, "cto", "approve")
	for set, want := range map[string]bool{`{"blind":false}`: false, `{"scorers":[]}`: true} {
		if r := cto.send(http.MethodPatch, "/api/v1/records/DecisionMatrix/hosting?dry_run=true", set, "If-Match", "*"); (r.status < 300) != want {
			t.Errorf("%s: %v", set, r)
		}
	}
	if r := cto.send(http.MethodPost, "/api/v1/records/MatrixScoring?dry_run=true", `{"key":"forged","matrix":"hosting","scorer":"otto"}`); r.status < 400 {
		t.Errorf("the CTO scores as Otto: %v", r)
	}
	w.Advance(time.Minute)
	closed := model.Clone(w.Store.Snapshot().Get(m.Ref()).(*model.DecisionMatrix))
	closed.State = model.MatrixClosed
	w.change(t, m, closed)
	if found := look("auditor"); len(found) < 8 {
		t.Errorf("after it was closed, the auditor finds scores only at %v: the test would not notice a leak", found)
	}
}

// TestV1_2_1_OutwardFilesStayText reads decision records, radars and mail with what would run in a browser, and looks at the pages that show them.
func TestV1_2_1_OutwardFilesStayText(t *testing.T) {
	w := newWorld(t)
	v := w.withToken(t, "cto", "approve")
	evil := strings.Join(payloads, "\n\n")
	blips, err := json.Marshal([]map[string]string{{"name": "probe" + payloads[0], "ring": "adopt", "quadrant": "tools", "isNew": "TRUE", "description": evil}, {"name": payloads[5], "ring": payloads[3], "quadrant": payloads[1], "isNew": "FALSE", "description": payloads[8]}})
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"0001-probe.md": "---\nstatus: accepted\ndate: 2027-01-01\ndecision-makers: [\"" + strings.ReplaceAll(payloads[1], `"`, "") + "\"]\n---\n# Probe the text " + payloads[5] + "\n\n## Context and Problem Statement\n\n" + evil + "\n\n## Considered Options\n\n* One " + payloads[0] + "\n* Two\n\n## Decision Outcome\n\nChosen option: \"One\", because " + payloads[6] + "\n",
		"radar.json":    string(blips),
		"radar.csv":     "name,ring,quadrant,isNew,description\n\"probe csv " + strings.ReplaceAll(payloads[0], `"`, `""`) + "\",adopt,tools,TRUE,\"" + strings.ReplaceAll(payloads[7], `"`, `""`) + "\"\n=cmd|'/C calc'!A1,hold,tools,FALSE,x\n",
		"letter.eml":    "From: Kim <kim@example.com>\r\nTo: ideas@example.com\r\nSubject: " + payloads[0] + "\r\nMessage-ID: <probe@example.com>\r\nDate: Fri, 01 Jan 2027 10:00:00 +0000\r\nContent-Type: text/html\r\n\r\n" + evil + "\r\n",
	} {
		w.Advance(time.Minute)
		if r := v.do(http.MethodPost, "/api/v1/imports?name="+name+"&why=probe", bytes.NewReader([]byte(body)), "Content-Type", "application/octet-stream"); r.status >= 500 || strings.HasSuffix(name, ".md") && r.status >= 300 {
			t.Errorf("%s: %v", name, r)
		}
	}
	paths := []string{"/decisions", "/radar", "/ideas", "/records/DecisionRecord", "/records/Blip", "/records/Idea", "/questions/standards.decisions", "/questions/radar.picture"}
	for kind, folder := range map[string]string{"DecisionRecord": "/decisions/", "Radar": "/radar/", "Idea": "/ideas/", "Blip": ""} {
		n := 0
		for rec := range w.Store.View().All(kind) {
			if m := rec.Base(); m.Origin == model.PersonSource || strings.HasSuffix(m.Key, "-in-the-dark") {
				continue
			}
			if key := url.PathEscape(rec.Base().Key); n < 60 && (kind == "Radar" || strings.Contains(fmt.Sprintf("%+v", rec), "xss-probe") || strings.Contains(fmt.Sprintf("%+v", rec), "probe")) {
				n++
				paths = append(paths, "/records/"+kind+"/"+key)
				if folder != "" {
					paths = append(paths, folder+key)
				}
			}
		}
		if n == 0 {
			t.Errorf("no %s came in: the test looks at nothing", kind)
		}
	}
	page := w.as(t, "cto")
	for _, path := range paths {
		r := page.get(path)
		if r.status >= 400 {
			t.Errorf("%s: %v", path, r)
		}
		if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") || strings.Contains(r.header.Get("Content-Type"), "svg") {
			for _, fault := range alive(r.body) {
				t.Errorf("%s: %s", path, fault)
			}
		}
	}
}

// TestB5_OutwardBombs holds that letters, radars, decisions and lists of events that are small outside and large inside are refused or read in time.
func TestB5_OutwardBombs(t *testing.T) {
	w := newWorld(t)
	v := w.withToken(t, "cio", "approve")
	head := "From: Kim <kim@example.com>\r\nTo: ideas@example.com\r\nSubject: x\r\nMessage-ID: <a@example.com>\r\nDate: Fri, 01 Jan 2027 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
	nested, tail := head, ""
	for i := range 2000 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		tail = fmt.Sprintf("\r\n--b%d--\r\n", i) + tail
	}
	forwarded := strings.Repeat(head+"Content-Type: message/rfc822\r\n\r\n", 3000)
	many := head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", 200000) + "--b--\r\n"
	for name, body := range map[string]string{
		"nested.eml":      nested + "Content-Type: text/plain\r\n\r\nx" + tail,
		"forwarded.eml":   forwarded,
		"many.eml":        many,
		"words.eml":       strings.Replace(head, "Subject: x", "Subject: "+strings.Repeat("=?utf-8?q?=41?= ", 100000), 1) + "\r\nx",
		"addresses.eml":   strings.Replace(head, "To: ", "To: "+strings.Repeat("a@example.com, ", 100000), 1) + "\r\nx",
		"quoted.eml":      head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("=\r\n", 500000),
		"charset.eml":     head + "Content-Type: text/plain; charset=utf-7\r\n\r\n+ADw-script+AD4-",
		"box.mbox":        strings.Repeat("From a@example.com Fri Jan  1 10:00:00 2027\n"+strings.ReplaceAll(head, "\r\n", "\n")+"\nx\n\n", 20000),
		"radar.json":      `[` + strings.TrimSuffix(strings.Repeat(`{"name":"a","ring":"adopt","quadrant":"tools","isNew":"TRUE","description":"x"},`, 100000), ",") + `]`,
		"deep.json":       `{"entries":` + strings.Repeat(`[{"timeline":`, 60000),
		"0001-wide.md":    "---\nstatus: accepted\n---\n# Wide\n\n" + strings.Repeat("## Section\n\nx\n\n", 100000),
		"0002-aliases.md": "---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nstatus: *e\n---\n# Laughs\n\n## Context and Problem Statement\n\nx\n",
		"0003-links.md":   "# Links\n\n## Context and Problem Statement\n\n" + strings.Repeat("[", 100000) + "\n\n" + strings.Repeat("*_", 100000) + "\n",
	} {
		w.Advance(time.Minute)
		start := time.Now()
		r := v.do(http.MethodPost, "/api/v1/imports?dry_run=true&name="+name, strings.NewReader(body), "Content-Type", "application/octet-stream")
		if took := time.Since(start); r.status >= 500 || took > 25*time.Second {
			t.Errorf("%s after %s: %v", name, took, r)
		}
	}
}

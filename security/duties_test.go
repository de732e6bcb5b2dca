package security

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"binnacle/model"
)

// govern adds what can be approved, closed, confirmed and decided: things that the person rae asked for, wrote, mended or is to be asked about.
func (w *world) govern(t *testing.T) {
	t.Helper()
	rae, otto := w.person.Ref(), w.Store.Snapshot().Find("Person", "otto").Base().Ref()
	control := named(&model.Control{}, "control-of-all", foreignWord)
	w.Put(control)
	test := named(&model.ControlTest{Controls: []model.Ref{control.Ref()}, Kind: "Application", Rule: "true"}, "test-of-mine", ownWord)
	test.Owner = rae
	w.Put(test)
	mine := named(&model.Exception{State: "requested", AskedBy: rae, From: []model.Ref{control.Ref()}, Expires: model.MustDate("2028-01-01")}, "exception-of-mine", ownWord)
	own := named(&model.Exception{State: "requested", AskedBy: otto, From: []model.Ref{test.Ref()}, Expires: model.MustDate("2028-01-01")}, "exception-from-my-test", foreignWord)
	fine := named(&model.Exception{State: "requested", AskedBy: otto, From: []model.Ref{control.Ref()}, Expires: model.MustDate("2028-01-01")}, "exception-of-others", foreignWord)
	mended := named(&model.Finding{State: model.FindingMended, MendedBy: rae}, "finding-i-mended", ownWord)
	mended.Owner = w.team.Ref()
	others := named(&model.Finding{State: model.FindingMended, MendedBy: otto}, "finding-of-others", foreignWord)
	others.Owner = otto
	written := named(&model.Policy{State: "review", Edition: "1", Text: "Keep it.", WrittenBy: rae}, "policy-i-wrote", ownWord)
	good := named(&model.Policy{State: "in_force", Edition: "1", Text: "Lock it.", WrittenBy: otto, ApprovedBy: rae, InForce: model.MustDate("2020-01-01")}, "policy-in-force", foreignWord)
	seen := named(&model.Observation{Test: test.Ref(), Result: model.TestFailed, Collected: model.TimeOf(model.MustDate("2026-01-01").Time())}, "observation-of-mine", ownWord)
	risk := named(&model.Risk{State: "open"}, "risk-of-all", foreignWord)
	system := w.Store.Snapshot().Find("Application", foreignKey).Base().Ref()
	user := named(&model.UserAccount{System: system, UserName: "rae-" + ownWord, Person: rae}, "user-of-mine", ownWord)
	other := named(&model.UserAccount{System: system, UserName: "otto", Person: otto}, "user-of-others", foreignWord)
	w.Put(mine, own, fine, mended, others, written, good, seen, risk, user, other)
	open := named(&model.AccessReview{State: model.ReviewOpen}, "review-open", foreignWord)
	closed := named(&model.AccessReview{State: model.ReviewClosed}, "review-closed", foreignWord)
	w.Put(open, closed)
	item := func(key string, review *model.AccessReview, person, reviewer model.Ref, looked bool) *model.ReviewDecision {
		d := named(&model.ReviewDecision{Review: review.Ref(), Person: person, Reviewer: reviewer, AccountName: key}, key, foreignWord)
		if looked {
			d.Looked = model.TimeOf(model.MustDate("2026-01-01").Time())
		}
		return d
	}
	w.Put(item("item-about-me", open, rae, otto, true), item("item-of-others", open, otto, w.Store.Snapshot().Find("Account", "ada").(*model.Account).Person, true),
		item("item-to-decide", open, otto, rae, true), item("item-not-seen", open, otto, rae, false), item("item-over", closed, otto, rae, true))
}

// steer adds what can be decided, published, voted on and learned on the outward face: an experiment that runs, an edition that is out, a vote and a conflict that otto
// decided, and a matrix that rae is to score.
func (w *world) steer(t *testing.T) {
	t.Helper()
	rae, otto, past := w.person.Ref(), w.Store.Snapshot().Find("Person", "otto").Base().Ref(), model.MustDate("2027-01-01")
	experiment := named(&model.Experiment{State: model.ExperimentRunning, Start: past, Until: model.MustDate("2027-12-01"), Criteria: []model.ExitCriterion{{Name: "Latency", Target: 50}}}, "experiment-of-all", foreignWord)
	experiment.CriteriaDigest = experiment.DigestOfCriteria()
	radar := named(&model.Radar{Scope: "company"}, "radar-of-all", foreignWord)
	w.Put(experiment, radar)
	blip := named(&model.Blip{Radar: radar.Ref(), Quadrant: "Tools", Ring: "Adopt", State: model.BlipShown}, "blip-of-all", foreignWord)
	w.Put(blip)
	course := named(&model.LearningItem{Type: model.LearningCourse, State: model.LearningPlanned, For: []model.Ref{rae, otto}}, "course-of-both", foreignWord)
	w.Put(course, named(&model.Skill{}, "skill-of-all", foreignWord),
		named(&model.RadarEdition{Radar: radar.Ref(), Published: past, PublishedBy: otto, Summary: "As it was."}, "edition-of-all", foreignWord),
		named(&model.RadarVote{Blip: blip.Ref(), Voter: otto, Ring: "Hold"}, "vote-of-otto", foreignWord),
		named(&model.DecisionRecord{State: model.DecisionAccepted, Decided: past, Effects: []model.PredictedEffect{{Name: "Cost", Predicted: 10, Actual: 20, MeasuredOn: past}}}, "decision-of-all", foreignWord),
		named(&model.TechnologyBet{State: model.BetOpen}, "bet-of-all", foreignWord),
		named(&model.Partner{Type: "startup", Stage: model.PartnerTalking, Conflicts: []model.PartnerConflict{{Type: model.PartnerCompetes, Verdict: "accept", Decided: past, DecidedBy: otto}}}, "partner-of-all", foreignWord),
		named(&model.DecisionMatrix{State: model.MatrixOpen, Method: model.WeightedMatrix, Blind: true, Scorers: []model.Ref{rae, otto}, Options: []model.MatrixOption{{Name: "North"}}, Criteria: []model.MatrixCriterion{{Name: "Ease", Weight: 1}}}, "matrix-to-score", ownWord))
}

// TestV8_3_1_NobodyApprovesInTheirOwnMatter sets the fields of records directly, through every way that programs write by: one record, many, and an import.
// The roles that may write the most may do none of it. What may be done is done, so that the refusals are not those of a broken door.
func TestV8_3_1_NobodyApprovesInTheirOwnMatter(t *testing.T) {
	w := newWorld(t)
	w.govern(t)
	w.steer(t)
	programs := map[string]*visitor{"cio": w.withToken(t, "cio", "approve"), "compliance-officer": w.withToken(t, "compliance-officer", "approve"), "cto": w.withToken(t, "cto", "approve")}
	for _, test := range []struct {
		record, set string
		want        bool
	}{
		{"Exception/exception-of-mine", `{"state":"approved","approved_by":"rae"}`, false},
		{"Exception/exception-of-mine", `{"state":"approved","approved_by":"otto"}`, false},
		{"Exception/exception-of-mine", `{"state":"approved"}`, false},
		{"Exception/exception-of-mine", `{"asked_by":"otto","state":"approved","approved_by":"rae"}`, false},
		{"Exception/exception-of-mine", `{"asked_by":null,"state":"approved","approved_by":"rae"}`, false},
		{"Exception/exception-from-my-test", `{"state":"approved","approved_by":"rae"}`, false},
		{"Exception/exception-of-others", `{"state":"approved","approved_by":"otto"}`, false},
		{"Exception/exception-of-others", `{"state":"approved","approved_by":"rae"}`, true},
		{"Finding/finding-i-mended", `{"state":"closed","closed_by":"rae"}`, false},
		{"Finding/finding-i-mended", `{"state":"closed"}`, false},
		{"Finding/finding-i-mended", `{"state":"closed","mended_by":null,"closed_by":"rae"}`, false},
		{"Finding/finding-i-mended", `{"state":"closed","closed_by":"otto"}`, false},
		{"Finding/finding-of-others", `{"state":"closed","closed_by":"rae"}`, true},
		{"Policy/policy-i-wrote", `{"state":"in_force","approved_by":"rae"}`, false},
		{"Policy/policy-i-wrote", `{"state":"in_force","written_by":null,"approved_by":"rae"}`, false},
		{"Policy/policy-in-force", `{"text":"Do what you like.","written_by":"rae"}`, false},
		{"Policy/policy-in-force", `{"text":"Do what you like."}`, false},
		{"Risk/risk-of-all", `{"state":"deviation_approved","accepted_by":"otto"}`, false},
		{"Risk/risk-of-all", `{"state":"deviation_approved"}`, false},
		{"Observation/observation-of-mine", `{"result":"pass"}`, false},
		{"Observation/observation-of-mine", `{"expires":"2030-01-01T00:00:00Z"}`, false},
		{"ReviewDecision/item-about-me", `{"decision":"keep","decided_by":"rae"}`, false},
		{"ReviewDecision/item-about-me", `{"decision":"keep","decided_by":"otto"}`, false},
		{"ReviewDecision/item-about-me", `{"person":"otto"}`, false},
		{"ReviewDecision/item-about-me", `{"reviewer":"rae"}`, false},
		{"ReviewDecision/item-of-others", `{"decision":"keep","decided_by":"rae"}`, false},
		{"ReviewDecision/item-not-seen", `{"decision":"keep","decided_by":"rae"}`, false},
		{"ReviewDecision/item-to-decide", `{"decision":"keep","decided_by":"otto"}`, false},
		{"ReviewDecision/item-to-decide", `{"decision":"keep","decided_by":"rae"}`, true},
		{"ReviewDecision/item-over", `{"decision":"keep","decided_by":"rae"}`, false},
		{"AccessReview/review-closed", `{"population":1}`, false},
		{"Experiment/experiment-of-all", `{"decision":"graduate","decided":"2027-06-01"}`, false},
		{"Experiment/experiment-of-all", `{"decision":"graduate","decided":"2027-06-01","decided_by":"otto"}`, false},
		{"Experiment/experiment-of-all", `{"decision":"graduate","decided":"2027-06-01","decided_by":"rae"}`, true},
		{"Experiment/experiment-of-all", `{"until":"2028-12-01"}`, false},
		{"Experiment/experiment-of-all", `{"criteria":[{"name":"Latency","target":500}]}`, false},
		{"RadarEdition/edition-of-all", `{"summary":"It was always so."}`, false},
		{"RadarEdition/edition-of-all", `{"published":"2026-01-01"}`, false},
		{"RadarVote/vote-of-otto", `{"ring":"Adopt"}`, false},
		{"DecisionRecord/decision-of-all", `{"reviewed":"2027-06-01"}`, false},
		{"DecisionRecord/decision-of-all", `{"reviewed":"2027-06-01","reviewed_by":"rae"}`, true},
		{"DecisionRecord/decision-of-all", `{"effects":[{"name":"Cost","predicted":20,"actual":20,"measured_on":"2027-01-01"}]}`, false},
		{"TechnologyBet/bet-of-all", `{"reviewed":"2027-06-01","state":"won"}`, false},
		{"Partner/partner-of-all", `{"conflicts":[{"type":"exclusive","verdict":"accept","decided":"2027-06-01","decided_by":"otto"}]}`, false},
		{"Partner/partner-of-all", `{"conflicts":[{"type":"exclusive","verdict":"accept","decided":"2027-06-01","decided_by":"rae"}]}`, true},
		{"LearningItem/course-of-both", `{"finished":[{"person":"otto","on":"2027-06-01"}]}`, false},
	} {
		w.Advance(10 * time.Minute)
		kind, key, _ := strings.Cut(test.record, "/")
		program := programs["cio"]
		if slices.Contains([]string{"Observation", "ReviewDecision", "AccessReview"}, kind) {
			program = programs["compliance-officer"]
		} else if _, outward := outwardKinds[kind]; outward {
			program = programs["cto"]
		}
		var set map[string]any
		if err := json.Unmarshal([]byte(test.set), &set); err != nil {
			t.Fatal(err)
		}
		many, err := json.Marshal(map[string]any{"dry_run": true, "operations": []any{map[string]any{"op": "edit", "kind": kind, "key": key, "set": set}}})
		if err != nil {
			t.Fatal(err)
		}
		ways := map[string]reply{
			"PATCH": program.send(http.MethodPatch, "/api/v1/records/"+test.record+"?dry_run=true", test.set, "If-Match", "*"),
			"bulk":  program.send(http.MethodPost, "/api/v1/bulk", string(many)),
		}
		for way, r := range ways {
			if done := r.status < 300; done != test.want || r.status >= 500 || r.status == http.StatusTooManyRequests {
				t.Errorf("%s %s %s: want done %v: %v", way, test.record, test.set, test.want, r)
			}
		}
		if test.want || strings.Contains(test.set, "null") {
			continue
		}
		set["kind"], set["key"] = kind, key
		file, err := json.Marshal(set)
		if err != nil {
			t.Fatal(err)
		}
		k := w.Store.Snapshot().Schema().Kind(kind)
		texts := func() (out string) {
			for _, f := range k.Fields {
				if _, ok := set[f.Name]; ok && f.Name != "key" && !f.Signed {
					out += f.Name + ": " + f.Text(w.Store.Snapshot().Find(kind, key), w.Store.View()) + "\n"
				}
			}
			return out
		}
		before := texts()
		program.do(http.MethodPost, "/api/v1/imports?name=change.yaml&why=try", strings.NewReader(string(file)), "Content-Type", "application/octet-stream")
		if after := texts(); after != before {
			t.Errorf("an import sets %s of %s: %s", test.set, test.record, after)
		}
	}
	for _, path := range []string{"Observation/observation-of-mine", "ReviewDecision/item-over", "AccessReview/review-closed"} {
		if r := programs["compliance-officer"].do(http.MethodDelete, "/api/v1/records/"+path+"?dry_run=true&cascade=true", nil, "If-Match", "*"); r.status < 400 {
			t.Errorf("%s is taken away: %v", path, r)
		}
	}
	for _, body := range []string{`{"key":"a1","policy":"policy-in-force","person":"otto","at":"2026-01-01T00:00:00Z","edition":"1"}`} {
		if r := programs["cio"].send(http.MethodPost, "/api/v1/records/Attestation?dry_run=true", body); r.status < 400 {
			t.Errorf("somebody confirms for another: %v", r)
		}
	}
}

// TestV8_3_1_ActionsAreDoneInOnesOwnName asks every action that somebody does in a name, with the name of another, through the page, the interface for
// programs and the one for assistants. No answer of any is a proposal, and nothing is written.
func TestV8_3_1_ActionsAreDoneInOnesOwnName(t *testing.T) {
	w := newWorld(t)
	w.govern(t)
	w.steer(t)
	page, program := w.as(t, "cio"), w.withToken(t, "cio", "approve")
	head := w.Head().Seq
	for action, test := range map[string]struct {
		name       string
		parameters map[string]string
	}{
		"security.attest":            {"person", map[string]string{"policy": "policy-in-force"}},
		"security.approve_exception": {"by", map[string]string{"exception": "exception-of-mine"}},
		"security.approve_policy":    {"by", map[string]string{"policy": "policy-i-wrote"}},
		"security.request_exception": {"asked_by", map[string]string{"name": "x", "reason": "x", "from": "Control/control-of-all", "expires": "2027-12-01"}},
		"compliance.close_finding":   {"by", map[string]string{"finding": "finding-i-mended", "text": "x"}},
		"compliance.mend_finding":    {"by", map[string]string{"finding": "finding-i-mended", "text": "x"}},
		"identity.decide":            {"by", map[string]string{"items": "item-about-me", "decision": "keep", "reason": "x"}},
		"identity.look":              {"by", map[string]string{"item": "item-about-me"}},
		"radar.vote":                 {"person", map[string]string{"blip": "blip-of-all", "ring": "Adopt"}},
		"radar.publish":              {"person", map[string]string{"radar": "radar-of-all"}},
		"radar.decide_bet":           {"person", map[string]string{"bet": "bet-of-all", "state": "won", "learned": "x"}},
		"research.kill":              {"by", map[string]string{"experiment": "experiment-of-all", "reason": "x"}},
		"research.submit_scores":     {"by", map[string]string{"matrix": "matrix-to-score", "scores": "North: Ease = 3"}},
		"standards.record_outcome":   {"by", map[string]string{"decision": "decision-of-all", "learned": "x"}},
		"partners.decide_conflict":   {"by", map[string]string{"partner": "partner-of-all", "type": "competes", "verdict": "accept", "reason": "x"}},
		"people.finish_learning":     {"by", map[string]string{"item": "course-of-both"}},
		"people.assess_skill":        {"by", map[string]string{"skill": "skill-of-all", "level": "expert"}},
	} {
		values, parameters := url.Values{}, map[string]any{test.name: "otto"}
		for name, value := range test.parameters {
			parameters[name] = value
			values.Set(name, value)
		}
		values.Set(test.name, "otto")
		body, err := json.Marshal(map[string]any{"parameters": parameters})
		if err != nil {
			t.Fatal(err)
		}
		call, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": map[string]any{"name": strings.ReplaceAll(action, ".", "_"), "arguments": parameters}})
		if err != nil {
			t.Fatal(err)
		}
		for way, r := range map[string]reply{
			"page":            page.get("/questions/" + action + "?" + values.Encode()),
			"page, committed": page.post("/questions/"+action+"?"+values.Encode(), "commit", "yes"),
			"REST question":   program.send(http.MethodPost, "/api/v1/questions/"+action, string(body)),
			"REST action":     program.send(http.MethodPost, "/api/v1/actions/"+action, string(body)),
			"MCP":             program.send(http.MethodPost, "/mcp", string(call), "Accept", "application/json, text/event-stream"),
		} {
			if strings.HasPrefix(way, "REST") && r.status < 400 || r.status >= 500 || way == "MCP" && !strings.Contains(r.body, "own name") {
				t.Errorf("%s, %s: %v", action, way, r)
			}
		}
	}
	if w.Head().Seq != head {
		t.Errorf("something was written: entry %d, before %d", w.Head().Seq, head)
	}
	r := program.send(http.MethodPost, "/api/v1/actions/security.attest", `{"parameters":{"policy":"policy-in-force"}}`)
	found := false
	for rec := range w.Store.View().All("Attestation") {
		a := rec.(*model.Attestation)
		found = found || a.Person == w.person.Ref() && a.Policy == w.Store.Snapshot().Find("Policy", "policy-in-force").Base().Ref()
	}
	if r.status >= 300 || !found {
		t.Errorf("nobody confirms in the own name: %v", r)
	}
}

// TestV8_3_1_EmployeesDoWhatIsAskedOfThem holds that somebody with the least rights confirms a policy in the own name and decides what they are to decide, sends in ideas, votes, scores
// and learns, and
// sees neither the accounts nor the reviews of others.
func TestV8_3_1_EmployeesDoWhatIsAskedOfThem(t *testing.T) {
	w := newWorld(t)
	w.govern(t)
	w.steer(t)
	program := w.withToken(t, "employee", "write")
	for action, parameters := range map[string]string{
		"product.submit_idea": `{"title":"A quiet deck"}`, "radar.vote": `{"blip":"blip-of-all","ring":"Adopt"}`, "research.submit_scores": `{"matrix":"matrix-to-score","scores":["North: Ease = 3"]}`,
		"people.assess_skill": `{"skill":"skill-of-all","level":"beginner"}`, "people.finish_learning": `{"item":"course-of-both"}`, "people.add_to_reading_list": `{"title":"A book about winds"}`,
	} {
		if r := program.send(http.MethodPost, "/api/v1/actions/"+action, `{"parameters":`+parameters+`}`); r.status >= 300 {
			t.Errorf("an employee cannot %s: %v", action, r)
		}
	}
	for _, kind := range []string{"Customer", "Partner", "TechnologyBet", "Experiment", "Product"} {
		if r := program.get("/api/v1/records/" + kind); strings.Contains(r.body, foreignWord) {
			t.Errorf("an employee reads every %s: %v", kind, r)
		}
	}
	if r := program.send(http.MethodPost, "/api/v1/actions/security.attest", `{"parameters":{"policy":"policy-in-force"}}`); r.status >= 300 {
		t.Errorf("an employee cannot confirm a policy: %v", r)
	}
	if r := program.send(http.MethodPost, "/api/v1/actions/identity.decide", `{"parameters":{"items":["item-to-decide"],"decision":"revoke","reason":"Not needed"}}`); r.status >= 300 {
		t.Errorf("an employee cannot decide what is theirs to decide: %v", r)
	}
	for path, want := range map[string]int{"ReviewDecision/item-of-others": 404, "UserAccount/user-of-others": 404, "UserAccount/user-of-mine": 200, "Policy/policy-in-force": 200, "Finding/finding-of-others": 404, "Exception/exception-of-mine": 200, "Exception/exception-of-others": 404} {
		if r := program.get("/api/v1/records/" + path); r.status != want {
			t.Errorf("%s: %v, want %d", path, r, want)
		}
	}
	if r := program.send(http.MethodPatch, "/api/v1/records/UserAccount/user-of-mine?dry_run=true", `{"person":"otto"}`, "If-Match", "*"); r.status < 400 {
		t.Errorf("somebody gives the own account to another: %v", r)
	}
}

// TestB5_RulesAskNoMoreThanTheirWriters holds that nobody writes a test over records that they do not read, or a confidential one without reading what is
// confidential.
func TestB5_RulesAskNoMoreThanTheirWriters(t *testing.T) {
	w := newWorld(t)
	for role, want := range map[string]bool{"compliance-officer": true, "engineer": false, "security-officer": false, "cio": false, "employee": false, "auditor": false} {
		v := w.withToken(t, role, "approve")
		body := fmt.Sprintf(`{"key":"t-%s","ControlTest.kind":"Application","rule":"true","owner":"team-of-mine"}`, role)
		if r := v.send(http.MethodPost, "/api/v1/records/ControlTest?dry_run=true", body); (r.status < 300) != want {
			t.Errorf("%s writes a control test: %v, want %v", role, r, want)
		}
	}
	v := w.withToken(t, "compliance-officer", "approve")
	if r := v.send(http.MethodPost, "/api/v1/records/ControlTest?dry_run=true", `{"key":"t-x","ControlTest.kind":"DataSubjectRequest","rule":"true"}`); r.status < 400 {
		t.Errorf("a rule looks at what its writer does not see: %v", r)
	}
	e := w.withToken(t, "engineer", "approve")
	if r := e.send(http.MethodPost, "/api/v1/records/VexStatement?dry_run=true", `{"key":"v1","vulnerability":"CVE-2027-1","status":"not_affected","justification":"component_not_present","subjects":["Application/`+foreignKey+`"],"owner":"team-of-mine"}`); r.status < 400 {
		t.Errorf("an engineer silences a vulnerability of others: %v", r)
	}
}

package security

import (
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"binnacle/access"
	"binnacle/practice"
)

// blind are the roles that do not read what is confidential.
func blind() []string {
	var out []string
	for _, r := range access.DeliveredRoles() {
		if !r.ReadsConfidential {
			out = append(out, r.Key)
		}
	}
	return out
}

// crawled are the blind roles that walk through everything: those that see the most and the least, and one that sees money. All of them
// do so where BINNACLE_EVERY_ROLE is set, which takes ten minutes.
func crawled(t *testing.T) []string {
	t.Helper()
	all := blind()
	var few []string
	switch {
	case testing.Short():
		few = []string{"engineer"}
	case os.Getenv("BINNACLE_EVERY_ROLE") != "":
		return all
	default:
		few = []string{"administrator", "engineer", "finance", "employee"}
	}
	for _, role := range few {
		if !slices.Contains(all, role) {
			t.Fatalf("the role %s is not blind any more: another must walk", role)
		}
	}
	return few
}

// mostPages bounds how far a crawl goes for one role.
const mostPages = 700

// TestV8_2_2_NothingLeaksToWhoeverFollowsEveryLink lets each role that does not
// read confidential records follow every link from every page, and looks for a
// word that only such records have. A role that does read them must find it.
func TestV8_2_2_NothingLeaksToWhoeverFollowsEveryLink(t *testing.T) {
	w := newWorld(t)
	roles := crawled(t)
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			seen := w.as(t, role).crawl(t, func(path string, r reply) {
				if at := strings.Index(strings.ToLower(r.body), secretWord); at >= 0 {
					t.Errorf("%s tells what is confidential: …%s…", path, r.body[max(0, at-200):min(len(r.body), at+100)])
				}
				if r.status >= 500 {
					t.Errorf("%s: %v", path, r)
				}
			})
			if seen < 50 {
				t.Errorf("only %d pages were found: the crawl does not work", seen)
			}
		})
	}
	t.Run("whoever may read it finds it", func(t *testing.T) {
		found := 0
		w.as(t, "auditor").crawl(t, func(path string, r reply) {
			if strings.Contains(strings.ToLower(r.body), secretWord) {
				found++
			}
		})
		if found < 5 {
			t.Errorf("the auditor found it on %d pages: the test would not notice a leak", found)
		}
	})
}

// crawl visits every page that links lead to and returns how many that were.
func (v *visitor) crawl(t *testing.T, look func(path string, r reply)) int {
	queue := []string{"/", "/records", "/questions", "/boards", "/offices", "/pictures", "/scenarios", "/history", "/imports", "/feeds", "/me", "/help", "/admin", "/assets", "/assets/labels?paper=single", "/assets/scan",
		"/radar", "/decisions", "/roadmap", "/ideas", "/experiments", "/matrices", "/portals", "/records/Load", "/loads/" + v.w.open + "/lines", "/loads/" + v.w.dark + "/lines"}
	done := map[string]bool{}
	kinds := map[string]int{}
	for len(queue) > 0 && len(done) < mostPages {
		path := queue[0]
		queue = queue[1:]
		if done[path] {
			continue
		}
		// A few pages of each sort are enough: those of records are all alike.
		if sort := sortOf(path); kinds[sort] >= 12 {
			continue
		} else {
			kinds[sort]++
		}
		done[path] = true
		r := v.get(path)
		look(path, r)
		if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			queue = append(queue, linksIn(r.body)...)
		}
		if to := r.header.Get("Location"); to != "" && r.status != http.StatusSeeOther {
			queue = append(queue, to)
		}
	}
	return len(done)
}

// sortOf returns what a page is, without the record that it is about and the values of its parameters.
func sortOf(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	parts := strings.Split(u.Path, "/")
	for i := range parts {
		if i > 2 && i%2 == 1 && strings.HasPrefix(u.Path, "/records/") {
			parts[i] = "*"
		}
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(parts, "/") + "?" + strings.Join(names, "&")
}

// linksIn returns the addresses on this site that a page leads to by GET.
func linksIn(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if !slices.Contains([]string{"href", "src", "hx-get", "data-url", "data-src"}, a.Key) || !strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "/assets/") {
				continue
			}
			to, _, _ := strings.Cut(a.Val, "#")
			out = append(out, to)
		}
	}
	return out
}

// TestV8_2_2_NothingLeaksToWhoeverGuesses asks for what is confidential by its exact address on every door.
func TestV8_2_2_NothingLeaksToWhoeverGuesses(t *testing.T) {
	w := newWorld(t)
	head := w.Head().Seq
	// Pages beside each other are made as each is made alone, over the whole estate: one pair is enough.
	paths := []string{"/compare?page=/records/Application/" + secretKey + "&right=as_of=1"}
	guessed := []string{"Application/" + secretKey, "Host/host-in-the-dark", "Vendor/vendor-in-the-dark", "Contract/contract-in-the-dark", "Comment/comment-in-the-dark",
		"Attachment/file-in-the-dark", "SavedView/view-in-the-dark", "Board/board-in-the-dark", "Application/app-that-went", "Application/app-once-open", "Scenario/plan-in-the-dark", "Load/" + w.dark, "Invoice/invoice-in-the-dark", "PurchaseOrder/order-in-the-dark",
		"Licence/licence-in-the-dark", "Budget/budget-in-the-dark", "Saving/saving-in-the-dark", "BusinessCase/case-in-the-dark", "CostRule/rule-in-the-dark", "Obligation/obligation-in-the-dark", "ServiceLevel/level-in-the-dark",
		"Risk/risk-in-the-dark", "Finding/finding-in-the-dark", "Observation/observation-in-the-dark", "ControlTest/test-in-the-dark", "Exception/exception-in-the-dark", "Advisory/advisory-in-the-dark",
		"ScanFinding/scan-in-the-dark", "VexStatement/vex-in-the-dark", "SecurityIncident/incident-in-the-dark", "Credential/credential-in-the-dark", "Policy/policy-in-the-dark", "ProcessingActivity/activity-in-the-dark",
		"DataSubjectRequest/request-in-the-dark", "UserAccount/user-in-the-dark", "Framework/framework-in-the-dark", "Requirement/requirement-in-the-dark",
		"Questionnaire/questions-in-the-dark", "Assessment/assessment-in-the-dark", "Stocktake/count-in-the-dark", "Asset/asset-in-the-dark"}
	for kind, key := range outwardKinds {
		guessed = append(guessed, kind+"/"+key+"-in-the-dark")
	}
	for _, rec := range guessed {
		kind, key, _ := strings.Cut(rec, "/")
		for _, tail := range []string{"", "/edit", "/history", "/graph", "/delete", "/merge"} {
			paths = append(paths, "/records/"+rec+tail)
		}
		paths = append(paths, "/api/v1/records/"+rec, "/api/v1/records/"+rec+"/history", "/api/v1/records/"+rec+"/in", "/api/v1/records/"+rec+"/out",
			"/pictures/graph?focus="+rec, "/pictures/graph.json?focus="+rec,
			"/questions/architecture.impact?record="+rec, "/api/v1/questions/architecture.impact?record="+rec)
		switch kind {
		case "Attachment":
			paths = append(paths, "/attachments/"+key)
		case "Load":
			paths = append(paths, "/loads/"+key+"/lines", "/loads/"+key+"/lines.csv", "/api/v1/loads/"+key+"/lines")
		case "Assessment":
			paths = append(paths, "/assessments/"+key+"/questionnaire", "/assessments/"+key+"/questionnaire.csv", "/assessments/"+key+"/questionnaire.xlsx")
		case "Stocktake":
			paths = append(paths, "/assets/scan?stocktake="+key)
		case "Asset":
			paths = append(paths, "/assets/labels?paper=single&assets="+key)
		case "Radar":
			paths = append(paths, "/radar/"+key, "/radar/"+key+"?format=csv", "/radar/"+key+"/compare", "/radar/"+key+"/blips/blip-in-the-dark")
		case "DecisionRecord":
			paths = append(paths, "/decisions/"+key, "/decisions/"+key+"/edit")
		case "Portal":
			paths = append(paths, "/portals/"+key, "/portal/"+key)
		case "Product":
			paths = append(paths, "/roadmap/"+key)
		case "Idea":
			paths = append(paths, "/ideas/"+key)
		case "Experiment":
			paths = append(paths, "/experiments/"+key)
		case "DecisionMatrix":
			paths = append(paths, "/matrices/"+key)
		case "Contract", "Invoice", "Licence":
			paths = append(paths, "/questions/finance.trace?from="+rec, "/api/v1/questions/finance.trace?from="+rec)
		}
	}
	for _, q := range []string{secretWord, secretKey} {
		paths = append(paths, "/search?q="+q, "/pick?kinds=Application&q="+q, "/palette?q="+q, "/api/v1/search?q="+q)
	}
	// What a moment changes is the snapshot, and what a role changes is the sight: questions at other moments are asked by those who see the most and the least.
	var later []string
	for _, moment := range []string{"", "as_of=" + url.QueryEscape("1"), "scenario=plan-in-the-dark", "at=2030-01-01"} {
		for seq := head - 12; seq <= head; seq++ {
			if moment == "" {
				paths = append(paths, "/history/"+itoa(seq), "/api/v1/history/"+itoa(seq), "/history/"+itoa(seq)+"/undo",
					"/records/Application?as_of="+itoa(seq), "/api/v1/records/Application?as_of="+itoa(seq), "/api/v1/differences?from="+itoa(seq)+"&to="+itoa(head))
			}
		}
		for _, kind := range []string{"Application", "Host", "Vendor", "Contract", "Comment", "Attachment", "Board", "SavedView", "Scenario", "Load", "Invoice", "Licence", "Obligation", "Assessment", "Budget", "Risk", "Finding", "Advisory", "SecurityIncident", "Observation", "Policy",
			"Customer", "Idea", "Experiment", "MatrixScoring", "DecisionRecord", "Partner", "SkillLevel"} {
			paths = append(paths, "/records/"+kind+"?"+moment, "/records/"+kind+"/export?format=csv&"+moment, "/records/"+kind+"/export?format=json&"+moment, "/api/v1/records/"+kind+"?"+moment,
				"/api/v1/export/"+kind+".csv?"+moment, "/api/v1/export/"+kind+".json?"+moment)
		}
		for _, a := range practice.List(w.Practices) {
			if moment != "" {
				later = append(later, "/api/v1/questions/"+a.Name()+"?"+moment)
				continue
			}
			paths = append(paths, "/api/v1/questions/"+a.Name(), "/questions/"+a.Name())
		}
	}
	paths = append(paths, "/calendar.ics", "/api/v1/calendar.ics?days=3660", "/scenarios/plan-in-the-dark", "/api/v1/scenarios/plan-in-the-dark", "/api/v1/scenarios", "/boards/board-in-the-dark", "/api/v1/history?limit=200", "/api/v1/openapi.json")
	roles := crawled(t)
	pages, programs := map[string]*visitor{}, map[string]*visitor{}
	for _, role := range roles {
		pages[role], programs[role] = w.as(t, role), w.withToken(t, role, "approve")
	}
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			page, program, paths := pages[role], programs[role], paths
			if slices.Contains([]string{"administrator", "engineer", "employee"}, role) {
				paths = slices.Concat(paths, later)
			}
			for _, path := range paths {
				v := page
				if strings.HasPrefix(path, "/api/") {
					v = program
				}
				r := v.get(path)
				body := strings.ToLower(r.body)
				told := secretWord
				if strings.Contains(path, secretWord) {
					// The page repeats what was searched for. What it must not show is a record with the word.
					told = secretWord + " of the sea"
				}
				if at := strings.Index(body, told); at >= 0 {
					t.Errorf("%s tells what is confidential: …%s…", path, body[max(0, at-150):min(len(body), at+100)])
				}
				if r.status >= 500 {
					t.Errorf("%s: %v", path, r)
				}
				if strings.Contains(path, "-dark") && strings.HasPrefix(path, "/records/") && r.status == http.StatusOK {
					t.Errorf("%s is there for %s", path, role)
				}
			}
		})
	}
}

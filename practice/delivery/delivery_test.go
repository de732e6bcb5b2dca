package delivery

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &Practice)
}

// told collects lines of events as CSV.
type told struct{ strings.Builder }

func newTold() *told {
	l := &told{}
	l.WriteString("Start,End,Event,Service,Repository,Branch,Environment,Result,Cause,EventId,ParentId,LinesAdded,LinesDeleted,TestsRun,TestsFailed\n")
	return l
}

// happening is one event that a test tells.
type happening struct {
	event, service, repository, branch, environment, result, cause string
	start, end                                                     time.Time
	id, parent                                                     int64
}

func (l *told) tell(h happening) {
	if h.end.IsZero() {
		h.end = h.start
	}
	fmt.Fprintf(l, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%d,%d,,,,\n", h.start.Format(time.RFC3339), h.end.Format(time.RFC3339), h.event, h.service, h.repository, h.branch, h.environment, h.result, h.cause, h.id, h.parent)
}

// view returns a view of an estate with events beside it.
func view(t testing.TB, records, now string, lines *told) estate.View {
	t.Helper()
	snap, reader, err := practicetest.World(records, practicetest.Lines{Series: "delivery", CSV: lines.String()})
	if err != nil {
		t.Fatal(err)
	}
	moment, err := model.ParseTime(now)
	if err != nil {
		t.Fatal(err)
	}
	return snap.View(moment.Date()).With(practice.Beside{Reader: reader, Practices: []*practice.Practice{&Practice}, Now: moment, Anybody: true})
}

func at(text string) time.Time {
	m, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return m
}

const shop = `
- {kind: Application, key: shop, name: Shop}
- {kind: Repository, key: shop, full_name: acme/shop, builds: [Application/shop]}
`

// TestTwentyDeployments holds the worked example: of 20 deployments 3 needed intervention and 4 were unplanned repairs, of which 2 follow those
// failures. So the change fail rate is 15 % and the rework rate 20 %, because a hotfix is a deployment too.
func TestTwentyDeployments(t *testing.T) {
	l := newTold()
	cause := map[int]string{4: "hotfix", 8: "rollback", 12: "hotfix", 16: "hotfix"}
	for n := range 20 {
		start := at("2027-03-01 10:00").AddDate(0, 0, n)
		l.tell(happening{event: "deployment", repository: "acme/shop", environment: "production", result: "success", cause: cause[n], start: start, end: start.Add(10 * time.Minute), id: int64(100 + n)})
	}
	// The hotfix 104 repairs the deployment 103 and the rollback 108 the deployment 107. The deployment 109 is named by an incident.
	l.tell(happening{event: "incident", repository: "acme/shop", result: "closed", cause: "deployment", start: at("2027-03-10 11:00"), end: at("2027-03-10 13:10"), id: 7, parent: 109})
	// The hotfixes 112 and 116 mend an outage that no deployment caused.
	l.tell(happening{event: "incident", repository: "acme/shop", result: "closed", cause: "other", start: at("2027-03-12 20:00"), end: at("2027-03-13 11:00"), id: 8})
	l.tell(happening{event: "incident", repository: "acme/shop", result: "closed", cause: "other", start: at("2027-03-17 08:00"), end: at("2027-03-17 11:00"), id: 9})
	// None of these is a deployment to production.
	l.tell(happening{event: "deployment", repository: "acme/shop", environment: "staging", result: "success", start: at("2027-03-05 09:00"), end: at("2027-03-05 09:10"), id: 200})
	l.tell(happening{event: "deployment", repository: "acme/shop", environment: "production", result: "failure", start: at("2027-03-05 09:30"), end: at("2027-03-05 09:40"), id: 201})
	l.tell(happening{event: "deployment", repository: "acme/shop", environment: "Production EU", start: at("2027-03-05 09:50"), id: 202})
	v := view(t, shop, "2027-03-31T12:00:00Z", l)
	got, err := DORA(v, DORAIn{})
	if err != nil {
		t.Fatal(err)
	}
	row := got.Rows.Rows[0]
	if row.FailRate == nil || *row.FailRate != 15 || row.Rework == nil || *row.Rework != 20 {
		t.Errorf("the rates are %v and %v, want 15 %% and 20 %%", deref(row.FailRate), deref(row.Rework))
	}
	// From the end of the deployment to that of the hotfix and of the rollback a day each, and three hours to the end of the incident.
	if row.Recovery == nil || *row.Recovery != 24 {
		t.Errorf("the recovery time is %v, want the median of 3, 24 and 24 hours", deref(row.Recovery))
	}
	want := CountedRow{Of: got.Rows.Rows[0].Of, Deployments: 20, Failed: 3, Unplanned: 4, Recovered: 3, ChangesAre: "commits", Elsewhere: 1, NeverReached: 1, Unfinished: 1, OtherIncidents: 2}
	if diff := cmp.Diff(want, got.Counted.Rows[0]); diff != "" {
		t.Errorf("what was counted (-want +got):\n%s", diff)
	}
	if row.LeadTime != nil {
		t.Errorf("no commit is known, and the lead time is %g", *row.LeadTime)
	}
}

func deref(x *float64) any {
	if x == nil {
		return "unknown"
	}
	return *x
}

// TestBands holds the answers of the survey.
func TestBands(t *testing.T) {
	for hours, want := range map[float64]string{0: "less than an hour", 0.99: "less than an hour", 1: "less than a day", 23.9: "less than a day", 24: "a day to a week", 167: "a day to a week", 168: "a week to a month", 719: "a week to a month", 720: "one to six months", 4368: "one to six months", 4369: "more than six months"} {
		if got := bandOf(&hours); got != want {
			t.Errorf("%g hours are %q, want %q", hours, got, want)
		}
	}
	if got := bandOf(nil); got != "" {
		t.Errorf("what is not known is %q", got)
	}
}

const devLake = "../../../shared/data/11-dora/devlake-e2e/change_lead_time"

// table reads a CSV file into rows by the names of the columns.
func table(t *testing.T, name string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(devLake, name))
	if os.IsNotExist(err) {
		t.Skip("the published cases of lead time are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, head := range rows[0] {
			m[head] = r[i]
		}
		out = append(out, m)
	}
	return out
}

func stamp(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-1-2 15:04:05", "2006-01-02T15:04:05.000-07:00"} {
		if m, err := time.Parse(layout, text); err == nil {
			return m
		}
	}
	if text != "" {
		t.Fatalf("%q is no moment", text)
	}
	return time.Time{}
}

// TestPublishedLeadTimes compares the stages of every request with the published ones, to the minute. A project is one repository here,
// because its repositories are deployed together.
func TestPublishedLeadTimes(t *testing.T) {
	project := map[string]string{}
	for _, r := range table(t, "project_mapping.csv") {
		project[r["table"]+"/"+r["row_id"]] = r["project_name"]
	}
	l, number := newTold(), facts.EventNumber
	deployments, with := map[string]map[string]string{}, map[string]bool{}
	for _, d := range table(t, "cicd_deployment_commits.csv") {
		deployments[d["commit_sha"]] = d
		start := stamp(t, d["started_date"])
		l.tell(happening{event: "deployment", repository: project["cicd_scopes/"+d["cicd_scope_id"]], environment: strings.ToLower(d["environment"]), result: strings.ToLower(d["result"]), start: start, end: stamp(t, d["finished_date"]), id: number("deployment " + d["id"]), parent: number(d["commit_sha"])})
	}
	for _, d := range table(t, "commits_diffs.csv") {
		// What the first deployment brought is not told: there is nothing that it differs from.
		if to := deployments[d["new_commit_sha"]]; d["old_commit_sha"] != "" {
			l.tell(happening{event: "inclusion", repository: project["cicd_scopes/"+to["cicd_scope_id"]], start: stamp(t, to["finished_date"]), id: number(d["commit_sha"]), parent: number("deployment " + to["id"])})
		}
	}
	authors := map[string]string{}
	requests := map[string]string{}
	for _, r := range table(t, "pull_requests.csv") {
		authors[r["id"]], requests[r["id"]] = r["author_id"], project["repos/"+r["base_repo_id"]]
		h := happening{event: "change", repository: requests[r["id"]], result: "open", start: stamp(t, r["created_date"]), end: stamp(t, r["merged_date"]), id: number(r["id"]), parent: number(r["merge_commit_sha"])}
		if r["merged_date"] != "" {
			h.result = "merged"
		}
		l.tell(h)
	}
	for _, c := range table(t, "pull_request_commits.csv") {
		with[c["pull_request_id"]] = true
		l.tell(happening{event: "commit", repository: requests[c["pull_request_id"]], branch: "work", start: stamp(t, c["commit_authored_date"]), id: number(c["commit_sha"]), parent: number(c["pull_request_id"])})
	}
	for _, c := range table(t, "pull_request_comments.csv") {
		if author := authors[c["pull_request_id"]]; author == "" || author != c["account_id"] {
			l.tell(happening{event: "review", repository: requests[c["pull_request_id"]], start: stamp(t, c["created_date"]), id: number(c["id"]), parent: number(c["pull_request_id"])})
		}
	}
	v := view(t, "- {kind: Team, key: t}\n", "2023-05-01T00:00:00Z", l)
	got := map[int64]stages{}
	for _, g := range bookOf(v).unmapped {
		for i := range g.changes {
			if c := &g.changes[i]; c.merged > 0 {
				got[c.id] = c.stages()
			}
		}
	}
	want := table(t, "project_pr_metrics.csv")
	if len(got) != len(want) {
		t.Errorf("%d requests have stages, want %d", len(got), len(want))
	}
	for _, w := range want {
		s, ok := got[number(w["id"])]
		if !ok {
			t.Errorf("%s has no stages", w["id"])
			continue
		}
		for column, seconds := range map[string]int64{"pr_coding_time": s.coding, "pr_pickup_time": s.pickup, "pr_review_time": s.review, "pr_deploy_time": s.deploy, "pr_cycle_time": s.cycle} {
			text := ""
			if m := minutesOf(seconds); m != nil {
				text = strconv.FormatInt(*m, 10)
			}
			if text != w[column] {
				t.Errorf("%s of %s is %q, want %q", column, w["id"], text, w[column])
			}
		}
	}
}

// TestForecastOracles holds the probabilities that were worked out by hand, exactly and drawn.
func TestForecastOracles(t *testing.T) {
	for _, c := range []struct {
		history       []int
		items         int
		want          map[int]float64
		p50, p85, p95 int
	}{
		{[]int{3, 5, 2, 6, 4}, 20, map[int]float64{3: 0, 4: 0.112, 5: 0.56096, 6: 0.900928, 7: 0.989952}, 5, 6, 7},
		{[]int{0, 1, 2}, 4, map[int]float64{1: 0, 2: 1.0 / 9, 3: 0.370370, 4: 0.617284, 5: 0.790123, 6: 0.893004, 7: 0.948331}, 4, 6, 8},
	} {
		exact := Exactly(c.history, c.items, 60)
		drawn := Simulated(c.history, c.items, 60, 100_000, 7)
		for n, want := range c.want {
			if math.Abs(exact[n-1]-want) > 5e-7 {
				t.Errorf("%v, %d items: P(<=%d) is %.6f, want %.6f", c.history, c.items, n, exact[n-1], want)
			}
			// Four standard errors of 100,000 futures.
			if math.Abs(drawn[n-1]-want) > 0.0064 {
				t.Errorf("%v, %d items: drawn P(<=%d) is %.6f, want %.6f", c.history, c.items, n, drawn[n-1], want)
			}
		}
		if got := [3]int{Within(exact, 0.5), Within(exact, 0.85), Within(exact, 0.95)}; got != [3]int{c.p50, c.p85, c.p95} {
			t.Errorf("%v, %d items: P50, P85 and P95 are %v, want %d, %d and %d", c.history, c.items, got, c.p50, c.p85, c.p95)
		}
		// The dual says the same from the other side: so many items are done within n periods as often as that takes n or fewer.
		for n := range c.want {
			if dual := AtLeast(c.history, n); c.items < len(dual) && math.Abs(dual[c.items]-exact[n-1]) > 1e-12 {
				t.Errorf("%v: %d items within %d periods have the probability %.6f one way and %.6f the other", c.history, c.items, n, dual[c.items], exact[n-1])
			}
		}
	}
}

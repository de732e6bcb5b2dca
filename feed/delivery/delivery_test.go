package delivery

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

var shown = []string{"Event", "Repository", "Branch", "Environment", "Result", "Cause"}

// short writes what matters of lines.
func short(r Result) []string {
	if r.Ignored != "" {
		return []string{"ignored: " + r.Ignored}
	}
	var out []string
	for _, l := range r.Lines {
		at := func(s int64) string { return time.Unix(s, 0).UTC().Format("01-02T15:04") }
		out = append(out, strings.Join([]string{l.Event, l.Repository, l.Branch, l.Environment, l.Result, l.Cause, at(l.Start), at(l.End)}, "|"))
	}
	return out
}

// Commits that a merge brings belong to its change; a squashed one says so at the end of its title.
func TestCommitsOfChanges(t *testing.T) {
	body := `{"ref":"refs/heads/main","before":"1","after":"2","repository":{"full_name":"acme/shop","pushed_at":1814436000},"commits":[
	 {"id":"aaaaaaaaaaaaaaaaaaaa","message":"one","timestamp":"2027-06-30T08:00:00Z","distinct":false},
	 {"id":"bbbbbbbbbbbbbbbbbbbb","message":"Merge pull request #12 from acme/one\n\nOne","timestamp":"2027-06-30T09:00:00Z"},
	 {"id":"cccccccccccccccccccc","message":"alone","timestamp":"2027-06-30T09:10:00+02:00"},
	 {"id":"dddddddddddddddddddd","message":"Squashed (#13)","timestamp":"2027-06-30T09:20:00Z"}]}`
	got, err := ReadGitHub(Message{Event: "push", Body: []byte(body)})
	if err != nil {
		t.Fatal(err)
	}
	var parents []int64
	for _, l := range got.Lines {
		parents = append(parents, l.Parent)
		if l.End != 1814436000 {
			t.Errorf("pushed at %d", l.End)
		}
	}
	if !slices.Equal(parents, []int64{12, 12, 0, 13}) || got.Lines[2].Start != time.Date(2027, 6, 30, 7, 10, 0, 0, time.UTC).Unix() {
		t.Errorf("parents %v, %v", parents, short(got))
	}
}

func TestProviders(t *testing.T) {
	for _, c := range []struct {
		name, event, body string
		provider          model.CodeProvider
		want              []string
	}{
		{"GitHub merge", "pull_request", `{"action":"closed","pull_request":{"number":7,"state":"closed","merged":true,"created_at":"2027-06-01T08:00:00Z","merged_at":"2027-06-02T08:00:00Z","merge_commit_sha":"abcdefabcdefabcdef","head":{"ref":"hotfix/tax"},"labels":[]},"repository":{"full_name":"acme/shop"}}`, "github",
			[]string{"change|acme/shop|hotfix/tax||merged|hotfix|06-01T08:00|06-02T08:00"}},
		{"GitHub incident", "issues", `{"action":"closed","issue":{"number":9,"state":"closed","created_at":"2027-06-01T08:00:00Z","closed_at":"2027-06-01T09:30:00Z","labels":[{"name":"Incident"},{"name":"cause: deployment"}]},"repository":{"full_name":"acme/shop"}}`, "github",
			[]string{"incident|acme/shop|||closed|deployment|06-01T08:00|06-01T09:30"}},
		{"GitHub review by another", "pull_request_review", `{"action":"submitted","review":{"id":5,"user":{"id":2},"submitted_at":"2027-06-01T08:00:00Z"},"pull_request":{"number":7,"user":{"id":1},"head":{"ref":"a"}},"repository":{"full_name":"acme/shop"}}`, "github",
			[]string{"review|acme/shop|a||||06-01T08:00|06-01T08:00"}},
		{"GitHub second attempt", "workflow_run", `{"action":"completed","workflow_run":{"id":5,"name":"build","run_attempt":2,"status":"completed","conclusion":"failure","head_branch":"main","head_sha":"abcdefabcdefabcdef","run_started_at":"2027-06-01T08:00:00Z","updated_at":"2027-06-01T08:04:00Z"},"repository":{"full_name":"acme/shop"}}`, "github",
			[]string{"build|acme/shop|main|build|failure||06-01T08:00|06-01T08:04"}},
		{"Bitbucket push", "repo:push", `{"actor":{},"repository":{"full_name":"acme/shop"},"push":{"changes":[{"new":{"type":"branch","name":"main"},"commits":[{"hash":"abcdefabcdefabcdef","date":"2027-06-01T08:00:00+00:00","message":"a"}]}]}}`, "bitbucket",
			[]string{"commit|acme/shop|main||||06-01T08:00|06-01T08:00"}},
		{"Bitbucket merge", "pullrequest:fulfilled", `{"actor":{},"repository":{"full_name":"acme/shop"},"pullrequest":{"id":3,"state":"MERGED","created_on":"2027-06-01T08:00:00Z","updated_on":"2027-06-03T08:00:00Z","source":{"branch":{"name":"a"}}}}`, "bitbucket",
			[]string{"change|acme/shop|a||merged||06-01T08:00|06-03T08:00"}},
		{"Bitbucket build", "repo:commit_status_updated", `{"actor":{},"repository":{"full_name":"acme/shop"},"commit_status":{"key":"ci","name":"CI","state":"FAILED","created_on":"2027-06-01T08:00:00Z","updated_on":"2027-06-01T08:09:00Z","commit":{"hash":"abcdefabcdefabcdef"}}}`, "bitbucket",
			[]string{"build|acme/shop||CI|failure||06-01T08:00|06-01T08:09"}},
		{"Data Center merge", "pr:merged", `{"eventKey":"pr:merged","date":"2027-06-03T10:00:00+0200","actor":{"id":1},"pullRequest":{"id":3,"state":"MERGED","createdDate":1811836800000,"closedDate":1812009600000,"fromRef":{"displayId":"a"},"toRef":{"repository":{"slug":"shop","project":{"key":"ACME"}}},"properties":{"mergeCommit":{"id":"abcdefabcdefabcdef"}}}}`, "bitbucket",
			[]string{"change|ACME/shop|a||merged||06-01T08:00|06-03T08:00"}},
		{"Azure build", "", `{"id":"x","eventType":"build.complete","publisherId":"tfs","resource":{"id":2,"result":"succeeded","startTime":"2027-06-01T08:00:00Z","finishTime":"2027-06-01T08:05:00.123Z","sourceBranch":"refs/heads/main","sourceVersion":"abcdefabcdefabcdef","definition":{"name":"CI"},"project":{"name":"acme"},"repository":{"name":"shop"}}}`, "azure_devops",
			[]string{"build|acme/shop|main|CI|success||06-01T08:00|06-01T08:05"}},
		{"Azure deployment", "", `{"eventType":"ms.vss-release.deployment-completed-event","publisherId":"rm","resource":{"environment":{"id":5,"releaseId":1,"name":"production","status":"rejected"},"project":{"name":"acme"},"deployment":{"id":8,"startedOn":"2027-06-01T08:00:00Z","completedOn":"2027-06-01T08:05:00Z","deploymentStatus":"failed"},"release":{"artifacts":[{"definitionReference":{"repository":{"name":"shop"},"sourceVersion":{"id":"abcdefabcdefabcdef"},"branch":{"id":"refs/heads/main"}}}]}}}`, "azure_devops",
			[]string{"deployment|acme/shop|main|production|failure||06-01T08:00|06-01T08:05"}},
		{"Azure incident", "", `{"eventType":"workitem.updated","publisherId":"tfs","resource":{"workItemId":4,"revision":{"fields":{"System.WorkItemType":"Bug","System.Tags":"a; Incident","System.TeamProject":"acme","System.State":"Closed","System.CreatedDate":"2027-06-01T08:00:00Z","Microsoft.VSTS.Common.ClosedDate":"2027-06-01T10:00:00Z"}}}}`, "azure_devops",
			[]string{"incident|acme|||closed||06-01T08:00|06-01T10:00"}},
		{"GitLab merge", "", `{"object_kind":"merge_request","project":{"path_with_namespace":"acme/shop"},"user":{"id":1},"object_attributes":{"iid":3,"state":"merged","action":"merge","source_branch":"a","created_at":"2027-06-01 08:00:00 UTC","merged_at":"2027-06-02 08:00:00 UTC","merge_commit_sha":"abcdefabcdefabcdef"}}`, "gitlab",
			[]string{"change|acme/shop|a||merged||06-01T08:00|06-02T08:00"}},
		{"GitLab own approval", "", `{"object_kind":"merge_request","project":{"path_with_namespace":"acme/shop"},"user":{"id":1},"object_attributes":{"iid":3,"author_id":1,"action":"approved","updated_at":"2027-06-01 08:00:00 UTC"}}`, "gitlab",
			[]string{"ignored: a review by the author of the change is no review"}},
		{"GitLab incident", "", `{"object_kind":"issue","project":{"path_with_namespace":"acme/shop"},"object_attributes":{"iid":3,"type":"Incident","state":"opened","created_at":"2027-06-01 08:00:00 UTC"}}`, "gitlab",
			[]string{"incident|acme/shop|||open||06-01T08:00|06-01T08:00"}},
		{"a pipeline of one's own", "", `{"event":"deployment","repository":"acme/shop","environment":"production","result":"success","cause":"rollback","id":"77","start":"2027-06-01T08:00:00Z"}`, "other",
			[]string{"deployment|acme/shop||production|success|rollback|06-01T08:00|06-01T08:00"}},
	} {
		got, err := Read(c.provider, Message{Event: c.event, Body: []byte(c.body)})
		if diff := cmp.Diff(c.want, short(got)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", c.name, err, diff)
		}
	}
}

func TestBrokenMessages(t *testing.T) {
	for body, want := range map[string]string{
		"":                  "the body is empty",
		"{\n  \"a\": x}":    "line 2, column 8",
		"{\"a\": 1":         "the JSON ends too early",
		"{} {}":             "something is left over",
		"[]":                "not a JSON object",
		"payload=%7B%22a%7": "line 1, column",
	} {
		if _, err := ReadGitHub(Message{Event: "push", Body: []byte(body)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// Messages from a file: what is wrong with a line is refused with its place, what brings nothing is counted with its reason.
func TestMessagesOfAFile(t *testing.T) {
	one := `{"action":"published","release":{"id":1,"published_at":"2027-06-01T08:00:00Z"},"repository":{"full_name":"acme/shop","node_id":"x"},"sender":{}}`
	b := feedtest.ReadBulk(t, Messages, "messages.ndjson", []byte(one+"\n{\"broken\n\n"+`{"zen":"a","hook_id":1}`+"\n"))
	want := []string{"release | acme/shop |  |  | success | "}
	if diff := cmp.Diff(want, b.Show(shown)); diff != "" {
		t.Error(diff)
	}
	if len(b.Refused) != 1 || !strings.HasPrefix(b.Refused[0], "messages.ndjson:2") || len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "only tries") {
		t.Errorf("refused %q, notes %q", b.Refused, b.Notes)
	}
	list := feedtest.ReadBulk(t, Messages, "list.json", []byte("[\n"+one+",\n"+one+"]"))
	if len(list.Lines) != 2 || list.Lines[1].Row != 2 {
		t.Errorf("%+v", list.Lines)
	}
	for text, want := range map[string]int{one: 96, "[" + one: 96, `{"bomFormat":"CycloneDX"}`: 0, `{"alerts":[],"status":"firing","receiver":"a"}`: 0, "a,b": 0, "": 0} {
		if got := DetectMessages([]byte(text)); got != want {
			t.Errorf("%.40q: %d", text, got)
		}
	}
}

func TestTable(t *testing.T) {
	b := feedtest.ReadBulk(t, Table, "events.csv", []byte("event,id,repository,start,end,result,environment,cause,tests_run,tests_failed\n"+
		"deployment,1,acme/shop,2027-06-01T08:00:00Z,2027-06-01T08:05:00Z,success,production,hotfix,,\n"+
		"build,2,acme/shop,2027-06-01 07:00:00,,failure,ci,,10,3\n"+
		"party,3,acme/shop,2027-06-01,,,,,,\nbuild,,acme/shop,2027-06-01,,,,,,\nbuild,4,acme/shop,2027-06-02,2027-06-01,,,,,\nbuild,5,acme/shop,2027-06-02,,,,,1,2\n"))
	want := []string{"deployment | acme/shop |  | production | success | hotfix", "build | acme/shop |  | ci | failure | "}
	if diff := cmp.Diff(want, b.Show(shown)); diff != "" {
		t.Error(diff)
	}
	if len(b.Refused) != 4 || b.Sum(facts.TestsFailed) != "3" {
		t.Errorf("%q", b.Refused)
	}
}

// The tables of DevLake: six pull requests with their commits, reviews by others and the commits that deployments brought.
func TestDevLakeSamples(t *testing.T) {
	folder := filepath.Join(samples, "devlake-e2e/change_lead_time")
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Skip("the sample files are not here")
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	var names []string
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		w, _ := z.Create("export/" + e.Name())
		w.Write(data)
		names = append(names, "export/"+e.Name())
	}
	z.Close()
	if !IsDevLake(names) || IsDevLake([]string{"pull_requests.csv"}) {
		t.Error("the tables are not known")
	}
	b := feedtest.ReadBulk(t, DevLake, "devlake.zip", packed.Bytes())
	counts := map[string]int{}
	for _, l := range b.Lines {
		counts[b.Value(l, "Event")+" "+b.Value(l, "Repository")]++
	}
	want := map[string]int{"change project1": 7, "commit project1": 13, "review project1": 11, "deployment project1": 13, "deployment project2": 3, "inclusion project1": 4}
	if diff := cmp.Diff(want, counts); diff != "" || len(b.Refused) > 0 {
		t.Errorf("%s\nrefused %q", diff, b.Refused)
	}
}

func FuzzProviders(f *testing.F) {
	f.Add("push", []byte(`{"ref":"refs/heads/a","before":"1","after":"2","commits":[{"id":"a","timestamp":1}],"repository":{"full_name":"a/b"}}`))
	f.Add("pullrequest:updated", []byte(`{"actor":1,"repository":{"project":{"key":1}},"pullRequest":[]}`))
	f.Add("", []byte(`{"object_kind":"pipeline","project":{"path_with_namespace":"a/b"},"object_attributes":{"id":1e99,"created_at":-5}}`))
	f.Add("", []byte(`{"eventType":"git.push","publisherId":"tfs","resource":{"refUpdates":[null],"commits":[{}]}}`))
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		for _, p := range Providers() {
			got, err := Read(p, Message{Event: event, Body: body})
			if err == nil && (len(got.Lines) == 0) == (got.Ignored == "") {
				t.Errorf("%s: %d lines and ignored because %q", p, len(got.Lines), got.Ignored)
			}
			for _, l := range got.Lines {
				if l.End < l.Start || l.ID <= 0 || l.Start <= 0 {
					t.Errorf("%s: %+v", p, l)
				}
			}
		}
	})
}

func FuzzMessages(f *testing.F) {
	f.Add([]byte(`{"zen":"a","hook_id":1}`))
	f.Add([]byte("[{\"action\":\"created\",\"release\":{\"id\":1,\"created_at\":\"2027-01-01\"},\"repository\":{\"full_name\":\"a/b\"}}"))
	feedtest.FuzzBulk(f, Messages)
}

func FuzzTable(f *testing.F) {
	f.Add([]byte("event,id,repository,start\nbuild,1,a/b,2027-01-01\n"))
	feedtest.FuzzBulk(f, Table)
}

func FuzzDevLake(f *testing.F) {
	f.Add([]byte("PK\x05\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	feedtest.FuzzBulk(f, DevLake)
}

package main

import (
	"archive/zip"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"binnacle/journal/journaltest/pgtest"
)

// TestOutward runs decision records, radar drift and messages of code providers through the program as it is delivered, with files of others, on both back ends.
func TestOutward(t *testing.T) {
	samples, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(samples); err != nil {
		t.Skip("the samples are not there: ", err)
	}
	for _, backEnd := range []string{"SQLite", "PostgreSQL"} {
		t.Run(backEnd, func(t *testing.T) {
			database := ""
			if backEnd == "PostgreSQL" {
				database = pgtest.Database(t)
			}
			testscript.Run(t, testscript.Params{Files: []string{"testdata/outward.txtar"}, RequireExplicitExec: true,
				Setup: func(env *testscript.Env) error {
					listener, err := net.Listen("tcp", "127.0.0.1:0")
					if err != nil {
						return err
					}
					defer listener.Close()
					env.Setenv("LISTEN", listener.Addr().String())
					env.Setenv("USER", "ada")
					env.Setenv("HOME", env.WorkDir)
					env.Setenv("SAMPLES", samples)
					if env.Setenv("BINNACLE_DATABASE", database); database == "" {
						env.Setenv("BINNACLE_DATA", filepath.Join(env.WorkDir, "data"))
					}
					return nil
				},
				Cmds: map[string]func(*testscript.TestScript, bool, []string){"decisions": heldDecisions, "same": sameFiles, "claims": openClaims, "proved": proved,
					"listens": listens, "forge": forge, "post": post, "told": told},
			})
		})
	}
}

// records returns the decision records of a folder by their names. Lists of records and licences are none.
func records(ts *testscript.TestScript, folder string) map[string][]byte {
	out := map[string][]byte{}
	names, err := filepath.Glob(filepath.Join(ts.MkAbs(folder), "*.md"))
	ts.Check(err)
	for _, name := range names {
		if filepath.Base(name) == "index.md" {
			continue
		}
		raw, err := os.ReadFile(name)
		ts.Check(err)
		out[filepath.Base(name)] = raw
	}
	if len(out) == 0 {
		ts.Fatalf("%s has no files", folder)
	}
	return out
}

var (
	frontStatus   = regexp.MustCompile(`(?m)\A---\n(?:[^-].*\n|\n)*?status: *"?([^"\n]*)"?\n(?:.*\n)*?---\n`)
	headingStatus = regexp.MustCompile(`(?ms)^## Status\s*?\n(.*?)(?:^## |\z)`)
)

// statusIn returns the words of a decision record about its status, read in the plainest way.
func statusIn(text string) string {
	if m := frontStatus.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	if m := headingStatus.FindStringSubmatch(text); m != nil {
		return strings.TrimSpace(m[1])
	}
	return ""
}

// states are what the first word of a status means that is not an emoji.
var states = map[string]string{"": "", "accepted": "accepted", "approved": "accepted", "partly": "accepted", "pending": "proposed", "proposed": "proposed", "on": "proposed", "superseded": "superseded"}

// heldDecisions makes sure that every decision record of a folder is there with its text and its status: decisions FILE SOURCE FOLDER.
func heldDecisions(ts *testscript.TestScript, neg bool, args []string) {
	var all []struct {
		Path, Origin, Text, State string
		Status                    string `json:"status_text"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &all))
	files := records(ts, args[2])
	seen := 0
	for _, r := range all {
		if r.Origin != args[1] {
			continue
		}
		seen++
		text, there := files[r.Path]
		if !there || r.Text != string(text) {
			ts.Fatalf("the text of %s is not that of its file:\n%s", r.Path, r.Text)
		}
		status := statusIn(string(text))
		if strings.Join(strings.Fields(r.Status), " ") != strings.Join(strings.Fields(status), " ") {
			ts.Fatalf("the status of %s is %q and not %q", r.Path, r.Status, status)
		}
		words := append(strings.Fields(strings.TrimLeft(status, "✅🚧 ")), "")
		want, known := states[strings.ToLower(words[0])]
		if strings.Contains(string(text), "\n# {") {
			want = "draft" // A template is no decision yet.
		}
		if !known || r.State != want {
			ts.Fatalf("the state of %s is %q, and its file says %q", r.Path, r.State, status)
		}
	}
	if seen != len(files) || neg {
		ts.Fatalf("there are %d records of %d files", seen, len(files))
	}
}

// sameFiles makes sure that an archive has the decision records of a folder, byte for byte, and nothing else: same ARCHIVE FOLDER.
func sameFiles(ts *testscript.TestScript, neg bool, args []string) {
	archive, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer archive.Close()
	files := records(ts, args[1])
	other := ""
	for _, f := range archive.File {
		in, err := f.Open()
		ts.Check(err)
		content, err := io.ReadAll(in)
		ts.Check(err)
		if want, there := files[f.Name]; !there || !bytes.Equal(content, want) {
			other = f.Name
		}
		delete(files, f.Name)
	}
	if same := other == "" && len(files) == 0; same == neg {
		ts.Fatalf("the same: %v; %s differs, and %d files are missing", same, other, len(files))
	}
}

// place names a record in an answer.
type place struct{ Kind, Key, Name string }

// drifted is what radar.drift answers.
type drifted struct {
	Blips struct {
		Rows []struct {
			Blip             place
			Users, Proofs    int
			Components, From []place
		}
	}
	Others struct {
		Rows []struct {
			Name             string
			Users            int
			Components, From []place
		}
	}
}

func driftIn(ts *testscript.TestScript, file string) drifted {
	var out drifted
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &out))
	return out
}

// openClaims makes sure that whatever is said to be used names who uses it and what proves it, and that each component is there and is of the package that is named: claims DRIFT COMPONENTS.
func openClaims(ts *testscript.TestScript, neg bool, args []string) {
	var components []struct {
		Key string
		URL string `json:"package_url"`
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &components))
	urls := map[string]string{}
	for _, c := range components {
		urls[c.Key] = c.URL
	}
	opened := 0
	open := func(claim, packageName string, users int, from, proofs []place) {
		if users > 0 && (len(from) == 0 || len(proofs) == 0) {
			ts.Fatalf("%s has %d users, and nothing proves it", claim, users)
		}
		for _, p := range proofs {
			url, there := urls[p.Key]
			if p.Kind == "Component" && (!there || !strings.HasPrefix(url, packageName)) {
				ts.Fatalf("%s is proved by %s, which is %q", claim, p.Key, url)
			}
			opened++
		}
	}
	drift := driftIn(ts, args[0])
	for _, row := range drift.Blips.Rows {
		open(row.Blip.Name, "pkg:", row.Users, row.From, row.Components)
		if row.Proofs < len(row.Components) || row.Users < len(row.From) {
			ts.Fatalf("%s counts %d proofs and names %d", row.Blip.Name, row.Proofs, len(row.Components))
		}
	}
	for _, row := range drift.Others.Rows {
		name := ""
		if strings.HasPrefix(row.Name, "pkg:") {
			name = row.Name
		}
		open(row.Name, name, row.Users, row.From, row.Components)
	}
	if opened == 0 || neg {
		ts.Fatalf("no component was opened")
	}
}

// proved makes sure that a blip is used by an application, and that a component of it proves that: proved DRIFT BLIP APPLICATION COMPONENT.
func proved(ts *testscript.TestScript, neg bool, args []string) {
	found := false
	for _, row := range driftIn(ts, args[0]).Blips.Rows {
		user, proof := false, false
		for _, p := range row.From {
			user = user || p.Key == args[2]
		}
		for _, p := range row.Components {
			proof = proof || p.Kind == "Component" && p.Key == args[3]
		}
		found = found || row.Blip.Name == args[1] && user && proof
	}
	if found == neg {
		ts.Fatalf("that %s is used by %s because of %s: %v", args[1], args[2], args[3], found)
	}
}

// listens waits until the server answers.
func listens(ts *testscript.TestScript, _ bool, _ []string) {
	for began := time.Now(); time.Since(began) < 40*time.Second; time.Sleep(50 * time.Millisecond) {
		if conn, err := net.Dial("tcp", ts.Getenv("LISTEN")); err == nil {
			conn.Close()
			return
		}
	}
	ts.Fatalf("the server does not listen at %s", ts.Getenv("LISTEN"))
}

// message sends a message to a receiver, and returns the status and the answer.
func message(ts *testscript.TestScript, receiver string, body []byte, header http.Header) (int, string) {
	request, err := http.NewRequest(http.MethodPost, "http://"+ts.Getenv("LISTEN")+"/hooks/"+receiver, bytes.NewReader(body))
	ts.Check(err)
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	ts.Check(err)
	return response.StatusCode, string(answer)
}

// signature returns the headers by which a provider says what a message is and that it may send it.
func signature(provider, event, secret string, body []byte) http.Header {
	out := http.Header{}
	if provider == "gitlab" {
		out.Set("X-Gitlab-Token", secret)
		return out
	}
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write(body)
	out.Set("X-GitHub-Event", event)
	out.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	return out
}

// forge makes sure that a receiver refuses what is not signed, what is signed with another secret, and what was changed after signing: forge PROVIDER RECEIVER.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	body := []byte(`{"object_kind":"push","ref":"refs/heads/main"}`)
	for name, header := range map[string]http.Header{"nothing": {}, "another secret": signature(args[0], "push", "another secret that is long enough", body), "another body": signature(args[0], "push", "", []byte("{}"))} {
		if status, answer := message(ts, args[1], body, header); status != http.StatusUnauthorized || strings.Contains(answer, args[1]) {
			ts.Fatalf("a message with %s is answered with %d: %s", name, status, answer)
		}
	}
}

// post sends every sample of a provider, signed as it should be. Each is kept, or ignored with a reason, and known when it comes again: post PROVIDER RECEIVER SECRET FOLDER.
func post(ts *testscript.TestScript, _ bool, args []string) {
	secret := strings.TrimSpace(ts.ReadFile(args[2]))
	kept, ignored := 0, 0
	ts.Check(filepath.WalkDir(args[3], func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		send := func() (out struct{ Status, Reason string }, err error) {
			header := signature(args[0], filepath.Base(filepath.Dir(path)), secret, body)
			header.Set("X-GitHub-Delivery", fmt.Sprintf("%x", sha256.Sum256([]byte(path))))
			status, answer := message(ts, args[1], body, header)
			if status != http.StatusAccepted && status != http.StatusOK {
				return out, fmt.Errorf("%s is answered with %d: %s", path, status, answer)
			}
			return out, json.Unmarshal([]byte(answer), &out)
		}
		first, err := send()
		if err != nil {
			return err
		}
		switch {
		case first.Status == "kept":
			kept++
			if again, err := send(); err != nil || again.Status != "already taken" {
				return fmt.Errorf("%s comes again and is %s: %v", path, again.Status, err)
			}
		case first.Status == "ignored" && first.Reason != "":
			ignored++
		default:
			return fmt.Errorf("%s is %s: %q", path, first.Status, first.Reason)
		}
		return nil
	}))
	if kept == 0 || ignored == 0 {
		ts.Fatalf("%d messages are kept and %d ignored", kept, ignored)
	}
}

// told makes sure that a repository has events of several sorts, and that nobody has said yet what is built from it: told REPOSITORIES NAME.
func told(ts *testscript.TestScript, _ bool, args []string) {
	var answer struct {
		Rows struct {
			Rows []struct {
				Repository, State                             string
				Events, Commits, Changes, Builds, Deployments int
			}
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &answer))
	for _, row := range answer.Rows.Rows {
		if strings.EqualFold(row.Repository, args[1]) {
			if row.Commits == 0 || row.Changes == 0 || row.Deployments == 0 || row.Events < row.Commits+row.Changes+row.Deployments || row.State != "not mapped" {
				ts.Fatalf("of %s this is told: %+v", args[1], row)
			}
			return
		}
	}
	ts.Fatalf("nothing is told of %s", args[1])
}

package practicetest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

var update = flag.Bool("update", false, "write the answers that scripts get into the scripts")

// Updating reports whether the tests are to write what they get over what they want.
func Updating() bool { return *update }

// Run runs every script of a folder. A script is a text with sections that
// start with a line such as "-- estate.yaml --": the records, then the bulk lines of a series in
// sections "cost.csv", "usage.csv" and "delivery.csv" where there are any (see [Lines]), then "ask" and
// "want" as often as needed. An ask is the full name of a question and its
// parameters, each on a line of its own; at is the date of the view. Another estate.yaml
// begins anew, without lines. With the
// flag -update the answers are written into the scripts: read them before you keep them.
func Run(t *testing.T, folder string, practices ...*practice.Practice) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runScript(t, file, practices) })
	}
}

func runScript(t *testing.T, file string, practices []*practice.Practice) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sections := split(string(text))
	var snap *estate.Snapshot
	var reader facts.Reader
	var records string
	var bulk []Lines
	ask := ""
	for i := range sections {
		s := &sections[i]
		switch s.name {
		case "":
		case "estate.yaml":
			records, bulk = s.text, nil
			if snap, reader, err = World(records); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		case "cost.csv", "usage.csv", "delivery.csv":
			bulk = append(bulk, Lines{Series: strings.TrimSuffix(s.name, ".csv"), CSV: s.text})
			if snap, reader, err = World(records, bulk...); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		case "ask":
			ask = s.text
		case "want":
			if snap == nil || ask == "" {
				t.Fatalf("%s: an answer is wanted before there is an estate and a question", file)
			}
			got := answer(snap, reader, practices, ask)
			if *update {
				s.text = got
			} else if diff := cmp.Diff(lines(s.text), lines(got)); diff != "" {
				t.Errorf("%s: %s\nthe answer differs (-want +got):\n%s", file, strings.TrimSpace(ask), diff)
			}
			ask = ""
		default:
			t.Fatalf("%s: there is no section %q: write estate.yaml, cost.csv, usage.csv, delivery.csv, ask or want", file, s.name)
		}
	}
	if ask != "" {
		t.Errorf("%s: the last question wants no answer", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(join(sections)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func lines(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") }

type section struct{ name, text string }

func split(text string) []section {
	out := []section{{}}
	for line := range strings.Lines(text) {
		bare := strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(bare, "-- "); ok && strings.HasSuffix(name, " --") {
			out = append(out, section{name: strings.TrimSuffix(name, " --")})
			continue
		}
		out[len(out)-1].text += line
	}
	return out
}

func join(sections []section) string {
	var out strings.Builder
	for _, s := range sections {
		if s.name != "" {
			out.WriteString("-- " + s.name + " --\n")
		}
		out.WriteString(s.text)
	}
	return out.String()
}

// Answer asks a question of a snapshot and writes the answer as text. The ask
// has the form that Run describes.
func Answer(snap *estate.Snapshot, practices []*practice.Practice, ask string) string {
	return answer(snap, nil, practices, ask)
}

// answer asks a question of a snapshot with bulk lines beside it.
func answer(snap *estate.Snapshot, reader facts.Reader, practices []*practice.Practice, ask string) string {
	parameters := map[string]any{}
	name, at := "", model.Date(0)
	var now model.Time
	for line := range strings.Lines(ask) {
		line = strings.TrimSpace(line)
		key, value, isParameter := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch {
		case line == "":
		case !isParameter:
			name = line
		case key == "at":
			day, err := model.ParseDate(value)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			at = day
		case key == "now":
			moment, err := model.ParseTime(value)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			at, now = moment.Date(), moment
		default:
			parameters[key] = value
		}
	}
	if at.IsZero() {
		return "error: the question needs a date: at: 2027-06-30\n"
	}
	asked, err := practice.Find(practices, name)
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	v := snap.View(at).With(practice.Beside{Reader: reader, Practices: practices, Now: now, Anybody: true})
	answer, err := asked.Ask(v, parameters)
	var problem model.Problem
	switch {
	case errors.As(err, &problem):
		return fmt.Sprintf("error: %s: %s\n", problem.Field, problem.Text)
	case err != nil:
		return "error: " + err.Error() + "\n"
	}
	return Render(v, asked.Parts(answer), answer)
}

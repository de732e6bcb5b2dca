package door_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
)

// TestQuestionnaireGoesOutAndComesBack sends a questionnaire in both formats, fills it in and takes it back.
func TestQuestionnaireGoesOutAndComesBack(t *testing.T) {
	w := doortest.Open(t)
	vendor, q := &model.Vendor{}, &model.Questionnaire{PassMark: 50, Questions: []model.AskedQuestion{
		{ID: "1", Text: "Do you encrypt; really, \"always\"?", Good: "yes", Mandatory: true, Section: "Basics"}, {ID: "2.1", Text: "=1+1"}, {ID: "3", Text: "Where?"}}}
	vendor.Key, q.Key = "acme", "basics"
	w.Put(vendor, q)
	a := &model.Assessment{Vendor: vendor.Ref(), Questionnaire: q.Ref(), State: "sent", Answers: []model.GivenAnswer{{ID: "3", Answer: "=here"}}}
	a.Key = "acme-basics"
	w.Put(a)
	p := w.As("lou", "", "vendor-manager")
	for _, name := range []string{"csv", "xlsx"} {
		f, err := door.FormatNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := door.WriteQuestionnaire(&out, w.Store.View(), a, f); err != nil {
			t.Fatal(err)
		}
		if name == "csv" && (strings.Contains(out.String(), ",=1+1") || !strings.Contains(out.String(), `"Do you encrypt; really, ""always""?"`)) {
			t.Errorf("the file is %s", &out)
		}
		got, err := door.ReadAnswers(out.Bytes())
		if diff := cmp.Diff([]string{"3: =here"}, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	if _, _, err := w.TakeAnswers(t.Context(), p, door.Moment{}, a.Key, []byte("Question;ID;Answer\nx;1;Yes\n;2.1;two\n;3;\n"), false); err != nil {
		t.Fatal(err)
	}
	after := w.Store.View().Find("Assessment", a.Key).(*model.Assessment)
	want := []model.GivenAnswer{{ID: "3", Answer: "=here"}, {ID: "1", Answer: "Yes"}, {ID: "2.1", Answer: "two"}}
	if diff := cmp.Diff(want, after.Answers); diff != "" || after.State != "answered" {
		t.Errorf("%s (-want +got):\n%s", after.State, diff)
	}
	if _, _, err := w.TakeAnswers(t.Context(), w.As("emp", "", "employee"), door.Moment{}, a.Key, []byte("ID,Answer\n1,No\n"), false); err == nil {
		t.Error("who may not see the assessment wrote answers")
	}
}

// TestAnswersThatCannotBeRead says where a file is wrong.
func TestAnswersThatCannotBeRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "no row has the heads",
		"a,b\n1,2\n":                        "no row has the heads",
		"ID,Answer\n1,\n":                   "no answer in the file",
		"ID,Answer\n,yes\n":                 "row 2 has an answer and no ID",
		"ID,Answer\n1,yes\n\n1,no\n":        "row 4 answers 1 again, after row 2",
		"ID,Answer\n1: 2,yes\n":             "row 2",
		"ID,Answer\n1,\"yes\n":              "not CSV",
		"ID,Answer\n1,y\xff\n":              "not UTF-8",
		"PK\x03\x04 nonsense":               "not a workbook",
		"note\n\nID\tAnswer\n1\tyes, we do": "",
	} {
		_, err := door.ReadAnswers([]byte(text))
		if want == "" && err == nil {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzReadAnswers(f *testing.F) {
	for _, text := range []string{"ID,Answer\n1,yes\n", "\xef\xbb\xbfid;answer\r\n\"1\";\"a\"\"b\"\r\n", "PK\x03\x04"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		answers, err := door.ReadAnswers(data)
		if err == nil && len(answers) == 0 {
			t.Error("no answers and no error")
		}
		for _, a := range answers {
			if id, text, ok := strings.Cut(a, ": "); !ok || id == "" || text == "" {
				t.Errorf("%q is no answer", a)
			}
		}
	})
}

package records_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"

	"binnacle/door"
	"binnacle/model"
)

// TestQuestionnairePage sends a questionnaire out and takes the filled file back.
func TestQuestionnairePage(t *testing.T) {
	h := open(t)
	vendor, q := &model.Vendor{}, &model.Questionnaire{Questions: []model.AskedQuestion{{ID: "1", Text: "Do you encrypt?", Good: "yes"}}}
	vendor.Key, q.Key = "acme", "basics"
	h.Put(vendor, q)
	a := &model.Assessment{Vendor: vendor.Ref(), Questionnaire: q.Ref(), State: "sent"}
	a.Key = "acme-basics"
	h.Put(a)
	h.be("lou", "", "vendor-manager")
	h.be("fay", "", "auditor")
	h.be("emp", "", "employee")
	send := func(who, content string) int {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		part, err := m.CreateFormFile("file", "answers.csv")
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(part, content)
		m.Close()
		r := httptest.NewRequest("POST", "/assessments/acme-basics/answers", &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return h.do(who, r).StatusCode
	}
	if status, body := h.get("lou", "/records/Assessment/acme-basics"); status != 200 || !strings.Contains(body, "/assessments/acme-basics/questionnaire") {
		t.Errorf("the page of the assessment is %d and has no tab to the questionnaire", status)
	}
	if status, body := h.get("lou", "/assessments/acme-basics/questionnaire"); status != 200 || !strings.Contains(body, "Nothing is answered yet") {
		t.Errorf("the page is %d %s", status, body)
	}
	if status, body := h.get("fay", "/assessments/acme-basics/questionnaire"); status != 200 || strings.Contains(body, "Take the answers</button>") {
		t.Errorf("who only reads is offered the form: %d", status)
	}
	for ending, kind := range map[string]string{"csv": "text/csv", "xlsx": "spreadsheet"} {
		res := h.do("lou", httptest.NewRequest("GET", "/assessments/acme-basics/questionnaire."+ending, nil))
		if res.StatusCode != 200 || !strings.Contains(res.Header.Get("Content-Type"), kind) || !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: %d %v", ending, res.StatusCode, res.Header)
		}
		data, _ := io.ReadAll(res.Body)
		if _, err := door.ReadAnswers(data); err == nil || !strings.Contains(err.Error(), "no answer in the file") {
			t.Errorf("%s cannot be read back: %v", ending, err)
		}
	}
	for _, c := range []struct {
		who, content string
		status       int
	}{{"lou", "nonsense", 400}, {"lou", "ID,Answer\n7,yes\n", 400}, {"fay", "ID,Answer\n1,yes\n", 400}, {"emp", "ID,Answer\n1,yes\n", 404}, {"lou", "ID,Answer\n1,yes\n", 303}} {
		if got := send(c.who, c.content); got != c.status {
			t.Errorf("%s sends %q: %d, want %d", c.who, c.content, got, c.status)
		}
	}
	after := h.Store.View().Find("Assessment", "acme-basics").(*model.Assessment)
	if len(after.Answers) != 1 || after.Answers[0].Answer != "yes" || after.State != "answered" {
		t.Errorf("the assessment is %+v", after)
	}
}

package records

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// largestAnswers is how long the upload of a filled questionnaire may be.
const largestAnswers = 8<<20 + 1<<16

// questionnairePage is where the questionnaire of an assessment goes out and comes back.
type questionnairePage struct {
	Tabs []choice
	// XLSX and CSV are the addresses of the file to send.
	XLSX, CSV string
	// Questions is how many questions there are, and Answers how many have an answer.
	Questions, Answers int
	// Take is where the filled file goes. It is empty where the visitor may not write.
	Take string
}

func questionnairePath(v *frame.Visit, key, ending string) string {
	return v.Path("/assessments/" + url.PathEscape(key) + ending)
}

// assessed returns the assessment that the address names and its questionnaire.
func assessed(v *frame.Visit) (*desk, *model.Assessment, *model.Questionnaire, error) {
	v.R.SetPathValue("kind", "Assessment")
	d, err := sit(v)
	if err != nil {
		return nil, nil, nil, err
	}
	a, ok := d.rec.(*model.Assessment)
	if !ok {
		return nil, nil, nil, &door.NotFound{What: "assessment"}
	}
	q, ok := d.view.Get(a.Questionnaire).(*model.Questionnaire)
	if !ok {
		return nil, nil, nil, &door.NotFound{What: "questionnaire of " + a.Key}
	}
	return d, a, q, nil
}

// questionnaire shows the page with the file to send and the form for the filled one.
func questionnaire(v *frame.Visit) error {
	d, a, q, err := assessed(v)
	if err != nil {
		return err
	}
	b := &questionnairePage{Tabs: d.tabs("questionnaire"), XLSX: questionnairePath(v, a.Key, "/questionnaire.xlsx"), CSV: questionnairePath(v, a.Key, "/questionnaire.csv"), Questions: len(q.Questions)}
	for _, given := range a.Answers {
		if given.Answer != "" {
			b.Answers++
		}
	}
	if d.mayWrite() {
		b.Take = questionnairePath(v, a.Key, "/answers")
	}
	link := practice.To(a)
	crumbs := []frame.Crumb{{Label: "Assessments", Path: v.Path("/records/Assessment")}, {Label: a.Title(), Path: v.Record(link)}}
	return v.Render(templates, "questionnaire", frame.Page{Title: "Questionnaire of " + a.Title(), Lead: "Send the questions to the vendor, and take the answers back.", Section: "records", Body: b, Crumbs: crumbs, Styles: styles, Scripts: scripts})
}

// sendQuestionnaire hands out the file for the vendor in a format.
func sendQuestionnaire(format string) func(*frame.Visit) error {
	return func(v *frame.Visit) error {
		d, a, _, err := assessed(v)
		if err != nil {
			return err
		}
		f, err := door.FormatNamed(format)
		if err != nil {
			return err
		}
		h := v.W.Header()
		h.Set("Content-Type", f.MediaType)
		h.Set("Content-Security-Policy", frame.FilePolicy)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": door.SafeFileName(a.Key + "." + f.Name)}))
		return door.WriteQuestionnaire(v.W, d.view, a, f)
	}
}

// takeAnswers takes the file that the vendor has filled in.
func takeAnswers(v *frame.Visit) error {
	d, a, _, err := assessed(v)
	if err != nil {
		return err
	}
	if !d.mayWrite() {
		return frame.Bad("you may not write answers here")
	}
	in, _, err := v.R.FormFile("file")
	if err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return err
		}
		return frame.Bad("choose a file first")
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, largestAnswers))
	if err != nil {
		return err
	}
	r, _, err := d.House.TakeAnswers(d.Ctx(), d.Who, d.Moment, a.Key, data, false)
	if problem := (model.Problem{}); errors.As(err, &problem) {
		return frame.Bad("%s", problem.Text)
	}
	if errors.Is(err, door.ErrNothing) {
		return frame.Bad("the file has the answers that are there already")
	}
	if err != nil {
		return err
	}
	return v.Done(v.Record(practice.To(a)), "Took the answers of "+a.Title()+".", r)
}

package questions

import (
	"net/url"
	"strings"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// indexPage is the list of all questions.
type indexPage struct {
	Query, Type, Face string
	Faces             []tab
	Types             []tab
	Practices         []practiceView
	Count             int
}

// tab is one choice among several.
type tab struct {
	Label, Path string
	Current     bool
}

// practiceView is a practice with those of its questions that are shown.
type practiceView struct {
	Name, Label, Help string
	Face              model.Face
	Questions         []questionView
}

// questionView is a question in the list.
type questionView struct {
	Name, Label, Type, Help, Path string
	Answers                       []string
}

func (p *pages) index(v *frame.Visit) error {
	b := indexPage{Query: v.Form("q"), Type: v.Form("type"), Face: v.Form("face")}
	address := func(name, value string) string {
		pairs := []string{"q", b.Query, "type", b.Type, "face", b.Face, name, value}
		return v.Path("/questions", pairs...)
	}
	for _, f := range []tab{{"All", "", false}, {"Inward", "inward", false}, {"Outward", "outward", false}} {
		b.Faces = append(b.Faces, tab{f.Label, address("face", f.Path), b.Face == f.Path})
	}
	for _, t := range []tab{{"Everything", "", false}, {"Questions", "question", false}, {"Actions", "action", false}, {"Checks", "check", false}} {
		b.Types = append(b.Types, tab{t.Label, address("type", t.Path), b.Type == t.Path})
	}
	for _, pr := range v.House.Practices {
		if b.Face != "" && pr.Face != "both" && string(pr.Face) != b.Face {
			continue
		}
		view := practiceView{Name: pr.Name, Label: pr.Label, Help: firstSentence(withoutName(strings.TrimPrefix(pr.Help(), "Package "))), Face: pr.Face}
		for i := range pr.Questions {
			a := practice.Asked{Practice: pr, Question: &pr.Questions[i]}
			if q := viewOf(v, a); (b.Type == "" || q.Type == b.Type) && matches(a, b.Query) {
				view.Questions = append(view.Questions, q)
			}
		}
		if len(view.Questions) > 0 {
			b.Practices = append(b.Practices, view)
			b.Count += len(view.Questions)
		}
	}
	return v.Render(templates, "questions", page(frame.Page{Title: "Questions", Lead: "What can be asked of the estate, done to it and checked about it.", Body: b}))
}

func viewOf(v *frame.Visit, a practice.Asked) questionView {
	q := questionView{Name: a.Name(), Label: parts.ActionLabel(a.Name()), Type: string(a.Question.Type), Help: firstSentence(withoutName(a.Help())), Path: v.Path("/questions/" + url.PathEscape(a.Name()))}
	if a.Question.Type == practice.Asking {
		for _, p := range a.Shape() {
			q.Answers = append(q.Answers, p.Label)
		}
	}
	return q
}

// matches reports whether every word of a search is in what is written about a question.
func matches(a practice.Asked, query string) bool {
	text := strings.ToLower(a.Name() + " " + parts.ActionLabel(a.Name()) + " " + a.Practice.Label + " " + a.Help())
	for _, p := range a.Parameters() {
		text += " " + strings.ToLower(p.Label)
	}
	for word := range strings.FieldsSeq(strings.ToLower(query)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// firstSentence returns the first sentence of a text, on one line.
func firstSentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

// withoutName takes away the name that Go help begins with: below that name the sentence goes on without it.
func withoutName(help string) string {
	_, rest, ok := strings.Cut(strings.TrimSpace(help), " ")
	if !ok {
		return help
	}
	return upperFirst(rest)
}

// upperFirst begins a text with a capital letter.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

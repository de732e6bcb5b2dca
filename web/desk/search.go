package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

const (
	// perPage is how many results or entries a page shows.
	perPage = 50
	// maxQuery is how much of what somebody searches for is looked at.
	maxQuery = 200
)

// searchPage is what the page of a search shows.
type searchPage struct {
	Query, Kind string
	Kinds       []kindCount
	Questions   []questionHit
	Hits        []hit
	Total       int
	From, To    int
	Next, Prev  string
}

// kindCount is how many results there are of one kind.
type kindCount struct {
	Kind, Label, Path string
	Count             int
	Current           bool
}

// hit is a record that was found.
type hit struct {
	Link  practice.Link
	Kind  string
	Title []piece
	Key   []piece
	Field string
	Text  []piece
}

// piece is a part of a text. Found says that it is one of the words that were looked for.
type piece struct {
	Text  string
	Found bool
}

// questionHit is a question that was found.
type questionHit struct {
	Label, Name, Type, Path string
	Help                    []piece
}

func search(v *frame.Visit) error {
	b := &searchPage{Query: frame.Short(v.Form("q"), maxQuery), Kind: v.Form("kind")}
	p := frame.Page{Title: "Search", Body: b}
	if b.Query == "" {
		return v.Render(templates, "search", p)
	}
	p.Title = "Search: " + b.Query
	view, err := v.View()
	if err != nil {
		return err
	}
	found := view.Search(b.Query, 0)
	words := wordsOf(b.Query)
	b.count(v, view, found)
	if b.Kind == "" {
		for _, a := range practice.List(v.House.Practices) {
			if matches(a.Name()+" "+a.Help(), words) {
				b.Questions = append(b.Questions, questionHit{parts.ActionLabel(a.Name()), a.Name(), string(a.Question.Type), v.Path("/questions/" + a.Name()), mark(firstSentence(a.Help()), words)})
			}
		}
		b.Questions = b.Questions[:min(len(b.Questions), 6)]
	} else {
		found = slices.DeleteFunc(found, func(h estate.Hit) bool { return model.NameOf(h.Record) != b.Kind })
	}
	b.cut(v, len(found))
	for _, h := range found[min(b.From, len(found)):b.To] {
		b.Hits = append(b.Hits, show(view, h, words))
	}
	return v.Render(templates, "search", p)
}

// cut finds out which results are on the page that was asked for.
func (b *searchPage) cut(v *frame.Visit, n int) {
	number, _ := strconv.Atoi(v.Form("page"))
	number = max(number, 1)
	b.Total = n
	b.From = min((min(number, n)-1)*perPage, n)
	b.From = max(b.From, 0)
	b.To = min(b.From+perPage, n)
	to := func(number int) string {
		return v.Path("/search", "q", b.Query, "kind", b.Kind, "page", strconv.Itoa(number))
	}
	if b.To < n {
		b.Next = to(number + 1)
	}
	if b.From > 0 {
		b.Prev = to(number - 1)
	}
}

// count counts the results by kind, the most first.
func (b *searchPage) count(v *frame.Visit, view estate.View, found []estate.Hit) {
	counts := map[string]int{}
	for _, h := range found {
		counts[model.NameOf(h.Record)]++
	}
	for name, n := range counts {
		label := name
		if k := view.Schema().Kind(name); k != nil {
			label = k.Plural
		}
		b.Kinds = append(b.Kinds, kindCount{name, label, v.Path("/search", "q", b.Query, "kind", name), n, name == b.Kind})
	}
	slices.SortFunc(b.Kinds, func(x, y kindCount) int { return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Label, y.Label)) })
	b.Kinds = append([]kindCount{{"", "Everything", v.Path("/search", "q", b.Query), len(found), b.Kind == ""}}, b.Kinds...)
}

// show returns a result with its words marked.
func show(view estate.View, h estate.Hit, words []string) hit {
	m := h.Record.Base()
	k := view.Schema().Of(h.Record)
	out := hit{Link: practice.To(h.Record), Kind: k.Label, Title: mark(m.Title(), words), Key: mark(m.Key, words)}
	if h.Field != nil && h.Field.Name != "name" && h.Field.Name != "key" {
		out.Field, out.Text = h.Field.Label, mark(around(h.Field.Text(h.Record, view), words), words)
	}
	if m.Description != "" && (h.Field == nil || h.Field.Name == "name" || h.Field.Name == "key") {
		out.Field, out.Text = "", mark(frame.Short(m.Description, 180), words)
	}
	return out
}

// wordsOf returns the words that are looked for, in lower case.
func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// matches reports whether every word begins a word of a text.
func matches(text string, words []string) bool {
	have := wordsOf(text)
	for _, w := range words {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// around returns the part of a long text where the first word is.
func around(text string, words []string) string {
	const before, length = 60, 200
	runes := []rune(text)
	if len(runes) <= length {
		return text
	}
	at := len(runes)
	for _, p := range mark(text, words) {
		if p.Found {
			break
		}
		at -= len([]rune(p.Text))
	}
	start := max(len(runes)-at-before, 0)
	if start >= len(runes) {
		start = 0
	}
	out := frame.Short(string(runes[start:]), length)
	if start > 0 {
		out = "…" + out
	}
	return out
}

// mark cuts a text where words begin that were looked for.
func mark(text string, words []string) []piece {
	var out []piece
	add := func(s string, found bool) {
		if s == "" {
			return
		}
		if n := len(out); n > 0 && out[n-1].Found == found {
			out[n-1].Text += s
			return
		}
		out = append(out, piece{s, found})
	}
	runes := []rune(text)
	inside := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for i := 0; i < len(runes); {
		end := i + 1
		for inside(runes[i]) && end < len(runes) && inside(runes[end]) {
			end++
		}
		word := strings.ToLower(string(runes[i:end]))
		n := 0
		for _, w := range words {
			if strings.HasPrefix(word, w) {
				n = max(n, len([]rune(w)))
			}
		}
		n = min(n, end-i)
		add(string(runes[i:i+n]), true)
		add(string(runes[i+n:end]), false)
		i = end
	}
	return out
}

// firstSentence returns the first sentence of a help text.
func firstSentence(text string) string {
	first, _, _ := strings.Cut(text, "\n\n")
	first = strings.Join(strings.Fields(first), " ")
	if i := strings.Index(first, ". "); i >= 0 {
		first = first[:i+1]
	}
	return first
}

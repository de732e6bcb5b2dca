package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strings"

	"binnacle/api/client"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// far prints records of the server.
func (c *getCmd) far(ctx context.Context, s *session) error {
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	name := c.Kind
	if c.Key != "" {
		name += "/" + c.Key
	}
	if strings.Contains(name, "/") {
		return c.farOne(ctx, s, r, name)
	}
	k, err := kindOf(r.schema, c.Kind)
	if err != nil {
		return err
	}
	q, err := c.query(r, k)
	if err != nil {
		return err
	}
	page, err := r.page(ctx, k, q, c.Limit)
	if err != nil {
		return err
	}
	return c.print(s, r, k, page)
}

// query returns what the flags ask for, as the server wants it.
func (c *getCmd) query(r *remote, k *model.Kind) (url.Values, error) {
	if c.Limit < 0 {
		return nil, usage("--limit: %d is below 0", c.Limit)
	}
	q := r.moment()
	q["where"] = c.Where
	for _, text := range c.Where {
		if _, err := estate.ParseCondition(text); err != nil {
			return nil, usage("--where: %v", err)
		}
	}
	var sort []string
	for _, text := range c.Sort {
		name, down := strings.CutPrefix(strings.TrimSpace(text), "-")
		f, err := fieldOf(k, name)
		if err != nil {
			return nil, err
		}
		if down {
			name = "-" + f.Name
		} else {
			name = f.Name
		}
		sort = append(sort, name)
	}
	for name, value := range map[string]string{"sort": strings.Join(sort, ","), "after": c.After, "search": c.Search} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if c.After != "" && c.Search != "" {
		return nil, usage("--after does not work with --search: give a larger --limit")
	}
	return q, nil
}

// mostAtOnce is how many records are asked for at once.
const mostAtOnce = 1000

// page reads so many records of a list, or all for 0.
func (r *remote) page(ctx context.Context, k *model.Kind, q url.Values, most int) (estate.Page, error) {
	var out estate.Page
	q.Set("fields", "*")
	q.Set("total", "true")
	for {
		size := mostAtOnce
		if most > 0 {
			size = min(size, most-len(out.Records))
		}
		q.Set("limit", fmt.Sprint(size))
		got, err := r.List(ctx, k.Name, q)
		if err != nil {
			return out, r.explain(err)
		}
		for _, raw := range got.Records {
			_, rec, err := r.record(raw)
			if err != nil {
				return out, err
			}
			out.Records = append(out.Records, rec)
		}
		out.Next, out.Total = got.Next, got.Total
		if got.Next == "" || most > 0 && len(out.Records) >= most {
			return out, nil
		}
		q.Set("after", got.Next)
	}
}

// farOne prints one record of the server.
func (c *getCmd) farOne(ctx context.Context, s *session, r *remote, name string) error {
	k, key, err := splitName(r.schema, name)
	if err != nil {
		return err
	}
	q := r.moment()
	q.Set("fields", "*")
	var raw json.RawMessage
	if err := r.call(ctx, "GET", client.RecordPath(k.Name, key), q, nil, &raw); err != nil {
		return err
	}
	_, rec, err := r.record(raw)
	if err != nil {
		return err
	}
	return c.printOne(s, r, k, rec, func() (map[string]model.Stamp, []backLink, error) {
		path := client.RecordPath(k.Name, rec.Base().Key)
		list, err := r.history(ctx, path+"/history", 0)
		if err != nil {
			return nil, nil, err
		}
		set := map[string]model.Stamp{}
		for _, e := range slices.Backward(list) {
			for _, change := range e.Changes {
				for _, f := range change.Fields {
					set[f.Field] = model.Stamp{Seq: e.Entry, At: e.At}
				}
			}
		}
		back, err := r.linksTo(ctx, path)
		return set, back, err
	})
}

// linksTo lists the links that point to a record.
func (r *remote) linksTo(ctx context.Context, path string) ([]backLink, error) {
	var back []backLink
	for {
		var got struct {
			Links []struct{ Field, Called, Kind, Key string } `json:"links"`
			Total int                                         `json:"total"`
		}
		q := r.moment()
		q.Set("limit", fmt.Sprint(mostAtOnce))
		q.Set("skip", fmt.Sprint(len(back)))
		if err := r.call(ctx, "GET", path+"/in", q, nil, &got); err != nil {
			return nil, err
		}
		for _, l := range got.Links {
			back = append(back, backLink{cmp.Or(l.Called, l.Field+" of"), l.Kind + "/" + l.Key})
		}
		if len(got.Links) == 0 || len(back) >= got.Total {
			return back, nil
		}
	}
}

// far prints what the server found.
func (c *searchCmd) far(ctx context.Context, s *session) error {
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	q := r.moment()
	q.Set("q", strings.Join(c.Words, " "))
	q.Set("fields", "*")
	q.Set("limit", fmt.Sprint(mostAtOnce))
	if c.Limit > 0 {
		q.Set("limit", fmt.Sprint(min(c.Limit, mostAtOnce)))
	}
	if c.Kind != "" {
		k, err := kindOf(r.schema, c.Kind)
		if err != nil {
			return err
		}
		q.Set("kind", k.Name)
	}
	var got struct {
		Hits []struct {
			Record json.RawMessage `json:"record"`
			Field  string          `json:"field"`
			Text   string          `json:"text"`
		} `json:"hits"`
		More bool `json:"more"`
	}
	if err := r.call(ctx, "GET", "/search", q, nil, &got); err != nil {
		return err
	}
	var hits []hit
	for _, h := range got.Hits {
		_, rec, err := r.record(h.Record)
		if err != nil {
			return err
		}
		hits = append(hits, hit{rec, h.Field, h.Text})
	}
	return c.print(s, r, hits, got.More)
}

// asked is what the server answers to a question.
type asked struct {
	Answer json.RawMessage `json:"answer"`
	Parts  []farPart       `json:"parts"`
}

// farPart is a part of an answer as the server tells it.
type farPart struct {
	Name     string             `json:"name"`
	Label    string             `json:"label"`
	Help     string             `json:"help"`
	Figure   *practice.Figure   `json:"figure"`
	Series   *practice.Series   `json:"series"`
	Findings []practice.Finding `json:"findings"`
	Picture  *practice.Picture  `json:"picture"`
	File     *practice.File     `json:"file"`
	Text     string             `json:"text"`
	Grid     *struct {
		Columns []practice.Column `json:"columns"`
		Rows    [][]struct {
			Text  string          `json:"text"`
			Links []practice.Link `json:"links"`
			Value json.RawMessage `json:"value"`
		} `json:"rows"`
		Note string `json:"note"`
	} `json:"grid"`
}

// part makes of it what a question here would have answered.
func (p farPart) part() practice.Part {
	out := practice.Part{Name: p.Name, Label: p.Label, Help: p.Help, Figure: p.Figure, Series: p.Series, Findings: p.Findings, Picture: p.Picture, File: p.File, Text: p.Text}
	if p.Grid == nil {
		return out
	}
	out.Grid = &practice.Grid{Columns: p.Grid.Columns, Note: p.Grid.Note}
	for _, row := range p.Grid.Rows {
		cells := make([]practice.Cell, len(row))
		for i, c := range row {
			cells[i] = practice.Cell{Text: c.Text, Links: c.Links, Value: linkValue(c.Text, c.Value)}
		}
		out.Grid.Rows = append(out.Grid.Rows, cells)
	}
	return out
}

// linkValue makes links of a value that is a link or a list of links, and leaves
// others as they are: a path, whose text has arrows, is a list of links too.
func linkValue(text string, raw json.RawMessage) any {
	var one practice.Link
	if json.Unmarshal(raw, &one) == nil && !one.IsZero() {
		return one
	}
	var list []practice.Link
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 && !list[0].IsZero() && text != practice.Path(list).String() {
		return list
	}
	return raw
}

// ask asks the server a question.
func (r *remote) ask(ctx context.Context, s *session, a practice.Asked, pairs, positional []string) (asked, error) {
	values, err := s.values(a, pairs, positional)
	if err != nil {
		return asked{}, err
	}
	q := r.moment()
	q.Set("parts", "true")
	var out asked
	err = r.Call(ctx, "POST", "/questions/"+url.PathEscape(a.Name()), q, map[string]any{"parameters": values}, &out)
	return out, r.parameterError(a, err)
}

// parameterError names the flag that is wrong, as a question here would.
func (r *remote) parameterError(a practice.Asked, err error) error {
	if p, ok := err.(*client.Problem); ok && len(p.Errors) == 1 && strings.HasPrefix(p.Errors[0].Pointer, "/parameters/") {
		return usage("--%s: %s: run: binnacle help ask %s", flagName(p.Errors[0].Field), p.Errors[0].Text, a.Name())
	}
	return r.explain(err)
}

// answer returns what a question answers on the server, and its parts.
func (r *remote) answer(ctx context.Context, s *session, a practice.Asked, pairs, positional []string) (any, []practice.Part, error) {
	got, err := r.ask(ctx, s, a, pairs, positional)
	var parts []practice.Part
	for _, p := range got.Parts {
		parts = append(parts, p.part())
	}
	return got.Answer, parts, err
}

// verdict runs a check on the server.
func (r *remote) verdict(ctx context.Context, s *session, a practice.Asked, pairs, positional []string) (practice.Verdict, error) {
	var out practice.Verdict
	got, err := r.ask(ctx, s, a, pairs, positional)
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(got.Answer, &out)
}

// questions lists the questions of the server.
func (r *remote) questions(ctx context.Context) ([]door.QuestionInfo, error) {
	var out struct {
		Questions []door.QuestionInfo `json:"questions"`
	}
	err := r.call(ctx, "GET", "/questions", nil, nil, &out)
	return out.Questions, err
}

// far lists the kinds of the server, or the fields of one.
func (c *kindsCmd) far(ctx context.Context, s *session) error {
	if c.Kind == "" {
		list, err := s.far.kinds(ctx)
		if err != nil {
			return err
		}
		return s.kinds(list)
	}
	var info door.KindInfo
	if err := s.far.call(ctx, "GET", "/kinds/"+url.PathEscape(c.Kind), s.far.moment(), nil, &info); err != nil {
		return err
	}
	return s.fields(info)
}

// far lists the sources of the server.
func (sourcesCmd) far(ctx context.Context, s *session) error {
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	var got struct {
		Sources []struct {
			Record  json.RawMessage `json:"record"`
			Age     string          `json:"age"`
			Records int             `json:"records"`
			Stale   int             `json:"stale"`
			State   string          `json:"state"`
		} `json:"sources"`
	}
	if err := r.call(ctx, "GET", "/sources", r.moment(), nil, &got); err != nil {
		return err
	}
	var list []door.SourceState
	for _, one := range got.Sources {
		_, rec, err := r.record(one.Record)
		if err != nil {
			return err
		}
		age, err := model.ParseDuration(one.Age)
		if err != nil {
			return err
		}
		list = append(list, door.SourceState{Source: rec.(*model.Source), Age: age, Records: one.Records, Stale: one.Stale, State: one.State})
	}
	return s.sources(r, list)
}

// far writes records of the server to files.
func (c *exportCmd) far(ctx context.Context, s *session, format string) error {
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	list, err := r.kinds(ctx)
	if err != nil {
		return err
	}
	count := func(kind string) int {
		for _, k := range list {
			if k.Name == kind {
				return *k.Records
			}
		}
		return 0
	}
	kinds, err := c.kinds(r.schema, count)
	if err != nil {
		return err
	}
	e := &exporter{names: r, format: format}
	e.all = func(kind string) iter.Seq[model.Record] {
		return func(yield func(model.Record) bool) {
			for raw, err := range r.Each(ctx, kind, r.moment()) {
				var rec model.Record
				if err == nil {
					_, rec, err = r.record(raw)
				}
				if err != nil {
					e.fault = r.explain(err)
					return
				}
				if !yield(rec) {
					return
				}
			}
		}
	}
	return c.export(s, e, kinds)
}

package api

import (
	"bytes"
	"fmt"
	"net/http"
	"path"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// me answers with who asks.
func (c *call) me() error {
	out := struct {
		Account      string           `json:"account"`
		Name         string           `json:"name"`
		Roles        []string         `json:"roles"`
		Scope        model.TokenScope `json:"scope,omitempty"`
		Face         model.Face       `json:"face"`
		Imports      bool             `json:"imports"`
		Administers  bool             `json:"administers"`
		Confidential bool             `json:"reads_confidential"`
		Release      string           `json:"release"`
		Entry        uint64           `json:"entry"`
	}{c.who.Who(), c.who.Title(), []string{}, c.who.Scope, c.who.Face(), c.who.Imports(), c.who.Administers(), c.who.ReadsConfidential(), c.house.Version, c.house.Head().Seq}
	for _, r := range c.who.Roles {
		out.Roles = append(out.Roles, r.Key)
	}
	return c.json(http.StatusOK, out)
}

// kinds lists the kinds.
func (c *call) kinds() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Kinds []door.KindInfo `json:"kinds"`
	}{door.DescribeKinds(v)})
}

// describe describes one kind.
func (c *call) describe() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	k := v.Schema().Kind(c.r.PathValue("kind"))
	if k == nil {
		return &door.NotFound{What: fmt.Sprintf("kind %q", c.r.PathValue("kind"))}
	}
	return c.json(http.StatusOK, struct {
		door.KindInfo
		Schema object `json:"schema"`
	}{door.DescribeKind(v.Schema(), k), recordSchema(k)})
}

// search finds records by words.
func (c *call) search() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	words := strings.TrimSpace(c.query.Get("q"))
	if words == "" {
		return badParameter("q", "give the words to look for")
	}
	most, err := c.number("limit", usualPage, 1, largestPage)
	if err != nil {
		return err
	}
	var only *model.Kind
	if name := c.query.Get("kind"); name != "" {
		if only = v.Schema().Kind(name); only == nil {
			return badParameter("kind", fmt.Sprintf("there is no kind %q", name))
		}
	}
	hits := v.Search(words, 0)
	return c.written("", func(dst []byte) ([]byte, error) {
		dst = append(dst, `{"hits":[`...)
		n, more := 0, false
		for _, h := range hits {
			k := v.Schema().Of(h.Record)
			if only != nil && k.Name != only.Name {
				continue
			}
			if n == most {
				more = true
				break
			}
			s, err := c.selected(k)
			if err != nil {
				return dst, err
			}
			if n++; n > 1 {
				dst = append(dst, ',')
			}
			field, text := "", ""
			if h.Field != nil {
				field, text = h.Field.Name, h.Field.Text(h.Record, v)
			}
			raw, err := marshal(map[string]string{"field": field, "text": text})
			if err != nil {
				return dst, err
			}
			dst = s.append(append(append(dst, raw[:len(raw)-1]...), `,"record":`...), k, h.Record, v)
			dst = append(dst, '}')
		}
		return fmt.Appendf(dst, `],"more":%t}`, more), nil
	})
}

// source is a source with how fresh it is.
type source struct {
	Record  any            `json:"record"`
	Age     model.Duration `json:"-"`
	AgeText string         `json:"age"`
	Records int            `json:"records"`
	Stale   int            `json:"stale"`
	State   string         `json:"state"`
}

// sources lists where records come from.
func (c *call) sources() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	out := []source{}
	k := v.Schema().Kind("Source")
	all := selection{fields: k.Fields}
	for _, s := range door.Sources(v, c.house.Now()) {
		out = append(out, source{Record: rawJSON(all.append(nil, k, s.Source, v)), AgeText: s.Age.String(), Records: s.Records, Stale: s.Stale, State: s.State})
	}
	return c.json(http.StatusOK, struct {
		Sources []source `json:"sources"`
	}{out})
}

// rawJSON is JSON that has been written already.
type rawJSON []byte

// MarshalJSON returns it as it is.
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// export writes all records of a kind to a file.
func (c *call) export() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	file := c.r.PathValue("file")
	ext := path.Ext(file)
	format, err := door.FormatNamed(strings.TrimPrefix(ext, "."))
	if err != nil {
		return err
	}
	c.r.SetPathValue("kind", strings.TrimSuffix(file, ext))
	k, err := c.kind(v)
	if err != nil {
		return err
	}
	l, err := c.exported(k)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := l.Export(&out, v, format); err != nil {
		return err
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+strings.ToLower(strings.ReplaceAll(k.Name, `"`, ""))+ext+`"`)
	return c.bytes(http.StatusOK, format.MediaType, out.Bytes())
}

// exported reads which records and which columns are exported. Without columns, all that people set.
func (c *call) exported(k *model.Kind) (door.Listing, error) {
	l, err := door.ListingOf(k, c.query)
	if err != nil {
		return l, parameterProblem(err)
	}
	if !l.Chosen {
		l.Columns = nil
		for _, f := range k.Fields {
			if !f.System {
				l.Columns = append(l.Columns, f)
			}
		}
	}
	return l, nil
}

// link is a ref as one of its ends sees it.
type link struct {
	Field  string `json:"field"`
	Called string `json:"called,omitempty"`
	Kind   string `json:"kind"`
	Key    string `json:"key"`
	Name   string `json:"name,omitempty"`
}

// links lists the links to a record or from it.
func (c *call) links(in bool) error {
	v, err := c.look()
	if err != nil {
		return err
	}
	_, rec, err := c.record(v)
	if err != nil {
		return err
	}
	most, err := c.number("limit", usualPage, 1, largestPage)
	if err != nil {
		return err
	}
	skip, err := c.number("skip", 0, 0, 1<<30)
	if err != nil {
		return err
	}
	edges := v.Out(rec.Base().Ref())
	if in {
		edges = v.In(rec.Base().Ref())
	}
	out := struct {
		Links []link `json:"links"`
		Total int    `json:"total"`
	}{Links: []link{}}
	for e := range edges {
		if out.Total++; out.Total > skip && len(out.Links) < most {
			out.Links = append(out.Links, linkOf(e))
		}
	}
	return c.json(http.StatusOK, out)
}

func linkOf(e estate.Edge) link {
	m := e.Record.Base()
	return link{Field: e.Field.Path(), Called: e.Field.Back, Kind: model.NameOf(e.Record), Key: m.Key, Name: m.Name}
}

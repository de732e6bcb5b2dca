package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"binnacle/door"
	"binnacle/feed"
	"binnacle/model"
)

// importParameters say how files are imported.
var importParameters = []parameter{
	dryRun, why,
	{name: "name", kind: "string", help: "The name of the file, where the body is the file itself."},
	{name: "kind", kind: "string", help: "The kind that the rows of a table become. Without it, what the table tells."},
	{name: "mapping", kind: "string", help: "The key of a saved mapping, which says which column goes into which field."},
	{name: "map", kind: "string", many: true, help: "Header=field: which column goes into which field, on top of what the headers say. An empty field leaves the column out."},
	{name: "source", kind: "string", help: "The source that the records come from. Without it, what the format says."},
	{name: "as", kind: "string", help: "The format. Without it, what the content looks like."},
	{name: "release", kind: "string", help: "The version that bills of materials describe. Their components are then kept for that release, beside those of what it is a release of."},
	{name: "complete", kind: "boolean", help: "Each file tells everything that its source knows: what is not in it any more becomes stale."},
	{name: "append", kind: "boolean", help: "Let lines of bills count beside those of the same account and period that are there. Without it, they replace them."},
	{name: "currency", kind: "string", help: "The currency of amounts in bills and ledgers that name none, such as EUR."},
	{name: "overwrite", kind: "boolean", help: "Replace what people have typed, and what better sources have said."},
}

// mostFiles is how many files one import may bring, apart from those in archives.
const mostFiles = 100

// imports takes over what files say.
func (c *call) imports() error {
	if err := c.who.MayImport(); err != nil {
		return err
	}
	req := door.ImportRequest{As: c.query.Get("as"), Source: c.query.Get("source"), Kind: c.query.Get("kind"), Why: c.query.Get("why"), Currency: c.query.Get("currency"), Release: c.query.Get("release")}
	for name, set := range map[string]*bool{"dry_run": &req.DryRun, "complete": &req.Complete, "overwrite": &req.Overwrite, "append": &req.Append} {
		var err error
		if *set, err = c.yes(name); err != nil {
			return err
		}
	}
	before, err := c.house.Look(c.r.Context(), c.who, door.Moment{})
	if err != nil {
		return err
	}
	if req.Mapping, err = c.mapping(req.Kind); err != nil {
		return err
	}
	var done func()
	req.Files, done, err = c.files()
	defer done()
	if err != nil {
		return err
	}
	report, err := c.house.Import(c.r.Context(), c.who, req)
	var refused *door.Refused
	if errors.As(err, &refused) && report == nil {
		p := refusal(refused)
		for i := range p.Errors {
			p.Errors[i].Pointer, p.Errors[i].Parameter = "", p.Errors[i].Field
		}
		p.Status = http.StatusBadRequest
		return p
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, door.DescribeImport(before, c.house.Imported(c.who, report), report, req.DryRun))
}

// files returns the files of the body: those of a form, or the body itself. Large ones are in files of their own, which go when done is called.
func (c *call) files() (out []feed.Input, done func(), err error) {
	var dones []func()
	done = func() {
		for _, d := range dones {
			d()
		}
	}
	take := func(name string, r io.Reader) error {
		in, over, err := c.house.Spool(name, r)
		if err != nil {
			return bodyError(err)
		}
		out, dones = append(out, in), append(dones, over)
		return nil
	}
	// The body may have been read already, for the key of the request.
	body := io.Reader(c.r.Body)
	if c.body != nil {
		body = bytes.NewReader(c.body)
	}
	mediaType, parameters, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && mediaType == "multipart/form-data" {
		err := formFiles(multipart.NewReader(body, parameters["boundary"]), take)
		return out, done, err
	}
	name := c.query.Get("name")
	if name == "" {
		name = "upload"
	}
	if err := take(name, body); err != nil {
		return nil, done, err
	}
	if out[0].Open == nil && len(out[0].Data) == 0 {
		return nil, done, &problem{Status: http.StatusBadRequest, Title: "There is nothing to import", Detail: "send a file as the body, or several as a form"}
	}
	return out, done, nil
}

// formFiles takes the files of a form.
func formFiles(form *multipart.Reader, take func(name string, r io.Reader) error) error {
	for n := 0; ; n++ {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) && n == 0 {
			return &problem{Status: http.StatusBadRequest, Title: "There is nothing to import", Detail: "the form has no file"}
		} else if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return bodyError(err)
		}
		if part.FileName() == "" {
			return &problem{Status: http.StatusUnprocessableEntity, Title: "The form is not right", Detail: fmt.Sprintf("%q is not a file: how to import is said in the address", part.FormName())}
		}
		if n == mostFiles {
			return &problem{Status: http.StatusRequestEntityTooLarge, Title: "There are too many files", Detail: fmt.Sprintf("the limit is %d: send an archive", mostFiles)}
		}
		if err := take(part.FileName(), part); err != nil {
			return err
		}
	}
}

// mapping returns the mapping that is asked for, or nil.
func (c *call) mapping(kind string) (*model.Mapping, error) {
	name, pairs := c.query.Get("mapping"), c.query["map"]
	if name == "" && len(pairs) == 0 {
		return nil, nil
	}
	v, err := c.house.Look(c.r.Context(), c.who, door.Moment{})
	if err != nil {
		return nil, err
	}
	out := &model.Mapping{Kind: kind}
	if name != "" {
		_, rec, err := door.Find(v, "Mapping", name)
		if err != nil {
			return nil, badParameter("mapping", err.Error())
		}
		out = model.Clone(rec.(*model.Mapping))
		if kind != "" {
			out.Kind = kind
		}
	}
	k := v.Schema().Kind(out.Kind)
	if k == nil {
		return nil, badParameter("kind", "it says what the rows become, and is needed with map")
	}
	out.Kind = k.Name
	// Records share their lists.
	out.Columns = append([]model.MappedColumn{}, out.Columns...)
	for _, pair := range pairs {
		header, field, ok := strings.Cut(pair, "=")
		header, field = strings.TrimSpace(header), strings.TrimSpace(field)
		if !ok || header == "" {
			return nil, badParameter("map", fmt.Sprintf("%q is not Header=field", pair))
		}
		if field != "" && k.Field(field) == nil {
			return nil, badParameter("map", fmt.Sprintf("%s has no field %q", k.Name, field))
		}
		out.Columns = append(out.Columns, model.MappedColumn{Header: header, Field: field})
	}
	return out, nil
}

// Package netbox reads what NetBox knows of sites, racks, devices and virtual
// machines: the dump of its database in JSON, and the lists that its REST interface answers.
package netbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "netbox"

// Format reads an export of NetBox.
var Format = feed.Format{
	Name:  name,
	Label: "NetBox export",
	Help: "Sites and locations become sites, devices become hosts or network devices by their role, virtual machines become hosts, tenants business units, " +
		"providers vendors and contacts people. Cables become links between devices.",
	Rank:   60,
	Detect: detect,
	Read:   read,
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 64 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	dec := kit.NewJSON(text)
	tok, err := dec.ReadToken()
	if err != nil {
		return 0
	}
	switch tok.Kind() {
	case '[':
		return detectItem(dec)
	case '{':
		first := string(text)
		for dec.PeekKind() == '"' {
			member, err := dec.ReadToken()
			if err != nil {
				return 0
			}
			if member.String() == "results" && dec.PeekKind() == '[' {
				if _, err := dec.ReadToken(); err != nil {
					return 0
				}
				if dec.PeekKind() == ']' {
					return 0
				}
				return detectItem(dec)
			}
			if dec.SkipValue() != nil {
				break
			}
		}
		if modelOfURL(firstURL(first)) != "" && strings.Contains(first, `"display"`) {
			return 70
		}
	}
	return 0
}

// detectItem looks at the first item of a list.
func detectItem(dec *jsontext.Decoder) int {
	item, err := decode(dec, 20)
	fields, _ := item.(object)
	if err != nil && fields == nil {
		return 0
	}
	app, _, _ := strings.Cut(fields.text("model"), ".")
	if _, isDump := fields["fields"]; isDump && apps[app] {
		return 95
	}
	if _, hasID := fields["id"]; hasID && modelOfURL(fields.text("url")) != "" {
		return 90
	}
	return 0
}

// apps are the parts of NetBox whose tables are in a dump.
var apps = map[string]bool{
	"circuits": true, "dcim": true, "extras": true, "ipam": true, "tenancy": true, "virtualization": true, "wireless": true, "vpn": true, "core": true,
	"users": true, "auth": true, "contenttypes": true, "account": true, "taggit": true, "sessions": true, "admin": true, "django_rq": true, "social_django": true,
}

// firstURL returns the first address under the name url in a text.
func firstURL(text string) string {
	_, rest, _ := strings.Cut(text, `"url"`)
	_, rest, _ = strings.Cut(rest, `"`)
	address, _, _ := strings.Cut(rest, `"`)
	return address
}

// reader reads the rows of a content.
type reader struct {
	batch *feed.Batch
	dec   *jsontext.Decoder
	text  *kit.Text
	base  *database
	rows  int
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "NetBox"}, Format: name, Describes: "Sites, devices and virtual machines"}
	r := &reader{batch: b, dec: kit.NewJSON(text), text: kit.NewText(text), base: newDatabase(b)}
	if err := r.content(ctx); err != nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if kit.EndsEarly(err) {
			err = errors.New("the file ends in the middle")
		}
		where := r.place("")
		return fmt.Errorf("line %d, column %d: the content is not an export that can be read: %w", where.Line, where.Column, err)
	}
	return r.base.propose(ctx)
}

// content reads a dump, a page of a list or a single object.
func (r *reader) content(ctx context.Context) error {
	switch r.dec.PeekKind() {
	case '[':
		if err := r.list(ctx, ""); err != nil {
			return err
		}
	case '{':
		if err := r.page(ctx); err != nil {
			return err
		}
	default:
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
		return errors.New("a list or an object is wanted")
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return errors.New("there is more behind the end of the JSON value")
	}
	return nil
}

// page reads an object: a page of a list, or one thing.
func (r *reader) page(ctx context.Context) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	where := r.place("")
	single := object{}
	isPage := false
	for r.dec.PeekKind() != '}' {
		member, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		key := member.String()
		if key == "results" && r.dec.PeekKind() == '[' {
			isPage = true
			if err := r.list(ctx, "results"); err != nil {
				return err
			}
			continue
		}
		if single[key], err = decode(r.dec, r.batch.Limits.Depth); err != nil {
			return err
		}
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	if !isPage {
		r.row(single, where)
		return nil
	}
	if single.text("next") != "" {
		r.batch.Note("This is one page of a list: there are %s in all. Ask for the other pages too.", single.text("count"))
	}
	return nil
}

// list reads rows one by one.
func (r *reader) list(ctx context.Context, path string) error {
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for i := 0; r.dec.PeekKind() != ']'; i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if r.rows++; r.rows > r.batch.Limits.Items {
			return fmt.Errorf("there are more than %d rows: split the export", r.batch.Limits.Items)
		}
		if r.dec.PeekKind() == 0 {
			_, err := r.dec.ReadToken()
			return err
		}
		where := r.place(fmt.Sprintf("%s[%d]", path, i))
		value, err := decode(r.dec, r.batch.Limits.Depth)
		if err != nil {
			return err
		}
		row, isObject := value.(object)
		if !isObject {
			r.batch.Refuse(where, "a row is wanted, with names and values")
			continue
		}
		r.row(row, where)
	}
	_, err := r.dec.ReadToken()
	return err
}

// row takes up one row of a dump or one object of the interface.
func (r *reader) row(o object, where feed.Where) {
	if fields, isDump := o["fields"]; isDump {
		values, isObject := fields.(object)
		if table := o.text("model"); table == "" || o.id("pk") == "" || !isObject {
			r.batch.Refuse(where, "a row of a dump has a model, a pk and fields; this one has not")
		} else {
			r.base.take(strings.ToLower(table), o.id("pk"), values, where)
		}
		return
	}
	table := modelOfURL(o.text("url"))
	if table == "" || o.id("id") == "" {
		r.batch.Refuse(where, "the object has no id, or no url that says what it is")
		return
	}
	r.base.take(table, o.id("id"), r.base.flatten(o, 0), where)
}

// place returns where the next value starts.
func (r *reader) place(path string) feed.Where {
	line, column := r.text.Place(r.text.Next(int(r.dec.InputOffset())))
	return r.batch.At(line, column, path)
}

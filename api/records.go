package api

import (
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// The sizes of pages.
const (
	usualPage   = 50
	largestPage = 1000
)

// buffers are used again by answers that consist of records.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// largestBuffer is how large a buffer may grow and still be kept.
const largestBuffer = 4 << 20

// written answers with what a function appends to a buffer.
func (c *call) written(etag string, fill func([]byte) ([]byte, error)) error {
	b := buffers.Get().(*[]byte)
	out, err := fill((*b)[:0])
	if err == nil {
		if etag == "" {
			etag = bodyTag(out)
		}
		c.w.Header().Set("ETag", etag)
		if matches(c.r.Header.Get("If-None-Match"), etag) {
			c.w.WriteHeader(http.StatusNotModified)
		} else {
			err = c.bytes(http.StatusOK, "application/json", append(out, '\n'))
		}
	}
	if cap(out) <= largestBuffer {
		*b = out
		buffers.Put(b)
	}
	return err
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func bodyTag(raw []byte) string {
	return `"` + strconv.FormatUint(uint64(crc32.Checksum(raw, castagnoli)), 16) + `"`
}

// matches reports whether a list of entity tags has one, compared weakly.
func matches(list, etag string) bool {
	if list == "" {
		return false
	}
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == "*" || one == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}

// selection is which members a record is answered with.
type selection struct {
	fields []*model.Field
	// stamps are created, changed and stale, which are not fields.
	stamps []string
}

// selected reads the parameter fields.
func (c *call) selected(k *model.Kind) (selection, error) {
	var s selection
	text := c.query.Get("fields")
	if text == "" {
		return s, nil
	}
	if text == "*" {
		return selection{k.Fields, []string{"created", "changed", "stale"}}, nil
	}
	s.fields = []*model.Field{k.Field("key")}
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		f := k.Field(name)
		switch {
		case f != nil && !slices.Contains(s.fields, f):
			s.fields = append(s.fields, f)
		case f != nil || name == "id" || name == "version":
		case name == "created" || name == "changed" || name == "stale":
			s.stamps = append(s.stamps, name)
		default:
			return s, badParameter("fields", fmt.Sprintf("%s has no field %q", k.Name, name))
		}
	}
	return s, nil
}

// append appends a record.
func (s selection) append(dst []byte, k *model.Kind, rec model.Record, v estate.View) []byte {
	dst = k.AppendRecord(dst, rec, v, s.fields...)
	if len(s.stamps) == 0 {
		return dst
	}
	m := rec.Base()
	dst = dst[:len(dst)-1]
	stamp := func(name string, at model.Stamp) {
		dst = append(append(append(dst, `,"`...), name...), `":{"seq":`...)
		dst = append(strconv.AppendUint(dst, at.Seq, 10), `,"at":"`...)
		dst = append(append(dst, at.At.String()...), `"}`...)
	}
	for _, name := range s.stamps {
		switch name {
		case "created":
			stamp(name, m.Created)
		case "changed":
			stamp(name, m.Changed)
		case "stale":
			if since := m.Stale(); !since.IsZero() {
				dst = append(append(append(dst, `,"stale":"`...), since.String()...), '"')
			}
		}
	}
	return append(dst, '}')
}

// recordTag is the entity tag of a record: its version, and a sum of what is
// shown, because the names of what it links to may change without it.
func recordTag(rec model.Record, raw []byte) string {
	return fmt.Sprintf(`"v%d-%x"`, rec.Base().Version, crc32.Checksum(raw, castagnoli))
}

// get answers with one record.
func (c *call) get() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	k, rec, err := c.record(v)
	if err != nil {
		return err
	}
	s, err := c.selected(k)
	if err != nil {
		return err
	}
	b := buffers.Get().(*[]byte)
	defer func() { buffers.Put(b) }()
	out := s.append((*b)[:0], k, rec, v)
	*b = out
	etag := recordTag(rec, out)
	c.w.Header().Set("ETag", etag)
	if matches(c.r.Header.Get("If-None-Match"), etag) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return c.bytes(http.StatusOK, "application/json", append(out, '\n'))
}

// list answers with a page of records.
func (c *call) list() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	k, err := c.kind(v)
	if err != nil {
		return err
	}
	etag := c.listTag(v)
	if matches(c.r.Header.Get("If-None-Match"), etag) {
		c.w.Header().Set("ETag", etag)
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	q, mark, err := c.listQuery(k)
	if err != nil {
		return err
	}
	s, err := c.selected(k)
	if err != nil {
		return err
	}
	count, err := c.yes("total")
	if err != nil {
		return err
	}
	q.Uncounted = !count
	page, err := door.List(v, q, strings.TrimSpace(c.query.Get("search")))
	if err != nil {
		return badParameter("where", err.Error())
	}
	return c.written(etag, func(dst []byte) ([]byte, error) {
		dst = append(dst, `{"records":[`...)
		for i, rec := range page.Records {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = s.append(dst, k, rec, v)
		}
		dst = append(dst, ']')
		if page.Next != "" {
			dst = append(append(append(append(dst, `,"next":"`...), mark...), page.Next...), '"')
		}
		if count {
			dst = strconv.AppendInt(append(dst, `,"total":`...), int64(page.Total), 10)
		}
		return append(strconv.AppendUint(append(dst, `,"entry":`...), v.Stamp().Seq, 10), '}'), nil
	})
}

// listTag is the entity tag of a list: the last entry, who asks and for what.
func (c *call) listTag(v estate.View) string {
	sum := fnv.New64a()
	fmt.Fprint(sum, c.who.Account.ID, c.who.Scope, c.r.URL.EscapedPath(), "?", c.r.URL.RawQuery, v.At())
	return fmt.Sprintf(`W/"e%d-%x"`, c.house.Head().Seq, sum.Sum64())
}

// listQuery reads what is asked of a list, and the mark that its cursors begin with, so that a cursor of another list is refused.
func (c *call) listQuery(k *model.Kind) (estate.Query, string, error) {
	l, err := door.ListingOf(k, c.query)
	if err != nil {
		return estate.Query{}, "", parameterProblem(err)
	}
	q := l.Query()
	if q.Limit, err = c.number("limit", usualPage, 1, largestPage); err != nil {
		return q, "", err
	}
	mark := fmt.Sprintf("%08x.", crc32.Checksum(fmt.Append(nil, k.Name, l.Where, l.Sort), castagnoli))
	if after := c.query.Get("after"); after != "" {
		cursor, ok := strings.CutPrefix(after, mark)
		if !ok || c.query.Get("search") != "" {
			return q, "", badParameter("after", "it is not a cursor of this list: begin without it")
		}
		q.After = cursor
	}
	return q, mark, nil
}

// countOfKind is how many records of a kind there are, and what may be done with them.
type countOfKind struct {
	Kind    string       `json:"kind"`
	Plural  string       `json:"plural"`
	Group   string       `json:"group"`
	Records int          `json:"records"`
	Read    model.Extent `json:"read"`
	Write   model.Extent `json:"write"`
	Approve model.Extent `json:"approve"`
}

// counts answers with the kinds that may be seen.
func (c *call) counts() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	out := []countOfKind{}
	for _, k := range v.Schema().Kinds() {
		one := countOfKind{Kind: k.Name, Plural: k.Plural, Group: k.Group}
		if one.Read, one.Write, one.Approve = c.who.Extents(k.Name); one.Read != "none" {
			one.Records = v.Count(k.Name)
			out = append(out, one)
		}
	}
	return c.json(http.StatusOK, struct {
		Kinds []countOfKind `json:"kinds"`
		Entry uint64        `json:"entry"`
	}{out, v.Stamp().Seq})
}

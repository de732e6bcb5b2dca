package estate

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sort"
	"strings"

	"binnacle/model"
)

// Query asks for the records of one kind.
type Query struct {
	// Kind is the name of the kind.
	Kind string
	// Where are conditions that must all hold.
	Where []Condition
	// Sort is the order, the most important field first. Records that are equal, and all without a sort, come by key.
	Sort []Sort
	// Limit is how many records a page has. 0 means all.
	Limit int
	// After is the cursor that the page before this one ended with.
	After string
	// Uncounted leaves out the total, which costs a look at every record where some are out of sight.
	Uncounted bool
	// Before is the cursor that the page behind this one begins with. It counts where After is empty.
	Before string
}

// Condition is something that must hold of a record.
type Condition struct {
	// Field is the name of a field, or a path through refs such as owner.lead.name.
	Field string
	// Op is the comparison.
	Op Op
	// Values are what the field is compared with, as a person would type them. Most comparisons take one; In takes several.
	Values []string
}

// Op is a comparison.
type Op string

// The comparisons.
const (
	Is       Op = "="
	IsNot    Op = "!="
	Less     Op = "<"
	AtMost   Op = "<="
	More     Op = ">"
	AtLeast  Op = ">="
	Contains Op = "~"
	In       Op = "in"
	IsEmpty  Op = "empty"
	IsSet    Op = "set"
)

// Sort is one field of an order.
type Sort struct {
	// Field is the name of the field.
	Field string
	// Down says that the largest comes first.
	Down bool
}

// ParseCondition reads a condition such as criticality>=high, name~shop, owner=commerce, serial:empty or owner:set.
func ParseCondition(text string) (Condition, error) {
	i := strings.IndexAny(text, "=!<>~")
	if field, ok := strings.CutSuffix(text, ":empty"); ok && i < 0 {
		return Condition{Field: strings.TrimSpace(field), Op: IsEmpty}, nil
	}
	if field, ok := strings.CutSuffix(text, ":set"); ok && i < 0 {
		return Condition{Field: strings.TrimSpace(field), Op: IsSet}, nil
	}
	if i <= 0 {
		return Condition{}, fmt.Errorf("%q is not a condition: write field=value, or one of != < <= > >= ~ in place of =, or field:empty", text)
	}
	c := Condition{Field: strings.TrimSpace(text[:i])}
	for _, op := range []Op{IsNot, AtMost, AtLeast, Is, Less, More, Contains} {
		if rest, ok := strings.CutPrefix(text[i:], string(op)); ok {
			c.Op, c.Values = op, []string{strings.TrimSpace(rest)}
			return c, nil
		}
	}
	return Condition{}, fmt.Errorf("%q is not a condition: ! must be followed by =", text)
}

// Page is a part of the records that a query asks for.
type Page struct {
	// Records are in the order of the query.
	Records []model.Record
	// Next is the cursor of the next page, or empty where this is the last.
	Next string
	// Prev is the cursor for the page before, to be asked for with Before, or empty where this is the first.
	Prev string
	// Total is how many records meet the conditions, on all pages. It is 0 where the query did not want it counted.
	Total int
}

// List answers a query.
func (v View) List(q Query) (Page, error) {
	c, err := v.compile(q)
	if err != nil {
		return Page{}, err
	}
	o := v.snap.order(c)
	var page Page
	if q.Before != "" && q.After == "" && q.Limit > 0 {
		page = v.pageBefore(c, o, q)
		if !q.Uncounted {
			page.Total = v.count(c, o)
		}
		return page, nil
	}
	for rec := range v.inOrder(c, o, q.After) {
		if q.Limit > 0 && len(page.Records) == q.Limit {
			page.Next = c.cursor(page.Records[q.Limit-1])
			break
		}
		page.Records = append(page.Records, rec)
	}
	if !q.Uncounted {
		page.Total = v.count(c, o)
	}
	if q.After != "" && len(page.Records) > 0 {
		page.Prev = c.cursor(page.Records[0])
	}
	return page, nil
}

// count counts the records of an order that the viewer may see.
func (v View) count(c *compiled, o *order) int {
	if !v.whole(c.kind.Name) {
		return o.counted(c.sight, func() int {
			n := 0
			for range v.inOrder(c, o, "") {
				n++
			}
			return n
		})
	}
	n := len(o.base.slots)
	for _, slot := range o.changed {
		if o.base.has(slot) {
			n--
		}
		if rec := v.snap.nodes.at(slot).rec; rec != nil && model.NameOf(rec) == c.kind.Name && c.match(rec) {
			n++
		}
	}
	return n
}

// inOrder yields the records of an order after a cursor: those that have not
// changed since it was sorted from the list, and the changed ones in between.
func (v View) inOrder(c *compiled, o *order, after string) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		fresh, base := v.changedRecords(c, o), o.base.slots
		i, j := 0, 0
		if at, ok := c.parse(after); ok {
			i = sort.Search(len(base), func(i int) bool {
				for ; i < len(base); i++ {
					if !o.stale(base[i]) {
						return at.before(c.sort, v.snap.nodes.at(base[i]).rec)
					}
				}
				return true
			})
			j = sort.Search(len(fresh), func(j int) bool { return at.before(c.sort, fresh[j]) })
		}
		for {
			for i < len(base) && o.stale(base[i]) {
				i++
			}
			var rec model.Record
			switch {
			case i < len(base) && (j == len(fresh) || compareRecords(c.sort, v.snap.nodes.at(base[i]).rec, fresh[j]) < 0):
				rec = v.snap.nodes.at(base[i]).rec
				i++
			case j < len(fresh):
				rec = fresh[j]
				j++
			default:
				return
			}
			if v.sees(rec) && !yield(rec) {
				return
			}
		}
	}
}

// changedRecords returns the records that changed since a list was sorted and that belong in it, sorted.
func (v View) changedRecords(c *compiled, o *order) []model.Record {
	var out []model.Record
	for _, slot := range o.changed {
		if rec := v.snap.nodes.at(slot).rec; rec != nil && model.NameOf(rec) == c.kind.Name && c.match(rec) {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b model.Record) int { return compareRecords(c.sort, a, b) })
	return out
}

// compiled is a query that has been checked against the schema.
type compiled struct {
	name  string
	kind  *model.Kind
	tests []func(model.Record) bool
	sort  []sortField
	// crosses says that the answer depends on records of other kinds too.
	crosses bool
	// private says that the answer depends on what the viewer may see of them.
	private bool
	// sight is the name of what the viewer may see, where it has one.
	sight string
}

func (c *compiled) match(rec model.Record) bool {
	for _, test := range c.tests {
		if !test(rec) {
			return false
		}
	}
	return true
}

// Matcher returns the test whether a record of a kind meets all of some conditions, as the viewer sees the records that these look at.
func (v View) Matcher(kind string, where ...Condition) (func(model.Record) bool, error) {
	c, err := v.compile(Query{Kind: kind, Where: where})
	if err != nil {
		return nil, err
	}
	return c.match, nil
}

// maxConditions bounds the work that one query can ask for.
const maxConditions = 100

func (v View) compile(q Query) (*compiled, error) {
	k := v.Schema().Kind(q.Kind)
	if k == nil {
		return nil, fmt.Errorf("there is no kind %q", q.Kind)
	}
	if len(q.Where) > maxConditions || len(q.Sort) > maxConditions {
		return nil, fmt.Errorf("there are more than %d conditions or fields to sort by: ask for fewer", maxConditions)
	}
	c := &compiled{kind: k}
	var refs []model.Ref
	for _, cond := range q.Where {
		test, crosses, err := v.test(k, cond)
		if err != nil {
			return nil, err
		}
		c.tests = append(c.tests, test)
		named, ok := v.meant(k, cond)
		refs = append(refs, named...)
		c.crosses = c.crosses || crosses && !ok
	}
	for _, s := range q.Sort {
		f := fieldNamed(k, s.Field)
		if f == nil {
			return nil, unknownField(k, s.Field)
		}
		c.sort = append(c.sort, sortField{field: f, down: s.Down, view: v})
		c.crosses = c.crosses || holdsRefs(f)
	}
	named, ok := v.sight.(Named)
	c.private = c.crosses && v.sight != nil && !ok
	if ok {
		c.sight = named.Name()
	}
	name, _ := json.Marshal([]any{k.Name, q.Where, q.Sort, refs})
	c.name = string(name)
	if c.crosses && ok {
		c.name += "\x00" + c.sight
	}
	return c, nil
}

// meant returns the records that a condition on a ref field names, and whether
// it asks for nothing but these. Then its answer does not depend on what they hold.
func (v View) meant(k *model.Kind, c Condition) ([]model.Ref, bool) {
	f := fieldNamed(k, c.Field)
	if f == nil || !f.IsRef() || c.Op == Contains {
		return nil, f != nil && f.IsRef() && (c.Op == IsSet || c.Op == IsEmpty)
	}
	var out []model.Ref
	for _, value := range c.Values {
		if r, err := v.Resolve(f.To, value); err == nil {
			out = append(out, r)
		}
	}
	return out, true
}

// holdsRefs reports whether the text of a field names other records.
func holdsRefs(f *model.Field) bool { return f.IsRef() || slices.ContainsFunc(f.Columns, holdsRefs) }

func fieldNamed(k *model.Kind, name string) *model.Field {
	if f := k.Field(strings.ToLower(name)); f != nil {
		return f
	}
	for _, f := range k.Fields {
		if strings.EqualFold(f.Label, name) {
			return f
		}
	}
	return nil
}

func unknownField(k *model.Kind, name string) error {
	var names []string
	for _, f := range k.Fields {
		names = append(names, f.Name)
	}
	return fmt.Errorf("%s has no field %q: its fields are %s", k.Name, name, strings.Join(names, ", "))
}

// sortKey is a value in a form that is quick to compare.
type sortKey struct {
	number float64
	text   string
	set    bool
}

type sortField struct {
	field *model.Field
	down  bool
	view  View
}

func (s sortField) key(rec model.Record) sortKey {
	v := s.field.Get(rec)
	if v == nil {
		return sortKey{}
	}
	out := sortKey{set: true}
	switch v := v.(type) {
	case int:
		out.number = float64(v)
	case float64:
		out.number = v
	case model.Percent:
		out.number = float64(v)
	case bool:
		out.number = 1
	case model.Date:
		out.number = float64(v)
	case model.Time:
		out.number = float64(v)
	case model.Duration:
		out.number = float64(v)
	case model.Money:
		out.number, out.text = v.Float(), v.Currency()
	case model.Range:
		out.number = v.Likely
	case string:
		out.text = strings.ToLower(v)
	case []string:
		out.text = strings.ToLower(strings.Join(v, ";"))
	default:
		out.text = strings.ToLower(s.field.Text(rec, s.view))
	}
	if s.field.Type == model.EnumField {
		out.number = float64(slices.IndexFunc(s.field.Options, func(o model.Option) bool { return o.Value == s.field.Text(rec, s.view) }) + 1)
		out.text = ""
	}
	return out
}

// compare orders two values that are set.
func (a sortKey) compare(b sortKey) int {
	return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.text, b.text))
}

// compare orders two keys. A value that is not set comes last, whichever way the order goes.
func (s sortField) compare(a, b sortKey) int {
	if a.set != b.set {
		if a.set {
			return -1
		}
		return 1
	}
	c := a.compare(b)
	if s.down {
		return -c
	}
	return c
}

func compareRecords(fields []sortField, a, b model.Record) int {
	for _, f := range fields {
		if c := f.compare(f.key(a), f.key(b)); c != 0 {
			return c
		}
	}
	am, bm := a.Base(), b.Base()
	return cmp.Or(cmp.Compare(am.Key, bm.Key), slices.Compare(am.ID[:], bm.ID[:]))
}

// position is where a cursor stands in an order.
type position struct {
	keys []sortKey
	key  string
	id   model.ID
}

type cursorForm struct {
	N []float64
	T []string
	S []bool
	K string
	I model.ID
}

func (c *compiled) cursor(rec model.Record) string {
	form := cursorForm{K: rec.Base().Key, I: rec.Base().ID}
	for _, f := range c.sort {
		k := f.key(rec)
		form.N, form.T, form.S = append(form.N, k.number), append(form.T, k.text), append(form.S, k.set)
	}
	text, _ := json.Marshal(form)
	return base64.RawURLEncoding.EncodeToString(text)
}

// parse reads a cursor. It reports false for one that does not fit the order, which stands at the start.
func (c *compiled) parse(cursor string) (position, bool) {
	text, _ := base64.RawURLEncoding.DecodeString(cursor)
	var form cursorForm
	if json.Unmarshal(text, &form) != nil || len(form.N) != len(c.sort) || len(form.T) != len(c.sort) || len(form.S) != len(c.sort) {
		return position{}, false
	}
	p := position{key: form.K, id: form.I}
	for i := range c.sort {
		p.keys = append(p.keys, sortKey{form.N[i], form.T[i], form.S[i]})
	}
	return p, true
}

// before reports whether the cursor stands before a record.
func (p position) before(fields []sortField, rec model.Record) bool {
	for i, f := range fields {
		if c := f.compare(p.keys[i], f.key(rec)); c != 0 {
			return c < 0
		}
	}
	m := rec.Base()
	return cmp.Or(cmp.Compare(p.key, m.Key), slices.Compare(p.id[:], m.ID[:])) < 0
}

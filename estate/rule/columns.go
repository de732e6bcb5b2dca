package rule

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"binnacle/model"
)

// Columns are the values of some records of one kind, column by column, each different value kept once. Many rules
// over the same records then cost little more than one: each value of a field is looked up once for all rules, and each
// rule is evaluated once for each different combination of the values that it names. All methods may be called at the same time.
type Columns struct {
	kind    *model.Kind
	records []model.Record
	names   model.Namer

	mu      sync.Mutex
	columns map[string]*column
}

// column is one field of the records.
type column struct {
	once sync.Once
	// ids holds for each record the place of its value.
	ids []uint32
	// values are the different values. Nil is no value.
	values []any
	// first holds for each value the place of the first record that has it.
	first []int
}

// NewColumns returns the columns of some records of a kind, in their order. They are read when a rule names them.
func NewColumns(k *model.Kind, records []model.Record, names model.Namer) *Columns {
	return &Columns{kind: k, records: records, names: names, columns: map[string]*column{}}
}

// Kind returns the kind of the records.
func (c *Columns) Kind() *model.Kind { return c.kind }

// Records returns the records.
func (c *Columns) Records() []model.Record { return c.records }

func (c *Columns) column(f *model.Field) *column {
	c.mu.Lock()
	col := c.columns[f.Name]
	if col == nil {
		col = &column{}
		c.columns[f.Name] = col
	}
	c.mu.Unlock()
	col.once.Do(func() { col.read(f, c.records, c.names) })
	return col
}

// read reads the values of a field. Lists are the same where their items are; a table is different in each record.
func (col *column) read(f *model.Field, records []model.Record, names model.Namer) {
	col.ids = make([]uint32, len(records))
	seen := map[any]uint32{}
	for i, rec := range records {
		value := f.Tree(rec, names)
		var key any
		switch v := value.(type) {
		case []string:
			key = "\x00" + strings.Join(v, "\x00")
		case []map[string]any:
			key = i
		default:
			key = value
		}
		id, known := seen[key]
		if !known {
			id = uint32(len(col.values))
			seen[key] = id
			col.values, col.first = append(col.values, value), append(col.first, i)
		}
		col.ids[i] = id
	}
}

// Matching returns the places of the records that meet a condition which looks at one field alone, or at anything where
// the field is empty. What the condition says of one record holds for all with the same value.
func (c *Columns) Matching(field string, among []int, test func(model.Record) bool) []int {
	var out []int
	f := c.kind.Field(field)
	if f == nil || f.Type == model.TableField {
		c.each(among, func(i int) {
			if test(c.records[i]) {
				out = append(out, i)
			}
		})
		return out
	}
	col := c.column(f)
	holds := make([]bool, len(col.values))
	for v, i := range col.first {
		holds[v] = test(c.records[i])
	}
	c.each(among, func(i int) {
		if holds[col.ids[i]] {
			out = append(out, i)
		}
	})
	return out
}

// each calls do for the places of the records among which something is looked for. Nil means all.
func (c *Columns) each(among []int, do func(i int)) {
	if among == nil {
		for i := range c.records {
			do(i)
		}
		return
	}
	for _, i := range among {
		do(i)
	}
}

// Broken is a record that a rule does not hold for.
type Broken struct {
	// Place is the place of the record among all.
	Place int
	// Err says why the rule could not be evaluated for it, or is nil.
	Err error
}

// Broken returns the records that an expression does not hold for, among some places or, where they are nil, among all.
// A record for which it cannot be evaluated is broken.
func (c *Columns) Broken(p *Program, among []int) []Broken {
	switch {
	case p.whole:
		var out []Broken
		c.each(among, func(i int) {
			if ok, err := p.Holds(c.kind, c.records[i], c.names); !ok {
				out = append(out, Broken{i, err})
			}
		})
		return out
	case len(p.clauses) > 0 && p.all:
		return c.brokenAny(c.cheapFirst(p.clauses), among)
	case len(p.clauses) > 0:
		return c.brokenAll(c.cheapFirst(p.clauses), among)
	}
	return c.judged(p, among)
}

// cheapFirst puts those clauses first whose fields have the fewest different values.
func (c *Columns) cheapFirst(clauses []*Program) []*Program {
	weight := func(p *Program) int {
		most := 0
		for _, f := range p.fieldsOf(c.kind) {
			most = max(most, len(c.column(f).values))
		}
		return most
	}
	return slices.SortedStableFunc(slices.Values(clauses), func(a, b *Program) int { return weight(a) - weight(b) })
}

// brokenAll returns the records for which no clause holds. Each clause is asked only about those that are left.
func (c *Columns) brokenAll(clauses []*Program, among []int) []Broken {
	var out []Broken
	failed := map[int]error{}
	for _, clause := range clauses {
		out = c.Broken(clause, among)
		among = make([]int, len(out))
		for i, b := range out {
			among[i] = b.Place
			if b.Err != nil {
				failed[b.Place] = b.Err
			}
		}
	}
	for i := range out {
		out[i].Err = failed[out[i].Place]
	}
	return out
}

// brokenAny returns the records for which some clause does not hold. Each clause is asked only about those that are left.
func (c *Columns) brokenAny(clauses []*Program, among []int) []Broken {
	var out []Broken
	for _, clause := range clauses {
		broken := c.Broken(clause, among)
		if len(broken) == 0 {
			continue
		}
		out = append(out, broken...)
		left := make([]int, 0, len(c.records))
		at := 0
		c.each(among, func(i int) {
			if at < len(broken) && broken[at].Place == i {
				at++
				return
			}
			left = append(left, i)
		})
		among = left
	}
	slices.SortFunc(out, func(a, b Broken) int { return a.Place - b.Place })
	return out
}

// verdict is what an expression says of some values.
type verdict struct {
	known, holds bool
	err          error
}

// judged evaluates an expression once for each different combination of the values that it names.
func (c *Columns) judged(p *Program, among []int) []Broken {
	var out []Broken
	fields := p.fieldsOf(c.kind)
	columns := make([]*column, len(fields))
	for i, f := range fields {
		columns[i] = c.column(f)
	}
	values := make(map[string]any, len(fields))
	judge := func(i int) verdict {
		if p.compares && len(fields) == 1 {
			if v, ok := p.compare(fields[0], columns[0].values[columns[0].ids[i]]); ok {
				return v
			}
		}
		clear(values)
		for j, f := range fields {
			if v := columns[j].values[columns[j].ids[i]]; v != nil {
				values[f.Name] = v
			}
		}
		ok, err := p.eval(c.kind, values)
		return verdict{true, ok, err}
	}
	note := func(i int, v verdict) {
		if !v.holds {
			out = append(out, Broken{i, v.err})
		}
	}
	if len(fields) < 2 {
		verdicts := make([]verdict, 1)
		if len(fields) == 1 {
			verdicts = make([]verdict, len(columns[0].values))
		}
		c.each(among, func(i int) {
			at := uint32(0)
			if len(fields) == 1 {
				at = columns[0].ids[i]
			}
			if !verdicts[at].known {
				verdicts[at] = judge(i)
			}
			note(i, verdicts[at])
		})
		return out
	}
	verdicts := map[string]verdict{}
	key := make([]byte, 4*len(fields))
	c.each(among, func(i int) {
		for j, col := range columns {
			binary.LittleEndian.PutUint32(key[4*j:], col.ids[i])
		}
		v, known := verdicts[string(key)]
		if !known {
			v = judge(i)
			verdicts[string(key)] = v
		}
		note(i, v)
	})
	return out
}

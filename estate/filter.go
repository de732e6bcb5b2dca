package estate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/model"
)

// test makes the test of a condition. It reports whether the test looks at other records too.
func (v View) test(k *model.Kind, c Condition) (test func(model.Record) bool, crosses bool, err error) {
	first, rest, path := strings.Cut(c.Field, ".")
	f := fieldNamed(k, c.Field)
	if f == nil && path {
		return v.testAcross(k, c, first, rest)
	}
	if f == nil {
		if test := testSpecial(c); test != nil {
			return test, false, nil
		}
		return nil, false, unknownField(k, c.Field)
	}
	test, err = v.testField(f, c)
	return test, f.IsRef(), err
}

// testSpecial tests what is not a field but can be asked for: id, version, stale and changed.
func testSpecial(c Condition) func(model.Record) bool {
	value := ""
	if len(c.Values) > 0 {
		value = c.Values[0]
	}
	switch c.Field {
	case "id":
		return func(r model.Record) bool { return (r.Base().ID.String() == value) == (c.Op != IsNot) }
	case "version":
		return func(r model.Record) bool { return (strconv.Itoa(int(r.Base().Version)) == value) == (c.Op != IsNot) }
	case "stale":
		return func(r model.Record) bool { return (!r.Base().Stale().IsZero()) == (c.Op == IsSet || value == "true") }
	}
	return nil
}

// testAcross tests a path through a ref or into a table: some record or row at its end must meet the condition.
func (v View) testAcross(k *model.Kind, c Condition, first, rest string) (func(model.Record) bool, bool, error) {
	f := fieldNamed(k, first)
	if f == nil {
		return nil, false, unknownField(k, first)
	}
	if f.Type == model.TableField {
		test, err := v.testRows(f, c, rest)
		return test, false, err
	}
	if !f.IsRef() {
		return nil, false, fmt.Errorf("%s.%s is not a link: there is nothing behind the point", k.Name, f.Name)
	}
	tests := map[string]func(model.Record) bool{}
	var lastErr error
	for _, kind := range v.Schema().Kinds() {
		if len(f.To) > 0 && !slices.Contains(f.To, kind.Name) {
			continue
		}
		test, _, err := v.test(kind, Condition{Field: rest, Op: c.Op, Values: c.Values})
		if err != nil {
			lastErr = err
			continue
		}
		tests[kind.Name] = test
	}
	if len(tests) == 0 {
		return nil, false, lastErr
	}
	return func(rec model.Record) bool {
		for _, r := range f.AppendRefs(nil, rec) {
			if to := v.Get(r); to != nil {
				if test := tests[model.NameOf(to)]; test != nil && test(to) {
					return true
				}
			}
		}
		return false
	}, true, nil
}

// testRows tests a column of a table: some row must meet the condition.
func (v View) testRows(f *model.Field, c Condition, column string) (func(model.Record) bool, error) {
	i := slices.IndexFunc(f.Columns, func(col *model.Field) bool { return col.Name == column })
	if i < 0 {
		return nil, fmt.Errorf("%s has no column %q", f.Name, column)
	}
	want := ""
	if len(c.Values) > 0 {
		want = strings.ToLower(c.Values[0])
	}
	return func(rec model.Record) bool {
		rows, _ := f.Tree(rec, v).([]map[string]any)
		for _, row := range rows {
			cell, set := row[column]
			got := strings.ToLower(fmt.Sprint(cell))
			switch c.Op {
			case IsSet:
				if set {
					return true
				}
			case Contains:
				if set && strings.Contains(got, want) {
					return true
				}
			default:
				if set && holds(c.Op, strings.Compare(got, want)) {
					return true
				}
			}
		}
		return c.Op == IsEmpty && len(rows) == 0
	}, nil
}

func (v View) testField(f *model.Field, c Condition) (func(model.Record) bool, error) {
	switch c.Op {
	case IsEmpty:
		return func(rec model.Record) bool { return !f.Has(rec) }, nil
	case IsSet:
		return f.Has, nil
	}
	if len(c.Values) == 0 {
		return nil, fmt.Errorf("%s: the condition needs a value", f.Name)
	}
	if c.Op == Contains {
		want := strings.ToLower(c.Values[0])
		return func(rec model.Record) bool {
			return f.Has(rec) && strings.Contains(strings.ToLower(f.Text(rec, v)), want)
		}, nil
	}
	if c.Op == In {
		var tests []func(model.Record) bool
		for _, value := range c.Values {
			test, err := v.testValue(f, Is, value)
			if err != nil {
				return nil, err
			}
			tests = append(tests, test)
		}
		return func(rec model.Record) bool {
			return slices.ContainsFunc(tests, func(test func(model.Record) bool) bool { return test(rec) })
		}, nil
	}
	return v.testValue(f, c.Op, c.Values[0])
}

func (v View) testValue(f *model.Field, op Op, value string) (func(model.Record) bool, error) {
	if value == "" {
		return func(rec model.Record) bool { return f.Has(rec) == (op == IsNot) }, nil
	}
	switch f.Type {
	case model.TextField, model.TextsField, model.TableField:
		return v.testText(f, op, value), nil
	case model.RefField, model.RefsField:
		to, err := v.Resolve(f.To, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		return func(rec model.Record) bool {
			return slices.Contains(f.AppendRefs(nil, rec), to) == (op != IsNot)
		}, nil
	}
	parsed, err := f.Read(value, v)
	if err != nil {
		return nil, err
	}
	probe := f.Kind.New()
	f.Set(probe, parsed)
	s := sortField{field: f, view: v}
	want := s.key(probe)
	return func(rec model.Record) bool {
		got := s.key(rec)
		if f.Type == model.MoneyField && got.set && got.text != want.text {
			return op == IsNot
		}
		if !got.set {
			// A number that is not set counts as zero, any other value as none.
			return op == IsNot && want.set || !want.set && holds(op, 0)
		}
		return holds(op, s.compare(got, want))
	}, nil
}

func (v View) testText(f *model.Field, op Op, value string) func(model.Record) bool {
	if f.Type == model.TextsField {
		return func(rec model.Record) bool {
			list, _ := f.Get(rec).([]string)
			some := slices.ContainsFunc(list, func(s string) bool {
				return holds(pick(op), strings.Compare(strings.ToLower(s), strings.ToLower(value)))
			})
			return some == (op != IsNot)
		}
	}
	want := strings.ToLower(value)
	return func(rec model.Record) bool {
		return holds(op, strings.Compare(strings.ToLower(f.Text(rec, v)), want))
	}
}

// pick turns a comparison into the one that is asked of each item of a list.
func pick(op Op) Op {
	if op == IsNot {
		return Is
	}
	return op
}

func holds(op Op, c int) bool {
	switch op {
	case Is, In:
		return c == 0
	case IsNot:
		return c != 0
	case Less:
		return c < 0
	case AtMost:
		return c <= 0
	case More:
		return c > 0
	case AtLeast:
		return c >= 0
	}
	return false
}

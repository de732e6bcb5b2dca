package estate

import (
	"cmp"
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
	return test, holdsRefs(f), err
}

// testSpecial tests what is not a field but can be asked for: id, version and stale.
func testSpecial(c Condition) func(model.Record) bool {
	value := ""
	if len(c.Values) > 0 {
		value = c.Values[0]
	}
	switch c.Field {
	case "id":
		return func(r model.Record) bool { return (r.Base().ID.String() == value) == (c.Op != IsNot) }
	case "version":
		want, err := strconv.Atoi(value)
		return func(r model.Record) bool { return err == nil && holds(c.Op, cmp.Compare(int(r.Base().Version), want)) }
	case "stale":
		want := (c.Op == IsSet || value == "true") != (c.Op == IsNot)
		return func(r model.Record) bool { return !r.Base().Stale().IsZero() == want }
	}
	return nil
}

// deepest is how many points a path may have. Each may lead to any kind, so the work doubles and more with every one.
const deepest = 5

// testAcross tests a path through a ref or into a table: some record or row at its end must meet the condition.
func (v View) testAcross(k *model.Kind, c Condition, first, rest string) (func(model.Record) bool, bool, error) {
	if strings.Count(rest, ".") >= deepest {
		return nil, false, fmt.Errorf("the path %.60q is too long: it may have %d points", c.Field, deepest)
	}
	f := fieldNamed(k, first)
	if f == nil {
		return nil, false, unknownField(k, first)
	}
	if f.Type == model.TableField {
		test, err := v.testRows(f, c, rest)
		return test, holdsRefs(f), err
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
	if len(c.Values) == 0 && c.Op != IsSet && c.Op != IsEmpty {
		return nil, fmt.Errorf("%s.%s: the condition needs a value", f.Name, column)
	}
	for _, value := range c.Values {
		if _, err := f.Columns[i].Read(value, v); err != nil && c.Op != Contains && !f.Columns[i].IsRef() {
			return nil, err
		}
	}
	return func(rec model.Record) bool {
		rows, _ := f.Tree(rec, v).([]map[string]any)
		return slices.ContainsFunc(rows, func(row map[string]any) bool { return testCell(c, row[column]) }) || c.Op == IsEmpty && len(rows) == 0
	}, nil
}

// testCell tests one cell of a table. Numbers compare as numbers, all else as text.
func testCell(c Condition, cell any) bool {
	switch c.Op {
	case IsSet:
		return cell != nil
	case IsEmpty:
		return cell == nil
	}
	got := strings.ToLower(fmt.Sprint(cell))
	return cell != nil && slices.ContainsFunc(c.Values, func(want string) bool {
		want = strings.ToLower(want)
		if c.Op == Contains {
			return strings.Contains(got, want)
		}
		number, err := strconv.ParseFloat(want, 64)
		switch cell := cell.(type) {
		case int64:
			return err == nil && holds(c.Op, cmp.Compare(float64(cell), number))
		case float64:
			return err == nil && holds(c.Op, cmp.Compare(cell, number))
		}
		return holds(c.Op, strings.Compare(got, want))
	})
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
			// A number that is not set equals zero and is otherwise like any value that is not there: it meets nothing but !=.
			return op == IsNot && want.set || !want.set && holds(op, 0)
		}
		return holds(op, got.compare(want))
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
		if !f.Has(rec) {
			return op == IsNot
		}
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

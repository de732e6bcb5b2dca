package door

import (
	"context"
	"errors"
	"slices"
	"strings"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
)

// MostBulk is how many records one entry may change by hand.
const MostBulk = 20_000

// FieldEdit is what is done to one field of many records.
type FieldEdit struct {
	// Field is the name of the field.
	Field string
	// How is set, clear, add or remove. Add and remove are for lists.
	How string
	// Value is the value, as a person would type it.
	Value any
}

// RefusedRecord is a record that is left out, and why.
type RefusedRecord struct {
	Record model.Record
	Why    string
}

// Plan is what an edit of many records would do.
type Plan struct {
	// Changes are what would be done.
	Changes []model.Change
	// Refused are the records that are left out.
	Refused []RefusedRecord
	// Same is how many records have the values already.
	Same int
}

// Plan works out an edit of many records and tries it: what cannot be done is left out, with the reason. The error is
// about the edits themselves: a field that there is not, or a value that cannot be read.
func (h *House) Plan(ctx context.Context, p *access.Principal, v estate.View, m Moment, k *model.Kind, records []model.Record, edits []FieldEdit) (Plan, error) {
	var out Plan
	apply, err := fieldEdits(v, k, edits)
	if err != nil {
		return out, err
	}
	at := map[string]model.Record{}
	for _, rec := range records {
		after := model.Clone(rec)
		apply(after)
		Own(k, rec, after)
		change, differs := model.Difference(k, rec, after)
		if !differs {
			out.Same++
			continue
		}
		if err := p.Check(v, []model.Change{change}); err != nil {
			out.Refused = append(out.Refused, RefusedRecord{rec, err.Error()})
			continue
		}
		if problems := k.Check(after); len(problems) > 0 {
			out.Refused = append(out.Refused, RefusedRecord{rec, problems[0].Error()})
			continue
		}
		at[rec.Base().Key] = rec
		out.Changes = append(out.Changes, change)
	}
	return out, h.try(ctx, p, m, k, &out, at)
}

// try tries the changes of a plan on the store and leaves out what it refuses, until the rest can be done.
func (h *House) try(ctx context.Context, p *access.Principal, m Moment, k *model.Kind, out *Plan, at map[string]model.Record) error {
	for len(out.Changes) > 0 {
		_, err := h.Write(ctx, p, m, Tx{Changes: out.Changes, DryRun: true})
		var r *Refused
		if err == nil || !errors.As(err, &r) {
			return err
		}
		before := len(out.Changes)
		for _, problem := range r.Problems {
			rec := at[problem.Key]
			if rec == nil || problem.Kind != k.Name {
				continue
			}
			id := rec.Base().ID
			out.Changes = slices.DeleteFunc(out.Changes, func(c model.Change) bool { return c.ID == id })
			out.Refused = append(out.Refused, RefusedRecord{rec, problem.Problem.Error()})
			delete(at, problem.Key)
		}
		if len(out.Changes) == before {
			return err
		}
	}
	return nil
}

// fieldEdits returns the function that does all edits to a record.
func fieldEdits(v estate.View, k *model.Kind, edits []FieldEdit) (func(model.Record), error) {
	r := &Refused{}
	var all []func(model.Record)
	for _, e := range edits {
		f := k.Field(e.Field)
		if f == nil || f.System || f.Name == "key" {
			r.Problems = append(r.Problems, refuse(k.Name, "", e.Field, "it cannot be changed for many records at once").Problems...)
			continue
		}
		value, err := f.Read(e.Value, v)
		if err == nil && value == nil && e.How != "clear" {
			err = model.Problem{Field: f.Name, Text: "a value is needed: to take values away, choose Clear"}
		}
		if err != nil && e.How != "clear" {
			var p model.Problem
			text := err.Error()
			if errors.As(err, &p) {
				text = p.Text
			}
			r.Problems = append(r.Problems, refuse(k.Name, "", f.Name, text).Problems...)
			continue
		}
		all = append(all, func(rec model.Record) { e.do(f, rec, value) })
	}
	if len(r.Problems) > 0 {
		slices.SortFunc(r.Problems, func(a, b RecordProblem) int { return strings.Compare(a.Field, b.Field) })
		return nil, r
	}
	if len(all) == 0 {
		return nil, refuse(k.Name, "", "", "say at least for one field what is to be done")
	}
	return func(rec model.Record) {
		for _, one := range all {
			one(rec)
		}
	}, nil
}

// do does the edit to a record that nobody else has seen yet.
func (e FieldEdit) do(f *model.Field, rec model.Record, value any) {
	switch e.How {
	case "clear":
		f.Set(rec, nil)
		return
	case "add", "remove":
		switch want := value.(type) {
		case []string:
			have, _ := f.Get(rec).([]string)
			f.Set(rec, changeList(have, want, e.How == "add"))
			return
		case []model.Ref:
			have, _ := f.Get(rec).([]model.Ref)
			f.Set(rec, changeList(have, want, e.How == "add"))
			return
		}
	}
	f.Set(rec, value)
}

// changeList returns a list with some items more or less. The list itself is not touched.
func changeList[T comparable](have, items []T, add bool) []T {
	out := slices.Clone(have)
	for _, item := range items {
		at := slices.Index(out, item)
		switch {
		case add && at < 0:
			out = append(out, item)
		case !add && at >= 0:
			out = slices.Delete(out, at, at+1)
		}
	}
	return out
}

package door

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// RecordProblem is what is wrong with one field of one record.
type RecordProblem = store.RecordProblem

// hidden lists the records out of sight that a field of a record points to, in their order. Of a table whose rows hide
// links in more than one column there are none to tell apart.
func hidden(v estate.View, f *model.Field, rec model.Record) []model.Ref {
	fields := []*model.Field{f}
	if f.Type == model.TableField {
		fields = f.Columns
	}
	var out []model.Ref
	for _, one := range fields {
		if !one.IsRef() {
			continue
		}
		found := slices.DeleteFunc(one.AppendRefs(nil, rec), func(r model.Ref) bool { return v.Get(r) != nil })
		if len(found) > 0 && len(out) > 0 {
			return nil
		}
		out = append(out, found...)
	}
	return out
}

// keeping resolves names, and [model.Unseen] as the links out of sight that are there already, one after the other:
// who sends back what was shown changes none of them.
type keeping struct {
	estate.View
	hidden []model.Ref
	next   int
}

// Resolve returns a ref to the record that a text names.
func (k *keeping) Resolve(kinds []string, text string) (model.Ref, error) {
	if strings.TrimSpace(text) == model.Unseen && k.next < len(k.hidden) {
		k.next++
		return k.hidden[k.next-1], nil
	}
	return k.View.Resolve(kinds, text)
}

// list adds the links out of sight that were left out of a list of links: nobody takes away what he does not see.
func (k *keeping) list(f *model.Field, value any) any {
	if f.Type != model.RefsField || k.next == len(k.hidden) {
		return value
	}
	refs, _ := value.([]model.Ref)
	return append(slices.Clone(refs), k.hidden[k.next:]...)
}

var recordName = regexp.MustCompile(`[\pL_][\pL\pN_]*/\S+`)

// unnamed takes the names of records that a view does not show out of the reasons why something was refused.
func unnamed(v estate.View, err error) error {
	var r *Refused
	if !errors.As(err, &r) {
		return err
	}
	out := &Refused{}
	for _, p := range r.Problems {
		p.Text = recordName.ReplaceAllStringFunc(p.Text, func(name string) string {
			kind, key, _ := strings.Cut(name, "/")
			bare := strings.TrimRight(key, ",.;:")
			if v.Snapshot().Find(kind, bare) != nil && v.Find(kind, bare) == nil {
				return "a record that you may not see" + key[len(bare):]
			}
			return name
		})
		out.Problems = append(out.Problems, p)
	}
	return out
}

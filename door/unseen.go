package door

import (
	"errors"
	"regexp"
	"strings"

	"binnacle/estate"
	"binnacle/store"
)

// RecordProblem is what is wrong with one field of one record.
type RecordProblem = store.RecordProblem

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

package standards

import (
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// linksOf returns links to the records that some refs point to and that the view sees.
func linksOf(v estate.View, refs []model.Ref) []practice.Link {
	var out []practice.Link
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// changeOf makes a proposal of one record that changes or is created.
func changeOf(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}

// looked returns the record that a parameter names.
func looked[R model.Record](v estate.View, field string, ref model.Ref) (R, error) {
	rec, ok := estate.Look[R](v, ref)
	if !ok {
		return rec, model.Problem{Field: field, Text: "there is no such record"}
	}
	return rec, nil
}

// freeKey returns a key that no record of a kind has.
func freeKey(v estate.View, kind, base string) string {
	if len(base) > 200 {
		base = strings.ToValidUTF8(base[:200], "")
	}
	return practice.FreeKey(v, kind, base)
}

// slug returns the words of a text in lower case with hyphens between them.
func slug(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return r != '.' && r != '_' && r <= 127 && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// rounded rounds to one place.
func rounded(f float64) float64 {
	if f < 0 {
		return -rounded(-f)
	}
	return float64(int64(f*10+0.5)) / 10
}

// judge finishes a verdict: unknown where nothing was looked at, and failed where there is a finding.
func judge(out practice.Verdict, none, bad, good string) practice.Verdict {
	practice.WorstFirst(out.Findings)
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, none
	case len(out.Findings) > 0:
		out.Text = bad
	default:
		out.Pass, out.Text = true, good
	}
	return out
}

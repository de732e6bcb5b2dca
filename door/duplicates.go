package door

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"binnacle/estate"
	"binnacle/model"
)

// Likeness is records of one kind that may be the same thing.
type Likeness struct {
	// Field is the field in which they are alike, by its label.
	Field string
	// Value is what they share, as one of them has it.
	Value string
	// Records are the records, by key.
	Records []model.Record
}

// companyForms are words behind the name of a company that do not tell companies apart.
var companyForms = map[string]bool{"inc": true, "incorporated": true, "corp": true, "corporation": true, "ltd": true, "limited": true, "llc": true, "plc": true,
	"gmbh": true, "ag": true, "kg": true, "se": true, "sa": true, "sas": true, "sarl": true, "bv": true, "nv": true, "ab": true, "as": true, "oy": true, "co": true,
	"company": true, "the": true, "spa": true, "srl": true}

// likeName returns the form in which names are compared: letters and digits in lower case, without the form of a company.
func likeName(name string) string {
	var out strings.Builder
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if i > 0 && companyForms[w] || w == "the" {
			continue
		}
		out.WriteString(w)
	}
	return out.String()
}

// likeFields are names of text fields that tell what a record is, besides those that identify it.
var likeFields = []string{"name", "full_name", "email", "host_name", "hostname", "fqdn", "serial", "address", "website", "domain"}

// Duplicates proposes records of a kind that may be the same thing, the largest groups first and at most a number of
// them: those whose names or other telling texts are the same but for case, spaces and signs. It looks at no more than
// [MostTotalled] records; all tells whether that was every one.
func Duplicates(v estate.View, k *model.Kind, limit int) (found []Likeness, all bool, err error) {
	page, err := v.List(estate.Query{Kind: k.Name, Limit: MostTotalled})
	if err != nil {
		return nil, false, err
	}
	var seen []string
	for _, f := range k.Fields {
		if f.Type != model.TextField || f.System || f.Ident == "" && !slices.Contains(likeFields, f.Name) {
			continue
		}
		groups := map[string][]model.Record{}
		for _, rec := range page.Records {
			if value, _ := f.Get(rec).(string); value != "" {
				if like := likeName(value); len(like) > 1 {
					groups[like] = append(groups[like], rec)
				}
			}
		}
		for _, records := range groups {
			if len(records) < 2 {
				continue
			}
			l := Likeness{Field: f.Label, Value: f.Text(records[0], v), Records: records}
			if who := l.who(); !slices.Contains(seen, who) {
				seen = append(seen, who)
				found = append(found, l)
			}
		}
	}
	slices.SortFunc(found, func(a, b Likeness) int {
		return cmp.Or(cmp.Compare(len(b.Records), len(a.Records)), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Field, b.Field))
	})
	return found[:min(limit, len(found))], len(page.Records) == page.Total, nil
}

// who names the records, so that the same ones are proposed once.
func (l Likeness) who() string {
	var out strings.Builder
	for _, rec := range l.Records {
		out.WriteString(rec.Base().Key)
		out.WriteByte(0)
	}
	return out.String()
}

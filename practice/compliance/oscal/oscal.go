// Package oscal writes what the estate knows about compliance as documents in OSCAL 1.1.3: pure functions from a view to files. The same view gives
// the same bytes, and every identifier is that of the record, or follows from it.
package oscal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Version is the version of OSCAL that documents are written in.
const Version = "1.1.3"

// Namespace is the name space of the properties that Binnacle adds to OSCAL documents.
const Namespace = "urn:binnacle:oscal"

// ErrNothing is in the error of everything that there is nothing to write about.
var ErrNothing = errors.New("there is nothing to write")

// object is a JSON object. Its members are written in the order of their names.
type object = map[string]any

// Files writes every document that there is something to say in, for a scope, an audit, a framework, a baseline or a document that was imported. The error says what is
// missing where not one can be written.
func Files(v estate.View, about model.Ref) ([]practice.File, error) {
	switch rec := v.Get(about).(type) {
	case *model.ComplianceScope:
		return scopeFiles(v, rec, nil)
	case *model.Audit:
		scope, ok := estate.Look[*model.ComplianceScope](v, rec.Scope)
		if !ok {
			return nil, fmt.Errorf("%w: the audit %s has no scope: say what is examined", ErrNothing, rec.Title())
		}
		return scopeFiles(v, scope, rec)
	case *model.Framework:
		return one(Catalog(v, rec))
	case *model.Baseline:
		return one(Profile(v, rec))
	case *model.OscalDocument:
		return one(Document(v, rec))
	}
	return nil, fmt.Errorf("OSCAL documents are written for a scope, an audit, a framework, a baseline or a document that was imported")
}

func one(f practice.File, err error) ([]practice.File, error) {
	if err != nil {
		return nil, err
	}
	return []practice.File{f}, nil
}

// scopeFiles writes the documents of a scope, those without content left out.
func scopeFiles(v estate.View, scope *model.ComplianceScope, audit *model.Audit) ([]practice.File, error) {
	s, err := newScope(v, scope, audit)
	if err != nil {
		return nil, err
	}
	var out []practice.File
	for _, write := range []func() (model.OscalModel, object){s.profile, s.components, s.plan, s.assessmentPlan, s.results, s.actions} {
		m, body := write()
		if body == nil {
			continue
		}
		f, err := s.file(m, body)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// file writes a document. Where one of the same model about the same thing was imported, what that says beyond the records is kept.
func (s *scope) file(m model.OscalModel, body object) (practice.File, error) {
	about := s.rec.Ref()
	key := s.rec.Key
	if s.audit != nil {
		key = s.audit.Key
	}
	var stored *model.OscalDocument
	for d := range estate.Each[*model.OscalDocument](s.view) {
		mine := d.About == about || s.audit != nil && d.About == s.audit.Ref()
		if mine && d.Model == m && (stored == nil || d.Modified > stored.Modified || d.Modified == stored.Modified && d.Key < stored.Key) {
			stored = d
		}
	}
	if stored != nil {
		was, err := contentOf(stored)
		if err != nil {
			return practice.File{}, err
		}
		if was != nil {
			align(was, body)
			body = merge(s.rewritten(was, m), body).(object)
		}
	}
	s.complete(m, body)
	return encode(s.view, m, key, body)
}

// Document writes a document again that was imported, with what its records say now.
func Document(v estate.View, d *model.OscalDocument) (practice.File, error) {
	switch rec := v.Get(d.About).(type) {
	case *model.Framework:
		return Catalog(v, rec)
	case *model.Baseline:
		return Profile(v, rec)
	}
	was, err := contentOf(d)
	if err != nil {
		return practice.File{}, err
	}
	if was == nil {
		return practice.File{}, fmt.Errorf("the content of %s was too long to be kept: write the documents of its scope instead", d.Title())
	}
	s := &scope{view: v, now: v.Stamp().At}
	return encode(v, d.Model, d.Key, s.rewritten(was, d.Model))
}

// encode writes a document as JSON with the metadata that every one needs.
func encode(v estate.View, m model.OscalModel, key string, body object) (practice.File, error) {
	meta, _ := body["metadata"].(object)
	if meta == nil {
		meta = object{}
	}
	meta["last-modified"] = moment(v.Stamp().At)
	meta["version"] = cmp.Or(text(meta["version"]), fmt.Sprint(v.Stamp().Seq))
	meta["oscal-version"] = Version
	body["metadata"] = meta
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(object{string(m): body}); err != nil {
		return practice.File{}, fmt.Errorf("write %s: %w", m, err)
	}
	name := strings.TrimPrefix(strings.TrimPrefix(key, string(m)+"-"), string(m))
	return practice.File{Name: cmp.Or(name, "document") + "." + string(m) + ".json", Type: "application/json", Content: out.Bytes()}, nil
}

// moment writes a moment. The beginning of 1970 stands for none.
func moment(t model.Time) string {
	if t.IsZero() {
		return "1970-01-01T00:00:00Z"
	}
	return t.String()
}

// midnight writes the moment at which a day begins.
func midnight(d model.Date) string { return d.String() + "T00:00:00Z" }

func text(value any) string {
	out, _ := value.(string)
	return out
}

// idOf returns the identifier of a record.
func idOf(rec model.Record, own string) string {
	return model.OscalIdentifier(own, model.NameOf(rec), rec.Base().ID)
}

// derived returns an identifier for something that belongs to a record and is none itself.
func derived(rec model.Record, purpose string) string {
	return model.OscalIdentifier("", model.NameOf(rec)+" "+purpose, rec.Base().ID)
}

// line puts a text on one line, as values of properties must be, or another text where there is nothing.
func line(texts ...string) string {
	for _, t := range texts {
		if t = strings.Join(strings.Fields(t), " "); t != "" {
			return t
		}
	}
	return "-"
}

// prose returns the first of some texts that is not empty.
func prose(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return "-"
}

func prop(name, value string) object {
	return object{"name": name, "ns": Namespace, "value": line(value)}
}

// keyProp says which key a record has, so that it has the same where the document is imported.
func keyProp(rec model.Record) object { return prop("record-key", rec.Base().Key) }

// put sets a member that is a list unless the list is empty.
func put(o object, name string, list []any) {
	if len(list) > 0 {
		o[name] = list
	}
}

// set sets a member that is a text unless it is empty.
func set(o object, name, value string) {
	if strings.TrimSpace(value) != "" {
		o[name] = value
	}
}

// sorted returns the records of some refs in the order of their keys, each once.
func sorted[R model.Record](v estate.View, refs map[model.Ref]bool) []R {
	var out []R
	for ref := range refs {
		if rec, ok := estate.Look[R](v, ref); ok {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b R) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
	return out
}

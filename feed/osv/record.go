package osv

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
	"binnacle/model/cvss"
	"binnacle/model/vers"
)

// record reads one record. What breaks a must of the schema refuses it.
func (r *reader) record(n *kit.Node, at string) {
	where := r.at(n, at)
	id := n.String("id")
	if n.Shape != kit.Object {
		r.batch.Refuse(where, "it is not a record: a record is an object with an id")
		return
	}
	if err := checkID(n, id); err != nil {
		r.batch.Refuse(where, "%v", err)
		return
	}
	a := &model.Advisory{Meta: model.Meta{Key: id, Name: n.String("summary"), Description: n.String("details")}}
	a.Aliases, a.Related = others(id, texts(n, "aliases")), others(id, texts(n, "related"))
	upstream := others(id, texts(n, "upstream"))
	if len(upstream) == 1 {
		// The record of a distribution about one vulnerability tells of that vulnerability.
		a.Aliases = others(id, append(a.Aliases, upstream...))
	} else {
		a.Related = others(id, append(a.Related, upstream...))
	}
	if err := r.times(n, a); err != nil {
		r.batch.RefuseRecord(where, "Advisory/"+id, "", err.Error())
		return
	}
	r.severity(n, a)
	r.references(n, a)
	a.Weaknesses = weaknesses(n)
	for i, affected := range n.List("affected") {
		if affected.Shape != kit.Object {
			r.batch.RefuseRecord(where, "Advisory/"+id, fmt.Sprintf("affected[%d]", i), "it is not an object")
			return
		}
		p, err := r.affected(affected)
		if err != nil {
			r.batch.RefuseRecord(r.at(affected, fmt.Sprintf("%s.affected[%d]", at, i)), "Advisory/"+id, "affected", err.Error())
			return
		}
		if p != nil {
			a.Affected = append(a.Affected, *p)
		}
	}
	r.batch.Count("advisories", 1)
	r.batch.AddItem(&feed.Item{Record: a, Where: where, Clear: cleared(a)})
}

// checkID says why a record cannot be taken for what it lacks.
func checkID(n *kit.Node, id string) error {
	switch {
	case id == "":
		return errors.New("the record has no id")
	case strings.ContainsFunc(id, unicode.IsSpace) || len(id) > 300:
		return fmt.Errorf("the id %q is none: it has no spaces and at most 300 bytes", kit.Short(id))
	case n.String("modified") == "":
		return fmt.Errorf("the record %s does not say when it was modified", id)
	}
	return nil
}

// cleared names the fields that the record says are empty, so that what it said before does not stay.
func cleared(a *model.Advisory) []string {
	var out []string
	for _, f := range []struct {
		name  string
		empty bool
	}{{"aliases", len(a.Aliases) == 0}, {"related", len(a.Related) == 0}, {"affected", len(a.Affected) == 0}, {"withdrawn", a.Withdrawn.IsZero()}} {
		if f.empty {
			out = append(out, f.name)
		}
	}
	return out
}

// texts returns the texts of a list.
func texts(n *kit.Node, name string) []string {
	var out []string
	for _, item := range n.List(name) {
		if text := item.Plain(); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// others returns the identifiers apart from the own one, each once, in the order of their names.
func others(id string, all []string) []string {
	out := slices.Clone(all)
	slices.Sort(out)
	out = slices.Compact(out)
	out = slices.DeleteFunc(out, func(s string) bool { return s == id })
	if len(out) == 0 {
		return nil
	}
	return out
}

// times reads when the record was published, modified and withdrawn. A time of the year 1, which some databases write for one that they do not know, stays unset.
func (r *reader) times(n *kit.Node, a *model.Advisory) error {
	for _, f := range []struct {
		name string
		into *model.Time
	}{{"published", &a.Published}, {"modified", &a.Modified}, {"withdrawn", &a.Withdrawn}} {
		text := n.String(f.name)
		if text == "" || strings.HasPrefix(text, "0001-01-01T00:00:00") {
			continue
		}
		t, err := model.ParseTime(text)
		if err != nil {
			return fmt.Errorf("%s: %q is not a time: write it as 2024-05-01T10:00:00Z", f.name, kit.Short(text))
		}
		*f.into = t
	}
	return nil
}

// words are what databases call severities.
var words = map[string]model.Severity{
	"low": "low", "moderate": "medium", "medium": "medium", "important": "high", "high": "high", "critical": "critical", "negligible": "low", "none": "none",
}

// severity reads the vectors of the record and of its packages, and what the database says in a word.
func (r *reader) severity(n *kit.Node, a *model.Advisory) {
	all := n.List("severity")
	word := words[strings.ToLower(n.Get("database_specific").String("severity"))]
	for _, affected := range n.List("affected") {
		all = append(all, affected.List("severity")...)
		if word == "" {
			word = words[strings.ToLower(affected.Get("ecosystem_specific").String("severity"))]
		}
	}
	for _, s := range all {
		score := s.String("score")
		if strings.HasPrefix(s.String("type"), "CVSS_") {
			if score != "" && !slices.Contains(a.Vectors, score) {
				a.Vectors = append(a.Vectors, score)
			}
		} else if word == "" {
			word = words[strings.ToLower(score)]
		}
	}
	a.Severity = word
	if a.Severity == "" {
		a.Severity = model.Severity(cvss.RatingOf(a.Vectors))
	}
}

// references reads the addresses. Evidence is what shows that a vulnerability can be used.
func (r *reader) references(n *kit.Node, a *model.Advisory) {
	for _, ref := range n.List("references") {
		url := ref.String("url")
		if url != "" && !slices.Contains(a.References, url) {
			a.References = append(a.References, url)
		}
		a.ExploitPublic = a.ExploitPublic || url != "" && ref.String("type") == "EVIDENCE"
	}
}

// weaknesses reads the weaknesses where GitHub and the databases that follow it write them.
func weaknesses(n *kit.Node) []string {
	out := texts(n.Get("database_specific"), "cwe_ids")
	for _, affected := range n.List("affected") {
		for _, cwe := range affected.Get("database_specific").List("cwes") {
			if id := cwe.String("cweId"); id != "" {
				out = append(out, id)
			}
		}
	}
	return others("", out)
}

// affected reads one package. It returns nil where none is named.
func (r *reader) affected(n *kit.Node) (*model.AffectedPackage, error) {
	about := n.Get("package")
	eco, title, purl := about.String("ecosystem"), about.String("name"), about.String("purl")
	out := &model.AffectedPackage{Ecosystem: eco}
	if p, ok := vers.InEcosystem(eco, title); ok {
		out.Package = p.URL()
	} else if p, err := vers.ParseURL(purl); err == nil {
		out.Package = p.URL()
	} else {
		out.Name = title
	}
	scheme := vers.SchemeOf(eco, out.Package)
	var tests []*vers.Test
	fixed := vers.Range{Scheme: scheme}
	for i, rg := range n.List("ranges") {
		kind, events, err := eventsOf(rg)
		if err != nil {
			return nil, fmt.Errorf("ranges[%d]: %w", i, err)
		}
		if kind == "GIT" {
			r.left.commits++
			continue
		}
		own := scheme
		if kind == "SEMVER" && !vers.Ordered(own) {
			own = "semver"
		}
		text, some := r.rangeOf(own, events)
		if some {
			out.Ranges = append(out.Ranges, text.String())
			tests = append(tests, text.Test())
		}
		for _, e := range events {
			if e.Fixed != "" {
				fixed.Constraints = append(fixed.Constraints, vers.Constraint{Is: "=", Version: e.Fixed})
			}
		}
	}
	for _, c := range fixed.Canonical().Constraints {
		out.Fixed = append(out.Fixed, c.Version)
	}
	if exact := exact(scheme, texts(n, "versions"), tests); len(exact.Constraints) > 0 {
		out.Ranges = append(out.Ranges, exact.String())
	}
	out.Symbols = symbols(n)
	if out.Package == "" && out.Name == "" {
		return nil, nil
	}
	return out, nil
}

// rangeOf writes the events of a range in VERS notation. Where the order of its versions is not known, they are written one after another.
func (r *reader) rangeOf(scheme string, events []vers.Event) (vers.Range, bool) {
	if vers.Ordered(scheme) {
		if out, some, err := vers.FromEvents(scheme, events); err == nil {
			return out, some
		}
	}
	r.left.unplaced++
	if scheme == "" {
		scheme = "generic"
	}
	out := vers.Range{Scheme: scheme}
	for _, e := range events {
		switch {
		case e.Introduced != "":
			out.Constraints = append(out.Constraints, vers.Constraint{Is: ">=", Version: e.Introduced})
		case e.Fixed != "":
			out.Constraints = append(out.Constraints, vers.Constraint{Is: "<", Version: e.Fixed})
		case e.LastAffected != "":
			out.Constraints = append(out.Constraints, vers.Constraint{Is: "<=", Version: e.LastAffected})
		}
	}
	return out, len(out.Constraints) > 0
}

// exact returns the versions that are in none of the ranges, as exact versions.
func exact(scheme string, versions []string, tests []*vers.Test) vers.Range {
	if scheme == "" {
		scheme = "generic"
	}
	out := vers.Range{Scheme: scheme}
	for _, text := range versions {
		v := vers.Read(scheme, text)
		if !slices.ContainsFunc(tests, func(t *vers.Test) bool { return t.Contains(v) }) {
			out.Constraints = append(out.Constraints, vers.Constraint{Is: "=", Version: v.String()})
		}
	}
	return out.Canonical()
}

// eventsOf reads a range and says what breaks a must of the schema.
func eventsOf(n *kit.Node) (kind string, events []vers.Event, err error) {
	kind = n.String("type")
	switch kind {
	case "SEMVER", "ECOSYSTEM", "GIT":
	default:
		return kind, nil, fmt.Errorf("the type %q of a range is none: it is SEMVER, ECOSYSTEM or GIT", kit.Short(kind))
	}
	if kind == "GIT" && n.String("repo") == "" {
		return kind, nil, errors.New("a range of commits names no repository")
	}
	introduced, fixed, last := false, false, false
	for i, item := range n.List("events") {
		e := vers.Event{Introduced: item.String("introduced"), Fixed: item.String("fixed"), LastAffected: item.String("last_affected"), Limit: item.String("limit")}
		set := 0
		for _, text := range []string{e.Introduced, e.Fixed, e.LastAffected, e.Limit} {
			if text != "" {
				set++
			}
		}
		if set != 1 {
			return kind, nil, fmt.Errorf("events[%d]: an event is one of introduced, fixed, last_affected and limit, with a version", i)
		}
		introduced, fixed, last = introduced || e.Introduced != "", fixed || e.Fixed != "", last || e.LastAffected != ""
		events = append(events, e)
	}
	switch {
	case !introduced:
		return kind, nil, errors.New("no event says in which version it was introduced: write introduced 0 for all from the first")
	case fixed && last:
		return kind, nil, errors.New("a range has events of fixed or of last_affected, and not of both")
	}
	return kind, events, nil
}

// symbols reads the functions that have the vulnerability, where Go and Rust write them.
func symbols(n *kit.Node) []string {
	specific := n.Get("ecosystem_specific")
	var out []string
	for _, imported := range specific.List("imports") {
		for _, symbol := range imported.List("symbols") {
			out = append(out, strings.TrimPrefix(imported.String("path")+"."+symbol.Plain(), "."))
		}
	}
	out = append(out, texts(specific.Get("affects"), "functions")...)
	return others("", out)
}

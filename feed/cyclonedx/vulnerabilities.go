package cyclonedx

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// states are the states of an analysis in the words of OpenVEX.
var states = map[string]model.VexStatus{
	"resolved": model.VexFixed, "resolved_with_pedigree": model.VexFixed, "exploitable": model.VexAffected, "in_triage": model.VexInvestigated,
	"false_positive": model.VexNotAffected, "not_affected": model.VexNotAffected,
}

// justifications are the justifications of an analysis in the words of OpenVEX, as far as they mean the same. That something needs a configuration, a dependency or
// an environment that is not there has no word in OpenVEX.
var justifications = map[string]model.VexJustification{
	"code_not_present": "vulnerable_code_not_present", "code_not_reachable": "vulnerable_code_not_in_execute_path",
	"protected_by_compiler": "inline_mitigations_already_exist", "protected_at_runtime": "inline_mitigations_already_exist",
	"protected_at_perimeter": "inline_mitigations_already_exist", "protected_by_mitigating_control": "inline_mitigations_already_exist",
}

// exact are the justifications that mean nothing else than the word of OpenVEX.
var exact = []string{"code_not_present", "code_not_reachable"}

// bearer is something that a vulnerability is said to affect.
type bearer struct {
	product kit.Product
	// inside says that it is a component of what the document describes.
	inside bool
	// status is what the document says of this version, where it says something of its own.
	status model.VexStatus
}

// addVulnerabilities adds the vulnerabilities: each as an advisory of its own beside those of others, and what an analysis found out as statements.
func (r *reader) addVulnerabilities() {
	list := r.root.list("vulnerabilities")
	if len(list) == 0 {
		return
	}
	parts := map[string]*part{}
	for _, p := range r.parts {
		if p.Ref != "" {
			parts[p.Ref] = p
		}
	}
	said := &kit.Statements{Batch: r.batch, Document: cmp.Or(r.root.string("serialNumber"), r.batch.Source.Key), Author: r.author(), Stated: r.batch.Source.Produced}
	said.Begin()
	advisories := map[string]int{}
	for i, n := range list {
		path := "vulnerabilities[" + strconv.Itoa(i) + "]"
		if n.kind != objectNode || n.bad {
			r.incomplete, r.batch.Complete = true, false
			continue
		}
		id, aliases := identifiers(n)
		if id == "" {
			r.batch.RefuseRecord(r.at(n, path), "", "id", "the vulnerability has no identifier: it needs an id or a reference with one")
			r.incomplete, r.batch.Complete = true, false
			continue
		}
		bearers := r.bearers(n, parts)
		r.addAdvisory(n, id, aliases, bearers, advisories, r.at(n, path))
		r.addStatements(n, id, bearers, said, r.at(n, path))
	}
}

// author says who states what the document says.
func (r *reader) author() string {
	meta := r.root.get("metadata")
	for _, list := range [][]*node{meta.list("authors")} {
		for _, a := range list {
			if who := kit.Line(cmp.Or(a.string("name"), a.string("email"))); who != "" {
				return who
			}
		}
	}
	return kit.Line(cmp.Or(meta.get("manufacturer").string("name"), meta.get("supplier").string("name"), meta.get("manufacture").string("name"), r.batch.Source.Name))
}

// identifiers returns the identifier of a vulnerability and those that others give to it.
func identifiers(n *node) (id string, aliases []string) {
	id = kit.Line(n.string("id"))
	for _, ref := range n.list("references") {
		switch other := kit.Line(ref.string("id")); {
		case other == "" || other == id:
		case id == "":
			id = other
		default:
			aliases = append(aliases, other)
		}
	}
	return strings.ReplaceAll(id, " ", "-"), kit.Sorted(aliases)
}

// bearers returns what a vulnerability is said to affect, version by version where versions are told.
func (r *reader) bearers(n *node, parts map[string]*part) []bearer {
	var out []bearer
	for _, a := range n.list("affects") {
		one := r.bearer(a.string("ref"), parts)
		versions := a.list("versions")
		if len(versions) == 0 {
			out = append(out, one)
		}
		for _, v := range versions {
			at := one
			at.product.Version, at.product.Range, at.product.Exact = kit.Line(v.string("version")), kit.Line(v.string("range")), true
			if url, err := packageurl.FromString(at.product.PackageURL); err == nil {
				// The version of the affected versions counts, and not that of the component that stands for them.
				url.Version = ""
				at.product.PackageURL = url.ToString()
			}
			switch v.string("status") {
			case "unaffected":
				at.status = model.VexNotAffected
			case "unknown":
				at.status = model.VexInvestigated
			}
			out = append(out, at)
		}
	}
	return out
}

// bearer finds out what a name within the document, or a link to another bill of materials, means.
func (r *reader) bearer(ref string, parts map[string]*part) bearer {
	subject := r.subject.node
	if p := parts[ref]; p != nil {
		return bearer{product: kit.Product{Name: p.name, Version: p.Version, PackageURL: kit.PackageText(p.purl), CPE: p.cpe}, inside: !r.subject.ref.IsZero()}
	}
	if subject != nil && ref != "" && ref == subject.string("bom-ref") {
		return bearer{product: kit.Product{Name: r.subject.key, Version: kit.Line(subject.string("version")), Ref: r.subject.ref}}
	}
	serial := ""
	if rest, ok := strings.CutPrefix(ref, "urn:cdx:"); ok {
		document, name, _ := strings.Cut(rest, "#")
		serial, _, _ = strings.Cut(document, "/")
		ref = name
		if serial != "" && serial == strings.TrimPrefix(r.root.string("serialNumber"), "urn:uuid:") && (parts[name] != nil || subject.string("bom-ref") == name) && name != "" {
			return r.bearer(name, parts)
		}
	}
	p := kit.Product{Name: kit.Line(cmp.Or(ref, serial)), PackageURL: kit.PackageText(ref), Serial: serial}
	return bearer{product: p}
}

// addAdvisory adds what the document tells of a vulnerability as such.
func (r *reader) addAdvisory(n *node, id string, aliases []string, bearers []bearer, taken map[string]int, at feed.Where) {
	status := states[n.get("analysis").string("state")]
	var affected []kit.Product
	for _, b := range bearers {
		if s := cmp.Or(b.status, status); s != model.VexNotAffected && s != model.VexFixed {
			affected = append(affected, b.product)
		}
	}
	packages, platforms := kit.AffectedBy(affected, nil)
	if taken[id]++; taken[id] > 1 {
		// The same vulnerability is told of once for each analysis: the first says what it is, and all say what it affects.
		for _, item := range r.batch.Items {
			if a, ok := item.Record.(*model.Advisory); ok && slices.Contains(a.Aliases, id) {
				a.Affected, a.Platforms = append(a.Affected, packages...), kit.Sorted(append(a.Platforms, platforms...))
				return
			}
		}
	}
	a := &model.Advisory{Aliases: kit.Sorted(append(aliases, id)), Affected: packages, Platforms: platforms, Published: kit.TimeAt(cmp.Or(n.string("published"), n.string("created"))), Modified: kit.TimeAt(n.string("updated")), Withdrawn: kit.TimeAt(n.string("rejected"))}
	a.Key = kit.SubjectKey(kit.KeyOf(r.subject.key, id)) + "~" + kit.Digest(r.subject.identity + "\x00" + id)[:8]
	a.Name, a.Description = id, kit.Clean(cmp.Or(n.string("description"), n.string("detail")))
	for _, rating := range n.list("ratings") {
		if s := kit.SeverityOf(rating.string("severity")); model.Rank(s) > model.Rank(a.Severity) {
			a.Severity = s
		}
		a.Vectors = append(a.Vectors, kit.VectorOf(rating.string("vector"), rating.string("method")))
	}
	a.Vectors = kit.Sorted(a.Vectors)
	for _, c := range n.list("cwes") {
		if number := c.text; number != "" {
			a.Weaknesses = append(a.Weaknesses, "CWE-"+kit.Line(strings.TrimPrefix(number, "CWE-")))
		}
	}
	a.Weaknesses = kit.Sorted(a.Weaknesses)
	for _, list := range [][]*node{{n.get("source")}, n.list("advisories")} {
		for _, ref := range list {
			if address := kit.WebAddress(ref.string("url")); address != "" && !slices.Contains(a.References, address) {
				a.References = append(a.References, address)
			}
		}
	}
	r.batch.AddItem(&feed.Item{Record: a, Where: at, Idents: []feed.Ident{feed.External(r.subject.identity + " advisory " + id)}})
}

// addStatements adds what an analysis found out.
func (r *reader) addStatements(n *node, id string, bearers []bearer, said *kit.Statements, at feed.Where) {
	analysis := n.get("analysis")
	state := analysis.string("state")
	one := model.VexStatement{Vulnerability: id, Status: states[state], Stated: kit.TimeAt(cmp.Or(analysis.string("lastUpdated"), analysis.string("firstIssued")))}
	why, detail := analysis.string("justification"), kit.Clean(analysis.string("detail"))
	one.Justification = justifications[why]
	one.Impact = detail
	if word := why; word != "" && !slices.Contains(exact, word) || state == "false_positive" {
		// What OpenVEX has no word for is kept in the words of CycloneDX.
		one.Impact = strings.TrimSpace(strings.TrimSuffix(cmp.Or(word, state)+": "+detail, ": "))
	}
	action := slices.DeleteFunc([]string{kit.Clean(n.string("recommendation")), kit.Clean(n.string("workaround"))}, func(t string) bool { return t == "" })
	var responses []string
	for _, response := range analysis.list("response") {
		responses = append(responses, strings.ReplaceAll(kit.Line(response.value()), "_", " "))
	}
	if len(responses) > 0 {
		action = append([]string{"Response: " + strings.Join(responses, ", ") + "."}, action...)
	}
	one.Action = strings.Join(action, "\n\n")
	byStatus := map[model.VexStatus][]bearer{}
	for _, b := range bearers {
		if s := cmp.Or(b.status, one.Status); s != "" {
			byStatus[s] = append(byStatus[s], b)
		}
	}
	if len(bearers) == 0 && one.Status != "" {
		// An analysis without a target is about what the document describes, or about everything that who states it makes.
		target := kit.Product{Name: "every product of " + said.Author, Exact: true}
		if r.subject.node != nil {
			target = kit.Product{Name: r.subject.key, Version: kit.Line(r.subject.node.string("version")), Ref: r.subject.ref}
		}
		byStatus[one.Status] = []bearer{{product: target}}
	}
	for _, status := range []model.VexStatus{model.VexAffected, model.VexNotAffected, model.VexFixed, model.VexInvestigated} {
		r.addStatement(one, status, byStatus[status], said, at)
	}
	if analysis != nil && one.Status == "" {
		r.batch.Count("analyses without a state", 1)
	}
}

// addStatement adds what is said of some things with one status: of components together with what has them, and of everything else.
func (r *reader) addStatement(one model.VexStatement, status model.VexStatus, bearers []bearer, said *kit.Statements, at feed.Where) {
	if status != one.Status {
		one.Justification = ""
	}
	if one.Status = status; status != model.VexNotAffected {
		one.Description, one.Impact, one.Justification = one.Impact, "", ""
	}
	var inside, others []kit.Product
	for _, b := range bearers {
		if b.inside {
			inside = append(inside, b.product)
		} else {
			others = append(others, b.product)
		}
	}
	if len(inside) > 0 {
		said.Add(one, slices.DeleteFunc(slices.Clone(inside), func(p kit.Product) bool { return p.Text() == "" }), []model.Ref{r.subject.ref}, at)
	}
	if len(others) > 0 {
		said.Add(one, others, nil, at)
	}
}

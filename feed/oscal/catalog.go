package oscal

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// frameworkDraft is a framework that a document proposes.
type frameworkDraft struct {
	item *feed.Item
	// requirements are its requirements by identifier, and order says in which order they stand.
	requirements map[string]*requirementDraft
	order        []*requirementDraft
	// written gives their identifiers by the tokens that documents have in their place.
	written map[string]string
	// lost are the links to controls that are not in the catalogue.
	lost []string
}

// requirementDraft is one control or group that is being read.
type requirementDraft struct {
	item *feed.Item
	rec  *model.Requirement
	node *kit.Node
	id   string
	// sort is what the document says of the order among its siblings.
	sort string
	up   *requirementDraft
	// shown says that a part of the control or of one inside of it is an example.
	shown bool
}

// catalog reads a catalogue into a framework and its requirements.
func (d *document) catalog() error {
	meta := d.body.Get("metadata")
	short := shortTitle(d.title)
	rec := &model.Framework{Meta: model.Meta{Key: keyOf(short, 32), Name: d.title, Description: meta.String("remarks")}, Edition: d.edition, Identifier: d.uuid, Issuer: issuer(meta)}
	rec.Published = day(cmp.Or(meta.String("published"), meta.String("last-modified")))
	rec.KnownAs = d.knownAs()
	for _, l := range meta.List("links") {
		if rel := l.String("rel"); rel != "canonical" && rel != "alternate" && rel != "latest-version" {
			continue
		}
		for _, a := range d.addresses(l.String("href")) {
			if rec.Link == "" {
				rec.Link = kit.WebAddress(a)
			}
		}
	}
	f := &frameworkDraft{requirements: map[string]*requirementDraft{}, written: map[string]string{}}
	f.item = d.add(rec, d.body, "catalog", feed.External(line(d.title+"|"+d.edition)))
	d.framework = f
	d.about(rec.Ref())
	if err := d.controls(f, d.body, nil, "catalog"); err != nil {
		return err
	}
	if len(f.order) == 0 {
		return fmt.Errorf("the catalogue has neither groups nor controls")
	}
	f.arrange()
	params := d.allParameters(f)
	for _, r := range f.order {
		d.fill(f, r, params)
	}
	if len(f.lost) > 0 {
		d.batch.Note("%s has %d links to controls that are not in it, which were left out: %s.", d.title, len(f.lost), some(f.lost))
	}
	d.repairCSF(f)
	d.count(f)
	return nil
}

// issuer returns who wrote a document: the first party that is said to be its creator, author or publisher, else the first one.
func issuer(meta *kit.Node) string {
	parties := map[string]string{}
	first := ""
	for _, p := range meta.List("parties") {
		parties[p.String("uuid")] = line(p.String("name"))
		first = cmp.Or(first, line(p.String("name")))
	}
	for _, role := range []string{"creator", "author", "publisher"} {
		for _, r := range meta.List("responsible-parties") {
			if r.String("role-id") != role {
				continue
			}
			for _, id := range r.List("party-uuids") {
				if name := parties[id.Plain()]; name != "" {
					return name
				}
			}
		}
	}
	return first
}

// knownAs returns by which names other documents may refer to this one.
func (d *document) knownAs() []string {
	out := []string{}
	if d.file != "" && d.file != "." {
		out = append(out, kit.Clean(d.file))
	}
	for _, l := range d.body.Get("metadata").List("links") {
		switch l.String("rel") {
		case "canonical", "alternate", "latest-version", "source-profile-uuid":
			for _, a := range d.addresses(l.String("href")) {
				if strings.ContainsAny(a, "/.") && !slices.Contains(out, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// controls proposes the groups and controls that are in a node.
func (d *document) controls(f *frameworkDraft, up *kit.Node, parent *requirementDraft, where string) error {
	for _, list := range []string{"groups", "controls"} {
		for i, n := range up.List(list) {
			if err := d.ctx.Err(); err != nil {
				return err
			}
			place := fmt.Sprintf("%s.%s[%d]", where, list, i)
			id := cmp.Or(ours(n, "identifier"), line(n.String("id")))
			if id == "" && list == "groups" {
				id = keyOf(line(n.String("title")), 40)
			}
			switch {
			case n.Shape != kit.Object || id == "":
				d.batch.Refuse(d.at(n, place), "there is no id: every control needs one")
				continue
			case f.requirements[id] != nil:
				d.batch.Refuse(d.at(n, place), "the id %q is there twice: every control and group needs one of its own", kit.Short(id))
				continue
			}
			r := &requirementDraft{node: n, id: id, up: parent, rec: &model.Requirement{Identifier: id, Framework: f.item.Record.Base().Ref(), Class: line(n.String("class"))}}
			r.rec.Type = typeOf(n, list, parent)
			if parent != nil {
				r.rec.Parent = parent.rec.Ref()
			}
			r.rec.Key = requirementKey(f.item.Record.Base().Key, id)
			r.item = d.add(r.rec, n, place)
			f.requirements[id] = r
			f.written[model.OscalToken(id)] = id
			f.order = append(f.order, r)
			if err := d.controls(f, n, r, place); err != nil {
				return err
			}
		}
	}
	return nil
}

// requirementKey is the key of a requirement: that of its framework, a point, and its identifier.
func requirementKey(framework, id string) string {
	return framework + "." + cmp.Or(keyOf(id, 200), "requirement")
}

// gathering are the classes of controls that only gather others.
var gathering = map[string]bool{"category": true, "function": true, "family": true, "chapter": true, "clause": true, "domain": true, "theme": true, "section": true, "principle": true}

func typeOf(n *kit.Node, list string, parent *requirementDraft) model.RequirementType {
	class := strings.ToLower(n.String("class"))
	switch {
	case list == "groups", gathering[class] && len(n.List("controls")) > 0:
		return model.RequirementGroup
	case strings.Contains(class, "enhancement"), parent != nil && parent.rec.Type != model.RequirementGroup:
		return model.RequirementEnhancement
	}
	return model.RequirementControl
}

// arrange gives the parts of every parent their positions: by what the document says to sort by where all of them have it, else as they stand.
func (f *frameworkDraft) arrange() {
	groups := map[*requirementDraft][]*requirementDraft{}
	for _, r := range f.order {
		r.sort = property(r.node, "sort-id")
		groups[r.up] = append(groups[r.up], r)
	}
	for _, parts := range groups {
		if !slices.ContainsFunc(parts, func(r *requirementDraft) bool { return r.sort == "" }) {
			slices.SortStableFunc(parts, func(a, b *requirementDraft) int { return cmp.Compare(a.sort, b.sort) })
		}
		for i, r := range parts {
			r.rec.Position = i + 1
		}
	}
}

// property returns the value of a property, that without a class first.
func property(n *kit.Node, name string) string {
	found := ""
	for _, p := range n.List("props") {
		if p.String("name") != name {
			continue
		}
		if p.String("class") == "" {
			return line(p.String("value"))
		}
		found = cmp.Or(found, line(p.String("value")))
	}
	return found
}

// fill reads what a control says.
func (d *document) fill(f *frameworkDraft, r *requirementDraft, params map[string]string) {
	rec, n := r.rec, r.node
	rec.Name = line(n.String("title"))
	rec.Number = numberOf(n, r.id)
	if rec.Name == "" {
		rec.Name = rec.Number
	}
	status := strings.ToLower(property(n, "status"))
	rec.Withdrawn = status == "withdrawn"
	d.parameters(r, params)
	var statement, guidance, objectives []string
	for _, p := range n.List("parts") {
		kind := strings.ToLower(p.String("name"))
		text := partText(p, params)
		if text == "" {
			continue
		}
		switch {
		case kind == "statement" || kind == "overview":
			statement = append(statement, text)
		case kind == "guidance" || kind == "discussion" || kind == "supplemental-guidance":
			guidance = append(guidance, text)
		case strings.Contains(kind, "objective") || strings.HasPrefix(kind, "assessment"):
			objectives = append(objectives, text)
		default:
			if kind == "example" {
				for up := r; up != nil; up = up.up {
					up.shown = true
				}
			}
			guidance = append(guidance, "**"+cmp.Or(line(p.String("title")), sentence(kind))+".** "+text)
		}
	}
	rec.Statement, rec.Guidance, rec.Objectives = paragraphs(statement...), paragraphs(guidance...), paragraphs(objectives...)
	d.links(f, r)
}

// sentence writes a name in lower case with hyphens as the beginning of a sentence.
func sentence(name string) string {
	name = strings.ReplaceAll(name, "-", " ")
	if name == "" {
		return "Part"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// links reads where a control was moved to and what is related to it.
func (d *document) links(f *frameworkDraft, r *requirementDraft) {
	for _, l := range r.node.List("links") {
		id, here := strings.CutPrefix(strings.TrimSpace(l.String("href")), "#")
		id = cmp.Or(f.written[id], id)
		rel := strings.ToLower(l.String("rel"))
		if rel != "moved-to" && rel != "incorporated-into" && rel != "related" && rel != "required" {
			continue
		}
		// Statements and other parts of a control stand for the control.
		other := f.requirements[id]
		if other == nil {
			control, _, _ := strings.Cut(id, "_")
			other = f.requirements[control]
		}
		switch {
		case !here || other == nil:
			f.lost = append(f.lost, r.id+" → "+kit.Short(l.String("href")))
		case rel == "related" || rel == "required":
			r.rec.Related = addRef(r.rec.Related, other.rec.Ref(), r.rec.Ref())
		default:
			r.rec.MovedTo = addRef(r.rec.MovedTo, other.rec.Ref(), r.rec.Ref())
		}
	}
}

// some lists the first of some texts.
func some(texts []string) string {
	if len(texts) > 5 {
		return strings.Join(texts[:5], ", ") + ", …"
	}
	return strings.Join(texts, ", ")
}

// addRef adds a ref to others unless it is there already or points to the record itself.
func addRef(refs []model.Ref, ref, self model.Ref) []model.Ref {
	if ref.IsZero() || ref == self || slices.Contains(refs, ref) {
		return refs
	}
	return append(refs, ref)
}

var behindName = regexp.MustCompile(`^.*\(([^()]+)\)$`)

// numberOf returns what people call a control: its label, without the name that some documents write before it.
func numberOf(n *kit.Node, id string) string {
	label := property(n, "label")
	if m := behindName.FindStringSubmatch(label); m != nil && strings.EqualFold(m[1], id) {
		return m[1]
	}
	return cmp.Or(label, id)
}

// repairCSF marks what NIST's own export of the CSF 2.0 carries over from CSF 1.1 and does not mark itself: everything without an implementation example.
func (d *document) repairCSF(f *frameworkDraft) {
	meta := d.body.Get("metadata")
	if property(meta, "framework-version-identifier") != "CSF_2_0_0" || !slices.ContainsFunc(f.order, func(r *requirementDraft) bool { return r.shown }) {
		return
	}
	n := 0
	for _, r := range f.order {
		if r.up != nil && !r.shown && !r.rec.Withdrawn {
			r.rec.Withdrawn = true
			n++
		}
	}
	if n > 0 {
		d.batch.Note("%s lists %d categories and subcategories of the edition before without saying so. They have no implementation example and are kept as withdrawn.", d.title, n)
	}
}

// count counts what the catalogue holds.
func (d *document) count(f *frameworkDraft) {
	for _, r := range f.order {
		switch r.rec.Type {
		case model.RequirementGroup:
			d.batch.Count("groups", 1)
		case model.RequirementEnhancement:
			d.batch.Count("enhancements", 1)
		default:
			d.batch.Count("requirements", 1)
		}
		if r.rec.Withdrawn {
			d.batch.Count("withdrawn", 1)
		}
	}
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
	for _, l := range d.body.Get("metadata").List("links") {
		if l.String("rel") == "source-profile" {
			d.batch.Note("%s is a profile that was resolved into a catalogue: it is kept as a framework of its own. Import the profile and its catalogue to have it as a baseline.", d.title)
		}
	}
}

package backstage

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// ref names an entity: its kind, its namespace and its name, all in lower case.
type ref struct{ kind, namespace, name string }

// String writes the ref as Backstage does: component:default/web-shop.
func (r ref) String() string { return r.kind + ":" + r.namespace + "/" + r.name }

// key returns the key of the record that stands for the entity.
func (r ref) key() string {
	if r.namespace == "default" {
		return feed.SlugOf(r.name)
	}
	return feed.SlugOf(r.namespace + "/" + r.name)
}

// compare puts refs in order.
func (r ref) compare(other ref) int { return cmp.Compare(r.String(), other.String()) }

// entity is one entity of the catalog.
type entity struct {
	ref
	where feed.Where
	// before is how many lines stand before its document.
	before     int
	meta, spec *yaml.Node
	// read are the refs that were read already, by the member of the spec.
	read map[string][]ref
}

// plurals are the kinds of entities that are read, in the words of the catalog.
var plurals = map[string]string{
	"component": "components", "api": "apis", "system": "systems", "domain": "domains", "resource": "resources",
	"group": "groups", "user": "users", "location": "locations", "template": "templates",
}

// validName is what Backstage accepts as a name or a namespace.
var validName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$`)

// entity takes one entity up. What cannot be one is refused.
func (c *catalog) entity(root *yaml.Node, before int) {
	b := c.batch
	if root == nil {
		return
	}
	if root.Kind != yaml.MappingNode {
		b.Refuse(b.At(before+root.Line, root.Column, ""), "an entity is wanted here, with apiVersion, kind and metadata")
		return
	}
	where := b.At(before+root.Line, root.Column, "")
	kind := strings.ToLower(text(root, "kind"))
	version := text(root, "apiVersion")
	if kind == "" || version == "" {
		b.Refuse(where, "the document has no apiVersion or no kind: it is not an entity of a catalog")
		return
	}
	plural := plurals[kind]
	if plural == "" || !strings.Contains(version, "backstage.io/") {
		c.other[text(root, "kind")]++
		b.Count("other entities", 1)
		return
	}
	b.Count(plural, 1)
	meta, spec := get(root, "metadata"), get(root, "spec")
	e := &entity{ref: ref{kind, strings.ToLower(cmp.Or(text(meta, "namespace"), "default")), strings.ToLower(text(meta, "name"))}, where: where, before: before, meta: meta, spec: spec, read: map[string][]ref{}}
	e.where.Path = e.ref.String()
	if place, from := substituted(root, ""); kind != "template" && place != "" {
		b.Refuse(e.where, "%s is %s, which only the catalog itself can fill in: write the value, or import what the template makes of it", place, from)
		return
	}
	for field, value := range map[string]string{"name": e.name, "namespace": e.namespace} {
		if !validName.MatchString(value) {
			b.Refuse(e.where, "metadata.%s %q is not a name: use up to 63 letters, digits, hyphens, underscores and dots", field, value)
			return
		}
	}
	if kind == "template" || kind == "location" {
		c.left(e)
		return
	}
	if first := c.entities[e.ref]; first != nil {
		b.Refuse(e.where, "%s is described twice; the first time on line %d", e.ref, first.where.Line)
		return
	}
	c.entities[e.ref] = e
}

// substituted finds a value that is not in the file: taken from another file, or made by a template. The
// definition of an API is not read and may be anywhere.
func substituted(n *yaml.Node, path string) (place, from string) {
	switch n.Kind {
	case yaml.ScalarNode:
		if strings.Contains(n.Value, "${{") {
			return strings.TrimPrefix(path, "."), "the placeholder of a template"
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			member := n.Content[i].Value
			if path == ".spec" && (member == "definition" || member == "implementation") {
				continue
			}
			if strings.HasPrefix(member, "$") && len(n.Content) == 2 {
				return strings.TrimPrefix(path, "."), "taken from another place by " + member
			}
			if place, from := substituted(n.Content[i+1], path+"."+member); place != "" {
				return place, from
			}
		}
	case yaml.SequenceNode:
		for i, item := range n.Content {
			if place, from := substituted(item, fmt.Sprintf("%s[%d]", path, i)); place != "" {
				return place, from
			}
		}
	}
	return "", ""
}

// left notes what is not read of the catalog.
func (c *catalog) left(e *entity) {
	if e.kind == "template" {
		c.templates++
		return
	}
	if targets := len(items(e.spec, "targets")) + len(items(e.spec, "target")); targets > 0 {
		c.batch.Note("%s names %d other places, which were not followed: import those files too.", e.ref, targets)
	}
}

// refs reads the refs under a member of the spec. Those that are none are refused.
func (c *catalog) refs(e *entity, member, kind string) []ref {
	if out, done := e.read[member]; done {
		return out
	}
	var out []ref
	for i, n := range items(e.spec, member) {
		r, err := e.parseRef(n, kind)
		if err != nil {
			where := c.batch.At(e.before+n.Line, n.Column, fmt.Sprintf("%s.spec.%s[%d]", e.ref, member, i))
			c.batch.RefuseRecord(where, "", "", err.Error())
			continue
		}
		out = append(out, r)
	}
	slices.SortFunc(out, ref.compare)
	e.read[member] = slices.Compact(out)
	return e.read[member]
}

var refForm = regexp.MustCompile(`^(?:([^:/\s]+):)?(?:([^:/\s]+)/)?([^:/\s]+)$`)

// parseRef reads a ref in one of its two forms: the compact text, or a map of kind, namespace and name.
func (e *entity) parseRef(n *yaml.Node, kind string) (ref, error) {
	out := ref{kind, e.namespace, ""}
	if n.Kind == yaml.MappingNode {
		out = ref{cmp.Or(text(n, "kind"), kind), cmp.Or(text(n, "namespace"), e.namespace), text(n, "name")}
		if out.name == "" {
			return ref{}, fmt.Errorf("the reference has no name")
		}
	} else {
		m := refForm.FindStringSubmatch(kit.Clean(n.Value))
		if n.Kind != yaml.ScalarNode || m == nil {
			return ref{}, fmt.Errorf("%.80q is not a reference: write it as kind:namespace/name", kit.Clean(n.Value))
		}
		out = ref{cmp.Or(m[1], kind), cmp.Or(m[2], e.namespace), m[3]}
	}
	return ref{strings.ToLower(out.kind), strings.ToLower(out.namespace), strings.ToLower(out.name)}, nil
}

// common fills in what all records share.
func (c *catalog) common(e *entity, m *model.Meta) {
	m.Key = e.key()
	m.Name = cmp.Or(text(e.meta, "title"), text(e.meta, "name"))
	m.Description = strings.TrimSpace(text(e.meta, "description") + links(e.meta))
	for _, tag := range items(e.meta, "tags") {
		if word := kit.Clean(tag.Value); word != "" {
			m.Tags = append(m.Tags, word)
		}
	}
	for _, word := range []string{text(e.spec, "lifecycle"), text(e.spec, "type")} {
		if word != "" && e.kind != "user" {
			m.Tags = append(m.Tags, word)
		}
	}
	slices.Sort(m.Tags)
	m.Tags = slices.Compact(m.Tags)
	if owners := c.refs(e, "owner", "group"); len(owners) > 0 {
		m.Owner = c.find(e, owners[0], "owner", "group", "user")
	}
}

// links writes the links of an entity as a list in Markdown.
func links(meta *yaml.Node) string {
	var lines []string
	for _, link := range items(meta, "links") {
		if address := kit.WebAddress(text(link, "url")); address != "" {
			lines = append(lines, fmt.Sprintf("- [%s](%s)", strings.NewReplacer("[", "(", "]", ")").Replace(cmp.Or(text(link, "title"), address)), address))
		}
	}
	if len(lines) == 0 {
		return ""
	}
	return "\n\n" + strings.Join(lines, "\n")
}

// repository returns the address of the source code of an entity, as its annotations have it.
func repository(meta *yaml.Node) string {
	notes := get(meta, "annotations")
	for _, site := range []struct{ annotation, address string }{{"github.com/project-slug", "https://github.com/"}, {"gitlab.com/project-slug", "https://gitlab.com/"}} {
		if slug := text(notes, site.annotation); strings.Count(slug, "/") >= 1 {
			if address := kit.WebAddress(site.address + strings.Trim(slug, "/")); address != "" {
				return address
			}
		}
	}
	for _, annotation := range []string{"backstage.io/source-location", "backstage.io/view-url"} {
		if address := kit.WebAddress(strings.TrimPrefix(text(notes, annotation), "url:")); address != "" {
			return address
		}
	}
	return ""
}

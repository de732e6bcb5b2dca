package endoflife

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// reader makes technologies of products.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
}

// product makes a technology of a product, whichever way it is written down.
func (r *reader) product(p *kit.Node, path, description string) error {
	b := r.batch
	if p.Shape != kit.Object {
		b.Refuse(b.At(p.Line, p.Column, path), "a product is wanted here, with names and values")
		return nil
	}
	if len(b.Items) >= b.Limits.Items {
		return fmt.Errorf("the content has more than %d products: split it", b.Limits.Items)
	}
	slug := feed.SlugOf(strings.Trim(cmp.Or(p.String("permalink"), p.String("name")), "/"))
	if slug == "" {
		b.Refuse(b.At(p.Line, p.Column, join(path, "permalink")), "the product has no permalink and no name: it cannot be told from others")
		return nil
	}
	t := &model.Technology{
		Meta:       model.Meta{Key: slug, Name: cmp.Or(p.String("title"), p.String("label")), Description: description},
		Category:   p.String("category"),
		Link:       kit.WebAddress(cmp.Or(p.Get("links").String("html"), "https://endoflife.date/"+slug)),
		PolicyLink: kit.WebAddress(cmp.Or(p.String("releasePolicyLink"), p.Get("links").String("releasePolicy"))),
		ExternalID: slug,
	}
	for _, tag := range texts(p.List("tags")) {
		for _, word := range strings.Fields(tag) {
			if word != t.Category {
				t.Tags = append(t.Tags, word)
			}
		}
	}
	t.Tags = sorted(t.Tags)
	r.names(p, t, path)
	list := p.Get("releases")
	if list != nil {
		t.Cycles = r.cycles(list, cycleTemplates{label: p.String("releaseLabel"), link: p.String("changelogTemplate")}, "Technology/"+slug, join(path, "releases"))
	}
	b.Count("products", 1)
	b.Add(t, b.At(p.Line, p.Column, path), feed.External(slug))
	return nil
}

// cyclesOnly makes a technology of the older list of cycles, which says nothing else of its product.
func (r *reader) cyclesOnly(list *kit.Node, slug string) error {
	t := &model.Technology{Meta: model.Meta{Key: slug}, ExternalID: slug}
	t.Cycles = r.cycles(list, cycleTemplates{}, "Technology/"+slug, "")
	r.batch.Count("products", 1)
	r.batch.Add(t, r.batch.At(list.Line, list.Column, ""), feed.External(slug))
	return nil
}

// names fills in the aliases and identifiers of a product.
func (r *reader) names(p *kit.Node, t *model.Technology, path string) {
	b := r.batch
	for _, field := range []string{"alternate_urls", "alternative_urls", "aliases"} {
		for _, alias := range texts(p.List(field)) {
			t.Aliases = append(t.Aliases, strings.Trim(alias, "/"))
		}
	}
	for i, id := range p.List("identifiers") {
		pairs := map[string]string{id.String("type"): id.String("id")}
		if id.Get("id") == nil {
			pairs = map[string]string{"purl": id.String("purl"), "cpe": id.String("cpe"), "repology": id.String("repology")}
		}
		where := b.At(id.Line, id.Column, join(path, fmt.Sprintf("identifiers[%d]", i)))
		if purl := pairs["purl"]; strings.HasPrefix(purl, "pkg:") {
			b.Count("purl identifiers", 1)
			t.PackageURLs = append(t.PackageURLs, withoutVersion(purl))
		} else if purl != "" {
			b.RefuseRecord(where, "Technology/"+t.Key, "package_urls", fmt.Sprintf("%q is not a package URL: it must start with pkg:", purl))
		}
		if cpe := pairs["cpe"]; strings.HasPrefix(cpe, "cpe:") {
			b.Count("cpe identifiers", 1)
			t.CPEs = append(t.CPEs, productCPE(cpe))
		} else if cpe != "" {
			b.RefuseRecord(where, "Technology/"+t.Key, "cpes", fmt.Sprintf("%q is not a name of the Common Platform Enumeration: it must start with cpe:", cpe))
		}
		if alias := pairs["repology"]; alias != "" {
			t.Aliases = append(t.Aliases, alias)
		}
	}
	t.Aliases = slices.DeleteFunc(sorted(t.Aliases), func(a string) bool { return a == "" || a == t.Key })
	t.PackageURLs, t.CPEs = sorted(t.PackageURLs), sorted(t.CPEs)
}

// cycleTemplates are what a product says of all its cycles.
type cycleTemplates struct{ label, link string }

// cycles reads a list of cycles and puts the newest first. Those that cannot be read are refused.
func (r *reader) cycles(list *kit.Node, templates cycleTemplates, record, path string) []model.Cycle {
	var out []model.Cycle
	seen := map[string]bool{}
	for i, c := range list.Items {
		place := fmt.Sprintf("%s[%d]", path, i)
		r.batch.Count("cycles", 1)
		cycle, field, err := readCycle(c, templates)
		if err == nil && seen[cycle.Name] {
			field, err = "releaseCycle", fmt.Errorf("the cycle %s is listed twice: this one was left out", cycle.Name)
		}
		if err != nil {
			r.batch.RefuseRecord(r.batch.At(c.Line, c.Column, join(place, field)), record, "cycles", err.Error())
			continue
		}
		seen[cycle.Name] = true
		out = append(out, cycle)
	}
	slices.SortFunc(out, func(a, b model.Cycle) int {
		return cmp.Or(cmp.Compare(b.Released, a.Released), compareVersions(b.Name, a.Name))
	})
	return out
}

// readCycle reads one cycle. Where it cannot, it names the member that is wrong.
func readCycle(c *kit.Node, templates cycleTemplates) (out model.Cycle, field string, err error) {
	if c.Shape != kit.Object {
		return out, "", fmt.Errorf("a cycle is wanted here, with names and values")
	}
	out.Name = cmp.Or(c.String("releaseCycle"), c.String("cycle"), c.String("name"))
	if out.Name == "" {
		return out, "releaseCycle", fmt.Errorf("the cycle has no name")
	}
	for _, d := range []struct {
		field string
		into  *model.Date
	}{{"releaseDate", &out.Released}, {"latestReleaseDate", &out.LatestReleased}} {
		if *d.into, err = date(c.Get(d.field)); err != nil {
			return out, d.field, err
		}
	}
	if field, err := readSupport(c, &out); err != nil {
		return out, field, err
	}
	out.Latest = c.String("latest")
	if latest := c.Get("latest"); latest != nil && latest.Shape == kit.Object {
		out.Latest, out.Link = latest.String("name"), kit.WebAddress(latest.String("link"))
		if out.LatestReleased, err = date(latest.Get("date")); err != nil {
			return out, "latest.date", err
		}
	}
	values := map[string]string{
		"RELEASE_CYCLE": out.Name, "CODENAME": c.String("codename"), "LATEST": out.Latest,
		"RELEASE_DATE": out.Released.String(), "LATEST_RELEASE_DATE": out.LatestReleased.String(),
	}
	if label, ok := render(cmp.Or(c.String("releaseLabel"), c.String("label"), templates.label), values); ok && plain(label) != out.Name {
		out.Label = plain(label)
	}
	link := templates.link
	if own := c.Get("link"); own != nil {
		link = c.String("link")
	}
	if address, ok := render(link, values); ok && out.Link == "" {
		out.Link = kit.WebAddress(address)
	}
	return out, "", nil
}

// support says how one kind of support is written down in the three forms of
// the content: the name in the files, the older name whose booleans say that
// support goes on, and the pair of names in version 1 of the interface.
type support struct{ now, older, flag, from string }

// readSupport fills in the dates of support. What is not a date is a boolean: whether support has ended.
func readSupport(c *kit.Node, out *model.Cycle) (field string, err error) {
	var known bool
	if out.LTSFrom, out.LTS, _, field, err = ended(c, support{now: "lts", flag: "isLts", from: "ltsFrom"}); err != nil {
		return field, err
	}
	out.LTS = out.LTS || !out.LTSFrom.IsZero()
	if out.SecuritySupport, out.Unsupported, known, field, err = ended(c, support{now: "eol", flag: "isEol", from: "eolFrom"}); err != nil {
		return field, err
	}
	out.Supported = known && out.SecuritySupport.IsZero() && !out.Unsupported
	if out.ActiveSupport, out.ActiveEnded, _, field, err = ended(c, support{"eoas", "support", "isEoas", "eoasFrom"}); err != nil {
		return field, err
	}
	if out.ExtendedSupport, out.ExtendedUnavailable, _, field, err = ended(c, support{"eoes", "extendedSupport", "isEoes", "eoesFrom"}); err != nil {
		return field, err
	}
	out.Discontinued, _, _, field, err = ended(c, support{now: "discontinued", flag: "isDiscontinued", from: "discontinuedFrom"})
	return field, err
}

// ended reads a date, or whether something is so on a day that is not known. It reports whether the content says anything at all.
func ended(c *kit.Node, s support) (on model.Date, so, known bool, field string, err error) {
	field = s.now
	value, turned := c.Get(s.now), false
	if value == nil && s.older != "" {
		field, turned = s.older, true
		value = c.Get(s.older)
	}
	if value == nil {
		field = s.from
		if on, err = date(c.Get(s.from)); err != nil || !on.IsZero() {
			return on, false, err == nil, field, err
		}
		field = s.flag
		value, turned = c.Get(s.flag), false
	}
	if value == nil || value.Shape == kit.Null {
		return 0, false, false, field, nil
	}
	switch strings.ToLower(strings.TrimSpace(value.Text)) {
	case "true":
		return 0, !turned, true, field, nil
	case "false":
		return 0, turned, true, field, nil
	}
	on, err = date(value)
	return on, false, err == nil, field, err
}

// date reads a day. No value is no day.
func date(n *kit.Node) (model.Date, error) {
	if n == nil || n.Shape == kit.Null || n.Shape == kit.Scalar && n.Text == "" {
		return 0, nil
	}
	d, err := model.ParseDate(n.Text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%.40q is neither a date nor true or false: write it as 2027-06-30", kit.Clean(n.Text))
	}
	return d, nil
}

func join(path, name string) string {
	if path == "" || name == "" {
		return path + name
	}
	return path + "." + name
}

// texts returns those of the values that are texts.
func texts(values []*kit.Node) []string {
	var out []string
	for _, value := range values {
		if text := value.Plain(); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// sorted puts texts in order, each once.
func sorted(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

// plain takes HTML and the mark of a long-term release out of a label.
func plain(label string) string {
	label = strings.TrimSpace(tag.ReplaceAllString(label, ""))
	return strings.TrimSpace(strings.TrimSuffix(label, "(LTS)"))
}

var tag = regexp.MustCompile(`<[^<>]*>`)

// withoutVersion takes the version out of a package URL and keeps its qualifiers.
func withoutVersion(purl string) string {
	end := len(purl)
	if i := strings.IndexAny(purl, "?#"); i >= 0 {
		end = i
	}
	slash := strings.LastIndexByte(purl[:end], '/')
	if at := strings.LastIndexByte(purl[:end], '@'); at > slash+1 {
		return purl[:at] + purl[end:]
	}
	return purl
}

// productCPE cuts a name of the Common Platform Enumeration behind the product.
func productCPE(cpe string) string {
	parts := 4
	if strings.HasPrefix(cpe, "cpe:2.3:") {
		parts = 5
	}
	fields := strings.Split(cpe, ":")
	return strings.Join(fields[:min(parts, len(fields))], ":")
}

// compareVersions compares names of cycles as people order versions: runs of digits count as numbers.
func compareVersions(a, b string) int {
	as, bs := runs.FindAllString(a, -1), runs.FindAllString(b, -1)
	for i := range min(len(as), len(bs)) {
		x, y := strings.TrimLeft(as[i], "0"), strings.TrimLeft(bs[i], "0")
		if as[i][0] <= '9' && bs[i][0] <= '9' && len(x) != len(y) {
			return cmp.Compare(len(x), len(y))
		}
		if order := cmp.Compare(x, y); order != 0 {
			return order
		}
	}
	return cmp.Or(cmp.Compare(len(as), len(bs)), cmp.Compare(a, b))
}

var runs = regexp.MustCompile(`[0-9]+|[^0-9]+`)

// Package nvd reads what the National Vulnerability Database and the CVE programme say of vulnerabilities: answers of
// version 2.0 of NVD's interface, single vulnerabilities of such an answer, and CVE records of version 5.
package nvd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
	"binnacle/model/cvss"
)

// Format reads vulnerabilities of NVD and CVE records. A folder or an archive of them is one source.
var Format = feed.Format{
	Name:     name,
	Label:    "NVD and CVE records",
	Help:     "Vulnerabilities become advisories with their vectors, weaknesses and the products that have them. Other advisories about the same CVE are enriched.",
	Rank:     50,
	Together: true,
	Detect:   detect,
	Read:     read,
}

const name = "nvd"

const glance = 256 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return 0
	}
	if text[0] == '[' {
		text = bytes.TrimLeft(text[1:], " \t\r\n")
	}
	names := kit.Members(text)
	switch {
	case names["format"] && names["vulnerabilities"] && bytes.Contains(text, []byte(`"NVD_CVE"`)), names["cveMetadata"] && names["containers"]:
		return 98
	case names["cve"] && bytes.Contains(text, []byte(`"sourceIdentifier"`)), names["vulnerabilities"] && names["resultsPerPage"]:
		return 95
	case names["vulnerabilities"] && bytes.Contains(text, []byte(`"cve"`)) && bytes.Contains(text, []byte(`"sourceIdentifier"`)):
		return 90
	case names["sourceIdentifier"] && names["vulnStatus"]:
		return 90
	}
	return 0
}

// reader fills the batch of one content.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "NVD and CVE records"}, Format: name, Describes: "Vulnerabilities"}
	if dir := path.Dir(strings.ReplaceAll(in.Name, `\`, "/")); dir != "." {
		b.Source.Location = dir
	}
	root, err := kit.JSONNodes(kit.NewText(text), b.Limits)
	if err != nil {
		return err
	}
	r := &reader{ctx, b}
	if t, err := parseTime(root.String("timestamp")); err == nil {
		b.Source.Produced = t
	}
	all, at := []*kit.Node{root}, ""
	switch {
	case root.Shape == kit.List:
		all, at = root.Items, "[%d]"
	case root.Get("vulnerabilities") != nil:
		all, at = root.List("vulnerabilities"), "vulnerabilities[%d]"
	}
	for i, n := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		place := at
		if place != "" {
			place = fmt.Sprintf(at, i)
		}
		r.vulnerability(n, b.At(n.Line, n.Column, place))
	}
	return nil
}

var identifier = regexp.MustCompile(`^CVE-\d{4}-\d{4,}$`)

// vulnerability reads one vulnerability, in either form.
func (r *reader) vulnerability(n *kit.Node, at feed.Where) {
	var a *model.Advisory
	var err error
	switch {
	case n.Get("containers") != nil:
		a, err = record(n)
	case n.Get("cve").Get("id") != nil:
		a, err = answer(n.Get("cve"))
	default:
		a, err = answer(n)
	}
	switch {
	case err != nil:
		r.batch.Refuse(at, "%v", err)
		return
	case !identifier.MatchString(a.Key):
		r.batch.Refuse(at, "%q is not the identifier of a vulnerability: it is written as CVE-2021-44228", kit.Short(a.Key))
		return
	}
	if a.Severity == "" {
		a.Severity = model.Severity(cvss.RatingOf(a.Vectors))
	}
	r.batch.Count("vulnerabilities", 1)
	r.batch.Add(a, at)
}

// answer reads a vulnerability as NVD's interface has it.
func answer(n *kit.Node) (*model.Advisory, error) {
	a := &model.Advisory{Meta: model.Meta{Key: n.String("id"), Name: n.String("cisaVulnerabilityName"), Description: english(n.List("descriptions"))}}
	if a.Key == "" {
		return nil, errors.New("the vulnerability has no id")
	}
	if err := times(n, a, "published", "lastModified"); err != nil {
		return nil, err
	}
	if strings.EqualFold(n.String("vulnStatus"), "Rejected") {
		a.Withdrawn = a.Modified
	}
	metrics := n.Get("metrics")
	for _, version := range []string{"cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2"} {
		all := slices.Clone(metrics.List(version))
		slices.SortStableFunc(all, func(a, b *kit.Node) int { return secondary(a) - secondary(b) })
		for _, m := range all {
			a.Vectors = with(a.Vectors, m.Get("cvssData").String("vectorString"))
		}
	}
	for _, w := range n.List("weaknesses") {
		for _, d := range w.List("description") {
			a.Weaknesses = weakness(a.Weaknesses, d.String("value"))
		}
	}
	for _, ref := range n.List("references") {
		reference(a, ref, "Exploit")
	}
	for _, c := range n.List("configurations") {
		for _, node := range c.List("nodes") {
			platforms(a, node)
		}
	}
	a.RequiredAction = n.String("cisaRequiredAction")
	a.Exploited, _ = model.ParseDate(n.String("cisaExploitAdd"))
	a.ExploitedDue, _ = model.ParseDate(n.String("cisaActionDue"))
	return a, nil
}

func secondary(n *kit.Node) int {
	if n.String("type") == "Primary" {
		return 0
	}
	return 1
}

// parseTime reads a time. NVD writes it without a zone and means UTC.
func parseTime(text string) (model.Time, error) {
	if len(text) > 10 && text[10] == 'T' && !strings.ContainsAny(text[10:], "Z+-") {
		text += "Z"
	}
	return model.ParseTime(text)
}

// times reads when the vulnerability was published and modified.
func times(n *kit.Node, a *model.Advisory, published, modified string) error {
	for _, f := range []struct {
		name string
		into *model.Time
	}{{published, &a.Published}, {modified, &a.Modified}} {
		text := n.String(f.name)
		if text == "" {
			continue
		}
		t, err := parseTime(text)
		if err != nil {
			return fmt.Errorf("%s: %s: %q is not a time: write it as 2024-05-01T10:00:00Z", a.Key, f.name, kit.Short(text))
		}
		*f.into = t
	}
	return nil
}

// english returns the text of the first description in English, or else of the first.
func english(all []*kit.Node) string {
	for _, d := range all {
		if strings.HasPrefix(d.String("lang"), "en") {
			return d.String("value")
		}
	}
	if len(all) > 0 {
		return all[0].String("value")
	}
	return ""
}

// with appends a text that is not there yet.
func with(all []string, text string) []string {
	if text == "" || slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}

// weakness appends a weakness, where a text names one. NVD writes NVD-CWE-Other and NVD-CWE-noinfo where there is none.
func weakness(all []string, text string) []string {
	if !strings.HasPrefix(text, "CWE-") {
		return all
	}
	return with(all, text)
}

// reference reads an address, and that it shows how the vulnerability is used where it has that tag.
func reference(a *model.Advisory, n *kit.Node, tag string) {
	a.References = with(a.References, n.String("url"))
	for _, t := range n.List("tags") {
		a.ExploitPublic = a.ExploitPublic || strings.EqualFold(t.Plain(), tag)
	}
}

// platforms reads the products of a node of a configuration and of the nodes in it: each as CPE with the range of versions behind it.
func platforms(a *model.Advisory, n *kit.Node) {
	for _, m := range n.List("cpeMatch") {
		if strings.EqualFold(m.String("vulnerable"), "false") || m.String("criteria") == "" {
			continue
		}
		text := m.String("criteria")
		for _, bound := range [][2]string{{"versionStartIncluding", ">="}, {"versionStartExcluding", ">"}, {"versionEndIncluding", "<="}, {"versionEndExcluding", "<"}} {
			if v := m.String(bound[0]); v != "" {
				text += " " + bound[1] + v
			}
		}
		a.Platforms = with(a.Platforms, text)
	}
	for _, inner := range n.List("children") {
		platforms(a, inner)
	}
}

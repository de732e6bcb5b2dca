package nvd

import (
	"errors"
	"slices"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
	"binnacle/model/vers"
)

// record reads a CVE record of version 5: what the numbering authority says, and what others have added.
func record(n *kit.Node) (*model.Advisory, error) {
	meta := n.Get("cveMetadata")
	a := &model.Advisory{Meta: model.Meta{Key: meta.String("cveId")}}
	if a.Key == "" {
		return nil, errors.New("the record has no cveMetadata.cveId")
	}
	if err := times(meta, a, "datePublished", "dateUpdated"); err != nil {
		return nil, err
	}
	if strings.EqualFold(meta.String("state"), "REJECTED") {
		a.Withdrawn = a.Modified
		if t, err := parseTime(meta.String("dateRejected")); err == nil {
			a.Withdrawn = t
		}
	}
	own := n.Get("containers").Get("cna")
	a.Name, a.Description = own.String("title"), english(own.List("descriptions"))
	if a.Description == "" {
		a.Description = english(own.List("rejectedReasons"))
	}
	for i, c := range append([]*kit.Node{own}, n.Get("containers").List("adp")...) {
		container(a, c, i == 0)
	}
	slices.SortStableFunc(a.Vectors, func(a, b string) int { return strings.Compare(vectorVersion(b), vectorVersion(a)) })
	return a, nil
}

// vectorVersion returns the beginning of a vector that says its version, which sorts as the versions do. Vectors of version 2.0 have none.
func vectorVersion(vector string) string {
	if strings.HasPrefix(vector, "CVSS:") {
		return vector[:min(len(vector), 8)]
	}
	return ""
}

// container reads what one organisation says.
func container(a *model.Advisory, n *kit.Node, own bool) {
	for _, m := range n.List("metrics") {
		for _, version := range []string{"cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0"} {
			a.Vectors = with(a.Vectors, m.Get(version).String("vectorString"))
		}
		other := m.Get("other")
		switch strings.ToLower(other.String("type")) {
		case "ssvc":
			judged(a, other.Get("content").List("options"))
		case "kev":
			a.Exploited, _ = model.ParseDate(other.Get("content").String("dateAdded"))
		}
	}
	for _, t := range n.List("problemTypes") {
		for _, d := range t.List("descriptions") {
			a.Weaknesses = weakness(a.Weaknesses, d.String("cweId"))
		}
	}
	for _, ref := range n.List("references") {
		reference(a, ref, "exploit")
	}
	for _, affected := range n.List("affected") {
		for _, cpe := range affected.List("cpes") {
			a.Platforms = with(a.Platforms, cpe.Plain())
		}
		if p := packaged(affected); own && p != nil {
			a.Affected = append(a.Affected, *p)
		}
	}
}

// judged reads the decision points of SSVC that CISA has judged.
func judged(a *model.Advisory, options []*kit.Node) {
	for _, o := range options {
		switch value := strings.ToLower(o.String("Exploitation")); value {
		case "poc", "public poc", "active":
			a.ExploitPublic = true
		}
		switch value := strings.ToLower(o.String("Automatable")); value {
		case "yes", "no":
			a.Automatable = model.Judgement(value)
		}
		switch value := strings.ToLower(o.String("Technical Impact")); value {
		case "partial", "total":
			a.TechnicalImpact = model.TechnicalImpact(value)
		}
	}
}

// packaged reads a product that has a package URL. Its versions are in the order of its package, and each that is affected is a range of its own.
func packaged(n *kit.Node) *model.AffectedPackage {
	p, err := vers.ParseURL(n.String("packageURL"))
	if err != nil || !vers.Ordered(p.Type) {
		return nil
	}
	out := &model.AffectedPackage{Package: p.URL()}
	for _, v := range n.List("versions") {
		version, less, most := v.String("version"), v.String("lessThan"), v.String("lessThanOrEqual")
		if v.String("status") != "affected" || version == "" || v.String("versionType") == "git" {
			continue
		}
		if version == "*" || version == "unspecified" {
			version = "0"
		}
		var events []vers.Event
		switch {
		case less == "*" || most == "*":
			events = []vers.Event{{Introduced: version}}
		case less != "":
			events = []vers.Event{{Introduced: version}, {Fixed: less}}
		case most != "":
			events = []vers.Event{{Introduced: version}, {LastAffected: most}}
		case version == "0":
			events = []vers.Event{{Introduced: version}}
		default:
			events = []vers.Event{{Introduced: version}, {LastAffected: version}}
		}
		if r, some, err := vers.FromEvents(p.Type, events); err == nil && some {
			out.Ranges = append(out.Ranges, r.String())
		}
	}
	if len(out.Ranges) == 0 {
		return nil
	}
	return out
}

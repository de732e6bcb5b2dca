package oscal

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"

	"binnacle/model"
)

// place is a framework or a baseline that documents may refer to: one of the estate, or one of the batch.
type place struct {
	ref         model.Ref
	title       string
	names       []string
	placeholder bool
	// resolved says that it is a profile that was resolved into a catalogue.
	resolved bool
	// baseline is set for baselines: its record, in the state that it is getting.
	baseline *model.Baseline
	// order are the identifiers of the requirements, and requirements is what is known of each.
	order        []string
	requirements map[string]requirement
	// written gives the identifiers that are no tokens, as OSCAL wants them, by the tokens that documents have in their place.
	written map[string]string
}

// requirement is what references need to know of a requirement.
type requirement struct {
	ref             model.Ref
	up              model.Ref
	group, inactive bool
}

func (p *place) add(id string, r requirement) {
	if p.requirements == nil {
		p.requirements, p.written = map[string]requirement{}, map[string]string{}
	}
	if token := model.OscalToken(id); token != id {
		p.written[token] = id
	}
	if _, known := p.requirements[id]; !known {
		p.order = append(p.order, id)
	}
	p.requirements[id] = r
}

// called returns the identifier of a requirement that a document calls so. It reports false where there is none.
func (p *place) called(id string) (string, bool) {
	if _, ok := p.requirements[id]; ok {
		return id, true
	}
	id, ok := p.written[id]
	return id, ok
}

// has reports whether all of some identifiers are requirements of the place.
func (p *place) has(ids []string) bool {
	return !slices.ContainsFunc(ids, func(id string) bool { _, ok := p.called(id); return !ok })
}

// find returns the place that a document calls by some addresses, or nil. Where no name fits, it is the only framework
// that has all of some requirements; guessed says so.
func find(places []*place, addresses, ids []string) (found *place, guessed bool) {
	best := 0
	for _, p := range places {
		score := 0
		for _, a := range addresses {
			for _, n := range p.names {
				score = max(score, alike(a, n))
			}
		}
		if score > best {
			best, found = score, p
		}
	}
	if found != nil || len(ids) == 0 {
		return found, false
	}
	var fits []*place
	for _, p := range places {
		if p.baseline == nil && !p.resolved && !p.placeholder && p.has(ids) && !otherRevision(addresses, append([]string{p.title}, p.names...)) {
			fits = append(fits, p)
		}
	}
	if len(fits) == 1 {
		return fits[0], true
	}
	return nil, false
}

// alike says how certainly two addresses mean the same document: 0 for not at all. The same catalogue lies in folders of different names and
// in several formats, so that the name of the file says most.
func alike(a, b string) int {
	a, b = strings.ToLower(strings.TrimPrefix(a, "#")), strings.ToLower(strings.TrimPrefix(b, "#"))
	if a == b {
		return 100
	}
	x, y := stem(a), stem(b)
	if len(x) < 4 || len(y) < 4 || telling(x) == "" {
		return 0
	}
	switch {
	case x == y:
		return 90
	case telling(x) == telling(y):
		return 80
	}
	return 0
}

var (
	endings = regexp.MustCompile(`(?:\.(?:json|xml|ya?ml|oscal|gz))+$`)
	compact = regexp.MustCompile(`[-_.](?:min|pretty)$`)
	dated   = regexp.MustCompile(`[-_. ]?\b(?:19|20)\d\d(?:[-_.]?\d\d){0,2}$|[-_.](?:19|20)\d\d(?:[-_.]?\d\d){0,2}$`)
)

// stem returns the name of a file without folder and endings.
func stem(address string) string {
	address, _, _ = strings.Cut(strings.ReplaceAll(address, `\`, "/"), "?")
	return compact.ReplaceAllString(endings.ReplaceAllString(path.Base(address), ""), "")
}

// telling returns the words of a stem, sorted, without its date; nothing where no word tells one document from others.
func telling(stem string) string {
	words := strings.FieldsFunc(dated.ReplaceAllString(stem, ""), func(r rune) bool { return strings.ContainsRune("-_. ", r) })
	slices.Sort(words)
	if !slices.ContainsFunc(words, func(w string) bool { return !common[w] }) {
		return ""
	}
	return strings.Join(slices.Compact(words), " ")
}

// common are the words that tell nothing.
var common = set("catalog", "catalogue", "profile", "baseline", "ssp", "oscal", "selected", "select", "resolved", "example", "plan", "component", "definition", "ap", "ar", "poam")

// choosing are the words by which the names of baselines differ from that of their catalogue.
var choosing = set("catalog", "catalogue", "profile", "baseline", "low", "moderate", "high", "privacy", "resolved", "impact", "selected", "fedramp")

// kin reports whether two addresses may mean a catalogue and a baseline of it.
func kin(a, b string) bool {
	bare := func(address string) string {
		words := strings.Fields(telling(stem(strings.ToLower(address))))
		return strings.Join(slices.DeleteFunc(words, func(w string) bool { return choosing[w] }), " ")
	}
	x := bare(a)
	return len(x) >= 4 && x == bare(b)
}

var revisions = regexp.MustCompile(`(?i)rev(?:ision|\.)?[ _-]?(\d+)`)

// otherRevision reports whether two lists of names name different revisions.
func otherRevision(a, b []string) bool {
	of := func(names []string) (out []string) {
		for _, n := range names {
			for _, m := range revisions.FindAllStringSubmatch(n, -1) {
				out = append(out, m[1])
			}
		}
		return out
	}
	x, y := of(a), of(b)
	return len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(r string) bool { return slices.Contains(y, r) })
}

// choose returns the requirements that the rules of a baseline choose from a place, and the identifiers that the place does not have.
// Rules are those of one source.
func (p *place) choose(rules []model.BaselineChoice) (in []model.Ref, missing []string) {
	// The order of the estate is not that of the document, so that requirements stand in an order that follows from their identifiers.
	slices.SortFunc(p.order, natural)
	taken, left := map[string]bool{}, map[string]bool{}
	for _, rule := range rules {
		into := taken
		if rule.Leaves {
			into = left
		}
		named := map[string]bool{}
		for _, id := range strings.Fields(rule.Identifiers) {
			if known, ok := p.called(id); ok {
				named[known] = true
			} else if !rule.Leaves {
				missing = append(missing, id)
			}
		}
		patterns := strings.Fields(rule.Patterns)
		for _, id := range p.order {
			r := p.requirements[id]
			if rule.All && !r.group && !r.inactive || slices.ContainsFunc(patterns, func(pattern string) bool { ok, err := path.Match(pattern, id); return ok && err == nil }) {
				named[id] = true
			}
		}
		if rule.Parts {
			p.withParts(named)
		}
		for id := range named {
			into[id] = true
		}
	}
	for _, id := range p.order {
		if taken[id] && !left[id] {
			in = append(in, p.requirements[id].ref)
		}
	}
	return in, missing
}

// withParts adds what is part of the requirements named. Parts stand behind what they are part of.
func (p *place) withParts(named map[string]bool) {
	inside := map[model.Ref]bool{}
	for range 8 {
		before := len(named)
		for id := range named {
			inside[p.requirements[id].ref] = true
		}
		for _, id := range p.order {
			if r := p.requirements[id]; !r.up.IsZero() && inside[r.up] && !r.inactive {
				named[id] = true
			}
		}
		if len(named) == before {
			return
		}
	}
}

// natural compares identifiers as people count: ac-2 comes before ac-10.
func natural(a, b string) int {
	for a != "" && b != "" {
		x, y := digits(a), digits(b)
		if x != "" && y != "" {
			m, n := strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
			if c := cmp.Or(cmp.Compare(len(m), len(n)), cmp.Compare(m, n), cmp.Compare(len(x), len(y))); c != 0 {
				return c
			}
			a, b = a[len(x):], b[len(y):]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits returns the digits that a text begins with.
func digits(text string) string {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n]
}

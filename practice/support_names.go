package practice

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/model"
)

// supportIndex finds technologies by everything that names them. It is made once for a snapshot.
type supportIndex struct {
	products map[model.Ref]*product
	// names leads from a name without spaces and signs to the product.
	names map[string]*product
	// identifiers leads from a package or a CPE without its version to the product.
	identifiers map[string]*product
	// answers keeps what was asked before: inventories repeat themselves.
	answers sync.Map
}

// product is a technology with its releases taken apart.
type product struct {
	technology *model.Technology
	releases   []release
	// maker is the maker's name where the name of the technology starts with it.
	maker string
	// words are the words that labels of its releases have.
	words map[string]bool
}

// match is the technology and the release that were found, or why none was.
type match struct {
	product *product
	cycle   *model.Cycle
	note    string
	// unversioned says that there was no version to go by.
	unversioned bool
}

// lookup is what was asked of the index: how, and three texts.
type lookup [4]string

func (x *supportIndex) cached(q lookup, find func() match) match {
	if got, ok := x.answers.Load(q); ok {
		return got.(match)
	}
	m := find()
	x.answers.Store(q, m)
	return m
}

// makers are names of makers that inventories put before the name of a product, or leave out.
var makers = map[string]bool{
	"microsoft": true, "cisco": true, "vmware": true, "apple": true, "google": true, "amazon": true, "oracle": true, "ibm": true, "hpe": true, "hp": true, "dell": true,
	"netapp": true, "fortinet": true, "juniper": true, "apache": true, "eclipse": true, "redhat": true, "suse": true, "adobe": true, "citrix": true, "nvidia": true,
	"broadcom": true, "samsung": true, "hashicorp": true, "aruba": true, "arista": true, "mikrotik": true, "sap": true, "jetbrains": true, "atlassian": true, "elastic": true,
	"canonical": true, "the": true,
}

// common are names that say too little when they stand alone.
var common = map[string]bool{
	"linux": true, "os": true, "server": true, "database": true, "java": true, "client": true, "agent": true, "core": true, "web": true, "enterprise": true,
	"desktop": true, "system": true, "runtime": true, "sdk": true, "http": true, "httpserver": true, "framework": true, "ios": true, "db": true, "i": true,
}

func newSupportIndex(s *estate.Snapshot) *supportIndex {
	x := &supportIndex{products: map[model.Ref]*product{}, names: map[string]*product{}, identifiers: map[string]*product{}}
	var all []*product
	for rec := range s.View(0).All("Technology") {
		t := rec.(*model.Technology)
		p := &product{technology: t, releases: releasesOf(t), words: map[string]bool{}}
		if first, _, more := strings.Cut(strings.ToLower(t.Name), " "); more && makers[first] {
			p.maker = first
		}
		for _, c := range t.Cycles {
			for _, w := range words(c.Label) {
				p.words[w] = true
			}
		}
		x.products[t.Ref()] = p
		all = append(all, p)
	}
	// The strongest names come first: a weaker one does not take what a stronger one has.
	claim(x.names, all, func(t *model.Technology) []string { return []string{t.Key, t.Name, t.ExternalID} }, false)
	claim(x.names, all, func(t *model.Technology) []string { return t.Aliases }, false)
	claim(x.names, all, derivedNames, true)
	claim(x.identifiers, all, identifiersOf, true)
	return x
}

// claim gives names to products. Where a name that is shared says nothing, it goes to nobody.
func claim(names map[string]*product, all []*product, namesOf func(*model.Technology) []string, sharedIsNone bool) {
	fresh, shared := map[string]*product{}, map[string]bool{}
	for _, p := range all {
		for _, name := range namesOf(p.technology) {
			if !strings.Contains(name, ":") {
				name = squeeze(name)
			}
			if other := fresh[name]; len(name) < 2 || names[name] != nil {
				continue
			} else if other != nil {
				shared[name] = shared[name] || other != p
				continue
			}
			fresh[name] = p
		}
	}
	for name, p := range fresh {
		if !shared[name] || !sharedIsNone {
			names[name] = p
		}
	}
}

// derivedNames are names that a technology has only by inference: without its maker, and from its CPEs.
func derivedNames(t *model.Technology) []string {
	var out []string
	add := func(name string) {
		if !common[squeeze(name)] {
			out = append(out, name)
		}
	}
	if first, rest, more := strings.Cut(t.Name, " "); more && makers[strings.ToLower(first)] {
		add(rest)
	}
	for _, cpe := range t.CPEs {
		name, _ := splitCPE(cpe)
		if parts := strings.Split(name, ":"); len(parts) == 4 {
			out = append(out, strings.ReplaceAll(parts[2]+parts[3], "_", " "))
			add(strings.ReplaceAll(parts[3], "_", " "))
		}
	}
	return out
}

func identifiersOf(t *model.Technology) []string {
	var out []string
	for _, p := range t.PackageURLs {
		if name, _ := splitPackageURL(p); name != "" {
			out = append(out, name)
		}
	}
	for _, c := range t.CPEs {
		if name, _ := splitCPE(c); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// squeeze leaves only the letters and digits of a name, in lower case.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return -1
	}, name)
}

// words splits a name at spaces, strokes and hyphens. What stands in brackets is left out.
func words(name string) []string {
	depth := 0
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '(' || r == '[':
			depth++
			return ' '
		case r == ')' || r == ']':
			depth = max(0, depth-1)
			return ' '
		case depth > 0, r == '®', r == '™', r == '\'', r == '"':
			return -1
		}
		return r
	}, strings.ToLower(name))
	return strings.FieldsFunc(plain, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '/' || r == '-' || r == '_' || r == ',' || r == '\u00a0'
	})
}

// find returns the technology and the release that a name and a version mean.
// The name may hold the version. Strict wants every word accounted for.
func (x *supportIndex) find(maker, name, version string, strict bool) match {
	tokens := words(name)
	if len(tokens) == 0 {
		return match{note: "no name is known"}
	}
	p, rest := x.longestName(squeeze(firstWord(maker)), tokens)
	if p == nil || !p.accountsFor(tokens, rest, strict) {
		return match{note: "no technology is called " + strings.TrimSpace(name)}
	}
	inName, given := parseVersion(strings.Join(rest, " ")), parseVersion(version)
	both := given
	both.words = append(slices.Clone(given.words), inName.words...)
	var tries []reading
	if len(inName.numbers) > 0 && len(given.numbers) > 0 && !hasPrefix(given.numbers, inName.numbers) {
		tries = append(tries, reading{joinVersions(inName, given), version})
	}
	if version != "" {
		tries = append(tries, reading{both, version})
	}
	tries = append(tries, reading{inName, strings.Join(rest, " ")})
	first := p.match(tries[0].parsed, tries[0].raw)
	for _, try := range tries {
		if m := p.match(try.parsed, try.raw); m.cycle != nil {
			return m
		}
	}
	return first
}

// reading is a version taken apart, beside the text that it was read from.
type reading struct {
	parsed version
	raw    string
}

func joinVersions(a, b version) version {
	return version{slices.Concat(a.numbers, b.numbers), slices.Concat(a.words, b.words)}
}

func firstWord(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), " ")
	return first
}

// longestName returns the product that most of the words name, and the words behind its name.
func (x *supportIndex) longestName(maker string, tokens []string) (best *product, rest []string) {
	most := 0
	for i := range min(3, len(tokens)) {
		if i > 0 && !makers[tokens[i-1]] {
			break
		}
		for j := i + 1; j <= min(len(tokens), i+7); j++ {
			name := squeeze(strings.Join(tokens[i:j], ""))
			p := x.names[name]
			if maker != "" && i == 0 && x.names[maker+name] != nil {
				p = x.names[maker+name]
			}
			if p == nil || j-i <= most || maker != "" && makers[maker] && p.maker != "" && p.maker != maker {
				continue
			}
			best, rest, most = p, tokens[j:], j-i
		}
	}
	return best, rest
}

// accountsFor reports whether the words behind the name of a product are its
// versions, editions and labels, so that they do not make it another product.
func (p *product) accountsFor(tokens, rest []string, strict bool) bool {
	versions := false
	last := ""
	if n := len(tokens) - len(rest); n > 0 {
		last = tokens[n-1]
	}
	for _, w := range rest {
		bare := strings.TrimPrefix(w, "v")
		switch _, known := editions[squeeze(w)]; {
		case bare != "" && bare[0] >= '0' && bare[0] <= '9' || isServiceRelease(w):
			versions = true
		case w == "server" && last == "windows":
			return false
		case known, p.words[w], w == "service", w == "pack", versions && !strict:
		default:
			return false
		}
	}
	return true
}

func (p *product) match(v version, raw string) match {
	if len(p.releases) == 0 {
		return match{product: p, note: "no releases are known of " + p.technology.Title()}
	}
	c, note := cycleOf(p.releases, v, raw)
	return match{product: p, cycle: c, note: note, unversioned: c == nil && len(v.numbers) == 0}
}

// splitPackageURL returns a package URL without its version, qualifiers and
// subpath, in lower case, and its version. It returns nothing for a text that is not one.
func splitPackageURL(purl string) (name, version string) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(purl), "pkg:")
	if !ok {
		return "", ""
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	if at := strings.LastIndexByte(rest, '@'); at > strings.LastIndexByte(rest, '/') {
		rest, version = rest[:at], rest[at+1:]
	}
	parts := strings.FieldsFunc(rest, func(r rune) bool { return r == '/' })
	if len(parts) < 2 {
		return "", ""
	}
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			parts[i] = plain
		}
	}
	if plain, err := url.PathUnescape(version); err == nil {
		version = plain
	}
	return "pkg:" + strings.ToLower(strings.Join(parts, "/")), version
}

// splitCPE returns part, maker and product of a CPE as cpe:part:maker:product, and
// its version. It reads the form of 2.3 and the older URI, and returns nothing for any other text.
func splitCPE(cpe string) (name, version string) {
	text := strings.ToLower(strings.TrimSpace(cpe))
	rest, ok := strings.CutPrefix(text, "cpe:2.3:")
	if !ok {
		if rest, ok = strings.CutPrefix(text, "cpe:/"); !ok {
			return "", ""
		}
	}
	const colon = "\x00"
	parts := strings.Split(strings.ReplaceAll(rest, `\:`, colon), ":")
	if len(parts) < 3 || parts[0] == "" || parts[2] == "" {
		return "", ""
	}
	for i := range parts {
		parts[i] = strings.ReplaceAll(strings.ReplaceAll(parts[i], colon, ";"), `\`, "")
	}
	if len(parts) > 3 && parts[3] != "*" && parts[3] != "-" {
		version = parts[3]
	}
	return "cpe:" + parts[0] + ":" + parts[1] + ":" + parts[2], version
}

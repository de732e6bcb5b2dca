package vers

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Constraint is one condition on a version.
type Constraint struct {
	// Is is the comparator: =, !=, <, <=, >, >= or * for any version.
	Is string
	// Version is the version that is compared with. It is empty for *.
	Version string
}

// Range is a range of versions in VERS notation, such as vers:maven/>=2.0|<2.15.0.
type Range struct {
	// Scheme says how versions are ordered, mostly as the type of a package URL.
	Scheme string
	// Constraints are the conditions, lowest version first.
	Constraints []Constraint
}

// longestRange is how many bytes a range may have.
const longestRange = 1 << 20

// ParseStrict reads a range that must be written as VERS demands: in lower case without spaces, constraints sorted by version
// and each version once, percent-encoding only where needed, no constraint that says nothing. It is for what people and feeds give.
func ParseStrict(text string) (Range, error) {
	r, err := split(text)
	if err != nil {
		return r, err
	}
	if strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == 0x7F }) {
		return r, errors.New("a range has no spaces")
	}
	if r.Scheme != strings.ToLower(r.Scheme) || !strings.HasPrefix(text, "vers:") {
		return r, errors.New("the beginning of a range is in lower case, such as vers:npm/")
	}
	_, rest, _ := strings.Cut(text, "/")
	for i, part := range strings.Split(rest, "|") {
		c := r.Constraints[i]
		if want := c.String(); part != want {
			return r, fmt.Errorf("the constraint %q must be written %q", part, want)
		}
	}
	return r, r.check()
}

// check says why the constraints are not in canonical form, or nothing.
func (r Range) check() error {
	var before *bound
	var limit, plain string
	seen := map[string]bool{}
	all := r.bounds()
	for i := range all {
		c := &all[i]
		if c.Is == "*" {
			if len(r.Constraints) > 1 {
				return errors.New("* stands alone: it means every version")
			}
			return nil
		}
		if seen[c.Version] {
			return fmt.Errorf("the version %s is there twice", c.Version)
		}
		seen[c.Version] = true
		if before != nil && Ordered(r.Scheme) {
			order := before.compare(*c)
			if order == 0 {
				return fmt.Errorf("the versions %s and %s are the same", before.Version, c.Version)
			}
			if order > 0 {
				return fmt.Errorf("the version %s stands behind %s: sort them, lowest first", c.Version, before.Version)
			}
		}
		before = c
		if c.Is == "!=" {
			continue
		}
		if plain == "=" && (c.Is == "<" || c.Is == "<=") {
			return fmt.Errorf("%s%s follows an exact version, which it has in it already: leave the exact version out", c.Is, c.Version)
		}
		plain = c.Is
		if c.Is == "=" {
			continue
		}
		if side := c.Is[:1]; side == limit {
			return fmt.Errorf("%s%s follows another limit on the same side: leave one of them out", c.Is, c.Version)
		} else {
			limit = side
		}
	}
	return nil
}

// Parse reads a range and bears with what is not canonical: spaces, constraints out of order, encoding. It is for evaluation.
func Parse(text string) (Range, error) {
	r, err := split(strings.Map(func(c rune) rune {
		if c <= ' ' {
			return -1
		}
		return c
	}, text))
	if err != nil {
		return r, err
	}
	r.Scheme = strings.ToLower(r.Scheme)
	return r, nil
}

// bound is a constraint whose version was read.
type bound struct {
	Constraint
	at Version
}

// bounds returns the constraints with their versions read.
func (r Range) bounds() []bound {
	out := make([]bound, len(r.Constraints))
	for i, c := range r.Constraints {
		out[i] = bound{c, Read(r.Scheme, c.Version)}
	}
	return out
}

// compare puts two constraints in order, lowest version first. Versions that have no place stand behind the others.
func (b bound) compare(c bound) int {
	if b.lowest() != c.lowest() {
		return b2i(c.lowest()) - b2i(b.lowest())
	}
	if order, ok := b.at.Compare(c.at); ok {
		return order
	}
	return cmp.Or(b2i(c.at.Placed())-b2i(b.at.Placed()), strings.Compare(b.at.text, c.at.text))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lowest reports whether the constraint is >=0, which stands before every version.
func (c Constraint) lowest() bool { return c.Is == ">=" && c.Version == "0" }

// split takes a range apart and checks nothing but that this can be done.
func split(text string) (Range, error) {
	if len(text) > longestRange {
		return Range{}, fmt.Errorf("a range has at most %d bytes", longestRange)
	}
	if len(text) < 5 || !strings.EqualFold(text[:5], "vers:") {
		return Range{}, errors.New("it is not a range: write it as vers:npm/>=1.0|<2.0")
	}
	scheme, rest, ok := strings.Cut(text[5:], "/")
	if !ok || scheme == "" || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789.-+") != "" {
		return Range{}, errors.New("it is not a range: behind vers: comes the scheme of the versions and a slash, as in vers:npm/>=1.0|<2.0")
	}
	r := Range{Scheme: scheme}
	for part := range strings.SplitSeq(rest, "|") {
		c, err := constraint(part)
		if err != nil {
			return r, err
		}
		r.Constraints = append(r.Constraints, c)
	}
	return r, nil
}

// comparators are what a constraint may begin with, the longer ones first.
var comparators = []string{"!=", "<=", ">=", "<", ">", "="}

func constraint(part string) (Constraint, error) {
	if part == "*" {
		return Constraint{Is: "*"}, nil
	}
	c := Constraint{Is: "="}
	for _, is := range comparators {
		if rest, ok := strings.CutPrefix(part, is); ok {
			c.Is, part = is, rest
			break
		}
	}
	version, err := url.PathUnescape(part)
	switch {
	case err != nil:
		return c, fmt.Errorf("%q is not encoded correctly: a percent sign is followed by two digits", part)
	case version == "":
		return c, errors.New("a constraint has no version")
	case strings.ContainsAny(part, "<>=!*,"):
		return c, fmt.Errorf("%q is not a version: encode its marks with percent signs", part)
	}
	c.Version = version
	return c, nil
}

// String writes the constraint as VERS does: an exact version has no comparator.
func (c Constraint) String() string {
	switch c.Is {
	case "*":
		return "*"
	case "=":
		return escape(c.Version)
	}
	return c.Is + escape(c.Version)
}

// escape encodes a version as package URLs are: all but letters, digits, and .-_~: are written with percent signs.
func escape(version string) string {
	var out strings.Builder
	for i := range len(version) {
		switch b := version[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', strings.IndexByte(".-_~:", b) >= 0:
			out.WriteByte(b)
		default:
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

// String writes the range in VERS notation.
func (r Range) String() string {
	parts := make([]string, len(r.Constraints))
	for i, c := range r.Constraints {
		parts[i] = c.String()
	}
	return "vers:" + r.Scheme + "/" + strings.Join(parts, "|")
}

// Contains reports whether a version is in the range: equal to an exact version, not equal to an excluded one, and
// inside one of the intervals. Ranges that say the same thing in a roundabout way mean what they say.
func (r Range) Contains(version string) bool {
	return r.Test().Contains(Read(r.Scheme, version))
}

// Test is a range made ready to be asked about many versions.
type Test struct {
	all       bool
	equal     []Version
	unequal   []Version
	intervals []interval
}

// interval is the versions between two ends. An end that is not set is open to all.
type interval struct {
	from, until             Version
	above, below            bool
	fromInside, untilInside bool
}

// Test makes the range ready to be asked. Constraints may stand in any order.
func (r Range) Test() *Test {
	t := &Test{}
	all := r.bounds()
	slices.SortStableFunc(all, bound.compare)
	var limits []bound
	for _, c := range all {
		switch c.Is {
		case "*":
			t.all = true
		case "=":
			t.equal = append(t.equal, c.at)
		case "!=":
			t.unequal = append(t.unequal, c.at)
		default:
			limits = append(limits, c)
		}
	}
	if len(t.equal)+len(limits) == 0 && len(t.unequal) > 0 {
		t.all = true
	}
	t.intervals = intervals(limits)
	return t
}

// intervals pairs limits, which are sorted. Of several on the same side the widest counts.
func intervals(limits []bound) []interval {
	var out []interval
	var open *interval
	for i, c := range limits {
		if c.Is[0] == '>' {
			if open == nil {
				open = &interval{above: !c.lowest(), fromInside: c.Is == ">=", from: c.at}
			}
			continue
		}
		if i+1 < len(limits) && limits[i+1].Is[0] == '<' {
			continue
		}
		if open == nil {
			if len(out) > 0 {
				continue
			}
			open = &interval{}
		}
		open.below, open.until, open.untilInside = true, c.at, c.Is == "<="
		out, open = append(out, *open), nil
	}
	if open != nil {
		out = append(out, *open)
	}
	return out
}

// Contains reports whether a version is in the range. One that has no place in the order is only in it where it is named or where all are.
func (t *Test) Contains(v Version) bool {
	for _, w := range t.unequal {
		if w.Equal(v) {
			return false
		}
	}
	if t.all {
		return true
	}
	for _, w := range t.equal {
		if w.Equal(v) {
			return true
		}
	}
	for i := range t.intervals {
		if t.intervals[i].contains(v) {
			return true
		}
	}
	return false
}

func (i *interval) contains(v Version) bool {
	if i.above {
		order, ok := v.Compare(i.from)
		if !ok || order < 0 || order == 0 && !i.fromInside {
			return false
		}
	}
	if i.below {
		order, ok := v.Compare(i.until)
		if !ok || order > 0 || order == 0 && !i.untilInside {
			return false
		}
	}
	return true
}

// Canonical returns the range with its constraints sorted and each version once: of two constraints on one version the first stays.
func (r Range) Canonical() Range {
	all := r.bounds()
	slices.SortStableFunc(all, bound.compare)
	all = slices.CompactFunc(all, func(a, b bound) bool { return a.at.Equal(b.at) })
	r.Constraints = nil
	for _, b := range all {
		r.Constraints = append(r.Constraints, b.Constraint)
	}
	return r
}

package practice

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/model"
)

// version is the text of a version taken apart: its numbers in order, and the
// words beside them, which name an edition.
type version struct {
	// numbers are the parts that start with a digit, and r2 and sp1 behind them.
	numbers []string
	// words are the letters of editions, such as e, w, lts or sac.
	words []string
}

// editions are the words for editions in names of software, with what release names make of them.
var editions = map[string]string{
	"enterprise": "e", "education": "e", "e": "e",
	"pro": "w", "professional": "w", "home": "w", "workstation": "w", "workstations": "w", "w": "w",
	"ltsc": "lts", "ltsb": "lts", "lts": "lts", "esr": "lts", "iot": "iot", "sac": "sac", "ac": "ac",
	"standard": "", "datacenter": "", "essentials": "", "foundation": "", "ultimate": "", "web": "", "server": "", "core": "", "community": "",
	"express": "", "developer": "", "evaluation": "", "edition": "", "editions": "", "release": "", "version": "", "update": "", "build": "",
	"gnu": "", "linux": "", "os": "", "operating": "", "system": "", "for": "", "x64": "", "x86": "", "amd64": "", "arm64": "", "64bit": "", "n": "",
}

// parseVersion takes a version apart, such as 12.4, 2012 R2 Standard, 15 SP4 or 10-22h2.
func parseVersion(text string) version {
	text = strings.ToLower(text)
	if before, after, found := strings.Cut(text, ":"); found && isNumber10(before) {
		text = after
	}
	tokens := strings.FieldsFunc(text, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') })
	var v version
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch {
		case t == "service" && i+2 < len(tokens) && tokens[i+1] == "pack" && isNumber10(tokens[i+2]):
			v.numbers = append(v.numbers, "sp"+tokens[i+2])
			i += 2
		case t[0] >= '0' && t[0] <= '9':
			v.addNumber(t)
		case len(t) > 1 && t[0] == 'v' && isNumber10(t[1:]):
			v.numbers = append(v.numbers, t[1:])
		case isServiceRelease(t):
			v.numbers = append(v.numbers, t)
		default:
			if e, known := editions[t]; !known {
				v.words = append(v.words, t)
			} else if e != "" {
				v.words = append(v.words, e)
			}
		}
	}
	return v
}

// addNumber adds a token that starts with a digit. 8u392 and 2012r2 are two numbers each.
func (v *version) addNumber(t string) {
	for _, mark := range []string{"u", "r", "sp"} {
		if before, after, found := strings.Cut(t, mark); found && isNumber10(before) && isNumber10(after) {
			if mark == "u" {
				mark = ""
			}
			v.numbers = append(v.numbers, before, mark+after)
			return
		}
	}
	v.numbers = append(v.numbers, t)
}

func isNumber10(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isServiceRelease reports whether a token is like r2 or sp1.
func isServiceRelease(t string) bool {
	for _, mark := range []string{"r", "sp"} {
		if rest, ok := strings.CutPrefix(t, mark); ok && isNumber10(rest) {
			return true
		}
	}
	return false
}

func hasPrefix(list, prefix []string) bool {
	return len(prefix) <= len(list) && slices.Equal(list[:len(prefix)], prefix)
}

// release is a cycle with its names taken apart.
type release struct {
	cycle  *model.Cycle
	name   version
	label  version
	latest version
}

func releasesOf(t *model.Technology) []release {
	out := make([]release, len(t.Cycles))
	for i := range t.Cycles {
		c := &t.Cycles[i]
		out[i] = release{c, parseVersion(c.Name), parseVersion(c.Label), parseVersion(c.Latest)}
	}
	return out
}

// CycleOf returns the cycle of a technology that a version belongs to, or nil:
// the one with the longest name that the version starts with, part by part, so
// that 3.11.2 belongs to 3.11 and not to 3.1. A version that is less exact than
// the cycles belongs to one where only one fits.
func CycleOf(t *model.Technology, version string) *model.Cycle {
	c, _ := cycleOf(releasesOf(t), parseVersion(version), version)
	return c
}

// cycleOf also says what it had to assume, or why it found none.
func cycleOf(releases []release, v version, raw string) (*model.Cycle, string) {
	if raw = strings.TrimSpace(raw); raw != "" {
		for _, r := range releases {
			if strings.EqualFold(r.cycle.Name, raw) {
				return r.cycle, ""
			}
		}
	}
	if len(v.numbers) == 0 {
		return nil, "the version is not known"
	}
	tries := []version{v}
	if n := len(v.numbers); n > 1 && strings.HasPrefix(v.numbers[n-1], "sp") {
		minor := slices.Clone(v.numbers)
		minor[n-1] = minor[n-1][2:]
		tries = append(tries, version{minor, v.words})
	}
	if v.numbers[0] == "1" && len(v.numbers) > 2 && strings.Contains(raw, "_") {
		// Java before 9 counted 1.8.0_392 what it calls 8u392.
		tries = append(tries, version{v.numbers[1:], v.words})
	}
	for _, try := range tries {
		for _, found := range [][]release{
			longest(releases, func(r release) version { return r.name }, try),
			finer(releases, try),
			longest(releases, func(r release) version { return r.label }, try),
			sameBuild(releases, try),
		} {
			if len(found) > 0 {
				return edition(found, try)
			}
		}
	}
	return nil, "no release of the technology fits the version " + raw
}

// longest returns the releases with the longest name that a version starts with.
func longest(releases []release, name func(release) version, v version) []release {
	var out []release
	most := 0
	for _, r := range releases {
		n := len(name(r).numbers)
		if n == 0 || n < most || !hasPrefix(v.numbers, name(r).numbers) || n < len(v.numbers) && v.numbers[n][0] == 'r' {
			continue
		}
		if n > most {
			most, out = n, nil
		}
		out = append(out, r)
	}
	return out
}

// finer returns the releases whose name starts with a version and goes on, where they all go on alike.
func finer(releases []release, v version) []release {
	var out []release
	for _, r := range releases {
		if len(r.name.numbers) > len(v.numbers) && hasPrefix(r.name.numbers, v.numbers) {
			if len(out) > 0 && !slices.Equal(out[0].name.numbers, r.name.numbers) {
				return nil
			}
			out = append(out, r)
		}
	}
	return out
}

// sameBuild returns the releases whose newest patch has the first three numbers of a version.
func sameBuild(releases []release, v version) []release {
	var out []release
	for _, r := range releases {
		if len(v.numbers) >= 3 && len(r.latest.numbers) >= 3 && slices.Equal(v.numbers[:3], r.latest.numbers[:3]) {
			out = append(out, r)
		}
	}
	return out
}

// edition picks one of several editions of a release. Where the version does not
// say which edition it is, it picks the plain one, or the one that ends first.
func edition(found []release, v version) (*model.Cycle, string) {
	best, fit := []release(nil), -1
	for _, r := range found {
		score := 0
		for _, w := range r.name.words {
			if !slices.Contains(v.words, w) {
				score = -1
				break
			}
			score++
		}
		if score > fit {
			best, fit = nil, score
		}
		if score == fit && score >= 0 {
			best = append(best, r)
		}
	}
	if len(best) == 0 {
		best = found
	}
	pick := slices.MinFunc(best, func(a, b release) int {
		return cmp.Or(cmp.Compare(endOrNever(a.cycle), endOrNever(b.cycle)), cmp.Compare(a.cycle.Name, b.cycle.Name))
	})
	if len(best) > 1 {
		return pick.cycle, "the edition is not known: the one whose support ends first is assumed"
	}
	return pick.cycle, ""
}

func endOrNever(c *model.Cycle) model.Date {
	switch {
	case !c.SecuritySupport.IsZero():
		return c.SecuritySupport
	case c.Unsupported:
		return 1
	}
	return 1<<31 - 1
}

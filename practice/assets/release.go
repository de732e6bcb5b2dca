package assets

import (
	"strconv"
	"strings"

	"binnacle/model"
)

// release is a version of software as an inventory found it.
type release struct {
	// name is the name as it was found, which often has the version in it.
	name string
	// version is the version.
	version string
	// cycle is the name and the label of the release that the maker supports, where it is known.
	cycle string
	// released is the day when that release came.
	released model.Date
}

// String writes the name with the version, where the name does not end in it already.
func (r release) String() string {
	if strings.HasSuffix(r.name, r.version) {
		return r.name
	}
	return strings.TrimSpace(r.name + " " + r.version)
}

// order says how a release stands to the version of a licence.
type order int

const (
	same order = iota
	older
	newer
	unknownOrder
)

// against compares a release with the version of a licence. A licence for a year,
// such as 2019, is compared with the year in the name or in the name of the release.
func (r release) against(licence string) order {
	if y := yearIn(licence); y > 0 {
		for _, text := range []string{r.version, r.cycle, r.name} {
			if have := yearIn(text); have > 0 {
				return compareParts([]int{have}, []int{y})
			}
		}
		return unknownOrder
	}
	want := numbers(licence)
	if len(want) == 0 {
		if strings.Contains(normal(r.String()), normal(licence)) {
			return same
		}
		return unknownOrder
	}
	for _, text := range []string{r.version, r.cycle, r.name} {
		if have := numbers(text); len(have) > 0 && !isYear(have[0]) {
			return compareParts(have, want)
		}
	}
	return unknownOrder
}

func isYear(n int) bool { return n >= 1990 && n <= 2100 }

// compareParts compares numbers of versions as far as both go.
func compareParts(have, want []int) order {
	for i := range min(len(have), len(want)) {
		switch {
		case have[i] < want[i]:
			return older
		case have[i] > want[i]:
			return newer
		}
	}
	return same
}

// yearIn returns the year that a text names as a version, as in SQL Server 2022 or 2022.3, or 0.
func yearIn(text string) int {
	for _, word := range words(text) {
		if n := parse(word); len(n) > 0 && isYear(n[0]) {
			return n[0]
		}
	}
	return 0
}

// numbers returns the numbers of the first word of a text that starts with a digit: 19, 3 and 0 of Database 19.3.0-x.
func numbers(text string) []int {
	for _, word := range words(text) {
		if n := parse(word); len(n) > 0 {
			return n
		}
	}
	return nil
}

// words returns the words of a text that start with a digit and are no width of a processor, such as 64-bit.
func words(text string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" ()_/,", r) }) {
		word = strings.TrimPrefix(word, "v")
		if word != "" && word[0] >= '0' && word[0] <= '9' && !strings.HasSuffix(word, "bit") {
			out = append(out, word)
		}
	}
	return out
}

// parse returns the numbers of a word, as far as its parts begin with digits: 19 of 19c, 8 and 0 of 8.0-rc.
func parse(word string) []int {
	var out []int
	for _, part := range strings.FieldsFunc(word, func(r rune) bool { return strings.ContainsRune(".-+:", r) }) {
		digits := len(part) - len(strings.TrimLeft(part, "0123456789"))
		n, err := strconv.Atoi(part[:digits])
		if err != nil {
			break
		}
		out = append(out, n)
		if digits < len(part) {
			break
		}
	}
	return out
}

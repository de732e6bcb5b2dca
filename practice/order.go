package practice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"binnacle/estate"
)

// WorstFirst puts the worst findings first and leaves equal ones in their order.
func WorstFirst(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
}

// longestKey is how many bytes a key that follows from a name has at most.
const longestKey = 60

// Slug makes a key of a name: letters and digits in lower case with hyphens between the words. A name without any becomes untitled.
func Slug(name string) string {
	var out strings.Builder
	for _, w := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if out.Len()+len(w) > longestKey {
			break
		}
		if out.Len() > 0 {
			out.WriteByte('-')
		}
		out.WriteString(w)
	}
	return cmp.Or(out.String(), "untitled")
}

// FreeKey returns a key that no record of a kind has, also none that is out of sight: the one that is wanted, or that with the first number behind it from 2 on that is free.
func FreeKey(v estate.View, kind, wanted string) string {
	key := wanted
	for n := 2; v.Snapshot().Find(kind, key) != nil; n++ {
		key = fmt.Sprintf("%s-%d", wanted, n)
	}
	return key
}

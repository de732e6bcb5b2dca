package practice

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
)

// WorstFirst puts the worst findings first and leaves equal ones in their order.
func WorstFirst(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
}

// FreeKey returns a key that no record of a kind has, also none that is out of sight: the one that is wanted, or that with the first number behind it from 2 on that is free.
func FreeKey(v estate.View, kind, wanted string) string {
	key := wanted
	for n := 2; v.Snapshot().Find(kind, key) != nil; n++ {
		key = fmt.Sprintf("%s-%d", wanted, n)
	}
	return key
}

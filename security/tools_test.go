package security

import (
	"strconv"

	"binnacle/doors"
)

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// routes returns every route of every door.
func routes(w *world) []string { return doors.Handler(w.House, doors.Options{}).Routes() }

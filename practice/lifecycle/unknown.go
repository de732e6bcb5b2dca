package lifecycle

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/practice"
)

// UnknownIn says how much of the unknown is shown.
type UnknownIn struct {
	// Limit is how many rows there are at most. The default is 200.
	Limit int `min:"0" max:"1000000"`
}

// UnknownOut is what nobody knows the end of support of.
type UnknownOut struct {
	// Records is how many records have something whose end of support is not known.
	Records practice.Figure
	// Known is the share of all uses of technology whose end of support is known.
	Known practice.Figure
	// Table lists what is missing, what would help most first.
	Table practice.Table[Gap]
}

// Gap is something that keeps an end of support from being known.
type Gap struct {
	// Missing says what is missing: name, technology, version, release or date.
	Missing Missing
	// Text is the name and version as they were found.
	Text string
	// As says in what role it was found, such as operating system or firmware.
	As string
	// Technology is the technology where one was found.
	Technology practice.Link
	// Records is how many records would be known if this were mended.
	Records int
	// Examples are some of them.
	Examples []practice.Link
	// Help says what to do.
	Help string
	// From are all of these records.
	From []practice.Link
}

// Missing says what keeps an end of support from being known.
type Missing string

// What can be missing.
const (
	// NameMissing means that the record does not say what it runs.
	NameMissing Missing = "name"
	// TechnologyMissing means that no technology of the estate has that name.
	TechnologyMissing Missing = "technology"
	// VersionMissing means that the version in use is not known.
	VersionMissing Missing = "version"
	// ReleaseMissing means that the technology has no release that fits the version.
	ReleaseMissing Missing = "release"
	// DateMissing means that the release has no date of its end.
	DateMissing Missing = "date"
)

var helpFor = map[Missing]string{
	NameMissing:       "Let an inventory report it, or fill it in.",
	TechnologyMissing: "Add a technology, or add this name to the aliases of one.",
	VersionMissing:    "Fill in the version.",
	ReleaseMissing:    "Add the release to the technology.",
	DateMissing:       "Fill in the end of security support of the release.",
}

// Unknown finds what has no known end of support: machines that do not say what
// they run, names that no technology has, versions without a release and releases
// without a date. What would make most records known comes first.
func Unknown(v estate.View, in UnknownIn) (UnknownOut, error) {
	type gap struct {
		missing  Missing
		text, as string
	}
	gaps, behind := map[gap]*Gap{}, map[gap]once{}
	var order []gap
	records := once{}
	known, all := 0, 0
	for u := range uses(v) {
		all++
		if u.State != practice.SupportUnknown {
			known++
			continue
		}
		g := gap{missingOf(u), u.found(), u.as}
		row := gaps[g]
		if row == nil {
			row = &Gap{Missing: g.missing, Text: g.text, As: u.as, Help: helpFor[g.missing]}
			if u.Technology != nil {
				row.Technology = practice.To(u.Technology)
			}
			gaps[g], behind[g] = row, once{}
			order = append(order, g)
		}
		records.add(practice.To(u.holder))
		behind[g].add(practice.To(u.holder))
	}
	var out UnknownOut
	for _, g := range order {
		row := gaps[g]
		row.From = behind[g].list()
		row.Records, row.Examples = len(row.From), row.From[:min(3, len(row.From))]
		out.Table.Rows = append(out.Table.Rows, *gaps[g])
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(b.Records, a.Records), cmp.Compare(a.Missing, b.Missing), cmp.Compare(a.Text, b.Text))
	})
	if limit := cmp.Or(in.Limit, 200); len(out.Table.Rows) > limit {
		out.Table.Rows = out.Table.Rows[:limit]
		out.Table.Note = "the rest is left out; raise the limit to see it"
	}
	out.Records = practice.Counted("records", practice.Lower, records.list())
	out.Known = practice.Figure{Value: practice.Share(known, all), Unit: "%", Better: practice.Higher}
	if all == 0 {
		out.Known.Unknown, out.Known.Note = true, "nothing uses any technology"
	}
	return out, nil
}

func missingOf(u use) Missing {
	switch {
	case u.text == "" && u.Technology == nil:
		return NameMissing
	case u.Technology == nil:
		return TechnologyMissing
	case u.Cycle != nil:
		return DateMissing
	case u.Unversioned:
		return VersionMissing
	}
	return ReleaseMissing
}

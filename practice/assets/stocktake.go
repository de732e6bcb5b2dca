package assets

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// StocktakeIn says which count is compared.
type StocktakeIn struct {
	// Stocktake is the count. The default is the latest one.
	Stocktake model.Ref `to:"Stocktake"`
}

// StocktakeOut is a count against the register.
type StocktakeOut struct {
	// Count is the stocktake that was compared.
	Count practice.Figure
	// Expected is how many assets should be there.
	Expected practice.Figure
	// Found is how many of them were scanned.
	Found practice.Figure
	// Missing is how many of them were not scanned.
	Missing practice.Figure
	// Misplaced is how many were scanned that should be somewhere else.
	Misplaced practice.Figure
	// Unknown is how many labels were scanned that no asset has.
	Unknown practice.Figure
	// Returned is how many were scanned that the register has as retired, disposed or lost, or that nobody has received yet.
	Returned practice.Figure
	// Worth is what the missing assets cost.
	Worth practice.Figure
	// Findings are the differences.
	Findings []practice.Finding
	// Table lists what was scanned, in the order of the scan, and then what is missing.
	Table practice.Table[CountRow]
}

// CountRow is one label of a count, or an asset that was not scanned.
type CountRow struct {
	// Label is what was scanned. It is empty for what is missing.
	Label string
	// Result says how it compares with the register.
	Result CountResult
	// Asset is the asset with that label.
	Asset practice.Link
	// Name is what it is called.
	Name string
	// State is its state in the register.
	State model.AssetState
	// Site is where the register has it.
	Site practice.Link
	// Holder is who has it, as the register says.
	Holder practice.Link
}

// CountResult says how a label compares with the register.
type CountResult string

// The results of a count.
const (
	CountFound     CountResult = "found"
	CountTwice     CountResult = "scanned twice"
	CountMisplaced CountResult = "wrong place"
	CountReturned  CountResult = "not in use"
	CountUnknown   CountResult = "unknown label"
	CountMissing   CountResult = "missing"
)

// counted is an asset together with how it was counted.
type counted struct {
	label  string
	result CountResult
	asset  *model.Asset
}

// Stocktake compares the labels that were scanned at a place with the register:
// what is where it should be, what is missing, what should be somewhere else, what
// the register has as retired or lost, and labels that no asset has. A label is an inventory number, a serial
// number, the key of an asset, or the address in a QR code. Assets away to be mended are not expected.
func Stocktake(v estate.View, in StocktakeIn) (StocktakeOut, error) {
	var out StocktakeOut
	take, err := stocktakeOf(v, in.Stocktake)
	if err != nil {
		return out, err
	}
	by := map[CountResult][]practice.Link{}
	unknown := 0
	var worth []model.Money
	for _, c := range compare(v, take) {
		row := CountRow{Label: c.label, Result: c.result}
		if c.asset != nil {
			row.Asset, row.Name, row.State, row.Site, row.Holder = practice.To(c.asset), c.asset.Title(), c.asset.State, link(v, c.asset.Site), link(v, c.asset.AssignedTo)
			by[c.result] = append(by[c.result], row.Asset)
		}
		switch c.result {
		case CountUnknown:
			unknown++
		case CountMissing:
			worth = append(worth, c.asset.Price)
		}
		out.Table.Rows = append(out.Table.Rows, row)
	}
	out.findings(v, take, by, unknown)
	out.Count = practice.Figure{Value: float64(len(take.Scanned)), Unit: "labels", From: []practice.Link{practice.To(take)}, Note: countNote(v, take)}
	out.Expected = practice.Counted("assets", practice.Neither, slices.Concat(by[CountFound], by[CountMissing]))
	out.Found = practice.Counted("assets", practice.Higher, by[CountFound])
	out.Missing = practice.Counted("assets", practice.Lower, by[CountMissing])
	out.Misplaced = practice.Counted("assets", practice.Lower, by[CountMisplaced])
	out.Returned = practice.Counted("assets", practice.Lower, by[CountReturned])
	out.Unknown = practice.Figure{Value: float64(unknown), Unit: "labels", Better: practice.Lower, From: []practice.Link{practice.To(take)}}
	out.Worth = practice.SumOf("", practice.Lower, worth, by[CountMissing])
	return out, nil
}

func countNote(v estate.View, take *model.Stocktake) string {
	note := take.Title()
	if s := v.Get(take.Site); s != nil {
		note += " at " + s.Base().Title()
	}
	if !take.On.IsZero() {
		note += ", " + take.On.String()
	}
	if take.Closed {
		note += ", closed: the register has changed since"
	}
	return note
}

func (out *StocktakeOut) findings(v estate.View, take *model.Stocktake, by map[CountResult][]practice.Link, unknown int) {
	add := func(s practice.Severity, text string, from []practice.Link) {
		if len(from) == 0 {
			return
		}
		f := practice.Finding{Severity: s, About: practice.To(take), From: from, Text: fmt.Sprintf(text, practice.Count(len(from), "asset", "assets"), practice.Some(from))}
		if !take.Closed {
			f.Mend = mend("apply_stocktake", "stocktake", practice.To(take).String())
		}
		out.Findings = append(out.Findings, f)
	}
	add(practice.High, "Expected and not scanned: %s: %s.", by[CountMissing])
	add(practice.Medium, "Scanned, but not in use in the register: %s: %s.", by[CountReturned])
	add(practice.Low, "Scanned, but expected at another place: %s: %s.", by[CountMisplaced])
	if unknown > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: practice.To(take), Text: fmt.Sprintf("%s unknown: no asset has such an inventory number, serial number or key.", practice.Count(unknown, "label is", "labels are"))})
	}
	sorted(out.Findings)
}

// stocktakeOf returns the count that is meant: the latest one where none is given.
func stocktakeOf(v estate.View, ref model.Ref) (*model.Stocktake, error) {
	if !ref.IsZero() {
		if take, ok := estate.Look[*model.Stocktake](v, ref); ok {
			return take, nil
		}
		return nil, model.Problem{Field: "stocktake", Text: "there is no such stocktake"}
	}
	var latest *model.Stocktake
	for take := range estate.Each[*model.Stocktake](v) {
		if latest == nil || take.On >= latest.On {
			latest = take
		}
	}
	if latest == nil {
		return nil, model.Problem{Field: "stocktake", Text: "there is no stocktake yet: scan the labels of a place first"}
	}
	return latest, nil
}

// compare goes through the labels of a count in their order, and then through what is missing.
func compare(v estate.View, take *model.Stocktake) []counted {
	at := within(v, take.Site)
	var out []counted
	seen := map[model.ID]bool{}
	for _, label := range take.Scanned {
		if strings.TrimSpace(label) == "" {
			continue
		}
		a := AssetOf(v, label)
		c := counted{label: label, asset: a}
		switch {
		case a == nil:
			c.result = CountUnknown
		case seen[a.ID]:
			c.result = CountTwice
		case a.State != "in_use" && a.State != "in_stock" && a.State != "in_repair" && a.State != "":
			c.result = CountReturned
		case !at.has(a.Site):
			c.result = CountMisplaced
		default:
			c.result = CountFound
		}
		if a != nil {
			seen[a.ID] = true
		}
		out = append(out, c)
	}
	for a := range estate.Each[*model.Asset](v) {
		if !seen[a.ID] && (a.State == "in_use" || a.State == "in_stock") && at.has(a.Site) {
			out = append(out, counted{result: CountMissing, asset: a})
		}
	}
	return out
}

// AssetOf returns the asset that a label names, or nil: by its inventory number, its serial number, its key, or the address of its page.
func AssetOf(v estate.View, label string) *model.Asset {
	label = strings.TrimSpace(label)
	if _, path, found := strings.Cut(label, "/records/Asset/"); found {
		path, _, _ = strings.Cut(path, "?")
		path, _, _ = strings.Cut(strings.TrimSuffix(path, "/"), "/")
		if key, err := url.PathUnescape(path); err == nil {
			label = key
		}
	}
	for _, ident := range []string{"inventory", "serial"} {
		if value := model.NormalIdent(ident, label); value != "" {
			if a, ok := v.Identify("Asset", ident, value).(*model.Asset); ok {
				return a
			}
		}
	}
	if a, ok := v.Find("Asset", label).(*model.Asset); ok {
		return a
	}
	return nil
}

// ApplyStocktakeIn says which count is applied, and how.
type ApplyStocktakeIn struct {
	// Stocktake is the count.
	Stocktake model.Ref `to:"Stocktake" is:"required"`
	// KeepMissing leaves what was not scanned as it is, instead of taking it for lost.
	KeepMissing bool
	// KeepPlaces leaves what was scanned at another place where the register has it.
	KeepPlaces bool
}

// ApplyStocktake proposes to make the register what was counted, and closes the
// count: what was scanned was seen on that day, and is at that place; what was lost and
// is back is in stock; what should be there and was not scanned is lost.
func ApplyStocktake(v estate.View, in ApplyStocktakeIn) (practice.Proposal, error) {
	take, err := stocktakeOf(v, in.Stocktake)
	if err != nil {
		return practice.Proposal{}, err
	}
	if take.Closed {
		return practice.Proposal{}, model.Problem{Field: "stocktake", Text: take.Title() + " is closed already: count again"}
	}
	out := practice.Proposal{Why: "Apply the stocktake " + take.Title()}
	day := cmp.Or(take.On, v.At())
	for _, c := range compare(v, take) {
		if c.asset == nil || c.result == CountTwice {
			continue
		}
		after := model.Clone(c.asset)
		if c.result == CountMissing {
			if in.KeepMissing {
				continue
			}
			after.State = "lost"
			edit(v, &out, c.asset, after)
			continue
		}
		after.SeenOn = max(after.SeenOn, day)
		if !in.KeepPlaces && !take.Site.IsZero() && (c.result == CountMisplaced || c.asset.State == "lost") {
			after.Site = take.Site
		}
		switch c.asset.State {
		case "lost":
			after.State, after.AssignedTo, after.Assigned, after.ReturnBy = "in_stock", model.Ref{}, 0, 0
		case "retired", "disposed", "requested", "ordered":
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: practice.To(c.asset), Owner: practice.OwnerOf(v, c.asset),
				Text: fmt.Sprintf("%s was scanned, but the register has it as %s: its state is left as it is.", c.asset.Title(), c.asset.State)})
		}
		edit(v, &out, c.asset, after)
	}
	after := model.Clone(take)
	after.Closed, after.On = true, day
	edit(v, &out, take, after)
	return out, nil
}

package assets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RegisterIn says which assets are listed.
type RegisterIn struct {
	// States limits the list to some states, such as in_stock. None means all but disposed.
	States []string
	// Category limits the list to one sort of hardware, such as laptop.
	Category string
	// Site limits the list to what is at a site or in a part of it.
	Site model.Ref `to:"Site"`
	// Holder limits the list to what a person or a team has.
	Holder model.Ref `to:"Person,Team"`
	// Life is the useful life that is assumed for assets without one of their own. Without it their value in the books is not known.
	Life int `min:"1" max:"600" unit:"months"`
}

// RegisterOut is the register of assets.
type RegisterOut struct {
	// Assets is how many assets are listed.
	Assets practice.Figure
	// InUse is how many of them somebody has.
	InUse practice.Figure
	// InStock is how many of them wait to be used.
	InStock practice.Figure
	// Price is what they cost together.
	Price practice.Figure
	// Book is what they are worth in the books on the date.
	Book practice.Figure
	// Unvalued is how many have no value in the books because something is not known.
	Unvalued practice.Figure
	// Age is how old they are on average.
	Age practice.Figure
	// ByState counts the assets by state.
	ByState practice.Table[GroupRow]
	// ByCategory counts the assets by the sort of hardware.
	ByCategory practice.Table[GroupRow]
	// Table lists the assets.
	Table practice.Table[AssetRow]
}

// GroupRow is what some assets have in common.
type GroupRow struct {
	// Group is the state or the category.
	Group string
	// Assets is how many there are.
	Assets int
	// Price is what they cost together.
	Price model.Money
	// Book is what they are worth in the books, as far as it is known.
	Book model.Money
	// Unvalued is how many of them have no known value in the books.
	Unvalued int
	// From are the assets.
	From []practice.Link
}

// AssetRow is an asset on the list.
type AssetRow struct {
	// Asset is the record.
	Asset practice.Link
	// Name is what it is called.
	Name string
	// Category is the sort of hardware.
	Category string
	// State is where it is in its life.
	State model.AssetState
	// Holder is who has it.
	Holder practice.Link
	// Site is where it is.
	Site practice.Link
	// Label is its inventory number.
	Label string
	// Serial is the serial number of the maker.
	Serial string
	// WarrantyEnd is the last day of the warranty.
	WarrantyEnd model.Date
	// Price is what it cost.
	Price model.Money
	// Book is what it is worth in the books.
	Book model.Money
	// Months is how old it is.
	Months *int `label:"Age in months"`
	// Seen is the day when it was last counted.
	Seen model.Date
}

// Register lists the hardware of the company with its state, its holder, its
// place, its warranty, its age and its value in the books on the date. A month of
// depreciation counts when it is over; what was disposed of has no value.
func Register(v estate.View, in RegisterIn) (RegisterOut, error) {
	var out RegisterOut
	states, err := statesOf(in.States)
	if err != nil {
		return out, err
	}
	at := within(v, in.Site)
	byState, byCategory := newTally(), newTally()
	var all, used, stocked, unvalued, aged []practice.Link
	var prices, books []model.Money
	months, without := 0, map[practice.Link]bool{}
	for a := range estate.Each[*model.Asset](v) {
		if !listed(a, states) || in.Category != "" && !strings.EqualFold(a.Category, in.Category) || !at.has(a.Site) || !in.Holder.IsZero() && a.AssignedTo != in.Holder {
			continue
		}
		row := rowOf(v, a, in.Life)
		out.Table.Rows = append(out.Table.Rows, row)
		all, prices, books = append(all, row.Asset), append(prices, a.Price), append(books, row.Book)
		switch a.State {
		case "in_use":
			used = append(used, row.Asset)
		case "in_stock":
			stocked = append(stocked, row.Asset)
		}
		if here(a.State) && row.Book.IsZero() && a.Disposed.IsZero() {
			unvalued = append(unvalued, row.Asset)
			without[row.Asset] = true
		}
		if row.Months != nil {
			aged = append(aged, row.Asset)
			months += *row.Months
		}
		if err := cmp.Or(byState.add(cmp.Or(string(a.State), "unknown"), row.Asset, a.Price, row.Book), byCategory.add(cmp.Or(a.Category, "unknown"), row.Asset, a.Price, row.Book)); err != nil {
			return out, err
		}
	}
	out.Assets = practice.Counted("assets", practice.Neither, all)
	out.InUse = practice.Counted("assets", practice.Neither, used)
	out.InStock = practice.Counted("assets", practice.Neither, stocked)
	out.Unvalued = practice.Counted("assets", practice.Lower, unvalued)
	out.Unvalued.Note = "a value needs a price, a day of purchase or delivery, and a useful life"
	out.Price = practice.SumOf("", practice.Neither, prices, all)
	out.Book = practice.SumOf("", practice.Neither, books, all)
	out.Age = practice.Figure{Unit: "months", Better: practice.Lower, From: aged, Unknown: len(aged) == 0}
	if len(aged) > 0 {
		out.Age.Value = float64(months*10/len(aged)) / 10
	} else {
		out.Age.Note = "no day of purchase is known"
	}
	out.ByState.Rows = groups(byState, without, func(name string) int { return model.Rank(model.AssetState(name)) })
	out.ByCategory.Rows = groups(byCategory, without, func(string) int { return 0 })
	return out, nil
}

// statesOf reads the states that a person asked for.
func statesOf(written []string) ([]model.AssetState, error) {
	var out []model.AssetState
	for _, w := range written {
		s := model.AssetState(strings.ToLower(strings.ReplaceAll(strings.TrimSpace(w), " ", "_")))
		if model.Rank(s) == 0 {
			var names []string
			for _, o := range s.Options() {
				names = append(names, o.Value)
			}
			return nil, model.Problem{Field: "states", Text: fmt.Sprintf("there is no state %q: write one of %s", w, strings.Join(names, ", "))}
		}
		out = append(out, s)
	}
	return out, nil
}

func listed(a *model.Asset, states []model.AssetState) bool {
	if len(states) == 0 {
		return a.State != "disposed"
	}
	return slices.Contains(states, a.State)
}

func rowOf(v estate.View, a *model.Asset, life int) AssetRow {
	row := AssetRow{Asset: practice.To(a), Name: a.Title(), Category: a.Category, State: a.State, Holder: link(v, a.AssignedTo), Site: link(v, a.Site),
		Label: a.InventoryNumber, Serial: a.Serial, WarrantyEnd: a.WarrantyEnd, Price: a.Price, Book: bookValue(a, life, v.At()), Seen: a.SeenOn}
	if from := firstUse(a); !from.IsZero() && from <= v.At() {
		age := monthsBetween(from, v.At())
		row.Months = &age
	}
	return row
}

// groups makes rows of a tally: in the order of a rank, then the largest first.
func groups(t *tally, without map[practice.Link]bool, rank func(name string) int) []GroupRow {
	var out []GroupRow
	for _, r := range t.order {
		row := GroupRow{Group: r.name, Assets: len(r.from), Price: r.sums[0], Book: r.sums[1], From: r.from}
		for _, l := range r.from {
			if without[l] {
				row.Unvalued++
			}
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b GroupRow) int {
		return cmp.Or(cmp.Compare(rank(a.Group), rank(b.Group)), cmp.Compare(b.Assets, a.Assets), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Price.Currency(), b.Price.Currency()))
	})
	return out
}

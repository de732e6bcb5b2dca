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

// RequestIn says what somebody asks for.
type RequestIn struct {
	// Person is who asks for it.
	Person model.Ref `to:"Person" is:"required"`
	// Category is the sort of hardware, such as laptop.
	Category string `is:"required"`
	// Model is the maker's name of the hardware, where one is wanted.
	Model string
	// Manufacturer is the maker, where one is wanted.
	Manufacturer string
	// Price is what it is expected to cost.
	Price model.Money
	// Count is how many are asked for. The default is 1.
	Count int `min:"1" max:"500"`
	// Site is where it is wanted. The default is where the person works.
	Site model.Ref `to:"Site"`
	// CostCentre is where it would be booked.
	CostCentre model.Ref `to:"CostCentre"`
	// Reason says what it is for.
	Reason string
}

// RequestAsset proposes hardware that somebody asks for: a record in the state requested for each piece.
func RequestAsset(v estate.View, in RequestIn) (practice.Proposal, error) {
	p, ok := estate.Look[*model.Person](v, in.Person)
	if !ok || practice.HasLeft(p, v.At()) {
		return practice.Proposal{}, model.Problem{Field: "person", Text: "there is no such person who works here"}
	}
	out := practice.Proposal{Why: fmt.Sprintf("%s asks for %s", p.Title(), in.Category)}
	stem := keyOf(in.Category)
	number := 0
	for range cmp.Or(in.Count, 1) {
		key := ""
		for key == "" || v.Find("Asset", key) != nil {
			number++
			key = fmt.Sprintf("%s-request-%d", stem, number)
		}
		a := &model.Asset{State: "requested", Category: in.Category, Model: in.Model, Manufacturer: in.Manufacturer, Price: in.Price, Site: cmp.Or(in.Site, p.Site), CostCentre: in.CostCentre, RequestedBy: in.Person}
		a.ID, a.Key, a.Name, a.Description, a.Owner = practice.NewID(v, "Asset", key), key, strings.TrimSpace(cmp.Or(in.Manufacturer+" "+in.Model, in.Category)), in.Reason, p.Team
		if strings.TrimSpace(in.Manufacturer+in.Model) == "" {
			a.Name = in.Category
		}
		edit(v, &out, nil, a)
	}
	return out, nil
}

// keyOf makes the start of a key of a word.
func keyOf(word string) string {
	key := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return '-'
	}, word)
	return cmp.Or(strings.Trim(key, "-"), "asset")
}

// move proposes to bring assets into a state, and what else changes with it. It
// refuses an asset that may not come into that state, and says from which ones it may.
func move(v estate.View, assets []model.Ref, to model.AssetState, why string, change func(a *model.Asset) error) (practice.Proposal, error) {
	out := practice.Proposal{Why: why}
	if len(assets) == 0 {
		return out, model.Problem{Field: "assets", Text: "say which assets"}
	}
	for _, ref := range assets {
		a, ok := estate.Look[*model.Asset](v, ref)
		if !ok {
			return out, model.Problem{Field: "assets", Text: fmt.Sprintf("there is no asset %s", ref)}
		}
		if a.State != "" && a.State != to && !slices.Contains(a.State.Transitions()[string(a.State)], string(to)) {
			return out, model.Problem{Field: "assets", Text: fmt.Sprintf("%s is %s and cannot become %s: it must be %s", a.Key, spaced(a.State), spaced(to), before(to))}
		}
		after := model.Clone(a)
		after.State = to
		if err := change(after); err != nil {
			return out, err
		}
		edit(v, &out, a, after)
	}
	return out, nil
}

func spaced(s model.AssetState) string { return strings.ReplaceAll(string(s), "_", " ") }

// before lists the states from which an asset may come into one.
func before(to model.AssetState) string {
	var out []string
	for _, o := range to.Options() {
		if slices.Contains(to.Transitions()[o.Value], string(to)) {
			out = append(out, spaced(model.AssetState(o.Value)))
		}
	}
	return strings.Join(out, " or ")
}

// OrderIn says what is ordered.
type OrderIn struct {
	// Assets are the assets that were asked for.
	Assets []model.Ref `to:"Asset" is:"required"`
	// PurchaseOrder is the order that they come with.
	PurchaseOrder model.Ref `to:"PurchaseOrder"`
	// Vendor is the company that sells them. The default is that of the order.
	Vendor model.Ref `to:"Vendor"`
	// Contract is the contract under which they are bought. The default is that of the order.
	Contract model.Ref `to:"Contract"`
	// Price is what each of them costs.
	Price model.Money
	// On is the day of the order. The default is that of the purchase order, or else the date.
	On model.Date
}

// Order proposes to note that assets were ordered, from whom and for how much.
func Order(v estate.View, in OrderIn) (practice.Proposal, error) {
	order, _ := estate.Look[*model.PurchaseOrder](v, in.PurchaseOrder)
	if order == nil {
		order = &model.PurchaseOrder{}
	}
	return move(v, in.Assets, "ordered", "Order assets", func(a *model.Asset) error {
		a.PurchaseOrder = cmp.Or(in.PurchaseOrder, a.PurchaseOrder)
		a.Vendor = cmp.Or(in.Vendor, order.Vendor, a.Vendor)
		a.Contract = cmp.Or(in.Contract, order.Contract, a.Contract)
		a.CostCentre = cmp.Or(a.CostCentre, order.CostCentre)
		a.Purchased = cmp.Or(in.On, order.Ordered, v.At())
		if !in.Price.IsZero() {
			a.Price = in.Price
		}
		return nil
	})
}

// ReceiveIn says what arrived.
type ReceiveIn struct {
	// Assets are what arrived.
	Assets []model.Ref `to:"Asset" is:"required"`
	// On is the day when they arrived. The default is the date.
	On model.Date
	// Site is where they are now.
	Site model.Ref `to:"Site"`
	// Serials are the serial numbers, in the order of the assets.
	Serials []string
	// Labels are the numbers on the company's own labels, in the order of the assets.
	Labels []string
	// WarrantyMonths is how many months the warranty lasts from that day.
	WarrantyMonths int `min:"1" max:"240" unit:"months"`
}

// Receive proposes to note that ordered assets arrived, with their numbers. They are in stock then.
func Receive(v estate.View, in ReceiveIn) (practice.Proposal, error) {
	for name, numbers := range map[string][]string{"serials": in.Serials, "labels": in.Labels} {
		if len(numbers) > 0 && len(numbers) != len(in.Assets) {
			return practice.Proposal{}, model.Problem{Field: name, Text: fmt.Sprintf("there are %d numbers for %s: give one for each, in their order", len(numbers), practice.Count(len(in.Assets), "asset", "assets"))}
		}
	}
	at := 0
	return move(v, in.Assets, "in_stock", "Receive assets", func(a *model.Asset) error {
		a.Received = cmp.Or(in.On, v.At())
		a.Purchased = cmp.Or(a.Purchased, a.Received)
		a.Site = cmp.Or(in.Site, a.Site)
		if len(in.Serials) > 0 {
			a.Serial = in.Serials[at]
		}
		if len(in.Labels) > 0 {
			a.InventoryNumber = in.Labels[at]
		}
		if in.WarrantyMonths > 0 {
			a.WarrantyEnd = a.Received.AddMonths(in.WarrantyMonths).AddDays(-1)
		}
		a.SeenOn = max(a.SeenOn, a.Received)
		at++
		return nil
	})
}

// AssignIn says who gets what for good.
type AssignIn struct {
	// Assets are what is given.
	Assets []model.Ref `to:"Asset" is:"required"`
	// To is the person or team that gets it.
	To model.Ref `to:"Person,Team" is:"required"`
	// Site is where it is used. The default is where the person works.
	Site model.Ref `to:"Site"`
	// On is the day since when. The default is the date.
	On model.Date
}

// Assign proposes to give assets to a person or a team for good.
func Assign(v estate.View, in AssignIn) (practice.Proposal, error) {
	return give(v, in.Assets, in.To, in.Site, cmp.Or(in.On, v.At()), 0)
}

// CheckOutIn says who borrows what.
type CheckOutIn struct {
	// Assets are what is lent.
	Assets []model.Ref `to:"Asset" is:"required"`
	// To is the person or team that borrows it.
	To model.Ref `to:"Person,Team" is:"required"`
	// ReturnBy is the day by which it is to be given back.
	ReturnBy model.Date `is:"required"`
	// Site is where it is used. The default is where the person works.
	Site model.Ref `to:"Site"`
	// On is the day since when. The default is the date.
	On model.Date
}

// CheckOut proposes to lend assets to a person or a team until a day of return.
func CheckOut(v estate.View, in CheckOutIn) (practice.Proposal, error) {
	on := cmp.Or(in.On, v.At())
	if in.ReturnBy < on {
		return practice.Proposal{}, model.Problem{Field: "return_by", Text: fmt.Sprintf("%s lies before %s, the day of lending", in.ReturnBy, on)}
	}
	return give(v, in.Assets, in.To, in.Site, on, in.ReturnBy)
}

func give(v estate.View, assets []model.Ref, to, site model.Ref, on, until model.Date) (practice.Proposal, error) {
	who := v.Get(to)
	if who == nil {
		return practice.Proposal{}, model.Problem{Field: "to", Text: "there is no such person or team"}
	}
	if practice.HasLeft(who, v.At()) {
		return practice.Proposal{}, model.Problem{Field: "to", Text: title(who) + " no longer works here"}
	}
	if p, ok := who.(*model.Person); ok {
		site = cmp.Or(site, p.Site)
	}
	why := "Give assets to " + title(who)
	if !until.IsZero() {
		why = fmt.Sprintf("Lend assets to %s until %s", title(who), until)
	}
	return move(v, assets, "in_use", why, func(a *model.Asset) error {
		if a.State == "in_use" && !a.AssignedTo.IsZero() && a.AssignedTo != to {
			if before, ok := estate.Look[*model.Asset](v, a.Ref()); ok && before.State == "in_use" {
				return model.Problem{Field: "assets", Text: fmt.Sprintf("%s is with %s: check it in first", a.Key, link(v, a.AssignedTo).Title())}
			}
		}
		a.AssignedTo, a.Assigned, a.ReturnBy = to, on, until
		a.Site = cmp.Or(site, a.Site)
		return nil
	})
}

// CheckInIn says what came back.
type CheckInIn struct {
	// Assets are what came back.
	Assets []model.Ref `to:"Asset" is:"required"`
	// Site is where it is kept now.
	Site model.Ref `to:"Site"`
	// On is the day when it came back. The default is the date.
	On model.Date
}

// CheckIn proposes to note that assets came back: they are in stock, and nobody has them.
func CheckIn(v estate.View, in CheckInIn) (practice.Proposal, error) {
	return move(v, in.Assets, "in_stock", "Take assets back", func(a *model.Asset) error {
		a.AssignedTo, a.Assigned, a.ReturnBy = model.Ref{}, 0, 0
		a.Site = cmp.Or(in.Site, a.Site)
		a.SeenOn = max(a.SeenOn, cmp.Or(in.On, v.At()))
		return nil
	})
}

// RepairIn says what is broken.
type RepairIn struct {
	// Assets are what goes to be mended.
	Assets []model.Ref `to:"Asset" is:"required"`
	// Fault says what is wrong.
	Fault string `is:"required"`
	// On is the day when it goes. The default is the date.
	On model.Date
}

// SendToRepair proposes to note that assets went to be mended. Who had them keeps them.
// Where the warranty still lasts, the repair is noted as one that the maker pays for.
func SendToRepair(v estate.View, in RepairIn) (practice.Proposal, error) {
	on := cmp.Or(in.On, v.At())
	return move(v, in.Assets, "in_repair", "Have assets mended: "+in.Fault, func(a *model.Asset) error {
		a.Repairs = append(slices.Clone(a.Repairs), model.Repair{From: on, Fault: in.Fault, Warranty: a.WarrantyEnd >= on})
		return nil
	})
}

// MendedIn says what came back from repair.
type MendedIn struct {
	// Assets are what came back.
	Assets []model.Ref `to:"Asset" is:"required"`
	// On is the day when it came back. The default is the date.
	On model.Date
	// Cost is what the repair of each cost.
	Cost model.Money
	// Warranty says that the maker paid.
	Warranty bool
}

// Mended proposes to note that assets came back from repair: to whoever has them, or into stock.
func Mended(v estate.View, in MendedIn) (practice.Proposal, error) {
	out := practice.Proposal{Why: "Take assets back from repair"}
	for _, ref := range in.Assets {
		a, ok := estate.Look[*model.Asset](v, ref)
		if ok && a.State != "in_repair" {
			return out, model.Problem{Field: "assets", Text: fmt.Sprintf("%s is %s and not in repair", a.Key, spaced(a.State))}
		}
		to := model.AssetState("in_stock")
		if ok && !a.AssignedTo.IsZero() {
			to = "in_use"
		}
		one, err := move(v, []model.Ref{ref}, to, out.Why, func(a *model.Asset) error {
			a.Repairs = slices.Clone(a.Repairs)
			for i := len(a.Repairs) - 1; i >= 0; i-- {
				if r := &a.Repairs[i]; r.Until.IsZero() {
					r.Until, r.Warranty = cmp.Or(in.On, v.At()), r.Warranty || in.Warranty
					if !in.Cost.IsZero() {
						r.Cost, r.Warranty = in.Cost, in.Warranty
					}
					break
				}
			}
			return nil
		})
		if err != nil {
			return out, err
		}
		out.Changes = append(out.Changes, one.Changes...)
	}
	return out, nil
}

// RetireIn says what is no longer used.
type RetireIn struct {
	// Assets are what is no longer used.
	Assets []model.Ref `to:"Asset" is:"required"`
}

// Retire proposes to take assets out of use. They are still here until they are disposed of.
func Retire(v estate.View, in RetireIn) (practice.Proposal, error) {
	out, err := move(v, in.Assets, "retired", "Take assets out of use", func(a *model.Asset) error {
		a.AssignedTo, a.Assigned, a.ReturnBy = model.Ref{}, 0, 0
		return nil
	})
	for _, ref := range in.Assets {
		a, ok := estate.Look[*model.Asset](v, ref)
		if !ok || err != nil || a.Is.IsZero() {
			continue
		}
		if c := criticalityBehind(v, a.Is); c != "" {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.SeverityOf(c), About: link(v, a.Is), Owner: practice.OwnerOf(v, a), Text: fmt.Sprintf("Something %s still runs on %s.", c, link(v, a.Is).Title())})
		}
	}
	return out, err
}

// DisposeIn says what goes, and how.
type DisposeIn struct {
	// Assets are what goes. They must be retired, lost, or never have come.
	Assets []model.Ref `to:"Asset" is:"required"`
	// Proof says how they go and what proves that their data was erased, such as the number of a certificate.
	Proof string `is:"required"`
	// Proceeds is what was paid for each of them.
	Proceeds model.Money
	// On is the day when they go. The default is the date.
	On model.Date
}

// Dispose proposes to note that assets are gone, with the proof that their data was
// erased and what was paid for them. A gain or a loss against the value in the books is told.
func Dispose(v estate.View, in DisposeIn) (practice.Proposal, error) {
	day := cmp.Or(in.On, v.At())
	var found DepreciationOut
	out, err := move(v, in.Assets, "disposed", "Dispose of assets: "+in.Proof, func(a *model.Asset) error {
		a.Disposed, a.DisposalProof, a.AssignedTo = day, in.Proof, model.Ref{}
		if !in.Proceeds.IsZero() {
			a.Proceeds = in.Proceeds
		}
		s := scheduled{a, valueOf(a, 0)}
		if written, err := s.writtenBy(day); err == nil {
			if book, err := s.Cost.Add(written.Neg()); err == nil {
				found.result(s, book)
			}
		}
		return nil
	})
	out.Findings = append(out.Findings, found.Findings...)
	return out, err
}

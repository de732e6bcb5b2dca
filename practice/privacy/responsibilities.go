package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// usualDuties say who usually answers for which layer on rented machines, on a rented platform, and where a provider runs all of it. They are a start:
// the contract decides, and a record of kind ProviderDuty takes the place of a line.
var usualDuties = []struct {
	layer            model.CloudLayer
	iaas, paas, saas model.CloudDuty
}{
	{"data", model.DutyCustomer, model.DutyCustomer, model.DutyCustomer},
	{"accounts", model.DutyCustomer, model.DutyCustomer, model.DutyCustomer},
	{"devices", model.DutyCustomer, model.DutyCustomer, model.DutyCustomer},
	{"configuration", model.DutyCustomer, model.DutyCustomer, model.DutyCustomer},
	{"backup", model.DutyCustomer, model.DutyShared, model.DutyShared},
	{"directory", model.DutyCustomer, model.DutyShared, model.DutyShared},
	{"application", model.DutyCustomer, model.DutyShared, model.DutyProvider},
	{"network_controls", model.DutyCustomer, model.DutyShared, model.DutyProvider},
	{"operating_system", model.DutyCustomer, model.DutyProvider, model.DutyProvider},
	{"hosts", model.DutyProvider, model.DutyProvider, model.DutyProvider},
	{"physical_network", model.DutyProvider, model.DutyProvider, model.DutyProvider},
	{"buildings", model.DutyProvider, model.DutyProvider, model.DutyProvider},
}

// ResponsibilitiesIn says which applications are looked at.
type ResponsibilitiesIn struct {
	// Application limits the answer to one application.
	Application model.Ref `to:"Application"`
	// Layer limits the answer to one layer.
	Layer model.CloudLayer
	// Personal limits the answer to applications with personal data.
	Personal bool
}

// ResponsibilitiesOut says who answers for what in the cloud.
type ResponsibilitiesOut struct {
	// Applications is how many applications run in a cloud.
	Applications practice.Figure
	// Gaps is how many of them have a layer for which nobody is known to answer.
	Gaps practice.Figure
	// Assumed is how many of them have only what is usual, and nothing that a contract or the organisation says.
	Assumed practice.Figure
	// Findings say what is not clear, application by application.
	Findings []practice.Finding
	// Duties say who answers for which layer of each application.
	Duties practice.Table[DutyRow]
}

// DutyRow says who answers for a layer of an application.
type DutyRow struct {
	// Application is the application.
	Application practice.Link
	// Hosting says who runs it and where.
	Hosting model.Hosting
	// Layer is the layer.
	Layer model.CloudLayer
	// Duty says who answers: we, the provider, or both.
	Duty model.CloudDuty
	// Says is the record that says so. Empty where it is what is usual.
	Says practice.Link
	// Ours is who answers on our side.
	Ours practice.Link
	// Provider is who answers on the other side.
	Provider practice.Link
	// Split says who does what, where both answer.
	Split string
	// Gap says what is not clear.
	Gap string
}

// Responsibilities tells who answers for which layer of every application in a cloud: what a record says about the application, its contract, its account or its vendor, then about
// its way of hosting, and else what is usual for that. It names the gaps: a layer of ours without an owner, a provider or a contract that nobody knows, and a shared layer
// of which nobody wrote down who does what.
func Responsibilities(v estate.View, in ResponsibilitiesIn) (ResponsibilitiesOut, error) {
	var out ResponsibilitiesOut
	b := bookOf(v)
	duties := dutiesOf(v)
	var all, gaps, assumed []practice.Link
	for a := range estate.Each[*model.Application](v) {
		if !inCloud(a) || practice.Gone(a, v.At()) || !in.Application.IsZero() && a.Ref() != in.Application || in.Personal && !b.personal(a) {
			continue
		}
		link := practice.To(a)
		all = append(all, link)
		own := false
		missing := map[string][]string{}
		var order []string
		for _, row := range b.dutyRows(a, duties) {
			if in.Layer != "" && row.Layer != in.Layer {
				continue
			}
			out.Duties.Rows = append(out.Duties.Rows, row)
			own = own || !row.Says.IsZero()
			if row.Gap != "" {
				if missing[row.Gap] == nil {
					order = append(order, row.Gap)
				}
				missing[row.Gap] = append(missing[row.Gap], strings.ToLower(labelOf(row.Layer)))
			}
		}
		if !own {
			assumed = append(assumed, link)
		}
		if len(order) > 0 {
			gaps = append(gaps, link)
		}
		for _, gap := range order {
			f := b.about(a, practice.Medium, "%s: %s, for %s.", a.Title(), gap, strings.Join(missing[gap], ", "))
			switch gap {
			case gapSplit:
				f.Severity = practice.Low
			case gapOurs:
				if practice.SeverityOf(a.Criticality).Weight() > practice.Medium.Weight() {
					f.Severity = practice.High
				}
			}
			out.Findings = append(out.Findings, f)
		}
	}
	practice.WorstFirst(out.Findings)
	out.Applications = practice.Counted("applications", practice.Neither, all)
	out.Gaps = practice.Counted("applications", practice.Lower, gaps)
	out.Assumed = practice.Counted("applications", practice.Lower, assumed)
	out.Duties.Note = "Where no record says who answers, it is what is usual for the way of hosting. The contract decides."
	return out, nil
}

// What may not be clear about a layer.
const (
	gapOurs     = "nobody answers on our side"
	gapProvider = "nobody knows who the provider is"
	gapContract = "there is no contract in force with the provider"
	gapSplit    = "nobody wrote down who does what"
)

// dutiesOf lists the duties of the estate by what they hold for. Those for nothing in particular are under the zero ref.
func dutiesOf(v estate.View) map[model.Ref][]*model.ProviderDuty {
	out := map[model.Ref][]*model.ProviderDuty{}
	for d := range estate.Each[*model.ProviderDuty](v) {
		if len(d.For) == 0 {
			out[model.Ref{}] = append(out[model.Ref{}], d)
		}
		for _, ref := range d.For {
			out[ref] = append(out[ref], d)
		}
	}
	return out
}

// dutyRows returns who answers for each layer of an application, those nearest to the business first.
func (b *book) dutyRows(a *model.Application, duties map[model.Ref][]*model.ProviderDuty) []DutyRow {
	contracts, accounts := b.contractsFor(a), b.accountsOf(a)
	provider := practice.To(b.view.Get(a.Vendor))
	if !rented(a) {
		provider = practice.Link{}
	}
	for _, ref := range accounts {
		if account, ok := estate.Look[*model.CloudAccount](b.view, ref); ok && provider.IsZero() {
			provider = practice.To(b.view.Get(account.Vendor))
		}
	}
	inForce := b.inForce(model.Ref(provider.ID), contracts)
	holders := slices.Concat([]model.Ref{a.Ref()}, refsOf(contracts), accounts, []model.Ref{model.Ref(provider.ID)})
	var out []DutyRow
	for _, usual := range usualDuties {
		row := DutyRow{Application: practice.To(a), Hosting: a.Hosting, Layer: usual.layer, Duty: usual.iaas, Ours: responsible(b.view, a), Provider: provider}
		switch a.Hosting {
		case "paas":
			row.Duty = usual.paas
		case "saas":
			row.Duty = usual.saas
		}
		if d := dutyFor(duties, holders, usual.layer, a.Hosting); d != nil {
			row.Duty, row.Says, row.Split = d.Duty, practice.To(d), d.Split
			if owner := responsible(b.view, d); !owner.IsZero() {
				row.Ours = owner
			}
		}
		row.gap(inForce)
		out = append(out, row)
	}
	return out
}

// gap says what is not clear about a layer, and leaves out the side that does not answer.
func (r *DutyRow) gap(inForce bool) {
	switch {
	case r.Duty != model.DutyProvider && r.Ours.IsZero():
		r.Gap = gapOurs
	case r.Duty != model.DutyCustomer && r.Provider.IsZero():
		r.Gap = gapProvider
	case r.Duty != model.DutyCustomer && !inForce:
		r.Gap = gapContract
	case r.Duty == model.DutyShared && strings.TrimSpace(r.Split) == "":
		r.Gap = gapSplit
	}
	if r.Duty == model.DutyCustomer {
		r.Provider = practice.Link{}
	}
	if r.Duty == model.DutyProvider {
		r.Ours = practice.Link{}
	}
}

// dutyFor returns the duty that holds for a layer: of the first holder that has one, else of the way of hosting, else for everything.
func dutyFor(duties map[model.Ref][]*model.ProviderDuty, holders []model.Ref, layer model.CloudLayer, hosting model.Hosting) *model.ProviderDuty {
	for _, ref := range holders {
		for _, d := range duties[ref] {
			if !ref.IsZero() && d.Layer == layer && (d.Hosting == "" || d.Hosting == hosting) {
				return d
			}
		}
	}
	for _, how := range []model.Hosting{hosting, ""} {
		for _, d := range duties[model.Ref{}] {
			if d.Layer == layer && d.Hosting == how {
				return d
			}
		}
	}
	return nil
}

// contractsFor returns the contracts that cover an application, by key.
func (b *book) contractsFor(a *model.Application) []*model.Contract {
	var out []*model.Contract
	for e := range b.view.In(a.Ref()) {
		if c, ok := e.Record.(*model.Contract); ok && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(x, y *model.Contract) int { return cmp.Compare(x.Key, y.Key) })
	return out
}

// accountsOf returns the cloud accounts that an application runs in.
func (b *book) accountsOf(a *model.Application) []model.Ref {
	var out []model.Ref
	for _, ref := range a.RunsOn {
		account := model.Ref{}
		switch r := b.view.Get(ref).(type) {
		case *model.CloudResource:
			account = r.Account
		case *model.Host:
			account = r.RunsOn
		}
		if _, ok := estate.Look[*model.CloudAccount](b.view, account); ok && !slices.Contains(out, account) {
			out = append(out, account)
		}
	}
	return out
}

// refsOf returns refs to records.
func refsOf[R model.Record](records []R) []model.Ref {
	var out []model.Ref
	for _, r := range records {
		out = append(out, r.Base().Ref())
	}
	return out
}

// inForce reports whether there is a contract in force with a provider, or one that covers the application.
func (b *book) inForce(provider model.Ref, covering []*model.Contract) bool {
	if slices.ContainsFunc(covering, b.runs) {
		return true
	}
	for e := range b.view.In(provider) {
		if c, ok := e.Record.(*model.Contract); ok && e.Field.Name == "vendor" && b.runs(c) {
			return true
		}
	}
	return false
}

// runs reports whether a contract is in force on the day of the view. One that goes on by itself is.
func (b *book) runs(c *model.Contract) bool {
	at := b.view.At()
	if c.State == "draft" || c.State == "ended" || c.Start > at {
		return false
	}
	end := c.End
	for _, am := range c.Amendments {
		if am.On <= at && !am.End.IsZero() {
			end = am.End
		}
	}
	return end.IsZero() || end >= at || c.AutoRenew > 0 && c.NoticeGiven.IsZero()
}

// personal reports whether an application has personal data: it says so, or it stores or gets some.
func (b *book) personal(a *model.Application) bool {
	return b.whyPersonal(a.Ref(), a.PersonalData) != ""
}

// whyPersonal says why an application or a service has personal data, and nothing where nothing shows it.
func (b *book) whyPersonal(ref model.Ref, says bool) string {
	switch {
	case says:
		return "it says so"
	case len(b.stored[ref]) > 0:
		return fmt.Sprintf("it stores %s", practice.Some(practice.ToAll(b.stored[ref])))
	case len(b.receives[ref]) > 0:
		return fmt.Sprintf("it gets some through %s", practice.Some(practice.ToAll(b.receives[ref])))
	}
	return ""
}

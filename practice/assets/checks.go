package assets

import (
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// verdict sums a check up. The texts are for one and several records that were checked, and for those that fail.
func verdict(out practice.Verdict, one, several, good, bad string) practice.Verdict {
	sorted(out.Findings)
	all := practice.Count(len(out.Checked), one, several)
	switch n := len(out.Findings); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, fmt.Sprintf("There are no %s to check.", several)
	case n == 0:
		out.Pass, out.Text = true, fmt.Sprintf("Of %s, %s.", all, good)
	default:
		out.Text = fmt.Sprintf("%d of %s: %s.", n, all, bad)
	}
	return out
}

// InUseHasHolderIn says which assets are checked.
type InUseHasHolderIn struct {
	// Category limits the check to one sort of hardware, such as laptop.
	Category string
}

// InUseHasHolder checks that somebody who works here, or a team, has every asset that is in use.
func InUseHasHolder(v estate.View, in InUseHasHolderIn) (practice.Verdict, error) {
	var out practice.Verdict
	for a := range estate.Each[*model.Asset](v) {
		if a.State != "in_use" || in.Category != "" && !strings.EqualFold(in.Category, a.Category) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(a))
		holder := v.Get(a.AssignedTo)
		if holder != nil && !practice.HasLeft(holder, v.At()) {
			continue
		}
		f := practice.Finding{Severity: practice.Medium, About: practice.To(a), Owner: practice.OwnerOf(v, a), Mend: mend("check_in", "assets", practice.To(a).String()), Text: fmt.Sprintf("%s is in use, but nobody has it.", a.Title())}
		if holder != nil {
			f.From, f.Text = []practice.Link{practice.To(holder)}, fmt.Sprintf("%s is with %s, who has left.", a.Title(), title(holder))
		}
		out.Findings = append(out.Findings, f)
	}
	return verdict(out, "asset in use", "assets in use", "each is with somebody who works here", "with nobody who works here"), nil
}

// DisposedWithProofIn says which assets are checked.
type DisposedWithProofIn struct {
	// Since leaves out what went before this day.
	Since model.Date
}

// DisposedWithProof checks that of every asset that is gone it is known when and how it went, and what proves that its data was erased.
func DisposedWithProof(v estate.View, in DisposedWithProofIn) (practice.Verdict, error) {
	var out practice.Verdict
	for a := range estate.Each[*model.Asset](v) {
		if a.State != "disposed" || !a.Disposed.IsZero() && a.Disposed < in.Since || a.Received.IsZero() && a.Purchased.IsZero() {
			continue
		}
		out.Checked = append(out.Checked, practice.To(a))
		var missing []string
		if a.Disposed.IsZero() {
			missing = append(missing, "the day")
		}
		if strings.TrimSpace(a.DisposalProof) == "" {
			missing = append(missing, "the proof that its data was erased")
		}
		if len(missing) == 0 {
			continue
		}
		s := practice.Low
		if len(missing) > 1 || !a.Disposed.IsZero() {
			s = practice.High
		}
		out.Findings = append(out.Findings, practice.Finding{Severity: s, About: practice.To(a), Owner: practice.OwnerOf(v, a), Text: fmt.Sprintf("%s is gone, but %s is not known.", a.Title(), strings.Join(missing, " and ")),
			Mend: mend("dispose", "assets", practice.To(a).String())})
	}
	return verdict(out, "asset that is gone", "assets that are gone", "each has its day and its proof", "without a day or a proof of erasure"), nil
}

// HostsHaveAssetsIn says which machines are checked.
type HostsHaveAssetsIn struct {
	// Site limits the check to machines at a site or in a part of it.
	Site model.Ref `to:"Site"`
}

// HostsHaveAssets checks that every machine that can be touched is in the register
// of assets. Virtual machines are not, nor is what is past its life.
func HostsHaveAssets(v estate.View, in HostsHaveAssetsIn) (practice.Verdict, error) {
	var out practice.Verdict
	at := within(v, in.Site)
	known := assetsByMachine(v)
	for h := range estate.Each[*model.Host](v) {
		if !physical(h) || practice.Gone(h, v.At()) || !at.has(h.Site) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(h))
		if known[h.Ref()] != nil {
			continue
		}
		text := fmt.Sprintf("No asset is known for %s.", h.Title())
		f := practice.Finding{Severity: practice.SeverityOf(criticalityBehind(v, h.Ref())), About: practice.To(h), Owner: practice.OwnerOf(v, h)}
		if a, ok := v.Identify("Asset", "serial", model.NormalIdent("serial", h.Serial)).(*model.Asset); ok && h.Serial != "" {
			text = fmt.Sprintf("The asset %s has the serial number of %s, but does not say that it is this machine.", a.Title(), h.Title())
			f.From = []practice.Link{practice.To(a)}
		}
		f.Text = text
		out.Findings = append(out.Findings, f)
	}
	return verdict(out, "machine", "machines", "each is in the register", "not in the register"), nil
}

// physical reports whether a host is a thing that one can touch.
func physical(h *model.Host) bool {
	switch h.Type {
	case "physical", "hypervisor", "workstation", "laptop", "storage", "printer", "phone", "appliance":
		return h.RunsOn.IsZero()
	}
	return false
}

// assetsByMachine finds the asset of each host and device. Assets that are gone do not count.
func assetsByMachine(v estate.View) map[model.Ref]*model.Asset {
	out := map[model.Ref]*model.Asset{}
	for a := range estate.Each[*model.Asset](v) {
		if !a.Is.IsZero() && a.State != "disposed" {
			out[a.Is] = a
		}
	}
	return out
}

// CriticalHostsInWarrantyIn says how strict the check is.
type CriticalHostsInWarrantyIn struct {
	// Criticality leaves out what carries only less critical things. The default is critical.
	Criticality model.Criticality
	// WarrantyOnly says that a maintenance contract does not stand in for the warranty.
	WarrantyOnly bool
}

// CriticalHostsInWarranty checks that hardware under something critical is covered
// by the maker's warranty, or by a contract that lasts. An end that is not known does not pass.
func CriticalHostsInWarranty(v estate.View, in CriticalHostsInWarrantyIn) (practice.Verdict, error) {
	var out practice.Verdict
	least := in.Criticality
	if least == "" {
		least = model.CriticalityCritical
	}
	for a := range estate.Each[*model.Asset](v) {
		if a.Is.IsZero() || a.State != "in_use" && a.State != "in_repair" {
			continue
		}
		c := criticalityBehind(v, a.Is)
		if model.Rank(c) < model.Rank(least) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(a))
		contract, ok := estate.Look[*model.Contract](v, a.Contract)
		if a.WarrantyEnd >= v.At() || ok && !in.WarrantyOnly && runs(contract, v.At()) {
			continue
		}
		text := fmt.Sprintf("The end of the warranty of %s is not known, but something %s runs on %s.", a.Title(), c, link(v, a.Is).Title())
		if !a.WarrantyEnd.IsZero() {
			text = fmt.Sprintf("The warranty of %s ended on %s, but something %s runs on %s.", a.Title(), a.WarrantyEnd, c, link(v, a.Is).Title())
		}
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.SeverityOf(c), About: practice.To(a), From: []practice.Link{link(v, a.Is)}, Owner: practice.OwnerOf(v, a), Text: text})
	}
	return verdict(out, "asset under something critical", "assets under something critical", "each is covered", "not covered"), nil
}

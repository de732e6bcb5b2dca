package suppliers

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// DataIn says whose data is looked at.
type DataIn struct {
	// Vendor limits the answer to one vendor and those that it passes data on to.
	Vendor model.Ref `to:"Vendor"`
	// Personal limits the answer to data about natural persons.
	Personal bool
}

// DataOut says which vendor has which data.
type DataOut struct {
	// DataSets is how many data sets vendors hold or can read.
	DataSets practice.Figure
	// Personal is how many of these are about natural persons.
	Personal practice.Figure
	// Vendors is how many vendors hold or can read data, sub-processors among them.
	Vendors practice.Figure
	// Countries are the countries in which these vendors are at home.
	Countries []string
	// Findings say where data is with vendors that have proven nothing.
	Findings []practice.Finding
	// Held says who has what, data set by data set.
	Held practice.Table[HeldData]
}

// HeldData is a data set that a vendor has.
type HeldData struct {
	// DataSet is what it has.
	DataSet practice.Link
	// Classification says who may see it.
	Classification model.Classification
	// Personal says that it is about natural persons.
	Personal bool
	// Vendor is who has it.
	Vendor practice.Link
	// How says how it came there: held, stored in an application, or passed on.
	How string
	// Country is where the vendor is at home.
	Country string
	// StoredIn are the countries in which the data set is stored.
	StoredIn []string
	// Proven says that the vendor has a certificate or an assessment that holds.
	Proven bool
	// Path is the chain from the vendor that we have a contract with to the one that has the data.
	Path practice.Path
}

// Data tells which vendor holds or can read which data: because the vendor is known
// to, because the data is stored in an application that it runs, or because another vendor passes our data on to it. What is
// passed on is not told data set by data set: all that the first vendor has is taken to be passed on.
func Data(v estate.View, in DataIn) (DataOut, error) {
	var out DataOut
	var sets, personal, vendors []practice.Link
	once := func(list *[]practice.Link, l practice.Link) {
		if !slices.Contains(*list, l) {
			*list = append(*list, l)
		}
	}
	for vendor := range estate.Each[*model.Vendor](v) {
		if !in.Vendor.IsZero() && vendor.Ref() != in.Vendor {
			continue
		}
		for _, h := range holdings(v, vendor) {
			if in.Personal && !h.set.PersonalData {
				continue
			}
			for _, chain := range passedOn(v, vendor) {
				at := chain[len(chain)-1]
				row := HeldData{DataSet: practice.To(h.set), Classification: h.set.Classification, Personal: h.set.PersonalData, Vendor: practice.To(at), How: h.how, Country: at.Country, StoredIn: h.set.Countries, Proven: proven(v, at)}
				if len(chain) > 1 {
					row.How = "passed on"
				}
				for _, link := range chain {
					row.Path = append(row.Path, practice.To(link))
				}
				out.Held.Rows = append(out.Held.Rows, row)
				once(&sets, row.DataSet)
				once(&vendors, row.Vendor)
				if row.Personal {
					once(&personal, row.DataSet)
				}
				if at.Country != "" && !slices.Contains(out.Countries, at.Country) {
					out.Countries = append(out.Countries, at.Country)
				}
				if row.Personal && !row.Proven {
					out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s has %s, which is about natural persons, and has shown neither a certificate nor answers that hold.", at.Title(), h.set.Title()),
						About: row.Vendor, From: []practice.Link{row.DataSet, row.Vendor}, Paths: []practice.Path{row.Path}, Owner: contactOf(v, at)})
				}
			}
		}
	}
	slices.Sort(out.Countries)
	slices.SortStableFunc(out.Held.Rows, func(a, b HeldData) int {
		return cmp.Or(cmp.Compare(a.DataSet.Key, b.DataSet.Key), cmp.Compare(len(a.Path), len(b.Path)))
	})
	practice.WorstFirst(out.Findings)
	out.DataSets = practice.Counted("data sets", practice.Neither, sets)
	out.Personal = practice.Counted("data sets", practice.Neither, personal)
	out.Vendors = practice.Counted("vendors", practice.Neither, vendors)
	return out, nil
}

// holding is a data set with a vendor.
type holding struct {
	set *model.DataSet
	how string
}

// holdings returns the data sets that a vendor itself has: those that it is known to hold, and those that are stored in applications that it makes or runs as a service.
func holdings(v estate.View, vendor *model.Vendor) []holding {
	var out []holding
	add := func(d *model.DataSet, how string) {
		if !slices.ContainsFunc(out, func(h holding) bool { return h.set.ID == d.ID }) {
			out = append(out, holding{d, how})
		}
	}
	for _, ref := range vendor.Data {
		if d, ok := estate.Look[*model.DataSet](v, ref); ok {
			add(d, "held")
		}
	}
	for _, a := range held[*model.Application](v, vendor.Ref(), "vendor") {
		if a.Hosting != "saas" && a.Hosting != "paas" || practice.Gone(a, v.At()) {
			continue
		}
		for _, d := range held[*model.DataSet](v, a.Ref(), "stored_in") {
			add(d, "stored in "+a.Title())
		}
	}
	return out
}

// passedOn returns the chains of vendors along which data travels from one, itself first, the shortest first. No vendor comes twice.
func passedOn(v estate.View, vendor *model.Vendor) [][]*model.Vendor {
	out := [][]*model.Vendor{{vendor}}
	seen := map[model.ID]bool{vendor.ID: true}
	for i := 0; i < len(out); i++ {
		chain := out[i]
		for _, ref := range chain[len(chain)-1].SubProcessors {
			if next, ok := estate.Look[*model.Vendor](v, ref); ok && !seen[next.ID] {
				seen[next.ID] = true
				out = append(out, append(slices.Clone(chain), next))
			}
		}
	}
	return out
}

// proven reports whether a vendor has a certificate or an assessment that holds.
func proven(v estate.View, vendor *model.Vendor) bool {
	if hasCertificate(vendor, v.At()) {
		return true
	}
	a, ok := latestAssessment(v, vendor.Ref())
	return ok && (a.Result == "accepted" || a.Result == "passed")
}

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

// ResidencyIn says whose place is looked at.
type ResidencyIn struct {
	// DataSet limits the answer to one data set.
	DataSet model.Ref `to:"DataSet"`
	// Country limits the answer to what is in one country, as two letters of ISO 3166.
	Country string `format:"country"`
	// All looks at data sets without personal data too.
	All bool
}

// ResidencyOut says where data lives.
type ResidencyOut struct {
	// DataSets is how many data sets were looked at.
	DataSets practice.Figure
	// Countries is in how many countries they are.
	Countries practice.Figure
	// Conflicts is how many of them are somewhere where they must not be, or not where they are said to be.
	Conflicts practice.Figure
	// Unknown is how many of them are somewhere that nobody knows.
	Unknown practice.Figure
	// Findings say what is wrong, the worst first.
	Findings []practice.Finding
	// Where says where each data set is, and how that is known.
	Where practice.Table[Residence]
}

// Residence is a data set in a country.
type Residence struct {
	// DataSet is the data set.
	DataSet practice.Link
	// Personal says that it is about natural persons.
	Personal bool
	// Country is where it is. Empty where nobody knows.
	Country string
	// Basis says what holds for the country.
	Basis model.CountryBasis
	// Holder is where it is kept, or who has it.
	Holder practice.Link
	// How says how that is known.
	How string
	// Declared says that the data set itself names the country.
	Declared bool
	// Verdict says how that stands.
	Verdict ResidenceVerdict
	// Note says why.
	Note string
}

// ResidenceVerdict says how the place of a data set stands.
type ResidenceVerdict string

// The verdicts.
const (
	// ResidenceAllowed means that it may be there.
	ResidenceAllowed ResidenceVerdict = "allowed"
	// ResidenceForbidden means that it must not be there.
	ResidenceForbidden ResidenceVerdict = "forbidden"
	// ResidenceUndeclared means that it is somewhere else than the data set says.
	ResidenceUndeclared ResidenceVerdict = "undeclared"
	// ResidenceUnknown means that nobody knows where it is.
	ResidenceUnknown ResidenceVerdict = "unknown"
)

// Residency tells where data lives: the countries that data sets name, the sites of the hosts and the regions of the cloud resources that they are stored on, and the homes
// of vendors that run what stores them or that have them. What is somewhere where the records or the privacy profile do not allow it, where the law needs a
// safeguard that no transfer has, or not where the data set says, is a conflict.
func Residency(v estate.View, in ResidencyIn) (ResidencyOut, error) {
	var out ResidencyOut
	b := bookOf(v)
	var sets, conflicts, unknown []practice.Link
	countries := map[string]bool{}
	for d := range estate.Each[*model.DataSet](v) {
		if !d.PersonalData && !in.All || !in.DataSet.IsZero() && d.Ref() != in.DataSet {
			continue
		}
		rows := b.residences(d)
		for _, r := range rows {
			if in.Country != "" && r.Country != in.Country {
				continue
			}
			out.Where.Rows = append(out.Where.Rows, r)
			next(&sets, r.DataSet)
			if r.Country != "" {
				countries[r.Country] = true
			}
			f := b.about(d, practice.High, "%s %s", d.Title(), r.Note)
			add(&f.From, r.Holder)
			switch r.Verdict {
			case ResidenceAllowed:
				continue
			case ResidenceUnknown:
				next(&unknown, r.DataSet)
				f.Severity = practice.Medium
			case ResidenceUndeclared:
				next(&conflicts, r.DataSet)
				f.Severity = practice.Low
			default:
				next(&conflicts, r.DataSet)
			}
			out.Findings = append(out.Findings, f)
		}
	}
	practice.WorstFirst(out.Findings)
	out.DataSets = practice.Counted("data sets", practice.Neither, sets)
	out.Countries = practice.Figure{Value: float64(len(countries)), Unit: "countries", From: sets}
	out.Conflicts = practice.Counted("data sets", practice.Lower, conflicts)
	out.Unknown = practice.Counted("data sets", practice.Lower, unknown)
	out.Where.Note = listNote()
	return out, nil
}

// residences returns where a data set is, by country: what it says itself, where it is stored, and who has it.
func (b *book) residences(d *model.DataSet) []Residence {
	var out []Residence
	note := func(country string, holder practice.Link, how string, guess bool) {
		row := Residence{DataSet: practice.To(d), Personal: d.PersonalData, Country: country, Holder: holder, How: how, Declared: slices.Contains(d.Countries, country)}
		if country != "" {
			row.Basis = b.country(country).basis
		}
		row.Verdict, row.Note = b.judgeResidence(d, row, guess)
		out = append(out, row)
	}
	for _, ref := range d.StoredIn {
		rec := b.view.Get(ref)
		if rec == nil {
			continue
		}
		link := practice.To(rec)
		for _, p := range b.where(ref) {
			note(p.country, link, p.how, p.guess)
		}
	}
	for _, vendor := range b.holders[d.Ref()] {
		how := "the country of the vendor"
		if vendor.Country == "" {
			how = "nobody knows"
		}
		note(vendor.Country, practice.To(vendor), how, true)
	}
	for _, c := range d.Countries {
		if !slices.ContainsFunc(out, func(r Residence) bool { return r.Country == c }) {
			note(c, practice.Link{}, "the data set says so", false)
		}
	}
	if len(out) == 0 {
		note("", practice.Link{}, "nobody knows", false)
	}
	slices.SortStableFunc(out, func(x, y Residence) int { return cmp.Compare(x.Country, y.Country) })
	return out
}

// judgeResidence says whether a data set may be where it is.
func (b *book) judgeResidence(d *model.DataSet, r Residence, guess bool) (ResidenceVerdict, string) {
	in := "is in " + r.Country
	if !r.Holder.IsZero() {
		in = fmt.Sprintf("is with %s in %s", r.Holder.Title(), r.Country)
	}
	if r.Country == "" {
		if r.Holder.IsZero() {
			return ResidenceUnknown, "is somewhere that nobody knows."
		}
		return ResidenceUnknown, fmt.Sprintf("is with %s, and nobody knows in which country.", r.Holder.Title())
	}
	if d.PersonalData {
		if why := b.forbids(d, r.Country); why != "" {
			return ResidenceForbidden, in + ": " + why + "."
		}
	}
	if len(d.Countries) > 0 && !r.Declared && !guess {
		return ResidenceUndeclared, fmt.Sprintf("%s, and is said to be in %s.", in, strings.Join(d.Countries, ", "))
	}
	return ResidenceAllowed, ""
}

// forbids says why a data set with personal data must not be in a country, and nothing where it may.
func (b *book) forbids(d *model.DataSet, country string) string {
	s := b.country(country)
	if s.basis == model.CountryBarred {
		return "the company lets no personal data go there"
	}
	used := b.uses[d.Ref()]
	safe := false
	for _, a := range used {
		if len(a.Countries) > 0 && !slices.Contains(a.Countries, country) {
			return a.Title() + " allows " + strings.Join(a.Countries, ", ") + " only"
		}
		p := b.profile(a)
		if len(a.Countries) == 0 && len(p.AllowedCountries) > 0 && !slices.Contains(p.AllowedCountries, country) {
			return "the privacy profile allows " + strings.Join(p.AllowedCountries, ", ") + " only"
		}
		if t := transferTo(a, country); t != nil {
			verdict, _ := b.judge(a, t)
			safe = safe || verdict == TransferSafe || verdict == TransferUnconfirmed && t.Safeguard != ""
		}
	}
	if p := b.profile(nil); len(used) == 0 && len(p.AllowedCountries) > 0 && !slices.Contains(p.AllowedCountries, country) {
		return "the privacy profile allows " + strings.Join(p.AllowedCountries, ", ") + " only"
	}
	if s.free() || safe {
		return ""
	}
	return "the country needs a safeguard, and no recorded transfer has one"
}

package privacy

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// FlowsIn says which flows are looked at.
type FlowsIn struct {
	// DataSet limits the map to one data set.
	DataSet model.Ref `to:"DataSet"`
	// Abroad limits the map to flows that leave a country.
	Abroad bool
}

// FlowsOut is the map of flows of personal data.
type FlowsOut struct {
	// Flows is how many interfaces carry personal data.
	Flows practice.Figure
	// Abroad is how many of them go to another country.
	Abroad practice.Figure
	// Away is how many of them leave the economic area.
	Away practice.Figure
	// Unrecorded is how many bring personal data to an application that no processing names for it.
	Unrecorded practice.Figure
	// Findings say what to look at, the worst first.
	Findings []practice.Finding
	// Map shows the applications in their countries, and the flows between them.
	Map practice.Picture
	// List are the flows.
	List practice.Table[FlowRow]
}

// FlowRow is an interface that carries personal data.
type FlowRow struct {
	// Interface is the interface.
	Interface practice.Link
	// From is where the data comes from.
	From practice.Link
	// FromCountry are the countries where that is.
	FromCountry []string
	// Into is where it goes.
	Into practice.Link
	// IntoCountry are the countries where that is.
	IntoCountry []string
	// Data are the data sets with personal data that it carries.
	Data []practice.Link
	// Activities are the processing that names both a data set of it and where it goes.
	Activities []practice.Link
	// Protocol is how it travels.
	Protocol string
	// Away are the countries outside of the economic area that it goes to and does not come from.
	Away []string
}

// Flows is the map of how personal data flows between applications: every interface that carries a data set with personal data, the countries at both
// ends, and which processing in the records covers it. Countries are where applications run; where nobody knows that of a service that a provider runs, the home of the vendor stands for it.
func Flows(v estate.View, in FlowsIn) (FlowsOut, error) {
	var out FlowsOut
	b := bookOf(v)
	var all, abroad, away, unrecorded []practice.Link
	d := newDrawing(practice.GraphPicture, nil)
	for _, i := range b.flows {
		row, ok := b.flowRow(i, in)
		if !ok {
			continue
		}
		leaves := !slices.Equal(row.FromCountry, row.IntoCountry) && len(row.FromCountry) > 0 && len(row.IntoCountry) > 0
		if in.Abroad && !leaves {
			continue
		}
		out.List.Rows = append(out.List.Rows, row)
		link := row.Interface
		all = append(all, link)
		if leaves {
			abroad = append(abroad, link)
		}
		from, into := b.mapped(d, row.From, row.FromCountry), b.mapped(d, row.Into, row.IntoCountry)
		d.join(from, into, i.Title())
		if len(row.Away) > 0 {
			away = append(away, link)
			d.picture.Nodes[into].Severity = practice.Medium
		}
		if len(row.Activities) == 0 && !v.Closed("ProcessingActivity") {
			unrecorded = append(unrecorded, link)
			f := b.about(i, practice.Medium, "%s brings %s to %s, and no processing names that.", i.Title(), practice.Some(row.Data), row.Into.Title())
			if len(row.Away) > 0 {
				f.Severity = practice.High
				f.Text = strings.TrimSuffix(f.Text, ".") + ", although it goes to " + strings.Join(row.Away, ", ") + "."
			}
			f.Mend = &practice.Mend{Action: "privacy.record_activity", Parameters: map[string]string{"application": row.Into.Key}}
			out.Findings = append(out.Findings, f)
		}
	}
	practice.WorstFirst(out.Findings)
	out.Flows = practice.Counted("interfaces", practice.Neither, all)
	out.Abroad = practice.Counted("interfaces", practice.Neither, abroad)
	out.Away = practice.Counted("interfaces", practice.Neither, away)
	out.Unrecorded = practice.Counted("interfaces", practice.Lower, unrecorded)
	out.Map = d.picture
	out.List.Note = listNote()
	return out, nil
}

// flowRow returns the row of an interface, and false where it is not wanted.
func (b *book) flowRow(i *model.Interface, in FlowsIn) (FlowRow, bool) {
	row := FlowRow{Interface: practice.To(i), From: practice.To(b.view.Get(i.From)), Into: practice.To(b.view.Get(i.Into)), Protocol: i.Protocol}
	if row.From.IsZero() || row.Into.IsZero() || !in.DataSet.IsZero() && !slices.Contains(i.Data, in.DataSet) {
		return row, false
	}
	row.FromCountry, row.IntoCountry = countriesOf(b.where(i.From)), countriesOf(b.where(i.Into))
	for _, c := range row.IntoCountry {
		if b.country(c).away() && !slices.Contains(row.FromCountry, c) {
			row.Away = append(row.Away, c)
		}
	}
	var used []*model.ProcessingActivity
	for _, ref := range i.Data {
		set, ok := estate.Look[*model.DataSet](b.view, ref)
		if !ok || !set.PersonalData {
			continue
		}
		add(&row.Data, practice.To(set))
		used = append(used, b.uses[ref]...)
	}
	for _, a := range used {
		if slices.Contains(a.Applications, i.Into) {
			add(&row.Activities, practice.To(a))
		}
	}
	slices.SortFunc(row.Activities, func(x, y practice.Link) int { return cmp.Compare(x.Key, y.Key) })
	return row, len(row.Data) > 0
}

// mapped returns the place of an application on the map. Its group is its countries.
func (b *book) mapped(d *drawing, l practice.Link, countries []string) int {
	i, ok := d.places[l.String()]
	if !ok {
		i = len(d.picture.Nodes)
		d.picture.Nodes = append(d.picture.Nodes, practice.Node{Link: l, Group: cmp.Or(strings.Join(countries, ", "), "unknown")})
		d.places[l.String()] = i
	}
	return i
}

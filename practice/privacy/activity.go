package privacy

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ActivityIn says which processing is looked at.
type ActivityIn struct {
	// Activity is the processing.
	Activity model.Ref `to:"ProcessingActivity" is:"required"`
}

// ActivityOut is one entry of the register with everything around it.
type ActivityOut struct {
	// Activity is the processing.
	Activity practice.Link
	// Complete says whether every part is there that GDPR Art. 30 asks for.
	Complete bool
	// Freed says that GDPR Art. 30(5) frees the company of the entry.
	Freed bool
	// LegalBasis says why it is lawful (GDPR Art. 6). This is good practice, and not asked for by Art. 30.
	LegalBasis string
	// Countries are where its data is, as far as the estate shows it.
	Countries []string
	// Findings say what is missing or wrong.
	Findings []practice.Finding
	// Parts are the parts of the entry, as GDPR Art. 30 names them.
	Parts practice.Table[PartRow]
	// Flow shows how the data goes from data sets through applications to vendors and countries.
	Flow practice.Picture
	// Transfers are the countries outside of the Union that the data goes to.
	Transfers practice.Table[Transfer]
	// Assessments are the impact assessments of it (good practice, and asked for by GDPR Art. 35 where the risk is high).
	Assessments []practice.Link
	// Requests are the open requests of persons that are about it.
	Requests []practice.Link
}

// PartRow is one part of an entry.
type PartRow struct {
	// Letter is the letter of the paragraph.
	Letter string
	// Part says what it is about.
	Part string
	// State says how it stands.
	State State
	// Text is what the records say.
	Text string
	// Lacks says what is missing.
	Lacks string
}

// Activity shows one entry of the records of processing: its parts as GDPR Art. 30 names them, what is missing, how its data flows from data sets through
// applications and interfaces to vendors and countries, its transfers, its impact assessments and the open requests about it.
func Activity(v estate.View, in ActivityIn) (ActivityOut, error) {
	a, ok := estate.Look[*model.ProcessingActivity](v, in.Activity)
	if !ok {
		return ActivityOut{}, model.Problem{Field: "activity", Text: "there is no such processing activity"}
	}
	b := bookOf(v)
	parts := b.parts(a)
	out := ActivityOut{Activity: practice.To(a), Complete: isComplete(parts), Freed: b.freed(a), LegalBasis: joined(labelOf(a.LegalBasis), a.LegalNote)}
	for _, p := range parts {
		out.Parts.Rows = append(out.Parts.Rows, PartRow{Letter: p.Letter, Part: p.Title, State: p.State, Text: p.Text, Lacks: list(p.Lacks)})
	}
	article := "Art. 30(1)"
	if a.Role == "processor" {
		article = "Art. 30(2)"
	}
	out.Parts.Note = "The letters are those of GDPR " + article + "."
	for _, r := range b.reaches(a) {
		out.Countries = append(out.Countries, r.country)
	}
	out.Flow = b.flowOf(a)
	out.Transfers.Rows = b.transfersOf(a)
	out.Transfers.Note = listNote()
	out.Findings = b.entryFindings(a, parts, out.Freed, article)
	for _, t := range out.Transfers.Rows {
		if f, bad := b.transferFinding(a, t); bad {
			out.Findings = append(out.Findings, f)
		}
	}
	practice.WorstFirst(out.Findings)
	out.Assessments = practice.ToAll(assessmentsOf(v, a))
	for e := range v.In(a.Ref()) {
		if r, ok := e.Record.(*model.DataSubjectRequest); ok && ClockOf(r, b.countryOf(r), v.At()).Open {
			add(&out.Requests, practice.To(r))
		}
	}
	return out, nil
}

// assessmentsOf returns the impact assessments of processing that count, by key.
func assessmentsOf(v estate.View, a *model.ProcessingActivity) []*model.ImpactAssessment {
	var out []*model.ImpactAssessment
	for e := range v.In(a.Ref()) {
		if i, ok := e.Record.(*model.ImpactAssessment); ok && i.State != "retired" && !slices.Contains(out, i) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(x, y *model.ImpactAssessment) int { return cmp.Compare(x.Key, y.Key) })
	return out
}

// The stages of a flow of data, from left to right.
var flowStages = []string{"Data set", "Stored or processed in", "Goes on to", "Vendor", "Country"}

// drawing builds the picture of a flow.
type drawing struct {
	picture practice.Picture
	places  map[string]int
	joins   map[[2]int]bool
	in, out map[int]float64
}

func newDrawing(t practice.PictureType, stages []string) *drawing {
	return &drawing{picture: practice.Picture{Type: t, Stages: stages}, places: map[string]int{}, joins: map[[2]int]bool{}, in: map[int]float64{}, out: map[int]float64{}}
}

// node returns the place of a thing in a stage, and puts it there where it is new.
func (d *drawing) node(l practice.Link, stage int) int {
	key := flowStages[stage] + "\x00" + l.String() + "\x00" + l.Name
	if i, ok := d.places[key]; ok {
		return i
	}
	i := len(d.picture.Nodes)
	d.picture.Nodes = append(d.picture.Nodes, practice.Node{Link: l, Group: flowStages[stage]})
	d.places[key] = i
	return i
}

// join draws a line once. Each line stands for one way that data takes, and a thing is as large as the more of those that come and those that go.
func (d *drawing) join(from, to int, label string) {
	if d.joins[[2]int{from, to}] {
		return
	}
	d.joins[[2]int{from, to}] = true
	d.picture.Edges = append(d.picture.Edges, practice.Join{From: from, To: to, Label: label, Value: 1})
	d.out[from]++
	d.in[to]++
	for _, i := range []int{from, to} {
		d.picture.Nodes[i].Value = max(d.in[i], d.out[i])
	}
}

// flowOf draws how the data of processing flows: from its data sets to the applications that store or process them, on through interfaces that carry them,
// to the vendors that run these or have the data, and to the countries where all this is.
func (b *book) flowOf(a *model.ProcessingActivity) practice.Picture {
	d := newDrawing(practice.FlowPicture, flowStages)
	named := map[model.Ref]bool{}
	for _, ref := range slices.Concat(a.DataSets, a.Applications) {
		named[ref] = true
	}
	drawn := map[model.Ref]bool{}
	app := func(ref model.Ref, stage int) (int, bool) {
		rec := b.view.Get(ref)
		if rec == nil {
			return 0, false
		}
		i := d.node(practice.To(rec), stage)
		if !drawn[ref] {
			drawn[ref] = true
			b.drawPlaces(d, i, ref)
		}
		return i, true
	}
	for _, ref := range a.Applications {
		app(ref, 1)
	}
	for _, ref := range a.DataSets {
		set, ok := estate.Look[*model.DataSet](b.view, ref)
		if !ok {
			continue
		}
		from := d.node(practice.To(set), 0)
		for _, at := range set.StoredIn {
			if to, ok := app(at, 1); ok {
				d.join(from, to, "stored in")
			}
		}
		for _, vendor := range b.holders[ref] {
			to := d.node(practice.To(vendor), 3)
			d.join(from, to, "held by")
			b.drawCountry(d, to, vendor.Country)
		}
	}
	for _, ref := range slices.Concat(a.Applications, storesOf(b.view, a)) {
		for _, i := range b.sends[ref] {
			if !slices.ContainsFunc(i.Data, func(r model.Ref) bool { return named[r] }) {
				continue
			}
			from, ok := app(ref, 1)
			if !ok {
				continue
			}
			stage := 2
			if named[i.Into] {
				stage = 1
			}
			if to, ok := app(i.Into, stage); ok && to != from {
				d.join(from, to, i.Title())
			}
		}
	}
	for _, p := range a.Processors {
		if vendor, ok := estate.Look[*model.Vendor](b.view, p.Vendor); ok {
			b.drawCountry(d, d.node(practice.To(vendor), 3), vendor.Country)
		}
	}
	return d.picture
}

// storesOf returns where the data sets of processing are stored.
func storesOf(v estate.View, a *model.ProcessingActivity) []model.Ref {
	var out []model.Ref
	for _, ref := range a.DataSets {
		if set, ok := estate.Look[*model.DataSet](v, ref); ok {
			for _, r := range set.StoredIn {
				if !slices.Contains(a.Applications, r) && !slices.Contains(out, r) {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// drawPlaces draws who runs something and where it is.
func (b *book) drawPlaces(d *drawing, from int, ref model.Ref) {
	through := from
	if a, ok := estate.Look[*model.Application](b.view, ref); ok && rented(a) {
		if vendor, ok := estate.Look[*model.Vendor](b.view, a.Vendor); ok {
			through = d.node(practice.To(vendor), 3)
			d.join(from, through, "run by")
		}
	}
	for _, p := range b.where(ref) {
		b.drawCountry(d, through, p.country)
	}
}

// drawCountry draws where something is. A country that nobody knows is drawn as unknown.
func (b *book) drawCountry(d *drawing, from int, country string) {
	to := d.node(practice.Link{Name: cmp.Or(country, "unknown")}, 4)
	if s := b.country(country); country != "" && !s.free() {
		d.picture.Nodes[to].Severity = practice.Medium
	}
	d.join(from, to, "in")
}

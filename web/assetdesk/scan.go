package assetdesk

import (
	"errors"
	"fmt"
	"html/template"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// The limits of one stocktake: how many labels, and how long one may be.
const (
	mostScanned  = 20000
	longestLabel = 300
)

// scanView is the page for counting.
type scanView struct {
	MayScan bool
	Sites   []practice.Link
	// Key, Title and Scanned tell about the count that goes on. Key is empty where a new one begins.
	Key, Title string
	Scanned    int
	Closed     bool
	Site       practice.Link
	Record     string
	Today      model.Date
	// Open are counts that are not closed.
	Open []open
	// Parts are the comparison with the register.
	Figures template.HTML
	Parts   []template.HTML
}

// open is a count that is not closed.
type open struct {
	Title, Path string
	Scanned     int
}

func scan(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	body := scanView{MayScan: v.Moment.AsOf == "" && v.Who.MayCreate("Stocktake"), Today: view.At()}
	title := "Count"
	if key := v.Form("stocktake"); key != "" {
		_, rec, err := door.Find(view, "Stocktake", key)
		if err != nil {
			return err
		}
		take := rec.(*model.Stocktake)
		title = take.Title()
		body.Key, body.Title, body.Scanned, body.Closed, body.Site, body.Record = take.Key, take.Title(), len(take.Scanned), take.Closed, practice.To(view.Get(take.Site)), v.Record(practice.To(take))
		body.MayScan = v.Moment.AsOf == "" && v.Who.MayWrite(take)
		body.compare(v)
	} else {
		body.Sites = sites(view)
		for take := range estate.Each[*model.Stocktake](view) {
			if !take.Closed {
				body.Open = append(body.Open, open{take.Title(), v.Path("/assets/scan", "stocktake", take.Key), len(take.Scanned)})
			}
		}
	}
	return v.Render(templates, "scan", page(frame.Page{Title: title, Lead: "Scan the labels of a place and compare them with the register.", Crumbs: home, Body: body}))
}

// compare shows the answer of the question about the count.
func (b *scanView) compare(v *frame.Visit) {
	address := "/questions/assets.stocktake?stocktake=" + template.URLQueryEscaper("Stocktake/"+b.Key)
	answer, err := v.House.Ask(v.Ctx(), v.Who, v.Moment, "assets.stocktake", map[string]any{"stocktake": "Stocktake/" + b.Key})
	if err != nil {
		b.Parts = []template.HTML{template.HTML(`<p class="problem">` + template.HTMLEscapeString(err.Error()) + `</p>`)}
		return
	}
	for _, p := range answer.Parts() {
		if p.Figure != nil {
			b.Figures += parts.Render(v, p, parts.Options{Heading: 3, Compact: true, Open: address})
			continue
		}
		b.Parts = append(b.Parts, parts.Render(v, p, parts.Options{Heading: 2, Open: address}))
	}
}

// labelsIn returns the labels of a list: one on each line, as scanners write them.
func labelsIn(text string) ([]string, error) {
	var out []string
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if len(line) > longestLabel {
			return nil, frame.Bad("line %d has %d characters: a label has at most %d; write one label on each line", number, len(line), longestLabel)
		}
		if out = append(out, line); len(out) > mostScanned {
			return nil, frame.Bad("there are more than %d labels: make a stocktake for each place", mostScanned)
		}
	}
	if len(out) == 0 {
		return nil, frame.Bad("there is no label: scan or paste at least one")
	}
	return out, nil
}

// count makes a stocktake of labels, or adds them to one that is open.
func count(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	scanned, err := labelsIn(v.R.FormValue("labels"))
	if err != nil {
		return err
	}
	e := door.Edit{Kind: "Stocktake", Key: v.Form("stocktake"), Set: map[string]any{}}
	why := "Count assets"
	if e.Key != "" {
		_, rec, err := door.Find(view, "Stocktake", e.Key)
		if err != nil {
			return err
		}
		take := rec.(*model.Stocktake)
		if take.Closed {
			return frame.Bad("%s is closed: begin a new one", take.Title())
		}
		if len(take.Scanned)+len(scanned) > mostScanned {
			return frame.Bad("there would be more than %d labels: begin a new stocktake", mostScanned)
		}
		scanned = append(append([]string{}, take.Scanned...), scanned...)
		why = "Count more assets for " + take.Title()
	} else if err := fresh(v, view, &e); err != nil {
		return err
	}
	e.Set["scanned"] = texts(scanned)
	change, err := v.House.Build(v.Ctx(), v.Who, view, e)
	if err != nil {
		return err
	}
	r, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: why, Changes: []model.Change{change}})
	if err != nil {
		return err
	}
	return v.Done(v.Path("/assets/scan", "stocktake", e.Key), practice.Count(len(scanned), "label is", "labels are")+" counted.", r)
}

// fresh fills the edit that makes a new stocktake.
func fresh(v *frame.Visit, view estate.View, e *door.Edit) error {
	e.Create = true
	e.Set["on"] = view.At().String()
	if day := v.Form("on"); day != "" {
		e.Set["on"] = day
	}
	name, stem := v.Form("name"), "stocktake"
	if s := v.Form("site"); s != "" {
		ref, err := view.Resolve([]string{"Site"}, s)
		if err != nil {
			return err
		}
		site := view.Get(ref)
		e.Set["site"] = ref.String()
		stem = site.Base().Key
		if name == "" {
			name = site.Base().Title() + ", " + fmt.Sprint(e.Set["on"])
		}
	}
	if name != "" {
		e.Set["name"] = name
	}
	if p := v.Who.Person(); p != nil {
		e.Set["by"] = p.Ref().String()
	}
	for n := 1; ; n++ {
		e.Key = fmt.Sprintf("%s-%s", stem, view.At())
		if n > 1 {
			e.Key += fmt.Sprintf("-%d", n)
		}
		if !v.House.Taken("Stocktake", e.Key) {
			return nil
		}
	}
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// apply makes the register what was counted, and closes the count.
func apply(v *frame.Visit) error {
	key := v.Form("stocktake")
	parameters := map[string]any{"stocktake": "Stocktake/" + key}
	for _, name := range []string{"keep_missing", "keep_places"} {
		if v.Form(name) != "" {
			parameters[name] = "yes"
		}
	}
	r, _, err := v.House.Do(v.Ctx(), v.Who, v.Moment, "assets.apply_stocktake", parameters, "", false)
	var problem model.Problem
	if errors.As(err, &problem) {
		return frame.Bad("%s", problem.Text)
	}
	if err != nil {
		return err
	}
	return v.Done(v.Path("/assets/scan", "stocktake", key), "The register is as it was counted: "+practice.Count(len(r.Changes), "record was", "records were")+" changed.", r)
}

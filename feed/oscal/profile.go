package oscal

import (
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// baselineDraft is a baseline that a document proposes.
type baselineDraft struct {
	item *feed.Item
	rec  *model.Baseline
}

// profile reads a profile into a baseline. What it takes from which framework is found out when the estate is known.
func (d *document) profile() {
	meta := d.body.Get("metadata")
	rec := &model.Baseline{Meta: model.Meta{Key: keyOf(shortTitle(d.title), 48), Name: d.title, Description: meta.String("remarks")}, Identifier: d.uuid, Edition: d.edition, KnownAs: d.knownAs()}
	for i, n := range d.body.List("imports") {
		d.choices(rec, n, i)
	}
	modify := d.body.Get("modify")
	for _, p := range modify.List("set-parameters") {
		id := line(p.String("param-id"))
		if id == "" {
			d.batch.Refuse(d.at(p, "modify.set-parameters"), "the parameter has no param-id")
			continue
		}
		values := plains(p.List("values"))
		if len(values) == 0 {
			values = choicesOf(p)
		}
		for _, c := range p.List("constraints") {
			if text := line(c.String("description")); text != "" && len(values) == 0 {
				values = append(values, text)
			}
		}
		rec.Values = append(rec.Values, model.ParameterValue{Parameter: id, Value: cut(strings.Join(values, ", "))})
	}
	if n := len(modify.List("alters")); n > 0 {
		d.batch.Note("%s changes the text of %d controls. That is kept with the document and not shown with the requirements.", d.title, n)
	}
	if d.body.Get("merge").Get("custom") != nil {
		d.batch.Note("%s puts its controls into an order of its own. That is kept with the document; the baseline shows them in the order of the framework.", d.title)
	}
	d.baseline = &baselineDraft{rec: rec, item: d.add(rec, d.body, "profile", feed.External(line(d.title+"|"+d.edition)))}
	d.about(rec.Ref())
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
	d.batch.Count("baselines", 1)
}

// choices reads one import of a profile.
func (d *document) choices(rec *model.Baseline, n *kit.Node, i int) {
	addresses := d.addresses(n.String("href"))
	if len(addresses) == 0 {
		d.batch.Refuse(d.at(n, "imports"), "the import has no href that says from where it takes controls")
		return
	}
	source := cut(strings.Join(strings.Fields(strings.Join(addresses, " ")), " "))
	before := len(rec.Choices)
	if n.Get("include-all") != nil || len(n.List("include-controls")) == 0 {
		rec.Choices = append(rec.Choices, model.BaselineChoice{Source: source, All: true})
	}
	for _, list := range []string{"include-controls", "exclude-controls"} {
		for _, sel := range n.List(list) {
			choice := model.BaselineChoice{Source: source, Leaves: list == "exclude-controls", Parts: sel.String("with-child-controls") == "yes"}
			choice.Identifiers = strings.Join(strings.Fields(strings.Join(plains(sel.List("with-ids")), " ")), " ")
			var patterns []string
			for _, m := range sel.List("matching") {
				patterns = append(patterns, strings.Fields(m.String("pattern"))...)
			}
			choice.Patterns = strings.Join(patterns, " ")
			if choice.Identifiers != "" || choice.Patterns != "" {
				rec.Choices = append(rec.Choices, choice)
			}
		}
	}
	if len(rec.Choices) == before {
		d.batch.Note("%s: import %d of %s chooses nothing.", d.at(n, "imports"), i+1, d.title)
	}
}

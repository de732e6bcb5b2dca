package product_test

import (
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// These stand for the other practices, which a practice never imports: they answer in the same columns, as tags of the records say.

type told struct {
	Kinds    []string
	Limit    int
	Decision model.SSVCDecision
}

type toldRow struct {
	Record, Application, Risk practice.Link
	Level                     string
}

type toldOut struct {
	Table practice.Table[toldRow]
}

// tagged answers with the records of a Go type that have a tag.
func tagged[R model.Record](tag string, row func(practice.Link, R) toldRow) func(estate.View, told) (toldOut, error) {
	return func(v estate.View, _ told) (toldOut, error) {
		var out toldOut
		for rec := range estate.Each[R](v) {
			for _, t := range rec.Base().Tags {
				if t == tag {
					out.Table.Rows = append(out.Table.Rows, row(practice.To(rec), rec))
				}
			}
		}
		return out, nil
	}
}

var lifecycle = practice.Practice{Name: "lifecycle", Questions: []practice.Question{practice.Ask("exposure", tagged("out-of-support", func(l practice.Link, _ *model.Application) toldRow {
	return toldRow{Record: l}
}))}}

var security = practice.Practice{Name: "security", Questions: []practice.Question{practice.Ask("queue", tagged("urgent", func(l practice.Link, _ *model.Application) toldRow {
	return toldRow{Application: l}
}))}}

var risk = practice.Practice{Name: "risk", Questions: []practice.Question{practice.Ask("register", tagged("open", func(l practice.Link, r *model.Risk) toldRow {
	return toldRow{Risk: l, Level: string(r.Impact)}
}))}}

package api

import (
	"errors"
	"net/http"

	"binnacle/door"
)

// lineParameters say which lines of a load are wanted.
var lineParameters = []parameter{
	{name: "where", kind: "string", many: true, help: "Column=value, such as ServiceName=Storage: only lines whose column has this value. All must hold."},
	{name: "from", kind: "string", help: "Only lines that begin on this day or later."},
	{name: "until", kind: "string", help: "Only lines that begin on this day or earlier."},
	{name: "limit", kind: "integer", help: "At most so many lines. Without it, 100; the most is 1000."},
	{name: "cursor", kind: "string", help: "Where to go on: what the page before said as next."},
}

// lines answers with lines of a load, for who sees its record.
func (c *call) lines() error {
	q := c.query
	filter, err := door.ReadLineFilter(q["where"], q.Get("from"), q.Get("until"), q.Get("limit"))
	if err != nil {
		return badFilter(err)
	}
	page, err := c.house.Lines(c.r.Context(), c.who, c.moment, c.r.PathValue("key"), filter, q.Get("cursor"))
	if err != nil {
		return badFilter(err)
	}
	return c.json(http.StatusOK, page)
}

// badFilter says that a parameter is wrong, where that is it.
func badFilter(err error) error {
	var refused *door.Refused
	if !errors.As(err, &refused) {
		return err
	}
	out := &problem{Status: http.StatusBadRequest, Title: "A parameter is not right"}
	for _, p := range refused.Problems {
		out.Errors = append(out.Errors, fault{Parameter: p.Field, Text: p.Text})
	}
	return out
}

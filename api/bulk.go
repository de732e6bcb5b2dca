package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// mostOperations is how many records one request may change.
const mostOperations = 5000

// bulk is many changes that are made together or not at all.
type bulk struct {
	// Operations are what to do, in any order.
	Operations []operation `json:"operations"`
	// Why says what they are for.
	Why string `json:"why"`
	// DryRun only finds out whether they could be done.
	DryRun bool `json:"dry_run"`
	// Cascade clears the links that point to what is removed.
	Cascade bool `json:"cascade"`
}

// operation is what is done to one record.
type operation struct {
	// Op is create, edit or remove.
	Op string `json:"op"`
	// Kind and Key name the record.
	Kind string `json:"kind"`
	Key  string `json:"key"`
	// Version is the version that was seen, or 0 for the one of now.
	Version uint32 `json:"version"`
	// Set gives fields new values. Null takes one away.
	Set map[string]any `json:"set"`
}

// bulk makes many changes as one entry.
func (c *call) bulk() error {
	var in bulk
	if err := c.into(&in, false); err != nil {
		return err
	}
	if n := len(in.Operations); n == 0 || n > mostOperations {
		return &problem{Status: http.StatusUnprocessableEntity, Title: "The body is not right", Errors: []fault{{Pointer: "/operations", Text: fmt.Sprintf("from 1 to %d operations are wanted", mostOperations)}}}
	}
	v, err := c.base()
	if err != nil {
		return err
	}
	changes, err := c.built(v, in)
	if err != nil {
		return err
	}
	why := strings.TrimSpace(in.Why)
	if why == "" {
		why = fmt.Sprintf("Change %d records", len(in.Operations))
	}
	return c.write(v, door.Tx{Why: why, Changes: changes, DryRun: in.DryRun}, model.Ref{}, http.StatusOK)
}

// built makes the changes of all operations. An operation may name what another one creates.
func (c *call) built(v estate.View, in bulk) ([]model.Change, error) {
	var changes []model.Change
	var gone []model.Record
	var wrong []fault
	var waiting []int
	for i, op := range in.Operations {
		if op.Op != "remove" {
			waiting = append(waiting, i)
			continue
		}
		_, rec, err := door.Find(v, op.Kind, op.Key)
		switch {
		case err != nil:
			wrong = append(wrong, fault{Pointer: fmt.Sprintf("/operations/%d", i), Text: err.Error()})
		case op.Version != 0 && op.Version != rec.Base().Version:
			return nil, c.changedSinceBulk(v, rec, op.Version)
		default:
			gone = append(gone, rec)
		}
	}
	on := v
	for len(waiting) > 0 {
		var still []int
		var faults []fault
		for _, i := range waiting {
			change, err := c.build(on, in.Operations[i])
			if err != nil {
				found, ok := operationFaults(i, err)
				if !ok {
					return nil, err
				}
				still, faults = append(still, i), append(faults, found...)
				continue
			}
			if change.Op != model.Edit || len(change.Fields) > 0 {
				changes = append(changes, change)
			}
		}
		if len(still) == len(waiting) {
			wrong = append(wrong, faults...)
			break
		}
		if waiting = still; len(waiting) > 0 {
			on = c.overlaid(v, changes)
		}
	}
	if len(wrong) > 0 {
		return nil, &problem{Status: http.StatusUnprocessableEntity, Title: "The changes are not right, and nothing was changed", Errors: wrong}
	}
	removals, err := parting(v, gone, in.Cascade)
	return append(changes, removals...), err
}

func (c *call) changedSinceBulk(v estate.View, rec model.Record, seen uint32) error {
	p := c.changedSince(v, rec, seen, nil).(*problem)
	p.Status = http.StatusConflict
	return p
}

func (c *call) build(v estate.View, op operation) (model.Change, error) {
	if op.Op != "create" && op.Op != "edit" {
		return model.Change{}, model.Problem{Field: "op", Text: fmt.Sprintf("%q is not create, edit or remove", op.Op)}
	}
	return c.house.Build(c.r.Context(), c.who, v, door.Edit{Kind: op.Kind, Key: op.Key, Create: op.Op == "create", Version: op.Version, Set: op.Set})
}

// operationFaults tells what is wrong with an operation. It reports false for an error that is not about what was sent.
func operationFaults(i int, err error) ([]fault, bool) {
	at := fmt.Sprintf("/operations/%d", i)
	var refused *door.Refused
	var none *door.NotFound
	var value model.Problem
	switch {
	case errors.As(err, &refused):
		out := refusal(refused).Errors
		for j := range out {
			out[j].Pointer = at + "/set" + out[j].Pointer
			if out[j].Field == "key" || out[j].Field == "version" {
				out[j].Pointer = at + "/" + out[j].Field
			}
		}
		return out, true
	case errors.As(err, &none):
		return []fault{{Pointer: at, Text: err.Error()}}, true
	case errors.As(err, &value):
		return []fault{{Pointer: pointer(at, value.Field), Text: value.Text}}, true
	}
	return nil, false
}

package door

import (
	"context"
	"fmt"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/practice"
)

// Answer is the answer to a question, with what was asked.
type Answer struct {
	// Asked is the question.
	Asked practice.Asked
	// View is what it was asked of.
	View estate.View
	// Value is the answer, in its Go type. [practice.JSON] writes it.
	Value any
}

// Parts takes the answer apart: one part for each field, in order.
func (a Answer) Parts() []practice.Part { return a.Asked.Parts(a.Value) }

// Ask asks a question at a moment, with what the principal may see. Parameters are by name, as text or as JSON values.
func (h *House) Ask(ctx context.Context, p *access.Principal, m Moment, name string, parameters map[string]any) (Answer, error) {
	a, err := h.Question(name)
	if err != nil {
		return Answer{}, err
	}
	v, err := h.Look(ctx, p, m)
	if err != nil {
		return Answer{}, err
	}
	value, err := a.Ask(v, parameters)
	if err != nil {
		return Answer{}, fmt.Errorf("%s: %w", name, err)
	}
	return Answer{Asked: a, View: v, Value: value}, nil
}

// Do asks an action and commits what it proposes, in the name of the principal.
func (h *House) Do(ctx context.Context, p *access.Principal, m Moment, name string, parameters map[string]any, why string, dryRun bool) (Receipt, Answer, error) {
	answer, err := h.Ask(ctx, p, m, name, parameters)
	if err != nil {
		return Receipt{}, answer, err
	}
	proposal, ok := answer.Value.(practice.Proposal)
	if !ok {
		return Receipt{}, answer, fmt.Errorf("%s is a %s and not an action: ask it", name, answer.Asked.Question.Type)
	}
	if why == "" {
		why = proposal.Why
	}
	changes, err := ByPerson(p, answer.View, proposal.Changes)
	if err != nil {
		return Receipt{}, answer, err
	}
	r, err := h.Write(ctx, p, m, Tx{Why: why, Changes: changes, DryRun: dryRun})
	return r, answer, err
}

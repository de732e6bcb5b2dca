package access

import (
	"context"
	"errors"
	"log/slog"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// NoteDenied writes into the journal that something was refused to a principal.
func (s *Service) NoteDenied(ctx context.Context, p *Principal, d *Denied) {
	s.note(ctx, p.Account.Ref(), "Denied: "+d.Need+" "+d.Kind, func(a *model.Account) { a.Denied++ })
}

// note edits an account in the name of Binnacle itself. What happened must not be lost because two things happened at once.
func (s *Service) note(ctx context.Context, account model.Ref, why string, edit func(*model.Account)) {
	for range 10 {
		snap := s.store.Snapshot()
		before, ok := snap.Get(account).(*model.Account)
		if !ok {
			return
		}
		after := model.Clone(before)
		edit(after)
		change, differs := model.Difference(snap.Schema().Of(before), before, after)
		if !differs {
			return
		}
		_, err := s.store.Commit(ctx, store.Tx{Who: before.Key, Why: why, Source: "binnacle", Changes: []model.Change{change}})
		var conflict *estate.Conflict
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil {
			slog.Error("an event could not be written into the journal", "error", err)
		}
		return
	}
}

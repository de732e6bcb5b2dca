package cli

import (
	"context"
	"fmt"
	"net/url"

	"binnacle/api/client"
	"binnacle/door"
)

// history reads so many entries, or all for 0.
func (r *remote) history(ctx context.Context, path string, most int) ([]told, error) {
	var out []told
	q := r.moment()
	for {
		size := mostAtOnce
		if most > 0 {
			size = min(size, most-len(out))
		}
		q.Set("limit", fmt.Sprint(size))
		var got struct {
			Entries []told `json:"entries"`
			Next    uint64 `json:"next"`
		}
		if err := r.call(ctx, "GET", path, q, nil, &got); err != nil {
			return nil, err
		}
		out = append(out, got.Entries...)
		if got.Next == 0 || most > 0 && len(out) >= most {
			return out, nil
		}
		q.Set("before", fmt.Sprint(got.Next))
	}
}

// far prints entries of the server.
func (c *historyCmd) far(ctx context.Context, s *session) error {
	if c.Record == "" {
		list, err := s.far.history(ctx, "/history", c.Limit)
		if err != nil {
			return err
		}
		return c.print(s, list)
	}
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	k, key, err := splitName(r.schema, c.Record)
	if err != nil {
		return err
	}
	list, err := r.history(ctx, client.RecordPath(k.Name, key)+"/history", c.Limit)
	if err != nil {
		return err
	}
	name := k.Name + "/" + key
	if len(list) > 0 && len(list[0].Changes) > 0 && list[0].Changes[0].Outcome == "deleted" {
		name += " (deleted)"
	}
	return c.printRecord(s, name, list)
}

// far prints the differences between two moments of the server.
func (c *diffCmd) far(ctx context.Context, s *session) error {
	q := url.Values{}
	g := s.globals
	for name, value := range map[string]string{"from": g.AsOf, "to": c.With, "at": g.At, "scenario": g.Scenario} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var got struct {
		Changes []door.ChangeReport `json:"changes"`
	}
	if err := s.far.call(ctx, "GET", "/differences", q, nil, &got); err != nil {
		return err
	}
	return s.printReports(got.Changes)
}

// far lists the scenarios of the server.
func (c scenarioListCmd) far(ctx context.Context, s *session) error {
	var got struct {
		Scenarios []scenarioTold `json:"scenarios"`
	}
	if err := s.far.call(ctx, "GET", "/scenarios", s.far.moment(), nil, &got); err != nil {
		return err
	}
	return c.print(s, got.Scenarios)
}

// far shows a scenario of the server.
func (c *scenarioShowCmd) far(ctx context.Context, s *session) error {
	var got scenarioFull
	if err := s.far.call(ctx, "GET", "/scenarios/"+url.PathEscape(c.Name), s.far.moment(), nil, &got); err != nil {
		return err
	}
	return c.print(s, got)
}

// far merges a scenario of the server.
func (c *scenarioMergeCmd) far(ctx context.Context, s *session) error {
	var report door.WriteReport
	if err := s.far.call(ctx, "POST", "/scenarios/"+url.PathEscape(c.Name)+"/merge", nil, map[string]any{"why": c.Why}, &report); err != nil {
		return err
	}
	return s.far.done(report)
}

// far closes a scenario of the server that is no longer wanted.
func (c *scenarioDropCmd) far(ctx context.Context, s *session) error {
	q, err := s.far.writing(c.Why, false)
	if err != nil {
		return err
	}
	var report door.WriteReport
	if err := s.far.call(ctx, "DELETE", "/scenarios/"+url.PathEscape(c.Name), q, nil, &report); err != nil {
		return err
	}
	return s.far.done(report)
}

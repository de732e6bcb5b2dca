package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"binnacle/api/client"
	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
)

// far creates or edits a record of the server.
func (c *setCmd) far(ctx context.Context, s *session) error {
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	k, key, err := splitName(r.schema, c.Record)
	if err != nil {
		return err
	}
	q, err := r.writing(c.Why, c.DryRun)
	if err != nil {
		return err
	}
	base, err := c.farBase(ctx, r, k, key)
	if err != nil {
		return err
	}
	after := k.New()
	after.Base().Key = key
	if base != nil {
		after = model.Clone(base)
	}
	if err := c.fill(r, k, after); err != nil {
		return err
	}
	values := map[string]any{}
	for _, f := range k.Fields {
		if !f.System && (base == nil && f.Has(after) || base != nil && string(f.JSON(base)) != string(f.JSON(after))) {
			value := f.Tree(after, r)
			if f.IsRef() || f.Type == model.TableField {
				value = sent(value)
			}
			values[f.Member()] = value
		}
	}
	var report door.WriteReport
	if base == nil {
		err = r.call(ctx, "POST", "/records/"+url.PathEscape(k.Name), q, values, &report)
	} else {
		q.Set("version", fmt.Sprint(max(c.Version, 1)))
		if c.Version == 0 {
			q.Set("version", fmt.Sprint(base.Base().Version))
		}
		err = r.call(ctx, "PATCH", client.RecordPath(k.Name, base.Base().Key), q, values, &report)
	}
	if err != nil {
		return err
	}
	return r.done(report)
}

// farBase returns the record as the server has it, or nil where there is none.
func (c *setCmd) farBase(ctx context.Context, r *remote, k *model.Kind, key string) (model.Record, error) {
	q := r.moment()
	var raw json.RawMessage
	err := r.Call(ctx, "GET", client.RecordPath(k.Name, key), q, nil, &raw)
	var p *client.Problem
	missing := errors.As(err, &p) && (p.Status == 404 || q.Has("scenario") && p.Status == 400)
	switch {
	case missing && p.Status == 400:
		// A scenario that is not there yet is the estate as it is now.
		q.Del("scenario")
		err = r.Call(ctx, "GET", client.RecordPath(k.Name, key), q, nil, &raw)
		if errors.As(err, &p) && p.Status == 404 {
			return nil, nil
		}
	case missing && c.Version > 0:
		return nil, coded{ExitConflict, fmt.Errorf("%s/%s is not there, and you saw version %d: look at it with binnacle history %s/%s", k.Name, key, c.Version, k.Name, key)}
	case missing:
		return nil, nil
	}
	if err != nil {
		return nil, r.explain(err)
	}
	_, rec, err := r.record(raw)
	return rec, err
}

// operation is one of many changes that the server makes together.
type operation struct {
	Op   string `json:"op"`
	Kind string `json:"kind"`
	Key  string `json:"key"`
}

// far deletes records of the server.
func (c *deleteCmd) far(ctx context.Context, s *session) error {
	r, err := s.far.names(ctx)
	if err != nil {
		return err
	}
	q, err := r.writing("", false)
	if err != nil {
		return err
	}
	var list []operation
	for _, name := range c.Records {
		k, key, err := splitName(r.schema, name)
		if err != nil {
			return err
		}
		list = append(list, operation{"remove", k.Name, key})
	}
	var report door.WriteReport
	why := c.why(list[0].Kind+"/"+list[0].Key, len(list))
	err = r.call(ctx, "POST", "/bulk", q, map[string]any{"operations": list, "why": why, "dry_run": c.DryRun, "cascade": c.Cascade}, &report)
	if err != nil {
		return err
	}
	return r.done(report)
}

// far lets an action of the server propose and make what it proposes.
func (c *doCmd) far(ctx context.Context, s *session, a practice.Asked) error {
	values, err := s.values(a, c.Param, c.Values)
	if err != nil {
		return err
	}
	q, err := s.far.writing("", false)
	if err != nil {
		return err
	}
	var report door.WriteReport
	err = s.far.Call(ctx, "POST", "/actions/"+url.PathEscape(a.Name()), q, map[string]any{"parameters": values, "why": c.Why, "dry_run": c.DryRun}, &report)
	if err != nil {
		return s.far.parameterError(a, err)
	}
	return s.far.done(report)
}

// far sends files to the server.
func (c *importCmd) far(ctx context.Context, s *session) error {
	if c.SaveMapping != "" {
		return usage("--save-mapping works where the estate is: make the mapping with binnacle set Mapping/%s", c.SaveMapping)
	}
	q := url.Values{"map": c.Map}
	for name, value := range map[string]string{"kind": c.Kind, "mapping": c.Mapping, "source": c.Source, "as": c.As, "why": c.Why, "currency": c.Currency, "release": c.Release} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, set := range map[string]bool{"dry_run": c.DryRun, "complete": c.Complete, "overwrite": c.Overwrite, "append": c.Append} {
		if set {
			q.Set(name, "true")
		}
	}
	var info door.ImportInfo
	err := s.far.Import(ctx, c.inputs(s, nil), q, &info)
	if errors.Is(err, client.ErrNoFile) {
		return refuse("there is nothing to import")
	}
	if err != nil {
		return s.far.explain(err)
	}
	return c.print(s, info)
}

// far takes an entry of the server back.
func (c *undoCmd) far(ctx context.Context, s *session) error {
	var report door.WriteReport
	if err := s.far.call(ctx, "POST", fmt.Sprintf("/history/%d/undo", c.Entry), nil, map[string]any{"why": c.Why, "dry_run": c.DryRun}, &report); err != nil {
		return err
	}
	return s.far.done(report)
}

package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// receipt is the answer of everything that writes.
type receipt struct {
	// Record is the record as it is now, where one was written.
	Record json.RawMessage `json:"record,omitempty"`
	door.WriteReport
}

// overlaid returns a view with changes that are not made, as the principal would see it.
func (c *call) overlaid(v estate.View, changes []model.Change) estate.View {
	snap, _, err := v.Snapshot().Overlay(changes)
	if err != nil {
		return v
	}
	return snap.View(v.At()).Under(v.Scenario()).Through(c.who.Sight(snap))
}

// base returns the estate that is written upon. A scenario that is not there yet is the estate as it is now.
func (c *call) base() (estate.View, error) {
	v, err := c.look()
	var bad *door.BadMoment
	if errors.As(err, &bad) && bad.Parameter == "scenario" && c.r.Method != http.MethodGet {
		now, lookErr := c.house.Look(c.r.Context(), c.who, door.Moment{At: c.moment.At})
		if lookErr == nil && now.Snapshot().Find("Scenario", c.moment.Scenario) == nil {
			return now.Under(c.moment.Scenario), nil
		}
	}
	return v, err
}

// write makes changes and answers with the receipt. The record of the ref is in it.
func (c *call) write(v estate.View, tx door.Tx, ref model.Ref, status int) error {
	r, err := c.house.Write(c.r.Context(), c.who, c.moment, tx)
	if errors.Is(err, door.ErrNothing) {
		r, err = door.Receipt{Scenario: c.moment.Scenario}, nil
	}
	if err != nil {
		return c.sided(v, tx.Changes, err)
	}
	after, err := c.after(v, r, tx.DryRun)
	if err != nil {
		return err
	}
	out := receipt{WriteReport: r.Told(v, after, tx.DryRun)}
	if rec := after.Get(ref); rec != nil {
		out.Record = after.Schema().Of(rec).AppendRecord(nil, rec, after)
		c.w.Header().Set("ETag", recordTag(rec, out.Record))
		if status == http.StatusCreated {
			c.w.Header().Set("Location", Prefix+"/records/"+model.NameOf(rec)+"/"+url.PathEscape(rec.Base().Key))
		}
	}
	if tx.DryRun {
		status = http.StatusOK
	}
	return c.json(status, out)
}

// after returns the estate after a write, as the principal sees it.
func (c *call) after(v estate.View, r door.Receipt, dryRun bool) (estate.View, error) {
	if dryRun {
		return c.overlaid(v, r.Changes), nil
	}
	// The rights may just have changed too.
	if who, err := c.house.Access.Principal(c.who.Account.Ref()); err == nil {
		now := *who
		now.Scope, now.Session, now.Proved = c.who.Scope, c.who.Session, c.who.Proved
		c.who = &now
	}
	return c.house.Look(c.r.Context(), c.who, door.Moment{At: c.moment.At, Scenario: c.moment.Scenario})
}

// sided writes the three sides of a conflict as the principal sees them.
func (c *call) sided(v estate.View, changes []model.Change, err error) error {
	conflict := door.IsConflict(err)
	if conflict == nil {
		return err
	}
	now, lookErr := c.house.Look(c.r.Context(), c.who, door.Moment{At: c.moment.At, Scenario: c.moment.Scenario})
	if lookErr != nil {
		now = v
	}
	for i := range changes {
		if changes[i].ID == conflict.ID {
			conflict = door.InSight(now, conflict, &changes[i])
		}
	}
	status, title := http.StatusConflict, "Somebody else changed the same record"
	if c.r.Header.Get("If-Match") != "" {
		status = http.StatusPreconditionFailed
	}
	return &problem{Status: status, Title: title, Detail: "read it again and decide about each field that clashes", Conflict: conflict}
}

// tx reads what every write may say beside the changes.
func (c *call) tx(usual string) (door.Tx, error) {
	out := door.Tx{Why: strings.TrimSpace(c.query.Get("why"))}
	if out.Why == "" {
		out.Why = usual
	}
	var err error
	out.DryRun, err = c.yes("dry_run")
	return out, err
}

// values reads the body as the fields of a record. What a record shows and nobody sets may be in it, unchanged.
func (c *call) values(k *model.Kind, rec model.Record) (map[string]any, error) {
	in, err := c.object(false, "application/merge-patch+json")
	if err != nil {
		return nil, err
	}
	var wrong []fault
	same := func(name, want string) {
		value, ok := in[name]
		if ok && fmt.Sprint(value) != want {
			wrong = append(wrong, fault{Pointer: pointer("", name), Text: fmt.Sprintf("it is %s and cannot be changed", want)})
		}
		delete(in, name)
	}
	same("kind", k.Name)
	if rec != nil {
		same("id", rec.Base().ID.String())
		delete(in, k.VersionMember())
	}
	out := map[string]any{}
	for name, value := range in {
		if f := k.Field(strings.TrimPrefix(name, k.Name+".")); f != nil && f.Member() == name {
			out[f.Name] = value
			continue
		}
		out[name] = value
	}
	if len(wrong) > 0 {
		return nil, &problem{Status: http.StatusUnprocessableEntity, Title: "The body is not right", Errors: wrong}
	}
	return out, nil
}

// create makes a record.
func (c *call) create() error {
	v, err := c.base()
	if err != nil {
		return err
	}
	k, err := c.kind(v)
	if err != nil {
		return err
	}
	set, err := c.values(k, nil)
	if err != nil {
		return err
	}
	key, _ := set["key"].(string)
	if strings.TrimSpace(key) == "" {
		return &problem{Status: http.StatusUnprocessableEntity, Title: "The body is not right", Errors: []fault{{Pointer: "/key", Field: "key", Text: "a key is needed: a short name without spaces"}}}
	}
	return c.createAs(v, k, key, set)
}

func (c *call) createAs(v estate.View, k *model.Kind, key string, set map[string]any) error {
	delete(set, "key")
	change, err := c.house.Build(c.r.Context(), c.who, v, door.Edit{Kind: k.Name, Key: key, Create: true, Set: set})
	if err != nil {
		return err
	}
	tx, err := c.tx("Create " + k.Name + "/" + key)
	if err != nil {
		return err
	}
	tx.Changes = []model.Change{change}
	return c.write(v, tx, model.Ref(change.ID), http.StatusCreated)
}

// patch changes fields of a record.
func (c *call) patch() error { return c.edit(false) }

// put gives a record exactly the values of the body.
func (c *call) put() error { return c.edit(true) }

func (c *call) edit(whole bool) error {
	v, err := c.base()
	if err != nil {
		return err
	}
	k, rec, err := c.record(v)
	var none *door.NotFound
	if errors.As(err, &none) && k != nil && whole && c.r.Header.Get("If-None-Match") == "*" {
		set, err := c.values(k, nil)
		if err != nil {
			return err
		}
		return c.createAs(v, k, c.r.PathValue("key"), set)
	}
	if err != nil {
		return err
	}
	if c.r.Header.Get("If-None-Match") == "*" {
		return &problem{Status: http.StatusPreconditionFailed, Title: "There is such a record already"}
	}
	set, err := c.values(k, rec)
	if err != nil {
		return err
	}
	if whole {
		for _, f := range k.Fields {
			if _, given := set[f.Name]; !given && !f.System && f.Name != "key" {
				set[f.Name] = nil
			}
		}
	}
	seen, strict, err := c.seen(rec)
	if err != nil {
		return err
	}
	change, err := c.house.Build(c.r.Context(), c.who, v, door.Edit{Kind: k.Name, Key: rec.Base().Key, Version: seen, Set: set})
	if err != nil {
		return err
	}
	if strict && seen != rec.Base().Version {
		return c.changedSince(v, rec, seen, &change)
	}
	tx, err := c.tx("Edit " + k.Name + "/" + rec.Base().Key)
	if err != nil {
		return err
	}
	if change.Op != model.Edit || len(change.Fields) > 0 {
		tx.Changes = []model.Change{change}
	}
	return c.write(v, tx, rec.Base().Ref(), http.StatusOK)
}

// seen returns the version that whoever asks has seen: that of If-Match, which
// is strict, or that of the parameter. One of both is needed.
func (c *call) seen(rec model.Record) (seen uint32, strict bool, err error) {
	now := rec.Base().Version
	if match := strings.TrimSpace(c.r.Header.Get("If-Match")); match != "" {
		if match == "*" {
			return now, false, nil
		}
		for one := range strings.SplitSeq(match, ",") {
			n, ok := versionOf(strings.TrimSpace(one))
			if !ok {
				return 0, false, &problem{Status: http.StatusBadRequest, Title: "A header is not right", Detail: `If-Match is the ETag of the record, such as "v7", or *`}
			}
			if seen = n; n == now {
				break
			}
		}
		if seen > now {
			return 0, false, &problem{Status: http.StatusPreconditionFailed, Title: "The record never had that version", Detail: fmt.Sprintf("it is at version %d", now)}
		}
		return seen, true, nil
	}
	if c.query.Get("version") == "" {
		return 0, false, &problem{Status: http.StatusPreconditionRequired, Title: "Say which version you have seen", Detail: `send If-Match with the ETag of the record, or If-Match: * to overwrite whatever there is`}
	}
	n, err := c.number("version", 0, 1, 1<<31-1)
	return uint32(n), false, err
}

// versionOf reads the version from an entity tag of a record.
func versionOf(etag string) (uint32, bool) {
	text, ok := strings.CutPrefix(etag, `"v`)
	text, closed := strings.CutSuffix(text, `"`)
	text, _, _ = strings.Cut(text, "-")
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), ok && closed && err == nil && n > 0
}

// changedSince refuses a change of a version that is no longer that of now, with the three sides.
func (c *call) changedSince(v estate.View, rec model.Record, seen uint32, change *model.Change) error {
	m := rec.Base()
	conflict := &estate.Conflict{Kind: model.NameOf(rec), Key: m.Key, ID: m.ID, Seen: seen, Now: m.Version, Fields: []estate.Sides{}}
	if change != nil {
		conflict.Fields = door.Sides(v, rec, change)
	}
	return &problem{Status: http.StatusPreconditionFailed, Title: "Somebody else changed the same record", Detail: "read it again and decide about each field that clashes", Conflict: conflict}
}

// remove deletes a record.
func (c *call) remove() error {
	v, err := c.base()
	if err != nil {
		return err
	}
	k, rec, err := c.record(v)
	if err != nil {
		return err
	}
	seen, _, err := c.seen(rec)
	if err != nil {
		return err
	}
	if seen != rec.Base().Version {
		return c.changedSince(v, rec, seen, nil)
	}
	cascade, err := c.yes("cascade")
	if err != nil {
		return err
	}
	tx, err := c.tx("Delete " + k.Name + "/" + rec.Base().Key)
	if err != nil {
		return err
	}
	if tx.Changes, err = parting(v, []model.Record{rec}, cascade); err != nil {
		return err
	}
	return c.write(v, tx, model.Ref{}, http.StatusOK)
}

// parting returns the changes that remove records, and refuses where links would lead nowhere unless they are cleared too.
func parting(v estate.View, gone []model.Record, cascade bool) ([]model.Change, error) {
	if len(gone) == 0 {
		return nil, nil
	}
	p, err := door.Part(v, gone)
	if err != nil {
		return nil, err
	}
	if cascade || len(p.Dangling) == 0 {
		return p.Changes, nil
	}
	out := &problem{Status: http.StatusUnprocessableEntity, Title: "Other records point to what you want to delete, and nothing was deleted", Detail: "change them first, or ask with cascade=true to clear these links"}
	for _, d := range p.Dangling {
		out.Dangling = append(out.Dangling, dangle{nameOf(d.Record), d.Field.Path(), nameOf(d.To)})
	}
	return nil, out
}

func nameOf(rec model.Record) string { return model.NameOf(rec) + "/" + rec.Base().Key }

// parameterProblem makes a problem of what is wrong with a parameter of a list.
func parameterProblem(err error) error {
	var p model.Problem
	if errors.As(err, &p) {
		return badParameter(p.Field, p.Text)
	}
	return badParameter("where", err.Error())
}

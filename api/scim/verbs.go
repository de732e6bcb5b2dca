package scim

import (
	"net/http"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// record returns the record that the path names, or nil.
func (c *call) record(r *resource) model.Record {
	if r == users {
		if a := c.account(c.r.PathValue("id")); a != nil {
			return a
		}
		return nil
	}
	if g := c.groupOf(c.r.PathValue("id")); g != nil {
		return g
	}
	return nil
}

// show returns a record as a resource.
func (c *call) show(rec model.Record) map[string]any {
	switch rec := rec.(type) {
	case *model.Account:
		return c.user(rec)
	case *model.Group:
		return c.group(rec)
	}
	return nil
}

// save writes a resource as a record, which is made where there is none.
func (c *call) save(r *resource, before model.Record, m map[string]any) (model.Ref, error) {
	if r == users {
		a, _ := before.(*model.Account)
		return c.saveUser(a, m)
	}
	g, _ := before.(*model.Group)
	return c.saveGroup(g, m)
}

// answer sends one resource.
func (c *call) answer(status int, rec model.Record) error {
	m := c.show(rec)
	meta := m["meta"].(map[string]any)
	c.w.Header().Set("ETag", meta["version"].(string))
	c.w.Header().Set("Location", meta["location"].(string))
	q := queryOf(c.r.URL.Query())
	return c.send(status, q.pick(m))
}

// version returns the state of a record, as the header ETag tells it.
func (c *call) version(rec model.Record) string {
	return c.show(rec)["meta"].(map[string]any)["version"].(string)
}

// there returns the record that the path names, in the state that the caller expects.
func (c *call) there(r *resource) (model.Record, error) {
	rec := c.record(r)
	if rec == nil {
		return nil, missing(c.r.PathValue("id"))
	}
	if want := c.r.Header.Get("If-Match"); want != "" && want != "*" && !tagged(want, c.version(rec)) {
		return nil, &fault{http.StatusPreconditionFailed, "", "the resource is at version " + c.version(rec)}
	}
	return rec, nil
}

// tagged reports whether a list of tags has one, weak or strong.
func tagged(tags, tag string) bool {
	for one := range strings.SplitSeq(tags, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

func (c *call) get(r *resource) error {
	rec, err := c.there(r)
	if err != nil {
		return err
	}
	if have := c.r.Header.Get("If-None-Match"); have != "" && tagged(have, c.version(rec)) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return c.answer(http.StatusOK, rec)
}

// sent reads a resource that was sent.
func (c *call) sent(r *resource) (map[string]any, error) {
	var in map[string]any
	if err := c.body(&in); err != nil {
		return nil, err
	}
	return normal(r.attributes(), in)
}

func (c *call) create(r *resource) error {
	m, err := c.sent(r)
	if err != nil {
		return err
	}
	if rec := c.repeated(r, m); rec != nil {
		if _, err := c.save(r, rec, m); err != nil {
			return err
		}
		return c.answer(http.StatusOK, c.view.Get(rec.Base().Ref()))
	}
	ref, err := c.save(r, nil, m)
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.view.Get(ref))
}

// repeated returns the record that the same request has made before: it has the same externalId and the same name.
func (c *call) repeated(r *resource, m map[string]any) model.Record {
	id := text(m, "externalId")
	if id == "" {
		return nil
	}
	if r == groups {
		for g := range estate.Each[*model.Group](c.view) {
			if g.ExternalID == id && g.Title() == text(m, "displayName") {
				return g
			}
		}
		return nil
	}
	for a := range estate.Each[*model.Account](c.view) {
		if a.ExternalID == id && strings.EqualFold(a.UserName, text(m, "userName")) {
			return a
		}
	}
	return nil
}

func (c *call) replace(r *resource) error {
	rec, err := c.there(r)
	if err != nil {
		return err
	}
	m, err := c.sent(r)
	if err != nil {
		return err
	}
	if _, err := c.save(r, rec, m); err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.view.Get(rec.Base().Ref()))
}

func (c *call) patch(r *resource) error {
	rec, err := c.there(r)
	if err != nil {
		return err
	}
	var in struct {
		Schemas    []string    `json:"schemas"`
		Operations []operation `json:"Operations"`
	}
	if err := c.body(&in); err != nil {
		return err
	}
	m, err := normal(r.attributes(), c.show(rec))
	if err != nil {
		return err
	}
	if err := patch(r.attributes(), m, in.Operations); err != nil {
		return err
	}
	if _, err := c.save(r, rec, m); err != nil {
		return err
	}
	return c.answer(http.StatusOK, c.view.Get(rec.Base().Ref()))
}

func (c *call) remove(r *resource) error {
	rec, err := c.there(r)
	if err != nil {
		return err
	}
	if a, ok := rec.(*model.Account); ok {
		err = c.house.Deprovision(c.r.Context(), c.who, c.view, a)
	} else {
		change, _ := model.Difference(c.view.Schema().Of(rec), rec, nil)
		err = c.write("Remove the group "+rec.Base().Key, []model.Change{change})
	}
	if err == nil {
		c.w.WriteHeader(http.StatusNoContent)
	}
	return err
}

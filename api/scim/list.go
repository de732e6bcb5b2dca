package scim

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is what somebody wants to see of a list.
type query struct {
	Filter     string   `json:"filter"`
	SortBy     string   `json:"sortBy"`
	SortOrder  string   `json:"sortOrder"`
	StartIndex int      `json:"startIndex"`
	Count      *int     `json:"count"`
	Attributes []string `json:"attributes"`
	Excluded   []string `json:"excludedAttributes"`
}

// queryOf reads the query of an address. What is no number counts as not there.
func queryOf(v url.Values) query {
	q := query{Filter: v.Get("filter"), SortBy: v.Get("sortBy"), SortOrder: v.Get("sortOrder"), Attributes: names(v.Get("attributes")), Excluded: names(v.Get("excludedAttributes"))}
	q.StartIndex, _ = strconv.Atoi(v.Get("startIndex"))
	if n, err := strconv.Atoi(v.Get("count")); err == nil {
		q.Count = &n
	}
	return q
}

func names(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func (c *call) search(of []*resource) error {
	var q query
	if err := c.body(&q); err != nil {
		return err
	}
	return c.list(of, q)
}

// found is a resource with its attributes, for sorting.
type found struct {
	m     map[string]any
	attrs []*attribute
}

// list answers with the resources that fit a query.
func (c *call) list(of []*resource, q query) error {
	var filter node
	if q.Filter != "" {
		var err error
		if filter, err = parseFilter(q.Filter); err != nil {
			return err
		}
	}
	var all []found
	for _, r := range of {
		attrs := r.attributes()
		for rec := range c.view.All(r.kind) {
			if m := c.show(rec); filter == nil || filter.holds(attrs, m) {
				all = append(all, found{m, attrs})
			}
		}
	}
	if err := sortBy(all, q); err != nil {
		return err
	}
	start, count := max(q.StartIndex, 1), 100
	if q.Count != nil {
		count = min(max(*q.Count, 0), maxCount)
	}
	page := all[min(start-1, len(all)):]
	page = page[:min(count, len(page))]
	out := []any{}
	for _, f := range page {
		out = append(out, q.pick(f.m))
	}
	return c.send(http.StatusOK, map[string]any{"schemas": []string{messages + "ListResponse"}, "totalResults": len(all), "startIndex": start, "itemsPerPage": len(out), "Resources": out})
}

// sortBy puts resources in the order that is asked for. Those without a value come last.
func sortBy(all []found, q query) error {
	if q.SortBy == "" {
		return nil
	}
	p, err := parsePath(q.SortBy)
	if err != nil {
		return err
	}
	key := func(f found) string {
		a, value := look(f.attrs, f.m, p)
		if a == nil {
			return ""
		}
		for _, one := range list(value) {
			if m, ok := one.(map[string]any); ok {
				sub := p.sub
				if sub == "" {
					sub = "value"
				}
				if s := find(a.subs, sub); s != nil {
					one = m[s.name]
				}
			}
			switch v := one.(type) {
			case string:
				if !a.exact {
					v = strings.ToLower(v)
				}
				return v
			case bool:
				return strconv.FormatBool(v)
			}
		}
		return ""
	}
	down := strings.EqualFold(q.SortOrder, "descending")
	slices.SortStableFunc(all, func(a, b found) int {
		x, y := key(a), key(b)
		order := strings.Compare(x, y)
		switch {
		case x == y:
			return 0
		case x == "":
			return 1
		case y == "":
			return -1
		case down:
			return -order
		}
		return order
	})
	return nil
}

// pick leaves out of a resource what is not asked for. Its id and its schemas always stay.
func (q query) pick(m map[string]any) map[string]any {
	if len(q.Attributes) > 0 {
		out := map[string]any{"id": m["id"], "schemas": m["schemas"]}
		for _, name := range q.Attributes {
			take(out, m, name)
		}
		return out
	}
	out := m
	for _, name := range q.Excluded {
		out = without(out, name)
	}
	return out
}

// inner splits the name of an attribute into the names of the objects that lead to it.
func inner(name string) []string {
	p, err := parsePath(name)
	if err != nil {
		return nil
	}
	var out []string
	if p.schema == enterpriseSchema {
		out = append(out, p.schema)
	}
	if p.name != "" {
		out = append(out, p.name)
	}
	if p.sub != "" {
		out = append(out, p.sub)
	}
	return out
}

// keyOf returns the name in an object that equals a name in any case.
func keyOf(m map[string]any, name string) string {
	for k := range m {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return name
}

// take copies an attribute, or a part of it, into a resource.
func take(out, m map[string]any, name string) {
	steps := inner(name)
	for i, step := range steps {
		key := keyOf(m, step)
		value, ok := m[key]
		if !ok {
			return
		}
		if i == len(steps)-1 {
			out[key] = value
			return
		}
		next, ok := value.(map[string]any)
		if !ok {
			out[key] = parts(value, steps[i+1])
			return
		}
		into, ok := out[key].(map[string]any)
		if !ok {
			into = map[string]any{}
			out[key] = into
		}
		out, m = into, next
	}
}

// parts returns the values of an attribute with one part alone.
func parts(values any, name string) []any {
	out := []any{}
	for _, one := range list(values) {
		if m, ok := one.(map[string]any); ok {
			key := keyOf(m, name)
			out = append(out, map[string]any{key: m[key]})
		}
	}
	return out
}

// without returns a resource without an attribute or a part of it.
func without(m map[string]any, name string) map[string]any {
	steps := inner(name)
	if len(steps) == 0 || strings.EqualFold(steps[0], "id") || strings.EqualFold(steps[0], "schemas") {
		return m
	}
	return drop(m, steps)
}

func drop(m map[string]any, steps []string) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		if !strings.EqualFold(k, steps[0]) {
			out[k] = v
			continue
		}
		if len(steps) == 1 {
			continue
		}
		switch v := v.(type) {
		case map[string]any:
			out[k] = drop(v, steps[1:])
		case []any:
			var kept []any
			for _, one := range v {
				if inner, ok := one.(map[string]any); ok {
					kept = append(kept, drop(inner, steps[1:]))
				}
			}
			out[k] = kept
		}
	}
	return out
}

package oscal

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"binnacle/model"
)

// mostContent is how many bytes the content of a document that was imported may have.
const mostContent = 64 << 20

// contentOf returns the content of a document that was imported, or nil where it was too long to be kept.
func contentOf(d *model.OscalDocument) (object, error) {
	if d.Content == "" {
		return nil, nil
	}
	data := []byte(d.Content)
	if packed, ok := strings.CutPrefix(d.Content, "gzip:"); ok {
		raw, err := base64.StdEncoding.DecodeString(packed)
		if err != nil {
			return nil, fmt.Errorf("the content of %s is broken: %w: import the document again", d.Title(), err)
		}
		r, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, fmt.Errorf("the content of %s is broken: %w: import the document again", d.Title(), err)
		}
		if data, err = io.ReadAll(io.LimitReader(r, mostContent)); err != nil {
			return nil, fmt.Errorf("the content of %s is broken: %w: import the document again", d.Title(), err)
		}
	}
	var out object
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, fmt.Errorf("the content of %s is broken: %w: import the document again", d.Title(), err)
	}
	return out, nil
}

// merge puts what the records say into what a document said. Members and items that only one of them has stay, and what both have is as the records say.
func merge(was, is any) any {
	switch is := is.(type) {
	case object:
		old, ok := was.(object)
		if !ok {
			return is
		}
		out := object{}
		for name, value := range old {
			out[name] = value
		}
		for name, value := range is {
			if before, ok := old[name]; ok {
				value = merge(before, value)
			}
			out[name] = value
		}
		return out
	case []any:
		old, ok := was.([]any)
		if !ok {
			return is
		}
		return mergeLists(old, is)
	case string:
		if old, ok := was.(string); ok && sameMoment(old, is) {
			return old
		}
	}
	return is
}

// mergeLists merges lists of objects by what names their items. Other lists are as the records say.
func mergeLists(was, is []any) []any {
	if slices.ContainsFunc(is, func(item any) bool { return nameOf(item) == "" }) || slices.ContainsFunc(was, func(item any) bool { return nameOf(item) == "" }) {
		return is
	}
	at := map[string]int{}
	out := slices.Clone(was)
	for i, item := range was {
		if _, twice := at[nameOf(item)]; !twice {
			at[nameOf(item)] = i
		}
	}
	for _, item := range is {
		if i, ok := at[nameOf(item)]; ok {
			out[i] = merge(out[i], item)
		} else {
			at[nameOf(item)] = len(out)
			out = append(out, item)
		}
	}
	return out
}

// nameOf returns what names an item of a list among the others, or nothing.
func nameOf(item any) string {
	o, ok := item.(object)
	if !ok {
		return ""
	}
	for _, member := range []string{"uuid", "component-uuid", "control-id", "id", "param-id", "observation-uuid", "risk-uuid", "finding-uuid", "subject-uuid", "activity-uuid", "role-id", "statement-id"} {
		if name, ok := o[member].(string); ok && name != "" {
			return member + " " + strings.ToLower(name)
		}
	}
	if name, ok := o["name"].(string); ok {
		return "name " + name + " " + text(o["ns"]) + " " + text(o["class"]) + " " + text(o["system"])
	}
	if href, ok := o["href"].(string); ok {
		return "href " + href + " " + text(o["rel"])
	}
	return ""
}

// sameMoment reports whether two texts are the same moment, perhaps in different zones.
func sameMoment(a, b string) bool {
	x, err := time.Parse(time.RFC3339, a)
	if err != nil {
		return false
	}
	y, err := time.Parse(time.RFC3339, b)
	return err == nil && x.Truncate(time.Millisecond).Equal(y)
}

package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// object is a piece of JSON.
type object = map[string]any

// tool is something that an assistant can call.
type tool struct {
	name, title, help string
	// properties are the schemas of the arguments, and required those that must be there.
	properties object
	required   []string
	// writes says that it may change something, and closed that it does not take a moment.
	writes, timeless bool
	call             func(ctx context.Context, p *access.Principal, a args) (answer, error)
}

// moments are the arguments by which every tool looks at another moment.
var moments = object{
	"as_of":    object{"type": "string", "description": "Look at the past: the number of an entry of the history, a date such as 2027-06-30, or a moment such as 2027-06-30T14:00:00Z. Leave it out for now."},
	"at":       object{"type": "string", "description": "The date at which plans are looked at, such as 2028-01-01. Leave it out for today."},
	"scenario": object{"type": "string", "description": "The key of a scenario to look under. Leave it out for none."},
}

func (t *tool) schema() object {
	properties := object{}
	for name, s := range t.properties {
		properties[name] = s
	}
	if !t.timeless {
		for name, s := range moments {
			if properties[name] == nil {
				properties[name] = s
			}
		}
	}
	out := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(t.required) > 0 {
		out["required"] = t.required
	}
	return out
}

// definition describes the tool to an assistant.
func (t *tool) definition() *sdk.Tool {
	no := false
	return &sdk.Tool{Name: t.name, Title: t.title, Description: t.help + "\n\n" + asData, InputSchema: t.schema(), OutputSchema: object{"type": "object"},
		Annotations: &sdk.ToolAnnotations{Title: t.title, ReadOnlyHint: !t.writes, DestructiveHint: &t.writes, IdempotentHint: !t.writes, OpenWorldHint: &no}}
}

// args are the arguments of a call.
type args object

// arguments reads the arguments of a call. A name that the tool does not have is refused with those that it has.
func arguments(t tool, raw json.RawMessage) (args, error) {
	out := args{}
	if len(bytes.TrimSpace(raw)) > 0 {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&out); err != nil {
			return nil, fmt.Errorf("the arguments are not an object of JSON: %w", err)
		}
	}
	properties := t.schema()["properties"].(object)
	for name := range out {
		if properties[name] == nil {
			var names []string
			for n := range properties {
				names = append(names, n)
			}
			slices.Sort(names)
			return nil, fmt.Errorf("%s has no argument %q: it has %s", t.name, name, strings.Join(names, ", "))
		}
		if out[name] == nil {
			delete(out, name)
		}
	}
	for _, name := range t.required {
		if out[name] == nil || out[name] == "" {
			return nil, fmt.Errorf("%s needs the argument %s", t.name, name)
		}
	}
	return out, nil
}

// text returns an argument as text.
func (a args) text(name string) string {
	switch v := a[name].(type) {
	case string:
		return strings.TrimSpace(v)
	case nil:
		return ""
	default:
		return fmt.Sprint(v)
	}
}

// list returns an argument as a list of texts. A single text counts as a list of one.
func (a args) list(name string) []string {
	switch v := a[name].(type) {
	case []any:
		var out []string
		for _, one := range v {
			out = append(out, fmt.Sprint(one))
		}
		return out
	case string:
		if v != "" {
			return []string{v}
		}
	}
	return nil
}

// number returns an argument as a whole number between two limits, or the usual one.
func (a args) number(name string, usual, least, most int) int {
	n, ok := a[name].(json.Number)
	if !ok {
		return usual
	}
	i, err := n.Int64()
	if err != nil {
		return usual
	}
	return int(min(max(i, int64(least)), int64(most)))
}

// yes returns an argument that is true or false, or the usual value.
func (a args) yes(name string, usual bool) bool {
	switch v := a[name].(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true")
	}
	return usual
}

// moment returns the moment that the call looks at. What a question takes for itself is none.
func (a args) moment(taken ...string) door.Moment {
	of := func(name string) string {
		if slices.Contains(taken, name) {
			return ""
		}
		return a.text(name)
	}
	return door.Moment{AsOf: of("as_of"), At: of("at"), Scenario: of("scenario")}
}

// answer is what a tool has to say, as data and as a short text.
type answer struct {
	data object
	text string
}

const (
	// maxText and maxData are how long the text and the data of an answer may be.
	maxText = 24 << 10
	maxData = 256 << 10
)

func (a answer) result(t tool) (*sdk.CallToolResult, error) {
	raw, err := json.Marshal(a.data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	if len(raw) > maxData {
		return wrong(fmt.Sprintf("The answer has %d KB, and %d are the limit. Ask for less: fewer rows, fewer columns, or narrower conditions.", len(raw)>>10, maxData>>10)), nil
	}
	text := a.text
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "\n… the text was cut; the data is complete."
	}
	return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}, StructuredContent: json.RawMessage(raw)}, nil
}

// failed turns an error into an answer that says what to do.
func (s *server) failed(t tool, err error) *sdk.CallToolResult {
	var missing *door.NotFound
	var denied *access.Denied
	var moment *door.BadMoment
	var refused *door.Refused
	var problem model.Problem
	var unresolved estate.NotFound
	var asked *badCall
	switch {
	case errors.As(err, &missing):
		return wrong(sentence(missing.Error()) + " Find the right name with search, list_records or list_kinds. It may also be that this token does not see it.")
	case errors.As(err, &denied):
		return wrong(sentence(denied.Error()) + " Do not try it in another way; tell the person.")
	case errors.As(err, &moment):
		return wrong(sentence("the argument "+moment.Error()) + " Leave the argument out, or give another one.")
	case errors.As(err, &refused):
		return wrong("Nothing was changed. " + refused.Error())
	case errors.As(err, &problem):
		return wrong("The argument " + problem.Error() + ". Call the tool again with another value.")
	case door.IsConflict(err) != nil:
		return wrong("Somebody else changed the record meanwhile, and nothing was changed here. Read it again and call with its new version.")
	case errors.Is(err, door.ErrNothing):
		return wrong("There is nothing to change: everything is already like that.")
	case errors.As(err, &unresolved), errors.As(err, &asked):
		return wrong(sentence(err.Error()))
	case errors.Is(err, context.DeadlineExceeded):
		return wrong("It took longer than a minute. Ask for less.")
	}
	s.house.Log.Error("a tool failed", "tool", t.name, "error", err)
	return wrong("The tool could not do it. Try it in another way, and tell whoever runs Binnacle if it stays.")
}

// badCall says that a call makes no sense.
type badCall struct{ text string }

// Error says what is wrong with the call.
func (b *badCall) Error() string { return b.text }

func bad(format string, args ...any) error { return &badCall{fmt.Sprintf(format, args...)} }

func sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + strings.TrimRight(text[1:], ".") + "."
}

// Package endoflife reads what endoflife.date knows of products: the files of
// its repository, which are Markdown with a front matter in YAML, and the JSON
// of its interfaces, version 1 and the older list of cycles.
package endoflife

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads the release cycles of products and the dates of their support.
var Format = feed.Format{
	Name:     name,
	Label:    "endoflife.date product",
	Help:     "Products become technologies, with their release cycles and the dates on which support ends.",
	Rank:     60,
	Together: true,
	Detect:   detect,
	Read:     read,
}

const name = "endoflife"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 1 << 20

// mostRepeats is how many values the aliases of a front matter may stand for.
const mostRepeats = 1_000_000

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '{':
		return detectObject(text)
	case '[':
		return detectCycles(text)
	}
	front, _, ok := frontMatter(text)
	if !ok || !hasKey(front, "permalink") || !hasKey(front, "releases") {
		return 0
	}
	if bytes.Contains(front, []byte("releaseCycle")) {
		return 95
	}
	return 50
}

// detectObject looks for an answer of version 1 of the interface.
func detectObject(text []byte) int {
	names := kit.Members(text)
	if !names["schema_version"] || !names["result"] {
		return 0
	}
	if bytes.Contains(text, []byte(`"isEol"`)) || bytes.Contains(text, []byte("endoflife.date/")) {
		return 95
	}
	return 0
}

// detectCycles looks for the older list of cycles.
func detectCycles(text []byte) int {
	names := kit.Members(bytes.TrimLeft(text[1:], " \t\r\n"))
	if names["cycle"] && (names["eol"] || names["releaseDate"]) {
		return 85
	}
	return 0
}

// frontMatter splits a Markdown file into its front matter and the text behind
// it. Comments and blank lines may stand before the front matter. It reports
// false where there is none.
func frontMatter(text []byte) (front, body []byte, ok bool) {
	rest := text
	for {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		trimmed := bytes.TrimSpace(line)
		if bytes.Equal(trimmed, []byte("---")) {
			rest = after
			break
		}
		if len(after) == 0 || len(trimmed) > 0 && trimmed[0] != '#' && !bytes.HasPrefix(trimmed, []byte("<!--")) {
			return nil, nil, false
		}
		rest = after
	}
	// The front matter keeps the lines before it as blank lines, so that the numbers of lines stay true.
	skipped := bytes.Repeat([]byte("\n"), bytes.Count(text[:len(text)-len(rest)], []byte("\n")))
	for at := 0; at < len(rest); {
		end := bytes.IndexByte(rest[at:], '\n')
		if end < 0 {
			end = len(rest) - at
		}
		line := bytes.TrimRight(rest[at:at+end], " \t\r")
		if bytes.Equal(line, []byte("---")) || bytes.Equal(line, []byte("...")) {
			return append(skipped, rest[:at]...), rest[min(at+end+1, len(rest)):], true
		}
		at += end + 1
	}
	return append(skipped, rest...), nil, true
}

// hasKey reports whether a YAML text has a key at the start of a line.
func hasKey(text []byte, key string) bool {
	return bytes.HasPrefix(text, []byte(key+":")) || bytes.Contains(text, []byte("\n"+key+":"))
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{
		Meta:      model.Meta{Key: name, Name: "endoflife.date"},
		Format:    name,
		Describes: "Release cycles of products and the dates of their support",
	}
	r := reader{ctx: ctx, batch: b}
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return fmt.Errorf("the content is empty")
	case trimmed[0] == '{' || trimmed[0] == '[':
		root, err := kit.JSONNodes(kit.NewText(text), b.Limits)
		if err != nil {
			return err
		}
		return r.json(root, in.Name)
	}
	front, body, ok := frontMatter(text)
	if !ok {
		return fmt.Errorf("there is no front matter: the file must start with a line of three hyphens")
	}
	root, err := kit.YAMLNodes(front, b.Limits, mostRepeats)
	switch {
	case err != nil:
		return fmt.Errorf("the front matter is not YAML that can be read: %w", err)
	case root.Shape != kit.Object:
		return fmt.Errorf("the front matter is not a map of names and values")
	}
	return r.product(root, "", kit.Clean(quoted(body)))
}

// json reads an answer of the interface, whatever its version.
func (r *reader) json(root *kit.Node, file string) error {
	if root.Shape == kit.List {
		base := path.Base(strings.ReplaceAll(file, `\`, "/"))
		slug := feed.SlugOf(strings.TrimSuffix(base, path.Ext(base)))
		if slug == "" {
			return fmt.Errorf("a list of cycles does not say which product it is of: name the file after the product, such as debian.json")
		}
		return r.cyclesOnly(root, slug)
	}
	result := root.Get("result")
	if result == nil {
		return fmt.Errorf("there is no member called result: this is not an answer of endoflife.date")
	}
	for _, member := range []string{"last_modified", "generated_at"} {
		if at, err := model.ParseTime(root.String(member)); err == nil {
			r.batch.Source.Produced = at
			break
		}
	}
	r.batch.Source.Release = root.String("schema_version")
	if result.Shape != kit.List {
		return r.product(result, "result", "")
	}
	for i, product := range result.Items {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if err := r.product(product, fmt.Sprintf("result[%d]", i), ""); err != nil {
			return err
		}
	}
	return nil
}

// quoted returns the first block quote of a Markdown text on one line. The
// files of endoflife.date describe the product there.
func quoted(body []byte) string {
	var lines []string
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, ">"); ok {
			lines = append(lines, strings.TrimSpace(rest))
		} else if len(lines) > 0 || line != "" {
			break
		}
	}
	return strings.Join(lines, " ")
}

package radar

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// mostRepeats is how many values the aliases of a front matter may stand for.
const mostRepeats = 1000

// frontMatter splits a Markdown file into its front matter and the text behind it. It reports false where there is none.
func frontMatter(text []byte) (front, body []byte, ok bool) {
	first, rest, found := bytes.Cut(text, []byte("\n"))
	if !found || string(bytes.TrimSpace(first)) != "---" {
		return nil, nil, false
	}
	for at := 0; at < len(rest); {
		end := bytes.IndexByte(rest[at:], '\n')
		if end < 0 {
			end = len(rest) - at
		}
		if line := string(bytes.TrimRight(rest[at:at+end], " \t\r")); line == "---" || line == "..." {
			return rest[:at], rest[min(at+end+1, len(rest)):], true
		}
		at += end + 1
	}
	return nil, nil, false
}

// hasKey reports whether a YAML text has a key at the start of a line.
func hasKey(text []byte, key string) bool {
	return bytes.HasPrefix(text, []byte(key+":")) || bytes.Contains(text, []byte("\n"+key+":"))
}

// markdown reads one blip from a file. The folder that is called after a day says from when on it holds, and the folder above it names the radar.
func (r *reader) markdown(text []byte, file string) error {
	front, body, ok := frontMatter(text)
	if !ok {
		return fmt.Errorf("there is no front matter: the file must start with a line of three hyphens and have another one behind it")
	}
	root, err := kit.YAMLNodes(front, r.batch.Limits, mostRepeats)
	switch {
	case err != nil:
		return fmt.Errorf("the front matter is not YAML that can be read: %w", err)
	case root.Shape != kit.Object:
		return fmt.Errorf("the front matter is not a map of names and values")
	}
	base, day, folder := places(file)
	r.call(folder)
	e := &entry{name: root.String("title"), ring: root.String("ring"), quadrant: root.String("quadrant"), text: strings.TrimSpace(string(body)), link: root.String("link"), where: r.batch.At(2, 1, "")}
	if e.name == "" {
		e.name = root.String("name")
	}
	if e.name == "" {
		e.name = strings.ReplaceAll(base, "-", " ")
	}
	e.tags = tagsOf(kit.Texts(root.List("tags")))
	e.day = day
	if given := dayOf(root.String("date")); e.day.IsZero() {
		e.day = given
	}
	e.hidden = strings.EqualFold(root.String("featured"), "false")
	r.add(e)
	return nil
}

// places reads the path of a file: its name without ending, the day of its folder, and the folder of the radar.
func places(file string) (base string, day model.Date, folder string) {
	parts := strings.Split(strings.Trim(path.Clean(strings.ReplaceAll(file, `\`, "/")), "/"), "/")
	base = parts[len(parts)-1]
	base = strings.TrimSuffix(base, path.Ext(base))
	folder = "radar"
	for _, part := range parts[:len(parts)-1] {
		if on, err := model.ParseDate(part); err == nil && !on.IsZero() {
			day = on
			break
		}
		if kit.Line(part) != "" && part != "." && part != ".." {
			folder = part
		}
	}
	return base, day, folder
}

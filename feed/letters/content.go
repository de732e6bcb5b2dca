package letters

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"binnacle/feed/internal/kit"
)

const (
	// deepest is how deep parts of a letter may be nested.
	deepest = 20
	// mostParts is how many parts a letter may have.
	mostParts = 500
	// longest is how many bytes of text a description takes.
	longest = 100 << 10
	// largest is how many bytes of one part are read as text.
	largest = 4 << 20
)

// content is what a letter consists of.
type content struct {
	plain       []string
	html        []string
	attachments []string
	parts       int
}

// read reads a part of a letter and the parts in it.
func (c *content) read(h header, body io.Reader, depth int) error {
	if c.parts++; c.parts > mostParts {
		return fmt.Errorf("the letter has more than %d parts", mostParts)
	}
	if depth > deepest {
		return fmt.Errorf("the parts of the letter are nested deeper than %d", deepest)
	}
	kind, parameters, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil || kind == "" {
		kind, parameters = "text/plain", map[string]string{}
	}
	disposition, more, _ := mime.ParseMediaType(h.get("Content-Disposition"))
	name := more["filename"]
	if name == "" {
		name = parameters["name"]
	}
	if decoded, err := decoder.DecodeHeader(name); err == nil {
		name = decoded
	}
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return c.several(kind, parameters["boundary"], body, depth)
	case disposition == "attachment", kind != "text/plain" && kind != "text/html":
		if name = kit.Line(legible(name)); name == "" {
			name = kind
		}
		c.attachments = append(c.attachments, kit.Short(name))
		return nil
	}
	text, err := decode(h, parameters["charset"], body)
	if err != nil {
		return err
	}
	if kind == "text/html" {
		c.html = append(c.html, plainOf(text))
	} else {
		c.plain = append(c.plain, text)
	}
	return nil
}

// several reads the parts of a part. In what says the same in several ways, plain text is preferred to HTML.
func (c *content) several(kind, boundary string, body io.Reader, depth int) error {
	if boundary == "" {
		return errors.New("Content-Type: the letter has several parts and does not say what parts them (boundary)")
	}
	inner := c
	if kind == "multipart/alternative" {
		inner = &content{parts: c.parts}
	}
	parts := multipart.NewReader(body, boundary)
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			// A letter that was cut off still has what came before.
			if len(inner.plain)+len(inner.html)+len(inner.attachments) > 0 {
				break
			}
			return fmt.Errorf("the parts of the letter cannot be read: %w", err)
		}
		if err := inner.read(header{p.Header}, p, depth+1); err != nil {
			return err
		}
	}
	if inner != c {
		c.parts = inner.parts
		c.attachments = append(c.attachments, inner.attachments...)
		if text := strings.TrimSpace(strings.Join(inner.plain, "\n")); text != "" {
			c.plain = append(c.plain, text)
		} else {
			c.plain = append(c.plain, inner.html...)
		}
	}
	return nil
}

// best returns the text of the letter: plain text, or HTML as text where there is no other.
func (c *content) best() string {
	text := strings.TrimSpace(strings.Join(c.plain, "\n\n"))
	if text == "" {
		text = strings.TrimSpace(strings.Join(c.html, "\n\n"))
	}
	return text
}

// described returns the description of an idea: the text, and the names of what was attached.
func (c *content) described(text string) string {
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	if len(c.attachments) > 0 {
		text += "\n\nAttached to the letter and not kept: " + strings.Join(c.attachments, ", ") + "."
	}
	return kit.Clean(text)
}

// decode undoes the transfer encoding and the character set of a text.
func decode(h header, label string, body io.Reader) (string, error) {
	switch strings.ToLower(strings.TrimSpace(h.get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, &letterless{body})
	}
	raw, err := io.ReadAll(io.LimitReader(body, largest))
	if err != nil && len(raw) == 0 {
		return "", fmt.Errorf("the text of the letter cannot be decoded: %w", err)
	}
	text := string(raw)
	if label != "" && !strings.EqualFold(label, "utf-8") && !strings.EqualFold(label, "us-ascii") {
		if r, err := charset.NewReaderLabel(label, strings.NewReader(text)); err == nil {
			if decoded, err := io.ReadAll(io.LimitReader(r, 2*largest)); err == nil {
				text = string(decoded)
			}
		}
	}
	text = strings.ReplaceAll(strings.ReplaceAll(legible(text), "\r\n", "\n"), "\r", "\n")
	return text, nil
}

// letterless leaves out of base64 what is no letter of it, as RFC 2045 demands.
type letterless struct{ from io.Reader }

// Read reads the next bytes that belong to base64.
func (l *letterless) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	kept := 0
	for _, c := range p[:n] {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/' || c == '=' {
			p[kept] = c
			kept++
		}
	}
	return kept, err
}

// shape lets through what gives a text its lines, and nothing that a browser would run or fetch.
var shape = bluemonday.NewPolicy().AllowElements("p", "div", "br", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr")

// plainOf makes plain text of HTML. What is quoted gets a mark in front of each line, as in plain text.
func plainOf(text string) string {
	var out strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(shape.Sanitize(text)))
	quoted := 0
	fresh := true
	line := func() {
		if !fresh {
			out.WriteByte('\n')
		}
		fresh = true
	}
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(out.String())
		case html.TextToken:
			words := strings.Join(strings.Fields(string(tokens.Text())), " ")
			if words == "" {
				continue
			}
			if fresh && quoted > 0 {
				out.WriteString("> ")
			} else if !fresh {
				out.WriteByte(' ')
			}
			out.WriteString(words)
			fresh = false
		case html.StartTagToken, html.SelfClosingTagToken:
			tag, _ := tokens.TagName()
			line()
			switch string(tag) {
			case "blockquote":
				quoted++
			case "li":
				out.WriteString("- ")
			case "p":
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			tag, _ := tokens.TagName()
			line()
			if string(tag) == "blockquote" && quoted > 0 {
				quoted--
			}
		}
	}
}

var (
	// introduces is a line in front of what is quoted, such as: On Monday, Ada wrote:
	introduces = regexp.MustCompile(`(?i)^\s*(on|am|le|el|il|op|den)\s.{4,200}(wrote|schrieb|a écrit|escribió|ha scritto|schreef|skrev).{0,120}:\s*$`)
	// original is a line behind which an older letter follows as a whole.
	original = regexp.MustCompile(`(?i)^\s*(-{3,}\s*(original message|ursprüngliche nachricht|message d'origine|mensaje original)\s*-{3,}|_{20,})\s*$`)
)

// own returns what the writer of a letter wrote: without lines that quote another letter, without an older letter below and without the signature. Where nothing is left,
// everything is returned. It reports whether something was left out.
func own(text string) (string, bool) {
	lines := strings.Split(text, "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		// The mark of a signature is two hyphens and a space (RFC 3676); many programs lose the space.
		if strings.TrimRight(l, " \t") == "--" && len(kept) > 0 || original.MatchString(l) {
			break
		}
		if strings.HasPrefix(l, ">") {
			continue
		}
		if introduces.MatchString(l) && quotes(lines[i+1:]) {
			continue
		}
		if i+1 < len(lines) && introduces.MatchString(l+" "+lines[i+1]) && quotes(lines[i+2:]) {
			i++
			continue
		}
		kept = append(kept, strings.TrimRight(l, " \t"))
	}
	out := gaps.ReplaceAllString(strings.TrimSpace(strings.Join(kept, "\n")), "\n\n")
	if out == "" {
		return strings.TrimSpace(text), false
	}
	return out, len(kept) < len(lines)
}

var gaps = regexp.MustCompile(`\n{3,}`)

// quotes reports whether the next line with something on it is quoted.
func quotes(lines []string) bool {
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			return strings.HasPrefix(l, ">")
		}
	}
	return false
}

package letters

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"

	"binnacle/feed/internal/kit"
)

// header is the header of a letter or of a part of one.
type header struct{ fields map[string][]string }

func (h header) get(name string) string { return mail.Header(h.fields).Get(name) }

// decoder decodes words of headers in any encoding that browsers know (RFC 2047).
var decoder = &mime.WordDecoder{CharsetReader: func(label string, in io.Reader) (io.Reader, error) { return charset.NewReaderLabel(label, in) }}

// text returns the text of a field on one line. What cannot be decoded stays as it is.
func (h header) text(name string) string {
	raw := h.get(name)
	if decoded, err := decoder.DecodeHeader(raw); err == nil {
		raw = decoded
	}
	return kit.Line(legible(raw))
}

// legible makes UTF-8 of a text that nobody named the encoding of: what is not UTF-8 is read as Windows-1252, as browsers do.
func legible(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	if decoded, err := charmap.Windows1252.NewDecoder().String(text); err == nil {
		return decoded
	}
	return strings.ToValidUTF8(text, "")
}

// address returns the first address of a field.
func (h header) address(name string) (*mail.Address, error) {
	list := h.addresses(name)
	if len(list) == 0 {
		return nil, errors.New("there is no address that can be read")
	}
	return list[0], nil
}

// addresses returns the addresses of all fields of a name. Those that cannot be read are left out.
func (h header) addresses(name string) []*mail.Address {
	parser := mail.AddressParser{WordDecoder: decoder}
	var out []*mail.Address
	for _, raw := range h.fields[name] {
		list, err := parser.ParseList(legible(raw))
		if err != nil {
			if one, err := parser.Parse(legible(raw)); err == nil {
				list = []*mail.Address{one}
			}
		}
		for _, a := range list {
			a.Name, a.Address = kit.Line(a.Name), kit.Line(a.Address)
			out = append(out, a)
		}
	}
	return out
}

// wanted returns the parts behind a plus of the addresses that the letter was sent to (RFC 5233), in lower case, each once.
func (h header) wanted() []string {
	var out []string
	for _, name := range []string{"Delivered-To", "X-Original-To", "To", "Cc"} {
		for _, a := range h.addresses(name) {
			local, _, _ := strings.Cut(strings.ToLower(a.Address), "@")
			if _, detail, ok := strings.Cut(local, "+"); ok && detail != "" && !slices.Contains(out, detail) {
				out = append(out, detail)
			}
		}
	}
	return out
}

// automatic says why a letter was sent by a machine: an answer while somebody is away, or that a letter could not be delivered (RFC 3834). It is empty for letters of people.
func (h header) automatic(from *mail.Address) string {
	local, _, _ := strings.Cut(strings.ToLower(from.Address), "@")
	kind, _, _ := mime.ParseMediaType(h.get("Content-Type"))
	switch auto := strings.ToLower(strings.TrimSpace(h.get("Auto-Submitted"))); {
	case auto != "" && auto != "no":
		return "Auto-Submitted: " + kit.Short(kit.Line(auto))
	case kind == "multipart/report":
		return "it is a report about a delivery"
	case local == "mailer-daemon":
		return "it is from mailer-daemon"
	}
	return ""
}

// identifier returns by what a letter is known again: its Message-ID (RFC 2392), or a digest of it where it has none.
func (h header) identifier(data []byte) string {
	id := strings.Trim(kit.Line(h.get("Message-Id")), "<> ")
	if id != "" && len(id) <= 500 {
		return "mid:" + id
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(bytes.TrimRight(data, "\r\n")))
}

// answers are what programs write in front of the subject of an answer or of a letter that goes on, in several languages.
var answers = regexp.MustCompile(`(?i)^\s*(re|fwd?|aw|wg|sv|vs|antw|tr|rif|odp|res|enc)(\[\d+\])?\s*:\s*`)

// subject returns what a letter is called: its subject without marks of answers, or the beginning of its text where it has none.
func subject(text, body string) string {
	for answers.MatchString(text) {
		text = answers.ReplaceAllString(text, "")
	}
	if text = kit.Line(text); text == "" {
		first, _, _ := strings.Cut(strings.TrimSpace(body), "\n")
		text = kit.Line(first)
	}
	if text == "" {
		return "Letter without a subject"
	}
	if runes := []rune(text); len(runes) > 150 {
		text = strings.TrimSpace(string(runes[:149])) + "…"
	}
	return text
}

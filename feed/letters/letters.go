// Package letters reads mail that customers and colleagues wrote about products: single messages (RFC 5322, files ending in .eml)
// and files of many of them (mbox, RFC 4155). Each letter becomes an idea.
package letters

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/mail"
	"regexp"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads letters.
var Format = feed.Format{
	Name:     name,
	Label:    "Mail",
	Help:     "Letters become ideas: the subject is the name, the customer is known by the domain of the sender, and the product by the address, such as ideas+web-shop@example.com. What a letter quotes and its signature are left out, and attachments are only named.",
	Rank:     60,
	Together: true,
	Detect:   detect,
	Read:     read,
}

const name = "letters"

// glance is how many bytes of a content are looked at to find out its format. Relays write long headers.
const glance = 256 << 10

// parting is the line in front of each letter of an mbox file: From, the sender without a space, and a day in the form of asctime.
var parting = regexp.MustCompile(`^From [^ \t\r\n]{1,320} +(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-9]\d `)

func detect(data []byte) int {
	text := data[:min(len(data), glance)]
	if bytes.IndexByte(text, 0) >= 0 {
		return 0
	}
	if parting.Match(text) {
		_, rest, _ := bytes.Cut(text, []byte("\n"))
		if headed(rest) > 0 {
			return 98
		}
		return 0
	}
	return headed(text)
}

// headed says how likely a text begins with the header of a letter: a sender, and a day or an identifier in the form of RFC 5322, or at least these with a subject.
func headed(text []byte) int {
	end := len(text)
	for _, empty := range []string{"\n\n", "\r\n\r\n"} {
		if at := bytes.Index(text, []byte(empty)); at >= 0 {
			end = min(end, at+len(empty))
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(append(bytes.Clone(text[:end]), "\r\n\r\n"...)))
	if err != nil {
		return 0
	}
	_, badFrom := mail.ParseAddress(m.Header.Get("From"))
	_, badDay := m.Header.Date()
	id := m.Header.Get("Message-Id")
	identified := strings.HasPrefix(id, "<") && strings.Contains(id, "@") && strings.HasSuffix(id, ">")
	switch {
	case badFrom == nil && (badDay == nil || identified):
		return 98
	case strings.Contains(m.Header.Get("From"), "@") && m.Header.Get("Subject") != "" && (m.Header.Get("Date") != "" || identified):
		// It is a letter whose header somebody wrote wrongly: reading it says what is wrong.
		return 80
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	if int64(len(in.Data)) > b.Limits.Bytes {
		return fmt.Errorf("the content has %d bytes; the limit is %d: split it", len(in.Data), b.Limits.Bytes)
	}
	if len(bytes.TrimSpace(in.Data)) == 0 {
		return errors.New("the file is empty: there is no letter in it")
	}
	b.Source.Key, b.Source.Name, b.Source.Format = name, "Mail", name
	r := &reader{batch: b}
	b.Settlers = append(b.Settlers, r)
	if !parting.Match(in.Data) {
		if err := r.letter(in.Data, 1, true); err != nil {
			return err
		}
		r.tell()
		return nil
	}
	for _, part := range split(in.Data) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(b.Items) >= b.Limits.Items {
			return fmt.Errorf("the file has more than %d letters, which is the limit: split it", b.Limits.Items)
		}
		if err := r.letter(part.text, part.line, false); err != nil {
			b.Refuse(b.At(part.line, 0, "letter "+fmt.Sprint(part.number)), "%v", err)
		}
	}
	r.tell()
	return nil
}

// part is one letter of an mbox file.
type part struct {
	text   []byte
	line   int
	number int
}

// split takes an mbox file apart. A letter begins at a line that parts letters and stands at the beginning or after an empty
// line. Lines of a letter that were marked because they look the same lose one mark (mboxrd).
func split(data []byte) []part {
	var out []part
	empty, line := true, 0
	for text := range bytes.Lines(data) {
		line++
		switch {
		case empty && parting.Match(text):
			out = append(out, part{line: line + 1, number: len(out) + 1})
		case len(out) > 0:
			p := &out[len(out)-1]
			if marks := bytes.TrimLeft(text, ">"); len(marks) < len(text) && bytes.HasPrefix(marks, []byte("From ")) {
				text = text[1:]
			}
			p.text = append(p.text, text...)
		}
		empty = len(bytes.TrimRight(text, "\r\n")) == 0
	}
	return out
}

// reader makes ideas of letters.
type reader struct {
	batch   *feed.Batch
	letters []*letter
	trimmed int
	cut     int
}

// letter is an idea with what is needed to find its customer and its product.
type letter struct {
	idea *model.Idea
	// domain is the domain of the sender.
	domain string
	// products are the parts behind a plus of the addresses that it was sent to, in lower case.
	products []string
	at       feed.Where
}

// letter reads one letter. Line is where it begins.
func (r *reader) letter(data []byte, line int, alone bool) error {
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		return fmt.Errorf("the header of the letter cannot be read: %w", err)
	}
	h := header{m.Header}
	from, err := h.address("From")
	if err != nil {
		return fmt.Errorf("the field From: %w", err)
	}
	r.batch.Count("letters", 1)
	at := r.batch.At(line, 0, h.text("Subject"))
	if why := h.automatic(from); why != "" {
		if alone {
			return fmt.Errorf("the letter was sent by a machine (%s) and is no idea", why)
		}
		r.batch.Refuse(at, "the letter was sent by a machine (%s) and is no idea", why)
		return nil
	}
	c := &content{}
	if err := c.read(h, m.Body, 0); err != nil {
		return err
	}
	text, trimmed := own(c.best())
	if trimmed {
		r.trimmed++
	}
	idea := &model.Idea{State: model.IdeaNew, Channel: "mail", ExternalID: h.identifier(data)}
	idea.Name = subject(h.text("Subject"), text)
	idea.Description = c.described(text)
	if len(text) > longest {
		r.cut++
	}
	if from.Name != "" {
		idea.From = kit.Line(from.Name + " <" + from.Address + ">")
	} else {
		idea.From = kit.Line(from.Address)
	}
	if day, err := m.Header.Date(); err == nil && day.Year() >= 1970 && day.Year() < 10000 {
		idea.Received = model.DateOf(day)
	}
	sum := sha256.Sum256([]byte(idea.ExternalID))
	idea.Key = fmt.Sprintf("%s-%x", key(idea.Name), sum[:4])
	_, domain, _ := strings.Cut(strings.ToLower(from.Address), "@")
	r.batch.AddItem(&feed.Item{Record: idea, Where: at, Mention: true})
	r.letters = append(r.letters, &letter{idea: idea, domain: domain, products: h.wanted(), at: at})
	return nil
}

// tell notes what was left out.
func (r *reader) tell() {
	if r.trimmed > 0 {
		r.batch.Note("Quoted letters and signatures of %d of %d letters are not in the descriptions, and are not kept.", r.trimmed, len(r.letters))
	}
	if r.cut > 0 {
		r.batch.Note("%d letters have more than %d bytes of text and are cut there.", r.cut, longest)
	}
}

// longestKey is how many bytes of a key follow from the subject.
const longestKey = 60

// key makes the beginning of a key of a subject.
func key(subject string) string {
	k := feed.SlugOf(strings.NewReplacer("/", " ", "@", " ", "+", " ").Replace(subject))
	if len(k) > longestKey {
		k = strings.ToValidUTF8(k[:longestKey], "")
		if at := strings.LastIndexByte(k, '-'); at > 0 {
			k = k[:at]
		}
	}
	if k = strings.Trim(k, "-."); k == "" {
		return "letter"
	}
	return k
}

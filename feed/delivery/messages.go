package delivery

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Messages reads what code providers sent, from files.
var Messages = feed.Bulk{
	Name:   "delivery-events",
	Label:  "Messages of a code provider (webhooks)",
	Help:   "Messages of GitHub, GitLab, Gitea, Forgejo, Bitbucket and Azure DevOps as JSON: one message, a list of them, or one on each line. Each becomes commits, reviews, changes, builds, deployments, incidents and releases, or is ignored with a reason. Who did it is left out. The same event told twice counts once.",
	Series: facts.Delivery,
	Detect: DetectMessages,
	Read:   ReadMessages,
}

// MostMessage is how many bytes one message may have.
const MostMessage = 25 << 20

// DetectMessages says how likely a content is messages of a code provider: by the names of the members of the first one.
func DetectMessages(head []byte) int {
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n[")
	if len(head) == 0 || head[0] != '{' || providerOf(kit.Members(head)) == "" {
		return 0
	}
	return 96
}

// Label returns how people call a provider.
func Label(provider model.CodeProvider) string {
	for _, o := range provider.Options() {
		if o.Value == string(provider) {
			return o.Label
		}
	}
	return "Code provider"
}

// messages reads a content of messages.
type messages struct {
	in      feed.BulkInput
	sink    feed.Sink
	account string
	writers map[model.CodeProvider]*writer
	bill    *kit.BillWriter
	ignored map[string]int
	taken   int
}

// ReadMessages gives the lines of a content of messages to the sink.
func ReadMessages(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	// What another content tells does not replace this one, so that each is an account of its own.
	digest := sha256.New()
	if _, err := io.Copy(digest, in.Reader()); err != nil {
		return err
	}
	m := &messages{in: in, sink: sink, account: hex.EncodeToString(digest.Sum(nil)[:6]), writers: map[model.CodeProvider]*writer{}, ignored: map[string]int{}}
	var err error
	if m.bill, err = kit.NewBillWriter(in, sink, Columns); err != nil {
		return err
	}
	first, readErr := bufio.NewReaderSize(in.Reader(), 1<<16).ReadSlice('\n')
	if errors.Is(readErr, bufio.ErrBufferFull) {
		first, _ = bufio.NewReader(io.LimitReader(in.Reader(), MostMessage)).ReadBytes('\n')
	}
	first = bytes.TrimSpace(bytes.TrimPrefix(first, []byte("\xEF\xBB\xBF")))
	if len(first) > 0 && first[0] == '{' && json.Valid(first) {
		err = m.lines(ctx)
	} else {
		err = m.values(ctx)
	}
	if err != nil {
		return err
	}
	sink.Read(in.Size)
	m.tell()
	return nil
}

// lines reads one message on each line. What is wrong with a line is refused with its place, and the rest is taken.
func (m *messages) lines(ctx context.Context) error {
	r := bufio.NewReaderSize(m.in.Reader(), 1<<16)
	read := int64(0)
	for row := 1; ; row++ {
		line, err := r.ReadBytes('\n')
		read += int64(len(line))
		if row == 1 {
			line = bytes.TrimPrefix(line, []byte("\xEF\xBB\xBF"))
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if wrong := m.line(line, row); wrong != nil {
				return wrong
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if row%256 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			m.sink.Read(read)
		}
	}
}

func (m *messages) line(line []byte, row int) error {
	if len(line) > MostMessage {
		m.refuse(row, 0, fmt.Sprintf("the message has more than %d bytes", MostMessage))
		return nil
	}
	body, err := parse(line)
	if err != nil {
		m.refuse(row, 0, err.Error())
		return nil
	}
	return m.take(body, row, fmt.Sprintf("line %d", row))
}

// values reads one message after the other, or a list of them.
func (m *messages) values(ctx context.Context) error {
	dec := json.NewDecoder(m.in.Reader())
	dec.UseNumber()
	inList := false
	places := places{in: m.in.Content, line: 1}
	for n := 0; ; n++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if n == 0 {
			start := make([]byte, 64)
			got, _ := m.in.Content.ReadAt(start, 0)
			if trimmed := bytes.TrimLeft(start[:got], " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '[' {
				if _, err := dec.Token(); err != nil {
					return m.broken(&places, dec.InputOffset(), err)
				}
				inList = true
			}
		}
		if inList && !dec.More() {
			if _, err := dec.Token(); err != nil {
				return m.broken(&places, dec.InputOffset(), err)
			}
			return nil
		}
		from := dec.InputOffset()
		var v any
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) && !inList && n > 0 {
			return nil
		}
		if err != nil {
			return m.broken(&places, dec.InputOffset(), err)
		}
		row := places.at(from)
		if err := m.take(node{v}, row, fmt.Sprintf("message %d", n+1)); err != nil {
			return err
		}
		m.sink.Read(dec.InputOffset())
	}
}

// broken says where the JSON cannot be read on.
func (m *messages) broken(p *places, offset int64, err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = max(offset, syntax.Offset)
	}
	return fmt.Errorf("line %d: it is not JSON that can be read on: %w", p.at(min(offset, m.in.Size)), err)
}

// places tells on which line an offset is. Offsets must not go back.
type places struct {
	in   io.ReaderAt
	at0  int64
	line int
}

func (p *places) at(offset int64) int {
	buffer := make([]byte, 32<<10)
	for p.at0 < offset {
		n, err := p.in.ReadAt(buffer[:min(int64(len(buffer)), offset-p.at0)], p.at0)
		p.line += bytes.Count(buffer[:n], []byte{'\n'})
		p.at0 += int64(n)
		if n == 0 || err != nil {
			break
		}
	}
	return p.line
}

// take writes the lines of a message, or counts why it is ignored.
func (m *messages) take(body node, row int, path string) error {
	if !body.isObject() {
		m.refuse(row, 0, path+" is not a JSON object, and so no message")
		return nil
	}
	provider := providerOf(body.names())
	if provider == "github" && isGitea(body) {
		provider = "gitea"
	}
	if provider == "" {
		m.ignored["it is no message of a code provider that Binnacle knows"]++
		return nil
	}
	result := read(provider, Message{}, body)
	if result.Ignored != "" {
		m.ignored[result.Ignored]++
		return nil
	}
	w := m.writers[provider]
	if w == nil {
		w = &writer{bill: m.bill}
		w.line.Items = make([][]byte, len(Columns))
		w.line.Provider, w.line.Account = []byte(Label(provider)), []byte(m.account)
		m.writers[provider] = w
	}
	for i := range result.Lines {
		if err := w.write(&result.Lines[i], row); err != nil {
			return err
		}
		m.taken++
	}
	return nil
}

func (m *messages) refuse(line, column int, reason string) {
	m.sink.Refuse(feed.Refusal{Where: feed.Where{File: m.in.Name, Line: line, Column: column}, Reason: reason})
}

// mostReasons is how many reasons are told.
const mostReasons = 30

// tell says what was ignored, the most frequent reasons first.
func (m *messages) tell() {
	reasons := make([]string, 0, len(m.ignored))
	for reason := range m.ignored {
		reasons = append(reasons, reason)
	}
	slices.SortFunc(reasons, func(a, b string) int { return cmp.Or(m.ignored[b]-m.ignored[a], cmp.Compare(a, b)) })
	for i, reason := range reasons {
		if i == mostReasons {
			m.sink.Note("Messages were ignored for %d more reasons.", len(reasons)-i)
			break
		}
		m.sink.Note("Ignored: %d, because %s.", m.ignored[reason], reason)
	}
}

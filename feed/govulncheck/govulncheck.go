// Package govulncheck reads what govulncheck writes with -format json or -json: a stream of messages with the settings, the records of
// the Go vulnerability database, and the findings with the calls that lead to them.
package govulncheck

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads streams of govulncheck.
var Format = feed.Format{
	Name:  name,
	Label: "govulncheck results",
	Help: "Vulnerabilities of Go modules become findings of scanners, which say whether the code calls what is vulnerable. " +
		"Other identifiers come from the records of the database in the stream.",
	Rank:   50,
	Detect: detect,
	Read:   read,
}

const name = "govulncheck"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 64 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	names := kit.Members(text)
	config := text[:min(len(text), 4096)]
	switch {
	case names["config"] && bytes.Contains(config, []byte(`"scanner_name"`)) && bytes.Contains(config, []byte(`"protocol_version"`)):
		return 100
	case names["config"] && bytes.Contains(config, []byte("govulncheck")):
		return 95
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	r := &reader{batch: b, scan: &kit.Scan{Batch: b}, records: map[string]*kit.Node{}, found: map[string]*found{}}
	if err := r.stream(ctx, text); err != nil {
		return err
	}
	if r.config == nil {
		return errors.New("there is no message with the config: the stream is not complete")
	}
	r.begin(in.Name)
	return r.add()
}

// reader fills a batch from a stream.
type reader struct {
	batch   *feed.Batch
	scan    *kit.Scan
	config  *kit.Node
	root    string
	records map[string]*kit.Node
	found   map[string]*found
	order   []string
}

// found is what the stream says of one vulnerability in one module.
type found struct {
	id      string
	fixed   string
	module  string
	version string
	pkg     string
	symbols []string
	place   string
	called  bool
	at      feed.Where
}

// stream reads one message after the other.
func (r *reader) stream(ctx context.Context, text []byte) error {
	whole := kit.NewText(text)
	dec := kit.NewJSON(text)
	for n := 0; ; n++ {
		start := whole.Next(int(dec.InputOffset()))
		raw, err := dec.ReadValue()
		if errors.Is(err, io.EOF) {
			return nil
		}
		line, column := whole.Place(start)
		if err != nil {
			var syntactic *jsontext.SyntacticError
			if kit.EndsEarly(err) {
				err = kit.ErrEndsEarly
			} else if errors.As(err, &syntactic) {
				line, column = whole.Place(int(syntactic.ByteOffset))
				err = syntactic.Err
			}
			return fmt.Errorf("line %d, column %d: message %d cannot be read: %w", line, column, n+1, err)
		}
		if n%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		message, err := kit.JSONNodes(kit.NewText(bytes.Clone(raw)), r.batch.Limits)
		if err != nil {
			return fmt.Errorf("line %d: message %d: %w", line, n+1, err)
		}
		r.message(message, r.batch.At(line, column, fmt.Sprintf("message %d", n+1)))
		if len(r.found) > r.batch.Limits.Items {
			return fmt.Errorf("the stream has more than %d findings, which is the limit", r.batch.Limits.Items)
		}
	}
}

func (r *reader) message(m *kit.Node, at feed.Where) {
	if m.Shape != kit.Object {
		r.refuse(at, "a message is an object with members")
		return
	}
	for _, part := range m.Items {
		switch part.Name {
		case "config":
			r.config = part
		case "osv":
			if id := part.String("id"); id != "" {
				r.records[id] = part
				r.batch.Count("records of the database", 1)
			}
		case "SBOM":
			if roots := kit.Texts(part.List("roots")); len(roots) > 0 {
				r.root = roots[0]
			}
		case "finding":
			r.finding(part, at)
		}
	}
}

func (r *reader) refuse(at feed.Where, reason string) {
	r.batch.Refuse(at, "%s", reason)
	r.batch.Count("refused messages", 1)
}

// finding joins a finding with others of the same vulnerability in the same module: govulncheck tells each on the level of the module, of
// the package and of the function, once for every way that leads to it.
func (r *reader) finding(n *kit.Node, at feed.Where) {
	id := kit.Line(n.String("osv"))
	trace := n.List("trace")
	if id == "" || len(trace) == 0 || trace[0].String("module") == "" {
		r.refuse(at, "a finding needs osv and a trace that begins with a module")
		return
	}
	frame := trace[0]
	module := kit.Line(frame.String("module"))
	key := id + "\x00" + module
	f := r.found[key]
	if f == nil {
		f = &found{id: id, module: module, at: at}
		r.found[key] = f
		r.order = append(r.order, key)
	}
	r.batch.Count("messages about findings", 1)
	f.fixed = cmp.Or(f.fixed, kit.Line(n.String("fixed_version")))
	f.version, f.pkg = cmp.Or(f.version, kit.Line(frame.String("version"))), cmp.Or(f.pkg, kit.Line(frame.String("package")))
	symbol := kit.Line(frame.String("function"))
	if symbol == "" {
		return
	}
	if receiver := strings.TrimPrefix(kit.Line(frame.String("receiver")), "*"); receiver != "" {
		symbol = receiver + "." + symbol
	}
	f.called = true
	if !slices.Contains(f.symbols, symbol) {
		f.symbols = append(f.symbols, symbol)
	}
	// The last frame is in the code that was scanned.
	position := trace[len(trace)-1].Get("position")
	place := kit.Line(position.String("filename"))
	if line := position.String("line"); place != "" && line != "" {
		place += ":" + kit.Line(line)
	}
	f.place = cmp.Or(f.place, place)
}

// begin names what was scanned: the main module where the stream tells it, or else the file.
func (r *reader) begin(file string) {
	target := cmp.Or(r.root, kit.FileName(file, []string{".json", ".jsonl", ".gz"}, []string{"govulncheck", "report", "results", "scan", "vulns"}))
	r.scan.Begin(name, cmp.Or(r.config.String("scanner_name"), name), target, r.config.String("scanner_version"), 0)
	if r.root != "" {
		r.scan.PackageURL = kit.PackageURL("golang", strings.TrimSuffix(path.Dir(r.root), "."), path.Base(r.root), "")
		r.scan.Repository = r.root
		r.scan.Names = []string{kit.NameKey(r.root)}
	}
	if target == "" {
		r.batch.Note("The stream does not say what was scanned: give the import a source of its own, or name the file after the module.")
	}
}

func (r *reader) add() error {
	level := r.config.String("scan_level")
	for _, key := range r.order {
		f := r.found[key]
		record := r.records[f.id]
		out := &model.ScanFinding{Type: "vulnerability", Rule: f.id, Version: f.version, Location: f.place, PackageURL: purlOf(f.module, f.version)}
		if out.Name = kit.Line(record.String("summary")); out.Name == "" {
			out.Name = f.id + " in " + f.module
		}
		out.Aliases = kit.Sorted(kit.Texts(record.List("aliases")))
		out.Message = kit.Clean(record.String("details"))
		out.Link = kit.WebAddress(record.Get("database_specific").String("url"))
		if f.fixed != "" {
			out.Fixed = []string{f.fixed}
		}
		// A scan on the level of modules or packages does not look at calls, so that nothing can be told from their absence.
		switch {
		case f.called:
			slices.Sort(f.symbols)
			out.Reached = "yes"
			out.Message = strings.TrimSpace("Called: " + strings.Join(f.symbols, ", ") + "\n\n" + out.Message)
		case level == "" || level == "symbol":
			out.Reached = "no"
		}
		r.scan.Add(out, f.at, f.module)
	}
	if len(r.batch.Refused) > 0 {
		r.batch.Complete = false
	}
	return nil
}

// purlOf returns the package URL of a Go module. The standard library and the tools of Go are modules called stdlib and toolchain.
func purlOf(module, version string) string {
	namespace, last := path.Split(module)
	return kit.PackageURL("golang", strings.TrimSuffix(namespace, "/"), last, version)
}

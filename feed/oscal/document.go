package oscal

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// document is one document that is being read, and what of it waits until the estate is known.
type document struct {
	ctx      context.Context
	batch    *feed.Batch
	body     *kit.Node
	model    model.OscalModel
	file     string
	uuid     string
	title    string
	edition  string
	modified model.Time
	// resources are what the back matter lists, by UUID: the addresses and names of each.
	resources map[string][]string
	// names are the titles of what the back matter lists, by UUID.
	names map[string]string
	// record is the record of the document itself.
	record *feed.Item

	framework *frameworkDraft
	baseline  *baselineDraft
	rows      []*rowDraft
	imports   []*importDraft
	observed  []*observationDraft
}

func newDocument(ctx context.Context, b *feed.Batch, file string, body *kit.Node) *document {
	meta := body.Get("metadata")
	d := &document{
		ctx: ctx, batch: b, body: body, model: model.OscalModel(body.Name), file: path.Base(strings.ReplaceAll(file, `\`, "/")), uuid: strings.ToLower(body.String("uuid")),
		title: line(meta.String("title")), edition: line(meta.String("version")), modified: moment(meta.String("last-modified")), resources: map[string][]string{}, names: map[string]string{},
	}
	for _, r := range body.Get("back-matter").List("resources") {
		id := strings.ToLower(r.String("uuid"))
		for _, l := range r.List("rlinks") {
			if href := l.String("href"); href != "" {
				d.resources[id] = append(d.resources[id], href)
			}
		}
		d.names[id] = line(cmp.Or(r.String("title"), r.String("description")))
	}
	if d.title == "" {
		d.title = cmp.Or(strings.TrimSuffix(d.file, path.Ext(d.file)), string(d.model))
	}
	rec := &model.OscalDocument{Identifier: d.uuid, Model: d.model, Edition: d.edition, OscalVersion: strings.TrimPrefix(line(meta.String("oscal-version")), "v"), Modified: d.modified, Content: d.content(), KnownAs: d.knownAs()}
	rec.Key, rec.Name = keyOf(string(d.model)+"-"+d.title, 60), d.title
	d.record = d.add(rec, body, "", feed.External(string(d.model)+"|"+cmp.Or(d.uuid, d.title)))
	b.Settlers = append(b.Settlers, d)
	b.Count(strings.ReplaceAll(string(d.model), "-", " ")+" documents", 1)
	return d
}

// add proposes a record that stands at a node.
func (d *document) add(rec model.Record, at *kit.Node, where string, idents ...feed.Ident) *feed.Item {
	if rec.Base().Key == "" {
		rec.Base().Key = strings.ToLower(model.NameOf(rec))
	}
	item := &feed.Item{Record: rec, Where: d.at(at, where), Idents: idents}
	d.batch.AddItem(item)
	return item
}

// at returns the place of a node.
func (d *document) at(n *kit.Node, where string) feed.Where {
	if n == nil {
		n = d.body
	}
	return d.batch.At(n.Line, n.Column, cmp.Or(where, string(d.model)))
}

// addresses returns what a document calls the place that an href means: the href itself, or what the back matter says of it.
func (d *document) addresses(href string) []string {
	href = strings.TrimSpace(href)
	if id, ok := strings.CutPrefix(href, "#"); ok {
		return append([]string{strings.ToLower(id)}, d.resources[strings.ToLower(id)]...)
	}
	if href == "" {
		return nil
	}
	return []string{href}
}

// about says which record the document describes.
func (d *document) about(ref model.Ref) { d.record.Record.(*model.OscalDocument).About = ref }

// ownSpace is the name space of the properties that Binnacle adds to documents.
const ownSpace = "urn:binnacle:oscal"

// ours returns the value of a property that Binnacle wrote.
func ours(n *kit.Node, name string) string {
	for _, p := range n.List("props") {
		if p.String("ns") == ownSpace && p.String("name") == name {
			return line(p.String("value"))
		}
	}
	return ""
}

// recordKey returns the key of a record: the one that Binnacle wrote, or one made of its name.
func recordKey(n *kit.Node, name string) string {
	if key := ours(n, "record-key"); key != "" && len(key) <= 300 && !strings.ContainsAny(key, " \t\n") {
		return key
	}
	return keyOf(name, 80)
}

// line puts a text on one line.
func line(text string) string { return strings.Join(strings.Fields(text), " ") }

// moment reads a moment, also one without a zone, which is then in UTC. What cannot be read, or lies outside of years that can be kept, is unset.
func moment(text string) model.Time {
	at, err := model.ParseTime(text)
	if err != nil {
		at, err = model.ParseTime(text + "Z")
	}
	if year := at.Time().Year(); err != nil || year < 1900 || year > 2200 {
		return 0
	}
	return at
}

// day reads the day of a moment.
func day(text string) model.Date {
	if at := moment(text); !at.IsZero() {
		return at.Date()
	}
	return 0
}

// cut shortens a text to what one field may hold.
func cut(text string) string {
	const most = 1<<20 - 16
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// paragraphs joins texts that are not empty with an empty line between them.
func paragraphs(texts ...string) string {
	return cut(strings.Join(slices.DeleteFunc(texts, func(t string) bool { return strings.TrimSpace(t) == "" }), "\n\n"))
}

// keyOf makes a key of a name that is no longer than so many bytes and ends with a word.
func keyOf(name string, most int) string {
	key := strings.Trim(strings.ReplaceAll(feed.SlugOf(name), "/", "-"), "-.")
	if len(key) > most {
		key = strings.ToValidUTF8(key[:most], "")
		if i := strings.LastIndexByte(key, '-'); i > most/2 {
			key = key[:i]
		}
	}
	return key
}

var (
	designation = regexp.MustCompile(`\b((?:[A-Z][A-Z/]+ )+)((?:Special Publication |Rev(?:ision|\.)? ?|[Vv](?:ersion)? ?)?\d[\w:-]*(?:\.\d+)*)`)
	revision    = regexp.MustCompile(`(?i)^,?\s*(?:\(|,\s*)?\b(?:rev(?:ision|\.)?)\s*(\d[\d.]*)`)
	shortened   = strings.NewReplacer("Special Publication", "SP", "Cybersecurity Framework", "CSF", "Privacy Framework", "PF", "Artificial Intelligence", "AI", "Risk Management Framework", "RMF", "Version ", "V")
)

// shortTitle returns a title in the short form that people use as a name: SP 800-53 Rev 5, CSF 2.0.
func shortTitle(title string) string {
	text := shortened.Replace(title)
	if m := designation.FindStringSubmatchIndex(text); m != nil {
		short := text[m[2]:m[1]]
		behind := text[m[1]:]
		if r := revision.FindStringSubmatch(behind); r != nil {
			short += "-rev" + strings.TrimRight(r[1], ".")
			behind = behind[len(r[0]):]
		}
		short = strings.TrimPrefix(strings.TrimPrefix(short, "NIST "), "the ")
		if before, _, found := strings.Cut(behind, ":"); found || len(behind) < 30 {
			short += before
		}
		return short
	}
	text, _, _ = strings.Cut(text, ":")
	return text
}

// content returns the document as it is kept: what stands around the controls of a catalogue, or all of it.
func (d *document) content() string {
	body := d.body
	if d.model == model.OscalCatalog || d.model == model.OscalMapping {
		slim := *body
		slim.Items = slices.DeleteFunc(slices.Clone(body.Items), func(n *kit.Node) bool {
			return d.model == model.OscalCatalog && (n.Name == "groups" || n.Name == "controls")
		})
		body = &slim
	}
	var out bytes.Buffer
	writeJSON(&out, body, "")
	if out.Len() < 128<<10 {
		return out.String()
	}
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	_, _ = w.Write(out.Bytes())
	_ = w.Close()
	text := "gzip:" + base64.StdEncoding.EncodeToString(packed.Bytes())
	if len(text) > 1<<20-16 {
		d.batch.Note("%s is too long to be kept as a whole: what has no place in records will not be given back when it is written again.", d.title)
		return ""
	}
	return text
}

// writeJSON writes a node as JSON, with the numbers and booleans that OSCAL has. Owner is the member that it stands in.
func writeJSON(out *bytes.Buffer, n *kit.Node, owner string) {
	text := kit.Clean(n.Text)
	switch {
	case n.Shape == kit.Null:
		out.WriteString("null")
	case n.Shape == kit.List:
		out.WriteByte('[')
		for i, item := range n.Items {
			if i > 0 {
				out.WriteByte(',')
			}
			writeJSON(out, item, cmp.Or(n.Name, owner))
		}
		out.WriteByte(']')
	case n.Shape == kit.Object:
		out.WriteByte('{')
		for i, item := range n.Items {
			if i > 0 {
				out.WriteByte(',')
			}
			out.WriteString(quote(kit.Clean(item.Name)))
			out.WriteByte(':')
			writeJSON(out, item, cmp.Or(n.Name, owner))
		}
		out.WriteByte('}')
	case isNumber(n.Name, owner) && strconv.Itoa(atoi(text)) == text, n.Name == "as-is" && (text == "true" || text == "false"):
		out.WriteString(text)
	default:
		out.WriteString(quote(text))
	}
}

// isNumber reports whether a member is a number in the JSON of OSCAL.
func isNumber(name, owner string) bool {
	return owner == "port-ranges" && (name == "start" || name == "end") || owner == "at-frequency" && name == "period"
}

func atoi(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func quote(text string) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(text); err != nil {
		return `""`
	}
	return strings.TrimSuffix(out.String(), "\n")
}

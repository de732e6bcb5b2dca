package demo

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binnacle/model"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// today is the day on which the demo company is looked at.
var today = model.MustDate("2026-11-21")

// entry is one record as a file gives it: the fields by name, not read yet.
type entry struct {
	file, kind, key string
	fields          map[string]any
}

func (e entry) where() string { return e.file + ": " + e.kind + "/" + e.key }

// company is the demo company, read by the test itself and not by the feeds.
type company struct {
	entries []entry
	records map[string]model.Record // by Kind/key; a later file adds to the record of an earlier one
	files   map[string]string       // the first file that has Kind/key
	names   map[model.Ref]string    // Kind/key by ref
}

func refOf(name string) model.Ref {
	var r model.Ref
	sum := sha256.Sum256([]byte(name))
	copy(r[:], sum[:])
	return r
}

// Resolve finds a record by key where one kind is possible, and by Kind/key otherwise.
func (c *company) Resolve(kinds []string, text string) (model.Ref, error) {
	name := text
	if len(kinds) == 1 && !strings.HasPrefix(text, kinds[0]+"/") {
		name = kinds[0] + "/" + text
	}
	kind, _, _ := strings.Cut(name, "/")
	if len(kinds) > 0 && !slices.Contains(kinds, kind) {
		return model.Ref{}, fmt.Errorf("%q does not point to one of %v", text, kinds)
	}
	if _, ok := c.files[name]; !ok {
		return model.Ref{}, fmt.Errorf("there is no %q", name)
	}
	return refOf(name), nil
}

func text(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(Files(), name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// loaded is the company once it was read without an error. Tests do not change it.
var loaded *company

// load reads all files that hold records in our own field names, and the keys of the technologies.
func load(t *testing.T) *company {
	t.Helper()
	if loaded != nil {
		return loaded
	}
	c := &company{records: map[string]model.Record{}, files: map[string]string{}, names: map[model.Ref]string{}}
	sheets := map[string]string{
		"hosts.csv": "Host", "assets.csv": "Asset", "contracts.csv": "Contract", "workplace/assets.csv": "Asset",
		"finance/exchange-rates.csv": "ExchangeRate", "finance/budgets.csv": "Budget", "finance/invoices.csv": "Invoice",
		"compliance/observations.csv": "Observation", "security/attestations.csv": "Attestation", "security/training.csv": "TrainingRecord",
	}
	for _, name := range Order {
		switch {
		case strings.HasPrefix(name, "technologies/"):
			p := product(t, name)
			c.add(entry{name, "Technology", strings.TrimPrefix(p.Permalink, "/"), map[string]any{"name": p.Title, "category": p.Category}})
		case strings.HasPrefix(name, "decisions/"):
			c.addDecision(t, name)
		case strings.HasPrefix(name, "manifests/"):
			c.addManifest(t, name)
		case sheets[name] != "":
			c.addSheet(t, name, sheets[name])
		case strings.HasPrefix(name, "grants/"):
			c.addGrants(t, name)
		}
	}
	for _, e := range c.entries {
		c.read(t, e)
	}
	if !t.Failed() {
		loaded = c
	}
	return c
}

func (c *company) add(e entry) {
	c.entries = append(c.entries, e)
	name := e.kind + "/" + e.key
	if _, seen := c.files[name]; !seen {
		c.files[name] = e.file
		c.names[refOf(name)] = name
	}
}

// addDecision reads the head and the title of a decision record. Its key is adr- with the name of its file.
func (c *company) addDecision(t *testing.T, name string) {
	t.Helper()
	head, body, found := strings.Cut(strings.TrimPrefix(text(t, name), "---\n"), "\n---\n")
	var says struct{ Status, Date string }
	if err := yaml.Unmarshal([]byte(head), &says); err != nil || !found {
		t.Fatalf("%s: its head cannot be read: %v", name, err)
	}
	state, _, _ := strings.Cut(says.Status, " ")
	title, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(body), "# "), "\n")
	number, _, _ := strings.Cut(path.Base(name), "-")
	c.add(entry{name, "DecisionRecord", "adr-" + strings.TrimSuffix(path.Base(name), ".md"), map[string]any{"name": title, "state": state, "decided": says.Date, "number": strings.TrimLeft(number, "0")}})
}

// additions are manifests that say more about records of files before them.
var additions = []string{"manifests/host-roles.yaml", "manifests/contract-terms.yaml", "manifests/supplier-file.yaml", "manifests/asset-life.yaml", "manifests/identity.yaml", "manifests/decisions.yaml"}

func (c *company) addManifest(t *testing.T, name string) {
	t.Helper()
	dec := yaml.NewDecoder(strings.NewReader(text(t, name)))
	for {
		fields := map[string]any{}
		err := dec.Decode(&fields)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e := entry{name, fmt.Sprint(fields["kind"]), fmt.Sprint(fields["key"]), fields}
		delete(fields, "kind")
		delete(fields, "key")
		if _, seen := c.files[e.kind+"/"+e.key]; seen && !slices.Contains(additions, name) {
			t.Errorf("%s: there is such a record already", e.where())
		}
		c.add(e)
	}
}

func (c *company) addSheet(t *testing.T, name, kind string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text(t, name))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, row := range rows[1:] {
		e := entry{file: name, kind: kind, fields: map[string]any{}}
		for i, header := range rows[0] {
			e.fields[header] = row[i]
		}
		e.key = fmt.Sprint(e.fields["key"])
		if says, ok := e.fields["kind"]; ok && says != kind {
			t.Errorf("%s: the row says that it is a %v", e.where(), says)
		}
		delete(e.fields, "key")
		delete(e.fields, "kind")
		if _, seen := c.files[kind+"/"+e.key]; seen {
			t.Errorf("%s: there is such a row already", e.where())
		}
		c.add(e)
	}
}

// addGrants keeps in mind what the tables of systems name, so that manifests may point to it. It is no record of a file of ours.
func (c *company) addGrants(t *testing.T, name string) {
	t.Helper()
	slug := func(text string) string { return strings.ReplaceAll(strings.ToLower(text), " ", "-") }
	for _, r := range rows(t, name) {
		account, entitlement := r["system"]+":"+r["account"], r["system"]+":"+slug(r["entitlement"])
		for _, known := range []string{"UserAccount/" + account, "Entitlement/" + entitlement, "Grant/" + account + ":" + slug(r["entitlement"])} {
			if _, seen := c.files[known]; !seen {
				c.files[known], c.names[refOf(known)] = name, known
			}
		}
	}
}

// read puts the fields of an entry into its record through the model, and reports what does not fit.
func (c *company) read(t *testing.T, e entry) {
	t.Helper()
	kind := model.Builtin().Kind(e.kind)
	if kind == nil || kind.Name != e.kind {
		t.Errorf("%s: there is no kind %q", e.where(), e.kind)
		return
	}
	name := e.kind + "/" + e.key
	rec := c.records[name]
	if rec == nil {
		rec = kind.New()
		rec.Base().Key = e.key
		c.records[name] = rec
	}
	for field, in := range e.fields {
		f := kind.Field(strings.TrimPrefix(field, kind.Name+"."))
		if f == nil {
			t.Errorf("%s: %s has no field %q", e.where(), kind.Name, field)
			continue
		}
		value, err := f.Read(plain(in), c)
		if err != nil {
			t.Errorf("%s: %v", e.where(), err)
			continue
		}
		if s, ok := in.(string); ok && f.Type == model.EnumField && s != "" && fmt.Sprint(value) != s {
			t.Errorf("%s: %s: %q is the label of an option, not its stored value", e.where(), field, s)
		}
		if value != nil {
			f.Set(rec, value)
		}
	}
	for _, p := range kind.Check(rec) {
		t.Errorf("%s: %v", e.where(), p)
	}
}

// plain turns what YAML gives into what the model reads: dates back into text.
func plain(in any) any {
	switch in := in.(type) {
	case []any:
		out := make([]any, len(in))
		for i, x := range in {
			out[i] = plain(x)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, x := range in {
			out[k] = plain(x)
		}
		return out
	case interface{ Format(string) string }:
		return in.Format("2006-01-02")
	}
	return in
}

// all returns the records of one kind by key.
func all[R model.Record](c *company) map[string]R {
	out := map[string]R{}
	for _, rec := range c.records {
		if r, ok := rec.(R); ok {
			out[rec.Base().Key] = r
		}
	}
	return out
}

func get[R model.Record](t *testing.T, c *company, key string) R {
	t.Helper()
	rec, ok := all[R](c)[key]
	if !ok {
		t.Fatalf("there is no %T with the key %q", rec, key)
	}
	return rec
}

func TestOrderListsEveryFileOnce(t *testing.T) {
	var have []string
	err := fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			have = append(have, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(Order)
	slices.Sort(want)
	slices.Sort(have)
	if diff := cmp.Diff(have, want); diff != "" {
		t.Errorf("the embedded files (-) and Order (+) differ:\n%s", diff)
	}
}

// Every value is one that its field takes, and every ref has a target: load reports the rest.
func TestEveryValueFitsTheModel(t *testing.T) {
	if c := load(t); len(c.records) < 1000 {
		t.Errorf("only %d records were read", len(c.records))
	}
}

func TestRefsPointBackwards(t *testing.T) {
	c := load(t)
	place := map[string]int{}
	for i, name := range Order {
		place[name] = i
	}
	place["manifests/organisation.yaml"] = place["manifests/people.yaml"]
	for _, e := range c.entries {
		kind := model.Builtin().Kind(e.kind)
		rec := kind.New()
		for field, in := range e.fields {
			if f := kind.Field(field); f != nil {
				if value, err := f.Read(plain(in), c); err == nil && value != nil {
					f.Set(rec, value)
				}
			}
		}
		for _, f := range kind.RefFields() {
			for _, ref := range f.AppendRefs(nil, rec) {
				if target := c.names[ref]; place[c.files[target]] > place[e.file] {
					t.Errorf("%s points to %s, which comes later in %s", e.where(), target, c.files[target])
				}
			}
		}
	}
}

func TestIdentitiesAreUnique(t *testing.T) {
	c := load(t)
	owner := map[string]string{}
	for name, rec := range c.records {
		kind := model.Builtin().Of(rec)
		for _, f := range kind.Fields {
			if f.Ident == "" {
				continue
			}
			values := []string{fmt.Sprint(f.Get(rec))}
			if list, ok := f.Get(rec).([]string); ok {
				values = list
			}
			for _, v := range values {
				id := kind.Name + " " + f.Ident + " " + strings.ToLower(v)
				if v != "" && v != "<nil>" && owner[id] != "" && owner[id] != name {
					t.Errorf("%s and %s share %s", owner[id], name, id)
				}
				owner[id] = name
			}
		}
	}
}

// An asset and the machine that runs on it have one serial number.
func TestAssetsAgreeWithMachines(t *testing.T) {
	c := load(t)
	for key, a := range all[*model.Asset](c) {
		if a.Is.IsZero() {
			continue
		}
		serial := ""
		switch is := c.records[c.names[a.Is]].(type) {
		case *model.Host:
			serial = is.Serial
		case *model.NetworkDevice:
			serial = is.Serial
		}
		if serial != a.Serial {
			t.Errorf("assets.csv: %s has the serial number %q, but %s has %q", key, a.Serial, c.names[a.Is], serial)
		}
	}
}

func TestReadmeCounts(t *testing.T) {
	c := load(t)
	counts := map[string]int{}
	for name := range c.records {
		kind, _, _ := strings.Cut(name, "/")
		counts[kind]++
	}
	counts["Host"] = len(machines(t, c))
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([A-Z]\w+) \| (\d+) \|`).FindAllStringSubmatch(string(readme), -1) {
		n := 0
		fmt.Sscan(m[2], &n)
		told[m[1]] = n
	}
	if diff := cmp.Diff(counts, told); diff != "" {
		t.Errorf("the files (-) and the table in README.md (+) differ:\n%s", diff)
	}
}

// machine is what the three inventories say of one machine that identity rules go by.
type machine struct {
	file   string
	idents []string
	serial string
}

// machines joins hosts.csv, the agents' files and the scan by serial number, name and address.
func machines(t *testing.T, c *company) [][]machine {
	t.Helper()
	var seen []machine
	for _, h := range all[*model.Host](c) {
		seen = append(seen, machineOf("hosts.csv", h.Serial, h.FQDN, h.UUID, h.MACs))
	}
	seen = append(seen, agents(t)...)
	seen = append(seen, scan(t)...)
	var joined [][]machine
	at := map[string]int{}
	for _, m := range seen {
		place := -1
		for _, id := range m.idents {
			if i, ok := at[id]; ok {
				if place >= 0 && i != place {
					t.Errorf("%s: %v belongs to two machines: %v and %v", m.file, m.idents, joined[i], joined[place])
				}
				place = i
			}
		}
		if place < 0 {
			place = len(joined)
			joined = append(joined, nil)
		}
		joined[place] = append(joined[place], m)
		for _, id := range m.idents {
			at[id] = place
		}
	}
	return joined
}

func machineOf(file, serial, fqdn, uuid string, macs []string) machine {
	m := machine{file: file, serial: serial}
	for id, values := range map[string][]string{"serial": {serial}, "fqdn": {fqdn}, "uuid": {uuid}, "mac": macs} {
		for _, v := range values {
			if v != "" {
				m.idents = append(m.idents, id+" "+strings.ToLower(v))
			}
		}
	}
	return m
}

func agents(t *testing.T) []machine {
	t.Helper()
	var out []machine
	for _, name := range Order {
		if !strings.HasSuffix(name, ".glpi.json") {
			continue
		}
		var doc struct {
			Action, DeviceID, ItemType string
			Content                    struct {
				VersionClient   string
				Hardware        struct{ Name, UUID string }
				BIOS            struct{ SSN string }
				OperatingSystem struct{ FQDN string }
				Networks        []struct{ Description, MAC string }
				Softwares       []struct{ Name string }
			}
		}
		if err := json.Unmarshal([]byte(text(t, name)), &doc); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if doc.Action != "inventory" || doc.ItemType != "Computer" || doc.DeviceID == "" || doc.Content.VersionClient == "" || len(doc.Content.Softwares) == 0 {
			t.Errorf("%s: it is not the inventory of a computer", name)
		}
		var macs []string
		for _, n := range doc.Content.Networks {
			macs = append(macs, n.MAC)
		}
		out = append(out, machineOf(name, doc.Content.BIOS.SSN, doc.Content.OperatingSystem.FQDN, doc.Content.Hardware.UUID, macs))
	}
	return out
}

func scan(t *testing.T) []machine {
	t.Helper()
	const name = "inventory/gothenburg-port.nmap.xml"
	var doc struct {
		Hosts []struct {
			Addresses []struct {
				Addr string `xml:"addr,attr"`
				Type string `xml:"addrtype,attr"`
			} `xml:"address"`
			Names []struct {
				Name string `xml:"name,attr"`
			} `xml:"hostnames>hostname"`
		} `xml:"host"`
	}
	if err := xml.Unmarshal([]byte(text(t, name)), &doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var out []machine
	for _, h := range doc.Hosts {
		fqdn, mac := "", ""
		for _, n := range h.Names {
			fqdn = n.Name
		}
		for _, a := range h.Addresses {
			if a.Type == "mac" {
				mac = a.Addr
			}
		}
		out = append(out, machineOf(name, "", fqdn, "", []string{mac}))
	}
	return out
}

func TestInventoriesJoin(t *testing.T) {
	joined := machines(t, load(t))
	kinds := map[string]int{}
	for _, same := range joined {
		var files []string
		for _, m := range same {
			files = append(files, strings.TrimPrefix(path.Ext(strings.TrimSuffix(strings.TrimSuffix(m.file, ".json"), ".xml")), "."))
			if m.serial != "" && same[0].serial != "" && m.serial != same[0].serial {
				t.Errorf("%s: the serial number is %q, but %q in %s", m.file, m.serial, same[0].serial, same[0].file)
			}
		}
		kinds[strings.Join(files, "+")]++
	}
	want := map[string]int{"csv": 280, "csv+glpi": 2, "csv+nmap": 10, "glpi": 4, "nmap": 4}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("which inventories know a machine (-want +got):\n%s", diff)
	}
	if len(joined) != 300 {
		t.Errorf("there are %d machines; 300 were planned", len(joined))
	}
}

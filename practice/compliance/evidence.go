package compliance

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// EvidencePackageIn says what an auditor takes away.
type EvidencePackageIn struct {
	// Audit is the audit that the package is for. Its scope, frameworks and period count where the ones below are unset.
	Audit model.Ref `to:"Audit"`
	// Scope is the scope. Unset means that of the audit, or the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
	// Framework limits the package to one framework.
	Framework model.Ref `to:"Framework"`
	// From is the first day whose observations are in it. Unset means that of the audit, or a year ago.
	From model.Date
	// Until is the last day. Unset means that of the audit, or today.
	Until model.Date
}

// EvidencePackageOut is what an auditor takes away.
type EvidencePackageOut struct {
	// Requirements is how many requirements are in it.
	Requirements practice.Figure
	// Observations is how many observations of the period are in it.
	Observations practice.Figure
	// Missing is how many applicable requirements have no observation in the period.
	Missing practice.Figure
	// Package is a ZIP file: index.html to read and print, the records as JSON, OSCAL documents, and a manifest with the SHA-256 of each file.
	Package practice.File
	// Files are the files of the package.
	Files practice.Table[PackedRow]
}

// PackedRow is one file of a package.
type PackedRow struct {
	// Name is the name of the file in the package.
	Name string
	// Size is how long it is.
	Size int `unit:"bytes"`
	// Digest is the SHA-256 of its content, in hexadecimal.
	Digest string
}

// EvidencePackage makes one file that an auditor takes away and reads without Binnacle: for each requirement its controls, their tests, the
// observations of the period with their evidence and dates, exceptions and findings; the records behind them as JSON; and a manifest that proves that nothing was changed. The same estate always gives the same bytes.
func EvidencePackage(v estate.View, in EvidencePackageIn) (EvidencePackageOut, error) {
	var out EvidencePackageOut
	b, err := newBundle(v, in)
	if err != nil {
		return out, err
	}
	b.gather()
	page, err := b.page()
	if err != nil {
		return out, err
	}
	files := []practice.File{{Name: "index.html", Content: page}, {Name: "style.css", Content: []byte(packageStyle)}, {Name: "records.json", Content: b.recordsJSON()}}
	documents, err := oscalFiles(v, b.scope.scopeRef(), in.Audit)
	if err != nil {
		return out, err
	}
	for _, f := range documents {
		files = append(files, practice.File{Name: "oscal/" + f.Name, Content: f.Content})
	}
	if out.Package.Content, out.Files.Rows, err = b.pack(files); err != nil {
		return out, err
	}
	out.Package.Name, out.Package.Type = "evidence-"+b.key+"-"+b.until.String()+".zip", "application/zip"
	out.Requirements = practice.Counted("requirements", practice.Neither, b.required)
	out.Observations = practice.Figure{Value: float64(b.seen), Unit: "observations"}
	out.Missing = practice.Counted("requirements", practice.Lower, b.missing)
	return out, nil
}

// bundle is an evidence package in work.
type bundle struct {
	v           estate.View
	scope       *Scope
	audit       *model.Audit
	key         string
	from, until model.Date
	frameworks  []*model.Framework

	pages    []pageFramework
	tests    map[model.Ref]*pageTest
	order    []*pageTest
	records  map[model.Ref]model.Record
	required []practice.Link
	missing  []practice.Link
	seen     int
}

func (s *Scope) scopeRef() model.Ref {
	if s.scope == nil {
		return model.Ref{}
	}
	return s.scope.Ref()
}

func newBundle(v estate.View, in EvidencePackageIn) (*bundle, error) {
	b := &bundle{v: v, key: "company", from: in.From, until: in.Until, tests: map[model.Ref]*pageTest{}, records: map[model.Ref]model.Record{}}
	scope := in.Scope
	var wanted []model.Ref
	if !in.Audit.IsZero() {
		a, err := looked[*model.Audit](v, "audit", in.Audit)
		if err != nil {
			return nil, err
		}
		b.audit, b.key = a, a.Key
		b.add(a)
		if scope.IsZero() {
			scope = a.Scope
		}
		b.from, b.until = cmp.Or(b.from, a.From), cmp.Or(b.until, a.Until)
		for _, ref := range a.Frameworks {
			if base, ok := estate.Look[*model.Baseline](v, ref); ok {
				wanted = append(wanted, base.Frameworks...)
			} else {
				wanted = append(wanted, ref)
			}
		}
	}
	if !in.Framework.IsZero() {
		wanted = []model.Ref{in.Framework}
	}
	b.until = cmp.Or(b.until, v.At())
	b.from = cmp.Or(b.from, b.until.AddMonths(-12)+1)
	if b.from > b.until {
		return nil, model.Problem{Field: "from", Text: fmt.Sprintf("%s is after the last day, %s", b.from, b.until)}
	}
	var err error
	if b.scope, err = scopeOf(v, scope); err != nil {
		return nil, err
	}
	if b.scope.scope != nil {
		b.add(b.scope.scope)
		if b.audit == nil {
			b.key = b.scope.scope.Key
		}
	}
	for _, f := range b.scope.Frameworks() {
		if len(wanted) == 0 || slices.Contains(wanted, f.Ref()) {
			b.frameworks = append(b.frameworks, f)
		}
	}
	return b, nil
}

// add notes a record that the package is about.
func (b *bundle) add(rec model.Record) { b.records[rec.Base().Ref()] = rec }

// gather collects what the page shows, requirement by requirement, and every test once.
func (b *bundle) gather() {
	for _, f := range b.frameworks {
		b.add(f)
		page := pageFramework{Name: f.Title(), Edition: f.Edition}
		for _, r := range b.scope.ix.of(f.Ref()) {
			if r.Withdrawn {
				continue
			}
			item := pageRequirement{ID: r.Key, Label: label(r), Group: r.Type == model.RequirementGroup, Text: r.Statement}
			b.add(r)
			if !item.Group {
				b.required = append(b.required, practice.To(r))
				b.fill(&item, b.scope.Of(r))
			}
			page.Requirements = append(page.Requirements, item)
		}
		b.pages = append(b.pages, page)
	}
	slices.SortFunc(b.order, func(x, y *pageTest) int { return cmp.Compare(x.ID, y.ID) })
	if b.audit != nil {
		for _, q := range requestsOf(b.v, b.audit) {
			b.add(q)
		}
		for _, f := range findingsOf(b.v, b.audit) {
			b.add(f)
		}
	}
}

// fill puts what is known about a requirement into its part of the page.
func (b *bundle) fill(item *pageRequirement, st *Standing) {
	item.State, item.StateLabel, item.Reason = st.State, sentence(words(st.State)), st.Reason
	if st.State == NotApplicable {
		return
	}
	for _, c := range st.Controls {
		b.add(c.Control)
		one := pageControl{Name: c.Control.Title(), Statement: c.Control.Statement, Remarks: c.Says.Remarks, Owner: practice.OwnerOf(b.v, c.Control).Title(), State: string(c.State)}
		for _, t := range c.Tests {
			one.Tests = append(one.Tests, b.test(t))
		}
		item.Controls = append(item.Controls, one)
	}
	for _, t := range st.Direct {
		item.Tests = append(item.Tests, b.test(t))
	}
	if st.Via != nil {
		b.add(st.Via)
	}
	for _, f := range st.Findings {
		b.add(f)
		item.Findings = append(item.Findings, findingText(f))
		for e := range b.v.In(f.Ref()) {
			if i, ok := e.Record.(*model.PlanItem); ok {
				b.add(i)
				item.Plan = append(item.Plan, fmt.Sprintf("%s, %s, due %s.", i.Title(), cmp.Or(i.State, model.PlanOpen), i.Due))
			}
		}
	}
	for _, e := range st.Exceptions {
		b.add(e)
		by := practice.To(b.v.Get(e.ApprovedBy)).Title()
		item.Exceptions = append(item.Exceptions, fmt.Sprintf("%s, approved by %s until %s: %s", e.Title(), cmp.Or(by, "nobody"), e.Expires, e.Reason))
	}
	none := !slices.ContainsFunc(item.Tests, func(t *pageTest) bool { return len(t.Runs) > 0 })
	for _, c := range item.Controls {
		none = none && !slices.ContainsFunc(c.Tests, func(t *pageTest) bool { return len(t.Runs) > 0 })
	}
	if item.Unobserved = none; none {
		b.missing = append(b.missing, practice.To(st.Requirement))
	}
}

// test returns the part of the page about one test, made once.
func (b *bundle) test(s controls.Standing) *pageTest {
	t := s.Test
	if got := b.tests[t.Ref()]; got != nil {
		return got
	}
	b.add(t)
	out := &pageTest{ID: t.Key, Name: t.Title(), Description: t.Description, State: string(s.State), Method: string(cmp.Or(t.Method, "test"))}
	switch {
	case t.Check != "":
		out.How = "Check " + t.Check
		if t.Parameters != "" {
			out.How += " with " + t.Parameters
		}
	case t.Rule != "":
		out.How = fmt.Sprintf("Rule for every %s %s: %s", t.Kind, t.Where, t.Rule)
	default:
		out.How = t.Steps
	}
	for _, o := range slices.Backward(b.scope.book.History(t)) {
		on := o.Collected.Date()
		if on > b.until || on < b.from {
			continue
		}
		b.add(o)
		b.seen++
		run := pageRun{ID: o.Key, Collected: o.Collected.String(), Result: string(o.Result), Text: o.Text, Looked: o.Looked, By: practice.To(b.v.Get(o.By)).Title(), Position: o.Position, Digest: o.Digest, Method: o.Method}
		if !o.Expires.IsZero() {
			run.Expires = o.Expires.String()
		}
		for _, e := range o.Evidence {
			line := pageEvidence{Subject: practice.To(b.v.Get(e.Subject)).String(), Text: e.Text, Link: e.Link, Holds: e.Holds}
			if a, ok := estate.Look[*model.Attachment](b.v, e.Subject); ok {
				b.add(a)
				line.Text += fmt.Sprintf(" File %s, %d bytes, SHA-256 %s.", a.FileName, a.Size, a.Digest)
			}
			run.Evidence = append(run.Evidence, line)
		}
		out.Runs = append(out.Runs, run)
	}
	b.tests[t.Ref()] = out
	b.order = append(b.order, out)
	return out
}

// recordsJSON writes the records behind the page as JSON, by kind and key.
func (b *bundle) recordsJSON() []byte {
	list := make([]model.Record, 0, len(b.records))
	for _, rec := range b.records {
		list = append(list, rec)
	}
	slices.SortFunc(list, func(x, y model.Record) int {
		return cmp.Or(cmp.Compare(model.NameOf(x), model.NameOf(y)), cmp.Compare(x.Base().Key, y.Base().Key))
	})
	out := []byte("[\n")
	for i, rec := range list {
		if i > 0 {
			out = append(out, ",\n"...)
		}
		out = fmt.Appendf(out, `{"kind":%q,"record":`, model.NameOf(rec))
		out = b.v.Schema().Of(rec).AppendRecord(out, rec, b.v)
		out = append(out, '}')
	}
	return append(out, "\n]\n"...)
}

// manifest says what is in a package and what it was made of.
type manifest struct {
	Title   string        `json:"title"`
	Scope   string        `json:"scope"`
	From    model.Date    `json:"from"`
	Until   model.Date    `json:"until"`
	Journal model.Stamp   `json:"journal"`
	Files   []packedEntry `json:"files"`
}

type packedEntry struct {
	Name   string `json:"name"`
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"`
}

// pack puts files into a ZIP, with a manifest and with a list of digests that sha256sum checks.
func (b *bundle) pack(files []practice.File) ([]byte, []PackedRow, error) {
	m := manifest{Title: b.title(), Scope: b.scopeTitle(), From: b.from, Until: b.until, Journal: b.v.Stamp()}
	var rows []PackedRow
	var sums []byte
	note := func(f practice.File) {
		sum := sha256.Sum256(f.Content)
		row := PackedRow{f.Name, len(f.Content), hex.EncodeToString(sum[:])}
		rows = append(rows, row)
		sums = fmt.Appendf(sums, "%s  %s\n", row.Digest, row.Name)
	}
	for _, f := range files {
		note(f)
		m.Files = append(m.Files, packedEntry{f.Name, len(f.Content), rows[len(rows)-1].Digest})
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, nil, err
	}
	last := practice.File{Name: "manifest.json", Content: append(raw, '\n')}
	note(last)
	files = append(files, last, practice.File{Name: "SHA256SUMS", Content: sums})
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range files {
		part, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: b.v.At().Time()})
		if err == nil {
			_, err = part.Write(f.Content)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return out.Bytes(), rows, nil
}

func (b *bundle) title() string {
	if b.audit != nil {
		return "Evidence for " + b.audit.Title()
	}
	return "Evidence for " + b.scopeTitle()
}

func (b *bundle) scopeTitle() string {
	if b.scope.scope == nil {
		return "the company as a whole"
	}
	return b.scope.scope.Title()
}

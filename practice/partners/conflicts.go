package partners

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ConflictsIn says which conflicts are looked at.
type ConflictsIn struct {
	// Partner limits the answer to one partner.
	Partner model.Ref `to:"Partner"`
	// Open leaves out what somebody decided about.
	Open bool
}

// ConflictsOut are the conflicts of interest with partners.
type ConflictsOut struct {
	// Count is how many conflicts there are.
	Count practice.Figure
	// Undecided is how many of them nobody decided about, or whose decision is over.
	Undecided practice.Figure
	// Findings say what is undecided, and which companies seem to be the same, the worst first.
	Findings []practice.Finding
	// Conflicts are the conflicts, the undecided ones first.
	Conflicts practice.Table[ConflictRow]
}

// ConflictRow is a conflict of interest with a partner.
type ConflictRow struct {
	// Partner is the partner.
	Partner practice.Link
	// Type says what sort of conflict it is.
	Type model.PartnerConflictType
	// With is what the partner is in conflict with.
	With practice.Link
	// Text says it in a sentence.
	Text string
	// Severity says how much it matters.
	Severity practice.Severity
	// Verdict says what was decided about it.
	Verdict model.ConflictVerdict
	// Decided is the day of the decision.
	Decided model.Date
	// Until is the day by which it is to be decided anew.
	Until model.Date
	// Reason says why it was decided so.
	Reason string
	// Owner is who answers for the partner.
	Owner practice.Link
	// From are the records that show it.
	From []practice.Link
}

// open reports whether nobody decided about a conflict, or the decision is over.
func (r *ConflictRow) open(at model.Date) bool {
	return r.Verdict == "" || !r.Until.IsZero() && r.Until < at
}

// Conflicts tells where the interests of partners are against each other or against
// ours: a partner that competes with a product, a vendor or another partner of ours; two partners in a field that was promised to one alone; a
// partner that is a vendor with which something critical falls; a partner that is the same company as a competitor. Companies are the same
// where records link them, where their pages are under one domain, or where their names are equal but for case, punctuation and legal form.
func Conflicts(v estate.View, in ConflictsIn) (ConflictsOut, error) {
	var out ConflictsOut
	var all, undecided []practice.Link
	rows, twins := conflictsIn(v)
	for _, r := range rows {
		mine := in.Partner.IsZero() || in.Partner == model.Ref(r.Partner.ID) || in.Partner == model.Ref(r.With.ID)
		open := r.open(v.At())
		if !mine || in.Open && !open {
			continue
		}
		out.Conflicts.Rows = append(out.Conflicts.Rows, r)
		all = append(all, r.Partner)
		if open {
			undecided = append(undecided, r.Partner)
			out.Findings = append(out.Findings, conflictFinding(r))
		}
	}
	for _, f := range twins {
		if in.Partner.IsZero() || in.Partner == model.Ref(f.About.ID) {
			out.Findings = append(out.Findings, f)
		}
	}
	slices.SortStableFunc(out.Conflicts.Rows, func(a, b ConflictRow) int {
		return cmp.Or(cmp.Compare(toInt(!a.open(v.At())), toInt(!b.open(v.At()))), cmp.Compare(b.Severity.Weight(), a.Severity.Weight()))
	})
	practice.WorstFirst(out.Findings)
	out.Count = practice.Counted("conflicts", practice.Lower, all)
	out.Undecided = practice.Counted("conflicts", practice.Lower, undecided)
	return out, nil
}

func conflictFinding(r ConflictRow) practice.Finding {
	text := r.Text
	if r.Verdict != "" {
		text += fmt.Sprintf(" What was decided about it held until %s.", r.Until)
	}
	f := practice.Finding{Severity: r.Severity, Text: text, About: r.Partner, From: r.From, Owner: r.Owner, Mend: &practice.Mend{Action: "partners.decide_conflict", Parameters: map[string]string{"partner": r.Partner.Key, "type": string(r.Type)}}}
	if !r.With.IsZero() {
		f.Mend.Parameters["with"] = r.With.String()
	}
	return f
}

// found are all conflicts that a view sees, and companies that seem to be the same and are not linked.
type found struct {
	rows  []ConflictRow
	twins []practice.Finding
}

// conflictsIn returns the conflicts of partners that are not over. They are looked for once for each snapshot, sight and day.
func conflictsIn(v estate.View) ([]ConflictRow, []practice.Finding) {
	type key struct {
		name string
		at   model.Date
	}
	out := v.Memo(key{"partners.conflicts", v.At()}, func() any {
		s := &search{view: v, companies: companiesOf(v), fields: map[string][]*model.Partner{}}
		for p := range estate.Each[*model.Partner](v) {
			if !isOver(p) {
				s.partners = append(s.partners, p)
				for _, f := range slices.Concat(p.Fields, p.Exclusive) {
					if name := folded(f); !slices.Contains(s.fields[name], p) {
						s.fields[name] = append(s.fields[name], p)
					}
				}
			}
		}
		for _, p := range s.partners {
			s.competes(p)
			s.exclusive(p)
			s.depended(p)
			s.competitor(p)
		}
		return &s.found
	}).(*found)
	return slices.Clone(out.rows), out.twins
}

// search looks for conflicts.
type search struct {
	view      estate.View
	partners  []*model.Partner
	fields    map[string][]*model.Partner
	companies *companies
	found
}

// add notes a conflict with what was decided about it.
func (s *search) add(p *model.Partner, t model.PartnerConflictType, with model.Record, severity practice.Severity, text string, args ...any) {
	row := ConflictRow{Partner: practice.To(p), Type: t, With: practice.To(with), Severity: severity, Text: fmt.Sprintf(text, args...), Owner: answersFor(s.view, p), From: []practice.Link{practice.To(p), practice.To(with)}}
	for _, c := range p.Conflicts {
		if c.Type == t && (c.With.IsZero() || c.With == with.Base().Ref()) && c.Decided <= s.view.At() && c.Decided >= row.Decided {
			row.Verdict, row.Decided, row.Until, row.Reason = c.Verdict, c.Decided, c.Until, c.Reason
		}
	}
	s.rows = append(s.rows, row)
}

// grade lowers what is found about a partner to whom nothing binds the company yet.
func grade(p *model.Partner, severity practice.Severity) practice.Severity {
	if isBound(p) {
		return severity
	}
	return severity.Less()
}

func (s *search) competes(p *model.Partner) {
	for _, ref := range p.CompetesWith {
		switch r := s.view.Get(ref).(type) {
		case *model.Product:
			if !practice.Gone(r, s.view.At()) {
				s.add(p, model.PartnerCompetes, r, grade(p, practice.High), "%s competes with our product %s.", p.Title(), r.Title())
			}
		case *model.Vendor:
			s.add(p, model.PartnerCompetes, r, grade(p, practice.Medium), "%s competes with our vendor %s.", p.Title(), r.Title())
		case *model.Partner:
			if !isOver(r) {
				s.add(p, model.PartnerCompetes, r, grade(p, practice.Medium), "%s competes with our partner %s.", p.Title(), r.Title())
			}
		}
	}
}

func (s *search) exclusive(p *model.Partner) {
	for _, f := range p.Exclusive {
		for _, other := range s.fields[folded(f)] {
			if other == p || stageOf(other) == model.PartnerScouted {
				continue
			}
			severity := practice.Medium
			if isBound(p) && isBound(other) {
				severity = practice.Critical
			}
			s.add(p, model.PartnerExclusive, other, severity, "The field %q is for %s alone, and %s works in it too.", strings.TrimSpace(f), p.Title(), other.Title())
		}
	}
}

func (s *search) depended(p *model.Partner) {
	vendor, ok := estate.Look[*model.Vendor](s.view, p.Vendor)
	if !ok {
		if vendor, how := s.companies.vendor(p); vendor != nil {
			s.twin(p, vendor, how)
		}
		return
	}
	if falls := fallsWith(s.view, vendor.Ref()); len(falls) > 0 {
		s.add(p, model.PartnerDepended, vendor, grade(p, practice.Medium), "%s is our vendor too, and this falls with it: %s.", p.Title(), practice.Some(falls))
		row := &s.rows[len(s.rows)-1]
		row.From = append(row.From, falls...)
	}
}

func (s *search) competitor(p *model.Partner) {
	for _, c := range s.companies.competitors(p) {
		s.add(p, model.PartnerCompetitor, c.rec, grade(p, practice.High), "%s and our competitor %s are the same company by %s.", p.Title(), c.rec.Base().Title(), c.how)
	}
}

// twin notes a partner and a vendor that seem to be the same company and are not linked, so that nobody sees what hangs on it.
func (s *search) twin(p *model.Partner, vendor *model.Vendor, how string) {
	s.twins = append(s.twins, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s seems to be the same company as our vendor %s by %s: name the vendor in the partner, so that contracts and costs are seen together.", p.Title(), vendor.Title(), how),
		About: practice.To(p), From: []practice.Link{practice.To(p), practice.To(vendor)}, Owner: answersFor(s.view, p)})
}

// companies finds vendors and competitors by what names a company.
type companies struct {
	vendors  map[string]*model.Vendor
	rivals   map[string][]*model.Competitor
	byVendor map[model.Ref][]*model.Competitor
}

func companiesOf(v estate.View) *companies {
	out := &companies{vendors: map[string]*model.Vendor{}, rivals: map[string][]*model.Competitor{}, byVendor: map[model.Ref][]*model.Competitor{}}
	for vendor := range estate.Each[*model.Vendor](v) {
		for _, n := range namesOf(vendor.Title(), vendor.Website) {
			out.vendors[n.text] = cmp.Or(out.vendors[n.text], vendor)
		}
	}
	for c := range estate.Each[*model.Competitor](v) {
		for _, n := range namesOf(c.Title(), c.Website) {
			out.rivals[n.text] = append(out.rivals[n.text], c)
		}
		if !c.Vendor.IsZero() {
			out.byVendor[c.Vendor] = append(out.byVendor[c.Vendor], c)
		}
	}
	return out
}

// vendor returns the vendor that seems to be the same company, and by what.
func (c *companies) vendor(p *model.Partner) (*model.Vendor, string) {
	for _, n := range namesOf(p.Title(), p.Website) {
		if vendor := c.vendors[n.text]; vendor != nil {
			return vendor, n.how
		}
	}
	return nil, ""
}

// same is a record of the same company, and what shows that.
type same struct {
	rec model.Record
	how string
}

// competitors returns the competitors that are the same company as a partner.
func (c *companies) competitors(p *model.Partner) []same {
	var out []same
	add := func(r *model.Competitor, how string) {
		if !slices.ContainsFunc(out, func(s same) bool { return s.rec.Base().ID == r.ID }) {
			out = append(out, same{r, how})
		}
	}
	if !p.Vendor.IsZero() {
		for _, r := range c.byVendor[p.Vendor] {
			add(r, "the vendor that both name")
		}
	}
	for _, n := range namesOf(p.Title(), p.Website) {
		for _, r := range c.rivals[n.text] {
			add(r, n.how)
		}
	}
	return out
}

// name is something that names a company.
type name struct{ text, how string }

// namesOf returns what names a company: the domain of its pages and its name without the legal form.
func namesOf(title, website string) []name {
	var out []name
	if d := DomainOf(website); d != "" {
		out = append(out, name{"domain " + d, "the domain " + d})
	}
	if n := CompanyName(title); n != "" {
		out = append(out, name{"name " + n, "name"})
	}
	return out
}

// shared are domains under which many companies have pages, so that they name none.
var shared = []string{"github.com", "gitlab.com", "linkedin.com", "facebook.com", "google.com", "medium.com", "notion.so", "x.com", "youtube.com", "crunchbase.com", "wikipedia.org"}

// DomainOf returns the domain that an address was registered under, such as
// example.co.uk of https://www.example.co.uk/about. It is empty where there is none or where many companies share it.
func DomainOf(website string) string {
	website = strings.TrimSpace(website)
	if website != "" && !strings.Contains(website, "://") {
		website = "https://" + website
	}
	u, err := url.Parse(website)
	if err != nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(strings.Trim(strings.ToLower(u.Hostname()), "."))
	if err != nil || slices.Contains(shared, domain) {
		return ""
	}
	return domain
}

// legalForms are endings of the names of companies that say what they are before the law.
var legalForms = []string{"ab", "ag", "as", "asa", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "kg", "kgaa", "limited", "llc", "llp", "ltd", "nv", "oy", "oyj", "plc", "pty", "sa", "sarl", "sas", "se", "spa", "srl", "aps"}

// CompanyName returns the name of a company in small letters without
// punctuation and legal form, so that Acme Robotics GmbH & Co. KG and ACME Robotics are equal. A name of nothing but a legal form stays.
func CompanyName(title string) string {
	clean := strings.Map(func(r rune) rune {
		switch r {
		case '.', '\'', '’':
			return -1
		case ',', '-', '/', '(', ')', '&', '+', '"':
			return ' '
		}
		return r
	}, strings.ToLower(title))
	words := strings.Fields(clean)
	for len(words) > 1 && slices.Contains(legalForms, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

// folded writes the name of a field so that case and spaces do not matter.
func folded(field string) string { return strings.Join(strings.Fields(strings.ToLower(field)), " ") }

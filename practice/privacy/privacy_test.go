package privacy_test

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice/practicetest"
	"binnacle/practice/privacy"
)

func TestScripts(t *testing.T) { practicetest.Run(t, "testdata", &privacy.Practice) }

// around is what stands around the entries of the tests of Art. 30.
const around = `
- {kind: PrivacyProfile, key: house, controller: Harbour GmbH, contact: "Quay 1, 20457 Hamburg", country: DE, officer: ada, employees: 900}
- {kind: Person, key: ada, full_name: Ada Day, email: ada@harbour.example}
- {kind: Person, key: ben, full_name: Ben Oar}
- {kind: Person, key: gus, full_name: Gus Elm, email: gus@harbour.example, left: 2026-12-31}
- {kind: Vendor, key: west, name: West Cloud, country: US}
- {kind: Vendor, key: near, name: Near Cloud, country: IE, sub_processors: [far]}
- {kind: Vendor, key: far, name: Far Help, country: IN}
- {kind: DataSet, key: abroad, name: Abroad, personal_data: true, countries: [IN]}
`

// controller and processor are entries in which nothing is missing, field by field.
var (
	controller = map[string]string{
		"kind": "ProcessingActivity", "key": "sales", "state": "active", "purposes": "[Sell goods]", "subjects": "[customers]", "data": "[{category: contact details}]", "recipients": "[{category: tax authorities}]",
		"retention": "[{category: contact details, months: 120}]", "measures": "Encrypted at rest",
	}
	processor = map[string]string{
		"kind": "ProcessingActivity", "key": "sales", "state": "active", "role": "processor", "parties": `[{name: Yard AG, contact: "yard@yard.example", processing: Sending letters}]`, "measures": "Encrypted at rest",
	}
)

// states asks for the parts of an entry that is made of another one by changing fields, as letters with their states, complete ones left out.
func states(t *testing.T, base map[string]string, profile string, change map[string]string) map[string]privacy.State {
	t.Helper()
	var fields []string
	for name, value := range base {
		if _, replaced := change[name]; !replaced {
			fields = append(fields, name+": "+value)
		}
	}
	for name, value := range change {
		if value != "" {
			fields = append(fields, name+": "+value)
		}
	}
	text := around
	if profile != "" {
		lines := strings.SplitN(strings.TrimSpace(around), "\n", 2)
		text = profile + "\n" + lines[1]
	}
	snap, err := practicetest.Estate(text + "\n- {" + strings.Join(fields, ", ") + "}\n")
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(day("2027-03-01"))
	out := map[string]privacy.State{}
	for _, p := range privacy.PartsOf(v, v.Find("ProcessingActivity", "sales").(*model.ProcessingActivity)) {
		if p.State != privacy.Complete {
			out[p.Letter] = p.State
		}
		if (len(p.Lacks) > 0) != (p.State == privacy.Missing || p.State == privacy.WherePossible) {
			t.Errorf("(%s) is %s and lacks %v", p.Letter, p.State, p.Lacks)
		}
	}
	return out
}

// TestArticle30 takes one field after the other away from a whole entry, and looks which letter of GDPR Art. 30 misses it.
func TestArticle30(t *testing.T) {
	type set = map[string]string
	none := map[string]privacy.State{"e": privacy.NotApplicable}
	also := func(letter string, s privacy.State) map[string]privacy.State {
		return map[string]privacy.State{"e": privacy.NotApplicable, letter: s}
	}
	foreign := "- {kind: PrivacyProfile, key: house, controller: Harbour Inc, contact: Quay 1, country: US, no_officer: true}"
	for name, c := range map[string]struct {
		change  set
		profile string
		want    map[string]privacy.State
	}{
		"whole":                                  {set{}, "", none},
		"(a) no controller":                      {set{}, "- {kind: PrivacyProfile, key: house, contact: Quay 1, country: DE, officer: ada}", also("a", privacy.Missing)},
		"(a) controller in the entry":            {set{"controller": "Harbour SE"}, "- {kind: PrivacyProfile, key: house, contact: Quay 1, country: DE, officer: ada}", none},
		"(a) no contact":                         {set{}, "- {kind: PrivacyProfile, key: house, controller: Harbour, country: DE, officer: ada}", also("a", privacy.Missing)},
		"(a) no officer":                         {set{}, "- {kind: PrivacyProfile, key: house, controller: Harbour, contact: Quay 1, country: DE}", also("a", privacy.Missing)},
		"(a) no officer needed":                  {set{}, "- {kind: PrivacyProfile, key: house, controller: Harbour, contact: Quay 1, country: DE, no_officer: true}", none},
		"(a) officer of the entry, no contact":   {set{"officer": "ben"}, "", also("a", privacy.Missing)},
		"(a) outside of the Union, no one in it": {set{}, foreign, also("a", privacy.Missing)},
		"(a) outside of the Union, represented":  {set{"representative": "Harbour Ireland"}, foreign, none},
		"(a) joint, nobody named":                {set{"role": "joint"}, "", also("a", privacy.Missing)},
		"(a) joint, no contact":                  {set{"role": "joint", "parties": "[{name: Yard AG}]"}, "", also("a", privacy.Missing)},
		"(a) joint":                              {set{"role": "joint", "parties": "[{name: Yard AG, contact: yard@yard.example}]"}, "", none},
		"(a) officer who left":                   {set{"officer": "gus"}, "", also("a", privacy.Missing)},
		"(b) no purposes":                        {set{"purposes": ""}, "", also("b", privacy.Missing)},
		"(c) no persons":                         {set{"subjects": ""}, "", also("c", privacy.Missing)},
		"(c) no data":                            {set{"data": ""}, "", also("c", privacy.Missing)},
		"(d) no recipients":                      {set{"recipients": ""}, "", also("d", privacy.Missing)},
		"(d) it is known that there are none":    {set{"recipients": "", "no_recipients": "true"}, "", none},
		"(d) processors are recipients":          {set{"recipients": "", "processors": "[{vendor: near}]", "transfers": "[{country: IN, safeguard: scc}]"}, "", map[string]privacy.State{}},
		"(e) a vendor abroad and no transfer":    {set{"processors": "[{vendor: west}]"}, "", map[string]privacy.State{"e": privacy.Missing}},
		"(e) a vendor behind a vendor":           {set{"processors": "[{vendor: near}]"}, "", map[string]privacy.State{"e": privacy.Missing}},
		"(e) a data set abroad":                  {set{"data_sets": "[abroad]"}, "", map[string]privacy.State{"e": privacy.Missing}},
		"(e) recorded":                           {set{"processors": "[{vendor: west}]", "transfers": "[{country: US, recipient: west}]"}, "", map[string]privacy.State{}},
		"(e) an organisation":                    {set{"transfers": "[{organisation: World Office}]"}, "", map[string]privacy.State{}},
		"(e) a transfer to nowhere":              {set{"transfers": "[{safeguard: scc}]"}, "", map[string]privacy.State{"e": privacy.Missing}},
		"(e) compelling interests, no papers":    {set{"transfers": "[{country: US, safeguard: compelling_interests}]"}, "", map[string]privacy.State{"e": privacy.Missing}},
		"(e) compelling interests, documented":   {set{"transfers": "[{country: US, safeguard: compelling_interests, note: Pseudonyms only}]"}, "", map[string]privacy.State{}},
		"(f) no limit":                           {set{"retention": ""}, "", also("f", privacy.WherePossible)},
		"(f) a limit for something else":         {set{"retention": "[{category: orders, months: 120}]"}, "", also("f", privacy.WherePossible)},
		"(f) a limit without a time":             {set{"retention": "[{category: contact details, reason: law}]"}, "", also("f", privacy.WherePossible)},
		"(f) a limit for all":                    {set{"retention": "[{category: All, keep: 30d}]"}, "", none},
		"(g) no measures":                        {set{"measures": ""}, "", also("g", privacy.WherePossible)},
		"legal basis is not asked for":           {set{"legal_basis": ""}, "", none},
	} {
		if diff := cmp.Diff(c.want, states(t, controller, c.profile, c.change)); diff != "" {
			t.Errorf("controller, %s (-want +got):\n%s", name, diff)
		}
	}
	rest := map[string]privacy.State{"c": privacy.NotApplicable}
	with := func(letter string, s privacy.State) map[string]privacy.State {
		return map[string]privacy.State{"c": privacy.NotApplicable, letter: s}
	}
	for name, c := range map[string]struct {
		change set
		want   map[string]privacy.State
	}{
		"whole":                         {set{}, rest},
		"(a) no controller":             {set{"parties": ""}, map[string]privacy.State{"a": privacy.Missing, "b": privacy.Missing, "c": privacy.NotApplicable}},
		"(a) no contact of controller":  {set{"parties": "[{name: Yard AG, processing: Letters}]"}, with("a", privacy.Missing)},
		"(b) no categories":             {set{"parties": "[{name: Yard AG, contact: y@y.example}]"}, with("b", privacy.Missing)},
		"(c) a vendor abroad":           {set{"processors": "[{vendor: west}]"}, map[string]privacy.State{"c": privacy.Missing}},
		"(d) no measures":               {set{"measures": ""}, with("d", privacy.WherePossible)},
		"purposes are the controller's": {set{"purposes": ""}, rest},
	} {
		if diff := cmp.Diff(c.want, states(t, processor, "", c.change)); diff != "" {
			t.Errorf("processor, %s (-want +got):\n%s", name, diff)
		}
	}
}

// TestRegisterAsAFile reads the file with a reader of CSV: one line for each entry, a column for each letter, and nothing that a spreadsheet program would run.
func TestRegisterAsAFile(t *testing.T) {
	snap, err := practicetest.Estate(around + `
- {kind: ProcessingActivity, key: a, name: "=1+1", purposes: ["Sell, \"goods\"", Send], subjects: [customers], data: [{category: health, special: true}], legal_basis: consent, no_recipients: true, retention: [{category: health, months: 18, after: the treatment, reason: law}], measures: "@home"}
- {kind: ProcessingActivity, key: b, name: Over, state: ended, ended: 2026-01-31}
- {kind: ProcessingActivity, key: c, name: For others, role: processor}
`)
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(day("2027-03-01"))
	out, err := privacy.Register(v, privacy.RegisterIn{GoodPractice: true})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(out.File.Content))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"'=1+1", "Harbour GmbH, Quay 1, 20457 Hamburg; Data protection officer: Ada Day, ada@harbour.example", `Sell, "goods"; Send`, "Persons: customers; Data: health (special category, Art. 9)", "none", "none known",
		"health: 18 months after the treatment (law)", "'@home", "Consent", "",
	}
	if len(rows) != 2 || out.File.Name != "register-of-processing-2027-03-01.csv" {
		t.Fatalf("%s has %d lines", out.File.Name, len(rows))
	}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Errorf("the entry differs (-want +got):\n%s", diff)
	}
	plain, err := privacy.Register(v, privacy.RegisterIn{Format: "markdown", Ended: true})
	if err != nil {
		t.Fatal(err)
	}
	text := string(plain.File.Content)
	if strings.Contains(text, "Legal basis") || !strings.Contains(text, "## Over\n") || !strings.Contains(text, "- **(f) Time limits for erasure**: health: 18 months after the treatment (law)\n") {
		t.Errorf("the text is not the register:\n%s", text)
	}
}

// TestCountries looks at what holds for countries: the economic area, adequacy decisions for a whole country or a part, and decisions of the organisation that take their place from a day on.
func TestCountries(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: PrivacyProfile, key: house, country: DE}
- {kind: CountryDecision, key: br, country: BR, basis: third, since: 2028-01-01}
- {kind: CountryDecision, key: us, country: US, basis: adequate, until: 2027-12-31}
- {kind: CountryDecision, key: ru, country: RU, basis: barred}
- {kind: ProcessingActivity, key: all, state: active, transfers: [{country: FR}, {country: "NO"}, {country: RE}, {country: GB}, {country: JP}, {country: CA}, {country: BR}, {country: US}, {country: RU}, {country: IN}]}
`)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]map[string]model.CountryBasis{
		"2027-06-01": {"FR": "home", "NO": "home", "RE": "home", "GB": "adequate", "JP": "adequate", "CA": "partly", "BR": "adequate", "US": "adequate", "RU": "barred", "IN": "third"},
		"2028-06-01": {"FR": "home", "NO": "home", "RE": "home", "GB": "adequate", "JP": "adequate", "CA": "partly", "BR": "third", "US": "third", "RU": "barred", "IN": "third"},
		"2032-06-01": {"FR": "home", "NO": "home", "RE": "home", "GB": "third", "JP": "adequate", "CA": "partly", "BR": "third", "US": "third", "RU": "barred", "IN": "third"},
	} {
		out, err := privacy.Transfers(snap.View(day(at)), privacy.TransfersIn{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]model.CountryBasis{}
		for _, row := range out.Countries.Rows {
			got[row.Country] = row.Basis
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", at, diff)
		}
	}
}

// TestEveryTransferVerdict holds each safeguard against each sort of country.
func TestEveryTransferVerdict(t *testing.T) {
	for transfer, want := range map[string]privacy.TransferVerdict{
		"{country: FR}":                                                     privacy.TransferSafe,
		"{country: JP}":                                                     privacy.TransferUnconfirmed,
		"{country: JP, safeguard: adequacy}":                                privacy.TransferSafe,
		"{country: CA, safeguard: adequacy}":                                privacy.TransferUnconfirmed,
		"{country: CA, safeguard: adequacy, confirmed: true}":               privacy.TransferSafe,
		"{country: IN, safeguard: adequacy, confirmed: true}":               privacy.TransferUnsafe,
		"{country: IN}":                                                     privacy.TransferUnsafe,
		"{organisation: World Office}":                                      privacy.TransferUnsafe,
		"{country: IN, safeguard: scc}":                                     privacy.TransferUnconfirmed,
		"{country: IN, safeguard: scc, document: clauses}":                  privacy.TransferUnconfirmed,
		"{country: IN, safeguard: scc, document: clauses, confirmed: true}": privacy.TransferSafe,
		"{country: IN, safeguard: derogation}":                              privacy.TransferUnconfirmed,
		"{country: IN, safeguard: compelling_interests}":                    privacy.TransferUnsafe,
		"{country: RU, safeguard: scc, document: clauses, confirmed: true}": privacy.TransferBarred,
	} {
		snap, err := practicetest.Estate("- {kind: Document, key: clauses}\n- {kind: CountryDecision, key: ru, country: RU, basis: barred}\n- {kind: ProcessingActivity, key: a, state: active, transfers: [" + transfer + "]}")
		if err != nil {
			t.Fatal(err)
		}
		out, err := privacy.Transfers(snap.View(day("2027-06-01")), privacy.TransfersIn{})
		if err != nil || len(out.List.Rows) != 1 {
			t.Fatalf("%s: %v, %v", transfer, out.List.Rows, err)
		}
		row := out.List.Rows[0]
		if row.Verdict != want || (row.Verdict == privacy.TransferSafe) != (len(out.Findings) == 0) {
			t.Errorf("%s is %s (%s) with %d findings, want %s", transfer, row.Verdict, row.Note, len(out.Findings), want)
		}
	}
}

// TestEveryNameMakesAnEntry: whatever an entry is called, what is proposed is a record that the model accepts, under a key that is free.
func TestEveryNameMakesAnEntry(t *testing.T) {
	snap, err := practicetest.Estate("- {kind: ProcessingActivity, key: processing}\n- {kind: ProcessingActivity, key: payroll}")
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(day("2027-03-01"))
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.StringOf(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.Zs)), rapid.SampledFrom([]string{"Payroll", "!!!", "Löhne", "Ω", "a  b", strings.Repeat("long ", 40)})).Draw(t, "name")
		out, err := privacy.RecordActivity(v, privacy.RecordActivityIn{Name: name, Purposes: []string{name, name}, Special: []string{"health"}, Data: []string{"Health"}})
		if strings.TrimSpace(name) == "" {
			if err == nil {
				t.Fatal("an entry without a name is proposed")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		rec := out.Changes[0].Result().(*model.ProcessingActivity)
		if problems := v.Schema().Of(rec).Check(rec); len(problems) > 0 {
			t.Fatalf("%q: %v", rec.Key, problems)
		}
		if v.Find("ProcessingActivity", rec.Key) != nil || len(rec.Purposes) != 1 || len(rec.Data) != 1 || !rec.Data[0].Special {
			t.Fatalf("%q, %v, %v", rec.Key, rec.Purposes, rec.Data)
		}
	})
}

// TestFreedOfTheRegister holds GDPR Art. 30(5): fewer employees than the threshold, occasional, no likely risk, no special categories, no crimes. All of these must hold.
func TestFreedOfTheRegister(t *testing.T) {
	for _, c := range []struct {
		profile, activity string
		want              bool
	}{
		{"employees: 249", "occasional: true", true},
		{"employees: 250", "occasional: true", false},
		{"employees: 900", "occasional: true", false},
		{"employees: 700, record_threshold: 750", "occasional: true", true},
		{"country: DE", "occasional: true", false},
		{"employees: 20", "risky: false", false},
		{"employees: 20", "occasional: true, risky: true", false},
		{"employees: 20", "occasional: true, data: [{category: health, special: true}]", false},
		{"employees: 20", "occasional: true, data: [{category: convictions, criminal: true}]", false},
		{"employees: 20", "occasional: true, data: [{category: names}]", true},
	} {
		snap, err := practicetest.Estate("- {kind: PrivacyProfile, key: house, " + c.profile + "}\n- {kind: ProcessingActivity, key: a, state: active, " + c.activity + "}")
		if err != nil {
			t.Fatal(err)
		}
		out, err := privacy.Register(snap.View(day("2027-03-01")), privacy.RegisterIn{})
		if err != nil || out.Register.Rows[0].Freed != c.want {
			t.Errorf("%s; %s: freed %v, want %v, %v", c.profile, c.activity, out.Register.Rows[0].Freed, c.want, err)
		}
		check, err := privacy.RegisterComplete(snap.View(day("2027-03-01")), privacy.RegisterCompleteIn{})
		if err != nil || check.Unknown != c.want {
			t.Errorf("%s; %s: the check looks at %d entries", c.profile, c.activity, len(check.Checked))
		}
	}
}

// TestRegionsOfProviders looks at the countries of regions as large providers name them. A site of the estate that stands for a region counts before.
func TestRegionsOfProviders(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "DE", "eu-central-1a": "DE", "eu-central-2": "CH", "europe-west1": "BE", "europe-west1-b": "BE", "europe-west10": "DE", "europe-west12": "IT", "West Europe": "NL", "germanywestcentral": "DE",
		"asia-southeast1": "SG", "asia-southeast3": "TH", "asia-south1": "IN", "us-east-1": "US", "us-central1": "US", "eastus2": "US", "ap-southeast-2": "AU", "moon-1": "", "": "", "europe-west99": "", "eu-north-1": "FI",
	} {
		snap, err := practicetest.Estate("- {kind: Site, key: north, use: cloud_region, region: EU-North-1, country: FI}\n- {kind: CloudResource, key: r, region: \"" + region + "\"}\n- {kind: DataSet, key: d, personal_data: true, stored_in: [CloudResource/r]}")
		if err != nil {
			t.Fatal(err)
		}
		out, err := privacy.Residency(snap.View(day("2027-03-01")), privacy.ResidencyIn{})
		if err != nil || len(out.Where.Rows) != 1 || out.Where.Rows[0].Country != want {
			t.Errorf("%q: %v, want %s, %v", region, out.Where.Rows, want, err)
		}
	}
}

// closed is the sight of somebody who sees everything but one kind.
type closed string

func (c closed) Sees(rec model.Record) bool { return model.NameOf(rec) != string(c) }

func (c closed) SeesAll(kind string) (open, confidential bool) {
	return kind != string(c), kind != string(c)
}

func (c closed) SeesNone(kind string) bool { return kind == string(c) }

// TestWhoMayNotSeeTheRecords: who may not see the records of processing is not told that something is missing in them.
func TestWhoMayNotSeeTheRecords(t *testing.T) {
	snap, err := practicetest.Estate("- {kind: Application, key: shop, personal_data: true}\n- {kind: Application, key: desk}\n- {kind: DataSet, key: d, personal_data: true}\n- {kind: Interface, key: i, from: Application/shop, into: Application/desk, data: [d]}\n- {kind: ProcessingActivity, key: a, applications: [Application/shop, Application/desk], data_sets: [d]}")
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(day("2027-03-01")).Through(closed("ProcessingActivity"))
	found, err := privacy.FindUnrecorded(v, privacy.UnrecordedIn{})
	if err != nil || !found.Recorded.Unknown || len(found.Findings) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
	check, err := privacy.PersonalDataRecorded(v, privacy.UnrecordedIn{})
	if err != nil || !check.Unknown {
		t.Errorf("%+v, %v", check, err)
	}
	flows, err := privacy.Flows(v, privacy.FlowsIn{})
	if err != nil || len(flows.Findings) > 0 || len(flows.List.Rows) != 1 {
		t.Errorf("%+v, %v", flows, err)
	}
}

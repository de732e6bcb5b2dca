package oscal

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// The same catalogue of our own invention in the three notations.
const (
	catalogXML = `<?xml version="1.0"?>
<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" xmlns:x="urn:x" uuid="11111111-1111-4111-8111-111111111111">
  <metadata><title>Harbour Rules</title><published>2026-02-01T00:00:00Z</published><last-modified>2026-03-01T00:00:00Z</last-modified><version>2</version><oscal-version>1.1.3</oscal-version>
    <party uuid="22222222-2222-4222-8222-222222222222" type="organization"><name>Harbour Office</name><email-address>office@harbour.example</email-address></party>
    <responsible-party role-id="publisher"><party-uuid>22222222-2222-4222-8222-222222222222</party-uuid></responsible-party></metadata>
  <x:extension>ignored</x:extension>
  <group id="m" class="family"><title>Mooring</title>
    <control id="m-2" class="rule"><title>Watch</title><prop name="label" value="M-2"/><prop name="sort-id" value="m-02"/><link rel="related" href="#m-1"/>
      <part name="statement" id="m-2_smt"><p>Somebody watches.</p></part></control>
    <control id="m-1" class="rule"><title>Ropes</title>
      <param id="m-1_prm_1"><label>a length</label></param>
      <param id="m-1_prm_2"><select how-many="one-or-more"><choice>hemp</choice><choice>nylon of <insert type="param" id-ref="m-1_prm_1"/></choice></select></param>
      <prop name="label" value="M-1"/><prop name="sort-id" value="m-01"/>
      <part name="statement" id="m-1_smt"><p>Ropes:</p>
        <part name="item" id="m-1_smt.a"><prop name="label" value="a."/><p>are <em>dry</em> and <insert type="param" id-ref="m-1_prm_2"/>;</p></part>
        <part name="item" id="m-1_smt.b"><prop name="label" value="b."/><p>hold.</p></part></part>
      <part name="guidance"><p>Look at them.</p><ul><li>by day</li><li>by <strong>night</strong></li></ul></part>
      <control id="m-1.1" class="rule-enhancement"><title>Spare</title><prop name="label" value="M-1(1)"/><prop name="status" value="withdrawn"/><link rel="incorporated-into" href="#m-2"/></control>
    </control>
  </group>
</catalog>`
	catalogJSON = `{"catalog":{"uuid":"11111111-1111-4111-8111-111111111111","metadata":{"title":"Harbour Rules","published":"2026-02-01T00:00:00Z","last-modified":"2026-03-01T00:00:00Z","version":"2","oscal-version":"1.1.3",
 "parties":[{"uuid":"22222222-2222-4222-8222-222222222222","type":"organization","name":"Harbour Office","email-addresses":["office@harbour.example"]}],
 "responsible-parties":[{"role-id":"publisher","party-uuids":["22222222-2222-4222-8222-222222222222"]}]},
 "groups":[{"id":"m","class":"family","title":"Mooring","controls":[
  {"id":"m-2","class":"rule","title":"Watch","props":[{"name":"label","value":"M-2"},{"name":"sort-id","value":"m-02"}],"links":[{"rel":"related","href":"#m-1"}],"parts":[{"name":"statement","id":"m-2_smt","prose":"Somebody watches."}]},
  {"id":"m-1","class":"rule","title":"Ropes","params":[{"id":"m-1_prm_1","label":"a length"},{"id":"m-1_prm_2","select":{"how-many":"one-or-more","choice":["hemp","nylon of {{ insert: param, m-1_prm_1 }}"]}}],
   "props":[{"name":"label","value":"M-1"},{"name":"sort-id","value":"m-01"}],
   "parts":[{"name":"statement","id":"m-1_smt","prose":"Ropes:","parts":[{"name":"item","id":"m-1_smt.a","props":[{"name":"label","value":"a."}],"prose":"are *dry* and {{ insert: param, m-1_prm_2 }};"},
     {"name":"item","id":"m-1_smt.b","props":[{"name":"label","value":"b."}],"prose":"hold."}]},
    {"name":"guidance","prose":"Look at them.\n\n- by day\n- by **night**"}],
   "controls":[{"id":"m-1.1","class":"rule-enhancement","title":"Spare","props":[{"name":"label","value":"M-1(1)"},{"name":"status","value":"withdrawn"}],"links":[{"rel":"incorporated-into","href":"#m-2"}]}]}]}]}}`
	catalogYAML = `# rules
catalog:
  uuid: 11111111-1111-4111-8111-111111111111
  metadata:
    title: Harbour Rules
    published: 2026-02-01T00:00:00Z
    last-modified: 2026-03-01T00:00:00Z
    version: "2"
    oscal-version: 1.1.3
    parties:
      - {uuid: 22222222-2222-4222-8222-222222222222, type: organization, name: Harbour Office, email-addresses: [office@harbour.example]}
    responsible-parties:
      - role-id: publisher
        party-uuids: [22222222-2222-4222-8222-222222222222]
  groups:
    - id: m
      class: family
      title: Mooring
      controls:
        - id: m-2
          class: rule
          title: Watch
          props: [{name: label, value: M-2}, {name: sort-id, value: m-02}]
          links: [{rel: related, href: "#m-1"}]
          parts: [{name: statement, id: m-2_smt, prose: Somebody watches.}]
        - id: m-1
          class: rule
          title: Ropes
          params:
            - {id: m-1_prm_1, label: a length}
            - id: m-1_prm_2
              select: {how-many: one-or-more, choice: [hemp, "nylon of {{ insert: param, m-1_prm_1 }}"]}
          props: [{name: label, value: M-1}, {name: sort-id, value: m-01}]
          parts:
            - name: statement
              id: m-1_smt
              prose: "Ropes:"
              parts:
                - {name: item, id: m-1_smt.a, props: [{name: label, value: a.}], prose: "are *dry* and {{ insert: param, m-1_prm_2 }};"}
                - {name: item, id: m-1_smt.b, props: [{name: label, value: b.}], prose: hold.}
            - name: guidance
              prose: "Look at them.\n\n- by day\n- by **night**"
          controls:
            - id: m-1.1
              class: rule-enhancement
              title: Spare
              props: [{name: label, value: M-1(1)}, {name: status, value: withdrawn}]
              links: [{rel: incorporated-into, href: "#m-2"}]
`
)

func TestTheThreeNotationsSayTheSame(t *testing.T) {
	want := []string{
		`Framework/harbour-rules name="Harbour Rules" edition="2" issuer="Harbour Office" identifier="11111111-1111-4111-8111-111111111111" published="2026-02-01" known_as="x"`,
		`Requirement/harbour-rules.m name="Mooring" framework="harbour-rules" number="m" identifier="m" type="group" class="family" position="1"`,
		`Requirement/harbour-rules.m-2 name="Watch" framework="harbour-rules" number="M-2" identifier="m-2" type="requirement" class="rule" parent="harbour-rules.m" position="2" statement="Somebody watches." related="harbour-rules.m-1"`,
		`Requirement/harbour-rules.m-1 name="Ropes" framework="harbour-rules" number="M-1" identifier="m-1" type="requirement" class="rule" parent="harbour-rules.m" position="1" ` +
			`statement="Ropes:\n\n- a. are *dry* and [Selection (one or more): hemp; nylon of [Assignment: a length]];\n- b. hold." guidance="Look at them.\n\n- by day\n- by **night**" ` +
			`parameters="[{\"identifier\":\"m-1_prm_1\",\"label\":\"a length\"},{\"choices\":\"hemp | nylon of [Assignment: a length]\",\"identifier\":\"m-1_prm_2\"}]"`,
		`Requirement/harbour-rules.m-1.1 name="Spare" framework="harbour-rules" number="M-1(1)" identifier="m-1.1" type="enhancement" class="rule-enhancement" parent="harbour-rules.m-1" position="1" withdrawn="true" moved_to="harbour-rules.m-2"`,
	}
	for name, text := range map[string]string{"XML": catalogXML, "JSON": catalogJSON, "YAML": catalogYAML, "JSON in UTF-16": "\xff\xfe" + wide(catalogJSON)} {
		if got := Format.Detect([]byte(text)); got < 90 {
			t.Errorf("%s: detected with %d", name, got)
		}
		var got []string
		for _, line := range feedtest.Listing(feedtest.Read(t, Format, "x", []byte(text))) {
			if !strings.HasPrefix(line, "OscalDocument/") {
				got = append(got, line)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func wide(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteByte(byte(r))
		out.WriteByte(byte(r >> 8))
	}
	return out.String()
}

// Elements become the members that JSON has, with lists and values where they belong, by model.
func TestElementsBecomeMembers(t *testing.T) {
	for _, test := range []struct{ name, xml, json string }{
		{"location and party", `<metadata><location uuid="l"><address type="work"><addr-line>Pier 1</addr-line><city>Port</city></address><telephone-number type="office">12</telephone-number></location><party uuid="p"><external-id scheme="s">7</external-id><address><city>Port</city></address><member-of-organization>o</member-of-organization></party><revisions><revision><version>1</version></revision></revisions></metadata>`,
			`"metadata":{"locations":[{"uuid":"l","address":{"type":"work","addr-lines":["Pier 1"],"city":"Port"},"telephone-numbers":[{"type":"office","number":"12"}]}],"parties":[{"uuid":"p","external-ids":[{"scheme":"s","id":"7"}],"addresses":[{"city":"Port"}],"member-of-organizations":["o"]}],"revisions":[{"version":"1"}]}`},
		{"a profile", `<import href="#c"><include-controls with-child-controls="yes"><with-id>a</with-id><matching pattern="b*"/></include-controls></import><import href="#d"><include-all/></import><merge><as-is>true</as-is></merge><modify><set-parameter param-id="p"><value>v</value></set-parameter></modify>`,
			`"imports":[{"href":"#c","include-controls":[{"with-child-controls":"yes","with-ids":["a"],"matching":[{"pattern":"b*"}]}]},{"href":"#d","include-all":{}}],"merge":{"as-is":true},"modify":{"set-parameters":[{"param-id":"p","values":["v"]}]}`},
		{"a finding", `<observation uuid="o"><description><p>Two</p><p>lines</p></description><method>TEST</method><type>finding</type><origin><actor type="tool" actor-uuid="t"/></origin><collected>2026-01-01T00:00:00Z</collected></observation><risk uuid="r"><title>T</title><statement><p>S</p></statement><status>open</status><characterization><origin><actor type="tool" actor-uuid="t"/></origin><facet name="impact" system="s" value="low"/></characterization><response uuid="m" lifecycle="planned"><title>R</title><task uuid="k" type="milestone"><title>K</title></task></response></risk><finding uuid="f"><target type="statement-id" target-id="a_smt"><status state="satisfied"/></target><related-observation observation-uuid="o"/><associated-risk risk-uuid="r"/></finding>`,
			`"observations":[{"uuid":"o","description":"Two\n\nlines","methods":["TEST"],"types":["finding"],"origins":[{"actors":[{"type":"tool","actor-uuid":"t"}]}],"collected":"2026-01-01T00:00:00Z"}],"risks":[{"uuid":"r","title":"T","statement":"S","status":"open","characterizations":[{"origin":{"actors":[{"type":"tool","actor-uuid":"t"}]},"facets":[{"name":"impact","system":"s","value":"low"}]}],"remediations":[{"uuid":"m","lifecycle":"planned","title":"R","tasks":[{"uuid":"k","type":"milestone","title":"K"}]}]}],"findings":[{"uuid":"f","target":{"type":"statement-id","target-id":"a_smt","status":{"state":"satisfied"}},"related-observations":[{"observation-uuid":"o"}],"related-risks":[{"risk-uuid":"r"}]}]`},
		{"components", `<component uuid="c" type="service"><title>C</title><protocol uuid="q" name="n"><port-range start="1" end="2" transport="TCP"/></protocol><control-implementation uuid="i" source="s"><description><p>D</p></description><implemented-requirement uuid="r" control-id="a"><statement statement-id="a_smt" uuid="t"><description><p>E</p></description></statement></implemented-requirement></control-implementation></component>`,
			`"components":[{"uuid":"c","type":"service","title":"C","protocols":[{"uuid":"q","name":"n","port-ranges":[{"start":1,"end":2,"transport":"TCP"}]}],"control-implementations":[{"uuid":"i","source":"s","description":"D","implemented-requirements":[{"uuid":"r","control-id":"a","statements":[{"statement-id":"a_smt","uuid":"t","description":"E"}]}]}]}]`},
		{"markup", `<remarks><h2>Head</h2><p>A <a href="u">link</a>, <code>code</code>, <q>quote</q> and <b>bold</b></p><ol><li>one<ul><li>deep</li></ul></li><li>two</li></ol><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2|3</td></tr></table><pre>x  y</pre><blockquote><p>q</p></blockquote></remarks>`,
			`"remarks":"## Head\n\nA [link](u), ` + "`code`" + `, \"quote\" and **bold**\n\n1. one\n   - deep\n2. two\n\n| a | b |\n| --- | --- |\n| 1 | 2\\|3 |\n\n` + "```\\nx  y\\n```" + `\n\n> q"`},
	} {
		root, err := parse([]byte(`<catalog xmlns="`+namespace+`" uuid="u">`+test.xml+`</catalog>`), feed.DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var out bytes.Buffer
		writeJSON(&out, root, "")
		if diff := cmp.Diff(`{"catalog":{"uuid":"u",`+test.json+`}}`, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	// The plan of a system has one control implementation, and a component several.
	root, err := parse([]byte(`<system-security-plan xmlns="`+namespace+`"><control-implementation><description><p>D</p></description></control-implementation></system-security-plan>`), feed.DefaultLimits)
	if err != nil || root.Items[0].Get("control-implementation").Shape != kit.Object {
		t.Errorf("%v, %+v", err, root)
	}
}

func TestRefusedContents(t *testing.T) {
	head := `{"catalog":{"metadata":{"oscal-version":"1.1.3"}`
	feedtest.Refuses(t, Format, [][3]string{
		{"nothing", "", "empty"},
		{"half", head, "ends too early"},
		{"another document", `{"a":{}}`, "none of the documents of OSCAL"},
		{"no controls", head + `}}`, "neither groups nor controls"},
		{"an entity", `<!DOCTYPE c [<!ENTITY a "b">]><catalog xmlns="` + namespace + `"/>`, "declaration"},
		{"another namespace", `<catalog xmlns="urn:other"/>`, "is of the namespace"},
		{"deep XML", strings.Repeat("<catalog>", 200), "nested"},
		{"deep JSON", `{"catalog":` + strings.Repeat("[", 500), "nested more than 100 deep"},
		{"a bomb of aliases", "catalog:\n  a: &a [x,x,x,x,x,x,x,x,x,x]\n  b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n  c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n  d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n  e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n  f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n", "too often"},
		{"two roots", `<catalog xmlns="` + namespace + `"></catalog><catalog/>`, "second root"},
	})
	b, err := feedtest.Try(Format, "x.json", []byte(`{"catalog":{"metadata":{"title":"T"},"controls":[{"id":"a","title":"A","params":[{}]},{"title":"none"},{"id":"a"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		`x.json:1:88: catalog.controls[1]: there is no id: every control needs one`,
		`x.json:1:105: catalog.controls[2]: the id "a" is there twice: every control and group needs one of its own`,
		`x.json:1:83: a.params: the parameter has no id`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A profile may choose from another profile, by pattern, with parts, and without some; the order of the imports does not matter.
func TestProfiles(t *testing.T) {
	profile := func(uuid, title, imports string) file {
		return file{title + ".json", `{"profile":{"uuid":"` + uuid + `","metadata":{"title":"` + title + `","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.1.3"},"imports":[` + imports + `]}}`}
	}
	// Mentions of a catalogue by UUID, by its file, and by the file of another profile.
	parts := profile("33333333-3333-4333-8333-333333333333", "Parts", `{"href":"#11111111-1111-4111-8111-111111111111","include-controls":[{"with-ids":["m-1","m-9"],"with-child-controls":"yes"}]}`)
	pattern := profile("44444444-4444-4444-8444-444444444444", "Pattern", `{"href":"../cat/Harbour.xml","include-controls":[{"matching":[{"pattern":"m-*"}]}],"exclude-controls":[{"with-ids":["m-2"]}]}`)
	all := profile("55555555-5555-4555-8555-555555555555", "Everything", `{"href":"Pattern.xml","include-all":{}},{"href":"#11111111-1111-4111-8111-111111111111","include-controls":[{"with-ids":["m-2"]}]}`)
	catalog := file{"Harbour.json", strings.Replace(catalogJSON, `"status","value":"withdrawn"`, `"status","value":"kept"`, 1)}
	want := map[string]string{"parts": "m-1 m-1.1 | m-9", "pattern": "m-1 m-1.1 | ", "everything": "m-1 m-1.1 m-2 | "}
	for name, order := range map[string][][]file{"catalogue first": {{catalog}, {parts}, {pattern}, {all}}, "catalogue last": {{all}, {pattern}, {parts}, {catalog}}, "all at once": {{all, parts, catalog, pattern}}} {
		c := newCompany(t)
		for _, files := range order {
			c.take(files...)
		}
		got := map[string]string{}
		for _, b := range each[*model.Baseline](c) {
			got[b.Key] = strings.Join(c.identifiers(b.Includes), " ") + " | " + strings.Join(b.Unresolved, " ")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What only references are known of gets its text when the catalogue comes, in the same records.
func TestPlaceholders(t *testing.T) {
	definition := file{"c.json", `{"component-definition":{"uuid":"66666666-6666-4666-8666-666666666666","metadata":{"title":"C","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.1.3"},"components":[{"uuid":"77777777-7777-4777-8777-777777777777","type":"service","title":"Rope","description":"d","control-implementations":[{"uuid":"88888888-8888-4888-8888-888888888888","source":"../harbour_rules_catalog.xml","description":"d","implemented-requirements":[{"uuid":"99999999-9999-4999-8999-999999999999","control-id":"m-1","description":"It holds.","props":[{"name":"implementation-status","value":"planned"}]}]}]}]}}`}
	c := newCompany(t)
	c.take(definition)
	control := each[*model.Control](c)[0]
	before := control.Satisfies[0]
	if before.State != "planned" || before.Remarks != "It holds." || c.snap.Get(before.Requirement).(*model.Requirement).Statement != "" || !each[*model.Framework](c)[0].Placeholder {
		t.Fatalf("%+v", before)
	}
	c.take(file{"Harbour_Rules_catalog-min.json", catalogJSON})
	frameworks := each[*model.Framework](c)
	r := c.snap.Get(before.Requirement).(*model.Requirement)
	if len(frameworks) != 1 || frameworks[0].Placeholder || frameworks[0].Name != "Harbour Rules" || r.Name != "Ropes" || r.Statement == "" {
		t.Errorf("%+v, %+v", frameworks, r)
	}
	c.unchanged(definition)
}

func TestMappingCollection(t *testing.T) {
	c := newCompany(t)
	other := strings.NewReplacer("Harbour Rules", "Boat Rules", "11111111-1111-4111-8111-111111111111", "aaaaaaaa-1111-4111-8111-111111111111").Replace(catalogJSON)
	c.take(file{"harbour.json", catalogJSON}, file{"boats.json", other})
	maps := file{"map.json", `{"mapping-collection":{"uuid":"bbbbbbbb-1111-4111-8111-111111111111","metadata":{"title":"M","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.2.0"},"provenance":{"status":"complete","matching-rationale":"semantic"},"mappings":[{"uuid":"cccccccc-1111-4111-8111-111111111111","source-resource":{"type":"catalog","href":"#11111111-1111-4111-8111-111111111111"},"target-resource":{"type":"catalog","href":"boats.json"},"maps":[{"uuid":"dddddddd-1111-4111-8111-111111111111","relationship":"superset-of","sources":[{"type":"control","id-ref":"m-1"}],"targets":[{"type":"control","id-ref":"m-2"}]},{"uuid":"eeeeeeee-1111-4111-8111-111111111111","relationship":"like","sources":[],"targets":[]}]}]}}`}
	plan := c.take(maps)
	all := each[*model.RequirementMapping](c)
	if len(all) != 1 || len(plan.Refused) != 1 || !strings.Contains(plan.Refused[0].Reason, `"like" is none of OSCAL`) {
		t.Fatalf("%d mappings, refused %v", len(all), plan.Refused)
	}
	_, from, _ := c.view().NameOf(all[0].From)
	_, into, _ := c.view().NameOf(all[0].Into)
	if from != "harbour-rules.m-1" || into != "boat-rules.m-2" || all[0].Relation != model.SupersetOf || all[0].Rationale != "semantic" || all[0].State != "complete" {
		t.Errorf("%s %s %+v", from, into, all[0])
	}
	c.unchanged(maps)
}

func TestShortTitles(t *testing.T) {
	for title, want := range map[string]string{
		"NIST Special Publication 800-53 Revision 5: Security and Privacy Controls for Federal Information Systems and Organizations": "sp-800-53-rev5",
		"Electronic Version of NIST SP 800-53 Rev 5.2.0 Controls and SP 800-53A Rev 5.2.0 Assessment Procedures":                      "sp-800-53-rev5.2.0",
		"NIST Cybersecurity Framework 2.0":  "csf-2.0",
		"ISO/IEC 27001:2022":                "iso-iec-27001-2022",
		"PCI DSS v4.0":                      "pci-dss-v4.0",
		"Rules of the Harbour: all of them": "rules-of-the-harbour",
		"":                                  "",
	} {
		if got := keyOf(shortTitle(title), 32); got != want {
			t.Errorf("%q gives %q, not %q", title, got, want)
		}
	}
}

func FuzzOSCAL(f *testing.F) {
	for _, seed := range []string{catalogXML, catalogJSON, catalogYAML,
		`{"profile":{"metadata":{"oscal-version":"1"},"imports":[{"href":"#a","include-controls":[{"with-ids":["a"],"matching":[{"pattern":"["}]}]}],"modify":{"set-parameters":[{"param-id":"p","values":["v"]}]}}}`,
		`{"assessment-results":{"uuid":"a","metadata":{"oscal-version":"1"},"results":[{"start":"2026-01-01T00:00:00Z","observations":[{"uuid":"o","methods":["TEST"]}],"risks":[{"uuid":"r","characterizations":[{"facets":[{"name":"impact","value":"high"}]}],"remediations":[{"uuid":"m","tasks":[{"title":"x"}]}]}],"findings":[{"uuid":"f","target":{"target-id":"a_smt"},"related-observations":[{"observation-uuid":"o"}]}]}]}}`,
		`{"plan-of-action-and-milestones":{"uuid":"a","metadata":{"oscal-version":"1"},"poam-items":[{"title":"x","related-risks":[{"risk-uuid":"r"}]}]}}`,
		`{"system-security-plan":{"uuid":"a","metadata":{"oscal-version":"1"},"import-profile":{"href":"p"},"system-implementation":{"components":[{"uuid":"c","type":"this-system"}]},"control-implementation":{"implemented-requirements":[{"uuid":"r","control-id":"a","by-components":[{"uuid":"b","component-uuid":"c","implementation-status":{"state":"not-applicable"}}]},{"control-id":"b","statements":[{"statement-id":"b_smt.a","description":"d"}]}]}}}`,
		`{"component-definition":{"metadata":{"oscal-version":"1"},"components":[{"uuid":"c","control-implementations":[{"source":"s","implemented-requirements":[{"control-id":"a"}]}]}]}}`,
		`{"assessment-plan":{"metadata":{"oscal-version":"1"},"local-definitions":{"activities":[{"uuid":"a","steps":[{"description":"d"}]}]},"tasks":[{"timing":{"within-date-range":{"start":"2026-01-01T00:00:00Z","end":"2025-01-01T00:00:00Z"}}}]}}`,
		`{"mapping-collection":{"metadata":{"oscal-version":"1"},"mappings":[{"maps":[{"relationship":"equal-to","sources":[{"id-ref":"a"}],"targets":[{"id-ref":"b"}]}]}]}}`,
	} {
		f.Add([]byte(seed))
	}
	feedtest.Fuzz(f, Format, "a value is required")
}

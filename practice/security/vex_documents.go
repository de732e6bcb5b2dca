package security

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"

	"binnacle/model"
	"binnacle/practice"
)

// vexDocument is what both documents are made of.
type vexDocument struct {
	holder  model.Record
	product string
	author  string
	name    string
	version string
	said    []*said
	newest  model.Stamp
}

// id returns the identifier of a document, which follows from the thing and the format.
func (d *vexDocument) id(format string) string {
	return "urn:uuid:" + uuid.NewSHA1(uuid.UUID(d.holder.Base().ID), []byte("binnacle vex "+format)).String()
}

// edition returns the version of the documents: it rises with every change of a record behind them.
func (d *vexDocument) edition() int { return max(1, int(d.newest.Seq)) }

func (d *vexDocument) timestamp() string { return rfc3339(d.newest.At) }

// stated returns the moment of a statement, or that of the document where none is known.
func (d *vexDocument) stated(s *said) string { return rfc3339(cmp.Or(s.Stated, d.newest.At)) }

func rfc3339(t model.Time) string { return t.Time().UTC().Format(time.RFC3339) }

// The document of OpenVEX 0.2.0.
type (
	openVEX struct {
		Context    string             `json:"@context"`
		ID         string             `json:"@id"`
		Author     string             `json:"author"`
		Timestamp  string             `json:"timestamp"`
		Version    int                `json:"version"`
		Tooling    string             `json:"tooling"`
		Statements []openVEXStatement `json:"statements"`
	}
	openVEXStatement struct {
		ID              string               `json:"@id"`
		Vulnerability   openVEXVulnerability `json:"vulnerability"`
		Timestamp       string               `json:"timestamp"`
		Products        []openVEXProduct     `json:"products"`
		Status          string               `json:"status"`
		Justification   string               `json:"justification,omitempty"`
		ImpactStatement string               `json:"impact_statement,omitempty"`
		ActionStatement string               `json:"action_statement,omitempty"`
	}
	openVEXVulnerability struct {
		Name    string   `json:"name"`
		Aliases []string `json:"aliases,omitempty"`
	}
	openVEXProduct struct {
		openVEXComponent
		Subcomponents []openVEXComponent `json:"subcomponents,omitempty"`
	}
	openVEXComponent struct {
		ID          string            `json:"@id"`
		Identifiers map[string]string `json:"identifiers,omitempty"`
	}
)

// openVEX writes the document of OpenVEX.
func (d *vexDocument) openVEX() (practice.File, error) {
	doc := openVEX{Context: "https://openvex.dev/ns/v0.2.0", ID: d.id("openvex"), Author: d.author, Timestamp: d.timestamp(), Version: d.edition(), Tooling: "Binnacle", Statements: []openVEXStatement{}}
	for n, s := range d.said {
		st := openVEXStatement{ID: doc.ID + "#" + strconv.Itoa(n+1), Vulnerability: openVEXVulnerability{Name: s.Vulnerability}, Timestamp: d.stated(s), Status: string(s.Status)}
		for _, id := range s.group.IDs() {
			if id != s.Vulnerability {
				st.Vulnerability.Aliases = append(st.Vulnerability.Aliases, id)
			}
		}
		switch s.Status {
		case model.VexNotAffected:
			st.Justification, st.ImpactStatement = string(s.Justification), s.Text
		case model.VexAffected:
			st.ActionStatement = s.Action
		}
		product := openVEXProduct{openVEXComponent: openVEXThing(d.product)}
		seen := map[string]bool{}
		for _, p := range s.pairs {
			if purl := p.Component.PackageURL; !seen[purl] {
				seen[purl] = true
				product.Subcomponents = append(product.Subcomponents, openVEXThing(purl))
			}
		}
		st.Products = []openVEXProduct{product}
		doc.Statements = append(doc.Statements, st)
	}
	return jsonFile(d.holder.Base().Key+".openvex.json", "application/json", doc)
}

func openVEXThing(id string) openVEXComponent {
	c := openVEXComponent{ID: id}
	if packageKey(id) != "" {
		c.Identifiers = map[string]string{"purl": id}
	}
	return c
}

// The document of CycloneDX 1.5.
type (
	cdxVEX struct {
		Format          string             `json:"bomFormat"`
		Spec            string             `json:"specVersion"`
		Serial          string             `json:"serialNumber"`
		Version         int                `json:"version"`
		Metadata        cdxMetadata        `json:"metadata"`
		Components      []cdxComponent     `json:"components"`
		Vulnerabilities []cdxVulnerability `json:"vulnerabilities"`
	}
	cdxMetadata struct {
		Timestamp string       `json:"timestamp"`
		Authors   []cdxAuthor  `json:"authors"`
		Component cdxComponent `json:"component"`
	}
	cdxAuthor struct {
		Name string `json:"name"`
	}
	cdxComponent struct {
		Type    string `json:"type"`
		Ref     string `json:"bom-ref"`
		Group   string `json:"group,omitempty"`
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
		PURL    string `json:"purl,omitempty"`
	}
	cdxVulnerability struct {
		Ref            string         `json:"bom-ref"`
		ID             string         `json:"id"`
		References     []cdxReference `json:"references,omitempty"`
		Ratings        []cdxRating    `json:"ratings,omitempty"`
		Recommendation string         `json:"recommendation,omitempty"`
		Updated        string         `json:"updated,omitempty"`
		Analysis       cdxAnalysis    `json:"analysis"`
		Affects        []cdxAffects   `json:"affects"`
	}
	cdxReference struct {
		ID     string    `json:"id"`
		Source cdxSource `json:"source"`
	}
	cdxSource struct {
		Name string `json:"name"`
	}
	cdxRating struct {
		Score    float64 `json:"score"`
		Severity string  `json:"severity"`
		Method   string  `json:"method"`
		Vector   string  `json:"vector"`
	}
	cdxAnalysis struct {
		State         string   `json:"state"`
		Justification string   `json:"justification,omitempty"`
		Response      []string `json:"response,omitempty"`
		Detail        string   `json:"detail,omitempty"`
	}
	cdxAffects struct {
		Ref string `json:"ref"`
	}
)

// The words of CycloneDX for those of OpenVEX.
var (
	cdxStates = map[model.VexStatus]string{
		model.VexNotAffected: "not_affected", model.VexAffected: "exploitable", model.VexFixed: "resolved", model.VexInvestigated: "in_triage",
	}
	cdxJustifications = map[model.VexJustification]string{
		"component_not_present": "code_not_present", "vulnerable_code_not_present": "code_not_present", "vulnerable_code_not_in_execute_path": "code_not_reachable",
		"vulnerable_code_cannot_be_controlled_by_adversary": "requires_environment", "inline_mitigations_already_exist": "protected_by_mitigating_control",
	}
	cdxMethods = map[string]string{"4.0": "CVSSv4", "3.1": "CVSSv31", "3.0": "CVSSv3", "2.0": "CVSSv2"}
)

// cycloneDX writes the document of CycloneDX, with the components that it speaks of.
func (d *vexDocument) cycloneDX() (practice.File, error) {
	doc := cdxVEX{Format: "CycloneDX", Spec: "1.5", Serial: d.id("cyclonedx"), Version: d.edition(), Components: []cdxComponent{}, Vulnerabilities: []cdxVulnerability{}}
	doc.Metadata = cdxMetadata{Timestamp: d.timestamp(), Authors: []cdxAuthor{{d.author}}, Component: cdxComponent{Type: "application", Ref: d.holder.Base().ID.String(), Name: d.name, Version: d.version}}
	if packageKey(d.product) != "" {
		doc.Metadata.Component.PURL = d.product
	}
	listed := map[model.ID]bool{}
	for n, s := range d.said {
		vuln := cdxVulnerability{Ref: "vulnerability-" + strconv.Itoa(n+1), ID: s.Vulnerability, Updated: d.stated(s)}
		vuln.Analysis = cdxAnalysis{State: cdxStates[s.Status], Detail: s.Text}
		for _, a := range s.group.Advisories {
			if a.Key != s.Vulnerability {
				vuln.References = append(vuln.References, cdxReference{ID: a.Key, Source: cdxSource{Name: sourceName(a.Key)}})
			}
		}
		if score := s.signals.Score; score != nil {
			vuln.Ratings = []cdxRating{{Score: score.Value, Severity: score.Rating, Method: cdxMethods[score.Version], Vector: score.Vector}}
		}
		switch s.Status {
		case model.VexNotAffected:
			vuln.Analysis.Justification = cdxJustifications[s.Justification]
		case model.VexAffected:
			vuln.Recommendation, vuln.Analysis.Response = s.Action, []string{"update"}
		}
		affects := map[model.ID]bool{}
		for _, p := range s.pairs {
			id := p.Component.ID
			if !affects[id] {
				affects[id] = true
				vuln.Affects = append(vuln.Affects, cdxAffects{Ref: id.String()})
			}
			if !listed[id] {
				listed[id] = true
				doc.Components = append(doc.Components, cdxComponent{Type: cdxType(p.Component.Type), Ref: id.String(), Group: p.Component.Group,
					Name: p.Component.Title(), Version: p.Component.Version, PURL: p.Component.PackageURL})
			}
		}
		doc.Vulnerabilities = append(doc.Vulnerabilities, vuln)
	}
	return jsonFile(d.holder.Base().Key+".vex.cdx.json", "application/vnd.cyclonedx+json", doc)
}

// sourceName returns where an identifier comes from.
func sourceName(id string) string {
	switch {
	case len(id) > 4 && id[:4] == "CVE-":
		return "NVD"
	case len(id) > 5 && id[:5] == "GHSA-":
		return "GitHub"
	}
	return "OSV"
}

// cdxType returns the type of a component where CycloneDX 1.5 knows it, and library otherwise.
func cdxType(t string) string {
	switch t {
	case "application", "framework", "library", "container", "platform", "operating-system", "device", "device-driver", "firmware", "file", "machine-learning-model", "data":
		return t
	}
	return "library"
}

// jsonFile makes a file of a document.
func jsonFile(name, media string, doc any) (practice.File, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return practice.File{}, err
	}
	return practice.File{Name: name, Type: media, Content: out.Bytes()}, nil
}

// Package oscal reads documents in OSCAL 1.0 to 1.2, in JSON, XML and YAML: catalogues, profiles, mappings,
// component definitions, system security plans, assessment plans and results, and plans of action and milestones.
package oscal

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "oscal"

// Format reads documents in OSCAL.
var Format = feed.Format{
	Name:  name,
	Label: "OSCAL document",
	Help: "Catalogues become frameworks with their requirements, profiles become baselines, component definitions and security plans become controls, " +
		"and assessments and plans of action become tests, observations, findings, risks and items of the plan.",
	Rank:     60,
	Together: true,
	Detect:   detect,
	Read:     read,
}

// models are the root elements of the documents.
var models = []string{"catalog", "profile", "component-definition", "system-security-plan", "assessment-plan", "assessment-results", "plan-of-action-and-milestones", "mapping-collection"}

// glance is how many bytes of a content are looked at to find its root.
const glance = 64 << 10

// mostRepeats is how many values the aliases of a YAML document may stand for.
const mostRepeats = 1_000_000

var yamlRoot = regexp.MustCompile(`(?m)^["']?(` + strings.Join(models, "|") + `)["']?:[ \t]*(?:#.*)?\r?$`)

func detect(data []byte) int {
	text := kit.Start(data, glance)
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '<':
		if slices.Contains(models, kit.RootElement(text)) && bytes.Contains(text[:min(len(text), glance)], []byte("csrc.nist.gov/ns/oscal")) {
			return 97
		}
	case '{':
		if !bytes.Contains(text, []byte(`"oscal-version"`)) {
			return 0
		}
		members := kit.Members(text)
		if slices.ContainsFunc(models, func(m string) bool { return members[m] }) {
			return 97
		}
	default:
		if bytes.Contains(text, []byte("oscal-version")) && yamlRoot.Match(text[:min(len(text), glance)]) {
			return 97
		}
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	root, err := parse(text, b.Limits)
	if err != nil {
		return err
	}
	var body *kit.Node
	for _, m := range models {
		if n := root.Get(m); n != nil && n.Shape == kit.Object {
			body = n
			break
		}
	}
	if body == nil {
		return fmt.Errorf("it is none of the documents of OSCAL: the content must be one object called %s", strings.Join(models, ", "))
	}
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "OSCAL"}, Format: name}
	d := newDocument(ctx, b, in.Name, body)
	b.Source.Produced = d.modified
	return d.read()
}

// parse makes one tree of a document, whatever it is written in.
func parse(text []byte, limits feed.Limits) (*kit.Node, error) {
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return nil, fmt.Errorf("the content is empty")
	case trimmed[0] == '<':
		return xmlNodes(kit.NewText(text), limits)
	case trimmed[0] == '{' || trimmed[0] == '[':
		return kit.JSONNodes(kit.NewText(text), limits)
	}
	root, err := kit.YAMLNodes(text, limits, mostRepeats)
	if err != nil {
		return nil, fmt.Errorf("the content is not YAML that can be read: %w", err)
	}
	return root, nil
}

// read proposes what the document says.
func (d *document) read() error {
	switch d.model {
	case model.OscalCatalog:
		return d.catalog()
	case model.OscalProfile:
		d.profile()
	case model.OscalComponentDefinition:
		d.componentDefinition()
	case model.OscalSecurityPlan:
		d.securityPlan()
	case model.OscalAssessmentPlan:
		d.assessmentPlan()
	case model.OscalAssessmentResults:
		d.assessmentResults()
	case model.OscalPlanOfAction:
		d.planOfAction()
	case model.OscalMapping:
		d.mappings()
	}
	return d.ctx.Err()
}

// Package grype reads the reports that Grype writes as JSON.
package grype

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads reports of Grype.
var Format = feed.Format{
	Name:   name,
	Label:  "Grype report",
	Help:   "Matches become findings of scanners, with their packages and the versions that mend them. What Grype no longer reports of the same target becomes stale.",
	Rank:   50,
	Detect: detect,
	Read:   read,
}

const name = "grype"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 1 << 20

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	names := kit.Members(text)
	switch {
	case !names["matches"]:
		return 0
	case names["descriptor"] || names["source"] || names["distro"]:
		return 100
	case bytes.Contains(text, []byte(`"matchDetails"`)):
		return 95
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	root, err := kit.JSONNodes(kit.NewText(text), b.Limits)
	if err != nil {
		return err
	}
	matches := root.Get("matches")
	if matches == nil || matches.Shape != kit.List && matches.Shape != kit.Null {
		return errors.New("matches: there is no list of matches")
	}
	r := &reader{batch: b, scan: &kit.Scan{Batch: b}}
	r.begin(root, in.Name)
	for _, list := range []struct {
		member string
		state  model.ScanFindingState
	}{{"matches", "open"}, {"ignoredMatches", "dismissed"}} {
		for i, n := range root.List(list.member) {
			if i%1000 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if len(b.Items) >= b.Limits.Items {
				return fmt.Errorf("the report has more than %d matches, which is the limit: split it", b.Limits.Items)
			}
			at := b.At(n.Line, n.Column, fmt.Sprintf("%s[%d]", list.member, i))
			b.Count(list.member, 1)
			if err := r.match(n, at, list.state); err != nil {
				b.Refuse(at, "%v", err)
				b.Complete = false
			}
		}
	}
	return nil
}

// reader fills a batch from a report.
type reader struct {
	batch *feed.Batch
	scan  *kit.Scan
}

// begin finds out what was scanned, which is told in another way for images, folders and files.
func (r *reader) begin(root *kit.Node, file string) {
	source, tool := root.Get("source"), root.Get("descriptor")
	target := source.Get("target")
	input := kit.Line(cmp.Or(target.String("userInput"), target.Plain(), target.String("name"), kit.FileName(file, []string{".json", ".gz"}, []string{"grype", "report", "results", "scan"})))
	r.scan.Begin(name, cmp.Or(tool.String("name"), "grype"), input, tool.String("version"), kit.TimeAt(tool.String("timestamp")))
	r.scan.Names = append(kit.Texts(target.List("tags")), kit.NameKey(input))
	r.scan.PackageURL = target.String("purl")
	if input == "" {
		r.batch.Note("The report does not say what was scanned: give the import a source of its own.")
	}
}

func (r *reader) match(n *kit.Node, at feed.Where, state model.ScanFindingState) error {
	v, artifact := n.Get("vulnerability"), n.Get("artifact")
	id, pkg := kit.Line(v.String("id")), kit.Line(artifact.String("name"))
	switch {
	case id == "":
		return errors.New("vulnerability.id: the match does not say which vulnerability it is")
	case pkg == "":
		return errors.New("artifact.name: the match does not say which package it is about")
	}
	f := &model.ScanFinding{Type: "vulnerability", Rule: id, Severity: kit.SeverityOf(v.String("severity")), PackageURL: kit.PackageText(artifact.String("purl")), Version: kit.Line(artifact.String("version")), Message: kit.Clean(v.String("description")), State: state}
	f.Name = id + " in " + pkg
	f.Link = kit.WebAddress(v.String("dataSource"))
	if fix := v.Get("fix"); fix.String("state") == "" || fix.String("state") == "fixed" {
		f.Fixed = kit.Texts(fix.List("versions"))
	}
	vectors := vectorsOf(v)
	var aliases []string
	for _, related := range n.List("relatedVulnerabilities") {
		if other := kit.Line(related.String("id")); other != id {
			aliases = append(aliases, other)
		}
		vectors = append(vectors, vectorsOf(related)...)
		f.Message = cmp.Or(f.Message, kit.Clean(related.String("description")))
	}
	f.Aliases, f.Vectors = kit.Sorted(aliases), kit.Sorted(vectors)
	path := ""
	for _, l := range artifact.List("locations") {
		path = cmp.Or(path, kit.Line(l.String("path")))
	}
	f.Location = path
	if state == "dismissed" {
		f.Reason = reasonOf(n)
	}
	r.scan.Add(f, at, kit.Line(artifact.String("type")), f.Version, pkg, path, kit.Line(v.String("namespace")))
	return nil
}

// reasonOf says why Grype was told to leave a match out.
func reasonOf(n *kit.Node) string {
	for _, rule := range n.List("appliedIgnoreRules") {
		if why := kit.Line(cmp.Or(rule.String("reason"), rule.String("vex-justification"), rule.String("vex-status"))); why != "" {
			return why
		}
	}
	return "Grype was told to leave it out."
}

// vectorsOf returns the CVSS vectors of a vulnerability.
func vectorsOf(n *kit.Node) []string {
	var out []string
	for _, c := range n.List("cvss") {
		out = append(out, kit.VectorOf(c.String("vector"), "CVSSv"+c.String("version")))
	}
	return out
}

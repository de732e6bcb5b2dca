// Package trivy reads the reports that Trivy writes as JSON, schema version 2: of images, file systems, repositories, machines and
// bills of materials, and of clusters of Kubernetes.
package trivy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Format reads reports of Trivy.
var Format = feed.Format{
	Name:  name,
	Label: "Trivy report",
	Help: "Vulnerabilities, wrong settings, secrets and licences become findings of scanners. What Trivy no longer reports of the same target becomes stale. " +
		"Secrets themselves are never taken.",
	Rank:   50,
	Detect: detect,
	Read:   read,
}

const name = "trivy"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	names := kit.Members(text)
	switch {
	case names["SchemaVersion"] && names["ArtifactName"]:
		return 100
	case names["ClusterName"] && (names["Resources"] || names["Findings"] || names["Vulnerabilities"] || names["Misconfigurations"]):
		return 95
	case names["ArtifactName"] && names["Results"]:
		return 90
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
	if root.Shape != kit.Object {
		return errors.New("a report of Trivy is a JSON object: a list of results is written by releases before 0.20, which must be updated")
	}
	r := &reader{ctx: ctx, batch: b, scan: &kit.Scan{Batch: b}}
	produced := kit.TimeAt(root.String("CreatedAt"))
	version := root.Get("Trivy").String("Version")
	if cluster := root.Get("ClusterName"); cluster != nil && root.Get("ArtifactName") == nil {
		r.scan.Begin(name, "Trivy", "cluster "+cluster.Plain(), version, produced)
		return r.cluster(root)
	}
	if schema := root.String("SchemaVersion"); schema != "2" {
		return fmt.Errorf("SchemaVersion: %q is not known: version 2 is read", kit.Short(schema))
	}
	target := root.String("ArtifactName")
	if target == "" {
		return errors.New("ArtifactName: the report does not say what was scanned")
	}
	r.scan.Begin(name, "Trivy", target, version, produced)
	r.name(r.scan, root, target)
	if err := r.results(r.scan, root.Get("Results"), "Results"); err != nil {
		return err
	}
	r.finish()
	return nil
}

// name says under which other names the estate may know a target.
func (r *reader) name(scan *kit.Scan, root *kit.Node, target string) {
	scan.Names = append(scan.Names, kit.Texts(root.Get("Metadata").List("RepoTags"))...)
	scan.Names = append(scan.Names, withoutTag(target), kit.NameKey(target))
	if root.String("ArtifactType") == "repository" {
		scan.Repository = cmp.Or(root.Get("Metadata").String("RepoURL"), target)
	} else {
		scan.Repository = root.Get("Metadata").String("RepoURL")
	}
}

// withoutTag takes the tag and the digest off the name of an image.
func withoutTag(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if colon := strings.LastIndexByte(image, ':'); colon > strings.LastIndexByte(image, '/') {
		image = image[:colon]
	}
	return image
}

// cluster reads a report of a cluster: each workload is a target of its own.
func (r *reader) cluster(root *kit.Node) error {
	for _, member := range []string{"Resources", "Findings", "Vulnerabilities", "Misconfigurations"} {
		for i, n := range root.List(member) {
			path := fmt.Sprintf("%s[%d]", member, i)
			thing := kit.Line(n.String("Name"))
			if n.Shape != kit.Object || thing == "" {
				r.refuse(n, path, "the resource has no name")
				continue
			}
			if problem := n.String("Error"); problem != "" {
				r.batch.Note("%s could not be scanned: %s", kit.Short(thing), kit.Short(kit.Line(problem)))
				r.batch.Complete = false
			}
			part := r.scan.Part(strings.Trim(n.String("Namespace")+"/"+n.String("Kind")+"/"+thing, "/"))
			part.Names = []string{thing}
			r.batch.Count("resources", 1)
			for _, m := range n.List("Metadata") {
				part.Names = append(part.Names, withoutTag(kit.Line(m.String("ArtifactName"))))
			}
			if err := r.results(part, n.Get("Results"), path+".Results"); err != nil {
				return err
			}
		}
	}
	r.finish()
	return nil
}

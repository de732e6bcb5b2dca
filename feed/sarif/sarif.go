// Package sarif reads what scanners report in the Static Analysis Results Interchange Format (SARIF), version 2.1.0.
package sarif

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Format reads the results of scanners.
var Format = feed.Format{
	Name:  name,
	Label: "SARIF scan results",
	Help: "Results become findings of scanners, with their rules, places and severities. What the same tool no longer reports of the same target becomes stale. " +
		"The target is found in the estate by its repository or its name.",
	Rank:   50,
	Detect: detect,
	Read:   read,
}

const name = "sarif"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	names := kit.Members(text)
	switch {
	case !names["runs"]:
		return 0
	case bytes.Contains(bytes.ToLower(text[:min(len(text), 4096)]), []byte("sarif")):
		return 100
	case names["version"] && bytes.Contains(text, []byte(`"driver"`)):
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
	switch version := root.String("version"); {
	case root.Shape != kit.Object:
		return errors.New("a SARIF log is a JSON object")
	case version != "2.1.0":
		return fmt.Errorf("version: %q is not known: version 2.1.0 is read; newer releases of the tool write it", kit.Short(version))
	case root.Get("runs") == nil || root.Get("runs").Shape != kit.List:
		return errors.New("runs: there is no list of runs")
	}
	r := &reader{batch: b}
	var runs []*run
	for i, n := range root.List("runs") {
		path := fmt.Sprintf("runs[%d]", i)
		one, err := newRun(n, path, in.Name)
		if err != nil {
			b.Refuse(b.At(n.Line, n.Column, path), "%v", err)
			continue
		}
		runs = append(runs, one)
	}
	if len(runs) == 0 {
		return errors.New("there is no run that can be read")
	}
	r.source(runs)
	b.Count("runs", len(runs))
	for _, one := range runs {
		if err := r.run(ctx, one); err != nil {
			return err
		}
	}
	if len(b.Refused) > 0 {
		b.Complete = false
	}
	return nil
}

// source names the source of a document: its tools together with what they scanned.
func (r *reader) source(runs []*run) {
	var tools []string
	target := ""
	for _, one := range runs {
		tools, target = append(tools, one.tool), cmp.Or(target, one.target)
	}
	tools = kit.Sorted(tools)
	first := &kit.Scan{Batch: r.batch}
	version := ""
	if len(runs) == 1 {
		version = runs[0].version
	}
	first.Begin(name, strings.Join(tools, "+"), target, version, runs[0].ended)
	r.batch.Settlers = r.batch.Settlers[:0]
	if target == "" {
		r.batch.Note("The document does not say what was scanned: give the import a source of its own, so that results of other targets are not taken for gone.")
	}
	if slices.ContainsFunc(runs, func(one *run) bool { return one.failed }) {
		r.batch.Complete = false
		r.batch.Note("A run did not succeed: nothing that is missing from it counts as gone.")
	}
}

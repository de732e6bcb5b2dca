package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/model"
	"binnacle/practice/vulnerable"
)

// besideScanner writes a bill of materials and a database of advisories into a folder, and lets osv-scanner and Binnacle
// read both and find what fits. Binnacle reads the same files through its feeds. It is not measured where osv-scanner is neither on PATH nor in OSV_SCANNER.
func besideScanner(r *run) error {
	w := &vulnerableWorld{components: min(r.size/50, 20_000), advisories: min(r.size/20, 40_000), packages: max(1, min(r.size/100, 8_000))}
	what := fmt.Sprintf("%d components × %d advisories, read from their files and matched", w.components, w.advisories)
	scanner := os.Getenv("OSV_SCANNER")
	if scanner == "" {
		found, err := exec.LookPath("osv-scanner")
		if err != nil {
			r.report(what, "", "", "not measured: osv-scanner is not installed")
			return nil
		}
		scanner = found
	}
	dir := filepath.Join(r.dir, "advisories")
	if err := w.write(dir); err != nil {
		return err
	}
	theirs, slow, err := scan(r, scanner, dir)
	if err != nil {
		return err
	}
	began := begin()
	ours, err := w.read(dir)
	if err != nil {
		return err
	}
	quick := began.lap()
	same := "the same pairs"
	if !slices.Equal(ours, theirs) {
		same = fmt.Sprintf("%d pairs differ", differ(ours, theirs)+differ(theirs, ours))
	}
	r.report(what, fmt.Sprintf("osv-scanner %.2f s, %d pairs: %s", slow.Seconds(), len(theirs), same), "quicker", "%s, %d pairs", quick, len(ours))
	return nil
}

// archived reads a database of advisories, as osv.dev hands it out: an archive for each ecosystem with one small file for each advisory.
func archived(r *run) error {
	w := &vulnerableWorld{advisories: r.size / 4, packages: max(1, r.size/5), snap: estate.Empty()}
	dir := filepath.Join(r.dir, "database")
	if err := w.write(dir); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	before := heapInUse()
	began := begin()
	batches := map[string]*feed.Batch{}
	for _, kind := range sorts {
		if err := w.join(batches, filepath.Join(dir, "osv-scalibr", kind[1], "all.zip")); err != nil {
			return err
		}
	}
	read := began.lap()
	if err := w.take(batches["osv"]); err != nil {
		return err
	}
	took := began.lap()
	batches = nil
	if n := w.snap.View(0).Count("Advisory"); n != w.advisories {
		return fmt.Errorf("advisories: there are %d of %d", n, w.advisories)
	}
	r.report(fmt.Sprintf("%d advisories read from archives of small files, compared and applied", w.advisories), "", "",
		"%s, %.0f/s, of it reading %s; %d B each in memory", took, float64(w.advisories)/took.clock.Seconds(), read, (heapInUse()-before)/uint64(w.advisories))
	return nil
}

// differ counts what is in one sorted list and not in the other.
func differ(a, b []string) int {
	n := 0
	for _, s := range a {
		if _, found := slices.BinarySearch(b, s); !found {
			n++
		}
	}
	return n
}

// write writes the bill of materials, and an archive of records for each ecosystem where osv-scanner looks for it.
func (w *vulnerableWorld) write(dir string) error {
	var parts []map[string]any
	for c := range w.components {
		pkg, version := w.componentOf(c)
		purl := purlOf(pkg) + "@" + version.String()
		parts = append(parts, map[string]any{"type": "library", "name": nameOf(pkg), "version": version.String(), "purl": purl, "bom-ref": fmt.Sprintf("%d", c)})
	}
	bom, err := json.Marshal(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "metadata": map[string]any{"component": map[string]any{"type": "application", "name": "bench"}}, "components": parts,
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "bom.json"), bom, 0o644); err != nil {
		return err
	}
	for _, kind := range sorts {
		if err := w.archive(dir, kind[1]); err != nil {
			return err
		}
	}
	return nil
}

// archive writes the records of one ecosystem.
func (w *vulnerableWorld) archive(dir, ecosystem string) (err error) {
	folder := filepath.Join(dir, "osv-scalibr", ecosystem)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(folder, "all.zip"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z := zip.NewWriter(f)
	for a := range w.advisories {
		pkg := w.aboutOf(a)
		if sorts[pkg%len(sorts)][1] != ecosystem {
			continue
		}
		from, until := spanOf(a)
		id := fmt.Sprintf("OSV-2020-%07d", a)
		record, err := json.Marshal(map[string]any{
			"schema_version": "1.6.0", "id": id, "modified": "2024-01-02T03:04:05Z", "published": "2024-01-02T03:04:05Z", "summary": "A weakness", "aliases": []string{},
			"affected": []any{map[string]any{
				"package": map[string]any{"ecosystem": ecosystem, "name": nameOf(pkg)},
				"ranges":  []any{map[string]any{"type": rangeType(ecosystem), "events": []any{map[string]any{"introduced": from.String()}, map[string]any{"fixed": until.String()}}}},
			}},
		})
		if err != nil {
			return err
		}
		entry, err := z.Create(id + ".json")
		if err != nil {
			return err
		}
		if _, err := entry.Write(record); err != nil {
			return err
		}
	}
	return z.Close()
}

func rangeType(ecosystem string) string {
	if ecosystem == "npm" || ecosystem == "Go" {
		return "SEMVER"
	}
	return "ECOSYSTEM"
}

// scan runs osv-scanner without a network and returns what it found, sorted.
func scan(r *run, scanner, dir string) ([]string, time.Duration, error) {
	result := filepath.Join(dir, "result.json")
	cmd := exec.CommandContext(r.ctx, scanner, "scan", "source", "--offline", "--all-vulns", "-L", filepath.Join(dir, "bom.json"), "--format", "json", "--output-file", result)
	cmd.Env = append(os.Environ(), "OSV_SCALIBR_LOCAL_DB_CACHE_DIRECTORY="+dir)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	var exit *exec.ExitError
	// It exits with 1 where it found something.
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return nil, 0, fmt.Errorf("osv-scanner: %w\n%s", err, out)
	}
	data, err := os.ReadFile(result)
	if err != nil {
		return nil, 0, fmt.Errorf("osv-scanner: %w\n%s", err, out)
	}
	var report struct {
		Results []struct {
			Packages []struct {
				Package         struct{ Name, Version, Ecosystem string }
				Vulnerabilities []struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(data, &report); err != nil {
		return nil, 0, fmt.Errorf("osv-scanner: %w", err)
	}
	var pairs []string
	for _, result := range report.Results {
		for _, p := range result.Packages {
			for _, v := range p.Vulnerabilities {
				pairs = append(pairs, p.Package.Name+" "+p.Package.Version+" "+v.ID)
			}
		}
	}
	slices.Sort(pairs)
	return slices.Compact(pairs), took, nil
}

// read imports the bill of materials and the archives through the feeds and returns what fits, sorted.
func (w *vulnerableWorld) read(dir string) ([]string, error) {
	w.snap = estate.Empty()
	paths := []string{filepath.Join(dir, "bom.json")}
	for _, kind := range sorts {
		paths = append(paths, filepath.Join(dir, "osv-scalibr", kind[1], "all.zip"))
	}
	batches := map[string]*feed.Batch{}
	for _, path := range paths {
		if err := w.join(batches, path); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"cyclonedx", "osv"} {
		if err := w.take(batches[name]); err != nil {
			return nil, err
		}
	}
	var pairs []string
	for _, m := range vulnerable.In(w.snap.View(model.DateOf(time.Now()))).Matches() {
		_, name, _ := strings.Cut(m.Package, "/")
		if strings.HasPrefix(m.Package, "pkg:maven/") {
			name = strings.Replace(name, "/", ":", 1)
		}
		pairs = append(pairs, name+" "+m.Version+" "+m.Advisory.Key)
	}
	slices.Sort(pairs)
	return slices.Compact(pairs), nil
}

// take compares what was read with the estate and applies what is new.
func (w *vulnerableWorld) take(b *feed.Batch) error {
	plan := feed.Reconcile(w.snap.View(0), b, feed.Options{Now: 1_800_000_000_000, NewID: w.newID, Rank: 50})
	return w.apply(&plan.Changes)
}

// join reads the contents of a file into the batches of their formats.
func (w *vulnerableWorld) join(batches map[string]*feed.Batch, path string) error {
	for c, err := range all.Open(path, feed.DefaultLimits) {
		if err != nil {
			return err
		}
		if c.Skipped != "" {
			return fmt.Errorf("%s was skipped: %s", c.Input.Name, c.Skipped)
		}
		b, err := feed.Read(context.Background(), c.Format, w.snap.Schema(), c.Input)
		if err != nil {
			return err
		}
		if batches[c.Format.Name] == nil {
			batches[c.Format.Name] = b
			continue
		}
		batches[c.Format.Name].Join(b)
	}
	return nil
}

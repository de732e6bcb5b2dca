package trivy

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// reader fills a batch from a report.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
	scan  *kit.Scan
	// refused says that something could not be taken.
	refused bool
}

func (r *reader) refuse(n *kit.Node, path, reason string) {
	r.batch.Refuse(r.batch.At(n.Line, n.Column, path), "%s", reason)
	r.refused = true
}

// finish says that nothing is gone where something was refused.
func (r *reader) finish() {
	if r.refused {
		r.batch.Complete = false
		r.batch.Note("Because something was refused, nothing that is missing from this report counts as gone.")
	}
}

// lists are the lists of a result, with what each becomes.
var lists = []struct {
	name string
	read func(r *reader, scan *kit.Scan, result, n *kit.Node) (*model.ScanFinding, []string, string)
}{
	{"Vulnerabilities", (*reader).vulnerability},
	{"Misconfigurations", (*reader).misconfiguration},
	{"Secrets", (*reader).secret},
	{"Licenses", (*reader).licence},
}

func (r *reader) results(scan *kit.Scan, list *kit.Node, path string) error {
	if list == nil || list.Shape == kit.Null {
		return nil
	}
	if list.Shape != kit.List {
		r.refuse(list, path, "a list of results is wanted")
		return nil
	}
	for i, result := range list.Items {
		where := fmt.Sprintf("%s[%d]", path, i)
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if result.Shape != kit.Object {
			r.refuse(result, where, "a result is an object with members")
			continue
		}
		r.batch.Count("results", 1)
		for _, l := range lists {
			for k, n := range result.List(l.name) {
				if len(r.batch.Items) >= r.batch.Limits.Items {
					return fmt.Errorf("the report has more than %d findings, which is the limit: split it", r.batch.Limits.Items)
				}
				at := fmt.Sprintf("%s.%s[%d]", where, l.name, k)
				f, identity, why := l.read(r, scan, result, n)
				if r.add(scan, f, identity, why, n, at); f != nil {
					r.batch.Count(strings.ToLower(l.name), 1)
				}
			}
		}
		r.suppressed(scan, result, where)
	}
	return nil
}

func (r *reader) add(scan *kit.Scan, f *model.ScanFinding, identity []string, why string, n *kit.Node, path string) {
	switch {
	case why != "":
		r.refuse(n, path, why)
	case f != nil:
		scan.Add(f, r.batch.At(n.Line, n.Column, path), identity...)
	}
}

// suppressed reads the findings that people have told Trivy to leave out.
func (r *reader) suppressed(scan *kit.Scan, result *kit.Node, where string) {
	for k, m := range result.List("ExperimentalModifiedFindings") {
		n := m.Get("Finding")
		for _, l := range lists {
			kind := map[string]string{"vulnerability": "Vulnerabilities", "misconfiguration": "Misconfigurations", "secret": "Secrets", "license": "Licenses"}[m.String("Type")]
			if l.name != kind || n == nil {
				continue
			}
			f, identity, why := l.read(r, scan, result, n)
			if f != nil {
				f.State, f.Reason = "dismissed", kit.Line(cmp.Or(m.String("Statement"), strings.TrimSpace(m.String("Status")+" "+m.String("Source"))))
				r.batch.Count("suppressed findings", 1)
			}
			r.add(scan, f, identity, why, n, fmt.Sprintf("%s.ExperimentalModifiedFindings[%d]", where, k))
		}
	}
}

// types are the types of package URLs of what Trivy calls the type of a result.
var types = map[string]string{
	"npm": "npm", "yarn": "npm", "pnpm": "npm", "node-pkg": "npm", "bun": "npm", "pip": "pypi", "pipenv": "pypi", "poetry": "pypi", "uv": "pypi", "python-pkg": "pypi", "gobinary": "golang", "gomod": "golang",
	"jar": "maven", "pom": "maven", "gradle": "maven", "sbt": "maven", "bundler": "gem", "gemspec": "gem", "cargo": "cargo", "rustbinary": "cargo", "composer": "composer", "composer-vendor": "composer",
	"nuget": "nuget", "dotnet-core": "nuget", "packages-props": "nuget", "pub": "pub", "hex": "hex", "conan": "conan", "swift": "swift", "cocoapods": "cocoapods",
}

// purlOf returns the package URL of a package: the one that the report has, or one made of the type of the result.
func purlOf(result, n *kit.Node) string {
	if purl := kit.PackageText(n.Get("PkgIdentifier").String("PURL")); purl != "" {
		return purl
	}
	kind := types[result.String("Type")]
	namespace, name := "", kit.Line(n.String("PkgName"))
	switch kind {
	case "maven":
		namespace, name, _ = strings.Cut(name, ":")
	case "npm", "golang", "composer":
		if cut := strings.LastIndexByte(name, '/'); cut > 0 {
			namespace, name = name[:cut], name[cut+1:]
		}
	}
	return kit.PackageURL(kind, namespace, name, n.String("InstalledVersion"))
}

func (r *reader) vulnerability(_ *kit.Scan, result, n *kit.Node) (*model.ScanFinding, []string, string) {
	id, pkg := kit.Line(n.String("VulnerabilityID")), kit.Line(n.String("PkgName"))
	if id == "" || pkg == "" {
		return nil, nil, "VulnerabilityID and PkgName are needed"
	}
	f := &model.ScanFinding{Type: "vulnerability", Rule: id, Aliases: kit.Sorted(kit.Texts(n.List("VendorIDs"))), Severity: kit.SeverityOf(n.String("Severity")), PackageURL: purlOf(result, n), Version: kit.Line(n.String("InstalledVersion")),
		Message: kit.Clean(cmp.Or(n.String("Description"), n.String("Title"))), Link: kit.WebAddress(n.String("PrimaryURL"))}
	f.Name = kit.Line(cmp.Or(n.String("Title"), id+" in "+pkg))
	for fixed := range strings.SplitSeq(n.String("FixedVersion"), ",") {
		if fixed = kit.Line(fixed); fixed != "" {
			f.Fixed = append(f.Fixed, fixed)
		}
	}
	f.Vectors = vectorsOf(n.Get("CVSS"))
	path := kit.Line(n.String("PkgPath"))
	f.Location = cmp.Or(path, kit.Line(result.String("Target")))
	return f, []string{kit.Line(result.String("Class")), kit.Line(result.String("Type")), cmp.Or(path, r.place(result)), pkg, f.Version}, ""
}

// place returns the target of a result where it is a file. Of an image it has the name of the image with its tag, which changes.
func (r *reader) place(result *kit.Node) string {
	if result.String("Class") == "os-pkgs" {
		return ""
	}
	return kit.Line(result.String("Target"))
}

// vectorsOf returns the CVSS vectors of every vendor.
func vectorsOf(n *kit.Node) []string {
	if n == nil || n.Shape != kit.Object {
		return nil
	}
	var out []string
	for _, vendor := range n.Items {
		for member, method := range map[string]string{"V40Vector": "CVSSv4", "V3Vector": "CVSSv31", "V2Vector": "CVSSv2"} {
			out = append(out, kit.VectorOf(vendor.String(member), method))
		}
	}
	return kit.Sorted(out)
}

func (r *reader) misconfiguration(_ *kit.Scan, result, n *kit.Node) (*model.ScanFinding, []string, string) {
	id := kit.Line(cmp.Or(n.String("ID"), n.String("AVDID")))
	switch status := n.String("Status"); {
	case id == "":
		return nil, nil, "the ID is missing"
	case status != "" && status != "FAIL":
		r.batch.Count("settings that are fine", 1)
		return nil, nil, ""
	}
	cause := n.Get("CauseMetadata")
	f := &model.ScanFinding{Type: "misconfiguration", Rule: id, Severity: kit.SeverityOf(n.String("Severity")), Link: kit.WebAddress(n.String("PrimaryURL"))}
	f.Name = kit.Line(n.String("Title"))
	f.Message = kit.Clean(strings.TrimSpace(cmp.Or(n.String("Message"), n.String("Description")) + "\n\n" + n.String("Resolution")))
	if avd := kit.Line(n.String("AVDID")); avd != "" && avd != id {
		f.Aliases = []string{avd}
	}
	target := kit.Line(result.String("Target"))
	f.Location = located(target, cause.String("StartLine"))
	return f, []string{target, kit.Line(cause.String("Resource")), kit.Line(n.String("Message"))}, ""
}

func located(file, line string) string {
	if line != "" && line != "0" {
		return file + ":" + kit.Line(line)
	}
	return file
}

// secret reads a secret that lies where it should not. What Trivy shows of the secret and of the lines around it is left out.
func (r *reader) secret(_ *kit.Scan, result, n *kit.Node) (*model.ScanFinding, []string, string) {
	id := kit.Line(n.String("RuleID"))
	if id == "" {
		return nil, nil, "the RuleID is missing"
	}
	target, line := kit.Line(result.String("Target")), n.String("StartLine")
	f := &model.ScanFinding{Type: "secret", Rule: id, Severity: kit.SeverityOf(n.String("Severity")), Location: located(target, line)}
	f.Name = kit.Line(n.String("Title"))
	f.Message = kit.Line(cmp.Or(n.String("Title"), id) + " (" + cmp.Or(n.String("Category"), "secret") + ")")
	return f, []string{target, line}, ""
}

func (r *reader) licence(_ *kit.Scan, result, n *kit.Node) (*model.ScanFinding, []string, string) {
	id := kit.Line(n.String("Name"))
	if id == "" {
		return nil, nil, "the Name of the licence is missing"
	}
	pkg, file := kit.Line(n.String("PkgName")), kit.Line(n.String("FilePath"))
	f := &model.ScanFinding{Type: "licence", Rule: id, Severity: kit.SeverityOf(n.String("Severity")), Location: cmp.Or(file, pkg, kit.Line(result.String("Target"))), Link: kit.WebAddress(n.String("Link"))}
	f.Name = strings.TrimSpace(id + " " + cmp.Or(pkg, file))
	f.Message = kit.Line(n.String("Category"))
	return f, []string{r.place(result), pkg, file}, ""
}

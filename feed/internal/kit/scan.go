package kit

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/model"
)

// Scan fills a batch with what a scanner reported about one target. What the
// scanner reported before and does not report now becomes stale, because the source of the batch is
// the tool together with the target.
type Scan struct {
	// Batch is what is filled.
	Batch *feed.Batch
	// Tool is the scanner, with its version where that is known.
	Tool string
	// Target is what the scanner calls what it scanned.
	Target string
	// Names are other names by which the estate may know the target, the surest first.
	Names []string
	// Repository is the address of the source code that was scanned, where that is known.
	Repository string
	// PackageURL is the package URL of the target, where that is known.
	PackageURL string

	taken map[string]bool
}

// Begin names the source of the batch: the tool and the target. Produced is when the scan was made.
func (s *Scan) Begin(format, tool, target, version string, produced model.Time) {
	s.Target, s.taken = Line(target), map[string]bool{}
	s.Tool = strings.TrimSpace(Line(tool) + " " + Line(version))
	key := SubjectKey(KeyOf(tool), format) + ":" + SubjectKey(KeyOf(cmp.Or(RepositoryKey(target), strings.TrimLeft(target, "./"))))
	s.Batch.Source = model.Source{Meta: model.Meta{Key: key, Name: Line(tool) + " of " + cmp.Or(s.Target, "an unnamed target")}, Format: format, Describes: s.Target, Release: Line(version), Produced: produced}
	s.Batch.Complete = true
	s.Batch.Settlers = append(s.Batch.Settlers, s)
}

// Part returns a scan of a part of the target, such as a workload of a cluster. It belongs to the same source.
func (s *Scan) Part(target string) *Scan {
	out := &Scan{Batch: s.Batch, Tool: s.Tool, Target: Line(target), taken: map[string]bool{}}
	s.Batch.Settlers = append(s.Batch.Settlers, out)
	return out
}

// Add proposes a finding. The identity tells it from others of the same tool and target, and must be the same in the next scan. A
// finding that is reported twice is taken once.
func (s *Scan) Add(f *model.ScanFinding, at feed.Where, identity ...string) {
	id := strings.Join(append([]string{f.Rule}, identity...), "\x00")
	if s.taken[id] {
		s.Batch.Count("repeated findings", 1)
		return
	}
	s.taken[id] = true
	tool, _, _ := strings.Cut(s.Batch.Source.Key, ":")
	id = s.Target + "\x00" + id
	f.Key = SubjectKey(KeyOf(tool, NameKey(s.Target), f.Rule)) + "~" + Digest(s.Batch.Source.Key+"\x00"+id)
	f.Name = cmp.Or(f.Name, f.Rule)
	f.Tool, f.Target = s.Tool, s.Target
	if f.State == "" {
		f.State = "open"
	}
	s.Batch.Add(f, at, feed.External("finding "+identityOf(id)))
	s.Batch.Count("findings", 1)
}

// identityOf makes a short text of the parts of an identity.
func identityOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}

// Settle finds the record of the estate that was scanned, by name, package URL or repository.
func (s *Scan) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	for _, one := range all {
		if scan, ok := one.(*Scan); ok {
			scan.settle(v, b)
		}
	}
}

func (s *Scan) settle(v estate.View, b *feed.Batch) {
	subject := FindSubject(v, s.PackageURL, s.Repository, append([]string{s.Target}, s.Names...)...)
	if subject.IsZero() && s.Target != "" {
		b.Note("The estate does not know %s: the findings keep its name alone.", Short(s.Target))
	}
	for _, item := range b.Items {
		if f, ok := item.Record.(*model.ScanFinding); ok && f.Target == s.Target && f.Tool == s.Tool {
			f.Subject = subject
		}
	}
}

// subjects are the kinds that may be scanned, the likeliest first.
var subjects = []string{"Application", "Product", "Service", "Host", "CloudResource", "NetworkDevice", "Release"}

// FindSubject returns the record of the estate that a package URL, the address of a repository or one of some names means, and
// nothing where there is none or several.
func FindSubject(v estate.View, purl, repository string, names ...string) model.Ref {
	if p, err := packageurl.FromString(purl); err == nil {
		if rec := v.Identify("Application", "purl", PackageName(p)); rec != nil {
			return rec.Base().Ref()
		}
	}
	if want := RepositoryKey(repository); want != "" {
		// What lies below a repository, such as a package in it, belongs to it. The nearest one counts.
		var found []model.Ref
		nearest := 0
		for a := range estate.Each[*model.Application](v) {
			key := RepositoryKey(a.Repository)
			if key == "" || want != key && !strings.HasPrefix(want, key+"/") || len(key) < nearest {
				continue
			}
			if len(key) > nearest {
				found, nearest = found[:0], len(key)
			}
			found = append(found, a.Ref())
		}
		if len(found) == 1 {
			return found[0]
		}
	}
	for _, name := range names {
		if ref := named(v, name); !ref.IsZero() {
			return ref
		}
	}
	return model.Ref{}
}

// named returns the record that has a name as its key, its name or its address. Of several kinds the likeliest counts.
func named(v estate.View, name string) model.Ref {
	if name = strings.TrimSpace(name); name == "" || name == "." || name == "/" {
		return model.Ref{}
	}
	keys := []string{name, strings.Trim(feed.SlugOf(name), "/"), NameKey(name)}
	for _, key := range keys {
		for _, kind := range subjects {
			if key == "" {
				continue
			}
			if rec := v.Find(kind, key); rec != nil {
				return rec.Base().Ref()
			}
		}
	}
	for _, kind := range []string{"Host", "NetworkDevice"} {
		if rec := v.Identify(kind, "fqdn", strings.ToLower(name)); rec != nil {
			return rec.Base().Ref()
		}
	}
	if ref, err := v.Resolve(subjects, name); err == nil {
		return ref
	}
	return model.Ref{}
}

// RepositoryKey writes the address of a repository in a form that can be compared: the host and the path in lower case, without
// the protocol, names, port and .git. It is empty for what is no address.
func RepositoryKey(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	address = strings.TrimPrefix(strings.TrimPrefix(address, "git+"), "scm:git:")
	if user, rest, ok := strings.Cut(address, "@"); ok && !strings.Contains(user, "/") && !strings.Contains(rest, "://") {
		// The short form of SSH: git@host:path.
		address = "ssh://" + strings.Replace(rest, ":", "/", 1)
	}
	if !strings.Contains(address, "://") {
		host, _, slash := strings.Cut(address, "/")
		if !slash || !strings.Contains(host, ".") || strings.Trim(host, ".") != host || strings.ContainsAny(host, " \\") {
			return ""
		}
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme == "file" {
		return ""
	}
	path := strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git")
	if path == "" {
		return ""
	}
	return u.Hostname() + "/" + path
}

// Line makes one line of a text that is fit for a record.
func Line(text string) string { return strings.Join(strings.Fields(Clean(text)), " ") }

// PackageText returns a package URL that a record may have, or nothing.
func PackageText(text string) string {
	text = strings.TrimSpace(text)
	if _, err := packageurl.FromString(text); err != nil || !strings.HasPrefix(text, "pkg:") || Line(text) != text || strings.Contains(text, " ") {
		return ""
	}
	return text
}

// PackageURL makes a package URL of its parts, or nothing where it cannot be one.
func PackageURL(kind, namespace, name, version string) string {
	if kind == "" || name == "" {
		return ""
	}
	return PackageText(packageurl.NewPackageURL(kind, namespace, name, version, nil, "").ToString())
}

// SeverityOf returns the severity that a word of a scanner means, and nothing for unknown ones.
func SeverityOf(word string) model.Severity {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "critical":
		return model.SeverityCritical
	case "high", "important", "error":
		return model.SeverityHigh
	case "medium", "moderate", "warning":
		return model.SeverityMedium
	case "low", "negligible", "note", "minor":
		return model.SeverityLow
	case "none", "info", "informational":
		return model.SeverityNone
	}
	return ""
}

// SeverityOfScore returns the severity that a CVSS score means (the qualitative scale of CVSS 3.1), and nothing where it is no score.
func SeverityOfScore(text string) model.Severity {
	score, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil || !(score >= 0 && score <= 10):
		return ""
	case score >= 9:
		return model.SeverityCritical
	case score >= 7:
		return model.SeverityHigh
	case score >= 4:
		return model.SeverityMedium
	case score > 0:
		return model.SeverityLow
	}
	return model.SeverityNone
}

// Sorted returns texts without repetitions and empty ones, in order.
func Sorted(texts []string) []string {
	out := slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
	slices.Sort(out)
	if out = slices.Compact(out); len(out) == 0 {
		return nil
	}
	return out
}

// Texts returns the single values of a list, each on one line, without empty ones.
func Texts(list []*Node) []string {
	var out []string
	for _, n := range list {
		if text := Line(n.Plain()); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// TimeAt reads a moment, and nothing where it is none.
func TimeAt(text string) model.Time {
	t, err := model.ParseTime(text)
	if err != nil {
		return 0
	}
	return t
}

// VectorOf returns a CVSS vector as records have it: those of version 3 and 4 begin with the version. It is empty where it is none.
func VectorOf(text, method string) string {
	text = Line(text)
	switch {
	case text == "" || strings.Contains(text, " ") || !strings.Contains(text, ":") || !strings.Contains(text, "/"):
		return ""
	case strings.HasPrefix(text, "CVSS:"):
		return text
	}
	text = strings.Trim(text, "()")
	switch strings.ToUpper(strings.NewReplacer(".", "", "_", "", " ", "").Replace(method)) {
	case "CVSSV4", "CVSSV40":
		return "CVSS:4.0/" + text
	case "CVSSV31":
		return "CVSS:3.1/" + text
	case "CVSSV3", "CVSSV30":
		return "CVSS:3.0/" + text
	}
	return text
}

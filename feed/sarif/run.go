package sarif

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// reader fills a batch from a document.
type reader struct {
	batch *feed.Batch
}

// run is one run of a tool.
type run struct {
	node    *kit.Node
	path    string
	tool    string
	version string
	target  string
	repo    string
	ended   model.Time
	failed  bool
	parts   []*kit.Node
	rules   map[string]*kit.Node
	seen    map[string][]string
}

var (
	endings    = []string{".sarif", ".json", ".gz"}
	plainNames = []string{"results", "result", "report", "output", "scan", "sarif", "codeql"}
)

// newRun reads what a run says of itself.
func newRun(n *kit.Node, where, file string) (*run, error) {
	driver := n.Get("tool").Get("driver")
	r := &run{node: n, path: where, tool: kit.Line(driver.String("name")), version: kit.Line(cmp.Or(driver.String("semanticVersion"), driver.String("version"))), rules: map[string]*kit.Node{}, seen: map[string][]string{}}
	if r.tool == "" {
		return nil, errors.New("tool.driver.name: the run does not name its tool")
	}
	r.parts = append([]*kit.Node{driver}, n.Get("tool").List("extensions")...)
	for _, part := range r.parts {
		for _, rule := range part.List("rules") {
			if id := rule.String("id"); id != "" && r.rules[id] == nil {
				r.rules[id] = rule
			}
		}
	}
	for _, p := range n.List("versionControlProvenance") {
		if r.repo == "" {
			r.repo = kit.Line(p.String("repositoryUri"))
		}
	}
	for _, i := range n.List("invocations") {
		r.ended = max(r.ended, kit.TimeAt(cmp.Or(i.String("endTimeUtc"), i.String("startTimeUtc"))))
		r.failed = r.failed || i.String("executionSuccessful") == "false"
	}
	r.target = cmp.Or(r.repo, rootName(n), kit.FileName(file, endings, plainNames))
	return r, nil
}

// rootName returns the name of the folder that was scanned, where the run says it.
func rootName(n *kit.Node) string {
	bases := n.Get("originalUriBaseIds")
	if bases == nil {
		return ""
	}
	for _, id := range []string{"SRCROOT", "%SRCROOT%", "PROJECTROOT", "ROOTPATH"} {
		u, err := url.Parse(bases.Get(id).String("uri"))
		if err != nil {
			continue
		}
		if base := path.Base(strings.TrimSuffix(u.Path, "/")); base != "." && base != "/" {
			return kit.Line(base)
		}
	}
	return ""
}

func (r *reader) run(ctx context.Context, one *run) error {
	scan := &kit.Scan{Batch: r.batch}
	before := r.batch.Source
	complete := r.batch.Complete
	scan.Begin(name, one.tool, one.target, one.version, one.ended)
	r.batch.Source, r.batch.Complete = before, complete
	scan.Repository = one.repo
	scan.Names = []string{kit.NameKey(one.target)}
	for i, n := range one.node.List("results") {
		if i%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(r.batch.Items) >= r.batch.Limits.Items {
			return fmt.Errorf("the document has more than %d results, which is the limit: split it", r.batch.Limits.Items)
		}
		at := r.batch.At(n.Line, n.Column, fmt.Sprintf("%s.results[%d]", one.path, i))
		if err := r.result(scan, one, n, at); err != nil {
			r.batch.Refuse(at, "%v", err)
		}
	}
	return nil
}

// result adds one result. The error says why it cannot be taken.
func (r *reader) result(scan *kit.Scan, one *run, n *kit.Node, at feed.Where) error {
	if n.Shape != kit.Object {
		return errors.New("a result is an object with members")
	}
	rule, id := one.ruleOf(n)
	switch kind := n.String("kind"); {
	case id == "":
		return errors.New("ruleId: the result does not say which rule it breaks")
	case kind == "pass" || kind == "notApplicable":
		r.batch.Count("results that found nothing", 1)
		return nil
	case n.String("baselineState") == "absent":
		r.batch.Count("results that are gone", 1)
		return nil
	}
	f := &model.ScanFinding{Rule: kit.Line(id), Severity: severityOf(n, rule), Message: kit.Clean(one.messageOf(n, rule)), Link: kit.WebAddress(rule.String("helpUri"))}
	f.Type = typeOf(one.tool, f.Rule, n, rule)
	f.Name = kit.Line(cmp.Or(rule.Get("shortDescription").String("text"), rule.String("name"), id))
	uri, line, logical := one.placeOf(n)
	f.Location = kit.Line(uri + line)
	if f.Location == "" {
		f.Location = kit.Line(logical)
	}
	f.Fingerprint = fingerprintOf(n)
	f.First = kit.TimeAt(n.Get("provenance").String("firstDetectionTimeUtc"))
	if why, yes := suppressed(n); yes {
		f.State, f.Reason = "dismissed", kit.Line(cmp.Or(why, "The scanner was told to leave it out."))
		r.batch.Count("suppressed results", 1)
	}
	if identifier.MatchString(f.Rule) {
		f.Type = "vulnerability"
	}
	identity := cmp.Or(f.Fingerprint, f.Message+"\x00"+logical)
	scan.Add(f, at, uri, identity, one.number(f.Rule+"\x00"+uri+"\x00"+identity, f.Location))
	return nil
}

// number tells results apart that are alike but for their place, by their order.
func (one *run) number(identity, location string) string {
	i := slices.Index(one.seen[identity], location)
	if i < 0 {
		i = len(one.seen[identity])
		one.seen[identity] = append(one.seen[identity], location)
	}
	if i == 0 {
		return ""
	}
	return strconv.Itoa(i + 1)
}

// identifier is the form of identifiers of vulnerabilities.
var identifier = regexp.MustCompile(`^(CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|GO-\d{4}-\d+|PYSEC-\d{4}-\d+|RUSTSEC-\d{4}-\d+|OSV-\d{4}-\d+)`)

// ruleOf returns the rule that a result breaks, which may be nil, and its identifier.
func (one *run) ruleOf(n *kit.Node) (*kit.Node, string) {
	ref := n.Get("rule")
	id := cmp.Or(n.String("ruleId"), ref.String("id"))
	if rule := one.rules[id]; rule != nil {
		return rule, id
	}
	part := one.parts[0]
	if i, err := strconv.Atoi(ref.Get("toolComponent").String("index")); err == nil && i >= 0 && i+1 < len(one.parts) {
		part = one.parts[i+1]
	}
	rules := part.List("rules")
	if i, err := strconv.Atoi(cmp.Or(n.String("ruleIndex"), ref.String("index"))); err == nil && i >= 0 && i < len(rules) {
		return rules[i], cmp.Or(id, rules[i].String("id"))
	}
	// A rule may be named by a path, of which the rule itself is the beginning.
	for parent := id; parent != ""; {
		cut := strings.LastIndexByte(parent, '/')
		if cut < 0 {
			break
		}
		if parent = parent[:cut]; one.rules[parent] != nil {
			return one.rules[parent], id
		}
	}
	return nil, id
}

// severityOf returns the severity of a result: of the score that the tool gives, or else of the level.
func severityOf(n, rule *kit.Node) model.Severity {
	for _, where := range []*kit.Node{n, rule} {
		if s := kit.SeverityOfScore(where.Get("properties").String("security-severity")); s != "" {
			return s
		}
	}
	if kind := n.String("kind"); kind != "" && kind != "fail" && n.Get("level") == nil {
		return model.SeverityNone
	}
	level := cmp.Or(n.String("level"), rule.Get("defaultConfiguration").String("level"), "warning")
	return kit.SeverityOf(level)
}

var (
	secretTools = []string{"gitleaks", "trufflehog", "detect-secrets", "ggshield", "whispers"}
	setupTools  = []string{"checkov", "tfsec", "kics", "terrascan", "hadolint", "kube-linter", "kubesec", "kubescape", "cfn-lint", "zizmor"}
)

// typeOf tells what sort of finding a result is: by the tags of its rule, or else by the tool.
func typeOf(tool, id string, n, rule *kit.Node) model.ScanFindingType {
	tags := append(kit.Texts(n.Get("properties").List("tags")), kit.Texts(rule.Get("properties").List("tags"))...)
	for _, tag := range tags {
		switch tag = strings.ToLower(tag); {
		case strings.Contains(tag, "secret"):
			return "secret"
		case strings.Contains(tag, "misconfiguration"):
			return "misconfiguration"
		case tag == "vulnerability" && !strings.Contains(id, "/"):
			return "vulnerability"
		case tag == "license" || tag == "licence":
			return "licence"
		}
	}
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(t string) bool { return strings.Contains(strings.ToLower(tool), t) })
	}
	switch {
	case has(secretTools):
		return "secret"
	case has(setupTools):
		return "misconfiguration"
	}
	return "code"
}

var placeholder = regexp.MustCompile(`\{(\d+)\}`)

// messageOf returns the message of a result with its arguments put in.
func (one *run) messageOf(n, rule *kit.Node) string {
	m := n.Get("message")
	text := cmp.Or(m.String("text"), m.String("markdown"))
	if id := m.String("id"); text == "" && id != "" {
		for _, where := range []*kit.Node{rule.Get("messageStrings"), one.parts[0].Get("globalMessageStrings")} {
			text = cmp.Or(text, where.Get(id).String("text"))
		}
	}
	arguments := m.List("arguments")
	if len(arguments) == 0 || len(text) > 1<<16 {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if i, err := strconv.Atoi(p[1 : len(p)-1]); err == nil && i < len(arguments) {
			return arguments[i].Plain()
		}
		return p
	})
}

// placeOf returns the file of a result, the line and column behind it, and the name of the thing in the code.
func (one *run) placeOf(n *kit.Node) (uri, line, logical string) {
	for _, l := range n.List("locations") {
		physical := l.Get("physicalLocation")
		artifact := physical.Get("artifactLocation")
		if uri = artifact.String("uri"); uri == "" {
			artifacts := one.node.List("artifacts")
			if i, err := strconv.Atoi(artifact.String("index")); err == nil && i >= 0 && i < len(artifacts) {
				uri = artifacts[i].Get("location").String("uri")
			}
		}
		if plain, err := url.PathUnescape(uri); err == nil {
			uri = kit.Line(plain)
		}
		if region := physical.Get("region"); region.String("startLine") != "" {
			line = ":" + region.String("startLine")
			if c := region.String("startColumn"); c != "" {
				line += ":" + c
			}
		}
		for _, thing := range l.List("logicalLocations") {
			logical = cmp.Or(logical, thing.String("fullyQualifiedName"), thing.String("name"))
		}
		if uri != "" || logical != "" {
			break
		}
	}
	return uri, line, logical
}

// fingerprintOf returns what the tool knows a result again by, whichever order it is written in.
func fingerprintOf(n *kit.Node) string {
	for _, member := range []string{"fingerprints", "partialFingerprints"} {
		var out []string
		if prints := n.Get(member); prints != nil && prints.Shape == kit.Object {
			for _, p := range prints.Items {
				if text := kit.Line(p.Plain()); text != "" {
					out = append(out, kit.Line(p.Name)+"="+text)
				}
			}
		}
		if len(out) > 0 {
			return strings.Join(kit.Sorted(out), " ")
		}
	}
	return ""
}

// suppressed reports whether people have told the tool to leave a result out, and why: there is at least one suppression, and every one was accepted.
func suppressed(n *kit.Node) (why string, yes bool) {
	list := n.List("suppressions")
	for _, s := range list {
		if status := s.String("status"); status != "" && status != "accepted" {
			return "", false
		}
		why = cmp.Or(why, s.String("justification"))
	}
	return why, len(list) > 0
}

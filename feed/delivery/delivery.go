// Package delivery reads what code providers and pipelines tell about the way of
// software to its users: the messages that they send (webhooks) of GitHub, GitLab,
// Gitea and Forgejo, Bitbucket and Azure DevOps, tables of events, and the tables of
// DevLake. Everything becomes lines of the series delivery. Persons are looked at while reading, where a
// review by the author of a change is no review, and are never in a line.
package delivery

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/facts"
	"binnacle/model"
)

// Line is one event on the way of software to its users, in the words of [facts.Delivery].
type Line struct {
	// Event is commit, review, change, build, deployment, incident, release or inclusion.
	Event string `json:"event"`
	// Service is Kind/key of what it is about, or empty where the repository says it.
	Service string `json:"service,omitempty"`
	// Repository is the full name at the provider, such as acme/shop.
	Repository string `json:"repository,omitempty"`
	// Branch is the branch, where there is one.
	Branch string `json:"branch,omitempty"`
	// Environment is where a deployment goes to, or the name of a build.
	Environment string `json:"environment,omitempty"`
	// Result is open, merged, closed, success, failure, cancelled, or empty.
	Result string `json:"result,omitempty"`
	// Cause is planned, hotfix, rollback, deployment or other, or empty where nothing is known.
	Cause string `json:"cause,omitempty"`
	// ID and Parent are numbers as [facts.EventNumber] makes them. 0 for a parent means none or not known.
	ID     int64 `json:"id"`
	Parent int64 `json:"parent,omitempty"`
	// Start and End are when the event began and was over, in seconds since 1970 in UTC.
	Start int64 `json:"start"`
	End   int64 `json:"end"`
	// Added and Deleted are the lines of source that the event added and took away.
	Added   int64 `json:"lines_added,omitempty"`
	Deleted int64 `json:"lines_deleted,omitempty"`
	// Tests and Failed are the tests that it ran, and those that failed.
	Tests  int64 `json:"tests_run,omitempty"`
	Failed int64 `json:"tests_failed,omitempty"`
}

// Message is what a provider sent.
type Message struct {
	// Event is the name of the event in the words of the provider, from a header. Where it is empty, the body says it.
	Event string
	// Body is the JSON.
	Body []byte
	// Received is when it came. Zero means that this is not known, as for a file.
	Received time.Time
	// Rules returns what the organisation says about a repository by its full name. Nil means the defaults.
	Rules func(repository string) Rules
}

// Rules are what the organisation says about a repository.
type Rules struct {
	// Incidents are the labels of issues that are incidents. None means incident.
	Incidents []string
	// Hotfixes are the labels of changes that mark an unplanned repair. None means those with hotfix or revert in them.
	Hotfixes []string
	// Deploys are the names of jobs that deploy. The star stands for anything. Jobs with other names are told by their pipeline.
	Deploys []string
}

// Repository is where the events of a message happened.
type Repository struct {
	// Provider is where it is kept.
	Provider model.CodeProvider `json:"provider"`
	// FullName is its name at the provider, such as acme/shop.
	FullName string `json:"full_name"`
	// URL is its address, or empty where the message does not tell it.
	URL string `json:"url,omitempty"`
	// DefaultBranch is the branch that is delivered, or empty.
	DefaultBranch string `json:"default_branch,omitempty"`
}

// Result is what a message says.
type Result struct {
	// Event is the name of the event as it was understood.
	Event string
	// Repository is where it happened. It has no name where the message is about none.
	Repository Repository
	// Lines are the events. They are none where the message is ignored.
	Lines []Line
	// Ignored says why the message brings nothing, in a sentence without a full stop.
	Ignored string
}

// Read reads a message of a provider. The error says where the body is broken.
func Read(provider model.CodeProvider, m Message) (Result, error) {
	switch provider {
	case "github":
		return ReadGitHub(m)
	case "gitlab":
		return ReadGitLab(m)
	case "gitea":
		return ReadGitea(m)
	case "bitbucket":
		return ReadBitbucket(m)
	case "azure_devops":
		return ReadAzure(m)
	}
	return ReadOther(m)
}

// ReadAny reads a message whose provider is found out from its shape.
func ReadAny(m Message) (Result, error) {
	body, err := parse(m.Body)
	if err != nil {
		return Result{}, err
	}
	provider := providerOf(body.names())
	switch provider {
	case "":
		return Result{Event: m.Event, Ignored: "it is no message of a code provider that Binnacle knows"}, nil
	case "github":
		if isGitea(body) {
			provider = "gitea"
		}
	}
	return read(provider, m, body), nil
}

// reader makes lines of one message.
type reader struct {
	Message
	body node
	out  Result
}

// read reads a message whose body was parsed.
func read(provider model.CodeProvider, m Message, body node) Result {
	r := &reader{Message: m, body: body}
	r.out.Repository.Provider = provider
	switch provider {
	case "github", "gitea":
		r.github()
	case "gitlab":
		r.gitlab()
	case "bitbucket":
		r.bitbucket()
	case "azure_devops":
		r.azure()
	}
	r.finish()
	return r.out
}

// readBody reads a message that must be an object.
func readBody(provider model.CodeProvider, m Message) (Result, error) {
	body, err := parse(m.Body)
	if err != nil {
		return Result{}, err
	}
	if !body.isObject() {
		return Result{}, errors.New("the body is not a JSON object: send the message as JSON, and not as a form")
	}
	return read(provider, m, body), nil
}

// ignore says why the message brings nothing.
func (r *reader) ignore(format string, args ...any) { r.out.Ignored = fmt.Sprintf(format, args...) }

// add appends an event of the repository of the message.
func (r *reader) add(l Line) {
	l.Repository = r.out.Repository.FullName
	r.out.Lines = append(r.out.Lines, l)
}

// finish takes out lines that nothing can be told by, and puts the times of the rest right.
func (r *reader) finish() {
	received := int64(0)
	if !r.Received.IsZero() {
		received = r.Received.Unix()
	}
	lost := 0
	r.out.Lines = slices.DeleteFunc(r.out.Lines, func(l Line) bool {
		bad := l.ID == 0 || l.Start == 0 && l.End == 0 && received == 0
		if bad {
			lost++
		}
		return bad
	})
	for i := range r.out.Lines {
		l := &r.out.Lines[i]
		if l.Start == 0 {
			l.Start = l.End
		}
		if l.Start == 0 {
			l.Start = received
		}
		l.End = max(l.End, l.Start)
		l.Repository, l.Branch, l.Environment = plain(l.Repository), plain(l.Branch), plain(l.Environment)
	}
	if r.out.Repository.FullName = plain(r.out.Repository.FullName); r.out.Repository.FullName == "" {
		r.out.Lines = nil
		if r.out.Ignored == "" {
			r.ignore("the message does not say which repository it is about")
		}
	}
	if len(r.out.Lines) == 0 && r.out.Ignored == "" {
		r.ignore("the message has no event with a number and a time")
		if lost == 0 {
			r.ignore("nothing in it is about the delivery of software")
		}
	}
	if r.out.Ignored != "" {
		r.out.Lines = nil
	}
}

// rules returns what the organisation says about the repository of the message.
func (r *reader) rules() Rules {
	out := Rules{}
	if r.Rules != nil {
		out = r.Rules(r.out.Repository.FullName)
	}
	if len(out.Incidents) == 0 {
		out.Incidents = []string{"incident"}
	}
	if len(out.Hotfixes) == 0 {
		out.Hotfixes = []string{"*hotfix*", "*revert*"}
	}
	return out
}

// fits reports whether a name is one of some, in which the star stands for anything. Letters are compared without their size.
func fits(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(strings.ToLower(strings.TrimSpace(p)), strings.ToLower(name)) })
}

// match compares a name with a pattern whose stars stand for anything.
func match(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// isIncident reports whether one of the labels is that of incidents.
func (r *reader) isIncident(labels []string) bool {
	rules := r.rules()
	return slices.ContainsFunc(labels, func(l string) bool { return fits(rules.Incidents, l) })
}

// causeOfChange is hotfix where the branch or a label of a change says that it is an unplanned repair, and otherwise empty.
func (r *reader) causeOfChange(branch string, labels []string) string {
	rules := r.rules()
	if fits(rules.Hotfixes, branch) || slices.ContainsFunc(labels, func(l string) bool { return fits(rules.Hotfixes, l) }) {
		return "hotfix"
	}
	return ""
}

// causeOfIncident reads the label by which people say whether a deployment caused an incident: cause:deployment or cause:other.
func causeOfIncident(labels []string) string {
	for _, l := range labels {
		switch strings.ReplaceAll(strings.ToLower(l), " ", "") {
		case "cause:deployment", "cause::deployment", "caused-by-deployment":
			return "deployment"
		case "cause:other", "cause::other":
			return "other"
		}
	}
	return ""
}

// causeOfDeployment reads what the task or the branch of a deployment says about why it is done.
func causeOfDeployment(texts ...string) string {
	for _, t := range texts {
		t = strings.ToLower(t)
		switch {
		case strings.Contains(t, "rollback") || strings.Contains(t, "roll-back"):
			return "rollback"
		case strings.Contains(t, "hotfix"):
			return "hotfix"
		}
	}
	return ""
}

// number is the number of an event by its identifier, and by more where the identifier alone is not enough.
func number(id string, more ...string) int64 {
	if id == "" {
		return 0
	}
	if len(more) > 0 {
		return facts.EventNumber("+" + id + "/" + strings.Join(more, "/"))
	}
	return facts.EventNumber(id)
}

// commitNumber is the number of a commit. A digest of zeros, which stands for none, has none.
func commitNumber(sha string) int64 {
	if strings.Trim(sha, "0") == "" {
		return 0
	}
	return facts.EventNumber(sha)
}

// branchOf takes the name of a branch out of a ref. It reports false where the ref is a tag or something else.
func branchOf(ref string) (string, bool) {
	if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
		return name, name != ""
	}
	return ref, ref != "" && !strings.HasPrefix(ref, "refs/")
}

// mostText is how many characters the texts of a line may have.
const mostText = 255

// plain makes a text fit for a column: without control characters, and not too long.
func plain(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r == '\uFFFD' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
	if runes := []rune(text); len(runes) > mostText {
		text = string(runes[:mostText])
	}
	return text
}

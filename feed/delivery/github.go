package delivery

import (
	"regexp"
	"strings"
)

// ReadGitHub reads a message of GitHub. The event is that of the header X-GitHub-Event.
func ReadGitHub(m Message) (Result, error) { return readBody("github", m) }

// ReadGitea reads a message of Gitea or Forgejo, whose messages are like those of GitHub. The event is that of the header X-Gitea-Event.
func ReadGitea(m Message) (Result, error) { return readBody("gitea", m) }

// isGitea tells the messages of Gitea from those of GitHub, which names every object a second time with an id of its own.
func isGitea(body node) bool {
	return body.has("repository.full_name") && !body.has("repository.node_id") && body.has("repository.clone_url") && !strings.Contains(body.text("repository.html_url"), "//github.com/")
}

// github reads a message of GitHub or Gitea.
func (r *reader) github() {
	event := r.Event
	if event == "" {
		event = githubEvent(r.body)
	}
	r.out.Event = event
	repo := &r.out.Repository
	repo.FullName, repo.URL, repo.DefaultBranch = r.body.text("repository.full_name"), r.body.text("repository.html_url"), r.body.text("repository.default_branch")
	switch event {
	case "ping":
		r.ignore("it only tries whether the address answers")
	case "push":
		r.githubPush()
	case "pull_request", "pull_request_label", "pull_request_sync", "pull_request_assign", "pull_request_milestone", "pull_request_review_request":
		r.githubChange()
	case "pull_request_review", "pull_request_approved", "pull_request_rejected", "pull_request_comment":
		r.githubReview(event)
	case "deployment", "deployment_status":
		r.githubDeployment()
	case "workflow_run":
		r.githubRun()
	case "check_suite":
		r.githubSuite()
	case "status":
		r.githubStatus()
	case "issues", "issue_label", "issue_assign", "issue_milestone":
		r.githubIssue()
	case "release":
		r.githubRelease()
	case "check_run", "workflow_job":
		r.ignore("a single job is told by the run that it is a part of")
	case "create", "delete":
		r.ignore("a branch or a tag that comes or goes brings nothing: its commits come with a push")
	case "pull_request_review_comment", "pull_request_review_thread":
		r.ignore("a comment of a review is told by the review")
	case "issue_comment", "commit_comment":
		r.ignore("a comment is no review")
	case "":
		r.ignore("what sort of event it is cannot be told from the message: send it with its headers")
	default:
		r.ignore("events of the sort %s are not about the delivery of software", plain(event))
	}
}

// githubEvent finds out from the members of a body what sort of event it is.
func githubEvent(body node) string {
	for _, sort := range []struct {
		event string
		needs []string
	}{
		{"ping", []string{"zen", "hook_id"}},
		{"pull_request_review", []string{"review", "pull_request"}},
		{"pull_request_review_comment", []string{"comment", "pull_request"}},
		{"pull_request_review_thread", []string{"thread", "pull_request"}},
		{"pull_request", []string{"pull_request", "action"}},
		{"deployment_status", []string{"deployment_status"}},
		{"deployment", []string{"deployment", "action"}},
		{"workflow_run", []string{"workflow_run", "action"}},
		{"workflow_job", []string{"workflow_job"}},
		{"check_suite", []string{"check_suite", "action"}},
		{"check_run", []string{"check_run"}},
		{"issue_comment", []string{"issue", "comment"}},
		{"issues", []string{"issue", "action"}},
		{"release", []string{"release", "action"}},
		{"security_advisory", []string{"security_advisory"}},
		{"code_scanning_alert", []string{"alert", "commit_oid"}},
		{"alert", []string{"alert"}},
		{"status", []string{"context", "state", "sha"}},
		{"push", []string{"ref", "before", "after"}},
		{"create", []string{"ref", "ref_type"}},
	} {
		found := true
		for _, name := range sort.needs {
			found = found && body.has(name)
		}
		if found {
			return sort.event
		}
	}
	return ""
}

// Messages of commits that merge a change say which one.
var (
	mergesWhole = []*regexp.Regexp{
		regexp.MustCompile(`^Merge pull request #(\d+) from `),
		regexp.MustCompile(`^Merge pull request '.*' \(#(\d+)\) from `),
		regexp.MustCompile(`(?m)^See merge request \S*!(\d+)\s*$`),
		regexp.MustCompile(`^Merged in .*\(pull request #(\d+)\)`),
		regexp.MustCompile(`^Merge pull request #(\d+) in `),
	}
	mergesSingle = []*regexp.Regexp{
		regexp.MustCompile(`^Merged PR (\d+): `),
		regexp.MustCompile(`\(#(\d+)\)$`),
	}
)

// commit is a commit as it was pushed.
type commit struct {
	sha, message string
	written      int64
}

// commits adds the commits of a push, the oldest first. Those that a commit merges belong to the change that its message names.
func (r *reader) commits(branch string, pushed int64, list []commit) {
	since := 0
	for i, c := range list {
		r.add(Line{Event: "commit", Branch: branch, ID: commitNumber(c.sha), Start: c.written, End: max(pushed, c.written)})
		change, whole := changeOf(c.message)
		if change == 0 {
			continue
		}
		for n := i; n >= since; n-- {
			if n == i || whole {
				r.out.Lines[len(r.out.Lines)-1-(i-n)].Parent = change
			}
		}
		since = i + 1
	}
}

// changeOf returns the number of the change that a commit merges, and whether the commits before it belong to the change too. It is 0 where the message names none.
func changeOf(message string) (change int64, whole bool) {
	for _, p := range mergesWhole {
		if m := p.FindStringSubmatch(message); m != nil {
			return number(m[1]), true
		}
	}
	title, _, _ := strings.Cut(message, "\n")
	for _, p := range mergesSingle {
		if m := p.FindStringSubmatch(strings.TrimSpace(title)); m != nil {
			return number(m[1]), false
		}
	}
	return 0, false
}

func (r *reader) githubPush() {
	branch, ok := branchOf(r.body.text("ref"))
	switch {
	case !ok:
		r.ignore("a tag was pushed: releases and deployments are told by themselves")
		return
	case r.body.yes("deleted") || strings.Trim(r.body.text("after"), "0") == "":
		r.ignore("the branch was deleted")
		return
	}
	pushed := r.body.time("repository.pushed_at")
	if !r.Received.IsZero() {
		pushed = r.Received.Unix()
	}
	var list []commit
	for _, c := range r.body.list("commits") {
		list = append(list, commit{c.text("id"), c.text("message"), c.time("timestamp")})
	}
	if len(list) == 0 {
		r.ignore("the push brings no commits")
		return
	}
	r.commits(branch, pushed, list)
}

func (r *reader) githubChange() {
	p := r.body.get("pull_request")
	labels := p.texts("labels")
	line := Line{Event: "change", Branch: p.text("head.ref"), Result: "open", ID: number(p.text("number")), Start: p.time("created_at"),
		Cause: r.causeOfChange(p.text("head.ref"), labels), Added: p.count("additions"), Deleted: p.count("deletions")}
	switch {
	case p.yes("merged") || p.has("merged_at"):
		line.Result, line.End, line.Parent = "merged", p.time("merged_at", "closed_at"), commitNumber(p.first("merge_commit_sha", "merged_commit_id"))
	case p.text("state") == "closed":
		line.Result, line.End = "closed", p.time("closed_at", "updated_at")
	}
	r.add(line)
}

func (r *reader) githubReview(event string) {
	p, review := r.body.get("pull_request"), r.body.get("review")
	action := r.body.text("action")
	author, reviewer := p.text("user.id"), review.first("user.id", "reviewer.id")
	if reviewer == "" {
		reviewer = r.body.text("sender.id")
	}
	switch {
	case action == "dismissed":
		r.ignore("a review that is dismissed has taken place nevertheless")
	case action == "edited":
		r.ignore("the review was told when it was submitted")
	case author != "" && author == reviewer:
		r.ignore("a review by the author of the change is no review")
	default:
		at := review.time("submitted_at", "created_at")
		id := number(review.text("id"))
		if at == 0 {
			at = p.time("updated_at")
		}
		if id == 0 {
			// Gitea does not name its reviews.
			id = number(p.text("number"), event, p.text("updated_at"))
		}
		r.add(Line{Event: "review", Branch: p.text("head.ref"), ID: id, Parent: number(p.text("number")), Start: at})
	}
}

func (r *reader) githubDeployment() {
	d := r.body.get("deployment")
	line := Line{Event: "deployment", Environment: d.first("environment", "original_environment"), Result: "open", ID: number(d.text("id")), Parent: commitNumber(d.text("sha")),
		Start: d.time("created_at"), Cause: causeOfDeployment(d.text("task"), d.text("ref"))}
	if ref := d.text("ref"); ref != d.text("sha") {
		line.Branch, _ = branchOf(ref)
	}
	if s := r.body.get("deployment_status"); s.isObject() {
		line.Environment = firstOf(s.text("environment"), line.Environment)
		switch s.text("state") {
		case "success":
			line.Result = "success"
		case "failure", "error":
			line.Result = "failure"
		case "inactive":
			r.ignore("the deployment was followed by another one, which changes nothing of how it went")
			return
		}
		if line.Result != "open" {
			line.End = s.time("created_at", "updated_at")
		}
	}
	r.add(line)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// resultOfRun maps how a run of GitHub ended.
func resultOfRun(status, conclusion string) string {
	switch conclusion {
	case "success", "neutral":
		return "success"
	case "failure", "timed_out", "startup_failure", "error":
		return "failure"
	case "cancelled", "skipped", "stale", "action_required":
		return "cancelled"
	}
	if status == "completed" {
		return ""
	}
	return "open"
}

func (r *reader) githubRun() {
	run := r.body.get("workflow_run")
	line := Line{Event: "build", Branch: run.text("head_branch"), Environment: firstOf(run.text("name"), r.body.text("workflow.name"), run.text("path")), ID: number(run.text("id")),
		Parent: commitNumber(run.text("head_sha")), Start: run.time("run_started_at", "created_at"), Result: resultOfRun(run.text("status"), run.text("conclusion"))}
	if attempt := run.text("run_attempt"); attempt != "" && attempt != "1" {
		line.ID = number(run.text("id"), attempt)
	}
	if line.Result != "open" {
		line.End = run.time("updated_at")
	}
	r.add(line)
}

func (r *reader) githubSuite() {
	s := r.body.get("check_suite")
	if s.text("app.slug") == "github-actions" {
		r.ignore("a single job is told by the run that it is a part of")
		return
	}
	line := Line{Event: "build", Branch: s.text("head_branch"), Environment: s.text("app.name"), ID: number(s.text("id")), Parent: commitNumber(s.text("head_sha")),
		Start: s.time("created_at"), Result: resultOfRun(s.text("status"), s.text("conclusion"))}
	if line.Result != "open" {
		line.End = s.time("updated_at")
	}
	r.add(line)
}

func (r *reader) githubStatus() {
	b := r.body
	line := Line{Event: "build", Environment: b.text("context"), ID: number(b.text("sha"), b.text("context")), Parent: commitNumber(b.text("sha")), Start: b.time("created_at", "updated_at"), End: b.time("updated_at")}
	switch b.text("state") {
	case "success", "warning":
		line.Result = "success"
	case "failure", "error":
		line.Result = "failure"
	default:
		line.Result, line.End = "open", 0
	}
	if branches := b.texts("branches"); len(branches) > 0 {
		line.Branch = branches[0]
	}
	r.add(line)
}

func (r *reader) githubIssue() {
	issue := r.body.get("issue")
	labels := issue.texts("labels")
	action := r.body.text("action")
	removed := action == "unlabeled" && r.isIncident([]string{r.body.text("label.name")})
	if !removed && !r.isIncident(labels) {
		r.ignore("the issue is no incident: it has none of the labels %s", strings.Join(r.rules().Incidents, ", "))
		return
	}
	line := Line{Event: "incident", Result: "open", ID: number(issue.text("number")), Start: issue.time("created_at"), Cause: causeOfIncident(labels)}
	switch {
	case removed && !r.isIncident(labels), action == "deleted", action == "transferred":
		line.Result, line.End = "cancelled", issue.time("updated_at")
	case issue.text("state") == "closed":
		line.Result, line.End = "closed", issue.time("closed_at", "updated_at")
		if reason := issue.text("state_reason"); reason == "not_planned" || reason == "duplicate" {
			line.Result = "cancelled"
		}
	}
	r.add(line)
}

func (r *reader) githubRelease() {
	release := r.body.get("release")
	if release.yes("draft") {
		r.ignore("the release is a draft")
		return
	}
	line := Line{Event: "release", Result: "success", ID: number(release.text("id")), Start: release.time("published_at", "created_at")}
	if target := release.text("target_commitish"); len(target) != 40 {
		line.Branch, _ = branchOf(target)
	}
	if r.body.text("action") == "deleted" || r.body.text("action") == "unpublished" {
		line.Result = "cancelled"
	}
	r.add(line)
}

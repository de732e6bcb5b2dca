package delivery

import (
	"path"
	"strings"

	"binnacle/model"
)

// ReadGitLab reads a message of GitLab, of a project, a group or the whole system. The body says what sort of event it is.
func ReadGitLab(m Message) (Result, error) { return readBody("gitlab", m) }

// gitlab reads a message of GitLab.
func (r *reader) gitlab() {
	b := r.body
	event := firstOf(b.text("object_kind"), b.text("event_name"))
	r.out.Event = event
	repo := &r.out.Repository
	project := b.get("project")
	repo.FullName, repo.URL, repo.DefaultBranch = project.text("path_with_namespace"), project.first("web_url", "homepage"), project.text("default_branch")
	if repo.FullName == "" {
		repo.URL = b.text("repository.homepage")
		repo.FullName = projectOf(repo.URL)
	}
	switch event {
	case "push":
		r.gitlabPush()
	case "tag_push":
		r.ignore("a tag was pushed: releases and deployments are told by themselves")
	case "merge_request":
		r.gitlabChange()
	case "note":
		r.gitlabNote()
	case "pipeline":
		r.gitlabPipeline()
	case "build":
		r.gitlabJob()
	case "deployment":
		r.gitlabDeployment()
	case "release":
		r.gitlabRelease()
	case "issue", "incident", "work_item":
		r.gitlabIssue()
	case "":
		r.ignore("what sort of event it is cannot be told from the message")
	default:
		r.ignore("events of the sort %s are not about the delivery of software", plain(event))
	}
}

// projectOf takes the full name of a project out of its address.
func projectOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	_, name, _ := strings.Cut(rest, "/")
	return strings.Trim(name, "/")
}

func (r *reader) gitlabPush() {
	branch, ok := branchOf(r.body.text("ref"))
	switch {
	case !ok:
		r.ignore("a tag was pushed: releases and deployments are told by themselves")
		return
	case strings.Trim(r.body.text("after"), "0") == "":
		r.ignore("the branch was deleted")
		return
	}
	pushed := int64(0)
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

func (r *reader) gitlabChange() {
	a := r.body.get("object_attributes")
	id := number(a.text("iid"))
	switch action := a.text("action"); action {
	case "approved", "approval":
		if user := r.body.text("user.id"); user != "" && user == a.text("author_id") {
			r.ignore("a review by the author of the change is no review")
			return
		}
		r.add(Line{Event: "review", Branch: a.text("source_branch"), ID: number(a.text("iid"), action, a.text("updated_at")), Parent: id, Start: a.time("updated_at")})
		return
	case "unapproved", "unapproval":
		r.ignore("an approval that is taken back has been a review nevertheless")
		return
	}
	labels := r.body.texts("labels")
	line := Line{Event: "change", Branch: a.text("source_branch"), Result: "open", ID: id, Start: a.time("created_at"), Cause: r.causeOfChange(a.text("source_branch"), labels)}
	switch a.text("state") {
	case "merged":
		line.Result, line.End = "merged", a.time("merged_at", "updated_at")
		line.Parent = commitNumber(a.first("merge_commit_sha", "squash_commit_sha", "last_commit.id"))
	case "closed":
		line.Result, line.End = "closed", a.time("closed_at", "updated_at")
	}
	r.add(line)
	if c := a.get("last_commit"); c.has("timestamp") {
		pushed := int64(0)
		if !r.Received.IsZero() && line.Result == "open" {
			pushed = r.Received.Unix()
		}
		r.add(Line{Event: "commit", Branch: a.text("source_branch"), ID: commitNumber(c.text("id")), Parent: id, Start: c.time("timestamp"), End: pushed})
	}
}

func (r *reader) gitlabNote() {
	a, change := r.body.get("object_attributes"), r.body.get("merge_request")
	switch {
	case a.text("noteable_type") != "MergeRequest" || !change.isObject():
		r.ignore("a comment that is not about a merge request is no review")
	case a.yes("system"):
		r.ignore("the comment was written by GitLab itself")
	case change.text("author_id") != "" && change.text("author_id") == firstOf(a.text("author_id"), r.body.text("user.id")):
		r.ignore("a review by the author of the change is no review")
	default:
		r.add(Line{Event: "review", Branch: change.text("source_branch"), ID: number(a.text("id")), Parent: number(change.text("iid")), Start: a.time("created_at")})
	}
}

// resultOfJob maps the states of pipelines, jobs and deployments of GitLab.
func resultOfJob(status string) string {
	switch status {
	case "success":
		return "success"
	case "failed":
		return "failure"
	case "canceled", "canceling", "skipped":
		return "cancelled"
	}
	return "open"
}

func (r *reader) gitlabPipeline() {
	a := r.body.get("object_attributes")
	line := Line{Event: "build", Branch: a.text("ref"), Environment: a.text("name"), Result: resultOfJob(a.text("status")), ID: number(a.text("id")), Parent: commitNumber(a.text("sha")), Start: a.time("created_at")}
	if a.yes("tag") {
		line.Branch = ""
	}
	if line.Result != "open" {
		line.End = a.time("finished_at")
	}
	r.add(line)
}

func (r *reader) gitlabJob() {
	b := r.body
	if !fits(r.rules().Deploys, b.text("build_name")) {
		r.ignore("a single job is told by the pipeline that it is a part of")
		return
	}
	line := Line{Event: "build", Branch: b.text("ref"), Environment: b.text("build_name"), Result: resultOfJob(b.text("build_status")), ID: number(b.text("build_id"), "job"), Parent: commitNumber(b.text("sha")),
		Start: b.time("build_started_at", "build_created_at"), End: b.time("build_finished_at")}
	if b.yes("tag") {
		line.Branch = ""
	}
	r.add(line)
}

func (r *reader) gitlabDeployment() {
	b := r.body
	line := Line{Event: "deployment", Environment: b.text("environment"), Result: resultOfJob(b.text("status")), ID: number(b.text("deployment_id")), Start: b.time("status_changed_at"),
		Cause: causeOfDeployment(b.text("ref"))}
	line.Branch, _ = branchOf(b.text("ref"))
	if sha := path.Base(b.text("commit_url")); len(sha) >= 15 {
		line.Parent = commitNumber(sha)
	}
	if b.text("status") == "blocked" || b.text("status") == "approval" {
		r.ignore("the deployment waits for somebody: it has not begun")
		return
	}
	r.add(line)
}

func (r *reader) gitlabRelease() {
	b := r.body
	line := Line{Event: "release", Result: "success", ID: number(b.text("id")), Parent: commitNumber(b.text("commit.id")), Start: b.time("released_at", "created_at")}
	if b.text("action") == "delete" {
		line.Result = "cancelled"
	}
	r.add(line)
}

func (r *reader) gitlabIssue() {
	a := r.body.get("object_attributes")
	labels := append(r.body.texts("labels"), a.texts("labels")...)
	incident := strings.EqualFold(a.first("type", "issue_type"), "incident") || r.out.Event == "incident"
	if !incident && !r.isIncident(labels) {
		r.ignore("the issue is no incident: neither its type nor one of its labels says so")
		return
	}
	line := Line{Event: "incident", Result: "open", ID: number(a.text("iid")), Start: a.time("created_at"), Cause: causeOfIncident(labels)}
	if a.text("state") == "closed" {
		line.Result, line.End = "closed", a.time("closed_at", "updated_at")
	}
	r.add(line)
}

// providerOf tells from the names of the members of a message which provider sent it. It is empty where none of them did.
func providerOf(names map[string]bool) model.CodeProvider {
	has := func(all ...string) bool {
		for _, name := range all {
			if !names[name] {
				return false
			}
		}
		return true
	}
	switch {
	case has("eventType", "resource") && (names["publisherId"] || names["subscriptionId"] || names["resourceContainers"]):
		return "azure_devops"
	case has("eventKey", "actor"), has("actor", "repository", "push"), has("actor", "repository", "pullrequest"), has("actor", "repository", "commit_status"), has("actor", "repository", "issue") && !names["action"]:
		return "bitbucket"
	case has("object_kind") && (names["project"] || names["object_attributes"] || names["project_id"] || names["repository"]):
		return "gitlab"
	case has("event_name") && (names["created_at"] || names["project_id"] || names["user_id"] || names["group_id"] || names["project"]):
		return "gitlab"
	case has("zen", "hook_id"), has("ref", "before", "after"), has("action", "security_advisory"), has("action", "alert", "repository"):
		return "github"
	case !names["action"] && !has("context", "state", "sha"):
		return ""
	}
	for _, name := range []string{"pull_request", "deployment", "deployment_status", "workflow_run", "workflow_job", "check_suite", "check_run", "issue", "release", "context"} {
		if names[name] && (names["repository"] || names["sender"]) {
			return "github"
		}
	}
	return ""
}

package delivery

import (
	"slices"
	"strings"
)

// ReadAzure reads a message of a service hook of Azure DevOps. The body says what sort of event it is.
func ReadAzure(m Message) (Result, error) { return readBody("azure_devops", m) }

// azure reads a message of Azure DevOps.
func (r *reader) azure() {
	event := firstOf(r.body.text("eventType"), r.Event)
	r.out.Event = event
	a := r.body.get("resource")
	r.azureRepository(a)
	switch {
	case event == "git.push":
		r.azurePush(a)
	case event == "git.pullrequest.created" || event == "git.pullrequest.updated" || event == "git.pullrequest.merged":
		r.azureChange(a)
	case event == "ms.vss-code.git-pullrequest-comment-event":
		r.azureComment(a)
	case event == "build.complete":
		r.azureBuild(a)
	case event == "ms.vss-release.deployment-completed-event" || event == "ms.vss-release.deployment-started-event":
		r.azureDeployment(a)
	case event == "ms.vss-pipelines.run-state-changed-event":
		r.azureRun(a)
	case strings.HasPrefix(event, "ms.vss-pipelines."), strings.HasPrefix(event, "ms.vss-pipelinechecks"):
		r.ignore("a single stage or job is told by the run that it is a part of")
	case strings.HasPrefix(event, "ms.vss-release."):
		r.ignore("a release of a pipeline is told by its deployments")
	case strings.HasPrefix(event, "workitem."):
		r.azureWorkItem(event, a)
	case event == "":
		r.ignore("what sort of event it is cannot be told from the message")
	default:
		r.ignore("events of the sort %s are not about the delivery of software", plain(event))
	}
}

// azureRepository finds the repository: the project and the name of the repository in it.
func (r *reader) azureRepository(a node) {
	out := &r.out.Repository
	for _, place := range []string{"repository", "pullRequest.repository"} {
		if repo := a.get(place); repo.has("name") {
			out.FullName = firstOf(repo.text("project.name"), a.text("project.name")) + "/" + repo.text("name")
			out.URL, out.DefaultBranch = repo.first("remoteUrl", "webUrl"), strings.TrimPrefix(repo.text("defaultBranch"), "refs/heads/")
		}
	}
	out.FullName = strings.Trim(out.FullName, "/")
}

// named is the repository of a message that names it in another place, or the project where it names none.
func (r *reader) named(project, repository string) {
	if r.out.Repository.FullName == "" {
		r.out.Repository.FullName = strings.Trim(project+"/"+repository, "/")
	}
}

func (r *reader) azurePush(a node) {
	pushed := a.time("date")
	branch := ""
	for _, u := range a.list("refUpdates") {
		if name, ok := branchOf(u.text("name")); ok && strings.Trim(u.text("newObjectId"), "0") != "" {
			branch = firstOf(branch, name)
		}
	}
	var list []commit
	for _, c := range a.list("commits") {
		list = append(list, commit{c.text("commitId"), c.text("comment"), c.time("author.date", "committer.date")})
	}
	slices.Reverse(list)
	if branch == "" || len(list) == 0 {
		r.ignore("the push brings no commits to a branch")
		return
	}
	r.commits(branch, pushed, list)
}

func (r *reader) azureChange(a node) {
	branch, _ := branchOf(a.text("sourceRefName"))
	line := Line{Event: "change", Branch: branch, Result: "open", ID: number(a.text("pullRequestId")), Start: a.time("creationDate"), Cause: r.causeOfChange(branch, a.texts("labels"))}
	switch a.text("status") {
	case "completed":
		line.Result, line.End, line.Parent = "merged", a.time("closedDate"), commitNumber(a.text("lastMergeCommit.commitId"))
	case "abandoned":
		line.Result, line.End = "closed", a.time("closedDate")
	}
	r.add(line)
	for _, v := range a.list("reviewers") {
		vote := v.text("vote")
		if vote == "" || vote == "0" || v.yes("isContainer") || v.text("id") == a.text("createdBy.id") || r.out.Event != "git.pullrequest.updated" || line.Result != "open" {
			continue
		}
		// When somebody voted is not told: the message comes when it happened.
		r.add(Line{Event: "review", Branch: branch, ID: number(a.text("pullRequestId"), v.text("id"), vote), Parent: line.ID, Start: r.body.time("createdDate")})
	}
}

func (r *reader) azureComment(a node) {
	p, c := a.get("pullRequest"), a.get("comment")
	switch {
	case c.text("commentType") == "system":
		r.ignore("the comment was written by Azure DevOps itself")
	case c.text("author.id") != "" && c.text("author.id") == p.text("createdBy.id"):
		r.ignore("a review by the author of the change is no review")
	default:
		branch, _ := branchOf(p.text("sourceRefName"))
		r.add(Line{Event: "review", Branch: branch, ID: number(p.text("pullRequestId"), "comment", c.text("id"), c.text("publishedDate")), Parent: number(p.text("pullRequestId")), Start: c.time("publishedDate")})
	}
}

// resultOfAzure maps how builds, runs and deployments end.
func resultOfAzure(result string) string {
	switch strings.ToLower(result) {
	case "succeeded", "partiallysucceeded":
		return "success"
	case "failed", "rejected":
		return "failure"
	case "canceled", "stopped", "cancelled", "skipped":
		return "cancelled"
	case "":
		return "open"
	}
	return ""
}

func (r *reader) azureBuild(a node) {
	r.named(a.first("project.name", "teamProject"), firstOf(a.text("repository.name"), a.text("definition.name")))
	branch, commit := a.text("sourceBranch"), a.text("sourceVersion")
	if parts := strings.Split(a.text("sourceGetVersion"), ":"); len(parts) == 3 {
		branch, commit = parts[1], parts[2]
	}
	branch, _ = branchOf(branch)
	r.add(Line{Event: "build", Branch: branch, Environment: a.text("definition.name"), Result: resultOfAzure(a.first("result", "status")), ID: number(a.text("id")), Parent: commitNumber(commit),
		Start: a.time("startTime", "queueTime"), End: a.time("finishTime")})
}

func (r *reader) azureRun(a node) {
	run := a.get("run")
	self := run.get("resources.repositories.self")
	name := self.first("repository.fullName", "repository.name")
	if strings.Contains(name, "/") {
		r.named("", name)
	} else {
		r.named(r.azureProject(a), firstOf(name, a.text("pipeline.name")))
	}
	branch, _ := branchOf(self.text("refName"))
	line := Line{Event: "build", Branch: branch, Environment: a.text("pipeline.name"), Result: resultOfAzure(run.text("result")), ID: number(run.text("id")), Parent: commitNumber(self.text("version")),
		Start: run.time("createdDate"), End: run.time("finishedDate")}
	if run.text("state") != "completed" {
		line.Result, line.End = "open", 0
	}
	r.add(line)
}

// azureProject is the name of the project where the message tells it, or its id.
func (r *reader) azureProject(a node) string {
	return firstOf(a.first("project.name", "pipeline.project.name"), r.body.text("resourceContainers.project.name"), r.body.text("resourceContainers.project.id"))
}

func (r *reader) azureDeployment(a node) {
	e := a.get("environment")
	branch, commit, repository := "", "", ""
	artifacts := append(a.list("release.artifacts"), e.list("release.artifacts")...)
	artifacts = append(artifacts, a.list("deployment.release.artifacts")...)
	for _, one := range artifacts {
		d := one.get("definitionReference")
		if repository == "" {
			repository, commit = d.first("repository.name", "definition.name"), d.text("sourceVersion.id")
			branch, _ = branchOf(d.first("branches.id", "branch.id", "branch.name"))
		}
	}
	if strings.Contains(repository, "/") {
		r.named("", repository)
	} else {
		r.named(r.azureProject(a), firstOf(repository, a.first("release.releaseDefinition.name", "environment.releaseDefinition.name")))
	}
	line := Line{Event: "deployment", Branch: branch, Environment: e.text("name"), Result: resultOfAzure(a.first("deployment.deploymentStatus", "environment.status")), Parent: commitNumber(commit),
		ID: number(a.text("deployment.id")), Start: firstTime(a.time("deployment.startedOn"), e.time("createdOn")), End: firstTime(a.time("deployment.completedOn"), e.time("modifiedOn"), r.body.time("createdDate"))}
	if line.ID == 0 {
		line.ID = number(e.text("releaseId"), e.text("id"), firstOf(a.text("attemptId"), "1"))
	}
	if r.out.Event == "ms.vss-release.deployment-started-event" {
		line.Result, line.Start, line.End = "open", firstTime(line.Start, r.body.time("createdDate")), 0
	}
	r.add(line)
}

func (r *reader) azureWorkItem(event string, a node) {
	fields, id := a.get("fields"), a.text("id")
	if a.has("revision.fields") {
		fields, id = a.get("revision.fields"), firstOf(a.text("workItemId"), a.text("revision.id"))
	}
	value := func(name string) string {
		// The names have points in them, so that they are looked up as they are.
		object, _ := fields.v.(map[string]any)
		text, _ := object[name].(string)
		return text
	}
	labels := strings.Split(value("System.Tags"), ";")
	for i := range labels {
		labels[i] = strings.TrimSpace(labels[i])
	}
	labels = append(labels, value("System.WorkItemType"))
	if !r.isIncident(labels) {
		r.ignore("the work item is no incident: neither its type nor one of its tags says so")
		return
	}
	r.named(value("System.TeamProject"), "")
	line := Line{Event: "incident", Result: "open", ID: number(id), Start: moment(value("System.CreatedDate")), Cause: causeOfIncident(labels)}
	switch strings.ToLower(value("System.State")) {
	case "closed", "done", "resolved", "completed":
		line.Result = "closed"
		line.End = firstTime(moment(value("Microsoft.VSTS.Common.ResolvedDate")), moment(value("Microsoft.VSTS.Common.ClosedDate")), moment(value("System.ChangedDate")))
	case "removed":
		line.Result, line.End = "cancelled", moment(value("System.ChangedDate"))
	}
	if event == "workitem.deleted" {
		line.Result, line.End = "cancelled", moment(value("System.ChangedDate"))
	}
	r.add(line)
}

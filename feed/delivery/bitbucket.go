package delivery

import (
	"path"
	"slices"
	"strings"
)

// ReadBitbucket reads a message of Bitbucket Cloud or Data Center. The event is that of the header X-Event-Key.
func ReadBitbucket(m Message) (Result, error) { return readBody("bitbucket", m) }

// bitbucket reads a message of Bitbucket.
func (r *reader) bitbucket() {
	event := firstOf(r.Event, r.body.text("eventKey"), bitbucketEvent(r.body))
	r.out.Event = event
	if r.body.has("repository.project.key") && !r.body.has("repository.full_name") || r.body.has("pullRequest") || strings.HasPrefix(event, "pr:") || event == "repo:refs_changed" {
		r.dataCenter(event)
		return
	}
	repo := &r.out.Repository
	repo.FullName, repo.URL, repo.DefaultBranch = r.body.text("repository.full_name"), r.body.text("repository.links.html.href"), r.body.text("repository.mainbranch.name")
	sort, what, _ := strings.Cut(event, ":")
	switch {
	case event == "diagnostics:ping":
		r.ignore("it only tries whether the address answers")
	case event == "repo:push":
		r.bitbucketPush()
	case strings.HasPrefix(event, "repo:commit_status"):
		r.bitbucketStatus()
	case sort == "pullrequest" && slices.Contains([]string{"approved", "changes_request_created", "comment_created"}, what):
		r.bitbucketReview(what)
	case sort == "pullrequest" && slices.Contains([]string{"created", "updated", "fulfilled", "rejected"}, what):
		r.bitbucketChange()
	case sort == "issue" && what != "comment_created":
		r.bitbucketIssue()
	case event == "":
		r.ignore("what sort of event it is cannot be told from the message: send it with its headers")
	default:
		r.ignore("events of the sort %s are not about the delivery of software", plain(event))
	}
}

// bitbucketEvent finds out from the members of a body what sort of event it is.
func bitbucketEvent(b node) string {
	switch {
	case b.has("push"):
		return "repo:push"
	case b.has("commit_status"):
		return "repo:commit_status_updated"
	case b.has("approval"):
		return "pullrequest:approved"
	case b.has("changes_request"):
		return "pullrequest:changes_request_created"
	case b.has("comment") && b.has("pullrequest"):
		return "pullrequest:comment_created"
	case b.has("pullrequest"):
		return "pullrequest:updated"
	case b.has("comment"):
		return "comment"
	case b.has("issue"):
		return "issue:updated"
	}
	return ""
}

func (r *reader) bitbucketPush() {
	pushed := int64(0)
	if !r.Received.IsZero() {
		pushed = r.Received.Unix()
	}
	for _, c := range r.body.list("push.changes") {
		if t := c.text("new.type"); t != "branch" && t != "named_branch" {
			continue
		}
		commits := c.list("commits")
		if len(commits) == 0 && c.has("new.target.hash") {
			commits = []node{c.get("new.target")}
		}
		var list []commit
		for _, one := range commits {
			list = append(list, commit{one.text("hash"), one.text("message"), one.time("date")})
		}
		slices.Reverse(list)
		r.commits(c.text("new.name"), pushed, list)
	}
	if len(r.out.Lines) == 0 {
		r.ignore("the push brings no commits to a branch")
	}
}

func (r *reader) bitbucketChange() {
	p := r.body.get("pullrequest")
	branch := p.text("source.branch.name")
	line := Line{Event: "change", Branch: branch, Result: "open", ID: number(p.text("id")), Start: p.time("created_on"), Cause: r.causeOfChange(branch, nil)}
	switch p.text("state") {
	case "MERGED":
		line.Result, line.End, line.Parent = "merged", p.time("closed_on", "updated_on"), bitbucketCommit(p.text("merge_commit.hash"))
	case "DECLINED", "SUPERSEDED":
		line.Result, line.End = "closed", p.time("closed_on", "updated_on")
	}
	r.add(line)
}

// bitbucketCommit is the number of a commit. Pull requests of Bitbucket name commits by their first 12 digits, which number nothing.
func bitbucketCommit(hash string) int64 {
	if len(hash) < 15 {
		return 0
	}
	return commitNumber(hash)
}

func (r *reader) bitbucketReview(what string) {
	p := r.body.get("pullrequest")
	if author := p.first("author.uuid", "author.account_id"); author != "" && author == r.body.first("actor.uuid", "actor.account_id") {
		r.ignore("a review by the author of the change is no review")
		return
	}
	at := r.body.time("approval.date", "changes_request.date", "comment.created_on")
	line := Line{Event: "review", Branch: p.text("source.branch.name"), ID: number(r.body.text("comment.id")), Parent: number(p.text("id")), Start: at}
	if line.ID == 0 {
		line.ID = number(p.text("id"), what, r.body.first("approval.date", "changes_request.date"), r.body.text("actor.uuid"))
	}
	r.add(line)
}

func (r *reader) bitbucketStatus() {
	s := r.body.get("commit_status")
	sha := firstOf(s.text("commit.hash"), path.Base(s.text("links.commit.href")))
	if len(sha) < 15 {
		r.ignore("the status does not say which commit it is about")
		return
	}
	line := Line{Event: "build", Branch: s.text("refname"), Environment: s.first("name", "key"), ID: number(sha, s.text("key")), Parent: commitNumber(sha), Start: s.time("created_on"), End: s.time("updated_on")}
	switch s.text("state") {
	case "SUCCESSFUL":
		line.Result = "success"
	case "FAILED":
		line.Result = "failure"
	case "STOPPED":
		line.Result = "cancelled"
	default:
		line.Result, line.End = "open", 0
	}
	r.add(line)
}

func (r *reader) bitbucketIssue() {
	issue := r.body.get("issue")
	labels := []string{issue.text("kind"), issue.text("type"), issue.text("component.name")}
	if !r.isIncident(labels) {
		r.ignore("the issue is no incident: neither its kind nor its component says so")
		return
	}
	line := Line{Event: "incident", Result: "open", ID: number(issue.text("id")), Start: issue.time("created_on")}
	switch issue.text("state") {
	case "resolved", "closed":
		line.Result, line.End = "closed", issue.time("updated_on")
	case "invalid", "duplicate", "wontfix":
		line.Result, line.End = "cancelled", issue.time("updated_on")
	}
	r.add(line)
}

// dataCenter reads a message of Bitbucket Data Center.
func (r *reader) dataCenter(event string) {
	b := r.body
	from := b.get("repository")
	if !from.isObject() {
		from = b.get("pullRequest.toRef.repository")
	}
	if key := from.text("project.key"); key != "" {
		r.out.Repository.FullName = key + "/" + from.text("slug")
	}
	if self := from.list("links.self"); len(self) > 0 {
		r.out.Repository.URL = strings.TrimSuffix(self[0].text("href"), "/browse")
	}
	p := b.get("pullRequest")
	switch event {
	case "diagnostics:ping":
		r.ignore("it only tries whether the address answers")
	case "repo:refs_changed":
		r.dataCenterPush()
	case "pr:opened", "pr:modified", "pr:from_ref_updated", "pr:merged", "pr:declined", "pr:deleted":
		branch := p.text("fromRef.displayId")
		line := Line{Event: "change", Branch: branch, Result: "open", ID: number(p.text("id")), Start: p.time("createdDate"), Cause: r.causeOfChange(branch, nil)}
		switch {
		case p.text("state") == "MERGED":
			line.Result, line.End, line.Parent = "merged", p.time("closedDate", "updatedDate"), commitNumber(p.text("properties.mergeCommit.id"))
		case p.text("state") == "DECLINED", event == "pr:deleted":
			line.Result, line.End = "closed", firstTime(p.time("closedDate"), b.time("date"), p.time("updatedDate"))
		}
		r.add(line)
	case "pr:reviewer:approved", "pr:reviewer:needs_work", "pr:reviewer:changes_requested", "pr:comment:added":
		if author := p.text("author.user.id"); author != "" && author == firstOf(b.text("participant.user.id"), b.text("actor.id")) {
			r.ignore("a review by the author of the change is no review")
			return
		}
		id := number(b.text("comment.id"))
		if id == 0 {
			id = number(p.text("id"), event, b.text("date"), b.text("actor.id"))
		}
		r.add(Line{Event: "review", Branch: p.text("fromRef.displayId"), ID: id, Parent: number(p.text("id")), Start: firstTime(b.time("comment.createdDate"), b.time("date"))})
	default:
		r.ignore("events of the sort %s are not about the delivery of software", plain(event))
	}
}

func firstTime(times ...int64) int64 {
	for _, t := range times {
		if t != 0 {
			return t
		}
	}
	return 0
}

func (r *reader) dataCenterPush() {
	branch := ""
	for _, c := range r.body.list("changes") {
		if c.text("ref.type") == "BRANCH" && c.text("type") != "DELETE" {
			branch = firstOf(branch, c.text("ref.displayId"))
		}
	}
	if branch == "" {
		r.ignore("the push brings no commits to a branch")
		return
	}
	commits := r.body.list("commits")
	if len(commits) == 0 && r.body.has("toCommit.id") {
		commits = []node{r.body.get("toCommit")}
	}
	var list []commit
	for _, c := range commits {
		list = append(list, commit{c.text("id"), c.text("message"), c.time("authorTimestamp", "committerTimestamp")})
	}
	slices.Reverse(list)
	if len(list) == 0 {
		r.ignore("the message does not tell the commits of the push: Bitbucket Data Center does so from version 7 on")
		return
	}
	r.commits(branch, r.body.time("date"), list)
}

package delivery

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/model"
)

const samples = "../../../shared/data/11-dora"

// told counts, for each folder of messages, what sorts of lines they brought and why others were ignored.
func told(t *testing.T, provider model.CodeProvider, folder string, event func(path string) string) []string {
	t.Helper()
	root := filepath.Join(samples, folder)
	if _, err := os.Stat(root); err != nil {
		t.Skip("the sample files are not here")
	}
	counts := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		body, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		got, err := Read(provider, Message{Event: event(filepath.ToSlash(name)), Body: body})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		bare, err := ReadAny(Message{Body: body})
		if err != nil || bare.Repository.Provider != "" && bare.Repository.Provider != provider {
			t.Errorf("%s: without headers it is of %s (%v)", name, bare.Repository.Provider, err)
		}
		if diff := cmp.Diff(got.Lines, bare.Lines); diff != "" {
			t.Errorf("%s: without headers it reads otherwise:\n%s", name, diff)
		}
		if (len(got.Lines) == 0) == (got.Ignored == "") {
			t.Errorf("%s: it has %d lines and is ignored because %q", name, len(got.Lines), got.Ignored)
		}
		for _, l := range got.Lines {
			if l.End < l.Start || l.ID <= 0 || l.Repository == "" {
				t.Errorf("%s: %+v", name, l)
			}
		}
		sorts := map[string]int{}
		for _, l := range got.Lines {
			sorts[strings.TrimSpace(l.Event+" "+l.Result)]++
		}
		var parts []string
		for s, n := range sorts {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
		sort.Strings(parts)
		counts[got.Event+": "+strings.Join(parts, ", ")+got.Ignored]++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line, n := range counts {
		out = append(out, fmt.Sprintf("%d × %s", n, line))
	}
	sort.Strings(out)
	return out
}

func TestGitHubSamples(t *testing.T) {
	got := told(t, "github", "github-webhooks", func(path string) string { return filepath.Dir(path) })
	if diff := cmp.Diff([]string{
		"1 × deployment_status: 1 deployment open",
		"1 × pull_request_review: a review that is dismissed has taken place nevertheless",
		"1 × workflow_run: 1 build cancelled",
		"1 × workflow_run: 1 build open",
		"10 × release: 1 release success",
		"2 × dependabot_alert: events of the sort dependabot_alert are not about the delivery of software",
		"2 × deployment_status: 1 deployment success",
		"2 × pull_request: 1 change closed",
		"2 × pull_request_review: a review by the author of the change is no review",
		"2 × push: 1 commit",
		"2 × release: 1 release cancelled",
		"2 × workflow_run: 1 build success",
		"26 × pull_request: 1 change open",
		"28 × issues: the issue is no incident: it has none of the labels incident",
		"3 × deployment: 1 deployment open",
		"3 × ping: it only tries whether the address answers",
		"3 × repository_vulnerability_alert: events of the sort repository_vulnerability_alert are not about the delivery of software",
		"3 × security_advisory: events of the sort security_advisory are not about the delivery of software",
		"4 × push: a tag was pushed: releases and deployments are told by themselves",
		"5 × code_scanning_alert: events of the sort code_scanning_alert are not about the delivery of software",
	}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGitLabSamples(t *testing.T) {
	got := told(t, "gitlab", "gitlab-webhooks", func(string) string { return "" })
	if diff := cmp.Diff([]string{
		"1 × deployment: 1 deployment success",
		"1 × group_create: events of the sort group_create are not about the delivery of software",
		"1 × group_destroy: events of the sort group_destroy are not about the delivery of software",
		"1 × group_rename: events of the sort group_rename are not about the delivery of software",
		"1 × key_create: events of the sort key_create are not about the delivery of software",
		"1 × key_destroy: events of the sort key_destroy are not about the delivery of software",
		"1 × note: 1 review",
		"1 × pipeline: 1 build success",
		"1 × project_create: events of the sort project_create are not about the delivery of software",
		"1 × project_destroy: events of the sort project_destroy are not about the delivery of software",
		"1 × project_rename: events of the sort project_rename are not about the delivery of software",
		"1 × project_transfer: events of the sort project_transfer are not about the delivery of software",
		"1 × project_update: events of the sort project_update are not about the delivery of software",
		"1 × push: 1 commit",
		"1 × push: 2 commit",
		"1 × release: 1 release success",
		"1 × user_add_to_group: events of the sort user_add_to_group are not about the delivery of software",
		"1 × user_add_to_team: events of the sort user_add_to_team are not about the delivery of software",
		"1 × user_create: events of the sort user_create are not about the delivery of software",
		"1 × user_destroy: events of the sort user_destroy are not about the delivery of software",
		"1 × user_failed_login: events of the sort user_failed_login are not about the delivery of software",
		"1 × user_remove_from_group: events of the sort user_remove_from_group are not about the delivery of software",
		"1 × user_remove_from_team: events of the sort user_remove_from_team are not about the delivery of software",
		"1 × user_rename: events of the sort user_rename are not about the delivery of software",
		"1 × user_update_for_group: events of the sort user_update_for_group are not about the delivery of software",
		"1 × user_update_for_team: events of the sort user_update_for_team are not about the delivery of software",
		"1 × wiki_page: events of the sort wiki_page are not about the delivery of software",
		"2 × build: a single job is told by the pipeline that it is a part of",
		"2 × issue: the issue is no incident: neither its type nor one of its labels says so",
		"2 × merge_request: 1 change open, 1 commit",
		"2 × tag_push: a tag was pushed: releases and deployments are told by themselves",
		"4 × note: a comment that is not about a merge request is no review",
	}, got); diff != "" {
		t.Error(diff)
	}
}

package delivery

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// DevLake reads the tables of Apache DevLake about one or more projects.
var DevLake = feed.Bulk{
	Name:    "devlake",
	Label:   "Tables of Apache DevLake",
	Help:    "A folder or a ZIP archive with the tables pull_requests, pull_request_commits, pull_request_comments, cicd_deployment_commits, commits_diffs and project_mapping as CSV, joined as DevLake joins them. What belongs to a project has the name of the project as its repository. Comments by the author of a pull request are no reviews. A deployment brought the commits by which it differs from the last one that succeeded before.",
	Series:  facts.Delivery,
	Detect:  func([]byte) int { return 0 },
	Archive: IsDevLake,
	Read:    ReadDevLake,
}

// devLakeTables are the tables that are read. The first two are needed.
var devLakeTables = []string{"pull_requests", "cicd_deployment_commits", "pull_request_commits", "pull_request_comments", "commits_diffs", "project_mapping"}

// IsDevLake reports whether the names of the files in a folder or an archive are those of tables of DevLake.
func IsDevLake(names []string) bool {
	has := func(table string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return path.Base(n) == table+".csv" })
	}
	return has(devLakeTables[0]) && has(devLakeTables[1])
}

// mostTables is how many bytes the tables may have together when they are unpacked.
const mostTables = 2 << 30

// row is a row of a table by the names of its columns.
type row struct {
	line   int
	values []string
	at     map[string]int
}

func (r row) text(column string) string {
	if i, ok := r.at[column]; ok && i < len(r.values) {
		if v := strings.TrimSpace(r.values[i]); !strings.EqualFold(v, "null") {
			return v
		}
	}
	return ""
}

// time reads the first of some moments that is there.
func (r row) time(columns ...string) int64 {
	for _, c := range columns {
		if s := moment(r.text(c)); s != 0 {
			return s
		}
	}
	return 0
}

// devLake joins the tables.
type devLake struct {
	in       feed.BulkInput
	sink     feed.Sink
	w        *writer
	tables   map[string][]row
	projects map[string][]string
	// requests are the pull requests by id.
	requests map[string]row
}

// ReadDevLake gives the lines of the tables to the sink.
func ReadDevLake(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	z, err := zip.NewReader(in.Content, in.Size)
	if err != nil {
		return fmt.Errorf("the tables of DevLake come as a folder or as a ZIP archive: %w", err)
	}
	d := &devLake{in: in, sink: sink, tables: map[string][]row{}, projects: map[string][]string{}, requests: map[string]row{}}
	left := int64(mostTables)
	for _, name := range devLakeTables {
		i := slices.IndexFunc(z.File, func(f *zip.File) bool { return path.Base(f.Name) == name+".csv" })
		if i < 0 {
			if name == devLakeTables[0] || name == devLakeTables[1] {
				return fmt.Errorf("the table %s.csv is not there", name)
			}
			sink.Note("The table %s.csv is not there: what it tells is missing.", name)
			continue
		}
		if d.tables[name], err = readTable(ctx, z.File[i], &left); err != nil {
			return fmt.Errorf("%s.csv: %w", name, err)
		}
	}
	if d.w, err = newWriter(in, sink, "DevLake", ""); err != nil {
		return err
	}
	for _, m := range d.tables["project_mapping"] {
		of := m.text("table") + "/" + m.text("row_id")
		d.projects[of] = append(d.projects[of], m.text("project_name"))
	}
	for _, step := range []func() error{d.changes, d.commits, d.comments, d.deployments} {
		if err := step(); err != nil {
			return err
		}
	}
	sink.Read(in.Size)
	return nil
}

// readTable reads a table of an archive.
func readTable(ctx context.Context, f *zip.File, left *int64) ([]row, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	limited := &io.LimitedReader{R: in, N: *left + 1}
	r := csv.NewReader(limited)
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	headers, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, h := range headers {
		at[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\uFEFF")))] = i
	}
	var out []row
	for {
		values, err := r.Read()
		switch {
		case limited.N <= 0:
			return nil, fmt.Errorf("the tables have more than %d bytes: split them by project", int64(mostTables))
		case errors.Is(err, io.EOF):
			*left = limited.N - 1
			return out, nil
		case err != nil:
			return nil, err
		case len(out)%4096 == 0 && ctx.Err() != nil:
			return nil, ctx.Err()
		}
		line, _ := r.FieldPos(0)
		out = append(out, row{line, values, at})
	}
}

// of returns the projects that something belongs to. What belongs to none stands for itself.
func (d *devLake) of(table, id string) []string {
	if projects := d.projects[table+"/"+id]; len(projects) > 0 {
		return projects
	}
	return []string{id}
}

// write gives a line to the sink once for each project, or refuses it.
func (d *devLake) write(table string, r row, l Line, projects []string) error {
	if l.Start == 0 || l.ID == 0 {
		column := "id"
		if l.ID != 0 {
			column = "created_date"
		}
		d.refuse(table, r, column, "the row has no identifier or no moment that can be read")
		return nil
	}
	l.Branch, l.Environment = plain(l.Branch), plain(l.Environment)
	for _, p := range projects {
		if l.Repository = plain(p); l.Repository == "" {
			d.refuse(table, r, "base_repo_id", "the row belongs to no repository and no project")
			continue
		}
		if err := d.w.write(&l, r.line); err != nil {
			return err
		}
	}
	return nil
}

func (d *devLake) refuse(table string, r row, column, reason string) {
	d.sink.Refuse(feed.Refusal{Where: feed.Where{File: d.in.Name + "/" + table + ".csv", Line: r.line, Path: column}, Reason: reason})
}

func (d *devLake) changes() error {
	for _, r := range d.tables["pull_requests"] {
		d.requests[r.text("id")] = r
		l := Line{Event: "change", Branch: r.text("head_ref"), Result: "open", ID: facts.EventNumber(r.text("id")), Start: r.time("created_date"), Added: count(r.text("additions")), Deleted: count(r.text("deletions"))}
		if merged := r.time("merged_date"); merged != 0 {
			l.Result, l.End, l.Parent = "merged", merged, facts.EventNumber(r.text("merge_commit_sha"))
		} else if closed := r.time("closed_date"); closed != 0 {
			l.Result, l.End = "closed", closed
		}
		if err := d.write("pull_requests", r, l, d.of("repos", r.text("base_repo_id"))); err != nil {
			return err
		}
	}
	return nil
}

func (d *devLake) commits() error {
	for _, r := range d.tables["pull_request_commits"] {
		request, ok := d.requests[r.text("pull_request_id")]
		if !ok {
			d.refuse("pull_request_commits", r, "pull_request_id", fmt.Sprintf("there is no pull request %q", kit.Short(r.text("pull_request_id"))))
			continue
		}
		l := Line{Event: "commit", ID: facts.EventNumber(r.text("commit_sha")), Parent: facts.EventNumber(request.text("id")), Start: r.time("commit_authored_date")}
		if err := d.write("pull_request_commits", r, l, d.of("repos", request.text("base_repo_id"))); err != nil {
			return err
		}
	}
	return nil
}

func (d *devLake) comments() error {
	own := 0
	for _, r := range d.tables["pull_request_comments"] {
		request, ok := d.requests[r.text("pull_request_id")]
		if !ok {
			d.refuse("pull_request_comments", r, "pull_request_id", fmt.Sprintf("there is no pull request %q", kit.Short(r.text("pull_request_id"))))
			continue
		}
		if author := request.text("author_id"); author != "" && author == r.text("account_id") {
			own++
			continue
		}
		l := Line{Event: "review", ID: facts.EventNumber(r.text("id")), Parent: facts.EventNumber(request.text("id")), Start: r.time("created_date")}
		if err := d.write("pull_request_comments", r, l, d.of("repos", request.text("base_repo_id"))); err != nil {
			return err
		}
	}
	if own > 0 {
		d.sink.Note("Ignored: %d, because a review by the author of the change is no review.", own)
	}
	return nil
}

// deployments adds the deployments, and the commits by which each differs from the last one that succeeded before.
func (d *devLake) deployments() error {
	byID := map[string]row{}
	for _, r := range d.tables["cicd_deployment_commits"] {
		byID[r.text("id")] = r
	}
	brought := map[[2]string][]row{}
	for _, r := range d.tables["commits_diffs"] {
		pair := [2]string{r.text("old_commit_sha"), r.text("new_commit_sha")}
		brought[pair] = append(brought[pair], r)
	}
	for _, r := range d.tables["cicd_deployment_commits"] {
		l := Line{Event: "deployment", Branch: r.text("ref_name"), Environment: r.text("environment"), ID: facts.EventNumber(r.text("id")), Parent: facts.EventNumber(r.text("commit_sha")),
			Start: r.time("started_date", "created_date"), End: r.time("finished_date")}
		switch strings.ToUpper(r.text("result")) {
		case "SUCCESS":
			l.Result = "success"
		case "FAILURE", "ABORT":
			l.Result = "failure"
		case "":
			l.Result = "open"
		default:
			l.Result = "cancelled"
		}
		projects := d.of("cicd_scopes", r.text("cicd_scope_id"))
		if err := d.write("cicd_deployment_commits", r, l, projects); err != nil {
			return err
		}
		before, ok := byID[r.text("prev_success_deployment_commit_id")]
		if !ok || l.Result != "success" {
			continue
		}
		for _, c := range brought[[2]string{before.text("commit_sha"), r.text("commit_sha")}] {
			one := Line{Event: "inclusion", Environment: l.Environment, ID: facts.EventNumber(c.text("commit_sha")), Parent: l.ID, Start: max(l.Start, l.End)}
			if err := d.write("commits_diffs", c, one, projects); err != nil {
				return err
			}
		}
	}
	return nil
}

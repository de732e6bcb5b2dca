package imports

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/feed/sheet"
	"binnacle/model"
	"binnacle/web/frame"
)

// feedLine is a subscription as a page shows it.
type feedLine struct {
	door.Feed
	// State says in a word how it stands: new, ok, partly, failing, paused or running, and Badge in which colour.
	Word, Badge string
	Last        string
	Age         string
	Due         string
	Often       string
}

// lineOf says how a subscription stands.
func (d *desk) lineOf(f door.Feed) feedLine {
	now := d.now()
	l := feedLine{Feed: f, Word: "ok", Badge: "good", Last: ago(now, f.State.Last), Age: ago(now, f.State.Good), Due: in(now, f.Next), Often: often(f.Subscription)}
	switch {
	case f.Running:
		l.Word, l.Badge = "running", "info"
	case f.Paused:
		l.Word, l.Badge, l.Due = "paused", "muted", "not while it is paused"
	case f.State.Failures > 0:
		l.Word, l.Badge = "failing", "critical"
	case f.State.Last.IsZero():
		l.Word, l.Badge = "new", "info"
	case f.State.Outcome == "partly":
		l.Word, l.Badge = "partly", "medium"
	}
	return l
}

func often(s *model.Subscription) string {
	every := time.Duration(s.Every)
	if every == 0 {
		every = 24 * time.Hour
	}
	return model.Duration(every).String()
}

// ago tells how long ago a moment is.
func ago(now, then time.Time) string {
	if then.IsZero() {
		return "never"
	}
	if now.Sub(then) < time.Minute {
		return "just now"
	}
	return length(now.Sub(then)) + " ago"
}

// in tells how far a moment is in the future.
func in(now, then time.Time) string {
	if d := then.Sub(now); d >= time.Minute {
		return "in " + length(d)
	}
	return "now"
}

// length writes a length of time in its largest unit.
func length(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}} {
		if n := int(d / u.unit); n == 1 {
			return "1 " + u.name
		} else if n > 1 {
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return "less than a minute"
}

// feedsPage lists the subscriptions.
type feedsPage struct {
	Feeds   []feedLine
	Failing int
	Folders []string
}

func (d *desk) feeds(v *frame.Visit) error {
	list, err := v.House.Feeds(v.Ctx(), v.Who)
	if err != nil {
		return err
	}
	body := feedsPage{Folders: d.House.FeedFolders}
	for _, f := range list {
		l := d.lineOf(f)
		if l.Word == "failing" {
			body.Failing++
		}
		body.Feeds = append(body.Feeds, l)
	}
	return v.Render(templates, "feeds", page("Feeds", "Folders and addresses that are imported from again and again.", body, frame.Crumb{Label: "Import", Path: "/imports"}))
}

// feedForm is the form of a subscription.
type feedForm struct {
	Key                                          string
	New                                          bool
	Name, Location, Every, Kind, Mapping, Source string
	Overwrite, Complete, Paused, Secret          bool
	User, Problem, Field                         string
	Version                                      uint32
	Kinds                                        []*model.Kind
	Mappings                                     []*model.Mapping
	Folders                                      []string
}

func (d *desk) formFor(v *frame.Visit, f feedForm) (feedForm, error) {
	view, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return f, err
	}
	f.Folders = d.House.FeedFolders
	for _, g := range writableKinds(v.Who, view.Schema(), sheet.Table{}) {
		f.Kinds = append(f.Kinds, g.Kinds...)
	}
	slices.SortFunc(f.Kinds, func(a, b *model.Kind) int { return strings.Compare(a.Label, b.Label) })
	for m := range estate.Each[*model.Mapping](view) {
		f.Mappings = append(f.Mappings, m)
	}
	slices.SortFunc(f.Mappings, func(a, b *model.Mapping) int { return strings.Compare(a.Key, b.Key) })
	return f, nil
}

func (d *desk) newFeed(v *frame.Visit) error {
	f, err := d.formFor(v, feedForm{New: true, Every: "1d"})
	if err != nil {
		return err
	}
	return v.Render(templates, "feed-new", page("New feed", "", f, feedsCrumbs()...))
}

func feedsCrumbs() []frame.Crumb {
	return []frame.Crumb{{Label: "Import", Path: "/imports"}, {Label: "Feeds", Path: "/feeds"}}
}

// readFeed reads the form of a subscription.
func readFeed(v *frame.Visit, key string) (feedForm, door.Edit, *door.FeedSecret) {
	f := feedForm{Key: key, Name: v.Form("name"), Location: v.Form("location"), Every: v.Form("every"), Kind: v.Form("kind"), Mapping: v.Form("mapping"),
		Source: v.Form("source_key"), Overwrite: v.Form("overwrite") != "", Complete: v.Form("complete") != "", User: v.Form("user")}
	set := map[string]any{"name": f.Name, "location": f.Location, "every": f.Every, "kind": f.Kind, "mapping": f.Mapping, "source_key": f.Source,
		"overwrite": f.Overwrite, "complete": f.Complete}
	var secret *door.FeedSecret
	switch text := strings.TrimSpace(v.R.PostFormValue("secret")); {
	case text != "":
		secret = &door.FeedSecret{User: f.User, Secret: text}
	case v.Form("forget") != "":
		secret = &door.FeedSecret{}
	}
	return f, door.Edit{Key: key, Version: versionOf(v), Set: set}, secret
}

// versionOf returns the version of the subscription that the person saw.
func versionOf(v *frame.Visit) uint32 {
	n, _ := strconv.ParseUint(v.Form("version"), 10, 32)
	return uint32(n)
}

// problem puts what was refused into the form. It reports false for another error.
func (f *feedForm) problem(err error) bool {
	var refused *door.Refused
	if !errors.As(err, &refused) || len(refused.Problems) == 0 {
		return false
	}
	var lines []string
	for _, p := range refused.Problems {
		f.Field = p.Field
		lines = append(lines, strings.TrimPrefix(p.Problem.Error(), ": "))
	}
	f.Problem = strings.Join(lines, "; ")
	return true
}

func (d *desk) createFeed(v *frame.Visit) error {
	f, e, secret := readFeed(v, v.Form("key"))
	e.Create, f.New = true, true
	r, err := v.House.SaveFeed(v.Ctx(), v.Who, e, secret)
	if err == nil {
		return v.Done("/feeds/"+e.Key, "The feed was added. It runs within a minute.", r)
	}
	if r.Stamp.Seq != 0 || !f.problem(err) {
		return err
	}
	if f, err = d.formFor(v, f); err != nil {
		return err
	}
	p := page("New feed", "", f, feedsCrumbs()...)
	p.Status = 422
	return v.Render(templates, "feed-new", p)
}

// feedPage is a subscription with its runs.
type feedPage struct {
	feedLine
	Form feedForm
	Runs []runLine
}

type runLine struct {
	door.FeedRun
	Badge string
	When  string
	Took  string
	Size  string
}

var outcomes = map[string]string{"taken": "good", "partly": "medium", "unchanged": "muted", "failed": "critical"}

func (d *desk) feed(v *frame.Visit) error { return d.showFeed(v, nil) }

// showFeed shows a subscription, with a form that was refused where there is one.
func (d *desk) showFeed(v *frame.Visit, refused *feedForm) error {
	f, runs, err := v.House.Feed(v.Ctx(), v.Who, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	body := feedPage{feedLine: d.lineOf(f)}
	form := feedForm{Key: f.Key, Name: f.Name, Location: f.Location, Every: f.Every.String(), Kind: f.Subscription.Kind, Source: f.SourceKey,
		Overwrite: f.Overwrite, Complete: f.Complete, Paused: f.Paused, Secret: f.Secret, Version: f.Version}
	if f.Every == 0 {
		form.Every = ""
	}
	view, err := v.View()
	if err != nil {
		return err
	}
	if m := view.Get(f.Mapping); m != nil {
		form.Mapping = m.Base().Key
	}
	status := 0
	if refused != nil {
		refused.Secret, refused.Version = form.Secret, form.Version
		form, status = *refused, 422
	}
	if body.Form, err = d.formFor(v, form); err != nil {
		return err
	}
	for _, r := range runs {
		body.Runs = append(body.Runs, runLine{r, outcomes[r.Outcome], ago(d.now(), r.Began), took(r), size(r.Bytes)})
	}
	p := page(f.Title(), "", body, feedsCrumbs()...)
	p.Status = status
	return v.Render(templates, "feed", p)
}

func took(r door.FeedRun) string {
	d := r.Ended.Sub(r.Began)
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return model.Duration(d.Round(time.Second)).String()
}

// size writes a number of bytes as people do.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}

// Size returns how long the files of an upload are.
func (p *pending) Size() string { return size(p.Bytes()) }

func (d *desk) editFeed(v *frame.Visit) error {
	f, e, secret := readFeed(v, v.R.PathValue("key"))
	r, err := v.House.SaveFeed(v.Ctx(), v.Who, e, secret)
	switch {
	case err == nil:
		return v.Done("/feeds/"+e.Key, "The feed was changed.", r)
	case f.problem(err):
		return d.showFeed(v, &f)
	}
	return err
}

func (d *desk) runFeed(v *frame.Visit) error {
	key := v.R.PathValue("key")
	if err := v.House.RunFeed(v.Ctx(), v.Who, key); err != nil {
		return err
	}
	return v.Done("/feeds/"+key, "The feed runs. Load the page again in a moment.", door.Receipt{})
}

func (d *desk) pauseFeed(v *frame.Visit) error {
	key := v.R.PathValue("key")
	pause := v.Form("pause") != ""
	r, err := v.House.SaveFeed(v.Ctx(), v.Who, door.Edit{Key: key, Set: map[string]any{"paused": pause}}, nil)
	if err != nil {
		return err
	}
	return v.Done("/feeds/"+key, map[bool]string{true: "The feed is paused.", false: "The feed runs again."}[pause], r)
}

func (d *desk) removeFeed(v *frame.Visit) error {
	r, err := v.House.RemoveFeed(v.Ctx(), v.Who, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	return v.Done("/feeds", "The feed was removed. What it imported stays.", r)
}

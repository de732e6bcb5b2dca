package delivery

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// stages are the parts of the way of a request, in seconds. What is not known, or would be below zero, is -1.
type stages struct {
	// coding is from writing the first commit to opening, pickup from opening to the first review by somebody else, review from there
	// to merging, and deploy from merging to the end of the deployment.
	coding, pickup, review, deploy int64
	// cycle is coding, the time from opening to merging, and deploy together, as far as they are known.
	cycle int64
}

// stages takes the way of a merged request apart.
func (c *changed) stages() stages {
	between := func(from, to uint32) int64 {
		if from == 0 || to < from {
			return -1
		}
		return int64(to - from)
	}
	s := stages{coding: between(c.commit, c.opened), pickup: -1, review: -1, deploy: -1, cycle: -1}
	if c.review > 0 {
		s.pickup = between(c.opened, c.review)
		s.review = between(c.review, c.merged)
	}
	if c.merged > 0 {
		if c.deployed > 0 {
			s.deploy = between(c.merged, c.deployed)
		}
		s.cycle = max(s.coding, 0) + max(between(c.opened, c.merged), 0) + max(s.deploy, 0)
	}
	return s
}

// minutesOf returns a time in minutes, begun ones as whole, or nil where it is not known.
func minutesOf(seconds int64) *int64 {
	if seconds < 0 {
		return nil
	}
	m := int64(math.Ceil(float64(seconds) / 60))
	return &m
}

// LeadTimeIn says whose lead time is taken apart.
type LeadTimeIn struct {
	// Service limits the answer to one application, service or product.
	Service model.Ref `to:"Application,Service,Product"`
	// Team limits the answer to one team.
	Team model.Ref `to:"Team"`
	// By says what is measured as one. The default is each service.
	By By
	// Window is how far back merged requests count. The default is 90 days.
	Window model.Duration
	// Slowest is how many of the slowest requests are listed. The default is 20.
	Slowest int `min:"0" max:"10000"`
}

// LeadTimeOut says where the time goes.
type LeadTimeOut struct {
	// Requests is how many requests were merged.
	Requests practice.Figure
	// Method says how the stages are defined.
	Method string
	// Findings name what takes most of the time.
	Findings []practice.Finding
	// Stages are the stages of each service or team, with what half, 85 % and 95 % of the requests took at most.
	Stages practice.Table[StageRow]
	// Slowest are the requests that took longest.
	Slowest practice.Table[RequestRow]
}

// StageRow is a stage of one service, team or repository.
type StageRow struct {
	// Of is what is measured.
	Of practice.Link
	// Stage is coding, pickup, review, deploy, or cycle for all of them.
	Stage string
	// Requests is how many merged requests it is known of.
	Requests int
	// Unknown is how many merged requests it is not known of, or would be below zero.
	Unknown int
	// Half is what half of them took at most, in hours.
	Half *float64 `unit:"h"`
	// Most is what 85 % of them took at most, in hours.
	Most *float64 `unit:"h"`
	// NearlyAll is what 95 % of them took at most, in hours.
	NearlyAll *float64 `unit:"h"`
}

// RequestRow is one request.
type RequestRow struct {
	// Of is what it belongs to.
	Of practice.Link
	// Repository is the full name of the repository.
	Repository string
	// Number is its number there.
	Number string
	// Page is where the provider shows it.
	Page string
	// Merged is the moment at which it was merged.
	Merged model.Time
	// Coding is the time from writing the first commit to opening it.
	Coding string
	// Pickup is the time from opening it to the first review by somebody else.
	Pickup string
	// Review is the time from there to merging it.
	Review string
	// Deploy is the time from merging it to the end of the deployment that brought it to production.
	Deploy string
	// Cycle is all of it together.
	Cycle string
	// Lines is how many lines it added and deleted.
	Lines int
}

const stageMethod = "Coding is from the first commit to opening the request, pickup from there to the first review by somebody else, review from there to merging, deploy from there to the end of the deployment that brought it to production. " +
	"A stage whose ends are not known, or whose end lies before its begin, is left out. The cycle is coding, the time from opening to merging, and deploy, as far as they are known."

// LeadTime takes the way of merged requests to production apart: coding, pickup, review and deploy, each with its percentiles, and lists the slowest requests.
func LeadTime(v estate.View, in LeadTimeIn) (LeadTimeOut, error) {
	out := LeadTimeOut{Method: stageMethod}
	b := bookOf(v)
	w := windowOf(v, cmp.Or(in.Window, 90*model.Duration(24*time.Hour)))
	type slow struct {
		u *unit
		g *group
		c *changed
		s stages
	}
	var all []slow
	total := 0
	for _, u := range b.chosen(in.By, in.Service, in.Team) {
		var known [5][]float64
		merged := 0
		for c, g := range u.requests() {
			if c.merged == 0 || !w.has(c.merged) {
				continue
			}
			merged++
			s := c.stages()
			for i, x := range [5]int64{s.coding, s.pickup, s.review, s.deploy, s.cycle} {
				if x >= 0 {
					known[i] = append(known[i], float64(x))
				}
			}
			all = append(all, slow{u, g, c, s})
		}
		total += merged
		var longest, cycle float64
		name := ""
		for i, stage := range []string{"coding", "pickup", "review", "deploy", "cycle"} {
			row := StageRow{Of: u.link, Stage: stage, Requests: len(known[i]), Unknown: merged - len(known[i]), Half: share(known[i], 0.5, hour), Most: share(known[i], 0.85, hour), NearlyAll: share(known[i], 0.95, hour)}
			out.Stages.Rows = append(out.Stages.Rows, row)
			if row.Half != nil && i < 4 && *row.Half > longest {
				longest, name = *row.Half, stage
			} else if row.Half != nil {
				cycle = *row.Half
			}
		}
		if merged >= 10 && longest*2 > cycle && longest >= 24 && name != "coding" {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("Half of the requests of %s wait %.4g hours or more in the stage %s.", u.link.Title(), longest, name), About: u.link, From: b.links(u), Owner: practice.To(b.view.Get(u.team))})
		}
	}
	slices.SortStableFunc(all, func(x, y slow) int { return cmp.Compare(y.s.cycle, x.s.cycle) })
	for _, x := range all[:min(cmp.Or(in.Slowest, 20), len(all))] {
		out.Slowest.Rows = append(out.Slowest.Rows, RequestRow{Of: x.u.link, Repository: x.g.flow.repository, Number: strconv.FormatInt(x.c.id, 10), Page: b.page(x.g.flow.repository, change, x.c.id), Merged: moment(x.c.merged),
			Coding: lasting(x.s.coding), Pickup: lasting(x.s.pickup), Review: lasting(x.s.review), Deploy: lasting(x.s.deploy), Cycle: lasting(x.s.cycle), Lines: int(x.c.size)})
	}
	out.Requests = practice.Figure{Value: float64(total), Unit: "requests", From: practice.ToAll(b.loads[:min(len(b.loads), 20)]), Note: fmt.Sprintf("Merged from %s to %s.", day(w.from), day(w.until))}
	out.Findings = append(out.Findings, append(b.trouble(), b.missing(in.Service.IsZero() && in.Team.IsZero())...)...)
	return out, nil
}

// lasting writes a time in seconds, or nothing where it is not known.
func lasting(seconds int64) string {
	if seconds < 0 {
		return ""
	}
	return model.Duration(time.Duration(seconds) * time.Second).String()
}

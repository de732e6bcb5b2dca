package backstage

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// catalog is what is read of one content.
type catalog struct {
	batch    *feed.Batch
	entities map[ref]*entity
	// records are the records that stand for entities, and mentions those of entities that are not in the content.
	records  map[ref]model.Record
	mentions map[ref]model.Record
	// other counts the entities of kinds that are not read, by kind.
	other     map[string]int
	templates int
	// parsed counts the documents that are YAML and not empty.
	parsed int
}

func newCatalog(b *feed.Batch) *catalog {
	return &catalog{batch: b, entities: map[ref]*entity{}, records: map[ref]model.Record{}, mentions: map[ref]model.Record{}, other: map[string]int{}}
}

// recordOf returns an empty record of the kind that stands for a kind of entity, or nil where none does.
func recordOf(kind string) model.Record {
	switch kind {
	case "component":
		return &model.Application{}
	case "system":
		return &model.Service{}
	case "domain":
		return &model.Capability{}
	case "resource":
		return &model.CloudResource{}
	case "group":
		return &model.Team{}
	case "user":
		return &model.Person{}
	}
	return nil
}

// propose makes records of the entities, in an order that does not depend on that of the content, and then joins them.
func (c *catalog) propose() {
	order := slices.SortedFunc(maps.Keys(c.entities), ref.compare)
	for _, r := range order {
		if rec := recordOf(r.kind); rec != nil {
			c.records[r] = rec
			rec.Base().Key = r.key()
			c.batch.Add(rec, c.entities[r].where, feed.External(r.String()))
		}
	}
	for _, r := range order {
		if rec := c.records[r]; rec != nil {
			c.common(c.entities[r], rec.Base())
			c.fill(c.entities[r], rec)
		}
	}
	c.interfaces(order)
	c.note()
}

// note tells what of the catalog was not read.
func (c *catalog) note() {
	if c.templates > 0 {
		c.batch.Note("%d templates were not read: they make new things and are none themselves.", c.templates)
	}
	for _, kind := range slices.Sorted(maps.Keys(c.other)) {
		c.batch.Note("%d entities of the kind %q were not read: there is no such kind of record.", c.other[kind], kind)
	}
}

// fill reads what is special to each kind of entity.
func (c *catalog) fill(e *entity, rec model.Record) {
	switch rec := rec.(type) {
	case *model.Application:
		rec.Repository = repository(e.meta)
		c.system(e, rec.Ref())
		c.needs(e, rec)
	case *model.Service:
		if domains := c.refs(e, "domain", "domain"); len(domains) > 0 {
			rec.Capabilities = appendRef(rec.Capabilities, c.find(e, domains[0], "domain", "domain"))
		}
		c.needs(e, rec)
	case *model.Capability:
		if wider := c.refs(e, "subdomainOf", "domain"); len(wider) > 0 {
			rec.Parent = c.find(e, wider[0], "subdomainOf", "domain")
		}
	case *model.CloudResource:
		rec.Type = text(e.spec, "type")
		c.system(e, rec.Ref())
		c.needs(e, rec)
	case *model.Team:
		c.team(e, rec)
	case *model.Person:
		c.person(e, rec)
	}
}

// find returns a ref to the record that stands for an entity. One that is not in
// the content is mentioned. A ref to a kind that does not fit is refused and gives nothing.
func (c *catalog) find(e *entity, to ref, member string, kinds ...string) model.Ref {
	if !slices.Contains(kinds, to.kind) {
		c.batch.RefuseRecord(e.where, e.ref.String(), "spec."+member, fmt.Sprintf("%s is not one of the kinds that may stand here: %s", to, strings.Join(kinds, ", ")))
		return model.Ref{}
	}
	return c.refTo(e, to)
}

func (c *catalog) refTo(e *entity, to ref) model.Ref {
	if rec := c.records[to]; rec != nil {
		return rec.Base().Ref()
	}
	rec := c.mentions[to]
	if rec == nil {
		rec = recordOf(to.kind)
		m := rec.Base()
		if m.Key = to.key(); m.Key == "" {
			return model.Ref{}
		}
		if to.kind != "user" {
			m.Name = to.name
		}
		c.mentions[to] = rec
		c.batch.Mention(rec, e.where, feed.External(to.String()))
	}
	return rec.Base().Ref()
}

// system makes an entity a part of the system that it names. A system that is
// not in the content and that nobody knows yet is made of what this content says.
func (c *catalog) system(e *entity, part model.Ref) {
	for _, r := range c.refs(e, "system", "system") {
		if c.find(e, r, "system", "system").IsZero() {
			continue
		}
		rec := c.records[r]
		if rec == nil {
			rec = c.mentions[r]
		}
		service := rec.(*model.Service)
		service.BuiltFrom = appendRef(service.BuiltFrom, part)
	}
}

// needs reads what an entity depends on, in both directions.
func (c *catalog) needs(e *entity, rec model.Record) {
	for _, to := range c.refs(e, "dependsOn", "component") {
		c.need(e, rec, to, "dependsOn")
	}
	for _, from := range c.refs(e, "dependencyOf", "component") {
		if user := c.records[from]; user != nil {
			c.need(c.entities[from], user, e.ref, "dependsOn")
		} else if c.entities[from] == nil {
			c.batch.Note("%s is needed by %s, which is not in this content: import both together.", e.ref, from)
		}
	}
	// A component cannot work without its parts, so what a part says of the whole is a need of the whole.
	for _, whole := range c.refs(e, "subcomponentOf", "component") {
		if app, ok := c.records[whole].(*model.Application); ok {
			app.DependsOn = appendRef(app.DependsOn, rec.Base().Ref())
		} else {
			c.batch.Note("%s is a part of %s, which is not in this content: import both together.", e.ref, whole)
		}
	}
}

// need notes that a record cannot do without an entity.
func (c *catalog) need(e *entity, rec model.Record, to ref, member string) {
	if to == e.ref || to.kind == "api" {
		// Interfaces say which components need an API.
		return
	}
	switch rec := rec.(type) {
	case *model.Application:
		if to.kind == "resource" {
			rec.RunsOn = appendRef(rec.RunsOn, c.find(e, to, member, "resource"))
			return
		}
		rec.DependsOn = appendRef(rec.DependsOn, c.find(e, to, member, "component", "system", "resource", "api"))
	case *model.Service:
		if to.kind == "resource" {
			rec.BuiltFrom = appendRef(rec.BuiltFrom, c.find(e, to, member, "resource"))
			return
		}
		rec.DependsOn = appendRef(rec.DependsOn, c.find(e, to, member, "component", "system", "resource", "api"))
	case *model.CloudResource:
		if to.kind == "component" || to.kind == "system" {
			c.batch.Note("%s depends on %s; a resource can only depend on another resource, so this was left out.", e.ref, to)
			return
		}
		rec.DependsOn = appendRef(rec.DependsOn, c.find(e, to, member, "resource", "component", "system", "api"))
	}
}

// team reads the place of a group among the others, and its members.
func (c *catalog) team(e *entity, rec *model.Team) {
	profile := get(e.spec, "profile")
	rec.Name = cmp.Or(text(profile, "displayName"), rec.Name)
	if address := text(profile, "email"); address != "" {
		if rec.Email = kit.MailAddress(address); rec.Email == "" {
			c.batch.RefuseRecord(e.where, e.ref.String(), "spec.profile.email", fmt.Sprintf("%.80q is not a mail address", address))
		}
	}
	if parents := c.refs(e, "parent", "group"); len(parents) > 0 {
		rec.Parent = c.find(e, parents[0], "parent", "group")
	}
	for _, child := range c.refs(e, "children", "group") {
		if c.find(e, child, "children", "group").IsZero() {
			continue
		}
		if child != e.ref && (c.entities[child] == nil || len(items(c.entities[child].spec, "parent")) == 0) {
			team := c.standIn(child).(*model.Team)
			if team.Parent.IsZero() {
				team.Parent = rec.Ref()
			}
		}
	}
	for _, member := range c.refs(e, "members", "user") {
		if c.find(e, member, "members", "user").IsZero() {
			continue
		}
		if c.entities[member] == nil || len(items(c.entities[member].spec, "memberOf")) == 0 {
			if person := c.standIn(member).(*model.Person); person.Team.IsZero() {
				person.Team = rec.Ref()
			}
		}
	}
}

// standIn returns the record that stands for an entity, in the content or mentioned.
func (c *catalog) standIn(r ref) model.Record {
	if rec := c.records[r]; rec != nil {
		return rec
	}
	return c.mentions[r]
}

// person reads a user. The name is kept only where it can be erased.
func (c *catalog) person(e *entity, rec *model.Person) {
	profile := get(e.spec, "profile")
	rec.Name = ""
	rec.FullName = cmp.Or(text(profile, "displayName"), text(e.meta, "title"))
	if address := text(profile, "email"); address != "" {
		if rec.Email = kit.MailAddress(address); rec.Email == "" {
			c.batch.RefuseRecord(e.where, e.ref.String(), "spec.profile.email", fmt.Sprintf("%.80q is not a mail address", address))
		}
	}
	var teams []ref
	for _, n := range items(e.spec, "memberOf") {
		if team, err := e.parseRef(n, "group"); err == nil {
			teams = append(teams, team)
		}
	}
	if all := c.refs(e, "memberOf", "group"); len(all) > 0 {
		// The first group that the entity names is the person's team: a person has one.
		rec.Team = c.find(e, teams[0], "memberOf", "group")
		if len(all) > 1 {
			c.batch.Note("%s is a member of %d groups; %s was taken as the team.", e.ref, len(all), teams[0])
		}
	}
}

// protocols are the usual names of the types of APIs.
var protocols = map[string]string{"openapi": "REST", "asyncapi": "AsyncAPI", "graphql": "GraphQL", "grpc": "gRPC", "trpc": "tRPC", "mcp-server": "MCP"}

// interfaces makes an interface for every component that provides an API and every one that consumes it.
func (c *catalog) interfaces(order []ref) {
	provide, consume := map[ref][]ref{}, map[ref][]ref{}
	for _, r := range order {
		e := c.entities[r]
		if r.kind == "component" {
			for _, api := range c.refs(e, "providesApis", "api") {
				provide[api] = append(provide[api], r)
			}
			for _, api := range c.refs(e, "consumesApis", "api") {
				consume[api] = append(consume[api], r)
			}
			for _, to := range c.refs(e, "dependsOn", "component") {
				if to.kind == "api" {
					consume[to] = append(consume[to], r)
				}
			}
		}
		if r.kind == "api" {
			provide[r] = append(provide[r], c.refs(e, "apiProvidedBy", "component")...)
			consume[r] = append(consume[r], c.refs(e, "apiConsumedBy", "component")...)
		}
	}
	var alone []string
	for _, r := range order {
		if r.kind != "api" {
			continue
		}
		providers, consumers := c.components(provide[r]), c.components(consume[r])
		for _, from := range providers {
			for _, into := range consumers {
				c.join(c.entities[r], from, into)
			}
		}
		if len(providers) == 0 || len(consumers) == 0 {
			alone = append(alone, r.String())
		}
	}
	if len(alone) > 0 {
		c.batch.Note("%d APIs were not read, because this content does not say both who provides and who consumes them: %s.", len(alone), strings.Join(alone, ", "))
	}
}

// components sorts refs and keeps those to components that are in the content.
func (c *catalog) components(refs []ref) []ref {
	slices.SortFunc(refs, ref.compare)
	return slices.DeleteFunc(slices.Compact(refs), func(r ref) bool { return r.kind != "component" || c.records[r] == nil })
}

// join proposes the flow of an API from the component that provides it to one that consumes it.
func (c *catalog) join(api *entity, from, into ref) {
	if from == into {
		return
	}
	flow := &model.Interface{From: c.records[from].Base().Ref(), Into: c.records[into].Base().Ref()}
	c.common(api, &flow.Meta)
	flow.Key = api.key() + "/" + strings.ReplaceAll(from.key(), "/", ".") + "/" + strings.ReplaceAll(into.key(), "/", ".")
	kind := text(api.spec, "type")
	flow.Protocol = cmp.Or(protocols[strings.ToLower(kind)], kind)
	definition := get(api.spec, "definition")
	for _, member := range []string{"$openapi", "$asyncapi", "$graphql", "$text", "$json", "$yaml"} {
		if address := kit.WebAddress(text(definition, member)); address != "" {
			flow.Specification = address
		}
	}
	c.batch.Add(flow, api.where, feed.External(fmt.Sprintf("%s %s %s", api.ref, from, into)))
}

// appendRef appends a ref that is not there yet.
func appendRef(list []model.Ref, r model.Ref) []model.Ref {
	if r.IsZero() || slices.Contains(list, r) {
		return list
	}
	return append(list, r)
}

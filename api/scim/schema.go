package scim

import (
	"encoding/json"
	"strings"
)

// The names of schemas and messages.
const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	coreSchemas      = "urn:ietf:params:scim:schemas:core:2.0:"
	messages         = "urn:ietf:params:scim:api:messages:2.0:"
)

// attribute is what is known about an attribute of a resource.
type attribute struct {
	name, kind, about string
	// many says that it has several values, and exact that case counts.
	many, exact, required bool
	// fixed says that only Binnacle sets it.
	fixed  bool
	unique string
	subs   []*attribute
	refs   []string
}

func plain(name, about string) *attribute {
	return &attribute{name: name, kind: "string", about: about}
}

func fixed(a *attribute) *attribute { a.fixed = true; return a }

// common are the attributes that every resource has.
var common = []*attribute{
	{name: "schemas", kind: "reference", about: "The schemas of the resource.", many: true, exact: true, fixed: true},
	{name: "id", kind: "string", about: "The name of the resource here.", exact: true, fixed: true, unique: "server"},
	{name: "externalId", kind: "string", about: "The name of the resource in the system that provisions it.", exact: true},
	{name: "meta", kind: "complex", about: "What is known about the resource itself.", fixed: true, subs: []*attribute{
		{name: "resourceType", kind: "string", exact: true, fixed: true}, {name: "created", kind: "dateTime", fixed: true},
		{name: "lastModified", kind: "dateTime", fixed: true}, {name: "location", kind: "reference", exact: true, fixed: true}, {name: "version", kind: "string", exact: true, fixed: true}}},
}

// enterprise are the attributes of the extension for companies.
var enterprise = []*attribute{
	plain("employeeNumber", "The number of the person in the personnel system."),
	{name: "manager", kind: "complex", about: "Whom the person reports to.", subs: []*attribute{
		{name: "value", kind: "string", about: "The id of the manager's resource.", exact: true}, fixed(plain("displayName", "The name of the manager."))}},
}

// userAttributes are those of an account, with the person behind it.
var userAttributes = []*attribute{
	{name: "userName", kind: "string", about: "What the person types to sign in. Unique.", required: true, unique: "server"},
	{name: "name", kind: "complex", about: "The name of the person.", subs: []*attribute{
		plain("formatted", "The whole name, as it is shown."), plain("familyName", "The last name."), plain("givenName", "The first name.")}},
	plain("displayName", "What the account is called on a screen."),
	plain("title", "What the person does."),
	{name: "active", kind: "boolean", about: "Whether the account may sign in. False ends its sessions and tokens at once."},
	{name: "emails", kind: "complex", about: "The work address. Of several the primary one is kept, or the first.", many: true, subs: valueParts("address")},
	{name: "phoneNumbers", kind: "complex", about: "The work telephone number. Of several the primary one is kept, or the first.", many: true, subs: valueParts("number")},
	{name: "groups", kind: "complex", about: "The groups that the account is in.", many: true, fixed: true, subs: []*attribute{
		fixed(&attribute{name: "value", kind: "string", exact: true}), fixed(plain("display", "")), fixed(plain("type", "")), fixed(&attribute{name: "$ref", kind: "reference", exact: true})}},
	{name: enterpriseSchema, kind: "complex", about: "What the extension for companies adds.", subs: enterprise},
}

// groupAttributes are those of a group.
var groupAttributes = []*attribute{
	{name: "displayName", kind: "string", about: "What the group is called.", required: true},
	{name: "members", kind: "complex", about: "The accounts in the group.", many: true, subs: []*attribute{
		{name: "value", kind: "string", about: "The id of the account.", exact: true}, fixed(plain("display", "The name of the account.")),
		{name: "type", kind: "string", about: "Always User."}, {name: "$ref", kind: "reference", about: "The address of the account.", exact: true, refs: []string{"User"}}}},
}

func valueParts(what string) []*attribute {
	return []*attribute{plain("value", "The "+what+"."), plain("type", "Always work."), {name: "primary", kind: "boolean", about: "Always true."}, plain("display", "The "+what+" as it is shown.")}
}

// resource is a type of resources.
type resource struct {
	name, path, schema, about, kind string
	own                             []*attribute
}

// attributes are those that the resource may have.
func (r *resource) attributes() []*attribute {
	return append(append([]*attribute{}, common...), r.own...)
}

var users = &resource{"User", "/Users", userSchema, "Accounts, with the people behind them.", "Account", userAttributes}

var groups = &resource{"Group", "/Groups", groupSchema, "Groups of accounts.", "Group", groupAttributes}

// find returns the attribute with a name, in any case, or nil.
func find(attrs []*attribute, name string) *attribute {
	for _, a := range attrs {
		if strings.EqualFold(a.name, name) {
			return a
		}
	}
	return nil
}

// look returns the attribute that a path names, without its part, and its value.
func look(attrs []*attribute, value map[string]any, p path) (*attribute, any) {
	if p.schema == enterpriseSchema {
		ext := find(attrs, enterpriseSchema)
		if ext == nil {
			return nil, nil
		}
		inner, _ := value[enterpriseSchema].(map[string]any)
		if p.name == "" {
			return ext, value[enterpriseSchema]
		}
		attrs, value = ext.subs, inner
	} else if p.schema != "" && p.schema != userSchema && p.schema != groupSchema {
		return nil, nil
	}
	a := find(attrs, p.name)
	if a == nil {
		return nil, nil
	}
	return a, value[a.name]
}

// normal returns what somebody wrote with the names as the schema has them, and
// without what it does not know and what only Binnacle sets. The error names a value of the wrong type.
func normal(attrs []*attribute, in map[string]any) (map[string]any, error) {
	out := map[string]any{}
	for name, value := range in {
		a := find(attrs, strings.TrimPrefix(name, userSchema+":"))
		if a == nil {
			// A name with a dot is how one of the large providers writes a part, and one with a schema an extension.
			if err := normalPath(attrs, name, value, out); err != nil {
				return nil, err
			}
			continue
		}
		if a.fixed || value == nil {
			continue
		}
		v, err := normalValue(a, value)
		if err != nil {
			return nil, err
		}
		if m, ok := v.(map[string]any); ok {
			if have, ok := out[a.name].(map[string]any); ok {
				for k, x := range m {
					have[k] = x
				}
				continue
			}
		}
		out[a.name] = v
	}
	return out, nil
}

// normalPath puts a value under a name that is a path into what is being made.
func normalPath(attrs []*attribute, name string, value any, out map[string]any) error {
	p, err := parsePath(name)
	if err != nil || p.where != nil {
		return nil
	}
	inner := map[string]any{p.name: value}
	if p.sub != "" {
		inner = map[string]any{p.name: map[string]any{p.sub: value}}
	}
	if p.schema == enterpriseSchema {
		inner = map[string]any{enterpriseSchema: inner}
	} else if p.sub == "" {
		return nil
	}
	more, err := normal(attrs, inner)
	if err != nil {
		return err
	}
	for k, v := range more {
		have, ok := out[k].(map[string]any)
		add, isMap := v.(map[string]any)
		if !ok || !isMap {
			out[k] = v
			continue
		}
		for sub, x := range add {
			have[sub] = x
		}
	}
	return nil
}

// maxValues bounds how many values an attribute may have in one request.
const maxValues = 10_000

// normalValue returns a value in the form that the attribute has.
func normalValue(a *attribute, value any) (any, error) {
	if !a.many {
		if l, ok := value.([]any); ok && len(l) == 1 {
			value = l[0]
		}
		return normalOne(a, value)
	}
	values := list(value)
	if len(values) > maxValues {
		return nil, bad("tooMany", "%s has more than %d values", a.name, maxValues)
	}
	out := []any{}
	for _, one := range values {
		v, err := normalOne(a, one)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func normalOne(a *attribute, value any) (any, error) {
	if len(a.subs) > 0 {
		if text, ok := value.(string); ok && find(a.subs, "value") != nil {
			value = map[string]any{"value": text}
		}
		m, ok := value.(map[string]any)
		if !ok {
			return nil, bad("invalidValue", "%s is no object", a.name)
		}
		return normal(a.subs, m)
	}
	switch a.kind {
	case "boolean":
		// One of the large providers writes truth values as text.
		switch v := value.(type) {
		case bool:
			return v, nil
		case string:
			if b := strings.ToLower(v); b == "true" || b == "false" {
				return b == "true", nil
			}
		}
		return nil, bad("invalidValue", "%s is neither true nor false", a.name)
	}
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v), nil
	case json.Number:
		return v.String(), nil
	}
	return nil, bad("invalidValue", "%s is no text", a.name)
}

// describe returns the attribute as the endpoint for schemas tells it.
func (a *attribute) describe() map[string]any {
	mutability, unique := "readWrite", a.unique
	if a.fixed {
		mutability = "readOnly"
	}
	if unique == "" {
		unique = "none"
	}
	out := map[string]any{"name": a.name, "type": a.kind, "multiValued": a.many, "description": a.about, "required": a.required, "caseExact": a.exact,
		"mutability": mutability, "returned": "default", "uniqueness": unique}
	if len(a.refs) > 0 {
		out["referenceTypes"] = a.refs
	}
	if len(a.subs) > 0 {
		out["subAttributes"] = describeAll(a.subs)
	}
	return out
}

func describeAll(attrs []*attribute) []any {
	out := []any{}
	for _, a := range attrs {
		if a.name != enterpriseSchema {
			out = append(out, a.describe())
		}
	}
	return out
}

// schemas are what the endpoint for schemas lists.
func schemas(base string) []map[string]any {
	make := func(id, name, about string, attrs []*attribute) map[string]any {
		return map[string]any{"schemas": []string{coreSchemas + "Schema"}, "id": id, "name": name, "description": about, "attributes": describeAll(attrs),
			"meta": map[string]any{"resourceType": "Schema", "location": base + "/Schemas/" + id}}
	}
	return []map[string]any{
		make(userSchema, "User", users.about, userAttributes),
		make(groupSchema, "Group", groups.about, groupAttributes),
		make(enterpriseSchema, "EnterpriseUser", "What companies know about people.", enterprise),
	}
}

// types are what the endpoint for types of resources lists.
func types(base string) []map[string]any {
	var out []map[string]any
	for _, r := range []*resource{users, groups} {
		t := map[string]any{"schemas": []string{coreSchemas + "ResourceType"}, "id": r.name, "name": r.name, "endpoint": r.path, "description": r.about, "schema": r.schema,
			"meta": map[string]any{"resourceType": "ResourceType", "location": base + "/ResourceTypes/" + r.name}}
		if r == users {
			t["schemaExtensions"] = []any{map[string]any{"schema": enterpriseSchema, "required": false}}
		}
		out = append(out, t)
	}
	return out
}

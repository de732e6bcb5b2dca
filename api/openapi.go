package api

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// papers keeps the document of the schema that was described last.
type papers struct {
	mu     sync.Mutex
	schema *model.Schema
	raw    []byte
}

// document answers with the OpenAPI document of the estate.
func (c *call) document() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	c.papers.mu.Lock()
	defer c.papers.mu.Unlock()
	if c.papers.schema != v.Schema() {
		raw, err := marshal(Document(v.Schema(), c.house.Practices, c.house.Version))
		if err != nil {
			return err
		}
		c.papers.schema, c.papers.raw = v.Schema(), append(raw, '\n')
	}
	c.w.Header().Set("ETag", bodyTag(c.papers.raw))
	if matches(c.r.Header.Get("If-None-Match"), bodyTag(c.papers.raw)) {
		c.w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return c.bytes(http.StatusOK, "application/json", c.papers.raw)
}

// Document returns the OpenAPI 3.1 document of the API over a schema and some
// practices: the routes, a schema for each kind, and for each question its parameters and its answer.
func Document(schema *model.Schema, practices []*practice.Practice, release string) map[string]any {
	paths := object{}
	for _, r := range routes() {
		addOperation(paths, r.path, strings.ToLower(r.method), operationOf(r))
	}
	schemas := vocabulary()
	kinds := []any{}
	for _, k := range schema.Kinds() {
		schemas[schemaName(k)] = recordSchema(k)
		kinds = append(kinds, ref(schemaName(k)))
	}
	schemas["AnyRecord"] = object{"description": "A record of any kind. What is read only may be sent back unchanged. In an edit, null takes a value away.", "anyOf": kinds}
	for _, a := range practice.List(practices) {
		schemas["Answer."+a.Name()] = answerSchema(a)
		schemas["Parameters."+a.Name()] = parametersSchema(a)
		addQuestion(paths, a)
	}
	return object{
		"openapi": "3.1.0",
		"info": object{"title": "Binnacle", "version": release, "summary": "One graph of everything that the CIO and the CTO answer for.",
			"description": "Reads take as_of, at and scenario; writes take scenario. A change of a record names the version that it was made on: If-Match with the ETag of the record. A POST may carry an Idempotency-Key; the same request is then carried out once and its answer kept for a day. Errors are problems of RFC 9457."},
		"servers":    []any{object{"url": Prefix}},
		"security":   []any{object{"token": []string{}}, object{"session": []string{}}},
		"tags":       tags(),
		"paths":      paths,
		"components": object{"schemas": schemas, "responses": problemAnswers(), "securitySchemes": securitySchemes()},
	}
}

func addOperation(paths object, path, method string, operation object) {
	item, ok := paths[path].(object)
	if !ok {
		item = object{}
		paths[path] = item
	}
	item[method] = operation
}

// schemaName returns what the document calls the schema of a kind. A kind of the organisation has a name of its own choice.
func schemaName(k *model.Kind) string {
	if k.Custom {
		return "Custom." + asciiName(k.Name)
	}
	return k.Name
}

// asciiName writes a name with the letters that the name of a schema may have.
func asciiName(name string) string {
	var out strings.Builder
	for _, r := range name {
		if r < 128 {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "-%x", r)
		}
	}
	return out.String()
}

func tags() []any {
	var out []any
	seen := map[string]bool{}
	for _, r := range routes() {
		if !seen[r.tag] {
			seen[r.tag] = true
			out = append(out, object{"name": r.tag})
		}
	}
	return out
}

func securitySchemes() object {
	return object{
		"token":   object{"type": "http", "scheme": "bearer", "description": "A token that somebody made for a program, with a scope and an end."},
		"session": object{"type": "apiKey", "in": "cookie", "name": "binnacle", "description": "The session of a browser on the same site."},
	}
}

// problemsOf are the statuses of problems that every operation may answer with, and what they are called in the document.
var problemsOf = map[int]string{
	400: "BadRequest", 401: "NotSignedIn", 403: "NotAllowed", 404: "NotFound", 409: "Conflict", 412: "ChangedSince", 413: "TooLarge", 415: "MediaType", 422: "Refused", 428: "VersionNeeded", 429: "TooManyRequests",
}

func problemAnswers() object {
	out := object{}
	for status, name := range problemsOf {
		out[name] = object{"description": strings.ReplaceAll(types[status], "-", " "), "content": object{"application/problem+json": object{"schema": ref("Problem")}}}
	}
	return out
}

// operationOf describes a route.
func operationOf(r *route) object {
	out := object{"operationId": r.name, "summary": r.summary, "tags": []string{r.tag}}
	parameters := pathParameters(r.path)
	for _, p := range r.parameters {
		schema := object{"type": p.kind}
		if p.many {
			schema = array(schema)
		}
		parameters = append(parameters, object{"name": p.name, "in": "query", "description": p.help, "schema": schema})
	}
	statuses := []int{400, 401, 403, 429}
	if strings.Contains(r.path, "{") {
		statuses = append(statuses, 404)
	}
	header := func(name, help string) {
		parameters = append(parameters, object{"name": name, "in": "header", "description": help, "schema": textValue})
	}
	switch r.method {
	case http.MethodPost:
		header("Idempotency-Key", "A name for this request that you choose: the same request again gets the same answer and is not carried out again.")
		statuses = append(statuses, 409, 413, 415, 422)
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		statuses = append(statuses, 409, 422)
		if r.versioned {
			header("If-Match", `The ETag of the record that you saw, such as "v7", or * to overwrite whatever there is.`)
			statuses = append(statuses, 412, 428)
		}
	case http.MethodGet:
		if r.answer == "RecordPage" || r.versioned {
			header("If-None-Match", "The ETag of what you have: where it is still so, the answer is 304.")
		}
	}
	if len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if r.body != nil {
		out["requestBody"] = bodyOf(r)
	}
	out["responses"] = answersOf(r, statuses)
	return out
}

func pathParameters(path string) []any {
	var out []any
	help := map[string]string{"kind": "The name of a kind, in any form.", "key": "The key of the record, or its id.", "name": "The full name, such as lifecycle.exposure.", "seq": "The number of the entry.", "file": "The kind and the format, such as Host.csv."}
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			out = append(out, object{"name": name, "in": "path", "required": true, "description": help[name], "schema": textValue})
		}
	}
	return out
}

func bodyOf(r *route) object {
	if r.upload {
		return object{"required": true, "description": "The files as a form, or one file as it is.", "content": object{
			"multipart/form-data":      object{"schema": object{"type": "object", "properties": object{"file": array(object{"type": "string", "contentMediaType": "application/octet-stream"})}}},
			"application/octet-stream": object{"schema": object{}},
		}}
	}
	content := object{"application/json": object{"schema": named(r.body)}}
	if r.method == http.MethodPatch {
		content["application/merge-patch+json"] = object{"schema": named(r.body)}
	}
	return object{"required": r.body != "Reason", "content": content}
}

func named(schema any) object {
	if name, ok := schema.(string); ok {
		return ref(name)
	}
	return schema.(object)
}

func answersOf(r *route, statuses []int) object {
	good := object{"description": r.summary}
	switch {
	case r.media != "":
		good["content"] = object{r.media: object{"schema": textValue}}
	case r.answer != nil:
		good["content"] = object{"application/json": object{"schema": named(r.answer)}}
	}
	status := max(r.status, http.StatusOK)
	out := object{fmt.Sprint(status): good}
	if r.status == http.StatusCreated {
		out["200"] = object{"description": "What would happen, on a dry run", "content": good["content"]}
	}
	if r.method == http.MethodGet && (r.answer == "RecordPage" || r.versioned) {
		out["304"] = object{"description": "It is still as you have it"}
	}
	if r.versioned && r.method == http.MethodPut {
		out["201"] = object{"description": "The record was created", "content": good["content"]}
	}
	for _, s := range statuses {
		out[fmt.Sprint(s)] = object{"$ref": "#/components/responses/" + problemsOf[s]}
	}
	return out
}

// parametersSchema is the schema of the parameters of a question.
func parametersSchema(a practice.Asked) object {
	out := rowSchema(a.Parameters())
	out["additionalProperties"] = false
	return out
}

// addQuestion describes the address of one question.
func addQuestion(paths object, a practice.Asked) {
	id := strings.NewReplacer(".", "_", "-", "_").Replace(a.Name())
	parameters := []any{}
	for _, f := range a.Parameters() {
		schema := fieldSchema(f)
		delete(schema, "description")
		parameters = append(parameters, object{"name": f.Name, "in": "query", "required": f.Required, "description": f.Help, "schema": schema})
	}
	for _, p := range moment {
		parameters = append(parameters, object{"name": p.name, "in": "query", "description": p.help, "schema": object{"type": p.kind}})
	}
	answer := object{"allOf": []any{ref("Answer"), object{"type": "object", "properties": object{"answer": ref("Answer." + a.Name())}}}}
	problems := func(out object) object {
		for _, s := range []int{400, 401, 403, 422, 429} {
			out[fmt.Sprint(s)] = object{"$ref": "#/components/responses/" + problemsOf[s]}
		}
		return out
	}
	addOperation(paths, "/questions/"+a.Name(), "get", object{
		"operationId": "ask_" + id, "summary": model.Sentence(a.Help()), "description": a.Help(), "tags": []string{"Questions"}, "parameters": parameters,
		"responses": problems(object{"200": object{"description": "The answer", "content": object{"application/json": object{"schema": answer}}}}),
	})
	if a.Question.Type == practice.Doing {
		addOperation(paths, "/actions/"+a.Name(), "post", object{
			"operationId": "do_" + id, "summary": model.Sentence(a.Help()), "description": a.Help(), "tags": []string{"Questions"},
			"requestBody": object{"content": object{"application/json": object{"schema": structure("parameters?", ref("Parameters."+a.Name()), "why?", textValue, "dry_run?", yesValue)}}},
			"responses":   problems(object{"200": object{"description": "What was done", "content": object{"application/json": object{"schema": ref("Written")}}}}),
		})
	}
}

// vocabulary is the schemas that do not depend on the kinds.
func vocabulary() object {
	of := func(v any) object { return schemaOf(reflect.TypeOf(v)) }
	out := object{
		"Me":             structure("account", textValue, "name", textValue, "roles", array(textValue), "scope?", textValue, "face", textValue, "imports", yesValue, "administers", yesValue, "reads_confidential", yesValue, "release", textValue, "entry", wholeValue),
		"Counts":         structure("kinds", array(of(countOfKind{})), "entry", wholeValue),
		"RecordPage":     structure("records", array(ref("AnyRecord")), "next?", textValue, "total?", wholeValue, "entry", wholeValue),
		"Written":        of(receipt{}),
		"LinePage":       of(door.LinePage{}),
		"LinkPage":       structure("links", array(of(link{})), "total", wholeValue),
		"Bulk":           bulkSchema(),
		"Hits":           structure("hits", array(structure("record", ref("AnyRecord"), "field", textValue, "text", textValue)), "more", yesValue),
		"Sources":        structure("sources", array(structure("record", ref("Source"), "age", textValue, "records", wholeValue, "stale", wholeValue, "state", textValue))),
		"Kinds":          structure("kinds", array(of(kindInfo{}))),
		"KindWithSchema": object{"allOf": []any{of(kindInfo{}), structure("schema", object{"type": "object"})}},
		"Questions":      structure("questions", array(structure("name", textValue, "type", textValue, "help", textValue, "parameters", array(of(fieldInfo{}))))),
		"Answer":         structure("question", textValue, "at", dateValue, "scenario?", textValue, "entry", wholeValue, "answer", object{}, "parts?", array(of(partJSON{}))),
		"Asking":         structure("parameters?", object{"type": "object"}),
		"Doing":          structure("parameters?", object{"type": "object"}, "why?", textValue, "dry_run?", yesValue),
		"Checks":         structure("checks", array(structure("check", textValue, "result", object{"enum": []string{"pass", "fail", "unknown"}}, "verdict", ref("Verdict")))),
		"EntryPage":      structure("entries", array(ref("Entry")), "next?", wholeValue),
		"Entry":          of(entryJSON{}),
		"Reason":         structure("why?", textValue, "dry_run?", yesValue),
		"Differences":    structure("changes", array(of(door.ChangeReport{})), "from", wholeValue, "to", wholeValue),
		"Scenarios":      structure("scenarios", array(ref("ScenarioState"))),
		"ScenarioState":  of(scenarioJSON{}),
		"ScenarioInFull": object{"allOf": []any{ref("ScenarioState"), structure("list", array(of(scenarioEntry{})), "differences", array(of(door.ChangeReport{})))}},
		"NewScenario":    structure("key", textValue, "name?", textValue, "description?", textValue),
		"ImportReport":   of(door.ImportInfo{}),
		"Problem":        of(problem{}),
		"Conflict":       of(estate.Conflict{}),
		"Link":           structure("kind", textValue, "key", textValue, "name?", textValue, "id", idValue),
		"Figure":         of(practice.Figure{}),
		"Series":         of(practice.Series{}),
		"Picture":        of(practice.Picture{}),
		"Notices":        of(door.Notices{}),
		"File":           structure("name", textValue, "media_type", textValue, "size", wholeValue, "encoding?", textValue, "content", textValue),
		"Finding":        of(practice.Finding{}),
		"Verdict":        of(practice.Verdict{}),
	}
	return out
}

// kindInfo and fieldInfo are what describes kinds and fields, without the columns of tables, which are fields again.
type kindInfo struct {
	Name    string      `json:"name"`
	Label   string      `json:"label"`
	Plural  string      `json:"plural"`
	Group   string      `json:"group"`
	Help    string      `json:"help"`
	Custom  bool        `json:"custom"`
	Records int         `json:"records,omitempty"`
	Fields  []fieldInfo `json:"fields,omitempty"`
}

type fieldInfo struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Type     string `json:"type"`
	Help     string `json:"help"`
	Required bool   `json:"required"`
}

func bulkSchema() object {
	one := structure("op", object{"enum": []string{"create", "edit", "remove"}}, "kind", textValue, "key", textValue, "version?", wholeValue, "set?", object{"type": "object"})
	list := array(one)
	list["maxItems"] = mostOperations
	return structure("operations", list, "why?", textValue, "dry_run?", yesValue, "cascade?", yesValue)
}

// Routes lists the methods and paths of everything that can be asked for.
func (s *server) Routes() []string {
	out := map[string]bool{}
	for _, r := range routes() {
		out[r.method+" "+Prefix+r.path] = true
	}
	return slices.Sorted(maps.Keys(out))
}

package api

import (
	"net/http"

	"binnacle/door"
)

// route is one thing that can be asked for.
type route struct {
	// method and path are as [http.ServeMux] has them, the path under [Prefix].
	method, path string
	// name is what the document calls the operation.
	name string
	// tag is the chapter of the document.
	tag string
	// summary says in a few words what it does.
	summary string
	// parameters are those of the address behind the question mark. Others are refused.
	parameters []parameter
	// open says that every parameter is passed on: those of a question are its own.
	open bool
	// linked says that a token that only reads may stand in the address, for programs that can show nothing else.
	linked bool
	// upload says that the body may be longer.
	upload bool
	// cost is how many points it takes.
	cost int
	// body is the schema of the body, as a name of the document or as a schema. Nil means that there is none.
	body any
	// answer is the schema of the answer. Nil means that it is not JSON.
	answer any
	// status is the status of a good answer. 0 means 200.
	status int
	// media is the type of an answer that is not JSON.
	media string
	// versioned says that the answer has a version, and that a change needs to name it.
	versioned bool
	// handle answers.
	handle func(*call) error
}

// parameter is a parameter of the address.
type parameter struct {
	// name is what stands before the equals sign.
	name string
	// help says what it does.
	help string
	// kind is the type of the value: string, integer or boolean.
	kind string
	// many says that it may be given several times.
	many bool
}

// The parameters that many routes have.
var (
	asOf     = parameter{name: "as_of", kind: "string", help: "The past: the number of an entry, a day or a moment. Without it, now."}
	at       = parameter{name: "at", kind: "string", help: "The date at which plans and support dates are looked at. Without it, today."}
	scenario = parameter{name: "scenario", kind: "string", help: "The key of a scenario. What is written goes into the scenario and not into the estate."}
	dryRun   = parameter{name: "dry_run", kind: "boolean", help: "Only find out what would happen, and change nothing."}
	why      = parameter{name: "why", kind: "string", help: "What the change is for. It becomes the reason of the entry."}
	version  = parameter{name: "version", kind: "integer", help: "The version of the record that you saw, in place of If-Match. Where it is no longer that, the answer is 409."}
	limit    = parameter{name: "limit", kind: "integer", help: "At most so many. Without it, 50; the most is 1000."}
	fields   = parameter{name: "fields", kind: "string", help: "The fields to answer with, with commas between; created, changed and stale are such names too. * is all, with those that Binnacle sets."}
	where    = parameter{name: "where", kind: "string", many: true, help: "A condition such as criticality>=high, name~shop, owner.lead=Person/ada, serial:empty or serial:set. All must hold."}
	sorted   = parameter{name: "sort", kind: "string", help: "The order: fields with commas between, the largest first with a minus. Without it, by key."}

	moment  = []parameter{asOf, at, scenario}
	writing = []parameter{scenario, at, dryRun, why}
)

func with(a []parameter, more ...parameter) []parameter {
	return append(append([]parameter{}, a...), more...)
}

// The points that requests cost.
const (
	cheap  = 1
	costly = 100
	heavy  = 1000
)

// routes are everything that can be asked for.
func routes() []*route {
	get, post := http.MethodGet, http.MethodPost
	search := parameter{name: "search", kind: "string", help: "Only records with these words in their texts, the best first unless there is an order."}
	after := parameter{name: "after", kind: "string", help: "The cursor that the page before this one ended with."}
	total := parameter{name: "total", kind: "boolean", help: "Count all records that meet the conditions, too."}
	cascade := parameter{name: "cascade", kind: "boolean", help: "Clear the links that point to the record, too. A link that is required refuses."}
	words := parameter{name: "q", kind: "string", help: "Words that must all be in the record. The last may be the start of a word."}
	ofKind := parameter{name: "kind", kind: "string", help: "Only records of this kind."}
	before := parameter{name: "before", kind: "integer", help: "Only entries before the one with this number: the member next of the page before."}
	skip := parameter{name: "skip", kind: "integer", help: "How many changes to leave out at the start."}
	parts := parameter{name: "parts", kind: "boolean", help: "Answer with the parts too, in the form that a screen shows them."}
	from := parameter{name: "from", kind: "string", help: "The one side: the number of an entry, a day or a moment. Without it, now."}
	to := parameter{name: "to", kind: "string", help: "The other side. Without it, now."}
	return []*route{
		{method: get, path: "/me", name: "whoAmI", tag: "Access", summary: "Tell who you are and what you may do", cost: cheap, answer: "Me", handle: (*call).me},
		{method: get, path: "/notices", name: "listNotices", tag: "Access", summary: "List what was found about things that you or your teams own", cost: costly, answer: "Notices", handle: (*call).notices},
		{method: get, path: "/openapi.json", name: "describeAPI", tag: "Access", summary: "This document", cost: costly, answer: object{"type": "object"}, handle: (*call).document},

		{method: get, path: "/records", name: "listKindsOfRecords", tag: "Records", summary: "Count the records of every kind that you may see", parameters: moment, cost: costly, answer: "Counts", handle: (*call).counts},
		{method: get, path: "/records/{kind}", name: "listRecords", tag: "Records", summary: "List records of a kind, page by page", parameters: with(moment, where, sorted, limit, after, fields, total, search), cost: cheap, answer: "RecordPage", handle: (*call).list},
		{method: post, path: "/records/{kind}", name: "createRecord", tag: "Records", summary: "Create a record", parameters: writing, cost: costly, body: "AnyRecord", answer: "Written", status: http.StatusCreated, handle: (*call).create},
		{method: get, path: "/records/{kind}/{key}", name: "getRecord", tag: "Records", summary: "Look at a record", parameters: with(moment, fields), cost: cheap, answer: "AnyRecord", versioned: true, handle: (*call).get},
		{method: http.MethodPut, path: "/records/{kind}/{key}", name: "replaceRecord", tag: "Records", summary: "Give a record these values and no others, or create it", parameters: with(writing, version), cost: costly, body: "AnyRecord", answer: "Written", versioned: true, handle: (*call).put},
		{method: http.MethodPatch, path: "/records/{kind}/{key}", name: "editRecord", tag: "Records", summary: "Change fields of a record; null takes a value away", parameters: with(writing, version), cost: costly, body: "AnyRecord", answer: "Written", versioned: true, handle: (*call).patch},
		{method: http.MethodDelete, path: "/records/{kind}/{key}", name: "deleteRecord", tag: "Records", summary: "Delete a record", parameters: with(writing, version, cascade), cost: costly, answer: "Written", versioned: true, handle: (*call).remove},
		{method: get, path: "/records/{kind}/{key}/history", name: "historyOfRecord", tag: "Records", summary: "Show what happened to a record, the newest first", parameters: with(moment, before, limit), cost: costly, answer: "EntryPage", handle: (*call).recordHistory},
		{method: get, path: "/records/{kind}/{key}/in", name: "linksToRecord", tag: "Records", summary: "List the links that point to a record", parameters: with(moment, limit, skip), cost: costly, answer: "LinkPage", handle: func(c *call) error { return c.links(true) }},
		{method: get, path: "/records/{kind}/{key}/out", name: "linksOfRecord", tag: "Records", summary: "List the links that a record holds", parameters: with(moment, limit, skip), cost: costly, answer: "LinkPage", handle: func(c *call) error { return c.links(false) }},
		{method: post, path: "/bulk", name: "changeMany", tag: "Records", summary: "Create, edit and remove many records, all or none, as one entry", parameters: []parameter{scenario, at}, cost: heavy, body: "Bulk", answer: "Written", handle: (*call).bulk},
		{method: get, path: "/search", name: "searchRecords", tag: "Records", summary: "Find records by words in their texts", parameters: with(moment, words, ofKind, limit, fields), cost: costly, answer: "Hits", handle: (*call).search},
		{method: get, path: "/export/{file}", name: "exportRecords", tag: "Records", summary: "Write all records of a kind as Kind.csv, Kind.xlsx or Kind.json", parameters: with(moment, where, sorted, parameter{name: "columns", kind: "string", help: "The fields to write, with commas between."}), cost: heavy, media: "application/octet-stream", handle: (*call).export},
		{method: get, path: "/sources", name: "listSources", tag: "Records", summary: "List where records come from, and how fresh that is", parameters: moment, cost: heavy, answer: "Sources", handle: (*call).sources},

		{method: get, path: "/loads/{key}/lines", name: "listLines", tag: "Records", summary: "List the lines of a bill, a ledger or of measured use, in the order of the file", parameters: with(moment, lineParameters...), cost: costly, answer: "LinePage", handle: (*call).lines},

		{method: get, path: "/kinds", name: "listKinds", tag: "Kinds", summary: "List the kinds of records", parameters: moment, cost: costly, answer: "Kinds", handle: (*call).kinds},
		{method: get, path: "/kinds/{kind}", name: "describeKind", tag: "Kinds", summary: "Describe a kind: its fields, their help and its JSON schema", parameters: moment, cost: cheap, answer: "KindWithSchema", handle: (*call).describe},

		{method: get, path: "/questions", name: "listQuestions", tag: "Questions", summary: "List questions, actions and checks with their parameters", cost: costly, answer: "Questions", handle: (*call).questions},
		{method: get, path: "/questions/{name}", name: "ask", tag: "Questions", summary: "Ask a question; its parameters are those of the address", parameters: with(moment, parts), open: true, cost: costly, answer: "Answer", handle: (*call).ask},
		{method: post, path: "/questions/{name}", name: "askWithBody", tag: "Questions", summary: "Ask a question with parameters in the body", parameters: with(moment, parts), cost: costly, body: "Asking", answer: "Answer", handle: (*call).askWithBody},
		{method: post, path: "/actions/{name}", name: "do", tag: "Questions", summary: "Let a practice propose changes, and make them", parameters: []parameter{scenario, at}, cost: costly, body: "Doing", answer: "Written", handle: (*call).do},
		{method: get, path: "/checks", name: "runChecks", tag: "Questions", summary: "Run every check and say which hold", parameters: moment, cost: heavy, answer: "Checks", handle: (*call).checks},

		{method: get, path: "/calendar.ics", name: "followDates", tag: "Questions", summary: "The dates of contracts and vendors that nobody must miss, for calendars that subscribe", parameters: with([]parameter{at, scenario}, calendarParameters...), linked: true, cost: costly, media: door.CalendarType, handle: (*call).calendar},

		{method: get, path: "/history", name: "listEntries", tag: "History", summary: "List the entries of the journal, the newest first", parameters: []parameter{asOf, at, before, limit}, cost: costly, answer: "EntryPage", handle: (*call).entries},
		{method: get, path: "/history/{seq}", name: "getEntry", tag: "History", summary: "Show an entry with its changes", parameters: []parameter{limit, skip}, cost: costly, answer: "Entry", handle: (*call).entry},
		{method: post, path: "/history/{seq}/undo", name: "undoEntry", tag: "History", summary: "Take an entry back with a new one", cost: costly, body: "Reason", answer: "Written", handle: (*call).undo},
		{method: get, path: "/differences", name: "compare", tag: "History", summary: "Show what makes one estate of another", parameters: []parameter{from, to, at, scenario}, cost: heavy, answer: "Differences", handle: (*call).differences},
		{method: get, path: "/events", name: "followJournal", tag: "History", summary: "Follow the journal as server-sent events", parameters: []parameter{{name: "after", kind: "integer", help: "The number of the last entry that you know, in place of Last-Event-ID. Without both, the stream begins now."}}, cost: costly, media: "text/event-stream", handle: (*call).events},

		{method: get, path: "/scenarios", name: "listScenarios", tag: "Scenarios", summary: "List scenarios with what no longer fits", parameters: []parameter{asOf, at}, cost: costly, answer: "Scenarios", handle: (*call).scenarios},
		{method: post, path: "/scenarios", name: "openScenario", tag: "Scenarios", summary: "Open a scenario", cost: costly, body: "NewScenario", answer: "Written", status: http.StatusCreated, handle: (*call).openScenario},
		{method: get, path: "/scenarios/{key}", name: "getScenario", tag: "Scenarios", summary: "Show a scenario, its entries and the differences it makes", parameters: []parameter{asOf, at}, cost: costly, answer: "ScenarioInFull", handle: (*call).scenario},
		{method: http.MethodDelete, path: "/scenarios/{key}", name: "dropScenario", tag: "Scenarios", summary: "Close a scenario that is no longer wanted", parameters: []parameter{why}, cost: costly, answer: "Written", handle: (*call).dropScenario},
		{method: post, path: "/scenarios/{key}/merge", name: "mergeScenario", tag: "Scenarios", summary: "Make the changes of a scenario in the estate, as one entry", cost: costly, body: "Reason", answer: "Written", handle: (*call).merge},

		{method: post, path: "/imports", name: "importFiles", tag: "Imports", summary: "Take over what files say", parameters: importParameters, cost: heavy, upload: true, body: "Files", answer: "ImportReport", handle: (*call).imports},
	}
}

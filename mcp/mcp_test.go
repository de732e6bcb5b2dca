package mcp_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"binnacle/access"
	"binnacle/door/doortest"
	"binnacle/mcp"
	"binnacle/model"
)

// withToken sends a token with every request.
type withToken struct{ token, origin string }

func (w withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if w.token != "" {
		r.Header.Set("Authorization", "Bearer "+w.token)
	}
	if w.origin != "" {
		r.Header.Set("Origin", w.origin)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// token makes a token for an account with a role.
func token(t *testing.T, w *doortest.World, name, role string, scope model.TokenScope) string {
	t.Helper()
	w.As(name, "", role)
	p := *w.Principal(name)
	p.Session, p.Proved = "test", w.Now()
	secret, err := w.Access.NewToken(t.Context(), &p, name+" "+string(scope), scope, w.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func connect(t *testing.T, transport sdk.Transport) *sdk.ClientSession {
	t.Helper()
	s, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func overHTTP(t *testing.T, w *doortest.World, secret string) *sdk.ClientSession {
	t.Helper()
	server := httptest.NewServer(mcp.Handler(w.House))
	t.Cleanup(server.Close)
	return connect(t, &sdk.StreamableClientTransport{Endpoint: server.URL, HTTPClient: &http.Client{Transport: withToken{token: secret}}, MaxRetries: -1})
}

// overPipes talks as over the standard input and output.
func overPipes(t *testing.T, w *doortest.World, who func(context.Context) (*access.Principal, error)) *sdk.ClientSession {
	t.Helper()
	inR, inW := io.Pipe()
	outR, outW := io.Pipe()
	over := make(chan error, 1)
	go func() { over <- mcp.Serve(t.Context(), w.House, who, inR, outW) }()
	t.Cleanup(func() {
		inW.Close()
		if err := <-over; err != nil {
			t.Error(err)
		}
	})
	return connect(t, &sdk.IOTransport{Reader: outR, Writer: inW})
}

func names(t *testing.T, s *sdk.ClientSession) []string {
	t.Helper()
	var out []string
	for tool, err := range s.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, tool.Name)
	}
	return out
}

// call calls a tool and returns its data and its text.
func call(t *testing.T, s *sdk.ClientSession, name string, args map[string]any) (data map[string]any, text string, failed bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: name, Arguments: args})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	data, _ = r.StructuredContent.(map[string]any)
	if len(r.Content) > 0 {
		text = r.Content[0].(*sdk.TextContent).Text
	}
	return data, text, r.IsError
}

func owner(w *doortest.World) func(context.Context) (*access.Principal, error) {
	return func(context.Context) (*access.Principal, error) { return w.Access.Owner("ada"), nil }
}

func TestEveryQuestionIsAToolOverBothTransports(t *testing.T) {
	w := doortest.Demo(t)
	for name, session := range map[string]*sdk.ClientSession{"over HTTP": overHTTP(t, w, token(t, w, "chief", "cio", "write")), "over pipes": overPipes(t, w, owner(w))} {
		t.Run(name, func(t *testing.T) {
			have := names(t, session)
			for _, p := range w.Practices {
				for _, q := range p.Questions {
					if want := p.Name + "_" + q.Name; !slices.Contains(have, want) {
						t.Errorf("there is no tool %s", want)
					}
				}
			}
			for tool, err := range session.Tools(t.Context(), nil) {
				if err != nil {
					t.Fatal(err)
				}
				if tool.Description == "" || !strings.Contains(tool.Description, "They are data") || tool.Annotations == nil {
					t.Errorf("%s has the description %q", tool.Name, tool.Description)
				}
			}
			data, text, failed := call(t, session, "lifecycle_exposure", map[string]any{"max_rows": 3})
			if failed || data["question"] != "lifecycle.exposure" || data["answer"] == nil || data["cut"] == nil || !strings.Contains(text, "from_row=4") {
				t.Errorf("the exposure: %v %s", failed, text)
			}
			if _, text, failed := call(t, session, "search", map[string]any{"text": "fare"}); failed || !strings.Contains(text, "Application/") {
				t.Errorf("the search: %s", text)
			}
		})
	}
}

func TestToolsLookAtRecords(t *testing.T) {
	w := doortest.Demo(t)
	s := overPipes(t, w, owner(w))
	data, _, _ := call(t, s, "list_records", map[string]any{"kind": "Application", "limit": 2, "sort": "-criticality,key"})
	records := data["records"].([]any)
	if len(records) != 2 || data["next"] == nil || data["total"].(float64) < 10 {
		t.Fatalf("the applications: %v", data)
	}
	key := records[0].(map[string]any)["key"].(string)
	next, _, _ := call(t, s, "list_records", map[string]any{"kind": "Application", "limit": 2, "sort": "-criticality,key", "after": data["next"]})
	if again := next["records"].([]any)[0].(map[string]any)["key"]; again == key {
		t.Errorf("the second page begins with %v again", again)
	}
	for name, args := range map[string]map[string]any{
		"list_kinds": {}, "describe_kind": {"kind": "application"}, "get_record": {"kind": "Application", "key": key}, "neighbours": {"kind": "Application", "key": key},
		"history": {"kind": "Application", "key": key},
	} {
		if data, text, failed := call(t, s, name, args); failed || len(data) == 0 || text == "" {
			t.Errorf("%s: %s", name, text)
		}
	}
	for _, direction := range []string{"needs", "serves"} {
		if data, text, failed := call(t, s, "neighbours", map[string]any{"kind": "Application", "key": key, "direction": direction}); failed || data["total"] == nil {
			t.Errorf("%s: %s", direction, text)
		}
	}
	if _, text, failed := call(t, s, "get_record", map[string]any{"kind": "Application", "key": key, "as_of": "1"}); !failed && !strings.Contains(text, key) {
		t.Errorf("as of entry 1: %s", text)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	w := doortest.Demo(t)
	s := overPipes(t, w, owner(w))
	for name, line := range map[string]struct {
		tool string
		args map[string]any
		want string
	}{
		"a record that is not there":   {"get_record", map[string]any{"kind": "Host", "key": "nowhere"}, "search"},
		"a kind that is not there":     {"list_records", map[string]any{"kind": "Spaceship"}, "list_kinds"},
		"an argument that is not":      {"get_record", map[string]any{"kind": "Host", "key": "x", "colour": "red"}, "it has as_of"},
		"an argument that is missing":  {"get_record", map[string]any{"kind": "Host"}, "needs the argument key"},
		"a condition that is not":      {"list_records", map[string]any{"kind": "Host", "where": []string{"what"}}, "field=value"},
		"a moment that is not":         {"search", map[string]any{"text": "a", "as_of": "yesteryear"}, "as_of"},
		"a scenario that is not":       {"search", map[string]any{"text": "a", "scenario": "dream"}, "no scenario"},
		"a parameter out of its range": {"lifecycle_exposure", map[string]any{"within": "soon"}, "within"},
		"a field that is not":          {"set_record", map[string]any{"kind": "Host", "key": "new", "create": true, "values": map[string]any{"colour": "red"}}, "no such field"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, text, failed := call(t, s, line.tool, line.args); !failed || !strings.Contains(text, line.want) {
				t.Errorf("failed %v: %s", failed, text)
			}
		})
	}
}

func TestWritingNeedsATokenThatWritesAndDryRunFalse(t *testing.T) {
	w := doortest.Demo(t)
	reader := overHTTP(t, w, token(t, w, "reader", "cio", "read"))
	for _, name := range names(t, reader) {
		if name == "set_record" || name == "propose_record" || name == "architecture_assign_owner" {
			t.Errorf("a token that reads has the tool %s", name)
		}
	}
	if r, err := reader.CallTool(t.Context(), &sdk.CallToolParams{Name: "set_record", Arguments: map[string]any{"kind": "Site", "key": "moon", "create": true, "values": map[string]any{}, "dry_run": false}}); err == nil && !r.IsError {
		t.Error("a token that reads has written")
	}
	writer := overHTTP(t, w, token(t, w, "writer", "cio", "write"))
	moon := map[string]any{"kind": "Site", "key": "moon", "create": true, "values": map[string]any{"name": "Moon base"}, "why": "we go there"}
	if _, text, failed := call(t, writer, "set_record", moon); failed || !strings.Contains(text, "Nothing was changed yet") || w.Store.View().Find("Site", "moon") != nil {
		t.Errorf("by default it writes: %s", text)
	}
	moon["scenario"] = "space"
	moon["dry_run"] = false
	if _, text, failed := call(t, writer, "propose_record", moon); failed || w.Store.View().Find("Site", "moon") != nil || w.Store.View().Find("Scenario", "space") == nil {
		t.Errorf("the proposal: %s", text)
	}
	if _, text, failed := call(t, writer, "get_record", map[string]any{"kind": "Site", "key": "moon", "scenario": "space"}); failed {
		t.Errorf("under the scenario: %s", text)
	}
	delete(moon, "scenario")
	if _, text, failed := call(t, writer, "set_record", moon); failed || w.Store.View().Find("Site", "moon") == nil {
		t.Errorf("the write: %s", text)
	}
	role := map[string]any{"kind": "Role", "key": "mine", "create": true, "values": map[string]any{"administers": true}, "dry_run": false}
	if _, text, failed := call(t, overPipes(t, w, func(ctx context.Context) (*access.Principal, error) { return w.Principal("writer"), nil }), "set_record", role); !failed {
		t.Errorf("a person that does not administer made a role: %s", text)
	}
}

func TestWhatMayNotBeSeenIsNotThere(t *testing.T) {
	w := doortest.Demo(t)
	secret := &model.Application{Meta: model.Meta{Key: "merger-plan", Name: "Project Walrus", Confidential: true}}
	w.Put(secret)
	s := overHTTP(t, w, token(t, w, "worker", "employee", "read"))
	if _, text, failed := call(t, s, "get_record", map[string]any{"kind": "Application", "key": "merger-plan"}); !failed || strings.Contains(text, "Walrus") {
		t.Errorf("the record: %s", text)
	}
	for tool, args := range map[string]map[string]any{"search": {"text": "Walrus"}, "list_records": {"kind": "Application", "search": "Walrus"}, "architecture_orphans": {}} {
		r, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: args})
		if err != nil {
			t.Fatal(err)
		}
		if raw, _ := json.Marshal(r); strings.Contains(string(raw), "merger-plan") || strings.Contains(string(raw), "Project Walrus") {
			t.Errorf("%s shows it: %s", tool, raw)
		}
	}
	if _, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: "binnacle://Application/merger-plan"}); err == nil {
		t.Error("the resource can be read")
	}
}

func TestARevokedTokenStopsAtOnce(t *testing.T) {
	w := doortest.Demo(t)
	secret := token(t, w, "chief", "cio", "read")
	s := overHTTP(t, w, secret)
	pipes := overPipes(t, w, func(ctx context.Context) (*access.Principal, error) { return w.Access.Token(ctx, secret) })
	if _, _, failed := call(t, s, "list_kinds", nil); failed {
		t.Fatal("the token does not work")
	}
	for rec := range w.Store.View().All("AccessToken") {
		p := *w.Principal("chief")
		p.Session, p.Proved = "test", w.Now()
		if err := w.Access.RevokeToken(t.Context(), &p, rec.Base().Ref()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: "list_kinds"}); err == nil {
		t.Error("a revoked token still works over HTTP")
	}
	if _, text, failed := call(t, pipes, "list_kinds", nil); !failed || !strings.Contains(text, "no longer") {
		t.Errorf("a revoked token still works over pipes: %s", text)
	}
}

func TestWithoutATokenNobodyComesIn(t *testing.T) {
	w := doortest.Demo(t)
	good := token(t, w, "chief", "cio", "read")
	server := httptest.NewServer(mcp.Handler(w.House))
	defer server.Close()
	for name, line := range map[string]struct {
		with withToken
		want int
	}{
		"no token":            {withToken{}, 401},
		"a guess":             {withToken{token: "bnc_guess"}, 401},
		"another site's page": {withToken{token: good, origin: "https://evil.example"}, 403},
		"this site's page":    {withToken{token: good, origin: server.URL}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := http.NewRequest("POST", server.URL, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"ping"}`))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", "application/json, text/event-stream")
			resp, err := (&http.Client{Transport: line.with}).Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != line.want {
				body, _ := io.ReadAll(resp.Body)
				t.Errorf("answered %d %s, want %d", resp.StatusCode, body, line.want)
			}
			if line.want == 401 && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("WWW-Authenticate is %q", resp.Header.Get("WWW-Authenticate"))
			}
		})
	}
}

func TestPromptsNameToolsThatThereAre(t *testing.T) {
	w := doortest.Demo(t)
	s := overPipes(t, w, owner(w))
	have := names(t, s)
	n := 0
	for p, err := range s.Prompts(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		given := map[string]string{}
		for _, a := range p.Arguments {
			given[a.Name] = "anything"
		}
		got, err := s.GetPrompt(t.Context(), &sdk.GetPromptParams{Name: p.Name, Arguments: given})
		if err != nil {
			t.Fatal(err)
		}
		text := got.Messages[0].Content.(*sdk.TextContent).Text
		if strings.Contains(text, "%") || strings.Contains(text, "[") {
			t.Errorf("%s is not filled in: %s", p.Name, text)
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
			if practice, _, ok := strings.Cut(word, "_"); ok && slices.Contains([]string{"lifecycle", "architecture", "offices"}, practice) && !slices.Contains(have, word) {
				t.Errorf("%s names the tool %s, which there is not", p.Name, word)
			}
		}
	}
	if n != 5 {
		t.Errorf("there are %d prompts", n)
	}
	if _, err := s.GetPrompt(t.Context(), &sdk.GetPromptParams{Name: "what_breaks"}); err == nil {
		t.Error("a prompt without what it needs is given out")
	}
}

func TestRecordsAreResources(t *testing.T) {
	w := doortest.Demo(t)
	s := overPipes(t, w, owner(w))
	for _, uri := range []string{"binnacle://kinds", "binnacle://Application/fare-engine"} {
		got, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: uri})
		if err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		if !json.Valid([]byte(got.Contents[0].Text)) || got.Contents[0].MIMEType != "application/json" {
			t.Errorf("%s: %s", uri, got.Contents[0].Text)
		}
	}
	for _, uri := range []string{"binnacle://Application/nowhere", "binnacle://../secret", "file:///etc/passwd"} {
		if _, err := s.ReadResource(t.Context(), &sdk.ReadResourceParams{URI: uri}); err == nil {
			t.Errorf("%s can be read", uri)
		}
	}
}

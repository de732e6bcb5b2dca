package cli

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"

	"binnacle/api/client"
	"binnacle/door"
	"binnacle/model"
)

// remoteFlags say on which server a command works.
type remoteFlags struct {
	Server       string `help:"Work on the estate of this server, such as https://binnacle.example.com. Default: $BINNACLE_SERVER." placeholder:"URL" group:"Where"`
	Token        string `help:"The token to act with. Others on this machine may see it: better use $BINNACLE_TOKEN or --token-file." placeholder:"TOKEN" group:"Where"`
	TokenFile    string `help:"Read the token from this file, which only you may read. Default: $BINNACLE_TOKEN_FILE." placeholder:"FILE" group:"Where"`
	InsecureHTTP bool   `name:"insecure-http" help:"Speak to the server without TLS, so that everybody on the way can read everything." group:"Where"`
}

// farCommands are the commands that work on a server too.
var farCommands = []string{"get", "search", "ask", "questions", "check", "kinds", "sources", "set", "delete", "do", "import", "export", "history", "diff", "undo", "scenario", "list", "show", "merge", "drop"}

// nearCommands are the commands that have nothing to do with where the estate is.
var nearCommands = []string{"help", "version", "completion"}

// remote is a server that a command works on.
type remote struct {
	*client.Client
	session *session
	schema  *model.Schema
	// called are the records that what the server says has named, by refs that are only good in this command.
	called map[model.Ref][2]string
}

// connect prepares to work on a server, where one is given.
func (s *session) connect(command string) error {
	g := s.globals
	server := g.Server
	if server == "" && g.Data == "" && g.Database == "" {
		server = s.env.Getenv("BINNACLE_SERVER")
	}
	if server == "" || slices.Contains(nearCommands, command) {
		return nil
	}
	if g.Data != "" || g.Database != "" {
		return usage("--server and --data or --database were both given: choose one")
	}
	if !slices.Contains(farCommands, command) {
		return usage("%s works where the estate is and not over the network: leave --server out, and BINNACLE_SERVER", command)
	}
	token, err := s.anyToken()
	if err != nil {
		return err
	}
	if token == "" {
		return usage("a token is needed to speak to a server: give --token-file, or set BINNACLE_TOKEN")
	}
	c, err := client.New(server, token, client.Options{InsecureHTTP: g.InsecureHTTP, Agent: "binnacle/" + s.env.Version})
	if err != nil {
		return usage("--server: %v", err)
	}
	s.far = &remote{Client: c, session: s, called: map[model.Ref][2]string{}}
	return nil
}

// anyToken returns the token that the flags or the environment give, or nothing.
func (s *session) anyToken() (string, error) {
	if s.globals.Token != "" {
		return s.globals.Token, nil
	}
	name := s.globals.TokenFile
	if name == "" {
		if token := s.env.Getenv("BINNACLE_TOKEN"); token != "" {
			return strings.TrimSpace(token), nil
		}
		name = s.env.Getenv("BINNACLE_TOKEN_FILE")
	}
	if name == "" {
		return "", nil
	}
	f, err := os.Open(name)
	if err != nil {
		return "", usage("--token-file: %v", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", usage("--token-file: others may read %s: run chmod 600 %s", name, name)
	}
	raw, err := io.ReadAll(io.LimitReader(f, 4096))
	return strings.TrimSpace(string(raw)), err
}

// call asks the server, and gives what it refuses the exit code that it would have here.
func (r *remote) call(ctx context.Context, method, path string, query url.Values, body, out any, headers ...string) error {
	return r.explain(r.Call(ctx, method, path, query, body, out, headers...))
}

// explain gives what a server refuses the exit code that it would have here.
func (r *remote) explain(err error) error {
	var p *client.Problem
	if !errors.As(err, &p) {
		return err
	}
	switch {
	case p.Conflict != nil:
		return r.session.explain(p.Conflict)
	case len(p.Dangling) > 0:
		g := &grid{columns: columns("record", "field", "points_to")}
		for _, d := range p.Dangling {
			g.add(d.Record, d.Field, d.PointsTo)
		}
		return r.session.printDangling(g)
	case p.Status == 400:
		return coded{ExitUsage, p}
	case p.Status == 403, p.Status == 422:
		return coded{ExitRefused, p}
	case p.Status == 412:
		return coded{ExitConflict, p}
	}
	return p
}

// moment returns the flags that say which estate to look at.
func (r *remote) moment() url.Values {
	g := r.session.globals
	return door.Moment{AsOf: g.AsOf, At: g.At, Scenario: g.Scenario}.Values()
}

// writing returns the flags of a command that writes.
func (r *remote) writing(why string, dryRun bool) (url.Values, error) {
	if r.session.globals.AsOf != "" {
		return nil, usage("--as-of looks at the past, which cannot be changed: leave it out")
	}
	q := r.moment()
	if why != "" {
		q.Set("why", why)
	}
	if dryRun {
		q.Set("dry_run", "true")
	}
	return q, nil
}

// names returns the kinds of the server and what its records are called.
func (r *remote) names(ctx context.Context) (*remote, error) {
	if r.schema != nil {
		return r, nil
	}
	q := r.moment()
	// A scenario that is written into need not be there yet.
	q.Del("scenario")
	list, err := r.kindsAt(ctx, q)
	if err != nil {
		return nil, err
	}
	r.schema, err = schemaOf(list)
	return r, err
}

// kinds lists the kinds of the server.
func (r *remote) kinds(ctx context.Context) ([]door.KindInfo, error) {
	return r.kindsAt(ctx, r.moment())
}

func (r *remote) kindsAt(ctx context.Context, q url.Values) ([]door.KindInfo, error) {
	var out struct {
		Kinds []door.KindInfo `json:"kinds"`
	}
	err := r.call(ctx, "GET", "/kinds", q, nil, &out)
	return out.Kinds, err
}

// schemaOf makes a schema of what a server says of its kinds: the built-in ones, and what the organisation defined there.
func schemaOf(list []door.KindInfo) (*model.Schema, error) {
	var kinds []*model.KindDefinition
	var fields []*model.FieldDefinition
	for _, k := range list {
		if k.Custom {
			d := &model.KindDefinition{Label: k.Label, Plural: k.Plural, Group: k.Group}
			d.Key, d.Description = k.Name, k.Help
			kinds = append(kinds, d)
		}
		for _, f := range k.Fields {
			d := &model.FieldDefinition{Kind: k.Name, Field: f.Name, Type: model.DefinableType(f.Type), Required: f.Required, Personal: f.Personal, To: f.To,
				Flow: model.DefinableFlow(f.Flow), Unit: f.Unit, Format: f.Format, Ident: f.Ident}
			if f.Long {
				d.Type = "long"
			}
			for _, o := range f.Options {
				d.Options = append(d.Options, o.Value)
			}
			d.Key, d.Name, d.Description = k.Name+"."+f.Name, f.Label, f.Help
			// The order is that of the server.
			d.Created.Seq = uint64(len(fields) + 1)
			fields = append(fields, d)
		}
	}
	schema, errs := model.Builtin().With(kinds, fields)
	return schema, errors.Join(errs...)
}

// Schema returns the kinds.
func (r *remote) Schema() *model.Schema { return r.schema }

// NameOf returns the kind and the key that a ref of this command stands for.
func (r *remote) NameOf(ref model.Ref) (kind, key string, ok bool) {
	name, ok := r.called[ref]
	return name[0], name[1], ok
}

// Resolve returns a ref of this command that stands for what a text names. Whether there is such a record only the server knows.
func (r *remote) Resolve(kinds []string, text string) (model.Ref, error) {
	text = strings.TrimSpace(text)
	if id, err := model.ParseID(text); err == nil {
		return model.Ref(id), nil
	}
	kind, key := "", text
	if before, after, ok := strings.Cut(text, "/"); ok {
		if k := r.schema.Kind(before); k != nil && (len(kinds) == 0 || slices.Contains(kinds, k.Name)) {
			kind, key = k.Name, after
		}
	}
	if kind == "" && len(kinds) == 1 {
		kind = kinds[0]
	}
	for _, k := range kinds {
		if _, known := r.called[refOf(k, key)]; known && kind == "" {
			kind = k
		}
	}
	if kind == "" {
		kind = anyKind
	}
	ref := refOf(kind, key)
	r.called[ref] = [2]string{kind, key}
	return ref, nil
}

// anyKind stands for the kind of a record of which only the key is known.
const anyKind = "?"

// refOf returns a ref that stands for a record in this command alone.
func refOf(kind, key string) model.Ref {
	sum := sha256.Sum256([]byte(kind + "/" + key))
	return model.Ref(sum[:len(model.Ref{})])
}

// sent returns a value as it is sent: links of which only the key is known are left to the server.
func sent(value any) any {
	switch v := value.(type) {
	case string:
		return strings.TrimPrefix(v, anyKind+"/")
	case []string:
		out := make([]string, len(v))
		for i, one := range v {
			out[i] = strings.TrimPrefix(one, anyKind+"/")
		}
		return out
	case []map[string]any:
		for _, row := range v {
			for name, one := range row {
				row[name] = sent(one)
			}
		}
	}
	return value
}

// record makes a record of what the server says of it.
func (r *remote) record(raw json.RawMessage) (*model.Kind, model.Record, error) {
	values, err := door.Values(raw)
	if err != nil {
		return nil, nil, err
	}
	k := r.schema.Kind(fmt.Sprint(values["kind"]))
	if k == nil {
		return nil, nil, fmt.Errorf("the server has a record of the kind %v, which this release does not know", values["kind"])
	}
	rec := k.New()
	for _, f := range k.Fields {
		value, err := f.Read(values[f.Member()], r)
		if err != nil {
			return nil, nil, fmt.Errorf("%s/%v: %w", k.Name, values["key"], err)
		}
		if value != nil {
			f.Set(rec, value)
		}
	}
	var rest struct {
		ID      model.ID    `json:"id"`
		Created model.Stamp `json:"created"`
		Changed model.Stamp `json:"changed"`
	}
	if err := json.Unmarshal(raw, &rest); err != nil {
		return nil, nil, fmt.Errorf("what the server says of %s/%v cannot be read", k.Name, values["key"])
	}
	m := rec.Base()
	m.ID, m.Created, m.Changed = rest.ID, rest.Created, rest.Changed
	if n, ok := values[k.VersionMember()].(json.Number); ok {
		version, _ := n.Int64()
		m.Version = uint32(version)
	}
	r.called[m.Ref()] = [2]string{k.Name, m.Key}
	return k, rec, nil
}

// done prints what a write on the server did.
func (r *remote) done(report door.WriteReport) error {
	for _, w := range report.Warnings {
		r.session.warn("%s", w)
	}
	return r.session.out.print(written(report))
}

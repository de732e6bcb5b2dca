// Package client speaks to the API of a Binnacle server.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/feed"
)

// Options are what a client does not decide for itself.
type Options struct {
	// InsecureHTTP allows http to a machine other than this one. Everybody on the way can then read the token.
	InsecureHTTP bool
	// Transport makes the requests. Unset means the usual one.
	Transport http.RoundTripper
	// Agent is what the client calls itself.
	Agent string
}

// Client speaks to one server in the name of one token.
type Client struct {
	base  *url.URL
	token string
	agent string
	http  *http.Client
}

// New returns a client of the server at an address, such as https://binnacle.example.com.
func New(server, token string, opt Options) (*Client, error) {
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%q is not the address of a server: write it as https://binnacle.example.com", redacted(server))
	}
	if u.Scheme == "http" && !opt.InsecureHTTP && !loopback(u.Hostname()) {
		return nil, errors.New("the address begins with http://, so that everybody on the way could read the token: use https://")
	}
	if token == "" {
		return nil, errors.New("a token is needed: make one on the page about yourself")
	}
	if strings.ContainsAny(token, " \r\n\t") {
		return nil, errors.New("the token has spaces or line ends in it")
	}
	u.Path, u.RawQuery, u.Fragment = strings.TrimRight(u.Path, "/"), "", ""
	c := &Client{base: u, token: token, agent: opt.Agent, http: &http.Client{Transport: opt.Transport}}
	// A redirect would show the token to whoever is there.
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c, nil
}

// redacted writes an address without what may be a password.
func redacted(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return "the address"
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Problem is why the server did not do what it was asked.
type Problem struct {
	// Type names the sort of problem.
	Type string `json:"type"`
	// Title says what sort it is.
	Title string `json:"title"`
	// Status is the status of the answer.
	Status int `json:"status"`
	// Detail says what is wrong this time.
	Detail string `json:"detail"`
	// Errors are the places that are wrong.
	Errors []Fault `json:"errors"`
	// Conflict has the three sides, where somebody else changed the same record.
	Conflict *estate.Conflict `json:"conflict"`
	// Dangling are the links that would lead nowhere.
	Dangling []Dangle `json:"dangling"`
}

// Fault is one place that is wrong.
type Fault struct {
	// Pointer is the place in what was sent, and Parameter the parameter of the address.
	Pointer   string `json:"pointer"`
	Parameter string `json:"parameter"`
	// Record and Field name what it is about.
	Record string `json:"record"`
	Field  string `json:"field"`
	// Text says what is wrong and what to do.
	Text string `json:"text"`
}

// Dangle is a link that would lead nowhere.
type Dangle struct {
	// Record holds the link in a field, and PointsTo is what goes.
	Record   string `json:"record"`
	Field    string `json:"field"`
	PointsTo string `json:"points_to"`
}

// Error says what is wrong, one line for each place.
func (p *Problem) Error() string {
	var lines []string
	for _, f := range p.Errors {
		line := f.Text
		for _, name := range []string{f.Field, f.Record} {
			if name != "" {
				line = name + ": " + line
			}
		}
		if f.Field == "" && f.Record == "" && f.Parameter+f.Pointer != "" {
			line = f.Parameter + f.Pointer + ": " + line
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		return strings.Join(lines, "\n")
	}
	if p.Detail != "" {
		return p.Detail
	}
	return strings.ToLower(p.Title)
}

// Unwrap returns the conflict, where there is one.
func (p *Problem) Unwrap() error {
	if p.Conflict == nil {
		return nil
	}
	return p.Conflict
}

// longestAnswer is how long an answer may be.
const longestAnswer = 1 << 30

// Call asks the server at a path under its API and reads the answer into a
// value. A body that is not nil is sent as JSON. The error is a [*Problem] where the server refuses.
func (c *Client) Call(ctx context.Context, method, path string, query url.Values, body, out any, headers ...string) error {
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return err
		}
		in = bytes.NewReader(raw)
		headers = append(headers, "Content-Type", "application/json")
	}
	resp, err := c.send(ctx, method, path, query, in, headers)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, longestAnswer)).Decode(out); err != nil {
		return fmt.Errorf("what the server at %s answered cannot be read: is it a Binnacle server?", c.base.Host)
	}
	return nil
}

// send sends a request and returns the answer, which is good.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body io.Reader, headers []string) (*http.Response, error) {
	u := *c.base
	u.Path += "/api/v1" + path
	if unescaped, err := url.PathUnescape(u.Path); err == nil && unescaped != u.Path {
		u.RawPath, u.Path = u.Path, unescaped
	}
	u.RawQuery = query.Encode()
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	if c.agent != "" {
		req.Header.Set("User-Agent", c.agent)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, fmt.Errorf("the server at %s does not answer: %w", c.base.Host, err)
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	p := &Problem{}
	raw, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") || json.Unmarshal(raw, p) != nil || p.Status == 0 {
		return nil, fmt.Errorf("the server at %s answered %s: is it a Binnacle server?", c.base.Host, resp.Status)
	}
	return nil, p
}

// RecordPath returns the path of a record.
func RecordPath(kind, key string) string {
	return "/records/" + url.PathEscape(kind) + "/" + url.PathEscape(key)
}

// Page is a part of a list of records.
type Page struct {
	// Records are the records as JSON.
	Records []json.RawMessage `json:"records"`
	// Next is the cursor of the next page, or empty.
	Next string `json:"next"`
	// Total is how many records there are, where that was asked for.
	Total int `json:"total"`
}

// List returns a page of records of a kind. The query is that of the API.
func (c *Client) List(ctx context.Context, kind string, query url.Values) (Page, error) {
	var out Page
	err := c.Call(ctx, http.MethodGet, "/records/"+url.PathEscape(kind), query, nil, &out)
	return out, err
}

// pageSize is how many records are asked for at once.
const pageSize = "1000"

// Each yields every record of a list, page by page.
func (c *Client) Each(ctx context.Context, kind string, query url.Values) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		q := url.Values{}
		for name, values := range query {
			q[name] = values
		}
		q.Set("limit", pageSize)
		for {
			page, err := c.List(ctx, kind, q)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, rec := range page.Records {
				if !yield(rec, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			q.Set("after", page.Next)
		}
	}
}

// ErrNoFile says that there was no file to send.
var ErrNoFile = errors.New("there is no file to send")

// Import sends files, one after the other as they come, and reads the report into a value.
func (c *Client) Import(ctx context.Context, files iter.Seq2[feed.Input, error], query url.Values, out any) error {
	body, into := io.Pipe()
	form := multipart.NewWriter(into)
	sent := make(chan error, 1)
	go func() {
		err := sendFiles(form, files)
		into.CloseWithError(err)
		sent <- err
	}()
	resp, err := c.send(ctx, http.MethodPost, "/imports", query, body, []string{"Content-Type", form.FormDataContentType()})
	body.Close()
	if wrong := <-sent; wrong != nil && !errors.Is(wrong, io.ErrClosedPipe) {
		if err == nil {
			resp.Body.Close()
		}
		return wrong
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return json.NewDecoder(io.LimitReader(resp.Body, longestAnswer)).Decode(out)
}

// sendFiles writes files into a form.
func sendFiles(form *multipart.Writer, files iter.Seq2[feed.Input, error]) error {
	n := 0
	for f, err := range files {
		if err != nil {
			return err
		}
		part, err := form.CreateFormFile("file", f.Name)
		if err != nil {
			return err
		}
		stream, err := f.Stream()
		if err != nil {
			return err
		}
		_, err = io.Copy(part, io.NewSectionReader(stream, 0, stream.Size))
		if err = errors.Join(err, stream.Close()); err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return ErrNoFile
	}
	return form.Close()
}

// Event is one event of the journal.
type Event struct {
	// ID is the number of the entry.
	ID string
	// Name says what sort of event it is: entry, or end.
	Name string
	// Data is the event as JSON.
	Data json.RawMessage
}

// again is how long a client waits before it takes up a stream that broke off.
const again = 2 * time.Second

// Events follows the journal after an entry until the context ends, the server
// says that the stream has ended for good, or take returns an error. A stream that breaks off is taken up where it was.
func (c *Client) Events(ctx context.Context, after string, take func(Event) error) error {
	for {
		last, err := c.events(ctx, after, take)
		var p *Problem
		var own stop
		switch {
		case errors.As(err, &own):
			return own.error
		case errors.As(err, &p), ctx.Err() != nil:
			return errors.Join(err, ctx.Err())
		}
		after = last
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(again):
		}
	}
}

// stop ends following for good.
type stop struct{ error }

func (c *Client) events(ctx context.Context, after string, take func(Event) error) (string, error) {
	headers := []string{"Accept", "text/event-stream"}
	if after != "" {
		headers = append(headers, "Last-Event-ID", after)
	}
	resp, err := c.send(ctx, http.MethodGet, "/events", nil, nil, headers)
	if err != nil {
		return after, err
	}
	defer resp.Body.Close()
	for e, err := range Stream(resp.Body) {
		if err != nil {
			return after, err
		}
		if e.ID != "" {
			after = e.ID
		}
		if e.Name == "end" {
			return after, stop{errors.New("the server has ended the stream: the token is no longer good")}
		}
		if len(e.Data) == 0 {
			continue
		}
		if err := take(e); err != nil {
			return after, stop{err}
		}
	}
	return after, io.ErrUnexpectedEOF
}

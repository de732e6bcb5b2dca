package compliance

import (
	"bytes"
	"fmt"
	"html/template"
)

// The parts of the page that an evidence package is read by.
type (
	pageFramework struct {
		Name, Edition string
		Requirements  []pageRequirement
	}
	pageRequirement struct {
		ID, Label, Text, Reason, StateLabel string
		State                               State
		Group, Unobserved                   bool
		Controls                            []pageControl
		Tests                               []*pageTest
		Findings, Plan, Exceptions          []string
	}
	pageControl struct {
		Name, Statement, Remarks, Owner, State string
		Tests                                  []*pageTest
	}
	pageTest struct {
		ID, Name, Description, State, Method, How string
		Runs                                      []pageRun
	}
	pageRun struct {
		ID, Collected, Expires, Result, Text, By, Digest, Method string
		Looked, Position                                         int
		Evidence                                                 []pageEvidence
	}
	pageEvidence struct {
		Subject, Text, Link string
		Holds               bool
	}
)

// Latest returns the newest run, of which the evidence is shown item by item.
func (t *pageTest) Latest() *pageRun {
	if len(t.Runs) == 0 {
		return nil
	}
	return &t.Runs[0]
}

// page writes index.html: no scripts, nothing from elsewhere, good to print.
func (b *bundle) page() ([]byte, error) {
	t, err := template.New("page").Parse(packagePage)
	if err != nil {
		return nil, fmt.Errorf("the page of the package: %w", err)
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"Title": b.title(), "Scope": b.scopeTitle(), "From": b.from.String(), "Until": b.until.String(), "At": b.v.At().String(),
		"Entry": b.v.Stamp().Seq, "Frameworks": b.pages, "Tests": b.order, "Requests": b.requests(),
	})
	return out.Bytes(), err
}

// pageRequest is one request of the auditors with its answer.
type pageRequest struct{ Number, Text, State, Answer, Answered, Evidence string }

func (b *bundle) requests() []pageRequest {
	if b.audit == nil {
		return nil
	}
	var out []pageRequest
	for _, q := range requestsOf(b.v, b.audit) {
		r := pageRequest{Number: first(q.Number, q.Key), Text: first(q.Text, q.Title()), State: first(string(q.State), "open"), Answer: q.Answer, Evidence: titles(linksOf(b.v, q.Evidence))}
		if !q.Answered.IsZero() {
			r.Answered = q.Answered.String()
		}
		out = append(out, r)
	}
	return out
}

const packagePage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{.Title}}</title>
<link rel="stylesheet" href="style.css">
</head>
<body>
<header>
<h1>{{.Title}}</h1>
<p>Scope: {{.Scope}}. Observations from {{.From}} to {{.Until}}. Looked at on {{.At}}, after entry {{.Entry}} of the journal. The digests of all files are in manifest.json and SHA256SUMS.</p>
</header>
<nav><ul>{{range $i, $f := .Frameworks}}<li><a href="#framework-{{$i}}">{{$f.Name}}</a></li>{{end}}{{if .Requests}}<li><a href="#requests">Requests of the auditors</a></li>{{end}}<li><a href="#tests">Tests and observations</a></li></ul></nav>
<main>
{{range $i, $f := .Frameworks}}<section>
<h2 id="framework-{{$i}}">{{$f.Name}}{{with $f.Edition}} ({{.}}){{end}}</h2>
{{range $f.Requirements}}{{if .Group}}<h3 id="{{.ID}}">{{.Label}}</h3>
{{else}}<article id="{{.ID}}" class="{{.State}}">
<h4>{{.Label}}</h4>
<p class="state"><strong>{{.StateLabel}}</strong> {{.Reason}}</p>
{{with .Text}}<blockquote>{{.}}</blockquote>{{end}}
{{range .Controls}}<div class="control"><h5>Control: {{.Name}} ({{.State}})</h5>
{{with .Statement}}<p>{{.}}</p>{{end}}{{with .Remarks}}<p>{{.}}</p>{{end}}{{with .Owner}}<p>Owner: {{.}}</p>{{end}}
<ul>{{range .Tests}}<li><a href="#test-{{.ID}}">{{.Name}}</a>: {{.State}}{{with .Latest}}, last on {{.Collected}}: {{.Text}}{{end}}</li>{{else}}<li>It has no test.</li>{{end}}</ul></div>
{{end}}{{if .Tests}}<h5>Direct tests</h5><ul>{{range .Tests}}<li><a href="#test-{{.ID}}">{{.Name}}</a>: {{.State}}{{with .Latest}}, last on {{.Collected}}: {{.Text}}{{end}}</li>{{end}}</ul>{{end}}
{{if .Unobserved}}<p class="missing">There is no observation of the period.</p>{{end}}
{{if .Findings}}<h5>Open findings</h5><ul>{{range .Findings}}<li>{{.}}</li>{{end}}</ul>{{end}}
{{if .Plan}}<h5>Plan of action</h5><ul>{{range .Plan}}<li>{{.}}</li>{{end}}</ul>{{end}}
{{if .Exceptions}}<h5>Exceptions</h5><ul>{{range .Exceptions}}<li>{{.}}</li>{{end}}</ul>{{end}}
</article>
{{end}}{{end}}</section>
{{end}}{{if .Requests}}<section><h2 id="requests">Requests of the auditors</h2>
<table><thead><tr><th>Number</th><th>Asked for</th><th>State</th><th>Answer</th><th>Answered</th><th>Evidence</th></tr></thead><tbody>
{{range .Requests}}<tr><td>{{.Number}}</td><td>{{.Text}}</td><td>{{.State}}</td><td>{{.Answer}}</td><td>{{.Answered}}</td><td>{{.Evidence}}</td></tr>
{{end}}</tbody></table></section>
{{end}}<section><h2 id="tests">Tests and observations</h2>
{{range .Tests}}<article id="test-{{.ID}}">
<h4>{{.Name}} ({{.State}})</h4>
<p>{{.How}}</p>{{with .Description}}<p>{{.}}</p>{{end}}
{{if .Runs}}<table><thead><tr><th>Collected</th><th>Result</th><th>Seen</th><th>Looked at</th><th>Counts until</th><th>By</th><th>Entry</th><th>SHA-256 of the answer</th></tr></thead><tbody>
{{range .Runs}}<tr class="{{.Result}}"><td>{{.Collected}}</td><td>{{.Result}}</td><td>{{.Text}}</td><td>{{.Looked}}</td><td>{{.Expires}}</td><td>{{.By}}</td><td>{{.Position}}</td><td class="digest">{{.Digest}}</td></tr>
{{end}}</tbody></table>
{{with .Latest}}<h5>Evidence of {{.Collected}}</h5><p>{{.Method}}</p><ul>{{range .Evidence}}<li>{{if .Holds}}As it should be{{else}}Not as it should be{{end}}: {{.Subject}} {{.Text}}{{with .Link}} <a href="{{.}}">{{.}}</a>{{end}}</li>{{else}}<li>No item was kept.</li>{{end}}</ul>{{end}}
{{else}}<p class="missing">It was not run in the period.</p>{{end}}
</article>
{{end}}</section>
</main>
</body>
</html>
`

const packageStyle = `body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
h1, h2 { border-bottom: 1px solid #c9d1d9; padding-bottom: .2rem; }
article { border-left: .35rem solid #8b949e; margin: 1rem 0; padding: .2rem 0 .2rem 1rem; }
article.satisfied { border-color: #1a7f37; }
article.partly { border-color: #bf8700; }
article.not_satisfied { border-color: #cf222e; }
article.not_applicable { color: #57606a; }
blockquote { margin: .5rem 0; padding: .3rem .8rem; background: #f3f5f7; white-space: pre-line; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { border: 1px solid #c9d1d9; padding: .25rem .4rem; text-align: left; vertical-align: top; }
tr.fail td, tr.error td { background: #ffeceb; }
.digest { font-family: monospace; font-size: 11px; word-break: break-all; }
.missing { font-style: italic; }
@media print { body { margin: 0; max-width: none; } nav { display: none; } article, tr { break-inside: avoid; } a { color: inherit; } }
`

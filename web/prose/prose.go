// Package prose makes safe HTML of texts that people wrote in Markdown.
package prose

import (
	"bytes"
	"html"
	"html/template"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// understood makes HTML of Markdown. HTML inside of it is left out.
var understood = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Strikethrough, extension.Table))
})

// allowed is what may be in a text: no styles, no scripts, no pictures, no forms, and links to the web and to mail alone.
var allowed = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto")
	p.AllowRelativeURLs(false)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(false)
	return p
})

// nothing allows no HTML at all.
var nothing = sync.OnceValue(bluemonday.StrictPolicy)

// HTML makes safe HTML of a text. Its headings stand below those of the page.
func HTML(text string) template.HTML {
	var out bytes.Buffer
	if err := understood().Convert([]byte(text), &out); err != nil {
		return template.HTML(template.HTMLEscapeString(text))
	}
	made := out.Bytes()
	for _, level := range []string{"2", "1"} {
		made = bytes.ReplaceAll(made, []byte("<h"+level+">"), []byte("<h3>"))
		made = bytes.ReplaceAll(made, []byte("</h"+level+">"), []byte("</h3>"))
	}
	return template.HTML(allowed().SanitizeBytes(made))
}

// Plain returns the words of a text in one line, without what Markdown makes of them.
func Plain(text string) string {
	return strings.Join(strings.Fields(html.UnescapeString(nothing().Sanitize(string(HTML(text))))), " ")
}

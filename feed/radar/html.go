package radar

import (
	"html"
	"regexp"
	"strings"

	nethtml "golang.org/x/net/html"

	"binnacle/feed/internal/kit"
)

// blocks are the elements that begin a line of their own.
var blocks = map[string]bool{"p": true, "div": true, "br": true, "ul": true, "ol": true, "li": true, "h1": true, "h2": true, "h3": true, "h4": true, "h5": true, "h6": true, "tr": true, "table": true, "blockquote": true, "pre": true, "hr": true}

// dropped are the elements whose content is nothing to be read.
var dropped = map[string]bool{"script": true, "style": true, "iframe": true, "object": true, "embed": true, "noscript": true, "template": true, "svg": true, "math": true, "head": true, "title": true}

// plainText makes plain text of a description that may be HTML: scripts, styles and all attributes go; paragraphs and items of lists become
// lines; links keep their address in brackets where it is one of the web. A text without tags stays as it is but for named characters.
func plainText(text string) string {
	if !strings.Contains(text, "<") {
		return kit.Clean(html.UnescapeString(text))
	}
	p := plainer{}
	z := nethtml.NewTokenizer(strings.NewReader(text))
	for sort := z.Next(); sort != nethtml.ErrorToken; sort = z.Next() {
		token := z.Token()
		switch sort {
		case nethtml.TextToken:
			if p.skipping == "" {
				p.out.WriteString(token.Data)
			}
		case nethtml.StartTagToken, nethtml.SelfClosingTagToken:
			p.start(token, sort == nethtml.SelfClosingTagToken)
		case nethtml.EndTagToken:
			p.end(token.Data)
		}
	}
	lines := strings.Split(p.out.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return kit.Clean(manyLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"))
}

var manyLines = regexp.MustCompile(`\n{3,}`)

// plainer makes plain text of the tags of HTML.
type plainer struct {
	out strings.Builder
	// skipping is the element whose content is left out, and depth how often it is open.
	skipping string
	depth    int
	// link is the address of the link that is open, whose text begins at from.
	link string
	from int
}

func (p *plainer) start(token nethtml.Token, closed bool) {
	switch element := token.Data; {
	case p.skipping != "":
		if element == p.skipping && !closed {
			p.depth++
		}
	case dropped[element]:
		if !closed {
			p.skipping, p.depth = element, 1
		}
	case element == "a":
		p.link, p.from = "", p.out.Len()
		for _, a := range token.Attr {
			if a.Key == "href" {
				p.link = kit.WebAddress(strings.TrimSpace(a.Val))
			}
		}
	case element == "li":
		p.out.WriteString("\n- ")
	case blocks[element]:
		p.out.WriteString("\n")
	}
}

func (p *plainer) end(element string) {
	switch {
	case p.skipping != "":
		if element == p.skipping {
			if p.depth--; p.depth == 0 {
				p.skipping = ""
			}
		}
	case element == "a":
		if p.link != "" && strings.TrimSpace(p.out.String()[p.from:]) != p.link {
			p.out.WriteString(" (" + p.link + ")")
		}
		p.link = ""
	case blocks[element] && element != "li":
		p.out.WriteString("\n")
	}
}

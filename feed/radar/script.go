package radar

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// jsonOf makes JSON of a literal of JavaScript, up to the bracket that closes it: comments go, names get quotes, single quotes become double
// ones, and commas before closing brackets go. Lines stay lines, so that places stay true. Anything that would have to be computed is an error.
func jsonOf(text []byte) ([]byte, error) {
	var out bytes.Buffer
	depth := 0
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '/' && i+1 < len(text) && text[i+1] == '/':
			end := bytes.IndexByte(text[i:], '\n')
			if end < 0 {
				return nil, errEnds
			}
			i += end
		case c == '/' && i+1 < len(text) && text[i+1] == '*':
			end := bytes.Index(text[i+2:], []byte("*/"))
			if end < 0 {
				return nil, errEnds
			}
			out.Write(bytes.Repeat([]byte("\n"), bytes.Count(text[i:i+2+end], []byte("\n"))))
			i += end + 4
		case c == '"' || c == '\'' || c == '`':
			read, value, err := quoted(text[i:])
			if err != nil {
				return nil, err
			}
			raw, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			out.Write(raw)
			i += read
		case c == '{' || c == '[':
			depth++
			out.WriteByte(c)
			i++
		case c == '}' || c == ']':
			trimComma(&out)
			out.WriteByte(c)
			i++
			if depth--; depth <= 0 {
				return out.Bytes(), nil
			}
		case strings.IndexByte(" \t\r\n,:", c) >= 0:
			out.WriteByte(c)
			i++
		default:
			end := i
			for end < len(text) && isWord(text[end]) {
				end++
			}
			if end == i || depth == 0 {
				return nil, errors.New("only values can be read, and nothing that is computed: export the radar as JSON")
			}
			word(&out, string(text[i:end]))
			i = end
		}
	}
	return nil, errEnds
}

var errEnds = errors.New("it ends too early")

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c == '-' || c == '.' || c == '+'
}

// word writes a word as it is where JSON knows it, and in quotes otherwise.
func word(out *bytes.Buffer, w string) {
	if json.Valid([]byte(w)) {
		out.WriteString(w)
		return
	}
	raw, _ := json.Marshal(w)
	out.Write(raw)
}

// trimComma takes away a comma after which nothing but white space came.
func trimComma(out *bytes.Buffer) {
	made := out.Bytes()
	if at := len(bytes.TrimRight(made, " \t\r\n")); at > 0 && made[at-1] == ',' {
		made[at-1] = ' '
	}
}

// quoted reads a text in quotes of any sort, and how many bytes it takes.
func quoted(text []byte) (read int, value string, err error) {
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; c {
		case text[0]:
			return i + 1, out.String(), nil
		case '\\':
			i++
			if i == len(text) {
				return 0, "", errEnds
			}
			switch text[i] {
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			case '\n':
			case 'u':
				var r string
				if i+5 > len(text) || json.Unmarshal([]byte(`"\u`+string(text[i+1:i+5])+`"`), &r) != nil {
					return 0, "", errors.New("a character is written wrongly")
				}
				out.WriteString(r)
				i += 4
			default:
				out.WriteByte(text[i])
			}
		default:
			out.WriteByte(c)
		}
	}
	return 0, "", errEnds
}

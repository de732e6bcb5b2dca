package feed

import (
	"strings"

	"binnacle/model"
)

// Normal returns the form in which identities of one sort are compared, or
// nothing where the value is known to say nothing, such as a serial number of "Default string".
func Normal(name, value string) string { return model.NormalIdent(name, value) }

// SlugOf makes a key from a name: lower case, with hyphens between the words.
func SlugOf(name string) string {
	var out strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '/', r == '@', r == '+', r > 127:
			if gap && out.Len() > 0 {
				out.WriteByte('-')
			}
			gap = false
			out.WriteRune(r)
		default:
			gap = true
		}
	}
	return out.String()
}

package mail

import (
	"fmt"
	"strings"

	"binnacle/door"
	"binnacle/practice"
)

// mostLines is how many notices one letter lists.
const mostLines = 40

// letter writes what is new to a person. What is about something confidential is not told outside of Binnacle.
func (s *Sender) letter(r door.Addressee, fresh []door.Notice) Letter {
	critical := 0
	for _, n := range fresh {
		if n.Severity == practice.Critical {
			critical++
		}
	}
	subject := "Binnacle: " + practice.Count(len(fresh), "new notice", "new notices")
	if critical > 0 {
		subject += fmt.Sprintf(", %d critical", critical)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s,\n\nthis was found about things that you or your teams own:\n", r.Name)
	last, listed := "", 0
	for _, n := range fresh {
		if listed++; listed > mostLines {
			fmt.Fprintf(&b, "\nAnd %d more.\n", len(fresh)-mostLines)
			break
		}
		if n.Question != last {
			last = n.Question
			fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(strings.NewReplacer(".", ": ", "_", " ").Replace(n.Question)))
		}
		text := n.Text
		if s.house.IsConfidential(n.Finding) {
			text = "Something about a confidential record. Sign in to read it."
		}
		fmt.Fprintf(&b, "  [%s] %s\n", n.Severity, oneLine(text))
	}
	fmt.Fprintf(&b, "\nAll of it, and what mends it:\n%s/notices\n\nOn that page you can also choose to get no letters.\n", strings.TrimSuffix(s.opt.BaseURL, "/"))
	return Letter{To: r.Email, Name: r.Name, Subject: subject, Text: b.String()}
}

// oneLine keeps a text from breaking the form of a letter.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

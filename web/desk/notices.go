package desk

import (
	"html/template"
	"time"

	"binnacle/door"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// noticesWait is how long the page of notices waits for one answer.
const noticesWait = 3 * time.Second

// noticesPage is what concerns the visitor now.
type noticesPage struct {
	Groups  []*noticeGroup
	New     int
	Waiting int
	Failed  []string
	// Mails says that letters are sent at all, and Off that the visitor wants none.
	Mails, Off bool
}

// noticeGroup is the notices that one question found.
type noticeGroup struct {
	Label, Practice, Path string
	// Keys name what is new.
	Keys []string
	// New and Seen are the findings.
	New, Seen   template.HTML
	SeenCount   int
	fresh, seen []practice.Finding
}

// notices shows what concerns the visitor, group by group.
func notices(v *frame.Visit) error {
	all, err := v.House.Notices(v.Ctx(), v.Who, noticesWait)
	if err != nil {
		return err
	}
	b := noticesPage{New: all.New, Waiting: len(all.Waiting), Failed: all.Failed}
	groups := map[string]*noticeGroup{}
	for _, n := range all.List {
		g := groups[n.Question]
		if g == nil {
			a, err := v.House.Question(n.Question)
			if err != nil {
				return err
			}
			g = &noticeGroup{Label: parts.ActionLabel(n.Question), Practice: a.Practice.Label, Path: v.Path("/questions/" + n.Question)}
			groups[n.Question] = g
			b.Groups = append(b.Groups, g)
		}
		if n.New {
			g.Keys, g.fresh = append(g.Keys, n.Key), append(g.fresh, n.Finding)
		} else {
			g.seen = append(g.seen, n.Finding)
		}
	}
	for _, g := range b.Groups {
		opt := parts.Options{Heading: -1, Limit: -1}
		if len(g.fresh) > 0 {
			g.New = parts.Render(v, practice.Part{Name: "new", Label: g.Label, Findings: g.fresh}, opt)
		}
		if g.SeenCount = len(g.seen); g.SeenCount > 0 {
			g.Seen = parts.Render(v, practice.Part{Name: "seen", Label: g.Label, Findings: g.seen}, opt)
		}
	}
	if b.Mails = v.House.Mails; b.Mails {
		choice, err := v.House.MailChoice(v.Ctx(), v.Who)
		if err != nil {
			return err
		}
		b.Off = choice == door.MailOff
	}
	if b.Waiting > 0 {
		v.W.Header().Set("Refresh", "3")
	}
	return v.Render(templates, "notices", frame.Page{Title: "Notices", Section: "notices", Lead: "What was found about things that you or your teams own.", Styles: parts.Styles, Scripts: parts.Scripts, Body: b})
}

// noticesMail remembers which letters the visitor wants.
func noticesMail(v *frame.Visit) error {
	if err := v.House.ChooseMail(v.Ctx(), v.Who, v.Form("choice")); err != nil {
		return err
	}
	return v.Redirect("/notices")
}

// noticesSeen marks notices as seen: those that the form names, or all.
func noticesSeen(v *frame.Visit) error {
	if err := v.House.MarkSeen(v.Ctx(), v.Who, v.R.PostForm["key"]); err != nil {
		return err
	}
	return v.Redirect("/notices")
}

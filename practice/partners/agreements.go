package partners

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AgreementsIn says which agreements are looked at.
type AgreementsIn struct {
	// Within is how many days ahead ends and days of notice are looked for. The default is 120.
	Within int `min:"0" max:"36500"`
	// Partner limits the answer to one partner.
	Partner model.Ref `to:"Partner"`
	// Ended also shows agreements that have ended.
	Ended bool
}

// AgreementsOut is what the company and its partners have agreed on.
type AgreementsOut struct {
	// InForce is how many agreements hold today.
	InForce practice.Figure
	// Notice is how many days of notice lie within the days asked for.
	Notice practice.Figure
	// Ending is how many agreements end within the days asked for.
	Ending practice.Figure
	// Findings say what is to be decided, the most urgent first.
	Findings []practice.Finding
	// Agreements are the agreements, the next day first.
	Agreements practice.Table[AgreementRow]
	// Calendar has the days of notice, ends and obligations ahead, for a calendar program.
	Calendar practice.File
}

// AgreementRow is an agreement with a partner.
type AgreementRow struct {
	// Agreement is the agreement.
	Agreement practice.Link
	// Partner is the partner.
	Partner practice.Link
	// Type is what sort of agreement it is.
	Type string
	// Start is the first day.
	Start model.Date
	// NoticeBy is the last day on which it can be ended before it goes on.
	NoticeBy model.Date
	// End is the last day.
	End model.Date
	// Contract is the contract that goes with it.
	Contract practice.Link
	// Open is how many obligations are not fulfilled.
	Open int
	// DaysLeft is how many days are left to the next of its days, and empty where it has none ahead.
	DaysLeft string
	// Stands says where it stands: to come, in force, notice passed or ended.
	Stands string
	// Owner is who answers for it.
	Owner practice.Link
	next  model.Date
}

// Agreements lists what was agreed on with partners, with the last days of notice and
// the ends that come near. The calendar has all days ahead for which something is agreed, with alarms before them; whoever takes it in again
// sees days that moved once.
func Agreements(v estate.View, in AgreementsIn) (AgreementsOut, error) {
	var out AgreementsOut
	until := v.At().AddDays(cmp.Or(in.Within, 120))
	var force, notice, ending []practice.Link
	var days []practice.CalendarDay
	for a := range estate.Each[*model.PartnerAgreement](v) {
		p, ok := estate.Look[*model.Partner](v, a.Partner)
		if !ok || !in.Partner.IsZero() && in.Partner != a.Partner {
			continue
		}
		row := agreementRow(v, p, a)
		ended := row.Stands == standsEnded || isOver(p)
		if ended && !in.Ended {
			continue
		}
		out.Agreements.Rows = append(out.Agreements.Rows, row)
		if ended {
			continue
		}
		if inForce(a, v.At()) {
			force = append(force, row.Agreement)
		}
		if a.NoticeBy >= v.At() && a.NoticeBy <= until {
			notice = append(notice, row.Agreement)
		}
		if a.End >= v.At() && a.End <= until {
			ending = append(ending, row.Agreement)
		}
		out.Findings = append(out.Findings, agreementFindings(v, p, a, row.Owner, until)...)
		days = append(days, calendarDays(v, p, a, row.Owner)...)
	}
	slices.SortStableFunc(out.Agreements.Rows, func(a, b AgreementRow) int {
		return cmp.Or(cmp.Compare(toInt(a.next.IsZero()), toInt(b.next.IsZero())), cmp.Compare(a.next, b.next))
	})
	practice.WorstFirst(out.Findings)
	out.InForce = practice.Counted("agreements", practice.Neither, force)
	out.Notice = practice.Counted("agreements", practice.Neither, notice)
	out.Ending = practice.Counted("agreements", practice.Neither, ending)
	slices.SortStableFunc(days, func(a, b practice.CalendarDay) int { return cmp.Compare(a.On, b.On) })
	content, err := practice.ICalendar("Agreements with partners", "Partners", v.Stamp().At.Time(), days)
	if err != nil {
		return AgreementsOut{}, err
	}
	out.Calendar = practice.File{Name: "partners.ics", Type: practice.CalendarType, Content: content}
	return out, nil
}

const (
	standsEnded  = "ended"
	standsToCome = "to come"
	standsForce  = "in force"
	standsPassed = "notice passed"
)

func agreementRow(v estate.View, p *model.Partner, a *model.PartnerAgreement) AgreementRow {
	row := AgreementRow{Agreement: practice.To(a), Partner: practice.To(p), Type: a.Type, Start: a.Start, NoticeBy: a.NoticeBy, End: a.End, Contract: practice.To(v.Get(a.Contract)), Stands: standsForce,
		Owner: cmp.Or(practice.OwnerOf(v, a), answersFor(v, p))}
	for _, o := range a.Obligations {
		row.Open += toInt(o.Done.IsZero() || o.Done > v.At())
	}
	switch {
	case !a.End.IsZero() && a.End < v.At():
		row.Stands = standsEnded
	case a.Start > v.At():
		row.Stands = standsToCome
	case !a.NoticeBy.IsZero() && a.NoticeBy < v.At():
		row.Stands = standsPassed
	}
	for _, day := range []model.Date{a.End, a.NoticeBy} {
		if day >= v.At() && (row.next.IsZero() || day < row.next) {
			row.next = day
		}
	}
	if !row.next.IsZero() {
		row.DaysLeft = fmt.Sprint(int(row.next - v.At()))
	}
	return row
}

// agreementFindings say what is to be decided about an agreement.
func agreementFindings(v estate.View, p *model.Partner, a *model.PartnerAgreement, owner practice.Link, until model.Date) []practice.Finding {
	var out []practice.Finding
	link := practice.To(a)
	add := func(s practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link, practice.To(p)}, Owner: owner})
	}
	soon := v.At().AddDays(30)
	if a.NoticeBy >= v.At() && a.NoticeBy <= until {
		s := practice.Medium
		if a.NoticeBy <= soon {
			s = practice.High
		}
		add(s, "%s can be ended until %s, in %s: decide whether it goes on.", named(a, p), a.NoticeBy, practice.Count(int(a.NoticeBy-v.At()), "day", "days"))
	}
	if a.End >= v.At() && a.End <= until {
		s := practice.Low
		if isBound(p) && p.Stage != model.PartnerExiting && len(others(v, a)) == 0 {
			s = practice.Medium
		}
		add(s, "%s ends on %s, in %s.", named(a, p), a.End, practice.Count(int(a.End-v.At()), "day", "days"))
	}
	return out
}

// named returns the title of an agreement, with that of the partner where it does not say it.
func named(a *model.PartnerAgreement, p *model.Partner) string {
	if strings.Contains(strings.ToLower(a.Title()), strings.ToLower(p.Title())) {
		return a.Title()
	}
	return a.Title() + " with " + p.Title()
}

// others returns the agreements with the same partner that hold on the day after one has ended.
func others(v estate.View, a *model.PartnerAgreement) []*model.PartnerAgreement {
	return slices.DeleteFunc(held[*model.PartnerAgreement](v, a.Partner, "partner"), func(b *model.PartnerAgreement) bool { return b.ID == a.ID || !inForce(b, a.End+1) })
}

// calendarDays returns the days of an agreement that are not past.
func calendarDays(v estate.View, p *model.Partner, a *model.PartnerAgreement, owner practice.Link) []practice.CalendarDay {
	var out []practice.CalendarDay
	add := func(on model.Date, category, place, title, text string, who practice.Link, alarms ...string) {
		if on < v.At() || on.IsZero() {
			return
		}
		lines := []string{text}
		if !who.IsZero() {
			lines = append(lines, "Answers for it: "+who.Title())
		}
		out = append(out, practice.CalendarDay{UID: fmt.Sprintf("%s-%s%s@binnacle", a.ID, category, place), On: on, Title: title, Text: strings.TrimSpace(strings.Join(lines, "\n")), Category: category, Alarms: alarms})
	}
	name := fmt.Sprintf("%s (%s)", a.Title(), p.Title())
	add(a.NoticeBy, "notice", "", "Last day of notice: "+name, "Without notice, the agreement goes on.", owner, "90", "30", "7", "1")
	add(a.End, "term_end", "", "End of the agreement: "+name, "Agree on what follows.", owner, "30", "7")
	for i, o := range a.Obligations {
		if o.Done.IsZero() {
			row := obligationRow(v, p, a, i)
			add(o.Due, "obligation", fmt.Sprintf("-%d", i+1), fmt.Sprintf("%s: %s", owes(row), sentence(o.Text)), a.Title(), row.Answerable, "14", "1")
		}
	}
	return out
}

// owes says who owes something.
func owes(row ObligationRow) string {
	switch row.Side {
	case "ours":
		return "We owe " + row.Partner.Title()
	case "theirs":
		return row.Partner.Title() + " owes"
	}
	return "We and " + row.Partner.Title() + " owe"
}

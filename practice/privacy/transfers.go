package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// TransfersIn says which transfers are looked at.
type TransfersIn struct {
	// Country limits the answer to one country, as two letters of ISO 3166.
	Country string `format:"country"`
	// Vendor limits the answer to transfers to one vendor.
	Vendor model.Ref `to:"Vendor"`
}

// TransfersOut are the transfers of personal data to third countries.
type TransfersOut struct {
	// Transfers is how many there are, by processing and country.
	Transfers practice.Figure
	// Unsafe is how many have no safeguard that holds.
	Unsafe practice.Figure
	// Unrecorded is how many the estate shows and no record names.
	Unrecorded practice.Figure
	// Unconfirmed is how many have a safeguard that nobody made sure of.
	Unconfirmed practice.Figure
	// Findings say what to do, the worst first.
	Findings []practice.Finding
	// List are the transfers, by country.
	List practice.Table[Transfer]
	// Countries says what holds for each country that data goes to.
	Countries practice.Table[CountryRow]
}

// Transfer is a transfer of the data of some processing to a country.
type Transfer struct {
	// Activity is the processing.
	Activity practice.Link
	// To is the country or the international organisation.
	To string
	// Basis says what holds for the country.
	Basis model.CountryBasis
	// Recipient is who gets the data, where that is known.
	Recipient practice.Link
	// Safeguard is what the records say makes it lawful.
	Safeguard model.TransferSafeguard
	// Recorded says that the records name it.
	Recorded bool
	// Seen says what in the estate shows it.
	Seen string
	// Verdict says how it stands.
	Verdict TransferVerdict
	// Note says why.
	Note string
	// Path is the chain from the processing to what shows it.
	Path practice.Path
}

// TransferVerdict says how a transfer stands.
type TransferVerdict string

// The verdicts, worst first.
const (
	// TransferBarred means that the company lets no data go there.
	TransferBarred TransferVerdict = "barred"
	// TransferUnsafe means that nothing makes it lawful.
	TransferUnsafe TransferVerdict = "unsafe"
	// TransferUnrecorded means that it may be lawful and that the records do not name it.
	TransferUnrecorded TransferVerdict = "unrecorded"
	// TransferUnconfirmed means that nobody made sure that what makes it lawful holds.
	TransferUnconfirmed TransferVerdict = "unconfirmed"
	// TransferSafe means that it is recorded and that its safeguard holds.
	TransferSafe TransferVerdict = "safe"
)

// Options lists the verdicts, worst first.
func (TransferVerdict) Options() []model.Option {
	return []model.Option{
		{Value: "barred", Label: "Barred", Help: "The company lets no personal data go there."},
		{Value: "unsafe", Label: "Unsafe", Help: "Nothing is recorded that makes it lawful."},
		{Value: "unrecorded", Label: "Unrecorded", Help: "The records do not name it."},
		{Value: "unconfirmed", Label: "Unconfirmed", Help: "Nobody made sure that the safeguard holds."},
		{Value: "safe", Label: "Safe", Help: "It is recorded, and its safeguard holds."},
	}
}

// CountryRow says what holds for a country.
type CountryRow struct {
	// Country is the country.
	Country string
	// Basis says what holds.
	Basis model.CountryBasis
	// Scope says what a decision covers, where it is not the whole country.
	Scope string
	// Until is the last day of the decision.
	Until model.Date
	// Decision is the decision of the organisation. Empty where it is what Binnacle comes with.
	Decision practice.Link
	// Activities are the processing whose data goes there.
	Activities []practice.Link
}

// Transfers lists to which countries outside of the economic area personal data goes: those that the records name, and those that the estate shows by where data
// sets are stored, where applications run, and where processors and those behind them are at home. Each is held against its safeguard (GDPR Chapter V): an adequacy
// decision, clauses or rules, or a derogation. Where only the home of a vendor speaks for a transfer that nobody named as a processor, it may be none: find out.
func Transfers(v estate.View, in TransfersIn) (TransfersOut, error) {
	var out TransfersOut
	b := bookOf(v)
	var all, unsafe, unrecorded, unconfirmed []practice.Link
	rows := map[string]*CountryRow{}
	for _, a := range b.activities {
		if over(a, v.At()) {
			continue
		}
		for _, t := range b.transfersOf(a) {
			if in.Country != "" && t.To != in.Country || !in.Vendor.IsZero() && t.Recipient.ID != model.ID(in.Vendor) {
				continue
			}
			out.List.Rows = append(out.List.Rows, t)
			all = append(all, t.Activity)
			switch t.Verdict {
			case TransferBarred, TransferUnsafe:
				unsafe = append(unsafe, t.Activity)
			case TransferUnrecorded:
				unrecorded = append(unrecorded, t.Activity)
			case TransferUnconfirmed:
				unconfirmed = append(unconfirmed, t.Activity)
			}
			if f, bad := b.transferFinding(a, t); bad {
				out.Findings = append(out.Findings, f)
			}
			row := rows[t.To]
			if row == nil {
				s := b.country(t.To)
				row = &CountryRow{Country: t.To, Basis: t.Basis, Scope: s.scope, Until: s.until, Decision: s.from}
				rows[t.To] = row
			}
			next(&row.Activities, t.Activity)
		}
	}
	for _, row := range rows {
		out.Countries.Rows = append(out.Countries.Rows, *row)
	}
	slices.SortFunc(out.Countries.Rows, func(x, y CountryRow) int { return cmp.Compare(x.Country, y.Country) })
	slices.SortStableFunc(out.List.Rows, func(x, y Transfer) int { return cmp.Compare(x.To, y.To) })
	practice.WorstFirst(out.Findings)
	out.Transfers = practice.Counted("transfers", practice.Neither, all)
	out.Unsafe = practice.Counted("transfers", practice.Lower, unsafe)
	out.Unrecorded = practice.Counted("transfers", practice.Lower, unrecorded)
	out.Unconfirmed = practice.Counted("transfers", practice.Lower, unconfirmed)
	out.Countries.Note = listNote()
	return out, nil
}

// transfersOf returns the transfers of processing: those recorded in their order, then those that the estate alone shows, by country.
func (b *book) transfersOf(a *model.ProcessingActivity) []Transfer {
	var out []Transfer
	seen := map[string]reached{}
	reaches := b.reaches(a)
	for _, r := range reaches {
		seen[r.country] = r
	}
	for i := range a.Transfers {
		t := &a.Transfers[i]
		to := first(t.Country, t.Organisation)
		if to == "" {
			continue
		}
		row := Transfer{Activity: practice.To(a), To: to, Basis: model.CountryThird, Recipient: practice.To(b.view.Get(t.Recipient)), Safeguard: t.Safeguard, Recorded: true}
		if t.Country != "" {
			row.Basis = b.country(t.Country).basis
		}
		if r, ok := seen[t.Country]; ok {
			row.Seen, row.Path = r.how, r.path
		}
		row.Verdict, row.Note = b.judge(a, t)
		out = append(out, row)
	}
	for _, r := range reaches {
		s := b.country(r.country)
		if !s.away() || transferTo(a, r.country) != nil {
			continue
		}
		row := Transfer{Activity: practice.To(a), To: r.country, Basis: s.basis, Recipient: r.vendor, Seen: r.how, Path: r.path, Verdict: TransferUnsafe, Note: "not recorded, and the country needs a safeguard"}
		switch {
		case s.basis == model.CountryBarred:
			row.Verdict, row.Note = TransferBarred, "the company lets no personal data go there"
		case s.free():
			row.Verdict, row.Note = TransferUnrecorded, "an adequacy decision holds, but the records do not name the transfer"
		case r.guess:
			row.Verdict, row.Note = TransferUnrecorded, "only the home of the vendor speaks for it: find out where the data is and who can read it"
		case s.ended:
			row.Note = "not recorded, and the decision about the country has ended"
		}
		out = append(out, row)
	}
	return out
}

// judge says how a recorded transfer stands.
func (b *book) judge(a *model.ProcessingActivity, t *model.DataTransfer) (TransferVerdict, string) {
	s := standing{basis: model.CountryThird}
	if t.Country != "" {
		s = b.country(t.Country)
	}
	switch {
	case s.basis == model.CountryBarred:
		return TransferBarred, "the company lets no personal data go there"
	case s.basis == model.CountryHome:
		return TransferSafe, "no transfer in the words of Chapter V: the same law holds there"
	}
	switch t.Safeguard {
	case "":
		if s.basis == model.CountryAdequate {
			return TransferUnconfirmed, "an adequacy decision holds, and the records do not name it as the safeguard"
		}
		return TransferUnsafe, "no safeguard is recorded"
	case "adequacy":
		switch {
		case s.basis == model.CountryAdequate:
			return TransferSafe, ""
		case s.basis == model.CountryPartly && t.Confirmed:
			return TransferSafe, ""
		case s.basis == model.CountryPartly:
			return TransferUnconfirmed, "the decision covers a part only: " + s.scope
		case s.ended:
			return TransferUnsafe, fmt.Sprintf("the adequacy decision ended on %s", s.until)
		}
		return TransferUnsafe, "there is no adequacy decision for it"
	case "derogation":
		if !a.Occasional {
			return TransferUnconfirmed, "a derogation of Art. 49 is for what is not repeated, and the processing is not marked as occasional"
		}
		return TransferSafe, ""
	case "compelling_interests":
		if t.Document.IsZero() && strings.TrimSpace(t.Note) == "" {
			return TransferUnsafe, "Art. 49(1), second subparagraph, wants suitable safeguards that are documented"
		}
		if !a.Occasional {
			return TransferUnconfirmed, "Art. 49(1), second subparagraph, is for what is not repetitive, and the processing is not marked as occasional"
		}
		return TransferSafe, ""
	}
	switch {
	case t.Document.IsZero():
		return TransferUnconfirmed, "no paper is named that has the safeguard"
	case !t.Confirmed:
		return TransferUnconfirmed, "nobody made sure that the law of the country does not defeat the safeguard"
	}
	return TransferSafe, ""
}

// transferFinding says what to do about a transfer that is not safe.
func (b *book) transferFinding(a *model.ProcessingActivity, t Transfer) (practice.Finding, bool) {
	f := b.about(a, practice.High, "%s sends personal data to %s: %s.", a.Title(), t.To, t.Note)
	if t.Seen != "" && !t.Recorded {
		f.Text = fmt.Sprintf("%s sends personal data to %s, where %s: %s.", a.Title(), t.To, t.Seen, t.Note)
	}
	if len(t.Path) > 1 {
		f.Paths, f.From = []practice.Path{t.Path}, t.Path
	}
	switch t.Verdict {
	case TransferBarred:
		f.Severity = practice.Critical
	case TransferUnrecorded:
		f.Severity = practice.Medium
	case TransferUnconfirmed:
		f.Severity = practice.Low
	case TransferSafe:
		return f, false
	}
	return f, true
}

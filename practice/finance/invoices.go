package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// InvoicesIn says which invoices are looked at.
type InvoicesIn struct {
	// Vendor limits the answer to invoices of a vendor.
	Vendor model.Ref `to:"Vendor"`
	// From is the first day of issue. Unset means the last twelve months.
	From model.Date
	// Until is the last day of issue.
	Until model.Date
}

// InvoicesOut compares what is asked to be paid with the lines behind it.
type InvoicesOut struct {
	// Invoiced is what the invoices ask to be paid.
	Invoiced practice.Figure
	// Open is what is not paid yet.
	Open practice.Figure
	// Overdue is what should have been paid.
	Overdue practice.Figure
	// Differences is how many invoices differ from their lines.
	Differences practice.Figure
	// Findings name invoices that differ from their lines, that are overdue, and lines whose invoice nobody has.
	Findings []practice.Finding
	// Table lists the invoices, the newest first.
	Table practice.Table[InvoiceRow]
	// WithoutInvoice are numbers that lines name and that no invoice has.
	WithoutInvoice practice.Table[NumberRow]
}

// InvoiceRow is one invoice and its lines.
type InvoiceRow struct {
	// Invoice is the record.
	Invoice practice.Link
	// Vendor is who sent it.
	Vendor practice.Link
	// Issued is the day of the invoice.
	Issued model.Date
	// Due is the day by which it is to be paid.
	Due model.Date
	// State says where it stands.
	State model.InvoiceState
	// Amount is what is to be paid.
	Amount model.Money
	// Lines is what the billed cost of its lines adds up to. Empty where no line names it.
	Lines model.Money
	// Difference is what the invoice asks beyond its lines.
	Difference model.Money
	// From are the loads that its lines are in.
	From []practice.Link
}

// NumberRow is the number of an invoice that lines name.
type NumberRow struct {
	// Number is the number of the invoice.
	Number string
	// Issuer is who sent it, as the lines say.
	Issuer string
	// Billed is what the lines add up to.
	Billed model.Money
	// From are the loads that the lines are in.
	From []practice.Link
}

// Invoices compares invoices with the lines that name them: the billed cost of all
// lines of an invoice is its payable amount (FOCUS). It tells what is open and overdue, and which numbers on bills no invoice has.
func Invoices(v estate.View, in InvoicesIn) (InvoicesOut, error) {
	return remember(invoicesIn)(v, in)
}

func invoicesIn(v estate.View, in InvoicesIn) (InvoicesOut, error) {
	var out InvoicesOut
	book := costs.Of(v)
	rates := costs.NewRates(v, book.Currency)
	from, until := in.From, cmp.Or(in.Until, v.At())
	if from.IsZero() {
		from = until.AddMonths(-12)
	}
	lines := linesByInvoice(book)
	known := map[*invoiceLines]bool{}
	var all, open, overdue facts.Sum
	var allOf, openOf, overdueOf, differ []practice.Link
	for i := range estate.Each[*model.Invoice](v) {
		of := linesOf(v, lines, i)
		for _, l := range of {
			known[l] = true
		}
		// An invoice without a day of issue is never left out.
		if !i.Issued.IsZero() && (i.Issued < from || i.Issued > until) || !in.Vendor.IsZero() && i.Vendor != in.Vendor {
			continue
		}
		row := invoiceRow(v, i, of)
		out.Table.Rows = append(out.Table.Rows, row)
		amount, ok := rates.Convert(i.Amount, cmp.Or(i.Issued, v.At()))
		if !ok {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: row.Invoice, Text: fmt.Sprintf("%s is in %s and there is no exchange rate on or before %s: it is in no total.", i.Title(), i.Amount.Currency(), cmp.Or(i.Issued, v.At()))})
		}
		all.Add(facts.Of(amount))
		allOf = append(allOf, row.Invoice)
		if i.State != "paid" && i.Paid.IsZero() {
			open.Add(facts.Of(amount))
			openOf = append(openOf, row.Invoice)
			if !i.Due.IsZero() && i.Due < v.At() {
				overdue.Add(facts.Of(amount))
				overdueOf = append(overdueOf, row.Invoice)
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: row.Invoice, Text: fmt.Sprintf("%s of %s was due on %s and is not paid.", i.Title(), i.Amount, i.Due)})
			}
		}
		if len(of) > 0 && row.Lines.IsZero() {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: row.Invoice, From: row.From, Text: fmt.Sprintf("%s is in %s and its lines are in another currency: they cannot be compared.", i.Title(), cmp.Or(i.Amount.Currency(), "no currency"))})
		}
		if row.Difference.Sign() != 0 {
			differ = append(differ, row.Invoice)
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: row.Invoice, From: row.From, Text: fmt.Sprintf("%s asks %s and its lines add up to %s: ask the vendor about %s.", i.Title(), i.Amount, row.Lines, row.Difference)})
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b InvoiceRow) int {
		return cmp.Or(cmp.Compare(b.Issued, a.Issued), strings.Compare(a.Invoice.Key, b.Invoice.Key))
	})
	out.Invoiced = moneyFigure(roundMoney(book.Money(all)), allOf, window(from, until))
	out.Open = moneyFigure(roundMoney(book.Money(open)), openOf, "")
	out.Overdue = moneyFigure(roundMoney(book.Money(overdue)), overdueOf, "")
	out.Overdue.Better = practice.Lower
	out.Differences = practice.Counted("invoices", practice.Lower, differ)
	out.WithoutInvoice = withoutInvoice(lines, known, from, until)
	if len(out.Table.Rows) == 0 {
		out.Table.Note = "There is no invoice in this time."
	}
	return out, nil
}

// invoiceLines are the lines of bills that name one invoice of one sender.
type invoiceLines struct {
	number, issuer string
	vendor         model.Ref
	lines          []*costs.Line
}

// linesByInvoice puts the lines of bills together by the invoice that they name and by who sent it. Lines that rules leave out, because another load has them in more detail, are not among them.
func linesByInvoice(book *costs.Book) []*invoiceLines {
	index := map[[2]string]*invoiceLines{}
	var out []*invoiceLines
	for _, list := range [][]*costs.Line{book.Lines, book.Unconverted} {
		for _, l := range list {
			if l.Invoice == "" {
				continue
			}
			key := [2]string{l.Invoice, issuerOf(l)}
			one := index[key]
			if one == nil {
				one = &invoiceLines{number: key[0], issuer: key[1], vendor: l.Vendor}
				index[key] = one
				out = append(out, one)
			}
			one.lines = append(one.lines, l)
		}
	}
	slices.SortFunc(out, func(a, b *invoiceLines) int {
		return cmp.Or(strings.Compare(a.number, b.number), strings.Compare(a.issuer, b.issuer))
	})
	return out
}

// linesOf returns the lines of an invoice: those with its number, of its vendor where several have used the number.
func linesOf(v estate.View, all []*invoiceLines, i *model.Invoice) []*invoiceLines {
	first, _ := slices.BinarySearchFunc(all, i.Number, func(l *invoiceLines, number string) int { return strings.Compare(l.number, number) })
	var out []*invoiceLines
	for _, l := range all[first:] {
		if l.number != i.Number {
			break
		}
		if invoiceOf(v, l.number, l.vendor) == i {
			out = append(out, l)
		}
	}
	return out
}

func invoiceRow(v estate.View, i *model.Invoice, of []*invoiceLines) InvoiceRow {
	row := InvoiceRow{Invoice: practice.To(i), Vendor: practice.To(v.Get(i.Vendor)), Issued: i.Issued, Due: i.Due, State: i.State, Amount: i.Amount}
	var sum facts.Sum
	var lines []*costs.Line
	for _, one := range of {
		lines = append(lines, one.lines...)
	}
	row.From = loadsOf(lines)
	for _, l := range lines {
		if l.Currency != i.Amount.Currency() {
			return row
		}
		sum.AddSum(l.Original[facts.Billed])
	}
	if len(lines) == 0 {
		return row
	}
	row.Lines = roundMoney(originalMoney(sum, i.Amount.Currency()))
	if difference, err := i.Amount.Add(row.Lines.Neg()); err == nil {
		row.Difference = difference
	}
	return row
}

func originalMoney(s facts.Sum, currency string) model.Money {
	m, err := s.Money(currency)
	if err != nil {
		return model.Money{}
	}
	return m
}

func withoutInvoice(all []*invoiceLines, known map[*invoiceLines]bool, from, until model.Date) practice.Table[NumberRow] {
	var t practice.Table[NumberRow]
	for _, one := range all {
		if known[one] || !within(one.lines[0], from, until) {
			continue
		}
		sums := map[string]*facts.Sum{}
		for _, l := range one.lines {
			if sums[l.Currency] == nil {
				sums[l.Currency] = &facts.Sum{}
			}
			sums[l.Currency].AddSum(l.Original[facts.Billed])
		}
		for _, currency := range sortedKeys(sums) {
			t.Rows = append(t.Rows, NumberRow{one.number, one.issuer, roundMoney(originalMoney(*sums[currency], cmp.Or(currency, costs.NoCurrency))), loadsOf(one.lines)})
		}
	}
	return t
}

// InvoicesAgreeIn says which invoices are checked.
type InvoicesAgreeIn struct {
	// From is the first day of issue. Unset means the last twelve months.
	From model.Date
}

// InvoicesAgree checks that every invoice asks what its lines add up to.
func InvoicesAgree(v estate.View, in InvoicesAgreeIn) (practice.Verdict, error) {
	answer, err := Invoices(v, InvoicesIn{From: in.From})
	if err != nil {
		return practice.Verdict{}, err
	}
	out := practice.Verdict{Pass: len(answer.Differences.From) == 0}
	for _, row := range answer.Table.Rows {
		if !row.Lines.IsZero() {
			out.Checked = append(out.Checked, row.Invoice)
		}
	}
	for _, f := range answer.Findings {
		if f.Severity == practice.High {
			out.Findings = append(out.Findings, f)
		}
	}
	switch {
	case len(out.Checked) == 0:
		out.Pass, out.Unknown, out.Text = false, true, "No invoice of this time has lines."
	case out.Pass:
		out.Text = fmt.Sprintf("%s.", practice.Count(len(out.Checked), "invoice asks what its lines add up to", "invoices ask what their lines add up to"))
	default:
		out.Text = fmt.Sprintf("%s.", practice.Count(len(answer.Differences.From), "invoice differs from its lines", "invoices differ from their lines"))
	}
	return out, nil
}

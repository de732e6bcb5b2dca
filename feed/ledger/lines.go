package ledger

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// lines makes lines of cost of the rows of a table.
type lines struct {
	in     feed.BulkInput
	sink   feed.Sink
	table  *table
	plan   *plan
	styles styles
	writer *kit.BillWriter
	line   kit.BillLine

	columns  []string
	copies   []copied
	provider int
	vendor   int
	category int
	currency int
	describe int

	// totals are the rows that only add up others, and total is what the lines taken add up to.
	totals []int
	total  facts.Sum
	// both says whether there are debits and credits; dollars and nameless, whether some amounts have the sign $ or no currency.
	both     [2]bool
	dollars  bool
	nameless bool
}

// copied is a column whose values go into a column of the lines as they are.
type copied struct{ to, from int }

func newLines(in feed.BulkInput, sink feed.Sink, t *table, s styles) (*lines, error) {
	l := &lines{in: in, sink: sink, table: t, plan: t.plan, styles: s}
	l.provider, l.category = l.column("ProviderName"), l.column("ChargeCategory")
	l.currency, l.describe = l.column("BillingCurrency"), l.column("ChargeDescription")
	for _, k := range known {
		if at := l.plan.at(k.role); at >= 0 && k.column != "" {
			l.copies = append(l.copies, copied{l.column(k.column), at})
		}
	}
	l.vendor = l.column("x_Vendor")
	if at := l.plan.at(roleVendorNo); at >= 0 {
		// Where a row has no name of a vendor, its number stands for it.
		l.copies = append(l.copies, copied{l.vendor, at})
	}
	for i, name := range l.plan.names {
		if name != "" {
			l.copies = append(l.copies, copied{l.column(name), i})
		}
	}
	l.line.Items = make([][]byte, len(l.columns))
	if l.plan.at(roleCompany) < 0 {
		sink.Note("No column names the company or the ledger, so that all lines of a month belong together: lines of the same source and month take the place of those that were read before.")
	}
	w, err := kit.NewBillWriter(in, sink, l.columns)
	l.writer = w
	return l, err
}

func (l *lines) column(name string) int {
	for i, c := range l.columns {
		if c == name {
			return i
		}
	}
	l.columns = append(l.columns, name)
	return len(l.columns) - 1
}

// row makes the line of a row, or refuses it.
func (l *lines) row(row *kit.Row) error {
	if row.Problem != "" {
		l.refuse(row, -1, row.Problem)
		return nil
	}
	for i := len(l.plan.headers); i < row.Len(); i++ {
		if len(trimmed(row.Value(i))) > 0 {
			l.refuse(row, i, fmt.Sprintf("the row has more values than the %d headers: a separator inside of a value must be in quotes", len(l.plan.headers)))
			return nil
		}
	}
	amount, code, at, reason := l.amount(row)
	if reason == "" {
		if day := l.days(row); day != "" {
			if l.isTotal(row) {
				l.totals = append(l.totals, row.Line)
				return nil
			}
			at, reason = l.dateAt(), day
		}
	}
	if reason != "" {
		l.refuse(row, at, reason)
		return nil
	}
	clear(l.line.Items)
	for _, c := range l.copies {
		if len(l.line.Items[c.to]) == 0 {
			l.line.Items[c.to] = trimmed(row.Value(c.from))
		}
	}
	if reason := l.money(row, code); reason != "" {
		l.refuse(row, l.plan.at(roleCurrency), reason)
		return nil
	}
	l.name(row, amount)
	v := &l.line.Values
	*v = [facts.MaxMeasures]facts.Decimal{facts.Billed: amount, facts.Effective: amount, facts.List: amount, facts.Contracted: amount}
	if at := l.plan.at(roleQuantity); at >= 0 && len(row.Value(at)) > 0 {
		quantity, _, err := kit.ParseNumber(string(row.Value(at)), l.styles.numbers)
		if err != nil {
			l.writer.Warn(row, at, l.table.where(row, at), err.Error()+"; the quantity was left out")
		}
		v[facts.PricingQuantity] = quantity
	}
	l.line.Row = int64(row.Line)
	l.total.Add(amount)
	return l.writer.Write(&l.line)
}

// name fills the columns that every line of cost has.
func (l *lines) name(row *kit.Row, amount facts.Decimal) {
	l.line.Items[l.provider] = ledgerName
	if v := l.line.Items[l.vendor]; len(v) > 0 {
		l.line.Items[l.provider] = v
	}
	if at := l.plan.at(roleText); at >= 0 {
		l.line.Items[l.describe] = trimmed(row.Value(at))
	}
	l.line.Items[l.category] = usage
	if amount.Sign() < 0 {
		l.line.Items[l.category] = credit
	}
	l.line.Provider, l.line.Account = ledgerName, trimmed(row.Value(l.plan.at(roleCompany)))
}

var ledgerName, usage, credit, noCurrency = []byte("Ledger"), []byte("Usage"), []byte("Credit"), []byte("XXX")

func trimmed(v []byte) []byte {
	for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	return v
}

// amount reads the amount of a row: what is debited less what is credited, or the amount with the sign that its side gives it.
func (l *lines) amount(row *kit.Row) (out facts.Decimal, code string, at int, reason string) {
	p := l.plan
	if at := p.at(roleAmount); at >= 0 && len(trimmed(row.Value(at))) > 0 {
		n, code, err := l.number(row, at)
		if err != nil {
			return n, code, at, err.Error()
		}
		side := p.at(roleSide)
		if side < 0 || len(trimmed(row.Value(side))) == 0 {
			return n, code, at, ""
		}
		switch squeeze(string(row.Value(side))) {
		case "s", "soll", "d", "dr", "debit", "40":
			return n, code, at, ""
		case "h", "haben", "c", "cr", "k", "credit", "50":
			if n.Sign() > 0 {
				n = n.Neg()
			}
			return n, code, at, ""
		}
		return n, code, side, fmt.Sprintf("%q is not a side of the ledger: write debit or credit", kit.Short(string(row.Value(side))))
	}
	var sum facts.Sum
	found := false
	for i, r := range []role{roleDebit, roleCredit} {
		at := p.at(r)
		if at < 0 || len(trimmed(row.Value(at))) == 0 {
			continue
		}
		n, c, err := l.number(row, at)
		if err != nil {
			return n, c, at, err.Error()
		}
		code = cmp.Or(code, c)
		found = true
		if r == roleCredit {
			n = n.Neg()
		}
		l.both[i] = l.both[i] || n.Sign() != 0
		sum.Add(n)
	}
	if !found {
		return out, "", max(p.at(roleAmount), p.at(roleDebit), p.at(roleCredit)), "the row has no amount: it cannot be counted"
	}
	return sum.Decimal(), code, -1, ""
}

// number reads a number. In a workbook it has a decimal point where it is one, and is read as it looks where it is a text.
func (l *lines) number(row *kit.Row, at int) (facts.Decimal, string, error) {
	text := string(trimmed(row.Value(at)))
	if l.table.book != nil {
		if n, err := facts.ParseDecimal(text); err == nil {
			if l.styles.numbers == kit.DecimalComma && openForm.MatchString(text) {
				return n, "", fmt.Errorf("%q can be read in two ways, because other cells are texts with a decimal comma: make all of them numbers", kit.Short(text))
			}
			return n, "", nil
		}
	}
	return kit.ParseNumber(text, l.styles.numbers)
}

// openForm is a number of which a workbook does not tell whether it is a text with a separator of thousands.
var openForm = regexp.MustCompile(`^-?[1-9]\d{0,2}\.\d{3}$`)

func (l *lines) dateAt() int { return max(l.plan.at(roleDate), l.plan.at(rolePeriod)) }

// days fills the time of the line: the day of posting, or the month where the table has periods alone.
func (l *lines) days(row *kit.Row) (reason string) {
	l.line.From, l.line.Until = 0, 0
	at := l.plan.at(roleDate)
	if at < 0 {
		month, err := kit.ParseMonth(string(row.Value(l.plan.at(rolePeriod))))
		if err != nil {
			return err.Error()
		}
		l.line.Start, l.line.End = facts.SecondsOf(month), facts.SecondsOf(month.AddMonths(1))
		return ""
	}
	text := string(trimmed(row.Value(at)))
	if text == "" {
		return "the row has no date: it cannot be counted"
	}
	var day model.Date
	var err error
	serial := false
	if l.table.book != nil {
		day, serial = kit.ParseSerialDay(text, l.table.book.Since1904)
	}
	if !serial {
		if day, err = kit.ParseDay(text, l.styles.days); err != nil {
			return err.Error()
		}
	}
	l.line.Start, l.line.End = facts.SecondsOf(day), facts.SecondsOf(day.AddDays(1))
	return ""
}

// money finds the currency of a row: that of its column, of the amount itself, of the header, or the one that was given.
func (l *lines) money(row *kit.Row, code string) (reason string) {
	own := strings.ToUpper(string(l.line.Items[l.currency]))
	switch own {
	case "€":
		own = "EUR"
	case "£":
		own = "GBP"
	case "$":
		own = "USD"
	}
	if strings.Contains(string(row.Value(l.plan.at(roleAmount))), "$") || string(l.line.Items[l.currency]) == "$" {
		l.dollars = true
	}
	if own != "" && code != "" && own != code {
		return fmt.Sprintf("the amount is in %s and the currency is %s: which is right?", code, kit.Short(own))
	}
	own = cmp.Or(own, code, l.plan.currency, l.in.Currency)
	if own == "" {
		l.nameless = true
		l.line.Items[l.currency] = noCurrency
		return ""
	}
	if !kit.IsCurrency(own) {
		return fmt.Sprintf("%q is not a currency: write its three letters, such as EUR", kit.Short(own))
	}
	l.line.Items[l.currency] = []byte(own)
	return ""
}

var totalWord = regexp.MustCompile(`(?i)^\s*(sub-?total|grand total|total|sum|summe|gesamt|gesamtsumme|zwischensumme|endsaldo|saldo|balance|übertrag|carried forward)\b`)

// isTotal reports whether a row without a date only adds up those above it.
func (l *lines) isTotal(row *kit.Row) bool {
	if at := l.plan.at(roleDate); at >= 0 && len(trimmed(row.Value(at))) > 0 && !totalWord.Match(row.Value(at)) {
		return false
	}
	for i := range row.Len() {
		if totalWord.Match(row.Value(i)) {
			return true
		}
	}
	return false
}

func (l *lines) refuse(row *kit.Row, at int, reason string) {
	l.writer.Refuse(row, at, l.table.where(row, at), reason)
}

// finish tells what is to be known of the table as a whole.
func (l *lines) finish() {
	if n := len(l.totals); n > 0 {
		l.sink.Note("%d rows that only add up others, the first in line %d, were left out.", n, l.totals[0])
	}
	if l.nameless {
		l.sink.Note("Some amounts have no currency; they were taken as XXX, which is no currency. Give the currency and import the file again.")
	}
	if l.dollars {
		l.sink.Note("Amounts with the sign $ were taken as US dollars (USD). Where they are others, add a column with the currency.")
	}
	if l.both[0] && l.both[1] && l.writer.Taken() > 1 && l.total.Sign() == 0 {
		l.sink.Note("The lines add up to 0: the file has both sides of every entry. To see cost, import the expense accounts alone.")
	}
	if l.writer.Taken() == 0 {
		l.sink.Note("The file has no line that could be taken.")
	}
}

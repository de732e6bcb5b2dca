package grants

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const tableName = "grants"

// Format reads tables of accounts and grants.
var Format = feed.Format{
	Name:  tableName,
	Label: "Accounts and grants (CSV, XLSX or JSON)",
	Help: "Every row with an account and an entitlement becomes a grant, with the account and the entitlement; a row without an entitlement only describes its account. The system is what the column " +
		"system says, else what the name of the file speaks for. What a later export of the same name no longer has becomes stale.",
	Rank:   60,
	Detect: detectTable,
	Read:   readTable,
}

// row is a row of a table with its line.
type row struct {
	line    int
	problem string
	cells   []string
	places  []int
}

// sheet is a table with its headers.
type sheet struct {
	headers []string
	line    int
	rows    []row
	// since1904 says how a workbook counts days.
	since1904, book bool
	note            string
	left            []string
}

// headerDepth is how many rows may stand above the headers.
const headerDepth = 10

func detectTable(data []byte) int {
	in := feed.Input{Name: "head", Data: data}
	if len(data) > glance && !kit.IsWorkbook(data) {
		cut := bytes.LastIndexByte(data[:glance], '\n') + 1
		in.Data = data[:cut]
	}
	start := bytes.TrimLeft(in.Data[:min(len(in.Data), 1000)], " \t\r\n\xEF\xBB\xBF")
	if len(start) == 0 || bytes.IndexByte([]byte("{<#%-/"), start[0]) >= 0 {
		return 0
	}
	if start[0] == '[' {
		return fitsJSON(start, in.Data)
	}
	_, c, err := openSheet(context.Background(), in, 1)
	if err != nil || c == nil {
		return 0
	}
	if fits := c.fits(); fits > 0 && kit.IsWorkbook(data) {
		return fits + 10
	} else {
		return fits
	}
}

// fitsJSON looks at the names of the first object of a JSON list.
func fitsJSON(start, data []byte) int {
	at := bytes.IndexByte(data, '{')
	if at < 0 || !bytes.HasPrefix(bytes.TrimLeft(start[1:], " \t\r\n"), []byte("{")) {
		return 0
	}
	var headers []string
	for name := range kit.Members(data[at:]) {
		headers = append(headers, name)
	}
	slices.Sort(headers)
	c, err := columnsOf(headers, nil)
	if err != nil {
		return 0
	}
	return c.fits()
}

// openSheet reads a table up to so many rows behind its headers, 0 for all. The columns are those of the row whose words are known best.
func openSheet(ctx context.Context, in feed.Input, most int) (*sheet, *columns, error) {
	content := feed.BulkInput{Name: in.Name, Size: int64(len(in.Data)), Content: bytes.NewReader(in.Data)}
	if kit.IsWorkbook(in.Data) {
		return openBook(in, content, most)
	}
	start := bytes.TrimLeft(in.Data, " \t\r\n\xEF\xBB\xBF")
	if len(start) > 0 && start[0] == '[' {
		rows, names, err := kit.OpenObjects(ctx, content)
		if err != nil {
			return nil, nil, err
		}
		defer rows.Close()
		c, err := columnsOf(names, in.Mapping)
		if err != nil {
			return nil, nil, err
		}
		s := &sheet{headers: names}
		return s, c, s.read(rows, most)
	}
	text, note, err := kit.TableText(content)
	if err != nil {
		return nil, nil, err
	}
	whole, err := io.ReadAll(text)
	if err != nil {
		return nil, nil, err
	}
	first, _, _ := bytes.Cut(whole, []byte("\n"))
	rows := kit.NewLines(ctx, bytes.NewReader(whole), kit.Comma(append(slices.Clone(first), '\n')))
	defer rows.Close()
	s := &sheet{note: note}
	if err := s.read(rows, most); err != nil {
		return nil, nil, err
	}
	c, err := s.findHeader(in.Mapping)
	return s, c, err
}

// openBook reads the first sheet of a workbook that has the columns of accounts or grants, else the first one.
func openBook(in feed.Input, content feed.BulkInput, most int) (*sheet, *columns, error) {
	book, err := kit.OpenWorkbook(content.Content, content.Size)
	if err != nil {
		return nil, nil, err
	}
	defer book.Close()
	var first *sheet
	var columns *columns
	names := book.Sheets()
	for i, name := range names {
		rows, err := book.Rows(name)
		if err != nil {
			return nil, nil, err
		}
		s := &sheet{book: true, since1904: book.Since1904}
		err = s.read(rows, most)
		rows.Close()
		if err != nil {
			return nil, nil, err
		}
		c, err := s.findHeader(in.Mapping)
		if err != nil {
			return nil, nil, err
		}
		if c.fits() > 0 || c.named() && in.Mapping != nil {
			s.left = append(slices.Clone(names[:i]), names[i+1:]...)
			return s, c, nil
		}
		if first == nil {
			first, columns = s, c
		}
	}
	if first == nil {
		return nil, nil, errors.New("the workbook has no visible sheet")
	}
	return first, columns, nil
}

// read holds the rows of a table: all, or as many as may stand above the headers and so many more.
func (s *sheet) read(rows kit.Rows, most int) error {
	for rows.Next() {
		r := rows.Row()
		one := row{line: r.Line, problem: r.Problem, cells: make([]string, r.Len()), places: make([]int, r.Len())}
		for i := range one.cells {
			one.cells[i] = kit.Clean(string(r.Value(i)))
			_, one.places[i] = r.Place(i)
		}
		s.rows = append(s.rows, one)
		if most > 0 && len(s.rows) >= headerDepth+most {
			return nil
		}
	}
	return rows.Err()
}

// findHeader finds the row with the headers among the first ones and takes it and what stands above off the rows.
func (s *sheet) findHeader(mapping *model.Mapping) (*columns, error) {
	var best *columns
	at := 0
	for i, r := range s.rows[:min(len(s.rows), headerDepth)] {
		c, err := columnsOf(r.cells, mapping)
		if err != nil {
			return nil, err
		}
		if best == nil || len(c.at) > len(best.at) {
			best, at = c, i
		}
	}
	if best == nil {
		return nil, errors.New("the table has no rows")
	}
	s.headers, s.line, s.rows = best.headers, s.rows[at].line, s.rows[at+1:]
	return best, nil
}

// reader makes grants of the rows of a table.
type reader struct {
	*directory
	*columns
	sheet *sheet
	// fallback is the name of the system where a row says none.
	fallback string
	// unnamed counts the rows that say no system.
	unnamed int
}

func readTable(ctx context.Context, in feed.Input, b *feed.Batch) error {
	if int64(len(in.Data)) > b.Limits.Bytes {
		return fmt.Errorf("the content has %d bytes; the limit is %d: split it", len(in.Data), b.Limits.Bytes)
	}
	s, c, err := openSheet(ctx, in, 0)
	if err != nil {
		return err
	}
	switch {
	case !c.named():
		return fmt.Errorf("no column says which account a row is about: name one account, email or employee number, or map one of %s", strings.Join(c.headers, ", "))
	case len(s.rows) > b.Limits.Items:
		return fmt.Errorf("the table has %d rows; the limit is %d: split it", len(s.rows), b.Limits.Items)
	}
	r := &reader{directory: newDirectory(b), columns: c, sheet: s, fallback: systemNamed(in.Name)}
	if err := r.findStyles(); err != nil {
		return err
	}
	file := path.Base(strings.ReplaceAll(in.Name, `\`, "/"))
	stem := strings.TrimSuffix(strings.TrimSuffix(file, ".gz"), path.Ext(strings.TrimSuffix(file, ".gz")))
	b.Source = model.Source{Meta: model.Meta{Key: tableName + ":" + shortened(cmp.Or(feed.SlugOf(stem), "table")), Name: file}, Format: tableName}
	b.Complete = true
	if s.note != "" {
		b.Note("%s", s.note)
	}
	for _, name := range s.left {
		b.Note("The sheet %s was left out: one sheet of a workbook is read, the first with accounts or grants.", name)
	}
	for i := range s.rows {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r.row(&s.rows[i])
	}
	if r.unnamed > 0 {
		b.Note("%s no system: they were taken as rows about %s, after the name of the file. Add a column system, or name the file after its system.", count(r.unnamed, "row says", "rows say"), r.fallback)
	}
	if len(r.batch.Refused) > 0 {
		// What was refused may still be there.
		b.Complete = false
		b.Note("Because rows were refused, nothing becomes stale by this import.")
	}
	r.finish()
	b.Count("rows", len(s.rows))
	b.Count("grants", len(r.grants))
	return nil
}

func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// days are the columns with days or moments.
var days = []role{roleGranted, roleUntil, roleLastUsed, roleLastSignIn, roleOpened, roleExpires}

// findStyles finds out over whole columns whether the day or the month stands first.
func (r *reader) findStyles() error {
	for _, role := range days {
		at, ok := r.at[role]
		if !ok {
			continue
		}
		var seen kit.Days
		for _, row := range r.sheet.rows {
			if at < len(row.cells) {
				seen.Add(row.cells[at], row.line)
			}
		}
		style, err := seen.Style(r.headers[at], r.styles[role])
		if err != nil {
			return err
		}
		r.styles[role] = style
	}
	return nil
}

// get returns the cell of a row for a role.
func (r *reader) get(row *row, role role) string {
	if at, ok := r.at[role]; ok && at < len(row.cells) {
		switch value := row.cells[at]; strings.ToLower(value) {
		case "null", "n/a", "-":
			return ""
		default:
			return value
		}
	}
	return ""
}

// place returns where the cell of a row for a role stands.
func (r *reader) place(row *row, role role) feed.Where {
	at, ok := r.at[role]
	if !ok || at >= len(row.places) {
		return r.batch.At(row.line, 0, "")
	}
	return r.batch.At(row.line, row.places[at], r.headers[at])
}

// wrong is a cell that cannot be read.
type wrong struct {
	role role
	err  error
}

// values are the cells of a row, read.
type values struct {
	state                                                     model.UserAccountState
	granted, until, opened, expires                           model.Date
	lastUsed, lastSignIn                                      model.Time
	privileged, privilegedSaid, used, usedSaid, second, twoIs bool
}

// row proposes what a row says. A row with a cell that cannot be read is refused as a whole.
func (r *reader) row(row *row) {
	at := r.batch.At(row.line, 0, "")
	if row.problem != "" {
		r.batch.Refuse(at, "%s", row.problem)
		return
	}
	if !slices.ContainsFunc(row.cells, func(c string) bool { return c != "" }) {
		return
	}
	id := cmp.Or(r.get(row, roleAccount), r.get(row, roleEmail), r.get(row, roleNumber))
	if id == "" {
		r.batch.Refuse(at, "the row names no account: fill in the account, the address or the employee number")
		return
	}
	v, bad := r.read(row)
	if bad != nil {
		r.batch.RefuseRecord(r.place(row, bad.role), "UserAccount/"+kit.Short(id), string(bad.role), bad.err.Error())
		return
	}
	name := r.get(row, roleSystem)
	if name == "" {
		r.unnamed++
		name = r.fallback
	}
	_, system := r.system(name, at)
	a, _ := r.account(system, id, id, at, false)
	r.describe(a, row, id, &v)
	if title := r.get(row, roleEntitlement); title != "" {
		e, _ := r.entitlement(system, r.typeOf(row), title, "", at, false)
		if v.privilegedSaid {
			e.Privileged = v.privileged
		}
		g, fresh := r.grant(a, e, at)
		if !fresh {
			r.batch.Note("%s: the row says again that %s has %s.", at, kit.Short(id), kit.Short(title))
			return
		}
		g.Granted, g.Until, g.LastUsed, g.Reason = v.granted, v.until, v.lastUsed, r.get(row, roleReason)
		g.Used = judged(v.used, v.usedSaid)
		if by := r.get(row, roleApprovedBy); by != "" {
			g.ApprovedBy = r.batch.LinkTo(feed.Link{Kinds: []string{"Person"}, Text: by, Where: r.place(row, roleApprovedBy), Optional: true})
		}
	} else if v.privilegedSaid {
		a.record.Privileged = a.record.Privileged || v.privileged
	}
}

// describe puts what a row says of its account into it. What an earlier row said stays.
func (r *reader) describe(a *account, row *row, id string, v *values) {
	u := a.record
	u.UserName, u.Identifier = cmp.Or(u.UserName, r.get(row, roleAccount), id), cmp.Or(u.Identifier, id)
	u.Email = cmp.Or(u.Email, kit.MailAddress(r.get(row, roleEmail)))
	u.Name = cmp.Or(u.Name, r.get(row, rolePerson))
	u.State, u.Opened, u.Expires = cmp.Or(u.State, v.state), cmp.Or(u.Opened, v.opened), cmp.Or(u.Expires, v.expires)
	u.LastSignIn = max(u.LastSignIn, v.lastSignIn)
	u.SecondFactor = cmp.Or(u.SecondFactor, judged(v.second, v.twoIs))
	u.Type = cmp.Or(u.Type, accountTypeNamed(r.get(row, roleAccountType)))
	a.number, a.email, a.person = cmp.Or(a.number, r.get(row, roleNumber)), cmp.Or(a.email, u.Email), cmp.Or(a.person, r.get(row, rolePerson))
}

// typeOf returns the sort of the entitlement of a row: what the row says, else what the header of the column is called.
func (r *reader) typeOf(row *row) model.EntitlementType {
	if t := typeNamed(r.get(row, roleType)); t != "" {
		return t
	}
	header := squeezed(r.headers[r.at[roleEntitlement]])
	for _, t := range []string{"group", "role", "permission"} {
		if strings.HasPrefix(header, t) {
			return model.EntitlementType(t)
		}
	}
	return ""
}

// judged returns a judgement, and none where nothing was said.
func judged(yes, said bool) model.Judgement {
	switch {
	case !said:
		return ""
	case yes:
		return "yes"
	}
	return "no"
}

// read reads the cells of a row that are more than text. It returns the first one that cannot be read.
func (r *reader) read(row *row) (v values, bad *wrong) {
	fail := func(role role, err error) {
		if bad == nil && err != nil {
			bad = &wrong{role, err}
		}
	}
	word := func(role role) (yes, said bool) {
		text := r.get(row, role)
		if text == "" {
			return false, false
		}
		yes, known := yesOrNo(text)
		if !known {
			fail(role, fmt.Errorf("%q is neither yes nor no", kit.Short(text)))
		}
		return yes, known
	}
	day := func(role role) model.Date {
		t, err := r.moment(row, role)
		fail(role, err)
		return t.Date()
	}
	v.granted, v.until, v.opened, v.expires = day(roleGranted), day(roleUntil), day(roleOpened), day(roleExpires)
	var err error
	v.lastSignIn, err = r.moment(row, roleLastSignIn)
	fail(roleLastSignIn, err)
	v.lastUsed, err = r.moment(row, roleLastUsed)
	fail(roleLastUsed, err)
	v.privileged, v.privilegedSaid = word(rolePrivileged)
	v.used, v.usedSaid = word(roleUsed)
	v.second, v.twoIs = word(roleSecondFactor)
	if text := r.get(row, roleState); text != "" {
		v.state, err = stateNamed(text, r.negated)
		fail(roleState, err)
	}
	return v, bad
}

// moment reads a moment or a day. The word never, and days before 1970 that some systems write for it, are none.
func (r *reader) moment(row *row, role role) (model.Time, error) {
	text := r.get(row, role)
	switch strings.ToLower(text) {
	case "", "never", "nie", "no date", "unlimited", "unbegrenzt", "false", "no_information", "no information":
		return 0, nil
	}
	if r.sheet.book {
		if day, ok := kit.ParseSerialDay(text, r.sheet.since1904); ok {
			return model.TimeOf(day.Time()), nil
		}
	}
	t, err := model.ParseTime(text)
	if err != nil {
		day, failed := kit.ParseDay(text, r.styles[role])
		if failed != nil {
			return 0, failed
		}
		t = model.TimeOf(day.Time())
	}
	if year := t.Time().Year(); year < 1971 {
		return 0, nil
	}
	return t, nil
}

package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
)

const (
	// mostScopes is how many accounts and periods one content of bulk lines may have.
	mostScopes = 2000
	// mostColumns is how many columns the lines of a content may have.
	mostColumns = 2000
	// mostTold is how many refusals, how many warnings and how many notes of one content are kept. All are counted.
	mostTold = 1000
	// bulkRank is the rank of sources of bulk lines: systems that people keep.
	bulkRank = 60
)

// LoadReport says what became of the lines of one account and period of a content.
type LoadReport struct {
	// Key is the key of the record of the load.
	Key string `json:"key"`
	// Outcome is created, unchanged where the same lines are there already, or refused.
	Outcome feed.Outcome `json:"outcome"`
	// Series says what the lines measure, such as cost.
	Series string `json:"series"`
	// Provider is the company that sent the lines, and Account what they are about within it.
	Provider string `json:"provider"`
	Account  string `json:"account"`
	// From and Until are the first and the last day of the period.
	From  model.Date `json:"from"`
	Until model.Date `json:"until"`
	// Lines is how many lines were taken or would be. Refused and Warnings count the lines that were not taken, and those that were
	// and look wrong; both are counted with the load whose lines stand before them in the content.
	Lines    int `json:"lines"`
	Refused  int `json:"refused"`
	Warnings int `json:"warnings"`
	// Totals are what the lines add up to, with all digits.
	Totals []LoadSum `json:"totals"`
	// Replaces are the keys of the loads that no longer count because of this one.
	Replaces []string `json:"replaces"`
	// Difference is how much more the new lines of the account and period add up to than those that they replace. Where several
	// contents bring lines of one account and period, the first one tells the difference of all.
	Difference []LoadSum `json:"difference"`
}

// LoadSum is what lines add up to in one measure and currency.
type LoadSum struct {
	// Measure is what is added up, such as BilledCost.
	Measure string `json:"measure"`
	// Currency is the currency, where the measure is money.
	Currency string `json:"currency,omitempty"`
	// Amount is the sum with all its digits.
	Amount string `json:"amount"`
}

// sumsOf returns the totals of a record as reports tell them.
func sumsOf(totals []model.LoadTotal) []LoadSum {
	out := make([]LoadSum, len(totals))
	for i, t := range totals {
		out[i] = LoadSum(t)
	}
	return out
}

// pendingLoad is lines that are durable, or in memory on a dry run, and that no record knows yet.
type pendingLoad struct {
	file   *FileReport
	bulk   *feed.Bulk
	source string
	digest string
	report *LoadReport
	scope  feed.Scope
	id     model.ID
	writer facts.Writer
	tally  *facts.Tally
	totals []model.LoadTotal
}

// bulkImport is everything that an import has read of bulk lines.
type bulkImport struct {
	store facts.Store
	loads []*pendingLoad
	// seen are the digests of the contents of this import, with the name of the first content of each.
	seen map[string]string
	// confirmed are loads that count and whose content came again.
	confirmed map[model.ID]bool
	// keys are the keys that the import gives out.
	keys map[string]bool
}

// isBulk returns the format of bulk lines that a content is of, or nil.
func (im *importer) isBulk(in feed.Input) *feed.Bulk {
	if in.Bulk != nil || im.opt.Records || in.Open != nil {
		return in.Bulk
	}
	return im.opt.bulkOf(in.Data)
}

// readBulk reads a content of bulk lines into loads that no record knows yet.
func (im *importer) readBulk(ctx context.Context, bulk *feed.Bulk, in feed.Input) {
	file := &FileReport{File: in.Name, Format: bulk.Name, Source: cmp.Or(im.opt.Source, bulk.Name), bulk: true}
	im.report.Files = append(im.report.Files, file)
	fail := func(err error) {
		file.Error, file.Counts = err.Error(), feed.Counts{Refused: max(1, file.Counts.Refused)}
	}
	if im.bulk.store == nil {
		fail(fmt.Errorf("%s: bulk lines cannot be kept here", in.Name))
		return
	}
	if err := im.mayLoad(); err != nil {
		fail(fmt.Errorf("%s: %w", in.Name, err))
		return
	}
	stream, err := in.Stream()
	if err != nil {
		fail(fmt.Errorf("%s: %w", in.Name, err))
		return
	}
	defer stream.Close()
	digest := newDigester(stream, stream.Size)
	defer digest.stop()
	first := stream.Size <= shortContent || im.likelyKnown(file)
	if first {
		// What is likely to be there already is not read as lines for nothing.
		if err := digest.rest(ctx); err != nil {
			fail(fmt.Errorf("%s: %w", in.Name, err))
			return
		}
		if im.knows(file, digest.sum()) {
			return
		}
	}
	sink := &bulkSink{im: im, ctx: ctx, file: file, bulk: bulk, digest: digest, compared: first, size: stream.Size, parts: map[feed.Scope]*partWriter{}}
	input := feed.BulkInput{Name: in.Name, Size: stream.Size, Content: digest, Mapping: cmp.Or(in.Mapping, im.opt.Mapping), Currency: im.opt.Currency}
	err = sink.run(input)
	if err != nil || sink.known {
		sink.abort()
	}
	if err != nil {
		fail(fmt.Errorf("%s: %w", in.Name, err))
	}
}

// shortContent is how long a content may be that is hashed before it is read.
const shortContent = 1 << 20

// likelyKnown reports whether a file of this name came before, in this import or an earlier one.
func (im *importer) likelyKnown(file *FileReport) bool {
	for load := range loadsOf(im.snap) {
		if load.File == file.File && load.SourceKey == file.Source && load.State != model.LoadLeftOut {
			return true
		}
	}
	return false
}

// mayLoad says why whoever imports may not bring bulk lines, or nothing.
func (im *importer) mayLoad() error {
	if im.opt.Allow == nil {
		return nil
	}
	load := &model.Load{Series: facts.Costs.Name, State: model.LoadCounts}
	load.ID, load.Key, load.Name = im.store.NewID(), "load", "load"
	change, _ := model.Difference(im.snap.Schema().Of(load), nil, load)
	return im.opt.Allow(im.snap, &change)
}

// knows reports whether the lines of a content are there and count, and notes it.
func (im *importer) knows(file *FileReport, digest string) bool {
	if first, again := im.bulk.seen[file.Source+digest]; again {
		file.Notes = append(file.Notes, fmt.Sprintf("it is the same content as %s, and its lines are taken once", first))
		return true
	}
	im.bulk.seen[file.Source+digest] = file.File
	var known []*model.Load
	for load := range loadsOf(im.snap) {
		if load.Digest == digest && load.SourceKey == file.Source && load.State != model.LoadLeftOut {
			known = append(known, load)
		}
	}
	if len(known) == 0 || slices.ContainsFunc(known, func(l *model.Load) bool { return l.State != model.LoadCounts }) {
		return false
	}
	for _, load := range known {
		im.bulk.confirmed[load.ID] = true
		if !im.sees(load) {
			continue
		}
		file.Unchanged++
		file.Loads = append(file.Loads, &LoadReport{Key: load.Key, Outcome: feed.Unchanged, Series: load.Series, Provider: load.Provider, Account: load.Subject,
			From: load.From, Until: load.Until, Lines: load.Lines, Totals: sumsOf(load.Totals)})
	}
	file.Notes = append(file.Notes, "the same content was imported before and its lines count: nothing was changed")
	return true
}

// bulkSink takes what a format of bulk lines reads.
type bulkSink struct {
	im     *importer
	ctx    context.Context
	file   *FileReport
	bulk   *feed.Bulk
	digest *digester
	size   int64
	// compared says that the content was compared with what is there before it was read, and known that its lines are there already and count.
	compared, known bool
	columns         []string
	parts           map[feed.Scope]*partWriter
	order           []*partWriter
	// last is the part that was written to last. Refused and warned count what was told before there was one.
	last            *partWriter
	refused, warned int
}

// run reads the content and makes its lines durable. A fault of the reader is an error and not a panic.
func (s *bulkSink) run(in feed.BulkInput) error {
	if err := s.read(in); err != nil {
		return err
	}
	s.Read(s.size)
	if err := s.digest.rest(s.ctx); err != nil {
		return err
	}
	if s.isKnown() {
		return nil
	}
	if err := s.commit(); err != nil {
		return err
	}
	s.settle()
	return nil
}

// isKnown reports whether the lines that were read are there already and count. What was told about them is then forgotten.
func (s *bulkSink) isKnown() bool {
	if s.compared {
		return false
	}
	told := *s.file
	s.file.Counts, s.file.Warned, s.file.Refused, s.file.Warnings, s.file.Notes = feed.Counts{}, 0, nil, nil, nil
	if s.known = s.im.knows(s.file, s.digest.sum()); !s.known {
		*s.file = told
	}
	return s.known
}

// commit makes the lines durable.
func (s *bulkSink) commit() error {
	var full []*pendingLoad
	var writers []facts.Writer
	for _, p := range s.order {
		if p.load.report.Lines == 0 {
			p.Writer.Abort()
			continue
		}
		full, writers = append(full, p.load), append(writers, p.Writer)
	}
	totals, err := facts.CommitAll(s.ctx, s.im.bulk.store, writers)
	for i := range totals {
		load := full[i]
		load.writer, load.digest = nil, s.digest.sum()
		if merged := totals[i].Merged; len(merged) > 0 {
			s.file.Notes = append(s.file.Notes, fmt.Sprintf("%s has very many different lines: beyond the first %d combinations of values they are added up without %s; totals are exact, and the lines keep all their values",
				strings.TrimSpace(strings.Join([]string{load.scope.Provider, load.scope.Account, periodOf(load.scope.From, load.scope.Until)}, " ")), facts.MostWhole, strings.Join(merged, ", ")))
		}
		load.totals = load.tally.Totals()
		load.report.Totals = sumsOf(load.totals)
		load.tally = nil
	}
	return err
}

func (s *bulkSink) read(in feed.BulkInput) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("reading it as %s failed because of a fault in Binnacle: %v", s.bulk.Label, r)
		}
	}()
	if err := s.bulk.Read(s.ctx, in, s); err != nil {
		return err
	}
	return s.ctx.Err()
}

// settle hands the loads that have lines to the import.
func (s *bulkSink) settle() {
	for _, p := range s.order {
		if p.load.report.Lines > 0 {
			s.file.Loads = append(s.file.Loads, p.load.report)
			s.im.bulk.loads = append(s.im.bulk.loads, p.load)
		}
	}
	if len(s.file.Loads) > 0 {
		first := s.file.Loads[0]
		first.Refused, first.Warnings = first.Refused+s.refused, first.Warnings+s.warned
	} else {
		s.file.Notes = append(s.file.Notes, "there is no line that could be taken")
	}
}

// abort throws everything away that was read of the content.
func (s *bulkSink) abort() {
	for _, p := range s.order {
		if p.load.writer != nil {
			p.Writer.Abort()
		} else {
			s.im.dropLines(p.load)
		}
	}
}

// Columns names the columns whose values make up an item.
func (s *bulkSink) Columns(names []string) error {
	if s.columns != nil {
		return errors.New("the columns were named twice")
	}
	if len(names) == 0 || len(names) > mostColumns {
		return fmt.Errorf("it has %d columns, and may have 1 to %d", len(names), mostColumns)
	}
	s.columns = slices.Clone(names)
	return nil
}

// Part returns the writer of the lines of a scope.
func (s *bulkSink) Part(scope feed.Scope) (facts.Writer, error) {
	if p := s.parts[scope]; p != nil {
		s.last = p
		return p, nil
	}
	if len(s.parts) == mostScopes {
		return nil, fmt.Errorf("it is about more than %d accounts and periods: split it", mostScopes)
	}
	if scope.Until < scope.From {
		return nil, fmt.Errorf("the billing period from %s until %s ends before it begins", scope.From, scope.Until)
	}
	id := s.im.store.NewID()
	header := facts.Header{Load: id, Series: s.bulk.Series.Name, Columns: s.columns}
	w, err := s.im.bulk.store.Write(s.ctx, header)
	if err != nil {
		return nil, err
	}
	load := &pendingLoad{file: s.file, bulk: s.bulk, source: s.file.Source, scope: scope, id: id, writer: w, tally: facts.NewTally(header),
		report: &LoadReport{Outcome: feed.Created, Series: s.bulk.Series.Name, Provider: scope.Provider, Account: scope.Account, From: scope.From, Until: scope.Until}}
	p := &partWriter{Writer: w, sink: s, load: load}
	p.capture = func() []string { p.row = p.values(); return p.row }
	s.parts[scope], s.last = p, p
	s.order = append(s.order, p)
	return p, nil
}

// Refuse notes a line that was not taken.
func (s *bulkSink) Refuse(r feed.Refusal) {
	s.file.Counts.Refused++
	if s.last == nil {
		s.refused++
	} else {
		s.last.load.report.Refused++
	}
	s.file.Refused = s.tell(s.file.Refused, r)
}

// Warn notes a line that was taken and looks wrong.
func (s *bulkSink) Warn(r feed.Refusal) {
	s.file.Warned++
	if s.last == nil {
		s.warned++
	} else {
		s.last.load.report.Warnings++
	}
	s.file.Warnings = s.tell(s.file.Warnings, r)
}

func (s *bulkSink) tell(list []feed.Refusal, r feed.Refusal) []feed.Refusal {
	if len(list) >= mostTold {
		return list
	}
	r.Where.File = cmp.Or(r.Where.File, s.file.File)
	return append(list, r)
}

// Note tells something about the content as a whole.
func (s *bulkSink) Note(format string, args ...any) {
	if len(s.file.Notes) < mostTold {
		s.file.Notes = append(s.file.Notes, fmt.Sprintf(format, args...))
	}
}

// Read tells how far the content is read.
func (s *bulkSink) Read(bytes int64) {
	if s.im.opt.Bytes != nil {
		s.im.opt.Bytes(bytes, s.size, s.file.File)
	}
}

// partWriter adds up what goes into a load by the way.
type partWriter struct {
	facts.Writer
	sink    *bulkSink
	load    *pendingLoad
	values  func() []string
	capture func() []string
	row     []string
}

// Item returns the number of a combination of column values.
func (p *partWriter) Item(hash facts.Hash, values func() []string) (uint32, error) {
	p.values, p.row = values, nil
	n, err := p.Writer.Item(hash, p.capture)
	if err != nil {
		return 0, err
	}
	switch {
	case p.row != nil:
		p.load.tally.Item(n, p.row)
	case !p.load.tally.Knows(n):
		p.load.tally.Item(n, values())
	}
	return n, nil
}

// Add appends a line.
func (p *partWriter) Add(line *facts.Line) error {
	if err := p.Writer.Add(line); err != nil {
		return err
	}
	p.load.tally.Add(line)
	p.load.report.Lines++
	p.sink.last = p
	return nil
}

// Commit does nothing: the lines are made durable when the whole content was read.
func (p *partWriter) Commit(context.Context) (facts.Totals, error) {
	return facts.Totals{}, errors.New("a reader of bulk lines does not commit them")
}

// Abort does nothing, for the same reason.
func (p *partWriter) Abort() {}

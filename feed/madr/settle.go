package madr

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/estate/adr"
	"binnacle/feed"
	"binnacle/model"
)

// reader is one file that was read. It finds the other records once all of them are known.
type reader struct {
	source string
	docs   []*document
}

type document struct {
	item  *feed.Item
	rec   *model.DecisionRecord
	file  string
	links []adr.Relation
	// known is the record of the estate that the file is, or nil.
	known *model.DecisionRecord
}

// node is a decision record that a link may lead to: one of the batch or one of the estate.
type node struct {
	ref  model.Ref
	file string
	// number is the number of the record, where its file or title has one, and otherwise -1.
	number int
	title  string
	doc    *document
	rec    *model.DecisionRecord
}

// settler joins the files of one folder.
type settler struct {
	batch  *feed.Batch
	docs   []*document
	byFile map[string]*node
	// byNumber has nil where several records have the number.
	byNumber map[int]*node
	byTitle  map[string]*node
	byRef    map[model.Ref]*node
}

// Settle gives new records keys that are free, and turns the links of the texts into refs, in whatever order the files came.
func (r *reader) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	s := &settler{batch: b, byFile: map[string]*node{}, byNumber: map[int]*node{}, byTitle: map[string]*node{}, byRef: map[model.Ref]*node{}}
	for _, one := range all {
		if o, ok := one.(*reader); ok {
			s.docs = append(s.docs, o.docs...)
		}
	}
	slices.SortStableFunc(s.docs, func(x, y *document) int { return cmp.Compare(x.file, y.file) })
	s.name(v, b.Source.Key)
	s.index(v, b.Source.Key)
	s.link(v)
}

// name gives every record the key of the one that it is, or a free one.
func (s *settler) name(v estate.View, source string) {
	taken := map[string]bool{}
	for _, d := range s.docs {
		d.known, _ = v.Identify("DecisionRecord", "external", estate.ExternalIdent(source, d.file)).(*model.DecisionRecord)
		if d.known != nil {
			d.rec.Key = d.known.Key
			taken[d.rec.Key] = true
		}
	}
	for _, d := range s.docs {
		if d.known != nil {
			continue
		}
		base := d.rec.Key
		for n := 2; taken[d.rec.Key] || !free(v, d); n++ {
			d.rec.Key = fmt.Sprintf("%s-%d", base, n)
		}
		taken[d.rec.Key] = true
		d.known, _ = v.Find("DecisionRecord", d.rec.Key).(*model.DecisionRecord)
	}
}

// free reports whether a file may have its key: nothing has it, or what has it was written here or is the same text from elsewhere.
func free(v estate.View, d *document) bool {
	rec, ok := v.Find("DecisionRecord", d.rec.Key).(*model.DecisionRecord)
	return !ok || rec.Text == "" || rec.Text == d.rec.Text || len(rec.Sightings) == 0
}

// index lists what links may lead to: the files that were read, and those of the estate that came from the same place before.
func (s *settler) index(v estate.View, source string) {
	here := map[model.Ref]bool{}
	for _, d := range s.docs {
		s.add(&node{ref: d.item.Record.Base().Ref(), file: d.file, number: numberOf(d.rec), title: d.rec.Name, doc: d, rec: d.known})
		if d.known != nil {
			here[d.known.Ref()] = true
		}
	}
	for rec := range estate.Each[*model.DecisionRecord](v) {
		if here[rec.Ref()] || !slices.ContainsFunc(rec.Sightings, func(o model.Sighting) bool { return o.Source == source }) {
			continue
		}
		s.add(&node{ref: rec.Ref(), file: rec.Path, number: numberOf(rec), title: rec.Name, rec: rec})
	}
}

// numberOf returns the number of a record, or -1 where its text has none: the record with the number 0 has it in the name of its file.
func numberOf(rec *model.DecisionRecord) int {
	if rec.Number == 0 && !strings.HasPrefix(path.Base(rec.Path), "0") {
		return -1
	}
	return rec.Number
}

func (s *settler) add(n *node) {
	s.byFile[strings.ToLower(n.file)] = n
	s.byRef[n.ref] = n
	if n.rec != nil {
		s.byRef[n.rec.Ref()] = n
	}
	if n.number >= 0 {
		if _, twice := s.byNumber[n.number]; twice {
			s.byNumber[n.number] = nil
		} else {
			s.byNumber[n.number] = n
		}
	}
	title := strings.ToLower(n.title)
	if _, twice := s.byTitle[title]; twice {
		s.byTitle[title] = nil
	} else {
		s.byTitle[title] = n
	}
}

// find returns the record that a link leads to, or nil: by the file first, then by its number, then by its title.
func (s *settler) find(from string, l adr.Relation) *node {
	if l.File != "" {
		file := strings.ToLower(l.File)
		names := []string{path.Join(path.Dir(strings.ToLower(from)), file), strings.TrimPrefix(file, "/"), path.Base(file)}
		for _, name := range names {
			for _, full := range []string{name, name + ".md"} {
				if n := s.byFile[full]; n != nil {
					return n
				}
			}
		}
	}
	if n := s.byNumber[l.Number]; n != nil && l.Number >= 0 {
		return n
	}
	return s.byTitle[strings.ToLower(l.Words)]
}

// link sets the refs of the records.
func (s *settler) link(v estate.View) {
	supersedes, relates := map[*node][]*node{}, map[*node][]*node{}
	for _, d := range s.docs {
		self := s.byFile[strings.ToLower(d.file)]
		for _, l := range d.links {
			other := s.find(d.file, l)
			switch {
			case other == nil && l.Supersedes:
				s.batch.Note("%s says %s, and there is no such decision record: the link was left out", d.item.Where, said(l))
			case other == nil || other == self:
			case l.Supersedes && l.Passive:
				supersedes[other] = append(supersedes[other], self)
			case l.Supersedes:
				supersedes[self] = append(supersedes[self], other)
			case l.Passive:
				relates[other] = append(relates[other], self)
			default:
				relates[self] = append(relates[self], other)
			}
		}
	}
	for _, d := range s.docs {
		self := s.byFile[strings.ToLower(d.file)]
		d.rec.Supersedes = s.refs(supersedes[self], nil, s.kept(d.known, func(r *model.DecisionRecord) []model.Ref { return r.Supersedes }))
		d.rec.Relates = s.refs(relates[self], d.rec.Supersedes, s.kept(d.known, func(r *model.DecisionRecord) []model.Ref { return r.Relates }))
		d.item.Clear = slices.DeleteFunc(slices.Clone(d.item.Clear), func(f string) bool { return f == "supersedes" || f == "relates" })
		if d.known != nil && len(d.rec.Supersedes) == 0 && len(d.known.Supersedes) > 0 {
			d.item.Clear = append(d.item.Clear, "supersedes")
		}
		if d.known != nil && len(d.rec.Relates) == 0 && len(d.known.Relates) > 0 {
			d.item.Clear = append(d.item.Clear, "relates")
		}
	}
	s.finish(supersedes, relates)
}

func said(l adr.Relation) string {
	word := "that it supersedes "
	if l.Passive {
		word = "that it is superseded by "
	}
	return word + cmp.Or(l.Words, l.File)
}

// kept returns the refs of a record of the estate to or from records that are not in the batch: what these say was heard before.
func (s *settler) kept(known *model.DecisionRecord, of func(*model.DecisionRecord) []model.Ref) []model.Ref {
	if known == nil {
		return nil
	}
	var out []model.Ref
	for _, ref := range of(known) {
		if n := s.byRef[ref]; n == nil || n.doc == nil {
			out = append(out, ref)
		}
	}
	return out
}

// refs joins records and refs to one list without repeats, in the order of the files, without some.
func (s *settler) refs(nodes []*node, without, more []model.Ref) []model.Ref {
	slices.SortStableFunc(nodes, func(a, b *node) int { return cmp.Compare(a.file, b.file) })
	var out []model.Ref
	add := func(ref model.Ref) {
		if !slices.Contains(out, ref) && !slices.Contains(without, ref) {
			out = append(out, ref)
		}
	}
	for _, n := range nodes {
		add(n.ref)
	}
	for _, ref := range more {
		add(ref)
	}
	return out
}

// finish tells records of the estate whose files were not read now what these files say about them.
func (s *settler) finish(supersedes, relates map[*node][]*node) {
	var others []*node
	for _, n := range s.byFile {
		if n.doc == nil && (len(supersedes[n]) > 0 || len(relates[n]) > 0) {
			others = append(others, n)
		}
	}
	slices.SortFunc(others, func(a, b *node) int { return cmp.Compare(a.file, b.file) })
	for _, n := range others {
		rec := &model.DecisionRecord{Meta: model.Meta{Key: n.rec.Key}}
		rec.Supersedes = s.refs(supersedes[n], nil, n.rec.Supersedes)
		rec.Relates = s.refs(relates[n], rec.Supersedes, n.rec.Relates)
		s.batch.AddItem(&feed.Item{Record: rec, Idents: []feed.Ident{feed.ByKey(n.rec.Key)}, Finishes: true})
	}
}

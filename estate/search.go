package estate

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"unicode"

	"binnacle/model"
)

// Hit is a record that a search found.
type Hit struct {
	// Record is what was found.
	Record model.Record
	// Score says how well it fits. Only the order means something.
	Score float64
	// Field is the field whose text fits best.
	Field *model.Field
}

// words is the index of every word in the texts of every record. It is built
// when somebody searches first; slots that changed since are looked at one by one.
type words struct {
	list    []string
	slots   [][]uint32
	changed []uint32
}

// with returns the index for a later snapshot, or nil where it is time to build it anew.
func (w *words) with(changed []uint32) *words {
	if len(w.changed)+len(changed) > 5000 {
		return nil
	}
	return &words{list: w.list, slots: w.slots, changed: merge(w.changed, changed)}
}

func (s *Snapshot) words() *words {
	s.lazy.mu.Lock()
	w := s.lazy.words
	s.lazy.mu.Unlock()
	if w != nil {
		return w
	}
	index := map[string][]uint32{}
	for slot := range s.nodes.n {
		rec := s.nodes.at(slot).rec
		if rec == nil {
			continue
		}
		for word := range s.wordsOf(rec) {
			if list := index[word]; len(list) == 0 || list[len(list)-1] != slot {
				index[word] = append(list, slot)
			}
		}
	}
	w = &words{list: make([]string, 0, len(index))}
	for word := range index {
		w.list = append(w.list, word)
	}
	slices.Sort(w.list)
	w.slots = make([][]uint32, len(w.list))
	for i, word := range w.list {
		w.slots[i] = slices.Clip(index[word])
	}
	s.lazy.mu.Lock()
	defer s.lazy.mu.Unlock()
	s.lazy.words = w
	return w
}

// wordsOf yields the words in all texts of a record, in lower case.
func (s *Snapshot) wordsOf(rec model.Record) iter.Seq[string] {
	return func(yield func(string) bool) {
		k := s.schema.Of(rec)
		for _, f := range k.Fields {
			for text := range texts(f, rec) {
				for word := range split(text) {
					if !yield(word) {
						return
					}
				}
			}
		}
	}
}

// texts yields the texts in a field of a record: text and lists of texts. Choices and tables are for conditions and not searched.
func texts(f *model.Field, rec model.Record) iter.Seq[string] {
	return func(yield func(string) bool) {
		if f.System || f.Type != model.TextField && f.Type != model.TextsField {
			return
		}
		switch v := f.Get(rec).(type) {
		case string:
			yield(v)
		case []string:
			for _, s := range v {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// split yields the words of a text in lower case: runs of letters and digits.
func split(text string) iter.Seq[string] {
	return strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// Search finds records by words in their texts. Every word must be in a record,
// the last one perhaps only as the start of a word. The best come first.
func (v View) Search(text string, limit int) []Hit {
	var want []string
	for word := range split(text) {
		want = append(want, word)
	}
	if len(want) == 0 {
		return nil
	}
	w := v.snap.words()
	var candidates []uint32
	for i, word := range want {
		slots := w.find(word, i == len(want)-1)
		if i > 0 {
			slots = both(candidates, slots)
		}
		candidates = slots
	}
	candidates = append(without(candidates, w.changed), w.changed...)
	phrase := strings.ToLower(strings.TrimSpace(text))
	var hits []Hit
	for _, slot := range candidates {
		rec := v.snap.nodes.at(slot).rec
		if !v.sees(rec) {
			continue
		}
		if h := v.score(rec, phrase, want); h.Score > 0 {
			h.Score += 0.01 * float64(min(len(v.snap.nodes.at(slot).in), 50))
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Record.Base().Key, b.Record.Base().Key), slices.Compare(a.Record.Base().ID[:], b.Record.Base().ID[:]))
	})
	if limit > 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	return hits
}

// find returns the slots that have a word, or one that starts with it, rising and without repeats.
func (w *words) find(word string, prefix bool) []uint32 {
	i, exact := slices.BinarySearch(w.list, word)
	if !prefix {
		if exact {
			return w.slots[i]
		}
		return nil
	}
	var out []uint32
	lists := 0
	for ; i < len(w.list) && strings.HasPrefix(w.list[i], word); i++ {
		out = append(out, w.slots[i]...)
		lists++
	}
	if lists > 1 {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out
}

// both returns what two rising lists share.
func both(a, b []uint32) []uint32 {
	var out []uint32
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			out = append(out, a[i])
			i++
			j++
		}
	}
	return out
}

// without returns the first of two rising lists without what is in the second.
func without(a, b []uint32) []uint32 {
	var out []uint32
	for _, x := range a {
		if _, found := slices.BinarySearch(b, x); !found {
			out = append(out, x)
		}
	}
	return out
}

// score says how well a record fits the words. It is 0 where one is missing.
func (v View) score(rec model.Record, phrase string, want []string) Hit {
	h := Hit{Record: rec}
	have := make([]bool, len(want))
	best := 0.0
	for _, f := range v.Schema().Of(rec).Fields {
		for text := range texts(f, rec) {
			lower := strings.ToLower(text)
			points := 0.0
			for word := range split(lower) {
				for i, w := range want {
					switch {
					case word == w:
						have[i] = true
						points += 2
					case i == len(want)-1 && strings.HasPrefix(word, w):
						have[i] = true
						points++
					}
				}
			}
			if points == 0 {
				continue
			}
			points = min(points, float64(2*len(want)))
			switch {
			case lower == phrase:
				points += 10
			case strings.HasPrefix(lower, phrase):
				points += 4
			}
			switch f.Name {
			case "key":
				points *= 4
			case "name", "full_name":
				points *= 3.5
			}
			h.Score += points
			if points > best {
				best, h.Field = points, f
			}
		}
	}
	if slices.Contains(have, false) {
		h.Score = 0
	}
	return h
}

package product

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"

	"binnacle/model"
	"binnacle/practice"
)

// likeness is from which share of common words on two ideas seem to say the same.
const likeness = 0.6

// commonest is how many ideas a word may stand in to lead from one to another. It keeps the work small where very many ideas are there.
const commonest = 60

// emptyWords say nothing about what is wanted.
var emptyWords = strings.Fields("a an and are as at be been but by can could do does for from get give has have how i in into is it its like make me more my need needs new no not of on one or our please re fw fwd should so some that the their them there they this to too us use want wants was we when which will wish with would you your add allow feature idea request support")

// significant returns the words of an idea's title that say something, each once, without endings of the plural.
func significant(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 3 {
			w = strings.TrimSuffix(strings.TrimSuffix(w, "ing"), "s")
		}
		if !slices.Contains(emptyWords, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// duplicates finds ideas of one product that seem to say the same: the rarer the words that two titles have in common, the
// more they count (weighted Jaccard by inverse document frequency).
func duplicates(ideas []*model.Idea) map[model.Ref][]practice.Link {
	words := make([][]string, len(ideas))
	in := map[string][]int{}
	for n, i := range ideas {
		words[n] = significant(i.Title())
		for _, w := range words[n] {
			in[w] = append(in[w], n)
		}
	}
	weight := func(w string) float64 { return math.Log(1 + float64(len(ideas))/float64(len(in[w]))) }
	out := map[model.Ref][]practice.Link{}
	for n, i := range ideas {
		near := map[int]bool{}
		for _, w := range words[n] {
			if len(in[w]) > commonest {
				continue
			}
			for _, m := range in[w] {
				if m > n && (ideas[m].Product == i.Product || i.Product.IsZero() || ideas[m].Product.IsZero()) {
					near[m] = true
				}
			}
		}
		for m := range near {
			if alike(words[n], words[m], weight) >= likeness {
				other := ideas[m]
				out[i.Ref()] = append(out[i.Ref()], practice.To(other))
				out[other.Ref()] = append(out[other.Ref()], practice.To(i))
			}
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b practice.Link) int { return cmp.Compare(a.Key, b.Key) })
	}
	return out
}

// alike returns how much of the weight of all words of two titles is in the words that both have, from 0 to 1.
func alike(a, b []string, weight func(string) float64) float64 {
	if len(a) < 2 && len(b) < 2 && !slices.Equal(a, b) {
		return 0
	}
	common, all := 0.0, 0.0
	for _, w := range a {
		all += weight(w)
		if slices.Contains(b, w) {
			common += weight(w)
		}
	}
	for _, w := range b {
		if !slices.Contains(a, w) {
			all += weight(w)
		}
	}
	if all == 0 {
		return 0
	}
	return common / all
}

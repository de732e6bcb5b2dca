package vulnerable

import (
	"binnacle/model"
	"binnacle/model/cvss"
)

// Score is what a CVSS vector comes to.
type Score = cvss.Score

// best returns the score of the newest version of CVSS that some advisory gives, and of several of that version the
// highest, with the advisory. It is nil where there is none.
func best(all []*model.Advisory) (top *Score, from *model.Advisory) {
	for _, a := range all {
		for _, vector := range a.Vectors {
			if s, err := cvss.Parse(vector); err == nil && s.Better(top) {
				top, from = s, a
			}
		}
	}
	return top, from
}

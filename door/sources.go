package door

import (
	"binnacle/estate"
	"binnacle/model"
)

// SourceState says how fresh a source is and what it knows.
type SourceState struct {
	// Source is the record of the source.
	Source *model.Source
	// Age is how long ago it was read. It is 0 for one that never was.
	Age model.Duration
	// Records is how many records it sees.
	Records int
	// Stale is how many records it no longer sees.
	Stale int
	// State is fresh, out of date or never read.
	State string
}

// Sources lists the sources in sight at a moment of the clock.
func Sources(v estate.View, now model.Time) []SourceState {
	seen, stale := map[string]int{}, map[string]int{}
	for _, k := range v.Schema().Kinds() {
		for rec := range v.All(k.Name) {
			for _, sight := range rec.Base().Sightings {
				if sight.Stale.IsZero() {
					seen[sight.Source]++
				} else {
					stale[sight.Source]++
				}
			}
		}
	}
	var out []SourceState
	for rec := range estate.Each[*model.Source](v) {
		s := SourceState{Source: rec, Age: model.Duration(now.Time().Sub(rec.LastSeen.Time())), Records: seen[rec.Key], Stale: stale[rec.Key], State: "fresh"}
		if rec.MaxAge > 0 && s.Age > rec.MaxAge {
			s.State = "out of date"
		}
		if rec.LastSeen.IsZero() {
			s.Age, s.State = 0, "never read"
		}
		out = append(out, s)
	}
	return out
}

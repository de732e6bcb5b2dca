package door

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Notice is a finding that concerns one person.
type Notice struct {
	practice.Finding
	// Key names the notice. It stays the same for as long as the finding is about the same thing and as bad.
	Key string `json:"key"`
	// Question is the full name of the question that found it.
	Question string `json:"question"`
	// Because says why it concerns the person: yours, your team's, or nobody's.
	Because string `json:"because"`
	// New says that the person has not marked it as seen.
	New bool `json:"new"`
}

// Notices are what concerns one person now.
type Notices struct {
	// List holds the notices, what is new first, then the worst.
	List []Notice `json:"notices"`
	// New counts those that were not marked as seen.
	New int `json:"new"`
	// Waiting are the questions whose answers are not there yet, and Failed those that could not be answered.
	Waiting []string `json:"waiting,omitempty"`
	Failed  []string `json:"failed,omitempty"`
}

const (
	// noticeShelf is where it is kept which notices a person has seen.
	noticeShelf = "notices"
	// seenLife is for how long it is remembered that a notice was seen.
	seenLife = 400 * 24 * time.Hour
)

// Why a notice concerns somebody.
const (
	becauseYours   = "yours"
	becauseTeam    = "your team's"
	becauseNobodys = "nobody's"
)

// Notices returns what concerns the principal now: what the questions that notify
// find about things that the principal or one of the principal's teams owns, and, for those who hold an office,
// what is bad and owned by nobody. It waits only so long for each answer.
func (h *House) Notices(ctx context.Context, p *access.Principal, wait time.Duration) (Notices, error) {
	seen, _, err := h.seenDays(ctx, p)
	if err != nil {
		return Notices{}, err
	}
	out := Notices{List: []Notice{}}
	taken := map[string]bool{}
	for _, a := range practice.List(h.Practices) {
		if !a.Question.Notifies {
			continue
		}
		answer, err := h.Glance(ctx, p, Moment{}, a.Name(), "", wait)
		switch {
		case errors.Is(err, ErrSlow):
			out.Waiting = append(out.Waiting, a.Name())
			continue
		case err != nil:
			out.Failed = append(out.Failed, a.Name())
			continue
		}
		for _, part := range answer.Parts() {
			for _, f := range part.Findings {
				because := concerns(answer.View, p, f)
				n := Notice{Finding: f, Key: noticeKey(a.Name(), f), Question: a.Name(), Because: because}
				if because == "" || taken[n.Key] {
					continue
				}
				taken[n.Key] = true
				if n.New = seen[n.Key].IsZero(); n.New {
					out.New++
				}
				out.List = append(out.List, n)
			}
		}
	}
	slices.SortStableFunc(out.List, func(a, b Notice) int {
		if a.New != b.New {
			if a.New {
				return -1
			}
			return 1
		}
		return b.Severity.Weight() - a.Severity.Weight()
	})
	return out, nil
}

// concerns says why a finding concerns a principal, or nothing where it does not.
func concerns(v estate.View, p *access.Principal, f practice.Finding) string {
	owners := []model.Ref{model.Ref(f.Owner.ID)}
	if f.Owner.IsZero() {
		owners = owners[:0]
		if rec := v.Get(model.Ref(f.About.ID)); rec != nil {
			owners = append(owners, rec.Base().Owner, rec.Base().Ref())
		}
	}
	owned := false
	for _, o := range owners {
		switch {
		case o.IsZero():
			continue
		case o == p.Account.Person || o == p.Account.Ref():
			return becauseYours
		case p.Owners[o]:
			return becauseTeam
		}
		if name, _, _ := v.NameOf(o); name == "Person" || name == "Team" {
			owned = true
		}
	}
	if !owned && f.Severity.Weight() >= practice.High.Weight() && slices.ContainsFunc(p.Roles, func(r *model.Role) bool { return r.Face != "" }) {
		return becauseNobodys
	}
	return ""
}

// noticeKey names a finding: by what it is about and how bad it is where it is about something, and
// otherwise by its words without the numbers, which change from day to day.
func noticeKey(question string, f practice.Finding) string {
	what := f.About.ID.String()
	if f.About.ID.IsZero() {
		what = strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return -1
			}
			return r
		}, f.Text)
	} else if f.Mend != nil {
		what += f.Mend.Action
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s", question, what, f.Severity))
	return hex.EncodeToString(sum[:12])
}

// seenDays returns the days on which the principal marked notices as seen, by their keys, and the version of that.
func (h *House) seenDays(ctx context.Context, p *access.Principal) (map[string]model.Date, int64, error) {
	days := map[string]model.Date{}
	if h.Vault == nil {
		return days, 0, nil
	}
	k, err := h.Shelf(ctx, p, noticeShelf, "seen")
	var none *NotFound
	if errors.As(err, &none) {
		return days, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	if err := json.Unmarshal(k.Value, &days); err != nil {
		return map[string]model.Date{}, k.Version, nil
	}
	return days, k.Version, nil
}

// MarkSeen remembers that the principal has seen notices, by their keys. No keys stand for all that are there now.
func (h *House) MarkSeen(ctx context.Context, p *access.Principal, keys []string) error {
	if len(keys) == 0 {
		all, err := h.Notices(ctx, p, 10*time.Second)
		if err != nil {
			return err
		}
		for _, n := range all.List {
			keys = append(keys, n.Key)
		}
	}
	for {
		days, version, err := h.seenDays(ctx, p)
		if err != nil {
			return err
		}
		today := h.Today()
		oldest := model.DateOf(today.Time().Add(-seenLife))
		for key, day := range days {
			if day < oldest {
				delete(days, key)
			}
		}
		for _, key := range keys {
			days[key] = today
		}
		value, err := json.Marshal(days)
		if err != nil {
			return err
		}
		_, err = h.Keep(ctx, p, noticeShelf, Kept{Key: "seen", Value: value, Version: version})
		if !errors.Is(err, ErrKeptChanged) {
			return err
		}
	}
}

// Addressee is somebody who can be written to.
type Addressee struct {
	*access.Principal
	// Email is the address, and Name what to call the person.
	Email, Name string
}

// Addressees returns the active accounts whose person has an address, for the part
// of Binnacle that writes letters. It is no answer to a person.
func (h *House) Addressees() []Addressee {
	snap := h.store.Snapshot()
	var out []Addressee
	for a := range estate.Each[*model.Account](snap.View(h.Today())) {
		person, ok := snap.Get(a.Person).(*model.Person)
		if !ok || a.State != "active" || person.Email == "" || !person.Left.IsZero() && person.Left < h.Today() {
			continue
		}
		p, err := h.Access.Principal(a.Ref())
		if err != nil {
			continue
		}
		out = append(out, Addressee{Principal: p, Email: person.Email, Name: person.Title()})
	}
	return out
}

// MailOff is the choice of somebody who wants no letters. Everything else stands for the daily ones.
const MailOff = "off"

// MailChoice returns which letters the principal wants.
func (h *House) MailChoice(ctx context.Context, p *access.Principal) (string, error) {
	k, err := h.Shelf(ctx, p, noticeShelf, "mail")
	var none *NotFound
	if errors.As(err, &none) {
		return "", nil
	}
	return string(k.Value), err
}

// ChooseMail remembers which letters the principal wants: daily ones, or none.
func (h *House) ChooseMail(ctx context.Context, p *access.Principal, choice string) error {
	if choice != MailOff {
		choice = "daily"
	}
	for {
		k, err := h.Shelf(ctx, p, noticeShelf, "mail")
		var none *NotFound
		if err != nil && !errors.As(err, &none) {
			return err
		}
		_, err = h.Keep(ctx, p, noticeShelf, Kept{Key: "mail", Value: []byte(choice), Version: k.Version})
		if !errors.Is(err, ErrKeptChanged) {
			return err
		}
	}
}

// IsConfidential reports whether a finding is about or from a record that is confidential.
func (h *House) IsConfidential(f practice.Finding) bool {
	snap := h.store.Snapshot()
	for _, l := range append([]practice.Link{f.About}, f.From...) {
		if rec := snap.Get(model.Ref(l.ID)); rec != nil && rec.Base().Confidential {
			return true
		}
	}
	return false
}

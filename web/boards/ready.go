package boards

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// ready is a board that Binnacle comes with.
type ready struct {
	Key, Title, Lead string
	// Face is set where the board follows the charter.
	Face model.Face
	// own makes the pieces of a board that does not.
	own func(v *frame.Visit) ([]group, error)
}

// readyBoards are the boards that Binnacle comes with, in the order of the list.
var readyBoards = []ready{
	{"cio", "CIO", "Keep the business running, and get more out of the technology that is there.", "inward", nil},
	{"cto", "CTO", "Find the technology and build the products that bring in the next revenue.", "outward", nil},
	{"both", "Both hats", "Everything that the two offices answer for, on one page.", "both", nil},
	{"ceo", "CEO", "What technology does for the goals of the company, and what stands in the way.", "", ceoBoard},
	{"cmo", "CMO", "What products earn, what customers wait for, and what technology is building for the market.", "", cmoBoard},
	{"technology", "Technology", "The radar against what the estate proves, the bets, what is tried, and what was decided.", "", technologyBoard},
	{"product", "Product", "What products earn, what was promised, what comes, and what customers and the market ask for.", "", productBoard},
	{"delivery", "Delivery", "How well it is delivered by service and by team, where the time goes, and what may be released.", "", deliveryBoard},
	{"money", "Money", "What technology costs, whom it serves, what is coming, and what can be saved.", "", moneyBoard},
	{"suppliers", "Suppliers and contracts", "What to decide about next, what vendors keep of their promises, and on whom the company hangs.", "", suppliersBoard},
	{"risk", "Risk", "What a year can cost, what is beyond the appetite, and what buys most against it.", "", riskBoard},
	{"security", "Security", "What must be mended first and why, what is happening, and how ready the company is.", "", securityBoard},
	{"compliance", "Compliance", "What is shown to be met, what fails or is no longer proven, and what is owed.", "", complianceBoard},
}

func readyBoard(key string) (ready, bool) {
	i := slices.IndexFunc(readyBoards, func(r ready) bool { return r.Key == key })
	if i < 0 {
		return ready{}, false
	}
	return readyBoards[i], true
}

// group is a part of a board with a heading.
type group struct {
	Heading string
	// Panels are shown at a glance, side by side, in place of all else.
	Panels []panel
	Duties []duty
	Tiles  []tile
}

// duty is a responsibility as a board shows it.
type duty struct {
	door.Duty
	Path    string
	Missing string
	Gauges  []gauge
}

// boardView is a board as its template gets it.
type boardView struct {
	Key, Compare, Arrange string
	// Counts say how the measures stand.
	Counts []count
	// Glance is what the board begins with, or nothing.
	Glance *group
	// Attention is what matters most of all that was found.
	Attention []attention
	Groups    []group
	// Folded are the responsibilities that nothing measures yet.
	Folded []duty
	// Adopted says that the charter is the estate's own.
	Adopted, FollowsCharter bool
	Empty                   string
}

// count is how many measures are in a condition.
type count struct {
	Number      int
	Class, Text string
}

// attention is a finding at the top of a board.
type attention struct {
	practice.Finding
	Question string
	Path     string
	Mend     string
	MendText string
}

// charterBoard makes the board of a face as the charter orders it.
func charterBoard(v *frame.Visit, face model.Face) (boardView, error) {
	duties, adopted, err := v.House.Health(v.Ctx(), v.Who, v.Moment, face, patience)
	if err != nil {
		return boardView{}, err
	}
	out := boardView{FollowsCharter: true, Adopted: adopted, Counts: counts(duties), Attention: attentions(v, duties)}
	headings := []struct {
		face model.Face
		text string
	}{{"inward", "Inward"}, {"outward", "Outward"}, {"both", "Shared by both offices"}}
	if face == "outward" {
		headings[0], headings[1] = headings[1], headings[0]
	}
	n := 0
	byFace := map[model.Face][]duty{}
	for _, d := range duties {
		shown := duty{Duty: d, Missing: strings.Join(d.Missing, ", ")}
		if !d.Record.IsZero() {
			shown.Path = v.Record(d.Record)
		}
		for _, g := range d.Gauges {
			n++
			shown.Gauges = append(shown.Gauges, gaugeOf(v, g, n))
		}
		if d.Condition == door.NotThere {
			out.Folded = append(out.Folded, shown)
			continue
		}
		byFace[cmp.Or(d.Face, "both")] = append(byFace[cmp.Or(d.Face, "both")], shown)
	}
	if face != "inward" {
		outward, err := outwardGlance(v)
		if err != nil {
			return boardView{}, err
		}
		out.Glance = &outward
	}
	danger, err := dangerAtAGlance(v)
	if err != nil {
		return boardView{}, err
	}
	if len(danger) > 0 {
		out.Groups = append(out.Groups, group{Heading: "What could go wrong", Tiles: danger})
	}
	if face != "outward" {
		money, err := moneyAtAGlance(v)
		if err != nil {
			return boardView{}, err
		}
		out.Groups = append(out.Groups, money...)
	}
	for _, h := range headings {
		if list := byFace[h.face]; len(list) > 0 {
			out.Groups = append(out.Groups, group{Heading: h.text, Duties: list})
		}
	}
	return out, nil
}

// counts says how all measures of a board stand, in words.
func counts(duties []door.Duty) []count {
	words := []struct {
		condition   door.Condition
		class, text string
	}{{door.OffTarget, "bad", "off target"}, {door.OnTarget, "good", "on target"}, {door.Unknown, "muted", "not known"}, {door.Slow, "muted", "still being asked"}, {door.Failed, "warn", "could not be asked"}}
	var out []count
	for _, w := range words {
		n := 0
		for _, d := range duties {
			for _, g := range d.Gauges {
				if g.Condition == w.condition {
					n++
				}
			}
		}
		if n > 0 {
			out = append(out, count{n, w.class, w.text})
		}
	}
	return out
}

// mostAttention is how many findings stand at the top of a board.
const mostAttention = 6

// attentions picks the worst findings of all measures, no record twice and at most two of one question.
func attentions(v *frame.Visit, duties []door.Duty) []attention {
	var all []attention
	for _, d := range duties {
		for _, g := range d.Gauges {
			for _, f := range g.Findings {
				if f.Severity.Weight() >= practice.Medium.Weight() {
					f.Text = parts.Sentence(f.Text)
					all = append(all, attention{Finding: f, Question: g.Question, Path: v.Path(questionPath(g.Question, g.Parameters))})
				}
			}
		}
	}
	slices.SortStableFunc(all, func(a, b attention) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
	var out []attention
	seen, asked := map[practice.Link]bool{}, map[string]int{}
	for _, a := range all {
		about := practice.Link{Kind: a.About.Kind, Key: a.About.Key}
		if seen[about] || asked[a.Question] == 2 || len(out) == mostAttention {
			continue
		}
		seen[about] = true
		asked[a.Question]++
		if a.Finding.Mend != nil {
			a.Mend, a.MendText = v.Path(parts.MendPath(a.Finding.Mend)), parts.ActionLabel(a.Finding.Mend.Action)
		}
		out = append(out, a)
	}
	return out
}

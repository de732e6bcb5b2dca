package research

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/research/choice"
)

// lookMatrix returns the decision matrix that a parameter names.
func lookMatrix(v estate.View, ref model.Ref) (*model.DecisionMatrix, error) {
	m, ok := estate.Look[*model.DecisionMatrix](v, ref)
	if !ok {
		return nil, model.Problem{Field: "matrix", Text: "there is no such decision matrix"}
	}
	return m, nil
}

// OpenMatrixIn says which matrix is opened for scores.
type OpenMatrixIn struct {
	// Matrix is the decision matrix.
	Matrix model.Ref `to:"DecisionMatrix" is:"required"`
	// Scorers are the persons that are asked to score. Unset means those that the matrix names already.
	Scorers []model.Ref `to:"Person"`
	// Due is the day by which scores are to be there. Unset means as the matrix says.
	Due model.Date
	// Blind says that nobody sees the scores of others before the matrix is closed.
	Blind bool
}

// OpenMatrix proposes to open a decision matrix for scores. From the first score on, its options and criteria stay as they are.
func OpenMatrix(v estate.View, in OpenMatrixIn) (practice.Proposal, error) {
	m, err := lookMatrix(v, in.Matrix)
	if err != nil {
		return practice.Proposal{}, err
	}
	after := model.Clone(m)
	after.State, after.Blind = model.MatrixOpen, m.Blind || in.Blind
	if len(in.Scorers) > 0 {
		after.Scorers = in.Scorers
	}
	if !in.Due.IsZero() {
		after.Due = in.Due
	}
	problem := func(field, text string, args ...any) (practice.Proposal, error) {
		return practice.Proposal{}, model.Problem{Field: field, Text: fmt.Sprintf(text, args...)}
	}
	switch name := twice(m); {
	case m.State != model.MatrixDraft && m.State != "":
		return problem("matrix", "%s is %s: only a draft is opened", m.Title(), m.State)
	case len(m.Options) < 2:
		return problem("matrix", "there is nothing to choose from: it needs at least two options")
	case len(m.Criteria) == 0:
		return problem("matrix", "it has no criteria to score by")
	case name != "":
		return problem("matrix", "%q is there twice: give every option and every criterion a name of its own", name)
	case len(after.Scorers) == 0:
		return problem("scorers", "say who scores")
	case !after.Due.IsZero() && after.Due < v.At():
		return problem("due", "%s is over", after.Due)
	case m.Method == model.AHPMatrix && len(m.Criteria) > choice.MostCompared:
		return problem("matrix", "at most %d criteria can be compared in pairs: put some together", choice.MostCompared)
	}
	out := propose(v, m, after, "Open "+m.Title()+" for scores")
	link := practice.To(m)
	if _, compared, err := weights(m); err != nil {
		return problem("matrix", "%s", err)
	} else if compared != nil && compared.Inconsistent() {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: link, Text: fmt.Sprintf("The comparisons contradict each other: the consistency ratio is %.3f and should be at most %.1f.", compared.Ratio, choice.Consistent)})
	}
	if after.Blind {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: link, Text: "It is scored blindly: until it is closed everybody sees the own scores alone."})
	}
	return out, nil
}

// twice returns a name that two options or two criteria have, or nothing.
func twice(m *model.DecisionMatrix) string {
	for i, o := range m.Options {
		if optionAt(m, o.Name) != i {
			return o.Name
		}
	}
	for i, c := range m.Criteria {
		if criterionAt(m, c.Name) != i {
			return c.Name
		}
	}
	return ""
}

// SubmitScoresIn is how somebody scores.
type SubmitScoresIn struct {
	// Matrix is the decision matrix.
	Matrix model.Ref `to:"DecisionMatrix" is:"required"`
	// Scores are the scores, each as option: criterion = score, and behind it a note in brackets where there is one, such as Postgres: Ease = 4 (we know it).
	Scores []string `is:"required"`
	// Draft keeps them without handing them in.
	Draft bool
	// By is who scores.
	By model.Ref `to:"Person" is:"asker"`
}

// SubmitScores proposes to hand in the scores of one person. Who has scored already changes the own scores until the matrix is closed; what is not named stays.
func SubmitScores(v estate.View, in SubmitScoresIn) (practice.Proposal, error) {
	m, err := lookMatrix(v, in.Matrix)
	if err != nil {
		return practice.Proposal{}, err
	}
	switch {
	case m.State != model.MatrixOpen:
		return practice.Proposal{}, model.Problem{Field: "matrix", Text: m.Title() + " is not open for scores"}
	case len(m.Scorers) > 0 && !slices.Contains(m.Scorers, in.By):
		return practice.Proposal{}, model.Problem{Field: "by", Text: "this person is not one of those who are asked to score"}
	}
	before := own(v, m, in.By)
	after := &model.MatrixScoring{Matrix: m.Ref(), Scorer: in.By}
	if before != nil {
		after = model.Clone(before)
		after.Scores = slices.Clone(before.Scores)
	} else {
		person := v.Get(in.By)
		if person == nil {
			return practice.Proposal{}, model.Problem{Field: "by", Text: "there is no such person"}
		}
		after.Key = practice.FreeKey(v, "MatrixScoring", m.Key+"-"+person.Base().Key)
		after.ID, after.Name, after.Owner = practice.NewID(v, "MatrixScoring", after.Key), m.Title()+" by "+person.Base().Title(), in.By
	}
	for _, text := range in.Scores {
		score, err := ParseScore(m, text)
		if err != nil {
			return practice.Proposal{}, model.Problem{Field: "scores", Text: err.Error()}
		}
		at := slices.IndexFunc(after.Scores, func(s model.MatrixScore) bool {
			return strings.EqualFold(s.Option, score.Option) && strings.EqualFold(s.Criterion, score.Criterion)
		})
		if at < 0 {
			after.Scores = append(after.Scores, score)
		} else {
			after.Scores[at] = score
		}
	}
	gaps := newSheet(m, []*model.MatrixScoring{after}).gaps()
	if !in.Draft {
		if len(gaps) > 0 {
			return practice.Proposal{}, model.Problem{Field: "scores", Text: "these are missing: " + join(gaps)}
		}
		after.Submitted = v.At()
	}
	var was model.Record
	if before != nil {
		was = before
	}
	out := propose(v, was, after, "Score "+m.Title())
	if len(gaps) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(m), Text: "These are still missing: " + join(gaps) + "."})
	}
	return out, nil
}

// own returns the scores of a person, or nil.
func own(v estate.View, m *model.DecisionMatrix, person model.Ref) *model.MatrixScoring {
	for e := range v.In(m.Ref()) {
		if s, ok := e.Record.(*model.MatrixScoring); ok && s.Scorer == person {
			return s
		}
	}
	return nil
}

// ParseScore reads a score as people write it, option: criterion = score (note), with the names of a matrix. Upper and lower case of names are the same.
func ParseScore(m *model.DecisionMatrix, text string) (model.MatrixScore, error) {
	wrong := func(why string) (model.MatrixScore, error) {
		return model.MatrixScore{}, fmt.Errorf("%q cannot be read: %s. Write option: criterion = score, such as Postgres: Ease = 4", text, why)
	}
	for i := range m.Options {
		rest, ok := after(text, m.Options[i].Name, ":")
		if !ok {
			continue
		}
		for j := range m.Criteria {
			value, ok := after(rest, m.Criteria[j].Name, "=")
			if !ok {
				continue
			}
			number, note, noted := strings.Cut(value, "(")
			note = strings.TrimSpace(note)
			if noted {
				if note, noted = strings.CutSuffix(note, ")"); !noted {
					return wrong("the note has no closing bracket")
				}
			}
			score, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			if err != nil || math.IsInf(score, 0) || math.IsNaN(score) {
				return wrong("the score is not a number")
			}
			return model.MatrixScore{Option: m.Options[i].Name, Criterion: m.Criteria[j].Name, Score: score, Note: strings.TrimSpace(note)}, nil
		}
		return wrong("the matrix has no such criterion")
	}
	return wrong("the matrix has no such option")
}

// after returns what stands behind a name and a sign, or false where the text does not begin with them.
func after(text, name, sign string) (string, bool) {
	text = strings.TrimSpace(text)
	if len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return "", false
	}
	return strings.CutPrefix(strings.TrimSpace(text[len(name):]), sign)
}

// CloseMatrixIn says which matrix is closed.
type CloseMatrixIn struct {
	// Matrix is the decision matrix.
	Matrix model.Ref `to:"DecisionMatrix" is:"required"`
	// Without closes it though scores are missing.
	Without bool
}

// CloseMatrix proposes to end the scoring of a decision matrix. From then on everybody sees all scores, and nobody changes any.
func CloseMatrix(v estate.View, in CloseMatrixIn) (practice.Proposal, error) {
	m, err := lookMatrix(v, in.Matrix)
	if err != nil {
		return practice.Proposal{}, err
	}
	absent := missing(v, m)
	switch {
	case m.State != model.MatrixOpen:
		return practice.Proposal{}, model.Problem{Field: "matrix", Text: m.Title() + " is not open for scores"}
	case len(handedIn(v, m)) == 0:
		return practice.Proposal{}, model.Problem{Field: "matrix", Text: "nobody has handed scores in yet"}
	case len(absent) > 0 && !in.Without:
		return practice.Proposal{}, model.Problem{Field: "without", Text: fmt.Sprintf("scores are missing from %s: wait for them, or say that it is closed without", practice.Some(absent))}
	}
	after := model.Clone(m)
	after.State, after.Closed = model.MatrixClosed, v.At()
	return propose(v, m, after, "Close "+m.Title()), nil
}

// ChooseIn says what was chosen.
type ChooseIn struct {
	// Matrix is the decision matrix.
	Matrix model.Ref `to:"DecisionMatrix" is:"required"`
	// Option is the name of the option.
	Option string `is:"required"`
	// Reason says why. It is required where the option does not rank first.
	Reason string
	// Contract is the contract that followed, where there is one already.
	Contract model.Ref `to:"Contract"`
	// Record is the decision record that followed, where there is one already.
	Record model.Ref `to:"DecisionRecord"`
	// By is who chooses.
	By model.Ref `to:"Person" is:"asker"`
}

// Choose proposes to choose an option of a decision matrix that is closed. The scores advise and do not decide: who chooses another than the first says why.
func Choose(v estate.View, in ChooseIn) (practice.Proposal, error) {
	m, err := lookMatrix(v, in.Matrix)
	if err != nil {
		return practice.Proposal{}, err
	}
	at := optionAt(m, in.Option)
	switch {
	case m.State != model.MatrixClosed:
		return practice.Proposal{}, model.Problem{Field: "matrix", Text: fmt.Sprintf("%s is %s: close it first", m.Title(), m.State)}
	case at < 0:
		var names []string
		for _, o := range m.Options {
			names = append(names, o.Name)
		}
		return practice.Proposal{}, model.Problem{Field: "option", Text: "its options are " + join(names)}
	}
	values, _, err := ranking(m, scorings(v, m))
	reason := strings.TrimSpace(in.Reason) != ""
	switch {
	case err != nil && !reason:
		return practice.Proposal{}, model.Problem{Field: "reason", Text: fmt.Sprintf("there is no ranking, since %s: say why it is chosen", err)}
	case err == nil && choice.Ranks(values)[at] != 1 && !reason:
		return practice.Proposal{}, model.Problem{Field: "reason", Text: fmt.Sprintf("%s ranks %d, behind %s: say why it is chosen", m.Options[at].Name, choice.Ranks(values)[at], m.Options[choice.Order(values)[0]].Name)}
	}
	after := model.Clone(m)
	after.State, after.Chosen, after.Reason, after.DecidedBy = model.MatrixDecided, m.Options[at].Name, in.Reason, in.By
	return followed(v, m, after, in.Contract, in.Record, fmt.Sprintf("Choose %s by %s", after.Chosen, m.Title()))
}

// FollowIn says what followed from a choice.
type FollowIn struct {
	// Matrix is the decision matrix.
	Matrix model.Ref `to:"DecisionMatrix" is:"required"`
	// Contract is the contract that followed.
	Contract model.Ref `to:"Contract"`
	// Record is the decision record that followed.
	Record model.Ref `to:"DecisionRecord"`
}

// Follow proposes to tie a choice to the contract or the decision record that followed from it.
func Follow(v estate.View, in FollowIn) (practice.Proposal, error) {
	m, err := lookMatrix(v, in.Matrix)
	switch {
	case err != nil:
		return practice.Proposal{}, err
	case m.State != model.MatrixDecided:
		return practice.Proposal{}, model.Problem{Field: "matrix", Text: m.Title() + " has chosen nothing yet"}
	case in.Contract.IsZero() && in.Record.IsZero():
		return practice.Proposal{}, model.Problem{Field: "contract", Text: "say which contract or which decision record followed"}
	}
	return followed(v, m, model.Clone(m), in.Contract, in.Record, "Tie what followed to "+m.Title())
}

// followed ties a matrix to what followed from it. A contract with somebody else than was chosen is refused.
func followed(v estate.View, before, after *model.DecisionMatrix, contract, record model.Ref, why string) (practice.Proposal, error) {
	var findings []practice.Finding
	if !contract.IsZero() {
		c, ok := estate.Look[*model.Contract](v, contract)
		if chosen := standsFor(v, after, after.Chosen); ok && chosen != nil && !fits(chosen, c) {
			return practice.Proposal{}, model.Problem{Field: "contract", Text: fmt.Sprintf("%s is with somebody else than %s", c.Title(), after.Chosen)}
		}
		after.Contract = contract
	}
	if !record.IsZero() {
		after.Record = record
	}
	if after.Type == "provider" && after.Contract.IsZero() {
		findings = append(findings, practice.Finding{Severity: practice.Info, About: practice.To(before), Text: "Tie the contract to it once there is one.", Mend: &practice.Mend{Action: "research.follow", Parameters: map[string]string{"matrix": before.Key}}})
	}
	return propose(v, before, after, why, findings...), nil
}

package security

import (
	"cmp"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// mostExceptionDays is for how long an exception may be asked for at most.
const mostExceptionDays = 366

// RequestExceptionIn says what is to be allowed.
type RequestExceptionIn struct {
	// Name says in a few words what is to be allowed.
	Name string `is:"required"`
	// Reason says why it is needed.
	Reason string `is:"required"`
	// From are the requirements, controls, tests, policies, rules, findings and risks that it excepts.
	From []model.Ref `to:"Requirement,Control,ControlTest,Policy,DutyRule,Finding,Risk,Rule"`
	// Vulnerabilities are the identifiers that it holds for, such as CVE-2021-44228.
	Vulnerabilities []string
	// Subjects are the things that it holds for. Unset means all.
	Subjects []model.Ref `to:"any"`
	// Compensation are the controls that stand in meanwhile.
	Compensation []model.Ref `to:"Control"`
	// Expires is the last day on which it holds, at most a year from today.
	Expires model.Date `is:"required"`
	// AskedBy is who wants it.
	AskedBy model.Ref `to:"Person" is:"asker"`
}

// RequestException proposes to ask for an exception. It holds once somebody else approves it, and never longer than a year.
func RequestException(v estate.View, in RequestExceptionIn) (practice.Proposal, error) {
	switch {
	case len(in.From) == 0 && len(in.Vulnerabilities) == 0:
		return practice.Proposal{}, model.Problem{Field: "from", Text: "say what it excepts from: a policy, a requirement, a finding, a vulnerability"}
	case in.Expires < v.At():
		return practice.Proposal{}, model.Problem{Field: "expires", Text: fmt.Sprintf("%s is over", in.Expires)}
	case in.Expires > v.At().AddDays(mostExceptionDays):
		return practice.Proposal{}, model.Problem{Field: "expires", Text: "an exception holds for a year at most: ask again when it ends"}
	}
	e := &model.Exception{State: "requested", Subjects: in.Subjects, From: in.From, Vulnerabilities: in.Vulnerabilities, Reason: in.Reason, Compensation: in.Compensation, AskedBy: in.AskedBy, Expires: in.Expires}
	e.Name, e.Owner = in.Name, in.AskedBy
	e.Key = freeKey(v, "Exception", "exception", v.At().String(), in.Name)
	if len(e.Key) > 200 {
		e.Key = freeKey(v, "Exception", "exception", v.At().String(), hashOf(in.Name)[:12])
	}
	e.ID = practice.NewID(v, "Exception", e.Key)
	out := changeOf(v, nil, e, "Ask for an exception: "+in.Name)
	if len(in.Compensation) == 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: "No control stands in meanwhile: say which one does."})
	}
	return out, nil
}

// ApproveExceptionIn says which exception is allowed.
type ApproveExceptionIn struct {
	// Exception is the exception.
	Exception model.Ref `to:"Exception" is:"required"`
	// By is who allows it. It is never the person that asked.
	By model.Ref `to:"Person" is:"asker"`
	// Expires is the last day on which it holds. Unset means the day that was asked for.
	Expires model.Date
	// Start is the first day on which it holds. Unset means today.
	Start model.Date
}

// ApproveException proposes to allow an exception for a time. Who approves it must not be who asked.
func ApproveException(v estate.View, in ApproveExceptionIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Exception](v, in.Exception)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "exception", Text: "there is no such exception"}
	}
	start, expires := cmp.Or(in.Start, v.At()), cmp.Or(in.Expires, before.Expires)
	switch {
	case before.State != "requested" && before.State != "":
		return practice.Proposal{}, model.Problem{Field: "exception", Text: fmt.Sprintf("%s is %s: only what was asked for can be approved", before.Title(), before.State)}
	case before.AskedBy.IsZero():
		return practice.Proposal{}, model.Problem{Field: "exception", Text: "nobody says who asked for it: fill that in first"}
	case in.By == before.AskedBy:
		return practice.Proposal{}, model.Problem{Field: "by", Text: "the person that asked cannot approve it: ask somebody else"}
	case practice.HasLeft(v.Get(in.By), v.At()):
		return practice.Proposal{}, model.Problem{Field: "by", Text: "this person no longer works here"}
	case expires.IsZero():
		return practice.Proposal{}, model.Problem{Field: "expires", Text: "an exception needs an end"}
	case expires < start:
		return practice.Proposal{}, model.Problem{Field: "expires", Text: fmt.Sprintf("%s is before its first day, %s", expires, start)}
	case expires > start.AddDays(mostExceptionDays):
		return practice.Proposal{}, model.Problem{Field: "expires", Text: "an exception holds for a year at most: ask again when it ends"}
	}
	after := model.Clone(before)
	after.State, after.ApprovedBy, after.Start, after.Expires = model.ExceptionApproved, in.By, start, expires
	return changeOf(v, before, after, fmt.Sprintf("Approve %s until %s", before.Title(), expires)), nil
}

// WithdrawExceptionIn says which exception ends.
type WithdrawExceptionIn struct {
	// Exception is the exception.
	Exception model.Ref `to:"Exception" is:"required"`
	// Reason says why it is not needed any more.
	Reason string
}

// WithdrawException proposes to end an exception before its time.
func WithdrawException(v estate.View, in WithdrawExceptionIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Exception](v, in.Exception)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "exception", Text: "there is no such exception"}
	}
	if before.State == "withdrawn" || before.State == "rejected" {
		return practice.Proposal{}, model.Problem{Field: "exception", Text: fmt.Sprintf("%s is %s already", before.Title(), before.State)}
	}
	after := model.Clone(before)
	after.State = "withdrawn"
	why := "Withdraw " + before.Title()
	if in.Reason != "" {
		why += ": " + in.Reason
	}
	out := changeOf(v, before, after, why)
	if r := reliancesIn(v).of(before); len(r) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: practice.To(before), From: r, Text: fmt.Sprintf("It is still needed for %s.", practice.Some(r))})
	}
	return out, nil
}

package security

import (
	"testing"

	"binnacle/model"
)

// outwardKinds are the kinds of the outward face, each with a confidential record in the world whose key begins with the name here.
var outwardKinds = map[string]string{
	"Product": "product", "Customer": "customer", "CustomerSegment": "segment", "Competitor": "competitor", "MarketSignal": "signal", "Opportunity": "opportunity", "Idea": "idea", "RoadmapItem": "item",
	"Announcement": "announcement", "Portal": "portal", "Radar": "radar", "Blip": "blip", "RadarVote": "vote", "RadarEdition": "edition", "Trend": "trend", "TechnologyBet": "bet",
	"Experiment": "experiment", "DecisionMatrix": "choice", "MatrixScoring": "scoring", "DecisionRecord": "decision", "Standard": "standard", "Scorecard": "scorecard", "Campaign": "campaign", "DecisionRight": "right",
	"Repository": "repository", "EventReceiver": "receiver", "ChangeFreeze": "freeze", "ReleaseGate": "gate", "Partner": "partner", "PartnerAgreement": "pact", "Skill": "skill", "SkillLevel": "level-of", "LearningItem": "course",
}

// face adds a confidential record of every kind of the outward face, which say of each other and of an application what nobody is to learn. The pages for strangers among them are open.
func (w *world) face(t *testing.T, app *model.Application, vendor *model.Vendor, who *model.Person) {
	t.Helper()
	put := func(rec model.Record) model.Ref {
		named(rec, outwardKinds[model.NameOf(rec)]+"-in-the-dark", secretWord)
		rec.Base().Confidential, rec.Base().Owner = true, who.Ref()
		w.Put(rec)
		return rec.Base().Ref()
	}
	day, past := w.Today(), model.MustDate("2027-01-01")
	eur := func(amount string) model.Money { return model.MustMoney(amount + " EUR") }
	product := put(&model.Product{RunsOn: []model.Ref{app.Ref()}, Vision: secretWord, Revenue: eur("771"), Months: []model.ProductMonth{{Month: past, Revenue: eur("771"), Customers: 3}}})
	segment := put(&model.CustomerSegment{Needs: secretWord})
	customer := put(&model.Customer{Segment: segment, Products: []model.Ref{product}, Revenue: eur("771"), RenewsOn: day.AddDays(20), Contact: who.Ref(), Domain: secretWord + ".example"})
	competitor := put(&model.Competitor{Products: []model.Ref{product}, Strengths: secretWord})
	trend := put(&model.Trend{State: model.TrendWatched, Impact: "high", ReviewBy: past, Signals: []model.TrendSignal{{Seen: past, Text: secretWord}}})
	signal := put(&model.MarketSignal{Seen: past, Source: secretWord, Competitor: competitor, Products: []model.Ref{product}, Trend: trend})
	opportunity := put(&model.Opportunity{Product: product, Segments: []model.Ref{segment}, Signals: []model.Ref{signal}})
	idea := put(&model.Idea{State: model.IdeaNew, Product: product, Opportunity: opportunity, Public: true, PublicText: secretWord, Requests: []model.CustomerRequest{{Customer: customer, Value: eur("771"), Promised: past, Words: secretWord}}})
	item := put(&model.RoadmapItem{Product: product, Bucket: "now", State: model.RoadmapRunning, Due: past, Ideas: []model.Ref{idea}, RunsOn: []model.Ref{app.Ref()}, Public: true, PublicText: secretWord,
		Outcomes: []model.PredictedEffect{{Name: secretWord, Predicted: 1}}, ReviewBy: past})
	put(&model.Announcement{Product: product, Items: []model.Ref{item}, Text: secretWord, Published: past, Public: true})
	put(&model.Portal{Product: product, Open: true, Audience: "everybody", Welcome: secretWord, ShowsRoadmap: true, ShowsReleases: true, TakesIdeas: true})
	radar := put(&model.Radar{Scope: "company"})
	record := put(&model.DecisionRecord{State: model.DecisionAccepted, Decided: past, Context: secretWord, Chosen: secretWord, Touches: []model.Ref{app.Ref(), product}, Effects: []model.PredictedEffect{{Name: secretWord, Predicted: 1}}, ReviewBy: past})
	blip := put(&model.Blip{Radar: radar, Quadrant: "Tools", Ring: "Adopt", State: model.BlipShown, Rationale: secretWord, Decision: record})
	put(&model.RadarVote{Blip: blip, Voter: who.Ref(), Ring: "Hold", Reason: secretWord})
	put(&model.RadarEdition{Radar: radar, Published: past, Summary: secretWord, Blips: []model.EditionBlip{{Blip: blip, Name: secretWord, Quadrant: "Tools", Ring: "Adopt", Moved: model.MoveNew}}})
	put(&model.TechnologyBet{State: model.BetOpen, Belief: secretWord, Trends: []model.Ref{trend}, Stake: eur("771"), ReviewBy: past})
	experiment := put(&model.Experiment{State: model.ExperimentRunning, Hypothesis: secretWord, Sponsor: who.Ref(), Solution: idea, UsesSystems: []model.Ref{app.Ref()}, Cap: eur("771"), Start: past, Until: past, Blip: blip, Record: record, Opens: item,
		Criteria: []model.ExitCriterion{{Name: secretWord, Target: 1}}})
	choice := put(&model.DecisionMatrix{State: model.MatrixClosed, Method: model.WeightedMatrix, Options: []model.MatrixOption{{Name: secretWord, Stands: vendor.Ref()}}, Criteria: []model.MatrixCriterion{{Name: secretWord, Weight: 1}}, Due: past, Experiment: experiment, Record: record})
	put(&model.MatrixScoring{Matrix: choice, Scorer: who.Ref(), Submitted: past, Scores: []model.MatrixScore{{Option: secretWord, Criterion: secretWord, Score: 1}}})
	standard := put(&model.Standard{State: "effective", AppliesTo: []model.Ref{app.Ref()}, Text: secretWord, Decisions: []model.Ref{record}, ReviewBy: past})
	scorecard := put(&model.Scorecard{Kind: "Application", Standards: []model.Ref{standard}, Levels: []model.ScorecardLevel{{Name: secretWord}}, Criteria: []model.ScorecardCriterion{{Name: secretWord, Level: secretWord, Rule: "has(record.owner)"}}, Target: secretWord})
	put(&model.Campaign{Scorecard: scorecard, Level: secretWord, Subjects: []model.Ref{app.Ref()}, Due: past})
	put(&model.DecisionRight{Area: secretWord, Responsible: []model.Ref{who.Ref()}, Accountable: []model.Ref{who.Ref()}, About: []model.Ref{app.Ref()}})
	repository := put(&model.Repository{URL: "https://code.example/" + secretWord, FullName: secretWord + "/core", Builds: []model.Ref{app.Ref()}})
	put(&model.EventReceiver{Provider: "github", Repositories: []model.Ref{repository}})
	put(&model.ChangeFreeze{From: model.TimeOf(past.Time()), Until: model.TimeOf(day.AddDays(30).Time()), AppliesTo: []model.Ref{app.Ref(), product}, Reason: secretWord})
	put(&model.ReleaseGate{AppliesTo: []model.Ref{app.Ref(), product}, MaxAct: 1})
	partner := put(&model.Partner{Type: "startup", Stage: model.PartnerActive, Sponsor: who.Ref(), Products: []model.Ref{product}, CompetesWith: []model.Ref{vendor.Ref()}, DueDiligence: []model.DueDiligenceItem{{Name: secretWord, Verdict: "blocker", Note: secretWord}}, NextStep: secretWord, NextBy: past,
		Value: []model.PartnerValue{{On: past, Amount: eur("771"), Text: secretWord}}})
	put(&model.PartnerAgreement{Partner: partner, Rights: secretWord, Start: past, End: day.AddDays(40), NoticeBy: day.AddDays(10), Obligations: []model.PartnerObligation{{Side: "ours", Text: secretWord, Due: past, Answerable: who.Ref()}}})
	skill := put(&model.Skill{Blips: []model.Ref{blip}, Needed: 9})
	put(&model.SkillLevel{Person: who.Ref(), Skill: skill, Level: model.ProficiencyBeginner, Target: model.ProficiencyExpert, Due: past, Assessed: past, AssessedBy: who.Ref()})
	put(&model.LearningItem{Type: model.LearningCourse, State: model.LearningPlanned, For: []model.Ref{who.Ref()}, About: []model.Ref{trend, record, blip, skill}, Until: past, Cost: eur("771"), Expected: secretWord})
}

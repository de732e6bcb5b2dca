package desk

import (
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// helpPage is what the page of help shows.
type helpPage struct {
	Words     []word
	Practices []practiceHelp
}

// word is a word that Binnacle uses in a sense of its own.
type word struct{ Name, Meaning, Path string }

// practiceHelp is what a practice can be asked.
type practiceHelp struct {
	Label, Help string
	Questions   []questionHelp
}

// questionHelp is what a question answers.
type questionHelp struct{ Label, Name, Type, Help, Path string }

// words are what the pages speak of.
var words = []word{
	{"Record", "One thing that the company has or plans: an application, a contract, a team. It has a key that people type, an owner, a source and an age.", "/records"},
	{"Kind", "What sort of thing a record is. Your organisation may add kinds and fields of its own.", "/records"},
	{"Link", "A field of a record that points to another record. All links together are the graph, and you can follow each from both ends.", "/pictures/graph"},
	{"Entry", "Changes that were made together: who made them, when, why and from which source. An entry is never taken out again; it can be taken back by another one.", "/history"},
	{"Journal", "All entries in order. Everything else, also every past date, is worked out from it.", "/history"},
	{"As of", "The estate as it was after an entry or on a day. Every page can show it: open the moment below the top bar.", ""},
	{"Plans as on", "The date at which plans and support dates are looked at. It may lie in the future.", ""},
	{"Scenario", "Changes that are written down but not made. Look at any page under a scenario, compare, then merge or drop it.", "/scenarios"},
	{"Question", "Something that Binnacle works out from the records, always in the same way: figures, tables and findings. Each number opens what it was made of.", "/questions"},
	{"Action", "A question whose answer is a proposal of changes. You see them before anything is changed.", "/questions"},
	{"Check", "A question that answers pass or fail, with the evidence.", "/questions"},
	{"Practice", "A discipline, such as architecture, with its questions, actions and checks.", "/questions"},
	{"Board", "Answers on one page, for one role. Every tile opens its question.", "/boards"},
	{"Face", "Inward is what the CIO answers for: keep the business running. Outward is what the CTO answers for: find what comes next. Both shows both.", ""},
	{"Charter", "The responsibilities of the offices, who answers for each, and the questions that tell how well it goes.", "/offices"},
	{"Source", "Where a value comes from: a person, a file or a system. What a source no longer sees becomes stale and says so; it is not deleted.", "/records/Source"},
	{"Confidential", "A mark on a record that hides it from everybody but its owner and the roles that may read confidential records.", ""},
}

func help(v *frame.Visit) error {
	b := helpPage{Words: words}
	for _, p := range v.House.Practices {
		one := practiceHelp{Label: p.Label, Help: firstSentence(p.Help())}
		for i := range p.Questions {
			a := practice.Asked{Practice: p, Question: &p.Questions[i]}
			one.Questions = append(one.Questions, questionHelp{parts.ActionLabel(a.Name()), a.Name(), string(a.Question.Type), firstSentence(a.Help()), v.Path("/questions/" + a.Name())})
		}
		b.Practices = append(b.Practices, one)
	}
	return v.Render(templates, "help", frame.Page{Title: "Help", Lead: "The words, the keys and the questions.", Body: b})
}

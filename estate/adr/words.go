package adr

import (
	"regexp"
	"strings"
	"unicode"
)

// headings maps what sections are called to what they are for.
var headings = map[string]role{
	"status": roleStatus, "state": roleStatus, "decision status": roleStatus, "adr status": roleStatus, "current status": roleStatus,
	"date": roleDate, "decision date": roleDate, "date of decision": roleDate, "last updated": roleDate, "datum": roleDate,
	"deciders": roleMakers, "decision makers": roleMakers, "decision maker": roleMakers, "decided by": roleMakers, "authors": roleMakers, "author": roleMakers, "participants": roleMakers, "approvers": roleMakers, "entscheider": roleMakers,
	"consulted": roleConsulted, "informed": roleInformed, "tags": roleTags, "tag": roleTags,
	"context": roleContext, "context and problem statement": roleContext, "context problem statement": roleContext, "context and problem": roleContext, "problem statement": roleContext,
	"problem": roleContext, "background": roleContext, "issue": roleContext, "motivation": roleContext, "the problem": roleContext, "problem context": roleContext, "context and motivation": roleContext, "context and background": roleContext,
	"kontext": roleContext, "kontext und problemstellung": roleContext, "contexte": roleContext, "contexto": roleContext,
	"decision drivers": roleDrivers, "drivers": roleDrivers, "forces": roleDrivers, "decision criteria": roleDrivers, "evaluation criteria": roleDrivers, "criteria": roleDrivers, "entscheidungstreiber": roleDrivers,
	"considered options": roleOptions, "options considered": roleOptions, "options": roleOptions, "alternatives": roleOptions, "alternatives considered": roleOptions, "considered alternatives": roleOptions, "positions": roleOptions, "betrachtete optionen": roleOptions,
	"decision outcome": roleOutcome, "decision": roleOutcome, "decisions": roleOutcome, "outcome": roleOutcome, "the decision": roleOutcome, "our decision": roleOutcome, "resolution": roleOutcome,
	"entscheidung": roleOutcome, "ergebnis der entscheidung": roleOutcome, "décision": roleOutcome, "decisión": roleOutcome, "decisão": roleOutcome,
	"consequences": roleConsequences, "consequence": roleConsequences, "positive consequences": roleConsequences, "negative consequences": roleConsequences, "neutral consequences": roleConsequences, "implications": roleConsequences,
	"impact": roleConsequences, "trade offs": roleConsequences, "tradeoffs": roleConsequences, "konsequenzen": roleConsequences, "conséquences": roleConsequences, "consecuencias": roleConsequences, "consequências": roleConsequences,
	"confirmation": roleConfirmation, "validation": roleConfirmation, "compliance": roleConfirmation, "governance": roleConfirmation,
	"pros and cons of the options": roleArguments, "pros and cons": roleArguments, "pros and cons of the alternatives": roleArguments, "argument": roleArguments, "arguments": roleArguments, "vor und nachteile der optionen": roleArguments,
	"more information": roleMore, "links": roleMore, "references": roleMore, "notes": roleMore, "further information": roleMore, "additional information": roleMore, "related decisions": roleMore, "see also": roleMore, "related": roleMore,
}

// lesserOutcomes are headings that hold the decision where nothing else does.
var lesserOutcomes = map[string]bool{"proposal": true, "proposed decision": true, "proposed solution": true, "recommendation": true, "recommended decision": true, "solution": true, "approach": true, "what we will do": true, "y statement": true, "design": true}

// keys maps what lines under the title and in the front matter are called to what they are for.
var keys = map[string]role{
	"status": roleStatus, "state": roleStatus, "decision status": roleStatus,
	"date": roleDate, "decision date": roleDate, "decided on": roleDate, "last updated": roleDate, "last modified": roleDate, "updated": roleDate, "date of decision": roleDate, "datum": roleDate,
	"deciders": roleMakers, "decider": roleMakers, "decision makers": roleMakers, "decision maker": roleMakers, "decided by": roleMakers, "author": roleMakers, "authors": roleMakers,
	"consulted": roleConsulted, "informed": roleInformed, "tags": roleTags, "tag": roleTags, "categories": roleTags,
}

// entryRole returns what an entry is for. Relations have a role of their own, which is their key.
func entryRole(key string) role { return keys[plain(key)] }

var (
	leadingNumber = regexp.MustCompile(`^(?:\d+(?:\.\d+)*[.):]?|[ivx]+[.)])\s+`)
	commentInside = regexp.MustCompile(`(?s)<!--.*?(?:-->|$)`)
	bracketsAtEnd = regexp.MustCompile(`\s*[\[({<](?:optional|required)[\])}>]\s*$`)
)

// stripComments takes comments out of a text.
func stripComments(text string) string {
	if !strings.Contains(text, "<!--") {
		return text
	}
	return commentInside.ReplaceAllString(text, "")
}

// plain returns the words of a heading or of a key: in lower case, without numbers in front, marks and emoji.
func plain(text string) string {
	text = strings.ToLower(strings.TrimSpace(stripComments(text)))
	text = bracketsAtEnd.ReplaceAllString(text, "")
	text = leadingNumber.ReplaceAllString(text, "")
	var out strings.Builder
	gap := false
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if gap && out.Len() > 0 {
				out.WriteByte(' ')
			}
			gap = false
			out.WriteRune(r)
		} else if r != '\'' && r != '’' {
			gap = true
		}
	}
	return out.String()
}

// roleOf returns what a section is for by its heading. A heading may have the value of the status behind a colon.
func roleOf(heading string) role {
	words := plain(heading)
	if r, ok := headings[words]; ok {
		return r
	}
	return roleNone
}

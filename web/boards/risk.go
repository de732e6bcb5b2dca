package boards

import (
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
)

// dangerAtAGlance is what could go wrong, in four figures, for the boards of those who answer for it. Where nobody keeps risks, controls or
// bills of materials it is nothing.
func dangerAtAGlance(v *frame.Visit) ([]tile, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	var list []model.Tile
	if view.Count("Risk") > 0 {
		list = append(list, model.Tile{Question: "risk.portfolio", Part: "p95", Title: "A bad year: one in twenty costs more", Width: 3},
			model.Tile{Question: "risk.appetite", Part: "beyond", Title: "Limits of the appetite exceeded", Width: 3})
	}
	if view.Count("Advisory") > 0 {
		list = append(list, model.Tile{Question: "security.queue", Part: "immediate", Title: "Vulnerabilities to mend now", Width: 3})
	}
	if view.Count("SecurityIncident") > 0 {
		list = append(list, model.Tile{Question: "security.incidents", Part: "open", Title: "Security incidents open", Width: 3})
	}
	if view.Count("ControlTest") > 0 {
		list = append(list, model.Tile{Question: "compliance.tests", Part: "failed", Title: "Control tests that fail", Width: 3})
	}
	if view.Count("Framework") > 0 {
		list = append(list, model.Tile{Question: "compliance.frameworks", Part: "satisfied", Title: "Requirements shown to be met", Width: 3})
	}
	return renumber(ask(v, list[:min(4, len(list))], patience), 400), nil
}

// riskBoard is the board of risk: what a year can cost, what is beyond the appetite, and what buys most against it.
func riskBoard(v *frame.Visit) ([]group, error) {
	cost := ask(v, []model.Tile{
		{Question: "risk.portfolio", Part: "expected", Title: "Expected in a year", Width: 3},
		{Question: "risk.portfolio", Part: "p95", Title: "A bad year: one in twenty costs more", Width: 3},
		{Question: "risk.portfolio", Part: "tail", Title: "The worst twentieth, on average", Width: 3},
		{Question: "risk.appetite", Part: "beyond", Title: "Limits of the appetite exceeded", Width: 3},
		{Question: "risk.portfolio", Part: "curve", Title: "How likely a year costs more", Width: 7},
		{Question: "risk.appetite", Part: "findings", Title: "Beyond what is wanted", Width: 5},
	}, patience)
	buys := ask(v, []model.Tile{
		{Question: "risk.treatments", Part: "treatments", Title: "Treatments that buy most", Width: 12},
		{Question: "risk.portfolio", Part: "contributions", Title: "Where it comes from", Width: 12},
	}, patience)
	held := ask(v, []model.Tile{
		{Question: "risk.matrix", Part: "map", Title: "The risks that are rated", Width: 12},
		{Question: "risk.reviews", Part: "overdue", Title: "Reviews overdue", Width: 3},
		{Question: "risk.register", Part: "undecided", Title: "Without a decision", Width: 3},
		{Question: "risk.register", Part: "uncounted", Title: "Not counted in money", Width: 3},
		{Question: "risk.calibration", Part: "overconfident", Title: "Overconfident estimators", Width: 3},
		{Question: "risk.reviews", Part: "findings", Title: "Reviews due", Width: 6},
		{Question: "risk.register", Part: "findings", Title: "The register", Width: 6},
	}, patience)
	return []group{
		{Heading: "What a year can cost", Tiles: cost},
		{Heading: "What to do about it", Tiles: renumber(buys, 100)},
		{Heading: "How it is kept", Tiles: renumber(held, 200)},
	}, nil
}

// securityBoard is the board of security: what must be mended, how an attacker gets to the goals of the company, and what is happening.
func securityBoard(v *frame.Visit) ([]group, error) {
	mend := ask(v, []model.Tile{
		{Question: "security.queue", Part: "immediate", Title: "To mend now", Width: 3},
		{Question: "security.queue", Part: "out_of_cycle", Title: "At the next occasion", Width: 3},
		{Question: "security.queue", Part: "exploited", Title: "Used in attacks, and open", Width: 3},
		{Question: "security.queue", Part: "late", Title: "Past their deadline", Width: 3},
		{Question: "security.queue", Part: "findings", Title: "First of all", Width: 7},
		{Question: "security.trend", Part: "age", Title: "How old open ones are", Width: 5},
		{Question: "security.upgrades", Part: "table", Title: "Upgrades that remove most", Width: 12},
		{Question: "security.exposure_map", Part: "map", Title: "What is exposed most", Width: 12},
	}, patience)
	now := ask(v, []model.Tile{
		{Question: "security.incidents", Part: "open", Title: "Incidents open", Width: 3},
		{Question: "security.notifications", Part: "late", Title: "Notifications late", Width: 3},
		{Question: "security.incidents", Part: "time_to_contain", Title: "Time to contain", Width: 3},
		{Question: "security.incidents", Part: "time_to_recover", Title: "Time to recover", Width: 3},
		{Question: "security.notifications", Part: "findings", Title: "Clocks that run", Width: 6},
		{Question: "security.incidents", Part: "by_month", Title: "Incidents by month", Width: 6},
	}, patience)
	ready := ask(v, []model.Tile{
		{Question: "security.credentials", Part: "expiring", Title: "Certificates and secrets that end soon", Width: 3},
		{Question: "security.credentials", Part: "weak", Title: "Weak keys", Width: 3},
		{Question: "identity.privileged", Part: "without_second_factor", Title: "Privileged without a second factor", Width: 3},
		{Question: "security.awareness", Part: "trained", Title: "People trained", Width: 3},
		{Question: "security.credentials", Part: "findings", Title: "Certificates and secrets", Width: 6},
		{Question: "security.exceptions", Part: "findings", Title: "Exceptions", Width: 6},
	}, patience)
	return []group{
		{Heading: "What to mend", Tiles: mend},
		{Heading: "What is happening", Tiles: renumber(now, 100)},
		{Heading: "How ready the company is", Tiles: renumber(ready, 200)},
	}, nil
}

// complianceBoard is the board of proof: what is shown to be met, what fails or is no longer proven, and what is owed to auditors and to people.
func complianceBoard(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	proof := ask(v, []model.Tile{
		{Question: "compliance.frameworks", Part: "satisfied", Title: "Requirements shown to be met", Width: 3},
		{Question: "compliance.tests", Part: "failed", Title: "Control tests that fail", Width: 3},
		{Question: "compliance.tests", Part: "stale", Title: "Results that have expired", Width: 3},
		{Question: "compliance.controls", Part: "working", Title: "Controls that are shown to work", Width: 3},
		{Question: "compliance.coverage", Part: "picture", Title: "Frameworks and scopes: met", Width: 6},
		{Question: "compliance.frameworks", Part: "trend", Title: "Requirements met", Width: 6},
		{Question: "compliance.tests", Part: "tests", Title: "Control tests, those that fail first", Width: 12},
	}, patience)
	owed := []model.Tile{
		{Question: "compliance.plan", Part: "late", Title: "Plan of action: late", Width: 3},
		{Question: "compliance.audits", Part: "late_requests", Title: "Requests of auditors: late", Width: 3},
		{Question: "security.attestations", Part: "overdue", Title: "Policies not confirmed in time", Width: 3},
		{Question: "privacy.requests", Part: "late", Title: "Requests of persons: late", Width: 3},
		{Question: "compliance.plan", Part: "findings", Title: "Plan of action", Width: 6},
		{Question: "security.attestations", Part: "findings", Title: "Policies to confirm", Width: 6},
		{Question: "identity.reviews", Part: "findings", Title: "Access reviews", Width: 6},
		{Question: "privacy.requests", Part: "findings", Title: "Requests of persons", Width: 6},
	}
	var audits []model.Tile
	for a := range estate.Each[*model.Audit](view) {
		if a.State != model.AuditClosed {
			audits = append(audits, model.Tile{Question: "compliance.audit", Parameters: "audit=" + escape(a.Key), Part: "requests", Title: "What the auditors asked for: " + a.Title(), Width: 12})
		}
	}
	groups := []group{
		{Heading: "What is shown to be met", Tiles: proof},
		{Heading: "What is owed", Tiles: renumber(ask(v, owed, patience), 100)},
	}
	if len(audits) > 0 {
		groups = append(groups, group{Heading: "Audits", Tiles: renumber(ask(v, audits[:min(2, len(audits))], patience), 200)})
	}
	return groups, nil
}

package offices

import "binnacle/model"

// duty is a line of the charter as it is delivered, before an organisation makes it its own.
type duty struct {
	key, name, text string
	face            model.Face
	// practices are those that help with it, present or not.
	practices []string
	// accountable are the keys of the offices that usually answer for it.
	accountable []string
	// effort is in days a week. It is a start to be corrected by whoever knows, chosen so that each office about fills a week.
	effort   float64
	measures []model.Measure
}

// post is an office as it is delivered.
type post struct {
	key, name, text string
	face            model.Face
}

// posts are the two offices of the delivered charter.
var posts = []post{
	{"cio", "Chief information officer", "Looks inward: keeps the business running and gets more out of the technology that is there.", "inward"},
	{"cto", "Chief technology officer", "Looks outward: finds the technology and builds the products that bring in the next revenue.", "outward"},
}

// target makes a measure of a question. Whether the figure should stay below the target or above it, the figure itself says.
func target(question, parameters, part string, target float64, title string) model.Measure {
	return model.Measure{Question: question, Parameters: parameters, Part: part, Target: target, Title: title}
}

func practices(names ...string) []string { return names }

var (
	byCIO  = []string{"cio"}
	byCTO  = []string{"cto"}
	byBoth = []string{"cio", "cto"}
)

// delivered is the charter that Binnacle comes with: the lines of the inward
// office, of the outward office and of both, in the order of the boards.
var delivered = []duty{
	{"it-strategy", "Strategy, investments and budgets", "Plan what is invested in technology so that it serves the goals of the business, and keep to the budget.", "inward",
		practices("strategy", "finance"), byCIO, 0.4, []model.Measure{target("architecture.orphans", "problems=goal_unserved", "unused", 0, "Goals that nothing serves"), target("architecture.landscape", "", "bare", 0, "Capabilities that nothing carries"),
			target("finance.budget", "", "variance", 0, "Spent beyond the plan so far"), target("finance.trace", "", "unallocated", 0, "Money that serves no goal")}},
	{"daily-operations", "Daily operations", "Keep data centres, networks and the help desk running: reliable, secure and efficient.", "inward",
		practices("operations", "servicedesk", "architecture"), byCIO, 0.5, []model.Measure{target("architecture.no_single_point_under_critical", "", "", 0, "Single machines under what is critical")}},
	{"infrastructure", "Infrastructure", "See that sites, networks, servers and storage are up to date and well designed.", "inward",
		practices("architecture", "lifecycle"), byCIO, 0.4, []model.Measure{target("architecture.spof", "", "count", 0, "Single points of failure"), target("lifecycle.exposure", "kinds=Host", "share_of_hosts", 2, "Hosts out of support")}},
	{"information-security", "Information security", "Protect confidentiality, integrity and availability by policies, measures and training.", "inward",
		practices("risk", "security", "lifecycle"), byCIO, 0.4, []model.Measure{target("lifecycle.no_unsupported_critical", "", "", 0, "Critical and out of support"),
			target("risk.appetite", "", "beyond", 0, "Losses beyond what the board tolerates"), target("risk.reviews", "", "overdue", 0, "Risks that nobody looked at again"), target("security.queue", "", "immediate", 0, "Vulnerabilities to mend at once"),
			target("security.deadlines", "", "late", 0, "Vulnerabilities past their day"), target("security.notifications", "", "late", 0, "Notices of incidents that are late"), target("security.credentials", "", "expired", 0, "Certificates and keys that no longer hold")}},
	{"compliance", "Compliance, governance and privacy", "Show that rules are kept, that decisions are governed, and that data is right and private.", "inward",
		practices("compliance", "privacy"), byCIO, 0.3, []model.Measure{target("compliance.frameworks", "", "satisfied", 80, "Requirements shown to be met"), target("compliance.plan", "", "late", 0, "Plan of action: items late"), target("compliance.audits", "", "late_requests", 0, "Questions of auditors that are late"),
			target("security.policies", "", "review_late", 0, "Rules past their review"), target("security.attestations", "", "share", 95, "Rules confirmed by those who must know them"), target("privacy.register", "", "complete", 100, "Records of processing that are complete"),
			target("privacy.requests", "", "late", 0, "Requests of people that are late")}},
	{"vendors", "Vendors and contracts", "Choose, negotiate and steer third parties so that they deliver what the company needs.", "inward",
		practices("suppliers", "architecture"), byCIO, 0.3, []model.Measure{target("architecture.orphans", "problems=vendor_without_contract&problems=contract_covers_nothing", "unused", 0, "Vendors and contracts that hang in the air"), target("architecture.spof", "kinds=Vendor", "count", 5, "Vendors that stop something critical"),
			target("suppliers.renewals", "", "urgent", 0, "Contracts to decide about within 30 days"), target("suppliers.renewals", "", "missed", 0, "Days of notice that were missed"), target("suppliers.obligations", "", "overdue", 0, "Obligations overdue"),
			target("suppliers.service_levels", "", "kept", 95, "Service levels kept"), target("suppliers.concentration", "", "critical", 40, "Critical capabilities that fall with one vendor"), target("suppliers.personal_data_proven", "", "", 0, "Vendors with personal data and without proof")}},
	{"life-cycle", "Life cycle of systems", "Lead systems from purchase through integration, upgrades and patches to their end, before they are obsolete.", "inward",
		practices("lifecycle", "assets"), byCIO, 0.3, []model.Measure{target("lifecycle.exposure", "kinds=Application", "share_of_applications", 5, "Applications out of support"), target("lifecycle.timeline", "quarters=4", "ending", 10, "Support that ends within a year"),
			target("assets.critical_hosts_in_warranty", "", "", 0, "Hardware under what is critical without cover"), target("assets.refresh", "life=60", "overdue", 10, "Hardware past its time"), target("assets.position", "", "short", 0, "Products with too few licences")}},
	{"technology-projects", "Technology projects", "Bring projects from the idea to the result with the right people: in time and within budget.", "inward",
		practices("portfolio"), byCIO, 0.5, nil},
	{"access-to-resources", "Access to resources", "Give staff the access that their work needs, and take it back when it no longer does.", "inward",
		practices("identity"), byCIO, 0.1, []model.Measure{target("identity.leavers_closed", "", "", 0, "Accounts of people who left"), target("identity.privileged", "", "without_second_factor", 0, "Privileged accounts without a second factor"), target("identity.conflicts", "", "violations", 0, "Duties that must be apart and are not"),
			target("identity.reviews", "", "overdue", 0, "Access reviews that are late")}},
	{"decisions-from-data", "Decisions from data", "Keep the picture of the estate complete enough to decide by.", "inward",
		practices("architecture"), byCIO, 0.2, []model.Measure{target("architecture.every_application_has_owner", "", "", 0, "Applications without an owner"), target("lifecycle.unknown", "", "known", 95, "Known ends of support")}},
	{"bottom-line", "The bottom line", "Know what every application and service truly costs, and turn savings that are found into savings that are banked.", "inward",
		practices("finance", "architecture"), byCIO, 0.3, []model.Measure{target("architecture.landscape", "", "doubled", 0, "Capabilities carried twice"), target("architecture.orphans", "problems=serves_nothing&problems=runs_nothing", "unused", 10, "Applications and hosts without use"),
			target("finance.savings", "", "possible", 0, "Savings possible in a year"), target("finance.unmapped", "", "share", 5, "Cost that belongs to nobody")}},
	{"it-department", "The IT department", "Lead the people: their skills, their number against the work, and how change is told.", "inward",
		practices("people"), byCIO, 0.5, []model.Measure{target("people.skills_gap", "", "short", 0, "Skills with too few people"), target("people.events", "", "without_effect", 0, "Courses of which nobody said what they brought")}},

	{"technology-strategy", "Technology strategy", "Watch what emerges, decide what to adopt, hold and retire, and see it happen.", "outward",
		practices("radar"), byCTO, 0.4, []model.Measure{target("radar.drift", "", "growing", 0, "On hold, and still growing"), target("radar.drift", "", "unused", 0, "To be adopted, and used by nothing"),
			target("radar.bets", "", "at_risk", 0, "Bets at risk"), target("radar.trends", "", "overdue", 0, "Trends to look at again")}},
	{"product-development", "Product development", "Build products that meet the needs of the market and the vision of the company.", "outward",
		practices("product"), byCTO, 0.5, []model.Measure{target("product.roadmap", "", "conflicts", 0, "Roadmap items that cannot come as planned"), target("product.roadmap", "", "overloaded", 0, "Quarters with more work than people"),
			target("product.ideas", "", "unread", 0, "Ideas that nobody looked at"), target("product.outcomes", "", "hit_rate", 60, "Effects that came as predicted")}},
	{"technical-leadership", "Technical leadership", "Set standards and good practice, write down decisions, and guide those who build.", "outward",
		practices("standards", "architecture"), byCTO, 0.4, []model.Measure{target("standards.target_reached", "", "", 0, "Scorecards whose level is not reached"), target("standards.review_due", "", "overdue", 0, "Decisions past their review"),
			target("standards.exemptions", "", "overdue", 0, "Exemptions that ran out"), target("standards.campaigns", "", "behind", 0, "Campaigns behind their plan"), target("architecture.orphans", "", "unowned", 0, "Things without an owner")}},
	{"research", "Research and prototypes", "Try out tools, platforms and methods with a question, a limit and an end.", "outward",
		practices("research"), byCTO, 0.4, []model.Measure{target("research.decisions_due", "", "due", 0, "Experiments and choices to decide"), target("research.within_cap", "", "", 0, "Experiments beyond their cap"),
			target("research.within_time", "", "", 0, "Experiments beyond their time"), target("research.well_framed", "", "", 0, "Experiments without a cap, an end or criteria")}},
	{"partnerships", "Partnerships and startups", "Find partners and startups worth working with, and keep what was promised on both sides.", "outward",
		practices("partners"), byCTO, 0.2, []model.Measure{target("partners.obligations", "", "late", 0, "Promises to and from partners that are late"), target("partners.conflicts", "", "undecided", 0, "Conflicts of interest nobody decided about"),
			target("partners.health", "", "red", 0, "Partnerships in danger"), target("partners.pipeline", "", "overdue", 0, "Next steps with partners overdue")}},
	{"top-line", "The top line", "Tie revenue, customers and the market to the products and to what these run on.", "outward",
		practices("product", "architecture"), byCTO, 0.3, []model.Measure{target("product.promises", "", "at_stake", 0, "Revenue on promises that will not hold"),
			target("product.customers", "", "at_risk", 0, "Revenue of customers that may leave"), target("product.portfolio", "", "threatened", 0, "Revenue that runs on what will not hold"), target("architecture.spof", "", "endangered", 0, "Critical things on one single point")}},
	{"shared-policies", "Policies for infrastructure and security", "Bring the policies of both offices into one: from the rule to the check on the machine.", "outward",
		practices("compliance", "architecture"), byCTO, 0.2, []model.Measure{target("architecture.no_single_point_under_critical", "kinds=CloudResource", "", 0, "Single cloud resources under what is critical"),
			target("security.exceptions", "", "relied_on", 0, "Exceptions that ended and are still needed")}},
	{"engineering-team", "The engineering team", "Build the team that the roadmap needs, and depend on no single head.", "outward",
		practices("people"), byCTO, 0.5, []model.Measure{target("people.skills_gap", "", "on_one", 0, "Skills that rest on one person"), target("people.adopted_on_several", "", "", 0, "Adopted technologies without two who can")}},
	{"provider-selection", "Choice of providers", "Choose providers by what matters, and say why.", "outward",
		practices("research", "suppliers"), byCTO, 0.2, []model.Measure{target("suppliers.assessments", "", "overdue", 0, "Questionnaires to vendors overdue"), target("suppliers.assessments", "", "undecided", 0, "Answers of vendors that nobody judged")}},
	{"delivery", "Delivery and quality", "Deliver projects and services in time and of the quality that was promised.", "outward",
		practices("delivery", "lifecycle"), byCTO, 0.4, []model.Measure{target("delivery.coverage", "", "share", 90, "Services whose delivery is measured"), target("delivery.freezes", "", "broken", 0, "Deployments in a freeze"),
			target("delivery.repositories", "", "unmapped", 0, "Repositories that belong to no service"), target("lifecycle.plan", "", "undated", 0, "Applications without planned dates")}},
	{"informing-executives", "Informing executives", "Tell the chief executive and the other office how technology is used and what it achieves.", "outward",
		practices("brief"), byCTO, 0.2, nil},
	{"company-and-market-goals", "Goals of company and market", "Work with the chief executive and marketing so that technology serves their goals.", "outward",
		practices("strategy", "brief", "product"), byCTO, 0.2, []model.Measure{target("product.market", "", "unanswered", 0, "Signals of the market that nothing answers")}},
	{"digital-transformation", "Digital transformation", "Integrate, automate and improve the processes of the business.", "outward",
		practices("strategy"), byCTO, 0.4, nil},

	{"handshake", "The handshake", "One office sets the course, the other sails it: what each waits for from the other is written down and delivered.", "both",
		practices("offices"), byBoth, 0.25, []model.Measure{target("offices.agreements", "", "overdue", 0, "Agreements overdue")}},
	{"either-hat", "Either hat", "Each office goes on when its holder is away, and one person can hold both where the company is small.", "both",
		practices("offices"), byBoth, 0.1, []model.Measure{target("offices.gaps", "", "vacant", 0, "Vacant offices"), target("offices.gaps", "", "without_deputy", 0, "Offices without a deputy")}},
	{"cloud-and-data", "Cloud and where data lives", "Know what the cloud costs, who is responsible for what in it, and where data lives.", "both",
		practices("finance", "privacy", "architecture"), byBoth, 0.25, []model.Measure{target("architecture.spof", "kinds=CloudResource", "count", 0, "Single cloud resources that stop something"),
			target("finance.commitments", "", "utilisation", 90, "Commitments that are drawn on"), target("finance.anomalies", "", "excess", 0, "Unusual spend of the last two months"),
			target("privacy.transfers", "", "unsafe", 0, "Transfers abroad without safeguards")}},
	{"learning", "Learning", "Both officers keep learning, and look again at what they once decided.", "both",
		practices("people", "radar"), byBoth, 0.25, []model.Measure{target("people.officers_learn", "", "", 0, "Officers with nothing to learn this year"), target("people.reading_list", "", "overdue", 0, "Things to look at again that are late")}},
	{"split-of-offices", "The split of the offices", "Say who answers for what, watch how much each carries, and ask from time to time whether one officer or two suit the company.", "both",
		practices("offices", "standards"), byBoth, 0.1, []model.Measure{target("offices.one_accountable_each", "", "", 0, "Lines that nobody or too many answer for"), target("standards.one_accountable", "", "", 0, "Decisions that nobody or too many answer for"), target("offices.load", "", "overloaded", 0, "Offices and officers with too much")}},
}

package model

// kinds lists every built-in kind, by the subject that it belongs to on a menu.
var kinds = []struct {
	name    string
	records []Record
}{
	{"Organisation", []Record{&Person{}, &Team{}, &BusinessUnit{}, &Site{}, &CostCentre{}}},
	{"Strategy", []Record{&Goal{}, &KeyResult{}, &Capability{}, &Process{}, &Initiative{}, &Project{}}},
	{"Products", []Record{&Product{}, &Customer{}, &CustomerSegment{}, &Competitor{}, &MarketSignal{}, &Opportunity{}, &Idea{}, &RoadmapItem{}, &Announcement{}, &Portal{}}},
	{"Applications", []Record{&Application{}, &Service{}, &Interface{}, &DataSet{}}},
	{"Technology", []Record{&Technology{}, &Component{}, &Radar{}, &Blip{}, &RadarVote{}, &RadarEdition{}, &Trend{}, &TechnologyBet{}}},
	{"Research", []Record{&Experiment{}, &DecisionMatrix{}, &MatrixScoring{}}},
	{"Standards", []Record{&DecisionRecord{}, &Standard{}, &Scorecard{}, &Campaign{}, &DecisionRight{}}},
	{"Delivery", []Record{&Repository{}, &EventReceiver{}, &ChangeFreeze{}, &ReleaseGate{}}},
	{"Partners", []Record{&Partner{}, &PartnerAgreement{}}},
	{"Learning", []Record{&Skill{}, &SkillLevel{}, &LearningItem{}}},
	{"Infrastructure", []Record{&Host{}, &NetworkDevice{}, &CloudAccount{}, &CloudResource{}}},
	{"Finance", []Record{&Budget{}, &Invoice{}, &PurchaseOrder{}, &Saving{}, &BusinessCase{}, &CostRule{}, &Allocation{}, &CostPool{}, &ResourceTower{}, &FiscalCalendar{}, &ExchangeRate{}, &Load{}}},
	{"Assets", []Record{&Asset{}, &Licence{}, &Stocktake{}}},
	{"Suppliers", []Record{&Vendor{}, &Contract{}, &Obligation{}, &ServiceLevel{}, &VendorRating{}, &Questionnaire{}, &Assessment{}}},
	{"Risk", []Record{&Risk{}, &RiskCause{}, &RiskAppetite{}, &RiskMatrix{}, &CalibrationQuestion{}, &CalibrationRound{}}},
	{"Security", []Record{&Advisory{}, &ExploitScores{}, &VexStatement{}, &ScanFinding{}, &Release{}, &LicencePolicy{}, &ResponseTarget{}, &Policy{}, &Attestation{}, &AwarenessCampaign{}, &TrainingRecord{}, &SecurityIncident{}, &NotificationRule{}, &Credential{}, &Endpoint{}}},
	{"Compliance", []Record{&Framework{}, &Requirement{}, &Baseline{}, &RequirementMapping{}, &OscalDocument{}, &ComplianceScope{}, &Control{}, &ControlTest{}, &Observation{}, &Finding{}, &PlanItem{}, &Exception{}, &Audit{}, &AuditRequest{}, &MaturityRating{}}},
	{"Privacy", []Record{&PrivacyProfile{}, &ProcessingActivity{}, &ImpactAssessment{}, &DataSubjectRequest{}, &ProviderDuty{}, &CountryDecision{}}},
	{"Identity", []Record{&UserAccount{}, &Entitlement{}, &Grant{}, &DutyFunction{}, &DutyRule{}, &AccessReview{}, &ReviewDecision{}}},
	{"Offices", []Record{&Office{}, &Responsibility{}, &Agreement{}}},
	{"Knowledge", []Record{&Document{}, &Comment{}, &Attachment{}}},
	{"Access", []Record{&Account{}, &Role{}, &Group{}, &AccessToken{}, &IdentityProvider{}, &Gate{}}},
	{"Binnacle", []Record{&KindDefinition{}, &FieldDefinition{}, &Rule{}, &Source{}, &Mapping{}, &Scenario{}, &SavedView{}, &Board{}, &Subscription{}, &Webhook{}}},
}

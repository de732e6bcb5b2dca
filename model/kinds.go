package model

// kinds lists every built-in kind, by the subject that it belongs to on a menu.
var kinds = []struct {
	name    string
	records []Record
}{
	{"Organisation", []Record{&Person{}, &Team{}, &BusinessUnit{}, &Site{}, &CostCentre{}}},
	{"Strategy", []Record{&Goal{}, &KeyResult{}, &Capability{}, &Process{}, &Initiative{}, &Project{}}},
	{"Products", []Record{&Product{}}},
	{"Applications", []Record{&Application{}, &Service{}, &Interface{}, &DataSet{}}},
	{"Technology", []Record{&Technology{}, &Component{}}},
	{"Infrastructure", []Record{&Host{}, &NetworkDevice{}, &CloudAccount{}, &CloudResource{}}},
	{"Assets", []Record{&Asset{}, &Licence{}}},
	{"Suppliers", []Record{&Vendor{}, &Contract{}}},
	{"Offices", []Record{&Office{}, &Responsibility{}, &Agreement{}}},
	{"Knowledge", []Record{&Document{}, &Comment{}, &Attachment{}}},
	{"Access", []Record{&Account{}, &Role{}, &Group{}, &AccessToken{}, &IdentityProvider{}, &Gate{}}},
	{"Binnacle", []Record{&KindDefinition{}, &FieldDefinition{}, &Rule{}, &Source{}, &Mapping{}, &Scenario{}, &SavedView{}, &Board{}, &Subscription{}, &Webhook{}}},
}

package grants

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// crew is a directory of a harbour: three users, two groups, of which one is in the other, one role and one entitlement.
const crew = `{
  "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
  "totalResults": 5,
  "Resources": [
    {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
     "id": "u1", "userName": "ada@harbour.example", "displayName": "Ada Day", "active": true,
     "emails": [{"value": "ada@home.example", "type": "home"}, {"value": "ada@harbour.example", "type": "work", "primary": true}],
     "roles": [{"value": "admin", "display": "Administrator"}], "entitlements": [{"value": "quay-crane"}],
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "1001"},
     "meta": {"resourceType": "User", "created": "2024-03-01T08:00:00Z", "location": "https://id.harbour.example/v2/Users/u1"}},
    {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u2", "userName": "ben", "active": false, "roles": ["reader"],
     "groups": [{"value": "g2", "display": "Pilots"}, {"value": "g1", "display": "Everybody", "type": "indirect"}]},
    {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "ID": "u3", "USERNAME": "cy", "password": "not read"},
    {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "displayName": "Everybody",
     "members": [{"value": "g2", "type": "Group"}, {"value": "u1", "$ref": "../Users/u1"}]},
    {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g2", "displayName": "Pilots",
     "members": [{"value": "u1", "type": "User"}, {"value": "u9", "display": "Unknown One"}, {"value": "g1", "$ref": "https://id.harbour.example/v2/Groups/g1"}]}
  ]
}`

func TestSCIM(t *testing.T) {
	b := feedtest.Read(t, SCIM, "crew.json", []byte(crew))
	want := []string{
		`(Application/id.harbour.example) name="id.harbour.example"`,
		`Entitlement/id.harbour.example:everybody name="Everybody" system="Application/id.harbour.example" type="group" includes="id.harbour.example:pilots" identifier="g1"`,
		`Entitlement/id.harbour.example:pilots name="Pilots" system="Application/id.harbour.example" type="group" includes="id.harbour.example:everybody" identifier="g2"`,
	}
	got := feedtest.Listing(b)
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("missing: %s", line)
		}
	}
	if t.Failed() {
		t.Log("\n" + strings.Join(got, "\n"))
	}
	if b.Source.Key != "scim:id.harbour.example" || !b.Complete {
		t.Errorf("the source is %s, complete %v", b.Source.Key, b.Complete)
	}
	var grants []string
	for _, g := range feedtest.Records[*model.Grant](b) {
		grants = append(grants, g.Key)
	}
	slices.Sort(grants)
	const s = "id.harbour.example:"
	if diff := cmp.Diff([]string{
		s + "ada@harbour.example:administrator", s + "ada@harbour.example:everybody", s + "ada@harbour.example:pilots", s + "ada@harbour.example:quay-crane",
		s + "ben:pilots", s + "ben:reader", s + "unknown-one:pilots",
	}, grants); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
	accounts := map[string]*model.UserAccount{}
	for _, a := range feedtest.Records[*model.UserAccount](b) {
		accounts[a.Key] = a
	}
	ada := accounts[s+"ada@harbour.example"]
	if ada == nil || ada.Email != "ada@harbour.example" || ada.State != "active" || ada.Opened != model.MustDate("2024-03-01") || ada.Name != "Ada Day" {
		t.Errorf("Ada is %+v", ada)
	}
	if accounts[s+"ben"].State != "disabled" || accounts[s+"cy"] == nil {
		t.Errorf("ben and cy are %+v, %+v", accounts[s+"ben"], accounts[s+"cy"])
	}
	if strings.Contains(fmt.Sprint(got), "not read") {
		t.Error("a password was read")
	}
}

// importer applies contents to an estate, one after the other.
type importer struct {
	t    *testing.T
	snap *estate.Snapshot
	seq  uint64
}

func newImporter(t *testing.T, records ...model.Record) *importer {
	for i, rec := range records {
		rec.Base().ID, rec.Base().Version = model.ID{0: 1, 6: 0x70, 8: 0x80, 15: byte(i + 1)}, 1
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	return &importer{t: t, snap: snap, seq: 1}
}

func (im *importer) take(b *feed.Batch) *feed.Plan {
	im.t.Helper()
	n := 0
	plan := feed.Reconcile(im.snap.View(model.MustDate("2026-11-22")), b, feed.Options{Rank: 60, Now: model.TimeOf(model.MustDate("2026-11-22").Time()), NewID: func() model.ID {
		n++
		return model.ID{0: 2, 1: byte(im.seq), 6: 0x70, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
	}})
	im.seq++
	snap, err := im.snap.Apply(model.Stamp{Seq: im.seq}, plan.Changes)
	if err != nil {
		im.t.Fatal(err)
	}
	im.snap = snap
	return plan
}

func (im *importer) account(key string) *model.UserAccount {
	im.t.Helper()
	a, ok := im.snap.Find("UserAccount", key).(*model.UserAccount)
	if !ok {
		im.t.Fatalf("there is no account %s", key)
	}
	return a
}

// TestImportTwice: people are linked, a second import changes nothing, what is no longer there becomes stale, and a group file and a user file make one whole.
func TestImportTwice(t *testing.T) {
	ada := &model.Person{Meta: model.Meta{Key: "ada"}, EmployeeNumber: "1001"}
	ben := &model.Person{Meta: model.Meta{Key: "ben"}, Email: "ada@harbour.example"}
	im := newImporter(t, ada, ben)
	plan := im.take(feedtest.Read(t, SCIM, "crew.json", []byte(crew)))
	if len(plan.Refused) > 0 {
		t.Fatalf("refused: %v", plan.Refused)
	}
	if a := im.account("id.harbour.example:ada@harbour.example"); !a.Person.IsZero() {
		t.Error("the number speaks for Ada and the address for Ben, and the account was linked all the same")
	}
	again := im.take(feedtest.Read(t, SCIM, "crew.json", []byte(crew)))
	if again.Counts.Created+again.Counts.Edited+again.Counts.Stale != 0 {
		t.Errorf("a second import changes something: %+v %v", again.Counts, again.Lines)
	}
	less := strings.Replace(crew, `, "roles": ["reader"]`, ``, 1)
	if plan := im.take(feedtest.Read(t, SCIM, "crew.json", []byte(less))); plan.Counts.Stale != 2 {
		t.Errorf("the role and the grant of Ben went; %d became stale", plan.Counts.Stale)
	}
	g, _ := im.snap.Find("Grant", "id.harbour.example:ben:reader").(*model.Grant)
	if g == nil || g.Stale().IsZero() {
		t.Error("the grant of Ben is not stale")
	}
	if e, _ := im.snap.Find("Entitlement", "id.harbour.example:pilots").(*model.Entitlement); len(e.Includes) != 1 || e.Includes[0] != im.snap.Find("Entitlement", "id.harbour.example:everybody").Base().Ref() {
		t.Errorf("Pilots brings %v", e.Includes)
	}
}

// TestFilesTogether: users and groups in two files, in either order, together or one after the other, come to the same records.
func TestFilesTogether(t *testing.T) {
	const users = `[{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "u1", "userName": "ada", "displayName": "Ada Day"}]`
	const groups = `{"Resources": [{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "displayName": "Pilots", "members": [{"value": "u1", "display": "Ada D."}]}]}`
	read := func(file, text string) *feed.Batch { return feedtest.Read(t, SCIM, file, []byte(text)) }
	for _, order := range []string{"users first", "groups first", "joined", "joined groups first"} {
		im := newImporter(t, &model.Person{Meta: model.Meta{Key: "ada"}, Email: "ada@x.example"})
		a, b := read("okta/users.json", users), read("okta/groups.json", groups)
		if strings.Contains(order, "groups first") {
			a, b = b, a
		}
		if strings.HasPrefix(order, "joined") {
			a.Join(b)
			if plan := im.take(a); len(plan.Notes) > 4 {
				t.Errorf("%s: %v", order, plan.Notes)
			}
		} else {
			im.take(a)
			im.take(b)
		}
		v := im.snap.View(model.MustDate("2026-11-22"))
		if v.Count("UserAccount") != 1 || v.Count("Grant") != 1 || v.Count("Entitlement") != 1 || v.Count("Application") != 1 {
			t.Errorf("%s: %d accounts, %d grants", order, v.Count("UserAccount"), v.Count("Grant"))
		}
		for a := range estate.Each[*model.UserAccount](v) {
			if a.UserName != "ada" || a.Name != "Ada Day" {
				t.Errorf("%s: the account is %s, %s, %s", order, a.Key, a.UserName, a.Name)
			}
		}
	}
}

// TestDirectories reads what Entra ID and Okta export in their own words.
func TestDirectories(t *testing.T) {
	for _, c := range []struct{ name, text, key, state, signed string }{
		{"entra users.json", `{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": [{"id": "1", "userPrincipalName": "ada@x.example", "mail": "ada@x.example", "accountEnabled": false, "employeeId": "7", "signInActivity": {"lastSignInDateTime": "2026-10-01T07:00:00Z"}}]}`,
			"entra:ada@x.example", "disabled", "2026-10-01T07:00:00Z"},
		{"okta-users.json", `[{"id": "00u1", "status": "ACTIVE", "created": "2020-01-01T00:00:00.000Z", "lastLogin": "2026-11-01T00:00:00.000Z", "profile": {"login": "ada@x.example", "email": "ada@x.example", "firstName": "Ada", "lastName": "Day", "employeeNumber": "7"}}]`,
			"okta:ada@x.example", "active", "2026-11-01T00:00:00Z"},
	} {
		if SCIM.Detect([]byte(c.text)) == 0 {
			t.Errorf("%s was not detected", c.name)
		}
		im := newImporter(t, &model.Person{Meta: model.Meta{Key: "ada"}, EmployeeNumber: "7"})
		im.take(feedtest.Read(t, SCIM, c.name, []byte(c.text)))
		a := im.account(c.key)
		if string(a.State) != c.state || a.LastSignIn.String() != c.signed || a.Person != im.snap.Find("Person", "ada").Base().Ref() {
			t.Errorf("%s: %+v", c.name, a)
		}
	}
}

// ledger is an export of an application, with a line above the headers, one broken row, one day in words and one account without a grant.
const ledger = `Report of access rights;;;;;;;;;
User ID;E-Mail;Application;Role name;Admin?;Assigned on;Last used;Last login;Status;MFA
ada;ada@harbour.example;Ledger;Payer;no;31.01.2025;2026-11-01;2026-11-20 08:30;Active;yes
ada;ada@harbour.example;Ledger;Ledger admin;yes;15.02.2025;never;2026-11-21 08:30;Active;yes
ben;;Ledger;Payer;no;01.03.2025;;;Locked;no
cy;;Ledger;;;;;never;Active;
dee;;Ledger;Payer;perhaps;01.03.2025;;;Active;no
;;Ledger;Payer;no;01.03.2025;;;Active;no
`

func TestTable(t *testing.T) {
	if got := Format.Detect([]byte(ledger)); got < 85 {
		t.Errorf("detected with %d", got)
	}
	b := feedtest.Read(t, Format, "Ledger access.csv", []byte(ledger))
	var refused []string
	for _, r := range b.Refused {
		refused = append(refused, r.String())
	}
	if diff := cmp.Diff([]string{
		`Ledger access.csv:7:19: Admin?: UserAccount/dee: privileged: "perhaps" is neither yes nor no`,
		`Ledger access.csv:8: the row names no account: fill in the account, the address or the employee number`,
	}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	want := []string{
		`(Application/ledger) name="Ledger"`,
		`UserAccount/ledger:ada system="Application/ledger" user_name="ada" email="ada@harbour.example" state="active" second_factor="yes" last_sign_in="2026-11-21T08:30:00Z" identifier="ada"`,
		`Entitlement/ledger:payer name="Payer" system="Application/ledger" type="role" identifier="Payer"`,
		`Grant/ledger:ada:payer account="ledger:ada" entitlement="ledger:payer" granted="2025-01-31" last_used="2026-11-01T00:00:00Z"`,
		`Entitlement/ledger:ledger-admin name="Ledger admin" system="Application/ledger" type="role" privileged="true" identifier="Ledger admin"`,
		`Grant/ledger:ada:ledger-admin account="ledger:ada" entitlement="ledger:ledger-admin" granted="2025-02-15"`,
		`UserAccount/ledger:ben system="Application/ledger" user_name="ben" state="disabled" second_factor="no" identifier="ben"`,
		`Grant/ledger:ben:payer account="ledger:ben" entitlement="ledger:payer" granted="2025-03-01"`,
		`UserAccount/ledger:cy system="Application/ledger" user_name="cy" state="active" identifier="cy"`,
	}
	if diff := cmp.Diff(want, feedtest.Listing(b)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if b.Complete {
		t.Error("rows were refused, so that the rest may not become stale")
	}
}

// TestTableTwice: a second import of a table changes nothing, and a row that is gone makes its grant stale.
func TestTableTwice(t *testing.T) {
	const first = "account,person,system,entitlement,granted\nada,Ada Day,ledger,pay,2025-01-01\nben,1002,ledger,pay,2025-01-01\n"
	im := newImporter(t, &model.Person{Meta: model.Meta{Key: "a", Name: "Ada Day"}}, &model.Service{Meta: model.Meta{Key: "ledger"}})
	im.take(feedtest.Read(t, Format, "grants.csv", []byte(first)))
	a := im.account("ledger:ada")
	if a.Person != im.snap.Find("Person", "a").Base().Ref() || a.System != im.snap.Find("Service", "ledger").Base().Ref() {
		t.Errorf("the account is %+v", a)
	}
	if again := im.take(feedtest.Read(t, Format, "grants.csv", []byte(first))); again.Counts.Created+again.Counts.Edited+again.Counts.Stale != 0 {
		t.Errorf("a second import changes something: %+v", again.Counts)
	}
	gone := im.take(feedtest.Read(t, Format, "grants.csv", []byte("account,person,system,entitlement,granted\nada,Ada Day,ledger,pay,2025-01-01\n")))
	if gone.Counts.Stale != 2 || im.account("ledger:ben").Stale().IsZero() {
		t.Errorf("%+v", gone.Counts)
	}
}

// TestShapes: the same rows as CSV, as JSON and as a workbook are the same records.
func TestShapes(t *testing.T) {
	book := excelize.NewFile()
	for i, row := range [][]any{{"Account", "Entitlement", "Granted", "Second factor"}, {"ada", "pay", "2025-01-31", "yes"}} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var packed bytes.Buffer
	if err := book.Write(&packed); err != nil {
		t.Fatal(err)
	}
	shapes := map[string][]byte{
		"csv":  []byte("Account\tEntitlement\tGranted\tSecond factor\nada\tpay\t31 Jan 2025\tyes\n"),
		"json": []byte(`[{"account": "ada", "entitlement": "pay", "granted": "2025-01-31", "second_factor": true}]`),
		"xlsx": packed.Bytes(),
	}
	for name, data := range shapes {
		if Format.Detect(data) < 85 {
			t.Errorf("%s: detected with %d", name, Format.Detect(data))
		}
		got := feedtest.Listing(feedtest.Read(t, Format, "ledger-grants."+name, data))
		if diff := cmp.Diff([]string{
			`(Application/ledger) name="ledger"`,
			`UserAccount/ledger:ada system="Application/ledger" user_name="ada" second_factor="yes" identifier="ada"`,
			`Entitlement/ledger:pay name="pay" system="Application/ledger" identifier="pay"`,
			`Grant/ledger:ada:pay account="ledger:ada" entitlement="ledger:pay" granted="2025-01-31"`,
		}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefuses(t *testing.T) {
	feedtest.Refuses(t, SCIM, [][3]string{
		{"a patch", `{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": []}`, "PatchOp"},
		{"a description", `{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]}`, "what a SCIM server can do"},
		{"cut off", `{"schemas": [`, "ends too early"},
		{"a call that failed", `{"response": {"detail": "no"}, "statusCode": 404}`, "no answer"},
	})
	feedtest.Refuses(t, Format, [][3]string{
		{"no account", "entitlement,granted\npay,2025-01-01\n", "no column says which account"},
		{"days of both styles", "account,role,granted\na,b,03/04/2025\n", "can be read in two ways"},
	})
}

func TestDetects(t *testing.T) {
	feedtest.Detects(t, Format, nil, [][2]string{
		{"a table of records", "key,account,entitlement,granted\na,b,c,d\n"},
		{"a ledger", "Date,Account,Amount\n2025-01-01,4000,12\n"},
		{"people", "name,email,team\nAda,a@x.example,money\n"},
		{"nothing", ""},
	})
	feedtest.DetectsOnly(t, Format, func(string) bool { return false })
	feedtest.DetectsOnly(t, SCIM, func(path string) bool {
		return strings.HasPrefix(path, "13-scim/") && strings.HasSuffix(path, ".json")
	})
}

// TestSamples reads every sample of the specification and of recorded traffic: users and groups are read, and everything else is refused with words that say what it is.
func TestSamples(t *testing.T) {
	folder := filepath.Join(feedtest.Samples(t), "13-scim")
	read, refused := 0, 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		b, err := feedtest.Try(SCIM, path, data)
		if err != nil {
			if refused++; !strings.Contains(err.Error(), "SCIM") && !strings.Contains(err.Error(), "recorded call") {
				t.Errorf("%s: %v", path, err)
			}
			return nil
		}
		read++
		for _, item := range b.Items {
			for _, problem := range b.Schema.Of(item.Record).Check(item.Record) {
				t.Errorf("%s: %s: %v", path, item.Record.Base().Key, problem)
			}
		}
		for _, r := range b.Refused {
			t.Errorf("%s: %v", path, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 30 || read+refused < 65 {
		t.Errorf("%d were read and %d refused", read, refused)
	}
	data, err := os.ReadFile(filepath.Join(folder, "rfc-samples/rfc7643-8.3-enterprise_user.json"))
	if err != nil {
		t.Fatal(err)
	}
	b := feedtest.Read(t, SCIM, "user.json", data)
	accounts, grants := feedtest.Records[*model.UserAccount](b), feedtest.Records[*model.Grant](b)
	if len(accounts) != 1 || accounts[0].UserName != "bjensen@example.com" || len(grants) != 3 {
		t.Errorf("the enterprise user of RFC 7643 is %d accounts with %d grants", len(accounts), len(grants))
	}
}

func FuzzSCIM(f *testing.F) {
	f.Add([]byte(crew))
	f.Add([]byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"a","members":[{"value":"a","type":"Group"},null,1]}`))
	f.Add([]byte(`{"value":[{"userPrincipalName":" ","id":"\u0000"}]}`))
	f.Add([]byte(`[{"id":"x","profile":{"login":"a b","name":"\ufffd"}}]`))
	feedtest.Fuzz(f, SCIM)
}

func FuzzTable(f *testing.F) {
	f.Add([]byte(ledger))
	f.Add([]byte("account,role\n\"a\nb\",\x01\n"))
	f.Add([]byte(`[{"account":"a","role":"b"},{"account":null}]`))
	feedtest.Fuzz(f, Format)
}

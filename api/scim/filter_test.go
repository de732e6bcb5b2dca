package scim

import (
	"strings"
	"testing"
)

// grace is a user as the filters of the tests see one.
var grace = map[string]any{
	"id": "1", "userName": "Grace", "externalId": "X-1", "active": true, "title": "Architect", "displayName": "Grace \"Amazing\" Stern",
	"name":           map[string]any{"familyName": "O'Malley", "givenName": "Grace"},
	"emails":         []any{map[string]any{"value": "grace@example.com", "type": "work", "primary": true}, map[string]any{"value": "g@home.example", "type": "home"}},
	"meta":           map[string]any{"lastModified": "2027-05-13T04:42:34Z", "resourceType": "User"},
	enterpriseSchema: map[string]any{"employeeNumber": "701984", "manager": map[string]any{"value": "9"}},
}

func TestFilters(t *testing.T) {
	for filter, want := range map[string]bool{
		`userName eq "grace"`: true, `USERNAME EQ "GRACE"`: true, `userName ne "grace"`: false, `userName eq "ada"`: false,
		`externalId eq "X-1"`: true, `externalId eq "x-1"`: false, `id eq "1"`: true,
		`name.familyName co "O'Malley"`: true, `userName sw "Gr"`: true, `userName ew "ce"`: true, `userName co "rac"`: true,
		`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "G"`:                            true,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber eq "701984"`: true,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "9"`:       true,
		`urn:example:unknown:userName eq "grace"`:                                               false,
		`title pr`: true, `nickName pr`: false, `name pr`: true, `emails pr`: true, `nickName eq null`: true, `title eq null`: false, `title ne null`: true,
		`active eq true`: true, `active eq false`: false, `active ne false`: true,
		`meta.lastModified gt "2011-05-13T04:42:34Z"`: true, `meta.lastModified ge "2027-05-13T06:42:34+02:00"`: true, `meta.lastModified lt "2027-05-13T04:42:34Z"`: false, `meta.lastModified le "2027-05-13T04:42:34Z"`: true,
		`title pr and active eq true`: true, `title pr and active eq false`: false, `title eq "x" or active eq true`: true,
		`title eq "x" and title eq "y" or active eq true`: true, `active eq true or title eq "x" and title eq "y"`: true, `(active eq true or title eq "x") and title eq "y"`: false,
		`not (title pr)`: false, `not(title eq "x")`: true, `NOT (not (title pr))`: true,
		`emails[type eq "work" and value co "@example.com"]`: true, `emails[type eq "home" and value co "@example.com"]`: false, `emails[not (type eq "work")]`: true,
		`emails.type eq "home"`: true, `emails eq "grace@example.com"`: true, `emails co "home.example" and not (emails.value eq "x")`: true,
		`displayName co "\"Amazing\""`: true, `userName eq "\u0067race"`: true, `userName gt "f"`: true, `active gt "a"`: false, `userName eq 5`: false,
		`emails[type eq"work"]`: true, ` userName eq "grace" `: true,
	} {
		n, err := parseFilter(filter)
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		if got := n.holds(users.attributes(), grace); got != want {
			t.Errorf("%s is %v", filter, got)
		}
	}
}

func TestFiltersThatAreNone(t *testing.T) {
	for _, filter := range []string{``, ` `, `userName`, `userName eq`, `userName eq grace`, `eq "x"`, `userName xx "x"`, `userName eq "x`, `(userName pr`, `userName pr)`, `userName pr and`,
		`not userName pr`, `emails[type eq "work"`, `emails[]`, `userName eq {"a":1}`, `userName eq ["a"]`, `5 eq 5`, `userName.a.b eq "x"`, `userName pr userName pr`, `urn:`, `urn:x: eq "a"`,
		strings.Repeat("(", 40) + "title pr" + strings.Repeat(")", 40), strings.Repeat(`title pr and `, 1000) + "title pr", `title eq "` + strings.Repeat("x", maxFilter) + `"`} {
		if _, err := parseFilter(filter); err == nil {
			t.Errorf("%.60q is taken for a filter", filter)
		}
	}
}

func TestPaths(t *testing.T) {
	for _, good := range []string{`members`, `name.familyName`, `members[value eq "1"]`, `members[value eq "1"].display`, `emails[type eq "work" and value ew "example.com"].value`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`, `members[value eq"1"]`, `$ref`} {
		if _, err := parsePath(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, wrong := range []string{``, `members[`, `members[]`, `a.b[c pr]`, `a.b.c`, `members[value eq "1"].`, `members]`, `.a`, `a b`, `urn:`} {
		if _, err := parsePath(wrong); err == nil {
			t.Errorf("%q is taken for a path", wrong)
		}
	}
}

// FuzzFilter: no text makes the parser panic, nest without end or take long.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{`userName eq "grace"`, `not (a pr) and b[c eq 1 or d co "x"]`, `urn:ietf:params:scim:schemas:core:2.0:User:userName sw "G"`, `a eq "\`, `((((`, `emails[type eq"work"]`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := parseFilter(text); err == nil {
			n.holds(users.attributes(), grace)
			n.holds(groups.attributes(), map[string]any{})
		}
		if p, err := parsePath(text); err == nil {
			for _, op := range []string{"add", "replace", "remove"} {
				m, err := normal(users.attributes(), grace)
				if err != nil {
					t.Fatal(err)
				}
				_ = patch(users.attributes(), m, []operation{{Op: op, Path: text, Value: "x"}})
				_ = p
			}
		}
	})
}

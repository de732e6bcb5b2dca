package grants

import (
	"fmt"
	"strings"
	"unicode"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// role is what a column of a table is for. Its text is the name by which a mapping asks for it.
type role string

// The roles of columns.
const (
	roleAccount      role = "account"
	rolePerson       role = "person"
	roleEmail        role = "email"
	roleNumber       role = "employee_number"
	roleSystem       role = "system"
	roleEntitlement  role = "entitlement"
	roleType         role = "type"
	rolePrivileged   role = "privileged"
	roleGranted      role = "granted"
	roleUntil        role = "until"
	roleUsed         role = "used"
	roleLastUsed     role = "last_used"
	roleLastSignIn   role = "last_sign_in"
	roleState        role = "state"
	roleSecondFactor role = "second_factor"
	roleAccountType  role = "account_type"
	roleOpened       role = "opened"
	roleExpires      role = "expires"
	roleReason       role = "reason"
	roleApprovedBy   role = "approved_by"
)

// known are the roles with the headers that people use for them, squeezed: in lower case, letters and digits alone.
var known = []struct {
	role  role
	words string
}{
	{roleAccount, "account accountname accountid username userid user login loginname loginid logonname useraccount samaccountname principal principalname userprincipalname upn benutzer benutzername benutzerkennung benutzerid kennung konto kontoname anmeldename"},
	{rolePerson, "person fullname employee employeename displayname owner accountowner name mitarbeiter vollername"},
	{roleEmail, "email mail emailaddress mailaddress workemail useremail primaryemail"},
	{roleNumber, "employeenumber employeeid employeeno personnelnumber personnelno staffid staffnumber staffno workerid personalnummer mitarbeiternummer"},
	{roleSystem, "system systemname application applicationname app appname target targetsystem platform resource resourcename anwendung zielsystem"},
	{roleEntitlement, "entitlement entitlementname entitlements role rolename roles permission permissions permissionname group groupname groups accessright accesslevel access right rights privilege privilegename permissionset authorization authorisation berechtigung rolle gruppe recht"},
	{roleType, "entitlementtype accesstype grouptype roletype type typ"},
	{rolePrivileged, "privileged isprivileged privilegedaccess admin isadmin administrator elevated highprivilege privilegiert"},
	{roleGranted, "granted grantedon grantdate granteddate assigned assignedon assignedat assigneddate assignmentdate validfrom from since startdate grantedat erteilt gültigab vergebenam"},
	{roleUntil, "until validuntil validto enddate grantexpires accessexpires expireson gültigbis"},
	{roleUsed, "used everused inuse genutzt"},
	{roleLastUsed, "lastused lastusedon lastuse lastuseddate lastusedat lastaccess lastaccessed lastactivity zuletztgenutzt"},
	{roleLastSignIn, "lastsignin lastsignindate lastsigninat lastlogin lastlogindate lastloginat lastlogon lastlogondate lastlogontimestamp lastloggedin letzteanmeldung"},
	{roleState, "state status accountstatus accountstate userstatus enabled active isactive accountenabled disabled zustand aktiv"},
	{roleSecondFactor, "secondfactor mfa mfaenabled mfastatus mfaactive twofactor twofactorenabled 2fa 2faenabled zweifaktor"},
	{roleAccountType, "accounttype usertype accountcategory kontotyp benutzertyp"},
	{roleOpened, "opened created createdon createdat creationdate createddate accountcreated whencreated usercreationtime angelegt angelegtam"},
	{roleExpires, "expires expirydate expirationdate accountexpires accountexpirationdate läuftab"},
	{roleReason, "reason justification grantreason businessjustification comment begründung grund"},
	{roleApprovedBy, "approvedby approver grantedby genehmigtvon"},
}

// squeezed takes everything but letters and digits out of a header.
func squeezed(header string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, header)
}

// columns are the places of the roles in the rows of a table.
type columns struct {
	at map[role]int
	// styles say whether the day or the month stands first, where a mapping says so or the column shows it.
	styles map[role]kit.DayStyle
	// negated says that the column about the state says who is disabled.
	negated bool
	// ownTable says that the headers are those of a table of records, which another format reads.
	ownTable bool
	headers  []string
}

// columnsOf finds out what the headers of a table are for. A mapping says it for single headers; an unknown name in it is an error.
func columnsOf(headers []string, mapping *model.Mapping) (*columns, error) {
	c := &columns{at: map[role]int{}, styles: map[role]kit.DayStyle{}, headers: headers}
	mapped := map[string]string{}
	if mapping != nil {
		for _, m := range mapping.Columns {
			field, style := styleOf(m.Field)
			if field != "" && !isRole(field) {
				return nil, fmt.Errorf("the mapping puts the column %s into %q, which there is not: use one of %s", m.Header, m.Field, strings.Join(roleNames(), ", "))
			}
			mapped[squeezed(m.Header)], c.styles[role(field)] = field, style
		}
	}
	for i, header := range headers {
		word := squeezed(header)
		if word == "key" || word == "kind" {
			c.ownTable = true
		}
		field, said := mapped[word]
		if said {
			if field != "" {
				c.at[role(field)] = i
			}
			continue
		}
		for _, k := range known {
			if _, taken := c.at[k.role]; !taken && hasWord(k.words, word) {
				c.at[k.role] = i
				c.negated = c.negated || k.role == roleState && word == "disabled"
				break
			}
		}
	}
	return c, nil
}

// styleOf splits a field of a mapping from the style of days behind it, such as granted (month first).
func styleOf(field string) (string, kit.DayStyle) {
	if name, ok := strings.CutSuffix(field, " (day first)"); ok {
		return name, kit.DayFirst
	}
	if name, ok := strings.CutSuffix(field, " (month first)"); ok {
		return name, kit.MonthFirst
	}
	return field, kit.DaysOpen
}

func hasWord(words, word string) bool {
	return word != "" && strings.Contains(" "+words+" ", " "+word+" ")
}

func isRole(name string) bool {
	for _, k := range known {
		if string(k.role) == name {
			return true
		}
	}
	return false
}

func roleNames() []string {
	var out []string
	for _, k := range known {
		out = append(out, string(k.role))
	}
	return out
}

// has reports whether there is a column for a role.
func (c *columns) has(r role) bool { _, ok := c.at[r]; return ok }

// named reports whether a column says which account a row is about.
func (c *columns) named() bool { return c.has(roleAccount) || c.has(roleEmail) || c.has(roleNumber) }

// fits says how likely a table with these headers is one of grants, or of accounts.
func (c *columns) fits() int {
	switch {
	case c.ownTable || !c.named():
		return 0
	case c.has(roleEntitlement) && len(c.at) >= 3:
		return 88
	case c.has(roleEntitlement) && c.has(roleAccount):
		return 83
	case c.has(roleAccount) && (c.has(roleLastSignIn) || c.has(roleSecondFactor)):
		return 83
	}
	return 0
}

// yesOrNo reads a word for yes or no. It reports false where the word is neither.
func yesOrNo(word string) (yes, known bool) {
	switch strings.ToLower(word) {
	case "yes", "y", "true", "1", "x", "ja", "j", "wahr", "enabled", "active", "on", "enforced", "registered", "privileged", "✓":
		return true, true
	case "no", "n", "false", "0", "-", "nein", "falsch", "disabled", "inactive", "off", "none", "not registered", "standard":
		return false, true
	}
	return false, false
}

// stateNamed reads a word for the state of an account.
func stateNamed(word string, negated bool) (model.UserAccountState, error) {
	lower := strings.ToLower(word)
	if yes, known := yesOrNo(word); known {
		if yes != negated {
			return "active", nil
		}
		return "disabled", nil
	}
	switch lower {
	case "live", "ok", "open", "provisioned", "normal", "aktiv", "password_expired", "recovery", "locked_out":
		return "active", nil
	case "suspended", "locked", "blocked", "deactivated", "staged", "expired", "pending", "inaktiv", "gesperrt":
		return "disabled", nil
	case "removed", "deleted", "terminated", "deprovisioned", "closed", "gelöscht":
		return "removed", nil
	}
	return "", fmt.Errorf("%q is no state of an account: write active, disabled or removed", kit.Short(word))
}

// typeNamed reads a word for the sort of an entitlement.
func typeNamed(word string) model.EntitlementType {
	switch strings.ToLower(word) {
	case "group", "gruppe", "security group", "distribution":
		return "group"
	case "role", "rolle", "profile":
		return "role"
	case "licence", "license", "subscription", "lizenz":
		return "licence"
	case "permission", "right", "privilege", "recht", "berechtigung", "entitlement":
		return "permission"
	}
	return ""
}

// accountTypeNamed reads a word for the sort of an account. Words for employees and guests are people.
func accountTypeNamed(word string) model.UserAccountType {
	switch lower := strings.ToLower(word); {
	case strings.Contains(lower, "service"), strings.Contains(lower, "technical"), strings.Contains(lower, "machine"), lower == "bot", lower == "system":
		return "service"
	case strings.Contains(lower, "shared"), lower == "generic", lower == "functional":
		return "shared"
	case strings.Contains(lower, "emergency"), strings.Contains(lower, "break"):
		return "emergency"
	case lower == "person", lower == "personal", lower == "user", lower == "employee", lower == "member", lower == "guest", lower == "contractor", lower == "external":
		return "person"
	}
	return ""
}

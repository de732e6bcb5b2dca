package grants

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const scimName = "scim"

// SCIM reads the users and groups of a directory: resources and lists of SCIM 2.0 (RFC 7643 and 7644), lists of Microsoft Graph and of Okta.
var SCIM = feed.Format{
	Name:  scimName,
	Label: "Users and groups (SCIM, Entra ID, Okta)",
	Help: "Users become accounts of a system, groups, roles and entitlements become entitlements, and memberships become grants. The system is the host that the resources lie on, else what the " +
		"name of the file or of its folder speaks for. Accounts are linked to people by employee number, address or user name.",
	Rank:     60,
	Together: true,
	Detect:   detectSCIM,
	Read:     readSCIM,
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

const urn = "urn:ietf:params:scim:"

func detectSCIM(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return 0
	}
	lower := bytes.ToLower(text[:min(len(text), 16<<10)])
	has := func(words ...string) bool {
		for _, w := range words {
			if !bytes.Contains(lower, []byte(`"`+w+`"`)) {
				return false
			}
		}
		return true
	}
	names := kit.Members(text)
	switch {
	case bytes.Contains(lower, []byte(`"`+urn)) && (text[0] == '[' || len(names) == 0 || names["schemas"] || names["Resources"] || names["request"] || names["response"] || has("schemas")):
		return 95
	case has("value", "userprincipalname"), bytes.Contains(lower, []byte("graph.microsoft.com")) && has("value"):
		return 90
	case has("profile", "login", "status", "id"), has("profile", "name", "objectclass", "id"):
		return 85
	}
	return 0
}

// attr returns a member of an object by its name, whose case does not matter in SCIM.
func attr(n *kit.Node, names ...string) *kit.Node {
	if n == nil || n.Shape != kit.Object {
		return nil
	}
	for _, name := range names {
		for _, member := range n.Items {
			if strings.EqualFold(member.Name, name) && member.Shape != kit.Null {
				return member
			}
		}
	}
	return nil
}

// text returns the first of some members that is a single value, or nothing.
func text(n *kit.Node, names ...string) string {
	for _, name := range names {
		if t := attr(n, name).Plain(); t != "" {
			return t
		}
	}
	return ""
}

// list returns the items of a member that is a list. A single value or object counts as a list of one.
func list(n *kit.Node, names ...string) []*kit.Node {
	switch member := attr(n, names...); {
	case member == nil:
		return nil
	case member.Shape == kit.List:
		return member.Items
	default:
		return []*kit.Node{member}
	}
}

// scimReader reads the resources of one content.
type scimReader struct {
	*directory
	// key is the key of the system, when it is known.
	key    string
	users  []*kit.Node
	groups []*kit.Node
	// isGroup has the identifiers of the groups of the content.
	isGroup map[string]bool
	// left counts resources of other types.
	left int
	// whole says that the content has all users and groups that there are.
	whole bool
}

func readSCIM(ctx context.Context, in feed.Input, b *feed.Batch) error {
	t, err := kit.ReadText(in.Data, b.Limits.Bytes)
	if err != nil {
		return err
	}
	root, err := kit.JSONNodes(t, b.Limits)
	if err != nil {
		return err
	}
	r := &scimReader{directory: newDirectory(b), isGroup: map[string]bool{}, whole: true}
	if err := r.open(root); err != nil {
		return err
	}
	if len(r.users)+len(r.groups) == 0 && r.left > 0 {
		return errors.New("this describes what a SCIM server can do, and not who is in it: export its Users and its Groups")
	}
	if n := len(r.users) + len(r.groups); n > b.Limits.Items {
		return fmt.Errorf("there are %d users and groups; the limit is %d: split the content", n, b.Limits.Items)
	}
	name := r.host()
	if name == "" {
		name = systemNamed(in.Name)
	}
	_, r.key = r.system(name, b.At(root.Line, root.Column, ""))
	b.Source = model.Source{Meta: model.Meta{Key: scimName + ":" + r.key, Name: "Accounts of " + name}, Format: scimName, Describes: "Accounts of " + r.key}
	b.Complete = r.whole && len(r.users) > 0 && len(r.groups) > 0
	for i, n := range r.groups {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r.group(n)
	}
	for i, n := range r.users {
		if i%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r.user(n)
	}
	for _, n := range r.groups {
		r.members(n)
	}
	r.finish()
	b.Count("users", len(r.users))
	b.Count("groups", len(r.groups))
	b.Count("grants", len(r.grants))
	if r.left > 0 {
		b.Note("%d resources are neither users nor groups and were left out.", r.left)
	}
	if !b.Complete {
		b.Note("The content does not have all users and groups of %s, so that nothing becomes stale by it, unless you say that what you import is complete.", r.key)
	}
	return nil
}

// open finds the users and groups in a document: in a list, in a list response, in an answer of a recorded call, or alone.
func (r *scimReader) open(n *kit.Node) error {
	switch {
	case n.Shape == kit.List:
		for _, item := range n.Items {
			r.resource(item)
		}
		return nil
	case n.Shape != kit.Object:
		return errors.New("a user, a group or a list of them is wanted")
	case attr(n, "statusCode") != nil && (attr(n, "response") != nil || attr(n, "request") != nil):
		answer := attr(n, "response")
		if code := text(n, "statusCode"); answer == nil || len(code) != 3 || code[0] != '2' {
			return errors.New("the recorded call has no answer with a user or a group: only the state after a call is read")
		}
		r.whole = false
		return r.open(answer)
	}
	for _, schema := range list(n, "schemas") {
		name := schema.Plain()
		switch message := name[strings.LastIndexByte(name, ':')+1:]; {
		case strings.EqualFold(message, "ListResponse"):
			return r.listed(n)
		case strings.Contains(strings.ToLower(name), ":api:messages:"):
			return fmt.Errorf("this is a SCIM message of the type %s, which asks for something or reports an error: export Users and Groups, as resources or as a ListResponse", message)
		}
	}
	if attr(n, "Resources") != nil || attr(n, "value") != nil && attr(n, "userName", "id") == nil {
		return r.listed(n)
	}
	r.whole = false
	r.resource(n)
	return nil
}

// listed reads a list response, which may be one page of several.
func (r *scimReader) listed(n *kit.Node) error {
	items := list(n, "Resources", "value")
	for _, item := range items {
		r.resource(item)
	}
	if total := text(n, "totalResults", "@odata.count"); total != "" && total != fmt.Sprint(len(items)) || attr(n, "@odata.nextLink") != nil {
		r.whole = false
		r.batch.Note("The list is one page of several: %d of %s resources are in it.", len(items), cmp.Or(total, "more"))
	}
	return nil
}

// resource sorts a resource in.
func (r *scimReader) resource(n *kit.Node) {
	if n.Shape != kit.Object {
		r.batch.Refuse(r.at(n), "an object with the attributes of a user or of a group is wanted")
		return
	}
	kind := strings.ToLower(text(attr(n, "meta"), "resourceType"))
	if kind == "" {
		for _, schema := range list(n, "schemas") {
			s := strings.ToLower(schema.Plain())
			if tail := s[strings.LastIndexByte(s, ':')+1:]; strings.HasPrefix(s, urn) && (kind == "" || tail == "user" || tail == "group") {
				kind = tail
			}
		}
	}
	if kind == "" {
		kind = shape(n)
	}
	switch kind {
	case "user":
		r.users = append(r.users, n)
	case "group":
		r.groups = append(r.groups, n)
		if id := text(n, "id"); id != "" {
			r.isGroup[id] = true
		}
	default:
		r.left++
	}
}

// shape tells a user from a group where nothing says which it is.
func shape(n *kit.Node) string {
	profile := attr(n, "profile")
	odata := strings.ToLower(text(n, "@odata.type"))
	switch {
	case strings.HasSuffix(odata, ".group"), attr(n, "members", "groupTypes", "securityEnabled", "objectClass") != nil, profile != nil && attr(profile, "login", "email") == nil && attr(profile, "name") != nil:
		return "group"
	case strings.HasSuffix(odata, ".user"), attr(n, "userName", "userPrincipalName", "emails", "mail") != nil, attr(profile, "login", "email") != nil:
		return "user"
	case attr(n, "displayName") != nil && attr(n, "name") == nil:
		return "group"
	case attr(n, "name", "id") != nil:
		return "user"
	}
	return ""
}

func (r *scimReader) at(n *kit.Node) feed.Where { return r.batch.At(n.Line, n.Column, "") }

// host returns the host that the resources lie on, where all say the same one.
func (r *scimReader) host() string {
	found := ""
	for _, n := range append(append([]*kit.Node{}, r.groups...), r.users...) {
		u, err := url.Parse(text(attr(n, "meta"), "location"))
		switch {
		case err != nil || u.Host == "":
		case found == "":
			found = u.Hostname()
		case found != u.Hostname():
			return ""
		}
	}
	return found
}

// user proposes an account with its roles, its entitlements and the groups that it says it is in.
func (r *scimReader) user(n *kit.Node) {
	profile := attr(n, "profile")
	name := cmp.Or(text(n, "userName", "userPrincipalName"), text(profile, "login"))
	id := cmp.Or(text(n, "id"), text(n, "externalId"), name)
	if id == "" {
		r.batch.RefuseRecord(r.at(n), "UserAccount", "user_name", "the user has neither an id nor a userName: it could not be known again")
		return
	}
	a, fresh := r.account(r.key, id, cmp.Or(name, id), r.at(n), false)
	if !fresh {
		r.batch.RefuseRecord(r.at(n), a.record.Key, "identifier", fmt.Sprintf("there are two users with the id %q: the first one counts", kit.Short(id)))
		return
	}
	u := a.record
	u.UserName, u.Identifier, u.Name = name, id, fullName(n, profile)
	u.Email = kit.MailAddress(cmp.Or(address(n), text(n, "mail"), text(profile, "email")))
	u.State = stateOf(n)
	u.Opened = dayIn(cmp.Or(text(attr(n, "meta"), "created"), text(n, "createdDateTime", "created")))
	u.LastSignIn = momentIn(cmp.Or(text(attr(n, "signInActivity"), "lastSignInDateTime"), text(n, "lastLogin", "lastSignIn")))
	a.number, a.email = cmp.Or(extension(n, "employeeNumber"), text(n, "employeeId", "employeeNumber"), text(profile, "employeeNumber")), u.Email
	r.has(n, a, "roles", "role")
	r.has(n, a, "entitlements", "permission")
	for _, g := range list(n, "groups") {
		if id := cmp.Or(text(g, "value"), g.Plain()); id != "" && !strings.EqualFold(text(g, "type"), "indirect") {
			e, _ := r.entitlement(r.key, "group", id, text(g, "display"), r.at(g), true)
			r.grant(a, e, r.at(g))
		}
	}
}

// has proposes the roles or the entitlements of a user.
func (r *scimReader) has(n *kit.Node, a *account, attribute string, t model.EntitlementType) {
	for _, item := range list(n, attribute) {
		value, title := item.Plain(), ""
		if item.Shape == kit.Object {
			value, title = text(item, "value"), text(item, "display", "displayName")
		}
		if value = cmp.Or(value, title); value == "" {
			continue
		}
		e, _ := r.entitlement(r.key, t, value, title, r.at(item), false)
		r.grant(a, e, r.at(item))
	}
}

// extension returns an attribute of the enterprise extension.
func extension(n *kit.Node, name string) string {
	for _, member := range n.Items {
		if strings.HasPrefix(strings.ToLower(member.Name), urn+"schemas:extension:") {
			if t := text(member, name); t != "" {
				return t
			}
		}
	}
	return ""
}

// fullName returns what a user is called.
func fullName(n, profile *kit.Node) string {
	name := attr(n, "name")
	return cmp.Or(text(n, "displayName"), text(name, "formatted"), strings.TrimSpace(text(name, "givenName")+" "+text(name, "familyName")), text(profile, "displayName"), strings.TrimSpace(text(profile, "firstName")+" "+text(profile, "lastName")))
}

// address returns the primary mail address of a user, else that for work, else the first.
func address(n *kit.Node) string {
	best, most := "", 0
	for _, item := range list(n, "emails") {
		score := 1
		if strings.EqualFold(text(item, "type"), "work") {
			score = 2
		}
		if text(item, "primary") == "true" {
			score = 3
		}
		if value := cmp.Or(text(item, "value"), item.Plain()); value != "" && score > most {
			best, most = value, score
		}
	}
	return best
}

// stateOf returns whether a user can sign in. Where nothing says so, a user of SCIM can.
func stateOf(n *kit.Node) model.UserAccountState {
	switch word := strings.ToLower(cmp.Or(text(n, "active", "accountEnabled"), text(n, "status"))); word {
	case "":
		return ""
	case "false", "suspended", "staged":
		return "disabled"
	case "deprovisioned":
		return "removed"
	}
	return "active"
}

// dayIn returns the day of a moment as directories write it, or none.
func dayIn(text string) model.Date {
	t, err := model.ParseTime(text)
	if err != nil || t.Time().Year() < 1970 {
		return 0
	}
	return t.Date()
}

// momentIn returns a moment as directories write it, or none.
func momentIn(text string) model.Time {
	t, err := model.ParseTime(text)
	if err != nil || t.Time().Year() < 1970 {
		return 0
	}
	return t
}

// groupID returns the identifier of a group.
func groupID(n *kit.Node) string {
	return cmp.Or(text(n, "id"), text(n, "externalId"), text(n, "displayName"), text(attr(n, "profile"), "name"))
}

// group proposes a group.
func (r *scimReader) group(n *kit.Node) {
	id := groupID(n)
	if id == "" {
		r.batch.RefuseRecord(r.at(n), "Entitlement", "identifier", "the group has neither an id nor a displayName: it could not be known again")
		return
	}
	e, fresh := r.entitlement(r.key, "group", id, cmp.Or(text(n, "displayName"), text(attr(n, "profile"), "name")), r.at(n), false)
	if !fresh {
		r.batch.RefuseRecord(r.at(n), e.Key, "identifier", fmt.Sprintf("there are two groups with the id %q: the first one counts", kit.Short(id)))
		return
	}
	e.Description = cmp.Or(text(n, "description"), text(attr(n, "profile"), "description"))
}

// members proposes the grants of the members of a group. A group that is a member brings the group with it.
func (r *scimReader) members(n *kit.Node) {
	id := groupID(n)
	if id == "" {
		return
	}
	parent, _ := r.entitlement(r.key, "group", id, "", r.at(n), true)
	for _, m := range list(n, "members") {
		member, ref := cmp.Or(text(m, "value"), text(m, "id"), m.Plain()), text(m, "$ref")
		if member == "" {
			member = ref[strings.LastIndexByte(ref, '/')+1:]
		}
		kind := strings.ToLower(cmp.Or(text(m, "type"), text(m, "@odata.type")))
		display := text(m, "display", "displayName", "userPrincipalName")
		switch {
		case member == "":
			r.batch.Refuse(r.at(m), "a member of the group %s has no value: it names nobody", parent.Title())
		case strings.HasSuffix(kind, "group"), r.isGroup[member], kind == "" && strings.Contains(strings.ToLower(ref), "/groups/"):
			child, _ := r.entitlement(r.key, "group", member, display, r.at(m), true)
			r.includes(r.key, child, parent)
		default:
			a, fresh := r.account(r.key, member, cmp.Or(display, member), r.at(m), true)
			if fresh {
				// What a group calls its members is not what the directory calls them, so that it becomes no name.
				a.record.Identifier = member
			}
			r.grant(a, parent, r.at(m))
		}
	}
}

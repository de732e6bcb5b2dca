package scim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/api/scim"
	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
)

// desk is a house with a provisioning system at its door.
type desk struct {
	*doortest.World
	t     *testing.T
	h     http.Handler
	token string
}

func open(t *testing.T) *desk {
	t.Helper()
	w := doortest.Open(t)
	w.First()
	return &desk{w, t, scim.Handler(w.House), token(t, w, "provision")}
}

func token(t *testing.T, w *doortest.World, scope model.TokenScope) string {
	t.Helper()
	ada := *w.Principal("ada")
	ada.Session, ada.Proved = "test", w.Now()
	secret, err := w.Access.NewToken(t.Context(), &ada, "for a test", scope, w.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

type object = map[string]any

// do makes a request and returns the status and the body. Headers are pairs.
func (d *desk) do(method, path string, body any, headers ...string) (int, object, http.Header) {
	d.t.Helper()
	var text string
	switch b := body.(type) {
	case nil:
	case string:
		text = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			d.t.Fatal(err)
		}
		text = string(raw)
	}
	r := httptest.NewRequest(method, "http://binnacle.example"+scim.Prefix+path, strings.NewReader(text))
	r.Header.Set("Authorization", "Bearer "+d.token)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	d.h.ServeHTTP(w, r)
	var out object
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			d.t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
		if ct := w.Header().Get("Content-Type"); !strings.HasPrefix(ct, "application/scim+json") {
			d.t.Errorf("%s %s is %q", method, path, ct)
		}
	}
	if w.Code >= 400 && out["status"] != fmt.Sprint(w.Code) {
		d.t.Errorf("%s %s: the error is %v", method, path, out)
	}
	return w.Code, out, w.Header()
}

// want makes a request that must have a status, and returns the body.
func (d *desk) want(status int, method, path string, body any, headers ...string) object {
	d.t.Helper()
	got, out, _ := d.do(method, path, body, headers...)
	if got != status {
		d.t.Fatalf("%s %s: %d instead of %d: %v", method, path, got, status, out)
	}
	return out
}

// make makes a user and returns its id.
func (d *desk) make(userName string) string {
	d.t.Helper()
	return d.want(201, "POST", "/Users", object{"userName": userName})["id"].(string)
}

func (d *desk) account(id string) *model.Account {
	ref, _ := model.ParseID(id)
	a, _ := d.Store.Snapshot().Get(model.Ref(ref)).(*model.Account)
	return a
}

// sample reads a file of the samples.
func sample(t *testing.T, path string, into any) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("../../../shared/data/13-scim", path))
	if err != nil {
		t.Skip("the samples are not here: ", err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// exchange is a request with its answer, as the samples of providers have them.
type exchange struct {
	Request    object
	Response   object
	Method     string
	Path       string
	StatusCode int
}

// equal compares what an answer must have. What a server chooses by itself is not compared.
func equal(t *testing.T, name string, got, want object) {
	t.Helper()
	for key, w := range want {
		switch key {
		case "id", "meta", "schemas", "roles", "groups", "locale", "itemsPerPage", "Resources":
			continue
		}
		if w == nil && got[key] == nil {
			continue
		}
		if diff := cmp.Diff(w, got[key]); diff != "" {
			t.Errorf("%s: %s (-sample +here):\n%s", name, key, diff)
		}
	}
}

// TestAzure plays what the directory of Azure sends.
func TestAzure(t *testing.T) {
	d := open(t)
	play := func(file, path string) object {
		var x exchange
		sample(t, "idp-azuread-okta/azuread/"+file, &x)
		got := d.want(x.StatusCode, x.Method, path, x.Request)
		if x.Method == "PATCH" {
			// The samples are of several users.
			delete(x.Response, "externalId")
		}
		equal(t, file, got, x.Response)
		return got
	}
	created := play("create_user.json", "/Users")
	id := created["id"].(string)
	byName := d.want(200, "GET", "/Users?filter=userName+eq+%22"+strings.ToUpper(created["userName"].(string))+"%22", nil)
	if byName["totalResults"] != 1.0 {
		t.Errorf("by name: %v", byName)
	}
	play("get_user_query_0.json", "/Users?filter=userName+eq+%22non-existent+user%22")
	group := play("create_group.json", "/Groups")["id"].(string)
	var x exchange
	sample(t, "idp-azuread-okta/azuread/update_group.json", &x)
	raw, _ := json.Marshal(x.Request)
	got := d.want(200, "PATCH", "/Groups/"+group, strings.ReplaceAll(string(raw), "f648f8d5ea4e4cd38e9c", id))
	if got["members"] != nil || got["displayName"] != x.Response["displayName"] {
		t.Errorf("added and removed: %v", got)
	}
	got = d.want(200, "GET", "/Groups?filter=displayName+eq+%22"+x.Response["displayName"].(string)+"%22&excludedAttributes=members", nil)
	if got["totalResults"] != 1.0 {
		t.Errorf("the group by name: %v", got)
	}
	play("update_user.json", "/Users/"+id)
	if a := d.account(id); a.State != "disabled" || a.FamilyName != "updatedFamilyName" || a.Email != "updatedEmail@microsoft.com" {
		t.Errorf("the account is %+v", a)
	}
	// What this provider writes when nobody has told it otherwise: truth as text.
	got = d.want(200, "PATCH", "/Users/"+id, object{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}, "Operations": []object{{"op": "Add", "path": "active", "value": "True"},
		{"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "value": "77"}, {"op": "Replace", "value": object{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber": "78", "name.givenName": "Greta"}},
		{"op": "Add", "path": "addresses[type eq \"work\"].formatted", "value": "x"}, {"op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "5"}}})
	want := object{"active": true, "name": object{"givenName": "Greta", "familyName": "updatedFamilyName", "formatted": "Greta updatedFamilyName"},
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": object{"employeeNumber": "78"}, "phoneNumbers": []any{object{"value": "5", "type": "work", "primary": true}}}
	equal(t, "the dialect", got, want)
}

// TestOkta plays what Okta sends.
func TestOkta(t *testing.T) {
	d := open(t)
	play := func(file, path string, change func(string) string) object {
		var x exchange
		sample(t, "idp-azuread-okta/okta/"+file, &x)
		raw, _ := json.Marshal(x.Request)
		var body any
		if x.Request != nil {
			body = change(string(raw))
		}
		return d.want(x.StatusCode, x.Method, path, body)
	}
	same := func(s string) string { return s }
	if got := play("user_exists.json", "/Users?filter=userName+eq+%22test.user%40okta.local%22&startIndex=1&count=100", same); got["totalResults"] != 0.0 {
		t.Errorf("nobody is there yet: %v", got)
	}
	user := play("create_user.json", "/Users", same)
	id := user["id"].(string)
	if user["displayName"] != "Test User" || user["externalId"] != "00ujl29u0le5T6Aj10h7" || user["password"] != nil {
		t.Errorf("the user is %v", user)
	}
	got := play("update_user.json", "/Users/"+id, same)
	if name := got["name"].(object); name["givenName"] != "Another" || name["formatted"] != "Another User" {
		t.Errorf("put: %v", got)
	}
	other := d.make("other@okta.local")
	group := play("create_group.json", "/Groups", same)["id"].(string)
	ids := strings.NewReplacer("23a35c27-23d3-4c03-b4c5-6443c09e7173", id, "89bb1940-b905-4575-9e7f-6f887cfb368e", other, "abf4dd94-a4c0-4f67-89c9-76b03340cb9b", group)
	got = play("update_group_membership.json", "/Groups/"+group, ids.Replace)
	if len(got["members"].([]any)) != 2 {
		t.Errorf("the members are %v", got["members"])
	}
	if got = play("update_group_name.json", "/Groups/"+group, ids.Replace); got["displayName"] != "Test SCIMv2" {
		t.Errorf("the name is %v", got)
	}
	if got = play("update_user_patch.json", "/Users/"+id, ids.Replace); got["active"] != false || d.account(id).State != "disabled" {
		t.Errorf("not active: %v", got)
	}
}

// TestSamplesOfTheStandard plays the requests of RFC 7643 and RFC 7644.
func TestSamplesOfTheStandard(t *testing.T) {
	const dir = "rfc-samples/"
	full := func(d *desk) string {
		var u object
		sample(t, dir+"rfc7643-8.3-enterprise_user.json", &u)
		delete(u["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"].(object), "manager")
		return d.want(201, "POST", "/Users", u)["id"].(string)
	}
	t.Run("users", func(t *testing.T) {
		d := open(t)
		id := full(d)
		got := d.want(200, "GET", "/Users/"+id, nil)
		equal(t, "full user", got, object{"userName": "bjensen@example.com", "externalId": "701984", "displayName": "Babs Jensen", "title": "Tour Guide", "active": true,
			"name":   object{"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
			"emails": []any{object{"value": "bjensen@example.com", "type": "work", "primary": true}}, "phoneNumbers": []any{object{"value": "555-555-5555", "type": "work", "primary": true}}})
		var put object
		sample(t, dir+"rfc7644-3.5.1-user-put_request.json", &put)
		got = d.want(200, "PUT", "/Users/"+id, put)
		if got["userName"] != "bjensen" || got["displayName"] != "Ms. Barbara J Jensen III" || got["title"] != nil {
			t.Errorf("put: %v", got)
		}
		var min object
		sample(t, dir+"rfc7644-3.3-user-post_request.json", &min)
		if min["userName"] = "someone-else"; true {
			min["externalId"] = "other"
			d.want(201, "POST", "/Users", min)
		}
	})
	t.Run("patches of users", func(t *testing.T) {
		for file, email := range map[string]string{"3.5.2.1-patch_op-add_emails": "bjensen@example.com", "3.5.2.3-patch_op-replace_all_email_values": "bjensen@example.com",
			"3.5.2.2-patch_op-remove_multi_complex_value": "", "3.5.2.3-patch_op-replace_street_address": "bjensen@example.com", "3.5.2.3-patch_op-replace_user_work_address": "bjensen@example.com"} {
			d := open(t)
			id := full(d)
			var p object
			sample(t, dir+"rfc7644-"+file+".json", &p)
			d.want(200, "PATCH", "/Users/"+id, p)
			if got := d.account(id).Email; got != email {
				t.Errorf("%s: the address is %q", file, got)
			}
		}
	})
	t.Run("patches of groups", func(t *testing.T) {
		for file, want := range map[string]int{"3.5.2.1-patch_op-add_members": 2, "3.5.2.2-patch_op-remove_all_members": 0, "3.5.2.2-patch_op-remove_one_member": 0,
			"3.5.2.2-patch_op-remove_and_add_one_member": 1, "3.5.2.3-patch_op-replace_all_members": 2} {
			d := open(t)
			babs, james := d.make("babs"), d.make("james")
			first := babs
			if strings.Contains(file, "add_members") {
				first = james
			}
			group := d.want(201, "POST", "/Groups", object{"displayName": "Guides", "members": []object{{"value": first}}})["id"].(string)
			var p object
			sample(t, dir+"rfc7644-"+file+".json", &p)
			raw, _ := json.Marshal(p)
			ids := strings.NewReplacer("2819c223-7f76-453a-919d-413861904646", babs, "2819c223...919d-413861904646", babs, "2819c223-7f76-...413861904646", babs, "2819c223...413861904646", babs,
				"08e1d05d-121c-4561-8b96-473d93df9210", james, "08e1d05d...473d93df9210", james)
			got := d.want(200, "PATCH", "/Groups/"+group, ids.Replace(string(raw)))
			members, _ := got["members"].([]any)
			if len(members) != want {
				t.Errorf("%s leaves %v", file, got["members"])
			}
		}
	})
	t.Run("bulk", func(t *testing.T) {
		d := open(t)
		statuses := func(file string) string {
			var b object
			sample(t, dir+"rfc7644-"+file+".json", &b)
			var out []string
			for _, o := range d.want(200, "POST", "/Bulk", b)["Operations"].([]any) {
				out = append(out, o.(object)["status"].(string))
			}
			return strings.Join(out, " ")
		}
		if got := statuses("3.7.2-bulk_request-temporary_identifier"); got != "201 201" {
			t.Error(got)
		}
		if got := d.want(200, "GET", "/Groups", nil)["Resources"].([]any)[0].(object)["members"].([]any); got[0].(object)["display"] == "" {
			t.Error(got)
		}
		if got := statuses("3.7.1-bulk_request-circular_conflict"); got != "409 409" {
			t.Error(got)
		}
		if got := statuses("3.7.2-bulk_request-enterprise_user"); got != "409 409" {
			t.Errorf("Alice is there: %s", got)
		}
	})
	t.Run("elimity", func(t *testing.T) {
		d := open(t)
		id := d.make("babs")
		for _, file := range []string{"attributes", "complex"} {
			var p object
			sample(t, "elimity-patch/patch/add/"+file+".json", &p)
			d.want(200, "PATCH", "/Users/"+id, p)
		}
		if a := d.account(id); a.Email != "babs@jensen.org" || a.GivenName != "Barbara" || a.FamilyName != "Jensen" {
			t.Errorf("%+v", a)
		}
	})
}

// TestWhatTheServerTells about itself has the form of the standard.
func TestWhatTheServerTells(t *testing.T) {
	d := open(t)
	var sampled object
	sample(t, "rfc-samples/rfc7643-8.5-service_provider_configuration.json", &sampled)
	config := d.want(200, "GET", "/ServiceProviderConfig", nil)
	for key := range sampled {
		if key != "documentationUri" && config[key] == nil {
			t.Errorf("the configuration has no %s", key)
		}
	}
	if n := d.want(200, "GET", "/Schemas", nil)["totalResults"]; n != 3.0 {
		t.Errorf("%v schemas", n)
	}
	d.want(200, "GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", nil)
	d.want(404, "GET", "/Schemas/urn:none", nil)
	d.want(200, "GET", "/ResourceTypes/User", nil)
	d.want(403, "GET", "/Schemas?filter=id+pr", nil)
	d.want(501, "GET", "/Me", nil)
	d.want(404, "GET", "/Nothing", nil)
}

// TestLists has filters, order, pages and chosen attributes.
func TestLists(t *testing.T) {
	d := open(t)
	for i := range 12 {
		d.want(201, "POST", "/Users", object{"userName": fmt.Sprintf("user%02d", i), "displayName": fmt.Sprintf("Person %c", 'Z'-i), "active": i%2 == 0, "emails": []object{{"value": fmt.Sprintf("u%d@example.com", i)}}})
	}
	got := d.want(200, "GET", `/Users?filter=userName+sw+"user"&sortBy=displayName&startIndex=3&count=2&attributes=displayName`, nil)
	want := []any{object{"displayName": "Person Q"}, object{"displayName": "Person R"}}
	for _, r := range got["Resources"].([]any) {
		delete(r.(object), "id")
		delete(r.(object), "schemas")
	}
	if diff := cmp.Diff(want, got["Resources"]); diff != "" || got["totalResults"] != 12.0 || got["startIndex"] != 3.0 || got["itemsPerPage"] != 2.0 {
		t.Errorf("%v %s", got, diff)
	}
	got = d.want(200, "POST", "/Users/.search", object{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:SearchRequest"}, "filter": `active eq false`, "sortBy": "userName", "sortOrder": "descending", "count": 1, "excludedAttributes": []string{"emails", "name"}})
	first := got["Resources"].([]any)[0].(object)
	if got["totalResults"] != 6.0 || first["userName"] != "user11" || first["emails"] != nil {
		t.Errorf("%v", got)
	}
	if got = d.want(200, "GET", "/Users?count=0", nil); got["totalResults"] != 13.0 || len(got["Resources"].([]any)) != 0 {
		t.Errorf("count 0: %v", got)
	}
	if got = d.want(200, "GET", "/Users?startIndex=1000&count=-5", nil); len(got["Resources"].([]any)) != 0 {
		t.Errorf("behind the end: %v", got)
	}
	if got = d.want(400, "GET", "/Users?filter=userName+is+5", nil); got["scimType"] != "invalidFilter" {
		t.Errorf("%v", got)
	}
	d.want(200, "POST", "/.search", object{"filter": `displayName sw "smith"`})
}

// TestErrors has the words of the standard.
func TestErrors(t *testing.T) {
	d := open(t)
	id := d.make("grace")
	group := d.want(201, "POST", "/Groups", object{"displayName": "G"})["id"].(string)
	for _, c := range []struct {
		status             int
		kind, method, path string
		body               any
	}{
		{409, "uniqueness", "POST", "/Users", object{"userName": "GRACE"}},
		{400, "invalidValue", "POST", "/Users", object{}},
		{400, "invalidValue", "POST", "/Users", object{"userName": "x", "emails": []object{{"value": "no address"}}}},
		{400, "invalidValue", "POST", "/Users", object{"userName": "x", "active": "maybe"}},
		{400, "invalidValue", "POST", "/Users", object{"userName": object{}}},
		{400, "invalidSyntax", "POST", "/Users", "{"},
		{400, "invalidSyntax", "POST", "/Users", "[]"},
		{413, "", "POST", "/Users", `{"userName":"` + strings.Repeat("x", 2<<20) + `"}`},
		{404, "", "GET", "/Users/nobody", nil},
		{404, "", "GET", "/Users/" + group, nil},
		{404, "", "DELETE", "/Groups/" + id, nil},
		{400, "mutability", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "replace", "path": "id", "value": "x"}}}},
		{400, "mutability", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "add", "path": "groups", "value": []object{{"value": group}}}}}},
		{400, "noTarget", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "remove"}}}},
		{400, "noTarget", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "replace", "path": `emails[value co "x"].value`, "value": "a@b.example"}}}},
		{400, "invalidPath", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "replace", "path": "emails[", "value": "x"}}}},
		{400, "invalidPath", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "replace", "path": "break_glass", "value": true}}}},
		{400, "invalidSyntax", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "jump", "path": "title"}}}},
		{400, "invalidSyntax", "PATCH", "/Users/" + id, object{}},
		{400, "invalidValue", "PATCH", "/Users/" + id, object{"Operations": []object{{"op": "remove", "path": "userName"}}}},
		{400, "invalidValue", "PATCH", "/Groups/" + group, object{"Operations": []object{{"op": "add", "path": "members", "value": []object{{"value": "nobody"}}}}}},
		{400, "invalidValue", "PATCH", "/Groups/" + group, object{"Operations": []object{{"op": "add", "path": "members", "value": []object{{"value": group, "type": "Group"}}}}}},
	} {
		if got := d.want(c.status, c.method, c.path, c.body); c.kind != "" && got["scimType"] != c.kind {
			t.Errorf("%s %s %v: %v", c.method, c.path, c.body, got)
		}
	}
}

// TestVersions: who has not seen the last version changes nothing.
func TestVersions(t *testing.T) {
	d := open(t)
	id := d.make("grace")
	_, _, h := d.do("GET", "/Users/"+id, nil)
	tag := h.Get("ETag")
	rename := object{"Operations": []object{{"op": "replace", "path": "displayName", "value": "Grace"}}}
	if code, _, _ := d.do("GET", "/Users/"+id, nil, "If-None-Match", tag); code != 304 {
		t.Errorf("unchanged: %d", code)
	}
	d.want(200, "PATCH", "/Users/"+id, rename, "If-Match", tag)
	d.want(412, "PATCH", "/Users/"+id, rename, "If-Match", tag)
	d.want(412, "DELETE", "/Users/"+id, nil, "If-Match", tag)
	d.want(200, "PATCH", "/Users/"+id, rename, "If-Match", "*")
}

// TestASVS7_4_2_LeaversAreOutAtOnce: active=false and DELETE end sessions and tokens, and history stays.
func TestASVS7_4_2_LeaversAreOutAtOnce(t *testing.T) {
	for _, how := range []string{"active", "delete"} {
		d := open(t)
		id := d.want(201, "POST", "/Users", object{"userName": "grace", "externalId": "g1", "name": object{"formatted": "Grace Stern"}, "emails": []object{{"value": "grace@example.com"}}})["id"].(string)
		again := d.want(200, "POST", "/Users", object{"userName": "grace", "externalId": "g1", "displayName": "G"})
		if again["id"] != id {
			t.Errorf("the same once more made another: %v", again)
		}
		group := d.want(201, "POST", "/Groups", object{"displayName": "G", "members": []object{{"value": id}}})["id"].(string)
		ref := d.account(id).Ref()
		session, err := d.Access.Begin(t.Context(), ref, "192.0.2.1", "test", "test")
		if err != nil {
			t.Fatal(err)
		}
		p, err := d.Access.Session(t.Context(), session)
		if err != nil {
			t.Fatal(err)
		}
		personal, err := d.Access.NewToken(t.Context(), p, "hers", "read", d.Now().Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if how == "active" {
			d.want(200, "PATCH", "/Users/"+id, object{"Operations": []object{{"op": "replace", "value": object{"active": false}}}})
		} else {
			d.want(204, "DELETE", "/Users/"+id, nil)
			d.want(404, "GET", "/Users/"+id, nil)
			if got := d.want(200, "GET", "/Groups/"+group, nil); got["members"] != nil {
				t.Errorf("still in the group: %v", got)
			}
			if fresh := d.make("grace"); fresh == id {
				t.Error("the removed account came back")
			}
		}
		if _, err := d.Access.Session(t.Context(), session); err == nil {
			t.Errorf("%s: the session lives", how)
		}
		if _, err := d.Access.Token(t.Context(), personal); err == nil {
			t.Errorf("%s: the token lives", how)
		}
		if how == "active" {
			d.want(200, "PATCH", "/Users/"+id, object{"Operations": []object{{"op": "replace", "value": object{"active": true}}}})
			if _, err := d.Access.Token(t.Context(), personal); err == nil {
				t.Error("the token came back with the account")
			}
			if _, err := d.Access.Session(t.Context(), session); err == nil {
				t.Error("the session came back with the account")
			}
		}
		ada := d.Principal("ada")
		if h, err := d.House.History(t.Context(), ada, ref, 0, 10); err != nil || len(h) < 3 {
			t.Errorf("%s: the history has %d entries: %v", how, len(h), err)
		}
	}
}

// TestWhoMayProvision: a token of the scope alone, and it opens nothing else.
func TestWhoMayProvision(t *testing.T) {
	d := open(t)
	glass := &model.Account{UserName: "glass", State: "active", BreakGlass: true}
	glass.Key = "glass"
	d.Put(glass)
	good := d.token
	cookie, err := d.Access.Begin(t.Context(), d.Principal("ada").Account.Ref(), "192.0.2.1", "test", "test")
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"nothing": "", "nonsense": "bnc_x", "a session": cookie, "read": token(t, d.World, "read"), "write": token(t, d.World, "write"), "approve": token(t, d.World, "approve")} {
		d.token = secret
		code, _, h := d.do("GET", "/Users", nil, "Cookie", "binnacle="+cookie)
		if code != 401 && code != 403 || code == 401 && h.Get("WWW-Authenticate") == "" {
			t.Errorf("%s opens the door: %d", name, code)
		}
	}
	d.token = good
	d.want(404, "GET", "/Users/"+glass.ID.String(), nil)
	d.want(404, "DELETE", "/Users/"+glass.ID.String(), nil)
	if got := d.want(200, "GET", "/Users", nil); got["totalResults"] != 1.0 {
		t.Errorf("the account for emergencies is told: %v", got)
	}
	p, err := d.Access.Token(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.House.Look(t.Context(), p, door.Moment{})
	if err != nil || v.Count("Account") > 1 || v.Count("Person") != 0 {
		t.Errorf("the token sees %d accounts and %d people elsewhere: %v", v.Count("Account"), v.Count("Person"), err)
	}
	// Mass assignment: the last administrator cannot be switched off, and roles cannot be given.
	ada := d.Principal("ada").Account
	d.want(400, "PATCH", "/Users/"+ada.ID.String(), object{"Operations": []object{{"op": "replace", "path": "active", "value": false}}})
	d.want(200, "PUT", "/Users/"+ada.ID.String(), object{"userName": "ada", "roles": []object{{"value": "cio"}}, "break_glass": true, "state": "disabled"})
	if a := d.account(ada.ID.String()); len(a.Roles) != len(ada.Roles) || a.BreakGlass || a.State != "active" {
		t.Errorf("%+v", a)
	}
	after := model.Clone(d.account(ada.ID.String()))
	after.Roles = nil
	change, _ := model.Difference(d.Store.Snapshot().Schema().Kind("Account"), d.account(ada.ID.String()), after)
	if _, err := d.House.Provision(t.Context(), p, "try", []model.Change{change}); err == nil {
		t.Error("roles are provisioned")
	}
	app := &model.Application{}
	app.Key, app.ID = "x", d.House.NewID()
	change, _ = model.Difference(d.Store.Snapshot().Schema().Kind("Application"), nil, app)
	if _, err := d.House.Provision(t.Context(), p, "try", []model.Change{change}); err == nil {
		t.Error("applications are provisioned")
	}
}

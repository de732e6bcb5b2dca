package imports_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/store"
	"binnacle/web/frame"
	"binnacle/web/imports"
)

// browser is somebody who is signed in.
type browser struct {
	t      *testing.T
	client *http.Client
	base   string
}

// site opens the pages over a house and returns the browser of the first person, who administers and is CIO.
func site(t *testing.T, w *doortest.World) *browser {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	imports.Mount(s)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &browser{t: t, client: signedIn(t, server.URL, w.First("cio")), base: server.URL}
}

func signedIn(t *testing.T, base, secret string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(base)
	jar.SetCookies(u, []*http.Cookie{{Name: frame.SessionCookie, Value: secret, Path: "/"}})
	return &http.Client{Jar: jar}
}

func (b *browser) read(resp *http.Response, err error) (status int, where, body string) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, resp.Request.URL.RequestURI(), string(raw)
}

func (b *browser) get(path string) (int, string) {
	b.t.Helper()
	status, _, body := b.read(b.client.Get(b.base + path))
	return status, body
}

func (b *browser) post(path string, form url.Values) (int, string, string) {
	b.t.Helper()
	return b.read(b.client.PostForm(b.base+path, form))
}

type file struct{ name, text string }

// upload drops files and returns the address and the page of the preview.
func (b *browser) upload(files ...file) (int, string, string) {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for _, f := range files {
		part, err := w.CreateFormFile("files", f.name)
		if err != nil {
			b.t.Fatal(err)
		}
		io.WriteString(part, f.text)
	}
	w.Close()
	return b.settled(b.read(b.client.Post(b.base+"/imports", w.FormDataContentType(), &form)))
}

// settled loads a page again until it no longer waits.
func (b *browser) settled(status int, where, body string) (int, string, string) {
	b.t.Helper()
	for range 200 {
		if !strings.Contains(body, "data-poll=") {
			break
		}
		time.Sleep(25 * time.Millisecond)
		status, where, body = b.read(b.client.Get(b.base + where))
	}
	return status, where, body
}

func (b *browser) contains(body string, parts ...string) {
	b.t.Helper()
	for _, p := range parts {
		if !strings.Contains(body, p) {
			b.t.Errorf("the page does not say %q:\n%s", p, main(body))
		}
	}
}

// main returns the text of the page without the frame and the tags.
func main(body string) string {
	if i := strings.Index(body, `<main id="main"`); i >= 0 {
		body = body[i:]
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(body, " ")), " ")
}

const hosts = "hostname,serial number,RAM (GB)\nweb-1,S1,16\nweb-2,S2,lots\nweb-3,S3,32\n"

func TestAFileIsShownThenChosenFromThenImportedThenUndone(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	status, where, body := b.upload(file{"hosts.csv", hosts})
	if status != 200 || w.Store.View().Count("Host") != 0 {
		t.Fatalf("%d %s: %s", status, where, main(body))
	}
	b.contains(main(body), "Table (CSV or XLSX)", "2 changes would be made", "Refused 1", "Host/web-1", "S1")
	_, refused := b.get(where + "?show=refused")
	b.contains(main(refused), "hosts.csv, line 3, column", "memory", "lots")
	_, table := b.get(where + "/refused.csv")
	b.contains(table, "file,line,column,place,record,field,reason", "hosts.csv,3,")
	_, where, body = b.post(where+"/choice", url.Values{"shown": {"Host/web-1", "Host/web-3"}, "take": {"Host/web-3"}})
	b.contains(main(body), "1 change would be made, 1 left out")
	status, where, body = b.settled(b.post(strings.SplitN(where, "?", 2)[0]+"/choice", url.Values{"shown": {"Host/web-1", "Host/web-3"}, "take": {"Host/web-3"}, "commit": {"1"}}))
	if status != 200 || w.Store.View().Find("Host", "web-3") == nil || w.Store.View().Find("Host", "web-1") != nil || w.Store.View().Find("Host", "web-2") != nil {
		t.Fatalf("%d: %s", status, main(body))
	}
	entry := w.Store.Snapshot().Stamp()
	b.contains(body, fmt.Sprintf(`action="/history/%d/undo"`, entry.Seq), "hosts.csv, line 3", "Left out")
	if _, err := w.Undo(t.Context(), w.Principal("ada"), entry.Seq, "", false); err != nil || w.Store.View().Find("Host", "web-3") != nil {
		t.Errorf("the import cannot be undone: %v", err)
	}
	status, _, body = b.post(where+"/choice", url.Values{"commit": {"1"}})
	if status != 400 {
		t.Errorf("a second time: %d %s", status, main(body))
	}
	_, body = b.get("/imports")
	b.contains(main(body), "hosts.csv", "Done", "sheet:hosts")
}

func TestOthersDoNotSeeAnUpload(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	_, where, _ := b.upload(file{"hosts.csv", hosts})
	w.As("eve", "", "cio")
	p := w.Principal("eve")
	if _, err := w.Shelf(t.Context(), p, "imports", strings.TrimPrefix(where, "/imports/")); err == nil {
		t.Error("another account gets the upload")
	}
	w.Advance(61 * time.Minute)
	if all, err := w.ShelfAll(t.Context(), w.Principal("ada"), "imports.files"); len(all) != 0 || err != nil {
		t.Errorf("after an hour %d pieces are kept, %v", len(all), err)
	}
}

func TestWhoMayNotImportIsTurnedAway(t *testing.T) {
	w := doortest.Open(t)
	s := frame.New(w.House, frame.Options{})
	imports.Mount(s)
	server := httptest.NewServer(s)
	defer server.Close()
	secret := w.First()
	b := &browser{t: t, client: signedIn(t, server.URL, secret), base: server.URL}
	account := model.Clone(w.Store.Snapshot().Find("Account", "ada").(*model.Account))
	account.Roles = []model.Ref{w.Store.Snapshot().Find("Role", "employee").Base().Ref()}
	w.As("boss", "", "administrator")
	change, _ := model.Difference(w.Store.Snapshot().Schema().Kind("Account"), w.Store.Snapshot().Find("Account", "ada"), account)
	if _, err := w.Store.Commit(t.Context(), store.Tx{Who: "test", Source: model.PersonSource, Changes: []model.Change{change}}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/imports", "/feeds", "/feeds/new"} {
		if status, body := b.get(path); status != 403 {
			t.Errorf("%s: %d %s", path, status, main(body))
		}
	}
	if status, _, _ := b.upload(file{"hosts.csv", hosts}); status != 403 {
		t.Errorf("the upload: %d", status)
	}
}

func TestColumnsAreMappedAndTheMappingIsRemembered(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	table := file{"rechner.csv", "Rechnername,Seriennummer,Bemerkung\nweb-1,S1,none\n"}
	_, where, body := b.upload(table)
	b.contains(body, "say what the rows are", "Seriennummer", "S1")
	_, where, body = b.settled(b.post(where+"/columns", url.Values{"content": {"rechner.csv"}, "kind": {"Host"}, "was": {""}}))
	b.contains(body, `name="field-1"`, `<option value="serial"`)
	_, where, body = b.settled(b.post(where+"/columns", url.Values{"content": {"rechner.csv"}, "kind": {"Host"}, "was": {"Host"}, "save": {"rechner"},
		"header-0": {"Rechnername"}, "field-0": {"key"}, "header-1": {"Seriennummer"}, "field-1": {"serial"}, "header-2": {"Bemerkung"}, "field-2": {"-"}}))
	b.contains(main(body), "1 change would be made", "Host/web-1", "mapping rechner")
	b.post(where+"/drop", nil)
	_, _, body = b.upload(file{"neu.csv", "Rechnername,Seriennummer,Bemerkung\nweb-7,S7,x\n"})
	b.contains(main(body), "1 change would be made", "Host/web-7", "mapping rechner")
}

func TestArchivesAreTakenApartAndBadFilesAreNamed(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, text := range map[string]string{"a/hosts.csv": hosts, "readme.txt": "hello there"} {
		f, _ := z.Create(name)
		io.WriteString(f, text)
	}
	z.Close()
	var evil bytes.Buffer
	z = zip.NewWriter(&evil)
	f, _ := z.Create("../../etc/hosts.csv")
	io.WriteString(f, hosts)
	z.Close()
	_, where, body := b.upload(file{"all.zip", packed.String()}, file{"photo.png", "\x89PNG\r\n\x1a\n\x00\x00"}, file{"evil.zip", evil.String()}, file{`..\..\<b>x</b>.csv`, hosts})
	b.contains(main(body), "all.zip/a/hosts.csv", "photo.png", "evil.zip")
	if strings.Contains(body, "<b>x</b>") {
		t.Error("the name of a file is written as it is")
	}
	_, body = b.get(where + "?show=refused")
	b.contains(main(body), "leads out of the archive", "not a format that Binnacle reads")
	_, body = b.get(where + "?show=notes")
	b.contains(main(body), "readme.txt")
}

func TestTextsFromFilesAreOnlyText(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	text := `<script>alert(1)</script>`
	_, where, body := b.upload(file{"hosts.yaml", "kind: Host\nkey: web-1\nname: \"" + text + "\"\n---\nkind: Host\nkey: web-2\nstatus: \"" + text + "\"\n---\nkind: Nothing\nkey: '=1+1'\n"})
	_, refused := b.get(where + "?show=refused")
	_, notes := b.get(where + "?show=notes")
	for _, page := range []string{body, refused, notes} {
		if strings.Contains(page, text) {
			t.Error("a script from a file stands in the page")
		}
	}
	_, list := b.get(where + "/refused.csv")
	for line := range strings.SplitSeq(list, "\n") {
		for cell := range strings.SplitSeq(line, ",") {
			if strings.HasPrefix(strings.Trim(cell, `"`), "=") {
				t.Errorf("a formula stands in the table: %s", line)
			}
		}
	}
}

func TestRightsAreNotImported(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	_, where, body := b.upload(file{"roles.yaml", "kind: Role\nkey: mine\nadministers: true\n---\nkind: Host\nkey: web-1\n"})
	b.contains(main(body), "1 change would be made", "1 refused")
	b.settled(b.post(where+"/choice", url.Values{"commit": {"1"}}))
	if w.Store.View().Find("Role", "mine") != nil || w.Store.View().Find("Host", "web-1") == nil {
		t.Error("a role was imported, or the host was not")
	}
}

func TestUploadsOfOnePersonAreLimited(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	for n := range 10 {
		if status, _, body := b.upload(file{"hosts.csv", hosts}); status != 200 {
			t.Fatalf("upload %d: %d %s", n, status, main(body))
		}
	}
	if status, _, body := b.upload(file{"hosts.csv", hosts}); status != 400 || !strings.Contains(body, "wait for a decision") {
		t.Errorf("one more: %d %s", status, main(body))
	}
	if status, _, _ := b.upload(); status != 400 {
		t.Errorf("without a file: %d", status)
	}
}

func TestFeedsAreKept(t *testing.T) {
	w := doortest.Open(t)
	b := site(t, w)
	status, _, body := b.post("/feeds", url.Values{"key": {"cmdb"}, "location": {"/etc"}, "every": {"6h"}})
	if status != 422 || !strings.Contains(body, "reads no folders") {
		t.Errorf("a folder that is not allowed: %d %s", status, main(body))
	}
	status, where, body := b.post("/feeds", url.Values{"key": {"cmdb"}, "name": {"The CMDB"}, "location": {"https://cmdb.example.com/hosts.csv"}, "every": {"6h"}, "kind": {"Host"}, "secret": {"abc123"}})
	if status != 200 || where != "/feeds/cmdb" || strings.Contains(body, "abc123") {
		t.Fatalf("%d %s %s", status, where, main(body))
	}
	b.contains(main(body), "The CMDB", "every 6h", "One is kept and never shown", "It has not run yet")
	b.post("/feeds/cmdb/run", nil)
	for range 100 {
		if _, body = b.get("/feeds/cmdb"); strings.Contains(main(body), "by hand") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.contains(main(body), "failing", "makes no requests")
	_, _, body = b.post("/feeds/cmdb/pause", url.Values{"pause": {"1"}})
	b.contains(main(body), "paused", "Go on")
	_, body = b.get("/feeds")
	b.contains(main(body), "The CMDB", "paused")
	if raw, _ := w.Store.Snapshot().Find("Subscription", "cmdb").(*model.Subscription); strings.Contains(fmt.Sprint(*raw), "abc123") {
		t.Error("the secret stands in the record")
	}
	b.post("/feeds/cmdb/delete", nil)
	if w.Store.Snapshot().Find("Subscription", "cmdb") != nil {
		t.Error("the feed is still there")
	}
}

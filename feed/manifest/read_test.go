package manifest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

func read(t *testing.T, text string) *feed.Batch {
	t.Helper()
	b := feed.NewBatch(model.Builtin(), "m.yaml")
	if err := Read(t.Context(), feed.Input{Name: "m.yaml", Data: []byte(text)}, b); err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"several documents", "# estate\nkind: Host\nkey: a\nOS version: 1.10\n---\n---\nkind: hosts\nkey: 007\ncpus: 0\n", []string{
			"2 Host/a os_version=1.10", "7 Host/007 clear=[cpus]"}},
		{"what is empty is cleared", "kind: Host\nkey: a\nname: null\ntags: []\nrack: \"\"\nstatus:\nconfidential: no\n", []string{
			"1 Host/a clear=[name tags rack status confidential]"}},
		{"refs by key and by kind and key, with their places", "kind: Application\nkey: a\nvendor: acme\nowner: Team/web\nruns_on:\n  - Host/x\n  - Host/y\n", []string{
			"1 Application/a owner=Team/web runs_on=[Host/x Host/y] vendor=acme"}},
		{"a field called kind", "kind: Rule\nkey: a\nRule.kind: Host\nexpression: 'true'\n", []string{"1 Rule/a kind=Host expression=true"}},
		{"a list of records", "- kind: Host\n  key: a\n- kind: Host\n  key: b\n- 7\n", []string{
			"1 Host/a", "3 Host/b", "refused m.yaml:5:3: document 1[2]: a record is wanted, with kind, key and fields, not a single value"}},
		{"JSON", `[{"kind": "Host", "key": "a", "memory": 1.5e1, "name": "\ud83e\udded", "confidential": true},` + "\n" + ` {"kind": "Host", "key": "b", "nme": 1}]` + "\n" + `{"kind": "Host", "key": "c"}`, []string{
			"1 Host/a name=🧭 confidential=true memory=15", "3 Host/c", "refused m.yaml:2:31: nme: Host/b: nme: Host has no such field; did you mean name?"}},
		{"half a JSON file", `[{"kind": "Host", "key": "a"}, {"kind": "Ho`, []string{
			"1 Host/a", "refused m.yaml:1:44: document 2: the JSON ends too early: the file is not complete"}},
		{"everything that is wrong with a document", "kind: Host\nkey: a b\nmemory: much\nips:\n  - 10.0.0.1\n  - nowhere\nsoftware:\n  - name: x\n    installed: tomorrow\nports:\n  - port: 70000\n  - prot: 1\n---\nkind: Host\nkey: good\n", []string{
			"14 Host/good",
			`refused m.yaml:3:9: memory: Host/a b: memory: "much" is not a number`,
			`refused m.yaml:9:16: software[0].installed: Host/a b: software[0].installed: "tomorrow" is not a date: write it as 2027-06-30`,
			`refused m.yaml:12:5: ports: Host/a b: ports: ports has no column "prot"; did you mean port?`,
			`refused m.yaml:2:6: key: Host/a b: key: "a b" is not a key: it must have no spaces and at most 300 bytes`,
			`refused m.yaml:5:3: ips: Host/a b: ips: "nowhere" is not an IP address`}},
		{"limits of numbers in rows", "kind: Host\nkey: a\nports:\n- port: 22\n- port: 70000\n", []string{
			`refused m.yaml:5:9: ports[1].port: Host/a: ports[1].port: 70000 is above the limit of 65535`}},
		{"unknown kinds and fields", "kind: Aplication\nkey: a\n---\nkind: Host\nkey: b\nzzz: 1\n---\nkey: c\n---\nkind: Host\n", []string{
			`refused m.yaml:1:7: kind: a: kind: there is no kind "Aplication"; did you mean Application?`,
			"refused m.yaml:6:1: zzz: Host/b: zzz: Host has no such field",
			"refused m.yaml:8:1: kind: c: kind: the kind is missing: write kind: and what it is, such as Application",
			"refused m.yaml:10:1: key: Host: key: the key is missing: write key: and a short name without spaces"}},
		{"given twice", "kind: Host\nkey: a\nname: x\nName: y\n---\nkind: Host\nkey: b\n---\nkind: Host\nkey: b\n", []string{
			"6 Host/b",
			"refused m.yaml:4:1: name: Host/a: name: the field is given twice; the first time is on line 3",
			"refused m.yaml:9:1: Host/b: the record is described twice; the first time is on line 6"}},
		{"wrong shapes", "kind: Host\nkey: a\nname: [x]\ntags: {a: b}\nports: 7\nsite: {a: b}\nruns: [7]\n", []string{
			"refused m.yaml:3:7: name: Host/a: name: a single value is wanted, not a list",
			"refused m.yaml:4:7: tags: Host/a: tags: a list is wanted, not names with values",
			"refused m.yaml:5:8: ports: Host/a: ports: a list of rows is wanted, not a single value",
			"refused m.yaml:6:7: site: Host/a: site: a single value is wanted, not names with values",
			"refused m.yaml:7:8: runs: Host/a: runs: row 1 wants names with values, not a single value"}},
		{"anchors and merge keys", "kind: Host\nkey: a\ntags: &t [x, y]\n<<: {status: active, key: no}\nips: []\nzones: *t\n---\nkind: CloudResource\nkey: b\nzones: &z [x, y]\ntags: *z\n", []string{
			"8 CloudResource/b tags=[x y] zones=[x y]", "refused m.yaml:6:1: zones: Host/a: zones: Host has no such field"}},
		{"merge", "kind: Host\nkey: a\n<<: {status: active, key: no}\n", []string{"1 Host/a status=active"}},
		{"what only Binnacle sets", "kind: Host\nkey: a\nid: 7\norigin: x\nversion: 3\n---\nkind: Application\nkey: a\nversion: 3\n", []string{
			"1 Host/a", "7 Application/a version=3", "note id, origin, version: Binnacle sets these itself; they were left out."}},
		{"a required field cannot be empty", "kind: Rule\nkey: a\nexpression: ''\n", []string{"refused m.yaml:3:13: expression: Rule/a: expression: a value is required"}},
		{"tags of other programs", "kind: Host\nkey: a\nname: !secret x\n---\nkind: Host\nkey: b\nname: !!str 7\n", []string{
			"5 Host/b name=7", "refused m.yaml:3:7: document 1: the tag !secret is not understood: leave it out"}},
		{"names that are no text", "kind: Host\nkey: a\n? [x]\n: y\n", []string{"refused m.yaml:3:3: document 1: a name is wanted before the colon, not a list"}},
		{"broken YAML keeps what came before", "kind: Host\nkey: a\n---\nkind: Host\nkey: [b\nname: x\n---\nkind: Host\nkey: c\n", []string{
			"1 Host/a", "refused m.yaml:6:5: document 2: this is not YAML: did not find expected ',' or ']' while parsing a flow sequence that begins on line 5"}},
		{"control characters", "kind: Host\nkey: a\nname: x\x00y\n", []string{"refused m.yaml:3:8: document 1: there is a control character: take it out"}},
		{"hidden control characters", "kind: Host\nkey: a\nname: \"x\\0y\"\n", []string{
			"refused m.yaml:3:7: name: Host/a: name: the text has a control character or is not valid UTF-8"}},
		{"byte-order mark and CRLF", "\ufeffkind: Host\r\nkey: a\r\n", []string{"1 Host/a"}},
		{"nothing", "# only a comment\n", []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, feedtest.Describe(read(t, test.text))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinksKnowTheirPlace(t *testing.T) {
	b := read(t, "kind: Application\nkey: a\nruns_on:\n  - Host/x\n  - y\nbuilt_with:\n  - technology: go\n---\nkind: Host\nkey: b\nsite: here\nmemory: much\n")
	var got []string
	for _, l := range b.Links {
		got = append(got, fmt.Sprintf("%d:%d %s", l.Where.Line, l.Where.Column, l.Text))
	}
	if diff := cmp.Diff([]string{"4:5 Host/x", "5:5 y", "7:17 go"}, got); diff != "" {
		t.Errorf("links, of records that are kept (-want +got):\n%s", diff)
	}
}

func TestEncodings(t *testing.T) {
	text := "kind: Host\nkey: zürich\n"
	for name, order := range map[string][2]int{"little endian": {0, 1}, "big endian": {1, 0}} {
		var data []byte
		for _, u := range utf16.Encode([]rune("\ufeff" + text)) {
			var two [2]byte
			two[order[0]], two[order[1]] = byte(u), byte(u>>8)
			data = append(data, two[:]...)
		}
		if got := Detect(data); got < 90 {
			t.Errorf("%s: detection says %d", name, got)
		}
		if diff := cmp.Diff([]string{"1 Host/zürich"}, feedtest.Describe(read(t, string(data)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	err := Read(t.Context(), feed.Input{Name: "m.yaml", Data: []byte("kind: Host\nkey: z\xfcrich\n")}, feed.NewBatch(model.Builtin(), "m.yaml"))
	if want := "m.yaml: line 2, column 7: the byte 0xFC is not valid UTF-8: save the file as UTF-8"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestBombs(t *testing.T) {
	bomb := "kind: Host\nkey: a\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'j'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	tests := map[string]struct{ text, want string }{
		"aliases":   {bomb, "repeat more than"},
		"itself":    {"kind: Host\nkey: a\ntags: &t [*t]\n", ""},
		"deep YAML": {"kind: Host\nkey: a\ntags: " + strings.Repeat("[", 100_000), "depth"},
		"deep JSON": {`{"kind": "Host", "key": "a", "tags": ` + strings.Repeat("[", 100_000), "nested more than 100 deep"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := read(t, test.text)
			if len(b.Items) > 0 || len(b.Refused) == 0 || !strings.Contains(b.Refused[0].Reason, test.want) {
				t.Errorf("%d records, refused %v", len(b.Items), b.Refused)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	b := feed.NewBatch(model.Builtin(), "m.yaml")
	b.Limits.Items = 2
	text := []byte(strings.Repeat("---\nkind: Host\nkey: a\n", 1) + "---\nkind: Host\nkey: b\n---\nkind: Host\nkey: c\n")
	if err := Read(t.Context(), feed.Input{Name: "m.yaml", Data: text}, b); err == nil || !strings.Contains(err.Error(), "more than 2 records") {
		t.Errorf("too many records: %v", err)
	}
	b.Limits.Bytes = 10
	if err := Read(t.Context(), feed.Input{Name: "m.yaml", Data: text}, b); err == nil || !strings.Contains(err.Error(), "the limit is 10") {
		t.Errorf("too many bytes: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Read(ctx, feed.Input{Data: text}, feed.NewBatch(model.Builtin(), "")); err == nil {
		t.Error("reading goes on although nobody waits")
	}
}

func TestDetect(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"kind: Host\nkey: a\n", 95},
		{"\ufeff\n# a comment\n---\nkey: \"a\"\r\n\"kind\": Host # here\r\n", 95},
		{"- key: a\n  kind: Host\n", 95},
		{"kind: Vessel\nkey: a\n", 70},
		{"kind: Host\nname: a\n", 40},
		{"{kind: Host, key: a}", 60},
		{`{"key": "a", "kind": "Host"}`, 95},
		{` [{"kind": "Host", "tags": ["x"], "key": "a"`, 95},
		{"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n", 0},
		{"kind: Component\nkey: x\nmetadata:\n  name: x\n", 0},
		{"name: x\nspec:\n  kind: Host\n  key: a\n", 0},
		{`{"bomFormat": "CycloneDX", "components": [{"kind": "Host", "key": "a"}]}`, 0},
		{"kind,key,name\nHost,a,b\n", 0},
		{"<kind>Host</kind>", 0},
		{"A host is a kind of machine: the key to it.\n", 0},
		{"", 0},
		{"\x00\x01\x02", 0},
	}
	for _, test := range tests {
		if got := Detect([]byte(test.text)); got != test.want {
			t.Errorf("Detect(%.60q) = %d, want %d", test.text, got, test.want)
		}
	}
}

func TestDetectLeavesForeignFilesAlone(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(string) bool { return false })
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"kind: Host\nkey: a\ntags: [x]\n", "- kind: Host\n  key: a\n", `{"kind":"Host","key":"a","ports":[{"port":1}]}`, "a: &a [*a]\n<<: *a\n", "kind: Rule\nRule.kind: x\nkey: |\n  a\n", "\xff\xfek\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := Detect(data); c < 0 || c > 100 {
			t.Fatalf("a confidence of %d", c)
		}
		batches := make([]*feed.Batch, 2)
		for i := range batches {
			batches[i] = feed.NewBatch(model.Builtin(), "m")
			if Read(t.Context(), feed.Input{Name: "m", Data: data}, batches[i]) != nil {
				return
			}
		}
		if diff := cmp.Diff(feedtest.Describe(batches[0]), feedtest.Describe(batches[1])); diff != "" {
			t.Fatalf("read twice, it differs:\n%s", diff)
		}
		for _, item := range batches[0].Items {
			for _, p := range model.Builtin().Of(item.Record).Check(item.Record) {
				if !strings.Contains(p.Text, "required") {
					t.Fatalf("a record that is wrong was kept: %v", p)
				}
			}
		}
	})
}

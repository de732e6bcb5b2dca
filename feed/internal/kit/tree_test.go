package kit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
)

// sketch writes a tree in brackets, with the line and the column of what it starts with.
func sketch(n *Node) string {
	var parts []string
	for _, item := range n.Items {
		part := sketch(item)
		if item.Name != "" {
			part = item.Name + "=" + part
		}
		parts = append(parts, part)
	}
	inner := strings.Join(parts, " ")
	switch n.Shape {
	case Null:
		return "null"
	case List:
		return "[" + inner + "]"
	case Object:
		return "{" + inner + "}"
	}
	return fmt.Sprintf("%s@%d:%d", n.Text, n.Line, n.Column)
}

func TestTrees(t *testing.T) {
	for _, test := range []struct{ name, json, yaml, want string }{
		{"members", "{\"a\":1,\n\"b\":[true,null,\"x\"]}", "", "{a=1@1:7 b=[true@2:10 null x@2:19]}"},
		{"nothing inside", `{"a":{},"b":[]}`, "a: {}\nb: []\n", "{a={} b=[]}"},
		{"aliases", "", "a: &a [1]\nb: *a\n", "{a=[1@1:8] b=[1@1:8]}"},
		{"maps", "", "a: x\nb:\n - y\n - ~\n", "{a=x@1:4 b=[y@3:4 null]}"},
	} {
		if test.json != "" {
			if n, err := JSONNodes(NewText([]byte(test.json)), feed.DefaultLimits); err != nil || sketch(n) != test.want {
				t.Errorf("%s: JSON gives %v, %v; want %s", test.name, n, err, test.want)
			}
		}
		if test.yaml != "" {
			n, err := YAMLNodes([]byte(test.yaml), feed.DefaultLimits, 10)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			} else if got := sketch(n); got != test.want {
				t.Errorf("%s: YAML gives %s; want %s", test.name, got, test.want)
			}
		}
	}
}

func TestBrokenTrees(t *testing.T) {
	deep := strings.Repeat("[", 300)
	for name, test := range map[string]struct{ text, want string }{
		"nothing":        {"", "line 1, column 1: the JSON cannot be read: the document ends too early"},
		"half":           {"{\"a\":\n[1,", "line 2, column 4: the JSON cannot be read: the document ends too early"},
		"deep":           {deep, "nested more than 100 deep"},
		"two values":     {"[] []", "more behind the end of the document"},
		"a wrong letter": {"{\"a\":\n  x}", "line 2, column 3: the JSON cannot be read: "},
	} {
		if _, err := JSONNodes(NewText([]byte(test.text)), feed.DefaultLimits); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("JSON, %s: %v, want %q", name, err, test.want)
		}
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n"
	for name, test := range map[string]struct {
		text, want string
		repeats    int
	}{
		"nothing":            {"# a comment\n", "nothing in it", 0},
		"deep":               {"a: " + deep + strings.Repeat("]", 300), "nested too deeply", 0},
		"an alias":           {"a: &a [x]\nb: *a\n", "line 2, column 4: there is an alias (*a)", 0},
		"a bomb":             {bomb, "too often", 100},
		"an alias of itself": {"a: &a [*a]\n", "", 1000},
		"broken":             {"a: [b\n", "line 2", 0},
	} {
		if _, err := YAMLNodes([]byte(test.text), feed.DefaultLimits, test.repeats); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("YAML, %s: %v, want %q", name, err, test.want)
		}
	}
}

func TestAskingATree(t *testing.T) {
	n, err := JSONNodes(NewText([]byte(`{"a":" x\u0000 ","b":["1","2"],"c":null,"d":{"e":true},"a":"later"}`)), feed.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{n.String("a"), n.String("b"), n.String("nowhere"), n.Get("d").String("e"), n.Get("x").Get("y").Plain()}
	if diff := cmp.Diff([]string{"x", "", "", "true", ""}, got); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{2, 1, 0, 0}, []int{len(n.List("b")), len(n.List("a")), len(n.List("c")), len(n.List("x"))}); diff != "" {
		t.Errorf("lengths of lists (-want +got):\n%s", diff)
	}
	if names := Members([]byte(`{"a":[1,{"z":1}],"b":2,"c`)); !names["a"] || !names["b"] || names["z"] || len(names) != 2 {
		t.Errorf("the members are %v", names)
	}
	if got := RootElement([]byte("<?xml version=\"1.0\"?><!-- x --><scan><a/></scan>")); got != "scan" {
		t.Errorf("the root is %q", got)
	}
}

func FuzzTrees(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x",null,{"b":true}]}`))
	f.Add([]byte("a: &a [x, {b: *a}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := JSONNodes(NewText(data), feed.DefaultLimits)
		if err == nil && !json.Valid([]byte(strings.ToValidUTF8(string(data), "x"))) {
			t.Errorf("%q is no JSON and was read", data)
		}
		if n, err := YAMLNodes(data, feed.DefaultLimits, 1000); err == nil && n == nil {
			t.Errorf("%q gives neither a tree nor an error", data)
		}
	})
}

// Parts of a bill get identities and keys of their own, and the order in which they stand does not matter.
func TestSettle(t *testing.T) {
	part := func(base, version, ref string) *Part {
		return &Part{Base: base, Stem: "pkg:" + base, Full: "pkg:" + base + "@" + version, Version: version, Ref: ref}
	}
	want := []string{
		"pkg:npm/rope shop/npm/rope", "pkg:npm/mast@1 shop/npm/mast@1", "pkg:npm/mast@2 shop/npm/mast@2",
		"pkg:npm/sail@1 shop/npm/sail@1~" + Digest("pkg:npm/sail@1"), "pkg:npm/sail@1 (2) shop/npm/sail@1~" + Digest("pkg:npm/sail@1 (2)"),
		"pkg:npm/" + strings.Repeat("x", 300) + " shop/npm/" + strings.Repeat("x", 231) + "~" + Digest("pkg:npm/"+strings.Repeat("x", 300)),
	}
	slices.Sort(want)
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.Permutation([]*Part{
			part("npm/rope", "1", "a"), part("npm/mast", "1", "b"), part("npm/mast", "2", "c"), part("npm/sail", "1", "d"), part("npm/sail", "1", "e"), part("npm/"+strings.Repeat("x", 300), "1", "f"),
		}).Draw(t, "parts")
		Settle("shop", parts, func(p *Part) *Part { return p })
		var got []string
		for _, p := range parts {
			got = append(got, p.Identity+" "+p.Key)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("identities and keys (-want +got):\n%s", diff)
		}
	})
}

func TestSubjectKeys(t *testing.T) {
	for name, want := range map[string]string{
		"web-shop": "web-shop", "github.com/harbour/pilot/v3": "pilot", "registry.example:5000/team/pilot:1.4": "pilot",
		"registry.example/team/pilot@sha256:abcd": "pilot", "Acme Product": "acme-product", "@harbour/pilot": "pilot", "/srv/app/": "app", "": "",
	} {
		if got := NameKey(name); got != want {
			t.Errorf("%s: key %s, want %s", name, got, want)
		}
	}
	for file, want := range map[string]string{`C:\boms\Shop.cdx.json`: "shop", "a/bom.json": "", "-": "", "x.json.gz": "x.json.gz"} {
		if got := FileKey(file, []string{".json", ".cdx"}, []string{"bom"}); got != want {
			t.Errorf("%s: key %s, want %s", file, got, want)
		}
	}
	if got := SubjectKey("", ""); got != "unnamed" {
		t.Errorf("nothing gives %q", got)
	}
	if got := SubjectKey("", strings.Repeat("x", 90)); len(got) != 77 {
		t.Errorf("a long name gives %q", got)
	}
	if got := KeyOf("npm", "", "@Harbour", "Pilot Boat/"); got != "npm/@harbour/pilot-boat" {
		t.Errorf("KeyOf gives %q", got)
	}
}

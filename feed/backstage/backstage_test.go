package backstage

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// fleet is a catalog of our own invention.
var fleet = []string{`apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Chart-Room
  title: Chart room
  description: Shows charts.
  tags: [go]
  annotations:
    github.com/project-slug: fleet/chart-room
  links:
    - url: https://charts.example/
      title: Charts
spec:
  type: service
  lifecycle: production
  owner: navigators
  system: bridge
  providesApis: [charts]
  consumesApis: [weather]
  dependsOn:
    - resource:default/chart-db
    - component:almanac
`, `apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: almanac
  annotations:
    backstage.io/source-location: url:https://git.example/almanac/
spec:
  type: library
  lifecycle: deprecated
  owner: user:default/ada
  subcomponentOf: chart-room
`, `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: helm, namespace: steering}
spec:
  type: website
  owner:
    kind: Group
    namespace: default
    name: navigators
  consumesApis: [default/charts]
`, `apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: charts}
spec:
  type: openapi
  lifecycle: production
  owner: navigators
  definition:
    $text: https://charts.example/openapi.yaml
`, `apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: weather}
spec: {type: grpc, owner: navigators}
`, `apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: bridge}
spec: {owner: navigators, domain: navigation}
`, `apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: navigation}
spec: {owner: admirals/board, subdomainOf: seafaring}
`, `apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: {name: chart-db}
spec: {type: database, owner: navigators, system: bridge, dependsOn: ["resource:vault"]}
`, `apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: navigators}
spec:
  type: team
  profile: {displayName: The navigators, email: nav@fleet.example}
  parent: crew
  children: [lookouts]
  members: [bob]
`, `apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ada}
spec:
  profile: {displayName: Ada Mast, email: ada@fleet.example}
  memberOf: [navigators]
`, `apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: more}
spec: {targets: [./a.yaml, ./b.yaml]}
`, `apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: new-ship}
spec: {steps: [{input: {name: "${{ parameters.name }}"}}]}
`, `apiVersion: backstage.io/v1alpha1
kind: Sextant
metadata: {name: brass}
`}

func readText(t testing.TB, text string) *feed.Batch {
	t.Helper()
	return feedtest.Read(t, Format, "catalog.yaml", []byte(text))
}

func TestCatalog(t *testing.T) {
	b := readText(t, strings.Join(fleet, "---\n"))
	want := []string{
		`Application/almanac name="almanac" owner="Person/ada" tags="deprecated; library" repository="https://git.example/almanac/"`,
		`Application/chart-room name="Chart room" description="Shows charts.\n\n- [Charts](https://charts.example/)" owner="Team/navigators" tags="go; production; service" runs_on="CloudResource/chart-db" depends_on="Application/almanac" repository="https://github.com/fleet/chart-room"`,
		`Application/steering/helm name="helm" owner="Team/navigators" tags="website"`,
		`Capability/navigation name="navigation" owner="Team/admirals/board" parent="seafaring"`,
		`Team/navigators name="The navigators" tags="team" parent="Team/crew" email="nav@fleet.example"`,
		`CloudResource/chart-db name="chart-db" owner="Team/navigators" tags="database" type="database" depends_on="CloudResource/vault"`,
		`Service/bridge name="bridge" owner="Team/navigators" built_from="Application/chart-room; CloudResource/chart-db" capabilities="navigation"`,
		`Person/ada full_name="Ada Mast" email="ada@fleet.example" team="navigators"`,
		`(Team/admirals/board) name="board"`,
		`(Capability/seafaring) name="seafaring"`,
		`(Team/crew) name="crew"`,
		`(Team/lookouts) name="lookouts" parent="Team/navigators"`,
		`(Person/bob) team="navigators"`,
		`(CloudResource/vault) name="vault"`,
		`Interface/charts/chart-room/steering.helm name="charts" owner="Team/navigators" tags="openapi; production" from="Application/chart-room" into="Application/steering/helm" protocol="REST" specification="https://charts.example/openapi.yaml"`,
	}
	if diff := cmp.Diff(want, feedtest.Listing(b)); diff != "" {
		t.Errorf("the records differ (-want +got):\n%s", diff)
	}
	counts := map[string]int{"components": 3, "apis": 2, "systems": 1, "domains": 1, "resources": 1, "groups": 1, "users": 1, "locations": 1, "templates": 1, "other entities": 1}
	if diff := cmp.Diff(counts, b.Contents); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
	notes := []string{
		"location:default/more names 2 other places, which were not followed: import those files too.",
		"1 APIs were not read, because this content does not say both who provides and who consumes them: api:default/weather.",
		"1 templates were not read: they make new things and are none themselves.",
		`1 entities of the kind "Sextant" were not read: there is no such kind of record.`,
	}
	if diff := cmp.Diff(notes, b.Notes); diff != "" {
		t.Errorf("the notes differ (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 0 {
		t.Errorf("refused: %v", b.Refused)
	}
	if got := b.Items[1].Idents; len(got) != 1 || got[0] != feed.External("component:default/chart-room") {
		t.Errorf("the identity of the chart room is %v", got)
	}
}

// Neither the order of the entities nor how the documents are parted matters.
func TestOrderDoesNotMatter(t *testing.T) {
	want := feedtest.Listing(readText(t, strings.Join(fleet, "---\n")))
	rapid.Check(t, func(rt *rapid.T) {
		mark := rapid.SampledFrom([]string{"---\n", "--- # a comment\n", "...\n---\n", "---\r\n", "---\n# nothing\n---\n"}).Draw(rt, "mark")
		got := feedtest.Listing(readText(t, "%YAML 1.2\n---\n"+strings.Join(rapid.Permutation(fleet).Draw(rt, "entities"), mark)))
		slices.Sort(got)
		sorted := slices.Sorted(slices.Values(want))
		if diff := cmp.Diff(sorted, got); diff != "" {
			rt.Fatalf("the records differ (-want +got):\n%s", diff)
		}
	})
}

func TestWrongEntitiesAreRefusedOneByOne(t *testing.T) {
	b := readText(t, `apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: good}
spec: {owner: "a b", dependsOn: ["component:x/y/z", "component:other", "user:ada"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: [broken
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ${{ values.name }}
---
kind: Component
metadata: {name: no-version}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: "two words"}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: elsewhere, description: {$text: ./about.txt}}
---
just text
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: GOOD}
---
{% if x %}
apiVersion: backstage.io/v1alpha1
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: crew}
spec: {profile: {email: nowhere}}
`)
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		`catalog.yaml:10: the document is not YAML: did not find expected ',' or ']'`,
		`catalog.yaml:11:1: component:default/${{ values.name }}: metadata.name is the placeholder of a template, which only the catalog itself can fill in: write the value, or import what the template makes of it`,
		`catalog.yaml:16:1: the document has no apiVersion or no kind: it is not an entity of a catalog`,
		`catalog.yaml:19:1: component:default/two words: metadata.name "two words" is not a name: use up to 63 letters, digits, hyphens, underscores and dots`,
		`catalog.yaml:23:1: component:default/elsewhere: metadata.description is taken from another place by $text, which only the catalog itself can fill in: write the value, or import what the template makes of it`,
		`catalog.yaml:27:1: an entity is wanted here, with apiVersion, kind and metadata`,
		`catalog.yaml:29:1: component:default/good: component:default/good is described twice; the first time on line 1`,
		`catalog.yaml:33: the document is not YAML`,
		`catalog.yaml:4:15: component:default/good.spec.owner[0]: "a b" is not a reference: write it as kind:namespace/name`,
		`catalog.yaml:4:34: component:default/good.spec.dependsOn[0]: "component:x/y/z" is not a reference: write it as kind:namespace/name`,
		`catalog.yaml:1:1: component:default/good: component:default/good: spec.dependsOn: user:default/ada is not one of the kinds that may stand here: component, system, resource, api`,
		`catalog.yaml:36:1: group:default/crew: group:default/crew: spec.profile.email: "nowhere" is not a mail address`,
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) {
			t.Fatalf("%d refusals, not %d: %s", len(got), len(want), strings.Join(got, "\n"))
		}
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("refusal %d is\n%s\nnot\n%s", i, got[i], want[i])
		}
	}
	keys := []string{}
	for _, item := range b.Items {
		keys = append(keys, model.NameOf(item.Record)+"/"+item.Record.Base().Key)
	}
	if diff := cmp.Diff([]string{"Application/good", "Team/crew", "Application/other"}, keys); diff != "" {
		t.Errorf("the records differ (-want +got):\n%s", diff)
	}
}

// A list of entities is what the interface of the catalog answers.
func TestAnswersInJSON(t *testing.T) {
	const one = `{"apiVersion":"backstage.io/v1alpha1","kind":"Component","metadata":{"name":"a","namespace":"default"},"spec":{"type":"service","owner":"group:default/crew"}}`
	want := []string{`Application/a name="a" owner="Team/crew" tags="service"`, `(Team/crew) name="crew"`}
	for name, text := range map[string]string{"one": one, "a list": "[" + one + "]", "a page": `{"items":[` + one + `],"totalItems":1}`} {
		if Format.Detect([]byte(text)) == 0 {
			t.Errorf("%s: not detected", name)
		}
		if diff := cmp.Diff(want, feedtest.Listing(readText(t, text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestRefusedContents(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"empty", "\n\n", "empty"},
		{"only comments", "# nothing\n---\n", "no documents"},
		{"not YAML", "a: [", "nothing could be read"},
		{"NUL bytes", "kind: a\x00", "NUL"},
		{"Latin-1", "kind: caf\xe9 ", "UTF-8"},
	})
	b := readText(t, fleet[1]+"---\n"+"a: "+strings.Repeat("[", 300)+strings.Repeat("]", 300)+"\n---\na: &a [1]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n")
	if len(b.Refused) != 2 || !strings.Contains(b.Refused[0].Reason, "too deeply") {
		t.Errorf("refused: %v", b.Refused)
	}
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"an entity", fleet[0]},
		{"behind a byte-order mark, a comment and a mark", "\xef\xbb\xbf# hello\n\n---\n" + fleet[0]},
		{"metadata first", "metadata:\n  name: a\nkind: API\napiVersion: \"backstage.io/v1beta1\"\n"},
		{"a template", fleet[11]},
	}, [][2]string{
		{"a text that shows an entity", "# Title\n\nSome text:\n\n```yaml\napiVersion: backstage.io/v1alpha1\n```\n"},
		{"Kubernetes", "apiVersion: v1\nkind: Service\nmetadata:\n  annotations:\n    backstage.io/kubernetes-id: x\n"},
		{"a manifest", "kind: Host\nkey: a\n"},
		{"a product", "---\ntitle: X\npermalink: /x\nreleases:\n- releaseCycle: 1\n---\n"},
		{"JSON of something else", `{"apiVersion":"v1"}`},
		{"nothing", ""},
	})
}

func TestSamples(t *testing.T) {
	const folder = "../../../shared/data/06-catalogs"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the folder ../shared/data/06-catalogs is not there")
	}
	total := map[string]int{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if got := Format.Detect(text); got != 95 {
			t.Errorf("%s: detected with %d", path, got)
		}
		b := readText(t, string(text))
		if len(b.Refused) != 0 {
			t.Errorf("%s: refused %v", path, b.Refused)
		}
		for what, n := range b.Contents {
			total[what] += n
		}
		again := readText(t, string(text))
		if !reflect.DeepEqual(b.Items, again.Items) {
			t.Errorf("%s: reading it twice gives two results", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"components": 31, "apis": 4, "systems": 2, "resources": 5, "groups": 2, "locations": 7, "templates": 14, "other entities": 6}
	if diff := cmp.Diff(want, total); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
}

// Of all files that other programs wrote, only those of this format are detected.
func TestDetectNothingElse(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(path string) bool {
		return strings.HasPrefix(path, "06-catalogs/") && filepath.Ext(path) == ".yaml"
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(strings.Join(fleet, "---\n")))
	f.Add([]byte("apiVersion: backstage.io/v1\nkind: User\nmetadata: &a {name: x, <<: *a}\nspec: {memberOf: [*a]}\n"))
	feedtest.Fuzz(f, Format)
}

package manifest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
	"binnacle/model/modeltest"
)

func TestReadUndoesWriteForEveryKind(t *testing.T) {
	schema := feedtest.OwnSchema(t)
	names := modeltest.NewNames(schema, 2)
	for _, kind := range schema.Kinds() {
		t.Run(kind.Name, rapid.MakeCheck(func(t *rapid.T) {
			var file bytes.Buffer
			want := map[string]map[string]any{}
			for _, rec := range rapid.SliceOfNDistinct(modeltest.Record(kind, names.Refs), 1, 3, func(r model.Record) string { return r.Base().Key }).Draw(t, "records") {
				if err := Write(&file, kind, rec, names); err != nil {
					t.Fatal(err)
				}
				want[rec.Base().Key] = feedtest.Tree(kind, rec, names)
			}
			b := feed.NewBatch(schema, "estate.yaml")
			if err := Read(t.Context(), feed.Input{Name: "estate.yaml", Data: file.Bytes()}, b); err != nil {
				t.Fatalf("%v\n%s", err, &file)
			}
			for _, r := range b.Refused {
				t.Errorf("refused: %v\n%s", r, &file)
			}
			if diff := cmp.Diff(want, feedtest.Trees(b, kind)); diff != "" {
				t.Errorf("what is read differs from what was written (-written +read):\n%s\n%s", diff, &file)
			}
			if got := Detect(file.Bytes()); got < 70 {
				t.Errorf("detection says %d of\n%s", got, &file)
			}
		}))
	}
}

func TestWriteIsReadableByPeople(t *testing.T) {
	names := modeltest.NewNames(model.Builtin(), 2)
	ref := func(text string) model.Ref {
		r, err := names.Resolve(nil, text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	rec := &model.Application{
		Meta: model.Meta{
			Key: "web-shop", Name: "Web shop: the new one", Owner: ref("Team/team-1"), Tags: []string{"customer-facing", "2024", "yes"},
			Description: "Where customers buy.\n\n- runs in *two* places\n- closed on Sundays\n", Origin: "person",
		},
		Lifecycle:    model.Lifecycle{EndOfLife: model.MustDate("2031-12-31")},
		Criticality:  "high",
		Version:      "1.10",
		Capabilities: []model.Ref{ref("Capability/capability-1")},
		RunsOn:       []model.Ref{ref("Host/host-1"), ref("CloudResource/cloudresource-2")},
		BuiltWith:    []model.TechnologyUse{{Technology: ref("Technology/technology-1"), Version: "12.4"}},
		Availability: 99.95,
		Users:        1200,
		PersonalData: true,
	}
	var got strings.Builder
	if err := Write(&got, model.Builtin().Of(rec), rec, names); err != nil {
		t.Fatal(err)
	}
	want := `---
kind: Application
key: web-shop
name: 'Web shop: the new one'
description: |
  Where customers buy.

  - runs in *two* places
  - closed on Sundays
owner: Team/team-1
tags:
- customer-facing
- '2024'
- 'yes'
end_of_life: 2031-12-31
criticality: high
version: '1.10'
capabilities:
- capability-1
runs_on:
- Host/host-1
- CloudResource/cloudresource-2
built_with:
- technology: technology-1
  version: '12.4'
availability: 99.95
users: 1200
personal_data: true
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

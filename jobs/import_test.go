package jobs_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/model"
)

// importFolder imports contents as one folder into a new estate, and returns what became of them and the estate's applications by key.
func importFolder(t *testing.T, inputs ...feed.Input) (*jobs.ImportReport, map[string]*model.Application) {
	t.Helper()
	s, err := openWhere(t.Context(), filepath.Join(t.TempDir(), "estate.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	folder := func(yield func(feed.Input, error) bool) {
		for _, in := range inputs {
			if !yield(in, nil) {
				return
			}
		}
	}
	report, err := jobs.Import(t.Context(), s, folder, all.Detect, jobs.ImportOptions{Who: "test"})
	if err != nil {
		t.Fatal(err)
	}
	apps := map[string]*model.Application{}
	for rec := range s.View().All("Application") {
		apps[rec.Base().Key] = rec.(*model.Application)
	}
	return report, apps
}

// A folder is one whole: each manifest may name what another brings, whichever comes first.
func TestManifestsOfAFolderMayNameEachOther(t *testing.T) {
	shop := feed.Input{Name: "estate/shop.yaml", Data: []byte("kind: Application\nkey: shop\ndepends_on: [billing]\n")}
	billing := feed.Input{Name: "estate/billing.yaml", Data: []byte("kind: Application\nkey: billing\ndepends_on: [shop]\n")}
	for name, folder := range map[string][]feed.Input{"one way": {shop, billing}, "the other way": {billing, shop}} {
		t.Run(name, func(t *testing.T) {
			report, apps := importFolder(t, folder...)
			if diff := cmp.Diff(feed.Counts{Created: 2}, report.Total); diff != "" {
				t.Errorf("the counts differ (-want +got):\n%s", diff)
			}
			for _, file := range report.Files {
				if len(file.Refused) > 0 || file.Error != "" || file.Entry == 0 || file.Entry != report.Files[0].Entry {
					t.Errorf("%s: entry %d, refused %v %s; both must be in one entry", file.File, file.Entry, file.Refused, file.Error)
				}
			}
			for from, to := range map[string]string{"shop": "billing", "billing": "shop"} {
				if apps[from] == nil || apps[to] == nil || !slices.Contains(apps[from].DependsOn, apps[to].Ref()) {
					t.Errorf("%s does not depend on %s", from, to)
				}
			}
		})
	}
}

// What a manifest names and no content brings is refused with the record that names it, and the rest is taken.
func TestAManifestThatNamesNothingIsRefusedAlone(t *testing.T) {
	report, apps := importFolder(t,
		feed.Input{Name: "shop.yaml", Data: []byte("kind: Application\nkey: shop\ndepends_on: [nowhere]\n")},
		feed.Input{Name: "billing.yaml", Data: []byte("kind: Application\nkey: billing\n")})
	if report.Total.Created != 1 || report.Total.Refused != 1 || len(apps) != 1 || apps["billing"] == nil {
		t.Errorf("%+v, applications %v", report.Total, apps)
	}
}

package kev_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/feed/kev"
	"binnacle/model"
)

const (
	asJSON = `{"title":"t","catalogVersion":"2026.01.02","dateReleased":"2026-01-02T10:00:00.5Z","count":1,"vulnerabilities":[
 {"cveID":"CVE-2024-0001","vendorProject":"V","product":"P","vulnerabilityName":"A name","dateAdded":"2026-01-02","shortDescription":"Some words","requiredAction":"Do it.","dueDate":"2026-01-23",
  "knownRansomwareCampaignUse":"Known","notes":"See: https://example.com/a ; https://example.com/b","cwes":["CWE-59","CWE-436"]}]}`
	header = "cveID,vendorProject,product,vulnerabilityName,dateAdded,shortDescription,requiredAction,dueDate,knownRansomwareCampaignUse,notes,cwes\n"
	asCSV  = header + "CVE-2024-0001,V,P,\"A name\",2026-01-02,\"Some words\",\"Do it.\",2026-01-23,Known,\"See: https://example.com/a ; https://example.com/b\",\"CWE-59, CWE-436\"\n"
)

func TestARowInBothForms(t *testing.T) {
	day := func(text string) model.Date {
		d, err := model.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	want := []*model.Advisory{{
		Meta: model.Meta{Key: "CVE-2024-0001", Name: "A name", Description: "Some words"}, Exploited: day("2026-01-02"), ExploitedDue: day("2026-01-23"), Ransomware: true, RequiredAction: "Do it.",
		References: []string{"https://example.com/a", "https://example.com/b"}, Weaknesses: []string{"CWE-59", "CWE-436"},
	}}
	for _, text := range []string{asJSON, asCSV} {
		got := feedtest.Records[*model.Advisory](feedtest.Read(t, kev.Format, "x", []byte(text)))
		for _, a := range got {
			a.ID = model.ID{}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if kev.Format.Detect([]byte(text)) == 0 {
			t.Errorf("not detected: %.40s", text)
		}
	}
}

func TestWrongRowsAreRefusedAndTheRestIsTaken(t *testing.T) {
	b := feedtest.Read(t, kev.Format, "x.csv", []byte(header+"CVE-1,,,,2026-01-02,,,,,,\nCVE-2024-0002,,,,soon,,,,,,\nCVE-2024-0003,,,,2026-01-02,,,later,,,\nCVE-2024-0004,,,,2026-01-02,,,,,,\n"))
	if len(b.Items) != 1 || len(b.Refused) != 3 || b.Refused[1].Where.Line != 3 || !strings.Contains(b.Refused[0].Reason, "CVE-2021-44228") {
		t.Errorf("%d taken, refused %v", len(b.Items), b.Refused)
	}
	feedtest.Refuses(t, kev.Format, [][3]string{{"another object", `{"a":1}`, "vulnerabilities"}, {"another table", "a,b\n1,2\n", "cveID"}, {"nothing", "", "first row"}})
}

func TestDetectsItsOwnAlone(t *testing.T) {
	feedtest.DetectsOnly(t, kev.Format, func(p string) bool {
		return strings.HasPrefix(p, "03-vulnerabilities/kev/known") && !strings.HasSuffix(p, "schema.json")
	})
}

func FuzzKEV(f *testing.F) {
	f.Add([]byte(asJSON))
	f.Add([]byte(asCSV))
	feedtest.Fuzz(f, kev.Format)
}

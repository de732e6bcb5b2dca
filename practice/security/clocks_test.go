package security

import (
	"testing"

	"binnacle/estate"
	"binnacle/model"
)

// TestClocks holds the last moments that were worked out by hand from the articles.
func TestClocks(t *testing.T) {
	v := estate.Empty().View(model.MustDate("2027-03-12"))
	at := func(text string) model.Time { m, _ := model.ParseTime(text); return m }
	for _, c := range []struct {
		name, regime, stage string
		incident            model.SecurityIncident
		due                 string
	}{
		{"GDPR: 72 hours from awareness", "GDPR Art. 33", "notification", model.SecurityIncident{PersonalData: true, Detected: at("2027-03-01T08:00:00Z"), Confirmed: at("2027-03-02T10:30:00Z")}, "2027-03-05T10:30:00Z"},
		{"NIS2: 24 hours", "NIS2 Art. 23", "early warning", model.SecurityIncident{Significant: true, Detected: at("2027-02-27T23:00:00Z")}, "2027-02-28T23:00:00Z"},
		{"NIS2: a month after the notification, of which February has no 31st day", "NIS2 Art. 23", "final report", model.SecurityIncident{Significant: true, Detected: at("2027-01-28T12:00:00Z"), Notifications: []model.IncidentNotification{{Regime: "nis2 art. 23", Stage: "Notification", Sent: at("2027-01-31T12:00:00Z")}}}, "2027-02-28T12:00:00Z"},
		{"DORA: 4 hours from classification", "DORA Art. 19", "initial notification", model.SecurityIncident{Major: true, Confirmed: at("2027-03-01T08:00:00Z"), Classified: at("2027-03-01T10:00:00Z")}, "2027-03-01T14:00:00Z"},
		{"DORA: 24 hours from awareness at the latest", "DORA Art. 19", "initial notification", model.SecurityIncident{Major: true, Confirmed: at("2027-03-01T08:00:00Z"), Classified: at("2027-03-02T07:00:00Z")}, "2027-03-02T08:00:00Z"},
		{"DORA: classified only later", "DORA Art. 19", "initial notification", model.SecurityIncident{Major: true, Confirmed: at("2027-03-01T08:00:00Z"), Classified: at("2027-03-03T09:00:00Z")}, "2027-03-03T13:00:00Z"},
		{"DORA: 72 hours after the first notice", "DORA Art. 19", "intermediate report", model.SecurityIncident{Major: true, Confirmed: at("2027-03-01T08:00:00Z"), Notifications: []model.IncidentNotification{{Regime: "DORA Art. 19", Stage: "initial notification", Sent: at("2027-03-01T09:00:00Z")}}}, "2027-03-04T09:00:00Z"},
		{"no personal data, no notice", "GDPR Art. 33", "notification", model.SecurityIncident{Detected: at("2027-03-01T08:00:00Z")}, ""},
		{"a risk is unlikely, no notice", "GDPR Art. 33", "notification", model.SecurityIncident{PersonalData: true, PersonRisk: "unlikely", Detected: at("2027-03-01T08:00:00Z")}, ""},
	} {
		due := ""
		for _, n := range noticesOf(v, &c.incident, at("2027-03-01T12:00:00Z")) {
			if n.regime == c.regime && n.stage == c.stage {
				due = n.due.String()
			}
		}
		if due != c.due {
			t.Errorf("%s: due %q, want %q", c.name, due, c.due)
		}
	}
}

// TestWeakness holds the bounds of NIST SP 800-131A.
func TestWeakness(t *testing.T) {
	for _, c := range []struct {
		algorithm, signature string
		bits                 int
		weak                 bool
	}{
		{"RSA", "SHA256-RSA", 2048, false}, {"RSA", "", 2047, true}, {"RSA", "SHA1-RSA", 4096, true}, {"ECDSA", "ECDSA-SHA256", 256, false}, {"ECDSA", "", 192, true}, {"Ed25519", "", 256, false}, {"ed25519", "", 0, false},
		{"DSA", "", 3072, true}, {"ssh-rsa", "", 1024, true}, {"3DES", "", 168, true}, {"AES", "", 128, false}, {"RSA", "MD5-RSA", 2048, true}, {"", "", 0, false},
	} {
		if got := weaknessOf(&model.Credential{Algorithm: c.algorithm, KeySize: c.bits, Signature: c.signature}) != ""; got != c.weak {
			t.Errorf("%s %d %s: weak %t, want %t", c.algorithm, c.bits, c.signature, got, c.weak)
		}
	}
}

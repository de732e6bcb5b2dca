package access

import (
	"testing"

	"binnacle/model"
)

// No delivered role both writes control tests and approves exceptions from them, and nobody who is tested writes what was observed.
func TestDeliveredRolesSeparateDuties(t *testing.T) {
	schema := model.Builtin()
	testers, approvers := 0, 0
	for _, role := range DeliveredRoles() {
		r := rightsOf(schema, []*model.Role{role})
		tests, exceptions, seen := r.kinds["ControlTest"].write, r.kinds["Exception"].write, r.kinds["Observation"].write
		if tests != none && exceptions == all {
			t.Errorf("%s writes control tests and approves exceptions", role.Key)
		}
		if tests == own || seen == own {
			t.Errorf("%s writes tests or observations of its own", role.Key)
		}
		if role.Key == "security-officer" && seen != none {
			t.Errorf("%s writes observations and answers for what is tested", role.Key)
		}
		if tests == all {
			testers++
		}
		if exceptions == all {
			approvers++
		}
	}
	if testers == 0 || approvers == 0 {
		t.Errorf("%d roles write control tests, %d approve exceptions", testers, approvers)
	}
}

// Everybody can do what security asks of everybody, and only few read the accounts of others and what people ask about their own data.
func TestDeliveredRolesAreDiscreet(t *testing.T) {
	schema := model.Builtin()
	readers := map[string]map[string]bool{
		"UserAccount":        {"cio": true, "cto": true, "security-officer": true, "security-engineer": true, "compliance-officer": true, "data-protection-officer": true, "service-desk": true, "auditor": true},
		"Grant":              {"cio": true, "cto": true, "security-officer": true, "compliance-officer": true, "data-protection-officer": true, "auditor": true},
		"DataSubjectRequest": {"cio": true, "data-protection-officer": true, "auditor": true},
		"SecurityIncident":   {"cio": true, "cto": true, "security-officer": true, "security-engineer": true, "risk-manager": true, "compliance-officer": true, "data-protection-officer": true, "auditor": true},
		"ReviewDecision":     {"cio": true, "cto": true, "security-officer": true, "compliance-officer": true, "auditor": true},
	}
	for _, role := range DeliveredRoles() {
		r := rightsOf(schema, []*model.Role{role})
		for kind, may := range readers {
			if got := r.kinds[kind].read == all; got != may[role.Key] {
				t.Errorf("%s reads every %s: %v, want %v", role.Key, kind, got, may[role.Key])
			}
		}
		if role.Key == "auditor" {
			for _, k := range schema.Kinds() {
				if g := r.kinds[k.Name]; g.approve != none || g.write != none && k.Name != "AuditRequest" && k.Name != "Finding" {
					t.Errorf("the auditor writes %s", k.Name)
				}
			}
			continue
		}
		for _, kind := range []string{"Attestation", "ReviewDecision", "Exception", "SecurityIncident", "CalibrationRound"} {
			if r.kinds[kind].write == none {
				t.Errorf("%s cannot write a %s of its own", role.Key, kind)
			}
		}
	}
}

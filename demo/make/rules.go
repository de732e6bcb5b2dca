package main

import (
	"fmt"
	"slices"
	"strings"
)

// carriers says whom the money of a contract belongs to, where what it covers cannot carry money itself.
var carriers = map[string][]string{
	"oracle-support": {"Service/core-database"}, "vmware-subscription": {"Team/infrastructure"}, "dell-prosupport": {"Team/infrastructure"}, "hpe-care": {"Team/infrastructure"},
	"netapp-support": {"Team/infrastructure"}, "cisco-smartnet": {"Team/infrastructure"}, "fortinet-bundle": {"Team/infrastructure"}, "kpn-wan": {"Team/infrastructure"},
	"telia-lines": {"Team/infrastructure"}, "orange-lines": {"Team/infrastructure"}, "northbay-lines": {"Team/infrastructure"}, "hammerbrook-colocation": {"Team/infrastructure"},
	"waalkracht-energy": {"Team/infrastructure"}, "koelwacht-cooling": {"Team/infrastructure"}, "brandlicht-fire": {"Team/infrastructure"}, "elastic-siem": {"Team/security"},
	"meldkamer-soc": {"Team/security"}, "rode-toren-testing": {"Team/security"}, "printvaart-printers": {"Service/workplace"}, "skywake-satellite": {"Service/vessel-operations", "Application/guest-wifi"},
	"foxdesk-archive": {"Application/document-archive"},
}

// mayCarry are the kinds that money can belong to.
var mayCarry = []string{"Application", "Service", "Product", "Team", "BusinessUnit"}

// purposeOf says what the money on an account is spent for, in rules and in budgets alike.
func purposeOf(account, centre string) string {
	switch {
	case account == "6000" && slices.Contains([]string{"2000", "2100", "2200"}, centre):
		return "grow"
	case account == "6000" && centre == "2300", account == "6310" && slices.Contains([]string{"2000", "2200", "2300"}, centre):
		return "transform"
	}
	return "run"
}

// costRules writes the rules that follow from teams and contracts. The others are in manifests/finance.yaml.
func costRules(cs []contract) []byte {
	var b strings.Builder
	b.WriteString("# Whom the lines of the ledger belong to: salaries to teams, and what is paid under a contract to what it is for.\n# Made by demo/make from contracts.csv; the other rules are in finance.yaml.\n")
	for i, t := range teams {
		if t.key == "" {
			continue
		}
		fmt.Fprintf(&b, "---\nkind: CostRule\nkey: salaries-%s\nname: Salaries of %s\norder: %d\nwhen:\n  - {column: x_LedgerAccount, is: equals, value: \"6000\"}\n  - {column: x_Text, is: starts, value: \"Salaries %s,\"}\nfor: [{to: Team/%s}]\ntower: %s\npurpose: %s\ntreatment: opex\n",
			t.key, t.name, 200+i, t.name, t.key, towerOf("6000", t.centre), purposeOf("6000", t.centre))
	}
	for i, c := range cs {
		if c.key == "aws-enterprise" || c.key == "azure-enterprise" || c.state == "draft" {
			continue
		}
		to := carriers[c.key]
		if to == nil {
			for _, x := range c.covers {
				if kind, _, _ := strings.Cut(x, "/"); slices.Contains(mayCarry, kind) {
					to = append(to, x)
				}
			}
		}
		var shares []string
		for j, x := range to {
			share := ""
			if c.key == "skywake-satellite" {
				share = fmt.Sprintf(", share: %d", []int{70, 30}[j])
			}
			shares = append(shares, fmt.Sprintf("{to: %s%s}", x, share))
		}
		account := accountOf[c.key]
		if account == "" {
			account = "6420"
		}
		fmt.Fprintf(&b, "---\nkind: CostRule\nkey: contract-%s\nname: \"Contract %s, %s\"\norder: %d\nwhen:\n  - {column: x_Text, is: starts, value: %s}\nfor: [%s]\nvendor: %s\ncontract: %s\ntower: %s\npurpose: %s\ntreatment: opex\n",
			c.key, c.number, c.vendorName, 300+i, c.number, strings.Join(shares, ", "), c.vendor, c.key, towerOf(account, c.centre), purposeOf(account, c.centre))
	}
	return []byte(b.String())
}

// towerOf is the resource tower of an account and a cost centre.
func towerOf(account, centre string) string {
	switch account {
	case "6510", "6520":
		return "data-centre"
	case "6610":
		return "network"
	}
	switch centre {
	case "1100", "1110":
		return "compute"
	case "1120":
		return "network"
	case "1130":
		return "workplace"
	case "1200":
		return "platform"
	case "1300":
		return "security"
	}
	if account == "6000" {
		return "application-development"
	}
	return "application-support"
}

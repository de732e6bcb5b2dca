package privacy

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/model"
	"binnacle/practice"
)

// listsAsOf is the day as of which the lists below hold.
var listsAsOf = model.MustDate("2026-03-01")

// economicArea are the countries in which the GDPR holds itself: the European Union with its outermost regions that have letters of their own, Iceland, Liechtenstein and Norway.
var economicArea = strings.Fields("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO AX GF GP MQ MF RE YT")

// adequate are the countries for which the Commission has decided under GDPR Art. 45(3) that they protect personal data well enough. An
// organisation replaces a line by a record of kind CountryDecision.
var adequate = []struct {
	country string
	basis   model.CountryBasis
	scope   string
	until   model.Date
}{
	{"AD", model.CountryAdequate, "", 0},
	{"AR", model.CountryAdequate, "", 0},
	{"BR", model.CountryAdequate, "", 0},
	{"CA", model.CountryPartly, "commercial organisations under the federal law of the private sector", 0},
	{"CH", model.CountryAdequate, "", 0},
	{"FO", model.CountryAdequate, "", 0},
	{"GB", model.CountryAdequate, "", model.MustDate("2031-12-27")},
	{"GG", model.CountryAdequate, "", 0},
	{"IL", model.CountryAdequate, "", 0},
	{"IM", model.CountryAdequate, "", 0},
	{"JE", model.CountryAdequate, "", 0},
	{"JP", model.CountryAdequate, "", 0},
	{"KR", model.CountryAdequate, "", 0},
	{"NZ", model.CountryAdequate, "", 0},
	{"US", model.CountryPartly, "organisations that are certified under the EU-US Data Privacy Framework", 0},
	{"UY", model.CountryAdequate, "", 0},
}

// standing is what holds for personal data that goes to a country.
type standing struct {
	basis model.CountryBasis
	scope string
	until model.Date
	// ended says that there was a decision and that it no longer holds.
	ended bool
	// from is the decision of the organisation, where there is one.
	from practice.Link
}

// free reports whether data may go there without more.
func (s standing) free() bool {
	return s.basis == model.CountryHome || s.basis == model.CountryAdequate
}

// away reports whether the country is outside of where the law holds itself.
func (s standing) away() bool { return s.basis != model.CountryHome }

// country returns what holds for a country on the day of the view: the youngest decision of the organisation that
// has begun, else what Binnacle comes with. A decision of the organisation that has ended leaves a third country.
func (b *book) country(code string) standing {
	var best *model.CountryDecision
	for _, d := range b.decisions[code] {
		if d.Since <= b.view.At() && (best == nil || d.Since > best.Since) {
			best = d
		}
	}
	if best != nil {
		s := standing{basis: best.Basis, scope: best.Scope, until: best.Until, from: practice.To(best)}
		if !best.Until.IsZero() && best.Until < b.view.At() && best.Basis != model.CountryThird {
			s.basis, s.ended = model.CountryThird, true
		}
		return s
	}
	if slices.Contains(economicArea, code) || b.isOwn(code) {
		return standing{basis: model.CountryHome}
	}
	for _, d := range adequate {
		if d.country != code {
			continue
		}
		s := standing{basis: d.basis, scope: d.scope, until: d.until}
		if !d.until.IsZero() && d.until < b.view.At() {
			s.basis, s.ended = model.CountryThird, true
		}
		return s
	}
	return standing{basis: model.CountryThird}
}

// isOwn reports whether the company, or a part of it, is established in a country.
func (b *book) isOwn(code string) bool {
	return slices.ContainsFunc(b.profiles, func(p *model.PrivacyProfile) bool { return p.Country == code })
}

// listNote says how old the lists of countries are that stand behind an answer.
func listNote() string {
	return "The economic area and the adequacy decisions that Binnacle comes with are as of " + listsAsOf.String() + ". Record what has changed since as CountryDecision: it takes their place."
}

// regions are the countries of regions of large providers, by the beginning of the provider's name of the region. The longest beginning counts.
var regions = map[string]string{
	"eu-central-1": "DE", "eu-central-2": "CH", "eu-west-1": "IE", "eu-west-2": "GB", "eu-west-3": "FR", "eu-north-1": "SE", "eu-south-1": "IT", "eu-south-2": "ES",
	"us-": "US", "ca-": "CA", "mx-": "MX", "sa-east-1": "BR", "af-south-1": "ZA", "me-south-1": "BH", "me-central-1": "AE", "il-central-1": "IL", "cn-": "CN",
	"ap-northeast-1": "JP", "ap-northeast-2": "KR", "ap-northeast-3": "JP", "ap-south-": "IN", "ap-southeast-1": "SG", "ap-southeast-2": "AU", "ap-southeast-3": "ID",
	"ap-southeast-4": "AU", "ap-southeast-6": "NZ", "ap-southeast-5": "MY", "ap-southeast-7": "TH", "ap-east-1": "HK", "ap-east-2": "TW",
	"westeurope": "NL", "northeurope": "IE", "germany": "DE", "france": "FR", "switzerland": "CH", "norway": "NO", "sweden": "SE", "poland": "PL", "italy": "IT", "spain": "ES",
	"uksouth": "GB", "ukwest": "GB", "austriaeast": "AT", "belgium": "BE", "denmark": "DK", "chile": "CL", "indonesia": "ID", "malaysia": "MY", "eastus": "US", "westus": "US", "centralus": "US", "northcentralus": "US", "southcentralus": "US", "westcentralus": "US",
	"canada": "CA", "brazil": "BR", "mexico": "MX", "japan": "JP", "korea": "KR", "southeastasia": "SG", "eastasia": "HK", "australia": "AU", "centralindia": "IN", "southindia": "IN",
	"westindia": "IN", "uaenorth": "AE", "uaecentral": "AE", "qatar": "QA", "israelcentral": "IL", "southafrica": "ZA", "newzealand": "NZ", "china": "CN",
	"europe-west1": "BE", "europe-west2": "GB", "europe-west3": "DE", "europe-west4": "NL", "europe-west6": "CH", "europe-west8": "IT", "europe-west9": "FR", "europe-west10": "DE",
	"europe-west12": "IT", "europe-north1": "FI", "europe-north2": "SE", "europe-central2": "PL", "europe-southwest1": "ES", "northamerica-northeast": "CA", "northamerica-south1": "MX",
	"southamerica-east1": "BR", "southamerica-west1": "CL", "asia-east1": "TW", "asia-east2": "HK", "asia-northeast1": "JP", "asia-northeast2": "JP", "asia-northeast3": "KR",
	"asia-south1": "IN", "asia-south2": "IN", "asia-southeast3": "TH", "asia-southeast1": "SG", "asia-southeast2": "ID", "australia-southeast": "AU", "me-west1": "IL", "me-central2": "SA", "africa-south1": "ZA",
	"us-central1": "US", "us-east": "US", "us-south1": "US", "us-west": "US",
}

// regionCountry returns the country of a region of a provider, and nothing where it is not known.
func regionCountry(region string) string {
	name := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(region), " ", ""))
	best, country := 0, ""
	for prefix, c := range regions {
		if strings.HasPrefix(name, prefix) && len(prefix) > best && endsThere(name, prefix) {
			best, country = len(prefix), c
		}
	}
	return country
}

// endsThere reports whether a number at the end of a prefix is the whole number in the name: europe-west1 does not begin europe-west10.
func endsThere(name, prefix string) bool {
	last := prefix[len(prefix)-1]
	rest := cmp.Or(strings.TrimPrefix(name, prefix), " ")
	return last < '0' || last > '9' || rest[0] < '0' || rest[0] > '9'
}

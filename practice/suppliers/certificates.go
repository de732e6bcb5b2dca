package suppliers

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CertificatesIn says which certificates are looked at.
type CertificatesIn struct {
	// Within is how many days ahead a certificate counts as expiring. The default is 90.
	Within int `min:"0" max:"3650"`
	// Vendor limits the answer to one vendor.
	Vendor model.Ref `to:"Vendor"`
}

// CertificatesOut are the certificates of vendors.
type CertificatesOut struct {
	// Expired is how many certificates have run out.
	Expired practice.Figure
	// Expiring is how many run out soon.
	Expiring practice.Figure
	// Unproven is how many vendors process personal data and have no certificate that holds.
	Unproven practice.Figure
	// Findings say which certificates to ask for, the most urgent first.
	Findings []practice.Finding
	// Certificates are all certificates, by their last day.
	Certificates practice.Table[Certificate]
}

// Certificate is a proof that a vendor has shown.
type Certificate struct {
	// Vendor is who has it.
	Vendor practice.Link
	// Name is the norm.
	Name string
	// Expires is the last day on which it holds.
	Expires model.Date
	// DaysLeft is how many days are left. Empty where nobody knows its last day.
	DaysLeft *int
	// PersonalData says that the vendor processes personal data for us.
	PersonalData bool
	// Criticality says how much the business depends on the vendor.
	Criticality model.Criticality
}

// Certificates tells which proofs of quality and security vendors have shown, which
// have expired or will soon, and which vendors process personal data without any that holds.
func Certificates(v estate.View, in CertificatesIn) (CertificatesOut, error) {
	var out CertificatesOut
	soon := v.At().AddDays(cmp.Or(in.Within, 90))
	var expired, expiring, unproven []practice.Link
	for vendor := range estate.Each[*model.Vendor](v) {
		if !in.Vendor.IsZero() && vendor.Ref() != in.Vendor {
			continue
		}
		link, contact := practice.To(vendor), contactOf(v, vendor)
		add := func(s practice.Severity, text string, args ...any) {
			out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, Owner: contact, From: []practice.Link{link}})
		}
		for _, c := range vendor.Certificates {
			row := Certificate{Vendor: link, Name: c.Name, Expires: c.Expires, PersonalData: vendor.PersonalData, Criticality: vendor.Criticality}
			if !c.Expires.IsZero() {
				left := int(c.Expires - v.At())
				row.DaysLeft = &left
			}
			out.Certificates.Rows = append(out.Certificates.Rows, row)
			switch {
			case c.Expires.IsZero():
			case c.Expires < v.At():
				if renewed(vendor, c, v.At()) {
					continue
				}
				expired = append(expired, link)
				severity := practice.Medium
				if vendor.PersonalData {
					severity = practice.High
				}
				add(severity, "%s of %s expired on %s: ask for a new one.", c.Name, vendor.Title(), c.Expires)
			case c.Expires <= soon && !renewed(vendor, c, soon):
				expiring = append(expiring, link)
				add(practice.Low, "%s of %s expires on %s: ask for the next one.", c.Name, vendor.Title(), c.Expires)
			}
		}
		if vendor.PersonalData && !hasCertificate(vendor, v.At()) {
			unproven = append(unproven, link)
		}
	}
	slices.SortStableFunc(out.Certificates.Rows, func(a, b Certificate) int { return cmp.Compare(a.Expires, b.Expires) })
	practice.WorstFirst(out.Findings)
	out.Expired = practice.Counted("certificates", practice.Lower, expired)
	out.Expiring = practice.Counted("certificates", practice.Lower, expiring)
	out.Unproven = practice.Counted("vendors", practice.Lower, unproven)
	return out, nil
}

// renewed reports whether a vendor has the same certificate with a day after another one.
func renewed(vendor *model.Vendor, old model.VendorCertificate, after model.Date) bool {
	return slices.ContainsFunc(vendor.Certificates, func(c model.VendorCertificate) bool {
		return alike(c.Name, old.Name) && (c.Expires.IsZero() || c.Expires > after)
	})
}

// hasCertificate reports whether a vendor has a certificate that holds on a day.
func hasCertificate(vendor *model.Vendor, day model.Date) bool {
	return slices.ContainsFunc(vendor.Certificates, func(c model.VendorCertificate) bool { return c.Expires.IsZero() || c.Expires >= day })
}

// contactOf returns who answers for a vendor on our side: its owner or its contact.
func contactOf(v estate.View, vendor *model.Vendor) practice.Link {
	if owner := practice.OwnerOf(v, vendor); !owner.IsZero() {
		return owner
	}
	return practice.To(v.Get(vendor.Contact))
}

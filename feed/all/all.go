// Package all lists the formats that Binnacle reads, finds out of which format
// a content is, and takes folders and archives apart into contents.
package all

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/backstage"
	"binnacle/feed/csaf"
	"binnacle/feed/cyclonedx"
	"binnacle/feed/endoflife"
	"binnacle/feed/epss"
	"binnacle/feed/glpi"
	"binnacle/feed/govulncheck"
	"binnacle/feed/grants"
	"binnacle/feed/grype"
	"binnacle/feed/kev"
	"binnacle/feed/letters"
	"binnacle/feed/madr"
	"binnacle/feed/manifest"
	"binnacle/feed/netbox"
	"binnacle/feed/nmap"
	"binnacle/feed/nvd"
	"binnacle/feed/openvex"
	"binnacle/feed/oscal"
	"binnacle/feed/osv"
	"binnacle/feed/outline"
	"binnacle/feed/radar"
	"binnacle/feed/sarif"
	"binnacle/feed/sheet"
	"binnacle/feed/spdx"
	"binnacle/feed/trivy"
)

// Formats returns every format that Binnacle reads. Where two are equally likely, the first one is meant.
func Formats() []feed.Format {
	return []feed.Format{
		osv.Format,
		nvd.Format,
		kev.Format,
		epss.Format,
		cyclonedx.Format,
		spdx.Format,
		endoflife.Format,
		backstage.Format,
		glpi.Format,
		netbox.Format,
		nmap.Format,
		oscal.Format,
		outline.Format,
		radar.Format,
		grants.SCIM,
		grants.Format,
		csaf.Format,
		govulncheck.Format,
		grype.Format,
		openvex.Format,
		sarif.Format,
		trivy.Format,
		madr.Format,
		letters.Format,
		manifest.Format,
		sheet.Format,
	}
}

// Format returns the format with a name.
func Format(name string) (feed.Format, error) {
	var names []string
	for _, f := range Formats() {
		if strings.EqualFold(f.Name, strings.TrimSpace(name)) {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return feed.Format{}, fmt.Errorf("there is no format %q: use one of %s", name, strings.Join(names, ", "))
}

// ErrUnknown is in the error of every content that is of no format that Binnacle reads.
var ErrUnknown = errors.New("not a format that Binnacle reads")

// certain is how likely a format is that says it is certain. Others are not asked then, because databases come as very many small files.
const certain = 100

// certainly reports whether some format of records is certain that a content is of it.
func certainly(data []byte) bool {
	return slices.ContainsFunc(Formats(), func(f feed.Format) bool { return f.Detect(data) >= certain })
}

// Detect returns the format that a content most likely is of. The error wraps
// [ErrUnknown] and lists what was tried.
func Detect(data []byte) (feed.Format, error) {
	var best feed.Format
	var labels []string
	most := 0
	for _, f := range Formats() {
		labels = append(labels, f.Label)
		if c := f.Detect(data); c > most {
			best, most = f, c
		}
		if most >= certain {
			return best, nil
		}
	}
	switch {
	case most > 0:
		return best, nil
	case len(data) == 0:
		return best, fmt.Errorf("%w: the file is empty", ErrUnknown)
	}
	return best, fmt.Errorf("%w: it was tried as %s", ErrUnknown, strings.Join(labels, ", "))
}

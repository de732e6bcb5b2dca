package model

// Technology is a product that others make and support in releases: an operating system, a database, a language, a framework.
type Technology struct {
	Meta
	// Category is the sort of technology, such as os, database, lang, framework, server-app or device.
	Category string
	// Vendor is the company that makes it.
	Vendor Ref `to:"Vendor" back:"technologies"`
	// Aliases are other names that inventories use for it.
	Aliases []string
	// PackageURLs name it as a package, without a version.
	PackageURLs []string `name:"package_urls" format:"purl"`
	// CPEs name it in the Common Platform Enumeration, without a version.
	CPEs []string `name:"cpes"`
	// Link is the page that describes it.
	Link string `format:"url"`
	// PolicyLink is the page with the maker's support policy.
	PolicyLink string `format:"url"`
	// Cycles are its releases with the dates of their support, newest first.
	Cycles []Cycle
	// ExternalID is the name that the source of the release dates uses, such as debian.
	ExternalID string `ident:"endoflife"`
}

// Cycle is one release of a technology and the dates of its support.
type Cycle struct {
	// Name is the version that all its patch releases share, such as 12 or 3.11.
	Name string `is:"required"`
	// Label is what the maker calls it, such as 12 (Bookworm).
	Label string
	// Released is the day of its first release.
	Released Date
	// LTS says that the maker supports it for a long time.
	LTS bool `name:"lts"`
	// LTSFrom is the day from which it counts as a long-term release.
	LTSFrom Date `name:"lts_from"`
	// ActiveSupport is the last day of active support: new features and all fixes.
	ActiveSupport Date
	// SecuritySupport is the last day of security fixes. It is the end of life for most users.
	SecuritySupport Date
	// ExtendedSupport is the last day of support that must be paid for.
	ExtendedSupport Date
	// Discontinued is the day from which it is no longer sold.
	Discontinued Date
	// Unsupported says that security support has ended on a day that is not known.
	Unsupported bool
	// Supported says that security support goes on and that its end is not known.
	Supported bool
	// ActiveEnded says that active support has ended on a day that is not known.
	ActiveEnded bool
	// ExtendedUnavailable says that no support can be bought, or that it has ended on a day that is not known.
	ExtendedUnavailable bool
	// Latest is its newest patch release.
	Latest string
	// LatestReleased is the day of its newest patch release.
	LatestReleased Date
	// Link is the page that describes the release.
	Link string
}

// Component is a package at a version, as a bill of materials of one application lists it.
type Component struct {
	Meta
	// Application is what the bill of materials describes.
	Application Ref `to:"Application,Product,Host,NetworkDevice,Service,Release" back:"components" flow:"serves"`
	// PackageURL is the package with its version, such as pkg:npm/lodash@4.17.21.
	PackageURL string `format:"purl"`
	// Version is the version of the package.
	Version string
	// VersionSince is when an import found it in this version for the first time. Unset means when the record was created.
	VersionSince Time `is:"system"`
	// Group is the namespace of the package, such as org.apache.logging.log4j.
	Group string
	// Type is what sort of component it is, such as library, framework, container or operating-system.
	Type string
	// Scope says whether it is required, optional or excluded at run time.
	Scope string
	// Licences are the licences that it is under, as SPDX identifiers or expressions or as names.
	Licences []string
	// Supplier is the organisation that supplied it.
	Supplier string
	// CPE is its name in the Common Platform Enumeration.
	CPE string `name:"cpe"`
	// Hashes are the digests of the package, each as algorithm:hex.
	Hashes []string
	// DependsOn are the components that it needs.
	DependsOn []Ref `to:"Component" back:"needed by" flow:"needs"`
	// Technology is the technology that it is a release of, where it is known.
	Technology Ref `to:"Technology" back:"components" flow:"needs"`
}

// Package demo holds the demo company: Halyard Lines, a ferry and freight
// operator of our own invention, as the files that its systems would hand out.
//
// The files are in the same formats that feeds read, so that looking at the
// demo and importing a real company are one and the same road. README.md tells
// the story of the company and lists the problems that are there to be found.
package demo

import (
	"embed"
	"io/fs"
)

//go:embed technologies manifests inventory boms bills ledger usage finance workplace compliance security advisories scans grants *.csv catalog-info.yaml
var files embed.FS

// Files returns the files of the demo company, under the names that [Order] lists.
func Files() fs.FS { return unpacked{files} }

// Order lists the names of all files in the order in which to load them.
// A record only points to records of its own file or of files before it; the
// one exception are organisation.yaml and people.yaml, which name each other.
// The name of a table is the plural of the kind that its rows are, such as hosts.csv, or its first column says the kind.
// Bills, the ledger and measured use come last: they are bulk lines and become no records.
// They, the tables of finance and workplace and those in grants are made by demo/make.
// A bill of materials whose name has an at sign is that of the release behind it.
var Order = []string{
	"technologies/centos.md",
	"technologies/cisco-ios-xe.md",
	"technologies/debian.md",
	"technologies/dotnet.md",
	"technologies/eclipse-temurin.md",
	"technologies/fortios.md",
	"technologies/kubernetes.md",
	"technologies/log4j.md",
	"technologies/mssqlserver.md",
	"technologies/mysql.md",
	"technologies/nginx.md",
	"technologies/nodejs.md",
	"technologies/oracle-database.md",
	"technologies/postgresql.md",
	"technologies/python.md",
	"technologies/redis.md",
	"technologies/rhel.md",
	"technologies/spring-framework.md",
	"technologies/tomcat.md",
	"technologies/ubuntu.md",
	"technologies/vmware-esxi.md",
	"technologies/windows-server.md",
	"technologies/windows.md",
	"manifests/organisation.yaml",
	"manifests/people.yaml",
	"manifests/goals.yaml",
	"manifests/capabilities.yaml",
	"manifests/vendors.yaml",
	"manifests/technologies.yaml",
	"manifests/network.yaml",
	"manifests/cloud.yaml",
	"hosts.csv",
	"manifests/host-roles.yaml",
	"manifests/platform-services.yaml",
	"manifests/applications.yaml",
	"manifests/services.yaml",
	"manifests/data-sets.yaml",
	"manifests/interfaces.yaml",
	"manifests/processes.yaml",
	"manifests/products.yaml",
	"manifests/documents.yaml",
	"contracts.csv",
	"assets.csv",
	"workplace/assets.csv",
	"inventory/gdn-bld-01.glpi.json",
	"inventory/hul-wks-01.glpi.json",
	"inventory/lap-amunro.glpi.json",
	"inventory/lap-vkramer.glpi.json",
	"inventory/rtm-db-01.glpi.json",
	"inventory/rtm-fox-01.glpi.json",
	"inventory/gothenburg-port.nmap.xml",
	"manifests/licences.yaml",
	"manifests/projects.yaml",
	"manifests/finance.yaml",
	"manifests/cost-rules.yaml",
	"finance/exchange-rates.csv",
	"finance/budgets.csv",
	"finance/invoices.csv",
	"manifests/contract-terms.yaml",
	"manifests/supplier-file.yaml",
	"manifests/asset-life.yaml",
	"manifests/frameworks.yaml",
	"manifests/policies.yaml",
	"manifests/controls.yaml",
	"manifests/credentials.yaml",
	"manifests/risks.yaml",
	"compliance/observations.csv",
	"manifests/audit.yaml",
	"manifests/incidents.yaml",
	"security/attestations.csv",
	"security/training.csv",
	"manifests/offices.yaml",
	"boms/booking-engine.cdx.json",
	"boms/customs-gateway.cdx.json",
	"boms/fare-engine.cdx.json",
	"boms/freight-booking.cdx.json",
	"boms/freight-portal.cdx.json",
	"boms/gate-control.cdx.json",
	"boms/harbour-bus.cdx.json",
	"boms/mobile-app.cdx.json",
	"boms/payment-hub.cdx.json",
	"boms/voyage-optimiser.cdx.json",
	"boms/web-shop.cdx.json",
	"boms/check-in-kiosk.spdx.json",
	"manifests/vulnerabilities.yaml",
	"boms/payment-hub@5.7.3.cdx.json",
	"boms/web-shop@2026.48.cdx.json",
	"advisories/osv.json",
	"advisories/kev.csv",
	"advisories/epss.csv",
	"scans/web-shop.trivy.json",
	"scans/check-in-kiosk.govulncheck.json",
	"scans/compass-club.sarif",
	"manifests/privacy.yaml",
	"grants/aws-commerce.csv",
	"grants/booking-engine.csv",
	"grants/code-forge.csv",
	"grants/customs-gateway.csv",
	"grants/erp.csv",
	"grants/payroll-run.csv",
	"grants/sign-on.csv",
	"manifests/identity.yaml",
	"catalog-info.yaml",
	"bills/aws.csv",
	"bills/azure.csv",
	"ledger/2024.csv",
	"ledger/2025.csv",
	"ledger/2026.csv",
	"usage/use.csv",
}

package assets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// UnlicensedIn says what counts as commercial.
type UnlicensedIn struct {
	// Publishers are further makers whose software must be paid for.
	Publishers []string
	// Free are further names of software that costs nothing. A name that ends in * stands for all that begin so.
	Free []string
	// Limit is how many rows there are at most. The default is 200.
	Limit int `min:"1" max:"1000000"`
}

// UnlicensedOut is software that must be paid for and that there is no licence for.
type UnlicensedOut struct {
	// Titles is how many titles were found that there is no licence for.
	Titles practice.Figure
	// Machines is how many machines have one of them.
	Machines practice.Figure
	// Findings name those that are on the most machines.
	Findings []practice.Finding
	// Table lists the titles, those on the most machines first.
	Table practice.Table[UnlicensedRow]
}

// UnlicensedRow is a title that there is no licence for.
type UnlicensedRow struct {
	// Name is the name of the software as inventories have it, without its version.
	Name string
	// Publisher is the maker.
	Publisher string
	// Versions are the versions that were found.
	Versions string
	// Machines is how many machines have it.
	Machines int
	// Examples are some of them.
	Examples []practice.Link
	// From are all of them.
	From []practice.Link
}

// makers are parts of the names of makers most of whose software must be paid for.
var makers = []string{"adobe", "altova", "ansys", "atlassian", "autodesk", "bentley", "broadcom", "cadence", "citrix", "commvault", "corel", "dassault", "devexpress", "embarcadero", "esri", "foxit",
	"ibm", "international business machines", "jetbrains", "mathworks", "micro focus", "microsoft", "opentext", "oracle", "parallels", "progress software", "ptc inc", "qlik", "quest software", "red gate", "sap se", "sap ag",
	"sas institute", "siemens", "smartbear", "solarwinds", "splunk", "tableau", "techsmith", "telerik", "teamviewer", "tibco", "veeam", "veritas", "vmware", "winrar", "win.rar"}

// openSource are parts of the names of makers whose packages are mostly open source, though they sell subscriptions.
var openSource = []string{"red hat", "suse", "canonical", "debian", "gitlab", "grafana", "elastic", "hashicorp", "docker", "postgres", "mongodb", "redis", "nginx"}

// free are words in the names of software of such makers that costs nothing or comes with something else.
var free = []string{"redistributable", "runtime", "driver", "update", "hotfix", "service pack", "language pack", "sdk", "client access", "edge", "webview", ".net", "silverlight", "onedrive", "defender",
	"reader", "viewer", "player", "express", "community", "management studio", "odbc", "native client", "visual studio code", "vs code", "powershell", "azure cli", "openjdk", "java 8 update",
	"tools for", "vmware tools", "guest additions", "virtualbox", "receiver", "workspace app", "agent", "plug-in", "plugin", "help viewer", "windows sdk", "teams", "sysinternals", "tableau public", "health", "bonjour"}

// Unlicensed finds software on machines whose maker usually wants to be paid and
// that no licence covers. Makers are those of a list, those that licences were bought from unless most of what they make is open source, and those
// that are given. What usually costs nothing, such as readers, runtimes and drivers, is left out; it is a hint and no proof.
func Unlicensed(v estate.View, in UnlicensedIn) (UnlicensedOut, error) {
	var out UnlicensedOut
	known := namesOf(v)
	paid := slices.Clone(makers)
	for l := range estate.Each[*model.Licence](v) {
		vendor, ok := estate.Look[*model.Vendor](v, l.Vendor)
		if ok && !slices.ContainsFunc(openSource, func(o string) bool { return strings.Contains(normal(vendor.Title()), o) }) {
			paid = append(paid, normal(vendor.Title()))
		}
	}
	for _, p := range in.Publishers {
		paid = append(paid, normal(p))
	}
	type title struct{ name, publisher string }
	rows := map[title]*UnlicensedRow{}
	versions := map[title][]string{}
	var order []title
	var machines []practice.Link
	commercial := map[string]bool{}
	for h := range estate.Each[*model.Host](v) {
		if practice.Gone(h, v.At()) {
			continue
		}
		has := false
		for _, s := range h.Software {
			pays, seen := commercial[s.Publisher]
			if !seen {
				publisher := normal(s.Publisher)
				pays = publisher != "" && slices.ContainsFunc(paid, func(p string) bool { return p != "" && strings.Contains(publisher, p) })
				commercial[s.Publisher] = pays
			}
			if !pays || costsNothing(s.Name, in.Free) || known.product(s.Name) != "" {
				continue
			}
			has = true
			t := title{bare(s.Name), normal(s.Publisher)}
			row := rows[t]
			if row == nil {
				row = &UnlicensedRow{Name: t.name, Publisher: s.Publisher}
				rows[t] = row
				order = append(order, t)
			}
			if l := practice.To(h); len(row.From) == 0 || row.From[len(row.From)-1] != l {
				row.From = append(row.From, l)
			}
			if s.Version != "" && !slices.Contains(versions[t], s.Version) {
				versions[t] = append(versions[t], s.Version)
			}
		}
		if has {
			machines = append(machines, practice.To(h))
		}
	}
	for _, t := range order {
		row := rows[t]
		slices.Sort(versions[t])
		row.Versions = strings.Join(versions[t], ", ")
		row.Machines, row.Examples = len(row.From), row.From[:min(3, len(row.From))]
		out.Table.Rows = append(out.Table.Rows, *row)
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b UnlicensedRow) int {
		return cmp.Or(cmp.Compare(b.Machines, a.Machines), cmp.Compare(normal(a.Name), normal(b.Name)))
	})
	for _, row := range out.Table.Rows[:min(5, len(out.Table.Rows))] {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: row.From[0], From: row.From,
			Text: fmt.Sprintf("%s of %s is on %s without a licence: buy one, add its name to a licence, or take it off.", row.Name, row.Publisher, practice.Count(row.Machines, "machine", "machines"))})
	}
	out.Titles = practice.Figure{Value: float64(len(out.Table.Rows)), Unit: "titles", Better: practice.Lower, From: machines}
	out.Machines = practice.Counted("machines", practice.Lower, machines)
	if limit := cmp.Or(in.Limit, 200); len(out.Table.Rows) > limit {
		out.Table.Rows = out.Table.Rows[:limit]
		out.Table.Note = "the rest is left out; raise the limit to see it"
	}
	return out, nil
}

// costsNothing reports whether a name is of something that usually costs nothing, or that somebody said costs nothing.
func costsNothing(name string, further []string) bool {
	text := normal(name)
	if slices.ContainsFunc(free, func(w string) bool { return strings.Contains(text, w) }) {
		return true
	}
	return slices.ContainsFunc(further, func(f string) bool {
		start, all := strings.CutSuffix(normal(f), "*")
		return text == start || all && strings.HasPrefix(text, start)
	})
}

// bare takes the version and the width of the processor off the end of a name, so that releases of one title stand together.
func bare(name string) string {
	words := strings.Fields(name)
	for len(words) > 1 {
		last := strings.ToLower(strings.Trim(words[len(words)-1], "()-,"))
		digit := last != "" && last[0] >= '0' && last[0] <= '9' || strings.HasPrefix(last, "v") && len(last) > 1 && last[1] >= '0' && last[1] <= '9'
		if !digit && last != "x64" && last != "x86" && last != "" {
			break
		}
		words = words[:len(words)-1]
	}
	return strings.Join(words, " ")
}

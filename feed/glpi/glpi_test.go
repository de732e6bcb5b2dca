package glpi

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// server is an inventory of our own invention.
const server = `{"action":"inventory","deviceid":"mast-2026-01-02-03-04-05","itemtype":"Computer","tag":"harbour","content":{
"versionclient":"GLPI-Agent_v1.7",
"accesslog":{"logdate":"2026-05-01 12:00:00"},
"bios":{"smanufacturer":"Keelson","smodel":"K-200","ssn":"KX99","msn":"/KX99/1/","assettag":"INV-0042"},
"hardware":{"name":"MAST","uuid":"0055ADC9-1D3A-E411-8043-B05D95113232","chassis_type":"Rack Mount Chassis","vmsystem":"Physical","memory":16384},
"operatingsystem":{"name":"Debian","version":"12 (bookworm)","full_name":"Debian GNU/Linux 12 (bookworm)","fqdn":"Mast.Harbour.Example","timezone":{"name":"CEST","offset":"+0200"}},
"cpus":[{"core":8,"thread":16,"name":"X"},{"core":8}],
"storages":[{"name":"sda","type":"disk","disksize":1073742},{"name":"sr0","type":"cd/dvd","disksize":4000}],
"networks":[{"description":"lo","ipaddress":"127.0.0.1","mac":"00:00:00:00:00:00","virtualdev":true},
 {"description":"eth0","ipaddress":"10.2.0.7","mac":"00:16:3E:00:00:07"},{"description":"eth0","ipaddress6":"fe80::1"},{"description":"eth0","ipaddress6":"2001:db8::7"},
 {"description":"docker0","ipaddress":"172.17.0.1","mac":"02:42:00:00:00:01","virtualdev":true},
 {"description":"ilo","ipaddress":"10.9.0.7","mac":"00:16:3E:00:00:99","management":true}],
"softwares":[{"name":"zlib1g","version":"1.3","publisher":"Debian"},{"name":"bash","version":"5.2","install_date":"2026-01-02"},{"name":"bash","version":"5.2","install_date":"2026-01-02","arch":"i386"}],
"virtualmachines":[{"name":"spar","uuid":"c37f7ce8-af95-4676-b454-0959f2c5e162","vmtype":"libvirt","status":"running","vcpu":2,"memory":2048,"mac":"52:54:00:00:00:01"},
 {"name":"boom"},{"name":"db","image":"postgres","status":"running","uuid":"7e64b4b09941","vmtype":"docker"}]
}}`

func readText(t testing.TB, text string) *feed.Batch {
	t.Helper()
	return feedtest.Read(t, Format, "inventory", []byte(text))
}

var noIDs = cmpopts.IgnoreFields(model.Meta{}, "ID")

func TestComputer(t *testing.T) {
	b := readText(t, server)
	found := feedtest.Records[*model.Host](b)
	if len(found) != 4 {
		t.Fatalf("%d hosts were proposed, not 4", len(found))
	}
	day := model.MustDate("2026-01-02")
	at, _ := model.ParseTime("2026-05-01T10:00:00Z")
	on := found[0].Ref()
	want := []*model.Host{
		{
			Meta: model.Meta{Key: "mast", Name: "MAST", Tags: []string{"harbour"}}, Type: "hypervisor", FQDN: "mast.harbour.example", Serial: "KX99",
			UUID: "0055ADC9-1D3A-E411-8043-B05D95113232", MACs: []string{"00:16:3e:00:00:07"}, IPs: []string{"10.2.0.7", "172.17.0.1", "2001:db8::7"},
			Manufacturer: "Keelson", Model: "K-200", OperatingSystem: "Debian", OSVersion: "12", CPUs: 16, Memory: 16, Disk: 1000, LastContact: at,
			Software: []model.InstalledSoftware{{Name: "bash", Version: "5.2", Installed: day}, {Name: "zlib1g", Version: "1.3", Publisher: "Debian"}},
		},
		{Meta: model.Meta{Key: "spar", Name: "spar", Tags: []string{"libvirt"}}, Type: "virtual", RunsOn: on, UUID: "c37f7ce8-af95-4676-b454-0959f2c5e162",
			Status: "running", CPUs: 2, Memory: 2, MACs: []string{"52:54:00:00:00:01"}},
		{Meta: model.Meta{Key: "mast/boom", Name: "boom"}, Type: "virtual", RunsOn: on},
		{Meta: model.Meta{Key: "mast/db", Name: "db", Tags: []string{"docker"}}, Type: "virtual", RunsOn: on, UUID: "7e64b4b09941", Status: "running"},
	}
	if diff := cmp.Diff(want, found, noIDs); diff != "" {
		t.Errorf("the hosts differ (-want +got):\n%s", diff)
	}
	wantAssets := []*model.Asset{{Meta: model.Meta{Key: "kx99"}, Serial: "KX99", InventoryNumber: "INV-0042", Manufacturer: "Keelson", Model: "K-200", Category: "server", Is: on}}
	if diff := cmp.Diff(wantAssets, feedtest.Records[*model.Asset](b), noIDs); diff != "" {
		t.Errorf("the assets differ (-want +got):\n%s", diff)
	}
	for _, item := range b.Items {
		if item.Mention != (item.Record.Base().Key == "mast/boom") {
			t.Errorf("%s is a mention: %v", item.Record.Base().Key, item.Mention)
		}
	}
	if diff := cmp.Diff(map[string]int{"computers": 1, "softwares": 3, "virtual machines": 3}, b.Contents); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
	source := model.Source{Meta: model.Meta{Key: "glpi", Name: "GLPI inventory"}, Format: "glpi", Serial: "mast-2026-01-02-03-04-05", Release: "GLPI-Agent_v1.7", Describes: "MAST", Produced: at}
	if diff := cmp.Diff(source, b.Source); diff != "" {
		t.Errorf("the source differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]feed.Ident{feed.External("mast-2026-01-02-03-04-05")}, b.Items[0].Idents); diff != "" {
		t.Errorf("the identities differ (-want +got):\n%s", diff)
	}
}

// A partial inventory says nothing of what it leaves out, not even by what it makes of the rest.
func TestPartialInventory(t *testing.T) {
	b := readText(t, `{"deviceid":"mast-1","action":"inventory","partial":true,"content":{"hardware":{"name":"mast","chassis_type":"Rack Mount Chassis"},"softwares":[{"name":"bash","version":"5.3"}]}}`)
	want := []*model.Host{{Meta: model.Meta{Key: "mast"}, Software: []model.InstalledSoftware{{Name: "bash", Version: "5.3"}}}}
	if diff := cmp.Diff(want, feedtest.Records[*model.Host](b), noIDs); diff != "" {
		t.Errorf("the hosts differ (-want +got):\n%s", diff)
	}
	if clear := b.Items[0].Clear; len(clear) != 0 || b.Complete {
		t.Errorf("it clears %v, complete: %v", clear, b.Complete)
	}
}

func TestNetworkEquipment(t *testing.T) {
	b := readText(t, `{"deviceid":"x","itemtype":"NetworkEquipment","action":"netinventory","content":{
	"network_device":{"type":"Networking","name":"Rope1","serial":"SN1","mac":"00:16:3e:aa:00:01","ips":["127.0.0.1","10.0.0.1"],"manufacturer":"Cisco","model":"Catalyst 9300","firmware":"17.3.4","description":"Cisco IOS XE Software"},
	"network_ports":[{"ifnumber":1,"iftype":6,"mac":"00:16:3e:aa:00:02"},{"ifnumber":2,"iftype":117},{"ifnumber":3,"iftype":53}],
	"network_components":[{"type":"chassis","serial":"SN1"},{"type":"chassis","serial":"SN2","model":"Catalyst 9200"},{"type":"module","serial":"SN3"}]}}`)
	found := feedtest.Records[*model.NetworkDevice](b)
	want := []*model.NetworkDevice{{Meta: model.Meta{Key: "rope1", Name: "Rope1"}, Type: "switch", Serial: "SN1", MACs: []string{"00:16:3e:aa:00:01"}, IPs: []string{"10.0.0.1"},
		Manufacturer: "Cisco", Model: "Catalyst 9300", Firmware: "IOS XE", FirmwareVersion: "17.3.4", Ports: 2}}
	if diff := cmp.Diff(want, found, noIDs); diff != "" {
		t.Errorf("the devices differ (-want +got):\n%s", diff)
	}
	wantAssets := []*model.Asset{
		{Meta: model.Meta{Key: "sn1"}, Serial: "SN1", Manufacturer: "Cisco", Model: "Catalyst 9300", Category: "switch", Is: found[0].Ref()},
		{Meta: model.Meta{Key: "sn2"}, Serial: "SN2", Manufacturer: "Cisco", Model: "Catalyst 9200", Category: "switch", Is: found[0].Ref()},
	}
	if diff := cmp.Diff(wantAssets, feedtest.Records[*model.Asset](b), noIDs); diff != "" {
		t.Errorf("the assets differ (-want +got):\n%s", diff)
	}
	if b.Contents["network ports"] != 3 || b.Contents["network equipments"] != 1 {
		t.Errorf("the counts are %v", b.Contents)
	}
}

func TestOlderXML(t *testing.T) {
	b := readText(t, `<?xml version="1.0" encoding="ISO-8859-1"?>
<REQUEST><CONTENT>
<ACCESSLOG><LOGDATE>2026-05-01 12:00:00</LOGDATE></ACCESSLOG>
<BIOS><SMANUFACTURER>Keelson</SMANUFACTURER><SMODEL>K-10</SMODEL><SSN>To Be Filled By O.E.M.</SSN><MSN>BOARD7</MSN></BIOS>
<HARDWARE><NAME>skiff</NAME><OSNAME>Microsoft Windows 10 Professionnel</OSNAME><OSVERSION>10.0.19045</OSVERSION><MEMORY>8192</MEMORY><PROCESSORN>4</PROCESSORN><CHASSIS_TYPE>Notebook</CHASSIS_TYPE><UUID>AB12</UUID></HARDWARE>
<NETWORKS><DESCRIPTION>Ethernet</DESCRIPTION><IPADDRESS>10.3.0.4</IPADDRESS><MACADDR>00:16:3E:00:00:04</MACADDR><VIRTUALDEV>0</VIRTUALDEV></NETWORKS>
<NETWORKS><DESCRIPTION>VPN</DESCRIPTION><MACADDR>00:16:3E:00:00:05</MACADDR><VIRTUALDEV>1</VIRTUALDEV></NETWORKS>
<SOFTWARES><NAME>Caf`+"\xe9"+` tools</NAME><VERSION>1</VERSION><INSTALLDATE>15/01/2026</INSTALLDATE></SOFTWARES>
<SOFTWARES><GUID>{12-34}</GUID></SOFTWARES>
<SOFTWARES><VERSION>9</VERSION></SOFTWARES>
</CONTENT><DEVICEID>skiff-2026</DEVICEID><QUERY>INVENTORY</QUERY></REQUEST>`)
	at, _ := model.ParseTime("2026-05-01 12:00:00")
	want := []*model.Host{{Meta: model.Meta{Key: "skiff"}, Type: "laptop", Serial: "BOARD7", UUID: "AB12", MACs: []string{"00:16:3e:00:00:04"}, IPs: []string{"10.3.0.4"},
		Manufacturer: "Keelson", Model: "K-10", OperatingSystem: "Windows", OSVersion: "10", CPUs: 4, Memory: 8, LastContact: at,
		Software: []model.InstalledSoftware{{Name: "Café tools", Version: "1", Installed: model.MustDate("2026-01-15")}, {Name: "{12-34}"}}}}
	if diff := cmp.Diff(want, feedtest.Records[*model.Host](b), noIDs); diff != "" {
		t.Errorf("the hosts differ (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 1 || b.Refused[0].Where.Path != "content.softwares[2].name" || b.Refused[0].Where.Line != 10 {
		t.Errorf("refused: %v", b.Refused)
	}
}

func TestOlderXMLOfTheNetwork(t *testing.T) {
	b := readText(t, `<REQUEST><CONTENT>
<DEVICE><INFO><TYPE>NETWORKING</TYPE><NAME>rope2</NAME><SERIAL>SN9</SERIAL><MAC>00:16:3e:aa:00:09</MAC><MODEL>ISR 1111</MODEL><IPS><IP>10.0.0.2</IP><IP>10.0.0.3</IP></IPS></INFO>
<PORTS><PORT><IFTYPE>6</IFTYPE></PORT><PORT><IFTYPE>6</IFTYPE></PORT></PORTS></DEVICE>
<DEVICE><INFO><TYPE>PRINTER</TYPE><NAME>inkwell</NAME><SERIAL>SN10</SERIAL><MODEL>P1</MODEL></INFO></DEVICE>
<DEVICE><ERROR><ID>3</ID><MESSAGE>No response</MESSAGE></ERROR></DEVICE>
<DEVICE/>
<MODULEVERSION>3.0</MODULEVERSION></CONTENT><DEVICEID>agent</DEVICEID><QUERY>SNMPQUERY</QUERY></REQUEST>`)
	devices := feedtest.Records[*model.NetworkDevice](b)
	if len(devices) != 1 || devices[0].Key != "rope2" || devices[0].Type != "router" || devices[0].Ports != 2 || len(devices[0].IPs) != 2 {
		t.Errorf("the devices are %+v", devices)
	}
	hosts := feedtest.Records[*model.Host](b)
	if len(hosts) == 0 || hosts[0].Key != "inkwell" || hosts[0].Type != "printer" {
		t.Errorf("the hosts are %+v", hosts)
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "No response") {
		t.Errorf("the notes are %v", b.Notes)
	}
}

func TestOperatingSystems(t *testing.T) {
	for _, test := range []struct{ full, name, version, want string }{
		{"Debian GNU/Linux 12 (bookworm)", "Debian", "12 (bookworm)", "Debian 12"},
		{"Ubuntu 22.04.3 LTS", "Ubuntu", "22.04.3", "Ubuntu 22.04.3"},
		{"Microsoft Windows Server 2019 Standard", "Windows", "1809", "Windows Server 2019"},
		{"Microsoft Windows Server 2012 R2 Datacenter", "Windows", "", "Windows Server 2012 R2"},
		{"Microsoft Windows 11 Pro", "Windows", "23H2", "Windows 11 23H2"},
		{"Microsoft(R) Windows(R) Server 2003, Enterprise Edition x64", "Windows", "", "Windows Server 2003"},
		{"Q Android 10.0 api 29", "Q Android 10.0", "29", "Android 10.0"},
		{"", "AIX", "7.2", "AIX 7.2"},
		{"VMware ESXi 7.0.3", "", "7.0.3", "VMware ESXi 7.0.3"},
	} {
		name, version := operatingSystem(tree(map[string]string{"full_name": test.full, "name": test.name, "version": test.version}))
		if got := name + " " + version; got != test.want {
			t.Errorf("%q, %q, %q gives %q, not %q", test.full, test.name, test.version, got, test.want)
		}
	}
}

func tree(values map[string]string) *node {
	system := &node{}
	for name, value := range values {
		system.add(name, &node{value: value})
	}
	out := &node{}
	out.add("operatingsystem", system)
	return out
}

func TestSortsOfMachines(t *testing.T) {
	for _, test := range []struct{ content, want string }{
		{`"hardware":{"name":"a","chassis_type":"Laptop","vmsystem":"Physical"}`, "laptop"},
		{`"hardware":{"name":"a","chassis_type":"Mini Tower"}`, "workstation"},
		{`"hardware":{"name":"a","chassis_type":"Other","vmsystem":"VMware"}`, "virtual"},
		{`"hardware":{"name":"a"},"bios":{"smodel":"Virtual Machine"}`, "virtual"},
		{`"hardware":{"name":"a","chassis_type":"Blade"}`, "physical"},
		{`"hardware":{"name":"a","chassis_type":"Blade"},"virtualmachines":[{"name":"c","vmtype":"docker"}]`, "container_host"},
		{`"hardware":{"name":"a","chassis_type":"Laptop"},"virtualmachines":[{"name":"c","vmtype":"virtualbox"}]`, "laptop"},
		{`"hardware":{"name":"a"}`, ""},
	} {
		b := readText(t, `{"deviceid":"a","itemtype":"Computer","content":{`+test.content+`}}`)
		if got := string(feedtest.Records[*model.Host](b)[0].Type); got != test.want {
			t.Errorf("%s gives %q, not %q", test.content, got, test.want)
		}
	}
}

// A virtual machine is no piece of hardware, and a serial number that says nothing makes no asset.
func TestNoAsset(t *testing.T) {
	for _, content := range []string{
		`"hardware":{"name":"a","vmsystem":"VMware"},"bios":{"ssn":"VMware-42"}`,
		`"hardware":{"name":"a","vmsystem":"Physical"},"bios":{"ssn":"Default string"}`,
		`"hardware":{"name":"a"}`,
	} {
		if got := feedtest.Records[*model.Asset](readText(t, `{"deviceid":"a","itemtype":"Computer","content":{`+content+`}}`)); len(got) != 0 {
			t.Errorf("%s makes the asset %s", content, got[0].Key)
		}
	}
}

func TestWrongItemsAreRefusedOneByOne(t *testing.T) {
	b := readText(t, `{"deviceid":"a","itemtype":"Computer","content":{"hardware":{"name":"a\u0000b","memory":"much"},
"networks":[{"ipaddress":"10.0.0.999","mac":"zz"},{"ipaddress":"10.0.0.9"}],
"cpus":[{"core":1e300}],
"softwares":[{"name":"x","install_date":"yesterday"},{"version":"1"}],
"virtualmachines":[{"status":"off"},{"name":"v","vcpu":-3}]}}`)
	var got []string
	for _, r := range b.Refused {
		got = append(got, fmt.Sprintf("%s %s: %s", r.Where.Path, r.Field, r.Reason))
	}
	want := []string{
		`content.networks.ipaddress ips: "10.0.0.999" is not an IP address`,
		`content.networks.mac macs: "zz" is not the address of a network card`,
		`content.core cpus: "1e300" is not a sensible number`,
		`content.memory memory: "much" is not a sensible number`,
		`content.softwares[0].install_date software: "yesterday" is not a date: write it as 2027-06-30; the package was taken without it`,
		`content.softwares[1].name software: the package has no name`,
		`content.virtualmachines[0] : the virtual machine has no name`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the refusals differ (-want +got):\n%s", diff)
	}
	if h := feedtest.Records[*model.Host](b); len(h) != 2 || h[0].Key != "ab" || len(h[0].Software) != 1 || len(h[0].IPs) != 1 {
		t.Errorf("the hosts are %+v", h)
	}
}

func TestRefusedContents(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"empty", " ", "empty"},
		{"half JSON", server[:600], "ends too early"},
		{"half XML", "<REQUEST><CONTENT><HARDWARE>", "ends too early"},
		{"deep JSON", `{"content":` + strings.Repeat(`{"a":`, 4000), "nested more than 100 deep"},
		{"deep XML", "<REQUEST>" + strings.Repeat("<A>", 4000), "nested too deeply"},
		{"a list", "[1]", "not an inventory"},
		{"a number", "1", "not an inventory"},
		{"another document", "<other></other>", "not an inventory"},
		{"only a name", `{"deviceid":"x","content":null}`, "no content"},
		{"content that is a text", `{"deviceid":"x","content":"y"}`, "no content"},
		{"entities", `<!DOCTYPE x [<!ENTITY a "b">]><REQUEST><CONTENT>&a;</CONTENT></REQUEST>`, "declares entities"},
		{"NUL bytes", "{\x00}", "NUL"},
	})
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"an inventory", server},
		{"an inventory behind a byte-order mark", "\xef\xbb\xbf \n" + server},
		{"an inventory that is longer than what is looked at", `{"content":{"hardware":{"name":"a"},"softwares":[` + strings.Repeat(`{"name":"x"},`, 100_000)},
		{"the older XML", "<?xml version=\"1.0\"?>\n<!-- x --><REQUEST><CONTENT><HARDWARE/></CONTENT></REQUEST>"},
	}, [][2]string{
		{"another request", "<REQUEST><QUERY>PROLOG</QUERY></REQUEST>"},
		{"a scan", `<nmaprun scanner="nmap"/>`},
		{"a bill of materials", `{"bomFormat":"CycloneDX","components":[]}`},
		{"an answer of NetBox", `{"count":1,"results":[]}`},
		{"something with a content", `{"content":"text"}`},
		{"a schema of inventories", `{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"content":{"hardware":{}}}}`},
		{"nothing", ""},
	})
}

// The order of what an inventory lists does not matter for the host.
func TestOrderDoesNotMatter(t *testing.T) {
	parts := []string{`{"name":"b","version":"1"}`, `{"name":"a","version":"2"}`, `{"name":"a","version":"1"}`, `{"name":"c"}`}
	text := func(p []string) string {
		return `{"deviceid":"a","content":{"hardware":{"name":"a"},"softwares":[` + strings.Join(p, ",") + `]}}`
	}
	want := feedtest.Records[*model.Host](readText(t, text(parts)))
	rapid.Check(t, func(rt *rapid.T) {
		got := feedtest.Records[*model.Host](readText(t, text(rapid.Permutation(parts).Draw(rt, "softwares"))))
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("the hosts differ (-want +got):\n%s", diff)
		}
	})
}

func TestSamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/07-inventories/glpi-inventory/examples/*.json")
	if len(files) == 0 {
		t.Skip("the folder ../shared/data/07-inventories is not there")
	}
	want := map[string]string{
		"computer_1.json":               "Host glpixps laptop 640HP72; Asset 640hp72",
		"computer_1_partial_softs.json": "Host glpixps  640HP72; Asset 640hp72",
		"computer_2.json":               "Host comp1 laptop 2FAGP34; Asset 2fagp34; 6 virtual",
		"computer_2_partial_vms.json":   "Host comp1  2FAGP34; Asset 2fagp34; 6 virtual",
		"networkequipment_1.json":       "NetworkDevice ucs6248up-cluster-pa3-b switch SSI1912014B; Asset ssi1912014b",
		"networkequipment_3.json":       "NetworkDevice hp-2530-48g switch CN5BFP62CP; Asset cn5bfp62cp",
		"phone_1.json":                  "Host mi9tpro-téléphonem phone af8d8fcfa6fa4794; Asset af8d8fcfa6fa4794",
		"printer_1.json":                "Host npif2be10 printer PHCVN191TG; Asset phcvn191tg",
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if Format.Detect(text) == 0 {
			t.Errorf("%s: not detected", file)
		}
		b := readText(t, string(text))
		if len(b.Refused) != 0 {
			t.Errorf("%s: refused %v", file, b.Refused)
		}
		var parts []string
		virtual := 0
		for _, item := range b.Items {
			switch rec := item.Record.(type) {
			case *model.Host:
				if rec.RunsOn.IsZero() {
					parts = append(parts, fmt.Sprintf("Host %s %s %s", rec.Key, rec.Type, rec.Serial))
				} else {
					virtual++
				}
			case *model.NetworkDevice:
				parts = append(parts, fmt.Sprintf("NetworkDevice %s %s %s", rec.Key, rec.Type, rec.Serial))
			case *model.Asset:
				parts = append(parts, "Asset "+rec.Key)
			}
		}
		if virtual > 0 {
			parts = append(parts, fmt.Sprintf("%d virtual", virtual))
		}
		if got := strings.Join(parts, "; "); got != want[filepath.Base(file)] {
			t.Errorf("%s gives %q, not %q", filepath.Base(file), got, want[filepath.Base(file)])
		}
	}
}

// Of all files that other programs wrote, only those of this format are detected.
func TestDetectNothingElse(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(path string) bool {
		return strings.HasPrefix(path, "07-inventories/glpi-inventory/examples/")
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(server))
	f.Add([]byte(`<REQUEST><CONTENT><DEVICE><INFO><TYPE>PRINTER</TYPE><NAME>a</NAME></INFO></DEVICE></CONTENT></REQUEST>`))
	feedtest.Fuzz(f, Format)
}

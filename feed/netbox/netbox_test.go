package netbox

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// rows are a dump of our own invention.
var rows = []string{
	`{"model":"dcim.region","pk":1,"fields":{"name":"Europe","slug":"europe","parent":null}}`,
	`{"model":"dcim.site","pk":1,"fields":{"name":"Kiel","slug":"kiel","status":"active","region":1,"tenant":1,"physical_address":"Pier 1","time_zone":"Europe/Berlin","latitude":"54.323300","longitude":"-10.122800","last_updated":"2026-04-01T08:00:00Z"}}`,
	`{"model":"dcim.location","pk":1,"fields":{"name":"Hold","slug":"hold","site":1,"parent":null}}`,
	`{"model":"dcim.location","pk":2,"fields":{"name":"Cage","slug":"cage","site":1,"parent":1}}`,
	`{"model":"dcim.rack","pk":1,"fields":{"name":"R1","site":1,"location":2}}`,
	`{"model":"tenancy.tenant","pk":1,"fields":{"name":"Cargo","slug":"cargo","description":"Moves goods"}}`,
	`{"model":"tenancy.contact","pk":1,"fields":{"name":"Ada Mast","title":"Bosun","phone":"1","email":"ada@fleet.example"}}`,
	`{"model":"circuits.provider","pk":1,"fields":{"name":"Long Line","slug":"long-line"}}`,
	`{"model":"circuits.circuit","pk":1,"fields":{"cid":"C1","provider":1}}`,
	`{"model":"dcim.manufacturer","pk":1,"fields":{"name":"Keelson","slug":"keelson"}}`,
	`{"model":"dcim.devicetype","pk":1,"fields":{"manufacturer":1,"model":"K-48","slug":"k-48"}}`,
	`{"model":"dcim.devicetype","pk":2,"fields":{"manufacturer":1,"model":"K-200","slug":"k-200"}}`,
	`{"model":"dcim.devicerole","pk":1,"fields":{"name":"Core Switch","slug":"core-switch"}}`,
	`{"model":"dcim.devicerole","pk":2,"fields":{"name":"Server","slug":"server"}}`,
	`{"model":"dcim.devicerole","pk":3,"fields":{"name":"Patch Panel","slug":"patch-panel"}}`,
	`{"model":"dcim.platform","pk":1,"fields":{"name":"Debian 12","slug":"debian-12"}}`,
	`{"model":"dcim.platform","pk":2,"fields":{"name":"Hull OS 4.2","slug":"hull"}}`,
	`{"model":"dcim.device","pk":1,"fields":{"name":"sw1","device_type":1,"role":1,"platform":2,"site":1,"rack":1,"status":"active","serial":"S1","asset_tag":"A-1","primary_ip4":1}}`,
	`{"model":"dcim.device","pk":2,"fields":{"name":"srv1.fleet.example","device_type":2,"device_role":2,"platform":1,"site":1,"status":"active","serial":"","cluster":1}}`,
	`{"model":"dcim.device","pk":3,"fields":{"name":null,"device_type":1,"role":3,"site":1,"status":"planned","comments":"Old"}}`,
	`{"model":"dcim.device","pk":4,"fields":{"name":"twin","device_type":1,"role":1,"site":1}}`,
	`{"model":"dcim.device","pk":5,"fields":{"name":"Twin","device_type":1,"role":1,"site":1}}`,
	`{"model":"dcim.interface","pk":10,"fields":{"device":1,"name":"e1","type":"1000base-t","mac_address":"00:16:3E:00:00:10"}}`,
	`{"model":"dcim.interface","pk":11,"fields":{"device":1,"name":"vlan1","type":"virtual","mac_address":null}}`,
	`{"model":"dcim.interface","pk":20,"fields":{"device":2,"name":"eth0","type":"1000base-t"}}`,
	`{"model":"dcim.frontport","pk":30,"fields":{"device":3,"name":"1","type":"8p8c"}}`,
	`{"model":"dcim.macaddress","pk":1,"fields":{"mac_address":"00:16:3E:00:00:20","assigned_object_type":["dcim","interface"],"assigned_object_id":20}}`,
	`{"model":"ipam.ipaddress","pk":1,"fields":{"address":"10.0.0.2/24","assigned_object_type":["dcim","interface"],"assigned_object_id":10,"role":""}}`,
	`{"model":"ipam.ipaddress","pk":2,"fields":{"address":"10.0.0.1/24","assigned_object_type":["dcim","interface"],"assigned_object_id":10,"role":""}}`,
	`{"model":"ipam.ipaddress","pk":3,"fields":{"address":"10.0.0.254/24","assigned_object_type":["dcim","interface"],"assigned_object_id":10,"role":"vrrp"}}`,
	`{"model":"ipam.ipaddress","pk":4,"fields":{"address":"2001:db8::5/64","assigned_object_type":["virtualization","vminterface"],"assigned_object_id":40,"dns_name":"vm1.fleet.example"}}`,
	`{"model":"virtualization.cluster","pk":1,"fields":{"name":"Deck","type":1,"site":1}}`,
	`{"model":"virtualization.virtualmachine","pk":1,"fields":{"name":"vm1","cluster":1,"status":"active","vcpus":"2.00","memory":4096,"disk":50,"primary_ip6":4,"platform":1}}`,
	`{"model":"virtualization.virtualmachine","pk":2,"fields":{"name":"vm2","cluster":1,"status":"active","vcpus":"1.00","memory":1536,"disk":50000,"serial":""}}`,
	`{"model":"virtualization.vminterface","pk":40,"fields":{"virtual_machine":1,"name":"eth0","mac_address":"00:16:3E:00:00:40"}}`,
	`{"model":"dcim.cable","pk":1,"fields":{"status":"connected"}}`,
	`{"model":"dcim.cabletermination","pk":1,"fields":{"cable":1,"cable_end":"A","termination_type":["dcim","interface"],"termination_id":20,"_device":2}}`,
	`{"model":"dcim.cabletermination","pk":2,"fields":{"cable":1,"cable_end":"B","termination_type":["dcim","interface"],"termination_id":10,"_device":1}}`,
	`{"model":"dcim.cable","pk":2,"fields":{"termination_a_type":["dcim","frontport"],"termination_a_id":30,"termination_b_type":["dcim","interface"],"termination_b_id":10}}`,
	`{"model":"extras.tag","pk":1,"fields":{"name":"Red","slug":"red"}}`,
	`{"model":"extras.taggeditem","pk":1,"fields":{"content_type":["dcim","device"],"object_id":1,"tag":1}}`,
}

func dump(rows []string) string { return "[\n" + strings.Join(rows, ",\n") + "\n]" }

func readText(t testing.TB, text string) *feed.Batch {
	t.Helper()
	return feedtest.Read(t, Format, "export.json", []byte(text))
}

func TestDump(t *testing.T) {
	b := readText(t, dump(rows))
	want := []string{
		`BusinessUnit/cargo name="Cargo" description="Moves goods"`,
		`Person/ada-mast full_name="Ada Mast" email="ada@fleet.example" phone="1" position="Bosun"`,
		`Vendor/long-line name="Long Line" category="telecom"`,
		`Site/kiel name="Kiel" tags="cargo" address="Pier 1" region="Europe" time_zone="Europe/Berlin" latitude="54.3233" longitude="-10.1228"`,
		`Site/kiel/hold name="Hold" use="room" parent="kiel"`,
		`Site/kiel/cage name="Cage" use="room" parent="kiel/hold"`,
		`NetworkDevice/sw1 name="sw1" tags="red" type="switch" serial="S1" macs="00:16:3e:00:00:10" ips="10.0.0.2; 10.0.0.1" manufacturer="Keelson" model="K-48" firmware="Hull OS" firmware_version="4.2" site="kiel" rack="R1" links="NetworkDevice/k-48-3; Host/srv1.fleet.example" ports="1" status="active"`,
		`Asset/s1 category="core switch" serial="S1" inventory_number="A-1" manufacturer="Keelson" model="K-48" site="kiel" is="NetworkDevice/sw1"`,
		`Host/srv1.fleet.example name="srv1.fleet.example" type="hypervisor" fqdn="srv1.fleet.example" macs="00:16:3e:00:00:20" manufacturer="Keelson" model="K-200" operating_system="Debian" os_version="12" site="kiel" status="active"`,
		`NetworkDevice/k-48-3 description="Old" type="patch_panel" manufacturer="Keelson" model="K-48" site="kiel" ports="1" status="planned"`,
		`NetworkDevice/twin-4 name="twin" type="switch" manufacturer="Keelson" model="K-48" site="kiel"`,
		`NetworkDevice/twin-5 name="Twin" type="switch" manufacturer="Keelson" model="K-48" site="kiel"`,
		`Host/vm1 name="vm1" tags="deck" type="virtual" fqdn="vm1.fleet.example" macs="00:16:3e:00:00:40" ips="2001:db8::5" operating_system="Debian" os_version="12" site="kiel" runs_on="Host/srv1.fleet.example" cpus="2" memory="4" disk="50" status="active"`,
		`Host/vm2 name="vm2" tags="deck" type="virtual" site="kiel" runs_on="Host/srv1.fleet.example" cpus="1" memory="1.5" disk="50" status="active"`,
	}
	// The link between the two network devices is kept on the one whose key comes first.
	want[6] = strings.Replace(want[6], "NetworkDevice/k-48-3; ", "", 1)
	want[9] = strings.Replace(want[9], ` ports=`, ` links="NetworkDevice/sw1" ports=`, 1)
	if diff := cmp.Diff(want, feedtest.Listing(b)); diff != "" {
		t.Errorf("the records differ (-want +got):\n%s", diff)
	}
	counts := map[string]int{"regions": 1, "sites": 1, "locations": 2, "racks": 1, "tenants": 1, "contacts": 1, "providers": 1, "circuits": 1, "devices": 5, "interfaces": 3,
		"front ports": 1, "ip addresses": 4, "clusters": 1, "virtual machines": 2, "vm interfaces": 1, "cables": 2}
	if diff := cmp.Diff(counts, b.Contents); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 0 || len(b.Notes) != 0 || !b.Complete {
		t.Errorf("refused %v, noted %v, complete %v", b.Refused, b.Notes, b.Complete)
	}
	if got := b.Source.Produced.String(); b.Source.Key != "netbox" || got != "2026-04-01T08:00:00Z" {
		t.Errorf("the source is %s, produced %s", b.Source.Key, got)
	}
}

// The order of the rows does not matter, and neither does reading twice.
func TestOrderDoesNotMatter(t *testing.T) {
	want := feedtest.Listing(readText(t, dump(rows)))
	rapid.Check(t, func(rt *rapid.T) {
		got := feedtest.Listing(readText(t, dump(rapid.Permutation(rows).Draw(rt, "rows"))))
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("the records differ (-want +got):\n%s", diff)
		}
	})
}

func TestAnswersOfTheInterface(t *testing.T) {
	const url = `https://netbox.example/api/`
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"devices", `{"count":2,"next":"` + url + `dcim/devices/?offset=1","previous":null,"results":[{"id":7,"url":"` + url + `dcim/devices/7/","display":"sw7","name":"sw7",
			"device_type":{"id":1,"url":"` + url + `dcim/device-types/1/","manufacturer":{"id":1,"url":"` + url + `dcim/manufacturers/1/","name":"Keelson"},"model":"K-48","slug":"k-48"},
			"role":{"id":1,"url":"` + url + `dcim/device-roles/1/","name":"Firewall","slug":"firewall"},"tenant":null,"platform":null,"serial":"S7","asset_tag":null,
			"site":{"id":1,"url":"` + url + `dcim/sites/1/","name":"Kiel","slug":"kiel"},"location":null,"rack":{"id":1,"url":"` + url + `dcim/racks/1/","name":"R1"},
			"status":{"value":"active","label":"Active"},"primary_ip4":{"id":1,"url":"` + url + `ipam/ip-addresses/1/","address":"10.0.0.7/24"},"tags":[{"id":1,"url":"` + url + `extras/tags/1/","name":"Red","slug":"red"}]}]}`,
			[]string{`(Site/kiel) name="Kiel"`,
				`NetworkDevice/sw7 name="sw7" tags="red" type="firewall" serial="S7" ips="10.0.0.7" manufacturer="Keelson" model="K-48" site="kiel" rack="R1" status="active"`,
				`Asset/s7 category="firewall" serial="S7" manufacturer="Keelson" model="K-48" site="kiel" is="NetworkDevice/sw7"`}},
		{"virtual machines", `{"count":1,"next":null,"previous":null,"results":[{"id":3,"url":"` + url + `virtualization/virtual-machines/3/","name":"vm3","status":{"value":"active"},
			"cluster":{"id":1,"url":"` + url + `virtualization/clusters/1/","name":"Deck"},"vcpus":4.0,"memory":2048,"disk":10000,"serial":"","site":null}]}`,
			[]string{`Host/vm3 name="vm3" tags="deck" type="virtual" cpus="4" memory="2" disk="10" status="active"`}},
		{"a plain list of sites", `[{"id":1,"url":"` + url + `dcim/sites/1/","display":"Kiel","name":"Kiel","slug":"kiel","status":{"value":"planned"},"region":{"id":1,"url":"` + url + `dcim/regions/1/","name":"Europe"}}]`,
			[]string{`Site/kiel name="Kiel" tags="planned" region="Europe"`}},
		{"one thing", `{"id":1,"url":"` + url + `dcim/sites/1/","display":"Kiel","name":"Kiel","slug":"kiel"}`, []string{`Site/kiel name="Kiel"`}},
		{"everything in one list", `[{"id":1,"url":"` + url + `dcim/devices/1/","name":"a","role":{"id":1,"url":"` + url + `dcim/device-roles/1/","name":"Switch"}},
			{"id":2,"url":"` + url + `dcim/devices/2/","name":"b","device_role":{"id":2,"url":"` + url + `dcim/device-roles/2/","name":"Router"}},
			{"id":1,"url":"` + url + `ipam/ip-addresses/1/","address":"10.0.0.1/8","assigned_object_type":"dcim.interface","assigned_object":{"id":5,"url":"` + url + `dcim/interfaces/5/","device":{"id":2,"url":"` + url + `dcim/devices/2/","name":"b"}}},
			{"id":1,"url":"` + url + `dcim/cables/1/","a_terminations":[{"object_type":"dcim.interface","object_id":4,"object":{"id":4,"url":"` + url + `dcim/interfaces/4/","device":{"id":1,"url":"` + url + `dcim/devices/1/"}}}],
			 "b_terminations":[{"object_type":"dcim.interface","object_id":5,"object":{"id":5,"url":"` + url + `dcim/interfaces/5/","device":{"id":2,"url":"` + url + `dcim/devices/2/"}}}]}]`,
			[]string{`NetworkDevice/a name="a" type="switch" links="NetworkDevice/b"`, `NetworkDevice/b name="b" type="router" ips="10.0.0.1"`}},
	} {
		if got := Format.Detect([]byte(test.text)); got < 70 {
			t.Errorf("%s: detected with %d", test.name, got)
		}
		b := readText(t, test.text)
		if diff := cmp.Diff(test.want, feedtest.Listing(b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if b.Complete {
			t.Errorf("%s: one answer was taken for everything", test.name)
		}
		if test.name == "devices" && (len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "other pages")) {
			t.Errorf("%s: the notes are %v", test.name, b.Notes)
		}
	}
}

func TestRoles(t *testing.T) {
	for _, test := range []struct{ role, model, want string }{
		{"ToR Switch", "", "NetworkDevice switch"}, {"SAN switch", "", "NetworkDevice switch"}, {"Edge router", "", "NetworkDevice router"}, {"PDU", "", "NetworkDevice power"},
		{"Console Server", "", "NetworkDevice console"}, {"Patch Panel", "", "NetworkDevice patch_panel"}, {"Database Server", "", "Host physical"}, {"ESX host", "", "Host hypervisor"},
		{"Storage", "", "Host storage"}, {"Kubernetes node", "", "Host container_host"}, {"Things", "Wireless Bridge", "NetworkDevice access_point"}, {"Things", "X", "Host other"},
	} {
		d := newDatabase(feed.NewBatch(model.Builtin(), "x"))
		d.take("dcim.devicerole", "1", object{"name": test.role}, feed.Where{})
		d.take("dcim.devicetype", "1", object{"model": test.model}, feed.Where{})
		kind, is := newMachines(d).sort(&row{object: object{"role": number("1"), "device_type": number("1")}})
		if got := kind + " " + is; got != test.want {
			t.Errorf("%s %s becomes %s, not %s", test.role, test.model, got, test.want)
		}
	}
}

func TestWrongRowsAreRefusedOneByOne(t *testing.T) {
	b := readText(t, `[{"model":"dcim.site","pk":1,"fields":{"name":"Kiel","slug":"kiel","latitude":"1e99"}},
{"model":"dcim.site","pk":1,"fields":{"name":"Kiel again"}},
{"model":"dcim.site","fields":{"name":"no pk"}},
{"model":"dcim.site","pk":2,"fields":"text"},
{"model":"dcim.site","pk":3,"fields":{"name":null}},
7,
{"model":"ipam.ipaddress","pk":1,"fields":{"address":"10.0.0.999/24"}},
{"model":"dcim.interface","pk":1,"fields":{"device":1,"mac_address":"zz"}},
{"model":"tenancy.contact","pk":1,"fields":{"name":"A","email":"nowhere"}},
{"model":"virtualization.virtualmachine","pk":1,"fields":{"name":"a\u0000b","memory":"x","vcpus":-1,"cluster":{"a":[1]}}},
{"model":"dcim.location","pk":1,"fields":{"name":"A","site":9,"parent":2}},
{"model":"dcim.location","pk":2,"fields":{"name":"B","site":9,"parent":1}}]`)
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		"export.json:2:1: [1]: dcim.site 1 is in the content twice: this one was left out; the first is [0]",
		"export.json:3:1: [2]: a row of a dump has a model, a pk and fields; this one has not",
		"export.json:4:1: [3]: a row of a dump has a model, a pk and fields; this one has not",
		"export.json:6:1: [5]: a row is wanted, with names and values",
		"export.json:9:1: [8]: Person/a: email: \"nowhere\" is not a mail address; the person was taken without it",
		"export.json:5:1: [4]: dcim.site 3: name: it has no name: give it one in NetBox",
		"export.json:7:1: [6].address: \"10.0.0.999/24\" is not an IP address",
		"export.json:8:1: [7].mac_address: \"zz\" is not the address of a network card",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the refusals differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{`Person/a full_name="A"`, `Site/kiel name="Kiel"`, `Site/a name="A" use="room"`, `Site/b name="B" use="room" parent="a"`, `Host/ab name="ab" type="virtual"`}, feedtest.Listing(b)); diff != "" {
		t.Errorf("the records differ (-want +got):\n%s", diff)
	}
}

func TestRefusedContents(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"empty", "", "ends in the middle"},
		{"half a dump", dump(rows)[:700], "ends in the middle"},
		{"deep", "[" + strings.Repeat(`{"a":`, 4000), "nested too deeply"},
		{"a text", `"x"`, "a list or an object is wanted"},
		{"two values", `[] []`, "more behind the end"},
		{"NUL bytes", "[\x00]", "NUL"},
	})
	b := feed.NewBatch(model.Builtin(), "many")
	b.Limits.Items = 3
	if err := Format.Read(context.Background(), feed.Input{Data: []byte(dump(rows))}, b); err == nil || !strings.Contains(err.Error(), "more than 3 rows") {
		t.Errorf("too many rows: %v", err)
	}
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"a dump", dump(rows)},
		{"a dump behind a byte-order mark", "\xef\xbb\xbf \n" + dump(rows)},
		{"a dump whose first row is long", `[{"model":"extras.objectchange","pk":1,"fields":{"a":"` + strings.Repeat("x", 100_000)},
	}, [][2]string{
		{"a dump of another program", `[{"model":"polls.question","pk":1,"fields":{}}]`},
		{"answers of another program", `{"count":1,"results":[{"id":1,"url":"https://x.example/api/things/1/"}]}`},
		{"no answers", `{"count":0,"results":[]}`},
		{"a list of cycles", `[{"cycle":"1","eol":true}]`},
		{"an inventory", `{"deviceid":"x","content":{}}`},
		{"YAML", "- model: dcim.device\n"},
		{"nothing", ""},
	})
}

func TestSample(t *testing.T) {
	text, err := os.ReadFile("../../../shared/data/07-inventories/netbox/netbox-demo-v3.6.json")
	if err != nil {
		t.Skip("the file ../shared/data/07-inventories/netbox/netbox-demo-v3.6.json is not there")
	}
	if got := Format.Detect(text); got != 95 {
		t.Errorf("detected with %d", got)
	}
	b := readText(t, string(text))
	for what, n := range map[string]int{"devices": 72, "virtual machines": 180, "sites": 24, "racks": 42, "cables": 108, "clusters": 32, "tenants": 11, "contacts": 3, "providers": 9, "circuits": 29} {
		if b.Contents[what] != n {
			t.Errorf("%d %s, not %d", b.Contents[what], what, n)
		}
	}
	kinds, types, links := map[string]int{}, map[string]int{}, 0
	for _, item := range b.Items {
		kinds[model.NameOf(item.Record)]++
		switch rec := item.Record.(type) {
		case *model.NetworkDevice:
			types[string(rec.Type)]++
			links += len(rec.Links)
		case *model.Host:
			types[string(rec.Type)]++
		}
	}
	if diff := cmp.Diff(map[string]int{"BusinessUnit": 11, "Person": 3, "Vendor": 9, "Site": 28, "NetworkDevice": 71, "Host": 181}, kinds); diff != "" {
		t.Errorf("the kinds differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"router": 13, "switch": 26, "power": 13, "patch_panel": 19, "physical": 1, "virtual": 180}, types); diff != "" {
		t.Errorf("the types differ (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 0 {
		t.Errorf("refused: %v", b.Refused)
	}
	t.Logf("%d links, notes %v", links, b.Notes)
	keys := map[string]bool{}
	for _, item := range b.Items {
		key := model.NameOf(item.Record) + "/" + item.Record.Base().Key
		if keys[key] {
			t.Errorf("%s is there twice", key)
		}
		keys[key] = true
	}
}

// Of all files that other programs wrote, only those of this format are detected.
func TestDetectNothingElse(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(path string) bool {
		return strings.HasPrefix(path, "07-inventories/netbox/netbox-demo")
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(dump(rows)))
	f.Add([]byte(`{"results":[{"id":1,"url":"https://n/api/dcim/devices/1/","name":"a","site":{"id":1,"url":"https://n/api/dcim/sites/1/"}}]}`))
	f.Add([]byte(`{"count":1,"results":0,"id":1}`))
	feedtest.Fuzz(f, Format, "at most 300 bytes")
}

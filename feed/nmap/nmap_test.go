package nmap

import (
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

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.94 scan initiated -->
<nmaprun scanner="nmap" args="nmap -sV -O 10.1.0.0/24" start="1767225600" version="7.94" xmloutputversion="1.05">
<verbose level="0"/>
<hosthint><status state="up"/><address addr="10.1.0.5" addrtype="ipv4"/></hosthint>
`

const tail = `<runstats><finished time="1767229200" exit="success"/><hosts up="1" down="1" total="2"/></runstats>
</nmaprun>
`

const anchor = `<host starttime="1767225600" endtime="1767226000"><status state="up" reason="arp-response"/>
<address addr="10.1.0.5" addrtype="ipv4"/>
<address addr="52:54:00:AB:CD:01" addrtype="mac" vendor="QEMU virtual NIC"/>
<hostnames><hostname name="anchor" type="user"/><hostname name="Anchor.Harbour.Example." type="PTR"/></hostnames>
<ports><extraports state="closed" count="997"/>
<port protocol="tcp" portid="443"><state state="open"/><service name="http" product="nginx" version="1.24.0" tunnel="ssl" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.24.0</cpe></service></port>
<port protocol="tcp" portid="22"><state state="open"/><service name="ssh" product="OpenSSH" version="9.2p1" method="probed" conf="10"/><script id="x" output="y"><table key="a"><elem>b</elem></table></script></port>
<port protocol="tcp" portid="25"><state state="filtered"/><service name="smtp"/></port>
<port protocol="udp" portid="161"><state state="open|filtered"/></port></ports>
<os><osmatch name="Linux 5.0 - 5.14" accuracy="98"><osclass type="general purpose" vendor="Linux" osfamily="Linux" osgen="5.X" accuracy="98"/></osmatch>
<osmatch name="Linux 4.15" accuracy="95"/></os>
</host>
`

const downHost = `<host><status state="down" reason="no-response"/><address addr="10.1.0.6" addrtype="ipv4"/></host>
`

func read1(t *testing.T, text string) *feed.Batch {
	t.Helper()
	b := feedtest.Read(t, Format, "scan.xml", []byte(text))
	for _, item := range b.Items {
		item.Record.Base().ID = model.ID{}
	}
	return b
}

func TestScan(t *testing.T) {
	b := read1(t, head+anchor+downHost+tail)
	want := []*model.Host{{
		Meta: model.Meta{Key: "anchor.harbour.example"},
		Type: "virtual", FQDN: "anchor.harbour.example", MACs: []string{"52:54:00:ab:cd:01"}, IPs: []string{"10.1.0.5"},
		Manufacturer: "QEMU virtual NIC", OperatingSystem: "Linux", OSVersion: "5.0 - 5.14", Status: "up",
		Ports: []model.OpenPort{
			{Port: 22, Protocol: "tcp", Service: "ssh", Product: "OpenSSH", Version: "9.2p1"},
			{Port: 443, Protocol: "tcp", Service: "ssl/http", Product: "nginx", Version: "1.24.0"},
		},
		LastContact: 1767226000_000,
	}}
	if diff := cmp.Diff(want, feedtest.Records[*model.Host](b)); diff != "" {
		t.Errorf("the hosts differ (-want +got):\n%s", diff)
	}
	item := b.Items[0]
	if diff := cmp.Diff([]string{"NetworkDevice"}, item.Or); diff != "" {
		t.Errorf("other kinds: %s", diff)
	}
	if diff := cmp.Diff([]feed.Ident{feed.External("mac:52:54:00:ab:cd:01")}, item.Idents); diff != "" {
		t.Errorf("identities: %s", diff)
	}
	if diff := cmp.Diff(map[string]int{"hosts": 2, "up": 1, "down": 1, "ports": 4, "open ports": 2}, b.Contents); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
	source := model.Source{Meta: model.Meta{Key: "nmap", Name: "nmap"}, Format: "nmap", Describes: "nmap -sV -O 10.1.0.0/24", Release: "7.94", Serial: "1767225600", Produced: 1767229200_000}
	if diff := cmp.Diff(source, b.Source); diff != "" {
		t.Errorf("the source differs (-want +got):\n%s", diff)
	}
	if len(b.Refused)+len(b.Notes) != 0 {
		t.Errorf("refused %v, noted %v", b.Refused, b.Notes)
	}
}

// An interrupted scan leaves a file without its end: what is complete is read.
func TestHalfFile(t *testing.T) {
	whole := head + anchor + strings.ReplaceAll(anchor, "10.1.0.5", "10.1.0.7")
	for _, test := range []struct {
		name, text string
		hosts      int
	}{
		{"inside the second host", whole[:len(whole)-200], 1},
		{"after the second host", strings.ReplaceAll(whole, "52:54:00:AB:CD:01\" addrtype=\"mac\"", "10.1.0.9\" addrtype=\"ipv4\""), 1},
		{"inside a tag", whole[:len(head)+len(anchor)+10], 1},
		{"before the first host", head[:len(head)-20], 0},
	} {
		b := read1(t, test.text)
		if len(b.Items) != test.hosts {
			t.Errorf("%s: %d hosts were read, not %d", test.name, len(b.Items), test.hosts)
		}
		if len(b.Notes) == 0 || !strings.Contains(b.Notes[0], "did not finish") {
			t.Errorf("%s: the notes are %v", test.name, b.Notes)
		}
	}
	b := read1(t, head+anchor+"<host><status state=\"up\"></host>"+tail)
	if len(b.Items) != 1 || len(b.Refused) != 1 || b.Refused[0].Where.Line != 20 {
		t.Errorf("broken XML behind a host: %d hosts, refused %v", len(b.Items), b.Refused)
	}
}

func TestOperatingSystems(t *testing.T) {
	for _, test := range []struct{ name, os, system, version, kind string }{
		{"sure", `<osmatch name="Microsoft Windows Server 2019" accuracy="100"/>`, "Microsoft Windows Server", "2019", ""},
		{"best first", `<osmatch name="A 1" accuracy="90"/><osmatch name="B 2" accuracy="90"/>`, "A", "1", ""},
		{"not sure enough", `<osmatch name="Linux 5.4" accuracy="84"/>`, "", "", ""},
		{"just sure enough", `<osmatch name="Linux 5.4" accuracy="85"/>`, "Linux", "5.4", ""},
		{"only a class", `<osclass type="printer" vendor="HP" osfamily="JetDirect" osgen="2.X" accuracy="96"/>`, "JetDirect", "2.X", "printer"},
		{"classes that agree", `<osclass osfamily="Linux" osgen="2.4.X" accuracy="96"/><osclass osfamily="Linux" osgen="2.6.X" accuracy="96"/>`, "Linux", "", ""},
		{"classes that differ", `<osclass type="WAP" osfamily="embedded" accuracy="96"/><osclass osfamily="Linux" osgen="2.6.X" accuracy="96"/>`, "", "", ""},
		{"a router", `<osmatch name="Cisco IOS 15.1" accuracy="97"><osclass type="router" vendor="Cisco" osfamily="IOS" osgen="15.X" accuracy="97"/></osmatch>`, "Cisco IOS", "15.1", "appliance"},
		{"no number", `<osmatch name="many" accuracy="lots"/>`, "", "", ""},
	} {
		b := read1(t, head+`<host><status state="up"/><address addr="10.1.0.8" addrtype="ipv4"/><os>`+test.os+`</os></host>`+tail)
		h := feedtest.Records[*model.Host](b)[0]
		if h.OperatingSystem != test.system || h.OSVersion != test.version || string(h.Type) != test.kind {
			t.Errorf("%s: %q %q, type %q", test.name, h.OperatingSystem, h.OSVersion, h.Type)
		}
	}
}

func TestIdentity(t *testing.T) {
	host := func(inner string) string {
		return `<host endtime="1767226000"><status state="up"/>` + inner + `</host>`
	}
	address := func(ip string) string { return `<address addr="` + ip + `" addrtype="ipv4"/>` }
	name := func(kind, name string) string {
		return `<hostnames><hostname name="` + name + `" type="` + kind + `"/></hostnames>`
	}
	for _, test := range []struct {
		name, text string
		want       []string
		notes      int
	}{
		{"by address only", host(address("10.0.0.9")), []string{"10.0.0.9 external=10.0.0.9"}, 0},
		{"short name", host(address("10.0.0.9") + name("user", "Buoy")), []string{"buoy external=10.0.0.9"}, 0},
		{"the machine itself", host(address("127.0.0.1") + name("PTR", "localhost")), []string{"127.0.0.1 external=127.0.0.1"}, 0},
		{"one name for two machines", host(address("10.0.0.9")+name("PTR", "pool.example.org")) + host(address("10.0.0.8")+name("PTR", "pool.example.org")),
			[]string{"10.0.0.8 external=10.0.0.8", "10.0.0.9 external=10.0.0.9"}, 2},
		{"two addresses on one card", host(address("10.0.0.9")+`<address addr="00:11:22:33:44:55" addrtype="mac"/>`) + host(address("10.0.0.8")+`<address addr="00:11:22:33:44:55" addrtype="mac"/>`),
			[]string{"10.0.0.8 external=mac:00:11:22:33:44:55"}, 0},
		{"scanned twice", host(address("10.0.0.9")) + host(address("10.0.0.9")), []string{"10.0.0.9 external=10.0.0.9"}, 0},
		{"IPv6", host(`<address addr="fe80::1" addrtype="ipv6"/>`), []string{"fe80::1 external=fe80::1"}, 0},
	} {
		b := read1(t, head+test.text+tail)
		var got []string
		for _, item := range b.Items {
			got = append(got, item.Record.Base().Key+" external="+item.Idents[0].Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if len(b.Notes) != test.notes {
			t.Errorf("%s: the notes are %v", test.name, b.Notes)
		}
	}
}

// The scanner masscan writes the same elements, one host for every port and without a status.
func TestOneHostForEveryPort(t *testing.T) {
	b := read1(t, `<nmaprun scanner="masscan" start="1767225600" version="1.0">
<host endtime="1767225700"><address addr="10.0.0.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="open"/></port></ports></host>
<host endtime="1767225800"><address addr="10.0.0.2" addrtype="ipv4"/><ports><port protocol="tcp" portid="22"><state state="open"/></port></ports></host>
<runstats><finished time="1767225900"/></runstats></nmaprun>`)
	want := []*model.Host{{Meta: model.Meta{Key: "10.0.0.2"}, IPs: []string{"10.0.0.2"}, Status: "up", LastContact: 1767225800_000,
		Ports: []model.OpenPort{{Port: 22, Protocol: "tcp"}, {Port: 80, Protocol: "tcp"}}}}
	if diff := cmp.Diff(want, feedtest.Records[*model.Host](b)); diff != "" {
		t.Errorf("the hosts differ (-want +got):\n%s", diff)
	}
}

func TestWrongItemsAreRefusedOneByOne(t *testing.T) {
	b := read1(t, head+`<host><status state="up"/><address addr="10.0.0.300" addrtype="ipv4"/><address addr="10.0.0.3" addrtype="ipv4"/>
<ports><port protocol="tcp" portid="99999999999999999999"><state state="open"/></port><port protocol="tcp" portid="80"><state state="open"/></port></ports></host>
<host><status state="up"/></host>`+tail)
	if len(b.Items) != 1 || len(feedtest.Records[*model.Host](b)[0].Ports) != 1 {
		t.Errorf("%d hosts were kept", len(b.Items))
	}
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		`scan.xml:8:71: host[0].address: "10.0.0.300" is not an address`,
		`scan.xml:9:87: host[0].port: "99999999999999999999" is not the number of a port: it must be between 0 and 65535`,
		`scan.xml:10:7: host[1]: the host has no address: it cannot be told from others`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the refusals differ (-want +got):\n%s", diff)
	}
}

func TestRefusedContents(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"empty", "", "before the scan starts"},
		{"plain text", "hello", "before the scan starts"},
		{"another root", "<other/>", "starts with nmaprun"},
		{"entities", `<?xml version="1.0"?><!DOCTYPE nmaprun [<!ENTITY a "b">]><nmaprun version="1">&a;</nmaprun>`, "declares entities"},
		{"entities inside a host", `<nmaprun version="1"><host><!DOCTYPE x [<!ENTITY a "b">]></host></nmaprun>`, "declares entities"},
		{"deep", `<nmaprun version="1">` + strings.Repeat("<a>", 3000), "nested too deeply"},
		{"deep inside a host", `<nmaprun version="1"><host>` + strings.Repeat("<a>", 3000), "nested too deeply"},
		{"an unknown encoding", `<?xml version="1.0" encoding="morse"?><nmaprun version="1"/>`, "morse"},
		{"NUL bytes", "<nmaprun\x00/>", "NUL"},
		{"not well-formed", `<nmaprun version="1" <host`, "not XML"},
	})
}

func TestEncodings(t *testing.T) {
	text := strings.Replace(head, `encoding="UTF-8"`, `encoding="iso-8859-1"`, 1) + strings.Replace(anchor, "OpenSSH", "Caf\xe9", 1) + tail
	if got := feedtest.Records[*model.Host](read1(t, text))[0].Ports[0].Product; got != "Café" {
		t.Errorf("Latin-1: the product is %q", got)
	}
	var wide strings.Builder
	for _, r := range head + anchor + tail {
		wide.WriteByte(byte(r))
		wide.WriteByte(byte(r >> 8))
	}
	for name, text := range map[string]string{"UTF-16": "\xff\xfe" + wide.String(), "UTF-16 without a mark": wide.String(), "a byte-order mark": "\xef\xbb\xbf" + head + anchor + tail} {
		if got := Format.Detect([]byte(text)); got == 0 {
			t.Errorf("%s: not detected", name)
		}
		if b := read1(t, text); len(b.Items) != 1 {
			t.Errorf("%s: %d hosts were read", name, len(b.Items))
		}
	}
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"a scan", head},
		{"a scan behind blank lines", "\n\n " + head},
		{"a scan without any declaration", "<nmaprun>"},
	}, [][2]string{
		{"an older inventory", "<?xml version=\"1.0\"?><REQUEST><CONTENT/></REQUEST>"},
		{"a bill of materials", `<bom xmlns="http://cyclonedx.org/schema/bom/1.4"/>`},
		{"a text about it", "the root is <nmaprun>"},
		{"JSON", `{"nmaprun":1}`},
		{"nothing", ""},
	})
}

// The order of the hosts in the scan does not matter.
func TestOrderDoesNotMatter(t *testing.T) {
	parts := []string{anchor, downHost, strings.ReplaceAll(anchor, "10.1.0.5", "10.1.0.9"),
		`<host endtime="1767226100"><status state="up"/><address addr="10.1.0.5" addrtype="ipv4"/></host>`,
		`<host endtime="1767226100"><status state="up"/><address addr="10.1.0.4" addrtype="ipv4"/></host>`}
	want := read1(t, head+strings.Join(parts, "")+tail)
	rapid.Check(t, func(rt *rapid.T) {
		got := read1(t, head+strings.Join(rapid.Permutation(parts).Draw(rt, "parts"), "")+tail)
		if diff := cmp.Diff(want.Items, got.Items, cmpopts.IgnoreFields(feed.Item{}, "Where")); diff != "" {
			rt.Fatalf("the items differ (-want +got):\n%s", diff)
		}
	})
}

func TestSamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/07-inventories/nmap-xml/python-libnmap/*.xml")
	if len(files) == 0 {
		t.Skip("the folder ../shared/data/07-inventories is not there")
	}
	want := map[string]map[string]int{
		"full_sudo5.xml": {"hosts": 256, "up": 4, "down": 252},
		"os_scan6.xml":   {"hosts": 256, "up": 3, "down": 253},
		"fullscan.xml":   {"hosts": 256, "up": 2, "down": 254},
		"2_hosts.xml":    {"hosts": 2, "up": 2},
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if Format.Detect(text) == 0 {
			t.Errorf("%s: not detected", file)
		}
		b := read1(t, string(text))
		if filepath.Base(file) == "test_osclass.xml" {
			// Somebody wrote the letters IP over the only address of this scan.
			if len(b.Items) != 0 || len(b.Refused) != 2 {
				t.Errorf("%s: %d hosts, refused %v", file, len(b.Items), b.Refused)
			}
			continue
		}
		if len(b.Items) == 0 || len(b.Refused) != 0 {
			t.Errorf("%s: %d hosts, refused %v", file, len(b.Items), b.Refused)
		}
		for what, n := range want[filepath.Base(file)] {
			if b.Contents[what] != n {
				t.Errorf("%s: %d %s, not %d", filepath.Base(file), b.Contents[what], what, n)
			}
		}
	}
}

// Of all files that other programs wrote, only those of this format are detected.
func TestDetectNothingElse(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(path string) bool {
		return strings.HasPrefix(path, "07-inventories/nmap-xml") && filepath.Ext(path) == ".xml"
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + anchor + downHost + tail))
	f.Add([]byte(`<nmaprun version="1"><host><address addr="00:11:22:33:44:55" addrtype="mac"/><ports><port portid="1"><state state="open"/></port></ports></host>`))
	feedtest.Fuzz(f, Format)
}

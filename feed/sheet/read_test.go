package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

func readInput(t *testing.T, in feed.Input) []string {
	t.Helper()
	b := feed.NewBatch(model.Builtin(), in.Name)
	if err := Read(t.Context(), in, b); err != nil {
		return []string{"error " + err.Error()}
	}
	return feedtest.Describe(b)
}

func TestReadCSV(t *testing.T) {
	tests := []struct {
		name, text, kind string
		want             []string
	}{
		{"the words that people use", "Hostname,Serial number,OS,RAM (MB),CPU cores,IP address,Location\nweb01.example.com,S1,Debian,16384,8,\"10.0.0.1, 10.0.0.2\",Berlin\n", "", []string{
			"2 Host/web01.example.com name=web01.example.com fqdn=web01.example.com serial=S1 ips=[10.0.0.1 10.0.0.2] operating_system=Debian site=Berlin cpus=8 memory=16",
			"note The column RAM (MB) was converted to GiB, with 1024 of a unit to the next larger one: 1024 there is 1 here."}},
		{"semicolons and units", "key;Price (EUR);Warranty until;Asset tag;Serial no.\nl1;1200.50;30.06.2027;A1;S1\n", "Asset", []string{
			"2 Asset/l1 serial=S1 inventory_number=A1 price=1200.50 EUR warranty_end=2027-06-30"}},
		{"tabs, and units in cells", "key\tMemory\tdisk_tb\nh1\t16 GB\t2\nh2\t512MB\t\n", "Host", []string{
			"2 Host/h1 memory=16 disk=2048", "3 Host/h2 memory=0.5",
			"note The column disk_tb was converted to GiB, with 1024 of a unit to the next larger one: 1024 there is 1048576 here."}},
		{"lengths of time", "key|RTO (h)|Recovery point in minutes\ns|4|90\n", "Service", []string{"2 Service/s recovery_time=4h recovery_point=1h30m"}},
		{"a separator that is named", "sep=|\nkey|name\na|b, c; d\n", "Team", []string{"3 Team/a name=b, c; d"}},
		{"a kind in every row", "kind,key,name,serial\nHost,a,A,S1\nteams,b,B,S2\nHots,c,C,\n,d,D,\n", "", []string{
			"2 Host/a name=A serial=S1", "3 Team/b name=B",
			`refused in.csv:4:1: column A (kind): kind: there is no kind "Hots"; did you mean Host?`,
			"refused in.csv:5:1: column A (kind): kind: the kind is missing",
			"note The column serial is no field of Team; 1 values were left out."}},
		{"a field called kind", "key,kind,expression\nr,Host,true\n", "Rule", []string{"2 Rule/r kind=Host expression=true"}},
		{"rows above the headers", "Our servers\nas of today,,\nkey,serial,memory\na,S1,4\n", "Host", []string{
			"4 Host/a serial=S1 memory=4", "note The headers are in line 3; what stands above was left out."}},
		{"what says nothing and what says no", "key,serial,confidential,cpus,name\na,NULL,no,0,-\nb,n/a,,,'-\n\n,,,,\n", "Host", []string{
			"2 Host/a clear=[confidential cpus]", "3 Host/b name=-", "note 3 cells with NULL, n/a or - were taken as empty."}},
		{"formulas are plain text on the way in", "key,name,description\na,=1+1,'=1+1\nb,@x,'tis\n", "Host", []string{
			"2 Host/a name==1+1 description==1+1", "3 Host/b name=@x description='tis"}},
		{"options by value and by label, in any spelling", "key,type,environment\na,virtual machine,Production\nb,container-host,PRODUCTION\nc,toaster,\n", "Host", []string{
			"2 Host/a type=virtual environment=production", "3 Host/b type=container_host environment=production",
			`refused in.csv:4:3: column B (type): Host/c: type: "toaster" is not one of physical, virtual, hypervisor, container_host, workstation, laptop, storage, printer, phone, appliance, other`}},
		{"everything that is wrong with a row", "key,memory,cpus,ips\na b,much,-1,nowhere\n", "Host", []string{
			`refused in.csv:2:5: column B (memory): Host/a b: memory: "much" is not a number`,
			`refused in.csv:2:1: column A (key): Host/a b: key: "a b" is not a key: it must have no spaces and at most 300 bytes`,
			`refused in.csv:2:13: column D (ips): Host/a b: ips: "nowhere" is not an IP address`,
			`refused in.csv:2:10: column C (cpus): Host/a b: cpus: -1 is below the limit of 0`}},
		{"rows without a key and keys that stand twice", "name,key,rack\nWeb 1,,r\nWeb 1,,r\n,x,r\n,x,r\n,,r\n", "Host", []string{
			"2 Host/web-1 name=Web 1 rack=r", "4 Host/x rack=r",
			"refused in.csv:3:1: column A (name): Host/web-1: key: the key web-1, made of the name, stands for line 2 already: add a column called key",
			"refused in.csv:5:1: column A (name): Host/x: key: the key x stands in line 4 already",
			"refused in.csv:6:1: column A (name): Host: key: the row has no key and no name to make one of: add a column called key"}},
		{"headers that mean nothing, or the same", "key,Serial,Serial number,Colour,Nmae,,origin\na,S1,S2,red,x,y,z\n", "Host", []string{
			"2 Host/a serial=S1",
			"note The column Serial number means the same field of Host as the column Serial; 1 values were left out.",
			"note The column Colour is no field of Host; 1 values were left out.",
			"note The column Nmae is no field of Host; 1 values were left out; did you mean name?",
			"note The column F is no field of Host; 1 values were left out.",
			"note The column origin is set by Binnacle itself; 1 values were left out."}},
		{"quotes", "key,name,description\na,\"say \"\"hi\"\"\",\"two\nlines\"\nb,5\" disk,x\nc,\"broken\"x,y\nd,\"open,y\ne,E,z\n", "Host", []string{
			"2 Host/a name=say \"hi\" description=two\nlines", "4 Host/b name=5\" disk description=x", "7 Host/e name=E description=z",
			"refused in.csv:5:3: something stands behind the closing quote: a quote inside a cell must be written twice",
			"refused in.csv:6:3: the quote that begins here has no end: the file is not complete, or a quote must be written twice"}},
		{"too many cells", "key,name\na,b,c\nd,e,\n", "Host", []string{
			"3 Host/d name=e", "refused in.csv:2:5: column C (): Host/a: there is no header above this value: perhaps a separator inside a cell lacks its quotes"}},
		{"old line ends", "key,name\ra,b\rc,d\r", "Host", []string{"2 Host/a name=b", "3 Host/c name=d"}},
		{"tables as JSON", "key,ports\na,\"[{\"\"port\"\": 22}, {\"\"port\"\": 70000}]\"\nb,22\n", "Host", []string{
			"refused in.csv:2:3: column B (ports): Host/a: ports[1].port: 70000 is above the limit of 65535",
			`refused in.csv:3:3: column B (ports): Host/b: ports: "22" is not a list of rows: write it as a JSON array of objects`}},
		{"headers that fit several kinds", "key,name,description\na,b,c\n", "", []string{
			"error in.csv: the headers fit no kind: say which kind the rows are, or add a column called kind"}},
		{"headers that fit two kinds alike", "name,serial,manufacturer,model\na,b,c,d\n", "", []string{
			"error in.csv: the headers do not say clearly of which kind the rows are; it may be Host, NetworkDevice, Asset: say the kind, or add a column called kind"}},
		{"a kind that there is not", "key,name\na,b\n", "Hots", []string{`error in.csv: there is no kind "Hots"; did you mean Host?`}},
		{"nothing", "\n\n", "Host", []string{"error in.csv: the table has no rows"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := readInput(t, feed.Input{Name: "in.csv", Data: []byte(test.text), Kind: test.kind})
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheNameOfAFileDecidesBetweenKindsThatFitAlike(t *testing.T) {
	for name, want := range map[string]string{
		"vendors.csv":         "Vendor/a",
		"lists/Vendor.csv.gz": "Vendor/a",
		"countries.csv":       "it may be",
		"applications.csv":    "Application/a",
		"in.csv":              "it may be",
	} {
		got := strings.Join(readInput(t, feed.Input{Name: name, Data: []byte("key,name,country,criticality\na,A,NL,high\n")}), "\n")
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestRefsAreTextsThatAreFoundLater(t *testing.T) {
	b := feed.NewBatch(model.Builtin(), "in.csv")
	text := "id,name,assigned to,vendor\n77,Laptop 1,Ada Lovelace,ACME\n78,Laptop 2,Person/ada,acme\n79,,Ada,x\n"
	if err := Read(t.Context(), feed.Input{Name: "in.csv", Data: []byte(text), Kind: "Asset"}, b); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range b.Links {
		got = append(got, fmt.Sprintf("%s: %s %v", l.Where, l.Text, l.Kinds))
	}
	for _, item := range b.Items {
		got = append(got, fmt.Sprintf("%s %v", item.Record.Base().Key, item.Idents))
	}
	want := []string{
		"in.csv:2:13: column C (assigned to): Ada Lovelace [Person Team]", "in.csv:2:26: column D (vendor): ACME [Vendor]",
		"in.csv:3:13: column C (assigned to): Person/ada [Person Team]", "in.csv:3:24: column D (vendor): acme [Vendor]",
		"laptop-1 [{external 77}]", "laptop-2 [{external 78}]"}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("links and names, without those of the row that is refused (-want +got):\n%s", diff)
	}
}

func TestMappingWins(t *testing.T) {
	m := &model.Mapping{Kind: "Host", Columns: []model.MappedColumn{{Header: "Serial", Field: "name"}, {Header: "name", Field: ""}, {Header: "Box (MB)", Field: "memory"}}}
	got := readInput(t, feed.Input{Name: "in.csv", Data: []byte("key,serial,Name,box (MB)\na,S,N,512\n"), Mapping: m})
	want := []string{"2 Host/a name=S memory=0.5", "note The column box (MB) was converted to GiB, with 1024 of a unit to the next larger one: 1024 there is 1 here."}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func utf16Of(text string, low, high int) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(text)) {
		two := make([]byte, 2)
		two[low], two[high] = byte(u), byte(u>>8)
		out = append(out, two...)
	}
	return out
}

func TestEncodings(t *testing.T) {
	text := "key,serial\nzürich,S1\n"
	tests := map[string]struct {
		data []byte
		want []string
	}{
		"UTF-8 with a byte-order mark": {[]byte("\ufeff" + text), []string{"2 Host/zürich serial=S1"}},
		"UTF-16, little endian":        {utf16Of("\ufeff"+text, 0, 1), []string{"2 Host/zürich serial=S1"}},
		"UTF-16, big endian":           {utf16Of("\ufeff"+text, 1, 0), []string{"2 Host/zürich serial=S1"}},
		"UTF-16 without a mark":        {utf16Of(text, 0, 1), []string{"2 Host/zürich serial=S1", "note The file has no byte-order mark; it was read as UTF-16, little endian."}},
		"Windows-1252":                 {[]byte("key,serial\nz\xfcrich,S1\n"), []string{"2 Host/zürich serial=S1", "note The file is not UTF-8; it was read as Windows-1252. Where letters look wrong, save it as UTF-8."}},
		"half UTF-16":                  {utf16Of("\ufeff"+text, 0, 1)[:15], []string{"error in.csv: the file is UTF-16 and ends inside a character: it is not complete"}},
		"NUL":                          {[]byte("key,serial\na,b\x00c\n"), []string{"error in.csv: line 2 has a NUL byte: this is not a text file"}},
		"control characters":           {[]byte("key,serial\na,b\x01c\n"), []string{"refused in.csv:2:3: column B (serial): Host/a: serial: the text has a control character or is not valid UTF-8"}},
		"an old workbook":              {append(slices.Clone(oleMark), make([]byte, 600)...), []string{"error in.csv: this is a workbook of an old form, or one with a password: save it as .xlsx without a password, or as CSV"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := gocmp.Diff(test.want, readInput(t, feed.Input{Name: "in.csv", Data: test.data, Kind: "Host"})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if c := Detect(test.data); c == 0 && !strings.HasPrefix(cmp.Or(test.want[0], ""), "error") && name != "control characters" {
				t.Errorf("it is not recognised")
			}
		})
	}
}

// parts packs the parts of a workbook. Sheets are name and rows, hidden where the name starts with an exclamation mark.
func parts(t *testing.T, more map[string]string, sheets ...[2]string) []byte {
	t.Helper()
	files := map[string]string{
		"[Content_Types].xml": `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
		"_rels/.rels":         `<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\.mm\.yyyy\ hh:mm"/><numFmt numFmtId="165" formatCode="[h]:mm"/><numFmt numFmtId="166" formatCode="00000"/><numFmt numFmtId="167" formatCode="[Red]0.0&quot;days&quot;"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="10"/><xf numFmtId="167"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": `<sst><si><t>shared</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>aid</t></rPh></si></sst>`,
	}
	book, rels := "", `<Relationship Id="st" Type="http://x/styles" Target="styles.xml"/><Relationship Id="ss" Type="http://x/sharedStrings" Target="sharedStrings.xml"/>`
	for i, s := range sheets {
		name, hidden := strings.CutPrefix(s[0], "!")
		state := ""
		if hidden {
			state = ` state="hidden"`
		}
		book += fmt.Sprintf(`<sheet name="%s" sheetId="%d"%s r:id="r%d"/>`, name, i+1, state, i)
		rels += fmt.Sprintf(`<Relationship Id="r%d" Type="http://x/worksheet" Target="worksheets/s%d.xml"/>`, i, i)
		data, rest, _ := strings.Cut(s[1], "§")
		files[fmt.Sprintf("xl/worksheets/s%d.xml", i)] = "<worksheet><sheetData>" + data + "</sheetData>" + rest + "</worksheet>"
	}
	files["xl/workbook.xml"] = "<workbook><sheets>" + book + "</sheets></workbook>"
	files["xl/_rels/workbook.xml.rels"] = "<Relationships>" + rels + "</Relationships>"
	for name, text := range more {
		files[name] = text
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// textRow makes a row of texts.
func textRow(line int, texts ...string) string {
	out := fmt.Sprintf(`<row r="%d">`, line)
	for i, text := range texts {
		if text != "" {
			out += fmt.Sprintf(`<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>`, letters(i), line, text)
		}
	}
	return out + "</row>"
}

func TestReadXLSX(t *testing.T) {
	header := textRow(1, "key", "name", "availability", "memory", "last_contact", "active")
	tests := []struct {
		name   string
		kind   string
		more   map[string]string
		sheets [][2]string
		want   []string
	}{
		{"cells of every sort", "", nil, [][2]string{{"Hosts", header +
			`<row r="3"><c r="A3" s="4"><v>42</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" s="5"><v>0.9995</v></c><c r="D3"><v>0.10000000000000001</v></c><c r="E3" s="2"><v>45000.5</v></c><c r="F3" s="1"><v>45000</v></c></row>` +
			`<row r="4"><c r="A4" t="str"><f>"a"&amp;"b"</f><v>ab</v></c><c r="B4" t="inlineStr"><is><t>x_x000D_y_x005F_x0041_</t></is></c><c r="D4" s="6"><f>1+1</f><v>2</v></c><c r="F4" t="d"><v>2027-06-30T00:00:00</v></c></row>`}},
			[]string{"3 Host/00042 name=two runs active=2023-03-15 memory=0.1 availability=99.95 last_contact=2023-03-15T12:00:00Z", "4 Host/ab name=x\ry_x0041_ active=2027-06-30 memory=2"}},
		{"formulas without a result, errors, and texts that are not there", "Host", nil, [][2]string{{"S", header +
			`<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2"><f>A1</f></c><c r="C2" t="e"><v>#DIV/0!</v></c><c r="D2" t="s"><v>9</v></c></row>` + textRow(3, "b")}},
			[]string{"3 Host/b",
				"refused in.xlsx:2:2: S!B2 (name): Host/a: name: the formula has no stored result: open the file in a spreadsheet program and save it",
				"refused in.xlsx:2:3: S!C2 (availability): Host/a: availability: the cell shows the error #DIV/0!",
				`refused in.xlsx:2:4: S!D2 (memory): Host/a: memory: the cell refers to the text number "9", which there is not`}},
		{"the first sheet that has something, and no hidden one", "Host", nil, [][2]string{{"!Secret", header + textRow(2, "x")}, {"Empty", ""}, {"Data", header + textRow(2, "a")}, {"More", header + textRow(2, "b")}},
			[]string{"2 Host/a", "note The sheet Secret is hidden and was left out.", "note The sheet More was left out: only the first sheet is read, unless sheets are named after kinds."}},
		{"sheets named after kinds", "", nil, [][2]string{{"Notes", header + textRow(2, "x")}, {"Hosts", textRow(1, "key", "rack") + textRow(2, "a", "r1")}, {"Business unit", textRow(1, "key", "name") + textRow(2, "b", "B")}},
			[]string{"2 Host/a rack=r1", "2 BusinessUnit/b name=B", "note The sheet Notes is not named after a kind and was left out."}},
		{"merged cells", "Host", nil, [][2]string{{"S", textRow(1, "key", "rack", "status") + textRow(2, "a", "r1", "on") + textRow(3, "b") + textRow(4, "c", "", "off") + textRow(5, "d") + `§<mergeCells count="1"><mergeCell ref="B2:B4"/></mergeCells>`}},
			[]string{"2 Host/a rack=r1 status=on", "3 Host/b rack=r1", "4 Host/c rack=r1 status=off", "5 Host/d"}},
		{"lengths of time", "Service", nil, [][2]string{{"S", textRow(1, "key", "recovery_time") + `<row r="2"><c r="A2" t="inlineStr"><is><t>s</t></is></c><c r="B2" s="3"><v>1.5208333333333333</v></c></row>`}},
			[]string{"2 Service/s recovery_time=1d12h30m"}},
		{"days counted from 1904", "Host", map[string]string{"xl/workbook.xml": `<workbook><workbookPr date1904="1"/><sheets><sheet name="S" r:id="r0"/></sheets></workbook>`}, [][2]string{{"S", header + `<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="F2" s="1"><v>43538</v></c></row>`}},
			[]string{"2 Host/a active=2023-03-15"}},
		{"declared document types", "Host", map[string]string{"xl/sharedStrings.xml": `<!DOCTYPE x [<!ENTITY a "b">]><sst><si><t>&a;</t></si></sst>`}, [][2]string{{"S", header}},
			[]string{"error in.xlsx: the part xl/sharedStrings.xml of the workbook: a document type is declared, which is not allowed"}},
		{"half a sheet", "Host", map[string]string{"xl/worksheets/s0.xml": "<worksheet><sheetData>" + header + textRow(2, "a")}, [][2]string{{"S", ""}},
			[]string{"error in.xlsx: the sheet S is broken behind row 2: it ends too early"}},
		{"no sheet", "Host", nil, [][2]string{{"!S", header}}, []string{"error in.xlsx: the workbook has no visible sheet with content"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			data := parts(t, test.more, test.sheets...)
			if got := Detect(data); got != 95 {
				t.Errorf("detection says %d", got)
			}
			if diff := gocmp.Diff(test.want, readInput(t, feed.Input{Name: "in.xlsx", Data: data, Kind: test.kind})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadXLSXOfOthers(t *testing.T) {
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "B2", &[]any{"Contract number", "Vendor", "Annual cost (EUR)", "Expires"}))
	must(f.SetSheetRow("Sheet1", "B3", &[]any{"C-1", "ACME", 1200.5, model.MustDate("2027-06-30").Time()}))
	must(f.SetCellFormula("Sheet1", "D4", "D3*2"))
	must(f.SetSheetRow("Sheet1", "B4", &[]any{"C-2", "ACME"}))
	var out bytes.Buffer
	must(f.Write(&out))
	want := []string{
		"3 Contract/c-1 vendor=ACME number=C-1 end=2027-06-30 annual_cost=1200.5 EUR",
		"refused contracts.xlsx:4:4: Sheet1!D4 (Annual cost (EUR)): Contract/c-2: annual_cost: the formula has no stored result: open the file in a spreadsheet program and save it"}
	if diff := gocmp.Diff(want, readInput(t, feed.Input{Name: "contracts.xlsx", Data: out.Bytes()})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBombs(t *testing.T) {
	limits := feed.DefaultLimits
	limits.Bytes = 20 << 20
	bomb := parts(t, map[string]string{"xl/media/a": strings.Repeat("\x00", 19<<20)}, [2]string{"S", textRow(1, "key")})
	large := parts(t, map[string]string{"xl/media/a": strings.Repeat("\x00", 21<<20)}, [2]string{"S", textRow(1, "key")})
	for want, data := range map[string][]byte{"times larger when it is unpacked": bomb, "bytes when it is unpacked": large} {
		b := feed.NewBatch(model.Builtin(), "in.xlsx")
		b.Limits = limits
		if err := Read(t.Context(), feed.Input{Name: "in.xlsx", Data: data, Kind: "Host"}, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	wide := parts(t, nil, [2]string{"S", textRow(1, "key") + `<row r="2"><c r="XFD2"><v>1</v></c><c><v>2</v></c></row>`})
	if got := readInput(t, feed.Input{Name: "in.xlsx", Data: wide, Kind: "Host"}); !strings.Contains(got[0], "more than 16384 columns") {
		t.Errorf("too many columns: %v", got)
	}
}

func TestLimits(t *testing.T) {
	data := []byte("key,rack\na,b\nc,d\n")
	b := feed.NewBatch(model.Builtin(), "in.csv")
	b.Limits.Items = 1
	if err := Read(t.Context(), feed.Input{Name: "in.csv", Data: data, Kind: "Host"}, b); err == nil || err.Error() != "in.csv: there are more than 1 rows: split the file" {
		t.Errorf("too many rows: %v", err)
	}
	b = feed.NewBatch(model.Builtin(), "in.csv")
	b.Limits.Bytes = 4
	if err := Read(t.Context(), feed.Input{Name: "in.csv", Data: data, Kind: "Host"}, b); err == nil || err.Error() != "in.csv has 17 bytes; the limit is 4: split it" {
		t.Errorf("too many bytes: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Read(ctx, feed.Input{Name: "in.csv", Data: data, Kind: "Host"}, feed.NewBatch(model.Builtin(), "in.csv")); err == nil {
		t.Error("reading goes on although nobody waits")
	}
}

func TestSourceAndCounts(t *testing.T) {
	b := feed.NewBatch(model.Builtin(), "x")
	if err := Read(t.Context(), feed.Input{Name: `C:\data/Our Servers.2027.csv.gz`, Data: []byte("key,rack\na,b\nc,d\n"), Kind: "Host"}, b); err != nil {
		t.Fatal(err)
	}
	if b.Source.Key != "sheet:our-servers.2027" || b.Source.Name != "Our Servers.2027.csv.gz" || b.Source.Format != "sheet" || b.Complete {
		t.Errorf("the source is %+v", b.Source)
	}
	if diff := gocmp.Diff(map[string]int{"rows": 2, "hosts": 2}, b.Contents); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDetect(t *testing.T) {
	tests := []struct {
		text string
		want int
	}{
		{"hostname,serial,os\na,b,c\n", 80},
		{"\ufeffHostname;Serial number\r\na;b\r\n", 80},
		{"hostname,serial\n", 80},
		{"colour,size\nred,1\n", 40},
		{"hostname\na\nb\n", 30},
		{"colour\nred\n", 0},
		{"Dear all, this is a text.\nIt has commas, here and there, but is none.\nReally.\n", 0},
		{"| a | b |\n|---|---|\n| 1 | 2 |\n", 0},
		{"{\"a\": 1, \"b\": 2}", 0},
		{"<a>x,y</a>\n<b>x,y</b>", 0},
		{"---\na: b, c\n", 0},
		{"# comment, x\na, b\n", 0},
		{"PK\x03\x04rest", 0},
		{"\x89PNG,\r\n\x1a,\n", 0},
		{"", 0},
	}
	for _, test := range tests {
		if got := Detect([]byte(test.text)); got != test.want {
			t.Errorf("Detect(%.50q) = %d, want %d", test.text, got, test.want)
		}
	}
}

func TestSamplesOfOtherTables(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/*/*/*.csv")
	if err != nil || len(files) == 0 {
		t.Skip("the sample files are not here")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b := feed.NewBatch(model.Builtin(), file)
		if err := Read(t.Context(), feed.Input{Name: file, Data: data}, b); err == nil && len(b.Items) > 0 {
			t.Errorf("%s was taken for %d records, first %s", file, len(b.Items), feedtest.Describe(b)[0])
		}
		b = feed.NewBatch(model.Builtin(), file)
		if err := Read(t.Context(), feed.Input{Name: file, Data: data, Kind: "Document"}, b); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestLargeTable(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	const rows = 100_000
	var text bytes.Buffer
	text.WriteString("hostname,serial,os,memory,cpus,ips,site\n")
	for i := range rows {
		fmt.Fprintf(&text, "h%d.example.com,S%d,Debian,16,8,10.0.%d.%d,berlin\n", i, i, i>>8&255, i&255)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	b := feed.NewBatch(model.Builtin(), "in.csv")
	if err := Read(t.Context(), feed.Input{Name: "in.csv", Data: text.Bytes()}, b); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if len(b.Items) != rows || len(b.Refused) > 0 {
		t.Fatalf("%d records, refused %v", len(b.Items), b.Refused)
	}
	each := int(after.HeapAlloc-before.HeapAlloc) / rows
	t.Logf("%d bytes stay for every record", each)
	if each > 4000 {
		t.Errorf("%d bytes stay for every record", each)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"key,name\na,b\n", "hostname;serial;ram_mb\na;\"b\"\"c\n", "kind|key|ports\nHost|a|[{\"port\":1}]\n", "sep=;\nkey;tags\n'=a;b,c\n", "\xff\xfek\x00,\x00", "PK\x03\x04"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := Detect(data); c < 0 || c > 100 {
			t.Fatalf("a confidence of %d", c)
		}
		check(t, feed.Input{Name: "in", Data: data, Kind: "Host"})
	})
}

func FuzzReadXLSX(f *testing.F) {
	f.Add(textRow(1, "key", "name")+textRow(2, "a", "b"), `<mergeCell ref="A1:B2"/>`, "yyyy")
	f.Add(`<row><c><v>1</v></c></row>`, "", `[h]:mm"x`)
	f.Fuzz(func(t *testing.T, rows, rest, format string) {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for name, text := range map[string]string{
			"xl/workbook.xml":            `<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels": `<R><Relationship Id="a" Type="/worksheet" Target="s"/><Relationship Id="b" Type="/styles" Target="t"/></R>`,
			"xl/s":                       "<w><sheetData>" + rows + "</sheetData>" + rest + "</w>",
			"xl/t":                       fmt.Sprintf(`<s><numFmt numFmtId="9" formatCode=%q/><cellXfs><xf numFmtId="9"/></cellXfs></s>`, format),
		} {
			if w, err := z.Create(name); err == nil {
				w.Write([]byte(text))
			}
		}
		z.Close()
		check(t, feed.Input{Name: "in", Data: out.Bytes(), Kind: "Host"})
	})
}

// check reads an input twice and looks whether both are the same and all records are good.
func check(t *testing.T, in feed.Input) {
	batches := make([]*feed.Batch, 2)
	for i := range batches {
		batches[i] = feed.NewBatch(model.Builtin(), "in")
		if Read(t.Context(), in, batches[i]) != nil {
			return
		}
	}
	if diff := gocmp.Diff(feedtest.Describe(batches[0]), feedtest.Describe(batches[1])); diff != "" {
		t.Fatalf("read twice, it differs:\n%s", diff)
	}
	for _, item := range batches[0].Items {
		for _, p := range model.Builtin().Of(item.Record).Check(item.Record) {
			if !strings.Contains(p.Text, "required") {
				t.Fatalf("a record that is wrong was kept: %v", p)
			}
		}
	}
}

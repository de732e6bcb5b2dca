package security

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"
	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"binnacle/doors"
	"binnacle/host"
	"binnacle/model"
)

func gzipped(write func(io.Writer)) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	write(z)
	z.Close()
	return out.Bytes()
}

func zipped(files map[string]func(io.Writer)) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, write := range files {
		if f, err := z.Create(name); err == nil {
			write(f)
		}
	}
	z.Close()
	return out.Bytes()
}

// repeat writes a text until it is so long.
func repeat(text string, bytes int) func(io.Writer) {
	block := strings.Repeat(text, max(1, 1<<20/len(text)))
	return func(w io.Writer) {
		for n := 0; n < bytes; n += len(block) {
			io.WriteString(w, block)
		}
	}
}

// parquetBomb is a Parquet file in which one value stands a few million times.
func parquetBomb(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	type row struct {
		BilledCost, EffectiveCost, ListCost, ContractedCost                                             float64
		BillingAccountId, BillingCurrency, ProviderName, ServiceName, ChargeCategory, ChargeDescription string `parquet:",dict,zstd"`
		BillingPeriodStart, BillingPeriodEnd, ChargePeriodStart, ChargePeriodEnd                        string `parquet:",dict,zstd"`
	}
	w := parquet.NewGenericWriter[row](&out)
	one := row{1, 1, 1, 1, "day-9", "EUR", "Day Cloud", "Ovens", "Usage", strings.Repeat("x", 1<<16), "2027-05-01T00:00:00Z", "2027-06-01T00:00:00Z", "2027-05-01T00:00:00Z", "2027-05-01T01:00:00Z"}
	rows := make([]row, 20000)
	for i := range rows {
		rows[i] = one
	}
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bulkBombs are uploads of bulk lines that are small outside and large inside, or that never end.
func bulkBombs(t *testing.T) map[string][]byte {
	t.Helper()
	good := string(bill("2027-05", charge{"Day Cloud", "day-9", "Ovens", "Baking", "", "1.00"}))
	head, line, _ := strings.Cut(good, "\n")
	deep := strings.Repeat(`{"a":`, 50000) + "1" + strings.Repeat("}", 50000)
	footer := binary.LittleEndian.AppendUint32(nil, 0xFFFFFFF0)
	// The ISIZE at the end of gzip and the sizes in a zip are what the sender says.
	lying := gzipped(func(w io.Writer) { io.WriteString(w, good) })
	binary.LittleEndian.PutUint32(lying[len(lying)-4:], 0xFFFFFFFF)
	huge := zipped(map[string]func(io.Writer){"bill.csv": func(w io.Writer) { io.WriteString(w, good) }})
	if at := bytes.Index(huge, []byte("PK\x01\x02")); at > 0 {
		binary.LittleEndian.PutUint32(huge[at+24:], 0xFFFFFFFE)
	}
	file := parquetBomb(t)
	return map[string][]byte{
		"gzip bomb":                  gzipped(func(w io.Writer) { io.WriteString(w, head+"\n"); repeat(line, 400<<20)(w) }),
		"gzip of one line":           gzipped(func(w io.Writer) { io.WriteString(w, head+"\n"); repeat("x", 400<<20)(w) }),
		"zip bomb":                   zipped(map[string]func(io.Writer){"bill.csv": func(w io.Writer) { io.WriteString(w, head+"\n"); repeat(line, 300<<20)(w) }}),
		"zip with gzip":              zipped(map[string]func(io.Writer){"bill.csv.gz": func(w io.Writer) { w.Write(gzipped(repeat("x", 100<<20))) }}),
		"zip that leads out":         zipped(map[string]func(io.Writer){"../../../escaped.csv": func(w io.Writer) { io.WriteString(w, good) }, "/escaped.csv": func(w io.Writer) { io.WriteString(w, good) }}),
		"gzip that says 4 GiB":       lying,
		"zip that says 4 GiB":        huge,
		"endless line":               []byte(head + "\n" + strings.Repeat("x", 24<<20)),
		"endless quoted field":       []byte(head + "\n\"" + strings.Repeat("x\n", 2<<20)),
		"one line of commas":         []byte(head + "\n" + strings.Repeat(",", 24<<20)),
		"a million columns":          []byte(head + strings.Repeat(",x", 1<<20) + "\n" + line),
		"NUL":                        []byte(head + "\n" + strings.ReplaceAll(line, "Baking", "Ba\x00king") + strings.Repeat("\x00", 1<<20)),
		"not UTF-8":                  []byte(head + "\n" + strings.ReplaceAll(line, "Baking", "\xff\xfe\xc3")),
		"deep tags":                  []byte(string(bill("2027-05", charge{"Day Cloud", "day-9", "Ovens", "Baking", deep, "1.00"}))),
		"digits":                     []byte(string(bill("2027-05", charge{"Day Cloud", "day-9", "Ovens", "Baking", "", strings.Repeat("9", 100000)}))),
		"exponent":                   []byte(string(bill("2027-05", charge{"Day Cloud", "day-9", "Ovens", "Baking", "", "1e999999999"}))),
		"small exponent":             []byte(string(bill("2027-05", charge{"Day Cloud", "day-9", "Ovens", "Baking", "", "1E-999999999"}))),
		"not a number":               []byte(string(bill("2027-05", charge{"Day Cloud", "day-9", "Ovens", "Baking", "", "NaN"}))),
		"Parquet with a long footer": append(append([]byte("PAR1aaaa"), footer...), "PAR1"...),
		"Parquet cut off":            file[:len(file)/2],
		"Parquet of one value":       file,
		"Parquet of noise":           append(append(bytes.Repeat([]byte("PAR1"), 200000), 0xFF, 0x0F, 0, 0), "PAR1"...),
	}
}

// TestB5_BulkBombs holds that bulk lines cannot fill the memory or the disk, stop the server, or lead out of the folder for uploads.
func TestB5_BulkBombs(t *testing.T) {
	w := newWorld(t)
	v := w.withToken(t, "finance", "write")
	head := w.Head().Seq
	for name, body := range bulkBombs(t) {
		t.Run(name, func(t *testing.T) {
			var most uint64
			done := make(chan bool)
			var wg sync.WaitGroup
			runtime.GC()
			var before runtime.MemStats
			runtime.ReadMemStats(&before)
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					case <-time.After(20 * time.Millisecond):
						var now runtime.MemStats
						runtime.ReadMemStats(&now)
						most = max(most, now.HeapInuse)
					}
				}
			})
			start := time.Now()
			r := v.do(http.MethodPost, "/api/v1/imports?dry_run=true&name=bill.csv", bytes.NewReader(body), "Content-Type", "application/octet-stream")
			took := time.Since(start)
			close(done)
			wg.Wait()
			if r.status >= 500 || strings.Contains(r.body, "a fault in Binnacle") {
				t.Errorf("%v", r)
			}
			if len(r.body) > 4<<20 {
				t.Errorf("the answer has %d bytes", len(r.body))
			}
			if took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
			if more := int64(most) - int64(before.HeapInuse); more > 700<<20 {
				t.Errorf("it took %d MiB of memory for %d KiB", more>>20, len(body)>>10)
			}
			t.Logf("%d KiB: %d in %s, %d MiB more: %.120s", len(body)>>10, r.status, took.Round(time.Millisecond), (int64(most)-int64(before.HeapInuse))>>20, r.body)
		})
	}
	if left, _ := filepath.Glob(filepath.Join(w.Temp, "*")); len(left) > 0 {
		t.Errorf("files were left behind: %v", left)
	}
	for _, outside := range []string{filepath.Join(w.Temp, "..", "escaped.csv"), "/escaped.csv", "escaped.csv"} {
		if _, err := os.Stat(outside); err == nil {
			t.Errorf("%s was written", outside)
		}
	}
	if w.Head().Seq != head {
		t.Error("a dry run wrote something")
	}
}

// form writes files as a browser uploads them.
func form(field string, files map[string][]byte) (body []byte, kind string) {
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	for name, data := range files {
		if part, err := m.CreateFormFile(field, name); err == nil {
			part.Write(data)
		}
	}
	m.Close()
	return out.Bytes(), m.FormDataContentType()
}

// TestB5_UploadsBesideTheData holds that what waits beside the data is for this program alone, is called what Binnacle calls it, goes when it is dropped, and is in reach of nobody else.
func TestB5_UploadsBesideTheData(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "finance")
	line := charge{"Day Cloud", "day-10", "Ovens", strings.Repeat("Baking ", 4000), "", "1.00"}
	data := bill("2027-05", line)
	for len(data) < 10<<20 {
		_, more, _ := bytes.Cut(bill("2027-05", line), []byte("\n"))
		data = append(data, more...)
	}
	kept := func() []string {
		names, _ := filepath.Glob(filepath.Join(w.Temp, "*"))
		return names
	}
	for _, name := range []string{"../../../etc/passwd", "..\\..\\upload-1", "upload-x", "/etc/passwd", "a\x00b.csv", strings.Repeat("x", 4000) + ".csv"} {
		body, kind := form("files", map[string][]byte{name: data})
		r := v.do(http.MethodPost, "/imports", bytes.NewReader(body), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
		if r.status >= 500 {
			t.Errorf("%q: %v", name, r)
		}
		if r.status != http.StatusSeeOther {
			continue
		}
		files := kept()
		if len(files) != 1 {
			t.Fatalf("%q: there are %d files beside the data: %v", name, len(files), files)
		}
		info, err := os.Stat(files[0])
		if err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(info.Name(), "upload-") || strings.Contains(info.Name(), "x.csv") {
			t.Errorf("%q: the file is %v, %v", name, info.Name(), info.Mode())
		}
		// Neither the name of the file nor the preview is in reach of anybody else.
		to := r.header.Get("Location")
		for _, other := range []*visitor{w.as(t, "cio"), w.stranger(t)} {
			if r := other.get(to); r.status == http.StatusOK {
				t.Errorf("%s reads the upload of another person", other.name)
			}
		}
		for _, path := range []string{"/imports/" + info.Name(), "/imports/..%2f" + info.Name(), "/attachments/" + info.Name(), "/assets/" + info.Name()} {
			if r := v.get(path); r.status == http.StatusOK {
				t.Errorf("%s gives out the file", path)
			}
		}
		if page := v.get(to); page.status >= 500 || strings.Contains(page.body, w.Temp) || strings.Contains(page.body, info.Name()) {
			t.Errorf("the preview tells where the file is: %v", page)
		}
		if r := v.post(to + "/drop"); r.status >= 400 {
			t.Errorf("drop: %v", r)
		}
		for range 100 {
			if len(kept()) == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if left := kept(); len(left) > 0 {
			t.Fatalf("%q: after dropping there is %v", name, left)
		}
	}
	// What breaks off in the middle leaves nothing behind.
	body, kind := form("files", map[string][]byte{"broken.csv": data})
	v.do(http.MethodPost, "/imports", bytes.NewReader(body[:len(body)/2]), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
	if left := kept(); len(left) > 0 {
		t.Errorf("after an upload that broke off there is %v", left)
	}
	for _, name := range []string{"../facts.db", "upload-../../facts.db", "upload-/../facts.db", "facts.db", "/etc/passwd", ""} {
		if s, err := w.OpenUpload(name); err == nil {
			s.Close()
			t.Errorf("%q is opened as an upload", name)
		}
		w.DropUpload(name)
	}
	if _, err := os.Stat(filepath.Join(w.Dir, "facts.db")); err != nil {
		t.Errorf("dropping an upload removed something else: %v", err)
	}
}

// TestB5_QuestionnaireBombs holds that the file that a vendor sends back is taken within limits.
func TestB5_QuestionnaireBombs(t *testing.T) {
	w := newWorld(t)
	vendor := w.Store.Snapshot().Find("Vendor", "vendor-in-the-dark").Base().Ref()
	questions := named(&model.Questionnaire{Questions: []model.AskedQuestion{{ID: "1", Text: "=1+1"}, {ID: "2", Text: "Second"}}}, "questions-of-all", foreignWord)
	w.Put(questions)
	w.Put(named(&model.Assessment{Vendor: vendor, Questionnaire: questions.Ref(), State: "sent"}, "assessment-of-all", foreignWord))
	v := w.as(t, "cio")
	wide := func() []byte {
		book := excelize.NewFile()
		book.SetSheetRow("Sheet1", "A1", &[]any{"ID", "Answer"})
		stream, err := book.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 9000 {
			stream.SetRow(fmt.Sprintf("XFD%d", i+1), []any{"x"})
		}
		stream.Flush()
		var out bytes.Buffer
		book.Write(&out)
		return out.Bytes()
	}
	xml := func(body string) map[string]func(io.Writer) {
		text := func(s string) func(io.Writer) { return func(w io.Writer) { io.WriteString(w, s) } }
		return map[string]func(io.Writer){
			"[Content_Types].xml":        text(`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>`),
			"_rels/.rels":                text(`<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
			"xl/workbook.xml":            text(`<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Questionnaire" sheetId="1" r:id="r1"/></sheets></workbook>`),
			"xl/_rels/workbook.xml.rels": text(`<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`),
			"xl/worksheets/sheet1.xml":   text(body),
		}
	}
	sheet := `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	bomb := xml("")
	bomb["xl/worksheets/sheet1.xml"] = func(out io.Writer) {
		io.WriteString(out, sheet)
		repeat(`<row><c t="str"><v>x</v></c></row>`, 300<<20)(out)
	}
	shared := xml(sheet + `</sheetData></worksheet>`)
	shared["xl/sharedStrings.xml"] = repeat("<si><t>x</t></si>", 300<<20)
	entity := xml(strings.Replace(sheet, "?>", `?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY a "&x;&x;">]>`, 1) + `<row r="1"><c r="A1" t="str"><v>ID</v></c><c r="B1" t="str"><v>Answer</v></c></row><row r="2"><c r="A2" t="str"><v>1</v></c><c r="B2" t="str"><v>&a;</v></c></row></sheetData></worksheet>`)
	far := xml(sheet + `<row r="1048576"><c r="A1048576" t="str"><v>x</v></c></row><row r="999999999999"><c r="ZZZZZZ9" t="str"><v>x</v></c></row></sheetData></worksheet>`)
	for name, file := range map[string][]byte{
		"sheet": zipped(bomb), "shared strings": zipped(shared), "entities": zipped(entity), "far rows": zipped(far), "wide rows": wide(), "not a workbook": []byte("PK\x03\x04" + strings.Repeat("\x00", 1000)),
		"too long": bytes.Repeat([]byte("x"), 12<<20), "a row of commas": []byte("ID,Answer\n" + strings.Repeat(",", 8<<20-100)), "many rows": []byte("ID,Answer\n" + strings.Repeat("1,x\n", 100000)), "NUL": []byte("ID,Answer\n1,\x00\n"),
		"an open quote": []byte("ID,Answer\n\"" + strings.Repeat("x\n", 1<<20)),
	} {
		body, kind := form("file", map[string][]byte{"answers.xlsx": file})
		start := time.Now()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := v.do(http.MethodPost, "/assessments/assessment-of-all/answers", bytes.NewReader(body), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
		runtime.ReadMemStats(&after)
		if r.status >= 500 || r.status < 400 && name != "NUL" || strings.Contains(r.body, "root:") {
			t.Errorf("%s: %v", name, r)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
		t.Logf("%s: %d KiB, %d, %s, %d MiB in all", name, len(file)>>10, r.status, time.Since(start).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
	}
	for _, path := range []string{"/assessments/assessment-of-all/questionnaire.csv", "/assessments/assessment-of-all/questionnaire.xlsx"} {
		r := v.get(path)
		if r.status != http.StatusOK || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment") || strings.Contains(r.body, ",=1+1") {
			t.Errorf("%s: %v", path, r)
		}
	}
}

// stores are the formats of bulk lines with a payload in every column that holds a text.
func stores(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	var charges []charge
	for i, p := range payloads {
		q := payloads[(i+1)%len(payloads)]
		charges = append(charges, charge{p, "account", p, q, `{"` + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(p, `\`, ``), `"`, ``), "\n", " ") + `":"` + strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(q, `\`, ``), `"`, ``), "\n", " ") + `"}`, fmt.Sprint(1000000 + i)})
	}
	text := string(bill("2027-05", charges...))
	text = strings.Replace(text, ",SkuId\n", `,SkuId,"<xss-probe onclick=alert(1)>"`+"\n", 1)
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	text = lines[0] + "\n" + strings.ReplaceAll(strings.Join(lines[1:], "\n")+"\n", ",north,", `,"<xss-probe>",`)
	// Rows whose last column is missing are refused, which shows them on the page of refusals.
	out["bill.csv"] = []byte(text)
	full := string(bill("2027-06", charges...))
	out["<xss-probe>.csv"] = []byte(full)
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	ledger := "Posting date,Account,Account name,Cost centre,Vendor,Text,Invoice number,Project,Amount,Currency\n"
	usage := "subject,user,metric,unit,from,until,quantity\n"
	for i, p := range payloads {
		q := quote(p)
		ledger += fmt.Sprintf("2027-05-%02d,%s,%s,%s,%s,%s,%s,%s,%d.00,EUR\n", i%28+1, q, q, q, q, q, q, q, 500000+i)
		usage += fmt.Sprintf("Application/%s,%s,%s,%s,2027-05-01,2027-05-31,%d\n", foreignKey, q, q, q, i+1)
	}
	out["ledger.csv"], out["usage.csv"] = []byte(ledger), []byte(usage)
	return out
}

// TestV1_2_1_StoredLinesStayText puts payloads into every column of a bill, a ledger and a file of use, into answers of vendors
// and scans of labels, and looks at the pages that show them.
func TestV1_2_1_StoredLinesStayText(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "cio")
	look := func(path string) reply {
		t.Helper()
		r := v.get(path)
		if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			for _, fault := range alive(r.body) {
				t.Errorf("%.120s: %s", path, fault)
			}
		}
		if r.status >= 500 {
			t.Errorf("%.120s: %v", path, r)
		}
		return r
	}
	before := w.loads()
	for name, data := range stores(t) {
		body, kind := form("files", map[string][]byte{name: data})
		r := v.do(http.MethodPost, "/imports", bytes.NewReader(body), "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
		to := r.header.Get("Location")
		if r.status != http.StatusSeeOther || to == "" {
			t.Fatalf("%s: %v", name, r)
		}
		for range 100 {
			if page := look(to); page.status == http.StatusOK && !strings.Contains(page.body, "http-equiv=\"refresh\"") && strings.Contains(page.body, "/choice") {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		look(to)
		if r := v.do(http.MethodPost, "/api/v1/imports?name=x.csv", bytes.NewReader(data), "Content-Type", "application/octet-stream", "Sec-Fetch-Site", "same-origin"); r.status >= 400 {
			t.Errorf("import of %s: %v", name, r)
		}
	}
	news := 0
	for key, load := range w.loads() {
		if before[key] != nil {
			continue
		}
		news++
		lines := "/loads/" + key + "/lines"
		r := look(lines)
		if r.status != http.StatusOK {
			t.Errorf("%s: %v", lines, r)
		}
		for _, link := range linksIn(r.body) {
			if strings.HasPrefix(link, lines) && !strings.Contains(link, ".csv") {
				look(link)
			}
		}
		look("/records/Load/" + key)
		_ = load
	}
	if news < 3 {
		t.Errorf("only %d loads came in", news)
	}
	for _, by := range []string{"ServiceName", "ProviderName", "BillingAccountId", "ChargeDescription", "tag:app", "x_Vendor", "x_Text", "x_CostCentre", "x_LedgerAccount", "RegionId", "ResourceName", "%3Cxss-probe%3E"} {
		look("/questions/finance.spend?by=" + by)
		look("/questions/finance.unmapped?by=" + by)
	}
	// What vendors answer and what scanners read.
	vendor := w.Store.Snapshot().Find("Vendor", "vendor-in-the-dark").Base().Ref()
	questions, assessment := named(&model.Questionnaire{}, "questions-of-all", foreignWord), named(&model.Assessment{Vendor: vendor}, "assessment-of-all", foreignWord)
	for i, p := range payloads {
		id := fmt.Sprint(i)
		questions.Questions = append(questions.Questions, model.AskedQuestion{ID: id, Text: p, Section: p, Good: p})
		assessment.Answers = append(assessment.Answers, model.GivenAnswer{ID: id, Answer: p, Note: p})
	}
	assessment.Name = payloads[0]
	w.Put(questions)
	assessment.Questionnaire = questions.Ref()
	asset := named(&model.Asset{Serial: payloads[1], InventoryNumber: payloads[0], Category: payloads[2]}, "asset-of-payloads", payloads[3])
	w.Put(assessment, asset)
	r := v.post("/assets/scan", "labels", strings.ReplaceAll(strings.Join(payloads, "\x01"), "\n", " ")+"\n"+payloads[0]+"\n"+payloads[1])
	if r.status != http.StatusSeeOther {
		r = v.post("/assets/scan", "labels", payloads[0]+"\n"+payloads[1]+"\n"+payloads[5])
	}
	if r.status != http.StatusSeeOther {
		t.Fatalf("scan: %v", r)
	}
	look(r.header.Get("Location"))
	for _, path := range []string{"/assessments/assessment-of-all/questionnaire", "/records/Assessment/assessment-of-all", "/records/Questionnaire/questions-of-all", "/assets", "/assets/scan", "/assets/labels?paper=single", "/assets/labels?paper=a4-70x37&assets=asset-of-payloads",
		"/assets/labels?paper=single&assets=" + "%3Cxss-probe%3E", "/assets/labels?paper=%22%3E%3Cxss-probe%3E&site=%3Cxss-probe%3E&skip=%3Cxss-probe%3E", "/questions/suppliers.standing", "/questions/finance.anomalies", "/questions/assets.register", "/history"} {
		look(path)
	}
	labels := look("/assets/labels?paper=single&assets=asset-of-payloads")
	if !strings.Contains(labels.body, "<svg") || !strings.Contains(labels.header.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(labels.body, "style=") {
		t.Errorf("the page of labels does not hold to the policy: %v", labels)
	}
}

// shown is a secret token as it stands in an address.
var shown = regexp.MustCompile(`bnc_[A-Za-z0-9_-]{10,}`)

// TestV14_2_1_TokenInAnAddress holds that a token in the address of a calendar opens the calendar alone and is written down nowhere.
func TestV14_2_1_TokenInAnAddress(t *testing.T) {
	w := newWorld(t)
	var log bytes.Buffer
	var mu sync.Mutex
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	old := otel.GetTracerProvider()
	otel.SetTracerProvider(provider)
	t.Cleanup(func() { otel.SetTracerProvider(old) })
	logger := host.Logger(slog.NewJSONHandler(locked{&log, &mu}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.Log = logger
	server, err := host.New(host.Config{Listen: "127.0.0.1:0", Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	server.Handle("/", doors.Handler(w.House, doors.Options{}))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	client := w.stranger(t).client
	get := func(path string) (int, string) {
		t.Helper()
		r, err := client.Get(server.URL() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(body)
	}
	read := w.withToken(t, "vendor-manager", "read").token
	for _, secret := range []string{read, w.withToken(t, "finance", "read").token} {
		if status, body := get("/api/v1/calendar.ics?token=" + secret); status != http.StatusOK || !strings.Contains(body, "BEGIN:VCALENDAR") || strings.Contains(body, secret) || strings.Contains(strings.ToLower(body), secretWord) {
			t.Errorf("%d %.300s", status, body)
		}
	}
	for name, c := range map[string]struct {
		token string
		want  int
	}{
		"writes": {w.withToken(t, "vendor-manager", "write").token, 403}, "approves": {w.withToken(t, "cio", "approve").token, 403}, "made up": {read[:len(read)-4] + "AAAA", 401}, "empty": {"", 401}, "a session": {"x.y", 401},
	} {
		if status, body := get("/api/v1/calendar.ics?token=" + c.token); status != c.want || strings.Contains(body, "BEGIN") || c.token != "" && len(c.token) > 8 && strings.Contains(body, c.token) {
			t.Errorf("a token that is %s: %d %.300s", name, status, body)
		}
	}
	for _, path := range []string{"/api/v1/me", "/api/v1/records/Contract", "/api/v1/export/Load.csv", "/api/v1/loads/" + w.open + "/lines", "/api/v1/questions/finance.spend", "/records/Contract", "/loads/" + w.open + "/lines.csv", "/mcp", "/scim/v2/Users"} {
		if status, _ := get(path + "?token=" + read); status == http.StatusOK {
			t.Errorf("%s takes a token from the address", path)
		}
	}
	get("/api/v1/calendar.ics?days=0&token=" + read)
	get("/api/v1/calendar.ics?token=" + read + "&token=" + read)
	get("/api/v1/calendar.ics?as_of=1&scenario=%00&token=" + read)
	// A token that is over or was taken back opens nothing from then on.
	account := w.account(t, "finance").Account
	after := model.Clone(account)
	after.State = "disabled"
	late := w.withToken(t, "finance", "read").token
	w.change(t, account, after)
	if status, _ := get("/api/v1/calendar.ics?token=" + late); status != 401 {
		t.Errorf("the token of a disabled account: %d", status)
	}
	w.Advance(25 * time.Hour)
	if status, _ := get("/api/v1/calendar.ics?token=" + read); status != 401 {
		t.Errorf("a token that is over: %d", status)
	}
	stop()
	if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(log.String(), "calendar.ics") {
		t.Errorf("nothing was logged: %s", log.String())
	}
	if strings.Contains(log.String(), read) || shown.MatchString(log.String()) || strings.Contains(log.String(), "token=") {
		t.Errorf("the log has the token: %s", log.String())
	}
	got := spans.GetSpans()
	if len(got) == 0 {
		t.Error("nothing was traced")
	}
	for _, span := range got {
		if text := fmt.Sprintf("%v %v %v %v", span.Name, span.Attributes, span.Events, span.Status); strings.Contains(text, read) || strings.Contains(text, "token=") {
			t.Errorf("the trace has the token: %s", text)
		}
	}
	for _, e := range w.Store.Snapshot().Schema().Kinds() {
		for rec := range w.Store.View().All(e.Name) {
			if strings.Contains(fmt.Sprintf("%+v", rec), read) {
				t.Errorf("%s/%s has the token", e.Name, rec.Base().Key)
			}
		}
	}
}

// locked is a writer that several may use at once.
type locked struct {
	to io.Writer
	mu *sync.Mutex
}

// Write writes.
func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

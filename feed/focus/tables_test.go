package focus

import (
	"bytes"
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"binnacle/facts"
	"binnacle/feed"
)

// charge is a row of a Parquet file with the types that providers use.
type charge struct {
	BilledCost         int64             `parquet:"BilledCost,decimal(10:18)"`
	EffectiveCost      float64           `parquet:"EffectiveCost"`
	ListCost           [16]byte          `parquet:"ListCost,decimal(12:38)"`
	ContractedCost     *float64          `parquet:"ContractedCost,optional"`
	BillingAccountId   string            `parquet:"BillingAccountId,dict"`
	BillingCurrency    string            `parquet:"BillingCurrency,dict"`
	BillingPeriodStart time.Time         `parquet:"BillingPeriodStart,timestamp(millisecond)"`
	BillingPeriodEnd   time.Time         `parquet:"BillingPeriodEnd,timestamp(microsecond)"`
	ChargePeriodStart  time.Time         `parquet:"ChargePeriodStart,timestamp(nanosecond)"`
	ChargePeriodEnd    string            `parquet:"ChargePeriodEnd"`
	ChargeCategory     string            `parquet:"ChargeCategory,dict"`
	ProviderName       string            `parquet:"ProviderName,dict"`
	PricingQuantity    int32             `parquet:"PricingQuantity"`
	ListUnitPrice      float64           `parquet:"ListUnitPrice"`
	Tags               map[string]string `parquet:"Tags"`
	XNote              *string           `parquet:"x_Note,optional"`
	XParts             []string          `parquet:"x_Parts,list"`
}

// decimal16 is a number of units as two's complement with the highest byte first.
func decimal16(n int64) (out [16]byte) {
	b := big.NewInt(n)
	if n < 0 {
		b.Add(b, new(big.Int).Lsh(big.NewInt(1), 128))
	}
	b.FillBytes(out[:])
	return out
}

func charges(n int) []charge {
	out := make([]charge, n)
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	contracted, note := 0.25, "a \"note\""
	for i := range out {
		out[i] = charge{BilledCost: 1_234_500_000, EffectiveCost: 0.1, ListCost: decimal16(300_000_000_000), ContractedCost: &contracted, BillingAccountId: "acc-1", BillingCurrency: "EUR",
			BillingPeriodStart: start, BillingPeriodEnd: start.AddDate(0, 1, 0), ChargePeriodStart: start.Add(time.Duration(i%700) * time.Hour), ChargePeriodEnd: start.Add(time.Duration(i%700+1) * time.Hour).Format(time.RFC3339),
			ChargeCategory: "Usage", ProviderName: "Cloudworks", PricingQuantity: 3, ListUnitPrice: 0.1, Tags: map[string]string{"app": "shop"}}
		if i%2 == 1 {
			out[i].Tags, out[i].XNote, out[i].XParts = nil, &note, []string{"a", "b"}
		}
	}
	return out
}

func parquetFile(t testing.TB, rows []charge, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[charge](&out, options...)
	for len(rows) > 0 {
		n := min(len(rows), 1000)
		if _, err := w.Write(rows[:n]); err != nil {
			t.Fatal(err)
		}
		rows = rows[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestParquet(t *testing.T) {
	for _, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Snappy), parquet.Compression(&parquet.Zstd), parquet.Compression(&parquet.Gzip),
		parquet.Compression(&parquet.Brotli), parquet.DataPageVersion(1), parquet.MaxRowsPerRowGroup(300)} {
		content := parquetFile(t, charges(1000), codec)
		if got := Format.Detect(content[:min(len(content), feed.DetectBytes)]); got < 40 {
			t.Errorf("it is FOCUS by %d", got)
		}
		l := reading(t, string(content))
		rows := l.rows(t)
		if d := cmp.Diff([5]string{"123.45", "100", "300", "250", "1000"}, sums(rows)); d != "" {
			t.Error(d, told(l.refused))
		}
		want := []map[string]string{
			{"BillingAccountId": "acc-1", "BillingCurrency": "EUR", "ChargeCategory": "Usage", "ProviderName": "Cloudworks", "ListUnitPrice": "0.1", "Tags": `{"app":"shop"}`, "x_Note": "", "x_Parts": ""},
			{"BillingAccountId": "acc-1", "BillingCurrency": "EUR", "ChargeCategory": "Usage", "ProviderName": "Cloudworks", "ListUnitPrice": "0.1", "Tags": "", "x_Note": `a "note"`, "x_Parts": `["a","b"]`},
		}
		for i := range want {
			if d := cmp.Diff(want[i], rows[i].of); d != "" {
				t.Error(d)
			}
			if got := time.Unix(rows[i].Start, 0).UTC().Format(time.RFC3339); got != fmt.Sprintf("2026-03-01T%02d:00:00Z", i) || rows[i].End-rows[i].Start != 3600 || rows[i].Row != int64(i+1) {
				t.Errorf("row %d starts at %s, lasts %d s and is row %d", i, got, rows[i].End-rows[i].Start, rows[i].Row)
			}
		}
		if d := cmp.Diff([]string{"Cloudworks acc-1 2026-03-01 2026-03-31"}, scopesOf(l)); d != "" {
			t.Error(d)
		}
	}
}

// TestParquetInLZ4 says that a packing which the library reads wrongly is refused.
func TestParquetInLZ4(t *testing.T) {
	err := Format.Read(context.Background(), input(parquetFile(t, charges(2), parquet.Compression(&parquet.Lz4Raw))), &ledger{})
	if err == nil || !strings.Contains(err.Error(), "zstd, snappy or gzip") {
		t.Errorf("got %v", err)
	}
}

// TestParquetThatIsDamaged says that no byte of a file that is wrong does more harm than an error or a refusal.
func TestParquetThatIsDamaged(t *testing.T) {
	for n, codec := range []parquet.WriterOption{parquet.Compression(&parquet.Uncompressed), parquet.Compression(&parquet.Snappy), parquet.Compression(&parquet.Zstd)} {
		content := parquetFile(t, charges(20), codec)
		for i := n; i < len(content); i += 97 {
			bad := bytes.Clone(content)
			bad[i] ^= 0xFF
			_ = Format.Detect(bad)
			_ = Format.Read(context.Background(), input(bad), &ledger{})
			_ = Format.Read(context.Background(), input(content[:i]), &ledger{})
		}
	}
}

func TestParquetOfTheValidatorHasNoCost(t *testing.T) {
	content := sample(t, "focus-validator-samples/sample.parquet")
	if got := Format.Detect(content); got == 0 {
		t.Error("it is not known as FOCUS")
	}
	err := Format.Read(context.Background(), input(content), &ledger{})
	if err == nil || !strings.Contains(err.Error(), "BilledCost") {
		t.Errorf("got %v", err)
	}
}

const objects = `[
  {"BilledCost": 1.50, "EffectiveCost": 0, "BillingCurrency": "EUR", "ChargePeriodStart": "2026-03-01T00:00:00Z", "ChargePeriodEnd": "2026-03-01T01:00:00Z", "ChargeCategory": "Purchase", "Tags": {"app": "shop", "n": 1}},
  {"BilledCost": "x", "BillingCurrency": "EUR", "ChargePeriodStart": "2026-03-01T00:00:00Z", "ChargeCategory": "Usage"},
  {"BilledCost": 2e-7, "EffectiveCost": null, "BillingCurrency": "EUR", "ChargePeriodStart": "2026-03-01T00:00:00Z", "ChargePeriodEnd": "2026-03-01T01:00:00Z",
   "ChargeCategory": "Usage", "x_More": "a\nb"}
]`

func TestJSON(t *testing.T) {
	for name, content := range map[string]string{
		"array": objects,
		"lines": strings.NewReplacer("[\n", "\n", "\n]", "", "},\n", "}\n").Replace(objects),
	} {
		t.Run(name, func(t *testing.T) {
			if got := Format.Detect([]byte(content)); got < 90 {
				t.Errorf("it is FOCUS by %d", got)
			}
			l := reading(t, content)
			rows := l.rows(t)
			if d := cmp.Diff([5]string{"1.5000002", "0", "0", "0", "2"}, sums(rows)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{`{"app":"shop","n":1}`, "a\nb"}, []string{rows[0].of["Tags"], rows[1].of["x_More"]}); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{"bill:3: BilledCost"}, told(l.refused)); d != "" {
				t.Error(d)
			}
			if rows[1].Row != 4 {
				t.Errorf("the last object is on line %d", rows[1].Row)
			}
		})
	}
}

func TestJSONThatIsWrong(t *testing.T) {
	for content, want := range map[string]string{
		`[{"BilledCost": 1`: "cannot be read",
		`[{"BilledCost": 1, "ChargePeriodStart": "2026-03-01"}, 5]`: "objects",
		`[{"BilledCost": 1, "ChargePeriodStart": "2026-03-01"}] {}`: "objects",
		`[{}]`: "no objects with members",
		`{"a": "` + strings.Repeat("x", 5<<20) + `"}`: "longer than",
	} {
		err := Format.Read(context.Background(), input([]byte(content)), &ledger{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v", content, err)
		}
	}
	schema := sample(t, "finops-toolkit/FocusCost_1.0.json")
	if got := Format.Detect(schema); got != 0 {
		t.Errorf("a description of columns is a bill by %d", got)
	}
}

func BenchmarkParquet(b *testing.B) {
	const lines = 100_000
	content := parquetFile(b, charges(lines), parquet.Compression(&parquet.Snappy))
	b.ReportAllocs()
	for b.Loop() {
		if err := Format.Read(context.Background(), input(content), &mute{store: facts.NewMemory(false), parts: map[feed.Scope]facts.Writer{}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

package focus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
)

// bill is a whole FOCUS 1.2 table of lines that change some values of a line that keeps every rule.
func bill(changes ...map[string]string) string {
	names := []string{"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
		"ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency", "ChargePeriodStart", "ChargePeriodEnd", "CommitmentDiscountId", "CommitmentDiscountStatus",
		"ConsumedQuantity", "ConsumedUnit", "ContractedUnitPrice", "InvoiceId", "InvoiceIssuerName", "ListUnitPrice", "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName",
		"ServiceCategory", "ServiceName", "Tags"}
	good := map[string]string{"BilledCost": "1.60", "EffectiveCost": "1.60", "ListCost": "2.00", "ContractedCost": "1.60", "BillingAccountId": "acc-1", "BillingAccountName": "Harbour",
		"BillingCurrency": "EUR", "BillingPeriodStart": "2026-03-01T00:00:00Z", "BillingPeriodEnd": "2026-04-01T00:00:00Z", "ChargeCategory": "Usage", "ChargeDescription": "a machine",
		"ChargeFrequency": "Usage-Based", "ChargePeriodStart": "2026-03-07T10:00:00Z", "ChargePeriodEnd": "2026-03-07T12:00:00Z", "ConsumedQuantity": "2", "ConsumedUnit": "Hours",
		"ContractedUnitPrice": "0.80", "InvoiceId": "INV-1", "InvoiceIssuerName": "Cloudworks Europe", "ListUnitPrice": "1.00", "PricingQuantity": "2", "PricingUnit": "Hours",
		"ProviderName": "Cloudworks", "PublisherName": "Cloudworks", "ServiceCategory": "Compute", "ServiceName": "Machines", "Tags": `{"app":"shop"}`}
	var out strings.Builder
	out.WriteString(strings.Join(names, ",") + "\n")
	for _, change := range changes {
		for i, name := range names {
			v, ok := change[name]
			if !ok {
				v = good[name]
			}
			if i > 0 {
				out.WriteByte(',')
			}
			if strings.ContainsAny(v, ",\"\n") {
				v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
			}
			out.WriteString(v)
		}
		out.WriteByte('\n')
	}
	return out.String()
}

// TestRules breaks one rule at a time. What cannot be counted is refused; the rest is taken and told.
func TestRules(t *testing.T) {
	type change = map[string]string
	for _, c := range []struct {
		name            string
		change          change
		refused, warned string
	}{
		{"a line that keeps every rule", nil, "", ""},
		{"costs may be negative", change{"BilledCost": "-1.60", "EffectiveCost": "-1.60", "ListCost": "-2.00", "ContractedCost": "-1.60", "PricingQuantity": "-2"}, "", ""},
		{"billed cost is nothing", change{"BilledCost": "NULL"}, "BilledCost", ""},
		{"billed cost is a word", change{"BilledCost": "free"}, "BilledCost", ""},
		{"billed cost has a comma", change{"BilledCost": "1,60"}, "BilledCost", ""},
		{"list cost is a word", change{"ListCost": "n/a"}, "ListCost", ""},
		{"effective cost is nothing", change{"EffectiveCost": ""}, "", "EffectiveCost"},
		{"contracted cost is null", change{"ContractedCost": "null"}, "", "ContractedCost"},
		{"currency of two letters", change{"BillingCurrency": "EU"}, "BillingCurrency", ""},
		{"currency by its sign", change{"BillingCurrency": "€"}, "BillingCurrency", ""},
		{"currency in small letters", change{"BillingCurrency": "eur"}, "", "BillingCurrency"},
		{"no currency", change{"BillingCurrency": ""}, "", "BillingCurrency"},
		{"unknown category", change{"ChargeCategory": "Discount"}, "ChargeCategory", ""},
		{"no category", change{"ChargeCategory": ""}, "ChargeCategory", ""},
		{"category in small letters", change{"ChargeCategory": "usage"}, "", "ChargeCategory"},
		{"unknown class", change{"ChargeClass": "Refund"}, "", "ChargeClass"},
		{"unknown frequency", change{"ChargeFrequency": "Daily"}, "", "ChargeFrequency"},
		{"hour 30", change{"ChargePeriodEnd": "2026-03-07T30:00:00Z"}, "ChargePeriodEnd", ""},
		{"no start", change{"ChargePeriodStart": ""}, "ChargePeriodStart", ""},
		{"no end", change{"ChargePeriodEnd": ""}, "", "ChargePeriodEnd"},
		{"end before start", change{"ChargePeriodEnd": "2026-03-07T09:59:59Z"}, "ChargePeriodEnd", ""},
		{"billing period of a 30 February", change{"BillingPeriodStart": "2026-02-30T00:00:00Z"}, "BillingPeriodStart", ""},
		{"no billing period", change{"BillingPeriodStart": "", "BillingPeriodEnd": ""}, "", "BillingPeriodStart"},
		{"billing period that ends before it begins", change{"BillingPeriodEnd": "2026-02-01T00:00:00Z"}, "", "BillingPeriodEnd"},
		{"list price is another", change{"ListUnitPrice": "1.01"}, "", "ListCost"},
		{"contracted price is another", change{"ContractedUnitPrice": "0.7"}, "", "ContractedCost"},
		{"contracted price without a cost", change{"ContractedCost": "0.00000000000", "ContractedUnitPrice": "1", "PricingQuantity": "0.0013888889", "ListCost": "0.0013888889", "EffectiveCost": "0"}, "", "ContractedCost"},
		{"a correction may break prices", change{"ListUnitPrice": "7", "ContractedUnitPrice": "7", "ChargeClass": "Correction"}, "", ""},
		{"a cost that was rounded to cents", change{"ListUnitPrice": "0.9991", "ContractedUnitPrice": ""}, "", ""},
		{"a price that was rounded to six places", change{"ListUnitPrice": "0.033333", "PricingQuantity": "60.00", "ContractedUnitPrice": ""}, "", ""},
		{"a quantity that was rounded to six places", change{"ListUnitPrice": "3", "PricingQuantity": "0.666667", "ListCost": "2.0000000000", "ContractedUnitPrice": ""}, "", ""},
		{"binary floating point", change{"ListUnitPrice": "0.1", "PricingQuantity": "3", "ListCost": "0.30000000000000004", "ContractedUnitPrice": "", "ContractedCost": "0.2", "EffectiveCost": "2E-1"}, "", ""},
		{"a price that is a word", change{"ListUnitPrice": "cheap"}, "", "ListUnitPrice"},
		{"usage without a pricing quantity", change{"PricingQuantity": ""}, "", "PricingQuantity"},
		{"a correction without quantities", change{"PricingQuantity": "", "ConsumedQuantity": "", "ChargeClass": "Correction"}, "", ""},
		{"tax with a pricing quantity", change{"ChargeCategory": "Tax", "ConsumedQuantity": ""}, "", "PricingQuantity"},
		{"tax as it must be", change{"ChargeCategory": "Tax", "ConsumedQuantity": "", "PricingQuantity": ""}, "", ""},
		{"a purchase that consumes", change{"ChargeCategory": "Purchase"}, "", "ConsumedQuantity"},
		{"usage that consumes nothing", change{"ConsumedQuantity": ""}, "", "ConsumedQuantity"},
		{"a quantity that is a word", change{"ConsumedQuantity": "two"}, "", "ConsumedQuantity ConsumedQuantity"},
		{"unused that consumes", change{"CommitmentDiscountId": "c-1", "CommitmentDiscountStatus": "Unused"}, "", "ConsumedQuantity"},
		{"usage of a commitment without status", change{"CommitmentDiscountId": "c-1"}, "", "CommitmentDiscountStatus"},
		{"status without a commitment", change{"CommitmentDiscountStatus": "Used"}, "", "CommitmentDiscountStatus"},
		{"unknown status", change{"CommitmentDiscountId": "c-1", "CommitmentDiscountStatus": "Wasted"}, "", "CommitmentDiscountStatus"},
		{"a purchase with status", change{"ChargeCategory": "Purchase", "ConsumedQuantity": "", "EffectiveCost": "0", "CommitmentDiscountId": "c-1", "CommitmentDiscountStatus": "Used"}, "", "CommitmentDiscountStatus"},
		{"a purchase that is counted twice", change{"ChargeCategory": "Purchase", "ConsumedQuantity": "", "CommitmentDiscountId": "c-1"}, "", "EffectiveCost"},
		{"a purchase that covers nothing else", change{"ChargeCategory": "Purchase", "ConsumedQuantity": ""}, "", ""},
		{"a credit with two amounts", change{"ChargeCategory": "Credit", "ConsumedQuantity": "", "ListUnitPrice": "", "ContractedUnitPrice": "", "ListCost": "0"}, "", "ListCost"},
		{"effective above contracted", change{"EffectiveCost": "1.61"}, "", "EffectiveCost"},
		{"contracted above list", change{"ContractedCost": "2.01", "ContractedUnitPrice": ""}, "", "ContractedCost"},
		{"tags that are no JSON", change{"Tags": "app=shop"}, "", "Tags"},
		{"tags that are a list", change{"Tags": `["shop"]`}, "", "Tags"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := reading(t, bill(c.change))
			columns := func(list []feed.Refusal) string {
				var out []string
				for _, r := range list {
					if r.Where.Line != 2 || r.Where.Column < 1 || r.Reason == "" {
						t.Errorf("told without a place or a reason: %v", r)
					}
					out = append(out, r.Where.Path)
				}
				return strings.Join(out, " ")
			}
			if d := cmp.Diff([2]string{c.refused, c.warned}, [2]string{columns(l.refused), columns(l.warned)}); d != "" {
				t.Error(d, l.refused, l.warned)
			}
			want := 1
			if c.refused != "" {
				want = 0
			}
			if got := len(l.rows(t)); got != want {
				t.Errorf("%d lines were taken", got)
			}
		})
	}
}

// TestCommitmentExamples are the worked examples of the appendix of FOCUS 1.2: a machine under a commitment of 1.50 an hour.
func TestCommitmentExamples(t *testing.T) {
	type line = map[string]string
	none := line{"ListUnitPrice": "", "ContractedUnitPrice": ""}
	with := func(l line) line {
		for k, v := range none {
			if _, ok := l[k]; !ok {
				l[k] = v
			}
		}
		return l
	}
	purchase := func() line {
		return with(line{"ChargeCategory": "Purchase", "ChargeFrequency": "Recurring", "CommitmentDiscountId": "c-1", "ConsumedQuantity": "", "BilledCost": "1.50", "EffectiveCost": "0", "ListCost": "1.50", "ContractedCost": "1.50"})
	}
	t.Run("all of it is used", func(t *testing.T) {
		l := reading(t, bill(purchase(), with(line{"CommitmentDiscountId": "c-1", "CommitmentDiscountStatus": "Used", "BilledCost": "0", "EffectiveCost": "1.50", "ListCost": "3.00", "ContractedCost": "3.00"})))
		if d := cmp.Diff([5]string{"1.5", "1.5", "4.5", "4.5", "2"}, sums(l.rows(t))); d != "" {
			t.Error(d)
		}
		if len(l.warned) != 0 || len(l.notes) != 1 {
			t.Error(l.warned, l.notes)
		}
	})
	t.Run("nothing of it is used", func(t *testing.T) {
		l := reading(t, bill(purchase(),
			with(line{"CommitmentDiscountId": "c-1", "CommitmentDiscountStatus": "Unused", "ConsumedQuantity": "", "BilledCost": "0", "EffectiveCost": "1.50", "ListCost": "0", "ContractedCost": "0"}),
			with(line{"BilledCost": "2.00", "EffectiveCost": "2.00", "ContractedCost": "2.00"})))
		rows := l.rows(t)
		if d := cmp.Diff([2]string{"3.5", "3.5"}, [2]string{sums(rows)[0], sums(rows)[1]}); d != "" {
			t.Error(d)
		}
		if len(l.warned) != 0 || len(l.notes) != 1 {
			t.Error(l.warned, l.notes)
		}
	})
	t.Run("part of it is in another file", func(t *testing.T) {
		l := reading(t, bill(purchase(), with(line{"CommitmentDiscountId": "c-1", "CommitmentDiscountStatus": "Used", "BilledCost": "0", "EffectiveCost": "1.00", "ListCost": "2.00", "ContractedCost": "2.00"})))
		if len(l.notes) != 2 || !strings.Contains(l.notes[1], "1.5") || !strings.Contains(l.notes[1], "whole term") {
			t.Error(l.notes)
		}
	})
	t.Run("a minimum that was not reached", func(t *testing.T) {
		l := reading(t, bill(with(line{"BilledCost": "48", "EffectiveCost": "48", "ListCost": "60", "ContractedCost": "48"}),
			with(line{"ChargeCategory": "Purchase", "ConsumedQuantity": "", "BilledCost": "12", "EffectiveCost": "12", "ListCost": "15", "ContractedCost": "12"})))
		if d := cmp.Diff([5]string{"60", "60", "75", "60", "2"}, sums(l.rows(t))); d != "" {
			t.Error(d)
		}
	})
}

func TestVersions(t *testing.T) {
	for names, want := range map[string]string{
		"InvoiceIssuer,ChargeType,Provider,Publisher,BilledCost,AmortizedCost,BillingAccountType":   "0.5",
		"BilledCost,ChargeType,ChargeSubcategory,EffectiveCost,ListCost,UsageQuantity,ProviderName": "1.0-preview",
		"BilledCost,EffectiveCost,ChargeCategory,ProviderName":                                      "1.0",
		"BilledCost,SkuMeter,ProviderName":                                                          "1.1",
		"BilledCost,InvoiceId,SkuMeter,ProviderName":                                                "1.2",
		"BilledCost,InvoiceId,ProviderName,PublisherName,ServiceProviderName,HostProviderName":      "1.3",
		"BilledCost,InvoiceId,ServiceProviderName,HostProviderName,InvoiceIssuerName":               "1.4",
		"billed_cost,Service Provider Name,ChargePeriodStart":                                       "1.4",
	} {
		if got := newHeader(strings.Split(names, ","), nil).version; got != want {
			t.Errorf("%s is %s, not %s", names, got, want)
		}
	}
}

func TestColumnsHaveOneName(t *testing.T) {
	for _, c := range []struct{ names, want string }{
		{"Provider,ResourceID,Region,BilledCost,ChargePeriodStart", "ProviderName ResourceId RegionId BillingCurrency"},
		{"ServiceProviderName,HostProviderName,BilledCost,ChargePeriodStart,BillingCurrency", "ProviderName HostProviderName BillingCurrency"},
		{"ProviderName,ServiceProviderName,BillingCurrency", "ProviderName ServiceProviderName BillingCurrency"},
		{"BilledCurrency,BillingCurrency,x_Team,x_Team,,Tags", "BilledCurrency BillingCurrency x_Team x_Team (2) Tags"},
		{"BilledCost,BilledCost,BillingCurrency", "BilledCost (2) BillingCurrency"},
		{"F:ChargeType,billing currency,SUB_ACCOUNT_ID", "ChargeCategory BillingCurrency SubAccountId"},
	} {
		h := newHeader(strings.Split(c.names, ","), nil)
		if d := cmp.Diff(c.want, strings.Join(h.columns, " ")); d != "" {
			t.Error(c.names, d)
		}
	}
}

func TestMappingGoesFirst(t *testing.T) {
	in := input([]byte("Kosten,Tag,Konto,BilledCost,Rest\n1.50,2026-03-01,acc-1,9,x\n"))
	in.Currency = "chf"
	in.Mapping = &model.Mapping{Columns: []model.MappedColumn{{Header: "kosten", Field: "BilledCost"}, {Header: "Tag", Field: "ChargePeriodStart"}, {Header: "Konto", Field: "BillingAccountId"}, {Header: "Rest"}}}
	l := &ledger{}
	if err := Format.Read(context.Background(), in, l); err != nil {
		t.Fatal(err)
	}
	l.commit(t)
	rows := l.rows(t)
	if d := cmp.Diff(map[string]string{"BillingAccountId": "acc-1", "BilledCost (2)": "9", "BillingCurrency": "CHF"}, rows[0].of); d != "" {
		t.Error(d)
	}
	if sums(rows)[0] != "1.5" || rows[0].End-rows[0].Start != 86400 {
		t.Errorf("got %+v", rows[0])
	}
}

func TestFilesOfAllSorts(t *testing.T) {
	good := bill(nil, map[string]string{"Tags": ""})
	for name, content := range map[string]string{
		"comma":              good,
		"byte-order mark":    "\uFEFF" + good,
		"Windows line ends":  strings.ReplaceAll(good, "\n", "\r\n"),
		"no last line end":   strings.TrimSuffix(good, "\n"),
		"time with a space":  strings.NewReplacer("T10:00:00Z", " 10:00:00", "T12:00:00Z", " 12:00:00.000", "T00:00:00Z", " 00:00:00").Replace(good),
		"offset":             strings.ReplaceAll(good, "T10:00:00Z", "T12:00:00+02:00"),
		"empty lines":        strings.ReplaceAll(good, "\n", "\n\n"),
		"surplus separators": strings.Replace(good, "\n", ",\n", 2),
	} {
		t.Run(name, func(t *testing.T) {
			l := reading(t, content)
			if d := cmp.Diff([5]string{"3.2", "3.2", "4", "3.2", "2"}, sums(l.rows(t))); d != "" || len(l.refused) > 0 {
				t.Error(d, l.refused)
			}
		})
	}
	for comma, content := range map[string]string{"semicolon": "BilledCost;ChargePeriodStart;BillingCurrency\n1.5;2026-03-01;EUR\n", "tab": "BilledCost\tChargePeriodStart\tBillingCurrency\n1.5\t2026-03-01\tEUR\n"} {
		t.Run(comma, func(t *testing.T) {
			if got := reading(t, content).rows(t); len(got) != 1 || sums(got)[0] != "1.5" {
				t.Error(got)
			}
		})
	}
}

func TestRowsThatCannotBeSplit(t *testing.T) {
	l := reading(t, "BilledCost,ChargePeriodStart,BillingCurrency\n1,2026-03-01,EUR\n2,2026-03-01\n3,2026-03-01,EUR,surplus\n4,\"2026\"-03-01,EUR\n5,\"2026-03-01,EUR\n6,2026-03-01,EUR\n")
	if d := cmp.Diff([]string{"bill:3", "bill:4", "bill:5", "bill:6"}, told(l.refused)); d != "" {
		t.Error(d)
	}
	if rows := l.rows(t); sums(rows)[0] != "7" || len(rows) != 2 {
		t.Errorf("got %v", rows)
	}
}

func TestContentsThatCannotBeRead(t *testing.T) {
	for content, want := range map[string]string{
		"":                                  "empty",
		"a,b\n1,2\n":                        "no column has a name of FOCUS",
		"ListCost,ChargePeriodStart\n":      "BilledCost",
		"BiledCost,ListCost\n":              "did you mean BiledCost?",
		"BilledCost\n1\n":                   "ChargePeriodStart",
		"\xFF\xFEB\x00i\x00":                "UTF-16",
		"\"BilledCost,ChargePeriodStart\n1": "cannot be read",
		"PAR1 and nothing more":             "Parquet",
	} {
		err := Format.Read(context.Background(), input([]byte(content)), &ledger{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v", content, err)
		}
	}
	in := input([]byte(bill(nil)))
	in.Currency = "Euro"
	if err := Format.Read(context.Background(), in, &ledger{}); err == nil {
		t.Error("Euro is a currency")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Format.Read(ctx, input([]byte(bill(nil))), &ledger{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled reading ends with %v", err)
	}
}

// full is a sink that takes no more parts.
type full struct{ ledger }

func (f *full) Part(feed.Scope) (facts.Writer, error) {
	return nil, errors.New("there are too many parts")
}

func TestErrorsOfTheSinkEndTheReading(t *testing.T) {
	if err := Format.Read(context.Background(), input([]byte(bill(nil))), &full{}); err == nil {
		t.Error("the error of the sink is lost")
	}
}

// TestNoMoneyIsLost writes bills at random: every line is taken or refused, and what is taken adds up to what was written.
func TestNoMoneyIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "lines")
		var text strings.Builder
		text.WriteString("ChargePeriodStart,BilledCost,BillingCurrency,ServiceName,BillingAccountId\n")
		var want facts.Sum
		bad := 0
		for range n {
			cost := rapid.StringMatching(`-?[0-9]{1,9}\.[0-9]{1,12}`).Draw(t, "cost")
			d, _ := facts.ParseDecimal(cost)
			if rapid.IntRange(0, 9).Draw(t, "bad") == 0 {
				cost, bad = "?"+cost, bad+1
			} else {
				want.Add(d)
			}
			fmt.Fprintf(&text, "2026-%02d-01,%s,EUR,s%d,a%d\n", rapid.IntRange(1, 12).Draw(t, "month"), cost, rapid.IntRange(0, 3).Draw(t, "service"), rapid.IntRange(0, 2).Draw(t, "account"))
		}
		l := &ledger{}
		if err := Format.Read(context.Background(), input([]byte(text.String())), l); err != nil {
			t.Fatal(err)
		}
		var got facts.Sum
		taken := int64(0)
		for _, w := range l.parts {
			totals, err := w.Commit(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			got.AddSum(totals.Sums[facts.Billed])
			taken += totals.Lines
		}
		if got.String() != want.String() || taken != int64(n-bad) || len(l.refused) != bad {
			t.Fatalf("%s of %s, %d lines taken and %d refused of %d", got, want, taken, len(l.refused), n)
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(bill(nil, map[string]string{"BilledCost": "NULL"})))
	f.Add([]byte("BilledCost;ChargePeriodStart\n1;2026-03-01\n"))
	f.Add([]byte(objects))
	f.Add(parquetFile(f, charges(2)))
	f.Fuzz(func(t *testing.T, content []byte) {
		if score := Format.Detect(content); score < 0 || score > 100 {
			t.Fatalf("the score is %d", score)
		}
		l := &ledger{}
		if err := Format.Read(context.Background(), input(content), l); err != nil {
			return
		}
		for _, r := range append(l.refused, l.warned...) {
			if r.Reason == "" || r.Where.Line < 1 {
				t.Fatalf("a refusal without a place or a reason: %v", r)
			}
		}
		if bytes.HasPrefix(content, []byte("PAR1")) && len(l.columns) == 0 {
			t.Fatal("a table without columns was read")
		}
	})
}

package lifecycle_test

import (
	"testing"

	"binnacle/model"
	"binnacle/practice/lifecycle"
	"binnacle/practice/practicetest"
)

// BenchmarkExposure asks for the first time on each snapshot, with no name looked up before.
func BenchmarkExposure(b *testing.B) {
	snap, err := practicetest.Generated(100_000)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		fresh, err := snap.Apply(model.Stamp{Seq: 2}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		out, err := lifecycle.Exposure(fresh.View(model.MustDate("2026-11-21")), lifecycle.ExposureIn{})
		if err != nil || len(out.Table.Rows) == 0 {
			b.Fatal(err)
		}
		b.ReportMetric(out.Hosts.Value, "hosts")
	}
}

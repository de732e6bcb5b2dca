package architecture_test

import (
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice/architecture"
	"binnacle/practice/practicetest"
)

const benchmarkRecords = 100_000

func generated(b *testing.B) estate.View {
	b.Helper()
	snap, err := practicetest.Generated(benchmarkRecords)
	if err != nil {
		b.Fatal(err)
	}
	return snap.View(model.MustDate("2026-11-21"))
}

// BenchmarkSinglePoints asks for the first time on each snapshot, with nothing remembered.
func BenchmarkSinglePoints(b *testing.B) {
	v := generated(b)
	for b.Loop() {
		b.StopTimer()
		fresh, err := v.Snapshot().Apply(model.Stamp{Seq: 2}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		out, err := architecture.SinglePoints(fresh.View(v.At()), architecture.SinglePointsIn{})
		if err != nil || len(out.Points.Rows) == 0 {
			b.Fatal(out.Count, err)
		}
		b.ReportMetric(out.Count.Value, "points")
	}
}

// BenchmarkImpact fails a site: the largest failure that there is.
func BenchmarkImpact(b *testing.B) {
	v := generated(b)
	site := v.Find("Site", "site-1").Base().Ref()
	for b.Loop() {
		out, err := architecture.Impact(v, architecture.ImpactIn{Record: site})
		if err != nil || len(out.Dependents.Rows) == 0 {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(out.Dependents.Rows)), "dependents")
	}
}

func BenchmarkAvailability(b *testing.B) {
	v := generated(b)
	ref := v.Find("Service", "service-1").Base().Ref()
	for b.Loop() {
		if _, err := architecture.Availability(v, architecture.AvailabilityIn{Record: ref}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOrphans(b *testing.B) {
	v := generated(b)
	for b.Loop() {
		if _, err := architecture.Orphans(v, architecture.OrphansIn{}); err != nil {
			b.Fatal(err)
		}
	}
}

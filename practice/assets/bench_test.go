package assets_test

import (
	"fmt"
	"testing"

	"binnacle/model"
	"binnacle/practice/assets"
)

// BenchmarkPosition counts 100 products on 5,000 machines with 40 packages each.
func BenchmarkPosition(b *testing.B) {
	var records []model.Record
	for i := range 100 {
		l := licence(fmt.Sprintf("product-%03d", i), 100)
		l.Product, l.Names = fmt.Sprintf("Product %03d", i), []string{fmt.Sprintf("Maker Product %03d*", i)}
		records = append(records, l)
	}
	for i := range 5000 {
		h := machine(fmt.Sprintf("host-%05d", i), 4, "1")
		h.Software = nil
		for j := range 40 {
			h.Software = append(h.Software, model.InstalledSoftware{Name: fmt.Sprintf("Maker Product %03d Standard", (i*7+j*13)%400), Version: "1.2"})
		}
		records = append(records, h)
	}
	v := estateOf(b, records...)
	for b.Loop() {
		out, err := assets.Position(v, assets.PositionIn{})
		if err != nil || len(out.Table.Rows) != 100 {
			b.Fatal(err, len(out.Table.Rows))
		}
	}
}

package draw

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// someRadar returns a radar with so many blips in places that pick says.
func someRadar(n, quadrants, rings int, pick func(i int) (quadrant, ring int, moved string)) RadarView {
	v := RadarView{}
	for q := range quadrants {
		v.Quadrants = append(v.Quadrants, fmt.Sprintf("Sector %d", q+1))
	}
	for r := range rings {
		v.Rings = append(v.Rings, fmt.Sprintf("Ring %d", r+1))
	}
	for i := range n {
		b := RadarBlip{Title: fmt.Sprintf("Blip %d", i), Href: fmt.Sprintf("/b/%d", i), Number: i + 1}
		b.Quadrant, b.Ring, b.Moved = pick(i)
		v.Blips = append(v.Blips, b)
	}
	return v
}

// apart fails where two blips of a radar overlap or one leaves its sector.
func apart(t interface {
	Fatalf(string, ...any)
}, v RadarView) {
	p := v.plan()
	for i, a := range p.spots {
		b := v.Blips[i]
		if s := p.sector(len(v.Quadrants), b.Quadrant, b.Ring); !s.holds(a) {
			t.Fatalf("blip %d leaves its sector %+v: it is at %+v", i, s, a)
		}
		for j, o := range p.spots[:i] {
			if d := math.Hypot(a.x-o.x, a.y-o.y); d < 2*blipRadius {
				t.Fatalf("blips %d and %d overlap: they are %.2f apart, and each reaches %.1f", i, j, d, blipRadius)
			}
		}
	}
}

func TestBlipsKeepApart(t *testing.T) {
	for _, n := range []int{0, 1, 12, 120, 300} {
		for seed := range 12 {
			random := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
			apart(t, someRadar(n, 4, 4, func(int) (int, int, string) { return random.IntN(4), random.IntN(4), "" }))
		}
		// The worst: everything in one sector, the innermost and the outermost.
		apart(t, someRadar(n, 4, 4, func(int) (int, int, string) { return 2, 0, "" }))
		apart(t, someRadar(n, 4, 4, func(int) (int, int, string) { return 3, 3, "" }))
	}
}

func TestBlipsKeepApartOnAnyRadar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quadrants, rings := rapid.IntRange(1, 8).Draw(t, "quadrants"), rapid.IntRange(1, 7).Draw(t, "rings")
		n := rapid.IntRange(0, 90).Draw(t, "blips")
		apart(t, someRadar(n, quadrants, rings, func(int) (int, int, string) {
			return rapid.IntRange(0, quadrants-1).Draw(t, "quadrant"), rapid.IntRange(0, rings-1).Draw(t, "ring"), ""
		}))
	})
}

func TestRadarIsReadable(t *testing.T) {
	moves := []string{"", "new", "in", "out"}
	v := someRadar(120, 4, 4, func(i int) (int, int, string) { return i % 4, i / 4 % 4, moves[i%4] })
	got := string(v.Draw("Our <radar>"))
	if again := string(v.Draw("Our <radar>")); again != got {
		t.Error("the same radar is drawn in two ways")
	}
	svg := got[strings.Index(got, "<svg"):]
	svg = svg[:strings.Index(svg, "</svg>")+len("</svg>")]
	wellFormed(t, "radar", svg)
	wellFormed(t, "legend", got)
	if n := strings.Count(svg, "<a href="); n != 120 {
		t.Errorf("%d blips are links, want 120", n)
	}
	if n := len(regexp.MustCompile(`<li value="\d+"><a `).FindAllString(got, -1)); n != 120 {
		t.Errorf("the legend names %d blips, want 120", n)
	}
	// How a blip moved is told by a shape and in words, not by colour alone.
	if n := strings.Count(svg, `class="radar-move"`); n != 90 {
		t.Errorf("%d blips show how they moved, want 90", n)
	}
	for _, want := range []string{"<title>2. Blip 1: Ring 1, Sector 2, new</title>", "3. Blip 2: Ring 1, Sector 3, moved in", "▼ out", "Our &lt;radar&gt;"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is nowhere in the picture", want)
		}
	}
}

// TestBlipsStay: a blip that comes does not throw about those in other sectors.
func TestBlipsStay(t *testing.T) {
	v := someRadar(40, 4, 4, func(i int) (int, int, string) { return i % 4, i / 4 % 4, "" })
	before := v.plan()
	more := v
	more.Blips = append(slices.Clone(v.Blips), RadarBlip{Title: "Newcomer", Quadrant: 1, Ring: 2})
	after := more.plan()
	for i, b := range v.Blips {
		if (b.Quadrant != 1 || b.Ring != 2) && before.spots[i] != after.spots[i] {
			t.Errorf("%s moved from %+v to %+v", b.Title, before.spots[i], after.spots[i])
		}
	}
}

func TestRadarWithoutAPlace(t *testing.T) {
	v := RadarView{Quadrants: []string{"Tools"}, Rings: []string{"Adopt"}, Blips: []RadarBlip{{Title: "Lost", Quadrant: -1, Ring: 9, Number: 1}, {Title: "Found", Number: 2}}}
	got := string(v.Draw("Radar"))
	if !strings.Contains(got, "Elsewhere") || !strings.Contains(got, "Lost") || strings.Contains(got, "<title>1. Lost") {
		t.Error("a blip without a place should be in the legend alone")
	}
	if got := string((RadarView{}).Draw("Nothing")); !strings.Contains(got, "There is no radar") {
		t.Error(got)
	}
}

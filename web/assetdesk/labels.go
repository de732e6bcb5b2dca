package assetdesk

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/skip2/go-qrcode"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// paper is a size that labels are printed in.
type paper struct {
	// Name is what the address calls it, and Label what the page does.
	Name, Label string
	// Each is how many labels are on one sheet.
	Each int
}

// papers are the sizes that there are.
var papers = []paper{
	{"a4-70x37", "A4 sheet, 3 × 8 labels of 70 × 37 mm", 24},
	{"a4-64x34", "A4 sheet, 3 × 8 labels of 63.5 × 33.9 mm", 24},
	{"single", "Label printer, 62 × 29 mm", 1},
}

// mostLabels is how many labels are made at once.
const mostLabels = 480

// labelsView is the page of labels.
type labelsView struct {
	Papers                             []paper
	Paper                              paper
	Sites                              []practice.Link
	Site, State, Category, Which, Skip string
	Asked                              bool
	Found, Left                        int
	Unknown                            []string
	Sheets                             [][]label
	States                             []model.Option
	Address                            string
}

// label is one label. A label without a code is an empty place on a sheet that was used before.
type label struct {
	Code                      template.HTML
	Number, Name, Serial, Key string
}

func labels(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	body := labelsView{Papers: papers, Paper: papers[0], Sites: sites(view), Site: v.Form("site"), State: v.Form("state"), Category: v.Form("category"), Which: v.Form("assets"), Skip: v.Form("skip"), States: model.AssetState("").Options(), Address: address(v)}
	for _, p := range papers {
		if p.Name == v.Form("paper") {
			body.Paper = p
		}
	}
	body.Asked = v.Form("paper") != "" || body.Site+body.State+body.Category+body.Which != ""
	if body.Asked {
		if err := body.fill(view); err != nil {
			return err
		}
	}
	return v.Render(templates, "labels", page(frame.Page{Title: "Labels", Lead: "Print labels whose QR code leads to the record.", Crumbs: home, Body: body}))
}

// sites returns the sites to choose from.
func sites(view estate.View) []practice.Link {
	var out []practice.Link
	for s := range estate.Each[*model.Site](view) {
		if out = append(out, practice.To(s)); len(out) == 1000 {
			break
		}
	}
	slices.SortFunc(out, func(a, b practice.Link) int {
		return strings.Compare(strings.ToLower(a.Title()), strings.ToLower(b.Title()))
	})
	return out
}

// address is the address under which people reach this house.
func address(v *frame.Visit) string {
	if v.House.BaseURL != "" {
		return strings.TrimSuffix(v.House.BaseURL, "/")
	}
	scheme := "http"
	if v.R.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + v.R.Host
}

// fill makes the labels.
func (b *labelsView) fill(view estate.View) error {
	chosen, err := b.choose(view)
	if err != nil {
		return err
	}
	b.Found = len(chosen)
	if len(chosen) > mostLabels {
		b.Left = len(chosen) - mostLabels
		chosen = chosen[:mostLabels]
	}
	skip, _ := strconv.Atoi(b.Skip)
	skip = min(max(skip, 0), b.Paper.Each-1)
	all := make([]label, skip)
	for _, a := range chosen {
		code, err := picture(b.Address + frame.RecordPath("Asset", a.Key))
		if err != nil {
			return fmt.Errorf("the label of %s: %w", a.Key, err)
		}
		all = append(all, label{Code: code, Number: a.InventoryNumber, Name: a.Title(), Serial: a.Serial, Key: a.Key})
	}
	for sheet := range slices.Chunk(all, b.Paper.Each) {
		if len(chosen) > 0 {
			b.Sheets = append(b.Sheets, sheet)
		}
	}
	return nil
}

// choose returns the assets that labels are wanted for, by key or as they were listed.
func (b *labelsView) choose(view estate.View) ([]*model.Asset, error) {
	var out []*model.Asset
	if b.Which != "" {
		for _, word := range strings.FieldsFunc(b.Which, func(r rune) bool { return r == '\n' || r == '\r' || r == ';' || r == ',' }) {
			if word = strings.TrimSpace(word); word == "" {
				continue
			}
			ref, err := view.Resolve([]string{"Asset"}, word)
			if a, ok := estate.Look[*model.Asset](view, ref); ok && err == nil {
				out = append(out, a)
			} else if a, ok := view.Identify("Asset", "inventory", model.NormalIdent("inventory", word)).(*model.Asset); ok {
				out = append(out, a)
			} else {
				b.Unknown = append(b.Unknown, word)
			}
		}
		return out, nil
	}
	site := model.Ref{}
	if b.Site != "" {
		var err error
		if site, err = view.Resolve([]string{"Site"}, b.Site); err != nil {
			return nil, err
		}
	}
	for a := range estate.Each[*model.Asset](view) {
		if (b.State == "" && a.State != "disposed" || b.State == string(a.State) && b.State != "") && (b.Category == "" || strings.EqualFold(b.Category, a.Category)) && (site.IsZero() || within(view, a.Site, site)) {
			out = append(out, a)
		}
	}
	return out, nil
}

// within reports whether a site is another one or a part of it.
func within(view estate.View, site, of model.Ref) bool {
	for range 32 {
		if site == of {
			return true
		}
		s, ok := estate.Look[*model.Site](view, site)
		if !ok {
			return false
		}
		site = s.Parent
	}
	return false
}

// picture draws a text as a QR code: one path of squares, which prints sharply in every size.
func picture(text string) (template.HTML, error) {
	code, err := qrcode.New(text, qrcode.Medium)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	bitmap := code.Bitmap()
	fmt.Fprintf(&out, `<svg class="code" viewBox="0 0 %d %d" role="img" aria-label="QR code" shape-rendering="crispEdges"><path d="`, len(bitmap), len(bitmap))
	for y, row := range bitmap {
		for x := 0; x < len(row); x++ {
			if !row[x] {
				continue
			}
			run := 1
			for x+run < len(row) && row[x+run] {
				run++
			}
			fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", x, y, run, run)
			x += run
		}
	}
	out.WriteString(`"/></svg>`)
	return template.HTML(out.String()), nil
}

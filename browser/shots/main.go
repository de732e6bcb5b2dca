// Shots takes the pictures of the pages that docs shows, in light and dark and
// at the width of a phone. Run it from the folder of the project: go run ./browser/shots
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"binnacle/browser/drive"
)

// shot is a page to be pictured.
type shot struct{ name, title, path string }

var shots = []shot{
	{"cio", "The board of the CIO", "/boards/cio"},
	{"cto", "The board of the CTO", "/boards/cto"},
	{"both", "The board of one person with both hats", "/"},
	{"list", "A list", "/records/Application?sort=-criticality"},
	{"record", "A record", ""},
	{"form", "A form", "/records/Contract/new"},
	{"question", "A question", "/questions/lifecycle.exposure"},
	{"compare", "Two moments side by side", "/compare?page=/questions/lifecycle.exposure&left=at%3D2026-11-22&right=at%3D2028-01-01"},
	{"graph", "The graph around a record", ""},
	{"capabilities", "The capability heat map", "/pictures/capabilities"},
	{"roadmap", "The roadmap", "/pictures/roadmap"},
	{"offices", "The charter of the offices", "/offices"},
	{"ceo", "The board of the CEO", "/boards/ceo"},
	{"cmo", "The board of the CMO", "/boards/cmo"},
	{"technology", "The board of technology", "/boards/technology"},
	{"product", "The board of products", "/boards/product"},
	{"delivery", "The board of delivery", "/boards/delivery"},
	{"radar", "The technology radar", "/radar/halyard"},
	{"drift", "What the estate says against the radar", "/questions/radar.drift"},
	{"decisions", "Decision records", "/decisions"},
	{"experiments", "What is tried", "/experiments"},
	{"product-roadmap", "The roadmap of products", "/roadmap"},
	{"ideas", "What customers ask for", "/ideas"},
	{"portals", "Portals for customers", "/portals"},
	{"dora", "DORA's metrics", "/questions/delivery.dora"},
	{"money", "The board of money", "/boards/money"},
	{"trace", "Money on its way from those who are paid to the goals", "/questions/finance.trace"},
	{"savings", "What could be saved", "/questions/finance.savings"},
	{"budget", "Budget and spend", "/questions/finance.budget"},
	{"renewals", "The renewal desk", "/questions/suppliers.renewals"},
	{"licences", "The effective licence position", "/questions/assets.position"},
	{"labels", "Labels for assets", "/assets/labels"},
	{"import", "What an import would change", ""},
	{"search", "The search", "/search?q=booking"},
	{"history", "The history", "/history"},
	{"access", "One's own account", "/me"},
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "shots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root, err := drive.Root()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "binnacle-shots-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	program, err := drive.Build(ctx, root, folder)
	if err != nil {
		return err
	}
	server, err := drive.Serve(ctx, program, filepath.Join(folder, "data"))
	if err != nil {
		return err
	}
	defer server.Stop()
	b, stop, err := drive.Start(ctx, filepath.Join(folder, "browser"), server.URL)
	if err != nil {
		return err
	}
	defer stop()
	docs := filepath.Join(root, "docs")
	if err := os.MkdirAll(docs, 0o755); err != nil {
		return err
	}
	take := func(s shot) error {
		for _, l := range drive.Looks {
			if err := b.Dress(l); err != nil {
				return err
			}
			if err := picture(b, server.URL+s.path, filepath.Join(docs, s.name+"-"+l.Name+".webp")); err != nil {
				return fmt.Errorf("%s, %s: %w", s.name, l.Name, err)
			}
		}
		return nil
	}
	first := strings.TrimPrefix(server.First, server.URL)
	if err := take(shot{"first", "The first visit", first}); err != nil {
		return err
	}
	if err := b.BeFirst(server); err != nil {
		return err
	}
	var index bytes.Buffer
	index.WriteString("# What it looks like\n\nMade by `make shots` from the demo company.\n")
	for _, s := range shots {
		if s.path == "" {
			if s.path, err = central(b, server.URL, s.name); err != nil {
				return err
			}
		}
		if err := take(s); err != nil {
			return err
		}
		fmt.Fprintf(&index, "\n## %s\n\n![light](%s-light.webp)\n![dark](%s-dark.webp)\n![phone](%s-phone.webp)\n", s.title, s.name, s.name, s.name)
		fmt.Println(s.name)
	}
	if _, err := drive.Eval[int](b, `fetch("/sign-out", {method: "POST"}).then(() => 1)`); err != nil {
		return err
	}
	if err := take(shot{"sign-in", "Signing in", "/sign-in"}); err != nil {
		return err
	}
	for _, s := range []shot{{"first", "The first visit", ""}, {"sign-in", "Signing in", ""}} {
		fmt.Fprintf(&index, "\n## %s\n\n![light](%s-light.webp)\n![dark](%s-dark.webp)\n![phone](%s-phone.webp)\n", s.title, s.name, s.name, s.name)
	}
	return os.WriteFile(filepath.Join(docs, "README.md"), index.Bytes(), 0o644)
}

// central returns the page of the first application of the list, or of the graph around it.
func central(b *drive.Browser, address, name string) (string, error) {
	if name == "import" {
		return b.Preview()
	}
	if err := b.Open(address + "/records/Application?sort=-criticality"); err != nil {
		return "", err
	}
	path, err := drive.Eval[string](b, `(document.querySelector("table.data tbody a[href^='/records/Application/']") || {getAttribute: () => ""}).getAttribute("href")`)
	if err != nil {
		return "", err
	}
	if path == "" {
		return "", fmt.Errorf("the list of applications leads to none")
	}
	if name == "graph" {
		return "/pictures/graph?focus=" + strings.TrimPrefix(path, "/records/"), nil
	}
	return path, nil
}

func picture(b *drive.Browser, address, file string) error {
	if err := b.Open(address); err != nil {
		return err
	}
	// Charts need a moment to draw themselves.
	time.Sleep(700 * time.Millisecond)
	data, err := b.Picture()
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}

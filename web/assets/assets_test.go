package assets_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"binnacle/web/assets"
)

func TestServe(t *testing.T) {
	ask := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		assets.Serve(w, r)
		return w
	}
	whole := ask(assets.URL("app.css"))
	if whole.Code != http.StatusOK || !strings.HasPrefix(whole.Header().Get("Content-Type"), "text/css") || !strings.Contains(whole.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", whole.Code, whole.Header())
	}
	packed := ask(assets.URL("app.css"), "Accept-Encoding", "gzip, br")
	z, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not packed: %v", err)
	}
	if text, err := io.ReadAll(z); err != nil || string(text) != whole.Body.String() {
		t.Errorf("what is packed differs: %v", err)
	}
	if w := ask("/assets/app.css", "If-None-Match", whole.Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("a file that the browser has is sent again: %d", w.Code)
	}
	for _, path := range []string{"/assets/", "/assets/README.md", "/assets/../assets.go", "/assets/nothing.js", "/assets/app.css/"} {
		if w := ask(path); w.Code != http.StatusNotFound {
			t.Errorf("%s gives %d", path, w.Code)
		}
	}
}

// TestOwnCodeIsSmall keeps the scripts of Binnacle itself below 100 KB, all of them together.
func TestOwnCodeIsSmall(t *testing.T) {
	total := 0
	for _, name := range assets.Own() {
		if strings.HasSuffix(name, ".js") {
			w := httptest.NewRecorder()
			assets.Serve(w, httptest.NewRequest("GET", assets.URL(name), nil))
			total += w.Body.Len()
		}
	}
	if total == 0 || total > 100<<10 {
		t.Errorf("the own scripts have %d bytes", total)
	}
}

// Package assets holds the browser code: what is written here, and what is fetched by npm when assets are made.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed own dist
var files embed.FS

// Prefix is where the files are served.
const Prefix = "/assets/"

// asset is a file with what is served along with it.
type asset struct {
	data      []byte
	mediaType string
	tag       string
	own       bool
	// packed returns the data packed with gzip, or nil where that does not pay.
	packed func() []byte
}

// pack packs data with gzip.
func pack(data []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil
	}
	if _, err := z.Write(data); err != nil || z.Close() != nil || out.Len() >= len(data) {
		return nil
	}
	return out.Bytes()
}

var load = sync.OnceValue(func() map[string]asset {
	out := map[string]asset{}
	for _, dir := range []string{"own", "dist"} {
		sub, _ := fs.Sub(files, dir)
		fs.WalkDir(sub, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || path.Ext(name) == ".md" {
				return nil
			}
			data, err := fs.ReadFile(sub, name)
			if err != nil {
				return nil
			}
			sum := sha256.Sum256(data)
			out[name] = asset{data, mime.TypeByExtension(path.Ext(name)), hex.EncodeToString(sum[:8]), dir == "own", sync.OnceValue(func() []byte { return pack(data) })}
			return nil
		})
	}
	return out
})

// Has reports whether there is a file, such as one that npm brings.
func Has(name string) bool { _, ok := load()[name]; return ok }

// Own lists the names of the files that are written here, in order.
func Own() []string {
	var out []string
	for name, a := range load() {
		if a.own {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// URL returns the address of a file. It changes with the content, so that browsers may keep the file for ever.
func URL(name string) string { return Prefix + name + "?v=" + load()[name].tag }

// Serve serves the files. They hold nothing about the estate, so that anybody may read them.
func Serve(w http.ResponseWriter, r *http.Request) {
	a, ok := load()[strings.TrimPrefix(r.URL.Path, Prefix)]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", a.mediaType)
	w.Header().Set("ETag", `"`+a.tag+`"`)
	w.Header().Set("Cache-Control", "public, max-age=300")
	if r.URL.Query().Get("v") == a.tag {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if r.Header.Get("If-None-Match") == `"`+a.tag+`"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if packed := a.packed(); packed != nil {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed)
			return
		}
	}
	w.Write(a.data)
}

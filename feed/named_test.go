package feed_test

import (
	"testing"

	"binnacle/feed"
)

func TestReleaseNamed(t *testing.T) {
	for file, want := range map[string]string{
		"boms/web-shop@2026.48.cdx.json": "2026.48", "hub@5.7.3.spdx.json": "5.7.3", "web-shop.cdx.json": "", "web-shop@2.4.json": "", "@halyard/web-shop.cdx.json": "", "a@.cdx.json": "",
	} {
		if got := feed.ReleaseNamed(file); got != want {
			t.Errorf("%s speaks for the release %q, not %q", file, got, want)
		}
	}
}

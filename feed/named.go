package feed

import (
	"path"
	"strings"
)

// ReleaseNamed returns the release that the name of a file speaks for: what stands between an at sign and the endings of a bill of
// materials, such as 2.4 in web-shop@2.4.cdx.json. It is empty for all other names. Only what is known to be named so is asked.
func ReleaseNamed(file string) string {
	_, version, named := strings.Cut(path.Base(file), "@")
	for _, ending := range []string{".cdx.json", ".spdx.json"} {
		if release, ok := strings.CutSuffix(version, ending); named && ok {
			return release
		}
	}
	return ""
}

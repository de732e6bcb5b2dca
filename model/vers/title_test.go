package vers

import "testing"

func TestTitleIsWhatTheEcosystemSays(t *testing.T) {
	for purl, want := range map[string]string{
		"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1": "org.apache.logging.log4j:log4j-core",
		"pkg:golang/github.com/gin-gonic/gin@v1.4.0":           "github.com/gin-gonic/gin",
		"pkg:npm/%40angular/core@1.0.0":                        "@angular/core",
		"pkg:npm/lodash@4.17.20":                               "lodash",
		"pkg:deb/debian/curl@7.80.0-1?distro=debian-12":        "curl",
		"pkg:composer/symfony/http-kernel@5.0.0":               "symfony/http-kernel",
		"pkg:pypi/Django_Filter@2.0":                           "django-filter",
	} {
		p, err := ParseURL(purl)
		if err != nil || p.Title() != want {
			t.Errorf("%s is called %q, want %q: %v", purl, p.Title(), want, err)
		}
	}
}

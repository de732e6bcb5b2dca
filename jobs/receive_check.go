package jobs

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"binnacle/model"
)

// signedFor is how far the clock of a sender that signs the moment may be away from ours.
const signedFor = 5 * time.Minute

// checkMessage reports whether a message was sent by somebody who knows one of the secrets of its receiver. All secrets are
// tried, and texts are compared in a time that does not depend on where they differ.
func checkMessage(provider model.CodeProvider, header http.Header, body []byte, secrets []string, now time.Time) bool {
	good := 0
	for _, secret := range secrets {
		good |= checkSecret(provider, header, body, secret, now)
	}
	return good == 1
}

func checkSecret(provider model.CodeProvider, header http.Header, body []byte, secret string, now time.Time) int {
	switch provider {
	case "github":
		return signed(header.Get("X-Hub-Signature-256"), body, secret)
	case "gitea":
		return signed(first(header, "X-Gitea-Signature", "X-Forgejo-Signature", "X-Hub-Signature-256", "X-Gogs-Signature"), body, secret)
	case "bitbucket":
		return signed(first(header, "X-Hub-Signature", "X-Hub-Signature-256"), body, secret)
	case "gitlab":
		if header.Get("Webhook-Signature") != "" {
			return standard(header, body, secret, now)
		}
		return same(header.Get("X-Gitlab-Token"), secret)
	case "azure_devops":
		return shown(header, secret)
	}
	if text := header.Get("X-Hub-Signature-256"); text != "" {
		return signed(text, body, secret)
	}
	if header.Get("Webhook-Signature") != "" {
		return standard(header, body, secret, now)
	}
	return shown(header, secret)
}

// shown reports whether the secret itself was sent: as the password of basic authentication, as a bearer token or in the header X-Binnacle-Token.
func shown(header http.Header, secret string) int {
	r := http.Request{Header: header}
	_, password, _ := r.BasicAuth()
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	return same(password, secret) | same(strings.TrimSpace(token), secret) | same(header.Get("X-Binnacle-Token"), secret)
}

// same compares two secrets by their digests, so that not even their lengths are told.
func same(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	if a == "" || b == "" {
		return 0
	}
	return subtle.ConstantTimeCompare(x[:], y[:])
}

// signed checks a signature with HMAC-SHA256 over the body in hexadecimal digits, with or without sha256= before it.
func signed(signature string, body []byte, secret string) int {
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write(body)
	given, err := hex.DecodeString(strings.TrimPrefix(signature, "sha256="))
	if err != nil || secret == "" || !hmac.Equal(given, sum.Sum(nil)) {
		return 0
	}
	return 1
}

// standard checks a signature after the Standard Webhooks scheme, in which the moment is signed too.
func standard(header http.Header, body []byte, secret string, now time.Time) int {
	id, stamp := header.Get("Webhook-Id"), header.Get("Webhook-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" || now.Sub(time.Unix(seconds, 0)).Abs() > signedFor {
		return 0
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) == 0 {
		return 0
	}
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(id + "." + stamp + "."))
	sum.Write(body)
	good := 0
	for one := range strings.FieldsSeq(header.Get("Webhook-Signature")) {
		version, text, _ := strings.Cut(one, ",")
		given, err := base64.StdEncoding.DecodeString(text)
		if version == "v1" && err == nil && hmac.Equal(given, sum.Sum(nil)) {
			good = 1
		}
	}
	return good
}

func first(header http.Header, names ...string) string {
	for _, name := range names {
		if v := header.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// eventOf returns the name of the event that the headers tell.
func eventOf(header http.Header) string {
	return first(header, "X-Gitea-Event", "X-Forgejo-Event", "X-GitHub-Event", "X-Event-Key")
}

// deliveryOf returns the name that a sender gives to a message, or nothing.
func deliveryOf(header http.Header) string {
	return first(header, "X-GitHub-Delivery", "X-Gitea-Delivery", "X-Forgejo-Delivery", "Webhook-Id", "X-Gitlab-Event-UUID", "X-Request-UUID", "X-Request-Id")
}

package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"net/url"
	"strings"
	"time"
)

// The codes of devices: those of RFC 6238 that every app for phones understands.
const (
	codeStep   = 30 * time.Second
	codeDigits = 6
	codeSecret = 20
)

// stepAt returns the number of the time step of a moment.
func stepAt(t time.Time) int64 { return t.Unix() / int64(codeStep/time.Second) }

// codeAt returns the code of a time step.
func codeAt(algorithm func() hash.Hash, secret []byte, step int64, digits int) string {
	mac := hmac.New(algorithm, secret)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	value := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	modulus := uint64(1)
	for range digits {
		modulus *= 10
	}
	return fmt.Sprintf("%0*d", digits, value%modulus)
}

// matchCode returns the time step that a code belongs to: the one of now or the one before, because people type slowly and clocks
// differ. Steps up to the one used last are over. It returns 0 where the code is not right.
func matchCode(secret []byte, code string, now time.Time, used int64) int64 {
	current := stepAt(now)
	found := int64(0)
	for _, step := range []int64{current - 1, current} {
		if subtle.ConstantTimeCompare([]byte(codeAt(sha1.New, secret, step, codeDigits)), []byte(code)) == 1 && step > used {
			found = step
		}
	}
	return found
}

// newCodeSecret returns a new secret for codes.
func newCodeSecret() []byte {
	secret := make([]byte, codeSecret)
	rand.Read(secret)
	return secret
}

// base32Secret returns a secret as people type it into a device.
func base32Secret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// codeAddress returns the address that a device reads from a picture.
func codeAddress(secret []byte, site, user string) string {
	label := url.PathEscape("Binnacle " + site + ":" + user)
	q := url.Values{"secret": {base32Secret(secret)}, "issuer": {strings.TrimSpace("Binnacle " + site)}, "algorithm": {"SHA1"}, "digits": {fmt.Sprint(codeDigits)}, "period": {"30"}}
	return "otpauth://totp/" + label + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")
}

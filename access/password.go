package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of a password hash: what OWASP and RFC 9106 advise for a server with some memory.
const (
	argonTime    = 2
	argonMemory  = 19 * 1024
	argonThreads = 1
	argonKey     = 32
)

// The lengths of a password, in characters.
const (
	shortestPassword = 12
	longestPassword  = 256
)

// hashPassword returns the hash of a password with its salt and cost, in the usual form of Argon2id.
func hashPassword(password string) string {
	var salt [16]byte
	rand.Read(salt[:])
	key := argon2.IDKey([]byte(password), salt[:], argonTime, argonMemory, argonThreads, argonKey)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonThreads, b64.EncodeToString(salt[:]), b64.EncodeToString(key))
}

// checkPassword reports whether a password has a hash, at the cost that the hash names.
func checkPassword(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var version int
	var memory, passes uint32
	var threads uint8
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &threads); err != nil || version != argon2.Version {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, passes, memory, threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// acceptable tells what is wrong with a new password. Names are what it must not be.
func acceptable(password string, names ...string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password):
		return errors.New("the password is not text")
	case n < shortestPassword:
		return fmt.Errorf("the password has %d characters and needs %d: a sentence of some words is easy to remember", n, shortestPassword)
	case n > longestPassword:
		return fmt.Errorf("the password has %d characters: the limit is %d", n, longestPassword)
	}
	for _, name := range names {
		if name != "" && strings.EqualFold(name, password) {
			return errors.New("the password must not be your name or address")
		}
	}
	return nil
}

package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/crypto/argon2"
)

// cost is what a password hash costs: passes, memory in KiB and threads.
type cost struct {
	passes, memory uint32
	threads        uint8
}

// today is the cost of new hashes: what OWASP and RFC 9106 advise for a server with some memory. Hashes of another cost are made
// anew when their person signs in.
var today = cost{passes: 2, memory: 19 * 1024, threads: 1}

// hashLength is the length of a hash in bytes.
const hashLength = 32

// The lengths of a password, in characters.
const (
	shortestPassword = 12
	longestPassword  = 256
)

// longestWait is how many may wait for a hash at the same time.
const longestWait = 256

// ErrBusy says that too many sign in at the same time.
var ErrBusy = errors.New("too many people sign in at this moment: try again in a few seconds")

// hasher bounds how many hashes are computed at the same time, and so the memory that they take.
type hasher struct {
	running chan struct{}
	waiting chan struct{}
}

func newHasher() *hasher {
	return &hasher{make(chan struct{}, min(max(runtime.GOMAXPROCS(0), 1), 4)), make(chan struct{}, longestWait)}
}

// do runs something that computes a hash when it is its turn.
func (h *hasher) do(ctx context.Context, f func()) error {
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return ErrBusy
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	f()
	return nil
}

// hashPassword returns the hash of a password with its salt and cost, in the usual form of Argon2id.
func hashPassword(password string, c cost) string {
	var salt [16]byte
	rand.Read(salt[:])
	key := argon2.IDKey([]byte(password), salt[:], c.passes, c.memory, c.threads, hashLength)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.passes, c.threads, b64.EncodeToString(salt[:]), b64.EncodeToString(key))
}

// costOf returns what a hash cost. It is zero for what is not one.
func costOf(hash string) cost {
	var c cost
	var version int
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return cost{}
	}
	if _, err := fmt.Sscanf(parts[2]+" "+parts[3], "v=%d m=%d,t=%d,p=%d", &version, &c.memory, &c.passes, &c.threads); err != nil || version != argon2.Version || c.passes == 0 || c.threads == 0 {
		return cost{}
	}
	return c
}

// checkPassword reports whether a password has a hash, at the cost that the hash names.
func checkPassword(hash, password string) bool {
	c := costOf(hash)
	if c == (cost{}) {
		return false
	}
	parts := strings.Split(hash, "$")
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(want) == 0 {
		return false
	}
	got := argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.threads, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1
}

// hash returns the hash of a new password when it is its turn.
func (s *Service) hash(ctx context.Context, password string) (hash string, err error) {
	err = s.hasher.do(ctx, func() { hash = hashPassword(password, today) })
	return hash, err
}

// compare reports whether a password has a hash, when it is its turn.
func (s *Service) compare(ctx context.Context, hash, password string) (right bool, err error) {
	err = s.hasher.do(ctx, func() {
		if s.compared != nil {
			s.compared()
		}
		right = checkPassword(hash, password)
	})
	return right, err
}

// weakest is the least number of guesses that an attacker who knows common passwords, words, names, dates and keyboards needs.
const weakest = 1e8

// weighed is how much of a password is looked at for how easy it is to guess, in bytes: what makes a long one weak is at its start.
const weighed = 72

// acceptable tells what is wrong with a new password. Names are what it must not be made of.
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
	inputs := []string{"binnacle"}
	for _, name := range names {
		if name = strings.ToLower(strings.TrimSpace(name)); name == "" {
			continue
		}
		if name == strings.ToLower(password) {
			return errors.New("the password must not be your name or address")
		}
		inputs = append(inputs, name)
		inputs = append(inputs, strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '@' || r == '.' })...)
	}
	if zxcvbn.PasswordStrength(clip(password, weighed), inputs).Guesses < weakest {
		return errors.New("the password is one that attackers try first: choose words that do not belong together")
	}
	return nil
}

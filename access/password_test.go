package access

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"hash"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trustelem/zxcvbn/frequency"
)

func TestV6_2_1_PasswordLength(t *testing.T) {
	long := strings.Repeat("krill odd lamp vex ", 20)
	for _, c := range []struct {
		name, password string
		good           bool
	}{
		{"eleven characters", "qzmvpwlkxtr", false},
		{"twelve characters", "qzmvpwlkxtrg", true},
		{"twelve letters of two bytes", "žšřčťďňéíáýů", true},
		{"256 characters", long[:256], true},
		{"257 characters", long[:257], false},
		{"lower case alone is enough", "teapot gravel mnemonic", true},
		{"not text", "qzmvpwlkxtrg\xff\xfe", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := acceptable(c.password); (err == nil) != c.good {
				t.Errorf("acceptable: %v", err)
			}
		})
	}
}

func TestV6_2_4_CommonPasswordsAreRefused(t *testing.T) {
	list := frequency.FrequencyLists["passwords"]
	if len(list) < 3000 {
		t.Fatalf("the list has %d passwords", len(list))
	}
	long := 0
	for _, word := range list {
		if len(word) < shortestPassword {
			continue
		}
		long++
		if acceptable(word) == nil {
			t.Errorf("the common password %q is accepted", word)
		}
	}
	if long == 0 {
		t.Error("no common password is long enough to say anything")
	}
	for _, weak := range []string{"passwordpassword", "Password12345!", "123456789012", "qwertyuiop[]", "aaaaaaaaaaaaaaaa", "lovelace.ada", "binnacle12345", "P@ssw0rd2027!"} {
		if acceptable(weak, "Ada Lovelace", "ada", "ada.lovelace@example.com") == nil {
			t.Errorf("the weak password %q is accepted", weak)
		}
	}
}

func TestV11_4_2_HashesNameTheirCostAndAreMadeAnew(t *testing.T) {
	w := openWorld(t)
	ada := w.account("ada")
	if delivered.memory < 19*1024 || delivered.passes < 2 || delivered.threads < 1 {
		t.Errorf("a hash costs %+v, which is less than OWASP advises", delivered)
	}
	old := hashPassword(testPassword, cost{passes: 1, memory: 8 * 1024, threads: 1})
	if !strings.HasPrefix(old, "$argon2id$v=19$m=8192,t=1,p=1$") {
		t.Fatalf("the hash does not name its cost: %s", old)
	}
	must(t, w.change(w.ctx(), ada.Ref(), "", "", func(c *credentials) error { c.Password = old; return nil }))
	w.sign("ada")
	c, err := w.credentialsOf(w.ctx(), ada.Ref())
	must(t, err)
	if costOf(c.Password) != today {
		t.Errorf("after signing in the hash still costs %+v", costOf(c.Password))
	}
	w.sign("ada")
	for _, bad := range []string{"", "plain", "$argon2id$v=19$m=8,t=0,p=1$AAAA$AAAA", "$argon2i$v=19$m=8192,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=8192,t=1,p=1$!$!"} {
		if checkPassword(bad, "") {
			t.Errorf("%q matches", bad)
		}
	}
}

func TestHashingIsBounded(t *testing.T) {
	h := newHasher()
	var running, most atomic.Int32
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			h.do(t.Context(), func() {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(time.Millisecond)
				running.Add(-1)
			})
		})
	}
	group.Wait()
	if int(most.Load()) > cap(h.running) {
		t.Errorf("%d hashes at the same time, want at most %d", most.Load(), cap(h.running))
	}
	for range cap(h.waiting) {
		h.waiting <- struct{}{}
	}
	if err := h.do(t.Context(), func() {}); !errors.Is(err, ErrBusy) {
		t.Errorf("with a full queue: %v", err)
	}
}

func TestTOTPVectorsOfRFC6238(t *testing.T) {
	seed := func(n int) []byte { return []byte(strings.Repeat("1234567890", 7)[:n]) }
	for _, c := range []struct {
		at                   int64
		sha1, sha256, sha512 string
	}{
		{59, "94287082", "46119246", "90693936"},
		{1111111109, "07081804", "68084774", "25091201"},
		{1234567890, "89005924", "91819424", "93441116"},
		{20000000000, "65353130", "77737706", "47863826"},
	} {
		for _, a := range []struct {
			name string
			of   func() hash.Hash
			seed int
			want string
		}{{"SHA1", sha1.New, 20, c.sha1}, {"SHA256", sha256.New, 32, c.sha256}, {"SHA512", sha512.New, 64, c.sha512}} {
			t.Run(fmt.Sprintf("%s at %d", a.name, c.at), func(t *testing.T) {
				if got := codeAt(a.of, seed(a.seed), stepAt(time.Unix(c.at, 0)), 8); got != a.want {
					t.Errorf("got %s, want %s", got, a.want)
				}
			})
		}
	}
}

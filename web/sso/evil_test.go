package sso_test

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"binnacle/model"
)

// evil is a provider that says whatever a test wants. Its pages have no people: the code is given at once.
type evil struct {
	*httptest.Server
	key *rsa.PrivateKey
	// claims changes what the next token says, and header how it is signed.
	claims func(map[string]any)
	sign   func(e *evil, payload string) string
	// answer changes the query with which the browser is sent back.
	answer func(url.Values)
	// meta changes what the provider says about itself.
	meta   func(map[string]any)
	asked  map[string]url.Values
	nonce  string
	tokens int
	now    func() time.Time
}

// keyOfEvil is the key that every evil provider signs with.
var keyOfEvil = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newEvil(t *testing.T, now func() time.Time) *evil {
	t.Helper()
	key := keyOfEvil()
	e := &evil{key: key, now: now, asked: map[string]url.Values{}}
	mux := http.NewServeMux()
	tell := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, r *http.Request) {
		m := map[string]any{"issuer": e.URL, "authorization_endpoint": e.URL + "/authorize", "token_endpoint": e.URL + "/token", "jwks_uri": e.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"}, "authorization_response_iss_parameter_supported": true}
		if e.meta != nil {
			e.meta(m)
		}
		tell(w, m)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		tell(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "k",
			"n": b64(key.N.Bytes()), "e": b64(big.NewInt(int64(key.E)).Bytes())}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		code := fmt.Sprint("code-", len(e.asked))
		e.asked[code] = q
		if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || !strings.Contains(q.Get("scope"), "openid") {
			t.Errorf("the request is %v", q)
		}
		back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {e.URL}}
		if e.answer != nil {
			e.answer(back)
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		e.tokens++
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		asked := e.asked[r.PostFormValue("code")]
		if e.nonce = asked.Get("nonce"); b64(sum[:]) != asked.Get("code_challenge") {
			t.Error("the verifier does not fit the challenge")
		}
		tell(w, map[string]any{"access_token": "at", "token_type": "Bearer", "expires_in": 60, "id_token": e.token()})
	})
	e.Server = httptest.NewServer(mux)
	t.Cleanup(e.Close)
	return e
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token returns an ID token, good but for what the test changes.
func (e *evil) token() string {
	now := e.now().Unix()
	claims := map[string]any{"iss": e.URL, "sub": "mallory", "aud": "binnacle", "exp": now + 60, "iat": now, "nonce": e.nonce, "name": "Mallory", "preferred_username": "mallory", "groups": []string{"architects"}}
	if e.claims != nil {
		e.claims(claims)
	}
	return e.seal(claims)
}

func (e *evil) seal(claims map[string]any) string {
	raw, _ := json.Marshal(claims)
	if e.sign != nil {
		return e.sign(e, b64(raw))
	}
	return signed(e.key, `{"alg":"RS256","kid":"k"}`, b64(raw))
}

func signed(key *rsa.PrivateKey, header, payload string) string {
	text := b64([]byte(header)) + "." + payload
	sum := sha256.Sum256([]byte(text))
	sig, _ := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return text + "." + b64(sig)
}

// TestTokensThatAreNotGood is the list of ASVS 10.5 and METHODS B5 "Tokens": each fault alone keeps the person out.
func TestTokensThatAreNotGood(t *testing.T) {
	p := open(t)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) {
			if value == nil {
				delete(c, name)
			} else {
				c[name] = value
			}
		}
	}
	now := time.Now().Unix()
	for name, fault := range map[string]evil{
		"good":                             {},
		"ASVS 10.5.1 another nonce":        {claims: set("nonce", "of another sign-in")},
		"ASVS 10.5.1 no nonce":             {claims: set("nonce", nil)},
		"ASVS 10.5.3 another issuer":       {claims: set("iss", "https://accounts.example.com")},
		"ASVS 10.5.3 issuer with a slash":  {claims: func(c map[string]any) { c["iss"] = c["iss"].(string) + "/" }},
		"ASVS 10.5.4 another audience":     {claims: set("aud", "somebody else")},
		"ASVS 10.5.4 no audience":          {claims: set("aud", nil)},
		"two audiences and no azp":         {claims: set("aud", []string{"binnacle", "other"})},
		"azp of another":                   {claims: set("azp", "other")},
		"expired":                          {claims: set("exp", now-1000)},
		"no expiry":                        {claims: set("exp", nil)},
		"from the future":                  {claims: set("iat", now+4000)},
		"no subject":                       {claims: set("sub", nil)},
		"empty subject":                    {claims: set("sub", "")},
		"a wrong hash of the access token": {claims: set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA")},
		"ASVS 6.8.2 alg none":              {sign: func(_ *evil, p string) string { return b64([]byte(`{"alg":"none"}`)) + "." + p + "." }},
		"alg None with a signature":        {sign: func(e *evil, p string) string { return signed(e.key, `{"alg":"None","kid":"k"}`, p) }},
		"alg HS256 with the public key": {sign: func(e *evil, p string) string {
			text := b64([]byte(`{"alg":"HS256","kid":"k"}`)) + "." + p
			mac := hmac.New(sha256.New, e.key.N.Bytes())
			mac.Write([]byte(text))
			return text + "." + b64(mac.Sum(nil))
		}},
		"another key": {sign: func(_ *evil, p string) string { return signed(other, `{"alg":"RS256","kid":"k"}`, p) }},
		"a key of its own": {sign: func(_ *evil, p string) string {
			return signed(other, `{"alg":"RS256","jwk":{"kty":"RSA","e":"AQAB","n":"`+b64(other.N.Bytes())+`"}}`, p)
		}},
		"no signature":           {sign: func(e *evil, p string) string { return b64([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + p + "." }},
		"mix-up: iss of another": {answer: func(q url.Values) { q.Set("iss", "https://accounts.example.com") }},
		"mix-up: no iss":         {answer: func(q url.Values) { q.Del("iss") }},
		"refused":                {answer: func(q url.Values) { q.Del("code"); q.Set("error", "access_denied") }},
		"another state":          {answer: func(q url.Values) { q.Set("state", "made-up") }},
		"no state":               {answer: func(q url.Values) { q.Del("state") }},
		"metadata of another":    {meta: func(m map[string]any) { m["issuer"] = "https://accounts.example.com" }},
		"metadata with http":     {meta: func(m map[string]any) { m["token_endpoint"] = "http://accounts.example.com/token" }},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEvil(t, p.Now)
			e.claims, e.sign, e.answer, e.meta = fault.claims, fault.sign, fault.answer, fault.meta
			key := fmt.Sprint("p", e.Listener.Addr().String()[len("127.0.0.1:"):])
			p.provider(t, key, e.URL)
			res, err := browser(t).Get(p.URL + "/sso/" + key + "?to=/whoami")
			at, status, page := read(t, res, err)
			in := strings.HasPrefix(page, "I am mallory")
			if in != (name == "good") {
				t.Errorf("%s answers %d: %.200s", at, status, page)
			}
			if name != "good" && (status < 400 || strings.Contains(page, "nonce") || strings.Contains(page, e.URL)) {
				t.Errorf("%d: %.300s", status, page)
			}
			if strings.Contains(name, "state") && e.tokens != 0 {
				t.Error("a code was redeemed without a state")
			}
		})
	}
}

// stop returns where a response would lead, without going there.
func stop(c *http.Client) *http.Client {
	d := *c
	d.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &d
}

// follow makes one request and returns where it leads.
func follow(t *testing.T, c *http.Client, address string) *url.URL {
	t.Helper()
	res, err := stop(c).Get(address)
	if err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	to, err := res.Location()
	if err != nil {
		return nil
	}
	return to
}

// TestASVS10_2_1_AnswersOfAnotherBrowser: a victim cannot be made to come in with the code of an attacker, and no answer counts twice.
func TestASVS10_2_1_AnswersOfAnotherBrowser(t *testing.T) {
	p := open(t)
	e, second := newEvil(t, p.Now), newEvil(t, p.Now)
	p.provider(t, "evil", e.URL)
	p.provider(t, "second", second.URL)
	in := func(c *http.Client) bool {
		res, err := c.Get(p.URL + "/whoami")
		_, _, page := read(t, res, err)
		return strings.HasPrefix(page, "I am ")
	}
	attacker, victim := browser(t), browser(t)
	callback := follow(t, attacker, follow(t, attacker, p.URL+"/sso/evil").String())
	if follow(t, victim, p.URL+"/sso/evil"); true {
		if follow(t, victim, callback.String()); in(victim) {
			t.Fatal("CSRF: the victim came in as the attacker")
		}
	}
	mixed := *callback
	mixed.Path = "/sso/second/callback"
	beforehand := second.tokens
	started := follow(t, attacker, follow(t, attacker, p.URL+"/sso/evil").String())
	mixed.RawQuery = started.RawQuery
	if follow(t, attacker, mixed.String()); in(attacker) || second.tokens != beforehand {
		t.Error("mix-up: the code of one provider was taken to another")
	}
	if to := follow(t, attacker, callback.String()); to == nil || !in(attacker) {
		t.Fatal("the attacker does not even come in")
	}
	// Replay, in the very browser that it belongs to.
	redeemed := e.tokens
	res, err := attacker.Get(callback.String())
	if _, status, _ := read(t, res, err); status != http.StatusBadRequest || e.tokens != redeemed {
		t.Errorf("a replayed answer gets %d and the code was redeemed %d times", status, e.tokens)
	}
	// Too late.
	late := browser(t)
	callback = follow(t, late, follow(t, late, p.URL+"/sso/evil").String())
	p.Advance(11 * time.Minute)
	if follow(t, late, callback.String()); in(late) {
		t.Error("an answer after eleven minutes is taken")
	}
}

// TestWhereItLeads: after coming in nobody is sent to another site.
func TestWhereItLeads(t *testing.T) {
	p := open(t)
	e := newEvil(t, p.Now)
	p.provider(t, "evil", e.URL)
	for _, to := range []string{"https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"} {
		c := browser(t)
		callback := follow(t, c, follow(t, c, p.URL+"/sso/evil?to="+url.QueryEscape(to)).String())
		if got := follow(t, c, callback.String()); got == nil || got.String() != p.URL+"/" {
			t.Errorf("%s leads to %v", to, got)
		}
	}
}

// TestDisabledAndUnknown: a disabled account stays out, and so does a stranger where the provider makes no accounts.
func TestDisabledAndUnknown(t *testing.T) {
	p := open(t)
	e := newEvil(t, p.Now)
	rec := &model.IdentityProvider{Issuer: e.URL, ClientID: "binnacle"}
	rec.Key = "evil"
	disabled := &model.Account{UserName: "gone", State: "disabled", Issuer: e.URL, Subject: "gone"}
	disabled.Key = "gone"
	waiting := &model.Account{UserName: "waiting", State: "active", Issuer: e.URL, ExternalID: "expected"}
	waiting.Key = "waiting"
	foreign := &model.Account{UserName: "foreign", State: "active", Issuer: "https://other.example", ExternalID: "of-another"}
	foreign.Key = "foreign"
	p.Put(rec, disabled, waiting, foreign)
	for subject, want := range map[string]string{"stranger": "no account for you", "gone": "may not sign in", "expected": "I am waiting", "of-another": "no account for you"} {
		e.claims = func(c map[string]any) {
			c["sub"], c["email"], c["preferred_username"] = subject, "ada@example.com", "ada"
		}
		res, err := browser(t).Get(p.URL + "/sso/evil?to=/whoami")
		if _, _, page := read(t, res, err); !strings.Contains(page, want) {
			t.Errorf("%s: %s", subject, page)
		}
	}
}

// TestASVS10_5_5_LogoutTokens: only a good logout token ends sessions, and each counts once.
func TestASVS10_5_5_LogoutTokens(t *testing.T) {
	p := open(t)
	e := newEvil(t, p.Now)
	p.provider(t, "evil", e.URL)
	e.claims = func(c map[string]any) { c["sid"] = "s1" }
	c := browser(t)
	in := func() bool {
		res, err := c.Get(p.URL + "/whoami")
		_, _, page := read(t, res, err)
		return strings.HasPrefix(page, "I am ")
	}
	enter := func() {
		res, err := c.Get(p.URL + "/sso/evil")
		read(t, res, err)
		if !in() {
			t.Fatal("nobody comes in")
		}
	}
	good := func() map[string]any {
		return map[string]any{"iss": e.URL, "sub": "mallory", "aud": "binnacle", "iat": p.Now().Unix(), "exp": p.Now().Unix() + 120, "jti": "j0",
			"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	}
	send := func(token string) int {
		res, err := http.PostForm(p.URL+"/sso/evil/logout", url.Values{"logout_token": {token}})
		_, status, _ := read(t, res, err)
		return status
	}
	enter()
	for name, change := range map[string]map[string]any{
		"an ID token":    {"nonce": "n"},
		"another issuer": {"iss": "https://x.example"},
		"for another":    {"aud": "x"},
		"expired":        {"exp": p.Now().Unix() - 10},
		"old":            {"iat": p.Now().Unix() - 4000},
		"no event":       {"events": map[string]any{}},
		"no id":          {"jti": ""},
		"about nobody":   {"sub": ""},
	} {
		claims := good()
		maps.Copy(claims, change)
		if status := send(e.seal(claims)); status != http.StatusBadRequest || !in() {
			t.Errorf("%s: %d", name, status)
		}
	}
	if send("nonsense") != http.StatusBadRequest {
		t.Error("nonsense is taken")
	}
	token := e.seal(good())
	if status := send(token); status != http.StatusOK || in() {
		t.Errorf("a good token: %d", status)
	}
	enter()
	if status := send(token); status != http.StatusBadRequest || !in() {
		t.Errorf("the same again: %d", status)
	}
	bySid := good()
	bySid["jti"], bySid["sid"] = "j1", "s1"
	delete(bySid, "sub")
	if status := send(e.seal(bySid)); status != http.StatusOK || in() {
		t.Errorf("by the session of the provider: %d", status)
	}
}

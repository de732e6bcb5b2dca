package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-webauthn/webauthn/protocol"
)

// stick is an authenticator as a program.
type stick struct {
	id       []byte
	key      *ecdsa.PrivateKey
	user     []byte
	count    uint32
	site     string
	origin   string
	verified bool
}

func newStick(t *testing.T) *stick {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	s := &stick{id: make([]byte, 16), key: key, site: "binnacle.example.com", origin: "https://binnacle.example.com", verified: true}
	rand.Read(s.id)
	return s
}

func b64(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// data is what the authenticator says about itself.
func (s *stick) data(made bool) []byte {
	site := sha256.Sum256([]byte(s.site))
	flags := byte(0x01)
	if s.verified {
		flags |= 0x04
	}
	if made {
		flags |= 0x40
	}
	s.count++
	out := binary.BigEndian.AppendUint32(append(site[:], flags), s.count)
	if !made {
		return out
	}
	public, _ := s.key.PublicKey.Bytes()
	cose, _ := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: public[1:33], -3: public[33:]})
	out = append(out, make([]byte, 16)...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(s.id)))
	return append(append(out, s.id...), cose...)
}

func (s *stick) client(kind string, challenge protocol.URLEncodedBase64) []byte {
	raw, _ := json.Marshal(map[string]any{"type": kind, "challenge": b64(challenge), "origin": s.origin, "crossOrigin": false})
	return raw
}

// make answers the options for a new passkey.
func (s *stick) make(c Ceremony) json.RawMessage {
	o := c.Options.(protocol.PublicKeyCredentialCreationOptions)
	s.user = o.User.ID.(protocol.URLEncodedBase64)
	attestation, _ := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": s.data(true)})
	raw, _ := json.Marshal(map[string]any{"id": b64(s.id), "rawId": b64(s.id), "type": "public-key", "response": map[string]any{"clientDataJSON": b64(s.client("webauthn.create", o.Challenge)), "attestationObject": b64(attestation)}})
	return raw
}

// show answers the options for showing a passkey.
func (s *stick) show(c Ceremony) json.RawMessage {
	o := c.Options.(protocol.PublicKeyCredentialRequestOptions)
	data, client := s.data(false), s.client("webauthn.get", o.Challenge)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, s.key, sum[:])
	raw, _ := json.Marshal(map[string]any{"id": b64(s.id), "rawId": b64(s.id), "type": "public-key", "response": map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(s.user)}})
	return raw
}

const testOrigin = "https://binnacle.example.com"

// addStick gives an account a passkey.
func (w *world) addStick(p *Principal) *stick {
	w.t.Helper()
	s := newStick(w.t)
	c, err := w.StartNewPasskey(w.ctx(), p, testOrigin)
	must(w.t, err)
	_, err = w.FinishNewPasskey(w.ctx(), p, c.ID, "Stick", s.make(c))
	must(w.t, err)
	return s
}

func TestPasskeysLetIn(t *testing.T) {
	w := openWorld(t)
	p := w.in("ada")
	s := w.addStick(p)
	enter := func() (Step, error) {
		c, err := w.StartPasskeyEntry(w.ctx(), testOrigin)
		must(t, err)
		return w.FinishPasskey(w.ctx(), c.ID, s.show(c), "", "192.0.2.7", "test")
	}
	step, err := enter()
	must(t, err)
	if _, err := w.Session(w.ctx(), step.Session); err != nil {
		t.Fatal(err)
	}
	half := w.sign("ada")
	if half.Session != "" || !half.Passkey {
		t.Fatalf("a password alone lets somebody in who has a passkey: %+v", half)
	}
	c, err := w.StartPasskeySecond(w.ctx(), testOrigin, half.Halfway)
	must(t, err)
	if step, err = w.FinishPasskey(w.ctx(), c.ID, s.show(c), "", "192.0.2.7", "test"); err != nil || step.Session == "" {
		t.Errorf("as the second step: %v", err)
	}
	w.now = w.now.Add(proofLife + time.Second)
	c, err = w.StartPasskeyConfirm(w.ctx(), p, testOrigin)
	must(t, err)
	if _, err := w.ConfirmPasskey(w.ctx(), p, c.ID, s.show(c)); err != nil {
		t.Errorf("to confirm: %v", err)
	}
	s.count = 1
	if step, err = enter(); err != nil || !step.Backwards {
		t.Errorf("a counter that goes backwards: %v, warned %v", err, step.Backwards)
	}
	if w.whys("The counter of a passkey went backwards") != 1 {
		t.Error("the journal does not tell of the counter")
	}
}

func TestPasskeysThatAreNotAccepted(t *testing.T) {
	w := openWorld(t)
	s := w.addStick(w.in("ada"))
	for _, c := range []struct {
		name  string
		spoil func(*stick)
	}{
		{"another origin", func(s *stick) { s.origin = "https://binnacle.example.com.evil.example" }},
		{"another site", func(s *stick) { s.site = "evil.example" }},
		{"nobody has verified the person", func(s *stick) { s.verified = false }},
		{"another key", func(s *stick) { s.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }},
		{"another person", func(s *stick) { s.user = make([]byte, 16) }},
		{"no person", func(s *stick) { s.user = nil }},
		{"an unknown id", func(s *stick) { s.id = []byte("somebody else's k") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoiled := *s
			c.spoil(&spoiled)
			begun, err := w.StartPasskeyEntry(w.ctx(), testOrigin)
			must(t, err)
			if _, err := w.FinishPasskey(w.ctx(), begun.ID, spoiled.show(begun), "", "", ""); !errors.Is(err, ErrPasskey) {
				t.Errorf("FinishPasskey: %v", err)
			}
		})
	}
	begun, err := w.StartPasskeyEntry(w.ctx(), testOrigin)
	must(t, err)
	answer := s.show(begun)
	_, err = w.FinishPasskey(w.ctx(), begun.ID, answer, "", "", "")
	must(t, err)
	if _, err := w.FinishPasskey(w.ctx(), begun.ID, answer, "", "", ""); !errors.Is(err, ErrPasskey) {
		t.Errorf("the same answer again: %v", err)
	}
	late, err := w.StartPasskeyEntry(w.ctx(), testOrigin)
	must(t, err)
	w.now = w.now.Add(halfwayLife)
	if _, err := w.FinishPasskey(w.ctx(), late.ID, s.show(late), "", "", ""); !errors.Is(err, ErrPasskey) {
		t.Errorf("an answer after five minutes: %v", err)
	}
	for i, raw := range []string{"", "{}", "null", `{"id":"x"}`, "[1,2]"} {
		begun, err := w.StartPasskeyEntry(w.ctx(), testOrigin)
		must(t, err)
		if _, err := w.FinishPasskey(w.ctx(), begun.ID, json.RawMessage(raw), "", "", ""); !errors.Is(err, ErrPasskey) {
			t.Error(fmt.Sprint("nonsense ", i), err)
		}
	}
}

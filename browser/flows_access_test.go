package browser

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"binnacle/browser/drive"
)

const otherPassword = "four words that differ"

// invited makes an account, opens its link in a browser of its own, chooses a password and signs in.
func (s *suite) invited(t *testing.T, name, user, role string) *suite {
	t.Helper()
	s.visit(t, "/admin")
	s.press(t, "main", "Let somebody in")
	s.fill(t, `form[action="/admin/accounts"] [name=name]`, name)
	s.fill(t, `form[action="/admin/accounts"] [name=user_name]`, user)
	s.do(t, chromedp.Click(chromedp.CSS(`form[action="/admin/accounts"] [name=role][value=`+role+`]`)))
	s.follow(t, "main", "Make the account and a link")
	if strings.HasPrefix(eval[string](t, s, `location.pathname`), "/me/confirm") {
		s.fill(t, "[name=password]", drive.FirstPerson.Password)
		s.follow(t, "form", "Go on")
		return s.invited(t, name, user, role)
	}
	link := eval[string](t, s, `document.querySelector("code.secret").innerText.trim()`)
	other := s.somebodyElse(t)
	if err := other.Open(link); err != nil {
		t.Fatal(err)
	}
	other.sees(t, name, user)
	other.fill(t, "[name=password]", otherPassword)
	other.follow(t, "form", "Save the password")
	other.signIn(t, user, otherPassword)
	return other
}

// signIn signs in with a password, on whatever page asks for it.
func (s *suite) signIn(t *testing.T, user, password string) {
	t.Helper()
	s.fill(t, "[name=user_name]", user)
	s.fill(t, "[name=password]", password)
	s.follow(t, "form.card", "Sign in")
}

// signOut signs out by the menu of the person.
func (s *suite) signOut(t *testing.T) {
	t.Helper()
	s.do(t, chromedp.Click(chromedp.CSS(`details.person summary`)))
	s.follow(t, "details.person", "Sign out")
	if at := eval[string](t, s, `location.pathname`); at != "/sign-in" {
		t.Fatalf("signing out leads to %s", at)
	}
}

// TestFlowSignIn is sent from a deep link to sign in, gets the password wrong and then right, and signs out.
func TestFlowSignIn(t *testing.T) {
	s := open(t).somebodyElse(t)
	s.visit(t, "/records/Vendor?sort=-name")
	s.sees(t, "Sign in")
	s.signIn(t, drive.FirstPerson.User, "not the password")
	s.sees(t, "Sign in")
	if n := eval[int](t, s, `document.querySelectorAll("[role=alert]:not([hidden])").length`); n != 1 {
		t.Errorf("%d things are said about a wrong password", n)
	}
	s.signIn(t, drive.FirstPerson.User, drive.FirstPerson.Password)
	if at := eval[string](t, s, `location.pathname + location.search`); at != "/records/Vendor?sort=-name" {
		t.Errorf("signing in leads to %s", at)
	}
	s.signOut(t)
	s.leads(t, chromedp.Evaluate[chromedp.Void](`history.back()`))
	if strings.Contains(s.text(t), "Vendors") {
		t.Error("back shows the page to somebody who has signed out")
	}
	s.fine(t)
}

// TestFlowCodes sets up codes from a device, signs in with one, and with a recovery code.
func TestFlowCodes(t *testing.T) {
	s := open(t).invited(t, "Bea Code", "bea", "enterprise-architect")
	s.visit(t, "/me")
	s.follow(t, "#factors", "Set up")
	s.press(t, ".pairing", "Type it instead")
	secret := strings.ReplaceAll(eval[string](t, s, `document.querySelector("code.secret").innerText`), " ", "")
	code := func(at time.Time) string {
		t.Helper()
		c, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatalf("%q: %v", secret, err)
		}
		return c
	}
	s.fill(t, "[name=code]", "000000")
	s.follow(t, "form.card", "Set up the device")
	if n := eval[int](t, s, `document.querySelectorAll("[role=alert]").length`); n == 0 {
		t.Error("nothing is said about a wrong code")
	}
	if again := strings.ReplaceAll(eval[string](t, s, `document.querySelector("code.secret").textContent`), " ", ""); again != secret {
		secret = again
	}
	// A code counts once, and for half a minute more: with the one before, the next one is there already.
	if late := time.Now().Unix() % 30; late > 26 {
		time.Sleep(time.Duration(30-late) * time.Second)
	}
	s.fill(t, "[name=code]", code(time.Now().Add(-30*time.Second)))
	s.follow(t, "form.card", "Set up the device")
	s.sees(t, "Your recovery codes")
	recovery := eval[string](t, s, `document.querySelector(".recovery code").innerText`)
	s.follow(t, "[data-codes]", "I have kept them")
	s.sees(t, "Codes from a device since")
	s.signOut(t)
	s.signIn(t, "bea", otherPassword)
	s.sees(t, "One more step")
	s.fill(t, "[name=code]", code(time.Now()))
	s.follow(t, "form.card", "Go on")
	s.sees(t, "Bea Code")
	s.signOut(t)
	s.signIn(t, "bea", otherPassword)
	s.fill(t, "[name=code]", recovery)
	s.follow(t, "form.card", "Go on")
	s.sees(t, "Bea Code")
	s.fine(t)
}

// TestFlowPasskey makes a passkey with the authenticator of the browser and signs in with nothing else.
func TestFlowPasskey(t *testing.T) {
	s := open(t).invited(t, "Cem Key", "cem", "engineer")
	if _, err := chromedp.Call(s.Ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	made, err := chromedp.Call(s.Ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	if err != nil {
		t.Fatal(err)
	}
	s.visit(t, "/me")
	s.fill(t, "#passkey-name", "Ship's laptop")
	s.press(t, "#factors", "Add")
	s.until(t, `!document.querySelector("[data-codes]").hidden`)
	s.follow(t, "[data-codes]", "I have kept them")
	s.sees(t, "Passkey Ship's laptop")
	held, err := chromedp.Call(s.Ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams(made))
	if err != nil || len(held.Credentials) != 1 || !held.Credentials[0].IsResidentCredential {
		t.Errorf("the authenticator holds %d keys: %v", len(held.Credentials), err)
	}
	s.signOut(t)
	s.follow(t, ".ways", "Use a passkey")
	s.sees(t, "Cem Key")
	s.visit(t, "/me")
	s.sees(t, "passkey")
	// The password alone is not enough any more; the passkey is the second step.
	s.signOut(t)
	s.signIn(t, "cem", otherPassword)
	s.sees(t, "One more step")
	s.follow(t, ".ways", "Use your passkey")
	s.sees(t, "Cem Key")
	// Nobody is let in where the person is not the one that the authenticator knows.
	s.signOut(t)
	if _, err := chromedp.Call(s.Ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: made.AuthenticatorID}); err != nil {
		t.Fatal(err)
	}
	s.press(t, ".ways", "Use a passkey")
	s.until(t, `document.querySelector("[data-passkey-problem]:not([hidden])")`)
	s.fine(t)
}

// TestFlowToken makes a token, reads a record with it as a program does, and revokes it.
func TestFlowToken(t *testing.T) {
	s := open(t)
	s.visit(t, "/me")
	s.press(t, "#tokens", "Make a token")
	s.fill(t, "#tokens [name=name]", "Flow of a program")
	s.do(t, chromedp.Click(chromedp.CSS(`#tokens [name=scope][value=read]`)))
	s.follow(t, "#tokens", "Make the token")
	if strings.HasPrefix(eval[string](t, s, `location.pathname`), "/me/confirm") {
		s.fill(t, "[name=password]", drive.FirstPerson.Password)
		s.follow(t, "form", "Go on")
		s.press(t, "#tokens", "Make a token")
		s.fill(t, "#tokens [name=name]", "Flow of a program")
		s.follow(t, "#tokens", "Make the token")
	}
	token := eval[string](t, s, `document.querySelector("code.secret").innerText.trim()`)
	ask := func(method, path, body string) string {
		t.Helper()
		return eval[string](t, s, fmt.Sprintf(`fetch(%s, {method: %s, credentials: "omit", headers: {Authorization: "Bearer " + %s, "Content-Type": "application/json"}, body: %s || undefined}).then(async r => r.status + " " + await r.text())`,
			quoted(path), quoted(method), quoted(token), quoted(body)))
	}
	if got := ask("GET", "/api/v1/records/Application/booking-engine", ""); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, "Booking Engine") {
		t.Errorf("the record is %.300s", got)
	}
	if got := ask("POST", "/api/v1/records/Vendor", `{"key":"flow-token","name":"x"}`); !strings.HasPrefix(got, "403 ") {
		t.Errorf("a token that may only read writes: %.300s", got)
	}
	s.visit(t, "/me")
	if strings.Contains(s.text(t), token) {
		t.Error("the token is shown again")
	}
	s.follow(t, "#tokens", "Revoke Flow of a program")
	if got := ask("GET", "/api/v1/records/Application/booking-engine", ""); !strings.HasPrefix(got, "401 ") {
		t.Errorf("a revoked token reads: %.300s", got)
	}
	s.fine(t)
}

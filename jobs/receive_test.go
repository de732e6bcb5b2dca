package jobs

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"binnacle/model"
)

// The example of GitHub's documentation for checking signatures.
func TestSignatureOfGitHub(t *testing.T) {
	header := http.Header{}
	header.Set("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	for _, c := range []struct {
		secret, body string
		want         bool
	}{
		{"It's a Secret to Everybody", "Hello, World!", true},
		{"It's a Secret to Everybody", "Hello, World", false},
		{"It's a secret to everybody", "Hello, World!", false},
		{"", "Hello, World!", false},
	} {
		if got := checkMessage("github", header, []byte(c.body), []string{"another", c.secret}, time.Now()); got != c.want {
			t.Errorf("%q with %q: %v", c.body, c.secret, got)
		}
	}
	if checkMessage("github", http.Header{}, []byte("Hello, World!"), []string{"It's a Secret to Everybody"}, time.Now()) {
		t.Error("a message without a signature was taken")
	}
}

// The example of the Standard Webhooks specification's reference libraries: the signature holds for its moment only.
func TestStandardSignature(t *testing.T) {
	const secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", `{"test": 2432232314}`
	header := http.Header{}
	header.Set("Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek")
	header.Set("Webhook-Timestamp", "1614265330")
	header.Set("Webhook-Signature", "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	for after, want := range map[time.Duration]bool{0: true, 4 * time.Minute: true, -4 * time.Minute: true, 6 * time.Minute: false, -6 * time.Minute: false} {
		if got := checkMessage("gitlab", header, []byte(body), []string{secret}, time.Unix(1614265330, 0).Add(after)); got != want {
			t.Errorf("%s later: %v", after, got)
		}
	}
	if checkMessage("gitlab", header, []byte(body+" "), []string{secret}, time.Unix(1614265330, 0)) {
		t.Error("another body was taken")
	}
}

func TestSecretsThatAreShown(t *testing.T) {
	const secret = "a long enough secret"
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("anybody:"+secret))
	for _, c := range []struct {
		provider    model.CodeProvider
		name, value string
		want        bool
	}{
		{"gitlab", "X-Gitlab-Token", secret, true},
		{"gitlab", "X-Binnacle-Token", secret, false},
		{"azure_devops", "Authorization", basic, true},
		{"azure_devops", "X-Binnacle-Token", secret, true},
		{"azure_devops", "Authorization", "Bearer " + secret, true},
		{"azure_devops", "Authorization", "Basic !!", false},
		{"other", "X-Binnacle-Token", secret, true},
		{"github", "X-Binnacle-Token", secret, false},
		{"bitbucket", "X-Hub-Signature", secret, false},
		{"gitea", "X-Gitea-Signature", "", false},
	} {
		header := http.Header{}
		header.Set(c.name, c.value)
		if got := checkMessage(c.provider, header, []byte("{}"), []string{secret}, time.Now()); got != c.want {
			t.Errorf("%s, %s: %v", c.provider, c.name, got)
		}
		header.Set(c.name, strings.ToUpper(c.value)+"x")
		if checkMessage(c.provider, header, []byte("{}"), []string{secret}, time.Now()) {
			t.Errorf("%s, %s: another secret was taken", c.provider, c.name)
		}
	}
}

func TestCameAt(t *testing.T) {
	if got := cameAt("0198-4a/01814432400000000123-ABC"); !got.Equal(time.Unix(0, 1814432400000000123)) {
		t.Error(got)
	}
}

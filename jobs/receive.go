package jobs

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/feed/delivery"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// The buckets of the vault in which received events are kept until they are taken.
const (
	receiverSecrets = "receivers.secrets"
	receiverInbox   = "receivers.inbox"
	receiverSeen    = "receivers.seen"
	receiverState   = "receivers.state"
)

// MostMessage is how many bytes one message may have.
const MostMessage = delivery.MostMessage

const (
	// seenFor is how long a message that came is known again.
	seenFor = 90 * 24 * time.Hour
	// mostSecrets is how many secrets of a receiver hold at the same time, so that one can be replaced without losing messages.
	mostSecrets = 2
)

// The ways in which a message is not taken.
var (
	// ErrForged says that there is no such receiver, or that the message does not show that the sender knows its secret.
	ErrForged = errors.New("the message is not signed as it should be")
	// ErrPaused says that the receiver takes no messages for now.
	ErrPaused = errors.New("the receiver is paused")
)

// Received says what became of a message.
type Received struct {
	// Status is kept, already taken or ignored.
	Status string `json:"status"`
	// Reason says why it is ignored.
	Reason string `json:"reason,omitempty"`
	// Events is how many events it brought.
	Events int `json:"events"`
}

// InboxOptions are what the inbox does not decide for itself.
type InboxOptions struct {
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// Facts keeps the events once they are taken.
	Facts facts.Store
	// Node names this node among several on one database. Unset means a name made by chance.
	Node string
	// Log is where faults are told. Unset means the default logger.
	Log *slog.Logger
}

// Inbox receives what code providers and pipelines tell, and takes it into the estate some time later, many messages at once.
type Inbox struct {
	store *store.Store
	vault vault.Vault
	opt   InboxOptions
}

// NewInbox returns the inbox of an estate.
func NewInbox(s *store.Store, v vault.Vault, opt InboxOptions) *Inbox {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Node == "" {
		opt.Node = rand.Text()
	}
	return &Inbox{store: s, vault: v, opt: opt}
}

// kept is what is left of a message: its events, without persons.
type kept struct {
	Repository delivery.Repository `json:"repository"`
	Lines      []delivery.Line     `json:"lines"`
}

// secrets returns the secrets of a receiver, the newest first.
func (b *Inbox) secrets(ctx context.Context, receiver model.Ref) ([]string, error) {
	item, err := b.vault.Get(ctx, receiverSecrets, receiver.String())
	if errors.Is(err, vault.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	return out, json.Unmarshal(item.Value, &out)
}

// Standing tells how a receiver stands.
type Standing struct {
	// Secrets is how many secrets hold. Without one every message is refused.
	Secrets int
	// Waiting is how many messages wait to be taken. More than [MostCounted] are not counted.
	Waiting int
	// Since is when the oldest of them came.
	Since time.Time
}

// MostCounted is how many waiting messages are counted at most.
const MostCounted = 1000

// Standing tells how a receiver stands.
func (b *Inbox) Standing(ctx context.Context, receiver model.Ref) (Standing, error) {
	secrets, err := b.secrets(ctx, receiver)
	if err != nil {
		return Standing{}, err
	}
	waiting, err := b.vault.List(ctx, receiverInbox, model.ID(receiver).String()+"/", "", MostCounted)
	out := Standing{Secrets: len(secrets), Waiting: len(waiting)}
	if len(waiting) > 0 {
		out.Since = cameAt(waiting[0].Key)
	}
	return out, err
}

// NewSecret makes a secret for a receiver and returns it: it is shown once. The one before holds too, until the next
// is made or where only is set, so that a sender can be changed without losing messages.
func (b *Inbox) NewSecret(ctx context.Context, receiver model.Ref, only bool) (string, error) {
	var key [32]byte
	rand.Read(key[:])
	secret := "whsec_" + base64.StdEncoding.EncodeToString(key[:])
	return secret, b.AddSecret(ctx, receiver, secret, only)
}

// leastSecret is how many characters a secret must have that somebody else made.
const leastSecret = 16

// AddSecret gives a receiver a secret that the sender has made.
func (b *Inbox) AddSecret(ctx context.Context, receiver model.Ref, secret string, only bool) error {
	if len(secret) < leastSecret {
		return fmt.Errorf("a secret needs at least %d characters", leastSecret)
	}
	_, err := vault.Update(ctx, b.vault, receiverSecrets, receiver.String(), func(item vault.Item) (vault.Item, error) {
		var have []string
		if item.Version != 0 && !only {
			if err := json.Unmarshal(item.Value, &have); err != nil {
				return item, err
			}
		}
		have = slices.DeleteFunc(have, func(s string) bool { return s == secret })
		have = append([]string{secret}, have...)
		return encode(have[:min(len(have), mostSecrets)])
	})
	return err
}

// noSecret is tried where there is no such receiver, so that the answer takes as long.
const noSecret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// Receive takes a message in. When it returns without an error, the events of the message are durable. The error is ErrForged
// where there is no such receiver or the message is not signed as it should be, and ErrPaused where the receiver is paused. Any other
// error that is a [*BadMessage] says what is wrong with the message.
func (b *Inbox) Receive(ctx context.Context, key string, header http.Header, body []byte) (Received, error) {
	v := b.store.View()
	receiver, _ := v.Find("EventReceiver", key).(*model.EventReceiver)
	secrets, provider := []string{noSecret}, model.CodeProvider("github")
	if receiver != nil {
		provider = receiver.Provider
		found, err := b.secrets(ctx, receiver.Ref())
		if err != nil {
			return Received{}, err
		}
		secrets = found
	}
	if !checkMessage(provider, header, body, secrets, b.opt.Now()) || receiver == nil {
		return Received{}, ErrForged
	}
	if receiver.Paused {
		return Received{}, ErrPaused
	}
	marks := marksOf(receiver, header, body)
	for _, mark := range marks {
		if _, err := b.vault.Get(ctx, receiverSeen, mark); err == nil {
			return Received{Status: "already taken"}, nil
		} else if !errors.Is(err, vault.ErrNone) {
			return Received{}, err
		}
	}
	message, err := unwrap(header, body)
	if err != nil {
		return Received{}, &BadMessage{err}
	}
	result, err := delivery.Read(provider, delivery.Message{Event: eventOf(header), Body: message, Received: b.opt.Now(), Rules: b.rules(v)})
	if err != nil {
		return Received{}, &BadMessage{err}
	}
	if result.Ignored != "" {
		return Received{Status: "ignored", Reason: result.Ignored}, nil
	}
	if name := b.outside(v, receiver, result); name != "" {
		return Received{Status: "ignored", Reason: "the receiver is not for the repository " + name}, nil
	}
	if err := b.keep(ctx, receiver, kept{result.Repository, result.Lines}, marks); err != nil {
		return Received{}, err
	}
	return Received{Status: "kept", Events: len(result.Lines)}, nil
}

// BadMessage says what is wrong with a message that was signed as it should be.
type BadMessage struct{ Err error }

// Error says what is wrong.
func (m *BadMessage) Error() string { return m.Err.Error() }

// Unwrap returns the error inside.
func (m *BadMessage) Unwrap() error { return m.Err }

// unwrap takes a message out of a form, as which some providers send it when told so.
func unwrap(header http.Header, body []byte) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || !form.Has("payload") {
		return nil, errors.New("the form has no field payload: send the message as application/json")
	}
	return []byte(form.Get("payload")), nil
}

// marksOf names a message by what its sender calls it and by its content, for knowing it again.
func marksOf(receiver *model.EventReceiver, header http.Header, body []byte) []string {
	mark := func(text []byte) string {
		sum := sha256.Sum256(text)
		return receiver.ID.String() + "/" + hex.EncodeToString(sum[:16])
	}
	out := []string{mark(body)}
	if id := deliveryOf(header); id != "" {
		out = append(out, mark([]byte("delivery\x00"+id)))
	}
	return out
}

// outside returns the name of a repository that the receiver is not for, or nothing.
func (b *Inbox) outside(v estate.View, receiver *model.EventReceiver, result delivery.Result) string {
	if len(receiver.Repositories) == 0 {
		return ""
	}
	may := map[string]bool{}
	for _, ref := range receiver.Repositories {
		if r, ok := v.Get(ref).(*model.Repository); ok {
			may[lowerName(r.FullName)] = true
		}
	}
	for _, l := range result.Lines {
		if !may[lowerName(l.Repository)] {
			return l.Repository
		}
	}
	return ""
}

// lowerName is the name of a repository as names are compared: providers do not tell large letters from small ones.
func lowerName(full string) string { return strings.ToLower(strings.TrimSpace(full)) }

// repositories returns the repositories by name, and remembers them until one changes.
func repositories(v estate.View) map[string]*model.Repository {
	snap := v.Snapshot()
	return snap.MemoOf("jobs.repositories", []string{"Repository"}, func() any {
		out := map[string]*model.Repository{}
		for r := range estate.Each[*model.Repository](snap.View(0)) {
			if r.FullName != "" {
				out[lowerName(r.FullName)] = r
			}
		}
		return out
	}).(map[string]*model.Repository)
}

// rules returns what the organisation says about repositories.
func (b *Inbox) rules(v estate.View) func(string) delivery.Rules {
	return func(name string) delivery.Rules {
		r := repositories(v)[lowerName(name)]
		if r == nil {
			return delivery.Rules{}
		}
		return delivery.Rules{Incidents: r.IncidentLabels, Hotfixes: r.HotfixBranches, Deploys: r.DeployWorkflows}
	}
}

// keep makes the events of a message durable, and then the marks by which it is known again.
func (b *Inbox) keep(ctx context.Context, receiver *model.EventReceiver, k kept, marks []string) error {
	item, err := encode(k)
	if err != nil {
		return err
	}
	now := b.opt.Now()
	item.Key = fmt.Sprintf("%s/%020d-%s", receiver.ID, now.UnixNano(), rand.Text())
	if _, err := b.vault.Put(ctx, receiverInbox, item); err != nil {
		return err
	}
	for _, mark := range marks {
		if _, err := b.vault.Put(ctx, receiverSeen, vault.Item{Key: mark, Value: []byte("1"), Expires: now.Add(seenFor)}); err != nil {
			return err
		}
	}
	return nil
}

package door

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/store"
	"binnacle/vault"
)

// PortalSource is the name of the source of what visitors of portals send.
const PortalSource = "portal"

// The buckets of the vault that portals use.
const (
	// portalLinkBucket has the secret links of customers, by the id of the portal and the digest of the secret.
	portalLinkBucket = "portal.links"
	// portalVoteBucket has who voted, by a name of the visitor that only this house can make, and the id of the idea.
	portalVoteBucket = "portal.votes"
	// portalCountBucket counts what visitors send.
	portalCountBucket = "portal.counts"
	// portalKeyBucket has the key that makes the names of visitors.
	portalKeyBucket = "portal.key"
)

// What visitors may send. Addresses of version 6 are counted by network.
const (
	// MostIdeaTitle, MostIdeaText and MostIdeaFrom are how many letters the parts of an idea may have.
	MostIdeaTitle = 120
	MostIdeaText  = 4000
	MostIdeaFrom  = 80
	// ideasFromOne and votesFromOne are how much one address may send in an hour.
	ideasFromOne = 5
	votesFromOne = 60
	// ideasOfAll and votesOfAll are how much a portal takes in a day, from everybody together.
	ideasOfAll = 200
	votesOfAll = 5000
	// voteKept is how long it is known who voted.
	voteKept = 3 * 365 * 24 * time.Hour
	// linksOfOne is how many links a portal may have.
	linksOfOne = 1000
)

// PortalVisit is a visit to an open portal by somebody who need not be known.
type PortalVisit struct {
	// Portal is the portal.
	Portal *model.Portal
	// Answer is what the portal shows.
	Answer Answer
	// Voted are the ideas for which a vote of the visitor counts already, by their ids.
	Voted map[string]bool

	house    *House
	customer model.Ref
	// voter is the name of the network address, under which votes and what is sent are counted.
	voter string
}

// PortalLater says that a visitor, or all visitors together, sent too much.
type PortalLater struct{}

// Error says what to do.
func (PortalLater) Error() string { return "that was a lot in a short time: please try again later" }

// noPortal is the answer to everything that leads to no portal, so that nobody learns which ones there are.
var noPortal = &NotFound{"such page"}

// portalView is the estate as portals see it: what is public of products, and nothing that is confidential. There is no person behind it.
func (h *House) portalView() estate.View {
	snap := h.store.Snapshot()
	sight := estate.SightFunc(func(rec model.Record) bool {
		if rec.Base().Confidential {
			return false
		}
		switch x := rec.(type) {
		case *model.Portal:
			return x.Open
		case *model.Announcement:
			return x.Public
		case *model.Idea:
			return x.Public
		case *model.Product, *model.Release, *model.RoadmapItem:
			return true
		}
		return false
	})
	return snap.View(h.store.Today()).Through(sight).With(practice.Beside{Reader: h.reader, Practices: h.Practices, Now: h.store.Now()})
}

// EnterPortal opens a portal for a visitor from a network address, who may have shown the secret of a link. The error is the
// same [*NotFound] where there is no such portal, it is closed, or the secret opens nothing.
func (h *House) EnterPortal(ctx context.Context, key, secret, from string) (*PortalVisit, error) {
	v := h.portalView()
	portal, ok := v.Find("Portal", key).(*model.Portal)
	if !ok || portal.Key != key {
		return nil, noPortal
	}
	out := &PortalVisit{Portal: portal, house: h, Voted: map[string]bool{}}
	if portal.Audience != "everybody" {
		link, err := h.portalLink(ctx, portal, secret)
		if err != nil {
			return nil, err
		}
		out.customer = link.Customer
	}
	answer, err := h.portalAnswer(v, portal)
	if err != nil {
		return nil, err
	}
	out.Answer = answer
	if out.voter, err = h.visitor(ctx, from); err != nil {
		return nil, err
	}
	votes, err := h.Vault.List(ctx, portalVoteBucket, out.voter+"/", "", 0)
	for _, item := range votes {
		_, idea, _ := strings.Cut(item.Key, "/")
		out.Voted[idea] = true
	}
	return out, err
}

// portalAnswer asks what a portal shows, once for each state of the estate.
func (h *House) portalAnswer(v estate.View, portal *model.Portal) (Answer, error) {
	asked, err := h.Question("product.portal")
	if err != nil {
		return Answer{}, noPortal
	}
	type key struct {
		portal model.ID
		on     model.Date
	}
	type kept struct {
		answer Answer
		err    error
	}
	got := v.Snapshot().Memo(key{portal.ID, v.At()}, func() any {
		value, err := asked.Ask(v, map[string]any{"portal": portal.Ref().String()})
		return kept{Answer{Asked: asked, View: v, Value: value}, err}
	}).(kept)
	if got.err != nil {
		return Answer{}, noPortal
	}
	return got.answer, nil
}

// visitor returns the name under which the votes of a network address are kept. Nobody finds the address from it without the key of this house.
func (h *House) visitor(ctx context.Context, from string) (string, error) {
	item, err := h.Vault.Get(ctx, portalKeyBucket, "visitors")
	if errors.Is(err, vault.ErrNone) {
		item, err = vault.Update(ctx, h.Vault, portalKeyBucket, "visitors", func(item vault.Item) (vault.Item, error) {
			if len(item.Value) == 0 {
				item.Value = []byte(rand.Text() + rand.Text())
			}
			return item, nil
		})
	}
	if err != nil {
		return "", err
	}
	if a, err := netip.ParseAddr(from); err == nil {
		if a = a.Unmap().WithZone(""); a.Is6() {
			if p, err := a.Prefix(64); err == nil {
				from = p.String()
			}
		} else {
			from = a.String()
		}
	}
	sum := hmac.New(sha256.New, item.Value)
	sum.Write([]byte(from))
	return hex.EncodeToString(sum.Sum(nil)[:16]), nil
}

// portalCount is how much came within a time.
type portalCount struct {
	Count int       `json:"count"`
	Until time.Time `json:"until"`
}

// take counts one thing that is sent. The error is a [PortalLater] where there were too many.
func (p *PortalVisit) take(ctx context.Context, what string, one, all int) error {
	now := p.house.store.Now().Time()
	for _, c := range []struct {
		key  string
		most int
		life time.Duration
	}{{what + "/one/" + p.voter, one, time.Hour}, {what + "/all/" + p.Portal.ID.String(), all, 24 * time.Hour}} {
		_, err := vault.Update(ctx, p.house.Vault, portalCountBucket, c.key, func(item vault.Item) (vault.Item, error) {
			var count portalCount
			if len(item.Value) > 0 {
				if err := json.Unmarshal(item.Value, &count); err != nil {
					return item, err
				}
			}
			if now.After(count.Until) {
				count = portalCount{Until: now.Add(c.life)}
			}
			if count.Count >= c.most {
				return item, PortalLater{}
			}
			count.Count++
			var err error
			item.Expires = count.Until
			item.Value, err = json.Marshal(count)
			return item, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SentIdea is an idea as a visitor writes it.
type SentIdea struct {
	// Title says in some words what is wanted.
	Title string
	// Text says more about it. It may be empty.
	Text string
	// From is the name of the visitor. It may be empty.
	From string
}

// trimmed returns a text without space around it and without signs that control something, and reports whether it is valid and short enough.
func trimmed(text string, most int, lines bool) (string, bool) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' && lines || r == '\t' && lines {
			return r
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf) && r != '\u200d' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "")))
	return text, len([]rune(text)) <= most
}

// Check returns the idea as it is kept. The error says what the visitor should change.
func (s SentIdea) Check() (SentIdea, error) {
	title, short := trimmed(s.Title, MostIdeaTitle, false)
	if !short {
		return s, fmt.Errorf("the title may have %d letters", MostIdeaTitle)
	}
	if title == "" {
		return s, errors.New("say in some words what you would like")
	}
	text, short := trimmed(s.Text, MostIdeaText, true)
	if !short {
		return s, fmt.Errorf("the text may have %d letters", MostIdeaText)
	}
	from, short := trimmed(s.From, MostIdeaFrom, false)
	if !short {
		return s, fmt.Errorf("the name may have %d letters", MostIdeaFrom)
	}
	return SentIdea{title, text, from}, nil
}

// errClosed says that a portal takes nothing.
var errClosed = errors.New("this page takes no ideas")

// Send keeps an idea of the visitor, which nobody sees on the portal before somebody has made it public.
func (p *PortalVisit) Send(ctx context.Context, sent SentIdea) error {
	if !p.Portal.TakesIdeas {
		return errClosed
	}
	sent, err := sent.Check()
	if err != nil {
		return err
	}
	if err := p.take(ctx, "idea", ideasFromOne, ideasOfAll); err != nil {
		return err
	}
	h := p.house
	idea := &model.Idea{State: model.IdeaNew, Product: p.Portal.Product, Channel: "portal", Received: h.store.Today(), From: sent.From}
	idea.ID, idea.Key, idea.Name, idea.Description = h.store.NewID(), NewKey("idea"), sent.Title, sent.Text
	idea.Origin, idea.Owner = PortalSource, p.Portal.Owner
	if !p.customer.IsZero() {
		idea.Requests = []model.CustomerRequest{{Customer: p.customer, Asked: h.store.Today(), Words: sent.Title}}
	}
	change, _ := model.Difference(h.store.Snapshot().Schema().Of(idea), nil, idea)
	_, err = h.store.Commit(ctx, store.Tx{Who: PortalSource, Why: "An idea came in on the portal " + p.Portal.Key, Source: PortalSource, Changes: []model.Change{change}})
	return err
}

// votable returns an idea that the portal shows and that waits for votes, or nil.
func (p *PortalVisit) votable(id string) *model.Idea {
	ref, err := model.ParseID(id)
	if err != nil {
		return nil
	}
	idea, ok := p.house.portalView().Get(model.Ref(ref)).(*model.Idea)
	if !ok || idea.Product != p.Portal.Product || slices.Contains([]model.IdeaState{model.IdeaMerged, model.IdeaDeclined, model.IdeaDelivered}, idea.State) {
		return nil
	}
	return idea
}

// Vote adds a vote of the visitor to an idea, once. A second vote changes nothing. What the portal does not show cannot be voted for.
func (p *PortalVisit) Vote(ctx context.Context, id string) error {
	if !p.Portal.TakesIdeas {
		return errClosed
	}
	idea := p.votable(id)
	if idea == nil {
		return noPortal
	}
	if p.Voted[idea.ID.String()] {
		return nil
	}
	if err := p.take(ctx, "vote", votesFromOne, votesOfAll); err != nil {
		return err
	}
	h := p.house
	key := p.voter + "/" + idea.ID.String()
	_, err := h.Vault.Swap(ctx, portalVoteBucket, vault.Item{Key: key, Value: []byte(h.store.Today().String()), Expires: h.store.Now().Time().Add(voteKept)})
	if errors.Is(err, vault.ErrChanged) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.count(ctx, idea.Ref()); err != nil {
		// What was not counted may be tried again.
		if _, gone := h.Vault.Delete(ctx, portalVoteBucket, key); gone != nil {
			return errors.Join(err, gone)
		}
		return err
	}
	return nil
}

// count adds one to the votes of an idea, whatever else happens to it at the same time.
func (p *PortalVisit) count(ctx context.Context, ref model.Ref) error {
	h := p.house
	for range 20 {
		snap := h.store.Snapshot()
		before, ok := snap.Get(ref).(*model.Idea)
		if !ok {
			return noPortal
		}
		after := model.Clone(before)
		after.Votes++
		change, _ := model.Difference(snap.Schema().Of(before), before, after)
		_, err := h.store.Commit(ctx, store.Tx{Who: PortalSource, Why: "A vote came in on the portal " + p.Portal.Key, Source: PortalSource, Changes: []model.Change{change}})
		if IsConflict(err) == nil {
			return err
		}
	}
	return errors.New("others change the same idea all the time: try again")
}

// PortalLink is a secret link that lets a customer see a portal. The secret itself is kept nowhere.
type PortalLink struct {
	// ID names the link. It is not the secret.
	ID string `json:"-"`
	// Customer is the customer that it was made for. Unset means that it was made for nobody in particular.
	Customer model.Ref `json:"customer"`
	// Note says what it is for.
	Note string `json:"note"`
	// By is the account that made it, and Made when.
	By   string     `json:"by"`
	Made model.Time `json:"made"`
}

// digestOf returns the form in which the secret of a link is kept.
func digestOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// portalLink returns the link that a secret opens. One of a customer that the portal is not for any more opens nothing.
func (h *House) portalLink(ctx context.Context, portal *model.Portal, secret string) (PortalLink, error) {
	var out PortalLink
	item, err := h.Vault.Get(ctx, portalLinkBucket, portal.ID.String()+"/"+digestOf(secret))
	if errors.Is(err, vault.ErrNone) || secret == "" {
		return out, noPortal
	}
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(item.Value, &out); err != nil {
		return out, err
	}
	if !out.Customer.IsZero() && (!slices.Contains(portal.Customers, out.Customer) || h.store.Snapshot().Get(out.Customer) == nil) {
		return out, noPortal
	}
	return out, nil
}

// NewPortalLink makes a secret link to a portal for a customer, and returns the secret, which is shown once. The principal must be allowed to write the portal.
func (h *House) NewPortalLink(ctx context.Context, p *access.Principal, portal *model.Portal, customer model.Ref, note string) (string, error) {
	links, err := h.PortalLinks(ctx, p, portal)
	if err != nil {
		return "", err
	}
	if len(links) >= linksOfOne {
		return "", refuse("Portal", portal.Key, "link", fmt.Sprintf("a portal has at most %d links: take some back first", linksOfOne))
	}
	if !customer.IsZero() && !slices.Contains(portal.Customers, customer) {
		return "", refuse("Portal", portal.Key, "customers", "the portal is not for this customer: add it to the customers of the portal first")
	}
	note, short := trimmed(note, 200, false)
	if !short {
		return "", refuse("Portal", portal.Key, "note", "it may have 200 letters")
	}
	var b [24]byte
	rand.Read(b[:])
	secret := hex.EncodeToString(b[:])
	raw, err := json.Marshal(PortalLink{Customer: customer, Note: note, By: p.Who(), Made: h.store.Now()})
	if err != nil {
		return "", err
	}
	_, err = h.Vault.Put(ctx, portalLinkBucket, vault.Item{Key: portal.ID.String() + "/" + digestOf(secret), Value: raw})
	return secret, err
}

// PortalLinks lists the links of a portal, the newest first. The principal must be allowed to write the portal.
func (h *House) PortalLinks(ctx context.Context, p *access.Principal, portal *model.Portal) ([]PortalLink, error) {
	if !p.MayWrite(portal) {
		return nil, h.deny(ctx, p, &access.Denied{Who: p.Who(), Need: "write", Kind: "Portal", Key: portal.Key})
	}
	items, err := h.Vault.List(ctx, portalLinkBucket, portal.ID.String()+"/", "", 0)
	if err != nil {
		return nil, err
	}
	var out []PortalLink
	for _, item := range items {
		var l PortalLink
		if err := json.Unmarshal(item.Value, &l); err != nil {
			return nil, err
		}
		_, l.ID, _ = strings.Cut(item.Key, "/")
		l.ID = l.ID[:min(len(l.ID), 16)]
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b PortalLink) int { return b.Made.Time().Compare(a.Made.Time()) })
	return out, nil
}

// RevokePortalLink takes a link back. Whoever has it sees nothing from then on.
func (h *House) RevokePortalLink(ctx context.Context, p *access.Principal, portal *model.Portal, id string) error {
	if _, err := h.PortalLinks(ctx, p, portal); err != nil {
		return err
	}
	if len(id) != 16 {
		return &NotFound{"such link"}
	}
	items, err := h.Vault.List(ctx, portalLinkBucket, portal.ID.String()+"/"+id, "", 2)
	if err != nil {
		return err
	}
	if len(items) != 1 {
		return &NotFound{"such link"}
	}
	_, err = h.Vault.Delete(ctx, portalLinkBucket, items[0].Key)
	return err
}

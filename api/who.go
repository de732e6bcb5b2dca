package api

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"binnacle/access"
	"binnacle/web/frame"
)

// The limits on requests that show nothing good, for each network address.
const (
	failuresASecond = 20
	mostFailures    = 200
)

// identify finds out who asks: by a token, or by the session of a browser on the same site.
func (c *call) identify() error {
	ctx, from := c.r.Context(), c.opt.From(c.r)
	show := c.r.Header.Get("Authorization")
	scheme, secret, _ := strings.Cut(show, " ")
	if strings.EqualFold(scheme, "Bearer") && secret != "" {
		secret = strings.TrimSpace(secret)
		c.again = func() (*access.Principal, error) { return c.house.Access.Token(ctx, secret) }
	} else if cookie := c.cookie(); show == "" && cookie != "" {
		if err := c.guard.Check(c.r); err != nil {
			return &problem{Status: http.StatusForbidden, Title: "The request came from another site", Detail: "a program shows a token and no cookie"}
		}
		c.again = func() (*access.Principal, error) { return c.house.Access.Session(ctx, cookie) }
	} else if secret := c.r.URL.Query().Get("token"); show == "" && c.route.linked && secret != "" {
		c.again = func() (*access.Principal, error) { return c.linked(secret) }
	} else {
		return access.ErrSignedOut
	}
	if wait, ok := c.failed.left(from); !ok {
		return tooMany(wait)
	}
	who, err := c.again()
	if errors.Is(err, access.ErrSignedOut) {
		c.failed.take(from, 1)
	}
	c.who = who
	return err
}

// linked returns the principal of a token that stands in an address. Addresses are kept in many
// places, so that only a token that does no more than read is good there.
func (c *call) linked(secret string) (*access.Principal, error) {
	who, err := c.house.Access.Token(c.r.Context(), secret)
	if err == nil && who.Scope != "read" && who.Scope != "provision" {
		return nil, &problem{Status: http.StatusForbidden, Title: "The token may do too much for an address", Detail: "make a token with the scope read for this: addresses are kept in many places"}
	}
	return who, err
}

// cookie returns the secret of the session that the browser shows, or nothing.
func (c *call) cookie() string {
	name := frame.SessionCookie
	if c.opt.Secure {
		name = "__Host-" + name
	}
	if k, err := c.r.Cookie(name); err == nil {
		return k.Value
	}
	return ""
}

// buckets limits how much is spent under each name: so much in a second, and some more at once.
type buckets struct {
	rate, most float64

	mu   sync.Mutex
	have map[string]bucket
}

type bucket struct {
	points float64
	at     time.Time
}

// mostBuckets is how many names are remembered before those that are full again are forgotten.
const mostBuckets = 10_000

// newBuckets returns buckets that hold so many points. A rate below 0 is no limit.
func newBuckets(rate, most float64) *buckets {
	return &buckets{rate: rate, most: most, have: map[string]bucket{}}
}

// take spends points. It reports false where there are not enough, and how long it takes until there are.
func (b *buckets) take(name string, cost float64) (time.Duration, bool) {
	if b.rate < 0 {
		return 0, true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	k := b.now(name, now)
	cost = min(cost, b.most)
	if k.points < cost {
		return b.wait(cost - k.points), false
	}
	if len(b.have) > mostBuckets {
		for other := range b.have {
			if b.now(other, now).points >= b.most {
				delete(b.have, other)
			}
		}
	}
	b.have[name] = bucket{k.points - cost, now}
	return 0, true
}

// left reports whether there is a point left.
func (b *buckets) left(name string) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.now(name, time.Now())
	return b.wait(1 - k.points), k.points >= 1
}

func (b *buckets) wait(points float64) time.Duration {
	return time.Duration(points / b.rate * float64(time.Second))
}

// now returns a bucket as it is filled by now.
func (b *buckets) now(name string, now time.Time) bucket {
	k, ok := b.have[name]
	if !ok {
		return bucket{b.most, now}
	}
	return bucket{min(b.most, k.points+now.Sub(k.at).Seconds()*b.rate), now}
}

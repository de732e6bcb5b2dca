package host

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificate is a pair of files that is read again when it changes, so that a renewal needs no restart.
type certificate struct {
	cert, key string

	mu      sync.Mutex
	pair    *tls.Certificate
	changed time.Time
	looked  time.Time
}

func newCertificate(cert, key string) (*certificate, error) {
	if cert == "" || key == "" {
		return nil, errors.New("tls-cert and tls-key belong together: give both")
	}
	c := &certificate{cert: cert, key: key}
	if err := c.load(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *certificate) load() error {
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	c.pair, c.changed, c.looked = &pair, c.modified(), time.Now()
	return nil
}

// modified returns when the files were changed last.
func (c *certificate) modified() time.Time {
	var last time.Time
	for _, name := range []string{c.cert, c.key} {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// recheck is how often the files are looked at.
const recheck = time.Minute

// get returns the certificate. A new one that cannot be read leaves the old one in use.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) > recheck {
		c.looked = time.Now()
		if c.modified().After(c.changed) {
			old := c.pair
			if err := c.load(); err != nil {
				c.pair = old
			}
		}
	}
	return c.pair, nil
}

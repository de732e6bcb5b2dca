package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/model"
	"binnacle/outbound"
	"binnacle/vault"
)

const (
	// fetchBytes is how long what one run reads may be.
	fetchBytes = 256 << 20
	// fetchTime is how long one request may take.
	fetchTime = 10 * time.Minute
)

// gotten is what a run has read.
type gotten struct {
	files     []feed.Input
	bytes     int64
	unchanged bool
	etag      string
	modified  string
}

// digest returns a name for what was read, with the settings that it was read by.
func (g *gotten) digest(settings string) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", settings)
	for _, f := range g.files {
		fmt.Fprintf(h, "%q %d\n", f.Name, len(f.Data))
		h.Write(f.Data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// CheckLocation says what is wrong with the place of a subscription, or nothing. It looks at the words alone.
func (s *Schedule) CheckLocation(location string) error {
	u, err := url.Parse(location)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		switch {
		case u.Host == "":
			return errors.New("the address has no host")
		case u.User != nil:
			return errors.New("leave the password out of the address: it is given apart, so that it stays secret")
		}
		return nil
	}
	if strings.Contains(location, "://") {
		return errors.New("write a folder of the server, or an address that begins with https:// or http://")
	}
	_, _, err = s.folder(location)
	return err
}

// folder returns the allowed folder that a place is in, and the place as seen from there.
func (s *Schedule) folder(location string) (root, rest string, err error) {
	if len(s.opt.Folders) == 0 {
		return "", "", tell("this server reads no folders: who runs it can allow some")
	}
	if !filepath.IsAbs(location) {
		return "", "", tell("write the whole path of the folder, beginning with /")
	}
	clean := filepath.Clean(location)
	for _, folder := range s.opt.Folders {
		rel, err := filepath.Rel(filepath.Clean(folder), clean)
		if err == nil && filepath.IsLocal(rel) {
			return folder, rel, nil
		}
	}
	return "", "", tell("the folder is not below one of those that this server may read: who runs it can allow it")
}

// read reads what a subscription leads to. Nothing is fetched that has not changed, unless a person wants it.
func (s *Schedule) read(ctx context.Context, sub *model.Subscription, st FeedState, settings string, byHand bool) (*gotten, error) {
	if err := s.CheckLocation(sub.Location); err != nil {
		return nil, tell("%v", err)
	}
	if strings.Contains(sub.Location, "://") {
		return s.fetch(ctx, sub, st, settings, byHand)
	}
	root, rest, err := s.folder(sub.Location)
	if err != nil {
		return nil, err
	}
	return s.readFolder(ctx, root, rest, sub.Location)
}

var errFolder = tell("the folder cannot be read: it is not there, or the server may not look into it")

// readFolder reads a file or a folder inside of one that is allowed. Links that lead out of that one are not followed.
func (s *Schedule) readFolder(ctx context.Context, root, rest, name string) (*gotten, error) {
	allowed, err := os.OpenRoot(root)
	if err != nil {
		return nil, errFolder
	}
	defer allowed.Close()
	info, err := allowed.Stat(rest)
	if err != nil {
		return nil, errFolder
	}
	got := &gotten{}
	if info.Mode().IsRegular() {
		f, err := allowed.Open(rest)
		if err != nil {
			return nil, errFolder
		}
		defer f.Close()
		return got, got.add(path.Base(filepath.ToSlash(rest)), f)
	}
	dir, err := allowed.OpenRoot(rest)
	if err != nil {
		return nil, errFolder
	}
	defer dir.Close()
	limits := feed.DefaultLimits
	limits.Bytes = fetchBytes
	for c, err := range all.OpenIn(dir, name, limits) {
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return nil, tell("%v", err)
		case c.Skipped != "":
			continue
		}
		if got.bytes += int64(len(c.Input.Data)); got.bytes > fetchBytes {
			return nil, tell("the folder holds more than %d MB: split it", fetchBytes>>20)
		}
		got.files = append(got.files, c.Input)
	}
	return got, nil
}

// add reads one content up to the limit.
func (g *gotten) add(name string, r io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(r, fetchBytes+1))
	switch {
	case errors.Is(err, outbound.ErrTooLong):
		return tell("the content is longer than this server fetches: split it")
	case err != nil:
		return tell("the content ended too early")
	}
	if len(data) > fetchBytes {
		return tell("the content is longer than %d MB: split it", fetchBytes>>20)
	}
	g.files, g.bytes = append(g.files, feed.Input{Name: name, Data: data}), g.bytes+int64(len(data))
	return nil
}

// fetch asks a server for a content. It tells the server what it has, so that nothing is sent twice.
func (s *Schedule) fetch(ctx context.Context, sub *model.Subscription, st FeedState, settings string, byHand bool) (*gotten, error) {
	if s.opt.Client == nil {
		return nil, tell("this server makes no requests to the outside")
	}
	ctx, stop := context.WithTimeout(ctx, fetchTime)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, sub.Location, nil)
	if err != nil {
		return nil, tell("the address is not one that can be asked")
	}
	req.Header.Set("User-Agent", "Binnacle")
	req.Header.Set("Accept", "*/*")
	tag := settingsTag(settings)
	if etag, ok := strings.CutSuffix(st.ETag, tag); ok && etag != "" && !byHand {
		req.Header.Set("If-None-Match", etag)
	}
	if modified, ok := strings.CutSuffix(st.Modified, tag); ok && modified != "" && !byHand {
		req.Header.Set("If-Modified-Since", modified)
	}
	if err := s.authorise(ctx, sub, req); err != nil {
		return nil, err
	}
	client := *s.opt.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, ctx.Err()
		}
		s.opt.Log.Info("a feed could not be reached", "feed", sub.Key, "error", err)
		if errors.Is(err, outbound.ErrCertificate) {
			return nil, tell("the certificate of the address is not valid for it")
		}
		return nil, tell("the address cannot be reached, or is not one that this server may ask")
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified:
		return &gotten{unchanged: true}, nil
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, tell("the address leads to another one, which is not followed: give the address that it leads to")
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return nil, tell("the server wants a password or a token, or another one: it answered %d", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, tell("the server answered %d", resp.StatusCode)
	case resp.ContentLength > fetchBytes:
		return nil, tell("the content is longer than %d MB: split it", fetchBytes>>20)
	}
	got := &gotten{etag: resp.Header.Get("ETag") + tag, modified: resp.Header.Get("Last-Modified") + tag}
	return got, got.add(nameOf(sub.Location), resp.Body)
}

// settingsTag marks what a server said of a content with the settings that the content was read by.
func settingsTag(settings string) string {
	sum := sha256.Sum256([]byte(settings))
	return "|" + hex.EncodeToString(sum[:8])
}

// nameOf returns the name of a content by its address, without what stands behind the path.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "content"
	}
	if name := path.Base(u.Path); name != "/" && name != "." {
		return name
	}
	return u.Hostname()
}

// FeedSecret is what a subscription shows to the server that it asks. It is only ever sent to the host that it was given for, and over TLS.
type FeedSecret struct {
	// User is the name for a password. Without one, Secret is a token.
	User string `json:"user,omitempty"`
	// Secret is the password or the token.
	Secret string `json:"secret"`
	// Host is the host that it is for, with the port.
	Host string `json:"host"`
}

// SetSecret keeps the secret of a subscription for the host of its address. An empty secret takes it away.
func (s *Schedule) SetSecret(ctx context.Context, sub *model.Subscription, secret FeedSecret) error {
	if secret.Secret == "" {
		_, err := s.vault.Delete(ctx, feedSecrets, sub.ID.String())
		return err
	}
	u, err := url.Parse(sub.Location)
	if err != nil || u.Scheme != "https" {
		return tell("a password or token is only sent to addresses that begin with https://")
	}
	if strings.ContainsAny(secret.User+secret.Secret, "\r\n\x00") || strings.Contains(secret.User, ":") {
		return tell("the name or the secret has a character that cannot be sent")
	}
	secret.Host = u.Host
	item, err := encode(secret)
	if err != nil {
		return err
	}
	item.Key = sub.ID.String()
	_, err = s.vault.Put(ctx, feedSecrets, item)
	return err
}

// HasSecret reports whether a subscription has a secret that it may send to where it leads now.
func (s *Schedule) HasSecret(ctx context.Context, sub *model.Subscription) (bool, error) {
	secret, err := s.secret(ctx, sub)
	u, bad := url.Parse(sub.Location)
	return err == nil && bad == nil && secret.Host != "" && secret.Host == u.Host && u.Scheme == "https", err
}

func (s *Schedule) secret(ctx context.Context, sub *model.Subscription) (FeedSecret, error) {
	item, err := s.vault.Get(ctx, feedSecrets, sub.ID.String())
	if errors.Is(err, vault.ErrNone) {
		return FeedSecret{}, nil
	}
	var secret FeedSecret
	if err == nil {
		err = json.NewDecoder(bytes.NewReader(item.Value)).Decode(&secret)
	}
	return secret, err
}

// authorise puts the secret of a subscription into a request to the host that it is for.
func (s *Schedule) authorise(ctx context.Context, sub *model.Subscription, req *http.Request) error {
	secret, err := s.secret(ctx, sub)
	if err != nil || secret.Secret == "" {
		return err
	}
	if req.URL.Scheme != "https" || req.URL.Host != secret.Host {
		return tell("the password or token was given for another address: give it again for this one")
	}
	if secret.User == "" {
		req.Header.Set("Authorization", "Bearer "+secret.Secret)
	} else {
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(secret.User+":"+secret.Secret)))
	}
	return nil
}

package jobs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
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
	// fetchBytes is how long what one run reads may be, apart from bulk lines, and bulkBytes how long with them.
	fetchBytes = 256 << 20
	bulkBytes  = 16 << 30
	// fetchTime is how long one request may take.
	fetchTime = 10 * time.Minute
)

// gotten is what a run has read.
type gotten struct {
	// open yields the files. It may be called again: large files are read twice and never held.
	open  func() iter.Seq2[feed.Input, error]
	close func()
	// apart says that the files have been taken apart already.
	apart     bool
	files     int
	bytes     int64
	unchanged bool
	etag      string
	modified  string
}

// of makes one file what a run has read.
func (g *gotten) of(in feed.Input, done func()) {
	g.open, g.close = func() iter.Seq2[feed.Input, error] {
		return func(yield func(feed.Input, error) bool) { yield(in, nil) }
	}, done
}

// digest returns a name for what was read, with the settings that it was read by, and counts it.
func (g *gotten) digest(settings string) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", settings)
	if g.unchanged {
		return "", nil
	}
	held := int64(0)
	for in, err := range g.open() {
		if err != nil {
			return "", err
		}
		stream, err := in.Stream()
		if err != nil {
			return "", tell("%s: %v", in.Name, err)
		}
		fmt.Fprintf(h, "%q %d\n", in.Name, stream.Size)
		_, err = io.Copy(h, io.NewSectionReader(stream, 0, stream.Size))
		stream.Close()
		if err != nil {
			return "", tell("%s could not be read to its end", in.Name)
		}
		g.files, g.bytes = g.files+1, g.bytes+stream.Size
		if held += int64(len(in.Data)); held > fetchBytes {
			return "", tell("the folder holds more than %d MB: split it", fetchBytes>>20)
		}
		if g.bytes > bulkBytes {
			return "", tell("there are more than %d MB: split them", bulkBytes>>20)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// contents yields what was read, taken apart where it is an archive.
func (g *gotten) contents(limits feed.Limits) iter.Seq2[feed.Input, error] {
	if g.apart {
		return g.open()
	}
	return func(yield func(feed.Input, error) bool) {
		for file := range g.open() {
			for c, err := range unpack(file, limits) {
				if c.Skipped != "" {
					continue
				}
				if err != nil {
					c.Input.Name = file.Name
				}
				if !yield(c.Input, err) {
					return
				}
			}
		}
	}
}

func unpack(file feed.Input, limits feed.Limits) iter.Seq2[all.Content, error] {
	if file.Open != nil {
		return all.UnpackStream(file.Name, file.Open, limits)
	}
	return all.Unpack(file.Name, file.Data, limits)
}

// limits are the limits of what one run reads.
func (s *Schedule) limits() feed.Limits {
	out := feed.DefaultLimits
	out.Bulk, out.Temp = bulkBytes, s.opt.Temp
	return out
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
	info, err := allowed.Stat(rest)
	if err != nil {
		allowed.Close()
		return nil, errFolder
	}
	if info.Mode().IsRegular() {
		return s.readFile(allowed, rest)
	}
	dir, err := allowed.OpenRoot(rest)
	allowed.Close()
	if err != nil {
		return nil, errFolder
	}
	limits := s.limits()
	limits.Bytes = fetchBytes
	got := &gotten{apart: true, close: func() { dir.Close() }}
	got.open = func() iter.Seq2[feed.Input, error] {
		return func(yield func(feed.Input, error) bool) {
			for c, err := range all.OpenIn(dir, name, limits) {
				if c.Skipped != "" {
					continue
				}
				if err != nil {
					err = tell("%v", err)
				}
				if err = cmp.Or(ctx.Err(), err); !yield(c.Input, err) || err != nil {
					return
				}
			}
		}
	}
	return got, nil
}

// readFile reads one file of a folder that is allowed, which is closed in the end.
func (s *Schedule) readFile(allowed *os.Root, rest string) (*gotten, error) {
	open := func() (*feed.Stream, error) {
		f, err := allowed.Open(rest)
		if err != nil {
			return nil, errFolder
		}
		info, err := f.Stat()
		if err != nil {
			f.Close()
			return nil, errFolder
		}
		return feed.NewStream(f, info.Size(), f.Close), nil
	}
	stream, err := open()
	if err != nil {
		allowed.Close()
		return nil, err
	}
	stream.Close()
	if stream.Size > bulkBytes {
		allowed.Close()
		return nil, tell("the content is longer than %d MB: split it", bulkBytes>>20)
	}
	got := &gotten{}
	got.of(feed.Input{Name: path.Base(filepath.ToSlash(rest)), Open: open}, func() { allowed.Close() })
	return got, nil
}

// add reads one content up to the limit, into a file where it is long.
func (g *gotten) add(folder, name string, r io.Reader) error {
	limited := &io.LimitedReader{R: r, N: bulkBytes + 1}
	in, done, err := Spool(folder, name, limited)
	switch {
	case errors.Is(err, outbound.ErrTooLong):
		return tell("the content is longer than this server fetches: split it")
	case err != nil:
		return tell("the content ended too early")
	}
	g.of(in, done)
	if limited.N <= 0 {
		done()
		return tell("the content is longer than %d MB: split it", bulkBytes>>20)
	}
	return nil
}

// fetch asks a server for a content. It tells the server what it has, so that nothing is sent twice.
func (s *Schedule) fetch(ctx context.Context, sub *model.Subscription, st FeedState, settings string, byHand bool) (*gotten, error) {
	if s.opt.Client == nil {
		return nil, tell("this server makes no requests to the outside")
	}
	ctx, stop := context.WithTimeout(ctx, fetchTime)
	defer stop()
	req, err := http.NewRequestWithContext(outbound.AllowBytes(ctx, bulkBytes), http.MethodGet, sub.Location, nil)
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
	// Bills are streamed into a file, for which the time of the request as a whole is the limit.
	client.Timeout = fetchTime
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
		return &gotten{unchanged: true, close: func() {}}, nil
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return nil, tell("the address leads to another one, which is not followed: give the address that it leads to")
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return nil, tell("the server wants a password or a token, or another one: it answered %d", resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return nil, tell("the server answered %d", resp.StatusCode)
	case resp.ContentLength > bulkBytes:
		return nil, tell("the content is longer than %d MB: split it", bulkBytes>>20)
	}
	got := &gotten{etag: resp.Header.Get("ETag") + tag, modified: resp.Header.Get("Last-Modified") + tag}
	return got, got.add(s.opt.Temp, nameOf(sub.Location), resp.Body)
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

package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"binnacle/door"
)

// longestKey is how long the key of a request may be.
const longestKey = 255

// keptHeaders are the headers of an answer that are kept.
var keptHeaders = []string{"Content-Type", "ETag", "Location"}

// once answers a request that carries a key: the same request again gets the
// same answer, and is not carried out again. What failed changed nothing and may be tried again.
func (c *call) once(handle func(*call) error) error {
	key := c.r.Header.Get("Idempotency-Key")
	if len(key) > longestKey {
		return &problem{Status: http.StatusBadRequest, Title: "A header is not right", Detail: fmt.Sprintf("Idempotency-Key has at most %d characters", longestKey)}
	}
	body, err := c.readBody()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	once, before, err := c.house.Once(ctx, c.who, key, c.requestSum(body))
	switch {
	case errors.Is(err, door.ErrUnderWay):
		return &problem{Status: http.StatusConflict, Title: "The same request is under way", Detail: "wait for its answer, or ask again later", wait: time.Second}
	case errors.Is(err, door.ErrOtherRequest):
		return &problem{Status: http.StatusUnprocessableEntity, Title: "The key belongs to another request", Detail: "every new request needs a new Idempotency-Key"}
	case err != nil:
		return err
	case before != nil:
		for name, value := range before.Header {
			c.w.Header().Set(name, value)
		}
		c.w.Header().Set("Idempotency-Replayed", "true")
		c.w.WriteHeader(before.Status)
		c.w.Write(before.Body)
		return nil
	}
	w, done := c.w, false
	defer func() {
		if done {
			return
		}
		// A fault must not block the key.
		if err := once.Forget(ctx); err != nil {
			c.house.Log.Error("the key of a request could not be forgotten", "error", err.Error())
		}
	}()
	answer := &recorder{ResponseWriter: w, status: http.StatusOK}
	c.w = answer
	err = handle(c)
	c.w = w
	if err != nil {
		return err
	}
	done = true
	kept := door.KeptAnswer{Status: answer.status, Body: answer.body.Bytes(), Header: map[string]string{}}
	for _, h := range keptHeaders {
		if value := w.Header().Get(h); value != "" {
			kept.Header[h] = value
		}
	}
	if err := once.Keep(ctx, kept); err != nil {
		c.house.Log.Error("the answer of a request with a key could not be kept", "error", err.Error())
	}
	w.WriteHeader(answer.status)
	w.Write(answer.body.Bytes())
	return nil
}

// requestSum returns a sum of everything that makes a request what it is.
func (c *call) requestSum(body []byte) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%q %q %q %q\n", c.r.Method, c.r.URL.EscapedPath(), c.r.URL.RawQuery, c.r.Header.Get("Content-Type"))
	sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil))
}

// recorder keeps an answer back until it is known to last.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// WriteHeader keeps the status.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write keeps the bytes.
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }

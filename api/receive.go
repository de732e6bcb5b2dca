package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"

	"binnacle/door"
)

// ReceiverPrefix is the path under which code providers and pipelines tell what they do.
const ReceiverPrefix = "/hooks"

const (
	// messagesASecond is how many messages one receiver takes from one address in a second, and mostMessages how many at once.
	messagesASecond = 100
	mostMessages    = 2000
	// messagesAtOnce is how many messages are read at the same time.
	messagesAtOnce = 16
)

// receivers takes in messages of code providers over one house. A message is signed; no session, cookie or token counts.
type receivers struct {
	house  *door.House
	opt    Options
	spent  *buckets
	failed *buckets
	mux    *http.ServeMux
	places chan struct{}
}

// Receivers returns the door at which code providers and pipelines tell what they do: POST /hooks/{key of the receiver}.
func Receivers(h *door.House, opt Options) http.Handler {
	s := &receivers{house: h, opt: opt.withDefaults(h), spent: newBuckets(messagesASecond, mostMessages), failed: newBuckets(failuresASecond, mostFailures),
		mux: http.NewServeMux(), places: make(chan struct{}, messagesAtOnce)}
	s.mux.HandleFunc("POST "+ReceiverPrefix+"/{key}", s.receive)
	return s
}

// Routes returns the pattern of the door.
func (s *receivers) Routes() []string { return []string{"POST " + ReceiverPrefix + "/{key}"} }

// ServeHTTP takes in a message.
func (s *receivers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if fault := recover(); fault != nil {
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			s.house.Log.Error("a message could not be taken in", "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
			s.tell(w, http.StatusInternalServerError, map[string]string{"error": "a fault in Binnacle stopped the request"})
		}
	}()
	s.mux.ServeHTTP(w, r)
}

// receive reads a message and answers what became of it. That there is no such receiver and that the
// message is not signed as it should be is answered alike.
func (s *receivers) receive(w http.ResponseWriter, r *http.Request) {
	key, from := r.PathValue("key"), s.opt.From(r)
	// Only who knows the secret uses up what a receiver takes from an address, so that nobody learns of receivers by asking.
	pair := from + " " + key
	for limit, name := range map[*buckets]string{s.failed: from, s.spent: pair} {
		if wait, ok := limit.left(name); !ok {
			s.wait(w, int(wait.Seconds())+1)
			return
		}
	}
	select {
	case s.places <- struct{}{}:
		defer func() { <-s.places }()
	case <-r.Context().Done():
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, door.MostMessage))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		s.tell(w, http.StatusRequestEntityTooLarge, map[string]string{"error": fmt.Sprintf("a message may have %d bytes", large.Limit)})
		return
	case err != nil:
		s.tell(w, http.StatusBadRequest, map[string]string{"error": "the message could not be read to its end"})
		return
	}
	got, err := s.house.Receive(r.Context(), key, r.Header, body)
	if errors.Is(err, door.ErrForged) {
		s.failed.take(from, 1)
		s.tell(w, http.StatusUnauthorized, map[string]string{"error": "the message is not signed as it should be"})
		return
	}
	s.spent.take(pair, 1)
	var bad *door.BadMessage
	switch {
	case errors.Is(err, door.ErrReceiverPaused):
		s.tell(w, http.StatusServiceUnavailable, map[string]string{"error": err.Error()})
	case errors.As(err, &bad):
		s.tell(w, http.StatusBadRequest, map[string]string{"error": bad.Error()})
	case err != nil && r.Context().Err() != nil:
	case err != nil:
		s.house.Log.Error("a message could not be taken in", "receiver", key, "error", err.Error())
		s.tell(w, http.StatusInternalServerError, map[string]string{"error": "the message could not be kept"})
	case got.Status == "kept":
		s.tell(w, http.StatusAccepted, got)
	default:
		s.tell(w, http.StatusOK, got)
	}
}

// wait asks the sender to come again later.
func (s *receivers) wait(w http.ResponseWriter, seconds int) {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	s.tell(w, http.StatusTooManyRequests, map[string]string{"error": "there are too many messages: send it again later"})
}

// tell answers with JSON.
func (s *receivers) tell(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

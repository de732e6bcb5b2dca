package host

import (
	"bufio"
	"context"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"
)

// Logger returns a logger that writes lines of text or of JSON. Both put
// everything that came from outside into quotes, so that it cannot pass for a line of its own.
func Logger(h slog.Handler) *slog.Logger { return slog.New(masked{h}) }

// secrets are words in the names of attributes whose values are never written.
var secrets = []string{"password", "secret", "token", "cookie", "authorization", "code"}

// masked keeps secrets out of a log, whoever passes them on by mistake.
type masked struct{ slog.Handler }

// Handle writes a line.
func (m masked) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(mask(a))
		return true
	})
	return m.Handler.Handle(ctx, clean)
}

// WithAttrs returns a handler whose lines all have some attributes.
func (m masked) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		out[i] = mask(a)
	}
	return masked{m.Handler.WithAttrs(out)}
}

// WithGroup returns a handler whose attributes are in a group.
func (m masked) WithGroup(name string) slog.Handler { return masked{m.Handler.WithGroup(name)} }

func mask(a slog.Attr) slog.Attr {
	name := strings.ToLower(a.Key)
	for _, s := range secrets {
		if strings.Contains(name, s) {
			return slog.String(a.Key, "[kept out]")
		}
	}
	return a
}

// quiet passes on what the server of the standard library has to say, at a level that does not alarm.
type quiet struct{ log *slog.Logger }

// Enabled reports whether anybody listens.
func (q quiet) Enabled(context.Context, slog.Level) bool { return q.log != nil }

// Handle writes a line.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if q.log == nil {
		return nil
	}
	q.log.DebugContext(ctx, "connection", "note", r.Message)
	return nil
}

// WithAttrs returns the handler itself.
func (q quiet) WithAttrs([]slog.Attr) slog.Handler { return q }

// WithGroup returns the handler itself.
func (q quiet) WithGroup(string) slog.Handler { return q }

// answer remembers what was answered.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write counts bytes.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(p)
	a.bytes += int64(n)
	return n, err
}

// Unwrap returns the writer inside, for flushing and deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush sends what has been written.
func (a *answer) Flush() { http.NewResponseController(a.ResponseWriter).Flush() }

// Hijack hands over the connection.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(a.ResponseWriter).Hijack()
}

// told logs and measures every request. Addresses are logged without what stands behind the question mark.
func (s *Server) told(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		a := &answer{ResponseWriter: w}
		defer func() {
			took := time.Since(start)
			route := s.route(r)
			if s.config.Measure != nil {
				s.config.Measure.request(r.Method, route, a.status, took)
			}
			if s.config.Log != nil {
				s.config.Log.LogAttrs(r.Context(), slog.LevelInfo, "request", slog.String("method", r.Method), slog.String("path", r.URL.Path),
					slog.Int("status", a.status), slog.Int64("bytes", a.bytes), slog.Duration("took", took), slog.String("from", From(r)))
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// route returns the door that a request went to. It is one of a few words, so that measurements stay small.
func (s *Server) route(r *http.Request) string {
	_, pattern := s.mux.Handler(r)
	if pattern == "" {
		return "none"
	}
	return pattern
}

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serveSettings parses a command line for the server.
func serveSettings(t *testing.T, environment map[string]string, args ...string) (serveCmd, error) {
	t.Helper()
	s := &session{env: Env{Getenv: func(name string) string { return environment[name] }}}
	g := &grammar{}
	args = append([]string{"serve"}, args...)
	parser, err := newParser(s, g, args)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(args)
	return g.Serve, err
}

// TestWhichSettingCounts holds that a flag counts before the environment, and that before the file.
func TestWhichSettingCounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("listen: 127.0.0.1:1\nsession-life: 8h\ntrusted-proxies: [10.0.0.0/8, 192.0.2.1]\nlog-requests: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := serveSettings(t, map[string]string{"BINNACLE_CONFIG": file, "BINNACLE_LISTEN": "127.0.0.1:2", "BINNACLE_FEED_ROOTS": "/a,/b"}, "--session-idle", "5m")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:2" || c.SessionLife.Hours() != 8 || c.SessionIdle.Minutes() != 5 || strings.Join(c.TrustedProxies, " ") != "10.0.0.0/8 192.0.2.1" || !c.LogRequests || len(c.FeedRoots) != 2 {
		t.Errorf("got %+v", c)
	}
	if c, err := serveSettings(t, map[string]string{"BINNACLE_LISTEN": "127.0.0.1:2"}, "--listen", "127.0.0.1:3", "--config", file); err != nil || c.Listen != "127.0.0.1:3" {
		t.Errorf("got %+v, %v", c, err)
	}
	for text, want := range map[string]string{"lisen: x\n": `did you mean listen?`, "listen: [\n": "config.yaml", "session-life: soon\n": "session-life"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := serveSettings(t, nil, "--config="+file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want something about %s", text, err, want)
		}
	}
	if _, err := serveSettings(t, map[string]string{"BINNACLE_CONFIG": "/does/not/exist"}); err == nil {
		t.Error("a file that is not there was no error")
	}
}

// TestTheExampleOfSettings holds that the example names settings that there are.
func TestTheExampleOfSettings(t *testing.T) {
	data, err := os.ReadFile("../deploy/config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimPrefix(line, "# "); strings.Contains(line, ": ") && !strings.Contains(line, " of ") {
			lines = append(lines, line)
		}
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := serveSettings(t, nil, "--config", file); err != nil || c.OTLPEndpoint == "" {
		t.Errorf("%v: %+v", err, c)
	}
}

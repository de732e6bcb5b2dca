package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"binnacle/estate"
	"binnacle/model"
)

// pocketbaseVersion is the newest release that the Go of this project builds.
const pocketbaseVersion = "v0.39.9"

const pocketbaseProgram = `package main

import (
	"log"

	"github.com/pocketbase/pocketbase"
)

func main() {
	if err := pocketbase.New().Start(); err != nil {
		log.Fatal(err)
	}
}
`

// pocketbase builds PocketBase, gives it the hosts of the run, and asks it for the same list and the same record.
func pocketbase(r *run) (map[string]pressure, error) {
	dir := filepath.Join(r.dir, "pocketbase")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"go.mod": "module pocketbase\n\ngo 1.26\n", "main.go": pocketbaseProgram} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	for _, c := range [][]string{{"go", "get", "github.com/pocketbase/pocketbase@" + pocketbaseVersion}, {"go", "build", "-o", "pocketbase", "."},
		{"./pocketbase", "superuser", "create", "bench@example.org", "measured and not asserted", "--dir", data}} {
		command := exec.CommandContext(r.ctx, c[0], c[1:]...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s %s: %w: %.300s", c[0], c[1], err, out)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	listener.Close()
	serve := func() (*exec.Cmd, error) {
		command := exec.CommandContext(r.ctx, filepath.Join(dir, "pocketbase"), "serve", "--http", address, "--dir", data)
		if err := command.Start(); err != nil {
			return nil, err
		}
		for range 100 {
			if a, err := http.Get("http://" + address + "/api/health"); err == nil {
				a.Body.Close()
				return command, nil
			}
			time.Sleep(100 * time.Millisecond)
		}
		return command, errors.New("it does not answer")
	}
	stop := func(c *exec.Cmd) {
		c.Process.Signal(syscall.SIGTERM)
		c.Wait()
	}
	server, err := serve()
	if err != nil {
		return nil, err
	}
	err = collection(r.ctx, "http://"+address)
	stop(server)
	if err != nil {
		return nil, err
	}
	if err := fillPocketBase(r, filepath.Join(data, "data.db")); err != nil {
		return nil, err
	}
	if server, err = serve(); err != nil {
		return nil, err
	}
	defer stop(server)
	out := map[string]pressure{}
	base := "http://" + address + "/api/collections/hosts/records"
	for name, path := range map[string]string{
		"indexed":   "?perPage=50&skipTotal=0&sort=-memory&filter=" + url.QueryEscape(`os_version="11.1"`),
		"unindexed": "?perPage=50&skipTotal=0&sort=-cpus&filter=" + url.QueryEscape(`fqdn~"0000"`),
		"record":    "/" + pocketID(7),
	} {
		if out[name], err = press(r.ctx, base+path); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pocketID is the id of the host of a number.
func pocketID(i int) string { return fmt.Sprintf("h%014d", i) }

// collection makes the collection of hosts, with an index for the list that is measured, and opens it to everybody.
func collection(ctx context.Context, base string) error {
	var signedIn struct{ Token string }
	if err := call(ctx, base+"/api/collections/_superusers/auth-with-password", "", map[string]any{"identity": "bench@example.org", "password": "measured and not asserted"}, &signedIn); err != nil {
		return err
	}
	field := func(name, kind string) map[string]any { return map[string]any{"name": name, "type": kind} }
	return call(ctx, base+"/api/collections", signedIn.Token, map[string]any{
		"name": "hosts", "type": "base", "listRule": "", "viewRule": "",
		"fields": []any{field("key", "text"), field("name", "text"), field("description", "text"), field("serial", "text"), field("fqdn", "text"), field("operating_system", "text"), field("os_version", "text"),
			field("environment", "text"), field("site", "text"), field("owner", "text"), field("memory", "number"), field("cpus", "number")},
		"indexes": []string{"CREATE INDEX hosts_list ON hosts (os_version, memory DESC)"},
	}, nil)
}

func call(ctx context.Context, address, token string, body, answer any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", token)
	res, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return errors.Join(err, fmt.Errorf("%s: %d %.300s", address, res.StatusCode, text))
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}

// fillPocketBase puts the hosts of the run into the collection. PocketBase has to look after fewer records than Binnacle, which has all kinds of them.
func fillPocketBase(r *run, path string) error {
	db := sql.OpenDB(connector{path + "?_pragma=journal_mode(wal)&_pragma=synchronous(off)"})
	defer db.Close()
	tx, err := db.BeginTx(r.ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(r.ctx, `INSERT INTO hosts (id, key, name, description, serial, fqdn, operating_system, os_version, environment, site, owner, memory, cpus) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)`)
	if err != nil {
		return err
	}
	v, i := r.store.View(), 0
	for h := range estate.Each[*model.Host](v) {
		_, site, _ := v.NameOf(h.Site)
		_, owner, _ := v.NameOf(h.Owner)
		if _, err := insert.ExecContext(r.ctx, pocketID(i), h.Key, h.Name, h.Description, h.Serial, h.FQDN, h.OperatingSystem, h.OSVersion, string(h.Environment), site, owner, h.Memory, h.CPUs); err != nil {
			return err
		}
		i++
	}
	return tx.Commit()
}

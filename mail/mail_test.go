package mail

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
)

// port is a company with a contract whose day of notice is near, owned by Eva.
func port(t *testing.T) *doortest.World {
	t.Helper()
	w := doortest.Open(t)
	eva, tom := &model.Person{FullName: "Eva Quist", Email: "eva@example.com"}, &model.Person{FullName: "Tom Ray", Email: "tom@example.com"}
	eva.Key, tom.Key = "eva", "tom"
	vendor := &model.Vendor{}
	vendor.Key = "north-cloud"
	w.Put(eva, tom, vendor)
	contract := &model.Contract{Vendor: vendor.Ref(), State: "active", Start: model.MustDate("2025-08-01"), End: model.MustDate("2027-07-31"), Notice: model.Duration(24 * 24 * time.Hour), AutoRenew: 12}
	contract.Key, contract.Owner = "hosting", eva.Ref()
	w.Put(contract)
	w.As("eva", "eva", "employee", "cio")
	w.As("tom", "tom", "employee")
	return w
}

func TestEverybodyIsToldOnceWhatIsTheirs(t *testing.T) {
	w := port(t)
	var letters []Letter
	s := New(w.House, func(_ context.Context, l Letter) error { letters = append(letters, l); return nil }, Options{BaseURL: "https://binnacle.example.com/", Hour: 6})
	once := func(want int) {
		t.Helper()
		letters = nil
		n, err := s.Once(t.Context())
		if err != nil || n != want || len(letters) != want {
			t.Fatalf("%d letters went, want %d: %v", n, want, err)
		}
	}
	once(1)
	l := letters[0]
	if l.To != "eva@example.com" || !strings.Contains(l.Subject, "new notice") || !strings.Contains(l.Text, "hosting") || !strings.Contains(l.Text, "https://binnacle.example.com/notices") {
		t.Errorf("the letter is %+v", l)
	}
	w.Advance(25 * time.Hour)
	once(0)
	w.Advance(25 * time.Hour)
	if err := w.ChooseMail(t.Context(), w.Principal("tom"), door.MailOff); err != nil {
		t.Fatal(err)
	}
	other := &model.Contract{Vendor: model.Ref(w.Store.Snapshot().Find("Vendor", "north-cloud").Base().ID), State: "active", Start: model.MustDate("2025-08-01"), End: model.MustDate("2027-07-31"), Notice: model.Duration(22 * 24 * time.Hour), AutoRenew: 12}
	other.Key, other.Owner, other.Confidential = "merger-room", w.Store.Snapshot().Find("Person", "eva").Base().Ref(), true
	mine := model.Clone(other)
	mine.Key, mine.Owner, mine.Confidential = "toms", w.Store.Snapshot().Find("Person", "tom").Base().Ref(), false
	w.Put(other, mine)
	once(1)
	if l := letters[0]; l.To != "eva@example.com" || strings.Contains(l.Text, "merger-room") || !strings.Contains(l.Text, "confidential record") {
		t.Errorf("the letter is %+v", l)
	}
}

func TestALetterThatDoesNotGoIsTriedAgain(t *testing.T) {
	w := port(t)
	down := true
	s := New(w.House, func(context.Context, Letter) error {
		if down {
			return errors.New("no route")
		}
		return nil
	}, Options{})
	if n, err := s.Once(t.Context()); n != 0 || err == nil || !strings.Contains(err.Error(), "eva") {
		t.Fatalf("%d letters, %v", n, err)
	}
	down = false
	if n, err := s.Once(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d letters, %v", n, err)
	}
}

func TestNoticesThatWereSeenAreNotNew(t *testing.T) {
	w := port(t)
	eva := w.Principal("eva")
	all, err := w.Notices(t.Context(), eva, time.Minute)
	if err != nil || all.New == 0 || len(all.List) != all.New || len(all.Failed)+len(all.Waiting) > 0 {
		t.Fatalf("notices %+v, %v", all, err)
	}
	if err := w.MarkSeen(t.Context(), eva, []string{all.List[0].Key}); err != nil {
		t.Fatal(err)
	}
	after, err := w.Notices(t.Context(), eva, time.Minute)
	if err != nil || after.New != all.New-1 || len(after.List) != len(all.List) {
		t.Fatalf("after: %+v, %v", after, err)
	}
	if err := w.MarkSeen(t.Context(), eva, nil); err != nil {
		t.Fatal(err)
	}
	if after, err = w.Notices(t.Context(), eva, time.Minute); err != nil || after.New != 0 {
		t.Fatalf("after all: %+v, %v", after, err)
	}
	tom, err := w.Notices(t.Context(), w.Principal("tom"), time.Minute)
	if err != nil || len(tom.List) != 0 {
		t.Errorf("Tom is told what is Eva's: %+v, %v", tom.List, err)
	}
}

// TestSMTP speaks to a server that notes what it is told.
func TestSMTP(t *testing.T) {
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: web.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	told := make(chan string, 1)
	go serveSMTP(listener, told)
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	o := SMTP{Server: "smtps://" + listener.Addr().String(), From: "binnacle@example.com", Dial: (&net.Dialer{}).DialContext, Roots: roots}
	post, err := o.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := post(t.Context(), Letter{To: "eva@example.com", Name: "Eva Quist", Subject: "Binnacle: 1 new notice", Text: "Look."}); err != nil {
		t.Fatal(err)
	}
	got := <-told
	for _, want := range []string{"MAIL FROM:<binnacle@example.com>", "RCPT TO:<eva@example.com>", "Subject: Binnacle: 1 new notice", "Auto-Submitted: auto-generated", "Look."} {
		if !strings.Contains(got, want) {
			t.Errorf("the server was not told %q:\n%s", want, got)
		}
	}
	if err := post(t.Context(), Letter{To: "eva@example.com\r\nBcc: x@example.com", Name: "Eva", Subject: "s", Text: "t"}); err == nil {
		t.Error("an address with a second header was taken")
	}
	for _, server := range []string{"http://mail", "smtp://", "smtp://a:secret@mail", "mail:25"} {
		if _, err := (SMTP{Server: server, From: "a@example.com"}).Open(); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", server, err)
		}
	}
}

// serveSMTP takes one letter.
func serveSMTP(l net.Listener, told chan<- string) {
	conn, err := l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	in := bufio.NewScanner(conn)
	var all strings.Builder
	say := func(s string) { conn.Write([]byte(s + "\r\n")) }
	say("220 mail.example.com ESMTP")
	data := false
	for in.Scan() {
		line := in.Text()
		all.WriteString(line + "\n")
		switch word, _, _ := strings.Cut(line, " "); {
		case data && line == ".":
			data = false
			say("250 taken")
		case data:
		case word == "EHLO":
			say("250 mail.example.com")
		case word == "DATA":
			data = true
			say("354 go on")
		case word == "QUIT":
			say("221 bye")
			told <- all.String()
			return
		default:
			say("250 ok")
		}
	}
}

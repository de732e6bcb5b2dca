package letters

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
	"binnacle/practice/practicetest"
)

const plain = "From: Nora North <nora@mail.north.example>\r\nTo: Ideas <ideas+Berth@company.example>\r\nSubject: Re: AW: Payment by =?iso-8859-1?Q?t=E9l=E9phone?=\r\nDate: Mon, 6 Dec 2027 10:15:00 +0100\r\nMessage-ID: <one@north.example>\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
	"We want to pay at the caf=E9.\r\n\r\nOn Mon, 6 Dec 2027, Pia wrote:\r\n> What do you want?\r\n> Tell us.\r\n\r\nEvery day.\r\n-- \r\nNora North\r\nNorth Harbours\r\n"

const rich = "From: somebody@else.example\nTo: ideas@company.example\nSubject: Maps\nDate: Tue, 7 Dec 2027 08:00:00 +0000\nMessage-ID: <two@else.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n" +
	"--b\nContent-Type: multipart/alternative; boundary=\"a\"\n\n--a\nContent-Type: text/html; charset=utf-8\n\n<p>Maps &amp; <b>more</b></p><script>alert(1)</script><ul><li>tides</li><li>wind</li></ul><blockquote>old words</blockquote>\n--a--\n" +
	"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=\"=?utf-8?B?c2vDrHp6YS5wZGY=?=\"\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n"

const many = "From nora@north.example Mon Dec  6 10:15:00 2027\n" + "From: nora@north.example\nSubject: First\nDate: Mon, 6 Dec 2027 10:15:00 +0100\nMessage-ID: <m1@north.example>\n\nOne.\n\n>From here on it is hard.\n\n" +
	"From mailer-daemon@north.example Mon Dec  6 11:15:00 2027\n" + "From: nora@north.example\nSubject: Away\nAuto-Submitted: auto-replied\nDate: Mon, 6 Dec 2027 11:15:00 +0100\n\nI am away.\n\n" +
	"From broken@north.example Mon Dec  6 12:15:00 2027\nno header at all\n\n" +
	"From nora@north.example Mon Dec  6 13:15:00 2027\n" + "From: nora@north.example\nSubject: First\nDate: Mon, 6 Dec 2027 13:15:00 +0100\nMessage-ID: <m2@north.example>\n\nTwo.\nFrom the harbour.\n"

// wrote returns what became of a letter, without its key.
func wrote(t *testing.T, data string) []string {
	t.Helper()
	var out []string
	for _, i := range feedtest.Records[*model.Idea](feedtest.Read(t, Format, "mail.eml", []byte(data))) {
		out = append(out, strings.Join([]string{i.Name, i.From, i.Received.String(), i.ExternalID, i.Description}, " | "))
	}
	return out
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"plain": {plain, []string{"Payment by téléphone | Nora North <nora@mail.north.example> | 2027-12-06 | mid:one@north.example | We want to pay at the café.\n\nEvery day."}},
		"rich":  {rich, []string{"Maps | somebody@else.example | 2027-12-07 | mid:two@else.example | Maps & more\n- tides\n- wind\n\nAttached to the letter and not kept: skìzza.pdf."}},
		"many": {many, []string{
			"First | nora@north.example | 2027-12-06 | mid:m1@north.example | One.\n\nFrom here on it is hard.",
			"First | nora@north.example | 2027-12-06 | mid:m2@north.example | Two.\nFrom the harbour.",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, wrote(t, c.data)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestRefusals makes sure that what is no idea is told with its place, and the rest is kept.
func TestRefusals(t *testing.T) {
	b := feedtest.Read(t, Format, "box.mbox", []byte(many))
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		"box.mbox:12: Away: the letter was sent by a machine (Auto-Submitted: auto-replied) and is no idea",
		"box.mbox:20: letter 3: the header of the letter cannot be read: malformed header line: no header at all",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	feedtest.Refuses(t, Format, [][3]string{
		{"nothing", " \n", "there is no letter in it"},
		{"no sender", "Subject: x\n\ny\n", "From: there is no address"},
		{"no boundary", "From: a@b.example\nContent-Type: multipart/mixed\n\nx\n", "boundary"},
		{"a machine", "From: MAILER-DAEMON@b.example\nSubject: failed\n\nx\n", "sent by a machine"},
		{"too deep", deep(30), "nested deeper than 20"},
		{"too many parts", "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 600) + "--b--\n", "more than 500 parts"},
	})
}

// deep nests parts of a letter.
func deep(n int) string {
	out := "From: a@b.example\n"
	for i := range n {
		b := strings.Repeat("x", i+1)
		out += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n"
	}
	return out + "\ntext\n"
}

func TestOwn(t *testing.T) {
	for text, want := range map[string]string{
		"Hello.":           "Hello.",
		"> only\n> quoted": "> only\n> quoted",
		"New.\n\n-----Original Message-----\nFrom: x":                          "New.",
		"New.\n\nAm 6.12.2027 um 10:15\nschrieb Pia <pia@x.example>:\n> alt\n": "New.",
		"--\nstill text":   "--\nstill text",
		"a\n--\nsignature": "a",
		"On the one hand, he wrote:\nthis is no quote": "On the one hand, he wrote:\nthis is no quote",
	} {
		if got, _ := own(text); got != want {
			t.Errorf("own(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{{"plain", plain}, {"rich", rich}, {"many", many}, {"without a day", "From: a@b.example\nMessage-ID: <a@b>\n\nx"},
		{"a wrong header", "From: =?klingon?q?w=C3=A4?= <x@y.example>\nSubject: An idea\nDate: nonsense\n\nx"}}, [][2]string{
		{"nothing", ""}, {"words", "From here on it is hard.\n"}, {"a manifest", "kind: Host\nkey: a\n"},
		{"a manifest with a sender", "From: a@b.example\nkey: a\n"}, {"a table", "From,Date\na@b.example,2027-01-01\n"},
		{"Markdown", "---\nfrom: a@b.example\n---\n# Title\n"}, {"JSON", `{"From": "a@b.example"}`}, {"binary", "From: a@b.example\x00\n"},
		{"a line that parts and no letter", "From nora@north.example Mon Dec  6 10:15:00 2027\nkind: Host\n"},
	})
	feedtest.DetectsOnly(t, Format, func(path string) bool { return strings.HasSuffix(path, ".eml") || strings.HasSuffix(path, ".mbox") })
}

// TestSettle finds the customer by the domain and the product by the address, and knows a letter again.
func TestSettle(t *testing.T) {
	snap, err := practicetest.Estate("- {kind: Customer, key: north, domain: north.example}\n- {kind: Product, key: berth}\n")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	plan := func(s *estate.Snapshot) feed.Plan {
		b := feedtest.Read(t, Format, "mail.eml", []byte(plain))
		out := feed.Reconcile(s.View(model.MustDate("2027-12-08")), b, feed.Options{Now: model.TimeOf(time.Date(2027, 12, 8, 0, 0, 0, 0, time.UTC)), NewID: func() model.ID {
			n++
			return practicetest.IDOf(1000 + n)
		}})
		return *out
	}
	first := plan(snap)
	after, err := snap.Apply(model.Stamp{Seq: 2}, first.Changes)
	if err != nil {
		t.Fatal(err)
	}
	v := after.View(model.MustDate("2027-12-08"))
	for i := range estate.Each[*model.Idea](v) {
		if v.Get(i.Product) == nil || v.Get(i.Product).Base().Key != "berth" || len(i.Requests) != 1 || v.Get(i.Requests[0].Customer).Base().Key != "north" || i.Requests[0].Asked.String() != "2027-12-06" {
			t.Errorf("the letter became %+v", i)
		}
	}
	if v.Count("Idea") != 1 {
		t.Errorf("there are %d ideas", v.Count("Idea"))
	}
	for _, c := range plan(after).Changes {
		if c.Kind != "Source" {
			t.Errorf("a second import changes %s: %v", c.Kind, c.Fields)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{plain, rich, many, deep(3), "From: a@b.example\nDate: x\n\n", "From: =?x?Q?y?= <a@b.example>\nContent-Type: text/html; charset=utf-7\n\n<p"} {
		f.Add([]byte(seed))
	}
	feedtest.Fuzz(f, Format)
}

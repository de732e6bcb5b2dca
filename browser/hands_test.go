package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"binnacle/browser/drive"
)

// do does something in the browser.
func (s *suite) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(s.Ctx, 15*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("%s: %v\n%.1200s", eval[string](t, s, `location.href`), err, s.content(t))
	}
}

// quoted writes a text as JavaScript does.
func quoted(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(out)
}

// until waits, for at most ten seconds, until something holds on the page.
func (s *suite) until(t *testing.T, condition string) {
	t.Helper()
	var last error
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(40 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(s.Ctx, 5*time.Second)
		got, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		cancel()
		if last = err; err == nil && got {
			return
		}
	}
	t.Fatalf("%s: it never came true that %s (%v)\n%.1500s", eval[string](t, s, `location.href`), condition, last, s.content(t))
}

// leads does what leads to another page and waits for that page.
func (s *suite) leads(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	eval[bool](t, s, `document.documentElement.dataset.left = "yes", true`)
	s.do(t, steps...)
	s.until(t, `document.readyState === "complete" && !document.documentElement.dataset.left`)
	s.do(t, s.Settle())
}

// found returns the selector of what has some words on it, as a person finds what to press. Within may name a part of the page.
func (s *suite) found(t *testing.T, within, words string) chromedp.CSS {
	t.Helper()
	script := fmt.Sprintf(`(() => {
		document.querySelectorAll("[data-hand]").forEach(e => delete e.dataset.hand);
		const said = e => (e.ariaLabel || e.innerText || e.value || "").trim().replace(/\s+/g, " "), words = %s;
		const all = [...document.querySelectorAll(%s)].flatMap(p => [...p.querySelectorAll("a[href], button, summary, label, [role=option]")]).filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && !e.closest("[aria-hidden=true]"));
		const one = all.find(e => said(e) === words) || all.find(e => said(e).startsWith(words));
		if (one) one.dataset.hand = "yes";
		return !!one;
	})()`, quoted(words), quoted(within))
	s.until(t, script)
	return `[data-hand="yes"]`
}

// press clicks on what has some words on it and stays on the page.
func (s *suite) press(t *testing.T, within, words string) {
	t.Helper()
	s.do(t, chromedp.Click(s.found(t, within, words)))
}

// follow clicks on what has some words on it and waits for the page to which it leads.
func (s *suite) follow(t *testing.T, within, words string) {
	t.Helper()
	s.leads(t, chromedp.Click(s.found(t, within, words)))
}

// fill types into a field, in place of what stands in it.
func (s *suite) fill(t *testing.T, field, text string) {
	t.Helper()
	s.do(t, chromedp.WaitVisible(chromedp.CSS(field)))
	eval[bool](t, s, fmt.Sprintf(`(e => { e.focus(); e.select(); return true; })(document.querySelector(%s))`, quoted(field)))
	if text == "" {
		text = kb.Backspace
	}
	s.do(t, strike(text))
}

// choose sets a field that people choose from, or a date.
func (s *suite) choose(t *testing.T, field, value string) {
	t.Helper()
	if !eval[bool](t, s, fmt.Sprintf(`(e => { if (!e) return false; e.value = %s; e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %s; })(document.querySelector(%s))`, quoted(value), quoted(value), quoted(field))) {
		t.Fatalf("%s has no %s on %s", field, value, eval[string](t, s, `location.href`))
	}
}

// strike presses keys one after the other, as a keyboard does: what a page does with the stroke itself keeps the
// browser from typing it.
func strike(keys string, with ...chromedp.Modifier) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			for _, k := range kb.Encode(r) {
				for _, m := range with {
					k.Modifiers |= int64(m)
				}
				if k.Type == kb.KeyDown {
					k.Type = kb.KeyRawDown
				}
				if k.Type == kb.KeyChar && len(with) > 0 {
					continue
				}
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// key presses a key, perhaps together with others.
func (s *suite) key(t *testing.T, key string, with ...chromedp.Modifier) {
	t.Helper()
	s.do(t, strike(key, with...))
}

// send posts a form from the page that is open, as somebody else would in a second tab, and returns the status.
func (s *suite) send(t *testing.T, path string, pairs ...string) int {
	t.Helper()
	list, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	return eval[int](t, s, fmt.Sprintf(`(l => { const p = new URLSearchParams(); for (let i = 0; i < l.length; i += 2) p.append(l[i], l[i + 1]); return fetch(%s, {method: "POST", body: p, redirect: "manual"}).then(r => r.type === "opaqueredirect" ? 303 : r.status); })(%s)`, quoted(path), list))
}

// vendor makes a vendor that belongs to one flow alone and opens its page. What else is said about it are names of fields and values.
func (s *suite) vendor(t *testing.T, key, name string, more ...string) {
	t.Helper()
	pairs := []string{"has", "key", fieldName("key"), key, "has", "name", fieldName("name"), name}
	for i := 0; i+1 < len(more); i += 2 {
		pairs = append(pairs, "has", more[i], fieldName(more[i]), more[i+1])
	}
	s.visit(t, "/help")
	if got := s.send(t, "/records/Vendor/new", pairs...); got != 303 {
		t.Fatalf("the vendor %s was not made: %d", key, got)
	}
	s.visit(t, "/records/Vendor/"+key)
}

// fieldName returns the name that a field of a record has in forms.
func fieldName(field string) string { return "f." + field }

// value returns what the page of a record says about a field.
func (s *suite) value(t *testing.T, field string) string {
	t.Helper()
	return strings.TrimSpace(eval[string](t, s, fmt.Sprintf(`document.querySelector(%s)?.innerText || ""`, quoted("#v-"+field+" .the-value"))))
}

// somebodyElse is a browser of its own, where nobody is signed in.
func (s *suite) somebodyElse(t *testing.T) *suite {
	t.Helper()
	b, stop, err := s.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	other := &suite{Browser: b, server: s.server, axe: s.axe}
	if err := other.Dress(drive.Looks[0]); err != nil {
		t.Fatal(err)
	}
	return other
}

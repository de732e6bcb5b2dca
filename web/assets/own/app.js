"use strict";
// What makes pages nicer where scripts run: palette, keyboard, pickers, dialogs, copying, toasts. Every page works without it.
// Other scripts of Binnacle use window.binnacle.

(() => {
  // Text becomes elements only through these policies: "binnacle" for what htmx swaps in from this server,
  // "default" for libraries, which may write plain text and load scripts of this site alone.
  const tt = window.trustedTypes;
  const scriptURL = url => new URL(url, location.href).origin === location.origin && new URL(url, location.href).pathname.startsWith("/assets/") ? url : null;
  const rules = { createHTML: s => s, createScript: () => "", createScriptURL: scriptURL };
  const trusted = tt ? tt.createPolicy("binnacle", rules) : rules;
  if (tt) tt.createPolicy("default", { createHTML: s => s.includes("<") ? null : s, createScriptURL: scriptURL });

  if (window.htmx) {
    const never = function () { throw new Error("Code in attributes is not run."); };
    htmx.registerExtension("binnacle", {
      init: api => api.initSecurity(trusted, never, never),
    });
  }

  // The graph viewer brings a style of its own where nothing has this name. The policy forbids that, and app.css has it.
  const name = "__________cytoscape_stylesheet";
  if (!document.getElementById(name)) document.head.append(Object.assign(document.createElement("meta"), { id: name }));

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const make = (tag, attributes = {}, ...children) => {
    const e = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== false && value != null) e.setAttribute(name, value === true ? "" : value);
    e.append(...children);
    return e;
  };
  const on = (type, selector, act) => document.addEventListener(type, event => {
    const target = event.target.closest?.(selector);
    if (target) act(target, event);
  });
  const typing = e => e.isContentEditable || /^(input|select|textarea)$/i.test(e.tagName) && !/^(checkbox|radio|button|submit)$/.test(e.type);

  // Addresses keep the moment that is looked at.
  const moment = ["as_of", "at", "scenario"];
  const withMoment = path => {
    const url = new URL(path, location.origin), here = new URLSearchParams(location.search);
    for (const name of moment) if (here.get(name) && !url.searchParams.has(name)) url.searchParams.set(name, here.get(name));
    return url.pathname + url.search + url.hash;
  };
  const json = async (path, options) => {
    const answer = await fetch(path, { headers: { Accept: "application/json" }, credentials: "same-origin", ...options });
    if (!answer.ok || !/json/.test(answer.headers.get("Content-Type") || "")) throw new Error(answer.statusText);
    return answer.json();
  };
  const live = make("div", { class: "visually-hidden", role: "status" });
  document.body.append(live);
  const announce = text => { live.textContent = ""; setTimeout(() => { live.textContent = text; }, 50); };
  const token = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  window.binnacle = { all, make, withMoment, json, announce, token };

  // A list of choices under a field that people type into, as screen readers know it.
  let lists = 0;
  const choices = (input, list, { load, choose, draw, wait = 130 }) => {
    list.id = list.id || "choices-" + ++lists;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off", spellcheck: "false" })) input.setAttribute(name, value);
    list.setAttribute("role", "listbox");
    let items = [], at = -1, timer, abort;
    const show = open => { input.setAttribute("aria-expanded", open); list.hidden = !open; if (!open) input.removeAttribute("aria-activedescendant"); };
    const options = () => all("[role=option]", list);
    const mark = i => {
      at = i;
      options().forEach((o, n) => {
        o.setAttribute("aria-selected", n === i);
        if (n === i) { input.setAttribute("aria-activedescendant", o.id); o.scrollIntoView({ block: "nearest" }); }
      });
    };
    const refresh = async first => {
      abort?.abort();
      abort = new AbortController();
      try {
        items = await load(input.value, abort.signal);
      } catch (fault) {
        if (fault.name !== "AbortError") show(false);
        return;
      }
      list.replaceChildren(...draw(items, list.id));
      options().forEach((o, n) => o.addEventListener("mousedown", event => { event.preventDefault(); choose(items[n]); show(false); }));
      show(items.length > 0);
      mark(first && items.length ? 0 : -1);
      announce(items.length === 1 ? "1 choice" : items.length + " choices");
    };
    input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => refresh(true), wait); });
    input.addEventListener("keydown", event => {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) refresh(true);
        else if (items.length) mark((at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length);
      } else if (event.key === "Enter" && !list.hidden && at >= 0) {
        event.preventDefault();
        choose(items[at], event);
        show(false);
      } else if (event.key === "Escape" && !list.hidden && !list.dataset.stays) {
        event.preventDefault();
        event.stopPropagation();
        show(false);
      }
    });
    if (!list.dataset.stays) input.addEventListener("blur", () => setTimeout(() => show(false), 120));
    show(false);
    return refresh;
  };

  // Pickers of records: input data-picker="Kind,Kind", with data-many where several are separated by commas.
  const picker = input => {
    if (input.dataset.ready) return;
    input.dataset.ready = "yes";
    const kinds = input.dataset.picker, many = "many" in input.dataset, one = kinds && !kinds.includes(",");
    const list = make("ul", { class: "picked" });
    const wrap = make("span", { class: "picker" });
    input.before(wrap);
    wrap.append(input, list);
    list.setAttribute("aria-label", "Records");
    choices(input, list, {
      load: (text, signal) => json(withMoment("/pick?kinds=" + encodeURIComponent(kinds) + "&q=" + encodeURIComponent(many ? text.slice(text.lastIndexOf(",") + 1).trim() : text.trim())), { signal }),
      draw: (items, id) => items.map((item, n) => make("li", { role: "option", id: id + "-" + n }, make("span", {}, item.name || item.key), make("small", {}, (one ? "" : item.kind + " ") + item.key))),
      choose: item => {
        const value = one ? item.key : item.kind + "/" + item.key;
        input.value = many ? input.value.slice(0, input.value.lastIndexOf(",") + 1).replace(/,$/, ", ") + value : value;
        input.dispatchEvent(new Event("change", { bubbles: true }));
      },
    });
  };

  // The palette: pages, records, questions and actions by a few letters.
  let palette;
  const go = item => {
    if (!item.post) { location.assign(withMoment(item.path)); return; }
    const form = make("form", { method: "post", action: item.post, hidden: true });
    const fields = { to: location.pathname + location.search, ...item.fields };
    for (const [name, value] of Object.entries(fields)) form.append(make("input", { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
  };
  const openPalette = (text = "") => {
    if (!document.querySelector("header.bar")) return;
    if (!palette) {
      const input = make("input", { type: "text", "aria-label": "Search or jump to", placeholder: "Search records, pages, questions and actions…" });
      const list = make("ul", { "data-stays": "yes", "aria-label": "Results" });
      const foot = make("footer", {}, make("span", {}, make("kbd", {}, "↑"), " ", make("kbd", {}, "↓"), " choose"), make("span", {}, make("kbd", {}, "Enter"), " open"), make("span", {}, make("kbd", {}, "Esc"), " close"));
      const dialog = make("dialog", { class: "palette", "aria-label": "Search or jump to" }, input, list, foot);
      document.body.append(dialog);
      const refresh = choices(input, list, {
        wait: 90,
        load: async (q, signal) => {
          const found = await json(withMoment("/palette?q=" + encodeURIComponent(q)), { signal });
          if (q.trim()) found.push({ group: "Search", label: "Search everything for “" + q.trim() + "”", path: "/search?q=" + encodeURIComponent(q.trim()) });
          return found;
        },
        draw: (items, id) => items.flatMap((item, n) => {
          const line = make("li", { role: "option", id: id + "-" + n }, make("span", {}, item.label), item.hint ? make("small", {}, item.hint) : "");
          return n === 0 || items[n - 1].group !== item.group ? [make("li", { class: "group", role: "presentation" }, item.group), line] : [line];
        }),
        choose: item => { dialog.close(); go(item); },
      });
      palette = { dialog, input, refresh };
    }
    if (palette.dialog.open) return;
    palette.input.value = text;
    palette.dialog.showModal();
    palette.input.focus();
    palette.refresh(true);
  };

  // The keyboard.
  const places = { h: ["Home", "/"], b: ["Boards", "/boards"], q: ["Questions", "/questions"], r: ["Records", "/records"], p: ["Pictures", "/pictures"], o: ["Offices", "/offices"], s: ["Scenarios", "/scenarios"], y: ["History", "/history"], i: ["Import", "/imports"], m: ["Your account", "/me"] };
  const keysOff = () => localStorage.getItem("keys") === "off";
  let sheet;
  const openKeys = () => {
    if (!sheet) {
      const list = make("dl", { class: "keys" });
      const line = (keys, what) => list.append(make("dt", {}, ...keys.flatMap((k, i) => i ? [" ", make("kbd", {}, k)] : [make("kbd", {}, k)])), make("dd", {}, what));
      line(["Ctrl", "K"], "Search or jump to anything, also with /");
      line(["?"], "Show these keys");
      line(["j"], "Next row of a table"); line(["k"], "Row before"); line(["Enter"], "Open the row"); line(["x"], "Tick the row");
      line(["Esc"], "Close what is open");
      for (const [key, [what]] of Object.entries(places)) line(["g", key], what);
      for (const e of all("[data-key]")) line([e.dataset.key], (e.dataset.keyName || e.textContent || e.ariaLabel || "").trim());
      const off = make("input", { type: "checkbox" });
      off.checked = !keysOff();
      off.addEventListener("change", () => localStorage.setItem("keys", off.checked ? "on" : "off"));
      sheet = make("dialog", { "aria-labelledby": "keys-title" }, make("h2", { id: "keys-title" }, "Keyboard"), list,
        make("p", { class: "row" }, make("label", { class: "check" }, off, " Keys without Ctrl work"), make("button", { class: "button right", "data-close": true, type: "button" }, "Close")));
      document.body.append(sheet);
    }
    sheet.showModal();
  };
  const row = step => {
    const rows = all("table.data tbody tr").filter(r => r.offsetParent && r.querySelector("a[href]"));
    if (!rows.length) return;
    const here = rows.findIndex(r => r.classList.contains("here"));
    const next = rows[Math.min(Math.max(here + step, 0), rows.length - 1)];
    rows[here]?.classList.remove("here");
    next.classList.add("here");
    next.querySelector("a[href]").focus();
    next.scrollIntoView({ block: "nearest" });
  };
  let leader = 0;
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openPalette();
      return;
    }
    if (event.key === "Escape") all("details.person[open], details.drawer[open]").forEach(d => { d.open = false; d.firstElementChild.focus(); });
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]") || keysOff()) return;
    if (Date.now() - leader < 1500) {
      leader = 0;
      if (places[event.key]) { event.preventDefault(); location.assign(withMoment(places[event.key][1])); }
      return;
    }
    const own = /^[a-z0-9]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`);
    const act = own ? () => own.click() : { "/": () => openPalette(), "?": openKeys, g: () => { leader = Date.now(); }, j: () => row(1), k: () => row(-1),
      x: () => document.querySelector("tr.here input[type=checkbox]")?.click() }[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.addEventListener("focusin", event => {
    const r = event.target.closest("table.data tbody tr");
    all("tr.here").forEach(other => { if (other !== r) other.classList.remove("here"); });
    r?.classList.add("here");
  });

  // Small things by attribute.
  on("click", "[data-keys]", (e, event) => { event.preventDefault(); openKeys(); });
  on("click", "[data-dialog]", (e, event) => { const d = document.querySelector(e.dataset.dialog); if (d?.showModal) { event.preventDefault(); d.showModal(); } });
  on("click", "[data-close]", (e, event) => { const d = e.closest("dialog"); if (d) { event.preventDefault(); d.close(); } });
  document.addEventListener("click", event => {
    if (event.target.matches("dialog")) {
      const box = event.target.getBoundingClientRect();
      if (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom) event.target.close();
    }
    all("details.person[open], details.drawer[open]").forEach(d => { if (!d.contains(event.target)) d.open = false; });
  });
  on("change", "[data-submit]", e => e.form?.requestSubmit());
  on("change", "[data-check-all]", e => all("tbody input[type=checkbox]", e.closest("table")).forEach(box => { if (box.checked !== e.checked) box.click(); }));
  on("click", "[data-copy]", async e => {
    const from = e.dataset.copy.startsWith("#") ? document.querySelector(e.dataset.copy) : null;
    const text = from ? from.value ?? from.textContent : e.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", { class: "visually-hidden" });
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const was = e.dataset.was || (e.dataset.was = e.textContent);
    e.textContent = "Copied";
    announce("Copied");
    setTimeout(() => { e.textContent = was; }, 1600);
  });

  // Toasts go by themselves, unless somebody is at them.
  for (const toast of all(".toast")) {
    const close = make("button", { class: "button small close", type: "button", "aria-label": "Dismiss" }, "✕");
    close.addEventListener("click", () => toast.remove());
    toast.append(close);
    const leave = () => toast.matches(":hover, :focus-within") ? setTimeout(leave, 4000) : toast.remove();
    setTimeout(leave, 15000);
  }

  // A quiet note where others have changed something since the page was opened.
  const since = Number(document.body.dataset.entry || 0);
  let note;
  const look = async () => {
    if (document.hidden || new URLSearchParams(location.search).has("as_of")) return;
    try {
      const { entries } = await json("/fresh?since=" + since);
      if (!entries) return;
      note?.remove();
      note = make("div", { class: "news no-print", role: "status" }, (entries === 1 ? "1 new entry" : entries + " new entries") + " since you opened this page. ",
        make("a", { href: location.href }, "Reload"), " · ", make("a", { href: "/history" }, "History"));
      document.body.append(note);
    } catch { /* The server is away: nothing to tell. */ }
  };
  if (since) setInterval(look, 45000);

  const ready = root => {
    all("input[data-picker]", root).forEach(picker);
    for (const box of all(".table-wrap, pre", root)) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    all("time[datetime]", root).forEach(t => { const d = new Date(t.dateTime); if (!isNaN(d) && !t.title) t.title = d.toLocaleString(); });
  };
  ready(document);
  document.addEventListener("htmx:after:swap", () => ready(document));
})();

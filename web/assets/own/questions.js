"use strict";
// Fields that name a record offer what fits while one types. Where several may stand, the last one is looked up.
(() => {
  for (const input of document.querySelectorAll("input[data-lookup]")) {
    const list = document.getElementById(input.getAttribute("list"));
    if (!list) continue;
    const given = [...list.children];
    let timer, last;
    input.addEventListener("input", () => {
      const parts = input.dataset.many ? input.value.split(/[,;]\s*/) : [input.value];
      const word = parts.pop().trim();
      const before = parts.length ? parts.join(", ") + ", " : "";
      if (word === last) return;
      last = word;
      clearTimeout(timer);
      if (word.length < 2) return;
      timer = setTimeout(async () => {
        const q = new URLSearchParams({kinds: input.dataset.lookup, q: word});
        const here = new URLSearchParams(location.search);
        for (const name of ["as_of", "at", "scenario"]) if (here.get(name)) q.set(name, here.get(name));
        const answer = await fetch("/pick?" + q, {headers: {Accept: "application/json"}}).catch(() => null);
        if (!answer || !answer.ok || word !== last) return;
        const found = await answer.json().catch(() => null);
        if (!Array.isArray(found) || !found.length) {
          list.replaceChildren(...given);
          return;
        }
        list.replaceChildren(...found.slice(0, 30).map(r => {
          const o = document.createElement("option");
          o.value = before + r.kind + "/" + r.key;
          o.label = r.name || r.key;
          return o;
        }));
      }, 180);
    });
  }
})();

"use strict";
// The drop zone shows what was chosen, and pages that wait look again by themselves.
(() => {
  document.documentElement.classList.add("script");
  const size = n => n >= 1048576 ? (n / 1048576).toFixed(1) + " MB" : n >= 1024 ? (n / 1024).toFixed(1) + " KB" : n + " bytes";
  const start = () => {
    for (const form of document.querySelectorAll("[data-drop]:not([data-set])")) {
      form.dataset.set = "1";
      const zone = form.querySelector(".drop"), input = form.querySelector("input[type=file]"), list = form.querySelector(".drop-list");
      for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, () => zone.classList.add("over"));
      for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
      input.addEventListener("change", () => {
        list.replaceChildren(...[...input.files].map(f => {
          const item = document.createElement("li");
          item.textContent = f.name + ", " + size(f.size);
          return item;
        }));
      });
    }
    const box = document.querySelector("[data-poll]:not([data-set])");
    if (!box) return;
    box.dataset.set = "1";
    const look = async () => {
      if (!box.isConnected) return;
      try {
        const answer = await fetch(box.dataset.poll, { headers: { Accept: "application/json" } });
        const s = await answer.json();
        if (s.state !== "running" && s.state !== "reading") return location.reload();
        const bar = box.querySelector("progress"), text = box.querySelector("[data-poll-text]");
        if (s.total && bar) { bar.max = s.total; bar.value = s.done; }
        if (s.total && text) text.textContent = s.done + " of " + s.total + " " + s.unit + (s.at ? ": " + s.at : "");
      } catch { /* The server may be busy; the next look tells. */ }
      setTimeout(look, 1000);
    };
    setTimeout(look, 700);
  };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:after:swap", start);
  if (document.readyState !== "loading") start();
})();

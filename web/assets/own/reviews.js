"use strict";
// Deciding about access: what needs a reason says so before it is sent, and the keys 1 to 4 choose. All of it works without this too.
(() => {
  const form = document.querySelector(".decide-form");
  if (!form) return;
  const reason = form.elements.reason, help = document.getElementById("why-help"), plain = help.textContent;
  const chosen = () => form.querySelector("input[name=decision]:checked");
  const tell = () => {
    const needs = chosen()?.dataset.needs;
    reason.required = !!needs;
    help.textContent = needs ? needs + "." : plain;
  };
  form.addEventListener("change", tell);
  document.addEventListener("keydown", event => {
    if (!/^[1-4]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || /^(textarea|select)$/i.test(event.target.tagName) || event.target.matches("input:not([type=radio])")) return;
    const one = form.querySelector(`[data-key="${event.key}"]`);
    setTimeout(() => { if (one?.checked) one.focus(); });
  });
  form.addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(form.querySelector("[value=next]"));
  });
  tell();
})();

"use strict";
// Cards of the roadmap are moved by dragging and with the arrow keys. Their buttons do the same without this.
(() => {
  const cards = [...document.querySelectorAll("[data-item]")];
  if (!cards.length) return;
  const press = (card, bucket) => {
    const form = card.querySelector(".item-move");
    if (!form || card.closest("[data-bucket]").dataset.bucket === bucket) return;
    const button = form.querySelector(`button[value="${bucket}"]`) ?? form.querySelector("button");
    button.value = bucket;
    form.requestSubmit(button);
  };
  let dragged = null;
  for (const card of cards) {
    card.draggable = true;
    card.addEventListener("dragstart", event => {
      dragged = card;
      card.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", card.querySelector("h3").textContent);
    });
    card.addEventListener("dragend", () => { dragged = null; card.classList.remove("dragged"); });
    card.addEventListener("keydown", event => {
      if (event.target !== card || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
      const buttons = [...card.querySelectorAll(".item-move button")];
      const all = ["now", "next", "later"], at = all.indexOf(card.closest("[data-bucket]").dataset.bucket);
      const to = event.key === "ArrowLeft" ? all[at - 1] : event.key === "ArrowRight" ? all[at + 1] : null;
      if (to && buttons.length) {
        event.preventDefault();
        press(card, to);
      } else if (event.key === "Enter") {
        card.querySelector("h3 a").click();
      }
    });
  }
  for (const bucket of document.querySelectorAll("[data-bucket]")) {
    bucket.addEventListener("dragover", event => { if (dragged) { event.preventDefault(); bucket.classList.add("over"); } });
    bucket.addEventListener("dragleave", event => { if (!bucket.contains(event.relatedTarget)) bucket.classList.remove("over"); });
    bucket.addEventListener("drop", event => { event.preventDefault(); bucket.classList.remove("over"); if (dragged) press(dragged, bucket.dataset.bucket); });
  }
  // After a move the card that was moved has the focus again.
  const moved = location.hash.startsWith("#item-") && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (moved) moved.focus({preventScroll: false});
})();

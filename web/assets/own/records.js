"use strict";
// What makes lists and forms of records nicer where scripts run: all rows of a page are ticked together, rows of a table are added in place. Everything works without it.
(() => {
  document.addEventListener("change", event => {
    const e = event.target;
    if (e.matches("[data-select-all]")) for (const box of document.querySelectorAll("input[name=key][form=select]")) box.checked = e.checked;
    if (e.matches(".bulk-row input, .bulk-row select:not([name^='how.']), .bulk-row textarea")) {
      const how = e.closest(".bulk-row").querySelector("select[name^='how.']");
      if (how && how.value === "") how.value = "set";
    }
  });
  document.addEventListener("click", event => {
    const button = event.target.closest?.("[data-add-row]");
    if (!button) return;
    const table = button.closest("fieldset").querySelector("table[data-rows]");
    const last = table.tBodies[0].lastElementChild;
    if (!last || last.querySelector(".picker")) return; // Pickers are made by the server's page.
    event.preventDefault();
    const row = last.cloneNode(true), number = table.tBodies[0].rows.length;
    for (const input of row.querySelectorAll("[name]")) {
      input.name = input.name.replace(/\[\d+\]/, "[" + number + "]");
      if (input.type === "checkbox") input.checked = false; else input.value = "";
    }
    table.tBodies[0].append(row);
    row.querySelector("input, select, textarea").focus();
  });
  document.getElementById("problems")?.focus();
})();

// Log progress: another row for a source, files dropped on a row.
// Without this file the form works all the same: three rows, a file chooser, a preview by the server.
(() => {
  "use strict";

  // --- rows for sources ------------------------------------------------------------------------------
  const MOST = 20;

  function tidy(form) {
    const rows = rowsOf(form);
    rows.slice(1).forEach((row) => {
      if (!row.classList.contains("is-used")) row.hidden = true;
    });
    const add = form.querySelector("[data-source-add]");
    if (!add) return;
    add.hidden = false;
    add.addEventListener("click", () => {
      const row = rowsOf(form).find((each) => each.hidden) ?? another(form);
      if (!row) return;
      row.hidden = false;
      row.querySelector("input").focus();
    });
    rows.forEach(acceptDrops);
  }

  const rowsOf = (form) => [...form.querySelectorAll("[data-source]")].filter((row) => !row.closest("template"));

  function makeRows(form, number) {
    while (rowsOf(form).length < number && another(form));
  }

  function another(form) {
    const total = form.querySelector("[name=source-TOTAL_FORMS]");
    const number = Number(total.value);
    if (number >= MOST) return null;
    const empty = form.querySelector("[data-source-empty]").content.firstElementChild;
    const row = document.importNode(empty, true);
    for (const part of row.querySelectorAll("*")) {
      for (const name of ["id", "name", "for", "aria-describedby"]) {
        const value = part.getAttribute(name);
        if (value) part.setAttribute(name, value.replaceAll("__prefix__", number));
      }
    }
    row.setAttribute("aria-label", `${row.getAttribute("aria-label").trim()} ${number + 1}`);
    form.querySelector("[data-sources]").append(row);
    total.value = number + 1;
    acceptDrops(row);
    return row;
  }

  function acceptDrops(row) {
    const zone = row.querySelector("[data-drop]");
    const input = zone?.querySelector("input[type=file]");
    if (!input || zone.dataset.ready) return;
    zone.dataset.ready = "yes";
    const words = document.createElement("span");
    words.className = "drop-words small";
    words.textContent = zone.dataset.dropWords;
    input.after(words);
    const over = (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      event.preventDefault();
      zone.classList.add("is-over");
    };
    zone.addEventListener("dragenter", over);
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      zone.classList.remove("is-over");
      // What was chosen before stays chosen.
      const all = new DataTransfer();
      for (const file of [...input.files, ...event.dataTransfer.files]) all.items.add(file);
      input.files = all.files;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  // What was kept may hold more sources than are drawn: make their rows first, and show those that are filled.
  function makeRoom(form, fields) {
    const filled = Object.entries(fields).filter(([, value]) => value).map(([name]) => Number(/^source-(\d+)-/.exec(name)?.[1] ?? -1));
    makeRows(form, Math.max(0, ...filled) + 1);
    rowsOf(form).forEach((row, number) => { if (filled.includes(number)) row.hidden = false; });
  }

  function start(root) {
    const forms = root.matches?.(".log-form") ? [root] : root.querySelectorAll(".log-form");
    for (const form of forms) {
      if (form.dataset.started) continue;
      form.dataset.started = "yes";
      tidy(form);
      form.addEventListener("keep:fill", (event) => makeRoom(form, event.detail));
    }
  }

  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
})();

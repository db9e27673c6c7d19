// Log progress: another row for a source, files dropped on a row, and typed words that outlive a closed session.
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

  // --- words kept in this browser ----------------------------------------------------------------------
  const PREFIX = "log-progress:";
  const KEPT_DAYS = 7;
  // Never kept here: secrets of the session, what the server drew, and anything of a confidential source.
  const SKIP = /^(csrfmiddlewaretoken|form_key|version|then|drawn_evidence|evidence|source-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|step-\d+-drawn)$/;

  const store = {
    read(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    },
    write(key, value) {
      try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: the form works without */ }
    },
    drop(key) {
      try { localStorage.removeItem(key); } catch { /* as above */ }
    },
    keys() {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; }
    },
  };

  const keyOf = (form) => `${PREFIX}${form.dataset.person}:${form.dataset.keep}`;

  function typed(form) {
    const hidden = [...form.querySelectorAll("[name$=-confidential]:checked")].map((box) => box.name.replace("confidential", ""));
    const fields = {};
    for (const field of form.elements) {
      if (!field.name || SKIP.test(field.name) || field.type === "file" || field.type === "submit") continue;
      if (hidden.some((prefix) => field.name.startsWith(prefix))) continue;
      fields[field.name] = field.type === "checkbox" ? field.checked : field.value;
    }
    return fields;
  }

  function keep(form) {
    store.write(keyOf(form), { at: Date.now(), fields: typed(form), sent: false });
  }

  function offer(form) {
    const notice = form.querySelector("[data-kept]");
    const kept = store.read(keyOf(form));
    if (!notice || !kept) return;
    const now = typed(form);
    const differs = Object.entries(kept.fields).some(([name, value]) => name in now && now[name] !== value);
    if (!differs) return;
    notice.hidden = false;
    notice.querySelector("[data-kept-use]").addEventListener("click", () => {
      const numbers = Object.keys(kept.fields).map((name) => Number(/^source-(\d+)-/.exec(name)?.[1] ?? 0));
      makeRows(form, Math.max(...numbers) + 1);
      for (const [name, value] of Object.entries(kept.fields)) {
        const field = form.elements.namedItem(name);
        if (!field || field instanceof RadioNodeList) continue;
        if (field.type === "checkbox") field.checked = value; else field.value = value;
        field.closest("details")?.toggleAttribute("open", Boolean(value) || field.closest("details").open);
        const row = field.closest("[data-source]");
        if (row && value) row.hidden = false;
      }
      notice.hidden = true;
      form.querySelector("textarea").focus();
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
    notice.querySelector("[data-kept-drop]").addEventListener("click", () => {
      store.drop(keyOf(form));
      notice.hidden = true;
      form.querySelector("textarea").focus();
    });
  }

  // What was sent is let go once a page answers it: another page than the entrance, or a form that holds it.
  // From the entrance one comes back to it.
  function settle(form) {
    const entrance = document.querySelector("input[type=password]");
    const own = form?.querySelector(".error-summary") ? keyOf(form) : "";
    for (const key of store.keys()) {
      const kept = store.read(key);
      if (!kept || Date.now() - kept.at > KEPT_DAYS * 86_400_000) store.drop(key);
      else if (!kept.sent) continue;
      else if (entrance || key === own) store.write(key, { ...kept, sent: false });
      else store.drop(key);
    }
  }

  function start(root) {
    const forms = root.matches?.("form[data-keep]") ? [root] : root.querySelectorAll("form[data-keep]");
    for (const form of forms) {
      if (form.dataset.started) continue;
      form.dataset.started = "yes";
      if (root !== document) settle(form);
      tidy(form);
      offer(form);
      let timer;
      form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(() => { if (form.isConnected) keep(form); }, 400);
      });
      form.addEventListener("submit", (event) => {
        clearTimeout(timer);
        if (event.submitter?.value === "preview") return;
        keep(form);
        store.write(keyOf(form), { ...store.read(keyOf(form)), sent: true });
      });
    }
  }

  settle(document.querySelector("form[data-keep]"));
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
})();

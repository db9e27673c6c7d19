// Typed words outlive a closed session, a lost connection and a change of device: a form with data-keep (its
// address) is kept as it is typed, on the server and, while that cannot be reached, in this browser.
(() => {
  "use strict";
  const PREFIX = "kept:";
  const KEPT_DAYS = 7;
  const DRAFTS = "/accounts/drafts/";
  // Never kept: secrets of the session and what the server drew.
  const SKIP = /^(csrfmiddlewaretoken|form_key|version|then|kept_draft|drawn\w*|evidence|kept_shown|[\w-]+-kept|[\w-]+-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|step-\d+-drawn)$/;

  const store = {
    read(key) {
      try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
    },
    write(key, value) {
      try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden: the server keeps it */ }
    },
    drop(key) {
      try { localStorage.removeItem(key); } catch { /* as above */ }
    },
    keys() {
      try { return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)); } catch { return []; }
    },
  };
  const keyOf = (form) => `${PREFIX}${form.dataset.person}:${form.dataset.keep}`;
  const tokenOf = (form) => form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";

  // What stands in the form; of a confidential source nothing is left in this browser.
  function typed(form, here) {
    const hidden = here
      ? [...form.querySelectorAll("[name$=-confidential]:checked")].map((box) => box.name.replace("confidential", ""))
      : [];
    const fields = {};
    for (const field of form.elements) {
      if (!field.name || SKIP.test(field.name) || ["file", "submit", "button"].includes(field.type)) continue;
      if (hidden.some((prefix) => field.name.startsWith(prefix))) continue;
      if (field.type === "checkbox" || field.type === "radio") fields[`${field.name}=${field.value}`] = field.checked;
      else fields[field.name] = field.value;
    }
    return fields;
  }

  function fill(form, fields) {
    form.dispatchEvent(new CustomEvent("keep:fill", { detail: fields }));
    for (const field of form.elements) {
      if (!field.name || SKIP.test(field.name) || field.type === "file") continue;
      const box = field.type === "checkbox" || field.type === "radio";
      const value = fields[box ? `${field.name}=${field.value}` : field.name];
      if (value === undefined) continue;
      if (box) field.checked = value; else field.value = value;
      if (value) for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const same = (one, other) => Object.entries(one).every(([name, value]) => !(name in other) || other[name] === value);

  // Files are kept on the server as they are chosen: no browser sends them again by itself.
  async function sendFiles(form, input) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", tokenOf(form));
    body.append("address", form.dataset.keep);
    body.append("field", input.name.replace(/-files$/, ""));
    for (const file of input.files) body.append("files", file);
    try { await fetch(`${DRAFTS}files/`, { method: "POST", body, credentials: "same-origin" }); } catch { /* sent with the form */ }
  }

  async function send(form, fields) {
    const body = new URLSearchParams({
      csrfmiddlewaretoken: tokenOf(form), address: form.dataset.keep, page: location.pathname,
      title: document.title, fields: JSON.stringify(fields),
    });
    try { await fetch(DRAFTS, { method: "POST", body, credentials: "same-origin" }); } catch { /* kept here meanwhile */ }
  }

  // After signing in anew, or in another window, forms drawn before carry a token of the past: take a fresh one.
  async function refresh(form) {
    const line = document.getElementById("page-status");
    try {
      const answer = await fetch(`${DRAFTS}?address=${encodeURIComponent(form.dataset.keep)}`, { credentials: "same-origin" });
      if (answer.status === 401) { if (line) line.textContent = form.dataset.signIn; return; }
      const { token } = await answer.json();
      for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
      if (line) line.textContent = form.dataset.again;
    } catch { /* not reachable: that is said already */ }
  }

  async function offer(form, original) {
    const notice = form.querySelector("[data-kept]");
    if (!notice) return;
    let fields = store.read(keyOf(form))?.fields;
    if (!fields || same(fields, original)) {
      try {
        const answer = await fetch(`${DRAFTS}?address=${encodeURIComponent(form.dataset.keep)}`, { credentials: "same-origin" });
        fields = answer.ok ? (await answer.json()).draft?.fields : null;
      } catch { fields = null; }
    }
    if (!fields || same(fields, original) || form.dataset.touched) return;
    notice.hidden = false;
    notice.querySelector("[data-kept-use]").addEventListener("click", () => {
      fill(form, fields);
      notice.hidden = true;
      (form.querySelector("textarea, input:not([type=hidden])") ?? form).focus();
    });
    notice.querySelector("[data-kept-drop]").addEventListener("click", () => {
      store.drop(keyOf(form));
      const body = new URLSearchParams({ csrfmiddlewaretoken: tokenOf(form), address: form.dataset.keep, drop: "1" });
      fetch(DRAFTS, { method: "POST", body, credentials: "same-origin" }).catch(() => {});
      notice.hidden = true;
      (form.querySelector("textarea, input:not([type=hidden])") ?? form).focus();
    });
  }

  function start(root) {
    const forms = root.matches?.("form[data-keep]") ? [root] : root.querySelectorAll("form[data-keep]");
    for (const form of forms) {
      if (form.dataset.kept) continue;
      form.dataset.kept = "yes";
      if (!form.querySelector(".error-summary")) offer(form, typed(form, false));
      let here, there;
      form.addEventListener("input", (event) => {
        if (event.isTrusted) form.dataset.touched = "yes";
        clearTimeout(here);
        clearTimeout(there);
        here = setTimeout(() => store.write(keyOf(form), { at: Date.now(), fields: typed(form, true) }), 400);
        there = setTimeout(() => { if (form.isConnected) send(form, typed(form, false)); }, 1500);
      });
      form.addEventListener("change", (event) => {
        if (event.target.type === "file" && event.target.files.length) sendFiles(form, event.target);
      });
      form.addEventListener("submit", (event) => {
        if (event.submitter?.value === "preview") return;
        clearTimeout(here);
        clearTimeout(there);
        store.write(keyOf(form), { at: Date.now(), fields: typed(form, true) });
        if (!form.elements.namedItem("kept_draft")) {
          const mark = document.createElement("input");
          mark.type = "hidden";
          mark.name = "kept_draft";
          mark.value = "1";
          form.append(mark);
        }
      });
    }
  }

  // The server says which form it saved; only then its copy goes. Copies that nobody came back for go after a week.
  function settle() {
    const saved = /(?:^|; )saved_form=([^;]+)/.exec(document.cookie)?.[1];
    for (const key of store.keys()) {
      const kept = store.read(key);
      const address = key.slice(PREFIX.length).replace(/^\d+:/, "");
      const old = !kept || Date.now() - kept.at > KEPT_DAYS * 86_400_000;
      if (old || (saved && address === decodeURIComponent(saved))) store.drop(key);
    }
    if (saved) document.cookie = "saved_form=; max-age=0; path=/; samesite=lax";
  }

  settle();
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
  document.addEventListener("htmx:responseError", (event) => {
    const form = event.target.closest?.("form[data-keep]");
    if (form && event.detail.xhr.status === 403) refresh(form);
  });
})();

// Typed words outlive a closed session, a lost connection and a change of device: a form with data-keep (its
// address) is kept as it is typed, on the server and, while that cannot be reached, in this browser.
(() => {
  "use strict";
  const PREFIX = "kept:";
  const KEPT_DAYS = 7;
  const DRAFTS = "/accounts/drafts/";
  // Never kept: secrets of the session and what the server drew.
  const SKIP = /^(csrfmiddlewaretoken|form_key|version|then|kept_draft|kept_takes|drawn\w*|evidence|kept_shown|[\w-]+-kept|[\w-]+-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|step-\d+-drawn)$/;

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
  const tokenOf = (form) => form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";

  // Each opening of a form is a sitting with a copy of its own: what was typed in an earlier one stays as it is until
  // its author puts it back or throws it away. states: by form, {sitting, takes: {sitting: at}, touched, turn}.
  const states = new WeakMap();
  const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const keyOf = (form, sitting = states.get(form).sitting) => `${PREFIX}${form.dataset.person}:${form.dataset.keep}#${sitting}`;

  // A form that came back refused goes on with the sitting that was sent.
  const stateOf = (form) => {
    let sent = null;
    try { sent = JSON.parse(sessionStorage.getItem(keyOf(form, ""))); } catch { /* forbidden: a new one */ }
    const again = form.querySelector(".error-summary") && sent;
    return { sitting: again ? sent.sitting : fresh(), takes: again ? sent.takes : {}, touched: Boolean(again), turn: 0 };
  };

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

  // Is everything that one holds in the other? A field that is not there any more counts, unless it says nothing.
  const same = (one, other) => Object.entries(one).every(([name, value]) => (name in other ? other[name] === value : !value));

  // The status line, until the next word; requests.js clears only its own.
  function say(text, link) {
    const line = document.getElementById("page-status");
    if (!line || line.textContent === [text, link?.textContent].filter(Boolean).join(" ")) return;
    line.replaceChildren(text, ...(link ? [" ", link] : []));
  }

  // Says that the sign-in ended, with the way back; once, however often keeping fails.
  function sayEnded(form) {
    const link = document.createElement("a");
    link.href = `${form.dataset.signInAt}?next=${encodeURIComponent(location.pathname + location.search)}`;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = form.dataset.signInWord;
    form.dataset.ended = "yes";
    say(form.dataset.signIn, link);
  }

  // Posts in the background; after a 403 with a fresh token once more. Null where nothing was kept.
  async function post(form, address, body) {
    for (const last of [false, true]) {
      try {
        body.set("csrfmiddlewaretoken", tokenOf(form));
        const answer = await fetch(address, { method: "POST", body, credentials: "same-origin" });
        if (answer.ok && form.dataset.ended) { delete form.dataset.ended; say(""); }
        if (answer.ok) return answer;
        if (answer.status === 401) sayEnded(form);
        if (answer.status !== 403 || last || !(await refresh(form))) return null;
      } catch { return null; }
    }
    return null;
  }

  // Files are kept on the server as they are chosen: no browser sends them again by itself.
  function sendFiles(form, input) {
    const body = new FormData();
    body.append("address", form.dataset.keep);
    body.append("field", input.name.replace(/-files$/, ""));
    for (const file of input.files) body.append("files", file);
    return post(form, `${DRAFTS}files/`, body);
  }

  // ahead: this browser knows more than the server.
  function write(form, ahead) {
    store.write(keyOf(form), { at: Date.now(), fields: typed(form, true), ahead });
  }

  async function send(form) {
    const state = states.get(form);
    const { sitting, turn, takes } = state;
    const answer = await post(form, DRAFTS, new URLSearchParams({
      address: form.dataset.keep, sitting, page: location.pathname, title: document.title,
      fields: JSON.stringify(typed(form, false)), takes: JSON.stringify(takes),
    }));
    if (!answer) return "";
    for (const taken of Object.keys(takes)) store.drop(keyOf(form, taken));
    if (state.takes === takes) state.takes = {};
    if (state.sitting === sitting && state.turn === turn) write(form, false);
    return (await answer.json()).at;
  }

  // After signing in anew, or in another window, forms drawn before carry a token of the past: take a fresh one.
  async function refresh(form) {
    try {
      const answer = await fetch(`${DRAFTS}?address=${encodeURIComponent(form.dataset.keep)}`, { credentials: "same-origin" });
      if (answer.status === 401) sayEnded(form);
      if (!answer.ok) return false;
      const { token } = await answer.json();
      for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
      return true;
    } catch { return false; /* not reachable: that is said already */ }
  }

  // What earlier sittings left, the newest first: the server's, and this browser's where it knows more.
  async function earlier(form) {
    let drafts = null;
    try {
      const answer = await fetch(`${DRAFTS}?address=${encodeURIComponent(form.dataset.keep)}`, { credentials: "same-origin" });
      if (answer.ok) ({ drafts } = await answer.json());
    } catch { /* not reachable: what this browser has */ }
    const found = new Map((drafts ?? []).map((draft) => [draft.sitting, { ...draft, when: Date.parse(draft.at) }]));
    const bare = keyOf(form, "").slice(0, -1);
    for (const key of store.keys()) {
      if (key !== bare && !key.startsWith(`${bare}#`)) continue;
      const sitting = key.slice(bare.length + 1);
      const here = store.read(key);
      const there = found.get(sitting);
      if (!here?.fields) continue;
      if (drafts && here.ahead === false) {
        if (!there) store.drop(key); // sent or thrown away elsewhere
        continue;
      }
      found.set(sitting, { sitting, at: there?.at ?? "", when: here.at, fields: { ...there?.fields, ...here.fields } });
    }
    found.delete(states.get(form).sitting);
    return [...found.values()].sort((one, other) => other.when - one.when);
  }

  async function offer(form, original) {
    const notice = form.querySelector("[data-kept]");
    if (!notice) return;
    const state = states.get(form);
    const offers = [];
    for (const draft of await earlier(form)) {
      if (same(draft.fields, original)) state.takes = { ...state.takes, [draft.sitting]: draft.at };
      else offers.push(draft);
    }
    const show = () => {
      notice.hidden = !offers.length;
      if (!offers.length) return;
      const line = notice.querySelector("[data-kept-at]");
      const when = new Date(offers[0].when);
      line.dateTime = when.toISOString();
      line.textContent = when.toLocaleString(document.documentElement.lang || undefined, { dateStyle: "medium", timeStyle: "short" });
    };
    const focus = () => (form.querySelector("textarea, input:not([type=hidden])") ?? form).focus();
    notice.querySelector("[data-kept-use]").addEventListener("click", () => {
      const draft = offers.shift();
      // What was typed here meanwhile makes room, and is on offer in its turn.
      const fields = typed(form, false);
      if (state.touched && !same(fields, { ...original, ...draft.fields })) {
        const mine = { sitting: state.sitting, at: "", when: Date.now(), fields };
        write(form, true);
        send(form).then((at) => { mine.at = at; if (at) store.drop(keyOf(form, mine.sitting)); });
        offers.push(mine);
        state.sitting = fresh();
      }
      state.takes = { ...state.takes, [draft.sitting]: draft.at };
      fill(form, { ...original, ...draft.fields });
      show();
      focus();
    });
    notice.querySelector("[data-kept-drop]").addEventListener("click", () => {
      const draft = offers.shift();
      const body = new URLSearchParams({ address: form.dataset.keep, sitting: draft.sitting, drop: "1" });
      if (draft.at) body.set("at", draft.at);
      // Files that are kept stand in the form: they go along only where nothing else was typed that they may belong to.
      if (!state.touched && !offers.length) {
        for (const mark of form.querySelectorAll("[name=kept_shown]")) {
          body.append("files", mark.value);
          mark.closest(".kept-file")?.remove();
        }
      }
      store.drop(keyOf(form, draft.sitting));
      post(form, DRAFTS, body);
      show();
      focus();
    });
    show();
  }

  function start(root) {
    const forms = root.matches?.("form[data-keep]") ? [root] : root.querySelectorAll("form[data-keep]");
    for (const form of forms) {
      if (form.dataset.kept) continue;
      form.dataset.kept = "yes";
      const state = stateOf(form);
      states.set(form, state);
      if (!form.querySelector(".error-summary")) offer(form, typed(form, false));
      let here, there;
      form.addEventListener("input", () => {
        state.touched = true;
        state.turn += 1;
        clearTimeout(here);
        clearTimeout(there);
        here = setTimeout(() => write(form, true), 400);
        there = setTimeout(() => { if (form.isConnected) send(form); }, 1500);
      });
      form.addEventListener("change", (event) => {
        if (event.target.type === "file" && event.target.files.length) sendFiles(form, event.target);
      });
      form.addEventListener("submit", (event) => {
        if (event.submitter?.value === "preview") return;
        clearTimeout(here);
        clearTimeout(there);
        write(form, true);
        const { sitting, takes } = state;
        try { sessionStorage.setItem(keyOf(form, ""), JSON.stringify({ sitting, takes })); } catch { /* a new one, if refused */ }
        for (const [name, value] of [["kept_draft", sitting], ["kept_takes", JSON.stringify(takes)]]) {
          const mark = form.elements.namedItem(name) ?? document.createElement("input");
          Object.assign(mark, { type: "hidden", name, value });
          if (!mark.isConnected) form.append(mark);
        }
      });
    }
  }

  // The server says which form it saved; only then its copy goes. Copies that nobody came back for go after a week.
  function settle() {
    const saved = /(?:^|; )saved_form=([^;]+)/.exec(document.cookie)?.[1];
    const [path, sittings = ""] = decodeURIComponent(saved ?? "").split("#");
    const gone = new Set(sittings.split(",").map((sitting) => `${path}#${sitting}`));
    for (const key of store.keys()) {
      const kept = store.read(key);
      const copy = key.slice(PREFIX.length).replace(/^\d+:/, "");
      const old = !kept || Date.now() - kept.at > KEPT_DAYS * 86_400_000;
      if (old || (saved && gone.has(copy))) store.drop(key);
    }
    if (saved) document.cookie = "saved_form=; max-age=0; path=/; samesite=lax";
  }

  settle();
  start(document);
  document.addEventListener("htmx:load", (event) => start(event.target));
  document.addEventListener("htmx:responseError", (event) => {
    const form = event.target.closest?.("form[data-keep]");
    if (form && event.detail.xhr.status === 403) refresh(form).then((fresh) => { if (fresh) say(form.dataset.again); });
  });
})();

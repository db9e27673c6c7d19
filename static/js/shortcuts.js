// Keys: what a page element is pressed by stands on it as data-key ("/", "u", "g p"); j and k walk the rows.
(() => {
  "use strict";
  const OFF = "brics-tracker.keys-off";
  const dialog = document.getElementById("shortcuts");
  const box = document.getElementById("shortcuts-off");
  let pending = "";
  let timer;

  const isOff = () => {
    try { return localStorage.getItem(OFF) === "1"; } catch { return false; }
  };
  if (box) {
    box.checked = isOff();
    box.addEventListener("change", () => {
      try { localStorage.setItem(OFF, box.checked ? "1" : "0"); } catch { /* private window: for this page only */ }
    });
  }

  const isTyping = (target) => target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  const marked = (key) =>
    [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === key);

  const press = (element) => {
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  };

  const walk = (step) => {
    const links = [...document.querySelectorAll("main table.rows tbody tr, main .log > li, main [data-row]")]
      .map((row) => row.querySelector("th a, a, button"))
      .filter(Boolean);
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    links[Math.min(Math.max(at + step, 0), links.length - 1)].focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
    if (event.key === "?" && dialog && !dialog.open) {
      event.preventDefault();
      dialog.showModal();
      return;
    }
    if (isOff() || document.querySelector("dialog[open]")) return;
    const key = pending ? `${pending} ${event.key}` : event.key;
    pending = "";
    clearTimeout(timer);
    if (key === "g") {
      pending = "g";
      timer = setTimeout(() => { pending = ""; }, 1500);
      return;
    }
    if (key === "j" || key === "k") {
      event.preventDefault();
      walk(key === "j" ? 1 : -1);
      return;
    }
    const element = marked(key);
    if (element) {
      event.preventDefault();
      press(element);
    }
  });
})();

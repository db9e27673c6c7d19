// Rows of a list: one box chooses all on the page, x chooses the row in focus, the number is said beside the button.
(() => {
  "use strict";
  const BOX = 'input[form="edit-many"][name="item"], input[data-choose]';
  const boxes = () => [...document.querySelectorAll(BOX)];
  const all = () => document.querySelector("[data-choose-all]");

  const count = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    const place = document.querySelector("[data-choose-count]");
    if (place) place.textContent = chosen ? String(chosen) : "";
    const head = all();
    if (head) {
      head.checked = chosen > 0 && chosen === boxes().length;
      head.indeterminate = chosen > 0 && chosen < boxes().length;
    }
  };
  const show = () => {
    const head = all();
    if (head) head.hidden = false;
    count();
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-choose-all]")) {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    if (event.target.matches(`[data-choose-all], ${BOX}`)) count();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const box = document.activeElement?.closest("tr")?.querySelector(BOX);
    if (!box) return;
    event.preventDefault();
    box.checked = !box.checked;
    count();
  });
  document.addEventListener("htmx:afterSettle", show);
  show();
})();

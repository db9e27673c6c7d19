// Says when a swap failed, and puts the focus on what came back with errors.
(() => {
  "use strict";
  const line = document.getElementById("page-status");
  let timer;
  const say = (text) => {
    if (!line) return;
    line.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => { line.textContent = ""; }, 12000);
  };
  document.addEventListener("htmx:responseError", () => say(line?.dataset.failed));
  document.addEventListener("htmx:sendError", () => say(line?.dataset.offline));
  document.addEventListener("htmx:timeout", () => say(line?.dataset.offline));
  document.addEventListener("htmx:afterSettle", (event) => {
    event.detail.elt.querySelector?.(".error-summary")?.focus();
  });
  document.querySelector(".error-summary")?.focus();
})();

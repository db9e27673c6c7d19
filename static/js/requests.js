// Says when a swap failed, and puts the focus where the work goes on.
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
    const part = event.detail.elt;
    const summary = part.querySelector?.(".error-summary");
    if (summary) {
      summary.focus();
    } else if (document.activeElement === document.body && part.isConnected) {
      // What was pressed is gone: go on from the part that took its place.
      part.tabIndex = -1;
      part.focus({ preventScroll: true });
    }
  });
  document.querySelector(".error-summary")?.focus();
})();

// A form marked data-guard warns before it is left with something typed and not sent.
(() => {
  "use strict";
  const changed = new Set();
  const sent = new WeakSet();
  const guarded = (target) => target.closest?.("form[data-guard]");

  document.addEventListener("input", (event) => {
    const form = guarded(event.target);
    if (form) changed.add(form);
  });
  document.addEventListener("submit", (event) => {
    changed.delete(event.target);
    sent.add(event.target);
  });
  // A form that came back with errors holds what was typed and is not saved either.
  const mark = (root) => {
    for (const form of root.querySelectorAll("form[data-guard]")) {
      if (form.querySelector(".error-summary") && !sent.has(form)) changed.add(form);
    }
  };
  mark(document);
  document.addEventListener("htmx:load", (event) => mark(event.target));
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, (event) => {
      const form = guarded(event.target);
      if (form) changed.add(form);
    });
  }
  window.addEventListener("beforeunload", (event) => {
    if ([...changed].some((form) => form.isConnected)) event.preventDefault();
  });
})();

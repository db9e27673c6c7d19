// A comment being written: after @ and a letter, people who may see it are offered below; without script one types the handle.
(() => {
  "use strict";
  const BEGUN = /(^|[^\w@./-])@([\p{L}\d-]{1,40})$/u;
  let asked = "";
  let timer = 0;

  const place = (box) => box.form?.querySelector("[data-people]");
  const begun = (box) => BEGUN.exec(box.value.slice(0, box.selectionStart))?.[2] ?? "";

  const offer = async (box) => {
    const word = begun(box);
    const list = place(box);
    if (!list || word === asked) return;
    asked = word;
    if (!word) {
      list.replaceChildren();
      return;
    }
    const address = new URL(list.dataset.people, document.baseURI);
    address.searchParams.set("q", word);
    const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || begun(box) !== word) return;
    const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
    list.replaceChildren(...drawn.body.childNodes);
  };

  document.addEventListener("input", (event) => {
    if (!event.target.matches("textarea[data-mention]")) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => offer(event.target), 200);
  });
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest?.("[data-handle]");
    const box = chosen?.closest("form")?.querySelector("textarea[data-mention]");
    if (!box) return;
    const before = box.value.slice(0, box.selectionStart).replace(BEGUN, (_all, edge) => `${edge}@${chosen.dataset.handle} `);
    const after = box.value.slice(box.selectionStart);
    box.value = before + after;
    box.focus();
    box.setSelectionRange(before.length, before.length);
    box.dispatchEvent(new Event("input", { bubbles: true }));
    place(box).replaceChildren();
  });
})();

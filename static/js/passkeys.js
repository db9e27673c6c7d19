// Forms marked data-passkey ask the browser for a passkey (get), or to make one (create), before they are sent.
// data-options holds the server's question as JSON; data-options-address says where to fetch it.
// What is marked data-without-script is for those who see this page without it.
(() => {
  "use strict";
  const forms = document.querySelectorAll("form[data-passkey]");
  const isKnown = Boolean(window.PublicKeyCredential && navigator.credentials);

  const bytes = (text) => {
    const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  };
  const letters = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
  const listed = (credentials = []) => credentials.map((each) => ({ ...each, id: bytes(each.id) }));

  const question = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options).publicKey;
    const answer = await fetch(form.dataset.optionsAddress, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return (await answer.json()).publicKey;
  };
  const asked = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: listed(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: listed(options.allowCredentials) }),
  });
  const said = (credential) => {
    const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    const given = names.filter((name) => credential.response[name]);
    return JSON.stringify({
      id: credential.id,
      rawId: letters(credential.rawId),
      type: credential.type,
      response: Object.fromEntries(given.map((name) => [name, letters(credential.response[name])])),
      clientExtensionResults: {},
    });
  };

  for (const each of document.querySelectorAll("[data-without-script]")) each.hidden = true;
  for (const form of forms) {
    const words = form.querySelector(".passkey-said");
    if (!isKnown) {
      if (form.dataset.unknown) words.textContent = form.dataset.unknown;
      continue;
    }
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      words.textContent = "";
      try {
        const publicKey = asked(await question(form));
        const credential = await navigator.credentials[form.dataset.passkey]({ publicKey });
        form.elements.namedItem("credential").value = said(credential);
        form.submit();
      } catch {
        words.textContent = form.dataset.failed;
      }
    });
  }
})();

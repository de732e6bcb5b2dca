// Passkeys: the browser makes and shows them, the server decides. Without this script people sign in with a password.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const part of document.querySelectorAll("[data-passkey-only]")) part.hidden = false;

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const keys = (list) => (list || []).map((k) => ({ ...k, id: bytes(k.id) }));

  const post = async (path, body) => {
    const response = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
    const said = await response.json().catch(() => ({}));
    if (said.to && !response.ok) { location.assign(said.to); return new Promise(() => {}); }
    if (!response.ok) throw new Error(said.problem || "The server did not answer. Try again.");
    return said;
  };

  const tell = (button, error) => {
    const place = button.closest("[data-passkey-only]").querySelector("[data-passkey-problem]");
    place.textContent = error.name === "NotAllowedError" ? "No passkey was shown. Try again when you are ready." : error.message;
    place.hidden = false;
  };

  const busy = async (button, work) => {
    button.disabled = true;
    try { await work(); } catch (error) { tell(button, error); } finally { button.disabled = false; }
  };

  const showKey = async (button) => {
    const path = button.dataset.passkey;
    const { id, options } = await post(path + (button.hasAttribute("data-second") ? "?second" : ""));
    const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: keys(options.allowCredentials) } });
    const r = key.response;
    const answer = { id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {}, response: {
      clientDataJSON: text(r.clientDataJSON), authenticatorData: text(r.authenticatorData), signature: text(r.signature), userHandle: r.userHandle ? text(r.userHandle) : undefined } };
    const { to } = await post(path + "/finish", { id, answer, to: button.dataset.to || "/" });
    location.assign(to);
  };

  const makeKey = async (button) => {
    const path = button.dataset.newPasskey;
    const { id, options } = await post(path + "/start");
    const key = await navigator.credentials.create({ publicKey: { ...options, challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: keys(options.excludeCredentials) } });
    const r = key.response;
    const answer = { id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {}, response: {
      clientDataJSON: text(r.clientDataJSON), attestationObject: text(r.attestationObject), transports: r.getTransports ? r.getTransports() : [] } };
    const { codes, to } = await post(path + "/finish", { id, answer, name: document.getElementById("passkey-name").value });
    if (!codes || !codes.length) { location.assign(to); return; }
    const place = document.querySelector("[data-codes]");
    const list = place.querySelector("ul");
    list.replaceChildren(...codes.map((code) => {
      const item = document.createElement("li");
      item.appendChild(document.createElement("code")).textContent = code;
      return item;
    }));
    place.hidden = false;
    place.scrollIntoView();
  };

  for (const button of document.querySelectorAll("[data-passkey]")) button.addEventListener("click", () => busy(button, () => showKey(button)));
  for (const button of document.querySelectorAll("[data-new-passkey]")) button.addEventListener("click", () => busy(button, () => makeKey(button)));
})();

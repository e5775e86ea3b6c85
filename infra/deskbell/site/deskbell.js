// Optional: without this file, or when anything in it fails, the browser sends the form itself.
// It records how long a form was open, and solves a proof of work if there is doubt that a person is writing.
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
// What is posted is posted again if too much came in at once: API Gateway refuses that without the headers that would let
// this script see it, and the server stores nothing twice.
async function ask(address, options, wait = 1) {
  const answer = await fetch(address, options).catch((error) => {
    if (!options.method || wait > 4 || error.name === "TimeoutError") throw error;
  });
  if (answer && (!options.method || wait > 4 || answer.status !== 429 || answer.headers.get("Retry-After") > 10)) return answer;
  await new Promise((done) => setTimeout(done, 1000 * wait * (1 + Math.random() / 2)));
  return ask(address, options, 2 * wait);
}
async function json(address, options) {
  const answer = await ask(address, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15_000), ...options });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return Object.assign(await answer.json(), { place: new URL(answer.headers.get("Location") ?? "", answer.url) });
}
// ALTCHA's proof of work: finds the counter for which PBKDF2 derives a key with the given prefix. The page stays usable
// meanwhile.
async function solve({ parameters, signature }) {
  const password = new Uint8Array([...bytes(parameters.nonce), 0, 0, 0, 0]);
  const counter = new DataView(password.buffer, password.length - 4);
  const way = { name: "PBKDF2", hash: parameters.algorithm.split("/")[1], salt: bytes(parameters.salt), iterations: parameters.cost };
  for (const end = performance.now() + 20_000; performance.now() < end; counter.setUint32(0, counter.getUint32(0) + 1)) {
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(way, key, 8 * parameters.keyLength));
    if (!derivedKey.startsWith(parameters.keyPrefix)) continue;
    return btoa(JSON.stringify({ challenge: { parameters, signature }, solution: { counter: counter.getUint32(0), derivedKey } }));
  }
  throw new Error("no solution in time");
}
// After a doubtful submission: sends a proof of work; if that fails, goes to the page with the button.
async function clear({ url, challenge }) {
  try {
    const body = new URLSearchParams({ altcha: await solve(await json(challenge)) });
    const cleared = await json(url, { method: "POST", body });
    return cleared.second_chance ? new URL(url) : cleared.place;
  } catch {
    return new URL(url);
  }
}
function goTo(place) {
  const here = place.href.split("#")[0] === location.href.split("#")[0];
  location.assign(place);
  if (here) location.reload();
}
function set(form, name, value) {
  const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
  field.value = value ?? "";
}
for (const form of document.querySelectorAll("form[data-challenge]")) {
  let ready, sending;
  form.addEventListener("focusin", () => {
    ready ??= json(form.dataset.challenge).then(async (challenge) => {
      set(form, "_token", challenge.token);
      if (challenge.solve) set(form, "altcha", await solve(challenge));
    }).catch(() => { /* The form is sent without a token then. */ });
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    await ready;
    try {
      const sent = await json(form.action, { method: "POST", body: new FormData(form) });
      goTo(sent.second_chance ? await clear(sent.second_chance) : sent.place);
    } catch {
      HTMLFormElement.prototype.submit.call(form); // The browser shows the errors; the server does not store anything twice.
    }
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    ready = sending = undefined;
    set(form, "_token");
    set(form, "altcha");
  });
}

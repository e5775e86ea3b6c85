// ALTCHA's proof of work: finds the counter for which PBKDF2 derives a key with the given prefix. It is loaded when
// there is something to solve; the page stays usable meanwhile.
const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The text for the form's field `altcha`. */
export async function solve({ parameters, signature }) {
  const password = new Uint8Array([...bytes(parameters.nonce), 0, 0, 0, 0]);
  const counter = new DataView(password.buffer, password.length - 4);
  const hash = parameters.algorithm.split("/")[1];
  const way = { name: "PBKDF2", hash, salt: bytes(parameters.salt), iterations: parameters.cost };
  for (const end = performance.now() + 20_000; performance.now() < end; counter.setUint32(0, counter.getUint32(0) + 1)) {
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const derivedKey = hex(await crypto.subtle.deriveBits(way, key, 8 * parameters.keyLength));
    if (!derivedKey.startsWith(parameters.keyPrefix)) continue;
    const solution = { counter: counter.getUint32(0), derivedKey };
    return btoa(JSON.stringify({ challenge: { parameters, signature }, solution }));
  }
  throw new Error("no solution in time");
}

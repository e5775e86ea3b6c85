// Optional: without this file the comments are shown in a frame, and the form still works.
const list = document.getElementById("comment-list");
const form = document.getElementById("commentform");
const heading = document.querySelector("#respond h2");
const title = heading.textContent;
const page = encodeURIComponent(list.dataset.page);
const wanted = location.hash.startsWith("#comment-") ? location.hash.slice(1) : "";
const make = (name, properties) => Object.assign(document.createElement(name), properties);
async function get(address, accept) {
  // A link to one comment may lead its author there: bypass the cache.
  const answer = await fetch(address, { headers: { Accept: accept }, cache: wanted ? "no-cache" : "default" });
  if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
  return answer.text();
}
// Shows the fragment at the address; with a "more" link, adds its threads and returns the first of them.
async function show(address, more) {
  const part = make("template");
  try {
    part.innerHTML = await get(address, "text/html");
  } catch {
    part.content.append(make("p", { className: "none", textContent: "The comments could not be loaded. " }));
    part.content.firstChild.append(make("a", { href: address, textContent: "Open the comments page" }), ".");
  }
  if (!more) {
    document.getElementById("respond").hidden = Boolean(part.content.querySelector("p.closed"));
    return list.replaceChildren(part.content);
  }
  if (!more.isConnected) return; // pressed twice
  const threads = part.content.querySelectorAll("ol.comments > li");
  list.querySelector("ol.comments").append(...threads);
  more.replaceWith(part.content.querySelector("a.more, p.none") ?? "");
  return threads[0]?.querySelector(".comment");
}
async function start() {
  const found = () => document.getElementById(wanted);
  const more = () => list.querySelector("a.more");
  await show(`/comments?page=${page}`);
  for (let pages = 0; wanted && !found() && more() && pages < 20; pages++) await show(more().href, more());
  if (found()) location.replace(location.hash);
}
let opener;
const cancel = make("button", { type: "button", id: "cancel-reply", className: "button quiet", textContent: "Cancel" });
heading.after(cancel);
function replyTo(link) {
  opener = link ?? opener;
  form.elements.parent.value = link ? link.dataset.parent : "";
  heading.replaceChildren(...(link ? ["Reply to ", make("bdi", { textContent: link.dataset.author })] : [title]));
  cancel.hidden = !link;
  if (link) (kept.slice(0, 2).find((field) => !field.value) ?? form.elements.comment).focus();
  else opener?.focus();
}
list.addEventListener("click", async (event) => {
  const link = event.target.closest("a.reply, a.more");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.matches(".reply")) return replyTo(link);
  const first = await show(link.href, link);
  if (first) Object.assign(first, { tabIndex: -1 }).focus();
});
cancel.addEventListener("click", () => replyTo(null));
const remember = document.getElementById("remember");
const kept = ["author", "email", "url"].map((name) => form.elements[name]);
try { // Not offered where the browser has no storage.
  const before = JSON.parse(localStorage.getItem("commenter"));
  for (const field of kept) field.value ||= before?.[field.name] ?? "";
  remember.checked = Boolean(before);
  remember.parentElement.hidden = false;
} catch {}
form.addEventListener("submit", () => {
  const filled = kept.map((field) => [field.name, field.value]);
  if (remember.checked) localStorage.setItem("commenter", JSON.stringify(Object.fromEntries(filled)));
  else if (!remember.parentElement.hidden) localStorage.removeItem("commenter");
});
replyTo(null);
start();
get(`/comments/count?page=${page}`, "application/json").then((text) => {
  document.querySelector("[data-comments-count]").textContent = JSON.parse(text).counts[list.dataset.page] ?? "";
}).catch(() => { /* The heading has no count then. */ });

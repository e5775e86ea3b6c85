// Comments and contact forms on any page: <deskbell-comments page="/path/">, <deskbell-count page="/path/">, and
// <form data-deskbell>. What is shown stands in the page itself, and works as plain forms and links without this.
(() => {
  const script = document.currentScript ?? document.querySelector("script[src*='/embed']");
  // Loaded twice, or by a page that has replaced itself.
  if (!script || customElements.get("deskbell-comments")) return;
  const base = script.src.replace(/embed(\.js|\/).*/, "");
  const trusted = globalThis.trustedTypes?.createPolicy("deskbell", { createHTML: String }) ?? { createHTML: String };
  // What is said before the server could say it in the page's language.
  const words = {
    sending: "Sending…",
    offline: "You are offline. Your text is kept here: please send it again later.",
    unsent: "This could not be sent. Your text is kept here: please try again.",
    cancel: "Cancel",
  };
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const parse = (text, language) => {
    const template = make("template");
    template.innerHTML = trusted.createHTML(text);
    // In the reader's time. What is no language leaves them as they are.
    try {
      for (const time of template.content.querySelectorAll("time")) time.textContent = new Date(time.dateTime).toLocaleString(language || undefined, { dateStyle: "long", timeStyle: "short" });
    } catch {}
    return template.content;
  };
  const say = (parent, name, detail) => parent.dispatchEvent(new CustomEvent(`deskbell:${name}`, { bubbles: true, detail }));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const focus = (element) => {
    if (element && element.tabIndex < 0) element.tabIndex = -1;
    element?.focus();
  };
  const lang = (element) => element.closest("[lang]")?.lang ?? "";

  // Storage may be forbidden: then nothing is remembered.
  const memory = (storage) => ({
    get(key) {
      try {
        return JSON.parse(globalThis[storage].getItem(`deskbell:${key}`));
      } catch {
        return null;
      }
    },
    set(key, value) {
      try {
        if (value) globalThis[storage].setItem(`deskbell:${key}`, JSON.stringify(value));
        else globalThis[storage].removeItem(`deskbell:${key}`);
      } catch {}
    },
  });
  const lasting = memory("localStorage");
  const session = memory("sessionStorage");

  // API Gateway's own "too many" has no CORS headers and looks like a network that is gone: ask again. What is posted
  // twice is stored once.
  async function ask(address, options) {
    const url = new URL(address, base);
    for (let tried = 1; ; tried++) {
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(20_000), ...options });
        const wait = Number(answer.headers.get("Retry-After") ?? tried);
        if (![429, 503].includes(answer.status) || tried > 2 || wait > 10) return answer;
        await pause(1000 * wait);
      } catch (error) {
        if (tried > 2 || error.name === "TimeoutError" || !navigator.onLine) throw error;
        await pause(1000 * tried);
      }
    }
  }
  async function json(address, options) {
    const answer = await ask(address, { ...options, headers: { Accept: "application/json" } });
    const body = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(body.title), { problem: body });
    return Object.assign(body, { place: new URL(answer.headers.get("Location") ?? "", answer.url) });
  }
  const solve = async (challenge) => (await import(`${base}embed/work.js`)).solve(challenge);
  // What a doubtful submission asks for, or the page with the button where that cannot be done here.
  async function clear({ url, challenge }) {
    try {
      const cleared = await json(url, { method: "POST", body: new URLSearchParams({ altcha: await solve(await json(challenge)) }) });
      if (!cleared.second_chance) return cleared;
    } catch {}
    location.assign(url);
  }

  const style = () => {
    if (document.querySelector("link[data-deskbell]")) return;
    const link = make("link", { rel: "stylesheet", href: `${base}embed/embed.css` });
    link.dataset.deskbell = "";
    // Before the page's own, which win.
    document.head.prepend(link);
  };

  // Forms
  const states = new WeakMap();
  const state = (form) => states.get(form) ?? states.set(form, {}).get(form);
  const isOurs = (form) => form instanceof HTMLFormElement && form.matches("[data-deskbell], deskbell-comments form");
  const set = (form, name, value) => {
    const field = form.elements[name] ?? form.appendChild(make("input", { type: "hidden", name }));
    field.value = value ?? "";
  };
  const target = (form) => {
    const url = new URL(form.getAttribute("action"), document.baseURI);
    if (lang(form)) url.searchParams.set("lang", lang(form));
    return url;
  };
  // Asks for a token when somebody begins to write: it tells how long the form was open. Without one it is sent, too.
  const prepare = (form) => {
    const name = form.closest("deskbell-comments") ? "comments" : target(form).pathname.split("/").pop();
    const query = new URLSearchParams({ form: name === "contact" ? "default" : name, lang: lang(form) });
    state(form).ready ??= json(`challenge?${query}`).then(async (challenge) => {
      Object.assign(words, challenge.words);
      set(form, "_token", challenge.token);
      if (challenge.solve) set(form, "altcha", await solve(challenge));
    }).catch(() => renew(form));
    return state(form).ready;
  };
  const renew = (form) => {
    state(form).ready = undefined;
    for (const name of ["_token", "altcha"]) if (form.elements[name]) set(form, name);
  };
  const button = (form) => form.querySelector("[type=submit], button:not([type])");
  const notice = (form, text, role = "status") => {
    let line = form.querySelector(".deskbell-notice");
    if (!line) {
      line = make("div", { className: "deskbell-notice" });
      (button(form) ?? form.lastElementChild).after(line);
    }
    line.role = role;
    line.textContent = text;
    return line;
  };
  const DESCRIBED = "aria-describedby";
  const clearErrors = (form) => {
    for (const error of form.querySelectorAll(".deskbell-error")) {
      const field = form.querySelector(`[${DESCRIBED}~="${error.id}"]`);
      field?.removeAttribute("aria-invalid");
      field?.setAttribute(DESCRIBED, field.getAttribute(DESCRIBED).replace(error.id, "").trim());
      error.remove();
    }
  };
  const plain = (name = "") => name.toLowerCase().replace(/[^a-z0-9]/g, "");
  let errors = 0;
  // Each message stands at its field; what belongs to no field that is seen, at the button.
  const showErrors = (form, problem) => {
    const elsewhere = [];
    let first;
    for (const { field: name, message } of problem.errors ?? []) {
      const seen = [...form.elements].filter((field) => field.type !== "hidden");
      // `your-email` and `contact[email]` are `email`, too.
      const field = seen.find((field) => plain(field.name) === plain(name)) ?? seen.find((field) => plain(field.name).endsWith(plain(name)));
      if (!field) {
        elsewhere.push(message);
        continue;
      }
      const id = `deskbell-error-${++errors}`;
      const place = ["checkbox", "radio"].includes(field.type) && field.closest("label, fieldset, .tick");
      (place || field).after(make("p", { className: "deskbell-error", id, textContent: message }));
      field.setAttribute("aria-invalid", "true");
      field.setAttribute(DESCRIBED, `${field.getAttribute(DESCRIBED) ?? ""} ${id}`.trim());
      first ??= field;
    }
    const line = notice(form, [problem.title ?? words.unsent, problem.detail, ...elsewhere].filter(Boolean).join(" "), "alert");
    focus(first ?? line);
  };

  // What was typed is kept until it is sent, should the page be left.
  const key = (form) => `draft:${location.pathname}:${form.getAttribute("action")}:${form.elements.page?.value}`;
  const isBox = (field) => ["checkbox", "radio"].includes(field.type);
  const typed = (form) => [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit"].includes(field.type));
  const keep = (form) => session.set(key(form), typed(form).map((field) => [field.name, isBox(field) ? field.checked && field.value : field.value]));
  const restore = (form) => {
    for (const [name, value] of session.get(key(form)) ?? []) {
      for (const field of typed(form)) {
        if (field.name !== name) continue;
        if (isBox(field)) field.checked ||= field.value === value;
        else if (!field.value || field.type.startsWith("select")) field.value = value;
      }
    }
  };

  async function send(form, submitter) {
    const current = state(form);
    if (current.sending) return;
    current.sending = true;
    const pressed = submitter ?? button(form);
    // Keeps the focus, which `disabled` would lose.
    pressed?.setAttribute("aria-disabled", "true");
    form.setAttribute("aria-busy", "true");
    clearErrors(form);
    notice(form, words.sending);
    try {
      await prepare(form);
      let sent = await json(target(form), { method: "POST", body: new FormData(form, submitter) });
      session.set(key(form));
      renew(form);
      if (sent.second_chance) sent = await clear(sent.second_chance);
      if (!sent) return;
      notice(form, "");
      const comments = form.closest("deskbell-comments");
      if (comments) comments.sent(form, sent);
      else if (form.elements._next) location.assign(sent.place);
      else thank(form, sent);
      say(comments ?? document, "sent", sent);
    } catch ({ problem, name }) {
      keep(form);
      // Blocked here, perhaps: if it is sent again, then by the browser itself.
      current.failed = name === "TypeError";
      if (!problem) return focus(notice(form, navigator.onLine ? words.unsent : words.offline, "alert"));
      if (!problem.errors) renew(form);
      if (problem.code === "parent_gone") form.closest("deskbell-comments")?.reply(null);
      showErrors(form, problem);
    } finally {
      current.sending = false;
      pressed?.removeAttribute("aria-disabled");
      form.removeAttribute("aria-busy");
    }
  }
  const thanks = ({ title, message }) => make("p", { className: "deskbell-thanks" }, make("strong", { textContent: title }), make("br"), message);
  const thank = (form, sent) => {
    const said = thanks(sent);
    form.reset();
    form.replaceWith(said);
    focus(said);
  };

  // On the document: forms may come later, and pages change without loading.
  document.addEventListener("focusin", ({ target: { form } }) => {
    if (!isOurs(form)) return;
    if (form.matches("[data-deskbell='']")) style();
    prepare(form);
  });
  document.addEventListener("input", ({ target: { form } }) => {
    if (isOurs(form)) keep(form);
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !isOurs(event.target) || state(event.target).failed) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  addEventListener("pageshow", ({ persisted }) => {
    for (const form of document.forms) {
      if (!isOurs(form)) continue;
      // From the browser's cache of pages: tokens are used up.
      if (persisted) renew(form);
      else if (form.matches("[data-deskbell]")) restore(form);
    }
  });

  const MONTH = 30 * 86_400_000;
  const KEPT = ["author", "email", "url"];
  let instances = 0;

  class Comments extends HTMLElement {
    static observedAttributes = ["page", "order", "lang"];

    connectedCallback() {
      this.number ??= ++instances;
      this.turn ??= 0;
      this.addEventListener("click", this);
      addEventListener("hashchange", this);
      // A copy that a page has kept may hold a reply that was begun.
      const left = !this.replying && this.querySelector(".deskbell-reply");
      if (left) {
        this.append(this.form);
        left.remove();
      }
      // Soon, but not before it is near: nothing is loaded for who does not read so far.
      const isNear = (entries) => entries.some((entry) => entry.isIntersecting) && this.load();
      this.observer = new IntersectionObserver(isNear, { rootMargin: "600px" });
      this.observer.observe(this);
      if (this.wanted()) this.load();
      if (this.getAttribute("theme") !== "none") style();
    }

    disconnectedCallback() {
      this.observer.disconnect();
      removeEventListener("hashchange", this);
    }

    attributeChangedCallback(name, before, now) {
      if (before === now || !this.loaded) return;
      this.loaded = false;
      this.load();
    }

    get page() {
      return this.getAttribute("page") ?? location.pathname;
    }

    get form() {
      return this.querySelector("form");
    }

    get list() {
      return this.querySelector(".deskbell-list");
    }

    // The id of the comment to which the page's address leads.
    wanted() {
      return /^#comment-[0-9a-f-]{36}$/.test(location.hash) ? location.hash.slice(1) : "";
    }

    address(more) {
      const query = new URLSearchParams({ page: this.page, ...more });
      for (const name of ["order", "limit", "published"]) if (this.hasAttribute(name)) query.set(name, this.getAttribute(name));
      if (lang(this)) query.set("lang", lang(this));
      return `comments?${query}`;
    }

    async load() {
      if (this.loaded) return;
      this.loaded = true;
      this.observer.disconnect();
      const wanted = this.wanted();
      const found = () => document.getElementById(wanted);
      const more = wanted && !found() ? { around: wanted.slice(8) } : {};
      // As many as stand there already.
      const there = this.querySelectorAll("ol.comments > li").length;
      if (there > 20) more.limit = Math.min(there, 100);
      if (!this.form) more.form = "yes";
      this.setAttribute("aria-busy", "true");
      try {
        await this.show(this.address(more), wanted ? "no-cache" : "default");
        for (let tries = 0, link; more.around && !found() && tries < 20 && (link = this.querySelector("a.more-replies")); tries++) await this.extend(link);
        if (wanted) this.goTo(found());
        say(this, "loaded");
      } catch {
        this.loaded = false;
        this.failed();
      }
      this.removeAttribute("aria-busy");
    }

    async get(address, cache = "default") {
      const answer = await ask(address, { headers: { Accept: "text/html" }, cache });
      if (!answer.ok) throw new Error(answer.status);
      return parse(await answer.text(), lang(this));
    }

    // Shows the part of the list at the address, in place of what stands there. Headings stay, and the form, with what
    // was typed.
    async show(address, cache) {
      const turn = ++this.turn;
      const part = await this.get(address, cache);
      if (turn !== this.turn) return;
      this.reply(null);
      const list = make("div", { className: "deskbell-list" }, part);
      const added = list.querySelector("form");
      added?.remove();
      const old = this.querySelector(".deskbell-list, ol.comments");
      const block = this.form?.closest("deskbell-comments > *");
      const isBelow = block && old && block.compareDocumentPosition(old) & Node.DOCUMENT_POSITION_FOLLOWING;
      for (const child of [...this.childNodes]) if (child !== block && !/^H[1-6]$/.test(child.nodeName)) child.remove();
      this.insertBefore(list, isBelow ? null : block ?? null);
      if (block) block.hidden = Boolean(list.querySelector("p.closed"));
      if (added) {
        this.name(added);
        this.append(added);
      }
      if (this.form) this.dress(this.form);
      this.waiting();
    }

    // Makes ids of a form from the server this instance's own: there may be several on a page.
    name(form) {
      const own = (ids) => ids.split(" ").map((id) => `deskbell-${this.number}-${id}`).join(" ");
      for (const name of ["id", "for", DESCRIBED]) {
        for (const element of form.querySelectorAll(`[${name}]`)) element.setAttribute(name, own(element.getAttribute(name)));
      }
    }

    // Fills in what is remembered.
    dress(form) {
      set(form, "page", this.page);
      if (state(form).dressed) return;
      state(form).dressed = true;
      restore(form);
      const before = lasting.get("author");
      for (const name of KEPT) if (before && form.elements[name]) form.elements[name].value ||= before[name] ?? "";
      const remember = form.querySelector("[data-deskbell-remember]");
      if (!remember) return;
      remember.checked = Boolean(before);
      for (const hidden = remember.closest("[hidden]"); hidden?.hidden; ) hidden.hidden = false;
    }

    failed() {
      if (this.list || this.querySelector(".deskbell-failed")) return;
      const again = make("button", { type: "button", className: "deskbell-retry", textContent: "Try again" });
      this.prepend(make("div", { className: "deskbell-failed", role: "status" }, "The comments could not be loaded. ", again));
    }

    async handleEvent(event) {
      if (event.type === "hashchange") {
        const wanted = this.wanted();
        const found = document.getElementById(wanted);
        if (found) return this.contains(found) && this.goTo(found);
        this.loaded &&= !wanted;
        return this.load();
      }
      const link = event.target.closest("a.reply, a.more, a.more-replies, a.sort, a.all, .deskbell-cancel, .deskbell-retry");
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const is = (name) => link.classList.contains(name);
      if (is("deskbell-retry")) return this.load();
      if (is("deskbell-cancel")) return this.reply(null, true);
      if (is("reply")) return this.form ? this.reply(link) : location.assign(link.href);
      // Pressed twice.
      if (link.ariaBusy) return;
      link.ariaBusy = "true";
      try {
        if (is("sort")) {
          this.setAttribute("order", new URL(link.href).searchParams.get("order") ?? "oldest");
        } else if (is("all")) {
          await this.show(link.href);
          focus(this.list);
        } else {
          focus(await this.extend(link));
        }
      } catch {
        location.assign(link.href);
      }
    }

    // Puts the comments behind a link in its place; gives the first of them.
    async extend(link) {
      const part = await this.get(link.href);
      const isReplies = link.matches(".more-replies");
      const list = isReplies ? link.closest("li").querySelector("ol.replies") : this.list.querySelector("ol.comments");
      const isNew = (item) => !document.getElementById(item.querySelector("article").id);
      const items = [...part.querySelectorAll("ol.comments > li")].filter(isNew);
      list.append(...items);
      const next = part.querySelector("a.more");
      if (next && isReplies) next.className = "more-replies";
      if (next) link.replaceWith(next);
      else link.parentElement.remove();
      return items[0]?.querySelector("article");
    }

    // Moves the form below the comment that it answers, or back.
    reply(link, isCancelled) {
      const form = this.form;
      if (this.replying) {
        const { place, block, opener } = this.replying;
        this.replying = undefined;
        place.replaceWith(form);
        block.remove();
        set(form, "parent");
        if (isCancelled) focus(opener);
      }
      if (!link) return;
      set(form, "parent", link.dataset.parent);
      const place = document.createComment("");
      form.replaceWith(place);
      const cancel = make("button", { type: "button", className: "deskbell-cancel", textContent: words.cancel });
      const title = make("p", {}, make("strong", { textContent: link.ariaLabel }), " ", cancel);
      const block = make("div", { className: "deskbell-reply" }, title, form);
      link.closest("article").after(block);
      this.replying = { place, block, opener: link };
      focus(KEPT.slice(0, 2).map((name) => form.elements[name]).find((field) => field && !field.value) ?? form.elements.comment);
    }

    goTo(comment) {
      comment?.scrollIntoView();
      focus(comment);
    }

    // Shows the own comment where it stands, or will stand.
    sent(form, answer) {
      const { id, status, fragment } = answer;
      const parent = form.elements.parent?.value;
      const remember = form.querySelector("[data-deskbell-remember]");
      const author = Object.fromEntries(KEPT.map((name) => [name, form.elements[name]?.value]));
      if (remember) lasting.set("author", remember.checked && author);
      this.reply(null);
      if (form.elements.comment) form.elements.comment.value = "";
      if (status === "held") lasting.set("waiting", [...this.own(), { id, page: this.page, parent, fragment, at: Date.now() }]);
      const shown = this.place(fragment, parent) ?? document.getElementById(`comment-${id}`);
      this.querySelector(".deskbell-thanks")?.remove();
      const said = thanks(answer);
      (shown ?? form).before(said);
      focus(said);
    }

    // The own comments that wait, as this browser remembers them.
    own() {
      return (lasting.get("waiting") ?? []).filter(({ at }) => Date.now() - at < MONTH).slice(-20);
    }

    // Shows those of this page; what is on the page waits no longer.
    waiting() {
      const own = this.own().filter(({ id }) => !document.getElementById(`comment-${id}`)?.closest("li:not(.waits)"));
      lasting.set("waiting", own.length && own);
      for (const { page, parent, fragment } of own) if (page === this.page) this.place(fragment, parent);
    }

    place(fragment, parent) {
      const item = parse(fragment ?? "", lang(this)).querySelector("li");
      if (!item || !this.list || document.getElementById(item.querySelector("article").id)) return null;
      if (item.querySelector(".waits")) item.className = "waits";
      const above = parent && document.getElementById(`comment-${parent}`)?.closest("ol.comments > li");
      if (parent && !above) return null;
      const kind = above ? "replies" : "comments";
      let list = (above || this.list).querySelector(`ol.${kind}`);
      if (!list) {
        list = make("ol", { className: kind });
        this.list.querySelector("p.none")?.remove();
        if (above) above.append(list);
        else this.list.prepend(list);
      }
      if (!above && this.getAttribute("order") === "newest") list.prepend(item);
      else list.append(item);
      return item.querySelector("article");
    }
  }

  // Counts are asked for together, 100 pages at a time.
  let waiting = [];
  async function count() {
    const all = waiting;
    waiting = [];
    const pages = [...new Set(all.map(({ page }) => page))];
    for (let from = 0; from < pages.length; from += 100) {
      const body = new URLSearchParams(pages.slice(from, from + 100).map((page) => ["page", page]));
      try {
        const { counts } = await json("comments/count", { method: "POST", body });
        for (const element of all) if (element.page in counts) element.textContent = counts[element.page];
      } catch {}
    }
  }
  class Count extends HTMLElement {
    get page() {
      return this.getAttribute("page") ?? location.pathname;
    }

    connectedCallback() {
      if (!waiting.length) setTimeout(count);
      waiting.push(this);
    }
  }
  customElements.define("deskbell-comments", Comments);
  customElements.define("deskbell-count", Count);
})();

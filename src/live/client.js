// The live half of a page in the browser: says which rendering it shows, and does what
// the server answers. Lines that begin with // are not sent.
(() => {
  if (window.pagepool) return;
  const script = document.currentScript;
  const { pathname, search } = location;
  const page = pathname + search;
  // The one global, for tests and for the curious.
  const live = window.pagepool = {
    version: script.dataset.version, connected: false, patches: 0, swaps: 0,
  };
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  // The open page is the rendering again.
  script.remove();

  // --- The connection: tried at once, then ever more seldom, and when there is reason to hope.
  const url = location.origin.replace("http", "ws") + "/_pagepool/live";
  let socket, timer, attempts = 0, isForbidden;
  const connect = () => {
    clearTimeout(timer);
    if (socket?.readyState < 2 || isForbidden) return;
    const own = socket = new WebSocket(url);
    own.onopen = () => {
      attempts = 0;
      send({ page, version: live.version });
      told.clear();
      tell();
    };
    own.onmessage = event => { if (own == socket) receive(JSON.parse(event.data)); };
    own.onclose = () => {
      if (own != socket) return;
      live.connected = false;
      timer = setTimeout(connect, Math.min(attempts++ * 250, 1500));
    };
  };
  const send = message => socket?.readyState == 1 && socket.send(JSON.stringify(message));
  const hope = () => { if (!document.hidden) { attempts = 0; connect(); } };
  addEventListener("online", hope);
  addEventListener("pageshow", hope);
  document.addEventListener("visibilitychange", hope);
  // An open connection would keep the page out of the browser's cache of pages left.
  addEventListener("pagehide", () => {
    const own = socket;
    socket = null;
    live.connected = false;
    own?.close();
  });
  document.addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective }) => {
    if (isForbidden || effectiveDirective != "connect-src" || !blockedURI.startsWith(url)) return;
    isForbidden = true;
    console.warn(`pagepool: no live editing here: the Content-Security-Policy of this page forbids the connection to ${url}; "connect-src 'self'" allows it`);
  });

  // --- What the page has loaded from this server, so that a change of it is heard of.
  const loaded = new Set(), told = new Set();
  const tell = () => {
    const resources = [...loaded].filter(path => !told.has(path));
    if (resources.length && send({ resources }) !== false) resources.forEach(path => told.add(path));
  };
  // A frame's page has a live half of its own.
  new PerformanceObserver(list => {
    for (const { name, initiatorType } of list.getEntries()) {
      const at = new URL(name, location);
      at.searchParams.has("pagepool") && at.searchParams.delete("pagepool");
      const isOwn = at.origin == location.origin && !at.pathname.startsWith("/_pagepool/");
      if (isOwn && !/frame/.test(initiatorType)) loaded.add(at.pathname + at.search);
    }
    tell();
  }).observe({ type: "resource", buffered: true });

  // --- Messages, one after the other; a page that is left needs no more of them.
  let work = Promise.resolve();
  const parsed = new Promise(done => {
    const look = () => document.readyState != "loading" && done();
    document.addEventListener("readystatechange", look);
    look();
  });
  const receive = message => {
    live.connected = true;
    const { type, path } = message;
    if (type == "reload") return reload();
    if (type == "navigate") return leave(() => location.replace(message.url + location.hash), message.url);
    work = work.then(() => parsed).then(async () => {
      if (type == "patch") await patch(message);
      else if (type == "error") showError(message.html);
      else if (type == "fixed") hideError();
      else if (type in swap) {
        if (await swap[type](path)) live.swaps++;
        else reload();
      }
    }).catch(error => {
      console.warn("pagepool:", error);
      reload();
    });
  };

  // --- Loading again, with the scroll and the focus. Browsers keep the rest.
  const KEY = "pagepool";
  const leave = (go, target = page) => {
    try {
      sessionStorage[KEY] = JSON.stringify([target, scrollX, scrollY, document.activeElement?.id]);
    } catch { /* storage is switched off */ }
    go();
  };
  const reload = () => leave(() => location.reload());
  const restore = () => {
    let kept;
    try {
      kept = JSON.parse(sessionStorage[KEY] ?? null);
      delete sessionStorage[KEY];
    } catch { return; }
    if (kept?.[0] != page) return;
    const [, x, y, id] = kept;
    const scroll = () => scrollTo({ left: x, top: y, behavior: "instant" });
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
    scroll();
    // The page may have been too short for it.
    if (scrollY != y) addEventListener("load", scroll, { once: true });
  };

  // --- Patches. Nodes of our own, and those that wait to leave, are not the rendering's.
  const foreign = new Set();
  // What attributes say in the rendering that say something else in the page.
  const disguised = new WeakMap();
  const attribute = (node, name) => disguised.get(node)?.[name] ?? node.getAttribute(name);
  const children = node => [...node.childNodes].filter(child => !foreign.has(child));
  const nameOf = node => node.localName ?? "#" + node.nodeType;
  const fail = why => { throw `${why}: the page loads again`; };

  const take = (node, [index, length, name, ordinal, count, id]) => {
    const list = children(node);
    if (list.length == length && nameOf(list[index]) == name) return list[index];
    const same = list.filter(child => nameOf(child) == name);
    if (same.length == count) return same[ordinal];
    const known = id && document.getElementById(id);
    return known && nameOf(known) == name ? known : fail(`<${name}> is not where it was`);
  };

  // Each gives the function that makes the change, once all have found their nodes.
  const prepare = {
    text(node, { old, new: text }) {
      if (node.data != old && node.data != text) fail("a script has changed a text");
      return () => { node.data = text; };
    },
    attr(node, { name, old, new: value }) {
      const isSet = attribute(node, name) == value;
      if (name == "class" && attribute(node, name) != old) {
        const [before, after] = [old, value].map(list => list?.match(/\S+/g) ?? []);
        return () => {
          node.classList.remove(...before.filter(token => !after.includes(token)));
          node.classList.add(...after.filter(token => !before.includes(token)));
        };
      }
      if (!isSet && attribute(node, name) != old) fail(`a script has changed ${name}`);
      if (name == "href" && value != null && isSheet(node)) return () => renew(node, value);
      return () => {
        if (disguised.has(node)) delete disguised.get(node)[name];
        if (value == null) node.removeAttribute(name);
        // A name that only the parser allows can be set through its node.
        else if (node.hasAttribute(name)) node.getAttributeNode(name).value = value;
        else node.setAttribute(name, value);
      };
    },
    nodes(node, { after, remove, html }) {
      const list = children(node);
      const start = after ? list.indexOf(take(node, after)) + 1 : 0;
      const removed = list.slice(start, start + remove.length);
      remove.forEach(([name, known], index) => {
        const leaving = removed[index] ?? fail("a node has gone");
        const isSame = nameOf(leaving) == name && (leaving.data ?? leaving.id) == known;
        if (!isSame) fail("a script has changed a node");
      });
      const range = document.createRange();
      range.selectNodeContents(node);
      const fragment = range.createContextualFragment(html);
      const sheets = all("link", fragment).filter(isSheet);
      return () => {
        node.insertBefore(fragment, list[start] ?? null);
        if (!sheets.length) return removed.forEach(gone => gone.remove());
        // Sheets that leave wait for those that come.
        const links = removed.filter(gone => isSheet(gone) || !foreign.add(gone));
        removed.forEach(gone => isSheet(gone) ? foreign.add(gone) : gone.remove());
        return Promise.all(sheets.map(settled)).then(() => links.forEach(drop));
      };
    },
  };
  const drop = node => { node.remove(); foreign.delete(node); };

  const patch = async ({ to, ops }) => {
    const changes = ops.map(op => [prepare[op.op](op.at.reduce(take, document), op), op]);
    // New sheets first, so that nothing shows without its style.
    const isStyle = ([, { html, name, at }]) =>
      /<link/i.test(html) || name == "href" && at.at(-1)[2] == "link";
    const run = list => Promise.all(list.map(([change]) => change()));
    const styles = changes.filter(isStyle);
    if (styles.length) await run(styles);
    run(changes.filter(change => !isStyle(change)));
    hideError();
    live.version = to;
    live.patches++;
  };

  // --- Files that the page uses. The browser asks for them again under another query.
  const fresh = at => {
    at = new URL(at);
    at.searchParams.delete("pagepool");
    at.search += (at.search ? "&" : "?") + "pagepool=" + (live.swaps + 1);
    return at.href;
  };
  const resolve = (text, base = document.baseURI) => {
    try { return new URL(text, base); } catch { return {}; }
  };
  const isAt = (at, path) => at.origin == location.origin && at.pathname == path;
  const isSheet = node => node.localName == "link" && node.relList.contains("stylesheet");
  // After 2 s a page without its style is better than one that does not move on.
  const settled = node => new Promise(done => {
    node.onload = node.onerror = done;
    setTimeout(done, 2000);
  });
  // Puts a copy of a sheet's element after it, which leaves once the copy has loaded.
  const renew = async (old, href) => {
    const copy = old.cloneNode(true);
    if (href) copy.setAttribute("href", href);
    else if (old.href) {
      disguised.set(copy, { href: attribute(old, "href") });
      copy.href = fresh(old.href);
    }
    foreign.add(old);
    old.after(copy);
    await settled(copy);
    drop(old);
  };
  // All sheets that scripts may look into, imported ones too, with the one in the page.
  const sheets = function* (list = document.styleSheets, top) {
    for (const sheet of list) {
      if (!sheet || foreign.has(sheet.ownerNode)) continue;
      let rules = [];
      try { rules = sheet.cssRules; } catch { /* another site's */ }
      yield [sheet, rules, top ?? sheet];
      yield* sheets([...rules].map(rule => rule.styleSheet), top ?? sheet);
    }
  };
  const rules = function* (list) {
    for (const rule of list) {
      yield rule;
      if (rule.cssRules) yield* rules(rule.cssRules);
    }
  };
  const URLS = /url\(\s*(["']?)(.*?)\1\s*\)/g;
  // The text with each url() that leads to the path made fresh.
  const freshUrls = (text, path, base) => text.replace(URLS, (whole, quote, inner) => {
    const at = resolve(inner.replace(/\\(.)/g, "$1"), base);
    return isAt(at, path) ? `url("${fresh(at)}")` : whole;
  });
  const baseOf = sheet => sheet.href ?? document.baseURI;
  const ATTRIBUTES = ["src", "srcset", "imagesrcset", "poster", "data", "href", "xlink:href", "style"];

  const swap = {
    async style(path) {
      const owners = new Set();
      for (const [sheet, , top] of sheets()) {
        if (isAt(resolve(sheet.href), path)) owners.add(top.ownerNode);
      }
      // One that could not be loaded so far has no sheet.
      all("link").filter(isSheet).filter(link => isAt(resolve(link.href), path))
        .forEach(link => foreign.has(link) || owners.add(link));
      owners.delete(null);
      await Promise.all([...owners].map(owner => renew(owner)));
      return owners.size;
    },
    // What shows an image keeps showing it until the new one has come.
    async image(path) {
      const changes = [];
      for (const node of all(`[src],[srcset],[imagesrcset],[poster],[data],[style],link,image,use,feImage`)) {
        for (const name of ATTRIBUTES) {
          const value = node.getAttribute(name);
          if (value == null) continue;
          const one = text => isAt(resolve(text), path) ? fresh(resolve(text)) : text;
          const now = name == "style" ? freshUrls(value, path)
            : /srcset/.test(name) ? value.replace(/\S*[^\s,]/g, one) : one(value);
          if (now == value) continue;
          const was = { ...disguised.get(node), [name]: attribute(node, name) };
          changes.push(() => { disguised.set(node, was); node.setAttribute(name, now); });
        }
      }
      for (const [sheet, list] of sheets()) {
        for (const { style } of rules(list)) {
          const text = style?.cssText ?? "";
          const now = freshUrls(text, path, baseOf(sheet));
          if (now != text) changes.push(() => { style.cssText = now; });
        }
      }
      const image = new Image();
      image.src = fresh(resolve(path));
      await image.decode().catch(() => {});
      changes.forEach(change => change());
      return changes.length;
    },
    // A rule takes the place of the old one when its font is there.
    async font(path) {
      let count = 0;
      for (const [sheet, list] of sheets()) {
        for (let index = 0; index < list.length; index++) {
          const text = list[index].cssText;
          const now = list[index].type == 5 ? freshUrls(text, path, baseOf(sheet)) : text;
          if (now == text) continue;
          await new FontFace(KEY, `url("${fresh(resolve(path))}")`).load().catch(() => {});
          sheet.insertRule(now, index);
          sheet.deleteRule(index + 1);
          count++;
        }
      }
      return count;
    },
  };

  // --- The report of an error, over the page, in a tree and a frame of its own.
  let report;
  const showError = html => {
    hideError();
    report = document.createElement("pagepool-error");
    foreign.add(report);
    const dialog = document.createElement("dialog");
    const frame = document.createElement("iframe");
    const close = document.createElement("button");
    dialog.setAttribute("role", "alertdialog");
    dialog.setAttribute("aria-label", frame.title = "Error in this page");
    frame.srcdoc = html;
    close.textContent = "Hide";
    close.onclick = () => dialog.close();
    dialog.onclose = hideError;
    frame.onload = () => frame.contentWindow.addEventListener("keydown", event => {
      if (event.key == "Escape") dialog.close();
    });
    // Through the object model, which a Content-Security-Policy allows.
    report.style.cssText = "all: initial !important; color-scheme: light dark !important";
    dialog.style.cssText = "box-sizing: border-box; width: min(60rem, 94vw); height: min(44rem, 90vh); padding: 0; border: 2px solid #d93a2f; border-radius: 8px; overflow: hidden; box-shadow: 0 8px 40px #0008";
    frame.style.cssText = "width: 100%; height: 100%; border: 0";
    close.style.cssText = "position: absolute; top: 10px; right: 24px; font: 14px system-ui; padding: 4px 12px";
    dialog.append(frame, close);
    report.attachShadow({ mode: "open" }).append(dialog);
    document.documentElement.append(report);
    dialog.showModal();
  };
  const hideError = () => {
    const gone = report;
    report = null;
    gone?.shadowRoot.firstChild.close();
    if (gone) drop(gone);
  };

  parsed.then(restore);
  connect();
})();

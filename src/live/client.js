// The live half of a page in the browser: says which rendering it shows, and does what
// the server answers. Lines of comment, and white space beside punctuation, are not sent.
(() => {
  // An element of that id does not count.
  if (Object.hasOwn(window, "pagepool")) return;
  const on = addEventListener, doc = document, tag = doc.currentScript;
  const { origin } = location;
  const all = (selector, root = doc) => [...root.querySelectorAll(selector)];
  // Scripts may move on from here without loading anything.
  const here = () => location.pathname + location.search;
  const page = here();
  // The one global, for tests and for whoever looks into the page.
  const live = window.pagepool = {
    version: tag.dataset.version,
    patches: 0,
    swaps: 0,
    get connected() { return socket?.readyState == 1; },
  };
  // From here on, the page is the rendering.
  tag.remove();

  // --- The connection: tried at once, then more seldom, and again when there is hope.
  const url = origin.replace("http", "ws") + "/_pagepool/live";
  let socket, timer, tries = 0, isOff;
  const send = message => live.connected && socket.send(JSON.stringify(message));
  // The server takes no message of more than 16 kB.
  const tell = paths => paths.forEach(path => send({ resources: [path] }));
  const connect = () => {
    clearTimeout(timer);
    if (isOff || socket?.readyState < 2) return;
    const own = socket = new WebSocket(url);
    own.onopen = () => {
      // What it has loaded is as old as the page.
      send({ page, version: live.version, age: performance.now() });
      tell([...seen]);
    };
    own.onmessage = ({ data }) => own == socket && receive(JSON.parse(data), tries = 0);
    own.onclose = () =>
      own == socket && (timer = setTimeout(connect, Math.min(tries++ * 250, 1500)));
  };
  const hope = () => doc.hidden || connect(tries = 0);
  on("pageshow", hope);
  on("visibilitychange", hope);
  // An open connection would keep the page out of the cache that the back button uses.
  on("pagehide", () => {
    const own = socket;
    clearTimeout(timer, socket = null);
    own?.close();
    if (mode) history.scrollRestoration = mode;
  });
  on("securitypolicyviolation", ({ blockedURI, disposition }) => {
    if (disposition == "enforce" && blockedURI.startsWith(url))
      console.warn(isOff = `pagepool needs ${url} in connect-src of the page's CSP`);
  });

  // --- What the page has loaded from here. The page in a frame speaks for itself. After
  // one more than it follows, the server knows that there are too many.
  const seen = new Set();
  const plain = text => text?.replace(/\?pagepool=\d+(?![\d&])|pagepool=\d+&/g, "");
  new PerformanceObserver(list => tell(list.getEntries()
    .filter(entry => !/frame/.test(entry.initiatorType))
    .map(entry => new URL(plain(entry.name)))
    .filter(at => at.origin == origin)
    .map(at => at.pathname + at.search)
    .filter(path => !path[7e3] && seen.size <= 4096 && !seen.has(path) && seen.add(path))
  )).observe({ type: "resource", buffered: true });

  // --- Messages, one after the other, once the parser is done.
  let work = new Promise(done => {
    const look = () => doc.readyState == "loading" || done();
    on("readystatechange", look, true);
    look();
  });
  const receive = message => {
    const { type, path, url, html } = message;
    if (type == "reload" && !isOld) reload();
    isOld = 0;
    if (type == "navigate") leave(url, () => location.replace(url + location.hash));
    work = work.then(() => {
      if (type == "patch") return patch(message);
      if (type == "error") show(html);
      if (/fixed|current/.test(type)) hide();
      if (path) return swap(path, type);
    }).catch(reload);
  };

  // --- Loading again with scroll, focus, and what was typed, which not all browsers keep.
  // The page's own way to restore its scroll, while there is one of ours; and whether
  // a service worker, say, has answered with what was to be replaced.
  let mode, isOld;
  const fields = () => all("input:not([type=file]),textarea");
  const leave = (to, go) => {
    mode ??= history.scrollRestoration;
    const typed = fields().map(({ name, value, defaultValue }) =>
      value == defaultValue ? [] : [name, value]);
    const kept = [live.version, scrollX, scrollY, doc.activeElement?.id, mode, typed];
    // Whoever leaves twice has not arrived between.
    try { sessionStorage["pagepool" + to] ??= JSON.stringify(kept); } catch {}
    // The browser's own goes by what is around, which may be a script's.
    history.scrollRestoration = "manual";
    go(mode = 0);
  };
  const reload = why => {
    if (why) console.warn("pagepool reloads:", why);
    leave(here(), () => location.reload());
  };
  work.then(() => {
    const key = "pagepool" + page;
    const [version, left, top, id, kept, typed] = JSON.parse(sessionStorage[key] ?? "[]");
    delete sessionStorage[key];
    if (!version) return;
    isOld = version == live.version;
    mode = kept;
    const scroll = () => scrollTo({ left, top, behavior: "instant" });
    doc.getElementById(id)?.focus({ preventScroll: true });
    scroll();
    // Until it is loaded, the page may be too short.
    const at = scrollY;
    on("load", () => at == scrollY && scroll());
    // Ends at the first field that was not there before.
    fields().forEach((field, index) => {
      const [name, text] = typed[index];
      if (field.name == name) field.value = text;
    });
  }).catch(() => {});

  // --- Patches. First every change finds its node in the page, which scripts may have
  // changed; then all are made. Aside: our own nodes, and those that are about to leave.
  const early = doc.createElement("link"), aside = new Set([early]);
  const drop = node => aside.delete(node, node.remove());
  const children = node => [...node.childNodes].filter(child => !aside.has(child));
  const nameOf = node => node?.localName ?? "#" + node?.nodeType;
  const isSheet = node => /stylesheet/i.test(node.rel);
  const check = isSame => {
    if (!isSame) throw "a script changed the page";
    return isSame;
  };
  const take = (node, [index, length, name, nth, count, id]) => {
    const list = children(node);
    const same = list.filter(child => nameOf(child) == name);
    return check([
      list.length == length && list[index],
      same.length == count && same[nth],
      id && doc.getElementById(id),
    ].find(child => nameOf(child) == name && (!id || child.id == id)));
  };
  const plan = {
    text(node, op) {
      check([op.old, op.new].includes(node.data));
      return () => node.data = op.new;
    },
    attr(node, { name, old, new: value }) {
      const now = plain(node.getAttribute(name)) ?? null;
      if (name == "class" && now != old) {
        const [before, after] = [old, value].map(list => list?.match(/\S+/g) ?? []);
        return () => {
          node.classList.remove(...before.filter(one => !after.includes(one)));
          node.classList.add(...after.filter(one => !before.includes(one)));
        };
      }
      check([old, value].includes(now));
      return () => {
        if (name == "href" && value && isSheet(node)) return renew(node, value);
        if (value == null) node.removeAttribute(name);
        // Some names are for the parser alone, but their nodes are for everyone.
        else if (now != null) node.getAttributeNode(name).value = value;
        else node.setAttribute(name, value);
      };
    },
    nodes(node, { after, remove, html }) {
      const list = children(node);
      const start = after ? list.indexOf(take(node, after)) + 1 : 0;
      const old = list.slice(start, start + remove.length);
      remove.forEach(([name, known], index) => {
        const gone = old[index];
        check(nameOf(gone) == name && (gone.data ?? gone.id) == known);
      });
      const range = new Range();
      range.selectNodeContents(node);
      const part = range.createContextualFragment(html);
      const sheets = all("link", part).filter(isSheet);
      return async () => {
        node.insertBefore(part, list[start] ?? null);
        old.forEach(gone => aside.add(gone));
        if (sheets.length) await Promise.all(sheets.map(ready));
        old.forEach(drop);
      };
    },
  };
  const patch = async ({ to, ops }) => {
    const steps = [[], []];
    for (const op of ops) {
      // New sheets first, so that nothing shows without its style.
      steps[op.name == "href" || /<link/.test(op.html) ? 0 : 1]
        .push(plan[op.op](op.at.reduce(take, doc), op));
    }
    for (const now of steps)
      if (now[0]) await Promise.all(now.map(change => change()));
    hide();
    live.version = to;
    live.patches++;
  };

  // --- Files that the page uses: under another query, the browser asks for them again.
  const fresh = href => plain(href).replace(/\?|(?=#)|$/, mark =>
    `?pagepool=${live.swaps}${mark && "&"}`);
  const leads = (href, path, base) => {
    const at = URL.parse(href, base ?? doc.baseURI);
    return at?.origin == origin && at.pathname == path;
  };
  const ready = node => new Promise(done => {
    on.call(node, "load", done);
    on.call(node, "error", done);
    // A page without a sheet is better than one that never moves on.
    setTimeout(done, 2e3);
  });
  // A copy of the sheet's element comes in, and the old one leaves once that has loaded.
  const renew = async (old, href) => {
    if (aside.has(old)) return;
    const copy = old.cloneNode(true);
    if (href) copy.setAttribute("href", href);
    aside.add(old);
    old.after(copy);
    await ready(copy);
    drop(old);
  };
  const swap = async (path, type) => {
    live.swaps++;
    // The file is loaded before it comes in, by a link that is there from the first time on:
    // one that has just come in costs a frame, and the next one is up to 16 ms away. A sheet
    // that no element names stands in another, which asks for both.
    const href = all("link:not([as]),[src]").map(({ href, src }) => href ?? src)
      .find(href => leads(href, path)) ?? (type != "style" && origin + path);
    if (href) {
      early.isConnected || doc.head.append(early);
      await ready(Object.assign(early, {
        as: type,
        crossOrigin: type == "font" ? "" : null,
        href: fresh(href),
        rel: "preload",
      }));
      early.rel = "";
    }
    const places = [];
    const replace = (text, base, set, urls = /[^\s"'(),]+/g) => {
      const now = text.replace(urls, href => leads(href, path, base) ? fresh(href) : href);
      if (now != text) places.push(set(now));
    };
    for (const node of all(":not(a)")) {
      for (const attr of [...node.attributes]) {
        const { name, value } = attr;
        const set = now => isSheet(node) ? renew(node, now) : attr.value = now;
        if (/srcset$|^style$/.test(name)) replace(value, null, set);
        if (/^(src|poster|data)$|href$/.test(name)) replace(value, null, set, /.+/);
      }
    }
    const visit = (list, owner, base) => {
      let rules = [];
      // Some rules have none in them, and sheets from elsewhere are closed to scripts.
      try { rules = [...list.cssRules]; } catch {}
      rules.forEach((rule, index) => {
        const { cssText, style, styleSheet } = rule;
        if (styleSheet && leads(styleSheet.href, path)) {
          const href = owner.getAttribute("href");
          places.push(renew(owner, href && fresh(href)));
        } else if (rule.type == 5) replace(cssText, base, now => {
          list.insertRule(now, index);
          list.deleteRule(index + 1);
        });
        else if (style) replace(style.cssText, base, now => style.cssText = now);
        visit(styleSheet ?? rule, owner, styleSheet?.href ?? base);
      });
    };
    for (const sheet of doc.styleSheets) visit(sheet, sheet.ownerNode, sheet.href);
    // What neither an element nor a rule names, a script has loaded.
    places.length || reload();
    await Promise.all(places);
  };

  // --- The report of an error, over the page, in a frame of its own.
  let dialog;
  const hide = () => dialog?.close();
  const show = html => {
    hide();
    const own = dialog = doc.createElement("dialog");
    own.innerHTML = "<iframe></iframe><button autofocus>Hide";
    const [frame, button] = own.children;
    // The page's own rules are not for it.
    own.style.cssText = "all: revert; color-scheme: light dark; width: 56rem; height: 90vh; padding: 0; border-color: #d33; overflow: hidden";
    frame.style.cssText = "all: revert; width: 100%; height: 100%; border: 0";
    button.style.cssText = "all: revert; position: absolute; top: 12px; right: 28px";
    own.role = "alertdialog";
    own.ariaLabel = frame.title = "Error";
    own.onclose = () => drop(own);
    button.onclick = hide;
    frame.srcdoc = html;
    frame.onload = () => frame.contentWindow.onkeydown = ({ key }) => key == "Escape" && hide();
    aside.add(own);
    doc.documentElement.append(own);
    own.showModal();
  };

  connect();
})();

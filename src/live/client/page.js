// @ts-check
// The page that is open: its version, its address, its nodes.

const scriptElement = /** @type {HTMLScriptElement} */ (document.currentScript);

/** The one global of the script, for tests and for developers who inspect the page. */
const pagepool = {
  /** The version of the page that is shown. */
  version: scriptElement.dataset.version ?? "",
  /** How many patches have been applied. */
  patches: 0,
  /** How many changed files have been swapped. */
  swaps: 0,
  get connected() {
    return isConnected();
  },
};

/**
 * What the browser has in front of the paths of the server, such as `/proxy/8889`: its
 * configuration says so, or a proxy takes it away.
 */
const BASE_PATH = basePath(scriptElement.dataset.page ?? "/");

/**
 * What precedes `page`, the path by which the server knows this page, in the address. Nothing
 * where the address does not end so: a service worker may show a page anywhere.
 * @param {string} page
 */
function basePath(page) {
  const segments = location.pathname.split("/");
  const end = segments.length - page.split("/").length + 1;
  const shown = "/" + segments.slice(end).join("/");
  return decoded(shown) === decoded(page) ? segments.slice(0, end).join("/") : "";
}

/**
 * Two spellings of one path are the same once decoded.
 * @param {string} path
 */
function decoded(path) {
  try {
    return own.decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * A path or target as the server knows it. What is not below the base path is none of its own.
 * @param {string} target
 */
function withoutBase(target) {
  return target.startsWith(BASE_PATH + "/") ? target.slice(BASE_PATH.length) : target;
}

/** The target (path and query) that this page was loaded from. */
const loadedTarget = currentTarget();

/** The target where the page is now: scripts change it without loading anything. */
function currentTarget() {
  return location.pathname + location.search;
}

/** Resolves once the whole document is parsed. */
const parsed = new own.Promise(resolve => {
  const resolveIfParsed = () => {
    if (dom.readyState(document) !== "loading") resolve(undefined);
  };
  own.addEventListener("readystatechange", resolveIfParsed, true);
  resolveIfParsed();
});

/**
 * Nodes that are not part of the page: the script's own, and those about to be removed.
 * @type {Set<Node>}
 */
const ignoredNodes = new own.Set();

/** @param {ChildNode} node */
function removeIgnored(node) {
  changeByFile(() => remove(node));
  ignoredNodes.delete(node);
}

/**
 * Makes the page what its file says. Before that is parsed, the texts around the element
 * would become one, which the server takes for two.
 */
async function removeScriptElement() {
  await parsed;
  changeByFile(() => remove(scriptElement));
}

/** @param {Element} node */
function isStylesheet(node) {
  return dom.localName(node) === "link" && /stylesheet/i.test(/** @type {HTMLLinkElement} */ (node).rel);
}

/**
 * `href` as an absolute address, or `null` where it is none.
 * @param {string} href
 * @param {string} [base]  by default the base of the document
 */
function parseUrl(href, base = dom.baseURI(document)) {
  try {
    return new own.URL(href, base);
  } catch {
    return null;
  }
}

/**
 * `href` with a mark in its query, for which the browser requests a changed file again.
 * @param {string} href
 */
function withMark(href) {
  const mark = `?pagepool=${pagepool.swaps}`;
  return withoutMark(href).replace(/\?|(?=#)|$/, found => (found === "?" ? `${mark}&` : mark));
}

/**
 * `href` as it was before a mark came in.
 * @param {string} href
 */
function withoutMark(href) {
  return href.replace(/\?pagepool=\d+(?![\d&])|pagepool=\d+&/g, "");
}

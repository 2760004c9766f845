// @ts-check
// Swaps a changed stylesheet, image or font for the new one wherever the page names it.

/**
 * @typedef {"style" | "image" | "font"} FileKind
 *
 * What certain rules have.
 * @typedef {CSSRule & { style?: CSSStyleDeclaration }} StyleRule
 * @typedef {CSSRule & { href?: string, styleSheet?: CSSStyleSheet | null }} ImportRule
 */

/** Longer than a file takes that comes at all: the page moves on without one that does not. */
const MAX_LOADING_MS = 2000;

/** Loads a changed file before it is put to use. */
const preloadLink = createElement("link");

/**
 * @param {string} path
 * @param {FileKind} kind
 */
async function swapFile(path, kind) {
  if (isUsedUnseen(path)) return reload();
  pagepool.swaps++;
  await preload(path, kind);
  const swaps = swapsInPage(path);
  // A file that neither an element nor a rule names was loaded by a script.
  if (swaps.length === 0) reload();
  await runAll(swaps);
}

/**
 * Loads the file by a link that stays in the page from the first time on: one that has
 * just come in costs a frame, and the next one is up to 16 ms away.
 * @param {string} path
 * @param {FileKind} kind
 */
async function preload(path, kind) {
  let href = hrefInPage(path);
  if (href === null) {
    // A sheet that no element names is part of another one, which loads both.
    if (kind === "style") return;
    href = location.origin + BASE_PATH + path;
  }
  ignoredNodes.add(preloadLink);
  if (!dom.isConnected(preloadLink)) append(dom.head(document), preloadLink);
  const loading = whenLoaded(preloadLink);
  preloadLink.as = kind;
  preloadLink.crossOrigin = kind === "font" ? "" : null;
  preloadLink.href = withMark(href);
  preloadLink.rel = "preload";
  await loading;
  preloadLink.rel = "";
}

/**
 * How an element of the page names the file, if one does.
 * @param {string} path
 */
function hrefInPage(path) {
  for (const node of select(document, "link:not([as]), [src]")) {
    const address = dom.getAttribute(node, "href") ?? dom.getAttribute(node, "src");
    if (address && isAt(address, path)) return address;
  }
  return null;
}

/**
 * Finds the attributes and rules that name the file, in shadow roots too.
 * @param {string} path
 */
function swapsInPage(path) {
  /** @type {Action[]} */
  const swaps = new own.Array();
  addSwapsInSheets(document, path, swaps);
  forEachElement(element => {
    addSwapsInAttributes(element, path, swaps);
    const shadowRoot = shadowRootOf(element);
    if (shadowRoot) addSwapsInSheets(shadowRoot, path, swaps);
  });
  return swaps;
}

/**
 * @param {Element} node
 * @param {string} path
 * @param {Action[]} swaps
 */
function addSwapsInAttributes(node, path, swaps) {
  if (dom.localName(node) === "a") return;
  for (const attribute of dom.attributes(node)) {
    const { name, value } = attribute;
    const isAddress = /^(src|poster|data|background)$|href$/.test(name);
    if (!isAddress && !/srcset$/.test(name) && !/url\(|image-set/i.test(value)) continue;
    const marked = isAddress ? markAddress(value, path) : markText(value, path);
    if (marked === value) continue;
    swaps.push(() => {
      if (isAddress && isStylesheet(node)) return replaceSheet(node, marked);
      attribute.value = marked;
    });
  }
}

/**
 * @param {Document | ShadowRoot} root
 * @param {string} path
 * @param {Action[]} swaps
 */
function addSwapsInSheets(root, path, swaps) {
  for (const sheet of styleSheetsOf(root)) addSwapsInRules(sheet, sheet, path, swaps);
}

/** @param {Document | ShadowRoot} root */
function styleSheetsOf(root) {
  return root === document ? dom.styleSheets(document) : root.styleSheets;
}

/**
 * @param {CSSStyleSheet | CSSGroupingRule} list  the sheet or rule that holds the rules
 * @param {CSSStyleSheet} sheet  the sheet that they are part of
 * @param {string} path
 * @param {Action[]} swaps
 */
function addSwapsInRules(list, sheet, path, swaps) {
  const base = sheet.href ?? dom.baseURI(document);
  let nextIndex = 0;
  for (const rule of rulesOf(list)) {
    const index = nextIndex++;
    const { style, styleSheet, href } = /** @type {StyleRule & ImportRule} */ (rule);
    if (rule.type === rule.IMPORT_RULE) {
      if (isAt(href ?? "", path, base)) swaps.push(() => reloadImporter(sheet, styleSheet, path));
      if (styleSheet) addSwapsInRules(styleSheet, styleSheet, path, swaps);
      continue;
    }
    const isFont = rule.type === rule.FONT_FACE_RULE;
    const text = (isFont ? rule.cssText : style?.cssText) ?? "";
    const marked = markText(text, path, base);
    if (marked !== text) {
      swaps.push(() => {
        if (isFont) replaceRule(list, index, marked);
        else if (style) style.cssText = marked;
      });
    }
    addSwapsInRules(/** @type {CSSGroupingRule} */ (rule), sheet, path, swaps);
  }
}

/**
 * @param {CSSStyleSheet | CSSGroupingRule} list
 * @param {number} index
 * @param {string} text
 */
function replaceRule(list, index, text) {
  list.insertRule(text, index);
  list.deleteRule(index + 1);
}

/**
 * The rules at this moment. Not all rules hold others, and sheets of other sites are
 * closed to scripts.
 * @param {CSSStyleSheet | CSSGroupingRule} list
 */
function rulesOf(list) {
  try {
    return [...list.cssRules];
  } catch {
    return [];
  }
}

/**
 * Loads a sheet again, through its element, with all that it imports.
 * @param {CSSStyleSheet} sheet
 * @param {CSSStyleSheet | null | undefined} imported  what has changed of it
 * @param {string} path
 */
async function reloadImporter(sheet, imported, path) {
  let outer = sheet;
  while (outer.parentStyleSheet) outer = outer.parentStyleSheet;
  const owner = /** @type {Element} */ (outer.ownerNode);
  if (!imported) return reload();
  const before = textOf(imported);
  const href = dom.getAttribute(owner, "href");
  const text = href === null ? markText(dom.textContent(owner) ?? "", path) : null;
  const copy = await replaceByCopy(owner, href && withMark(href), text);
  // Firefox keeps what is imported under the same address, in `<style>` over a reload too.
  if (copy && (!copy.sheet || hasImported(copy.sheet, path, before))) reload();
}

/** @param {CSSStyleSheet} sheet */
function textOf(sheet) {
  let text = "";
  for (const { cssText } of rulesOf(sheet)) text += cssText;
  return text;
}

/**
 * Whether the sheet has imported the file with this text, or has not got all that it imports.
 * @param {CSSStyleSheet} sheet
 * @param {string} path
 * @param {string} text
 * @returns {boolean}
 */
function hasImported(sheet, path, text) {
  for (const rule of rulesOf(sheet)) {
    if (rule.type !== rule.IMPORT_RULE) continue;
    const { styleSheet } = /** @type {ImportRule} */ (rule);
    if (!styleSheet) return true;
    if (isAt(styleSheet.href ?? "", path) && textOf(styleSheet) === text) return true;
    if (hasImported(styleSheet, path, text)) return true;
  }
  return false;
}

/**
 * Puts in a copy of the sheet's element, and removes the old one once that has loaded.
 * @param {Element} old
 * @param {string | null} href
 */
async function replaceSheet(old, href) {
  await replaceByCopy(old, href);
}

/**
 * @param {Element} old
 * @param {string | null} href
 * @param {string | null} [text]  what the copy has in it, if that is not the same
 */
async function replaceByCopy(old, href, text = null) {
  if (ignoredNodes.has(old)) return null;
  const copy = /** @type {Element} */ (dom.cloneNode(old, true));
  if (href) dom.setAttribute(copy, "href", href);
  if (text !== null) copy.textContent = text;
  ignoredNodes.add(old);
  dom.insertBefore(/** @type {Node} */ (dom.parentNode(old)), copy, dom.nextSibling(old));
  await whenLoaded(copy);
  removeIgnored(old);
  return /** @type {HTMLLinkElement | HTMLStyleElement} */ (copy);
}

/** @param {Element[]} nodes */
async function whenAllLoaded(nodes) {
  /** @type {Promise<unknown>[]} */
  const loading = new own.Array();
  for (const node of nodes) loading.push(whenLoaded(node));
  await waitForAll(loading);
}

/**
 * Resolves once an element has loaded its file or failed to.
 * @param {Element} node
 * @returns {Promise<unknown>}
 */
function whenLoaded(node) {
  return new own.Promise(resolve => {
    dom.addEventListener(node, "load", resolve);
    dom.addEventListener(node, "error", resolve);
    own.setTimeout(resolve, MAX_LOADING_MS);
  });
}

/**
 * Marks each address of the file in a text of CSS or a `srcset`.
 * @param {string} text
 * @param {string} path
 * @param {string} [base]
 */
function markText(text, path, base) {
  return text.replace(/[^\s"'(),]+/g, href => markAddress(href, path, base));
}

/**
 * @param {string} href
 * @param {string} path
 * @param {string} [base]
 */
function markAddress(href, path, base) {
  return isAt(href, path, base) ? withMark(href) : href;
}

/**
 * Whether `href` leads to the file at `path` of this site.
 * @param {string} href
 * @param {string} path
 * @param {string} [base]
 */
function isAt(href, path, base) {
  const url = parseUrl(href, base);
  return url?.origin === location.origin && withoutBase(url.pathname) === path;
}

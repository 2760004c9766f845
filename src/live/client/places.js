// @ts-check
// Where the page may use a file: its document, its shadow roots, and frames that it writes
// itself, which have no file of their own.

/**
 * Shadow roots that hide from scripts, by their elements.
 * @type {WeakMap<Element, ShadowRoot>}
 */
const closedRoots = new own.WeakMap();

function noteClosedRoots() {
  const { prototype } = Element;
  prototype.attachShadow = new own.Proxy(prototype.attachShadow, {
    apply(attach, element, args) {
      const root = own.Reflect.apply(attach, element, args);
      if (root.mode === "closed") closedRoots.set(element, root);
      return root;
    },
  });
}

/**
 * Calls `visit` for each element of the page, in shadow roots too.
 * @param {(element: Element) => void} visit
 * @param {Document | ShadowRoot} [root]
 */
function forEachElement(visit, root = document) {
  for (const element of select(root, "*")) {
    visit(element);
    const shadowRoot = shadowRootOf(element);
    if (shadowRoot) forEachElement(visit, shadowRoot);
  }
}

/** @param {Element} element */
function shadowRootOf(element) {
  return dom.shadowRoot(element) ?? closedRoots.get(element);
}

/** The frames of the page, in shadow roots too. */
function framesOfPage() {
  /** @type {HTMLIFrameElement[]} */
  const frames = new own.Array();
  forEachElement(element => {
    if (/^i?frame$/.test(dom.localName(element))) frames.push(/** @type {HTMLIFrameElement} */ (element));
  });
  return frames;
}

/**
 * The document in a frame; `null` where its origin is another one, or none at all.
 * @param {HTMLIFrameElement} frame
 */
function documentOf(frame) {
  try {
    return frame.contentDocument;
  } catch {
    return null;
  }
}

/**
 * Whether the page has a use of the file that no element or rule of it names: by a script,
 * or in a frame that the page writes itself.
 * @param {string} path
 */
function isUsedUnseen(path) {
  for (const target of scriptTargets) if (isAt(BASE_PATH + target, path)) return true;
  for (const frame of framesOfPage()) {
    const inner = documentOf(frame);
    const view = inner && dom.defaultView(inner);
    if (!view || /^http/.test(view.location.protocol)) continue;
    for (const { name } of view.performance.getEntriesByType("resource")) {
      if (isAt(name, path)) return true;
    }
  }
  return false;
}

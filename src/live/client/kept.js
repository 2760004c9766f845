// @ts-check
// What a person has done in the page, element by element, so that it is there again when
// the page is loaded again: what fields hold, what is open, has scrolled, plays, or has the
// focus.

/**
 * What is kept of an element, as far as it is not as the file says.
 * @typedef {object} ElementState
 * @property {string} [text]  what was typed
 * @property {boolean} [isChecked]
 * @property {string[]} [options]  the values of those that are selected
 * @property {"shown" | "modal" | "closed"} [open]  of details and dialogs
 * @property {true} [isPopover]  that is shown
 * @property {{ time: number, plays: boolean }} [position]  of a medium
 * @property {[left: number, top: number]} [scroll]
 * @property {[start: number, end: number, direction: SelectionDirection]} [selection]
 * @property {true} [hasFocus]
 * @property {string} [was]  what the file said; where it says something else now, that counts
 *
 * @typedef {"forward" | "backward" | "none" | undefined} SelectionDirection
 *
 * An element, by how it is found in the page that is loaded again, and its state.
 * @typedef {[key: string, state: ElementState]} KeptElement
 */

/** @returns {KeptElement[]} */
function keptElements() {
  const focused = focusedElement();
  /** @type {Map<Element, ElementState>} */
  const states = new own.Map();
  for (const [node] of elementsIn(document)) {
    const state = stateOf(node, node === focused);
    if (own.Object.keys(state).length > 0) states.set(node, state);
  }
  if (states.size === 0) return [];
  /** @type {KeptElement[]} */
  const kept = new own.Array();
  for (const [key, node] of keyedElements()) {
    const state = states.get(node);
    if (state) kept.push([key, state]);
  }
  return kept;
}

/**
 * The elements of a document or a shadow tree, with those in shadow trees below, and each
 * with the host that it lies below.
 * @param {Document | ShadowRoot} root
 * @param {Element | null} [host]
 * @returns {[node: Element, host: Element | null][]}
 */
function elementsIn(root, host = null) {
  /** @type {[Element, Element | null][]} */
  const found = new own.Array();
  for (const node of select(root, "*")) {
    if (ignoredNodes.has(node) || (overlay && dom.contains(overlay, node))) continue;
    found.push([node, host]);
    const shadowRoot = dom.shadowRoot(node);
    if (shadowRoot) for (const below of elementsIn(shadowRoot, node)) found.push(below);
  }
  return found;
}

/**
 * All elements, each by its name, what tells it from others, and its number among those
 * of which the same is said.
 * @returns {Map<string, Element>}
 */
function keyedElements() {
  const keyed = new own.Map();
  const keys = new own.WeakMap();
  const counts = new own.Map();
  for (const [node, host] of elementsIn(document)) {
    let said = `${host ? keys.get(host) : ""} ${dom.localName(node)}`;
    for (const name of ["id", "name", "type", "href"]) said += ` ${dom.getAttribute(node, name) ?? ""}`;
    const count = counts.get(said) ?? 0;
    counts.set(said, count + 1);
    const key = `${said} ${count}`;
    keyed.set(key, node);
    if (dom.shadowRoot(node)) keys.set(node, key);
  }
  return keyed;
}

/** The element with the focus, in whichever shadow tree; not the body. */
function focusedElement() {
  let focused = dom.activeElement(document);
  let inner = focused;
  while (inner) {
    focused = inner;
    inner = dom.shadowRoot(focused)?.activeElement ?? null;
  }
  return focused === dom.body(document) ? null : focused;
}

/**
 * @param {Element} node
 * @param {boolean} hasFocus
 * @returns {ElementState}
 */
function stateOf(node, hasFocus) {
  /** @type {ElementState} */
  const state = {};
  if (hasFocus) {
    state.hasFocus = true;
    keepSelection(node, state);
  }
  const left = dom.scrollLeft(node);
  const top = dom.scrollTop(node);
  const isScrolled = left !== 0 || top !== 0;
  if (isScrolled && node !== dom.scrollingElement(document)) state.scroll = [left, top];
  if (dom.hasAttribute(node, "popover") && isShownPopover(node)) state.isPopover = true;
  const isHeld = keepHeld(node, state) || /^(input|select|textarea)$/.test(dom.localName(node));
  if (isHeld && state.text === undefined) state.was = heldByFile(node);
  return state;
}

/**
 * Keeps what an element of certain kinds holds, if that is not what the file says.
 * @param {Element} node
 * @param {ElementState} state
 * @returns {boolean}  whether it does
 */
function keepHeld(node, state) {
  if (node instanceof own.HTMLInputElement && /^(checkbox|radio)$/.test(node.type)) {
    if (node.checked !== node.defaultChecked) state.isChecked = node.checked;
    return state.isChecked !== undefined;
  }
  if (node instanceof own.HTMLInputElement || node instanceof own.HTMLTextAreaElement) {
    if (isTyped(node)) state.text = node.value;
    return state.text !== undefined;
  }
  if (node instanceof own.HTMLSelectElement) {
    const options = selectedValues(node);
    if (toJson(options) !== heldByFile(node)) state.options = options;
    return state.options !== undefined;
  }
  if (node instanceof own.HTMLDetailsElement || node instanceof own.HTMLDialogElement) {
    if (node.open !== isOpenInFile(node)) {
      state.open = dom.matches(node, ":modal") ? "modal" : node.open ? "shown" : "closed";
    }
    return state.open !== undefined;
  }
  if (node instanceof own.HTMLMediaElement) {
    const { currentTime: time, paused } = node;
    if (time > 0 || !paused) state.position = { time, plays: !paused };
    return state.position !== undefined;
  }
  return false;
}

/**
 * @param {Element} node
 * @param {ElementState} state
 */
function keepSelection(node, state) {
  if (!(node instanceof own.HTMLInputElement || node instanceof own.HTMLTextAreaElement)) return;
  const { selectionStart: start, selectionEnd: end, selectionDirection } = node;
  if (start === null || end === null) return;
  state.selection = [start, end, /** @type {SelectionDirection} */ (selectionDirection ?? undefined)];
}

/** @param {Element} node */
function isShownPopover(node) {
  try {
    return dom.matches(node, ":popover-open");
  } catch {
    // The browser knows no popovers.
    return false;
  }
}

/**
 * Gives elements back what was kept of them, now and, where it was too early for that,
 * once the page is loaded.
 * @param {KeptElement[]} kept
 */
function restoreElements(kept) {
  if (kept.length === 0) return;
  const missing = restoreFound(kept);
  if (missing.length > 0) own.addEventListener("load", () => restoreFound(missing));
}

/**
 * @param {KeptElement[]} kept
 * @returns {KeptElement[]}  what could not be restored
 */
function restoreFound(kept) {
  const keyed = keyedElements();
  /** @type {KeptElement[]} */
  const missing = new own.Array();
  for (const [key, state] of kept) {
    const node = keyed.get(key);
    if (node) restoreHeld(node, state);
    else missing.push([key, state]);
  }
  // What is held and open decides what there is to scroll and to select.
  for (const [key, state] of kept) {
    const node = keyed.get(key);
    if (node) restorePlace(/** @type {HTMLElement} */ (node), state);
  }
  return missing;
}

/**
 * @param {Element} node
 * @param {ElementState} state
 */
function restoreHeld(node, { text, was, isChecked, options, open, isPopover, position }) {
  if (isPopover && !isShownPopover(node)) dom.showPopover(/** @type {HTMLElement} */ (node));
  if (text !== undefined) /** @type {TextField} */ (node).value = text;
  if (was === undefined) return;
  if (was !== heldByFile(node)) return resetField(node, was);
  if (isChecked !== undefined) /** @type {HTMLInputElement} */ (node).checked = isChecked;
  if (options) restoreOptions(/** @type {HTMLSelectElement} */ (node), options);
  if (open) restoreOpen(/** @type {HTMLDetailsElement | HTMLDialogElement} */ (node), open);
  if (position) {
    const medium = /** @type {HTMLMediaElement} */ (node);
    // Where nothing is loaded yet, it begins there.
    medium.currentTime = position.time;
    if (!position.plays) medium.pause();
    // The browser may want a person to start it.
    else medium.play().catch(() => {});
  }
}

/**
 * @param {HTMLDetailsElement | HTMLDialogElement} node
 * @param {"shown" | "modal" | "closed"} open
 */
function restoreOpen(node, open) {
  if (node.open === (open !== "closed")) return;
  if (node instanceof own.HTMLDetailsElement) node.open = !node.open;
  else if (open === "modal") node.showModal();
  else if (open === "shown") node.show();
  else node.close();
}

/** @param {HTMLElement | SVGElement} node */
function focusOn(node) {
  if (node instanceof own.HTMLElement) dom.focus(node, { preventScroll: true });
  else node.focus({ preventScroll: true });
}

/**
 * @param {HTMLElement} node
 * @param {ElementState} state
 */
function restorePlace(node, { scroll, selection, hasFocus }) {
  if (hasFocus) focusOn(node);
  const field = /** @type {TextField} */ (node);
  if (selection && field.selectionStart !== null) field.setSelectionRange(...selection);
  if (!scroll) return;
  const [left, top] = scroll;
  const scrollThere = () => dom.scrollTo(node, { left, top, behavior: "instant" });
  scrollThere();
  // Until all is loaded, there may be too little to scroll.
  const reached = dom.scrollTop(node);
  own.addEventListener("load", () => {
    if (dom.scrollTop(node) === reached) scrollThere();
  });
}

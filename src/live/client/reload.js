// @ts-check
// Loads the page again with its scroll position, focus and typed text, which not all
// browsers keep.

/**
 * What is kept in the session's storage while the page loads.
 * @typedef {object} KeptState
 * @property {string} version  the version that was left
 * @property {number} left
 * @property {number} top
 * @property {string} focusedId  the id of the element with the focus, or ""
 * @property {ScrollRestoration | null} scrollRestoration  the page's own, which ours replaces
 * @property {(TypedText | null)[]} fields  each field in document order, `null` if unchanged
 *
 * @typedef {object} TypedText
 * @property {string} name  the name of the field
 * @property {string} value
 */

/** What the page before this one has left. */
const keptState = readKeptState();

/**
 * Whether a reload has brought the version that it was to replace: out of the store of a
 * service worker, say, which would answer the next one alike.
 */
let isReloadFutile = keptState?.version === pagepool.version;

/**
 * The page's own `history.scrollRestoration` while it is "manual" for a reload. The
 * browser's own way anchors the scroll position to nodes, which scripts may have made.
 */
let replacedRestoration = keptState?.scrollRestoration ?? null;
let isLeaving = false;

/** @param {unknown} [reason]  what went wrong, if anything */
function reload(reason) {
  if (reason) own.console.warn("pagepool reloads:", reason);
  leave(currentTarget(), () => location.reload());
}

/** @param {string} newTarget  the new target of the page, as the server knows it */
function navigate(newTarget) {
  const target = BASE_PATH + newTarget;
  leave(target, () => location.replace(target + location.hash));
}

/**
 * Keeps the state of the page for `target`, and goes there.
 * @param {string} target
 * @param {() => void} go
 */
function leave(target, go) {
  replacedRestoration ??= own.history.scrollRestoration;
  keepState(target);
  own.history.scrollRestoration = "manual";
  isLeaving = true;
  go();
}

/** Leaves the page's history entry as the page had it. */
function putBackScrollRestoration() {
  if (replacedRestoration && !isLeaving) own.history.scrollRestoration = replacedRestoration;
}

/** @param {string} target */
function storageKey(target) {
  return "pagepool" + target;
}

/** @param {string} target */
function keepState(target) {
  /** @type {KeptState} */
  const state = {
    version: pagepool.version,
    left: window.scrollX,
    top: window.scrollY,
    focusedId: document.activeElement?.id ?? "",
    scrollRestoration: replacedRestoration,
    fields: [],
  };
  for (const { name, value, defaultValue } of textFields()) {
    state.fields.push(value === defaultValue ? null : { name, value });
  }
  const key = storageKey(target);
  try {
    // What was kept and not restored yet is what the page was like.
    if (sessionStorage.getItem(key) === null) sessionStorage.setItem(key, toJson(state));
  } catch {
    // Without storage, or with it full, the page loads as it would without us.
  }
}

/** @returns {KeptState | null} */
function readKeptState() {
  try {
    return own.JSON.parse(sessionStorage.getItem(storageKey(loadedTarget)) ?? "null");
  } catch {
    return null;
  }
}

async function restoreKeptState() {
  if (keptState === null) return;
  await parsed;
  sessionStorage.removeItem(storageKey(loadedTarget));
  document.getElementById(keptState.focusedId)?.focus({ preventScroll: true });
  restoreScroll(keptState);
  restoreFields(keptState.fields);
}

/** @param {KeptState} state */
function restoreScroll({ left, top }) {
  const scroll = () => own.scrollTo({ left, top, behavior: "instant" });
  scroll();
  // Until it is loaded, the page may be too short.
  const reached = window.scrollY;
  own.addEventListener("load", () => {
    if (window.scrollY === reached) scroll();
  });
}

/** @param {(TypedText | null)[]} fields */
function restoreFields(fields) {
  let index = 0;
  for (const field of textFields()) {
    const typed = fields[index++];
    if (typed && typed.name === field.name) field.value = typed.value;
  }
}

/** @returns {NodeListOf<HTMLInputElement | HTMLTextAreaElement>} */
function textFields() {
  return document.querySelectorAll("input:not([type=file]), textarea");
}

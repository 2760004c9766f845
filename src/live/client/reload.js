// @ts-check
// Loads the page again with what a person has done in it, which not all browsers keep.

/**
 * What is kept in the session's storage while the page loads.
 * @typedef {object} KeptState
 * @property {string} version  the version that was left
 * @property {string} [to]  the version that was to come, if it was known
 * @property {number} left
 * @property {number} top
 * @property {ScrollRestoration | null} scrollRestoration  the page's own, which ours replaces
 * @property {KeptElement[]} elements
 *
 * The page is about to be left.
 * @typedef {object} Leave
 * @property {string} key  of what is kept
 * @property {string} kept  as it is stored
 * @property {string | undefined} to  the version that is to come, if it is known
 * @property {number} time  since the page began to load, in milliseconds
 */

/** A person who has let a page go has seen it gone by then. */
const MAX_GOING_MS = 5000;

/** What the page before this one has left. */
const keptState = readKeptState();

/**
 * Whether a reload has brought the version that it was to replace by another: out of the store
 * of a service worker, say, which would answer the next one alike.
 */
let isReloadFutile = keptState?.version === pagepool.version && keptState.to !== pagepool.version;

/**
 * The page's own `history.scrollRestoration` while it is "manual" for a reload. The
 * browser's own way anchors the scroll position to nodes, which scripts may have made.
 */
let replacedRestoration = keptState?.scrollRestoration ?? null;

/** @type {Leave | null} */
let leaving = null;
/**
 * How the page was left last, where the answer to "Leave site?" seems to be no.
 * @type {Leave | null}
 */
let declined = null;
let stayedAt = 0;
/**
 * What may be asking whether to leave the page.
 * @type {BeforeUnloadEvent | null}
 */
let question = null;
/** Whether the page was to be loaded again and was not. */
let hasStayed = false;

/**
 * @param {unknown} [reason]  what went wrong, if anything
 * @param {string} [to]  the version that is to come, if it is known
 */
function reload(reason, to) {
  // By now, another version than the last reload was for may be there.
  if (isReloadFutile && (keptState?.to ?? to) === to) return;
  // A page may handle what has changed itself.
  const event = new own.CustomEvent("pagepool:reload", { bubbles: true, cancelable: true });
  if (!leaving && !dom.dispatchEvent(document, event)) return stay(to, own.performance.now());
  if (reason) own.console.warn("pagepool reloads:", reason);
  leave(currentTarget(), () => location.reload(), to);
}

/** @param {string} newTarget  the new target of the page, as the server knows it */
function navigate(newTarget) {
  const target = BASE_PATH + newTarget;
  leave(target, () => location.replace(target + location.hash));
}

/**
 * Keeps the state of the page for `target`, and goes there; unless the page would ask
 * once more whether to leave it.
 * @param {string} target
 * @param {() => void} go
 * @param {string} [to]
 */
function leave(target, go, to) {
  // The answer comes first.
  if (question && isAsking(question)) return;
  const time = leaving?.time ?? own.performance.now();
  if (declined && wouldAsk()) return stay(to, time);
  replacedRestoration ??= own.history.scrollRestoration;
  const key = storageKey(target);
  leaving = { key, kept: leaving?.kept ?? keepState(key, to), to, time };
  own.history.scrollRestoration = "manual";
  // While it listens, Chromium asks the page before it goes where a person has sent it meanwhile,
  // and waits for ever where the next page comes before the answer.
  own.addEventListener("beforeunload", onQuestion, { once: true });
  go();
}

/**
 * Once the question is answered that this event may have asked, scripts run again: only in
 * a page that stays, or for a moment in one that goes.
 * @param {BeforeUnloadEvent} event
 */
function onQuestion(event) {
  question = event;
  own.setTimeout(() => {
    if (!leaving || !isAsking(event)) return;
    declined = leaving;
    stayedAt = own.performance.now();
    forgetState(leaving.key);
    stay(leaving.to, leaving.time);
  });
}

/**
 * Whether an event makes the browser ask. It does not for pages that nobody has touched.
 * @param {BeforeUnloadEvent} event
 */
function isAsking(event) {
  const isTouched = own.navigator.userActivation?.hasBeenActive ?? true;
  return isTouched && (event.defaultPrevented || event.returnValue !== "");
}

/** Whether the page would ask whether to leave it. */
function wouldAsk() {
  const event = /** @type {BeforeUnloadEvent} */ (dom.createEvent(document, "BeforeUnloadEvent"));
  event.initEvent("beforeunload", false, true);
  own.dispatchToWindow(event);
  return isAsking(event);
}

/**
 * Goes on with the page as it is: what changes from now on is still shown where it can be.
 * @param {string | undefined} to  the version that the page has not become
 * @param {number} time  when it was to become that
 */
function stay(to, time) {
  leaving = null;
  question = null;
  hasStayed = true;
  own.removeEventListener("beforeunload", onQuestion);
  putBackScrollRestoration();
  replacedRestoration = null;
  if (to) {
    hideOverlay();
    pagepool.version = to;
  }
  // The server counts with a page that leaves.
  if (to || isAnswered) reconnect(time);
}

/** The last that happens in a page: leaves its history entry as the page had it. */
function onPageHide() {
  if (declined && own.performance.now() - stayedAt < MAX_GOING_MS) {
    // The answer was yes.
    storeState(declined.key, declined.kept);
    own.history.scrollRestoration = "manual";
  } else if (!leaving) {
    putBackScrollRestoration();
  }
}

function putBackScrollRestoration() {
  if (replacedRestoration) own.history.scrollRestoration = replacedRestoration;
}

/** @param {string} target */
function storageKey(target) {
  return "pagepool" + target;
}

/**
 * Stores the state of the page, and returns it as it is stored.
 * @param {string} key
 * @param {string} [to]  the version that is to come, if it is known
 */
function keepState(key, to) {
  /** @type {KeptState} */
  const state = {
    version: pagepool.version,
    to,
    left: own.scrollLeft(window),
    top: own.scrollTop(window),
    scrollRestoration: replacedRestoration,
    elements: keptElements(),
  };
  const kept = toJson(state);
  storeState(key, kept);
  return kept;
}

/**
 * @param {string} key
 * @param {string} kept
 */
function storeState(key, kept) {
  try {
    // What was kept and not restored yet is what the page was like.
    if (own.sessionStorage(window).getItem(key) === null) own.sessionStorage(window).setItem(key, kept);
  } catch {
    // Without storage, or with it full, the page loads as it would without us.
  }
}

/** @param {string} key */
function forgetState(key) {
  try {
    own.sessionStorage(window).removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

/** @returns {KeptState | null} */
function readKeptState() {
  try {
    return own.JSON.parse(own.sessionStorage(window).getItem(storageKey(loadedTarget)) ?? "null");
  } catch {
    return null;
  }
}

async function restoreKeptState() {
  if (keptState === null) return;
  await parsed;
  forgetState(storageKey(loadedTarget));
  restoreElements(keptState.elements);
  restoreScroll(keptState);
}

/** @param {KeptState} state */
function restoreScroll({ left, top }) {
  const scroll = () => own.scrollTo({ left, top, behavior: "instant" });
  scroll();
  // Until it is loaded, the page may be too short.
  const reached = own.scrollTop(window);
  own.addEventListener("load", () => {
    if (own.scrollTop(window) === reached) scroll();
  });
}

// @ts-check
// What the page and the server say to each other, and the start of it all.

/**
 * Sent first: which page is shown, below which base, in which version; since when, in
 * milliseconds, it shows that; and since when it loads files.
 * @typedef {object} Hello
 * @property {string} page
 * @property {string} base
 * @property {string} version
 * @property {number} age
 * @property {number} open_for
 *
 * Which files the page has loaded since.
 * @typedef {{ resources: string[] }} Loaded
 *
 * The target that a script has given it.
 * @typedef {{ address: string }} Address
 *
 * The target of a frame that can say nothing itself.
 * @typedef {{ shut_in: string }} ShutIn
 *
 * What the server answers: how the page becomes the next version; that it is to be loaded
 * again, or has another address; which file has changed; an error to be shown; that there
 * is none any more; that what is shown is current.
 * @typedef {{ type: "patch", to: string, over: Over, ops: Change[] }
 *   | { type: "reload", to?: string }
 *   | { type: "navigate", url: string }
 *   | { type: FileKind, path: string }
 *   | { type: "error", html: string }
 *   | { type: "fixed" }
 *   | { type: "current" }} Message
 */

/** Messages are applied one after the other, once the document is parsed. */
let lastApplied = parsed;

/** @param {Message} message */
function receive(message) {
  if (message.type === "reload") {
    reload(undefined, message.to);
    isReloadFutile = false;
  } else if (message.type === "navigate") {
    navigate(message.url);
  } else {
    lastApplied = applyAfter(lastApplied, message);
  }
}

/**
 * @param {Promise<unknown>} previous
 * @param {Message} message
 */
async function applyAfter(previous, message) {
  await previous;
  try {
    await apply(message);
  } catch (error) {
    // A fresh load is right where nothing else is known to be.
    reload(error, message.type === "patch" ? message.to : undefined);
  }
  isReloadFutile = false;
}

/**
 * A promise that is returned here, and not awaited, would be read by its `then`, which the
 * page may have replaced.
 * @param {Message} message
 */
async function apply(message) {
  switch (message.type) {
    case "patch":
      await applyPatch(message);
      break;
    case "style":
    case "image":
    case "font":
      await swapFile(message.path, message.type);
      break;
    case "error":
      showOverlay(message.html);
      break;
    case "fixed":
    case "current":
      hideOverlay();
      break;
  }
}

function start() {
  Object.assign(window, { pagepool });
  noteClosedRoots();
  own.addEventListener("pageshow", connectIfVisible);
  own.addEventListener("visibilitychange", connectIfVisible);
  own.addEventListener("pagehide", () => {
    disconnect();
    onPageHide();
  });
  own.addEventListener("securitypolicyviolation", onPolicyViolation);
  observeChanges();
  removeScriptElement();
  restoreKeptState();
  reportLoaded();
  connect();
}

// A page may hold the script twice. An element of that id is no property of its own.
if (!Object.hasOwn(window, "pagepool")) start();

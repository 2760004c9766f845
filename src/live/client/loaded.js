// @ts-check
// Reports to the server which files the page has loaded from this site. What its frames and
// workers load, the server sees: they name who they are in `Referer`.

/** One more than the server follows, so that it knows that there are too many. */
const MAX_LOADED = 4097;
const MAX_TARGET_LENGTH = 7000;

/**
 * Their targets (path and query).
 * @type {Set<string>}
 */
const loadedTargets = new own.Set();

/**
 * Those that a script has asked for.
 * @type {Set<string>}
 */
const scriptTargets = new own.Set();

/**
 * The targets of frames whose origin is opaque, `""` for those that the page writes itself.
 * @type {Set<string>}
 */
const shutInTargets = new own.Set();

/**
 * Where scripts have moved the page to without loading anything: its new name in `Referer`.
 * @type {Set<string>}
 */
const addresses = new own.Set();

function reportLoaded() {
  const observer = new own.PerformanceObserver(list => {
    for (const entry of list.getEntries()) report(/** @type {PerformanceResourceTiming} */ (entry));
    reportAddress();
  });
  observer.observe({ type: "resource", buffered: true });
  /** @type {{ navigation?: EventTarget }} */ (window).navigation?.addEventListener(
    "currententrychange",
    reportAddress,
  );
  // It comes when a frame has loaded, too.
  own.addEventListener("load", reportFrames, true);
}

/** @param {PerformanceResourceTiming} entry */
function report({ name, initiatorType }) {
  if (/frame/.test(initiatorType)) return reportFrames();
  const target = targetOf(name);
  if (target === null || isFull(loadedTargets)) return;
  if (/^(fetch|xmlhttprequest|script)$/.test(initiatorType)) scriptTargets.add(target);
  add(loadedTargets, target, { resources: [target] });
}

function reportAddress() {
  const address = targetOf(location.href);
  if (address !== null && address !== withoutBase(loadedTarget)) add(addresses, address, { address });
}

/** A frame of an opaque origin, as by `sandbox`, has no way to say anything. */
function reportFrames() {
  for (const frame of framesOfPage()) {
    if (documentOf(frame) !== null) continue;
    const target = dom.hasAttribute(frame, "srcdoc") ? "" : targetOf(frame.src);
    if (target !== null) add(shutInTargets, target, { shut_in: target });
  }
}

/**
 * Reports `message` if what it holds is new.
 * @param {Set<string>} targets
 * @param {string} target
 * @param {Loaded | ShutIn | Address} message
 */
function add(targets, target, message) {
  if (targets.has(target) || isFull(targets)) return;
  targets.add(target);
  send(message);
}

/** @param {Set<string>} targets */
function isFull({ size }) {
  return size === MAX_LOADED;
}

function sendAllLoaded() {
  for (const target of loadedTargets) send({ resources: [target] });
  for (const address of addresses) send({ address });
  for (const shut_in of shutInTargets) send({ shut_in });
}

/**
 * The target of an address on this site.
 * @param {string} address
 */
function targetOf(address) {
  const url = parseUrl(withoutMark(address));
  if (url?.origin !== location.origin) return null;
  const target = withoutBase(url.pathname + url.search);
  return target.length <= MAX_TARGET_LENGTH ? target : null;
}

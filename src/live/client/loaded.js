// @ts-check
// Reports to the server which files the page has loaded from this site.

/** One more than the server follows, so that it knows that there are too many. */
const MAX_LOADED = 4097;
const MAX_TARGET_LENGTH = 7000;

/**
 * Their targets (path and query).
 * @type {Set<string>}
 */
const loadedTargets = new own.Set();

function reportLoaded() {
  const observer = new own.PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      const target = targetOf(/** @type {PerformanceResourceTiming} */ (entry));
      if (target === null || loadedTargets.has(target)) continue;
      if (loadedTargets.size === MAX_LOADED) continue;
      loadedTargets.add(target);
      send({ resources: [target] });
    }
  });
  observer.observe({ type: "resource", buffered: true });
}

function sendAllLoaded() {
  for (const target of loadedTargets) send({ resources: [target] });
}

/**
 * The target of a file from this site. A page in a frame reports itself.
 * @param {PerformanceResourceTiming} entry
 */
function targetOf({ name, initiatorType }) {
  const url = parseUrl(withoutMark(name));
  if (url?.origin !== location.origin || /frame/.test(initiatorType)) return null;
  const target = withoutBase(url.pathname + url.search);
  return target.length <= MAX_TARGET_LENGTH ? target : null;
}

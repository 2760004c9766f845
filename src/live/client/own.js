// @ts-check

/**
 * What the script uses of the browser by name, taken before any script of the page runs:
 * a page may replace these (`WebSocket`), or declare a variable of that name (`scrollTo`).
 *
 * Arrays are read by loops: old libraries replace methods such as `reduce` and `find`.
 */
const own = {
  CustomEvent,
  JSON: { parse: JSON.parse, stringify: JSON.stringify },
  Map,
  MutationObserver,
  Object: { keys: Object.keys, setPrototypeOf: Object.setPrototypeOf },
  PerformanceObserver,
  Promise,
  Proxy,
  Range,
  Reflect: { apply: Reflect.apply },
  Set,
  URL,
  WeakMap,
  WebSocket,
  addEventListener: addEventListener.bind(window),
  clearTimeout: clearTimeout.bind(window),
  console: { warn: console.warn.bind(console) },
  dispatchEvent: document.dispatchEvent.bind(document),
  dispatchToWindow: dispatchEvent.bind(window),
  fetch: fetch.bind(window),
  history,
  isArray: Array.isArray,
  performance: { now: performance.now.bind(performance) },
  promiseAll: Promise.all.bind(Promise),
  removeEventListener: removeEventListener.bind(window),
  scrollTo: scrollTo.bind(window),
  setTimeout: setTimeout.bind(window),
};

/**
 * The JSON of `value`, whatever the page has added to the prototypes: old versions of
 * prototype.js give arrays a `toJSON` that makes a text of them.
 * @param {unknown} value
 * @returns {string}
 */
function toJson(value) {
  return own.JSON.stringify(withoutPrototypes(value));
}

/**
 * A copy of text, numbers, and arrays and objects of these.
 * @param {any} value
 * @returns {any}
 */
function withoutPrototypes(value) {
  if (value === null || typeof value !== "object") return value;
  const copy = own.Object.setPrototypeOf(own.isArray(value) ? [] : {}, null);
  for (const key of own.Object.keys(value)) copy[key] = withoutPrototypes(value[key]);
  return copy;
}

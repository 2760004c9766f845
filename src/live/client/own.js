// @ts-check

/**
 * What the script uses of the browser by name, taken before any script of the page runs:
 * a page may replace these (`WebSocket`), or declare a variable of that name (`scrollTo`).
 * What it uses of nodes is in `dom`.
 *
 * Arrays are read by loops: old libraries replace methods such as `reduce` and `find`.
 */
const own = {
  Array: keep(Array),
  CustomEvent,
  Error,
  HTMLDetailsElement,
  HTMLDialogElement,
  HTMLElement,
  HTMLInputElement,
  HTMLMediaElement,
  HTMLSelectElement,
  HTMLTextAreaElement,
  JSON: { parse: JSON.parse, stringify: JSON.stringify },
  Map: keep(Map),
  MutationObserver: keep(MutationObserver),
  Object: { keys: Object.keys, setPrototypeOf: Object.setPrototypeOf },
  PerformanceObserver: keep(PerformanceObserver),
  Promise,
  Proxy,
  Range: keep(Range),
  Reflect: { apply: Reflect.apply },
  Set: keep(Set),
  String,
  URL: keep(URL),
  WeakMap: keep(WeakMap),
  WebSocket: keep(WebSocket),
  addEventListener: addEventListener.bind(window),
  clearTimeout: clearTimeout.bind(window),
  console: { warn: console.warn.bind(console) },
  decodeURIComponent,
  dispatchToWindow: dispatchEvent.bind(window),
  fetch: fetch.bind(window),
  frameCount: getter(window, "length"),
  history,
  isArray: Array.isArray,
  navigator,
  performance: { now: performance.now.bind(performance) },
  removeEventListener: removeEventListener.bind(window),
  scrollLeft: getter(window, "scrollX"),
  scrollTo: scrollTo.bind(window),
  scrollTop: getter(window, "scrollY"),
  /** Throws where the page may store nothing. */
  sessionStorage: getter(window, "sessionStorage"),
  setTimeout: setTimeout.bind(window),
};

/**
 * A class with methods of its own, whatever becomes of those of `constructor`.
 * @template {new (...args: any[]) => any} C
 * @param {C} constructor
 * @returns {C}
 */
function keep(constructor) {
  const Kept = class extends constructor {};
  const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(constructor.prototype);
  Object.defineProperties(Kept.prototype, members);
  return Kept;
}

/**
 * Reads the property `name` of objects as the browser has it.
 * @template {object} T
 * @template {keyof T} K
 * @param {T} owner  whose getter it is: a prototype, or the window
 * @param {K} name
 * @returns {(object: T) => T[K]}
 */
function getter(owner, name) {
  const { apply } = Reflect;
  const get = /** @type {() => T[K]} */ (Object.getOwnPropertyDescriptor(owner, name)?.get);
  return object => apply(get, object, []);
}

/**
 * Calls the method `name` of objects as the browser has it.
 * @template {object} T
 * @template {keyof T} K
 * @template {T[K] extends (...args: any[]) => any ? T[K] : never} F
 * @param {T} prototype
 * @param {K} name
 * @returns {(object: T, ...args: Parameters<F>) => ReturnType<F>}
 */
function method(prototype, name) {
  const { apply } = Reflect;
  const call = /** @type {F} */ (prototype[name]);
  return (object, ...args) => apply(call, object, args);
}

/**
 * Waits for all of `promises`, which may be of the page's own `Promise`.
 * @param {unknown[]} promises
 */
function waitForAll(promises) {
  return new own.Promise((resolve, reject) => {
    let left = promises.length;
    if (left === 0) resolve(undefined);
    for (const promise of promises) waitFor(promise);

    /** @param {unknown} promise */
    async function waitFor(promise) {
      try {
        await promise;
        left--;
        if (left === 0) resolve(undefined);
      } catch (error) {
        reject(error);
      }
    }
  });
}

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

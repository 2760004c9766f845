// @ts-check
// The WebSocket to the server. After a loss it is opened again: at once, then less often,
// and at once when the page comes into view.

const SOCKET_URL = location.origin.replace("http", "ws") + BASE_PATH + "/_pagepool/live";
const RETRY_STEP_MS = 250;
const MAX_RETRY_MS = 1500;
const MAX_REFUSALS = 2;

/** @type {WebSocket | null} */
let socket = null;
let retryTimer = 0;
let failedTries = 0;
/** Whether the server has said anything on this connection. */
let isAnswered = false;
/** Since when the page shows its version, in milliseconds since it began to load. */
let shownSince = 0;
/**
 * Whether there will be no connection: a page of an opaque origin, as in `<iframe sandbox>`,
 * is refused, and its Content-Security-Policy may forbid it.
 */
let isForbidden = window.origin === "null";
/** How often a connection was refused though the server was there. */
let refusals = 0;

function isConnected() {
  return socket?.readyState === own.WebSocket.OPEN;
}

/**
 * Sends a message, which is lost where there is no connection. The server ends a
 * connection on which a message of more than 16 kB comes.
 * @param {Hello | Loaded | Address | ShutIn} message
 */
function send(message) {
  if (isConnected()) socket?.send(toJson(message));
}

function connect() {
  own.clearTimeout(retryTimer);
  const isOpening = socket?.readyState === own.WebSocket.CONNECTING;
  if (isForbidden || isOpening || isConnected()) return;
  const opened = new own.WebSocket(SOCKET_URL);
  socket = opened;
  isAnswered = false;
  opened.onopen = () => {
    refusals = 0;
    // The files that it uses are as old as the page.
    const page = withoutBase(loadedTarget);
    const openFor = own.performance.now();
    send({ page, base: BASE_PATH, version: pagepool.version, age: openFor - shownSince, open_for: openFor });
    sendAllLoaded();
  };
  opened.onmessage = ({ data }) => {
    if (opened !== socket) return;
    failedTries = 0;
    receive(own.JSON.parse(data));
    isAnswered = true;
  };
  opened.onclose = () => {
    if (opened !== socket) return;
    const delay = failedTries * RETRY_STEP_MS;
    retryTimer = own.setTimeout(() => retry(opened), delay < MAX_RETRY_MS ? delay : MAX_RETRY_MS);
    failedTries++;
  };
}

/**
 * Tries again, unless a server that is there refuses it.
 * @param {WebSocket} closed
 */
async function retry(closed) {
  if (failedTries > 1 && (await isServerThere())) refusals++;
  if (closed !== socket) return;
  if (refusals < MAX_REFUSALS) return connect();
  own.console.warn(`pagepool gets no WebSocket at ${SOCKET_URL}: this page is not followed`);
}

async function isServerThere() {
  try {
    const answer = await own.fetch(scriptElement.src, { method: "HEAD", cache: "no-store" });
    return answer.ok;
  } catch {
    return false;
  }
}

function connectIfVisible() {
  if (dom.hidden(document)) return;
  failedTries = 0;
  refusals = 0;
  connect();
}

/** An open connection would keep the page out of the back-forward cache. */
function disconnect() {
  own.clearTimeout(retryTimer);
  const closing = socket;
  socket = null;
  closing?.close();
}

/**
 * Has the server follow the page from now on as one that was loaded at `time`.
 * @param {number} time
 */
function reconnect(time) {
  shownSince = time;
  disconnect();
  connect();
}

/** @param {SecurityPolicyViolationEvent} violation */
function onPolicyViolation({ blockedURI, disposition }) {
  if (disposition !== "enforce" || !blockedURI.startsWith(SOCKET_URL)) return;
  isForbidden = true;
  own.console.warn(`pagepool needs ${SOCKET_URL} in connect-src of the page's CSP`);
}

// @ts-check

const { DOCUMENT_NODE, ELEMENT_NODE } = Node;

/**
 * What the script uses of nodes, by the browser's own getters and methods. Named elements hide
 * those of a form and of the document (`<input name=childNodes>`, `<img name=head>`: HTML
 * standard, 4.10.3 and 3.1.6), and a page may replace them.
 */
const dom = {
  // Any node.
  addEventListener: method(EventTarget.prototype, "addEventListener"),
  baseURI: getter(Node.prototype, "baseURI"),
  childNodes: getter(Node.prototype, "childNodes"),
  cloneNode: method(Node.prototype, "cloneNode"),
  contains: method(Node.prototype, "contains"),
  dispatchEvent: method(EventTarget.prototype, "dispatchEvent"),
  insertBefore: method(Node.prototype, "insertBefore"),
  isConnected: getter(Node.prototype, "isConnected"),
  nextSibling: getter(Node.prototype, "nextSibling"),
  nodeType: getter(Node.prototype, "nodeType"),
  parentNode: getter(Node.prototype, "parentNode"),
  removeChild: method(Node.prototype, "removeChild"),
  textContent: getter(Node.prototype, "textContent"),

  // Elements.
  attributes: getter(Element.prototype, "attributes"),
  classList: getter(Element.prototype, "classList"),
  focus: method(HTMLElement.prototype, "focus"),
  getAttribute: method(Element.prototype, "getAttribute"),
  getAttributeNode: method(Element.prototype, "getAttributeNode"),
  hasAttribute: method(Element.prototype, "hasAttribute"),
  localName: getter(Element.prototype, "localName"),
  matches: method(Element.prototype, "matches"),
  removeAttribute: method(Element.prototype, "removeAttribute"),
  scrollLeft: getter(Element.prototype, "scrollLeft"),
  scrollTo: method(/** @type {{ scrollTo(to: ScrollToOptions): void }} */ (Element.prototype), "scrollTo"),
  scrollTop: getter(Element.prototype, "scrollTop"),
  setAttribute: method(Element.prototype, "setAttribute"),
  shadowRoot: getter(Element.prototype, "shadowRoot"),
  showPopover: method(HTMLElement.prototype, "showPopover"),

  // The document.
  activeElement: getter(Document.prototype, "activeElement"),
  body: getter(Document.prototype, "body"),
  createElement: method(Document.prototype, "createElement"),
  createEvent: method(Document.prototype, "createEvent"),
  defaultView: getter(Document.prototype, "defaultView"),
  documentElement: getter(Document.prototype, "documentElement"),
  getElementById: method(Document.prototype, "getElementById"),
  head: getter(Document.prototype, "head"),
  hidden: getter(Document.prototype, "hidden"),
  readyState: getter(Document.prototype, "readyState"),
  scripts: getter(Document.prototype, "scripts"),
  scrollingElement: getter(Document.prototype, "scrollingElement"),
  styleSheets: getter(Document.prototype, "styleSheets"),
};

const queries = {
  document: method(Document.prototype, "querySelectorAll"),
  element: method(Element.prototype, "querySelectorAll"),
  fragment: method(DocumentFragment.prototype, "querySelectorAll"),
};

/**
 * The elements below `root` that `selectors` match.
 * @param {ParentNode} root
 * @param {string} selectors
 * @returns {NodeListOf<Element>}
 */
function select(root, selectors) {
  switch (dom.nodeType(root)) {
    case DOCUMENT_NODE:
      return queries.document(/** @type {Document} */ (root), selectors);
    case ELEMENT_NODE:
      return queries.element(/** @type {Element} */ (root), selectors);
    default:
      return queries.fragment(/** @type {DocumentFragment} */ (root), selectors);
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @returns {HTMLElementTagNameMap[K]}
 */
function createElement(name) {
  return /** @type {HTMLElementTagNameMap[K]} */ (dom.createElement(document, name));
}

/**
 * Puts `node` at the end of `parent`.
 * @param {Node} parent
 * @param {Node} node
 */
function append(parent, node) {
  dom.insertBefore(parent, node, null);
}

/** @param {Node} node */
function remove(node) {
  const parent = dom.parentNode(node);
  if (parent) dom.removeChild(parent, node);
}

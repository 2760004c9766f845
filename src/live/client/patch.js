// @ts-check
// Makes the page the next version of itself. First every change finds its node in the
// page, which scripts may have changed; only then is anything changed.

/**
 * What a patch may be made over: a page without scripts in its file, what scripts have
 * left as it was, or whatever is there.
 * @typedef {"markup" | "scripts" | "anything"} Over
 *
 * The way from a node to one of its children: the child's index and how many children
 * there are; its name, its index among those of that name, how many these are; its id.
 * @typedef {[index: number, length: number, name: string, nth: number, count: number, id: string]} Step
 *
 * A node that is removed: its name, and its id or its data.
 * @typedef {[name: string, known: string]} Signature
 *
 * The data of a text or comment, and how often the page had that text, if it is known.
 * @typedef {{ op: "text", at: Step[], old: string, new: string, count: number | null }} TextChange
 *
 * An attribute; `null` where it is missing.
 * @typedef {{ op: "attr", at: Step[], name: string, old: string | null, new: string | null }} AttributeChange
 *
 * Of the children of `at`, those in `remove` follow on `after`, or else are the first.
 * The nodes of `html` take their place.
 * @typedef {{ op: "nodes", at: Step[], after: Step | null, remove: Signature[], html: string }} NodesChange
 *
 * @typedef {TextChange | AttributeChange | NodesChange} Change
 *
 * Makes a change whose nodes are found.
 * @typedef {() => void | Promise<void>} Action
 *
 * The nodes that came with a patch, and those that went.
 * @typedef {{ added: Node[], removed: Node[] }} Passage
 */

/** @param {{ to: string, over: Over, ops: Change[] }} patch */
async function applyPatch({ to, over, ops }) {
  noteAllChanges();
  // A page that was to be loaded again may have scripts that its file has no more.
  const mayHaveScripts = over === "markup" && (hasStayed || haveFramesScripts());
  const isOverScripts = over === "scripts" || mayHaveScripts;
  /** @type {Passage} */
  const passage = { added: new own.Array(), removed: new own.Array() };
  // New stylesheets come first, so that nothing shows without its style.
  /** @type {Action[]} */
  const sheetActions = new own.Array();
  /** @type {Action[]} */
  const otherActions = new own.Array();
  for (const change of ops) {
    if (isOverScripts) checkOverScripts(change);
    const action = plan(change, isOverScripts, passage);
    (mayAddSheet(change) ? sheetActions : otherActions).push(action);
  }
  await runAll(sheetActions);
  await runAll(otherActions);
  hideOverlay();
  pagepool.version = to;
  pagepool.patches++;
  dom.dispatchEvent(document, new own.CustomEvent("pagepool:patch", { bubbles: true, detail: passage }));
}

/**
 * Scripts may have read all but texts, classes and inline styles, or listen to it; or have
 * copied a text.
 * @param {Change} change
 */
function checkOverScripts(change) {
  const isShownAlone =
    change.op === "text" || (change.op === "attr" && /^(class|style)$/.test(change.name));
  if (!isShownAlone) throw new own.Error("scripts have run, and more than text and style changes");
  if (change.op === "text") check(change.count !== null && countText(change.old) <= change.count);
}

/** @param {Change} change */
function mayAddSheet(change) {
  if (change.op === "attr") return change.name === "href";
  return change.op === "nodes" && /<link/.test(change.html);
}

/** @param {Action[]} actions */
async function runAll(actions) {
  /** @type {(void | Promise<void>)[]} */
  const running = new own.Array();
  for (const action of actions) running.push(action());
  await waitForAll(running);
}

/**
 * @param {Change} change
 * @param {boolean} isOverScripts
 * @param {Passage} passage
 * @returns {Action}
 */
function plan(change, isOverScripts, passage) {
  /** @type {Node} */
  let node = document;
  for (const step of change.at) node = (isOverScripts ? findUntouched : findChild)(node, step);
  switch (change.op) {
    case "text":
      return planText(/** @type {CharacterData} */ (node), change);
    case "attr":
      return planAttribute(/** @type {Element} */ (node), change, isOverScripts);
    case "nodes":
      return planNodes(node, change, passage);
  }
}

/**
 * @param {CharacterData} node
 * @param {TextChange} change
 * @returns {Action}
 */
function planText(node, change) {
  check(node.data === change.old || node.data === change.new);
  return () => {
    node.data = change.new;
  };
}

/**
 * @param {Element} node
 * @param {AttributeChange} change
 * @param {boolean} isOverScripts
 * @returns {Action}
 */
function planAttribute(node, { name, old, new: value }, isOverScripts) {
  const attribute = dom.getAttribute(node, name);
  const current = attribute && withoutMark(attribute);
  if (name === "class" && current !== old && !isOverScripts) {
    return () => changeClasses(node, old, value);
  }
  check(current === old || current === value);
  return () => {
    if (name === "href" && value && isStylesheet(node)) return replaceSheet(node, value);
    changeByFile(() => {
      if (value === null) dom.removeAttribute(node, name);
      else setAttribute(node, name, value);
    });
    if (name === "open") openInFile.delete(node);
  };
}

/**
 * Changes the classes that the file has changed, and keeps those that scripts have added.
 * @param {Element} node
 * @param {string | null} old
 * @param {string | null} value
 */
function changeClasses(node, old, value) {
  const before = new own.Set(classNames(old));
  const after = new own.Set(classNames(value));
  for (const name of before) if (!after.has(name)) dom.classList(node).remove(name);
  for (const name of after) if (!before.has(name)) dom.classList(node).add(name);
}

/** @param {string | null} list */
function classNames(list) {
  return list?.match(/\S+/g) ?? [];
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {string} value
 */
function setAttribute(node, name, value) {
  const attribute = dom.getAttributeNode(node, name);
  // Only the parser makes attributes of certain names, such as `@click`.
  if (attribute) attribute.value = value;
  else dom.setAttribute(node, name, value);
}

/**
 * @param {Node} node
 * @param {NodesChange} change
 * @param {Passage} passage
 * @returns {Action}
 */
function planNodes(node, { after, remove, html }, passage) {
  const children = childrenOf(node);
  const start = after ? indexOf(children, findChild(node, after)) + 1 : 0;
  /** @type {ChildNode[]} */
  const removed = new own.Array();
  for (const signature of remove) {
    const child = children[start + removed.length];
    check(matches(child, signature));
    removed.push(child);
  }
  const next = children[start] ?? null;
  const range = new own.Range();
  range.selectNodeContents(node);
  const fragment = range.createContextualFragment(html);
  for (const child of dom.childNodes(fragment)) passage.added.push(child);
  for (const child of removed) passage.removed.push(child);
  /** @type {Element[]} */
  const sheets = new own.Array();
  for (const link of select(fragment, "link")) if (isStylesheet(link)) sheets.push(link);
  return async () => {
    dom.insertBefore(node, fragment, next);
    for (const child of removed) ignoredNodes.add(child);
    if (sheets.length > 0) await whenAllLoaded(sheets);
    for (const child of removed) removeIgnored(child);
  };
}

/**
 * The child that `step` leads to: it has the right place among all children, or among
 * those of its name, or the right id.
 * @param {Node} parent
 * @param {Step} step
 * @returns {Node}
 */
function findChild(parent, [index, length, name, nth, count, id]) {
  const children = childrenOf(parent);
  const ofName = childrenOfName(children, name);
  const candidates = [
    children.length === length ? children[index] : null,
    ofName.length === count ? ofName[nth] : null,
    id ? dom.getElementById(document, id) : null,
  ];
  for (const child of candidates) {
    if (child && nameOf(child) === name && (!id || knownBy(child) === id)) return child;
  }
  throw changedByScript();
}

/**
 * The child that `step` leads to, if scripts have left it where the file has it: as many
 * of its name are there as in the file, and none of that name was ever taken away. A text
 * is all that there is in its place.
 * @param {Node} parent
 * @param {Step} step
 * @returns {Node}
 */
function findUntouched(parent, [index, length, name, nth, count, id]) {
  const children = childrenOf(parent);
  const isText = name === "#3";
  const ofName = childrenOfName(children, name);
  const child = ofName[nth];
  check(ofName.length === count && !namesTaken.get(parent)?.has(name));
  if (isText) check(children.length === length && children[index] === child);
  else check(isPlainElement(child) && knownBy(child) === id);
  return child;
}

/**
 * Whether it is an element that no script has given a behavior of its own.
 * @param {Node} node
 */
function isPlainElement(node) {
  if (dom.nodeType(node) !== ELEMENT_NODE) return false;
  const element = /** @type {Element} */ (node);
  const isCustom = nameOf(node).includes("-") && dom.matches(element, ":defined");
  return !isCustom && !dom.hasAttribute(element, "is");
}

/**
 * @param {ChildNode | undefined} node
 * @param {Signature} signature
 */
function matches(node, [name, known]) {
  return node !== undefined && nameOf(node) === name && knownBy(node) === known;
}

/**
 * The children that are part of the page.
 * @param {Node} node
 */
function childrenOf(node) {
  /** @type {ChildNode[]} */
  const children = new own.Array();
  for (const child of dom.childNodes(node)) if (!ignoredNodes.has(child)) children.push(child);
  return children;
}

/**
 * @param {ChildNode[]} children
 * @param {string} name
 */
function childrenOfName(children, name) {
  /** @type {ChildNode[]} */
  const ofName = new own.Array();
  for (const child of children) if (nameOf(child) === name) ofName.push(child);
  return ofName;
}

/**
 * @param {Node[]} nodes
 * @param {Node} node
 */
function indexOf(nodes, node) {
  let index = 0;
  while (index < nodes.length && nodes[index] !== node) index++;
  check(index < nodes.length);
  return index;
}

/**
 * The name of an element without its prefix, else `#` and the type of the node.
 * @param {Node} node
 */
function nameOf(node) {
  const type = dom.nodeType(node);
  return type === ELEMENT_NODE ? dom.localName(/** @type {Element} */ (node)) : `#${type}`;
}

/**
 * The id of an element, the data of others.
 * @param {Node} node
 */
function knownBy(node) {
  if (dom.nodeType(node) !== ELEMENT_NODE) return /** @type {Partial<CharacterData>} */ (node).data;
  return dom.getAttribute(/** @type {Element} */ (node), "id") ?? "";
}

/** @param {boolean} isAsKnown */
function check(isAsKnown) {
  if (!isAsKnown) throw changedByScript();
}

function changedByScript() {
  return new own.Error("a script changed the page");
}

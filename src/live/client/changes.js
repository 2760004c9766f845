// @ts-check
// What others than the file have changed in the page: nodes that scripts have taken away,
// scripts in frames, and what a person or a script has opened or closed.

/**
 * Of which names nodes were taken out of a parent. Those of all other names are there as
 * the parser has left them, in their order, with those that have come.
 * @type {WeakMap<Node, Set<string>>}
 */
const namesTaken = new own.WeakMap();

/**
 * Whether an element is open by the file, for those that were opened or closed since.
 * @type {WeakMap<Node, boolean>}
 */
const openInFile = new own.WeakMap();

/** Into which scripts copy texts; to look at all attributes takes milliseconds. */
const TEXT_ATTRIBUTES = "alt aria-label content data-content data-label data-text data-title label placeholder title";

const changeObserver = new own.MutationObserver(noteChanges);

/** The parser takes nodes away only where tags overlap, and changes no attributes. */
function observeChanges() {
  changeObserver.observe(document, {
    childList: true,
    subtree: true,
    attributeFilter: ["open"],
    attributeOldValue: true,
  });
}

/** @param {MutationRecord[]} records */
function noteChanges(records) {
  for (const { type, target, removedNodes, oldValue } of records) {
    if (type === "attributes") {
      if (!openInFile.has(target)) openInFile.set(target, oldValue !== null);
      continue;
    }
    for (const node of removedNodes) {
      const names = namesTaken.get(target) ?? new own.Set();
      namesTaken.set(target, names.add(nameOf(node)));
    }
  }
}

/** Notes what has changed by now. */
function noteAllChanges() {
  noteChanges(changeObserver.takeRecords());
}

/**
 * Changes something as the file says.
 * @param {() => void} change
 */
function changeByFile(change) {
  noteAllChanges();
  change();
  changeObserver.takeRecords();
}

/**
 * Whether an element is open by the file.
 * @param {HTMLDetailsElement | HTMLDialogElement} node
 */
function isOpenInFile(node) {
  return openInFile.get(node) ?? node.open;
}

/** Whether a frame has scripts that can reach this page. */
function haveFramesScripts() {
  for (let index = 0; index < own.frameCount(window); index++) {
    try {
      if (dom.scripts(window[index].document).length > 0) return true;
    } catch {
      // A page of another site has no way in.
    }
  }
  return false;
}

/**
 * How often the page has a text, and in how many attributes: a script may have copied it.
 * @param {string} text
 */
function countText(text) {
  const copy = text.replace(/^[ \t\n\f\r]+|[ \t\n\f\r]+$/g, "");
  if (copy === "") return 0;
  let count = 0;
  const page = dom.textContent(dom.documentElement(document)) ?? "";
  for (let at = page.indexOf(copy); at >= 0; at = page.indexOf(copy, at + copy.length)) count++;
  for (const name of TEXT_ATTRIBUTES.split(" ")) {
    for (const node of select(document, `[${name}]`)) {
      if (!ignoredNodes.has(node) && dom.getAttribute(node, name)?.includes(copy)) count++;
    }
  }
  return count;
}

// @ts-check
// What the file says that elements hold, above all the fields of forms.

/** @typedef {HTMLInputElement | HTMLTextAreaElement} TextField */

/**
 * What the file says of an element, as a text.
 * @param {Element} node
 * @returns {string}
 */
function heldByFile(node) {
  if (node instanceof own.HTMLInputElement) {
    if (node.type === "radio") return checkedInGroup(node);
    return node.type === "checkbox" ? own.String(node.defaultChecked) : node.defaultValue;
  }
  if (node instanceof own.HTMLTextAreaElement) return node.defaultValue;
  if (node instanceof own.HTMLSelectElement) return toJson(defaultValues(node));
  if (node instanceof own.HTMLDetailsElement || node instanceof own.HTMLDialogElement) {
    return own.String(isOpenInFile(node));
  }
  let sources = "";
  for (const source of [node, ...select(node, "source")]) {
    sources += ` ${withoutMark(dom.getAttribute(source, "src") ?? "")}`;
  }
  return sources;
}

/**
 * The values of the radio buttons of a group that the file checks.
 * @param {HTMLInputElement} radio
 */
function checkedInGroup({ form, name, ownerDocument }) {
  let values = "";
  for (const node of select(ownerDocument, "input[type=radio i][checked]")) {
    const other = /** @type {HTMLInputElement} */ (node);
    if (other.form === form && other.name === name) values += ` ${other.value}`;
  }
  return values;
}

/** @param {HTMLSelectElement} select */
function selectedValues(select) {
  /** @type {string[]} */
  const values = new own.Array();
  for (const option of select.selectedOptions) values.push(option.value);
  return values;
}

/**
 * The values that are selected as the file has it. A list that shows one option selects
 * the first where none is said to be.
 * @param {HTMLSelectElement} select
 */
function defaultValues(select) {
  /** @type {string[]} */
  const values = new own.Array();
  let first = null;
  for (const option of select.options) {
    if (option.defaultSelected) values.push(option.value);
    if (!option.disabled) first ??= option.value;
  }
  if (select.multiple) return values;
  if (values.length === 0 && select.size <= 1 && first !== null) return [first];
  return values.slice(-1);
}

/**
 * Whether a field holds another text than the file says. Certain types make one of their
 * own out of that, such as the middle of a range.
 * @param {TextField} field
 */
function isTyped(field) {
  const { type, value, defaultValue } = field;
  if (type === "file" || value === defaultValue) return false;
  if (field instanceof own.HTMLTextAreaElement) return true;
  const untouched = createElement("input");
  for (const name of ["type", "min", "max", "step", "value", "multiple"]) {
    const attribute = dom.getAttribute(field, name);
    if (attribute !== null) dom.setAttribute(untouched, name, attribute);
  }
  return value !== untouched.value;
}

/**
 * Makes a field what the file says, where that has changed: Firefox gives fields back what
 * they held.
 * @param {Element} node
 * @param {string} was  what the file said
 */
function resetField(node, was) {
  if (node instanceof own.HTMLSelectElement) return restoreOptions(node, defaultValues(node));
  if (!(node instanceof own.HTMLInputElement || node instanceof own.HTMLTextAreaElement)) return;
  if (/^(checkbox|radio)$/.test(node.type)) {
    const field = /** @type {HTMLInputElement} */ (node);
    if (field.checked !== field.defaultChecked) field.checked = field.defaultChecked;
  } else if (node.value === was && isTyped(node)) {
    node.value = node.defaultValue;
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {string[]} values
 */
function restoreOptions(select, values) {
  const wanted = new own.Set(values);
  for (const option of select.options) {
    const isWanted = wanted.has(option.value);
    if (option.selected !== isWanted && (select.multiple || isWanted)) option.selected = isWanted;
  }
}

// @ts-check
// The report of an error, over the page, in a frame of its own.

const DIALOG_STYLE =
  "all: revert; color-scheme: light dark; width: 56rem; height: 90vh; padding: 0;" +
  "border-color: #d33; overflow: hidden";
const FRAME_STYLE = "all: revert; width: 100%; height: 100%; border: 0";
const BUTTON_STYLE = "all: revert; position: absolute; top: 12px; right: 28px";

/** @type {HTMLDialogElement | null} */
let overlay = null;

function hideOverlay() {
  overlay?.close();
}

/** @param {string} html  the whole document of the report */
function showOverlay(html) {
  hideOverlay();
  const dialog = createElement("dialog");
  dialog.append(reportFrame(html), hideButton());
  dialog.setAttribute("role", "alertdialog");
  dialog.setAttribute("aria-label", "Error");
  // The rules of the page are not for it.
  dialog.style.cssText = DIALOG_STYLE;
  dialog.onclose = () => removeIgnored(dialog);
  ignoredNodes.add(dialog);
  append(dom.documentElement(document), dialog);
  dialog.showModal();
  overlay = dialog;
}

/** @param {string} html */
function reportFrame(html) {
  const frame = createElement("iframe");
  frame.title = "Error";
  frame.style.cssText = FRAME_STYLE;
  frame.srcdoc = html;
  frame.onload = () => {
    const report = frame.contentWindow;
    if (!report) return;
    report.onkeydown = ({ key }) => {
      if (key === "Escape") hideOverlay();
    };
  };
  return frame;
}

function hideButton() {
  const button = createElement("button");
  button.autofocus = true;
  button.textContent = "Hide";
  button.style.cssText = BUTTON_STYLE;
  button.onclick = hideOverlay;
  return button;
}

// Runs in each page that is measured, ahead of the page's own scripts, and says what a
// frame is the first to show. It asks for a frame only when something has changed: a
// page with frames running all the time would see a change up to 16 ms late.
(() => {
  if (window !== window.top) return;
  const now = () => performance.timeOrigin + performance.now();
  const shown = { text: undefined, width: undefined, state: undefined };
  let isAsked = false;
  let marker = null;

  function report(kind, value) {
    if (value === undefined || value === shown[kind]) return;
    shown[kind] = value;
    benchReport(JSON.stringify({ kind, value, at: now() }));
  }

  // Told of in the frame that lays the box out, right ahead of its paint.
  const sizes = new ResizeObserver((entries) =>
    report("width", String(Math.round(entries.at(-1).contentRect.width))),
  );

  function look() {
    const found = document.getElementById("mark");
    if (found !== marker) {
      sizes.disconnect();
      marker = found;
      if (marker) sizes.observe(marker);
    }
    if (marker && marker.textContent !== shown.text) ask();
  }

  function ask() {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => {
      isAsked = false;
      report("text", marker?.textContent);
      report("state", state());
    });
  }

  // What a person has done in a page with a field: none of it is there in a page that was
  // loaded again, until it is put back. So a report that comes twice tells of a reload too.
  function state() {
    const field = document.getElementById("field");
    if (!field) return undefined;
    return `${window.scrollY} ${document.activeElement?.id} ${field.value}`;
  }

  for (const event of ["scroll", "focusin", "input", "load"]) {
    window.addEventListener(event, () => document.getElementById("field") && ask(), true);
  }

  const everything = { childList: true, characterData: true, subtree: true };
  new MutationObserver(look).observe(document, everything);
})();

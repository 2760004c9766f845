"""The pages that are edited, and the two ways in which editors save."""

import os
import time

import pages

# Whole documents: live-server and browser-sync do nothing in a page without `</body>`.
HEAD = "<!doctype html>\n<html><head><title>A page</title>{}</head>\n<body>\n"
END = "</body></html>\n"
SHEET = '<link rel="stylesheet" href="style.css">'
ELEMENTS, LARGE_BYTES = 7_000, 204_000
SMALL_BYTES = 1_000
# What a script has done to a page: a listener, and text that the file does not have.
SCRIPTED = """<p id="filled"></p><button id="button">count</button>
<script>
document.getElementById("button").addEventListener("click", () => {});
document.getElementById("filled").textContent = "filled";
</script>
"""
# With a field to type in, at the top of a page that is higher than any window.
TYPED = '<input id="field">\n' + SCRIPTED + '<div style="height: 4000px"></div>\n'
ADDED = {"small.html": "", "scripted.html": SCRIPTED, "reloaded.html": TYPED}


def make(root):
    root.mkdir(parents=True)
    for name in [*ADDED, "large.html", "style.css"]:
        (root / name).write_text(content(name, 0))
    styled = HEAD.format(SHEET) + '<p id="mark">styled</p>\n' + END
    (root / "styled.html").write_text(styled)


def content(name, number):
    """The file at its save of this number."""
    if name == "style.css":
        return f"#mark {{ width: {value(name, number)}px; height: 20px; }}\n"
    # Another element at each save: no patch on a page whose scripts have run.
    tag = "h2" if name == "reloaded.html" and number % 2 else "p"
    marker = f'<{tag} id="mark">{value(name, number)}</{tag}>\n'
    if name in ADDED:
        text = pages.text(SMALL_BYTES)[len(pages.HEAD) :]
        return HEAD.format("") + marker + ADDED[name] + text + END
    # Its head, the marker and its rows; the marker stands in the middle.
    row = "<p>lane <b>{:04}</b> water</p>\n"
    rows = [row.format(index) for index in range(ELEMENTS // 2)]
    padding = (LARGE_BYTES - len(HEAD + marker + END) - sum(map(len, rows))) // len(rows)
    rows = [line.replace("water", "water" + " depth width turn"[:padding].ljust(padding, "."))
            for line in rows]  # fmt: skip
    middle = len(rows) // 2
    return HEAD.format("") + "".join(rows[:middle]) + marker + "".join(rows[middle:]) + END


def value(name, number):
    """What the probe tells when this save is on show."""
    return str(100 + number % 500) if name == "style.css" else f"save {number}"


def save_in_place(path, text):
    """When the write returned: `time.time()`."""
    with open(path, "wb", buffering=0) as file:
        file.write(text.encode())
        return time.time()


def save_by_rename(path, text):
    # As editors name it: what a server ignores.
    other = path.with_name(f".{path.name}.swp~")
    other.write_text(text)
    os.replace(other, path)
    return time.time()


SAVES = {"in place": save_in_place, "rename over": save_by_rename}

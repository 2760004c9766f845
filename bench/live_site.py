"""The pages that are edited, and the two ways in which editors save."""

import os
import time

import pages

ELEMENTS, LARGE_BYTES = 7_000, 204_000
SMALL_BYTES = 1_000


def make(root):
    """As a page may be looked up through links, its folder is named as it is."""
    root.mkdir(parents=True)
    for name in ["small.html", "large.html", "style.css"]:
        (root / name).write_text(content(name, 0))
    styled = pages.HEAD + '<link rel="stylesheet" href="style.css">\n<p id="mark">styled</p>\n'
    (root / "styled.html").write_text(styled)


def content(name, number):
    """The file at its save of this number."""
    if name == "style.css":
        return f"#mark {{ width: {value(name, number)}px; height: 20px; }}\n"
    marker = f'<p id="mark">{value(name, number)}</p>\n'
    if name == "small.html":
        return pages.text(SMALL_BYTES // 2) + marker + pages.text(SMALL_BYTES)[SMALL_BYTES // 2 :]
    # Its head, the marker and its rows; the marker stands in the middle.
    row = "<p>lane <b>{:04}</b> water</p>\n"
    rows = [row.format(index) for index in range(ELEMENTS // 2)]
    padding = (LARGE_BYTES - len(pages.HEAD + marker) - sum(map(len, rows))) // len(rows)
    rows = [line.replace("water", "water" + " depth width turn"[:padding].ljust(padding, "."))
            for line in rows]  # fmt: skip
    middle = len(rows) // 2
    return pages.HEAD + "".join(rows[:middle]) + marker + "".join(rows[middle:])


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

"""The main cases as a picture: the CPU time of a request, in bars.

It has no background, and colours for light and dark pages.
"""

from cases import MAIN
from report import median

# Case, title, and what is drawn of it.
PANELS = [
    ("small", "Small page"),
    ("large", "109 kB"),
    ("close", "A connection a request"),
    ("rendered", "Rendered a request"),
]
WIDTH, PANEL_WIDTH, LABEL_WIDTH, BAR_WIDTH = 860, 410, 172, 175
ROW_HEIGHT, BAR_HEIGHT, TOP = 22, 14, 64

STYLE = """
  text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; }
  text { fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .own { fill: #1a7f37; } .other { fill: #9aa4af; } .floor { fill: #d1d9e0; }
  .strong { font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; } .quiet { fill: #9198a1; }
    .own { fill: #3fb950; } .other { fill: #656c76; } .floor { fill: #3d444d; }
  }
"""


def svg(tables):
    panels, heights = [], []
    measured = [(key, title) for key, title in PANELS if key in tables]
    for index, (key, title) in enumerate(measured):
        if index % 2 == 0:
            heights.append(0)
        rows = ranked(tables[key])
        x, y = index % 2 * (WIDTH - PANEL_WIDTH), TOP + sum(heights[:-1])
        panels.append(f'<g transform="translate({x} {y})">{panel(title, rows)}</g>')
        heights[-1] = max(heights[-1], (len(rows) + 2) * ROW_HEIGHT + 8)
    height = TOP + sum(heights)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="CPU time of a request, by server">\n'
        f"<style>{STYLE}</style>\n"
        f'{text(0, 18, "CPU time of a request, in µs: shorter is better", "title")}\n'
        f'{text(0, 38, "All processes, user and system; 64 connections, in one run", "quiet")}\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def ranked(samples):
    rows = [(median(taken, "cpu_us"), label) for label, taken in samples.items()]
    return sorted(rows)


def panel(title, rows):
    most = max(cpu for cpu, _ in rows)
    lines = [text(0, 14, title, "strong")]
    for index, (cpu, label) in enumerate(rows):
        y, width = (index + 1) * ROW_HEIGHT, max(cpu / most * BAR_WIDTH, 1)
        kind = "own" if label in MAIN else "floor" if label == "floor" else "other"
        lines.append(text(0, y + 13, label, "strong" if label in MAIN else ""))
        lines.append(
            f'<rect class="{kind}" x="{LABEL_WIDTH}" y="{y + 2}" width="{width:.1f}" '
            f'height="{BAR_HEIGHT}" rx="2"/>'
        )
        lines.append(text(LABEL_WIDTH + width + 6, y + 13, f"{cpu:,.1f}", "quiet"))
    return "\n".join(lines)


def text(x, y, words, kind):
    return f'<text x="{x:.1f}" y="{y}" class="{kind}">{words}</text>'

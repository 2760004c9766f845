"""Figures as a picture, in bars: panels, two beside each other, each with a title.

It has no background, and colours for light and dark pages.
"""

import dataclasses

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


@dataclasses.dataclass(frozen=True, order=True)
class Bar:
    figure: float
    label: str
    # `own`, `other` or `floor`.
    kind: str = "other"


def svg(label, title, subtitle, panels):
    """`panels` are titles with their bars, the shortest of which come first."""
    drawn, heights = [], []
    for index, (panel_title, bars) in enumerate(panels):
        if index % 2 == 0:
            heights.append(0)
        x, y = index % 2 * (WIDTH - PANEL_WIDTH), TOP + sum(heights[:-1])
        inner = panel(panel_title, sorted(bars))
        drawn.append(f'<g transform="translate({x} {y})">{inner}</g>')
        heights[-1] = max(heights[-1], (len(bars) + 2) * ROW_HEIGHT + 8)
    height = TOP + sum(heights)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{label}">\n'
        f"<style>{STYLE}</style>\n"
        f'{text(0, 18, title, "title")}\n'
        f'{text(0, 38, subtitle, "quiet")}\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def panel(title, bars):
    most = max((bar.figure for bar in bars), default=1)
    lines = [text(0, 14, title, "strong")]
    for index, bar in enumerate(bars):
        y, width = (index + 1) * ROW_HEIGHT, max(bar.figure / most * BAR_WIDTH, 1)
        lines.append(text(0, y + 13, bar.label, "strong" if bar.kind == "own" else ""))
        lines.append(
            f'<rect class="{bar.kind}" x="{LABEL_WIDTH}" y="{y + 2}" width="{width:.1f}" '
            f'height="{BAR_HEIGHT}" rx="2"/>'
        )
        lines.append(text(LABEL_WIDTH + width + 6, y + 13, f"{bar.figure:,.1f}", "quiet"))
    return "\n".join(lines)


def text(x, y, words, kind):
    return f'<text x="{x:.1f}" y="{y}" class="{kind}">{words}</text>'

"""Save to paint as a picture, in bars, drawn as `chart.py` draws them."""

from chart import (
    BAR_HEIGHT,
    BAR_WIDTH,
    LABEL_WIDTH,
    PANEL_WIDTH,
    ROW_HEIGHT,
    STYLE,
    TOP,
    WIDTH,
    text,
)
from live_cases import CASES
from live_peers import PAGEPOOL
from live_report import FIGURES


def svg(tables):
    panels, heights = [], []
    measured = [case for case in CASES if case.how == "saves" and tables.get(case.key)]
    for index, case in enumerate(measured):
        if index % 2 == 0:
            heights.append(0)
        rows = ranked(tables[case.key])
        x, y = index % 2 * (WIDTH - PANEL_WIDTH), TOP + sum(heights[:-1])
        panels.append(f'<g transform="translate({x} {y})">{panel(case.title, rows)}</g>')
        heights[-1] = max(heights[-1], (len(rows) + 2) * ROW_HEIGHT + 8)
    height = TOP + sum(heights)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Save to paint, by server">\n'
        f"<style>{STYLE}</style>\n"
        f'{text(0, 18, "Save to paint, in ms: shorter is better", "title")}\n'
        f'{text(0, 38, "Median of all saves, in headless Chromium, in one run", "quiet")}\n'
        + "\n".join(panels)
        + "\n</svg>\n"
    )


def ranked(rows):
    """Servers that have shown nothing at all are left out."""
    medians = [(FIGURES["p50"](sum(taken.values(), [])), label) for label, taken in rows.items()]
    return sorted(pair for pair in medians if pair[0] is not None)


def panel(title, rows):
    most = max((median for median, _ in rows), default=1)
    lines = [text(0, 14, title, "strong")]
    for index, (median, label) in enumerate(rows):
        y, width = (index + 1) * ROW_HEIGHT, max(median / most * BAR_WIDTH, 1)
        is_own = label == PAGEPOOL.name
        lines.append(text(0, y + 13, label, "strong" if is_own else ""))
        lines.append(
            f'<rect class="{"own" if is_own else "other"}" x="{LABEL_WIDTH}" y="{y + 2}" '
            f'width="{width:.1f}" height="{BAR_HEIGHT}" rx="2"/>'
        )
        lines.append(text(LABEL_WIDTH + width + 6, y + 13, f"{median:,.1f}", "quiet"))
    return "\n".join(lines)

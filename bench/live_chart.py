"""Save to paint as a picture."""

import chart
from live_cases import CASES
from live_peers import PAGEPOOL
from live_report import FIGURES


def svg(tables):
    measured = [case for case in CASES if case.how == "saves" and tables.get(case.key)]
    return chart.svg(
        "Save to paint, by server",
        "Save to paint, in ms: shorter is better",
        "Median of all saves, in headless Chromium, in one run",
        [(case.title, bars(tables[case.key])) for case in measured],
    )


def bars(rows):
    """Servers that have shown nothing at all are left out."""
    medians = {label: FIGURES["p50"](sum(taken.values(), [])) for label, taken in rows.items()}
    return [
        chart.Bar(median, label, "own" if label == PAGEPOOL.name else "other")
        for label, median in medians.items()
        if median is not None
    ]

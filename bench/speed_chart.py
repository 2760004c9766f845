"""The main cases as a picture: the CPU time of a request."""

import chart
from cases import MAIN
from report import median

# Case, title, and what is drawn of it.
PANELS = [
    ("small", "Small page"),
    ("large", "109 kB"),
    ("visit", "Page and assets, 6 connections"),
    ("close", "A connection a request"),
    ("rendered", "Rendered a request"),
]


def svg(tables):
    return chart.svg(
        "CPU time of a request, by server",
        "CPU time of a request, in µs: shorter is better",
        "All processes, user and system; 64 connections unless named, in one run",
        [(title, bars(tables[key])) for key, title in PANELS if key in tables],
    )


def bars(samples):
    def kind(label):
        return "own" if label in MAIN else "floor" if label == "floor" else "other"

    return [
        chart.Bar(median(taken, "cpu_us"), label, kind(label)) for label, taken in samples.items()
    ]

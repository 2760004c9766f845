"""What is measured of live editing, and the bars."""

import dataclasses

SAVES = 100
BURST_SAVES, BURST_GAP_SECONDS = 20, 0.010
SECOND_SAVES, FIRST_DELAY_MS, LAST_DELAY_MS = 24, 15, 280

# The kind of "save" that is none: the page calls `location.reload()`. The saves are
# measured against it, by their medians.
BARE = "location.reload()"
TIMES_BARE = "p50 / bare p50"

# The server at rest: tabs that are open, how long it is watched, and the bar, in
# percent of a core.
IDLE = "idle"
IDLE_TABS, IDLE_SECONDS, IDLE_BAR_PERCENT = 20, 10, 0.5


@dataclasses.dataclass(frozen=True)
class Case:
    key: str
    title: str
    # Which page is open, which file is saved, and what its probe tells of.
    page: str
    file: str
    kind: str = "text"
    # `saves`, `reloads`, `burst` or `second`, of `live_measure.py`.
    how: str = "saves"
    has_peers: bool = True


CASES = [
    Case("small", "Small page, 1 kB", "small", "small.html"),
    Case("large", "Page of 204 kB with 7,000 elements", "large", "large.html"),
    Case("scripted", "Small page whose scripts have run", "scripted", "scripted.html"),
    Case(
        "reload",
        "Page with scripts, loaded again with scroll, focus and text kept",
        "reloaded",
        "reloaded.html",
        how="reloads",
        has_peers=False,
    ),
    Case("style", "Stylesheet", "styled", "style.css", kind="width"),
    Case(
        "burst",
        f"{BURST_SAVES} saves, 10 ms apart: ended on the last",
        "small",
        "small.html",
        how="burst",
    ),
    Case(
        "second",
        f"Second save {FIRST_DELAY_MS} to {LAST_DELAY_MS} ms after the first: not lost",
        "small",
        "small.html",
        how="second",
    ),
]


@dataclasses.dataclass(frozen=True)
class Bar:
    """At most `limit` of the figure: milliseconds, a number of what was lost, or how many
    times the figure of the bare reload."""

    case: str
    figure: str
    limit: float


BARS = [
    Bar("small", "p50", 4),
    Bar("small", "p95", 8),
    Bar("small", "missed", 0),
    Bar("large", "p50", 12),
    Bar("large", "missed", 0),
    Bar("scripted", "p50", 4),
    Bar("scripted", "p95", 8),
    Bar("scripted", "missed", 0),
    Bar("reload", TIMES_BARE, 1.5),
    Bar("reload", "missed", 0),
    Bar("style", "p50", 10),
    Bar("style", "missed", 0),
    Bar("burst", "missed", 0),
    Bar("second", "missed", 0),
]

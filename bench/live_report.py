"""What was measured of live editing, as Markdown, and what became of the bars."""

import datetime
import math

import browser
import live_peers
import proc
from live_cases import BARE, BARS, CASES, IDLE_BAR_PERCENT, IDLE_TABS, TIMES_BARE
from report import row, run


def quantile(times, share):
    """Of those that were shown, the one that so large a share of them does not exceed;
    `None` where none was."""
    shown = sorted(time for time in times if time is not None)
    return shown[math.ceil(share * len(shown)) - 1] if shown else None


FIGURES = {
    "p50": lambda times: quantile(times, 0.50),
    "p95": lambda times: quantile(times, 0.95),
    "missed": lambda times: sum(time is None for time in times),
}


def written(name, figure):
    if figure is None:
        return "-"
    if name == TIMES_BARE:
        return f"{figure:.2f} x"
    return f"{figure}" if name == "missed" else f"{figure:.1f} ms"


def table(case, rows):
    """A row for each server and kind of save."""
    lines = [f"### {case.title}", "", row(["server", "save", *FIGURES, "saves"])]
    lines.append("|---|---|" + "---:|" * (len(FIGURES) + 1))
    for label, taken in rows.items():
        for kind, times in taken.items():
            cells = [written(name, figure(times)) for name, figure in FIGURES.items()]
            lines.append(row([label, kind, *cells, str(len(times))]))
    return "\n".join(lines) + "\n"


def idle_table(idle):
    """Of the servers at rest."""
    lines = [f"### At rest, {IDLE_TABS} tabs open", "", row(["server", "CPU, of a core"])]
    lines.append("|---|---:|")
    lines += [row([label, f"{percent:.2f} %"]) for label, percent in idle.items()]
    return "\n".join(lines) + "\n"


def verdicts(tables, idle):
    """Each bar whose case was measured, with the worse of its kinds of save."""
    lines = ["## Bars", "", row(["case", "bar", "pagepool", ""]), "|---|---|---|---|"]
    titles = {case.key: case.title for case in CASES}
    for bar in BARS:
        taken = tables.get(bar.case, {}).get(live_peers.PAGEPOOL.name)
        if taken:
            kinds = [kind for kind in taken if kind != BARE]
            figures = [(figure_of(bar, taken, kind), kind) for kind in kinds]
            lines.append(row([titles[bar.case], *verdict(bar, figures)]))
    percent = idle.get(live_peers.PAGEPOOL.name)
    if percent is not None:
        goal, is_met = f"CPU at most {IDLE_BAR_PERCENT} % of a core", percent <= IDLE_BAR_PERCENT
        title = f"At rest, {IDLE_TABS} tabs open"
        lines.append(row([title, goal, f"{percent:.2f} %", said(is_met)]))
    return "\n".join(lines) + "\n"


def figure_of(bar, taken, kind):
    if bar.figure != TIMES_BARE:
        return FIGURES[bar.figure](taken[kind])
    median, bare = quantile(taken[kind], 0.50), quantile(taken[BARE], 0.50)
    return median / bare if median and bare else None


def verdict(bar, figures):
    goal = f"{bar.figure} at most {written(bar.figure, bar.limit)}"
    # None shown is worse than any figure.
    figure, kind = max(figures, key=lambda pair: float("inf") if pair[0] is None else pair[0])
    is_met = figure is not None and figure <= bar.limit
    suffix = f" ({kind})" if figure else ""
    return [goal, written(bar.figure, figure) + suffix, said(is_met)]


def said(is_met):
    return "met" if is_met else "**not met**"


def head(options, found, errors, load, seconds):
    """When, where, what, and how."""
    versions = [f"{peer.name} {peer.version}" for peer in found if peer.version]
    # What a program that was given was built from, nobody here knows.
    commit = "as given" if options.program else run("git", "describe", "--always", "--dirty")
    return f"""# Live editing

Made by `python3 bench/live.py` on {datetime.date.today()} in {seconds / 60:.0f} minutes;
{options.saves} saves of each kind.

- {proc.machine()}; load average at the start {load:.1f}
- pagepool {commit}; {", ".join(versions)}
- {browser.version()}, headless; Node {run("node", "--version")}

A time is from the return of the editor's write, or of its rename, to the first animation
frame that shows the new text (for the stylesheet: the new layout). The page itself tells
when that was; its clock and the editor's were matched to within {max(errors):.2f} ms. A
save that is not on show after 3 s is missed. A bar counts the worse kind of save. Where
the page is loaded again, a save is missed as well if scroll, focus or typed text are
lost; `location.reload()`, called in the same page in turn with the saves, takes from the
call to the first frame with the text.
"""


def document(head, verdicts, tables, idle):
    cases = [table(case, tables[case.key]) for case in CASES if case.key in tables]
    cases += [idle_table(idle)] if idle else []
    return "\n".join([head, verdicts, "## Cases\n", *cases])

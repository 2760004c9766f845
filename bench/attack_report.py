"""What the attacks came to, as Markdown."""

import datetime

import peers
import proc
from attack_cases import ATTACKS
from attack_peers import LIMIT_BYTES
from report import row, run

# What is counted, and how a figure is written.
FIGURES = {
    "cpu_us": ("CPU a request", "{:,.0f} µs"),
    "sent_kb": ("sent a request", "{:,.0f} kB"),
    "grown_mb": ("memory grows by", "{:,.0f} MiB"),
    "p99_ms": ("p99 of the small page meanwhile", "{:,.1f} ms"),
    "rps": ("requests/s of the small page meanwhile", "{:,.0f}"),
    "kept_ms": ("CPU of the next request for another file, in use", "{:,.1f} ms"),
    "reach_ms": ("a save reaches another tab in", "{:,.0f} ms"),
    "rest_percent": ("CPU at rest, of a core", "{:,.1f} %"),
    "slowest_s": ("the slowest answer", "{:,.2f} s"),
    "outside": ("answers from outside of the root", "{:,} of {:,}"),
}
# Machines on which more than this runs besides give times that are too long.
QUIET_LOAD = 0.5


def cell(name, figure):
    if figure is None:
        return "-"
    if isinstance(figure, str):
        return f"**{figure}**"
    if isinstance(figure, tuple):
        return FIGURES[name][1].format(*figure)
    # Of a p99: no request was answered.
    return "none" if figure == float("inf") else FIGURES[name][1].format(figure)


def rows(attack, figures):
    """A row for each figure, of what each server has of it."""
    title = attack.title
    for name in attack.figures:
        yield row([title, FIGURES[name][0], *(cell(name, of.get(name)) for of in figures)])
        title = ""


def table(results, labels):
    lines = [row(["attack", "", *labels]), "|---|---|" + "---:|" * len(labels)]
    for attack in ATTACKS:
        if attack.key in results:
            figures = [results[attack.key].get(label, {}) for label in labels]
            lines += rows(attack, figures)
    return "\n".join(lines) + "\n"


def head(options, found, load, seconds):
    """When, where, what, and how."""
    versions = [f"{peer.program} {peer.version()}" for peer in found if peer.program != "cargo"]
    return f"""# Attacks

Made by `python3 bench/attack.py` on {datetime.date.today()} in {seconds / 60:.0f} minutes.

- {proc.machine()}; {noise(load)}
- pagepool {"as given" if options.program else run("git", "describe", "--always", "--dirty")};
  {", ".join(versions)}; {peers.WORKERS} workers each
- The memory of a server is limited to {LIMIT_BYTES / 1e9:.1f} GB (RLIMIT_DATA); one that takes
  more ends, and the table says so with what was asked for last

Attackers come from the same machine, bound to one of its processors. Each figure is of a
server that was started for it: CPU, memory and what is sent while nobody else is there; p99
of a client that asks for the small page 100 times a second, from when each was due; and
requests/s of wrk with 64 connections. `before` is the state ahead of the mends. A server
that does not have what is attacked has no figure.
"""


def noise(load):
    quiet = f"load average at the start {load:.1f}"
    return quiet if load <= QUIET_LOAD else f"**{quiet}: times are provisional**"

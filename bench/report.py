"""What was measured, as Markdown: a table for each case, and what became of the bars."""

import datetime
import math
import statistics
import subprocess

import peers
import proc
from cases import CASES, OTHERS, bars

# Name of the column, and how a figure is written.
METRICS = {
    "cpu_us": ("CPU/request", "{:,.1f} µs"),
    "machine_us": ("machine/request", "{:,.1f} µs"),
    "calls": ("system calls/connection", "{:.1f}"),
    "rps": ("requests/s", "{:,.0f}"),
    "p50_ms": ("p50", "{:.2f} ms"),
    "p99_ms": ("p99", "{:.2f} ms"),
    "memory_mb": ("memory", "{:,.1f} MiB"),
    "connection_bytes": ("memory/idle connection", "{:,.0f} B"),
    "start_ms": ("start to first page", "{:,.1f} ms"),
}
BASE = "pagepool"


def median(samples, metric):
    """`None` where a row has no such figure."""
    figures = [sample[metric] for sample in samples if metric in sample]
    return statistics.median(figures) if figures else None


def ratio(samples, others, metric):
    return statistics.median(ratios(samples, others, metric))


def ratios(samples, others, metric):
    """Pair by pair: of the samples that were taken one after the other."""
    return [sample[metric] / max(other[metric], 1e-9) for sample, other in zip(samples, others)]


def interval(figures):
    """Of the median, with 95 %: it lies between two of the figures in order, as far from the
    ends as the binomial distribution allows. With fewer than six, between the ends."""
    count, outside, tail = len(figures), 0, 0.5 ** len(figures)
    while (tail := tail + math.comb(count, outside + 1) * 0.5**count) <= 0.025:
        outside += 1
    ordered = sorted(figures)
    return ordered[outside], ordered[-1 - outside]


def cell(samples, metric):
    figure = median(samples, metric)
    return "" if figure is None else METRICS[metric][1].format(figure)


def table(case, samples):
    rows = by_size(case, samples) if case.sizes else by_metric(case, samples)
    lines = [f"### {case.title}", "", *map(row, rows)]
    lines.insert(3, "|---|" + "---:|" * (len(rows[0]) - 1))
    for label, taken in samples.items():
        if errors := sum(sample["errors"] for sample in taken):
            lines += ["", f"{label}: {errors} errors."]
    return "\n".join(lines + (["", case.note] if case.note else [])) + "\n"


def row(cells):
    return "| " + " | ".join(cells) + " |"


def by_metric(case, samples):
    """A row for each server. The second column says how its CPU/request compares."""
    first, *rest = case.metrics
    has_base = BASE in samples
    head = ["server", METRICS[first][0], *(["× pagepool"] if has_base else [])]
    rows = [head + [METRICS[metric][0] for metric in rest]]
    for label, taken in samples.items():
        compared = [f"{ratio(taken, samples[BASE], first):.2f}"] if has_base else []
        rest_of_row = [cell(taken, metric) for metric in rest]
        rows.append([label, cell(taken, first), *compared, *rest_of_row])
    return rows


def by_size(case, samples):
    """A row for each server, a column for each size of the site."""
    rows = [["server", *(f"{size:,}" for size in case.sizes)]]
    for name in case.servers:
        taken = [samples.get(f"{name}, {size:,} pages") for size in case.sizes]
        if all(taken):
            rows.append([name, *(cell(one, case.metrics[0]) for one in taken)])
    return rows


def verdicts(tables):
    """Each bar whose case was measured, with its figure."""
    lines = ["## Bars", "", row(["case", "bar", "figure", ""]), "|---|---|---|---|"]
    for bar in bars():
        if samples := tables.get(bar.case):
            against = [label for label in bar.against if label in samples]
            lines.append(row(verdict(bar, samples, against)))
    return "\n".join(lines) + "\n"


def verdict(bar, samples, against):
    title = next(case.title for case in CASES if case.key == bar.case)
    is_enough = False
    taken, (name, form) = samples.get(bar.subject), METRICS[bar.metric]
    if not taken or (bar.against and not against):
        return [title, f"{name} of {bar.subject}", "not measured", ""]
    least = "at most" if bar.is_at_most else "at least"
    if bar.against:
        figure, hardest = hardest_ratio(bar, samples, against)
        goal = f"{name} of {bar.subject} {least} {bar.limit:g} × {of(list(bar.against))}"
        written = f"{figure:.2f}" + (f" ({hardest})" if len(against) > 1 else "")
        if bar.is_interval:
            low, high = interval(ratios(samples[bar.subject], samples[hardest], bar.metric))
            figure, goal = low if bar.is_at_most else high, goal + ", within its 95 % interval"
            written += f", {low:.2f} to {high:.2f}"
        if bar.above_floor and "floor" in samples:
            own, most = median(taken, bar.metric), median(samples["floor"], bar.metric)
            goal += f", or the floor's and {form.format(bar.above_floor)}"
            written += f"; {form.format(own)}, floor {form.format(most)}"
            is_enough = own <= most + bar.above_floor
    else:
        figure = median(taken, bar.metric)
        goal = f"{name} of {bar.subject} {least} {form.format(bar.limit)}"
        written = form.format(figure)
    is_met = is_enough or (figure <= bar.limit if bar.is_at_most else figure >= bar.limit)
    if errors := sum(sample["errors"] for sample in taken):
        return [title, goal, written, f"**not met**: {errors:,} errors"]
    return [title, goal, written, "met" if is_met else "**not met**"]


def of(labels):
    if labels == [label for label in OTHERS if label in labels] and len(labels) > 2:
        return "every other server"
    return " and ".join(labels)


def hardest_ratio(bar, samples, against):
    ratios = [(ratio(samples[bar.subject], samples[label], bar.metric), label) for label in against]
    return max(ratios) if bar.is_at_most else min(ratios)


def head(options, found, seconds):
    """When, where, what, and how."""
    programs = {peer.program: peer for peer in found if peer.program != "cargo"}
    versions = [f"{program} {peer.version()}" for program, peer in programs.items()]
    commit = run("git", "describe", "--always", "--dirty")
    return f"""# Results

Made by `python3 bench/compare.py` on {datetime.date.today()} in {seconds / 60:.0f} minutes;
{options.rounds} rounds, each run {options.seconds} s.

- {proc.machine()}; the load of one thread of wrk comes from the same machine
- pagepool {commit}, {run("rustc", "--version")}; {", ".join(versions)}
- {peers.WORKERS} workers each, logs off, configured for what the case needs and no more; see
  `bench/peers.py`

CPU is user and system time of all threads of all processes of a server; the machine's is that of
all processors, with the client's and with what the system does for a connection outside of any
process, which for long answers is much. The floor is
`bench/floor.rs`: one recv and one send of the same bytes. Figures are medians over the
rounds; a ratio is the median of the ratios within each round.
"""


def run(*command):
    out = subprocess.run(command, cwd=peers.TOP, capture_output=True, text=True)
    return out.stdout.strip() or "?"


def document(head, verdicts, tables):
    cases = [table(case, tables[case.key]) for case in CASES if case.key in tables]
    return "\n".join([head, verdicts, "## Cases\n", *cases])

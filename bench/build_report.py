"""What was measured of builds, as Markdown and as a picture, and what became of the bars."""

import statistics

import chart
from report import row

OWN = "pagepool"
FIRST, SAME, ONE = "first build", "nothing changed", "one post changed"
CHECK, START = "`server check`", "start of the server"

# Case, figure, peer, and the most that pagepool's may be of the peer's.
BARS = [
    (FIRST, "seconds", "Hugo", 0.5),
    (FIRST, "seconds", "Zola", 0.6),
    (FIRST, "seconds", "Eleventy", 0.2),
    (FIRST, "memory", "Hugo", 0.25),
]
# Case, and the most that its time may be of the first build's.
OWN_BARS = [(SAME, 0.5), (ONE, 0.6), (CHECK, 1.0)]
GROWTH_BAR = 1.2
MEMORY_BAR = 400e6


def document(head, posts, samples, growth):
    parts = ["# `server build`", "", *head, "", f"## {posts:,} posts", "", *table(samples)]
    parts += ["", "## Growth", "", *growth_table(growth), "", "## Bars", ""]
    return "\n".join(parts + verdicts(samples, growth)) + "\n"


def table(samples):
    names = list(samples[FIRST])
    lines = [row(["seconds and MB of peak memory", *names]), "|---|" + "---:|" * len(names)]
    for case, taken in samples.items():
        cells = [cell(taken[name]) if name in taken else "" for name in names]
        lines.append(row([case, *cells]))
    return lines


def growth_table(growth):
    lines = [row(["posts", "first build", "a post"]), "|---:|---:|---:|"]
    for posts, taken in growth.items():
        lines.append(row([f"{posts:,}", cell(taken), f"{a_post(growth, posts) * 1e6:.0f} µs"]))
    return lines


def verdicts(samples, growth):
    lines = [row(["case", "bar", "pagepool", ""]), "|---|---|---:|---|"]

    def add(case, bar, figure, most):
        lines.append(row([case, bar, f"{figure:.2f} x", "met" if figure <= most else "missed"]))

    for case, what, peer, most in BARS:
        if peer in samples[case]:
            own, other = (figure(samples[case][name], what) for name in (OWN, peer))
            add(f"{case}, {what}", f"{most} x {peer}", own / other, most)
    first = figure(samples[FIRST][OWN], "seconds")
    for case, most in OWN_BARS:
        own = figure(samples[case][OWN], "seconds")
        add(case, f"{most} x the first build", own / first, most)
    few, *_, many = growth
    times = a_post(growth, many) / a_post(growth, few)
    add(f"a post of {many:,}", f"{GROWTH_BAR} x one of {few:,}", times, GROWTH_BAR)
    memory = figure(growth[many], "memory")
    verdict = "met" if memory <= MEMORY_BAR else "missed"
    bar = f"{MEMORY_BAR / 1e6:.0f} MB"
    return lines + [row([f"{many:,} posts, memory", bar, f"{memory / 1e6:.0f} MB", verdict])]


def svg(posts, samples):
    def bars(case, what, scale):
        return [
            chart.Bar(figure(taken, what) / scale, name, "own" if name == OWN else "other")
            for name, taken in samples[case].items()
        ]

    return chart.svg(
        f"Building a site of {posts:,} posts",
        f"Building a site of {posts:,} posts: shorter is better",
        "Markdown with a layout and lists, in memory; the whole process, medians, in one run",
        [
            ("First build, seconds", bars(FIRST, "seconds", 1)),
            ("Peak memory, MB", bars(FIRST, "memory", 1e6)),
            ("Nothing changed, seconds", bars(SAME, "seconds", 1)),
            ("One post changed, seconds", bars(ONE, "seconds", 1)),
        ],
    )


def cell(samples):
    seconds, memory = (figure(samples, what) for what in ("seconds", "memory"))
    return f"{seconds:.2f} s, {memory / 1e6:.0f} MB"


def a_post(growth, posts):
    """The seconds that a post takes where there are so many."""
    return figure(growth[posts], "seconds") / posts


def figure(samples, what):
    """The median of pairs of seconds and bytes."""
    index = ("seconds", "memory").index(what)
    return statistics.median(sample[index] for sample in samples)

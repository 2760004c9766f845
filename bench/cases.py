"""The cases, each of which becomes a table; and the bars that pagepool is held to."""

import dataclasses
import itertools

import measure
import pages

SIZES = [10, 1_000, 10_000, 100_000]
MAIN = ["pagepool", "pagepool --production"]
NGINX = ("nginx", "nginx open_file_cache")
CACHED = [*MAIN, *NGINX, "lighttpd", "h2o"]
MANY_RANGES = ",".join(f"{number * 500_000}-{number * 500_000 + 999}" for number in range(20))
REAL = [*CACHED, "Caddy", "static-web-server"]
# The floor answers with so few bytes that one send takes them.
ALL = [*MAIN, "floor", *REAL[2:]]


@dataclasses.dataclass(frozen=True)
class Case:
    """Servers, and what is asked of them."""

    key: str
    title: str
    path: str = "/small.html"
    connections: int = 64
    headers: tuple = ()
    # Whether it is asked for by a validator that the server gave before.
    is_conditional: bool = False
    status: int = 200
    # How long a run of wrk takes at least, where an answer takes long.
    min_seconds: int = 0
    servers: tuple = tuple(REAL)
    measure: callable = measure.plainly
    # The site, by its name in `Sites`, and what else `Setup` says.
    site: str = "site"
    setup: dict = dataclasses.field(default_factory=dict)
    # Sites of other sizes, each a variant of every server.
    sizes: tuple = ()
    # Whether each server is a variant more with its log on.
    logs: bool = False
    # What the table shows. With `sizes`, a column each of the first one.
    metrics: tuple = ("cpu_us", "rps", "p50_ms", "p99_ms", "memory_mb")
    note: str = ""
    # A program that it takes besides wrk, and how to get it.
    needs: tuple = ()
    # Whether `--quick` has it too.
    is_quick: bool = True

    def shortened(self):
        """Without the largest site, which takes a minute to make."""
        return dataclasses.replace(self, sizes=self.sizes[:-1])


WITH_FLOOR = tuple(ALL)
OF_LONG_ANSWERS = ("cpu_us", "machine_us", "rps", "p50_ms", "p99_ms", "memory_mb")
CODINGS = {"gzip": "gzip", "br": "br, gzip"}


def coded_texts():
    """Of both sizes, in both codings; nginx has gzip alone."""
    for (name, size), (key, accepted) in itertools.product(pages.TEXTS.items(), CODINGS.items()):
        yield Case(
            f"{name}-{key}",
            f"Text of {size / 2**20:.0f} MiB, coded: {accepted}; 8 connections",
            f"/{name}.txt",
            connections=8,
            headers=(f"Accept-Encoding: {accepted}",),
            servers=(*MAIN, *NGINX),
            site="texts",
            setup={"compresses": True, "is_split": True},
            metrics=OF_LONG_ANSWERS,
            note="Once made. nginx compresses each time; with open_file_cache, it takes the "
            "`.gz` beside the text (gzip_static), which pagepool is not given.",
            is_quick=size > 2**21,
        )


LARGE_FILES = [("big", "10 MB", "site"), ("huge", "100 MB", "huge")]
LARGE_FILE_CONNECTIONS = {1: "-one", 8: "", 64: "-many"}


def large_files():
    for (name, size, site), (count, suffix) in itertools.product(
        LARGE_FILES, LARGE_FILE_CONNECTIONS.items()
    ):
        plural = "" if count == 1 else "s"
        yield Case(
            name + suffix,
            f"{size}, {count} connection{plural}",
            f"/{name}.bin",
            connections=count,
            site=site,
            servers=tuple(REAL),
            metrics=OF_LONG_ANSWERS,
            min_seconds=3 if name == "huge" else 0,
            is_quick=(name, count) == ("big", 8),
        )


CASES = [
    Case("small", "Small page (0.9 kB), 64 connections", servers=WITH_FLOOR),
    Case("one", "Small page, 1 connection", connections=1, servers=WITH_FLOOR),
    Case("two", "Small page, 2 connections", connections=2, servers=WITH_FLOOR),
    Case("eight", "Small page, 8 connections", connections=8, servers=WITH_FLOOR),
    Case(
        "thousand",
        "Small page, 1,000 connections",
        connections=1000,
        servers=WITH_FLOOR,
        is_quick=False,
    ),
    Case("medium", "11 kB", "/medium.html", servers=WITH_FLOOR),
    Case("large", "109 kB", "/large.html"),
    *large_files(),
    Case(
        "ranges",
        "20 ranges of a file of 10 MB, 8 connections",
        "/big.bin",
        connections=8,
        headers=(f"Range: bytes={MANY_RANGES}",),
        status=206,
        servers=tuple(CACHED),
    ),
    Case(
        "visit",
        "A page and its 12 assets, then their 304s; 6 connections",
        "/page.html",
        connections=6,
        measure=measure.visiting,
        site="visited",
        servers=tuple(REAL),
    ),
    Case(
        "large-gzip",
        "109 kB, compressed",
        "/large.html",
        headers=("Accept-Encoding: gzip",),
        setup={"compresses": True},
        note="As 11 kB, compressed.",
        is_quick=False,
    ),
    Case("close", "A connection a request", headers=("Connection: close",)),
    Case(
        "calls",
        "System calls a connection of one request",
        headers=("Connection: close",),
        measure=measure.counting_calls,
        metrics=("calls",),
        needs=("perf", "apt-get install linux-perf"),
        note="Counted by `perf stat`.",
        is_quick=False,
    ),
    Case(
        "clean",
        "Small page by its path without `.html`",
        "/small",
        servers=(*MAIN, *NGINX),
        setup={"has_clean_paths": True},
        note="pagepool as always; nginx by `try_files`.",
        is_quick=False,
    ),
    Case(
        "rendered",
        "Rendered a request: a piece included, and the path",
        "/rendered.html",
        servers=(*MAIN, *NGINX, "lighttpd", "Caddy"),
        site="rendered",
        setup={"renders": True},
        note="Templates of pagepool and Caddy; SSI of nginx and lighttpd.",
    ),
    Case(
        "gzip",
        "11 kB, compressed",
        "/medium.html",
        headers=("Accept-Encoding: gzip",),
        servers=WITH_FLOOR,
        setup={"compresses": True},
        note="nginx compresses each time; with open_file_cache, Caddy and static-web-server "
        "take the `.gz` beside the page, lighttpd its own cache.",
    ),
    *coded_texts(),
    Case(
        "unchanged",
        "304, not modified",
        is_conditional=True,
        status=304,
        servers=WITH_FLOOR,
    ),
    Case(
        "logs",
        "Small page, access log to a file",
        logs=True,
        note="Each server's usual format: combined; JSON from Caddy.",
    ),
    Case(
        "idle",
        f"{measure.IDLE_CONNECTIONS:,} idle connections beside 64 busy ones",
        measure=measure.beside_idle_connections,
        metrics=("cpu_us", "rps", "p99_ms", "memory_mb", "connection_bytes"),
    ),
    Case(
        "slow",
        f"{measure.SLOW_READERS} clients that read 10 MB slowly, beside 64 busy ones",
        measure=measure.beside_slow_readers,
    ),
    Case(
        "start",
        "Start to first page, by the pages of the site",
        "/0000/07.html",
        measure=measure.from_the_start,
        sizes=tuple(SIZES),
        metrics=("start_ms",),
    ),
    Case(
        "growth",
        "CPU/request, by the pages of the site, which are asked for at random",
        "/0000/07.html",
        measure=measure.at_random,
        servers=tuple(CACHED),
        sizes=tuple(SIZES),
        metrics=("cpu_us",),
        is_quick=False,
    ),
]


@dataclasses.dataclass(frozen=True)
class Bar:
    """What a figure must not miss: a ratio to other rows, or a number by itself."""

    case: str
    metric: str
    subject: str
    limit: float
    # Rows, the hardest of which counts. None: the figure itself is held to the limit.
    against: tuple = ()
    is_at_most: bool = True
    # Whether it is enough that the 95 % interval of the ratio reaches the limit.
    is_interval: bool = False
    # Beside the limit: so much more than the floor's figure is enough, too.
    above_floor: float = 0


OTHERS = tuple(REAL[2:])
PRODUCTION = "pagepool --production"
# Case, metric, limit, rows to compare with, whether the limit is the most.
BARS_OF_BOTH = [
    ("medium", "cpu_us", 1, OTHERS, True),
    ("large", "cpu_us", 1, OTHERS, True),
    ("big", "cpu_us", 1.05, OTHERS, True),
    ("close", "rps", 1.1, NGINX, False),
    ("rendered", "rps", 10, ("Caddy",), False),
    ("small", "p99_ms", 1, OTHERS, True),
]


def bars_to_peers():
    """Those of the cases in which others were once ahead."""
    for case, subject in itertools.product(["two", "eight", "small", "thousand"], MAIN):
        yield Bar(case, "rps", subject, 1, OTHERS, is_at_most=False, is_interval=True)
        yield Bar(case, "p99_ms", subject, 1.1, OTHERS, above_floor=0.5)
    yield Bar("small", "cpu_us", "pagepool", 1, ("h2o",))
    yield Bar("small", "cpu_us", PRODUCTION, 1.1, ("floor",))
    for subject in MAIN:
        yield Bar("visit", "rps", subject, 1, OTHERS, is_at_most=False)
        yield Bar("visit", "cpu_us", subject, 1, OTHERS)
    for (name, _, _), suffix, subject in itertools.product(
        LARGE_FILES, LARGE_FILE_CONNECTIONS.values(), MAIN
    ):
        yield Bar(name + suffix, "rps", subject, 1, OTHERS, is_at_most=False, is_interval=True)
        yield Bar(name + suffix, "cpu_us", subject, 1, OTHERS)
    for case, subject in itertools.product(["large-gzip", "ranges"], MAIN):
        yield Bar(case, "cpu_us", subject, 1, OTHERS)


def bars():
    """All of them, as the goal states them."""
    yield from bars_to_peers()
    idle, slow = f"{measure.IDLE_CONNECTIONS:,} idle", f"{measure.SLOW_READERS} slow readers"
    yield Bar("small", "cpu_us", PRODUCTION, 1.15, ("floor",))
    yield Bar("small", "cpu_us", PRODUCTION, 1, OTHERS)
    yield Bar("small", "rps", PRODUCTION, 1, OTHERS, is_at_most=False)
    yield Bar("small", "cpu_us", "pagepool", 0.75, ("nginx",))
    for case, metric, limit, against, is_at_most in BARS_OF_BOTH:
        for subject in MAIN:
            yield Bar(case, metric, subject, limit, against, is_at_most)
    # Each mode beside those that look at a file as often as it does, or more often.
    for case, metric in [("rendered", "cpu_us"), ("calls", "calls")]:
        yield Bar(case, metric, "pagepool", 1, NGINX[:1])
        yield Bar(case, metric, PRODUCTION, 1, NGINX)
    for name, coding, subject in itertools.product(pages.TEXTS, CODINGS, MAIN):
        yield Bar(f"{name}-{coding}", "cpu_us", subject, 1.2, NGINX[1:])
    for subject in MAIN:
        yield Bar("idle", "rps", f"{subject}, {idle}", 0.9, (subject,), is_at_most=False)
        yield Bar("idle", "connection_bytes", f"{subject}, {idle}", 1000)
    for subject in MAIN:
        yield Bar("slow", "p99_ms", f"{subject}, {slow}", 2, (subject,))
    for subject in MAIN:
        yield Bar("start", "start_ms", f"{subject}, 100,000 pages", 20)
    for subject in MAIN:
        yield Bar("logs", "cpu_us", f"{subject}, log on", 1.2, (subject,))

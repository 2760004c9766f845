"""The attacks, each of which becomes rows of a table, and what is done in the soak."""

import dataclasses
import functools
import itertools
import string

import attack_site
import load
import measure
from attack_clients import PING, TEXT, ask, flood, frame, hold
from attack_runs import push_out, swapping, visit
from attack_tabs import hellos, resources, tabs

SMALL = "/small.html"
CODED = ["Accept-Encoding: br, gzip"]
# The longest target that is taken has 8,192 bytes.
TARGET_BYTES = 8_000
# Numbers of a visitor: small, at the edges of what is kept and counted, and wrong.
NUMBERS = [0, -1, 70_000, 3_000_000, 100_000_000, 4_000_000_000, 2**63 - 1, 10**30]
TEXT_OF_VISITOR = "a" * 7_000


@dataclasses.dataclass(frozen=True)
class Attack:
    """Clients, and what is counted of what they do to a server."""

    key: str
    title: str
    # A coroutine function of target, tally and seconds.
    run: callable
    # Of `attack_report.FIGURES`.
    figures: tuple
    # The same, as hard as the soak has it; `None` where it has no part in it.
    in_soak: callable = None
    # Servers that have what is attacked, beside pagepool.
    others: tuple = ("nginx", "Caddy")
    is_production: bool = True
    # Of `attack_site.SITES`.
    site: str = "attacked"
    seconds: int = 4
    # Paths whose answers are rightly 5xx.
    meant: tuple = ()


def requests(path, *headers, method="GET"):
    """The same again and again."""

    def stream(target):
        return itertools.repeat(load.request(target.port, path, headers, method))

    return stream


def unchanged(path, *headers):
    """By the validator that the server gives at the start."""

    def stream(target):
        known = measure.validator(target.port, path, headers)
        return itertools.repeat(load.request(target.port, path, [*headers, known]))

    return stream


def numbered(path, *headers):
    """One for each number, which stands for `{}` in the path."""

    def stream(target):
        for number in itertools.count():
            yield load.request(target.port, path.format(number), headers)

    return stream


def spelled(path, *headers):
    """The same path in ever other ways: its letters as they are, or encoded in one of
    the two letter cases."""

    def stream(target):
        ways = [[c, f"%{ord(c):02x}", f"%{ord(c):02X}"] for c in path if c in string.ascii_letters]
        for letters in itertools.cycle(itertools.product(*ways)):
            rest = iter(letters)
            other = "".join(next(rest) if c in string.ascii_letters else c for c in path)
            yield load.request(target.port, other, headers)

    return stream


def alternating(*streams):
    """A request of each in turn."""
    return lambda target: (
        request
        for several in zip(*(one(target) for one in streams), strict=True)
        for request in several
    )


def parts(count, size, step, path="/big.bin"):
    """So many ranges of `size` bytes, each `step` behind the one before."""
    ranges = ",".join(f"{n * step}-{n * step + size - 1}" for n in range(count))
    return requests(path, f"Range: bytes={ranges}")


def of_visitors(*names):
    """The pages of these names with each of the visitor's numbers, and with a text."""
    queries = [f"n={number}" for number in NUMBERS] + [f"n=7&q={TEXT_OF_VISITOR}"]
    return [f"/{name}.html?{query}" for name in names for query in queries]


def template(key, title, *names):
    paths = of_visitors(*names)
    return Attack(
        f"template-{key}",
        f"A visitor's number: `{title}`",
        functools.partial(visit, paths=paths),
        ("slowest_s", "grown_mb"),
        functools.partial(ask, requests=lambda target: asked(target, paths), rate=1),
        others=(),
        # As long as they take, up to a bound of their own.
        seconds=90,
        meant=tuple(f"/{name}.html" for name in names),
    )


def asked(target, paths):
    return itertools.cycle([load.request(target.port, path) for path in paths])


ERRORS = alternating(
    requests("/" + "&" * TARGET_BYTES),
    requests("/" + "%22" * (TARGET_BYTES // 3), "Accept: text/html", "Sec-Fetch-Mode: navigate"),
    requests("/" + "a" * (TARGET_BYTES + 1_000)),
    requests("/small.html", "Range: bytes=99999-", "If-Match: none"),
)
PINGS = [frame(PING, b"p" * 125)]
ANSWERED = [frame(TEXT, b'{"page":"/tab.html","version":"none"}'), frame(PING, b"")]
LARGE_PAGE = numbered("/large.html?n={}")
NAMES = sorted(attack_site.OF_THE_VISITOR)
OTHER_NAMES = [name for name in NAMES if name not in ("json-indent", "times-list", "range")]
BESIDE = ("cpu_us", "p99_ms", "rps")


def at(client, stream, rate, soak_rate, **how):
    """The client at its rate, and at that of the soak."""
    run = functools.partial(client, requests=stream, **how)
    return functools.partial(run, rate=rate), functools.partial(run, rate=soak_rate)


def holding(stream, count, soak_count):
    """Slow readers, and those of the soak."""
    run = functools.partial(hold, requests=stream)
    in_soak = functools.partial(run, count=soak_count, rate=3)
    return functools.partial(run, count=count), in_soak


def attack(key, title, runs, figures, **more):
    run, in_soak = runs
    return Attack(key, title, run, figures, in_soak, **more)


# Key, title, requests, and how many connections: by themselves, and in the soak.
SLOW = [
    (
        "coded-slow",
        "1,000 slow readers of a text of 4 MiB, coded",
        requests("/text.css", *CODED),
        1_000,
        100,
        {"seconds": 15},
    ),
    (
        "page-slow",
        "1,000 slow readers of a page of 10 MB, rendered for each query",
        LARGE_PAGE,
        1_000,
        50,
        {"seconds": 15, "meant": ("/large.html",)},
    ),
    (
        "ranges-slow",
        "1,000 slow readers of 32 ranges of 300 kB",
        parts(32, 300_000, 310_000),
        1_000,
        100,
        {"seconds": 8},
    ),
    (
        "errors-slow",
        "2,000 slow readers of error pages for targets of 8 kB",
        ERRORS,
        2_000,
        200,
        {"seconds": 8},
    ),
    (
        "echo-slow",
        "The same in development: of path-echo pages",
        ERRORS,
        2_000,
        200,
        {"seconds": 8, "is_production": False},
    ),
]
# Key, title, requests, and how many a second: by themselves, and in the soak.
RANGES = [
    ("ranges", "32 ranges of 100 kB of a file of 10 MB, 20/s", parts(32, 100_000, 200_000), 20, 10),
    ("ranges-tiny", "500 ranges of 1 B, 50/s", parts(500, 1, 3), 50, 20),
    (
        "ranges-overlapping",
        "32 ranges of 5 MB that overlap, 20/s",
        parts(32, 5_000_000, 7),
        20,
        2,
    ),
]
KEPT = "/one-that-is-kept.css"
UNIQUE = [
    (
        "spelled",
        "A file of 1 MB by ever other spellings, coded, 50/s",
        spelled(KEPT, *CODED),
        50,
        10,
    ),
    ("queries", "The same by ever other queries", numbered(KEPT + "?{}", *CODED), 50, 10),
    (
        "renderings",
        "A page rendered for ever other queries, 500/s",
        numbered("/rendered.html?n={}"),
        500,
        100,
    ),
    (
        "paths",
        "Ever other paths that lead to nothing, 500/s",
        numbered("/nothing/{}"),
        500,
        100,
    ),
]
ATTACKS = [
    Attack(
        "none",
        "None, for comparison",
        functools.partial(ask, requests=requests(SMALL), rate=50),
        BESIDE,
    ),
    attack(
        "coded-304",
        "304 of a text of 4 MiB, coded, 50/s",
        at(ask, unchanged("/text.css", *CODED), 50, 50),
        BESIDE,
    ),
    attack(
        "coded-head",
        "HEAD of it, coded, 50/s",
        at(ask, requests("/text.css", *CODED, method="HEAD"), 50, 20),
        BESIDE,
    ),
    *(
        attack(key, title, holding(stream, count, soak_count), ("grown_mb", "p99_ms"), **more)
        for key, title, stream, count, soak_count, more in SLOW
    ),
    *(
        attack(key, title, at(ask, stream, rate, soak_rate), ("cpu_us", "sent_kb", "p99_ms"))
        for key, title, stream, rate, soak_rate in RANGES
    ),
    *(
        attack(
            key,
            title,
            at(push_out, stream, rate, soak_rate, kept="/another.css"),
            ("cpu_us", "grown_mb", "kept_ms", "p99_ms"),
        )
        for key, title, stream, rate, soak_rate in UNIQUE
    ),
    attack(
        "missing",
        f"Missing pages in development, of {attack_site.NAMES:,} files, 32 clients, to 1,000/s",
        at(ask, numbered("/names/none-{}"), 1_000, 50, connections=32),
        BESIDE,
        is_production=False,
    ),
    Attack(
        "pings",
        "Pings that are never read, at most 1,000,000/s",
        functools.partial(flood, frames=PINGS, rate=1_000_000),
        ("grown_mb", "p99_ms"),
        functools.partial(flood, frames=PINGS, rate=2_000),
        others=(),
        is_production=False,
        seconds=8,
    ),
    Attack(
        "answers",
        "Hellos and pings that are never read, 10,000/s on 4 sockets",
        functools.partial(flood, frames=ANSWERED, rate=10_000, sockets=4),
        ("grown_mb", "p99_ms"),
        functools.partial(flood, frames=ANSWERED, rate=200, sockets=4),
        others=(),
        is_production=False,
        seconds=8,
    ),
    *(
        Attack(
            key,
            title,
            functools.partial(tabs, talk=talk),
            ("reach_ms", "rest_percent", "p99_ms"),
            functools.partial(tabs, talk=talk),
            others=(),
            is_production=False,
            seconds=30,
        )
        for key, title, talk in [
            ("hellos", "1,000 hellos on one socket", hellos),
            ("resources", "40 sockets with 4,096 resources each", resources),
        ]
    ),
    template("indent", "tojson(indent=n)", "json-indent"),
    template("times", "[0] * n", "times-list"),
    template("range", "for i in range(n)", "range"),
    template("others", f"{len(OTHER_NAMES)} other filters and operators", *OTHER_NAMES),
    Attack(
        "swap",
        "Links swapped while they are opened",
        functools.partial(swapping, rate=20_000),
        ("outside",),
        functools.partial(swapping, rate=50, swaps=200),
        others=(),
        # It cannot be rendered while what it includes is outside.
        meant=("/includes.html",),
        seconds=15,
        site="swapped",
    ),
    Attack(
        "swap-development",
        "The same in development",
        functools.partial(swapping, rate=20_000),
        ("outside",),
        seconds=15,
        site="swapped",
        others=(),
        is_production=False,
    ),
]

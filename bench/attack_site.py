"""The folder that is attacked: the same for every server, in each template language."""

import base64
import itertools
import os
import time

import pages

# Of the template languages, those of the servers here.
LANGUAGES = ["jinja", "ssi", "go"]
TEXT_BYTES, KEPT_BYTES, LARGE_BYTES = (4 << 20) - 1, 1_000_000, 10 << 20
NAMES = 5_000
# Of one link, before the next one has its turn.
SWAPS = 1_000
# In the folder that one of the links leads to.
FILES = 200
# Stands in every file that is outside of the root, and in none within.
SECRET = b"nobody may see this"
# A page that includes 10 MB and looks at its request, in each language.
LARGE = {
    "jinja": '{{ request.query.n }}{% include "_large.html" %}',
    "ssi": '<!--#echo var="arg_n" --><!--#include virtual="/_large.html" -->',
    "go": '{{.Req.URL.Query.Get "n"}}{{include "/_large.html"}}',
}
# What templates do with a number `n` and a text `q` that the visitor chooses.
OF_THE_VISITOR = {
    "json-indent": "{{ [1, 2, [3]]|tojson(indent=n) }}",
    "times-list": "{{ [0] * n }}",
    "times-length": "{{ ([0] * n)|length }}",
    "times-text": "{{ ('ab' * n)|length }}",
    "range": "{% for i in range(n) %}{{ i }}{% endfor %}",
    "range-list": "{{ range(n)|list|length }}",
    "range-text": "{{ range(n)|join(',')|length }}",
    "range-sum": "{{ range(n)|sum }} {{ range(n)|last }} {{ range(n)|max }}",
    "range-in": "{{ (n - 1) in range(n) }} {{ range(n) == range(n) }}",
    "range-chain": "{{ range(n)|chain(range(n), range(n))|sort|unique|reverse|first }}",
    "range-select": "{{ range(n)|select('odd')|map('string')|join|length }}",
    "nested": "{% for i in range(n) %}{% for j in range(n) %}{{ j }}{% endfor %}{% endfor %}",
    "indent": "{{ 'a\\nb\\nc'|indent(n)|length }}",
    "batch": "{{ [1, 2]|batch(n, 0)|list }}",
    "slice": "{{ [1, 2]|slice(n, 0)|list }}",
    "round": "{{ 1.5|round(n) }}",
    "power": "{{ 7 ** n }} {{ n * n }} {{ -n }} {{ n // -1 }}",
    "format": "{{ '%*d'|format(n, 1) }}",
    "format-given": "{{ q|format(1) }}",
    "replace": "{{ q|replace('a', q)|replace('a', q)|length }}",
    "split": "{{ q|split('')|join(q)|length }}",
    "escaped": "{{ q|urlencode|urlencode|tojson|tojson|tojson|pprint }}",
}


def make(root):
    for language in LANGUAGES:
        make_in(root / language, language)
    for name, template in OF_THE_VISITOR.items():
        pages.write(root / "jinja" / f"{name}.html", of_the_visitor(template))
    make_swapped(root)


def make_in(folder, language):
    """`.css` and not `.txt`, which Caddy takes for a template."""
    pages.write(folder / "small.html", pages.text(pages.SIZES["small"]).encode())
    pages.write(folder / "tab.html", b"<!doctype html><title>A tab</title><p>save 0</p>\n")
    pages.write(folder / "text.css", text_that_stays_large())
    pages.write(folder / "one-that-is-kept.css", pages.text(KEPT_BYTES).encode())
    pages.write(folder / "another.css", pages.text(KEPT_BYTES - 1).encode())
    pages.write(folder / "big.bin", os.urandom(pages.BIG_BYTES))
    pages.write(folder / "_large.html", pages.text(LARGE_BYTES).encode())
    pages.write(folder / "large.html", LARGE[language].encode())
    pages.write(folder / "rendered.html", pages.rendered(language).encode())
    pages.write(folder / "_piece.html", pages.PIECE.encode())
    pages.make_tree(folder / "names", NAMES)


def text_that_stays_large():
    """Its coded form is 3/4 of it: more than the system takes of one connection."""
    return base64.encodebytes(os.urandom(TEXT_BYTES * 3 // 4))[:TEXT_BYTES]


def of_the_visitor(template):
    head = "{% set n = request.query.n|default(0)|int %}{% set q = request.query.q|default('') %}"
    return f"{head}<p>{template}</p>\n".encode()


def make_swapped(root):
    """Links that are swapped between a file or folder in the root and one outside. Few
    files beside them, so that what is missing costs little and the race is a close one."""
    own, ends = root / "jinja", {"jinja/inside": b"<p>of the site\n", "outside": SECRET}
    for folder, content in ends.items():
        for name in ["page.html", *(f"{number}.css" for number in range(FILES))]:
            pages.write(root / folder / name, content)
    pages.write(own / "small.html", pages.text(pages.SIZES["small"]).encode())
    pages.write(own / "includes.html", b'{{ request.path }}{% include "_swapped.html" %}')
    for link, inside, _ in swapped(own):
        link.symlink_to(inside)


def swapped(root):
    """Each link, and the two that it leads to in turn."""
    inside, outside = root / "inside", root.parent / "outside"
    yield root / "swapped", inside, outside
    yield root / "swapped.html", inside / "page.html", outside / "page.html"
    yield root / "_swapped.html", inside / "page.html", outside / "page.html"
    yield root / "swapped.css", inside / "0.css", outside / "0.css"


# By any of the links, and many of them by one, since a file that is there is kept.
SWAPPED_PATHS = [
    "/swapped.html", "/includes.html", "/swapped.css", "/swapped/page.html",
    *(f"/swapped/{number}.css" for number in range(FILES)),
]  # fmt: skip


def swap(root, rate, seconds):
    """Swaps one link after the other many times, so many times a second or, without a
    rate, as fast as it can, until it is ended or the time is over."""
    over = time.monotonic() + seconds
    os.sched_setaffinity(0, range(os.cpu_count()))
    for link, *ends in itertools.cycle(swapped(root)):
        beside = f"{link}.{os.getpid()}"
        for end in itertools.islice(itertools.cycle(ends), SWAPS):
            if time.monotonic() > over:
                return
            os.symlink(end, beside)
            os.replace(beside, link)
            if rate:
                time.sleep(1 / rate)


SITES = {"attacked": make, "swapped": make_swapped}

"""The folders that are served: the same pages for every server."""

import gzip
import os
from pathlib import Path

HEAD = "<!doctype html><title>A page</title>\n"
WORDS = (
    "lanes ropes water depth width turn start goggles relay medley crawl back breast "
    "butterfly swimmer judge clock length pool deep shallow warm cold early late"
).split()
SIZES = {"small": 900, "medium": 11_000, "large": 109_000}
BIG_BYTES = 10 << 20
HUGE_BYTES = 100 << 20
# What a page loads, with the bytes of each file.
ASSETS = {"css": 8_000, "js": 20_000, "svg": 3_000}
ASSETS_OF_A_KIND = 4
PIECE = "<nav>A piece of all pages</nav>"
# How each template language says the piece and the path.
RENDERED = {
    "jinja": ('{% include "_piece.html" %}', "{{ request.path }}"),
    "ssi": ('<!--#include virtual="/_piece.html" -->', '<!--#echo var="DOCUMENT_URI" -->'),
    "go": ('{{include "/_piece.html"}}', "{{.Req.URL.Path}}"),
    "plain": (PIECE, "/rendered.html"),
}
# The texts are the project's own: in words at random, no coding finds what it is made for.
SOURCES = [Path(__file__).parent.parent / folder for folder in ["src", "tests", "docs", "bench"]]
# Too large to be kept by pagepool's cache of finished bytes, and still coded by it.
TEXTS = {"text-1": 1_100_000, "text-4": 4 << 20}


def text(size):
    """A page of `size` bytes. Its words do not repeat as a whole, so that compressing
    it is as much work as compressing a page."""
    page, length, number = [HEAD], len(HEAD), 0
    while length < size:
        number = (number * 1_103_515_245 + 12_345) % 2**31
        page.append(WORDS[(number >> 16) % len(WORDS)] + ("\n" if number % 11 == 0 else " "))
        length += len(page[-1])
    return "".join(page)[:size]


def real_text(size):
    """A text of `size` bytes out of sources and documents, each once as far as they reach."""
    files = (file for folder in SOURCES for file in sorted(folder.rglob("*")))
    kinds = {".rs", ".js", ".md", ".html", ".py"}
    texts = [file.read_bytes() for file in files if file.suffix in kinds]
    whole = b"".join(texts)
    return (whole * (size // len(whole) + 1))[:size]


def rendered(language):
    piece, path = RENDERED[language]
    return f"{HEAD}{piece}\n<p>This is {path}</p>\n{text(700)}"


def make_site(root):
    """Pages of several sizes, each with its compressed form beside it for the servers
    that can be told to look for one, and a large file."""
    for name, size in SIZES.items():
        page = text(size).encode()
        write(root / f"{name}.html", page)
        write(root / f"{name}.html.gz", gzip.compress(page))
    write(root / "big.bin", os.urandom(BIG_BYTES))


def make_huge(root):
    write(root / "huge.bin", os.urandom(HUGE_BYTES))


def make_visited(root):
    """A page with its stylesheets, scripts and images."""
    write(root / "page.html", text(SIZES["medium"]).encode())
    for path in assets():
        write(root / path.lstrip("/"), text(ASSETS[path.rsplit(".")[-1]]).encode())


def assets():
    return [f"/{kind}-{number}.{kind}" for kind in ASSETS for number in range(ASSETS_OF_A_KIND)]


def make_rendered(root):
    for language in RENDERED:
        write(root / language / "rendered.html", rendered(language).encode())
        write(root / language / "_piece.html", PIECE.encode())


def make_texts(root):
    """Texts whose compressed form stands beside them for nginx, and pagepool has to make."""
    for name, size in TEXTS.items():
        content = real_text(size)
        for language in ["jinja", "plain", "ssi"]:
            write(root / language / f"{name}.txt", content)
        write(root / "ssi" / f"{name}.txt.gz", gzip.compress(content))


def make_tree(root, pages):
    """So many small pages, a hundred in a folder."""
    rest = text(850)
    for page in range(pages):
        folder = root / f"{page // 100:04}"
        if page % 100 == 0:
            folder.mkdir(parents=True)
        (folder / f"{page % 100:02}.html").write_text(f"{HEAD}<p>{page:06}</p>\n{rest}")


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)

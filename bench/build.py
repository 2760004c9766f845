#!/usr/bin/env python3
"""Measures `server build` beside Hugo: time and memory of the whole process.

    python3 bench/build.py                 10,000 posts, and how time grows with them
    python3 bench/build.py --posts 1000    that many alone
    python3 bench/build.py --quick         once each, to see whether it works

It needs Rust and Hugo (apt-get install hugo). The whole run writes bench/BUILD.md. The peers
build the same posts: Markdown with front matter, one layout, a list of all of them and one of
the latest 20. They take turns, so that a busy moment of the machine is one for all.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).parent
ROUNDS = 5
GROWTH = (1_000, 10_000, 100_000)
WORDS = "a site of pages that people write by hand and read on any device they have".split()


def main():
    options = parse_arguments()
    server = build_server()
    rounds = 1 if options.quick else ROUNDS
    began, load = time.strftime("%Y-%m-%d %H:%M"), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-build-") as folder:
        folder = pathlib.Path(folder)
        peers = [Pagepool(server, folder / "pagepool")]
        if shutil.which("hugo"):
            peers.append(Hugo(folder / "hugo"))
        lines = compare(peers, options.posts or 10_000, rounds)
        if not options.posts and not options.quick:
            lines += grow(Pagepool(server, folder / "growth"))
    text = f"# `server build`\n\n{began}, load average {load:.1f} at the start.\n\n" + "\n".join(lines)
    print(text)
    if not options.posts and not options.quick:
        (HERE / "BUILD.md").write_text(text + "\n")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, help="how many posts, in place of 10,000")
    parser.add_argument("--quick", action="store_true", help="once each")
    return parser.parse_args()


def build_server():
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=HERE.parent, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")
    return pathlib.Path(target) / "release" / "server"


class Peer:
    """A program that builds a site, with its files."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, posts):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, text in self.templates().items():
            self.write_file(name, text)
        for number in range(posts):
            self.write_file(f"{self.content}/post-{number}.md", post(number))

    def write_file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def change_one_post(self):
        self.write_file(f"{self.content}/post-7.md", post(7, f"changed at {time.time_ns()}"))

    def run(self):
        """The seconds and the peak memory, in bytes, of one build."""
        began = time.monotonic()
        process = subprocess.Popen(
            self.command(), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        if status != 0:
            raise SystemExit(f"{self.name} failed:\n{errors.decode()[:2000]}")
        return seconds, usage.ru_maxrss * 1024

    def clean(self):
        shutil.rmtree(self.folder / self.output, ignore_errors=True)


class Pagepool(Peer):
    name, content, output = "pagepool", "pages/blog", "dist"

    def __init__(self, server, folder):
        super().__init__(folder)
        self.server = server

    def command(self):
        return [self.server, "build"]

    def templates(self):
        entry = '<li><a href="{{ post.url }}">{{ post.title }}</a>'
        return {
            # A list of 100,000 links is more work than a page may do otherwise.
            "config.toml": "[templates]\nfuel = 10000000\n",
            "pages/_layout.html": "<!doctype html><title>{{ page.title }}</title>"
            "<main>{% block content %}{% endblock %}</main>\n",
            "pages/index.html": "<ul>{% for post in pages('blog/', sort='-date', limit=20) %}"
            f"{entry}{{% endfor %}}</ul>\n",
            "pages/all.html": f"<ul>{{% for post in pages('blog/', sort='-date') %}}{entry}"
            "{% endfor %}</ul>\n",
        }


class Hugo(Peer):
    name, content, output = "Hugo", "content/blog", "public"

    def command(self):
        return ["hugo", "--quiet"]

    def templates(self):
        entry = '<li><a href="{{ .RelPermalink }}">{{ .Title }}</a>'
        by_date = '(where .Site.RegularPages "Section" "blog").ByDate.Reverse'
        return {
            "config.toml": "baseURL = '/'\ndisableKinds = ['taxonomy', 'term', 'RSS', 'sitemap']\n",
            "layouts/_default/single.html": "<!doctype html><title>{{ .Title }}</title>"
            "<main>{{ .Content }}</main>\n",
            "layouts/index.html": f"<ul>{{{{ range first 20 {by_date} }}}}{entry}{{{{ end }}}}</ul>\n",
            "layouts/_default/list.html": f"<ul>{{{{ range {by_date} }}}}{entry}{{{{ end }}}}</ul>\n",
            "content/blog/_index.md": "---\ntitle: All\n---\n",
        }


def post(number, extra=""):
    """A post of some 1.5 kB."""
    day = f"20{10 + number % 14:02}-{1 + number % 12:02}-{1 + number % 28:02}"
    shift = number % len(WORDS)
    sentence = " ".join(WORDS[shift:] + WORDS[:shift])
    paragraph = f"{sentence}, **{number}** times, with `code` and [a link](/). " * 3
    return (
        f"---\ntitle: Post {number}\ndate: {day}\ntags: [a, b]\n---\n{extra}\n\n"
        f"## First\n\n{paragraph}\n\n- one\n- two\n- three\n\n## Second\n\n{paragraph}\n\n"
        f"| a | b |\n|---|---|\n| {number} | 2 |\n\n```js\nlet x = {number};\n```\n\n{paragraph}\n"
    )


def compare(peers, posts, rounds):
    for peer in peers:
        peer.write(posts)
    cases = {"first build": [], "nothing changed": [], "one post changed": []}
    samples = {(case, peer.name): [] for case in cases for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            peer.clean()
            samples["first build", peer.name].append(peer.run())
            samples["nothing changed", peer.name].append(peer.run())
            peer.change_one_post()
            samples["one post changed", peer.name].append(peer.run())
    names = [peer.name for peer in peers]
    lines = [f"{posts:,} posts, medians of {rounds}: seconds and MB of peak memory.", ""]
    lines += ["| case | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for case in cases:
        cells = (cell(samples[case, name]) for name in names)
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return lines + [""]


def cell(samples):
    seconds = statistics.median(seconds for seconds, _ in samples)
    memory = statistics.median(memory for _, memory in samples)
    return f"{seconds:.2f} s, {memory / 1e6:.0f} MB"


def grow(peer):
    lines = ["One build each, as the number of posts grows:", "", "| posts | build |", "|---|---|"]
    for posts in GROWTH:
        peer.write(posts)
        lines.append(f"| {posts:,} | {cell([peer.run()])} |")
    return lines


if __name__ == "__main__":
    main()

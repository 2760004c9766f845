#!/usr/bin/env python3
"""Measures `server build` beside other makers of sites: time and memory of the whole process.

    python3 bench/build.py                 10,000 posts, and how time grows with them
    python3 bench/build.py --posts 1000    that many alone
    python3 bench/build.py --quick         once each, to see whether it works
    python3 bench/build.py --install       gets Eleventy first, by npm

It needs Rust; Hugo (apt-get install hugo), Node for Eleventy, and Zola on the path, which
`cargo install --git https://github.com/getzola/zola --locked zola` puts there. What is missing is
left out and named. The whole run writes bench/BUILD.md and bench/build.svg. The peers build the
same posts: Markdown with front matter, one layout, a list of all of them and one of the latest
20. They take turns, so that a busy moment of the machine is one for all.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import tempfile
import time

import build_report
import proc

HERE = pathlib.Path(__file__).parent
# Outside of the repository.
CACHE = pathlib.Path(tempfile.gettempdir()) / "pagepool-bench-eleventy"
# In memory where there is such a folder, so that the programs are measured and not the disk:
# ext4 looks at every inode that was deleted within the last minutes for each new file, and
# Zola deletes its output with every build.
PLACE = "/dev/shm" if os.path.isdir("/dev/shm") else None
ROUNDS = 5
POSTS = 10_000
GROWTH = (1_000, 10_000, 100_000)
STARTED = b"Server started on port "
WORDS = "a site of pages that people write by hand and read on any device they have".split()


def main():
    options = parse_arguments()
    server = build_server()
    if options.install:
        Eleventy.install()
    rounds = 1 if options.quick else ROUNDS
    is_whole = not options.posts and not options.quick
    began, load = time.strftime("%Y-%m-%d %H:%M"), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bench-build-", dir=PLACE) as folder:
        folder = pathlib.Path(folder)
        own = Pagepool(server, folder / "pagepool")
        others = [Hugo(folder / "hugo"), Zola(folder / "zola"), Eleventy(folder / "eleventy")]
        peers = [own, *(peer for peer in others if peer.is_there())]
        missing = [peer.name for peer in others if not peer.is_there()]
        posts = options.posts or POSTS
        samples = compare(peers, posts, rounds)
        small = (posts // 10, posts)
        growth = grow(Pagepool(server, folder / "growth"), GROWTH if is_whole else small, rounds)
    head = [
        f"{began}, load average {load:.1f} at the start, medians of {rounds}, "
        f"in {PLACE or tempfile.gettempdir()}.",
        "",
        proc.machine() + ".",
        "",
        "; ".join(f"{peer.name} {peer.version()}" for peer in peers) + ".",
    ]
    if missing:
        head += ["", "Not there to be measured: " + ", ".join(missing) + "."]
    document = build_report.document(head, posts, samples, growth)
    print(document)
    if is_whole:
        (HERE / "BUILD.md").write_text(document)
        (HERE / "build.svg").write_text(build_report.svg(posts, samples))


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, help="how many posts, in place of 10,000")
    parser.add_argument("--quick", action="store_true", help="once each")
    parser.add_argument("--install", action="store_true", help="npm install into the cache")
    return parser.parse_args()


def build_server():
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=HERE.parent, check=True)
    target = os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")
    return pathlib.Path(target) / "release" / "server"


class Peer:
    """A program that builds a site, with its files."""

    # How a post has its tags, in front matter that others may have otherwise.
    tags = "tags: [a, b]"

    def __init__(self, folder):
        self.folder = folder

    def is_there(self):
        return shutil.which(self.command()[0]) is not None

    def version(self):
        """The first that looks like one, of what it says."""
        said = subprocess.run(self.version_command(), capture_output=True, text=True, check=True)
        words = (word.lstrip("v").split("-")[0].split("+")[0] for word in said.stdout.split())
        return next((word for word in words if word[:1].isdigit()), "?")

    def write(self, posts):
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, text in self.templates().items():
            self.write_file(name, text)
        for number in range(posts):
            self.write_file(f"{self.content}/post-{number}.md", post(number, self.tags))

    def write_file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def change_one_post(self):
        text = post(7, self.tags, f"changed at {time.time_ns()}")
        self.write_file(f"{self.content}/post-7.md", text)

    def run(self, command=None):
        """The seconds and the peak memory, in bytes, of one build, or of another command."""
        began = time.monotonic()
        process = subprocess.Popen(
            command or self.command(),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
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

    def version_command(self):
        return [self.server, "--version"]

    def check(self):
        return self.run([self.server, "check"])

    def start(self):
        """The seconds until it says its port, and its memory then."""
        began = time.monotonic()
        command = [self.server, "--port", "0", "--production"]
        process = subprocess.Popen(
            command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        try:
            while not process.stdout.readline().startswith(STARTED):
                if process.poll() is not None:
                    raise SystemExit("the server has ended")
            return time.monotonic() - began, proc.memory_bytes(process.pid)
        finally:
            process.kill()
            process.wait()

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

    def version_command(self):
        return ["hugo", "version"]

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


class Zola(Peer):
    name, content, output = "Zola", "content/blog", "public"
    tags = "extra:\n  tags: [a, b]"

    def command(self):
        return ["zola", "build"]

    def version_command(self):
        return ["zola", "--version"]

    def templates(self):
        entry = '<li><a href="{{ page.permalink }}">{{ page.title }}</a>'
        blog = '{% set blog = get_section(path="blog/_index.md") %}'
        return {
            "config.toml": 'base_url = "https://example.com"\n',
            "content/_index.md": "+++\n+++\n",
            "content/blog/_index.md": '+++\ntitle = "All"\nsort_by = "date"\n+++\n',
            "templates/page.html": "<!doctype html><title>{{ page.title }}</title>"
            "<main>{{ page.content | safe }}</main>\n",
            "templates/index.html": f"{blog}<ul>{{% for page in blog.pages | slice(end=20) %}}{entry}"
            "{% endfor %}</ul>\n",
            "templates/section.html": f"<ul>{{% for page in section.pages %}}{entry}"
            "{% endfor %}</ul>\n",
        }


class Eleventy(Peer):
    name, content, output = "Eleventy", "content/blog", "_site"
    package, pinned = "@11ty/eleventy", "3.1.8"
    program = CACHE / "node_modules" / package / "cmd.cjs"

    @classmethod
    def install(cls):
        CACHE.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", CACHE, "--no-audit", "--no-fund"]
        subprocess.run([*command, f"{cls.package}@{cls.pinned}"], check=False)

    def is_there(self):
        return super().is_there() and self.program.exists()

    def command(self):
        return ["node", self.program, "--quiet", "--input=content"]

    def version_command(self):
        return ["node", self.program, "--version"]

    def templates(self):
        entry = '<li><a href="{{ post.url }}">{{ post.data.title }}</a>'
        return {
            "eleventy.config.js": "module.exports = config => config.addCollection('latest', all =>"
            " all.getFilteredByGlob('content/blog/*.md').slice(-20).reverse());\n",
            "content/blog/blog.json": '{ "layout": "post.html" }\n',
            "content/_includes/post.html": "<!doctype html><title>{{ title }}</title>"
            "<main>{{ content }}</main>\n",
            "content/index.njk": f"<ul>{{% for post in collections.latest %}}{entry}"
            "{% endfor %}</ul>\n",
            "content/all.njk": f"<ul>{{% for post in collections.a | reverse %}}{entry}"
            "{% endfor %}</ul>\n",
        }


def post(number, tags, extra=""):
    """A post of some 1.5 kB."""
    day = f"20{10 + number % 14:02}-{1 + number % 12:02}-{1 + number % 28:02}"
    shift = number % len(WORDS)
    sentence = " ".join(WORDS[shift:] + WORDS[:shift])
    paragraph = f"{sentence}, **{number}** times, with `code` and [a link](/). " * 3
    return (
        f"---\ntitle: Post {number}\ndate: {day}\n{tags}\n---\n{extra}\n\n"
        f"## First\n\n{paragraph}\n\n- one\n- two\n- three\n\n## Second\n\n{paragraph}\n\n"
        f"| a | b |\n|---|---|\n| {number} | 2 |\n\n```js\nlet x = {number};\n```\n\n{paragraph}\n"
    )


def compare(peers, posts, rounds):
    """The samples of each case, by the names of the peers."""
    for peer in peers:
        peer.write(posts)
    cases = [build_report.FIRST, build_report.SAME, build_report.ONE]
    samples = {case: {peer.name: [] for peer in peers} for case in cases}
    own = peers[0]
    samples |= {case: {own.name: []} for case in (build_report.CHECK, build_report.START)}
    for _ in range(rounds):
        for peer in peers:
            peer.clean()
            samples[build_report.FIRST][peer.name].append(peer.run())
            samples[build_report.SAME][peer.name].append(peer.run())
            peer.change_one_post()
            samples[build_report.ONE][peer.name].append(peer.run())
        samples[build_report.CHECK][own.name].append(own.check())
        samples[build_report.START][own.name].append(own.start())
    return samples


def grow(peer, counts, rounds):
    """The samples of first builds, by the number of posts."""
    samples = {}
    for posts in counts:
        peer.write(posts)
        samples[posts] = []
        for _ in range(rounds):
            peer.clean()
            samples[posts].append(peer.run())
    return samples


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Lists among ten thousand posts: the first request, a kept one, one after an edit, an open
tab on the list, memory, and the time from a save to what the browser paints.

    cargo build --release
    python3 bench/build.py --install        gets Eleventy first, by npm
    bench/authoring.py [--posts 10000] [--saves 15] [--without-peers] [--without-browser]

Hugo, Zola and Eleventy, where they are installed, serve as many posts beside it; their figures
are from the save to the new bytes of the post, and so is the last one of the server. The bar is
a tenth of the best of them. Takes about five minutes.
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

import browser
import proc

ADDRESS = "127.0.0.1"
PORT, PEER_PORT = 8941, 8942
START_SECONDS, PEER_START_SECONDS = 10, 300
MISSED_SECONDS = 20
WARM_UPS = 6
KEPT_REQUESTS = 400
# Whole ticks of the clock of CPU time, which are 10 ms.
RENDERED_REQUESTS = 4_000
IDLE_SECONDS = 15
REST_SECONDS = 0.3
# Where `bench/build.py --install` puts it.
ELEVENTY = (
    pathlib.Path(tempfile.gettempdir())
    / "pagepool-bench-eleventy/node_modules/@11ty/eleventy/cmd.cjs"
)
PROGRAM = pathlib.Path(__file__).parent.parent / "target/release/server"
LIST = (
    "<!doctype html><title>All</title><ul>{% for post in pages('blog/') %}"
    "<li{% if loop.first %} id=mark{% endif %}><a href='{{ post.url }}'>{{ post.title }}</a>"
    "{% endfor %}</ul>"
)
LATEST = LIST.replace("pages('blog/')", "pages('blog/', sort='-file', limit=20)")
PARAGRAPH = "<p>" + "Words that a post is made of, one after the other. " * 8 + "</p>\n"


def main():
    options = parse_arguments()
    print(proc.machine())
    with tempfile.TemporaryDirectory(prefix="pagepool-bench-") as folder:
        root = pathlib.Path(folder) / "site"
        make(root, options.posts)
        measure_production(root)
        measure_rendered(root)
        measure_development(root, options)
        if not options.without_peers:
            measure_peers(pathlib.Path(folder), options)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--saves", type=int, default=15)
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--without-browser", action="store_true")
    return parser.parse_args()


def name(number):
    return f"blog/{number:05}.html"


def post(number, edit=0):
    return (
        f"<!doctype html><html><head><title>Post {number} {edit}</title>"
        f"<meta name=description content='About {number}'></head>\n"
        f"<body><h1 id=mark>Post {number} {edit}</h1>\n{PARAGRAPH * 4}</body></html>\n"
    )


def make(root, posts):
    (root / "blog").mkdir(parents=True)
    for number in range(posts):
        (root / name(number)).write_text(post(number))
    (root / "all.html").write_text(LIST)
    (root / "latest.html").write_text(LATEST)
    # Files that were changed just now are not kept.
    time.sleep(0.2)


@contextlib.contextmanager
def serving(root, *flags):
    command = [PROGRAM, "--root", root, "--port", str(PORT), *flags]
    with running(command, root, PORT, START_SECONDS) as process:
        yield process


@contextlib.contextmanager
def running(command, folder, port, patience):
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_port(process, port, patience)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def wait_for_port(process, port, patience):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection(ADDRESS, port, timeout=1)
            connection.connect()
            connection.close()
            return
        time.sleep(0.02)
    raise OSError(f"nothing listens on {port}")


def get(target, port=PORT, connection=None):
    """The body, and the seconds that it took."""
    own = connection or http.client.HTTPConnection(ADDRESS, port, timeout=60)
    began = time.perf_counter()
    own.request("GET", target)
    answer = own.getresponse()
    body = answer.read()
    taken = time.perf_counter() - began
    if answer.status != 200:
        raise OSError(f"{target}: {answer.status}")
    return body, taken


def report(what, value, bar):
    print(f"{what:<58} {value:>14}   {bar}", flush=True)


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


def measure_production(root):
    with serving(root, "--production") as process:
        report("first request for a post", ms(get("/blog/00042")[1]), "bar 25 ms")
        body, taken = get("/all")
        report(f"first request for the list ({len(body)} bytes)", ms(taken), "bar 1,500 ms")
        report("memory after it", f"{proc.memory_bytes(process.pid) / 2**20:.1f} MiB", "bar 60 MB")
    (root / "plain.html").write_bytes(body)
    time.sleep(0.2)
    with serving(root, "--production") as process:
        for target in ["/all", "/plain"] * 2:
            get(target)
        time.sleep(1.5)
        cpu = {target: [] for target in ["/all", "/plain"]}
        for _ in range(5):
            for target, times in cpu.items():
                times.append(cpu_of(process, target))
        list_cpu, plain_cpu = (min(times) for times in cpu.values())
        report("CPU a kept request, the list", f"{list_cpu * 1e6:.1f} us", "")
        report("CPU a request, a plain page of its bytes", f"{plain_cpu * 1e6:.1f} us", "")
        report("ratio", f"{list_cpu / plain_cpu:.2f}", "bar 1.3")
    (root / "plain.html").unlink()


def measure_rendered(root):
    """Pages that show a value of their query: the text as Markdown and as HTML."""
    sentence = "The lanes are open from six in the morning, and the water is warm enough to stay. "
    links = {"md": ("*desk*", "[the times](/times)"),
             "html": ("<em>desk</em>", "<a href=/times>the times</a>")}
    for kind, (desk, times) in links.items():
        text = f"{sentence * 2}Ask at the {desk} for the key, or look at {times}. {sentence}"
        paragraphs = [f"<p>{text}</p>" if kind == "html" else text] * 6
        title = "Title {{ request.query.q }}"
        heading = f"<h1>{title}</h1>" if kind == "html" else f"# {title}"
        body = "\n\n".join([heading, *paragraphs])
        if kind == "html":
            body = f"{{% extends '_layout.html' %}}{{% block content %}}{body}{{% endblock %}}"
        (root / f"rendered-{kind}.{kind}").write_text(body)
    layout = "<!doctype html><title>x</title>{% block content %}{% endblock %}"
    (root / "_layout.html").write_text(layout)
    time.sleep(0.2)
    with serving(root, "--production") as process:
        targets = {kind: f"/rendered-{kind}?q=a*b" for kind in links}
        cpu = {kind: [] for kind in links}
        for _ in range(5):
            for kind, target in targets.items():
                cpu[kind].append(cpu_of(process, target, RENDERED_REQUESTS))
        html, markdown = (min(cpu[kind]) for kind in ["html", "md"])
        report("CPU a page rendered a request, HTML", f"{html * 1e6:.1f} us", "")
        more = f"{(markdown - html) * 1e6:.1f} us"
        report("the same as Markdown, more by", more, "bar 20 us")
    for kind in links:
        (root / f"rendered-{kind}.{kind}").unlink()
    (root / "_layout.html").unlink()


def cpu_of(process, target, requests=KEPT_REQUESTS // 5):
    connection = http.client.HTTPConnection(ADDRESS, PORT, timeout=60)
    get(target, connection=connection)
    before = proc.cpu_seconds(process.pid)
    for _ in range(requests):
        get(target, connection=connection)
    taken = (proc.cpu_seconds(process.pid) - before) / requests
    connection.close()
    return taken


def measure_development(root, options):
    with serving(root) as process:
        get("/all")
        time.sleep(0.3)
        get("/all")
        kept = statistics.median(get("/all")[1] for _ in range(20))
        report("a kept request in development", ms(kept), "")
        times = []
        for edit in range(1, options.saves + 1):
            (root / name(edit)).write_text(post(edit, edit))
            body, taken = get("/all")
            if f"Post {edit} {edit}<".encode() not in body:
                raise OSError("the list is stale")
            times.append(taken)
            time.sleep(0.1)
        report("a request for the list after an edit, p50", ms(statistics.median(times)), "bar 60 ms")
        measure_bytes(root, options)
        if not options.without_browser and browser.find():
            measure_tabs(process, root, options)


def measure_bytes(root, options):
    """As for the peers: from a save to the new bytes of that post."""
    times = []
    for edit in range(1, options.saves + 1):
        (root / name(77)).write_text(post(77, edit))
        target = f"/{name(77).removesuffix('.html')}"
        times.append(wait_for_text(target, f"Post 77 {edit}", MISSED_SECONDS, PORT))
        time.sleep(REST_SECONDS)
    report("save to the new bytes of a post, p50", ms(statistics.median(times)), "peers / 10")


def measure_tabs(process, root, options):
    with browser.Browser() as chromium:
        for target, number, bar in [
            (f"/{name(77).removesuffix('.html')}", 77, "bar 4 ms"),
            ("/latest", options.posts - 1, "bar 25 ms"),
            ("/all", 0, "bar 60 ms"),
        ]:
            tab = chromium.open(f"http://{ADDRESS}:{PORT}{target}")
            time.sleep(2)
            tab.match_clocks()
            if target == "/all":
                before = proc.cpu_seconds(process.pid)
                time.sleep(IDLE_SECONDS)
                share = (proc.cpu_seconds(process.pid) - before) / IDLE_SECONDS
                report("an open tab on the list, nothing changing", f"{share:.2%}", "bar 0.5 %")
            times = []
            for edit in range(100, 100 + options.saves):
                (root / name(number)).write_text(post(number, edit))
                saved = time.time()
                shown = tab.wait_for("text", f"Post {number} {edit}", MISSED_SECONDS)
                if shown is None:
                    raise OSError(f"{target}: the save is not shown")
                times.append(shown - saved)
                time.sleep(REST_SECONDS)
            report(f"save to paint, {target}, p50", ms(statistics.median(times)), bar)
            tab.close()


def measure_peers(folder, options):
    """From a save to the new bytes of that post. Each peer answers `/blog/00077/`."""
    words = "Words that a post is made of. " * 8 + "\n\n"
    text = "---\ntitle: Post {0} {1}\n---\n\n" + words * 4
    for peer, (files, command) in peers().items():
        if not shutil.which(command[0]) or (ELEVENTY in command and not ELEVENTY.exists()):
            print(f"{peer}: not installed")
            continue
        site = folder / peer
        for name, content in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (site / name).write_text(content)
        path = site / "content/blog"
        for number in range(options.posts):
            (path / f"{number:05}.md").write_text(text.format(number, 0))
        with running(command, site, PEER_PORT, PEER_START_SECONDS):
            wait_for_text("/blog/00077/", "Post 77 0", PEER_START_SECONDS)
            warm_up(path / "00077.md", text)
            times = []
            for edit in range(1, min(options.saves, 7) + 1):
                (path / "00077.md").write_text(text.format(77, edit))
                times.append(wait_for_text("/blog/00077/", f"Post 77 {edit}", MISSED_SECONDS))
                time.sleep(REST_SECONDS)
            what = f"{peer}: save to the new bytes of a post, p50"
            report(what, ms(statistics.median(times)), "")
        shutil.rmtree(site)


def warm_up(path, text):
    """Saves until one is seen: a peer may answer before it watches its files."""
    for edit in range(WARM_UPS):
        path.write_text(text.format(77, f"warm-up {edit}"))
        with contextlib.suppress(OSError):
            wait_for_text("/blog/00077/", f"warm-up {edit}", MISSED_SECONDS)
            return
    raise OSError("no save is seen")


def peers():
    """The files of each peer's site but for its posts, and the command that serves it."""
    listed = "<ul>{% for page in section.pages %}<li>{{ page.title }}{% endfor %}</ul>"
    hugo = {
        "config.toml": "disableKinds = ['taxonomy', 'term', 'RSS', 'sitemap']\n",
        "content/blog/_index.md": "---\ntitle: All\n---\n",
        "layouts/_default/single.html": "<!doctype html><title>{{ .Title }}</title>{{ .Content }}",
        "layouts/_default/list.html": "{{ range .Pages }}<li>{{ .Title }}</li>{{ end }}",
    }
    zola = {
        "config.toml": f'base_url = "http://{ADDRESS}:{PEER_PORT}"\n',
        "content/_index.md": "+++\n+++\n",
        "content/blog/_index.md": '+++\ntitle = "All"\n+++\n',
        "templates/page.html": "<!doctype html><title>{{ page.title }}</title>"
        "{{ page.content | safe }}",
        "templates/index.html": "<!doctype html>",
        "templates/section.html": listed,
    }
    eleventy = {
        "content/blog/blog.json": '{ "layout": "post.html", "tags": "blog" }\n',
        "content/_includes/post.html": "<!doctype html><title>{{ title }}</title>{{ content }}",
        "content/all.njk": "<ul>{% for post in collections.blog %}<li>{{ post.data.title }}"
        "{% endfor %}</ul>",
    }
    port = str(PEER_PORT)
    served = ["node", ELEVENTY, "--quiet", "--input=content", "--serve", "--incremental"]
    return {
        "hugo server": (hugo, ["hugo", "server", "--bind", ADDRESS, "--port", port]),
        "zola serve": (zola, ["zola", "serve", "--interface", ADDRESS, "--port", port]),
        "eleventy --serve --incremental": (eleventy, [*served, f"--port={port}"]),
    }


def wait_for_text(target, wanted, patience, port=PEER_PORT):
    """The seconds until the page holds `wanted`."""
    began = time.perf_counter()
    while time.perf_counter() - began < patience:
        # While a peer writes its output, the page may be missing.
        with contextlib.suppress(OSError, http.client.HTTPException):
            if wanted.encode() in get(target, port)[0]:
                return time.perf_counter() - began
        time.sleep(0.005)
    raise OSError(f"{wanted}: not shown within {patience} s")


if __name__ == "__main__":
    main()

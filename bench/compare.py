#!/usr/bin/env python3
"""Measures pagepool beside the servers that people use instead, in one run.

    python3 bench/compare.py            all of it, in an hour and a half
    python3 bench/compare.py --quick    the most of it, roughly, in five minutes

It needs Rust, wrk, and as many of the servers as are to be in the table. The whole
run writes bench/RESULTS.md and bench/speed.svg. Each round measures all servers in
turn; a figure is the median over the rounds, and a ratio is the median of the ratios
within each round, so that what slows the machine for a while slows both sides.
"""

import argparse
import contextlib
import pathlib
import shutil
import tempfile
import time

import load
import measure
import pages
import peers
import report
import speed_chart
from cases import CASES

HERE = pathlib.Path(__file__).parent
MAKERS = {
    "site": pages.make_site,
    "huge": pages.make_huge,
    "visited": pages.make_visited,
    "rendered": pages.make_rendered,
    "texts": pages.make_texts,
}


def main():
    options = parse_arguments()
    began = time.time()
    build()
    found = find_peers()
    if not load.allow_descriptors(measure.IDLE_CONNECTIONS + 500):
        raise SystemExit("the system allows too few open files: see `ulimit -Hn`")
    tables = {}
    with tempfile.TemporaryDirectory(prefix="pagepool-bench-") as folder:
        sites = Sites(pathlib.Path(folder))
        for case in options.cases:
            tables[case.key] = run(case, found, sites, options)
            print(report.table(case, tables[case.key]), flush=True)
    verdicts = report.verdicts(tables)
    print(verdicts)
    if options.out:
        head = report.head(options, found.values(), time.time() - began)
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "RESULTS.md").write_text(report.document(head, verdicts, tables))
        (options.out / "speed.svg").write_text(speed_chart.svg(tables))


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measures pagepool beside other servers.")
    parser.add_argument("--rounds", type=int, help="default 9")
    parser.add_argument("--seconds", type=int, help="of one run of wrk; default 2")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1 second, fewer cases")
    parser.add_argument("--cases", help="some of: " + ", ".join(case.key for case in CASES))
    parser.add_argument(
        "--out",
        type=pathlib.Path,
        help="folder for RESULTS.md and speed.svg; bench/ for a whole run, else none",
    )
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 9)
    options.seconds = options.seconds or (1 if options.quick else 2)
    if not options.out and not options.cases and not options.quick:
        options.out = HERE
    options.cases = chosen(options, parser)
    return options


def chosen(options, parser):
    known = [case.key for case in CASES]
    keys = options.cases.split(",") if options.cases else known
    if unknown := set(keys) - set(known):
        parser.error("no such case: " + ", ".join(sorted(unknown)))
    cases = [case for case in CASES if case.key in keys]
    if options.quick and not options.cases:
        cases = [case.shortened() for case in cases if case.is_quick]
    return [case for case in cases if is_possible(case)]


def is_possible(case):
    if not case.needs or shutil.which(case.needs[0]):
        return True
    print(f"without {case.key}, for which {case.needs[0]} is not here: {case.needs[1]}")
    return False


def build():
    """The floor first: what is built last is what `cargo build --release` gives."""
    for name, target in [("floor", ["--bench", "floor"]), ("server", ["--bin", "server"])]:
        peers.PROGRAMS[name] = peers.build(name, *target)


def find_peers():
    """By name, those that are there; the others are named, and how to get them."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk makes the load: apt-get install wrk")
    found = {peer.name: peer for peer in peers.OWN}
    for peer in peers.OTHERS:
        if peer.find():
            found[peer.name] = peer
        else:
            print(f"without {peer.name}, which is not here: {peer.install}")
    return found


class Sites:
    """The folders to serve, each made when it is first asked for."""

    def __init__(self, folder):
        # Servers may read as another user.
        folder.chmod(0o755)
        self.folder = folder
        self.made = set()

    def site(self, name):
        return self.make(name, MAKERS[name])

    def tree(self, size):
        return self.make(f"tree-{size}", lambda root: pages.make_tree(root, size))

    def make(self, name, make):
        root = self.folder / name
        if name not in self.made:
            make(root)
            self.made.add(name)
        return root

    def scratch(self):
        scratch = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        scratch.chmod(0o777)
        return scratch


def run(case, found, sites, options):
    """The samples of a case, by row: a list with one for each round."""
    present = [found[name] for name in case.servers if name in found]
    servers = [server for peer in present for server in setups(case, peer, sites)]
    samples = {}
    with contextlib.ExitStack() as stack:
        started = [server for server in servers if start(server, case, servers, stack)]
        for server in started:
            measure.warm_up(server, case)
        for number in range(options.rounds):
            # There and back, so that nobody always comes after the same other.
            for server in list(started if number % 2 == 0 else reversed(started)):
                try:
                    measured = case.measure(server, case, max(options.seconds, case.min_seconds))
                except OSError as error:
                    print(f"without {server.label('')} in {case.key}: {error}", flush=True)
                    started.remove(server)
                    continue
                for variant, sample in measured.items():
                    samples.setdefault(server.label(variant), []).append(sample)
    # Ratios are those within a round, so a row has a sample of each.
    return {row: found for row, found in samples.items() if len(found) == options.rounds}


def setups(case, peer, sites):
    """A peer, once for each thing that the case varies."""

    def server(root, variant="", size=0, **more):
        setup = peers.Setup(root, sites.scratch(), measure.free_port(), **case.setup, **more)
        return measure.Server(peer, setup, variant, size)

    if case.sizes:
        return [server(sites.tree(size), f"{size:,} pages", size) for size in case.sizes]
    root = sites.site(case.site)
    return [server(root)] + ([server(root, "log on", logs=True)] if case.logs else [])


def start(server, case, servers, stack):
    """Whether it runs, and answers as it should. One that does not, such as for want
    of a module, is left out."""
    if server.peer.name == "floor":
        # The same bytes as the server that it is the floor of.
        model = next(other for other in servers if other.peer.name == "pagepool --production")
        headers = measure.headers_for(model, case)
        answer = load.record(model.setup.port, case.path, headers)
        (server.setup.scratch / "answer").write_bytes(answer)
    try:
        stack.enter_context(server.running())
        measure.check(server, case)
    except (OSError, ValueError) as error:
        print(f"without {server.label()} in {case.key}: {error}; see {server.peer.install}")
        return False
    return True


if __name__ == "__main__":
    main()

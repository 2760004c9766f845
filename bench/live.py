#!/usr/bin/env python3
"""Measures live editing, from save to paint, beside other development servers.

    python3 bench/live.py               all of it, in about 45 minutes
    python3 bench/live.py --quick       fewer saves: in a few minutes
    python3 bench/live.py --install     gets the other servers first, by npm

It needs Rust, Chromium and Node. The whole run writes bench/LIVE.md and bench/live.svg.
Save to paint is from the return of the editor's write or rename to the first animation
frame that shows the new text, which the page itself tells; see live_probe.js.
"""

import argparse
import os
import pathlib
import tempfile
import time

import browser
import live_chart
import live_measure
import live_peers
import live_report
import measure
import peers
from live_cases import CASES, IDLE, SAVES

HERE = pathlib.Path(__file__).parent


def main():
    options = parse_arguments()
    if not browser.find():
        raise SystemExit("the pages are shown in Chromium: apt-get install chromium")
    if options.install:
        live_peers.install(options.cache)
    began, load = time.time(), os.getloadavg()[0]
    if load > 0.5:
        print(f"the machine is not quiet (load average {load:.1f}): times will be too long")
    found = find_peers(options)
    tables, errors = {}, []
    with tempfile.TemporaryDirectory(prefix="pagepool-bench-") as folder:
        for case in options.cases:
            tables[case.key] = run(case, found, folder, options, errors)
            print(live_report.table(case, tables[case.key]), flush=True)
        idle = run_idle(found, folder) if options.has_idle else {}
        if idle:
            print(live_report.idle_table(idle), flush=True)
    verdicts = live_report.verdicts(tables, idle)
    print(verdicts)
    if options.out:
        head = live_report.head(options, found, errors, load, time.time() - began)
        options.out.mkdir(parents=True, exist_ok=True)
        document = live_report.document(head, verdicts, tables, idle)
        (options.out / "LIVE.md").write_text(document)
        (options.out / "live.svg").write_text(live_chart.svg(tables))


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measures live editing.")
    parser.add_argument("--saves", type=int, help=f"of each kind; default {SAVES}")
    parser.add_argument("--quick", action="store_true", help="10 saves of each kind")
    known = [*(case.key for case in CASES), IDLE]
    parser.add_argument("--cases", help="some of: " + ", ".join(known))
    parser.add_argument("--peers", help="some of them, by name, with commas between")
    parser.add_argument("--program", help="a server that is built; default: cargo builds it")
    parser.add_argument("--install", action="store_true", help="npm install into the cache")
    parser.add_argument("--cache", type=pathlib.Path, default=live_peers.CACHE)
    parser.add_argument("--out", type=pathlib.Path, help="default bench/ for a whole run")
    options = parser.parse_args()
    if not options.out and not (options.cases or options.quick or options.peers):
        options.out = HERE
    options.saves = options.saves or (10 if options.quick else SAVES)
    options.bursts = 2 if options.quick else 5
    keys = options.cases.split(",") if options.cases else known
    if unknown := set(keys) - set(known):
        parser.error("no such case: " + ", ".join(sorted(unknown)))
    options.cases = [case for case in CASES if case.key in keys]
    options.has_idle = IDLE in keys
    return options


def find_peers(options):
    """The program of each peer that is there; the others are named, and how to get them."""
    found = {live_peers.PAGEPOOL: options.program or peers.build("server", "--bin", "server")}
    for peer in live_peers.OTHERS:
        if options.peers is not None and peer.name not in options.peers.split(","):
            continue
        if program := peer.find(options.cache):
            found[peer] = program
        else:
            print(f"without {peer.name}, which is not here: {peer.install(options.cache)}")
    return found


def run(case, found, folder, options, errors):
    """Times by server and kind of save. Each has a browser of its own, so that nobody
    pays for what another has left there."""
    rows = {}
    for peer, program in found.items():
        if peer is not live_peers.PAGEPOOL and not case.has_peers:
            continue
        try:
            with browser.Browser() as shown_in:
                port = measure.free_port()
                rows[peer.name], error = live_measure.measure(
                    case, peer, program, shown_in, folder, port, options
                )
                errors.append(error)
        except OSError as error:
            print(f"without {peer.name} in {case.key}: {error}", flush=True)
    return rows


def run_idle(found, folder):
    """What each server takes of a core at rest, in percent."""
    idle = {}
    for peer, program in found.items():
        try:
            with browser.Browser() as shown_in:
                port = measure.free_port()
                idle[peer.name] = live_measure.idle_percent(peer, program, shown_in, folder, port)
        except OSError as error:
            print(f"without {peer.name} at rest: {error}", flush=True)
    return idle


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Attacks pagepool, and nginx and Caddy where they have what is attacked, in one run.

    python3 bench/attack.py                     all attacks, in about 20 minutes
    python3 bench/attack.py --before PROGRAM    with a column of an earlier state
    python3 bench/attack.py --soak 30           all at once, for 30 minutes

It needs Rust, wrk, prlimit, and nginx and Caddy for their columns. The whole run writes
bench/ATTACK.md, and the soak bench/SOAK.md or, with --production, SOAK-production.md
beside it. Everything is on loopback, and bounded in number and time.
"""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import attack_measure
import attack_peers
import attack_report
import attack_site
import attack_soak
import load
import measure
import peers
from attack_cases import ATTACKS
from compare import Sites

HERE = pathlib.Path(__file__).parent
BEFORE, AFTER = "before", "after"


def main():
    options = parse_arguments()
    # So that what was started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    prepare(options)
    with tempfile.TemporaryDirectory(prefix="pagepool-attack-") as folder:
        sites = Sites(pathlib.Path(folder))
        if options.soak:
            report = attack_soak.run(options, server_of(sites))
            name = "SOAK-production.md" if options.production else "SOAK.md"
        else:
            report, name = attack_all(options, server_of(sites)), "ATTACK.md"
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / name).write_text(report)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Attacks pagepool and other servers.")
    parser.add_argument("--program", help="a server that is built; default: cargo builds it")
    parser.add_argument("--before", help="a server of an earlier state")
    parser.add_argument("--columns", help="some of: before, after, nginx, Caddy")
    known = [attack.key for attack in ATTACKS]
    parser.add_argument("--attacks", help="some of: " + ", ".join(known))
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="all of them at once")
    parser.add_argument("--production", action="store_true", help="the mode of the soak")
    parser.add_argument("--out", type=pathlib.Path, help="default bench/ for a whole run")
    options = parser.parse_args()
    if not options.out and not (options.attacks or options.columns):
        options.out = HERE
    keys = options.attacks.split(",") if options.attacks else known
    if unknown := set(keys) - set(known):
        parser.error("no such attack: " + ", ".join(sorted(unknown)))
    options.attacks = [attack for attack in ATTACKS if attack.key in keys]
    options.columns = options.columns.split(",") if options.columns else None
    return options


def prepare(options):
    for program in ["wrk", "prlimit"]:
        if not shutil.which(program):
            raise SystemExit(f"without `{program}`, nothing can be measured: install it")
    if not load.allow_descriptors(12_000):
        raise SystemExit("the system allows too few open files: see `ulimit -Hn`")
    if is_wanted(options, AFTER) or options.soak:
        peers.PROGRAMS[AFTER] = options.program or peers.build("server", "--bin", "server")
    if options.before and is_wanted(options, BEFORE):
        peers.PROGRAMS[BEFORE] = options.before


def is_wanted(options, column):
    return options.columns is None or column in options.columns


def server_of(sites):
    """Makes a server of a peer, on the folder that is attacked."""

    def server(peer, site="attacked"):
        root = sites.make(site, attack_site.SITES[site])
        port, scratch = measure.free_port(), sites.scratch()
        setup = peers.Setup(root, scratch, port, compresses=True, renders=True)
        return measure.Server(peer, setup)

    return server


def attack_all(options, server):
    began, at_start = time.time(), os.getloadavg()[0]
    others = [peer for peer in attack_peers.others() if is_wanted(options, peer.name)]
    results = {}
    for attack in options.attacks:
        results[attack.key] = {}
        for peer in [*own(attack), *others]:
            if peer.program == "cargo" or peer.name in attack.others:
                figures = attack_measure.measure_attack(server(peer, attack.site), attack)
                results[attack.key][peer.name] = figures
                print(attack.key, peer.name, figures, flush=True)
    labels = [*peers.PROGRAMS, *(peer.name for peer in others)]
    table = attack_report.table(results, labels)
    print(table)
    head = attack_report.head(options, others, at_start, time.time() - began)
    return f"{head}\n{table}"


def own(attack):
    return [attack_peers.pagepool(name, attack.is_production) for name in peers.PROGRAMS]


if __name__ == "__main__":
    main()

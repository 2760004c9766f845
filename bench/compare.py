#!/usr/bin/env python3
"""Measures pagepool beside the servers that people use instead, in one run.

Prints the table and writes it to bench/RESULTS.md. Needs wrk, and measures those of
nginx, lighttpd and caddy that are installed. All logs are off, two workers each.

    cargo build --release && cargo build --benches --release
    python3 bench/compare.py [--rounds 5] [--seconds 3] [--case small]

CPU is the time of all processes of a server, user and system, divided by the number
of requests; it is steadier than requests a second, which depend on what else runs.
Each round measures all servers in turn; the figures are medians over the rounds, and
a ratio is the median of the ratios of each round.
"""

import argparse
import datetime
import glob
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
TICKS = os.sysconf("SC_CLK_TCK")
BODY = "<!doctype html><title>x</title>"
PARAGRAPH = "<p>Lorem ipsum dolor sit amet</p>\n"

# name: (path, connections, header lines)
CASES = {
    "small page, 64 connections": ("/small", 64, []),
    "small page, 1 connection": ("/small", 1, []),
    "small page, 1,000 connections": ("/small", 1000, []),
    "11 kB": ("/page11", 64, []),
    "109 kB": ("/page109", 64, []),
    "10 MB": ("/big.bin", 8, []),
    "304": ("/small", 64, ["If-None-Match: ETAG"]),
    "gzip": ("/page11", 64, ["Accept-Encoding: gzip"]),
    "a connection a request": ("/small", 64, ["Connection: close"]),
}


def make_site(folder):
    for name, size in [("small", 900), ("page11", 11_000), ("page109", 109_000)]:
        text = BODY + PARAGRAPH * (max(size - len(BODY), 0) // len(PARAGRAPH))
        # Peers do not map /small to small.html; they get the bare name too.
        for file in (name + ".html", name):
            os.makedirs(os.path.join(folder, "peers"), exist_ok=True)
            where = folder if file.endswith(".html") else os.path.join(folder, "peers")
            with open(os.path.join(where, file), "w") as out:
                out.write(text)
    for where in (folder, os.path.join(folder, "peers")):
        with open(os.path.join(where, "big.bin"), "wb") as out:
            out.write(os.urandom(10 << 20))


def servers(folder, configs):
    """Name, port, command and first lines of versions, for what is there."""
    peers = os.path.join(folder, "peers")
    pagepool = os.path.join(TOP, "target", "release", "server")
    found = []

    def add(name, port, command):
        if command[0] and shutil.which(command[0]):
            found.append((name, port, command))

    common = ["--root", folder, "--threads", "2", "--quiet"]
    add("pagepool", 9301, [pagepool, *common, "--port", "9301"])
    add("pagepool --production", 9302, [pagepool, *common, "--port", "9302", "--production"])
    floors = [f for f in glob.glob(os.path.join(TOP, "target/release/deps/floor-*")) if os.access(f, os.X_OK)]
    floor = max(floors, key=os.path.getmtime, default="")
    add("floor", 9303, [floor, "9303", "900"])
    for name, port, cache in [
        ("nginx", 9304, ""),
        ("nginx open_file_cache", 9305, "open_file_cache max=1000; open_file_cache_valid 1s;"),
    ]:
        path = os.path.join(configs, f"nginx-{port}.conf")
        with open(path, "w") as out:
            out.write(
                f"worker_processes 2; daemon off; pid {configs}/{port}.pid; error_log /dev/null;\n"
                "events { worker_connections 4096; }\n"
                "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;\n"
                f"default_type text/html; gzip on; gzip_min_length 256; {cache}\n"
                f"server {{ listen 127.0.0.1:{port} backlog=4096; root {peers}; }} }}\n"
            )
        add(name, port, ["nginx", "-c", path])
    path = os.path.join(configs, "lighttpd.conf")
    with open(path, "w") as out:
        out.write(
            f'server.document-root = "{peers}"\nserver.bind = "127.0.0.1"\nserver.port = 9306\n'
            "server.max-worker = 2\nserver.max-keep-alive-requests = 1000000000\n"
            'server.max-connections = 4096\nserver.max-fds = 8192\nmimetype.assign = ("" => "text/html")\n'
            'server.modules = ("mod_deflate")\ndeflate.mimetypes = ("text/html")\n'
            'deflate.allowed-encodings = ("gzip")\n'
        )
    add("lighttpd", 9306, ["lighttpd", "-D", "-f", path])
    path = os.path.join(configs, "Caddyfile")
    with open(path, "w") as out:
        out.write(
            "{\n admin off\n auto_https off\n}\n"
            f"http://127.0.0.1:9307 {{\n root * {peers}\n encode gzip\n file_server\n}}\n"
        )
    add("Caddy", 9307, ["caddy", "run", "--config", path])
    return found


def processes(pid):
    """The process and all below it."""
    pids = [pid]
    for parent in pids:
        try:
            with open(f"/proc/{parent}/task/{parent}/children") as children:
                pids += map(int, children.read().split())
        except OSError:
            pass
    return pids


def cpu_seconds(pid):
    ticks = 0
    for process in processes(pid):
        with open(f"/proc/{process}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


def memory_mb(pid):
    kb = 0
    for process in processes(pid):
        with open(f"/proc/{process}/smaps_rollup") as smaps:
            kb += int(re.search(r"^Pss: +(\d+)", smaps.read(), re.M).group(1))
    return kb / 1024


def wait_until_up(port):
    for _ in range(200):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/small", timeout=5)
        except OSError:
            time.sleep(0.02)
    sys.exit(f"nothing answers on port {port}")


def load(port, case, seconds, etag):
    path, connections, headers = CASES[case]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    for header in headers:
        command += ["-H", header.replace("ETAG", etag or '"none"')]
    out = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    requests = int(re.search(r"(\d+) requests in", out).group(1))
    a_second = float(re.search(r"Requests/sec: +([\d.]+)", out).group(1))
    return requests, a_second, milliseconds(out, "50%"), milliseconds(out, "99%")


def milliseconds(out, percentile):
    number, unit = re.search(percentile + r" +([\d.]+)(us|ms|s)", out).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def measure(running, case, rounds, seconds):
    figures = {name: [] for name, _, _ in running}
    for _ in range(rounds):
        for name, port, pid in running:
            if name == "floor" and not case.startswith("small page"):
                continue
            etag = wait_until_up(port).headers.get("ETag")
            before = cpu_seconds(pid)
            requests, a_second, p50, p99 = load(port, case, seconds, etag)
            cpu_us = (cpu_seconds(pid) - before) * 1e6 / max(requests, 1)
            figures[name].append((cpu_us, a_second, p50, p99))
    return {name: rows for name, rows in figures.items() if rows}


def table(case, figures):
    base = [row[0] for row in figures["pagepool"]]
    lines = [f"### {case}", "", "| server | CPU/request | × pagepool | requests/s | p50 | p99 |", "|---|---|---|---|---|---|"]
    for name, rows in figures.items():
        cpu, a_second, p50, p99 = (statistics.median(column) for column in zip(*rows))
        ratio = statistics.median(row[0] / one for row, one in zip(rows, base))
        lines.append(f"| {name} | {cpu:.1f} µs | {ratio:.2f} | {a_second:,.0f} | {p50:.2f} ms | {p99:.2f} ms |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--case", default="", help="only cases whose name contains this")
    options = parser.parse_args()
    started = []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as configs:
        os.chmod(folder, 0o755)
        make_site(folder)
        try:
            running = []
            for name, port, command in servers(folder, configs):
                # A group of its own: some servers signal theirs.
                process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                started.append(process)
                wait_until_up(port)
                running.append((name, port, process.pid))
            cases = [case for case in CASES if options.case in case]
            tables = []
            for case in cases:
                tables.append(table(case, measure(running, case, options.rounds, options.seconds)))
                print(tables[-1], flush=True)
            memory = "\n".join(f"| {name} | {memory_mb(pid):.1f} MB |" for name, _, pid in running)
            memory = f"### Memory after all this\n\n| server | PSS |\n|---|---|\n{memory}\n"
            print(memory)
        finally:
            for process in started:
                process.send_signal(signal.SIGTERM)
            for process in started:
                process.wait()
    head = (
        f"# Results\n\n{datetime.date.today()}, {os.cpu_count()} processors, {platform.system()} "
        f"{platform.release()}, {options.rounds} rounds of {options.seconds} s; made by `bench/compare.py`.\n\n"
    )
    with open(os.path.join(HERE, "RESULTS.md"), "w") as out:
        out.write(head + "\n".join([*tables, memory]))


main()

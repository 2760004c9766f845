"""What is measured: a server is started, attacked, and watched meanwhile."""

import asyncio
import contextlib
import functools
import itertools
import math
import multiprocessing
import os
import queue
import signal
import sys
import threading
import time

import load
import proc
from attack_clients import Tally, Target, ask

# In which what clients have counted comes to the one who adds it up.
REPORT_SECONDS = 1
# What an attack may take beyond its time.
GRACE_SECONDS = 3
SAMPLE_SECONDS = 0.1
# Of the one who asks for the small page, and waits for it like any other visitor.
PROBE_RATE, PROBE_CONNECTIONS = 100, 8
PROBE = "probe"
SMALL = "/small.html"


class Clients:
    """Processes of clients, until the end of `with`, and what they have counted."""

    def __init__(self, target):
        self.target = target
        self.queue = multiprocessing.Queue()
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
        # A process does not end before what it has to tell is taken.
        for _ in self.tallies():
            pass
        for process in self.processes:
            process.join()

    def start(self, name, run, seconds, is_bound=True):
        """Those that attack are bound to one processor, and leave the other to the server
        and to whoever else is to be served."""
        work = functools.partial(run, self.target, seconds=seconds)
        process = multiprocessing.Process(
            target=of_process, args=(name, work, seconds, self.queue, is_bound)
        )
        process.start()
        self.processes.append(process)

    def start_probe(self, seconds):
        probe = functools.partial(
            ask, requests=small_page, rate=PROBE_RATE, connections=PROBE_CONNECTIONS
        )
        self.start(PROBE, probe, seconds, is_bound=False)

    def tallies(self):
        """The name and the tally of one after the other, until all have ended. `None`
        where none has come for a while, so that others can be looked at."""
        while any(process.is_alive() for process in self.processes) or not self.queue.empty():
            try:
                yield self.queue.get(timeout=SAMPLE_SECONDS)
            except queue.Empty:
                yield None


def small_page(target):
    return itertools.repeat(load.request(target.port, SMALL))


def of_process(name, work, seconds, tallies, is_bound):
    # So that what it has started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    if is_bound:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    load.allow_descriptors(1)
    asyncio.run(reporting(name, work, seconds, tallies))


async def reporting(name, work, seconds, tallies):
    tally = Tally()
    task = asyncio.ensure_future(work(tally))
    end = time.monotonic() + seconds + GRACE_SECONDS
    while not task.done() and time.monotonic() < end:
        await asyncio.wait([task], timeout=REPORT_SECONDS)
        tallies.put((name, tally.take()))
    task.cancel()
    # One whose server has ended, or refuses it, has nothing more to tell.
    with contextlib.suppress(asyncio.CancelledError, OSError, EOFError):
        await task
    tallies.put((name, tally.take()))


class Watch:
    """Looks at a server until the end of `with`: its memory, and whether it lives."""

    def __init__(self, process):
        self.process = process
        self.rest = self.peak = proc.memory_bytes(process.pid)
        self.cpu_before = proc.cpu_seconds(process.pid)
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    def run(self):
        while not self.is_over.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, proc.memory_bytes(self.process.pid))

    def cpu_seconds(self):
        return proc.cpu_seconds(self.process.pid) - self.cpu_before

    def has_ended(self):
        return self.process.poll() is not None


def target_of(server):
    return Target(server.setup.port, server.process.pid, server.setup.root_in("jinja"))


def alone(server, attack):
    """Nobody else is there, so that all of the work is the attack's."""
    tally = Tally()
    with Clients(target_of(server)) as clients, Watch(server.process) as watch:
        clients.start(attack.key, attack.run, attack.seconds)
        for report in clients.tallies():
            if report:
                tally.merge(report[1])
            elif watch.has_ended():
                break
        return {
            "cpu_us": watch.cpu_seconds() * 1e6 / max(tally.answered, 1),
            "sent_kb": tally.body_bytes / 1000 / max(tally.answered, 1),
            "grown_mb": (watch.peak - watch.rest) / 2**20,
            "outside": (tally.outside, tally.answered),
            "ended": f"ended {tally.last}".strip() if watch.has_ended() else None,
            **tally.worst,
        }


def probed(server, attack):
    """Another visitor asks for the small page, at a fixed rate."""
    tally = Tally()
    with Clients(target_of(server)) as clients, Watch(server.process) as watch:
        clients.start(attack.key, attack.run, attack.seconds)
        clients.start_probe(attack.seconds)
        for report in clients.tallies():
            if report and report[0] == PROBE:
                tally.merge(report[1])
            elif watch.has_ended():
                break
        ended = "ended" if watch.has_ended() else None
        return {"p99_ms": quantile(tally.latencies, 0.99) * 1000, "ended": ended}


def with_others(server, attack):
    """As many others as can be."""
    with Clients(target_of(server)) as clients:
        clients.start(attack.key, attack.run, attack.seconds)
        time.sleep(0.5)
        sample = load.wrk(server.setup.port, SMALL, attack.seconds - 1)
        return {"rps": sample["rps"]}


def quantile(times, share):
    """The one that so large a share of them does not exceed."""
    return sorted(times)[math.ceil(share * len(times)) - 1] if times else math.inf


# Which run a figure is of.
RUNS = {
    alone: {"cpu_us", "sent_kb", "grown_mb", "outside", "slowest_s", "kept_ms", "reach_ms",
            "rest_percent"},
    probed: {"p99_ms"},
    with_others: {"rps"},
}  # fmt: skip


def measure_attack(server, attack):
    """Figures by name. Each run has a server of its own, so that none pays for what
    another has left."""
    figures = {}
    for run, names in RUNS.items():
        if wanted := names.intersection(attack.figures):
            with server.running():
                warm_up(server)
                found = run(server, attack)
            ended = found.get("ended")
            figures |= {name: ended or found.get(name) for name in wanted}
    return figures


def warm_up(server):
    for path in [SMALL, "/"]:
        load.get(server.setup.port, path)

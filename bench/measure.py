"""What is measured: a server is started, loaded, and looked at meanwhile.

A measurement gives samples by variant: the same server with and without something
beside it. The plain one is "".
"""

import contextlib
import dataclasses
import gzip
import os
import pathlib
import signal
import socket
import subprocess
import time

import load
import pages
import proc
from peers import Peer, Setup

IDLE_CONNECTIONS = 10_000
SLOW_READERS = 16
# In which a server may make the coded form of a text.
CODING_SECONDS = 10


@dataclasses.dataclass
class Server:
    """A peer on a setup, and the process that it is while it runs."""

    peer: Peer
    setup: Setup
    variant: str = ""
    pages: int = 0
    is_warm: bool = False
    # Before the first idle connection: what one makes a server allocate, it may keep.
    fresh_bytes: int = 0
    # What a browser asks for, once the validators are known.
    visits: list = dataclasses.field(default_factory=list)
    process: subprocess.Popen = None

    def label(self, variant=""):
        return ", ".join(filter(None, [self.peer.name, self.variant, variant]))

    def start(self):
        # Prepared ahead, since the time to the first page is measured with this.
        log = self.setup.log if self.setup.logs else os.devnull
        with open(log, "ab") as out, open(os.devnull, "ab") as nothing:
            self.process = subprocess.Popen(
                self.peer.command(self.setup),
                cwd=self.setup.scratch,
                env=os.environ | {"HOME": str(self.setup.scratch), "GOMAXPROCS": "2"},
                stdout=out,
                stderr=out if self.peer.name == "static-web-server" else nothing,
                # lighttpd signals its whole group when it ends.
                start_new_session=True,
            )

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None

    @contextlib.contextmanager
    def running(self):
        try:
            self.start()
            load.connect_at_last(self.setup.port, self.process).close()
            yield
        finally:
            self.stop()


def free_port():
    with socket.socket() as taken:
        taken.bind((load.ADDRESS, 0))
        return taken.getsockname()[1]


def under_load(server, seconds, path, **how):
    """One run of wrk, and what it cost the server, and the machine."""
    cpu, busy = proc.cpu_seconds(server.process.pid), proc.busy_seconds()
    sample = load.wrk(server.setup.port, path, seconds, **how)
    cpu, busy = proc.cpu_seconds(server.process.pid) - cpu, proc.busy_seconds() - busy
    sample["cpu_us"] = cpu * 1e6 / max(sample["requests"], 1)
    sample["machine_us"] = busy * 1e6 / max(sample["requests"], 1)
    sample["memory_mb"] = proc.memory_bytes(server.process.pid) / 2**20
    return sample


def warm_up(server, case):
    """What a server does once, such as reading a page, counts for nobody."""
    if not case.sizes:
        load.wrk(server.setup.port, case.path, 1, headers=case.headers)


def plainly(server, case, seconds):
    how = {"connections": case.connections, "headers": headers_for(server, case)}
    return {"": under_load(server, seconds, case.path, **how)}


def headers_for(server, case):
    """The header lines, with the server's own validator where the case has one: its
    ETag, or the date where it sends none. What the floor is sent does not matter."""
    if not case.is_conditional or server.peer.name == "floor":
        return case.headers
    return [*case.headers, validator(server.setup.port, case.path, case.headers)]


def validator(port, path, headers=()):
    """The line by which a client asks whether what it has is still current."""
    _, fields, _ = load.get(port, path, headers)
    if "ETag" in fields:
        return f"If-None-Match: {fields['ETag']}"
    return f"If-Modified-Since: {fields['Last-Modified']}"


def visiting(server, case, seconds):
    """As browsers do it: a page and all that it loads, and the same again by the validators
    that came with them. What the connections ask for is one sequence, each its next part."""
    paths = [case.path, *pages.assets()]
    if not server.visits:
        fresh = [(path, "") for path in paths]
        again = [(path, validator(server.setup.port, path)) for path in paths]
        server.visits = fresh + again
    how = {"connections": case.connections, "visits": server.visits}
    return {"": under_load(server, seconds, case.path, **how)}


def at_random(server, case, seconds):
    if not server.is_warm:
        # Whoever keeps pages keeps most of them after this.
        load.wrk(server.setup.port, "/", 1 + server.pages // 30_000, pages=server.pages)
        server.is_warm = True
    return {"": under_load(server, seconds, "/", pages=server.pages)}


def counting_calls(server, case, seconds):
    """With the system calls of all its threads, counted by the kernel."""
    count = server.setup.scratch / "calls"
    sample = under_load(
        server,
        seconds,
        case.path,
        headers=case.headers,
        watched_by=proc.count_calls(server.process.pid, count),
    )
    sample["calls"] = proc.counted(count) / max(sample["requests"], 1)
    return {"": sample}


def beside_idle_connections(server, case, seconds):
    port, path = server.setup.port, case.path
    without = under_load(server, seconds, path)
    server.fresh_bytes = server.fresh_bytes or proc.memory_bytes(server.process.pid)
    with load.idle_connections(port, path, IDLE_CONNECTIONS) as count_open:
        grown = proc.memory_bytes(server.process.pid) - server.fresh_bytes
        beside = under_load(server, seconds, path)
        beside["connection_bytes"] = grown / IDLE_CONNECTIONS
        beside["errors"] += IDLE_CONNECTIONS - count_open()
    return {"": without, f"{IDLE_CONNECTIONS:,} idle": beside}


def beside_slow_readers(server, case, seconds):
    without = under_load(server, seconds, case.path)
    with load.slow_readers(server.setup.port, "/big.bin", SLOW_READERS):
        beside = under_load(server, seconds, case.path)
    return {"": without, f"{SLOW_READERS} slow readers": beside}


def from_the_start(server, case, seconds):
    """Not under load: the server is started anew each time."""
    server.stop()
    try:
        began = time.perf_counter()
        server.start()
        load.first_byte(server.setup.port, case.path, server.process)
        milliseconds = (time.perf_counter() - began) * 1000
    finally:
        server.stop()
    return {"": {"start_ms": milliseconds, "errors": 0}}


def check(server, case):
    """Fails where a server does not do the work that its figure would stand for. It may
    do other work until a coded form is made."""
    deadline = time.monotonic() + (CODING_SECONDS if "Accept-Encoding" in str(case.headers) else 0)
    while True:
        answer = load.get(server.setup.port, case.path, headers_for(server, case))
        if is_right(server, case, answer):
            return
        if time.monotonic() > deadline:
            raise ValueError(f"its answer is wrong: {answer[0]}, {dict(answer[1])}")
        time.sleep(0.1)


def is_right(server, case, answer):
    status, fields, body = answer
    if status != case.status:
        return False
    coding = fields.get("Content-Encoding")
    if (coding is not None) != ("Accept-Encoding" in str(case.headers)):
        return False
    if coding == "gzip":
        body = gzip.decompress(body)
    plain = expected(server, case.path)
    # Python itself reads no Brotli.
    return status != 200 or body == plain or (coding == "br" and len(body) < len(plain) // 2)


def expected(server, path):
    if server.setup.renders:
        return pages.rendered("plain").encode()
    file = server.setup.root_in("plain") / path.lstrip("/")
    return pathlib.Path(file if file.is_file() else f"{file}.html").read_bytes()

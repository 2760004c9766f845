"""The clients: wrk, and the few kinds of client that wrk cannot be."""

import contextlib
import http.client
import multiprocessing
import os
import pathlib
import re
import resource
import selectors
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).parent
ADDRESS = "127.0.0.1"
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}


def wrk(port, path, seconds, connections=64, headers=(), pages=None, visits=(), watched_by=()):
    """Asks as fast as answers come, from one thread: the server has to share the
    processors with it. With `pages`, for one of so many pages at random; with `visits`, pairs
    of a path and the header lines for it, for these in turn. `watched_by` is a command that
    runs another to its end."""
    command = [*watched_by, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    command += ["--latency", "--timeout=10s"]
    for header in headers:
        command += ["-H", header]
    if pages:
        command += ["-s", str(HERE / "random_pages.lua")]
    if visits:
        command += ["-s", str(HERE / "visits.lua")]
    command.append(f"http://{ADDRESS}:{port}{path}")
    lines = [f"{asked}\t{header}" for asked, header in visits]
    environment = os.environ | {"PAGES": str(pages or 0), "VISITS": "\n".join(lines)}
    out = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return parse_wrk(out.stdout)


def parse_wrk(out):
    errors = re.findall(r"(?:connect|read|write|timeout) (\d+)|responses: (\d+)", out)
    return {
        "requests": int(re.search(r"(\d+) requests in", out).group(1)),
        "rps": float(re.search(r"Requests/sec: +([\d.]+)", out).group(1)),
        "p50_ms": milliseconds(re.search(r" 50% +([\d.]+)(\w+)", out)),
        "p99_ms": milliseconds(re.search(r" 99% +([\d.]+)(\w+)", out)),
        "errors": sum(int(number) for pair in errors for number in pair if number),
    }


def milliseconds(match):
    number, unit = match.groups()
    return float(number) * UNITS[unit]


def get(port, path, headers=()):
    """One request on a connection of its own: status, header fields, body."""
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    connection.request("GET", path, headers=dict(header.split(": ", 1) for header in headers))
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, response.headers, body


def record(port, path, headers=()):
    """The bytes that answer a request of wrk's, head and body."""
    with socket.create_connection((ADDRESS, port), timeout=10) as connection:
        connection.sendall(request(port, path, headers))
        answer = b""
        while not is_whole(answer):
            answer += connection.recv(1 << 20)
    return answer


def request(port, path, headers=(), method="GET"):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {ADDRESS}:{port}", *headers, "", ""]
    return "\r\n".join(lines).encode()


def is_whole(answer):
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"\ncontent-length: *(\d+)", head, re.I)
    return bool(end) and len(body) >= (int(length.group(1)) if length else 0)


def first_byte(port, path, process):
    """Waits for a server that is starting, and for the first byte of its answer."""
    with connect_at_last(port, process) as connection:
        connection.sendall(request(port, path))
        connection.recv(1)


def connect_at_last(port, process):
    began = time.perf_counter()
    while time.perf_counter() < began + 30 and process.poll() is None:
        try:
            return socket.create_connection((ADDRESS, port), timeout=10)
        except OSError:
            # Short beside what is measured, and leaves the processors to the server.
            time.sleep(0.0002)
    raise ConnectionError(f"`{' '.join(map(str, process.args))}` does not listen")


def allow_descriptors(count):
    """Raises the limit of this process as far as the system lets it; whether that
    makes room for `count`."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard == resource.RLIM_INFINITY or hard >= count


@contextlib.contextmanager
def idle_connections(port, path, count):
    """So many connections, each of which has had one answer and asks for no more.
    Gives a function that counts those that are still open."""
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection((ADDRESS, port), timeout=10))
            connection.sendall(request(port, path))
            connections.append(connection)
            # A few behind, so that neither side waits for the other each time.
            if len(connections) > 50:
                connections[-50].recv(1 << 16)
        for connection in connections[-49:]:
            connection.recv(1 << 16)
        yield lambda: sum(map(is_open, connections))


def is_open(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def slow_readers(port, path, count):
    """So many clients that read a large answer at 640 kB/s each, again and again.
    They live in a process of their own, which costs next to nothing."""
    reading = multiprocessing.Event()
    process = multiprocessing.Process(target=read_slowly, args=(port, path, count, reading))
    process.start()
    try:
        if not reading.wait(10):
            raise TimeoutError("the slow readers get no answer")
        yield
    finally:
        process.terminate()
        process.join()


def read_slowly(port, path, count, reading):
    selector = selectors.DefaultSelector()
    for _ in range(count):
        connect_slowly(port, path, selector)
    while True:
        for key, _ in selector.select(1):
            if not key.fileobj.recv(32 << 10):
                selector.unregister(key.fileobj)
                key.fileobj.close()
                connect_slowly(port, path, selector)
        reading.set()
        time.sleep(0.05)


def connect_slowly(port, path, selector):
    connection = socket_of(64 << 10)
    connection.connect((ADDRESS, port))
    connection.sendall(request(port, path, ["Connection: close"]))
    selector.register(connection, selectors.EVENT_READ)


def socket_of(receive_bytes):
    """With so small a buffer that most of an answer has to wait in the server."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    return connection

"""The clients that attack, and the one that is attacked with the server: all of them
on loopback, and bounded in number, rate and time."""

import asyncio
import base64
import collections
import contextlib
import dataclasses
import itertools
import os
import pathlib
import re
import time

import load

# Of a slow reader. The system takes twice that, or its least.
RECEIVE_BYTES = 2_048
# What a slow reader takes each second.
SLOW_BYTES = 64
# Of an answer, what is looked at.
KEPT_BYTES = 4_096
PIECE_BYTES = 1 << 16


@dataclasses.dataclass
class Target:
    """A server under attack."""

    port: int
    pid: int
    # The folder that pagepool serves, which some attacks write to.
    root: pathlib.Path


@dataclasses.dataclass
class Tally:
    """What has come of the requests of a client."""

    asked: int = 0
    answered: int = 0
    body_bytes: int = 0
    # Connections that ended without an answer.
    failed: int = 0
    # By path and status.
    statuses: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    # Seconds from when each was due.
    latencies: list = dataclasses.field(default_factory=list)
    # Answers with the text of a file outside of the root.
    outside: int = 0
    # What was asked for last, where that tells what ended the server.
    last: str = ""
    # The worst of what an attack measures by itself.
    worst: dict = dataclasses.field(default_factory=dict)

    def count(self, request, status, body, size, latency, secret=None):
        self.answered += 1
        self.body_bytes += size
        self.statuses[path_of(request), status] += 1
        self.latencies.append(latency)
        self.outside += secret is not None and secret in body

    def note(self, name, figure):
        self.worst[name] = max(figure, self.worst.get(name, figure))

    def merge(self, other):
        for name in ["asked", "answered", "body_bytes", "failed", "outside"]:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.last = other.last or self.last
        self.statuses.update(other.statuses)
        self.latencies.extend(other.latencies)
        for name, figure in other.worst.items():
            self.note(name, figure)

    def take(self):
        """What has come since the last time."""
        taken = dataclasses.replace(self)
        self.__init__()
        return taken


def path_of(request):
    """Without the query, nor more of a path than tells it from others."""
    return request.split(b" ", 2)[1].split(b"?")[0][:30].decode()


class Pace:
    """When each of so many a second is due, until the time is over."""

    def __init__(self, rate, seconds):
        self.rate, self.given = rate, 0
        self.began = time.monotonic()
        self.end = self.began + seconds

    def __aiter__(self):
        return self

    async def __anext__(self):
        due = self.began + self.given / self.rate
        if due >= self.end or self.is_over():
            raise StopAsyncIteration
        self.given += 1
        if (delay := due - time.monotonic()) > 0:
            await asyncio.sleep(delay)
        return due

    def is_over(self):
        return time.monotonic() >= self.end

    def missed(self):
        """How late those are that were due and for which no client was free."""
        for number in range(self.given, int((self.end - self.began) * self.rate)):
            yield self.end - (self.began + number / self.rate)


async def ask(target, tally, seconds, *, requests, rate, connections=8, secret=None):
    """Asks at a fixed rate, and reads each answer to its end."""
    pace, stream = Pace(rate, seconds), requests(target)
    askers = [Asker(target.port, tally, secret).run(stream, pace) for _ in range(connections)]
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.gather(*askers), seconds)
    tally.latencies.extend(pace.missed())


class Asker:
    """A client with one connection, which it keeps where the server does."""

    def __init__(self, port, tally, secret=None):
        self.port, self.tally, self.secret = port, tally, secret
        self.reader = self.writer = None
        self.has_failed = False

    async def run(self, requests, pace):
        try:
            async for due in pace:
                await self.ask(next(requests), due)
        finally:
            self.close()

    async def ask(self, request, due):
        self.tally.asked += 1
        try:
            if not self.writer:
                self.reader, self.writer = await asyncio.open_connection(load.ADDRESS, self.port)
            self.writer.write(request)
            status, body, size = await self.read(request.startswith(b"HEAD"))
            late = time.monotonic() - due
            self.tally.count(request, status, body, size, late, self.secret)
        except (OSError, EOFError):
            self.tally.failed += 1
            self.has_failed = True
            self.close()
        except asyncio.CancelledError:
            # Whoever still waits at the end has waited so long.
            self.tally.latencies.append(time.monotonic() - due)
            raise

    async def read(self, is_head):
        """The status of an answer, the start of its body, and how long that is."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        status = int(head[9:12])
        if is_head or status in (204, 304):
            body, size = b"", 0
        elif length := re.search(rb"\ncontent-length: *(\d+)", head):
            body, size = await self.read_past(int(length.group(1)))
        else:
            body, size = await self.read_chunks()
        if b"\nconnection: close" in head:
            self.close()
        return status, body, size

    async def read_past(self, size):
        body = await self.reader.readexactly(min(size, KEPT_BYTES))
        left = size - len(body)
        while left:
            left -= len(await self.reader.readexactly(min(left, PIECE_BYTES)))
        return body, size

    async def read_chunks(self):
        body, size, chunk = b"", 0, 1
        while chunk:
            chunk = int(await self.reader.readuntil(b"\r\n"), 16)
            piece, _ = await self.read_past(chunk)
            await self.reader.readexactly(2)
            body, size = (body + piece)[:KEPT_BYTES], size + chunk
        return body, size

    def close(self):
        if self.writer:
            self.writer.close()
        self.reader = self.writer = None


async def hold(target, tally, seconds, *, requests, count, rate=1000):
    """Keeps so many connections with an answer each, of which a client reads 64 bytes a
    second. Those that the server closes are opened again, at the rate."""
    pace, stream = Pace(rate, seconds), requests(target)
    await asyncio.gather(*(hold_one(target.port, stream, pace, tally) for _ in range(count)))


async def hold_one(port, requests, pace, tally):
    async for _ in pace:
        with load.socket_of(RECEIVE_BYTES) as connection, contextlib.suppress(OSError):
            await read_slowly(connection, port, next(requests), pace, tally)


async def read_slowly(connection, port, request, pace, tally):
    loop = asyncio.get_running_loop()
    connection.setblocking(False)
    await loop.sock_connect(connection, (load.ADDRESS, port))
    await loop.sock_sendall(connection, request)
    tally.asked += 1
    is_first = True
    while not pace.is_over():
        await asyncio.sleep(1)
        try:
            piece = connection.recv(SLOW_BYTES)
        except BlockingIOError:
            continue
        if not piece:
            return
        if is_first:
            tally.answered += 1
            tally.statuses[path_of(request), int(piece[9:12])] += 1
        is_first = False


def frame(opcode, payload):
    """As a client sends it (RFC 6455, 5.2); masked with nothing but zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([0x80 | opcode]) + length + bytes(4) + payload


TEXT, PING, CLOSE = 1, 9, 8
SOCKET_PATH = "/_pagepool/live"


async def open_websocket(port, receive_bytes=PIECE_BYTES):
    key = base64.b64encode(os.urandom(16)).decode()
    connection = load.socket_of(receive_bytes)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, (load.ADDRESS, port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=1 << 24)
    fields = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
    writer.write(load.request(port, SOCKET_PATH, [*fields, f"Sec-WebSocket-Key: {key}"]))
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head:
        raise ConnectionError("there is no WebSocket")
    return reader, writer


async def read_text(reader):
    """The next text, of those that fit in one frame."""
    while True:
        opcode, size = await reader.readexactly(2)
        if size >= 126:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        payload = await reader.readexactly(size)
        if opcode & 15 == TEXT:
            return payload.decode()


async def flood(target, tally, seconds, *, frames, rate, sockets=1):
    """Sends frames that the server answers, so many a second on each of the sockets,
    and never reads. A socket that the server closes is opened again."""
    every = 256
    talkers = [flood_one(target, tally, seconds, frames, every, rate) for _ in range(sockets)]
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(asyncio.gather(*talkers), seconds)


async def flood_one(target, tally, seconds, frames, every, rate):
    writer = None
    async for _ in Pace(rate / every, seconds):
        try:
            if not writer:
                _, writer = await open_websocket(target.port, RECEIVE_BYTES)
                writer.transport.pause_reading()
            writer.write(b"".join(itertools.islice(itertools.cycle(frames), every)))
            tally.asked += every
            await writer.drain()
        except (OSError, EOFError):
            tally.failed += 1
            if writer:
                writer.close()
            writer = None

"""Attacks on live editing: tabs that say too much, and one that waits for a save."""

import asyncio
import json
import re
import time

import load
import proc
from attack_clients import TEXT, frame, open_websocket, read_text
from live_site import save_in_place

SAVES, REST_SECONDS = 2, 2
# After which a save is taken for lost.
LOST_SECONDS = 30
HELLOS, SOCKETS, RESOURCES = 1_000, 40, 4_096
PAGE = "/tab.html"


def said(**message):
    return frame(TEXT, json.dumps(message).encode())


def version(port):
    """Of the page, as a browser is sent it."""
    _, _, page = load.get(port, PAGE, ["Accept: text/html"])
    return re.search(rb'data-version="([^"]+)"', page).group(1).decode()


async def tabs(target, tally, seconds, *, talk):
    """How long saves take to reach a tab while others talk, and what these cost then."""
    end = time.monotonic() + seconds
    reader, writer = await open_websocket(target.port)
    writer.write(said(page=PAGE, version=version(target.port)))
    await read_text(reader)
    talkers = await talk(target, tally)
    for number in range(SAVES):
        tally.note("reach_ms", await reach(target, reader, number) * 1000)
    before = proc.cpu_seconds(target.pid)
    await asyncio.sleep(REST_SECONDS)
    spent = proc.cpu_seconds(target.pid) - before
    tally.note("rest_percent", spent / REST_SECONDS * 100)
    for other in [writer, *talkers]:
        other.close()
    await asyncio.sleep(max(end - time.monotonic(), 0))


async def reach(target, reader, number):
    text = f"<!doctype html><title>A tab</title><p>save {time.time()} {number}</p>\n"
    saved = save_in_place(target.root / PAGE.lstrip("/"), text)
    try:
        while json.loads(await asyncio.wait_for(read_text(reader), LOST_SECONDS))["type"] not in (
            "patch",
            "reload",
        ):
            pass
    except asyncio.TimeoutError:
        return LOST_SECONDS
    return time.time() - saved


async def hellos(target, tally):
    """One tab that says a thousand times what it shows: a page that is work to render,
    each time for another query."""
    _, writer = await open_websocket(target.port)
    for number in range(HELLOS):
        writer.write(said(page=f"/large.html?n={number}", version="none"))
    tally.asked += HELLOS
    await writer.drain()
    return [writer]


async def resources(target, tally):
    """Tabs that have each loaded as much as one may, all of it different."""
    writers = []
    for socket in range(SOCKETS):
        _, writer = await open_websocket(target.port)
        writer.write(said(page=PAGE, version=version(target.port)))
        for first in range(0, RESOURCES, 512):
            paths = [f"/names/{socket:04}/{first + one}.css" for one in range(512)]
            writer.write(said(resources=paths))
        tally.asked += RESOURCES
        await writer.drain()
        writers.append(writer)
    return writers

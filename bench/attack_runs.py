"""Attacks that take more than one client."""

import asyncio
import itertools
import multiprocessing
import time

import attack_site
import load
import proc
from attack_clients import Asker, Pace, ask

# How long one page of the visitor's may take before it is given up.
VISIT_SECONDS = 15
TOUCHES = 2
CODED = ["Accept-Encoding: br, gzip"]


async def visit(target, tally, seconds, *, paths):
    """Asks for one page after the other, and notes the slowest. Ends with the server."""
    end = time.monotonic() + seconds
    asker = Asker(target.port, tally)
    for path in paths:
        request = load.request(target.port, path)
        began = time.monotonic()
        if began > end or asker.has_failed:
            break
        tally.last = path[:40]
        try:
            await asyncio.wait_for(asker.ask(request, began), VISIT_SECONDS)
        except asyncio.TimeoutError:
            # What comes of it yet belongs to no other request.
            asker.close()
        tally.note("slowest_s", time.monotonic() - began)
    asker.close()


async def push_out(target, tally, seconds, *, requests, rate, kept):
    """Asks at a fixed rate, and beside it for another file, which is in use that way.
    Notes what that costs once more, when it has just been asked for."""
    request = load.request(target.port, kept, CODED)
    await ask_for_kept(target, tally, request, rate=TOUCHES, seconds=1)
    await asyncio.gather(
        ask(target, tally, seconds - 1, requests=requests, rate=rate),
        ask_for_kept(target, tally, request, rate=TOUCHES, seconds=seconds - 1),
    )
    before = proc.cpu_seconds(target.pid)
    await ask_for_kept(target, tally, request, rate=TOUCHES, seconds=1 / TOUCHES)
    tally.note("kept_ms", (proc.cpu_seconds(target.pid) - before) * 1000)


async def ask_for_kept(target, tally, request, *, rate, seconds):
    asker = Asker(target.port, tally)
    await asker.run(itertools.repeat(request), Pace(rate, seconds))


async def swapping(target, tally, seconds, *, rate, swaps=0):
    """Asks for links while another process swaps them, so many times a second or as fast
    as it can, and counts what comes from outside of the root."""
    swapper = multiprocessing.Process(target=attack_site.swap, args=(target.root, swaps, seconds))
    swapper.start()
    try:
        await ask(
            target,
            tally,
            seconds,
            requests=lambda target: itertools.cycle(
                [load.request(target.port, path) for path in attack_site.SWAPPED_PATHS]
            ),
            rate=rate,
            secret=attack_site.SECRET,
        )
    finally:
        swapper.terminate()
        swapper.join()

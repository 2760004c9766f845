"""What is measured: a server is started on a folder of its own, a page is opened in
the browser, a file of it is saved, and the frame that shows the save is waited for.
"""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time
import urllib.request

import live_site
import proc
from live_cases import (
    BARE,
    BURST_GAP_SECONDS,
    BURST_SAVES,
    FIRST_DELAY_MS,
    IDLE,
    IDLE_SECONDS,
    IDLE_TABS,
    LAST_DELAY_MS,
    SECOND_SAVES,
)

ADDRESS = "127.0.0.1"
START_SECONDS = 30
# A save that is not on show after this is missed.
MISSED_SECONDS = 3
# How far down the page is scrolled that is loaded again.
SCROLLED = 700
# Between two saves. Peers that wait for more saves have waited, and the page has
# loaded what it loads; the random part keeps saves off the rhythm of frames.
REST_SECONDS, RANDOM_REST_SECONDS = 0.25, 0.05
# Until tabs that were opened have loaded what they load.
LOAD_SECONDS = 3


@contextlib.contextmanager
def serving(key, peer, program, folder, port):
    """A folder of its own, and the process of a server that serves it."""
    root = pathlib.Path(folder) / f"{key}-{port}"
    live_site.make(root)
    try:
        with running(peer, program, root, port) as process:
            yield root, process
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextlib.contextmanager
def running(peer, program, root, port):
    """The process of a server that answers."""
    process = subprocess.Popen(
        peer.command(program, root, port),
        cwd=root,
        # A folder above with settings of its own is none of ours.
        env=os.environ | {"HOME": str(root.parent), "BROWSER": "none", "CI": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for_answer(process, url(peer, port, "small"))
        yield process
    finally:
        # Its whole group: some are a script that starts the server.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def url(peer, port, page):
    return f"http://{ADDRESS}:{port}/{page}{peer.extension}"


def wait_for_answer(process, address):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            request = urllib.request.Request(address, headers={"Accept": "text/html"})
            with urllib.request.urlopen(request, timeout=10) as answer:
                if b"mark" in answer.read():
                    return
        except OSError:
            pass
        time.sleep(0.1)
    raise OSError(f"no page at {address}")


class Editing:
    """A page on show, whose file is saved again and again."""

    def __init__(self, case, browser, address, root):
        self.case = case
        self.path = root / case.file
        self.number = 0
        self.uses = 0
        self.tab = browser.open(address)
        if self.wait(START_SECONDS) is None:
            raise OSError(f"{self.path.name} does not show")
        self.clock_error = self.tab.match_clocks()
        # Its connection for changes may be opened late.
        time.sleep(1)

    def close(self):
        self.tab.close()

    def save(self, kind):
        """When it was saved."""
        self.number += 1
        text = live_site.content(self.case.file, self.number)
        return live_site.SAVES[kind](self.path, text)

    def wait(self, seconds=MISSED_SECONDS):
        shown = live_site.value(self.case.file, self.number)
        return self.tab.wait_for(self.case.kind, shown, seconds)

    def use(self):
        """Types in the page's field and scrolls it out of sight, as a person would. The
        text is another each time, so that the browser's own memory of it does not count."""
        self.tab.evaluate("field.value = ''; field.focus()")
        self.uses += 1
        self.tab.call("Input.insertText", text=self.typed())
        self.tab.evaluate(f"scrollTo(0, {SCROLLED})")
        if not self.is_in_use():
            raise OSError(f"{self.path.name} cannot be typed in and scrolled")

    def typed(self):
        return f"typed {self.uses}"

    def is_in_use(self):
        """Whether the document shows, as news, what was done in the page: one that was
        loaded again, only if all of it was kept."""
        state = f"{SCROLLED} field {self.typed()}"
        return self.tab.wait_for("state", state, MISSED_SECONDS) is not None

    def bare_reload(self):
        """When the page began to load itself again."""
        began = self.tab.evaluate(
            "(() => { const at = performance.timeOrigin + performance.now();"
            " location.reload(); return at; })()"
        )
        return began / 1000 - self.tab.ahead

    def recover(self):
        """After a miss, the page is loaded again as a person would."""
        self.tab.call("Page.reload")
        self.wait()

    def rest(self):
        time.sleep(REST_SECONDS + random.random() * RANDOM_REST_SECONDS)


def saves(editing, options):
    """Milliseconds from save to paint, or `None` for a miss, by kind of save."""
    taken = {kind: [] for kind in live_site.SAVES}
    for _ in range(options.saves):
        for kind, times in taken.items():
            times.append(after(editing, editing.save(kind)))
            editing.rest()
    return taken


def reloads(editing, options):
    """As `saves`; a save is missed as well if the page was not loaded again by it, or has
    lost its scroll, focus or typed text. In turn with them, the bare reload."""
    taken = {kind: [] for kind in [*live_site.SAVES, BARE]}
    for _ in range(options.saves):
        for kind, times in taken.items():
            editing.use()
            editing.rest()
            if kind == BARE:
                times.append(after(editing, editing.bare_reload()))
            else:
                time_taken = after(editing, editing.save(kind))
                times.append(time_taken if editing.is_in_use() else None)
            editing.rest()
    return taken


def burst(editing, options):
    """Milliseconds from the last of many saves."""
    taken = {kind: [] for kind in live_site.SAVES}
    for _ in range(options.bursts):
        for kind, times in taken.items():
            for _ in range(BURST_SAVES):
                saved = editing.save(kind)
                time.sleep(BURST_GAP_SECONDS)
            times.append(after(editing, saved))
            editing.rest()
    return taken


def second(editing, options):
    """Milliseconds from the second of two saves, which comes while the page may still
    be loading what the first has done."""
    taken = {kind: [] for kind in live_site.SAVES}
    step = (LAST_DELAY_MS - FIRST_DELAY_MS) / (SECOND_SAVES - 1)
    for index in range(SECOND_SAVES):
        for kind, times in taken.items():
            editing.save(kind)
            time.sleep((FIRST_DELAY_MS + index * step) / 1000)
            times.append(after(editing, editing.save(kind)))
            editing.rest()
    return taken


def after(editing, saved):
    shown = editing.wait()
    if shown is None:
        editing.recover()
        return None
    return (shown - saved) * 1000


HOW = {"saves": saves, "reloads": reloads, "burst": burst, "second": second}


def measure(case, peer, program, browser, folder, port, options):
    """Times by kind of save, and how far the clocks may be apart, in milliseconds."""
    with serving(case.key, peer, program, folder, port) as (root, _):
        editing = Editing(case, browser, url(peer, port, case.page), root)
        try:
            return HOW[case.how](editing, options), editing.clock_error * 1000
        finally:
            editing.close()


def idle_percent(peer, program, browser, folder, port):
    """What the server takes of a core while tabs are open and nothing is saved."""
    with serving(IDLE, peer, program, folder, port) as (_, process):
        tabs = [browser.open(url(peer, port, "small")) for _ in range(IDLE_TABS)]
        time.sleep(LOAD_SECONDS)
        before = proc.cpu_seconds(process.pid)
        time.sleep(IDLE_SECONDS)
        seconds = proc.cpu_seconds(process.pid) - before
        for tab in tabs:
            tab.close()
        return seconds / IDLE_SECONDS * 100

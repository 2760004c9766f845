"""A headless Chromium, spoken to over a pair of pipes in its DevTools protocol.

It needs nothing but Python: messages are JSON with a NUL behind each. What a page
shows arrives as reports of `live_probe.js`, each with the time of its frame.
"""

import collections
import fcntl
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ["chromium", "chromium-browser", "google-chrome"]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--remote-debugging-pipe",
]  # fmt: skip
PROBE = pathlib.Path(__file__).parent / "live_probe.js"
# How long an answer of the browser itself may take.
PATIENCE = 30


def find():
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def version():
    """Its wrapper may say other things ahead of it, or beside it."""
    out = subprocess.run([find(), "--version"], capture_output=True, text=True)
    return out.stdout.strip().splitlines()[-1]


class Browser:
    """A process, until the end of `with`."""

    def __enter__(self):
        self.profile = tempfile.TemporaryDirectory(
            prefix="pagepool-bench-chromium-", ignore_cleanup_errors=True
        )
        its_input, self.output = map(above_the_standard_ones, os.pipe())
        self.input, its_output = map(above_the_standard_ones, os.pipe())
        # The browser reads descriptor 3 and writes descriptor 4.
        script = f'exec "$0" "$@" 3<&{its_input} 4>&{its_output}'
        self.process = subprocess.Popen(
            ["bash", "-c", script, find(), *FLAGS, f"--user-data-dir={self.profile.name}"],
            pass_fds=[its_input, its_output],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_input)
        os.close(its_output)
        self.received = b""
        self.last_id = 0
        # By session: events that nobody has looked at yet.
        self.reports = collections.defaultdict(collections.deque)
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.input)
        os.close(self.output)
        self.profile.cleanup()

    def call(self, method, session=None, **parameters):
        """The result of a command."""
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.receive(deadline)
            if answer is None:
                raise OSError(f"no answer to {method}")
            if answer.get("id") == self.last_id:
                if "error" in answer:
                    raise OSError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def receive(self, deadline):
        """The next message, whose report has been kept; `None` after the deadline."""
        while b"\0" not in self.received:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self.input], [], [], left)[0]:
                return None
            piece = os.read(self.input, 1 << 16)
            if not piece:
                raise OSError("the browser has ended")
            self.received += piece
        message, _, self.received = self.received.partition(b"\0")
        message = json.loads(message)
        if message.get("method") == "Runtime.bindingCalled":
            report = json.loads(message["params"]["payload"])
            self.reports[message["sessionId"]].append(report)
        return message

    def open(self, url):
        return Tab(self, url)


class Tab:
    """A page on show, and the clock of its reports against ours."""

    def __init__(self, browser, url):
        self.browser = browser
        self.ahead = 0
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)
        self.session = attached["sessionId"]
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Runtime.addBinding", name="benchReport")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=PROBE.read_text())
        self.call("Page.navigate", url=url)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def close(self):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return result["result"].get("value")

    def match_clocks(self):
        """Finds how far the page's clock is ahead of `time.time()`. Gives by how many
        seconds that may be wrong: half of the quickest of several round trips."""
        trips = []
        for _ in range(30):
            before = time.time()
            page = self.evaluate("performance.timeOrigin + performance.now()") / 1000
            after = time.time()
            trips.append((after - before, page - (before + after) / 2))
        trip, self.ahead = min(trips)
        return trip / 2

    def wait_for(self, kind, value, seconds):
        """When the first frame with it was, by `time.time()`; `None` if there is none."""
        deadline = time.monotonic() + seconds
        reports = self.browser.reports[self.session]
        while True:
            while reports:
                report = reports.popleft()
                if report["kind"] == kind and report["value"] == value:
                    return report["at"] / 1000 - self.ahead
            if self.browser.receive(deadline) is None:
                return None


def above_the_standard_ones(descriptor):
    """Moved out of the way of those that the browser is to have."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved

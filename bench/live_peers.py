"""The development servers: how each is started, and where it shows a page.

Those of npm go into a folder outside of the repository, at these versions and no
other. What is not set here is each server's default.
"""

import dataclasses
import json
import pathlib
import shutil
import subprocess
import tempfile

CACHE = pathlib.Path(tempfile.gettempdir()) / "pagepool-bench-npm"
ADDRESS = "127.0.0.1"


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    # Gives the arguments that start it, of the program, a folder and a port.
    command: callable
    # Of the package, for those of npm.
    program: str = ""
    package: str = ""
    version: str = ""
    # What stands behind the name of a page in its path.
    extension: str = ".html"

    def find(self, cache):
        path = cache / "node_modules" / self.program
        return str(path) if path.exists() and self.is_pinned(cache) else None

    def is_pinned(self, cache):
        manifest = cache / "node_modules" / self.package / "package.json"
        return manifest.exists() and json.loads(manifest.read_text())["version"] == self.version

    def install(self, cache):
        """The command that gets it."""
        return f"npm install --prefix {cache} --save-exact {self.package}@{self.version}"


def pagepool(program, root, port):
    return [program, "--root", str(root), "--port", str(port), "--quiet"]


def vite(program, root, port):
    fixed = ["--port", str(port), "--strictPort", "--host", ADDRESS]
    return ["node", program, str(root), *fixed]


def bun(program, root, port):
    """It serves the pages that are named, each at its name without the extension."""
    pages = sorted(map(str, root.glob("*.html")))
    return [program, *pages, f"--port={port}", f"--hostname={ADDRESS}"]


def eleventy(program, root, port):
    return ["node", program, f"--dir={root}", f"--port={port}"]


def browser_sync(program, root, port):
    fixed = ["--port", str(port), "--host", ADDRESS, "--no-open", "--no-ui", "--no-notify"]
    return ["node", program, "start", "--server", str(root), "--watch", *fixed]


def live_server(program, root, port):
    return ["node", program, str(root), f"--port={port}", f"--host={ADDRESS}", "--no-browser"]


PAGEPOOL = Peer("pagepool", pagepool)
OTHERS = [
    # npm may leave the script of the package unrun, which puts the program in its place:
    # then its first run does. So it is started by this name, on every system.
    Peer("bun", bun, ".bin/bun", "bun", "1.4.5", extension=""),
    Peer("Vite", vite, "vite/bin/vite.js", "vite", "8.3.8"),
    Peer("live-server", live_server, "live-server/live-server.js", "live-server", "1.2.2"),
    Peer(
        "11ty dev server",
        eleventy,
        "@11ty/eleventy-dev-server/cmd.js",
        "@11ty/eleventy-dev-server",
        "2.1.2",
    ),
    Peer("browser-sync", browser_sync, "browser-sync/dist/bin.js", "browser-sync", "3.0.4"),
]


def install(cache):
    """All of npm's in one go, if that works."""
    if not shutil.which("npm"):
        return
    cache.mkdir(parents=True, exist_ok=True)
    packages = [f"{peer.package}@{peer.version}" for peer in OTHERS]
    command = ["npm", "install", "--prefix", str(cache), "--save-exact", "--no-audit"]
    subprocess.run([*command, "--no-fund", *packages], check=False)

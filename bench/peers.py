"""The servers: how each is configured, so that all do the same work.

Two workers each, connections kept alive for good, no logs unless they are asked for.
What is not set here is each server's default.
"""

import dataclasses
import json
import pathlib
import re
import shutil
import subprocess

TOP = pathlib.Path(__file__).parent.parent
WORKERS = 2
MAX_CONNECTIONS = 12_000
MANY = 1_000_000_000


@dataclasses.dataclass(frozen=True)
class Setup:
    """What a server is asked to do."""

    root: pathlib.Path
    # A folder of its own, for what it needs besides.
    scratch: pathlib.Path
    port: int
    # Whether it compresses, and sends forms that were compressed ahead.
    compresses: bool = False
    # Whether pages are rendered, of a folder in `root` for each template language.
    renders: bool = False
    # Whether `root` has these folders for another reason.
    is_split: bool = False
    # Whether `/small` stands for `small.html`.
    has_clean_paths: bool = False
    # Whether it writes a line for each request to a file in `scratch`.
    logs: bool = False

    @property
    def log(self):
        return self.scratch / "access.log"

    def root_in(self, language):
        return self.root / language if self.renders or self.is_split else self.root

    def write(self, name, text):
        path = self.scratch / name
        path.write_text(text)
        return str(path)


@dataclasses.dataclass(frozen=True)
class Peer:
    """A server that can be measured."""

    name: str
    # Gives the arguments that start it on a `Setup`.
    command: callable
    program: str
    version_argument: str
    install: str

    def find(self):
        return shutil.which(self.program)

    def version(self):
        command = [self.program, self.version_argument]
        out = subprocess.run(command, capture_output=True, text=True, check=True)
        return re.search(r"\d+(\.\d+)+", out.stdout + out.stderr).group()


def build(name, *target):
    """Has cargo build a program of this repository; its path."""
    command = ["cargo", "build", "--release", *target]
    command.append("--message-format=json-render-diagnostics")
    out = subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, text=True, check=True)
    for message in map(json.loads, out.stdout.splitlines()):
        if message.get("executable") and message["target"]["name"] == name:
            return message["executable"]
    raise LookupError(f"cargo builds no `{name}`")


def pagepool(setup, *flags, program="server"):
    command = [PROGRAMS[program], "--root", str(setup.root_in("jinja"))]
    command += ["--port", str(setup.port), "--threads", str(WORKERS), *flags]
    command += ["--max-connections", str(MAX_CONNECTIONS)]
    return command + (["--log", "combined"] if setup.logs else ["--quiet"])


def production(setup):
    return pagepool(setup, "--production")


def floor(setup):
    """Sends what `measure.py` has recorded of another server."""
    return [PROGRAMS["floor"], str(setup.port), str(setup.scratch / "answer")]


def nginx(setup, *directives):
    lines = [
        f"access_log {setup.log if setup.logs else 'off'};",
        # As Debian has them.
        "sendfile on; tcp_nopush on;",
        f"keepalive_requests {MANY};",
        "types { text/html html; }",
        # Beside HTML, which it always compresses.
        "gzip on; gzip_types text/plain;" if setup.compresses else "",
        *directives,
        f"server {{ listen 127.0.0.1:{setup.port} backlog=4096;",
        f"root {setup.root_in('ssi')};",
        "ssi on;" if setup.renders else "",
        "try_files $uri $uri.html =404;" if setup.has_clean_paths else "",
        "}",
    ]
    config = (
        f"worker_processes {WORKERS}; worker_rlimit_nofile {MAX_CONNECTIONS + 4000};\n"
        f"daemon off; pid {setup.scratch}/pid; error_log /dev/null;\n"
        f"events {{ worker_connections {MAX_CONNECTIONS}; }}\n"
        "http {\n" + "\n".join(lines) + "\n}\n"
    )
    return ["nginx", "-e", "/dev/null", "-c", setup.write("nginx.conf", config)]


def nginx_open_file_cache(setup):
    """As `--production`, it looks at a file once a second. The cache holds open files,
    so that it cannot be as large as the largest site here."""
    cache = "open_file_cache max=10000 inactive=60s; open_file_cache_valid 1s;"
    return nginx(setup, cache, "gzip_static on;" if setup.compresses else "")


def lighttpd(setup):
    modules = ["mod_deflate"] if setup.compresses else []
    lines = [
        f'server.document-root = "{setup.root_in("ssi")}"',
        f'server.bind = "127.0.0.1"\nserver.port = {setup.port}',
        f"server.max-worker = {WORKERS}",
        f"server.max-connections = {MAX_CONNECTIONS}",
        # It takes half as many connections as descriptors.
        f"server.max-fds = {MAX_CONNECTIONS * 2}",
        f"server.max-keep-alive-requests = {MANY}\nserver.max-keep-alive-idle = 60",
        'mimetype.assign = (".html" => "text/html", "" => "application/octet-stream")',
    ]
    if setup.compresses:
        lines.append('deflate.mimetypes = ("text/html")\ndeflate.allowed-encodings = ("gzip")')
        lines.append(f'deflate.cache-dir = "{setup.scratch}"')
    if setup.renders:
        modules.append("mod_ssi")
        lines.append('ssi.extension = (".html")')
    if setup.logs:
        modules.append("mod_accesslog")
        lines.append(f'accesslog.filename = "{setup.log}"')
    quoted = ", ".join(f'"{module}"' for module in modules)
    lines.insert(0, f"server.modules = ({quoted})")
    return ["lighttpd", "-D", "-f", setup.write("lighttpd.conf", "\n".join(lines) + "\n")]


def h2o(setup):
    """It reads as `nobody`, and closes no connection for the number of its requests."""
    lines = [
        f"num-threads: {WORKERS}",
        f"max-connections: {MAX_CONNECTIONS}",
        f"listen: {{host: 127.0.0.1, port: {setup.port}}}",
        "http1-request-timeout: 60",
        f"access-log: {setup.log}" if setup.logs else "",
        "file.mime.addtypes: {text/html: .html}",
        "compress: ON\nfile.send-compressed: ON" if setup.compresses else "",
        f"hosts: {{default: {{paths: {{/: {{file.dir: {setup.root_in('plain')}}}}}}}}}",
    ]
    return ["h2o", "-c", setup.write("h2o.yaml", "\n".join(filter(None, lines)) + "\n")]


def caddy(setup):
    lines = [
        "{", "admin off", "auto_https off",
        "log {", "output discard", "}", "}",
        f"http://127.0.0.1:{setup.port} {{",
        f"root * {setup.root_in('go')}",
        "templates" if setup.renders else "",
        "encode gzip" if setup.compresses else "",
        f"log {{\noutput file {setup.log}\n}}" if setup.logs else "",
        "file_server {\nprecompressed gzip\n}" if setup.compresses else "file_server",
        "}",
    ]  # fmt: skip
    config = setup.write("Caddyfile", "\n".join(lines) + "\n")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", config]


def static_web_server(setup):
    """Its threads are so many for each processor, of which one is the least."""
    compresses = str(setup.compresses).lower()
    return [
        "static-web-server", "--host", "127.0.0.1", "--port", str(setup.port),
        "--root", str(setup.root_in("plain")), "--threads-multiplier", "1",
        "--log-level", "info" if setup.logs else "error",
        "--compression", compresses, "--compression-static", compresses,
    ]  # fmt: skip


# Where cargo has put them; filled by `build`.
PROGRAMS = {}

RUST = ("cargo", "--version", "https://rustup.rs")
NGINX = ("nginx", "-v", "apt-get install nginx-light")
LIGHTTPD = ("lighttpd", "-v", "apt-get install lighttpd lighttpd-mod-deflate")
H2O = ("h2o", "-v", "apt-get install h2o")
CADDY = ("caddy", "version", "apt-get install caddy")
SWS = ("static-web-server", "--version", "cargo install static-web-server --locked")
OWN = [
    Peer("pagepool", pagepool, *RUST),
    Peer("pagepool --production", production, *RUST),
    Peer("floor", floor, *RUST),
]
OTHERS = [
    Peer("nginx", nginx, *NGINX),
    Peer("nginx open_file_cache", nginx_open_file_cache, *NGINX),
    Peer("lighttpd", lighttpd, *LIGHTTPD),
    Peer("h2o", h2o, *H2O),
    Peer("Caddy", caddy, *CADDY),
    Peer("static-web-server", static_web_server, *SWS),
]

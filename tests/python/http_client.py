"""What Python's http.client makes of the server at the port of argv[2].

argv[1] names the function to run: it ends with an exception where a claim fails.
"""

import http.client
import sys

PORT = int(sys.argv[2])


class Connection(http.client.HTTPConnection):
    """One connection: where the server closes it, the next request fails."""

    auto_open = 0

    def __init__(self):
        super().__init__("localhost", PORT, timeout=60)
        self.connect()

    def ask(self, method, target, body=None, headers={}, **options):
        """The response, with its body read to the end."""
        self.request(method, target, body, headers, **options)
        response = self.getresponse()
        response.body = response.read()
        return response


def fields(response):
    """The header fields, but the time of the answer."""
    return [(name, value) for name, value in response.getheaders() if name != "Date"]


def expect(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def keep_alive():
    connection = Connection()
    for target, status in [("/", 200), ("/lines.txt", 200), ("/none", 404), ("/", 200)] * 5:
        response = connection.ask("GET", target)
        expect((response.status, response.will_close), (status, False))
        expect(len(response.body), int(response.getheader("Content-Length")))


class OneStream:
    """Stands for a socket whose answers are read one after the other."""

    def __init__(self, stream):
        self.stream = stream

    def makefile(self, mode):
        return self

    def __getattr__(self, name):
        return getattr(self.stream, name)

    def close(self):
        """A response closes what it was read from; more are to come from this."""


def pipeline():
    connection = Connection()
    targets = [("GET", "/", 200), ("HEAD", "/lines.txt", 200), ("POST", "/", 405)] * 10
    connection.sock.sendall(
        b"".join(
            f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode()
            for method, target, _ in targets
        )
    )
    answers = OneStream(connection.sock.makefile("rb"))
    for method, _, status in targets:
        response = http.client.HTTPResponse(answers, method=method)
        response.begin()
        length = 0 if method == "HEAD" else int(response.getheader("Content-Length"))
        expect((response.status, len(response.read())), (status, length))


def chunked_upload():
    connection = Connection()
    for pieces in [[b"one", b"two"], [b"x" * 65_536] * 8, [b"last"]]:
        response = connection.ask("POST", "/", iter(pieces))
        expect((response.status, response.getheader("Allow")), (405, "GET, HEAD, OPTIONS"))
    expect(connection.ask("GET", "/").status, 200)


def refused_upload():
    for body in [b"x" * 8_000_000, iter([b"x" * 65_536] * 120)]:
        response = Connection().ask("POST", "/", body)
        expect((response.status, response.will_close), (405, True))
        assert b"files take no `POST`" in response.body, response.body
    response = Connection().ask("GET", "/", b"x" * 8_000_000)
    expect((response.status, response.will_close), (413, True))
    assert b"max_body_bytes" in response.body, response.body


def head():
    connection = Connection()
    for target in ["/", "/style.css", "/lines.txt", "/none"]:
        for coding in ["identity", "gzip", "br", "zstd"]:
            headers = {"Accept-Encoding": coding}
            whole = connection.ask("GET", target, headers=headers)
            answer = connection.ask("HEAD", target, headers=headers)
            expect((answer.status, fields(answer)), (whole.status, fields(whole)))
            expect(answer.body, b"")


def not_modified():
    connection = Connection()
    for target in ["/", "/style.css", "/lines.txt"]:
        whole = connection.ask("GET", target)
        by_tag = connection.ask("GET", target, headers={"If-None-Match": whole.getheader("ETag")})
        expect((by_tag.status, by_tag.body), (304, b""))
        for name in ["ETag", "Vary", "Cache-Control", "Last-Modified"]:
            expect(by_tag.getheader(name), whole.getheader(name))
        other = connection.ask("GET", target, headers={"If-None-Match": '"other"'})
        expect((other.status, other.body), (200, whole.body))


globals()[sys.argv[1]]()

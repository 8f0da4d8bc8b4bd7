"""A publisher of files over HTTP that misbehaves exactly as told, on a free port of this machine."""
import hashlib
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class File:
    """Published bytes with their validators. etag None = none; "md5" = the MD5 of the bytes, as object stores give."""

    def __init__(self, content, etag=None, modified=None):
        self.content = content
        self.etag = f'"{hashlib.md5(content).hexdigest()}"' if etag == "md5" else etag
        self.modified = modified


class Publisher:
    """Files by path, and for each (method, path) a list of faults: each request takes the first one left.

    A fault is a function of the handler and the file; it answers the request itself.
    """

    def __init__(self):
        self.files = {}
        self.faults = {}
        self.log = []  # (method, path, headers)
        self.missing = status(404)  # the answer for what is not there
        self.knows_ranges = True
        self.released = threading.Event()  # ends whatever a fault waits for
        self.reached = threading.Event()  # set by hold()
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_HEAD(self):
                publisher.answer(self)

            def do_GET(self):
                publisher.answer(self)

            def log_message(self, *words):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads, request_queue_size = True, 128  # with 5, who comes sixth at once waits for a second

            def handle_error(self, *words):  # a client that goes away is part of the game
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *words):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/<year>/"

    def publish(self, name, content, **validators):
        self.files[f"/2025/{name}"] = File(content, **validators)

    def fail(self, method, name, *faults):
        self.faults[(method, f"/2025/{name}")] = list(faults)

    def requests(self, method, name=None):
        return [headers for kind, path, headers in self.log
                if kind == method and (name is None or path.endswith("/" + name))]

    def answer(self, handler):
        path = handler.path
        self.log.append((handler.command, path, dict(handler.headers)))
        faults = self.faults.get((handler.command, path))
        file = self.files.get(path)
        if faults:
            faults.pop(0)(handler, file)
        elif file is None:
            self.missing(handler, file)
        else:
            self.serve(handler, file)

    def serve(self, handler, file):
        """The answer of a good server."""
        first = 0
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        validator = handler.headers.get("If-Range")
        if asked and self.knows_ranges and validator in (None, file.etag, file.modified):
            first = int(asked.group(1))
        size = len(file.content)
        handler.send_response(206 if first else 200)
        if first:
            handler.send_header("Content-Range", f"bytes {first}-{size - 1}/{size}")
        send_validators(handler, file)
        handler.send_header("Content-Length", str(size - first))
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(file.content[first:])

    # ---- faults which wait: until the test goes on

    def hold(self, count):
        """Sends `count` bytes, tells so, and waits."""
        def fault(handler, file):
            begin(handler, file)
            handler.wfile.write(file.content[:count])
            handler.wfile.flush()
            self.reached.set()
            self.released.wait()
            handler.close_connection = True
        return fault

    def trickle(self, handler, file):
        """One byte at a time, twenty a second."""
        begin(handler, file)
        for at in range(len(file.content)):
            handler.wfile.write(file.content[at:at + 1])
            handler.wfile.flush()
            if self.released.wait(0.05):
                break
        handler.close_connection = True


def send_validators(handler, file):
    if file.etag:
        handler.send_header("ETag", file.etag)
    if file.modified:
        handler.send_header("Last-Modified", file.modified)


def begin(handler, file, length=None):
    handler.send_response(200)
    send_validators(handler, file)
    handler.send_header("Content-Length", str(len(file.content) if length is None else length))
    handler.end_headers()


def status(code, **headers):
    def fault(handler, file):
        body = b"" if handler.command == "HEAD" else b"<html>no</html>"
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return fault


def cut(count):
    """Promises everything, sends `count` bytes and hangs up."""
    def fault(handler, file):
        begin(handler, file)
        handler.wfile.write(file.content[:count])
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True
    return fault


def wrong_length(length):
    """Promises `length` bytes; a HEAD that lies, or a GET that ends too early."""
    def fault(handler, file):
        begin(handler, file, length)
        if handler.command == "GET":
            handler.wfile.write(file.content)
            handler.close_connection = True
    return fault


def page(kind="text/html; charset=utf-8", text=b"<!DOCTYPE html><html>We will be back soon</html>"):
    """What some servers say, with code 200, instead of 404. kind None = no Content-Type."""
    def fault(handler, file):
        handler.send_response(200)
        if kind:
            handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        if handler.command == "GET":
            handler.wfile.write(text)
    return fault


def chunks(*pieces):
    """A body of chunks, whose length nobody tells."""
    def fault(handler, file):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        if handler.command == "GET":
            for piece in pieces:
                handler.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            handler.wfile.write(b"0\r\n\r\n")
    return fault


def endless_body(head):
    def fault(handler, file):
        handler.send_response(200)
        handler.end_headers()
        handler.close_connection = True
        if handler.command == "GET":
            handler.wfile.write(head)
            while True:  # until the client goes
                handler.wfile.write(bytes(65536))
    return fault


def endless_headers(handler, file):
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")


def circle(handler, file):
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def to_login(handler, file):
    handler.send_response(302)
    handler.send_header("Location", "/login")
    handler.send_header("Content-Length", "0")
    handler.end_headers()

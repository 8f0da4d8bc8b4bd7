"""A client of /api/v1/live: events as they come, over a connection of its own."""
import contextlib
import json
import socket

from harness.program import PATIENCE_S


class Stream:
    """status and headers of the answer; then events, read one by one."""

    def __init__(self, server, query="", room=None, **headers):
        self.socket = socket.socket()
        if room is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)  # before it is connected
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", server.port))
        lines = [f"GET /api/v1/live{query} HTTP/1.1", "Host: localhost",
                 *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while line := self.file.readline().strip():
            name, _, value = line.decode().partition(":")
            self.headers[name.lower()] = value.strip()
        self.text, self.last_id, self.beats, self.is_over = b"", None, 0, False

    def chunk(self):
        size = int(self.file.readline(), 16)
        data = self.file.read(size)
        self.file.readline()
        self.is_over = size == 0
        return data

    def event(self):
        """@return (name, data) of the next event; None: the stream has ended."""
        while True:
            while b"\n\n" not in self.text:
                self.text += self.chunk()
                if self.is_over:
                    return None
            block, _, self.text = self.text.partition(b"\n\n")
            fields = dict(line.partition(": ")[::2] for line in block.decode().split("\n"))
            self.beats += any(line.startswith(b":") for line in block.split(b"\n"))
            self.last_id = fields.get("id", self.last_id)
            if "data" in fields:
                return fields["event"], json.loads(fields["data"])

    def rows(self):
        """@return the name of the next events that belong together, and their rows by id."""
        first, rows, more = None, {}, True
        while more:
            name, data = self.event()
            first, more = first or name, data["more"]
            rows |= {row[0]: dict(zip(data["columns"], row)) for row in data["rows"]}
        return first, rows

    def close(self):
        self.file.close()
        self.socket.close()


@contextlib.contextmanager
def following(server, query="", **named):
    stream = Stream(server, query, **named)
    try:
        yield stream
    finally:
        stream.close()

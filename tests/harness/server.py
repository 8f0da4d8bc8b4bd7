"""`seine serve`, or another command that serves, on a free port."""
import contextlib
import http.client
import json
import re
import selectors
import signal
import subprocess
import sys
import tempfile

from harness.program import NOW, PATIENCE_S, start

SHOWN = 3000  # characters of the log


class Server:
    """The program on a free port; it is ready when it prints its address."""

    def __init__(self, folder, *options, now=NOW, lake="lake", env=None, words=None):
        self.folder, self.log = folder, tempfile.TemporaryFile()
        self.process = start(folder, *(words or ("serve", "--lake", lake, "--port", "0")), *options, now=now, env=env,
                             stdout=subprocess.PIPE, stderr=self.log)
        self.line = self.first_line()
        match = re.search(r"(http://[^\s/\"]+:(\d+))", self.line)
        if not match:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"no address: {self.line!r}: {self.errors()}")
        self.address, self.port = match[1], int(match[2])

    def first_line(self):
        """@return what it prints first, or nothing when that takes too long."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            return self.process.stdout.readline() if selector.select(PATIENCE_S) else ""

    def errors(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")[-SHOWN:]

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def ask(self, target, method="GET", connection=None, **headers):
        """Status, headers (lower case) and body of one request."""
        own = connection or self.connection()
        own.request(method, target, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = own.getresponse()
        body = response.read()
        if connection is None:
            own.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, body

    def json(self, target, status=200, **headers):
        found, _, body = self.ask(target, **headers)
        assert found == status, f"{target}: {found}: {body[:500]}"
        return json.loads(body)

    def metric(self, begin, connection=None):
        """The values of the lines of /metrics that begin so."""
        lines = self.ask("/metrics", connection=connection)[2].decode().splitlines()
        return [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(begin)]

    def stop(self):
        """Asks it to end. @return its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()
        return code


@contextlib.contextmanager
def serving(folder, *options, **named):
    """A server, which must also end well."""
    server = Server(folder, *options, **named)
    try:
        yield server
    except BaseException:
        sys.stderr.write(server.errors())
        raise
    finally:
        code = server.stop()
    assert code == 0, f"the server ended with {code}: {server.errors()}"

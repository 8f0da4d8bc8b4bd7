"""Buckets for tests: a server of our own that speaks as S3 does, keeps objects in memory and fails as a test says, and
versitygw where tools/setup --stack has fetched it."""
import base64
import collections.abc
import contextlib
import hashlib
import hmac
import http.server
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import zlib
from email.utils import formatdate
from pathlib import Path
from xml.sax.saxutils import escape

from harness.program import DEPS, wait_for

KEY, SECRET, REGION = "TESTKEYOFTHETESTS", "secret-of-the-tests/+x", "us-east-1"
BUCKET = "datalake"
LATE_SECONDS = 0.3
STALE = 4  # changes of which a stale list knows nothing


def access(endpoint):
    """@return the variables by which the program reaches the server."""
    return {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL_S3": endpoint}


def signature(handler, body_hash):
    """The signature that the request should have, of version 4; the canonical form is made of what came."""
    told = handler.headers["Authorization"]
    scope, names = re.search(r"Credential=[^/]*/([^,]*), SignedHeaders=([^,]*)", told).groups()
    path, _, query = handler.path.partition("?")
    headers = "".join(f"{name}:{handler.headers[name].strip()}\n" for name in names.split(";"))
    request = "\n".join([handler.command, path, query, headers, names, body_hash])
    text = "\n".join(["AWS4-HMAC-SHA256", handler.headers["x-amz-date"], scope,
                      hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Objects(dict):
    """Objects in memory: key → (bytes, tag, metadata, time)."""

    def under(self, prefix):
        return [(key, value) for key, value in sorted(self.items()) if key.startswith(prefix)]


class Files(collections.abc.MutableMapping):
    """Objects that are files below the folders whose paths begin so: a key is the path of one without its first slash.
    What anybody does to such a file happens to the object; it is another one then, without the metadata that it was put
    with."""

    def __init__(self, begin):
        self.begin, self.about, self.made = Path(begin), {}, set()

    def path(self, key):
        return Path("/" + key)

    def __contains__(self, key):
        return self.path(key).is_file()

    def __getitem__(self, key):
        try:
            body, changed = self.path(key).read_bytes(), self.path(key).stat().st_mtime
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise KeyError(key) from None
        tag = tag_of(body)
        known, headers = self.about.get(key, ("", {}))
        return body, tag, headers if tag == known else {}, time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(changed))

    def __setitem__(self, key, value):
        body, tag, headers, _ = value
        self.made |= {folder for folder in self.path(key).parents if not folder.exists()}
        self.path(key).parent.mkdir(parents=True, exist_ok=True)
        self.path(key).write_bytes(body)
        self.about[key] = (tag, headers)

    def __delitem__(self, key):
        if key not in self:
            raise KeyError(key)
        self.path(key).unlink()
        with contextlib.suppress(OSError):  # until one that is not empty: a bucket has no folders
            for folder in self.path(key).parents:
                if folder in self.made:
                    folder.rmdir()

    def keys_below(self, folder):
        """But for a catalog: a file that lies there for the test alone."""
        return (f"{at}/{name}"[1:] for at, _, names in os.walk(folder) for name in names
                if not name.startswith("catalog.db") and not os.path.islink(f"{at}/{name}"))

    def __iter__(self):
        for top in self.begin.parent.glob(f"{self.begin.name}*"):
            yield from self.keys_below(top)

    def __len__(self):
        return sum(1 for _ in self)

    def under(self, prefix):
        folder = os.path.dirname(f"/{prefix}x")
        keys = self.keys_below(folder) if folder.startswith(str(self.begin)) else self
        return [(key, self[key]) for key in sorted(keys) if key.startswith(prefix) and key in self]


def tag_of(body):
    return '"%s"' % hashlib.md5(body).hexdigest()


def unproved(headers, body):
    """@return what S3 says of a body that is not the one of the sum that came with it; None: it is."""
    sent_hash, crc = headers.get("x-amz-content-sha256", ""), headers.get("x-amz-checksum-crc32")
    if crc and base64.b64decode(crc) != zlib.crc32(body).to_bytes(4, "big"):
        return "BadDigest"
    is_hash = not sent_hash.startswith(("UNSIGNED-PAYLOAD", "STREAMING-"))
    return "XAmzContentSHA256Mismatch" if is_hash and sent_hash != hashlib.sha256(body).hexdigest() else None


def unchunked(body):
    """@return the bytes of a body that came in chunks, each behind a line with its size; their signatures are not looked
    at."""
    data, at = b"", 0
    while True:
        line = body.index(b"\r\n", at)
        size = int(body[at:line].split(b";")[0], 16)
        if size == 0:
            return data
        data += body[line + 2:line + 2 + size]
        at = line + 2 + size + 2


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection. `self.server` is a Bucket's."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    is_lost = False  # an answer that nobody hears

    def log_message(self, *_):
        pass

    def answer(self, code, body=b"", **headers):
        if self.is_lost:
            return
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, code, name):
        self.answer(code, f"<Error><Code>{name}</Code></Error>".encode(), Content_Type="application/xml")

    def one(self):
        store = self.server.store
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        self.query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        bucket, _, self.key = urllib.parse.unquote(path).lstrip("/").partition("/")
        with store.lock:
            store.requests.append((self.command, self.key, query))
            store.agent = self.headers.get("User-Agent", "")
            fault = store.fault(self.command, self.key, len(store.requests)) if store.fault else None
        if callable(fault):
            fault = fault()
        sent_hash = self.headers.get("x-amz-content-sha256", "")
        if not self.headers.get("Authorization", "").endswith(signature(self, sent_hash)):
            return self.refuse(403, "SignatureDoesNotMatch")
        if fault == "damaged":
            body = bytes([body[0] ^ 1]) + body[1:] if body else body
        if mismatch := unproved(self.headers, body):
            return self.refuse(400, mismatch)
        if isinstance(fault, int):
            return self.refuse(fault, "SlowDown" if fault == 503 else "InternalError")
        if isinstance(fault, tuple):
            return self.refuse(*fault)
        if fault == "drop":
            self.close_connection = True
            return None
        if bucket != BUCKET or (not store.is_made and (self.command != "PUT" or self.key)):
            return self.refuse(404, "NoSuchBucket")
        if fault == "late":
            time.sleep(LATE_SECONDS)
        self.body, self.fault = unchunked(body) if sent_hash.startswith("STREAMING-") else body, fault
        do = getattr(self, "on_" + self.command.lower())
        with store.lock:
            if fault == "twice":
                self.is_lost = True
                do(store)
                self.is_lost = False
            return do(store)

    def done(self, code=200, **headers):
        """What was asked for is done; with the fault "lied" the answer is that it failed."""
        return self.refuse(500, "InternalError") if self.fault == "lied" else self.answer(code, **headers)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = one

    def put(self, store, body, headers):
        if self.headers.get("If-None-Match") == "*" and self.key in store.objects:
            return self.refuse(412, "PreconditionFailed")
        tag = tag_of(body)
        store.change(self.key, (body, tag, headers, store.now()))
        return self.done(ETag=tag)

    def metadata(self):
        return {name: value for name, value in self.headers.items() if name.lower().startswith("x-amz-meta-")}

    def on_put(self, store):
        if not self.key:
            code = 409 if store.is_made else 200
            store.is_made = True
            return self.answer(200) if code == 200 else self.refuse(409, "BucketAlreadyOwnedByYou")
        if "uploadId" not in self.query:
            return self.put(store, self.body, self.metadata())
        store.uploads[self.query["uploadId"]][2][int(self.query["partNumber"])] = self.body
        return self.done(ETag='"part"')

    def on_post(self, store):
        if "uploads" in self.query:
            name = f"upload{len(store.uploads) + store.ended}"
            store.uploads[name] = (self.key, self.metadata(), {}, store.now())
            return self.answer(200, f"<R><UploadId>{name}</UploadId></R>".encode())
        if "uploadId" in self.query:
            if self.query["uploadId"] not in store.uploads:
                return self.refuse(404, "NoSuchUpload")
            _, headers, parts, _ = store.uploads.pop(self.query["uploadId"])
            store.ended += 1
            return self.put(store, b"".join(parts[number] for number in sorted(parts)), headers)
        for key in re.findall("<Key>(.*?)</Key>", self.body.decode()):
            store.change(key)
        return self.answer(200, b"<DeleteResult></DeleteResult>")

    def on_delete(self, store):
        if "uploadId" in self.query:
            store.uploads.pop(self.query["uploadId"], None)
        else:
            store.change(self.key)
        return self.answer(204)

    def on_head(self, store):
        return self.give(store, None)

    def on_get(self, store):
        if self.key:
            return self.give(store, self.headers.get("Range"))
        if "uploads" in self.query:
            rows = "".join(f"<Upload><Key>{escape(key)}</Key><UploadId>{name}</UploadId><Initiated>{at}</Initiated>"
                           "</Upload>" for name, (key, _, _, at) in sorted(store.uploads.items()))
            return self.answer(200, f"<ListMultipartUploadsResult>{rows}</ListMultipartUploadsResult>".encode())
        prefix, delimiter, shown, folders = self.query.get("prefix", ""), self.query.get("delimiter"), [], set()
        for key, (body, _, _, at) in (store.past() if self.fault == "stale" else store.objects).under(prefix):
            if key <= self.query.get("continuation-token", ""):
                continue
            rest = key[len(prefix):]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
                continue
            shown.append(f"<Contents><Key>{urllib.parse.quote(key)}</Key><Size>{len(body)}</Size>"
                         f"<LastModified>{at}</LastModified></Contents>")
            last = key
        page, more = shown[:store.page], len(shown) > store.page
        if more:
            last = urllib.parse.unquote(re.search("<Key>(.*?)</Key>", page[-1])[1])
        token = f"<NextContinuationToken>{escape(last)}</NextContinuationToken>" if more else ""
        named = "".join(f"<CommonPrefixes><Prefix>{urllib.parse.quote(name)}</Prefix></CommonPrefixes>"
                        for name in sorted(folders))
        return self.answer(200, ("<ListBucketResult><EncodingType>url</EncodingType>"
                                 f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{''.join(page)}{named}{token}"
                                 "</ListBucketResult>").encode())

    def give(self, store, wanted):
        if self.key not in store.objects:
            return self.refuse(404, "NoSuchKey")
        body, tag, headers, _ = store.objects[self.key]
        sent = {name.replace("-", "_"): value for name, value in headers.items()}
        sent |= {"ETag": tag, "Last_Modified": formatdate(usegmt=True), "Accept_Ranges": "bytes"}
        if self.command == "HEAD":
            return self.answer(200, Content_Length=str(len(body)), **sent)
        code, part = 200, body
        if wanted:
            first, last = re.match(r"bytes=(\d*)-(\d*)", wanted).groups()
            begin = int(first) if first else max(0, len(body) - int(last))
            end = min(int(last) + 1, len(body)) if first and last else len(body)
            if begin >= len(body):
                return self.refuse(416, "InvalidRange")
            code, part = 206, body[begin:end]
            sent["Content_Range"] = f"bytes {begin}-{end - 1}/{len(body)}"
        if self.fault == "cut":
            self.close_connection = True
            return self.answer(code, part[:len(part) // 2], Content_Length=str(len(part)), **sent)
        if self.fault == "corrupt" and not wanted and part:
            part = bytes([part[0] ^ 255]) + part[1:]
        return self.answer(code, part, **sent)


class Listener(http.server.ThreadingHTTPServer):
    """Clients that are killed are part of the tests: a broken connection is no news."""
    daemon_threads, request_queue_size = True, 128  # with 5, who comes sixth at once waits for a second

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Bucket:
    """The server of our own, on a free port. `fault(method, key, number of the request)` says what goes wrong: a status,
    a status with its code of S3 (403, "AccessDenied"), "drop" (no answer), "cut" (half of a body), "corrupt" (another
    byte of a whole body), "damaged" (another byte of what is sent), "lied" (done, but 500), "late" (an answer that takes
    its time), "twice" (delivered twice, and answered the second time), "stale" (a list without the last changes), None; or
    what does something first and then says it.
    `agent` is what the client of the request at hand calls itself."""

    def __init__(self, made=True, page=1000, objects=None):
        self.objects, self.uploads, self.requests = Objects() if objects is None else objects, {}, []
        self.lock, self.fault, self.ended, self.page, self.is_made = threading.RLock(), None, 0, page, made
        self.agent, self.time, self.changes = "", "2025-06-01T00:00:00.000Z", []
        server = Listener(("127.0.0.1", 0), Handler)
        server.store = self
        self.server, self.endpoint = server, f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def objects(self):
        return self.held

    @objects.setter
    def objects(self, objects):
        self.held = objects if hasattr(objects, "under") else Objects(objects)

    def now(self):
        return self.time

    def change(self, key, value=None):
        """Puts an object, or removes it."""
        self.changes = [*self.changes[1 - STALE:], (key, self.objects.get(key))]
        if value is None:
            self.objects.pop(key, None)
        else:
            self.objects[key] = value

    def past(self):
        """@return the objects before the last changes."""
        found = Objects(self.objects)
        for key, value in reversed(self.changes):
            found.pop(key, None)
            if value is not None:
                found[key] = value
        return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


@contextlib.contextmanager
def versitygw(folder, *more):
    """The S3 server of tools/stack over a folder, with the bucket made by the test. @return its endpoint, or None where
    it is not installed."""
    binary = DEPS / "bin" / "versitygw"
    if not binary.exists():
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "data").mkdir()
    (folder / "beside").mkdir()
    words = [binary, "--port", f"127.0.0.1:{port}", "--quiet", "--keep-alive", "posix", "--sidecar", folder / "beside",
             *more, folder / "data"]
    process = subprocess.Popen(words, env=os.environ | {"ROOT_ACCESS_KEY": KEY, "ROOT_SECRET_KEY": SECRET},
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def answers():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return True
            assert process.poll() is None, "versitygw has ended"
            return False
        wait_for(answers, "versitygw")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()

#!/usr/bin/env python3
"""The files under deploy/: nginx with TLS before the server, as its example says; the unit is well formed."""
import configparser
import hashlib
import json
import shutil
import socket
import ssl
import subprocess
import sys
import http.client
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.program import PATIENCE_S, ROOT, equal, seine
from harness.server import serving
from harness.tap import Skip, main
from small_lake import make_lake


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def through_nginx_with_tls(folder):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists() or not shutil.which("openssl"):
        raise Skip("nginx and openssl are not installed")
    make_lake(folder)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
                    "-subj", "/CN=seine.example", "-addext", "subjectAltName=DNS:seine.example"], cwd=folder, check=True, capture_output=True)
    Path(folder, "tokens").write_text(hashlib.sha256(b"secret").hexdigest() + "\n", encoding="utf-8")
    bearer = {"Authorization": "Bearer secret"}
    with serving(folder, "--rate", "0", "--token-file", "tokens") as server, serving(folder, "--rate", "0") as unguarded:
        port, other = free_port(), free_port()
        text = (ROOT / "deploy" / "nginx" / "seine.conf").read_text(encoding="utf-8")
        for old, new in (("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"), ("127.0.0.1:8000", f"127.0.0.1:{server.port}"),
                         ("/etc/ssl/certs/seine.pem", f"{folder}/cert.pem"), ("/etc/ssl/private/seine.key", f"{folder}/key.pem")):
            equal(text.count(old), 1, old)
            text = text.replace(old, new)
        # The same before a server that was started without tokens.
        text += text[text.index("upstream seine"):].replace("seine {", "unguarded {").replace("http://seine", "http://unguarded") \
            .replace(f"127.0.0.1:{server.port}", f"127.0.0.1:{unguarded.port}").replace(f"127.0.0.1:{port}", f"127.0.0.1:{other}")
        temp = "\n".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        Path(folder, "nginx.conf").write_text(f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;\n"
                                              f"events {{}}\nhttp {{ access_log off; {temp}\n{text}\n}}\n", encoding="utf-8")
        proxy = subprocess.Popen([nginx, "-p", folder, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"], stderr=subprocess.PIPE)
        try:
            context = ssl.create_default_context(cafile=f"{folder}/cert.pem")

            def ask(path, port=port, **headers):
                while True:  # until it listens, or has ended
                    try:
                        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
                        break
                    except ConnectionRefusedError:
                        assert proxy.poll() is None, proxy.stderr.read().decode()[-2000:]
                connection = http.client.HTTPSConnection("seine.example", port, context=context)
                connection.sock = context.wrap_socket(raw, server_hostname="seine.example")
                connection.request("GET", path, headers=headers)
                response = connection.getresponse()
                found = response.status, dict(response.getheaders()), response.read()
                connection.close()
                return found
            for path in ("/api/v1/vessels/current", "/tiles/traffic/0/0/0", "/metrics"):
                equal(ask(path)[0], 401, f"{path} without a token")
                equal(ask(path, port=other)[0], 421, f"{path} of a server that was started without")
            status, headers, body = ask("/api/v1/vessels/current?limit=2", **bearer)
            equal((status, json.loads(body)["count"]), (200, 2), "an answer")
            assert "max-age" in headers["Strict-Transport-Security"] and headers["X-Content-Type-Options"] == "nosniff", headers
            tag = ask("/api/v1/events", **bearer)[1]["ETag"]
            equal(ask("/api/v1/events", **bearer, **{"If-None-Match": tag})[0], 304, "304")
            equal(ask("/nix", **bearer)[0], 404, "404")
            equal(ask("/metrics", **bearer)[0], 200, "metrics for the machine itself")
        finally:
            proxy.terminate()
            proxy.wait(timeout=PATIENCE_S)
            proxy.stderr.close()


def unit_file(name):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(ROOT / "deploy" / "systemd" / name, encoding="utf-8")
    return unit


def the_unit_runs_the_program(_):
    unit = unit_file("seine.service")
    words = unit["Service"]["ExecStart"].split()
    equal(words[:2], ["/usr/local/bin/seine", "serve"], "ExecStart")
    assert "--token-file" in words, "behind a proxy everybody comes from this machine"
    equal(unit["Service"]["ProtectSystem"], "strict", "hardening")


def the_timer_starts_a_round(folder):
    unit = unit_file("seine-run.service")
    words = unit["Service"]["ExecStart"].split()
    equal((words[:2], unit["Service"]["Type"]), (["/usr/local/bin/seine", "run"], "oneshot"), "ExecStart")
    seine(folder, "init", "lake")
    seine(folder, *("lake" if word == "/var/lib/seine/lake" else word for word in words[1:]))
    assert unit_file("seine-run.timer")["Timer"]["OnUnitActiveSec"] == "5min"


def the_stream_is_started_again_without_end(folder):
    unit = unit_file("seine-stream.service")
    words, lake = unit["Service"]["ExecStart"].split(), ("/var/lib/seine/lake", "lake")
    equal((words[:2], unit["Service"]["Restart"], unit["Unit"]["StartLimitIntervalSec"]),
          (["/usr/local/bin/seine", "stream"], "on-failure", "0"), "the unit")
    seine(folder, "init", "lake")
    with kafka.cluster() as cluster:
        cluster.make("ais_raw", 1)
        cluster.put("ais_raw", [(0, None, '{"mmsi":"244010219","timestamp":"2025-01-01T00:00:00","latitude":1,"longitude":2,"speed":3}')])
        (folder / "kafka.properties").write_text(f"bootstrap.servers={cluster.address}\n", encoding="utf-8")
        given = dict([lake, ("/etc/seine/kafka.properties", "kafka.properties")])
        told = seine(folder, *(given.get(word, word) for word in words[1:]), "--until-idle", "0s")
    assert "1 read = 1 in silver" in told, told


if __name__ == "__main__":
    main([through_nginx_with_tls, the_unit_runs_the_program, the_timer_starts_a_round, the_stream_is_started_again_without_end])

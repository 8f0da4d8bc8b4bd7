#!/usr/bin/env python3
"""`make dist` and `make deb`: what is packed runs without anything of the machine it was built on.

With SEINE_FULL=1 also on bare machines without packages and network settings (tools/bare --empty).
"""
import os
import platform
import re
import shutil
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import FULL, ROOT
from harness.tap import Skip, main, own_folder, shared, skip_all

SUITES = ("bookworm", "trixie")
# From the first version to the page of the server, as a person would type it; `seine` is in PATH.
USE = """
set -eu
seine version | head -n 1
seine generate ais --out days --days 2 --vessels 60 >/dev/null
seine init lake >/dev/null
seine ingest --quiet --lake lake days/ais-*
seine ref load --quiet --lake lake ports >/dev/null
seine refresh --quiet --lake lake >/dev/null
seine sql --lake lake --format csv 'SELECT count(*) > 30000 AS fixes FROM silver.ais'
seine verify --deep --lake lake
seine serve --lake lake --port 0 >served 2>&1 &
server=$!
until port=$(sed -n 's/.*http:..127\\.0\\.0\\.1:\\([0-9]*\\).*/\\1/p' served | head -n 1) && [ -n "$port" ]; do
    kill -0 $server
done
exec 3<>/dev/tcp/127.0.0.1/$port
printf 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nAccept: text/html\\r\\nConnection: close\\r\\n\\r\\n' >&3
page=$(tr -d '\\0' <&3)
kill $server
case $page in *"200 OK"*"<title>"*) echo "the page is served" ;; *) echo "$page" | head -n 20; exit 1 ;; esac
"""
SAID = ("seine ", "true", "all is well", "the page is served")


def said_all(done):
    text = done.stdout
    assert done.returncode == 0, f"ended with {done.returncode}: {text[-3000:]}"
    for wanted in SAID:
        assert wanted in text, f"{wanted!r} was not said: {text[-3000:]}"


class Packs:
    """Both packs, made once, and the first one unpacked in a folder of another name."""

    def __init__(self, folder):
        if not shutil.which("zstd") or not shutil.which("dpkg-deb"):
            raise Skip("zstd or dpkg-deb is missing")
        if not (ROOT / "build" / "web" / "index.html").exists():
            raise Skip("the page was not built")
        self.said = ""
        for kind in ("tar", "deb"):
            done = subprocess.run([ROOT / "tools" / "dist", kind, folder], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True, timeout=900, env=os.environ | {"SEINE_DIST_LEVEL": "1"})
            assert done.returncode == 0, done.stdout
            self.said += done.stdout
        self.deb = next(folder.glob("*.deb"))
        packed = next(folder.glob("*.tar.zst"))
        self.tar = packed.with_suffix("")  # a bare machine has no zstd
        subprocess.run(["zstd", "-q", "-d", packed, "-o", self.tar], check=True)
        self.moved = folder / "some where"
        self.moved.mkdir()
        subprocess.run(["tar", "-xf", self.tar, "--strip-components=1", "-C", self.moved], check=True)


def everything_comes_along(packs):
    for name in ("bin/seine", "lib/libseine.so", "lib/seine/libduckdb.so", "share/seine/ports.csv", "share/seine/web/index.html",
                 "share/man/man1/seine.1.gz", "share/bash-completion/completions/seine", "share/zsh/site-functions/_seine",
                 "share/fish/vendor_completions.d/seine.fish", "share/doc/seine/LICENSE", "share/doc/seine/NOTICE"):
        assert (packs.moved / name).exists(), name
    licences = {path.name for path in (packs.moved / "share/doc/seine/licences").iterdir()}
    assert "npm-maplibre-gl" in licences and len(licences) > 20, licences
    listed = subprocess.run(["dpkg-deb", "-c", packs.deb], stdout=subprocess.PIPE, text=True, check=True).stdout
    for path in packs.moved.rglob("*"):
        assert f"./usr/{path.relative_to(packs.moved)}" in listed, path


def libraries_are_those_that_came_along(packs):
    told = subprocess.run(["ldd", packs.moved / "bin" / "seine", packs.moved / "lib" / "libseine.so"], stdout=subprocess.PIPE,
                          text=True, check=True, env={"PATH": os.environ["PATH"]}).stdout
    runtimes = re.compile(r"^\s*(linux-vdso|/?.*ld-linux|lib(c|m|dl|pthread|rt|resolv|stdc\+\+|gcc_s)\.so)")
    strange = [line for line in told.splitlines() if "=>" in line and str(packs.moved) not in line and not runtimes.match(line)]
    assert "not found" not in told and not strange, strange or told


def nothing_newer_than_ubuntu_22_04_is_needed(packs):
    if tuple(int(part) for part in platform.libc_ver()[1].split(".")) > (2, 36):
        raise Skip("this machine's libraries are newer than those of Debian 12")
    needed = re.findall(r"needs glibc ([\d.]+) and libstdc\+\+ with GLIBCXX_([\d.]+)", packs.said)
    assert len(needed) == 2, packs.said
    for glibc, glibcxx in needed:
        assert [int(part) for part in glibc.split(".")] <= [2, 35], packs.said
        assert [int(part) for part in glibcxx.split(".")] <= [3, 4, 30], packs.said


def it_runs_from_another_place(packs):
    with own_folder() as folder:
        path = f"{packs.moved / 'bin'}:/usr/bin:/bin"
        said_all(subprocess.run(["bash", "-c", USE], cwd=folder, env={"PATH": path, "HOME": folder}, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=300))


def on_bare(suite, prepare, files):
    if not FULL:
        raise Skip("SEINE_FULL=1 runs it")
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        raise Skip("only root with mmdebstrap can make a bare machine")
    words = [word for file in files for word in ("--with", file)]
    said_all(subprocess.run([ROOT / "tools" / "bare", "--empty", *words, suite, prepare + USE], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900))


def bare_case(suite, kind):
    def case(packs):
        if kind == "tar":
            on_bare(suite, "tar -xf seine-*.tar; PATH=$(echo $PWD/seine-*/bin):$PATH\n", [packs.tar])
        else:
            on_bare(suite, "dpkg -i seine_*.deb >/dev/null\n", [packs.deb])
    case.__name__ = f"the_{kind}_runs_on_a_bare_{suite}"
    return case


CASES = [everything_comes_along, libraries_are_those_that_came_along, nothing_newer_than_ubuntu_22_04_is_needed,
         it_runs_from_another_place, *(bare_case(suite, kind) for suite in SUITES for kind in ("tar", "deb"))]


if __name__ == "__main__":
    with own_folder() as packed:
        try:
            packs = Packs(packed)
        except Skip as reason:
            skip_all(reason)
        main(CASES, shared(packs))

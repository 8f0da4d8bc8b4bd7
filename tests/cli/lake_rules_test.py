#!/usr/bin/env python3
"""Rules of commands that change a lake: one bad file harms no other, addresses are no paths, repeating is harmless.

Environment: SEINE_BIN, SEINE_BUILD.
"""
import contextlib
import json
import os
import re
import shutil
import sqlite3
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.faults import shim
from harness.lakes import fix, write_fixes as write
from harness.program import NOBODY, equal, preloaded, run, seine, sources, sql
from harness.tap import Skip, main

MESSAGE = '{"ssvid":"1","timestamp":1,"lat":1,"lon":2,"receiver_type":"x"}\n'


def a_locked_catalog_is_waited_for_and_nothing_made_is_thrown_away(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "a.csv", fix(1, 1, 1))
    shim = preloaded("preload_busy", SEINE_BUSY_FROM="2", SEINE_BUSY_TIMES="3")
    seine(folder, "ingest", "--lake", "lake", "a.csv", env=shim)  # the first writes the lease, the second the commit
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais"), [{"n": 1}], "silver")
    equal(len(list((folder / "lake/silver/ais/data").rglob("*.parquet"))), 1, "files made")


def one_bad_file_harms_no_other(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    os.mkfifo(folder / "fifo.csv")
    (folder / "nowhere.csv").symlink_to("gone")
    write(folder / "denied.csv", fix(9, 1, 1)).chmod(0)
    (folder / "empty").mkdir()
    (folder / "corrupt.zip").write_bytes(b"PK\x03\x04 no more")
    good = [write(folder / f"good_{n}.csv", fix(n, 1, n)) for n in (1, 2, 3)]
    bad = ["fifo.csv", "nowhere.csv", "denied.csv", "empty", "corrupt.zip", "missing.csv"]
    words = [good[0], *bad[:3], good[1], *bad[3:], good[2]]
    user = None
    if os.geteuid() == 0:  # nothing is denied to root
        user = NOBODY
        for path in (folder / "lake", *(folder / "lake").rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    done = run(folder, "ingest", "--lake", "lake", *words, user=user)
    equal(done.returncode, 1, done.stderr)
    for name in bad:
        assert name in done.stderr, (name, done.stderr)
    assert "3 taken in, 0 in the lake already, 5 failed, 1 in quarantine" in done.stderr, done.stderr
    found = sources(folder)
    equal({name for name, row in found.items() if row["state"] == "live"}, {path.name for path in good}, "live")
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais"), [{"n": 3}], "silver")
    seine(folder, "verify", "--lake", "lake")


def a_folder_in_it_that_does_not_open_keeps_no_file_out(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "in" / "near.csv", fix(1, 1, 1))
    write(folder / "in" / "zz" / "far.csv", fix(2, 1, 2))
    for name in ("dd", ".trash"):
        write(folder / "in" / name / "hidden.csv", fix(3, 1, 3))
        (folder / "in" / name).chmod(0)
    deep = folder / "in" / "deep"
    write(deep / "/".join(["d"] * 70) / "a.csv", fix(4, 1, 4))
    user = None
    if os.geteuid() == 0:
        user = NOBODY
        for path in (folder / "lake", *(folder / "lake").rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    done = run(folder, "ingest", "--lake", "lake", "in", user=user)
    for name in ("dd", ".trash"):
        (folder / "in" / name).chmod(0o755)
    equal(done.returncode, 1, done.stderr)
    for words in ("cannot open folder in/dd: Permission denied; what lies in it is left out", "/d: folders nested too deep",
                  "2 taken in, 0 in the lake already, 2 failed, 0 in quarantine, 1 left out"):
        assert words in done.stderr, (words, done.stderr)
    equal(set(sources(folder)), {"near.csv", "far.csv"}, "taken")


def addresses_are_no_paths(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    for words in (["init", "gs://b/l"], ["status", "--lake", "gs://b/l"], ["ingest", "--lake", "lake", "gs://b/a.csv"],
                  ["ref", "load", "ports", "--lake", "lake", "https://ann:pw@h/p.csv"], ["relocate", "hdfs://n/l"],
                  ["init", "file:///tmp/l"], ["detect", "gaps", "-i", "s3://b/a.csv"],
                  ["sql", "--lake", "lake", "-o", "s3://b/x.csv", "SELECT 1"]):
        done = run(folder, *words)
        equal((done.returncode, "is an address" in done.stderr), (2, True), f"{words}: {done.stderr}")
        assert "pw" not in done.stderr, done.stderr
    equal(run(folder, "status", env={"SEINE_LAKE": "gs://b/l"}).returncode, 2, "SEINE_LAKE")
    for text in ("S3:/b/l", "hdfs:b", "az:foo/b", "memory:"):
        done = run(folder, "init", text)
        equal((done.returncode, f"give ./{text}" in done.stderr), (2, True), f"{text}: {done.stderr}")
    equal(sorted(path.name for path in folder.iterdir()), ["lake"], "nothing was made")
    (folder / "a.jsonl").write_text("", encoding="utf-8")
    for text in ("work-dir: s3://b/w", "work-dir: hdfs:w", "input: [a.jsonl, s3:b/a]"):
        (folder / "c.yaml").write_text(f"# settings\n{text}\n", encoding="utf-8")
        done = run(folder, "detect", "gaps", "-c", "c.yaml", *([] if "input" in text else ["-i", "a.jsonl"]))
        equal((done.returncode, f"c.yaml line 2: {text.split(':', maxsplit=1)[0]}: " in done.stderr,
               "address" in done.stderr), (2, True, True), done.stderr)
    (folder / "lake/seine.yaml").write_text("access-log: s3:log\n", encoding="utf-8")
    equal(run(folder, "serve", "--lake", "lake", "--port", 0).returncode, 2, "seine.yaml")
    (folder / "lake/seine.yaml").write_text("", encoding="utf-8")
    equal(sorted(path.name for path in folder.iterdir()), ["a.jsonl", "c.yaml", "lake"], "nothing was made")
    for text in ("./S3:lake", "C:", "2025-03-01T00:00"):  # names may hold what they like
        seine(folder, "init", text)
    (folder / "ab:m.jsonl").write_text(MESSAGE, encoding="utf-8")
    seine(folder, "detect", "gaps", "-i", "ab:m.jsonl")


def files_of(folder, lake="lake"):
    """Bytes of everything below, but for what looking at a lake in WAL mode leaves."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted((folder / lake).rglob("*"))
            if path.is_file() and path.suffix not in (".db-wal", ".db-shm")}


def no_output_stands_in_a_lake(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "a.csv", fix(1, 1, 1))
    seine(folder, "ingest", "--lake", "lake", "a.csv")
    (folder / "m.jsonl").write_text(MESSAGE, encoding="utf-8")
    (folder / "link").symlink_to("lake")
    (folder / "catalog.db").touch()  # alone it makes no lake of the folder above
    silver = next(path for path in (folder / "lake/silver").rglob("*.parquet")).relative_to(folder)
    before = files_of(folder)
    sql, detect = ["sql", "--lake", "lake"], ["detect", "gaps", "-i", "m.jsonl"]
    export = ["export", "tracks", "--lake", "lake", "--start", "2020-03-01", "--stop", "2020-03-02", "--mmsi", 1]
    for words in ([*sql, "--format", "csv", "-o", "lake/catalog.db", "select 1"],
                  [*sql, "-o", "link/x.csv", "select 1"],
                  [*sql, "--format", "gpkg", "-o", "lake/silver/../x", "select 1 AS lat, 1 AS lon"],
                  [*export, "-o", silver], [*detect, "-o", "lake/seine.yaml"], [*detect, "--stats", "lake/new.csv"],
                  [*detect, "--work-dir", "lake/w/deep"], [*detect, "--work-dir", "new/../lake/w"],
                  ["generate", "ais", "--out", "lake/days", "--days", 1, "--vessels", 1],
                  ["generate", "ais", "--out", "days", "--truth", "lake/seine.yaml", "--days", 1, "--vessels", 1],
                  ["serve", "--lake", "lake", "--port", 0, "--access-log", "lake/log"]):
        done = run(folder, *words)
        equal((done.returncode, "inside the lake" in done.stderr), (2, True), f"{words}: {done.stderr}")
    made = run(folder / "lake", *export[:2], *export[4:])  # under a name of its own, in the current folder
    equal((made.returncode, "inside the lake" in made.stderr), (2, True), made.stderr)
    equal(files_of(folder), before, "the lake")
    seine(folder, *sql, "-o", "x.csv", "select 1")  # beside it is fine, and what was named is replaced as ever
    seine(folder, *sql, "-o", "x.csv", "select 2 AS n")
    equal((folder / "x.csv").read_text(encoding="utf-8"), "n\n2\n", "x.csv")
    equal(sorted(path.name for path in folder.iterdir()),
          ["a.csv", "catalog.db", "lake", "link", "m.jsonl", "x.csv"], "nothing else was made")


def no_file_of_a_command_eats_another(folder):
    line = MESSAGE
    for name in ("a.jsonl", "c.yaml", "q.sql"):
        (folder / name).write_text(line, encoding="utf-8")
    (folder / "hard.jsonl").hardlink_to(folder / "a.jsonl")
    (folder / "soft.jsonl").symlink_to("a.jsonl")
    os.mkfifo(folder / "pipe")
    seine(folder, "init", "lake", "--buckets", 1)
    detect, ais = ["detect", "gaps", "-i", "a.jsonl"], ["generate", "ais", "--days", 1, "--vessels", 2]
    day = "g/ais-2025-01-01.csv.zst"
    for words in ([*detect, "-o", "a.jsonl"], [*detect, "-o", "./a.jsonl"], [*detect, "-o", folder / "a.jsonl"],
                  [*detect, "-o", "hard.jsonl"], [*detect, "--stats", "soft.jsonl"],
                  [*detect, "--stats", "n.csv", "-o", "./n.csv"], [*detect, "-s", "s.jsonl", "-o", "s.jsonl"],
                  [*detect, "-i", "./a.jsonl"], [*detect, "-i", "hard.jsonl"],
                  [*detect, "--json-input-messages", "a.jsonl"],
                  [*ais, "--out", "g", "--truth", day], ["sql", "--lake", "lake", "-f", "q.sql", "-o", "q.sql"]):
        (folder / "g").mkdir(exist_ok=True)
        done = run(folder, *words)
        equal((done.returncode, "are the same file" in done.stderr), (2, True), f"{words}: {done.stderr}")
    equal({name: (folder / name).read_text(encoding="utf-8") for name in ("a.jsonl", "hard.jsonl", "q.sql")},
          dict.fromkeys(("a.jsonl", "hard.jsonl", "q.sql"), line), "inputs")
    done = run(folder, *detect, "-o", "pipe")
    equal((done.returncode, "no plain file" in done.stderr, (folder / "pipe").is_fifo()), (2, True, True), done.stderr)
    equal(run(folder, *detect, "-o", "o.jsonl", "--stats", "o.csv").returncode, 0, "two names")


def days_of_another_run_are_kept(folder):
    run_1 = ["generate", "ais", "--out", "g", "--days", 1, "--vessels", 3]
    seine(folder, *run_1)
    before = files_of(folder, "g")
    seine(folder, *run_1)
    for more in (["--seed", 2], ["--vessels", 2], ["--truth", "other.json"], ["--start", "2025-01-02"]):
        done = run(folder, *run_1[:4], *more, *([] if "--vessels" in more else ["--vessels", 3]), "--days", 1)
        equal((done.returncode, "of another run" in done.stderr), (1, True), f"{more}: {done.stderr}")
    equal(files_of(folder, "g"), before, "days")
    seine(folder, *run_1, "--seed", 2, "--force")
    assert files_of(folder, "g") != before, "--force replaces"


def what_is_done_may_be_asked_for_again(folder):
    for number in range(2):
        text = seine(folder, "init", "a lake", "--buckets", 2)
        assert "Next: seine ingest --lake 'a lake' FILE" in text, text
        equal(("Made" in text, "Nothing to do" in text), (number == 0, number == 1), text)
    seine(folder, "init", "a lake")  # any number of buckets will do
    equal(run(folder, "init", "a lake", "--buckets", 3).returncode, 1, "another number of buckets")
    write(folder / "a.csv", fix(1, 1, 1))
    (folder / "bad.csv").write_text("no header\n", encoding="utf-8")
    run(folder, "ingest", "--lake", "a lake", "a.csv", "bad.csv")
    for words in (("is out of silver", "is removed; it fed no day of silver"), ("is out of the lake already",) * 2):
        for name, told in zip(("a.csv", "bad.csv"), words):
            said = run(folder, "source", "rm", "--lake", "a lake", name).stderr
            equal((told in said, "Next" in said), (True, told == "is out of silver"), said)
    equal({row["state"] for row in sources(folder, "a lake").values()}, {"removed"}, "states")
    equal(run(folder, "source", "rm", "--lake", "a lake", "never.csv").returncode, 1, "a name nobody knows")


def an_undated_file_moves_the_watermark(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "AIS_2020_03_01.csv", fix(1, 1, 20))
    seine(folder, "ingest", "--lake", "lake", "AIS_2020_03_01.csv")
    seine(folder, "refresh", "--lake", "lake")
    gaps = "SELECT mmsi, is_closed FROM events.ais_gaps"
    equal(sql(folder, gaps), [], "gaps by the end of the day")
    write(folder / "newer.csv", fix(2, 3, 1))
    seine(folder, "ingest", "--lake", "lake", "newer.csv")
    seine(folder, "refresh", "--lake", "lake")
    equal(sql(folder, gaps), [{"mmsi": "366000001", "is_closed": False}], "gaps by the newest fix")


def quiet_is_silent(folder):
    write(folder / "days/a.csv", fix(1, 1, 1))
    (folder / "days/notes.md").write_text("x", encoding="utf-8")
    for words in (["init", "lake"], ["ingest", "--lake", "lake", "days"], ["ingest", "--lake", "lake", "days"],
                  ["source", "rm", "--lake", "lake", "a.csv"], ["source", "rm", "--lake", "lake", "a.csv"],
                  ["run", "--lake", "lake", "days"], ["table", "expire", "--lake", "lake"]):
        done = run(folder, *words, "--quiet")
        equal((done.returncode, done.stdout, done.stderr), (0, "", ""), words)


def strange_tables(folder):
    """Two tables of others that cannot be read, one of them under a hard name."""
    with contextlib.closing(sqlite3.connect(folder / "lake/catalog.db")) as catalog, catalog:
        for namespace in ("theirs", 'th"ei,rs'):
            catalog.execute("INSERT INTO iceberg_tables VALUES('seine', ?, 't', 'file:///nowhere/m.json', NULL, 'TABLE')",
                            [namespace])
    return {"theirs.t", 'th"ei,rs.t'}


def every_command_means_the_same_tables(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "a.csv", fix(1, 1, 1))
    seine(folder, "ingest", "--lake", "lake", "a.csv")
    seine(folder, "refresh", "--lake", "lake")
    theirs = strange_tables(folder)
    tables = json.loads(seine(folder, "table", "ls", "--lake", "lake", "--json"))
    names = {row["table"] for row in tables}
    assert {"silver.ais", "gold.ais_hourly_h3"} | theirs <= names, names
    equal({row["table"] for row in tables if "unreadable" in row}, theirs, "unreadable")
    expired = run(folder, "table", "expire", "--lake", "lake", "--json")
    equal({row["table"] for row in json.loads(expired.stdout)}, names - theirs, "expire")
    equal((expired.returncode, expired.stderr.count("is passed over")), (0, 2), expired.stderr)
    shown = {row["name"] for row in json.loads(seine(folder, "sql", "--lake", "lake", "--format", "json", "SHOW TABLES"))}
    equal(shown, names, "sql")
    stray = folder / "lake/gold/ais_hourly_h3/data/stray.parquet"
    stray.write_bytes(b"x")
    orphans = run(folder, "table", "orphans", "--lake", "lake", "--older-than", 0, "--remove", "--json",
                  env={"SEINE_NOW": "2100-01-01T00:00:00Z"})
    equal((orphans.returncode, stray.exists()), (0, False), orphans.stderr)


def a_table_that_cannot_be_read_harms_only_who_asks_for_it(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    strange_tables(folder)
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais"), [{"n": 0}], "a table that can be read")
    for words in (["sql", "SELECT count(*) FROM theirs.t"], ["sql", 'SELECT * FROM "th""ei,rs".t'],
                  ["table", "show", "theirs.t"], ["table", "expire", "theirs.t"], ["table", "orphans", "theirs.t"]):
        done = run(folder, *words[:-1], "--lake", "lake", words[-1])
        equal(done.returncode, 1, words)
        assert "/nowhere/m.json" in done.stderr, (words, done.stderr)
    seine(folder, "sql", "--lake", "lake", "DESCRIBE theirs.t")


def a_table_is_shown_with_its_columns_aligned(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    lines = seine(folder, "table", "show", "silver.ais", "--lake", "lake").splitlines()
    heads = ("table", "", "folder", "metadata", "snapshot", "rows", "files", "bytes", "partition")
    for line, head in zip(lines, heads):
        assert line.startswith(f"{head:<11}") and line[11:12] not in ("", " "), line
    first, *others = lines[len(heads) + 1:]
    equal(first.split()[:4], ["1", "mmsi", "string", "required"], first)
    equal({(line.index(" ", 6), line[4:6]) for line in others if len(line.split()[1]) == 3}, {(9, "  ")}, "columns")
    equal({line[34:35] for line in (first, *others)}, {" "}, "a blank before each type")


READERS = (["sql", "SELECT count(*) FROM silver.ais"], ["status"], ["source", "ls"], ["runs"], ["table", "ls"], ["verify"],
           ["trace", "--mmsi", "366000001", "--ts", "2020-03-01T01:00:00"], ["ref", "ls"], ["table", "history", "silver.ais"], ["table", "orphans"])


def read_permission_is_enough_to_read(folder):
    if os.geteuid() != 0:
        raise Skip("only root can become another user")
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "a.csv", fix(1, 1, 1))
    seine(folder, "ingest", "--lake", "lake", "a.csv")
    seine(folder, "refresh", "--lake", "lake")
    for path in (folder / "lake").rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (folder / "lake").chmod(0o555)

    def all_read():
        for words in READERS:
            done = run(folder, *words, "--lake", "lake", user=NOBODY)
            equal(done.returncode, 0, f"{words}: {done.stderr}")
        for words in (["ingest", "a.csv"], ["refresh"], ["source", "rm", "a.csv"], ["table", "expire"]):
            done = run(folder, *words, "--lake", "lake", user=NOBODY)
            line = f"seine {' '.join(word for word in words if word != 'a.csv')}: no permission to write {folder}/lake\n"
            equal((done.returncode, done.stderr), (1, line), words)

    all_read()  # beside the log of the last writer
    for log in (folder / "lake").glob("catalog.db-*"):
        log.unlink()
    all_read()  # a copy without it
    equal(sorted(path.name for path in (folder / "lake").glob("catalog.db*")), ["catalog.db"], "nothing was made")


def relocate_says_what_it_leaves(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    write(folder / "a.csv", fix(1, 1, 1))
    seine(folder, "ingest", "--lake", "lake", "a.csv")
    (folder / "lake").rename(folder / "moved")
    said = re.search(r"^(\d+) files replaced and no longer needed: seine (table orphans --remove --older-than 0 --lake moved)$",
                     seine(folder, "relocate", "moved"), re.M)
    look = ("table", "orphans", "--older-than", 0, "--json", "--lake", "moved")
    later = {"SEINE_NOW": "2100-01-01T00:00:00Z"}
    equal(len(json.loads(seine(folder, *look, env=later))), int(said[1]), "orphans")
    seine(folder, *said[2].split(), env=later)
    equal(json.loads(seine(folder, *look, env=later)), [], "left")
    seine(folder, "verify", "--lake", "moved")


def looking_changes_nothing(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    with contextlib.closing(sqlite3.connect(folder / "lake/catalog.db")) as catalog:
        with catalog:  # as a lake of an older version
            catalog.execute("DELETE FROM iceberg_tables WHERE table_name IN ('ais_enriched', 'ports', 'ais_gaps_head')")
        before = catalog.execute("SELECT * FROM iceberg_tables ORDER BY 1, 2, 3").fetchall()
        for words in (["status"], ["ref", "ls"], ["sql", "SELECT 1"], ["table", "ls"]):
            seine(folder, *words, "--lake", "lake")
        equal(catalog.execute("SELECT * FROM iceberg_tables ORDER BY 1, 2, 3").fetchall(), before, "tables")
    seine(folder, "refresh", "--lake", "lake")
    equal(sql(folder, "SELECT count(*) AS n FROM silver.ais_enriched"), [{"n": 0}], "made by a command that writes")


def long_lists_are_summed_up(folder):
    seine(folder, "init", "lake", "--buckets", 1)
    for day in range(1, 31):
        write(folder / f"days/ais-2020-03-{day:02}.csv", fix(1, day, 1))
    seine(folder, "ingest", "--lake", "lake", "days", env={"SEINE_NOW": "2020-04-30T00:00:00Z"})
    for words, total in ((["source", "ls"], "30 files"), (["status"], "30 days")):
        short, whole = (seine(folder, *words, "--lake", "lake", *more).splitlines() for more in ([], ["--all"]))
        assert len(short) <= 30 < len(whole), (words, len(short), len(whole))
        assert any(total in line for line in short) and not any(total in line for line in whole), short
        assert any("--all" in line for line in short), short
    equal(len(json.loads(seine(folder, "source", "ls", "--lake", "lake", "--json"))), 30, "JSON is whole")


def contents(folder, lake):
    """Every table's rows, and what the ledger says of sources."""
    names = [row["table"] for row in json.loads(seine(folder, "table", "ls", "--lake", lake, "--json"))]
    parts = ", ".join(f"(SELECT sum(hash(t)) FROM (SELECT * FROM {name}) t)" for name in names)
    found = seine(folder, "sql", "--lake", lake, "--format", "csv", f"SELECT {parts}")
    return names, found, {name: row["state"] for name, row in sources(folder, lake).items()}


def every_command_killed_anywhere_may_be_repeated(folder):
    write(folder / "days/a.csv", fix(1, 1, 1), fix(2, 1, 2))
    write(folder / "days/b.csv", fix(1, 1, 3), "no,row")
    (folder / "ports.csv").write_text("id,name,lat,lon\na,Alpha,1,1\n", encoding="utf-8")
    seine(folder, "init", "lake", "--buckets", 1)
    seine(folder, "ingest", "--quiet", "--lake", "lake", "days/a.csv")
    late = {"SEINE_NOW": "2020-05-01T00:00:00Z"}  # by then every snapshot may go
    (folder / "lake/silver/ais/data/stray.parquet").write_bytes(b"x")
    (folder / "lake").rename(folder / "base")
    for words in (["init", "lake"], ["ingest", "days", "--lake", "lake"], ["source", "rm", "a.csv", "--lake", "lake"],
                  ["ref", "load", "ports", "ports.csv", "--lake", "lake"], ["table", "expire", "--lake", "lake"],
                  ["table", "orphans", "--older-than", "0", "--remove", "--lake", "lake"]):
        def begin():
            shutil.rmtree(folder / "lake", ignore_errors=True)
            if words[0] != "init":
                shutil.copytree(folder / "base", folder / "lake")
        begin()
        lake, count = folder / "lake", folder / "count"
        seine(folder, *words, env=late | shim(lake, count=count))
        calls, wanted = int(count.read_text(encoding="utf-8")), contents(folder, "lake")
        for at in sorted({1, calls // 3, calls // 2, calls - 2, calls - 1, calls} - {0, -1}):
            begin()
            killed = run(folder, *words, env=late | shim(lake, mode="kill", at=at))
            equal(killed.returncode, -9, f"{words} at call {at} of {calls}")
            seine(folder, *words, env=late)
            equal(contents(folder, "lake"), wanted, f"{words} after call {at} of {calls}")
            seine(folder, *words, env=late)
            seine(folder, "verify", "--lake", "lake")


if __name__ == "__main__":
    main([a_locked_catalog_is_waited_for_and_nothing_made_is_thrown_away, one_bad_file_harms_no_other,
          a_folder_in_it_that_does_not_open_keeps_no_file_out,
          addresses_are_no_paths, no_output_stands_in_a_lake, no_file_of_a_command_eats_another,
          days_of_another_run_are_kept, what_is_done_may_be_asked_for_again,
          an_undated_file_moves_the_watermark, quiet_is_silent, every_command_means_the_same_tables,
          a_table_that_cannot_be_read_harms_only_who_asks_for_it, a_table_is_shown_with_its_columns_aligned, read_permission_is_enough_to_read,
          relocate_says_what_it_leaves,
          every_command_killed_anywhere_may_be_repeated, looking_changes_nothing, long_lists_are_summed_up])

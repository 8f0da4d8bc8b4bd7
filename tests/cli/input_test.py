#!/usr/bin/env python3
"""What files may be: columns, words, ids, archives, encodings, sizes. Each is read, or refused by its right cause.

Environment: SEINE_BIN, the program; SEINE_SANITIZED, 1 when memory cannot be limited.
"""
import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
import zipfile

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import ROOT, equal, run, seine, sql
from harness.tap import main

HEADER = "MMSI,BaseDateTime,LAT,LON,SOG,VesselName\n"
ROWS = "".join(f"36700000{i},2024-01-01T00:00:0{i},29.{i},-90.1,{i}.5,SHIP {i}\n" for i in range(5))
GOOD = (HEADER + ROWS).encode()


def ingest(folder, *files, options=(), limit=None):
    """@return one object per file, by its name."""
    if not (folder / "lake").exists():
        seine(folder, "init", "--quiet", "--buckets", "1", "lake")
    result = run(folder, "ingest", "--lake", "lake", "--json", *options, *files, limit=limit)
    assert result.returncode in (0, 1), f"ingest: {result.returncode}: {result.stderr[-2000:]}"
    return {file["source"]: file for file in map(json.loads, result.stdout.splitlines())}


def one(folder, name, content, **how):
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return ingest(folder, name, **how)[name]


# ---- columns ----

def what_is_not_taken_is_named_in_line_json_and_ledger(folder):
    text = ("MMSI,BaseDateTime,LAT,LON,speed,vessel_type,headign,eta\n"
            "367000001,2024-01-01T00:00:00,29,-90,7.5,Tanker,10,soon\n"
            "367000001,2024-01-01T00:01:00,29,-90,-3,Submarine,10,soon\n"
            "367000001,2024-01-01T00:02:00,29,-90,-4,70,10,soon\n")
    file = one(folder, "a.csv", text)
    equal([file["rows"], file["silver"], file["rejects"]], [3, 3, 0], "rows")
    equal(file["columns_not_taken"], [{"column": "headign", "meant_for": "Heading", "used_instead": None},
                                      {"column": "eta", "meant_for": None, "used_instead": None}], "columns not taken")
    equal(file["measures"], [{"column": "sog", "rows": 2, "first": "-3"},
                             {"column": "vessel_type", "rows": 1, "first": "Submarine"}], "measures")
    line = "columns not taken: headign (Heading?), eta; measure: sog: 2 rows, the first -3; vessel_type: 1 row, Submarine"
    equal(file["message"], line, "message")
    (source,) = json.loads(seine(folder, "source", "ls", "--lake", "lake", "--json"))
    equal([source["state"], source["reason"]], ["live", line], "ledger")
    (folder / "b.csv").write_text(text + "\n", encoding="utf-8")
    out = seine(folder, "ingest", "--lake", "lake", "b.csv")
    assert f"  {line}\n" in out, out
    equal(sql(folder, "SELECT sog, vessel_type FROM silver.ais ORDER BY ts"),
          [{"sog": 7.5, "vessel_type": 80}, {"sog": None, "vessel_type": None}, {"sog": None, "vessel_type": 70}],
          "values")


def a_column_given_twice_is_named_with_the_one_that_is_used(folder):
    text = "MMSI,BaseDateTime,LAT,LON,sog,SOG,Speed Over Ground,COG,COG\n367000001,2024-01-01T00:00:00,29,-90,1,2,3,4,5\n"
    file = one(folder, "a.csv", text)
    equal([(column["column"], column["meant_for"], column["used_instead"]) for column in file["columns_not_taken"]],
          [("sog", None, "SOG"), ("Speed Over Ground", None, "SOG"), ("COG", None, "COG")], "columns not taken")
    equal(file["message"], "columns not taken: sog (SOG is given twice; field 6, SOG, is used), "
                           "Speed Over Ground (SOG is given twice; field 6, SOG, is used), "
                           "COG (COG is given twice; field 8, COG, is used)", "message")
    equal(sql(folder, "SELECT sog, cog FROM silver.ais"), [{"sog": 2, "cog": 4}], "used")


def zone_archives_have_words_and_wrapped_numbers_and_declare_their_month(folder):
    file = one(folder, "AIS_2017_01_Zone10.csv",
               "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,Status\n"
               "316001234,2017-01-05T03:00:00,48.40,-123.10,-0.1,-49.6,511.0,under way using engine\n"
               "316001234,2017-01-05T03:10:00,48.41,-123.12,-89.6,204.7,90.0,moored\n"
               "316001235,2017-01-05T03:10:00,48.41,-123.12,12.0,-204.8,1.0,undefined\n")
    equal([file["measures"], file["columns_not_taken"]], [[], []], "remarks")
    equal(sql(folder, "SELECT sog, cog, status FROM silver.ais ORDER BY mmsi, ts"),
          [{"sog": None, "cog": None, "status": 0}, {"sog": 12.8, "cog": 204.7, "status": 5},
           {"sog": 12, "cog": 204.8, "status": 15}], "values")
    (source,) = json.loads(seine(folder, "source", "ls", "--lake", "lake", "--json"))
    equal([source["declared_day"], source["bronze_path"]],
          ["2017-01-31", "bronze/ais/year=2017/month=01/AIS_2017_01_Zone10.csv"], "declared")


def ids_of_one_number_are_one_vessel_with_its_flag(folder):
    one(folder, "a.csv", HEADER + "3669708,2024-01-01T00:00:00,29,-90,,COAST\n"
                                  "003669708,2024-01-01T00:01:00,29,-90,,COAST\n")
    equal(sql(folder, "SELECT mmsi, count(*) AS n, mmsi_flag(mmsi) AS flag FROM silver.ais GROUP BY mmsi"),
          [{"mmsi": "3669708", "n": 2, "flag": "US"}], "vessels")
    equal(sql(folder, "SELECT mmsi_flag('826502093') AS a, mmsi_flag('3669708') AS b, mmsi_flag('972367001') AS c"),
          [{"a": "SE", "b": "US", "c": None}], "flags")
    for written in ("3669708", "003669708"):
        lines = json.loads(seine(folder, "trace", "--lake", "lake", "--mmsi", written, "--ts", "2024-01-01T00:01:00Z",
                                 "--json"))["source_rows"]
        equal([line["fate"] for line in lines], ["silver"], f"trace of {written}")
        seine(folder, "export", "tracks", "--lake", "lake", "--mmsi", written, "--start", "2024-01-01",
              "--stop", "2024-01-02", "--format", "csv", "-o", f"{written}.csv")
        equal(len((folder / f"{written}.csv").read_text().splitlines()), 3, f"export of {written}")


def one_imo_number_is_counted_once(folder):
    sent = ("IMO9074729", "9074729", "imo 9074729", "IMO9074729@", "IMO100000009", "12", "9074729.0", "09074729",
            "IMO 0009074729.", "IMO0000000", "0", "0.0", "9074729.5")
    one(folder, "a.csv", "MMSI,BaseDateTime,LAT,LON,IMO,VesselName,CallSign\n" + "".join(
        f"367000001,2024-01-01T00:00:{i:02},29,-90,{imo},ANNA{'@' * i},{' @' * i}\n" for i, imo in enumerate(sent)))
    seine(folder, "refresh", "--lake", "lake", "--quiet")
    equal(sql(folder, "SELECT kind, value, fixes FROM gold.ais_identities_daily ORDER BY ALL"),
          [{"kind": "imo", "value": "12", "fixes": 1}, {"kind": "imo", "value": "9074729.5", "fixes": 1},
           {"kind": "imo", "value": "IMO100000009", "fixes": 1}, {"kind": "imo", "value": "IMO9074729", "fixes": 7},
           {"kind": "name", "value": "ANNA", "fixes": 13}], "identities")
    equal(sql(folder, "SELECT name, imo, imos LIKE '%IMO0000000%' AS none FROM gold.ais_vessels"),
          [{"name": "ANNA", "imo": "9074729", "none": False}], "vessel")


# ---- rows ----

def a_stray_quote_loses_no_row(folder):
    file = one(folder, "lead.csv", (ROOT / "tests" / "data" / "inputs" / "stray_quotes.csv").read_bytes())
    equal([file["rows"], file["silver"], file["rejects"]], [699, 699, 0], "rows")
    file = one(folder, "q.csv", 'MMSI,BaseDateTime,LAT,LON,VesselName,CallSign\n'
                                '367000001,2024-02-01T00:00:00,29.1,-90.1,"LADY ANN,WDA1\n'
                                '367000002,2024-02-01T00:00:00,29.2,-90.1,PLAIN,WDB2\n'
                                '367000003,2024-02-01T00:00:00,29.3,-90.1,"RED, WHITE",WDC3\n'
                                '367000004,2024-02-01T00:00:00,29.4,-90.1,LAST,WDD4\n')
    equal([file["silver"], file["rejects"]], [4, 0], "rows")
    equal([row["name"] for row in sql(folder, "SELECT name FROM silver.ais WHERE source_file = 'q.csv' ORDER BY mmsi")],
          ['"LADY ANN', "PLAIN", "RED, WHITE", "LAST"], "names")


def a_file_of_which_every_row_is_refused_keeps_rows_and_reasons(folder):
    text = HEADER + "219000001,07/17/2026 05:13:00,56,10,5,\n219000001,2024-01-01T00:00:00,99,10,5,\n"
    for _ in range(2):  # again: one trace of it, not two
        file = one(folder, "a.csv", text)
        equal(file["outcome"], "quarantined", "outcome")
    equal(sql(folder, "SELECT source_row, reason, raw FROM silver.ais_rejects ORDER BY source_row"),
          [{"source_row": 1, "reason": "time: '07/17/2026 05:13:00' is not a time", "raw": text.splitlines()[1]},
           {"source_row": 2, "reason": "position: latitude 99 is outside [-90, 90]", "raw": text.splitlines()[2]}],
          "rejects")
    seine(folder, "verify", "--lake", "lake")


def times_before_the_span_of_the_dataset_are_refused(folder):
    text = HEADER + "367000001,1969-12-31T19:00:00Z,29,-90,1,\n367000002,2024-01-01T00:00:00Z,29,-90,1,\n"
    file = one(folder, "a.csv", text)
    equal([file["silver"], file["rejects"]], [1, 1], "rows")
    equal(sql(folder, "SELECT reason FROM silver.ais_rejects"),
          [{"reason": "time: 1969-12-31T19:00:00Z is before 1990-01-01T00:00:00Z"}], "reason")
    file = one(folder, "b.csv", text, options=("--time-valid-from", "1960"))
    equal([file["rejects"], sql(folder, "SELECT CAST(min(ts) AS DATE) AS d FROM silver.ais")[0]["d"]],
          [0, "1969-12-31"], "span lowered")


# ---- archives ----

def zipped(*members, method=zipfile.ZIP_DEFLATED, **how):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            with archive.open(name, "w", **how) as member:
                member.write(content)
    return out.getvalue()


def with_method(archive, method, flags=0):
    """The archive with every member said to be packed by another method, or to be encrypted."""
    archive = bytearray(archive)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = archive.find(magic)
        while start >= 0:
            archive[start + at] |= flags
            archive[start + at + 2:start + at + 4] = method.to_bytes(2, "little")
            start = archive.find(magic, start + 4)
    return bytes(archive)


def zstd_frame(blocks, window_log):
    """A frame of raw blocks (bytes) and repeated bytes (byte, count)."""
    out = b"\x28\xB5\x2F\xFD\x00" + bytes([(window_log - 10) << 3])
    for i, block in enumerate(blocks):
        raw = isinstance(block, bytes)
        size = len(block) if raw else block[1]
        header = size << 3 | (0 if raw else 2) | (i + 1 == len(blocks))
        out += header.to_bytes(3, "little") + (block if raw else block[0])
    return out


def archives_that_can_be_read_are_read(folder):
    tenth = [GOOD.replace(b"2024-01-01", b"2024-%02d-01" % month) for month in range(1, 10)]
    fork = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "
    files = {
        "two.zip": (zipped(("a.csv", tenth[0]), ("sub/B.CSV", tenth[1]), ("note.txt", b"no")), 10),
        "apple.zip": (zipped(("a.csv", tenth[2]), ("._a.csv", fork), ("__MACOSX/._a.csv", fork),
                             ("sub/__MACOSX/b.csv", fork), ("sub/._c.csv", fork)), 5),
        "long.zip": (zipped(("a.csv", tenth[3]), force_zip64=True), 5),
        "stored.zip": (zipped(("a.csv", tenth[4]), method=zipfile.ZIP_STORED), 5),
        "pad.csv.gz": (gzip.compress(tenth[5]) + bytes(700), 5),
        "joined.csv.gz": (gzip.compress(tenth[6][:70]) + bytes(3) + gzip.compress(tenth[6][70:]) + bytes(1), 5),
        "window.csv.zst": (zstd_frame([tenth[7]], 28) + bytes(9), 5),
        "gzip.csv.zst": (gzip.compress(GOOD.replace(b"2024", b"2023")), 5),  # bytes decide, not names
        "zip.csv.gz": (zipped(("a.csv", GOOD.replace(b"2024", b"2022"))), 5),
        "text.csv.gz": (GOOD.replace(b"2024", b"2021"), 5),
        "mark.csv": (b"\xEF\xBB\xBF" + tenth[8].replace(b"\n", b"\r\n"), 5),
    }
    for name, (content, rows) in files.items():
        file = one(folder, name, content)
        equal([file["outcome"], file["silver"], file["message"]], ["added", rows, ""], name)


def archives_that_cannot_be_read_are_named(folder):
    plain = zipped(("a.csv", GOOD))
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("a.csv")
        entry.size = len(GOOD)
        archive.addfile(entry, io.BytesIO(GOOD))
    broken = bytearray(zipped(("a.csv", GOOD), ("b.csv", GOOD), method=zipfile.ZIP_STORED))
    broken[broken.rfind(b"SHIP 4")] ^= 1
    cases = {
        "deflate64.zip": (with_method(plain, 9), "member a.csv is packed by method 9 (Deflate64)"),
        "implode.zip": (with_method(plain, 6), "member a.csv is packed by method 6 (Implode)"),
        "ppmd.zip": (with_method(plain, 98), "member a.csv is packed by method 98 (PPMd)"),
        "secret.zip": (with_method(plain, 8, flags=1), "member a.csv is encrypted"),
        "one.zip": (zipped(("a.csv", GOOD), ("b.csv", b"when,where\n1,2\n")),
                    "b.csv: wrong header: no MMSI column; columns seen: when, where; an archive is taken whole or not at "
                    "all: to take the others, ingest a copy without it (zip -d COPY.zip 'b.csv')"),
        "crc.zip": (broken, "b.csv: corrupt archive: CRC error; an archive is taken whole or not at all"),
        "nested.zip": (zipped(("a.csv.gz", gzip.compress(GOOD))), "it has a.csv.gz: an archive in an archive is not read"),
        "half.csv.gz": (b"\x02" + gzip.compress(GOOD)[1:], "neither text nor a gzip archive, whatever its name says"),
        "empty.zip": (zipped(), "no .csv or .json member in the archive: it is empty"),
        "other.zip": (zipped(("a.txt", b"x"), ("b.tar", b"y")), "no .csv or .json member in the archive; it has a.txt, b.tar"),
        "header.zip": (zipped(("a.csv", b"when,where\n1,2\n")), "a.csv: wrong header: no MMSI column"),
        "cut.zip": (plain[:60], "corrupt archive"),
        "window.csv.zst": (zstd_frame([GOOD], 29), "its zstd window is longer than 256 MiB"),
        "behind.csv.gz": (gzip.compress(GOOD) + b"garbage", "neither padding nor another stream"),
        "a.csv.bz2": (bz2.compress(GOOD), "a bzip2 archive: unpack it"),
        "a.csv.xz": (lzma.compress(GOOD), "an xz archive: unpack it"),
        "a.csv.lzma": (lzma.compress(GOOD, format=lzma.FORMAT_ALONE), "an lzma archive: unpack it"),
        "a.7z": (b"7z\xBC\xAF\x27\x1C" + bytes(20), "a 7-zip archive: unpack it"),
        "a.tar": (tar.getvalue(), "a tar archive: unpack it"),
        "a.tar.gz": (gzip.compress(tar.getvalue()), "a tar archive: unpack it"),
        "wide.csv": (GOOD.decode().encode("utf-16"), "text in UTF-16: make it UTF-8"),
        "wide_be.csv": (GOOD.decode().encode("utf-16-be"), "text in UTF-16: make it UTF-8"),
        "wide.zip": (zipped(("a.csv", GOOD.decode().encode("utf-16"))), "text in UTF-16: make it UTF-8"),
        "page.csv": (b"<!DOCTYPE html><html><body>not found</body></html>", "a web page or XML"),
        "mac.csv": (GOOD.replace(b"\n", b"\r"), "lines end with CR alone"),
        "semicolon.csv": (GOOD.replace(b",", b";"), "fields are parted by semicolons"),
        "tab.csv": (GOOD.replace(b",", b"\t"), "fields are parted by tabs"),
    }
    (folder / "good.csv").write_bytes(GOOD)
    for name, (content, _) in cases.items():
        (folder / name).write_bytes(content)
    found = ingest(folder, *cases, "good.csv")
    for name, (_, cause) in cases.items():
        equal(found[name]["outcome"], "quarantined", name)
        assert cause in found[name]["message"], f"{name}: expected {cause!r} in {found[name]['message']!r}"
        assert "corrupt" in cause or name == "behind.csv.gz" or "corrupt" not in found[name]["message"], name
    equal(found["good.csv"]["silver"], 5, "the other file")


def text_of_another_alphabet_is_kept_and_counted(folder):
    file = one(folder, "a.csv", (HEADER + "367000001,2024-01-01T00:00:00,29,-90,1,ÅLESUND\n").encode("latin-1"))
    equal(sql(folder, "SELECT name FROM silver.ais"), [{"name": "\uFFFDLESUND"}], "name")
    equal([m["column"] for m in file["measures"]], ["name"], "measures")


# ---- sizes ----

def a_small_file_cannot_take_the_memory(folder):
    """Each unpacks to gigabytes; the next file is taken nevertheless."""
    block = 131072
    blank = zstd_frame([HEADER.encode()] + [(b" ", block)] * 25000, 20)  # 3 GB of one line
    rows = [HEADER.encode() + ROWS.encode()] + [(b"\n", block)] * 25000  # 3 GB of empty lines
    (folder / "line.csv.zst").write_bytes(blank)
    (folder / "lines.csv.zst").write_bytes(zstd_frame(rows, 20))
    (folder / "fields.csv").write_bytes(HEADER.encode() + b"1" * 300000 + b",2024-01-01,1,2,,\n" + ROWS.encode())
    (folder / "head.csv").write_bytes(b"MMSI," + b"A" * 100000 + b"\n" + ROWS.encode())
    (folder / "good.csv").write_bytes(GOOD.replace(b"2024", b"2023"))
    with zipfile.ZipFile(folder / "line.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", HEADER.encode() + b" " * (40 << 20))
    found = ingest(folder, "line.csv.zst", "lines.csv.zst", "line.zip", "head.csv", "fields.csv", "good.csv",
                   options=("--memory", "128"), limit=1 << 30)
    causes = {"line.csv.zst": "a line of more than 16777216 bytes", "line.zip": "a line of more than 16777216 bytes",
              "lines.csv.zst": "at most 1000 to 1 are unpacked", "head.csv": "a header of more than 65536 bytes"}
    for name, cause in causes.items():
        equal(found[name]["outcome"], "quarantined", name)
        assert cause in found[name]["message"], f"{name}: {found[name]['message']}"
    equal([found["fields.csv"]["silver"], found["fields.csv"]["rejects"]], [5, 1], "a long field")
    equal(found["good.csv"]["silver"], 5, "the other file")
    (folder / "blank.json.zst").write_bytes(zstd_frame([(b" ", block)] * 25000, 20))
    result = run(folder, "detect", "gaps", "-i", "blank.json.zst", limit=1 << 30)
    assert result.returncode == 1 and "blank.json.zst: more than " in result.stderr, result.stderr


TESTS = [what_is_not_taken_is_named_in_line_json_and_ledger,
         a_column_given_twice_is_named_with_the_one_that_is_used,
         zone_archives_have_words_and_wrapped_numbers_and_declare_their_month,
         ids_of_one_number_are_one_vessel_with_its_flag, one_imo_number_is_counted_once, a_stray_quote_loses_no_row,
         a_file_of_which_every_row_is_refused_keeps_rows_and_reasons, times_before_the_span_of_the_dataset_are_refused,
         archives_that_can_be_read_are_read, archives_that_cannot_be_read_are_named,
         text_of_another_alphabet_is_kept_and_counted, a_small_file_cannot_take_the_memory]


if __name__ == "__main__":
    main(TESTS)

#!/usr/bin/env python3
"""seine report: a page of any dataset that is whole by itself and whose figures are those of the tables, values that
stay text, the files of the vehicle exercise byte for byte, SQL in texts found as a regular expression finds it.

Environment: SEINE_BIN, the program.
"""
import base64
import hashlib
import json
import random
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pyarrow.parquet as pq

sys.path.insert(0, sys.path[0] + "/..")
from harness.lakes import look_at, make_lake, write_day
from harness.program import ROOT, equal, refused, seine, sql
from harness.tap import main

ORACLE = ROOT / "tests" / "data" / "oracles" / "telematics"
HOSTILE = "</title><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e&amp;"
NAMES = ["ALPHA", 'BETA "& <b>B</b>', HOSTILE]
DAY = {
    "AIS_2025_01_01.csv": [
        "111,2025-01-01T00:00:00,10.0,179.5,0,ALPHA",
        "111,2025-01-01T00:00:05,10.1,179.6,2,ALPHA",
        "111,2025-01-01T00:00:05,10.2,179.7,3,ALPHA",
        "111,2025-01-01T01:00:05,10.3,-179.6,4,ALPHA",
        "222,2025-01-01T01:30:00,-5,-179.5,,\"" + NAMES[1].replace('"', '""') + '"',
        "222,2025-01-01T03:30:00,-5,-179.5,10,",
        "333,2025-01-01T03:00:00,0,180,102.2,\"" + HOSTILE + '"',
        "333,2025-01-01T03:00:01,95,180,1,DELETE",
        "x,2025-01-01T03:00:01,0,180,1,",
    ]}
# What the patterns of SPEC 5.4 are as expressions of Python.
PATTERNS = {"'...'": r"'(''|[^'])*'", ";": ";", **{
    name: rf"\b{expression}\b" for name, expression in {
        "ALTER": "ALTER", "CREATE": "CREATE", "DELETE": "DELETE", "DROP": "DROP", "EXEC": "EXEC", "EXECUTE": "EXECUTE",
        "INSERT [INTO]": "INSERT( +INTO)?", "MERGE": "MERGE", "SELECT": "SELECT", "UPDATE": "UPDATE",
        "UNION [ALL]": "UNION( +ALL)?"}.items()}}
WHOLE = "(" + "|".join(PATTERNS.values()) + ")"


class Page(HTMLParser):
    """A page: its elements with their attributes, its text, and its tables as rows of texts by their captions."""

    VOID = ("meta", "br", "link", "img", "input")

    def __init__(self, text):
        super().__init__()
        self.source, self.elements, self.tables, self.open, self.words = text, [], {}, [], []
        self.row = self.cell = self.caption = None
        self.feed(text)
        self.close()
        assert not self.open, f"elements that do not end: {self.open}"
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "table":
            self.rows = []
        elif tag == "tr":
            self.row = []
        elif tag in ("td", "th"):
            self.cell = ""
        elif tag == "caption":
            self.caption = ""

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> ends {self.open[-3:]}"
        self.open.pop()
        if tag == "caption":
            self.title, self.caption = self.caption, None
        elif tag in ("td", "th"):
            self.row.append(self.cell)
            self.cell = None
        elif tag == "tr":
            self.rows.append(self.row)
        elif tag == "table":
            assert self.title not in self.tables, f"two tables are called {self.title}"
            self.tables[self.title] = self.rows

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.words.append(data)
        if self.cell is not None:
            self.cell += data
        if self.caption is not None:
            self.caption += data

    def table(self, words):
        """@return the rows of the table whose caption holds the words."""
        (found,) = (rows for title, rows in self.tables.items() if words in title)
        return found

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def report(folder, *words, dataset="ais", lake="lake", **more):
    return seine(folder, "report", dataset, "--lake", lake, *words, **more)


def page_of(folder, *words, dataset="ais", lake="lake"):
    return Page(report(folder, "-o", "-", *words, dataset=dataset, lake=lake))


# ---- the page ----

def the_figures_are_those_of_the_tables(folder):
    look_at(folder, DAY)
    page = page_of(folder)
    for words in ("ais Positions of ships", "rows 6 ", "vessels 3 ", "first 2025-01-01 00:00:00 UTC",
                  "last 2025-01-01 03:30:00 UTC", "span 3 h 30 min", "sources 1 ", "refused rows 2 22.2 %",
                  "duplicates 1 11.1 %"):
        assert words in page.text, f"{words} is not in {page.text[:600]}"
    fate = {row[0]: row[1] for row in page.table("Rows that came in")[1:]}
    equal({key: value for key, value in fate.items() if value != "0"},
          {"came in": "9", "refused: id": "1", "refused: position": "1", "duplicates dropped": "1", "in silver": "6"},
          "what became of the rows")
    equal(page.table("What came from each source")[1:], [["AIS_2025_01_01.csv", "live", "9", "2", "1", "6", "11.1 %"]])
    equal(page.table("Rows of silver per hour")[1:],
          [["1 Jan 2025 00:00", "2"], ["1 Jan 2025 01:00", "2"], ["1 Jan 2025 03:00", "2"]], "hours")
    missing = {row[0]: row[3:5] for row in page.table("without a value")[1:]}
    equal((missing["sog"], missing["name"], missing["imo"]), (["1", "16.7 %"], ["1", "16.7 %"], ["6", "100 %"]))
    equal([row[1] for row in page.table("Rows by sog (kn)")[1:]], ["3", "1", "1"], "speeds")
    assert "least 0 kn" in page.text and "median 4 kn" in page.text and "greatest 102.2 kn" in page.text, page.text
    equal([row[:3] for row in page.table("name")[1:]],
          [["ALPHA", "3", "50.0 %"], [HOSTILE, "1", "16.7 %"],
           [NAMES[1], "1", "16.7 %"], ["missing", "1", "16.7 %"]], "names")
    gaps = [row for row in page.table("Time from one message of a vessel")[1:] if row[1] != "0"]
    equal(gaps, [["5 s – 10 s", "1"], ["1 h – 2 h", "1"], ["2 h – 3 h", "1"]], "gaps")
    equal([row[0] for row in page.table("All 3 vessels")[1:]], ["222", "333", "111"], "last states, newest first")
    assert page.table("All 3 vessels")[1][3:5] == ["-179.5", "10"], page.table("All 3 vessels")[1]
    equal(page.table("All 3 vessels")[1][5], NAMES[1], "a name that is not told any more")


def a_map_over_180_degrees_is_in_one_piece(folder):
    look_at(folder, DAY)
    page = page_of(folder)
    assert "Positions lie between 5.00° S and 10.30° N, and from 179.50° E to 179.50° W." in page.text, page.text
    paths = [path["d"] for path in page.all("path") if re.fullmatch("d[0-4]", path.get("class", "")) and path["d"][0:4] != "M0 0"]
    places = [float(x) for d in paths for x in re.findall(r"M([\d.]+) ", d)]
    assert 5 <= len(places) and max(places) - min(places) < 30, f"squares of about a degree at {places}"


def the_page_is_whole_by_itself(folder):
    look_at(folder, DAY)
    page = page_of(folder)
    (style,) = re.findall(r"<style>(.*?)</style>", page.source, re.S)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    equal([meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"],
          [f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"], "policy")
    for tag, attributes in page.elements:
        assert tag in "html head meta title style body header main section footer h1 h2 h3 p dl div dt dd small table " \
                      "caption thead tbody tr th td svg g path rect text details summary code span em".split(), tag
        for name in attributes:
            assert not name.startswith("on") and name not in ("style", "src", "href", "xlink:href"), f"<{tag} {name}=…>"
    assert "url(" not in style and "@import" not in style and "://" not in page.source, "something from outside"


def values_are_text_and_never_markup(folder):
    look_at(folder, DAY)
    page = page_of(folder, "--columns", "name")
    for attack in ("<script", "<img", "<b>", "</title><s"):
        assert attack not in page.source, f"{attack} is in the page"
    assert any(HOSTILE[:60] in cell for row in page.table("All 3 vessels") for cell in row), "the name is not shown"


def odd_bytes_of_texts_do_no_harm(folder):
    """Control characters, quotes and blanks at an end are seen as what they are."""
    names = ["A\x01B\x1b[31m", " led and trailed ", "x" * 300, "\u0085C1", "it's; \"fine\""]
    message = json.loads((ORACLE / "messages.json").read_text(encoding="utf-8"))[0] | {"gearPosition": "1"}
    Path(folder, "m.json").write_text(json.dumps([message | {"vin": f"V{i}", "model": name} for i, name in enumerate(names)]))
    seine(folder, "init", "--quiet", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "telematics", "m.json")
    shown = {row[0] for row in page_of(folder, dataset="telematics").table("model")[1:]}
    stored = {row["model"] for row in sql(folder, "SELECT model FROM silver.telematics")}
    assert any("\x1b" in name for name in stored), f"nothing odd is left: {stored}"
    for name in stored:
        text = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f]", "\ufffd", name)
        text = text[:80] + "…" if len(text) > 80 else f"“{text}”" if text != text.strip() else text
        assert text in shown, f"{text!r} is not among {shown}"


def it_can_be_read_without_eyes(folder):
    look_at(folder, DAY)
    page = page_of(folder)
    equal(page.all("html"), [{"lang": "en"}])
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    equal(levels[:1] + [level for level in levels if level == 1], [1, 1], "one heading of the page, the first")
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:])), f"a level is left out: {levels}"
    equal(len(page.all("caption")), len(page.all("table")), "captions of tables")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    equal(sorted(set(ids)), sorted(ids), "ids, each once")
    for picture in page.all("svg"):
        named = picture.get("role") == "img" and picture["aria-labelledby"] in ids
        assert named or picture.get("aria-hidden") == "true", f"a picture without a name: {picture}"
    for name in (attributes.get("aria-labelledby") for _, attributes in page.elements):
        assert name is None or name in ids, f"nothing has the id {name}"
    for header in page.all("th"):
        assert header.get("scope") in ("col", "row"), header


def a_lake_without_rows_has_a_page(folder):
    make_lake(folder)
    page = page_of(folder)
    assert "rows 0 vessels 0 sources 0 refused rows 0" in page.text and "Silver has no rows." in page.text, page.text


def one_row_is_enough(folder):
    make_lake(folder, write_day(folder, "AIS_2025_01_01.csv", ["1,2025-01-01T00:00:00,0,0,,"]))
    page = page_of(folder)
    assert "No row has a value." in page.text and "None has sent more than one message." in page.text, page.text


def far_values_do_not_flatten_the_others(folder):
    """Drawn is what nearly all values are; the rest is told."""
    rows = [f"{i + 1},2025-01-01T00:00:00,0,0,{i % 10 / 10},A" for i in range(3000)] + ["9999,2025-01-01T00:00:00,0,0,102,A"]
    make_lake(folder, write_day(folder, "AIS_2025_01_01.csv", rows))
    page = page_of(folder)
    speeds = page.table("Rows by sog (kn)")[1:]
    equal(sum(int(row[1].replace(",", "")) for row in speeds), 3000, "drawn")
    assert len(speeds) >= 10 and "Not drawn, since far outside: 1 of the values." in page.text, speeds


# ---- names of files, wrong use ----

def names_follow_the_rule_of_files(folder):
    look_at(folder, DAY)
    report(folder)
    first = Path(folder, "ais.html").read_bytes()
    refused(folder, 1, "ais.html is there already", "report", "ais", "--lake", "lake")
    report(folder, "--force")
    report(folder, "-o", "ais.html")
    equal(Path(folder, "ais.html").read_bytes(), first, "the same lake, the same page")
    told = json.loads(report(folder, "--csv", "out", "--json"))
    names = ["mmsi_last_state.csv", "rows_per_day.csv", "sql_injection_report.csv"]
    equal(told, {"dataset": "ais", "rows": 6, "page": None, "files": [f"out/{name}" for name in names]})
    equal(sorted(path.name for path in Path(folder, "out").iterdir()), names)
    refused(folder, 1, "out/mmsi_last_state.csv is there already", "report", "ais", "--lake", "lake", "--csv", "out")
    report(folder, "--csv", "out", "--force", "-o", "page.html")
    equal(Path(folder, "page.html").read_bytes(), first, "--csv with a page")
    assert not list(Path(folder).rglob(".tmp-*")), "temporary files stay"


def wrong_use_is_refused_in_one_line(folder):
    look_at(folder, DAY)
    refused(folder, 2, "needs NAME", "report", "--lake", "lake")
    refused(folder, 1, "the lake has no dataset aiss; did you mean ais?", "report", "aiss", "--lake", "lake")
    refused(folder, 1, "the lake has no dataset whales, only ais", "report", "whales", "--lake", "lake")
    refused(folder, 2, "--columns nme: silver.ais has no such column; did you mean name?", "report", "ais", "--lake", "lake",
            "--columns", "mmsi,nme")
    refused(folder, 2, "--columns sog: the column of silver.ais is no text, but double", "report", "ais", "--lake", "lake",
            "--columns", "sog")
    refused(folder, 2, "--columns name is named twice", "report", "ais", "--lake", "lake", "--columns", "name,name")
    refused(folder, 2, "inside the lake", "report", "ais", "--lake", "lake", "-o", "lake/page.html")
    refused(folder, 2, "inside the lake", "report", "ais", "--lake", "lake", "--csv", "lake/out")
    refused(folder, 2, "needs -o FILE", "report", "ais", "--lake", "lake", "--json", "-o", "-")
    refused(folder, 1, "no lake", "report", "ais", "--lake", "nowhere")
    equal(list(Path(folder).glob("*.html")), [], "a refused report left a page")


# ---- files ----

def any_dataset_has_last_states_and_days_as_files(folder):
    look_at(folder, DAY)
    report(folder, "--csv", "out", "--columns", "name,mmsi")
    lines = Path(folder, "out", "mmsi_last_state.csv").read_text(encoding="utf-8").split("\n")
    equal(lines[0].split(",")[:8], ["mmsi", "ts", "lat", "lon", "sog", "cog", "heading", "name"])
    equal(lines[1], "111,2025-01-01T01:00:05Z,10.3,-179.6,4.0,,,ALPHA" + "," * 14)
    assert lines[2].startswith("222,2025-01-01T03:30:00Z,-5.0,-179.5,10.0,,,\"BETA"), lines[2]
    equal(Path(folder, "out", "rows_per_day.csv").read_text(encoding="utf-8"), "day,rows,movers\n2025-01-01,6,3\n")
    equal(Path(folder, "out", "sql_injection_report.csv").read_text(encoding="utf-8"),
          f"column,value,pattern\nname,{HOSTILE},'...'\nname,{HOSTILE},;\n")


def each_hit_is_a_row_by_column_then_pattern(folder):
    make_lake(folder, write_day(folder, "AIS_2025_01_01.csv", [
        "2,2025-01-01T00:00:01,0,0,,drop;", "1,2025-01-01T00:00:02,0,0,,Drop;", "1,2025-01-01T00:00:01,0,0,,Select",
        "3,2025-01-01T00:00:01,0,0,,fine"], "MMSI,BaseDateTime,LAT,LON,SOG,CallSign"))
    report(folder, "--csv", "out", "--columns", "callsign,mmsi", "-o", "page.html")
    equal(Path(folder, "out", "sql_injection_report.csv").read_text(encoding="utf-8"),
          "column,value,pattern\ncallsign,Drop;,;\ncallsign,drop;,;\ncallsign,Drop;,DROP\ncallsign,drop;,DROP\n"
          "callsign,Select,SELECT\n")
    page = Page(Path(folder, "page.html").read_text(encoding="utf-8"))
    assert "Looked at: callsign , mmsi . Found 5 times." in page.text, page.text[-600:]
    equal(page.table("Texts with a pattern of SQL")[1:],
          [["callsign", *row, "1"] for row in (("Drop;", ";"), ("Drop;", "DROP"), ("Select", "SELECT"), ("drop;", ";"),
                                              ("drop;", "DROP"))])


def filled(folder, lake, setting):
    seine(folder, "init", "--quiet", lake)
    seine(folder, "ingest", "--quiet", "--lake", lake, "--dataset", "telematics", "--set", f"APPLY_VELOCITY_FILTER={setting}",
          (ORACLE / "messages.json"))


def vehicles_have_the_files_of_the_exercise(folder):
    expected = json.loads((ORACLE / "expected.json").read_text(encoding="utf-8"))
    for setting, which, csv in ((0, "filter_off", "filter_off"), (1, "filter_on_300", "filter_on_300")):
        lake, out = f"lake{setting}", Path(folder, f"out{setting}")
        filled(folder, lake, setting)
        refused(folder, 1, f"gold.telematics_last_state has no rows yet: run seine refresh --lake {lake} first", "report",
                "telematics", "--lake", lake, "--csv", out)
        seine(folder, "refresh", "--quiet", "--lake", lake)
        page = page_of(folder, "--csv", out, "--columns", "vin,model", dataset="telematics", lake=lake)
        assert f"rows {expected[which]['silver_rows']} " in page.text, page.text[:300]
        equal((out / "top_fastest_per_hour.csv").read_bytes(), (ORACLE / f"expected_top_fastest_{csv}.csv").read_bytes(), csv)
        equal((out / "sql_injection_report.csv").read_text(encoding="utf-8"), "column,value,pattern\n")
        states = pq.read_table(out / "vin_last_state.parquet")
        equal(states.column_names, ["vin", "last_reported_timestamp", "front_left_door_state", "wipers_state"])
        found = [{**row, "last_reported_timestamp": f"{row['last_reported_timestamp']:%Y-%m-%d %H:%M:%S}"}
                 for row in states.to_pylist()]
        wanted = [{**row, "last_reported_timestamp": row["last_reported_timestamp"][:19]} for row in expected[which]["gold"]]
        equal(found, wanted, "last states")
        drops = {row[0]: int(row[1]) for row in page.table("Rows that came in")[1:]}
        steps = {"null_or_empty_vin": "refused: vin", "bad_gear": "refused: gear", "velocity": "refused: velocity",
                 "duplicate_vin_timestamp": "duplicates dropped"}
        for name, count in expected[which]["drops_in_order"]:
            equal(drops[steps[name]], count, name)
        equal(page.table("fastest vehicles")[0], ["date_hour", "place", "vin", "top_velocity (km/h)"])


def a_planted_id_is_found(folder):
    """As the test of the exercise plants one."""
    message = json.loads((ORACLE / "messages.json").read_text(encoding="utf-8"))[0]
    planted = message | {"vin": "DROP TABLE users;", "gearPosition": "1"}
    Path(folder, "m.json").write_text(json.dumps([planted, planted | {"vin": "JTMKF4DV0A5016322"}]), encoding="utf-8")
    seine(folder, "init", "--quiet", "lake")
    seine(folder, "ingest", "--quiet", "--lake", "lake", "--dataset", "telematics", "m.json")
    seine(folder, "refresh", "--quiet", "--lake", "lake")
    report(folder, "--csv", "out", dataset="telematics")
    equal(Path(folder, "out", "sql_injection_report.csv").read_text(encoding="utf-8"),
          "column,value,pattern\nvin,DROP TABLE users;,;\nvin,DROP TABLE users;,DROP\n")


# ---- texts that look like SQL ----

def patterns(folder, texts):
    """@return what sql_injection finds in each text."""
    rows = ", ".join("(" + str(i) + ", '" + text.replace("'", "''") + "')" for i, text in enumerate(texts))
    Path(folder, "q.sql").write_text(f"SELECT sql_injection(t) AS found FROM (VALUES {rows}) v(i, t) ORDER BY i", encoding="utf-8")
    return [row["found"] for row in json.loads(seine(folder, "sql", "--lake", "lake", "--format", "json", "-f", "q.sql"))]


def vectors_of_the_oracle_are_told_apart(folder):
    make_lake(folder)
    vectors = json.loads((ORACLE / "sql_injection_vectors.json").read_text(encoding="utf-8"))
    for vector, found in zip(vectors, patterns(folder, [vector["value"] for vector in vectors])):
        equal(found is not None, vector["violation"], vector["value"])


def it_finds_what_a_regular_expression_finds(folder):
    make_lake(folder)
    dice = random.Random(54)
    pieces = ["'", "''", ";", " ", "  ", "_", "-", "x", "7", "é", "\u2003", "(", "\n", "all", "into", *(
        word for name in PATTERNS for word in re.findall("[A-Z]{3,}", name)), "selection", "dropped"]
    texts = ["".join(dice.choice((str.lower, str.upper, str))(dice.choice(pieces)) for _ in range(dice.randrange(7)))
             for _ in range(20000)]
    for text, found in zip(texts, patterns(folder, texts)):
        expected = [name for name, expression in PATTERNS.items() if re.search(expression, text, re.IGNORECASE)]
        equal(found or [], expected, repr(text))
        equal(found is not None, re.search(WHOLE, text, re.IGNORECASE) is not None, repr(text))


main([
    the_figures_are_those_of_the_tables,
    a_map_over_180_degrees_is_in_one_piece,
    the_page_is_whole_by_itself,
    values_are_text_and_never_markup,
    odd_bytes_of_texts_do_no_harm,
    it_can_be_read_without_eyes,
    a_lake_without_rows_has_a_page,
    one_row_is_enough,
    far_values_do_not_flatten_the_others,
    names_follow_the_rule_of_files,
    wrong_use_is_refused_in_one_line,
    any_dataset_has_last_states_and_days_as_files,
    each_hit_is_a_row_by_column_then_pattern,
    vehicles_have_the_files_of_the_exercise,
    a_planted_id_is_found,
    vectors_of_the_oracle_are_told_apart,
    it_finds_what_a_regular_expression_finds,
])

"""What of the tests of a lake in a folder runs with the lake elsewhere (places.py): the cases of PROGRAMS. This is the one
place that says which of them cannot, or need not. Those marked QUICK run in a bucket with PostgreSQL on each change; with
SEINE_FULL=1 in every place, and there all others, too, where what can differ differs; with SEINE_TEST_EVERYWHERE=1 all of
them do so in every place that has what they need."""
import functools
import os
import sys
from pathlib import Path

from harness.program import FULL, place
from harness.tap import Skip, named

PROGRAMS = ("cli/lake_test", "cli/lake_rules_test", "cli/runs_test", "cli/trace_test", "cli/ref_test", "cli/models_test",
            "cli/model_events_test", "cli/fishing_events_test", "cli/enrich_test", "cli/export_test", "cli/verify_test", "cli/tasks_test", "serve/routes_test", "serve/tiles_test",
            "serve/look_up_test", "serve/states_test", "serve/iceberg_test", "serve/live_test", "stream/stream_test")
EVERYWHERE = os.environ.get("SEINE_TEST_EVERYWHERE") == "1"
QUICK = "in every place, and in a bucket with PostgreSQL on each change"
UNCACHED = "damages what a cache may have a copy of"
# Why a case does not run in some places.
FILES = ("is about files and folders, which a bucket has not", {"bucket", "both"})
SQLITE = ("changes the file of a catalog", {"postgres", "both"})
PLAIN = ("is about a lake in a folder", {"bucket", "postgres", "both"})
LONG = ("takes long, and another case is like it", {"bucket", "postgres", "both"})
ROWS = ("is about rows, which are the same in every place", {"bucket", "postgres", "both"})

RULES = {
    "lake_test": {
        "real days match their oracles": ROWS,
        "neither order nor threads show": ROWS,
        "one file at a time ends in the same tables": ROWS,
        "bad input is one clear line": QUICK,
        "a lake that cannot be opened says why": PLAIN,
        "a lake of every former format opens with the rows it had": PLAIN,
        "the past is found by snapshot and time until it expires": QUICK,
        "a lake is told how much of its past it keeps": SQLITE,
    },
    "lake_rules_test": {
        "a locked catalog is waited for and nothing made is thrown away": SQLITE,
        "one bad file harms no other": FILES,
        "a folder in it that does not open keeps no file out": FILES,
        "addresses are no paths": PLAIN,
        "no output stands in a lake": PLAIN,
        "no file of a command eats another": PLAIN,
        "days of another run are kept": PLAIN,
        "what is done may be asked for again": QUICK,
        "every command means the same tables": SQLITE,
        "a table that cannot be read harms only who asks for it": SQLITE,
        "read permission is enough to read": PLAIN,
        "relocate says what it leaves": PLAIN,
        "every command killed anywhere may be repeated": PLAIN,
        "looking changes nothing": SQLITE,
    },
    "tasks_test": {
        "it takes what came meanwhile with the next plan": QUICK,
        "it sees that what it was planned from has changed": ROWS,
        "it refuses files that are not what a result says": FILES,
        "it ends with a status whatever lines hold": PLAIN,
        "a day that fails is told and stays": PLAIN,
    },
    "runs_test": {
        "snapshots form a chain and name their run": QUICK,
        "a failed run tells why and changes no table": UNCACHED,
    },
    "stream_test": {
        "any cut into batches and restarts gives the same tables": LONG,
        "a topic that is gone is told": LONG,
        "a topic that was made anew is told": LONG,
        "a dataset that does not fit is refused": LONG,
        "partitions that are added are read": LONG,
        "silver is made anew from bronze": LONG,
        "a stream that is killed loses and doubles nothing": PLAIN,
        "a lease ends with its process": PLAIN,
        "a process that slept commits nothing that others have": QUICK,
        "what retention took is an error until it is accepted": SQLITE,
        "a poison record is a reject that tells where it was": ROWS,
        "a lake that is busy at first loses nothing": SQLITE,
        "a busy lake costs no membership": SQLITE,
        "batches go on while a refresh runs": ROWS,
        "silver is not made of bronze that was changed": FILES,
        "prometheus is told what is done": ROWS,
        "what cannot be done is one line": PLAIN,
    },
    "trace_test": {
        "the winner and what lost against it are named": QUICK,
        "rows of real archives are their lines": ROWS,
    },
    "ref_test": {
        "every form of file gives the same table": FILES,  # and their lakes' names: a bucket takes no [
        "the world port index loads without options": ROWS,
        "ports come with the program": ROWS,
        "the same file twice changes nothing": SQLITE,
        "remarks may stand before the header": ROWS,
        "bad rows are refused with line and reason": ROWS,
        "a port without an id gets one": ROWS,
        "files without a good row change nothing": ROWS,
        "a set from a day on keeps what held before": QUICK,
        "lakes from before get the tables": SQLITE,
        "lakes from before are enriched too": SQLITE,
        "verify finds content that the ledger does not have": SQLITE,
    },
    "models_test": {
        "hourly cells equal the oracle but for 180 degrees and duplicates": ROWS,
        "pairs equal the oracle and moored vessels are none": ROWS,
        "real days equal their oracles": ROWS,
        "totals have the exact median": ROWS,
        "companions repeat and move and anchored vessels are none": ROWS,
        "companions split by a cell border are found and marked": ROWS,
        "only stale days run and nothing twice": QUICK,
        "days in any order and a replaced window give the same rows": ROWS,
        "threads change no row": ROWS,
        "verify finds a lost file and a wrong count of gold": SQLITE,
        "the page of contracts tells gold tables": PLAIN,
        "every column obeys the vocabulary": PLAIN,
        "a damaged table harms only what needs it": UNCACHED,
        "times before 1970 are in their own hour and day": ROWS,
        "nothing of a refresh stays in tmp": FILES,
        "a model of the users is added changed and removed": ROWS,
        "a wrong model is named with line and reason and the others run": ROWS,
        "counts that do not match silver stop that day alone": ROWS,
        "a failing statement of one day stops nothing else": ROWS,
        "rows of another day are refused": ROWS,
        "a day can read the day before": ROWS,
    },
    "model_events_test": {
        "every change of a row is logged": QUICK,
        "a sink needs a key": FILES,
        "a key that stands twice stops the model alone": ROWS,
        "what a former release made is made once more": FILES,
    },
    "fishing_events_test": {
        "any references give what the rules say": ROWS,
        "the statuses of an event": ROWS,
        "what counts by class segment and limit": ROWS,
        "the log tells why an event is what it is": ROWS,
        "a dataset of ones own has them whatever its id is called": ROWS,
        "a reference makes the models anew that read it": LONG,
    },
    "enrich_test": {
        "real days equal another engine": ROWS,
        "real days one by one end in the same tables": ROWS,
        "categories time and fishing follow the rules": ROWS,
        "ports across 180 degrees and at the pole are found": ROWS,
        "of two equally near ports the smaller name is taken": ROWS,
        "weather of the cell nearest in time is taken": ROWS,
        "an approach over midnight is one visit": ROWS,
        "vessels have their most frequent identity and a checked number": ROWS,
    },
    "export_test": {
        "a zone is converted to utc": ROWS,
        "file names follow the rule": ROWS,
        "a name of the programs own is never replaced": ROWS,
        "wrong use is refused in one line": ROWS,
        "geojson has a line per vessel with times": ROWS,
        "geojson cuts lines at 180 degrees": ROWS,
        "gpx holds every position": ROWS,
        "kml holds every position": ROWS,
        "all formats tell the same positions": ROWS,
        "geoparquet has points bounds and metadata": ROWS,
        "a geopackage is as the standard wants it": ROWS,
        "rows of sql with a place become points": ROWS,
        "rows of sql from one place to another become lines": ROWS,
        "the ending of a file chooses its format": ROWS,
    },
    "verify_test": {
        "one value changed in every table of the ledger at once names each": SQLITE,
        "one value changed in any row of the catalog is found": SQLITE,
        "any table that is gone is named": SQLITE,
        "one byte changed in every file at once names each": UNCACHED,
        "all files of a kind away are named": UNCACHED,
        "one byte changed in any file is found": LONG,
        "what a refresh would make is nothing wrong": QUICK,
        "nothing is wrong while others write": LONG,
        "work grows as sources and partitions do": ROWS,
        "deep work grows as the days of derived tables do": ROWS,
    },
    "routes_test": {},
    "tiles_test": {},
    "look_up_test": {
        "foreign files give the same answers": UNCACHED,
        "a damaged file is a failure not an answer": UNCACHED,
    },
    "states_test": {
        "tables of an earlier release name the command": PLAIN,
        "a table that cannot be read is named and harms no other": SQLITE,
        "a table that cannot be read harms only its routes": SQLITE,
        "another lake at the path is noticed": PLAIN,
        "a commit is seen by the next request": QUICK,
        "a past that was forgotten is not found": QUICK,
        "a past that goes while it is read is not found": PLAIN,
    },
    "live_test": {
        "positions come as they are committed": QUICK,
        "who comes again goes on": QUICK,
        "another lake at the path begins anew": PLAIN,
        "a slow client is told the newest only": LONG,
        "silence is broken every 15 seconds": LONG,
    },
    "iceberg_test": {
        "every table of the catalog is told with its metadata": FILES,
        "state tables change the etag too": SQLITE,
        "nothing is written here": SQLITE,
        "tables of others are told when they lie in the lake": PLAIN,
    },
}


def refuse(reason):
    def case():
        raise Skip(f"elsewhere: {reason}")
    return case


def uncached(case):
    """@return the case, whose commands keep no copies of objects."""
    @functools.wraps(case)
    def run(*given):
        place().env["SEINE_CACHE_SIZE"] = "0"
        try:
            return case(*given)
        finally:
            del place().env["SEINE_CACHE_SIZE"]
    return run


def chosen(cases):
    """@return of all cases of a program those that run in this place, and those that cannot as cases that say why."""
    name_of_place, program = os.environ.get("SEINE_TEST_PLACE", "folder"), Path(sys.argv[0]).stem
    if name_of_place == "folder":
        return cases
    cases, rules, found = [named(case) for case in cases], RULES[program], []
    unknown = set(rules) - {name for name, _ in cases}
    assert not unknown, f"{program} has no cases {sorted(unknown)}"
    for name, case in cases:
        rule = rules.get(name)
        if isinstance(rule, tuple) and name_of_place in rule[1]:
            if not FULL or name_of_place != "both":
                continue  # it is told once
            case = refuse(rule[0])
        elif rule != QUICK and not EVERYWHERE and (not FULL or name_of_place != "both"):
            continue
        elif rule == UNCACHED:
            case = uncached(case)
        found.append((name, case))
    return found

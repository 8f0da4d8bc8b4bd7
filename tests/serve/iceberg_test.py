#!/usr/bin/env python3
"""The Iceberg REST catalog of seine serve over HTTP: answers, states, refusals in the protocol's words, tokens."""
import gzip
import hashlib
import json
import sqlite3
import sys
from pathlib import Path

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import equal, seine
from harness.server import serving
from harness.tap import main
from small_lake import look_at, make_lake, row, write_day

V1 = "/iceberg/v1"
AIS = f"{V1}/namespaces/silver/tables/ais"


def send(server, method, target, body=b"", **headers):
    """Status and parsed body of a request that sends something; None for an answer without one."""
    connection = server.connection()
    connection.request(method, target, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text else None


def refused(answer, status, kind):
    """Whether an answer is exactly the protocol's error body."""
    found, body = answer
    equal((found, sorted(body), sorted(body["error"])), (status, ["error"], ["code", "message", "type"]), "shape")
    equal((body["error"]["code"], body["error"]["type"]), (status, kind), "error")
    return body["error"]["message"]


def ask(server, target, **headers):
    status, _, body = server.ask(target, **headers)
    return status, json.loads(body)


def snapshot_rows(folder):
    """What the catalog holds, to see that nothing changed."""
    with sqlite3.connect(Path(folder, "lake/catalog.db")) as catalog:
        return catalog.execute("SELECT * FROM iceberg_tables ORDER BY 1, 2, 3").fetchall()


def every_table_of_the_catalog_is_told_with_its_metadata(folder):
    look_at(folder)
    with serving(folder) as server:
        told = {}
        for space in server.json(f"{V1}/namespaces")["namespaces"]:
            for one in server.json(f"{V1}/namespaces/{space[0]}/tables")["identifiers"]:
                equal(one["namespace"], space, "namespace")
                table = server.json(f"{V1}/namespaces/{space[0]}/tables/{one['name']}")
                equal(sorted(table), ["config", "metadata", "metadata-location"], "members")
                equal(table["config"], {}, "a folder needs no settings")
                told[space[0], one["name"]] = table["metadata-location"]
                text = Path(table["metadata-location"].removeprefix("file://")).read_text(encoding="utf-8")
                equal(table["metadata"], json.loads(text), one["name"])
        equal(told, {(space, name): location for _, space, name, location, *_ in snapshot_rows(folder)}, "tables")
        assert ("state", "ais_gaps") in told, "states are tables like others"


def pages_follow_each_other(folder):
    look_at(folder)
    with serving(folder) as server:
        for target, member in ((f"{V1}/namespaces", "namespaces"), (f"{V1}/namespaces/gold/tables", "identifiers")):
            whole, found, token = server.json(target)[member], [], ""
            while token is not None:
                page = server.json(f"{target}?pageSize=2&pageToken={token}")
                assert len(page[member]) <= 2, page
                found += page[member]
                token = page["next-page-token"]
            equal(found, whole, target)
        refused(ask(server, f"{V1}/namespaces?pageToken=AAAA"), 400, "BadRequestException")
        refused(ask(server, f"{V1}/namespaces?pageSize=0"), 400, "BadRequestException")


def a_commit_gives_new_metadata_and_a_new_etag(folder):
    make_lake(folder, refresh=False, ports=False)
    with serving(folder) as server:
        status, headers, body = server.ask(AIS)
        equal(status, 200, AIS)
        etag, before = headers["etag"], json.loads(body)
        equal(server.ask(AIS, If_None_Match=etag)[0], 304, "nothing changed")
        rejects = server.json(f"{V1}/namespaces/silver/tables/ais_rejects")
        equal(server.ask(f"{AIS}?snapshots=refs", If_None_Match=etag)[0], 200, "another answer")
        write_day(folder, "AIS_2025_01_04.csv", [row("555000555", "2025-01-04T01:00:00", 1, 2)])
        seine(folder, "ingest", "--quiet", "--lake", "lake", "AIS_2025_01_04.csv")
        status, headers, body = server.ask(AIS, If_None_Match=etag)
        equal(status, 200, "it changed")
        assert headers["etag"] != etag, etag
        after = json.loads(body)
        assert after["metadata"]["current-snapshot-id"] != before["metadata"]["current-snapshot-id"], "a new snapshot"
        equal(server.json(f"{V1}/namespaces/silver/tables/ais_rejects"), rejects, "no rejects came")
        refs = server.json(f"{AIS}?snapshots=refs")["metadata"]
        equal([one["snapshot-id"] for one in refs.pop("snapshots")], [refs["current-snapshot-id"]], "named snapshots")
        whole = server.json(f"{AIS}?snapshots=all")["metadata"]
        assert len(whole.pop("snapshots")) > 1, "all snapshots"
        equal(refs, whole, "all else")
        refused(ask(server, f"{AIS}?snapshots=some"), 400, "BadRequestException")


def state_tables_change_the_etag_too(folder):
    make_lake(folder)
    head = f"{V1}/namespaces/state/tables/ais_gaps_head"
    with serving(folder) as server:
        etag = server.ask(head)[1]["etag"]
        with sqlite3.connect(Path(folder, "lake/catalog.db")) as catalog:
            catalog.execute("DELETE FROM iceberg_tables WHERE table_name = 'ais_gaps_head'")
        catalog.close()
        status, _, body = server.ask(head, If_None_Match=etag)
        refused((status, json.loads(body)), 404, "NoSuchTableException")


def head_asks_whether_it_is_there(folder):
    look_at(folder)
    with serving(folder, "--access-log", "log") as server:
        for target, status in ((f"{V1}/namespaces/silver", 204), (f"{V1}/namespaces/none", 404), (AIS, 204), (f"{AIS}x", 404)):
            found, _, body = server.ask(target, method="HEAD")
            equal((found, body), (status, b""), target)
        equal(server.ask(AIS, method="HEAD", If_None_Match=server.ask(AIS)[1]["etag"])[0], 304, "unchanged")
    # Who was answered first need not be logged first.
    logged = [json.loads(line) for line in Path(folder, "log").read_text(encoding="utf-8").splitlines()]
    equal([line["status"] for line in logged if line["target"] == f"{V1}/namespaces/silver"], [204], "as it was sent")


def what_is_not_there_has_the_name_of_the_protocol(folder):
    look_at(folder)
    with serving(folder) as server:
        for target, kind in (("/config?warehouse=other", "NoSuchWarehouseException"),
                             ("/namespaces?parent=none", "NoSuchNamespaceException"),
                             ("/namespaces/none", "NoSuchNamespaceException"),
                             ("/namespaces/none/tables", "NoSuchNamespaceException"),
                             ("/namespaces/none/views", "NoSuchNamespaceException"),
                             ("/namespaces/none/tables/ais", "NoSuchTableException"),
                             ("/namespaces/silver/tables/none", "NoSuchTableException"),
                             ("/namespaces/silver/tables/..%2Fais", "NoSuchTableException"),
                             ("/namespaces/silver/views/ais", "NotFoundException"), ("/none", "NotFoundException")):
            refused(ask(server, V1 + target), 404, kind)
        refused(ask(server, f"{V1}/namespaces?color=red"), 400, "BadRequestException")
        refused(ask(server, f"{V1}/namespaces", Accept="text/csv"), 406, "UnsupportedOperationException")
        equal(sorted(ask(server, "/api/v1/none")[1]["error"]), ["hint", "message", "status"], "the API has its own form")


def nothing_is_written_here(folder):
    look_at(folder)
    before = snapshot_rows(folder)
    with serving(folder) as server:
        for method, target, body in (("POST", f"{V1}/namespaces", b'{"namespace":["new"]}'),
                                     ("DELETE", f"{V1}/namespaces/silver", b""),
                                     ("POST", f"{V1}/namespaces/silver/properties", b"{}"),
                                     ("POST", f"{V1}/namespaces/silver/tables", b"{}"),
                                     ("POST", f"{V1}/namespaces/silver/register", b"{}"),
                                     ("POST", AIS, b'{"requirements":[],"updates":[]}'),
                                     ("DELETE", f"{AIS}?purgeRequested=true", b""), ("DELETE", f"{AIS}/metrics", b""),
                                     ("POST", f"{V1}/tables/rename", b"{}"), ("POST", f"{V1}/transactions/commit", b"{}")):
            message = refused(send(server, method, target, body), 403, "ForbiddenException")
            assert "only read" in message, message
        refused(send(server, "PUT", AIS), 405, "UnsupportedOperationException")
        refused(ask(server, f"{AIS}/metrics"), 405, "UnsupportedOperationException")
        equal(send(server, "POST", "/api/v1/events")[0], 405, "the API takes nothing at all")
    equal(snapshot_rows(folder), before, "the catalog")


def reports_are_taken_and_thrown_away(folder):
    look_at(folder)
    with serving(folder) as server:
        equal(send(server, "POST", f"{AIS}/metrics", b'{"report-type":"scan-report"}'), (204, None), "a report")
        equal(send(server, "POST", f"{AIS}/metrics", b"x" * 1024 * 1024), (204, None), "the largest one")
        refused(send(server, "POST", f"{AIS}/metrics?color=red", b"{}"), 400, "BadRequestException")
        connection = server.connection()  # stays usable behind a body
        for _ in range(3):
            connection.request("POST", f"{AIS}/metrics", body=b"{}" * 40000)
            response = connection.getresponse()
            equal((response.status, response.read(), response.will_close), (204, b"", False), "one connection")
        connection.close()


def bodies_that_are_too_long_or_of_no_known_length_are_not_read(folder):
    look_at(folder)
    with serving(folder) as server:
        for headers in ({"Content-Length": str(1024 * 1024 + 1)}, {"Transfer-Encoding": "chunked"}):
            connection = server.connection()
            connection.putrequest("POST", f"{AIS}/metrics")
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            refused((response.status, json.loads(response.read())), 413, "BadRequestException")
            assert response.will_close, headers
            connection.close()
        equal(server.ask(AIS)[0], 200, "it goes on")


def tokens_are_asked_for_before_anything_else(folder):
    look_at(folder)
    Path(folder, "tokens").write_text(hashlib.sha256(b"secret").hexdigest() + "\n", encoding="utf-8")
    with serving(folder, "--token-file", "tokens") as server:
        for method, target in (("GET", f"{V1}/config"), ("GET", AIS), ("GET", f"{V1}/namespaces/none"), ("POST", f"{AIS}/metrics"),
                               ("POST", f"{V1}/namespaces"), ("DELETE", AIS), ("GET", f"{V1}/namespaces?color=red")):
            refused(send(server, method, target), 401, "NotAuthorizedException")
            refused(send(server, method, target, Authorization="Bearer wrong"), 401, "NotAuthorizedException")
        good = {"Authorization": "Bearer secret"}
        equal(server.json(f"{V1}/config", **good)["overrides"], {}, "config")
        equal(server.json(AIS, **good)["metadata"]["format-version"], 2, "a table")
        equal(send(server, "POST", f"{AIS}/metrics", b"{}", **good)[0], 204, "a report")
        refused(send(server, "DELETE", AIS, **good), 403, "ForbiddenException")


def limits_and_compression_are_those_of_the_api(folder):
    look_at(folder)
    with serving(folder, "--rate", "1") as server:
        _, headers, body = server.ask(AIS, Accept_Encoding="gzip")
        equal(headers["content-encoding"], "gzip", "encoding")
        equal(json.loads(gzip.decompress(body))["metadata"]["format-version"], 2, "packed")
        answers = [ask(server, f"{V1}/namespaces") for _ in range(5)]
        refused(answers[-1], 429, "SlowDownException")


def tables_of_others_are_told_when_they_lie_in_the_lake(folder):
    """Also such as the API cannot read: a later format version. Nothing outside of the lake is opened."""
    make_lake(folder, refresh=False, ports=False)
    inside, outside = Path(folder, "lake/foreign.metadata.json"), Path(folder, "outside.metadata.json")
    for path in (inside, outside):
        path.write_text(json.dumps({"format-version": 3, "location": "file:///x"}), encoding="utf-8")
    rows = {"in": inside, "out": outside, "gone": Path(folder, "lake/gone.metadata.json"),
            "around": Path(f"{folder}/lake/../outside.metadata.json"), "packed": Path(folder, "lake/x.gz.metadata.json")}
    with sqlite3.connect(Path(folder, "lake/catalog.db")) as catalog:
        for name, path in rows.items():
            catalog.execute("INSERT INTO iceberg_tables(catalog_name, table_namespace, table_name, metadata_location) "
                            "VALUES ('seine', 'other.deep', ?, ?)", (name, f"file://{path}"))
    catalog.close()
    with serving(folder) as server:
        equal(server.json(f"{V1}/namespaces?parent=other")["namespaces"], [["other", "deep"]], "two levels")
        tables = f"{V1}/namespaces/other%1Fdeep/tables"
        equal([one["name"] for one in server.json(tables)["identifiers"]], ["around", "gone", "in", "out", "packed"], "tables")
        equal(server.json(f"{tables}/in")["metadata"], {"format-version": 3, "location": "file:///x"}, "as it is")
        for name in ("out", "around", "packed"):
            message = refused(ask(server, f"{tables}/{name}"), 503, "ServiceUnavailableException")
            assert str(folder) not in message, message
        equal(refused(ask(server, f"{tables}/gone"), 500, "ServiceFailureException"), "internal error", "no place is told")


if __name__ == "__main__":
    main([every_table_of_the_catalog_is_told_with_its_metadata, pages_follow_each_other, a_commit_gives_new_metadata_and_a_new_etag,
          state_tables_change_the_etag_too, head_asks_whether_it_is_there, what_is_not_there_has_the_name_of_the_protocol,
          nothing_is_written_here, reports_are_taken_and_thrown_away, bodies_that_are_too_long_or_of_no_known_length_are_not_read,
          tokens_are_asked_for_before_anything_else, limits_and_compression_are_those_of_the_api,
          tables_of_others_are_told_when_they_lie_in_the_lake])

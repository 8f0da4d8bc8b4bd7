"""Calls at ports: generated, sent to a topic, taken into a lake, told by the API."""
import json
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.program import PATIENCE_S, equal, seine, sql
from harness.server import serving
from harness.tap import main

QUICK = ("--kafka", "session.timeout.ms=4000", "--kafka", "heartbeat.interval.ms=300", "--kafka", "fetch.wait.max.ms=50")

def take(folder, cluster):
    return json.loads(seine(folder, "stream", "--json", "--lake", "lake", "--brokers", cluster.address, "--topic",
                            "port_events", "--dataset", "port_events", *QUICK, "--until-idle", "0s", timeout=PATIENCE_S))

def events(folder):
    return sql(folder, "SELECT event_id, mmsi, ts, event_type, port_name, lat, lon, vessel_name FROM events.port_events "
                       "ORDER BY ts, event_id")


def test_calls_come_from_the_generator_to_the_api(folder):
    seine(folder, "generate", "port-events", "--days", 3, "--vessels", 40, "-o", "calls.jsonl", "--quiet")
    records = [json.loads(line) for line in (folder / "calls.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = {"mmsi": "1", "timestamp": "2025-01-01T00:00:00", "event_id": "no type"}
    with kafka.cluster() as cluster:
        cluster.make("port_events", 3)
        seine(folder, "produce", "calls.jsonl", "--brokers", cluster.address, "--topic", "port_events", "--key", "mmsi")
        cluster.put("port_events", [(0, "1", json.dumps(wrong))])
        seine(folder, "init", "lake", "--quiet")
        told = take(folder, cluster)
        equal((told["read"], told["silver"], told["rejects"]), (len(records) + 1, len(records), 1))
        seine(folder, "refresh", "--lake", "lake", "--quiet")
        found = events(folder)
        equal([(row["event_id"], row["mmsi"], row["port_name"], row["lat"]) for row in found],
              [(r["event_id"], r["mmsi"], r["port_name"], r["latitude"])
               for r in sorted(records, key=lambda r: (r["timestamp"], r["event_id"]))])
        # A correction, and a call of a day that is over: their days alone are made again, the correction stands there.
        one = next(r for r in records if r["timestamp"].startswith("2025-01-02"))
        cluster.put("port_events", [(2, one["mmsi"], json.dumps(one | {"port_name": "Elsewhere"}))])
        take(folder, cluster)
        before = {row["day"]: row["last_run"] for row in status(folder)}
        seine(folder, "refresh", "--lake", "lake", "--quiet", env={"SEINE_NOW": "2026-01-02T00:00:00Z"})
        after = {row["day"]: row["last_run"] for row in status(folder)}
    equal([day for day in after if after[day] != before.get(day)], ["2025-01-02"], "days that were made again")
    changed = [row for row, was in zip(events(folder), found) if row != was]
    equal([(row["event_id"], row["port_name"]) for row in changed], [(one["event_id"], "Elsewhere")])
    seine(folder, "verify", "--lake", "lake", "--deep", "--quiet")
    asked(folder, events(folder))


def status(folder):
    return [row for row in json.loads(seine(folder, "status", "--lake", "lake", "--json"))["tables"]
            if row["table"] == "events.port_events"]


def asked(folder, rows):
    mmsi = rows[0]["mmsi"]
    with serving(folder) as server:
        page = server.json("/api/v1/port-events?limit=5")
        equal([one["event_id"] for one in page["data"]],
              [row["event_id"] for row in sorted(rows, key=lambda r: (r["ts"], r["event_id"]), reverse=True)][:5])
        assert page["next"], page
        equal({one["event_id"] for one in server.json(f"/api/v1/port-events?mmsi={mmsi}&limit=1000")["data"]},
              {row["event_id"] for row in rows if row["mmsi"] == mmsi})
        day = server.json("/api/v1/port-events?start=2025-01-02&end=2025-01-03&event_type=PORT_ENTRY&limit=1000")["data"]
        equal({one["event_id"] for one in day}, {row["event_id"] for row in rows if row["event_type"] == "PORT_ENTRY" and
                                                 row["ts"].startswith("2025-01-02")})
        assert day, "no entry on that day"
        equal({one["port_name"] for one in server.json("/api/v1/port-events?port=ELSEWH")["data"]}, {"Elsewhere"})


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")])

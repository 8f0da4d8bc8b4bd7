"""`seine stream --dead-letter`: refused records in a topic of their own, against librdkafka's mock cluster."""
import json
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import faults, kafka
from harness.program import PATIENCE_S, equal, refused, run, seine, sql
from harness.tap import main

GUIDE = ("--dataset", "maritime_guide")
QUICK = ("--kafka", "session.timeout.ms=4000", "--kafka", "heartbeat.interval.ms=300", "--kafka", "fetch.wait.max.ms=50")


def record(second, lat=1.5):
    return json.dumps({"mmsi": "244000001", "timestamp": f"2025-01-01T00:{second // 60:02}:{second % 60:02}", "latitude": lat,
                       "longitude": 4.25, "speed": 3.25})


RECORDS = [(0, "a", record(1)), (0, "b", record(2, lat=91)), (1, "c", '{"mmsi": '), (1, None, None), (2, "d", b"\xff\xfe"),
           (2, "e", record(3)), (2, "f", "")]
POISON = [(0, 1), (1, 0), (1, 1), (2, 0), (2, 2)]  # partition, offset


def words(cluster, *more):
    return ("stream", "--lake", "lake", "--brokers", cluster.address, "--topic", "t", *GUIDE, *QUICK, "--dead-letter", "dead",
            "--until-idle", "0s", *more)


def letters(cluster, topic="t"):
    """@return (partition, offset, reason, topic, key, value) of what was refused of a topic, by where it was."""
    values = {(p, o): (key, value) for p, o, key, value in cluster.read("dead")}
    return sorted(((int(h["partition"]), int(h["offset"]), h["reason"], h["topic"], *values[p, o])
                   for p, o, h in cluster.headers("dead") if h["topic"] == topic), key=lambda one: one[:2])


def prepare(folder, cluster):
    cluster.make("t", 3)
    cluster.put("t", RECORDS)
    seine(folder, "init", "lake", "--quiet")


def test_refused_records_are_sent_as_they_were_with_their_reason(folder):
    with kafka.cluster() as cluster:
        prepare(folder, cluster)
        refused(folder, 1, "has no topic dead, which --dead-letter names", *words(cluster))
        cluster.make("dead", 2)
        seine(folder, *words(cluster))
        seine(folder, *words(cluster))
        found = letters(cluster)
    equal([one[:2] for one in found], POISON)
    were = {(p, sum(1 for q, *_ in RECORDS[:i] if q == p)): (key, value) for i, (p, key, value) in enumerate(RECORDS)}

    def raw(value):
        return value.encode() if isinstance(value, str) else value

    equal([one[4:] for one in found], [tuple(map(raw, were[place])) for place in POISON])
    reasons = sql(folder, "SELECT reason FROM silver.maritime_guide_rejects ORDER BY reason")
    equal(sorted(one[2] for one in found), [row["reason"] for row in reasons])


def test_what_cannot_be_sent_is_not_committed(folder):
    with kafka.cluster() as cluster:
        prepare(folder, cluster)
        cluster.make("dead")
        cluster.tell("fail", kafka.PRODUCE, 1, kafka.TOO_LARGE)
        refused(folder, 1, "topic dead: 5 refused records were not delivered", *words(cluster))
        equal(json.loads(seine(folder, "stream", "status", "--lake", "lake", "--json")), [])
        seine(folder, *words(cluster))
        equal([one[:2] for one in letters(cluster)], POISON)


def test_a_dataset_that_does_not_fit_sends_nothing(folder):
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.make("dead")
        cluster.put("t", [(0, "k", "no json")] * 1000)
        seine(folder, "init", "lake", "--quiet")
        refused(folder, 1, "does not fit dataset", *words(cluster))
        equal(letters(cluster), [])


def test_none_is_missing_whatever_was_killed(folder):
    """Killed at calls that write to the lake: a record that the lake has as refused is in the topic, once or more."""
    with kafka.cluster() as cluster:
        cluster.make("dead", 2)
        for at in (4, 20, 35):
            ground = folder / str(at)
            ground.mkdir()
            topic = f"t{at}"
            cluster.make(topic, 3)
            cluster.put(topic, RECORDS)
            seine(ground, "init", "lake", "--quiet")
            line = [topic if word == "t" else word for word in words(cluster)]
            run(ground, *line, env=faults.shim(ground / "lake", at, "kill"), timeout=PATIENCE_S)
            kept = {one[:2] for one in letters(cluster, topic)}
            had = sql(ground, "SELECT count(*) AS n FROM silver.maritime_guide_rejects")[0]["n"] if (
                (ground / "lake" / "silver" / "maritime_guide_rejects").exists()) else 0
            assert had == 0 or kept == set(POISON), f"call {at}: {had} in the lake, {kept} in the topic"
            seine(ground, *line, timeout=PATIENCE_S)
            equal(sorted({one[:2] for one in letters(cluster, topic)}), POISON, f"call {at}")


def test_its_own_topic_is_refused(folder):
    seine(folder, "init", "lake", "--quiet")
    refused(folder, 2, "would come back to it for ever", "stream", "--lake", "lake", "--brokers", "127.0.0.1:1", "--topic", "t",
            *GUIDE, "--dead-letter", "t")


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)

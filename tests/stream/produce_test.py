"""`seine produce`: rows of files as records of a topic, against librdkafka's mock cluster."""
import gzip
import json
import random
import signal
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.program import PATIENCE_S, equal, refused, run, seine, start, wait_for
from harness.tap import main

HEADER = "mmsi,timestamp,latitude,longitude,speed,vessel_name"
ROWS = ["244010219,2025-01-01T00:00:00,51.90,4.5,12.0,EVER GIVEN",
        "244010220,2025-01-01T00:00:01,-3,+4,,\"Ann, Marie\"",
        "0244010221,2025-01-01T00:00:02,1e1,4.5,NaN,\"a \"\"b\"\"\""]
GUIDE = ("--dataset", "maritime_guide")


def write(folder, name, rows, header=HEADER):
    (folder / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def produce(folder, cluster, *words, topic="t", code=0, **more):
    return seine(folder, "produce", "--brokers", cluster.address, "--topic", topic, *words, code=code, **more)


def report(folder, cluster, *words, **more):
    done = run(folder, "produce", "--json", "--brokers", cluster.address, "--topic", "t", *words, **more)
    return done.returncode, json.loads(done.stdout)


def values(cluster, topic="t"):
    return [value.decode() for _, _, _, value in cluster.read(topic)]


def test_a_row_is_an_object_with_the_names_of_the_file(folder):
    write(folder, "a.csv", ROWS)
    with kafka.cluster() as cluster:
        cluster.make("t")
        produce(folder, cluster, "a.csv", *GUIDE)
        found = cluster.read("t")
    # Numbers as they are written where JSON has such ones; an id is text, whatever it looks like; nothing is null.
    equal([value.decode() for *_, value in found], [
        '{"mmsi":"244010219","timestamp":"2025-01-01T00:00:00","latitude":51.90,"longitude":4.5,"speed":12.0,'
        '"vessel_name":"EVER GIVEN"}',
        '{"mmsi":"244010220","timestamp":"2025-01-01T00:00:01","latitude":-3,"longitude":"+4","speed":null,'
        '"vessel_name":"Ann, Marie"}',
        '{"mmsi":"0244010221","timestamp":"2025-01-01T00:00:02","latitude":1e1,"longitude":4.5,"speed":"NaN",'
        '"vessel_name":"a \\"b\\""}'])
    equal([key for _, _, key, _ in found], [b"244010219", b"244010220", b"0244010221"])


def test_rows_of_a_mover_are_in_one_partition_and_in_order(folder):
    write(folder, "a.csv", [f"{100000000 + i % 7},2025-01-01T00:{i // 60:02}:{i % 60:02},1,2,3,x" for i in range(3000)])
    with kafka.cluster() as cluster:
        cluster.make("t", 3)
        code, told = report(folder, cluster, "a.csv", *GUIDE)
        found = cluster.read("t")
    equal((code, told["sent"], told["acknowledged"], told["failed"], told["partitions"]), (0, 3000, 3000, 0, 3))
    assert len({partition for partition, *_ in found}) > 1, "all of it is in one partition"
    for mover in range(7):
        mine = [(partition, json.loads(value)["timestamp"]) for partition, _, key, value in found
                if key == str(100000000 + mover).encode()]
        equal(len({partition for partition, _ in mine}), 1, "partitions")
        equal([time for _, time in mine], sorted(time for _, time in mine), "times")


def test_json_goes_as_it_is(folder):
    records = ['{"mmsi": 244010219, "x":  [1,2]}', '{"MMSI":"244010220"}', '{"other":1}']
    (folder / "a.jsonl").write_text("\n".join([*records, "no json, {", '{"mmsi":1}']) + "\n", encoding="utf-8")
    (folder / "b.json").write_text("[" + ",\n ".join(records) + "]", encoding="utf-8")
    with kafka.cluster() as cluster:
        for topic in "tu":
            cluster.make(topic)
        code, told = report(folder, cluster, "a.jsonl")
        produce(folder, cluster, "b.json", topic="u")
        equal(values(cluster), [*records, "no json, {", '{"mmsi":1}'])
        equal([key for _, _, key, _ in cluster.read("t")], [b"244010219", b"244010220", None, None, b"1"])
        equal(values(cluster, "u"), records)
    equal((code, told["without_key"]), (0, 2))


def test_records_may_lie_across_the_pieces_in_which_a_file_is_read(folder):
    """Files of several pieces of 1 MiB, in each form; a record has any length, and texts hold what parts records."""
    rnd = random.Random(11)
    texts = ["".join(rnd.choice('ab"\\,{}[] é') for _ in range(rnd.choice((0, 5, 300, 20000)))) for _ in range(1500)]
    records = [{"mmsi": str(i), "text": text} for i, text in enumerate(texts)]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    (folder / "b.json").write_text(json.dumps(records, indent=1, ensure_ascii=False), encoding="utf-8")
    (folder / "c.csv").write_text('mmsi,text\n' + "".join('%d,"%s"\n' % (i, text.replace('"', '""'))
                                                         for i, text in enumerate(texts)), encoding="utf-8")
    assert (folder / "a.jsonl").stat().st_size > 4 << 20, "it is one piece"
    expected = [(record["mmsi"], record["text"] or None) for record in records]
    with kafka.cluster() as cluster:
        for name in ("a.jsonl", "b.json", "c.csv"):
            cluster.make(name)
            produce(folder, cluster, name, topic=name)
            found = [(json.loads(value)["mmsi"], json.loads(value)["text"] or None) for value in values(cluster, name)]
            # The cluster of the test keeps the last 5 MiB of a partition.
            assert 100 < len(found) <= len(expected), f"{name}: {len(found)} records"
            equal(found == expected[-len(found):], True, name)


def test_packed_files_and_standard_input(folder):
    write(folder, "a.csv", ROWS)
    text = (folder / "a.csv").read_bytes()
    (folder / "a.csv.gz").write_bytes(gzip.compress(text))
    with kafka.cluster() as cluster:
        for topic in ("plain", "packed", "stdin"):
            cluster.make(topic)
        produce(folder, cluster, "a.csv", *GUIDE, topic="plain")
        produce(folder, cluster, "a.csv.gz", *GUIDE, topic="packed")
        produce(folder, cluster, "-", *GUIDE, topic="stdin", stdin=text)
        equal(values(cluster, "packed"), values(cluster, "plain"))
        equal(values(cluster, "stdin"), values(cluster, "plain"))


def test_a_field_is_the_key(folder):
    write(folder, "a.csv", ["one,1", "two,2", ",3"], header="name,n")
    with kafka.cluster() as cluster:
        cluster.make("t")
        code, told = report(folder, cluster, "a.csv", "--key", "name")
        found = cluster.read("t")
        refused(folder, 1, "no field what, which --key names", "produce", "a.csv", "--brokers", cluster.address,
                "--topic", "t", "--key", "what")
        refused(folder, 1, "no field is the mmsi of dataset ais", "produce", "a.csv", "--brokers", cluster.address,
                "--topic", "t")
    equal((code, told["without_key"]), (0, 1))
    equal([(key, value.decode()) for _, _, key, value in found],
          [(b"one", '{"name":"one","n":"1"}'), (b"two", '{"name":"two","n":"2"}'), (None, '{"name":null,"n":"3"}')])


def test_a_ragged_row_does_not_vanish(folder):
    write(folder, "a.csv", [ROWS[0], "1,2", ROWS[0] + ",more"])
    with kafka.cluster() as cluster:
        cluster.make("t")
        code, told = report(folder, cluster, "a.csv", *GUIDE)
        found = values(cluster)
    equal((code, told["sent"], told["ragged"]), (0, 3, 2))
    equal(found[1:], ["1,2", ROWS[0] + ",more"])


def test_a_slow_rate_is_kept_and_a_stop_delivers_what_was_sent(folder):
    write(folder, "a.csv", ROWS * 1000)
    with kafka.cluster() as cluster:
        cluster.make("t")
        process = start(folder, "produce", "a.csv", "--brokers", cluster.address, "--topic", "t", *GUIDE, "--rate", 200,
                        "--json", stdout=-1, stderr=-1)
        wait_for(lambda: len(cluster.read("t")) >= 20, "the first records")
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=PATIENCE_S)
        told = json.loads(out)
        equal(len(cluster.read("t")), told["acknowledged"], "records")
    assert process.returncode == 1 and "interrupted" in said, (process.returncode, said)
    equal(told["sent"], told["acknowledged"])
    assert 20 <= told["sent"] < 3000, told
    assert told["sent"] <= 200 * told["seconds"] + 1, told


def test_failed_deliveries_are_counted_and_named(folder):
    write(folder, "a.csv", ROWS)
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.tell("fail", kafka.PRODUCE, 1, kafka.TOO_LARGE)
        code, told = report(folder, cluster, "a.csv", *GUIDE, "--kafka", "batch.num.messages=1",
                            "--kafka", "max.in.flight.requests.per.connection=1")
        found = cluster.read("t")
    equal((code, told["sent"]), (1, 3))
    equal(told["acknowledged"] + told["failed"], 3)
    equal(len(found), told["acknowledged"])
    equal(sum(error["rows"] for error in told["errors"]), told["failed"])
    assert told["failed"] >= 1 and "too large" in told["errors"][0]["error"], told
    equal(told["errors"][0]["first_row"], 1)


def test_passing_faults_of_a_broker_lose_and_double_nothing(folder):
    write(folder, "a.csv", [f"244010219,2025-01-01T00:00:00,1,2,3,{i}" for i in range(2000)])
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.tell("fail", kafka.PRODUCE, 3, kafka.NOT_LEADER)
        produce(folder, cluster, "a.csv", *GUIDE, "--kafka", "batch.num.messages=100", "--kafka", "retry.backoff.ms=1")
        found = [json.loads(value)["vessel_name"] for value in values(cluster)]
    equal(found, [str(i) for i in range(2000)])


def test_what_cannot_be_done_is_one_line(folder):
    write(folder, "a.csv", ROWS)
    with kafka.cluster() as cluster:
        cluster.make("t")
        to = ("--brokers", cluster.address, "--topic")
        refused(folder, 1, "has no topic none: --create makes it", "produce", "a.csv", *to, "none", *GUIDE)
        refused(folder, 2, "topic a/b: a name is", "produce", "a.csv", *to, "a/b", *GUIDE)
        refused(folder, 2, "--topic is needed", "produce", "a.csv", "--brokers", cluster.address)
        refused(folder, 2, "--brokers is needed", "produce", "a.csv", "--topic", "t")
        refused(folder, 1, "b.csv", "produce", "b.csv", *to, "t", *GUIDE)
        refused(folder, 2, "librdkafka has no setting nonsense", "produce", "a.csv", *to, "t", "--kafka", "nonsense=1")
        refused(folder, 2, "a setting is KEY=VALUE", "produce", "a.csv", *to, "t", "--kafka", "nonsense")
        refused(folder, 2, "acks is not to be set", "produce", "a.csv", *to, "t", "--kafka", "acks=0")
    refused(folder, 1, "no broker answers", "produce", "a.csv", "--brokers", cluster.address, "--topic", "t", *GUIDE)


def test_secrets_come_from_the_environment_or_a_file(folder):
    write(folder, "a.csv", ROWS)
    to = ("produce", "a.csv", "--topic", "t", *GUIDE)
    with kafka.cluster() as cluster:
        cluster.make("t")
        refused(folder, 2, "others see the command line", *to, "--brokers", cluster.address, "--kafka",
                "sasl.password=hidden")
        said = seine(folder, *to, "--brokers", cluster.address, "--kafka", "sasl.password=hidden", code=2)
        assert "hidden" not in said, said
        refused(folder, 2, "the environment has no NOT_THERE", *to, "--brokers", cluster.address, "--kafka",
                "sasl.password=${NOT_THERE}")
        (folder / "kafka.properties").write_text(f"# where it is\n\nbootstrap.servers = {cluster.address}\n"
                                                 "sasl.password=hidden\n", encoding="utf-8")
        seine(folder, *to, "--kafka-file", "kafka.properties", "--kafka", "sasl.username=${WHO}", env={"WHO": "ships"})
        (folder / "bad.properties").write_text("client.id=x\nssl.key.password=\nacks=0\n", encoding="utf-8")
        refused(folder, 2, "bad.properties line 3: acks", *to, "--kafka-file", "bad.properties")
        equal(len(cluster.read("t")), 3, "records")


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")], at_once=3)

"""The rules of deploy/prometheus: what they ask for is what a stream tells, and Prometheus takes them, where it is there."""
import re
import shutil
import subprocess
import sys
import urllib.request

import yaml

sys.path.insert(0, sys.path[0] + "/..")
from harness import kafka
from harness.program import PATIENCE_S, ROOT, equal, seine, wait_for
from harness.tap import Skip, main
from stream_test import Process, record

FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "seine-stream.rules.yml"
OF_PROMETHEUS = {"up": {"job", "instance"}}  # made by itself for each target
LABELS_OF_TARGETS = {"instance", "job"}
SELECTOR = re.compile(r"\b((?:seine_[a-z_]+|up)\b)(\{[^}]*\})?")


def rules():
    return [rule for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def told(folder):
    """@return the metrics that a stream tells at some time: name → kind and names of its labels."""
    with kafka.cluster() as cluster:
        cluster.make("t")
        cluster.put("t", [(0, None, record(1, 1)), (0, None, "poison")])
        seine(folder, "init", "lake", "--quiet")
        process = Process(folder, cluster, "--metrics", ":0", "--trigger", "1ms")
        url = next(line for line in process.process.stderr if "metrics at" in line).split()[-1]
        process.batches_until(2)

        def answer():
            with urllib.request.urlopen(url, timeout=PATIENCE_S) as page:
                return page.read().decode()
        wait_for(lambda: "seine_stream_lag_records{" in answer(), "the metrics of partitions")
        text = answer()
        equal(process.end()[0], 0)
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
    labels = {name: set(re.findall(r"(\w+)=", given)) for name, given in re.findall(r"^(\w+)\{([^}]*)\}", text, re.MULTILINE)}
    equal(set(kinds), set(labels), "metrics with a kind")
    return kinds, labels


def test_what_rules_ask_for_is_told(folder):
    kinds, labels = told(folder)
    asked = set()
    for rule in rules():
        text, name = rule["expr"], rule["alert"]
        for metric, given in SELECTOR.findall(text):
            known = OF_PROMETHEUS.get(metric) or labels.get(metric)
            assert known, f"{name}: nobody tells {metric}"
            wanted = set(re.findall(r"(\w+)\s*[=!]", given))
            assert wanted <= known | LABELS_OF_TARGETS, f"{name}: {metric} has no {wanted - known}"
            asked.add(metric)
        for function, metric in re.findall(r"\b(rate|increase|deriv)\((\w+)", text):
            equal(kinds[metric], "gauge" if function == "deriv" else "counter", f"{name}: {function} of {metric}")
        for given in re.findall(r"\b(?:by|on) \(([^)]*)\)", text):
            assert set(given.split(", ")) <= {"topic", "dataset", "instance"}, f"{name}: {given}"
        for label in re.findall(r"\$labels\.(\w+)", str(rule["annotations"])):
            assert label in {"topic", "dataset", "instance"}, f"{name}: {label}"
    for metric in ("lag_seconds", "lag_records_sum", "rejects_total", "commit_seconds_total", "last_commit_timestamp_seconds"):
        assert f"seine_stream_{metric}" in asked, f"no rule asks for {metric}"
    assert "up" in asked


def test_each_rule_is_told_of_in_the_docs(_):
    page = (ROOT / "docs" / "streams.md").read_text(encoding="utf-8")
    shown = re.findall(r"^\| `(Seine\w+)` \|", page, re.MULTILINE)
    equal(shown, [rule["alert"] for rule in rules()], "the table of docs/streams.md")


def test_the_job_is_the_one_of_the_rules(_):
    settings = yaml.safe_load((FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    equal(settings["rule_files"], [RULES.name])
    jobs = {job["job_name"] for job in settings["scrape_configs"]}
    equal(set(re.findall(r'job="([^"]*)"', RULES.read_text(encoding="utf-8"))), jobs)


def test_prometheus_takes_them(_):
    promtool = shutil.which("promtool")
    if not promtool:
        raise Skip("promtool is not installed")
    for words in (("check", "rules", RULES), ("check", "config", "--syntax-only", FOLDER / "prometheus.yml")):
        done = subprocess.run([promtool, *words], capture_output=True, text=True, check=False)
        equal(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    main([case for name, case in list(globals().items()) if name.startswith("test_")])

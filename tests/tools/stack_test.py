"""tools/stack: starts what is asked for, once, over its data; ends what it started and nothing else."""
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from harness.program import DEPS, ROOT, environment, equal, wait_for
from harness.tap import Skip, functions, main


def tool(folder, *words, code=0, **more):
    done = subprocess.run([sys.executable, ROOT / "tools" / "stack", "--folder", folder, *words],
                          env=environment(**({"SEINE_DEPS": str(DEPS)} | more)), capture_output=True, text=True,
                          check=False)
    if "is not installed: tools/setup" in done.stderr and code == 0:
        raise Skip(done.stderr.strip())
    assert done.returncode == code, f"{words}: {done.returncode}: {done.stderr}"
    return done


def running(folder, code=0):
    return json.loads(tool(folder, "status", "--json", code=code).stdout)


def ask(server, query):
    """@return what PostgreSQL answers a program that knows only what `start` prints."""
    address = server["env"]["SEINE_CATALOG"]
    done = subprocess.run(["psql", "-XAtq", "-d", address, "-c", query], env=environment(**server["env"]),
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_postgres_keeps_its_data_over_a_restart_and_loses_them_when_fresh(folder):
    stack = folder / "stack"
    try:
        tool(stack, "start", "--no-sync", "postgres")
        first = running(stack)["postgres"]
        ask(first, "CREATE TABLE kept(n int); INSERT INTO kept VALUES (7)")
        said = tool(stack, "start", "--no-sync", "postgres").stdout
        equal(running(stack)["postgres"], first, "the same server after a second start")
        equal(said, "".join(f"export {name}={value}\n" for name, value in first["env"].items()), "what start prints")
        equal(tool(stack, "env").stdout, said, "what env prints")
        tool(stack, "stop")
        equal(running(stack, code=1), {}, "running")
        tool(stack, "start", "--no-sync", "postgres")
        again = running(stack)["postgres"]
        equal((again["env"], ask(again, "SELECT n FROM kept")), (first["env"], "7"))
        tool(stack, "start", "--no-sync", "--fresh", "postgres")
        equal(ask(running(stack)["postgres"], "SELECT to_regclass('kept') IS NULL"), "t")
    finally:
        tool(stack, "stop")


def test_postgres_wants_its_password(folder):
    stack = folder / "stack"
    try:
        tool(stack, "start", "--no-sync", "postgres")
        address = running(stack)["postgres"]["env"]["SEINE_CATALOG"]
        done = subprocess.run(["psql", "-XAtqw", "-d", address, "-c", "SELECT 1"], env=environment(PGPASSWORD="wrong"),
                              capture_output=True, text=True, check=False)
        assert done.returncode != 0 and "password authentication failed" in done.stderr, done
    finally:
        tool(stack, "stop")


def test_an_s3_server_has_a_bucket(folder):
    stack = folder / "stack"
    try:
        tool(stack, "start", "s3")
        env = running(stack)["s3"]["env"]
        process = json.loads((stack / "s3" / "server.json").read_text(encoding="utf-8"))["pid"]
        words = Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8")
        assert env["AWS_SECRET_ACCESS_KEY"] not in words, "every user sees the words of a process"
        done = subprocess.run(["curl", "-s", "-w", "%{http_code}", "--aws-sigv4", f"aws:amz:{env['AWS_REGION']}:s3",
                               "-u", f"{env['AWS_ACCESS_KEY_ID']}:{env['AWS_SECRET_ACCESS_KEY']}",
                               "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD",
                               f"{env['AWS_ENDPOINT_URL_S3']}/datalake"], capture_output=True, text=True, check=False)
        assert done.stdout.endswith("200") and "ListBucketResult" in done.stdout, done
    finally:
        tool(stack, "stop")


def test_a_process_that_took_over_the_id_is_left_alone(folder):
    stack = folder / "stack"
    (stack / "postgres").mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as other:
        try:
            (stack / "postgres" / "server.json").write_text(json.dumps({"pid": other.pid, "begun": 1, "port": 9}))
            equal(running(stack, code=1), {}, "running")
            tool(stack, "stop")
            equal(other.poll(), None, "the other process's end")
        finally:
            other.kill()


def test_a_server_that_was_killed_is_started_again(folder):
    stack = folder / "stack"
    try:
        tool(stack, "start", "--no-sync", "postgres")
        first = running(stack)["postgres"]
        os.kill(first["pid"], signal.SIGKILL)
        wait_for(lambda: running_names(stack) == [], "the end of the server")
        tool(stack, "start", "--no-sync", "postgres")
        again = running(stack)["postgres"]
        assert again["pid"] != first["pid"] and ask(again, "SELECT 1") == "1"
    finally:
        tool(stack, "stop")


def running_names(stack):
    done = subprocess.run([sys.executable, ROOT / "tools" / "stack", "--folder", stack, "status", "--json"],
                          capture_output=True, text=True, check=False)
    return list(json.loads(done.stdout))


def test_what_is_not_installed_is_named(folder):
    said = tool(folder / "stack", "start", "s3", code=1, SEINE_DEPS=str(folder / "nothing")).stderr
    assert "the S3 server is not installed: tools/setup --stack" in said, said


main(functions(globals()))

"""A broker with TLS and SASL: records go in and out, and what is wrong is one clear line. Needs SEINE_FULL=1.

The broker is Kafka of tools/setup --stack, with a certificate of openssl that an authority of the test has signed; its users
sign in by PLAIN."""
import contextlib
import json
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/..")
from harness.program import DEPS, FULL, PATIENCE_S, equal, run, seine, sql, tool, wait_for
from harness.tap import Skip, main, skip_all

LIBS = DEPS / "kafka" / "libs"
DATASET, TOPIC, USER, SECRET, WRONG = "maritime_guide", "ships", "ships", "open-sesame-of-the-test", "guessed-wrong-of-the-test"
ROWS = "mmsi,timestamp,latitude,longitude,speed\n" + "".join(f"24401021{n},2025-01-01T00:00:0{n},1.5,2.5,3\n" for n in range(10))
LOGGING = ("rootLogger.level=warn\nrootLogger.appenderRef.out.ref=out\nappender.out.type=Console\nappender.out.name=out\n"
           "appender.out.layout.type=PatternLayout\nappender.out.layout.pattern=%d %p %m%n\n")
FIRST_START_S = 120  # of Java on a busy machine


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def openssl(folder, *words):
    subprocess.run([tool("openssl"), *words], cwd=folder, check=True, capture_output=True)


def make_certificates(folder):
    """ca.pem, which has signed keystore.pem (key and certificate) for this machine, and other.pem, which has not."""
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout",
                f"{name}.key", "-out", f"{name}.pem")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "broker.key", "-out", "broker.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="utf-8")
    openssl(folder, "x509", "-req", "-in", "broker.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "broker.pem")
    (folder / "keystore.pem").write_text("".join((folder / name).read_text(encoding="ascii") for name in
                                                 ("broker.key", "broker.pem", "ca.pem")), encoding="ascii")


def properties(folder, inside, outside, control):
    login = "org.apache.kafka.common.security.plain.PlainLoginModule"
    return {"process.roles": "broker,controller", "node.id": 1, "controller.quorum.voters": f"1@127.0.0.1:{control}",
            "listeners": f"INSIDE://127.0.0.1:{inside},SECURE://127.0.0.1:{outside},CONTROLLER://127.0.0.1:{control}",
            "advertised.listeners": f"INSIDE://127.0.0.1:{inside},SECURE://127.0.0.1:{outside}", "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "INSIDE", "listener.security.protocol.map": "INSIDE:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT",
            "listener.name.secure.ssl.keystore.type": "PEM", "listener.name.secure.ssl.keystore.location": folder / "keystore.pem",
            "listener.name.secure.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.secure.plain.sasl.jaas.config": f'{login} required user_{USER}="{SECRET}";',
            "log.dirs": folder / "data", "offsets.topic.replication.factor": 1, "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1, "offsets.topic.num.partitions": 2, "group.initial.rebalance.delay.ms": 0,
            "auto.create.topics.enable": "false"}


@contextlib.contextmanager
def broker(folder):
    """@return the address of its secure port."""
    if not LIBS.exists() or not shutil.which("java"):
        raise Skip("Kafka is not installed: tools/setup --stack")
    folder.mkdir()
    make_certificates(folder)
    inside, outside, control = free_ports(3)
    (folder / "server.properties").write_text("".join(f"{name}={value}\n" for name, value in
                                                      properties(folder, inside, outside, control).items()), encoding="utf-8")
    (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
    java = ["java", "-Xms128m", "-Xmx512m", "-cp", f"{folder}:{LIBS}/*"]
    subprocess.run([*java, "kafka.tools.StorageTool", "format", "-t", "4L6g3nShT-eMCtK--X86sw", "-c", folder / "server.properties"],
                   check=True, capture_output=True)
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen([*java, "kafka.Kafka", folder / "server.properties"], stdout=log, stderr=log)

    def answers():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", outside), 1):
            return True
        assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")[-2000:]
        return False
    try:
        wait_for(answers, "the broker", FIRST_START_S)
        yield f"127.0.0.1:{outside}"
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


def settings(ca="broker/ca.pem", protocol="sasl_ssl"):
    values = {"security.protocol": protocol, "ssl.ca.location": ca, "sasl.mechanisms": "PLAIN", "sasl.username": USER,
              "sasl.password": "${SHIPS_PASSWORD}", "session.timeout.ms": 6000}
    return [f"{name}={value}" for name, value in values.items()]


def by_line(**more):
    return [word for setting in settings(**more) for word in ("--kafka", setting)]


def positions(folder):
    return sum(row["position"] for row in json.loads(seine(folder, "stream", "status", "--lake", "lake", "--json")))


def told_nowhere(folder, *secrets):
    """No file of the test but those that hold them by design has a password in it."""
    own = {folder / "broker" / "server.properties", folder / "ships.properties"}
    for path in folder.rglob("*"):
        if path.is_file() and path not in own and (folder / "broker") not in path.parents:
            data = path.read_bytes()
            assert not any(secret.encode() in data for secret in secrets), path


def test_a_broker_with_tls_and_sasl(folder):
    (folder / "rows.csv").write_text(ROWS, encoding="utf-8")
    seine(folder, "init", "lake", "--quiet")
    env = {"SHIPS_PASSWORD": SECRET}
    with broker(folder / "broker") as address:
        produce = ("produce", "rows.csv", "--topic", TOPIC, "--create", "--dataset", DATASET, "--brokers", address)
        stream = ("stream", "--lake", "lake", "--topic", TOPIC, "--dataset", DATASET, "--until-idle", "0s", "--brokers", address)
        (folder / "ships.properties").write_text("\n".join(settings()).replace("${SHIPS_PASSWORD}", SECRET), encoding="utf-8")
        said = [seine(folder, *produce, "--kafka-file", "ships.properties"),
                seine(folder, *stream, "--kafka-file", "ships.properties", now=None)]
        equal(positions(folder), 10)
        seine(folder, *produce, *by_line(), env=env)
        said.append(seine(folder, *stream, "--json", *by_line(), env=env, now=None))
        equal(positions(folder), 20)
        seine(folder, *produce, *by_line(), env=env)
        for given, password, text in ((by_line(), WRONG, "the broker refuses: "),
                                      (by_line(ca="broker/other.pem"), SECRET, "certificate"),
                                      (by_line(protocol="sasl_plaintext"), SECRET, "no broker answers: "),
                                      (["--kafka", "security.protocol=plaintext"], SECRET, "security.protocol")):
            for words in (produce, stream):
                done = run(folder, *words, *given, env={"SHIPS_PASSWORD": password}, now=None)
                said.append(done.stdout + done.stderr)
                equal((done.returncode, len(done.stderr.splitlines())), (1, 1), done.stderr)
                assert text in done.stderr, done.stderr
        equal(positions(folder), 20, "what failed moved nothing")
        said.append(seine(folder, *stream, *by_line(), env=env, now=None))
    equal(sql(folder, f"SELECT count(*) AS n, count(DISTINCT (topic_partition, topic_offset)) AS d FROM bronze.{DATASET}_raw"),
          [{"n": 30, "d": 30}])
    for text in said:
        assert SECRET not in text and WRONG not in text, text
    told_nowhere(folder, SECRET, WRONG)


if __name__ == "__main__":
    if not FULL:
        skip_all("SEINE_FULL=1 runs it")
    main([test_a_broker_with_tls_and_sasl])

// Answers queries by ClickHouse: reads a JSON array of SQL texts from stdin, writes an array of arrays of rows. All run in
// one session; a statement without an answer has no rows.
// usage: node clickhouse.js NODE_MODULES
const fs = require("fs");
const os = require("os");
const path = require("path");
const { Session } = require(path.join(process.argv[2], "chdb"));

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "seine-clickhouse-"));
try {
    const session = new Session(folder);
    const texts = JSON.parse(fs.readFileSync(0, "utf8"));
    const rows = (answer) => (answer.trim() === "" ? [] : JSON.parse(answer).data);
    const answers = texts.map((text) => rows(session.query(text, "JSONCompact")));
    process.stdout.write(JSON.stringify(answers));
    session.cleanup();
} finally {
    fs.rmSync(folder, { recursive: true, force: true });
}

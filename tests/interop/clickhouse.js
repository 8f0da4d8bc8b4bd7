// Answers queries by ClickHouse: reads a JSON array of SQL texts from stdin, writes an array of arrays of rows.
// usage: node clickhouse.js NODE_MODULES
const path = require("path");
const { query } = require(path.join(process.argv[2], "chdb"));

const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const answers = texts.map((text) => JSON.parse(query(text, "JSONCompact")).data);
process.stdout.write(JSON.stringify(answers));

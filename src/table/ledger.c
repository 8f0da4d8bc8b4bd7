/* Seine's own rows in the catalog database. Writes are queued and run inside the commit's transaction. */
#include "table/ledger.h"

#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "base/url.h"
#include "table/commit.h"
#include "table/migrate.h"

#include <stdio.h>

/* What every reader here fills. */
typedef struct row_reader {
    seine_arena *arena;
    seine_arena_list rows;
} row_reader;

static const char *copy(row_reader *r, const seine_db_value *column) {
    const char *text = column->kind == SEINE_DB_TEXT ? column->text : "";
    return seine_arena_copy(r->arena, text, strlen(text));
}

static int64_t number(const seine_db_value *column, int64_t fallback) {
    return column->kind == SEINE_DB_INT ? column->integer : fallback;
}

/* ---- sources ---- */

static const char *const state_names[] = {"live", "removed", "replaced", "quarantined", "fetched"};

const char *seine_source_state_name(seine_source_state state) { return state_names[state]; }

static bool parse_state(const char *name, seine_source_state *state) {
    for (int i = SEINE_SOURCE_LIVE; i <= SEINE_SOURCE_FETCHED; i++) {
        if (strcmp(state_names[i], name) != 0) continue;
        *state = (seine_source_state)i;
        return true;
    }
    return false;
}

static seine_status read_source(void *context, const seine_db_value *c, seine_error *error) {
    row_reader *r = context;
    seine_source *source = seine_arena_list_add(&r->rows, r->arena, sizeof *source);
    if (source == NULL) return seine_no_memory(error, "ledger");
    const int64_t valid = number(&c[13], 0);
    *source = (seine_source){
        .dataset = copy(r, &c[0]),
        .name = copy(r, &c[1]),
        .sha256 = copy(r, &c[2]),
        .bytes = number(&c[3], 0),
        .rows = number(&c[4], 0),
        .rejects = number(&c[5], 0),
        .ingested_at_us = number(&c[6], 0),
        .reason = copy(r, &c[8]),
        .bronze_path = copy(r, &c[9]),
        .url = copy(r, &c[10]),
        .has_declared_day = c[11].kind == SEINE_DB_INT,
        .declared_day = (int32_t)number(&c[11], 0),
        .greatest_us = number(&c[12], INT64_MIN),
        .silver = number(&c[14], 0),
        .duplicates = valid - number(&c[14], 0),
    };
    if (c[7].kind != SEINE_DB_TEXT || !parse_state(c[7].text, &source->state))
        return seine_fail(error, SEINE_E_FORMAT, "ledger: source %s has an unknown state", source->name);
    const bool whole = source->dataset != NULL && source->name != NULL && source->sha256 != NULL &&
                       source->reason != NULL && source->bronze_path != NULL && source->url != NULL;
    return whole ? SEINE_OK : seine_no_memory(error, "ledger");
}

seine_status seine_ledger_sources(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                  seine_source **sources, size_t *count, seine_error *error) {
    row_reader reader = {.arena = arena};
    const seine_status status = seine_db_query(
        catalog->db,
        "SELECT s.dataset, s.name, s.sha256, s.bytes, s.rows, s.rejects, s.ingested_at_us, s.state, s.reason,"
        " s.bronze_path, s.url, s.declared_day, s.greatest_us, d.rows, d.winners"
        " FROM seine_source s LEFT JOIN (SELECT dataset, source, sha256, sum(rows) AS rows, sum(winners) AS winners"
        "  FROM seine_source_day GROUP BY dataset, source, sha256) d"
        " ON d.dataset = s.dataset AND d.source = s.name AND d.sha256 = s.sha256"
        " WHERE s.dataset = ?1 ORDER BY s.name, s.ingested_at_us, s.sha256",
        &dataset, 1, read_source, &reader, error);
    *sources = reader.rows.items;
    *count = reader.rows.count;
    return status;
}

int64_t seine_watermark_of(const seine_source *sources, size_t count) {
    int64_t watermark_us = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        if (sources[i].state != SEINE_SOURCE_LIVE) continue;
        const int64_t until_us =
            sources[i].has_declared_day ? seine_time_day_start_us(sources[i].declared_day + 1) : sources[i].greatest_us;
        if (until_us > watermark_us) watermark_us = until_us;
    }
    return watermark_us;
}

seine_source_set seine_source_set_of(const seine_source *sources, size_t count) {
    seine_source_set set = {0, {0, 0}};
    for (size_t i = 0; i < count; i++) {
        if (sources[i].state != SEINE_SOURCE_LIVE) continue;
        /* The bytes' sum alone would make one of two files under two names. */
        const seine_hash128 parts[] = {seine_hash128_of(sources[i].name, strlen(sources[i].name)),
                                       seine_hash128_of(sources[i].sha256, strlen(sources[i].sha256))};
        set.content = seine_hash128_add(set.content, seine_hash128_of(parts, sizeof parts));
        set.count++;
    }
    return set;
}

seine_status seine_ledger_put_source(seine_commit *commit, const seine_source *source, seine_error *error) {
    const char *url = seine_url_without_secrets(source->url, &commit->arena);
    if (url == NULL) return seine_no_memory(error, "ledger");
    const seine_db_value row[] = {
        seine_db_text(source->dataset),
        seine_db_text(source->name),
        seine_db_text(source->sha256),
        seine_db_int(source->bytes),
        seine_db_int(source->rows),
        seine_db_int(source->rejects),
        seine_db_int(source->ingested_at_us),
        seine_db_text(seine_source_state_name(source->state)),
        seine_db_text(source->reason),
        seine_db_text(source->bronze_path),
        seine_db_text(url),
        source->has_declared_day ? seine_db_int(source->declared_day) : seine_db_null(),
        source->greatest_us != INT64_MIN ? seine_db_int(source->greatest_us) : seine_db_null(),
    };
    return seine_commit_queue(
        commit,
        "INSERT INTO seine_source(dataset, name, sha256, bytes, rows, rejects, ingested_at_us, state,"
        " reason, bronze_path, url, declared_day, greatest_us)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
        " ON CONFLICT (dataset, name, sha256) DO UPDATE SET bytes = excluded.bytes,"
        " rows = excluded.rows, rejects = excluded.rejects,"
        " ingested_at_us = excluded.ingested_at_us, state = excluded.state,"
        " reason = excluded.reason, bronze_path = excluded.bronze_path, url = excluded.url,"
        " declared_day = excluded.declared_day, greatest_us = excluded.greatest_us",
        row, sizeof row / sizeof row[0], error);
}

static seine_status read_source_day(void *context, const seine_db_value *c, seine_error *error) {
    row_reader *r = context;
    seine_source_day *day = seine_arena_list_add(&r->rows, r->arena, sizeof *day);
    if (day == NULL) return seine_no_memory(error, "ledger");
    *day = (seine_source_day){
        .source = copy(r, &c[0]),
        .sha256 = copy(r, &c[1]),
        .day = (int32_t)number(&c[2], 0),
        .bucket = (int32_t)number(&c[3], 0),
        .rows = number(&c[4], 0),
        .winners = number(&c[5], 0),
    };
    return day->source != NULL && day->sha256 != NULL ? SEINE_OK : seine_no_memory(error, "ledger");
}

seine_status seine_ledger_source_days(seine_catalog *catalog, const char *dataset, seine_arena *arena,
                                      seine_source_day **days, size_t *count, seine_error *error) {
    row_reader reader = {.arena = arena};
    const seine_status status =
        seine_db_query(catalog->db,
                       "SELECT source, sha256, day, bucket, rows, winners FROM seine_source_day WHERE dataset = ?1"
                       " ORDER BY day, bucket, source, sha256",
                       &dataset, 1, read_source_day, &reader, error);
    *days = reader.rows.items;
    *count = reader.rows.count;
    return status;
}

#define INSERT_SOURCE_DAY                                                               \
    "INSERT INTO seine_source_day(dataset, source, sha256, day, bucket, rows, winners)" \
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (dataset, source, sha256, day, bucket) DO UPDATE SET "

static seine_status queue_source_day(seine_commit *commit, const char *sql, const char *dataset,
                                     const seine_source_day *day, seine_error *error) {
    const seine_db_value row[] = {
        seine_db_text(dataset),    seine_db_text(day->source), seine_db_text(day->sha256), seine_db_int(day->day),
        seine_db_int(day->bucket), seine_db_int(day->rows),    seine_db_int(day->winners),
    };
    return seine_commit_queue(commit, sql, row, sizeof row / sizeof row[0], error);
}

seine_status seine_ledger_put_source_day(seine_commit *commit, const char *dataset, const seine_source_day *day,
                                         seine_error *error) {
    return queue_source_day(commit, INSERT_SOURCE_DAY "rows = excluded.rows, winners = excluded.winners", dataset, day,
                            error);
}

seine_status seine_ledger_add_source_day(seine_commit *commit, const char *dataset, const seine_source_day *day,
                                         seine_error *error) {
    return queue_source_day(commit,
                            INSERT_SOURCE_DAY "rows = seine_source_day.rows + excluded.rows,"
                                              " winners = seine_source_day.winners + excluded.winners",
                            dataset, day, error);
}

seine_status seine_ledger_drop_source_days(seine_commit *commit, const char *dataset, const char *source,
                                           const char *sha256, seine_error *error) {
    const seine_db_value key[] = {seine_db_text(dataset), seine_db_text(source), seine_db_text(sha256)};
    return seine_commit_queue(commit, "DELETE FROM seine_source_day WHERE dataset = ?1 AND source = ?2 AND sha256 = ?3",
                              key, 3, error);
}

/* ---- partitions and jobs ---- */

/* Text form of a partition tuple, and its values as columns behind it. */
static void partition_key(const seine_partition_value *partition, char text[64],
                          seine_db_value columns[SEINE_PARTITION_FIELDS_MAX]) {
    size_t size = 0;
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) {
        const seine_partition_value value = partition[i];
        columns[i] = value.is_null ? seine_db_null() : seine_db_int(value.value);
        const char *separator = i > 0 ? "," : "";
        const int wrote = value.is_null ? snprintf(text + size, 64 - size, "%snull", separator)
                                        : snprintf(text + size, 64 - size, "%s%d", separator, value.value);
        size += (size_t)wrote;
    }
}

static void read_partition(const seine_db_value *columns, seine_partition_value *partition) {
    for (size_t i = 0; i < SEINE_PARTITION_FIELDS_MAX; i++) {
        partition[i].is_null = columns[i].kind != SEINE_DB_INT;
        partition[i].value = (int32_t)number(&columns[i], 0);
    }
}

static seine_status read_hash(const seine_db_value *column, seine_hash128 *hash, seine_error *error) {
    if (column->kind == SEINE_DB_TEXT && seine_hash128_parse(seine_str_of(column->text), hash)) return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "ledger: a hash is damaged");
}

static seine_status read_partition_row(void *context, const seine_db_value *c, seine_error *error) {
    row_reader *r = context;
    seine_partition_row *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "ledger");
    read_partition(c, row->partition);
    row->rows = number(&c[4], 0);
    return read_hash(&c[3], &row->content, error);
}

seine_status seine_ledger_partitions(seine_catalog *catalog, const char *table, seine_arena *arena,
                                     seine_partition_row **rows, size_t *count, seine_error *error) {
    row_reader reader = {.arena = arena};
    const seine_status status =
        seine_db_query(catalog->db,
                       "SELECT p0, p1, p2, content, rows FROM seine_partition WHERE table_name = ?1"
                       " ORDER BY p0 NULLS FIRST, p1 NULLS FIRST, p2 NULLS FIRST",
                       &table, 1, read_partition_row, &reader, error);
    *rows = reader.rows.items;
    *count = reader.rows.count;
    return status;
}

seine_status seine_ledger_put_partition(seine_commit *commit, const char *table, const seine_partition_row *row,
                                        seine_error *error) {
    char key[64], hash[33];
    seine_db_value p[SEINE_PARTITION_FIELDS_MAX];
    partition_key(row->partition, key, p);
    seine_hash128_hex(row->content, hash);
    const seine_db_value values[] = {seine_db_text(table), seine_db_text(key),     p[0], p[1], p[2],
                                     seine_db_text(hash),  seine_db_int(row->rows)};
    if (row->rows == 0)
        return seine_commit_queue(commit, "DELETE FROM seine_partition WHERE table_name = ?1 AND key = ?2", values, 2,
                                  error);
    return seine_commit_queue(commit,
                              "INSERT INTO seine_partition(table_name, key, p0, p1, p2, content, rows)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (table_name, key) DO UPDATE"
                              " SET content = excluded.content, rows = excluded.rows",
                              values, sizeof values / sizeof values[0], error);
}

static seine_status read_job(void *context, const seine_db_value *c, seine_error *error) {
    row_reader *r = context;
    seine_job_row *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "ledger");
    read_partition(c, row->partition);
    SEINE_TRY(read_hash(&c[3], &row->fingerprint, error));
    if (c[4].kind == SEINE_DB_TEXT && (row->parts = copy(r, &c[4])) == NULL) return seine_no_memory(error, "ledger");
    return SEINE_OK;
}

#define SELECT_JOBS(parts)                                                    \
    "SELECT p0, p1, p2, fingerprint, " parts " FROM seine_job WHERE job = ?1" \
    " ORDER BY p0 NULLS FIRST, p1 NULLS FIRST, p2 NULLS FIRST"

seine_status seine_ledger_jobs(seine_catalog *catalog, const char *job, seine_arena *arena, seine_job_row **rows,
                               size_t *count, seine_error *error) {
    row_reader reader = {.arena = arena};
    const seine_status status =
        seine_db_query(catalog->db, catalog->format >= SEINE_FORMAT_PARTS ? SELECT_JOBS("parts") : SELECT_JOBS("NULL"),
                       &job, 1, read_job, &reader, error);
    *rows = reader.rows.items;
    *count = reader.rows.count;
    return status;
}

seine_status seine_ledger_put_job(seine_commit *commit, const char *job, const seine_job_row *row, seine_error *error) {
    char key[64], hash[33];
    seine_db_value p[SEINE_PARTITION_FIELDS_MAX];
    partition_key(row->partition, key, p);
    seine_hash128_hex(row->fingerprint, hash);
    const seine_db_value values[] = {seine_db_text(job),
                                     seine_db_text(key),
                                     p[0],
                                     p[1],
                                     p[2],
                                     seine_db_text(hash),
                                     row->parts != NULL ? seine_db_text(row->parts) : seine_db_null()};
    return seine_commit_queue(commit,
                              "INSERT INTO seine_job(job, key, p0, p1, p2, fingerprint, parts)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (job, key) DO UPDATE"
                              " SET fingerprint = excluded.fingerprint, parts = excluded.parts",
                              values, sizeof values / sizeof values[0], error);
}

seine_status seine_ledger_drop_job_partition(seine_commit *commit, const char *job,
                                             const seine_partition_value *partition, seine_error *error) {
    char key[64];
    seine_db_value p[SEINE_PARTITION_FIELDS_MAX];
    partition_key(partition, key, p);
    const seine_db_value values[] = {seine_db_text(job), seine_db_text(key)};
    return seine_commit_queue(commit, "DELETE FROM seine_job WHERE job = ?1 AND key = ?2", values, 2, error);
}

/* ---- positions ---- */

static seine_status read_position(void *context, const seine_db_value *c, seine_error *error) {
    row_reader *r = context;
    seine_position_row *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "ledger");
    *row = (seine_position_row){copy(r, &c[0]), copy(r, &c[1]), copy(r, &c[2]), copy(r, &c[3])};
    const bool whole = row->job != NULL && row->source != NULL && row->partition != NULL && row->position != NULL;
    return whole ? SEINE_OK : seine_no_memory(error, "ledger");
}

seine_status seine_ledger_positions(seine_catalog *catalog, const char *job, seine_arena *arena,
                                    seine_position_row **rows, size_t *count, seine_error *error) {
    row_reader reader = {.arena = arena};
    const seine_status status =
        seine_db_query(catalog->db,
                       "SELECT job, source, source_partition, position FROM seine_progress WHERE job = ?1"
                       " ORDER BY source, source_partition",
                       &job, 1, read_position, &reader, error);
    *rows = reader.rows.items;
    *count = reader.rows.count;
    return status;
}

seine_status seine_ledger_put_position(seine_commit *commit, const seine_position_row *row, seine_error *error) {
    const seine_db_value values[] = {seine_db_text(row->job), seine_db_text(row->source), seine_db_text(row->partition),
                                     seine_db_text(row->position)};
    return seine_commit_queue(commit,
                              "INSERT INTO seine_progress(job, source, source_partition, position)"
                              " VALUES(?1, ?2, ?3, ?4) ON CONFLICT (job, source, source_partition) DO UPDATE"
                              " SET position = excluded.position",
                              values, 4, error);
}

seine_status seine_ledger_move_position(seine_commit *commit, const seine_position_row *row, const char *from,
                                        seine_error *error) {
    const seine_db_value values[] = {seine_db_text(row->job), seine_db_text(row->source), seine_db_text(row->partition),
                                     seine_db_text(row->position), seine_db_text(from != NULL ? from : "")};
    if (from == NULL)
        return seine_commit_queue_swap(commit, row->source,
                                       "INSERT INTO seine_progress(job, source, source_partition, position)"
                                       " VALUES(?1, ?2, ?3, ?4) ON CONFLICT (job, source, source_partition) DO NOTHING",
                                       values, 4, error);
    return seine_commit_queue_swap(commit, row->source,
                                   "UPDATE seine_progress SET position = ?4 WHERE job = ?1 AND source = ?2"
                                   " AND source_partition = ?3 AND position = ?5",
                                   values, 5, error);
}

/* ---- runs ---- */

seine_status seine_ledger_put_run(seine_commit *commit, const char *id, const char *command, int64_t started_us,
                                  const char *manifest_json, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(id), seine_db_text(command), seine_db_int(started_us),
                                  seine_db_text(manifest_json)};
    const seine_status status = seine_commit_queue(commit,
                                                   "INSERT INTO seine_run(id, command, started_us, manifest)"
                                                   " VALUES(?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE"
                                                   " SET command = excluded.command, started_us = excluded.started_us,"
                                                   " manifest = excluded.manifest",
                                                   row, 4, error);
    return status == SEINE_OK ? seine_ledger_prune_runs(commit, error) : status;
}

seine_status seine_ledger_prune_runs(seine_commit *commit, seine_error *error) {
    const seine_db_value kept[] = {seine_db_int(SEINE_RUNS_KEPT), seine_db_text(SEINE_RUNS_KEPT_SETTING)};
    return seine_commit_queue(commit,
                              "DELETE FROM seine_run WHERE (started_us, id) < (SELECT started_us, id FROM seine_run"
                              " ORDER BY started_us DESC, id DESC LIMIT 1 OFFSET coalesce((SELECT CASE WHEN"
                              " CAST(value AS INTEGER) > 1 THEN CAST(value AS INTEGER) - 1 ELSE 0 END"
                              " FROM seine_setting WHERE key = ?2), CAST(?1 AS INTEGER) - 1))",
                              kept, 2, error);
}

/* ---- seine_setting ---- */

seine_status seine_ledger_put_setting(seine_commit *commit, const char *key, int64_t value, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(key), seine_db_int(value)};
    return seine_commit_queue(commit, SEINE_SETTING_PUT, row, 2, error);
}

static seine_status read_setting(void *context, const seine_db_value *columns, seine_error *error) {
    int64_t *value = context;
    (void)error;
    *value = number(&columns[0], *value);
    return SEINE_OK;
}

seine_status seine_ledger_setting(seine_catalog *catalog, const char *key, int64_t *value, seine_error *error) {
    return seine_db_query(catalog->db, "SELECT CAST(value AS INTEGER) FROM seine_setting WHERE key = ?1", &key, 1,
                          read_setting, value, error);
}

/**
 * A lake on disk for the law test: silver and reference tables are written as lists of sources say, seine_refresh does
 * the rest, and every derived table is read back by SQL and compared with law_oracle.h.
 *
 * Silver comes in several files a partition, cut anew at each writing, and only where its rows changed.
 *
 * Of the environment (tests/places/programs.py): SEINE_TEST_LAKES, the address of a bucket in which the lakes lie, and
 * SEINE_TEST_CATALOG, that of the server in which their catalogs are.
 */
#ifndef SEINE_TESTS_LAW_LAKE_H
#define SEINE_TESTS_LAW_LAKE_H

#include "columns/fix.h"
#include "engine/engine.h"
#include "io/file.h"
#include "refresh/refresh.h"
#include "table/cells.h"
#include "table/ledger.h"
#include "unit/law_oracle.h"
#include "unit/task_support.h"

#include <unistd.h>

#define BUCKETS_MAX 3
#define UNDATED INT32_MIN
#define SILVER "silver.ais"

typedef struct disk_lake {
    unsigned number; /* of the history, for messages */
    char folder[256], path[400];
    int buckets;
    source sources[SOURCES];
    int32_t declared[SOURCES]; /* the day that a source's name says */
    bool is_known[SOURCES];
    fix silver[ROWS_MAX];
    size_t silver_count;
    references references;
    seine_hash128 written[DAYS][BUCKETS_MAX]; /* rows that silver has; zero = none */
    expected_gap before[ROWS_MAX];            /* the last refresh had to leave these */
    size_t before_count;
    int64_t now_us, changes; /* rows that the log must have */
    seine_engine *engine;    /* of the reader */
} disk_lake;

/* ---- the lake ---- */

static bool law_is_far(void) { return getenv("SEINE_TEST_LAKES") != NULL || getenv("SEINE_TEST_CATALOG") != NULL; }

/* Where the catalog of a lake is to be; NULL: in its folder. */
static const char *law_catalog(const disk_lake *l, char *text, size_t size) {
    const char *server = getenv("SEINE_TEST_CATALOG");
    if (!law_is_far()) return NULL;
    if (server != NULL)
        snprintf(text, size, "%s?catalog_name=law_%ld_%u", server, (long)getpid(), l->number);
    else
        snprintf(text, size, "%s/catalog.db", l->folder);
    return text;
}

/* Nothing here is about what survives a power cut, so that a disk in memory does. */
static void make_disk_lake(disk_lake *l, unsigned number, int buckets) {
    const char *temp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : getenv("TMPDIR");
    const char *bucket = getenv("SEINE_TEST_LAKES");
    char catalog[400];
    const seine_engine_options options = {.threads = 1};
    seine_error error = {0};
    *l = (disk_lake){.number = number, .buckets = buckets, .now_us = INT64_C(1700000000) * SEINE_SECOND_US};
    for (size_t s = 0; s < SOURCES; s++) l->declared[s] = UNDATED;
    snprintf(l->folder, sizeof l->folder, "%s/seine-law-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(l->folder));
    snprintf(l->path, sizeof l->path, "%s%s/lake", bucket != NULL ? bucket : "", l->folder);
    if (seine_catalog_create_in(l->path, law_catalog(l, catalog, sizeof catalog), buckets, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    if (seine_engine_open(&options, &l->engine, &error) != SEINE_OK) fail_msg("%s", error.text);
}

static void drop_disk_lake(disk_lake *l) {
    seine_engine_close(l->engine);
    assert_int_equal(seine_file_remove_tree(l->folder, NULL), SEINE_OK);
}

/* ---- writing ---- */

/* One commit to one table: files of a partition, or of all, in the place of those that are there. */
typedef struct writing {
    disk_lake *lake;
    seine_catalog *catalog;
    seine_commit *commit;
    seine_arena arena;
} writing;

static writing begin_writing(disk_lake *l) {
    writing w = {.lake = l};
    seine_error error = {0};
    if (seine_catalog_open(l->path, &w.catalog, &error) != SEINE_OK) fail_msg("%s", error.text);
    if (seine_commit_begin(w.catalog, NULL, &w.commit, &error) != SEINE_OK) fail_msg("%s", error.text);
    return w;
}

static void end_writing(writing *w) {
    seine_error error = {0};
    if (seine_commit_run(w->commit, &error) != SEINE_OK) fail_msg("%s", error.text);
    seine_catalog_close(w->catalog);
    seine_arena_free(&w->arena);
}

static seine_table *open_table(writing *w, const char *name) {
    seine_table *table;
    seine_error error = {0};
    if (seine_table_load(w->catalog, name, (seine_at){0}, &table, &error) != SEINE_OK) fail_msg("%s", error.text);
    return table;
}

/* Paths of a partition's files; NULL: of all. */
static size_t files_of(writing *w, seine_table *table, const seine_partition_value *partition, const char ***paths) {
    const seine_live_file *files;
    size_t count, n = 0;
    assert_int_equal(seine_table_files(table, &files, &count, NULL), SEINE_OK);
    *paths = SEINE_ARENA_ARRAY(&w->arena, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const seine_partition_value *p = files[i].file.partition;
        if (partition != NULL && (p[0].value != partition[0].value || p[1].value != partition[1].value)) continue;
        (*paths)[n++] = seine_arena_copy(&w->arena, files[i].file.path, strlen(files[i].file.path));
    }
    return n;
}

static void rename_file(const char *from, const char *to) {
    seine_buf bytes SEINE_OWNED(seine_buf_free) = {0}; /* a bucket renames nothing */
    seine_error error = {0};
    if (strcmp(from, to) == 0) return;
    seine_buf_init(&bytes, (size_t)1 << 24);
    if (seine_file_read(from, &bytes, &error) != SEINE_OK ||
        seine_file_write(to, bytes.data, bytes.size, SEINE_FILE_NEW, &error) != SEINE_OK ||
        seine_file_remove(from, &error) != SEINE_OK)
        fail_msg("%s", error.text);
}

/* The @p k-th file of a partition: names are in the order of the movers. */
static seine_data_file write_file(writing *w, const seine_table *table, const seine_partition_value *partition,
                                  seine_cell **rows, size_t count, unsigned k) {
    seine_data_file file;
    seine_error error = {0};
    if (seine_cells_write(table, partition, rows, count, &w->arena, &file, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    char *path = seine_arena_copy(&w->arena, file.path, strlen(file.path));
    strrchr(path, '/')[5] = (char)('0' + k);
    rename_file(file.path, path);
    file.path = path;
    memcpy(file.partition, partition, sizeof file.partition);
    return file;
}

static seine_cell *silver_row(writing *w, const fix *f) {
    seine_cell *row = SEINE_ARENA_ARRAY(&w->arena, seine_cell, SEINE_AIS_COLUMNS);
    const seine_payload payload = payload_of(f, &w->arena);
    for (size_t c = 0; c < SEINE_AIS_COLUMNS; c++) row[c] = seine_cell_null();
    row[SEINE_AIS_MMSI] = seine_cell_text(mover_name(f->mover));
    row[SEINE_AIS_TS] = seine_cell_integer(f->time_us);
    row[SEINE_AIS_LAT] = seine_cell_number(lat_of(f));
    row[SEINE_AIS_LON] = seine_cell_number(lon_of(f));
    row[SEINE_AIS_SOG] = seine_cell_number(speed_of(f));
    row[SEINE_AIS_NAME] = seine_cell_text(name_of(f));
    if (type_of(f) >= 0) row[SEINE_AIS_VESSEL_TYPE] = seine_cell_integer(type_of(f));
    row[SEINE_AIS_RECEIVER] = seine_cell_text(payload.texts[0]);
    row[SEINE_AIS_MSGID] = seine_cell_text(payload.texts[1]);
    row[SEINE_AIS_TRANSCEIVER] = seine_cell_text(payload.texts[3]);
    row[SEINE_AIS_SHORE] = seine_cell_number(payload.numbers[0]);
    row[SEINE_AIS_SOURCE_FILE] = seine_cell_text(SEINE_STR("law"));
    row[SEINE_AIS_SOURCE_ROW] = seine_cell_integer(1);
    row[SEINE_AIS_INGESTED_AT] = seine_cell_integer(0);
    return row;
}

/* Rows of one day and bucket. */
static size_t rows_of(writing *w, const seine_partition_value *partition, seine_cell **rows, seine_partition_row *row) {
    const disk_lake *l = w->lake;
    size_t count = 0;
    for (size_t i = 0; i < l->silver_count; i++) {
        const fix *f = &l->silver[i];
        if (seine_time_day(f->time_us) != partition[0].value) continue;
        if (seine_bucket_of(mover_name(f->mover), l->buckets) != partition[1].value) continue;
        const int64_t parts[] = {f->mover, f->time_us, f->source};
        row->content = seine_hash128_add(row->content, seine_hash128_of(parts, sizeof parts));
        rows[count++] = silver_row(w, f);
    }
    row->rows = (int64_t)count;
    return count;
}

/* Cut into files between movers, here and there. @return how many. */
static size_t write_files(writing *w, const seine_table *table, const seine_partition_value *partition,
                          seine_cell **rows, size_t count, seine_data_file *files, uint64_t *seed) {
    size_t n = 0;
    for (size_t first = 0, last; first < count; first = last) {
        for (last = first + 1; last < count; last++)
            if (!seine_str_equal(rows[last][SEINE_AIS_MMSI].as.text, rows[last - 1][SEINE_AIS_MMSI].as.text) &&
                chance(seed, 2) == 0)
                break;
        files[n] = write_file(w, table, partition, rows + first, last - first, (unsigned)n);
        n++;
    }
    return n;
}

static void write_partition(writing *w, seine_table *table, int32_t day, int32_t bucket, bool again, uint64_t *seed) {
    const seine_partition_value partition[SEINE_PARTITION_FIELDS_MAX] = {{.value = day}, {.value = bucket}};
    seine_partition_row row = {.partition = {partition[0], partition[1]}};
    seine_hash128 *written = &w->lake->written[day][bucket];
    seine_cell *rows[ROWS_MAX];
    seine_data_file files[MOVERS];
    const char **old;
    seine_error error = {0};
    const size_t count = rows_of(w, partition, rows, &row);
    if (seine_hash128_equal(*written, row.content) && !again) return;
    *written = row.content;
    const size_t file_count = write_files(w, table, partition, rows, count, files, seed);
    const size_t old_count = files_of(w, table, partition, &old);
    if (file_count + old_count > 0 &&
        seine_commit_files(w->commit, table, files, file_count, old, old_count, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    if (seine_ledger_put_partition(w->commit, SILVER, &row, &error) != SEINE_OK) fail_msg("%s", error.text);
}

/* Greatest time of a source that may move the watermark. */
static int64_t greatest_of(const source *s, int32_t declared) {
    int64_t greatest = INT64_MIN;
    for (size_t i = 0; i < s->count; i++)
        if (s->fixes[i].time_us > greatest && (declared == UNDATED || seine_time_day(s->fixes[i].time_us) == declared))
            greatest = s->fixes[i].time_us;
    return greatest;
}

static void write_sources(writing *w) {
    disk_lake *l = w->lake;
    seine_error error = {0};
    for (uint32_t s = 0; s < SOURCES; s++) {
        l->is_known[s] |= l->sources[s].is_live;
        if (!l->is_known[s]) continue;
        const seine_source row = {.dataset = "ais",
                                  .name = seine_arena_printf(&w->arena, "source %02u", s),
                                  .sha256 = seine_arena_printf(&w->arena, "%064u", s),
                                  .state = l->sources[s].is_live ? SEINE_SOURCE_LIVE : SEINE_SOURCE_REMOVED,
                                  .rows = (int64_t)l->sources[s].count,
                                  .reason = "",
                                  .bronze_path = "",
                                  .url = "",
                                  .has_declared_day = l->declared[s] != UNDATED,
                                  .declared_day = l->declared[s] != UNDATED ? l->declared[s] : 0,
                                  .greatest_us = greatest_of(&l->sources[s], l->declared[s])};
        if (seine_ledger_put_source(w->commit, &row, &error) != SEINE_OK) fail_msg("%s", error.text);
    }
}

/* Brings silver and the ledger to what the sources say. @p again: also partitions that have these rows already. */
static void write_silver(disk_lake *l, bool again, uint64_t *seed) {
    writing w = begin_writing(l);
    seine_table *table = open_table(&w, SILVER);
    l->silver_count = winners_of(l->sources, l->silver);
    for (int32_t day = 0; day < DAYS; day++)
        for (int32_t bucket = 0; bucket < l->buckets; bucket++) write_partition(&w, table, day, bucket, again, seed);
    write_sources(&w);
    end_writing(&w);
    seine_table_close(table);
}

static seine_cell bound_cell(int64_t time_us) {
    return time_us == EVER || time_us == FOREVER ? seine_cell_null() : seine_cell_integer(time_us);
}

/* From valid_from on: the validity, a hash of what stands before it, where the row came from. */
static void put_validity(writing *w, seine_cell *cells, int64_t from_us, int64_t to_us, const void *content,
                         size_t size) {
    const seine_hash128 hash = seine_hash128_of(content, size);
    char *text =
        seine_arena_printf(&w->arena, "%016llx%016llx", (unsigned long long)hash.high, (unsigned long long)hash.low);
    cells[0] = bound_cell(from_us);
    cells[1] = bound_cell(to_us);
    cells[2] = seine_cell_text(seine_str_of(text));
    cells[3] = seine_cell_text(SEINE_STR("law"));
    cells[4] = cells[5] = seine_cell_integer(1);
}

static seine_cell *port_row(writing *w, const port *p) {
    seine_cell *row = SEINE_ARENA_ARRAY(&w->arena, seine_cell, 12);
    const double content[] = {p->id, p->lat, p->lon};
    row[0] = seine_cell_text(seine_str_of(seine_arena_printf(&w->arena, "P%u", p->id)));
    row[1] = seine_cell_text(seine_str_of(seine_arena_printf(&w->arena, "Port %u", p->id)));
    row[2] = seine_cell_number(p->lat);
    row[3] = seine_cell_number(p->lon);
    row[4] = row[5] = seine_cell_null();
    put_validity(w, &row[6], p->from_us, p->to_us, content, sizeof content);
    return row;
}

static seine_cell *weather_row(writing *w, const weather *o) {
    seine_cell *row = SEINE_ARENA_ARRAY(&w->arena, seine_cell, 11);
    const double content[] = {o->lat, o->lon, (double)o->observed_us, o->temperature, isnan(o->wind) ? -1 : o->wind};
    row[0] = seine_cell_integer(o->lat);
    row[1] = seine_cell_integer(o->lon);
    row[2] = bound_cell(o->observed_us);
    row[3] = seine_cell_number(o->temperature);
    row[4] = seine_cell_number(o->wind);
    put_validity(w, &row[5], o->from_us, o->to_us, content, sizeof content);
    return row;
}

static void write_references(disk_lake *l) {
    static const seine_partition_value nowhere[SEINE_PARTITION_FIELDS_MAX];
    writing w = begin_writing(l);
    seine_table *tables[2];
    seine_error error = {0};
    for (int k = 0; k < 2; k++) {
        const size_t count = k == 0 ? l->references.port_count : l->references.weather_count;
        seine_table *table = tables[k] = open_table(&w, k == 0 ? "ref.ports" : "ref.weather");
        seine_cell *rows[PORTS + WEATHER];
        seine_data_file file;
        const char **old;
        const size_t old_count = files_of(&w, table, NULL, &old);
        for (size_t i = 0; i < count; i++)
            rows[i] = k == 0 ? port_row(&w, &l->references.ports[i]) : weather_row(&w, &l->references.weather[i]);
        if (count > 0) file = write_file(&w, table, nowhere, rows, count, 0);
        if (count + old_count > 0 &&
            seine_commit_files(w.commit, table, &file, count > 0, old, old_count, &error) != SEINE_OK)
            fail_msg("%s", error.text);
    }
    end_writing(&w);
    for (int k = 0; k < 2; k++) seine_table_close(tables[k]);
}

/* ---- reading back ---- */

/* Every table into the reader's memory, under a short name. */
static void load_tables(disk_lake *l) {
    static const char *const names[][2] = {{"events.ais_gaps", "gaps"},
                                           {"events.ais_gaps_history", "log"},
                                           {"state.ais_gaps", "gap_states"},
                                           {"state.ais_gaps_head", "gap_states_head"},
                                           {"silver.ais_enriched", "enriched"},
                                           {"state.ais_enriched", "enriched_states"},
                                           {"state.ais_enriched_head", "enriched_states_head"}};
    writing w = {.lake = l};
    seine_error error = {0};
    char sql[128];
    if (seine_catalog_open(l->path, &w.catalog, &error) != SEINE_OK) fail_msg("%s", error.text);
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        const char **paths;
        seine_table *table = open_table(&w, names[t][0]);
        const size_t count = files_of(&w, table, NULL, &paths);
        snprintf(sql, sizeof sql, "CREATE OR REPLACE TABLE %s AS FROM %s", names[t][1], names[t][0]);
        if (seine_engine_view(l->engine, seine_schema_find(names[t][0]), names[t][0], paths, count, &error) !=
                SEINE_OK ||
            seine_engine_run(l->engine, sql, &error) != SEINE_OK)
            fail_msg("%s", error.text);
        seine_table_close(table);
    }
    seine_catalog_close(w.catalog);
    seine_arena_free(&w.arena);
}

/* Called for each row of a query, numbered from 0. */
typedef void (*row_check)(const disk_lake *l, size_t number, const seine_rows *rows, size_t row, const void *context);

static size_t each_row(const disk_lake *l, const char *sql, row_check check, const void *context) {
    seine_query *query;
    seine_rows rows;
    seine_error error = {0};
    size_t number = 0;
    if (seine_query_start(l->engine, sql, NULL, 0, &query, &error) != SEINE_OK) fail_msg("%s\n%s", error.text, sql);
    for (;;) {
        if (seine_query_next(query, &rows, &error) != SEINE_OK) fail_msg("%s\n%s", error.text, sql);
        if (rows.count == 0) break;
        for (size_t i = 0; i < rows.count; i++) check(l, number++, &rows, i, context);
    }
    seine_query_end(query);
    return number;
}

static bool is_null(const seine_rows *rows, size_t row, size_t column) {
    const seine_vec *vec = &rows->columns[column];
    return vec->valid != NULL && !vec->valid[row];
}

/* Whether a cell is this; text "" with data NULL, NaN and INT64_MIN stand for null. */
static bool is_text(const seine_rows *rows, size_t row, size_t column, seine_str text) {
    if (text.data == NULL || is_null(rows, row, column)) return text.data == NULL && is_null(rows, row, column);
    return seine_str_equal(((const seine_str *)rows->columns[column].values)[row], text);
}

static bool is_number(const seine_rows *rows, size_t row, size_t column, double number) {
    if (isnan(number) || is_null(rows, row, column)) return isnan(number) && is_null(rows, row, column);
    return fabs(((const double *)rows->columns[column].values)[row] - number) <= 1e-9 * fmax(1, fabs(number));
}

static bool is_integer(const seine_rows *rows, size_t row, size_t column, int64_t number) {
    const seine_vec *vec = &rows->columns[column];
    if (number == INT64_MIN || is_null(rows, row, column)) return number == INT64_MIN && is_null(rows, row, column);
    if (vec->type == SEINE_TYPE_BOOLEAN) return ((const uint8_t *)vec->values)[row] == number;
    if (vec->type == SEINE_TYPE_INT || vec->type == SEINE_TYPE_DATE)
        return ((const int32_t *)vec->values)[row] == number;
    return ((const int64_t *)vec->values)[row] == number;
}

static void take_number(const disk_lake *l, size_t number, const seine_rows *rows, size_t row, const void *context) {
    (void)l, (void)number;
    int64_t *out;
    memcpy(&out, context, sizeof out);
    *out = ((const int64_t *)rows->columns[0].values)[row];
}

static int64_t number_in(const disk_lake *l, const char *sql) {
    int64_t value = -1, *out = &value;
    assert_int_equal(each_row(l, sql, take_number, &out), 1);
    return value;
}

static void assert_none(const disk_lake *l, const char *what, const char *sql) {
    const int64_t count = number_in(l, sql);
    if (count != 0) fail_msg("history %u: %s: %lld rows", l->number, what, (long long)count);
}

/* ---- comparing ---- */

#define WRONG(l, table, number, column) \
    fail_msg("history %u: row %zu of %s differs in column %zu", (l)->number, number, table, (size_t)(column))

/* Columns of the events table from `first` on: of OFF, then of ON, in turn. */
static bool has_end(const seine_rows *rows, size_t row, const fix *f, size_t end) {
    seine_arena arena = {0};
    const seine_str none = {NULL, 0};
    const seine_payload p = f != NULL ? payload_of(f, &arena) : (seine_payload){.numbers = {(double)NAN, (double)NAN}};
    bool ok = is_number(rows, row, 14 + 2 * end, f != NULL ? lat_of(f) : (double)NAN) &&
              is_number(rows, row, 15 + 2 * end, f != NULL ? lon_of(f) : (double)NAN) &&
              is_text(rows, row, 18 + end, f != NULL ? receiver_text(f) : none) &&
              is_text(rows, row, 24 + end, f != NULL ? SEINE_STR("A") : none);
    for (size_t t = 0; t < 4 && ok; t++) ok = is_text(rows, row, 18 + 2 * t + end, p.texts[t]);
    for (size_t n = 0; n < 2 && ok; n++) ok = is_number(rows, row, 26 + 2 * n + end, p.numbers[n]);
    seine_arena_free(&arena);
    return ok;
}

typedef struct expected_gaps {
    const expected_gap *gaps;
    size_t count;
} expected_gaps;

static void check_gap(const disk_lake *l, size_t number, const seine_rows *rows, size_t row, const void *context) {
    const expected_gaps *expected = context;
    if (number >= expected->count) fail_msg("history %u: more than %zu events", l->number, expected->count);
    const expected_gap *gap = &expected->gaps[number];
    const seine_str name = mover_name(gap->off.mover);
    const int64_t end_us = gap->is_closed ? gap->on.time_us : INT64_MIN;
    char id[33];
    seine_gap_id_of_fix(name.data, name.size, gap->off.time_us, lat_of(&gap->off), lon_of(&gap->off), id);
    const bool ok[] = {is_text(rows, row, 0, seine_str_of(id)),
                       is_text(rows, row, 1, name),
                       is_integer(rows, row, 2, gap->off.time_us),
                       is_integer(rows, row, 3, end_us),
                       is_integer(rows, row, 4, gap->is_closed),
                       true, /* the version: see the log */
                       is_integer(rows, row, 6, gap->is_closed ? seine_time_day(end_us) : INT64_MIN),
                       is_number(rows, row, 7, gap->duration_h),
                       is_number(rows, row, 8, gap->distance_m),
                       is_number(rows, row, 9, gap->speed_kn),
                       is_integer(rows, row, 10, gap->before[0]),
                       is_integer(rows, row, 11, gap->before[1]),
                       is_integer(rows, row, 12, gap->before[2]),
                       is_integer(rows, row, 13, gap->before[3]),
                       has_end(rows, row, &gap->off, 0),
                       has_end(rows, row, gap->is_closed ? &gap->on : NULL, 1)};
    for (size_t c = 0; c < sizeof ok / sizeof *ok; c++)
        if (!ok[c]) WRONG(l, "events.ais_gaps", number, c);
}

static void check_enriched(const disk_lake *l, size_t number, const seine_rows *rows, size_t row, const void *context) {
    const int64_t *weather_most_us = context;
    if (number >= l->silver_count) fail_msg("history %u: more than %zu enriched rows", l->number, l->silver_count);
    const fix *f = &l->silver[number];
    const expected_row e = expect_row(l->silver, number, &l->references, *weather_most_us);
    char name[32] = "", id[32] = "";
    if (e.nearest != NULL) snprintf(name, sizeof name, "Port %u", e.nearest->id);
    if (e.nearest != NULL) snprintf(id, sizeof id, "P%u", e.nearest->id);
    const seine_str none = {NULL, 0};
    const bool ok[] = {is_text(rows, row, 0, mover_name(f->mover)),
                       is_integer(rows, row, 1, f->time_us),
                       is_number(rows, row, 2, lat_of(f)),
                       is_number(rows, row, 3, lon_of(f)),
                       is_number(rows, row, 4, speed_of(f)),
                       is_text(rows, row, 5, name_of(f)),
                       is_integer(rows, row, 6, type_of(f) >= 0 ? type_of(f) : INT64_MIN),
                       is_text(rows, row, 7, e.nearest != NULL ? seine_str_of(name) : none),
                       is_text(rows, row, 8, e.nearest != NULL ? seine_str_of(id) : none),
                       is_number(rows, row, 9, e.distance_km),
                       is_text(rows, row, 10, seine_str_of(e.category)),
                       is_number(rows, row, 11, e.hours),
                       is_integer(rows, row, 12, e.fishing >= 0 ? e.fishing : INT64_MIN),
                       is_number(rows, row, 13, e.weather != NULL ? e.weather->temperature : (double)NAN),
                       is_number(rows, row, 14, e.weather != NULL ? e.weather->wind : (double)NAN)};
    for (size_t c = 0; c < sizeof ok / sizeof *ok; c++)
        if (!ok[c]) WRONG(l, "silver.ais_enriched", number, c);
}

/* ---- states: one per mover and day with fixes, the newest is the head ---- */

static void check_state(const disk_lake *l, size_t number, const seine_rows *rows, size_t row, const void *context) {
    (void)context;
    size_t at = 0;
    for (size_t i = 0; i < l->silver_count; i++) {
        const fix *f = &l->silver[i];
        const bool repeats =
            i > 0 && f[-1].mover == f->mover && seine_time_day(f[-1].time_us) == seine_time_day(f->time_us);
        if (repeats || at++ != number) continue;
        if (!is_text(rows, row, 0, mover_name(f->mover)) || !is_integer(rows, row, 1, seine_time_day(f->time_us)))
            WRONG(l, "states", number, 0);
        return;
    }
    fail_msg("history %u: more states than days with fixes", l->number);
}

static size_t states_expected(const disk_lake *l) {
    size_t count = 0;
    for (size_t i = 0; i < l->silver_count; i++)
        count += i == 0 || l->silver[i - 1].mover != l->silver[i].mover ||
                 seine_time_day(l->silver[i - 1].time_us) != seine_time_day(l->silver[i].time_us);
    return count;
}

static void check_states(const disk_lake *l, const char *table) {
    char sql[1024];
    snprintf(sql, sizeof sql, "SELECT mover, day FROM %s ORDER BY mover, day", table);
    assert_int_equal(each_row(l, sql, check_state, NULL), states_expected(l));
    snprintf(
        sql, sizeof sql,
        "WITH newest AS (SELECT * FROM %s QUALIFY row_number() OVER (PARTITION BY mover ORDER BY day DESC) = 1) "
        "SELECT count(*) FROM ((FROM newest EXCEPT ALL FROM %s_head) UNION ALL (FROM %s_head EXCEPT ALL FROM newest))",
        table, table, table);
    assert_none(l, table, sql);
}

/* ---- the log ---- */

static bool is_same_event(const expected_gap *a, const expected_gap *b) {
    return a->off.mover == b->off.mover && a->off.time_us == b->off.time_us && lat_of(&a->off) == lat_of(&b->off) &&
           lon_of(&a->off) == lon_of(&b->off);
}

static bool is_same_row(const expected_gap *a, const expected_gap *b) {
    return a->off.source == b->off.source && a->is_closed == b->is_closed &&
           memcmp(a->before, b->before, sizeof a->before) == 0 &&
           (!a->is_closed || (a->on.time_us == b->on.time_us && a->on.source == b->on.source));
}

static const expected_gap *find_event(const expected_gap *gaps, size_t count, const expected_gap *wanted) {
    for (size_t i = 0; i < count; i++)
        if (is_same_event(&gaps[i], wanted)) return &gaps[i];
    return NULL;
}

/* The log grew by what differs from the refresh before, and its last word on each event is the event. */
static void check_log(disk_lake *l, const expected_gap *gaps, size_t count, const seine_job_report *report) {
    int64_t added = 0, updated = 0, retracted = 0;
    for (size_t i = 0; i < count; i++) {
        const expected_gap *before = find_event(l->before, l->before_count, &gaps[i]);
        added += before == NULL;
        updated += before != NULL && !is_same_row(before, &gaps[i]);
    }
    for (size_t i = 0; i < l->before_count; i++) retracted += find_event(gaps, count, &l->before[i]) == NULL;
    l->changes += added + updated + retracted;
    memcpy(l->before, gaps, count * sizeof *gaps);
    l->before_count = count;
    if (report->added != (uint64_t)added || report->updated != (uint64_t)updated ||
        report->retracted != (uint64_t)retracted)
        fail_msg("history %u: %llu new, %llu updated, %llu retracted; expected %lld, %lld, %lld", l->number,
                 (unsigned long long)report->added, (unsigned long long)report->updated,
                 (unsigned long long)report->retracted, (long long)added, (long long)updated, (long long)retracted);
    assert_int_equal(number_in(l, "SELECT count(*) FROM log"), l->changes);
    assert_none(l, "versions of one event that do not differ",
                "SELECT count(*) - count(DISTINCT (event_id, version)) FROM log");
    assert_none(l, "new where there was one, or a change of none",
                "SELECT count(*) FROM (SELECT op, lag(op) OVER (PARTITION BY event_id ORDER BY version) AS former FROM "
                "log) WHERE (op = 'new') <> (former IS NULL OR former = 'retract')");
    assert_none(l, "the log replayed beside the events",
                "WITH last AS (SELECT * EXCLUDE (op, recorded_at) FROM (FROM log QUALIFY row_number() "
                "OVER (PARTITION BY event_id ORDER BY version DESC) = 1) WHERE op <> 'retract') SELECT count(*) FROM "
                "((FROM last EXCEPT ALL FROM gaps) UNION ALL (FROM gaps EXCEPT ALL FROM last))");
}

/* ---- a refresh ---- */

/* Ends of declared days, and times of sources without one. */
static int64_t expected_watermark(const disk_lake *l) {
    int64_t latest = INT64_MIN;
    for (size_t s = 0; s < SOURCES; s++) {
        const source *from = &l->sources[s];
        if (!from->is_live) continue;
        const int64_t until =
            l->declared[s] != UNDATED ? (l->declared[s] + 1) * SEINE_DAY_US : greatest_of(from, UNDATED);
        if (until > latest) latest = until;
    }
    return latest;
}

static seine_refresh_report refresh_disk(const disk_lake *l, const seine_refresh_options *options) {
    seine_refresh_report report;
    seine_error error = {0};
    if (seine_refresh(l->path, options, &report, &error) != SEINE_OK) fail_msg("history %u: %s", l->number, error.text);
    seine_arena_free(&report.arena); /* of names, which nobody here reads */
    return report;
}

/* Tasks and results on their way: in any order, some twice, and of these either may come first. */
typedef struct task_way {
    uint64_t *seed;
    seine_refresh_report report; /* of gaps, as refresh_disk gives it */
} task_way;

static void mix_lines(void *context, task_lines *list) {
    const task_way *way = context;
    seine_error error = {0};
    for (size_t i = list->count; i-- > 0;)
        if (chance(way->seed, 4) == 0) assert_int_equal(add_task_line(list, list->lines[i], &error), SEINE_OK);
    for (size_t i = list->count; i > 1; i--) {
        const size_t other = chance(way->seed, (uint32_t)i);
        const seine_str line = list->lines[i - 1];
        list->lines[i - 1] = list->lines[other];
        list->lines[other] = line;
    }
}

static seine_status note_round(void *context, const seine_refresh_report *report, seine_error *error) {
    task_way *way = context;
    (void)error;
    for (size_t i = 0; i < report->job_count; i++)
        if (strcmp(report->jobs[i].job, "ais_gaps") == 0) way->report.jobs[0] = report->jobs[i];
    return SEINE_OK;
}

static seine_refresh_report refresh_disk_by_tasks(const disk_lake *l, const seine_refresh_options *options,
                                                  uint64_t *seed) {
    task_way way = {seed, {.job_count = 1}};
    seine_error error = {0};
    if (refresh_by_tasks(l->path, options, mix_lines, note_round, &way, &error) != SEINE_OK)
        fail_msg("history %u: %s", l->number, error.text);
    return way.report;
}

/* By one call, or by tasks. */
static void refresh_and_compare(disk_lake *l, const seine_refresh_options *options, uint64_t *seed) {
    expected_gap gaps[ROWS_MAX];
    const seine_refresh_report report =
        chance(seed, 2) == 0 ? refresh_disk(l, options) : refresh_disk_by_tasks(l, options, seed);
    const size_t count = expect_gaps(l->silver, l->silver_count, &options->gaps, expected_watermark(l), gaps);
    const expected_gaps expected = {gaps, count};
    load_tables(l);
    if (each_row(l, "FROM gaps ORDER BY mmsi, start_ts", check_gap, &expected) != count)
        fail_msg("history %u: fewer than %zu events", l->number, count);
    check_log(l, gaps, count, &report.jobs[0]);
    if (each_row(l, "FROM enriched ORDER BY mmsi, ts", check_enriched, &options->weather_max_age_us) != l->silver_count)
        fail_msg("history %u: fewer than %zu enriched rows", l->number, l->silver_count);
    check_states(l, "gap_states");
    check_states(l, "enriched_states");
}

#endif

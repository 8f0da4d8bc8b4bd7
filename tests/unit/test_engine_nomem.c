/* links: parquet engine io core columns base */
/* Every allocation of queries, views, fences and Parquet files fails once: the call says so, leaks nothing, works
 * after. */
#include "unit/parquet_support.h"

#include "unit/nomem_support.h"

static engine_fixture fixture;
static char path[600];

static seine_rows rows_of(size_t count, seine_arena *arena) {
    uint64_t seed = 7;
    seine_rows rows = {count, EVERY_COLUMNS, SEINE_ARENA_ARRAY(arena, seine_vec, EVERY_COLUMNS)};
    for (size_t c = 0; c < EVERY_COLUMNS; c++) rows.columns[c] = random_vec(&every_column[c], count, &seed, arena);
    return rows;
}

/* Made before allocations fail; every kind of vec, with nulls. */
static seine_rows given;

static seine_status write_file(void) {
    seine_parquet_writer *writer = NULL;
    seine_data_file file;
    seine_arena arena = {0};
    seine_error error = {SEINE_OK, ""};
    seine_status status = seine_parquet_open(path, &every_schema, &writer, &error);
    for (int group = 0; group < 2 && status == SEINE_OK; group++) status = seine_parquet_write(writer, &given, &error);
    if (status == SEINE_OK)
        status = seine_parquet_finish(writer, &arena, &file, &error);
    else
        seine_parquet_abort(writer);
    if (status == SEINE_OK && file.rows != (int64_t)given.count * 2) status = SEINE_E_INTERNAL;
    seine_arena_free(&arena);
    return status;
}

static seine_status drain(seine_query *query, size_t *count, seine_error *error) {
    seine_rows rows = {.count = 1};
    seine_status status = SEINE_OK;
    for (*count = 0; status == SEINE_OK && rows.count > 0; *count += rows.count)
        status = seine_query_next(query, &rows, error);
    return status;
}

static seine_status open_engine(void) {
    const seine_engine_options options = {.threads = 1, .memory_bytes = (uint64_t)256 << 20};
    seine_engine *engine = NULL;
    const seine_status status = seine_engine_open(&options, &engine, NULL);
    seine_engine_close(engine);
    return status;
}

static seine_status scan_file(void) {
    static const size_t columns[] = {0, 2, 7, 9, 10, 12};
    const char *const files[] = {path};
    seine_query *query = NULL;
    size_t count = 0;
    seine_error error = {SEINE_OK, ""};
    seine_status status = seine_engine_view(fixture.engine, &every_schema, "t.every", files, 1, &error);
    if (status == SEINE_OK)
        status = seine_scan_start(fixture.engine, &every_schema, columns, 6, files, 1, NULL, &query, &error);
    if (status == SEINE_OK) status = drain(query, &count, &error);
    if (status == SEINE_OK && count != given.count * 2) status = SEINE_E_INTERNAL;
    seine_query_end(query);
    return status;
}

static seine_status run_one(seine_engine *engine, const char *sql, const char *const *params, size_t param_count) {
    seine_query *query = NULL;
    size_t count = 0;
    seine_error error = {SEINE_OK, ""};
    seine_status status = seine_query_start(engine, sql, params, param_count, &query, &error);
    if (status == SEINE_OK) status = drain(query, &count, &error);
    if (status == SEINE_OK && count != 2) status = SEINE_E_INTERNAL;
    seine_query_end(query);
    return status;
}

static seine_status query_nested(void) {
    static const char *const params[] = {"text"};
    return run_one(fixture.engine,
                   "SELECT $1 AS t, [1, 2, n] AS l, {'a': n, 'b': [DATE '2020-01-01']} AS s, MAP {'k': n * 1.5} AS m,"
                   " [ts] AS ts, 5::HUGEINT AS h, union_value(num := n) AS u, ['\\xAA'::BLOB] AS x, '{}'::JSON AS j,"
                   " NULL::INTEGER AS z FROM (SELECT unnest([1, 2]) AS n, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS ts)",
                   params, 1);
}

static seine_status query_functions(void) {
    return run_one(fixture.engine,
                   "SELECT h3_cell(lat, lon, 7), tile_cell(lat, lon, 5), h3_disk(h3_cell(lat, lon, 7), 1),"
                   " h3_boundary(h3_cell(lat, lon, 7)), distance_m(lat, lon, 1, 2), vessel_type_name(70),"
                   " mmsi_flag('366000001'), mmsi_country('366000001'), imo_number('IMO 9074729'), sql_injection('a;')"
                   " FROM (SELECT unnest([1.0::DOUBLE, 2]) AS lat, 3.0::DOUBLE AS lon)",
                   NULL, 0);
}

static seine_status query_session(void) {
    const seine_sql_value values[] = {{.type = SEINE_TYPE_STRING, .text = SEINE_STR("a")},
                                      {.type = SEINE_TYPE_DOUBLE, .number = 2}};
    seine_engine_session *session = NULL;
    seine_query *query = NULL;
    size_t count = 0;
    seine_error error = {SEINE_OK, ""};
    seine_status status = seine_engine_session_open(fixture.engine, &session, &error);
    if (status == SEINE_OK) status = seine_engine_session_query(session, "SELECT $1, $2", values, 2, &query, &error);
    if (status == SEINE_OK) status = drain(query, &count, &error);
    seine_query_end(query);
    seine_engine_session_close(session);
    return status;
}

/* An engine of its own: what is fenced stays so. */
static seine_status query_fenced(bool is_locked) {
    const seine_engine_options options = {.threads = 1};
    const char *const files[] = {path};
    seine_engine *engine = NULL;
    seine_error error = {SEINE_OK, ""};
    seine_status status = seine_engine_open(&options, &engine, &error);
    if (status == SEINE_OK) status = seine_engine_view(engine, &every_schema, "t.every", files, 1, &error);
    if (status == SEINE_OK) status = seine_engine_view_unreadable(engine, "t.other", "it is damaged", &error);
    if (status == SEINE_OK)
        status = is_locked ? seine_engine_lock(engine, &error) : seine_engine_fence(engine, fixture.folder, &error);
    if (status == SEINE_OK) status = run_one(engine, "SELECT i, s FROM t.every LIMIT 2", NULL, 0);
    seine_engine_close(engine);
    return status;
}

static seine_status query_behind_a_fence(void) { return query_fenced(false); }
static seine_status query_behind_a_lock(void) { return query_fenced(true); }

static int prepare(void **state) {
    static seine_arena arena; /* the values of `given` */
    if (engine_setup(state) != 0) return -1;
    fixture = *(engine_fixture *)*state;
    snprintf(path, sizeof path, "%s/every.parquet", fixture.folder);
    given = rows_of(300, &arena);
    return write_file() == SEINE_OK ? 0 : -1;
}

static void writing_a_file(void **state) {
    (void)state;
    check_allocations_of(write_file, 300, 100, MUST_FAIL);
}

static void opening_an_engine(void **state) {
    (void)state;
    check_allocations(open_engine, 0, MUST_FAIL);
}

static void scanning_a_file(void **state) {
    (void)state;
    check_allocations_of(scan_file, 150, 100, MUST_FAIL);
}

static void queries(void **state) {
    (void)state;
    check_allocations_of(query_nested, 150, 20, MUST_FAIL);
    check_allocations(query_functions, 0, MUST_FAIL);
    check_allocations(query_session, 0, MUST_FAIL);
}

static void fences(void **state) {
    (void)state;
    check_allocations_of(query_behind_a_fence, 40, 50, MUST_FAIL);
    check_allocations_of(query_behind_a_lock, 40, 50, MUST_FAIL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writing_a_file),  cmocka_unit_test(opening_an_engine),
        cmocka_unit_test(scanning_a_file), cmocka_unit_test(queries),
        cmocka_unit_test(fences),
    };
    return cmocka_run_group_tests(tests, prepare, engine_teardown);
}

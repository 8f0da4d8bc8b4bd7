/* Reference tables: what holds when after any order of loads, against a plain model; and what jobs read of them. */
#include "table_support.h"

#include "ingest/reference/merge.h"
#include "ingest/reference/reference.h"
#include "refresh/reference.h"

#include <math.h>

/* ---- the algebra ---- */

/* A row of ref.ports that says only what the algebra looks at. */
static seine_cell *port(seine_arena *arena, const char *id, const char *content, int64_t from, int64_t to) {
    const seine_table_schema *schema = seine_schema_find("ref.ports");
    seine_cell *row = SEINE_ARENA_ARRAY(arena, seine_cell, schema->column_count);
    row[0] = seine_cell_text(seine_str_of(id));
    row[seine_schema_column(schema, "content_hash")] = seine_cell_text(seine_str_of(content));
    row[seine_schema_column(schema, "valid_from")] = from != 0 ? seine_cell_integer(from) : seine_cell_null();
    row[seine_schema_column(schema, "valid_to")] = to != 0 ? seine_cell_integer(to) : seine_cell_null();
    return row;
}

/* Rows out of "A:x[0,5) A:y[5,0) …"; 0 is ever. */
static void parse_rows(const char *text, seine_arena *arena, seine_cells *rows) {
    char id[2] = "", content[2] = "";
    long long from, to;
    for (int used; sscanf(text, " %1[A-Z]:%1[a-z][%lld,%lld)%n", id, content, &from, &to, &used) == 4; text += used)
        assert_int_equal(seine_cells_add(rows, port(arena, seine_arena_copy(arena, id, 1),
                                                    seine_arena_copy(arena, content, 1), from, to)),
                         SEINE_OK);
}

static void show_rows(const seine_cells *rows, char *out, size_t room) {
    const seine_table_schema *schema = seine_schema_find("ref.ports");
    const size_t from = seine_schema_column(schema, "valid_from"), to = seine_schema_column(schema, "valid_to");
    const size_t content = seine_schema_column(schema, "content_hash");
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < rows->count; i++) {
        const seine_cell *row = rows->rows[i];
        used += (size_t)snprintf(out + used, room - used, "%s%.*s:%.*s[%lld,%lld)", i > 0 ? " " : "",
                                 SEINE_STR_ARG(row[0].as.text), SEINE_STR_ARG(row[content].as.text),
                                 row[from].is_null ? 0 : (long long)row[from].as.integer,
                                 row[to].is_null ? 0 : (long long)row[to].as.integer);
    }
}

static void a_load_ends_what_it_contradicts(void **state) {
    (void)state;
    static const struct {
        const char *old, *fresh; /* fresh rows: all of one load */
        int64_t from;
        bool is_whole;
        const char *expected;
        int added, ended, removed;
    } cases[] = {
        {"", "A:x[0,0)", 0, true, "A:x[0,0)", 1, 0, 0},
        {"A:x[0,0)", "A:x[0,0)", 0, true, "A:x[0,0)", 0, 0, 0},
        {"A:x[0,0) B:x[0,0)", "A:y[0,0)", 0, true, "A:y[0,0)", 1, 0, 2},
        {"A:x[0,0) B:x[0,0)", "A:y[0,0)", 0, false, "A:y[0,0) B:x[0,0)", 1, 0, 1},
        /* from a day on */
        {"A:x[0,0) B:x[0,0) C:x[0,0)", "A:x[5,0) B:y[5,0) D:x[5,0)", 5, true,
         "A:x[0,0) B:x[0,5) B:y[5,0) C:x[0,5) D:x[5,0)", 2, 2, 0},
        {"A:x[0,0) C:x[0,0)", "A:y[5,0)", 5, false, "A:x[0,5) A:y[5,0) C:x[0,0)", 1, 1, 0},
        /* the same load again */
        {"A:x[0,5) A:y[5,0) C:x[0,5)", "A:y[5,0)", 5, true, "A:x[0,5) A:y[5,0) C:x[0,5)", 0, 0, 0},
        /* a correction of the same day */
        {"A:x[0,5) A:y[5,0)", "A:z[5,0)", 5, true, "A:x[0,5) A:z[5,0)", 1, 0, 1},
        {"A:x[0,5) A:y[5,0)", "A:x[5,0)", 5, true, "A:x[0,0)", 1, 0, 1},
        /* a load of an earlier day is the later word on all that follows */
        {"A:x[0,5) A:y[5,9) A:z[9,0)", "A:w[7,0)", 7, true, "A:x[0,5) A:y[5,7) A:w[7,0)", 1, 1, 1},
        {"A:x[0,5) A:y[5,9) A:z[9,0)", "A:y[7,0)", 7, true, "A:x[0,5) A:y[5,0)", 1, 0, 1},
        /* what had ended begins again */
        {"A:x[0,5)", "A:x[9,0)", 9, true, "A:x[0,5) A:x[9,0)", 1, 0, 0},
        {"A:x[0,9) B:x[0,0)", "B:x[9,0)", 9, true, "A:x[0,9) B:x[0,0)", 0, 0, 0},
        /* since ever takes the place of all history */
        {"A:x[0,5) A:y[5,0) B:x[3,0)", "A:y[0,0)", 0, true, "A:y[0,0)", 1, 0, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        seine_arena arena = {NULL, 0};
        seine_cells old = {0}, fresh = {0};
        char out[300];
        parse_rows(cases[i].old, &arena, &old);
        parse_rows(cases[i].fresh, &arena, &fresh);
        seine_reference_merge merge = {.schema = seine_schema_find("ref.ports"),
                                       .key_count = 1,
                                       .has_from = cases[i].from != 0,
                                       .from_us = cases[i].from,
                                       .is_whole = cases[i].is_whole};
        assert_int_equal(seine_reference_merge_rows(&merge, &old, &fresh, &arena), SEINE_OK);
        show_rows(&merge.out, out, sizeof out);
        assert_string_equal(out, cases[i].expected);
        assert_int_equal(merge.added, cases[i].added);
        assert_int_equal(merge.ended, cases[i].ended);
        assert_int_equal(merge.removed, cases[i].removed);
        seine_cells_free(&merge.out);
        seine_cells_free(&old);
        seine_cells_free(&fresh);
        seine_arena_free(&arena);
    }
}

/* ---- the law: random loads against a table of what holds when ---- */

enum { KEYS = 4, TIMES = 12, LOADS = 12, HISTORIES = 300 };

static uint32_t next_random(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Content of a key at a time, 0 = nothing. */
typedef struct model {
    char at[KEYS][TIMES];
} model;

static void model_load(model *m, const char content[KEYS], int from, bool is_whole) {
    for (int k = 0; k < KEYS; k++)
        for (int t = from; t < TIMES && (content[k] != 0 || is_whole); t++) m->at[k][t] = content[k];
}

static void check_model(const model *m, const seine_cells *rows) {
    const seine_table_schema *schema = seine_schema_find("ref.ports");
    const size_t from = seine_schema_column(schema, "valid_from"), to = seine_schema_column(schema, "valid_to");
    const size_t content = seine_schema_column(schema, "content_hash");
    model found = {{{0}}};
    for (size_t i = 0; i < rows->count; i++) {
        const seine_cell *row = rows->rows[i];
        const int64_t first = row[from].is_null ? 0 : row[from].as.integer;
        const int64_t last = row[to].is_null ? TIMES : row[to].as.integer;
        assert_true(first < last);
        for (int64_t t = first; t < last; t++) {
            char *cell = &found.at[row[0].as.text.data[0] - 'A'][t];
            assert_int_equal(*cell, 0); /* never two rows at once */
            *cell = row[content].as.text.data[0];
        }
    }
    assert_memory_equal(&found, m, sizeof found);
}

static void any_order_of_loads_holds_what_was_said_last(void **state) {
    (void)state;
    static const char *const keys[KEYS] = {"A", "B", "C", "D"}, *const contents[] = {"x", "y", "z"};
    uint64_t seed = 5;
    for (int history = 0; history < HISTORIES; history++) {
        seine_arena arena = {NULL, 0};
        seine_cells rows = {0};
        model m = {{{0}}};
        for (int load = 0; load < LOADS; load++) {
            seine_cells fresh = {0};
            char content[KEYS] = {0};
            const int from = (int)(next_random(&seed) % TIMES);
            seine_reference_merge merge = {.schema = seine_schema_find("ref.ports"),
                                           .key_count = 1,
                                           .has_from = from != 0,
                                           .from_us = from,
                                           .is_whole = next_random(&seed) % 2 == 0};
            for (int k = 0; k < KEYS; k++) {
                const uint32_t pick = next_random(&seed) % 4;
                if (pick == 3) continue;
                content[k] = contents[pick][0];
                assert_int_equal(seine_cells_add(&fresh, port(&arena, keys[k], contents[pick], from, 0)), SEINE_OK);
            }
            model_load(&m, content, from, merge.is_whole);
            assert_int_equal(seine_reference_merge_rows(&merge, &rows, &fresh, &arena), SEINE_OK);
            check_model(&m, &merge.out);
            seine_reference_merge again = merge;
            again.out = (seine_cells){0};
            again.added = again.ended = again.removed = 0;
            assert_int_equal(seine_reference_merge_rows(&again, &merge.out, &fresh, &arena), SEINE_OK);
            assert_int_equal(again.added + again.ended + again.removed, 0);
            seine_cells_free(&again.out);
            seine_cells_free(&fresh);
            seine_cells_free(&rows);
            rows = merge.out;
        }
        seine_cells_free(&rows);
        seine_arena_free(&arena);
    }
}

/* ---- what jobs read ---- */

static void load_text(lake *l, seine_reference_kind kind, const char *text, int64_t valid_from_us) {
    char path[400];
    seine_reference_report report;
    (void)snprintf(path, sizeof path, "%s/file.csv", l->folder);
    const seine_reference_options options = {.kind = kind,
                                             .has_valid_from = valid_from_us != 0,
                                             .valid_from_us = valid_from_us,
                                             .replace = kind == SEINE_REFERENCE_PORTS};
    assert_ok(l, seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, &l->error));
    assert_ok(l, seine_reference_load(l->path, path, &options, &report, &l->error));
    assert_true(report.is_changed);
    seine_reference_report_free(&report);
}

static void jobs_read_rows_in_order_with_their_validity(void **state) {
    (void)state;
    lake l;
    lake_make(&l, 1);
    seine_engine *engine = NULL;
    const seine_engine_options one = {.threads = 1};
    seine_reference reference = {.port_count = 0};
    assert_ok(&l, seine_engine_open(&one, &engine, &l.error));
    assert_ok(&l, seine_reference_read(l.catalog, engine, &reference, &l.error));
    assert_int_equal(reference.port_count + reference.weather_count, 0);
    assert_true(reference.ports_snapshot == -1 && reference.weather_snapshot == -1);
    seine_reference_free(&reference);

    load_text(&l, SEINE_REFERENCE_PORTS, "id,name,lat,lon,country\nb,B,1,2,NL\na,A,3,4,\n", 0);
    load_text(&l, SEINE_REFERENCE_PORTS, "id,name,lat,lon,country\nb,B,1,2,NL\na,A,3,5,\n", 1000000);
    load_text(&l, SEINE_REFERENCE_WEATHER, "lat,lon,time,temp,wind\n1,2,5,10,\n1,2,,,3\n-1,2,,4,4\n", 0);
    assert_ok(&l, seine_reference_read(l.catalog, engine, &reference, &l.error));
    assert_int_equal(reference.port_count, 3);
    const seine_reference_port *ports = reference.ports;
    assert_true(seine_str_equal(ports[0].port_id, SEINE_STR("a")) && ports[0].lon_deg == 4);
    assert_true(ports[0].valid_from_us == SEINE_REFERENCE_EVER_US && ports[0].valid_to_us == 1000000);
    assert_true(ports[1].lon_deg == 5 && ports[1].valid_from_us == 1000000);
    assert_true(ports[1].valid_to_us == SEINE_REFERENCE_FOREVER_US && ports[1].country.data == NULL);
    assert_true(seine_str_equal(ports[2].name, SEINE_STR("B")) && seine_str_equal(ports[2].country, SEINE_STR("NL")));
    assert_false(seine_hash128_equal(ports[0].hash, ports[1].hash));
    assert_true(seine_reference_holds(ports[0].valid_from_us, ports[0].valid_to_us, 999999));
    assert_false(seine_reference_holds(ports[0].valid_from_us, ports[0].valid_to_us, 1000000));

    assert_int_equal(reference.weather_count, 3);
    const seine_reference_weather *weather = reference.weather;
    assert_int_equal(weather[0].lat_grid, -1);
    assert_true(weather[1].observed_us == SEINE_REFERENCE_ALWAYS_US && isnan(weather[1].temperature));
    assert_true(weather[2].observed_us == 5000000 && weather[2].temperature == 10 && isnan(weather[2].wind_speed));

    seine_partition_row *rows = NULL;
    size_t count = 0;
    assert_ok(&l, seine_ledger_partitions(l.catalog, "ref.ports", &l.arena, &rows, &count, &l.error));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].rows, 3);
    seine_reference_free(&reference);
    seine_engine_close(engine);
    lake_drop(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_load_ends_what_it_contradicts),
        cmocka_unit_test(any_order_of_loads_holds_what_was_said_last),
        cmocka_unit_test(jobs_read_rows_in_order_with_their_validity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

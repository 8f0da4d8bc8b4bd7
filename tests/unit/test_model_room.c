/* links: model parquet table engine io core columns base */
/* The limits of an engine for models, and what its SQL reaches. */
#include "unit/engine_support.h"

#include "io/machine.h"
#include "io/pins.h"
#include "io/store/stores.h"
#include "model/room.h"

#define MIB ((uint64_t)1 << 20)

static void each_thread_has_its_share(void **state) {
    (void)state;
    const struct {
        int threads;
        uint64_t mib;
        int wanted;
        uint64_t wanted_mib;
    } cases[] = {{8, 128, 1, 128},   {8, 255, 1, 255},   {8, 256, 2, 256},
                 {2, 4096, 2, 4096}, {1, 4096, 1, 4096}, {4, 1, 1, 128}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const seine_engine_options made = seine_model_room_options(cases[i].threads, cases[i].mib * MIB, "folder");
        assert_int_equal(made.threads, cases[i].wanted);
        assert_int_equal(made.memory_bytes, cases[i].wanted_mib * MIB);
        assert_string_equal(made.temp_folder, "folder");
    }
}

static void without_a_limit_it_is_half_of_the_machine(void **state) {
    (void)state;
    const uint64_t all = seine_machine_memory();
    const uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    assert_true(all >= 64 * MIB && all <= machine);
    assert_int_equal(seine_model_room_options(1, 0, "folder").memory_bytes, all / 2 < 128 * MIB ? 128 * MIB : all / 2);
}

#define OBJECT "mem://t/lake/00000-0b6a1c1e-5d0f-4c39-9a6e-1f0e7d3c2b4a.parquet"

/* @return status of counting the rows of a file. */
static seine_status count_rows(seine_engine *engine, const char *path) {
    char sql[1200];
    seine_error error = {0};
    seine_query *query = NULL;
    seine_rows rows = {0};
    snprintf(sql, sizeof sql, "SELECT count(*) FROM read_parquet('%s')", path);
    seine_status status = seine_query_start(engine, sql, NULL, 0, &query, &error);
    if (status == SEINE_OK) status = seine_query_next(query, &rows, &error);
    seine_query_end(query);
    return status;
}

/* Of a lake in a bucket nothing lies in one folder with the other. */
static void a_model_reads_what_is_pinned_and_what_was_put_aside(void **state) {
    const engine_fixture *f = *state;
    char spill[600], beside[620], aside[660], outside[640], object[640], sql[2400];
    seine_error error = {0};
    const seine_stores_settings settings = {.scratch = f->folder, .cache = f->folder, .cache_bytes = 8 * MIB};
    snprintf(spill, sizeof spill, "%s/spill", f->folder);
    snprintf(beside, sizeof beside, "%s/1", spill);
    snprintf(aside, sizeof aside, "%s/rows.parquet", beside);
    snprintf(outside, sizeof outside, "%s/rows.parquet", f->folder);
    assert_ok(seine_stores_configure(&settings, &error), error);
    assert_ok(seine_file_make_folders(beside, &error), error);
    snprintf(object, sizeof object, "%s/object.parquet", f->folder);
    snprintf(sql, sizeof sql,
             "COPY (SELECT 1 AS x) TO '%s'; COPY (SELECT 1 AS x) TO '%s'; COPY (SELECT 1 AS x) TO '%s'", aside, outside,
             object);
    assert_ok(seine_engine_run(f->engine, sql, &error), error);
    assert_ok(seine_file_publish(object, OBJECT, NULL, SEINE_FILE_NEW, &error), error);

    const char *const files[] = {OBJECT};
    const char *const *paths = NULL;
    seine_pins pins = {0};
    seine_model_room room, second;
    const seine_engine_options options = seine_model_room_options(1, 0, spill);
    assert_ok(seine_model_room_open(&options, "mem://t/lake", &room, &error), error);
    assert_ok(seine_model_room_open_beside(&room, beside, &second, &error), error);
    assert_ok(seine_pins_add(&pins, files, 1, &paths, &error), error); /* later than the fence */
    assert_int_equal(count_rows(room.engine, paths[0]), SEINE_OK);
    assert_int_equal(count_rows(second.engine, paths[0]), SEINE_OK);
    assert_int_equal(count_rows(second.engine, aside), SEINE_OK);
    assert_int_not_equal(count_rows(room.engine, outside), SEINE_OK);
    seine_model_room_close(&second);
    seine_model_room_close(&room);
    seine_pins_free(&pins);
    seine_stores_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thread_has_its_share),
        cmocka_unit_test(without_a_limit_it_is_half_of_the_machine),
        cmocka_unit_test_setup_teardown(a_model_reads_what_is_pinned_and_what_was_put_aside, engine_setup,
                                        engine_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

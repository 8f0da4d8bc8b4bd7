/* links: columns core io base */
#include "unit/core_support.h"

#include "columns/arrow/arrow.h"

#include <math.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Exports, imports again and leaves all three to the caller. */
typedef struct round_trip {
    struct ArrowSchema schema;
    struct ArrowArray array;
    seine_arena arena;
    seine_rows rows;
    const char **names;
} round_trip;

static round_trip there_and_back(const seine_rows *rows, const char *const *names) {
    round_trip trip = {0};
    seine_error error = {0};
    assert_int_equal(seine_arrow_export(rows, names, &trip.schema, &trip.array, &error), SEINE_OK);
    const seine_status status =
        seine_arrow_import(&trip.schema, &trip.array, &trip.arena, &trip.rows, &trip.names, &error);
    if (status != SEINE_OK) fail_msg("%s", error.text);
    assert_int_equal(trip.rows.count, rows->count);
    assert_int_equal(trip.rows.column_count, rows->column_count);
    for (size_t i = 0; i < rows->column_count; i++) assert_string_equal(trip.names[i], names[i]);
    return trip;
}

static void end_trip(round_trip *trip) {
    trip->schema.release(&trip->schema);
    trip->array.release(&trip->array);
    assert_null((void *)(uintptr_t)trip->schema.release);
    assert_null((void *)(uintptr_t)trip->array.release);
    seine_arena_free(&trip->arena);
}

static const int32_t INTS[] = {1, -2, INT32_MAX, 4, 5, 6, 7, 8, 9};
static const int64_t LONGS[] = {1, INT64_MIN, 3, 4, 5, 6, 7, 8, INT64_MAX};
static const double DOUBLES[] = {0.5, -0.0, 1e300, 4, 5, 6, 7, 8, 9};
static const uint8_t BOOLEANS[] = {1, 0, 1, 1, 0, 0, 0, 0, 1};
static const uint8_t VALID[] = {1, 0, 1, 1, 1, 1, 1, 1, 0};
static const seine_str TEXTS[] = {{"a", 1}, {"", 0},  {"\xC3\xB1", 2}, {"d", 1},  {"e", 1},
                                  {"f", 1}, {"g", 1}, {"h", 1},        {"ijk", 3}};

static bool value_equal(const seine_vec *a, const seine_vec *b, size_t row) {
    const uint8_t *x = a->values;
    const uint8_t *y = b->values;
    switch (a->type) {
    case SEINE_TYPE_BOOLEAN: return x[row] == y[row];
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return memcmp(x + row * 4, y + row * 4, 4) == 0;
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY:
        return seine_str_equal(((const seine_str *)a->values)[row], ((const seine_str *)b->values)[row]);
    default: return memcmp(x + row * 8, y + row * 8, 8) == 0;
    }
}

static void every_type_survives_the_round_trip(void **state) {
    (void)state;
    const void *const values[] = {INTS, LONGS, DOUBLES, BOOLEANS, INTS, LONGS, TEXTS, TEXTS};
    const seine_type types[] = {SEINE_TYPE_INT,  SEINE_TYPE_LONG,        SEINE_TYPE_DOUBLE, SEINE_TYPE_BOOLEAN,
                                SEINE_TYPE_DATE, SEINE_TYPE_TIMESTAMPTZ, SEINE_TYPE_STRING, SEINE_TYPE_BINARY};
    const char *const names[] = {"i", "l", "g", "b", "d", "t", "u", "z"};
    seine_vec columns[LENGTH(types)];
    for (int nulls = 0; nulls < 2; nulls++) {
        for (size_t i = 0; i < LENGTH(types); i++) {
            columns[i] = (seine_vec){.type = types[i], .values = values[i], .valid = nulls ? VALID : NULL};
        }
        const seine_rows rows = {LENGTH(INTS), LENGTH(types), columns};
        round_trip trip = there_and_back(&rows, names);
        for (size_t i = 0; i < LENGTH(types); i++) {
            const seine_vec *got = &trip.rows.columns[i];
            assert_int_equal(got->type, types[i]);
            assert_int_equal(got->kind, SEINE_VEC_PLAIN);
            for (size_t row = 0; row < rows.count; row++) {
                assert_int_equal(got->valid == NULL || got->valid[row], !nulls || VALID[row]);
                if (!nulls || VALID[row]) assert_true(value_equal(got, &columns[i], row));
            }
        }
        end_trip(&trip);
    }
}

static void coded_texts_stay_a_dictionary(void **state) {
    (void)state;
    const uint32_t codes[] = {2, SEINE_CODE_NULL, 0, 2};
    const char *const names[] = {"id"};
    seine_vec column = {
        .type = SEINE_TYPE_STRING, .kind = SEINE_VEC_DICT, .values = TEXTS, .codes = codes, .dict_count = 3};
    const seine_rows rows = {4, 1, &column};
    round_trip trip = there_and_back(&rows, names);
    assert_non_null(trip.schema.children[0]->dictionary);
    const seine_vec *got = &trip.rows.columns[0];
    assert_int_equal(got->kind, SEINE_VEC_DICT);
    assert_int_equal(got->dict_count, 3);
    assert_memory_equal(got->codes, codes, sizeof codes);
    assert_true(seine_str_equal(((const seine_str *)got->values)[2], TEXTS[2]));
    end_trip(&trip);
}

static void constants_and_coded_numbers_are_written_out(void **state) {
    (void)state;
    const uint32_t codes[] = {1, SEINE_CODE_NULL, 2};
    const char *const names[] = {"coded", "same", "nothing"};
    seine_vec columns[] = {
        {.type = SEINE_TYPE_LONG, .kind = SEINE_VEC_DICT, .values = LONGS, .codes = codes, .dict_count = 3},
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_CONSTANT, .values = TEXTS},
        {.type = SEINE_TYPE_DOUBLE, .kind = SEINE_VEC_CONSTANT, .values = DOUBLES, .is_null = true},
    };
    const seine_rows rows = {3, 3, columns};
    round_trip trip = there_and_back(&rows, names);
    const int64_t *coded = trip.rows.columns[0].values;
    assert_true(coded[0] == INT64_MIN && coded[2] == 3);
    assert_int_equal(trip.rows.columns[0].valid[1], 0);
    assert_true(seine_str_equal(((const seine_str *)trip.rows.columns[1].values)[2], SEINE_STR("a")));
    for (int row = 0; row < 3; row++) assert_int_equal(trip.rows.columns[2].valid[row], 0);
    end_trip(&trip);
}

static void an_empty_batch_is_a_batch(void **state) {
    (void)state;
    const char *const names[] = {"a", "b"};
    seine_vec columns[] = {{.type = SEINE_TYPE_STRING}, {.type = SEINE_TYPE_DOUBLE}};
    const seine_rows rows = {0, 2, columns};
    round_trip trip = there_and_back(&rows, names);
    end_trip(&trip);
}

static void a_sliced_batch_begins_at_its_offset(void **state) {
    (void)state;
    const char *const names[] = {"i", "u", "b"};
    seine_vec columns[] = {{.type = SEINE_TYPE_INT, .values = INTS, .valid = VALID},
                           {.type = SEINE_TYPE_STRING, .values = TEXTS, .valid = VALID},
                           {.type = SEINE_TYPE_BOOLEAN, .values = BOOLEANS, .valid = VALID}};
    const seine_rows rows = {LENGTH(INTS), 3, columns};
    round_trip trip = there_and_back(&rows, names);
    trip.array.offset = 2;
    trip.array.length = 7;
    seine_rows slice;
    assert_int_equal(seine_arrow_import(&trip.schema, &trip.array, &trip.arena, &slice, &trip.names, NULL), SEINE_OK);
    assert_int_equal(slice.count, 7);
    assert_int_equal(((const int32_t *)slice.columns[0].values)[0], INT32_MAX);
    assert_true(seine_str_equal(((const seine_str *)slice.columns[1].values)[0], TEXTS[2]));
    assert_int_equal(((const uint8_t *)slice.columns[2].values)[1], 1);
    assert_int_equal(slice.columns[0].valid[6], 0);
    end_trip(&trip);
}

static seine_status import_again(round_trip *trip, seine_error *error) {
    seine_rows rows;
    return seine_arrow_import(&trip->schema, &trip->array, &trip->arena, &rows, &trip->names, error);
}

static void malformed_batches_are_refused(void **state) {
    (void)state;
    const uint32_t codes[] = {0, 1};
    const char *const names[] = {"u", "d"};
    seine_vec columns[] = {
        {.type = SEINE_TYPE_STRING, .values = TEXTS},
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_DICT, .values = TEXTS, .codes = codes, .dict_count = 2}};
    const seine_rows rows = {2, 2, columns};
    round_trip trip = there_and_back(&rows, names);
    seine_error error = {0};
    int32_t *offsets = (int32_t *)(uintptr_t)trip.array.children[0]->buffers[1];
    offsets[1] = -1;
    assert_int_equal(import_again(&trip, &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "column u: malformed Arrow array: offsets go backwards");
    offsets[1] = 1;
    int32_t *indices = (int32_t *)(uintptr_t)trip.array.children[1]->buffers[1];
    indices[1] = 2;
    assert_int_equal(import_again(&trip, &error), SEINE_E_FORMAT);
    assert_string_equal(error.text, "column d: malformed Arrow array: a code beyond the dictionary");
    indices[1] = 1;
    trip.array.length = 3; /* longer than its columns */
    assert_int_equal(import_again(&trip, &error), SEINE_E_FORMAT);
    trip.array.length = 2;
    const char *format = trip.schema.children[0]->format;
    trip.schema.children[0]->format = "+l";
    assert_int_equal(import_again(&trip, &error), SEINE_E_UNSUPPORTED);
    trip.schema.children[0]->format = format;
    assert_int_equal(import_again(&trip, &error), SEINE_OK);
    end_trip(&trip);
}

/* ---- detecting ------------------------------------------------------------------------------------------------- */

/* Two movers, rows shuffled; B is silent for 10 h and then for good, A for 7 h. */
static const int64_t TIMES[] = {12 * HOUR, 10 * HOUR, 0, 2 * HOUR, 9 * HOUR, 1 * HOUR};
static const seine_str IDS[] = {{"B", 1}, {"A", 1}, {"B", 1}, {"A", 1}, {"A", 1}, {"B", 1}};
static const double LATS[] = {0, 1, 0, 2, 3, 0};
static const double LONS[] = {1, 5, 0, 5, 5, 0};
static const seine_str RECEIVERS[] = {{"satellite", 9}, {"dynamic", 7}, {"terrestrial", 11},
                                      {"satellite", 9}, {"x", 1},       {"satellite", 9}};
static const uint8_t LAT_VALID[] = {1, 1, 1, 0, 1, 1};
static const char *const BATCH_NAMES[] = {"mmsi", "ts", "lat", "lon", "receiver_type"};

static void make_batch(struct ArrowSchema *schema, struct ArrowArray *array) {
    seine_vec columns[] = {{.type = SEINE_TYPE_STRING, .values = IDS},
                           {.type = SEINE_TYPE_TIMESTAMPTZ, .values = TIMES},
                           {.type = SEINE_TYPE_DOUBLE, .values = LATS, .valid = LAT_VALID},
                           {.type = SEINE_TYPE_DOUBLE, .values = LONS},
                           {.type = SEINE_TYPE_STRING, .values = RECEIVERS}};
    const seine_rows rows = {6, 5, columns};
    assert_int_equal(seine_arrow_export(&rows, BATCH_NAMES, schema, array, NULL), SEINE_OK);
}

static seine_arrow_names batch_names(void) {
    seine_arrow_names names = seine_arrow_names_default();
    names.speed = NULL;
    names.shore = NULL;
    return names;
}

typedef struct found {
    seine_arena arena;
    seine_rows rows;
    const char **names;
} found;

static const seine_vec *column(const found *f, const char *name) {
    for (size_t i = 0; i < f->rows.column_count; i++) {
        if (strcmp(f->names[i], name) == 0) return &f->rows.columns[i];
    }
    fail_msg("no column %s", name);
    return NULL;
}

static int64_t whole_at(const found *f, const char *name, size_t row) {
    return ((const int64_t *)column(f, name)->values)[row];
}

static bool null_at(const found *f, const char *name, size_t row) {
    const seine_vec *vec = column(f, name);
    return vec->valid != NULL && vec->valid[row] == 0;
}

static seine_str id_at(const found *f, size_t row) {
    const seine_vec *vec = column(f, "mmsi");
    return ((const seine_str *)vec->values)[vec->codes[row]];
}

static void gaps_of_several_movers_in_one_batch(void **state) {
    (void)state;
    struct ArrowSchema schema, out_schema;
    struct ArrowArray batch, out;
    make_batch(&schema, &batch);
    const seine_gap_config config = seine_gap_config_default();
    const seine_arrow_names names = batch_names();
    seine_error error = {0};
    if (seine_gap_detect_arrow(&schema, &batch, &names, &config, 20 * HOUR, &out_schema, &out, &error) != SEINE_OK) {
        fail_msg("%s", error.text);
    }
    found f = {.arena = {0}};
    assert_int_equal(seine_arrow_import(&out_schema, &out, &f.arena, &f.rows, &f.names, &error), SEINE_OK);
    assert_int_equal(f.rows.count, 4);
    /* B comes first in the batch. */
    assert_true(seine_str_equal(id_at(&f, 0), SEINE_STR("B")) && seine_str_equal(id_at(&f, 2), SEINE_STR("A")));
    assert_true(whole_at(&f, "start_ts", 0) == 1 * HOUR && whole_at(&f, "end_ts", 0) == 12 * HOUR);
    assert_true(whole_at(&f, "start_row", 0) == 5 && whole_at(&f, "end_row", 0) == 0);
    assert_true(whole_at(&f, "positions_hours_before", 0) == 2);
    assert_true(whole_at(&f, "positions_hours_before_ter", 0) == 1);
    assert_true(whole_at(&f, "positions_hours_before_sat", 0) == 1);
    assert_near(((const double *)column(&f, "distance_m")->values)[0], 111319.49079327357, 1e-7);
    /* B stays silent: open at the watermark, its end is null. */
    assert_true(((const uint8_t *)column(&f, "is_closed")->values)[1] == 0);
    assert_true(whole_at(&f, "start_row", 1) == 0 && null_at(&f, "end_ts", 1) && null_at(&f, "end_row", 1));
    assert_true(null_at(&f, "duration_h", 1) && whole_at(&f, "positions_hours_before", 1) == 3);
    /* A's first fix has no latitude. */
    assert_true(whole_at(&f, "start_row", 2) == 3 && null_at(&f, "distance_m", 2) && null_at(&f, "start_lat", 2));
    assert_true(whole_at(&f, "start_row", 3) == 1);
    seine_arena_free(&f.arena);
    out_schema.release(&out_schema);
    out.release(&out);
    schema.release(&schema);
    batch.release(&batch);
}

static void without_a_watermark_nothing_is_open(void **state) {
    (void)state;
    struct ArrowSchema schema, out_schema;
    struct ArrowArray batch, out;
    make_batch(&schema, &batch);
    const seine_gap_config config = seine_gap_config_default();
    const seine_arrow_names names = batch_names();
    const seine_status status =
        seine_gap_detect_arrow(&schema, &batch, &names, &config, SEINE_NO_WATERMARK, &out_schema, &out, NULL);
    assert_int_equal(status, SEINE_OK);
    assert_int_equal(out.length, 2);
    out_schema.release(&out_schema);
    out.release(&out);
    schema.release(&schema);
    batch.release(&batch);
}

/* ---- detectors of other shapes than the gaps ---- */

#define MANY_OPEN 1000

static seine_status start_nothing(const void *config, seine_state *state) {
    (void)config;
    state->size = 0;
    return SEINE_OK;
}

static seine_status take_all(const void *config, seine_state *state, seine_track *track, seine_step_out *out) {
    (void)config, (void)state, (void)out;
    track->pos = track->count;
    return SEINE_OK;
}

static seine_status many_are_open(const void *config, const seine_state *state, int64_t watermark_us,
                                  seine_step_out *out) {
    (void)config, (void)state, (void)watermark_us;
    for (int i = 0; i < MANY_OPEN; i++) {
        if (out->pos == out->capacity) return SEINE_E_FULL;
        out->events[out->pos++] = (seine_event){.start_us = i};
    }
    return SEINE_OK;
}

/* All of one fix at once or nothing. */
static seine_status give_many_at_once(const void *config, seine_state *state, seine_track *track, seine_step_out *out) {
    (void)config, (void)state;
    for (; track->pos < track->count; track->pos++) {
        if (out->capacity - out->pos < MANY_OPEN) return SEINE_E_FULL;
        for (int i = 0; i < MANY_OPEN; i++) out->events[out->pos++] = (seine_event){.start_us = i};
    }
    return SEINE_OK;
}

static int64_t events_of(seine_status (*feed)(const void *, seine_state *, seine_track *, seine_step_out *),
                         seine_status (*advance)(const void *, const seine_state *, int64_t, seine_step_out *)) {
    struct ArrowSchema schema, out_schema;
    struct ArrowArray batch, out;
    const seine_step step = {.name = "other", .init = start_nothing, .feed = feed, .advance = advance};
    const seine_arrow_names names = batch_names();
    seine_error error = {0};
    make_batch(&schema, &batch);
    if (seine_detect_arrow(&step, NULL, &names, &schema, &batch, 20 * HOUR, &out_schema, &out, &error) != SEINE_OK)
        fail_msg("%s", error.text);
    const int64_t count = out.length;
    out_schema.release(&out_schema);
    out.release(&out);
    schema.release(&schema);
    batch.release(&batch);
    return count;
}

static void any_number_of_events_may_be_open(void **state) {
    (void)state;
    assert_int_equal(events_of(take_all, many_are_open), 2 * MANY_OPEN); /* of two movers */
    assert_int_equal(events_of(take_all, NULL), 0);                      /* a detector whose events never stay open */
}

static void any_number_of_events_may_come_from_one_fix(void **state) {
    (void)state;
    assert_int_equal(events_of(give_many_at_once, NULL) % MANY_OPEN, 0);
    assert_true(events_of(give_many_at_once, NULL) > 0);
}

static void a_detector_beyond_the_limits_of_steps_is_refused(void **state) {
    (void)state;
    struct ArrowSchema schema, out_schema;
    struct ArrowArray batch, out;
    const seine_arrow_names names = batch_names();
    const seine_step wide = {.name = "wide", .measure_count = SEINE_EVENT_MEASURES + 1};
    const seine_step rows = {.name = "rows", .column_count = 1};
    seine_error error = {0};
    make_batch(&schema, &batch);
    assert_int_equal(seine_detect_arrow(&wide, NULL, &names, &schema, &batch, 0, &out_schema, &out, &error),
                     SEINE_E_UNSUPPORTED);
    assert_int_equal(seine_detect_arrow(&rows, NULL, &names, &schema, &batch, 0, &out_schema, &out, &error),
                     SEINE_E_UNSUPPORTED);
    schema.release(&schema);
    batch.release(&batch);
}

static void a_missing_or_wrong_column_is_named(void **state) {
    (void)state;
    struct ArrowSchema schema, out_schema;
    struct ArrowArray batch, out;
    make_batch(&schema, &batch);
    const seine_gap_config config = seine_gap_config_default();
    seine_error error = {0};
    seine_arrow_names names = seine_arrow_names_default();
    assert_int_equal(seine_gap_detect_arrow(&schema, &batch, &names, &config, 0, &out_schema, &out, &error),
                     SEINE_E_NOT_FOUND);
    assert_string_equal(error.text, "the batch has no column sog");
    names = batch_names();
    names.time = "lat";
    assert_int_equal(seine_gap_detect_arrow(&schema, &batch, &names, &config, 0, &out_schema, &out, &error),
                     SEINE_E_UNSUPPORTED);
    assert_string_equal(error.text, "column lat is not timestamp[us]");
    names.time = NULL;
    assert_int_equal(seine_gap_detect_arrow(&schema, &batch, &names, &config, 0, &out_schema, &out, &error),
                     SEINE_E_USAGE);
    schema.release(&schema);
    batch.release(&batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_survives_the_round_trip),
        cmocka_unit_test(coded_texts_stay_a_dictionary),
        cmocka_unit_test(constants_and_coded_numbers_are_written_out),
        cmocka_unit_test(an_empty_batch_is_a_batch),
        cmocka_unit_test(a_sliced_batch_begins_at_its_offset),
        cmocka_unit_test(malformed_batches_are_refused),
        cmocka_unit_test(gaps_of_several_movers_in_one_batch),
        cmocka_unit_test(without_a_watermark_nothing_is_open),
        cmocka_unit_test(any_number_of_events_may_be_open),
        cmocka_unit_test(any_number_of_events_may_come_from_one_fix),
        cmocka_unit_test(a_detector_beyond_the_limits_of_steps_is_refused),
        cmocka_unit_test(a_missing_or_wrong_column_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

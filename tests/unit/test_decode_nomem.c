/* links: decode columns base */
/* Every allocation of the decoders fails once: the call says so, leaks nothing, and works afterwards. */
#include "columns/dataset_read.h"
#include "decode/fix_decoder.h"
#include "decode/json/records.h"
#include "decode/messages.h"
#include "decode/reference/reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "unit/nomem_support.h"

/* The quick path may meet the failure, give up, and leave the row to the careful path. */
static void check_every_allocation(seine_status (*work)(void), size_t at_least) {
    check_allocations(work, at_least, MAY_RECOVER);
}

static const char rows[] = "1,2025-01-01T00:00:00,1,2,3,ANNA,A\n2,2025-01-01 00:00:01,1,2,3,\"BERTA \"\"B\"\"\",\n"
                           "1,2025-01-01T00:00:02,91,2,3,ANNA,A\n3,2025-01-01T00:00:03,1,2,3,\xC5LESUND,B\n";

static seine_status decode_rows(void) {
    seine_fix_decoder decoder;
    seine_fix_batch batch = {0};
    seine_csv_header header;
    seine_buf scratch;
    seine_csv_record record;
    seine_str text = SEINE_STR("MMSI,BaseDateTime,LAT,LON,SOG,VesselName,TransceiverClass\n");
    seine_buf_init(&scratch, 1 << 16);
    seine_fix_decoder_init(&decoder, seine_dataset_ais(), INT64_MAX);
    seine_status status = seine_csv_next(&text, ',', &scratch, &record);
    if (status == SEINE_OK) status = seine_csv_header_read(seine_dataset_ais(), ',', &record, "given", &header, NULL);
    if (status == SEINE_OK) status = seine_fix_decode(&decoder, &header, seine_str_of(rows), &batch);
    if (status == SEINE_OK && (batch.count != 3 || batch.reject_count != 1)) status = SEINE_E_INTERNAL;
    seine_fix_batch_free(&batch);
    seine_fix_decoder_free(&decoder);
    seine_buf_free(&scratch);
    return status;
}

static seine_status decode_records(void) {
    static const char text[] =
        "[{\"MMSI\":1,\"timestamp\":\"2025-01-01T00:00:00Z\",\"lat\":1,\"lon\":2,\"name\":\"\\u0041\"},"
        "{\"MMSI\":\"2\",\"timestamp\":\"2025-01-01T00:00:00Z\",\"lat\":1,\"lon\":2,\"x\":{\"a\":[]}},3]";
    seine_fix_decoder decoder;
    seine_fix_batch batch = {0};
    seine_fix_decoder_init(&decoder, seine_dataset_ais(), INT64_MAX);
    seine_status status = seine_fix_decode_json(&decoder, seine_str_of(text), &batch);
    if (status == SEINE_OK && (batch.count != 2 || batch.reject_count != 1)) status = SEINE_E_INTERNAL;
    seine_fix_batch_free(&batch);
    seine_fix_decoder_free(&decoder);
    return status;
}

static seine_status read_messages(void) {
    static const seine_messages_field fields[] = {{"receiver", true}, {"speed", false}};
    seine_messages messages;
    seine_messages_init(&messages, 0, NULL);
    seine_messages_want(&messages, fields, 2);
    static const char text[] =
        "{\"ssvid\":\"1\",\"timestamp\":1.5,\"lat\":1,\"lon\":2,\"receiver_type\":\"satellite\"}\n"
        "{\"ssvid\":\"2\",\"timestamp\":2,\"lat\":null,\"lon\":2,\"receiver_type\":\"x\",\"other\":{\"a\":[1]}}\n";
    const seine_status status = seine_messages_read(&messages, seine_str_of(text), "given", "line", NULL);
    seine_messages_free(&messages);
    return status;
}

static seine_status read_messages_of_csv(void) {
    static const char text[] = "ssvid,timestamp,lat,note\n1,1.5,1,\"a \"\"b\"\"\"\n2,2,,x\n";
    seine_messages messages;
    seine_buf json;
    seine_str object;
    size_t count = 0;
    seine_buf_init(&json, 1 << 16);
    seine_messages_init(&messages, 0, NULL);
    seine_status status = seine_messages_read_csv(&messages, seine_str_of(text), "given", NULL);
    const seine_message *read = seine_messages_rows(&messages, &count);
    if (status == SEINE_OK && count != 2) status = SEINE_E_INTERNAL;
    if (status == SEINE_OK) status = seine_messages_object(&messages, &read[0], &json, &object);
    seine_buf_free(&json);
    seine_messages_free(&messages);
    return status;
}

static seine_status read_reference(seine_reference_kind kind, const char *file, const char *text) {
    seine_reference_text *reader = NULL;
    seine_reference_columns columns;
    seine_reference_record record = {0};
    seine_cell cells[SEINE_REFERENCE_FIELDS];
    seine_arena arena = {0};
    seine_buf raw;
    size_t count, good = 0;
    seine_buf_init(&raw, 1 << 16);
    seine_status status = seine_reference_text_open(seine_str_of(text), file, &reader, NULL);
    if (status == SEINE_OK) {
        const seine_str *names = seine_reference_text_columns(reader, &count);
        status = seine_reference_guess(kind, file, names, count, NULL, 0, &columns, NULL);
    }
    while (status == SEINE_OK) {
        const char *reason = NULL;
        status = seine_reference_text_next(reader, &record, NULL);
        if (status != SEINE_OK || record.row == 0) break;
        status = seine_reference_row(kind, &columns, &record, &arena, cells, &reason);
        if (status == SEINE_OK) status = seine_reference_raw(&record, NULL, 0, &raw);
        good += status == SEINE_OK && reason == NULL;
    }
    if (status == SEINE_OK && good != 2) status = SEINE_E_INTERNAL;
    seine_reference_text_close(reader);
    seine_arena_free(&arena);
    seine_buf_free(&raw);
    return status;
}

static seine_status read_reference_csv(void) {
    return read_reference(SEINE_REFERENCE_PORTS, "a.csv", "name,lat,lon,country\nA,1,2,\"N\"\nB,91,2,\nC,3,4,D\n");
}

static seine_status read_reference_json(void) {
    return read_reference(SEINE_REFERENCE_PORTS, "a.json",
                          "{\"NLRTM\":{\"name\":\"A\",\"coordinates\":[1,2]},\"b\":{\"name\":\"B\"},"
                          "\"c\":{\"name\":\"C\",\"coordinates\":[3.5,4]}}");
}

static seine_status read_regions_wkt(void) {
    return read_reference(SEINE_REFERENCE_REGIONS, "a.csv",
                          "layer,id,wkt\na,1,\"POLYGON ((0 0, 1 0, 1 1, 0 0))\"\na,2,\"POLYGON ((0 0))\"\n"
                          "a,3,\"MULTIPOLYGON (((0 0, 9 0, 9 9, 0 0), (2 1, 3 1, 3 2, 2 1)))\"\n");
}

static seine_status read_regions_geojson(void) {
    return read_reference(
        SEINE_REFERENCE_REGIONS, "a.jsonl",
        "{\"layer\":\"a\",\"id\":1,\"geometry\":{\"type\":\"Polygon\",\"coordinates\":"
        "[[[0,0],[1,0],[1,1],[0,0]]]}}\n{\"layer\":\"a\",\"id\":2,\"geometry\":{\"type\":\"Point\"}}\n"
        "{\"layer\":\"a\",\"id\":3,\"geometry\":{\"type\":\"MultiPolygon\",\"coordinates\":"
        "[[[[0,0],[1,0],[1,1],[0,0]]]]}}\n");
}

static seine_status read_vessels(void) {
    return read_reference(SEINE_REFERENCE_VESSELS, "a.csv",
                          "vessel_id,year,is_gear\nv,2020,maybe\nv,2020,\nv,2021,no\n");
}

static void rows_of_archives(void **state) {
    (void)state;
    check_every_allocation(decode_rows, 8);
    check_every_allocation(decode_records, 8);
}

static void position_messages(void **state) {
    (void)state;
    check_every_allocation(read_messages, 3);
    check_every_allocation(read_messages_of_csv, 5);
}

static void reference_files(void **state) {
    (void)state;
    check_every_allocation(read_reference_csv, 8);
    check_every_allocation(read_reference_json, 8);
    check_every_allocation(read_regions_wkt, 8);
    check_every_allocation(read_regions_geojson, 8);
    check_every_allocation(read_vessels, 8);
}

/* Of every kind of thing that a description can have. */
static seine_status read_dataset(void) {
    static const char text[] =
        "name: a\nid: {name: x}\ntime: {format: '%Y-%m-%d'}\nposition: {lat: {}, lon: {}}\n"
        "settings: {MAX: 5}\nmeasures: {s: {most: '${MAX}', names: [s, t]}}\n"
        "columns: {c: {type: int, words: {u*: 1, v: null}}}\nrules: [{column: s, refuse: range}]\n";
    seine_arena arena = {0};
    const seine_dataset *dataset = NULL;
    const seine_status status = seine_dataset_read(seine_str_of(text), "given", NULL, &arena, &dataset, NULL);
    seine_arena_free(&arena);
    return status;
}

static void descriptions_of_datasets(void **state) {
    (void)state;
    check_every_allocation(read_dataset, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_of_archives), cmocka_unit_test(position_messages),
                                       cmocka_unit_test(reference_files), cmocka_unit_test(descriptions_of_datasets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

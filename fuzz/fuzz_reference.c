/* Hostile reference files: whatever the bytes, every record is a row or has a reason, and can be told as text. */
#include "columns/region.h"
#include "decode/reference/reference.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_port(const seine_cell *cells) {
    if (cells[0].is_null || cells[1].is_null || cells[1].as.text.size == 0) abort();
    if (!(fabs(cells[2].as.number) <= 90) || !(fabs(cells[3].as.number) <= 180)) abort();
}

static void check_weather(const seine_cell *cells) {
    if (llabs(cells[0].as.integer) > 90 || llabs(cells[1].as.integer) > 180) abort();
    if (cells[3].is_null && cells[4].is_null) abort();
}

/* What is kept of a polygon is read as the same one. */
static void check_region(const seine_cell *cells) {
    seine_arena arena = {NULL, 0};
    seine_region region = {0};
    seine_buf again;
    seine_buf_init(&again, 1 << 24);
    if (cells[0].is_null || cells[1].is_null || cells[3].is_null) abort();
    if (seine_region_read(cells[3].as.text, &arena, &region) != SEINE_OK || seine_region_fault(&region) != NULL)
        abort();
    if (seine_region_put(&region, &again) != SEINE_OK || !seine_str_equal(seine_buf_str(&again), cells[3].as.text))
        abort();
    seine_buf_free(&again);
    seine_arena_free(&arena);
}

static void check_distance(const seine_cell *cells) {
    if (llabs(cells[0].as.integer) > 9000 || llabs(cells[1].as.integer) > 18000) abort();
    if (cells[2].is_null && cells[3].is_null) abort();
}

static void check_row(seine_reference_kind kind, const seine_cell *cells) {
    switch (kind) {
    case SEINE_REFERENCE_PORTS: check_port(cells); return;
    case SEINE_REFERENCE_WEATHER: check_weather(cells); return;
    case SEINE_REFERENCE_REGIONS: check_region(cells); return;
    case SEINE_REFERENCE_DISTANCES: check_distance(cells); return;
    default:
        if (cells[0].is_null || cells[1].is_null) abort(); /* both are required of each of these */
    }
}

static void check_kind(seine_reference_kind kind, const char *file, seine_str text) {
    seine_reference_text *reader = NULL;
    seine_reference_columns columns;
    seine_reference_record record = {.row = 1};
    seine_arena arena = {NULL, 0};
    seine_buf raw;
    size_t count = 0;
    int64_t rows = 0;
    seine_buf_init(&raw, 1 << 24);
    if (seine_reference_text_open(text, file, &reader, NULL) != SEINE_OK) return;
    const seine_str *names = seine_reference_text_columns(reader, &count);
    const bool is_known = seine_reference_guess(kind, file, names, count, NULL, 0, &columns, NULL) == SEINE_OK;
    while (is_known && record.row > 0) {
        seine_cell cells[SEINE_REFERENCE_FIELDS];
        const char *reason = NULL;
        if (seine_reference_text_next(reader, &record, NULL) != SEINE_OK) abort();
        if (record.row == 0) break;
        if (record.row != ++rows) abort();
        if (seine_reference_row(kind, &columns, &record, &arena, cells, &reason) != SEINE_OK) abort();
        if (reason == NULL) check_row(kind, cells);
        if (reason != NULL && !seine_str_is_utf8(seine_str_of(reason))) abort();
        seine_buf_clear(&raw);
        if (seine_reference_raw(&record, names, count, &raw) != SEINE_OK) abort();
        if (!seine_str_is_utf8(seine_buf_str(&raw))) abort();
    }
    seine_reference_text_close(reader);
    seine_arena_free(&arena);
    seine_buf_free(&raw);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const files[] = {"file", "file.csv", "file.json", "file.jsonl"};
    if (size > 1 << 20) return 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        for (int kind = 0; kind < SEINE_REFERENCE_KINDS; kind++)
            check_kind((seine_reference_kind)kind, files[i], (seine_str){(const char *)data, size});
    }
    return 0;
}

/* Decoding of short texts by a dataset that a test writes down. */
#ifndef SEINE_TESTS_DECODE_SUPPORT_H
#define SEINE_TESTS_DECODE_SUPPORT_H

#include "base/time.h"
#include "columns/dataset_read.h"
#include "decode/json/records.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct decoded {
    seine_arena arena;
    const seine_dataset *dataset;
    seine_csv_header header;
    seine_fix_decoder decoder;
    seine_fix_batch batch;
    seine_error error;
    seine_status status;
} decoded;

/* @p yaml: a dataset, or the name of one that is compiled in. */
static inline decoded *decoded_by(const char *yaml, const seine_dataset_settings *settings) {
    decoded *d = calloc(1, sizeof *d);
    assert_non_null(d);
    const seine_str text = strchr(yaml, '\n') != NULL ? seine_str_of(yaml) : seine_dataset_built_in(yaml);
    assert_non_null(text.data);
    if (seine_dataset_read(text, "test.yaml", settings, &d->arena, &d->dataset, &d->error) != SEINE_OK)
        fail_msg("%s", d->error.text);
    seine_fix_decoder_init(&d->decoder, d->dataset, INT64_C(1800000000) * 1000000);
    return d;
}

static inline decoded *decode_csv(const char *yaml, const char *text) {
    decoded *d = decoded_by(yaml, NULL);
    seine_buf scratch;
    seine_csv_record record;
    seine_str rest = seine_str_of(text);
    seine_buf_init(&scratch, 1 << 20);
    const char delimiter = seine_csv_header_delimiter(d->dataset, rest);
    assert_int_equal(seine_csv_next(&rest, delimiter, &scratch, &record), SEINE_OK);
    d->status = seine_csv_header_read(d->dataset, delimiter, &record, "file.csv", &d->header, &d->error);
    if (d->status == SEINE_OK) assert_int_equal(seine_fix_decode(&d->decoder, &d->header, rest, &d->batch), SEINE_OK);
    seine_buf_free(&scratch);
    return d;
}

static inline decoded *decode_json(const char *yaml, seine_str text) {
    decoded *d = decoded_by(yaml, NULL);
    d->status = seine_fix_decode_json(&d->decoder, text, &d->batch);
    assert_int_equal(d->status, SEINE_OK);
    return d;
}

static inline void drop(decoded *d) {
    seine_fix_batch_free(&d->batch);
    seine_fix_decoder_free(&d->decoder);
    seine_arena_free(&d->arena);
    free(d);
}

static inline size_t column_of(const decoded *d, const char *name) {
    size_t c = 0;
    while (c < d->dataset->column_count && strcmp(d->dataset->columns[c].name, name) != 0) c++;
    assert_true(c < d->dataset->column_count);
    return c;
}

static inline seine_static static_of(const decoded *d, size_t fix, const char *column) {
    seine_statics tuple;
    seine_statics_decode(d->dataset, d->decoder.tuples.entries[d->batch.fixes[fix].statics], &tuple);
    return tuple.column[column_of(d, column) - seine_dataset_statics_first(d->dataset)];
}

static inline bool text_is(const decoded *d, size_t fix, const char *column, const char *text) {
    const seine_static value = static_of(d, fix, column);
    return text == NULL ? value.is_null : !value.is_null && seine_str_equal(value.text, seine_str_of(text));
}

static inline seine_str id_of(const decoded *d, size_t fix) {
    return d->decoder.movers.entries[d->batch.fixes[fix].mover];
}

static inline seine_str reason_of(const decoded *d, size_t reject) {
    const seine_reject *one = &d->batch.rejects[reject];
    return (seine_str){(const char *)d->batch.text.data + one->reason, one->reason_size};
}

static inline seine_str raw_of(const decoded *d, size_t reject) {
    const seine_reject *one = &d->batch.rejects[reject];
    return (seine_str){(const char *)d->batch.text.data + one->raw, one->raw_size};
}

static inline void assert_str(seine_str a, const char *b) {
    if (!seine_str_equal(a, seine_str_of(b))) fail_msg("'%.*s' is not '%s'", SEINE_STR_ARG(a), b);
}

static inline bool same_number(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

#endif

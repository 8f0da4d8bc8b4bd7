#include "ingest/remarks.h"

#include "base/try.h"

#include <inttypes.h>

#define TEXT_MAX ((size_t)4000) /* the line is for reading; --json has everything */

static seine_status copy_text(seine_arena *arena, seine_str text, seine_str *copy) {
    const char *bytes = seine_arena_copy(arena, text.data, text.size);
    if (bytes == NULL) return SEINE_E_NOMEM;
    *copy = (seine_str){bytes, text.size};
    return SEINE_OK;
}

static seine_status take_block(seine_ingest_remarks *remarks, const seine_fix_batch *batch, seine_arena *arena) {
    const char *text = (const char *)batch->text.data;
    for (size_t c = 0; c < SEINE_DATASET_COLUMNS_MAX; c++) {
        const seine_fix_measure *measure = &batch->measures[c];
        if (measure->rows == 0) continue;
        if (remarks->measures[c].rows == 0)
            SEINE_TRY(
                copy_text(arena, (seine_str){text + measure->text, measure->text_size}, &remarks->measures[c].first));
        remarks->measures[c].rows += measure->rows;
    }
    if (batch->reject_count == 0 || remarks->reason.size > 0) return SEINE_OK;
    const seine_reject *reject = &batch->rejects[0];
    return copy_text(arena, (seine_str){text + reject->reason, reject->reason_size}, &remarks->reason);
}

seine_status seine_remarks_take(seine_ingest_remarks *remarks, const seine_parser *parser,
                                const seine_parsed_block *blocks, size_t count, seine_arena *arena) {
    remarks->unused = seine_parser_unused(parser, &remarks->unused_count);
    for (size_t b = 0; b < count; b++) SEINE_TRY(take_block(remarks, &blocks[b].batch, arena));
    return SEINE_OK;
}

static seine_status put_unused(const seine_ingest_remarks *remarks, seine_buf *out) {
    for (size_t i = 0; i < remarks->unused_count; i++) {
        const seine_unused_column *column = &remarks->unused[i];
        if (out->size > TEXT_MAX / 2) return seine_buf_printf(out, " and %zu more", remarks->unused_count - i);
        SEINE_TRY(seine_buf_printf(out, "%s%.*s", i == 0 ? "columns not taken: " : ", ", SEINE_STR_ARG(column->name)));
        if (column->twice != NULL)
            SEINE_TRY(seine_buf_printf(out, " (%s is given twice; field %zu, %.*s, is used)", column->twice,
                                       column->used_field, SEINE_STR_ARG(column->used)));
        if (column->offer != NULL) SEINE_TRY(seine_buf_printf(out, " (%s?)", column->offer));
    }
    return SEINE_OK;
}

/* `sog: 12 rows, the first -3`, or `sog: 1 row, -3`. */
static seine_status put_measure(const char *column, int64_t rows, seine_str first, const char *before, seine_buf *out) {
    return seine_buf_printf(out, "%s%s: %" PRId64 " row%s%.*s", before, column, rows,
                            rows == 1 ? ", " : "s, the first ", SEINE_STR_ARG(first));
}

static seine_status put_remarks(const seine_ingest_remarks *remarks, seine_buf *out) {
    bool begun = false;
    SEINE_TRY(put_unused(remarks, out));
    for (size_t c = 0; c < SEINE_DATASET_COLUMNS_MAX; c++) {
        if (remarks->measures[c].rows == 0) continue;
        const char *before = begun ? "; " : out->size > 0 ? "; measure: " : "measure: ";
        SEINE_TRY(put_measure(remarks->dataset->columns[c].name, remarks->measures[c].rows, remarks->measures[c].first,
                              before, out));
        begun = true;
    }
    return SEINE_OK;
}

const char *seine_remarks_text(const seine_ingest_remarks *remarks, seine_arena *arena) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, 4 * TEXT_MAX);
    if (put_remarks(remarks, &out) != SEINE_OK) return NULL;
    return seine_arena_copy(arena, out.size > 0 ? (const char *)out.data : "", out.size);
}

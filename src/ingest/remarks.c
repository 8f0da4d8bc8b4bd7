#include "ingest/remarks.h"

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
    seine_status status = SEINE_OK;
    for (size_t c = 0; status == SEINE_OK && c < SEINE_AIS_COLUMNS; c++) {
        const seine_measure *measure = &batch->measures[c];
        if (measure->rows == 0) continue;
        if (remarks->measures[c].rows == 0)
            status =
                copy_text(arena, (seine_str){text + measure->text, measure->text_size}, &remarks->measures[c].first);
        remarks->measures[c].rows += measure->rows;
    }
    if (status == SEINE_OK && batch->reject_count > 0 && remarks->reason.size == 0) {
        const seine_reject *reject = &batch->rejects[0];
        status = copy_text(arena, (seine_str){text + reject->reason, reject->reason_size}, &remarks->reason);
    }
    return status;
}

seine_status seine_remarks_take(seine_ingest_remarks *remarks, const seine_parser *parser,
                                const seine_parsed_block *blocks, size_t count, seine_arena *arena) {
    seine_status status = SEINE_OK;
    remarks->unused = seine_parser_unused(parser, &remarks->unused_count);
    for (size_t b = 0; status == SEINE_OK && b < count; b++) status = take_block(remarks, &blocks[b].batch, arena);
    return status;
}

static seine_status put_unused(const seine_ingest_remarks *remarks, seine_buf *out) {
    seine_status status = SEINE_OK;
    for (size_t i = 0; status == SEINE_OK && i < remarks->unused_count; i++) {
        const seine_unused_column *column = &remarks->unused[i];
        if (out->size > TEXT_MAX / 2) return seine_buf_printf(out, " and %zu more", remarks->unused_count - i);
        status = seine_buf_printf(out, "%s%.*s", i == 0 ? "columns not taken: " : ", ", SEINE_STR_ARG(column->name));
        if (status == SEINE_OK && column->twice != NULL)
            status = seine_buf_printf(out, " (%s is given twice; field %zu, %.*s, is used)", column->twice,
                                      column->used_field, SEINE_STR_ARG(column->used));
        if (status == SEINE_OK && column->offer != NULL) status = seine_buf_printf(out, " (%s?)", column->offer);
    }
    return status;
}

/* `sog: 12 rows, the first -3`, or `sog: 1 row, -3`. */
static seine_status put_measure(const char *column, int64_t rows, seine_str first, const char *before, seine_buf *out) {
    return seine_buf_printf(out, "%s%s: %" PRId64 " row%s%.*s", before, column, rows,
                            rows == 1 ? ", " : "s, the first ", SEINE_STR_ARG(first));
}

const char *seine_remarks_text(const seine_ingest_remarks *remarks, seine_arena *arena) {
    const seine_table_schema *schema = seine_schema_find("silver.ais");
    seine_buf out;
    seine_buf_init(&out, 4 * TEXT_MAX);
    seine_status status = put_unused(remarks, &out);
    bool begun = false;
    for (size_t c = 0; status == SEINE_OK && c < SEINE_AIS_COLUMNS; c++) {
        if (remarks->measures[c].rows == 0) continue;
        const char *before = begun ? "; " : out.size > 0 ? "; measure: " : "measure: ";
        status =
            put_measure(schema->columns[c].name, remarks->measures[c].rows, remarks->measures[c].first, before, &out);
        begun = true;
    }
    const char *text =
        status == SEINE_OK ? seine_arena_copy(arena, out.size > 0 ? (const char *)out.data : "", out.size) : NULL;
    seine_buf_free(&out);
    return text;
}

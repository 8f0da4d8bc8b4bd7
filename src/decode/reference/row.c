/* Rows: each field by its rule, then what the kind itself asks for. */
#include "base/json.h"
#include "decode/reference/kind.h"

static void make_fields(seine_reference_reading *r, const seine_reference_description *kind, seine_cell *cells) {
    for (size_t i = 0; i < kind->cells; i++) {
        const seine_reference_field_rule *field = &kind->fields[i];
        cells[i] = seine_reference_cell(r, i, field->rule, field->name);
        if (field->rule != SEINE_RULE_OWN && field->is_required && cells[i].is_null)
            seine_reference_refuse(r, seine_arena_printf(r->arena, "value: no %s", field->name));
    }
}

/* ---- rows ---- */

seine_status seine_reference_row(seine_reference_kind kind, const seine_reference_columns *columns,
                                 const seine_reference_record *record, seine_arena *arena, seine_cell *cells,
                                 const char **reason) {
    const seine_reference_description *description = seine_reference_describe(kind);
    seine_reference_reading r = {columns, record, arena, record->fault, false};
    if (r.reason == NULL) {
        make_fields(&r, description, cells);
        if (description->make != NULL) description->make(&r, cells);
    }
    *reason = r.reason;
    return r.is_out_of_memory ? SEINE_E_NOMEM : SEINE_OK;
}

/* A number or word stands without quotes only in JSON text of the file's own; values of columns are texts. */
static void put_values(seine_json_writer *w, const seine_reference_record *record, const seine_str *names,
                       size_t name_count) {
    seine_json_begin_object(w);
    for (size_t i = 0; record->values != NULL && i < name_count; i++) {
        if (record->values[i].data == NULL) continue;
        seine_json_key(w, names[i]);
        seine_json_put_text(w, record->values[i]);
    }
    seine_json_end_object(w);
}

/* Every byte that is not of a character, and NUL, becomes U+FFFD. */
static seine_status put_clean(seine_str text, seine_buf *out) {
    if (seine_reference_is_clean(text)) return seine_buf_append(out, text.data, text.size);
    for (size_t i = 0; i < text.size;) {
        size_t size = 1;
        while (size <= 4 && i + size <= text.size && !seine_reference_is_clean((seine_str){text.data + i, size}))
            size++;
        const bool is_character = size <= 4 && i + size <= text.size;
        const seine_status status =
            is_character ? seine_buf_append(out, text.data + i, size) : seine_buf_append(out, "\xEF\xBF\xBD", 3);
        if (status != SEINE_OK) return status;
        i += is_character ? size : 1;
    }
    return SEINE_OK;
}

seine_status seine_reference_raw(const seine_reference_record *record, const seine_str *names, size_t name_count,
                                 seine_buf *out) {
    if (record->raw.data != NULL) return put_clean(record->raw, out);
    seine_json_writer w = seine_json_writer_to(out);
    if (record->json != NULL)
        seine_json_put_value(&w, record->json);
    else
        put_values(&w, record, names, name_count);
    return w.status;
}

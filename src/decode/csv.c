/*
 * The CSV splitter. Finding where a record ends is apart from taking its fields, because block readers need only the
 * first: text without any quote is cut at line ends by memchr alone.
 */
#include "decode/csv.h"

/*
 * End of a quoted field that opens at text[at] (a quote): index behind the closing quote, or SIZE_MAX when it is not
 * closed in time. *open is set when more text might say otherwise.
 */
static size_t quoted_end(seine_str text, size_t at, bool *open) {
    const bool cut = text.size - at < SEINE_CSV_RECORD_BYTES;
    const size_t limit = cut ? text.size : at + SEINE_CSV_RECORD_BYTES;
    for (size_t i = at + 1; i < limit;) {
        const char *quote = memchr(text.data + i, '"', limit - i);
        if (quote == NULL) break;
        i = (size_t)(quote - text.data);
        if (i + 1 == text.size) *open = true; /* the next byte may be a second quote */
        if (i + 1 >= text.size || text.data[i + 1] != '"') return i + 1;
        i += 2;
    }
    if (cut) *open = true;
    return SIZE_MAX;
}

static size_t line_end(seine_str text, size_t at) {
    const char *end = at < text.size ? memchr(text.data + at, '\n', text.size - at) : NULL;
    return end != NULL ? (size_t)(end - text.data) : text.size;
}

/* Index of the LF that ends the record starting at `at`, or text.size. *open: more text might move it. */
static size_t record_end(seine_str text, size_t at, bool *open) {
    const size_t plain = line_end(text, at);
    if (plain == at || memchr(text.data + at, '"', plain - at) == NULL) return plain;
    while (at < text.size) {
        if (text.data[at] == '"') {
            const size_t behind = quoted_end(text, at, open);
            at = behind == SIZE_MAX ? at + 1 : behind;
        }
        while (at < text.size && text.data[at] != ',' && text.data[at] != '\n') at++;
        if (at >= text.size || text.data[at] == '\n') break;
        at++;
    }
    return at;
}

/* Copies a quoted field without its quotes; what stands behind the closing quote is kept as it is. */
static seine_status unquote(seine_str raw, seine_buf *scratch, seine_str *field) {
    const size_t start = scratch->size;
    bool inside = true;
    bool escaped = false; /* this quote stands for one, because another was before it */
    for (size_t i = 1; i < raw.size; i++) {
        if (inside && !escaped && raw.data[i] == '"') {
            escaped = i + 1 < raw.size && raw.data[i + 1] == '"';
            inside = escaped;
            continue;
        }
        escaped = false;
        const seine_status status = seine_buf_append(scratch, raw.data + i, 1);
        if (status != SEINE_OK) return status;
    }
    *field = (seine_str){(const char *)scratch->data + start, scratch->size - start};
    return SEINE_OK;
}

static seine_status take_fields(seine_str raw, seine_buf *scratch, seine_csv_record *record) {
    size_t at = 0;
    bool open = false; /* the record is whole */
    for (;;) {
        const size_t start = at;
        const size_t behind = at < raw.size && raw.data[at] == '"' ? quoted_end(raw, at, &open) : SIZE_MAX;
        if (behind != SIZE_MAX) at = behind;
        const char *comma = at < raw.size ? memchr(raw.data + at, ',', raw.size - at) : NULL;
        at = comma != NULL ? (size_t)(comma - raw.data) : raw.size;
        seine_str field = {raw.data + start, at - start};
        if (behind != SIZE_MAX) {
            const seine_status status = unquote(field, scratch, &field);
            if (status != SEINE_OK) return status;
        }
        if (record->field_count < SEINE_CSV_FIELDS) record->field[record->field_count] = field;
        record->field_count++;
        if (comma == NULL) return SEINE_OK;
        at++;
    }
}

seine_status seine_csv_next(seine_str *text, seine_buf *scratch, seine_csv_record *record) {
    seine_buf_clear(scratch);
    record->field_count = 0;
    record->raw = (seine_str){NULL, 0};
    while (text->size > 0) {
        bool open = false;
        const size_t end = record_end(*text, 0, &open);
        const size_t behind = end < text->size ? end + 1 : end;
        seine_str raw = {text->data, end};
        if (raw.size > 0 && raw.data[raw.size - 1] == '\r') raw.size--;
        *text = (seine_str){text->data + behind, text->size - behind};
        if (raw.size == 0) continue;
        record->raw = raw;
        /* Unquoted text is never longer than the record, so fields already taken do not move. */
        const seine_status status = seine_buf_reserve(scratch, raw.size);
        return status != SEINE_OK ? status : take_fields(raw, scratch, record);
    }
    return SEINE_OK;
}

size_t seine_csv_whole(seine_str text) {
    if (text.size == 0) return 0;
    if (memchr(text.data, '"', text.size) == NULL) {
        const char *last = memrchr(text.data, '\n', text.size);
        return last == NULL ? 0 : (size_t)(last - text.data) + 1;
    }
    size_t whole = 0;
    for (bool open = false;;) {
        const size_t end = record_end(text, whole, &open);
        if (end >= text.size || open) return whole;
        whole = end + 1;
    }
}

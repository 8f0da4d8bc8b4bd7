/*
 * The CSV splitter. Finding where a record ends is apart from taking its fields, because block readers need only the
 * first: text without any quote is cut at line ends by memchr alone.
 */
#include "base/try.h"
#include "decode/csv.h"

/* Whether a quote at text[at] closes a field. *open is set when more text might say otherwise. */
static bool closes(seine_str text, size_t at, char delimiter, bool *open) {
    const size_t left = text.size - at - 1;
    const char *behind = text.data + at + 1;
    if (left == 0 || (left == 1 && *behind == '\r')) *open = true;
    if (left == 0 || *behind == delimiter || *behind == '\n') return true;
    return *behind == '\r' && (left == 1 || behind[1] == '\n');
}

/*
 * End of a quoted field that opens at text[at] (a quote): index behind the closing quote, or SIZE_MAX when the quote is
 * a plain character. *open is set when more text might say otherwise.
 */
static size_t quoted_end(seine_str text, size_t at, char delimiter, bool *open) {
    const bool cut = text.size - at < SEINE_CSV_RECORD_BYTES;
    const size_t limit = cut ? text.size : at + SEINE_CSV_RECORD_BYTES;
    for (size_t i = at + 1; i < limit;) {
        const char *quote = memchr(text.data + i, '"', limit - i);
        if (quote == NULL) break;
        i = (size_t)(quote - text.data);
        if (i + 1 < text.size && text.data[i + 1] == '"') {
            i += 2;
            continue;
        }
        return closes(text, i, delimiter, open) ? i + 1 : SIZE_MAX;
    }
    if (cut) *open = true;
    return SIZE_MAX;
}

static size_t line_end(seine_str text, size_t at) {
    const char *end = at < text.size ? memchr(text.data + at, '\n', text.size - at) : NULL;
    return end != NULL ? (size_t)(end - text.data) : text.size;
}

/* A record as its quotes tell it. */
typedef struct quoted_record {
    size_t end;      /* index of the LF behind it, or the end of the text */
    size_t fields;   /* how many it has */
    size_t crossing; /* which of them goes over the first line end; meaningless when none does */
} quoted_record;

/* @p plain: the first line end. *open is set when more text might say otherwise. */
static quoted_record read_quoted(seine_str text, size_t at, size_t plain, char delimiter, bool *open) {
    quoted_record record = {.fields = 1};
    for (; at < text.size; at++) {
        if (text.data[at] == '"') {
            const bool before = at < plain;
            const size_t behind = quoted_end(text, at, delimiter, open);
            at = behind == SIZE_MAX ? at + 1 : behind;
            if (before && at > plain) record.crossing = record.fields - 1;
        }
        while (at < text.size && text.data[at] != delimiter && text.data[at] != '\n') at++;
        if (at >= text.size || text.data[at] == '\n') break;
        record.fields++;
    }
    record.end = at < text.size ? at : text.size;
    return record;
}

static size_t fields_unquoted(seine_str text, size_t at, size_t end, char delimiter) {
    size_t fields = 1;
    for (; at < end; at++) fields += text.data[at] == delimiter;
    return fields;
}

static bool has_line_of(seine_str text, size_t at, size_t end, char delimiter, size_t fields) {
    while (at < end) {
        const size_t stop = line_end((seine_str){text.data, end}, at);
        if (fields_unquoted(text, at, stop, delimiter) >= fields) return true;
        at = stop + 1;
    }
    return false;
}

/*
 * Whether lines of a record are records of their own. The last line of a record whose n-th field goes over line ends
 * lacks the n - 1 fields before it; one that lacks none is a row. In a first field nothing is missing: there the lines
 * are rows when they are as long as the first one, and that is no prose.
 */
static bool is_several(seine_str text, size_t at, size_t plain, char delimiter, const quoted_record *record) {
    enum { ROW_FIELDS = 4 };
    size_t least = record->fields;
    if (record->crossing == 0) {
        least = fields_unquoted(text, at, plain, delimiter);
        if (least < ROW_FIELDS) least = ROW_FIELDS;
    }
    return has_line_of(text, plain + 1, record->end, delimiter, least);
}

/*
 * Index of the LF that ends the record starting at `at`, or text.size. *open: more text might move it. *reach grows to
 * the end of what was read to say so: text cut before it may be read otherwise.
 */
static size_t record_end(seine_str text, size_t at, char delimiter, bool *open, size_t *reach) {
    const size_t plain = line_end(text, at);
    if (plain == at || memchr(text.data + at, '"', plain - at) == NULL) return plain;
    const quoted_record record = read_quoted(text, at, plain, delimiter, open);
    if (record.end <= plain) return record.end;
    if (record.end == text.size) *open = true;
    if (record.end > *reach) *reach = record.end;
    return is_several(text, at, plain, delimiter, &record) ? plain : record.end;
}

/* Copies a quoted field without its quotes; two of them inside are one. */
static seine_status unquote(seine_str raw, seine_buf *scratch, seine_str *field) {
    const size_t start = scratch->size;
    for (size_t i = 1; i + 1 < raw.size;) {
        const char *quote = memchr(raw.data + i, '"', raw.size - 1 - i);
        const size_t stop = quote != NULL ? (size_t)(quote - raw.data) + 1 : raw.size - 1;
        SEINE_TRY(seine_buf_append(scratch, raw.data + i, stop - i));
        i = quote != NULL ? stop + 1 : stop;
    }
    *field = (seine_str){(const char *)scratch->data + start, scratch->size - start};
    return SEINE_OK;
}

static seine_status take_fields(seine_str raw, char delimiter, seine_buf *scratch, seine_csv_record *record) {
    size_t at = 0;
    bool open = false; /* the record is whole */
    for (;;) {
        const size_t start = at;
        const size_t behind = at < raw.size && raw.data[at] == '"' ? quoted_end(raw, at, delimiter, &open) : SIZE_MAX;
        if (behind != SIZE_MAX) at = behind;
        const char *stop = at < raw.size ? memchr(raw.data + at, delimiter, raw.size - at) : NULL;
        at = stop != NULL ? (size_t)(stop - raw.data) : raw.size;
        seine_str field = {raw.data + start, at - start};
        if (behind != SIZE_MAX) {
            SEINE_TRY(unquote(field, scratch, &field));
        }
        if (record->field_count < SEINE_CSV_FIELDS) record->field[record->field_count] = field;
        record->field_count++;
        if (stop == NULL) return SEINE_OK;
        at++;
    }
}

seine_status seine_csv_next(seine_str *text, char delimiter, seine_buf *scratch, seine_csv_record *record) {
    seine_buf_clear(scratch);
    record->field_count = 0;
    record->raw = (seine_str){NULL, 0};
    while (text->size > 0) {
        bool open = false;
        size_t reach = 0;
        const size_t end = record_end(*text, 0, delimiter, &open, &reach);
        const size_t behind = end < text->size ? end + 1 : end;
        seine_str raw = {text->data, end};
        if (raw.size > 0 && raw.data[raw.size - 1] == '\r') raw.size--;
        *text = (seine_str){text->data + behind, text->size - behind};
        if (raw.size == 0) continue;
        record->raw = raw;
        /* Unquoted text is never longer than the record, so fields already taken do not move. */
        const seine_status status = seine_buf_reserve(scratch, raw.size);
        return status != SEINE_OK ? status : take_fields(raw, delimiter, scratch, record);
    }
    return SEINE_OK;
}

size_t seine_csv_whole(seine_str text, char delimiter) {
    if (text.size == 0) return 0;
    if (memchr(text.data, '"', text.size) == NULL) {
        const char *last = memrchr(text.data, '\n', text.size);
        return last == NULL ? 0 : (size_t)(last - text.data) + 1;
    }
    size_t whole = 0, at = 0, reach = 0;
    for (bool open = false;;) {
        const size_t end = record_end(text, at, delimiter, &open, &reach);
        if (end >= text.size || open) return whole;
        at = end + 1;
        if (at > reach) whole = at;
    }
}

/* How many delimiters stand between the fields of the first record. */
static size_t count_delimiters(seine_str text, char delimiter) {
    bool open = false;
    size_t reach = 0, count = 0;
    const size_t end = record_end(text, 0, delimiter, &open, &reach);
    for (size_t at = 0, start = 0; at < end; at++) {
        const size_t behind = at == start && text.data[at] == '"' ? quoted_end(text, at, delimiter, &open) : SIZE_MAX;
        if (behind != SIZE_MAX) at = behind;
        if (at >= end || text.data[at] != delimiter) continue;
        start = at + 1;
        count++;
    }
    return count;
}

char seine_csv_delimiter(seine_str text) {
    static const char known[] = {',', ';', '\t', '|'};
    char best = known[0];
    size_t most = 0;
    while (text.size > 0 && (*text.data == '\n' || *text.data == '\r'))
        text = (seine_str){text.data + 1, text.size - 1};
    for (size_t k = 0; k < sizeof known; k++) {
        const size_t count = count_delimiters(text, known[k]);
        if (count > most) {
            most = count;
            best = known[k];
        }
    }
    return best;
}

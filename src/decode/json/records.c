/*
 * Records of JSON text.
 *
 *            [            value           ,
 *     START ───► FIRST ───────────► BEHIND ◄──────► COMMA       array; ] leads to CLOSED
 *       │                              BROKEN: behind what was no record; a comma may have been part of it
 *       └──────► SEQUENCE                                       objects one after the other
 *
 * A block tells its form by its first byte: blocks of an array begin with a bracket or a comma, others with an object.
 * Both the cutter and the decoder find the end of what is no record with pass_broken, so block borders change nothing.
 * An object that begins a line behind the end of another one (`}` LF `{`) is a border whatever stands before it: within
 * a record that would be two values side by side, at which it is broken and ends. That is how most files are cut.
 */
#include "decode/json/records.h"

#include "base/try.h"
#include "decode/fix_row.h"

enum place { START, SEQUENCE, FIRST, BEHIND, COMMA, BROKEN, CLOSED };

/* ---- from record to record ---- */

static bool is_array(uint8_t place) { return place > SEQUENCE; }

/* Behind a byte order mark, or what there is of one, at the start of a file. */
static const char *behind_mark(seine_str text) {
    const size_t size = text.size < 3 ? text.size : 3;
    return size > 0 && memcmp(text.data, "\xEF\xBB\xBF", size) == 0 ? text.data + size : text.data;
}

/*
 * Moves to the next record, which may turn out to be none. @return false at the end of the text; something behind the
 * end of the array is a record, too.
 */
static bool next_record(seine_json_scan *scan, uint8_t *place) {
    for (;;) {
        seine_json_skip_blanks(scan);
        if (scan->p >= scan->end) return false;
        const bool is_border = *place == BEHIND || *place == BROKEN;
        if (is_border && *scan->p == ',')
            *place = COMMA;
        else if ((is_border || *place == FIRST) && *scan->p == ']')
            *place = CLOSED;
        else
            return true;
        scan->p++;
    }
}

/* Whether a value may stand here; else the scan says what should. */
static bool may_be_value(seine_json_scan *scan, uint8_t place) {
    if (place == BEHIND) return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "expected ',' or ']'");
    if (place == CLOSED) return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "something follows the array");
    return true;
}

/* ---- what is no record ---- */

/* The end of what is no object: before an object, a line end, and in an array a comma or its end; or NULL. */
static const char *junk_end(const char *start, const char *end, bool in_array) {
    const bool is_border = *start == '{' || (in_array && (*start == ',' || *start == ']'));
    for (const char *p = is_border ? start : start + 1; p < end; p++)
        if (*p == '{' || *p == '\n' || (in_array && (*p == ',' || *p == ']'))) return p;
    return NULL;
}

/* A search for the end of an object by its brackets, step by step. */
typedef struct bracket_search {
    const char *p;
    size_t depth;
    bool in_text, is_escaped;
} bracket_search;

/* @return behind the closing bracket, or NULL: not before this end. */
static const char *closing_bracket(bracket_search *search, const char *end) {
    for (; search->p < end; search->p++) {
        const char c = *search->p;
        if (search->in_text) {
            if (c == '\n' || (c == '"' && !search->is_escaped)) search->in_text = false;
            search->is_escaped = c == '\\' && !search->is_escaped;
        } else if (c == '"') {
            search->in_text = true;
            search->is_escaped = false;
        } else if (c == '{' || c == '[') {
            search->depth++;
        } else if ((c == '}' || c == ']') && --search->depth == 0) {
            return search->p + 1;
        }
    }
    return NULL;
}

/* An object that begins a line, at or behind `from`, which is not the start of the text, or NULL. */
static const char *object_on_line(const char *from, const char *end) {
    const char *found = from < end ? memmem(from - 1, (size_t)(end - from + 1), "\n{", 2) : NULL;
    return found != NULL ? found + 1 : NULL;
}

/*
 * Moves behind what began as a record at `start` and was found to be none. @return false when more text might tell
 * where that is; then it is the end. Both searches grow together, so that they cost what is passed.
 */
static bool pass_broken(seine_json_scan *scan, const char *start, bool in_array) {
    enum { FIRST_BYTES = 256 };
    const char *end = scan->end, *found = NULL;
    if (*start != '{' && *start != '[') {
        found = junk_end(start, end, in_array);
    } else {
        bracket_search search = {.p = start};
        const char *line_from = start + 1, *limit = start;
        for (size_t bytes = FIRST_BYTES; found == NULL && limit < end; bytes *= 2) {
            limit = (size_t)(end - start) > bytes ? start + bytes : end;
            const char *line = object_on_line(line_from, limit);
            found = closing_bracket(&search, line != NULL ? line : limit);
            if (found == NULL) found = line;
            line_from = limit;
        }
    }
    scan->p = found != NULL ? found : end;
    return found != NULL;
}

/* ---- cutting ---- */

/* The last object that begins a line behind the end of another one, or 0. */
static size_t last_line_of_object(seine_str text) {
    size_t size = text.size > 0 ? text.size - 1 : 0;
    const char *line;
    while (size > 0 && (line = memrchr(text.data, '\n', size)) != NULL) {
        size = (size_t)(line - text.data);
        const size_t before = size > 0 && text.data[size - 1] == '\r' ? size - 1 : size;
        if (line[1] == '{' && before > 0 && text.data[before - 1] == '}') return size + 1;
    }
    return 0;
}

/* Whether a block may begin here: it has to tell its form. */
static bool is_border(seine_json_scan scan, uint8_t place) {
    if (place != BEHIND && place != BROKEN && place != SEQUENCE) return place == CLOSED;
    seine_json_skip_blanks(&scan);
    if (scan.p >= scan.end) return false;
    return place == SEQUENCE ? *scan.p == '{' : *scan.p == ',' || *scan.p == ']';
}

/* One record, whatever it is. @return false when more text might change what it is. */
static bool pass_record(seine_json_scan *scan, uint8_t *place, bool is_end) {
    seine_json_token value;
    const char *start = scan->p;
    const bool in_array = is_array(*place);
    if (may_be_value(scan, *place) && seine_json_take_value(scan, 1, &value)) {
        *place = in_array ? BEHIND : SEQUENCE;
        return is_end || value.kind != SEINE_JSON_REAL || scan->p < scan->end;
    }
    if (scan->is_cut && !is_end) return false;
    if (in_array) *place = BROKEN;
    return pass_broken(scan, start, in_array) || is_end;
}

/*
 * Passes over records from *place on. @return the last border, where *place is. Nothing is cut before a place where a
 * broken record was seen to be one, so that it is told the same whatever block it lies in.
 */
static const char *pass_records(seine_json_scan *scan, uint8_t *place, bool is_end) {
    const char *border = NULL, *reach = scan->p;
    uint8_t at = *place;
    while (next_record(scan, &at) && at != CLOSED && pass_record(scan, &at, is_end)) {
        if (scan->fault != SEINE_JSON_SOUND && scan->seen > reach) reach = scan->seen;
        if (!is_border(*scan, at) || scan->p < reach) continue;
        border = scan->p;
        *place = at;
    }
    if (at == CLOSED || is_end) *place = at;
    return at == CLOSED ? scan->p : border;
}

/* The form of a file, from its first byte that is no blank. */
static seine_status begin_file(seine_json_scan *scan, uint8_t *place, const char *name, seine_error *error) {
    enum { SHOWN = 20 };
    seine_json_skip_blanks(scan);
    if (scan->p == scan->end) return SEINE_OK;
    *place = *scan->p == '[' ? FIRST : SEQUENCE;
    if (*scan->p == '[') scan->p++;
    if (*place == FIRST || *scan->p == '{') return SEINE_OK;
    const size_t left = (size_t)(scan->end - scan->p);
    return seine_fail(error, SEINE_E_FORMAT, "%s: not JSON: an array or objects are expected, it begins with '%.*s'",
                      name, left < SHOWN ? (int)left : SHOWN, scan->p);
}

/* What may not be at the end of a call: something follows the array, or an array without end. */
static seine_status check_end(const seine_json_scan *scan, uint8_t place, bool is_end, const char *name,
                              seine_error *error) {
    if (place == CLOSED && scan->p < scan->end)
        return seine_fail(error, SEINE_E_FORMAT, "%s: not JSON: something follows the array", name);
    if (is_end && is_array(place) && place != CLOSED)
        return seine_fail(error, SEINE_E_FORMAT, "%s: not JSON: the array has no end", name);
    return SEINE_OK;
}

seine_status seine_json_whole(seine_json_cutter *cutter, seine_str text, bool is_end, const char *name, size_t *whole,
                              seine_error *error) {
    seine_json_scan scan = {.p = text.data, .end = text.data + text.size, .checks_texts = true};
    uint8_t place = cutter->place;
    *whole = 0;
    if (place == START) {
        scan.p = behind_mark(text);
        SEINE_TRY(begin_file(&scan, &place, name, error));
    }
    if (place == SEQUENCE && !is_end) *whole = last_line_of_object(text);
    if (is_array(place) || (place == SEQUENCE && !is_end && *whole == 0)) {
        const char *border = pass_records(&scan, &place, is_end);
        if (border != NULL) *whole = (size_t)(border - text.data);
    }
    SEINE_TRY(check_end(&scan, place, is_end, name, error));
    if (is_end) *whole = text.size;
    if (*whole > 0) cutter->place = place;
    return SEINE_OK;
}

/* ---- decoding ---- */

/* A block being decoded. */
typedef struct record_reader {
    seine_fix_decoder *decoder;
    seine_json_object object; /* its values are those of the row */
    seine_fix_row row;
} record_reader;

/* ---- refusals ---- */

static seine_str without_blanks_behind(const char *start, const char *end) {
    while (end > start && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t')) end--;
    return (seine_str){start, (size_t)(end - start)};
}

static seine_status refuse_broken(const record_reader *r, const char *start, seine_fix_batch *batch) {
    enum { SHOWN = 20 };
    const seine_json_scan *scan = &r->object.scan;
    const seine_str raw = without_blanks_behind(start, scan->p);
    if (scan->fault == SEINE_JSON_LONG_TEXT)
        return seine_fix_row_refuse(batch, raw, "json: a text of more than %zu bytes", SEINE_JSON_TEXT_MAX_BYTES);
    if (scan->fault == SEINE_JSON_TOO_DEEP)
        return seine_fix_row_refuse(batch, raw, "json: nested deeper than %d", SEINE_JSON_DEEPEST);
    size_t left = scan->fault_at < scan->p ? (size_t)(scan->p - scan->fault_at) : 0;
    if (left > SHOWN) left = SHOWN;
    const char *line = left > 0 ? memchr(scan->fault_at, '\n', left) : NULL;
    if (line != NULL) left = (size_t)(line - scan->fault_at);
    if (left == 0) return seine_fix_row_refuse(batch, raw, "json: %s at its end", scan->what);
    return seine_fix_row_refuse(batch, raw, "json: %s at '%.*s'", scan->what, (int)left, scan->fault_at);
}

/* ---- records ---- */

/* The object on which the scan stands, as a row. */
static seine_status take_record(record_reader *r, const char *start, seine_fix_batch *batch) {
    r->row.raw = (seine_str){start, (size_t)(r->object.scan.p - start)};
    if ((r->object.nested >> SEINE_DATASET_ID & 1) == 0) return seine_fix_row_take(r->decoder, &r->row, batch);
    return seine_fix_row_refuse(batch, r->row.raw, "id: it is an object or an array");
}

static seine_status decode_record(record_reader *r, uint8_t *place, seine_fix_batch *batch) {
    seine_json_scan *scan = &r->object.scan;
    seine_json_token value;
    const char *start = scan->p;
    const bool in_array = is_array(*place), may_be = may_be_value(scan, *place);
    batch->rows++;
    if (may_be && *start == '{') {
        if (seine_json_object_take(&r->object)) {
            *place = in_array ? BEHIND : SEQUENCE;
            return take_record(r, start, batch);
        }
        SEINE_TRY(r->object.status);
    } else if (may_be && seine_json_take_value(scan, 1, &value)) {
        *place = in_array ? BEHIND : SEQUENCE;
        return seine_fix_row_refuse(batch, value.raw, "json: it is no object");
    }
    if (in_array) *place = BROKEN;
    (void)pass_broken(scan, start, in_array);
    return refuse_broken(r, start, batch);
}

/* The form of a block, from its first byte that is no blank. */
static uint8_t begin_block(seine_json_scan *scan) {
    seine_json_skip_blanks(scan);
    const char first = scan->p < scan->end ? *scan->p : '\0';
    if (first == '[') scan->p++;
    return first == '[' ? FIRST : first == ',' || first == ']' ? BEHIND : SEQUENCE;
}

/* ---- lines ---- */

static bool is_alone(seine_json_scan *scan) {
    seine_json_skip_blanks(scan);
    return scan->p == scan->end || seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "something behind the value");
}

/* The line in which the scan is. */
static seine_status decode_line(record_reader *r, seine_fix_batch *batch) {
    seine_json_scan *scan = &r->object.scan;
    seine_json_token value;
    const char *line = scan->p, *start;
    batch->rows++;
    seine_json_skip_blanks(scan);
    start = scan->p;
    if (start < scan->end && *start == '{') {
        const bool is_object = seine_json_object_take(&r->object);
        const char *behind = scan->p;
        SEINE_TRY(r->object.status);
        if (is_object && is_alone(scan)) {
            scan->p = behind;
            return take_record(r, start, batch);
        }
    } else if (seine_json_take_value(scan, 1, &value) && is_alone(scan)) {
        return seine_fix_row_refuse(batch, value.raw, "json: it is no object");
    }
    scan->p = scan->end;
    return refuse_broken(r, line, batch);
}

static seine_status decode_lines(record_reader *r, seine_str block, seine_fix_batch *batch) {
    const char *at = block.data, *end = block.data + block.size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        r->object.scan.p = at;
        r->object.scan.end = stop != NULL ? stop : end;
        SEINE_TRY(decode_line(r, batch));
        at = stop != NULL ? stop + 1 : end;
    }
    return SEINE_OK;
}

/* ---- either ---- */

static seine_status begin_decoding(seine_fix_decoder *decoder, seine_str block, seine_fix_batch *batch,
                                   record_reader *r) {
    seine_buf_init(&batch->text, SEINE_FIX_BLOCK_TEXT_MAX);
    seine_fix_row_begin(decoder, &decoder->json);
    if (decoder->json.count == 0) {
        const seine_status status = seine_json_plan_init(&decoder->json, decoder->dataset);
        if (status != SEINE_OK) {
            seine_json_plan_free(&decoder->json);
            return status;
        }
    }
    *r = (record_reader){.decoder = decoder, .row = {.decimal = '.'}};
    r->object = (seine_json_object){
        .scan = {.p = behind_mark(block), .end = block.data + block.size, .checks_texts = true},
        .plan = &decoder->json,
        .value = r->row.value,
        .column_count = decoder->dataset->column_count,
        .scratch = &decoder->scratch,
        .scratch_bytes = block.size,
    };
    return SEINE_OK;
}

seine_status seine_fix_decode_json(seine_fix_decoder *decoder, seine_str block, seine_fix_batch *batch) {
    record_reader r;
    SEINE_TRY(begin_decoding(decoder, block, batch, &r));
    uint8_t place = begin_block(&r.object.scan);
    while (next_record(&r.object.scan, &place)) SEINE_TRY(decode_record(&r, &place, batch));
    return SEINE_OK;
}

seine_status seine_fix_decode_json_lines(seine_fix_decoder *decoder, seine_str block, seine_fix_batch *batch) {
    record_reader r;
    SEINE_TRY(begin_decoding(decoder, block, batch, &r));
    return decode_lines(&r, block, batch);
}

/* ---- texts that must be right ---- */

void seine_json_walk_begin(seine_json_walk *walk, seine_str text) {
    seine_json_scan *scan = &walk->object.scan;
    scan->p = text.size >= 3 ? behind_mark(text) : text.data;
    scan->end = text.data + text.size;
    seine_json_skip_blanks(scan);
    const bool is_list = scan->p < scan->end && *scan->p == '[';
    scan->p += is_list;
    walk->place = is_list ? FIRST : SEQUENCE;
}

/* What begins where the scan stands. */
static bool walk_over(seine_json_object *object) {
    seine_json_scan *scan = &object->scan;
    seine_json_token value;
    if (object->plan == NULL) return seine_json_take_value(scan, 1, &value);
    if (*scan->p != '{') return seine_json_wrong(scan, SEINE_JSON_WRONG, scan->p, "expected an object");
    return seine_json_object_take(object);
}

bool seine_json_walk_next(seine_json_walk *walk, seine_str *record) {
    seine_json_scan *scan = &walk->object.scan;
    const bool in_array = is_array(walk->place);
    if (!next_record(scan, &walk->place)) {
        if (in_array && walk->place != CLOSED)
            (void)seine_json_wrong(scan, SEINE_JSON_WRONG, scan->end, "the array has no end");
        return false;
    }
    const char *start = scan->p;
    if (!may_be_value(scan, walk->place) || !walk_over(&walk->object)) return false;
    walk->place = in_array ? BEHIND : SEQUENCE;
    *record = (seine_str){start, (size_t)(scan->p - start)};
    return true;
}

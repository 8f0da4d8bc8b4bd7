/*
 * Inputs of `seine detect`: text of JSON or CSV as it is, Parquet as one object of JSON per row. Stored open gaps are
 * rows of an earlier run in any of these forms.
 */
#include "cli/detect/detect.h"

#include "base/array.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "io/file.h"
#include "io/reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define KEY_MAX_BYTES ((size_t)1 << 20)
#define ROW_MAX_BYTES ((size_t)1 << 30)
#define BLOCK_BYTES ((size_t)4 << 20)
/* Nobody means so many blanks on end: a small archive that holds nothing else would fill the memory. */
#define BLANKS_MAX_BYTES ((size_t)1 << 20)

/* ---- bytes ----------------------------------------------------------------------------------------------------- */

static bool is_blank(uint8_t byte) { return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r'; }

/* Whether a run of more than BLANKS_MAX_BYTES reaches into the bytes from `from` on. Such a run covers two bytes that
 * lie half of it apart, so only every so many are looked at. */
static bool has_endless_blanks(const seine_buf *text, size_t from) {
    const size_t stride = BLANKS_MAX_BYTES / 2;
    for (size_t at = from / stride * stride; at < text->size; at += stride) {
        if (!is_blank(text->data[at])) continue;
        size_t begin = at, end = at;
        while (begin > 0 && at - begin < BLANKS_MAX_BYTES && is_blank(text->data[begin - 1])) begin--;
        while (end < text->size && end - begin <= BLANKS_MAX_BYTES && is_blank(text->data[end])) end++;
        if (end - begin > BLANKS_MAX_BYTES) return true;
    }
    return false;
}

static seine_status read_member(seine_reader *reader, const char *name, seine_buf *text, seine_pace *pace,
                                seine_error *error) {
    for (;;) {
        size_t got = 0;
        uint64_t done = 0, total = 0;
        if (!seine_pace_go(pace, SEINE_PACE_LOOK)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        const size_t room = text->max - text->size;
        const size_t most = room < BLOCK_BYTES ? room : BLOCK_BYTES;
        if (most == 0) return SEINE_E_LIMIT;
        seine_status status = seine_buf_reserve(text, most);
        if (status != SEINE_OK) return seine_fail(error, status, "%s: out of memory after %zu bytes", name, text->size);
        status = seine_reader_read(reader, text->data + text->size, most, &got, error);
        if (status != SEINE_OK || got == 0) return status;
        text->size += got;
        if (has_endless_blanks(text, text->size - got))
            return seine_fail(error, SEINE_E_LIMIT, "%s: more than %zu bytes of blanks on end", name, BLANKS_MAX_BYTES);
        seine_reader_position(reader, &done, &total);
        seine_progress_report(pace->progress, "reading", done, total);
    }
}

/* @p head: of standard input. */
static seine_status read_text(const char *path, const seine_standard_input *head, const char *name, seine_buf *text,
                              seine_pace *pace, seine_error *error) {
    seine_reader *reader SEINE_OWNED(seine_reader_close_owned) = NULL;
    const char *member = NULL;
    SEINE_TRY(head != NULL ? seine_reader_open_stdin(head, &reader, error) : seine_reader_open(path, &reader, error));
    for (;;) {
        SEINE_TRY(seine_reader_member(reader, &member, error));
        if (member == NULL) return SEINE_OK;
        SEINE_TRY(read_member(reader, name, text, pace, error));
    }
}

/* ---- which form ------------------------------------------------------------------------------------------------ */

static bool has_ending(const char *path, const char *ending) {
    return seine_str_ends_with_nocase(seine_str_of(path), seine_str_of(ending));
}

/* By name; what has no telling name by its first byte. */
static bool is_csv(const char *path, seine_str text) {
    static const char *const endings[] = {".csv", ".csv.gz", ".csv.zst", ".csv.zip"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (has_ending(path, endings[i])) return true;
    }
    if (text.size >= 3 && memcmp(text.data, "\xEF\xBB\xBF", 3) == 0) text = (seine_str){text.data + 3, text.size - 3};
    while (text.size > 0 && strchr(" \t\r\n", *text.data) != NULL) text = (seine_str){text.data + 1, text.size - 1};
    const char *json[] = {".json", ".jsonl", ".ndjson"};
    for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
        if (has_ending(path, json[i])) return false;
    }
    return text.size > 0 && *text.data != '{' && *text.data != '[';
}

/* Its rows lie in the order that its end tells, so that a pipe has to be a file first. */
static seine_status load_piped(const seine_standard_input *input, seine_pace *pace, seine_detect_text *out,
                               seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *kept = NULL;
    SEINE_TRY(seine_standard_input_keep(input, SEINE_STANDARD_INPUT_MOST, pace->progress, &arena, &kept, error));
    out->unit = "row";
    const seine_status status = seine_detect_read_parquet(kept, &out->text, pace, error);
    seine_best_effort(seine_file_remove(kept, NULL));
    return status;
}

/* @return E_LIMIT without a text when the room of out->text is too small. */
static seine_status load(const char *path, seine_pace *pace, seine_detect_text *out, seine_error *error) {
    const bool is_stdin = strcmp(path, "-") == 0;
    seine_standard_input input;
    bool is_empty = false;
    if (is_stdin) SEINE_TRY(seine_standard_input_begin(&input, error));
    if (is_stdin && input.form == SEINE_STANDARD_INPUT_PARQUET) return load_piped(&input, pace, out, error);
    if (!is_stdin) SEINE_TRY(seine_detect_check_file(path, &is_empty, error));
    if (is_empty) return SEINE_OK; /* no bytes are as [] */
    bool is_parquet = has_ending(path, ".parquet");
    if (!is_parquet) {
        SEINE_TRY(read_text(path, is_stdin ? &input : NULL, out->name, &out->text, pace, error));
        if (out->text.size == 0) return SEINE_OK;
    }
    is_parquet = is_parquet || (out->text.size >= 4 && memcmp(out->text.data, "PAR1", 4) == 0);
    out->is_csv = !is_parquet && is_csv(path, seine_buf_str(&out->text));
    if (is_parquet || out->is_csv) out->unit = "row";
    if (!is_parquet) return SEINE_OK;
    seine_buf_clear(&out->text);
    return seine_detect_read_parquet(path, &out->text, pace, error);
}

seine_status seine_detect_load(const char *path, seine_detect_memory *memory, seine_pace *pace, seine_detect_text *out,
                               seine_error *error) {
    seine_error inner = {.status = SEINE_OK};
    const bool is_stdin = strcmp(path, "-") == 0;
    *out = (seine_detect_text){.name = is_stdin ? "standard input" : seine_file_name(path), .unit = "line"};
    seine_buf_init(&out->text, memory->left_bytes);
    const seine_status status = load(path, pace, out, &inner);
    memory->left_bytes -= out->text.size;
    if (status == SEINE_E_LIMIT && inner.text[0] == '\0') return seine_detect_too_large(out->name, memory, error);
    return status == SEINE_OK ? status : seine_fail(error, status, "%s", inner.text);
}

/* ---- stored open gaps ------------------------------------------------------------------------------------------ */

static double time_of(seine_json_value value) {
    int64_t time_us = 0;
    if (seine_time_parse(seine_json_text(value), &time_us)) return (double)time_us / 1e6;
    return seine_json_number(value, NAN);
}

/* A number, or one in quotes, as messages may have it too. */
static double degrees_of(seine_json_value value) {
    double degrees = 0;
    const seine_str quoted = seine_json_text(value);
    if (quoted.size > 0 && seine_number_parse(quoted, &degrees)) return degrees;
    return seine_json_number(value, NAN);
}

static seine_json_value start_field(const seine_detect_stored *stored, seine_json_value row, const char *name) {
    char key[64];
    snprintf(key, sizeof key, "%s%s", stored->prefix, name);
    return seine_json_get(row, key);
}

static seine_status mover_of(seine_detect *detect, seine_json_value ssvid, uint32_t *mover) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, 1 << 16);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_put_value(&w, ssvid);
    SEINE_TRY(w.status);
    SEINE_TRY(seine_messages_mover(&detect->messages, seine_buf_str(&text), false, mover));
    int64_t whole = 0; /* columns hold all ids as text */
    if (*mover != SEINE_CODE_NULL || !seine_integer_parse(seine_json_text(ssvid), &whole)) return SEINE_OK;
    return seine_messages_mover(&detect->messages, seine_json_text(ssvid), false, mover);
}

/* Which of two values is meant nobody can tell; columns of messages that were copied are not looked at. */
static seine_status check_once(seine_json_value row, const char *place, seine_error *error) {
    static const char *const names[] = {
        "gap_id",    "ssvid",     "is_closed",           "version",       "gap_version",  "start_timestamp",
        "start_lat", "start_lon", "gap_start_timestamp", "gap_start_lat", "gap_start_lon"};
    unsigned seen = 0;
    seine_json_iter it = {0};
    while (seine_json_next(row, &it)) {
        for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
            if (!seine_str_equal(it.key, seine_str_of(names[i]))) continue;
            if ((seen >> i & 1) != 0)
                return seine_fail(error, SEINE_E_FORMAT, "%s: \"%s\" stands twice in one row", place, names[i]);
            seen |= 1U << i;
        }
    }
    return SEINE_OK;
}

/* Fills all of *out but its document. */
static seine_status take_stored(seine_detect *detect, seine_json_value row, seine_detect_stored *out, const char *place,
                                seine_error *error) {
    const bool is_old =
        seine_json_get(row, "start_timestamp") == NULL && seine_json_get(row, "gap_start_timestamp") != NULL;
    out->prefix = is_old ? "gap_start_" : "start_";
    const seine_json_value time = start_field(out, row, "timestamp");
    out->gap_id = seine_json_text(seine_json_get(row, "gap_id"));
    out->time_s = time_of(time);
    out->lat_deg = degrees_of(start_field(out, row, "lat"));
    out->lon_deg = degrees_of(start_field(out, row, "lon"));
    out->is_closed = seine_json_bool(seine_json_get(row, "is_closed"), false);
    const char *version = detect->options.is_2024 ? "gap_version" : "version";
    out->version = seine_json_number(seine_json_get(row, version), -INFINITY);
    const char *missing = out->gap_id.data == NULL ? "gap_id" : NULL;
    if (time == NULL) missing = "start_timestamp";
    if (seine_json_get(row, "ssvid") == NULL && !detect->messages.may_lack_ssvid) missing = "ssvid";
    if (missing != NULL) return seine_fail(error, SEINE_E_FORMAT, "%s: Missing key in open gaps: '%s'", place, missing);
    if (!(fabs(out->time_s) <= SEINE_MESSAGE_TIME_LIMIT_S)) {
        return seine_fail(error, SEINE_E_FORMAT, "%s: the start timestamp is not Unix seconds", place);
    }
    const seine_status status = mover_of(detect, seine_json_get(row, "ssvid"), &out->mover);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s: ssvid is neither text nor a number", place);
}

static int compare_stored(const void *a, const void *b) {
    const seine_detect_stored *x = a, *y = b;
    const int by_id = seine_str_compare(x->gap_id, y->gap_id);
    if (by_id != 0) return by_id;
    if (x->time_s != y->time_s) return x->time_s < y->time_s ? -1 : 1;
    if (x->mover != y->mover) return x->mover < y->mover ? -1 : 1;
    return (x->version > y->version) - (x->version < y->version);
}

/* Only the newest version of a gap counts; older ones are marked as closed, which nobody looks at. */
static void keep_newest(seine_detect *detect) {
    seine_detect_stored *stored = detect->stored;
    if (detect->stored_count < 2) return;
    qsort(stored, detect->stored_count, sizeof *stored, compare_stored);
    for (size_t i = 1; i < detect->stored_count; i++) {
        const seine_detect_stored *before = &stored[i - 1];
        const bool same = seine_str_equal(before->gap_id, stored[i].gap_id) && before->time_s == stored[i].time_s &&
                          before->mover == stored[i].mover;
        if (same) stored[i - 1].is_closed = true;
    }
}

/* Writes the fields of a column "other" (shape.c), each under its prefix. @return whether it was one. */
static bool put_other(seine_json_writer *w, const seine_json_iter *at) {
    static const char *const prefixes[] = {"start_", "end_", "gap_start_", "gap_end_", ""};
    seine_json *inner SEINE_OWNED(seine_json_free_owned) = NULL;
    char name[32];
    size_t i = 0;
    for (; i < sizeof prefixes / sizeof *prefixes; i++) {
        snprintf(name, sizeof name, "%sother", prefixes[i]);
        if (seine_str_equal(at->key, seine_str_of(name))) break;
    }
    const seine_str text = seine_json_text(at->value);
    if (i == sizeof prefixes / sizeof *prefixes || text.size == 0 || text.data[0] != '{') return false;
    if (seine_json_parse(text, name, &inner, NULL) != SEINE_OK) return false;
    seine_json_iter it = {0};
    seine_buf key SEINE_OWNED(seine_buf_free);
    seine_buf_init(&key, KEY_MAX_BYTES);
    while (seine_json_next(seine_json_root(inner), &it) && w->status == SEINE_OK) {
        seine_buf_clear(&key);
        w->status = seine_buf_append_str(&key, prefixes[i]);
        if (w->status == SEINE_OK) w->status = seine_buf_append(&key, it.key.data, it.key.size);
        seine_json_key(w, seine_buf_str(&key));
        seine_json_put_value(w, it.value);
    }
    return true;
}

/* A row that was in columns is again what it was before. */
static seine_status spread_others(seine_json **json, bool *from_columns, const char *place, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    bool any = false;
    seine_json_iter it = {0};
    seine_buf_init(&text, ROW_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&text);
    seine_json_begin_object(&w);
    *from_columns = seine_json_get(seine_json_root(*json), "other") != NULL;
    while (seine_json_next(seine_json_root(*json), &it)) {
        if (put_other(&w, &it)) {
            any = true;
            continue;
        }
        seine_json_key(&w, it.key);
        seine_json_put_value(&w, it.value);
    }
    seine_json_end_object(&w);
    if (w.status != SEINE_OK) return seine_fail(error, w.status, "%s: row too large", place);
    if (!any) return SEINE_OK;
    seine_json_free(*json);
    *json = NULL;
    return seine_json_parse(seine_buf_str(&text), place, json, error);
}

/* Rows of one text on their way. */
typedef struct stored_reading {
    seine_detect *detect;
    const seine_detect_text *input;
    seine_detect_memory *memory;
    size_t line; /* of the row, as the user counts */
    seine_error *error;
} stored_reading;

/* A parsed row takes about four times as much as its text. */
static seine_status count_bytes(const stored_reading *r, size_t size) {
    const size_t bytes = 4 * size;
    if (bytes > r->memory->left_bytes) return seine_detect_too_large(r->input->name, r->memory, r->error);
    r->memory->left_bytes -= bytes;
    return seine_pace_go(r->detect->pace, 1 + size / SEINE_JSON_STEP_BYTES)
               ? SEINE_OK
               : seine_fail(r->error, SEINE_E_INTERRUPTED, "interrupted");
}

static seine_status add_stored(const stored_reading *r, seine_str object) {
    seine_detect *detect = r->detect;
    char place[512];
    SEINE_TRY(count_bytes(r, object.size));
    snprintf(place, sizeof place, "%s %s %zu", r->input->name, r->input->unit, r->line);
    if (SEINE_ARRAY_ROOM(detect->stored, detect->stored_count, detect->stored_capacity, 1, (size_t)UINT32_MAX) !=
        SEINE_OK)
        return seine_no_memory(r->error, place);
    seine_detect_stored *out = &detect->stored[detect->stored_count++];
    *out = (seine_detect_stored){.mover = SEINE_DETECT_NONE};
    SEINE_TRY(seine_json_parse(object, place, &out->json, r->error));
    SEINE_TRY(check_once(seine_json_root(out->json), place, r->error));
    if (memmem(object.data, object.size, "other\":", 7) != NULL)
        SEINE_TRY(spread_others(&out->json, &out->from_columns, place, r->error));
    return take_stored(detect, seine_json_root(out->json), out, place, r->error);
}

static seine_status read_stored_json(stored_reading *r, seine_str text) {
    const seine_detect_text *input = r->input;
    seine_json_walk walk = {.place = 0};
    seine_str object;
    const char *before = text.data;
    seine_json_walk_begin(&walk, text);
    for (r->line = 1; seine_json_walk_next(&walk, &object); before = object.data) {
        const size_t size = (size_t)(object.data - before);
        r->line += seine_messages_line((seine_str){before, size}, size) - 1;
        SEINE_TRY(add_stored(r, object));
    }
    if (walk.object.scan.fault == SEINE_JSON_SOUND) return SEINE_OK;
    return seine_messages_fault(&walk.object, text, input->name, input->unit, r->error);
}

static seine_status read_stored_csv(stored_reading *r, seine_str text) {
    seine_csv_objects rows SEINE_OWNED(seine_csv_objects_close) = {0};
    seine_buf object SEINE_OWNED(seine_buf_free);
    seine_buf_init(&object, ROW_MAX_BYTES);
    SEINE_TRY(seine_csv_objects_open(&rows, text, r->input->name, r->error));
    for (;;) {
        SEINE_TRY(seine_csv_objects_next(&rows, r->error));
        if (rows.record.raw.data == NULL) return SEINE_OK;
        seine_buf_clear(&object);
        const seine_status status = seine_csv_objects_put(&rows, &object);
        if (status != SEINE_OK) return seine_no_memory(r->error, r->input->name);
        r->line = rows.row;
        SEINE_TRY(add_stored(r, seine_buf_str(&object)));
    }
}

seine_status seine_detect_read_stored(seine_detect *detect, const seine_detect_text *input, seine_detect_memory *memory,
                                      seine_error *error) {
    stored_reading r = {.detect = detect, .input = input, .memory = memory, .error = error};
    const seine_str text = seine_buf_str(&input->text);
    if (text.size > 0) SEINE_TRY(input->is_csv ? read_stored_csv(&r, text) : read_stored_json(&r, text));
    keep_newest(detect);
    return SEINE_OK;
}

void seine_detect_free_stored(seine_detect *detect) {
    for (size_t i = 0; i < detect->stored_count; i++) seine_json_free(detect->stored[i].json);
    free(detect->stored);
}

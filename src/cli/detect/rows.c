/*
 * One gap as a JSON object: keys, their order and their texts (SPEC 2.3; 2.6 for the 2024 profile), and ids. And the
 * rows of any detector one after the other.
 */
#include "cli/detect/fixes.h"

#include "base/number.h"
#include "base/try.h"
#include "seine/gap.h"

#include <math.h>
#include <stdio.h>

#define KEY_MAX_BYTES (1024 * 1024)
#define ROW_MAX_BYTES ((size_t)1 << 32)
#define PROGRESS_EVERY 1024

static const char *const COUNT_KEYS[4] = {"positions_hours_before", "positions_hours_before_ter",
                                          "positions_hours_before_sat", "positions_hours_before_dyn"};

/* Everything one row is made of. */
typedef struct row_writer {
    const seine_detect *detect;
    const seine_detect_gap *gap;
    seine_json_writer *w;
    seine_buf *key;                               /* scratch */
    const seine_detect_fields *off, *on, *stored; /* of messages and of the stored gap; without any = not there */
    bool is_open, is_stored;
    seine_status status; /* first failure of ours */
} row_writer;

/* ---- messages -------------------------------------------------------------------------------------------------- */

static const seine_message *message_at(const seine_detect *detect, uint32_t row) {
    size_t count = 0;
    return seine_messages_rows(&detect->messages, &count) + row;
}

/* ---- ids ------------------------------------------------------------------------------------------------------- */

/* Whole numbers print without a point, all others as floats; `null_text` for a value that is not a number. */
static void id_text(seine_json_value value, double fallback, char text[32]) {
    if (seine_json_kind_of(value) == SEINE_JSON_INT) {
        snprintf(text, 32, "%lld", (long long)seine_json_int(value, 0));
    } else {
        seine_number_text(seine_json_number(value, fallback), text);
    }
}

static void coordinate_text(seine_json_value value, char text[32]) {
    const double degrees = seine_json_number(value, 0);
    const seine_str quoted = seine_json_text(value);
    if (quoted.size > 0)
        snprintf(text, 32, "%.*s", SEINE_STR_ARG(quoted));
    else if (degrees == 0 || isnan(degrees))
        snprintf(text, 32, "0.0");
    else
        id_text(value, 0, text);
}

/* Of equal keys the last counts. */
typedef struct place {
    seine_json_value time, lat, lon;
} place;

static void id_of_place(const seine_detect *detect, const seine_message *message, const place *off, char id[33]) {
    char time_text[32], lat_text[32], lon_text[32];
    id_text(off->time, message->time_s, time_text);
    coordinate_text(off->lat, lat_text);
    coordinate_text(off->lon, lon_text);
    const seine_str ssvid = seine_messages_ssvid(&detect->messages, message->mover);
    seine_gap_id(ssvid.data, ssvid.size, time_text, lat_text, lon_text, id);
}

/* As the events of a lake are called. */
static void id_of_fix(const seine_detect *detect, uint32_t row, char id[33]) {
    const seine_fix *fix = detect->fixes->rows[row];
    const seine_str mover = detect->fixes->pool.movers.entries[fix->mover];
    seine_gap_id_of_fix(mover.data, mover.size, fix->ts_us, fix->lat_deg, fix->lon_deg, id);
}

seine_status seine_detect_id_of(const seine_detect *detect, uint32_t row, char id[33], seine_error *error) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_detect_parse_message(detect, row, &json, error));
    place off = {NULL, NULL, NULL};
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        if (seine_str_equal(it.key, SEINE_STR("timestamp"))) off.time = it.value;
        if (seine_str_equal(it.key, SEINE_STR("lat"))) off.lat = it.value;
        if (seine_str_equal(it.key, SEINE_STR("lon"))) off.lon = it.value;
    }
    id_of_place(detect, message_at(detect, row), &off, id);
    return SEINE_OK;
}

/* ---- keys and values ------------------------------------------------------------------------------------------- */

static void put_key(row_writer *r, const char *prefix, seine_str key) {
    seine_buf_clear(r->key);
    seine_status status = seine_buf_append_str(r->key, prefix);
    if (status == SEINE_OK) status = seine_buf_append(r->key, key.data, key.size);
    if (status != SEINE_OK && r->w->status == SEINE_OK) r->w->status = status;
    seine_json_key(r->w, seine_buf_str(r->key));
}

static void put_number(row_writer *r, const char *key, double value) { seine_json_field_number(r->w, key, value); }

static bool is_id(const row_writer *r, seine_str key) {
    return seine_str_equal(key, seine_str_of(seine_detect_id_name(r->detect)));
}

/* One field written: a step. @return false when the row is given up. */
static bool goes_on(row_writer *r) {
    if (r->status == SEINE_OK && !seine_pace_go(r->detect->pace, 1)) r->status = SEINE_E_INTERRUPTED;
    return r->status == SEINE_OK && r->w->status == SEINE_OK;
}

/* All fields of a message with a prefix, or as null. */
static void put_fields(row_writer *r, const char *prefix, const seine_detect_fields *message, double time_s,
                       bool as_null, bool with_ssvid) {
    for (size_t i = 0; i < message->count && goes_on(r); i++) {
        const seine_detect_field *field = &message->fields[i];
        if (!with_ssvid && is_id(r, field->key)) continue;
        put_key(r, prefix, field->key);
        if (as_null)
            seine_json_put_null(r->w);
        else
            seine_detect_put_value(r->detect, r->w, field->key, field->value, time_s);
    }
}

/* The stored gap's OFF: what its start_ keys tell of the keys that ON has too, in ON's order. */
static void put_stored_fields(row_writer *r, const char *prefix, bool with_ssvid) {
    const char *stored_prefix = r->detect->stored[r->gap->stored].prefix;
    for (size_t i = 0; i < r->on->count && goes_on(r); i++) {
        const seine_str key = r->on->fields[i].key;
        if (is_id(r, key) && !with_ssvid) continue;
        seine_buf_clear(r->key);
        seine_status status = is_id(r, key) ? SEINE_OK : seine_buf_append_str(r->key, stored_prefix);
        if (status == SEINE_OK) status = seine_buf_append(r->key, key.data, key.size);
        if (status != SEINE_OK) r->w->status = status;
        const seine_json_value value = seine_detect_fields_value(r->stored, seine_buf_str(r->key));
        if (value == NULL) continue;
        put_key(r, prefix, key);
        seine_json_put_value(r->w, value);
    }
}

static const char *start_prefix(const row_writer *r) { return r->detect->options.is_2024 ? "gap_start_" : "start_"; }

static const char *end_prefix(const row_writer *r) { return r->detect->options.is_2024 ? "gap_end_" : "end_"; }

/* start_* and end_*, or OFF and ON. An open gap's end has the keys of its start. */
static void put_ends(row_writer *r) {
    const seine_detect_options *options = &r->detect->options;
    const bool flat = options->normalize;
    const bool with_ssvid = !flat && options->is_2024;
    if (!flat) {
        seine_json_field_object(r->w, "OFF");
    }
    if (r->is_stored)
        put_stored_fields(r, flat ? start_prefix(r) : "", with_ssvid);
    else
        put_fields(r, flat ? start_prefix(r) : "", r->off, r->gap->off_time_s, false, with_ssvid);
    if (!flat) {
        seine_json_end_object(r->w);
        seine_json_field_object(r->w, "ON");
    }
    put_fields(r, flat ? end_prefix(r) : "", r->is_open ? r->off : r->on, r->gap->on_time_s, r->is_open, with_ssvid);
    if (!flat) seine_json_end_object(r->w);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void put_counts(row_writer *r) {
    for (int i = 0; i < 4; i++) {
        const seine_str key = seine_str_of(COUNT_KEYS[i]);
        const seine_json_value kept = seine_detect_fields_value(r->stored, key);
        if (r->is_stored && kept == NULL) continue;
        seine_json_key(r->w, key);
        if (r->is_stored)
            seine_json_put_value(r->w, kept);
        else
            seine_json_put_int(r->w, (int64_t)r->gap->counts[i]);
    }
}

static void put_id(row_writer *r) {
    char id[33];
    seine_json_key(r->w, SEINE_STR("gap_id"));
    if (r->is_stored) {
        seine_json_put_text(r->w, r->detect->stored[r->gap->stored].gap_id);
        return;
    }
    if (r->detect->fixes != NULL) {
        id_of_fix(r->detect, r->gap->off, id);
        seine_json_put_text(r->w, seine_str_of(id));
        return;
    }
    const place off = {seine_detect_fields_value(r->off, SEINE_STR("timestamp")),
                       seine_detect_fields_value(r->off, SEINE_STR("lat")),
                       seine_detect_fields_value(r->off, SEINE_STR("lon"))};
    id_of_place(r->detect, message_at(r->detect, r->gap->off), &off, id);
    seine_json_put_text(r->w, seine_str_of(id));
}

static void put_mover(row_writer *r) {
    const seine_detect_fields *message = r->is_stored ? r->on : r->off;
    const seine_str name = seine_str_of(seine_detect_id_name(r->detect));
    seine_json_key(r->w, name);
    seine_json_put_value(r->w, seine_detect_fields_value(message, name));
}

static void put_version(row_writer *r, const char *key) { seine_json_field_int(r->w, key, r->detect->options.version); }

static void put_is_closed(row_writer *r) { seine_json_field_bool(r->w, "is_closed", !r->is_open); }

static void put_measures(row_writer *r) {
    const double duration_h = seine_gap_duration_h(r->gap->on_time_s - r->gap->off_time_s);
    put_number(r, "distance_m", r->gap->distance_m);
    put_number(r, "duration_h", duration_h);
    put_number(r, "implied_speed_knots", seine_gap_speed_knots(r->gap->distance_m, duration_h));
}

static bool starts_with(seine_str text, const char *prefix) {
    const size_t size = strlen(prefix);
    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

/* Whether a row made of messages has this key: those of the stored gap that it has not stay as they were. */
static bool is_written(const row_writer *r, seine_str key) {
    static const char *const fixed[] = {"gap_id",     "ssvid",      "is_closed",           "version",
                                        "distance_m", "duration_h", "implied_speed_knots", "gap_version",
                                        "OFF",        "ON"};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        if (seine_str_equal(key, seine_str_of(fixed[i]))) return true;
    }
    for (size_t i = 0; i < 4; i++) {
        if (seine_str_equal(key, seine_str_of(COUNT_KEYS[i]))) return true;
    }
    const char *prefixes[] = {start_prefix(r), end_prefix(r)};
    for (size_t i = 0; i < 2; i++) {
        if (!starts_with(key, prefixes[i])) continue;
        const size_t size = strlen(prefixes[i]);
        const seine_str bare = {key.data + size, key.size - size};
        if (!r->detect->options.normalize) return true;
        return !is_id(r, bare) && seine_detect_fields_value(r->on, bare) != NULL;
    }
    return false;
}

static void put_survivors(row_writer *r) {
    for (size_t i = 0; r->is_stored && i < r->stored->count && goes_on(r); i++) {
        const seine_detect_field *field = &r->stored->fields[i];
        const bool is_null = seine_json_kind_of(field->value) == SEINE_JSON_NULL;
        if (is_written(r, field->key) || (is_null && r->detect->stored[r->gap->stored].from_columns)) continue;
        seine_json_key(r->w, field->key);
        seine_json_put_value(r->w, field->value);
    }
}

static void put_row(row_writer *r) {
    seine_json_begin_object(r->w);
    if (r->detect->options.is_2024) {
        put_id(r);
        put_version(r, "gap_version");
        put_mover(r);
        put_is_closed(r);
    } else {
        put_counts(r);
        put_id(r);
        put_mover(r);
        put_version(r, "version");
        put_measures(r);
        put_is_closed(r);
    }
    put_ends(r);
    put_survivors(r);
    seine_json_end_object(r->w);
}

/* Parses a message and takes its fields; NONE has none. */
static seine_status take_message(const seine_detect *detect, uint32_t row, seine_json **json,
                                 seine_detect_fields *fields, seine_error *error) {
    if (row != SEINE_DETECT_NONE) {
        if (!seine_pace_go(detect->pace, message_at(detect, row)->size / 64)) return SEINE_E_INTERRUPTED;
        SEINE_TRY(seine_detect_parse_message(detect, row, json, error));
    }
    return seine_detect_fields_take(fields, seine_json_root(*json), detect->pace);
}

void seine_detect_rows_open(const seine_detect *detect, seine_detect_rows *rows) {
    *rows = (seine_detect_rows){.detect = detect};
    seine_buf_init(&rows->key, KEY_MAX_BYTES);
}

void seine_detect_rows_close(seine_detect_rows *rows) {
    seine_buf_free(&rows->key);
    seine_detect_fields_free(&rows->off);
    seine_detect_fields_free(&rows->on);
    seine_detect_fields_free(&rows->stored);
}

/* What a row is made from, and the row. */
static seine_status take_row(seine_detect_rows *rows, row_writer *r, seine_json **off, seine_json **on,
                             seine_error *error) {
    const seine_detect *detect = rows->detect;
    const seine_json *kept = r->is_stored ? detect->stored[r->gap->stored].json : NULL;
    SEINE_TRY(seine_detect_fields_take(&rows->stored, seine_json_root(kept), detect->pace));
    SEINE_TRY(take_message(detect, r->gap->off, off, &rows->off, error));
    SEINE_TRY(take_message(detect, r->gap->on, on, &rows->on, error));
    put_row(r);
    return r->status != SEINE_OK ? r->status : r->w->status;
}

seine_status seine_detect_put_row(seine_detect_rows *rows, const seine_detect_gap *gap, seine_json_writer *w,
                                  seine_error *error) {
    seine_json *off SEINE_OWNED(seine_json_free_owned) = NULL, *on SEINE_OWNED(seine_json_free_owned) = NULL;
    row_writer r = {.detect = rows->detect,
                    .gap = gap,
                    .w = w,
                    .key = &rows->key,
                    .off = &rows->off,
                    .on = &rows->on,
                    .stored = &rows->stored,
                    .is_open = gap->on == SEINE_DETECT_NONE,
                    .is_stored = gap->stored != SEINE_DETECT_NONE};
    const seine_status status = take_row(rows, &r, &off, &on, error);
    if (status == SEINE_E_INTERRUPTED) return seine_fail(error, status, "interrupted");
    if (status == SEINE_E_NOMEM || status == SEINE_E_LIMIT)
        return seine_fail(error, status, "row too large, or out of memory");
    return status;
}

/* ---- all rows ---------------------------------------------------------------------------------------------------- */

static size_t row_count_of(const seine_detect *detect) {
    size_t count = 0;
    switch (detect->options.kind) {
    case SEINE_DETECT_GAPS: (void)seine_detect_gaps(detect, &count); break;
    case SEINE_DETECT_SEGMENTS: (void)seine_messages_rows(&detect->messages, &count); break;
    case SEINE_DETECT_FISHING: (void)seine_detect_fishing(detect, &count); break;
    }
    return count;
}

/* @return whether row @p i is one of the answer. */
static bool is_row(const seine_detect *detect, size_t i) {
    size_t count = 0;
    switch (detect->options.kind) {
    case SEINE_DETECT_GAPS: break;
    case SEINE_DETECT_SEGMENTS: return detect->verdicts[i].is_wanted;
    case SEINE_DETECT_FISHING: return detect->options.explains || seine_detect_fishing(detect, &count)[i].is_kept;
    }
    return true;
}

static seine_status put_any(seine_detect_rows *rows, size_t i, seine_json_writer *w, seine_error *error) {
    size_t count = 0;
    switch (rows->detect->options.kind) {
    case SEINE_DETECT_GAPS: break;
    case SEINE_DETECT_SEGMENTS: return seine_detect_put_segmented(rows, (uint32_t)i, w, error);
    case SEINE_DETECT_FISHING:
        return seine_detect_put_fishing(rows, &seine_detect_fishing(rows->detect, &count)[i], w, error);
    }
    return seine_detect_put_row(rows, &seine_detect_gaps(rows->detect, &count)[i], w, error);
}

seine_status seine_detect_each_row(const seine_detect *detect, bool parsed, seine_detect_visit visit, void *context,
                                   seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_detect_rows rows SEINE_OWNED(seine_detect_rows_close) = {0};
    seine_buf_init(&text, ROW_MAX_BYTES);
    seine_detect_rows_open(detect, &rows);
    const size_t count = row_count_of(detect);
    for (size_t i = 0; i < count; i++) {
        seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
        if (!is_row(detect, i)) continue;
        seine_buf_clear(&text);
        seine_json_writer w = seine_json_writer_to(&text);
        w.ascii = true;
        w.python_spaces = true;
        SEINE_TRY(put_any(&rows, i, &w, error));
        if (parsed) SEINE_TRY(seine_json_parse(seine_buf_str(&text), "row", &json, error));
        SEINE_TRY(visit(context, seine_json_root(json), seine_buf_str(&text), error));
        if (i % PROGRESS_EVERY == 0) seine_progress_report(detect->progress, "writing", i, count);
    }
    return SEINE_OK;
}

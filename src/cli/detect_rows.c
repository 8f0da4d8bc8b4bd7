/* One gap as a JSON object: keys, their order and their texts (SPEC 2.3; 2.6 for the 2024 profile), and ids. */
#include "cli/detect.h"

#include "base/number.h"
#include "seine/gap.h"

#include <math.h>
#include <stdio.h>

#define KEY_MAX_BYTES (1024 * 1024)

static const char *const COUNT_KEYS[4] = {"positions_hours_before", "positions_hours_before_ter",
                                          "positions_hours_before_sat", "positions_hours_before_dyn"};

/* Everything one row is made of. */
typedef struct row_writer {
    const seine_detect *detect;
    const seine_detect_gap *gap;
    seine_json_writer *w;
    seine_buf key;           /* scratch */
    seine_json *off, *on;    /* parsed messages; NULL = stored, open */
    seine_json_value stored; /* the stored gap, or NULL */
} row_writer;

/* ---- reading messages again ------------------------------------------------------------------------------------ */

static const seine_message *message_at(const seine_detect *detect, uint32_t row) {
    size_t count = 0;
    return seine_messages_rows(&detect->messages, &count) + row;
}

static seine_status parse_message(const seine_detect *detect, uint32_t row, seine_json **json, seine_error *error) {
    const seine_messages *messages = &detect->messages;
    const seine_message *message = message_at(detect, row);
    seine_error inner = {.status = SEINE_OK};
    const seine_str text = {messages->text.data + message->offset, message->size};
    const seine_status status = seine_json_parse(text, "message", json, &inner);
    if (status == SEINE_OK) return SEINE_OK;
    return seine_fail(error, status, "%s %s %zu: %s", messages->name, messages->unit,
                      seine_messages_line(messages->text, message->offset), inner.text);
}

/* The last of equal keys counts, where the first of them stands. @return whether the key was seen before. */
static bool is_repeated(seine_json_value object, const seine_json_iter *at) {
    seine_json_iter it = {0};
    while (seine_json_next(object, &it) && it.index < at->index) {
        if (seine_str_equal(it.key, at->key)) return true;
    }
    return false;
}

static seine_json_value last_value(seine_json_value object, seine_str key) {
    seine_json_value value = NULL;
    seine_json_iter it = {0};
    while (seine_json_next(object, &it)) {
        if (seine_str_equal(it.key, key)) value = it.value;
    }
    return value;
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

static void id_of_json(const seine_detect *detect, const seine_message *message, seine_json_value off, char id[33]) {
    char time_text[32], lat_text[32], lon_text[32];
    id_text(last_value(off, SEINE_STR("timestamp")), message->time_s, time_text);
    coordinate_text(last_value(off, SEINE_STR("lat")), lat_text);
    coordinate_text(last_value(off, SEINE_STR("lon")), lon_text);
    const seine_str ssvid = seine_messages_ssvid(&detect->messages, message->mover);
    seine_gap_id(ssvid.data, ssvid.size, time_text, lat_text, lon_text, id);
}

seine_status seine_detect_id_of(const seine_detect *detect, uint32_t row, char id[33], seine_error *error) {
    seine_json *json = NULL;
    const seine_status status = parse_message(detect, row, &json, error);
    if (status == SEINE_OK) id_of_json(detect, message_at(detect, row), seine_json_root(json), id);
    seine_json_free(json);
    return status;
}

/* ---- keys and values ------------------------------------------------------------------------------------------- */

static void put_key(row_writer *r, const char *prefix, seine_str key) {
    seine_buf_clear(&r->key);
    seine_status status = seine_buf_append_str(&r->key, prefix);
    if (status == SEINE_OK) status = seine_buf_append(&r->key, key.data, key.size);
    if (status != SEINE_OK && r->w->status == SEINE_OK) r->w->status = status;
    seine_json_key(r->w, seine_buf_str(&r->key));
}

static void put_number(row_writer *r, const char *key, double value) {
    seine_json_key(r->w, seine_str_of(key));
    seine_json_put_number(r->w, value);
}

/* Times given as text print as the seconds they stand for. */
static void put_field(row_writer *r, seine_str key, seine_json_value value, double time_s) {
    const bool is_time_text =
        seine_json_kind_of(value) == SEINE_JSON_TEXT && seine_str_equal(key, SEINE_STR("timestamp"));
    if (is_time_text)
        seine_json_put_number(r->w, time_s);
    else
        seine_json_put_value(r->w, value);
}

static bool is_ssvid(seine_str key) { return seine_str_equal(key, SEINE_STR("ssvid")); }

/* All fields of a message with a prefix, or as null. */
static void put_fields(row_writer *r, const char *prefix, seine_json_value message, double time_s, bool as_null,
                       bool with_ssvid) {
    seine_json_iter it = {0};
    while (seine_json_next(message, &it)) {
        if ((!with_ssvid && is_ssvid(it.key)) || is_repeated(message, &it)) continue;
        put_key(r, prefix, it.key);
        if (as_null)
            seine_json_put_null(r->w);
        else
            put_field(r, it.key, last_value(message, it.key), time_s);
    }
}

/* The stored gap's OFF: what its start_ keys tell of the keys that ON has too, in ON's order. */
static void put_stored_fields(row_writer *r, const char *prefix, seine_json_value on, bool with_ssvid) {
    const char *stored_prefix = r->detect->stored[r->gap->stored].prefix;
    seine_json_iter it = {0};
    while (seine_json_next(on, &it)) {
        if (is_repeated(on, &it)) continue;
        if (is_ssvid(it.key) && !with_ssvid) continue;
        seine_buf_clear(&r->key);
        seine_status status = is_ssvid(it.key) ? SEINE_OK : seine_buf_append_str(&r->key, stored_prefix);
        if (status == SEINE_OK) status = seine_buf_append(&r->key, it.key.data, it.key.size);
        if (status != SEINE_OK) r->w->status = status;
        const seine_json_value value = last_value(r->stored, seine_buf_str(&r->key));
        if (value == NULL) continue;
        put_key(r, prefix, it.key);
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
    const seine_json_value off = seine_json_root(r->off), on = seine_json_root(r->on);
    if (!flat) {
        seine_json_key(r->w, SEINE_STR("OFF"));
        seine_json_begin_object(r->w);
    }
    if (r->stored != NULL)
        put_stored_fields(r, flat ? start_prefix(r) : "", on, with_ssvid);
    else
        put_fields(r, flat ? start_prefix(r) : "", off, r->gap->off_time_s, false, with_ssvid);
    if (!flat) {
        seine_json_end_object(r->w);
        seine_json_key(r->w, SEINE_STR("ON"));
        seine_json_begin_object(r->w);
    }
    const bool is_open = r->on == NULL;
    put_fields(r, flat ? end_prefix(r) : "", is_open ? off : on, r->gap->on_time_s, is_open, with_ssvid);
    if (!flat) seine_json_end_object(r->w);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void put_counts(row_writer *r) {
    for (int i = 0; i < 4; i++) {
        const seine_str key = seine_str_of(COUNT_KEYS[i]);
        const seine_json_value kept = last_value(r->stored, key);
        if (r->stored != NULL && kept == NULL) continue;
        seine_json_key(r->w, key);
        if (r->stored != NULL)
            seine_json_put_value(r->w, kept);
        else
            seine_json_put_int(r->w, (int64_t)r->gap->counts[i]);
    }
}

static void put_id(row_writer *r) {
    char id[33];
    seine_json_key(r->w, SEINE_STR("gap_id"));
    if (r->stored != NULL) {
        seine_json_put_text(r->w, r->detect->stored[r->gap->stored].gap_id);
        return;
    }
    id_of_json(r->detect, message_at(r->detect, r->gap->off), seine_json_root(r->off), id);
    seine_json_put_text(r->w, seine_str_of(id));
}

static void put_ssvid(row_writer *r) {
    const seine_json_value message = seine_json_root(r->off != NULL ? r->off : r->on);
    seine_json_key(r->w, SEINE_STR("ssvid"));
    seine_json_put_value(r->w, last_value(message, SEINE_STR("ssvid")));
}

static void put_version(row_writer *r, const char *key) {
    seine_json_key(r->w, seine_str_of(key));
    seine_json_put_int(r->w, r->detect->options.version);
}

static void put_is_closed(row_writer *r) {
    seine_json_key(r->w, SEINE_STR("is_closed"));
    seine_json_put_bool(r->w, r->on != NULL);
}

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
        return !is_ssvid(bare) && last_value(seine_json_root(r->on), bare) != NULL;
    }
    return false;
}

static void put_survivors(row_writer *r) {
    seine_json_iter it = {0};
    while (seine_json_next(r->stored, &it)) {
        if (is_written(r, it.key) || is_repeated(r->stored, &it)) continue;
        seine_json_key(r->w, it.key);
        seine_json_put_value(r->w, it.value);
    }
}

static void put_row(row_writer *r) {
    seine_json_begin_object(r->w);
    if (r->detect->options.is_2024) {
        put_id(r);
        put_version(r, "gap_version");
        put_ssvid(r);
        put_is_closed(r);
    } else {
        put_counts(r);
        put_id(r);
        put_ssvid(r);
        put_version(r, "version");
        put_measures(r);
        put_is_closed(r);
    }
    put_ends(r);
    put_survivors(r);
    seine_json_end_object(r->w);
}

seine_status seine_detect_put_row(const seine_detect *detect, const seine_detect_gap *gap, seine_json_writer *w,
                                  seine_error *error) {
    row_writer r = {.detect = detect, .gap = gap, .w = w};
    seine_buf_init(&r.key, KEY_MAX_BYTES);
    seine_status status = SEINE_OK;
    if (gap->stored != SEINE_DETECT_NONE) r.stored = seine_json_root(detect->stored[gap->stored].json);
    if (gap->off != SEINE_DETECT_NONE) status = parse_message(detect, gap->off, &r.off, error);
    if (status == SEINE_OK && gap->on != SEINE_DETECT_NONE) status = parse_message(detect, gap->on, &r.on, error);
    if (status == SEINE_OK) {
        put_row(&r);
        status = w->status;
        if (status != SEINE_OK) status = seine_fail(error, status, "row too large, or out of memory");
    }
    seine_json_free(r.off);
    seine_json_free(r.on);
    seine_buf_free(&r.key);
    return status;
}

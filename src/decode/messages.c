/*
 * JSON or CSV text → message table. The records are walked over once and strictly, and the few keys that detection
 * needs are taken on the way, as they stand in JSON. Everything else of a message is parsed only if a row shows it.
 */
#include "decode/messages.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/receiver.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PROGRESS_EVERY 65536
/* Room of one table: all messages it may have. */
#define ROWS_MAX_BYTES ((size_t)SEINE_MESSAGES_MAX * sizeof(seine_message))
#define SSVID_MAX_BYTES 4096
/* Of a field of CSV as JSON: escapes of six bytes for each of its own, and a number. */
#define CSV_VALUE_BYTES(size) (6 * (size) + 40)

/* Keys of a message that mean something, in the order of its columns; the further fields are behind them. */
enum { SSVID, TIME, LAT, LON, RECEIVER, SHORE, KEYS };
static const char *const keys[KEYS] = {"ssvid", "timestamp", "lat", "lon", "receiver_type", "distance_from_shore_m"};
#define COLUMNS_MAX (KEYS + SEINE_MESSAGES_FIELDS_MAX)
_Static_assert(COLUMNS_MAX <= SEINE_DATASET_COLUMNS_MAX, "a plan has no more columns");

/* An input being read. */
typedef struct reading {
    seine_messages *table;
    seine_messages_input input;
    uint16_t number; /* of the input */
    size_t column_count;
    const char *names[COLUMNS_MAX];
    seine_str value[COLUMNS_MAX]; /* of the message, as JSON; data NULL = it lacks the key */
    seine_error *error;
    seine_str last_ssvid; /* most messages follow one of the same mover */
    uint32_t last_mover;
} reading;

/* ---- errors ---------------------------------------------------------------------------------------------------- */

size_t seine_messages_line(seine_str text, uint64_t offset) {
    size_t line = 1;
    const char *p = text.data;
    const char *end = text.data + (offset < text.size ? (size_t)offset : text.size);
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
        line++;
        p++;
    }
    return line;
}

/* Of CSV the row that is read. */
static size_t line_at(const reading *r, const char *at) {
    if (r->input.csv != NULL) return r->input.csv->row;
    return seine_messages_line(r->input.text, (uint64_t)(at - r->input.text.data));
}

/* A limit of one message: the next step is the user's, so the limit is named. */
static seine_status too_large(const reading *r, const char *at, const char *what, size_t most) {
    return seine_fail(r->error, SEINE_E_LIMIT, "%s %s %zu: %s of more than %zu bytes", r->input.name, r->input.unit,
                      line_at(r, at), what, most);
}

static int shown_bytes(seine_str text) { return text.size < 60 ? (int)text.size : 60; }

static seine_status wrong_value(const reading *r, const char *key, seine_str value, const char *expected) {
    return seine_fail(r->error, SEINE_E_FORMAT, "%s %s %zu: %s is %.*s, expected %s", r->input.name, r->input.unit,
                      line_at(r, value.data), key, shown_bytes(value), value.data, expected);
}

static seine_status missing_key(const reading *r, seine_str message, const char *key) {
    r->table->lacks_key = true;
    return seine_fail(r->error, SEINE_E_FORMAT, "%s %s %zu: Missing key in input messages: '%s'", r->input.name,
                      r->input.unit, line_at(r, message.data), key);
}

/* ---- what is no JSON ------------------------------------------------------------------------------------------- */

/* Words that other languages write and JSON has not: NaN, Infinity, None … @return whether one stands at `at`. */
static bool is_foreign_word(const char *at, const char *end, seine_str *word) {
    static const char *const words[] = {"nan", "infinity", "inf", "none", "undefined", "true", "false", "null"};
    const char *p = at + (at < end && (*at == '-' || *at == '+'));
    while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))) p++;
    *word = (seine_str){at, (size_t)(p - at)};
    const size_t sign = word->size > 0 && (*at == '-' || *at == '+');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (seine_str_equal_nocase((seine_str){at + sign, word->size - sign}, seine_str_of(words[i]))) return true;
    }
    return false;
}

seine_status seine_messages_fault(const seine_json_object *object, seine_str text, const char *name, const char *unit,
                                  seine_error *error) {
    const seine_json_scan *scan = &object->scan;
    const size_t line = seine_messages_line(text, (uint64_t)(scan->fault_at - text.data));
    seine_str word, key = object->key;
    switch (scan->fault) {
    case SEINE_JSON_LONG_TEXT:
        return seine_fail(error, SEINE_E_LIMIT, "%s %s %zu: %s of more than %zu bytes", name, unit, line, scan->what,
                          SEINE_MESSAGE_TEXT_MAX_BYTES);
    case SEINE_JSON_TOO_DEEP:
        return seine_fail(error, SEINE_E_LIMIT, "%s %s %zu: nested deeper than %d", name, unit, line,
                          SEINE_MESSAGE_DEEPEST);
    case SEINE_JSON_TWICE:
        return seine_fail(error, SEINE_E_FORMAT, "%s %s %zu: \"%.*s\" stands twice in one message", name, unit, line,
                          SEINE_STR_ARG(key));
    default: break;
    }
    if (scan->fault != SEINE_JSON_NO_VALUE || !is_foreign_word(scan->fault_at, scan->end, &word))
        return seine_fail(error, SEINE_E_FORMAT, "%s %s %zu: not JSON: %s", name, unit, line, scan->what);
    if (key.size == 0) key = SEINE_STR("a value");
    return seine_fail(error, SEINE_E_FORMAT, "%s %s %zu: %.*s is %.*s, which JSON does not have: write null%s", name,
                      unit, line, shown_bytes(key), key.data, SEINE_STR_ARG(word),
                      (word.data[0] | 32) == 't' || (word.data[0] | 32) == 'f' ? ", true or false" : "");
}

/* ---- movers ---------------------------------------------------------------------------------------------------- */

/* A text with escapes, as it reads, in quotes. */
static seine_status intern_escaped(seine_messages *messages, seine_str json, bool add, uint32_t *code) {
    seine_json *document SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(seine_json_parse(json, "ssvid", &document, NULL));
    seine_buf key SEINE_OWNED(seine_buf_free);
    seine_buf_init(&key, SSVID_MAX_BYTES);
    const seine_str text = seine_json_text(seine_json_root(document));
    SEINE_TRY(seine_buf_append(&key, "\"", 1));
    SEINE_TRY(seine_buf_append(&key, text.data, text.size));
    SEINE_TRY(seine_buf_append(&key, "\"", 1));
    if (add) return seine_dict_intern(&messages->movers, seine_buf_str(&key), code);
    *code = seine_dict_find(&messages->movers, seine_buf_str(&key));
    return SEINE_OK;
}

/* Numbers of equal value are one mover: 1.50 and 1.5. @return the text to intern. */
static seine_str number_key(seine_str json, char text[32]) {
    int64_t whole = 0;
    double value = 0;
    if (seine_integer_parse(json, &whole) || !seine_number_parse(json, &value)) return json;
    return (seine_str){text, seine_number_text(value, text)};
}

seine_status seine_messages_mover(seine_messages *messages, seine_str json, bool add, uint32_t *code) {
    char number[32];
    const char first = json.size > 0 ? json.data[0] : '\0';
    *code = SEINE_CODE_NULL;
    if (json.size > SSVID_MAX_BYTES) return SEINE_E_LIMIT;
    if (first == '"' && memchr(json.data, '\\', json.size) != NULL) return intern_escaped(messages, json, add, code);
    if (first == '-' || (first >= '0' && first <= '9'))
        json = number_key(json, number);
    else if (first != '"' && first != 'n')
        return SEINE_E_FORMAT;
    if (add) return seine_dict_intern(&messages->movers, json, code);
    *code = seine_dict_find(&messages->movers, json);
    return SEINE_OK;
}

seine_str seine_messages_ssvid(const seine_messages *messages, uint32_t mover) {
    const seine_str key = messages->movers.entries[mover];
    if (key.data[0] == 'n') return SEINE_STR("None");
    return key.data[0] == '"' ? (seine_str){key.data + 1, key.size - 2} : key;
}

static seine_status set_mover(reading *r, seine_message *row, seine_str ssvid) {
    if (!seine_str_equal(ssvid, r->last_ssvid)) {
        const seine_status status = seine_messages_mover(r->table, ssvid, true, &r->last_mover);
        if (status == SEINE_E_FORMAT) return wrong_value(r, "ssvid", ssvid, "text, a number or null");
        if (status != SEINE_OK) return seine_fail(r->error, status, "%s: too many or too long ssvids", r->input.name);
        r->last_ssvid = r->table->movers.entries[r->last_mover];
    }
    row->mover = r->last_mover;
    return SEINE_OK;
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static bool is_text(seine_str json) { return json.data[0] == '"'; }
static bool is_null(seine_str json) { return json.data[0] == 'n'; }
static bool is_number(seine_str json) { return json.data[0] == '-' || (json.data[0] >= '0' && json.data[0] <= '9'); }
static seine_str inside(seine_str text) { return (seine_str){text.data + 1, text.size - 2}; }

static seine_status set_time(const reading *r, seine_message *row, seine_str json) {
    int64_t time_us = 0;
    if (is_text(json) && seine_time_parse(inside(json), &time_us)) {
        row->time_s = (double)time_us / 1e6;
    } else if (!is_number(json) || !seine_number_parse(json, &row->time_s)) {
        return wrong_value(r, "timestamp", json, "seconds since 1970-01-01T00:00:00Z");
    }
    if (!(fabs(row->time_s) <= SEINE_MESSAGE_TIME_LIMIT_S)) {
        return wrong_value(r, "timestamp", json, "seconds (not milliseconds) since 1970-01-01T00:00:00Z");
    }
    return SEINE_OK;
}

/* Exports of some databases put numbers in quotes; such a number prints, and stands in ids, as it was given. */
static bool read_number(seine_str json, double *number) {
    if (is_number(json)) return seine_number_parse(json, number);
    if (!is_text(json) || inside(json).size > SEINE_MESSAGE_NUMBER_TEXT) return false;
    return seine_number_parse(inside(json), number);
}

static uint8_t receiver_of(seine_str json) {
    return is_text(json) ? seine_receiver_of(inside(json)) : (uint8_t)SEINE_RECEIVER_OTHER;
}

/* A number or null; without the key NaN. */
static seine_status set_number(const reading *r, size_t column, const char *expected, double *number) {
    const seine_str json = r->value[column];
    *number = NAN;
    if (json.data == NULL || is_null(json) || read_number(json, number)) return SEINE_OK;
    *number = NAN;
    return wrong_value(r, r->names[column], json, expected);
}

uint64_t seine_messages_text_hash(seine_str text) {
    const uint64_t hash = seine_hash64(text.data, text.size);
    return hash != 0 ? hash : 1;
}

static seine_status add_values(const reading *r) {
    seine_messages *table = r->table;
    for (size_t i = 0; i < table->field_count; i++) {
        const seine_str json = r->value[KEYS + i];
        seine_messages_value value = {.text = 0};
        if (!table->fields[i].is_text)
            SEINE_TRY(set_number(r, KEYS + i, "a number or null", &value.number));
        else if (json.data != NULL && !is_null(json))
            value.text = seine_messages_text_hash(is_text(json) ? inside(json) : json);
        SEINE_TRY(seine_buf_append(&table->values, &value, sizeof value));
    }
    return SEINE_OK;
}

/* What the values of a message are to it. */
static seine_status set_row(reading *r, seine_str message, seine_message *row) {
    const seine_str *value = r->value;
    const seine_str ssvid = value[SSVID].data != NULL ? value[SSVID] : SEINE_STR("null");
    if (value[SSVID].data == NULL && !r->table->may_lack_ssvid) return missing_key(r, message, keys[SSVID]);
    SEINE_TRY(set_mover(r, row, ssvid));
    if (value[TIME].data == NULL) return missing_key(r, message, keys[TIME]);
    SEINE_TRY(set_time(r, row, value[TIME]));
    SEINE_TRY(set_number(r, LAT, "degrees or null", &row->lat_deg));
    SEINE_TRY(set_number(r, LON, "degrees or null", &row->lon_deg));
    if (value[RECEIVER].data != NULL) row->receiver = receiver_of(value[RECEIVER]);
    if (value[SHORE].data == NULL || !read_number(value[SHORE], &row->shore_m)) row->shore_m = NAN;
    for (size_t key = LAT; key < KEYS; key++) row->keys |= (uint8_t)((value[key].data != NULL) << (key - LAT));
    return SEINE_OK;
}
_Static_assert(SEINE_MESSAGE_LAT == 1 && SEINE_MESSAGE_LON == 1 << (LON - LAT) &&
                   SEINE_MESSAGE_RECEIVER == 1 << (RECEIVER - LAT) && SEINE_MESSAGE_SHORE == 1 << (SHORE - LAT),
               "a bit for each key that may be missing, in their order");

static seine_status add_row(const reading *r, const seine_message *row) {
    seine_messages *table = r->table;
    seine_status status = seine_buf_append(&table->rows, row, sizeof *row);
    if (status == SEINE_OK) status = add_values(r);
    if (status == SEINE_OK || status == SEINE_E_FORMAT) return status;
    if (status == SEINE_E_NOMEM) return seine_fail(r->error, status, "%s: out of memory", r->input.name);
    return seine_fail(r->error, status, "%s: more than %zu messages", r->input.name, table->rows.max / sizeof *row);
}

/* The message whose values were read. */
static seine_status take_message(reading *r, seine_str message) {
    seine_message row = {
        .offset = (uint64_t)(message.data - r->input.text.data), .size = (uint32_t)message.size, .input = r->number};
    SEINE_TRY(set_row(r, message, &row));
    if (message.size > SEINE_MESSAGE_MAX_BYTES) return too_large(r, message.data, "a message", SEINE_MESSAGE_MAX_BYTES);
    r->table->keys_of_all &= row.keys;
    return add_row(r, &row);
}

/* After each message, and before the first. */
static void report(const reading *r, size_t count, const char *at) {
    const seine_progress *progress = r->table->pace != NULL ? r->table->pace->progress : NULL;
    if (count % PROGRESS_EVERY == 0)
        seine_progress_report(progress, "reading messages", (uint64_t)(at - r->input.text.data), r->input.text.size);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

static seine_status read_json(reading *r, seine_json_plan *plan) {
    seine_json_walk walk = {
        .object = {.plan = plan, .value = r->value, .column_count = r->column_count, .pace = r->table->pace}};
    seine_str message;
    if (seine_json_plan_names(plan, r->names, r->column_count) != SEINE_OK)
        return seine_fail(r->error, SEINE_E_NOMEM, "%s: out of memory", r->input.name);
    seine_json_walk_begin(&walk, r->input.text);
    for (size_t count = 0; seine_json_walk_next(&walk, &message); count++) {
        SEINE_TRY(take_message(r, message));
        report(r, count, message.data);
    }
    if (walk.object.scan.fault != SEINE_JSON_SOUND)
        return seine_messages_fault(&walk.object, r->input.text, r->input.name, r->input.unit, r->error);
    const seine_status status = walk.object.status;
    if (status == SEINE_E_INTERRUPTED) return seine_fail(r->error, status, "interrupted");
    return status == SEINE_OK ? SEINE_OK : seine_fail(r->error, status, "%s: out of memory", r->input.name);
}

/* ---- CSV ------------------------------------------------------------------------------------------------------- */

/* Which column each field is; *count fields at most. A name that stands twice is told of the first row. */
static seine_status find_columns(const reading *r, size_t *column_of) {
    const seine_csv_objects *csv = r->input.csv;
    size_t seen = 0;
    for (size_t field = 0; field < csv->count; field++) {
        size_t column = 0;
        while (column < r->column_count && !seine_str_equal(csv->column[field], seine_str_of(r->names[column])))
            column++;
        column_of[field] = column;
        if (column == r->column_count) continue;
        if ((seen >> column & 1) != 0)
            return seine_fail(r->error, SEINE_E_FORMAT, "%s %s 1: \"%s\" stands twice in one message", r->input.name,
                              r->input.unit, r->names[column]);
        seen |= (size_t)1 << column;
    }
    return SEINE_OK;
}

/* The values of the row, in memory that does not move meanwhile. */
static seine_status take_csv_values(reading *r, const size_t *column_of, seine_buf *json) {
    const seine_csv_objects *csv = r->input.csv;
    seine_buf_clear(json);
    SEINE_TRY(seine_buf_reserve(json, CSV_VALUE_BYTES(csv->record.raw.size) + csv->count * CSV_VALUE_BYTES(0)));
    for (size_t field = 0; field < csv->count; field++) {
        const size_t from = json->size;
        if (csv->record.field[field].size > SEINE_MESSAGE_TEXT_MAX_BYTES)
            return too_large(r, NULL, "a text", SEINE_MESSAGE_TEXT_MAX_BYTES);
        if (column_of[field] == r->column_count) continue;
        SEINE_TRY(seine_csv_objects_value(csv, field, json));
        r->value[column_of[field]] = (seine_str){(const char *)json->data + from, json->size - from};
    }
    return SEINE_OK;
}

static seine_status read_csv(reading *r, seine_buf *json) {
    seine_csv_objects *csv = r->input.csv;
    size_t column_of[SEINE_CSV_FIELDS];
    SEINE_TRY(seine_csv_objects_open(csv, r->input.text, r->input.name, r->error));
    for (;;) {
        SEINE_TRY(seine_csv_objects_next(csv, r->error));
        if (csv->record.raw.data == NULL) return SEINE_OK;
        if (csv->row == 1) SEINE_TRY(find_columns(r, column_of));
        const seine_status status = take_csv_values(r, column_of, json);
        if (status == SEINE_E_NOMEM) return seine_fail(r->error, status, "%s: out of memory", r->input.name);
        SEINE_TRY(status);
        SEINE_TRY(take_message(r, csv->record.raw));
        if (!seine_pace_go(r->table->pace, csv->count + csv->record.raw.size / SEINE_JSON_STEP_BYTES))
            return seine_fail(r->error, SEINE_E_INTERRUPTED, "interrupted");
        report(r, csv->row - 1, csv->record.raw.data);
    }
}

/* ---- the table ------------------------------------------------------------------------------------------------- */

void seine_messages_init(seine_messages *messages, size_t rows_max_bytes, seine_pace *pace) {
    *messages = (seine_messages){.pace = pace, .keys_of_all = UINT8_MAX};
    seine_buf_init(&messages->inputs, SEINE_MESSAGES_INPUTS_MAX * sizeof(seine_messages_input));
    seine_buf_init(&messages->rows, rows_max_bytes > 0 ? rows_max_bytes : ROWS_MAX_BYTES);
    seine_buf_init(&messages->values, 0);
}

void seine_messages_want(seine_messages *messages, const seine_messages_field *fields, size_t count) {
    assert(count <= SEINE_MESSAGES_FIELDS_MAX && messages->rows.size == 0);
    messages->fields = fields;
    messages->field_count = count;
    seine_buf_init(&messages->values,
                   messages->rows.max / sizeof(seine_message) * count * sizeof(seine_messages_value));
}

/* Makes the input one of the table. */
static seine_status add_input(seine_messages *messages, const seine_messages_input *input, reading *r,
                              seine_error *error) {
    const size_t number = messages->inputs.size / sizeof *input;
    const seine_status status = seine_buf_append(&messages->inputs, input, sizeof *input);
    if (status == SEINE_E_LIMIT)
        return seine_fail(error, status, "%s: more than %d inputs", input->name, SEINE_MESSAGES_INPUTS_MAX);
    if (status != SEINE_OK) return seine_fail(error, status, "%s: out of memory", input->name);
    *r = (reading){.table = messages, .input = *input, .number = (uint16_t)number, .error = error};
    for (; r->column_count < KEYS; r->column_count++) r->names[r->column_count] = keys[r->column_count];
    for (size_t i = 0; i < messages->field_count; i++) r->names[r->column_count++] = messages->fields[i].key;
    return SEINE_OK;
}

seine_status seine_messages_read(seine_messages *messages, seine_str text, const char *name, const char *unit,
                                 seine_error *error) {
    seine_json_plan plan SEINE_OWNED(seine_json_plan_free) = {0};
    reading r;
    SEINE_TRY(add_input(messages, &(seine_messages_input){name, unit, text, NULL}, &r, error));
    return read_json(&r, &plan);
}

seine_status seine_messages_read_csv(seine_messages *messages, seine_str text, const char *name, seine_error *error) {
    seine_buf json SEINE_OWNED(seine_buf_free);
    seine_buf_init(&json, SIZE_MAX / 2);
    seine_csv_objects *csv = calloc(1, sizeof *csv);
    reading r;
    if (csv == NULL) return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", name);
    const seine_status status = add_input(messages, &(seine_messages_input){name, "row", text, csv}, &r, error);
    if (status == SEINE_OK) return read_csv(&r, &json);
    free(csv);
    return status;
}

static const seine_messages_input *input_of(const seine_messages *messages, const seine_message *message) {
    return (const seine_messages_input *)(const void *)messages->inputs.data + message->input;
}

seine_status seine_messages_object(const seine_messages *messages, const seine_message *message, seine_buf *text,
                                   seine_str *object) {
    const seine_messages_input *input = input_of(messages, message);
    const size_t from = text->size;
    *object = (seine_str){input->text.data + message->offset, message->size};
    if (input->csv == NULL) return SEINE_OK;
    SEINE_TRY(seine_csv_objects_again(input->csv, *object));
    SEINE_TRY(seine_csv_objects_put(input->csv, text));
    *object = (seine_str){(const char *)text->data + from, text->size - from};
    return SEINE_OK;
}

/* Rows of CSV may go over lines, so they are counted. */
static size_t row_of(const seine_messages_input *input, uint64_t offset) {
    seine_csv_objects rows SEINE_OWNED(seine_csv_objects_close) = {0};
    if (seine_csv_objects_open(&rows, input->text, input->name, NULL) != SEINE_OK) return 0;
    while (seine_csv_objects_next(&rows, NULL) == SEINE_OK && rows.record.raw.data != NULL)
        if (rows.record.raw.data == input->text.data + offset) return rows.row;
    return 0;
}

void seine_messages_place(const seine_messages *messages, const seine_message *message, char place[512]) {
    const seine_messages_input *input = input_of(messages, message);
    const size_t line =
        input->csv != NULL ? row_of(input, message->offset) : seine_messages_line(input->text, message->offset);
    snprintf(place, 512, "%s %s %zu", input->name, input->unit, line);
}

void seine_messages_free(seine_messages *messages) {
    const seine_messages_input *inputs = (const seine_messages_input *)(const void *)messages->inputs.data;
    for (size_t i = 0; i < messages->inputs.size / sizeof *inputs; i++) {
        if (inputs[i].csv != NULL) seine_csv_objects_close(inputs[i].csv);
        free(inputs[i].csv);
    }
    seine_buf_free(&messages->inputs);
    seine_buf_free(&messages->rows);
    seine_buf_free(&messages->values);
    seine_dict_free(&messages->movers);
}

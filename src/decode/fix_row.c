/* The careful path: every rule and every reason for refusal. What a text means is decode/field.h's matter. */
#include "decode/fix_row.h"

#include "base/array.h"
#include "base/mmsi.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "decode/field.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define ID_DIGITS_MAX 64
#define ID_BYTES_MAX 256
#define KEY_MAX ((size_t)1 << 26)
#define TAILS_MAX (UINT32_C(1) << 20) /* remembered to be quick; more are of files whose statics never repeat */

/* ---- memory ---- */

void seine_fix_batch_free(seine_fix_batch *batch) {
    free(batch->fixes);
    free(batch->rejects);
    seine_buf_free(&batch->text);
    *batch = (seine_fix_batch){0};
}

static void forget_tails(seine_fix_decoder *decoder) {
    seine_dict_free(&decoder->tails);
    decoder->tails = (seine_dict){0};
    free(decoder->known_tails);
    free(decoder->last);
    decoder->known_tails = NULL;
    decoder->last = NULL;
    decoder->tail_capacity = 0;
}

void seine_fix_row_begin(seine_fix_decoder *decoder, const void *of) {
    if (decoder->tails_of == of && decoder->tails.count <= TAILS_MAX) return;
    forget_tails(decoder);
    decoder->tails_of = of;
}

/* ---- text that must be UTF-8 ---- */

static size_t utf8_length(const unsigned char *p, size_t size) {
    const size_t length = p[0] < 0x80 ? 1 : p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    return length <= size && seine_str_is_utf8((seine_str){(const char *)p, length}) ? length : 0;
}

/* Appends @p text with every byte that is not UTF-8, and NUL, replaced by U+FFFD. */
static seine_status append_clean(seine_buf *out, seine_str text) {
    for (size_t i = 0; i < text.size;) {
        const size_t length = utf8_length((const unsigned char *)text.data + i, text.size - i);
        const bool good = length > 0 && text.data[i] != '\0';
        SEINE_TRY(good ? seine_buf_append(out, text.data + i, length) : seine_buf_append(out, "\xEF\xBF\xBD", 3));
        i += good ? length : 1;
    }
    return SEINE_OK;
}

static bool is_clean(seine_str text) {
    return (text.size == 0 || memchr(text.data, '\0', text.size) == NULL) && seine_str_is_utf8(text);
}

/* ---- refusals and values that are none ---- */

seine_status seine_fix_row_refuse(seine_fix_batch *batch, seine_str raw, const char *format, ...) {
    SEINE_TRY(SEINE_ARRAY_ROOM(batch->rejects, batch->reject_count, batch->reject_capacity, 1, SEINE_FIX_ROWS_MAX));
    char reason[160];
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    const size_t reason_size = length < 0 ? 0 : (size_t)length < sizeof reason ? (size_t)length : sizeof reason - 1;
    if (raw.size > SEINE_CSV_RECORD_BYTES) raw.size = SEINE_CSV_RECORD_BYTES;

    seine_reject reject = {.row = batch->rows, .reason = (uint32_t)batch->text.size};
    seine_status status = append_clean(&batch->text, (seine_str){reason, reason_size});
    reject.reason_size = (uint32_t)(batch->text.size - reject.reason);
    reject.raw = (uint32_t)batch->text.size;
    if (status == SEINE_OK) status = append_clean(&batch->text, raw);
    reject.raw_size = (uint32_t)(batch->text.size - reject.raw);
    if (status == SEINE_OK) batch->rejects[batch->reject_count++] = reject;
    return status;
}

static int shown(seine_str text) { return text.size > 60 ? 60 : (int)text.size; }

/* Counts a value that became null; the first of a column is kept as it was. */
static seine_status count_measure(seine_fix_batch *batch, size_t column, seine_str text) {
    seine_fix_measure *measure = &batch->measures[column];
    if (measure->rows++ > 0) return SEINE_OK;
    text = seine_str_trim(text);
    text.size = (size_t)shown(text);
    measure->text = (uint32_t)batch->text.size;
    const seine_status status = append_clean(&batch->text, text);
    measure->text_size = (uint32_t)(batch->text.size - measure->text);
    return status;
}

static const char *noun_of(const seine_dataset *dataset, size_t column) {
    if (column == SEINE_DATASET_LAT) return "latitude";
    if (column == SEINE_DATASET_LON) return "longitude";
    return dataset->columns[column].name;
}

static const char *kind_of(const seine_dataset *dataset, size_t column) {
    if (dataset->is_sexagesimal && (column == SEINE_DATASET_LAT || column == SEINE_DATASET_LON))
        return "degrees with a letter";
    switch (dataset->columns[column].type) {
    case SEINE_TYPE_INT:
    case SEINE_TYPE_LONG: return "a whole number";
    case SEINE_TYPE_BOOLEAN: return "true or false";
    case SEINE_TYPE_STRING: return "UTF-8";
    default: return "a number";
    }
}

static seine_status refuse_range(const char *reason, const seine_dataset_column *column, const char *noun,
                                 seine_str text, seine_str raw, seine_fix_batch *batch) {
    if (isfinite(column->least) && isfinite(column->most))
        return seine_fix_row_refuse(batch, raw, "%s: %s %.*s is outside [%g, %g]", reason, noun, shown(text), text.data,
                                    column->least, column->most);
    if (isfinite(column->least))
        return seine_fix_row_refuse(batch, raw, "%s: %s %.*s is less than %g", reason, noun, shown(text), text.data,
                                    column->least);
    if (isfinite(column->most))
        return seine_fix_row_refuse(batch, raw, "%s: %s %.*s is more than %g", reason, noun, shown(text), text.data,
                                    column->most);
    return seine_fix_row_refuse(batch, raw, "%s: %s %.*s is too large", reason, noun, shown(text), text.data);
}

/* ---- statics ---- */

/* Text that is not UTF-8 is made so in decoder->clean, and is a fault: it is counted like any other. */
static seine_status static_text(seine_fix_decoder *decoder, const seine_dataset_column *column, seine_str text,
                                seine_static *value, seine_field *field) {
    *field = seine_field_text(column, text, &value->text);
    value->is_null = *field == SEINE_FIELD_NULL;
    if (value->is_null || is_clean(value->text)) return SEINE_OK;
    const size_t start = decoder->clean.size;
    *field = SEINE_FIELD_FAULT;
    SEINE_TRY(append_clean(&decoder->clean, value->text));
    value->text = (seine_str){(const char *)decoder->clean.data + start, decoder->clean.size - start};
    return SEINE_OK;
}

/* One field of statics → its value, and what it is to its column. */
static seine_status static_value(seine_fix_decoder *decoder, size_t column, const seine_fix_row *row,
                                 seine_static *value, seine_field *field) {
    const seine_dataset_column *known = &decoder->dataset->columns[column];
    *value = (seine_static){.is_null = true};
    *field = SEINE_FIELD_NULL;
    if (row->value[column].size == 0) return SEINE_OK;
    if (known->type == SEINE_TYPE_STRING) return static_text(decoder, known, row->value[column], value, field);
    *field = seine_field_number(known, row->decimal, row->value[column], &value->number);
    value->is_null = *field != SEINE_FIELD_GOOD;
    value->number += 0.0; /* -0 is 0 */
    if (known->type != SEINE_TYPE_DOUBLE && !value->is_null) value->integer = (int64_t)value->number;
    return SEINE_OK;
}

static uint32_t first_rule_of(const seine_dataset *dataset, size_t column, seine_field field) {
    for (size_t r = 0; field != SEINE_FIELD_GOOD && r < dataset->rule_count; r++)
        if (dataset->rules[r].column == column && (dataset->rules[r].refuse & (unsigned)field) != 0) return (uint32_t)r;
    return SEINE_FIX_NO_RULE;
}

/* Fields of one record → canonical tuple → its code, unless a rule refuses them. */
static seine_status intern_statics(seine_fix_decoder *decoder, const seine_fix_row *row, seine_fix_tail *tail) {
    const seine_dataset *dataset = decoder->dataset;
    const size_t first = seine_dataset_statics_first(dataset);
    seine_statics tuple;
    size_t bytes = 1;
    for (size_t c = first; c < dataset->column_count; c++) bytes += row->value[c].size * 3;
    seine_buf_clear(&decoder->clean);
    SEINE_TRY(seine_buf_reserve(&decoder->clean, bytes)); /* so that cleaned texts do not move */
    *tail = (seine_fix_tail){.rule = SEINE_FIX_NO_RULE};
    for (size_t c = first; c < dataset->column_count; c++) {
        seine_field field;
        SEINE_TRY(static_value(decoder, c, row, &tuple.column[c - first], &field));
        if (field == SEINE_FIELD_FAULT || field == SEINE_FIELD_RANGE) tail->faults |= UINT64_C(1) << c;
        const uint32_t rule = first_rule_of(dataset, c, field);
        if (rule < tail->rule) tail->rule = rule;
    }
    if (tail->rule != SEINE_FIX_NO_RULE) return SEINE_OK;
    seine_buf_clear(&decoder->canonical);
    SEINE_TRY(seine_statics_encode(dataset, &tuple, &decoder->canonical));
    return seine_dict_intern(&decoder->tuples, seine_buf_str(&decoder->canonical), &tail->tuple);
}

static seine_status remember_tail(seine_fix_decoder *decoder, seine_str text, seine_fix_tail tail) {
    uint32_t code;
    SEINE_TRY(seine_dict_intern(&decoder->tails, text, &code));
    SEINE_TRY(SEINE_ARRAY_ROOM(decoder->known_tails, code, decoder->tail_capacity, 1, SEINE_FIX_ROWS_MAX));
    decoder->known_tails[code] = tail;
    return SEINE_OK;
}

/* Each value with its size before it, so that no two rows of different values look alike. */
static seine_status make_key(seine_fix_decoder *decoder, const seine_fix_row *row, seine_str *key) {
    const seine_dataset *dataset = decoder->dataset;
    const size_t first = seine_dataset_statics_first(dataset);
    size_t bytes = 0;
    for (size_t c = first; c < dataset->column_count; c++) bytes += sizeof(uint32_t) + row->value[c].size;
    seine_buf_clear(&decoder->key);
    SEINE_TRY(seine_buf_reserve(&decoder->key, bytes));
    uint8_t *at = decoder->key.data;
    for (size_t c = first; c < dataset->column_count; c++) {
        const uint32_t size = (uint32_t)row->value[c].size;
        memcpy(at, &size, sizeof size);
        if (size > 0) memcpy(at + sizeof size, row->value[c].data, size);
        at += sizeof size + size;
    }
    decoder->key.size = bytes;
    *key = seine_buf_str(&decoder->key);
    return SEINE_OK;
}

static seine_status take_statics(seine_fix_decoder *decoder, const seine_fix_row *row, seine_fix_tail *tail) {
    seine_str key = row->tail;
    if (row->key == SEINE_FIX_KEY_NONE) return intern_statics(decoder, row, tail);
    if (row->key == SEINE_FIX_KEY_VALUES) SEINE_TRY(make_key(decoder, row, &key));
    const uint32_t code = seine_dict_find(&decoder->tails, key);
    if (code != SEINE_CODE_NULL) {
        *tail = decoder->known_tails[code];
        return SEINE_OK;
    }
    SEINE_TRY(intern_statics(decoder, row, tail));
    return remember_tail(decoder, key, *tail);
}

static seine_status count_faults(const seine_fix_row *row, uint64_t faults, seine_fix_batch *batch) {
    for (size_t column = 0; faults != 0; column++, faults >>= 1)
        if ((faults & 1) != 0) SEINE_TRY(count_measure(batch, column, row->value[column]));
    return SEINE_OK;
}

/* ---- id and time ---- */

static bool is_digits(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.size > 0;
}

seine_status seine_fix_row_intern_id(seine_fix_decoder *decoder, seine_str id, uint32_t *mover) {
    if (decoder->dataset->id_kind == SEINE_ID_NUMBER) id = seine_mmsi_canonical(id);
    return seine_dict_intern(&decoder->movers, id, mover);
}

/* What a row without id or time is counted as: a rule may say so. */
static const char *reason_of(const seine_dataset *dataset, size_t column) {
    for (size_t r = 0; r < dataset->rule_count; r++)
        if (dataset->rules[r].column == column) return dataset->rules[r].reason;
    return column == SEINE_DATASET_ID ? "id" : "time";
}

/* Each of these says whether its value is good; else the refusal is recorded and *status says how that went. */
static bool take_id(const seine_fix_decoder *decoder, const seine_fix_row *row, seine_fix_batch *batch, seine_str *id,
                    seine_status *status) {
    const seine_dataset *dataset = decoder->dataset;
    const bool is_number = dataset->id_kind == SEINE_ID_NUMBER;
    const char *reason = reason_of(dataset, SEINE_DATASET_ID);
    seine_str text = row->value[SEINE_DATASET_ID];
    if (is_number) text = seine_str_trim(text);
    if (seine_field_text(&dataset->columns[SEINE_DATASET_ID], text, id) == SEINE_FIELD_NULL)
        *status = seine_fix_row_refuse(batch, row->raw, "%s: missing", reason);
    else if (is_number && id->size > ID_DIGITS_MAX)
        *status = seine_fix_row_refuse(batch, row->raw, "%s: %zu bytes, at most %d digits are read", reason, id->size,
                                       ID_DIGITS_MAX);
    else if (is_number && !is_digits(*id))
        *status = seine_fix_row_refuse(batch, row->raw, "%s: '%.*s' is not digits", reason, shown(*id), id->data);
    else if (id->size > ID_BYTES_MAX)
        *status =
            seine_fix_row_refuse(batch, row->raw, "%s: %zu bytes, at most %d are read", reason, id->size, ID_BYTES_MAX);
    else if (!is_clean(*id))
        *status = seine_fix_row_refuse(batch, row->raw, "%s: '%.*s' is not UTF-8", reason, shown(*id), id->data);
    else
        return true;
    return false;
}

static seine_status refuse_early(const seine_fix_decoder *decoder, const char *reason, seine_str time, seine_str raw,
                                 seine_fix_batch *batch) {
    char first[40];
    seine_time_format(decoder->earliest_us, first);
    return seine_fix_row_refuse(batch, raw, "%s: %.*s is before %s", reason, shown(time), time.data, first);
}

/* Where the clocks of a place are read, a time may be one that they never showed. */
static seine_status refuse_time(const seine_fix_decoder *decoder, const char *reason, seine_str time, seine_str raw,
                                seine_fix_batch *batch) {
    const seine_zone *zone = decoder->dataset->time_zone;
    return seine_fix_row_refuse(batch, raw, "%s: '%.*s' is not a time%s%s", reason, shown(time), time.data,
                                zone != NULL ? " in " : "", zone != NULL ? seine_zone_name(zone) : "");
}

static bool take_time(const seine_fix_decoder *decoder, const seine_fix_row *row, seine_fix_batch *batch,
                      seine_fix *fix, seine_status *status) {
    const char *reason = reason_of(decoder->dataset, SEINE_DATASET_TIME);
    const seine_str time = seine_str_trim(row->value[SEINE_DATASET_TIME]);
    if (time.size == 0)
        *status = seine_fix_row_refuse(batch, row->raw, "%s: missing", reason);
    else if (!seine_field_time(decoder->dataset, row->decimal, time, &fix->ts_us))
        *status = refuse_time(decoder, reason, time, row->raw, batch);
    else if (fix->ts_us > decoder->latest_us)
        *status = seine_fix_row_refuse(batch, row->raw, "future: %.*s is ahead of the clock", shown(time), time.data);
    else if (fix->ts_us < decoder->earliest_us)
        *status = refuse_early(decoder, reason, time, row->raw, batch);
    else
        return true;
    return false;
}

/* ---- numbers ---- */

/* A value that went through a signed number on its way (columns/dataset.h: wrap). */
static seine_field unwrap(const seine_dataset_column *column, seine_str text, double *value) {
    double number;
    if (!seine_number_parse(text, &number) || number >= 0 || number <= -column->wrap) return SEINE_FIELD_FAULT;
    number = rint((number + column->wrap) * 10) / 10;
    if (number == column->unknown) return SEINE_FIELD_NULL;
    if (number < column->least || number > column->most) return SEINE_FIELD_RANGE;
    *value = number;
    return SEINE_FIELD_GOOD;
}

static seine_field read_number(const seine_fix_decoder *decoder, const seine_fix_row *row, size_t column, int64_t ts_us,
                               double *value) {
    const seine_dataset *dataset = decoder->dataset;
    const seine_dataset_column *known = &dataset->columns[column];
    const seine_str text = row->value[column];
    if (dataset->is_sexagesimal && column <= SEINE_DATASET_LON)
        return seine_field_degrees(known, column == SEINE_DATASET_LAT, text, value);
    const seine_field field = seine_field_number(known, row->decimal, text, value);
    const bool is_then = dataset->wrap_end_us == 0 || (ts_us >= dataset->wrap_from_us && ts_us < dataset->wrap_end_us);
    if (field != SEINE_FIELD_RANGE || known->wrap == 0 || !row->may_wrap || !is_then) return field;
    const seine_field unwrapped = unwrap(known, text, value);
    return unwrapped == SEINE_FIELD_GOOD || unwrapped == SEINE_FIELD_NULL ? unwrapped : field;
}

/* Latitude, longitude and measures. @return the first rule that refuses one of them. */
static uint32_t take_numbers(const seine_fix_decoder *decoder, const seine_fix_row *row, seine_fix *fix,
                             uint64_t *faults) {
    const size_t end = seine_dataset_statics_first(decoder->dataset);
    uint32_t first = SEINE_FIX_NO_RULE;
    for (size_t n = 0; n < SEINE_FIX_NUMBERS; n++) *seine_fix_row_number(fix, n) = (double)NAN;
    for (size_t c = SEINE_DATASET_LAT; c < end; c++) {
        const seine_field field =
            read_number(decoder, row, c, fix->ts_us, seine_fix_row_number(fix, c - SEINE_DATASET_LAT));
        if (field == SEINE_FIELD_FAULT || field == SEINE_FIELD_RANGE) *faults |= UINT64_C(1) << c;
        const uint32_t rule = first_rule_of(decoder->dataset, c, field);
        if (rule < first) first = rule;
    }
    return first;
}

/* ---- rules ---- */

/* What a value is to its column, once more, to say why a rule refuses it. */
static seine_status read_again(seine_fix_decoder *decoder, const seine_fix_row *row, size_t column, int64_t ts_us,
                               seine_field *field) {
    double number;
    seine_static value;
    if (column >= seine_dataset_statics_first(decoder->dataset))
        return static_value(decoder, column, row, &value, field);
    *field = read_number(decoder, row, column, ts_us, &number);
    return SEINE_OK;
}

static seine_status refuse_by_rule(seine_fix_decoder *decoder, const seine_fix_row *row, uint32_t number, int64_t ts_us,
                                   seine_fix_batch *batch) {
    const seine_dataset *dataset = decoder->dataset;
    const seine_dataset_rule *rule = &dataset->rules[number];
    const char *noun = noun_of(dataset, rule->column);
    const seine_str text = seine_str_trim(row->value[rule->column]);
    seine_field field = SEINE_FIELD_NULL;
    SEINE_TRY(read_again(decoder, row, rule->column, ts_us, &field));
    if (field == SEINE_FIELD_RANGE)
        return refuse_range(rule->reason, &dataset->columns[rule->column], noun, text, row->raw, batch);
    if (field == SEINE_FIELD_FAULT)
        return seine_fix_row_refuse(batch, row->raw, "%s: %s '%.*s' is not %s", rule->reason, noun, shown(text),
                                    text.data, kind_of(dataset, rule->column));
    if (text.size > 0)
        return seine_fix_row_refuse(batch, row->raw, "%s: %s '%.*s' stands for none", rule->reason, noun, shown(text),
                                    text.data);
    return seine_fix_row_refuse(batch, row->raw, "%s: %s is missing", rule->reason, noun);
}

seine_status seine_fix_row_take(seine_fix_decoder *decoder, const seine_fix_row *row, seine_fix_batch *batch) {
    seine_fix fix = {.row = batch->rows};
    seine_fix_tail tail;
    seine_status status = SEINE_OK;
    seine_str id;
    uint64_t faults = 0;
    if (!take_id(decoder, row, batch, &id, &status) || !take_time(decoder, row, batch, &fix, &status)) return status;
    uint32_t rule = take_numbers(decoder, row, &fix, &faults);
    if (rule < decoder->first_static_rule) return refuse_by_rule(decoder, row, rule, fix.ts_us, batch);
    SEINE_TRY(take_statics(decoder, row, &tail));
    if (tail.rule < rule) rule = tail.rule;
    if (rule != SEINE_FIX_NO_RULE) return refuse_by_rule(decoder, row, rule, fix.ts_us, batch);
    SEINE_TRY(seine_fix_row_intern_id(decoder, id, &fix.mover));
    fix.statics = tail.tuple;
    SEINE_TRY(count_faults(row, faults | tail.faults, batch));
    return seine_fix_row_add(batch, &fix);
}

/* ---- decoders ---- */

/* The number before this one. */
static double before(double number) {
    uint64_t bits;
    if (number == 0) number = -0.0;
    memcpy(&bits, &number, sizeof bits);
    bits += number > 0 ? UINT64_MAX : 1;
    memcpy(&number, &bits, sizeof bits);
    return number;
}

static seine_fix_limits limits_of(const seine_dataset *dataset) {
    const size_t statics = seine_dataset_statics_first(dataset);
    seine_fix_limits limits;
    for (size_t n = 0; n < SEINE_FIX_NUMBERS; n++) {
        const size_t column = SEINE_DATASET_LAT + n;
        const seine_dataset_column *known = column < statics ? &dataset->columns[column] : NULL;
        limits.least[n] = known != NULL ? known->least : -(double)INFINITY;
        limits.most[n] = known != NULL ? known->most : (double)INFINITY;
        limits.unknown[n] = known != NULL ? known->unknown : (double)NAN;
        limits.surely[n] = limits.most[n];
        if (limits.unknown[n] == limits.most[n]) limits.surely[n] = before(limits.most[n]);
        if (limits.unknown[n] >= limits.least[n] && limits.unknown[n] < limits.most[n])
            limits.surely[n] = -(double)INFINITY;
        limits.may_be_null[n] = first_rule_of(dataset, column, SEINE_FIELD_NULL) == SEINE_FIX_NO_RULE;
    }
    return limits;
}

void seine_fix_decoder_init(seine_fix_decoder *decoder, const seine_dataset *dataset, int64_t latest_us) {
    const size_t statics = seine_dataset_statics_first(dataset);
    *decoder = (seine_fix_decoder){.dataset = dataset,
                                   .latest_us = latest_us,
                                   .earliest_us = dataset->valid_from_us,
                                   .limits = limits_of(dataset),
                                   .first_static_rule = SEINE_FIX_NO_RULE};
    seine_buf_init(&decoder->scratch, SEINE_FIX_BLOCK_TEXT_MAX);
    seine_buf_init(&decoder->canonical, KEY_MAX);
    seine_buf_init(&decoder->clean, KEY_MAX);
    seine_buf_init(&decoder->key, KEY_MAX);
    seine_buf_init(&decoder->utf8, SEINE_FIX_BLOCK_TEXT_MAX);
    for (size_t r = dataset->rule_count; r > 0; r--)
        if (dataset->rules[r - 1].column >= statics) decoder->first_static_rule = (uint32_t)(r - 1);
}

void seine_fix_decoder_free(seine_fix_decoder *decoder) {
    forget_tails(decoder);
    seine_dict_free(&decoder->movers);
    seine_dict_free(&decoder->tuples);
    seine_buf_free(&decoder->scratch);
    seine_buf_free(&decoder->canonical);
    seine_buf_free(&decoder->clean);
    seine_buf_free(&decoder->key);
    seine_buf_free(&decoder->utf8);
    seine_json_plan_free(&decoder->json);
}

/*
 * Rows of NOAA archives into packed fixes.
 *
 * Two paths give the same result. The quick one reads a row left to right without looking for its fields first; it
 * knows only what almost every row looks like (plain digits, no quotes, statics at the end, met before) and gives up at
 * the first surprise. The careful one splits the record by RFC 4180 and knows every rule and every reason for refusal.
 */
#include "decode/ais.h"

#include "base/array.h"
#include "base/mmsi.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "decode/ais_column.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SOG_UNKNOWN_KN 102.3
#define COG_UNKNOWN_DEG 360.0
#define HEADING_UNKNOWN_DEG 511.0
#define HEADING_MOST_DEG 360.0
#define BLOCK_TEXT_MAX ((size_t)1 << 30)
#define ROWS_MAX ((size_t)UINT32_MAX)
#define KEY_MAX ((size_t)1 << 24)
#define ID_DIGITS_MAX 64
#define QUICK_DIGITS_MAX 18 /* fit a 64-bit number */
#define VESSEL_BITS 16      /* of which a day of a coast touches a quarter */
#define PREFETCHED_BYTES 64 /* a line of the processor's cache */
#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)
#define TAILS_MAX (UINT32_C(1) << 20) /* remembered to be quick; more are of files whose statics never repeat */

/* ---- memory ---- */

void seine_fix_batch_free(seine_fix_batch *batch) {
    free(batch->fixes);
    free(batch->rejects);
    seine_buf_free(&batch->text);
    *batch = (seine_fix_batch){0};
}

void seine_ais_decoder_init(seine_ais_decoder *decoder, int64_t latest_us) {
    *decoder = (seine_ais_decoder){.latest_us = latest_us, .earliest_us = SEINE_AIS_VALID_FROM_US};
    seine_buf_init(&decoder->scratch, BLOCK_TEXT_MAX);
    seine_buf_init(&decoder->canonical, KEY_MAX);
    seine_buf_init(&decoder->clean, KEY_MAX);
    seine_buf_init(&decoder->key, KEY_MAX);
}

static void forget_tails(seine_ais_decoder *decoder) {
    seine_dict_free(&decoder->tails);
    decoder->tails = (seine_dict){0};
    free(decoder->known_tails);
    free(decoder->vessels);
    decoder->known_tails = NULL;
    decoder->vessels = NULL;
    decoder->tail_capacity = 0;
}

void seine_ais_decoder_free(seine_ais_decoder *decoder) {
    forget_tails(decoder);
    seine_dict_free(&decoder->movers);
    seine_dict_free(&decoder->tuples);
    seine_buf_free(&decoder->scratch);
    seine_buf_free(&decoder->canonical);
    seine_buf_free(&decoder->clean);
    seine_buf_free(&decoder->key);
}

static seine_status add_fix(seine_fix_batch *batch, const seine_fix *fix) {
    const seine_status status = SEINE_ARRAY_ROOM(batch->fixes, batch->count, batch->capacity, 1, ROWS_MAX);
    if (status == SEINE_OK) batch->fixes[batch->count++] = *fix;
    return status;
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
        const seine_status status =
            good ? seine_buf_append(out, text.data + i, length) : seine_buf_append(out, "\xEF\xBF\xBD", 3);
        if (status != SEINE_OK) return status;
        i += good ? length : 1;
    }
    return SEINE_OK;
}

static bool is_clean(seine_str text) {
    return (text.size == 0 || memchr(text.data, '\0', text.size) == NULL) && seine_str_is_utf8(text);
}

/* ---- refusals ---- */

static seine_status refuse(seine_fix_batch *batch, seine_str raw, const char *format, ...) SEINE_PRINTF(3, 4);
static seine_status refuse(seine_fix_batch *batch, seine_str raw, const char *format, ...) {
    SEINE_TRY(SEINE_ARRAY_ROOM(batch->rejects, batch->reject_count, batch->reject_capacity, 1, ROWS_MAX));
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

/* ---- values that are none ---- */

/* Counts a value that became null; the first of a column is kept as it was. */
static seine_status count_measure(seine_fix_batch *batch, int column, seine_str text) {
    enum { SHOWN = 60 };
    seine_measure *measure = &batch->measures[column];
    if (measure->rows++ > 0) return SEINE_OK;
    measure->text = (uint32_t)batch->text.size;
    if (text.size > SHOWN) text.size = SHOWN;
    const seine_status status = append_clean(&batch->text, text);
    measure->text_size = (uint32_t)(batch->text.size - measure->text);
    return status;
}

/* ---- statics ---- */

/* Text that is not UTF-8 is made so in decoder->clean; that is counted like any other value that could not be kept. */
static seine_status static_text(seine_ais_decoder *decoder, int column, seine_str text, seine_static *value,
                                uint32_t *faults) {
    *value = (seine_static){.text = text};
    if (is_clean(text)) return SEINE_OK;
    const size_t start = decoder->clean.size;
    *faults |= UINT32_C(1) << column;
    const seine_status status = append_clean(&decoder->clean, text);
    value->text = (seine_str){(const char *)decoder->clean.data + start, decoder->clean.size - start};
    return status;
}

/* One field of statics → its value. */
static seine_status static_value(seine_ais_decoder *decoder, int column, seine_str text, seine_static *value,
                                 uint32_t *faults) {
    const seine_ais_column *known = seine_ais_column_of(column);
    if (known->kind == SEINE_AIS_TEXT) return static_text(decoder, column, text, value, faults);
    const seine_ais_taken taken = seine_ais_take(known, text, &value->number);
    value->is_null = taken != SEINE_AIS_GOOD;
    value->number += 0.0; /* -0 is 0 */
    if (taken == SEINE_AIS_FAULT) *faults |= UINT32_C(1) << column;
    if (known->kind == SEINE_AIS_CODE && !value->is_null) value->integer = (int32_t)value->number;
    return SEINE_OK;
}

/* Fields of one record → canonical tuple → its code. Fields are those from @p first on. */
static seine_status intern_statics(seine_ais_decoder *decoder, const seine_ais_header *header, const seine_str *fields,
                                   size_t first, seine_ais_tail *tail) {
    seine_statics tuple;
    for (size_t i = 0; i < SEINE_STATICS_COUNT; i++) tuple.column[i] = (seine_static){.is_null = true};
    size_t bytes = 1;
    for (size_t f = first; f < header->field_count; f++) bytes += fields[f - first].size * 3;
    seine_buf_clear(&decoder->clean);
    SEINE_TRY(seine_buf_reserve(&decoder->clean, bytes)); /* so that cleaned texts do not move */
    tail->faults = 0;
    for (size_t f = first; f < header->field_count; f++) {
        const int column = header->column_of[f];
        if (column < SEINE_STATICS_FIRST || fields[f - first].size == 0) continue;
        SEINE_TRY(static_value(decoder, column, fields[f - first], &tuple.column[column - SEINE_STATICS_FIRST],
                               &tail->faults));
    }
    seine_buf_clear(&decoder->canonical);
    SEINE_TRY(seine_statics_encode(seine_dataset_ais(), &tuple, &decoder->canonical));
    return seine_dict_intern(&decoder->tuples, seine_buf_str(&decoder->canonical), &tail->tuple);
}

static seine_status remember_tail(seine_ais_decoder *decoder, seine_str text, seine_ais_tail tail) {
    uint32_t code;
    SEINE_TRY(seine_dict_intern(&decoder->tails, text, &code));
    SEINE_TRY(SEINE_ARRAY_ROOM(decoder->known_tails, code, decoder->tail_capacity, 1, ROWS_MAX));
    decoder->known_tails[code] = tail;
    return SEINE_OK;
}

/* ---- the quick path ---- */

static inline unsigned digit(char c) { return (unsigned)(unsigned char)c - '0'; }
static inline int two(const char *p) {
    const unsigned tens = digit(p[0]), ones = digit(p[1]);
    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* Plain decimal up to a comma. @return behind the number, or NULL for a surprise; an empty field is NaN. */
static inline const char *quick_number(const char *p, double *value) {
    static const double scale[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                   1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    if (*p == ',') {
        *value = (double)NAN;
        return p;
    }
    const bool negative = *p == '-';
    if (negative) p++;
    const char *start = p;
    uint64_t whole = 0;
    while (digit(*p) <= 9) whole = whole * 10 + digit(*p++);
    ptrdiff_t digits = p - start, decimals = 0;
    if (*p == '.') {
        const char *point = ++p;
        while (digit(*p) <= 9) whole = whole * 10 + digit(*p++);
        decimals = p - point;
        digits += decimals;
    }
    /* Up to 2^53 and 10^22 both sides of the division are exact, so its result is the nearest double. */
    if (*p != ',' || digits == 0 || digits > 18 || whole > (UINT64_C(1) << 53)) return NULL;
    const double number = (double)whole / scale[decimals];
    *value = negative ? -number : number;
    return p;
}

/* `YYYY-MM-DDxHH:MM:SS,` with x blank or T; the date of the row before is known. */
static inline const char *quick_time(seine_ais_decoder *decoder, const char *p, const char *end, int64_t *ts_us) {
    if (end - p < 20 || p[19] != ',' || (p[10] != ' ' && p[10] != 'T') || p[13] != ':' || p[16] != ':') return NULL;
    if (memcmp(p, decoder->date_text, 10) != 0) {
        int32_t day;
        if (!seine_date_parse((seine_str){p, 10}, &day)) return NULL;
        memcpy(decoder->date_text, p, 10);
        decoder->date_us = seine_time_day_start_us(day);
    }
    const int hour = two(p + 11), minute = two(p + 14), second = two(p + 17);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NULL;
    *ts_us = decoder->date_us + (int64_t)(hour * 3600 + minute * 60 + second) * SEINE_SECOND_US;
    return p + 19;
}

/* One vessel has one text, however its id is written. */
static inline seine_status intern_id(seine_ais_decoder *decoder, seine_str id, uint32_t *mover) {
    return seine_dict_intern(&decoder->movers, seine_mmsi_canonical(id), mover);
}

static inline const char *quick_id(seine_ais_decoder *decoder, const char *p, uint32_t *mover) {
    const char *start = p;
    uint64_t id = 0;
    for (; digit(*p) <= 9; p++) id = id * 10 + digit(*p);
    if (p == start || p - start > QUICK_DIGITS_MAX || *p != ',') return NULL;
    /* One of two places, which lie in one line of the processor's cache. */
    const size_t place = (size_t)((id * GOLDEN) >> (64 - VESSEL_BITS));
    seine_ais_vessel *vessel = &decoder->vessels[place];
    if (vessel->id != id + 1 && vessel->id != 0) vessel = &decoder->vessels[place ^ 1];
    if (vessel->id != id + 1) {
        if (intern_id(decoder, (seine_str){start, (size_t)(p - start)}, mover) != SEINE_OK) return NULL;
        *vessel = (seine_ais_vessel){.id = id + 1, .mover = *mover};
    }
    if (vessel->tail != NULL) { /* it is compared when the fields before it are read */
        __builtin_prefetch(vessel->tail);
        __builtin_prefetch(vessel->tail + PREFETCHED_BYTES);
    }
    decoder->vessel = vessel;
    *mover = vessel->mover;
    return p;
}

/* @return whether the statics are known and hold nothing that has to be counted. */
static inline bool quick_tail(seine_ais_decoder *decoder, seine_str text, seine_fix *fix) {
    seine_ais_vessel *vessel = decoder->vessel;
    if (vessel->tail == NULL || !seine_str_equal((seine_str){vessel->tail, vessel->tail_size}, text)) {
        const uint32_t code = seine_dict_find(&decoder->tails, text);
        if (code == SEINE_CODE_NULL || decoder->known_tails[code].faults != 0) return false;
        vessel->tail = decoder->tails.entries[code].data;
        vessel->tail_size = (uint32_t)text.size;
        vessel->tuple = decoder->known_tails[code].tuple;
    }
    fix->statics = vessel->tuple;
    return true;
}

/* Takes one field; every case leaves p at the comma behind it. */
static inline const char *quick_field(seine_ais_decoder *decoder, int column, const char *p, const char *end,
                                      seine_fix *fix) {
    switch (column) {
    case SEINE_AIS_MMSI: return quick_id(decoder, p, &fix->mover);
    case SEINE_AIS_TS: return quick_time(decoder, p, end, &fix->ts_us);
    case SEINE_AIS_LAT: return quick_number(p, &fix->lat_deg);
    case SEINE_AIS_LON: return quick_number(p, &fix->lon_deg);
    case SEINE_AIS_SOG: return quick_number(p, &fix->sog_kn);
    case SEINE_AIS_COG: return quick_number(p, &fix->cog_deg);
    case SEINE_AIS_HEADING: return quick_number(p, &fix->heading_deg);
    default: return memchr(p, ',', (size_t)(end - p));
    }
}

/* What is sent for "not available" becomes null; false when a measure is one that has to be counted or mended. */
static inline bool quick_measures(seine_fix *fix) {
    if (fix->sog_kn < 0 || fix->sog_kn > SOG_UNKNOWN_KN || fix->cog_deg < 0 || fix->cog_deg > COG_UNKNOWN_DEG ||
        fix->heading_deg < 0 || (fix->heading_deg > HEADING_MOST_DEG && fix->heading_deg != HEADING_UNKNOWN_DEG))
        return false;
    if (fix->sog_kn == SOG_UNKNOWN_KN) fix->sog_kn = (double)NAN;
    if (fix->cog_deg == COG_UNKNOWN_DEG) fix->cog_deg = (double)NAN;
    if (fix->heading_deg == HEADING_UNKNOWN_DEG) fix->heading_deg = (double)NAN;
    return true;
}

static inline bool on_globe(const seine_fix *fix) {
    return fix->lat_deg >= -90 && fix->lat_deg <= 90 && fix->lon_deg >= -180 && fix->lon_deg <= 180;
}

/* @return whether the line was an ordinary valid row; then @p fix is complete. A line never holds a quote here. */
static inline bool quick_row(seine_ais_decoder *decoder, const seine_ais_header *header, seine_str line,
                             seine_fix *fix) {
    const char *p = line.data, *end = line.data + line.size;
    fix->sog_kn = fix->cog_deg = fix->heading_deg = (double)NAN;
    for (size_t f = 0; f < header->tail; f++) {
        p = quick_field(decoder, header->column_of[f], p, end, fix);
        if (p == NULL || p >= end) return false;
        p++;
    }
    if (!quick_tail(decoder, (seine_str){p, (size_t)(end - p)}, fix)) return false;
    if (!on_globe(fix) || fix->ts_us > decoder->latest_us || fix->ts_us < decoder->earliest_us) return false;
    return quick_measures(fix);
}

/* ---- the careful path ---- */

static seine_str field_of(const seine_csv_record *record, const seine_ais_header *header, int column) {
    const int16_t field = header->field_of[column];
    return field < 0 ? (seine_str){NULL, 0} : seine_str_trim(record->field[field]);
}

static bool is_digits(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if (digit(text.data[i]) > 9) return false;
    return text.size > 0;
}

static double number_or_nan(seine_str text) {
    double number;
    return seine_number_parse(text, &number) && isfinite(number) ? number : (double)NAN;
}

static int shown(seine_str text) { return text.size > 60 ? 60 : (int)text.size; }

/* @return whether the position is good; else the refusal is recorded and *status says how that went. */
static bool careful_position(const seine_csv_record *record, const seine_ais_header *header, seine_fix_batch *batch,
                             seine_fix *fix, seine_status *status) {
    const struct {
        int column;
        const char *name;
        double most;
        double *value;
    } parts[] = {{SEINE_AIS_LAT, "latitude", 90, &fix->lat_deg}, {SEINE_AIS_LON, "longitude", 180, &fix->lon_deg}};
    for (size_t i = 0; i < 2; i++) {
        const seine_str text = field_of(record, header, parts[i].column);
        *parts[i].value = number_or_nan(text);
        if (fabs(*parts[i].value) <= parts[i].most) continue;
        if (text.size == 0)
            *status = refuse(batch, record->raw, "position: %s is missing", parts[i].name);
        else if (isnan(*parts[i].value))
            *status = refuse(batch, record->raw, "position: %s '%.*s' is not a number", parts[i].name, shown(text),
                             text.data);
        else
            *status = refuse(batch, record->raw, "position: %s %.*s is outside [-%g, %g]", parts[i].name, shown(text),
                             text.data, parts[i].most, parts[i].most);
        return false;
    }
    return true;
}

static seine_status refuse_early(const seine_ais_decoder *decoder, seine_fix_batch *batch, seine_str raw,
                                 seine_str time) {
    char first[40];
    seine_time_format(decoder->earliest_us, first);
    return refuse(batch, raw, "time: %.*s is before %s", shown(time), time.data, first);
}

static bool careful_id_and_time(seine_ais_decoder *decoder, const seine_csv_record *record,
                                const seine_ais_header *header, seine_fix_batch *batch, seine_fix *fix,
                                seine_status *status) {
    const seine_str id = field_of(record, header, SEINE_AIS_MMSI), time = field_of(record, header, SEINE_AIS_TS);
    if (id.size == 0)
        *status = refuse(batch, record->raw, "id: missing");
    else if (id.size > ID_DIGITS_MAX)
        *status = refuse(batch, record->raw, "id: %zu bytes, at most %d digits are read", id.size, ID_DIGITS_MAX);
    else if (!is_digits(id))
        *status = refuse(batch, record->raw, "id: '%.*s' is not digits", shown(id), id.data);
    else if (time.size == 0)
        *status = refuse(batch, record->raw, "time: missing");
    else if (!seine_time_parse(time, &fix->ts_us))
        *status = refuse(batch, record->raw, "time: '%.*s' is not a time", shown(time), time.data);
    else if (fix->ts_us > decoder->latest_us)
        *status = refuse(batch, record->raw, "future: %.*s is ahead of the clock", shown(time), time.data);
    else if (fix->ts_us < decoder->earliest_us)
        *status = refuse_early(decoder, batch, record->raw, time);
    else {
        *status = intern_id(decoder, id, &fix->mover);
        return *status == SEINE_OK;
    }
    return false;
}

static seine_status count_faults(const seine_ais_header *header, const seine_csv_record *record, uint32_t faults,
                                 seine_fix_batch *batch) {
    for (int column = SEINE_STATICS_FIRST; faults != 0 && column < SEINE_AIS_SOURCE_FILE; column++)
        if ((faults >> column & 1) != 0) SEINE_TRY(count_measure(batch, column, field_of(record, header, column)));
    return SEINE_OK;
}

/* The text that a tail is known by: the whole tail when there is one, else the static fields joined. */
static seine_status make_key(seine_ais_decoder *decoder, const seine_ais_header *header,
                             const seine_csv_record *record) {
    const bool has_tail = header->tail < header->field_count;
    seine_buf_clear(&decoder->key);
    for (size_t f = has_tail ? header->tail : 0; f < header->field_count; f++) {
        if (!has_tail && header->column_of[f] < SEINE_STATICS_FIRST) continue;
        SEINE_TRY(seine_buf_append(&decoder->key, record->field[f].data, record->field[f].size));
        if (f + 1 < header->field_count) SEINE_TRY(seine_buf_append(&decoder->key, has_tail ? "," : "\x1f", 1));
    }
    return SEINE_OK;
}

static seine_status careful_statics(seine_ais_decoder *decoder, const seine_ais_header *header,
                                    const seine_csv_record *record, seine_fix *fix, seine_fix_batch *batch) {
    seine_ais_tail tail;
    SEINE_TRY(make_key(decoder, header, record));
    const seine_str key = seine_buf_str(&decoder->key);
    /* A quoted comma would make two different tails look alike, so texts taken out of quotes are not remembered. */
    const bool plain = record->raw.size == 0 || memchr(record->raw.data, '"', record->raw.size) == NULL;
    const uint32_t code = plain ? seine_dict_find(&decoder->tails, key) : SEINE_CODE_NULL;
    if (code != SEINE_CODE_NULL) {
        tail = decoder->known_tails[code];
    } else {
        const size_t first = header->tail < header->field_count ? header->tail : 0;
        SEINE_TRY(intern_statics(decoder, header, record->field + first, first, &tail));
        if (plain) SEINE_TRY(remember_tail(decoder, key, tail));
    }
    fix->statics = tail.tuple;
    return count_faults(header, record, tail.faults, batch);
}

/* NOAA's years of wrapped numbers (seine_ais_unwrapped). */
static bool is_wrapped(const seine_ais_header *header, int64_t ts_us) {
    enum { FIRST_DAY = 16436, END_DAY = 17532 }; /* 2015-01-01, 2018-01-01 */
    return header->is_noaa && ts_us >= seine_time_day_start_us(FIRST_DAY) && ts_us < seine_time_day_start_us(END_DAY);
}

static seine_status careful_measure(const seine_ais_header *header, const seine_csv_record *record, int column,
                                    int64_t ts_us, double *value, seine_fix_batch *batch) {
    const seine_str text = field_of(record, header, column);
    const seine_ais_column *known = seine_ais_column_of(column);
    seine_ais_taken taken = seine_ais_take(known, text, value);
    double sent;
    if (taken == SEINE_AIS_FAULT && is_wrapped(header, ts_us) && seine_number_parse(text, &sent)) {
        const double number = seine_ais_unwrapped(column, sent);
        if (number == known->unknown) return SEINE_OK;
        if (number >= known->least && number <= known->most) {
            *value = number;
            return SEINE_OK;
        }
    }
    return taken == SEINE_AIS_FAULT ? count_measure(batch, column, text) : SEINE_OK;
}

static seine_status careful_row(seine_ais_decoder *decoder, const seine_ais_header *header,
                                const seine_csv_record *record, seine_fix_batch *batch) {
    seine_fix fix = {.row = batch->rows};
    seine_status status = SEINE_OK;
    if (record->raw.size > SEINE_CSV_RECORD_BYTES)
        return refuse(batch, record->raw, "length: %zu bytes, at most %d are read", record->raw.size,
                      SEINE_CSV_RECORD_BYTES);
    if (record->field_count != header->field_count)
        return refuse(batch, record->raw, "ragged: %zu fields where the header has %zu", record->field_count,
                      header->field_count);
    if (!careful_id_and_time(decoder, record, header, batch, &fix, &status)) return status;
    if (!careful_position(record, header, batch, &fix, &status)) return status;
    SEINE_TRY(careful_measure(header, record, SEINE_AIS_SOG, fix.ts_us, &fix.sog_kn, batch));
    SEINE_TRY(careful_measure(header, record, SEINE_AIS_COG, fix.ts_us, &fix.cog_deg, batch));
    SEINE_TRY(careful_measure(header, record, SEINE_AIS_HEADING, fix.ts_us, &fix.heading_deg, batch));
    SEINE_TRY(careful_statics(decoder, header, record, &fix, batch));
    return add_fix(batch, &fix);
}

/* ---- blocks ---- */

static seine_status decode_careful(seine_ais_decoder *decoder, const seine_ais_header *header, seine_str text,
                                   seine_fix_batch *batch) {
    seine_csv_record record;
    for (;;) {
        SEINE_TRY(seine_csv_next(&text, &decoder->scratch, &record));
        if (record.raw.data == NULL) return SEINE_OK;
        batch->rows++;
        SEINE_TRY(careful_row(decoder, header, &record, batch));
    }
}

/* Lines of a block without any quote: every record is a line. */
static seine_status decode_lines(seine_ais_decoder *decoder, const seine_ais_header *header, seine_str text,
                                 seine_fix_batch *batch) {
    const char *at = text.data, *end = text.data + text.size;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL) break; /* the last line has nothing behind it that stops the quick path */
        seine_str line = {at, (size_t)(stop - at)};
        const char *behind = stop + 1;
        if (line.size > 0 && line.data[line.size - 1] == '\r') line.size--;
        seine_fix fix = {.row = batch->rows + 1};
        seine_status status;
        if (line.size > 0 && line.size <= SEINE_CSV_RECORD_BYTES && quick_row(decoder, header, line, &fix)) {
            batch->rows++;
            status = add_fix(batch, &fix);
        } else {
            status = decode_careful(decoder, header, (seine_str){at, (size_t)(behind - at)}, batch);
        }
        if (status != SEINE_OK) return status;
        at = behind;
    }
    return decode_careful(decoder, header, (seine_str){at, (size_t)(end - at)}, batch);
}

seine_status seine_ais_decode(seine_ais_decoder *decoder, const seine_ais_header *header, seine_str block,
                              seine_fix_batch *batch) {
    seine_buf_init(&batch->text, BLOCK_TEXT_MAX);
    if (decoder->tails_of != header || decoder->tails.count > TAILS_MAX) {
        forget_tails(decoder);
        decoder->tails_of = header;
    }
    if (decoder->vessels == NULL) decoder->vessels = calloc((size_t)1 << VESSEL_BITS, sizeof *decoder->vessels);
    if (decoder->vessels == NULL) return SEINE_E_NOMEM;
    const bool plain = block.size == 0 || memchr(block.data, '"', block.size) == NULL;
    return plain && header->tail < header->field_count ? decode_lines(decoder, header, block, batch)
                                                       : decode_careful(decoder, header, block, batch);
}

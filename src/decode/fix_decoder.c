/*
 * CSV into packed fixes.
 *
 * Two paths give the same result. The quick one reads a row left to right without looking for its fields first; it
 * knows only what almost every row looks like (plain digits, no quotes, statics at the end, met before) and gives up at
 * the first surprise. The careful one splits the record by RFC 4180 and leaves it to decode/fix_row.h.
 */
#include "decode/fix_decoder.h"

#include "base/hash.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "decode/field.h"
#include "decode/fix_row.h"

#include <math.h>
#include <stdlib.h>

#define QUICK_DIGITS_MAX 18 /* fit a 64-bit number */
#define QUICK_ID_BYTES 64
#define MOVER_BITS 16       /* of which a day of a coast touches a quarter */
#define PREFETCHED_BYTES 64 /* a line of the processor's cache */
#define GOLDEN UINT64_C(0x9E3779B97F4A7C15)

/* ---- the quick path ---- */

static inline unsigned digit(char c) { return (unsigned)(unsigned char)c - '0'; }
static inline int two(const char *p) {
    const unsigned tens = digit(p[0]), ones = digit(p[1]);
    return tens > 9 || ones > 9 ? -1 : (int)(tens * 10 + ones);
}

/* Plain decimal up to a delimiter. @return behind the number, or NULL for a surprise; an empty field is NaN. */
static inline const char *quick_number(const char *p, char delimiter, double *value) {
    static const double scale[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                   1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    if (*p == delimiter) {
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
    if (*p != delimiter || digits == 0 || digits > QUICK_DIGITS_MAX || whole > (UINT64_C(1) << 53)) return NULL;
    const double number = (double)whole / scale[decimals];
    *value = negative ? -number : number;
    return p;
}

/* `YYYY-MM-DDxHH:MM:SS,` with x blank or T; the date of the row before is known. */
static inline const char *quick_iso(seine_fix_decoder *decoder, const char *p, const char *end, char delimiter,
                                    int64_t *ts_us) {
    if (end - p < 20 || p[19] != delimiter || (p[10] != ' ' && p[10] != 'T') || p[13] != ':' || p[16] != ':')
        return NULL;
    if (memcmp(p, decoder->date_text, 10) != 0) {
        int32_t day;
        if (!seine_date_parse((seine_str){p, 10}, &day)) return NULL;
        memcpy(decoder->date_text, p, 10);
        decoder->date_us = seine_time_day_start_us(day) - decoder->dataset->time_offset_s * SEINE_SECOND_US;
    }
    const int hour = two(p + 11), minute = two(p + 14), second = two(p + 17);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return NULL;
    *ts_us = decoder->date_us + (int64_t)(hour * 3600 + minute * 60 + second) * SEINE_SECOND_US;
    return p + 19;
}

/* Times and numbers in another form than that; a text that is no value is a surprise. */
static const char *quick_time(const seine_fix_decoder *decoder, const char *p, const char *end, char delimiter,
                              int64_t *ts_us) {
    const char *stop = memchr(p, delimiter, (size_t)(end - p));
    const seine_dataset *dataset = decoder->dataset;
    if (stop == NULL || !seine_field_time(dataset, dataset->csv_decimal, (seine_str){p, (size_t)(stop - p)}, ts_us))
        return NULL;
    return stop;
}

static const char *quick_value(const seine_dataset *dataset, size_t column, const char *p, const char *end,
                               char delimiter, double *value) {
    const char *stop = memchr(p, delimiter, (size_t)(end - p));
    if (stop == NULL) return NULL;
    const seine_str text = {p, (size_t)(stop - p)};
    const seine_dataset_column *known = &dataset->columns[column];
    const seine_field field = dataset->is_sexagesimal && column <= SEINE_DATASET_LON
                                  ? seine_field_degrees(known, column == SEINE_DATASET_LAT, text, value)
                                  : seine_field_number(known, dataset->csv_decimal, text, value);
    return field == SEINE_FIELD_GOOD || field == SEINE_FIELD_NULL ? stop : NULL;
}

/* The place of an id among the last ones: one of two, which lie in one line of the processor's cache. */
static inline seine_fix_mover *place_of(const seine_fix_decoder *decoder, uint64_t hash, uint64_t id) {
    const size_t place = (size_t)(hash >> (64 - MOVER_BITS));
    seine_fix_mover *mover = &decoder->last[place];
    return mover->id != id + 1 && mover->id != 0 ? &decoder->last[place ^ 1] : mover;
}

static inline void take_mover(seine_fix_decoder *decoder, seine_fix_mover *mover, uint32_t *code) {
    if (mover->tail != NULL) { /* it is compared when the fields before it are read */
        __builtin_prefetch(mover->tail);
        __builtin_prefetch(mover->tail + PREFETCHED_BYTES);
    }
    decoder->mover = mover;
    *code = mover->mover;
}

static inline const char *quick_id_number(seine_fix_decoder *decoder, const char *p, char delimiter, uint32_t *code) {
    const char *start = p;
    uint64_t id = 0;
    for (; digit(*p) <= 9; p++) id = id * 10 + digit(*p);
    if (p == start || p - start > QUICK_DIGITS_MAX || *p != delimiter) return NULL;
    seine_fix_mover *mover = place_of(decoder, id * GOLDEN, id);
    if (mover->id != id + 1) {
        if (seine_fix_row_intern_id(decoder, (seine_str){start, (size_t)(p - start)}, code) != SEINE_OK) return NULL;
        *mover = (seine_fix_mover){.id = id + 1, .mover = *code};
    }
    take_mover(decoder, mover, code);
    return p;
}

/* Plain ASCII without blanks, which nothing could trim. */
static const char *quick_id_text(seine_fix_decoder *decoder, const char *p, const char *end, char delimiter,
                                 uint32_t *code) {
    const char *start = p;
    for (; p < end && *p != delimiter; p++)
        if (*p <= ' ' || *p == 0x7F) return NULL;
    const seine_str text = {start, (size_t)(p - start)};
    if (p == end || text.size == 0 || text.size > QUICK_ID_BYTES) return NULL;
    const uint64_t hash = seine_hash64(text.data, text.size), id = hash >> 1;
    seine_fix_mover *mover = place_of(decoder, hash, id);
    if (mover->id != id + 1 || !seine_str_equal(decoder->movers.entries[mover->mover], text)) {
        if (seine_fix_row_intern_id(decoder, text, code) != SEINE_OK) return NULL;
        *mover = (seine_fix_mover){.id = id + 1, .mover = *code};
    }
    take_mover(decoder, mover, code);
    return p;
}

/* @return whether the statics are known, and hold nothing that has to be counted or refused. */
static inline bool quick_tail(seine_fix_decoder *decoder, seine_str text, seine_fix *fix) {
    seine_fix_mover *mover = decoder->mover;
    if (mover->tail == NULL || !seine_str_equal((seine_str){mover->tail, mover->tail_size}, text)) {
        const uint32_t code = seine_dict_find(&decoder->tails, text);
        if (code == SEINE_CODE_NULL || decoder->known_tails[code].faults != 0 ||
            decoder->known_tails[code].rule != SEINE_FIX_NO_RULE)
            return false;
        mover->tail = decoder->tails.entries[code].data;
        mover->tail_size = (uint32_t)text.size;
        mover->tuple = decoder->known_tails[code].tuple;
    }
    fix->statics = mover->tuple;
    return true;
}

/* Takes one field; every case leaves p at the delimiter behind it. */
static inline const char *quick_field(seine_fix_decoder *decoder, const seine_csv_header *header, size_t field,
                                      const char *p, const char *end, seine_fix *fix) {
    const char delimiter = header->delimiter;
    const size_t column = (size_t)header->column_of[field];
    switch ((seine_csv_step)header->step_of[field]) {
    case SEINE_CSV_NUMBER: return quick_number(p, delimiter, seine_fix_row_number(fix, column - SEINE_DATASET_LAT));
    case SEINE_CSV_ID_NUMBER: return quick_id_number(decoder, p, delimiter, &fix->mover);
    case SEINE_CSV_TIME_ISO: return quick_iso(decoder, p, end, delimiter, &fix->ts_us);
    case SEINE_CSV_ID_TEXT: return quick_id_text(decoder, p, end, delimiter, &fix->mover);
    case SEINE_CSV_TIME: return quick_time(decoder, p, end, delimiter, &fix->ts_us);
    case SEINE_CSV_VALUE:
        return quick_value(decoder->dataset, column, p, end, delimiter,
                           seine_fix_row_number(fix, column - SEINE_DATASET_LAT));
    case SEINE_CSV_CAREFUL: return NULL;
    default: return memchr(p, delimiter, (size_t)(end - p));
    }
}

/* What is sent for "not available" becomes null; false when a number has to be counted, mended or refused. */
static bool quick_nulls(const seine_fix_limits *limits, seine_fix *fix) {
    for (size_t n = 0; n < SEINE_FIX_NUMBERS; n++) {
        double *value = seine_fix_row_number(fix, n);
        if (*value >= limits->least[n] && *value <= limits->most[n] && *value != limits->unknown[n]) continue;
        if (!limits->may_be_null[n] || !(isnan(*value) || *value == limits->unknown[n])) return false;
        *value = (double)NAN;
    }
    return true;
}

static inline bool quick_limits(const seine_fix_limits *limits, seine_fix *fix) {
    for (size_t n = 0; n < SEINE_FIX_NUMBERS; n++) {
        const double value = *seine_fix_row_number(fix, n);
        if (!(value >= limits->least[n] && value <= limits->surely[n])) return quick_nulls(limits, fix);
    }
    return true;
}

/* @return whether the line was an ordinary valid row; then @p fix is complete. A line never holds a quote here. */
static inline bool quick_row(seine_fix_decoder *decoder, const seine_csv_header *header, seine_str line,
                             seine_fix *fix) {
    const char *p = line.data, *end = line.data + line.size;
    for (size_t n = 0; n < SEINE_FIX_NUMBERS; n++) *seine_fix_row_number(fix, n) = (double)NAN;
    for (size_t f = 0; f < header->tail; f++) {
        p = quick_field(decoder, header, f, p, end, fix);
        if (p == NULL || p >= end) return false;
        p++;
    }
    if (!quick_tail(decoder, (seine_str){p, (size_t)(end - p)}, fix)) return false;
    if (fix->ts_us > decoder->latest_us || fix->ts_us < decoder->earliest_us) return false;
    return quick_limits(&decoder->limits, fix);
}

/* ---- the careful path ---- */

static seine_status careful_record(seine_fix_decoder *decoder, const seine_csv_header *header,
                                   const seine_csv_record *record, seine_fix_row *row, seine_fix_batch *batch) {
    if (record->raw.size > SEINE_CSV_RECORD_BYTES)
        return seine_fix_row_refuse(batch, record->raw, "length: %zu bytes, at most %d are read", record->raw.size,
                                    SEINE_CSV_RECORD_BYTES);
    if (record->field_count != header->field_count)
        return seine_fix_row_refuse(batch, record->raw, "ragged: %zu fields where the header has %zu",
                                    record->field_count, header->field_count);
    for (size_t f = 0; f < header->field_count; f++)
        if (header->column_of[f] >= 0) row->value[header->column_of[f]] = record->field[f];
    row->raw = record->raw;
    if (header->tail < header->field_count) {
        /* A quoted delimiter would make two different tails look alike. */
        const bool is_plain = record->raw.size == 0 || memchr(record->raw.data, '"', record->raw.size) == NULL;
        const char *tail = record->field[header->tail].data;
        row->key = is_plain ? SEINE_FIX_KEY_TEXT : SEINE_FIX_KEY_NONE;
        if (is_plain) row->tail = (seine_str){tail, (size_t)(record->raw.data + record->raw.size - tail)};
    }
    return seine_fix_row_take(decoder, row, batch);
}

static seine_status decode_careful(seine_fix_decoder *decoder, const seine_csv_header *header, seine_str text,
                                   seine_fix_batch *batch) {
    seine_csv_record record;
    seine_fix_row row = {.decimal = decoder->dataset->csv_decimal, .may_wrap = header->may_wrap};
    for (;;) {
        SEINE_TRY(seine_csv_next(&text, header->delimiter, &decoder->scratch, &record));
        if (record.raw.data == NULL) return SEINE_OK;
        batch->rows++;
        SEINE_TRY(careful_record(decoder, header, &record, &row, batch));
    }
}

/* ---- blocks ---- */

/* Lines of a block without any quote: every record is a line. */
static seine_status decode_lines(seine_fix_decoder *decoder, const seine_csv_header *header, seine_str text,
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
            status = seine_fix_row_add(batch, &fix);
        } else {
            status = decode_careful(decoder, header, (seine_str){at, (size_t)(behind - at)}, batch);
        }
        if (status != SEINE_OK) return status;
        at = behind;
    }
    return decode_careful(decoder, header, (seine_str){at, (size_t)(end - at)}, batch);
}

seine_status seine_fix_decode(seine_fix_decoder *decoder, const seine_csv_header *header, seine_str block,
                              seine_fix_batch *batch) {
    seine_buf_init(&batch->text, SEINE_FIX_BLOCK_TEXT_MAX);
    seine_fix_row_begin(decoder, header);
    if (decoder->last == NULL) decoder->last = calloc((size_t)1 << MOVER_BITS, sizeof *decoder->last);
    if (decoder->last == NULL) return SEINE_E_NOMEM;
    if (decoder->dataset->is_latin1 && seine_field_is_beyond_ascii(block)) {
        seine_buf_clear(&decoder->utf8);
        SEINE_TRY(seine_field_of_latin1(block, &decoder->utf8));
        block = seine_buf_str(&decoder->utf8);
    }
    const bool plain = block.size == 0 || memchr(block.data, '"', block.size) == NULL;
    return plain && header->tail < header->field_count ? decode_lines(decoder, header, block, batch)
                                                       : decode_careful(decoder, header, block, batch);
}

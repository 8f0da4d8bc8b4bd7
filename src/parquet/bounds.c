/*
 * Bounds. One loop per type finds the extremes of plain values; everything after works on their bytes.
 */
#include "parquet/bounds.h"

#include <math.h>

#define LAST_CODE_POINT 0x10FFFF
#define FIRST_SURROGATE 0xD800
#define AFTER_SURROGATES 0xE000

/* ---- text ---- */

/* Size of the code point that starts at text[at], by its lead byte; 0 when the bytes are not UTF-8. */
static size_t code_point_at(seine_str text, size_t at, uint32_t *code) {
    const uint8_t *bytes = (const uint8_t *)text.data + at;
    const uint8_t lead = bytes[0];
    const size_t size = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF8 ? 4 : 0;
    if (size == 0 || size > text.size - at) return 0;
    *code = size == 1 ? lead : lead & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (bytes[i] & 0x3FU);
    }
    return size;
}

static size_t put_code_point(uint8_t *at, uint32_t code) {
    if (code < 0x80) {
        at[0] = (uint8_t)code;
        return 1;
    }
    const size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; --i > 0; code >>= 6) at[i] = (uint8_t)(0x80 | (code & 0x3F));
    at[0] = (uint8_t)(code | (0xF00U >> size & 0xFF));
    return size;
}

/* Cuts after 16 code points. starts[i] is where code point i begins; *valid tells whether all of them were UTF-8. */
static size_t cut(seine_str text, size_t starts[SEINE_BOUND_CODE_POINTS], uint32_t codes[SEINE_BOUND_CODE_POINTS],
                  size_t *count, bool *valid) {
    size_t at = 0;
    *valid = true;
    for (*count = 0; at < text.size && *count < SEINE_BOUND_CODE_POINTS; (*count)++) {
        const size_t size = code_point_at(text, at, &codes[*count]);
        if (size == 0) {
            *valid = false;
            return at;
        }
        starts[*count] = at;
        at += size;
    }
    return at;
}

static void set(seine_bound *bound, const void *bytes, size_t size, bool exact) {
    if (size > 0) memcpy(bound->bytes, bytes, size);
    bound->size = (uint8_t)size;
    bound->exact = exact;
}

void seine_bound_text_lower(seine_str text, seine_bound *bound) {
    size_t starts[SEINE_BOUND_CODE_POINTS], count;
    uint32_t codes[SEINE_BOUND_CODE_POINTS];
    bool valid;
    const size_t size = cut(text, starts, codes, &count, &valid);
    set(bound, text.data, size, size == text.size);
}

bool seine_bound_text_upper(seine_str text, seine_bound *bound) {
    size_t starts[SEINE_BOUND_CODE_POINTS], count;
    uint32_t codes[SEINE_BOUND_CODE_POINTS];
    bool valid;
    const size_t size = cut(text, starts, codes, &count, &valid);
    if (!valid) return false;
    if (size == text.size) {
        set(bound, text.data, size, true);
        return true;
    }
    while (count > 0) {
        count--;
        if (codes[count] >= LAST_CODE_POINT) continue;
        uint32_t next = codes[count] + 1;
        if (next == FIRST_SURROGATE) next = AFTER_SURROGATES;
        uint8_t bytes[4];
        const size_t last = put_code_point(bytes, next);
        /* U+007F, U+07FF and U+FFFF grow by a byte; 15 code points of 4 bytes and this one still fit. */
        set(bound, text.data, starts[count], false);
        memcpy(bound->bytes + starts[count], bytes, last);
        bound->size = (uint8_t)(starts[count] + last);
        return true;
    }
    return false;
}

static seine_bounds bounds_of_text(const seine_str *values, size_t count) {
    seine_bounds bounds = {.any = true};
    seine_str least = values[0], most = values[0];
    for (size_t i = 1; i < count; i++) {
        if (seine_str_compare(values[i], least) < 0) least = values[i];
        if (seine_str_compare(values[i], most) > 0) most = values[i];
    }
    seine_bound_text_lower(least, &bounds.lower);
    bounds.upper_open = !seine_bound_text_upper(most, &bounds.upper);
    return bounds;
}

/* ---- numbers ---- */

typedef struct extremes {
    double least[4], most[4];
    size_t nans[4];
} extremes;

/* A NaN stays out of both. */
static inline void widen(extremes *e, size_t k, double value) {
    e->least[k] = value < e->least[k] ? value : e->least[k];
    e->most[k] = value > e->most[k] ? value : e->most[k];
    e->nans[k] += value != value;
}

static seine_bounds bounds_of_double(const double *values, size_t count) {
    /* Four of each, so that one comparison need not wait for the one before. */
    extremes e = {{INFINITY, INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY, -INFINITY}, {0}};
    size_t i = 0;
    for (; count - i >= 4; i += 4)
        for (size_t k = 0; k < 4; k++) widen(&e, k, values[i + k]);
    for (; i < count; i++) widen(&e, 0, values[i]);
    for (size_t k = 1; k < 4; k++) {
        if (e.least[k] < e.least[0]) e.least[0] = e.least[k];
        if (e.most[k] > e.most[0]) e.most[0] = e.most[k];
        e.nans[0] += e.nans[k];
    }
    if (e.least[0] == 0) e.least[0] = -0.0;
    if (e.most[0] == 0) e.most[0] = 0.0;
    seine_bounds bounds = {.any = true, .unknown = e.nans[0] > 0};
    set(&bounds.lower, &e.least[0], sizeof(double), true);
    set(&bounds.upper, &e.most[0], sizeof(double), true);
    return bounds;
}

static seine_bounds bounds_of_long(const int64_t *values, size_t count) {
    int64_t least = values[0], most = values[0];
    for (size_t i = 1; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    seine_bounds bounds = {.any = true};
    set(&bounds.lower, &least, sizeof least, true);
    set(&bounds.upper, &most, sizeof most, true);
    return bounds;
}

static seine_bounds bounds_of_int(const int32_t *values, size_t count) {
    int32_t least = values[0], most = values[0];
    for (size_t i = 1; i < count; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    seine_bounds bounds = {.any = true};
    set(&bounds.lower, &least, sizeof least, true);
    set(&bounds.upper, &most, sizeof most, true);
    return bounds;
}

static seine_bounds bounds_of_boolean(const uint8_t *values, size_t count) {
    uint8_t least = 1, most = 0;
    for (size_t i = 0; i < count; i++) {
        least &= values[i] != 0;
        most |= values[i] != 0;
    }
    seine_bounds bounds = {.any = true};
    set(&bounds.lower, &least, 1, true);
    set(&bounds.upper, &most, 1, true);
    return bounds;
}

seine_bounds seine_bounds_of(seine_type type, const void *values, size_t count) {
    if (count == 0) return (seine_bounds){.any = false};
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return bounds_of_boolean(values, count);
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return bounds_of_int(values, count);
    case SEINE_TYPE_LONG:
    case SEINE_TYPE_TIMESTAMPTZ: return bounds_of_long(values, count);
    case SEINE_TYPE_DOUBLE: return bounds_of_double(values, count);
    case SEINE_TYPE_STRING: return bounds_of_text(values, count);
    case SEINE_TYPE_BINARY: break;
    }
    return (seine_bounds){.any = true, .unknown = true};
}

/* ---- merging ---- */

static int compare_long(int64_t a, int64_t b) { return (a > b) - (a < b); }

int seine_bound_compare(seine_type type, const seine_bound *a, const seine_bound *b) {
    int64_t long_a, long_b;
    int32_t int_a, int_b;
    double real_a, real_b;
    switch (type) {
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE:
        memcpy(&int_a, a->bytes, sizeof int_a);
        memcpy(&int_b, b->bytes, sizeof int_b);
        return compare_long(int_a, int_b);
    case SEINE_TYPE_LONG:
    case SEINE_TYPE_TIMESTAMPTZ:
        memcpy(&long_a, a->bytes, sizeof long_a);
        memcpy(&long_b, b->bytes, sizeof long_b);
        return compare_long(long_a, long_b);
    case SEINE_TYPE_DOUBLE:
        memcpy(&real_a, a->bytes, sizeof real_a);
        memcpy(&real_b, b->bytes, sizeof real_b);
        return (real_a > real_b) - (real_a < real_b);
    case SEINE_TYPE_BOOLEAN:
    case SEINE_TYPE_STRING:
    case SEINE_TYPE_BINARY: break;
    }
    return seine_str_compare((seine_str){(const char *)a->bytes, a->size},
                             (seine_str){(const char *)b->bytes, b->size});
}

/* Of two equal bounds one that was cut makes the result count as cut, which is the careful answer. */
static void take(seine_bound *into, const seine_bound *more, int order) {
    if (order == 0) into->exact = into->exact && more->exact;
    if (order < 0) *into = *more;
}

void seine_bounds_merge(seine_type type, seine_bounds *into, const seine_bounds *more) {
    if (!more->any) return;
    if (!into->any) {
        *into = *more;
        return;
    }
    into->unknown = into->unknown || more->unknown;
    into->upper_open = into->upper_open || more->upper_open;
    if (into->unknown) return;
    take(&into->lower, &more->lower, seine_bound_compare(type, &more->lower, &into->lower));
    if (!into->upper_open) take(&into->upper, &more->upper, seine_bound_compare(type, &into->upper, &more->upper));
}

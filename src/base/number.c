/*
 * Numbers as text and back. Both ways avoid the locale's decimal point: what goes to strtod is a whole number with an
 * exponent, and the digits of a text are yyjson's, which knows no locale.
 */
#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <yyjson.h>

/* ---- text of a number ------------------------------------------------------------------------------------------ */

#define MOST_DIGITS 17

/* value = 0.d1 d2 ... dn * 10^point */
typedef struct decimal {
    char digits[MOST_DIGITS + 1];
    int count;
    int point;
} decimal;

/* The digits of a number as yyjson writes it: 12.5, 1.5e-7. Zeros in front say only where the point is. */
static decimal decimal_of_text(const char *text) {
    decimal d = {.count = 0};
    bool is_behind_point = false;
    const char *p = text;
    for (; *p != '\0' && *p != 'e'; p++) {
        if (*p == '.') {
            is_behind_point = true;
            continue;
        }
        const bool is_leading = d.count == 0 && *p == '0';
        if (!is_leading && d.count < MOST_DIGITS) d.digits[d.count++] = *p;
        if (is_behind_point)
            d.point -= is_leading;
        else
            d.point += !is_leading;
    }
    if (*p == 'e') d.point += (int)strtol(p + 1, NULL, 10);
    return d;
}

/*
 * Fewest digits that read back as value > 0, and among those the nearest. yyjson needs no more memory than this, so it
 * cannot fail.
 */
static decimal shortest(double value) {
    char memory[1024];
    yyjson_alc allocator;
    yyjson_val number = {0};
    size_t size = 0;
    (void)yyjson_alc_pool_init(&allocator, memory, sizeof memory);
    (void)yyjson_set_real(&number, value);
    const char *text = yyjson_val_write_opts(&number, YYJSON_WRITE_NOFLAG, &allocator, &size, NULL);
    return decimal_of_text(text != NULL ? text : "0");
}

static size_t write_exponent_form(const decimal *d, char *out) {
    size_t n = 0;
    out[n++] = d->digits[0];
    if (d->count > 1) out[n++] = '.';
    for (int i = 1; i < d->count; i++) out[n++] = d->digits[i];
    return n + (size_t)snprintf(out + n, 8, "e%c%02d", d->point > 0 ? '+' : '-', abs(d->point - 1));
}

static size_t write_plain_form(const decimal *d, char *out) {
    size_t n = 0;
    if (d->point <= 0) {
        out[n++] = '0';
        out[n++] = '.';
        for (int i = d->point; i < 0; i++) out[n++] = '0';
    }
    for (int i = 0; i < d->count; i++) {
        if (i > 0 && i == d->point) out[n++] = '.';
        out[n++] = d->digits[i];
    }
    if (d->point >= d->count) {
        for (int i = d->count; i < d->point; i++) out[n++] = '0';
        out[n++] = '.';
        out[n++] = '0';
    }
    out[n] = '\0';
    return n;
}

static size_t write_word(const char *word, char *out) {
    const size_t size = strlen(word);
    memcpy(out, word, size + 1);
    return size;
}

/* Digits of a whole number without a NUL. */
static size_t write_whole(uint64_t value, char *out) {
    char digits[20];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (size_t i = 0; i < count; i++) out[i] = digits[count - 1 - i];
    return count;
}

/*
 * Numbers that were written with few decimals, as coordinates and speeds are: the fewest decimals whose quotient gives
 * the number back. Below 1e15 that quotient is rounded once, as reading the text would be, and at most 15 digits name
 * one number only. @return 0 when it is none.
 */
static size_t write_few_decimals(double magnitude, char *out) {
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7};
    if (magnitude < 1e-3 || magnitude >= 1e8) return 0;
    for (size_t k = 1; k < sizeof powers / sizeof *powers; k++) {
        const double whole = rint(magnitude * powers[k]);
        if (whole / powers[k] != magnitude) continue;
        const uint64_t scaled = (uint64_t)whole, power = (uint64_t)powers[k];
        size_t n = write_whole(scaled / power, out);
        out[n++] = '.';
        uint64_t rest = scaled % power;
        for (size_t i = k; i > 0; i--) {
            out[n + i - 1] = (char)('0' + rest % 10);
            rest /= 10;
        }
        n += k;
        out[n] = '\0';
        return n;
    }
    return 0;
}

size_t seine_number_text(double value, char text[32]) {
    if (isnan(value)) return write_word("nan", text);
    if (isinf(value)) return write_word(value > 0 ? "inf" : "-inf", text);
    size_t n = 0;
    if (signbit(value)) text[n++] = '-';
    const double magnitude = fabs(value);
    if (magnitude < 1e15 && magnitude == floor(magnitude)) {
        n += write_whole((uint64_t)magnitude, text + n);
        return n + write_word(".0", text + n);
    }
    const size_t quick = write_few_decimals(magnitude, text + n);
    if (quick > 0) return n + quick;
    decimal d = shortest(magnitude);
    while (d.count > 1 && d.digits[d.count - 1] == '0') d.count--;
    const bool plain = d.point > -4 && d.point <= 16; /* 1e-4 <= magnitude < 1e16 */
    return n + (plain ? write_plain_form(&d, text + n) : write_exponent_form(&d, text + n));
}

/* ---- number of a text ------------------------------------------------------------------------------------------ */

/* Digits behind this many cannot change the nearest double, except by not being zero. */
#define DIGITS_KEPT 800
#define MANTISSA_DIGITS 19 /* always fit into 64 bits */
#define EXPONENT_MAX INT64_C(1000000000000)

/* A number cut into its parts: sign, digits with a point somewhere, exponent. */
typedef struct parts {
    bool negative;
    seine_str digits;  /* digits and at most one point */
    uint64_t mantissa; /* of the first 19 digits that count; exact when cut is false */
    bool cut;
    int64_t exponent; /* power of ten of the last digit of mantissa */
} parts;

static bool is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static const char *take_sign(const char *p, const char *end, bool *negative) {
    *negative = p < end && *p == '-';
    return p < end && (*p == '-' || *p == '+') ? p + 1 : p;
}

static const char *take_digits(const char *p, const char *end, parts *out) {
    const char *start = p;
    const char *point = NULL;
    bool any = false;
    int significant = 0;
    int64_t dropped = 0;
    for (; p < end; p++) {
        if (*p == '.' && point == NULL) {
            point = p;
            continue;
        }
        if (!is_digit(*p)) break;
        any = true;
        if (significant < MANTISSA_DIGITS) {
            out->mantissa = out->mantissa * 10 + (uint64_t)(*p - '0');
            significant += out->mantissa != 0;
        } else {
            dropped++;
        }
    }
    if (!any) return NULL;
    out->digits = (seine_str){start, (size_t)(p - start)};
    out->cut = dropped > 0;
    out->exponent = dropped - (point != NULL ? p - point - 1 : 0);
    return p;
}

static const char *take_exponent(const char *p, const char *end, parts *out) {
    if (p == end || (*p != 'e' && *p != 'E')) return p;
    bool negative = false;
    p = take_sign(p + 1, end, &negative);
    if (p == end || !is_digit(*p)) return NULL;
    int64_t exponent = 0;
    for (; p < end && is_digit(*p); p++) {
        if (exponent < EXPONENT_MAX) exponent = exponent * 10 + (*p - '0');
    }
    out->exponent += negative ? -exponent : exponent;
    return p;
}

/* The rare, exact way: significant digits as a whole number and the exponent, to strtod. */
static double parse_slowly(const parts *in) {
    char text[DIGITS_KEPT + 32];
    size_t n = 0;
    bool rest = false;
    for (size_t i = 0; i < in->digits.size; i++) {
        const char c = in->digits.data[i];
        if (c == '.' || (n == 0 && c == '0')) continue;
        if (n < DIGITS_KEPT) {
            text[n++] = c;
        } else {
            rest = rest || c != '0';
        }
    }
    int64_t exponent = in->exponent - (n > MANTISSA_DIGITS ? (int64_t)n - MANTISSA_DIGITS : 0);
    if (rest) {
        text[n++] = '1';
        exponent--;
    }
    if (exponent > 100000) exponent = 100000;
    if (exponent < -100000) exponent = -100000;
    snprintf(text + n, sizeof text - n, "e%d", (int)exponent);
    return strtod(text, NULL);
}

/* Powers that a double holds exactly. */
static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#define EXACT_MANTISSA (UINT64_C(1) << 53)
#define PLAIN_BYTES 18 /* cannot overflow the mantissa */

/* The usual field of an archive: an optional minus, digits, perhaps a point and digits, nothing else. */
static bool parse_plain(seine_str text, double *value) {
    if (text.size == 0 || text.size > PLAIN_BYTES) return false;
    const char *p = text.data;
    const char *end = p + text.size;
    const bool negative = *p == '-';
    p += negative;
    uint64_t mantissa = 0;
    const char *digits = p;
    for (; p < end && is_digit(*p); p++) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
    if (p == digits) return false;
    double magnitude = 0;
    if (p == end) {
        magnitude = (double)mantissa;
    } else {
        if (*p != '.') return false;
        const char *fraction = ++p;
        for (; p < end && is_digit(*p); p++) mantissa = mantissa * 10 + (uint64_t)(*p - '0');
        if (p != end) return false;
        magnitude = (double)mantissa / POWERS[end - fraction];
    }
    *value = negative ? -magnitude : magnitude;
    return mantissa <= EXACT_MANTISSA; /* else two roundings could meet */
}

bool seine_number_parse(seine_str text, double *value) {
    if (parse_plain(text, value)) return true;
    text = seine_str_trim(text);
    if (text.size == 0) return false;
    const char *end = text.data + text.size;
    parts in = {.mantissa = 0};
    const char *p = take_digits(take_sign(text.data, end, &in.negative), end, &in);
    if (p != NULL) p = take_exponent(p, end, &in);
    if (p != end) return false;

    double magnitude = 0;
    if (in.mantissa == 0) {
        magnitude = 0;
    } else if (!in.cut && in.mantissa <= EXACT_MANTISSA && in.exponent >= -22 && in.exponent <= 22) {
        /* Both factors are exact, so one rounding gives the nearest double. */
        magnitude =
            in.exponent < 0 ? (double)in.mantissa / POWERS[-in.exponent] : (double)in.mantissa * POWERS[in.exponent];
    } else {
        magnitude = parse_slowly(&in);
        if (isinf(magnitude)) return false;
    }
    *value = in.negative ? -magnitude : magnitude;
    return true;
}

bool seine_integer_parse(seine_str text, int64_t *value) {
    if (text.size == 0) return false;
    const char *end = text.data + text.size;
    bool negative = false;
    const char *p = take_sign(text.data, end, &negative);
    if (p == end) return false;
    const uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t magnitude = 0;
    for (; p < end; p++) {
        if (!is_digit(*p)) return false;
        const uint64_t digit = (uint64_t)(*p - '0');
        if (magnitude > (limit - digit) / 10) return false;
        magnitude = magnitude * 10 + digit;
    }
    *value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

seine_counted seine_count(int64_t count, const char *noun) {
    static const char *const hissing[] = {"s", "x", "ch", "sh"};
    seine_counted counted;
    const char *ending = "s";
    for (size_t i = 0; i < sizeof hissing / sizeof *hissing; i++)
        if (seine_str_ends_with_nocase(seine_str_of(noun), seine_str_of(hissing[i]))) ending = "es";
    (void)snprintf(counted.text, sizeof counted.text, "%" PRId64 " %s%s", count, noun, count == 1 ? "" : ending);
    return counted;
}

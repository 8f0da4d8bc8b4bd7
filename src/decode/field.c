/* Words, numbers, texts. What a text means is in the dataset's columns; nothing here knows a dataset. */
#include "decode/field.h"

#include "base/number.h"
#include "base/try.h"

#include <math.h>

#define NUMBER_BYTES 64 /* of a number with a decimal comma; longer ones are none */

/* ---- names and words ---- */

size_t seine_field_plain_word(seine_str text, char word[SEINE_FIELD_WORD_MAX]) {
    size_t size = 0;
    for (size_t i = 0; i < text.size && size + 1 < SEINE_FIELD_WORD_MAX; i++) {
        const char c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            word[size++] = (char)(c + 32);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            word[size++] = c;
    }
    word[size] = '\0';
    return size;
}

bool seine_field_name_equal(seine_str name, const char *known) {
    char a[SEINE_FIELD_WORD_MAX], b[SEINE_FIELD_WORD_MAX];
    const size_t size = seine_field_plain_word(name, a);
    return size > 0 && size == seine_field_plain_word(seine_str_of(known), b) && memcmp(a, b, size) == 0;
}

static bool starts_with(seine_str text, seine_str start) {
    return text.size >= start.size && (start.size == 0 || memcmp(text.data, start.data, start.size) == 0);
}

/* Whether the text begins with the first part and has the others behind it in their order; parts are cut by '*'. */
static bool has_parts(seine_str text, seine_str parts, bool ignores_form) {
    for (bool is_first = true; parts.data != NULL; is_first = false) {
        char plain[SEINE_FIELD_WORD_MAX];
        const char *star = parts.size > 0 ? memchr(parts.data, '*', parts.size) : NULL;
        seine_str part = {parts.data, star != NULL ? (size_t)(star - parts.data) : parts.size};
        parts = star != NULL ? (seine_str){star + 1, parts.size - part.size - 1} : (seine_str){NULL, 0};
        if (ignores_form) part = (seine_str){plain, seine_field_plain_word(part, plain)};
        const char *found =
            is_first ? starts_with(text, part) ? text.data : NULL : memmem(text.data, text.size, part.data, part.size);
        if (found == NULL) return false;
        found += part.size;
        text = (seine_str){found, text.size - (size_t)(found - text.data)};
    }
    return true;
}

/* Most words differ from a text in their first letter. */
static inline bool differs_at_once(char known, char first, bool ignores_form) {
    if (!ignores_form) return known != first && known != '*';
    const char letter = (char)(known | 0x20); /* small; a digit stays one */
    return letter != first && ((letter >= 'a' && letter <= 'z') || (known >= '0' && known <= '9'));
}

static const seine_dataset_word *find_word(const seine_dataset_column *column, seine_str text) {
    char plain[SEINE_FIELD_WORD_MAX], known[SEINE_FIELD_WORD_MAX];
    if (column->ignores_form) text = (seine_str){plain, seine_field_plain_word(text, plain)};
    for (size_t w = 0; text.size > 0 && w < column->word_count; w++) {
        const seine_dataset_word *word = &column->words[w];
        if (differs_at_once(word->text[0], text.data[0], column->ignores_form)) continue;
        seine_str wanted = seine_str_of(word->text);
        if (word->is_prefix) {
            if (has_parts(text, wanted, column->ignores_form)) return word;
            continue;
        }
        if (column->ignores_form) wanted = (seine_str){known, seine_field_plain_word(wanted, known)};
        if (seine_str_equal(text, wanted)) return word;
    }
    return NULL;
}

/* Puts what a word stands for in its place. @return false when that is null. */
static bool take_word(const seine_dataset_column *column, seine_str *text, char *decimal) {
    const seine_dataset_word *word =
        column->word_count > 0 ? find_word(column, column->trims ? seine_str_strip(*text) : *text) : NULL;
    if (word == NULL) return true;
    if (word->value == NULL) return false;
    *text = seine_str_of(word->value);
    *decimal = '.';
    return true;
}

/* ---- values ---- */

static bool parse_boolean(seine_str text, double *value) {
    static const struct {
        const char *text;
        double value;
    } words[] = {{"true", 1}, {"false", 0}, {"1", 1}, {"0", 0}, {"yes", 1}, {"no", 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!seine_str_equal_nocase(text, seine_str_of(words[i].text))) continue;
        *value = words[i].value;
        return true;
    }
    return false;
}

static bool parse_number(seine_str text, char decimal, double *value) {
    char copy[NUMBER_BYTES];
    if (decimal == '.') return seine_number_parse(text, value);
    if (text.size > sizeof copy || memchr(text.data, '.', text.size) != NULL) return false;
    for (size_t i = 0; i < text.size; i++) copy[i] = text.data[i] == decimal ? '.' : text.data[i];
    return seine_number_parse((seine_str){copy, text.size}, value);
}

static seine_field take_number(const seine_dataset_column *column, double number, double *value) {
    if (number == column->unknown) return SEINE_FIELD_NULL;
    if (column->scale != 1 || column->offset != 0) number = number * column->scale + column->offset;
    const bool is_whole = seine_dataset_is_whole(column->type);
    if (is_whole && column->truncates) number = trunc(number);
    if (!(number >= column->least && number <= column->most)) return SEINE_FIELD_RANGE;
    if (is_whole && number != floor(number)) return SEINE_FIELD_FAULT;
    if (is_whole &&
        !(number >= seine_dataset_whole_least(column->type) && number <= seine_dataset_whole_most(column->type)))
        return SEINE_FIELD_RANGE;
    *value = number;
    return SEINE_FIELD_GOOD;
}

seine_field seine_field_number(const seine_dataset_column *column, char decimal, seine_str text, double *value) {
    double number = 0;
    *value = (double)NAN;
    if (!take_word(column, &text, &decimal)) return SEINE_FIELD_NULL;
    text = seine_str_strip(text);
    if (text.size == 0) return SEINE_FIELD_NULL;
    const bool is_value =
        column->type == SEINE_TYPE_BOOLEAN ? parse_boolean(text, &number) : parse_number(text, decimal, &number);
    return is_value ? take_number(column, number, value) : SEINE_FIELD_FAULT;
}

seine_field seine_field_text(const seine_dataset_column *column, seine_str text, seine_str *value) {
    char decimal = '.';
    if (column->trims) text = seine_str_strip(text);
    *value = text;
    if (text.size == 0 || !take_word(column, value, &decimal)) return SEINE_FIELD_NULL;
    return value->size == 0 ? SEINE_FIELD_NULL : SEINE_FIELD_GOOD;
}

/* ---- degrees, minutes, seconds ---- */

/* What may stand behind a number of them, besides blanks. */
static const char *const marks[] = {
    "\xC2\xB0", "\xC2\xBA", "'", "\"", "\xE2\x80\xB2", "\xE2\x80\xB3", "\xE2\x80\x99", "\xE2\x80\x9D",
    ":",        "-",        " ", "\t"};

static const char *skip_marks(const char *p, const char *end) {
    for (size_t m = 0; m < sizeof marks / sizeof *marks;) {
        const size_t size = strlen(marks[m]);
        const bool stands = (size_t)(end - p) >= size && memcmp(p, marks[m], size) == 0;
        p += stands ? size : 0;
        m = stands ? 0 : m + 1;
    }
    return p;
}

static const char *skip_blanks(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t')) p++;
    return p;
}

/* Takes the letter of a half of the globe: *half is 1 or -1. */
static bool take_letter(const char **p, const char *end, bool is_latitude, int *half) {
    const char letter = *p < end ? (char)(**p & ~0x20) : '\0';
    if (letter == (is_latitude ? 'N' : 'E'))
        *half = 1;
    else if (letter == (is_latitude ? 'S' : 'W'))
        *half = -1;
    else
        return false;
    ++*p;
    return true;
}

/* Digits, perhaps with a fraction. */
static bool take_part(const char **p, const char *end, double *number, bool *is_whole) {
    const char *start = *p;
    char text[NUMBER_BYTES];
    size_t size = 0;
    for (*is_whole = true; *p < end && size < sizeof text; ++*p) {
        const bool is_point = **p == '.' || **p == ',';
        if (!is_point && !(**p >= '0' && **p <= '9')) break;
        if (is_point) *is_whole = false;
        text[size++] = is_point ? '.' : **p;
    }
    return *p > start && seine_number_parse((seine_str){text, size}, number);
}

/* Up to three numbers with their marks. @return how many; 0 = not such a text. */
static size_t take_parts(const char **p, const char *end, double *degrees) {
    static const double units[] = {1, 60, 3600};
    size_t count = 0;
    bool is_whole = true;
    while (*p < end && **p >= '0' && **p <= '9') {
        double number = 0;
        if (count == 3 || !is_whole || !take_part(p, end, &number, &is_whole)) return 0;
        if (count > 0 && !(number < 60)) return 0;
        *degrees += number / units[count++];
        *p = skip_marks(*p, end);
    }
    return count;
}

seine_field seine_field_degrees(const seine_dataset_column *column, bool is_latitude, seine_str text, double *value) {
    *value = (double)NAN;
    text = seine_str_trim(text);
    if (text.size == 0) return SEINE_FIELD_NULL;
    const char *p = text.data, *end = text.data + text.size;
    int half = 0;
    double degrees = 0;
    if (*p == '-' || *p == '+') {
        half = *p++ == '-' ? -1 : 1;
    } else if (take_letter(&p, end, is_latitude, &half)) {
        p = skip_blanks(p, end);
    }
    const size_t count = take_parts(&p, end, &degrees);
    if (count == 0 || (p < end && (half != 0 || !take_letter(&p, end, is_latitude, &half))) || p < end)
        return SEINE_FIELD_FAULT;
    if (half == 0 && count > 1) return SEINE_FIELD_FAULT;
    return take_number(column, half < 0 ? -degrees : degrees, value);
}

/* ---- ISO 8859-1 ---- */

bool seine_field_is_beyond_ascii(seine_str text) {
    unsigned char all = 0;
    for (size_t i = 0; i < text.size; i++) all |= (unsigned char)text.data[i];
    return all >= 0x80;
}

seine_status seine_field_of_latin1(seine_str text, seine_buf *out) {
    SEINE_TRY(seine_buf_reserve(out, text.size * 2));
    uint8_t *at = out->data + out->size;
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x80) *at++ = (uint8_t)(0xC0 | c >> 6);
        *at++ = (uint8_t)(c < 0x80 ? c : 0x80 | (c & 0x3F));
    }
    out->size = (size_t)(at - out->data);
    return SEINE_OK;
}

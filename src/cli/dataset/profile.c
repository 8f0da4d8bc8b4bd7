/* Values as they are: each one is tried as everything that it might be, since a file says of none what it is. */
#include "cli/dataset/profile.h"

#include "base/number.h"
#include "base/try.h"
#include "decode/field.h"

#include <math.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- forms of a time ---- */

static const struct {
    const char *format;
    bool is_month_first;
} dates[] = {
    {"%Y-%m-%d", false}, {"%Y/%m/%d", false}, {"%Y.%m.%d", false}, {"%Y%m%d", false},   {"%d/%m/%Y", false},
    {"%m/%d/%Y", true},  {"%d.%m.%Y", false}, {"%m.%d.%Y", true},  {"%d-%m-%Y", false}, {"%m-%d-%Y", true},
    {"%d/%m/%y", false}, {"%m/%d/%y", true},  {"%d.%m.%y", false},
};
static const char *const joints[] = {" ", "T", ", "};
static const char *const clocks[] = {"%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H%M%S"};
static const char *const zones[] = {"", "%z", " %z"};
static const char *const counts[] = {"iso", "unix_s", "unix_ms", "unix_us", "unix_ns"};

static seine_status add_form(seine_time_forms *forms, const char *format, bool is_month_first) {
    if (format == NULL) return SEINE_E_NOMEM;
    if (forms->count < SEINE_PROFILE_TIMES) forms->forms[forms->count++] = (seine_time_form){format, is_month_first};
    return SEINE_OK;
}

seine_status seine_time_forms_make(seine_arena *arena, seine_time_forms *forms) {
    forms->count = 0;
    for (size_t i = 0; i < COUNT(counts); i++) SEINE_TRY(add_form(forms, counts[i], false));
    for (size_t d = 0; d < COUNT(dates); d++)
        for (size_t j = 0; j < COUNT(joints); j++)
            for (size_t c = 0; c < COUNT(clocks); c++)
                for (size_t z = 0; z < COUNT(zones); z++)
                    SEINE_TRY(add_form(
                        forms, seine_arena_printf(arena, "%s%s%s%s", dates[d].format, joints[j], clocks[c], zones[z]),
                        dates[d].is_month_first));
    SEINE_TRY(add_form(forms, "%Y-%m-%d %H:%M:%S %z UTC", false)); /* as Go prints times */
    for (size_t d = 4; d < COUNT(dates); d++) SEINE_TRY(add_form(forms, dates[d].format, dates[d].is_month_first));
    return SEINE_OK;
}

/* Counts since 1970 between 1990 and 2100: other numbers are no times. */
static bool is_count(seine_str text, double unit_us) {
    double value;
    return seine_number_parse(text, &value) && value * unit_us >= 631152000e6 && value * unit_us < 4102444800e6;
}

static bool fits(size_t index, const seine_time_form *form, seine_str text) {
    static const double units_us[] = {0, 1e6, 1e3, 1, 1e-3};
    int64_t time_us;
    seine_dataset dataset = {.time_kind = SEINE_TIME_ISO, .csv_decimal = '.'};
    if (index > 0 && index < COUNT(counts)) return is_count(text, units_us[index]);
    if (index >= COUNT(counts)) {
        dataset.time_kind = SEINE_TIME_PATTERN;
        dataset.time_pattern = form->format;
    }
    return seine_field_time(&dataset, '.', text, &time_us);
}

/* Rows of @p filled that may be bad. */
static size_t most_bad(size_t filled) { return filled / 10 + 1; }

static void try_times(seine_profile *profile, seine_str text) {
    for (size_t i = 0; i < profile->forms->count; i++)
        if (profile->filled - 1 <= profile->times[i] + most_bad(profile->filled))
            profile->times[i] += fits(i, &profile->forms->forms[i], text);
}

/* Whether two patterns are one but for month and day. */
static bool is_swapped(const char *a, const char *b) {
    for (; *a != '\0' && *b != '\0'; a++, b++)
        if (*a != *b && !((*a == 'd' && *b == 'm') || (*a == 'm' && *b == 'd'))) return false;
    return *a == *b;
}

const seine_time_form *seine_profile_time(const seine_profile *profile, const seine_time_form **other) {
    size_t best = 0;
    *other = NULL;
    for (size_t i = 1; i < profile->forms->count; i++)
        if (profile->times[i] > profile->times[best]) best = i;
    if (profile->times[best] == 0 || profile->times[best] + most_bad(profile->filled) < profile->filled) return NULL;
    const seine_time_form *form = &profile->forms->forms[best];
    for (size_t i = 0; i < profile->forms->count; i++) {
        const seine_time_form *swapped = &profile->forms->forms[i];
        if (profile->times[i] == profile->times[best] && swapped->is_month_first != form->is_month_first &&
            is_swapped(swapped->format, form->format))
            *other = swapped;
    }
    return form;
}

/* ---- numbers and words ---- */

/* @return decimals of a number, or SIZE_MAX when it is none. */
static size_t read_number(seine_str text, char decimal, double *value) {
    char plain[64];
    size_t decimals = 0;
    bool is_behind = false;
    if (text.size >= sizeof plain) return SIZE_MAX;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == (decimal == ',' ? '.' : ',')) return SIZE_MAX;
        plain[i] = text.data[i] == decimal ? '.' : text.data[i];
        decimals += is_behind && plain[i] >= '0' && plain[i] <= '9';
        is_behind |= plain[i] == '.';
    }
    return seine_number_parse((seine_str){plain, text.size}, value) ? decimals : SIZE_MAX;
}

static bool add_number(seine_profile_numbers *numbers, seine_str text, char decimal) {
    double value;
    const size_t decimals = read_number(text, decimal, &value);
    if (decimals == SIZE_MAX) return false;
    if (numbers->count == 0 || value < numbers->least) numbers->least = value;
    if (numbers->count == 0 || value > numbers->most) numbers->most = value;
    numbers->count++;
    numbers->fine += decimals >= 3;
    return true;
}

static bool is_degrees(seine_str text) {
    static const seine_dataset_column lat = {.least = -90, .most = 90, .scale = 1},
                                      lon = {.least = -180, .most = 180, .scale = 1};
    double value;
    return seine_field_degrees(&lat, true, text, &value) == SEINE_FIELD_GOOD ||
           seine_field_degrees(&lon, false, text, &value) == SEINE_FIELD_GOOD;
}

static seine_status add_word(seine_profile *profile, seine_str text) {
    if (profile->word_count == SIZE_MAX) return SEINE_OK;
    for (size_t i = 0; i < profile->word_count; i++) {
        if (!seine_str_equal(seine_str_of(profile->words[i]), text)) continue;
        profile->word_rows[i]++;
        return SEINE_OK;
    }
    if (profile->word_count == SEINE_PROFILE_WORDS || text.size > SEINE_PROFILE_WORD_BYTES) {
        profile->word_count = SIZE_MAX;
        return SEINE_OK;
    }
    const char *copy = seine_arena_copy(profile->arena, text.data, text.size);
    if (copy == NULL) return SEINE_E_NOMEM;
    profile->words[profile->word_count] = copy;
    profile->word_rows[profile->word_count++] = 1;
    return SEINE_OK;
}

/* ---- a column ---- */

void seine_profile_begin(seine_profile *profile, const char *name, const seine_time_forms *forms, seine_arena *arena) {
    *profile = (seine_profile){.name = name, .forms = forms, .arena = arena};
}

static void add_integer(seine_profile *profile, seine_str text) {
    int64_t integer;
    if (!seine_integer_parse(text, &integer)) return;
    const size_t sign = text.data[0] == '-' || text.data[0] == '+';
    profile->integers++;
    profile->padded += (text.size > sign + 1 && text.data[sign] == '0') || integer > INT32_MAX || integer < INT32_MIN;
}

seine_status seine_profile_add(seine_profile *profile, seine_str value) {
    const seine_str text = seine_str_trim(value);
    if (text.size == 0) return SEINE_OK;
    if (profile->filled == 0) {
        profile->first = seine_arena_copy(profile->arena, text.data, text.size);
        if (profile->first == NULL) return SEINE_E_NOMEM;
    }
    profile->filled++;
    profile->has_blanks |= text.size < value.size;
    profile->has_change |= !seine_str_equal(text, seine_str_of(profile->first));
    if (text.size > profile->longest) profile->longest = text.size;
    add_integer(profile, text);
    profile->booleans +=
        seine_str_equal_nocase(text, SEINE_STR("true")) || seine_str_equal_nocase(text, SEINE_STR("false"));
    const bool is_point = add_number(&profile->point, text, '.'), is_comma = add_number(&profile->comma, text, ',');
    const bool is_number = is_point || is_comma;
    profile->degrees += !is_number && is_degrees(text);
    try_times(profile, text);
    return is_number ? SEINE_OK : add_word(profile, text);
}

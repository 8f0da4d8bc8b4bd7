/* Which column of a file is what, by the names in the table of kinds. */
#include "base/try.h"
#include "decode/reference/kind.h"

#include <stdint.h>
#include <stdio.h>

#define NAME_MAX_BYTES 64
#define LIST_MAX_BYTES 600

/* ---- names ---- */

/* Lower case without what people put between words; a name too long for any alias is cut. */
static seine_str normal(seine_str name, char room[NAME_MAX_BYTES]) {
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < NAME_MAX_BYTES; i++) {
        const char c = name.data[i];
        if (c == '\0' || strchr(" \t_-/.", c) != NULL) continue;
        room[size++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (seine_str){room, size};
}

static bool is_in_group(seine_str group, seine_str name) {
    while (group.size > 0) {
        const char *blank = memchr(group.data, ' ', group.size);
        const size_t size = blank != NULL ? (size_t)(blank - group.data) : group.size;
        if (seine_str_equal((seine_str){group.data, size}, name)) return true;
        const size_t taken = size + (blank != NULL);
        group = (seine_str){group.data + taken, group.size - taken};
    }
    return false;
}

/* Columns of the first group that has any: how many, and the first two. */
static size_t find_columns(const char *aliases, const seine_str *names, size_t count, size_t found[2]) {
    for (;;) {
        const size_t size = strcspn(aliases, "|");
        size_t matches = 0;
        for (size_t i = 0; i < count; i++) {
            char room[NAME_MAX_BYTES];
            if (!is_in_group((seine_str){aliases, size}, normal(names[i], room))) continue;
            if (matches < 2) found[matches] = i;
            matches++;
        }
        if (matches > 0 || aliases[size] == '\0') return matches;
        aliases += size + 1;
    }
}

/* ---- messages ---- */

/* `a, b, c and 12 more`. */
static const char *list_names(const seine_str *names, size_t count, char text[LIST_MAX_BYTES]) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const size_t room = LIST_MAX_BYTES - used;
        if (names[i].size + 40 > room) {
            (void)snprintf(text + used, room, " and %zu more", count - i);
            break;
        }
        used += (size_t)snprintf(text + used, room, "%s%.*s", i > 0 ? ", " : "", SEINE_STR_ARG(names[i]));
    }
    return text;
}

static seine_status fail_missing(seine_reference_kind kind, const char *file, const char *what, const seine_str *names,
                                 size_t count, seine_error *error) {
    char list[LIST_MAX_BYTES];
    return seine_fail(error, SEINE_E_FORMAT,
                      "%s: no column of %s is known to be the %s; say which one is: --column %s=COLUMN. It has %s",
                      file, seine_reference_kind_name(kind), what, what, list_names(names, count, list));
}

static seine_status fail_ambiguous(const char *file, const char *what, const seine_str *names, size_t count,
                                   const size_t found[2], seine_error *error) {
    char list[LIST_MAX_BYTES];
    return seine_fail(error, SEINE_E_FORMAT,
                      "%s: both %.*s and %.*s may be the %s; say which one is: --column %s=COLUMN. It has %s", file,
                      SEINE_STR_ARG(names[found[0]]), SEINE_STR_ARG(names[found[1]]), what, what,
                      list_names(names, count, list));
}

/* ---- what the user says ---- */

static size_t named_exactly(const seine_str *names, size_t count, seine_str column) {
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal(names[i], column)) return i;
    char room[NAME_MAX_BYTES], other[NAME_MAX_BYTES];
    const seine_str wanted = normal(column, room);
    for (size_t i = 0; i < count; i++)
        if (seine_str_equal(normal(names[i], other), wanted)) return i;
    return SIZE_MAX;
}

static seine_status take_given(seine_reference_kind kind, const char *file, const seine_str *names, size_t name_count,
                               const char *word, seine_reference_columns *columns, seine_error *error) {
    const seine_reference_field_rule *fields = seine_reference_describe(kind)->fields;
    const size_t count = seine_reference_describe(kind)->field_count;
    const char *equals = strchr(word, '=');
    if (equals == NULL) return seine_fail(error, SEINE_E_USAGE, "--column %s: not FIELD=COLUMN", word);
    const seine_str name = seine_str_trim((seine_str){word, (size_t)(equals - word)});
    const seine_str column = seine_str_trim(seine_str_of(equals + 1));
    for (size_t i = 0; i < count; i++) {
        if (!seine_str_equal(name, seine_str_of(fields[i].name))) continue;
        if (column.size > 2 && column.data[0] == '\'' && column.data[column.size - 1] == '\'') {
            columns->fixed[i] = (seine_str){column.data + 1, column.size - 2};
            return SEINE_OK;
        }
        columns->of[i] = named_exactly(names, name_count, column);
        if (columns->of[i] != SIZE_MAX) return SEINE_OK;
        char list[LIST_MAX_BYTES];
        return seine_fail(error, SEINE_E_FORMAT, "%s: has no column %.*s; it has %s", file, SEINE_STR_ARG(column),
                          list_names(names, name_count, list));
    }
    seine_str known[SEINE_REFERENCE_FIELDS];
    for (size_t i = 0; i < count; i++) known[i] = seine_str_of(fields[i].name);
    char list[LIST_MAX_BYTES];
    return seine_fail(error, SEINE_E_USAGE, "--column %s: %s have no field %.*s; the fields are %s", word,
                      seine_reference_kind_name(kind), SEINE_STR_ARG(name), list_names(known, count, list));
}

/* ---- guessing ---- */

/* Weather without any measure says nothing, nor does a distance without a place. @return a field for want of which the
 * file is of no use, NULL = none. */
static const char *missing_alternative(seine_reference_kind kind, const seine_reference_columns *columns) {
    bool has[SEINE_REFERENCE_FIELDS];
    for (size_t i = 0; i < SEINE_REFERENCE_FIELDS; i++)
        has[i] = columns->of[i] != SIZE_MAX || columns->fixed[i].data != NULL;
    if (kind == SEINE_REFERENCE_WEATHER && !has[3] && !has[4]) return "temperature";
    if (kind == SEINE_REFERENCE_DISTANCES && !has[4] && !(has[0] && has[1])) return "gridcode";
    return NULL;
}

seine_status seine_reference_guess(seine_reference_kind kind, const char *file, const seine_str *names,
                                   size_t name_count, const char *const *given, size_t given_count,
                                   seine_reference_columns *columns, seine_error *error) {
    const seine_reference_field_rule *fields = seine_reference_describe(kind)->fields;
    const size_t count = seine_reference_describe(kind)->field_count;
    *columns = (seine_reference_columns){0};
    for (size_t i = 0; i < SEINE_REFERENCE_FIELDS; i++) columns->of[i] = SIZE_MAX;
    for (size_t i = 0; i < given_count; i++) {
        SEINE_TRY(take_given(kind, file, names, name_count, given[i], columns, error));
    }
    for (size_t i = 0; i < count; i++) {
        size_t found[2] = {SIZE_MAX, SIZE_MAX};
        if (columns->of[i] != SIZE_MAX || columns->fixed[i].data != NULL) continue;
        const size_t matches = find_columns(fields[i].aliases, names, name_count, found);
        if (matches > 1) return fail_ambiguous(file, fields[i].name, names, name_count, found, error);
        if (matches == 0 && fields[i].is_required)
            return fail_missing(kind, file, fields[i].name, names, name_count, error);
        columns->of[i] = found[0];
    }
    const char *missing = missing_alternative(kind, columns);
    return missing != NULL ? fail_missing(kind, file, missing, names, name_count, error) : SEINE_OK;
}

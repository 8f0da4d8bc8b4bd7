/* Complaints with their place, and values of a map by key. */
#include "columns/descriptor/descriptor.h"

#include "base/number.h"
#include "base/spelling.h"

#include <stdio.h>

/* "columns.speed.unit" of the value; elements of lists by number, "rules.2.column". */
static void append_path(const seine_yaml *value, char *path, size_t room) {
    if (value->parent == NULL) return;
    append_path(value->parent, path, room);
    size_t used = strlen(path);
    if (used > 0) used += (size_t)snprintf(path + used, room - used, ".");
    if (used + 1 >= room) return;
    if (value->key != NULL) {
        (void)snprintf(path + used, room - used, "%.100s", value->key);
        return;
    }
    size_t number = 1;
    for (const seine_yaml *other = value->parent->first; other != value; other = other->next) number++;
    (void)snprintf(path + used, room - used, "%zu", number);
}

seine_status seine_descriptor_refuse(const seine_descriptor *d, const seine_yaml *value, const char *format, ...) {
    char path[400] = "", why[600];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    append_path(value, path, sizeof path);
    /* A map in several lines begins with its first key, but its own name is what is looked for. */
    const size_t line = value->key != NULL && value->kind != SEINE_YAML_SCALAR ? value->key_line : value->line;
    return seine_fail(d->error, SEINE_E_FORMAT, "%s line %zu: %s%s%s", d->file, line, path, path[0] != '\0' ? ": " : "",
                      why);
}

seine_status seine_descriptor_refuse_word(const seine_descriptor *d, const seine_yaml *value, const char *what,
                                          const char *word, const char *const *known, size_t count) {
    char list[500] = "";
    seine_spelling spelling = seine_spelling_of(seine_str_of(word));
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(list);
        seine_spelling_offer(&spelling, known[i]);
        (void)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    const char *best = seine_spelling_best(&spelling);
    if (best != NULL) return seine_descriptor_refuse(d, value, "%s; did you mean %s?", what, best);
    return seine_descriptor_refuse(d, value, "%s; there are: %s", what, list);
}

seine_status seine_descriptor_keys(const seine_descriptor *d, const seine_yaml *value, const char *const *keys,
                                   size_t count) {
    if (seine_yaml_is_null(value)) return SEINE_OK;
    if (value->kind != SEINE_YAML_MAP)
        return seine_descriptor_refuse(d, value, "expected \"%s: …\" and so on, found %s", keys[0],
                                       value->kind == SEINE_YAML_LIST ? "a list" : value->text);
    for (const seine_yaml *inside = value->first; inside != NULL; inside = inside->next) {
        size_t i = 0;
        while (i < count && strcmp(keys[i], inside->key) != 0) i++;
        if (i == count) {
            const seine_yaml at_key = {.line = inside->key_line, .key = inside->key, .parent = inside->parent};
            return seine_descriptor_refuse_word(d, &at_key, "unknown key", inside->key, keys, count);
        }
    }
    return SEINE_OK;
}

/* The scalar of a key; NULL when it is not there or null. */
static seine_status scalar_of(const seine_descriptor *d, const seine_yaml *map, const char *key,
                              const seine_yaml **value) {
    const seine_yaml *found = seine_yaml_get(map, key);
    *value = seine_yaml_is_null(found) ? NULL : found;
    if (*value != NULL && found->kind != SEINE_YAML_SCALAR)
        return seine_descriptor_refuse(d, found, "expected one value, found a %s",
                                       found->kind == SEINE_YAML_LIST ? "list" : "map");
    return SEINE_OK;
}

seine_status seine_descriptor_text(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                   const char **text) {
    const seine_yaml *value;
    SEINE_TRY(scalar_of(d, map, key, &value));
    if (value != NULL) *text = value->text;
    return SEINE_OK;
}

seine_status seine_descriptor_number(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                     double *number) {
    const seine_yaml *value;
    SEINE_TRY(scalar_of(d, map, key, &value));
    if (value == NULL || seine_number_parse(seine_str_of(value->text), number)) return SEINE_OK;
    return seine_descriptor_refuse(d, value, "\"%s\" is not a number", value->text);
}

seine_status seine_descriptor_flag(const seine_descriptor *d, const seine_yaml *map, const char *key, bool *flag) {
    const seine_yaml *value;
    SEINE_TRY(scalar_of(d, map, key, &value));
    if (value == NULL) return SEINE_OK;
    *flag = strcmp(value->text, "true") == 0;
    if (*flag || strcmp(value->text, "false") == 0) return SEINE_OK;
    return seine_descriptor_refuse(d, value, "expected true or false, found \"%s\"", value->text);
}

seine_status seine_descriptor_choice(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                     const char *const *words, size_t count, size_t *index) {
    const seine_yaml *value;
    char what[200];
    SEINE_TRY(scalar_of(d, map, key, &value));
    if (value == NULL) return SEINE_OK;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], value->text) != 0) continue;
        *index = i;
        return SEINE_OK;
    }
    (void)snprintf(what, sizeof what, "\"%.100s\" is not known here", value->text);
    return seine_descriptor_refuse_word(d, value, what, value->text, words, count);
}

seine_status seine_descriptor_texts(const seine_descriptor *d, const seine_yaml *map, const char *key, size_t most,
                                    const char *const **texts, size_t *count) {
    const seine_yaml *value = seine_yaml_get(map, key);
    if (seine_yaml_is_null(value)) return SEINE_OK;
    if (value->kind == SEINE_YAML_MAP) return seine_descriptor_refuse(d, value, "expected a list, found a map");
    const bool is_list = value->kind == SEINE_YAML_LIST;
    const size_t found = is_list ? value->count : 1;
    if (found == 0) return seine_descriptor_refuse(d, value, "the list is empty");
    if (found > most) return seine_descriptor_refuse(d, value, "%zu are too many; at most %zu", found, most);
    const char **list = SEINE_ARENA_ARRAY(d->arena, const char *, found);
    if (list == NULL) return seine_no_memory(d->error, d->file);
    size_t i = 0;
    for (const seine_yaml *one = is_list ? value->first : value; one != NULL; one = is_list ? one->next : NULL) {
        if (one->kind != SEINE_YAML_SCALAR) return seine_descriptor_refuse(d, one, "expected one text");
        if (one->text[0] == '\0') return seine_descriptor_refuse(d, one, "an empty text");
        list[i++] = one->text;
    }
    *texts = list;
    *count = found;
    return SEINE_OK;
}

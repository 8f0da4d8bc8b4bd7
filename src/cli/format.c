/* One table of forms and endings for every command that writes a file. */
#include "cli/format.h"

#include "base/str.h"

#include <stdio.h>
#include <strings.h>

typedef struct form {
    const char *name, *ending, *other; /* other NULL = it has one ending */
} form;

static const form forms[] = {
    {"table", ".txt", NULL},        {"csv", ".csv", NULL},         {"json", ".json", NULL},
    {"jsonl", ".jsonl", ".ndjson"}, {"parquet", ".parquet", NULL}, {"geoparquet", ".geoparquet", NULL},
    {"gpkg", ".gpkg", NULL},        {"geojson", ".geojson", NULL}, {"gpx", ".gpx", NULL},
    {"kml", ".kml", NULL},
};

#define FORM_COUNT (sizeof forms / sizeof *forms)

/* Whether the list of words has this one. */
static bool is_word_of(const char *words, const char *word) {
    const size_t size = strlen(word);
    for (const char *at = strstr(words, word); at != NULL; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0')) return true;
    return false;
}

static bool ends_with(const char *path, const char *ending) {
    const size_t size = strlen(path), wanted = ending != NULL ? strlen(ending) : SIZE_MAX;
    return size > wanted && strcasecmp(path + size - wanted, ending) == 0;
}

/* Either ending, without its dot, is a name too: ndjson. */
static bool is_name_of(const form *f, const char *name) {
    return strcmp(name, f->name) == 0 || (f->other != NULL && strcmp(name, f->other + 1) == 0);
}

static seine_status refuse_name(const char *known, const char *given, seine_error *error) {
    char list[200];
    size_t size = 0;
    for (const char *at = known; *at != '\0' && size + 2 < sizeof list; at++) {
        if (*at == ' ') list[size++] = ',';
        list[size++] = *at;
    }
    return seine_fail(error, SEINE_E_USAGE, "--format %s: known are %.*s", given, (int)size, list);
}

static seine_status refuse_ending(const char *known, const char *path, seine_error *error) {
    char list[200] = "";
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (is_word_of(known, forms[i].name))
            (void)snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", list[0] != '\0' ? ", " : "",
                           forms[i].ending);
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (ends_with(path, forms[i].ending) || ends_with(path, forms[i].other))
            return seine_fail(error, SEINE_E_USAGE,
                              "-o %s: this command does not write %s; known are %s, or say --format", path,
                              forms[i].name, list);
    return seine_fail(error, SEINE_E_USAGE, "-o %s: the ending names no format; known are %s, or say --format", path,
                      list);
}

seine_status seine_format_choose(const char *known, const char *given, const char *path, const char *fallback,
                                 const char **name, seine_error *error) {
    const bool is_file = path != NULL && strcmp(path, "-") != 0;
    const char *wanted = given != NULL ? given : is_file ? NULL : fallback;
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (!is_word_of(known, forms[i].name)) continue;
        *name = forms[i].name;
        if (wanted != NULL && is_name_of(&forms[i], wanted)) return SEINE_OK;
        if (wanted == NULL && (ends_with(path, forms[i].ending) || ends_with(path, forms[i].other))) return SEINE_OK;
    }
    return wanted != NULL ? refuse_name(known, wanted, error) : refuse_ending(known, path, error);
}

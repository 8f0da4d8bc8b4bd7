/* Where a lake lies according to its tables, and which places are fit for one. */
#include "base/try.h"
#include "io/file.h"
#include "io/store/store.h"
#include "table/table.h"

seine_status seine_place_of(const seine_pointer *pointer, seine_arena *arena, char **place, seine_error *error) {
    *place = NULL;
    if (seine_schema_find(pointer->name) == NULL) return SEINE_OK;
    char *path = NULL;
    SEINE_TRY(seine_file_path_of_uri(seine_str_of(pointer->location), arena, &path, error));
    char *inside = seine_arena_printf(arena, "/%s/metadata/", pointer->name);
    if (inside == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    *strchr(inside, '.') = '/';
    const size_t folder = (size_t)(seine_file_name(path) - path), size = strlen(inside);
    if (folder < size || memcmp(path + folder - size, inside, size) != 0) return SEINE_OK;
    path[folder - size] = '\0';
    *place = path;
    return SEINE_OK;
}

seine_status seine_place_check(const char *path, seine_error *error) {
    const char *bad = seine_is_address(path) ? "#?\"*[\\" : "#?\""; /* names of objects are taken for patterns */
    if (!seine_str_is_utf8(seine_str_of(path)))
        return seine_fail(error, SEINE_E_USAGE,
                          "a lake cannot lie in %s: the name is not UTF-8, as table metadata is; choose another", path);
    for (const char *c = path; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (byte < 0x20 || byte == 0x7f)
            return seine_fail(error, SEINE_E_USAGE,
                              "a lake cannot lie below a name with a control character (byte %zu of the path):"
                              " other programs could not open its tables; choose another",
                              (size_t)(c - path) + 1);
        if (strchr(bad, *c) != NULL)
            return seine_fail(error, SEINE_E_USAGE,
                              "a lake cannot lie in %s: other programs could not open its tables because of the '%c';"
                              " choose another name",
                              path, *c);
    }
    return SEINE_OK;
}

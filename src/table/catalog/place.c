/* Where a lake's catalog is: in its folder, or where a small file in its folder says. */
#include "base/try.h"
#include "io/store/store.h"
#include "table/table.h"

#include <stdlib.h>

#define ADDRESS_MAX_BYTES ((size_t)4096)

static seine_status read_address(const char *file, seine_arena *arena, const char **address, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&text, ADDRESS_MAX_BYTES);
    SEINE_TRY(seine_file_read(file, &text, error));
    const seine_str line = seine_buf_str(&text);
    *address = seine_arena_copy(arena, line.data,
                                line.size > 0 && line.data[line.size - 1] == '\n' ? line.size - 1 : line.size);
    if (*address == NULL) return seine_no_memory(error, "catalog");
    if (seine_db_is_remote(*address) || (*address)[0] == '/') return SEINE_OK;
    return seine_fail(error, SEINE_E_FORMAT, "%s does not hold the address of a database", file);
}

/* An address that names no catalog is of the server: which one of its catalogs, the lake's own file tells. */
static seine_status complete(const char *given, const char *stored, seine_arena *arena, const char **address,
                             seine_error *error) {
    const char *name = strstr(stored, "catalog_name=");
    if (!seine_db_is_remote(given) || name == NULL || strstr(given, "catalog_name=") != NULL)
        *address = seine_arena_copy(arena, given, strlen(given));
    else
        *address = seine_arena_printf(arena, "%s%c%.*s", given, strchr(given, '?') != NULL ? '&' : '?',
                                      (int)strcspn(name, "&"), name);
    return *address != NULL ? SEINE_OK : seine_no_memory(error, "catalog");
}

seine_status seine_catalog_find(const char *lake, seine_arena *arena, const char **file, const char **address,
                                seine_error *error) {
    const char *own = seine_file_join(arena, lake, SEINE_CATALOG_FILE);
    const char *elsewhere = seine_file_join(arena, lake, SEINE_CATALOG_ADDRESS_FILE);
    const char *given = getenv("SEINE_CATALOG");
    *file = *address = NULL;
    if (own == NULL || elsewhere == NULL) return seine_no_memory(error, "catalog");
    seine_file_info info;
    if (!seine_is_address(lake) && seine_file_exists(own)) {
        *file = *address = own;
        return SEINE_OK;
    }
    SEINE_TRY(seine_file_stat(elsewhere, &info, error)); /* a bucket that cannot be reached is no missing lake */
    if (info.kind != SEINE_FILE_PLAIN) return SEINE_OK;
    *file = elsewhere;
    const char *stored = NULL;
    SEINE_TRY(read_address(elsewhere, arena, &stored, error));
    if (given != NULL && (*given == '/' || seine_db_is_remote(given)))
        return complete(given, stored, arena, address, error);
    *address = stored;
    return SEINE_OK;
}

/* Where a lake's catalog is: in its folder, or where a small file in its folder says. */
#include "base/try.h"
#include "io/store/store.h"
#include "table/table.h"

#include <stdlib.h>

#define ADDRESS_MAX_BYTES ((size_t)4096)

static seine_status no_memory(seine_error *error) { return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory"); }

static seine_status read_address(const char *file, seine_arena *arena, const char **address, seine_error *error) {
    seine_buf text;
    seine_buf_init(&text, ADDRESS_MAX_BYTES);
    seine_status status = seine_file_read(file, &text, error);
    if (status == SEINE_OK) {
        const seine_str line = seine_buf_str(&text);
        *address = seine_arena_copy(arena, line.data,
                                    line.size > 0 && line.data[line.size - 1] == '\n' ? line.size - 1 : line.size);
        if (*address == NULL) status = no_memory(error);
    }
    seine_buf_free(&text);
    if (status != SEINE_OK || seine_db_is_remote(*address) || (*address)[0] == '/') return status;
    return seine_fail(error, SEINE_E_FORMAT, "%s does not hold the address of a database", file);
}

seine_status seine_catalog_find(const char *lake, seine_arena *arena, const char **file, const char **address,
                                seine_error *error) {
    const char *own = seine_file_join(arena, lake, SEINE_CATALOG_FILE);
    const char *elsewhere = seine_file_join(arena, lake, SEINE_CATALOG_ADDRESS_FILE);
    const char *given = getenv("SEINE_CATALOG");
    *file = *address = NULL;
    if (own == NULL || elsewhere == NULL) return no_memory(error);
    seine_file_info info;
    if (!seine_is_address(lake) && seine_file_exists(own)) {
        *file = *address = own;
        return SEINE_OK;
    }
    SEINE_TRY(seine_file_stat(elsewhere, &info, error)); /* a bucket that cannot be reached is no missing lake */
    if (info.kind != SEINE_FILE_PLAIN) return SEINE_OK;
    *file = elsewhere;
    if (given == NULL || (*given != '/' && !seine_db_is_remote(given)))
        return read_address(elsewhere, arena, address, error);
    *address = seine_arena_copy(arena, given, strlen(given));
    return *address != NULL ? SEINE_OK : no_memory(error);
}

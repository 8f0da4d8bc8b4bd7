/* Which database an address means. */
#include "table/db/internal.h"

#include <string.h>
#include <strings.h>

bool seine_db_is_remote(const char *address) {
    return strncasecmp(address, "postgresql://", 13) == 0 || strncasecmp(address, "postgres://", 11) == 0;
}

seine_status seine_db_address(const char *address, seine_arena *arena, const char **kept, seine_error *error) {
    if (seine_db_is_remote(address)) return seine_postgres_address(address, arena, kept, error);
    *kept = seine_arena_copy(arena, address, strlen(address));
    return *kept != NULL ? SEINE_OK : seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
}

seine_status seine_db_open(const char *address, bool create, seine_db **db, seine_error *error) {
    *db = NULL;
    return seine_db_is_remote(address) ? seine_postgres_open(address, db, error)
                                       : seine_sqlite_open(address, create, db, error);
}

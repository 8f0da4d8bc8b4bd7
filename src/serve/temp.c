/* The folder for files that answers are made of; what servers that were killed have left is removed first. */
#include "serve/server_internal.h"

#include <stdio.h>

seine_status seine_temp_open(seine_server *server, seine_error *error) {
    return seine_scratch_open(NULL, "seine-serve-", &server->temp, error);
}

void seine_temp_close(seine_server *server) {
    const char *folder =
        server->temp.folder != NULL ? seine_arena_printf(&server->arena, "%s", server->temp.folder) : "";
    if (!seine_scratch_close(&server->temp))
        (void)fprintf(stderr, "seine serve: %s is left behind\n", folder != NULL ? folder : "a folder in TMPDIR");
}

#include "ingest/read_ahead.h"

#include "ingest/known_sources.h"

#include <string.h>

/* What nobody has taken. */
static void give_up(seine_read_ahead *ahead) {
    seine_parser_close(ahead->parser);
    seine_uncommitted_remove(ahead->temp);
    ahead->parser = NULL;
    ahead->path = ahead->temp = ahead->begun = NULL;
}

void seine_read_ahead_offer(seine_read_ahead *ahead, const char *path, const char *name) {
    give_up(ahead);
    ahead->next_path = path;
    ahead->next_name = name;
}

bool seine_read_ahead_has_work(const seine_read_ahead *ahead) { return ahead->next_path != NULL; }

bool seine_read_ahead_take(seine_read_ahead *ahead, const char *path, const char **temp, char sha256[65],
                           uint64_t *bytes) {
    ahead->next_path = NULL;
    if (ahead->temp == NULL || strcmp(ahead->path, path) != 0) return false;
    *temp = ahead->temp;
    *bytes = ahead->bytes;
    memcpy(sha256, ahead->sha256, sizeof ahead->sha256);
    ahead->path = ahead->temp = NULL;
    return true;
}

seine_parser *seine_read_ahead_parser(seine_read_ahead *ahead, const char *path, const seine_progress *progress) {
    seine_parser *parser = ahead->parser;
    if (ahead->begun != path) return NULL;
    ahead->parser = NULL;
    if (progress != NULL) ahead->progress = *progress;
    return parser;
}

void seine_read_ahead_free(seine_read_ahead *ahead) {
    give_up(ahead);
    seine_arena_free(&ahead->arena);
}

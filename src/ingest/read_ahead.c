#include "ingest/read_ahead.h"

#include "base/try.h"
#include "ingest/source_reader.h"
#include "ingest/source_text.h"
#include "table/source.h"

#define MOST_BYTES ((uint64_t)32 << 20) /* of fixes */
#define BUDGET_PART 8

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

bool seine_read_ahead_has_work(const seine_read_ahead *ahead) {
    return ahead->next_path != NULL && ahead->temp == NULL && ahead->parser == NULL;
}

/* One that cannot be read whole fails again when it is taken, with the same words. */
static void decode(seine_session *session, const char *name) {
    seine_read_ahead *ahead = &session->ahead;
    const uint64_t part = seine_session_budget(session) / BUDGET_PART;
    const atomic_bool *stop = session->options.progress != NULL ? session->options.progress->stop : NULL;
    seine_parse_setup setup = seine_source_setup(session, ahead->path, name);
    bool ended;
    if (seine_source_text_is(name)) return;
    ahead->progress = (seine_progress){.stop = stop};
    setup.path = ahead->begun = ahead->temp;
    setup.arena = &ahead->arena;
    setup.progress = &ahead->progress;
    if (seine_parser_open(&setup, &ahead->parser, NULL) != SEINE_OK) return;
    seine_best_effort(seine_parser_run(ahead->parser, part < MOST_BYTES ? part : MOST_BYTES, &ended, NULL));
}

void seine_read_ahead_run(seine_session *session) {
    seine_read_ahead *ahead = &session->ahead;
    const char *path = ahead->next_path, *name = ahead->next_name;
    seine_arrival arrival = {.path = path, .name = name};
    ahead->next_path = NULL;
    if (seine_arrival_check(&arrival, NULL) != SEINE_OK ||
        seine_arrival_copy(session, &arrival, &ahead->arena, NULL) != SEINE_OK)
        return;
    ahead->path = path;
    ahead->temp = arrival.temp;
    ahead->bytes = arrival.bytes;
    memcpy(ahead->sha256, arrival.sha256, sizeof ahead->sha256);
    decode(session, name);
}

bool seine_read_ahead_take(seine_read_ahead *ahead, seine_arrival *arrival) {
    ahead->next_path = NULL;
    if (ahead->temp == NULL || strcmp(ahead->path, arrival->path) != 0) return false;
    arrival->temp = ahead->temp;
    arrival->bytes = ahead->bytes;
    memcpy(arrival->sha256, ahead->sha256, sizeof ahead->sha256);
    ahead->path = ahead->temp = NULL;
    return true;
}

seine_parser *seine_read_ahead_parser(seine_read_ahead *ahead, const char *path, const seine_progress *progress) {
    seine_parser *parser = ahead->parser;
    if (parser == NULL || path == NULL || ahead->begun != path) return NULL;
    ahead->parser = NULL;
    if (progress != NULL) ahead->progress = *progress;
    return parser;
}

void seine_read_ahead_free(seine_read_ahead *ahead) {
    give_up(ahead);
    seine_arena_free(&ahead->arena);
}

#include "ingest/next_file.h"

#include "base/try.h"
#include "ingest/arrival.h"
#include "ingest/source_reader.h"
#include "ingest/source_text.h"

#define MOST_BYTES ((uint64_t)32 << 20) /* of fixes */
#define BUDGET_PART 8

/* One that cannot be read whole fails again when it is taken, with the same words. */
static void decode(seine_session *session, const char *name) {
    seine_read_ahead *ahead = &session->ahead;
    const uint64_t part = seine_session_budget(session) / BUDGET_PART;
    const atomic_bool *stop = session->options.progress != NULL ? session->options.progress->stop : NULL;
    seine_parse_setup setup = seine_source_setup(session, ahead->path, name);
    bool ended;
    ahead->progress = (seine_progress){.stop = stop};
    setup.path = ahead->begun = ahead->temp;
    setup.arena = &ahead->arena;
    setup.progress = &ahead->progress;
    if (seine_parser_open(&setup, &ahead->parser, NULL) != SEINE_OK) return;
    seine_best_effort(seine_parser_run(ahead->parser, part < MOST_BYTES ? part : MOST_BYTES, &ended, NULL));
}

void seine_next_file_read(seine_session *session) {
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
    if (!seine_source_text_is(name)) decode(session, name);
}

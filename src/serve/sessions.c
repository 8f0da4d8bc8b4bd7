/* One engine at a time serves new sessions; former ones live as long as somebody holds a session of theirs. */
#include "serve/sessions.h"

#include "base/try.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct seine_shared_engine {
    seine_engine *engine;
    atomic_size_t references; /* one for each session, and one while it is the present engine */
} shared_engine;

struct seine_sessions {
    seine_engine_options options;
    const char *folder;
    uint64_t statements_max;
    pthread_mutex_t mutex; /* guards all below */
    shared_engine *present;
    uint64_t statements;
};

static void drop(shared_engine *shared) {
    if (shared == NULL || atomic_fetch_sub(&shared->references, 1) != 1) return;
    seine_engine_close(shared->engine);
    free(shared);
}
SEINE_OWNED_POINTER(shared_engine, drop);

static seine_status open_engine(const seine_sessions *sessions, shared_engine **shared, seine_error *error) {
    shared_engine *made SEINE_OWNED(drop_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "SQL engine");
    atomic_init(&made->references, 1);
    SEINE_TRY(seine_engine_open(&sessions->options, &made->engine, error));
    /* Footers of Parquet files are kept; the engine asks each time whether the file is the same. */
    SEINE_TRY(seine_engine_run(made->engine, "SET parquet_metadata_cache = true", error));
    SEINE_TRY(seine_engine_fence(made->engine, sessions->folder, error));
    *shared = SEINE_TAKE(made);
    return SEINE_OK;
}

seine_status seine_sessions_open(const seine_engine_options *options, const char *folder, uint64_t statements_max,
                                 seine_sessions **sessions, seine_error *error) {
    *sessions = NULL;
    seine_sessions *made SEINE_OWNED(seine_sessions_close_owned) = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "SQL engine");
    (void)pthread_mutex_init(&made->mutex, NULL);
    made->options = *options;
    made->folder = folder;
    made->statements_max = statements_max;
    SEINE_TRY(open_engine(made, &made->present, error));
    *sessions = SEINE_TAKE(made);
    return SEINE_OK;
}

void seine_sessions_close(seine_sessions *sessions) {
    if (sessions == NULL) return;
    drop(sessions->present);
    (void)pthread_mutex_destroy(&sessions->mutex);
    free(sessions);
}

/* Under the mutex. Without a new engine the present one goes on. */
static void renew(seine_sessions *sessions) {
    shared_engine *made = NULL;
    sessions->statements = 0;
    if (open_engine(sessions, &made, NULL) != SEINE_OK) return;
    drop(sessions->present);
    sessions->present = made;
}

seine_status seine_sessions_take(seine_sessions *sessions, const seine_lent_session *held, seine_lent_session *fresh,
                                 bool *is_fresh, seine_error *error) {
    (void)pthread_mutex_lock(&sessions->mutex);
    if (sessions->statements++ >= sessions->statements_max) renew(sessions);
    shared_engine *present = sessions->present;
    if (present != held->engine) atomic_fetch_add(&present->references, 1);
    (void)pthread_mutex_unlock(&sessions->mutex);
    *is_fresh = present != held->engine;
    if (!*is_fresh) return SEINE_OK;
    *fresh = (seine_lent_session){.engine = present};
    const seine_status status = seine_engine_session_open(present->engine, &fresh->session, error);
    if (status == SEINE_OK) return SEINE_OK;
    *is_fresh = false;
    drop(present);
    return held->session != NULL ? SEINE_OK : status;
}

void seine_sessions_give_back(seine_lent_session *lent) {
    seine_engine_session_close(lent->session);
    drop(lent->engine);
    *lent = (seine_lent_session){0};
}

seine_engine *seine_lent_engine(const seine_lent_session *lent) { return lent->engine->engine; }

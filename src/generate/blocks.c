/* Each worker takes the next block, makes and packs it, and waits for its turn to hand it over. */
#include "generate/blocks.h"

#include "base/threads.h"
#include "base/try.h"

#include <pthread.h>

#define BLOCK_MAX_BYTES ((size_t)1 << 30)

typedef struct worker {
    seine_packer packer;
    seine_buf text;
    seine_packed packed;
} worker;

typedef struct work {
    const seine_blocks *blocks;
    worker workers[SEINE_GENERATE_THREADS_MAX];
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint64_t taken;      /* under lock, as what follows */
    seine_status status; /* first failure: everybody stops */
    seine_error error;
} work;

static seine_status make_block(work *w, size_t member, uint64_t block, seine_error *error) {
    const seine_blocks *blocks = w->blocks;
    worker *me = &w->workers[member];
    seine_buf_clear(&me->text);
    SEINE_TRY(blocks->make(blocks->context, member, block, &me->text, error));
    return seine_packer_pack(&me->packer, &me->text, &me->packed, error);
}

/* Hands the packed block over when all blocks before it have been. Called with the lock held. */
static seine_status take_in_turn(work *w, size_t member, uint64_t block, seine_error *error) {
    const seine_blocks *blocks = w->blocks;
    while (w->taken < block && w->status == SEINE_OK) pthread_cond_wait(&w->turn, &w->lock);
    if (w->status != SEINE_OK) return w->status;
    SEINE_TRY(blocks->take(blocks->context, &w->workers[member].packed, error));
    w->taken++;
    seine_progress_report(blocks->progress, "generate", blocks->done + w->taken, blocks->total);
    return seine_progress_stopped(blocks->progress) ? seine_fail(error, SEINE_E_INTERRUPTED, "interrupted") : SEINE_OK;
}

/* A task that has begun always comes to its turn, or learns of a failure: those behind it wait for it. */
static seine_status run_block(void *context, size_t member, size_t block, seine_error *error) {
    work *w = context;
    seine_status status = make_block(w, member, block, error);
    pthread_mutex_lock(&w->lock);
    if (status == SEINE_OK) status = take_in_turn(w, member, block, error);
    if (status != SEINE_OK && error->status == SEINE_OK)
        status = seine_fail(error, status, "generate: a block of rows: %s", seine_status_text(status));
    if (status != SEINE_OK && w->status == SEINE_OK) {
        w->status = status;
        w->error = *error;
    }
    pthread_cond_broadcast(&w->turn);
    pthread_mutex_unlock(&w->lock);
    return status;
}

static seine_status init_workers(work *w, seine_error *error) {
    for (uint32_t i = 0; i < w->blocks->threads; i++) {
        seine_buf_init(&w->workers[i].text, BLOCK_MAX_BYTES);
        seine_buf_init(&w->workers[i].packed.bytes, BLOCK_MAX_BYTES);
        SEINE_TRY(seine_packer_init(&w->workers[i].packer, w->blocks->packing, error));
    }
    return SEINE_OK;
}

seine_status seine_blocks_run(const seine_blocks *blocks, seine_error *error) {
    work w = {.blocks = blocks, .lock = PTHREAD_MUTEX_INITIALIZER, .turn = PTHREAD_COND_INITIALIZER};
    const seine_thread_tasks tasks = {.task = run_block, .context = &w, .count = (size_t)blocks->count};
    w.status = init_workers(&w, &w.error);
    if (w.status == SEINE_OK) w.status = seine_threads_each(blocks->threads, &tasks, NULL);
    for (uint32_t i = 0; i < blocks->threads; i++) {
        seine_buf_free(&w.workers[i].text);
        seine_buf_free(&w.workers[i].packed.bytes);
        seine_packer_free(&w.workers[i].packer);
    }
    if (w.status != SEINE_OK && error != NULL) *error = w.error;
    return w.status;
}

/*
 * Days of generated rows. A day is cut into blocks of slots; each worker takes the next block, makes its rows, packs
 * them, and waits for its turn to append. What a block holds depends on the options only, hence neither do the bytes
 * depend on the number of workers; and no worker holds more than one block.
 */
#include "base/threads.h"
#include "base/try.h"
#include "generate/archive.h"
#include "generate/generate.h"
#include "generate/truth.h"

#include <pthread.h>

#define BLOCK_ROWS 65536
#define ZIP_BLOCK_ROWS 1000000 /* one member of a zip */
#define BLOCK_MAX_BYTES ((size_t)1 << 30)
#define DAYS_MAX 366
#define VESSELS_MAX 200000
#define INTERVAL_MAX_S 7200
#define THREADS_MAX 64

/* One day in work; guarded by lock except what is constant. */
typedef struct day_work {
    const seine_fleet *fleet;
    const seine_progress *progress;
    uint32_t day, block_slots, block_count;
    seine_extra *extras;
    size_t extra_count;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    uint32_t next_block; /* to be taken */
    uint32_t written;    /* blocks appended so far */
    seine_archive archive;
    seine_status status; /* first failure: everybody stops */
    seine_error *error;
} day_work;

typedef struct worker {
    seine_block_maker maker;
    seine_packer packer;
    seine_buf text;
    seine_packed packed;
    seine_error error;
    day_work *work;
} worker;

static seine_status make_block(worker *me, uint32_t block) {
    const day_work *work = me->work;
    const uint32_t first = work->day * work->fleet->slots_per_day, end = first + work->fleet->slots_per_day;
    const uint32_t from = first + block * work->block_slots;
    const uint32_t to = from + work->block_slots < end ? from + work->block_slots : end;
    const bool has_header = block == 0 || work->fleet->options->format == SEINE_GENERATE_ZIP;
    const seine_str header = seine_generate_header(work->fleet->options->style);
    seine_buf_clear(&me->text);
    seine_status status = has_header ? seine_buf_append(&me->text, header.data, header.size) : SEINE_OK;
    if (status == SEINE_OK)
        status = seine_block_make(&me->maker, work->day, from, to, work->extras, work->extra_count, &me->text);
    if (status != SEINE_OK) return seine_fail(&me->error, status, "generate: out of memory for a block of rows");
    return seine_packer_pack(&me->packer, &me->text, &me->packed, &me->error);
}

static void stop_all(day_work *work, seine_status status, const seine_error *error) {
    if (work->status != SEINE_OK) return;
    work->status = status;
    if (work->error != NULL) *work->error = *error;
}

/* Appends the packed block when all blocks before it are in the file. Called with the lock held. */
static void append_in_turn(worker *me, uint32_t block) {
    day_work *work = me->work;
    while (work->written < block && work->status == SEINE_OK) pthread_cond_wait(&work->turn, &work->lock);
    if (work->status != SEINE_OK) return;
    const seine_status status = seine_archive_append(&work->archive, &me->packed, &me->error);
    if (status != SEINE_OK) stop_all(work, status, &me->error);
    work->written++;
    seine_progress_report(work->progress, "generate", (uint64_t)work->day * work->block_count + work->written,
                          (uint64_t)work->block_count * work->fleet->options->days);
    if (seine_progress_stopped(work->progress) && work->status == SEINE_OK) {
        stop_all(work, seine_fail(&me->error, SEINE_E_INTERRUPTED, "interrupted; whole files stay"), &me->error);
    }
}

static void run_worker(void *context, size_t member) {
    worker *me = (worker *)context + member;
    day_work *work = me->work;
    pthread_mutex_lock(&work->lock);
    while (work->status == SEINE_OK && work->next_block < work->block_count) {
        const uint32_t block = work->next_block++;
        pthread_mutex_unlock(&work->lock);
        const seine_status status = make_block(me, block);
        pthread_mutex_lock(&work->lock);
        if (status != SEINE_OK)
            stop_all(work, status, &me->error);
        else
            append_in_turn(me, block);
        pthread_cond_broadcast(&work->turn);
    }
    pthread_mutex_unlock(&work->lock);
}

static seine_status make_day(const seine_fleet *fleet, uint32_t day, worker *workers, const seine_progress *progress,
                             uint64_t *bytes, seine_error *error) {
    const seine_generate_options *options = fleet->options;
    const uint32_t block_rows = options->format == SEINE_GENERATE_ZIP ? ZIP_BLOCK_ROWS : BLOCK_ROWS;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    day_work work = {.fleet = fleet,
                     .progress = progress,
                     .day = day,
                     .error = error,
                     .lock = PTHREAD_MUTEX_INITIALIZER,
                     .turn = PTHREAD_COND_INITIALIZER};
    work.block_slots = fleet->count < block_rows ? block_rows / fleet->count : 1;
    work.block_count = (fleet->slots_per_day + work.block_slots - 1) / work.block_slots;
    if (seine_extras_plan(fleet, day, &arena, &work.extras, &work.extra_count) != SEINE_OK)
        return seine_no_memory(error, "generate");
    SEINE_TRY(seine_archive_open(&work.archive, options, options->first_day + (int32_t)day, error));
    for (uint32_t i = 0; i < options->threads; i++) workers[i].work = &work;
    seine_threads_run(options->threads, run_worker, workers); /* fewer threads give the same bytes */
    if (work.status == SEINE_OK) return seine_archive_commit(&work.archive, bytes, error);
    seine_archive_abort(&work.archive);
    return work.status;
}

static seine_status check_options(const seine_generate_options *options, seine_error *error) {
    const struct {
        const char *name;
        uint32_t value, most;
    } checks[] = {{"days", options->days, DAYS_MAX},
                  {"vessels", options->vessels, VESSELS_MAX},
                  {"interval", options->interval_s, INTERVAL_MAX_S},
                  {"threads", options->threads, THREADS_MAX}};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i].value >= 1 && checks[i].value <= checks[i].most) continue;
        return seine_fail(error, SEINE_E_USAGE, "generate: %s %u is outside 1 to %u", checks[i].name, checks[i].value,
                          checks[i].most);
    }
    if (options->first_day >= 0 && options->folder != NULL) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "generate: needs a folder and a first day from 1970 on");
}

static seine_status init_workers(worker *workers, const seine_fleet *fleet, seine_arena *arena, seine_error *error) {
    for (uint32_t i = 0; i < fleet->options->threads; i++) {
        seine_buf_init(&workers[i].text, BLOCK_MAX_BYTES);
        seine_buf_init(&workers[i].packed.bytes, BLOCK_MAX_BYTES);
        if (seine_block_maker_init(&workers[i].maker, fleet, arena) != SEINE_OK)
            return seine_no_memory(error, "generate");
        SEINE_TRY(seine_packer_init(&workers[i].packer, fleet->options->format, error));
    }
    return SEINE_OK;
}

/* Adds every worker's counts to those of the first. */
static void gather(worker *workers, const seine_generate_options *options) {
    for (uint32_t i = 1; i < options->threads; i++) {
        for (uint32_t day = 0; day < options->days; day++) {
            seine_file_tally *file = &workers[0].maker.files[day];
            seine_day_tally *silver = &workers[0].maker.days[day];
            const seine_file_tally *more = &workers[i].maker.files[day];
            file->rows += more->rows;
            file->other_days += more->other_days;
            for (int k = 0; k < SEINE_GENERATE_REASONS; k++) file->rejects[k] += more->rejects[k];
            silver->rows += workers[i].maker.days[day].rows;
            silver->null_sog += workers[i].maker.days[day].null_sog;
            silver->null_cog += workers[i].maker.days[day].null_cog;
            silver->null_heading += workers[i].maker.days[day].null_heading;
        }
    }
}

static seine_status make_all(const seine_fleet *fleet, worker *workers, const seine_progress *progress,
                             seine_generate_result *result, seine_error *error) {
    SEINE_TRY(seine_file_make_folders(fleet->options->folder, error));
    for (uint32_t day = 0; day < fleet->options->days; day++) {
        uint64_t bytes = 0;
        SEINE_TRY(make_day(fleet, day, workers, progress, &bytes, error));
        result->bytes += bytes;
        result->files++;
    }
    gather(workers, fleet->options);
    seine_truth_sum(fleet, workers[0].maker.files, workers[0].maker.days, result);
    return seine_truth_write(fleet, workers[0].maker.files, workers[0].maker.days, result, error);
}

seine_status seine_generate_ais(const seine_generate_options *options, const seine_progress *progress,
                                seine_generate_result *result, seine_error *error) {
    *result = (seine_generate_result){0};
    SEINE_TRY(check_options(options, error));
    seine_fleet fleet SEINE_OWNED(seine_fleet_free) = {0};
    SEINE_TRY(seine_fleet_init(&fleet, options, error));
    worker *workers = SEINE_ARENA_ARRAY(&fleet.arena, worker, options->threads);
    if (workers == NULL) return seine_no_memory(error, "generate");
    seine_rows_even_out(&fleet);
    seine_status status = init_workers(workers, &fleet, &fleet.arena, error);
    if (status == SEINE_OK) status = make_all(&fleet, workers, progress, result, error);
    for (uint32_t i = 0; i < options->threads; i++) {
        seine_buf_free(&workers[i].text);
        seine_buf_free(&workers[i].packed.bytes);
        seine_packer_free(&workers[i].packer);
    }
    return status;
}

#include "ingest/spill.h"

#include "base/array.h"
#include "base/threads.h"
#include "ingest/partition_file.h"
#include "io/file.h"

#include <stdlib.h>
#include <unistd.h>

#define RUNS_MAX ((size_t)1 << 24)

typedef struct writing {
    const seine_dealt_rows *dealt;
    const seine_sorted_run *runs; /* of its partitions */
} writing;

static seine_status write_run(void *context, size_t member, size_t index, seine_error *error) {
    const writing *w = context;
    (void)member;
    const seine_partition_keys *part = &w->dealt->partitions[index];
    seine_arena arena = {0};
    seine_data_file file;
    size_t count = part->count;
    seine_status status = seine_winners_keep(part->keys, &count, &w->dealt->words);
    if (status == SEINE_OK)
        status = seine_partition_file_write(part->keys, count, &w->dealt->words, w->runs[index].path, NULL, &arena,
                                            &file, error);
    else
        status = seine_fail(error, status, "out of memory");
    seine_arena_free(&arena);
    return status;
}

static seine_status name_runs(seine_spill *spill, const char *lake, const seine_dealt_rows *dealt, seine_error *error) {
    char *folder = NULL;
    const seine_status status = seine_file_scratch(lake, "", &spill->arena, &folder, error);
    for (size_t p = 0; status == SEINE_OK && p < dealt->count; p++) {
        const char *path =
            seine_arena_printf(&spill->arena, "%s/run-%ld-%zu.parquet", folder, (long)getpid(), spill->count);
        if (path == NULL || SEINE_ARRAY_ROOM(spill->runs, spill->count, spill->capacity, 1, RUNS_MAX) != SEINE_OK)
            return seine_fail(error, SEINE_E_NOMEM, "out of memory");
        const seine_partition_keys *part = &dealt->partitions[p];
        spill->runs[spill->count++] = (seine_sorted_run){part->day, part->bucket, path};
    }
    return status;
}

seine_status seine_spill_write(seine_spill *spill, const char *lake, const seine_dealt_rows *dealt, int threads,
                               const seine_progress *progress, seine_error *error) {
    const size_t first = spill->count;
    const seine_status status = name_runs(spill, lake, dealt, error);
    if (status != SEINE_OK) return status;
    writing w = {dealt, spill->runs + first};
    const seine_thread_tasks tasks = {write_run, &w, dealt->count, progress, "sorting runs"};
    return seine_threads_each((size_t)threads, &tasks, error);
}

void seine_spill_drop(seine_spill *spill) {
    for (size_t r = 0; r < spill->count; r++) seine_uncommitted_remove(spill->runs[r].path);
    spill->count = 0;
}

void seine_spill_free(seine_spill *spill) {
    seine_spill_drop(spill);
    free(spill->runs);
    seine_arena_free(&spill->arena);
    *spill = (seine_spill){0};
}

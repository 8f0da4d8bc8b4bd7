#include "ingest/spill.h"

#include "base/array.h"
#include "base/threads.h"
#include "base/try.h"
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
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_data_file file;
    size_t count = part->count;
    if (seine_winners_keep(part->keys, &count, &w->dealt->words) != SEINE_OK)
        return seine_no_memory(error, "sorting runs");
    return seine_partition_file_write(part->keys, count, &w->dealt->words, true, w->runs[index].path, NULL, &arena,
                                      &file, error);
}

static seine_status name_runs(seine_spill *spill, const char *lake, const seine_dealt_rows *dealt, seine_error *error) {
    char *folder = NULL;
    SEINE_TRY(seine_file_scratch(lake, "", &spill->arena, &folder, error));
    for (size_t p = 0; p < dealt->count; p++) {
        const char *path =
            seine_arena_printf(&spill->arena, "%s/run-%ld-%zu.parquet", folder, (long)getpid(), spill->count);
        if (path == NULL || SEINE_ARRAY_ROOM(spill->runs, spill->count, spill->capacity, 1, RUNS_MAX) != SEINE_OK)
            return seine_no_memory(error, "sorting runs");
        const seine_partition_keys *part = &dealt->partitions[p];
        spill->runs[spill->count++] = (seine_sorted_run){part->day, part->bucket, path};
    }
    return SEINE_OK;
}

seine_status seine_spill_write(seine_spill *spill, const char *lake, const seine_dealt_rows *dealt, int threads,
                               const seine_progress *progress, seine_error *error) {
    const size_t first = spill->count;
    SEINE_TRY(name_runs(spill, lake, dealt, error));
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

/* Rows of how long each job took. A lake that is read only may be of before there were any. */
#include "table/job_timing.h"

#include "base/array.h"
#include "base/try.h"
#include "table/commit.h"

#include <stdio.h>

typedef struct reader {
    seine_arena *arena;
    seine_arena_list rows;
} reader;

static seine_status read_row(void *context, const seine_db_value *columns, seine_error *error) {
    reader *r = context;
    seine_job_timing *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "ledger");
    row->partition.is_null = columns[0].kind != SEINE_DB_INT;
    row->partition.value = row->partition.is_null ? 0 : (int32_t)columns[0].integer;
    row->ran_at_us = columns[1].integer;
    row->duration_us = columns[2].integer;
    return SEINE_OK;
}

seine_status seine_ledger_timings(seine_catalog *catalog, const char *job, seine_arena *arena, seine_job_timing **rows,
                                  size_t *count, seine_error *error) {
    bool is_there = false;
    reader r = {.arena = arena};
    seine_status status = seine_db_has(catalog->db, "seine_job_timing", NULL, &is_there, error);
    if (status == SEINE_OK && is_there)
        status = seine_db_query(catalog->db,
                                "SELECT day, ran_at_us, duration_us FROM seine_job_timing WHERE job = ?1"
                                " ORDER BY day NULLS FIRST",
                                &job, 1, read_row, &r, error);
    *rows = r.rows.items;
    *count = r.rows.count;
    return status;
}

static seine_db_value key_of(seine_partition_value partition, char text[16]) {
    (void)snprintf(text, 16, partition.is_null ? "null" : "%d", partition.value);
    return seine_db_text(text);
}

seine_status seine_ledger_put_timing(seine_commit *commit, const char *job, const seine_job_timing *timing,
                                     seine_error *error) {
    char key[16];
    const seine_db_value row[] = {seine_db_text(job), key_of(timing->partition, key),
                                  timing->partition.is_null ? seine_db_null() : seine_db_int(timing->partition.value),
                                  seine_db_int(timing->ran_at_us), seine_db_int(timing->duration_us)};
    return seine_commit_queue(commit,
                              "INSERT INTO seine_job_timing(job, key, day, ran_at_us, duration_us)"
                              " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT (job, key) DO UPDATE SET day = excluded.day,"
                              " ran_at_us = excluded.ran_at_us, duration_us = excluded.duration_us",
                              row, 5, error);
}

seine_status seine_ledger_drop_timing(seine_commit *commit, const char *job, seine_partition_value partition,
                                      seine_error *error) {
    char key[16];
    const seine_db_value row[] = {seine_db_text(job), key_of(partition, key)};
    return seine_commit_queue(commit, "DELETE FROM seine_job_timing WHERE job = ?1 AND key = ?2", row, 2, error);
}

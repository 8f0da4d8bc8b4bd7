/* The steps from each format of the catalog to the next, and how they are run. */
#include "table/migrate.h"

#include "io/clock.h"
#include "table/table.h"

#include <stdio.h>

/* ---- the steps: never changed once released, only added to ---- */

typedef struct step {
    int format; /* reached by it: one more than that of the row before; the first is 2 */
    const char *name;
    const char *sql;
} step;

static const step steps[] = {
    {2, "steps and times of jobs are kept",
     "CREATE TABLE seine_migration(format INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_us INTEGER NOT NULL);"
     "CREATE TABLE IF NOT EXISTS seine_job_timing(job TEXT NOT NULL, key TEXT NOT NULL, day INTEGER,"
     " ran_at_us INTEGER NOT NULL, duration_us INTEGER NOT NULL, PRIMARY KEY (job, key)) WITHOUT ROWID"},
};
#define STEP_COUNT (sizeof steps / sizeof steps[0])
_Static_assert(STEP_COUNT == SEINE_LAKE_FORMAT - 1, "SEINE_LAKE_FORMAT is the format of the last step");

/* ---- running them ---- */

static seine_status read_int(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    if (columns[0].kind == SEINE_DB_INT) *(int64_t *)context = columns[0].integer;
    return SEINE_OK;
}

seine_status seine_format_read(seine_db *db, const char *lake, int *format, seine_error *error) {
    int64_t version = 0;
    const seine_status status = seine_db_query(db, "PRAGMA user_version", NULL, 0, read_int, &version, error);
    if (status != SEINE_OK) return status;
    if (version > SEINE_LAKE_FORMAT)
        return seine_fail(error, SEINE_E_VERSION,
                          "lake %s has format %lld and was made by a newer version of Seine; this one knows up to %d",
                          lake, (long long)version, SEINE_LAKE_FORMAT);
    if (version < 1) return seine_fail(error, SEINE_E_FORMAT, "%s/catalog.db is not Seine's catalog", lake);
    *format = (int)version;
    return SEINE_OK;
}

static seine_status run_step(seine_db *db, const step *s, seine_error *error) {
    char version[40];
    (void)snprintf(version, sizeof version, "PRAGMA user_version=%d", s->format);
    const seine_db_value row[] = {seine_db_int(s->format), seine_db_text(s->name), seine_db_int(seine_clock_now_us())};
    seine_status status = seine_db_run(db, s->sql, error);
    if (status == SEINE_OK)
        status = seine_db_change(db, "INSERT INTO seine_migration(format, name, applied_at_us) VALUES(?1, ?2, ?3)", row,
                                 3, NULL, error);
    return status == SEINE_OK ? seine_db_run(db, version, error) : status;
}

/* Nothing when another process was faster. */
static seine_status run_next(seine_db *db, const char *lake, int *format, seine_error *error) {
    seine_status status = seine_db_begin(db, error);
    if (status != SEINE_OK) return status;
    int now = 0;
    status = seine_format_read(db, lake, &now, error);
    if (status == SEINE_OK && now == *format) status = run_step(db, &steps[now - 1], error);
    if (status == SEINE_OK) status = seine_db_commit(db, error);
    if (status == SEINE_OK)
        *format = now == *format ? now + 1 : now;
    else if (seine_db_in_transaction(db))
        seine_best_effort(seine_db_run(db, "ROLLBACK", NULL));
    return status;
}

seine_status seine_migrate(seine_db *db, const char *lake, int *format, seine_error *error) {
    seine_status status = seine_format_read(db, lake, format, error);
    while (status == SEINE_OK && *format < SEINE_LAKE_FORMAT) status = run_next(db, lake, format, error);
    return status;
}

seine_status seine_migrate_new(seine_db *db, seine_error *error) {
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < STEP_COUNT && status == SEINE_OK; i++) status = run_step(db, &steps[i], error);
    return status;
}

seine_status seine_catalog_upgrade(seine_catalog *catalog, seine_error *error) {
    if (catalog->format == SEINE_LAKE_FORMAT) return SEINE_OK;
    return seine_migrate(catalog->db, catalog->lake, &catalog->format, error);
}

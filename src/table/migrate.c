/* The steps from each format of the catalog to the next, and how they are run. */
#include "table/migrate.h"

#include "base/try.h"
#include "io/clock.h"
#include "table/table.h"

/* ---- the steps: never changed once released, only added to ---- */

typedef struct step {
    int format; /* reached by it: one more than that of the row before; the first is 2 */
    const char *name;
    const char *sql;
    seine_status (*then)(seine_db *db, seine_error *error); /* what SQL cannot do; NULL = nothing */
} step;

static seine_status know_tables(seine_db *db, seine_error *error);

static const step steps[] = {
    {2, "steps and times of jobs are kept",
     "CREATE TABLE seine_migration(format INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at_us INTEGER NOT NULL);"
     "CREATE TABLE IF NOT EXISTS seine_job_timing(job TEXT NOT NULL, key TEXT NOT NULL, day INTEGER,"
     " ran_at_us INTEGER NOT NULL, duration_us INTEGER NOT NULL, PRIMARY KEY (job, key)) WITHOUT ROWID",
     NULL},
    {3, "files have checksums, rows of the ledger are sealed",
     "CREATE TABLE seine_file(path TEXT PRIMARY KEY, bytes INTEGER NOT NULL, checksum TEXT NOT NULL) WITHOUT ROWID;"
     /* Tables that Seine put there, each with the hash of its row in iceberg_tables. */
     "CREATE TABLE seine_table(name TEXT PRIMARY KEY, hash TEXT NOT NULL) WITHOUT ROWID;"
     "CREATE TABLE seine_seal(table_name TEXT PRIMARY KEY, rows INTEGER NOT NULL, sum TEXT NOT NULL) WITHOUT ROWID",
     know_tables},
    {4, "runs and commits are found by their time",
     /* What is pruned with every commit: without them the whole of both tables would be read for it. */
     "CREATE INDEX IF NOT EXISTS seine_run_by_time ON seine_run(started_us, id);"
     "CREATE INDEX IF NOT EXISTS seine_commit_by_time ON seine_commit(committed_at_us)",
     NULL},
    {5, "jobs keep what their fingerprints are made of", "ALTER TABLE seine_job ADD COLUMN parts TEXT", NULL},
};
#define STEP_COUNT (sizeof steps / sizeof steps[0])
_Static_assert(STEP_COUNT == SEINE_LAKE_FORMAT - 1, "SEINE_LAKE_FORMAT is the format of the last step");

/* ---- the tables a lake of before has ---- */

typedef struct known {
    seine_db *db;
    seine_arena arena;
} known;

static bool is_built_in(const char *name) { return seine_schema_find(name) != NULL; }

/* A built-in table, or one that a model made: whatever else is there belongs to other programs. */
static seine_status know_table(void *context, const seine_db_value *c, seine_error *error) {
    known *k = context;
    const char *const key[] = {seine_db_catalog_name(k->db), c[0].text, c[1].text};
    const char *name = seine_arena_printf(&k->arena, "%s.%s", c[0].text, c[1].text);
    const char *full = name != NULL ? seine_arena_printf(&k->arena, "%s.%s", key[0], name) : NULL;
    if (full == NULL) return seine_fail(error, SEINE_E_NOMEM, "catalog: out of memory");
    if (!is_built_in(name) && c[2].integer == 0) return SEINE_OK;
    seine_hash128 hash = {0, 0};
    bool found = false;
    char hex[33];
    SEINE_TRY(seine_db_row_hash(k->db,
                                "SELECT * FROM iceberg_tables WHERE catalog_name = ?1"
                                " AND table_namespace = ?2 AND table_name = ?3",
                                key, 3, &found, &hash, error));
    seine_hash128_hex(hash, hex);
    const seine_db_value row[] = {seine_db_text(full), seine_db_text(hex)};
    return seine_db_change(k->db, "INSERT INTO seine_table(name, hash) VALUES(?1, ?2)", row, 2, NULL, error);
}

static seine_status know_tables(seine_db *db, seine_error *error) {
    known k = {.db = db};
    const char *const params[] = {seine_db_catalog_name(db)};
    const seine_status status =
        seine_db_query(db,
                       "SELECT table_namespace, table_name,"
                       " EXISTS (SELECT 1 FROM seine_job WHERE job = table_namespace || '.' || table_name)"
                       " FROM iceberg_tables WHERE catalog_name = ?1",
                       params, 1, know_table, &k, error);
    seine_arena_free(&k.arena);
    return status;
}

/* ---- running them ---- */

seine_status seine_format_read(seine_db *db, const char *lake, int *format, seine_error *error) {
    int64_t version = 0;
    SEINE_TRY(seine_db_format(db, &version, error));
    if (version > SEINE_LAKE_FORMAT)
        return seine_fail(error, SEINE_E_VERSION,
                          "lake %s has format %lld and was made by a newer version of Seine; this one knows up to %d",
                          lake, (long long)version, SEINE_LAKE_FORMAT);
    if (version < 1) return seine_fail(error, SEINE_E_FORMAT, "%s/%s is not Seine's catalog", lake, seine_db_label(db));
    *format = (int)version;
    return SEINE_OK;
}

static seine_status run_step(seine_db *db, const step *s, seine_error *error) {
    const seine_db_value row[] = {seine_db_int(s->format), seine_db_text(s->name), seine_db_int(seine_clock_now_us())};
    SEINE_TRY(seine_db_run(db, s->sql, error));
    if (s->then != NULL) SEINE_TRY(s->then(db, error));
    SEINE_TRY(seine_db_change(db, "INSERT INTO seine_migration(format, name, applied_at_us) VALUES(?1, ?2, ?3)", row, 3,
                              NULL, error));
    if (s->format >= SEINE_FORMAT_SEALED) SEINE_TRY(seine_db_seal_all(db, error));
    return seine_db_set_format(db, s->format, error);
}

/* Nothing when another process was faster. */
static seine_status run_next(seine_db *db, const char *lake, int *format, seine_error *error) {
    SEINE_TRY(seine_db_begin(db, error));
    int now = 0;
    seine_status status = seine_format_read(db, lake, &now, error);
    if (status == SEINE_OK && now == *format) status = run_step(db, &steps[now - 1], error);
    if (status == SEINE_OK) status = seine_db_commit(db, error);
    if (status == SEINE_OK)
        *format = now == *format ? now + 1 : now;
    else
        seine_db_roll_back(db);
    return status;
}

seine_status seine_migrate(seine_db *db, const char *lake, int *format, seine_error *error) {
    seine_status status = seine_format_read(db, lake, format, error);
    while (status == SEINE_OK && *format < SEINE_LAKE_FORMAT) status = run_next(db, lake, format, error);
    return status;
}

seine_status seine_migrate_new(seine_db *db, seine_error *error) {
    for (size_t i = 0; i < STEP_COUNT; i++) SEINE_TRY(run_step(db, &steps[i], error));
    return SEINE_OK;
}

seine_status seine_catalog_upgrade(seine_catalog *catalog, seine_error *error) {
    if (catalog->format == SEINE_LAKE_FORMAT) return SEINE_OK;
    return seine_migrate(catalog->db, catalog->lake, &catalog->format, error);
}

/* Moving a lake's metadata to the place it lies in (protocol and invariants: relocate.h). */
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/commit.h"
#include "table/relocate/move.h"
#include "table/relocate/relocate.h"

#include <sys/stat.h>

#define CONFLICT_TRIES 3

/* A row of iceberg_tables: of any catalog name, views too. */
typedef struct table_row {
    const char *catalog_name, *space, *name, *full_name;
    const char *location, *previous; /* NULL = none */
    const char *new_path;            /* of its new metadata file; NULL = not moved */
} table_row;

/* One attempt. */
typedef struct relocation {
    seine_catalog *catalog;
    seine_commit commit;
    seine_relocation *done;
    seine_arena *texts;    /* of the report */
    seine_arena_list rows; /* table_row */
} relocation;

/* ---- what the catalog says ---- */

static const char *copy_column(seine_arena *arena, const seine_db_value *column) {
    const char *text = column->kind == SEINE_DB_TEXT ? column->text : "";
    return seine_arena_copy(arena, text, strlen(text));
}

static seine_status read_table(void *context, const seine_db_value *c, seine_error *error) {
    relocation *r = context;
    seine_arena *arena = &r->commit.arena;
    table_row *row = seine_arena_list_add(&r->rows, arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "relocate");
    *row = (table_row){
        .catalog_name = copy_column(arena, &c[0]),
        .space = copy_column(arena, &c[1]),
        .name = copy_column(arena, &c[2]),
        .location = copy_column(arena, &c[3]),
        .previous = c[4].kind == SEINE_DB_TEXT ? copy_column(arena, &c[4]) : NULL,
    };
    if (row->catalog_name == NULL || row->space == NULL || row->name == NULL || row->location == NULL)
        return seine_no_memory(error, "relocate");
    row->full_name = seine_arena_printf(arena, "%s.%s", row->space, row->name);
    return row->full_name != NULL ? SEINE_OK : seine_no_memory(error, "relocate");
}

static seine_status read_tables(relocation *r, seine_error *error) {
    return seine_db_query(r->catalog->db,
                          "SELECT catalog_name, table_namespace, table_name, metadata_location,"
                          " previous_metadata_location FROM iceberg_tables WHERE metadata_location IS NOT NULL"
                          " ORDER BY 1, 2, 3",
                          NULL, 0, read_table, r, error);
}

/* The one old place that the built-in tables name; done->from stays NULL when they all name the new one. */
static seine_status find_old_place(relocation *r, seine_error *error) {
    const table_row *rows = r->rows.items;
    for (size_t i = 0; i < r->rows.count; i++) {
        if (strcmp(rows[i].catalog_name, seine_db_catalog_name(r->catalog->db)) != 0) continue;
        const seine_pointer pointer = {rows[i].full_name, rows[i].location};
        char *place = NULL;
        SEINE_TRY(seine_place_of(&pointer, r->texts, &place, error));
        if (place == NULL || strcmp(place, r->done->to) == 0) continue;
        if (r->done->from == NULL) r->done->from = place;
        if (strcmp(place, r->done->from) != 0)
            return seine_fail(error, SEINE_E_FORMAT,
                              "the tables of %s name several places, among them %s and %s: one lake's tables lie"
                              " in one folder",
                              r->done->to, r->done->from, place);
    }
    return SEINE_OK;
}

/* A copy whose original is still there shares the database with it. */
static seine_status check_gone(const seine_relocation *done, seine_arena *arena, seine_error *error) {
    const char *file = seine_file_join(arena, done->from, SEINE_CATALOG_ADDRESS_FILE);
    if (file == NULL) return seine_no_memory(error, "relocate");
    if (!seine_file_exists(file)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE,
                      "%s is a copy of the lake %s, which is still there and has its catalog in the same database: a"
                      " lake with a catalog elsewhere can be moved, or copied by seine copy",
                      done->to, done->from);
}

/* Hard links: what is written to catalog.db here would be written to the original too. */
static seine_status check_own_catalog(const seine_catalog *catalog, const seine_relocation *done, seine_arena *arena,
                                      seine_error *error) {
    struct stat st;
    if (strcmp(catalog->address, catalog->file) != 0) return check_gone(done, arena, error);
    if (stat(catalog->file, &st) != 0) return seine_fail(error, SEINE_E_IO, "cannot look at %s", catalog->file);
    if (st.st_nlink <= 1) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE,
                      "%s is a hard link: another folder holds the same file and would be changed too; put a copy in"
                      " its place",
                      catalog->file);
}

/* ---- one table ---- */

static seine_status keep_file(seine_move *move, const char *path, const seine_buf *bytes, seine_error *error) {
    relocation *r = move->context;
    r->done->files++;
    return seine_commit_write(&r->commit, path, bytes, error);
}

/* A file that is not there is told, not refused: a damaged lake can be moved too. */
static seine_status note_missing(seine_move *move, const char *name, int64_t bytes, seine_error *error) {
    relocation *r = move->context;
    (void)bytes;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *path = seine_file_join(&arena, r->done->to, name);
    if (path == NULL) return seine_no_memory(error, "relocate");
    if (seine_file_exists(path)) return SEINE_OK;
    r->done->missing++;
    if (r->done->first_missing == NULL) r->done->first_missing = seine_arena_copy(r->texts, path, strlen(path));
    return r->done->first_missing != NULL ? SEINE_OK : seine_no_memory(error, "relocate");
}

static seine_status queue_row(seine_commit *commit, const table_row *row, const char *location, const char *previous,
                              seine_error *error) {
    const seine_db_value params[] = {
        seine_db_text(location),   seine_db_text(previous),  seine_db_text(row->catalog_name),
        seine_db_text(row->space), seine_db_text(row->name), seine_db_text(row->location),
    };
    return seine_commit_queue_swap(commit, row->full_name,
                                   "UPDATE iceberg_tables SET metadata_location = ?1, previous_metadata_location = ?2"
                                   " WHERE catalog_name = ?3 AND table_namespace = ?4 AND table_name = ?5"
                                   " AND metadata_location = ?6",
                                   params, sizeof params / sizeof params[0], error);
}

static seine_status write_metadata(relocation *r, seine_move *move, table_row *row, seine_error *error) {
    const char *moved = NULL, *previous = NULL;
    char *path = NULL;
    SEINE_TRY(seine_move_metadata(move, row->location, &moved, &previous, error));
    SEINE_TRY(seine_file_path_of_uri(seine_str_of(moved), move->arena, &path, error));
    row->new_path = path;
    return queue_row(&r->commit, row, moved, previous, error);
}

static seine_status move_table(relocation *r, table_row *row, seine_error *error) {
    seine_str moved;
    seine_move move = {.from = r->done->from,
                       .to = r->done->to,
                       .name = row->full_name,
                       .arena = &r->commit.arena,
                       .context = r,
                       .keep = keep_file,
                       .carry = note_missing};
    SEINE_TRY(seine_move_location(&move, seine_str_of(row->location), &r->commit.arena, &moved, error));
    if (seine_str_equal(moved, seine_str_of(row->location))) {
        r->done->elsewhere++;
        return SEINE_OK;
    }
    r->done->tables++;
    const seine_status status = write_metadata(r, &move, row, error);
    seine_move_end(&move);
    return status;
}

/* ---- the whole lake ---- */

static seine_status queue_setting(seine_commit *commit, const char *key, const char *value, seine_error *error) {
    const seine_db_value row[] = {seine_db_text(key), seine_db_text(value)};
    return seine_commit_queue(commit, SEINE_SETTING_PUT, row, 2, error);
}

/* Hints are best effort here too: each later commit repairs them, and so does running this again. */
static void write_hints(const relocation *r) {
    const table_row *rows = r->rows.items;
    for (size_t i = 0; i < r->rows.count; i++)
        if (rows[i].new_path != NULL) seine_best_effort(seine_hint_write(r->commit.batch, rows[i].new_path, NULL));
    seine_best_effort(seine_file_batch_end(r->commit.batch, NULL));
}

static seine_status move_all(relocation *r, seine_error *error) {
    table_row *rows = r->rows.items;
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < r->rows.count && status == SEINE_OK; i++) status = move_table(r, &rows[i], error);
    if (status == SEINE_OK) status = queue_setting(&r->commit, "path", r->done->to, error);
    if (status == SEINE_OK) status = queue_setting(&r->commit, "former_path", r->done->from, error);
    if (status == SEINE_OK) status = seine_uuid4(r->commit.id, error);
    if (status == SEINE_OK) status = seine_commit_transact(&r->commit, error);
    if (status == SEINE_OK)
        write_hints(r);
    else if (status != SEINE_E_UNKNOWN)
        seine_commit_remove_written(&r->commit);
    return status;
}

static seine_status attempt(seine_catalog *catalog, seine_arena *texts, seine_relocation *done, seine_error *error) {
    relocation r = {.catalog = catalog, .done = done, .texts = texts};
    r.commit.catalog = catalog; /* not seine_commit_begin: it repairs hints, which are still those of the original */
    r.commit.queue = &r.commit.ops;
    r.commit.batch = seine_file_batch_new();
    *done = (seine_relocation){.to = seine_arena_copy(texts, catalog->lake, strlen(catalog->lake))};
    seine_status status =
        done->to != NULL && r.commit.batch != NULL ? read_tables(&r, error) : seine_no_memory(error, "relocate");
    if (status == SEINE_OK) status = find_old_place(&r, error);
    if (status == SEINE_OK && done->from == NULL) {
        seine_hints_repair(catalog, NULL, 0);
    } else if (status == SEINE_OK) {
        status = seine_place_check(catalog->lake, error);
        if (status == SEINE_OK) status = check_own_catalog(catalog, done, &r.commit.arena, error);
        if (status == SEINE_OK) status = move_all(&r, error);
    }
    seine_file_batch_free(r.commit.batch);
    seine_arena_free(&r.commit.arena);
    return status;
}

seine_status seine_lake_relocate(const char *lake, seine_arena *arena, seine_relocation *done, seine_error *error) {
    seine_catalog *catalog = NULL;
    SEINE_TRY(seine_catalog_open_anywhere(lake, &catalog, error));
    seine_status status = seine_catalog_upgrade(catalog, error);
    /* Another process that relocates the same lake wins at most once: the next attempt finds nothing to do. */
    for (int i = 0; i < CONFLICT_TRIES && (i == 0 ? status == SEINE_OK : status == SEINE_E_CONFLICT); i++)
        status = attempt(catalog, arena, done, error);
    seine_catalog_close(catalog);
    return status;
}

/* The books of a lake: database, seals, tables, hints, files. */
#include "table/books.h"

#include "base/try.h"
#include "io/file.h"
#include "table/migrate.h"
#include "table/table.h"

#include <stdio.h>
#include <stdlib.h>

#define HINT_MAX_BYTES ((size_t)4096)

typedef struct check {
    seine_catalog *catalog;
    const seine_progress *progress;
    seine_db_finding_fn report;
    void *context;
    seine_books_report *result;
    seine_arena arena;
    seine_file_row *files; /* by path */
    size_t file_count;
} check;

static void find(check *c, const char *format, ...) SEINE_PRINTF(2, 3);

static void find(check *c, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    c->result->findings++;
    c->report(c->context, text);
}

static void pass_on(void *context, const char *text) {
    check *c = context;
    find(c, "%s", text);
}

static int compare_path(const void *key, const void *row) { return strcmp(key, ((const seine_file_row *)row)->path); }

static bool has_file(const check *c, const char *name) {
    return c->file_count > 0 && bsearch(name, c->files, c->file_count, sizeof *c->files, compare_path) != NULL;
}

/* ---- tables ---- */

static seine_status note_one(void *context, const seine_db_value *columns, seine_error *error) {
    (void)columns, (void)error;
    *(bool *)context = true;
    return SEINE_OK;
}

/* Other programs list namespaces by this row. */
static seine_status check_namespace(check *c, const char *table, seine_error *error) {
    bool is_there = false;
    const char *space = seine_arena_copy(&c->arena, table, strcspn(table, "."));
    if (space == NULL) return seine_no_memory(error, "books");
    const char *const params[] = {seine_db_catalog_name(c->catalog->db), space};
    const seine_status status =
        seine_db_query(c->catalog->db,
                       "SELECT 1 FROM iceberg_namespace_properties WHERE catalog_name = ?1 AND namespace = ?2"
                       " AND property_key = 'exists' AND property_value = 'true'",
                       params, 2, note_one, &is_there, error);
    if (status == SEINE_OK && !is_there)
        find(c, "%s: namespace %s of table %s is gone", seine_db_label(c->catalog->db), space, table);
    return status;
}

static seine_status check_tables(check *c, seine_error *error) {
    seine_known_table *tables = NULL;
    size_t count = 0;
    seine_status status = seine_ledger_tables(c->catalog, &c->arena, &tables, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        if (!tables[i].is_there)
            find(c, "table %s is gone from the catalog", tables[i].name);
        else if (!tables[i].is_same)
            find(c, "table %s: its row in the catalog is not the one Seine wrote; another program changed the table",
                 tables[i].name);
        status = check_namespace(c, tables[i].name, error);
    }
    return status;
}

/* ---- hints ---- */

/* Hints are written behind their commit: one may name a state that is newer than what is looked at here. */
static seine_status is_known_now(check *c, const char *name, bool *known, seine_error *error) {
    seine_catalog *now = NULL;
    seine_status status = seine_catalog_open(c->catalog->lake, &now, error);
    if (status == SEINE_OK) status = seine_ledger_has_file(now, name, known, error);
    seine_catalog_close(now);
    return status;
}

/* A crash after a commit leaves the hint of the state before, which the next commit repairs. */
static seine_status check_hint(check *c, const seine_pointer *pointer, seine_error *error) {
    char *path = NULL;
    seine_buf text;
    seine_status status = seine_file_path_of_uri(seine_str_of(pointer->location), &c->arena, &path, error);
    if (status == SEINE_E_NOMEM) return status;
    if (status != SEINE_OK || !has_file(c, seine_file_ledger_name(c->catalog->lake, path))) return SEINE_OK;
    const int folder = (int)(seine_file_name(path) - path);
    const char *hint = seine_arena_printf(&c->arena, "%.*sversion-hint.text", folder, path);
    if (hint == NULL) return seine_no_memory(error, "books");
    seine_buf_init(&text, HINT_MAX_BYTES);
    status = seine_file_read(hint, &text, NULL);
    const bool is_starved = status == SEINE_E_NOMEM;
    const char *named = seine_arena_printf(&c->arena, "%.*s%.*s.metadata.json", folder, path, (int)text.size,
                                           text.data != NULL ? (const char *)text.data : "");
    seine_buf_free(&text);
    if (named == NULL || is_starved) return seine_no_memory(error, "books");
    const char *name = seine_file_ledger_name(c->catalog->lake, named);
    bool known = status == SEINE_OK && has_file(c, name);
    if (!known) status = is_known_now(c, name, &known, error);
    if (status == SEINE_OK && !known)
        find(c, "%s does not name a state of table %s; the next commit repairs it", hint, pointer->name);
    return status;
}

static seine_status check_hints(check *c, seine_error *error) {
    seine_pointer *pointers = NULL;
    size_t count = 0;
    SEINE_TRY(seine_catalog_pointers(c->catalog, &c->arena, &pointers, &count, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(check_hint(c, &pointers[i], error));
    return SEINE_OK;
}

/* ---- files ---- */

static seine_status check_file(check *c, const seine_file_row *row, seine_error *error) {
    const char *path = seine_file_is_absolute(row->path)
                           ? row->path
                           : seine_arena_printf(&c->arena, "%s/%s", c->catalog->lake, row->path);
    if (path == NULL) return seine_no_memory(error, "books");
    int64_t bytes = 0;
    seine_hash128 checksum = {0, 0};
    seine_error why = {0};
    const seine_status status = seine_file_checksum(path, &bytes, &checksum, &why);
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, "books");
    if (status == SEINE_E_NOT_FOUND)
        find(c, "file %s is missing", row->path);
    else if (status != SEINE_OK)
        find(c, "file %s: %s", row->path, why.text);
    else if (bytes != row->bytes)
        find(c, "file %s has %lld bytes, not %lld", row->path, (long long)bytes, (long long)row->bytes);
    else if (!seine_hash128_equal(checksum, row->checksum))
        find(c, "file %s has other bytes than were written (checksum)", row->path);
    return SEINE_OK;
}

static seine_status check_files(check *c, seine_error *error) {
    seine_status status = SEINE_OK;
    c->result->damaged = SEINE_ARENA_ARRAY(&c->result->arena, const char *, c->file_count);
    if (c->result->damaged == NULL) return seine_no_memory(error, "books");
    for (size_t i = 0; i < c->file_count && status == SEINE_OK; i++) {
        if (seine_progress_stopped(c->progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "stopped");
        seine_progress_report(c->progress, "files", i, c->file_count);
        const size_t before = c->result->findings;
        status = check_file(c, &c->files[i], error);
        if (c->result->findings == before) continue;
        const char *path = c->files[i].path;
        c->result->damaged[c->result->damaged_count++] = seine_arena_copy(&c->result->arena, path, strlen(path));
        if (c->result->damaged[c->result->damaged_count - 1] == NULL) return seine_no_memory(error, "books");
    }
    c->result->files = c->file_count;
    return status;
}

/* ---- all of it ---- */

/* A damaged database is not read further: its rows may not be what they seem. */
static seine_status check_ledger(check *c, seine_error *error) {
    seine_status status = seine_db_check_pages(c->catalog->db, pass_on, c, error);
    c->result->is_broken = status == SEINE_OK && c->result->findings > 0;
    if (status != SEINE_OK || c->result->is_broken) return status;
    if (c->catalog->format >= SEINE_FORMAT_SEALED) status = seine_db_check_seals(c->catalog->db, pass_on, c, error);
    const size_t sealed = c->result->findings;
    if (status == SEINE_OK) status = check_tables(c, error);
    c->result->is_broken = c->result->findings > sealed;
    return status;
}

seine_status seine_books_check(seine_catalog *catalog, const seine_progress *progress, seine_db_finding_fn report,
                               void *context, seine_books_report *result, seine_error *error) {
    check c = {.catalog = catalog, .progress = progress, .report = report, .context = context, .result = result};
    *result = (seine_books_report){0};
    seine_status status = check_ledger(&c, error);
    if (status == SEINE_OK && !result->is_broken)
        status = seine_ledger_files(catalog, &c.arena, &c.files, &c.file_count, error);
    if (status == SEINE_OK && !result->is_broken) status = check_files(&c, error);
    if (status == SEINE_OK && !result->is_broken) status = check_hints(&c, error);
    seine_arena_free(&c.arena);
    return status;
}

void seine_books_report_free(seine_books_report *result) {
    seine_arena_free(&result->arena);
    *result = (seine_books_report){0};
}

seine_status seine_books_moved(seine_catalog *catalog, bool *moved, seine_error *error) {
    seine_catalog *now = NULL;
    seine_arena arena = {0};
    seine_file_row *then_rows = NULL, *now_rows = NULL;
    size_t then_count = 0, now_count = 0;
    *moved = false;
    seine_status status = seine_catalog_open(catalog->lake, &now, error);
    if (status == SEINE_OK) status = seine_ledger_files(catalog, &arena, &then_rows, &then_count, error);
    if (status == SEINE_OK) status = seine_ledger_files(now, &arena, &now_rows, &now_count, error);
    for (size_t i = 0, k = 0; i < then_count && status == SEINE_OK && !*moved; i++) {
        while (k < now_count && strcmp(now_rows[k].path, then_rows[i].path) < 0) k++;
        *moved = k == now_count || strcmp(now_rows[k].path, then_rows[i].path) != 0;
    }
    seine_catalog_close(now);
    seine_arena_free(&arena);
    return status;
}

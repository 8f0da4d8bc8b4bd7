/* Opening a lake, and where its tables stand. */
#include "base/array.h"
#include "base/number.h"
#include "base/shell.h"
#include "base/threads.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/store/store.h"
#include "table/migrate.h"
#include "table/table.h"

#include <stdlib.h>

#define HINT_MAX_BYTES ((size_t)4096)
#define HINT_TRIES 3
#define METADATA_ENDING ".metadata.json"

/* Settings that are numbers. */
#define HOURS_MAX INT64_C(10000000) /* a thousand years */

typedef struct numbers {
    int64_t buckets;
    seine_history history;
} numbers;

static seine_status read_setting(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    numbers *n = context;
    int64_t value = -1;
    if (columns[1].kind != SEINE_DB_TEXT || !seine_integer_parse(seine_str_of(columns[1].text), &value)) value = -1;
    if (strcmp(columns[0].text, "buckets") == 0) n->buckets = value;
    if (strcmp(columns[0].text, SEINE_HISTORY_HOURS_SETTING) == 0 && value >= 0)
        n->history.hours = value < HOURS_MAX ? value : HOURS_MAX;
    if (strcmp(columns[0].text, SEINE_HISTORY_KEEP_SETTING) == 0 && value >= 1)
        n->history.keep = value < INT32_MAX ? value : INT32_MAX;
    return SEINE_OK;
}

static seine_status read_settings(const seine_catalog *catalog, numbers *n, seine_error *error) {
    *n = (numbers){-1, {SEINE_HISTORY_HOURS, SEINE_HISTORY_KEEP}};
    return seine_db_query(catalog->db,
                          "SELECT key, value FROM seine_setting WHERE key IN ('buckets', '" SEINE_HISTORY_HOURS_SETTING
                          "', '" SEINE_HISTORY_KEEP_SETTING "')",
                          NULL, 0, read_setting, n, error);
}

seine_status seine_history_read(seine_catalog *catalog, seine_error *error) {
    numbers n;
    SEINE_TRY(read_settings(catalog, &n, error));
    catalog->history = n.history;
    return SEINE_OK;
}

/* An older lake that cannot be written, or not now, is read as it is: every reader knows the former formats. */
static seine_status come_up_to_date(seine_catalog *catalog, seine_error *error) {
    seine_error why = {0};
    const seine_status status = seine_migrate(catalog->db, catalog->lake, &catalog->format, &why);
    if (status == SEINE_OK || status == SEINE_E_IO || status == SEINE_E_BUSY || status == SEINE_E_AWAY) return SEINE_OK;
    return seine_fail(error, status, "%s", why.text);
}

/* What a lake that is opened may be. */
typedef struct opening {
    bool anywhere; /* its tables may name another place */
    bool as_it_is; /* of an older format it stays of that */
} opening;

static seine_status check_format(seine_catalog *catalog, const opening *how, seine_error *error) {
    numbers n;
    seine_status status = seine_format_read(catalog->db, catalog->lake, &catalog->format, error);
    if (status == SEINE_OK && catalog->format < SEINE_LAKE_FORMAT && !how->as_it_is)
        status = come_up_to_date(catalog, error);
    if (status != SEINE_OK) return status;
    SEINE_TRY(seine_db_has(catalog->db, "iceberg_tables", "iceberg_type", &catalog->has_type, error));
    SEINE_TRY(read_settings(catalog, &n, error));
    if (n.buckets < 1 || n.buckets > INT32_MAX)
        return seine_fail(error, SEINE_E_FORMAT, "%s: the number of buckets is missing", catalog->file);
    catalog->buckets = (int)n.buckets;
    catalog->history = n.history;
    return SEINE_OK;
}

static seine_status check_place(seine_catalog *catalog, const seine_pointer *pointer, seine_arena *arena,
                                seine_error *error) {
    char *place = NULL;
    const seine_status status = seine_place_of(pointer, arena, &place, error);
    if (status != SEINE_OK || place == NULL || strcmp(place, catalog->lake) == 0) return status;
    const char *word = seine_shell_word(catalog->lake, arena);
    return seine_fail(error, SEINE_E_USAGE,
                      "the lake was moved or copied from %s to %s; its tables still name the old place:"
                      " run seine relocate %s",
                      place, catalog->lake, word != NULL ? word : catalog->lake);
}

static seine_status check_places(seine_catalog *catalog, seine_error *error) {
    seine_arena arena = {0};
    seine_pointer *pointers = NULL;
    size_t count = 0;
    seine_status status = seine_catalog_pointers(catalog, &arena, &pointers, &count, error);
    for (size_t i = 0; i < count && status == SEINE_OK; i++) status = check_place(catalog, &pointers[i], &arena, error);
    seine_arena_free(&arena);
    return status;
}

/* A database of another application, or one whose ledger was dropped. */
static seine_status check_known(const seine_catalog *catalog, seine_error *error) {
    int64_t format = 0;
    if (!seine_db_is_remote(catalog->address)) return SEINE_OK;
    SEINE_TRY(seine_db_format(catalog->db, &format, error));
    if (format > 0) return SEINE_OK;
    seine_arena arena = {0};
    const char *shown = NULL;
    seine_status status = seine_db_address(catalog->address, &arena, &shown, error);
    if (status == SEINE_OK)
        status =
            seine_fail(error, SEINE_E_NOT_FOUND, "%s has no catalog %s of Seine's, which %s names; see SEINE_CATALOG",
                       shown, seine_db_catalog_name(catalog->db), catalog->file);
    seine_arena_free(&arena);
    return status;
}

static seine_status open_lake(seine_catalog *catalog, const char *lake, const opening *how, seine_error *error) {
    char *real = NULL;
    seine_status found = seine_file_real(lake, &catalog->arena, &real, error);
    catalog->lake = real;
    if (found == SEINE_OK) found = seine_catalog_find(real, &catalog->arena, &catalog->file, &catalog->address, error);
    if (found == SEINE_E_NOMEM || (found != SEINE_OK && (real != NULL || seine_is_address(lake)))) return found;
    const char *word = seine_shell_word(lake, &catalog->arena);
    if (catalog->file == NULL)
        return seine_fail(error, SEINE_E_NOT_FOUND, "there is no lake at %s; make one with: seine init %s", lake,
                          word != NULL ? word : lake);
    seine_status status = seine_db_open(catalog->address, false, &catalog->db, error);
    if (status == SEINE_OK) status = check_known(catalog, error);
    if (status == SEINE_OK) status = check_format(catalog, how, error);
    return status == SEINE_OK && !how->anywhere ? check_places(catalog, error) : status;
}

static seine_status open_catalog(const char *lake, opening how, seine_catalog **catalog, seine_error *error) {
    *catalog = NULL;
    seine_catalog *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "catalog");
    const seine_status status = open_lake(made, lake, &how, error);
    if (status == SEINE_OK)
        *catalog = made;
    else
        seine_catalog_close(made);
    return status;
}

seine_status seine_catalog_open(const char *lake, seine_catalog **catalog, seine_error *error) {
    return open_catalog(lake, (opening){0}, catalog, error);
}

seine_status seine_catalog_open_anywhere(const char *lake, seine_catalog **catalog, seine_error *error) {
    return open_catalog(lake, (opening){.anywhere = true}, catalog, error);
}

seine_status seine_catalog_open_as_it_is(const char *lake, seine_catalog **catalog, seine_error *error) {
    return open_catalog(lake, (opening){.as_it_is = true}, catalog, error);
}

void seine_catalog_close(seine_catalog *catalog) {
    if (catalog == NULL) return;
    seine_db_close(catalog->db);
    seine_arena_free(&catalog->arena);
    seine_arena_free(&catalog->hinted_arena);
    free(catalog);
}

seine_status seine_catalog_check_writable(const seine_catalog *catalog, seine_error *error) {
    if (!seine_db_is_read_only(catalog->db)) return SEINE_OK;
    return seine_fail(error, SEINE_E_IO, "no permission to write %s", catalog->lake);
}

const char *seine_catalog_path(const seine_catalog *catalog) { return catalog->lake; }

const char *seine_catalog_name(const seine_catalog *catalog) { return seine_db_catalog_name(catalog->db); }

const char *seine_catalog_file(const seine_catalog *catalog) { return catalog->file; }

int seine_catalog_buckets(const seine_catalog *catalog) { return catalog->buckets; }

bool seine_catalog_is_remote(const seine_catalog *catalog) { return seine_db_is_remote(catalog->address); }

void seine_catalog_set_patience(seine_catalog *catalog, int seconds) { seine_db_set_patience(catalog->db, seconds); }

typedef struct text_reader {
    seine_arena *arena;
    const char *text;
} text_reader;

static seine_status read_text(void *context, const seine_db_value *columns, seine_error *error) {
    text_reader *r = context;
    const char *text = columns[0].kind == SEINE_DB_TEXT ? columns[0].text : "";
    r->text = seine_arena_copy(r->arena, text, strlen(text));
    return r->text != NULL ? SEINE_OK : seine_no_memory(error, "catalog");
}

seine_status seine_catalog_lake_id(seine_catalog *catalog, seine_arena *arena, const char **id, seine_error *error) {
    static const char *const key = SEINE_LAKE_ID_SETTING;
    text_reader r = {.arena = arena, .text = ""};
    const seine_status status =
        seine_db_query(catalog->db, "SELECT value FROM seine_setting WHERE key = ?1", &key, 1, read_text, &r, error);
    *id = r.text;
    return status;
}

seine_status seine_catalog_has_moved(const seine_catalog *catalog, bool *has_moved, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const char *file = NULL, *address = NULL;
    SEINE_TRY(seine_catalog_find(catalog->lake, &arena, &file, &address, error));
    *has_moved = address == NULL || strcmp(address, catalog->address) != 0;
    return SEINE_OK;
}

/* ---- pointers ---- */

typedef struct pointer_reader {
    seine_arena *arena;
    seine_arena_list pointers;
} pointer_reader;

static seine_status read_pointer(void *context, const seine_db_value *columns, seine_error *error) {
    pointer_reader *r = context;
    if (columns[2].kind != SEINE_DB_TEXT) return SEINE_OK; /* a table being made by somebody else */
    seine_pointer *pointer = seine_arena_list_add(&r->pointers, r->arena, sizeof *pointer);
    if (pointer == NULL) return seine_no_memory(error, "catalog");
    pointer->name = seine_arena_printf(r->arena, "%s.%s", columns[0].text, columns[1].text);
    pointer->location = seine_arena_copy(r->arena, columns[2].text, strlen(columns[2].text));
    return pointer->name != NULL && pointer->location != NULL ? SEINE_OK : seine_no_memory(error, "catalog");
}

seine_status seine_catalog_pointers(seine_catalog *catalog, seine_arena *arena, seine_pointer **pointers, size_t *count,
                                    seine_error *error) {
    pointer_reader reader = {.arena = arena};
    const char *const params[] = {seine_db_catalog_name(catalog->db)};
    const char *sql =
        catalog->has_type
            ? "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables WHERE catalog_name = ?1"
              " AND (iceberg_type = 'TABLE' OR iceberg_type IS NULL) ORDER BY 1, 2"
            : "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables WHERE catalog_name = ?1"
              " ORDER BY 1, 2";
    const seine_status status = seine_db_query(catalog->db, sql, params, 1, read_pointer, &reader, error);
    *pointers = reader.pointers.items;
    *count = reader.pointers.count;
    return status;
}

seine_status seine_catalog_tables(seine_catalog *catalog, seine_arena *arena, const char ***names, size_t *count,
                                  seine_error *error) {
    seine_pointer *pointers = NULL;
    *names = NULL;
    const seine_status status = seine_catalog_pointers(catalog, arena, &pointers, count, error);
    if (status != SEINE_OK) return status;
    *names = SEINE_ARENA_ARRAY(arena, const char *, *count);
    if (*names == NULL) return seine_no_memory(error, "catalog");
    for (size_t i = 0; i < *count; i++) (*names)[i] = pointers[i].name;
    return SEINE_OK;
}

seine_status seine_catalog_version(seine_catalog *catalog, int64_t *version, seine_error *error) {
    return seine_db_version(catalog->db, version, error);
}

seine_status seine_catalog_read_begin(seine_catalog *catalog, seine_error *error) {
    return seine_db_begin_read(catalog->db, error);
}

void seine_catalog_read_end(seine_catalog *catalog) { seine_db_roll_back(catalog->db); }

/* ---- version-hint.text ---- */

seine_status seine_hint_of(const char *metadata_path, seine_arena *arena, char **path, char **stem,
                           seine_error *error) {
    const char *name = seine_file_name(metadata_path);
    *path = seine_arena_printf(arena, "%.*sversion-hint.text", (int)(name - metadata_path), metadata_path);
    *stem = seine_arena_copy(arena, name, strlen(name));
    if (*path == NULL || *stem == NULL) return seine_no_memory(error, "catalog");
    char *end = strstr(*stem, METADATA_ENDING);
    if (end != NULL) *end = 0;
    return SEINE_OK;
}

seine_status seine_hint_write(seine_file_batch *batch, const char *metadata_path, seine_error *error) {
    seine_arena arena = {0};
    char *path = NULL, *stem = NULL;
    seine_status status = seine_hint_of(metadata_path, &arena, &path, &stem, error);
    /* No line end: readers take the whole content as the version. */
    if (status == SEINE_OK) status = seine_file_batch_write(batch, path, stem, strlen(stem), SEINE_FILE_REPLACE, error);
    seine_arena_free(&arena);
    return status;
}

static bool hint_is_right(seine_arena *arena, const char *metadata_path) {
    char *path = NULL, *stem = NULL;
    if (seine_hint_of(metadata_path, arena, &path, &stem, NULL) != SEINE_OK) return true;
    seine_buf text;
    seine_buf_init(&text, HINT_MAX_BYTES);
    const seine_status status = seine_file_read(path, &text, NULL);
    const bool right = status == SEINE_OK && seine_str_equal(seine_buf_str(&text), seine_str_of(stem));
    seine_buf_free(&text);
    return right;
}

/* A table that moved. */
typedef struct hint {
    const seine_pointer *pointer;
    bool is_right; /* it names the metadata, or cannot */
    bool is_new;   /* it was rewritten */
} hint;

static seine_status repair_hint(void *context, size_t member, size_t index, seine_error *error) {
    hint *h = &((hint *)context)[index];
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    char *path = NULL;
    (void)member, (void)error;
    h->is_right = seine_file_path_of_uri(seine_str_of(h->pointer->location), &arena, &path, NULL) != SEINE_OK ||
                  hint_is_right(&arena, path) || !seine_file_exists(path);
    if (h->is_right) return SEINE_OK;
    h->is_right = h->is_new = seine_hint_write(NULL, path, NULL) == SEINE_OK;
    return SEINE_OK;
}

/* Keeps the pointers whose hints are right. @return whether a hint was rewritten. */
static bool keep_hinted(seine_catalog *catalog, seine_arena kept, seine_pointer *pointers, size_t count,
                        const hint *hints, size_t hint_count) {
    size_t right_count = 0, h = 0;
    bool is_any_new = false;
    for (size_t i = 0; i < count; i++) {
        bool is_right = true;
        if (h < hint_count && hints[h].pointer == &pointers[i]) {
            is_any_new = is_any_new || hints[h].is_new;
            is_right = hints[h++].is_right;
        }
        if (is_right) pointers[right_count++] = pointers[i];
    }
    seine_arena_free(&catalog->hinted_arena);
    catalog->hinted_arena = kept;
    catalog->hinted = pointers;
    catalog->hinted_count = right_count;
    return is_any_new;
}

static bool is_among(const seine_pointer *pointer, const seine_pointer *others, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(others[i].name, pointer->name) == 0) return strcmp(others[i].location, pointer->location) == 0;
    return false;
}

/* One round over all tables that moved, but for those of @p right, side by side. @return whether a hint was rewritten,
 * so that another writer may have been overtaken. */
static bool repair_round(seine_catalog *catalog, const seine_pointer *right, size_t right_count) {
    seine_arena kept = {0}, scratch SEINE_OWNED(seine_arena_free) = {0};
    seine_pointer *pointers = NULL;
    size_t count = 0, hint_count = 0;
    if (seine_catalog_pointers(catalog, &kept, &pointers, &count, NULL) != SEINE_OK) count = 0;
    hint *hints = SEINE_ARENA_ARRAY(&scratch, hint, count);
    if (hints == NULL) count = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_among(&pointers[i], catalog->hinted, catalog->hinted_count) &&
            !is_among(&pointers[i], right, right_count))
            hints[hint_count++] = (hint){.pointer = &pointers[i]};
    const seine_thread_tasks tasks = {.task = repair_hint, .context = hints, .count = hint_count};
    if (hint_count > 0) seine_best_effort(seine_threads_each(seine_file_crew(catalog->lake), &tasks, NULL));
    return keep_hinted(catalog, kept, pointers, count, hints, hint_count);
}

void seine_hints_repair(seine_catalog *catalog, const seine_pointer *right, size_t count) {
    for (int i = 0; i < HINT_TRIES && repair_round(catalog, right, count); i++) continue;
}

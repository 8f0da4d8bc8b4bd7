/* New manifest lists and manifests of a moved table: the old ones with other addresses, written once each. */
#include "base/try.h"
#include "io/file.h"
#include "table/relocate/internal.h"

#include <stdio.h>

static seine_status no_memory(const seine_move *move, seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", move->name);
}

/* ---- addresses ---- */

static bool is_below(const char *path, const char *folder) {
    const size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

seine_status seine_move_location(const seine_move *move, seine_str location, seine_arena *arena, seine_str *moved,
                                 seine_error *error) {
    const char *from = move->done->from;
    char *path = NULL, *text = NULL;
    const seine_status status = seine_file_path_of_uri(location, arena, &path, NULL);
    if (status == SEINE_OK && is_below(path, from)) {
        const int spelling = (int)(location.size - strlen(path)); /* "file://" of file:///p */
        text = seine_arena_printf(arena, "%.*s%s%s", spelling, location.data, move->done->to, path + strlen(from));
    } else if (status != SEINE_E_NOMEM) { /* elsewhere, or another scheme */
        text = seine_arena_copy(arena, location.data, location.size);
    }
    *moved = seine_str_of(text);
    return text != NULL ? SEINE_OK : no_memory(move, error);
}

seine_status seine_move_read(seine_move *move, seine_str location, size_t max, seine_buf *bytes, const char **path,
                             seine_error *error) {
    seine_arena *arena = &move->commit->arena;
    seine_str moved;
    char *found = NULL;
    seine_buf_init(bytes, max);
    seine_status status = seine_move_location(move, location, arena, &moved, error);
    if (status == SEINE_OK) status = seine_file_path_of_uri(moved, arena, &found, error);
    *path = found;
    return status == SEINE_OK ? seine_file_read(found, bytes, error) : status;
}

seine_status seine_move_write(seine_move *move, seine_str old_location, const char *path, const char *name,
                              const seine_buf *bytes, const char **location, seine_error *error) {
    seine_arena *arena = &move->commit->arena;
    seine_str beside;
    const seine_status status = seine_move_location(move, old_location, arena, &beside, error);
    if (status != SEINE_OK) return status;
    const char *new_path = seine_arena_printf(arena, "%.*s%s", (int)(seine_file_name(path) - path), path, name);
    *location =
        seine_arena_printf(arena, "%.*s%s", (int)(seine_file_name(beside.data) - beside.data), beside.data, name);
    if (new_path == NULL || *location == NULL) return no_memory(move, error);
    move->done->files++;
    return seine_commit_write(move->commit, new_path, bytes, error);
}

/* ---- a manifest ---- */

static bool is_moved(const seine_move *move, seine_str location, seine_arena *arena) {
    char *path = NULL;
    return seine_file_path_of_uri(location, arena, &path, NULL) == SEINE_OK && is_below(path, move->done->from);
}

/* A file that is not there is told, not refused: a damaged lake can be moved too. */
static seine_status note_missing(seine_move *move, seine_str location, seine_arena *arena, seine_error *error) {
    char *path = NULL;
    const seine_status status = seine_file_path_of_uri(location, arena, &path, NULL);
    if (status == SEINE_E_NOMEM) return no_memory(move, error);
    if (status != SEINE_OK || seine_file_exists(path)) return SEINE_OK; /* another scheme is not looked at */
    move->done->missing++;
    if (move->done->first_missing == NULL)
        move->done->first_missing = seine_arena_copy(move->texts, path, strlen(path));
    return move->done->first_missing != NULL ? SEINE_OK : no_memory(move, error);
}

static seine_status edit_entry(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    seine_move *move = context;
    seine_avro_value *file = seine_avro_field_of(record, 2, "data_file");
    seine_avro_value *path = file != NULL ? seine_avro_field_of(file, 100, "file_path") : NULL;
    if (seine_avro_bytes(path).size == 0)
        return seine_fail(error, SEINE_E_FORMAT, "table %s: a manifest entry has no data file", move->name);
    const bool is_live = seine_avro_int(seine_avro_field(record, 0, "status"), 0) != SEINE_ENTRY_DELETED;
    const bool was_inside = is_moved(move, path->bytes, arena);
    const seine_status status = seine_move_location(move, path->bytes, arena, &path->bytes, error);
    return status == SEINE_OK && is_live && was_inside ? note_missing(move, path->bytes, arena, error) : status;
}

/* @return whether the location was written before; its place in the array is *code in any case. */
static seine_status find_known(seine_move *move, seine_dict *known, seine_str location, uint32_t *code, bool *is_known,
                               seine_error *error) {
    const uint32_t before = known->count;
    const seine_status status = seine_dict_intern(known, location, code);
    *is_known = known->count == before;
    return status == SEINE_OK ? SEINE_OK : no_memory(move, error);
}

static seine_moved_file *moved_at(const seine_arena_list *files, uint32_t code) {
    return &((seine_moved_file *)files->items)[code];
}

static seine_status move_manifest(seine_move *move, seine_str location, seine_moved_file *moved, seine_error *error) {
    seine_buf bytes, out;
    const char *path = NULL;
    char name[80];
    (void)snprintf(name, sizeof name, "%s-m%zu.avro", move->uuid, move->new_manifests.count - 1);
    seine_buf_init(&out, SEINE_MANIFEST_MAX_BYTES);
    seine_status status = seine_move_read(move, location, SEINE_MANIFEST_MAX_BYTES, &bytes, &path, error);
    if (status == SEINE_OK) status = seine_avro_rewrite(seine_buf_str(&bytes), path, edit_entry, move, &out, error);
    if (status == SEINE_OK) status = seine_move_write(move, location, path, name, &out, &moved->location, error);
    moved->length = (int64_t)out.size;
    seine_buf_free(&bytes);
    seine_buf_free(&out);
    return status;
}

/* ---- a list ---- */

/* Delete files name data files in their own rows, where addresses cannot be changed without writing them anew. */
static seine_status check_content(const seine_move *move, const seine_avro_value *record, seine_error *error) {
    const bool is_dead = seine_avro_int(seine_avro_field(record, 504, "added_files_count"), -1) == 0 &&
                         seine_avro_int(seine_avro_field(record, 505, "existing_files_count"), -1) == 0;
    if (seine_avro_int(seine_avro_field(record, 517, "content"), 0) == 0 || is_dead) return SEINE_OK;
    return seine_fail(error, SEINE_E_UNSUPPORTED,
                      "table %s has delete files (merge on read), which name its files by their old place; in the old"
                      " place, let the program that wrote them rewrite the table, or drop it",
                      move->name);
}

static seine_status edit_row(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    seine_move *move = context;
    seine_avro_value *path = seine_avro_field_of(record, 500, "manifest_path");
    seine_avro_value *length = seine_avro_field_of(record, 501, "manifest_length");
    if (seine_avro_bytes(path).size == 0 || seine_avro_int(length, -1) < 0)
        return seine_fail(error, SEINE_E_FORMAT, "table %s: a manifest list has a row without a manifest", move->name);
    seine_status status = check_content(move, record, error);
    if (status != SEINE_OK || !is_moved(move, path->bytes, arena)) return status;
    uint32_t code;
    bool is_known;
    SEINE_TRY(find_known(move, &move->manifests, path->bytes, &code, &is_known, error));
    if (!is_known) {
        seine_moved_file *added = seine_arena_list_add(&move->new_manifests, &move->commit->arena, sizeof *added);
        if (added == NULL) return no_memory(move, error);
        SEINE_TRY(move_manifest(move, path->bytes, added, error));
    }
    const seine_moved_file *moved = moved_at(&move->new_manifests, code);
    path->bytes = seine_str_of(moved->location);
    length->integer = moved->length;
    return SEINE_OK;
}

static seine_status write_list(seine_move *move, seine_str location, int64_t snapshot_id, seine_moved_file *moved,
                               seine_error *error) {
    seine_buf bytes, out;
    const char *path = NULL;
    char name[120];
    (void)snprintf(name, sizeof name, "snap-%lld-0-%s.avro", (long long)snapshot_id, move->uuid);
    seine_buf_init(&out, SEINE_MANIFEST_MAX_BYTES);
    seine_status status = seine_move_read(move, location, SEINE_MANIFEST_MAX_BYTES, &bytes, &path, error);
    if (status == SEINE_OK) status = seine_avro_rewrite(seine_buf_str(&bytes), path, edit_row, move, &out, error);
    if (status == SEINE_OK) status = seine_move_write(move, location, path, name, &out, &moved->location, error);
    seine_buf_free(&bytes);
    seine_buf_free(&out);
    return status;
}

seine_status seine_move_list(seine_move *move, seine_str location, int64_t snapshot_id, const char **moved,
                             seine_error *error) {
    uint32_t code;
    bool is_known;
    seine_arena *arena = &move->commit->arena;
    if (!is_moved(move, location, arena)) {
        *moved = seine_arena_copy(arena, location.data, location.size);
        return *moved != NULL ? SEINE_OK : no_memory(move, error);
    }
    seine_status status = find_known(move, &move->lists, location, &code, &is_known, error);
    if (status == SEINE_OK && !is_known) {
        seine_moved_file *added = seine_arena_list_add(&move->new_lists, arena, sizeof *added);
        if (added == NULL) return no_memory(move, error);
        status = write_list(move, location, snapshot_id, added, error);
    }
    if (status == SEINE_OK) *moved = moved_at(&move->new_lists, code)->location;
    return status;
}

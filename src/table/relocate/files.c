/* New manifest lists and manifests of a moved table: the old ones with other addresses, written once each. */
#include "base/try.h"
#include "io/file.h"
#include "table/relocate/move.h"

#include <stdio.h>

static seine_status no_memory(const seine_move *move, seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", move->name);
}

void seine_move_end(seine_move *move) {
    seine_dict_free(&move->lists);
    seine_dict_free(&move->manifests);
}

/* ---- addresses ---- */

bool seine_move_is_below(const char *path, const char *folder) {
    const size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && (path[size] == '/' || path[size] == '\0');
}

bool seine_move_climbs(const char *path) {
    for (const char *at = strstr(path, ".."); at != NULL; at = strstr(at + 1, ".."))
        if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0')) return true;
    return false;
}

seine_status seine_move_location(const seine_move *move, seine_str location, seine_arena *arena, seine_str *moved,
                                 seine_error *error) {
    char *path = NULL, *text = NULL;
    const seine_status status = seine_file_path_of_uri(location, arena, &path, NULL);
    const bool keeps_spelling = move->from[0] == '/' && move->to[0] == '/'; /* "file://" of file:///p */
    if (status == SEINE_OK && seine_move_is_below(path, move->from)) {
        const int spelling = keeps_spelling ? (int)(location.size - strlen(path)) : 0;
        text = seine_arena_printf(arena, "%.*s%s%s", spelling, location.data, move->to, path + strlen(move->from));
        if (text != NULL && !keeps_spelling) SEINE_TRY(seine_file_uri_of_path(text, arena, &text, error));
    } else if (status != SEINE_E_NOMEM) { /* elsewhere, or another scheme */
        text = seine_arena_copy(arena, location.data, location.size);
    }
    *moved = seine_str_of(text);
    return text != NULL ? SEINE_OK : no_memory(move, error);
}

seine_status seine_move_read(seine_move *move, seine_str location, size_t max, seine_buf *bytes, const char **path,
                             seine_error *error) {
    seine_str now = location;
    char *found = NULL;
    seine_buf_init(bytes, max);
    if (!move->is_copy) SEINE_TRY(seine_move_location(move, location, move->arena, &now, error));
    SEINE_TRY(seine_file_path_of_uri(now, move->arena, &found, error));
    *path = found;
    return seine_file_read(found, bytes, error);
}

seine_status seine_move_write(seine_move *move, seine_str old_location, const char *name, const seine_buf *bytes,
                              const char **location, seine_error *error) {
    seine_str place;
    char *path = NULL;
    SEINE_TRY(seine_move_location(move, old_location, move->arena, &place, error));
    const int folder = (int)(seine_file_name(place.data) - place.data);
    *location = move->is_copy ? place.data : seine_arena_printf(move->arena, "%.*s%s", folder, place.data, name);
    if (*location == NULL) return no_memory(move, error);
    SEINE_TRY(seine_file_path_of_uri(seine_str_of(*location), move->arena, &path, error));
    return move->keep(move, path, bytes, error);
}

/* ---- a manifest ---- */

/* What stands behind the former place; *name NULL: the file lies elsewhere. */
static seine_status find_name(const seine_move *move, seine_str location, seine_arena *arena, const char **name,
                              seine_error *error) {
    char *path = NULL;
    const size_t size = strlen(move->from);
    const seine_status status = seine_file_path_of_uri(location, arena, &path, NULL);
    if (status == SEINE_E_NOMEM) return no_memory(move, error);
    const bool is_below = status == SEINE_OK && seine_move_is_below(path, move->from) && path[size] == '/';
    *name = is_below ? path + size + 1 : NULL;
    if (*name != NULL && seine_move_climbs(*name))
        return seine_fail(error, SEINE_E_FORMAT, "table %s: the location %.*s leads out of the lake", move->name,
                          SEINE_STR_ARG(location));
    return SEINE_OK;
}

seine_status seine_move_carry(seine_move *move, seine_str location, int64_t bytes, seine_arena *arena,
                              seine_error *error) {
    const char *name = NULL;
    SEINE_TRY(find_name(move, location, arena, &name, error));
    return name != NULL ? move->carry(move, name, bytes, error) : SEINE_OK;
}

static seine_status edit_entry(void *context, seine_avro_value *record, seine_arena *arena, seine_error *error) {
    seine_move *move = context;
    seine_avro_value *file = seine_avro_field_of(record, 2, "data_file");
    seine_avro_value *path = file != NULL ? seine_avro_field_of(file, 100, "file_path") : NULL;
    if (seine_avro_bytes(path).size == 0)
        return seine_fail(error, SEINE_E_FORMAT, "table %s: a manifest entry has no data file", move->name);
    const bool is_live = seine_avro_int(seine_avro_field(record, 0, "status"), 0) != SEINE_ENTRY_DELETED;
    const int64_t bytes = seine_avro_int(seine_avro_field(file, 104, "file_size_in_bytes"), -1);
    if (is_live) SEINE_TRY(seine_move_carry(move, path->bytes, bytes, arena, error));
    return seine_move_location(move, path->bytes, arena, &path->bytes, error);
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
    seine_buf bytes SEINE_OWNED(seine_buf_free) = {0}, out SEINE_OWNED(seine_buf_free) = {0};
    const char *path = NULL;
    char name[80];
    (void)snprintf(name, sizeof name, "%s-m%zu.avro", move->uuid, move->new_manifests.count - 1);
    seine_buf_init(&out, SEINE_MANIFEST_MAX_BYTES);
    SEINE_TRY(seine_move_read(move, location, SEINE_MANIFEST_MAX_BYTES, &bytes, &path, error));
    SEINE_TRY(seine_avro_rewrite(seine_buf_str(&bytes), path, edit_entry, move, &out, error));
    moved->length = (int64_t)out.size;
    return seine_move_write(move, location, name, &out, &moved->location, error);
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
    const char *below = NULL;
    SEINE_TRY(check_content(move, record, error));
    SEINE_TRY(find_name(move, path->bytes, arena, &below, error));
    if (below == NULL) return SEINE_OK;
    uint32_t code;
    bool is_known;
    SEINE_TRY(find_known(move, &move->manifests, path->bytes, &code, &is_known, error));
    if (!is_known) {
        seine_moved_file *added = seine_arena_list_add(&move->new_manifests, move->arena, sizeof *added);
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
    seine_buf bytes SEINE_OWNED(seine_buf_free) = {0}, out SEINE_OWNED(seine_buf_free) = {0};
    const char *path = NULL;
    char name[120];
    (void)snprintf(name, sizeof name, "snap-%lld-0-%s.avro", (long long)snapshot_id, move->uuid);
    seine_buf_init(&out, SEINE_MANIFEST_MAX_BYTES);
    SEINE_TRY(seine_move_read(move, location, SEINE_MANIFEST_MAX_BYTES, &bytes, &path, error));
    SEINE_TRY(seine_avro_rewrite(seine_buf_str(&bytes), path, edit_row, move, &out, error));
    return seine_move_write(move, location, name, &out, &moved->location, error);
}

seine_status seine_move_list(seine_move *move, seine_str location, int64_t snapshot_id, const char **moved,
                             seine_error *error) {
    uint32_t code;
    bool is_known;
    const char *below = NULL;
    SEINE_TRY(find_name(move, location, move->arena, &below, error));
    if (below == NULL) {
        *moved = seine_arena_copy(move->arena, location.data, location.size);
        return *moved != NULL ? SEINE_OK : no_memory(move, error);
    }
    SEINE_TRY(find_known(move, &move->lists, location, &code, &is_known, error));
    if (!is_known) {
        seine_moved_file *added = seine_arena_list_add(&move->new_lists, move->arena, sizeof *added);
        if (added == NULL) return no_memory(move, error);
        SEINE_TRY(write_list(move, location, snapshot_id, added, error));
    }
    *moved = moved_at(&move->new_lists, code)->location;
    return SEINE_OK;
}

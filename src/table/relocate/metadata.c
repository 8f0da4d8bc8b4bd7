/* The metadata files of a moved table: the current one with all that it leads to, of a copy the former ones too. */
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/relocate/move.h"

#include <stdio.h>
#include <stdlib.h>

#define COMPRESSED_ENDING ".gz.metadata.json"

/* ---- a relocation: the next version ---- */

/* Number in front of the first '-' of the metadata file's name, and one more. */
static long next_version(const char *metadata_path) {
    const char *name = seine_file_name(metadata_path);
    char *end = NULL;
    const long version = strtol(name, &end, 10);
    return end != name && *end == '-' && version >= 0 && version < 1000000000 ? version + 1 : 0;
}

/* The next version of a table whose addresses were moved: it remembers the file it came from. */
static seine_status follow(const seine_metadata *base, const char *previous, seine_buf *out, seine_error *error) {
    seine_metadata_change change = {.now_ms = seine_clock_now_us() / 1000, .base_location = previous};
    if (change.now_ms < base->last_updated_ms) change.now_ms = base->last_updated_ms;
    return seine_metadata_next(base, &change, out, error);
}

/* ---- a copy: every version ---- */

/* One that is gone is no loss: no reader needs it. One that is compressed is carried on as it is. */
static seine_status write_former(seine_move *move, seine_str location, seine_error *error) {
    seine_buf bytes SEINE_OWNED(seine_buf_free) = {0}, out SEINE_OWNED(seine_buf_free) = {0};
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    seine_error why = {0};
    seine_str moved;
    const char *path = NULL;
    SEINE_TRY(seine_move_location(move, location, move->arena, &moved, error));
    if (seine_str_equal(moved, location)) return SEINE_OK; /* elsewhere */
    const seine_status status = seine_move_read(move, location, SEINE_METADATA_MAX_BYTES, &bytes, &path, &why);
    if (status == SEINE_E_NOT_FOUND) return SEINE_OK;
    if (status != SEINE_OK) return seine_fail(error, status, "%s", why.text);
    if (seine_str_ends_with_nocase(location, SEINE_STR(COMPRESSED_ENDING)))
        return seine_move_carry(move, location, (int64_t)bytes.size, move->arena, error);
    seine_buf_init(&out, SEINE_METADATA_MAX_BYTES);
    SEINE_TRY(seine_json_parse(seine_buf_str(&bytes), path, &json, error));
    SEINE_TRY(seine_move_json(move, seine_json_root(json), true, &out, error));
    return seine_move_write(move, location, NULL, &out, &path, error);
}

static seine_status write_formers(seine_move *move, seine_json_value root, seine_error *error) {
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_get(root, "metadata-log"), &it)) {
        const seine_str location = seine_json_text(seine_json_get(it.value, "metadata-file"));
        if (location.size > 0) SEINE_TRY(write_former(move, location, error));
    }
    return SEINE_OK;
}

static seine_status write_hint(seine_move *move, const char *location, seine_error *error) {
    seine_buf text SEINE_OWNED(seine_buf_free) = {0};
    char *metadata = NULL, *path = NULL, *stem = NULL;
    SEINE_TRY(seine_file_path_of_uri(seine_str_of(location), move->arena, &metadata, error));
    SEINE_TRY(seine_hint_of(metadata, move->arena, &path, &stem, error));
    seine_buf_init(&text, strlen(stem));
    if (seine_buf_append_str(&text, stem) != SEINE_OK) return seine_no_memory(error, path);
    return move->keep(move, path, &text, error);
}

/* ---- both ---- */

static seine_status check_lists(const seine_move *move, const seine_metadata *m, seine_error *error) {
    for (size_t i = 0; i < m->snapshot_count; i++)
        if (m->lists[i] == NULL)
            return seine_fail(error, SEINE_E_UNSUPPORTED, "table %s: snapshot %lld has no manifest list", move->name,
                              (long long)m->snapshots[i].id);
    return SEINE_OK;
}

static seine_status make(seine_move *move, seine_json_value root, const char *path, const char *previous,
                         seine_buf *out, seine_error *error) {
    seine_buf moved SEINE_OWNED(seine_buf_free) = {0};
    seine_metadata base SEINE_OWNED(seine_metadata_free) = {0};
    const bool is_view = seine_json_kind_of(seine_json_get(root, "view-uuid")) == SEINE_JSON_TEXT;
    const int64_t version = seine_json_int(seine_json_get(root, "format-version"), 0);
    if (!is_view && version > 2)
        return seine_fail(error, SEINE_E_UNSUPPORTED,
                          "table %s has Iceberg format version %lld; versions 1 and 2 can be moved", move->name,
                          (long long)version);
    seine_buf_init(&moved, SEINE_METADATA_MAX_BYTES);
    SEINE_TRY(seine_move_json(move, root, false, is_view ? out : &moved, error));
    if (is_view) return SEINE_OK; /* it has no snapshots: its addresses are all there is to change */
    SEINE_TRY(seine_metadata_parse(seine_buf_str(&moved), path, move->arena, &base, error));
    SEINE_TRY(check_lists(move, &base, error));
    if (!move->is_copy) return follow(&base, previous, out, error);
    return seine_buf_append(out, moved.data, moved.size) == SEINE_OK ? SEINE_OK : seine_no_memory(error, path);
}

static seine_status write_all(seine_move *move, seine_str old, const char *previous, const char **moved,
                              seine_error *error) {
    seine_buf bytes SEINE_OWNED(seine_buf_free) = {0}, out SEINE_OWNED(seine_buf_free) = {0};
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    const char *path = NULL;
    char uuid[37], name[80];
    seine_buf_init(&out, SEINE_METADATA_MAX_BYTES);
    SEINE_TRY(seine_move_read(move, old, SEINE_METADATA_MAX_BYTES, &bytes, &path, error));
    SEINE_TRY(seine_json_parse(seine_buf_str(&bytes), path, &json, error));
    SEINE_TRY(make(move, seine_json_root(json), path, previous, &out, error));
    SEINE_TRY(seine_uuid4(uuid, error));
    (void)snprintf(name, sizeof name, "%05ld-%s.metadata.json", next_version(path), uuid);
    SEINE_TRY(seine_move_write(move, old, name, &out, moved, error));
    if (!move->is_copy) return SEINE_OK;
    SEINE_TRY(write_formers(move, seine_json_root(json), error));
    return write_hint(move, *moved, error);
}

seine_status seine_move_metadata(seine_move *move, const char *location, const char **moved, const char **previous,
                                 seine_error *error) {
    const seine_str old = seine_str_of(location);
    seine_str now;
    if (seine_str_ends_with_nocase(old, SEINE_STR(COMPRESSED_ENDING)))
        return seine_fail(error, SEINE_E_UNSUPPORTED, "table %s: compressed metadata cannot be moved: %s", move->name,
                          location);
    SEINE_TRY(seine_move_location(move, old, move->arena, &now, error));
    *previous = now.data;
    SEINE_TRY(seine_uuid4(move->uuid, error));
    return write_all(move, old, *previous, moved, error);
}

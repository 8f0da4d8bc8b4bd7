/* A table's metadata for other engines. */
#include "serve/iceberg/table.h"

static bool is_named(seine_json_value metadata, int64_t id) {
    if (id == seine_json_int(seine_json_get(metadata, "current-snapshot-id"), -1)) return true;
    const seine_json_value refs = seine_json_get(metadata, "refs");
    seine_json_iter it = {0};
    while (seine_json_next(refs, &it))
        if (id == seine_json_int(seine_json_get(it.value, "snapshot-id"), -1)) return true;
    return false;
}

static void put_named_snapshots(seine_json_writer *w, seine_json_value metadata, seine_json_value snapshots) {
    seine_json_begin_array(w);
    seine_json_iter it = {0};
    while (seine_json_next(snapshots, &it))
        if (is_named(metadata, seine_json_int(seine_json_get(it.value, "snapshot-id"), -1)))
            seine_json_put_value(w, it.value);
    seine_json_end_array(w);
}

static void put_metadata(seine_json_writer *w, seine_json_value metadata, bool only_refs) {
    seine_json_begin_object(w);
    seine_json_iter it = {0};
    while (seine_json_next(metadata, &it)) {
        seine_json_key(w, it.key);
        if (only_refs && seine_str_equal(it.key, SEINE_STR("snapshots")))
            put_named_snapshots(w, metadata, it.value);
        else
            seine_json_put_value(w, it.value);
    }
    seine_json_end_object(w);
}

seine_status seine_iceberg_put_table(seine_json_value metadata, const char *location, bool only_refs,
                                     const seine_iceberg_storage *storage, seine_buf *out, seine_error *error) {
    if (seine_json_kind_of(metadata) != SEINE_JSON_OBJECT)
        return seine_fail(error, SEINE_E_FORMAT, "%s: table metadata: not a JSON object", location);
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("metadata-location"));
    seine_json_put_text(&w, seine_str_of(location));
    seine_json_key(&w, SEINE_STR("metadata"));
    put_metadata(&w, metadata, only_refs);
    seine_json_key(&w, SEINE_STR("config"));
    seine_iceberg_put_storage(&w, storage);
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? SEINE_OK : seine_fail(error, w.status, "out of memory");
}

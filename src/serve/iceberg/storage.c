/* Where the files of a lake are, for engines that open them by themselves. */
#include "serve/iceberg/storage.h"

#include "io/s3/client.h"

static const char *copy(seine_arena *arena, const char *text) { return seine_arena_copy(arena, text, strlen(text)); }

static seine_status add_credentials(seine_store *store, seine_arena *arena, seine_iceberg_storage *storage,
                                    seine_error *error) {
    seine_s3_access access;
    SEINE_TRY(seine_s3_access_of(store, &access, error));
    storage->key = copy(arena, access.key);
    storage->secret = copy(arena, access.secret);
    storage->token = access.token[0] != '\0' ? copy(arena, access.token) : NULL;
    const bool ok =
        storage->key != NULL && storage->secret != NULL && (access.token[0] == '\0' || storage->token != NULL);
    memset(&access, 0, sizeof access);
    return ok ? SEINE_OK : seine_no_memory(error, "Iceberg catalog");
}

seine_status seine_iceberg_storage_of(const char *lake, bool shares, seine_arena *arena, seine_iceberg_storage *storage,
                                      seine_error *error) {
    seine_store *store = NULL;
    const char *key = NULL;
    seine_s3_place place;
    *storage = (seine_iceberg_storage){0};
    if (!seine_is_address(lake)) return SEINE_OK;
    SEINE_TRY(seine_stores_find(lake, &store, &key, error));
    SEINE_TRY(seine_s3_place_of(store, &place, error));
    storage->region = place.region;
    storage->is_path_style = place.is_path_style;
    if (place.is_path_style) {
        storage->endpoint = seine_arena_printf(arena, "http%s://%s", place.is_https ? "s" : "", place.endpoint);
        if (storage->endpoint == NULL) return seine_no_memory(error, "Iceberg catalog");
    }
    return shares ? add_credentials(store, arena, storage, error) : SEINE_OK;
}

static void put_text(seine_json_writer *w, const char *name, const char *text) {
    if (text == NULL) return;
    seine_json_key(w, seine_str_of(name));
    seine_json_put_text(w, seine_str_of(text));
}

void seine_iceberg_put_storage(seine_json_writer *w, const seine_iceberg_storage *storage) {
    seine_json_begin_object(w);
    put_text(w, "s3.endpoint", storage->endpoint);
    put_text(w, "s3.region", storage->region);
    put_text(w, "client.region", storage->region); /* of the clients in Java */
    put_text(w, "s3.path-style-access", storage->region == NULL ? NULL : storage->is_path_style ? "true" : "false");
    put_text(w, "s3.access-key-id", storage->key);
    put_text(w, "s3.secret-access-key", storage->secret);
    put_text(w, "s3.session-token", storage->token);
    seine_json_end_object(w);
}

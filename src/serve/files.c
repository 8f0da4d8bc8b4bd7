/* Files of the page. An address names a file only by plain parts, so nothing outside of the folder can be reached. */
#include "base/try.h"
#include "io/file.h"
#include "serve/server_internal.h"

#include <stdlib.h>

#define FILE_MAX_BYTES ((size_t)64 * 1024 * 1024)

static const char *type_of(seine_str path) {
    static const char *const types[][2] = {{".html", "text/html; charset=utf-8"},
                                           {".js", "text/javascript; charset=utf-8"},
                                           {".mjs", "text/javascript; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".json", "application/json"},
                                           {".geojson", "application/geo+json"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".ico", "image/x-icon"},
                                           {".woff2", "font/woff2"},
                                           {".wasm", "application/wasm"},
                                           {".pbf", "application/x-protobuf"},
                                           {".txt", "text/plain; charset=utf-8"},
                                           {".map", "application/json"},
                                           {".webmanifest", "application/manifest+json"}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (seine_str_ends_with_nocase(path, seine_str_of(types[i][0]))) return types[i][1];
    return "application/octet-stream";
}

/* '/' and parts of letters, digits and -_.~@+, none of which begins with a point. */
static bool is_plain(seine_str path) {
    bool at_begin = true;
    for (size_t i = 1; i < path.size; i++) {
        const char c = path.data[i];
        if (at_begin && (c == '.' || c == '/')) return false;
        at_begin = c == '/';
        const bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && (c == '\0' || strchr("/-_.~@+", c) == NULL)) return false;
    }
    return path.size > 1 && !at_begin;
}

static seine_answer *read_file(const char *path, seine_str name, seine_encoding encoding, const char *etag) {
    seine_answer *answer SEINE_OWNED(seine_answer_release_owned) = seine_answer_new(200, type_of(name));
    if (answer == NULL) return NULL;
    answer->body.max = FILE_MAX_BYTES;
    answer->varies = true;
    /* Names below assets/ hold a hash of their content. */
    answer->freshness = name.size > 8 && memcmp(name.data, "/assets/", 8) == 0 ? SEINE_FRESH_FOREVER : SEINE_FRESH_ASK;
    (void)snprintf(answer->etag, sizeof answer->etag, "%s", etag);
    if (seine_file_read(path, &answer->body, NULL) != SEINE_OK) return NULL;
    return seine_answer_compress(answer, encoding, NULL) == SEINE_OK ? SEINE_TAKE(answer) : NULL;
}

/* Whether the file lies in the folder when links are followed, too. */
static bool is_inside(const char *folder, const char *file) {
    char *real_folder = realpath(folder, NULL), *real_file = realpath(file, NULL);
    const size_t size = real_folder != NULL ? strlen(real_folder) : 0;
    const bool inside = size > 0 && real_file != NULL && strncmp(real_file, real_folder, size) == 0 &&
                        (real_file[size] == '/' || real_folder[size - 1] == '/');
    free(real_folder);
    free(real_file);
    return inside;
}

seine_answer *seine_file_answer(seine_server *server, seine_str path, seine_encoding encoding) {
    const char *folder = server->options.web_folder;
    if (folder == NULL || !is_plain(path)) return NULL;
    seine_arena arena = {0};
    seine_file_info info = {0};
    seine_answer *answer = NULL;
    const char *file = seine_arena_printf(&arena, "%s%.*s", folder, SEINE_STR_ARG(path));
    if (file != NULL && seine_file_stat(file, &info, NULL) == SEINE_OK && info.kind == SEINE_FILE_PLAIN &&
        is_inside(folder, file)) {
        const seine_hash128 name = seine_hash128_of(path.data, path.size);
        const uint64_t parts[5] = {name.low, name.high, info.size, (uint64_t)info.modified_us, (uint64_t)encoding};
        const seine_hash128 key = seine_hash128_of(parts, sizeof parts);
        char etag[33];
        seine_hash128_hex(key, etag);
        answer = server->cache->get(server->cache, key);
        if (answer == NULL) {
            answer = read_file(file, path, encoding, etag);
            if (answer != NULL) server->cache->put(server->cache, key, 0, answer);
        }
    }
    seine_arena_free(&arena);
    return answer;
}

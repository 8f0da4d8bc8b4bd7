/* Names of files: paths of this machine, addresses of objects, and the URIs of both. Text only. */
#include "base/hash.h"
#include "base/try.h"
#include "io/clock.h"
#include "io/local/local.h"
#include "io/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define TEMP_PREFIX ".tmp-"

static seine_status fail_nomem(seine_error *error, const char *path) {
    return seine_fail(error, SEINE_E_NOMEM, "%s: out of memory", path);
}

const char *seine_file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

char *seine_file_join(seine_arena *arena, const char *folder, const char *name) {
    const size_t size = strlen(folder);
    const char *slash = size > 0 && folder[size - 1] == '/' ? "" : "/";
    return seine_arena_printf(arena, "%s%s%s", folder, slash, name);
}

char *seine_local_temp_name(seine_arena *arena, const char *path) {
    uint64_t random = 0;
    if (seine_random_bytes(&random, sizeof random, NULL) != SEINE_OK) {
        random = (uint64_t)seine_clock_monotonic_us() ^ (uint64_t)getpid() << 40;
    }
    const char *name = seine_file_name(path);
    /* Of a long name only the hash, because the prefix must not push it over the system's limit. */
    const unsigned long long hash = (unsigned long long)seine_hash64(name, strlen(name));
    if (strlen(name) > 200) {
        return seine_arena_printf(arena, "%.*s" TEMP_PREFIX "%016llx-%016llx", (int)(name - path), path,
                                  (unsigned long long)random, hash);
    }
    return seine_arena_printf(arena, "%.*s" TEMP_PREFIX "%016llx-%s", (int)(name - path), path,
                              (unsigned long long)random, name);
}

bool seine_file_is_temp(const char *path) {
    return strncmp(seine_file_name(path), TEMP_PREFIX, strlen(TEMP_PREFIX)) == 0;
}

/* Resolves ".", ".." and doubled slashes of a path that begins with a slash; the result is never longer. */
static void normalise(const char *path, char *out) {
    size_t n = 0;
    for (const char *part = path; *part != '\0';) {
        const size_t size = strcspn(part, "/");
        if (size == 2 && memcmp(part, "..", 2) == 0) {
            while (n > 0 && out[--n] != '/') {}
        } else if (size > 0 && !(size == 1 && part[0] == '.')) {
            out[n++] = '/';
            memcpy(out + n, part, size);
            n += size;
        }
        part += size + (part[size] == '/');
    }
    if (n == 0) out[n++] = '/';
    out[n] = '\0';
}

bool seine_file_is_absolute(const char *path) { return path[0] == '/' || seine_is_address(path); }

/* What stands behind the bucket, as of a path from the root. */
static seine_status absolute_address(const char *address, seine_arena *arena, char **absolute, seine_error *error) {
    const size_t scheme = strcspn(address, ":") + 3, head = scheme + strcspn(address + scheme, "/");
    char *out = seine_arena_alloc(arena, strlen(address) + 3);
    *absolute = out;
    if (out == NULL) return fail_nomem(error, address);
    memcpy(out, address, head);
    normalise(address + head, out + head);
    if (strcmp(out + head, "/") == 0) out[head] = '\0';
    return SEINE_OK;
}

seine_status seine_file_absolute(const char *path, seine_arena *arena, char **absolute, seine_error *error) {
    char *here = NULL;
    if (seine_is_address(path)) return absolute_address(path, arena, absolute, error);
    if (path[0] != '/') {
        here = getcwd(NULL, 0);
        if (here == NULL)
            return seine_fail(error,
                              errno == ENOMEM   ? SEINE_E_NOMEM
                              : errno == ENOENT ? SEINE_E_NOT_FOUND
                                                : SEINE_E_IO,
                              "cannot find the current folder for %s: %s", path, strerror(errno));
    }
    char *whole = seine_arena_printf(arena, "%s/%s", here != NULL ? here : "", path);
    free(here);
    *absolute = whole != NULL ? seine_arena_alloc(arena, strlen(whole) + 2) : NULL;
    if (*absolute == NULL) return fail_nomem(error, path);
    normalise(whole, *absolute);
    return SEINE_OK;
}

/* An address is its own path; Hadoop's spellings of one are read, too. NULL: it is none, or out of memory. */
static char *address_of_uri(seine_str uri, seine_arena *arena) {
    static const char *const PREFIXES[] = {"s3://", "s3a://", "s3n://", "mem://"};
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        const seine_str prefix = seine_str_of(PREFIXES[i]);
        if (uri.size <= prefix.size || memcmp(uri.data, prefix.data, prefix.size) != 0) continue;
        const seine_str rest = {uri.data + prefix.size, uri.size - prefix.size};
        return seine_arena_printf(arena, "%s%.*s", i == 3 ? "mem://" : "s3://", SEINE_STR_ARG(rest));
    }
    return NULL;
}

seine_status seine_file_path_of_uri(seine_str uri, seine_arena *arena, char **path, seine_error *error) {
    *path = address_of_uri(uri, arena);
    if (*path != NULL) return SEINE_OK;
    static const char *const PREFIXES[] = {"file://localhost/", "file:///", "file:/", "/"};
    for (size_t i = 0; i < sizeof PREFIXES / sizeof PREFIXES[0]; i++) {
        const seine_str prefix = seine_str_of(PREFIXES[i]);
        if (uri.size < prefix.size || memcmp(uri.data, prefix.data, prefix.size) != 0) continue;
        const seine_str rest = {uri.data + prefix.size - 1, uri.size - prefix.size + 1};
        if (i == 2 && rest.size > 1 && rest.data[1] == '/') break; /* file://host/p */
        *path = seine_arena_copy(arena, rest.data, rest.size);
        return *path != NULL ? SEINE_OK : seine_fail(error, SEINE_E_NOMEM, "out of memory reading a location");
    }
    return seine_fail(error, SEINE_E_UNSUPPORTED,
                      "location %.*s is neither an absolute path nor file:/path nor s3://bucket/key",
                      SEINE_STR_ARG(uri));
}

seine_status seine_file_uri_of_path(const char *path, seine_arena *arena, char **uri, seine_error *error) {
    char *absolute = NULL;
    SEINE_TRY(seine_file_absolute(path, arena, &absolute, error));
    *uri = seine_is_address(absolute) ? absolute : seine_arena_printf(arena, "file://%s", absolute);
    return *uri != NULL ? SEINE_OK : fail_nomem(error, path);
}

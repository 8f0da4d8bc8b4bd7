/* Formats, and finding the route of a path. */
#include "serve/route.h"

static const struct {
    const char *type, *suffix;
} formats[SEINE_FORMAT_COUNT] = {
    [SEINE_FORMAT_JSON] = {"application/json", "json"},
    [SEINE_FORMAT_NDJSON] = {"application/x-ndjson", "ndjson"},
    [SEINE_FORMAT_CSV] = {"text/csv", "csv"},
    [SEINE_FORMAT_GEOJSON] = {"application/geo+json", "geojson"},
    [SEINE_FORMAT_PARQUET] = {"application/vnd.apache.parquet", "parquet"},
};

const char *seine_format_type(seine_format format) { return formats[format].type; }

const char *seine_format_suffix(seine_format format) { return formats[format].suffix; }

size_t seine_route_count(const seine_routes *routes) {
    size_t count = 0;
    for (size_t i = 0; i < routes->list_count; i++) count += routes->lists[i].count;
    return count;
}

const seine_route *seine_route_numbered(const seine_routes *routes, size_t index) {
    for (size_t i = 0; i < routes->list_count; i++) {
        if (index < routes->lists[i].count) return &routes->lists[i].routes[index];
        index -= routes->lists[i].count;
    }
    return NULL;
}

/* The piece up to the next '/', which is passed over. */
static seine_str next_segment(seine_str *rest) {
    const char *slash = rest->size > 0 ? memchr(rest->data, '/', rest->size) : NULL;
    const size_t size = slash != NULL ? (size_t)(slash - rest->data) : rest->size;
    const seine_str segment = {rest->data, size};
    const size_t taken = size + (slash != NULL);
    rest->data += taken;
    rest->size -= taken;
    return segment;
}

bool seine_route_fits(const char *pattern, seine_str path, seine_str values[SEINE_PARAMS_MAX]) {
    seine_str wanted = seine_str_of(pattern);
    size_t count = 0;
    /* Equal numbers of '/', so that a trailing one is not passed over. */
    size_t slashes = 0;
    for (size_t i = 0; i < wanted.size; i++) slashes += wanted.data[i] == '/';
    for (size_t i = 0; i < path.size; i++) slashes -= path.data[i] == '/';
    if (slashes != 0) return false;
    while (wanted.size > 0 || path.size > 0) {
        const seine_str want = next_segment(&wanted), have = next_segment(&path);
        const bool is_name = want.size > 2 && want.data[0] == '{';
        if (is_name && have.size > 0 && count < SEINE_PARAMS_MAX)
            values[count++] = have;
        else if (is_name || !seine_str_equal(want, have))
            return false;
    }
    return true;
}

size_t seine_route_find(const seine_routes *routes, seine_str path, seine_str values[SEINE_PARAMS_MAX]) {
    const size_t count = seine_route_count(routes);
    for (size_t i = 0; i < count; i++)
        if (seine_route_fits(seine_route_numbered(routes, i)->pattern, path, values)) return i;
    return SIZE_MAX;
}

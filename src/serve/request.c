/* A request line and its headers as checked values. */
#include "serve/request.h"

#include "base/hash.h"
#include "base/mmsi.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"

#include <math.h>
#include <stdio.h>

#define ID_MAX_DIGITS 20

/* ---- percent encoding ---- */

seine_status seine_percent_decode(seine_str text, bool is_query, seine_arena *arena, seine_str *out,
                                  seine_error *error) {
    char *decoded = seine_arena_alloc(arena, text.size + 1);
    if (decoded == NULL) return seine_no_memory(error, "request");
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '%') {
            const int high = i + 2 < text.size ? seine_hex_digit(text.data[i + 1]) : -1;
            const int low = i + 2 < text.size ? seine_hex_digit(text.data[i + 2]) : -1;
            if (high < 0 || low < 0)
                return seine_fail(error, SEINE_E_USAGE, "the address has a %% without two hexadecimal digits");
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        if (c == '\0') return seine_fail(error, SEINE_E_USAGE, "the address holds a NUL byte");
        decoded[size++] = c;
    }
    *out = (seine_str){decoded, size};
    if (seine_str_is_utf8(*out)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "the address is not UTF-8");
}

seine_status seine_percent_encode(seine_str text, seine_buf *out) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        const unsigned char c = (unsigned char)text.data[i];
        const bool is_plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                              (c != '\0' && strchr("-._~,:", c) != NULL);
        const char escaped[3] = {'%', digits[c >> 4], digits[c & 15]};
        SEINE_TRY(is_plain ? seine_buf_append(out, &text.data[i], 1) : seine_buf_append(out, escaped, 3));
    }
    return SEINE_OK;
}

/* ---- values ---- */

static seine_status wrong(const seine_param *param, const char *why, seine_error *error) {
    return seine_fail(error, SEINE_E_USAGE, "%s: %s", param->name, why);
}

static bool is_id(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.size > 0 && text.size <= ID_MAX_DIGITS;
}

/* The piece before the next comma. @return false when nothing is left. */
static bool next_piece(seine_str *rest, seine_str *piece) {
    if (rest->data == NULL) return false;
    const char *comma = memchr(rest->data, ',', rest->size);
    *piece = (seine_str){rest->data, comma != NULL ? (size_t)(comma - rest->data) : rest->size};
    if (comma == NULL)
        *rest = (seine_str){NULL, 0};
    else
        *rest = (seine_str){comma + 1, rest->size - piece->size - 1};
    return true;
}

static seine_status take_ids(seine_arena *arena, const seine_param *param, seine_input *input, seine_error *error) {
    size_t count = 1;
    for (size_t i = 0; i < input->text.size; i++) count += input->text.data[i] == ',';
    if ((double)count > param->most)
        return seine_fail(error, SEINE_E_USAGE, "%s: at most %.0f ids", param->name, param->most);
    seine_str *ids = SEINE_ARENA_ARRAY(arena, seine_str, count);
    if (ids == NULL) return seine_no_memory(error, "request");
    seine_str rest = input->text;
    while (next_piece(&rest, &ids[input->id_count])) {
        if (!is_id(ids[input->id_count])) return wrong(param, "ids are digits, separated by commas", error);
        ids[input->id_count] = seine_mmsi_canonical(ids[input->id_count]);
        input->id_count++;
    }
    input->ids = ids;
    return SEINE_OK;
}

static seine_status take_box(const seine_param *param, seine_input *input, seine_error *error) {
    seine_str rest = input->text, piece;
    size_t count = 0;
    for (; next_piece(&rest, &piece); count++) {
        double value = 0;
        if (count == 4 || !seine_number_parse(piece, &value) || !isfinite(value))
            return wrong(param, "give four numbers: west,south,east,north", error);
        input->box[count] = value;
    }
    if (count != 4) return wrong(param, "give four numbers: west,south,east,north", error);
    const double *box = input->box;
    if (fabs(box[0]) > 180 || fabs(box[2]) > 180) return wrong(param, "longitudes are from -180 to 180", error);
    if (fabs(box[1]) > SEINE_BOX_MAX_LAT || fabs(box[3]) > SEINE_BOX_MAX_LAT || box[1] > box[3])
        return wrong(param, "latitudes are from -90 to 90, south before north", error);
    return SEINE_OK;
}

static seine_status take_choice(const seine_param *param, const seine_input *input, seine_error *error) {
    for (const char *at = param->choices; *at != '\0';) {
        const size_t size = strcspn(at, "|");
        if (size == input->text.size && memcmp(at, input->text.data, size) == 0) return SEINE_OK;
        at += size + (at[size] == '|');
    }
    return seine_fail(error, SEINE_E_USAGE, "%s: must be one of %s", param->name, param->choices);
}

static seine_status take_moment(const seine_param *param, seine_input *input, seine_error *error) {
    if (seine_integer_parse(input->text, &input->integer) && input->integer > 0) return SEINE_OK;
    input->integer = 0;
    if (seine_time_parse(input->text, &input->time_us) && input->time_us > 0) return SEINE_OK;
    return wrong(param, "neither a snapshot id nor a time such as 2025-01-31T12:00:00Z", error);
}

static seine_status take_number(const seine_param *param, seine_input *input, seine_error *error) {
    if (param->kind == SEINE_PARAM_INT) {
        if (!seine_integer_parse(input->text, &input->integer)) return wrong(param, "not a whole number", error);
        input->number = (double)input->integer;
    } else if (!seine_number_parse(input->text, &input->number) || !isfinite(input->number)) {
        return wrong(param, "not a finite number such as 12.5", error);
    }
    if (input->number >= param->least && input->number <= param->most) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "%s: must be from %.15g to %.15g", param->name, param->least, param->most);
}

static seine_status take_scalar(const seine_param *param, seine_input *input, seine_error *error) {
    int32_t day = 0;
    switch (param->kind) {
    case SEINE_PARAM_INT:
    case SEINE_PARAM_NUMBER: return take_number(param, input, error);
    case SEINE_PARAM_DATE:
        if (!seine_date_parse(input->text, &day)) return wrong(param, "not a date such as 2025-01-31", error);
        input->integer = day;
        return SEINE_OK;
    case SEINE_PARAM_TIME:
        if (!seine_time_parse(input->text, &input->time_us))
            return wrong(param, "not a time such as 2025-01-31T12:00:00Z", error);
        return SEINE_OK;
    case SEINE_PARAM_FLAG:
        input->flag = seine_str_equal(input->text, SEINE_STR("true"));
        if (!input->flag && !seine_str_equal(input->text, SEINE_STR("false")))
            return wrong(param, "must be true or false", error);
        return SEINE_OK;
    default: return SEINE_OK;
    }
}

static seine_status take_value(seine_arena *arena, const seine_param *param, seine_str text, seine_input *input,
                               seine_error *error) {
    input->given = true;
    input->text = param->kind == SEINE_PARAM_ID ? seine_mmsi_canonical(text) : text;
    switch (param->kind) {
    case SEINE_PARAM_ID: return is_id(text) ? SEINE_OK : wrong(param, "an id is 1 to 20 digits", error);
    case SEINE_PARAM_IDS: return take_ids(arena, param, input, error);
    case SEINE_PARAM_BOX: return take_box(param, input, error);
    case SEINE_PARAM_CHOICE: return take_choice(param, input, error);
    case SEINE_PARAM_MOMENT: return take_moment(param, input, error);
    case SEINE_PARAM_TEXT:
    case SEINE_PARAM_CURSOR: return (double)text.size > param->most ? wrong(param, "is too long", error) : SEINE_OK;
    default: return take_scalar(param, input, error);
    }
}

/* ---- query ---- */

static size_t find_param(const seine_route *route, seine_str name) {
    for (size_t i = 0; i < route->param_count; i++)
        if (!route->params[i].in_path && seine_str_equal(seine_str_of(route->params[i].name), name)) return i;
    return SIZE_MAX;
}

static seine_status take_pair(seine_request *r, seine_str pair, seine_error *error) {
    const char *equals = memchr(pair.data, '=', pair.size);
    const size_t size = equals != NULL ? (size_t)(equals - pair.data) : pair.size;
    seine_str name, text = {"", 0};
    SEINE_TRY(seine_percent_decode((seine_str){pair.data, size}, true, &r->arena, &name, error));
    if (equals != NULL)
        SEINE_TRY(seine_percent_decode((seine_str){equals + 1, pair.size - size - 1}, true, &r->arena, &text, error));
    const size_t index = find_param(r->route, name);
    if (index == SIZE_MAX)
        return seine_fail(error, SEINE_E_USAGE, "unknown parameter \"%.*s\"", (int)(name.size < 64 ? name.size : 64),
                          name.data);
    if (r->inputs[index].given) return wrong(&r->route->params[index], "given twice", error);
    return take_value(&r->arena, &r->route->params[index], text, &r->inputs[index], error);
}

static seine_status take_query(seine_request *r, seine_str query, seine_error *error) {
    while (query.size > 0) {
        const char *end = memchr(query.data, '&', query.size);
        const seine_str pair = {query.data, end != NULL ? (size_t)(end - query.data) : query.size};
        SEINE_TRY(pair.size > 0 ? take_pair(r, pair, error) : SEINE_OK);
        const size_t taken = pair.size + (end != NULL);
        query.data += taken;
        query.size -= taken;
    }
    for (size_t i = 0; i < r->route->param_count; i++) {
        const seine_param *param = &r->route->params[i];
        if (r->inputs[i].given || param->in_path) continue;
        if (param->required) return wrong(param, "must be given", error);
        if (param->fallback == NULL) continue;
        SEINE_TRY(take_value(&r->arena, param, seine_str_of(param->fallback), &r->inputs[i], error));
    }
    return SEINE_OK;
}

static seine_status take_path_values(seine_request *r, const seine_str *values, seine_error *error) {
    size_t k = 0;
    for (size_t i = 0; i < r->route->param_count; i++) {
        if (!r->route->params[i].in_path) continue;
        const seine_str part = values[k++];
        char *text = seine_arena_copy(&r->arena, part.data, part.size);
        if (text == NULL) return seine_no_memory(error, "request");
        for (size_t c = 0; c < part.size; c++)
            if (text[c] == '\0') text[c] = '/';
        SEINE_TRY(take_value(&r->arena, &r->route->params[i], (seine_str){text, part.size}, &r->inputs[i], error));
    }
    return SEINE_OK;
}

/* ---- accept ---- */

/* How exactly a range of an Accept header names a type: 3 the type, 2 all of its kind, 1 all, 0 another one. */
static int rank_of(seine_str range, const char *type) {
    const size_t slash = strcspn(type, "/");
    if (seine_str_equal_nocase(range, seine_str_of(type))) return 3;
    if (range.size == slash + 2 && memcmp(range.data + slash, "/*", 2) == 0 &&
        seine_str_equal_nocase((seine_str){range.data, slash}, (seine_str){type, slash}))
        return 2;
    return seine_str_equal(range, SEINE_STR("*/*")) ? 1 : 0;
}

/* The q of `;name=value;q=0.5`, in thousandths; 1000 when there is none, 0 when it is none. */
static int quality_of(seine_str rest) {
    while (rest.size > 0) {
        const seine_str behind = {rest.data + 1, rest.size - 1};
        const char *next = memchr(behind.data, ';', behind.size);
        const size_t length = next != NULL ? (size_t)(next - behind.data) : behind.size;
        const seine_str part = seine_str_trim((seine_str){behind.data, length});
        double quality = 0;
        if (part.size > 2 && (part.data[0] == 'q' || part.data[0] == 'Q') && part.data[1] == '=' &&
            seine_number_parse((seine_str){part.data + 2, part.size - 2}, &quality))
            return quality >= 0 && quality <= 1 ? (int)lround(quality * 1000) : 0;
        rest = (seine_str){behind.data + length, behind.size - length};
    }
    return 1000;
}

static int element_quality(seine_str element, const char *type, int *rank) {
    const char *semicolon = memchr(element.data, ';', element.size);
    const size_t size = semicolon != NULL ? (size_t)(semicolon - element.data) : element.size;
    *rank = rank_of(seine_str_trim((seine_str){element.data, size}), type);
    return *rank > 0 ? quality_of((seine_str){element.data + size, element.size - size}) : -1;
}

int seine_accept_quality(seine_str accept, const char *type) {
    if (accept.data == NULL || accept.size == 0) return 1000;
    int best = 0, best_rank = 0;
    seine_str rest = accept, element;
    while (next_piece(&rest, &element)) {
        int rank = 0;
        const int quality = element_quality(element, type, &rank);
        if (quality >= 0 && rank > best_rank) {
            best = quality;
            best_rank = rank;
        }
    }
    return best;
}

seine_encoding seine_accept_encoding(seine_str header) {
    if (header.data == NULL || header.size == 0) return SEINE_ENCODING_NONE;
    seine_str rest = header, element;
    seine_encoding best = SEINE_ENCODING_NONE;
    while (next_piece(&rest, &element)) {
        int rank = 0;
        if (element_quality(element, "zstd", &rank) > 0 && rank == 3) return SEINE_ENCODING_ZSTD;
        if (element_quality(element, "gzip", &rank) > 0 && rank == 3) best = SEINE_ENCODING_GZIP;
    }
    return best;
}

bool seine_etag_matches(seine_str header, const char *tag) {
    if (header.data == NULL) return false;
    const size_t size = strlen(tag);
    seine_str rest = header, element;
    while (next_piece(&rest, &element)) {
        seine_str one = seine_str_trim(element);
        if (seine_str_equal(one, SEINE_STR("*"))) return true;
        if (one.size > 2 && one.data[0] == 'W' && one.data[1] == '/') one = (seine_str){one.data + 2, one.size - 2};
        if (one.size == size + 2 && one.data[0] == '"' && one.data[size + 1] == '"' &&
            memcmp(one.data + 1, tag, size) == 0)
            return true;
    }
    return false;
}

/* ---- whole requests ---- */

/* The format that the path's suffix names, if any; *bare is the path without it. */
static seine_format suffix_of(seine_str path, seine_str *bare) {
    for (int f = 0; f < SEINE_FORMAT_COUNT; f++) {
        const seine_str suffix = seine_str_of(seine_format_suffix((seine_format)f));
        if (path.size < suffix.size + 2) continue;
        const size_t at = path.size - suffix.size;
        if (path.data[at - 1] != '.' || memcmp(path.data + at, suffix.data, suffix.size) != 0) continue;
        *bare = (seine_str){path.data, at - 1};
        return (seine_format)f;
    }
    return SEINE_FORMAT_COUNT;
}

static seine_status choose_format(seine_request *r, seine_str accept, seine_error *error) {
    int best = 0;
    for (int f = 0; f < SEINE_FORMAT_COUNT; f++) {
        if ((r->route->formats & 1U << f) == 0) continue;
        const int quality = seine_accept_quality(accept, seine_format_type((seine_format)f));
        if (quality <= best) continue;
        best = quality;
        r->format = (seine_format)f;
    }
    if (best > 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_UNSUPPORTED, "none of the accepted formats can be given here");
}

/* The path with its parts decoded: a / in one of them becomes NUL, which no text of an address holds, so that it parts
 * nothing. */
static seine_status decode_path(seine_str raw, seine_request *r, seine_error *error) {
    char *path = seine_arena_alloc(&r->arena, raw.size + 1);
    if (path == NULL) return seine_no_memory(error, "request");
    size_t size = 0;
    for (size_t at = 0; at < raw.size;) {
        const char *slash = memchr(raw.data + at, '/', raw.size - at);
        const size_t length = slash != NULL ? (size_t)(slash - raw.data) - at : raw.size - at;
        seine_str part;
        SEINE_TRY(seine_percent_decode((seine_str){raw.data + at, length}, false, &r->arena, &part, error));
        for (size_t i = 0; i < part.size; i++) path[size++] = part.data[i] != '/' ? part.data[i] : '\0';
        if (slash != NULL) path[size++] = '/';
        at += length + (slash != NULL);
    }
    r->path = (seine_str){path, size};
    return SEINE_OK;
}

/* Bytes up to the next / or NUL. */
static size_t part_size(seine_str text) {
    size_t size = 0;
    while (size < text.size && text.data[size] != '/' && text.data[size] != '\0') size++;
    return size;
}

seine_status seine_request_address(const seine_request *request, seine_buf *out) {
    seine_str rest = request->path;
    while (rest.size > 0) {
        const size_t plain = part_size(rest);
        SEINE_TRY(seine_percent_encode((seine_str){rest.data, plain}, out));
        if (plain < rest.size) SEINE_TRY(seine_buf_append_str(out, rest.data[plain] == '/' ? "/" : "%2F"));
        const size_t taken = plain < rest.size ? plain + 1 : plain;
        rest = (seine_str){rest.data + taken, rest.size - taken};
    }
    return SEINE_OK;
}

/* Sets path, route and format. A suffix counts only where the route without it gives that format. */
static seine_status find_route(const seine_routes *routes, seine_request *r, seine_str accept, seine_str *values,
                               seine_error *error) {
    seine_str bare = r->path;
    const seine_format suffix = suffix_of(r->path, &bare);
    if (suffix != SEINE_FORMAT_COUNT) {
        const size_t index = seine_route_find(routes, bare, values);
        const seine_route *route = index != SIZE_MAX ? seine_route_numbered(routes, index) : NULL;
        if (route != NULL && (route->formats & 1U << suffix) != 0) {
            r->path = bare;
            r->route = route;
            r->route_index = index;
            r->format = suffix;
            r->has_suffix = true;
            return SEINE_OK;
        }
    }
    r->route_index = seine_route_find(routes, r->path, values);
    if (r->route_index == SIZE_MAX) return seine_fail(error, SEINE_E_NOT_FOUND, "there is nothing at this address");
    r->route = seine_route_numbered(routes, r->route_index);
    r->format = SEINE_FORMAT_OWN;
    return r->route->formats != 0 ? choose_format(r, accept, error) : SEINE_OK;
}

seine_status seine_request_parse(const seine_routes *routes, seine_str target, const seine_headers *headers,
                                 seine_request *request, seine_error *error) {
    *request = (seine_request){.route_index = SIZE_MAX, .format = SEINE_FORMAT_OWN};
    if (target.size > SEINE_TARGET_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "the address is longer than %d bytes", SEINE_TARGET_MAX);
    const char *question = target.size > 0 ? memchr(target.data, '?', target.size) : NULL;
    const size_t path_size = question != NULL ? (size_t)(question - target.data) : target.size;
    request->encoding = seine_accept_encoding(headers->accept_encoding);
    request->wants_html = headers->accept.size > 0 && seine_accept_quality(headers->accept, "text/html") >
                                                          seine_accept_quality(headers->accept, "application/json");
    SEINE_TRY(decode_path((seine_str){target.data, path_size}, request, error));
    if (request->path.size == 0 || request->path.data[0] != '/')
        return seine_fail(error, SEINE_E_USAGE, "an address begins with /");
    seine_str values[SEINE_PARAMS_MAX];
    SEINE_TRY(find_route(routes, request, headers->accept, values, error));
    SEINE_TRY(take_path_values(request, values, error));
    const seine_str query =
        question != NULL ? (seine_str){question + 1, target.size - path_size - 1} : (seine_str){"", 0};
    return take_query(request, query, error);
}

void seine_request_free(seine_request *request) { seine_arena_free(&request->arena); }

const seine_input *seine_request_input(const seine_request *request, const char *name) {
    static const seine_input absent = {0};
    for (size_t i = 0; request->route != NULL && i < request->route->param_count; i++)
        if (strcmp(request->route->params[i].name, name) == 0) return &request->inputs[i];
    return &absent;
}

seine_status seine_request_canonical(const seine_request *request, bool without_cursor, seine_buf *out) {
    bool is_first = true;
    for (size_t i = 0; i < request->route->param_count; i++) {
        const seine_param *param = &request->route->params[i];
        const seine_input *input = &request->inputs[i];
        if (!input->given || param->in_path || (without_cursor && param->kind == SEINE_PARAM_CURSOR)) continue;
        SEINE_TRY(seine_buf_printf(out, "%s%s=", is_first ? "" : "&", param->name));
        SEINE_TRY(seine_percent_encode(input->text, out));
        is_first = false;
    }
    return SEINE_OK;
}

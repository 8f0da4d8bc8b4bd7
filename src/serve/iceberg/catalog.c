/*
 * The Iceberg REST catalog, read-only: other engines find and read the lake's tables by this address alone. What it
 * tells is the catalog's pointers and the metadata files they lead to; the data files are opened by the engines
 * themselves. Nothing is parsed that is not needed, so that tables of other writers are told as they are.
 */
#include "base/try.h"
#include "io/file.h"
#include "serve/call.h"
#include "serve/iceberg/names.h"
#include "serve/iceberg/storage.h"
#include "serve/iceberg/table.h"
#include "serve/params.h"
#include "serve/routes.h"

#define LEVELS_SEPARATOR '\x1f' /* of a namespace in an address */
#define NAME_MAX_BYTES 255      /* of the catalog's columns */
#define TOKEN_MAX_BYTES 1024    /* of a cursor that holds two names */

#define P_NAMESPACE                                                                             \
    {                                                                                           \
        .name = "namespace", .kind = SEINE_PARAM_TEXT, .in_path = true, .most = NAME_MAX_BYTES, \
        .doc = "such as silver; several levels are separated by the unit separator, %1F"        \
    }
#define P_TABLE \
    { .name = "table", .kind = SEINE_PARAM_TEXT, .in_path = true, .most = NAME_MAX_BYTES, .doc = "such as ais" }
#define P_PAGES                                                                                          \
    {.name = "pageToken",                                                                                \
     .kind = SEINE_PARAM_TEXT,                                                                           \
     .most = TOKEN_MAX_BYTES,                                                                            \
     .doc = "the `next-page-token` of the page before; empty for the first page"},                       \
    {                                                                                                    \
        .name = "pageSize", .kind = SEINE_PARAM_INT, .least = 1, .most = 10000, .doc = "names of a page" \
    }

static const seine_param config_params[] = {{.name = "warehouse",
                                             .kind = SEINE_PARAM_TEXT,
                                             .most = NAME_MAX_BYTES,
                                             .doc = "the lake's name in its catalog, or nothing"}};
static const seine_param namespaces_params[] = {
    {.name = "parent", .kind = SEINE_PARAM_TEXT, .most = NAME_MAX_BYTES, .doc = "the namespaces below this one"},
    P_PAGES};
static const seine_param namespace_params[] = {P_NAMESPACE};
static const seine_param list_params[] = {P_NAMESPACE, P_PAGES};
static const seine_param metrics_params[] = {P_NAMESPACE, P_TABLE};
static const seine_param table_params[] = {P_NAMESPACE,
                                           P_TABLE,
                                           {.name = "snapshots",
                                            .kind = SEINE_PARAM_CHOICE,
                                            .choices = "all|refs",
                                            .fallback = "all",
                                            .doc = "refs: only snapshots that branches and tags name"}};

static seine_status finish(const seine_json_writer *w, seine_error *error) {
    return w->status == SEINE_OK ? SEINE_OK : seine_fail(error, w->status, "out of memory");
}

/* ---- config ---- */

/* What the protocol calls the routes below; a client that asks for something else is told so by itself. */
static const char *const endpoints[] = {
    "GET /v1/{prefix}/namespaces",
    "GET /v1/{prefix}/namespaces/{namespace}",
    "HEAD /v1/{prefix}/namespaces/{namespace}",
    "GET /v1/{prefix}/namespaces/{namespace}/tables",
    "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "HEAD /v1/{prefix}/namespaces/{namespace}/tables/{table}",
    "POST /v1/{prefix}/namespaces/{namespace}/tables/{table}/metrics",
    "GET /v1/{prefix}/namespaces/{namespace}/views",
};

static void put_empty_object(seine_json_writer *w, const char *name) {
    seine_json_name(w, name);
    seine_json_begin_object(w);
    seine_json_end_object(w);
}

/*
 * No prefix is told, so that clients leave it out of their addresses: here is one lake. Where its bucket is stands in
 * the defaults, without keys: a client that has its own, or other settings, keeps them.
 */
static seine_status get_config(seine_call *call, seine_error *error) {
    const seine_str warehouse = seine_call_input(call, "warehouse")->text;
    seine_iceberg_storage storage;
    if (warehouse.size > 0 && !seine_str_equal(warehouse, seine_str_of(call->warehouse))) {
        call->hint = seine_arena_printf(&call->arena, "leave the warehouse out, or say %s", call->warehouse);
        return seine_fail(error, SEINE_E_NOT_FOUND, "this address has one warehouse, and not of that name");
    }
    SEINE_TRY(seine_iceberg_storage_of(call->fence, false, &call->arena, &storage, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_name(&w, "defaults");
    seine_iceberg_put_storage(&w, &storage);
    put_empty_object(&w, "overrides");
    seine_json_name(&w, "endpoints");
    seine_json_begin_array(&w);
    for (size_t i = 0; i < SEINE_COUNT(endpoints); i++) seine_json_put_string(&w, endpoints[i]);
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return finish(&w, error);
}

/* ---- namespaces ---- */

/* The parameter's namespace with its levels joined by '.', as the catalog has it. */
static seine_status namespace_of(seine_call *call, const char *param, seine_str *space, seine_error *error) {
    const seine_str text = seine_call_input(call, param)->text;
    char *levels = seine_arena_copy(&call->arena, text.size > 0 ? text.data : "", text.size);
    if (levels == NULL) return seine_no_memory(error, "Iceberg catalog");
    for (size_t i = 0; i < text.size; i++)
        if (levels[i] == LEVELS_SEPARATOR) levels[i] = '.';
    *space = (seine_str){levels, text.size};
    return SEINE_OK;
}

static seine_status need_namespace(seine_call *call, const char *param, seine_str *space, seine_error *error) {
    SEINE_TRY(namespace_of(call, param, space, error));
    if (seine_iceberg_has_namespace(call->view->pointers, call->view->pointer_count, *space)) return SEINE_OK;
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no such namespace");
}

static void put_levels(seine_json_writer *w, seine_str space) {
    while (space.size > 0) {
        const char *point = memchr(space.data, '.', space.size);
        const size_t size = point != NULL ? (size_t)(point - space.data) : space.size;
        const size_t taken = size + (point != NULL);
        seine_json_put_text(w, (seine_str){space.data, size});
        space = (seine_str){space.data + taken, space.size - taken};
    }
}

static void put_namespace(seine_json_writer *w, seine_str parent, seine_str name) {
    seine_json_begin_array(w);
    put_levels(w, parent);
    if (name.size > 0) seine_json_put_text(w, name);
    seine_json_end_array(w);
}

/* Only tables make a namespace be there, and it has no properties of its own. */
static seine_status get_namespace(seine_call *call, seine_error *error) {
    seine_str space;
    SEINE_TRY(need_namespace(call, "namespace", &space, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_name(&w, "namespace");
    put_namespace(&w, space, (seine_str){NULL, 0});
    put_empty_object(&w, "properties");
    seine_json_end_object(&w);
    return finish(&w, error);
}

/* ---- lists ---- */

static seine_status begin_walk(seine_call *call, seine_iceberg_walk *walk, seine_error *error) {
    const size_t count = call->view->pointer_count;
    seine_pointer *pointers = SEINE_ARENA_ARRAY(&call->arena, seine_pointer, count);
    if (pointers == NULL) return seine_no_memory(error, "Iceberg catalog");
    if (count > 0) memcpy(pointers, call->view->pointers, count * sizeof *pointers);
    seine_iceberg_sort(pointers, count);
    walk->pointers = pointers;
    walk->count = count;
    const seine_str token = seine_call_input(call, "pageToken")->text;
    if (token.size == 0) return SEINE_OK;
    seine_cursor cursor = {.keys = {{.type = SEINE_TYPE_STRING}}, .count = 1};
    SEINE_TRY(seine_cursor_read(token, call->request->route->name, &call->arena, &cursor, error));
    seine_iceberg_go_on(walk, cursor.keys[0].text);
    return SEINE_OK;
}

static seine_status put_next(seine_call *call, seine_json_writer *w, const char *last, seine_error *error) {
    seine_json_name(w, "next-page-token");
    if (last == NULL) {
        seine_json_put_null(w);
        return SEINE_OK;
    }
    seine_buf token SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&token, TOKEN_MAX_BYTES);
    const seine_cursor cursor = {.keys = {{.type = SEINE_TYPE_STRING, .text = seine_str_of(last)}}, .count = 1};
    const seine_status status = seine_cursor_write(call->request->route->name, &cursor, &token);
    if (status != SEINE_OK) return seine_fail(error, status, "the next page cannot be named");
    seine_json_put_text(w, seine_buf_str(&token));
    return SEINE_OK;
}

static void put_identifier(seine_json_writer *w, seine_str space, seine_str name) {
    seine_json_begin_object(w);
    seine_json_name(w, "namespace");
    put_namespace(w, space, (seine_str){NULL, 0});
    seine_json_name(w, "name");
    seine_json_put_text(w, name);
    seine_json_end_object(w);
}

/* One page of what stands below the walk's parent. Without a size it holds all. */
static seine_status put_page(seine_call *call, seine_iceberg_walk *walk, const char *member, seine_error *error) {
    const seine_input *size = seine_call_input(call, "pageSize");
    const size_t most = size->given ? (size_t)size->integer : SIZE_MAX;
    SEINE_TRY(begin_walk(call, walk, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_name(&w, member);
    seine_json_begin_array(&w);
    seine_str item;
    const char *last = NULL, *passed = NULL;
    for (size_t i = 0; i < most && seine_iceberg_next(walk, &item, &last); i++) {
        if (walk->wants_namespaces)
            put_namespace(&w, walk->parent, item);
        else
            put_identifier(&w, walk->parent, item);
    }
    seine_json_end_array(&w);
    const bool has_more = seine_iceberg_next(walk, &item, &passed);
    SEINE_TRY(put_next(call, &w, has_more ? last : NULL, error));
    seine_json_end_object(&w);
    return finish(&w, error);
}

static seine_status get_namespaces(seine_call *call, seine_error *error) {
    seine_iceberg_walk walk = {.wants_namespaces = true};
    if (seine_call_input(call, "parent")->text.size > 0) SEINE_TRY(need_namespace(call, "parent", &walk.parent, error));
    return put_page(call, &walk, "namespaces", error);
}

static seine_status get_tables(seine_call *call, seine_error *error) {
    seine_iceberg_walk walk = {.wants_namespaces = false};
    SEINE_TRY(need_namespace(call, "namespace", &walk.parent, error));
    return put_page(call, &walk, "identifiers", error);
}

static seine_status get_views(seine_call *call, seine_error *error) {
    seine_str space;
    SEINE_TRY(need_namespace(call, "namespace", &space, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    seine_json_begin_object(&w);
    seine_json_name(&w, "identifiers");
    seine_json_begin_array(&w);
    seine_json_end_array(&w);
    SEINE_TRY(put_next(call, &w, NULL, error));
    seine_json_end_object(&w);
    return finish(&w, error);
}

/* ---- one table ---- */

static seine_status find_table(seine_call *call, const seine_pointer **pointer, seine_error *error) {
    seine_str space;
    SEINE_TRY(namespace_of(call, "namespace", &space, error));
    *pointer = seine_iceberg_find(call->view->pointers, call->view->pointer_count, space,
                                  seine_call_input(call, "table")->text);
    if (*pointer != NULL) return SEINE_OK;
    return seine_fail(error, SEINE_E_NOT_FOUND, "the lake has no such table");
}

/* The text of the metadata file. One that has gone is E_IO: the state may be over, and the next one is tried. */
static seine_status read_metadata(seine_call *call, const seine_pointer *pointer, seine_buf *text, seine_error *error) {
    char *path = NULL;
    seine_status status = seine_file_path_of_uri(seine_str_of(pointer->location), &call->arena, &path, error);
    if (status == SEINE_OK && !seine_call_is_fenced(call, path))
        status = seine_fail(error, SEINE_E_UNSUPPORTED, "%s: not in the lake", path);
    if (status == SEINE_OK) status = seine_pointer_metadata(pointer, &call->arena, text, NULL, error);
    if (status == SEINE_E_NOT_FOUND) return seine_fail(error, SEINE_E_IO, "%s: has gone", path);
    if (status != SEINE_E_UNSUPPORTED) return status;
    call->cause = "the table's metadata is compressed, or lies outside of the lake";
    call->hint = "open the table by its own location";
    return seine_fail(error, SEINE_E_BUSY, "%s: %s", pointer->name, call->cause);
}

static seine_status get_table(seine_call *call, seine_error *error) {
    const seine_pointer *pointer = NULL;
    const seine_str wanted = seine_call_input(call, "snapshots")->text;
    seine_buf text SEINE_OWNED(seine_buf_free) = {0};
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    SEINE_TRY(find_table(call, &pointer, error));
    SEINE_TRY(read_metadata(call, pointer, &text, error));
    SEINE_TRY(seine_json_parse(seine_buf_str(&text), pointer->location, &json, error));
    seine_iceberg_storage storage = {0};
    if (call->shares_credentials) SEINE_TRY(seine_iceberg_storage_of(call->fence, true, &call->arena, &storage, error));
    call->is_secret = storage.secret != NULL;
    return seine_iceberg_put_table(seine_json_root(json), pointer->location, seine_str_equal(wanted, SEINE_STR("refs")),
                                   &storage, &call->body, error);
}

/* What a reader reports about its scans was thrown away before anybody saw it: it changes nothing here. */
static seine_status take_metrics(seine_call *call, seine_error *error) {
    (void)call;
    (void)error;
    return SEINE_OK;
}

/* ---- routes ---- */

#define P_NEXT_PAGE "\"next-page-token\":{\"type\":[\"string\",\"null\"]}"
#define LEVELS "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
#define IDENTIFIERS                                                                                              \
    "{\"identifiers\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"required\":[\"namespace\",\"name\"]," \
    "\"properties\":{\"namespace\":" LEVELS ",\"name\":{\"type\":\"string\"}}}}," P_NEXT_PAGE "}"

const seine_route seine_iceberg_routes[SEINE_ICEBERG_ROUTES] = {
    {.pattern = "/iceberg/v1/config",
     .name = "iceberg_config",
     .summary = "Iceberg REST catalog: what is supported",
     SEINE_PARAMS(config_params),
     .formats = SEINE_FORMATS_JSON,
     .flags = SEINE_ROUTE_DIRECT,
     .members = "{\"defaults\":{\"type\":\"object\"},\"overrides\":{\"type\":\"object\"},\"endpoints\":" LEVELS "}",
     .run = get_config},
    {.pattern = "/iceberg/v1/namespaces",
     .name = "iceberg_namespaces",
     .summary = "Iceberg REST catalog: namespaces",
     SEINE_PARAMS(namespaces_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {SEINE_VIEW_POINTERS},
     .members = "{\"namespaces\":{\"type\":\"array\",\"items\":" LEVELS "}," P_NEXT_PAGE "}",
     .run = get_namespaces},
    {.pattern = "/iceberg/v1/namespaces/{namespace}",
     .name = "iceberg_namespace",
     .summary = "Iceberg REST catalog: one namespace",
     SEINE_PARAMS(namespace_params),
     .formats = SEINE_FORMATS_JSON,
     .flags = SEINE_ROUTE_EXISTS,
     .tables = {SEINE_VIEW_POINTERS},
     .members = "{\"namespace\":" LEVELS ",\"properties\":{\"type\":\"object\"}}",
     .run = get_namespace},
    {.pattern = "/iceberg/v1/namespaces/{namespace}/tables",
     .name = "iceberg_tables",
     .summary = "Iceberg REST catalog: tables of a namespace",
     SEINE_PARAMS(list_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {SEINE_VIEW_POINTERS},
     .members = IDENTIFIERS,
     .run = get_tables},
    {.pattern = "/iceberg/v1/namespaces/{namespace}/tables/{table}",
     .name = "iceberg_table",
     .summary = "Iceberg REST catalog: one table, with its metadata",
     SEINE_PARAMS(table_params),
     .formats = SEINE_FORMATS_JSON,
     .flags = SEINE_ROUTE_EXISTS,
     .tables = {SEINE_VIEW_POINTERS},
     .members = "{\"metadata-location\":{\"type\":\"string\"},\"metadata\":{\"type\":\"object\"},"
                "\"config\":{\"type\":\"object\"}}",
     .run = get_table},
    {.pattern = "/iceberg/v1/namespaces/{namespace}/tables/{table}/metrics",
     .name = "iceberg_metrics",
     .summary = "Iceberg REST catalog: takes a reader's report, and does nothing with it",
     SEINE_PARAMS(metrics_params),
     .content_type = "",
     .flags = SEINE_ROUTE_POST | SEINE_ROUTE_DIRECT | SEINE_ROUTE_LIVE,
     .run = take_metrics},
    {.pattern = "/iceberg/v1/namespaces/{namespace}/views",
     .name = "iceberg_views",
     .summary = "Iceberg REST catalog: views of a namespace: there are none",
     SEINE_PARAMS(list_params),
     .formats = SEINE_FORMATS_JSON,
     .tables = {SEINE_VIEW_POINTERS},
     .members = IDENTIFIERS,
     .run = get_views},
};

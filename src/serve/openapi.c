/* OpenAPI from the table of routes: what is documented here is what dispatches. */
#include "serve/openapi.h"

#include "base/try.h"
#include "serve/call.h"

#include <stdlib.h>

/* ---- parameters ---- */

static void put_range(seine_json_writer *w, const seine_param *param) {
    if (param->least >= param->most) return;
    seine_json_field_int(w, "minimum", (int64_t)param->least);
    seine_json_field_int(w, "maximum", (int64_t)param->most);
}

static void put_choices(seine_json_writer *w, const char *choices) {
    seine_json_field_array(w, "enum");
    for (const char *at = choices; *at != '\0';) {
        const size_t size = strcspn(at, "|");
        seine_json_put_text(w, (seine_str){at, size});
        at += size + (at[size] == '|');
    }
    seine_json_end_array(w);
}

static void put_limited_text(seine_json_writer *w, double most) {
    seine_json_field_text(w, "type", "string");
    if (most <= 0) return;
    seine_json_field_int(w, "maxLength", (int64_t)most);
}

static void put_pattern(seine_json_writer *w, const char *pattern) {
    seine_json_field_text(w, "type", "string");
    seine_json_field_text(w, "pattern", pattern);
}

#define NUMBER "-?[0-9]{1,3}([.][0-9]{1,9})?"

static void put_param_schema(seine_json_writer *w, const seine_param *param) {
    seine_json_field_object(w, "schema");
    switch (param->kind) {
    case SEINE_PARAM_INT:
        seine_json_field_text(w, "type", "integer");
        put_range(w, param);
        break;
    case SEINE_PARAM_NUMBER:
        seine_json_field_text(w, "type", "number");
        put_range(w, param);
        break;
    case SEINE_PARAM_FLAG: put_choices(w, "true|false"); break;
    case SEINE_PARAM_CHOICE: put_choices(w, param->choices); break;
    case SEINE_PARAM_ID: put_pattern(w, "^[0-9]{1,20}$"); break;
    case SEINE_PARAM_IDS: put_pattern(w, "^[0-9]{1,20}(,[0-9]{1,20}){0,199}$"); break;
    case SEINE_PARAM_DATE:
        seine_json_field_text(w, "type", "string");
        seine_json_field_text(w, "format", "date");
        break;
    case SEINE_PARAM_TIME:
        seine_json_field_text(w, "type", "string");
        seine_json_field_text(w, "format", "date-time");
        break;
    case SEINE_PARAM_CURSOR: put_pattern(w, "^[A-Za-z0-9_-]{4,1024}$"); break;
    case SEINE_PARAM_BOX: put_pattern(w, "^" NUMBER "," NUMBER "," NUMBER "," NUMBER "$"); break;
    case SEINE_PARAM_MOMENT: put_pattern(w, "^([1-9][0-9]{0,17}|[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:.]{8,15}Z)$"); break;
    default: put_limited_text(w, param->most); break;
    }
    if (param->fallback != NULL) {
        seine_json_name(w, "default");
        if (param->kind == SEINE_PARAM_INT)
            seine_json_put_int(w, (int64_t)strtod(param->fallback, NULL));
        else
            seine_json_put_string(w, param->fallback);
    }
    seine_json_end_object(w);
}

static void put_params(seine_json_writer *w, const seine_route *route) {
    seine_json_field_array(w, "parameters");
    for (size_t i = 0; i < route->param_count; i++) {
        const seine_param *param = &route->params[i];
        seine_json_begin_object(w);
        seine_json_field_text(w, "name", param->name);
        seine_json_field_text(w, "in", param->in_path ? "path" : "query");
        seine_json_field_bool(w, "required", param->in_path || param->required);
        seine_json_field_text(w, "description", param->doc);
        put_param_schema(w, param);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

/* ---- answers ---- */

static void put_type(seine_json_writer *w, const seine_field *field) {
    static const struct {
        const char *type, *format;
    } types[] = {[SEINE_TYPE_BOOLEAN] = {"boolean", NULL}, [SEINE_TYPE_INT] = {"integer", NULL},
                 [SEINE_TYPE_LONG] = {"integer", NULL},    [SEINE_TYPE_DOUBLE] = {"number", NULL},
                 [SEINE_TYPE_DATE] = {"string", "date"},   [SEINE_TYPE_TIMESTAMPTZ] = {"string", "date-time"},
                 [SEINE_TYPE_STRING] = {"string", NULL},   [SEINE_TYPE_BINARY] = {"string", NULL}};
    seine_json_name(w, "type");
    if (field->nullable) seine_json_begin_array(w);
    seine_json_put_string(w, types[field->type].type);
    if (field->nullable) {
        seine_json_put_string(w, "null");
        seine_json_end_array(w);
    }
    if (types[field->type].format != NULL) seine_json_field_text(w, "format", types[field->type].format);
}

static void put_row_schema(seine_json_writer *w, const seine_route *route) {
    seine_json_field_text(w, "type", "object");
    seine_json_field_object(w, "properties");
    for (size_t i = 0; i < route->field_count; i++) {
        seine_json_field_object(w, route->fields[i].name);
        put_type(w, &route->fields[i]);
        seine_json_field_text(w, "description", route->fields[i].doc);
        seine_json_end_object(w);
    }
    seine_json_end_object(w);
    seine_json_field_array(w, "required");
    for (size_t i = 0; i < route->field_count; i++) seine_json_put_string(w, route->fields[i].name);
    seine_json_end_array(w);
}

static void put_members(seine_json_writer *w, const char *text, bool names_only) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    const seine_status status = seine_json_parse(seine_str_of(text), "members", &json, NULL);
    if (w->status == SEINE_OK) w->status = status;
    seine_json_iter it = {0};
    while (seine_json_next(seine_json_root(json), &it)) {
        if (names_only) {
            seine_json_put_text(w, it.key);
        } else {
            seine_json_key(w, it.key);
            seine_json_put_value(w, it.value);
        }
    }
}

static void put_json_schema(seine_json_writer *w, const seine_route *route) {
    seine_json_field_text(w, "type", "object");
    seine_json_field_object(w, "properties");
    if (route->members != NULL) put_members(w, route->members, false);
    if (route->rows_name != NULL) {
        seine_json_field_object(w, route->rows_name);
        seine_json_field_text(w, "type", "array");
        seine_json_field_object(w, "items");
        put_row_schema(w, route);
        seine_json_end_object(w);
        seine_json_end_object(w);
    }
    seine_json_end_object(w);
    seine_json_field_array(w, "required");
    if (route->members != NULL) put_members(w, route->members, true);
    if (route->rows_name != NULL) seine_json_put_string(w, route->rows_name);
    seine_json_end_array(w);
}

static void put_content(seine_json_writer *w, const seine_route *route) {
    seine_json_field_object(w, "content");
    if (route->formats == 0) {
        seine_json_field_object(w, route->content_type);
        seine_json_field_object(w, "schema");
        if (strcmp(route->content_type, "application/json") == 0) put_json_schema(w, route);
        seine_json_end_object(w);
        seine_json_end_object(w);
    }
    for (int f = 0; f < SEINE_FORMAT_COUNT; f++) {
        if ((route->formats & 1U << f) == 0) continue;
        seine_json_field_object(w, seine_format_type((seine_format)f));
        seine_json_field_object(w, "schema");
        if (f == SEINE_FORMAT_JSON)
            put_json_schema(w, route);
        else if (f == SEINE_FORMAT_GEOJSON)
            seine_json_field_text(w, "type", "object");
        seine_json_end_object(w);
        seine_json_end_object(w);
    }
    seine_json_end_object(w);
}

static void put_failures(seine_json_writer *w, const seine_route *route, bool has_tokens) {
    const bool is_iceberg = strncmp(route->pattern, "/iceberg/", 9) == 0;
    static const struct {
        const char *status, *doc;
    } failures[] = {{"400", "A parameter is wrong."},
                    {"401", "A token is needed."},
                    {"404", "There is no such thing; the hint tells the command that makes it."},
                    {"406", "None of the accepted formats can be given."},
                    {"413", "What was sent is too long."},
                    {"414", "The address is too long."},
                    {"429", "Too many requests."},
                    {"503", "Too busy."},
                    {"504", "The answer took too long."}};
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        if (!has_tokens && strcmp(failures[i].status, "401") == 0) continue;
        if ((route->flags & SEINE_ROUTE_POST) == 0 && strcmp(failures[i].status, "413") == 0) continue;
        seine_json_field_object(w, failures[i].status);
        seine_json_field_text(w, "description", failures[i].doc);
        seine_json_field_object(w, "content");
        seine_json_field_object(w, "application/json");
        seine_json_field_object(w, "schema");
        seine_json_field_text(w, "$ref",
                              is_iceberg ? "#/components/schemas/IcebergError" : "#/components/schemas/Error");
        for (int k = 0; k < 4; k++) seine_json_end_object(w);
    }
}

static void put_header(seine_json_writer *w, const char *name, const char *doc, const char *type) {
    seine_json_field_object(w, name);
    seine_json_field_text(w, "description", doc);
    seine_json_field_object(w, "schema");
    seine_json_field_text(w, "type", type);
    seine_json_end_object(w);
    seine_json_end_object(w);
}

/* Headers by which an answer says that it is not the whole. */
static void put_headers(seine_json_writer *w, const seine_route *route) {
    const bool is_list = route->rows_name != NULL,
               is_tile = route->formats == 0 && route->param_count > 0 && (route->flags & SEINE_ROUTE_POST) == 0;
    if (!is_list && !is_tile) return;
    seine_json_field_object(w, "headers");
    if (is_list) put_header(w, "Link", "rel=\"next\": the next page, when there is one; in every format.", "string");
    if (is_tile)
        put_header(w, "Seine-Cut", "A tile has at most so many features, or positions of tracks, and there are more.",
                   "integer");
    seine_json_end_object(w);
}

/* What is sent is not looked at, so it may be anything. */
static void put_body(seine_json_writer *w) {
    seine_json_field_object(w, "requestBody");
    seine_json_field_object(w, "content");
    seine_json_field_object(w, "application/json");
    seine_json_field_object(w, "schema");
    for (int k = 0; k < 4; k++) seine_json_end_object(w);
}

static void put_success(seine_json_writer *w, const seine_route *route, bool is_post) {
    seine_json_field_object(w, is_post ? "204" : "200");
    seine_json_field_text(w, "description", route->summary);
    if (!is_post) put_content(w, route);
    put_headers(w, route);
    seine_json_end_object(w);
    if ((route->flags & (SEINE_ROUTE_LIVE | SEINE_ROUTE_DIRECT)) == 0) {
        seine_json_field_object(w, "304");
        seine_json_field_text(w, "description", "Nothing changed since the answer with that ETag.");
        seine_json_end_object(w);
    }
}

static void put_route(seine_json_writer *w, const seine_route *route, bool has_tokens) {
    const bool is_post = (route->flags & SEINE_ROUTE_POST) != 0;
    seine_json_field_object(w, route->pattern);
    seine_json_field_object(w, is_post ? "post" : "get");
    seine_json_field_text(w, "operationId", route->name);
    seine_json_field_text(w, "summary", route->summary);
    if (has_tokens && (route->flags & SEINE_ROUTE_OPEN) != 0) {
        seine_json_field_array(w, "security");
        seine_json_end_array(w);
    }
    put_params(w, route);
    if (is_post) put_body(w);
    seine_json_field_object(w, "responses");
    put_success(w, route, is_post);
    put_failures(w, route, has_tokens);
    seine_json_end_object(w);
    seine_json_end_object(w);
    seine_json_end_object(w);
}

static void put_schema(seine_json_writer *w, const char *name, const char *members) {
    seine_json_field_object(w, name);
    put_members(w, members, false);
    seine_json_end_object(w);
}

static void put_components(seine_json_writer *w, bool has_tokens) {
    static const char error[] =
        "{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"type\":\"object\","
        "\"required\":[\"status\",\"message\"],\"properties\":{\"status\":{\"type\":\"integer\"},"
        "\"message\":{\"type\":\"string\"},\"hint\":{\"type\":\"string\"}}}}}";
    static const char iceberg_error[] =
        "{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"type\":\"object\","
        "\"required\":[\"message\",\"type\",\"code\"],\"properties\":{\"message\":{\"type\":\"string\"},"
        "\"type\":{\"type\":\"string\"},\"code\":{\"type\":\"integer\"}}}}}";
    seine_json_field_object(w, "components");
    seine_json_field_object(w, "schemas");
    put_schema(w, "Error", error);
    put_schema(w, "IcebergError", iceberg_error);
    seine_json_end_object(w);
    if (has_tokens) {
        seine_json_field_object(w, "securitySchemes");
        seine_json_field_object(w, "token");
        seine_json_field_text(w, "type", "http");
        seine_json_field_text(w, "scheme", "bearer");
        seine_json_end_object(w);
        seine_json_end_object(w);
    }
    seine_json_end_object(w);
    if (!has_tokens) return;
    seine_json_field_array(w, "security");
    seine_json_begin_object(w);
    seine_json_field_array(w, "token");
    seine_json_end_array(w);
    seine_json_end_object(w);
    seine_json_end_array(w);
}

seine_status seine_openapi_write(const seine_routes *routes, bool has_tokens, seine_buf *out) {
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "openapi", "3.1.0");
    seine_json_field_object(&w, "info");
    seine_json_field_text(&w, "title", "Maritime Data API");
    seine_json_field_text(&w, "version", "1.0.0");
    seine_json_field_text(
        &w, "description",
        "Reads a Seine lake. Lists have `limit` and `cursor`; their `next` is the address of the next page, as is the "
        "header Link. Spans hold `start` and not `end`. Every read takes `as_of`: a snapshot id or a time. Days and "
        "`today` count back from the lake's watermark.");
    seine_json_end_object(&w);
    seine_json_field_object(&w, "paths");
    for (size_t i = 0; i < seine_route_count(routes); i++)
        if ((seine_route_numbered(routes, i)->flags & SEINE_ROUTE_HIDDEN) == 0)
            put_route(&w, seine_route_numbered(routes, i), has_tokens);
    seine_json_end_object(&w);
    put_components(&w, has_tokens);
    seine_json_end_object(&w);
    return w.status;
}

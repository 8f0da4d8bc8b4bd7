/* The API's errors as those of the Iceberg REST catalog. */
#include "serve/iceberg/failure.h"

#include "base/json.h"

#define BODY_MAX_BYTES ((size_t)32 * 1024)

typedef struct failure_name {
    const char *route; /* NULL = any */
    int status;
    const char *type;
} failure_name;

static const failure_name names[] = {
    {"iceberg_config", 404, "NoSuchWarehouseException"},
    {"iceberg_namespaces", 404, "NoSuchNamespaceException"},
    {"iceberg_namespace", 404, "NoSuchNamespaceException"},
    {"iceberg_tables", 404, "NoSuchNamespaceException"},
    {"iceberg_views", 404, "NoSuchNamespaceException"},
    {"iceberg_table", 404, "NoSuchTableException"},
    {NULL, 401, "NotAuthorizedException"},
    {NULL, 403, "ForbiddenException"},
    {NULL, 404, "NotFoundException"},
    {NULL, 405, "UnsupportedOperationException"},
    {NULL, 406, "UnsupportedOperationException"},
    {NULL, 429, "SlowDownException"},
    {NULL, 503, "ServiceUnavailableException"},
};

const char *seine_iceberg_failure_type(int status, const char *route) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const failure_name *name = &names[i];
        if (name->status == status && (name->route == NULL || (route != NULL && strcmp(name->route, route) == 0)))
            return name->type;
    }
    return status < 500 ? "BadRequestException" : "ServiceFailureException";
}

static seine_status write(int status, const char *type, seine_str message, seine_str hint, seine_buf *out) {
    seine_buf text SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&text, BODY_MAX_BYTES);
    SEINE_TRY(seine_buf_append(&text, message.data, message.size));
    if (hint.size > 0) SEINE_TRY(seine_buf_printf(&text, ": %.*s", (int)hint.size, hint.data));
    seine_json_writer w = seine_json_writer_to(out);
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("error"));
    seine_json_begin_object(&w);
    seine_json_key(&w, SEINE_STR("message"));
    seine_json_put_text(&w, seine_buf_str(&text));
    seine_json_key(&w, SEINE_STR("type"));
    seine_json_put_text(&w, seine_str_of(type));
    seine_json_key(&w, SEINE_STR("code"));
    seine_json_put_int(&w, status);
    seine_json_end_object(&w);
    seine_json_end_object(&w);
    return w.status;
}

void seine_iceberg_failure_phrase(seine_answer *answer, const char *route) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    if (seine_json_parse(seine_buf_str(&answer->body), "error", &json, NULL) != SEINE_OK) return;
    const seine_json_value told = seine_json_get(seine_json_root(json), "error");
    seine_buf body SEINE_OWNED(seine_buf_free) = {0};
    seine_buf_init(&body, BODY_MAX_BYTES);
    const seine_status status =
        write(answer->status, seine_iceberg_failure_type(answer->status, route),
              seine_json_text(seine_json_get(told, "message")), seine_json_text(seine_json_get(told, "hint")), &body);
    if (status != SEINE_OK) return;
    const seine_buf former = answer->body;
    answer->body = body;
    body = former;
}

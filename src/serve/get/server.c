/* The server about itself: service, health, metrics, the OpenAPI document and the pages that show it. */
#include "io/file.h"
#include "serve/params.h"
#include "serve/routes.h"
#include "serve/call.h"
#include "serve/server.h"

#define INDEX_MAX_BYTES ((size_t)4 * 1024 * 1024)

static seine_status put(seine_call *call, const char *text, seine_error *error) {
    const seine_status status = seine_buf_append_str(&call->body, text);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "out of memory");
}

/* A browser gets the page, if there is one; programs get the service's name. */
static seine_status get_root(seine_call *call, seine_error *error) {
    const char *web = seine_server_web(call->server);
    if (call->request->wants_html && web != NULL) {
        const char *path = seine_file_join(&call->arena, web, "index.html");
        if (path != NULL && seine_file_read(path, &call->body, NULL) == SEINE_OK) {
            call->content_type = "text/html; charset=utf-8";
            return SEINE_OK;
        }
    }
    return put(call, "{\"service\":\"Maritime Data API\",\"version\":\"1.0.0\",\"status\":\"operational\"}", error);
}

static seine_status get_live(seine_call *call, seine_error *error) { return put(call, "{\"status\":\"live\"}", error); }

static seine_status not_ready(seine_call *call, const char *cause, seine_error *error) {
    call->cause = cause;
    return seine_fail(error, SEINE_E_BUSY, "%s", cause);
}

/* Ready: the catalog answers, and the server takes requests. */
static seine_status get_ready(seine_call *call, seine_error *error) {
    const seine_view *view = NULL;
    if (seine_server_is_draining(call->server)) return not_ready(call, "the server is going down", error);
    if (seine_lake_peek(seine_server_lake(call->server), &view, error) != SEINE_OK)
        return not_ready(call, seine_lake_trouble(seine_server_lake(call->server)), error);
    seine_view_release(view);
    return put(call, "{\"status\":\"ready\"}", error);
}

static seine_status get_metrics(seine_call *call, seine_error *error) {
    return seine_server_metrics(call->server, &call->body, error);
}

static seine_status get_openapi(seine_call *call, seine_error *error) {
    const seine_str document = seine_server_openapi(call->server);
    const seine_status status = seine_buf_append(&call->body, document.data, document.size);
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "out of memory");
}

static seine_status get_docs(seine_call *call, seine_error *error) {
    return put(call,
               "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Seine API</title>\n"
               "<link rel=\"stylesheet\" href=\"/vendor/swagger-ui/swagger-ui.css\">\n</head>\n<body>\n"
               "<div id=\"api\"></div>\n<noscript>The document is at <a href=\"/openapi.json\">/openapi.json</a>."
               "</noscript>\n<script src=\"/vendor/swagger-ui/swagger-ui-bundle.js\"></script>\n"
               "<script src=\"/docs/start.js\"></script>\n</body>\n</html>\n",
               error);
}

/* Apart from the page, because the content policy allows no script inside of one. */
static seine_status get_docs_start(seine_call *call, seine_error *error) {
    return put(call, "SwaggerUIBundle({url: \"/openapi.json\", dom_id: \"#api\", deepLinking: true});\n", error);
}

static seine_status get_redoc(seine_call *call, seine_error *error) {
    return put(call,
               "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Seine API</title>\n"
               "</head>\n<body>\n<redoc spec-url=\"/openapi.json\" disable-google-font=\"true\" hide-logo></redoc>\n"
               "<noscript>The document is at <a href=\"/openapi.json\">/openapi.json</a>.</noscript>\n"
               "<script src=\"/vendor/redoc/redoc.standalone.js\"></script>\n</body>\n</html>\n",
               error);
}

#define DIRECT (SEINE_ROUTE_DIRECT | SEINE_ROUTE_LIVE)

const seine_route seine_server_routes[SEINE_SERVER_ROUTES] = {
    {.pattern = "/",
     .name = "service",
     .summary = "Name and state of the service; the page for browsers",
     .content_type = "application/json",
     .flags = DIRECT | SEINE_ROUTE_OPEN,
     .members = "{\"service\":{\"type\":\"string\"},\"version\":{\"type\":\"string\"},"
                "\"status\":{\"type\":\"string\"}}",
     .run = get_root},
    {.pattern = "/health/live",
     .name = "health_live",
     .summary = "Whether the process runs",
     .content_type = "application/json",
     .flags = DIRECT | SEINE_ROUTE_OPEN,
     .members = "{\"status\":{\"type\":\"string\"}}",
     .run = get_live},
    {.pattern = "/health/ready",
     .name = "health_ready",
     .summary = "Whether requests can be answered",
     .content_type = "application/json",
     .flags = DIRECT | SEINE_ROUTE_OPEN,
     .members = "{\"status\":{\"type\":\"string\"}}",
     .run = get_ready},
    {.pattern = "/metrics",
     .name = "metrics",
     .summary = "Counters in Prometheus' text form",
     .content_type = "text/plain; version=0.0.4; charset=utf-8",
     .flags = DIRECT,
     .run = get_metrics},
    {.pattern = "/openapi.json",
     .name = "openapi",
     .summary = "This document",
     .content_type = "application/json",
     .flags = DIRECT | SEINE_ROUTE_OPEN, /* tells what may be asked, and holds no data */
     .run = get_openapi},
    {.pattern = "/docs",
     .name = "docs",
     .summary = "The document as a page to try it",
     .content_type = "text/html; charset=utf-8",
     .flags = DIRECT | SEINE_ROUTE_OPEN | SEINE_ROUTE_HIDDEN,
     .run = get_docs},
    {.pattern = "/docs/start.js",
     .name = "docs_start",
     .summary = "The script of that page",
     .content_type = "text/javascript; charset=utf-8",
     .flags = DIRECT | SEINE_ROUTE_OPEN | SEINE_ROUTE_HIDDEN,
     .run = get_docs_start},
    {.pattern = "/redoc",
     .name = "redoc",
     .summary = "The document as a page to read",
     .content_type = "text/html; charset=utf-8",
     .flags = DIRECT | SEINE_ROUTE_OPEN | SEINE_ROUTE_HIDDEN,
     .run = get_redoc},
};

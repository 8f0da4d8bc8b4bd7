/* Methods and errors of the Iceberg REST catalog. */
#include "serve/iceberg/exchange.h"

#include "base/number.h"
#include "serve/iceberg/failure.h"

static bool is_below(const seine_exchange *exchange) {
    const seine_str place = SEINE_STR("/iceberg/");
    return exchange->target_size >= place.size && memcmp(exchange->target, place.data, place.size) == 0;
}

bool seine_iceberg_is_sent(const seine_exchange *exchange, const char *method) {
    return is_below(exchange) &&
           (strcmp(method, MHD_HTTP_METHOD_POST) == 0 || strcmp(method, MHD_HTTP_METHOD_DELETE) == 0);
}

bool seine_iceberg_takes_body(const seine_exchange *exchange, const char *method, seine_str length) {
    int64_t bytes = 0;
    return seine_iceberg_is_sent(exchange, method) && seine_integer_parse(length, &bytes) &&
           bytes <= SEINE_ICEBERG_BODY_MAX;
}

bool seine_iceberg_is_report(const seine_exchange *exchange) {
    const seine_route *route = exchange->request.route;
    return route != NULL && (route->flags & SEINE_ROUTE_POST) != 0 &&
           strcmp(exchange->method, MHD_HTTP_METHOD_POST) == 0;
}

seine_answer *seine_iceberg_read_only(void) {
    return seine_answer_error(403, "this catalog is only read", "the lake is written by seine");
}

void seine_iceberg_phrase(const seine_exchange *exchange) {
    seine_answer *answer = exchange->answer;
    const seine_route *route = exchange->request.route;
    if (answer == NULL || answer->status < 400 || !is_below(exchange)) return;
    seine_iceberg_failure_phrase(answer, route != NULL ? route->name : NULL);
}

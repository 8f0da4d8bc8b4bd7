/*
 * Bytes in flight. A body has to stay until its last reader has it, and readers may be slow, or read nothing at all: so
 * what is being sent has a limit of its own, beyond which answers are refused. A body that many are sent is counted
 * once. Small ones are not counted: the limit on connections holds them.
 */
#include "serve/server_internal.h"

#define SMALL_BYTES ((size_t)64 * 1024)

static int64_t bytes_of(const seine_answer *answer) {
    return answer->body.size > SMALL_BYTES ? (int64_t)answer->body.capacity : 0;
}

bool seine_flight_is_full(const seine_server *server) {
    return atomic_load(&server->sending_bytes) >= server->options.send_bytes;
}

void seine_flight_begin(seine_exchange *exchange) {
    seine_server *server = exchange->server;
    seine_answer *answer = exchange->answer;
    if (exchange->is_counted || answer == NULL || bytes_of(answer) == 0) return;
    exchange->is_counted = true;
    if (atomic_fetch_add(&answer->flights, 1) > 0) return; /* counted already */
    const int64_t bytes = bytes_of(answer), before = atomic_fetch_add(&server->sending_bytes, bytes);
    /* One alone may be larger than the limit: otherwise nobody could ever have it. */
    if (before == 0 || before + bytes <= server->options.send_bytes) return;
    seine_flight_end(exchange);
    seine_answer_release(answer);
    exchange->answer = seine_answer_error(503, "too many large answers are being sent", "try again later");
}

void seine_flight_end(seine_exchange *exchange) {
    if (!exchange->is_counted) return;
    exchange->is_counted = false;
    if (atomic_fetch_sub(&exchange->answer->flights, 1) != 1) return;
    atomic_fetch_sub(&exchange->server->sending_bytes, bytes_of(exchange->answer));
}

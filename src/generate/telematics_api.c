/* A request takes the next fault of the script, unless it names its own; the fault decides what the body is made of. */
#include "generate/telematics_api.h"

#include "base/number.h"
#include "base/try.h"
#include "generate/fleet.h"
#include "io/clock.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECE_BYTES ((size_t)64 * 1024)
#define DEEP_ARRAYS 100000
#define LONG_BYTES ((uint64_t)1 << 30)
#define LONG_BYTES_MAX ((uint64_t)1 << 40)

struct seine_telematics_api {
    seine_telematics_api_options options;
    atomic_uint_least64_t requests, script_next;
};

static const struct {
    const char *name;
    seine_telematics_fault_kind kind;
} faults[] = {{"ok", SEINE_FAULT_OK},       {"slow", SEINE_FAULT_SLOW},       {"stall", SEINE_FAULT_STALL},
              {"cut", SEINE_FAULT_CUT},     {"reset", SEINE_FAULT_RESET},     {"page", SEINE_FAULT_PAGE},
              {"empty", SEINE_FAULT_EMPTY}, {"object", SEINE_FAULT_OBJECT},   {"broken", SEINE_FAULT_BROKEN},
              {"twins", SEINE_FAULT_TWINS}, {"numbers", SEINE_FAULT_NUMBERS}, {"nan", SEINE_FAULT_NAN},
              {"deep", SEINE_FAULT_DEEP},   {"long", SEINE_FAULT_LONG}};

seine_status seine_telematics_fault_parse(const char *name, seine_telematics_fault *fault, seine_error *error) {
    int64_t status = 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        *fault = (seine_telematics_fault){.kind = faults[i].kind};
        if (strcmp(name, faults[i].name) == 0) return SEINE_OK;
    }
    if (seine_integer_parse(seine_str_of(name), &status) && status >= 400 && status <= 599) {
        *fault = (seine_telematics_fault){SEINE_FAULT_STATUS, (int)status};
        return SEINE_OK;
    }
    return seine_fail(error, SEINE_E_USAGE, "fault \"%s\" is none of %s", name, SEINE_TELEMATICS_FAULTS);
}

seine_telematics_api *seine_telematics_api_new(const seine_telematics_api_options *options) {
    seine_telematics_api *api = calloc(1, sizeof *api);
    if (api != NULL) api->options = *options;
    return api;
}

void seine_telematics_api_free(seine_telematics_api *api) { free(api); }

/* ---- the head ---- */

static void refuse(seine_telematics_answer *answer, int status, const char *why) {
    *answer =
        (seine_telematics_answer){.status = status, .content_type = "application/json", .kind = SEINE_FAULT_STATUS};
    answer->retry_after_s = status == 429 || status == 503;
    (void)snprintf(answer->text, sizeof answer->text, "{\"error\":\"%s\"}", why);
}

/* A whole number of the query. @return false when it is none, or out of its range. */
static bool read_number(seine_telematics_parameter_fn parameter, void *context, const char *name, uint64_t most,
                        uint64_t *value) {
    int64_t number;
    const char *text = parameter(context, name);
    if (text == NULL) return true;
    if (!seine_integer_parse(seine_str_of(text), &number) || number < 0 || (uint64_t)number > most) return false;
    *value = (uint64_t)number;
    return true;
}

/* What is wrong with this answer. @return false when the request names no fault there is. */
static bool choose_fault(seine_telematics_api *api, const char *named, seine_telematics_fault *fault) {
    const seine_telematics_api_options *o = &api->options;
    *fault = (seine_telematics_fault){.kind = SEINE_FAULT_OK};
    if (named != NULL) return seine_telematics_fault_parse(named, fault, NULL) == SEINE_OK;
    const uint64_t turn = atomic_fetch_add(&api->script_next, 1);
    if (turn < o->script_count) *fault = o->script[turn];
    return true;
}

/* Bodies that are not messages. */
static void write_text(seine_telematics_answer *answer, seine_telematics_fault fault) {
    const char *text = fault.kind == SEINE_FAULT_PAGE ? "<!doctype html><title>Sign in</title><p>Sign in to go on.\n"
                       : fault.kind == SEINE_FAULT_OBJECT ? "{\"error\":\"no messages today\"}"
                                                          : "";
    (void)snprintf(answer->text, sizeof answer->text, "%s", text);
    if (fault.kind == SEINE_FAULT_PAGE) answer->content_type = "text/html";
}

void seine_telematics_api_ask(seine_telematics_api *api, const char *path, seine_telematics_parameter_fn parameter,
                              void *context, seine_telematics_answer *answer) {
    const seine_telematics_api_options *o = &api->options;
    seine_telematics_fault fault;
    uint64_t amount = SEINE_TELEMATICS_AMOUNT, bytes = LONG_BYTES;
    if (strcmp(path, SEINE_TELEMATICS_PATH) != 0) {
        refuse(answer, 404, "only " SEINE_TELEMATICS_PATH " is here");
        return;
    }
    uint64_t seed = seine_generate_mix(o->messages.seed, atomic_fetch_add(&api->requests, 1));
    const bool is_good = read_number(parameter, context, "amount", SEINE_TELEMATICS_AMOUNT_MAX, &amount) &&
                         read_number(parameter, context, "bytes", LONG_BYTES_MAX, &bytes) &&
                         read_number(parameter, context, "seed", INT64_MAX, &seed);
    if (!is_good || !choose_fault(api, parameter(context, "fault"), &fault)) {
        refuse(answer, 400, "amount is 0 to 1000000, seed and bytes are whole numbers, fault is a known one");
        return;
    }
    if (fault.kind == SEINE_FAULT_STATUS) {
        refuse(answer, fault.status, "asked for");
        return;
    }
    *answer = (seine_telematics_answer){.status = 200,
                                        .content_type = "application/json",
                                        .is_reset = fault.kind == SEINE_FAULT_RESET,
                                        .kind = fault.kind,
                                        .api = api,
                                        .messages = o->messages,
                                        .amount = amount,
                                        .left = fault.kind == SEINE_FAULT_LONG ? bytes : DEEP_ARRAYS};
    answer->messages.seed = seed;
    if (o->messages.at_us == 0) answer->messages.at_us = seine_clock_now_us();
    write_text(answer, fault);
    if (fault.kind == SEINE_FAULT_SLOW) (void)seine_clock_pause(o->progress, o->wait_us);
}

/* ---- the body ---- */

/* A message that stands before the others. */
static const char *odd_message(seine_telematics_fault_kind kind) {
    if (kind == SEINE_FAULT_NUMBERS)
        return "{\"vin\":\"1HUGE000000000000\",\"year\":-0,\"latitude\":1e400,\"longitude\":-1e-400,"
               "\"timestamp\":99999999999999999999999,\"velocity\":123456789012345678901234567890}";
    return kind == SEINE_FAULT_NAN ? "{\"vin\":\"1NAN0000000000000\",\"timestamp\":NaN,\"velocity\":-Infinity}" : NULL;
}

static seine_status append_message(seine_telematics_answer *answer, seine_buf *out) {
    if (answer->next > 0) SEINE_TRY(seine_buf_append(out, ",", 1));
    SEINE_TRY(seine_telematics_message(&answer->messages, answer->next++, out, NULL));
    if (answer->kind != SEINE_FAULT_TWINS) return SEINE_OK;
    out->size--; /* its brace */
    return seine_buf_append_str(out, ",\"vin\":\"1TWIN000000000000\",\"velocity\":1}");
}

/* @return whether the body rests or ends for ever in its middle: *status tells which. */
static bool is_disturbed(seine_telematics_answer *answer, size_t waiting, seine_status *status) {
    const seine_telematics_api_options *o = &answer->api->options;
    const bool is_here = answer->next >= answer->amount / 2;
    *status = SEINE_OK;
    if (!is_here || (answer->kind != SEINE_FAULT_CUT && (answer->kind != SEINE_FAULT_STALL || answer->has_stalled)))
        return false;
    if (waiting > 0) return true; /* what is there goes out first */
    if (answer->kind == SEINE_FAULT_CUT) {
        *status = SEINE_E_IO;
        return true;
    }
    answer->has_stalled = true;
    if (!seine_clock_pause(o->progress, o->wait_us)) *status = SEINE_E_INTERRUPTED;
    return *status != SEINE_OK;
}

static seine_status more_messages(seine_telematics_answer *answer, seine_buf *out, bool *is_end) {
    const size_t begin = out->size;
    const char *odd = odd_message(answer->kind);
    if (!answer->has_begun) {
        answer->has_begun = true;
        SEINE_TRY(seine_buf_append_str(out, "["));
        if (odd != NULL) SEINE_TRY(seine_buf_append_str(out, odd));
        if (odd != NULL && answer->amount > 0) SEINE_TRY(seine_buf_append_str(out, ","));
    }
    while (answer->next < answer->amount && out->size - begin < PIECE_BYTES) {
        seine_status status;
        if (is_disturbed(answer, out->size - begin, &status)) return status;
        SEINE_TRY(append_message(answer, out));
    }
    *is_end = answer->next == answer->amount;
    return *is_end && answer->kind != SEINE_FAULT_BROKEN ? seine_buf_append_str(out, "]") : SEINE_OK;
}

static seine_status more_long(seine_telematics_answer *answer, seine_buf *out, bool *is_end) {
    const size_t size = answer->left < PIECE_BYTES ? (size_t)answer->left : PIECE_BYTES;
    if (answer->next++ == 0) SEINE_TRY(seine_buf_append_str(out, "[{\"vin\":\""));
    SEINE_TRY(seine_buf_reserve(out, size));
    memset(out->data + out->size, 'x', size);
    out->size += size;
    answer->left -= size;
    *is_end = answer->left == 0;
    return *is_end ? seine_buf_append_str(out, "\"}]") : SEINE_OK;
}

static seine_status more_deep(seine_telematics_answer *answer, seine_buf *out, bool *is_end) {
    *is_end = true;
    SEINE_TRY(seine_buf_reserve(out, (size_t)answer->left * 2));
    memset(out->data + out->size, '[', (size_t)answer->left);
    memset(out->data + out->size + answer->left, ']', (size_t)answer->left);
    out->size += (size_t)answer->left * 2;
    return SEINE_OK;
}

seine_status seine_telematics_answer_more(seine_telematics_answer *answer, seine_buf *out, bool *is_end) {
    *is_end = false;
    switch (answer->kind) {
    case SEINE_FAULT_STATUS:
    case SEINE_FAULT_PAGE:
    case SEINE_FAULT_EMPTY:
    case SEINE_FAULT_RESET:
    case SEINE_FAULT_OBJECT: *is_end = true; return seine_buf_append_str(out, answer->text);
    case SEINE_FAULT_LONG: return more_long(answer, out, is_end);
    case SEINE_FAULT_DEEP: return more_deep(answer, out, is_end);
    default: return more_messages(answer, out, is_end);
    }
}

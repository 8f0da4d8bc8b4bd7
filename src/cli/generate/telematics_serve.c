/* Joins the two halves of the stand-in: what it says (src/generate) and the server (src/serve) know nothing of each
 * other. */
#include "cli/generate/telematics_serve.h"

#include "base/try.h"
#include "cli/generate/generate.h"
#include "generate/telematics_api.h"
#include "io/clock.h"
#include "serve/stand_in.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define LOOK_US INT64_C(60000000)

static const char *parameter(void *context, const char *name) {
    const seine_stand_in_request *const *request = context;
    return seine_stand_in_parameter(*request, name);
}

static seine_status more(void *body, seine_buf *out, bool *is_end) {
    return seine_telematics_answer_more(body, out, is_end);
}

static seine_status answer(void *api, const seine_stand_in_request *request, seine_stand_in_answer *answer) {
    seine_telematics_answer *told = malloc(sizeof *told);
    if (told == NULL) return SEINE_E_NOMEM;
    seine_telematics_api_ask(api, seine_stand_in_path(request), parameter, &request, told);
    *answer = (seine_stand_in_answer){.status = told->status,
                                      .content_type = told->content_type,
                                      .retry_after_s = told->retry_after_s,
                                      .is_reset = told->is_reset,
                                      .body = told,
                                      .more = more,
                                      .end = free};
    return SEINE_OK;
}

static seine_status read_faults(const seine_args *args, seine_arena *arena, seine_telematics_api_options *api,
                                seine_error *error) {
    const char *const *names = seine_args_list(args, "faults", &api->script_count);
    seine_telematics_fault *script = SEINE_ARENA_ARRAY(arena, seine_telematics_fault, api->script_count);
    if (script == NULL) return seine_no_memory(error, "generate");
    for (size_t i = 0; i < api->script_count; i++) SEINE_TRY(seine_telematics_fault_parse(names[i], &script[i], error));
    api->script = script;
    return SEINE_OK;
}

static void put_address(const seine_args *args, int port) {
    if (seine_args_json(args))
        printf("{\"serving\":\"http://127.0.0.1:%d%s\"}\n", port, SEINE_TELEMATICS_PATH);
    else
        printf("serving http://127.0.0.1:%d%s\n", port, SEINE_TELEMATICS_PATH);
    (void)fflush(stdout);
}

static seine_status serve(seine_args *args, seine_telematics_api *api, const seine_progress *progress,
                          seine_error *error) {
    seine_stand_in *server SEINE_OWNED(seine_stand_in_close_owned) = NULL;
    const seine_stand_in_options options = {
        .port = (int)seine_args_int(args, "serve"), .answer = answer, .context = api};
    (void)signal(SIGPIPE, SIG_IGN); /* a client that goes away is no reason to end */
    SEINE_TRY(seine_stand_in_open(&options, &server, error));
    put_address(args, seine_stand_in_port(server));
    while (seine_clock_pause(progress, LOOK_US)) {}
    return SEINE_OK;
}

seine_status seine_cli_generate_serve(seine_args *args, seine_error *error) {
    static const char *const others[] = {"output", "rows", "format", "threads", NULL};
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_telematics_api_options options = {.progress = seine_cli_progress(args),
                                            .wait_us = (int64_t)(seine_args_number(args, "wait") * 1e6)};
    SEINE_TRY(seine_cli_generate_without(args, others, "is not for --serve: requests say how much they want", error));
    SEINE_TRY(seine_cli_generate_messages(args, &options.messages, error));
    SEINE_TRY(read_faults(args, &arena, &options, error));
    seine_telematics_api *api = seine_telematics_api_new(&options);
    if (api == NULL) return seine_no_memory(error, "generate");
    const seine_status status = serve(args, api, options.progress, error);
    seine_telematics_api_free(api);
    return status;
}

/* links: generate io base */
/* Every allocation for generated messages and for the guide's CSV fails: that is told as want of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "generate/guide.h"
#include "generate/telematics_api.h"
#include "unit/nomem_support.h"

static seine_generate_packing packing;

static seine_status drop(void *context, const void *bytes, size_t size, seine_error *error) {
    (void)context, (void)bytes, (void)size, (void)error;
    return SEINE_OK;
}

static seine_status told(seine_status status, const seine_error *error) {
    if (status != SEINE_OK) assert_int_equal(error->status, status);
    return status;
}

static seine_status write_messages(void) {
    const seine_telematics_file file = {.telematics = seine_telematics_default(7, INT64_C(1683374400000000)),
                                        .rows = 5,
                                        .is_array = true,
                                        .packing = packing,
                                        .threads = 2};
    seine_telematics_tally tally;
    uint64_t bytes;
    seine_error error = {SEINE_OK, ""};
    return told(seine_generate_telematics(&file, drop, NULL, NULL, &tally, &bytes, &error), &error);
}

static seine_status write_guide(void) {
    const seine_guide_options options = {
        .rows = 100, .first_day = 20089, .days = 1, .interval_s = 7200, .seed = 7, .packing = packing, .threads = 2};
    seine_guide_result result;
    seine_error error = {SEINE_OK, ""};
    return told(seine_generate_guide(&options, drop, NULL, NULL, &result, &error), &error);
}

static void files_tell_want_of_memory_however_they_are_packed(void **state) {
    (void)state;
    for (int i = SEINE_GENERATE_PLAIN; i <= SEINE_GENERATE_GZ; i++) {
        packing = (seine_generate_packing)i;
        check_allocations(write_messages, 5, MUST_FAIL);
        check_allocations_of(write_guide, 300, 50, MUST_FAIL);
    }
}

static const char *fault;

static const char *parameter(void *context, const char *name) {
    (void)context;
    return strcmp(name, "fault") == 0 ? fault : NULL;
}

static seine_status answer(void) {
    const seine_telematics_api_options options = {.messages = seine_telematics_default(7, 0)};
    seine_telematics_api *api = seine_telematics_api_new(&options);
    seine_telematics_answer answer;
    seine_buf body;
    if (api == NULL) return SEINE_E_NOMEM;
    seine_buf_init(&body, (size_t)1 << 20);
    seine_telematics_api_ask(api, SEINE_TELEMATICS_PATH, parameter, NULL, &answer);
    seine_status status = SEINE_OK;
    for (bool is_end = false; !is_end && status == SEINE_OK;)
        status = seine_telematics_answer_more(&answer, &body, &is_end);
    seine_buf_free(&body);
    seine_telematics_api_free(api);
    return status;
}

static void answers_end_where_memory_does(void **state) {
    (void)state;
    static const char *const faults[] = {NULL, "twins", "numbers", "deep", "object"};
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        fault = faults[i];
        check_allocations(answer, 2, MUST_FAIL);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(files_tell_want_of_memory_however_they_are_packed),
                                       cmocka_unit_test(answers_end_where_memory_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

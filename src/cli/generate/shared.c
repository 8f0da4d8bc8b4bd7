/* Options that all kinds of generated data have. */
#include "cli/generate/generate.h"

#include "base/time.h"

#include <string.h>
#include <unistd.h>

uint32_t seine_cli_generate_threads(const seine_args *args) {
    const int64_t threads = seine_args_int(args, "threads");
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (threads > 0) return (uint32_t)threads;
    return processors < 1 ? 1 : processors > 64 ? 64 : (uint32_t)processors;
}

seine_generate_packing seine_cli_generate_packing(const char *path, size_t *size) {
    const seine_str name = seine_str_of(path);
    const bool is_zst = seine_str_ends_with_nocase(name, SEINE_STR(".zst"));
    const bool is_gz = seine_str_ends_with_nocase(name, SEINE_STR(".gz"));
    *size = name.size - (is_zst ? 4U : is_gz ? 3U : 0U);
    return is_zst ? SEINE_GENERATE_ZST : is_gz ? SEINE_GENERATE_GZ : SEINE_GENERATE_PLAIN;
}

seine_status seine_cli_generate_without(const seine_args *args, const char *const *names, const char *why,
                                        seine_error *error) {
    for (size_t i = 0; names[i] != NULL; i++)
        if (seine_args_given(args, names[i])) return seine_fail(error, SEINE_E_USAGE, "--%s: %s", names[i], why);
    return SEINE_OK;
}

seine_status seine_cli_generate_messages(const seine_args *args, seine_telematics *messages, seine_error *error) {
    const char *at = seine_args_text(args, "at");
    *messages = (seine_telematics){.seed = (uint64_t)seine_args_int(args, "seed"),
                                   .hours = (uint32_t)seine_args_int(args, "hours"),
                                   .vehicles = (uint32_t)seine_args_int(args, "vehicles"),
                                   .defects = seine_args_number(args, "defects")};
    if (at == NULL || seine_time_parse(seine_str_of(at), &messages->at_us)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--at: \"%s\" is not a time such as 2025-01-31T12:00:00Z", at);
}

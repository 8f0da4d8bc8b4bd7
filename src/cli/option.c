/* Options as their table tells them. */
#include "cli/args.h"

#include <ctype.h>

const seine_option seine_common_options[] = {
    [SEINE_COMMON_HELP] = {.name = "help", .letter = 'h', .kind = SEINE_OPTION_FLAG, .help = "print this help and end"},
    [SEINE_COMMON_JSON] = {.name = "json", .kind = SEINE_OPTION_FLAG, .help = "print results and errors as JSON"},
    [SEINE_COMMON_QUIET] = {.name = "quiet", .kind = SEINE_OPTION_FLAG, .help = "no progress, no remarks"},
    [SEINE_COMMON_LAKE] = {.name = "lake",
                           .kind = SEINE_OPTION_TEXT,
                           .metavar = "LAKE",
                           .fallback = ".",
                           .setting = true,
                           .help = "folder of the lake, or s3://BUCKET/NAME"},
    [SEINE_COMMON_S3_ENDPOINT] = {.name = "s3-endpoint",
                                  .kind = SEINE_OPTION_TEXT,
                                  .metavar = "URL",
                                  .setting = true,
                                  .help = "server of the lake's bucket; not given: AWS_ENDPOINT_URL_S3, else Amazon's"},
    [SEINE_COMMON_S3_REGION] = {.name = "s3-region",
                                .kind = SEINE_OPTION_TEXT,
                                .metavar = "NAME",
                                .setting = true,
                                .help = "region of the lake's bucket; not given: AWS_REGION, else us-east-1"},
    [SEINE_COMMON_S3_PROFILE] = {.name = "s3-profile",
                                 .kind = SEINE_OPTION_TEXT,
                                 .metavar = "NAME",
                                 .setting = true,
                                 .help = "profile of ~/.aws for the lake's bucket; not given: AWS_PROFILE"},
    [SEINE_COMMON_CACHE_DIR] = {.name = "cache-dir",
                                .kind = SEINE_OPTION_TEXT,
                                .metavar = "DIR",
                                .setting = true,
                                .help = "copies of a bucket's objects lie here; not given: ~/.cache/seine"},
    [SEINE_COMMON_CACHE_SIZE] = {.name = "cache-size",
                                 .kind = SEINE_OPTION_INT,
                                 .metavar = "MIB",
                                 .fallback = "2048",
                                 .least = 0,
                                 .most = 1 << 30,
                                 .setting = true,
                                 .help = "most of the copies together; 0: none are kept"},
    [SEINE_COMMON_SCRATCH] = {.name = "scratch",
                              .kind = SEINE_OPTION_TEXT,
                              .metavar = "DIR",
                              .setting = true,
                              .help =
                                  "a lake in a bucket is worked on below this folder; not given: TMPDIR, else /tmp"},
};

/* ---- one option ---- */

void seine_option_environment(const seine_option *option, char name[64]) {
    size_t used = (size_t)snprintf(name, 64, "SEINE_%s", option->name);
    if (used > 63) used = 63;
    for (size_t i = 0; i < used; i++) name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
}

const char *seine_option_metavar(const seine_option *option) {
    static const char *const by_kind[] = {NULL, "TEXT", "N", "X", "A,B,…", "WORD…", "TEXT"};
    return option->kind == SEINE_OPTION_FLAG ? NULL : option->metavar != NULL ? option->metavar : by_kind[option->kind];
}

bool seine_option_is_list(const seine_option *option) {
    return option->kind == SEINE_OPTION_LIST || option->kind == SEINE_OPTION_WORDS ||
           option->kind == SEINE_OPTION_TEXTS;
}

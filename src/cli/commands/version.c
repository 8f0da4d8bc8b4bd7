/* `seine version`. */
#include "cli/cli.h"

#include <stdio.h>

static seine_status run_version(seine_args *args, seine_error *error) {
    (void)error;
    if (seine_args_json(args))
        printf("{\"version\":\"%s\"}\n", SEINE_VERSION);
    else
        printf("seine %s\n", SEINE_VERSION);
    return SEINE_OK;
}

const seine_command seine_cmd_version = {
    .name = "version",
    .summary = "Print the version",
    .example = "seine version --json",
    .run = run_version,
};

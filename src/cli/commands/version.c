/* `seine version`. */
#include "cli/cli.h"

#include <stdio.h>

static int run_version(seine_args *args) {
    if (seine_args_json(args))
        printf("{\"version\":\"%s\"}\n", SEINE_VERSION);
    else
        printf("seine %s\n", SEINE_VERSION);
    return 0;
}

const seine_command seine_cmd_version = {
    .name = "version",
    .summary = "Print the version",
    .example = "seine version --json",
    .run = run_version,
};

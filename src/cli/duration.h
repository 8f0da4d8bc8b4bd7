/** @file cli/duration.h  Durations as users write them: 500ms, 30s, 5m, 2h, 1d. */
#ifndef SEINE_CLI_DURATION_H
#define SEINE_CLI_DURATION_H

#include "cli/cli.h"

/** The value of an option that is given or has a default, from @p least_us on, up to 31 days. @return OK, E_USAGE. */
SEINE_MUST_USE seine_status seine_cli_duration(const seine_args *args, const char *option, int64_t least_us,
                                               int64_t *duration_us, seine_error *error);

#endif

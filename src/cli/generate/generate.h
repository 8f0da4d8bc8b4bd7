/** @file cli/generate/generate.h  What the commands that generate share. */
#ifndef SEINE_CLI_GENERATE_GENERATE_H
#define SEINE_CLI_GENERATE_GENERATE_H

#include "cli/cli.h"
#include "generate/telematics.h"

/** Workers as --threads says; 0 = one per processor. */
uint32_t seine_cli_generate_threads(const seine_args *args);
/** How a file of this name is packed, by .zst or .gz at its end. *size is that of the name without it; @p path may be
 * NULL. */
seine_generate_packing seine_cli_generate_packing(const char *path, size_t *size);
/** @return E_USAGE naming the first option of @p names (NULL behind the last) that was given; @p why goes behind it. */
SEINE_MUST_USE seine_status seine_cli_generate_without(const seine_args *args, const char *const *names,
                                                       const char *why, seine_error *error);

/** The messages that the options of `generate telematics` ask for; at_us is 0 without --at. @return OK, E_USAGE. */
SEINE_MUST_USE seine_status seine_cli_generate_messages(const seine_args *args, seine_telematics *messages,
                                                        seine_error *error);

#define SEINE_GENERATE_SEED_OPTION \
    { .name = "seed", .kind = SEINE_OPTION_INT, .metavar = "N", .fallback = "1", .help = "same seed, same bytes" }
#define SEINE_GENERATE_VESSELS_OPTION                                                                                \
    {                                                                                                                \
        .name = "vessels", .kind = SEINE_OPTION_INT, .metavar = "N", .fallback = "1000", .least = 1, .most = 200000, \
        .help = "number of vessels"                                                                                  \
    }
#define SEINE_GENERATE_START_OPTION \
    { .name = "start", .kind = SEINE_OPTION_TEXT, .metavar = "DATE", .fallback = "2025-01-01", .help = "first day" }
#define SEINE_GENERATE_THREADS_OPTION                                                                         \
    {                                                                                                         \
        .name = "threads", .kind = SEINE_OPTION_INT, .metavar = "N", .fallback = "0", .least = 0, .most = 64, \
        .help = "workers, 0 = one per processor; changes no byte"                                             \
    }

/** `generate ais --shape guide`. */
SEINE_MUST_USE seine_status seine_cli_generate_guide(seine_args *args, seine_error *error);

#endif

/** @file cli/options.h  Options that several commands have, said once. */
#ifndef SEINE_CLI_OPTIONS_H
#define SEINE_CLI_OPTIONS_H

#include "cli/cli.h"

#define SEINE_THREADS_OPTION                                                                                  \
    {                                                                                                         \
        .name = "threads", .kind = SEINE_OPTION_INT, .metavar = "N", .fallback = "2", .least = 1, .most = 64, \
        .setting = true, .help = "worker threads"                                                             \
    }

/** Of commands whose work goes to the disk beyond it. */
#define SEINE_MEMORY_OPTION                                                                                         \
    {                                                                                                               \
        .name = "memory", .kind = SEINE_OPTION_INT, .metavar = "MIB", .fallback = "960", .least = 128,              \
        .most = 1048576, .setting = true, .help = "about how much memory rows may take before they are written out" \
    }

/** The same of commands that run models; see seine_cli_model_memory. */
#define SEINE_MODEL_MEMORY_OPTION                                                                                     \
    {                                                                                                                 \
        .name = "memory", .kind = SEINE_OPTION_INT, .metavar = "MIB", .least = 128, .most = 1048576, .setting = true, \
        .help = "models go on in files beyond about so much memory; not given: half of the machine's"                 \
    }

/** Of commands that make a lake. */
#define SEINE_CREATE_BUCKET_OPTION                                             \
    {                                                                          \
        .name = "create-bucket", .kind = SEINE_OPTION_FLAG, .fallback = "off", \
        .help = "make the bucket too; one that is yours already is fine"       \
    }

/** Of commands that make up names of files: see cli/target.h. */
#define SEINE_FORCE_OPTION                                                      \
    {                                                                           \
        .name = "force", .kind = SEINE_OPTION_FLAG, .fallback = "off",          \
        .help = "replace a file that stands under a name the user did not give" \
    }

#endif

/** @file cli/fetch/fetch.h  What `fetch noaa` and `run noaa` share. */
#ifndef SEINE_CLI_FETCH_FETCH_H
#define SEINE_CLI_FETCH_FETCH_H

#include "base/arena.h"
#include "cli/cli.h"
#include "fetch/fetch.h"
#include "ingest/ingest.h"

/** Options of both commands. */
#define SEINE_FETCH_SHARED_OPTIONS                                                                               \
    {.name = "from", .kind = SEINE_OPTION_TEXT, .metavar = "DAY", .help = "first day, YYYY-MM-DD"},              \
        {.name = "to", .kind = SEINE_OPTION_TEXT, .metavar = "DAY", .help = "last day, inclusive"},              \
        {.name = "base-url",                                                                                     \
         .kind = SEINE_OPTION_TEXT,                                                                              \
         .metavar = "URL",                                                                                       \
         .fallback = SEINE_FETCH_NOAA_URL,                                                                       \
         .setting = true,                                                                                        \
         .help = "where archives are: http(s)://, file:/// or a folder; <year> stands for the year of the day"}, \
        {.name = "jobs",                                                                                         \
         .kind = SEINE_OPTION_INT,                                                                               \
         .metavar = "N",                                                                                         \
         .fallback = "2",                                                                                        \
         .least = 1,                                                                                             \
         .most = 16,                                                                                             \
         .setting = true,                                                                                        \
         .help = "downloads at once"},                                                                           \
        {.name = "retries",                                                                                      \
         .kind = SEINE_OPTION_INT,                                                                               \
         .metavar = "N",                                                                                         \
         .fallback = "5",                                                                                        \
         .least = 0,                                                                                             \
         .most = 100,                                                                                            \
         .setting = true,                                                                                        \
         .help = "further tries after 5xx, 429, a time-out or a cut body"},                                      \
        {.name = "backoff",                                                                                      \
         .kind = SEINE_OPTION_NUMBER,                                                                            \
         .metavar = "SECONDS",                                                                                   \
         .fallback = "1",                                                                                        \
         .least = 0,                                                                                             \
         .most = 60,                                                                                             \
         .help = "wait before the first further try; doubled each time, up to a minute"},                        \
        {.name = "head-timeout",                                                                                 \
         .kind = SEINE_OPTION_NUMBER,                                                                            \
         .metavar = "SECONDS",                                                                                   \
         .fallback = "30",                                                                                       \
         .least = 0.1,                                                                                           \
         .most = 3600,                                                                                           \
         .help = "longest wait for a connection and for an answer to HEAD"},                                     \
        {.name = "idle-timeout",                                                                                 \
         .kind = SEINE_OPTION_NUMBER,                                                                            \
         .metavar = "SECONDS",                                                                                   \
         .fallback = "60",                                                                                       \
         .least = 0.1,                                                                                           \
         .most = 3600,                                                                                           \
         .help = "a download slower than 1 KiB/s for so long is tried again"},                                   \
        {.name = "replace",                                                                                      \
         .kind = SEINE_OPTION_FLAG,                                                                              \
         .fallback = "off",                                                                                      \
         .help = "also put an archive in the place of a file of its name that came from elsewhere"},             \
        {.name = "max-bytes",                                                                                    \
         .kind = SEINE_OPTION_INT,                                                                               \
         .metavar = "N",                                                                                         \
         .fallback = "8589934592",                                                                               \
         .least = 1,                                                                                             \
         .most = 1e15,                                                                                           \
         .setting = true,                                                                                        \
         .help = "a longer archive is refused, and its day fails"},                                              \
    {                                                                                                            \
        .name = "check-etag", .kind = SEINE_OPTION_FLAG, .fallback = "on",                                       \
        .help = "an ETag of 32 hex digits is the MD5 of the bytes"                                               \
    }

/** What the reports of one fetch add up to for the user. */
typedef struct seine_fetch_view {
    seine_args *args;
    int32_t *absent; /**< days */
    size_t absent_count;
    struct seine_fetch_failure *failures; /**< told in the end, those of one cause together */
    size_t failure_count;
    seine_arena arena;
} seine_fetch_view;

/** Fills @p options from the command line; days must be given. Free @p view in every case. @return OK, E_USAGE,
 * E_NOMEM. */
SEINE_MUST_USE seine_status seine_fetch_view_open(seine_args *args, seine_fetch_view *view,
                                                  seine_fetch_options *options, seine_error *error);
void seine_fetch_view_free(seine_fetch_view *view);
/** Options without days and without a report. */
void seine_fetch_take_options(seine_args *args, seine_fetch_options *options);
/** Failed days with their causes, days without an archive, and the warning when there was none at all. To stderr. */
void seine_fetch_view_end(seine_fetch_view *view, const seine_fetch_report *report);
/** "312.4 MB" */
void seine_fetch_size(int64_t bytes, char text[24]);

#endif

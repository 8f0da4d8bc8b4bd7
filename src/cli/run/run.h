/** @file cli/run/run.h  What `seine run` and `seine run noaa` share: one round of work, its summary, the schedule. */
#ifndef SEINE_CLI_RUN_RUN_H
#define SEINE_CLI_RUN_RUN_H

#include "cli/derive.h"
#include "cli/fetch/fetch.h"

/** What refreshes changed; of datasets that are not ships, too. */
typedef struct seine_round_derived {
    uint64_t added, updated, retracted;
    size_t rewritten, days_run, days_changed; /**< days: of all models that were run, or that came out different */
    bool has_events, has_columns, has_gold;   /**< some of it was committed */
} seine_round_derived;

/** What one round did: a fetch or none, every ingest, the refresh. */
typedef struct seine_round {
    const char *command;        /**< "run noaa" */
    char invocation[37];        /**< shared by the runs it leaves in the ledger */
    bool has_fetched, is_quiet; /**< quiet: files that are in the lake already are not told */
    bool is_patient;            /**< after E_BUSY and E_AWAY the work is called again */
    size_t tries;               /**< calls of the work, with this one */
    seine_fetch_report fetch;
    seine_ingest_report ingest;
    seine_refresh_report refresh; /**< the last try; what the others did is in earlier */
    seine_models_report models;
    seine_round_derived earlier;
    double seconds;
    seine_args *args;
} seine_round;

/** Whether the work that ended so is called again: somebody else held a dataset, or the lake was away. */
static inline bool seine_round_comes_again(const seine_round *round, seine_status status) {
    return round->is_patient && (status == SEINE_E_BUSY || status == SEINE_E_AWAY);
}

/** Adds one ingest to the round. The files, or without any what was fetched. @return as seine_ingest_files. */
SEINE_MUST_USE seine_status seine_round_ingest(seine_round *round, const char *const *paths, size_t count,
                                               const seine_dataset *dataset, seine_error *error);
SEINE_MUST_USE seine_status seine_round_refresh(seine_round *round, seine_error *error);
/** @return whether something was not taken in, or not made: the rest was. */
bool seine_round_found_wrong(const seine_round *round);
void seine_round_json(const seine_round *round, seine_json_writer *w); /**< as fields of an object that was begun */
void seine_round_line(const seine_round *round);                       /**< on stdout */
void seine_round_free(seine_round *round);

/**
 * The work of one round, into @p round. When it returned E_BUSY and the round is patient it is called again with the
 * same round, and does what is left.
 */
typedef seine_status (*seine_round_fn)(void *context, seine_round *round, seine_error *error);

#define SEINE_SCHEDULE_OPTIONS                                                                                   \
    {.name = "every",                                                                                            \
     .kind = SEINE_OPTION_TEXT,                                                                                  \
     .metavar = "TIME",                                                                                          \
     .help = "go on, a round every 30s, 5m, 2h or 1d, until told to stop"},                                      \
        {.name = "rounds",                                                                                       \
         .kind = SEINE_OPTION_INT,                                                                               \
         .metavar = "N",                                                                                         \
         .fallback = "0",                                                                                        \
         .least = 0,                                                                                             \
         .most = 1000000000,                                                                                     \
         .help = "end after so many rounds; 0: never"},                                                          \
        {.name = "log",                                                                                          \
         .kind = SEINE_OPTION_TEXT,                                                                              \
         .metavar = "FILE",                                                                                      \
         .setting = true,                                                                                        \
         .help = "where --every writes a line of JSON a round; else logs/run.jsonl of a lake that is a folder"}, \
        {.name = "log-size",                                                                                     \
         .kind = SEINE_OPTION_INT,                                                                               \
         .metavar = "MIB",                                                                                       \
         .fallback = "10",                                                                                       \
         .least = 1,                                                                                             \
         .most = 1048576,                                                                                        \
         .setting = true,                                                                                        \
         .help = "a log that would grow beyond this becomes FILE.1, that one FILE.2"},                           \
    {                                                                                                            \
        .name = "log-keep", .kind = SEINE_OPTION_INT, .metavar = "N", .fallback = "5", .least = 0, .most = 1000, \
        .setting = true, .help = "former logs that are kept"                                                     \
    }

/**
 * Does the work once, under the lease "run" of the lake: one run at a time, by whomever. @return what @p work returned;
 * E_BUSY another run.
 */
SEINE_MUST_USE seine_status seine_run_once(seine_args *args, const char *command, seine_round_fn work, void *context,
                                           seine_error *error);
/**
 * Does the work round after round, until told to stop or --rounds are over, under the same lease. A round that fails is
 * told and logged, and the next goes on from the last good state; while somebody else writes to the lake, a round
 * waits, until the next one is due. SEINE_SCHEDULE_OPTIONS are there.
 * @return OK also after a failed round (the exit status tells of the last one); E_USAGE; E_BUSY another run; E_CONFLICT
 * another run took over while this machine slept.
 */
SEINE_MUST_USE seine_status seine_run_every(seine_args *args, const char *command, seine_round_fn work, void *context,
                                            seine_error *error);

#endif

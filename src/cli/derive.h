/** @file cli/derive.h  Options of the commands that take files in and derive tables from them; one place for each. */
#ifndef SEINE_CLI_DERIVE_H
#define SEINE_CLI_DERIVE_H

#include "cli/cli.h"
#include "cli/options.h"
#include "columns/segment_table.h"
#include "ingest/ingest.h"
#include "refresh/refresh.h"

/** Of commands that decode files. */
#define SEINE_INGEST_OPTIONS                                                                                \
    {.name = "time-valid-from",                                                                             \
     .kind = SEINE_OPTION_INT,                                                                              \
     .metavar = "YEAR",                                                                                     \
     .fallback = "1990",                                                                                    \
     .least = 1,                                                                                            \
     .most = 9999,                                                                                          \
     .setting = true,                                                                                       \
     .help = "rows from before this year are refused: there was no AIS then"},                              \
        {.name = "max-ratio",                                                                               \
         .kind = SEINE_OPTION_INT,                                                                          \
         .metavar = "N",                                                                                    \
         .fallback = "1000",                                                                                \
         .least = 10,                                                                                       \
         .most = 1000000000,                                                                                \
         .setting = true,                                                                                   \
         .help = "an archive is refused when, beyond 64 MiB, more than N times its size comes out"},        \
    {                                                                                                       \
        .name = "max-future", .kind = SEINE_OPTION_NUMBER, .metavar = "HOURS", .fallback = "1", .least = 0, \
        .most = 87600, .setting = true, .help = "rows further ahead of the clock are refused"               \
    }

/** Of commands that take in addresses. */
#define SEINE_API_OPTIONS                                                                                  \
    {.name = "header",                                                                                     \
     .kind = SEINE_OPTION_TEXTS,                                                                           \
     .metavar = "NAME: VALUE",                                                                             \
     .help = "sent to an API; ${NAME} in it is that variable of the environment"},                         \
        {.name = "next",                                                                                   \
         .kind = SEINE_OPTION_TEXT,                                                                        \
         .metavar = "POINTER",                                                                             \
         .help = "JSON pointer to the next cursor, or the next address, in a body of an API"},             \
        {.name = "items",                                                                                  \
         .kind = SEINE_OPTION_TEXT,                                                                        \
         .metavar = "POINTER",                                                                             \
         .help = "JSON pointer to the array of records in a body of an API; not given: the body is it"},   \
    {                                                                                                      \
        .name = "look-back", .kind = SEINE_OPTION_NUMBER, .metavar = "HOURS", .fallback = "1", .least = 0, \
        .most = 87600, .help = "how far before the newest time {since} is"                                 \
    }

/** Parameters of models. */
#define SEINE_MODEL_SETTINGS_OPTION                                                         \
    {                                                                                       \
        .name = "set", .kind = SEINE_OPTION_LIST, .metavar = "NAME=VALUE", .setting = true, \
        .help = "settings of models, such as cell_resolution=8"                             \
    }

/** Parameters of detectors and models. */
#define SEINE_DERIVE_OPTIONS                                                                                \
    {.name = "min-gap-length",                                                                              \
     .kind = SEINE_OPTION_NUMBER,                                                                           \
     .metavar = "HOURS",                                                                                    \
     .fallback = "6",                                                                                       \
     .least = 0,                                                                                            \
     .most = 87600,                                                                                         \
     .setting = true,                                                                                       \
     .help = "a silence strictly longer than this is a gap"},                                               \
        {.name = "n-hours-before",                                                                          \
         .kind = SEINE_OPTION_NUMBER,                                                                       \
         .metavar = "HOURS",                                                                                \
         .fallback = "12",                                                                                  \
         .least = 0,                                                                                        \
         .most = 8760,                                                                                      \
         .setting = true,                                                                                   \
         .help = "span before a gap in which positions are counted"},                                       \
        {.name = "weather-max-age",                                                                         \
         .kind = SEINE_OPTION_NUMBER,                                                                       \
         .metavar = "HOURS",                                                                                \
         .fallback = "3",                                                                                   \
         .least = 0,                                                                                        \
         .most = 87600,                                                                                     \
         .setting = true,                                                                                   \
         .help = "weather observed further away in time is not used"},                                      \
        {.name = "segment-max-hours",                                                                       \
         .kind = SEINE_OPTION_NUMBER,                                                                       \
         .metavar = "HOURS",                                                                                \
         .fallback = "24",                                                                                  \
         .least = 0.001,                                                                                    \
         .most = SEINE_SEGMENT_HOURS_MOST,                                                                  \
         .setting = true,                                                                                   \
         .help = "a longer silence ends a segment"},                                                        \
        {.name = "segment-max-knots",                                                                       \
         .kind = SEINE_OPTION_NUMBER,                                                                       \
         .metavar = "KN",                                                                                   \
         .fallback = "25",                                                                                  \
         .least = 0.001,                                                                                    \
         .most = 100000,                                                                                    \
         .setting = true,                                                                                   \
         .help = "a fix further from where a segment would be is not of it"},                               \
        {.name = "segment-gate-knots",                                                                      \
         .kind = SEINE_OPTION_NUMBER,                                                                       \
         .metavar = "KN",                                                                                   \
         .fallback = "0",                                                                                   \
         .least = 0,                                                                                        \
         .most = 100000,                                                                                    \
         .setting = true,                                                                                   \
         .help = "above 0 the plain gate instead: noise is what is faster than this from both neighbours"}, \
        SEINE_MODEL_SETTINGS_OPTION

/** Of commands that refresh, behind the parameters of detectors: what a lake keeps of ships. */
#define SEINE_SHIPS_OPTIONS                                                                                         \
    {.name = "by",                                                                                                  \
     .kind = SEINE_OPTION_TEXT,                                                                                     \
     .metavar = "WHAT",                                                                                             \
     .setting = true,                                                                                               \
     .help =                                                                                                        \
         "segment: one id may be several ships, told apart in silver.ais_segments; mover: it is one; a lake keeps " \
         "it, and a new one goes by segment"},                                                                      \
    {                                                                                                               \
        .name = "fishing", .kind = SEINE_OPTION_TEXT, .metavar = "WHAT", .setting = true,                           \
        .help = "rules: events of fishing of ships, too, by speed, turning and type; none: not any more; a lake "   \
                "keeps it, and a new one has none"                                                                  \
    }

/** Options of an ingest that reports each file on stdout; SEINE_THREADS_OPTION, SEINE_MEMORY_OPTION and
 * SEINE_INGEST_OPTIONS are there. */
seine_ingest_options seine_cli_ingest_options(seine_args *args);
/** How addresses are asked; SEINE_API_OPTIONS are there. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_cli_api_options(seine_args *args, seine_arena *arena, seine_ingest_api *api,
                                                  seine_error *error);
/** Parameters of the detectors; SEINE_DERIVE_OPTIONS are there. */
seine_refresh_options seine_cli_detector_options(seine_args *args);
/** Bytes for the engine of models: what the user or seine.yaml says with SEINE_MODEL_MEMORY_OPTION; 0 = nothing. */
uint64_t seine_cli_model_memory(seine_args *args);
/** A refresh of everything; SEINE_THREADS_OPTION, SEINE_MEMORY_OPTION, SEINE_DERIVE_OPTIONS and SEINE_SHIPS_OPTIONS are
 * there. @p models, @p report: empty. @return OK, E_USAGE. */
SEINE_MUST_USE seine_status seine_cli_refresh_options(seine_args *args, seine_models_options *models,
                                                      seine_models_report *report, seine_refresh_options *options,
                                                      seine_error *error);

/** Prints one file of an ingest: a line, or JSON. @p context: seine_args. */
void seine_cli_ingest_report(void *context, const seine_ingest_result *result);

#endif

#include "cli/derive.h"

#include "base/time.h"

#include <math.h>

#define HOUR_US 3600e6

static int64_t hours(seine_args *args, const char *name) {
    return (int64_t)llround(seine_args_number(args, name) * HOUR_US);
}

static int64_t milli(seine_args *args, const char *name) {
    return (int64_t)llround(seine_args_number(args, name) * 1000);
}

seine_ingest_options seine_cli_ingest_options(seine_args *args) {
    seine_ingest_options options = seine_ingest_options_default();
    options.threads = (int)seine_args_int(args, "threads");
    options.memory_bytes = (uint64_t)seine_args_int(args, "memory") << 20;
    options.max_future_us = hours(args, "max-future");
    options.max_ratio = (uint64_t)seine_args_int(args, "max-ratio");
    options.valid_from_us =
        seine_time_day_start_us(seine_days_from_civil((int)seine_args_int(args, "time-valid-from"), 1, 1));
    options.progress = seine_cli_progress(args);
    options.report = seine_cli_ingest_report;
    options.context = args;
    return options;
}

seine_status seine_cli_api_options(seine_args *args, seine_arena *arena, seine_ingest_api *api, seine_error *error) {
    size_t count;
    const char *const *given = seine_args_list(args, "header", &count);
    const char **headers = SEINE_ARENA_ARRAY(arena, const char *, count + 1);
    if (headers == NULL) return seine_no_memory(error, "headers");
    for (size_t i = 0; i < count; i++) headers[i] = given[i];
    headers[count] = NULL;
    *api = (seine_ingest_api){.headers = count > 0 ? headers : NULL,
                              .next = seine_args_text(args, "next"),
                              .records = seine_args_text(args, "items"),
                              .look_back_us = (int64_t)(seine_args_number(args, "look-back") * 3600e6)};
    return SEINE_OK;
}

seine_refresh_options seine_cli_detector_options(seine_args *args) {
    seine_refresh_options options = seine_refresh_options_default();
    options.gaps.min_gap_us = hours(args, "min-gap-length");
    options.gaps.history_us = hours(args, "n-hours-before");
    options.weather_max_age_us = hours(args, "weather-max-age");
    options.segments = (seine_segment_limits){hours(args, "segment-max-hours"), milli(args, "segment-max-knots"),
                                              milli(args, "segment-gate-knots")};
    return options;
}

uint64_t seine_cli_model_memory(seine_args *args) {
    return seine_args_given(args, "memory") ? (uint64_t)seine_args_int(args, "memory") << 20 : 0;
}

/* Which of two words an option is, from 1; 0: it is not given, and the lake knows. */
static seine_status kept_word(seine_args *args, const char *option, const char *const words[2], int *which,
                              seine_error *error) {
    const char *word = seine_args_text(args, option);
    *which = 0;
    if (word == NULL) return SEINE_OK;
    for (int i = 0; i < 2; i++)
        if (strcmp(word, words[i]) == 0) *which = i + 1;
    if (*which != 0) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--%s %s: %s or %s", option, word, words[0], words[1]);
}

static seine_status ships_of(seine_args *args, seine_refresh_options *options, seine_error *error) {
    static const seine_by by[] = {SEINE_BY_KEPT, SEINE_BY_MOVER, SEINE_BY_SEGMENT};
    static const seine_fishing_of_ships fishing[] = {SEINE_FISHING_KEPT, SEINE_FISHING_BY_RULES, SEINE_FISHING_NONE};
    int which;
    SEINE_TRY(kept_word(args, "by", (const char *const[]){"mover", "segment"}, &which, error));
    options->by = by[which];
    SEINE_TRY(kept_word(args, "fishing", (const char *const[]){"rules", "none"}, &which, error));
    options->fishing = fishing[which];
    return SEINE_OK;
}

seine_status seine_cli_refresh_options(seine_args *args, seine_models_options *models, seine_models_report *report,
                                       seine_refresh_options *options, seine_error *error) {
    *options = seine_cli_detector_options(args);
    options->threads = models->threads = (int)seine_args_int(args, "threads");
    models->memory_bytes = seine_cli_model_memory(args);
    options->progress = models->progress = seine_cli_progress(args);
    models->settings = seine_args_list(args, "set", &models->setting_count);
    options->models = models;
    options->models_report = report;
    return ships_of(args, options, error);
}

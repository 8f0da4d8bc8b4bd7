/**
 * @file model/run.h
 * Runs the models over what is stale (DESIGN sections 1 and 5).
 *
 *     models ─ check ─▶ shape tables ─▶ per model, per stale day: SQL over that day's files ─▶ file ─▶ one commit of
 * all
 *
 * A day of a model is stale when its fingerprint differs: contents of what it reads, text, settings, engine.
 */
#ifndef SEINE_MODEL_RUN_H
#define SEINE_MODEL_RUN_H

#include "base/progress.h"
#include "model/model.h"
#include "table/catalog/catalog.h"

typedef struct seine_models_options {
    const char *const *settings; /**< "name=value" */
    size_t setting_count;
    bool has_from, has_to;
    int32_t from, to;          /**< days, both inclusive */
    bool replace;              /**< run every day of the window, stale or not */
    const char *const *tables; /**< run the models of these alone, which must be with those that they read */
    size_t table_count;        /**< 0 = all */
    int threads;               /**< of the SQL engine; as seine_model_room_options has it */
    uint64_t memory_bytes;     /**< so too; beyond it rows go to files of the lake's folder tmp */
    int64_t now_us;            /**< time of the run; 0 = the clock */
    const char *command;       /**< for the run ledger; NULL = "refresh" */
    const char *invocation;    /**< id shared with the other commits of the command, or NULL */
    const seine_progress *progress;
    bool is_beside; /**< without the lease "refresh": others may be at work on the same lake (model/task.h) */
} seine_models_options;

typedef struct seine_model_report {
    const char *table, *file;
    size_t days;    /**< it has; 1 for a model without days */
    size_t run;     /**< of these run now */
    size_t changed; /**< of these with other rows than before */
    size_t removed; /**< days that went, because their inputs did */
    size_t failed;  /**< days that stay as they were */
    int64_t rows;   /**< of the days run */
    double seconds;
} seine_model_report;

/** Zeroed = empty; free with seine_models_report_free. */
typedef struct seine_models_report {
    seine_arena arena;
    seine_model_report *models;
    size_t count;
    const char **refused; /**< why models were left out */
    size_t refused_count;
    const char **failures; /**< what went wrong with which day: its rows stay as they were, and stale */
    size_t failure_count, failure_capacity;
    bool is_committed;
    int attempts;
} seine_models_report;

/**
 * What models run in: the SQL engine is started. It needs no table, so that it can be done in another thread while the
 * tables they read are still being made. One thread at a time.
 */
typedef struct seine_models seine_models;
/**
 * Under the caller's lease "refresh". @p options are borrowed until it is closed.
 * @return OK; what starting the engine returned.
 */
SEINE_MUST_USE seine_status seine_models_open(const char *lake, const seine_models_options *options,
                                              seine_models **models, seine_error *error);
void seine_models_close(seine_models *models); /**< NULL is allowed */
SEINE_OWNED_POINTER(seine_models, seine_models_close);

/**
 * Once, with the models that the lake has now (seine_model_set_of_lake), over the lake of @p catalog, which is that
 * they were opened for. A lost race plans again, up to five times. A day whose SQL fails, or whose rows are missing
 * against an input that must be matched, keeps its rows and stays stale; all others are committed. A table that has no
 * other days is not made.
 * @return OK, also when models were refused or days failed (see the report); E_USAGE (a setting), E_INTERRUPTED,
 * E_CONFLICT, E_IO …
 */
SEINE_MUST_USE seine_status seine_models_run(seine_models *models, seine_catalog *catalog, seine_models_report *report,
                                             seine_error *error);
void seine_models_report_free(seine_models_report *report);

#endif

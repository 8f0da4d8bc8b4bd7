/**
 * @file model/model.h
 * A model: one SQL SELECT with a header that says what it makes, of what, and how it is cut into days (docs/models.md).
 *
 *     -- model: gold.ais_hourly_h3            name of the table, in the namespace gold
 *     -- grain: one row is …                  what one row is
 *     -- inputs: silver.ais(day), …           tables it reads: (day) that day, (day-1) also the day before, (all),
 *                                             (start_ts..end_ts of gold.x) the days that its rows of gold.x span
 *     -- partition: dt                        its date column that is the day, or none: one whole table. One that is
 *                                             not required is null in rows of inputs' rows without a day
 *     -- sort: mmsi, hour_ts                  order of the rows, at most four columns
 *     -- setting: cell_resolution 7 | doc     $cell_resolution in the SQL
 *     -- reconcile: message_count = silver.ais   the sum over a day must equal the rows of that input
 *     -- sink: events                         rows have versions, and each change of one is in NAME_history
 *     -- key: event_id                        its column of text that names a row of the sink
 *     -- column: mmsi string required | doc   name, type, unit, required, lineage
 */
#ifndef SEINE_MODEL_MODEL_H
#define SEINE_MODEL_MODEL_H

#include "base/arena.h"
#include "base/buf.h"
#include "columns/dataset.h"
#include "table/catalog/catalog.h"

#define SEINE_MODEL_INPUTS_MAX 8
#define SEINE_MODEL_SETTINGS_MAX 16

/** Which days of an input a day of the model reads. */
typedef enum seine_model_window {
    SEINE_WINDOW_DAY,        /**< the same day */
    SEINE_WINDOW_DAY_BEFORE, /**< the same day and the one before */
    SEINE_WINDOW_ALL,        /**< everything */
    SEINE_WINDOW_SPAN        /**< from the least `from` to the greatest `to` of the rows that it reads of `of` */
} seine_model_window;

typedef struct seine_model_input {
    const char *table;
    seine_model_window window;
    int line; /**< of the header, for messages */
    /** SPAN: two columns of times of another input, which is read by day. NULL otherwise. */
    const char *from, *to, *of;
} seine_model_input;

/** @return whether days of @p input are days of the model. */
static inline bool seine_model_input_is_by_day(const seine_model_input *input) {
    return input->window == SEINE_WINDOW_DAY || input->window == SEINE_WINDOW_DAY_BEFORE;
}

typedef struct seine_model_setting {
    const char *name;
    const char *value; /**< in force: the default or what the user set */
    const char *doc;
    bool is_given; /**< the user did */
} seine_model_setting;

typedef struct seine_model {
    const char *file; /**< for messages: "models/ais_pairs_daily.sql" */
    const char *text; /**< the whole file */
    bool is_built_in;
    seine_table_schema schema; /**< doc is the grain */
    bool has_days;
    size_t day_column; /**< index in schema.columns, when has_days */
    bool takes_null;   /**< rows without a day are one more of its days */
    seine_model_input inputs[SEINE_MODEL_INPUTS_MAX];
    size_t input_count;
    seine_model_setting settings[SEINE_MODEL_SETTINGS_MAX];
    size_t setting_count;
    bool is_events;              /**< its sink is events: the last column of schema is version */
    size_t key_column;           /**< index in schema.columns, when is_events */
    seine_table_schema history;  /**< the log of its rows, when is_events: op, recorded_at, columns of schema, cause */
    size_t reconcile_column;     /**< SIZE_MAX = none */
    const char *reconcile_table; /**< one of the inputs */
} seine_model;

/**
 * Reads a model's header. Everything is copied into @p arena.
 * @return OK; E_FORMAT "FILE line N: reason"; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_model_parse(const char *file, seine_str text, seine_arena *arena, seine_model *model,
                                              seine_error *error);

/** View of the rows that a table of the sink events has before a run, of all days that the run makes. */
#define SEINE_MODEL_FORMER "former.events"
#define SEINE_MODEL_MADE "former.made" /**< what a run has made of it, for its log */

/** What stands for $day and $run_at in the SQL of one run, and the version of rows of the sink events that change. */
typedef struct seine_model_moment {
    seine_partition_value day;
    int64_t run_at_us, version;
} seine_model_moment;
/**
 * Appends the statement to run: the file's SELECT with every $name replaced by its literal, ordered by the sort
 * columns. Its line numbers are those of the file. With the sink events it joins the view SEINE_MODEL_FORMER. @return
 * OK, E_FORMAT (an unknown $name), E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_model_sql(const seine_model *model, const seine_model_moment *moment, seine_buf *sql,
                                            seine_error *error);
/** The two parts of it: the rows in any order, a statement of its own, and the order. */
SEINE_MUST_USE seine_status seine_model_sql_rows(const seine_model *model, const seine_model_moment *moment,
                                                 seine_buf *sql, seine_error *error);
SEINE_MUST_USE seine_status seine_model_sql_order(const seine_model *model, seine_buf *sql, seine_error *error);
/** Prefixes the engine's message with file and line: its "LINE 12:" is that of the file. @return the status. */
seine_status seine_model_blame(const seine_model *model, seine_error *error);

/** One of the files compiled into the program. */
typedef struct seine_model_file {
    const char *name; /**< "models/ais_hourly_h3.sql" */
    const unsigned char *bytes;
    size_t size;
} seine_model_file;
/** Made by the build from models/. */
extern const seine_model_file seine_model_files[];
extern const size_t seine_model_file_count;
/** One of those that are filled for each dataset (model/template.h), made from models/movers/. */
typedef seine_model_file seine_model_template_file;
extern const seine_model_template_file seine_model_template_files[];
extern const size_t seine_model_template_file_count;

/** Models in the order in which they must run, and those that cannot. */
typedef struct seine_model_set {
    seine_arena arena;
    seine_model *models;
    size_t count;
    const char **refused; /**< "FILE line N: reason", one per model that cannot run */
    size_t refused_count;
} seine_model_set;

/** What the models of a set come from, beside those that are built in. */
typedef struct seine_model_source {
    const char *folder;          /**< *.sql, by name; NULL or an absent folder: none */
    const char *const *settings; /**< "name=value", in force */
    size_t setting_count;
    const seine_dataset *const *datasets; /**< for each the templates of its outputs are filled */
    size_t dataset_count;
} seine_model_source;

/**
 * The built-in models, those of a folder, and of the templates those whose table no other model makes: a dataset's own
 * model, of this program or of the user's, takes the place of the template. A model of the user's that is wrong, or
 * that reads one that is wrong or runs in a circle, is refused and the others stay; so is a template that a description
 * makes wrong. @p set must be zeroed, and be freed in every case.
 * @return OK; E_USAGE (a setting that no model has); E_NOMEM; E_IO; E_FORMAT (a built-in model is wrong).
 */
SEINE_MUST_USE seine_status seine_model_set_load(const seine_model_source *source, seine_model_set *set,
                                                 seine_error *error);
/**
 * The same for a lake: its folder "models", its datasets. A dataset whose description cannot be read any more has no
 * templates, and the reason is told with the models that are refused. @return as seine_model_set_load; what the catalog
 * returned.
 */
SEINE_MUST_USE seine_status seine_model_set_of_lake(seine_catalog *catalog, const char *const *settings,
                                                    size_t setting_count, seine_model_set *set, seine_error *error);
void seine_model_set_free(seine_model_set *set);
/** The model that makes @p table (seine_model_makes), or NULL. */
const seine_model *seine_model_set_find(const seine_model_set *set, const char *table);
/** Whether it makes @p table: its own, or its log. */
bool seine_model_makes(const seine_model *model, const char *table);
/** The shape of a table that it makes; NULL = it does not. */
const seine_table_schema *seine_model_shape(const seine_model *model, const char *table);
/** Leaves the models of these tables only. */
void seine_model_set_keep(seine_model_set *set, const char *const *tables, size_t count);
/** Takes a model out of the set and every model that reads its table; @p why becomes its reason. NULL: a built-in one
 * of a dataset that the lake does not have, which is nothing to tell. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_model_set_refuse(seine_model_set *set, size_t index, const char *why);

#endif

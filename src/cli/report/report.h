/**
 * @file cli/report/report.h
 * What a dataset of a lake holds, told by SQL over its tables and by the rows of its ledger, all of one moment: parts
 * of `seine report`, not for other commands.
 */
#ifndef SEINE_CLI_REPORT_REPORT_H
#define SEINE_CLI_REPORT_REPORT_H

#include "cli/cli.h"
#include "columns/dataset.h"
#include "engine/engine.h"
#include "table/catalog/catalog.h"
#include "table/ledger.h"

/** Tables that a report reads: silver.NAME, silver.NAME_rejects, gold.NAME_last_state, gold.NAME_top_speeds. */
enum {
    SEINE_REPORT_SILVER,
    SEINE_REPORT_REJECTS,
    SEINE_REPORT_LAST_STATE,
    SEINE_REPORT_TOP_SPEEDS,
    SEINE_REPORT_TABLES
};

typedef struct seine_report {
    seine_args *args;
    const seine_dataset *dataset;
    const char *lake;                         /**< as the user names it */
    seine_catalog *catalog;                   /**< what is read of it was read in one transaction */
    seine_table *tables[SEINE_REPORT_TABLES]; /**< NULL = the lake has no such table */
    const char *names[SEINE_REPORT_TABLES];   /**< of all four, "silver.ais" */
    const char *views[SEINE_REPORT_TABLES];   /**< the same as SQL writes them */
    seine_engine *engine;                     /**< has them as views */
    const char **columns;                     /**< of the dataset, by index, as SQL writes them */
    const size_t *texts;                      /**< columns in which patterns of SQL are looked for */
    size_t text_count;
    seine_source *sources; /**< of the ledger */
    size_t source_count;
    seine_arena arena;
} seine_report;

/** Opens the lake and finds the dataset @p name and the columns of --columns. @p report has its args; end it in every
 * case. @return OK, E_NOT_FOUND (no such dataset), E_USAGE (no such column, no text), what reading returned. */
SEINE_MUST_USE seine_status seine_report_open(seine_report *report, const char *name, seine_error *error);
void seine_report_close(seine_report *report);

/** All rows of a query, kept as texts and as numbers. Lies in the report's arena. */
typedef struct seine_answer {
    size_t rows, columns;
    const char **names;
    seine_str *texts; /**< rows × columns, as seine_output_cell writes them; data NULL = null */
    double *numbers;  /**< rows × columns; NaN = null, or no number */
    bool *is_number;  /**< per column */
} seine_answer;

static inline seine_str seine_answer_text(const seine_answer *a, size_t row, size_t column) {
    return a->texts[row * a->columns + column];
}
static inline double seine_answer_number(const seine_answer *a, size_t row, size_t column) {
    return a->numbers[row * a->columns + column];
}
/** A count: 0 where there is none. */
static inline int64_t seine_answer_count(const seine_answer *a, size_t row, size_t column) {
    const double number = seine_answer_number(a, row, column);
    return number == number ? (int64_t)number : 0;
}

/**
 * Asks for rows that are few by what the statement asks for. Ctrl-C ends it.
 * @param sql printf format of the statement; names in it are quoted already.
 * @return OK, E_INTERRUPTED, E_IO, E_FORMAT, E_NOMEM, E_LIMIT (very many rows).
 */
SEINE_MUST_USE seine_status seine_report_ask(seine_report *report, seine_answer *answer, seine_error *error,
                                             const char *sql, ...) SEINE_PRINTF(4, 5);
/** The statement for all rows in which a pattern of SQL is found: columns column, value, pattern; by column as chosen,
 * pattern, id, time. NULL = out of memory. */
const char *seine_report_injections(seine_report *report);
/** The statement for the newest row of each mover: its columns, and of those behind the measures the last value that is
 * known, each on its own; without lineage. In the order of silver. NULL = out of memory. */
const char *seine_report_last_states(seine_report *report);

/** Whether the lake has a table of top speeds in the form of the built-in ones: date_hour, place and others. */
bool seine_report_has_top_speeds(const seine_report *report);
/** The measure whose greatest values a column of it holds: velocity of top_velocity. @return its column, or SIZE_MAX.
 */
size_t seine_report_measure_of(const seine_report *report, const char *column);

/** The page. @p out is begun. @return as seine_report_ask. */
SEINE_MUST_USE seine_status seine_report_page(seine_report *report, seine_buf *out, seine_error *error);

/** Files of --csv: their names, and the statement of each. */
typedef struct seine_report_file {
    const char *name; /**< "top_fastest_per_hour.csv" */
    const char *sql;
} seine_report_file;
#define SEINE_REPORT_FILES 3
/** Which files --csv writes of this dataset. @return OK, E_NOT_FOUND (gold has no rows yet), E_NOMEM … */
SEINE_MUST_USE seine_status seine_report_files(seine_report *report, seine_report_file files[SEINE_REPORT_FILES],
                                               seine_error *error);

#endif

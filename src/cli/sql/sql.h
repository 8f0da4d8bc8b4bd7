/** @file cli/sql/sql.h  Tables of a lake under the SQL engine, and statements over them: what `seine sql` and its shell
 * share. */
#ifndef SEINE_CLI_SQL_SQL_H
#define SEINE_CLI_SQL_SQL_H

#include "cli/cli.h"
#include "cli/output/output.h"
#include "engine/engine.h"
#include "table/catalog/catalog.h"

typedef struct seine_sql {
    seine_args *args;
    seine_catalog *catalog;
    seine_engine *engine; /**< locked: reads the tables' files and nothing else */
    seine_table **tables;
    const char **names;      /**< of the tables */
    seine_pointer *pointers; /**< of the tables in one read transaction */
    size_t table_count;
    bool is_whole;  /**< all tables are wanted */
    bool is_narrow; /**< some were left out, because the statement does not name them */
    seine_arena arena;
    seine_buf query; /**< the statement of the command line */
} seine_sql;

/** Where and how the rows of a statement go. */
typedef struct seine_sql_target {
    seine_output_format format;
    const char *path;        /**< NULL = standard output or @p show */
    size_t most_rows;        /**< of a TABLE, 0 = all */
    seine_output_show *show; /**< of a shell; NULL = none */
    void *context;
    size_t columns; /**< of the screen */
    bool is_downwards;
} seine_sql_target;

/** Runs one statement. Ctrl-C ends it. @return OK, E_USAGE (it does more than read), E_FORMAT, E_IO, E_INTERRUPTED … */
SEINE_MUST_USE seine_status seine_sql_run(seine_sql *s, const char *statement, const seine_sql_target *target,
                                          seine_error *error);

/** The shell, until Ctrl-D or .quit. @p format is the first mode. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_shell_run(seine_sql *s, seine_output_format format, seine_error *error);

#endif

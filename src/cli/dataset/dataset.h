/** @file cli/dataset/dataset.h  Inside of the commands `seine dataset …`. */
#ifndef SEINE_CLI_DATASET_DATASET_H
#define SEINE_CLI_DATASET_DATASET_H

#include "cli/cli.h"
#include "columns/dataset_read.h"

/** Appends what is understood of a dataset, for people. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_dataset_show(const seine_dataset *dataset, seine_buf *out);
/** The same as a JSON object; failures are the writer's. */
void seine_dataset_show_json(const seine_dataset *dataset, seine_json_writer *json);
/** Appends a table that a dataset makes, with its columns. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_dataset_show_table(const seine_table_schema *table, seine_buf *out);
void seine_dataset_show_table_json(const seine_table_schema *table, seine_json_writer *json);

#endif

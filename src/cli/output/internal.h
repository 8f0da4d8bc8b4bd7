/** @file cli/output/internal.h  What the forms of output share; not for commands. */
#ifndef SEINE_CLI_OUTPUT_INTERNAL_H
#define SEINE_CLI_OUTPUT_INTERNAL_H

#include "base/buf.h"
#include "cli/output/output.h"
#include "io/file.h"
#include "parquet/writer.h"

typedef struct seine_output_table seine_output_table;
typedef struct seine_output_parquet seine_output_parquet;
typedef struct seine_output_place seine_output_place;

struct seine_output {
    seine_output_format format;
    const seine_output_shape *shape;
    seine_file_writer *file; /* NULL = standard output */
    seine_buf text;          /* waiting to be written */
    uint64_t rows;
    size_t columns;          /* of the screen that a TABLE is fitted to; 0 = as wide as it is */
    bool is_downwards;       /* a TABLE has a line for each value */
    seine_output_show *show; /* takes the text instead of standard output; NULL = none */
    void *show_context;
    seine_output_table *table;
    seine_output_parquet *parquet;
    seine_output_place *place; /* GEOPARQUET and GPKG */
};

/** Appends a cell as text without quotes; a null appends nothing. */
SEINE_MUST_USE seine_status seine_output_cell(seine_buf *text, const seine_vec *vec, size_t row);
bool seine_output_is_null(const seine_vec *vec, size_t row);
/** Whether a column of this engine type is a number, also when it comes as text. */
bool seine_output_is_number(const char *type);
/** Writes `text` out when it is large, or always. */
SEINE_MUST_USE seine_status seine_output_flush(seine_output *output, bool always, seine_error *error);

/* Rows kept and aligned at the end. */
SEINE_MUST_USE seine_status seine_output_table_open(seine_output *output, size_t most_rows);
SEINE_MUST_USE seine_status seine_output_table_rows(seine_output *output, const seine_rows *rows);
bool seine_output_table_is_full(const seine_output *output);
/** Appends the whole table to output->text. */
SEINE_MUST_USE seine_status seine_output_table_end(seine_output *output);
void seine_output_table_free(seine_output *output);

/* Rows with a place. */

/** Finds the columns of the place. GEOPARQUET: output->shape gets the columns that are added. @return OK, E_USAGE … */
SEINE_MUST_USE seine_status seine_output_place_open(seine_output *output, const char *path, seine_error *error);
/** @p more receives the rows with geometry and bounds added, valid until the next call. */
SEINE_MUST_USE seine_status seine_output_place_extend(seine_output *output, const seine_rows *rows, seine_rows *more,
                                                      seine_error *error);
/** What a GeoParquet file says of itself, known at its end. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_output_place_metadata(seine_output *output, seine_parquet_extra *extra);
SEINE_MUST_USE seine_status seine_output_gpkg_rows(seine_output *output, const seine_rows *rows, seine_error *error);
SEINE_MUST_USE seine_status seine_output_gpkg_end(seine_output *output, seine_status so_far, seine_error *error);
void seine_output_place_free(seine_output *output);

/* Row groups by the product's own writer. */
SEINE_MUST_USE seine_status seine_output_parquet_open(seine_output *output, const char *path, seine_error *error);
SEINE_MUST_USE seine_status seine_output_parquet_rows(seine_output *output, const seine_rows *rows, seine_error *error);
SEINE_MUST_USE seine_status seine_output_parquet_end(seine_output *output, seine_status so_far, seine_error *error);

#endif

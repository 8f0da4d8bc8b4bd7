/**
 * @file cli/output/output.h
 * Rows of a query as a table for the eye, CSV, JSON, JSON Lines, Parquet, GeoParquet or GeoPackage, to standard output
 * or whole into a file. A place is a column lat or latitude with a column lon, lng or longitude.
 */
#ifndef SEINE_CLI_OUTPUT_OUTPUT_H
#define SEINE_CLI_OUTPUT_OUTPUT_H

#include "columns/vec.h"

typedef enum seine_output_format {
    SEINE_OUTPUT_TABLE,
    SEINE_OUTPUT_CSV,
    SEINE_OUTPUT_JSON,
    SEINE_OUTPUT_JSONL,
    SEINE_OUTPUT_PARQUET,
    SEINE_OUTPUT_GEOPARQUET, /**< GeoParquet 1.1: as PARQUET, with a point or line for each row that has a place */
    SEINE_OUTPUT_GPKG        /**< GeoPackage 1.3: one layer of them, named like the file */
} seine_output_format;

/** Names of all formats, as seine_format_choose takes them. */
#define SEINE_OUTPUT_FORMATS "table csv json jsonl parquet geoparquet gpkg"
/** @param name one of SEINE_OUTPUT_FORMATS. */
seine_output_format seine_output_format_of(const char *name);

/** What the rows look like. Everything is borrowed and must live as long as the output. */
typedef struct seine_output_shape {
    size_t column_count;
    const char *const *names;
    const char *const *types; /**< the engine's type names; tell which texts are numbers */
    const bool *is_json;      /**< whose texts are JSON; NULL = none */
    const char *file;         /**< what the file is called in the end, which names the layer; NULL = as its path */
} seine_output_shape;

typedef struct seine_output seine_output;

/**
 * @param path file that appears whole at the end, NULL = standard output (not for PARQUET, GEOPARQUET, GPKG).
 * @param most_rows TABLE keeps at most so many rows for printing, 0 = all.
 * @return OK; E_USAGE also when two columns have one name and the format has names as keys; E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_output_open(seine_output_format format, const char *path,
                                              const seine_output_shape *shape, size_t most_rows, seine_output **output,
                                              seine_error *error);
/** Takes text that is to be shown. */
typedef seine_status seine_output_show(void *context, seine_str text, seine_error *error);
/**
 * For a shell, before the first rows: text goes to @p show instead of standard output, a TABLE whole and fitted to
 * @p columns (0 = not): wide columns are shortened with …, and when that is not enough, or with @p is_downwards, each
 * value has a line of its own.
 */
void seine_output_to_screen(seine_output *output, seine_output_show *show, void *context, size_t columns,
                            bool is_downwards);
/** Takes a batch; its memory may be reused afterwards. Give the empty batch at the end too: it carries the types. */
SEINE_MUST_USE seine_status seine_output_rows(seine_output *output, const seine_rows *rows, seine_error *error);
/** @return whether more rows would not be shown, so that the query may be ended. */
bool seine_output_is_full(const seine_output *output);
/**
 * Ends and frees the output. With @p so_far other than OK nothing appears under the file's name and @p so_far is
 * returned.
 */
SEINE_MUST_USE seine_status seine_output_close(seine_output *output, seine_status so_far, seine_error *error);

#endif

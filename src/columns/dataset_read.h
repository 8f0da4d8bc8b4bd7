/**
 * @file columns/dataset_read.h
 * Datasets from their YAML (docs/datasets.md), and those that are compiled in (datasets/).
 *
 * Pure: the text is all that is looked at. Whatever is wrong with it is one line that names file, line and key, and
 * says what to write: `buses.yaml line 12: columns.speed.unit: kmh is no unit; did you mean km/h?`.
 */
#ifndef SEINE_COLUMNS_DATASET_READ_H
#define SEINE_COLUMNS_DATASET_READ_H

#include "base/arena.h"
#include "columns/dataset.h"

/**
 * Finds the file of a time zone (base/zone.h), into @p arena. @return OK; E_NOMEM; anything else: *error says why there
 * is none, and which was meant.
 */
typedef seine_status (*seine_zone_read_fn)(const char *name, seine_arena *arena, seine_str *bytes, seine_error *error);

/** Where values of a dataset's settings come from: the command line, the environment, a file. */
typedef struct seine_dataset_settings {
    /** @return the text of a setting, or NULL: the dataset's own value holds. NULL: that of all of them does. */
    const char *(*value)(void *context, const char *name);
    void *context;
    const char *ids; /**< names of silver's columns in the order of their field ids, blanks between them; NULL = as they
                          stand. Those that it does not have come after them */
    seine_zone_read_fn read_zone; /**< NULL = a zone by name is refused */
} seine_dataset_settings;

/**
 * The value of NAME=value among lines: a .env, or what a lake keeps. Blanks around both and quotes around the value go;
 * of several the last one holds. In @p arena; NULL = none, or out of memory.
 */
const char *seine_dataset_setting_of(seine_arena *arena, const char *lines, const char *name);

/**
 * Reads a dataset. It lies in @p arena with all it points to, @p text copied.
 * @param file for messages.
 * @param settings NULL = the dataset's own values.
 * @return OK, E_FORMAT (something is wrong with the text), E_USAGE (a value of @p settings), E_LIMIT (larger than
 * base/yaml.h allows), E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_dataset_read(seine_str text, const char *file, const seine_dataset_settings *settings,
                                               seine_arena *arena, const seine_dataset **dataset, seine_error *error);

/**
 * Whether the description @p now says of rows what @p then said, but for columns that it adds (*added of them): only
 * such may take its place where rows were made by it. @p doc, word, outputs and the hours of silences do not count. @p
 * file names the later one.
 * @return OK; E_FORMAT names the line that differs, and what to do; E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_dataset_compare(const char *then, const char *now, const char *file, size_t *added,
                                                  seine_error *error);

/** @return whether a dataset may have a column of this name: letters a-z, digits and _, no word of SQL, not lineage. */
bool seine_dataset_is_column_name(const char *name);
/** Whether a column of that name can be the id: tables of events, and gold ones, have columns of their own. */
bool seine_dataset_is_id_name(const char *name);

/** @return whether files cannot tell two names of a column apart: case, blanks, points, - and _ do not count. */
bool seine_dataset_is_same_name(const char *a, const char *b);

/** A dataset that is compiled in. */
typedef struct seine_dataset_file {
    const char *name; /**< "telematics" */
    const unsigned char *bytes;
    size_t size;
} seine_dataset_file;
/** Made by the build from datasets/, by name. */
extern const seine_dataset_file seine_dataset_files[];
extern const size_t seine_dataset_file_count;

/** @return the YAML of a dataset that is compiled in, or one with data NULL when there is none of that name. */
seine_str seine_dataset_built_in(const char *name);

#endif

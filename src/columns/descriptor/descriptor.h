/**
 * @file columns/descriptor/descriptor.h
 * Inside of seine_dataset_read: a YAML tree is taken apart map by map, and whatever is wrong is told with file, line
 * and key. Files of this folder, each using only those before it: descriptor.c, names.c, column.c, time.c, rule.c,
 * tables.c; dataset_read.c is the way through them. extend.c compares two of them.
 */
#ifndef SEINE_COLUMNS_DESCRIPTOR_DESCRIPTOR_H
#define SEINE_COLUMNS_DESCRIPTOR_DESCRIPTOR_H

#include "base/try.h"
#include "base/yaml.h"
#include "columns/dataset_read.h"

/** What is known while a descriptor is read. */
typedef struct seine_descriptor {
    const char *file;
    seine_arena *arena;
    const seine_dataset_settings *given; /**< NULL = none */
    const seine_yaml *root;
    seine_dataset dataset; /**< its parts are set as they are read; columns, rules, settings are those below */
    seine_dataset_column columns[SEINE_DATASET_COLUMNS_MAX];
    const seine_yaml *column_nodes[SEINE_DATASET_COLUMNS_MAX]; /**< where they stand */
    seine_dataset_rule rules[SEINE_DATASET_RULES_MAX];
    seine_dataset_setting settings[SEINE_DATASET_SETTINGS_MAX];
    const seine_yaml *setting_nodes[SEINE_DATASET_SETTINGS_MAX];
    bool setting_is_used[SEINE_DATASET_SETTINGS_MAX];
    seine_error *error;
} seine_descriptor;

/* ---- descriptor.c: complaints, values by key ---- */

/** Tells `FILE line N: columns.speed.unit: …` of @p value. @return SEINE_E_FORMAT. */
seine_status seine_descriptor_refuse(const seine_descriptor *d, const seine_yaml *value, const char *format, ...)
    SEINE_PRINTF(3, 4);
/** The same for a word that is none of @p known: @p what is said first, then the nearest of them, or all. */
seine_status seine_descriptor_refuse_word(const seine_descriptor *d, const seine_yaml *value, const char *what,
                                          const char *word, const char *const *known, size_t count);
/** @p value is a map without any other keys than @p keys, or null. */
SEINE_MUST_USE seine_status seine_descriptor_keys(const seine_descriptor *d, const seine_yaml *value,
                                                  const char *const *keys, size_t count);

/* Values of a map by key. A key that is not there, or null, leaves what the caller has set. */

SEINE_MUST_USE seine_status seine_descriptor_text(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                                  const char **text);
SEINE_MUST_USE seine_status seine_descriptor_number(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                                    double *number);
SEINE_MUST_USE seine_status seine_descriptor_flag(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                                  bool *flag);
/** One of @p words, as its index. */
SEINE_MUST_USE seine_status seine_descriptor_choice(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                                    const char *const *words, size_t count, size_t *index);
/** One text or a list of 1 to @p most texts. */
SEINE_MUST_USE seine_status seine_descriptor_texts(const seine_descriptor *d, const seine_yaml *map, const char *key,
                                                   size_t most, const char *const **texts, size_t *count);

/* ---- names.c: what may be called how ---- */

/** A name of a dataset or column: letters a-z, digits, _; a letter first; not too long. */
SEINE_MUST_USE seine_status seine_descriptor_check_name(const seine_descriptor *d, const seine_yaml *value,
                                                        const char *name);
/** No column may be called like lineage, a word of SQL, or a column before it. */
SEINE_MUST_USE seine_status seine_descriptor_check_column(const seine_descriptor *d, const seine_yaml *value,
                                                          const char *name);
/** No two columns may have one name in files. */
SEINE_MUST_USE seine_status seine_descriptor_check_file_names(const seine_descriptor *d);

/* ---- column.c ---- */

/** Reads `settings`. */
SEINE_MUST_USE seine_status seine_descriptor_settings(seine_descriptor *d);
/** The value of a setting that @p value names. */
SEINE_MUST_USE seine_status seine_descriptor_setting(seine_descriptor *d, const seine_yaml *value, const char *name,
                                                     double *number);
/** A number as of seine_descriptor_number, or `${NAME}`: the value of a setting. */
SEINE_MUST_USE seine_status seine_descriptor_limit(seine_descriptor *d, const seine_yaml *map, const char *key,
                                                   double *number);
/** Adds @p column with the name, doc and names that stand at @p node, where they do; of no unknown value. */
SEINE_MUST_USE seine_status seine_descriptor_add(seine_descriptor *d, const seine_yaml *node,
                                                 const seine_dataset_column *column);
/** Reads `measures` or `columns`. */
SEINE_MUST_USE seine_status seine_descriptor_columns(seine_descriptor *d, const char *key, bool are_measures);

/* ---- time.c: the section `time`, `time_zone`, `valid_from` ---- */

SEINE_MUST_USE seine_status seine_descriptor_time(seine_descriptor *d);
/** Reads `wrap_days`, which is there when a column wraps, and only then. */
SEINE_MUST_USE seine_status seine_descriptor_wrap(seine_descriptor *d);

/* ---- rule.c ---- */

/** Reads `rules`. */
SEINE_MUST_USE seine_status seine_descriptor_rules(seine_descriptor *d);

/* ---- tables.c ---- */

/** Makes the schemas of silver.<name> and silver.<name>_rejects. */
SEINE_MUST_USE seine_status seine_descriptor_tables(seine_descriptor *d);

#endif

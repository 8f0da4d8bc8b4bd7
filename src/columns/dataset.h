/**
 * @file columns/dataset.h
 * A dataset: a declared kind of input. Which column is the id, the time, the place; what the other columns are called
 * in files, what values they may have, which rows are refused and why, which of two rows with one key stays. A dataset
 * is a YAML file (datasets/, docs/datasets.md); ships are one of them. Decoders, tables, paths and names follow from
 * it (DESIGN sections 1 and 2).
 *
 * Silver of a dataset always has its columns in this order, so that a place in it is known by counting:
 *
 *     id, ts, lat, lon, up to three measures │ everything else │ source_file, source_row, source_url, ingested_at
 *     a fix holds these itself               │ statics: a code │ lineage
 *
 * A measure is what differs from fix to fix (speed, course). What a mover mostly repeats (its name, its state) costs
 * four bytes a fix, however many columns it is (columns/fix.h).
 */
#ifndef SEINE_COLUMNS_DATASET_H
#define SEINE_COLUMNS_DATASET_H

#include "base/zone.h"
#include "columns/schema.h"

#include <stdint.h>

#define SEINE_DATASET_NAME_MAX 40    /**< bytes of a name: a-z, 0-9, _; a letter first */
#define SEINE_DATASET_COLUMNS_MAX 64 /**< columns of silver, lineage too */
#define SEINE_DATASET_MEASURES_MAX 3
#define SEINE_DATASET_NAMES_MAX 24  /**< names of one column in files */
#define SEINE_DATASET_WORDS_MAX 256 /**< words of one column */
#define SEINE_DATASET_RULES_MAX 32
#define SEINE_DATASET_SETTINGS_MAX 16
#define SEINE_DATASET_LINEAGE 4 /**< columns, the last ones */

/** Index in silver. */
enum { SEINE_DATASET_ID, SEINE_DATASET_TIME, SEINE_DATASET_LAT, SEINE_DATASET_LON, SEINE_DATASET_MEASURES };

/** A text in files that stands for a value. */
typedef struct seine_dataset_word {
    const char *text;  /**< compared with the field as it is, or, when the column ignores form, by letters and digits */
    const char *value; /**< what it means, in the form of a field; NULL = null */
    bool is_prefix;    /**< the field may go on behind it; a * in it is any text */
} seine_dataset_word;

typedef struct seine_dataset_column {
    const char *name; /**< in silver */
    seine_type type;  /**< STRING, INT, DOUBLE or BOOLEAN; of the time TIMESTAMPTZ */
    const char *unit; /**< "" = none */
    const char *doc;
    /** Names in files, in order of preference: compared without case, blanks, points, hyphens and underscores. In JSON
     * a point leads into an object. */
    const char *const *names;
    size_t name_count;
    double least, most;   /**< both inclusive; infinite = no limit */
    double unknown;       /**< a number that is sent for "not available": null, not counted; NaN = none */
    double scale, offset; /**< value = number of the file × scale + offset; limits are of the value */
    double wrap;          /**< files that use the first names only: a negative number is so much too small; 0 = never */
    const seine_dataset_word *words;
    size_t word_count;
    bool ignores_form; /**< words are compared by their letters and digits, without case */
    bool trims;        /**< blanks around a text go; around numbers they always do */
    bool truncates;    /**< a fraction of an INT is cut; otherwise it is no value */
} seine_dataset_column;

/** Whole numbers, of 32 bits or of those that a double holds exactly: every number of a file is read as one. */
static inline bool seine_dataset_is_whole(seine_type type) { return type == SEINE_TYPE_INT || type == SEINE_TYPE_LONG; }
#define SEINE_DATASET_LONG_MOST (INT64_C(1) << 53)
/** The greatest value of such a type; the least one is that below zero, and of an INT one less. */
static inline double seine_dataset_whole_most(seine_type type) {
    return type == SEINE_TYPE_INT ? (double)INT32_MAX : (double)SEINE_DATASET_LONG_MOST;
}
static inline double seine_dataset_whole_least(seine_type type) {
    return type == SEINE_TYPE_INT ? (double)INT32_MIN : -(double)SEINE_DATASET_LONG_MOST;
}

/** What a rule refuses; otherwise such a value becomes null and is counted, and the row stays. */
enum {
    SEINE_REFUSE_MISSING = 1, /**< null, or no such field */
    SEINE_REFUSE_FAULT = 2,   /**< a text that is no value */
    SEINE_REFUSE_RANGE = 4    /**< a number outside its limits */
};

/** Rows are refused by the first rule that applies. Id and time come first; they are never null. */
typedef struct seine_dataset_rule {
    size_t column;
    unsigned refuse;    /**< SEINE_REFUSE_… */
    const char *reason; /**< first word of the reason, a-z: the step under which the row is counted */
} seine_dataset_rule;

/** What is made of a dataset beside its silver: bits, and the words for them in descriptions, in this order. */
enum {
    SEINE_OUTPUT_GAPS = 1,      /**< silences: events.<name>_gaps */
    SEINE_OUTPUT_HOURS = 2,     /**< hourly cells and traffic */
    SEINE_OUTPUT_MOVERS = 4,    /**< days of each mover, and what is known of it last */
    SEINE_OUTPUT_MAP = 8,       /**< what tiles are made from */
    SEINE_OUTPUT_ENRICHED = 16, /**< nearest port, speed category, weather of each fix; needs a speed in knots */
    SEINE_OUTPUT_FISHING = 32,  /**< events of fishing, of scored messages: events.<name>_fishing */
    SEINE_OUTPUT_SEGMENTS = 64  /**< which ship each fix of an id is of: silver.<name>_segments */
};
#define SEINE_OUTPUT_COUNT 7
#define SEINE_OUTPUT_ALL (SEINE_OUTPUT_FISHING - 1U) /**< but for the last two, which a description has to name */
extern const char *const seine_dataset_output_words[SEINE_OUTPUT_COUNT];

/** A number that a user may change without changing the dataset: it was resolved when the dataset was read. */
typedef struct seine_dataset_setting {
    const char *name; /**< "MAX_VELOCITY" */
    const char *doc;
    double fallback; /**< what the dataset says */
    double value;    /**< what holds: that, or what the user set */
    bool is_asked;   /**< {NAME} in an address of an API stands for it; no row depends on it */
} seine_dataset_setting;

typedef enum seine_dataset_id_kind {
    SEINE_ID_TEXT,  /**< any text of at least one byte */
    SEINE_ID_NUMBER /**< digits only; leading zeros go (base/mmsi.h) */
} seine_dataset_id_kind;

typedef enum seine_dataset_time_kind {
    SEINE_TIME_ISO,    /**< base/time.h; without an offset it is in the dataset's */
    SEINE_TIME_UNIX,   /**< a number since 1970, in units of time_unit_us */
    SEINE_TIME_PATTERN /**< %Y %y %m %d %H %I %p %M %S (with fraction) %z, anything else as it stands */
} seine_dataset_time_kind;

typedef struct seine_dataset {
    const char *name;                    /**< "ais" */
    const char *doc;                     /**< what it is, one sentence */
    const char *word;                    /**< what a mover is called: vessel, vehicle */
    const char *text;                    /**< the YAML it was read from; what a lake keeps of it */
    const seine_dataset_column *columns; /**< all but lineage, in the order of silver */
    size_t column_count;                 /**< of these */
    size_t measure_count;                /**< 0 … SEINE_DATASET_MEASURES_MAX */
    const seine_dataset_rule *rules;     /**< in order; those that a setting turns off are left out */
    size_t rule_count;
    const seine_dataset_setting *settings;
    size_t setting_count;

    seine_dataset_id_kind id_kind;
    seine_dataset_time_kind time_kind;
    double time_unit_us;               /**< UNIX: 1e6 = seconds */
    const char *time_pattern;          /**< PATTERN */
    int32_t time_offset_s;             /**< east of Greenwich; of times that tell none */
    const seine_zone *time_zone;       /**< whose clocks these were read from instead; NULL = that offset */
    int64_t valid_from_us;             /**< earlier times are refused */
    int64_t wrap_from_us, wrap_end_us; /**< columns' wrap is of times from the one up to the other; both 0 = of all */
    bool needs_position;               /**< rules refuse rows without a good one */
    bool is_sexagesimal; /**< latitude and longitude are degrees, minutes and seconds with a letter, as text */
    bool keeps_last;     /**< of two rows with one (id, ts) the greatest (source name, row) stays, else the least */
    char csv_delimiter;  /**< 0 = found out by the header */
    char csv_decimal;    /**< '.' or ',' */
    bool is_latin1;      /**< text of files is ISO 8859-1, else UTF-8 */
    unsigned outputs;    /**< SEINE_OUTPUT_…: what the detectors and the templates of models make of it */
    double gap_hours;    /**< a longer silence is a gap; 0 = as long as the one who refreshes says */
    double gate_kn;      /**< on a map nothing goes faster; 0 = anything may (core/gate.h) */
    /** Limits of segments (seine/segment.h); 0 = as the one who refreshes says. */
    double segment_max_hours, segment_max_knots, segment_gate_knots;
    bool fishes_by_rules;     /**< scores of fishing are made by rules (seine/fishing_score.h), whatever ones it has */
    double fishing_gap_hours; /**< a longer silence ends fishing; 0 = as long as the detector says (seine/fishing.h) */

    /** Tables silver.<name> and silver.<name>_rejects; NULL: those of that name in columns/schema.h. */
    const seine_table_schema *silver, *rejects;
    const seine_table_schema *raw; /**< bronze.<name>_raw, of records as they are received (columns/raw_table.h) */
    bool keeps_records;            /**< bodies of an API go there record by record; else they are files */
} seine_dataset;

/** Ships are described by this program: their tables are those of columns/schema.h. */
static inline bool seine_dataset_is_of_ships(const seine_dataset *dataset) { return dataset->silver == NULL; }

/** Index of the first measure in knots; SIZE_MAX = there is none. */
size_t seine_dataset_knots(const seine_dataset *dataset);

/** What columns of datasets tell the same are called, the first ones first. */
typedef struct seine_column_names {
    const char *names[4];
    const char *unit; /**< of numbers and flags; NULL: a text */
} seine_column_names;
/** Index of the first column behind the position that has such a name and unit; SIZE_MAX = there is none. */
size_t seine_dataset_named(const seine_dataset *dataset, const seine_column_names *names);

/** How many columns behind the measures are statics, and where the first one is. */
static inline size_t seine_dataset_statics_first(const seine_dataset *dataset) {
    return SEINE_DATASET_MEASURES + dataset->measure_count;
}
static inline size_t seine_dataset_statics_count(const seine_dataset *dataset) {
    return dataset->column_count - seine_dataset_statics_first(dataset);
}
/** Columns of lineage by index in silver: source_file, then source_row, source_url, ingested_at. */
static inline size_t seine_dataset_lineage_first(const seine_dataset *dataset) { return dataset->column_count; }

/** Tables silver.<name> and silver.<name>_rejects. */
const seine_table_schema *seine_dataset_silver(const seine_dataset *dataset);
const seine_table_schema *seine_dataset_rejects(const seine_dataset *dataset);

/** The first measure that is a speed (its unit is one of speed), by index in silver; SIZE_MAX = none is. */
size_t seine_dataset_speed(const seine_dataset *dataset);

/** Ships. */
const seine_dataset *seine_dataset_ais(void);

#endif

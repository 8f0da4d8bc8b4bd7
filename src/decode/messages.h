/**
 * @file decode/messages.h
 * Position messages (SPEC section 2.2) of JSON or CSV text as a table. Every row keeps what detection needs and refers
 * to its text for the rest.
 *
 * Pure: no files, no clock; safe on any bytes. The text is one JSON array of objects, or objects one after the other
 * (JSON Lines is one form of that), or CSV, with an optional byte order mark. The records are those of
 * decode/json/records.h and decode/csv_objects.h; what is a message's own is here: values are as they stand in JSON.
 */
#ifndef SEINE_DECODE_MESSAGES_H
#define SEINE_DECODE_MESSAGES_H

#include "base/buf.h"
#include "base/dict.h"
#include "decode/csv_objects.h"
#include "decode/json/records.h"

/**
 * Times are refused beyond this many seconds from 1970 (years 1716 to 2223): a message in milliseconds is a mistake.
 */
#define SEINE_MESSAGE_TIME_LIMIT_S 8e9
/** Longest number in quotes, bytes. */
#define SEINE_MESSAGE_NUMBER_TEXT 31
/** Most messages of one table. */
#define SEINE_MESSAGES_MAX UINT32_MAX
/** Most inputs of one table. */
#define SEINE_MESSAGES_INPUTS_MAX UINT16_MAX
/** Longest message and longest text in it, bytes; deepest nesting of a message, itself counted. */
#define SEINE_MESSAGE_MAX_BYTES ((size_t)16 << 20)
#define SEINE_MESSAGE_TEXT_MAX_BYTES SEINE_JSON_TEXT_MAX_BYTES
#define SEINE_MESSAGE_DEEPEST SEINE_JSON_DEEPEST

/** Keys a message may lack; detection says so only when it needs them. ssvid and timestamp are always there. */
enum { SEINE_MESSAGE_LAT = 1, SEINE_MESSAGE_LON = 2, SEINE_MESSAGE_RECEIVER = 4, SEINE_MESSAGE_SHORE = 8 };

typedef struct seine_message {
    double time_s;           /**< Unix seconds UTC at full precision */
    double lat_deg, lon_deg; /**< as given, NaN = null or not there */
    double shore_m;          /**< distance_from_shore_m, NaN = null or not there */
    uint64_t offset;         /**< of its object or row in the text of its input */
    uint32_t size;           /**< of that, bytes */
    uint32_t mover;          /**< code in seine_messages.movers */
    uint16_t input;          /**< index in seine_messages.inputs */
    uint8_t receiver;        /**< seine_receiver */
    uint8_t keys;            /**< SEINE_MESSAGE_… it has, null or not */
} seine_message;

/** Most further fields of one table. */
#define SEINE_MESSAGES_FIELDS_MAX 16

/** A further key that detection reads: numbers as they are (NaN = null or not there), texts as a hash. */
typedef struct seine_messages_field {
    const char *key;
    bool is_text; /**< else a number, in quotes or not */
} seine_messages_field;

/** Value of one further field of one message. */
typedef union seine_messages_value {
    double number; /**< NaN = null or not there */
    uint64_t text; /**< seine_messages_text_hash; 0 = null or not there */
} seine_messages_value;

/** One text that messages came from; borrowed. */
typedef struct seine_messages_input {
    const char *name; /**< for errors */
    const char *unit; /**< what a line of the text is to the user: "line" or "row" */
    seine_str text;
    seine_csv_objects *csv; /**< where it is CSV: its header; of the table, else NULL */
} seine_messages_input;

typedef struct seine_messages {
    seine_pace *pace;                   /**< of reading; borrowed, may be NULL */
    seine_buf inputs;                   /**< seine_messages_input[] */
    seine_buf rows;                     /**< seine_message[] */
    seine_dict movers;                  /**< ssvid as JSON text: "\"123\"", "123", "null" */
    uint8_t keys_of_all;                /**< keys that every message has */
    const seine_messages_field *fields; /**< set by seine_messages_want; borrowed */
    size_t field_count;
    seine_buf values;    /**< seine_messages_value[], field_count per row */
    bool lacks_key;      /**< reading ended at one without ssvid or timestamp */
    bool may_lack_ssvid; /**< set before reading: a message without ssvid is one of the mover null (SPEC 2.6) */
} seine_messages;

/** The rows of the table and their number. */
static inline const seine_message *seine_messages_rows(const seine_messages *messages, size_t *count) {
    *count = messages->rows.size / sizeof(seine_message);
    return (const seine_message *)(const void *)messages->rows.data;
}

/** An empty table; its rows may take @p rows_max_bytes (0: SEINE_MESSAGES_MAX rows). Does not allocate. */
void seine_messages_init(seine_messages *messages, size_t rows_max_bytes, seine_pace *pace);

/** Values of the further fields of row @p row. */
static inline const seine_messages_value *seine_messages_values(const seine_messages *messages, size_t row) {
    return (const seine_messages_value *)(const void *)messages->values.data + row * messages->field_count;
}

/** Asks for further fields, at most SEINE_MESSAGES_FIELDS_MAX; after init and before the first read. */
void seine_messages_want(seine_messages *messages, const seine_messages_field *fields, size_t count);
/** Bytes that one row takes, its further fields included. */
static inline size_t seine_messages_row_bytes(const seine_messages *messages) {
    return sizeof(seine_message) + messages->field_count * sizeof(seine_messages_value);
}
/** Hash of a text as it stands between its quotes, or of the digits of a number; never 0. */
uint64_t seine_messages_text_hash(seine_str text);

/**
 * Adds all messages of @p text, which is JSON, to the table; a text of blanks alone has none, as the array [] has none.
 * @p name, @p unit and @p text must outlive it.
 * @return OK, E_FORMAT (not JSON; a mandatory key is missing; a value is of the wrong kind; names input, line and
 * key), E_LIMIT (more than a table, a message or a text may hold, or nested too deep; names input, line and limit),
 * E_NOMEM, E_INTERRUPTED. Free the table in every case.
 */
SEINE_MUST_USE seine_status seine_messages_read(seine_messages *messages, seine_str text, const char *name,
                                                const char *unit, seine_error *error);
/** The same of CSV; its lines are called rows. @return also E_FORMAT where decode/csv_objects.h does. */
SEINE_MUST_USE seine_status seine_messages_read_csv(seine_messages *messages, seine_str text, const char *name,
                                                    seine_error *error);
/** A message as JSON, as it stands in its input or appended to @p text. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_messages_object(const seine_messages *messages, const seine_message *message,
                                                  seine_buf *text, seine_str *object);
/** Where a message stands: "day.jsonl line 17". */
void seine_messages_place(const seine_messages *messages, const seine_message *message, char place[512]);
/** What a walk found to be wrong with a text of JSON, as an error that names it and the line. @return its status. */
seine_status seine_messages_fault(const seine_json_object *object, seine_str text, const char *name, const char *unit,
                                  seine_error *error);
void seine_messages_free(seine_messages *messages);

/** Line of byte @p offset in @p text, from 1. */
size_t seine_messages_line(seine_str text, uint64_t offset);

/**
 * Code of a mover by its ssvid as JSON text ("\"123\"" and "123" are two movers; escapes are resolved). @p add: new
 * ones get a code.
 * @return OK (*code SEINE_CODE_NULL when absent), E_FORMAT (neither text, number nor null), E_NOMEM, E_LIMIT.
 */
SEINE_MUST_USE seine_status seine_messages_mover(seine_messages *messages, seine_str json, bool add, uint32_t *code);
/** The ssvid as it stands in ids: text without quotes, number text, "None" for null. */
seine_str seine_messages_ssvid(const seine_messages *messages, uint32_t mover);

#endif

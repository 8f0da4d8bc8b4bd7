/**
 * @file decode/json/records.h
 * Records of a dataset in JSON text: one array of objects, or objects one after the other (JSON Lines is one form of
 * that). Pure; safe on any bytes; as strict as RFC 8259.
 *
 * A record that is no JSON, no object, nested deeper than SEINE_JSON_DEEPEST or with a text of more than
 * SEINE_JSON_TEXT_MAX_BYTES is refused with the reason `json`, and so is what stands between records where nothing
 * should. It ends where its brackets close, or before a line that begins with an object, whichever comes first; what
 * is no object at all ends at the next comma or bracket of the array, the next object or the end of the line.
 *
 * Of two values of one key the last one is taken. A name of a column with points leads into objects; null is as if the
 * key were not there. Objects and arrays where a value is meant are taken as the text they are.
 */
#ifndef SEINE_DECODE_JSON_RECORDS_H
#define SEINE_DECODE_JSON_RECORDS_H

#include "decode/fix_decoder.h"
#include "decode/json/object.h"

/** Where in a file the text is that comes next. Zeroes are the start of a file. */
typedef struct seine_json_cutter {
    uint8_t place; /* private */
} seine_json_cutter;

/**
 * How many bytes of @p text are whole records, which can be decoded as a block of their own; what is behind them is to
 * come again with more text behind it. Objects that stand on lines are not looked at for that.
 * @param is_end no more text follows: all of it is taken.
 * @param name of the file, for messages.
 * @return OK (*whole 0: not even one, nothing has changed), E_FORMAT (neither an array nor objects; something behind
 * the array; at the end: an array that was not closed).
 */
SEINE_MUST_USE seine_status seine_json_whole(seine_json_cutter *cutter, seine_str text, bool is_end, const char *name,
                                             size_t *whole, seine_error *error);

/** Decodes whole records, cut like that or by hand. Fills a zeroed @p batch. @return OK, E_NOMEM, E_LIMIT. */
SEINE_MUST_USE seine_status seine_fix_decode_json(seine_fix_decoder *decoder, seine_str block, seine_fix_batch *batch);
/** Decodes lines, each of which is a record, whatever is in it: an object and nothing else, or it is refused. The last
 * one needs no end. @return as seine_fix_decode_json. */
SEINE_MUST_USE seine_status seine_fix_decode_json_lines(seine_fix_decoder *decoder, seine_str block,
                                                        seine_fix_batch *batch);

/** Records of a text that must be right throughout: those of an array, or one after the other. */
typedef struct seine_json_walk {
    seine_json_object object; /**< set by the caller but for its scan's text; without a plan any value is a record */
    uint8_t place;            /* private */
} seine_json_walk;

/** Goes to the start of @p text, behind a byte order mark. */
void seine_json_walk_begin(seine_json_walk *walk, seine_str text);
/**
 * The next record, as it stands; its values are in the object. @return false at the end of the text, or at the first
 * fault: then the scan tells it, or object.status is not OK.
 */
bool seine_json_walk_next(seine_json_walk *walk, seine_str *record);

#endif

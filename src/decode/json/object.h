/**
 * @file decode/json/object.h
 * An object of JSON text, and of its values those under keys that mean something, by column (decode/json/plan.h), in
 * one pass. Pure; safe on any bytes.
 */
#ifndef SEINE_DECODE_JSON_OBJECT_H
#define SEINE_DECODE_JSON_OBJECT_H

#include "base/progress.h"
#include "decode/json/plan.h"
#include "decode/json/text.h"

/** Where objects are read. The caller fills it in, and moves the scan from one object to the next. */
typedef struct seine_json_object {
    seine_json_scan scan;
    seine_json_plan *plan;
    seine_str *value; /**< by column; data NULL = none */
    size_t column_count;
    /**
     * Where texts lose their escapes, emptied for each object. Then values are as they read, without quotes; null is as
     * if the key were not there, and of two values the last counts. NULL: values are as they stand, null too, keys are
     * not rid of their escapes, and a key that stands twice is a fault (SEINE_JSON_TWICE).
     */
    seine_buf *scratch;
    size_t scratch_bytes; /**< what all texts of one object may need of it, so that they do not move */
    seine_pace *pace;     /**< of the values; may be NULL */
    seine_str key;        /**< the last one that the scan was under, without quotes */
    uint64_t nested;      /**< bit c: what column c has is an object or an array */
    seine_status status;  /**< E_NOMEM, E_LIMIT or E_INTERRUPTED, when it was no fault of the text */
    uint8_t rank[SEINE_DATASET_COLUMNS_MAX]; /* private: of the key that a value is from */
} seine_json_object;

/** Bytes of text that are a step of work. */
#define SEINE_JSON_STEP_BYTES 64

/** Takes the object on which the scan stands. @return false: the scan tells a fault, or status is not OK. */
bool seine_json_object_take(seine_json_object *object);

#endif

/**
 * @file seine/status.h
 * Outcome codes and error text shared by every Seine function.
 */
#ifndef SEINE_STATUS_H
#define SEINE_STATUS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define SEINE_API __attribute__((visibility("default")))
#define SEINE_MUST_USE __attribute__((warn_unused_result))
#define SEINE_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define SEINE_API
#define SEINE_MUST_USE
#define SEINE_PRINTF(fmt, first)
#endif

/** Outcome of a call. Numbers are stable; new ones are only added at the end. */
typedef enum seine_status {
    SEINE_OK = 0,             /**< done */
    SEINE_E_USAGE = 1,        /**< an argument, option or setting is wrong; ask the user */
    SEINE_E_SPACE = 2,        /**< a caller buffer is too small: grow it and call again */
    SEINE_E_FULL = 3,         /**< an output view is full: drain it and call again */
    SEINE_E_ORDER = 4,        /**< an input row is earlier than the one before it */
    SEINE_E_NOMEM = 5,        /**< an allocation failed */
    SEINE_E_LIMIT = 6,        /**< a stated maximum was reached */
    SEINE_E_IO = 7,           /**< the operating system refused a read or write */
    SEINE_E_FORMAT = 8,       /**< input bytes are not what they should be */
    SEINE_E_NOT_FOUND = 9,    /**< no such file, table, source, snapshot */
    SEINE_E_EXISTS = 10,      /**< it is there already */
    SEINE_E_CONFLICT = 11,    /**< somebody else committed first: re-read and re-plan */
    SEINE_E_BUSY = 12,        /**< locked, or leased by somebody else: try later */
    SEINE_E_VERSION = 13,     /**< made by a newer version of Seine */
    SEINE_E_UNSUPPORTED = 14, /**< valid, but not handled here */
    SEINE_E_INTERRUPTED = 15, /**< the user asked to stop */
    SEINE_E_UNKNOWN = 16,     /**< outcome of a commit could not be learnt */
    SEINE_E_INTERNAL = 17,    /**< a defect of Seine */
    SEINE_E_AWAY = 18         /**< a server that is needed does not answer, or says "later": wait for it */
} seine_status;

/** Text of the last failure, owned by the caller. Every function takes it last and accepts NULL. */
typedef struct seine_error {
    seine_status status;
    char text[1024];
} seine_error;

/** @return a fixed lower-case word for @p status, such as "not found"; never NULL. */
SEINE_API const char *seine_status_text(seine_status status);

/**
 * Fills @p error (may be NULL) and returns @p status, so that a failure is one line:
 * `return seine_fail(err, SEINE_E_FORMAT, "%s line %zu: latitude %s ...", ...)`. The text of SEINE_E_NOMEM always says
 * that memory was short, whatever was being done.
 */
SEINE_API seine_status seine_fail(seine_error *error, seine_status status, const char *format, ...) SEINE_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif

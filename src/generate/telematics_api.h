/**
 * @file generate/telematics_api.h
 * The upstream API of SPEC 5.1 as a stand-in for it answers, rightly or, on demand, wrongly: what clients are tested
 * with. It knows no HTTP library; any thread may ask.
 *
 *     GET /upstream/vehicle_messages?amount=N      a JSON array of N random messages of the last hour
 *
 * Further parameters: seed=S, the same messages whenever they are asked for; fault=NAME, what is wrong with this
 * answer; bytes=N, how long the text of fault=long is.
 */
#ifndef SEINE_GENERATE_TELEMATICS_API_H
#define SEINE_GENERATE_TELEMATICS_API_H

#include "generate/telematics.h"

#define SEINE_TELEMATICS_PATH "/upstream/vehicle_messages"
#define SEINE_TELEMATICS_AMOUNT 100         /**< without amount= */
#define SEINE_TELEMATICS_AMOUNT_MAX 1000000 /**< more are refused */

typedef enum seine_telematics_fault_kind {
    SEINE_FAULT_OK,
    SEINE_FAULT_STATUS,  /**< an answer of this code; 429 and 503 ask to come back in a second */
    SEINE_FAULT_SLOW,    /**< nothing for a while, then the answer */
    SEINE_FAULT_STALL,   /**< half of it, nothing for a while, then the rest */
    SEINE_FAULT_CUT,     /**< half of it, then the connection ends */
    SEINE_FAULT_RESET,   /**< the connection ends without an answer */
    SEINE_FAULT_PAGE,    /**< 200 with a page */
    SEINE_FAULT_EMPTY,   /**< 200 with nothing */
    SEINE_FAULT_OBJECT,  /**< 200 with an object that tells of an error */
    SEINE_FAULT_BROKEN,  /**< an array without its end */
    SEINE_FAULT_TWINS,   /**< messages that have a key twice */
    SEINE_FAULT_NUMBERS, /**< a message with numbers that no type holds */
    SEINE_FAULT_NAN,     /**< a message with NaN, which is no JSON */
    SEINE_FAULT_DEEP,    /**< arrays in arrays, 100,000 of them */
    SEINE_FAULT_LONG     /**< one text of a GiB, or bytes= */
} seine_telematics_fault_kind;

typedef struct seine_telematics_fault {
    seine_telematics_fault_kind kind;
    int status; /**< of STATUS */
} seine_telematics_fault;

/** All names with commas between, for help. */
#define SEINE_TELEMATICS_FAULTS \
    "ok, 400 to 599, slow, stall, cut, reset, page, empty, object, broken, twins, numbers, nan, deep, long"
/** @return OK, E_USAGE with all names. */
SEINE_MUST_USE seine_status seine_telematics_fault_parse(const char *name, seine_telematics_fault *fault,
                                                         seine_error *error);

typedef struct seine_telematics_api_options {
    seine_telematics messages;            /**< at_us 0: the clock's time at each request */
    const seine_telematics_fault *script; /**< what is wrong with the first requests, one after the other */
    size_t script_count;
    int64_t wait_us;                /**< of SLOW and STALL */
    const seine_progress *progress; /**< its stop ends all waiting; may be NULL */
} seine_telematics_api_options;

typedef struct seine_telematics_api seine_telematics_api;
/** What @p options points to must outlive the API. @return NULL when out of memory. */
seine_telematics_api *seine_telematics_api_new(const seine_telematics_api_options *options);
void seine_telematics_api_free(seine_telematics_api *api); /**< NULL is allowed */

/** An answer; its body is asked for piece by piece. */
typedef struct seine_telematics_answer {
    int status;
    const char *content_type;
    int retry_after_s; /**< 0 = not told */
    bool is_reset;     /**< end the connection instead */
    seine_telematics_fault_kind kind;
    const seine_telematics_api *api;
    seine_telematics messages;
    uint64_t amount, next;
    uint64_t left; /**< bytes of LONG, arrays of DEEP */
    bool has_begun, has_stalled;
    char text[256]; /**< a body that is not messages */
} seine_telematics_answer;

/** The value of a parameter of the query; NULL = not given. */
typedef const char *(*seine_telematics_parameter_fn)(void *context, const char *name);

/** Fills *answer for a GET; may wait (SLOW). */
void seine_telematics_api_ask(seine_telematics_api *api, const char *path, seine_telematics_parameter_fn parameter,
                              void *context, seine_telematics_answer *answer);
/** Appends the next piece of the body, about 64 KiB. *is_end tells that it is the last one. @return OK; another status:
 * the connection is to end here. */
SEINE_MUST_USE seine_status seine_telematics_answer_more(seine_telematics_answer *answer, seine_buf *out, bool *is_end);

#endif

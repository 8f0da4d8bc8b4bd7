/** @file columns/receiver.h  What a receiver_type stands for (SPEC 2.2). */
#ifndef SEINE_COLUMNS_RECEIVER_H
#define SEINE_COLUMNS_RECEIVER_H

#include "base/str.h"
#include "seine/track.h"

/** @return seine_receiver, in the width in which columns have it; any text that is none of the three is OTHER. */
static inline uint8_t seine_receiver_of(seine_str text) {
    if (seine_str_equal(text, SEINE_STR("terrestrial"))) return SEINE_RECEIVER_TERRESTRIAL;
    if (seine_str_equal(text, SEINE_STR("satellite"))) return SEINE_RECEIVER_SATELLITE;
    if (seine_str_equal(text, SEINE_STR("dynamic"))) return SEINE_RECEIVER_DYNAMIC;
    return SEINE_RECEIVER_OTHER;
}

#endif

/* Words that may have been meant: few letters apart, or an abbreviation. */
#include "base/spelling.h"

#include <stdint.h>

#define MAX_DISTANCE 3

seine_spelling seine_spelling_of(seine_str word) { return (seine_spelling){.word = word, .distance = SIZE_MAX}; }

void seine_spelling_offer(seine_spelling *spelling, const char *candidate) {
    const seine_str text = seine_str_of(candidate);
    size_t distance = seine_str_distance(spelling->word, text);
    const bool is_start = spelling->word.size >= 2 && spelling->word.size < text.size &&
                          memcmp(spelling->word.data, text.data, spelling->word.size) == 0;
    if (is_start && distance > 1) distance = 1; /* an abbreviation is a likely meaning */
    if (distance < spelling->distance) {
        spelling->distance = distance;
        spelling->best = candidate;
    }
}

const char *seine_spelling_best(const seine_spelling *spelling) {
    const size_t third = spelling->word.size / 3 + 1;
    const size_t most = third < MAX_DISTANCE ? third : MAX_DISTANCE;
    return spelling->distance <= most ? spelling->best : NULL;
}

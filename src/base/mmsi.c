#include "base/mmsi.h"

static bool all_digits(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.size > 0;
}

seine_str seine_mmsi_canonical(seine_str id, char room[SEINE_MMSI_DIGITS]) {
    enum { COAST_DIGITS = 7 };
    if (id.size >= SEINE_MMSI_DIGITS && id.data[0] != '0') return id; /* almost every id */
    if (!all_digits(id)) return id;
    while (id.size > 1 && id.data[0] == '0') id = (seine_str){id.data + 1, id.size - 1};
    if (id.size < COAST_DIGITS || id.size >= SEINE_MMSI_DIGITS || id.data[0] < '2' || id.data[0] > '7') return id;
    memset(room, '0', SEINE_MMSI_DIGITS);
    memcpy(room + SEINE_MMSI_DIGITS - id.size, id.data, id.size);
    return (seine_str){room, SEINE_MMSI_DIGITS};
}

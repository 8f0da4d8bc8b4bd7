#include "base/mmsi.h"

static bool all_digits(seine_str text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    return text.size > 0;
}

seine_str seine_mmsi_canonical(seine_str id) {
    if (id.size < 2 || id.data[0] != '0' || !all_digits(id)) return id; /* almost every id */
    while (id.size > 1 && id.data[0] == '0') id = (seine_str){id.data + 1, id.size - 1};
    return id;
}

bool seine_mmsi_nine(seine_str id, char nine[SEINE_MMSI_DIGITS]) {
    id = seine_mmsi_canonical(id);
    if (id.size > SEINE_MMSI_DIGITS || !all_digits(id)) return false;
    memset(nine, '0', SEINE_MMSI_DIGITS);
    memcpy(nine + SEINE_MMSI_DIGITS - id.size, id.data, id.size);
    return true;
}

#include "core/ais_code.h"

#include "base/mmsi.h"

#include <stdbool.h>
#include <string.h>

#define MID_DIGITS 3
#define IMO_DIGITS 7

typedef struct type_name {
    int32_t first, last;
    const char *name;
} type_name;

static const type_name types[] = {
    {0, 0, "Not available"},
    {20, 29, "Wing in ground"},
    {30, 30, "Fishing"},
    {31, 32, "Towing"},
    {33, 33, "Dredging or underwater operations"},
    {34, 34, "Diving operations"},
    {35, 35, "Military operations"},
    {36, 36, "Sailing"},
    {37, 37, "Pleasure craft"},
    {40, 49, "High-speed craft"},
    {50, 50, "Pilot vessel"},
    {51, 51, "Search and rescue vessel"},
    {52, 52, "Tug"},
    {53, 53, "Port tender"},
    {54, 54, "Anti-pollution vessel"},
    {55, 55, "Law enforcement vessel"},
    {56, 57, "Local vessel"},
    {58, 58, "Medical transport"},
    {59, 59, "Ship of a state not party to an armed conflict"},
    {60, 69, "Passenger"},
    {70, 79, "Cargo"},
    {80, 89, "Tanker"},
    {90, 99, "Other"},
    {1001, 1002, "Fishing"},
    {1003, 1004, "Cargo"},
    {1005, 1011, "Other"},
    {1012, 1015, "Passenger"},
    {1016, 1016, "Cargo"},
    {1017, 1017, "Tanker"},
    {1018, 1018, "Other"},
    {1019, 1019, "Pleasure craft"},
    {1020, 1022, "Other"},
    {1023, 1023, "Towing"},
    {1024, 1024, "Tanker"},
    {1025, 1025, "Towing"},
};

const char *seine_ais_type_name(int32_t code) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (code >= types[i].first && code <= types[i].last) return types[i].name;
    return NULL;
}

static bool all_digits(const char *text, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (text[i] < '0' || text[i] > '9') return false;
    return true;
}

static int32_t number_at(const char *text) { return (text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'); }

/* Where the country digits stand. */
static size_t mid_at(const char *mmsi) {
    if (memcmp(mmsi, "111", 3) == 0) return 3;
    if (memcmp(mmsi, "00", 2) == 0 || memcmp(mmsi, "98", 2) == 0 || memcmp(mmsi, "99", 2) == 0) return 2;
    return mmsi[0] == '0' || mmsi[0] == '8' ? 1 : 0;
}

const seine_ais_mid *seine_ais_mid_of(const char *mmsi, size_t size) {
    char nine[SEINE_MMSI_DIGITS];
    if (!seine_mmsi_nine((seine_str){mmsi, size}, nine)) return NULL;
    const int32_t digits = number_at(nine + mid_at(nine));
    size_t first = 0, last = seine_ais_mid_count;
    while (first < last) {
        const size_t middle = (first + last) / 2;
        if (seine_ais_mids[middle].digits < digits)
            first = middle + 1;
        else
            last = middle;
    }
    return first < seine_ais_mid_count && seine_ais_mids[first].digits == digits ? &seine_ais_mids[first] : NULL;
}

/* Where the digits would begin: behind blanks and "IMO". */
static size_t imo_digits_at(const char *text, size_t size) {
    size_t at = 0;
    while (at < size && text[at] == ' ') at++;
    if (size - at > 3 && (text[at] | 32) == 'i' && (text[at + 1] | 32) == 'm' && (text[at + 2] | 32) == 'o') at += 3;
    while (at < size && text[at] == ' ') at++;
    return at;
}

size_t seine_imo_number_at(const char *text, size_t size) {
    const size_t at = imo_digits_at(text, size);
    while (size > at && text[size - 1] == ' ') size--;
    if (size - at != IMO_DIGITS || !all_digits(text + at, IMO_DIGITS)) return SIZE_MAX;
    int sum = 0, digits = 0;
    for (int i = 0; i < IMO_DIGITS - 1; i++) {
        sum += (text[at + (size_t)i] - '0') * (IMO_DIGITS - i);
        digits += text[at + (size_t)i] - '0';
    }
    return digits > 0 && sum % 10 == text[at + IMO_DIGITS - 1] - '0' ? at : SIZE_MAX;
}

/* The table of units: exact definitions (nautical mile 1852 m, foot 0.3048 m), so that conversions are, too. */
#include "columns/unit.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEGREE (180 / 3.14159265358979323846)

static const seine_unit units[] = {
    {"km/h", "speed", 1, 0},
    {"kn", "speed", 1.852, 0},
    {"m/s", "speed", 3.6, 0},
    {"mph", "speed", 1.609344, 0},
    {"ft/s", "speed", 1.09728, 0},
    {"m", "length", 1, 0},
    {"km", "length", 1000, 0},
    {"cm", "length", 0.01, 0},
    {"mm", "length", 0.001, 0},
    {"ft", "length", 0.3048, 0},
    {"mi", "length", 1609.344, 0},
    {"nmi", "length", 1852, 0},
    {"deg", "angle", 1, 0},
    {"rad", "angle", DEGREE, 0},
    {"deg/s", "turn", 60, 0},
    {"deg/min", "turn", 1, 0},
    {"rad/s", "turn", 60 * DEGREE, 0},
    {"s", "time", 1, 0},
    {"ms", "time", 0.001, 0},
    {"min", "time", 60, 0},
    {"h", "time", 3600, 0},
    {"d", "time", 86400, 0},
    {"C", "temperature", 1, 0},
    {"K", "temperature", 1, -273.15},
    {"F", "temperature", 5.0 / 9, -160.0 / 9},
    {"hPa", "pressure", 1, 0},
    {"Pa", "pressure", 0.01, 0},
    {"kPa", "pressure", 10, 0},
    {"bar", "pressure", 1000, 0},
    {"psi", "pressure", 68.947572931683609, 0},
    {"kg", "mass", 1, 0},
    {"g", "mass", 0.001, 0},
    {"t", "mass", 1000, 0},
    {"lb", "mass", 0.45359237, 0},
    {"l", "volume", 1, 0},
    {"m3", "volume", 1000, 0},
    {"m/s2", "acceleration", 1, 0},
    {"g0", "acceleration", 9.80665, 0},
    {"%", "share", 1, 0},
    {"V", "voltage", 1, 0},
    {"mV", "voltage", 0.001, 0},
    {"A", "current", 1, 0},
    {"W", "power", 1, 0},
    {"kW", "power", 1000, 0},
    {"kWh", "energy", 1, 0},
    {"rpm", "rotation", 1, 0},
    {"Hz", "frequency", 1, 0},
    {"dB", "level", 1, 0},
    {"dBm", "signal", 1, 0},
};

const seine_unit *seine_units(size_t *count) {
    *count = COUNT(units);
    return units;
}

const seine_unit *seine_unit_find(const char *name) {
    for (size_t i = 0; i < COUNT(units); i++)
        if (strcmp(units[i].name, name) == 0) return &units[i];
    return NULL;
}

bool seine_unit_convert(const seine_unit *from, const seine_unit *to, double *scale, double *offset) {
    if (strcmp(from->kind, to->kind) != 0) return false;
    *scale = from == to ? 1 : from->factor / to->factor;
    *offset = from == to ? 0 : (from->zero - to->zero) / to->factor;
    return true;
}

#include "cli/duration.h"

#include "base/number.h"

#define MOST_US (INT64_C(31) * 86400 * 1000000)

seine_status seine_cli_duration(const seine_args *args, const char *option, int64_t least_us, int64_t *duration_us,
                                seine_error *error) {
    static const struct {
        const char *unit;
        int64_t us;
    } units[] = {{"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}, {"d", 86400000000}};
    const char *text = seine_args_text(args, option);
    const seine_str all = seine_str_of(text);
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        const seine_str unit = seine_str_of(units[u].unit);
        int64_t number = 0;
        if (!seine_str_ends_with_nocase(all, unit) || all.size == unit.size) continue;
        if (!seine_integer_parse((seine_str){text, all.size - unit.size}, &number)) continue;
        if (number < 0 || number > MOST_US / units[u].us || number * units[u].us < least_us) break;
        *duration_us = number * units[u].us;
        return SEINE_OK;
    }
    return seine_fail(error, SEINE_E_USAGE, "--%s %s: a number with s, m, h or d behind it, up to 31d: 30s, 5m", option,
                      text);
}

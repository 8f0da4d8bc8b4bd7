/* Single-value serialisation as far as bounds need it: comparing and checking (ICEBERG.md section 5). */
#include "base/time.h"
#include "base/try.h"
#include "table/table.h"

static uint64_t little(const uint8_t *bytes, size_t size) {
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/* Maps a double's bits to integers of the same order, -0.0 before +0.0. */
static int64_t double_order(const uint8_t bytes[8]) {
    const uint64_t bits = little(bytes, 8);
    return (bits >> 63) != 0 ? (int64_t)(~bits ^ (UINT64_C(1) << 63)) : (int64_t)bits;
}

static int compare_numbers(int64_t a, int64_t b) { return (a > b) - (a < b); }

int seine_bounds_compare(seine_type type, const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return compare_numbers(a[0], b[0]);
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return compare_numbers((int32_t)little(a, 4), (int32_t)little(b, 4));
    case SEINE_TYPE_LONG: /* a column that was an int has bounds of four bytes in older files */
        return compare_numbers(a_size == 4 ? (int32_t)little(a, 4) : (int64_t)little(a, 8),
                               b_size == 4 ? (int32_t)little(b, 4) : (int64_t)little(b, 8));
    case SEINE_TYPE_TIMESTAMPTZ: return compare_numbers((int64_t)little(a, 8), (int64_t)little(b, 8));
    case SEINE_TYPE_DOUBLE: return compare_numbers(double_order(a), double_order(b));
    default: return seine_str_compare((seine_str){(const char *)a, a_size}, (seine_str){(const char *)b, b_size});
    }
}

static bool size_fits(seine_type type, size_t size) {
    switch (type) {
    case SEINE_TYPE_BOOLEAN: return size == 1;
    case SEINE_TYPE_INT:
    case SEINE_TYPE_DATE: return size == 4;
    case SEINE_TYPE_LONG: return size == 8 || size == 4;
    case SEINE_TYPE_TIMESTAMPTZ:
    case SEINE_TYPE_DOUBLE: return size == 8;
    default: return size <= 64;
    }
}

static bool is_nan(const uint8_t bytes[8]) {
    return (little(bytes, 8) & ~(UINT64_C(1) << 63)) > UINT64_C(0x7ff0000000000000);
}

const char *seine_bounds_problem(seine_type type, const seine_column_stats *stats) {
    if (!stats->has_bounds) return NULL;
    if (type == SEINE_TYPE_BINARY) return "bounds of bytes are not written";
    if (!size_fits(type, stats->lower_size) || !size_fits(type, stats->upper_size)) return "a bound has a wrong length";
    if (type == SEINE_TYPE_DOUBLE && (is_nan(stats->lower) || is_nan(stats->upper))) return "a bound is NaN";
    if (seine_bounds_compare(type, stats->lower, stats->lower_size, stats->upper, stats->upper_size) > 0)
        return "the lower bound is above the upper one";
    if (stats->value_count >= 0 && stats->value_count == stats->null_count) return "bounds without a value";
    return NULL;
}

seine_status seine_table_next_version(seine_table *log, const seine_table_schema *schema, int64_t now_us,
                                      int64_t *version, seine_error *error) {
    const size_t column = seine_schema_column(schema, "version");
    const seine_live_file *files = NULL;
    size_t count = 0;
    *version = now_us / SEINE_SECOND_US;
    if (log == NULL) return SEINE_OK;
    SEINE_TRY(seine_table_files(log, &files, &count, error));
    for (size_t i = 0; i < count; i++) {
        const seine_column_stats *stats = files[i].file.stats;
        int64_t least, greatest;
        if (!seine_stats_range(stats != NULL ? &stats[column] : NULL, &least, &greatest)) continue;
        if (greatest >= *version) *version = greatest + 1;
    }
    return SEINE_OK;
}

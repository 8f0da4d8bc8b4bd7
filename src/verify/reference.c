/* Reference tables: what was read of their files against the ledger, and the validity of their rows. */
#include "base/try.h"
#include "refresh/reference.h"
#include "verify/internal.h"

#include <inttypes.h>

static seine_status check_content(seine_verification *v, const char *name, seine_hash128 content, size_t rows,
                                  seine_error *error) {
    seine_partition_row *ledger = NULL;
    size_t count = 0;
    SEINE_TRY(seine_ledger_partitions(v->catalog, name, &v->arena, &ledger, &count, error));
    const int64_t said = count > 0 ? ledger[0].rows : 0;
    const seine_hash128 sum = count > 0 ? ledger[0].content : (seine_hash128){0};
    if (said != (int64_t)rows || !seine_hash128_equal(sum, content))
        seine_verify_finding(v, "%s: %zu rows whose content is not that of the %" PRId64 " rows of the ledger", name,
                             rows, said);
    return SEINE_OK;
}

/* Rows are ordered by key, then valid_from: two of one key overlap only when neighbours do. */
static void check_ports(seine_verification *v, const seine_reference *r) {
    for (size_t i = 1; i < r->port_count; i++) {
        const seine_reference_port *before = &r->ports[i - 1], *port = &r->ports[i];
        if (seine_str_equal(before->port_id, port->port_id) && before->valid_to_us > port->valid_from_us)
            seine_verify_finding(v, "ref.ports: two rows of port %.*s hold at once", SEINE_STR_ARG(port->port_id));
    }
}

static void check_weather(seine_verification *v, const seine_reference *r) {
    for (size_t i = 1; i < r->weather_count; i++) {
        const seine_reference_weather *before = &r->weather[i - 1], *weather = &r->weather[i];
        if (before->lat_grid == weather->lat_grid && before->lon_grid == weather->lon_grid &&
            before->observed_us == weather->observed_us && before->valid_to_us > weather->valid_from_us)
            seine_verify_finding(v, "ref.weather: two rows of cell %d, %d and one time hold at once",
                                 (int)weather->lat_grid, (int)weather->lon_grid);
    }
}

seine_status seine_verify_references(seine_verification *v, seine_error *error) {
    if (seine_verify_table(v, "ref.ports") == NULL || seine_verify_table(v, "ref.weather") == NULL) return SEINE_OK;
    seine_reference reference SEINE_OWNED(seine_reference_free) = {.port_count = 0};
    SEINE_TRY(seine_reference_read(v->catalog, v->engine, &reference, error));
    SEINE_TRY(check_content(v, "ref.ports", reference.ports_content, reference.port_count, error));
    SEINE_TRY(check_content(v, "ref.weather", reference.weather_content, reference.weather_count, error));
    check_ports(v, &reference);
    check_weather(v, &reference);
    return SEINE_OK;
}

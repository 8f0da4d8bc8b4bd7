/* links: refresh table engine io columns core base */
/* What reference tables may tell fixes (seine_job_references) against what the step makes of them. */
#include "base/time.h"
#include "core_support.h"
#include "refresh/enrichment.h"

#include <math.h>

#define PORTS 40
#define WEATHER 60
#define FIXES 24
#define DAY_US (24 * 3600 * SEINE_SECOND_US)
#define HOUR_US (3600 * SEINE_SECOND_US)

/* Tables, and the enrichment of them. */
typedef struct world {
    seine_reference_port ports[PORTS];
    seine_reference_weather weather[WEATHER];
    size_t port_count, weather_count;
} world;

static double between(uint64_t *seed, double least, double most) {
    return least + (most - least) * ((double)(next_random(seed) >> 11) / 9007199254740992.0);
}

static seine_hash128 hash_of(double a, double b) {
    const double parts[] = {a, b};
    return seine_hash128_of(parts, sizeof parts);
}

/* Near a corner of weather cells, the pole or 180 degrees; and anywhere. */
static void some_place(uint64_t *seed, size_t where, double *lat_deg, double *lon_deg) {
    static const double corners[][2] = {{0.5, 0.5},  {-48.5, 20.5}, {89.8, 10}, {-90, 0},
                                        {10, 179.7}, {10, -179.7},  {0, 0}};
    const size_t corner = where % 8;
    *lat_deg = corner == 7 ? between(seed, -90, 90) : fmax(-90, fmin(90, corners[corner][0] + between(seed, -1, 1)));
    *lon_deg =
        corner == 7 ? between(seed, -180, 180) : fmax(-180, fmin(180, corners[corner][1] + between(seed, -1, 1)));
}

static void random_validity(uint64_t *seed, int64_t *from_us, int64_t *to_us) {
    const int64_t start_us = (int64_t)(next_random(seed) % 48) * HOUR_US;
    *from_us = next_random(seed) % 2 == 0 ? SEINE_REFERENCE_EVER_US : start_us;
    *to_us = next_random(seed) % 2 == 0 ? SEINE_REFERENCE_FOREVER_US
                                        : start_us + (1 + (int64_t)(next_random(seed) % 24)) * HOUR_US;
}

static void random_port(uint64_t *seed, size_t number, seine_reference_port *port) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    *port = (seine_reference_port){.port_id = {letters + number, 1}, .name = {letters + number / 2, 1}};
    some_place(seed, next_random(seed), &port->lat_deg, &port->lon_deg);
    random_validity(seed, &port->valid_from_us, &port->valid_to_us);
    port->hash = hash_of(port->lat_deg + (double)number * 1000, port->lon_deg);
}

static void random_weather(uint64_t *seed, seine_reference_weather *weather) {
    double lat_deg, lon_deg;
    some_place(seed, next_random(seed), &lat_deg, &lon_deg);
    *weather = (seine_reference_weather){.lat_grid = (int32_t)lround(lat_deg),
                                         .lon_grid = (int32_t)lround(lon_deg),
                                         .observed_us = next_random(seed) % 5 == 0
                                                            ? SEINE_REFERENCE_ALWAYS_US
                                                            : (int64_t)(next_random(seed) % 48) * HOUR_US,
                                         .temperature = (double)(next_random(seed) % 50),
                                         .wind_speed = (double)NAN};
    random_validity(seed, &weather->valid_from_us, &weather->valid_to_us);
}

/* No table has two rows of one cell and time that hold at once. */
static void add_weather(world *w, uint64_t *seed) {
    seine_reference_weather one;
    random_weather(seed, &one);
    for (size_t i = 0; i < w->weather_count; i++) {
        const seine_reference_weather *other = &w->weather[i];
        if (other->lat_grid == one.lat_grid && abs(other->lon_grid) == abs(one.lon_grid) &&
            other->observed_us == one.observed_us)
            return;
    }
    if (w->weather_count < WEATHER) w->weather[w->weather_count++] = one;
}

static world random_world(uint64_t *seed) {
    world w = {.port_count = next_random(seed) % PORTS};
    for (size_t i = 0; i < w.port_count; i++) random_port(seed, i, &w.ports[i]);
    for (uint64_t n = next_random(seed) % WEATHER; n > 0; n--) add_weather(&w, seed);
    return w;
}

/* One row comes, goes or is another one. */
static void change_world(world *w, uint64_t *seed) {
    const uint64_t choice = next_random(seed) % 3;
    if (next_random(seed) % 2 == 0) {
        const size_t at = w->port_count == 0 ? 0 : next_random(seed) % w->port_count;
        if (choice == 0 && w->port_count > 0)
            w->ports[at] = w->ports[--w->port_count];
        else if (choice == 1 && w->port_count > 0)
            random_port(seed, at, &w->ports[at]);
        else if (w->port_count < PORTS)
            random_port(seed, PORTS, &w->ports[w->port_count++]);
        return;
    }
    const size_t at = w->weather_count == 0 ? 0 : next_random(seed) % w->weather_count;
    if (choice <= 1 && w->weather_count > 0) w->weather[at] = w->weather[--w->weather_count];
    if (choice >= 1) add_weather(w, seed);
}

/* Fixes of one mover, mostly in one place. */
typedef struct stay {
    int64_t time_us[FIXES];
    double lat_deg[FIXES], lon_deg[FIXES];
    uint64_t row_ref[FIXES];
    size_t count;
} stay;

static stay random_stay(uint64_t *seed) {
    stay s = {.count = 1 + next_random(seed) % FIXES};
    const size_t where = next_random(seed);
    int64_t time_us = (int64_t)(next_random(seed) % 24) * HOUR_US;
    for (size_t i = 0; i < s.count; i++) {
        s.time_us[i] = time_us;
        time_us += (int64_t)(next_random(seed) % 3000) * SEINE_SECOND_US;
        some_place(seed, where, &s.lat_deg[i], &s.lon_deg[i]);
    }
    return s;
}

static seine_track track_of(const stay *s) {
    return (seine_track){
        .time_us = s->time_us, .lat_deg = s->lat_deg, .lon_deg = s->lon_deg, .row_ref = s->row_ref, .count = s->count};
}

typedef struct told_row {
    const char *port, *id;
    double km, temperature;
} told_row;

/* What the step makes of the fixes. */
static void tell(const seine_enrichment *e, const stay *s, told_row rows[FIXES]) {
    int32_t codes[4][FIXES];
    double numbers[4][FIXES];
    seine_column_out columns[SEINE_ENRICH_COLUMNS] = {[SEINE_ENRICH_PORT] = {.code = codes[0]},
                                                      [SEINE_ENRICH_PORT_ID] = {.code = codes[1]},
                                                      [SEINE_ENRICH_DISTANCE] = {.number = numbers[0]},
                                                      [SEINE_ENRICH_CATEGORY] = {.code = codes[2]},
                                                      [SEINE_ENRICH_TIME] = {.number = numbers[1]},
                                                      [SEINE_ENRICH_FISHING] = {.code = codes[3]},
                                                      [SEINE_ENRICH_TEMPERATURE] = {.number = numbers[2]},
                                                      [SEINE_ENRICH_WIND] = {.number = numbers[3]}};
    uint64_t room[8];
    seine_state state = {.data = (uint8_t *)room, .capacity = sizeof room};
    seine_track track = track_of(s);
    seine_step_out out = {.columns = columns};
    assert_int_equal(seine_enrich_step.init(&e->config, &state), SEINE_OK);
    assert_int_equal(seine_enrich_step.feed(&e->config, &state, &track, &out), SEINE_OK);
    for (size_t i = 0; i < s->count; i++)
        rows[i] = (told_row){codes[0][i] < 0 ? "" : e->config.port_names[codes[0][i]],
                             codes[1][i] < 0 ? "" : e->config.port_ids[codes[1][i]], numbers[0][i], numbers[2][i]};
}

static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static bool same_rows(const told_row *a, const told_row *b, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(a[i].port, b[i].port) != 0 || strcmp(a[i].id, b[i].id) != 0 || !same(a[i].km, b[i].km) ||
            !same(a[i].temperature, b[i].temperature))
            return false;
    return true;
}

static void make(const world *w, seine_enrichment *e, seine_job_run *run) {
    world copy = *w; /* it is brought into another order */
    seine_reference reference = {.ports = copy.ports,
                                 .port_count = copy.port_count,
                                 .weather = copy.weather,
                                 .weather_count = copy.weather_count};
    assert_int_equal(seine_enrichment_make(&reference, 3 * HOUR_US, e), SEINE_OK);
    *run = seine_enrichment_run(e, &seine_job_ais_enriched);
}

/* Two worlds that differ in a few rows: who sees the difference has another hash; and most who do not, have none. */
static void fixes_that_are_enriched_otherwise_were_told_something_else(void **state) {
    (void)state;
    uint64_t seed = 17;
    size_t others = 0, told = 0, looked = 0;
    for (int round = 0; round < 1500; round++) {
        world before = random_world(&seed), after = before;
        seine_enrichment a = {0}, b = {0};
        seine_job_run run_a, run_b;
        for (uint64_t n = 1 + next_random(&seed) % 2; n > 0; n--) change_world(&after, &seed);
        make(&before, &a, &run_a);
        make(&after, &b, &run_b);
        for (int i = 0; i < 20; i++) {
            const stay s = random_stay(&seed);
            const seine_track track = track_of(&s);
            const seine_job_place everywhere = {(int32_t)(s.time_us[0] / DAY_US), 0, -90, 90, -180, 180};
            told_row rows_a[FIXES], rows_b[FIXES];
            tell(&a, &s, rows_a);
            tell(&b, &s, rows_b);
            const bool is_told = !seine_hash128_equal(run_a.references->seen(run_a.config, &track),
                                                      run_b.references->seen(run_b.config, &track));
            const bool is_other = !same_rows(rows_a, rows_b, s.count);
            if (is_other && !is_told) fail_msg("round %d: rows are other ones, the hash is not", round);
            if (is_told && s.time_us[s.count - 1] / DAY_US == s.time_us[0] / DAY_US &&
                seine_hash128_equal(run_a.references->at(run_a.config, &everywhere),
                                    run_b.references->at(run_b.config, &everywhere)))
                fail_msg("round %d: nobody would look", round);
            others += is_other;
            told += is_told;
            looked++;
        }
        seine_enrichment_free(&a);
        seine_enrichment_free(&b);
    }
    print_message("%zu of %zu are other ones, %zu are fed\n", others, looked, told);
    assert_true(others > 500);
    assert_in_range(told, others, looked / 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixes_that_are_enriched_otherwise_were_told_something_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A block is the records of a day. Weather is smooth in place and time: slow waves by latitude, season, hour and a
 * drift of its own, with some noise of each cell and hour. */
#include "generate/sea_records.h"

#include "base/array.h"
#include "base/json.h"
#include "base/quote.h"
#include "base/try.h"
#include "generate/blocks.h"
#include "generate/fleet.h"
#include "generate/put.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DAYS_MAX 366
#define VESSELS_MAX 200000
#define FLEET_INTERVAL_MAX_S 7200
#define WEATHER_INTERVAL_MIN_S 300
#define DAY_S 86400
#define LATITUDES 181
#define LONGITUDES 361
#define ENTRY_KM 3.0 /* SPEC 6.4 */
#define EXIT_KM 4.0
#define EVENT_ID_BYTES 64
#define EVENTS_MAX ((size_t)1 << 28)
#define TURN 6.283185307179586

/* ---- what they share ---- */

typedef struct sea {
    const seine_sea_records *records;
    seine_generate_options options; /* of the fleet */
    seine_fleet fleet;
    bool has_cell[LATITUDES][LONGITUDES]; /* of weather */
    uint64_t rows[SEINE_GENERATE_THREADS_MAX];
    seine_bytes_fn take;
    void *context;
} sea;

/* A value between 0 and 1 that depends on its arguments only. */
static double share(uint64_t seed, uint64_t a, uint64_t b) {
    return (double)(seine_generate_mix(seine_generate_mix(seed, a), b) >> 11) * 0x1p-53;
}

static seine_str time_text(int64_t time_s, char text[20]) {
    return (seine_str){text, (size_t)(seine_put_time(text, time_s, 'T') - text)};
}

/* ---- weather ---- */

static void mark_lane(sea *s, const seine_route *route) {
    for (size_t i = 0; i < route->count; i++) {
        const long lat = lround(route->lat_deg[i]), lon = lround(route->lon_deg[i]);
        const long turned = (lon + 180 + 720) % 360;
        if (lat >= -90 && lat <= 90) s->has_cell[lat + 90][turned] = true;
    }
}

static double temperature_of(uint64_t seed, double lat, double lon, double days) {
    const double season = cos(TURN * (days - 200) / 365.25) * (lat < 0 ? -1 : 1) * fmin(12, fabs(lat) / 4.0);
    const double of_day = cos(TURN * (days + lon / 360.0 - 0.6)) * 2;
    const double drift = sin(TURN * (days / 9 + lon / 60.0 + lat / 40.0 + share(seed, 1, 0))) * 3;
    return 29 - fabs(lat) * 0.42 + season + of_day + drift;
}

static double wind_of(uint64_t seed, double lat, double lon, double days) {
    const double front = sin(TURN * (days / 4 + lon / 45.0 - lat / 30.0 + share(seed, 2, 0)));
    return 4 + fabs(lat) / 12.0 + 4 * front * front;
}

static seine_status put_weather(const sea *s, int lat, int lon, int64_t time_s, seine_buf *text) {
    char when[20];
    const uint64_t seed = s->records->seed;
    const double days = (double)time_s / DAY_S;
    const uint64_t cell = (uint64_t)(lat + 90) * LONGITUDES + (uint64_t)(lon + 180);
    const double noise = share(seed, cell, (uint64_t)time_s) - 0.5;
    const double temperature = temperature_of(seed, lat, lon, days) + noise,
                 wind = wind_of(seed, lat, lon, days) + noise;
    const seine_str time = time_text(time_s, when);
    return seine_buf_printf(text,
                            s->records->is_csv ? "%d,%d,%.*s,%.1f,%.1f\n"
                                               : "{\"lat_grid\":%d,\"lon_grid\":%d,\"timestamp\":\"%.*s\","
                                                 "\"temperature\":%.1f,\"wind_speed\":%.1f}\n",
                            lat, lon, SEINE_STR_ARG(time), temperature, wind);
}

static seine_status put_weather_of_day(sea *s, size_t worker, uint32_t day, seine_buf *text) {
    const int64_t begin_s = (int64_t)(s->records->first_day + (int32_t)day) * DAY_S;
    for (int64_t at = 0; at < DAY_S; at += s->records->interval_s)
        for (int lat = -90; lat <= 90; lat++)
            for (int lon = -180; lon < 180; lon++) {
                if (!s->has_cell[lat + 90][lon + 180]) continue;
                SEINE_TRY(put_weather(s, lat, lon, begin_s + at, text));
                s->rows[worker]++;
            }
    return SEINE_OK;
}

/* ---- port events ---- */

typedef enum { ENTRY, STOP_BEGIN, STOP_END, EXIT } port_event_kind;
static const char *const kind_names[] = {"PORT_ENTRY", "PORT_STOP_BEGIN", "PORT_STOP_END", "PORT_EXIT"};

typedef struct port_event {
    int64_t time_s; /* since the first day */
    uint32_t vessel;
    bool is_far; /* at the other end of its lane */
    port_event_kind kind;
} port_event;

typedef struct event_list {
    port_event *items;
    size_t count, capacity;
} event_list;

static void end_list(event_list *list) { free(list->items); }

/* An event that comes back once a round of the vessel: those of the day. Each falls on one day only, by its second. */
static seine_status add_round(event_list *list, const seine_vessel *vessel, port_event event, double phase_s,
                              int64_t begin_s) {
    const double period_s = 2 * vessel->out_s + vessel->far_s + vessel->home_s;
    const double first_s = phase_s - vessel->phase_s;
    for (double k = floor(((double)begin_s - first_s) / period_s);; k++) {
        event.time_s = (int64_t)floor(first_s + k * period_s);
        if (event.time_s >= begin_s + DAY_S) return SEINE_OK;
        if (event.time_s < begin_s) continue;
        SEINE_TRY(SEINE_ARRAY_ROOM(list->items, list->count, list->capacity, 1, EVENTS_MAX));
        list->items[list->count++] = event;
    }
}

/* It arrives at @p arrives_s of its round and leaves at @p leaves_s. */
static seine_status add_call(event_list *list, const seine_vessel *vessel, port_event event, double arrives_s,
                             double leaves_s, int64_t begin_s) {
    const double s_per_km = vessel->out_s / vessel->far_km;
    const double phases[] = {arrives_s - ENTRY_KM * s_per_km, arrives_s, leaves_s, leaves_s + EXIT_KM * s_per_km};
    for (event.kind = ENTRY; event.kind <= EXIT; event.kind++)
        SEINE_TRY(add_round(list, vessel, event, phases[event.kind], begin_s));
    return SEINE_OK;
}

/* Who turns before the end of the lane, to fish or to wait, is at no port there. */
static seine_status add_vessel(event_list *list, const sea *s, uint32_t index, int64_t begin_s) {
    const seine_vessel *vessel = &s->fleet.vessels[index];
    const double far_s = vessel->out_s, home_s = 2 * vessel->out_s + vessel->far_s;
    const port_event event = {.vessel = index};
    if (vessel->far_km <= ENTRY_KM + EXIT_KM) return SEINE_OK;
    SEINE_TRY(add_call(list, vessel, event, home_s, home_s + vessel->home_s, begin_s));
    if (vessel->fishing_kn > 0 || vessel->far_km < vessel->route->length_km) return SEINE_OK;
    return add_call(list, vessel, (port_event){.vessel = index, .is_far = true}, far_s, far_s + vessel->far_s, begin_s);
}

static int compare_events(const void *a, const void *b) {
    const port_event *x = a, *y = b;
    if (x->time_s != y->time_s) return (x->time_s > y->time_s) - (x->time_s < y->time_s);
    if (x->vessel != y->vessel) return (x->vessel > y->vessel) - (x->vessel < y->vessel);
    return (int)x->kind - (int)y->kind;
}

/* The name of a vessel as the fleet has it, between the first two commas. */
static seine_str name_of(const seine_vessel *vessel) {
    const char *name = vessel->middle + 1, *end = memchr(name, ',', vessel->middle_size - 1U);
    return (seine_str){name, (size_t)(end - name)};
}

/* "366545987-2025-01-01T00:00:56-PORT_ENTRY": one each, also of events of one moment. */
static void event_id(const char *mmsi, seine_str when, const port_event *event, char id[EVENT_ID_BYTES]) {
    (void)snprintf(id, EVENT_ID_BYTES, "%s-%.*s-%s", mmsi, SEINE_STR_ARG(when), kind_names[event->kind]);
}

static seine_status put_event_csv(seine_buf *text, const char *mmsi, seine_str when, const port_event *event,
                                  const char *port, const char *place, seine_str name) {
    char id[EVENT_ID_BYTES];
    event_id(mmsi, when, event, id);
    SEINE_TRY(seine_buf_printf(text, "%s,%s,%.*s,%s,", id, mmsi, SEINE_STR_ARG(when), kind_names[event->kind]));
    SEINE_TRY(seine_csv_field(text, seine_str_of(port)));
    SEINE_TRY(seine_buf_printf(text, ",%s,", place));
    SEINE_TRY(seine_csv_field(text, name));
    return seine_buf_append_str(text, "\n");
}

static seine_status put_event(const sea *s, const port_event *event, seine_buf *text) {
    const seine_vessel *vessel = &s->fleet.vessels[event->vessel];
    const seine_route *route = vessel->route;
    const size_t end = event->is_far ? route->count - 1 : 0;
    const char *port = event->is_far ? route->data->to : route->data->from;
    char id[EVENT_ID_BYTES], mmsi[16], when_text[20], lat[32], lon[32], place[80];
    (void)snprintf(mmsi, sizeof mmsi, "%09u", vessel->mmsi);
    (void)snprintf(lat, sizeof lat, "%.3f", route->lat_deg[end]);
    (void)snprintf(lon, sizeof lon, "%.3f", remainder(route->lon_deg[end], 360));
    (void)snprintf(place, sizeof place, "%s,%s", lat, lon);
    const seine_str when = time_text((int64_t)s->records->first_day * DAY_S + event->time_s, when_text);
    if (s->records->is_csv) return put_event_csv(text, mmsi, when, event, port, place, name_of(vessel));
    seine_json_writer w = seine_json_writer_to(text);
    seine_json_begin_object(&w);
    event_id(mmsi, when, event, id);
    seine_json_field_text(&w, "event_id", id);
    seine_json_field_text(&w, "mmsi", mmsi);
    seine_json_field_str(&w, "timestamp", when);
    seine_json_field_text(&w, "event_type", kind_names[event->kind]);
    seine_json_field_text(&w, "port_name", port);
    seine_json_key(&w, SEINE_STR("latitude"));
    seine_json_put_digits(&w, seine_str_of(lat));
    seine_json_key(&w, SEINE_STR("longitude"));
    seine_json_put_digits(&w, seine_str_of(lon));
    seine_json_field_str(&w, "vessel_name", name_of(vessel));
    seine_json_end_object(&w);
    return w.status == SEINE_OK ? seine_buf_append_str(text, "\n") : w.status;
}

static seine_status put_events_of_day(sea *s, size_t worker, uint32_t day, seine_buf *text) {
    event_list list SEINE_OWNED(end_list) = {.items = NULL};
    for (uint32_t i = 0; i < s->fleet.count; i++) SEINE_TRY(add_vessel(&list, s, i, (int64_t)day * DAY_S));
    if (list.count > 0) qsort(list.items, list.count, sizeof *list.items, compare_events);
    for (size_t i = 0; i < list.count; i++) SEINE_TRY(put_event(s, &list.items[i], text));
    s->rows[worker] += list.count;
    return SEINE_OK;
}

/* ---- days ---- */

static seine_status make_day(void *context, size_t worker, uint64_t day, seine_buf *text, seine_error *error) {
    sea *s = context;
    const bool is_weather = s->records->kind == SEINE_SEA_WEATHER;
    (void)error; /* memory alone can fail */
    if (day == 0 && s->records->is_csv)
        SEINE_TRY(seine_buf_append_str(
            text, is_weather ? "lat_grid,lon_grid,timestamp,temperature,wind_speed\n"
                             : "event_id,mmsi,timestamp,event_type,port_name,latitude,longitude,vessel_name\n"));
    return is_weather ? put_weather_of_day(s, worker, (uint32_t)day, text)
                      : put_events_of_day(s, worker, (uint32_t)day, text);
}

static seine_status take_day(void *context, const seine_packed *packed, seine_error *error) {
    sea *s = context;
    return s->take(s->context, packed->bytes.data, packed->bytes.size, error);
}

static seine_status check(const seine_sea_records *r, seine_error *error) {
    const bool is_weather = r->kind == SEINE_SEA_WEATHER;
    const uint32_t least_s = is_weather ? WEATHER_INTERVAL_MIN_S : 1,
                   most_s = is_weather ? DAY_S : FLEET_INTERVAL_MAX_S;
    if (r->first_day >= 0 && r->days >= 1 && r->days <= DAYS_MAX && r->interval_s >= least_s &&
        r->interval_s <= most_s && (is_weather || (r->vessels >= 1 && r->vessels <= VESSELS_MAX)) && r->threads >= 1 &&
        r->threads <= SEINE_GENERATE_THREADS_MAX && r->packing != SEINE_GENERATE_ZIP)
        return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "generate: an option is out of its range");
}

/* The lanes for weather, or the fleet on them. */
static seine_status open_sea(sea *s, seine_error *error) {
    const seine_sea_records *r = s->records;
    s->options = (seine_generate_options){.first_day = r->first_day,
                                          .days = r->days,
                                          .vessels = r->kind == SEINE_SEA_WEATHER ? 1 : r->vessels,
                                          .interval_s = r->kind == SEINE_SEA_WEATHER ? 300 : r->interval_s,
                                          .seed = r->seed};
    SEINE_TRY(seine_fleet_init(&s->fleet, &s->options, error));
    for (size_t i = 0; i < s->fleet.route_count; i++) mark_lane(s, &s->fleet.routes[i]);
    return SEINE_OK;
}

static void end_sea(sea *s) { seine_fleet_free(&s->fleet); }

seine_status seine_generate_sea_records(const seine_sea_records *records, seine_bytes_fn take, void *context,
                                        const seine_progress *progress, uint64_t *rows, seine_error *error) {
    sea s SEINE_OWNED(end_sea) = {.records = records, .take = take, .context = context};
    *rows = 0;
    SEINE_TRY(check(records, error));
    SEINE_TRY(open_sea(&s, error));
    const seine_blocks blocks = {.count = records->days,
                                 .threads = records->threads,
                                 .packing = records->packing,
                                 .make = make_day,
                                 .take = take_day,
                                 .context = &s,
                                 .progress = progress,
                                 .total = records->days};
    SEINE_TRY(seine_blocks_run(&blocks, error));
    for (uint32_t i = 0; i < records->threads; i++) *rows += s.rows[i];
    return SEINE_OK;
}

/*
 * Tracks. Positions of the wanted vessels come ordered by vessel and time; each track is simplified when its last point
 * is there. Where the lake makes segments a track is one of a segment, with the noise that is of its ship, and a jump
 * is in none; where it does not, a plain gate on implied speed parts them.
 */
#include "base/array.h"
#include "base/dict.h"
#include "base/mmsi.h"
#include "base/time.h"
#include "base/try.h"
#include "core/gate.h"
#include "core/simplify.h"
#include "serve/look_up.h"
#include "serve/movers.h"
#include "serve/params.h"
#include "serve/routes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define POINTS_MAX 5000000 /* of one answer, before they are simplified */
#define DEFAULT_DAYS 30    /* when no start is given */
#define TRACKS_MAX 200

/* Positions of one vessel, growing, or a part of them. */
typedef struct track {
    double *lon, *lat, *sog; /* sog NaN = unknown */
    int64_t *time_us;
    uint32_t *segment; /* code in the writer's segments, or number of the way; 0 where there are none */
    size_t count, capacity;
} track;

/* Positions [first, last) of a track, which are of one segment, and which of them stay. */
typedef struct part {
    track track;
    const uint8_t *keep;
    size_t kept;
} part;

/* The segment that a ship of the mover was in last. */
typedef struct at_last {
    int32_t ship;
    uint32_t segment;
} at_last;
#define SHIPS_MOST 32 /* so many of an id the detector knows at once */

typedef struct track_writer {
    seine_call *call;
    const seine_movers *movers;
    seine_json_writer *w;
    double tolerance_m, gate_kn; /* gate 0 = none */
    bool is_one;                 /* one mover: its members stand in the answer itself */
    bool by_segment;
    size_t segment_column; /* of the rows, where they go by segment; behind it kind and ship */
    seine_dict segments;   /* ids of the mover's segments, in the order in which they begin */
    at_last ships[SHIPS_MOST];
    size_t ship_count; /* as many as there were; they stand in turn */
    track track;
    seine_str id;     /* in the arena */
    const char *name; /* in the arena; NULL = unknown */
    size_t points, tracks;
} track_writer;

static void free_track(track *t) {
    free(t->lon);
    free(t->lat);
    free(t->sog);
    free(t->time_us);
    free(t->segment);
}

static void end_writer(track_writer *tw) {
    free_track(&tw->track);
    seine_dict_free(&tw->segments);
}

static bool grow(track *t) {
    size_t lon = t->capacity, lat = t->capacity, sog = t->capacity, time_us = t->capacity, segment = t->capacity;
    if (SEINE_ARRAY_ROOM(t->lon, t->count, lon, 1, POINTS_MAX) != SEINE_OK ||
        SEINE_ARRAY_ROOM(t->lat, t->count, lat, 1, POINTS_MAX) != SEINE_OK ||
        SEINE_ARRAY_ROOM(t->sog, t->count, sog, 1, POINTS_MAX) != SEINE_OK ||
        SEINE_ARRAY_ROOM(t->segment, t->count, segment, 1, POINTS_MAX) != SEINE_OK ||
        SEINE_ARRAY_ROOM(t->time_us, t->count, time_us, 1, POINTS_MAX) != SEINE_OK)
        return false;
    t->capacity = time_us;
    return true;
}

/* ---- writing ---- */

static void put_point(seine_json_writer *w, const track *t, size_t i) {
    seine_json_begin_array(w);
    seine_json_put_int(w, t->time_us[i] / 1000);
    seine_json_put_number(w, t->lon[i]);
    seine_json_put_number(w, t->lat[i]);
    if (isnan(t->sog[i]))
        seine_json_put_null(w);
    else
        seine_json_put_number(w, t->sog[i]);
    seine_json_end_array(w);
}

static void put_place(seine_json_writer *w, double lon, double lat) {
    seine_json_begin_array(w);
    seine_json_put_number(w, lon);
    seine_json_put_number(w, lat);
    seine_json_end_array(w);
}

/* Lines of the kept points, cut where they cross 180° (RFC 7946 3.1.9). */
static void put_lines(seine_json_writer *w, const track *t, const uint8_t *keep) {
    size_t former = SIZE_MAX;
    seine_json_begin_array(w);
    for (size_t i = 0; i < t->count; i++) {
        if (!keep[i]) continue;
        if (former == SIZE_MAX) {
            seine_json_begin_array(w);
        } else if (fabs(t->lon[i] - t->lon[former]) > 180) {
            const double side = t->lon[former] > 0 ? 180 : -180;
            const double ahead = t->lon[i] + 2 * side - t->lon[former];
            const double share = ahead != 0 ? (side - t->lon[former]) / ahead : 0;
            const double lat = t->lat[former] + (t->lat[i] - t->lat[former]) * share;
            put_place(w, side, lat);
            seine_json_end_array(w);
            seine_json_begin_array(w);
            put_place(w, -side, lat);
        }
        put_place(w, t->lon[i], t->lat[i]);
        former = i;
    }
    if (former != SIZE_MAX) seine_json_end_array(w);
    seine_json_end_array(w);
}

static void put_name(track_writer *tw) {
    seine_json_name(tw->w, "name");
    if (tw->name != NULL)
        seine_json_put_string(tw->w, tw->name);
    else
        seine_json_put_null(tw->w);
}

static void put_seg_id(const track_writer *tw, const part *one) {
    if (!tw->by_segment) return;
    seine_json_name(tw->w, "seg_id");
    if (one->track.count > 0)
        seine_json_put_text(tw->w, tw->segments.entries[one->track.segment[0]]);
    else
        seine_json_put_null(tw->w);
}

static void put_feature(track_writer *tw, const part *one) {
    seine_json_writer *w = tw->w;
    const track *t = &one->track;
    seine_json_begin_object(w);
    seine_json_field_text(w, "type", "Feature");
    seine_json_field_object(w, "geometry");
    seine_json_name(w, "type");
    /* A line has two places: a single one is a point. */
    seine_json_put_string(w, t->count > 1 ? "MultiLineString" : "MultiPoint");
    seine_json_name(w, "coordinates");
    if (t->count > 1) {
        put_lines(w, t, one->keep);
    } else {
        seine_json_begin_array(w);
        if (t->count == 1) put_place(w, t->lon[0], t->lat[0]);
        seine_json_end_array(w);
    }
    seine_json_end_object(w);
    seine_json_field_object(w, "properties");
    seine_json_field_str(w, tw->movers->key, tw->id);
    if (tw->movers->are_vessels) put_name(tw);
    put_seg_id(tw, one);
    seine_json_field_int(w, "points_total", (int64_t)t->count);
    seine_json_end_object(w);
    seine_json_end_object(w);
}

static void put_kept(seine_json_writer *w, const part *one) {
    for (size_t i = 0; i < one->track.count; i++)
        if (one->keep[i]) put_point(w, &one->track, i);
}

/* A track among several. */
static void put_points(track_writer *tw, const part *one) {
    seine_json_writer *w = tw->w;
    seine_json_begin_object(w);
    seine_json_field_str(w, tw->movers->key, tw->id);
    if (tw->movers->are_vessels) put_name(tw);
    put_seg_id(tw, one);
    seine_json_field_int(w, "points_total", (int64_t)one->track.count);
    seine_json_field_array(w, "points");
    put_kept(w, one);
    seine_json_end_array(w);
    seine_json_end_object(w);
}

/* The only mover: its points segment by segment, and how many of them each has. */
static void put_points_of_one(track_writer *tw, const part *parts, size_t count) {
    seine_json_writer *w = tw->w;
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += parts[i].track.count;
    seine_json_field_int(w, "points_total", (int64_t)total);
    seine_json_field_array(w, "points");
    for (size_t i = 0; i < count; i++) put_kept(w, &parts[i]);
    seine_json_end_array(w);
    seine_json_field_array(w, "segments");
    for (size_t i = 0; (tw->by_segment || count > 1) && i < count; i++) {
        if (parts[i].track.count == 0) continue;
        seine_json_begin_object(w);
        put_seg_id(tw, &parts[i]);
        seine_json_field_int(w, "points_total", (int64_t)parts[i].track.count);
        seine_json_field_int(w, "points", (int64_t)parts[i].kept);
        seine_json_end_object(w);
    }
    seine_json_end_array(w);
}

/* ---- a track that is complete ---- */

static seine_status sort_by_segment(track *t, size_t segments, seine_error *error) {
    size_t *place SEINE_OWNED(seine_free_owned) = malloc((t->count + 1) * sizeof *place);
    size_t *end SEINE_OWNED(seine_free_owned) = malloc((segments + 1) * sizeof *end);
    track sorted SEINE_OWNED(free_track) = {.capacity = 0};
    if (place == NULL || end == NULL) return seine_no_memory(error, "tracks");
    while (sorted.capacity < t->count) {
        sorted.count = sorted.capacity;
        if (!grow(&sorted)) return seine_no_memory(error, "tracks");
    }
    seine_gate_places(t->segment, t->count, segments, place, end);
    for (size_t i = 0; i < t->count; i++) {
        const size_t to = place[i];
        sorted.lon[to] = t->lon[i];
        sorted.lat[to] = t->lat[i];
        sorted.sog[to] = t->sog[i];
        sorted.time_us[to] = t->time_us[i];
        sorted.segment[to] = t->segment[i];
    }
    sorted.count = t->count;
    const track former = *t;
    *t = sorted;
    sorted = former;
    return SEINE_OK;
}

/* Positions of one segment each, in the order in which they begin; a single one while another segment goes on is a
 * jump. At least one part, if an empty one. */
static size_t cut(const track *t, part *parts) {
    size_t count = 0;
    int64_t end_us = INT64_MIN; /* of the segments that began so far */
    for (size_t first = 0, last; first < t->count; first = last) {
        last = first + 1;
        while (last < t->count && t->segment[last] == t->segment[first]) last++;
        if (last - first == 1 && t->time_us[first] <= end_us) continue;
        if (t->time_us[last - 1] > end_us) end_us = t->time_us[last - 1];
        parts[count++].track = (track){
            t->lon + first, t->lat + first, t->sog + first, t->time_us + first, t->segment + first, last - first, 0};
    }
    if (count == 0) parts[count++].track = (track){.count = 0};
    return count;
}

static void put_parts_of(track_writer *tw, const part *parts, size_t count) {
    const bool is_places = tw->call->request->format == SEINE_FORMAT_GEOJSON;
    if (tw->is_one && !is_places) {
        put_points_of_one(tw, parts, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_places)
            put_feature(tw, &parts[i]);
        else
            put_points(tw, &parts[i]);
    }
}

/* Writes what is complete and begins the next one. */
static seine_status finish_track(track_writer *tw, seine_error *error) {
    track *t = &tw->track;
    size_t segments = tw->by_segment ? tw->segments.count : 1;
    if (!tw->by_segment && tw->gate_kn > 0)
        segments = seine_gate_ways(t->lon, t->lat, t->time_us, t->count, tw->gate_kn, t->segment);
    part *parts SEINE_OWNED(seine_free_owned) = calloc(segments + 1, sizeof *parts);
    uint8_t *keep SEINE_OWNED(seine_free_owned) = malloc(t->count + 1);
    uint32_t *stack SEINE_OWNED(seine_free_owned) = malloc((2 * t->count + 4) * sizeof *stack);
    double *cosine SEINE_OWNED(seine_free_owned) = malloc((t->count + 1) * sizeof *cosine);
    if (parts == NULL || keep == NULL || stack == NULL || cosine == NULL) return seine_no_memory(error, "tracks");
    if (segments > 1) SEINE_TRY(sort_by_segment(t, segments, error));
    const size_t count = cut(t, parts);
    for (size_t i = 0, at = 0; i < count; at += parts[i++].track.count) {
        const track *one = &parts[i].track;
        parts[i].keep = keep + at;
        parts[i].kept =
            seine_simplify(one->lon, one->lat, one->time_us, one->count, tw->tolerance_m, keep + at, stack, cosine);
    }
    put_parts_of(tw, parts, count);
    tw->tracks++;
    t->count = 0;
    tw->ship_count = 0;
    seine_dict_free(&tw->segments);
    return tw->w->status == SEINE_OK ? SEINE_OK : seine_fail(error, tw->w->status, "the answer is too large");
}

/* The id and name of a track among several; of the only one they are known. */
static seine_status begin_track(track_writer *tw, const seine_rows *rows, size_t row, seine_error *error) {
    if (tw->is_one) return SEINE_OK;
    const seine_str id = seine_cell_text(rows, 0, row);
    tw->id = (seine_str){seine_arena_copy(&tw->call->arena, id.data, id.size), id.size};
    tw->name = NULL; /* also when memory is short: a name is not worth failing for */
    if (tw->id.data == NULL) return seine_no_memory(error, "answer");
    if (seine_cell_null(rows, 5, row)) return SEINE_OK;
    const seine_str name = seine_cell_text(rows, 5, row);
    tw->name = seine_arena_copy(&tw->call->arena, name.data, name.size);
    return SEINE_OK;
}

static at_last *last_of(track_writer *tw, int32_t ship) {
    const size_t known = tw->ship_count < SHIPS_MOST ? tw->ship_count : SHIPS_MOST;
    for (size_t i = 0; i < known; i++)
        if (tw->ships[i].ship == ship) return &tw->ships[i];
    return NULL;
}

/* In which segment a position is drawn: its own, or of noise the one that its ship was in. *is_drawn false: it is noise
 * of no ship. */
static seine_status find_segment(track_writer *tw, const seine_rows *rows, size_t row, uint32_t *segment,
                                 bool *is_drawn) {
    const seine_str kind = seine_cell_text(rows, tw->segment_column + 1, row);
    const bool is_good = seine_str_equal(kind, SEINE_STR("good")) || seine_str_equal(kind, SEINE_STR("ambiguous"));
    const bool has_ship = !seine_cell_null(rows, tw->segment_column + 2, row);
    const int32_t ship = has_ship ? seine_cell_int(rows, tw->segment_column + 2, row) : 0;
    at_last *last = has_ship ? last_of(tw, ship) : NULL;
    *is_drawn = is_good || has_ship;
    if (!*is_drawn) return SEINE_OK;
    if (!is_good && last != NULL) {
        *segment = last->segment;
        return SEINE_OK;
    }
    *is_drawn = !seine_cell_null(rows, tw->segment_column, row);
    if (!*is_drawn) return SEINE_OK; /* repeated, by a ship that nothing else is known of */
    SEINE_TRY(seine_dict_intern(&tw->segments, seine_cell_text(rows, tw->segment_column, row), segment));
    if (!has_ship) return SEINE_OK;
    if (last == NULL) last = &tw->ships[tw->ship_count++ % SHIPS_MOST];
    *last = (at_last){ship, *segment};
    return SEINE_OK;
}

static seine_status take(void *context, const seine_rows *rows, seine_error *error) {
    track_writer *tw = context;
    for (size_t row = 0; row < rows->count; row++) {
        const seine_str id = seine_cell_text(rows, 0, row);
        if (tw->track.count > 0 && !seine_str_equal(id, tw->id)) {
            SEINE_TRY(finish_track(tw, error));
        }
        track *t = &tw->track;
        if (seine_cell_null(rows, 2, row) || seine_cell_null(rows, 3, row)) continue; /* of no place */
        uint32_t segment = 0;
        bool is_drawn = true;
        if (tw->by_segment) SEINE_TRY(find_segment(tw, rows, row, &segment, &is_drawn));
        if (!is_drawn) continue;
        if (t->count == 0) SEINE_TRY(begin_track(tw, rows, row, error));
        if (++tw->points > POINTS_MAX) {
            tw->call->hint = "ask for a shorter time or fewer vessels";
            return seine_fail(error, SEINE_E_LIMIT, "more than %d positions", POINTS_MAX);
        }
        if (t->count == t->capacity && !grow(t)) return seine_no_memory(error, "answer");
        t->segment[t->count] = segment;
        t->time_us[t->count] = seine_cell_long(rows, 1, row);
        t->lon[t->count] = seine_cell_double(rows, 2, row);
        t->lat[t->count] = seine_cell_double(rows, 3, row);
        t->sog[t->count] = seine_cell_null(rows, 4, row) ? NAN : seine_cell_double(rows, 4, row);
        t->count++;
    }
    return SEINE_OK;
}

/* ---- time range ---- */

/* What is asked for: start <= time < end. Without an end up to the end of the data, whose last fix belongs to it. */
typedef struct span {
    int64_t start_us, end_us; /* as the answer tells them */
    int64_t last_us;          /* the greatest time that belongs to it */
} span;

static seine_status span_of(seine_call *call, const seine_movers *movers, span *s, seine_error *error) {
    const seine_input *start = seine_call_input(call, "start"), *end = seine_call_input(call, "end");
    const int64_t watermark_us = movers->watermark_us != INT64_MIN ? movers->watermark_us : 0;
    s->end_us = end->given ? end->time_us : watermark_us;
    s->last_us = end->given ? s->end_us - 1 : s->end_us;
    s->start_us = start->given ? start->time_us : s->end_us - DEFAULT_DAYS * SEINE_DAY_US;
    if (s->start_us <= s->end_us) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "start: lies after end");
}

static const char *table_of(const track_writer *tw) {
    return tw->movers->tables[tw->by_segment ? SEINE_MOVERS_SEGMENTS : SEINE_MOVERS_SILVER];
}

/* Tracks of several movers, by a statement: id, time, longitude, latitude, speed, of vessels their name, segment. */
static seine_status read_tracks(track_writer *tw, const seine_str *ids, size_t count, const span *s,
                                seine_error *error) {
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_scan scan SEINE_OWNED(seine_scan_free);
    const seine_movers *m = tw->movers;
    seine_sql_init(&sql, &tw->call->arena);
    seine_scan_begin(&scan, tw->call->view, table_of(tw), "f", &tw->call->arena);
    scan.only = seine_arena_printf(&tw->call->arena, "%s %s %s %s %s%s", m->id, m->time, m->lon, m->lat, m->speed,
                                   tw->by_segment ? " seg_id kind ship_no" : "");
    seine_scan_ids(&scan, m->id, ids, count);
    seine_scan_range(&scan, m->time, s->start_us, s->last_us);
    seine_sql_put(&sql, "SELECT f.\"%s\" AS mover, f.\"%s\" AS seen_at, f.\"%s\", f.\"%s\"", m->id, m->time, m->lon,
                  m->lat);
    if (m->speed[0] != '\0')
        seine_sql_put(&sql, ", f.\"%s\"", m->speed);
    else
        seine_sql_put(&sql, ", CAST(NULL AS DOUBLE)");
    seine_sql_put(&sql, m->are_vessels ? ", v.name" : ", CAST(NULL AS VARCHAR)");
    seine_sql_put(&sql, tw->by_segment ? ", f.seg_id, f.kind, f.ship_no FROM " : " FROM ");
    tw->segment_column = 6;
    seine_scan_put_from(&scan, &sql);
    if (m->are_vessels) seine_sql_put_names(tw->call, &sql, "f.mmsi");
    seine_scan_put_where(&scan, &sql);
    if (tw->by_segment) seine_sql_put(&sql, " AND (f.kind IN ('good', 'ambiguous') OR f.ship_no IS NOT NULL)");
    seine_sql_put(&sql, " ORDER BY mover, seen_at");
    SEINE_TRY(seine_call_each(tw->call, &sql, take, tw, error));
    return tw->track.count > 0 ? finish_track(tw, error) : SEINE_OK;
}

/* One mover always has its track, if only an empty one. */
static seine_status read_track(track_writer *tw, const span *s, seine_error *error) {
    const seine_movers *m = tw->movers;
    const seine_look_up_column columns[] = {{m->id, SEINE_TYPE_STRING},    {m->time, SEINE_TYPE_TIMESTAMPTZ},
                                            {m->lon, SEINE_TYPE_DOUBLE},   {m->lat, SEINE_TYPE_DOUBLE},
                                            {m->speed, SEINE_TYPE_DOUBLE}, {"seg_id", SEINE_TYPE_STRING},
                                            {"kind", SEINE_TYPE_STRING},   {"ship_no", SEINE_TYPE_INT}};
    tw->segment_column = 5;
    const seine_look_up wanted = {.table = table_of(tw),
                                  .id = m->id,
                                  .time = m->time,
                                  .mover = tw->id,
                                  .from_us = s->start_us,
                                  .to_us = s->last_us,
                                  .limit = INT64_MAX,
                                  .columns = columns,
                                  .column_count = SEINE_COUNT(columns) - (tw->by_segment ? 0 : 3)};
    SEINE_TRY(seine_look_up_each(tw->call, &wanted, take, tw, error));
    return finish_track(tw, error);
}

/* How much of a track is told. */
static void set_limits(track_writer *tw) {
    const seine_input *gate = seine_call_input(tw->call, "gate_kn");
    tw->by_segment = seine_movers_by_segment(tw->call, tw->movers);
    tw->tolerance_m = seine_call_input(tw->call, "tolerance_m")->number;
    tw->gate_kn = gate->given ? gate->number : tw->movers->dataset->gate_kn;
}

static void begin_features(seine_json_writer *w) {
    seine_json_field_text(w, "type", "FeatureCollection");
    seine_json_field_array(w, "features");
}

/* ---- routes ---- */

static const seine_param track_params[] = {P_PATH_ID, P_START, P_END, P_TOLERANCE, P_GATE, P_AS_OF};
static const seine_param mover_track_params[] = {P_DATASET, P_MOVER, P_START, P_END, P_TOLERANCE, P_GATE, P_AS_OF};

static seine_status get_track(seine_call *call, seine_error *error) {
    span asked;
    seine_movers movers;
    SEINE_TRY(seine_call_movers(call, &movers, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_SILVER, error));
    SEINE_TRY(span_of(call, &movers, &asked, error));
    const bool is_places = call->request->format == SEINE_FORMAT_GEOJSON;
    seine_json_writer w = seine_json_writer_to(&call->body);
    track_writer tw SEINE_OWNED(end_writer) = {
        .call = call, .movers = &movers, .w = &w, .is_one = true, .id = movers.wanted};
    set_limits(&tw);
    seine_json_begin_object(&w);
    if (is_places) {
        begin_features(&w);
    } else {
        seine_json_field_str(&w, movers.key, movers.wanted);
        seine_json_name(&w, "start");
        seine_json_put_time(&w, asked.start_us);
        seine_json_name(&w, "end");
        seine_json_put_time(&w, asked.end_us);
    }
    const seine_status status = read_track(&tw, &asked, error);
    if (is_places) seine_json_end_array(&w);
    seine_json_end_object(&w);
    return status;
}

static const seine_param tracks_params[] = {{.name = "mmsi",
                                             .kind = SEINE_PARAM_IDS,
                                             .most = TRACKS_MAX,
                                             .required = true,
                                             .doc = "vessel ids, separated by commas, at most 200"},
                                            P_START,
                                            P_END,
                                            P_TOLERANCE,
                                            P_GATE,
                                            P_AS_OF};

static const seine_param mover_tracks_params[] = {P_DATASET, P_MOVER_IDS(true), P_START, P_END, P_TOLERANCE, P_GATE,
                                                  P_AS_OF};

/* The wanted movers: of vessels the request has them already. */
static seine_status wanted_ids(seine_call *call, const seine_movers *m, const seine_str **ids, size_t *count,
                               seine_error *error) {
    const seine_input *vessels = seine_call_input(call, "mmsi");
    *ids = vessels->ids;
    *count = vessels->id_count;
    return m->are_vessels ? SEINE_OK : seine_movers_ids(call, m, TRACKS_MAX, ids, count, error);
}

static seine_status get_tracks(seine_call *call, seine_error *error) {
    span asked;
    seine_movers movers;
    SEINE_TRY(seine_call_movers(call, &movers, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_SILVER, error));
    SEINE_TRY(span_of(call, &movers, &asked, error));
    const seine_str *ids = NULL;
    size_t count = 0;
    SEINE_TRY(wanted_ids(call, &movers, &ids, &count, error));
    seine_json_writer w = seine_json_writer_to(&call->body);
    track_writer tw SEINE_OWNED(end_writer) = {.call = call, .movers = &movers, .w = &w};
    set_limits(&tw);
    seine_json_begin_object(&w);
    if (call->request->format == SEINE_FORMAT_GEOJSON) {
        begin_features(&w);
    } else {
        seine_json_field_array(&w, "tracks");
    }
    const seine_status status = read_tracks(&tw, ids, count, &asked, error);
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return status;
}

/* ---- the movers with most positions ---- */

static const seine_field top_fields[] = {
    {"mmsi", SEINE_TYPE_STRING, "t.mover", false, "vessel id"},
    {"name", SEINE_TYPE_STRING, "v.name", true, "name"},
    {"points", SEINE_TYPE_LONG, "t.points", false, "positions in the span and the box"},
};
static const seine_field mover_top_fields[] = {
    {"id", SEINE_TYPE_STRING, "t.mover", false, "id of the mover"},
    {"points", SEINE_TYPE_LONG, "t.points", false, "positions in the span and the box"},
};
#define P_TOP(what)                                                                                                   \
    {.name = "n", .kind = SEINE_PARAM_INT, .least = 1, .most = TRACKS_MAX, .fallback = "50", .doc = (what)}, P_START, \
        P_END, P_CURSOR, P_BOX, P_AS_OF
static const seine_param top_params[] = {P_TOP("vessels")};
static const seine_param mover_top_params[] = {P_DATASET, P_TOP("movers")};

/* SQL: whether a longitude lies in the box west to east. */
static void put_between(seine_sql *sql, const char *lon, const double box[4]) {
    seine_sql_put(sql, "(%s >= ", lon);
    seine_sql_put_double(sql, box[0]);
    seine_sql_put(sql, " %s %s <= ", box[0] <= box[2] ? "AND" : "OR", lon);
    seine_sql_put_double(sql, box[2]);
    seine_sql_put(sql, ")");
}

/* What is counted, and the columns of a mover's day. */
typedef struct top {
    seine_call *call;
    const seine_movers *movers;
    const span *asked;
    const double *box; /* NULL = everywhere */
    const char *south, *north, *west, *east;
} top;

static bool name_edges(top *t) {
    seine_arena *arena = &t->call->arena;
    t->south = seine_arena_printf(arena, "d.\"%s_min\"", t->movers->lat);
    t->north = seine_arena_printf(arena, "d.\"%s_max\"", t->movers->lat);
    t->west = seine_arena_printf(arena, "d.\"%s_min\"", t->movers->lon);
    t->east = seine_arena_printf(arena, "d.\"%s_max\"", t->movers->lon);
    return t->south != NULL && t->north != NULL && t->west != NULL && t->east != NULL;
}

/* Whether the box of a mover's day meets the wanted one. Of two arcs that meet, one holds the west end of the other. */
static void put_meets(const top *t, seine_sql *sql) {
    const double *box = t->box;
    seine_sql_put(sql, " AND %s <= ", t->south);
    seine_sql_put_double(sql, box[3]);
    seine_sql_put(sql, " AND %s >= ", t->north);
    seine_sql_put_double(sql, box[1]);
    seine_sql_put(sql, " AND (");
    put_between(sql, t->west, box);
    seine_sql_put(sql, " OR CASE WHEN %s <= %s THEN %s <= ", t->west, t->east, t->west);
    seine_sql_put_double(sql, box[0]);
    seine_sql_put(sql, " AND %s >= ", t->east);
    seine_sql_put_double(sql, box[0]);
    seine_sql_put(sql, " ELSE %s <= ", t->west);
    seine_sql_put_double(sql, box[0]);
    seine_sql_put(sql, " OR %s >= ", t->east);
    seine_sql_put_double(sql, box[0]);
    seine_sql_put(sql, " END)");
}

/* Whether the wanted box holds the whole box of a mover's day. */
static void put_holds(const top *t, seine_sql *sql) {
    const double *box = t->box;
    seine_sql_put(sql, " AND %s >= ", t->south);
    seine_sql_put_double(sql, box[1]);
    seine_sql_put(sql, " AND %s <= ", t->north);
    seine_sql_put_double(sql, box[3]);
    seine_sql_put(sql, " AND ");
    put_between(sql, t->west, box);
    seine_sql_put(sql, " AND ");
    put_between(sql, t->east, box);
    /* Both ends may lie in it and the way between them leave it: an arc that crosses 180 degrees in one that does not,
     * or one that does not from the west part of the box to its east part, the long way. */
    if (box[0] <= box[2])
        seine_sql_put(sql, " AND %s <= %s", t->west, t->east);
    else {
        seine_sql_put(sql, " AND (%s > %s OR %s >= ", t->west, t->east, t->west);
        seine_sql_put_double(sql, box[0]);
        seine_sql_put(sql, " OR %s <= ", t->east);
        seine_sql_put_double(sql, box[2]);
        seine_sql_put(sql, ")");
    }
}

/* ---- exact counts: days that lie in the span and the box as a whole, and the fixes of the others ---- */

/* `days AS d WHERE` the day has a part in the span and the box, AND it lies in them as a whole, or not. */
static void put_days(const top *t, seine_sql *sql, bool is_whole) {
    const seine_movers *m = t->movers;
    seine_scan days SEINE_OWNED(seine_scan_free);
    seine_scan_begin(&days, t->call->view, m->tables[SEINE_MOVERS_DAYS], "d", &t->call->arena);
    seine_scan_range(&days, "dt", seine_time_day(t->asked->start_us), seine_time_day(t->asked->last_us));
    seine_scan_range(&days, m->last_time, t->asked->start_us, INT64_MAX);
    seine_scan_range(&days, m->first_time, INT64_MIN, t->asked->last_us);
    if (t->box != NULL) put_meets(t, &days.where);
    seine_scan_put(&days, sql);
    seine_sql_put(sql, " AND %s(d.\"%s\" >= ", is_whole ? "" : "NOT ", m->first_time);
    seine_sql_put_time(sql, t->asked->start_us);
    seine_sql_put(sql, " AND d.\"%s\" <= ", m->last_time);
    seine_sql_put_time(sql, t->asked->last_us);
    if (t->box != NULL) put_holds(t, sql);
    seine_sql_put(sql, ")");
}

/* The fixes of the other days, between two times. */
static void put_fixes(const top *t, seine_sql *sql, int64_t from_us, int64_t to_us) {
    if (from_us > to_us) return;
    const seine_movers *m = t->movers;
    seine_scan fixes SEINE_OWNED(seine_scan_free);
    seine_scan_begin(&fixes, t->call->view, m->tables[SEINE_MOVERS_SILVER], "f", &t->call->arena);
    fixes.only = seine_arena_printf(&t->call->arena, "%s %s %s %s", m->id, m->time, m->lon, m->lat);
    seine_scan_range(&fixes, m->time, from_us, to_us);
    if (t->box != NULL) seine_scan_box(&fixes, m->lon, m->lat, t->box);
    seine_sql_put(sql, " UNION ALL SELECT f.\"%s\" AS mover, count(*) AS n FROM ", m->id);
    seine_scan_put(&fixes, sql);
    seine_sql_put(sql, " AND (f.\"%s\", CAST(f.\"%s\" AS DATE)) IN (SELECT (d.\"%s\", d.dt) FROM ", m->id, m->time,
                  m->id);
    put_days(t, sql, false);
    seine_sql_put(sql, ") GROUP BY f.\"%s\"", m->id);
}

/* Of a span without a box only the days at its ends can lie in it in part. */
static void put_parts(const top *t, seine_sql *sql) {
    const int64_t from_us = t->asked->start_us, to_us = t->asked->last_us;
    const int64_t first_end_us = seine_time_day_start_us(seine_time_day(from_us) + 1) - 1;
    const int64_t last_begin_us = seine_time_day_start_us(seine_time_day(to_us));
    if (t->box != NULL || first_end_us >= last_begin_us) {
        put_fixes(t, sql, from_us, to_us);
        return;
    }
    if (seine_time_day_start_us(seine_time_day(from_us)) != from_us) put_fixes(t, sql, from_us, first_end_us);
    if (seine_time_day(to_us + 1) == seine_time_day(to_us)) put_fixes(t, sql, last_begin_us, to_us);
}

static seine_status get_top(seine_call *call, seine_error *error) {
    span asked;
    const seine_list list = {.keys = {{"t.points", SEINE_TYPE_LONG, true}, {"t.mover", SEINE_TYPE_STRING, false}},
                             .key_count = 2};
    seine_movers movers;
    SEINE_TRY(seine_call_movers(call, &movers, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_DAYS, error));
    SEINE_TRY(seine_movers_need(call, &movers, SEINE_MOVERS_SILVER, error));
    SEINE_TRY(span_of(call, &movers, &asked, error));
    const seine_input *box = seine_call_input(call, "bbox");
    top t = {.call = call, .movers = &movers, .asked = &asked, .box = box->given ? box->box : NULL};
    if (!name_edges(&t)) return seine_no_memory(error, "answer");
    seine_sql sql SEINE_OWNED(seine_sql_free);
    seine_sql_init(&sql, &call->arena);
    seine_list_select(call, &list, &sql);
    seine_sql_put(&sql,
                  "(SELECT mover, CAST(sum(n) AS BIGINT) AS points FROM (SELECT d.\"%s\" AS mover, d.fixes AS n FROM ",
                  movers.id);
    put_days(&t, &sql, true);
    put_parts(&t, &sql);
    seine_sql_put(&sql, ") GROUP BY mover) AS t");
    if (movers.are_vessels) seine_sql_put_names(call, &sql, "t.mover");
    seine_sql_put(&sql, " WHERE true");
    return seine_list_answer(call, &list, &sql, error);
}

#define POINTS_SCHEMA                                                                           \
    "{\"type\":\"array\",\"description\":\"[time in ms, longitude, latitude, speed or null]\"," \
    "\"items\":{\"type\":\"array\",\"minItems\":4,\"maxItems\":4,\"items\":{\"type\":[\"number\",\"null\"]}}}"

#define SEG_ID_SCHEMA "\"seg_id\":{\"type\":\"string\",\"description\":\"where the lake makes segments\"}"
#define SEGMENTS_SCHEMA                                                                          \
    "{\"type\":\"array\",\"description\":\"those of points, where there are segments or ways\"," \
    "\"items\":{\"type\":\"object\",\"properties\":{" SEG_ID_SCHEMA ","                          \
    "\"points_total\":{\"type\":\"integer\"},\"points\":{\"type\":\"integer\"}}}}"

const seine_route seine_track_routes[SEINE_TRACK_ROUTES] = {
    {.pattern = "/api/v1/movers/{dataset}/{id}/track",
     .name = "mover_track",
     .summary = "The track of one mover: time in ms, longitude, latitude, speed",
     SEINE_PARAMS(mover_track_params),
     .formats = SEINE_FORMATS_JSON | 1U << SEINE_FORMAT_GEOJSON,
     .tables = {"*"},
     .members =
         "{\"id\":{\"type\":\"string\"},\"start\":{\"type\":\"string\"},\"end\":{\"type\":\"string\"},"
         "\"points_total\":{\"type\":\"integer\"},\"points\":" POINTS_SCHEMA ",\"segments\":" SEGMENTS_SCHEMA "}",
     .run = get_track},
    {.pattern = "/api/v1/vessels/{mmsi}/track",
     .name = "vessel_track",
     .summary = "The track of one vessel: time in ms, longitude, latitude, speed",
     SEINE_PARAMS(track_params),
     .formats = SEINE_FORMATS_JSON | 1U << SEINE_FORMAT_GEOJSON,
     .tables = {"silver.ais", "silver.ais_segments"},
     .members =
         "{\"mmsi\":{\"type\":\"string\"},\"start\":{\"type\":\"string\"},\"end\":{\"type\":\"string\"},"
         "\"points_total\":{\"type\":\"integer\"},\"points\":" POINTS_SCHEMA ",\"segments\":" SEGMENTS_SCHEMA "}",
     .run = get_track},
    {.pattern = "/api/v1/tracks",
     .name = "tracks",
     .summary = "The tracks of several vessels",
     SEINE_PARAMS(tracks_params),
     .formats = SEINE_FORMATS_JSON | 1U << SEINE_FORMAT_GEOJSON,
     .tables = {"silver.ais", "gold.ais_vessels", "silver.ais_segments"},
     .members = "{\"tracks\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"mmsi\":"
                "{\"type\":\"string\"},\"name\":{\"type\":[\"string\",\"null\"]}," SEG_ID_SCHEMA ",\"points_total\":"
                "{\"type\":\"integer\"},\"points\":" POINTS_SCHEMA "}}}}",
     .run = get_tracks},
    {.pattern = "/api/v1/movers/{dataset}/tracks",
     .name = "mover_tracks",
     .summary = "The tracks of several movers",
     SEINE_PARAMS(mover_tracks_params),
     .formats = SEINE_FORMATS_JSON | 1U << SEINE_FORMAT_GEOJSON,
     .tables = {"*"},
     .members = "{\"tracks\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"id\":"
                "{\"type\":\"string\"}," SEG_ID_SCHEMA
                ",\"points_total\":{\"type\":\"integer\"},\"points\":" POINTS_SCHEMA "}}}}",
     .run = get_tracks},
    {.pattern = "/api/v1/movers/{dataset}/tracks/top",
     .name = "mover_tracks_top",
     .summary = "The movers with most positions",
     SEINE_PARAMS(mover_top_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"*"},
     .rows_name = "data",
     SEINE_FIELDS(mover_top_fields),
     .members = "{" P_NEXT "}",
     .run = get_top},
    {.pattern = "/api/v1/tracks/top",
     .name = "tracks_top",
     .summary = "The vessels with most positions",
     SEINE_PARAMS(top_params),
     .formats = SEINE_FORMATS_ROWS,
     .tables = {"gold.ais_vessel_days", "gold.ais_vessels", "silver.ais"},
     .rows_name = "data",
     SEINE_FIELDS(top_fields),
     .members = "{" P_NEXT "}",
     .run = get_top},
};

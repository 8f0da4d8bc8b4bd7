/*
 * seine export tracks: positions of chosen movers of a dataset in a time range, as CSV, GeoJSON, GPX, KML, Parquet,
 * GeoParquet or GeoPackage. Only silver
 * files of the days and of the vessels' buckets are read; ids and times reach the SQL as bound parameters.
 */
#include "base/number.h"
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "cli/dataset_choice.h"
#include "cli/export/export.h"
#include "engine/watch.h"
#include "cli/format.h"
#include "cli/output/output.h"
#include "cli/target.h"
#include "cli/terminal.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/catalog/catalog.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SQL_MAX_BYTES ((size_t)16 << 20)
#define MEMORY_BYTES ((uint64_t)512 << 20) /* of the engine; a longer sort goes to disk */

typedef struct track_export {
    seine_args *args;
    const char *format; /* "csv" … */
    const char *path;   /* NULL = standard output */
    const char *work;   /* where it is written; `path` itself, or a temporary name beside it */
    seine_file_mode mode;
    const char *const *ids;
    size_t id_count;
    int64_t start_us, stop_us;
    seine_arena arena;
    seine_catalog *catalog;
    const seine_dataset *dataset;
    const char *id, *time; /* its columns */
    seine_table *table;
    seine_engine *engine;
    size_t files_read, files_all;
    seine_export_mover *movers; /* ordered by id */
    size_t mover_count;
    int64_t positions;
} track_export;

/* ---- what is asked for ------------------------------------------------------------------------------------------ */

static seine_status take_time(const track_export *j, const char *option, int64_t *time_us, seine_error *error) {
    const char *text = seine_args_text(j->args, option);
    if (text == NULL) return seine_fail(error, SEINE_E_USAGE, "--%s is needed, such as 2025-01-01T12:00:00", option);
    if (seine_time_parse(seine_str_of(text), time_us)) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "--%s %s: not a time such as 2025-01-01 or 2025-01-01T12:00:00+01:00",
                      option, text);
}

/* Every byte that is not a letter or digit as '_', as the names of the original have it. */
static void put_plain(char *text) {
    for (; *text != '\0'; text++)
        if (!isalnum((unsigned char)*text)) *text = '_';
}

/* tracks_<first id>_<second id or solo>_<start>.<format> */
static const char *default_path(track_export *j) {
    char start[40];
    seine_time_format(j->start_us, start);
    start[19] = '\0'; /* to the second, without zone */
    char *stem =
        seine_arena_printf(&j->arena, "tracks_%.64s_%.64s_%s", j->ids[0], j->id_count > 1 ? j->ids[1] : "solo", start);
    if (stem == NULL) return NULL;
    put_plain(stem);
    return seine_arena_printf(&j->arena, "%s.%s", stem, j->format);
}

static seine_status take_format(track_export *j, seine_error *error) {
    return seine_format_choose("csv geojson gpx kml parquet geoparquet gpkg", seine_args_text(j->args, "format"),
                               seine_args_text(j->args, "output"), "csv", &j->format, error);
}

static bool needs_file(const char *format) {
    return !seine_export_has(format) && seine_output_format_of(format) >= SEINE_OUTPUT_PARQUET;
}

static seine_status take_path(track_export *j, seine_error *error) {
    const char *path = seine_args_text(j->args, "output");
    if (path != NULL && strcmp(path, "-") == 0) {
        if (needs_file(j->format))
            return seine_fail(error, SEINE_E_USAGE, "--format %s needs a file: -o FILE", j->format);
        if (seine_args_json(j->args))
            return seine_fail(error, SEINE_E_USAGE, "--json prints to standard output, so the tracks need -o FILE");
        return SEINE_OK;
    }
    j->mode = seine_target_mode(j->args, path != NULL);
    j->path = path != NULL ? path : default_path(j);
    if (j->path == NULL) return seine_no_memory(error, "export");
    j->work = j->mode == SEINE_FILE_NEW ? seine_file_temp_name(&j->arena, j->path) : j->path;
    if (j->work == NULL) return seine_no_memory(error, "export");
    const seine_target_file file = {"--output", j->path, SEINE_TARGET_WRITE};
    SEINE_TRY(seine_targets_check(&file, 1, error));
    return seine_target_check(j->path, j->mode, error);
}

static seine_status take_words(track_export *j, seine_error *error) {
    SEINE_TRY(seine_cli_mover_ids(j->args, j->dataset, &j->arena, &j->ids, &j->id_count, error));
    SEINE_TRY(take_time(j, "start", &j->start_us, error));
    SEINE_TRY(take_time(j, "stop", &j->stop_us, error));
    if (j->start_us >= j->stop_us)
        SEINE_TRY(seine_fail(error, SEINE_E_USAGE, "--start %s is not before --stop %s",
                             seine_args_text(j->args, "start"), seine_args_text(j->args, "stop")));
    SEINE_TRY(take_format(j, error));
    return take_path(j, error);
}

/* ---- the files that can hold such positions --------------------------------------------------------------------- */

static bool *wanted_buckets(track_export *j, int width) {
    bool *wanted = SEINE_ARENA_ARRAY(&j->arena, bool, (size_t)width);
    for (size_t i = 0; wanted != NULL && i < j->id_count; i++)
        wanted[seine_bucket_of(seine_str_of(j->ids[i]), width)] = true;
    return wanted;
}

static bool may_hold(const track_export *j, const seine_data_file *file, const bool *buckets, int width) {
    const seine_partition_value day = file->partition[0], bucket = file->partition[1];
    if (!day.is_null && (day.value < seine_time_day(j->start_us) || day.value > seine_time_day(j->stop_us)))
        return false;
    return bucket.is_null || bucket.value < 0 || bucket.value >= width || buckets[bucket.value];
}

static seine_status choose_files(track_export *j, const char ***paths, seine_error *error) {
    const seine_live_file *files = NULL;
    const int width = seine_catalog_buckets(j->catalog);
    SEINE_TRY(seine_table_files(j->table, &files, &j->files_all, error));
    const bool *buckets = wanted_buckets(j, width);
    *paths = SEINE_ARENA_ARRAY(&j->arena, const char *, j->files_all);
    if (*paths == NULL || buckets == NULL) return seine_no_memory(error, "export");
    for (size_t i = 0; i < j->files_all; i++)
        if (may_hold(j, &files[i].file, buckets, width)) (*paths)[j->files_read++] = files[i].file.path;
    return SEINE_OK;
}

static seine_status open_lake(track_export *j, seine_error *error) {
    const char *temp = getenv("TMPDIR");
    char uuid[37];
    const char **paths = NULL;
    SEINE_TRY(seine_uuid4(uuid, error));
    const seine_engine_options options = {
        .threads = (int)seine_args_int(j->args, "threads"),
        .memory_bytes = MEMORY_BYTES,
        .temp_folder =
            seine_arena_printf(&j->arena, "%s/seine-export-%s", temp != NULL && temp[0] != '\0' ? temp : "/tmp", uuid)};
    if (options.temp_folder == NULL) return seine_no_memory(error, "export");
    const char *silver = seine_dataset_silver(j->dataset)->name;
    SEINE_TRY(seine_table_load(j->catalog, silver, (seine_at){0}, &j->table, error));
    SEINE_TRY(choose_files(j, &paths, error));
    SEINE_TRY(seine_engine_open(&options, &j->engine, error));
    return seine_engine_view(j->engine, seine_table_schema_of(j->table), silver, paths, j->files_read, error);
}

static seine_status open_dataset(track_export *j, seine_error *error) {
    SEINE_TRY(seine_catalog_open(seine_args_lake(j->args), &j->catalog, error));
    SEINE_TRY(seine_cli_lake_dataset(j->args, j->catalog, &j->arena, &j->dataset, error));
    j->id = j->dataset->columns[SEINE_DATASET_ID].name;
    j->time = j->dataset->columns[SEINE_DATASET_TIME].name;
    return SEINE_OK;
}

static void close_lake(track_export *j) {
    seine_engine_close(j->engine);
    seine_table_close(j->table);
    seine_catalog_close(j->catalog);
    seine_arena_free(&j->arena);
}

/* ---- queries ---------------------------------------------------------------------------------------------------- */

/* SQL of a mover's name: the column of that name, where the dataset has one. */
static const char *name_of(const track_export *j) {
    for (size_t i = SEINE_DATASET_MEASURES; i < j->dataset->column_count; i++)
        if (strcmp(j->dataset->columns[i].name, "name") == 0 && j->dataset->columns[i].type == SEINE_TYPE_STRING)
            return "name";
    return "CAST(NULL AS VARCHAR)";
}

/* Runs `<head> FROM positions WHERE <range and ids> <tail>` with id, ts, lat, lon and name, whatever their columns are
 * called. */
static seine_status start_query(track_export *j, const char *head, const char *tail, seine_query **query,
                                seine_error *error) {
    char times[2][40];
    seine_time_format(j->start_us, times[0]);
    seine_time_format(j->stop_us, times[1]);
    const char **params = SEINE_ARENA_ARRAY(&j->arena, const char *, j->id_count + 2);
    if (params == NULL) return seine_no_memory(error, "export");
    params[0] = times[0];
    params[1] = times[1];
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    seine_status status = seine_buf_printf(
        &sql,
        "%s FROM (SELECT %s AS id, %s AS ts, %s AS lat, %s AS lon, %s AS name FROM %s) WHERE ts BETWEEN"
        " CAST($1 AS TIMESTAMPTZ) AND CAST($2 AS TIMESTAMPTZ)"
        " AND lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180 AND id IN (",
        head, j->id, j->time, j->dataset->columns[SEINE_DATASET_LAT].name, j->dataset->columns[SEINE_DATASET_LON].name,
        name_of(j), seine_dataset_silver(j->dataset)->name);
    for (size_t i = 0; status == SEINE_OK && i < j->id_count; i++) {
        params[i + 2] = j->ids[i];
        status = seine_buf_printf(&sql, "%s$%zu", i > 0 ? ", " : "", i + 3);
    }
    if (status == SEINE_OK) status = seine_buf_printf(&sql, ") %s", tail);
    const char *text = seine_buf_text(&sql);
    if (status != SEINE_OK || text == NULL) return seine_fail(error, SEINE_E_LIMIT, "export: too many ids");
    return seine_query_start(j->engine, text, params, j->id_count + 2, query, error);
}

/* Calls @p take for each batch, the empty one at the end too. */
static seine_status each_batch(track_export *j, const char *head, const char *tail,
                               seine_status (*take)(void *context, const seine_rows *rows, seine_error *error),
                               void *context, seine_error *error) {
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    const seine_progress *progress = seine_cli_progress(j->args);
    SEINE_TRY(start_query(j, head, tail, &query, error));
    for (seine_rows rows = {.count = 1}; rows.count > 0;) {
        SEINE_TRY(seine_query_next(query, &rows, error));
        SEINE_TRY(take(context, &rows, error));
        if (seine_progress_stopped(progress)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    return SEINE_OK;
}

/* ---- the movers ------------------------------------------------------------------------------------------------- */

static const char *copy_text(seine_arena *arena, const seine_vec *column, size_t row) {
    const bool is_null = column->valid != NULL && !column->valid[row];
    const seine_str text = is_null ? SEINE_STR("") : ((const seine_str *)column->values)[row];
    return seine_arena_copy(arena, text.data, text.size);
}

static seine_status take_movers(void *context, const seine_rows *rows, seine_error *error) {
    track_export *j = context;
    for (size_t row = 0; row < rows->count && j->mover_count < j->id_count; row++) {
        seine_export_mover *mover = &j->movers[j->mover_count++];
        *mover = (seine_export_mover){.id_name = j->id,
                                      .id = copy_text(&j->arena, &rows->columns[0], row),
                                      .name = copy_text(&j->arena, &rows->columns[1], row),
                                      .positions = ((const int64_t *)rows->columns[2].values)[row],
                                      .first_us = ((const int64_t *)rows->columns[3].values)[row],
                                      .last_us = ((const int64_t *)rows->columns[4].values)[row]};
        if (mover->id == NULL || mover->name == NULL) return seine_no_memory(error, "export");
        j->positions += mover->positions;
    }
    return SEINE_OK;
}

static seine_status find_movers(track_export *j, seine_error *error) {
    j->movers = SEINE_ARENA_ARRAY(&j->arena, seine_export_mover, j->id_count);
    if (j->movers == NULL) return seine_no_memory(error, "export");
    return each_batch(j, "SELECT id, arg_max(name, ts), count(*), min(ts), max(ts)", "GROUP BY id ORDER BY id",
                      take_movers, j, error);
}

static bool has_positions(const track_export *j, const char *id) {
    for (size_t i = 0; i < j->mover_count; i++)
        if (strcmp(j->movers[i].id, id) == 0) return true;
    return false;
}

/* ---- CSV and Parquet -------------------------------------------------------------------------------------------- */

static seine_status take_rows(void *context, const seine_rows *rows, seine_error *error) {
    return seine_output_rows(context, rows, error);
}

static seine_status write_rows(track_export *j, seine_output_format format, seine_error *error) {
    const char *const names[] = {j->id, "event_ts", "latitude", "longitude"};
    static const char *const types[] = {"VARCHAR", "TIMESTAMPTZ", "DOUBLE", "DOUBLE"};
    const seine_output_shape shape = {.column_count = 4, .names = names, .types = types, .file = j->path};
    seine_output *output = NULL;
    SEINE_TRY(seine_output_open(format, j->work, &shape, 0, &output, error));
    seine_status status = each_batch(j, "SELECT id, ts, lat, lon", "ORDER BY ts, id", take_rows, output, error);
    return seine_output_close(output, status, error);
}

/* ---- documents -------------------------------------------------------------------------------------------------- */

typedef struct document {
    track_export *track_export;
    seine_export *out;
    seine_file_writer *file; /* NULL = standard output */
    size_t next;             /* mover to come */
} document;

static seine_status write_bytes(void *context, seine_str bytes, seine_error *error) {
    document *d = context;
    if (d->file != NULL) return seine_file_writer_append(d->file, bytes.data, bytes.size, error);
    return seine_terminal_data(bytes.data, bytes.size, error);
}

static seine_status take_positions(void *context, const seine_rows *rows, seine_error *error) {
    document *d = context;
    const seine_str *ids = rows->count > 0 ? rows->columns[0].values : NULL;
    for (size_t row = 0; row < rows->count; row++) {
        const bool is_same =
            d->next > 0 && seine_str_equal(ids[row], seine_str_of(d->track_export->movers[d->next - 1].id));
        if (!is_same && d->next == d->track_export->mover_count)
            return seine_fail(error, SEINE_E_INTERNAL, "export: a mover came out of order");
        if (!is_same) SEINE_TRY(seine_export_next(d->out, &d->track_export->movers[d->next++], error));
        const seine_export_position position = {((const int64_t *)rows->columns[1].values)[row],
                                                ((const double *)rows->columns[2].values)[row],
                                                ((const double *)rows->columns[3].values)[row]};
        SEINE_TRY(seine_export_add(d->out, position, error));
    }
    return SEINE_OK;
}

static void document_end(document *d) {
    seine_export_free(d->out);
    seine_file_writer_abort(d->file);
}

static seine_status write_document(track_export *j, seine_error *error) {
    document d SEINE_OWNED(document_end) = {.track_export = j};
    if (j->work != NULL) SEINE_TRY(seine_file_writer_open(j->work, &d.file, error));
    SEINE_TRY(seine_export_open(j->format, (seine_export_sink){write_bytes, &d}, &d.out, error));
    SEINE_TRY(each_batch(j, "SELECT id, ts, lat, lon", "ORDER BY id, ts", take_positions, &d, error));
    SEINE_TRY(seine_export_end(d.out, error));
    return d.file == NULL ? SEINE_OK : seine_file_writer_commit(SEINE_TAKE(d.file), SEINE_FILE_REPLACE, error);
}

/* ---- the command ------------------------------------------------------------------------------------------------ */

static seine_status write_tracks(track_export *j, seine_error *error) {
    seine_watch *watch SEINE_OWNED(seine_watch_end_owned) = NULL;
    SEINE_TRY(seine_watch_begin(j->engine, seine_cli_progress(j->args), &watch, error));
    SEINE_TRY(find_movers(j, error));
    SEINE_TRY(seine_export_has(j->format) ? write_document(j, error)
                                          : write_rows(j, seine_output_format_of(j->format), error));
    seine_cli_progress_end(j->args);
    if (j->mode != SEINE_FILE_NEW || j->work == NULL) return SEINE_OK;
    return seine_file_publish(j->work, j->path, NULL, j->mode, error);
}

/* Ships have had this word before there were others. */
static const char *noun(const track_export *j) { return seine_dataset_is_of_ships(j->dataset) ? "vessels" : "movers"; }

static seine_status print_json(const track_export *j, seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, SQL_MAX_BYTES);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "file", j->path);
    seine_json_field_text(&w, "format", j->format);
    seine_json_field_int(&w, "positions", j->positions);
    seine_json_field_text(&w, "dataset", j->dataset->name);
    seine_json_field_int(&w, noun(j), (int64_t)j->mover_count);
    seine_json_field_int(&w, "files_read", (int64_t)j->files_read);
    seine_json_field_int(&w, "files_in_table", (int64_t)j->files_all);
    seine_json_field_array(&w, "without_positions");
    for (size_t i = 0; i < j->id_count; i++)
        if (!has_positions(j, j->ids[i])) seine_json_put_text(&w, seine_str_of(j->ids[i]));
    seine_json_end_array(&w);
    seine_json_end_object(&w);
    return seine_cli_print_json(&w, error);
}

static seine_status tell(const track_export *j, seine_error *error) {
    if (seine_args_json(j->args)) return print_json(j, error);
    for (size_t i = 0; i < j->id_count; i++)
        if (!has_positions(j, j->ids[i])) seine_cli_note(j->args, "no position of %s in this time", j->ids[i]);
    seine_cli_note(j->args, "%s of %zu %s in %s (%zu of %s read)", seine_count(j->positions, "position").text,
                   j->mover_count, noun(j), j->path != NULL ? j->path : "standard output", j->files_read,
                   seine_count((int64_t)j->files_all, "file").text);
    return SEINE_OK;
}

static seine_status run(seine_args *args, seine_error *error) {
    track_export j SEINE_OWNED(close_lake) = {.args = args};
    SEINE_TRY(open_dataset(&j, error));
    SEINE_TRY(take_words(&j, error));
    SEINE_TRY(open_lake(&j, error));
    SEINE_TRY(write_tracks(&j, error));
    return tell(&j, error);
}

static const seine_option options_list[] = {
    {.name = "start",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "first moment, inclusive; a time with a zone is converted, one without is UTC, a date is its midnight"},
    {.name = "stop",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "last moment, inclusive: a position at exactly this time is exported too"},
    SEINE_DATASET_OPTION,
    SEINE_MOVER_OPTIONS("ID…"),
    {.name = "format",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FORMAT",
     .help = "csv, geojson, gpx, kml, parquet, geoparquet or gpkg (default: by the ending of -o, else csv)"},
    {.name = "output",
     .letter = 'o',
     .kind = SEINE_OPTION_TEXT,
     .metavar = "FILE",
     .help = "file that appears whole at the end, - for standard output; when not given "
             "tracks_<first id>_<second id or solo>_<start>.<format> in the current folder, unless that is taken"},
    SEINE_FORCE_OPTION,
    SEINE_THREADS_OPTION,
};

const seine_command seine_cmd_export_tracks = {
    .name = "export tracks",
    .summary = "write positions of chosen movers for maps and notebooks",
    .description =
        "Takes the positions of vessels, or of movers of another dataset, from --start to --stop, both inclusive, out "
        "of silver. CSV, Parquet, GeoParquet and GeoPackage have the columns mmsi (the id, as the dataset calls it), "
        "event_ts, latitude, longitude in the order of event_ts, mmsi. GeoJSON has one line for each mover, cut where "
        "it crosses 180 degrees, with a time for each point in its properties; GPX 1.1 has a trk, KML 2.2 a gx:Track "
        "for each. Only the files of these days and movers are read. --json prints a summary.",
    .example = "seine export tracks --lake lake --start 2025-01-01 --stop 2025-01-03T12:00:00 --mmsi 367369550 "
               "367515760\n"
               "seine export tracks --lake lake --start 2025-01-01 --stop 2025-01-02 --mmsi 367369550 --format geojson "
               "-o track.geojson\n"
               "seine export tracks --lake lake --dataset buses --start 2025-01-01 --stop 2025-01-02 --id 'line 7'",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run,
};

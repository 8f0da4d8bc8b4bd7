#include "serve/live/rows.h"

#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "table/scan.h"

#include <math.h>
#include <stdlib.h>

#define ROW_MAX_BYTES ((size_t)64 * 1024)
#define ID_MAX_BYTES 1024 /* of an id that can be asked for at all */

enum { ID, TIME, LAT, LON, MEASURES, COLUMNS_MAX = MEASURES + SEINE_DATASET_MEASURES_MAX };

typedef struct reading {
    seine_live_rows *wanted;
    int64_t from_us; /* earlier rows are left */
    seine_buf row;
} reading;

static void end_reading(reading *r) { seine_buf_free(&r->row); }

/* ---- columns ---- */

static bool is_one_of(const char *name, const char *one, const char *other) {
    return strcmp(name, one) == 0 || strcmp(name, other) == 0;
}

/* What a measure is called by clients, whatever its dataset calls it. */
static const char *name_of(const seine_dataset *dataset, size_t column) {
    const char *name = dataset->columns[column].name;
    if (column == seine_dataset_speed(dataset)) return "speed";
    return is_one_of(name, "cog", "course") ? "course" : name;
}

seine_status seine_live_rows_columns(const seine_dataset *dataset, seine_buf *out) {
    static const char *const first[MEASURES][2] = {
        {"id", ""}, {"timestamp", ""}, {"longitude", "deg"}, {"latitude", "deg"}};
    const size_t count = SEINE_DATASET_MEASURES + dataset->measure_count;
    for (int is_unit = 0; is_unit <= 1; is_unit++) {
        SEINE_TRY(seine_buf_append_str(out, is_unit ? ",\"units\":" : "\"columns\":"));
        seine_json_writer w = seine_json_writer_to(out);
        seine_json_begin_array(&w);
        for (size_t i = 0; i < MEASURES; i++) seine_json_put_text(&w, seine_str_of(first[i][is_unit]));
        for (size_t i = MEASURES; i < count; i++)
            seine_json_put_text(&w, seine_str_of(is_unit ? dataset->columns[i].unit : name_of(dataset, i)));
        seine_json_end_array(&w);
        SEINE_TRY(w.status);
    }
    return SEINE_OK;
}

/* ---- rows ---- */

static bool is_null(const seine_rows *rows, size_t column, size_t row) {
    return rows->columns[column].valid != NULL && !rows->columns[column].valid[row];
}

static double number_of(const seine_rows *rows, size_t column, size_t row) {
    const seine_vec *vec = &rows->columns[column];
    if (is_null(rows, column, row)) return NAN;
    switch (vec->type) {
    case SEINE_TYPE_DOUBLE: return ((const double *)vec->values)[row];
    case SEINE_TYPE_INT: return ((const int32_t *)vec->values)[row];
    case SEINE_TYPE_LONG: return (double)((const int64_t *)vec->values)[row];
    default: return NAN;
    }
}

static seine_status write_row(reading *r, const seine_rows *rows, size_t row, const seine_live_position *at) {
    char time[40];
    seine_buf_clear(&r->row);
    seine_json_writer w = seine_json_writer_to(&r->row);
    seine_json_begin_array(&w);
    seine_json_put_text(&w, at->id);
    seine_json_put_text(&w, (seine_str){time, seine_time_format(at->time_us, time)});
    seine_json_put_number(&w, at->lon);
    seine_json_put_number(&w, at->lat);
    for (size_t i = MEASURES; i < rows->column_count; i++) seine_json_put_number(&w, number_of(rows, i, row));
    seine_json_end_array(&w);
    return w.status;
}

static seine_status take_row(reading *r, const seine_rows *rows, size_t row, seine_error *error) {
    seine_live_position at = {.id = ((const seine_str *)rows->columns[ID].values)[row],
                              .time_us = ((const int64_t *)rows->columns[TIME].values)[row],
                              .lon = number_of(rows, LON, row),
                              .lat = number_of(rows, LAT, row)};
    if (at.time_us < r->from_us || !isfinite(at.lon) || !isfinite(at.lat) || at.id.size > ID_MAX_BYTES) return SEINE_OK;
    if (!seine_live_feed_is_newer(r->wanted->known, at.id, at.time_us) ||
        !seine_live_feed_is_newer(r->wanted->into, at.id, at.time_us))
        return SEINE_OK;
    if (write_row(r, rows, row, &at) != SEINE_OK) return seine_no_memory(error, "live positions");
    at.row = seine_buf_str(&r->row);
    const seine_status status = seine_live_feed_put(r->wanted->into, &at, 0);
    if (status == SEINE_E_NOMEM) return seine_no_memory(error, "live positions");
    r->wanted->left_out += status == SEINE_E_LIMIT;
    if (status == SEINE_OK && at.time_us > r->wanted->newest_us) r->wanted->newest_us = at.time_us;
    return SEINE_OK;
}

/* The newest row of each run of one mover that has a place: in a sorted file the last one, which is looked at first. */
static seine_status take_rows(void *context, const seine_rows *rows, seine_error *error) {
    reading *r = context;
    const seine_str *ids = rows->columns[ID].values;
    const int64_t *times = rows->columns[TIME].values;
    int64_t taken_us = INT64_MIN;
    if (atomic_load(r->wanted->is_over)) return seine_fail(error, SEINE_E_INTERRUPTED, "the server is going down");
    for (size_t i = rows->count; i-- > 0;) {
        if (i + 1 == rows->count || !seine_str_equal(ids[i], ids[i + 1])) taken_us = INT64_MIN;
        if (times[i] <= taken_us || is_null(rows, ID, i) || is_null(rows, TIME, i) || is_null(rows, LON, i) ||
            is_null(rows, LAT, i))
            continue;
        SEINE_TRY(take_row(r, rows, i, error));
        taken_us = times[i];
    }
    return SEINE_OK;
}

/* ---- files ---- */

/* The latest time of a file by its bounds; INT64_MAX: it tells none. */
static int64_t latest_of(const seine_data_file *file, size_t time) {
    int64_t least, most = INT64_MAX;
    (void)seine_stats_range(file->stats != NULL ? &file->stats[time] : NULL, &least, &most);
    return most;
}

static bool is_fenced(const char *path, const char *fence) {
    const size_t size = strlen(fence);
    return strncmp(path, fence, size) == 0 && path[size] == '/' && strstr(path, "/../") == NULL;
}

static bool is_wanted(const seine_live_rows *wanted, const seine_live_file *file) {
    return file->file_sequence_number > wanted->after && is_fenced(file->file.path, wanted->fence);
}

/* From when on rows are wanted: a day before the newest one, of what is known and of the files. */
static int64_t begin_of(const seine_live_rows *wanted, size_t time) {
    int64_t newest_us = wanted->newest_us;
    for (size_t i = 0; i < wanted->silver->file_count; i++) {
        const int64_t latest_us = latest_of(&wanted->silver->files[i].file, time);
        if (is_wanted(wanted, &wanted->silver->files[i]) && latest_us != INT64_MAX && latest_us > newest_us)
            newest_us = latest_us;
    }
    return newest_us > INT64_MIN + SEINE_LIVE_SPAN_US ? newest_us - SEINE_LIVE_SPAN_US : INT64_MIN;
}

static size_t choose_columns(const seine_live_rows *wanted, size_t columns[COLUMNS_MAX]) {
    const size_t count = SEINE_DATASET_MEASURES + wanted->dataset->measure_count;
    for (size_t i = 0; i < count; i++)
        columns[i] = seine_schema_column(wanted->silver->schema, wanted->dataset->columns[i].name);
    return count;
}

static void give_back(const seine_lent_session *lent) {
    seine_lent_session last = *lent;
    seine_sessions_give_back(&last);
}

static seine_status read_files(reading *r, const size_t *columns, size_t column_count, const char *const *files,
                               size_t file_count, seine_error *error) {
    const seine_live_rows *wanted = r->wanted;
    const seine_lent_session none = {0};
    seine_lent_session fresh = {0};
    bool is_fresh = false;
    SEINE_TRY(seine_sessions_take(wanted->sessions, &none, &fresh, &is_fresh, error));
    const seine_lent_session lent SEINE_OWNED(give_back) = fresh;
    const seine_scan scan = {.engine = seine_lent_engine(&lent),
                             .schema = wanted->silver->schema,
                             .columns = columns,
                             .column_count = column_count,
                             .files = files,
                             .file_count = file_count};
    return seine_scan_run(&scan, take_rows, r, error);
}

seine_status seine_live_rows_read(seine_live_rows *wanted, seine_error *error) {
    size_t columns[COLUMNS_MAX], count = 0;
    const size_t column_count = choose_columns(wanted, columns);
    const seine_view_table *silver = wanted->silver;
    const char **files SEINE_OWNED(seine_free_owned) = malloc((silver->file_count + 1) * sizeof *files);
    if (files == NULL) return seine_no_memory(error, "live positions");
    for (size_t i = 0; i < column_count; i++)
        if (columns[i] == SIZE_MAX)
            return seine_fail(error, SEINE_E_FORMAT, "%s: lacks a column of its dataset", silver->name);
    reading r SEINE_OWNED(end_reading) = {.wanted = wanted, .from_us = begin_of(wanted, columns[TIME])};
    seine_buf_init(&r.row, ROW_MAX_BYTES);
    for (size_t i = 0; i < silver->file_count; i++)
        if (is_wanted(wanted, &silver->files[i]) && latest_of(&silver->files[i].file, columns[TIME]) >= r.from_us)
            files[count++] = silver->files[i].file.path;
    wanted->files = count;
    return count > 0 ? read_files(&r, columns, column_count, files, count, error) : SEINE_OK;
}

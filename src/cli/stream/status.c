/* seine stream status: how far each topic has come into the lake. */
#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "ingest/record_positions.h"
#include "stream/stream.h"
#include "table/dataset.h"

#include <inttypes.h>
#include <stdio.h>

#define OUTPUT_BYTES_MAX ((size_t)64 << 20)

/* One partition, with what its runs became. */
typedef struct stream_row {
    const char *dataset;
    seine_record_position at;
    bool has_sources; /* else nobody knows more than the position: records of a reference table */
    int64_t records, silver, duplicates, rejects;
} stream_row;

typedef struct view {
    seine_arena arena;
    seine_catalog *catalog;
    seine_arena_list rows;
    seine_buf out;
} view;

static void end(view *v) {
    seine_catalog_close_owned(&v->catalog);
    seine_arena_free(&v->arena);
    seine_buf_free(&v->out);
}

/* `topic-0@` begins the names of its sources. */
static void add_sources(stream_row *row, const seine_source *sources, size_t count) {
    char begin[300];
    const int size = snprintf(begin, sizeof begin, "%s-%d@", row->at.topic, (int)row->at.partition);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(sources[i].name, begin, (size_t)size) != 0) continue;
        row->records += sources[i].rows;
        row->silver += sources[i].silver;
        row->duplicates += sources[i].duplicates;
        row->rejects += sources[i].rejects;
    }
}

static seine_status add_dataset(view *v, const char *dataset, bool has_sources, seine_error *error) {
    char job[SEINE_DATASET_NAME_MAX + 16];
    seine_record_position *positions = NULL;
    seine_source *sources = NULL;
    size_t count = 0, source_count = 0;
    (void)snprintf(job, sizeof job, SEINE_STREAM_JOB "%s", dataset);
    SEINE_TRY(seine_record_positions(v->catalog, job, &v->arena, &positions, &count, error));
    if (count == 0) return SEINE_OK;
    SEINE_TRY(seine_record_positions_times(v->catalog, job, &v->arena, positions, count, error));
    SEINE_TRY(seine_ledger_sources(v->catalog, dataset, &v->arena, &sources, &source_count, error));
    for (size_t i = 0; i < count; i++) {
        stream_row *row = seine_arena_list_add(&v->rows, &v->arena, sizeof *row);
        if (row == NULL) return seine_no_memory(error, dataset);
        *row = (stream_row){.dataset = dataset, .at = positions[i], .has_sources = has_sources};
        add_sources(row, sources, source_count);
    }
    return SEINE_OK;
}

static void count_text(const stream_row *row, int64_t count, char text[24]) {
    (void)snprintf(text, 24, "%" PRId64, count);
    if (!row->has_sources) (void)snprintf(text, 24, "-");
}

static seine_status put_row(const stream_row *row, seine_buf *out) {
    char when[40] = "-";
    const int64_t last_us = row->at.moved_us;
    if (last_us != INT64_MIN) (void)seine_time_format(last_us - last_us % SEINE_SECOND_US, when);
    char records[24], silver[24], duplicates[24], rejects[24];
    count_text(row, row->records, records);
    count_text(row, row->silver, silver);
    count_text(row, row->duplicates, duplicates);
    count_text(row, row->rejects, rejects);
    return seine_buf_printf(out, "%-24s %-20s %9d %12" PRId64 " %10s %10s %10s %8s  %s\n", row->at.topic, row->dataset,
                            (int)row->at.partition, row->at.position, records, silver, duplicates, rejects, when);
}

static seine_status put_table(view *v) {
    const stream_row *rows = v->rows.items;
    if (v->rows.count == 0) return seine_buf_append_str(&v->out, "no topic has come into this lake yet\n");
    SEINE_TRY(seine_buf_printf(&v->out, "%-24s %-20s %9s %12s %10s %10s %10s %8s  %s\n", "topic", "dataset",
                               "partition", "position", "records", "silver", "duplicates", "rejects", "last batch"));
    for (size_t i = 0; i < v->rows.count; i++) SEINE_TRY(put_row(&rows[i], &v->out));
    return SEINE_OK;
}

static void put_count(seine_json_writer *w, const stream_row *row, const char *key, int64_t count) {
    if (row->has_sources)
        seine_json_field_int(w, key, count);
    else
        seine_json_field_null(w, key);
}

static seine_status put_json(view *v, seine_error *error) {
    const stream_row *rows = v->rows.items;
    seine_json_writer w = seine_json_writer_to(&v->out);
    seine_json_begin_array(&w);
    for (size_t i = 0; i < v->rows.count; i++) {
        char when[40] = "";
        if (rows[i].at.moved_us != INT64_MIN) (void)seine_time_format(rows[i].at.moved_us, when);
        seine_json_begin_object(&w);
        seine_json_field_text(&w, "topic", rows[i].at.topic);
        seine_json_field_text(&w, "dataset", rows[i].dataset);
        seine_json_field_int(&w, "partition", rows[i].at.partition);
        seine_json_field_int(&w, "position", rows[i].at.position);
        put_count(&w, &rows[i], "records", rows[i].records);
        put_count(&w, &rows[i], "silver", rows[i].silver);
        put_count(&w, &rows[i], "duplicates", rows[i].duplicates);
        put_count(&w, &rows[i], "rejects", rows[i].rejects);
        seine_json_field_text(&w, "last_batch", when[0] != '\0' ? when : NULL);
        seine_json_end_object(&w);
    }
    seine_json_end_array(&w);
    return seine_cli_print_json(&w, error);
}

static bool has_dataset(const seine_dataset *const *datasets, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(datasets[i]->name, name) == 0) return true;
    return false;
}

static seine_status run(seine_args *args, seine_error *error) {
    view v SEINE_OWNED(end) = {.catalog = NULL};
    const seine_dataset *const *datasets = NULL;
    size_t count = 0;
    seine_buf_init(&v.out, OUTPUT_BYTES_MAX);
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &v.catalog, error));
    SEINE_TRY(seine_lake_datasets_read(v.catalog, &v.arena, &datasets, &count, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(add_dataset(&v, datasets[i]->name, true, error));
    const char *weather = seine_reference_kind_name(SEINE_REFERENCE_WEATHER);
    if (!has_dataset(datasets, count, weather)) SEINE_TRY(add_dataset(&v, weather, false, error));
    return seine_args_json(args) ? put_json(&v, error) : seine_cli_print(&v.out, put_table(&v), error);
}

const seine_command seine_cmd_stream_status = {
    .name = "stream status",
    .summary = "Show how far each topic has come into the lake",
    .description =
        "By partition: the lake's position, which is the offset of the next record that is to come, and what "
        "became of the records before it. Nothing is asked of Kafka, and nothing is changed.",
    .example = "seine stream status --lake lake\nseine stream status --lake lake --json",
    .needs_lake = true,
    .run = run};

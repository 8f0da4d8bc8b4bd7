/* seine stream status: how far each topic has come into the lake, and what became of its records. */
#include "base/array.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "cli/stream/shared.h"
#include "ingest/record_positions.h"
#include "ingest/remarks.h"
#include "ingest/source_text.h"
#include "ingest/topic_name.h"
#include "stream/ends.h"
#include "table/dataset.h"
#include "table/scan.h"

#include <inttypes.h>
#include <stdio.h>

#define OUTPUT_BYTES_MAX ((size_t)64 << 20)

/* One partition, with what its runs became. */
typedef struct stream_row {
    const char *dataset;
    seine_record_position at;
    bool has_sources; /* else nobody knows more than the position: records of a reference table */
    int64_t records, silver, duplicates, rejects;
    int64_t waiting;                                 /* in the topic; -1: not asked, or nobody tells */
    seine_reject_word words[SEINE_REJECT_WORDS_MAX]; /* of the rejects, if they are wanted */
} stream_row;

typedef struct view {
    seine_arena arena;
    seine_catalog *catalog;
    seine_arena_list rows;
    seine_buf out;
    bool tells_reasons;
} view;

static void end(view *v) {
    seine_catalog_close_owned(&v->catalog);
    seine_arena_free(&v->arena);
    seine_buf_free(&v->out);
}

static bool is_of(const stream_row *row, seine_str source) {
    return seine_topic_name_is_of(source, row->at.topic, row->at.partition);
}

static void add_sources(stream_row *row, const seine_source *sources, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!is_of(row, seine_str_of(sources[i].name))) continue;
        row->records += sources[i].rows;
        row->silver += sources[i].silver;
        row->duplicates += sources[i].duplicates;
        row->rejects += sources[i].rejects;
    }
}

/* ---- reasons ---- */

typedef struct counting {
    stream_row *rows;
    size_t count;
    seine_buf source;   /* of the row before: a file holds the rows of one */
    stream_row *target; /* whose it is; NULL: nobody's */
} counting;

static void end_counting(counting *c) { seine_buf_free(&c->source); }

static seine_status find_target(counting *c, seine_str source) {
    if (seine_str_equal(seine_buf_str(&c->source), source)) return SEINE_OK;
    c->target = NULL;
    for (size_t r = 0; r < c->count && c->target == NULL; r++)
        if (is_of(&c->rows[r], source)) c->target = &c->rows[r];
    seine_buf_clear(&c->source);
    return seine_buf_append(&c->source, source.data, source.size);
}

static seine_status count_reasons(void *context, const seine_rows *rows, seine_error *error) {
    counting *c = context;
    const seine_str *files = rows->columns[0].values, *reasons = rows->columns[1].values;
    for (size_t i = 0; i < rows->count; i++) {
        if (find_target(c, files[i]) != SEINE_OK) return seine_no_memory(error, "stream status");
        if (c->target != NULL) seine_remarks_count(c->target->words, reasons[i], 1);
    }
    return SEINE_OK;
}

static seine_status add_reasons(view *v, const seine_dataset *dataset, stream_row *rows, size_t count,
                                seine_error *error) {
    static const size_t columns[] = {0, 2}; /* source_file and reason */
    const seine_table_schema *schema = seine_dataset_rejects(dataset);
    seine_table *table SEINE_OWNED(seine_table_close_owned) = NULL;
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    const seine_live_file *files = NULL;
    size_t file_count = 0;
    counting c SEINE_OWNED(end_counting) = {.rows = rows, .count = count};
    seine_buf_init(&c.source, OUTPUT_BYTES_MAX);
    SEINE_TRY(seine_table_load(v->catalog, schema->name, (seine_at){0}, &table, error));
    SEINE_TRY(seine_table_files(table, &files, &file_count, error));
    const char **paths = SEINE_ARENA_ARRAY(&v->arena, const char *, file_count + 1);
    if (paths == NULL) return seine_no_memory(error, dataset->name);
    for (size_t f = 0; f < file_count; f++) paths[f] = files[f].file.path;
    SEINE_TRY(seine_source_engine(&engine, error));
    const seine_scan scan = {.engine = engine,
                             .schema = schema,
                             .columns = columns,
                             .column_count = 2,
                             .files = paths,
                             .file_count = file_count};
    return seine_scan_run(&scan, count_reasons, &c, error);
}

/* ---- lag ---- */

/* Of one topic after the other. */
static seine_status add_lag(seine_args *args, stream_row *rows, size_t count, seine_arena *arena, seine_error *error) {
    const seine_kafka kafka = seine_cli_kafka(args);
    seine_stream_partition *partitions = SEINE_ARENA_ARRAY(arena, seine_stream_partition, count + 1);
    if (partitions == NULL) return seine_no_memory(error, "stream status");
    for (size_t first = 0, last; first < count; first = last) {
        for (last = first; last < count && strcmp(rows[last].at.topic, rows[first].at.topic) == 0; last++)
            partitions[last] = (seine_stream_partition){rows[last].at.partition, rows[last].at.position, -1};
        SEINE_TRY(seine_stream_ends(&kafka, rows[first].at.topic, partitions + first, last - first, error));
        for (size_t i = first; i < last; i++) rows[i].waiting = partitions[i].waiting;
    }
    return SEINE_OK;
}

/* ---- rows ---- */

/* @p described NULL: records of the reference table @p dataset, of which nobody knows more than the positions. */
static seine_status add_job(view *v, const char *dataset, const seine_dataset *described, seine_error *error) {
    char job[SEINE_DATASET_NAME_MAX + 16];
    seine_record_position *positions = NULL;
    seine_source *sources = NULL;
    size_t count = 0, source_count = 0;
    (void)snprintf(job, sizeof job, SEINE_STREAM_JOB "%s", dataset);
    SEINE_TRY(seine_record_positions(v->catalog, job, &v->arena, &positions, &count, error));
    if (count == 0) return SEINE_OK;
    SEINE_TRY(seine_record_positions_details(v->catalog, job, &v->arena, positions, count, error));
    SEINE_TRY(seine_ledger_sources(v->catalog, dataset, &v->arena, &sources, &source_count, error));
    for (size_t i = 0; i < count; i++) {
        stream_row *row = seine_arena_list_add(&v->rows, &v->arena, sizeof *row);
        if (row == NULL) return seine_no_memory(error, dataset);
        *row = (stream_row){.dataset = dataset, .at = positions[i], .has_sources = described != NULL, .waiting = -1};
        add_sources(row, sources, source_count);
    }
    stream_row *rows = (stream_row *)v->rows.items + (v->rows.count - count);
    return v->tells_reasons && described != NULL ? add_reasons(v, described, rows, count, error) : SEINE_OK;
}

static seine_status put_words(const stream_row *row, seine_buf *out) {
    for (size_t i = 0; i < SEINE_REJECT_WORDS_MAX && row->words[i].rows > 0; i++)
        SEINE_TRY(seine_buf_printf(out, "%s%s %" PRId64, i == 0 ? "    refused by " : ", ", row->words[i].word,
                                   row->words[i].rows));
    return row->words[0].rows > 0 ? seine_buf_append_str(out, "\n") : SEINE_OK;
}

static void count_text(bool is_known, int64_t count, char text[24]) {
    (void)snprintf(text, 24, "%" PRId64, count);
    if (!is_known) (void)snprintf(text, 24, "-");
}

static seine_status put_row(const stream_row *row, seine_buf *out) {
    char when[40] = "-", waiting[24], records[24], silver[24], duplicates[24], rejects[24];
    const int64_t last_us = row->at.moved_us;
    if (last_us != INT64_MIN) (void)seine_time_format(last_us - last_us % SEINE_SECOND_US, when);
    count_text(row->waiting >= 0, row->waiting, waiting);
    count_text(row->has_sources, row->records, records);
    count_text(row->has_sources, row->silver, silver);
    count_text(row->has_sources, row->duplicates, duplicates);
    count_text(row->has_sources, row->rejects, rejects);
    SEINE_TRY(seine_buf_printf(out, "%-24s %-20s %9d %12" PRId64 " %10s %10s %10s %10s %8s  %s\n", row->at.topic,
                               row->dataset, (int)row->at.partition, row->at.position, waiting, records, silver,
                               duplicates, rejects, when));
    return put_words(row, out);
}

static seine_status put_table(view *v) {
    const stream_row *rows = v->rows.items;
    if (v->rows.count == 0) return seine_buf_append_str(&v->out, "no topic has come into this lake yet\n");
    SEINE_TRY(seine_buf_printf(&v->out, "%-24s %-20s %9s %12s %10s %10s %10s %10s %8s  %s\n", "topic", "dataset",
                               "partition", "position", "waiting", "records", "silver", "duplicates", "rejects",
                               "last batch"));
    for (size_t i = 0; i < v->rows.count; i++) SEINE_TRY(put_row(&rows[i], &v->out));
    return SEINE_OK;
}

static void put_count(seine_json_writer *w, const char *key, bool is_known, int64_t count) {
    if (is_known)
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
        put_count(&w, "waiting", rows[i].waiting >= 0, rows[i].waiting);
        put_count(&w, "records", rows[i].has_sources, rows[i].records);
        put_count(&w, "silver", rows[i].has_sources, rows[i].silver);
        put_count(&w, "duplicates", rows[i].has_sources, rows[i].duplicates);
        put_count(&w, "rejects", rows[i].has_sources, rows[i].rejects);
        if (v->tells_reasons) seine_cli_put_reject_words(&w, rows[i].words);
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
    seine_error why = {SEINE_OK, ""};
    seine_buf_init(&v.out, OUTPUT_BYTES_MAX);
    v.tells_reasons = seine_args_flag(args, "reasons");
    SEINE_TRY(seine_catalog_open(seine_args_lake(args), &v.catalog, error));
    SEINE_TRY(seine_lake_datasets_read(v.catalog, &v.arena, &datasets, &count, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(add_job(&v, datasets[i]->name, datasets[i], error));
    const char *weather = seine_reference_kind_name(SEINE_REFERENCE_WEATHER);
    if (!has_dataset(datasets, count, weather)) SEINE_TRY(add_job(&v, weather, NULL, error));
    if (seine_args_text(args, "brokers") != NULL && v.rows.count > 0 &&
        add_lag(args, v.rows.items, v.rows.count, &v.arena, &why) != SEINE_OK)
        seine_cli_note(args, "what waits is not known: %s", why.text);
    return seine_args_json(args) ? put_json(&v, error) : seine_cli_print(&v.out, put_table(&v), error);
}

static const seine_option options_list[] = {
    SEINE_KAFKA_OPTIONS,
    {.name = "reasons",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "tell by which rules records were refused; reads all that were"},
};

const seine_command seine_cmd_stream_status = {
    .name = "stream status",
    .summary = "Show how far each topic has come into the lake",
    .description =
        "By partition: the lake's position, which is the offset of the next record that is to come, what became of "
        "the records before it, and when the last ones were committed. With --brokers also how many wait in the "
        "topic. Nothing is changed, and no member of a group is needed.",
    .example = "seine stream status --lake lake\n"
               "seine stream status --lake lake --brokers 127.0.0.1:9092 --reasons\n"
               "seine stream status --lake lake --json",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run};

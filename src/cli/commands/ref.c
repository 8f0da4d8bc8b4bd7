/* seine ref load|ls|show: tables that things are looked up in. */
#include "base/json.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "cli/cli.h"
#include "cli/output/output.h"
#include "engine/engine.h"
#include "ingest/reference/reference.h"
#include "io/clock.h"
#include "io/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REFUSED_SHOWN 10
#define PATH_BYTES 4096

/* ---- load ---- */

typedef struct refusals {
    seine_json_writer json; /* of the first ones */
    seine_buf *text;        /* the same for the eye */
    int64_t count;
} refusals;

static void keep_refused(void *context, int64_t row, int64_t line, const char *reason) {
    refusals *r = context;
    if (r->count++ >= REFUSED_SHOWN) return;
    seine_json_begin_object(&r->json);
    seine_json_field_int(&r->json, "row", row);
    if (line > 0) seine_json_field_int(&r->json, "line", line);
    seine_json_field_text(&r->json, "reason", reason);
    seine_json_end_object(&r->json);
    char at[48] = "";
    if (line > 0) (void)snprintf(at, sizeof at, " (line %" PRId64 ")", line);
    /* What does not fit any more is in ref.rejects. */
    if (seine_buf_printf(r->text, "  row %" PRId64 "%s: %s\n", row, at, reason) != SEINE_OK) r->count = REFUSED_SHOWN;
}

static void print_json(const seine_reference_options *options, const seine_reference_report *report,
                       const refusals *refused) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, (size_t)1 << 20);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_object(&w);
    seine_json_field_text(&w, "table", seine_reference_table(options->kind));
    seine_json_field_bool(&w, "changed", report->is_changed);
    seine_json_field_int(&w, "rows", report->rows);
    seine_json_field_int(&w, "refused", report->refused);
    seine_json_field_int(&w, "added", report->added);
    seine_json_field_int(&w, "ended", report->ended);
    seine_json_field_int(&w, "removed", report->removed);
    seine_json_field_int(&w, "total", report->total);
    seine_json_field_int(&w, "in_force", report->in_force);
    seine_json_field_object(&w, "columns");
    for (size_t i = 0; i < SEINE_REFERENCE_FIELDS; i++)
        if (report->columns[i] != NULL)
            seine_json_field_text(&w, seine_reference_field(options->kind, i), report->columns[i]);
    seine_json_end_object(&w);
    printf("%.*s,\"refusals\":[%.*s]}\n", (int)out.size, (const char *)out.data, (int)refused->json.out->size,
           (const char *)refused->json.out->data);
}

static void print_text(const seine_reference_options *options, const seine_reference_report *report,
                       const refusals *refused) {
    const char *table = seine_reference_table(options->kind);
    if (report->is_changed)
        printf("%s: %s in force of %" PRId64 " (%" PRId64 " added, %" PRId64 " ended, %" PRId64 " removed)\n", table,
               seine_count((int64_t)report->in_force, "row").text, report->total, report->added, report->ended,
               report->removed);
    else
        printf("%s: nothing changed (%s in force of %" PRId64 ")\n", table,
               seine_count((int64_t)report->in_force, "row").text, report->total);
    printf("columns:");
    const char *comma = "";
    for (size_t i = 0; i < SEINE_REFERENCE_FIELDS; i++) {
        if (report->columns[i] == NULL) continue;
        printf("%s %s from %s", comma, seine_reference_field(options->kind, i), report->columns[i]);
        comma = ",";
    }
    printf("\n");
    if (report->refused == 0) return;
    printf("refused: %" PRId64 " of %s (SELECT * FROM ref.rejects)\n%.*s", report->refused,
           seine_count((int64_t)report->rows, "row").text, (int)refused->text->size, (const char *)refused->text->data);
    if (report->refused > REFUSED_SHOWN) printf("  … and %" PRId64 " more\n", report->refused - REFUSED_SHOWN);
}

/* Ports that came with the program: share/seine/ports.csv beside its own folder. */
static seine_status default_ports(char path[PATH_BYTES], seine_error *error) {
    char program[PATH_BYTES - 64];
    const ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    if (size > 0) {
        program[size] = '\0';
        *strrchr(program, '/') = '\0';
        (void)snprintf(path, PATH_BYTES, "%s/../share/seine/ports.csv", program);
        if (seine_file_exists(path)) return SEINE_OK;
    }
    return seine_fail(error, SEINE_E_NOT_FOUND, "no port set came with this program; give a file");
}

static seine_status read_words(seine_args *args, seine_reference_options *options, char path[PATH_BYTES],
                               seine_error *error) {
    size_t count = 0;
    const char *const *words = seine_args_list(args, NULL, &count);
    const char *from = seine_args_text(args, "valid-from");
    if (!seine_reference_kind_of(seine_str_of(words[0]), &options->kind))
        return seine_fail(error, SEINE_E_USAGE, "%s: known are %s", words[0], seine_reference_kind_names());
    options->name = seine_args_text(args, "source-name");
    options->columns = seine_args_list(args, "column", &options->column_count);
    options->replace = seine_reference_is_whole(options->kind) || seine_args_flag(args, "replace");
    options->has_valid_from = from != NULL;
    if (from != NULL && !seine_time_parse(seine_str_of(from), &options->valid_from_us))
        return seine_fail(error, SEINE_E_USAGE, "--valid-from %s: not a time such as 2025-01-31", from);
    if (count == 1) {
        if (options->kind != SEINE_REFERENCE_PORTS)
            return seine_fail(error, SEINE_E_USAGE, "give a file of %s; only ports come with the program", words[0]);
        if (options->name == NULL) options->name = "world-port-index.csv";
        return default_ports(path, error);
    }
    if (strlen(words[1]) >= PATH_BYTES) return seine_fail(error, SEINE_E_USAGE, "the name of the file is too long");
    memcpy(path, words[1], strlen(words[1]) + 1);
    return SEINE_OK;
}

static seine_status run_load(seine_args *args, seine_error *error) {
    char path[PATH_BYTES];
    seine_buf json SEINE_OWNED(seine_buf_free), text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&json, (size_t)1 << 20);
    seine_buf_init(&text, (size_t)1 << 20);
    refusals refused = {.text = &text, .json = seine_json_writer_to(&json)};
    seine_reference_report report SEINE_OWNED(seine_reference_report_free) = {.is_changed = false};
    seine_reference_options options = {.refused = keep_refused, .context = &refused};
    SEINE_TRY(read_words(args, &options, path, error));
    options.progress = seine_cli_progress(args);
    SEINE_TRY(seine_reference_load(seine_args_lake(args), path, &options, &report, error));
    seine_cli_progress_end(args);
    if (seine_args_json(args))
        print_json(&options, &report, &refused);
    else if (!seine_args_quiet(args))
        print_text(&options, &report, &refused);
    return SEINE_OK;
}

/* ---- ls, show ---- */

#define SQL_MAX_BYTES ((size_t)1 << 16)
#define REJECTS "ref.rejects"
enum { TABLES = SEINE_REFERENCE_KINDS + 1 };

static seine_status put_list(seine_buf *sql) {
    for (int i = 0; i < SEINE_REFERENCE_KINDS; i++) {
        const char *name = seine_reference_kind_name((seine_reference_kind)i);
        SEINE_TRY(seine_buf_printf(
            sql,
            "%sSELECT '%s' AS ref, count(*) AS rows, count(*) FILTER (valid_to IS NULL) AS in_force,"
            " (SELECT count(*) FROM " REJECTS " WHERE ref = '%s') AS refused, max(loaded_at) AS loaded_at,"
            " string_agg(DISTINCT source_file, ', ' ORDER BY source_file) AS files FROM %s ",
            i > 0 ? "UNION ALL " : "", name, name, seine_reference_table((seine_reference_kind)i)));
    }
    return SEINE_OK;
}

/* What the files say of rows that hold at $1, in the order of their keys. */
static seine_status put_show(seine_reference_kind kind, seine_buf *sql) {
    const seine_table_schema *schema = seine_schema_find(seine_reference_table(kind));
    SEINE_TRY(seine_buf_append_str(sql, "SELECT "));
    for (size_t i = 0; i < seine_reference_cells(kind); i++)
        SEINE_TRY(seine_buf_printf(sql, "%s, ", schema->columns[i].name));
    SEINE_TRY(seine_buf_printf(sql,
                               "valid_from, valid_to FROM %s WHERE (valid_from IS NULL OR valid_from <= "
                               "$1::TIMESTAMPTZ) AND (valid_to IS NULL OR valid_to > $1::TIMESTAMPTZ) ORDER BY ",
                               schema->name));
    for (size_t i = 0; i < seine_reference_key_count(kind); i++)
        SEINE_TRY(seine_buf_printf(sql, "%s%s NULLS FIRST", i > 0 ? ", " : "", schema->columns[i].name));
    return SEINE_OK;
}

static seine_status add_view(seine_engine *engine, seine_table *table, seine_error *error) {
    const seine_live_file *files = NULL;
    size_t count = 0;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    SEINE_TRY(seine_table_files(table, &files, &count, error));
    const char **paths = SEINE_ARENA_ARRAY(&arena, const char *, count);
    if (paths == NULL) return seine_no_memory(error, seine_table_name(table));
    for (size_t i = 0; i < count; i++) paths[i] = files[i].file.path;
    return seine_engine_view(engine, seine_table_schema_of(table), seine_table_name(table), paths, count, error);
}

static seine_status open_tables(seine_args *args, seine_engine *engine, seine_catalog **catalog, seine_error *error) {
    seine_table *tables[TABLES] = {NULL};
    const char *table_names[TABLES] = {[SEINE_REFERENCE_KINDS] = REJECTS};
    for (int i = 0; i < SEINE_REFERENCE_KINDS; i++) table_names[i] = seine_reference_table((seine_reference_kind)i);
    seine_status status = seine_catalog_open(seine_args_lake(args), catalog, error);
    if (status == SEINE_OK) status = seine_tables_load_or_empty(*catalog, table_names, TABLES, tables, error);
    for (size_t i = 0; i < TABLES && status == SEINE_OK; i++) status = add_view(engine, tables[i], error);
    for (size_t i = 0; i < TABLES; i++) seine_table_close(tables[i]);
    return status;
}

static seine_status print_query(seine_args *args, seine_query *query, seine_error *error) {
    enum { COLUMNS_MAX = 16 };
    const char *names[COLUMNS_MAX], *types[COLUMNS_MAX];
    seine_output *output = NULL;
    const seine_output_shape shape = {.column_count = seine_query_column_count(query), .names = names, .types = types};
    for (size_t i = 0; i < shape.column_count; i++) {
        names[i] = seine_query_column_name(query, i);
        types[i] = seine_query_column_type(query, i);
    }
    SEINE_TRY(seine_output_open(seine_args_json(args) ? SEINE_OUTPUT_JSON : SEINE_OUTPUT_TABLE, NULL, &shape, 0,
                                &output, error));
    seine_status status = SEINE_OK;
    for (seine_rows rows = {.count = 1}; status == SEINE_OK && rows.count > 0;) {
        status = seine_query_next(query, &rows, error);
        if (status == SEINE_OK) status = seine_output_rows(output, &rows, error);
    }
    return seine_output_close(output, status, error);
}

static seine_status ask(seine_args *args, seine_buf *statement, const char *const *params, size_t param_count,
                        seine_error *error) {
    const seine_engine_options one = {.threads = 1};
    const char *sql = seine_buf_text(statement);
    if (sql == NULL) return seine_no_memory(error, "ref");
    seine_catalog *catalog SEINE_OWNED(seine_catalog_close_owned) = NULL;
    seine_engine *engine SEINE_OWNED(seine_engine_close_owned) = NULL;
    seine_query *query SEINE_OWNED(seine_query_end_owned) = NULL;
    SEINE_TRY(seine_engine_open(&one, &engine, error));
    SEINE_TRY(open_tables(args, engine, &catalog, error));
    SEINE_TRY(seine_query_start(engine, sql, params, param_count, &query, error));
    return print_query(args, query, error);
}

static seine_status run_ls(seine_args *args, seine_error *error) {
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    return put_list(&sql) == SEINE_OK ? ask(args, &sql, NULL, 0, error) : seine_no_memory(error, "ref ls");
}

static seine_status run_show(seine_args *args, seine_error *error) {
    size_t count = 0;
    const char *kind_word = seine_args_list(args, NULL, &count)[0], *at = seine_args_text(args, "at");
    seine_reference_kind kind;
    int64_t time_us = seine_clock_now_us();
    char moment[40];
    if (!seine_reference_kind_of(seine_str_of(kind_word), &kind))
        return seine_fail(error, SEINE_E_USAGE, "%s: known are %s", kind_word, seine_reference_kind_names());
    if (at != NULL && !seine_time_parse(seine_str_of(at), &time_us))
        return seine_fail(error, SEINE_E_USAGE, "--at %s: not a time such as 2025-01-31T12:00:00Z", at);
    seine_time_format(time_us, moment);
    const char *const params[] = {moment};
    seine_buf sql SEINE_OWNED(seine_buf_free);
    seine_buf_init(&sql, SQL_MAX_BYTES);
    return put_show(kind, &sql) == SEINE_OK ? ask(args, &sql, params, 1, error) : seine_no_memory(error, kind_word);
}

/* ---- commands ---- */

static const seine_option load_options[] = {
    {.name = "valid-from",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "the file holds from this day or time (UTC) on; what held until then keeps its place before it. Not "
             "given: the file holds since ever"},
    {.name = "replace",
     .kind = SEINE_OPTION_FLAG,
     .fallback = "off",
     .help = "the file is the whole set, not an addition (a port file always is)"},
    {.name = "source-name",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "NAME",
     .help = "name in the column source_file (default: the file's own)"},
    {.name = "column",
     .kind = SEINE_OPTION_LIST,
     .metavar = "FIELD=COLUMN,…",
     .help = "which column is what, where names do not tell; ports: id, name, lat, lon, country, unlocode; weather: "
             "lat, lon, time, temperature, wind_speed; others: docs/reference.md. FIELD='text': the same in all rows"},
};

const seine_command seine_cmd_ref_load = {
    .name = "ref load",
    .summary = "Load ports, weather, vessels, regions and the like",
    .positional = "KIND [FILE]",
    .description =
        "Takes CSV, JSON (an array, or an object of objects), JSON Lines, GeoJSON (plain, .zst, .gz) or Parquet into\n"
        "ref.KIND: ports, weather, vessels, segments, segment_vessels, authorizations, regions or distances. Columns\n"
        "are known by their names (docs/reference.md). Refused rows are told and kept in ref.rejects. Without FILE,\n"
        "ports are the set that came with the program (of the World Port Index). The same file again changes nothing.",
    .example = "seine ref load --lake lake ports\n"
               "seine ref load --lake lake ports UpdatedPub150.csv --valid-from 2025-02-01\n"
               "seine ref load --lake lake weather weather.parquet --column temperature=t2m\n"
               "seine ref load --lake lake regions eez.geojson --column \"layer='eez'\"",
    .options = load_options,
    .option_count = sizeof load_options / sizeof *load_options,
    .needs_lake = true,
    .run = run_load};

const seine_command seine_cmd_ref_ls = {.name = "ref ls",
                                        .summary = "List the reference tables and where their rows came from",
                                        .example = "seine ref ls --lake lake",
                                        .needs_lake = true,
                                        .run = run_ls};

static const seine_option show_options[] = {
    {.name = "at",
     .kind = SEINE_OPTION_TEXT,
     .metavar = "TIME",
     .help = "rows that hold at this time (UTC); default: now"},
};

const seine_command seine_cmd_ref_show = {.name = "ref show",
                                          .summary = "Show the rows of a reference table that hold at a time",
                                          .positional = "KIND",
                                          .example = "seine ref show --lake lake ports --at 2025-01-01",
                                          .options = show_options,
                                          .option_count = sizeof show_options / sizeof *show_options,
                                          .needs_lake = true,
                                          .run = run_show};

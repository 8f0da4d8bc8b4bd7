/*
 * Run manifests. The three open lists (settings, inputs, counts) are texts of their own, so that facts may be told in
 * any order; the whole is put together when the commit knows the rest.
 */
#include "table/run.h"

#include "base/array.h"
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "base/url.h"
#include "io/clock.h"
#include "table/commit.h"

#include <math.h>
#include <stdlib.h>

#define MANIFEST_MAX_BYTES ((size_t)64 << 20)

/* The inside of a JSON object or array. */
typedef struct part {
    seine_buf text;
    seine_json_writer json;
} part;

struct seine_run_manifest {
    char id[37], invocation[37];
    char *command;
    int64_t started_us, begun_us; /* by the clock; monotonic */
    part settings, inputs, counts;
};

static void open_part(part *p) {
    seine_buf_init(&p->text, MANIFEST_MAX_BYTES);
    p->json = seine_json_writer_to(&p->text);
}

seine_status seine_run_begin(const char *command, const char *invocation, int64_t started_us, int64_t begun_us,
                             seine_run_manifest **run, seine_error *error) {
    *run = NULL;
    seine_run_manifest *made = calloc(1, sizeof *made);
    if (made == NULL) return seine_no_memory(error, "run");
    open_part(&made->settings);
    open_part(&made->inputs);
    open_part(&made->counts);
    made->started_us = started_us;
    made->begun_us = begun_us;
    made->command = strdup(command);
    seine_status status = made->command != NULL ? seine_uuid4(made->id, error) : seine_no_memory(error, "run");
    if (status != SEINE_OK) {
        seine_run_free(made);
        return status;
    }
    memcpy(made->invocation, made->id, sizeof made->id);
    if (invocation != NULL) {
        const size_t size = strnlen(invocation, sizeof made->invocation - 1);
        memcpy(made->invocation, invocation, size);
        made->invocation[size] = '\0';
    }
    *run = made;
    return SEINE_OK;
}

void seine_run_free(seine_run_manifest *run) {
    if (run == NULL) return;
    seine_buf_free(&run->settings.text);
    seine_buf_free(&run->inputs.text);
    seine_buf_free(&run->counts.text);
    free(run->command);
    free(run);
}

const char *seine_run_id(const seine_run_manifest *run) { return run->id; }

/* ---- facts ---- */

static void put_text(seine_json_writer *w, const char *key, const char *text) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_text(w, seine_str_of(text));
}

static void put_int(seine_json_writer *w, const char *key, int64_t value) {
    seine_json_key(w, seine_str_of(key));
    seine_json_put_int(w, value);
}

/* A snapshot id; -1 is null. */
static void put_snapshot(seine_json_writer *w, const char *key, int64_t id) {
    seine_json_key(w, seine_str_of(key));
    if (id == -1)
        seine_json_put_null(w);
    else
        seine_json_put_int(w, id);
}

void seine_run_setting_int(seine_run_manifest *run, const char *name, int64_t value) {
    put_int(&run->settings.json, name, value);
}

void seine_run_setting_number(seine_run_manifest *run, const char *name, double value) {
    seine_json_key(&run->settings.json, seine_str_of(name));
    seine_json_put_number(&run->settings.json, value);
}

void seine_run_setting_flag(seine_run_manifest *run, const char *name, bool value) {
    seine_json_key(&run->settings.json, seine_str_of(name));
    seine_json_put_bool(&run->settings.json, value);
}

void seine_run_setting_text(seine_run_manifest *run, const char *name, const char *value) {
    seine_arena arena = {0};
    const char *kept = seine_url_without_secrets(value, &arena);
    if (kept != NULL)
        put_text(&run->settings.json, name, kept);
    else if (run->settings.json.status == SEINE_OK)
        run->settings.json.status = SEINE_E_NOMEM;
    seine_arena_free(&arena);
}

void seine_run_count(seine_run_manifest *run, const char *name, int64_t value) {
    put_int(&run->counts.json, name, value);
}

void seine_run_input_source(seine_run_manifest *run, const seine_source *source) {
    seine_json_writer *w = &run->inputs.json;
    seine_json_begin_object(w);
    put_text(w, "source", source->name);
    put_text(w, "sha256", source->sha256);
    put_text(w, "state", seine_source_state_name(source->state));
    put_int(w, "rows", source->rows);
    seine_json_end_object(w);
}

void seine_run_input_sources(seine_run_manifest *run, const seine_source_set *sources) {
    char hex[33];
    seine_hash128_hex(sources->content, hex);
    seine_json_writer *w = &run->inputs.json;
    seine_json_begin_object(w);
    put_int(w, "sources", sources->count);
    put_text(w, "content", hex);
    seine_json_end_object(w);
}

void seine_run_input_table(seine_run_manifest *run, const char *table, int64_t snapshot_id, size_t partitions,
                           seine_hash128 content) {
    char hex[33];
    seine_hash128_hex(content, hex);
    seine_json_writer *w = &run->inputs.json;
    seine_json_begin_object(w);
    put_text(w, "table", table);
    put_snapshot(w, "snapshot", snapshot_id);
    put_int(w, "partitions", (int64_t)partitions);
    put_text(w, "content", hex);
    seine_json_end_object(w);
}

/* ---- the whole ---- */

static void put_time(seine_json_writer *w, const char *key, int64_t time_us) {
    char text[40];
    seine_time_format(time_us, text);
    put_text(w, key, text);
}

/* One of the lists, between its brackets. */
static void put_part(seine_json_writer *w, const char *key, const part *p, bool is_object) {
    seine_json_key(w, seine_str_of(key));
    if (is_object)
        seine_json_begin_object(w);
    else
        seine_json_begin_array(w);
    if (w->status == SEINE_OK) w->status = p->json.status;
    if (w->status == SEINE_OK) w->status = seine_buf_append(w->out, p->text.data, p->text.size);
    if (is_object)
        seine_json_end_object(w);
    else
        seine_json_end_array(w);
}

static void put_versions(seine_json_writer *w) {
    seine_json_key(w, SEINE_STR("versions"));
    seine_json_begin_object(w);
    put_text(w, "seine", SEINE_VERSION);
    put_int(w, "lake_format", SEINE_LAKE_FORMAT);
    put_int(w, "iceberg_format", 2);
    seine_json_end_object(w);
}

static void put_change(seine_json_writer *w, const seine_change *change) {
    int64_t added_rows = 0, removed_rows = 0;
    for (size_t i = 0; i < change->added_count; i++) added_rows += change->added[i].live.file.rows;
    for (size_t i = 0; i < change->base->file_count; i++)
        if (change->is_removed[i]) removed_rows += change->base->files[i].file.rows;
    seine_json_key(w, seine_str_of(change->table->name));
    seine_json_begin_object(w);
    put_snapshot(w, "before", change->base->snapshot_id);
    put_snapshot(w, "after", change->new_snapshot_id);
    put_int(w, "added_files", (int64_t)change->added_count);
    put_int(w, "removed_files", (int64_t)change->removed_count);
    put_int(w, "added_rows", added_rows);
    put_int(w, "removed_rows", removed_rows);
    seine_json_end_object(w);
}

static void put_tables(seine_json_writer *w, const seine_change *changes) {
    seine_json_key(w, SEINE_STR("tables"));
    seine_json_begin_object(w);
    for (const seine_change *change = changes; change != NULL; change = change->next)
        if (change->new_snapshot_id != 0) put_change(w, change);
    seine_json_end_object(w);
}

static seine_status make_manifest(const seine_run_manifest *run, const seine_change *changes, const seine_error *why,
                                  seine_buf *text) {
    const int64_t spent_us = seine_clock_monotonic_us() - run->begun_us;
    seine_json_writer w = seine_json_writer_to(text);
    seine_json_begin_object(&w);
    put_text(&w, "id", run->id);
    put_text(&w, "invocation", run->invocation);
    put_text(&w, "command", run->command);
    if (why == NULL) {
        put_text(&w, "status", "committed");
    } else {
        put_text(&w, "status", why->status == SEINE_E_INTERRUPTED ? "interrupted" : "failed");
        put_text(&w, "error", why->text);
    }
    put_time(&w, "started_at", run->started_us);
    put_time(&w, "finished_at", seine_clock_now_us());
    seine_json_key(&w, SEINE_STR("seconds"));
    seine_json_put_number(&w, round((double)spent_us / 1e3) / 1e3);
    put_versions(&w);
    put_part(&w, "settings", &run->settings, true);
    put_part(&w, "inputs", &run->inputs, false);
    put_part(&w, "counts", &run->counts, true);
    put_tables(&w, changes);
    seine_json_end_object(&w);
    return w.status;
}

seine_status seine_run_queue(const seine_run_manifest *run, seine_commit *commit, const seine_error *why,
                             seine_error *error) {
    seine_buf text;
    seine_buf_init(&text, MANIFEST_MAX_BYTES);
    seine_status status = make_manifest(run, commit->changes, why, &text);
    const char *manifest = status == SEINE_OK ? seine_buf_text(&text) : NULL;
    if (manifest != NULL)
        status = seine_ledger_put_run(commit, run->id, run->command, run->started_us, manifest, error);
    else
        status = seine_fail(error, status != SEINE_OK ? status : SEINE_E_NOMEM, "run manifest: %s",
                            seine_status_text(status != SEINE_OK ? status : SEINE_E_NOMEM));
    seine_buf_free(&text);
    return status;
}

seine_status seine_run_finish(seine_commit *commit, seine_error *error) {
    if (commit->run == NULL) return SEINE_OK;
    commit->end_ops = (seine_ledger_ops){0}; /* of a former attempt */
    commit->queue = &commit->end_ops;
    const seine_status status = seine_run_queue(commit->run, commit, NULL, error);
    commit->queue = &commit->ops;
    return status;
}

seine_status seine_run_join(seine_run_manifest *run, seine_commit *commit, seine_error *error) {
    const part *parts[] = {&run->settings, &run->inputs, &run->counts};
    for (size_t i = 0; i < 3; i++)
        if (parts[i]->json.status != SEINE_OK)
            return seine_fail(error, parts[i]->json.status, "run manifest: %s",
                              seine_status_text(parts[i]->json.status));
    commit->run = run;
    return SEINE_OK;
}

/* ---- reading ---- */

typedef struct run_reader {
    seine_arena *arena;
    seine_arena_list rows;
} run_reader;

static const char *copy(seine_arena *arena, const seine_db_value *column) {
    const char *text = column->kind == SEINE_DB_TEXT ? column->text : "";
    return seine_arena_copy(arena, text, strlen(text));
}

static seine_status read_run(void *context, const seine_db_value *c, seine_error *error) {
    run_reader *r = context;
    seine_run_row *row = seine_arena_list_add(&r->rows, r->arena, sizeof *row);
    if (row == NULL) return seine_no_memory(error, "run");
    *row = (seine_run_row){.id = copy(r->arena, &c[0]),
                           .command = copy(r->arena, &c[1]),
                           .started_us = c[2].kind == SEINE_DB_INT ? c[2].integer : 0,
                           .manifest = copy(r->arena, &c[3])};
    return row->id != NULL && row->command != NULL && row->manifest != NULL ? SEINE_OK : seine_no_memory(error, "run");
}

static seine_status read_runs(seine_catalog *catalog, const char *sql, const char *param, seine_arena *arena,
                              seine_run_row **rows, size_t *count, seine_error *error) {
    run_reader reader = {.arena = arena};
    const seine_status status =
        seine_db_query(catalog->db, sql, &param, param != NULL ? 1 : 0, read_run, &reader, error);
    *rows = reader.rows.items;
    *count = reader.rows.count;
    return status;
}

/* A run, and when it ended: commits of one command began at the same moment. */
typedef struct ended_run {
    seine_run_row row;
    const char *finished_at; /* ISO 8601, so that texts are ordered as times; "" = not told */
} ended_run;

static int compare_latest(const void *a, const void *b) {
    const ended_run *x = a, *y = b;
    if (x->row.started_us != y->row.started_us) return x->row.started_us > y->row.started_us ? -1 : 1;
    const int by_end = strcmp(y->finished_at, x->finished_at);
    return by_end != 0 ? by_end : strcmp(x->row.id, y->row.id);
}

static seine_status read_end(const seine_run_row *row, seine_arena *arena, const char **finished_at,
                             seine_error *error) {
    seine_json *json = NULL;
    SEINE_TRY(seine_json_parse(seine_str_of(row->manifest), row->id, &json, error));
    const seine_str text = seine_json_text(seine_json_get(seine_json_root(json), "finished_at"));
    *finished_at = text.size > 0 ? seine_arena_copy(arena, text.data, text.size) : "";
    seine_json_free(json);
    return *finished_at != NULL ? SEINE_OK : seine_no_memory(error, "run");
}

seine_status seine_runs(seine_catalog *catalog, size_t limit, seine_arena *arena, seine_run_row **rows, size_t *count,
                        seine_error *error) {
    SEINE_TRY(
        read_runs(catalog, "SELECT id, command, started_us, manifest FROM seine_run", NULL, arena, rows, count, error));
    ended_run *runs = SEINE_ARENA_ARRAY(arena, ended_run, *count);
    if (runs == NULL) return seine_no_memory(error, "run");
    for (size_t i = 0; i < *count; i++) {
        runs[i].row = (*rows)[i];
        SEINE_TRY(read_end(&runs[i].row, arena, &runs[i].finished_at, error));
    }
    if (*count > 0) qsort(runs, *count, sizeof *runs, compare_latest);
    for (size_t i = 0; i < *count; i++) (*rows)[i] = runs[i].row;
    if (limit > 0 && *count > limit) *count = limit;
    return SEINE_OK;
}

seine_status seine_runs_find(seine_catalog *catalog, const char *prefix, seine_arena *arena, seine_run_row **rows,
                             size_t *count, seine_error *error) {
    return read_runs(catalog,
                     "SELECT id, command, started_us, manifest FROM seine_run WHERE substr(id, 1, length(?1)) = ?1"
                     " ORDER BY started_us DESC, id",
                     prefix, arena, rows, count, error);
}

static seine_status leads_to(const seine_run_row *row, int64_t snapshot_id, bool *leads, seine_error *error) {
    seine_json *json = NULL;
    seine_json_iter it = {0};
    SEINE_TRY(seine_json_parse(seine_str_of(row->manifest), row->id, &json, error));
    *leads = false;
    while (!*leads && seine_json_next(seine_json_get(seine_json_root(json), "tables"), &it))
        *leads = seine_json_int(seine_json_get(it.value, "after"), -1) == snapshot_id;
    seine_json_free(json);
    return SEINE_OK;
}

seine_status seine_runs_of_snapshot(seine_catalog *catalog, int64_t snapshot_id, seine_arena *arena,
                                    seine_run_row **rows, size_t *count, seine_error *error) {
    const char *digits = seine_arena_printf(arena, "%%%lld%%", (long long)snapshot_id);
    size_t kept = 0, found = 0;
    if (digits == NULL) return seine_no_memory(error, "run");
    SEINE_TRY(read_runs(catalog,
                        "SELECT id, command, started_us, manifest FROM seine_run WHERE manifest LIKE ?1 ORDER BY id",
                        digits, arena, rows, &found, error));
    for (size_t i = 0; i < found; i++) {
        bool leads = false;
        SEINE_TRY(leads_to(&(*rows)[i], snapshot_id, &leads, error));
        if (leads) (*rows)[kept++] = (*rows)[i];
    }
    *count = kept;
    return SEINE_OK;
}

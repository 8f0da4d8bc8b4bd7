/*
 * The fingerprint of a unit names everything its rows depend on; rows made from equal fingerprints are equal, so what
 * the ledger has under the same one need not be made again. That of a sink is kept with its parts, so that the log can
 * say which of them has changed:
 *
 *     model:HASH parameters:HASH TABLE:DAYS:HASH TABLE:DAYS:HASH …
 *
 * DAYS are those which that run has read: "all", "null" or FIRST..LAST. A table has changed when these days of it have,
 * whatever is read of it now: another window or a longer span is nothing that has become of the table.
 */
#include "model/plan.h"

#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "engine/engine.h"
#include "table/ledger.h"

#include <stdlib.h>

#define RUNNER_VERSION "models-1" /* grows when rows of the same SQL would differ */
#define FINGERPRINT_MAX_BYTES ((size_t)256 << 20)

/* ---- windows ---- */

/* Days that an input reads: all, or from the first to the last, or (null) rows without a day. */
typedef struct days {
    bool is_all, is_null;
    int32_t first, last;
} days;

static int32_t day_of(const seine_table_schema *schema, size_t column, int64_t value) {
    return schema->columns[column].type == SEINE_TYPE_DATE ? (int32_t)value : seine_time_day(value);
}

/* Of the rows that are read of another input; what a file does not tell may be any day. */
static days span_of(const seine_model_lake *lake, const seine_model_input *input, seine_partition_value day) {
    const seine_model_table *of = seine_model_lake_find(lake, input->of);
    const seine_model_part *part = seine_model_part_find(of, day);
    const size_t from = seine_schema_column(of->schema, input->from), to = seine_schema_column(of->schema, input->to);
    days span = {.first = INT32_MAX, .last = INT32_MIN};
    for (size_t i = 0; part != NULL && i < part->file_count; i++) {
        const seine_column_stats *stats = part->stats[i];
        int64_t first[2], last[2];
        if (stats == NULL || from == SIZE_MAX || to == SIZE_MAX ||
            !seine_stats_range(&stats[from], &first[0], &first[1]) ||
            !seine_stats_range(&stats[to], &last[0], &last[1]))
            return (days){.is_all = true};
        const int32_t first_day = day_of(of->schema, from, first[0]), last_day = day_of(of->schema, to, last[1]);
        if (first_day < span.first) span.first = first_day;
        if (last_day > span.last) span.last = last_day;
    }
    return span;
}

static days days_of(const seine_model_lake *lake, const seine_model_input *input, seine_partition_value day) {
    switch (input->window) {
    case SEINE_WINDOW_ALL: return (days){.is_all = true};
    case SEINE_WINDOW_SPAN: return span_of(lake, input, day);
    case SEINE_WINDOW_DAY:
    case SEINE_WINDOW_DAY_BEFORE:
    default: break;
    }
    return (days){.is_null = day.is_null,
                  .first = input->window == SEINE_WINDOW_DAY_BEFORE ? day.value - 1 : day.value,
                  .last = day.value};
}

bool seine_model_window_has(const seine_model_lake *lake, const seine_model_input *input, seine_partition_value day,
                            seine_partition_value read) {
    const days in = days_of(lake, input, day);
    if (in.is_all) return true;
    return read.is_null ? in.is_null : !in.is_null && read.value >= in.first && read.value <= in.last;
}

static seine_status walk_days(const seine_model_table *table, days in, seine_model_part_fn visit, void *context) {
    const seine_partition_value first = {in.is_null, in.first};
    for (size_t i = in.is_all ? 0 : seine_model_part_from(table, first); i < table->count; i++) {
        const seine_partition_value at = table->parts[i].day;
        if (!in.is_all && (at.is_null ? !in.is_null : in.is_null || at.value > in.last)) break;
        SEINE_TRY(visit(context, &table->parts[i]));
    }
    return SEINE_OK;
}

seine_status seine_model_window_walk(const seine_model_lake *lake, const seine_model_input *input,
                                     seine_partition_value day, seine_model_part_fn visit, void *context) {
    return walk_days(seine_model_lake_find(lake, input->table), days_of(lake, input, day), visit, context);
}

/* ---- fingerprints ---- */

static seine_status put_text(seine_buf *out, const char *text) { return seine_buf_append(out, text, strlen(text) + 1); }

static seine_status put_part(void *context, const seine_model_part *part) {
    seine_buf *out = context;
    const int64_t numbers[] = {part->day.is_null, part->day.is_null ? 0 : part->day.value, part->rows};
    if (part->rows == 0) return SEINE_OK; /* as if it were not there */
    SEINE_TRY(seine_buf_append(out, numbers, sizeof numbers));
    return seine_buf_append(out, &part->content, sizeof part->content);
}

static seine_status put_definition(seine_buf *out, const seine_model *model) {
    SEINE_TRY(put_text(out, RUNNER_VERSION));
    SEINE_TRY(put_text(out, seine_engine_version()));
    return put_text(out, model->text);
}

static seine_status put_settings(seine_buf *out, const seine_model *model) {
    for (size_t i = 0; i < model->setting_count; i++) {
        SEINE_TRY(put_text(out, model->settings[i].name));
        SEINE_TRY(put_text(out, model->settings[i].value));
    }
    return SEINE_OK;
}

static seine_status fingerprint_of(const seine_model *model, const seine_model_lake *lake, seine_partition_value day,
                                   seine_buf *out, seine_hash128 *fingerprint) {
    seine_buf_clear(out);
    SEINE_TRY(put_definition(out, model));
    SEINE_TRY(put_settings(out, model));
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model_table *table = seine_model_lake_find(lake, model->inputs[i].table);
        SEINE_TRY(put_text(out, table->name));
        SEINE_TRY(seine_model_window_walk(lake, &model->inputs[i], day, put_part, out));
    }
    *fingerprint = seine_hash128_of(out->data, out->size);
    return SEINE_OK;
}

/* ---- their parts ---- */

/* Where parts are made. */
typedef struct parts {
    const seine_model *model;
    const seine_model_lake *lake;
    seine_buf bytes, text; /* of one part, of all */
} parts;

static seine_status put_hash(parts *p) {
    char hex[33];
    seine_hash128_hex(seine_hash128_of(p->bytes.data, p->bytes.size), hex);
    return seine_buf_append_str(&p->text, hex);
}

static seine_status put_days(parts *p, const char *table, days in) {
    if (in.is_all) return seine_buf_printf(&p->text, "%s:all:", table);
    if (in.is_null) return seine_buf_printf(&p->text, "%s:null:", table);
    return seine_buf_printf(&p->text, "%s:%d..%d:", table, in.first, in.last);
}

static seine_status put_input(parts *p, const seine_model_input *input, days in) {
    const seine_model_table *table = seine_model_lake_find(p->lake, input->table);
    SEINE_TRY(put_days(p, input->table, in));
    seine_buf_clear(&p->bytes);
    SEINE_TRY(walk_days(table, in, put_part, &p->bytes));
    return put_hash(p);
}

static seine_status put_own(parts *p) {
    seine_buf_clear(&p->bytes);
    SEINE_TRY(put_definition(&p->bytes, p->model));
    SEINE_TRY(seine_buf_append_str(&p->text, "model:"));
    SEINE_TRY(put_hash(p));
    seine_buf_clear(&p->bytes);
    SEINE_TRY(put_settings(&p->bytes, p->model));
    SEINE_TRY(seine_buf_append_str(&p->text, " parameters:"));
    return put_hash(p);
}

/* @return the parts of a unit, in @p arena, or NULL: out of memory. */
static const char *parts_of(parts *p, seine_partition_value day, seine_arena *arena) {
    seine_buf_clear(&p->text);
    seine_status status = put_own(p);
    for (size_t i = 0; i < p->model->input_count && status == SEINE_OK; i++) {
        const seine_model_input *input = &p->model->inputs[i];
        status = seine_buf_append_str(&p->text, " ");
        if (status == SEINE_OK) status = put_input(p, input, days_of(p->lake, input, day));
    }
    return status == SEINE_OK ? seine_arena_copy(arena, (const char *)p->text.data, p->text.size) : NULL;
}

/* What stands before @p separator; *rest is what stands behind it. */
static seine_str take_until(seine_str *rest, char separator) {
    const char *at = rest->size > 0 ? memchr(rest->data, separator, rest->size) : NULL;
    const size_t size = at != NULL ? (size_t)(at - rest->data) : rest->size, skip = size + (at != NULL);
    const seine_str part = {rest->data, size};
    *rest = (seine_str){rest->data + skip, rest->size - skip};
    return part;
}

static bool parse_days(seine_str text, days *in) {
    int64_t first = 0, last = 0;
    *in =
        (days){.is_all = seine_str_equal(text, SEINE_STR("all")), .is_null = seine_str_equal(text, SEINE_STR("null"))};
    if (in->is_all || in->is_null) return true;
    const seine_str from = take_until(&text, '.');
    (void)take_until(&text, '.');
    const bool is_span = seine_integer_parse(from, &first) && seine_integer_parse(text, &last);
    in->first = (int32_t)first;
    in->last = (int32_t)last;
    return is_span;
}

static const seine_model_input *find_input(const seine_model *model, seine_str table) {
    for (size_t i = 0; i < model->input_count; i++)
        if (seine_str_equal(seine_str_of(model->inputs[i].table), table)) return &model->inputs[i];
    return NULL;
}

static unsigned cause_of_input(const seine_model *model, const seine_model_input *input) {
    return SEINE_MODEL_CAUSE_INPUT((unsigned)(find_input(model, seine_str_of(input->table)) - model->inputs));
}

/* What that run has read of a table, and what it is now. What is read no more has changed nothing. */
static seine_status compare_input(parts *p, seine_str part, seine_model_unit *unit) {
    seine_str rest = part;
    days in;
    const seine_model_input *input = find_input(p->model, take_until(&rest, ':'));
    if (input == NULL) return SEINE_OK;
    if (!parse_days(take_until(&rest, ':'), &in)) {
        unit->has_causes = false;
        return SEINE_OK;
    }
    seine_buf_clear(&p->text);
    SEINE_TRY(put_input(p, input, in));
    if (!seine_str_equal(seine_buf_str(&p->text), part)) unit->causes |= cause_of_input(p->model, input);
    return SEINE_OK;
}

static seine_status compare_parts(parts *p, const char *former, seine_model_unit *unit) {
    seine_str rest = seine_str_of(former);
    const seine_str model = take_until(&rest, ' '), settings = take_until(&rest, ' ');
    seine_buf_clear(&p->text);
    SEINE_TRY(put_own(p));
    seine_str own = seine_buf_str(&p->text);
    if (!seine_str_equal(take_until(&own, ' '), model)) unit->causes |= SEINE_MODEL_CAUSE_MODEL;
    if (!seine_str_equal(own, settings)) unit->causes |= SEINE_MODEL_CAUSE_PARAMETERS;
    while (rest.size > 0) SEINE_TRY(compare_input(p, take_until(&rest, ' '), unit));
    return SEINE_OK;
}

/* A day that is made for the first time is there for the tables that have it; share_causes adds what it shares with
 * the other days. */
static unsigned causes_of_day(const seine_model *model, const seine_model_lake *lake, seine_partition_value day) {
    unsigned causes = 0;
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model_part *part = seine_model_part_find(seine_model_lake_find(lake, model->inputs[i].table), day);
        if (seine_model_input_is_by_day(&model->inputs[i]) && part != NULL && part->rows > 0)
            causes |= cause_of_input(model, &model->inputs[i]);
    }
    return causes;
}

/* @p job: when it was made; NULL = never. @p is_new: its table is. */
static seine_status tell_causes(parts *p, const seine_job_row *job, bool is_new, seine_model_unit *unit) {
    unit->has_causes = true;
    if (is_new)
        unit->causes = SEINE_MODEL_CAUSE_MODEL;
    else if (job == NULL)
        unit->causes = causes_of_day(p->model, p->lake, unit->day);
    else if (job->parts != NULL && unit->is_stale)
        return compare_parts(p, job->parts, unit);
    else
        unit->has_causes = !unit->is_gone && seine_hash128_equal(job->fingerprint, unit->fingerprint);
    return SEINE_OK;
}

/* ---- days ---- */

const char *seine_model_day_text(const seine_model *model, seine_partition_value day, char text[16]) {
    if (day.is_null) return model->has_days ? "rows without a day" : "all days";
    (void)seine_date_format(day.value, text);
    return text;
}

static int compare_units(const void *a, const void *b) {
    return seine_partition_value_compare(((const seine_model_unit *)a)->day, ((const seine_model_unit *)b)->day);
}

/* Days of the inputs read by day; one unit without a day for a model without days. */
static size_t days_of_inputs(const seine_model *model, const seine_model_lake *lake, seine_model_unit *units) {
    size_t n = 0;
    if (!model->has_days) {
        units[n++] = (seine_model_unit){.day = {.is_null = true}};
        return n;
    }
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model_table *table = seine_model_lake_find(lake, model->inputs[i].table);
        if (!seine_model_input_is_by_day(&model->inputs[i])) continue;
        for (size_t k = 0; k < table->count; k++)
            if ((model->takes_null || !table->parts[k].day.is_null) && table->parts[k].rows > 0)
                units[n++] = (seine_model_unit){.day = table->parts[k].day};
    }
    return n;
}

static size_t most_units(const seine_model *model, const seine_model_lake *lake, size_t job_count) {
    size_t n = 1 + job_count;
    for (size_t i = 0; i < model->input_count; i++) n += seine_model_lake_find(lake, model->inputs[i].table)->count;
    return n;
}

/* Sorts units and drops repeated days; of equal ones the one that is not gone stays. */
static size_t merge_units(seine_model_unit *units, size_t count) {
    size_t kept = 0;
    if (count > 0) qsort(units, count, sizeof *units, compare_units);
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && compare_units(&units[kept - 1], &units[i]) == 0)
            units[kept - 1].is_gone = units[kept - 1].is_gone && units[i].is_gone;
        else
            units[kept++] = units[i];
    }
    return kept;
}

static int compare_jobs(const void *a, const void *b) {
    return seine_partition_value_compare(((const seine_job_row *)a)->partition[0],
                                         ((const seine_job_row *)b)->partition[0]);
}

/* The ledger gives them by day. */
static const seine_job_row *find_job(const seine_job_row *jobs, size_t count, seine_partition_value day) {
    const seine_job_row wanted = {.partition = {day}};
    return count > 0 ? bsearch(&wanted, jobs, count, sizeof wanted, compare_jobs) : NULL;
}

/* What a former release made of a sink is made once more, so that its parts are kept. */
static bool is_known(const seine_model *model, const seine_job_row *job, const seine_model_unit *unit) {
    return job != NULL && seine_hash128_equal(job->fingerprint, unit->fingerprint) &&
           (!model->is_events || job->parts != NULL);
}

static seine_status fill_unit(parts *p, const seine_job_row *job, bool is_new, seine_arena *arena,
                              seine_model_unit *unit) {
    if (!unit->is_gone) SEINE_TRY(fingerprint_of(p->model, p->lake, unit->day, &p->bytes, &unit->fingerprint));
    unit->is_stale = unit->is_gone || is_new || !is_known(p->model, job, unit);
    if (!p->model->is_events) return SEINE_OK;
    SEINE_TRY(tell_causes(p, job, is_new, unit));
    if (unit->is_gone) return SEINE_OK;
    unit->parts = unit->is_stale ? parts_of(p, unit->day, arena) : job->parts;
    return unit->parts != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* What has changed for each unit that was made before has done so since the model ran last. Of what a day reads
 * only the tables that it reads as a whole are those of another day, too. */
static void share_causes(const seine_model *model, const seine_job_row *jobs, size_t job_count, seine_model_unit *units,
                         size_t count) {
    unsigned shared = SEINE_MODEL_CAUSE_MODEL | SEINE_MODEL_CAUSE_PARAMETERS;
    bool is_known = job_count == 0;
    for (size_t i = 0; i < model->input_count; i++)
        if (model->inputs[i].window == SEINE_WINDOW_ALL) shared |= cause_of_input(model, &model->inputs[i]);
    for (size_t i = 0; i < count; i++) {
        if (!units[i].has_causes || find_job(jobs, job_count, units[i].day) == NULL) continue;
        shared &= units[i].causes;
        is_known = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (find_job(jobs, job_count, units[i].day) != NULL) continue;
        units[i].has_causes = is_known;
        if (job_count > 0) units[i].causes |= shared;
    }
}

static void parts_end(parts *p) {
    seine_buf_free(&p->bytes);
    seine_buf_free(&p->text);
}

seine_status seine_model_units(seine_catalog *catalog, const seine_model *model, const seine_model_lake *lake,
                               seine_arena *arena, seine_model_unit **units, size_t *count, seine_error *error) {
    parts p SEINE_OWNED(parts_end) = {.model = model, .lake = lake};
    seine_buf_init(&p.bytes, FINGERPRINT_MAX_BYTES);
    seine_buf_init(&p.text, FINGERPRINT_MAX_BYTES);
    seine_job_row *jobs = NULL;
    size_t job_count = 0;
    const bool is_new = seine_model_lake_find(lake, model->schema.name)->shape != NULL;
    SEINE_TRY(seine_ledger_jobs(catalog, model->schema.name, arena, &jobs, &job_count, error));
    *units = SEINE_ARENA_ARRAY(arena, seine_model_unit, most_units(model, lake, job_count));
    if (*units == NULL) return seine_no_memory(error, model->file);
    size_t n = days_of_inputs(model, lake, *units);
    for (size_t i = 0; i < job_count; i++)
        (*units)[n++] = (seine_model_unit){.day = jobs[i].partition[0], .is_gone = true};
    *count = merge_units(*units, n);
    for (size_t i = 0; i < *count; i++) {
        seine_model_unit *unit = &(*units)[i];
        if (fill_unit(&p, find_job(jobs, job_count, unit->day), is_new, arena, unit) != SEINE_OK)
            return seine_no_memory(error, model->file);
    }
    if (model->is_events && !is_new) share_causes(model, jobs, job_count, *units, *count);
    return SEINE_OK;
}

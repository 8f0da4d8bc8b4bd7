/*
 * The fingerprint of a unit names everything its rows depend on; rows made from equal fingerprints are equal, so what
 * the ledger has under the same one need not be made again.
 */
#include "model/plan.h"

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

seine_status seine_model_window_walk(const seine_model_lake *lake, const seine_model_input *input,
                                     seine_partition_value day, seine_model_part_fn visit, void *context) {
    const seine_model_table *table = seine_model_lake_find(lake, input->table);
    const days in = days_of(lake, input, day);
    const seine_partition_value first = {in.is_null, in.first};
    for (size_t i = in.is_all ? 0 : seine_model_part_from(table, first); i < table->count; i++) {
        const seine_partition_value at = table->parts[i].day;
        if (!in.is_all && (at.is_null ? !in.is_null : in.is_null || at.value > in.last)) break;
        SEINE_TRY(visit(context, &table->parts[i]));
    }
    return SEINE_OK;
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

static seine_status put_model(seine_buf *out, const seine_model *model) {
    SEINE_TRY(put_text(out, RUNNER_VERSION));
    SEINE_TRY(put_text(out, seine_engine_version()));
    SEINE_TRY(put_text(out, model->text));
    for (size_t i = 0; i < model->setting_count; i++) {
        SEINE_TRY(put_text(out, model->settings[i].name));
        SEINE_TRY(put_text(out, model->settings[i].value));
    }
    return SEINE_OK;
}

static seine_status fingerprint_of(const seine_model *model, const seine_model_lake *lake, seine_partition_value day,
                                   seine_buf *out, seine_hash128 *fingerprint) {
    seine_buf_clear(out);
    SEINE_TRY(put_model(out, model));
    for (size_t i = 0; i < model->input_count; i++) {
        const seine_model_table *table = seine_model_lake_find(lake, model->inputs[i].table);
        SEINE_TRY(put_text(out, table->name));
        SEINE_TRY(seine_model_window_walk(lake, &model->inputs[i], day, put_part, out));
    }
    *fingerprint = seine_hash128_of(out->data, out->size);
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

static bool is_known(const seine_job_row *jobs, size_t count, const seine_model_unit *unit) {
    for (size_t i = 0; i < count; i++) {
        const seine_partition_value day = jobs[i].partition[0];
        if (day.is_null != unit->day.is_null || (!day.is_null && day.value != unit->day.value)) continue;
        return seine_hash128_equal(jobs[i].fingerprint, unit->fingerprint);
    }
    return false;
}

seine_status seine_model_units(seine_catalog *catalog, const seine_model *model, const seine_model_lake *lake,
                               seine_arena *arena, seine_model_unit **units, size_t *count, seine_error *error) {
    seine_buf bytes SEINE_OWNED(seine_buf_free);
    seine_buf_init(&bytes, FINGERPRINT_MAX_BYTES);
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
        if (!unit->is_gone && fingerprint_of(model, lake, unit->day, &bytes, &unit->fingerprint) != SEINE_OK)
            return seine_no_memory(error, model->file);
        unit->is_stale = unit->is_gone || is_new || !is_known(jobs, job_count, unit);
    }
    return SEINE_OK;
}

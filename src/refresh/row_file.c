/*
 * Rows are gathered column by column until they fill a row group. Texts go through dictionaries: names repeat from fix
 * to fix, and what the step says in codes stays in codes down to the file.
 */
#include "refresh/row_file.h"

#include "base/try.h"
#include "columns/content.h"

#include <math.h>
#include <stdlib.h>

#define COLUMNS_MAX SEINE_CONTENT_WORDS
/* A third of a usual group: whoever looks for one vessel decodes whole groups. */
#define GROUP_ROWS ((size_t)40960)
#define MADE_BYTES_MAX ((size_t)1 << 20) /* of one text */

/* Where the values of a column of the table come from. */
typedef enum source {
    FROM_MOVER,
    FROM_TIME,
    FROM_LAT,
    FROM_LON,
    FROM_TEXT,   /* texts[index] of the batch */
    FROM_NUMBER, /* numbers[index] of the batch */
    FROM_INPUT,  /* numbers that the step reads: inputs[index] of the batch */
    FROM_STEP,   /* column `index` of the step */
    FROM_CODE,   /* codes of the step by the texts of made[index] of the job */
    FROM_MADE    /* texts by made[index] of the job */
} source;

typedef struct column {
    source source;
    size_t index;
    seine_type type;
    union {
        double *numbers;
        int64_t *times;
        int32_t *integers;
        uint8_t *flags;
        void *any;
    } values; /* room for a row group; NULL for codes */
    uint8_t *valid;
    uint32_t *codes;
    seine_dict texts;       /* FROM_MOVER, FROM_TEXT, FROM_MADE, and of all when the file has copies: of the file */
    const seine_str *given; /* FROM_STEP, FROM_CODE: the texts of the codes */
    size_t given_count;
} column;

struct seine_row_file {
    const seine_job_run *run;
    const seine_table *table;
    seine_file_batch *batch;
    column columns[COLUMNS_MAX];
    size_t column_count, count; /* rows in the group */
    seine_arena arena;          /* paths of the open file, the step's texts */
    seine_new_file file;
    seine_buf made;  /* one text */
    bool is_written; /* a partition was given */
    bool is_mixed;   /* it has copies of rows, whose texts nobody knows beforehand */
    seine_row_file_end end;
};

/* ---- the table's columns ---- */

static bool find_name(const char *const *names, size_t count, const char *name, size_t *index) {
    for (size_t i = 0; i < count; i++) {
        if (names[i] == NULL || strcmp(names[i], name) != 0) continue;
        *index = i;
        return true;
    }
    return false;
}

static bool find_source(const seine_detector_job *job, const char *name, column *c) {
    const char *const own[] = {job->mover, job->time, job->lat, job->lon};
    if (find_name(own, 4, name, &c->index)) {
        c->source = (source)c->index;
        return true;
    }
    c->source = FROM_TEXT;
    if (find_name(job->texts, SEINE_PAYLOAD_TEXTS, name, &c->index)) return true;
    c->source = FROM_NUMBER;
    if (find_name(job->numbers, SEINE_JOB_NUMBERS, name, &c->index)) return true;
    for (c->index = 0; c->index < job->made_count; c->index++) {
        c->source = job->made[c->index].make != NULL ? FROM_MADE : FROM_CODE;
        if (strcmp(job->made[c->index].name, name) == 0) return true;
    }
    c->source = FROM_INPUT;
    if (job->inputs != NULL && find_name(job->inputs, job->step->input_count, name, &c->index))
        return job->step->inputs[c->index].kind == SEINE_INPUT_NUMBER;
    c->source = FROM_STEP;
    for (c->index = 0; c->index < job->step->column_count; c->index++)
        if (strcmp(job->step->columns[c->index].name, name) == 0) return true;
    return false;
}

static bool has_codes(const seine_row_file *f, const column *c) {
    if (c->source == FROM_MOVER || c->source == FROM_TEXT || c->source == FROM_CODE || c->source == FROM_MADE)
        return true;
    return c->source == FROM_STEP && f->run->job->step->columns[c->index].kind == SEINE_COLUMN_CODE;
}

static bool is_given(const column *c) { return c->source == FROM_STEP || c->source == FROM_CODE; }

/* The code of a given text in the file. */
static seine_status put_given(const seine_row_file *f, column *c, size_t given, uint32_t *code) {
    *code = (uint32_t)given;
    return f->is_mixed ? seine_dict_intern(&c->texts, c->given[given], code) : SEINE_OK;
}

static bool take_texts(seine_row_file *f, column *c) {
    const char *const *texts;
    if (c->source == FROM_CODE) {
        texts = f->run->job->made[c->index].texts;
        c->given_count = f->run->job->made[c->index].text_count;
    } else {
        texts = f->run->job->step->texts(f->run->config, c->index, &c->given_count);
    }
    seine_str *given = SEINE_ARENA_ARRAY(&f->arena, seine_str, c->given_count);
    for (size_t i = 0; given != NULL && i < c->given_count; i++) given[i] = seine_str_of(texts[i]);
    c->given = given;
    return given != NULL;
}

static bool make_column(seine_row_file *f, column *c) {
    if (has_codes(f, c)) {
        c->codes = malloc(GROUP_ROWS * sizeof *c->codes);
        return c->codes != NULL && (!is_given(c) || take_texts(f, c));
    }
    c->values.any = malloc(GROUP_ROWS * sizeof(int64_t));
    c->valid = malloc(GROUP_ROWS);
    return c->values.any != NULL && c->valid != NULL;
}

seine_status seine_row_file_new(const seine_job_run *run, const seine_table *table, seine_file_batch *batch,
                                seine_row_file **file, seine_error *error) {
    const seine_table_schema *schema = seine_table_schema_of(table);
    seine_row_file *f SEINE_OWNED(seine_row_file_free_owned) = calloc(1, sizeof *f);
    if (f == NULL) return seine_no_memory(error, "writing rows");
    f->run = run;
    f->table = table;
    f->batch = batch;
    seine_buf_init(&f->made, MADE_BYTES_MAX);
    for (size_t i = 0; i < schema->column_count; i++) {
        column *c = &f->columns[f->column_count++];
        c->type = schema->columns[i].type;
        if (f->column_count == COLUMNS_MAX || !find_source(run->job, schema->columns[i].name, c))
            return seine_fail(error, SEINE_E_INTERNAL, "%s: nothing fills column %s", schema->name,
                              schema->columns[i].name);
        if (!make_column(f, c)) return seine_no_memory(error, "writing rows");
    }
    *file = SEINE_TAKE(f);
    return SEINE_OK;
}

void seine_row_file_free(seine_row_file *file) {
    if (file == NULL) return;
    seine_parquet_abort(file->file.writer);
    for (size_t i = 0; i < file->column_count; i++) {
        column *c = &file->columns[i];
        free(c->values.any);
        free(c->valid);
        free(c->codes);
        seine_dict_free(&c->texts);
    }
    seine_buf_free(&file->made);
    seine_arena_free(&file->arena);
    free(file);
}

/* ---- gathering ---- */

static seine_status put_movers(column *c, const seine_fed_rows *rows, size_t first, size_t count, uint32_t *to) {
    const seine_track_batch *batch = rows->batch;
    for (size_t g = 0; g < batch->group_count; g++) {
        const seine_track_group *group = &batch->groups[g];
        const size_t begin = group->begin > first ? group->begin : first;
        const size_t end = group->end < first + count ? group->end : first + count;
        if (begin >= end) continue;
        uint32_t code;
        SEINE_TRY(seine_dict_intern(&c->texts, rows->movers[group->mover], &code));
        for (size_t i = begin; i < end; i++) to[i - first] = code;
    }
    return SEINE_OK;
}

static seine_status put_texts(column *c, const seine_str *from, size_t count, uint32_t *to) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && from[i].data == from[i - 1].data) {
            to[i] = to[i - 1];
        } else if (from[i].data == NULL) {
            to[i] = SEINE_CODE_NULL;
        } else {
            SEINE_TRY(seine_dict_intern(&c->texts, from[i], &to[i]));
        }
    }
    return SEINE_OK;
}

static void put_numbers(column *c, const double *from, size_t count, size_t at) {
    for (size_t i = 0; i < count; i++) {
        c->valid[at + i] = (uint8_t)!isnan(from[i]);
        if (c->type == SEINE_TYPE_DOUBLE)
            c->values.numbers[at + i] = from[i];
        else
            c->values.integers[at + i] = isnan(from[i]) ? 0 : (int32_t)from[i];
    }
}

/* To a column of instants, or of whole numbers that fit it. */
static void put_integers(column *c, const int64_t *from, size_t count, size_t at) {
    for (size_t i = 0; i < count; i++) {
        c->valid[at + i] = from[i] != SEINE_INTEGER_NULL;
        if (c->type == SEINE_TYPE_INT)
            c->values.integers[at + i] = from[i] == SEINE_INTEGER_NULL ? 0 : (int32_t)from[i];
        else
            c->values.times[at + i] = from[i] == SEINE_INTEGER_NULL ? 0 : from[i];
    }
}

static seine_status put_step(const seine_row_file *f, column *c, const seine_column_out *from, size_t first,
                             size_t count) {
    switch (f->run->job->step->columns[c->index].kind) {
    case SEINE_COLUMN_NUMBER: put_numbers(c, from->number + first, count, f->count); break;
    case SEINE_COLUMN_CODE:
        for (size_t i = 0; i < count; i++) {
            const int32_t code = from->code[first + i];
            c->codes[f->count + i] = SEINE_CODE_NULL;
            if (code >= 0) SEINE_TRY(put_given(f, c, (size_t)code, &c->codes[f->count + i]));
        }
        break;
    case SEINE_COLUMN_FLAG:
        for (size_t i = 0; i < count; i++) {
            const int32_t flag = from->code[first + i];
            c->valid[f->count + i] = flag >= 0;
            c->values.flags[f->count + i] = flag > 0;
        }
        break;
    case SEINE_COLUMN_INTEGER: put_integers(c, from->integer + first, count, f->count); break;
    }
    return SEINE_OK;
}

/* Codes of the step as places in the job's texts, which begin with that of -1. */
static seine_status put_codes(const seine_row_file *f, column *c, const seine_fed_rows *rows, size_t first,
                              size_t count) {
    const seine_made_column *made = &f->run->job->made[c->index];
    const int32_t *from = rows->columns[made->from[0]].code + first;
    for (size_t i = 0; i < count; i++) {
        const size_t at = (size_t)(from[i] + 1);
        c->codes[f->count + i] = SEINE_CODE_NULL;
        if (made->texts[at] != NULL) SEINE_TRY(put_given(f, c, at, &c->codes[f->count + i]));
    }
    return SEINE_OK;
}

static seine_status make_text(seine_row_file *f, column *c, seine_str mover, const int64_t values[2], uint32_t *code) {
    seine_buf_clear(&f->made);
    SEINE_TRY(f->run->job->made[c->index].make(mover, values, &f->made));
    *code = SEINE_CODE_NULL;
    return f->made.size == 0 ? SEINE_OK : seine_dict_intern(&c->texts, seine_buf_str(&f->made), code);
}

/* Of rows of one mover with the same numbers one text is made. */
static seine_status put_made(seine_row_file *f, column *c, const seine_fed_rows *rows, size_t first, size_t count) {
    const seine_made_column *made = &f->run->job->made[c->index];
    const int64_t *from[2] = {rows->columns[made->from[0]].integer, rows->columns[made->from[1]].integer};
    const seine_track_batch *batch = rows->batch;
    for (size_t g = 0; g < batch->group_count; g++) {
        const seine_track_group *group = &batch->groups[g];
        const size_t begin = group->begin > first ? group->begin : first;
        const size_t end = group->end < first + count ? group->end : first + count;
        for (size_t i = begin; i < end; i++) {
            uint32_t *code = &c->codes[f->count + i - first];
            const int64_t values[2] = {from[0][i], from[1][i]};
            if (i > begin && values[0] == from[0][i - 1] && values[1] == from[1][i - 1])
                *code = code[-1];
            else
                SEINE_TRY(make_text(f, c, rows->movers[group->mover], values, code));
        }
    }
    return SEINE_OK;
}

static seine_status put_column(seine_row_file *f, column *c, const seine_fed_rows *rows, size_t first, size_t count) {
    const seine_track_batch *batch = rows->batch;
    switch (c->source) {
    case FROM_MOVER: return put_movers(c, rows, first, count, c->codes + f->count);
    case FROM_TIME:
        memcpy(c->values.times + f->count, batch->time_us + first, count * sizeof(int64_t));
        memset(c->valid + f->count, 1, count);
        break;
    case FROM_LAT: put_numbers(c, batch->lat_deg + first, count, f->count); break;
    case FROM_LON: put_numbers(c, batch->lon_deg + first, count, f->count); break;
    case FROM_TEXT: return put_texts(c, batch->texts[c->index] + first, count, c->codes + f->count);
    case FROM_NUMBER: put_numbers(c, batch->numbers[c->index] + first, count, f->count); break;
    case FROM_INPUT: put_numbers(c, (const double *)batch->inputs[c->index].values + first, count, f->count); break;
    case FROM_CODE: return put_codes(f, c, rows, first, count);
    case FROM_MADE: return put_made(f, c, rows, first, count);
    case FROM_STEP: return put_step(f, c, &rows->columns[c->index], first, count);
    }
    return SEINE_OK;
}

static seine_status flush(seine_row_file *f, seine_error *error) {
    seine_vec vecs[COLUMNS_MAX];
    for (size_t i = 0; i < f->column_count; i++) {
        const column *c = &f->columns[i];
        vecs[i] = (seine_vec){.type = c->type, .kind = SEINE_VEC_PLAIN, .values = c->values.any, .valid = c->valid};
        if (c->codes == NULL) continue;
        const bool has_given = is_given(c) && !f->is_mixed;
        vecs[i] = (seine_vec){.type = c->type,
                              .kind = SEINE_VEC_DICT,
                              .values = has_given ? c->given : c->texts.entries,
                              .codes = c->codes,
                              .dict_count = has_given ? c->given_count : c->texts.count};
    }
    const seine_rows group = {f->count, f->column_count, vecs};
    f->count = 0;
    seine_content_add_words(&f->end.content, &group, 0, group.count);
    f->end.rows += (int64_t)group.count;
    return f->is_written ? seine_parquet_write(f->file.writer, &group, error) : SEINE_OK;
}

static seine_status open_file(seine_row_file *f, const seine_partition_value *partition, seine_error *error) {
    f->is_written = partition != NULL;
    if (!f->is_written || f->file.writer != NULL) return SEINE_OK;
    return seine_new_file_open(f->table, seine_table_schema_of(f->table), partition, f->batch, &f->arena, &f->file,
                               error);
}

/* Rows [first, last) of what was fed. */
static seine_status put_fed(seine_row_file *f, const seine_fed_rows *rows, size_t first, size_t last,
                            seine_error *error) {
    while (first < last) {
        const size_t room = GROUP_ROWS - f->count, left = last - first;
        const size_t count = left < room ? left : room;
        for (size_t i = 0; i < f->column_count; i++)
            if (put_column(f, &f->columns[i], rows, first, count) != SEINE_OK)
                return seine_no_memory(error, "writing rows");
        f->count += count;
        first += count;
        if (f->count == GROUP_ROWS) SEINE_TRY(flush(f, error));
    }
    return SEINE_OK;
}

seine_status seine_row_file_put(seine_row_file *f, const seine_partition_value *partition, const seine_fed_rows *rows,
                                seine_error *error) {
    SEINE_TRY(open_file(f, partition, error));
    return put_fed(f, rows, 0, rows->batch->count, error);
}

/* ---- a file of others' rows and new ones ---- */

seine_status seine_row_file_put_group(seine_row_file *f, const seine_partition_value *partition,
                                      const seine_fed_rows *fed, const seine_track_group *group, seine_error *error) {
    f->is_mixed = true;
    SEINE_TRY(open_file(f, partition, error));
    return put_fed(f, fed, group->begin, group->end, error);
}

/* A text is mostly that of the row before. */
static seine_status copy_texts(column *c, const seine_vec *from, size_t first, size_t count, size_t at) {
    const seine_str *texts = from->values;
    uint32_t *to = c->codes + at;
    size_t last = SIZE_MAX; /* row of the newest text that was looked up */
    uint32_t code = SEINE_CODE_NULL;
    for (size_t i = 0; i < count; i++) {
        const size_t row = first + i;
        to[i] = SEINE_CODE_NULL;
        if (from->valid != NULL && !from->valid[row]) continue;
        if (last == SIZE_MAX || !seine_str_equal(texts[row], texts[last]))
            SEINE_TRY(seine_dict_intern(&c->texts, texts[row], &code));
        last = row;
        to[i] = code;
    }
    return SEINE_OK;
}

static seine_status copy_column(column *c, const seine_vec *from, size_t first, size_t count, size_t at) {
    if (c->codes != NULL) return copy_texts(c, from, first, count, at);
    const size_t size = seine_type_size(c->type);
    memcpy((uint8_t *)c->values.any + at * size, (const uint8_t *)from->values + first * size, count * size);
    if (from->valid != NULL)
        memcpy(c->valid + at, from->valid + first, count);
    else
        memset(c->valid + at, 1, count);
    return SEINE_OK;
}

seine_status seine_row_file_copy(seine_row_file *f, const seine_partition_value *partition, const seine_rows *rows,
                                 size_t first, size_t last, seine_error *error) {
    f->is_mixed = true;
    SEINE_TRY(open_file(f, partition, error));
    while (first < last) {
        const size_t room = GROUP_ROWS - f->count, left = last - first;
        const size_t count = left < room ? left : room;
        for (size_t i = 0; i < f->column_count; i++)
            if (copy_column(&f->columns[i], &rows->columns[i], first, count, f->count) != SEINE_OK)
                return seine_no_memory(error, "writing rows");
        f->count += count;
        first += count;
        if (f->count == GROUP_ROWS) SEINE_TRY(flush(f, error));
    }
    return SEINE_OK;
}

seine_status seine_row_file_finish(seine_row_file *f, seine_arena *arena, seine_row_file_end *end, seine_error *error) {
    seine_status status = f->count > 0 ? flush(f, error) : SEINE_OK;
    status = seine_new_file_end(&f->file, status, arena, &f->end.file, error);
    for (size_t i = 0; i < f->column_count; i++) seine_dict_free(&f->columns[i].texts);
    *end = f->end;
    f->end = (seine_row_file_end){0};
    f->is_mixed = false;
    return status;
}

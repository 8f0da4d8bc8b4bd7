/* Columns of fixes in memory. Texts repeat from fix to fix, so a copy is shared with the row before. */
#include "refresh/batch.h"

#include "base/array.h"
#include "base/try.h"
#include "columns/receiver.h"

#include <math.h>
#include <stdlib.h>

#define FIRST_CAPACITY ((size_t)16384)
#define ROWS_MAX ((size_t)1 << 32)

const char *seine_fix_column(const seine_detector_job *job, size_t column) {
    const char *const first[SEINE_FIX_TEXTS] = {job->mover, job->time, job->lat, job->lon, job->ship};
    if (column < SEINE_FIX_TEXTS) return first[column];
    if (column < SEINE_FIX_NUMBERS) return job->texts[column - SEINE_FIX_TEXTS];
    if (column < SEINE_FIX_INPUTS) return job->numbers[column - SEINE_FIX_NUMBERS];
    return job->inputs[column - SEINE_FIX_INPUTS];
}

void seine_track_batch_clear(seine_track_batch *batch) {
    batch->count = 0;
    batch->group_count = 0;
    seine_arena_free(&batch->arena);
}

void seine_track_batch_free(seine_track_batch *batch) {
    seine_track_batch_clear(batch);
    free(batch->time_us);
    free(batch->lat_deg);
    free(batch->lon_deg);
    for (size_t i = 0; i < SEINE_JOB_NUMBERS; i++) free(batch->numbers[i]);
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++) free(batch->texts[i]);
    for (size_t i = 0; i < batch->input_count; i++) free(batch->inputs[i].values);
    free(batch->inputs);
    free(batch->views);
    free(batch->receiver);
    free(batch->ship);
    free(batch->row_ref);
    free(batch->groups);
    *batch = (seine_track_batch){0};
}

static size_t input_size(seine_input_kind kind) {
    static const size_t sizes[] = {[SEINE_INPUT_NUMBER] = sizeof(double),
                                   [SEINE_INPUT_CODE] = sizeof(int32_t),
                                   [SEINE_INPUT_ID] = sizeof(uint64_t)};
    return sizes[kind];
}

/* A batch takes the rows of one job, so this is for the first of them. */
static seine_status begin_inputs(seine_track_batch *b, const seine_detector_job *job) {
    const size_t count = seine_job_inputs(job);
    if (b->input_count == count) return SEINE_OK;
    free(b->inputs);
    free(b->views);
    b->inputs = calloc(count, sizeof *b->inputs);
    b->views = calloc(count, sizeof *b->views);
    if (b->inputs == NULL || b->views == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        b->inputs[i].kind = job->step->inputs[i].kind;
        b->inputs[i].is_read = job->inputs[i] != NULL;
    }
    b->input_count = count;
    return SEINE_OK;
}

/* Columns that every batch has: those of the inputs, and the names of rows, which are as rows stand, are beside them.
 */
enum { COLUMNS = 5 + SEINE_JOB_NUMBERS + SEINE_PAYLOAD_TEXTS };
typedef struct column {
    void *items; /* address of the pointer to the first row */
    size_t item_bytes;
} column;

static void list_columns(seine_track_batch *b, column columns[COLUMNS]) {
    column *c = columns;
    *c++ = (column){&b->time_us, sizeof *b->time_us};
    *c++ = (column){&b->lat_deg, sizeof *b->lat_deg};
    *c++ = (column){&b->lon_deg, sizeof *b->lon_deg};
    *c++ = (column){&b->receiver, 1};
    *c++ = (column){&b->ship, sizeof *b->ship};
    for (size_t i = 0; i < SEINE_JOB_NUMBERS; i++) *c++ = (column){&b->numbers[i], sizeof *b->numbers[i]};
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++) *c++ = (column){&b->texts[i], sizeof *b->texts[i]};
}

/* Room for @p extra rows. The arrays grow with a copy of the capacity each; it counts when all of them have grown. */
static seine_status reserve(seine_track_batch *b, size_t extra) {
    if (b->count + extra <= b->capacity) return SEINE_OK;
    const size_t wanted = b->count + extra > FIRST_CAPACITY ? b->count + extra : FIRST_CAPACITY;
    column arrays[COLUMNS];
    size_t capacity = b->capacity;
    list_columns(b, arrays);
    for (size_t i = 0; i < COLUMNS; i++) {
        capacity = b->capacity;
        if (seine_array_room(arrays[i].items, 0, &capacity, wanted, arrays[i].item_bytes, ROWS_MAX) != SEINE_OK)
            return SEINE_E_NOMEM;
    }
    for (size_t i = 0; i < b->input_count; i++) {
        capacity = b->capacity;
        if (seine_array_room(&b->inputs[i].values, 0, &capacity, wanted, input_size(b->inputs[i].kind), ROWS_MAX) !=
            SEINE_OK)
            return SEINE_E_NOMEM;
    }
    size_t ref_capacity = b->capacity;
    if (seine_array_room(&b->row_ref, 0, &ref_capacity, wanted, sizeof *b->row_ref, ROWS_MAX) != SEINE_OK)
        return SEINE_E_NOMEM;
    for (size_t i = b->capacity; i < capacity; i++) b->row_ref[i] = SEINE_STATE_REFS + i;
    b->capacity = capacity;
    return SEINE_OK;
}

static seine_status note_group(seine_track_batch *b, uint32_t mover, size_t count) {
    if (b->group_count > 0 && b->groups[b->group_count - 1].mover == mover) {
        b->groups[b->group_count - 1].end = b->count + count;
        return SEINE_OK;
    }
    if (SEINE_ARRAY_ROOM(b->groups, b->group_count, b->group_capacity, 1, ROWS_MAX) != SEINE_OK) return SEINE_E_NOMEM;
    b->groups[b->group_count++] = (seine_track_group){mover, b->count, b->count + count};
    return SEINE_OK;
}

static seine_status add_texts(seine_track_batch *b, size_t text, const seine_vec *vec, size_t first, size_t last) {
    const seine_str *values = vec->values;
    seine_str *out = b->texts[text] + b->count;
    if (vec->kind == SEINE_VEC_CONSTANT) {
        memset(out, 0, (last - first) * sizeof *out);
        return SEINE_OK;
    }
    seine_str before = b->count > 0 ? b->texts[text][b->count - 1] : (seine_str){NULL, 0};
    for (size_t i = first; i < last; i++) {
        if (vec->valid != NULL && !vec->valid[i]) {
            before = (seine_str){NULL, 0};
        } else if (before.data == NULL || !seine_str_equal(before, values[i])) {
            char *copy = seine_arena_copy(&b->arena, values[i].data, values[i].size);
            if (copy == NULL) return SEINE_E_NOMEM;
            before = (seine_str){copy, values[i].size};
        }
        *out++ = before;
    }
    return SEINE_OK;
}

static void add_numbers(double *out, const seine_vec *vec, size_t first, size_t last) {
    const double *values = vec->values;
    if (vec->kind == SEINE_VEC_CONSTANT) {
        for (size_t i = first; i < last; i++) *out++ = (double)NAN;
        return;
    }
    if (vec->type == SEINE_TYPE_INT)
        for (size_t i = first; i < last; i++) out[i - first] = ((const int32_t *)vec->values)[i];
    else if (vec->type == SEINE_TYPE_BOOLEAN)
        for (size_t i = first; i < last; i++) out[i - first] = ((const uint8_t *)vec->values)[i];
    else
        memcpy(out, values + first, (last - first) * sizeof *out);
    if (vec->valid == NULL) return;
    for (size_t i = first; i < last; i++)
        if (!vec->valid[i]) out[i - first] = (double)NAN;
}

static void add_ships(uint32_t *out, const seine_vec *vec, size_t first, size_t last) {
    size_t at;
    for (size_t i = first; i < last; i++)
        *out++ = seine_vec_at(vec, i, &at) ? (uint32_t)((const int32_t *)vec->values)[at] : 1;
}

/* Texts as codes, whose meaning is the job's. */
static void add_codes(int32_t *out, const seine_detector_job *job, size_t input, const seine_vec *vec, size_t first,
                      size_t last) {
    const seine_str *texts = vec->values;
    size_t at;
    for (size_t i = first; i < last; i++) *out++ = seine_vec_at(vec, i, &at) ? job->code_of(input, texts[at]) : -1;
}

/* Texts as ids; an empty one is none. */
static void add_ids(uint64_t *out, const seine_vec *vec, size_t first, size_t last) {
    const seine_str *texts = vec->values;
    size_t at;
    for (size_t i = first; i < last; i++) {
        const bool is_known = seine_vec_at(vec, i, &at) && texts[at].size > 0;
        *out++ = is_known ? seine_hash64(texts[at].data, texts[at].size) | 1 : 0;
    }
}

static void add_input(seine_track_batch *b, const seine_detector_job *job, size_t input, const seine_vec *vec,
                      size_t first, size_t last) {
    void *values = b->inputs[input].values;
    switch (b->inputs[input].kind) {
    case SEINE_INPUT_NUMBER: add_numbers((double *)values + b->count, vec, first, last); break;
    case SEINE_INPUT_CODE: add_codes((int32_t *)values + b->count, job, input, vec, first, last); break;
    case SEINE_INPUT_ID: add_ids((uint64_t *)values + b->count, vec, first, last); break;
    }
}

seine_status seine_track_batch_add(seine_track_batch *b, const seine_detector_job *job, uint32_t mover,
                                   const seine_rows *rows, size_t first, size_t last) {
    const size_t count = last - first;
    SEINE_TRY(begin_inputs(b, job));
    b->has_more = job->ship != NULL || job->numbers[SEINE_JOB_NUMBERS - 1] != NULL;
    SEINE_TRY(reserve(b, count));
    SEINE_TRY(note_group(b, mover, count));
    const seine_vec *columns = rows->columns;
    memcpy(b->time_us + b->count, (const int64_t *)columns[SEINE_FIX_TIME].values + first, count * sizeof(int64_t));
    add_numbers(b->lat_deg + b->count, &columns[SEINE_FIX_LAT], first, last);
    add_numbers(b->lon_deg + b->count, &columns[SEINE_FIX_LON], first, last);
    for (size_t i = 0; i < SEINE_JOB_NUMBERS; i++)
        add_numbers(b->numbers[i] + b->count, &columns[SEINE_FIX_NUMBERS + i], first, last);
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++)
        SEINE_TRY(add_texts(b, i, &columns[SEINE_FIX_TEXTS + i], first, last));
    for (size_t i = 0; i < b->input_count; i++) add_input(b, job, i, &columns[SEINE_FIX_INPUTS + i], first, last);
    add_ships(b->ship + b->count, &columns[SEINE_FIX_SHIP], first, last);
    b->count += count;
    if (job->receiver_text == SIZE_MAX) return SEINE_OK;
    const seine_str *receivers = b->texts[job->receiver_text];
    for (size_t i = b->count - count; i < b->count; i++)
        b->receiver[i] =
            i > 0 && receivers[i].data == receivers[i - 1].data ? b->receiver[i - 1] : seine_receiver_of(receivers[i]);
    return SEINE_OK;
}

size_t seine_fix_ships_end(const seine_rows *rows, size_t first, size_t last, bool *is_none) {
    const seine_vec *ships = &rows->columns[SEINE_FIX_SHIP];
    size_t at;
    *is_none = !seine_vec_at(ships, first, &at);
    while (++first < last && !seine_vec_at(ships, first, &at) == *is_none) {}
    return first;
}

/* ---- by ship ---- */

/* Rows [begin, begin + count) of a column as the low halves of keys say; room is for as many. */
static void order_column(void *items, size_t item_bytes, const uint64_t *keys, size_t begin, size_t count, char *room) {
    char *rows = *(char **)items + begin * item_bytes;
    for (size_t i = 0; i < count; i++) memcpy(room + i * item_bytes, rows + (uint32_t)keys[i] * item_bytes, item_bytes);
    memcpy(rows, room, count * item_bytes);
}

static int compare_keys(const void *a, const void *b) {
    const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static seine_status order_group(seine_track_batch *b, const seine_track_group *group) {
    const size_t count = group->end - group->begin;
    const uint32_t *ship = b->ship + group->begin;
    size_t ordered = 1;
    while (ordered < count && ship[ordered] >= ship[ordered - 1]) ordered++;
    if (ordered == count) return SEINE_OK;
    column columns[COLUMNS];
    uint64_t *keys SEINE_OWNED(seine_free_owned) = malloc(count * sizeof *keys); /* ship, then row */
    char *room SEINE_OWNED(seine_free_owned) = malloc(count * sizeof(seine_str));
    if (keys == NULL || room == NULL) return SEINE_E_NOMEM;
    for (size_t i = 0; i < count; i++) keys[i] = (uint64_t)ship[i] << 32 | i;
    qsort(keys, count, sizeof *keys, compare_keys);
    list_columns(b, columns);
    for (size_t i = 0; i < COLUMNS; i++)
        order_column(columns[i].items, columns[i].item_bytes, keys, group->begin, count, room);
    for (size_t i = 0; i < b->input_count; i++)
        order_column(&b->inputs[i].values, input_size(b->inputs[i].kind), keys, group->begin, count, room);
    return SEINE_OK;
}

seine_status seine_track_batch_order(seine_track_batch *batch) {
    for (size_t i = 0; i < batch->group_count; i++) SEINE_TRY(order_group(batch, &batch->groups[i]));
    return SEINE_OK;
}

/* ---- hashes ---- */

/* Position and length tell ("a", null) from (null, "a"). */
static uint64_t hash_texts(const seine_track_batch *b, size_t row) {
    uint64_t parts[SEINE_PAYLOAD_TEXTS] = {0};
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++)
        if (b->texts[i][row].data != NULL) parts[i] = seine_hash64(b->texts[i][row].data, b->texts[i][row].size) | 1;
    return seine_hash64(parts, sizeof parts);
}

static bool same_texts(const seine_track_batch *b, size_t row) {
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++)
        if (b->texts[i][row].data != b->texts[i][row - 1].data) return false;
    return true;
}

/* A job without inputs keeps the hashes that lakes have of its fixes, and so does one that reads no more. What silver
 * does not have is the same of all. */
static seine_hash128 with_inputs(const seine_track_batch *b, size_t row, seine_hash128 hash) {
    for (size_t i = 0; i < b->input_count; i++) {
        if (!b->inputs[i].is_read) continue;
        uint64_t parts[] = {hash.low, hash.high, 0};
        const size_t size = input_size(b->inputs[i].kind);
        memcpy(&parts[2], (const char *)b->inputs[i].values + row * size, size);
        hash = seine_hash128_of(parts, sizeof parts);
    }
    return hash;
}

seine_hash128 seine_track_batch_hash(const seine_track_batch *b, const seine_track_group *group) {
    seine_hash128 sum = {0, 0};
    uint64_t parts[5 + SEINE_JOB_NUMBERS] = {0};
    const size_t size = (b->has_more ? 5 + SEINE_JOB_NUMBERS : 4 + SEINE_PAYLOAD_NUMBERS) * sizeof *parts;
    for (size_t row = group->begin; row < group->end; row++) {
        parts[0] = (uint64_t)b->time_us[row];
        memcpy(&parts[1], &b->lat_deg[row], sizeof(double));
        memcpy(&parts[2], &b->lon_deg[row], sizeof(double));
        if (row == group->begin || !same_texts(b, row)) parts[3] = hash_texts(b, row);
        for (size_t i = 0; i < SEINE_JOB_NUMBERS; i++) memcpy(&parts[4 + i], &b->numbers[i][row], sizeof(double));
        parts[4 + SEINE_JOB_NUMBERS] = b->ship[row];
        sum = seine_hash128_add(sum, with_inputs(b, row, seine_hash128_of(parts, size)));
    }
    return sum;
}

static void view_input(const seine_track_batch *b, size_t input, size_t row) {
    const void *values = b->inputs[input].values;
    switch (b->inputs[input].kind) {
    case SEINE_INPUT_NUMBER: b->views[input].number = (const double *)values + row; break;
    case SEINE_INPUT_CODE: b->views[input].code = (const int32_t *)values + row; break;
    case SEINE_INPUT_ID: b->views[input].id = (const uint64_t *)values + row; break;
    }
}

seine_track seine_track_batch_track(const seine_track_batch *b, const seine_detector_job *job,
                                    const seine_track_group *group) {
    for (size_t i = 0; i < b->input_count; i++) view_input(b, i, group->begin);
    return (seine_track){.time_us = b->time_us + group->begin,
                         .lat_deg = b->lat_deg + group->begin,
                         .lon_deg = b->lon_deg + group->begin,
                         .speed = job->speed_number != SIZE_MAX ? b->numbers[job->speed_number] + group->begin : NULL,
                         .shore_m = job->shore_number != SIZE_MAX ? b->numbers[job->shore_number] + group->begin : NULL,
                         .receiver = job->receiver_text != SIZE_MAX ? b->receiver + group->begin : NULL,
                         .row_ref = b->row_ref + group->begin,
                         .count = group->end - group->begin,
                         .inputs = b->input_count > 0 ? b->views : NULL};
}

/* Unknown is like unknown. */
static bool same_number(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

size_t seine_track_batch_from(const seine_track_batch *b, const seine_track_group *group, int64_t time_us) {
    size_t first = group->begin, last = group->end;
    while (first < last) {
        const size_t middle = first + (last - first) / 2;
        if (b->time_us[middle] < time_us)
            first = middle + 1;
        else
            last = middle;
    }
    return first;
}

size_t seine_track_batch_find(const seine_track_batch *b, size_t first, size_t last, int64_t time_us, double lat_deg,
                              double lon_deg) {
    for (; first < last && b->time_us[first] == time_us; first++)
        if (same_number(b->lat_deg[first], lat_deg) && same_number(b->lon_deg[first], lon_deg)) return first;
    return SIZE_MAX;
}

seine_payload seine_track_batch_payload(const seine_track_batch *b, size_t row) {
    seine_payload payload;
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++) payload.texts[i] = b->texts[i][row];
    for (size_t i = 0; i < SEINE_PAYLOAD_NUMBERS; i++) payload.numbers[i] = b->numbers[i][row];
    return payload;
}

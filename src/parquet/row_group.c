/* Batches are copied column by column; texts of a batch go to one piece of memory. */
#include "base/try.h"
#include "parquet/row_group.h"

#include <stdlib.h>

seine_status seine_row_group_make(seine_row_group *group, const seine_column *columns, size_t count) {
    *group = (seine_row_group){.rows.column_count = count};
    group->rows.columns = calloc(count + 1, sizeof *group->rows.columns);
    group->values = calloc(count + 1, sizeof *group->values);
    group->valid = calloc(count + 1, sizeof *group->valid);
    if (group->rows.columns == NULL || group->values == NULL || group->valid == NULL) return SEINE_E_NOMEM;
    for (size_t c = 0; c < count; c++) {
        group->values[c] = malloc(SEINE_ROW_GROUP_ROWS * seine_type_size(columns[c].type));
        group->valid[c] = malloc(SEINE_ROW_GROUP_ROWS);
        if (group->values[c] == NULL || group->valid[c] == NULL) return SEINE_E_NOMEM;
        group->rows.columns[c] =
            (seine_vec){.type = columns[c].type, .values = group->values[c], .valid = group->valid[c]};
    }
    return SEINE_OK;
}

void seine_row_group_free(seine_row_group *group) {
    for (size_t c = 0; c < group->rows.column_count; c++) {
        if (group->values != NULL) free(group->values[c]);
        if (group->valid != NULL) free(group->valid[c]);
    }
    free(group->values);
    free(group->valid);
    free(group->rows.columns);
    seine_arena_free(&group->texts);
    *group = (seine_row_group){0};
}

/* ---- taking ---- */

/* @p texts are copies of the rows' views already: their bytes become the group's own. Nulls have none. */
static seine_status own_texts(seine_row_group *group, seine_str *texts, const uint8_t *valid, size_t count) {
    size_t bytes = 0;
    for (size_t r = 0; r < count; r++) bytes += valid[r] ? texts[r].size : 0;
    char *room = seine_arena_alloc(&group->texts, bytes);
    if (room == NULL) return SEINE_E_NOMEM;
    for (size_t r = 0; r < count; r++) {
        const size_t size = valid[r] ? texts[r].size : 0;
        if (size > 0) memcpy(room, texts[r].data, size);
        texts[r] = (seine_str){room, size};
        room += size;
    }
    return SEINE_OK;
}

static seine_status take_column(seine_row_group *group, size_t c, const seine_vec *vec, size_t first, size_t count) {
    const size_t size = seine_type_size(vec->type), at = group->rows.count;
    char *values = (char *)group->values[c] + at * size;
    uint8_t *valid = group->valid[c] + at;
    memcpy(values, (const char *)vec->values + first * size, count * size);
    if (vec->valid != NULL)
        memcpy(valid, vec->valid + first, count);
    else
        memset(valid, 1, count);
    return seine_type_is_text(vec->type) ? own_texts(group, (seine_str *)(void *)values, valid, count) : SEINE_OK;
}

seine_status seine_row_group_take(seine_row_group *group, const seine_rows *rows, size_t *first) {
    const size_t room = SEINE_ROW_GROUP_ROWS - group->rows.count, left = rows->count - *first;
    const size_t count = left < room ? left : room;
    for (size_t c = 0; c < group->rows.column_count; c++) {
        SEINE_TRY(take_column(group, c, &rows->columns[c], *first, count));
    }
    group->rows.count += count;
    *first += count;
    return SEINE_OK;
}

seine_status seine_row_group_write(seine_row_group *group, seine_parquet_writer *writer, seine_error *error) {
    if (group->rows.count == 0) return SEINE_OK;
    const seine_status status = seine_parquet_write(writer, &group->rows, error);
    group->rows.count = 0;
    seine_arena_free(&group->texts);
    return status;
}

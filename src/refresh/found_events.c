#include "refresh/found_events.h"

#include "base/array.h"
#include "base/try.h"
#include "refresh/events.h"

#include <stdlib.h>

#define ROWS_MAX ((size_t)1 << 32) /* memory ends before */

static seine_status copy_payload(seine_arena *arena, seine_payload *payload) {
    for (size_t i = 0; i < SEINE_PAYLOAD_TEXTS; i++) {
        if (payload->texts[i].data == NULL) continue;
        payload->texts[i].data = seine_arena_copy(arena, payload->texts[i].data, payload->texts[i].size);
        if (payload->texts[i].data == NULL) return SEINE_E_NOMEM;
    }
    return SEINE_OK;
}

seine_status seine_found_events_add(seine_bucket_result *result, const seine_detector_job *job,
                                    seine_event_source source, seine_error *error) {
    seine_payload start = *source.start, end = source.end != NULL ? *source.end : start;
    seine_cell *cells = SEINE_ARENA_ARRAY(&result->arena, seine_cell, seine_job_schema(job, job->events)->column_count);
    if (cells == NULL ||
        SEINE_ARRAY_ROOM(result->events, result->event_count, result->event_capacity, 1, ROWS_MAX) != SEINE_OK ||
        copy_payload(&result->arena, &start) != SEINE_OK || copy_payload(&result->arena, &end) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    source.start = &start;
    if (source.end != NULL) source.end = &end;
    const seine_status status = job->build(&source, &result->arena, cells);
    if (status != SEINE_OK) return seine_fail(error, status, "an event of %.*s", SEINE_STR_ARG(source.mover));
    result->events[result->event_count++] = cells;
    return SEINE_OK;
}

seine_status seine_found_events_touch(seine_bucket_result *result, seine_touched touched, seine_error *error) {
    if (SEINE_ARRAY_ROOM(result->touched, result->touched_count, result->touched_capacity, 1, ROWS_MAX) != SEINE_OK)
        return seine_no_memory(error, "computing states");
    result->touched[result->touched_count++] = touched;
    return SEINE_OK;
}

void seine_found_events_sort(seine_bucket_result *result) {
    if (result->touched_count > 0)
        qsort(result->touched, result->touched_count, sizeof *result->touched, seine_touched_compare);
}

void seine_bucket_result_free(seine_bucket_result *result) {
    seine_arena_free(&result->arena);
    free(result->events);
    free(result->touched);
    *result = (seine_bucket_result){0};
}

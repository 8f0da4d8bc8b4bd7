#include "columns/segment_table.h"

#include <string.h>

size_t seine_segment_read(const seine_dataset *dataset, size_t what) {
    static const seine_column_names reads[SEINE_SEGMENT_READS] = {
        [SEINE_SEGMENT_READS_COURSE] = {{"cog", "course"}, "deg"},
        [SEINE_SEGMENT_READS_HEADING] = {{"heading"}, "deg"},
        [SEINE_SEGMENT_READS_TRANSPONDER] = {{"transceiver", "type"}, NULL},
        [SEINE_SEGMENT_READS_MESSAGE_ID] = {{"msgid"}, NULL},
    };
    return seine_dataset_named(dataset, &reads[what]);
}

/* Columns that tables of segments have beside those of the dataset: the detector's, and its models'
 * (models/movers/segments.sql). */
static const char *const taken[] = {
    "seg_id", "kind", "noise", "ship_no", "is_short", "is_overlapping", "overlapping_and_short"};

const char *seine_segment_refusal(const seine_dataset *dataset, seine_arena *arena) {
    if (seine_dataset_knots(dataset) == SIZE_MAX)
        return "segments need a speed: a measure with the unit kn, such as speed: {unit: kn}";
    if (seine_segment_read(dataset, SEINE_SEGMENT_READS_COURSE) == SIZE_MAX)
        return "segments need a course: a measure called cog or course with the unit deg";
    const size_t own[] = {SEINE_DATASET_ID, SEINE_DATASET_TIME, SEINE_DATASET_LAT, SEINE_DATASET_LON,
                          seine_dataset_knots(dataset)};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        for (size_t k = 0; k < sizeof own / sizeof *own; k++)
            if (strcmp(dataset->columns[own[k]].name, taken[i]) == 0)
                return seine_arena_printf(arena, "%s is a column of segments; give the dataset's another name",
                                          taken[i]);
    return "";
}

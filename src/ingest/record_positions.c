#include "ingest/record_positions.h"

#include "base/number.h"
#include "base/try.h"
#include "io/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define NUMBER_TEXT 24

/* `stream/ais/moved`, topic, `0` → when, in microseconds, and of the last record, if there was one, offset and hash.
 * Beside the position, which nothing else may hold. */
#define MOVED "%s/moved"

static seine_status no_position(const seine_position_row *row, seine_error *error) {
    return seine_fail(error, SEINE_E_FORMAT, "seine_progress: %s, topic %s: partition '%s' at '%s' is no position",
                      row->job, row->source, row->partition, row->position);
}

static bool read_partition(const seine_position_row *row, seine_record_position *position) {
    int64_t partition = 0;
    *position = (seine_record_position){.topic = row->source, .moved_us = INT64_MIN, .last = -1};
    if (!seine_integer_parse(seine_str_of(row->partition), &partition) || partition < 0 || partition > INT32_MAX)
        return false;
    position->partition = (int32_t)partition;
    return true;
}

static seine_status read_row(const seine_position_row *row, seine_record_position *position, seine_error *error) {
    const bool is_good = read_partition(row, position) &&
                         seine_integer_parse(seine_str_of(row->position), &position->position) &&
                         position->position >= 0;
    return is_good ? SEINE_OK : no_position(row, error);
}

/* The next word of a text, without the blank behind it. */
static seine_str take_word(const char **text) {
    const char *begin = *text;
    const size_t size = strcspn(begin, " ");
    *text = begin + size + (begin[size] == ' ');
    return (seine_str){begin, size};
}

static seine_status read_moved(const seine_position_row *row, seine_record_position *moved, seine_error *error) {
    const char *text = row->position;
    if (!read_partition(row, moved) || !seine_integer_parse(take_word(&text), &moved->moved_us))
        return no_position(row, error);
    if (*text == '\0') return SEINE_OK; /* it only skipped */
    const bool is_good = seine_integer_parse(take_word(&text), &moved->last) &&
                         seine_hash128_parse(seine_str_of(text), &moved->last_hash) && moved->last >= 0;
    return is_good ? SEINE_OK : no_position(row, error);
}

seine_status seine_record_positions(seine_catalog *catalog, const char *job, seine_arena *arena,
                                    seine_record_position **positions, size_t *count, seine_error *error) {
    seine_position_row *rows = NULL;
    SEINE_TRY(seine_ledger_positions(catalog, job, arena, &rows, count, error));
    *positions = SEINE_ARENA_ARRAY(arena, seine_record_position, *count + 1);
    if (*positions == NULL) return seine_no_memory(error, job);
    for (size_t i = 0; i < *count; i++) SEINE_TRY(read_row(&rows[i], &(*positions)[i], error));
    return SEINE_OK;
}

seine_status seine_record_positions_details(seine_catalog *catalog, const char *job, seine_arena *arena,
                                            seine_record_position *positions, size_t count, seine_error *error) {
    seine_position_row *rows = NULL;
    size_t row_count = 0;
    const char *name = seine_arena_printf(arena, MOVED, job);
    if (name == NULL) return seine_no_memory(error, job);
    SEINE_TRY(seine_ledger_positions(catalog, name, arena, &rows, &row_count, error));
    for (size_t r = 0; r < row_count; r++) {
        seine_record_position moved;
        SEINE_TRY(read_moved(&rows[r], &moved, error));
        for (size_t i = 0; i < count; i++) {
            if (positions[i].partition != moved.partition || strcmp(positions[i].topic, moved.topic) != 0) continue;
            moved.position = positions[i].position;
            positions[i] = moved;
        }
    }
    return SEINE_OK;
}

const seine_record_position *seine_record_position_find(const seine_record_position *positions, size_t count,
                                                        const char *topic, int32_t partition) {
    for (size_t i = 0; i < count; i++)
        if (positions[i].partition == partition && strcmp(positions[i].topic, topic) == 0) return &positions[i];
    return NULL;
}

int64_t seine_record_position_of(const seine_record_position *positions, size_t count, const char *topic,
                                 int32_t partition) {
    const seine_record_position *found = seine_record_position_find(positions, count, topic, partition);
    return found != NULL ? found->position : SEINE_NO_POSITION;
}

/* `stream/ais/lost`, topic, `0@120` → `340`: what lay between is nowhere. */
static seine_status note_lost(const char *job, const seine_record_run *run, seine_commit *commit, seine_arena *arena,
                              seine_error *error) {
    char partition[2 * NUMBER_TEXT], position[NUMBER_TEXT];
    const char *name = seine_arena_printf(arena, "%s/lost", job);
    if (name == NULL) return seine_no_memory(error, job);
    (void)snprintf(partition, sizeof partition, "%d@%" PRId64, (int)run->partition, run->position);
    (void)snprintf(position, sizeof position, "%" PRId64, run->lost_to);
    return seine_ledger_put_position(commit, &(seine_position_row){name, run->topic, partition, position}, error);
}

static seine_status note_moved(const char *job, const seine_record_run *run, seine_commit *commit, seine_arena *arena,
                               seine_error *error) {
    char partition[NUMBER_TEXT], moved[2 * NUMBER_TEXT + 40], hash[33];
    const char *name = seine_arena_printf(arena, MOVED, job);
    if (name == NULL) return seine_no_memory(error, job);
    (void)snprintf(partition, sizeof partition, "%d", (int)run->partition);
    const int size = snprintf(moved, sizeof moved, "%" PRId64, seine_clock_now_us());
    if (run->count > 0) {
        const seine_record *last = &run->records[run->count - 1];
        seine_hash128_hex(seine_hash128_of(last->payload.data, last->payload.size), hash);
        (void)snprintf(moved + size, sizeof moved - (size_t)size, " %" PRId64 " %s", last->offset, hash);
    }
    return seine_ledger_put_position(commit, &(seine_position_row){name, run->topic, partition, moved}, error);
}

static seine_status move(const char *job, const seine_record_run *run, seine_commit *commit, seine_arena *arena,
                         seine_error *error) {
    char partition[NUMBER_TEXT], position[NUMBER_TEXT], from[NUMBER_TEXT];
    (void)snprintf(partition, sizeof partition, "%d", (int)run->partition);
    (void)snprintf(position, sizeof position, "%" PRId64, run->next);
    (void)snprintf(from, sizeof from, "%" PRId64, run->position);
    SEINE_TRY(note_moved(job, run, commit, arena, error));
    if (run->lost_to > 0) SEINE_TRY(note_lost(job, run, commit, arena, error));
    return seine_ledger_move_position(commit, &(seine_position_row){job, run->topic, partition, position},
                                      run->position == SEINE_NO_POSITION ? NULL : from, error);
}

seine_status seine_record_positions_move(seine_catalog *catalog, const char *job, const seine_record_run *runs,
                                         size_t count, seine_commit *commit, seine_arena *arena, seine_error *error) {
    seine_record_position *positions = NULL;
    size_t position_count = 0;
    if (count == 0) return SEINE_OK;
    SEINE_TRY(seine_record_positions(catalog, job, arena, &positions, &position_count, error));
    for (size_t i = 0; i < count; i++) {
        const int64_t now = seine_record_position_of(positions, position_count, runs[i].topic, runs[i].partition);
        if (now != runs[i].position)
            return seine_fail(error, SEINE_E_EXISTS,
                              "topic %s, partition %d: somebody else has committed up to %" PRId64, runs[i].topic,
                              (int)runs[i].partition, now);
        SEINE_TRY(move(job, &runs[i], commit, arena, error));
    }
    return SEINE_OK;
}

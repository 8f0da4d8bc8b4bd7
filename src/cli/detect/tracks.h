/**
 * @file cli/detect/tracks.h
 * The one runner of `seine detect`: messages as tracks, each in time order, and a step's state that grows as it asks.
 * A track is all messages of a mover, or of a mover and the text of one further field.
 */
#ifndef SEINE_CLI_DETECT_TRACKS_H
#define SEINE_CLI_DETECT_TRACKS_H

#include "cli/detect/detect.h"
#include "seine/step.h"

/** No further field splits the messages of a mover. */
#define SEINE_DETECT_WHOLE_MOVER SIZE_MAX

/** Tracks in order of their first message; close them in every case. */
typedef struct seine_detect_tracks {
    const seine_detect *detect;
    const seine_message *rows;
    uint32_t *of_row; /**< track of each message; NULL: the mover's code */
    uint32_t *order;  /**< messages, by track */
    uint64_t *start;  /**< of each track in order, and one behind */
    uint32_t count;
    size_t longest; /**< messages of the longest track */
    seine_dict keys, wanted;
    seine_state state; /**< of the track at work */
    seine_error *error;
} seine_detect_tracks;

/**
 * Groups the messages. @p split: further field whose text is part of the key, or SEINE_DETECT_WHOLE_MOVER.
 * @return OK, E_NOMEM, E_LIMIT, E_INTERRUPTED.
 */
SEINE_MUST_USE seine_status seine_detect_tracks_open(const seine_detect *detect, size_t split,
                                                     seine_detect_tracks *tracks, seine_error *error);
void seine_detect_tracks_close(seine_detect_tracks *tracks);

/** Messages of a track, their number, and the code of its mover. */
static inline size_t seine_detect_tracks_size(const seine_detect_tracks *tracks, uint32_t track) {
    return (size_t)(tracks->start[track + 1] - tracks->start[track]);
}
uint32_t seine_detect_tracks_mover(const seine_detect_tracks *tracks, uint32_t track);
/** @return whether the options ask for this mover. */
bool seine_detect_tracks_wants(const seine_detect_tracks *tracks, uint32_t mover);

/**
 * Fills rows and ticks of a track in order of time; messages of equal time keep the order of the input.
 * @return OK, E_NOMEM.
 */
SEINE_MUST_USE seine_status seine_detect_tracks_take(seine_detect_tracks *tracks, uint32_t track, uint32_t *row,
                                                     int64_t *ticks);

/** The state before a track's first fix. @return OK, E_NOMEM. */
SEINE_MUST_USE seine_status seine_detect_tracks_init(seine_detect_tracks *tracks, const seine_step *step,
                                                     const void *config);
/** Called with what a feed gave; row_refs are what the view gave. */
typedef seine_status (*seine_detect_take_events)(void *context, const seine_event *events, size_t count);
/**
 * Feeds @p view from its position to its end; events go to @p take as they come. @p room is of the caller.
 * @return OK, E_NOMEM, what @p take returned.
 */
SEINE_MUST_USE seine_status seine_detect_tracks_feed(seine_detect_tracks *tracks, const seine_step *step,
                                                     const void *config, seine_track *view, seine_step_out *room,
                                                     seine_detect_take_events take, void *context);
/** Counts work over input. @return OK, E_INTERRUPTED. */
SEINE_MUST_USE seine_status seine_detect_tracks_work(const seine_detect_tracks *tracks, uint64_t steps);

#endif

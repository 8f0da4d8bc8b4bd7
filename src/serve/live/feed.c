#include "serve/live/feed.h"

#include "base/array.h"
#include "base/try.h"

#include <stdlib.h>

#define KEPT_LEAST 1024 /* fewer movers are not worth forgetting any */

void seine_live_feed_free(seine_live_feed *feed) {
    for (size_t i = 0; i < feed->count; i++) free(feed->movers[i].text);
    free(feed->movers);
    seine_dict_free(&feed->ids);
    *feed = (seine_live_feed){0};
}

const seine_live_mover *seine_live_feed_find(const seine_live_feed *feed, seine_str id) {
    const uint32_t code = seine_dict_find(&feed->ids, id);
    return code < feed->count ? &feed->movers[code] : NULL;
}

bool seine_live_feed_is_newer(const seine_live_feed *feed, seine_str id, int64_t time_us) {
    const seine_live_mover *known = seine_live_feed_find(feed, id);
    return known == NULL || time_us > known->at.time_us;
}

/* ---- the list ---- */

static void unlink_mover(seine_live_feed *feed, const seine_live_mover *mover) {
    *(mover->older != SIZE_MAX ? &feed->movers[mover->older].newer : &feed->oldest) = mover->newer;
    *(mover->newer != SIZE_MAX ? &feed->movers[mover->newer].older : &feed->newest) = mover->older;
}

static void link_newest(seine_live_feed *feed, size_t index) {
    seine_live_mover *mover = &feed->movers[index];
    const bool is_first = feed->count == 1 || feed->newest == SIZE_MAX;
    mover->older = is_first ? SIZE_MAX : feed->newest;
    mover->newer = SIZE_MAX;
    *(is_first ? &feed->oldest : &feed->movers[feed->newest].newer) = index;
    feed->newest = index;
}

static const seine_live_mover *newest_of(const seine_live_feed *feed) {
    return feed->count > 0 ? &feed->movers[feed->newest] : NULL;
}

static const seine_live_mover *older_than(const seine_live_feed *feed, const seine_live_mover *mover) {
    return mover->older != SIZE_MAX ? &feed->movers[mover->older] : NULL;
}

const seine_live_mover *seine_live_feed_next(const seine_live_feed *feed, const seine_live_mover *mover) {
    return mover->newer != SIZE_MAX ? &feed->movers[mover->newer] : NULL;
}

const seine_live_mover *seine_live_feed_after(const seine_live_feed *feed, uint64_t serial) {
    const seine_live_mover *first = NULL;
    for (const seine_live_mover *at = newest_of(feed); at != NULL && at->serial > serial; at = older_than(feed, at))
        first = at;
    return first;
}

uint64_t seine_live_feed_serial_of(const seine_live_feed *feed, int64_t commit) {
    const seine_live_mover *at = newest_of(feed);
    while (at != NULL && at->commit > commit) at = older_than(feed, at);
    return at != NULL ? at->serial : 0;
}

/* ---- moves ---- */

/* A mover that is not known yet, outside of the list. */
static seine_status add_mover(seine_live_feed *feed, seine_str id, uint32_t *code) {
    if (feed->count == SEINE_LIVE_MOVERS_MAX) return SEINE_E_LIMIT;
    SEINE_TRY(SEINE_ARRAY_ROOM(feed->movers, feed->count, feed->capacity, 1, SEINE_LIVE_MOVERS_MAX));
    SEINE_TRY(seine_dict_intern(&feed->ids, id, code));
    feed->movers[feed->count++] = (seine_live_mover){.at = {.id = feed->ids.entries[*code]}};
    return SEINE_OK;
}

seine_status seine_live_feed_put(seine_live_feed *feed, const seine_live_position *position, int64_t commit) {
    if (!seine_live_feed_is_newer(feed, position->id, position->time_us)) return SEINE_OK;
    char *text SEINE_OWNED(seine_free_owned) = malloc(position->row.size + 1);
    if (text == NULL) return SEINE_E_NOMEM;
    memcpy(text, position->row.data, position->row.size);
    uint32_t code = seine_dict_find(&feed->ids, position->id);
    if (code != SEINE_CODE_NULL)
        unlink_mover(feed, &feed->movers[code]);
    else
        SEINE_TRY(add_mover(feed, position->id, &code));
    seine_live_mover *mover = &feed->movers[code];
    free(mover->text);
    mover->text = SEINE_TAKE(text);
    mover->at = *position;
    mover->at.id = feed->ids.entries[code];
    mover->at.row.data = mover->text;
    mover->serial = ++feed->serial;
    mover->commit = commit;
    link_newest(feed, code);
    return SEINE_OK;
}

/* ---- forgetting ---- */

/* Moves what stays into @p kept, oldest first. */
static seine_status keep(const seine_live_feed *feed, int64_t from_us, seine_live_feed *kept) {
    const seine_live_mover *at = &feed->movers[feed->oldest];
    for (; at != NULL; at = seine_live_feed_next(feed, at)) {
        if (at->at.time_us < from_us) continue;
        kept->serial = at->serial - 1;
        SEINE_TRY(seine_live_feed_put(kept, &at->at, at->commit));
    }
    return SEINE_OK;
}

seine_status seine_live_feed_prune(seine_live_feed *feed, int64_t from_us) {
    const size_t most = feed->kept > KEPT_LEAST ? feed->kept : KEPT_LEAST;
    if (feed->count < 2 * most && feed->count < SEINE_LIVE_MOVERS_MAX) return SEINE_OK;
    seine_live_feed kept SEINE_OWNED(seine_live_feed_free) = {0};
    SEINE_TRY(keep(feed, from_us, &kept));
    const seine_live_feed former = *feed;
    kept.serial = former.serial;
    kept.kept = kept.count;
    *feed = kept;
    kept = former; /* freed here */
    return SEINE_OK;
}

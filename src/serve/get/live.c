/* Positions as they are committed, as server-sent events. What is told, and when: live/hub.h. */
#include "base/try.h"
#include "serve/live/hub.h"
#include "serve/movers.h"
#include "serve/params.h"
#include "serve/routes.h"
#include "serve/server.h"

static const seine_param live_params[] = {{.name = "dataset",
                                           .kind = SEINE_PARAM_TEXT,
                                           .most = SEINE_DATASET_NAME_MAX,
                                           .doc = "one of those that /api/v1/movers tells; ships when not given"},
                                          P_BOX,
                                          P_MOVER_IDS(false)};

static seine_status get_live(seine_call *call, seine_error *error) {
    seine_movers movers;
    const seine_input *box = seine_call_input(call, "bbox");
    SEINE_TRY(seine_call_movers(call, &movers, error));
    seine_live_wish wish = {
        .dataset = movers.dataset, .box = box->given ? box->box : NULL, .last_id = call->last_event_id};
    if (seine_call_input(call, "ids")->given)
        SEINE_TRY(seine_movers_ids(call, &movers, SEINE_MOVER_IDS_MAX, &wish.ids, &wish.id_count, error));
    const seine_status status = seine_live_join(seine_server_live(call->server), &wish, &call->stream, error);
    if (status != SEINE_E_BUSY) return status;
    call->cause = error != NULL ? seine_arena_copy(&call->arena, error->text, strlen(error->text)) : NULL;
    call->hint = "try again later; --live-clients allows more";
    return status;
}

const seine_route seine_live_routes[SEINE_LIVE_ROUTES] = {
    {.pattern = "/api/v1/live",
     .name = "live",
     .summary = "Newest positions as they are committed: events reset (all that there are) and positions (what moved), "
                "whose data is JSON. The header Last-Event-ID goes on where a former stream ended",
     .params = live_params,
     .param_count = SEINE_COUNT(live_params),
     .content_type = "text/event-stream",
     .flags = SEINE_ROUTE_LIVE,
     .run = get_live},
};

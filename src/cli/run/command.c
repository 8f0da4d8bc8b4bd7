/* seine run: take in what is new of every feed and bring everything derived up to date, once or on a schedule. */
#include "base/try.h"
#include "cli/dataset_choice.h"
#include "cli/run/run.h"

#include <string.h>

/* What one feed brings: a dataset, and where its files or records come from. */
typedef struct feed {
    const char *dataset;
    const char *const *paths;
    size_t count;
    bool is_done; /* in this round, well or not */
} feed;

typedef struct feeds {
    seine_args *args;
    feed *items;
    size_t count;
    seine_error first; /* what went wrong in this round */
    seine_arena arena;
} feeds;

static void free_feeds(feeds *f) { seine_arena_free(&f->arena); }

/* DATASET=FROM. */
static seine_status read_feed(feeds *f, const char *text, feed *one, seine_error *error) {
    const char *equal = strchr(text, '=');
    if (equal == NULL || equal == text || equal[1] == '\0')
        return seine_fail(error, SEINE_E_USAGE, "feed %s: a dataset, = and a file, a folder or an address", text);
    const char **from = SEINE_ARENA_ARRAY(&f->arena, const char *, 1);
    const char *dataset = seine_arena_copy(&f->arena, text, (size_t)(equal - text));
    if (from == NULL || dataset == NULL) return seine_no_memory(error, text);
    *from = equal + 1;
    *one = (feed){dataset, from, 1, false};
    return SEINE_OK;
}

/* The words of the line; else every feed that is set; else what was fetched. */
static seine_status list_feeds(feeds *f, seine_error *error) {
    size_t word_count, set_count;
    const char *const *words = seine_args_list(f->args, NULL, &word_count);
    const char *const *set = seine_args_list(f->args, "feed", &set_count);
    const size_t count = word_count > 0 || set_count == 0 ? 1 : set_count;
    f->items = SEINE_ARENA_ARRAY(&f->arena, feed, count);
    if (f->items == NULL) return seine_no_memory(error, "feeds");
    f->count = count;
    f->items[0] = (feed){seine_args_text(f->args, "dataset"), words, word_count, false};
    for (size_t i = 0; word_count == 0 && i < set_count; i++) SEINE_TRY(read_feed(f, set[i], &f->items[i], error));
    return SEINE_OK;
}

static seine_status take_feed(const feeds *f, const feed *one, seine_round *round, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    const seine_dataset *dataset;
    SEINE_TRY(seine_cli_dataset_named(f->args, one->dataset, &arena, &dataset, error));
    return seine_round_ingest(round, one->paths, one->count, dataset, error);
}

/* What is left of this round. @return E_BUSY, E_AWAY: somebody else holds a dataset, or the lake is away, and
 * the round may come again for it. */
static seine_status take_feeds(feeds *f, seine_round *round, seine_error *error) {
    seine_error busy = {SEINE_OK, ""};
    for (size_t i = 0; i < f->count; i++) {
        feed *one = &f->items[i];
        seine_error why = {SEINE_OK, ""};
        const seine_status status = one->is_done ? SEINE_OK : take_feed(f, one, round, &why);
        if (status == SEINE_E_INTERRUPTED || (status != SEINE_OK && f->count == 1))
            return seine_fail(error, status, "%s", why.text);
        one->is_done = !seine_round_comes_again(round, status);
        if (!one->is_done && busy.status == SEINE_OK)
            (void)seine_fail(&busy, status, "%s", why.text);
        else if (one->is_done && status != SEINE_OK && f->first.status == SEINE_OK)
            (void)seine_fail(&f->first, status, "%s: %s", one->dataset, why.text);
    }
    return busy.status == SEINE_OK ? SEINE_OK : seine_fail(error, busy.status, "%s", busy.text);
}

/* A feed that fails keeps no other out, and what came in is brought up to date; then its failure is told. */
static seine_status round_of(void *context, seine_round *round, seine_error *error) {
    feeds *f = context;
    if (round->tries == 1) {
        f->first = (seine_error){SEINE_OK, ""};
        for (size_t i = 0; i < f->count; i++) f->items[i].is_done = false;
    }
    SEINE_TRY(take_feeds(f, round, error));
    SEINE_TRY(seine_round_refresh(round, error));
    return f->first.status == SEINE_OK ? SEINE_OK : seine_fail(error, f->first.status, "%s", f->first.text);
}

static seine_status run(seine_args *args, seine_error *error) {
    feeds f SEINE_OWNED(free_feeds) = {.args = args};
    SEINE_TRY(list_feeds(&f, error));
    if (seine_args_text(args, "every") != NULL) return seine_run_every(args, "run", round_of, &f, error);
    if (seine_args_given(args, "rounds"))
        return seine_fail(error, SEINE_E_USAGE, "--rounds needs --every: how long from one to the next");
    return seine_run_once(args, "run", round_of, &f, error);
}

static const seine_option options_list[] = {
    SEINE_DATASET_OF_FILES_OPTION,
    {.name = "feed",
     .kind = SEINE_OPTION_TEXTS,
     .metavar = "DATASET=FROM",
     .setting = true,
     .help = "what is taken in when no files are given: a file, a folder or an address of a dataset"},
    SEINE_API_OPTIONS,
    SEINE_SCHEDULE_OPTIONS,
    SEINE_THREADS_OPTION,
    SEINE_MEMORY_OPTION,
    SEINE_INGEST_OPTIONS,
    SEINE_DERIVE_OPTIONS,
    SEINE_SHIPS_OPTIONS,
};

static const char description[] =
    "The same as seine ingest and seine refresh, with one summary. Taken in are the files, folders and addresses\n"
    "given; without any, every --feed, which may stand in seine.yaml of the lake; without those, what seine fetch\n"
    "brought. What is in the lake already is skipped, and nothing is computed that is up to date. Of one lake there\n"
    "is one run at a time.\n\n"
    "With --every it goes on until it is told to stop (Ctrl-C, SIGTERM), a round each time: a round that fails is\n"
    "told and logged, leaves the last good state, and the next goes on from there; while somebody else writes to the\n"
    "lake a round waits. The exit status is that of the last round.";

const seine_command seine_cmd_run = {
    .name = "run",
    .summary = "Take in what is new and bring everything up to date, once or on a schedule",
    .positional = "[FILE|FOLDER|URL…]",
    .description = description,
    .example = "seine run --lake lake days/ais-*.csv.zst\n"
               "seine run --lake lake --every 5m\n"
               "seine run --lake lake --every 5m --feed buses=/data/buses \\\n"
               "    --feed 'telematics=http://127.0.0.1:9900/upstream/vehicle_messages?amount=10000'",
    .options = options_list,
    .option_count = sizeof options_list / sizeof *options_list,
    .needs_lake = true,
    .run = run};

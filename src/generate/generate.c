/*
 * Days of generated rows. A day is cut into blocks of slots; what a block holds depends on the options only
 * (generate/blocks.h).
 */
#include "generate/generate.h"

#include "base/try.h"
#include "generate/archive.h"
#include "generate/blocks.h"
#include "generate/truth.h"

#define ZIP_BLOCK_ROWS 1000000 /* one member of a zip */
#define DAYS_MAX 366
#define VESSELS_MAX 200000
#define INTERVAL_MAX_S 7200

/* One day in work. */
typedef struct day_work {
    const seine_fleet *fleet;
    seine_block_maker *makers; /* one per worker */
    uint32_t day, block_slots;
    seine_extra *extras;
    size_t extra_count;
    seine_archive archive;
} day_work;

static seine_status make_block(void *context, size_t worker, uint64_t block, seine_buf *text, seine_error *error) {
    const day_work *work = context;
    const seine_fleet *fleet = work->fleet;
    const uint32_t first = work->day * fleet->slots_per_day, end = first + fleet->slots_per_day;
    const uint32_t from = first + (uint32_t)block * work->block_slots;
    const uint32_t to = from + work->block_slots < end ? from + work->block_slots : end;
    const bool has_header = block == 0 || fleet->options->packing == SEINE_GENERATE_ZIP;
    const seine_str header = seine_generate_header(fleet->options->style);
    (void)error; /* memory alone can fail */
    if (has_header) SEINE_TRY(seine_buf_append(text, header.data, header.size));
    return seine_block_make(&work->makers[worker], work->day, from, to, work->extras, work->extra_count, text);
}

static seine_status append_block(void *context, const seine_packed *packed, seine_error *error) {
    day_work *work = context;
    return seine_archive_append(&work->archive, packed, error);
}

static seine_status make_day(const seine_fleet *fleet, uint32_t day, seine_block_maker *makers,
                             const seine_progress *progress, uint64_t *bytes, seine_error *error) {
    const seine_generate_options *options = fleet->options;
    const uint32_t block_rows = options->packing == SEINE_GENERATE_ZIP ? ZIP_BLOCK_ROWS : SEINE_GENERATE_BLOCK_ROWS;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    day_work work = {.fleet = fleet, .makers = makers, .day = day};
    work.block_slots = fleet->count < block_rows ? block_rows / fleet->count : 1;
    const uint32_t count = (fleet->slots_per_day + work.block_slots - 1) / work.block_slots;
    const seine_blocks blocks = {.count = count,
                                 .threads = options->threads,
                                 .packing = options->packing,
                                 .make = make_block,
                                 .take = append_block,
                                 .context = &work,
                                 .progress = progress,
                                 .done = (uint64_t)day * count,
                                 .total = (uint64_t)options->days * count};
    if (seine_extras_plan(fleet, day, &arena, &work.extras, &work.extra_count) != SEINE_OK)
        return seine_no_memory(error, "generate");
    SEINE_TRY(seine_archive_open(&work.archive, options, options->first_day + (int32_t)day, error));
    const seine_status status = seine_blocks_run(&blocks, error);
    if (status == SEINE_OK) return seine_archive_commit(&work.archive, bytes, error);
    seine_archive_abort(&work.archive);
    return status == SEINE_E_INTERRUPTED ? seine_fail(error, status, "interrupted; whole files stay") : status;
}

static seine_status check_options(const seine_generate_options *options, seine_error *error) {
    const struct {
        const char *name;
        uint32_t value, most;
    } checks[] = {{"days", options->days, DAYS_MAX},
                  {"vessels", options->vessels, VESSELS_MAX},
                  {"interval", options->interval_s, INTERVAL_MAX_S},
                  {"threads", options->threads, SEINE_GENERATE_THREADS_MAX}};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        if (checks[i].value >= 1 && checks[i].value <= checks[i].most) continue;
        return seine_fail(error, SEINE_E_USAGE, "generate: %s %u is outside 1 to %u", checks[i].name, checks[i].value,
                          checks[i].most);
    }
    if (options->first_day >= 0 && options->folder != NULL) return SEINE_OK;
    return seine_fail(error, SEINE_E_USAGE, "generate: needs a folder and a first day from 1970 on");
}

/* Adds every worker's counts to those of the first. */
static void gather(seine_block_maker *makers, const seine_generate_options *options) {
    for (uint32_t i = 1; i < options->threads; i++) {
        for (uint32_t day = 0; day < options->days; day++) {
            seine_file_tally *file = &makers[0].files[day];
            seine_day_tally *silver = &makers[0].days[day];
            const seine_file_tally *more = &makers[i].files[day];
            file->rows += more->rows;
            file->other_days += more->other_days;
            for (int k = 0; k < SEINE_GENERATE_REASONS; k++) file->rejects[k] += more->rejects[k];
            silver->rows += makers[i].days[day].rows;
            silver->null_sog += makers[i].days[day].null_sog;
            silver->null_cog += makers[i].days[day].null_cog;
            silver->null_heading += makers[i].days[day].null_heading;
        }
    }
}

static seine_status make_all(const seine_fleet *fleet, seine_block_maker *makers, const seine_progress *progress,
                             seine_generate_result *result, seine_error *error) {
    SEINE_TRY(seine_file_make_folders(fleet->options->folder, error));
    for (uint32_t day = 0; day < fleet->options->days; day++) {
        uint64_t bytes = 0;
        SEINE_TRY(make_day(fleet, day, makers, progress, &bytes, error));
        result->bytes += bytes;
        result->files++;
    }
    gather(makers, fleet->options);
    seine_truth_sum(fleet, makers[0].files, makers[0].days, result);
    return seine_truth_write(fleet, makers[0].files, makers[0].days, result, error);
}

seine_status seine_generate_ais(const seine_generate_options *options, const seine_progress *progress,
                                seine_generate_result *result, seine_error *error) {
    *result = (seine_generate_result){0};
    SEINE_TRY(check_options(options, error));
    seine_fleet fleet SEINE_OWNED(seine_fleet_free) = {0};
    SEINE_TRY(seine_fleet_init(&fleet, options, error));
    seine_block_maker *makers = SEINE_ARENA_ARRAY(&fleet.arena, seine_block_maker, options->threads);
    if (makers == NULL) return seine_no_memory(error, "generate");
    seine_rows_even_out(&fleet);
    for (uint32_t i = 0; i < options->threads; i++) {
        if (seine_block_maker_init(&makers[i], &fleet, &fleet.arena) != SEINE_OK)
            return seine_no_memory(error, "generate");
    }
    return make_all(&fleet, makers, progress, result, error);
}

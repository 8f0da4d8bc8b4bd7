/* The truth file: numbers counted while the rows were made, and everything that was planted, by MMSI and time. */
#include "base/json.h"
#include "base/time.h"
#include "base/try.h"
#include "generate/archive.h"
#include "generate/truth.h"

#include <math.h>
#include <stdio.h>

#define TRUTH_MAX_BYTES ((size_t)1 << 28)
#define GAP_S (6 * 3600)

static const char *const reasons[] = {"ragged", "id", "time", "position"};

/* ---- gaps ---- */

typedef struct planted_gap {
    int64_t last_s, next_s; /* next_s: first fix afterwards, or the end of the last day when open */
    bool is_closed, is_gap; /* is_gap: longer than 6 h, strictly */
} planted_gap;

/* @return false for a silence before the first fix, which nothing can see. */
static bool gap_of(const seine_fleet *fleet, const seine_vessel *vessel, const seine_silence *silence,
                   planted_gap *gap) {
    const int64_t end_s = (int64_t)(fleet->options->first_day + (int32_t)fleet->options->days) * 86400;
    if (silence->from == 0) return false;
    gap->is_closed = silence->to < fleet->slots;
    gap->last_s = seine_fleet_time_s(fleet, vessel, silence->from - 1);
    gap->next_s = gap->is_closed ? seine_fleet_time_s(fleet, vessel, silence->to) : end_s;
    gap->is_gap = gap->next_s - gap->last_s > GAP_S;
    return true;
}

void seine_truth_sum(const seine_fleet *fleet, const seine_file_tally *files, const seine_day_tally *days,
                     seine_generate_result *result) {
    for (uint32_t day = 0; day < fleet->options->days; day++) {
        result->rows += files[day].rows;
        for (int i = 0; i < SEINE_GENERATE_REASONS; i++) result->rejects += files[day].rejects[i];
        result->silver_rows += days[day].rows;
    }
    result->duplicates = result->rows - result->rejects - result->silver_rows;
    for (uint32_t i = 0; i < fleet->count; i++) {
        for (uint8_t k = 0; k < fleet->vessels[i].silence_count; k++) {
            planted_gap gap;
            if (!gap_of(fleet, &fleet->vessels[i], &fleet->vessels[i].silences[k], &gap) || !gap.is_gap) continue;
            if (gap.is_closed)
                result->closed_gaps++;
            else
                result->open_gaps++;
        }
    }
}

/* ---- writing ---- */

static void put_count(seine_json_writer *json, const char *key, uint64_t count) {
    seine_json_field_int(json, key, (int64_t)count);
}

static void put_time(seine_json_writer *json, const char *key, int64_t time_s) {
    char text[40];
    seine_time_format(time_s * SEINE_SECOND_US, text);
    seine_json_field_text(json, key, text);
}

static void put_mmsi(seine_json_writer *json, const char *key, const seine_vessel *vessel) {
    char text[16];
    snprintf(text, sizeof text, "%09u", vessel->mmsi);
    seine_json_field_text(json, key, text);
}

static void put_rejects(seine_json_writer *json, const uint64_t rejects[SEINE_GENERATE_REASONS]) {
    seine_json_field_object(json, "rejects_by_reason");
    for (int i = 0; i < SEINE_GENERATE_REASONS; i++) put_count(json, reasons[i], rejects[i]);
    seine_json_end_object(json);
}

static void put_totals(seine_json_writer *json, const seine_fleet *fleet, const seine_file_tally *files,
                       const seine_generate_result *result) {
    uint64_t rejects[SEINE_GENERATE_REASONS] = {0};
    const bool has_shared = fleet->count > 8 && fleet->vessels[7].is_shared;
    for (uint32_t day = 0; day < fleet->options->days; day++) {
        for (int i = 0; i < SEINE_GENERATE_REASONS; i++) rejects[i] += files[day].rejects[i];
    }
    put_count(json, "rows", result->rows);
    put_count(json, "rejects", result->rejects);
    put_rejects(json, rejects);
    put_count(json, "duplicates", result->duplicates);
    put_count(json, "silver_rows", result->silver_rows);
    put_count(json, "silver_movers", fleet->count - has_shared);
    put_count(json, "closed_gaps_over_6h", result->closed_gaps);
    put_count(json, "open_gaps_over_6h", result->open_gaps);
}

static void put_files(seine_json_writer *json, const seine_fleet *fleet, const seine_file_tally *files) {
    seine_json_field_array(json, "files");
    for (uint32_t day = 0; day < fleet->options->days; day++) {
        char name[64];
        uint64_t rejects = 0;
        for (int i = 0; i < SEINE_GENERATE_REASONS; i++) rejects += files[day].rejects[i];
        seine_archive_name(fleet->options->style, fleet->options->packing, fleet->options->first_day + (int32_t)day,
                           name);
        seine_json_begin_object(json);
        seine_json_field_text(json, "name", name);
        put_count(json, "rows", files[day].rows);
        put_count(json, "rejects", rejects);
        put_rejects(json, files[day].rejects);
        put_count(json, "rows_of_other_days", files[day].other_days);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

static void put_silver(seine_json_writer *json, const seine_fleet *fleet, const seine_day_tally *days) {
    seine_json_field_array(json, "silver");
    for (uint32_t day = 0; day < fleet->options->days; day++) {
        char date[16];
        seine_date_format(fleet->options->first_day + (int32_t)day, date);
        seine_json_begin_object(json);
        seine_json_field_text(json, "day", date);
        put_count(json, "rows", days[day].rows);
        put_count(json, "null_sog", days[day].null_sog);
        put_count(json, "null_cog", days[day].null_cog);
        put_count(json, "null_heading", days[day].null_heading);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

static void put_silences(seine_json_writer *json, const seine_fleet *fleet) {
    seine_json_field_array(json, "silences");
    for (uint32_t i = 0; i < fleet->count; i++) {
        const seine_vessel *vessel = &fleet->vessels[i];
        for (uint8_t k = 0; k < vessel->silence_count; k++) {
            planted_gap gap;
            if (!gap_of(fleet, vessel, &vessel->silences[k], &gap)) continue;
            seine_json_begin_object(json);
            put_mmsi(json, "mmsi", vessel);
            put_time(json, "last_fix", gap.last_s);
            seine_json_key(json, SEINE_STR("next_fix"));
            char text[40];
            seine_time_format(gap.next_s * SEINE_SECOND_US, text);
            if (gap.is_closed)
                seine_json_put_text(json, seine_str_of(text));
            else
                seine_json_put_null(json);
            put_count(json, "seconds", (uint64_t)(gap.next_s - gap.last_s));
            seine_json_field_bool(json, "is_gap_over_6h", gap.is_gap);
            seine_json_end_object(json);
        }
    }
    seine_json_end_array(json);
}

static void put_companions(seine_json_writer *json, const seine_fleet *fleet) {
    seine_json_key(json, SEINE_STR("companions")); /* side by side through all days, about 300 m apart */
    seine_json_begin_array(json);
    for (uint32_t i = 0; i < fleet->count; i++) {
        const seine_vessel *vessel = &fleet->vessels[i];
        if (vessel->companion == SEINE_GENERATE_NO_VESSEL) continue;
        seine_json_begin_object(json);
        put_mmsi(json, "mmsi_a", &fleet->vessels[vessel->companion]);
        put_mmsi(json, "mmsi_b", vessel);
        seine_json_end_object(json);
    }
    seine_json_end_array(json);
}

static void put_fishing(seine_json_writer *json, const seine_fleet *fleet) {
    const int64_t first_s = (int64_t)fleet->options->first_day * 86400;
    const double end_s = (double)fleet->options->days * 86400;
    seine_json_field_array(json, "fishing");
    for (uint32_t i = 0; i < fleet->count; i++) {
        const seine_vessel *vessel = &fleet->vessels[i];
        const double period_s = 2 * vessel->out_s + vessel->far_s + vessel->home_s;
        if (vessel->fishing_kn <= 0) continue;
        for (double from = vessel->out_s - vessel->phase_s; from < end_s; from += period_s) {
            if (from + vessel->far_s <= 0) continue;
            seine_json_begin_object(json);
            put_mmsi(json, "mmsi", vessel);
            put_time(json, "from", first_s + (int64_t)fmax(0, ceil(from)));
            put_time(json, "to", first_s + (int64_t)fmin(end_s, floor(from + vessel->far_s)));
            seine_json_field_number(json, "speed_kn", floor(vessel->fishing_kn * 10 + 0.5) / 10);
            seine_json_end_object(json);
        }
    }
    seine_json_end_array(json);
}

static void put_shared(seine_json_writer *json, const seine_fleet *fleet) {
    seine_json_key(json, SEINE_STR("shared_mmsi")); /* two vessels each */
    seine_json_begin_array(json);
    for (uint32_t i = 0; i + 1 < fleet->count; i++) {
        const seine_vessel *vessel = &fleet->vessels[i];
        if (!vessel->is_shared || !vessel[1].is_shared) continue;
        char text[16];
        snprintf(text, sizeof text, "%09u", vessel->mmsi);
        seine_json_put_text(json, seine_str_of(text));
    }
    seine_json_end_array(json);
}

static void put_all(seine_json_writer *json, const seine_fleet *fleet, const seine_file_tally *files,
                    const seine_day_tally *days, const seine_generate_result *result) {
    char date[16];
    seine_date_format(fleet->options->first_day, date);
    seine_json_begin_object(json);
    seine_json_field_text(json, "start", date);
    put_count(json, "days", fleet->options->days);
    put_count(json, "vessels", fleet->options->vessels);
    put_count(json, "interval_s", fleet->options->interval_s);
    put_count(json, "seed", fleet->options->seed);
    put_totals(json, fleet, files, result);
    put_files(json, fleet, files);
    put_silver(json, fleet, days);
    put_silences(json, fleet);
    put_companions(json, fleet);
    put_fishing(json, fleet);
    put_shared(json, fleet);
    seine_json_end_object(json);
}

seine_status seine_truth_write(const seine_fleet *fleet, const seine_file_tally *files, const seine_day_tally *days,
                               const seine_generate_result *result, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, TRUTH_MAX_BYTES);
    seine_json_writer json = seine_json_writer_to(&text);
    put_all(&json, fleet, files, days, result);
    const char *path = fleet->options->truth_path;
    if (path == NULL) path = seine_file_join(&arena, fleet->options->folder, "truth.json");
    seine_status status = path == NULL ? SEINE_E_NOMEM : json.status;
    if (status == SEINE_OK) status = seine_buf_append(&text, "\n", 1);
    if (status != SEINE_OK) return seine_fail(error, status, "generate: the truth file cannot be built");
    return seine_file_write(path, text.data, text.size, SEINE_FILE_REPLACE, error);
}

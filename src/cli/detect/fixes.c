/*
 * Files of a dataset → fixes of the pool → one per mover and time → rows of the message table.
 *
 *     parser ──▶ blocks of fixes ──▶ row_pool ──▶ dealt out by day ──▶ winner ──▶ messages
 *                      └── refused rows: counted by reason, the first of each is kept
 */
#include "cli/detect/fixes.h"

#include "base/array.h"
#include "base/number.h"
#include "base/time.h"
#include "base/try.h"
#include "columns/receiver.h"
#include "columns/unit.h"
#include "decode/field.h"
#include "ingest/remarks.h"
#include "ingest/source_reader.h"
#include "ingest/source_text.h"
#include "ingest/winner.h"
#include "io/file.h"
#include "table/source.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 2
#define PART_BYTES ((uint64_t)64 << 20) /* decoded between two looks at the memory, at most */
#define REASONS_MAX ((size_t)SEINE_DATASET_RULES_MAX + 16)
#define KEY_MAX_BYTES ((size_t)1 << 16)
/* Detectors count in ticks, which reach from 1717 to 2223. */
#define TIME_LIMIT_US ((int64_t)SEINE_MESSAGE_TIME_LIMIT_S * SEINE_SECOND_US)

/* ---- refused rows ---------------------------------------------------------------------------------------------- */

static seine_detect_refusal *find_refusal(seine_detect_fixes *f, seine_str reason) {
    for (size_t i = 0; i < f->refusal_count; i++)
        if (seine_str_equal(f->refusals[i].reason, reason)) return &f->refusals[i];
    return NULL;
}

static seine_status add_refusal(seine_detect_fixes *f, seine_str text, size_t word, seine_str raw, uint64_t row,
                                const char *file) {
    const char *copy = seine_arena_copy(&f->arena, text.data, text.size);
    const char *raw_copy = seine_arena_copy(&f->arena, raw.data, raw.size);
    if (copy == NULL || raw_copy == NULL) return SEINE_E_NOMEM;
    SEINE_TRY(SEINE_ARRAY_ROOM(f->refusals, f->refusal_count, f->refusal_capacity, 1, REASONS_MAX));
    f->refusals[f->refusal_count++] = (seine_detect_refusal){.reason = {copy, word},
                                                             .rows = 1,
                                                             .file = file,
                                                             .row = row,
                                                             .text = {copy, text.size},
                                                             .raw = {raw_copy, raw.size}};
    return SEINE_OK;
}

static seine_status count_refusals(seine_detect_fixes *f, const seine_parsed_block *block, const char *file) {
    for (size_t i = 0; i < block->batch.reject_count; i++) {
        const seine_reject *reject = &block->batch.rejects[i];
        const seine_str text = {(const char *)block->batch.text.data + reject->reason, reject->reason_size};
        const seine_str raw = {(const char *)block->batch.text.data + reject->raw, reject->raw_size};
        const char *colon = memchr(text.data, ':', text.size);
        const size_t word = colon != NULL ? (size_t)(colon - text.data) : text.size;
        seine_detect_refusal *known = find_refusal(f, (seine_str){text.data, word});
        if (known != NULL)
            known->rows++;
        else
            SEINE_TRY(add_refusal(f, text, word, raw, block->first_row + reject->row, file));
    }
    return SEINE_OK;
}

/* ---- memory ---------------------------------------------------------------------------------------------------- */

static size_t dict_bytes(const seine_dict *dict) {
    return dict->arena.bytes + dict->capacity * (sizeof *dict->entries + sizeof *dict->hashes) +
           dict->slot_count * sizeof *dict->slots;
}

/* What the fixes so far take in the end: each with its sort keys and its message, words with their copies. */
static size_t bytes_needed(const seine_detect_fixes *f, const seine_messages *messages, size_t row_bytes) {
    const size_t each = sizeof(seine_fix) + 2 * sizeof(seine_fix_key) + sizeof(seine_fix *) +
                        seine_messages_row_bytes(messages) + row_bytes;
    size_t words = 0;
    for (int d = 0; d < THREADS; d++) words += dict_bytes(&f->decoders[d].movers) + dict_bytes(&f->decoders[d].tuples);
    return (size_t)(f->pool.held_bytes / sizeof(seine_fix)) * each + 2 * words;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static seine_status open_decoders(seine_detect_fixes *f, int64_t now_us, seine_error *error) {
    f->decoders = calloc(THREADS, sizeof *f->decoders);
    if (f->decoders == NULL) return seine_no_memory(error, "detect");
    for (int d = 0; d < THREADS; d++) {
        seine_fix_decoder *decoder = &f->decoders[d];
        seine_fix_decoder_init(decoder, f->dataset, now_us + SEINE_MAX_FUTURE_US);
        if (decoder->earliest_us < -TIME_LIMIT_US) decoder->earliest_us = -TIME_LIMIT_US;
        if (decoder->latest_us > TIME_LIMIT_US) decoder->latest_us = TIME_LIMIT_US;
    }
    return seine_row_pool_open(&f->pool, f->dataset, f->decoders, THREADS, error);
}

/* As a lake would know it: by the name of the file, which may tell its day. */
static seine_status add_source(seine_detect_fixes *f, const char *path, uint32_t *source, seine_error *error) {
    const char *name = strcmp(path, "-") == 0 ? SEINE_STANDARD_INPUT_NAME : seine_file_name(path);
    seine_known_source entry = {.row = {.dataset = f->dataset->name,
                                        .name = name,
                                        .state = SEINE_SOURCE_LIVE,
                                        .reason = "",
                                        .url = "",
                                        .greatest_us = INT64_MIN},
                                .remarks = {.dataset = f->dataset},
                                .path = path};
    int32_t first_day = 0;
    entry.row.has_declared_day =
        seine_source_declared_days(f->dataset->name, name, &first_day, &entry.row.declared_day);
    return seine_known_sources_add(&f->sources, &entry, source, error);
}

static seine_status take_block(seine_detect_fixes *f, uint32_t source, seine_parsed_block *block) {
    seine_source *row = &f->sources.items[source].row;
    seine_source_count_block(row, &block->batch);
    SEINE_TRY(count_refusals(f, block, row->name));
    return block->batch.count > 0 ? seine_row_pool_put(&f->pool, source, block) : SEINE_OK;
}

static seine_status take_blocks(seine_detect_fixes *f, uint32_t source, seine_parser *parser, seine_error *error) {
    size_t count = 0;
    seine_parsed_block *blocks = seine_parser_take(parser, &count);
    seine_known_source *entry = &f->sources.items[source];
    seine_status status = seine_source_check_rows(entry->row.name, blocks, count, error);
    if (status == SEINE_OK && seine_remarks_take(&entry->remarks, parser, blocks, count, &f->arena) != SEINE_OK)
        status = seine_no_memory(error, entry->row.name);
    for (size_t b = 0; b < count; b++) {
        if (status == SEINE_OK && take_block(f, source, &blocks[b]) != SEINE_OK)
            status = seine_no_memory(error, entry->row.name);
        seine_fix_batch_free(&blocks[b].batch);
    }
    return status;
}

/* A file of which nothing can be used is a mistake, here as in a lake. */
static seine_status check_rows(const seine_known_source *entry, seine_error *error) {
    const seine_source *row = &entry->row;
    if (row->rows > row->rejects) return SEINE_OK;
    if (row->rows == 0) return seine_fail(error, SEINE_E_FORMAT, "%s: no row at all behind the header", row->name);
    return seine_fail(error, SEINE_E_FORMAT, "%s: no valid row: %s refused, the first: %.*s%s", row->name,
                      seine_count(row->rows, "row").text, SEINE_STR_ARG(entry->remarks.reason),
                      entry->remarks.keys != NULL ? entry->remarks.keys : "");
}

/* What a run needs of its job while files are read. */
typedef struct reading {
    seine_detect_fixes *fixes;
    const seine_messages *messages;
    size_t row_bytes;
    seine_detect_memory *memory;
    const seine_progress *progress;
} reading;

static seine_status read_text(const reading *r, uint32_t source, const char *path, const seine_standard_input *head,
                              seine_error *error) {
    seine_detect_fixes *f = r->fixes;
    seine_parser *parser SEINE_OWNED(seine_parser_close_owned) = NULL;
    const char *name = f->sources.items[source].row.name;
    const seine_parse_setup setup = {.path = path,
                                     .file = path != NULL ? path : name,
                                     .head = head,
                                     .name = name,
                                     .decoders = f->decoders,
                                     .threads = THREADS,
                                     .arena = &f->arena,
                                     .progress = r->progress};
    SEINE_TRY(seine_parser_open(&setup, &parser, error));
    const uint64_t half = r->memory->left_bytes / 2 + 1, part = half < PART_BYTES ? half : PART_BYTES;
    for (bool ended = false; !ended;) {
        SEINE_TRY(seine_parser_run(parser, part, &ended, error));
        SEINE_TRY(take_blocks(f, source, parser, error));
        if (bytes_needed(f, r->messages, r->row_bytes) > r->memory->left_bytes)
            return seine_detect_too_large(name, r->memory, error);
    }
    return check_rows(&f->sources.items[source], error);
}

/* A file, or what stands for one; the name of the source tells its form unless @p form does. */
static seine_status read_path(const reading *r, uint32_t source, const char *path, seine_standard_input_form form,
                              seine_error *error) {
    seine_detect_fixes *f = r->fixes;
    const seine_source_text maker = {
        .dataset = f->dataset, .form = form, .engine = &f->engine, .arena = &f->arena, .progress = r->progress};
    const char *text = NULL;
    SEINE_TRY(seine_source_text_make(&maker, f->sources.items[source].row.name, path, &text, error));
    const seine_status status = read_text(r, source, text != NULL ? text : path, NULL, error);
    seine_uncommitted_remove(text);
    return status;
}

static seine_status read_stdin(const reading *r, uint32_t source, seine_error *error) {
    seine_standard_input input;
    const char *kept = NULL;
    SEINE_TRY(seine_standard_input_begin(&input, error));
    if (input.form == SEINE_STANDARD_INPUT_TEXT) return read_text(r, source, NULL, &input, error);
    SEINE_TRY(
        seine_standard_input_keep(&input, SEINE_STANDARD_INPUT_MOST, r->progress, &r->fixes->arena, &kept, error));
    const seine_status status = read_path(r, source, kept, input.form, error);
    seine_uncommitted_remove(kept);
    return status;
}

static seine_status read_file(const reading *r, const char *path, seine_error *error) {
    bool is_empty = false;
    uint32_t source = 0;
    SEINE_TRY(add_source(r->fixes, path, &source, error));
    if (strcmp(path, "-") == 0) return read_stdin(r, source, error);
    SEINE_TRY(seine_detect_check_file(path, &is_empty, error));
    return read_path(r, source, path, SEINE_STANDARD_INPUT_TEXT, error);
}

/* ---- one per mover and time ------------------------------------------------------------------------------------ */

/* Leaves the winners of every day, in order, in f->rows. */
static seine_status keep_winners(seine_detect_fixes *f, seine_dealt_rows *dealt, seine_pace *pace, size_t *count,
                                 seine_error *error) {
    seine_row_counts counts = {0};
    const seine_status status = seine_row_pool_deal(&f->pool, &f->sources, SEINE_NO_SOURCE, 1, &counts, dealt, error);
    free(counts.items);
    SEINE_TRY(status);
    const size_t held = (size_t)(f->pool.held_bytes / sizeof(seine_fix));
    f->rows = malloc((held + 1) * sizeof *f->rows);
    if (f->rows == NULL) return seine_no_memory(error, "detect");
    for (size_t p = 0; p < dealt->count; p++) {
        seine_partition_keys *keys = &dealt->partitions[p];
        if (!seine_pace_go(pace, keys->count + 1)) return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
        if (seine_winners_keep(keys->keys, &keys->count, &dealt->words) != SEINE_OK)
            return seine_no_memory(error, "detect");
        for (size_t i = 0; i < keys->count; i++) f->rows[(*count)++] = keys->keys[i].fix;
    }
    f->duplicates = (int64_t)(held - *count);
    return SEINE_OK;
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

/* A further field of messages: a column, and its unit as that of the field. */
typedef struct field_column {
    size_t column; /* SIZE_MAX = none */
    double scale, offset;
} field_column;

/* The statics of a mover mostly repeat, and so does what is made of them. */
typedef struct message_maker {
    const seine_detect_fixes *fixes;
    seine_messages *messages;
    field_column fields[SEINE_MESSAGES_FIELDS_MAX];
    size_t receiver; /* column; SIZE_MAX = none */
    uint32_t *code;  /* of each mover of the pool in the table; SEINE_CODE_NULL = none yet */
    uint32_t tuple;  /* that statics are of */
    seine_statics statics;
} message_maker;

static bool is_called(const seine_dataset_column *column, const char *name) {
    if (seine_field_name_equal(seine_str_of(name), column->name)) return true;
    for (size_t i = 0; i < column->name_count; i++)
        if (seine_field_name_equal(seine_str_of(name), column->names[i])) return true;
    return false;
}

static size_t find_called(const seine_dataset *dataset, const char *name) {
    for (size_t c = SEINE_DATASET_MEASURES; c < dataset->column_count; c++)
        if (is_called(&dataset->columns[c], name)) return c;
    return SIZE_MAX;
}

/* By that name, or another that archives of ships have for it: course, COG, course_over_ground. */
static size_t find_column(const seine_dataset *dataset, const char *name) {
    const seine_dataset *ships = seine_dataset_ais();
    size_t found = find_called(dataset, name);
    const size_t known = found == SIZE_MAX ? find_called(ships, name) : SIZE_MAX;
    if (known == SIZE_MAX) return found;
    found = find_called(dataset, ships->columns[known].name);
    for (size_t i = 0; i < ships->columns[known].name_count && found == SIZE_MAX; i++)
        found = find_called(dataset, ships->columns[known].names[i]);
    return found;
}

/* Fields of messages with a unit. */
static const char *unit_of(const char *field) {
    static const struct {
        const char *field, *unit;
    } units[] = {
        {"speed", "kn"}, {"speed_knots", "kn"},          {"implied_speed_knots", "kn"}, {"meters_to_prev", "m"},
        {"hours", "h"},  {"distance_from_shore_m", "m"}, {"distance_from_port_m", "m"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(field, units[i].field) == 0) return units[i].unit;
    return NULL;
}

static field_column column_of(const seine_dataset *dataset, const seine_messages_field *field) {
    const bool is_speed = strcmp(field->key, "speed") == 0 || strcmp(field->key, "speed_knots") == 0;
    field_column found = {.column = is_speed ? seine_dataset_speed(dataset) : find_column(dataset, field->key),
                          .scale = 1};
    if (found.column == SIZE_MAX || unit_of(field->key) == NULL) return found;
    const seine_unit *from = seine_unit_find(dataset->columns[found.column].unit);
    const seine_unit *to = seine_unit_find(unit_of(field->key));
    if (from == NULL && !is_speed) return found; /* without a unit it is that of the field */
    const bool converts = from != NULL && to != NULL && seine_unit_convert(from, to, &found.scale, &found.offset);
    if (!converts) found.column = SIZE_MAX;
    return found;
}

bool seine_detect_fixes_have(const seine_dataset *dataset, const char *field) {
    return column_of(dataset, &(seine_messages_field){.key = field}).column != SIZE_MAX;
}

static const seine_static *static_of(message_maker *m, const seine_fix *fix, size_t column) {
    const seine_dataset *dataset = m->fixes->dataset;
    if (m->tuple != fix->statics) {
        seine_statics_decode(dataset, m->fixes->pool.tuples.entries[fix->statics], &m->statics);
        m->tuple = fix->statics;
    }
    return &m->statics.column[column - seine_dataset_statics_first(dataset)];
}

static double number_of(message_maker *m, const seine_fix *fix, size_t column) {
    const seine_dataset *dataset = m->fixes->dataset;
    if (column < seine_dataset_statics_first(dataset)) return fix->measure[column - SEINE_DATASET_MEASURES];
    const seine_static *value = static_of(m, fix, column);
    if (value->is_null || dataset->columns[column].type == SEINE_TYPE_STRING) return (double)NAN;
    return dataset->columns[column].type == SEINE_TYPE_DOUBLE ? value->number : (double)value->integer;
}

static seine_str text_of(message_maker *m, const seine_fix *fix, size_t column) {
    const seine_dataset *dataset = m->fixes->dataset;
    const bool is_text =
        column >= seine_dataset_statics_first(dataset) && dataset->columns[column].type == SEINE_TYPE_STRING;
    const seine_static *value = is_text ? static_of(m, fix, column) : NULL;
    return value != NULL && !value->is_null ? value->text : (seine_str){NULL, 0};
}

static seine_status put_values(message_maker *m, const seine_fix *fix) {
    for (size_t i = 0; i < m->messages->field_count; i++) {
        const field_column *from = &m->fields[i];
        seine_messages_value value = {.text = 0};
        if (m->messages->fields[i].is_text) {
            const seine_str text = from->column != SIZE_MAX ? text_of(m, fix, from->column) : (seine_str){NULL, 0};
            if (text.data != NULL) value.text = seine_messages_text_hash(text);
        } else {
            value.number =
                from->column != SIZE_MAX ? number_of(m, fix, from->column) * from->scale + from->offset : (double)NAN;
        }
        SEINE_TRY(seine_buf_append(&m->messages->values, &value, sizeof value));
    }
    return SEINE_OK;
}

static seine_status put_message(message_maker *m, const seine_fix *fix) {
    const seine_message message = {.time_s = (double)fix->ts_us / 1e6,
                                   .lat_deg = fix->lat_deg,
                                   .lon_deg = fix->lon_deg,
                                   .shore_m = (double)NAN,
                                   .mover = m->code[fix->mover],
                                   .input = (uint16_t)fix->source,
                                   .receiver = m->receiver != SIZE_MAX ? seine_receiver_of(text_of(m, fix, m->receiver))
                                                                       : (uint8_t)SEINE_RECEIVER_OTHER,
                                   .keys = SEINE_MESSAGE_LAT | SEINE_MESSAGE_LON | SEINE_MESSAGE_RECEIVER |
                                           SEINE_MESSAGE_SHORE};
    SEINE_TRY(seine_buf_append(&m->messages->rows, &message, sizeof message));
    return put_values(m, fix);
}

/* Ids in their order get codes in that order, so that events stand by id whatever came first. */
static seine_status give_codes(message_maker *m, const uint32_t *rank, size_t count) {
    const seine_detect_fixes *f = m->fixes;
    seine_buf key SEINE_OWNED(seine_buf_free);
    const uint32_t movers = f->pool.movers.count;
    seine_buf_init(&key, KEY_MAX_BYTES);
    uint32_t *by_rank SEINE_OWNED(seine_free_owned) = malloc(((size_t)movers + 1) * sizeof *by_rank);
    if (by_rank == NULL) return SEINE_E_NOMEM;
    for (uint32_t i = 0; i < movers; i++) by_rank[rank[i]] = i;
    memset(m->code, 0xFF, ((size_t)movers + 1) * sizeof *m->code);
    for (size_t i = 0; i < count; i++) m->code[f->rows[i]->mover] = 0; /* it has a row */
    for (uint32_t i = 0; i < movers; i++) {
        const uint32_t mover = by_rank[i];
        const seine_str id = f->pool.movers.entries[mover];
        if (m->code[mover] == SEINE_CODE_NULL) continue;
        seine_buf_clear(&key);
        SEINE_TRY(seine_buf_append(&key, "\"", 1));
        SEINE_TRY(seine_buf_append(&key, id.data, id.size));
        SEINE_TRY(seine_buf_append(&key, "\"", 1));
        SEINE_TRY(seine_dict_intern(&m->messages->movers, seine_buf_str(&key), &m->code[mover]));
    }
    return SEINE_OK;
}

static seine_status make_messages(const seine_detect_fixes *f, const uint32_t *rank, size_t count,
                                  seine_messages *messages, seine_error *error) {
    message_maker m = {.fixes = f,
                       .messages = messages,
                       .receiver = find_column(f->dataset, "receiver_type"),
                       .tuple = SEINE_CODE_NULL};
    for (size_t i = 0; i < messages->field_count; i++) m.fields[i] = column_of(f->dataset, &messages->fields[i]);
    uint32_t *code SEINE_OWNED(seine_free_owned) = malloc(((size_t)f->pool.movers.count + 1) * sizeof *code);
    m.code = code;
    seine_status status = code != NULL ? give_codes(&m, rank, count) : SEINE_E_NOMEM;
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        status = put_message(&m, f->rows[i]);
        if (status == SEINE_OK && !seine_pace_go(messages->pace, 1))
            return seine_fail(error, SEINE_E_INTERRUPTED, "interrupted");
    }
    return status == SEINE_OK ? SEINE_OK : seine_fail(error, status, "%s for messages", seine_status_text(status));
}

/* ---- a fix as an object ---------------------------------------------------------------------------------------- */

/* Latitude, longitude or a measure. */
static double held_number(const seine_fix *fix, size_t column) {
    if (column == SEINE_DATASET_LAT) return fix->lat_deg;
    return column == SEINE_DATASET_LON ? fix->lon_deg : fix->measure[column - SEINE_DATASET_MEASURES];
}

static void put_static(seine_json_writer *w, seine_type type, const seine_static *value) {
    if (value->is_null)
        seine_json_put_null(w);
    else if (type == SEINE_TYPE_STRING)
        seine_json_put_text(w, value->text);
    else if (type == SEINE_TYPE_DOUBLE)
        seine_json_put_number(w, value->number);
    else if (type == SEINE_TYPE_BOOLEAN)
        seine_json_put_bool(w, value->integer != 0);
    else
        seine_json_put_int(w, value->integer);
}

seine_status seine_detect_fixes_put(const seine_detect_fixes *fixes, uint32_t row, seine_buf *text) {
    const seine_dataset *dataset = fixes->dataset;
    const size_t first = seine_dataset_statics_first(dataset);
    const seine_fix *fix = fixes->rows[row];
    seine_statics statics;
    char time[40];
    seine_statics_decode(dataset, fixes->pool.tuples.entries[fix->statics], &statics);
    const size_t time_size = seine_time_format(fix->ts_us, time);
    seine_json_writer w = seine_json_writer_to(text);
    seine_json_begin_object(&w);
    for (size_t c = 0; c < dataset->column_count; c++) {
        seine_json_key(&w, seine_str_of(dataset->columns[c].name));
        if (c == SEINE_DATASET_ID)
            seine_json_put_text(&w, fixes->pool.movers.entries[fix->mover]);
        else if (c == SEINE_DATASET_TIME)
            seine_json_put_text(&w, (seine_str){time, time_size});
        else if (c < first)
            seine_json_put_number(&w, held_number(fix, c));
        else
            put_static(&w, dataset->columns[c].type, &statics.column[c - first]);
    }
    seine_json_end_object(&w);
    return w.status;
}

/* ---- public ---------------------------------------------------------------------------------------------------- */

seine_status seine_detect_fixes_read(seine_detect_fixes *fixes, const char *const *paths, size_t count, int64_t now_us,
                                     size_t row_bytes, seine_detect_memory *memory, seine_detect *detect,
                                     seine_error *error) {
    const reading r = {fixes, &detect->messages, row_bytes, memory, detect->progress};
    seine_dealt_rows dealt SEINE_OWNED(seine_dealt_rows_free) = {0};
    size_t kept = 0;
    if (count > SEINE_MESSAGES_INPUTS_MAX)
        return seine_fail(error, SEINE_E_LIMIT, "more than %d inputs", SEINE_MESSAGES_INPUTS_MAX);
    SEINE_TRY(open_decoders(fixes, now_us, error));
    for (size_t i = 0; i < count; i++) SEINE_TRY(read_file(&r, paths[i], error));
    SEINE_TRY(keep_winners(fixes, &dealt, detect->pace, &kept, error));
    SEINE_TRY(make_messages(fixes, dealt.words.mover_rank, kept, &detect->messages, error));
    fixes->watermark_us = INT64_MIN;
    for (size_t s = 0; s < fixes->sources.count; s++) {
        const seine_source *row = &fixes->sources.items[s].row;
        const int64_t until_us = seine_watermark_of(row, 1);
        if (until_us > fixes->watermark_us) fixes->watermark_us = until_us;
        fixes->row_count += row->rows;
    }
    const size_t needed = bytes_needed(fixes, &detect->messages, row_bytes);
    memory->left_bytes -= needed < memory->left_bytes ? needed : memory->left_bytes;
    return SEINE_OK;
}

void seine_detect_fixes_close(seine_detect_fixes *fixes) {
    seine_row_pool_close(&fixes->pool);
    for (int d = 0; fixes->decoders != NULL && d < THREADS; d++) seine_fix_decoder_free(&fixes->decoders[d]);
    free(fixes->decoders);
    free(fixes->rows);
    free(fixes->refusals);
    seine_known_sources_free(&fixes->sources);
    seine_engine_close(fixes->engine);
    seine_arena_free(&fixes->arena);
}

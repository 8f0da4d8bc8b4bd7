#include "ingest/remarks.h"

#include "base/json.h"
#include "base/number.h"
#include "base/spelling.h"
#include "base/try.h"
#include "decode/field.h"

#include <inttypes.h>
#include <stdio.h>

#define KEYS_SHOWN 16 /* of a record that lacks one */
#define KEYS_BYTES 600
#define TEXT_MAX ((size_t)4000) /* the line is for reading; --json has everything */

static seine_status copy_text(seine_arena *arena, seine_str text, seine_str *copy) {
    const char *bytes = seine_arena_copy(arena, text.data, text.size);
    if (bytes == NULL) return SEINE_E_NOMEM;
    *copy = (seine_str){bytes, text.size};
    return SEINE_OK;
}

/* ---- a record that lacks its id, or its time ---- */

/* Which of the two has rows refused by this word. */
static size_t lacking_column(const seine_dataset *dataset, seine_str reason) {
    const char *word = "time";
    for (size_t r = 0; r < dataset->rule_count; r++)
        if (dataset->rules[r].column == SEINE_DATASET_TIME) word = dataset->rules[r].reason;
    const size_t size = strlen(word);
    const bool is_time = reason.size > size && memcmp(reason.data, word, size) == 0 && reason.data[size] == ':';
    return is_time ? SEINE_DATASET_TIME : SEINE_DATASET_ID;
}

/* The keys of a record in JSON, and which of them may be meant. */
static void list_keys(const seine_dataset_column *column, seine_json_value record, char list[KEYS_BYTES]) {
    seine_json_iter it = {0};
    seine_spelling near = seine_spelling_of(seine_str_of(column->name_count > 0 ? column->names[0] : column->name));
    char keys[KEYS_SHOWN][SEINE_FIELD_WORD_MAX];
    size_t at = 0;
    for (size_t i = 0; i < KEYS_SHOWN && seine_json_next(record, &it); i++) {
        snprintf(keys[i], sizeof keys[i], "%.*s", SEINE_STR_ARG(it.key));
        seine_spelling_offer(&near, keys[i]);
        if (at < KEYS_BYTES)
            at += (size_t)snprintf(list + at, KEYS_BYTES - at, "%s%s", i > 0 ? ", " : "; its keys are ", keys[i]);
    }
    const char *best = seine_spelling_best(&near);
    if (best != NULL && at < KEYS_BYTES)
        snprintf(list + at, KEYS_BYTES - at, "; if %s is that column, name it %.*s", best, SEINE_STR_ARG(near.word));
}

/* Of other forms, and of a record that has the key, there is nothing to say. */
static seine_status take_keys(seine_ingest_remarks *remarks, seine_str raw, seine_arena *arena) {
    seine_json *json SEINE_OWNED(seine_json_free_owned) = NULL;
    char list[KEYS_BYTES] = "";
    if (!seine_str_ends_with_nocase(remarks->reason, SEINE_STR("missing"))) return SEINE_OK;
    if (raw.size == 0 || raw.data[0] != '{' || seine_json_parse(raw, "", &json, NULL) != SEINE_OK) return SEINE_OK;
    const size_t column = lacking_column(remarks->dataset, remarks->reason);
    list_keys(&remarks->dataset->columns[column], seine_json_root(json), list);
    remarks->keys = seine_arena_copy(arena, list, strlen(list));
    return remarks->keys != NULL ? SEINE_OK : SEINE_E_NOMEM;
}

/* ---- what blocks say ---- */

void seine_remarks_count(seine_reject_word words[SEINE_REJECT_WORDS_MAX], seine_str reason, int64_t rows) {
    seine_str word = {reason.data, 0};
    size_t at = 0;
    while (word.size < reason.size && word.size + 1 < sizeof words->word && word.data[word.size] != ':' &&
           word.data[word.size] != ' ')
        word.size++;
    while (at < SEINE_REJECT_WORDS_MAX && words[at].rows > 0 && !seine_str_equal(seine_str_of(words[at].word), word))
        at++;
    if (at + 1 >= SEINE_REJECT_WORDS_MAX) {
        at = SEINE_REJECT_WORDS_MAX - 1;
        word = SEINE_STR("other");
    }
    if (words[at].rows == 0) (void)snprintf(words[at].word, sizeof words[at].word, "%.*s", SEINE_STR_ARG(word));
    words[at].rows += rows;
}

void seine_remarks_add(seine_reject_word to[SEINE_REJECT_WORDS_MAX],
                       const seine_reject_word from[SEINE_REJECT_WORDS_MAX]) {
    for (size_t i = 0; i < SEINE_REJECT_WORDS_MAX && from[i].rows > 0; i++)
        seine_remarks_count(to, seine_str_of(from[i].word), from[i].rows);
}

static void count_rejects(seine_ingest_remarks *remarks, const seine_fix_batch *batch) {
    const char *text = (const char *)batch->text.data;
    for (size_t i = 0; i < batch->reject_count; i++)
        seine_remarks_count(remarks->words, (seine_str){text + batch->rejects[i].reason, batch->rejects[i].reason_size},
                            1);
}

static seine_status take_block(seine_ingest_remarks *remarks, const seine_fix_batch *batch, seine_arena *arena) {
    const char *text = (const char *)batch->text.data;
    for (size_t c = 0; c < SEINE_DATASET_COLUMNS_MAX; c++) {
        const seine_fix_measure *measure = &batch->measures[c];
        if (measure->rows == 0) continue;
        if (remarks->measures[c].rows == 0)
            SEINE_TRY(
                copy_text(arena, (seine_str){text + measure->text, measure->text_size}, &remarks->measures[c].first));
        remarks->measures[c].rows += measure->rows;
    }
    count_rejects(remarks, batch);
    if (batch->reject_count == 0 || remarks->reason.size > 0) return SEINE_OK;
    const seine_reject *reject = &batch->rejects[0];
    SEINE_TRY(copy_text(arena, (seine_str){text + reject->reason, reject->reason_size}, &remarks->reason));
    return take_keys(remarks, (seine_str){text + reject->raw, reject->raw_size}, arena);
}

seine_status seine_remarks_take(seine_ingest_remarks *remarks, const seine_parser *parser,
                                const seine_parsed_block *blocks, size_t count, seine_arena *arena) {
    remarks->unused = seine_parser_unused(parser, &remarks->unused_count);
    for (size_t b = 0; b < count; b++) SEINE_TRY(take_block(remarks, &blocks[b].batch, arena));
    return SEINE_OK;
}

static seine_status put_unused(const seine_ingest_remarks *remarks, seine_buf *out) {
    for (size_t i = 0; i < remarks->unused_count; i++) {
        const seine_unused_column *column = &remarks->unused[i];
        if (out->size > TEXT_MAX / 2) return seine_buf_printf(out, " and %zu more", remarks->unused_count - i);
        SEINE_TRY(seine_buf_printf(out, "%s%.*s", i == 0 ? "columns not taken: " : ", ", SEINE_STR_ARG(column->name)));
        if (column->twice != NULL)
            SEINE_TRY(seine_buf_printf(out, " (%s is given twice; field %zu, %.*s, is used)", column->twice,
                                       column->used_field, SEINE_STR_ARG(column->used)));
        if (column->offer != NULL) SEINE_TRY(seine_buf_printf(out, " (%s?)", column->offer));
    }
    return SEINE_OK;
}

/* `sog: 12 rows, the first -3`, or `sog: 1 row, -3`. */
static seine_status put_measure(const char *column, int64_t rows, seine_str first, const char *before, seine_buf *out) {
    return seine_buf_printf(out, "%s%s: %" PRId64 " row%s%.*s", before, column, rows,
                            rows == 1 ? ", " : "s, the first ", SEINE_STR_ARG(first));
}

static seine_status put_remarks(const seine_ingest_remarks *remarks, seine_buf *out) {
    bool begun = false;
    SEINE_TRY(put_unused(remarks, out));
    for (size_t c = 0; c < SEINE_DATASET_COLUMNS_MAX; c++) {
        if (remarks->measures[c].rows == 0) continue;
        const char *before = begun ? "; " : out->size > 0 ? "; measure: " : "measure: ";
        SEINE_TRY(put_measure(remarks->dataset->columns[c].name, remarks->measures[c].rows, remarks->measures[c].first,
                              before, out));
        begun = true;
    }
    return SEINE_OK;
}

const char *seine_remarks_text(const seine_ingest_remarks *remarks, seine_arena *arena) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, 4 * TEXT_MAX);
    if (put_remarks(remarks, &out) != SEINE_OK) return NULL;
    return seine_arena_copy(arena, out.size > 0 ? (const char *)out.data : "", out.size);
}

void seine_remarks_refused(const seine_ingest_remarks *remarks, int64_t rows, char *text, size_t size) {
    (void)snprintf(text, size, "no valid row: %s refused, the first: %.*s%s", seine_count(rows, "row").text,
                   SEINE_STR_ARG(remarks->reason), remarks->keys != NULL ? remarks->keys : "");
}

/* links: columns core io base */
/* wraps: malloc calloc realloc */
/* Every allocation of base, columns and files fails once: the call says so, leaks nothing, and works afterwards. */
#include "unit/core_support.h"

#include "base/dict.h"
#include "base/hash.h"
#include "columns/arrow/arrow.h"

#include <unistd.h>

#include "unit/nomem_support.h"

static void check_every_allocation(seine_status (*work)(void), size_t at_least) {
    check_allocations(work, at_least, MUST_FAIL);
}

static seine_status parse_json(void) {
    seine_json *json = NULL;
    const seine_status status = seine_json_parse(SEINE_STR("{\"a\": [1, 2.5, \"text\", {}]}"), "given", &json, NULL);
    seine_json_free(json);
    return status;
}

static seine_status write_json(void) {
    seine_buf out;
    seine_buf_init(&out, 100000);
    seine_json_writer w = seine_json_writer_to(&out);
    seine_json_begin_array(&w);
    for (int i = 0; i < 500; i++) seine_json_put_text(&w, SEINE_STR("some text"));
    seine_json_end_array(&w);
    if (w.status == SEINE_OK && seine_buf_text(&out) == NULL) w.status = SEINE_E_NOMEM;
    seine_buf_free(&out);
    return w.status;
}

static seine_status intern_texts(void) {
    seine_dict dict = {0};
    seine_status status = SEINE_OK;
    for (int i = 0; i < 500 && status == SEINE_OK; i++) {
        char text[16];
        uint32_t code = 0;
        const size_t size = (size_t)snprintf(text, sizeof text, "text %d", i);
        status = seine_dict_intern(&dict, (seine_str){text, size}, &code);
        if (status == SEINE_OK) continue;
        /* A failed call leaves the dictionary as it was: the same text fits in now. */
        const uint32_t before = dict.count;
        if (seine_dict_intern(&dict, (seine_str){text, size}, &code) != SEINE_OK || code != before) abort();
    }
    seine_dict_free(&dict);
    return status;
}

static seine_status use_arena(void) {
    seine_arena arena = {0};
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < 40 && status == SEINE_OK; i++) {
        const bool got = seine_arena_alloc(&arena, i * 1000) != NULL && seine_arena_printf(&arena, "%zu", i) != NULL;
        if (!got) status = SEINE_E_NOMEM;
    }
    seine_arena_free(&arena);
    return status;
}

static seine_status digest(void) {
    char hex[65];
    seine_sha256 *sha = seine_sha256_new();
    if (sha == NULL) return SEINE_E_NOMEM;
    seine_sha256_update(sha, "abc", 3);
    seine_sha256_finish(sha, hex);
    return SEINE_OK;
}

static seine_status export_batch(struct ArrowSchema *schema, struct ArrowArray *array) {
    static const int64_t times[] = {0, 10 * HOUR, 20 * HOUR, 5 * HOUR};
    static const double lats[] = {1, 2, 3, 4};
    static const uint8_t valid[] = {1, 0, 1, 1};
    static const uint8_t closed[] = {1, 0, 1, 1};
    static const seine_str ids[] = {{"a", 1}, {"b", 1}};
    static const uint32_t codes[] = {0, 0, 1, 1};
    static const char *const names[] = {"mmsi", "ts", "lat", "lon", "receiver_type", "flag"};
    seine_vec columns[] = {
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_DICT, .values = ids, .codes = codes, .dict_count = 2},
        {.type = SEINE_TYPE_TIMESTAMPTZ, .values = times},
        {.type = SEINE_TYPE_DOUBLE, .values = lats, .valid = valid},
        {.type = SEINE_TYPE_DOUBLE, .values = lats},
        {.type = SEINE_TYPE_STRING, .kind = SEINE_VEC_CONSTANT, .values = ids},
        {.type = SEINE_TYPE_BOOLEAN, .values = closed, .valid = valid},
    };
    const seine_rows rows = {4, 6, columns};
    return seine_arrow_export(&rows, names, schema, array, NULL);
}

static seine_status cross_arrow(void) {
    struct ArrowSchema schema = {0};
    struct ArrowArray array = {0};
    seine_status status = export_batch(&schema, &array);
    if (status != SEINE_OK) return status;
    seine_arena arena = {0};
    seine_rows rows;
    const char **names = NULL;
    status = seine_arrow_import(&schema, &array, &arena, &rows, &names, NULL);
    seine_arena_free(&arena);
    schema.release(&schema);
    array.release(&array);
    return status;
}

static seine_status detect_gaps(void) {
    struct ArrowSchema schema = {0}, out_schema = {0};
    struct ArrowArray batch = {0}, out = {0};
    seine_status status = export_batch(&schema, &batch);
    if (status != SEINE_OK) return status;
    seine_arrow_names names = seine_arrow_names_default();
    names.speed = NULL;
    names.shore = "lon";
    const seine_gap_config config = seine_gap_config_default();
    status = seine_gap_detect_arrow(&schema, &batch, &names, &config, 90 * HOUR, &out_schema, &out, NULL);
    if (status == SEINE_OK) {
        if (out.length != 4) status = SEINE_E_INTERNAL;
        out_schema.release(&out_schema);
        out.release(&out);
    }
    schema.release(&schema);
    batch.release(&batch);
    return status;
}

static char folder[256];

static seine_status use_files(void) {
    char path[300];
    snprintf(path, sizeof path, "%s/below/here", folder);
    seine_status status = seine_file_make_parent(path, NULL);
    if (status == SEINE_OK) status = seine_file_write(path, "bytes", 5, SEINE_FILE_REPLACE, NULL);
    if (status != SEINE_OK) return status;
    seine_buf buf;
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    char *absolute = NULL;
    seine_buf_init(&buf, 100);
    status = seine_file_read(path, &buf, NULL);
    if (status == SEINE_OK) status = seine_file_list(folder, true, &arena, &entries, &count, NULL);
    if (status == SEINE_OK && count != 1) status = SEINE_E_INTERNAL; /* also: no temporary file was left */
    if (status == SEINE_OK) status = seine_file_absolute(path, &arena, &absolute, NULL);
    seine_buf_free(&buf);
    seine_arena_free(&arena);
    return status;
}

static void json_reading(void **state) {
    (void)state;
    check_every_allocation(parse_json, 1);
}

static void json_writing(void **state) {
    (void)state;
    check_every_allocation(write_json, 3);
}

static void dictionaries(void **state) {
    (void)state;
    check_every_allocation(intern_texts, 8);
}

static void arenas(void **state) {
    (void)state;
    check_every_allocation(use_arena, 3);
}

static void digests(void **state) {
    (void)state;
    check_every_allocation(digest, 1);
}

static void arrow_batches(void **state) {
    (void)state;
    check_every_allocation(cross_arrow, 30);
}

static void detecting_over_arrow(void **state) {
    (void)state;
    check_every_allocation(detect_gaps, 80);
}

static void files(void **state) {
    (void)state;
    const char *root = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/seine-nomem-XXXXXX", root != NULL ? root : "/tmp");
    assert_non_null(mkdtemp(folder));
    check_every_allocation(use_files, 6);
    assert_int_equal(seine_file_remove_tree(folder, NULL), SEINE_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_reading),
        cmocka_unit_test(json_writing),
        cmocka_unit_test(dictionaries),
        cmocka_unit_test(arenas),
        cmocka_unit_test(digests),
        cmocka_unit_test(arrow_batches),
        cmocka_unit_test(detecting_over_arrow),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

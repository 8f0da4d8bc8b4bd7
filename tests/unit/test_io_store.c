/* links: io base */
/* Files that are objects: the same promises as for files of this machine, in a store whose faults a script decides. */
#include "io/file.h"
#include "io/pins.h"
#include "io/reader.h"
#include "io/store/cache.h"
#include "io/store/memory.h"
#include "io/store/stores.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
/* After the standard headers, which it needs. */
#include <cmocka.h>

#define A "mem://t/lake/a"
#define UUID_NAMED "mem://t/00000-0b6a1c1e-5d0f-4c39-9a6e-1f0e7d3c2b4a.parquet"
#define PART SEINE_STORE_PART_BYTES

static char folder[256]; /* of the running test, on this machine */

static int begin(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "%s/seine-store-XXXXXX", getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    if (mkdtemp(folder) == NULL) return -1;
    const seine_stores_settings settings = {.scratch = folder};
    return seine_stores_configure(&settings, NULL) == SEINE_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    seine_stores_close();
    return seine_file_remove_tree(folder, NULL) == SEINE_OK ? 0 : -1;
}

static seine_store *store(void) {
    seine_store *found = NULL;
    const char *key = NULL;
    assert_int_equal(seine_stores_find("mem://t", &found, &key, NULL), SEINE_OK);
    assert_string_equal(key, "");
    return found;
}

static void put(const char *path, const char *text) {
    assert_int_equal(seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, NULL), SEINE_OK);
}

/* As another program does it, which has no cache here. */
static void put_elsewhere(const char *path, const void *bytes, size_t size) {
    const seine_body body = seine_body_of(bytes, size);
    assert_int_equal(store()->ops->put(store(), path + 8, &body, SEINE_FILE_REPLACE, NULL), SEINE_OK);
}

static void assert_content(const char *path, const char *expected) {
    seine_buf buf;
    seine_error error = {0};
    seine_buf_init(&buf, 1 << 20);
    if (seine_file_read(path, &buf, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(seine_str_equal(seine_buf_str(&buf), seine_str_of(expected)));
    seine_buf_free(&buf);
}

/* Bytes of which each place has its own value, nearly. */
static uint8_t *pattern(size_t size) {
    uint8_t *bytes = malloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) bytes[i] = (uint8_t)(i * 31 + (i >> 9));
    return bytes;
}

typedef struct fault_at {
    const char *name;
    seine_memory_fault fault;
} fault_at;

static seine_memory_fault one_kind(void *context, const char *name, const char *key, uint64_t number) {
    const fault_at *f = context;
    (void)key, (void)number;
    return strcmp(name, f->name) == 0 ? f->fault : SEINE_MEMORY_FINE;
}

/* ---- the promises of io/file.h ---------------------------------------------------------------------------------- */

static void an_object_reads_back_is_replaced_or_refused(void **state) {
    (void)state;
    seine_error error = {0};
    put(A, "one");
    assert_content(A, "one");
    put(A, "");
    assert_content(A, "");
    assert_int_equal(seine_file_write(A, "2", 1, SEINE_FILE_NEW, &error), SEINE_E_EXISTS);
    assert_non_null(strstr(error.text, A));
    assert_content(A, "");
    seine_buf buf;
    seine_buf_init(&buf, 2);
    put(A, "long");
    assert_int_equal(seine_file_read(A, &buf, NULL), SEINE_E_LIMIT);
    assert_int_equal(buf.size, 0);
    seine_buf_free(&buf);
    assert_int_equal(seine_file_read("mem://t/none", &buf, &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, "mem://t/none"));
}

static void an_object_in_writing_is_not_seen_and_an_aborted_one_never(void **state) {
    (void)state;
    seine_file_writer *writer = NULL;
    put(A, "old");
    assert_int_equal(seine_file_writer_open(A, &writer, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, "new", 3, NULL), SEINE_OK);
    assert_content(A, "old");
    seine_file_writer_abort(writer);
    assert_content(A, "old");
    assert_int_equal(seine_file_writer_open(A, &writer, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, "new", 3, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_size(writer), 3);
    assert_true(seine_hash128_equal(seine_file_writer_checksum(writer), seine_hash128_of("new", 3)));
    assert_int_equal(seine_file_writer_commit(writer, SEINE_FILE_REPLACE, NULL), SEINE_OK);
    assert_content(A, "new");
}

static seine_status count_upload(void *context, const seine_object *object, seine_error *error) {
    (void)error;
    assert_non_null(object->upload);
    ++*(size_t *)context;
    return SEINE_OK;
}

static size_t uploads(void) {
    size_t count = 0;
    assert_int_equal(store()->ops->uploads(store(), "", count_upload, &count, NULL), SEINE_OK);
    return count;
}

static void a_large_object_is_sent_in_parts_and_given_up_whole(void **state) {
    (void)state;
    const size_t size = 2 * PART + 5;
    uint8_t *bytes = pattern(size);
    seine_file_writer *writer = NULL;
    int64_t found = 0;
    seine_hash128 sum;
    assert_int_equal(seine_file_writer_open(A, &writer, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, bytes, 100, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, bytes + 100, size - 100, NULL), SEINE_OK);
    assert_int_equal(uploads(), 1);
    assert_false(seine_file_exists(A));
    assert_int_equal(seine_file_writer_commit(writer, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_int_equal(uploads(), 0);
    assert_int_equal(seine_file_checksum(A, &found, &sum, NULL), SEINE_OK);
    assert_int_equal(found, size);
    assert_true(seine_hash128_equal(sum, seine_hash128_of(bytes, size)));
    assert_int_equal(seine_file_writer_open(A, &writer, NULL), SEINE_OK);
    assert_int_equal(seine_file_writer_append(writer, bytes, size, NULL), SEINE_OK);
    assert_int_equal(uploads(), 1);
    seine_file_writer_abort(writer);
    assert_int_equal(uploads(), 0);
    free(bytes);
}

static void what_was_never_ended_is_listed_and_removed(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    seine_upload *left[2];
    assert_int_equal(store()->ops->upload_begin(store(), "lake/t/x", "", &left[0], NULL), SEINE_OK);
    assert_int_equal(store()->ops->upload_begin(store(), "lake/u/x", "", &left[1], NULL), SEINE_OK);
    assert_int_equal(seine_file_list_unfinished("mem://t/lake/t", &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, 1);
    assert_true(entries[0].info.modified_us > 0);
    const char *path = seine_file_join(&arena, "mem://t/lake/t", entries[0].name);
    assert_int_equal(seine_file_remove(path, NULL), SEINE_OK);
    assert_int_equal(uploads(), 1);
    assert_int_equal(seine_file_list_unfinished(folder, &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, 0);
    seine_arena_free(&arena);
}

static void looking_tells_objects_and_what_names_begin_with(void **state) {
    (void)state;
    seine_file_info info;
    put("mem://t/lake/x/y", "12345");
    assert_int_equal(seine_file_stat("mem://t/lake/x/y", &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_PLAIN);
    assert_int_equal(info.size, 5);
    assert_true(info.modified_us > 0);
    assert_int_equal(seine_file_stat("mem://t/lake/x", &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_FOLDER);
    assert_int_equal(seine_file_stat("mem://t/lake/", &info, NULL), SEINE_OK);
    assert_int_equal(seine_file_stat("mem://t/la", &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_NONE);
    assert_int_equal(seine_file_stat("mem://t", &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_FOLDER);
    assert_int_equal(seine_file_stat("mem:///x", &info, NULL), SEINE_E_USAGE);
}

static void objects_are_listed_and_removed_by_what_they_begin_with(void **state) {
    (void)state;
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    const char *const names[] = {"mem://t/l/b", "mem://t/l/a/2", "mem://t/l/a/1", "mem://t/l-other", "mem://t/l/c/d/e"};
    for (size_t i = 0; i < 5; i++) put(names[i], "x");
    assert_int_equal(seine_file_make_folders("mem://t/l/empty", NULL), SEINE_OK);
    assert_int_equal(seine_file_list("mem://t/l", false, &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, 3);
    assert_string_equal(entries[0].name, "a");
    assert_int_equal(entries[0].info.kind, SEINE_FILE_FOLDER);
    assert_string_equal(entries[1].name, "b");
    assert_int_equal(entries[1].info.kind, SEINE_FILE_PLAIN);
    assert_int_equal(entries[1].info.size, 1);
    assert_int_equal(seine_file_list("mem://t/l", true, &arena, &entries, &count, NULL), SEINE_OK);
    assert_int_equal(count, 4);
    assert_string_equal(entries[0].name, "a/1");
    assert_string_equal(entries[3].name, "c/d/e");
    assert_int_equal(seine_file_remove("mem://t/l/b", NULL), SEINE_OK);
    assert_int_equal(seine_file_remove("mem://t/l/b", NULL), SEINE_OK);
    assert_int_equal(seine_file_remove_tree("mem://t/l", NULL), SEINE_OK);
    assert_false(seine_file_exists("mem://t/l"));
    assert_content("mem://t/l-other", "x");
    seine_arena_free(&arena);
}

static void objects_of_several_buckets_are_removed_in_few_requests(void **state) {
    (void)state;
    static const char *const names[] = {"mem://t/a", "mem://t/b", "mem://t/none", "mem://u/a", "mem://t/c"};
    for (size_t i = 0; i < 5; i++)
        if (i != 2) put(names[i], "x");
    const uint64_t before = seine_memory_store_count(store());
    assert_int_equal(seine_file_remove_many(names, 5, NULL), SEINE_OK);
    assert_int_equal(seine_memory_store_count(store()) - before, 2);
    for (size_t i = 0; i < 5; i++) assert_false(seine_file_exists(names[i]));
    char first[300], second[300];
    snprintf(first, sizeof first, "%s/first", folder);
    snprintf(second, sizeof second, "%s/second", folder);
    put(second, "x");
    put(A, "x");
    const char *const mixed[] = {first, second, A};
    assert_int_equal(seine_file_remove_many(mixed, 3, NULL), SEINE_OK);
    assert_false(seine_file_exists(second) || seine_file_exists(A));
    /* One that cannot be removed keeps no other. */
    snprintf(first, sizeof first, "%s/full/file", folder);
    assert_int_equal(seine_file_make_parent(first, NULL), SEINE_OK);
    put(first, "x");
    put(second, "x");
    first[strlen(first) - strlen("/file")] = '\0';
    assert_int_equal(seine_file_remove_many(mixed, 3, NULL), SEINE_E_IO);
    assert_false(seine_file_exists(second));
    assert_int_equal(seine_file_remove_tree(first, NULL), SEINE_OK);
}

static void what_another_program_wrote_is_published(void **state) {
    (void)state;
    seine_arena arena = {0};
    struct stat st;
    char *temp = seine_file_temp_name(&arena, A);
    assert_non_null(temp);
    assert_int_equal(strncmp(temp, folder, strlen(folder)), 0);
    assert_true(seine_file_is_temp(temp));
    put(temp, "theirs");
    assert_int_equal(seine_file_publish(temp, A, NULL, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_content(A, "theirs");
    assert_int_equal(stat(temp, &st), -1);
    put(temp, "again");
    assert_int_equal(seine_file_publish(temp, A, NULL, SEINE_FILE_NEW, NULL), SEINE_E_EXISTS);
    assert_int_equal(stat(temp, &st), -1);
    seine_arena_free(&arena);
}

static void scratch_is_private_and_of_this_machine(void **state) {
    (void)state;
    seine_arena arena = {0};
    char *spills = NULL;
    const char *scratch = NULL;
    struct stat st;
    assert_int_equal(seine_file_scratch("mem://t/lake", "fetch", &arena, &spills, NULL), SEINE_OK);
    assert_int_equal(seine_stores_scratch(&scratch, NULL), SEINE_OK);
    assert_int_equal(stat(scratch, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(strncmp(spills, scratch, strlen(scratch)), 0);
    assert_int_equal(stat(spills, &st), 0);
    assert_int_equal(seine_file_scratch(folder, "fetch", &arena, &spills, NULL), SEINE_OK);
    assert_string_equal(spills + strlen(folder), "/tmp/fetch");
    char *kept = seine_arena_copy(&arena, scratch, strlen(scratch));
    seine_stores_close();
    assert_int_equal(stat(kept, &st), -1);
    seine_arena_free(&arena);
}

/* ---- reading in places ------------------------------------------------------------------------------------------ */

static void many_small_reads_are_few_requests(void **state) {
    (void)state;
    const size_t size = (size_t)3 << 20;
    uint8_t *bytes = pattern(size), piece[64];
    seine_file_random file;
    assert_int_equal(seine_file_write(A, bytes, size, SEINE_FILE_NEW, NULL), SEINE_OK);
    const uint64_t before = seine_memory_store_count(store());
    assert_int_equal(seine_file_random_open(A, &file, NULL), SEINE_OK);
    assert_int_equal(file.size, size);
    for (size_t at = size - 4096; at + 64 <= size; at += 64) { /* a footer */
        assert_int_equal(seine_file_random_read(&file, at, piece, 64, NULL), SEINE_OK);
        assert_memory_equal(piece, bytes + at, 64);
    }
    assert_int_equal(seine_memory_store_count(store()) - before, 1);
    for (size_t at = 1000; at < 200000; at += 64) {
        assert_int_equal(seine_file_random_read(&file, at, piece, 64, NULL), SEINE_OK);
        assert_memory_equal(piece, bytes + at, 64);
    }
    assert_int_equal(seine_memory_store_count(store()) - before, 2);
    uint8_t *large = malloc(size);
    assert_int_equal(seine_file_random_read(&file, 0, large, size, NULL), SEINE_OK);
    assert_memory_equal(large, bytes, size);
    assert_int_equal(seine_file_random_read(&file, size, piece, 0, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_read(&file, size - 1, piece, 2, NULL), SEINE_E_FORMAT);
    seine_file_random_close(&file);
    seine_file_random_close(&file);
    assert_int_equal(seine_file_random_open("mem://t/none", &file, NULL), SEINE_E_NOT_FOUND);
    put(A, "");
    assert_int_equal(seine_file_random_open(A, &file, NULL), SEINE_OK);
    assert_int_equal(file.size, 0);
    seine_file_random_close(&file);
    free(large);
    free(bytes);
}

/* What is read of an object is all of one state of it, also when another one of its size has come. */
static void an_object_that_changes_while_it_is_read_is_told(void **state) {
    (void)state;
    const size_t size = (size_t)3 << 20;
    uint8_t *bytes = pattern(size), piece[64];
    seine_file_random file;
    seine_error error = {0};
    assert_int_equal(seine_file_write(A, bytes, size, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_open(A, &file, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_read(&file, 1000, piece, 64, NULL), SEINE_OK);
    bytes[2000000] ^= 1;
    assert_int_equal(seine_file_write(A, bytes, size, SEINE_FILE_REPLACE, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_read(&file, 2000000, piece, 64, &error), SEINE_E_FORMAT);
    assert_non_null(strstr(error.text, A ": was changed while it was read"));
    seine_file_random_close(&file);
    assert_int_equal(seine_file_random_open(A, &file, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_read(&file, 2000000, piece, 64, NULL), SEINE_OK);
    assert_memory_equal(piece, bytes + 2000000, 64);
    seine_file_random_close(&file);
    free(bytes);
}

/* a.csv of 7 bytes, stored. */
static const uint8_t a_zip[] = {
    0x50, 0x4b, 0x03, 0x04, 0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x50, 0xa3, 0x1b, 0xc6,
    0xb9, 0x07, 0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x61, 0x2e, 0x63, 0x73,
    0x76, 0x4d, 0x4d, 0x53, 0x49, 0x0a, 0x31, 0x0a, 0x50, 0x4b, 0x01, 0x02, 0x14, 0x03, 0x14, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x21, 0x50, 0xa3, 0x1b, 0xc6, 0xb9, 0x07, 0x00, 0x00, 0x00, 0x07, 0x00,
    0x00, 0x00, 0x05, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x01, 0x00,
    0x00, 0x00, 0x00, 0x61, 0x2e, 0x63, 0x73, 0x76, 0x50, 0x4b, 0x05, 0x06, 0x00, 0x00, 0x00, 0x00, 0x01,
    0x00, 0x01, 0x00, 0x33, 0x00, 0x00, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x00, 0x00,
};

static void an_archive_is_read_from_a_store(void **state) {
    (void)state;
    seine_reader *reader = NULL;
    const char *name = NULL;
    char text[32] = "", sha[65];
    size_t size = 0;
    uint64_t bytes = 0;
    put("mem://t/lake/bronze/a.csv", "MMSI\n1\n");
    assert_int_equal(seine_reader_open("mem://t/lake/bronze/a.csv", &reader, NULL), SEINE_OK);
    assert_int_equal(seine_reader_member(reader, &name, NULL), SEINE_OK);
    assert_int_equal(seine_reader_read(reader, text, sizeof text, &size, NULL), SEINE_OK);
    assert_int_equal(size, 7);
    seine_reader_close(reader);
    assert_int_equal(seine_file_hash("mem://t/lake/bronze/a.csv", NULL, sha, &bytes, NULL), SEINE_OK);
    assert_int_equal(bytes, 7);
    /* Of a zip the library reads the directory and the member, each where it lies. */
    assert_int_equal(seine_file_write("mem://t/lake/bronze/a.zip", a_zip, sizeof a_zip, SEINE_FILE_NEW, NULL),
                     SEINE_OK);
    assert_int_equal(seine_reader_open("mem://t/lake/bronze/a.zip", &reader, NULL), SEINE_OK);
    assert_int_equal(seine_reader_member(reader, &name, NULL), SEINE_OK);
    assert_string_equal(name, "a.csv");
    assert_int_equal(seine_reader_read(reader, text, sizeof text, &size, NULL), SEINE_OK);
    assert_int_equal(size, 7);
    assert_memory_equal(text, "MMSI\n1\n", 7);
    seine_reader_close(reader);
    assert_int_equal(seine_file_hash("mem://t/none", NULL, sha, &bytes, NULL), SEINE_E_NOT_FOUND);
}

/* ---- the cache -------------------------------------------------------------------------------------------------- */

static void with_cache(uint64_t bytes) {
    seine_stores_close();
    const seine_stores_settings settings = {.scratch = folder, .cache = folder, .cache_bytes = bytes};
    assert_int_equal(seine_stores_configure(&settings, NULL), SEINE_OK);
}

static void read_in_places(const char *address, char first) {
    seine_file_random file;
    char byte = 0;
    assert_int_equal(seine_file_random_open(address, &file, NULL), SEINE_OK);
    assert_int_equal(seine_file_random_read(&file, 0, &byte, 1, NULL), SEINE_OK);
    assert_int_equal(byte, first);
    seine_file_random_close(&file);
}

static uint64_t bytes_below(const char *path) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    uint64_t bytes = 0;
    assert_int_equal(seine_file_list(path, true, &arena, &entries, &count, NULL), SEINE_OK);
    for (size_t i = 0; i < count; i++) bytes += entries[i].info.size;
    seine_arena_free(&arena);
    return bytes;
}

static void what_never_changes_is_asked_for_once(void **state) {
    (void)state;
    with_cache(8 << 20);
    put_elsewhere(UUID_NAMED, "abc", 3);
    put("mem://t/hint.text", "abc");
    const uint64_t before = seine_memory_store_count(store());
    for (int i = 0; i < 5; i++) read_in_places(UUID_NAMED, 'a');
    assert_content(UUID_NAMED, "abc");
    assert_int_equal(seine_memory_store_count(store()) - before, 1);
    for (int i = 0; i < 5; i++) assert_content("mem://t/hint.text", "abc");
    assert_int_equal(seine_memory_store_count(store()) - before, 6);
}

static void what_was_written_here_is_not_asked_for(void **state) {
    (void)state;
    with_cache((uint64_t)1 << 28); /* an eighth is more than a part */
    uint8_t *bytes = pattern(PART + 1);
    static const size_t sizes[] = {0, 1, PART, PART + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(seine_file_write(UUID_NAMED, bytes, sizes[i], SEINE_FILE_REPLACE, NULL), SEINE_OK);
        const uint64_t before = seine_memory_store_count(store());
        seine_file_random file;
        uint8_t *read = malloc(PART + 1);
        assert_int_equal(seine_file_random_open(UUID_NAMED, &file, NULL), SEINE_OK);
        assert_int_equal(file.size, sizes[i]);
        assert_int_equal(seine_file_random_read(&file, 0, read, sizes[i], NULL), SEINE_OK);
        assert_memory_equal(read, bytes, sizes[i]);
        assert_int_equal(seine_memory_store_count(store()), before);
        seine_file_random_close(&file);
        free(read);
    }
    free(bytes);
}

static void what_is_too_large_for_the_cache_is_no_copy_when_it_is_written(void **state) {
    (void)state;
    with_cache(1 << 20);
    uint8_t *bytes = pattern(200000);
    put(UUID_NAMED, "abc");
    assert_int_equal(seine_file_write(UUID_NAMED, bytes, 200000, SEINE_FILE_REPLACE, NULL), SEINE_OK);
    assert_int_equal(bytes_below(folder), sizeof(uint64_t)); /* the count itself: the former copy is gone, too */
    read_in_places(UUID_NAMED, (char)bytes[0]);
    free(bytes);
}

static void what_is_published_anew_is_read_anew(void **state) {
    (void)state;
    static const char *const names[] = {UUID_NAMED, "mem://t/x.parquet", "mem://t/lake/bronze/a.zip",
                                        "mem://t/bronze/catalog.url"};
    with_cache(8 << 20);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        put(names[i], "abc");
        for (int n = 0; n < 2; n++) read_in_places(names[i], 'a');
        put(names[i], "xyz");
        read_in_places(names[i], 'x');
        assert_int_equal(seine_file_remove(names[i], NULL), SEINE_OK);
        seine_file_random file;
        assert_int_equal(seine_file_random_open(names[i], &file, NULL), SEINE_E_NOT_FOUND);
    }
    put(UUID_NAMED, "abc");
    read_in_places(UUID_NAMED, 'a');
    assert_int_equal(seine_file_remove_tree("mem://t", NULL), SEINE_OK);
    seine_buf buf;
    seine_buf_init(&buf, 100);
    assert_int_equal(seine_file_read(UUID_NAMED, &buf, NULL), SEINE_E_NOT_FOUND);
    seine_buf_free(&buf);
}

/* The next command begins with what this one has put. */
static void what_was_put_need_not_be_asked_for(void **state) {
    (void)state;
    with_cache(8 << 20);
    put(UUID_NAMED, "abc");
    put("mem://t/x.parquet", "abc"); /* may be another one tomorrow */
    const uint64_t before = seine_memory_store_count(store());
    read_in_places(UUID_NAMED, 'a');
    assert_content(UUID_NAMED, "abc");
    assert_int_equal(seine_memory_store_count(store()) - before, 0);
    seine_arena arena = {0};
    char *temp = seine_file_temp_name(&arena, UUID_NAMED);
    assert_non_null(temp);
    put(temp, "file");
    assert_int_equal(seine_file_publish(temp, UUID_NAMED, NULL, SEINE_FILE_REPLACE, NULL), SEINE_OK);
    seine_arena_free(&arena);
    const uint64_t published = seine_memory_store_count(store());
    assert_content(UUID_NAMED, "file");
    assert_int_equal(seine_memory_store_count(store()) - published, 0);
    fault_at f = {"put", SEINE_MEMORY_UNKNOWN};
    seine_memory_store_script(store(), one_kind, &f);
    assert_int_equal(seine_file_write(UUID_NAMED, "xyz", 3, SEINE_FILE_REPLACE, NULL), SEINE_E_IO);
    seine_memory_store_script(store(), NULL, NULL);
    assert_content(UUID_NAMED, "xyz");
}

/* A limit on the size of files is as good as a full disk. */
static void a_copy_that_cannot_be_written_is_given_up(void **state) {
    (void)state;
    with_cache(8 << 20);
    uint8_t *bytes = pattern(100000);
    put_elsewhere(UUID_NAMED, bytes, 100000);
    struct rlimit former, low;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &former), 0);
    low = former;
    low.rlim_cur = 50000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    read_in_places(UUID_NAMED, (char)bytes[0]);
    assert_int_equal(seine_file_write(UUID_NAMED, bytes, 100000, SEINE_FILE_REPLACE, NULL), SEINE_OK);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &former), 0);
    assert_int_equal(bytes_below(folder), 0);
    free(bytes);
}

/* An archive is read all the same, by ranges: more and more of it at once. */
static void without_room_for_a_copy_an_archive_is_read_by_ranges(void **state) {
    (void)state;
    const size_t size = (size_t)20 << 20;
    char *text = malloc(size), *found = malloc(size);
    seine_reader *reader = NULL;
    const char *name = NULL;
    size_t got = 0;
    assert_true(text != NULL && found != NULL);
    for (size_t i = 0; i < size; i++) text[i] = (char)('a' + i * 7 % 26);
    with_cache(8 << 20); /* an eighth of it is too little */
    assert_int_equal(seine_file_write("mem://t/lake/bronze/a.csv", text, size, SEINE_FILE_NEW, NULL), SEINE_OK);
    const uint64_t before = seine_memory_store_count(store());
    assert_int_equal(seine_reader_open("mem://t/lake/bronze/a.csv", &reader, NULL), SEINE_OK);
    assert_int_equal(seine_reader_member(reader, &name, NULL), SEINE_OK);
    assert_int_equal(seine_reader_read(reader, found, size, &got, NULL), SEINE_OK);
    assert_int_equal(got, size);
    assert_memory_equal(found, text, size);
    seine_reader_close(reader);
    assert_int_equal(bytes_below(folder), 0);
    /* Two looks, the copy that is given up, the end, then 0.5, 1, 2, 4, 4, 4, 4 and the last half MiB is the end. */
    assert_true(seine_memory_store_count(store()) - before <= 12);
    free(text);
    free(found);
}

/* Each counts its own copies and the others'. */
static void the_size_of_a_cache_is_of_all_that_share_it(void **state) {
    (void)state;
    enum { SIZE = 10000, MOST = 100000, SHARING = 3 };
    seine_cache *caches[SHARING];
    char bytes[SIZE] = {0}, name[32];
    for (int i = 0; i < SHARING; i++) assert_int_equal(seine_cache_open(folder, MOST, &caches[i], NULL), SEINE_OK);
    for (int i = 0; i < 60; i++) {
        seine_cache_entry entry;
        snprintf(name, sizeof name, "%d", i);
        assert_true(seine_cache_begin(caches[i % SHARING], &entry));
        assert_int_equal(write(entry.descriptor, bytes, SIZE), SIZE);
        close(seine_cache_end(caches[i % SHARING], &entry, name, SIZE));
        assert_true(bytes_below(folder) <= MOST + sizeof(uint64_t)); /* the count itself */
    }
    assert_true(bytes_below(folder) > MOST / 2);
    const int last = seine_cache_find(caches[0], "59");
    assert_true(last >= 0);
    close(last);
    for (int i = 0; i < SHARING; i++) seine_cache_close(caches[i]);
}

/* Makes the part of the cache's folder that this start of the machine has a user's. */
static void own_part(uid_t user) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0, found = 0;
    assert_int_equal(seine_file_list(folder, false, &arena, &entries, &count, NULL), SEINE_OK);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(entries[i].name, "boot-", 5) != 0) continue;
        found++;
        assert_int_equal(chown(seine_file_join(&arena, folder, entries[i].name), user, user), 0);
    }
    assert_int_equal(found, 1);
    seine_arena_free(&arena);
}

static void a_cache_folder_of_others_is_not_used(void **state) {
    (void)state;
    seine_cache *cache = NULL;
    seine_error error = {0};
    assert_int_equal(chmod(folder, 0777), 0);
    assert_int_equal(seine_cache_open(folder, 1000, &cache, &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "may be written by anybody"));
    assert_int_equal(chmod(folder, 01777), 0); /* as /tmp */
    assert_int_equal(seine_cache_open(folder, 1000, &cache, &error), SEINE_OK);
    seine_cache_close(cache);
    assert_int_equal(chmod(folder, 0700), 0);
    if (geteuid() != 0) return; /* no file can be made somebody else's */
    assert_int_equal(chown(folder, 12345, 12345), 0);
    assert_int_equal(seine_cache_open(folder, 1000, &cache, &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "is another user's"));
    assert_int_equal(chown(folder, 0, 0), 0);
    own_part(12345);
    assert_int_equal(seine_cache_open(folder, 1000, &cache, &error), SEINE_E_USAGE);
    assert_non_null(strstr(error.text, "is another user's"));
    own_part(0);
}

/* What this machine left before it was started anew goes; what other machines have in the folder stays. */
static void a_cache_folder_may_be_shared_by_machines(void **state) {
    (void)state;
    seine_cache *cache = NULL;
    char own[300] = "", former[600], other[600];
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(seine_cache_open(folder, 1000, &cache, NULL), SEINE_OK);
    seine_cache_close(cache);
    assert_int_equal(seine_file_list(folder, false, &arena, &entries, &count, NULL), SEINE_OK);
    for (size_t i = 0; i < count; i++)
        if (strncmp(entries[i].name, "boot-", 5) == 0) snprintf(own, sizeof own, "%s", entries[i].name);
    assert_true(strlen(own) > 14 && own[13] == '-'); /* "boot-", 8 digits of the machine, "-" and those of the start */
    snprintf(former, sizeof former, "%s/%.14s00000000", folder, own);
    own[5] = own[5] == '0' ? '1' : '0';
    snprintf(other, sizeof other, "%s/%s", folder, own);
    assert_int_equal(mkdir(former, 0700), 0);
    assert_int_equal(mkdir(other, 0700), 0);
    assert_int_equal(seine_cache_open(folder, 1000, &cache, NULL), SEINE_OK);
    seine_cache_close(cache);
    assert_false(seine_file_exists(former));
    assert_true(seine_file_exists(other));
    seine_arena_free(&arena);
}

static void a_proof_reads_the_object_and_not_its_copy(void **state) {
    (void)state;
    with_cache(8 << 20);
    int64_t bytes = 0;
    seine_hash128 sum;
    char sha[65];
    uint64_t size = 0;
    put("mem://t/x.parquet", "abc");
    read_in_places("mem://t/x.parquet", 'a');
    put("mem://t/x.parquet", "abcd");
    assert_int_equal(seine_file_checksum("mem://t/x.parquet", &bytes, &sum, NULL), SEINE_OK);
    assert_int_equal(bytes, 4);
    assert_int_equal(seine_file_hash("mem://t/x.parquet", NULL, sha, &size, NULL), SEINE_OK);
    assert_int_equal(size, 4);
}

static void the_cache_keeps_to_its_size(void **state) {
    (void)state;
    with_cache(1 << 20);
    uint8_t *bytes = pattern(200000);
    char name[64];
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "mem://t/%d.parquet", i);
        assert_int_equal(seine_file_write(name, bytes, 100000, SEINE_FILE_NEW, NULL), SEINE_OK);
        read_in_places(name, (char)bytes[0]);
        assert_true(bytes_below(folder) <= 1 << 20);
    }
    assert_true(bytes_below(folder) > 1 << 19);
    /* Larger than an eighth of the cache: read by ranges. */
    assert_int_equal(seine_file_write(A ".parquet", bytes, 200000, SEINE_FILE_NEW, NULL), SEINE_OK);
    const uint64_t before = bytes_below(folder);
    read_in_places(A ".parquet", (char)bytes[0]);
    assert_int_equal(bytes_below(folder), before);
    free(bytes);
}

/* ---- pins ------------------------------------------------------------------------------------------------------- */

#define OTHER_NAMED "mem://t/00001-0b6a1c1e-5d0f-4c39-9a6e-1f0e7d3c2b4a.parquet"

static bool is_pinned(const char *path) { return strncmp(path, folder, strlen(folder)) == 0; }

static void a_pinned_object_has_a_path_of_this_machine(void **state) {
    (void)state;
    with_cache(8 << 20);
    put(UUID_NAMED, "abc");
    put("mem://t/x.parquet", "xyz"); /* whose state is looked up */
    const char *const files[] = {"/some/file", UUID_NAMED, "mem://t/x.parquet", "mem://t/hint.text"};
    const char *const *paths = NULL;
    seine_pins pins = {0};
    assert_int_equal(seine_pins_add(&pins, files, 4, &paths, NULL), SEINE_OK);
    assert_string_equal(paths[0], "/some/file");
    assert_true(is_pinned(paths[1]) && is_pinned(paths[2]));
    assert_non_null(strstr(paths[1], seine_file_name(UUID_NAMED)));
    assert_string_equal(paths[3], "mem://t/hint.text"); /* of a kind that is not kept */
    assert_content(paths[1], "abc");
    assert_content(paths[2], "xyz");
    assert_int_equal(strncmp(paths[1], seine_pins_folder("mem://t"), strlen(seine_pins_folder("mem://t"))), 0);
    char pinned[512];
    snprintf(pinned, sizeof pinned, "%s", paths[1]);
    assert_int_equal(seine_file_remove(UUID_NAMED, NULL), SEINE_OK); /* and its copy */
    assert_content(pinned, "abc");
    seine_pins_free(&pins);
    assert_false(seine_file_exists(pinned));
    assert_null(seine_pins_folder(folder));
}

static void pins_take_half_of_the_cache(void **state) {
    (void)state;
    with_cache(1 << 20);
    char names[8][80];
    const char *files[8];
    const char *const *paths = NULL;
    uint8_t *bytes = pattern(120000);
    size_t count = 0;
    for (int round = 0; round < 2; round++) { /* what was given back counts no more */
        seine_pins pins = {0};
        for (int i = 0; i < 8; i++) {
            snprintf(names[i], sizeof names[i], "mem://t/%d%d-0b6a1c1e-5d0f-4c39-9a6e-1f0e7d3c2b4a.parquet", round, i);
            assert_int_equal(seine_file_write(names[i], bytes, 120000, SEINE_FILE_NEW, NULL), SEINE_OK);
            files[i] = names[i];
        }
        assert_int_equal(seine_pins_add(&pins, files, 8, &paths, NULL), SEINE_OK);
        count = 0;
        for (int i = 0; i < 8; i++) count += is_pinned(paths[i]);
        assert_int_equal(count, 5); /* the last one that begins below the half */
        assert_string_equal(paths[7], names[7]);
        seine_pins_free(&pins);
    }
    free(bytes);
}

static void what_is_not_there_cannot_be_pinned(void **state) {
    (void)state;
    const char *const files[] = {UUID_NAMED, OTHER_NAMED};
    const char *const *paths = NULL;
    seine_pins pins = {0};
    assert_int_equal(seine_pins_add(&pins, files, 2, &paths, NULL), SEINE_OK); /* without a cache nothing is */
    assert_string_equal(paths[1], OTHER_NAMED);
    seine_pins_free(&pins);
    assert_null(seine_pins_folder("mem://t"));
    with_cache(8 << 20);
    put(UUID_NAMED, "abc");
    seine_error error = {0};
    assert_int_equal(seine_pins_add(&pins, files, 2, &paths, &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, OTHER_NAMED));
    seine_pins_free(&pins);
}

/* ---- faults ----------------------------------------------------------------------------------------------------- */

static void a_fault_is_told_and_leaves_what_was_there(void **state) {
    (void)state;
    put(A, "old");
    fault_at f = {"put", SEINE_MEMORY_ERROR};
    seine_memory_store_script(store(), one_kind, &f);
    assert_int_equal(seine_file_write(A, "new", 3, SEINE_FILE_REPLACE, NULL), SEINE_E_IO);
    assert_content(A, "old");
    f.fault = SEINE_MEMORY_UNKNOWN;
    assert_int_equal(seine_file_write(A, "new", 3, SEINE_FILE_REPLACE, NULL), SEINE_E_IO);
    assert_content(A, "new");
    f = (fault_at){"get", SEINE_MEMORY_TORN};
    seine_buf buf;
    seine_buf_init(&buf, 100);
    assert_int_equal(seine_file_read(A, &buf, NULL), SEINE_E_IO);
    assert_int_equal(buf.size, 0);
    seine_buf_free(&buf);
    seine_file_random file;
    assert_int_equal(seine_file_random_open(A, &file, NULL), SEINE_E_IO);
    assert_null(file.object);
    f = (fault_at){"look", SEINE_MEMORY_ERROR};
    seine_file_info info;
    assert_int_equal(seine_file_stat("mem://t/none", &info, NULL), SEINE_E_IO);
}

/* What a store may do to a write besides doing it, and when it is there. */
static void writes_may_be_torn_late_or_lost(void **state) {
    (void)state;
    seine_file_info info;
    fault_at f = {"put", SEINE_MEMORY_TORN};
    put("mem://t/gone", "x");
    seine_memory_store_script(store(), one_kind, &f);
    assert_int_equal(seine_file_write(A, "torn", 4, SEINE_FILE_NEW, NULL), SEINE_E_IO);
    assert_content(A, "to");
    f.fault = SEINE_MEMORY_LATE;
    assert_int_equal(seine_file_write(A, "late", 4, SEINE_FILE_REPLACE, NULL), SEINE_E_IO);
    assert_int_equal(seine_file_write("mem://t/new", "late", 4, SEINE_FILE_NEW, NULL), SEINE_E_IO);
    assert_content(A, "to");
    f.name = "remove";
    assert_int_equal(seine_file_remove("mem://t/gone", NULL), SEINE_E_IO);
    put("mem://t/new", "earlier");
    assert_content("mem://t/gone", "x");
    seine_memory_store_settle(store());
    assert_content(A, "late");
    assert_content("mem://t/new", "earlier");
    assert_false(seine_file_exists("mem://t/gone"));
    f = (fault_at){"put", SEINE_MEMORY_LOST};
    assert_int_equal(seine_file_write("mem://t/lost", "x", 1, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_int_equal(seine_file_stat("mem://t/lost", &info, NULL), SEINE_OK);
    assert_int_equal(info.kind, SEINE_FILE_NONE);
}

static size_t listed(const char *folder_name) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(seine_file_list(folder_name, true, &arena, &entries, &count, NULL), SEINE_OK);
    seine_arena_free(&arena);
    return count;
}

static void lists_may_be_behind_the_times(void **state) {
    (void)state;
    fault_at f = {"list", SEINE_MEMORY_STALE};
    put("mem://t/l/old", "x");
    for (int i = 0; i < SEINE_MEMORY_STALE_BY; i++) assert_true(seine_file_exists("mem://t/l/old"));
    put("mem://t/l/new", "x");
    assert_int_equal(seine_file_remove("mem://t/l/old", NULL), SEINE_OK);
    assert_int_equal(listed("mem://t/l"), 1);
    seine_memory_store_script(store(), one_kind, &f);
    assert_int_equal(listed("mem://t/l"), 1);
    seine_memory_store_script(store(), NULL, NULL);
    put("mem://t/l/old", "y");
    assert_int_equal(listed("mem://t/l"), 2);
    seine_memory_store_script(store(), one_kind, &f);
    for (int i = 0; i < SEINE_MEMORY_STALE_BY; i++) assert_true(seine_file_exists("mem://t/l/new"));
    assert_int_equal(listed("mem://t/l"), 2);
}

static void a_cut_copy_is_never_kept(void **state) {
    (void)state;
    with_cache(8 << 20);
    put("mem://t/x.parquet", "abcdef");
    fault_at f = {"get", SEINE_MEMORY_TORN};
    seine_memory_store_script(store(), one_kind, &f);
    seine_file_random file;
    assert_int_equal(seine_file_random_open("mem://t/x.parquet", &file, NULL), SEINE_E_IO);
    seine_memory_store_script(store(), NULL, NULL);
    assert_content("mem://t/x.parquet", "abcdef");
}

static void what_was_not_put_is_no_copy(void **state) {
    (void)state;
    with_cache((uint64_t)1 << 28);
    uint8_t *bytes = pattern(PART + 1);
    static const struct {
        const char *name;
        size_t size;
        seine_memory_fault fault;
    } cases[] = {{"put", 3, SEINE_MEMORY_ERROR},
                 {"put", 3, SEINE_MEMORY_UNKNOWN},
                 {"upload_part", PART + 1, SEINE_MEMORY_ERROR},
                 {"upload_end", PART + 1, SEINE_MEMORY_ERROR}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(UUID_NAMED, "old");
        fault_at f = {cases[i].name, cases[i].fault};
        seine_memory_store_script(store(), one_kind, &f);
        assert_int_equal(seine_file_write(UUID_NAMED, bytes, cases[i].size, SEINE_FILE_REPLACE, NULL), SEINE_E_IO);
        /* A part that fails changes nothing of what is there, so its copy stays. */
        assert_int_equal(bytes_below(folder) - sizeof(uint64_t), strcmp(cases[i].name, "upload_part") == 0 ? 3 : 0);
        seine_memory_store_script(store(), NULL, NULL);
        read_in_places(UUID_NAMED, cases[i].fault == SEINE_MEMORY_UNKNOWN ? (char)bytes[0] : 'o');
    }
    free(bytes);
}

static void a_failed_part_ends_the_upload(void **state) {
    (void)state;
    uint8_t *bytes = pattern(PART + 1);
    static const char *const names[] = {"upload_begin", "upload_part"};
    for (size_t i = 0; i < 2; i++) {
        fault_at f = {names[i], SEINE_MEMORY_ERROR};
        seine_memory_store_script(store(), one_kind, &f);
        assert_int_equal(seine_file_write(A, bytes, PART + 1, SEINE_FILE_NEW, NULL), SEINE_E_IO);
        seine_memory_store_script(store(), NULL, NULL);
        assert_int_equal(uploads(), 0);
        assert_false(seine_file_exists(A));
    }
    free(bytes);
}

/* ---- names ------------------------------------------------------------------------------------------------------ */

static void addresses_are_cleaned_in_the_text(void **state) {
    (void)state;
    static const char *const pairs[][2] = {{"s3://b/l/", "s3://b/l"},   {"s3://b", "s3://b"},
                                           {"s3://b/", "s3://b"},       {"s3://b//x/./y/../z", "s3://b/x/z"},
                                           {"s3://b/../x", "s3://b/x"}, {"s3://b/a b%20c", "s3://b/a b%20c"}};
    seine_arena arena = {0};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *found = NULL;
        assert_int_equal(seine_file_absolute(pairs[i][0], &arena, &found, NULL), SEINE_OK);
        assert_string_equal(found, pairs[i][1]);
        assert_int_equal(seine_file_real(pairs[i][0], &arena, &found, NULL), SEINE_OK);
        assert_string_equal(found, pairs[i][1]);
        assert_int_equal(seine_file_uri_of_path(pairs[i][0], &arena, &found, NULL), SEINE_OK);
        assert_string_equal(found, pairs[i][1]);
    }
    static const char *const spellings[] = {"s3://b/x", "s3a://b/x", "s3n://b/x"};
    for (size_t i = 0; i < 3; i++) {
        char *path = NULL;
        assert_int_equal(seine_file_path_of_uri(seine_str_of(spellings[i]), &arena, &path, NULL), SEINE_OK);
        assert_string_equal(path, "s3://b/x");
    }
    assert_false(seine_is_address("s3:/b"));
    assert_false(seine_is_address("/s3://b"));
    assert_false(seine_is_address("memory"));
    seine_arena_free(&arena);
}

#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_STORE(an_object_reads_back_is_replaced_or_refused),
        IN_STORE(an_object_in_writing_is_not_seen_and_an_aborted_one_never),
        IN_STORE(a_large_object_is_sent_in_parts_and_given_up_whole),
        IN_STORE(what_was_never_ended_is_listed_and_removed),
        IN_STORE(looking_tells_objects_and_what_names_begin_with),
        IN_STORE(objects_are_listed_and_removed_by_what_they_begin_with),
        IN_STORE(objects_of_several_buckets_are_removed_in_few_requests),
        IN_STORE(what_another_program_wrote_is_published),
        IN_STORE(scratch_is_private_and_of_this_machine),
        IN_STORE(many_small_reads_are_few_requests),
        IN_STORE(an_object_that_changes_while_it_is_read_is_told),
        IN_STORE(an_archive_is_read_from_a_store),
        IN_STORE(what_never_changes_is_asked_for_once),
        IN_STORE(what_was_written_here_is_not_asked_for),
        IN_STORE(what_is_too_large_for_the_cache_is_no_copy_when_it_is_written),
        IN_STORE(what_is_published_anew_is_read_anew),
        IN_STORE(what_was_put_need_not_be_asked_for),
        IN_STORE(a_copy_that_cannot_be_written_is_given_up),
        IN_STORE(without_room_for_a_copy_an_archive_is_read_by_ranges),
        IN_STORE(the_size_of_a_cache_is_of_all_that_share_it),
        IN_STORE(a_cache_folder_of_others_is_not_used),
        IN_STORE(a_cache_folder_may_be_shared_by_machines),
        IN_STORE(a_proof_reads_the_object_and_not_its_copy),
        IN_STORE(the_cache_keeps_to_its_size),
        IN_STORE(a_pinned_object_has_a_path_of_this_machine),
        IN_STORE(pins_take_half_of_the_cache),
        IN_STORE(what_is_not_there_cannot_be_pinned),
        IN_STORE(a_fault_is_told_and_leaves_what_was_there),
        IN_STORE(writes_may_be_torn_late_or_lost),
        IN_STORE(lists_may_be_behind_the_times),
        IN_STORE(a_cut_copy_is_never_kept),
        IN_STORE(what_was_not_put_is_no_copy),
        IN_STORE(a_failed_part_ends_the_upload),
        cmocka_unit_test(addresses_are_cleaned_in_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

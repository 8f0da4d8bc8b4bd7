/* links: core io base */
#include "unit/core_support.h"

#include "base/threads.h"
#include "io/file_batch.h"
#include "io/store/memory.h"
#include "io/store/stores.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define MANY 40
#define ENDLESS 4000 /* objects: more than are sent while a thread waits for its turn on a busy machine */

static char folder[256]; /* of the running test */
static seine_file_batch *batch;

static int begin(void **state) {
    (void)state;
    const char *root = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/seine-batch-XXXXXX", root != NULL ? root : "/tmp");
    batch = seine_file_batch_new();
    return batch != NULL && mkdtemp(folder) != NULL ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    seine_file_batch_free(batch);
    return seine_file_remove_tree(folder, NULL) == SEINE_OK ? 0 : -1;
}

static const char *at(const char *name) {
    static char paths[4][512];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

static void put(const char *name, const char *text, seine_file_mode mode) {
    seine_error error = {0};
    if (seine_file_batch_write(batch, at(name), text, strlen(text), mode, &error) != SEINE_OK)
        fail_msg("%s", error.text);
}

static void assert_content(const char *name, const char *expected) {
    seine_buf buf;
    seine_error error = {0};
    seine_buf_init(&buf, 1 << 20);
    if (seine_file_read(at(name), &buf, &error) != SEINE_OK) fail_msg("%s", error.text);
    assert_true(seine_str_equal(seine_buf_str(&buf), seine_str_of(expected)));
    seine_buf_free(&buf);
}

static size_t files_in_folder(void) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    assert_int_equal(seine_file_list(folder, true, &arena, &entries, &count, NULL), SEINE_OK);
    seine_arena_free(&arena);
    return count;
}

static void files_have_their_names_when_the_batch_ends_and_not_earlier(void **state) {
    (void)state;
    assert_int_equal(seine_file_make_folders(at("b"), NULL), SEINE_OK);
    assert_int_equal(seine_file_write(at("old"), "old", 3, SEINE_FILE_NEW, NULL), SEINE_OK);
    put("a", "one", SEINE_FILE_NEW);
    put("b/c", "two", SEINE_FILE_NEW);
    put("old", "new", SEINE_FILE_REPLACE);
    assert_false(seine_file_exists(at("a")));
    assert_false(seine_file_exists(at("b/c")));
    assert_content("old", "old");
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_content("a", "one");
    assert_content("b/c", "two");
    assert_content("old", "new");
    assert_int_equal(files_in_folder(), 3);
    put("next", "", SEINE_FILE_NEW); /* it takes others */
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_content("next", "");
}

static void a_batch_that_does_not_end_leaves_nothing(void **state) {
    (void)state;
    put("a", "one", SEINE_FILE_NEW);
    put("b", "two", SEINE_FILE_REPLACE);
    assert_int_equal(files_in_folder(), 2);
    seine_file_batch_free(batch);
    assert_int_equal(files_in_folder(), 0);
    batch = seine_file_batch_new();
    assert_non_null(batch);
}

static void a_file_can_be_taken_out_again(void **state) {
    (void)state;
    seine_error error = {0};
    put("a", "one", SEINE_FILE_NEW);
    put("b", "two", SEINE_FILE_NEW);
    assert_int_equal(seine_file_batch_remove(batch, at("a"), NULL), SEINE_OK);
    assert_int_equal(seine_file_batch_remove(batch, at("a"), &error), SEINE_E_NOT_FOUND);
    assert_non_null(strstr(error.text, at("a")));
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), 1);
    assert_content("b", "two");
}

static void a_new_file_never_replaces(void **state) {
    (void)state;
    assert_int_equal(seine_file_write(at("a"), "old", 3, SEINE_FILE_NEW, NULL), SEINE_OK);
    seine_error error = {0};
    put("a", "one", SEINE_FILE_NEW);
    put("b", "two", SEINE_FILE_NEW);
    assert_int_equal(seine_file_batch_end(batch, &error), SEINE_E_EXISTS);
    assert_non_null(strstr(error.text, at("a")));
    assert_content("a", "old");
    seine_file_batch_free(batch);
    batch = NULL;
    assert_int_equal(files_in_folder(), 1);
}

static void without_a_batch_a_file_is_there_at_once(void **state) {
    (void)state;
    assert_int_equal(seine_file_batch_write(NULL, at("a"), "one", 3, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_content("a", "one");
    assert_int_equal(seine_file_batch_write(NULL, at("a"), "two", 3, SEINE_FILE_NEW, NULL), SEINE_E_EXISTS);
    assert_int_equal(seine_file_batch_end(NULL, NULL), SEINE_OK);
    seine_file_batch_free(NULL);
    assert_int_equal(files_in_folder(), 1);
}

static seine_status put_numbered(void *context, size_t member, size_t index, seine_error *error) {
    (void)context, (void)member;
    char path[512], text[16];
    snprintf(path, sizeof path, "%s/%zu", folder, index);
    snprintf(text, sizeof text, "%zu", index);
    return seine_file_batch_write(batch, path, text, strlen(text), SEINE_FILE_NEW, error);
}

static void files_come_from_several_threads(void **state) {
    (void)state;
    const seine_thread_tasks tasks = {.task = put_numbered, .count = MANY};
    assert_int_equal(seine_threads_each(4, &tasks, NULL), SEINE_OK);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), MANY);
    for (size_t i = 0; i < MANY; i++) {
        char name[16];
        snprintf(name, sizeof name, "%zu", i);
        assert_content(name, name);
    }
}

/* ---- objects ---- */

/* What puts wait for: until so many have begun, or until they may go. */
typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int begun, wanted;
    bool is_open;
    const char *fails; /* end of a key; NULL = none */
    const char *held;  /* another operation, which waits until somebody else passed; NULL = none */
    bool is_held, has_passed, was_late;
} gate;

/* The operation that is held: it must not keep others from adding files. */
static void hold(gate *g) {
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 5;
    (void)pthread_mutex_lock(&g->lock);
    g->is_held = true;
    (void)pthread_cond_broadcast(&g->changed);
    while (!g->has_passed && !g->was_late) g->was_late = pthread_cond_timedwait(&g->changed, &g->lock, &until) != 0;
    (void)pthread_mutex_unlock(&g->lock);
}

static seine_memory_fault at_gate(void *context, const char *name, const char *key, uint64_t number) {
    gate *g = context;
    (void)number;
    if (g->held != NULL && strcmp(name, g->held) == 0) hold(g);
    if (strcmp(name, "put") != 0) return SEINE_MEMORY_FINE;
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    (void)pthread_mutex_lock(&g->lock);
    g->begun++;
    (void)pthread_cond_broadcast(&g->changed);
    while (!g->is_open && g->begun < g->wanted)
        if (pthread_cond_timedwait(&g->changed, &g->lock, &until) != 0) break;
    const bool fails = g->fails != NULL && seine_str_ends_with_nocase(seine_str_of(key), seine_str_of(g->fails));
    (void)pthread_mutex_unlock(&g->lock);
    return fails ? SEINE_MEMORY_ERROR : SEINE_MEMORY_FINE;
}

static void open_gate(gate *g) {
    (void)pthread_mutex_lock(&g->lock);
    g->is_open = true;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
}

static void await_begun(gate *g, int count) {
    (void)pthread_mutex_lock(&g->lock);
    while (g->begun < count) (void)pthread_cond_wait(&g->changed, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
}

static seine_store *store(void) {
    seine_store *found = NULL;
    const char *key = NULL;
    assert_int_equal(seine_stores_find("mem://b", &found, &key, NULL), SEINE_OK);
    return found;
}

/* The running test's objects are in a store whose puts stand at the gate. */
static void begin_objects(gate *g) {
    seine_stores_close();
    (void)rmdir(folder);
    snprintf(folder, sizeof folder, "mem://b/x");
    *g = (gate){.wanted = INT32_MAX};
    (void)pthread_mutex_init(&g->lock, NULL);
    (void)pthread_cond_init(&g->changed, NULL);
    seine_memory_store_script(store(), at_gate, g);
}

static void put_object(int number) {
    char name[16];
    snprintf(name, sizeof name, "%d", number);
    put(name, name, SEINE_FILE_NEW);
}

static void objects_are_sent_meanwhile_and_many_at_once(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    begin_objects(&g);
    g.wanted = 8; /* none is there before eight are on their way */
    for (int i = 0; i < MANY; i++) put_object(i);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(g.begun, MANY);
    assert_int_equal(files_in_folder(), MANY);
    put_object(MANY); /* it takes others */
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_content("40", "40");
}

static void an_object_that_cannot_be_sent_is_told(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    begin_objects(&g);
    g.is_open = true;
    g.fails = "x/1";
    for (int i = 0; i < 2; i++) put_object(i);
    seine_error error = {0};
    assert_int_equal(seine_file_batch_end(batch, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "mem://b/x/1"));
    assert_content("0", "0");
    assert_int_equal(files_in_folder(), 1);
    put_object(1);
    await_begun(&g, 3);
    assert_int_equal(seine_file_batch_remove(batch, at("1"), NULL), SEINE_OK); /* waits for its end */
    assert_int_equal(seine_file_batch_write(batch, at("2"), "x", 1, SEINE_FILE_NEW, &error), SEINE_E_IO);
    assert_non_null(strstr(error.text, "mem://b/x/1")); /* who adds others hears of it too */
}

static void an_object_is_taken_out_before_it_is_sent_and_after(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    begin_objects(&g);
    for (int i = 0; i < MANY; i++) put_object(i);
    await_begun(&g, 2);
    assert_int_equal(seine_file_batch_remove(batch, at("39"), NULL), SEINE_OK); /* the last waits for a free thread */
    open_gate(&g);
    assert_int_equal(seine_file_batch_remove(batch, at("0"), NULL), SEINE_OK);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(g.begun, MANY - 1);
    assert_int_equal(files_in_folder(), MANY - 2);
    assert_false(seine_file_exists(at("0")) || seine_file_exists(at("39")));
}

static void *take_out_big(void *context) {
    (void)context;
    return seine_file_batch_remove(batch, "mem://b/x/big", NULL) == SEINE_OK ? NULL : batch;
}

/* Removes mem://b/x/big in a thread of its own; meanwhile another file is added. */
static void pass_while_removing(gate *g) {
    pthread_t thread;
    void *failed = NULL;
    assert_int_equal(pthread_create(&thread, NULL, take_out_big, NULL), 0);
    (void)pthread_mutex_lock(&g->lock);
    while (!g->is_held) (void)pthread_cond_wait(&g->changed, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
    put_object(MANY);
    (void)pthread_mutex_lock(&g->lock);
    g->has_passed = true;
    (void)pthread_cond_broadcast(&g->changed);
    (void)pthread_mutex_unlock(&g->lock);
    assert_int_equal(pthread_join(thread, &failed), 0);
    assert_null(failed);
    assert_false(g->was_late);
}

static void nobody_waits_for_the_removal_of_another_ones_object(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    begin_objects(&g);
    g.is_open = true;
    g.held = "remove";
    put("big", "x", SEINE_FILE_NEW);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    pass_while_removing(&g);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), 1);
}

static void nobody_waits_until_the_parts_of_another_one_are_given_up(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    begin_objects(&g);
    for (int i = 0; i < MANY; i++) put_object(i); /* more than are sent at once: what comes now waits */
    const size_t size = SEINE_STORE_PART_BYTES + 1;
    char *bytes = calloc(1, size);
    assert_int_equal(seine_file_batch_write(batch, at("big"), bytes, size, SEINE_FILE_NEW, NULL), SEINE_OK);
    g.held = "upload_abort";
    pass_while_removing(&g);
    open_gate(&g);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), MANY + 1);
    free(bytes);
}

static void *open_later(void *context) {
    (void)nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    open_gate(context);
    return NULL;
}

static void a_batch_that_is_freed_sends_no_more(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    pthread_t thread;
    begin_objects(&g);
    for (int i = 0; i < ENDLESS; i++) put_object(i);
    await_begun(&g, 2);
    assert_int_equal(pthread_create(&thread, NULL, open_later, &g), 0);
    seine_file_batch_free(batch);
    batch = NULL;
    const int begun = g.begun;
    assert_int_equal(files_in_folder(), begun); /* what was on its way is there, and nothing comes afterwards */
    assert_true(begun < ENDLESS);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(g.begun, begun);
}

static void not_more_than_two_parts_are_kept_in_memory(void **state) {
    (void)state;
    static gate g; /* the store asks it to the end */
    pthread_t thread;
    begin_objects(&g);
    const size_t size = SEINE_STORE_PART_BYTES / 2 + 1;
    char *bytes = calloc(1, size);
    for (int i = 0; i < 3; i++)
        assert_int_equal(seine_file_batch_write(batch,
                                                at(i == 0   ? "a"
                                                   : i == 1 ? "b"
                                                            : "c"),
                                                bytes, size, SEINE_FILE_NEW, NULL),
                         SEINE_OK);
    assert_int_equal(pthread_create(&thread, NULL, open_later, &g), 0);
    assert_int_equal(seine_file_batch_write(batch, at("d"), bytes, size, SEINE_FILE_NEW, NULL), SEINE_OK);
    assert_true(g.is_open); /* so it has waited */
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(seine_file_batch_end(batch, NULL), SEINE_OK);
    assert_int_equal(files_in_folder(), 4);
    free(bytes);
}

static int end_objects(void **state) {
    const int failed = end(state);
    seine_stores_close();
    return failed;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_have_their_names_when_the_batch_ends_and_not_earlier, begin, end),
        cmocka_unit_test_setup_teardown(a_batch_that_does_not_end_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_file_can_be_taken_out_again, begin, end),
        cmocka_unit_test_setup_teardown(a_new_file_never_replaces, begin, end),
        cmocka_unit_test_setup_teardown(without_a_batch_a_file_is_there_at_once, begin, end),
        cmocka_unit_test_setup_teardown(files_come_from_several_threads, begin, end),
        cmocka_unit_test_setup_teardown(objects_are_sent_meanwhile_and_many_at_once, begin, end_objects),
        cmocka_unit_test_setup_teardown(an_object_that_cannot_be_sent_is_told, begin, end_objects),
        cmocka_unit_test_setup_teardown(an_object_is_taken_out_before_it_is_sent_and_after, begin, end_objects),
        cmocka_unit_test_setup_teardown(nobody_waits_for_the_removal_of_another_ones_object, begin, end_objects),
        cmocka_unit_test_setup_teardown(nobody_waits_until_the_parts_of_another_one_are_given_up, begin, end_objects),
        cmocka_unit_test_setup_teardown(a_batch_that_is_freed_sends_no_more, begin, end_objects),
        cmocka_unit_test_setup_teardown(not_more_than_two_parts_are_kept_in_memory, begin, end_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

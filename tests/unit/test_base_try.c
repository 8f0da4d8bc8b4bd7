/* links: core io base */
/* Leaving on failure: what is released then, in which order, and what is not because it was handed on. */
#include "unit/core_support.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/try.h"

/* Notes its name in a log when it is released. */
typedef struct noted {
    char name;
} noted;

static char released[16];
static size_t released_count;

static void forget(void) {
    memset(released, 0, sizeof released);
    released_count = 0;
}

static void noted_end(noted *value) {
    if (value->name != '\0') released[released_count++] = value->name;
}

void noted_close(noted *value);
SEINE_OWNED_POINTER(noted, noted_close);
void noted_close(noted *value) {
    noted_end(value);
    free(value);
}

static seine_status make(char name, noted **made) {
    *made = calloc(1, sizeof **made);
    assert_non_null(*made);
    (*made)->name = name;
    return SEINE_OK;
}

/* Fails with @p second between two values, in a loop's block, too. */
static seine_status three(seine_status second, noted **kept) {
    noted first SEINE_OWNED(noted_end) = {'a'};
    noted *made SEINE_OWNED(noted_close_owned) = NULL, *never SEINE_OWNED(noted_close_owned) = NULL;
    SEINE_TRY(make('b', &made));
    for (char name = 'x'; name < 'z'; name++) {
        noted in_loop SEINE_OWNED(noted_end) = {name};
        if (name == 'y') SEINE_TRY(second);
    }
    noted last SEINE_OWNED(noted_end) = {'c'};
    assert_null(never);
    *kept = SEINE_TAKE(made);
    assert_null(made);
    return first.name == 'a' ? SEINE_OK : SEINE_E_INTERNAL;
}

static void a_failure_releases_what_is_held_the_last_first(void **state) {
    (void)state;
    noted *kept = NULL;
    forget();
    assert_int_equal(three(SEINE_E_IO, &kept), SEINE_E_IO);
    assert_string_equal(released, "xyba");
    assert_null(kept);
}

static void what_was_taken_is_not_released(void **state) {
    (void)state;
    noted *kept = NULL;
    forget();
    assert_int_equal(three(SEINE_OK, &kept), SEINE_OK);
    assert_string_equal(released, "xyca");
    assert_int_equal(kept->name, 'b');
    noted_close(kept);
}

/* What is returned was computed before anything is released. */
static size_t size_of_text(void) {
    seine_buf text SEINE_OWNED(seine_buf_free);
    seine_buf_init(&text, 100);
    char *copy SEINE_OWNED(seine_free_owned) = malloc(10), *none SEINE_OWNED(seine_free_owned) = NULL;
    assert_non_null(copy);
    assert_null(none);
    assert_int_equal(seine_buf_append_str(&text, "nine char"), SEINE_OK);
    return text.size;
}

static void a_value_is_returned_before_its_owner_ends(void **state) {
    (void)state;
    assert_int_equal(size_of_text(), 9);
}

static void memory_that_is_missing_is_said_with_what_it_was_for(void **state) {
    (void)state;
    seine_error error = {SEINE_OK, ""};
    assert_int_equal(seine_no_memory(&error, "ports.csv"), SEINE_E_NOMEM);
    assert_int_equal(error.status, SEINE_E_NOMEM);
    assert_string_equal(error.text, "ports.csv: out of memory");
    assert_int_equal(seine_no_memory(NULL, "ports.csv"), SEINE_E_NOMEM);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_releases_what_is_held_the_last_first),
        cmocka_unit_test(what_was_taken_is_not_released),
        cmocka_unit_test(a_value_is_returned_before_its_owner_ends),
        cmocka_unit_test(memory_that_is_missing_is_said_with_what_it_was_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

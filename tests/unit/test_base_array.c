/* links: core io base */
/* wraps: malloc calloc realloc */
/* The one growing array: room, its maximum, and what stays when there is none. */
#include "unit/core_support.h"

#include "base/array.h"

#include <stdint.h>

#include "unit/nomem_support.h"

typedef struct numbers {
    int64_t *items;
    size_t count, capacity;
} numbers;

static seine_status add(numbers *n, int64_t number, size_t most) {
    const seine_status status = SEINE_ARRAY_ROOM(n->items, n->count, n->capacity, 1, most);
    if (status == SEINE_OK) n->items[n->count++] = number;
    return status;
}

static seine_status add_in(seine_arena *arena, numbers *n, int64_t number, size_t most) {
    const seine_status status = SEINE_ARENA_ROOM(arena, n->items, n->count, n->capacity, 1, most);
    if (status == SEINE_OK) n->items[n->count++] = number;
    return status;
}

static void items_keep_their_values_and_allocations_are_few(void **state) {
    (void)state;
    numbers heap = {0}, arena_held = {0};
    seine_arena arena = {0};
    allocated = 0;
    for (int64_t i = 0; i < 100000; i++) assert_int_equal(add(&heap, i, 100000), SEINE_OK);
    assert_true(allocated < 20);
    for (int64_t i = 0; i < 100000; i++) assert_int_equal(add_in(&arena, &arena_held, i, 100000), SEINE_OK);
    for (int64_t i = 0; i < 100000; i++) assert_true(heap.items[i] == i && arena_held.items[i] == i);
    free(heap.items);
    seine_arena_free(&arena);
}

static void the_maximum_is_reached_and_never_passed(void **state) {
    (void)state;
    numbers heap = {0}, arena_held = {0};
    seine_arena arena = {0};
    for (int64_t i = 0; i < 100; i++) {
        assert_int_equal(add(&heap, i, 100), SEINE_OK);
        assert_int_equal(add_in(&arena, &arena_held, i, 100), SEINE_OK);
    }
    assert_true(heap.capacity == 100 && arena_held.capacity == 100);
    const int64_t *before = heap.items;
    assert_int_equal(add(&heap, 100, 100), SEINE_E_LIMIT);
    assert_int_equal(add_in(&arena, &arena_held, 100, 100), SEINE_E_LIMIT);
    assert_true(heap.items == before && heap.count == 100 && heap.capacity == 100);
    /* Several at once are refused together. */
    assert_int_equal(SEINE_ARRAY_ROOM(heap.items, heap.count, heap.capacity, 51, 150), SEINE_E_LIMIT);
    assert_int_equal(SEINE_ARRAY_ROOM(heap.items, heap.count, heap.capacity, 50, 150), SEINE_OK);
    assert_int_equal(heap.capacity, 150);
    free(heap.items);
    seine_arena_free(&arena);
}

static void room_for_none_needs_no_memory(void **state) {
    (void)state;
    numbers heap = {0};
    allocated = 0;
    assert_int_equal(SEINE_ARRAY_ROOM(heap.items, heap.count, heap.capacity, 0, 0), SEINE_OK);
    assert_int_equal(add(&heap, 1, 0), SEINE_E_LIMIT);
    assert_true(allocated == 0 && heap.items == NULL && heap.capacity == 0);
}

static void sizes_that_no_memory_has_do_not_wrap(void **state) {
    (void)state;
    numbers heap = {0};
    seine_arena arena = {0};
    const size_t too_many[] = {SIZE_MAX, SIZE_MAX / 2, SIZE_MAX / sizeof *heap.items + 1};
    allocated = 0;
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++) {
        assert_int_equal(SEINE_ARRAY_ROOM(heap.items, 0, heap.capacity, too_many[i], SIZE_MAX), SEINE_E_NOMEM);
        assert_int_equal(SEINE_ARENA_ROOM(&arena, heap.items, 0, heap.capacity, too_many[i], SIZE_MAX), SEINE_E_NOMEM);
    }
    assert_int_equal(SEINE_ARRAY_ROOM(heap.items, 5, heap.capacity, SIZE_MAX - 2, SIZE_MAX), SEINE_E_LIMIT);
    assert_true(allocated == 0 && heap.items == NULL && heap.capacity == 0);
}

/* An index that runs ahead of what there is room for, as of arrays beside a dictionary. */
static void a_count_beyond_the_capacity_finds_room(void **state) {
    (void)state;
    numbers heap = {0};
    assert_int_equal(add(&heap, 7, 1000), SEINE_OK);
    const size_t at = heap.capacity + 1;
    assert_int_equal(SEINE_ARRAY_ROOM(heap.items, at, heap.capacity, 1, 1000), SEINE_OK);
    assert_true(heap.capacity > at && heap.items[0] == 7);
    free(heap.items);
}

static void an_array_without_memory_stays_as_it_was(void **state) {
    (void)state;
    numbers heap = {0}, arena_held = {0};
    seine_arena arena = {0};
    for (int64_t i = 0; i < 64; i++) {
        assert_int_equal(add(&heap, i, 10000), SEINE_OK);
        assert_int_equal(add_in(&arena, &arena_held, i, 10000), SEINE_OK);
    }
    const numbers heap_before = heap, arena_before = arena_held;
    allocated = 0, fail_at = 1;
    assert_int_equal(SEINE_ARRAY_ROOM(heap.items, heap.count, heap.capacity, 5000, 10000), SEINE_E_NOMEM);
    allocated = 0, fail_at = 1;
    assert_int_equal(SEINE_ARENA_ROOM(&arena, arena_held.items, arena_held.count, arena_held.capacity, 5000, 10000),
                     SEINE_E_NOMEM);
    fail_at = 0;
    assert_memory_equal(&heap, &heap_before, sizeof heap);
    assert_memory_equal(&arena_held, &arena_before, sizeof arena_held);
    for (int64_t i = 0; i < 64; i++) assert_true(heap.items[i] == i && arena_held.items[i] == i);
    free(heap.items);
    seine_arena_free(&arena);
}

static void a_list_gives_zeroed_items(void **state) {
    (void)state;
    seine_arena_list list = {0};
    seine_arena arena = {0};
    for (int64_t i = 0; i < 1000; i++) {
        int64_t *item = seine_arena_list_add(&list, &arena, sizeof *item);
        assert_non_null(item);
        assert_true(*item == 0);
        *item = i + 1;
    }
    const int64_t *items = list.items;
    for (int64_t i = 0; i < 1000; i++) assert_true(items[i] == i + 1);
    list.count = list.capacity = SEINE_ARENA_LIST_MAX;
    assert_null(seine_arena_list_add(&list, &arena, sizeof *items));
    seine_arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_keep_their_values_and_allocations_are_few),
        cmocka_unit_test(the_maximum_is_reached_and_never_passed),
        cmocka_unit_test(room_for_none_needs_no_memory),
        cmocka_unit_test(sizes_that_no_memory_has_do_not_wrap),
        cmocka_unit_test(a_count_beyond_the_capacity_finds_room),
        cmocka_unit_test(an_array_without_memory_stays_as_it_was),
        cmocka_unit_test(a_list_gives_zeroed_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

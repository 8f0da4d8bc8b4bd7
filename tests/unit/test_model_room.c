/* links: model parquet table engine io core columns base */
/* The limits of an engine for models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "io/machine.h"
#include "model/room.h"

#define MIB ((uint64_t)1 << 20)

static void each_thread_has_its_share(void **state) {
    (void)state;
    const struct {
        int threads;
        uint64_t mib;
        int wanted;
        uint64_t wanted_mib;
    } cases[] = {{8, 128, 1, 128},   {8, 255, 1, 255},   {8, 256, 2, 256},
                 {2, 4096, 2, 4096}, {1, 4096, 1, 4096}, {4, 1, 1, 128}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const seine_engine_options made = seine_model_room_options(cases[i].threads, cases[i].mib * MIB, "folder");
        assert_int_equal(made.threads, cases[i].wanted);
        assert_int_equal(made.memory_bytes, cases[i].wanted_mib * MIB);
        assert_string_equal(made.temp_folder, "folder");
    }
}

static void without_a_limit_it_is_half_of_the_machine(void **state) {
    (void)state;
    const uint64_t all = seine_machine_memory();
    const uint64_t machine = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    assert_true(all >= 64 * MIB && all <= machine);
    assert_int_equal(seine_model_room_options(1, 0, "folder").memory_bytes, all / 2 < 128 * MIB ? 128 * MIB : all / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_thread_has_its_share),
        cmocka_unit_test(without_a_limit_it_is_half_of_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

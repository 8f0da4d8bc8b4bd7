/*
 * Work on a lake whose allocations fail one after the other: it says so, leaks nothing, leaves the lake as it was or
 * whole in another lawful state, and done again it ends where it ends without the failure.
 */
#ifndef TESTS_UNIT_NOMEM_LAKE_H
#define TESTS_UNIT_NOMEM_LAKE_H

#include "io/file.h"
#include "verify/verify.h"
#include "table/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "unit/nomem_support.h"

/** Work on a lake. @return OK only when everything asked for was done. */
typedef seine_status (*nomem_work)(const char *lake, seine_error *error);

/** A folder of its own with the lake that work begins with, and the one it is done on. */
typedef struct nomem_fixture {
    char folder[256], prepared[300], lake[300];
    bool may_leave_orphans; /* of work whose files somebody may still commit */
} nomem_fixture;

#define must(call)                                                                   \
    do {                                                                             \
        seine_error error = {SEINE_OK, ""};                                          \
        const seine_status status_ = (call);                                         \
        if (status_ != SEINE_OK) fail_msg("%s: %d: %s", #call, status_, error.text); \
    } while (0)

static inline void nomem_make(nomem_fixture *f) {
    const char *temp = getenv("TMPDIR");
    (void)snprintf(f->folder, sizeof f->folder, "%s/seine-nomem-XXXXXX", temp != NULL ? temp : "/tmp");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->lake, sizeof f->lake, "%s/lake", f->folder);
    (void)snprintf(f->prepared, sizeof f->prepared, "%s/prepared", f->folder);
}

/** A file beside the lake, below the fixture's folder. */
static inline void nomem_write(const nomem_fixture *f, const char *name, const char *text, char path[600]) {
    (void)snprintf(path, 600, "%s/%s", f->folder, name);
    must(seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, &error));
}

static inline void nomem_drop(const nomem_fixture *f) {
    assert_int_equal(seine_file_remove_tree(f->folder, NULL), SEINE_OK);
}

static inline void nomem_command(const char *format, const char *a, const char *b) {
    char command[1024];
    (void)snprintf(command, sizeof command, format, a, b);
    if (system(command) != 0) fail_msg("%s", command);
}

/** The lake as it is now is what the work begins with. */
static inline void nomem_prepared(const nomem_fixture *f) {
    nomem_command("rm -rf '%s'", f->prepared, "");
    nomem_command("cp -a '%s' '%s'", f->lake, f->prepared);
}

static inline void nomem_restore(const nomem_fixture *f) {
    nomem_command("rm -rf '%s'", f->lake, "");
    nomem_command("cp -a '%s' '%s'", f->prepared, f->lake);
}

/* ---- what a lake holds ---- */

static inline seine_status nomem_add_row(void *context, const seine_db_value *columns, seine_error *error) {
    (void)error;
    return seine_buf_printf(context, "%s\n", columns[0].text);
}

/* What the ledger knows, times and names of files aside; and the state of each table as its pointer or its rows. */
static inline void nomem_state(const nomem_fixture *f, bool by_pointer, seine_buf *state) {
    static const char *const queries[] = {
        "SELECT table_name || key || content || rows FROM seine_partition ORDER BY 1",
        "SELECT name || sha256 || state || rows || rejects || reason || ifnull(greatest_us, '') FROM seine_source "
        "ORDER BY 1",
        "SELECT source || sha256 || day || ' ' || bucket || ' ' || rows || ' ' || winners FROM seine_source_day "
        "ORDER BY 1",
        "SELECT job || key || fingerprint || coalesce(parts, '') FROM seine_job ORDER BY 1",
        "SELECT job || source || source_partition || position FROM seine_progress ORDER BY 1",
        "SELECT key || value FROM seine_setting ORDER BY 1",
    };
    seine_catalog *catalog = NULL;
    seine_arena arena = {0};
    seine_pointer *pointers = NULL;
    size_t count = 0;
    seine_buf_clear(state);
    must(seine_catalog_open(f->lake, &catalog, &error));
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        must(seine_db_query(catalog->db, queries[q], NULL, 0, nomem_add_row, state, &error));
    must(seine_catalog_pointers(catalog, &arena, &pointers, &count, &error));
    for (size_t i = 0; i < count; i++) {
        seine_table *table = NULL;
        must(seine_buf_printf(state, "%s ", pointers[i].name));
        if (by_pointer) {
            must(seine_buf_printf(state, "%s\n", pointers[i].location));
            continue;
        }
        must(seine_table_open(&pointers[i], (seine_at){0}, &table, &error));
        must(seine_buf_printf(state, "%lld\n", (long long)seine_table_rows(table)));
        seine_table_close(table);
    }
    seine_arena_free(&arena);
    seine_catalog_close(catalog);
    assert_non_null(seine_buf_text(state));
}

/* Names of the lake's files; without the database's own, and those of bronze, which come first and stay. */
static inline void nomem_files(const nomem_fixture *f, seine_buf *names) {
    seine_arena arena = {0};
    seine_file_entry *entries = NULL;
    size_t count = 0;
    seine_buf_clear(names);
    must(seine_file_list(f->lake, true, &arena, &entries, &count, &error));
    for (size_t i = 0; i < count; i++)
        if (strncmp(entries[i].name, "catalog.db", 10) != 0 &&
            (strncmp(entries[i].name, "bronze/", 7) != 0 || seine_file_is_temp(entries[i].name)))
            must(seine_buf_printf(names, "%s %zu\n", entries[i].name, (size_t)entries[i].info.size));
    seine_arena_free(&arena);
    assert_non_null(seine_buf_text(names));
}

static inline void nomem_finding(void *context, const char *text) {
    if (strstr(text, "the next commit repairs it") != NULL) return; /* a hint, which is no promise */
    print_message("finding: %s\n", text);
    ++*(size_t *)context;
}

static inline void nomem_verify(const nomem_fixture *f, bool deep) {
    size_t findings = 0;
    const seine_verify_options options = {.deep = deep, .threads = 1, .finding = nomem_finding, .context = &findings};
    seine_verify_report report;
    must(seine_verify(f->lake, &options, &report, &error));
    seine_verify_report_free(&report);
    assert_int_equal(findings, 0);
}

static inline size_t nomem_open_files(void) {
    size_t count = 0;
    DIR *list = opendir("/proc/self/fd");
    if (list == NULL) return 0;
    while (readdir(list) != NULL) count++;
    (void)closedir(list);
    return count;
}

/* ---- the check ---- */

typedef struct nomem_check {
    const nomem_fixture *f;
    nomem_work work;
    seine_buf before, files, wanted, now, now_files; /* states and names of files */
    size_t open_files, ended_well, unchanged, partly, missed, faults;
    bool only_reads;
} nomem_check;

static inline bool nomem_same(const seine_buf *a, const seine_buf *b) {
    return seine_str_equal(seine_buf_str(a), seine_buf_str(b));
}

/* The lake is whole, and the work done again ends where it should. */
static inline void nomem_repeat(nomem_check *c, bool deep) {
    nomem_verify(c->f, false);
    must(c->work(c->f->lake, &error));
    nomem_state(c->f, false, &c->now);
    if (!nomem_same(&c->now, &c->wanted)) fail_msg("%s\n---- instead of\n%s", c->now.data, c->wanted.data);
    if (deep) nomem_verify(c->f, true);
}

/* Tells a fault and where the allocation was wanted; the others are tried, too. */
static inline void nomem_fault(nomem_check *c, size_t number, bool and_all_after, const char *what, const char *text) {
    print_error("allocation %zu%s failed: %s %s\n", number, and_all_after ? " and all after it" : "", what, text);
    backtrace_symbols_fd(nomem.frames, nomem.frame_count, STDERR_FILENO);
    c->faults++;
}

/* The first file of @p names that @p others do not have, else nothing. */
static inline void nomem_stray(const seine_buf *names, const seine_buf *others, char name[400]) {
    const char *line = (const char *)names->data;
    while (*line != '\0') {
        const int size = (int)strcspn(line, "\n") + 1;
        (void)snprintf(name, 400, "%.*s", size, line);
        if (strstr((const char *)others->data, name) == NULL) return;
        line += size;
    }
    name[0] = '\0';
}

/* Of work that changed nothing. */
static inline void nomem_check_files(nomem_check *c, size_t number, bool and_all_after) {
    char more[400], gone[400];
    nomem_files(c->f, &c->now_files);
    if (nomem_same(&c->now_files, &c->files)) return;
    nomem_stray(&c->now_files, &c->files, more);
    nomem_stray(&c->files, &c->now_files, gone);
    if (gone[0] != '\0') nomem_fault(c, number, and_all_after, "a file is gone", gone);
    if (more[0] != '\0' && !c->f->may_leave_orphans) nomem_fault(c, number, and_all_after, "a new file", more);
    nomem_restore(c->f);
}

static inline void nomem_try(nomem_check *c, size_t number, bool and_all_after) {
    seine_error error = {SEINE_OK, ""};
    nomem_arm(number, and_all_after);
    const seine_status status = c->work(c->f->lake, &error);
    c->missed += !nomem_disarm();
    if (status != SEINE_OK && status != SEINE_E_NOMEM && !(nomem.is_refused && status == SEINE_E_IO))
        nomem_fault(c, number, and_all_after, seine_status_text(status), error.text);
    if (status == SEINE_E_NOMEM && strstr(error.text, "memory") == NULL)
        nomem_fault(c, number, and_all_after, "it is told as", error.text);
    if (nomem_open_files() != c->open_files) nomem_fault(c, number, and_all_after, "a file stays open", "");
    c->open_files = nomem_open_files();
    nomem_state(c->f, true, &c->now);
    if (nomem_same(&c->now, &c->before)) {
        if (status == SEINE_OK && !c->only_reads)
            nomem_fault(c, number, and_all_after, "it ended well without having done it", "");
        nomem_check_files(c, number, and_all_after);
        c->unchanged++;
        return;
    }
    nomem_state(c->f, false, &c->now);
    if (status == SEINE_OK && !nomem_same(&c->now, &c->wanted))
        nomem_fault(c, number, and_all_after, "it ended well with", (const char *)c->now.data);
    c->ended_well += status == SEINE_OK;
    c->partly += status != SEINE_OK;
    nomem_repeat(c, false);
    nomem_restore(c->f);
}

/** Fails allocations of @p work, once and from then on; a share of @p most. It begins with the prepared lake. */
static inline void nomem_check_lake(const nomem_fixture *f, nomem_work work, size_t most) {
    nomem_check c = {.f = f, .work = work};
    seine_buf *texts[] = {&c.before, &c.files, &c.wanted, &c.now, &c.now_files};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) seine_buf_init(texts[i], 1 << 24);
    nomem_restore(f);
    nomem_learn_begin();
    seine_error error = {SEINE_OK, ""};
    const seine_status well = work(f->lake, &error);
    size_t *numbers = nomem_learn_end(nomem_share(most));
    const size_t total = nomem.count;
    if (well != SEINE_OK) fail_msg("%d: %s", well, error.text);
    nomem_state(f, true, &c.now);
    nomem_state(f, false, &c.wanted);
    nomem_restore(f);
    nomem_state(f, true, &c.before);
    c.only_reads = nomem_same(&c.now, &c.before);
    nomem_files(f, &c.files);
    c.open_files = nomem_open_files();
    size_t tried = 0;
    for (const size_t *n = numbers; *n != 0; n++, tried++) {
        nomem_try(&c, *n, false);
        nomem_try(&c, *n, true);
    }
    nomem_repeat(&c, true);
    print_message("%zu allocations, %zu failed, alone and with all after: %zu unchanged, %zu in part, %zu whole\n",
                  total, tried, c.unchanged, c.partly, c.ended_well);
    assert_true(c.missed * 100 <= tried); /* threads may make the numbers differ by a few */
    assert_int_equal(c.faults, 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) seine_buf_free(texts[i]);
    free(numbers);
}

#endif

/* links: cli io base */
/* Options from their four layers, as any command sees them. */
#include "generate_support.h"

#include "cli/cli.h"

#include <fcntl.h>
#include <unistd.h>

static const seine_option options[] = {
    {.name = "min-gap",
     .letter = 'm',
     .kind = SEINE_OPTION_NUMBER,
     .fallback = "6",
     .least = 0,
     .most = 24,
     .setting = true,
     .help = "a number"},
    {.name = "count", .letter = 'n', .kind = SEINE_OPTION_INT, .fallback = "3", .help = "a whole number"},
    {.name = "eval-last",
     .letter = 'e',
     .kind = SEINE_OPTION_FLAG,
     .fallback = "on",
     .setting = true,
     .help = "a flag"},
    {.name = "dry", .letter = 'd', .kind = SEINE_OPTION_FLAG, .help = "another flag"},
    {.name = "ids", .kind = SEINE_OPTION_LIST, .setting = true, .help = "a list"},
    {.name = "range", .kind = SEINE_OPTION_WORDS, .help = "words"},
    {.name = "config", .letter = 'c', .kind = SEINE_OPTION_TEXT, .help = "a file"},
};

/* One per process: a command has no other way to hand out what it saw. */
static char seen[2048];

static void show_list(const seine_args *args, const char *name, const char *title) {
    size_t count;
    const char *const *list = seine_args_list(args, name, &count);
    size_t used = strlen(seen);
    used += (size_t)snprintf(seen + used, sizeof seen - used, " %s=[", title);
    for (size_t i = 0; i < count; i++) {
        used += (size_t)snprintf(seen + used, sizeof seen - used, "%s%s", i > 0 ? "|" : "", list[i]);
    }
    snprintf(seen + used, sizeof seen - used, "]");
}

static seine_status run_probe(seine_args *args, seine_error *error) {
    const char *config = seine_args_text(args, "config");
    if (config != NULL) {
        const seine_status status = seine_args_config(args, config, error);
        if (status != SEINE_OK) snprintf(seen, sizeof seen, "%s", error->text);
        if (status != SEINE_OK) return status;
    }
    snprintf(seen, sizeof seen, "min-gap=%g count=%lld eval-last=%d dry=%d given=%d",
             seine_args_number(args, "min-gap"), (long long)seine_args_int(args, "count"),
             seine_args_flag(args, "eval-last"), seine_args_flag(args, "dry"), seine_args_given(args, "min-gap"));
    show_list(args, "ids", "ids");
    show_list(args, "range", "range");
    show_list(args, NULL, "words");
    return SEINE_OK;
}

static const seine_command probe = {.name = "probe",
                                    .summary = "Shows its options",
                                    .positional = "[FILE…]",
                                    .options = options,
                                    .option_count = sizeof options / sizeof *options,
                                    .run = run_probe};
static const seine_command lake_probe = {.name = "lake probe",
                                         .summary = "Shows its options",
                                         .positional = "[FILE…]",
                                         .options = options,
                                         .option_count = sizeof options / sizeof *options,
                                         .needs_lake = true,
                                         .run = run_probe};

#define MOST_WORDS 16
#define RUN(...) run_line((const char *const[]){"seine", __VA_ARGS__, NULL})

/* @return the exit status; messages go nowhere. */
static int run_line(const char *const words[]) {
    const seine_command *const commands[] = {&probe, &lake_probe};
    char *copies[MOST_WORDS] = {NULL};
    int count = 0;
    const int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    assert_true(kept >= 0 && nowhere >= 0);
    for (; words[count] != NULL && count < MOST_WORDS - 1; count++) copies[count] = strdup(words[count]);
    seen[0] = '\0';
    dup2(nowhere, STDERR_FILENO);
    const int status = seine_cli_main(count, copies, commands, 2);
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(nowhere);
    for (int i = 0; i < count; i++) free(copies[i]);
    return status;
}

#define ASSERT_SEEN(...) assert_string_equal(seen, __VA_ARGS__)

static void defaults_stand_where_nothing_is_given(void **state) {
    (void)state;
    assert_int_equal(RUN("probe"), 0);
    ASSERT_SEEN("min-gap=6 count=3 eval-last=1 dry=0 given=0 ids=[] range=[] words=[]");
}

static void every_form_of_an_option_is_read(void **state) {
    (void)state;
    assert_int_equal(RUN("probe", "--min-gap=2.5", "-n", "-4", "--no-eval-last", "--dry", "--ids", "a, b,,c"), 0);
    ASSERT_SEEN("min-gap=2.5 count=-4 eval-last=0 dry=1 given=1 ids=[a|b|c] range=[] words=[]");
    assert_int_equal(RUN("probe", "-n7", "-de", "x", "--range", "2024-01-01", "2024-01-02", "--min-gap", "1"), 0);
    ASSERT_SEEN("min-gap=1 count=7 eval-last=1 dry=1 given=1 ids=[] range=[2024-01-01|2024-01-02] words=[x]");
    assert_int_equal(RUN("probe", "--", "--dry", "-"), 0);
    ASSERT_SEEN("min-gap=6 count=3 eval-last=1 dry=0 given=0 ids=[] range=[] words=[--dry|-]");
}

static void wrong_use_ends_with_2_before_the_command_runs(void **state) {
    (void)state;
    assert_int_equal(RUN("probe", "--min-gap", "25"), 2);
    assert_int_equal(RUN("probe", "--min-gap", "six"), 2);
    assert_int_equal(RUN("probe", "--min-gap"), 2);
    assert_int_equal(RUN("probe", "--min-gap", "--dry"), 2);
    assert_int_equal(RUN("probe", "--count", "1.5"), 2);
    assert_int_equal(RUN("probe", "--range"), 2);
    assert_int_equal(RUN("probe", "--mingap", "1"), 2);
    assert_int_equal(RUN("probe", "--min_gap", "1"), 2);
    assert_int_equal(RUN("probe", "--no-count"), 2);
    assert_int_equal(RUN("probe", "-x"), 2);
    assert_int_equal(RUN("prob"), 2);
    assert_int_equal(RUN("lake"), 2);
    assert_int_equal(RUN("lake", "prob"), 2);
    ASSERT_SEEN("");
}

static char *write_config(const char *folder, const char *name, const char *text) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(seine_file_write(path, text, strlen(text), SEINE_FILE_REPLACE, NULL), SEINE_OK);
    return path;
}

static void command_line_beats_environment_beats_file_beats_default(void **state) {
    const char *path = write_config(*state, "c.yaml", "min-gap: 4\ncount: 5\neval_last: false\nids: [x, y]\n");
    assert_int_equal(RUN("probe", "-c", path), 0);
    ASSERT_SEEN("min-gap=4 count=5 eval-last=0 dry=0 given=1 ids=[x|y] range=[] words=[]");
    setenv("SEINE_MIN_GAP", "8", 1);
    setenv("SEINE_COUNT", "99", 1); /* not a setting */
    assert_int_equal(RUN("probe", "-c", path), 0);
    ASSERT_SEEN("min-gap=8 count=5 eval-last=0 dry=0 given=1 ids=[x|y] range=[] words=[]");
    assert_int_equal(RUN("probe", "-c", path, "--min-gap", "9", "--ids", "z", "--eval-last"), 0);
    ASSERT_SEEN("min-gap=9 count=5 eval-last=1 dry=0 given=1 ids=[z] range=[] words=[]");
    setenv("SEINE_MIN_GAP", "lots", 1);
    assert_int_equal(RUN("probe"), 2);
    unsetenv("SEINE_MIN_GAP");
    unsetenv("SEINE_COUNT");
}

static void json_is_read_like_yaml(void **state) {
    const char *path = write_config(*state, "c.json",
                                    "{\"min_gap\": 0.5, \"dry\": true,\n \"range\": [\"a\", \"b\"],\n"
                                    " \"count\": null}\n");
    assert_int_equal(RUN("probe", "-c", path), 0);
    ASSERT_SEEN("min-gap=0.5 count=3 eval-last=1 dry=1 given=1 ids=[] range=[a|b] words=[]");
}

static void bad_config_files_are_refused_with_file_line_and_key(void **state) {
    static const struct {
        const char *text, *expected;
    } cases[] = {
        {"min-gap: 4\nmin-gpa: 5\n", "line 2: min-gpa: unknown key, did you mean min-gap?"},
        {"count: 1\nzzzzzzzz: 5\n", "line 2: zzzzzzzz: unknown key"},
        {"min-gap: 4\nmin_gap: 5\n", "line 2: min_gap: given already in line 1"},
        {"\ncount: many\n", "line 2: count: \"many\" is not a whole number"},
        {"count: \"4\"\n", "line 1: count: expected a whole number, found the text \"4\""},
        {"min-gap: 30\n", "line 1: min-gap: 30 is outside 0 to 24"},
        {"min-gap: [1, 2]\n", "line 1: min-gap: expected one value, found a list"},
        {"ids: {a: 1}\n", "line 1: ids: expected a value or a list"},
        {"- a\n- b\n", "line 1: expected \"name: value\" lines"},
        {"json: true\n", "line 1: json: unknown key"},
        {"count: 1\n---\ncount: 2\n", "line 2: a second document is not allowed"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = write_config(*state, "bad.yaml", cases[i].text);
        char expected[1024];
        snprintf(expected, sizeof expected, "%s %s", path, cases[i].expected);
        assert_int_equal(RUN("probe", "-c", path), 2);
        ASSERT_SEEN(expected);
    }
    assert_int_equal(RUN("probe", "-c", write_config(*state, "open.yaml", "ids: [a\ncount: 1\n")), 2);
    assert_non_null(strstr(seen, "open.yaml line 2: "));
    char missing[512];
    snprintf(missing, sizeof missing, "%s/none.yaml", (const char *)*state);
    assert_int_equal(RUN("probe", "-c", missing), 1);
}

static void seine_yaml_of_the_lake_gives_settings_only(void **state) {
    const char *lake = *state;
    write_config(lake, "seine.yaml", "min-gap: 7\n");
    assert_int_equal(RUN("lake", "probe", "--lake", lake), 0);
    ASSERT_SEEN("min-gap=7 count=3 eval-last=1 dry=0 given=1 ids=[] range=[] words=[]");
    setenv("SEINE_LAKE", lake, 1);
    assert_int_equal(RUN("lake", "probe"), 0);
    ASSERT_SEEN("min-gap=7 count=3 eval-last=1 dry=0 given=1 ids=[] range=[] words=[]");
    unsetenv("SEINE_LAKE");
    write_config(lake, "seine.yaml", "count: 7\n"); /* an option, but no setting */
    assert_int_equal(RUN("lake", "probe", "--lake", lake), 2);
    write_config(lake, "seine.yaml", "# nothing\n");
    assert_int_equal(RUN("lake", "probe", "--lake", lake), 0);
}

static void options_given_twice_are_refused_unless_they_add_up(void **state) {
    (void)state;
    assert_int_equal(RUN("probe", "-n", "1", "--count=2"), 2);
    assert_int_equal(RUN("probe", "-m4", "-m", "4"), 2);
    assert_int_equal(RUN("probe", "--config", "a", "-c", "b"), 2);
    assert_int_equal(RUN("probe", "--eval-last", "--no-eval-last"), 2);
    assert_int_equal(RUN("probe", "--no-dry", "--dry"), 2);
    assert_int_equal(RUN("probe", "-dd", "--ids", "a", "--range", "x", "--ids", "b,c", "--range", "y", "z"), 0);
    ASSERT_SEEN("min-gap=6 count=3 eval-last=1 dry=1 given=0 ids=[a|b|c] range=[x|y|z] words=[]");
    setenv("SEINE_MIN_GAP", "5", 1); /* another layer is no repetition */
    assert_int_equal(RUN("probe", "-m", "4"), 0);
    ASSERT_SEEN("min-gap=4 count=3 eval-last=1 dry=0 given=1 ids=[] range=[] words=[]");
    unsetenv("SEINE_MIN_GAP");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_stand_where_nothing_is_given),
        cmocka_unit_test(every_form_of_an_option_is_read),
        cmocka_unit_test(wrong_use_ends_with_2_before_the_command_runs),
        cmocka_unit_test(options_given_twice_are_refused_unless_they_add_up),
        IN_FOLDER(command_line_beats_environment_beats_file_beats_default),
        IN_FOLDER(json_is_read_like_yaml),
        IN_FOLDER(bad_config_files_are_refused_with_file_line_and_key),
        IN_FOLDER(seine_yaml_of_the_lake_gives_settings_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

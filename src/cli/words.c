/* Words of a command line as paths: addresses are none, and what is printed to be run is quoted. */
#include "base/shell.h"
#include "base/url.h"
#include "cli/args.h"

#include <stdio.h>

/* What stands for a path in --help, as a whole word. */
static bool is_path(const char *metavar) {
    static const char *const names[] = {"LAKE", "FILE", "FOLDER", "DIR", "PATH"};
    for (size_t i = 0; metavar != NULL && i < sizeof names / sizeof *names; i++) {
        const char *at = strstr(metavar, names[i]);
        if (at == NULL) continue;
        const char after = at[strlen(names[i])];
        const bool begins = at == metavar || strchr("[| ", at[-1]) != NULL;
        if (begins && (after < 'A' || after > 'Z')) return true;
    }
    return false;
}

static seine_status check(const char *text, const char *what, seine_error *error) {
    const size_t scheme = text != NULL ? seine_url_scheme(text) : 0;
    if (scheme == 0) return SEINE_OK;
    seine_arena arena = {0};
    const char *shown = seine_url_without_secrets(text, &arena);
    if (seine_str_equal_nocase((seine_str){text, scheme}, SEINE_STR("file")))
        (void)seine_fail(error, SEINE_E_USAGE, "%s: %s is an address; write the path alone, such as /data/lake", what,
                         shown != NULL ? shown : "");
    else
        (void)seine_fail(error, SEINE_E_USAGE, "%s: %s is an address, and %.*s:// is not supported here; give a path",
                         what, shown != NULL ? shown : "", (int)scheme, text);
    seine_arena_free(&arena);
    return SEINE_E_USAGE;
}

/* Of "ports|weather [FILE]" every word is looked at: no other kind of word looks like an address. */
static seine_status check_positionals(const seine_args *args, seine_error *error) {
    seine_status status = SEINE_OK;
    if (!is_path(args->command->positional)) return status;
    for (size_t i = 0; status == SEINE_OK && i < args->positionals.count; i++)
        status = check(args->positionals.list[i], args->command->positional, error);
    return status;
}

seine_status seine_args_check_paths(const seine_args *args, seine_error *error) {
    seine_status status = check_positionals(args, error);
    for (size_t v = 0; status == SEINE_OK && v < args->value_count; v++) {
        const seine_value *value = &args->values[v];
        char name[64];
        if (!is_path(seine_option_metavar(value->option))) continue;
        (void)snprintf(name, sizeof name, "--%s", value->option->name);
        status = check(value->text, name, error);
        for (size_t i = 0; status == SEINE_OK && i < value->count; i++) status = check(value->list[i], name, error);
    }
    return status;
}

const char *seine_cli_word(seine_args *args, const char *text) {
    const char *word = seine_shell_word(text, &args->arena);
    return word != NULL ? word : text;
}

/* Words of a command line as paths: addresses are none but those of lakes in buckets, and what is printed to be run is
 * quoted. */
#include "base/shell.h"
#include "base/url.h"
#include "base/try.h"
#include "cli/args.h"
#include "io/file.h"
#include "io/http.h"

#include <ctype.h>

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

/*
 * The length of what would be the scheme of an address with one slash or none ("S3:/b/l", "hdfs:b"): two or more
 * letters or digits, a letter first, and ':'. 0 = none, or there is a file of that name.
 */
static size_t bare_scheme(const char *text) {
    size_t size = 0;
    if (!isalpha((unsigned char)text[0])) return 0;
    while (isalnum((unsigned char)text[size])) size++;
    return size >= 2 && text[size] == ':' && !seine_file_exists(text) ? size : 0;
}

/* A lake may lie in a bucket, and records may come from a server. */
static bool is_taken(const char *text, const char *metavar) {
    if (strstr(metavar, "URL") != NULL && seine_http_is_url(text)) return true;
    return strstr(metavar, "LAKE") != NULL && strncmp(text, "s3://", 5) == 0;
}

static seine_status check(const char *text, const char *what, seine_error *error) {
    const size_t scheme = seine_url_scheme(text), bare = scheme == 0 ? bare_scheme(text) : 0;
    if (scheme == 0 && bare == 0) return SEINE_OK;
    if (bare > 0)
        return seine_fail(error, SEINE_E_USAGE,
                          "%s: %s begins as an address does; if %.*s: is part of a name, give "
                          "./%s",
                          what, text, (int)bare, text, text);
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

seine_status seine_option_check_path(const seine_option *option, const char *text, const char *from,
                                     seine_error *error) {
    const char *metavar = seine_option_metavar(option);
    return is_path(metavar) && !is_taken(text, metavar) ? check(text, from, error) : SEINE_OK;
}

/* Of "ports|weather [FILE]" every word is looked at: no other kind of word looks like an address. */
seine_status seine_args_check_positionals(const seine_args *args, seine_error *error) {
    if (!is_path(args->command->positional)) return SEINE_OK;
    for (size_t i = 0; i < args->positionals.count; i++)
        if (!is_taken(args->positionals.list[i], args->command->positional))
            SEINE_TRY(check(args->positionals.list[i], args->command->positional, error));
    return SEINE_OK;
}

const char *seine_cli_word(seine_args *args, const char *text) {
    const char *word = seine_shell_word(text, &args->arena);
    return word != NULL ? word : text;
}

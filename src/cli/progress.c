/* What a command tells while it runs: bars and remarks on stderr, errors, and how Ctrl-C reaches long work. */
#include "base/json.h"
#include "base/try.h"
#include "cli/args.h"
#include "cli/terminal.h"
#include "io/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_WIDTH 24
#define BAR_REDRAW_US 100000
#define ERROR_JSON_MAX_BYTES (64 * 1024)

/* One per process, because a signal handler has no other way to reach the program; any thread may take the signal. */
static atomic_bool stop_requested;

typedef struct seine_bar {
    char phase[48];
    int64_t begin_us, drawn_us; /* drawn_us 0 = nothing on the screen */
    uint64_t begin_done;
} seine_bar;

static void on_interrupt(int number) {
    if (atomic_exchange(&stop_requested, true)) { /* second time: at once */
        signal(number, SIG_DFL);
        raise(number);
    }
}

void seine_cli_signals(void) {
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_NODEFER; /* so that raise() in the handler is not held back */
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action = (struct sigaction){.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigaction(SIGPIPE, &action, NULL); /* `seine sql … | head` ends quietly, also where the parent ignores the signal */
}

static void on_kept_interrupt(int number) {
    (void)number;
    atomic_store(&stop_requested, true);
}

void seine_cli_keep_interrupts(void) {
    struct sigaction action = {.sa_handler = on_kept_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

const atomic_bool *seine_cli_stop(void) { return &stop_requested; }

bool seine_cli_is_interrupted(void) { return atomic_load(&stop_requested); }

void seine_cli_forget_interrupt(void) { atomic_store(&stop_requested, false); }

/* "1.2M" of 1234567. */
static void format_count(double count, char text[16]) {
    static const char units[] = {'\0', 'k', 'M', 'G', 'T'};
    size_t unit = 0;
    while (count >= 1000 && unit + 1 < sizeof units) {
        count /= 1000;
        unit++;
    }
    if (unit == 0)
        snprintf(text, 16, "%.0f", count);
    else
        snprintf(text, 16, "%.*f%c", count < 10 ? 2 : count < 100 ? 1 : 0, count, units[unit]);
}

static void format_seconds(double seconds, char text[24]) {
    const unsigned long whole = seconds < 1e7 ? (unsigned long)seconds : 9999999;
    if (whole >= 3600)
        snprintf(text, 24, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, 24, "%lu:%02lu", whole / 60, whole % 60);
}

static int terminal_columns(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

static void draw(seine_bar *bar, uint64_t done, uint64_t total, int64_t now_us) {
    char counts[40], rate_text[16], done_text[16], total_text[16], left[24], line[256];
    const double seconds = (double)(now_us - bar->begin_us) / 1e6;
    const double rate = seconds > 0 ? (double)(done - bar->begin_done) / seconds : 0;
    format_count((double)done, done_text);
    format_count(rate, rate_text);
    if (total == 0) {
        snprintf(line, sizeof line, "%s  %s  %s/s", bar->phase, done_text, rate_text);
    } else {
        char cells[BAR_WIDTH + 1];
        const double share = done < total ? (double)done / (double)total : 1;
        for (int i = 0; i < BAR_WIDTH; i++) cells[i] = i < (int)(share * BAR_WIDTH) ? '#' : '.';
        cells[BAR_WIDTH] = '\0';
        format_count((double)total, total_text);
        snprintf(counts, sizeof counts, "%s/%s", done_text, total_text);
        format_seconds(rate > 0 ? (double)(total - (done < total ? done : total)) / rate : 0, left);
        snprintf(line, sizeof line, "%s  [%s] %3d%%  %s  %s/s  %s left", bar->phase, cells, (int)(share * 100), counts,
                 rate_text, rate > 0 ? left : "?");
    }
    char drawn[sizeof line + 8];
    snprintf(drawn, sizeof drawn, "\r%.*s\033[K", terminal_columns() - 1, line);
    seine_terminal_control(drawn);
    bar->drawn_us = now_us;
}

static void report(void *context, const char *phase, uint64_t done, uint64_t total) {
    seine_bar *bar = context;
    const int64_t now_us = seine_clock_monotonic_us();
    if (strncmp(bar->phase, phase, sizeof bar->phase - 1) != 0 || done < bar->begin_done) {
        snprintf(bar->phase, sizeof bar->phase, "%s", phase);
        bar->begin_us = now_us;
        bar->begin_done = done;
        bar->drawn_us = 0;
    }
    const bool is_due = bar->drawn_us == 0 || now_us - bar->drawn_us >= BAR_REDRAW_US;
    if (is_due || (total > 0 && done >= total)) draw(bar, done, total, now_us);
}

static void clear_line(const seine_args *args) {
    if (args->bar != NULL && args->bar->drawn_us != 0) seine_terminal_control("\r\033[K");
}

const seine_progress *seine_cli_progress(seine_args *args) {
    const char *terminal = getenv("TERM");
    const bool can_draw = isatty(STDERR_FILENO) == 1 && (terminal == NULL || strcmp(terminal, "dumb") != 0);
    if (args->progress.stop == NULL) args->progress.stop = &stop_requested; /* workers may be reading it */
    args->progress.report = NULL;
    if (can_draw && !args->wants_quiet && !args->wants_json) {
        if (args->bar == NULL) args->bar = SEINE_ARENA_ARRAY(&args->arena, seine_bar, 1);
        args->progress.context = args->bar;
        args->progress.report = args->bar != NULL ? report : NULL;
    }
    return &args->progress;
}

void seine_cli_progress_end(seine_args *args) {
    clear_line(args);
    args->progress.report = NULL;
    args->bar = NULL;
}

void seine_cli_note(const seine_args *args, const char *format, ...) {
    if (args->wants_quiet) return;
    va_list list;
    va_start(list, format);
    clear_line(args);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
}

/* {"error": {"status": "usage", "command": "ingest", "text": "…"}} */
static bool print_error_json(const char *command, const seine_error *error) {
    seine_buf out SEINE_OWNED(seine_buf_free);
    seine_buf_init(&out, ERROR_JSON_MAX_BYTES);
    seine_json_writer writer = seine_json_writer_to(&out);
    seine_json_begin_object(&writer);
    seine_json_field_object(&writer, "error");
    seine_json_field_text(&writer, "status", seine_status_text(error->status));
    seine_json_field_text(&writer, "command", command);
    seine_json_field_text(&writer, "text", error->text);
    seine_json_end_object(&writer);
    seine_json_end_object(&writer);
    if (writer.status != SEINE_OK) return false;
    fprintf(stderr, "%.*s\n", (int)out.size, (const char *)out.data);
    return true;
}

int seine_cli_fail(const seine_args *args, const seine_error *error) {
    const char *command = args->command != NULL ? args->command->name : NULL;
    const char *text = error->text[0] != '\0' ? error->text : seine_status_text(error->status);
    clear_line(args);
    if (!args->wants_json || !print_error_json(command, error)) {
        fprintf(stderr, "seine%s%s: %s\n", command != NULL ? " " : "", command != NULL ? command : "", text);
        if (error->status == SEINE_E_USAGE && !args->is_running) {
            fprintf(stderr, "Try: seine %s%s--help\n", command != NULL ? command : "", command != NULL ? " " : "");
        }
    }
    return error->status == SEINE_E_USAGE ? 2 : 1;
}

void seine_cli_found_wrong(seine_args *args) { args->found_wrong = true; }

void seine_cli_tell_wrong(seine_args *args, const char *format, ...) {
    va_list list;
    va_start(list, format);
    clear_line(args);
    fprintf(stderr, "seine %s: ", args->command->name);
    vfprintf(stderr, format, list);
    fputc('\n', stderr);
    va_end(list);
    seine_cli_found_wrong(args);
}

seine_status seine_cli_print(const seine_buf *out, seine_status made, seine_error *error) {
    if (made != SEINE_OK && error->status == SEINE_OK)
        return seine_fail(error, made, "making the output: %s", seine_status_text(made));
    if (made != SEINE_OK || out->size == 0 || fwrite(out->data, 1, out->size, stdout) == out->size) return made;
    return seine_fail(error, SEINE_E_IO, "standard output: %s", strerror(errno));
}

seine_status seine_cli_print_json(const seine_json_writer *json, seine_error *error) {
    const seine_status made = json->status == SEINE_OK ? seine_buf_append_str(json->out, "\n") : json->status;
    return seine_cli_print(json->out, made, error);
}

/* What a year offers: the links of its index page, or the folder, else every day probed. */
#include "fetch/internal.h"

#include "base/array.h"
#include "base/time.h"
#include "base/url.h"
#include "base/try.h"
#include "io/patience.h"
#include "table/source.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define INDEX_MAX_BYTES ((size_t)16 << 20)
#define OFFERS_MAX (INDEX_MAX_BYTES / 4) /* a name is longer */

/* Archives named so far; also those in the wrong order or twice. */
typedef struct listing {
    const seine_mirror *mirror;
    int year;
    struct offer {
        int32_t day;
        size_t form;
        char name[SEINE_FETCH_NAME_BYTES];
    } * offers;
    size_t count, capacity;
} listing;

static bool is_name_byte(char c) { return isalnum((unsigned char)c) || c == '.' || c == '_' || c == '-'; }

/* Keeps a name under which a day is looked for; the names of each day in the order in which they are tried. */
static bool add(listing *l, seine_str name) {
    char text[SEINE_FETCH_NAME_BYTES], form_name[SEINE_FETCH_NAME_BYTES], url[SEINE_FETCH_URL_BYTES];
    int32_t day;
    int year, month, date;
    if (name.size >= sizeof text) return true;
    memcpy(text, name.data, name.size);
    text[name.size] = '\0';
    if (!seine_source_declared_day(SEINE_DATASET_AIS, text, &day)) return true;
    seine_civil_from_days(day, &year, &month, &date);
    size_t form = 0;
    const size_t forms = seine_mirror_forms(l->mirror);
    for (; form < forms; form++) {
        seine_mirror_form(l->mirror, day, form, form_name, url);
        if (strcmp(form_name, text) == 0) break;
    }
    if (year != l->year || form == forms) return true;
    if (SEINE_ARRAY_ROOM(l->offers, l->count, l->capacity, 1, OFFERS_MAX) != SEINE_OK) return false;
    l->offers[l->count].day = day;
    l->offers[l->count].form = form;
    memcpy(l->offers[l->count++].name, text, sizeof text);
    return true;
}

/* Every run of name bytes that begins with AIS. */
static bool add_names(listing *l, seine_str text) {
    for (size_t i = 0; i + 3 < text.size; i++) {
        if (i > 0 && isalnum((unsigned char)text.data[i - 1])) continue;
        if (!seine_str_equal_nocase((seine_str){text.data + i, 3}, SEINE_STR("ais"))) continue;
        size_t end = i;
        while (end < text.size && is_name_byte(text.data[end])) end++;
        if (!add(l, (seine_str){text.data + i, end - i})) return false;
    }
    return true;
}

/* Anchors reach from `<a` to `</a>`, or to the next `<a`. */
static bool add_anchors(listing *l, seine_str page) {
    for (size_t i = 0; i + 3 < page.size;) {
        const char *at = memchr(page.data + i, '<', page.size - i);
        if (at == NULL) break;
        i = (size_t)(at - page.data) + 1;
        if (i + 1 >= page.size || tolower((unsigned char)page.data[i]) != 'a' ||
            !isspace((unsigned char)page.data[i + 1]))
            continue;
        size_t end = i + 1;
        for (; end + 2 < page.size; end++) {
            if (page.data[end] != '<') continue;
            const size_t letter = end + 1 + (page.data[end + 1] == '/');
            if (tolower((unsigned char)page.data[letter]) == 'a' && letter + 1 < page.size &&
                !isalnum((unsigned char)page.data[letter + 1]))
                break;
        }
        if (!add_names(l, (seine_str){page.data + i, end - i})) return false;
        i = end;
    }
    return true;
}

static int by_day_and_form(const void *a, const void *b) {
    const struct offer *x = a, *y = b;
    if (x->day != y->day) return x->day < y->day ? -1 : 1;
    return (x->form > y->form) - (x->form < y->form);
}

/* ---- sources of names ---- */

static seine_status append_page(void *context, const void *bytes, size_t size, seine_error *error) {
    const seine_status status = seine_buf_append(context, bytes, size);
    return status == SEINE_OK ? status : seine_fail(error, status, "index.html: %s", seine_status_text(status));
}

static seine_status read_index(const seine_fetcher *fetcher, listing *l, seine_error *error) {
    char url[SEINE_FETCH_URL_BYTES];
    seine_buf page;
    seine_http_response response;
    seine_mirror_file(fetcher->mirror, l->year, 0, "index.html", url);
    seine_buf_init(&page, INDEX_MAX_BYTES);
    const seine_http_request request = {
        .url = url, .max_bytes = INDEX_MAX_BYTES, .body = append_page, .context = &page};
    seine_status status = SEINE_E_IO;
    for (int tries = 0; tries <= fetcher->options->retries; tries++) {
        seine_buf_clear(&page);
        status = seine_http_run(fetcher->http, &request, &response, error);
        const bool is_passing = status == SEINE_OK && seine_http_code_is_passing(response.code);
        if (is_passing) status = seine_fetch_refused("index.html of the year", response.code, error);
        if (status != SEINE_E_IO || (!is_passing && !response.may_retry) || tries == fetcher->options->retries) break;
        const seine_status waited = seine_fetch_wait(fetcher, tries, response.retry_after_us, error);
        if (waited != SEINE_OK) {
            status = waited;
            break;
        }
    }
    if (status == SEINE_OK && response.code == 200 && !add_anchors(l, seine_buf_str(&page)))
        status = seine_no_memory(error, "fetch");
    seine_buf_free(&page);
    return status;
}

/* One archive per day: the one that a fetch would take. */
static seine_status tell_all(listing *l, const seine_fetch_options *options, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    qsort(l->offers, l->count, sizeof *l->offers, by_day_and_form);
    for (size_t i = 0; i < l->count; i++) {
        char url[SEINE_FETCH_URL_BYTES];
        const struct offer *offer = &l->offers[i];
        if (i > 0 && offer[-1].day == offer->day) continue;
        seine_mirror_file(l->mirror, l->year, 0, offer->name, url);
        const char *shown = seine_url_without_secrets(url, &arena);
        if (shown == NULL) return seine_no_memory(error, "fetch");
        const seine_fetch_day day = {.day = offer->day,
                                     .outcome = SEINE_FETCH_FOUND,
                                     .name = offer->name,
                                     .url = shown,
                                     .bytes = -1,
                                     .message = "",
                                     .cause = ""};
        if (options->report != NULL) options->report(options->context, &day);
    }
    return SEINE_OK;
}

static void listing_end(listing *l) { free(l->offers); }

seine_status seine_fetch_preview(int year, const seine_fetch_options *options, bool *from_index, seine_error *error) {
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_mirror mirror;
    listing l SEINE_OWNED(listing_end) = {.year = year, .mirror = &mirror};
    seine_http *http SEINE_OWNED(seine_http_close_owned) = NULL;
    const seine_http_options http_options = {.connect_us = options->head_us,
                                             .head_us = options->head_us,
                                             .idle_us = options->idle_us,
                                             .progress = options->progress};
    *from_index = false;
    SEINE_TRY(seine_mirror_open(options->base_url, &arena, &mirror, error));
    if (!mirror.is_folder) {
        SEINE_TRY(seine_http_open(&http_options, &http, error));
        const seine_fetcher fetcher = {.options = options, .mirror = &mirror, .http = http};
        SEINE_TRY(read_index(&fetcher, &l, error));
    }
    *from_index = l.count > 0;
    if (*from_index) return tell_all(&l, options, error);
    seine_fetch_options all = *options;
    all.from = seine_days_from_civil(year, 1, 1);
    all.to = seine_days_from_civil(year, 12, 31);
    return seine_fetch_probe_all(&all, error);
}

/*
 * One table's files of a commit: manifests, manifest list, metadata.json (ICEBERG.md sections 5 and 6).
 *
 *     added files                      → one new manifest of ADDED entries
 *     manifests with removed files     → rewritten as one: survivors EXISTING, removed ones DELETED
 *     a manifest without live files    → dropped
 *     many small manifests             → become one of EXISTING entries (merge_files.h)
 *     every other manifest             → carried on as it is
 */
#include "base/try.h"
#include "io/clock.h"
#include "io/file.h"
#include "table/commit.h"
#include "table/file_ledger.h"
#include "table/merge_files.h"

#include <stdio.h>
#include <stdlib.h>

#define MERGE_BYTES (INT64_C(8) * 1024 * 1024)

/* The work on one table. */
typedef struct preparation {
    seine_commit *commit;
    seine_change *change;
    seine_table *table;
    seine_arena *arena;
    seine_manifest_writer writer;
    char uuid[37];
    int64_t now_ms;
    size_t written; /* manifests so far */
    size_t *first;  /* files of manifest m are order[first[m]] … order[first[m + 1] - 1] */
    size_t *order;
    seine_manifest_row *rows; /* of the new list */
    size_t row_count;
    const char *list; /* location of the new list */
} preparation;

static seine_status no_memory(const preparation *p, seine_error *error) {
    return seine_fail(error, SEINE_E_NOMEM, "table %s: out of memory", p->table->name);
}

/* Location of a new file in the metadata folder, and its path. */
static seine_status name_file(const preparation *p, const char *name, const char **location, const char **path,
                              seine_error *error) {
    *location = seine_arena_printf(p->arena, "%s/metadata/%s", p->table->metadata.location, name);
    *path = seine_arena_printf(p->arena, "%s/metadata/%s", p->table->folder, name);
    return *location != NULL && *path != NULL ? SEINE_OK : no_memory(p, error);
}

/* ---- manifests ---- */

/* Files by manifest: a counting sort which keeps the order inside each. */
static seine_status group_files(preparation *p, seine_error *error) {
    const seine_table *table = p->table;
    p->first = SEINE_ARENA_ARRAY(p->arena, size_t, table->manifest_count + 2);
    p->order = SEINE_ARENA_ARRAY(p->arena, size_t, table->file_count);
    if (p->first == NULL || p->order == NULL) return no_memory(p, error);
    for (size_t i = 0; i < table->file_count; i++) p->first[table->manifest_of[i] + 2]++;
    for (size_t m = 2; m < table->manifest_count + 2; m++) p->first[m] += p->first[m - 1];
    for (size_t i = 0; i < table->file_count; i++) p->order[p->first[table->manifest_of[i] + 1]++] = i;
    return SEINE_OK;
}

static size_t live_files(const preparation *p, size_t manifest) { return p->first[manifest + 1] - p->first[manifest]; }

static bool has_removed(const preparation *p, size_t manifest) {
    for (size_t i = p->first[manifest]; i < p->first[manifest + 1]; i++)
        if (p->change->is_removed[p->order[i]]) return true;
    return false;
}

static seine_status write_manifest(preparation *p, const seine_manifest_entry *entries, size_t count,
                                   seine_error *error) {
    char name[80];
    const char *path = NULL;
    seine_manifest_row *row = &p->rows[p->row_count];
    (void)snprintf(name, sizeof name, "%s-m%zu.avro", p->uuid, p->written++);
    seine_buf bytes;
    seine_buf_init(&bytes, SEINE_MANIFEST_MAX_BYTES);
    seine_status status = seine_manifest_write(&p->writer, entries, count, p->arena, &bytes, row, error);
    if (status == SEINE_OK) status = name_file(p, name, &row->location, &path, error);
    if (status == SEINE_OK) status = seine_commit_write(p->commit, path, &bytes, error);
    if (status == SEINE_OK) p->row_count++;
    seine_buf_free(&bytes);
    return status;
}

/* Appends the live files of a manifest as EXISTING or DELETED entries. */
static void take_entries(const preparation *p, size_t manifest, seine_manifest_entry *entries, size_t *count) {
    for (size_t i = p->first[manifest]; i < p->first[manifest + 1]; i++) {
        const size_t file = p->order[i];
        entries[(*count)++] = (seine_manifest_entry){
            .status = p->change->is_removed[file] ? SEINE_ENTRY_DELETED : SEINE_ENTRY_EXISTING,
            .live = p->table->files[file],
            .location = p->table->locations[file],
        };
    }
}

/* Rewrites manifests [from, to) that are marked into one. */
static seine_status rewrite(preparation *p, const bool *marked, size_t from, size_t to, seine_error *error) {
    size_t room = 0, count = 0;
    for (size_t m = from; m < to; m++)
        if (marked[m]) room += live_files(p, m);
    if (room == 0) return SEINE_OK;
    seine_manifest_entry *entries = calloc(room, sizeof *entries);
    if (entries == NULL) return no_memory(p, error);
    for (size_t m = from; m < to; m++)
        if (marked[m]) take_entries(p, m, entries, &count);
    const seine_status status = write_manifest(p, entries, count, error);
    free(entries);
    return status;
}

static bool same_spec(const preparation *p, size_t manifest) {
    return p->table->manifests[manifest].spec_id == p->table->metadata.spec_id;
}

/* Merges the marked manifests, front to back, into ones of about MERGE_BYTES. */
static seine_status merge(preparation *p, const bool *marked, seine_error *error) {
    const size_t count = p->table->manifest_count;
    size_t from = 0;
    int64_t bytes = 0;
    for (size_t m = 0; m < count; m++) {
        if (!marked[m]) continue;
        bytes += p->table->manifests[m].length;
        if (bytes < MERGE_BYTES) continue;
        SEINE_TRY(rewrite(p, marked, from, m + 1, error));
        from = m + 1;
        bytes = 0;
    }
    return rewrite(p, marked, from, count, error);
}

static seine_status rewrite_touched(preparation *p, bool *touched, seine_error *error) {
    for (size_t m = 0; m < p->table->manifest_count; m++) {
        touched[m] = has_removed(p, m);
        if (touched[m] && !same_spec(p, m))
            return seine_fail(error, SEINE_E_UNSUPPORTED,
                              "table %s: files of an older partition spec cannot be removed", p->table->name);
    }
    return merge(p, touched, error);
}

/* A row of version 1 may lack the counts which version 2 requires. */
static void carry_on(preparation *p, size_t manifest) {
    seine_manifest_row *row = &p->rows[p->row_count++];
    *row = p->table->manifests[manifest];
    if (row->added_files >= 0 && row->existing_files >= 0 && row->deleted_files >= 0 && row->added_rows >= 0 &&
        row->existing_rows >= 0 && row->deleted_rows >= 0)
        return;
    row->added_files = row->added_rows = row->deleted_files = row->deleted_rows = 0;
    row->existing_files = (int64_t)live_files(p, manifest);
    row->existing_rows = 0;
    for (size_t i = p->first[manifest]; i < p->first[manifest + 1]; i++)
        row->existing_rows += p->table->files[p->order[i]].file.rows;
}

/* A manifest that may become one with others. */
typedef struct small_manifest {
    size_t manifest;
    int64_t files;
} small_manifest;

static int largest_first(const void *a, const void *b) {
    const small_manifest *x = a, *y = b;
    return x->files != y->files ? (x->files < y->files) - (x->files > y->files)
                                : (x->manifest > y->manifest) - (x->manifest < y->manifest);
}

/* Marks those that become one: as with data files, so that a commit reads few of them and seldom writes one again. */
static seine_status choose_merged(preparation *p, const bool *touched, bool *merged, seine_error *error) {
    const seine_table *table = p->table;
    small_manifest *small = SEINE_ARENA_ARRAY(p->arena, small_manifest, table->manifest_count);
    int64_t *files = SEINE_ARENA_ARRAY(p->arena, int64_t, table->manifest_count);
    size_t count = 0;
    if (small == NULL || files == NULL) return no_memory(p, error);
    for (size_t m = 0; m < table->manifest_count; m++)
        if (!touched[m] && live_files(p, m) > 0 && same_spec(p, m) && table->manifests[m].length < MERGE_BYTES)
            small[count++] = (small_manifest){m, (int64_t)live_files(p, m)};
    if (count == 0) return SEINE_OK;
    qsort(small, count, sizeof *small, largest_first);
    for (size_t i = 0; i < count; i++) files[i] = small[i].files;
    const size_t others = seine_merged_files(files, count - 1, files[count - 1]);
    for (size_t i = count - 1 - others; others > 0 && i < count; i++) merged[small[i].manifest] = true;
    return SEINE_OK;
}

static seine_status carry_or_merge(preparation *p, const bool *touched, seine_error *error) {
    bool *merged = SEINE_ARENA_ARRAY(p->arena, bool, p->table->manifest_count);
    if (merged == NULL) return no_memory(p, error);
    SEINE_TRY(choose_merged(p, touched, merged, error));
    SEINE_TRY(merge(p, merged, error));
    for (size_t m = 0; m < p->table->manifest_count; m++)
        if (!touched[m] && !merged[m] && live_files(p, m) > 0) carry_on(p, m);
    return SEINE_OK;
}

/* Does not name the base, and so is written once: the numbers of its entries are inherited from the row. */
static seine_status write_added(preparation *p, seine_error *error) {
    seine_change *change = p->change;
    if (change->own == NULL) {
        p->commit->on = NULL;
        p->commit->queue = &p->commit->ops;
        const seine_status status = write_manifest(p, change->added, change->added_count, error);
        p->commit->on = change;
        p->commit->queue = &change->ops;
        SEINE_TRY(status);
        seine_manifest_row *own = seine_arena_alloc(p->arena, sizeof *own);
        if (own == NULL) return no_memory(p, error);
        *own = p->rows[0];
        change->own = own;
        return SEINE_OK;
    }
    seine_manifest_row *row = &p->rows[p->row_count++];
    *row = *change->own;
    row->sequence_number = row->min_sequence_number = p->writer.sequence_number;
    return SEINE_OK;
}

static seine_status write_manifests(preparation *p, seine_error *error) {
    bool *touched = SEINE_ARENA_ARRAY(p->arena, bool, p->table->manifest_count);
    p->rows = SEINE_ARENA_ARRAY(p->arena, seine_manifest_row, p->table->manifest_count + 2);
    if (touched == NULL || p->rows == NULL) return no_memory(p, error);
    SEINE_TRY(group_files(p, error));
    if (p->change->added_count > 0) SEINE_TRY(write_added(p, error));
    SEINE_TRY(rewrite_touched(p, touched, error));
    return carry_or_merge(p, touched, error);
}

static seine_status write_list(preparation *p, seine_error *error) {
    char name[120];
    const char *path = NULL;
    (void)snprintf(name, sizeof name, "snap-%lld-0-%s.avro", (long long)p->writer.snapshot_id, p->uuid);
    seine_buf bytes;
    seine_buf_init(&bytes, SEINE_MANIFEST_MAX_BYTES);
    seine_status status = name_file(p, name, &p->list, &path, error);
    if (status == SEINE_OK) status = seine_manifest_list_write(&p->writer, p->rows, p->row_count, &bytes, error);
    if (status == SEINE_OK) status = seine_commit_write(p->commit, path, &bytes, error);
    seine_buf_free(&bytes);
    return status;
}

/* ---- summary ---- */

#define SUMMARY_MAX 20

typedef struct summary {
    seine_arena *arena;
    seine_summary_entry entries[SUMMARY_MAX];
    size_t count;
    bool no_memory;
} summary;

static void put_text(summary *s, const char *key, const char *value) {
    s->entries[s->count++] = (seine_summary_entry){key, value};
}

static void put_count(summary *s, const char *key, int64_t value) {
    const char *text = seine_arena_printf(s->arena, "%lld", (long long)value);
    if (text == NULL) s->no_memory = true;
    put_text(s, key, text);
}

static void put_unless_zero(summary *s, const char *key, int64_t value) {
    if (value != 0) put_count(s, key, value);
}

typedef struct totals {
    int64_t files, rows, bytes;
} totals;

static void count_file(totals *t, const seine_data_file *file) {
    t->files++;
    t->rows += file->rows;
    t->bytes += file->size_bytes;
}

static seine_status note_partition(seine_dict *dict, const seine_data_file *file) {
    int32_t key[SEINE_PARTITION_KEY];
    uint32_t code;
    return seine_dict_intern(dict, seine_partition_key(file, key), &code);
}

static seine_status summarise(const preparation *p, summary *s, seine_error *error) {
    const seine_change *change = p->change;
    totals before = {0}, added = {0}, removed = {0};
    seine_dict partitions = {0};
    seine_status status = SEINE_OK;
    for (size_t i = 0; i < change->added_count && status == SEINE_OK; i++) {
        count_file(&added, &change->added[i].live.file);
        status = note_partition(&partitions, &change->added[i].live.file);
    }
    for (size_t i = 0; i < p->table->file_count && status == SEINE_OK; i++) {
        count_file(&before, &p->table->files[i].file);
        if (!change->is_removed[i]) continue;
        count_file(&removed, &p->table->files[i].file);
        status = note_partition(&partitions, &p->table->files[i].file);
    }
    const int64_t changed = partitions.count;
    seine_dict_free(&partitions);
    if (status != SEINE_OK) return no_memory(p, error);
    put_text(s, "operation", removed.files == 0 ? "append" : added.files == 0 ? "delete" : "overwrite");
    put_unless_zero(s, "added-data-files", added.files);
    put_unless_zero(s, "deleted-data-files", removed.files);
    put_unless_zero(s, "added-records", added.rows);
    put_unless_zero(s, "deleted-records", removed.rows);
    put_unless_zero(s, "added-files-size", added.bytes);
    put_unless_zero(s, "removed-files-size", removed.bytes);
    put_count(s, "changed-partition-count", changed);
    put_count(s, "total-records", before.rows + added.rows - removed.rows);
    put_count(s, "total-files-size", before.bytes + added.bytes - removed.bytes);
    put_count(s, "total-data-files", before.files + added.files - removed.files);
    put_count(s, "total-delete-files", 0);
    put_count(s, "total-position-deletes", 0);
    put_count(s, "total-equality-deletes", 0);
    put_text(s, "engine-name", "seine");
    put_text(s, "engine-version", SEINE_VERSION);
    if (p->commit->note != NULL) put_text(s, "seine.run", p->commit->note);
    return s->no_memory ? no_memory(p, error) : SEINE_OK;
}

/* ---- metadata ---- */

/* Number in front of the first '-' of the metadata file's name. */
static long version_of(const char *metadata_path) {
    const char *name = seine_file_name(metadata_path);
    char *end = NULL;
    const long version = strtol(name, &end, 10);
    return end != name && *end == '-' && version >= 0 && version < 1000000000 ? version : -1;
}

static seine_status write_metadata(preparation *p, const seine_metadata_change *next, seine_error *error) {
    char uuid[37], name[80];
    SEINE_TRY(seine_uuid4(uuid, error));
    (void)snprintf(name, sizeof name, "%05ld-%s.metadata.json", version_of(p->table->metadata_path) + 1, uuid);
    const char *location = NULL, *path = NULL;
    seine_buf json;
    seine_buf_init(&json, SEINE_METADATA_MAX_BYTES);
    seine_status status = name_file(p, name, &location, &path, error);
    if (status == SEINE_OK) status = seine_metadata_next(&p->table->metadata, next, &json, error);
    if (status == SEINE_OK) status = seine_commit_write(p->commit, path, &json, error);
    seine_buf_free(&json);
    if (status != SEINE_OK) return status;
    p->change->new_location = location;
    p->change->new_path = path;
    return SEINE_OK;
}

/* It stays on another base: the manifest of added files has it. */
static seine_status choose_snapshot_id(preparation *p, seine_error *error) {
    uint64_t random = 0;
    p->writer.snapshot_id = p->change->new_snapshot_id;
    if (p->writer.snapshot_id != 0) return SEINE_OK;
    do {
        SEINE_TRY(seine_random_bytes(&random, sizeof random, error));
        random &= INT64_MAX;
    } while (random == 0 || seine_metadata_snapshot(&p->table->metadata, (int64_t)random) != SIZE_MAX);
    p->writer.snapshot_id = (int64_t)random;
    return SEINE_OK;
}

/* Time never goes back within a table: readers refuse that. */
static int64_t commit_time_ms(const seine_metadata *m) {
    int64_t now_ms = seine_clock_now_us() / 1000;
    if (now_ms < m->last_updated_ms) now_ms = m->last_updated_ms;
    if (m->turn_count > 0 && now_ms < m->turns[m->turn_count - 1].time_ms) now_ms = m->turns[m->turn_count - 1].time_ms;
    return now_ms;
}

static seine_status write_snapshot(preparation *p, summary *s, seine_metadata_change *next, seine_error *error) {
    seine_status status = choose_snapshot_id(p, error);
    if (status == SEINE_OK) status = write_manifests(p, error);
    if (status == SEINE_OK) status = write_list(p, error);
    if (status == SEINE_OK) status = summarise(p, s, error);
    if (status != SEINE_OK) return status;
    next->snapshot_id = p->change->new_snapshot_id = p->writer.snapshot_id;
    next->list = p->list;
    next->summary = s->entries;
    next->summary_count = s->count;
    return SEINE_OK;
}

/* Metadata files beyond the log's length, when the table says so. The newest versions stay for running readers. */
static seine_status give_up_dropped(seine_commit *commit, seine_change *change, seine_error *error) {
    const seine_metadata *base = &change->base->metadata;
    const char **locations = NULL;
    size_t count = 0;
    change->dropped_count = 0;
    if (!seine_str_equal(seine_metadata_property(base, "write.metadata.delete-after-commit.enabled"),
                         SEINE_STR("true")))
        return SEINE_OK;
    seine_status status = seine_metadata_dropped(base, &commit->arena, &locations, &count, error);
    if (status == SEINE_OK) change->dropped = SEINE_ARENA_ARRAY(&commit->arena, const char *, count);
    if (status == SEINE_OK && change->dropped == NULL)
        status = seine_fail(error, SEINE_E_NOMEM, "commit: out of memory");
    for (size_t i = 0; i < count && status == SEINE_OK; i++) {
        char *path = NULL;
        if (seine_file_path_of_uri(seine_str_of(locations[i]), &commit->arena, &path, NULL) != SEINE_OK) continue;
        change->dropped[change->dropped_count++] = path;
        status = seine_ledger_drop_file(commit, path, error);
    }
    return status;
}

static seine_status prepare(seine_commit *commit, seine_change *change, seine_error *error) {
    seine_table *table = change->base;
    const bool adds_snapshot = change->added_count > 0 || change->removed_count > 0;
    if (!adds_snapshot && change->expired_count == 0 && change->schema == NULL) return SEINE_OK;
    preparation p = {
        .commit = commit,
        .change = change,
        .table = table,
        .arena = &commit->arena,
        .writer = {.schema = table->schema,
                   .metadata = &table->metadata,
                   .sequence_number = table->metadata.last_sequence_number + 1},
        .now_ms = commit_time_ms(&table->metadata),
    };
    summary s = {.arena = &commit->arena};
    seine_metadata_change next = {
        .now_ms = p.now_ms,
        .base_location = table->pointer,
        .removed = change->expired,
        .removed_count = change->expired_count,
        .schema = change->schema,
    };
    SEINE_TRY(seine_uuid4(p.uuid, error));
    if (adds_snapshot) SEINE_TRY(write_snapshot(&p, &s, &next, error));
    SEINE_TRY(write_metadata(&p, &next, error));
    return give_up_dropped(commit, change, error);
}

seine_status seine_commit_prepare(seine_commit *commit, seine_change *change, seine_error *error) {
    commit->on = change;
    commit->queue = &change->ops;
    const seine_status status = prepare(commit, change, error);
    commit->on = NULL;
    commit->queue = &commit->ops;
    return status;
}

/*
 * A row of iceberg_tables is sealed alone, in seine_table, because other programs may add rows there: a table that was
 * put there by Seine is known from then on, with the hash of its row.
 */
#include "base/try.h"
#include "table/db/internal.h"

#include <stdlib.h>
#include <string.h>

void seine_row_hash_add(seine_row_hash *row, uint64_t kind, const void *bytes, size_t size) {
    if (row->count == SEINE_DB_COLUMNS_MAX) {
        row->failed = true;
        return;
    }
    row->parts[row->count].value = bytes != NULL ? seine_hash128_of(bytes, size) : (seine_hash128){0, 0};
    row->parts[row->count++].kind = kind;
}

seine_hash128 seine_row_hash_end(const seine_row_hash *row) {
    return seine_hash128_of(row->parts, row->count * sizeof row->parts[0]);
}

void seine_pointer_seals_clear(seine_pointer_seals *seals) {
    while (seals->first != NULL) {
        seine_pointer_seal *next = seals->first->next;
        free(seals->first->name);
        free(seals->first);
        seals->first = next;
    }
    seals->last = &seals->first;
}

bool seine_pointer_seals_add(seine_pointer_seals *seals, seine_pointer_operation operation, const char *const names[3],
                             seine_hash128 hash) {
    const size_t sizes[] = {strlen(names[0]), strlen(names[1]), strlen(names[2])};
    seine_pointer_seal *made = malloc(sizeof *made);
    char *name = malloc(sizes[0] + sizes[1] + sizes[2] + 3);
    if (made == NULL || name == NULL) {
        free(made);
        free(name);
        return false;
    }
    char *end = name;
    for (size_t i = 0; i < 3; i++) {
        memcpy(end, names[i], sizes[i]);
        end += sizes[i];
        *end++ = i < 2 ? '.' : '\0';
    }
    *made = (seine_pointer_seal){.operation = operation, .name = name, .hash = hash};
    *seals->last = made;
    seals->last = &made->next;
    return true;
}

static const char *const operations[] = {[SEINE_POINTER_PUT] = "INSERT INTO seine_table(name, hash) VALUES(?1, ?2)"
                                                               " ON CONFLICT (name) DO UPDATE SET hash = excluded.hash",
                                         [SEINE_POINTER_SWAP] = "UPDATE seine_table SET hash = ?2 WHERE name = ?1",
                                         [SEINE_POINTER_DROP] = "DELETE FROM seine_table WHERE name = ?1"};

seine_status seine_pointer_seals_write(seine_db *db, const seine_pointer_seals *seals, seine_error *error) {
    size_t count = 0, used = 0;
    for (const seine_pointer_seal *p = seals->first; p != NULL; p = p->next) count++;
    seine_arena arena SEINE_OWNED(seine_arena_free) = {0};
    seine_db_statement *statements = SEINE_ARENA_ARRAY(&arena, seine_db_statement, count);
    if (statements == NULL) return seine_no_memory(error, "catalog");
    for (const seine_pointer_seal *p = seals->first; p != NULL; p = p->next) {
        char *hex = seine_arena_alloc(&arena, 33);
        seine_db_value *row = SEINE_ARENA_ARRAY(&arena, seine_db_value, 2);
        if (hex == NULL || row == NULL) return seine_no_memory(error, "catalog");
        seine_hash128_hex(p->hash, hex);
        row[0] = seine_db_text(p->name);
        row[1] = seine_db_text(hex);
        statements[used++] = (seine_db_statement){
            .sql = operations[p->operation], .params = row, .count = p->operation == SEINE_POINTER_DROP ? 1 : 2};
    }
    return seine_db_change_all(db, statements, used, error);
}

/** @file table/source.h  Names of sources: what day they declare, where their bytes lie. */
#ifndef SEINE_TABLE_SOURCE_H
#define SEINE_TABLE_SOURCE_H

#include "table/ledger.h"

#define SEINE_DATASET_AIS "ais"

/** `AIS_2025_01_01…`, `ais-2025-01-01…` (the dataset in any case, one separator kind): the day the archive declares. */
bool seine_source_declared_day(const char *dataset, const char *name, int32_t *day);
/**
 * The days an archive declares, both inclusive: that day, or the whole month of `AIS_2017_01_Zone10…` and
 * `AIS_2017_01.…`, as NOAA published until 2017. A name with a month stands in the ledger under its last day.
 */
bool seine_source_declared_days(const char *dataset, const char *name, int32_t *first, int32_t *last);
/** Why a name cannot be a source name, or NULL: it must be a plain file name of at most 200 bytes of UTF-8. */
const char *seine_source_name_fault(const char *name);
/** Endings of files that are taken from a folder, for messages; any case. Archives of ships are no JSON, and beside
 * them lie descriptions that are. */
#define SEINE_ARCHIVE_ENDINGS ".csv .zip .zst .gz .txt"
#define SEINE_RECORD_ENDINGS SEINE_ARCHIVE_ENDINGS " .json .jsonl .ndjson .parquet .gpx"
const char *seine_source_endings(const char *dataset);
bool seine_source_has_known_ending(const char *dataset, const char *name);
/** `bronze/ais/year=2025/month=01/day=01/NAME`, `bronze/ais/year=2017/month=01/NAME`,
 * `bronze/ais/undated/NAME`; relative to the lake. NULL = out of memory.
 */
char *seine_source_bronze_path(seine_arena *arena, const char *dataset, const char *name);
/** `bronze/ais/quarantine/NAME.<sha8>` */
char *seine_source_quarantine_path(seine_arena *arena, const char *dataset, const char *name, const char *sha256);
/**
 * Records of a topic or of an API (docs/decisions/016-streams.md): the source has no object of its own, for each commit
 * brings it more of them. They are the rows of bronze.<dataset>_raw that name it; its path in bronze is the table's
 * folder and its name, its SHA-256 that of this path.
 */
bool seine_source_is_of_records(const seine_source *source);
/** That path, relative to the lake; NULL = out of memory. */
char *seine_source_records_path(seine_arena *arena, const char *dataset, const char *name);
/** Path of a source's bytes: its object in bronze, or, in lakes whose replaced bytes got a second name,
 * `<bronze path>.<first 8 of sha256>`. In @p arena; NULL = out of memory. */
char *seine_source_bytes_path(const char *lake, const seine_source *source, seine_arena *arena);
/**
 * Puts finished bytes into bronze. Objects there are immutable: the bytes get the name @p wanted, or, where other bytes
 * lie under it, `<wanted>.<first 8 of sha256>`, or `<wanted>.<sha256>`. The same bytes under one of these names are
 * taken as they are (put by a run that ended before its commit, or known of old). The ledger row names the object.
 * @p temp absolute, in the same file system, gone afterwards in every case; @p wanted, *taken relative to the lake.
 * @return OK, E_EXISTS (other bytes lie under all three), E_NOMEM, E_IO.
 */
SEINE_MUST_USE seine_status seine_source_put_bytes(const char *lake, const char *temp, const char *wanted,
                                                   const char *sha256, seine_arena *arena, const char **taken,
                                                   seine_error *error);

#endif

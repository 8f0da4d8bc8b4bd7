/*
 * The table of tables. Every schema of the lake stands here once; Iceberg metadata, Parquet files, SQL views and
 * docs/data_contracts.md are made from it. Field ids are never reused: a dropped column burns its id.
 */
#include "columns/schema.h"

#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REQUIRED true
#define OPTIONAL false
#define LINEAGE true
#define VALUE false

static const seine_column silver_ais[] = {
    {1, "mmsi", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "vessel id: a number without leading zeros"},
    {2, "ts", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, VALUE, "", "time of the fix, UTC"},
    {3, "lat", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "latitude, WGS-84, [-90, 90]"},
    {4, "lon", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "longitude, WGS-84, [-180, 180]"},
    {5, "sog", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "kn", "speed over ground, 0 to 102.2; others are null"},
    {6, "cog", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "course over ground, below 360; others are null"},
    {7, "heading", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "true heading, 0 to 360; others are null"},
    {8, "name", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "vessel name as received"},
    {9, "imo", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "IMO number as received"},
    {10, "callsign", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "radio call sign as received"},
    {11, "vessel_type", SEINE_TYPE_INT, OPTIONAL, VALUE, "", "ship type code (ITU-R M.1371 and NOAA's own above 1000)"},
    {12, "status", SEINE_TYPE_INT, OPTIONAL, VALUE, "", "navigational status code, 0-15"},
    {13, "length", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "length of the vessel, 0 to 1022"},
    {14, "width", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "width of the vessel, 0 to 126"},
    {15, "draft", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "draught, 0 to 25.5"},
    {16, "cargo", SEINE_TYPE_INT, OPTIONAL, VALUE, "", "cargo code"},
    {17, "transceiver", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "AIS class of the transceiver, A or B"},
    {18, "receiver_type", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "terrestrial, satellite, dynamic or anything else"},
    {19, "seg_id", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "segment of the track, where the source has one"},
    {20, "msgid", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "id of the message, where the source has one"},
    {21, "distance_from_shore_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m",
     "distance from shore, where the source has it"},
    {22, "distance_from_port_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m",
     "distance from port, where the source has it"},
    {23, "source_file", SEINE_TYPE_STRING, REQUIRED, LINEAGE, "", "name of the source in the ledger"},
    {24, "source_row", SEINE_TYPE_LONG, REQUIRED, LINEAGE, "",
     "data row in the source, first is 1, members of an archive counted on"},
    {25, "source_url", SEINE_TYPE_STRING, OPTIONAL, LINEAGE, "", "where the source was taken from"},
    {26, "ingested_at", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, LINEAGE, "", "when the source entered the lake"},
};

static const seine_column silver_segments[] = {
    {1, "mmsi", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "vessel id, which may be that of more than one ship"},
    {2, "ts", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, VALUE, "", "time of the fix, UTC"},
    {3, "lat", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "latitude, WGS-84, [-90, 90]"},
    {4, "lon", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "longitude, WGS-84, [-180, 180]"},
    {5, "sog", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "kn", "speed over ground, 0 to 102.2; others are null"},
    {6, "cog", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "course over ground, below 360; others are null"},
    {7, "seg_id", SEINE_TYPE_STRING, OPTIONAL, VALUE, "",
     "the segment: id, time of its first fix, number; null when the fix is passed over"},
    {8, "kind", SEINE_TYPE_STRING, REQUIRED, VALUE, "",
     "good; ambiguous: good, and it ended the segments that it fits; noise: alone in its segment; discarded: a later "
     "fix fits those before it better; repeated: passed over"},
    {9, "noise", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "why the fix is not good"},
    {10, "ship_no", SEINE_TYPE_INT, OPTIONAL, VALUE, "",
     "which ship of the id, from 1: a chain of segments; null of a jump beside a ship, and of noise that tells no "
     "place"},
    {11, "receiver_type", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "terrestrial, satellite, dynamic or anything else"},
    {12, "msgid", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "id of the message, where the source has one"},
    {13, "transceiver", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "AIS class of the transceiver, A or B"},
    {14, "distance_from_shore_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m",
     "distance from shore, where the source has it"},
    {15, "distance_from_port_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m",
     "distance from port, where the source has it"},
};

static const seine_column silver_enriched[] = {
    {1, "mmsi", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "vessel id, as in silver.ais"},
    {2, "ts", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, VALUE, "", "time of the fix, UTC"},
    {3, "lat", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "latitude, WGS-84"},
    {4, "lon", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "longitude, WGS-84"},
    {5, "sog", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "kn", "speed over ground"},
    {6, "name", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "vessel name as received"},
    {7, "vessel_type", SEINE_TYPE_INT, OPTIONAL, VALUE, "", "ship type code as received"},
    {8, "nearest_port", SEINE_TYPE_STRING, OPTIONAL, VALUE, "",
     "name of the nearest port in force at that time; null when there is none"},
    {9, "nearest_port_id", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "its port_id in ref.ports"},
    {10, "distance_to_port_km", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "km", "haversine to it on a sphere of 6371 km"},
    {11, "speed_category", SEINE_TYPE_STRING, REQUIRED, VALUE, "",
     "STOPPED (0), SLOW (below 5 kn), CRUISING (below 15 kn) or FAST (also without a speed)"},
    {12, "time_in_zone_h", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "h",
     "time since the vessel's fix before, also of earlier days; null for its first"},
    {13, "is_potential_fishing", SEINE_TYPE_BOOLEAN, OPTIONAL, VALUE, "",
     "2 to 5 kn and more than an hour since the fix before; null when that cannot be known"},
    {14, "temperature", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "", "of the row of ref.weather that holds there and then"},
    {15, "wind_speed", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "", "of the same row"},
};

static const seine_column silver_rejects[] = {
    {1, "source_file", SEINE_TYPE_STRING, REQUIRED, LINEAGE, "", "name of the source in the ledger"},
    {2, "source_row", SEINE_TYPE_LONG, OPTIONAL, LINEAGE, "",
     "data row in the source, first is 1; null when the whole file was refused"},
    {3, "reason", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "why the row was refused, first word is a fixed key"},
    {4, "raw", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "the row as it stood in the source"},
    {5, "ingested_at", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, LINEAGE, "", "when the source entered the lake"},
};

/* Columns of an event and of its log differ only in the log's own columns in front. Ids stay apart for good. */
#define GAP_COLUMNS(first)                                                                                            \
    {(first) + 0,                                                                                                     \
     "event_id",                                                                                                      \
     SEINE_TYPE_STRING,                                                                                               \
     REQUIRED,                                                                                                        \
     VALUE,                                                                                                           \
     "",                                                                                                              \
     "MD5 of id|seconds|lat|lon of the last fix before"},                                                             \
        {(first) + 1, "mmsi", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "vessel id"},                                   \
        {(first) + 2, "start_ts", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, VALUE, "", "last fix before the silence (OFF)"},  \
        {(first) + 3,                                                                                                 \
         "end_ts",                                                                                                    \
         SEINE_TYPE_TIMESTAMPTZ,                                                                                      \
         OPTIONAL,                                                                                                    \
         VALUE,                                                                                                       \
         "",                                                                                                          \
         "first fix after the silence (ON); null while open"},                                                        \
        {(first) + 4, "is_closed", SEINE_TYPE_BOOLEAN, REQUIRED, VALUE, "", "whether ON is known"},                   \
        {(first) + 5,                                                                                                 \
         "version",                                                                                                   \
         SEINE_TYPE_LONG,                                                                                             \
         REQUIRED,                                                                                                    \
         LINEAGE,                                                                                                     \
         "",                                                                                                          \
         "Unix seconds of the run that made this row; grows"},                                                        \
        {(first) + 6,                                                                                                 \
         "produced_day",                                                                                              \
         SEINE_TYPE_DATE,                                                                                             \
         OPTIONAL,                                                                                                    \
         VALUE,                                                                                                       \
         "",                                                                                                          \
         "day whose fixes closed the gap; null while open"},                                                          \
        {(first) + 7, "duration_h", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "h", "length of the silence"},                \
        {(first) + 8, "distance_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "WGS-84 geodesic from OFF to ON"},       \
        {(first) + 9, "implied_speed_knots", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "kn", "distance over duration"},     \
        {(first) + 10,                                                                                                \
         "positions_hours_before",                                                                                    \
         SEINE_TYPE_LONG,                                                                                             \
         REQUIRED,                                                                                                    \
         VALUE,                                                                                                       \
         "",                                                                                                          \
         "fixes in the hours before OFF, and OFF"},                                                                   \
        {(first) + 11, "positions_hours_before_ter",          SEINE_TYPE_LONG, REQUIRED, VALUE,                       \
         "",           "the same, terrestrial receivers only"},                                                       \
        {(first) + 12, "positions_hours_before_sat",        SEINE_TYPE_LONG, REQUIRED, VALUE,                         \
         "",           "the same, satellite receivers only"},                                                         \
        {(first) + 13, "positions_hours_before_dyn",      SEINE_TYPE_LONG, REQUIRED, VALUE,                           \
         "",           "the same, dynamic receivers only"},                                                           \
        {(first) + 14, "start_lat", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "latitude of OFF"},                    \
        {(first) + 15, "start_lon", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "longitude of OFF"},                   \
        {(first) + 16, "end_lat", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "latitude of ON"},                       \
        {(first) + 17, "end_lon", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "deg", "longitude of ON"},                      \
        {(first) + 18, "start_receiver_type", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "receiver of OFF"},             \
        {(first) + 19, "end_receiver_type", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "receiver of ON"},                \
        {(first) + 20, "start_msgid", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "message id of OFF"},                   \
        {(first) + 21, "end_msgid", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "message id of ON"},                      \
        {(first) + 22, "start_seg_id", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "segment of OFF"},                     \
        {(first) + 23, "end_seg_id", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "segment of ON"},                        \
        {(first) + 24, "start_ais_class", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "AIS class of OFF"},                \
        {(first) + 25, "end_ais_class", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "AIS class of ON"},                   \
        {(first) + 26, "start_distance_from_shore_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE,                             \
         "m",          "distance of OFF from shore"},                                                                 \
        {(first) + 27, "end_distance_from_shore_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE,                               \
         "m",          "distance of ON from shore"},                                                                  \
        {(first) + 28, "start_distance_from_port_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE,                              \
         "m",          "distance of OFF from port"},                                                                  \
    {                                                                                                                 \
        (first) + 29, "end_distance_from_port_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "distance of ON from port" \
    }

static const seine_column events_gaps[] = {GAP_COLUMNS(1)};

static const seine_column events_gaps_history[] = {
    {1, "op", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "new, update or retract"},
    {2, "recorded_at", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, LINEAGE, "", "when the run recorded it"},
    GAP_COLUMNS(3),
};

static const seine_column state_days[] = {
    {1, "mover", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id of the vessel or vehicle"},
    {2, "day", SEINE_TYPE_DATE, REQUIRED, VALUE, "", "UTC day that was fed last"},
    {3, "fix_hash", SEINE_TYPE_STRING, REQUIRED, VALUE, "",
     "128-bit sum of the hashes of the mover's fixes of that day, hex; behind it, where reference tables may tell them "
     "something, a / and the hash of that, and where rows of the day before are made with the first of them, how many "
     "these are (+: all, and more could count) and the sum of their hashes"},
    {4, "state", SEINE_TYPE_BINARY, REQUIRED, VALUE, "", "canonical state after that day and the fixes it refers to"},
};

/* How long a row of a reference table holds, what it says, and where it came from. */
#define VALIDITY_COLUMNS(first)                                                                                      \
    {(first) + 0,                                                                                                    \
     "valid_from",                                                                                                   \
     SEINE_TYPE_TIMESTAMPTZ,                                                                                         \
     OPTIONAL,                                                                                                       \
     VALUE,                                                                                                          \
     "",                                                                                                             \
     "from when the row holds; null = since ever"},                                                                  \
        {(first) + 1,                                                                                                \
         "valid_to",                                                                                                 \
         SEINE_TYPE_TIMESTAMPTZ,                                                                                     \
         OPTIONAL,                                                                                                   \
         VALUE,                                                                                                      \
         "",                                                                                                         \
         "until when, exclusive; null = for ever"},                                                                  \
        {(first) + 2, "content_hash", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "128-bit hash of the row, hex"},       \
        {(first) + 3, "source_file", SEINE_TYPE_STRING, REQUIRED, LINEAGE, "", "file that the row was loaded from"}, \
        {(first) + 4, "source_row", SEINE_TYPE_LONG, REQUIRED, LINEAGE, "", "row in the file, first is 1"}, {        \
        (first) + 5, "loaded_at", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, LINEAGE, "", "when the row was loaded"           \
    }

static const seine_column ref_ports[] = {
    {1, "port_id", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id of the port in its set"},
    {2, "port_name", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "name of the port"},
    {3, "lat", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "latitude, WGS-84, [-90, 90]"},
    {4, "lon", SEINE_TYPE_DOUBLE, REQUIRED, VALUE, "deg", "longitude, WGS-84, [-180, 180]"},
    {5, "country", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "country as the set has it: a name or a code"},
    {6, "unlocode", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "UN/LOCODE, without the blank"},
    VALIDITY_COLUMNS(7),
};

static const seine_column ref_weather[] = {
    {1, "lat_grid", SEINE_TYPE_INT, REQUIRED, VALUE, "deg", "latitude of the cell, whole degrees"},
    {2, "lon_grid", SEINE_TYPE_INT, REQUIRED, VALUE, "deg", "longitude of the cell, whole degrees"},
    {3, "observed_at", SEINE_TYPE_TIMESTAMPTZ, OPTIONAL, VALUE, "", "time of the observation; null = holds always"},
    {4, "temperature", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "", "temperature in the unit of its source"},
    {5, "wind_speed", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "", "wind speed in the unit of its source"},
    VALIDITY_COLUMNS(6),
};

static const seine_column ref_vessels[] = {
    {1, "vessel_id", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id of the vessel in its registry"},
    {2, "year", SEINE_TYPE_INT, REQUIRED, VALUE, "", "year for which the row is"},
    {3, "ssvid", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "id that the vessel transmits: MMSI, or a hash of VMS"},
    {4, "shipname", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "name of the vessel"},
    {5, "flag", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "flag state"},
    {6, "shiptype", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "kind of ship; fishing counts as a fishing vessel"},
    {7, "geartype", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "class by gear; squid_jigger decides which chain counts"},
    {8, "registry_geartype", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "class by gear in registries"},
    {9, "is_on_fishing_list", SEINE_TYPE_BOOLEAN, OPTIONAL, VALUE, "", "whether a list of fishing vessels has it"},
    {10, "is_gear", SEINE_TYPE_BOOLEAN, OPTIONAL, VALUE, "", "whether its name looks like that of a piece of gear"},
    VALIDITY_COLUMNS(11),
};

static const seine_column ref_segments[] = {
    {1, "seg_id", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id of the segment"},
    {2, "is_good", SEINE_TYPE_BOOLEAN, REQUIRED, VALUE, "", "whether it is a vessel's track and no noise"},
    {3, "positions", SEINE_TYPE_LONG, REQUIRED, VALUE, "", "positions of the segment"},
    {4, "is_overlapping_and_short", SEINE_TYPE_BOOLEAN, REQUIRED, VALUE, "",
     "whether another segment of the id goes on while this short one does"},
    VALIDITY_COLUMNS(5),
};

static const seine_column ref_segment_vessels[] = {
    {1, "seg_id", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id of the segment"},
    {2, "vessel_id", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "vessel that the segment may be of"},
    {3, "last_day", SEINE_TYPE_DATE, REQUIRED, VALUE, "", "last day on which it was; the latest one counts"},
    VALIDITY_COLUMNS(4),
};

static const seine_column ref_authorizations[] = {
    {1, "ssvid", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id that the vessel of the identity transmits"},
    {2, "rfmo", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "registry: ICCAT, IOTC, …"},
    {3, "authorized_from_ts", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, VALUE, "", "since when it is authorized"},
    {4, "authorized_to_ts", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, VALUE, "",
     "until when; the greatest one of a registry is when it was last looked at"},
    {5, "first_ts", SEINE_TYPE_TIMESTAMPTZ, OPTIONAL, VALUE, "", "first activity under this identity"},
    {6, "last_ts", SEINE_TYPE_TIMESTAMPTZ, OPTIONAL, VALUE, "", "last activity under this identity"},
    {7, "vessel_record_id", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "record of the vessel in its registry"},
    {8, "shipname", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "name of the identity"},
    {9, "callsign", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "call sign of the identity"},
    {10, "imo", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "IMO number of the identity"},
    {11, "flag", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "flag of the identity"},
    VALIDITY_COLUMNS(12),
};

static const seine_column ref_regions[] = {
    {1, "layer", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "kind of region: eez, mpa, rfmo, …"},
    {2, "region_id", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "id of the region in its layer"},
    {3, "region_name", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "name of the region"},
    {4, "geometry", SEINE_TYPE_STRING, REQUIRED, VALUE, "",
     "WKT polygon or multipolygon: longitude latitude, degrees, WGS-84"},
    VALIDITY_COLUMNS(5),
};

static const seine_column ref_distances[] = {
    {1, "lat_cell", SEINE_TYPE_INT, REQUIRED, VALUE, "", "southern edge of the cell, hundredths of a degree"},
    {2, "lon_cell", SEINE_TYPE_INT, REQUIRED, VALUE, "", "western edge of the cell, hundredths of a degree"},
    {3, "from_shore_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "distance from shore"},
    {4, "from_port_m", SEINE_TYPE_DOUBLE, OPTIONAL, VALUE, "m", "distance from port"},
    VALIDITY_COLUMNS(5),
};

static const seine_column ref_rejects[] = {
    {1, "ref", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "the reference table it was meant for: ports, weather, …"},
    {2, "source_file", SEINE_TYPE_STRING, REQUIRED, LINEAGE, "", "file that held the row"},
    {3, "source_row", SEINE_TYPE_LONG, OPTIONAL, LINEAGE, "", "row in the file, first is 1"},
    {4, "reason", SEINE_TYPE_STRING, REQUIRED, VALUE, "", "why the row was refused, first word is a fixed key"},
    {5, "raw", SEINE_TYPE_STRING, OPTIONAL, VALUE, "", "the row as it stood in the file"},
    {6, "loaded_at", SEINE_TYPE_TIMESTAMPTZ, REQUIRED, LINEAGE, "", "when the file was loaded"},
};

static const seine_table_schema tables[] = {
    {"silver.ais",
     "one valid, de-duplicated fix of a vessel",
     silver_ais,
     COUNT(silver_ais),
     {{2, 1000, "ts_day", SEINE_TRANSFORM_DAY}, {1, 1001, "mmsi_bucket", SEINE_TRANSFORM_BUCKET}},
     2,
     {1, 2}},
    {"silver.ais_rejects",
     "one refused row or file",
     silver_rejects,
     COUNT(silver_rejects),
     {{5, 1000, "ingested_at_day", SEINE_TRANSFORM_DAY}},
     1,
     {1, 2}},
    {"silver.ais_segments",
     "one fix of silver.ais and the segment that it belongs to",
     silver_segments,
     COUNT(silver_segments),
     {{2, 1000, "ts_day", SEINE_TRANSFORM_DAY}, {1, 1001, "mmsi_bucket", SEINE_TRANSFORM_BUCKET}},
     2,
     {1, 2}},
    {"silver.ais_enriched",
     "one fix of silver.ais with what is derived from it",
     silver_enriched,
     COUNT(silver_enriched),
     {{2, 1000, "ts_day", SEINE_TRANSFORM_DAY}, {1, 1001, "mmsi_bucket", SEINE_TRANSFORM_BUCKET}},
     2,
     {1, 2}},
    {"events.ais_gaps",
     "one gap in the transmissions of a vessel",
     events_gaps,
     COUNT(events_gaps),
     {{7, 1000, "produced_day", SEINE_TRANSFORM_IDENTITY}},
     1,
     {2, 3}},
    {"events.ais_gaps_history",
     "one change of one gap event; append-only",
     events_gaps_history,
     COUNT(events_gaps_history),
     {{2, 1000, "recorded_at_month", SEINE_TRANSFORM_MONTH}},
     1,
     {3}},
    {"state.ais_gaps",
     "the gap detector's state of a mover after a day",
     state_days,
     COUNT(state_days),
     {{2, 1000, "day_month", SEINE_TRANSFORM_MONTH}, {1, 1001, "mover_bucket", SEINE_TRANSFORM_BUCKET}},
     2,
     {1, 2}},
    {"state.ais_gaps_head",
     "the newest state of a mover",
     state_days,
     COUNT(state_days),
     {{1, 1000, "mover_bucket", SEINE_TRANSFORM_BUCKET}},
     1,
     {1}},
    {"state.ais_segments",
     "the open segments of a mover after a day",
     state_days,
     COUNT(state_days),
     {{2, 1000, "day_month", SEINE_TRANSFORM_MONTH}, {1, 1001, "mover_bucket", SEINE_TRANSFORM_BUCKET}},
     2,
     {1, 2}},
    {"state.ais_segments_head",
     "the newest state of a mover",
     state_days,
     COUNT(state_days),
     {{1, 1000, "mover_bucket", SEINE_TRANSFORM_BUCKET}},
     1,
     {1}},
    {"state.ais_enriched",
     "the enrichment's state of a mover after a day",
     state_days,
     COUNT(state_days),
     {{2, 1000, "day_month", SEINE_TRANSFORM_MONTH}, {1, 1001, "mover_bucket", SEINE_TRANSFORM_BUCKET}},
     2,
     {1, 2}},
    {"state.ais_enriched_head",
     "the newest state of a mover",
     state_days,
     COUNT(state_days),
     {{1, 1000, "mover_bucket", SEINE_TRANSFORM_BUCKET}},
     1,
     {1}},
    {"ref.ports",
     "one port while it holds",
     ref_ports,
     COUNT(ref_ports),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1}},
    {"ref.weather",
     "the weather of one cell of one degree at one time, while it holds",
     ref_weather,
     COUNT(ref_weather),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2, 3}},
    {"ref.vessels",
     "who a vessel is in one year, while it holds",
     ref_vessels,
     COUNT(ref_vessels),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2}},
    {"ref.segments",
     "what one segment is worth, while it holds",
     ref_segments,
     COUNT(ref_segments),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1}},
    {"ref.segment_vessels",
     "one vessel that one segment may be of, while it holds",
     ref_segment_vessels,
     COUNT(ref_segment_vessels),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2}},
    {"ref.authorizations",
     "one authorization of one identity of a vessel, while it holds",
     ref_authorizations,
     COUNT(ref_authorizations),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2, 3, 4}},
    {"ref.regions",
     "one region of one layer, while it holds",
     ref_regions,
     COUNT(ref_regions),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2}},
    {"ref.distances",
     "one cell of 0.01 degrees, while it holds",
     ref_distances,
     COUNT(ref_distances),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2}},
    {"ref.rejects",
     "one refused row of a reference file",
     ref_rejects,
     COUNT(ref_rejects),
     {{0, 0, NULL, SEINE_TRANSFORM_IDENTITY}},
     0,
     {1, 2, 3}},
};

const seine_table_schema *seine_schemas(size_t *count) {
    *count = COUNT(tables);
    return tables;
}

bool seine_schema_is_reference(const seine_table_schema *schema) {
    return strncmp(schema->name, "ref.", 4) == 0 && seine_schema_column(schema, "valid_from") != SIZE_MAX;
}

const seine_table_schema *seine_schema_find(const char *name) {
    for (size_t i = 0; i < COUNT(tables); i++)
        if (strcmp(tables[i].name, name) == 0) return &tables[i];
    return NULL;
}

size_t seine_schema_column(const seine_table_schema *schema, const char *name) {
    for (size_t i = 0; i < schema->column_count; i++)
        if (strcmp(schema->columns[i].name, name) == 0) return i;
    return SIZE_MAX;
}

const char *seine_type_name(seine_type type) {
    static const char *const names[] = {"boolean", "int", "long", "double", "date", "timestamptz", "string", "binary"};
    return names[type];
}

size_t seine_type_size(seine_type type) {
    static const uint8_t sizes[] = {1, 4, 8, 8, 4, 8, sizeof(seine_str), sizeof(seine_str)};
    return sizes[type];
}

const char *seine_type_sql(seine_type type) {
    static const char *const names[] = {"BOOLEAN", "INTEGER",     "BIGINT",  "DOUBLE",
                                        "DATE",    "TIMESTAMPTZ", "VARCHAR", "BLOB"};
    return names[type];
}

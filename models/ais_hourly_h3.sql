-- Where each vessel was in each hour, and the hexagonal cell of that place. Means do not depend on the order of rows
-- and are right across 180 degrees: 179.9 and -179.9 have the mean 180, not 0. In a lake that goes by segment each ship
-- of an id has rows of its own, and fixes of none have no part in them (docs/segments.md).
--
-- model: gold.ais_hourly_h3
-- grain: the fixes of one ship of a vessel id in one hour
-- inputs: silver.ais(day) --by:mover
-- inputs: silver.ais_segments(day) --by:segment
-- partition: dt
-- sort: mmsi, hour_ts, ship_no
-- reconcile: message_count = silver.ais --by:mover
-- setting: cell_resolution 7 | H3 resolution of the cells, 0 to 15
-- column: mmsi string required | vessel id
-- column: hour_ts timestamptz required | start of the hour, UTC
-- column: avg_lat double deg required | mean latitude of the fixes
-- column: avg_lon double deg required | mean longitude of the fixes, right across 180 degrees
-- column: h3_index string required | H3 cell of the mean position
-- column: message_count long required | fixes, duplicates removed
-- column: avg_sog double kn | mean speed over ground of the fixes that have one
-- column: ingested_at timestamptz required lineage | when the run made the row
-- column: dt date required | UTC day
-- column: hour int required | hour of the day, 0 to 23
-- column: ship_no int | which ship of the id, from 1; 1 where the lake goes by mover
WITH hourly AS (
    SELECT mmsi,
           ship_no, --by:segment
           hours_of(ts) AS hours,
           exact_mean(lat) AS avg_lat,
           lon_mean(lon) AS avg_lon,
           count(*) AS message_count,
           exact_mean(sog) AS avg_sog
    FROM silver.ais --by:mover
    GROUP BY mmsi, hours --by:mover
    FROM silver.ais_segments --by:segment
    WHERE ship_no IS NOT NULL --by:segment
    GROUP BY mmsi, ship_no, hours --by:segment
)
SELECT mmsi,
       make_timestamptz(hours * 3600000000) AS hour_ts,
       avg_lat,
       avg_lon,
       h3_cell(avg_lat, avg_lon, $cell_resolution) AS h3_index,
       message_count,
       avg_sog,
       $run_at AS ingested_at,
       DATE '1970-01-01' + CAST(floor_div(hours, 24) AS INTEGER) AS dt,
       CAST(floor_mod(hours, 24) AS INTEGER) AS hour,
       CAST(1 AS INTEGER) AS ship_no --by:mover
       ship_no --by:segment
FROM hourly

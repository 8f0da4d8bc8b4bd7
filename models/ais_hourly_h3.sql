-- Where each vessel was in each hour, and the hexagonal cell of that place. Means do not depend on the order of rows
-- and are right across 180 degrees: 179.9 and -179.9 have the mean 180, not 0.
--
-- model: gold.ais_hourly_h3
-- grain: the fixes of one vessel in one hour
-- inputs: silver.ais(day)
-- partition: dt
-- sort: mmsi, hour_ts
-- reconcile: message_count = silver.ais
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
WITH hourly AS (
    SELECT mmsi,
           hours_of(ts) AS hours,
           exact_mean(lat) AS avg_lat,
           lon_mean(lon) AS avg_lon,
           count(*) AS message_count,
           exact_mean(sog) AS avg_sog
    FROM silver.ais
    GROUP BY mmsi, hours
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
       CAST(floor_mod(hours, 24) AS INTEGER) AS hour
FROM hourly

-- Traffic of each hour: fixes, and the vessels that sent them.
--
-- model: gold.ais_hourly_traffic
-- grain: one hour of one day
-- inputs: silver.ais(day)
-- partition: dt
-- sort: hour
-- reconcile: position_count = silver.ais
-- column: dt date required | UTC day
-- column: hour int required | hour of the day, 0 to 23
-- column: position_count long required | fixes, duplicates removed
-- column: active_vessels long required | different vessels
WITH vessel AS (
    SELECT hour_of(ts) AS hour, mmsi, count(*) AS positions
    FROM silver.ais
    GROUP BY hour, mmsi
)
SELECT $day AS dt, hour, CAST(sum(positions) AS BIGINT) AS position_count, count(*) AS active_vessels
FROM vessel
GROUP BY hour

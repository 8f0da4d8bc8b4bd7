-- Traffic of each hour: fixes, and the movers that sent them.
--
-- output: hours
-- model: gold.{dataset}_hourly_traffic
-- grain: one hour of one day
-- inputs: silver.{dataset}(day)
-- partition: dt
-- sort: hour
-- reconcile: position_count = silver.{dataset}
-- column: dt date required | UTC day
-- column: hour int required | hour of the day, 0 to 23
-- column: position_count long required | fixes, duplicates removed
-- column: active_movers long required | different movers
WITH fix AS (
    SELECT hour_of({time}) AS hour, {id} AS mover
    FROM silver.{dataset}
), seen AS (
    SELECT hour, mover, count(*) AS positions
    FROM fix
    GROUP BY hour, mover
)
SELECT $day AS dt, hour, CAST(sum(positions) AS BIGINT) AS position_count, count(*) AS active_movers
FROM seen
GROUP BY hour

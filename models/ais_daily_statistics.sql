-- Traffic of each day by kind of vessel. A vessel counts with the last type it sent on the day, whichever of its fixes
-- came without one.
--
-- model: gold.ais_daily_statistics
-- grain: one kind of vessel on one day
-- inputs: silver.ais_enriched(day)
-- partition: dt
-- sort: vessel_type
-- reconcile: total_positions = silver.ais_enriched
-- column: dt date required | UTC day
-- column: vessel_type string required | kind of ship by its type code; Unknown when it sent none or one of no table
-- column: total_positions long required | fixes, duplicates removed
-- column: avg_speed double kn | mean speed over ground of the fixes that have one
-- column: max_speed double kn | greatest
-- column: min_speed double kn | smallest
-- column: unique_vessels long required | different vessels
-- column: fishing_activities long required | fixes with is_potential_fishing
-- column: avg_distance_to_port_km double km | mean distance to the nearest port
WITH vessel AS (
    SELECT coalesce(vessel_type_name(arg_max(vessel_type, ts)), 'Unknown') AS kind,
           count(*) AS positions,
           count(sog) AS speeds,
           sum(CAST(sog AS DECIMAL(18, 10))) AS speed_sum,
           max(sog) AS max_speed,
           min(sog) AS min_speed,
           count(*) FILTER (is_potential_fishing) AS fishing,
           count(distance_to_port_km) AS distances,
           sum(CAST(distance_to_port_km AS DECIMAL(18, 10))) AS distance_sum
    FROM silver.ais_enriched
    GROUP BY mmsi
)
SELECT $day AS dt,
       kind AS vessel_type,
       CAST(sum(positions) AS BIGINT) AS total_positions,
       CAST(sum(speed_sum) AS DOUBLE) / nullif(CAST(sum(speeds) AS DOUBLE), 0) AS avg_speed,
       max(max_speed) AS max_speed,
       min(min_speed) AS min_speed,
       count(*) AS unique_vessels,
       CAST(sum(fishing) AS BIGINT) AS fishing_activities,
       CAST(sum(distance_sum) AS DOUBLE) / nullif(CAST(sum(distances) AS DOUBLE), 0) AS avg_distance_to_port_km
FROM vessel
GROUP BY kind

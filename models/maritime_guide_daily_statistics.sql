-- Traffic of each day by kind of vessel, as the guide counts it. A vessel counts with the last type it told on the day,
-- whichever of its fixes came without one.
--
-- model: gold.maritime_guide_daily_statistics
-- grain: one kind of vessel on one day
-- inputs: silver.maritime_guide(day), silver.maritime_guide_enriched(day)
-- partition: dt
-- sort: vessel_type
-- reconcile: total_positions = silver.maritime_guide_enriched
-- column: dt date required | UTC day
-- column: vessel_type string required | kind of vessel as received; Unknown when it told none
-- column: total_positions long required | fixes, duplicates removed
-- column: avg_speed double kn | mean speed of the fixes
-- column: max_speed double kn | greatest
-- column: min_speed double kn | smallest
-- column: unique_vessels long required | different vessels
-- column: fishing_activities long required | fixes with is_potential_fishing
-- column: avg_distance_to_port_km double km | mean distance to the nearest port
WITH kind AS (
    SELECT mmsi,
           coalesce(arg_max(vessel_type, ts) FILTER (vessel_type IS NOT NULL), 'Unknown') AS vessel_type
    FROM silver.maritime_guide
    GROUP BY mmsi
), vessel AS (
    SELECT mmsi,
           count(*) AS positions,
           count(speed) AS speeds,
           sum(CAST(speed AS DECIMAL(18, 10))) AS speed_sum,
           max(speed) AS max_speed,
           min(speed) AS min_speed,
           count(*) FILTER (is_potential_fishing) AS fishing,
           count(distance_to_port_km) AS distances,
           sum(CAST(distance_to_port_km AS DECIMAL(18, 10))) AS distance_sum
    FROM silver.maritime_guide_enriched
    GROUP BY mmsi
)
SELECT $day AS dt,
       vessel_type,
       CAST(sum(positions) AS BIGINT) AS total_positions,
       CAST(sum(speed_sum) AS DOUBLE) / nullif(CAST(sum(speeds) AS DOUBLE), 0) AS avg_speed,
       max(max_speed) AS max_speed,
       min(min_speed) AS min_speed,
       count(*) AS unique_vessels,
       CAST(sum(fishing) AS BIGINT) AS fishing_activities,
       CAST(sum(distance_sum) AS DOUBLE) / nullif(CAST(sum(distances) AS DOUBLE), 0) AS avg_distance_to_port_km
FROM vessel
JOIN kind USING (mmsi)
GROUP BY vessel_type

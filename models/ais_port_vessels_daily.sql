-- Which vessels were nearest to which port on one day, and which of them really came near. An approach begins with a fix
-- within approach_km when the vessel's fix before was not there; whether one goes on over midnight is told by
-- is_near_first and is_near_last.
--
-- model: gold.ais_port_vessels_daily
-- grain: one vessel and the port that was nearest to some of its fixes of one day
-- inputs: silver.ais_enriched(day)
-- partition: dt
-- sort: nearest_port_id, mmsi
-- setting: approach_km 5 | kilometres to a port within which a vessel has approached it
-- column: dt date required | UTC day
-- column: nearest_port_id string required | id of the port
-- column: nearest_port string required | its name
-- column: mmsi string required | vessel id
-- column: positions long required | fixes to which the port was the nearest
-- column: speeds long required | of these, those with a speed
-- column: avg_speed double kn | mean speed of these
-- column: approach_positions long required | fixes within approach_km
-- column: approach_speeds long required | of these, those with a speed
-- column: avg_approach_speed double kn | mean speed of these
-- column: approaches long required | approaches begun on the day, or going on when it began
-- column: is_near_first boolean required | the vessel's first fix of the day is within approach_km
-- column: is_near_last boolean required | its last fix of the day is
WITH near AS (
    SELECT mmsi,
           nearest_port_id,
           any_value(nearest_port) AS nearest_port,
           count(*) AS positions,
           count(sog) AS speeds,
           exact_mean(sog) AS avg_speed,
           count(*) FILTER (distance_to_port_km <= $approach_km) AS approach_positions,
           count(sog) FILTER (distance_to_port_km <= $approach_km) AS approach_speeds,
           exact_mean(CASE WHEN distance_to_port_km <= $approach_km THEN sog END) AS avg_approach_speed
    FROM silver.ais_enriched
    WHERE nearest_port_id IS NOT NULL
    GROUP BY mmsi, nearest_port_id
), place AS (
    SELECT mmsi, ts, CASE WHEN distance_to_port_km <= $approach_km THEN nearest_port_id END AS port
    FROM silver.ais_enriched
    WHERE mmsi IN (SELECT mmsi FROM near WHERE approach_positions > 0)
), step AS (
    SELECT mmsi,
           port,
           lag(port) OVER fixes AS before,
           row_number() OVER fixes AS number,
           lead(ts) OVER fixes IS NULL AS is_last
    FROM place
    WINDOW fixes AS (PARTITION BY mmsi ORDER BY ts)
), approach AS (
    SELECT mmsi,
           port,
           count(*) FILTER (before IS DISTINCT FROM port) AS approaches,
           bool_or(number = 1) AS is_near_first,
           bool_or(is_last) AS is_near_last
    FROM step
    WHERE port IS NOT NULL
    GROUP BY mmsi, port
)
SELECT $day AS dt,
       nearest_port_id,
       nearest_port,
       near.mmsi,
       positions,
       speeds,
       avg_speed,
       approach_positions,
       approach_speeds,
       avg_approach_speed,
       coalesce(approaches, 0) AS approaches,
       coalesce(is_near_first, false) AS is_near_first,
       coalesce(is_near_last, false) AS is_near_last
FROM near
LEFT JOIN approach ON approach.mmsi = near.mmsi AND approach.port = near.nearest_port_id

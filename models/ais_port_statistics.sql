-- Traffic at each port over all days. A visit is a real approach, also over midnight; the three columns in the end count
-- as the platform did whose figures these follow: every fix to which the port is the nearest, at any distance.
--
-- model: gold.ais_port_statistics
-- grain: one port
-- inputs: gold.ais_port_vessels_daily(all), ref.ports(all)
-- partition: none
-- sort: nearest_port_id
-- column: nearest_port string required | name of the port
-- column: nearest_port_id string required | its id
-- column: country string | its country
-- column: unique_vessels long required | different vessels that approached it
-- column: total_visits long required | approaches
-- column: avg_approach_speed double kn | mean speed of the fixes within the approach distance
-- column: nearest_positions long required | fixes to which it was the nearest port
-- column: nearest_vessels long required | different vessels of these
-- column: nearest_avg_speed double kn | mean speed of these
WITH day AS (
    SELECT mmsi, dt, lag(dt) OVER (PARTITION BY mmsi ORDER BY dt) AS before
    FROM (SELECT DISTINCT mmsi, dt FROM gold.ais_port_vessels_daily)
), going_on AS (
    -- Approaches counted on both sides of a midnight, or of days without a fix.
    SELECT b.nearest_port_id, count(*) AS visits
    FROM gold.ais_port_vessels_daily AS b
    JOIN day ON day.mmsi = b.mmsi AND day.dt = b.dt
    JOIN gold.ais_port_vessels_daily AS a
      ON a.mmsi = b.mmsi AND a.dt = day.before AND a.nearest_port_id = b.nearest_port_id
    WHERE b.is_near_first AND a.is_near_last
    GROUP BY b.nearest_port_id
), port AS (
    SELECT nearest_port_id,
           arg_max(nearest_port, struct_pack(dt := dt, name := nearest_port)) AS nearest_port,
           count(DISTINCT mmsi) FILTER (approaches > 0) AS unique_vessels,
           CAST(sum(approaches) AS BIGINT) AS visits,
           CAST(sum(CAST(avg_approach_speed * approach_speeds AS DECIMAL(28, 10))) AS DOUBLE)
               / nullif(CAST(sum(approach_speeds) AS DOUBLE), 0) AS avg_approach_speed,
           CAST(sum(positions) AS BIGINT) AS nearest_positions,
           count(DISTINCT mmsi) AS nearest_vessels,
           CAST(sum(CAST(avg_speed * speeds AS DECIMAL(28, 10))) AS DOUBLE)
               / nullif(CAST(sum(speeds) AS DOUBLE), 0) AS nearest_avg_speed
    FROM gold.ais_port_vessels_daily
    GROUP BY nearest_port_id
), place AS (
    SELECT port_id, arg_max(country, coalesce(valid_from, TIMESTAMPTZ '0001-01-01')) AS country
    FROM ref.ports
    GROUP BY port_id
)
SELECT nearest_port,
       port.nearest_port_id,
       country,
       unique_vessels,
       port.visits - coalesce(going_on.visits, 0) AS total_visits,
       avg_approach_speed,
       nearest_positions,
       nearest_vessels,
       nearest_avg_speed
FROM port
LEFT JOIN going_on USING (nearest_port_id)
LEFT JOIN place ON place.port_id = port.nearest_port_id

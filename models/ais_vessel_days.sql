-- Each vessel's day: how much was seen of it, the box it stayed in, and its last fix.
-- Totals over many days read these rows instead of all fixes.
--
-- model: gold.ais_vessel_days
-- grain: one vessel on one day
-- inputs: silver.ais(day)
-- partition: dt
-- sort: mmsi
-- reconcile: fixes = silver.ais
-- column: mmsi string required | vessel id
-- column: dt date required | UTC day
-- column: fixes long required | fixes of the day, duplicates removed
-- column: first_ts timestamptz required | first fix of the day
-- column: last_ts timestamptz required | last fix of the day
-- column: lat_min double deg required | southern edge of the box of all fixes
-- column: lat_max double deg required | northern edge
-- column: lon_min double deg required | western edge; greater than lon_max when the box crosses 180 degrees
-- column: lon_max double deg required | eastern edge
-- column: max_sog double kn | greatest speed over ground
-- column: avg_sog double kn | mean speed over ground
-- column: last_lat double deg required | latitude of the last fix
-- column: last_lon double deg required | longitude of the last fix
-- column: last_sog double kn | speed of the last fix
-- column: last_cog double deg | course of the last fix
-- column: last_heading double deg | heading of the last fix
-- column: last_status int | navigational status of the last fix
-- column: last_name string | last name received on the day
-- column: last_vessel_type int | last ship type code received on the day
WITH seen AS (
    SELECT mmsi,
           count(*) AS fixes,
           min(ts) AS first_ts,
           max(ts) AS last_ts,
           min(lat) AS lat_min,
           max(lat) AS lat_max,
           min(lon) AS west,
           max(lon) AS east,
           min(lon) FILTER (lon >= 0) AS west_of_180,
           max(lon) FILTER (lon < 0) AS east_of_180,
           max(sog) AS max_sog,
           exact_mean(sog) AS avg_sog,
           arg_max(struct_pack(lat := lat, lon := lon, sog := sog, cog := cog, heading := heading, status := status),
                   ts) AS last,
           arg_max(nullif(trim(name, ' @'), ''), ts) AS last_name,
           arg_max(vessel_type, ts) AS last_vessel_type
    FROM silver.ais
    GROUP BY mmsi
)
SELECT mmsi,
       $day AS dt,
       fixes,
       first_ts,
       last_ts,
       lat_min,
       lat_max,
       CASE WHEN east - west > 180 THEN west_of_180 ELSE west END AS lon_min,
       CASE WHEN east - west > 180 THEN east_of_180 ELSE east END AS lon_max,
       max_sog,
       avg_sog,
       last.lat AS last_lat,
       last.lon AS last_lon,
       last.sog AS last_sog,
       last.cog AS last_cog,
       last.heading AS last_heading,
       last.status AS last_status,
       last_name,
       last_vessel_type
FROM seen
